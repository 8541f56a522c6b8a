package gpreport

import (
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// textLine is a line of the output of gpresult.
type textLine struct {
	// text has no blanks at its end; indent is how many are at its begin.
	text   string
	indent int
	// no is the number of the line in the decoded text.
	no int
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

func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// minWidth is the narrowest window in which text is taken to be wrapped.
const minWidth = 40

// unwrap joins the lines that a console broke because they were wider than its window: text
// copied from one has them. The rest of such a line begins in the first column, where
// within the halves of a report only headings do, and the line in front of it is as wide as
// the window. The lines before the index from stay as they are.
func unwrap(lines []textLine, from int) []textLine {
	window := 0
	for _, l := range lines {
		window = max(window, cells(l.text))
	}
	out := slices.Clone(lines[:from])
	var joined strings.Builder
	flush := func() {
		if joined.Len() > 0 {
			last := &out[len(out)-1]
			*last = newTextLine(joined.String(), last.no)
			joined.Reset()
		}
	}
	labels := true // up to the first heading, lines begin in the first column too
	for i := from; i < len(lines); i++ {
		l := lines[i]
		labels = labels && (!l.isRule() || i > 0 && lines[i-1].isRule())
		if i == from || window < minWidth || !continues(lines[i-1], l, window) || labels && strings.ContainsAny(l.text, ":：?") {
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
		if cells(lines[i-1].text) < window && !beginsWide(l.text) {
			joined.WriteByte(' ') // which the window's edge swallowed
		}
		joined.WriteString(l.text)
	}
	flush()
	return out
}

// continues reports whether a line is the rest of the one in front of it, in a window of a
// width.
func continues(before, l textLine, window int) bool {
	const shallow = 3 // less than what gpresult indents; blanks may stand where the line broke
	switch {
	case before.blank() || l.blank() || l.indent > shallow:
		return false
	case before.isRule():
		return l.indent == 0 && strings.Trim(l.text, "-") == ""
	}
	return !l.isRule() && cells(before.text) >= window-1
}

func beginsWide(s string) bool {
	for _, r := range s {
		return isWide(r)
	}
	return false
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
		if head == i {
			continue // nothing that it underlines
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

// maxHeadingLines is over how many lines a heading can go; some languages have two.
const maxHeadingLines = 3

// headingAbove returns the index of the first line of the heading that the line i
// underlines, or i if there is none.
func headingAbove(lines []textLine, i int) int {
	head := i
	for head > 0 && i-head < maxHeadingLines {
		l := lines[head-1]
		if l.blank() || l.isRule() || head < i && l.indent != lines[i-1].indent {
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
