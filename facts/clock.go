package facts

import (
	"slices"
	"strings"
	"time"
)

// ClockStep is a time at which the computer's clock was set back: events from To to From
// may have been logged before or after it, so that their times do not tell their order.
type ClockStep struct {
	From, To time.Time
	Event    Event
}

// leastStep is the least step that counts: time services correct the clock by less all day.
const leastStep = time.Second

// clockSteps finds the steps back, in order of time.
func clockSteps(events []Event) []ClockStep {
	var steps []ClockStep
	for _, e := range events {
		if s, ok := clockStep(e); ok {
			steps = append(steps, s)
		}
	}
	return steps
}

// clockStep reads the event by which the kernel logs that the clock was set.
func clockStep(e Event) (ClockStep, bool) {
	if !strings.EqualFold(e.Provider, kernelGeneral) || e.ID != 1 {
		return ClockStep{}, false
	}
	from, err1 := time.Parse(time.RFC3339Nano, e.Data("OldTime"))
	to, err2 := time.Parse(time.RFC3339Nano, e.Data("NewTime"))
	s := ClockStep{From: from.UTC(), To: to.UTC(), Event: e}
	return s, err1 == nil && err2 == nil && from.Sub(to) >= leastStep
}

// orderUnsure reports whether the clock was set back such that times from one end of a window
// to the other do not tell which came first.
func orderUnsure(steps []ClockStep, w Window) bool {
	return slices.ContainsFunc(steps, func(s ClockStep) bool { return w.overlaps(Window{s.To, s.From}) })
}
