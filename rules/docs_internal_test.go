package rules

import (
	"os"
	"strings"
	"testing"
)

// TestFactsAreDocumented: the guide and the reference name every fact that a rule can read.
func TestFactsAreDocumented(t *testing.T) {
	for file, quote := range map[string]string{"../docs/writing-rules.md": "`", "doc.go": "", "rule.go": ""} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list := section(string(text), map[string]string{
			"../docs/writing-rules.md": "The facts that expressions read", "doc.go": "//   - account,", "rule.go": "// Facts names the facts",
		}[file])
		for _, fact := range factNames {
			if !strings.Contains(list, quote+fact+quote) {
				t.Errorf("%s does not name the fact %q", file, fact)
			}
		}
	}
}

// section returns the five lines from the one that has a text on.
func section(text, from string) string {
	i := strings.Index(text, from)
	if i < 0 {
		return ""
	}
	lines := strings.SplitN(text[i:], "\n", 6)
	return strings.Join(lines[:min(len(lines), 5)], "\n")
}
