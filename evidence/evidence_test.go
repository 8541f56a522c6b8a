package evidence_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

func TestSource(t *testing.T) {
	s := evidence.Source("upload/case.zip").Member("SYNC01/System.evtx")
	if s != "upload/case.zip!/SYNC01/System.evtx" || s.Base() != "System.evtx" {
		t.Errorf("source %q, base %q", s, s.Base())
	}
	for in, want := range map[evidence.Source]string{"": "", "a": "a", `C:\logs\a.evtx`: "a.evtx", "a/": ""} {
		if got := in.Base(); got != want {
			t.Errorf("%q: base %q, want %q", in, got, want)
		}
	}
}

func TestIsEvent(t *testing.T) {
	for _, tt := range []struct {
		l    evidence.Location
		want bool
	}{
		{evidence.Location{Channel: "System"}, true},
		{evidence.Location{Record: 7}, true},
		{evidence.Location{Source: "r.htm", Row: 4, Line: 20}, false},
		{evidence.Location{}, false},
	} {
		if got := tt.l.IsEvent(); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.l, got, tt.want)
		}
	}
}

// TestSort: reports come before events, events in order of time and record, and what is said
// twice of one place stands once.
func TestSort(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 12, 7, 0, time.UTC)
	event := func(record uint64, after time.Duration, role string) evidence.Item {
		return evidence.Item{Role: role, Location: evidence.Location{Source: "s.evtx", Record: record}, Time: at.Add(after)}
	}
	row := evidence.Item{Role: "winning GPO", Location: evidence.Location{Source: "r.htm", Row: 4}}
	got := evidence.Sort([]evidence.Item{event(9, time.Second, "b"), event(8, 0, "b"), row, event(7, 0, "c"), event(8, 0, "b"), event(8, 0, "a")})
	want := []evidence.Item{row, event(7, 0, "c"), event(8, 0, "a"), event(8, 0, "b"), event(9, time.Second, "b")}
	if !slices.EqualFunc(got, want, func(a, b evidence.Item) bool { return evidence.Compare(a, b) == 0 }) {
		t.Errorf("got %+v", got)
	}
}
