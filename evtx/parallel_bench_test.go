package evtx_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// benchmarkMap reads the big log once an iteration with one goroutine and with one a processor, to
// be compared in one run.
func benchmarkMap[T any](b *testing.B, sel *evtx.Selector, do func(ev *evtx.Event) T) {
	data := bigLog()
	r, err := evtx.NewReader(bytes.NewReader(data), int64(len(data)), evtx.Config{})
	if err != nil {
		b.Fatal(err)
	}
	var f *evtx.Filter
	if sel != nil {
		if f, err = evtx.Compile(*sel); err != nil {
			b.Fatal(err)
		}
	}
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range evtx.Map(context.Background(), r, f, workers, do) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			c := r.Coverage()
			b.ReportMetric(float64(c.Read+c.Skipped)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(0, "ns/op") // a whole log: the rates say more
		})
	}
}

// BenchmarkParallelJSON prints every event, into memory that is used again.
func BenchmarkParallelJSON(b *testing.B) {
	buffers := sync.Pool{New: func() any { return new([]byte) }}
	benchmarkMap(b, nil, func(ev *evtx.Event) int {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		var err error
		if *buf, err = ev.AppendJSON((*buf)[:0]); err != nil {
			b.Error(err)
		}
		return len(*buf)
	})
}

// BenchmarkParallelSelect looks for one event in a thousand, as rules do.
func BenchmarkParallelSelect(b *testing.B) {
	sel := evtx.Selector{Providers: []string{"Service Control Manager"}, IDs: []uint16{7041}}
	benchmarkMap(b, &sel, func(ev *evtx.Event) error {
		_, err := ev.Data()
		return err
	})
}
