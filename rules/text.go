package rules

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// maxHole bounds the text that one {{ }} puts into a message, in characters.
const maxHole = 1000

// text is a text with holes that expressions fill.
type text []piece

// piece is a literal, or an expression if that is set.
type piece struct {
	literal string
	hole    *expression
	// source is the expression of a hole as it is written.
	source string
}

// written returns the text with its expressions in braces.
func (t text) written() string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.literal)
		if p.source != "" {
			b.WriteString("{" + strings.Join(strings.Fields(p.source), " ") + "}")
		}
	}
	return b.String()
}

// compileText compiles a text with {{ }} holes that stands in the scalar n.
func (s *scope) compileText(src *source, n *yaml.Node, what string) text {
	rest, ok := src.text(n, what)
	if !ok {
		return nil
	}
	var t text
	for {
		literal, after, found := strings.Cut(rest, "{{")
		if i := strings.Index(literal, "}}"); i >= 0 {
			src.failInside(n, "}}", exprError{message: "}} without {{ before it"}, what)
			return nil
		}
		if literal != "" {
			t = append(t, piece{literal: literal})
		}
		if !found {
			return t
		}
		end := holeEnd(after)
		if end < 0 {
			src.failInside(n, "{{"+after, exprError{message: "{{ without }} after it"}, what)
			return nil
		}
		hole := s.compile(src, n, after[:end], what, stringType, intType, timeType)
		t = append(t, piece{hole: hole, source: after[:end]})
		rest = after[end+2:]
	}
}

// holeEnd returns the offset of the }} that ends an expression, outside its strings, or
// -1.
func holeEnd(s string) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case strings.HasPrefix(s[i:], "}}"):
			return i
		}
	}
	return -1
}

// fill returns the text with its holes filled.
func (t text) fill(env map[string]any) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.hole == nil {
			b.WriteString(p.literal)
			continue
		}
		v, err := p.hole.run(env)
		if err != nil {
			return "", err
		}
		b.WriteString(plain(v))
	}
	return b.String(), nil
}

// plain turns the value of a hole into text. Names in it come from the input: what
// would break the line, move the cursor or turn the direction of writing is replaced, so
// that a name cannot pass for a part of the sentence around it.
func plain(v any) string {
	if t, ok := v.(time.Time); ok {
		return utc(t)
	}
	s := shorten(fmt.Sprint(v), maxHole)
	return strings.Map(func(r rune) rune {
		if r == '`' {
			return '\'' // backquotes mark commands to copy, which no name may be
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// line is a text that stands only under a condition, if that is set.
type line struct {
	when *expression
	text text
	// step is the line as it is written.
	step Step
}

// compileLines compiles a text, or a list of texts and of mappings with the keys "if"
// and the one given for the text.
func (s *scope) compileLines(src *source, n *yaml.Node, what, textKey string) []line {
	var lines []line
	for _, e := range src.oneOrMore(n, what) {
		if e.Kind != yaml.MappingNode || isHole(src, e) {
			t := s.compileText(src, e, what)
			lines = append(lines, line{text: t, step: Step{Do: t.written()}})
			continue
		}
		f := src.mapping(e, "a conditional part of "+what, []key{{"if", true}, {textKey, true}})
		var l line
		if c := f["if"]; c != nil {
			l.when = s.condition(src, c, what+".if")
			l.step.If = strings.Join(strings.Fields(c.Value), " ")
		}
		if c := f[textKey]; c != nil {
			l.text = s.compileText(src, c, what)
			l.step.Do = l.text.written()
		}
		lines = append(lines, l)
	}
	return lines
}

// isHole reports whether YAML took a text that begins with {{ for a mapping.
func isHole(src *source, n *yaml.Node) bool {
	raw := src.line(n.Line)
	return !src.errs.full() && n.Style&yaml.FlowStyle != 0 && strings.HasPrefix(raw[byteOffset(raw, n.Column):], "{{")
}

// fillLines returns the texts whose conditions hold.
func fillLines(lines []line, env map[string]any) ([]string, error) {
	var out []string
	for _, l := range lines {
		if l.when != nil {
			if ok, err := l.when.isTrue(env); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
		}
		s, err := l.text.fill(env)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// condition compiles an expression that must be true or false.
func (s *scope) condition(src *source, n *yaml.Node, what string) *expression {
	return s.expr(src, n, what, boolType)
}

// expr compiles the expression that the scalar n holds.
func (s *scope) expr(src *source, n *yaml.Node, what string, want ...reflect.Type) *expression {
	v, ok := src.scalar(n, what)
	if !ok {
		return nil
	}
	return s.compile(src, n, v, what, want...)
}
