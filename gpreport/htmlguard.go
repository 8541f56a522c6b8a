package gpreport

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A report is made of tables, div and span; nothing else carries what it says.
// The guard walks over all markup once with the tokenizer, under the limits, and
// builds a tree of just these. html.Parse would not do: it does not tell which
// elements a file that is cut off left open, so that half a row looks like a
// whole one; it has no lines; it repairs damage the way browsers must, by moving
// rows and texts to other places; and of what is nested too deep it reads nothing.
//
// Building starts at the report's title and ends with its last section. So
// nothing in front of it can be taken for a part of it: the scripts of Windows 8
// reports contain "</script>" in a string, after which a browser sees their rest
// as text and tables.

// documentKind is what a document describes.
type documentKind byte

const (
	noReport  documentKind = iota
	ofResults              // what applied, or would apply, to a computer and a user
	ofGPO                  // what one GPO defines
)

// document is one report in a file.
type document struct {
	kind documentKind
	// line is where it begins.
	line int
	// sections says that it has one of the sections of results.
	sections bool
	// damaged is the line on which its tables are first damaged, 0 if they are not; broken are
	// the rows that may not be as they were.
	damaged int
	broken  map[*html.Node]bool
	// root holds the title's table, the summary and the settings.
	root *html.Node
	// lines are the lines of rows and headings.
	lines map[*html.Node]int
	// open are the elements that were not closed when the document ended: their
	// contents may be incomplete.
	open map[*html.Node]bool
	ending
	// tail is the text between the last section and the next document or the end
	// of the file. It holds the events. tailLine is its first line.
	tail     string
	tailLine int
}

// ending says how a report ends.
type ending struct {
	// cause is why reading ended within the document, if not because the text did.
	cause error
	// cut says that the report ended before its last section did: on endLine, in
	// endSection, at the end of the file if atEOF.
	cut, atEOF bool
	endLine    int
	endSection []string
}

// markup is the guard's state.
type markup struct {
	cfg  Config
	text string
	// visit gets each document when its tail has been read.
	visit func(*document)

	line, offset int          // of the current token
	next         int          // offset after the current token
	hidden       string       // the element whose text is none, such as script
	doc          *document    // the document that is being read, or nil
	stack        []*html.Node // its open elements
	ended        *document    // the document whose tail is being read, or nil
	tail         int          // where that tail starts
	nodes        int
	free         []html.Node       // nodes to come
	values       map[string]string // of attributes
}

// readMarkup reads the documents in text and calls visit for each, in their order. The error
// tells why reading ended early, and on which line.
func readMarkup(ctx context.Context, text string, cfg Config, visit func(*document)) (line int, err error) {
	m := &markup{cfg: cfg, text: text, visit: visit, line: 1, values: make(map[string]string)}
	z := html.NewTokenizer(strings.NewReader(text))
	for count := 0; ; count++ {
		if count%1024 == 0 && ctx.Err() != nil {
			return m.line, ctx.Err()
		}
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := z.Raw()
		lines := bytes.Count(raw, []byte{'\n'})
		m.next = m.offset + len(raw)
		if err := m.token(z, kind); err != nil {
			m.finish(err, false)
			m.endTail(m.offset)
			return m.line, err
		}
		m.line += lines
		m.offset = m.next
	}
	if err = z.Err(); err == io.EOF {
		err = nil
	} else {
		err = fmt.Errorf("tokenizer: %w", err)
	}
	m.finish(err, true)
	m.endTail(len(text))
	return m.line, err
}

