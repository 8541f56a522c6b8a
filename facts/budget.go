package facts

import (
	"cmp"
	"slices"
)

// Budget bounds the events that lists of type [Recent] keep together: those of all computers
// of which a log of forwarded events speaks. Once it is used up, all lists have the same lower
// limit, so that none loses events while another one keeps more, whichever came first. Each
// keeps four events at least, for an empty list would say that nothing happened: the budget
// does not hold where there are more lists than that allows.
//
// A Budget must not be copied, and is not safe for concurrent use.
type Budget struct {
	max, used int
	share     int // what each list may keep, 0 while the budget lasts
	lists     []*Recent
}

// NewBudget returns a budget for so many events, 0 for 400,000. An event with much data counts
// for one more with each KB.
func NewBudget(events int) *Budget {
	return &Budget{max: cmp.Or(events, defaultBudget)}
}

// defaultBudget is that of eight full lists.
const defaultBudget = 8 * defaultMaxEvents

// leastShare is what each list may keep at least: the oldest event, and the newest three.
const leastShare = 4

// take counts an event that came to a list.
func (b *Budget) take(r *Recent, weight int) {
	if !r.joined {
		r.joined = true
		b.lists = append(b.lists, r)
	}
	r.weight += weight
	b.used += weight
}

// give counts a list again that dropped events.
func (b *Budget) give(r *Recent) {
	b.used -= r.weight
	r.weight = 0
	for i := range r.events {
		r.weight += r.events[i].weight()
	}
	b.used += r.weight
}

// keep lowers what lists may keep once the budget is used up, until they are well within it:
// that costs as much as going through all events, and is not to come again soon.
func (b *Budget) keep() {
	if b.used <= b.max || b.share == leastShare {
		return
	}
	b.trim()
	for b.used > b.max/4*3 && b.share != leastShare {
		longest := slices.MaxFunc(b.lists, func(x, y *Recent) int { return cmp.Compare(len(x.events), len(y.events)) })
		b.share = max(len(longest.events)/2, leastShare)
		b.trim()
	}
}

func (b *Budget) trim() {
	for _, r := range b.lists {
		r.trim()
	}
}

// What a datum and a GPO take besides their texts, in bytes.
const fieldSize, gpoSize = 32, 72

// weight is for how many events one counts in a budget.
func (e *Event) weight() int {
	size := 0
	for _, f := range e.Fields {
		size += fieldSize + len(f.Name) + len(f.Value)
	}
	for _, g := range e.GPOs {
		size += gpoSize + len(g.GPO.Name) + len(g.GPO.GUID) + len(g.Link) + len(g.Denied)
	}
	return 1 + size>>10
}
