package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestEventsProcessors prints a log of many chunks, some of them damaged, with one processor and
// with several: what is printed and told is the same.
func TestEventsProcessors(t *testing.T) {
	path := writeLog(t, 3000)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{100, 150_000, 333_333, 400_000, 401_000, len(b) - 70_000} {
		b[at] ^= 0x55
	}
	if err := os.WriteFile(path, b[:len(b)-5000], 0o644); err != nil {
		t.Fatal(err)
	}
	output := func(processors int, args []string) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var out, errs bytes.Buffer
		code := run(context.Background(), append([]string{"events", path}, args...), stdio{out: &out, err: &errs})
		return fmt.Sprint(code, "\n", out.String(), errs.String())
	}
	tests := [][]string{
		{"--stats"},
		{"--stats", "--recover=all", "--format", "json"},
		{"--limit", "700"},
		{"--tail", "700"},
		{"--merge", "--format", "xml"},
		{"--record", "500-2500", "--recover=none"},
	}
	for _, format := range eventFormats {
		tests = append(tests, []string{"--format", format}, []string{"--format", format, "--recover=all"})
	}
	for _, args := range tests {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			want := output(1, args)
			if len(want) < 500 {
				t.Errorf("output %q", want)
			}
			if got := output(4, args); got != want {
				t.Errorf("%d bytes with four processors, %d with one; stderr and end %q, want %q", len(got), len(want),
					got[max(0, len(got)-300):], want[max(0, len(want)-300):])
			}
		})
	}
}
