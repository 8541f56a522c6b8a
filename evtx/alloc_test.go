package evtx_test

import (
	"testing"
)

// TestPrintingAllocations prints ordinary events into a buffer that is large enough.
func TestPrintingAllocations(t *testing.T) {
	events, errs, _ := readAll(t, logBytes(t, serverLog(30)), nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	seen := map[uint16]bool{}
	buf := make([]byte, 0, 1<<16)
	for _, ev := range events {
		if seen[ev.EventID] {
			continue
		}
		seen[ev.EventID] = true
		for name, print := range map[string]func([]byte) ([]byte, error){"AppendXML": ev.AppendXML, "AppendJSON": ev.AppendJSON} {
			n := testing.AllocsPerRun(100, func() {
				if _, err := print(buf); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("event %d: %s allocates %v times", ev.EventID, name, n)
			}
		}
	}
	if !seen[6013] || !seen[1500] || !seen[7036] {
		t.Errorf("events %v", seen)
	}
}
