package gpreport

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// window is the console from which text was copied: it breaks lines that are wider.
type window struct {
	// columns is its width.
	columns int
	// sure says that it is the width. Else it can be one more, and every line may have been
	// broken at a blank, which copying drops at the end of a line.
	sure bool
}

// minWidth is the narrowest window in which text is taken to be broken.
const minWidth = 40

// usualWidths are those that windows have unless somebody pulled at them.
var usualWidths = []int{80, 100, 120, 132, 140, 150, 160, 180, 200, 220, 240, 250, 256, 300}

// shallow is an indentation less than what gpresult has: lines with it begin in the first
// column, or with blanks at which a line was broken.
const shallow = 3

// windowOf finds the width of the window by the widest lines.
func windowOf(lines []textLine) window {
	w := window{}
	for _, l := range lines {
		w.columns = max(w.columns, cells(l.text))
	}
	full, short := false, false
	for i := 1; i < len(lines); i++ {
		before, l := lines[i-1], lines[i]
		if !w.continues(before, l) {
			continue
		}
		switch n := cells(before.text); {
		case n == w.columns && (before.isRule() || l.indent > 0): // no blank is missing there
			w.sure = true
		case n == w.columns:
			full = true
		case n < w.columns:
			short = true
		}
	}
	w.sure = w.sure || full && short || slices.Contains(usualWidths, w.columns)
	if !w.sure && slices.Contains(usualWidths, w.columns+1) {
		w.columns++ // the better guess, but the line may have been broken within a word
	}
	return w
}

// continues reports whether a line is the rest of the one in front of it.
func (w window) continues(before, l textLine) bool {
	switch {
	case before.blank() || l.blank() || l.indent > shallow || w.columns < minWidth:
		return false
	case before.isRule():
		return l.indent == 0 && strings.Trim(l.text, "-") == "" && cells(before.text) == w.columns
	}
	return !l.isRule() && cells(before.text) >= w.columns-1
}

// swallowed is what the edge of the window hides between two parts of a line: nothing, or the
// blank at which the line broke.
func (w window) swallowed(before, l textLine) string {
	if cells(before.text) < w.columns && !beginsWide(l.text) {
		return " "
	}
	return ""
}

func isWide(r rune) bool {
	if r < utf8.RuneSelf {
		return false
	}
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

func beginsWide(s string) bool {
	for _, r := range s {
		return isWide(r)
	}
	return false
}

// join makes one text of the lines of a headline.
func (w window) join(lines []textLine) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteString(w.swallowed(lines[i-1], l))
		}
		b.WriteString(l.text)
	}
	return b.String()
}

// unwrap joins the lines that a window broke. The rest of such a line begins in the first
// column, where within the halves of a report only headings do, and the line in front of it is
// as wide as the window. The lines before the index from stay as they are.
func (w window) unwrap(lines []textLine, from int) []textLine {
	out := slices.Clone(lines[:from])
	var joined strings.Builder
	flush := func() {
		if joined.Len() > 0 {
			last := &out[len(out)-1]
			*last = newTextLine(joined.String(), last.no)
			last.unsure = !w.sure
			joined.Reset()
		}
	}
	labels := true // up to the first heading, lines begin in the first column too
	for i := from; i < len(lines); i++ {
		l := lines[i]
		labels = labels && (!l.isRule() || i > 0 && lines[i-1].isRule())
		if i == from || !w.continues(lines[i-1], l) || labels && strings.ContainsAny(l.text, ":：?") {
			flush()
			out = append(out, l)
			continue
		}
		if lines[i-1].isRule() {
			continue // the rest of an underline
		}
		if joined.Len() == 0 {
			joined.WriteString(out[len(out)-1].text)
		}
		joined.WriteString(w.swallowed(lines[i-1], l) + l.text)
	}
	flush()
	return out
}
