package facts

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestStanding: a failure stands unless a success after it ends it, or may not be of its run.
func TestStanding(t *testing.T) {
	begin := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	activities := []string{"", "{A}", "{B}", "{C}"}
	sameRun := func(f, success Event) bool {
		if f.ActivityID != "" && success.ActivityID != "" {
			return f.ActivityID == success.ActivityID
		}
		return success.Time.Sub(f.Time) < time.Minute
	}
	random := rand.New(rand.NewPCG(1, 2))
	stood := 0
	for range 5000 {
		var events []Event
		var kinds []outcome
		at := begin
		for i := range random.IntN(12) {
			at = at.Add(time.Duration(random.IntN(3)) * 15 * time.Second)
			events = append(events, Event{Time: at, Record: uint64(i), ActivityID: activities[random.IntN(len(activities))]})
			kinds = append(kinds, []outcome{noOutcome, notSecured, notSecured, notSecured, notSecured, processed, processed, secured}[random.IntN(8)])
		}
		var want []Event
		for i, e := range events {
			switch kinds[i] {
			case secured:
				want = nil
			case processed:
				want = slices.DeleteFunc(want, func(f Event) bool { return !sameRun(f, e) })
			case notSecured:
				want = append(want, e)
			}
		}
		got := standing(events, kinds, notSecured, processed, secured, extended)
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v of %v, %v", got, want, events, kinds)
		}
		stood += len(got)
	}
	if stood < 1000 {
		t.Errorf("only %d failures stood", stood)
	}
}
