package gpreport

import "strings"

// textLine is a line of the output of gpresult.
type textLine struct {
	// text has no blanks at its end; indent is how many are at its begin.
	text   string
	indent int
	// no is the number of the line in the decoded text.
	no int
	// unsure says that it was put together of parts between which a blank may be missing.
	unsure bool
}

func (l textLine) blank() bool { return l.text == "" }

// isRule reports whether a line underlines a heading: gpresult prints as many dashes as
// the heading has characters.
func (l textLine) isRule() bool {
	dashes := l.text[l.indent:]
	return len(dashes) >= 4 && strings.Trim(dashes, "-") == ""
}

// body is the line without the blanks around it.
func (l textLine) body() string { return l.text[l.indent:] }

// newTextLine makes a line of its text. Spaces of all kinds count as blanks.
func newTextLine(text string, no int) textLine {
	text = strings.TrimRight(text, " \t\r\v\f\u00a0\u3000")
	if strings.ContainsAny(text, "\t") {
		text = strings.ReplaceAll(text, "\t", "    ")
	}
	return textLine{text: text, indent: len(text) - len(strings.TrimLeft(text, " ")), no: no}
}

// cells is how many columns of a console a text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n++
		if isWide(r) {
			n++
		}
	}
	return n
}

// textSection is what stands below a heading.
type textSection struct {
	title string
	// line is that of the heading.
	line int
	// body are the lines up to the next heading, sections those of the level below.
	body     []textLine
	sections []*textSection
	// followed says that another heading comes after the section, so that it is whole.
	followed bool
}

// The levels of headings, told by how far their underlines are indented.
const (
	halfLevel    = iota // the headline, and that of the computer's and the user's settings
	sectionLevel        // such as the list of applied GPOs
	blockLevel          // a kind of settings
	textLevels
)

func levelOf(rule textLine) int {
	switch {
	case rule.indent == 0:
		return halfLevel
	case rule.indent < 7:
		return sectionLevel
	}
	return blockLevel
}

// sectionsOf takes lines apart at their headings. What stands before the first one is left
// out.
func sectionsOf(lines []textLine) []*textSection {
	var top []*textSection
	var path [textLevels]*textSection
	var last *textSection
	begin := 0 // of the body of last
	for i, l := range lines {
		if !l.isRule() {
			continue
		}
		head := headingAbove(lines, i)
		if head == i || !isHeading(lines, head, i) {
			continue // nothing that it underlines: an item that is all dashes
		}
		if last != nil {
			last.body = lines[begin:head]
		}
		level := levelOf(l)
		last = &textSection{title: joinLines(lines[head:i]), line: lines[head].no}
		begin = i + 1
		path[level] = last
		parent := parentOf(path[:level])
		if parent == nil {
			top = append(top, last)
		} else {
			parent.sections = append(parent.sections, last)
		}
		clear(path[level+1:])
	}
	if last != nil {
		last.body = lines[begin:]
	}
	markFollowed(top, false)
	return top
}

// isHeading reports whether the lines from head up to the underline i are a heading: gpresult
// prints a blank line above each. Text that lost its blank lines has those that are known.
func isHeading(lines []textLine, head, i int) bool {
	return head == 0 || lines[head-1].blank() || len(textWords().find(shortText(joinLines(lines[head:i])))) > 0
}

// markFollowed says of each section whether a heading comes after it.
func markFollowed(sections []*textSection, followed bool) {
	for i, s := range sections {
		s.followed = followed || i < len(sections)-1
		markFollowed(s.sections, s.followed)
	}
}

// parentOf is the innermost open section.
func parentOf(path []*textSection) *textSection {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] != nil {
			return path[i]
		}
	}
	return nil
}

// maxHeadingLines is over how many lines a heading can go: some languages have two, and a
// narrow window breaks them.
const maxHeadingLines = 3

// headingAbove returns the index of the first line of the heading that the line i
// underlines, or i if there is none.
func headingAbove(lines []textLine, i int) int {
	head := i
	for head > 0 && i-head < maxHeadingLines {
		l := lines[head-1]
		if l.blank() || l.isRule() || head < i && max(l.indent, lines[i-1].indent)-min(l.indent, lines[i-1].indent) > shallow {
			break
		}
		head--
	}
	return head
}

// joinLines makes one text of lines.
func joinLines(lines []textLine) string {
	parts := make([]string, len(lines))
	for i, l := range lines {
		parts[i] = l.body()
	}
	return strings.Join(parts, " ")
}

// splitLabel takes a line apart at the colon behind its label. Some languages fill the space
// before it with dots, and leave it out after a question mark.
func splitLabel(body string) (label, value string, ok bool) {
	i := strings.IndexAny(body, ":：")
	if i < 0 {
		label, value, ok = strings.Cut(body, "? ")
		return label + "?", strings.TrimSpace(value), ok
	}
	label, value = body[:i], strings.TrimPrefix(strings.TrimPrefix(body[i:], ":"), "：")
	label = strings.TrimRight(label, " .\u00a0")
	return label, strings.TrimSpace(value), label != ""
}
