package facts_test

import (
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/facts"
)

func TestWindowEarlier(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	w := facts.Window{From: at, To: at.Add(time.Minute)}
	if got := w.Earlier(time.Hour); got != (facts.Window{From: at.Add(-time.Hour), To: w.To}) {
		t.Errorf("window %v", got)
	}
	if got := (facts.Window{}).Earlier(time.Hour); !got.Empty() {
		t.Errorf("an empty window became %v", got)
	}
}
