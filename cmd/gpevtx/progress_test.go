package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
)

func TestProgressLine(t *testing.T) {
	var out bytes.Buffer
	now := time.Now()
	l := &progressLine{w: &out, now: func() time.Time { return now }, width: 40}
	l.clear()
	if out.Len() > 0 {
		t.Errorf("nothing to clear, and %q is printed", out.String())
	}
	for i := range 1000 { // a second, in steps of a millisecond
		l.show(analyzer.Progress{Source: "case.zip!/a\x1b[2J" + strings.Repeat("x", 100), Done: int64(i), Total: 2000})
		now = now.Add(time.Millisecond)
	}
	updates := strings.Split(out.String(), "\r\x1b[K")[1:]
	if len(updates) != 10 {
		t.Errorf("%d updates in a second, want 10", len(updates))
	}
	for _, u := range updates {
		if strings.ContainsAny(u, "\r\n\x1b") || len([]rune(u)) > 40 || !strings.Contains(u, `% of 0.0 MB  case.zip!/a\x1b[2J`) {
			t.Errorf("update %q", u)
		}
	}
	out.Reset()
	l.show(analyzer.Progress{Done: 2000, Total: 2000})
	l.clear()
	if out.String() != "\r\x1b[K" {
		t.Errorf("the end prints %q, want the line cleared once", out.String())
	}
	none := newProgressLine(&out)
	out.Reset()
	none.say("x")
	none.clear()
	if out.Len() > 0 {
		t.Errorf("%q is printed without a terminal", out.String())
	}
}
