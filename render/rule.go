package render

import (
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/rules"
)

// Example is a scenario in which a rule came to a verdict.
type Example struct {
	Rule    string
	Verdict rules.Verdict
	// Name is that of the scenario's file without its ending, Title what it shows.
	Name, Title string
}

// RuleDoc is what is told of a rule.
type RuleDoc struct {
	Rule *rules.Rule
	// Examples are scenarios that show the rule at work.
	Examples []Example
}

// verdictHeads are the headings of examples, in their order.
var verdictHeads = []struct {
	verdict rules.Verdict
	head    inert
}{
	{rules.Failed, "It fails"},
	{rules.Passed, "It passes"},
	{rules.Inconclusive, "It cannot tell"},
	{rules.Skipped, "It is skipped"},
}

// Rule prints what a rule looks at, when it fails, what may mislead, what it needs and what
// it advises, for people. The only errors are those of w.
func Rule(w io.Writer, d RuleDoc, opt TextOptions) error {
	p := newPage(opt)
	r := d.Rule
	p.heading(name(r.ID))
	p.para(0, title(r.Title))
	p.gap()
	var t table
	t.add("severity", name(string(r.Severity)))
	if r.Solution > 0 {
		t.add("solution", number(r.Solution)+" of KB 2995030")
	}
	t.add("since", name(r.Since))
	if len(r.ExplainedBy) > 0 {
		t.add("told with", list(names(r.ExplainedBy), 0)+", if one of them fails too")
	}
	p.table(2, t)
	for _, b := range docBlocks(r.Doc) {
		if !b.item || !b.follows {
			p.gap()
		}
		var text strings.Builder
		for _, s := range b.spans {
			text.WriteString(s.text)
		}
		if b.item {
			p.lead(0, 2, "-", plain, long(text.String()), plain)
		} else {
			p.para(0, long(text.String()))
		}
	}
	p.ruleList("what it needs", needWords(r))
	p.ruleSteps(r.Remedy)
	for _, v := range verdictHeads {
		var titles []inert
		for _, e := range d.Examples {
			if e.Verdict == v.verdict {
				titles = append(titles, title(e.Title))
			}
		}
		p.ruleList(inert(strings.ToLower(string(v.head[:1])))+v.head[1:]+", for example", titles)
	}
	if len(r.Links) > 0 {
		p.head(0, "read more")
		for _, l := range r.Links {
			p.copyable(2, l)
		}
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

// ruleList prints a list under a heading.
func (p *page) ruleList(head inert, items []inert) {
	if len(items) == 0 {
		return
	}
	p.head(0, head)
	for _, i := range items {
		p.lead(2, 4, "-", plain, i, plain)
	}
}

// ruleSteps prints the steps of a remedy with their conditions.
func (p *page) ruleSteps(steps []rules.Step) {
	if len(steps) == 0 {
		return
	}
	p.head(0, "what it advises")
	for i, s := range steps {
		text, cmd := splitStep(s.Do)
		if s.If != "" {
			text = "if " + s.If + ": " + text
		}
		lead := number(i+1) + "."
		p.lead(2, 3+cells(lead), lead, plain, long(text), plain)
		if cmd != "" {
			p.copyable(7, cmd)
		}
	}
}

// long returns text of a rule, which is not shortened.
func long(s string) inert { return escape(s, 1<<20, foldSpace) }

// needWords says what a rule must be given, in words.
func needWords(r *rules.Rule) []inert {
	var out []inert
	for _, kind := range r.Needs.Inputs {
		without := inert("it")
		if hasChoice(kind) {
			without = "either"
		}
		out = append(out, inputWords(kind)+" (needed: without "+without+" the rule is skipped)")
	}
	for _, e := range r.Needs.Events {
		need := inert("")
		switch {
		case e.Optional:
			need = " (optional: only adds to what is known)"
		case len(e.Selector.Channels) > 0 && !slices.ContainsFunc(e.Selector.Channels, func(c string) bool { return slices.Contains(r.Needs.Inputs, rules.InputChannel+c) }):
			need = " (needed: without this log the rule is skipped)"
		}
		out = append(out, selectorWords(e.Selector)+need)
	}
	for _, f := range r.Needs.Facts {
		words, ok := factWords[f]
		if !ok {
			words = "the fact " + name(f)
		}
		out = append(out, words)
	}
	return out
}

// selectorWords says which events a selector chooses.
func selectorWords(s evtx.Selector) inert {
	ids := each(s.IDs, func(id uint16) inert { return number(int(id)) })
	ids = append(ids, each(s.IDRanges, rangeWords[uint16])...)
	out := inert("any events")
	if len(ids) > 0 {
		out = "event " + join(ids, ", ")
	}
	if len(ids) > 1 || len(s.IDRanges) > 0 {
		out = "events " + join(ids, ", ")
	}
	if len(s.ExceptIDs) > 0 {
		out += " except " + join(each(s.ExceptIDs, rangeWords[uint16]), ", ")
	}
	if len(s.Records) > 0 {
		out += " with the record number " + join(each(s.Records, rangeWords[uint64]), " or ")
	}
	if len(s.Providers) > 0 {
		out += " of " + join(names(s.Providers), " or ")
	}
	for i, d := range s.Data {
		datum := name(d.Name)
		if d.Name == "" {
			datum = "datum " + number(d.Index)
		}
		word := inert(" with ")
		if i > 0 {
			word = " and "
		}
		out += word + datum + " " + join(names(d.Values), " or ")
	}
	if len(s.Channels) > 0 {
		out += " in " + logWords(s.Channels)
	}
	return out
}

// rangeWords says which numbers are in a range.
func rangeWords[T uint16 | uint64](r evtx.Range[T]) inert {
	if r.First == r.Last {
		return number(uint64(r.First))
	}
	return number(uint64(r.First)) + " to " + number(uint64(r.Last))
}
