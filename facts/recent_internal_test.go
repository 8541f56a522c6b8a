package facts

import (
	"testing"
	"time"
)

// TestRecentHoldsCopiesOnce: copies of a log do not take memory until there are too many events.
func TestRecentHoldsCopiesOnce(t *testing.T) {
	const distinct, copies = 300, 100
	var r Recent
	most := 0
	for range copies {
		for i := range distinct {
			r.Add(Event{Time: time.Unix(int64(i), 0), Record: uint64(i)})
			most = max(most, len(r.events))
		}
	}
	if most > 2*distinct {
		t.Errorf("up to %d events are held of %d", most, distinct)
	}
	if n := len(r.Events()); n != distinct || r.Dropped() != 0 {
		t.Errorf("%d events are kept and %d were dropped of %d", n, r.Dropped(), distinct)
	}
}
