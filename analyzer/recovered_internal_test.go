package analyzer

import (
	"testing"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// TestOnlyRecovered: a finding is not certain if all its events come from damaged chunks.
func TestOnlyRecovered(t *testing.T) {
	report := evidence.Item{Location: evidence.Location{Source: "gpresult.htm", Row: 1}}
	event := func(recovered string) evidence.Item {
		return evidence.Item{Location: evidence.Location{Source: "System.evtx", Channel: "System", Record: 7, Recovered: recovered}}
	}
	for _, tt := range []struct {
		name  string
		items []evidence.Item
		want  facts.Confidence
	}{
		{"intact", []evidence.Item{report, event("")}, facts.Certain},
		{"one intact", []evidence.Item{event("damaged chunk"), event("")}, facts.Certain},
		{"recovered", []evidence.Item{report, event("damaged chunk")}, facts.Probable},
		{"no event", []evidence.Item{report}, facts.Certain},
	} {
		o := rules.Outcome{Rule: &rules.Rule{ID: "x"}, Finding: &rules.Finding{Confidence: facts.Certain}}
		if got := newFinding(&facts.Host{}, o, tt.items).Confidence; got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
