package facts

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestSortEvents: events are put in order in place, as a sort of copies does it, and each is
// there once.
func TestSortEvents(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 60 {
		events := make([]Event, n)
		for i := range events {
			events[i] = Event{Time: time.Unix(random.Int64N(5), 0), Channel: []string{"A", "B"}[random.IntN(2)], Record: random.Uint64N(4), ID: random.IntN(2)}
			events[i].Location.Offset = int64(i)
		}
		want := slices.Clone(events)
		slices.SortStableFunc(want, compareEvents)
		want = slices.CompactFunc(want, func(a, b Event) bool { return sameEvent(&a, &b) })
		got := SortEvents(events)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("of %d events: got %v, want %v", n, got, want)
		}
		if rest := events[len(got):]; slices.ContainsFunc(rest, func(e Event) bool { return !reflect.DeepEqual(e, Event{}) }) {
			t.Errorf("dropped events are held: %v", rest)
		}
		if again := SortEvents(got); !reflect.DeepEqual(again, want) {
			t.Errorf("sorted again: got %v, want %v", again, want)
		}
	}
}
