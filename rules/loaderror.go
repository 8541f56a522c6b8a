package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// LoadError is one mistake in a rule file.
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

// excerpt returns the part of the line to show, and the column in it.
func (e *LoadError) excerpt() (line string, column int) {
	text := []rune(strings.TrimRight(e.LineText, " \t"))
	if len(text) <= maxLineShown {
		return string(text), e.Column
	}
	from := max(0, min(e.Column-1-maxLineShown/2, len(text)-maxLineShown))
	to := from + maxLineShown
	line, column = string(text[from:to]), e.Column-from
	if from > 0 {
		line, column = "…"+line, column+1
	}
	if to < len(text) {
		line += "…"
	}
	return line, column
}

// indent returns what shifts the caret below its column: tabs stay tabs, so that the
// caret stands right whatever the width of a tab.
func indent(line string, column int) string {
	var b strings.Builder
	for _, r := range line {
		if column--; column < 1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// joinLoadErrors sorts the errors by place, drops repetitions, and joins them; nil for
// none.
func joinLoadErrors(errs []*LoadError) error {
	slices.SortStableFunc(errs, func(a, b *LoadError) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	errs = slices.CompactFunc(errs, func(a, b *LoadError) bool { return *a == *b })
	joined := make([]error, len(errs))
	for i, e := range errs {
		joined[i] = e
	}
	return errors.Join(joined...)
}
