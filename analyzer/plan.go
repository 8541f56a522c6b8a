package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// PlanSchema is the value of Plan.Schema.
const PlanSchema = "gpevtx.plan/v1"

// Plan is what an analysis will do, known before anything is read: a plain value, the same
// for the same rules and inputs. Lists are never nil.
type Plan struct {
	Schema string `json:"schema"`
	// Inputs are those of the bundle, in its order; empty for a plan without a bundle.
	Inputs []PlannedInput `json:"inputs"`
	// Events are the selections of events that are decoded; all others are skipped. Sorted
	// by channel, provider and id.
	Events []PlannedEvents `json:"events"`
	// Facts are the facts that rules read, sorted by name; package rules names them.
	Facts []PlannedFact `json:"facts"`
	// Rules are the rules in the order in which they run.
	Rules []PlannedRule `json:"rules"`
}

// PlannedInput is an input and what will become of it.
type PlannedInput struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
	Size int64  `json:"size"`
	// Reader names what reads it: "evtx" for event logs, "gpreport" for reports and security
	// templates, "collected" for what collectors leave beside them, "bundle" for archives,
	// whose members are inputs of their own; empty if it is not read.
	Reader string `json:"reader"`
	// Why says why it is not read.
	Why string `json:"why"`
}

// PlannedEvents is one selection of events; what is empty does not restrict it.
type PlannedEvents struct {
	Channels  []string `json:"channels"`
	Providers []string `json:"providers"`
	IDs       []int    `json:"ids"`
	// Also are further conditions in words, such as "level 2" or "param1 is ADSync".
	Also []string `json:"also"`
	// Facts is set when facts are made of the events.
	Facts bool `json:"facts"`
	// Rules are the ids of the rules that look at them, sorted.
	Rules []string `json:"rules"`
}

// PlannedFact is a fact and the rules that read it, sorted.
type PlannedFact struct {
	Name  string   `json:"name"`
	Rules []string `json:"rules"`
}

// PlannedRule is a rule and the kinds of input without which it is skipped.
type PlannedRule struct {
	Rule string `json:"rule"`
	// Needs are the kinds, sorted: report, computer-report, rights (a computer-report or an
	// export of the computer's own settings), service (the System log or a file that shows the
	// service's configuration), or channel: and the name of a channel; of several channels,
	// joined by " or ", one is enough.
	Needs []string `json:"needs"`
	// Missing are those of Needs that no input of the bundle can give, so that the rule will
	// be skipped. Which channels a log holds, and whether a report covers the computer, only
	// its reading tells.
	Missing []string `json:"missing"`
}

// Plan tells what Analyze will do with a bundle, or, if b is nil, what the rules need of any.
// It reads nothing.
func (a *Analyzer) Plan(b *bundle.Bundle) Plan {
	p := Plan{Schema: PlanSchema, Inputs: []PlannedInput{}, Events: a.plannedEvents(), Facts: []PlannedFact{}, Rules: []PlannedRule{}}
	if b != nil {
		for i := range b.Inputs {
			p.Inputs = append(p.Inputs, a.planInput(&b.Inputs[i]))
		}
	}
	readers := make(map[string][]string)
	for _, rule := range a.rules {
		for _, f := range rule.Needs.Facts {
			readers[f] = append(readers[f], rule.ID)
		}
		r := PlannedRule{Rule: rule.ID, Needs: needsOf(rule), Missing: []string{}}
		if b != nil {
			r.Missing = append(r.Missing, missingOf(r.Needs, p.Inputs)...)
		}
		p.Rules = append(p.Rules, r)
	}
	for name, ids := range readers {
		slices.Sort(ids)
		p.Facts = append(p.Facts, PlannedFact{Name: name, Rules: ids})
	}
	slices.SortFunc(p.Facts, func(a, b PlannedFact) int { return cmp.Compare(a.Name, b.Name) })
	return p
}

// The packages that read inputs.
const (
	readerBundle    = "bundle"
	readerEVTX      = "evtx"
	readerReport    = "gpreport"
	readerCollected = "collected"
)

// planInput tells what will become of an input.
func (a *Analyzer) planInput(in *bundle.Input) PlannedInput {
	out := PlannedInput{Path: string(in.Source), Kind: string(in.Kind), Size: in.Size}
	_, known := newReading(a).parser(in.Kind)
	switch {
	case in.Status == bundle.Read || !known && in.Status == bundle.Partly:
		out.Reader = readerBundle // an archive
	case !known:
		out.Why = cmp.Or(in.Detail, in.Kind.Description()+", which this version does not read")
	case in.Status == bundle.Refused || !in.Readable():
		out.Why = cmp.Or(in.Detail, "its content is not available")
	case in.Kind == bundle.EVTX, in.Kind == bundle.EVTXChunk:
		out.Reader = readerEVTX
	case isReport(in.Kind):
		out.Reader = readerReport
	default:
		out.Reader = readerCollected
	}
	return out
}

