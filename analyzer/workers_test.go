package analyzer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
)

// TestWorkers: the result is the same however many goroutines read a log, also of a damaged one.
func TestWorkers(t *testing.T) {
	dir := write(t, map[string]string{"System.evtx.yaml": manyFailures, "gpresult.htm.yaml": report})
	path := filepath.Join(dir, "System.evtx")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 100_000; at < len(b); at += 777_777 {
		b[at] ^= 0x55
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	want := analyze(t, analyzer.Config{Workers: 1}, dir)
	if len(want.Hosts) != 1 || len(want.Hosts[0].Findings) == 0 {
		t.Fatalf("result %+v", want)
	}
	for _, workers := range []int{0, 2, 5} {
		if diff := cmp.Diff(want, analyze(t, analyzer.Config{Workers: workers}, dir)); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}
