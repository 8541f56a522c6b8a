package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// source is the text of a rule file, and the mistakes found in it.
type source struct {
	name    string
	content string
	lines   []string
	// starts are the places at which the nodes of the present document begin, in order.
	starts []place
	// errs are mistakes; warnings are what a rule can do, and hardly means.
	errs, warnings problems
}

// maxProblems is how many mistakes, and how many warnings, of one file are told one by one.
const maxProblems = 100

// problems are mistakes or warnings of a file: the first ones, and how many there were.
type problems struct {
	list  []*LoadError
	count int
}

func (p *problems) add(e *LoadError) {
	if p.count++; !p.full() {
		p.list = append(p.list, e)
	}
}

// full reports whether there are more than are told.
func (p *problems) full() bool { return p.count > maxProblems }

// all returns what is told of a file, with how many more there were.
func (p *problems) all(file, what string) []*LoadError {
	if !p.full() {
		return p.list
	}
	more := fmt.Sprintf("%d %s are told here, and there are %d more", maxProblems, what, p.count-maxProblems)
	return append(slices.Clip(p.list), &LoadError{File: file, Message: more})
}

// place is a line and a column, both from 1; the column counts characters.
type place struct{ line, column int }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.line, q.line), cmp.Compare(p.column, q.column))
}

func newSource(name string, data []byte) *source {
	text := strings.TrimPrefix(string(data), "\ufeff")
	return &source{name: name, content: text, lines: splitLines(text)}
}

// splitLines splits a text at what YAML takes for the end of a line.
func splitLines(text string) []string {
	lines := make([]string, 0, strings.Count(text, "\n")+1)
	start := 0
	for i, r := range text {
		switch r {
		case '\n':
			if i > 0 && text[i-1] == '\r' {
				start = i + 1
				continue
			}
		case '\r', '\u0085', '\u2028', '\u2029':
		default:
			continue
		}
		lines = append(lines, text[start:i])
		start = i + utf8.RuneLen(r)
	}
	return append(lines, text[start:])
}

// line returns the n-th line from 1, or "".
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// fail notes a mistake at a place; line 0 stands for the whole file.
func (s *source) fail(line, column int, format string, args ...any) {
	s.errs.add(s.at(line, column, format, args...))
}

// warnAt notes a warning at a node.
func (s *source) warnAt(n *yaml.Node, format string, args ...any) {
	s.warnings.add(s.at(n.Line, n.Column, format, args...))
}

// maxMessage bounds what is said of one place, in characters, as it quotes the file.
const maxMessage = 1000

// at says something of a place.
func (s *source) at(line, column int, format string, args ...any) *LoadError {
	return &LoadError{
		File: s.name, Line: line, Column: column,
		LineText: s.line(line),
		Message:  shorten(fmt.Sprintf(format, args...), maxMessage),
	}
}

// failAt notes a mistake at a node.
func (s *source) failAt(n *yaml.Node, format string, args ...any) {
	s.fail(n.Line, n.Column, format, args...)
}

// failInside notes a mistake in the expression text, which is or stands in the scalar n.
func (s *source) failInside(n *yaml.Node, text string, m exprError, what string) {
	if n.LineComment != "" && n.Style == 0 {
		m.message += "; YAML took what follows # for a comment: put the expression in quotes"
	}
	if s.errs.full() { // then where it stands is not told
		s.failAt(n, "%s", what)
		return
	}
	lines := strings.Split(text, "\n")
	if m.line >= 1 && m.line <= len(lines) {
		if p, ok := s.locate(n, lines[m.line-1]); ok {
			s.fail(p.line, p.column+m.column, "%s: %s", what, m.message)
			return
		}
	} else if p, ok := s.locate(n, lines[0]); ok {
		s.fail(p.line, p.column, "%s: %s", what, m.message)
		return
	}
	s.failAt(n, "%s: %s", what, m.message)
}

// checkShape refuses what no rule has: aliases, anchors, tags, and values nested
// deeper than MaxRuleDepth. It notes where nodes begin.
func (s *source) checkShape(root *yaml.Node) {
	s.starts = s.starts[:0]
	s.checkNode(root, 1)
	slices.SortFunc(s.starts, place.compare)
}

func (s *source) checkNode(n *yaml.Node, depth int) {
	s.starts = append(s.starts, place{n.Line, n.Column})
	switch {
	case n.Kind == yaml.AliasNode:
		s.failAt(n, "an alias (*%s) is not allowed: write the value out", n.Value)
		return
	case n.Anchor != "":
		s.failAt(n, "an anchor (&%s) is not allowed", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		s.failAt(n, "a tag (%s) is not allowed; an expression that begins with ! must be written with \"not\" or in quotes", n.Tag)
	case depth > MaxRuleDepth:
		s.failAt(n, "the values are nested deeper than %d levels", MaxRuleDepth)
		return
	}
	for _, child := range n.Content {
		s.checkNode(child, depth+1)
	}
}

// locate returns where the text, which is a part of the scalar n that stands on one
// line, begins in the file. Where YAML changed the text, by folding lines or by escapes,
// that cannot be told, and ok is false.
func (s *source) locate(n *yaml.Node, text string) (p place, ok bool) {
	if text == "" {
		return place{}, false
	}
	start := place{n.Line, n.Column}
	end := s.after(start)
	for line := start.line; line <= min(end.line, len(s.lines)); line++ {
		from, to := 0, len(s.line(line))
		if line == start.line {
			from = byteOffset(s.line(line), start.column)
		}
		if line == end.line {
			to = byteOffset(s.line(line), end.column)
		}
		if i := strings.Index(s.line(line)[from:max(from, to)], text); i >= 0 {
			return place{line, utf8.RuneCountInString(s.line(line)[:from+i]) + 1}, true
		}
	}
	return place{}, false
}

// after returns where the first node after p begins, or the end of the file.
func (s *source) after(p place) place {
	i := sort.Search(len(s.starts), func(i int) bool { return p.compare(s.starts[i]) < 0 })
	if i < len(s.starts) {
		return s.starts[i]
	}
	return place{len(s.lines) + 1, 1}
}

// byteOffset returns the offset of the column, or the length of the line.
func byteOffset(line string, column int) int {
	for i := range line {
		if column--; column == 0 {
			return i
		}
	}
	return len(line)
}

var yamlErrorPrefix = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError notes an error of the YAML parser. The parser tells at best a line, often
// of something that begins before the mistake; the line at fault is the first one
// without which the text has not this mistake.
func (s *source) syntaxError(err error) {
	message := yamlErrorPrefix.ReplaceAllString(err.Error(), "")
	low, high := 1, len(s.lines)
	for low < high {
		mid := low + (high-low)/2
		if s.failsBy(mid, message) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	if !s.failsBy(low, message) {
		low = 1
		if m := yamlErrorPrefix.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
			low, _ = strconv.Atoi(m[1])
		}
	}
	text := strings.TrimLeft(s.line(low), " ")
	column := len(s.line(low)) - len(text) + 1
	if strings.HasPrefix(text, "\t") {
		message += "; the line is indented with a tab, where YAML wants spaces"
	}
	s.fail(low, column, "not valid YAML: %s", message)
}

// failsBy reports whether the first n lines have the mistake.
func (s *source) failsBy(n int, message string) bool {
	dec := yaml.NewDecoder(strings.NewReader(strings.Join(s.lines[:n], "\n")))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			return strings.HasSuffix(err.Error(), message)
		}
	}
}
