package facts_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/facts"
)

// TestRecent: of too many events the oldest quarter and the newest are kept, whatever the
// order in which they come, and the number of the others is told.
func TestRecent(t *testing.T) {
	const limit = 8
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, limit, limit + 1, 2*limit - 1, 2 * limit, 2*limit + 1, 100} {
		var want []uint64
		for i := range n {
			if i < limit/4 || n-i <= limit-limit/4 || n <= limit {
				want = append(want, uint64(i))
			}
		}
		for range 20 {
			r := facts.Recent{Max: limit}
			for _, i := range random.Perm(n) {
				r.Add(facts.Event{Time: t0.Add(time.Duration(i) * time.Second), Record: uint64(i)})
			}
			if dropped := r.Dropped(); dropped != n-len(want) {
				t.Fatalf("%d of %d events dropped, want %d", dropped, n, n-len(want))
			}
			if got := records(r.Events()); !slices.Equal(got, want) {
				t.Fatalf("of %d events %v were kept, want %v", n, got, want)
			}
		}
	}
}

func records(events []facts.Event) []uint64 {
	var out []uint64
	for _, e := range events {
		out = append(out, e.Record)
	}
	return out
}
