package gpreport

import (
	"strings"
	"testing"

	"golang.org/x/text/language"
)

func TestVocabularies(t *testing.T) {
	for name, v := range map[string]*vocabulary{"rights": rightNames(), "labels": labels()} {
		for text, words := range v.words {
			for _, w := range words {
				if tag, err := language.Parse(w.lang); err != nil || tag.String() != w.lang {
					t.Errorf("%s: %q is no language tag", name, w.lang)
				}
				if name == "rights" && w.key != words[0].key {
					t.Errorf("%q stands for %s and %s", text, words[0].key, w.key)
				}
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: an empty text for %+v", name, words)
			}
		}
	}
	if n := len(rightNames().keys); n != 46 {
		t.Errorf("%d rights, want 46", n)
	}
	for _, key := range append(append(gpoRows[:], scopeSections[:]...), "computer-name", "user-name", "domain", "site", "organizational-unit",
		"no-domain", "no-site", "collection-error", "yes", "no", "title-results", "title-modeling", "user-rights-heading",
		"security-options-heading", "th-winning-gpo", "applied-gpos", "denied-gpos", "local-group-policy", "no-data-available") {
		if labels().texts[key] == "" {
			t.Errorf("no words for %q", key)
		}
	}
	for key := range languageLabels {
		if labels().texts[key] == "" {
			t.Errorf("no words for %q", key)
		}
	}
}
