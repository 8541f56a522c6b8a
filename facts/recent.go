package facts

import (
	"cmp"
	"slices"
)

// Recent keeps events up to a number; of more it keeps the oldest quarter, which tells when
// something began, and the newest, whatever the order in which they come. The zero value keeps
// up to 50,000. It is not safe for concurrent use.
type Recent struct {
	// Max is the number of events that are kept, 0 for the default.
	Max     int
	events  []Event
	dropped int
	trimmed bool // since the last event came
}

// Add takes an event. Lists that Events returned before are not valid any more.
func (r *Recent) Add(e Event) {
	r.events = append(r.events, e)
	r.trimmed = false
	if len(r.events) >= 2*r.limit() {
		r.trim()
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

func (r *Recent) limit() int { return cmp.Or(r.Max, defaultMaxEvents) }

// trim sorts the events and drops those that are too many.
func (r *Recent) trim() {
	if r.trimmed {
		return
	}
	r.trimmed = true
	r.events = SortEvents(r.events)
	limit := r.limit()
	over := max(len(r.events)-limit, 0)
	r.dropped += over
	if over > 0 {
		r.events = slices.Delete(r.events, limit/4, limit/4+over)
	}
}

// defaultMaxEvents bounds what a log of nothing but wanted events costs. So many take some
// 25 MB in the System log and 50 MB in the Security log, as Windows writes them; while events
// come in, up to twice as many are held.
const defaultMaxEvents = 50_000
