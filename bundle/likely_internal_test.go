package bundle

import (
	"math"
	"testing"
)

// TestLikelySize: a member gets the memory that it states to need, unless the bytes that are
// there can hardly hold so much.
func TestLikelySize(t *testing.T) {
	for _, tt := range []struct{ stated, packed, want int64 }{
		{unstated, 100, 0},
		{0, 0, 0},
		{1000, 100, 1000},
		{math.MaxInt64, 100, 100 * likelyRatio},
		{1000, 0, 0},
		{1000, -1, 0},
	} {
		if got := likelySize(tt.stated, tt.packed); got != tt.want {
			t.Errorf("%d bytes packed into %d: %d, want %d", tt.stated, tt.packed, got, tt.want)
		}
	}
}
