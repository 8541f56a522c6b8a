package facts

import (
	"cmp"
	"slices"
)

// compareEvents orders events by time; within the same time by channel, then by record
// number, which is the order of logging.
func compareEvents(a, b Event) int { return compareAt(&a, &b) }

// compareAt is compareEvents without copies of the events, which are large.
func compareAt(a, b *Event) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Channel, b.Channel),
		cmp.Compare(a.Record, b.Record),
		cmp.Compare(a.Location.Source, b.Location.Source),
		cmp.Compare(a.Location.Offset, b.Location.Offset),
	)
}

// appendEvent appends an event. Short lists double, where append lets them grow by a quarter and
// copies all events as often; long ones are not to hold so much room that nothing needs.
func appendEvent(events []Event, e Event) []Event {
	const long = 4096
	if n := len(events); n == cap(events) && n < long {
		events = slices.Grow(events, max(n, 1))
	}
	return append(events, e)
}

// SortEvents orders events by time and record number, and drops those that are the same
// event from a second copy of a log.
func SortEvents(events []Event) []Event {
	if !inOrder(events) {
		order := make([]int, len(events))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, k int) int { return cmp.Or(compareAt(&events[i], &events[k]), cmp.Compare(i, k)) })
		arrange(events, order)
	}
	return dropCopies(events)
}

func inOrder(events []Event) bool {
	for i := 1; i < len(events); i++ {
		if compareAt(&events[i-1], &events[i]) > 0 {
			return false
		}
	}
	return true
}

// arrange puts the event of number order[i] in place i, for each i. Then order is used up.
func arrange(events []Event, order []int) {
	for first := range order {
		if order[first] == first {
			continue
		}
		moved := events[first]
		at := first
		for order[at] != first {
			from := order[at]
			events[at] = events[from]
			order[at], at = at, from
		}
		events[at] = moved
		order[at] = at
	}
}

// dropCopies drops those of events in order that are the same as the one before.
func dropCopies(events []Event) []Event {
	kept := 0
	for i := range events {
		if kept > 0 && sameEvent(&events[kept-1], &events[i]) {
			continue
		}
		if kept != i {
			events[kept] = events[i]
		}
		kept++
	}
	clear(events[kept:])
	return events[:kept]
}

// sameEvent reports whether two events are one, from two copies of a log.
func sameEvent(a, b *Event) bool {
	return a.Time.Equal(b.Time) && a.Record == b.Record && a.Channel == b.Channel &&
		a.Provider == b.Provider && a.ID == b.ID && a.Computer == b.Computer
}
