package collected_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
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

// counted counts the bytes that are read of it.
type counted struct {
	strings.Reader
	n int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.n += n
	return n, err
}

// TestReadingEnds: a text in which nothing is recognised is not read to its end; one with
// something in it is read on.
func TestReadingEnds(t *testing.T) {
	junk := strings.Repeat("12:00:01 some line of a log: of a program = with words, and commas, in it\n", 12_000)
	if len(junk) < 800<<10 || len(junk) > 1000<<10 {
		t.Fatalf("%d bytes", len(junk))
	}
	const sc = "\nSERVICE_NAME: ADSync\n        STATE              : 4  RUNNING\n\n"
	for _, tt := range []struct {
		name, text string
		services   int
		cut        bool
	}{
		{"nothing", strings.Repeat(junk, 8), 0, true},
		{"behind a long text", junk + sc, 1, false},
		{"behind a longer text", junk + junk + sc, 0, true},
		{"between long texts", junk + sc + junk + sc, 2, false},
		{"before a longer text", sc + strings.Repeat(junk, 8) + sc, 1, true},
		{"an error before a longer text", "ERROR: Access is denied.\n" + strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 4), 0, true},
		{"endless services", "Name,StartName,State\n" + strings.Repeat("Spooler,LocalSystem,Running\n", 400_000), 0, true},
		{"long lists of services", strings.Repeat("\nName,StartName,State\n"+strings.Repeat("Spooler,LocalSystem,Running\n", 4_000)+"ADSync,x,Running\n", 10), 10, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &counted{Reader: *strings.NewReader(tt.text)}
			f, err := collected.Parse(context.Background(), r, int64(len(tt.text)), collected.Config{})
			if f == nil {
				f = &collected.File{}
			}
			if len(f.Services) != tt.services || len(f.Notes) > 0 {
				t.Errorf("%d services, notes %+v", len(f.Services), f.Notes)
			}
			var format *collected.FormatError
			told := errors.As(err, &format) && format.Read > 0 ||
				slices.ContainsFunc(f.Warnings, func(w collected.Warning) bool { return strings.Contains(w.Message, "nothing of use") })
			if told != tt.cut || tt.cut && r.n > 4<<20 {
				t.Errorf("%d of %d bytes were read, warnings %+v, error %v", r.n, len(tt.text), f.Warnings, err)
			}
		})
	}
}
