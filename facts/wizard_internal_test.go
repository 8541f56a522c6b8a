package facts

import (
	"regexp"
	"strings"
	"testing"
)

var hole = regexp.MustCompile(`\{\d\}`)

// TestWizardMessages: every message is found with its holes filled, by its own name, at the
// beginning of a line, and only there.
func TestWizardMessages(t *testing.T) {
	if len(wizardMessages()) != 33 {
		t.Fatalf("%d messages", len(wizardMessages()))
	}
	for _, m := range wizardMessages() {
		full := hole.ReplaceAllString(m.text, `CONTOSO\O'Brien 0x5`)
		for _, text := range []string{full, "Error\r\n  " + strings.ToUpper(full) + "\r\nmore", strings.ReplaceAll(full, " ", "  ")} {
			if got := findWizardMessage(text); got == nil || got.name != m.name {
				t.Errorf("%s: %q is %v", m.name, text, got)
			}
		}
		if got := findWizardMessage("An error said: " + full); got != nil {
			t.Errorf("%s: a quotation is %v", m.name, got.name)
		}
		if m.advice == "" || strings.Contains(m.text, m.advice) {
			t.Errorf("%s: advice %q", m.name, m.advice)
		}
	}
	for _, text := range []string{
		"", "'", "''", "Account name:'", "Account name:'' could not be found. Error Code:5", "User '' is not a member",
		"Der Computer ist kein Mitglied einer Domäne.", "The computer is joined to a domain.", "PowerShell",
	} {
		if got := findWizardMessage(text); got != nil {
			t.Errorf("%q is %s", text, got.name)
		}
	}
}
