package render

import (
	"strings"
	"unicode/utf8"
)

// wrap breaks text into lines: the first of at most first cells, the others of at most
// rest. Lines break at spaces, beside wide characters and, in words that are too long
// for a line, after separators or where the line ends. Text in backquotes stays whole,
// even if it is longer than a line.
func wrap(text inert, first, rest int) []inert {
	first, rest = max(first, 1), max(rest, 1)
	var lines []inert
	var line strings.Builder
	used, limit := 0, first
	flush := func() {
		lines = append(lines, inert(line.String()))
		line.Reset()
		used, limit = 0, rest
	}
	for _, a := range atoms(text) {
		gap := 0
		if a.spaced && used > 0 {
			gap = 1
		}
		n := cells(a.text)
		if used > 0 && used+gap+n > limit && (a.whole || n <= rest || !breaksBefore(a.text, limit-used-gap)) {
			flush()
			gap = 0
		}
		if gap == 1 {
			line.WriteByte(' ')
			used++
		}
		for !a.whole && used+n > limit {
			i, _ := breakAt(a.text, limit-used)
			line.WriteString(string(a.text[:i]))
			flush()
			a.text = a.text[i:]
			n = cells(a.text)
		}
		line.WriteString(string(a.text))
		used += n
	}
	if used > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// atom is a piece of text that a line break does not fall into if it can be helped.
type atom struct {
	text   inert
	spaced bool // a space stands before it
	whole  bool // it may never be broken
}

// atoms splits text into words, wide characters and quoted commands.
func atoms(text inert) []atom {
	var out []atom
	quotes := strings.Count(string(text), "`")%2 == 0
	spaced := false
	for s := string(text); s != ""; {
		if s[0] == ' ' {
			spaced, s = true, s[1:]
			continue
		}
		n, whole := word(s, quotes)
		out = append(out, atom{inert(s[:n]), spaced, whole})
		spaced, s = false, s[n:]
	}
	return out
}

// word returns the length of the atom that s begins with.
func word(s string, quotes bool) (n int, whole bool) {
	for i, r := range s {
		switch {
		case r == ' ':
			return i, whole
		case quotes && r == '`' && !whole:
			end := strings.IndexByte(s[i+1:], '`')
			if end < 0 {
				continue // its partner belongs to the atom before
			}
			end += i + 2
			n, _ := word(s[end:], false)
			return end + n, true
		case runeCells(r) == 2:
			if i > 0 {
				return i, whole
			}
			// Marks stay with the character that they sit on.
			n := utf8.RuneLen(r)
			for _, m := range s[n:] {
				if runeCells(m) != 0 {
					break
				}
				n += utf8.RuneLen(m)
			}
			return n, false
		}
	}
	return len(s), whole
}

// breaksBefore reports whether a word that is too long for a line can well begin on one
// that has limit cells left.
func breaksBefore(text inert, limit int) bool {
	_, soft := breakAt(text, limit)
	return soft
}

// breakAt returns where to break a word so that the part before takes at most limit
// cells, and at least one character: after a separator if there is one, which soft tells.
func breakAt(text inert, limit int) (at int, soft bool) {
	used, hard := 0, 0
	for i, r := range text {
		c := runeCells(r)
		if i > 0 && c > 0 { // marks stay with the character that they sit on
			if hard > 0 && used > limit {
				break
			}
			hard = i
			if separates(string(text), i) && used <= limit {
				at, soft = i, true
			}
		}
		used += c
		if hard > 0 && used > limit {
			break
		}
	}
	switch {
	case soft:
		return at, true
	case hard > 0:
		return hard, false
	}
	return len(text), false
}

// separates reports whether s may be broken before its byte i without tearing a word
// or an escape apart.
func separates(s string, i int) bool {
	switch s[i-1] {
	case '/', '-', ',', ';', '!', '|', '=', '.', ':', '>':
		return true
	case '\\':
		return s[i] != 'x'
	}
	return s[i] == '<' || strings.HasPrefix(s[i:], `\x`)
}

// fit cuts text to one line of at most limit cells.
func fit(text inert, limit int) inert {
	if cells(text) <= limit {
		return text
	}
	used, cut := 0, 0
	for i, r := range text {
		c := runeCells(r)
		if used+c > limit-1 {
			cut = i
			break
		}
		used += c
	}
	return inert(strings.TrimRight(string(text[:cut]), " ")) + "…"
}
