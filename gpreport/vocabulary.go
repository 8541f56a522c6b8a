package gpreport

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

//go:embed rightnames.txt
var rightNamesText string

//go:embed labels.txt
var labelsText string

// word is what a text stands for, in one language.
type word struct{ key, lang string }

// vocabulary finds the keys of texts and the texts of keys.
type vocabulary struct {
	words map[string][]word // by normalised text
	texts map[string]string // the first text of each key, in English if there is one
	keys  map[string]string // by key in lower case
}

var (
	rightNames = sync.OnceValue(func() *vocabulary { return parseVocabulary(rightNamesText) })
	labels     = sync.OnceValue(func() *vocabulary { return parseVocabulary(labelsText) })
)

// parseVocabulary reads the embedded tables: a key on a line of its own, then
// lines of tab, language, tab, text; "#" starts a comment.
func parseVocabulary(table string) *vocabulary {
	v := &vocabulary{
		words: make(map[string][]word),
		texts: make(map[string]string),
		keys:  make(map[string]string),
	}
	key := ""
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\r\n")
		entry, isEntry := strings.CutPrefix(line, "\t")
		switch {
		case line == "" || line[0] == '#':
		case !isEntry:
			key = line
			v.keys[strings.ToLower(key)] = key
		default:
			lang, text, _ := strings.Cut(entry, "\t")
			n := normalize(text)
			v.words[n] = append(v.words[n], word{key, lang})
			if _, ok := v.texts[key]; !ok {
				v.texts[key] = text
			}
		}
	}
	return v
}

// find returns what text stands for.
func (v *vocabulary) find(text string) []word { return v.words[normalize(text)] }

// is reports whether text stands for key in any language.
func (v *vocabulary) is(text, key string) bool {
	return v.oneOf(text, []string{key}) == 0
}

// oneOf returns the index of the first of keys for which text stands, or -1.
func (v *vocabulary) oneOf(text string, keys []string) int {
	words := v.find(text)
	return slices.IndexFunc(keys, func(key string) bool {
		return slices.ContainsFunc(words, func(w word) bool { return w.key == key })
	})
}

// startsWith reports whether text starts with the first words for key.
func (v *vocabulary) startsWith(text, key string) bool {
	text = text[:min(len(text), 256)]
	return strings.HasPrefix(normalize(text), normalize(v.texts[key]))
}

// normalize makes texts equal that differ in case, in the kind of spaces,
// apostrophes and widths, or by marks of direction. A colon at the end, with or
// without the space before it that French wants, does not count.
func normalize(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("’‘ʼ´`", r): // before NFKC, which takes some apart
			return '\''
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.TrimRight(strings.Join(strings.Fields(s), " "), ": ")
}

// RightName returns the English display name of a user right, in the words of
// the reports, such as "Log on as a service" for SeServiceLogonRight; "" if the
// constant is not known. Case does not matter.
func RightName(constant string) string {
	v := rightNames()
	return v.texts[v.keys[strings.ToLower(constant)]]
}

// canonicalRight returns the spelling of a user right's constant that is built
// in, for any case; ok is false if the constant is not known.
func canonicalRight(constant string) (canonical string, ok bool) {
	canonical, ok = rightNames().keys[strings.ToLower(constant)]
	return canonical, ok
}

// LookupRight returns the constant of a user right, such as SeServiceLogonRight,
// by its display name in any of the languages that are built in. Case, the kind
// of spaces and apostrophes and the widths of characters do not matter.
func LookupRight(display string) (constant string, ok bool) {
	found := rightNames().find(display)
	if len(found) == 0 {
		return "", false
	}
	return found[0].key, true
}
