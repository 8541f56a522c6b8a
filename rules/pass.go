package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
)

// The facts of a host that a rule can declare in Needs.Facts. The name of the host
// need not be declared.
const (
	FactAccount     = "account"
	FactRights      = "rights"
	FactLocalPolicy = "localPolicy"
	FactService     = "service"
	FactReports     = "reports"
	FactLogs        = "logs"
	// FactSettings are settings of the computer, from registry exports.
	FactSettings = "settings"
	// FactPolicy is what became of the computer's policy over time.
	FactPolicy = "policy"
	// FactEngine is what the synchronization engine logs.
	FactEngine = "engine"
)

// factNames lists the facts in the order of the documentation.
var factNames = []string{
	FactAccount, FactRights, FactLocalPolicy, FactService, FactEngine, FactReports, FactLogs,
	FactSettings, FactPolicy,
}

// Pass is one run of one rule on one host: what Eval reads, and where it reports. It
// gives only what the rule declared: reading anything else makes the rule errored, so
// that what a rule needs is always known before a file is opened. A Pass must not be
// used after Eval returned, nor by several goroutines.
type Pass struct {
	rule   *Rule
	host   *facts.Host
	events map[string][]facts.Event

	read    map[string]bool
	decided bool
	verdict Verdict
	finding *Finding
	reasons []facts.Reason
	errs    []error
}

// Run evaluates the rule on a host. The events are those that the selectors of
// Needs.Events chose, by the name of the need; a name that is missing stands for no
// events, and their order does not matter.
//
// The rule is skipped, without calling Eval, when an input that it needs is missing. It
// is errored when Eval returns an error, reads what the rule did not declare, reports
// an incomplete finding or reports twice, and when ctx is done.
func (r *Rule) Run(ctx context.Context, host *facts.Host, events map[string][]facts.Event) Outcome {
	p := &Pass{rule: r, host: host, read: map[string]bool{}}
	if err := ctx.Err(); err != nil {
		return p.outcome(err)
	}
	if missing := missingInputs(r, host); len(missing) > 0 {
		p.Skip(missing...)
		return p.outcome(nil)
	}
	p.events = make(map[string][]facts.Event, len(r.Needs.Events))
	for _, need := range r.Needs.Events {
		p.events[need.Name] = inOrder(events[need.Name])
	}
	return p.outcome(r.Eval(ctx, p))
}

// outcome sums up the pass once Eval returned err.
func (p *Pass) outcome(err error) Outcome {
	o := Outcome{Rule: p.rule, Verdict: p.verdict, Finding: p.finding, Reasons: p.reasons}
	for name := range p.read {
		o.Read = append(o.Read, name)
	}
	sort.Strings(o.Read)
	if err != nil {
		p.errs = append([]error{err}, p.errs...)
	}
	switch {
	case len(p.errs) > 0:
		o.Verdict, o.Finding, o.Reasons = Errored, nil, nil
		o.Err = fmt.Errorf("rule %s: %w", p.rule.ID, errors.Join(p.errs...))
	case !p.decided:
		o.Verdict = Inconclusive
		o.Reasons = []facts.Reason{unsettled}
	}
	return o
}

// Host returns the computer's name without its domain.
func (p *Pass) Host() string { return p.host.Name }

// Account returns the fact "account".
func (p *Pass) Account() facts.Account {
	if !p.reads(FactAccount) {
		return facts.Account{}
	}
	return p.host.Account
}

// Rights returns the fact "rights".
func (p *Pass) Rights() facts.Rights {
	if !p.reads(FactRights) {
		return facts.Rights{}
	}
	return p.host.Rights
}

// LocalPolicy returns the fact "localPolicy".
func (p *Pass) LocalPolicy() facts.LocalPolicy {
	if !p.reads(FactLocalPolicy) {
		return facts.LocalPolicy{}
	}
	return p.host.LocalPolicy
}

// Service returns the fact "service".
func (p *Pass) Service() facts.Service {
	if !p.reads(FactService) {
		return facts.Service{}
	}
	return p.host.Service
}

// Engine returns the fact "engine".
func (p *Pass) Engine() facts.Engine {
	if !p.reads(FactEngine) {
		return facts.Engine{}
	}
	return p.host.Engine
}

// Reports returns the fact "reports".
func (p *Pass) Reports() facts.Reports {
	if !p.reads(FactReports) {
		return facts.Reports{}
	}
	return p.host.Reports
}

// Logs returns the fact "logs".
func (p *Pass) Logs() facts.Logs {
	if !p.reads(FactLogs) {
		return facts.Logs{}
	}
	return p.host.Logs
}

// Settings returns the fact "settings".
func (p *Pass) Settings() facts.Settings {
	if !p.reads(FactSettings) {
		return facts.Settings{}
	}
	return p.host.Settings
}

// Policy returns the fact "policy".
func (p *Pass) Policy() facts.Policy {
	if !p.reads(FactPolicy) {
		return facts.Policy{}
	}
	return p.host.Policy
}

// reads notes that Eval reads a fact, and reports whether the rule declared it.
func (p *Pass) reads(fact string) bool {
	if !slices.Contains(p.rule.Needs.Facts, fact) {
		p.errs = append(p.errs, fmt.Errorf("it reads the fact %q, which it does not declare", fact))
		return false
	}
	p.read[fact] = true
	return true
}

// Events returns the events of the need of that name, in order of time. The caller must
// not change them.
func (p *Pass) Events(name string) []facts.Event {
	events, ok := p.events[name]
	if !ok {
		p.errs = append(p.errs, fmt.Errorf("it reads the events %q, which it does not declare", name))
		return nil
	}
	p.read[name] = true
	return events
}

// Fail reports that the rule failed.
func (p *Pass) Fail(f Finding) {
	switch f.Confidence {
	case facts.Certain, facts.Probable, facts.Possible:
	default:
		p.errs = append(p.errs, fmt.Errorf("its finding has the confidence %q", f.Confidence))
	}
	if f.Message == "" {
		p.errs = append(p.errs, errors.New("its finding has no message"))
	}
	f.Evidence = evidence.Sort(slices.Clone(f.Evidence))
	p.decide(Failed)
	p.finding = &f
}

// Pass reports that the rule passed: that all it needs was there, and that the problem
// is not.
func (p *Pass) Pass() { p.decide(Passed) }

// Inconclusive reports that the inputs do not tell, and why.
func (p *Pass) Inconclusive(reasons ...facts.Reason) {
	p.decide(Inconclusive)
	p.reasons = withReason(reasons)
}

// Skip reports that the rule does not apply to this host, and why.
func (p *Pass) Skip(reasons ...facts.Reason) {
	p.decide(Skipped)
	p.reasons = withReason(reasons)
}

func (p *Pass) decide(v Verdict) {
	if p.decided {
		p.errs = append(p.errs, fmt.Errorf("it reported %q after it had reported %q", v, p.verdict))
	}
	p.decided = true
	p.verdict = v
}

// inOrder returns the events in order of time, without changing the argument.
func inOrder(events []facts.Event) []facts.Event {
	if slices.IsSortedFunc(events, compareEvents) {
		return events
	}
	events = slices.Clone(events)
	slices.SortStableFunc(events, compareEvents)
	return events
}

// compareEvents orders events by time; record numbers tell the order within a moment.
func compareEvents(a, b facts.Event) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Record, b.Record))
}
