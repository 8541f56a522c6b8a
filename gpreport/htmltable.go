package gpreport

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// tableReader reads a table whose rows are settings.
type tableReader struct {
	*settingsReader
	at      *place
	section []string
	heads   []string
	winner  bool // the last column is the winning GPO
	n       int  // the rows so far
	// last is the setting of the row before, to which details belong; 0 without one, else
	// one more than its index.
	last int
	// room is for how many settings the first one makes room.
	room int
}

func (t *tableReader) row(row *html.Node) {
	cells, header, detail := rowCells(row)
	switch {
	case len(cells) == 0:
	case header:
		t.heads = t.heads[:0]
		for _, c := range cells {
			t.heads = append(t.heads, text(c))
		}
		t.winner = t.winners && len(cells) >= 3 && t.isWinnerHead(t.heads)
	case !t.closed(row), t.doc.broken[row]:
		t.s.Incomplete = true
	case detail && t.last > 0:
		f := fieldReader{in: t.interpreter}
		f.cells(cells)
		set := &t.s.Settings[t.last-1]
		set.Details = append(set.Details, f.fields...)
		t.s.Incomplete = t.s.Incomplete || f.short
	default:
		if !detail {
			t.n++
		}
		t.setting(row, cells)
	}
}

// setting makes a setting of a row.
func (t *tableReader) setting(row *html.Node, cells []*html.Node) {
	set := Setting{Section: t.section, Name: text(cells[0]), Location: t.location(row, t.at.path, t.n)}
	set.Explain, set.Supported = explanation(cells[0])
	rest, heads := cells[1:], []string(nil)
	if len(cells) == len(t.heads) {
		heads = t.heads[1:]
		if t.winner {
			last := len(rest) - 1
			set.Winner.Name = text(rest[last])
			rest, heads = rest[:last], heads[:last]
		}
	}
	if len(heads) > 1 && !t.chargeNames(heads) {
		t.s.Incomplete = true
		return
	}
	set.Value, set.Details = t.values(heads, rest)
	t.s.Settings = append(slices.Grow(t.s.Settings, t.room), set)
	t.room = 0
	t.last = len(t.s.Settings)
}

// values makes the value of a setting of the cells behind its name: one cell, or in a report
// of a GPO the first with the comment beside it, or several with their heads.
func (t *tableReader) values(heads []string, cells []*html.Node) (value string, details []Field) {
	switch {
	case len(cells) == 0:
		return "", nil
	case len(cells) == 1:
		return text(cells[0]), nil
	case !t.winners && len(heads) == 2:
		if comment := text(cells[1]); comment != "" {
			details = []Field{{heads[1], comment}}
		}
		return text(cells[0]), details
	}
	return joinCells(heads, cells), nil
}

// joinCells writes cells as "head: value", joined by "; ".
func joinCells(heads []string, cells []*html.Node) string {
	var parts []string
	for i, c := range cells {
		v := text(c)
		switch {
		case v == "":
		case i < len(heads) && heads[i] != "":
			parts = append(parts, heads[i]+": "+v)
		default:
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, "; ")
}

// isWinnerHead reports whether the last column is the winning GPO. In a language
// whose word for it is not known from reports, it is if there are three columns.
func (in *interpreter) isWinnerHead(heads []string) bool {
	last := heads[len(heads)-1]
	return labels().is(last, "th-winning-gpo") || len(heads) == 3 && !labels().printed("th-winning-gpo", in.rep.Language)
}

// explanation returns the help text of a policy and what it is supported on, which reports
// keep in attributes. Line breaks in it are elements, once more escaped.
func explanation(cell *html.Node) (explain, supported string) {
	for c := range cell.ChildNodes() {
		if isInline(c) {
			explain, supported = attr(c, descriptionAttr), attr(c, supportedAttr)
			if explain != "" || supported != "" {
				explain = html.UnescapeString(strings.ReplaceAll(explain, "<br/>", "\n"))
				return strings.TrimSpace(explain), supported
			}
		}
	}
	return "", ""
}
