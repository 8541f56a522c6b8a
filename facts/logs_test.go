package facts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
)

// TestCoverOfLogs asks whether System logs prove that nothing happened between 10:00 and 14:00. Each
// stream covers some hours of the day; what is damaged, unknown or missing proves nothing.
func TestCoverOfLogs(t *testing.T) {
	hour := func(h int) time.Time { return time.Date(2026, 11, 20, h, 0, 0, 0, time.UTC) }
	stream := func(first, last uint64, from, to int, gaps ...evtx.Gap) evtx.Stream {
		return evtx.Stream{
			Channel: "System", Computer: server, Records: int64(last - first + 1),
			FirstID: first, LastID: last, First: hour(from), Last: hour(to), Gaps: gaps, GapCount: len(gaps),
		}
	}
	log := func(s ...evtx.Stream) evtx.Coverage { return evtx.Coverage{Streams: s, Complete: true} }
	lost := log(stream(1, 100, 8, 20))
	lost.Lost = 1
	damaged := log(stream(1, 100, 8, 20))
	damaged.Recovered = []evtx.Recovered{{Recovery: evtx.InDamagedChunk, Records: 1}}
	old := log(stream(1, 100, 8, 20))
	old.Recovered = []evtx.Recovered{{Recovery: evtx.InFreeSpace, Records: 9}, {Recovery: evtx.InDamagedFile, Records: 9}}
	cut := log(stream(1, 100, 8, 20))
	cut.Complete = false
	untimed := log(evtx.Stream{Channel: "System", Computer: server, Records: 5})
	lostBackwards := log(stream(51, 60, 13, 11))
	lostBackwards.Lost = 50
	for _, tt := range []struct {
		name string
		logs []evtx.Coverage
		want bool
	}{
		{"whole", []evtx.Coverage{log(stream(1, 100, 8, 20))}, true},
		{"begins too late", []evtx.Coverage{log(stream(1, 100, 11, 20))}, false},
		{"ends too early", []evtx.Coverage{log(stream(1, 100, 8, 12))}, false},
		{"a gap in it", []evtx.Coverage{log(stream(1, 100, 8, 20, evtx.Gap{After: 5, Before: 9, From: hour(11), To: hour(12)}))}, false},
		{"a gap beside a record without a time", []evtx.Coverage{log(stream(1, 100, 8, 20, evtx.Gap{After: 5, Before: 9, To: hour(12)}))}, false},
		{"a gap before it", []evtx.Coverage{log(stream(1, 100, 2, 20, evtx.Gap{After: 5, Before: 9, From: hour(3), To: hour(4)}))}, true},
		{"records lost", []evtx.Coverage{lost}, false},
		{"a record of a damaged chunk", []evtx.Coverage{damaged}, false},
		{"old records in free space", []evtx.Coverage{old}, true},
		{"not read to its end", []evtx.Coverage{cut}, false},
		{"two that follow each other", []evtx.Coverage{log(stream(1, 50, 8, 12)), log(stream(51, 100, 12, 20))}, true},
		{"two with records missing between", []evtx.Coverage{log(stream(1, 50, 8, 12)), log(stream(61, 100, 13, 20))}, false},
		{"an older log that was cleared", []evtx.Coverage{log(stream(5000, 5100, 2, 9)), log(stream(1, 100, 9, 20))}, true},
		{"an older log that was cleared later", []evtx.Coverage{log(stream(5000, 5100, 2, 11)), log(stream(1, 100, 13, 20))}, false},
		{"a stray record of another numbering", []evtx.Coverage{log(stream(5000, 5100, 8, 20)), log(stream(1, 1, 12, 12))}, true},
		{"no times", []evtx.Coverage{untimed}, false},
		{"no times, and one that begins too late", []evtx.Coverage{untimed, log(stream(100, 200, 11, 20))}, false},
		{"no times, and one that is whole", []evtx.Coverage{untimed, log(stream(1, 100, 8, 20))}, true},
		{"the clock set back", []evtx.Coverage{log(stream(1, 100, 20, 8))}, false},
		{
			"the clock set back where records are lost",
			[]evtx.Coverage{log(stream(1, 50, 8, 10)), lostBackwards, log(stream(61, 100, 14, 20))},
			false,
		},
		{
			"the clock set back where records are missing",
			[]evtx.Coverage{log(stream(1, 50, 8, 13)), log(stream(61, 100, 11, 20))},
			false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, order := range []int{1, -1} {
				c := facts.NewCollector(facts.Config{})
				c.AddEvent((&input{}).scm(0, 7036, "Microsoft Azure AD Sync", "running").events[0])
				for i := range tt.logs {
					k := i
					if order < 0 {
						k = len(tt.logs) - 1 - i
					}
					c.AddCoverage(evidence.Source(fmt.Sprint(k, ".evtx")), tt.logs[k])
				}
				h := c.Hosts()[0]
				if got := h.Logs.Cover("System", facts.Window{From: hour(10), To: hour(14)}); got != tt.want {
					t.Errorf("Cover = %t, want %t: %+v", got, tt.want, h.Logs)
				}
				if !h.Logs.Has("System") {
					t.Error("the channel is not there")
				}
			}
		})
	}
}
