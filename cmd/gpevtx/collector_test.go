package main

import "testing"

// TestHeapGrowth: the heap grows up to quietHeap, and by half where that is more.
func TestHeapGrowth(t *testing.T) {
	for _, tt := range []struct {
		live uint64
		want int
	}{
		{0, mostGrowth},
		{1 << 20, mostGrowth},
		{quietHeap / 4, 300},
		{quietHeap / 2, 100},
		{quietHeap / 4 * 3, leastGrowth},
		{quietHeap, leastGrowth},
		{1 << 40, leastGrowth},
		{1<<64 - 1, leastGrowth},
	} {
		if got := heapGrowth(tt.live); got != tt.want {
			t.Errorf("%d bytes in use: %d percent, want %d", tt.live, got, tt.want)
		}
	}
}
