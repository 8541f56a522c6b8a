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

// spansOf returns the times in which no order is known because of the steps: in order, and
// apart from each other.
func spansOf(steps []ClockStep) []Window {
	var all []Window
	for _, s := range steps {
		if w := (Window{s.To, s.From}); !w.Empty() {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b Window) int { return a.From.Compare(b.From) })
	var out []Window
	for _, w := range all {
		switch n := len(out); {
		case n == 0 || w.From.After(out[n-1].To):
			out = append(out, w)
		case w.To.After(out[n-1].To):
			out[n-1].To = w.To
		}
	}
	return out
}

// orderUnsure reports whether the clock was set back such that times from one end of a window
// to the other do not tell which came first. The spans are those of [spansOf]: it is asked for
// every refusal, and there may be as many steps.
func orderUnsure(spans []Window, w Window) bool {
	i, _ := slices.BinarySearchFunc(spans, w.From, func(s Window, t time.Time) int { return s.To.Compare(t) })
	return i < len(spans) && w.overlaps(spans[i])
}
