package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// quietHeap is up to what size of the heap the garbage collector does nothing, in bytes. A
// small case is done with a collection or two, where the default of Go is one at 4 MB, one at
// 8 MB and so on.
const quietHeap = 24 << 20

// leastGrowth is by how much the heap may always grow between two collections, in percent of
// what is in use. It is less than the default of Go: of a large log little is kept at a time,
// and memory is to stay small.
const leastGrowth = 50

// mostGrowth lets a heap of which hardly anything is in use grow to quietHeap: there is no
// collection before so many percent of 4 MB.
const mostGrowth = quietHeap / (4 << 20) * 100

// tuneCollector lets the heap grow to quietHeap between collections, or by leastGrowth where
// that is more. Who sets GOGC decides alone.
func tuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(mostGrowth)
	afterCollection()
}

// afterCollection sets after each collection when the next one comes.
func afterCollection() {
	runtime.AddCleanup(new([64]byte), func(struct{}) {
		debug.SetGCPercent(heapGrowth(liveHeap()))
		afterCollection()
	}, struct{}{})
}

// heapGrowth is by how much a heap may grow of which so many bytes are in use, in percent.
func heapGrowth(live uint64) int {
	if live >= quietHeap {
		return leastGrowth
	}
	return min(max(int((quietHeap-live)*100/max(live, 1)), leastGrowth), mostGrowth)
}

// liveHeap is how many bytes of the heap the last collection found in use.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
