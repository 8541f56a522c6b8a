package render

import (
	"bytes"
	"strings"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// The widths of a page, in cells.
const (
	defaultWidth = 80
	minWidth     = 30
)

// style is the parameters of an SGR sequence; the empty style leaves text as it is.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	yellow style = "1;33"
	cyan   style = "1;36"
	green  style = "32"
)

// severityStyle is how the word of a severity looks.
func severityStyle(s rules.Severity) style {
	switch s {
	case rules.Critical, rules.Error:
		return red
	case rules.Warning:
		return yellow
	}
	return cyan
}

// page collects lines. It is the one place where text becomes output.
type page struct {
	buf     bytes.Buffer
	width   int
	color   bool
	verbose bool
	// explained holds the confidences whose meaning stands on the page.
	explained map[facts.Confidence]bool
}

func newPage(opt TextOptions) *page {
	p := &page{width: opt.Width, color: opt.Color, verbose: opt.Verbose, explained: map[facts.Confidence]bool{}}
	if p.width <= 0 {
		p.width = defaultWidth
	}
	p.width = max(p.width, minWidth)
	return p
}

// few returns n, or 0 for no limit on a verbose page.
func (p *page) few(n int) int {
	if p.verbose {
		return 0
	}
	return n
}

// gap ends a block with one empty line; at the top of the page there is none.
func (p *page) gap() {
	if b := p.buf.Bytes(); len(b) > 0 && !bytes.HasSuffix(b, []byte("\n\n")) {
		p.buf.WriteByte('\n')
	}
}

// put writes text in a style, without ending the line.
func (p *page) put(st style, text inert) {
	s := strings.ReplaceAll(string(text), nbsp, " ")
	if p.color && st != plain && s != "" {
		s = "\x1b[" + string(st) + "m" + s + "\x1b[0m"
	}
	p.buf.WriteString(s)
}

func (p *page) pad(n int) { p.buf.WriteString(strings.Repeat(" ", max(n, 0))) }

// line writes one line that is never wrapped.
func (p *page) line(indent int, st style, text inert) {
	p.pad(indent)
	p.put(st, text)
	p.buf.WriteByte('\n')
}

// para writes wrapped text.
func (p *page) para(indent int, text inert) {
	for _, l := range wrap(text, p.width-indent, p.width-indent) {
		p.line(indent, plain, l)
	}
}

// heading writes a bold line, wrapped if need be.
func (p *page) heading(text inert) {
	for _, l := range wrap(text, p.width, p.width) {
		p.line(0, bold, l)
	}
}

// lead writes text after a lead on the same line; further lines are indented by hang.
// A lead that leaves too little room has lines of its own.
func (p *page) lead(indent, hang int, lead inert, leadStyle style, text inert, st style) {
	used := indent + cells(lead) + 1
	if used > p.width/2 {
		for _, l := range wrap(lead, p.width-indent, p.width-indent) {
			p.line(indent, leadStyle, l)
		}
		used = 0
	} else {
		p.pad(indent)
		p.put(leadStyle, lead)
	}
	for i, l := range wrap(text, p.width-max(used, hang), p.width-hang) {
		switch {
		case l == "":
		case i == 0 && used > 0:
			p.pad(max(1, hang-used+1))
		default:
			p.pad(hang)
		}
		p.put(st, l)
		p.buf.WriteByte('\n')
	}
}

// head writes the heading of a block, after an empty line.
func (p *page) head(indent int, text inert) {
	p.gap()
	p.line(indent, bold, text)
}

// copyable writes a command or a link on a line of its own.
func (p *page) copyable(indent int, s string) {
	text, exact := command(s)
	p.line(indent, green, text)
	if !exact {
		p.para(indent, "(not to be copied: the line is cut or holds characters that are shown as escapes)")
	}
}

// table is a list of labelled values whose values stand in one column.
type table struct {
	rows []row
}

type row struct {
	label, value inert
	link         string // printed unwrapped in place of value
}

func (t *table) add(label, value inert) { t.rows = append(t.rows, row{label: label, value: value}) }

func (t *table) addLink(label inert, link string) {
	t.rows = append(t.rows, row{label: label, link: link})
}

// table writes t. A row without a label goes on with the label above.
func (p *page) table(indent int, t table) {
	column := 0
	for _, r := range t.rows {
		column = max(column, cells(r.label))
	}
	column = indent + min(column, p.width/3) + 2
	for _, r := range t.rows {
		if r.link == "" {
			p.lead(indent, column, r.label, dim, r.value, plain)
			continue
		}
		p.pad(indent)
		p.put(dim, r.label)
		used := indent + cells(r.label)
		text, _ := command(r.link)
		p.line(max(1, column-used), plain, text)
	}
}
