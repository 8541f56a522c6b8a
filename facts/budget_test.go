package facts_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/facts"
)

// TestBudget: many lists together keep no more than their budget, in whatever order events
// come; none keeps less than another one that had as many, and each its oldest and its newest.
func TestBudget(t *testing.T) {
	const budget, lists, each = 1000, 20, 500
	orders := map[string][]int{"mixed": rand.New(rand.NewPCG(1, 2)).Perm(lists * each)}
	for i := range lists * each {
		orders["in turn"] = append(orders["in turn"], i)
		orders["one after the other"] = append(orders["one after the other"], i%each*lists+i/each)
	}
	for name, order := range orders {
		b := facts.NewBudget(budget)
		all := make([]facts.Recent, lists)
		for i := range all {
			all[i].Budget = b
		}
		for _, i := range order {
			all[i%lists].Add(facts.Event{Time: t0.Add(time.Duration(i) * time.Second), Record: uint64(i / lists)})
		}
		total, first := 0, len(all[0].Events())
		for i := range all {
			kept := records(all[i].Events())
			total += len(kept)
			if len(kept) != first || kept[0] != 0 || kept[len(kept)-1] != each-1 || len(kept)+all[i].Dropped() != each {
				t.Errorf("%s: list %d has %d events of %d, from %d to %d, and dropped %d", name, i, len(kept), each, kept[0], kept[len(kept)-1], all[i].Dropped())
			}
		}
		if total > budget || total < budget/4 {
			t.Errorf("%s: %d events kept", name, total)
		}
	}
}

// TestBudgetFew: a flood in one list takes nothing from those that hold little.
func TestBudgetFew(t *testing.T) {
	b := facts.NewBudget(1000)
	few, flood := facts.Recent{Budget: b}, facts.Recent{Budget: b}
	for i := range 5000 {
		e := facts.Event{Time: t0.Add(time.Duration(i) * time.Second), Record: uint64(i)}
		flood.Add(e)
		if i%50 == 0 {
			few.Add(e)
		}
	}
	if few.Dropped() != 0 || len(few.Events()) != 100 || flood.Dropped() == 0 {
		t.Errorf("%d of the few were dropped, %d of the flood", few.Dropped(), flood.Dropped())
	}
}

// TestBudgetLeast: where there are more lists than the budget is for, each keeps a little.
func TestBudgetLeast(t *testing.T) {
	b := facts.NewBudget(10)
	all := make([]facts.Recent, 100)
	for i := range 100 * len(all) {
		r := &all[i%len(all)]
		r.Budget = b
		r.Add(facts.Event{Time: t0.Add(time.Duration(i) * time.Second), Record: uint64(i / len(all))})
	}
	for i := range all {
		if got := records(all[i].Events()); !slices.Equal(got, []uint64{0, 97, 98, 99}) {
			t.Fatalf("list %d keeps %v", i, got)
		}
	}
}

// TestBudgetWeighs: events with much text take more of the budget.
func TestBudgetWeighs(t *testing.T) {
	kept := func(text int) int {
		r := facts.Recent{Budget: facts.NewBudget(1000)}
		for i := range 2000 {
			r.Add(facts.Event{Record: uint64(i), Fields: []facts.Field{{Value: strings.Repeat("x", text)}}})
		}
		return len(r.Events())
	}
	if small, large := kept(10), kept(8000); large*8 > 1000 || small < 4*large {
		t.Errorf("%d small events are kept, %d large ones", small, large)
	}
}

// TestForwardedFlood: of a log with many events of many computers no more is kept than the
// budget, and each host still tells since when its service fails, and that events were dropped.
func TestForwardedFlood(t *testing.T) {
	const budget, hosts = 1000, 50
	c := facts.NewCollector(facts.Config{Budget: facts.NewBudget(budget)})
	for i := range 200 {
		for k := range hosts {
			c.AddEvent(facts.Event{
				Time: t0.Add(time.Duration(i) * time.Minute), Channel: "System", Provider: "Service Control Manager", ID: 7041, Record: uint64(i),
				Computer: fmt.Sprintf("SRV%02d.contoso.com", k),
				Fields:   []facts.Field{{Name: "param1", Value: "ADSync"}, {Name: "param2", Value: virtual}},
			})
		}
	}
	found, total := c.Hosts(), 0
	if len(found) != hosts {
		t.Fatalf("%d hosts", len(found))
	}
	for _, h := range found {
		total += len(h.Service.Failures)
		dropped := slices.ContainsFunc(h.Service.Reasons, func(r facts.Reason) bool { return r.Code == "events-dropped" })
		if h.Service.State != facts.Failing || !h.Service.Since.Equal(t0) || !dropped {
			t.Errorf("%s: %s since %s, dropped events told %v", h.Name, h.Service.State, h.Service.Since, dropped)
		}
	}
	if total > budget {
		t.Errorf("%d events kept", total)
	}
}

// TestDroppedElsewhere: changes of accounts and groups count for all hosts, so that all tell
// when a domain controller has more of them than are kept.
func TestDroppedElsewhere(t *testing.T) {
	for id, member := range map[int]string{4738: "", 4728: "S-1-5-21-1-2-3-1105"} {
		c := facts.NewCollector(facts.Config{MaxEvents: 10})
		for _, e := range refused(virtual).events {
			c.AddEvent(e)
		}
		for i := range 15 {
			c.AddEvent(facts.Event{
				Time: t0.Add(time.Duration(i) * time.Minute), Channel: "Security", Provider: "Microsoft-Windows-Security-Auditing", ID: id,
				Computer: "DC01.contoso.com", Record: uint64(i),
				Fields: []facts.Field{{Name: "TargetUserName", Value: "x"}, {Name: "TargetSid", Value: "S-1-5-21-1-2-3-1200"}, {Name: "MemberSid", Value: member}},
			})
		}
		h := c.Hosts()[0]
		if !slices.ContainsFunc(h.Service.Reasons, func(r facts.Reason) bool {
			return r.Code == "events-dropped" && strings.Contains(r.Message, ": 5 between")
		}) {
			t.Errorf("%d: %s has the reasons %v", id, h.Name, h.Service.Reasons)
		}
	}
}
