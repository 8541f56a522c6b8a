package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gpevtx/gpevtx/internal/compare"
)

// TestDifferentialGolangEvtx compares each record of the real logs, field by field, where
// they are there: the folder is named by GPEVTX_CORPUS or stands beside the repository.
func TestDifferentialGolangEvtx(t *testing.T) {
	dir := "../../../shared/corpus/evtx"
	if env := os.Getenv("GPEVTX_CORPUS"); env != "" {
		dir = filepath.Join(env, "evtx")
	}
	names, err := compare.Logs(dir)
	if err != nil {
		t.Skipf("no corpus of real logs: %v", err)
	}
	d := newDiffer()
	for i, name := range names {
		if testing.Short() && i%8 != 0 {
			continue
		}
		if err := compareFile(context.Background(), d, name, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	for _, class := range d.tally.UnknownClasses() {
		t.Errorf("%d differences of no known class: %s: %q", d.tally.Count(class), class, d.tally.Examples(class))
	}
	if testing.Short() {
		return
	}
	if d.tally.Records < 30000 || d.tally.Equal < 500000 {
		t.Errorf("only %d records and %d values compared", d.tally.Records, d.tally.Equal)
	}
	for _, class := range d.tally.Unused() {
		t.Errorf("class %q does not occur: remove it", class)
	}
}
