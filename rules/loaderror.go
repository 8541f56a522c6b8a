package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// LoadError is one mistake in a rule file, or one warning of [Lint].
type LoadError struct {
	// File is the path of the file in its file system.
	File string
	// Line and Column tell where the mistake is, both from 1; Column counts characters.
	// Both are 0 where the mistake is the file's as a whole.
	Line, Column int
	// LineText is that line, without its line break.
	LineText string
	Message  string
}

// maxLineShown is how much of a line Error shows, in characters.
const maxLineShown = 120

// Error returns the place and the message, followed by the line and a caret under the
// column on lines of their own. Of a very long line it shows the part around the column.
func (e *LoadError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	line, column := e.excerpt()
	if line == "" {
		return s
	}
	return s + "\n\t" + line + "\n\t" + indent(line, column) + "^"
}

// Compare orders errors by their place; it is negative when e stands before other.
func (e *LoadError) Compare(other *LoadError) int {
	return cmp.Or(cmp.Compare(e.File, other.File), cmp.Compare(e.Line, other.Line), cmp.Compare(e.Column, other.Column))
}

// excerpt returns the part of the line to show, and the column in it.
func (e *LoadError) excerpt() (line string, column int) {
	text := strings.TrimRight(e.LineText, " \t")
	size := utf8.RuneCountInString(text)
	if size <= maxLineShown {
		return strings.Map(shown, text), e.Column
	}
	from := max(0, min(e.Column-1-maxLineShown/2, size-maxLineShown))
	to := from + maxLineShown
	text = text[byteOffset(text, from+1):]
	line, column = strings.Map(shown, text[:byteOffset(text, maxLineShown+1)]), e.Column-from
	if from > 0 {
		line, column = "…"+line, column+1
	}
	if to < size {
		line += "…"
	}
	return line, column
}

// shown replaces what has no shape of its own, or moves the cursor, by a character that can
// be seen, so that a line can be printed and the caret stands right.
func shown(r rune) rune {
	if r == '\t' || unicode.IsGraphic(r) {
		return r
	}
	return unicode.ReplacementChar
}

// indent returns what shifts the caret below its column: tabs stay tabs, wide characters
// become a wide space and marks nothing, so that the caret stands right whatever the width
// of a tab.
func indent(line string, column int) string {
	var b strings.Builder
	for _, r := range line {
		if column--; column < 1 {
			break
		}
		switch {
		case r == '\t':
			b.WriteRune('\t')
		case unicode.In(r, unicode.Mn, unicode.Me):
		case isWide(r):
			b.WriteRune('\u3000')
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// isWide reports whether a terminal gives a character two cells.
func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// sortLoadErrors sorts the errors by place and drops repetitions.
func sortLoadErrors(errs []*LoadError) []*LoadError {
	slices.SortStableFunc(errs, (*LoadError).Compare)
	return slices.CompactFunc(errs, func(a, b *LoadError) bool { return *a == *b })
}

// joinLoadErrors sorts the errors by place, drops repetitions, and joins them; nil for
// none.
func joinLoadErrors(errs []*LoadError) error {
	errs = sortLoadErrors(errs)
	joined := make([]error, len(errs))
	for i, e := range errs {
		joined[i] = e
	}
	return errors.Join(joined...)
}
