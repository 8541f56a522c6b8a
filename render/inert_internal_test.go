package render

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzEscapePlain holds that text which escape takes as it is would come out the same one
// character at a time.
func FuzzEscapePlain(f *testing.F) {
	for _, s := range []string{"", "plain", " a", "a ", "a  b", "a\tb", "a\r\n b", "é", "a\x1b[0m", "\u202ea", "a\u0301\u0301", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, space := range []int{keepSpace, plainSpace, foldSpace} {
			text := s
			if space == foldSpace {
				text = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\n\r", r) }), " ")
			}
			var e escaper
			for i := 0; i < len(text); {
				r, size := utf8.DecodeRuneInString(text[i:])
				e.add(r, text[i:i+size], r == ' ' && space == keepSpace && (i == 0 || i == len(text)-1 || text[i-1] == ' '))
				i += size
			}
			got := escape(s, math.MaxInt, space)
			if string(got) != e.out.String() {
				t.Errorf("space %d: escape(%q) = %q, one by one %q", space, s, got, e.out.String())
			}
			if cells(got) != e.cells {
				t.Errorf("escape(%q) has %d cells, counted %d", s, cells(got), e.cells)
			}
		}
	})
}
