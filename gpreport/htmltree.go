package gpreport

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attr returns the value of an attribute, or "".
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// hasAttr reports whether an element has an attribute, whatever its value.
func hasAttr(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func hasClass(n *html.Node, class string) bool {
	list := attr(n, "class")
	if len(list) <= len(class) {
		return list == class
	}
	for c := range strings.FieldsSeq(list) {
		if c == class {
			return true
		}
	}
	return false
}

func hasClassPrefix(n *html.Node, prefix string) bool {
	for c := range strings.FieldsSeq(attr(n, "class")) {
		if strings.HasPrefix(c, prefix) {
			return true
		}
	}
	return false
}

func previousElement(n *html.Node) *html.Node {
	for n = n.PrevSibling; n != nil; n = n.PrevSibling {
		if n.Type == html.ElementNode {
			return n
		}
	}
	return nil
}

// headingLevel returns the rank of a section's heading, "0", "0h", "1", "1h" and
// so on, from the outermost; "" if n is no heading. The classes are he0, he0h,
// he1 …, with "_expanded" when the section is shown open; he2i and he4i are not
// headings but what stands below one.
func headingLevel(n *html.Node) string {
	if n.DataAtom != atom.Div {
		return ""
	}
	for c := range strings.FieldsSeq(attr(n, "class")) {
		level, ok := strings.CutPrefix(strings.TrimSuffix(c, "_expanded"), "he")
		if !ok || level == "" || level[0] < '0' || level[0] > '9' {
			continue
		}
		if len(level) == 1 || level[1:] == "h" {
			return level
		}
	}
	return ""
}

func headingTitle(n *html.Node) string {
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Span && hasClass(c, "sectionTitle") {
			return text(c)
		}
	}
	return text(n)
}

// block is a section: a heading and the container that follows it.
type block struct {
	level, title string
	heading      *html.Node
	body         *html.Node // nil when no container follows
}

// blocks returns the sections that stand directly in a container.
func blocks(container *html.Node) []block {
	var list []block
	for c := range container.ChildNodes() {
		if level := headingLevel(c); level != "" {
			list = append(list, block{level: level, title: headingTitle(c), heading: c})
			continue
		}
		if last := len(list) - 1; last >= 0 && list[last].body == nil && hasClass(c, "container") {
			list[last].body = c
		}
	}
	return list
}

// firstFlaw returns the first element below a container that shows that markup is lost: a
// heading without a container behind it, a container without one in front, or a heading in which
// more stands than its title. Windows writes none of these.
func firstFlaw(n *html.Node) *html.Node {
	var heading *html.Node
	for c := range n.ChildNodes() {
		if c.DataAtom != atom.Div {
			continue
		}
		container := hasClass(c, "container")
		switch {
		case headingLevel(c) != "":
			if heading != nil || hasBlocks(c) {
				return c
			}
			heading = c
			continue
		case container && heading == nil, !container && heading != nil:
			return c
		}
		heading = nil
		if flaw := firstFlaw(c); flaw != nil {
			return flaw
		}
	}
	return heading
}

// hasBlocks reports whether divisions or tables stand in an element.
func hasBlocks(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.DataAtom == atom.Div || c.DataAtom == atom.Table {
			return true
		}
	}
	return false
}

// tableRows returns the rows of a table, without those of tables in its cells.
func tableRows(t *html.Node) []*html.Node {
	var rows []*html.Node
	for c := range t.ChildNodes() {
		switch c.DataAtom {
		case atom.Tr:
			rows = append(rows, c)
		case atom.Thead, atom.Tbody, atom.Tfoot:
			for r := range c.ChildNodes() {
				if r.DataAtom == atom.Tr {
					rows = append(rows, r)
				}
			}
		}
	}
	return rows
}

// plainRows counts the rows that are no details of the row above, by their first cells.
func plainRows(rows []*html.Node) int {
	n := 0
	for _, row := range rows {
		if c := row.FirstChild; c != nil && attr(c, "colspan") == "" {
			n++
		}
	}
	return n
}

// rowCells returns the cells of a row. header says that all of them are headings, and
// detail that one spans several columns, as the details of the row above do.
func rowCells(row *html.Node) (cells []*html.Node, header, detail bool) {
	header = true
	cells = make([]*html.Node, 0, 4) // as many as most rows have
	for c := range row.ChildNodes() {
		switch c.DataAtom {
		case atom.Th:
		case atom.Td:
			header = false
		default:
			continue
		}
		cells = append(cells, c)
		if span := attr(c, "colspan"); span != "" && span != "1" {
			detail = true
		}
	}
	return cells, header && len(cells) > 0, detail
}

// text returns the text of n as a browser shows it on one line.
func text(n *html.Node) string {
	if c := n.FirstChild; c != nil && c.NextSibling == nil {
		if isInline(c) {
			return text(c)
		}
		if c.Type == html.TextNode {
			return strings.Clone(foldBreaks(c.Data))
		}
	}
	return strings.Join(textLines(n), " ")
}

// textLines returns the text of n, split at line breaks and tables and with the
// empty lines left out.
func textLines(n *html.Node) []string {
	var b strings.Builder
	writeText(&b, n)
	return lines(b.String())
}

// lines splits what writeText wrote and leaves the empty lines out.
func lines(s string) []string {
	var list []string
	for line := range strings.SplitSeq(s, "\x00") {
		if line = foldBreaks(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// isInline reports whether an element stands within a line of text.
func isInline(n *html.Node) bool { return n.DataAtom == atom.Span || n.DataAtom == atom.A }

// writeText writes the texts below n, with NUL for a break: the decoded text has none.
func writeText(b *strings.Builder, n *html.Node) {
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.DataAtom == atom.Br:
			b.WriteByte(0)
		case isInline(c):
			writeText(b, c)
		default:
			b.WriteByte(0)
			writeText(b, c)
			b.WriteByte(0)
		}
	}
}

// foldBreaks trims s and makes one space of every run of white space that breaks
// the line. Other runs stay, because names may have them; a no-break space,
// which stands for an empty cell, counts as a space.
func foldBreaks(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " "))
	if !hasBreak(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexFunc(s, isSpace)
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		rest := strings.TrimLeftFunc(s[i:], isSpace)
		run := s[i : len(s)-len(rest)]
		if hasBreak(run) {
			run = " "
		}
		b.WriteString(run)
		s = rest
	}
	return b.String()
}

// hasBreak reports whether white space in s breaks the line.
func hasBreak(s string) bool {
	return strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, '\t') >= 0
}

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' }

// find returns the first element below n that is one of the selector, or nil.
func (in *interpreter) find(n *html.Node, selector string) *html.Node {
	found := goquery.NewDocumentFromNode(n).FindMatcher(goquery.Single(selector))
	if found.Length() == 0 {
		return nil
	}
	return found.Get(0)
}
