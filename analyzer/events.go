package analyzer

import (
	"slices"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// ruleEvents are the events that rules asked for, by selector and computer: needs with equal
// selectors share one list, so that an event is kept once for all of them.
type ruleEvents struct {
	max    int
	budget *facts.Budget
	lists  map[eventKey]*facts.Recent
	// selectors is more than the number of any selector in lists.
	selectors int
}

// eventKey addresses the events that a selector chose from one computer.
type eventKey struct {
	selector int
	computer string
}

func newRuleEvents(max int, budget *facts.Budget) *ruleEvents {
	return &ruleEvents{max: max, budget: budget, lists: make(map[eventKey]*facts.Recent)}
}

// add takes an event that a selector chose.
func (r *ruleEvents) add(selector int, e facts.Event) {
	key := eventKey{selector, facts.HostKey(e.Computer)}
	list := r.lists[key]
	if list == nil {
		list = &facts.Recent{Max: r.max, Budget: r.budget}
		r.lists[key] = list
		r.selectors = max(r.selectors, selector+1)
	}
	list.Add(e)
}

// of returns the events that a selector chose from a host, under all its names, in order of
// time. Whoever asks for the same gets the same list, and must not change it.
func (r *ruleEvents) of(h *facts.Host) func(selector int) []facts.Event {
	known := make(map[int][]facts.Event)
	return func(selector int) []facts.Event {
		events, ok := known[selector]
		if !ok {
			events = r.collect(selector, h)
			known[selector] = events
		}
		return events
	}
}

func (r *ruleEvents) collect(selector int, h *facts.Host) []facts.Event {
	var found [][]facts.Event
	for _, name := range h.Names {
		if list := r.lists[eventKey{selector, name}]; list != nil {
			found = append(found, list.Events())
		}
	}
	if len(found) == 1 {
		return slices.Clip(found[0])
	}
	return facts.SortEvents(slices.Concat(found...))
}

// dropped is how many events of a host were not kept.
func (r *ruleEvents) dropped(h *facts.Host) int {
	n := 0
	for selector := range r.selectors {
		for _, name := range h.Names {
			if list := r.lists[eventKey{selector, name}]; list != nil {
				n += list.Dropped()
			}
		}
	}
	return n
}

// selectorOf tells of each need of the rules which of their selectors it has.
func selectorOf(needs [][]rules.NeedRef) map[rules.NeedRef]int {
	out := make(map[rules.NeedRef]int)
	for i, list := range needs {
		for _, need := range list {
			out[need] = i
		}
	}
	return out
}
