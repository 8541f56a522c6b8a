package analyzer

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

var begin = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// selected makes the n-th event that a selector chooses.
func selected(s evtx.Selector, n int, computer string) facts.Event {
	e := facts.Event{
		Time: begin.Add(time.Duration(n) * time.Minute), Channel: s.Channels[0], Provider: s.Providers[0], ID: int(s.IDs[0]),
		Computer: computer, Record: uint64(n),
	}
	for _, d := range s.Data {
		e.Fields = append(e.Fields, facts.Field{Name: d.Name, Value: d.Values[0]})
	}
	return e
}

// TestRulesShareEvents: of several needs with equal selectors each gets the same list, in order
// of time and under all names of the computer.
func TestRulesShareEvents(t *testing.T) {
	for _, names := range [][]string{{"SYNC01.CONTOSO.COM"}, {"SYNC01", "SYNC01.CONTOSO.COM"}} {
		r := newRuleEvents(0, nil)
		s := evtx.Selector{Channels: []string{"System"}, Providers: []string{"P"}, IDs: []uint16{1}}
		for i := range 10 {
			r.add(0, selected(s, 9-i, names[i%len(names)]))
		}
		r.add(0, selected(s, 3, "OTHER"))
		r.add(1, selected(s, 3, names[0]))
		if want := len(names) + 2; len(r.lists) != want {
			t.Errorf("%d lists, want %d", len(r.lists), want)
		}
		events := r.of(&facts.Host{Names: names})
		first, second := events(0), events(0)
		if len(first) != 10 || len(second) != 10 || &first[0] != &second[0] {
			t.Fatalf("%v: %d and %d events, of one list %v", names, len(first), len(second), &first[0] == &second[0])
		}
		for i, e := range first {
			if e.Record != uint64(i) {
				t.Errorf("%v: event %d at place %d", names, e.Record, i)
			}
		}
	}
}

// TestEqualSelectorsAreOne: needs of the built-in rules with the same selector have one number.
func TestEqualSelectorsAreOne(t *testing.T) {
	a, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	bySelector := make(map[string]int)
	shared := 0
	for i, rule := range a.rules {
		for k, need := range rule.Needs.Events {
			n, text := a.selector[rules.NeedRef{Rule: i, Need: k}], fmt.Sprintf("%#v", need.Selector)
			if known, ok := bySelector[text]; !ok {
				bySelector[text] = n
			} else if shared++; known != n {
				t.Errorf("%s: selector %d and %d are equal", rule.ID, known, n)
			}
		}
	}
	if shared == 0 {
		t.Error("no two rules need the same events")
	}
}

// TestRulesChangeNoEvents: rules share the lists of events, so none may change one.
func TestRulesChangeNoEvents(t *testing.T) {
	a, err := New(Config{Account: `CONTOSO\svc-adsync`})
	if err != nil {
		t.Fatal(err)
	}
	const computer = "SYNC01.contoso.com"
	r := newReading(a)
	selectors, _ := rules.Selectors(a.rules)
	for i, s := range selectors {
		for n := range 5 {
			e := selected(s, n*len(selectors)+i, computer)
			r.facts.AddEvent(e)
			r.events.add(i, e)
		}
	}
	var cov evtx.Coverage
	for _, channel := range []string{"System", "Security", "Application"} {
		cov.Streams = append(cov.Streams, evtx.Stream{
			Channel: channel, Computer: computer, FirstID: 1, LastID: 1000, Records: 1000, First: begin, Last: begin.Add(24 * time.Hour),
		})
	}
	r.facts.AddCoverage("x.evtx", cov)
	hosts := r.facts.Hosts()
	if len(hosts) != 1 {
		t.Fatalf("%d hosts", len(hosts))
	}
	before := make([][]facts.Event, len(selectors))
	for i := range selectors {
		for _, e := range r.events.of(hosts[0])(i) {
			e.Fields = slices.Clone(e.Fields)
			before[i] = append(before[i], e)
		}
	}
	failed := 0
	for _, o := range a.judge(context.Background(), hosts[0], r, clock{}) {
		switch o.Verdict {
		case rules.Errored:
			t.Errorf("%s: %v", o.Rule.ID, o.Err)
		case rules.Failed:
			failed++
		}
	}
	if failed == 0 {
		t.Error("no rule had something to tell")
	}
	for i := range selectors {
		if !slices.EqualFunc(before[i], r.events.of(hosts[0])(i), facts.Event.Equal) {
			t.Errorf("the events of selector %d were changed", i)
		}
	}
}

// TestTotalBudget: facts and rules share one budget, and hosts tell what it made them drop,
// also of events that only rules ask for.
func TestTotalBudget(t *testing.T) {
	const budget, hosts = 400, 20
	a, err := New(Config{MaxAllEvents: budget})
	if err != nil {
		t.Fatal(err)
	}
	r := newReading(a)
	selectors, _ := rules.Selectors(a.rules)
	i := slices.IndexFunc(selectors, func(s evtx.Selector) bool { return slices.Contains(s.Providers, "NETLOGON") })
	if i < 0 {
		t.Fatal("no rule needs events of NETLOGON")
	}
	for n := range 100 {
		for k := range hosts {
			computer := fmt.Sprintf("SRV%02d.contoso.com", k)
			if n == 0 {
				r.facts.AddEvent(facts.Event{
					Time: begin, Channel: "System", Provider: "Service Control Manager", ID: 7041, Computer: computer,
					Fields: []facts.Field{{Name: "param1", Value: "ADSync"}, {Name: "param2", Value: `NT SERVICE\ADSync`}},
				})
			}
			r.events.add(i, selected(selectors[i], n, computer))
		}
	}
	kept := 0
	for _, list := range r.events.lists {
		kept += len(list.Events())
	}
	if kept > budget || kept < budget/4 {
		t.Errorf("%d events kept", kept)
	}
	found := r.facts.Hosts()
	if len(found) != hosts {
		t.Fatalf("%d hosts", len(found))
	}
	for _, h := range found {
		n := r.events.dropped(h)
		h.TellDropped(n)
		h.TellDropped(n) // only once
		told := 0
		for _, reason := range h.Service.Reasons {
			if reason.Code == "events-dropped" {
				told++
			}
		}
		if n == 0 || told != 1 {
			t.Errorf("%s: %d events dropped, told %d times", h.Name, n, told)
		}
	}
}
