package sid

import (
	"slices"
	"strings"
	"testing"
)

// The table is data: a slip in it would accuse or acquit the wrong account.
func TestNamesTable(t *testing.T) {
	languages := []string{"en", "de", "es", "fr", "it", "pt-BR", "pt-PT", "nl", "sv", "da", "nb", "fi", "pl", "hu", "tr", "ru", "zh-CN"}
	meaning := make(map[string]SID)
	rows := make(map[string]bool)
	for line := range dataLines(namesText) {
		f := strings.Split(line, "\t")
		if len(f) != 4 || rows[line] {
			t.Fatalf("%q: want four columns, once", line)
		}
		rows[line] = true
		s, err := Parse(f[0])
		if err != nil || string(s) != f[0] {
			t.Errorf("%q: %v, canonical form %q", line, err, s)
		}
		if !slices.Contains(languages, f[1]) || !slices.Contains([]string{"report", "docs", "general"}, f[2]) {
			t.Errorf("%q: unknown language or source", line)
		}
		if Name(s) == "" {
			t.Errorf("%q: no English name", line)
		}
		authority, account := splitName(f[3])
		if authority != "" && table().authority[fold(authority)] == "" {
			t.Errorf("%q: unknown authority", line)
		}
		key := fold(account)
		if other, ok := meaning[key]; ok && other != s {
			t.Errorf("%q: the name is also that of %s", line, other)
		}
		meaning[key] = s
		if got, ok := Lookup(f[3]); !ok || got != s {
			t.Errorf("Lookup(%q) = %q, want %q", f[3], got, s)
		}
	}
}

func TestServicesTable(t *testing.T) {
	seen := make(map[SID]bool)
	for name := range dataLines(servicesText) {
		s := Service(name)
		if seen[s] {
			t.Errorf("%q stands there twice", name)
		}
		seen[s] = true
		if got, ok := Lookup(`NT SERVICE\` + name); !ok || got != s {
			t.Errorf("Lookup does not find the service %q", name)
		}
	}
}
