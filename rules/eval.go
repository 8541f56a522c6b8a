package rules

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
)

// MaxEvidence is how many events one part of a rule's evidence shows: of more, the first
// and the last ones.
const MaxEvidence = 20

// spec is a rule that was read from YAML, compiled. It is not changed after that.
type spec struct {
	lets        []let
	when        *expression
	whenReason  text
	fail, pass  *expression
	confidence  []branch
	occurrences []*expression
	evidence    []part
	subject     []text
	message     []line
	remedy      []line
	reasons     []*expression
}

// let is a value that a rule defines for its expressions.
type let struct {
	name  string
	value *expression
}

// branch gives the confidence of a finding under a condition.
type branch struct {
	confidence facts.Confidence
	when       *expression
}

// part says where a part of the evidence comes from, and what it shows.
type part struct {
	role string
	from *expression
}

// eval is the Eval of the rule.
func (s *spec) eval(ctx context.Context, p *Pass) error {
	b := newBudget(ctx, p.read)
	env := s.environment(p, b)
	for _, l := range s.lets {
		if err := b.define(l, env); err != nil {
			return err
		}
	}
	if s.when != nil {
		if ok, err := s.when.isTrue(env); err != nil {
			return err
		} else if !ok {
			return s.skip(p, env)
		}
	}
	failed, err := s.fail.isTrue(env)
	if err != nil {
		return err
	}
	if failed {
		return s.report(p, env)
	}
	passed, err := s.pass.isTrue(env)
	if err != nil {
		return err
	}
	if passed {
		p.Pass()
		return nil
	}
	return s.inconclusive(p, env)
}

// environment holds what the rule declared. Expressions note in the budget what they fetch
// of it.
func (s *spec) environment(p *Pass, b *budget) map[string]any {
	env := map[string]any{hostName: cmp.Or(p.Host(), "the computer"), budgetName: b}
	for _, name := range p.rule.Needs.Facts {
		env[name] = factOf(p.host, name)
	}
	for _, need := range p.rule.Needs.Events {
		env[need.Name] = p.events[need.Name]
	}
	return env
}

func (s *spec) skip(p *Pass, env map[string]any) error {
	message, err := s.whenReason.fill(env)
	if err != nil {
		return err
	}
	p.Skip(facts.Reason{Code: ReasonNotApplicable, Message: message})
	return nil
}

// inconclusive reports why the rule cannot tell.
func (s *spec) inconclusive(p *Pass, env map[string]any) error {
	var reasons []facts.Reason
	if s.reasons == nil {
		reasons = factReasons(p.rule, p.host)
	}
	for _, e := range s.reasons {
		v, err := e.run(env)
		if err != nil {
			return err
		}
		reasons = append(reasons, v.([]facts.Reason)...)
	}
	p.Inconclusive(append(reasons, coverageReasons(p.rule, p.host)...)...)
	return nil
}

// report fails the rule.
func (s *spec) report(p *Pass, env map[string]any) error {
	var f Finding
	var err error
	if f.Confidence, err = s.howSure(env); err != nil {
		return err
	}
	sentences, err := fillLines(s.message, env)
	if err != nil {
		return err
	}
	f.Message = strings.Join(sentences, " ")
	if f.Remedy, err = fillLines(s.remedy, env); err != nil {
		return err
	}
	for _, t := range s.subject {
		v, err := t.fill(env)
		if err != nil {
			return err
		}
		f.Subject = append(f.Subject, v)
	}
	if err := s.occurred(&f, env); err != nil {
		return err
	}
	if f.Evidence, err = s.gather(env); err != nil {
		return err
	}
	p.Fail(f)
	return nil
}

func (s *spec) howSure(env map[string]any) (facts.Confidence, error) {
	for _, b := range s.confidence {
		if ok, err := b.when.isTrue(env); ok || err != nil {
			return b.confidence, err
		}
	}
	return facts.Possible, nil
}

// occurred sets when and how often the problem was seen.
func (s *spec) occurred(f *Finding, env map[string]any) error {
	for _, e := range s.occurrences {
		v, err := e.run(env)
		if err != nil {
			return err
		}
		for _, event := range v.([]facts.Event) {
			if f.Count == 0 || event.Time.Before(f.First) {
				f.First = event.Time
			}
			if f.Count == 0 || event.Time.After(f.Last) {
				f.Last = event.Time
			}
			f.Count++
		}
	}
	return nil
}

func (s *spec) gather(env map[string]any) ([]evidence.Item, error) {
	var items []evidence.Item
	for _, p := range s.evidence {
		v, err := p.from.run(env)
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case []evidence.Item:
			items = append(items, withRole(v, p.role)...)
		case []facts.Event:
			items = append(items, eventItems(v, p.role)...)
		case facts.Event:
			items = append(items, v.Evidence(p.role))
		}
	}
	return items, nil
}

// withRole returns the items with another role, unless that is empty.
func withRole(items []evidence.Item, role string) []evidence.Item {
	if role == "" {
		return items
	}
	items = slices.Clone(items)
	for i := range items {
		items[i].Role = role
	}
	return items
}

// eventItems makes evidence of the events, of many only the first and the last ones.
func eventItems(events []facts.Event, role string) []evidence.Item {
	var items []evidence.Item
	for i, e := range events {
		if i < MaxEvidence/2 || i >= len(events)-MaxEvidence/2 {
			items = append(items, e.Evidence(role))
		}
	}
	return items
}
