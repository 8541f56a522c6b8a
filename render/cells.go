package render

import (
	"unicode"

	"golang.org/x/text/width"
)

// runeCells returns how many cells of a terminal r takes. Characters of ambiguous
// width count one, which is what terminals do outside East Asian locales.
func runeCells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1160 && r <= 0x11ff, r >= 0xd7b0 && r <= 0xd7ff:
		return 0 // vowels and finals of Hangul, drawn into the leading consonant
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cells returns how many cells s takes.
func cells(s inert) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}
