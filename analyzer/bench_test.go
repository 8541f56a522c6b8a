package analyzer_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
)

// BenchmarkAnalyze analyzes a report and a System log of 20,000 events, of which a hundred
// starts failed: the whole way from the bundle to the result, with all built-in rules.
func BenchmarkAnalyze(b *testing.B) {
	many := strings.Replace(log, "count: 200, until: 2026-11-20T05:00:00Z", "count: 20000, until: 2026-11-25T05:00:00Z", 1) +
		"  - {time: 2026-11-20T04:00:00Z, provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\\ADSync'}, repeat: 100, every: 60s}\n"
	dir := write(b, map[string]string{"gpresult.htm.yaml": report, "System.evtx.yaml": many})
	info, err := os.Stat(filepath.Join(dir, "System.evtx"))
	if err != nil {
		b.Fatal(err)
	}
	a, err := analyzer.New(analyzer.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		in, err := bundle.Open(context.Background(), bundle.Config{}, dir)
		if err != nil {
			b.Fatal(err)
		}
		res, err := a.Analyze(context.Background(), in)
		if err != nil || len(res.Hosts) != 1 || len(res.Hosts[0].Findings) == 0 {
			b.Fatal(err, len(res.Hosts))
		}
		in.Close()
	}
}