// plannedEvents is the union of what facts and rules select.
func (a *Analyzer) plannedEvents() []PlannedEvents {
	var out []PlannedEvents
	for _, s := range facts.Selectors() {
		e := describeSelector(s)
		e.Facts = true
		out = append(out, e)
	}
	selectors, users := rules.Selectors(a.rules)
	for i, s := range selectors {
		e := describeSelector(s)
		for _, u := range users[i] {
			e.Rules = append(e.Rules, a.rules[u.Rule].ID)
		}
		slices.Sort(e.Rules)
		e.Rules = slices.Compact(e.Rules)
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b PlannedEvents) int {
		return cmp.Or(
			slices.Compare(a.Channels, b.Channels), slices.Compare(a.Providers, b.Providers),
			slices.Compare(a.IDs, b.IDs), slices.Compare(a.Also, b.Also), slices.Compare(a.Rules, b.Rules),
		)
	})
	return out
}

// describeSelector puts a selector in words.
func describeSelector(s evtx.Selector) PlannedEvents {
	e := PlannedEvents{
		Channels: nonNil(slices.Clone(s.Channels)), Providers: nonNil(slices.Clone(s.Providers)),
		IDs: []int{}, Also: []string{}, Rules: []string{},
	}
	switch {
	case len(s.IDRanges) == 0:
		for _, id := range s.IDs {
			e.IDs = append(e.IDs, int(id))
		}
	default:
		ranges := slices.Clone(s.IDRanges)
		for _, id := range s.IDs {
			ranges = append(ranges, evtx.Range[uint16]{First: id, Last: id})
		}
		e.Also = append(e.Also, "event "+rangeWords(ranges))
	}
	if len(s.ExceptIDs) > 0 {
		e.Also = append(e.Also, "no event "+rangeWords(s.ExceptIDs))
	}
	if len(s.Records) > 0 {
		e.Also = append(e.Also, "record "+rangeWords(s.Records))
	}
	if len(s.Computers) > 0 {
		e.Also = append(e.Also, "computer "+strings.Join(s.Computers, " or "))
	}
	if !s.From.IsZero() {
		e.Also = append(e.Also, "since "+s.From.UTC().Format(time.RFC3339))
	}
	if !s.To.IsZero() {
		e.Also = append(e.Also, "until "+s.To.UTC().Format(time.RFC3339))
	}
	if len(s.Levels) > 0 {
		var levels []string
		for _, l := range s.Levels {
			levels = append(levels, strconv.Itoa(int(l)))
		}
		e.Also = append(e.Also, "level "+strings.Join(levels, " or "))
	}
	for _, d := range s.Data {
		name := d.Name
		if name == "" {
			name = "datum " + strconv.Itoa(d.Index)
		}
		e.Also = append(e.Also, name+" is "+strings.Join(d.Values, " or "))
	}
	return e
}

// rangeWords puts ranges of numbers in words.
func rangeWords[T uint16 | uint64](list []evtx.Range[T]) string {
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = fmt.Sprint(r.First)
		if r.Last != r.First {
			words[i] += fmt.Sprintf(" to %d", r.Last)
		}
	}
	return strings.Join(words, " or ")
}

// needsOf lists the kinds of input without which a rule is skipped.
func needsOf(r *rules.Rule) []string {
	needs := []string{}
	for _, kind := range r.Needs.Inputs {
		needs = append(needs, strings.ReplaceAll(kind, "|", " or "))
	}
	for _, e := range r.Needs.Events {
		if !e.Optional && len(e.Selector.Channels) > 0 {
			needs = append(needs, rules.InputChannel+strings.Join(e.Selector.Channels, " or "))
		}
	}
	slices.Sort(needs)
	return slices.Compact(needs)
}

// missingOf returns the needs that none of the inputs can give.
func missingOf(needs []string, inputs []PlannedInput) []string {
	var out []string
	for _, need := range needs {
		if !slices.ContainsFunc(inputs, func(in PlannedInput) bool { return in.Reader != "" && mayGive(bundle.Kind(in.Kind), need) }) {
			out = append(out, need)
		}
	}
	return out
}

// mayGive reports whether an input of a kind may be what a rule needs.
func mayGive(k bundle.Kind, need string) bool {
	switch k {
	case bundle.EVTX, bundle.EVTXChunk:
		return strings.HasPrefix(need, rules.InputChannel) || need == rules.InputService
	case bundle.GPResultHTML, bundle.GPResultXML:
		return need == rules.InputReport || need == rules.InputComputerReport || need == rules.InputRights
	case bundle.SeceditINF:
		return need == rules.InputRights
	case bundle.RegExport, bundle.SCText, bundle.ServiceList:
		return need == rules.InputService
	}
	return false
}
