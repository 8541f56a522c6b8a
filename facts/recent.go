package facts

import (
	"cmp"
	"slices"
)

// Recent keeps events up to a number; of more it keeps the oldest quarter, which tells when
// something began, and the newest, whatever the order in which they come. The zero value keeps
// up to 50,000. It must not be copied, and is not safe for concurrent use.
type Recent struct {
	// Max is the number of events that are kept, 0 for the default.
	Max int
	// Budget, if set, is what this list shares with others; it may make the list keep fewer.
	Budget *Budget

	events  []Event
	dropped int
	next    int  // how many events are there when they are trimmed next
	trimmed bool // since the last event came
	joined  bool // the lists of the budget
	weight  int  // of the events in the budget
}

// Add takes an event. Lists that Events returned before, also those of other lists with the
// same budget, are not valid any more.
func (r *Recent) Add(e Event) {
	r.events = appendEvent(r.events, e)
	r.trimmed = false
	if r.Budget != nil {
		r.Budget.take(r, e.weight())
	}
	if len(r.events) >= min(max(r.next, firstTrim), 2*r.limit()) {
		r.trim()
		r.next = 2 * len(r.events)
	}
	if r.Budget != nil {
		r.Budget.keep()
	}
}

// Dropped is the number of events that were not kept. Of an event that is in several copies of
// a log each copy counts.
func (r *Recent) Dropped() int {
	r.trim()
	return r.dropped
}

// Events returns the events in order of time, without the second copies of any. The list is
// the one that is kept: it must not be changed.
func (r *Recent) Events() []Event {
	r.trim()
	return r.events
}

// firstTrim is from how many events on a list is trimmed each time that it has doubled, for
// second copies of a log.
const firstTrim = 256

// limit is how many events the list may keep now.
func (r *Recent) limit() int {
	limit := cmp.Or(r.Max, defaultMaxEvents)
	if r.Budget != nil && r.Budget.share > 0 {
		limit = min(limit, r.Budget.share)
	}
	return limit
}

// trim sorts the events and drops those that are too many.
func (r *Recent) trim() {
	limit := r.limit()
	if r.trimmed && len(r.events) <= limit {
		return
	}
	before := len(r.events)
	r.events = SortEvents(r.events)
	if over := len(r.events) - limit; over > 0 {
		r.dropped += over
		r.events = slices.Delete(r.events, limit/4, limit/4+over)
	}
	r.trimmed = true
	if r.Budget != nil && len(r.events) < before {
		r.Budget.give(r)
	}
}

// defaultMaxEvents bounds what a log of nothing but wanted events costs. So many take some
// 25 MB in the System log and 50 MB in the Security log, as Windows writes them; while events
// come in, up to twice as many are held.
const defaultMaxEvents = 50_000
