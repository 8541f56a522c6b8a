package facts

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestSpansOf: spans are in order and apart from each other, and a window touches one of them
// where it touches one of the steps.
func TestSpansOf(t *testing.T) {
	begin := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return begin.Add(time.Duration(s) * time.Second) }
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		steps := []ClockStep{{From: at(5)}} // to the zero time: it tells nothing
		for range random.IntN(12) {
			to := random.IntN(100)
			steps = append(steps, ClockStep{To: at(to), From: at(to + 1 + random.IntN(8))})
		}
		spans := spansOf(steps)
		for i := range spans {
			if spans[i].Empty() || i > 0 && !spans[i].From.After(spans[i-1].To) {
				t.Fatalf("spans %v are not in order or not apart", spans)
			}
		}
		for from := -2; from < 110; from++ {
			for length := -1; length < 4; length++ {
				w := Window{at(from), at(from + length)}
				want := slices.ContainsFunc(steps, func(s ClockStep) bool { return w.overlaps(Window{s.To, s.From}) })
				if got := orderUnsure(spans, w); got != want {
					t.Fatalf("from %d for %d s: got %v, want %v, steps %v", from, length, got, want, steps)
				}
			}
		}
		if orderUnsure(spans, Window{}) {
			t.Fatal("the empty window is unsure")
		}
	}
}

// TestSpansMerge: as many steps as a log can hold, one within the other, leave one span to
// look at for each refusal.
func TestSpansMerge(t *testing.T) {
	begin := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	var steps []ClockStep
	for i := range 1000 {
		steps = append(steps, ClockStep{To: begin.Add(time.Duration(i) * time.Second), From: begin.Add(time.Duration(2000-i) * time.Second)})
	}
	if spans := spansOf(steps); len(spans) != 1 {
		t.Errorf("%d spans, want one", len(spans))
	}
}