func (m *markup) token(z *html.Tokenizer, kind html.TokenType) error {
	switch kind {
	case html.TextToken:
		if m.hidden == "" && len(m.stack) > 0 {
			return m.addText(m.plainText(z))
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		raw := z.Raw()
		m.strayTag(raw)
		var buf [32]byte
		name := appendTagName(buf[:0], raw[len("<"):])
		switch a := atom.Lookup(name); a {
		case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Xmp, atom.Iframe,
			atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext:
			m.hidden = a.String()
		case atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th,
			atom.Div, atom.Span, atom.A, atom.Br:
			return m.start(a, m.attributes(z))
		case atom.B, atom.Strong:
			m.bold()
		case 0:
			if m.inData() && !bytes.Contains(name, []byte{':'}) {
				m.damage() // text that begins with "<" because something in front is lost
			}
		default:
			if isBlockElement(a) {
				return m.lineBreak()
			}
		}
	case html.EndTagToken:
		raw := z.Raw()
		m.strayTag(raw)
		var buf [32]byte
		name := appendTagName(buf[:0], raw[len("</"):])
		if isBlockElement(atom.Lookup(name)) {
			return m.lineBreak()
		}
		if m.hidden != "" && string(name) == m.hidden {
			m.hidden = ""
		}
		m.end(atom.Lookup(name))
	}
	return nil
}

// plainText returns the text of the current token. One in which nothing stands for something
// else is a part of the file's, which it keeps in memory: what is made of the tree has copies.
func (m *markup) plainText(z *html.Tokenizer) string {
	if raw := m.text[m.offset:m.next]; strings.IndexByte(raw, '&') < 0 && strings.IndexByte(raw, '\r') < 0 {
		return raw
	}
	if inTable(m.top()) && isBlank(z.Raw()) {
		return "" // the line breaks between rows
	}
	return string(z.Text())
}

// appendTagName appends the name with which the rest of a tag begins, in lower case. Unlike
// [html.Tokenizer.TagName] it allocates nothing.
func appendTagName(dst, rest []byte) []byte {
	for _, c := range rest {
		switch {
		case c == '/' || c == '>' || c == '\f' || isSpace(rune(c)):
			return dst
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// isBlockElement reports whether a browser begins a line at an element that Windows does not
// write: mail programs and editors put the lines of a cell into such.
func isBlockElement(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Blockquote, atom.Pre, atom.Center,
		atom.Address, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Section, atom.Article:
		return true
	}
	return false
}

// lineBreak adds a break between lines.
func (m *markup) lineBreak() error {
	if m.hidden != "" || len(m.stack) == 0 || inTable(m.top()) {
		return nil
	}
	return m.append(&html.Node{Type: html.ElementNode, DataAtom: atom.Br, Data: "br"})
}

// strayTag notes a tag with another one in it: its end is lost, and so is the text up to the
// next one. Only a help text may have the sign.
func (m *markup) strayTag(raw []byte) {
	if len(m.stack) > 0 && bytes.IndexByte(raw[1:], '<') >= 0 && !bytes.Contains(raw, []byte("gpmc_setting")) {
		m.damage()
	}
}

// inData reports whether a row is open, but for those of the title, in which browsers save the
// icons that scripts draw.
func (m *markup) inData() bool {
	row := false
	for _, n := range m.stack {
		if n.DataAtom == atom.Table && hasClass(n, "title") {
			return false
		}
		row = row || n.DataAtom == atom.Tr
	}
	return row
}

// bold marks a cell that begins in bold type.
func (m *markup) bold() {
	if len(m.stack) > 0 && m.top().DataAtom == atom.Td && m.top().FirstChild == nil {
		m.top().Attr = append(m.top().Attr, html.Attribute{Key: boldAttr})
	}
}

// boldAttr is an attribute of ours.
const boldAttr = "gpevtx-bold"

// Attributes as the tokenizer spells them: those of a component's link that identify it, and
// those of a policy's name with its help text.
const (
	extensionAttr   = "cseextensionguid"
	activityAttr    = "eventlogactivityid"
	descriptionAttr = "gpmc_settingdescription"
	supportedAttr   = "gpmc_supported"
)

// keptAttrs are those that tell what an element is for.
var keptAttrs = [...]string{"class", "id", "colspan", "scope", extensionAttr, activityAttr, descriptionAttr, supportedAttr}

// attributes returns those of the current tag that are kept.
func (m *markup) attributes(z *html.Tokenizer) []html.Attribute {
	var attrs []html.Attribute
	for {
		key, val, more := z.TagAttr()
		for _, k := range keptAttrs {
			if string(key) == k {
				attrs = append(attrs, html.Attribute{Key: k, Val: m.shared(val)})
			}
		}
		if !more {
			return attrs
		}
	}
}

// The values of attributes that are held once only: reports have some fifty classes and numbers
// of columns.
const (
	maxSharedValues     = 256
	maxSharedValueBytes = 64
)

// shared returns a value as a string, of a short one the same each time.
func (m *markup) shared(val []byte) string {
	if s, ok := m.values[string(val)]; ok {
		return s
	}
	s := string(val)
	if len(s) <= maxSharedValueBytes && len(m.values) < maxSharedValues {
		m.values[s] = s
	}
	return s
}

// start handles a start tag: it may begin a document, and if one is being read,
// it adds an element after closing those that cannot contain it.
func (m *markup) start(a atom.Atom, attrs []html.Attribute) error {
	n := m.node(html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String(), Attr: attrs})
	kind := kindOfDocument(n)
	other := m.doc == nil || m.doc.kind != noReport && m.doc.kind != kind
	if a == atom.Table && hasClass(n, "title") || a == atom.Div && kind != noReport && other {
		if err := m.begin(); err != nil {
			return err
		}
	}
	if m.doc == nil {
		return nil
	}
	m.doc.kind = cmp.Or(m.doc.kind, kind)
	m.doc.sections = m.doc.sections || a == atom.Div && kind == ofResults
	if a == atom.A && hasClass(n, "expando") {
		return nil // there is one beside every heading, and nothing in it
	}
	if !m.makeRoom(a) {
		m.damage()
		return nil
	}
	if err := m.append(n); err != nil {
		return err
	}
	if a == atom.Br {
		return nil
	}
	if a == atom.Tr || a == atom.Div && hasClassPrefix(n, "he") {
		m.doc.lines[n] = m.line
	}
	if len(m.stack) >= m.cfg.MaxDepth {
		return fmt.Errorf("%w: more than %d nested elements", ErrLimit, m.cfg.MaxDepth)
	}
	m.stack = append(m.stack, n)
	return nil
}

// kindOfDocument tells what a document describes by one of its elements.
func kindOfDocument(n *html.Node) documentKind {
	switch {
	case n.DataAtom == atom.Div && (hasClass(n, "rsopsummary") || hasClass(n, "rsopsettings")) || hasClass(n, "rsopheader"):
		return ofResults
	case hasClass(n, "gponame") || n.DataAtom == atom.Div && hasClass(n, "gposummary"):
		return ofGPO
	}
	return noReport
}

// documentNodes is what a document costs of the limit on nodes, because what is made of the
// smallest is larger than its text.
const documentNodes = 64

// begin starts a document.
func (m *markup) begin() error {
	m.finish(nil, false)
	m.endTail(m.offset)
	if m.nodes += documentNodes; m.nodes > m.cfg.MaxNodes {
		return m.tooMany()
	}
	m.doc = &document{
		line:  m.line,
		root:  &html.Node{Type: html.DocumentNode},
		lines: make(map[*html.Node]int),
		open:  make(map[*html.Node]bool),

		broken: make(map[*html.Node]bool),
	}
	m.stack = append(m.stack[:0], m.doc.root)
	return nil
}

// damage notes where the markup is first damaged, so that a row may be lost, and the rows that
// may not be as they were: the one that is open, and the last one of the table.
func (m *markup) damage() {
	if m.doc.damaged == 0 {
		m.doc.damaged = m.line
	}
	for _, n := range m.stack {
		if n.DataAtom == atom.Tr {
			m.doc.broken[n] = true
		}
		if last := n.LastChild; inTable(n) && last != nil && last.DataAtom == atom.Tr {
			m.doc.broken[last] = true
		}
	}
}

func (m *markup) tooMany() error {
	return fmt.Errorf("%w: more than %d elements and texts", ErrLimit, m.cfg.MaxNodes)
}

// finish ends the current document before its last section did.
func (m *markup) finish(cause error, atEOF bool) {
	d := m.doc
	if d == nil {
		return
	}
	d.cause, d.cut, d.atEOF, d.endLine = cause, true, atEOF, m.line
	for _, n := range m.stack {
		d.open[n] = true
		if h := previousElement(n); h != nil && hasClass(n, "container") && headingLevel(h) != "" {
			d.endSection = append(d.endSection, headingTitle(h))
		}
	}
	m.ended, m.tail = d, m.next
	m.doc, m.stack = nil, nil
}

// endPage ends the current document with its page. A report of a GPO has no other end; one of
// results that has no section by then is something else that has such a title.
func (m *markup) endPage() {
	switch {
	case m.doc.kind == ofGPO:
		m.complete()
	case m.doc.kind == ofResults && !m.doc.sections:
		m.doc, m.stack = nil, nil
	}
}

// complete ends the current document with its last section.
func (m *markup) complete() {
	m.ended, m.tail = m.doc, m.next
	m.doc.tailLine = m.line
	m.doc, m.stack = nil, nil
}

func (m *markup) endTail(offset int) {
	if d := m.ended; d != nil {
		m.ended = nil
		if d.tail = m.text[min(m.tail, offset):offset]; d.kind != noReport {
			m.visit(d)
		}
	}
}

func (m *markup) top() *html.Node { return m.stack[len(m.stack)-1] }

// nodesAtOnce is how many nodes are allocated together.
const nodesAtOnce = 64

// node returns a new node that is like n.
func (m *markup) node(n html.Node) *html.Node {
	if len(m.free) == 0 {
		m.free = make([]html.Node, nodesAtOnce)
	}
	p := &m.free[0]
	m.free = m.free[1:]
	*p = n
	return p
}

func (m *markup) append(n *html.Node) error {
	if m.nodes++; m.nodes > m.cfg.MaxNodes {
		return m.tooMany()
	}
	m.top().AppendChild(n)
	return nil
}

func (m *markup) addText(s string) error {
	if inTable(m.top()) {
		if strings.TrimSpace(s) == "" {
			return nil // between rows and cells
		}
		m.damage() // it stood in a cell
	}
	return m.append(m.node(html.Node{Type: html.TextNode, Data: s}))
}

// makeRoom closes what a start tag closes without saying so, as HTML has it for
// tables. It reports whether the element can stand here at all.
func (m *markup) makeRoom(a atom.Atom) bool {
	switch a {
	case atom.Table:
		if inTable(m.top()) { // a table cannot stand between rows or cells
			m.damage()
			return m.popTo(atom.Table, true)
		}
	case atom.Thead, atom.Tbody, atom.Tfoot:
		return m.popTo(atom.Table, false)
	case atom.Tr:
		return m.popTo(atom.Tbody, false) || m.popTo(atom.Thead, false) ||
			m.popTo(atom.Tfoot, false) || m.popTo(atom.Table, false)
	case atom.Td, atom.Th:
		return m.popTo(atom.Tr, false)
	}
	return true
}

// popTo closes elements up to the nearest a within the nearest table, and a too
// if inclusive. It does nothing and returns false if there is none.
func (m *markup) popTo(a atom.Atom, inclusive bool) bool {
	for i := len(m.stack) - 1; i > 0; i-- {
		switch m.stack[i].DataAtom {
		case a:
			if !inclusive {
				i++
			}
			m.stack = m.stack[:i]
			return true
		case atom.Table:
			return false
		}
	}
	return false
}

// end handles an end tag. One that has no partner within its cell is ignored.
func (m *markup) end(a atom.Atom) {
	if len(m.stack) == 0 {
		return
	}
	switch a {
	case atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th:
		m.popTo(a, true)
		return
	case atom.Body, atom.Html:
		m.endPage()
		return
	case atom.Div, atom.Span, atom.A:
	default:
		return
	}
	for i := len(m.stack) - 1; i > 0; i-- {
		n := m.stack[i]
		switch {
		case n.DataAtom == a:
			m.stack = m.stack[:i]
			if a == atom.Div && hasClass(n, "rsopsettings") {
				m.complete()
			}
			return
		case !isInline(n):
			if a != atom.Div || n.DataAtom != atom.Div {
				return
			}
		}
	}
}

// inTable reports whether n is a part of a table in which only rows or cells
// can stand.
func inTable(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr:
		return true
	}
	return false
}
