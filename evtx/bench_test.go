package evtx_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// benchmarkLog reads the big log once an iteration and reports bytes of the log and
// records a second.
func benchmarkLog(b *testing.B, sel *evtx.Selector, each func(ev *evtx.Event) error) {
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
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for ev, err := range r.Events(context.Background(), f) {
			if err != nil {
				b.Fatal(err)
			}
			if err := each(ev); err != nil {
				b.Fatal(err)
			}
		}
	}
	c := r.Coverage()
	b.ReportMetric(float64(c.Read+c.Skipped)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(0, "ns/op") // a whole log: the rates say more
}

func BenchmarkJSON(b *testing.B) {
	var buf []byte
	benchmarkLog(b, nil, func(ev *evtx.Event) (err error) {
		buf, err = ev.AppendJSON(buf[:0])
		return err
	})
}

func BenchmarkXML(b *testing.B) {
	var buf []byte
	benchmarkLog(b, nil, func(ev *evtx.Event) (err error) {
		buf, err = ev.AppendXML(buf[:0])
		return err
	})
}

// BenchmarkData reads the typed data of every event.
func BenchmarkData(b *testing.B) {
	benchmarkLog(b, nil, func(ev *evtx.Event) error {
		_, err := ev.Data()
		return err
	})
}

// BenchmarkSystem reads the System section of every event only.
func BenchmarkSystem(b *testing.B) {
	benchmarkLog(b, nil, func(*evtx.Event) error { return nil })
}

// BenchmarkSelect looks for one event in a thousand, as rules do.
func BenchmarkSelect(b *testing.B) {
	sel := evtx.Selector{Providers: []string{"Service Control Manager"}, IDs: []uint16{7041}}
	benchmarkLog(b, &sel, func(ev *evtx.Event) error {
		_, err := ev.Data()
		return err
	})
}

// TestSkippedAllocations reads two logs with the same templates in as many chunks, one with
// more records, none of which is wanted: the further records must not allocate.
func TestSkippedAllocations(t *testing.T) {
	const chunks, few, many = 20, 10, 45
	for name, sel := range map[string]evtx.Selector{
		"other channel":  {Channels: []string{"Security"}},
		"other provider": {Providers: []string{"ADSync"}},
		"other id":       {Channels: []string{"System"}, IDs: []uint16{1}},
		"other ids":      {Channels: []string{"System"}, IDRanges: []evtx.Range[uint16]{{First: 1, Last: 3}, {First: 60000, Last: 65535}}},
		"id left out":    {ExceptIDs: []evtx.Range[uint16]{{First: 0, Last: 65535}}},
		"other record":   {Records: []evtx.Range[uint64]{{First: 1 << 40, Last: 1 << 41}}},
		"other time":     {From: logStart.AddDate(1, 0, 0)},
		"other level":    {Levels: []uint8{1}},
		"other computer": {Computers: []string{"SYNC02.contoso.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := evtx.Compile(sel)
			if err != nil {
				t.Fatal(err)
			}
			allocs := func(perChunk int) float64 {
				log := serverLog(chunks * perChunk)
				log.Condition.ChunkEvents = perChunk
				r := openLog(t, logBytes(t, log), evtx.Config{})
				n := testing.AllocsPerRun(5, func() {
					for ev, err := range r.Events(context.Background(), f) {
						t.Fatalf("event %v, error %v: nothing should be chosen", ev, err)
					}
				})
				if c := r.Coverage(); c.Skipped != int64(chunks*perChunk) {
					t.Fatalf("%d records skipped, want %d", c.Skipped, chunks*perChunk)
				}
				return n
			}
			a, b := allocs(few), allocs(many)
			if perRecord := (b - a) / (chunks * (many - few)); perRecord > 0.001 {
				t.Errorf("%.3f allocations for each skipped record, want 0", perRecord)
			}
		})
	}
}
