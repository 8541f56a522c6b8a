package render_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
)

// withSuppressed returns a result with its first findings suppressed.
func withSuppressed(r *analyzer.Result, n int, reason string) *analyzer.Result {
	h := &r.Hosts[0]
	h.Findings = slices.Clone(h.Findings)
	for i := range n {
		h.Findings[i].Suppressed = &analyzer.Suppressed{Reason: reason, Until: "2026-11-30"}
	}
	return r
}

func TestTextSuppressed(t *testing.T) {
	const reason = "the GPO is changed in the night of 28 November (change 4711)"
	golden(t, "suppressed.golden", text(t, withSuppressed(omitted(), 1, reason), render.TextOptions{}))
	golden(t, "suppressed-verbose.golden", text(t, withSuppressed(omitted(), 1, reason), render.TextOptions{Verbose: true}))
	many := text(t, withSuppressed(manyFindings(), 2, reason), render.TextOptions{})
	for _, want := range []string{", 2 suppressed\n", "\nsuppressed\n", "    suppressed until 2026-11-30 because the GPO is changed"} {
		if !strings.Contains(many, want) {
			t.Errorf("%q is missing:\n%s", want, many)
		}
	}
}

func TestTextSuppressedHostile(t *testing.T) {
	got := text(t, withSuppressed(omitted(), 1, "\x1b[2J\u202e\ncritical: forged"), render.TextOptions{})
	if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "\ncritical: forged") {
		t.Errorf("the reason acts:\n%q", got)
	}
}
