package collected_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
)

// allocated returns how many bytes are allocated to read a file, whatever comes of it.
func allocated(text string) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = collected.Parse(context.Background(), strings.NewReader(text), int64(len(text)), collected.Config{})
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestGrowth: what is allocated grows as the file does.
func TestGrowth(t *testing.T) {
	const most = 50 // bytes allocated for one of the file
	reg := export[:strings.Index(export, "\"ObjectName")]
	for name, text := range map[string]string{
		"a table of many columns": "x\n" + strings.TrimSpace(strings.Repeat("=== ", 4000)) + "\n" + strings.Repeat("x\n", 20_000),
		"a text over many lines":  reg + "\"ImagePath\"=\"a\n" + strings.Repeat("0123456789abcde\n", 4000),
		"digits over many lines":  reg + "\"DependOnService\"=hex(7):\\\n" + strings.Repeat("61,00,62,00,63,\\\n", 4000),
	} {
		if n := allocated(text); n > 1<<20+uint64(most*len(text)) {
			t.Errorf("%s: %d bytes are allocated to read %d", name, n, len(text))
		}
	}
}
