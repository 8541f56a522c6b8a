package gpreport

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

//go:embed rightnames.txt
var rightNamesText string

//go:embed labels.txt
var labelsText string

// word is what a text stands for, in one language, and where that is known from.
type word struct {
	key, lang string
	origin    Origin
}

// vocabulary finds the keys of texts and the texts of keys.
type vocabulary struct {
	words map[string][]word // by normalised text
	texts map[string]string // the first text of each key, in English if there is one
	keys  map[string]string // by key in lower case
	// inPrint has the words of which Windows printed a text.
	inPrint map[word]bool
}

var (
	rightNames = sync.OnceValue(func() *vocabulary { return parseVocabulary(rightNamesText) })
	labels     = sync.OnceValue(func() *vocabulary { return parseVocabulary(labelsText) })
)

// parseVocabulary reads the embedded tables: a key on a line of its own, then
// lines of tab, language, tab, origin, tab, text; "#" starts a comment.
func parseVocabulary(table string) *vocabulary {
	v := &vocabulary{
		words: make(map[string][]word),
		texts: make(map[string]string),
		keys:  make(map[string]string),

		inPrint: make(map[word]bool),
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
			lang, rest, _ := strings.Cut(entry, "\t")
			origin, text, _ := strings.Cut(rest, "\t")
			n := normalize(text)
			w := word{key, lang, Origin(origin)}
			v.words[n] = append(v.words[n], w)
			v.inPrint[w] = w.origin == Printed
			if _, ok := v.texts[key]; !ok {
				v.texts[key] = text
			}
		}
	}
	return v
}

// find returns what text stands for.
func (v *vocabulary) find(text string) []word {
	var buf [64]byte // on the stack: most texts that are looked up are short, in ASCII, and no words
	if n, ok := appendNormalized(buf[:0], text); ok {
		return v.words[string(n)]
	}
	return v.words[normalize(text)]
}

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

// meaning returns the only key for which text stands, and the surest origin that says so. A
// text that stands for several keys, if in different languages, means none of them.
func (v *vocabulary) meaning(text string) (key string, origin Origin) {
	for _, w := range v.find(text) {
		switch {
		case key != "" && w.key != key:
			return "", ""
		case origin == "" || surer(w.origin, origin):
			key, origin = w.key, w.origin
		}
	}
	return key, origin
}

// origins are the origins of texts, the surest first.
var origins = []Origin{Printed, Documented, Translated}

// surer reports whether a is a surer origin than b.
func surer(a, b Origin) bool { return slices.Index(origins, a) < slices.Index(origins, b) }

// printed reports whether Windows printed a text for key in a language.
func (v *vocabulary) printed(key, lang string) bool { return v.inPrint[word{key, lang, Printed}] }

// startsWith reports whether text starts with the first words for key.
func (v *vocabulary) startsWith(text, key string) bool {
	text = text[:min(len(text), 256)]
	return strings.HasPrefix(normalize(text), normalize(v.texts[key]))
}

// contains reports whether one of the words for key stands in a text.
func (v *vocabulary) contains(text, key string) bool {
	text = normalize(text[:min(len(text), 512)])
	for words, list := range v.words {
		if slices.ContainsFunc(list, func(w word) bool { return w.key == key }) && strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// normalize makes texts equal that differ in case, in the kind of spaces, dashes,
// apostrophes and widths, or by invisible marks: of direction and of places where a word may
// be divided. A colon at the end, with or without the space before it that French wants, does
// not count.
func normalize(s string) string {
	if n, ok := appendNormalized(nil, s); ok {
		return string(n)
	}
	s = strings.Map(plainRune, s) // before NFKC, which takes some apart
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.TrimRight(strings.Join(strings.Fields(s), " "), ": ")
}

// appendNormalized appends what normalize makes of a text in ASCII; it reports false for any
// other.
func appendNormalized(dst []byte, s string) ([]byte, bool) {
	space := false // in front of the next character
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return nil, false
		case c == ' ' || '\t' <= c && c <= '\r':
			space = len(dst) > 0
			continue
		case c == '`':
			c = '\''
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if space {
			dst = append(dst, ' ')
			space = false
		}
		dst = append(dst, c)
	}
	return bytes.TrimRight(dst, ": "), true
}

// plainRune returns the plain form of a character, -1 for one that nobody sees.
func plainRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf && r != '`':
		return r
	case strings.ContainsRune("’‘‛ʼ´`′", r):
		return '\''
	case unicode.Is(unicode.Pd, r) || r == '\u2212': // the last is the minus sign
		return '-'
	case r == 'İ' || r == 'ı': // the Turkish pairs are I and ı, İ and i
		return 'i'
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
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
// of spaces, dashes and apostrophes and the widths of characters do not matter. A
// name that means different rights in different languages is not recognised.
func LookupRight(display string) (constant string, ok bool) {
	constant, _ = rightNames().meaning(display)
	return constant, constant != ""
}
