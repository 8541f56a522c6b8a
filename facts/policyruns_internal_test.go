package facts

import (
	"fmt"
	"testing"
	"time"
)

// TestUnchangedByComparesOnce: the lists of two runs are compared when the runs are found, and
// not again for each event 1502 of the second.
func TestUnchangedByComparesOnce(t *testing.T) {
	begin := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, newer := range []int{0, 1} {
		var events []Event
		for run := range 2 {
			list := make([]ListedGPO, 100)
			for i := range list {
				list[i] = ListedGPO{GPO: GPO{Name: fmt.Sprint(i), GUID: fmt.Sprint(i)}, Version: uint32(3 + newer*run)}
			}
			for i, id := range []int{4006, 5312, 8006} {
				events = append(events, Event{
					Time: begin.Add(time.Duration(10*run+i) * time.Minute), Channel: policyLog, Provider: groupPolicy, ID: id,
					ActivityID: fmt.Sprint(run), Fields: []Field{{"IsMachine", "1"}, {"ErrorCode", "0"}}, GPOs: list,
				})
			}
		}
		var p Policy
		p.findRuns(events)
		again := Event{Channel: systemLog, Provider: groupPolicy, ID: 1502, ActivityID: "1"}
		if got := p.unchangedBy(again); got != (newer == 0) {
			t.Errorf("versions higher by %d: unchanged %v", newer, got)
		}
		if n := testing.AllocsPerRun(10, func() { p.unchangedBy(again) }); n > 0 {
			t.Errorf("%.0f allocations for one event", n)
		}
	}
}
