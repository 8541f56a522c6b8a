package facts

import (
	"cmp"
	"slices"
)

// Recent keeps events up to a number; of more it keeps the oldest quarter, which tells when
// something began, and the newest. The zero value keeps up to 50,000. It is not safe for
// concurrent use.
type Recent struct {
	// Max is the number of events that are kept, 0 for the default.
	Max     int
	events  []Event
	dropped int
}

// Add takes an event.
func (r *Recent) Add(e Event) {
	limit := cmp.Or(r.Max, defaultMaxEvents)
	r.events = append(r.events, e)
	if len(r.events) >= 2*limit {
		r.events = SortEvents(r.events)
		over := max(len(r.events)-limit, 0)
		r.dropped += over
		r.events = slices.Delete(r.events, limit/4, limit/4+over)
	}
}

// Dropped is the number of events that were not kept.
func (r *Recent) Dropped() int { return r.dropped }

// Events returns the events in order of time, without the second copies of any.
func (r *Recent) Events() []Event {
	r.events = SortEvents(r.events)
	return r.events
}

// defaultMaxEvents bounds what a log of nothing but wanted events costs: some 50 MB for the
// events that Windows writes.
const defaultMaxEvents = 50_000
