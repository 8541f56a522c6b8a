package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
)

func TestTimings(t *testing.T) {
	var took timings
	for _, one := range []analyzer.Timing{
		{Part: analyzer.Reading, Name: "b.evtx\x1b[2J", Took: 2 * time.Millisecond},
		{Part: analyzer.Reading, Name: "a.htm", Took: 31 * time.Millisecond},
		{Part: analyzer.Reading, Name: "notes.txt", Took: time.Microsecond},
		{Part: analyzer.Facts, Took: 400 * time.Microsecond},
		{Part: analyzer.Judging, Name: "fast", Host: "A", Took: 10 * time.Microsecond},
		{Part: analyzer.Judging, Name: "slow", Host: "A", Took: 2 * time.Millisecond},
		{Part: analyzer.Judging, Name: "slow", Host: "B", Took: 3 * time.Millisecond},
	} {
		took.add(one)
	}
	var b bytes.Buffer
	took.print(&b)
	want := `   2.00 ms  reading b.evtx\x1b[2J
  31.00 ms  reading a.htm
   0.40 ms  facts 
   5.00 ms  rule slow
   0.01 ms  rule fast
  38.41 ms  in all
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
