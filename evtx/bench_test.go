package evtx_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// benchmarkLogs reads each of the logs for benchmarks, once an iteration, and reports bytes of
// the log and records a second, and allocations a record. damage changes the log beforehand.
func benchmarkLogs(b *testing.B, cfg evtx.Config, selectors []evtx.Selector, damage func([]byte) []byte, each func(ev *evtx.Event) error) {
	var f *evtx.Filter
	if selectors != nil {
		var err error
		if f, err = evtx.Compile(selectors...); err != nil {
			b.Fatal(err)
		}
	}
	for _, l := range benchLogs {
		b.Run(l.name, func(b *testing.B) {
			data := l.log(b)
			if damage != nil {
				data = damage(data)
			}
			r := openLog(b, data, cfg)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				for ev, err := range r.Events(context.Background(), f) {
					if err == nil {
						err = each(ev)
					}
					if err != nil && damage == nil {
						b.Fatal(err)
					}
				}
			}
			runtime.ReadMemStats(&after)
			c := r.Coverage()
			records := float64(c.Read+c.Skipped) * float64(b.N)
			b.ReportMetric(records/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/records, "allocs/record")
			b.ReportMetric(0, "ns/op") // a whole log: the rates say more
		})
	}
}

func printJSON() func(ev *evtx.Event) error {
	var buf []byte
	return func(ev *evtx.Event) (err error) {
		buf, err = ev.AppendJSON(buf[:0])
		return err
	}
}

func readData(ev *evtx.Event) error {
	_, err := ev.Data()
	return err
}

func BenchmarkJSON(b *testing.B) { benchmarkLogs(b, evtx.Config{}, nil, nil, printJSON()) }

func BenchmarkXML(b *testing.B) {
	var buf []byte
	benchmarkLogs(b, evtx.Config{}, nil, nil, func(ev *evtx.Event) (err error) {
		buf, err = ev.AppendXML(buf[:0])
		return err
	})
}

// BenchmarkData reads the typed data of every event.
func BenchmarkData(b *testing.B) { benchmarkLogs(b, evtx.Config{}, nil, nil, readData) }

// BenchmarkSystem reads the System section of every event only.
func BenchmarkSystem(b *testing.B) {
	benchmarkLogs(b, evtx.Config{}, nil, nil, func(*evtx.Event) error { return nil })
}

// BenchmarkSelectRare looks for one event in a thousand, as rules do, and for such as only
// another log has.
func BenchmarkSelectRare(b *testing.B) {
	benchmarkLogs(b, evtx.Config{}, []evtx.Selector{
		{Providers: []string{"Service Control Manager"}, IDs: []uint16{7000, 7038, 7041}},
		{Providers: []string{"Microsoft-Windows-Security-Auditing"}, IDs: []uint16{4719}},
		{Providers: []string{"Microsoft-Windows-Sysmon"}, IDs: []uint16{16}},
	}, nil, readData)
}

// BenchmarkSelectOther looks for events of which only one log has any.
func BenchmarkSelectOther(b *testing.B) {
	benchmarkLogs(b, evtx.Config{}, []evtx.Selector{
		{Providers: []string{"Service Control Manager"}, IDs: []uint16{7000, 7038, 7041}},
	}, nil, readData)
}

// BenchmarkSelectCommon looks for a fifth to a half of the events.
func BenchmarkSelectCommon(b *testing.B) {
	benchmarkLogs(b, evtx.Config{}, []evtx.Selector{
		{Providers: []string{"Service Control Manager"}, IDs: []uint16{7036}},
		{Providers: []string{"Microsoft-Windows-Security-Auditing"}, IDs: []uint16{4624, 4625, 4672, 4688}},
		{Providers: []string{"Microsoft-Windows-Sysmon"}, IDs: []uint16{1}},
	}, nil, readData)
}

// BenchmarkRecover prints all that is left of a log a quarter of which is damaged.
func BenchmarkRecover(b *testing.B) {
	benchmarkLogs(b, evtx.Config{Recover: evtx.RecoverAll}, nil, damagedLog, printJSON())
}

// TestSkippedAllocations reads two logs with the same templates in as many chunks, one with
// more records, none of which is wanted: the further records must not allocate.
func TestSkippedAllocations(t *testing.T) {
	const chunks, few, many = 60, 10, 45
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
