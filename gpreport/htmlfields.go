package gpreport

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// fieldReader makes fields of the tables and texts below a setting. Their markup has no rules
// but that a row is a name with values, and that a row of one cell heads those behind it or
// is one of a list.
type fieldReader struct {
	in     *interpreter
	prefix []string
	fields []Field
	// short says that there was no room for all.
	short bool
}

func (f *fieldReader) add(name []string, value string) {
	if value == "" && len(name) <= len(f.prefix) {
		return
	}
	if !f.in.chargeNames(name) {
		f.short = true
		return
	}
	f.fields = append(f.fields, Field{strings.Join(name, nestedName), value})
}

// under is the prefix with further names; empty ones are left out.
func (f *fieldReader) under(names ...string) []string {
	out := f.prefix[:len(f.prefix):len(f.prefix)]
	for _, n := range names {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// rows reads the rows of a table that stands behind a label.
func (f *fieldReader) rows(rows []*html.Node, label string) {
	var heads []string
	for _, row := range rows {
		cells, header, _ := rowCells(row)
		switch {
		case len(cells) == 0 || !f.in.closed(row):
		case header:
			heads = heads[:0]
			for _, c := range cells {
				heads = append(heads, text(c))
			}
		default:
			f.row(cells, heads, label)
		}
	}
}

func (f *fieldReader) row(cells []*html.Node, heads []string, label string) {
	list := ""
	if len(heads) > 0 {
		list = heads[0]
	}
	switch {
	case hasTable(cells):
		f.nested(cells, label)
	case len(cells) == 1:
		f.add(f.under(label, list), text(cells[0]))
	case len(cells) == 2:
		f.add(f.under(label, list, text(cells[0])), text(cells[1]))
	case len(cells) == len(heads):
		if !f.in.chargeNames(heads) {
			f.short = true
			return
		}
		f.add(f.under(label, list, text(cells[0])), joinCells(heads[1:], cells[1:]))
	default:
		f.add(f.under(label, list, text(cells[0])), joinCells(nil, cells[1:]))
	}
}

// nested reads cells in which tables stand: the first cell may name them.
func (f *fieldReader) nested(cells []*html.Node, label string) {
	inner := fieldReader{in: f.in, prefix: f.under(label)}
	if len(cells) > 1 && !hasTable(cells[:1]) {
		inner.prefix = f.under(label, text(cells[0]))
		cells = cells[1:]
	}
	inner.cells(cells)
	f.short = f.short || inner.short
	f.fields = append(f.fields, inner.fields...)
}

// cells reads texts and tables in cells.
func (f *fieldReader) cells(cells []*html.Node) {
	for _, c := range cells {
		f.contents(c)
	}
}

// contents reads the texts and tables in an element, in their order; a text right in front
// of a table is its label.
func (f *fieldReader) contents(n *html.Node) {
	var b strings.Builder
	say := func() {
		for _, l := range lines(b.String()) {
			f.add(f.prefix, l)
		}
		b.Reset()
	}
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.DataAtom == atom.Table:
			label, rest := labelOf(lines(b.String()))
			b.Reset()
			for _, l := range rest {
				f.add(f.prefix, l)
			}
			f.rows(tableRows(c), label)
		case c.DataAtom == atom.Br:
			b.WriteByte(0)
		case isInline(c):
			writeText(&b, c)
		default:
			say()
			f.contents(c)
		}
	}
	say()
}

func hasTable(cells []*html.Node) bool {
	for _, c := range cells {
		for d := range c.Descendants() {
			if d.DataAtom == atom.Table {
				return true
			}
		}
	}
	return false
}
