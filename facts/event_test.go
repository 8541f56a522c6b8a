package facts_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/sid"
)

// TestManyEvents: a flood of one kind of event does not change what is said of the others,
// nor since when the service fails.
func TestManyEvents(t *testing.T) {
	in := refused(virtual)
	for i := range 500 {
		in.scm(1+float64(i)/60, 7041, "ADSync", virtual)
		in.event(float64(i)/60, "Security", "Microsoft-Windows-Security-Auditing", 4624,
			facts.Field{Name: "TargetUserSid", Value: "S-1-5-21-1-2-3-1105"}, facts.Field{Name: "LogonType", Value: "5"})
	}
	c := facts.NewCollector(facts.Config{MaxEvents: 20})
	for _, e := range in.events {
		c.AddEvent(e)
	}
	h := c.Hosts()[0]
	if h.Service.State != facts.Failing || !h.Service.Since.Equal(t0) || h.Account.Name != virtual {
		t.Errorf("%s since %s as %s", h.Service.State, h.Service.Since, h.Account.Name)
	}
	if !strings.Contains(h.Service.Reasons[0].Code, "events-dropped") {
		t.Errorf("reasons %v do not tell of the dropped events", h.Service.Reasons)
	}
}

func TestExcerptIsShort(t *testing.T) {
	e := facts.Event{Provider: "P", ID: 1, Fields: []facts.Field{{Name: "x", Value: strings.Repeat("ä", 5000)}}}
	if s := e.Excerpt(); len(s) > 500 || !strings.HasSuffix(s, "…") {
		t.Errorf("an excerpt of %d bytes", len(s))
	}
}

func TestEventSIDIsOne(t *testing.T) {
	for text, want := range map[string]sid.SID{
		"S-1-5-21-1-2-3-1105":          "S-1-5-21-1-2-3-1105",
		"S-1-0-0":                      "", // nobody
		"S-1-5-21-1-2-3' -or calc; '1": "",
		"-":                            "",
		"":                             "",
	} {
		e := facts.Event{Fields: []facts.Field{{Name: "TargetSid", Value: text}}}
		if got := e.SID("TargetSid"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
