package gpreport

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// errMalformed is the cause of a [ParseError] when XML breaks its own rules.
var errMalformed = errors.New("not well-formed XML")

// xmlReader goes through the elements of a text under the limits of a Config. Its
// first error ends the reading: after that every element reads as not closed, so
// that what is taken from closed elements is right.
//
// The decoder knows no entities but the five of XML and expands none that a
// document declares. It is strict: a repaired structure could give a right the
// members of another one.
type xmlReader struct {
	cfg   Config
	dec   *xml.Decoder
	nodes int
	open  []string // the names of the open elements
	names map[string]string
	line  int // where the current token starts
	err   error
	end   ending // where err stands
}

func newXMLReader(ctx context.Context, text string, cfg Config) *xmlReader {
	x := &xmlReader{cfg: cfg, dec: xml.NewDecoder(textReader{ctx, strings.NewReader(text)}), names: make(map[string]string)}
	// The text is decoded already, whatever its declaration says.
	x.dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return x
}

// textReader hands the text to the decoder, which asks for single bytes.
type textReader struct {
	ctx context.Context
	*strings.Reader
}

func (t textReader) ReadByte() (byte, error) {
	if t.Len()%(64<<10) == 0 && t.ctx.Err() != nil { // one token may be as long as the file
		return 0, t.ctx.Err()
	}
	return t.Reader.ReadByte()
}

// next returns the next token, or nil after an error.
func (x *xmlReader) next() xml.Token {
	if x.err != nil {
		return nil
	}
	x.line, _ = x.dec.InputPos()
	tok, err := x.dec.Token()
	if err != nil {
		x.fail(xmlCause(err))
		return nil
	}
	switch t := tok.(type) {
	case xml.StartElement:
		x.nodes++
		if len(x.open) >= x.cfg.MaxDepth {
			x.fail(fmt.Errorf("%w: more than %d nested elements", ErrLimit, x.cfg.MaxDepth))
		}
		x.open = append(x.open, t.Name.Local)
	case xml.EndElement:
		x.open = x.open[:len(x.open)-1]
	case xml.CharData:
		if !isBlank(t) {
			x.nodes++
		}
	}
	x.charge(0)
	if x.err != nil {
		return nil
	}
	return tok
}

// The names of nested elements are joined by nestedName. That makes more text than stands in
// the file, which counts as one more node for as many bytes as bytesPerNode.
const (
	nestedName   = " > "
	bytesPerNode = 64
)

// charge counts nodes that are made of those that were read.
func (x *xmlReader) charge(nodes int) {
	if x.nodes += nodes; x.nodes > x.cfg.MaxNodes {
		x.fail(fmt.Errorf("%w: more than %d elements and texts", ErrLimit, x.cfg.MaxNodes))
	}
}

// xmlCause tells a text that ends too early from one that is malformed.
func xmlCause(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case !errors.As(err, &syntax):
		return err
	case strings.HasPrefix(syntax.Msg, "unexpected EOF"): // the decoder has no other sign
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %s", errMalformed, syntax.Msg)
}

// fail ends the reading.
func (x *xmlReader) fail(err error) {
	if x.err != nil {
		return
	}
	x.err = err
	line, _ := x.dec.InputPos()
	x.end = ending{cut: true, atEOF: errors.Is(err, io.ErrUnexpectedEOF), endLine: line}
	if len(x.open) > 1 {
		x.end.endSection = append(x.end.endSection, x.open[1:]...)
	}
}

// each calls visit at every child of the element that was entered last and reads
// to that element's end; visit need not read to the child's. It reports whether
// the end was there.
func (x *xmlReader) each(visit func(child xml.StartElement)) bool {
	depth := len(x.open)
	for x.err == nil {
		switch t := x.next().(type) {
		case xml.StartElement:
			visit(t)
			x.leave(depth)
		case xml.EndElement:
			return true
		}
	}
	return false
}

// text reads the element that was entered last and returns its own text, on one
// line and without blanks around it. It reports whether its end was there.
func (x *xmlReader) text() (string, bool) {
	return x.collect(func(below int) bool { return below == 0 })
}

// allText is like text with the texts of all elements within.
func (x *xmlReader) allText() (string, bool) {
	return x.collect(func(int) bool { return true })
}

// rawText is like text with its lines as they are, but for blanks at its ends.
func (x *xmlReader) rawText() (string, bool) {
	s, closed := x.content(func(xml.StartElement) {})
	return strings.TrimSpace(s), closed
}

// content reads the element that was entered last, calls visit at every child as each does,
// and returns the element's own text as it stands.
func (x *xmlReader) content(visit func(child xml.StartElement)) (string, bool) {
	depth := len(x.open)
	var b strings.Builder
	for x.err == nil {
		switch t := x.next().(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			visit(t)
			x.leave(depth)
		case xml.EndElement:
			return b.String(), true
		}
	}
	return "", false
}

// leave reads on until no more than depth elements are open.
func (x *xmlReader) leave(depth int) {
	for x.err == nil && len(x.open) > depth {
		x.next()
	}
}

// collect reads the element that was entered last and joins the texts that stand
// as many elements below it as wanted accepts.
func (x *xmlReader) collect(wanted func(below int) bool) (string, bool) {
	depth := len(x.open)
	var b strings.Builder
	for x.err == nil {
		switch t := x.next().(type) {
		case xml.CharData:
			if wanted(len(x.open) - depth) {
				b.Write(t)
			}
		case xml.StartElement:
			b.WriteByte('\n')
		case xml.EndElement:
			if len(x.open) < depth {
				return foldBreaks(b.String()), true
			}
		}
	}
	return "", false
}

// fields reads the element that was entered last and puts the texts of its
// children in a namespace where into says by their names. Of several with one
// name the first that is not empty counts. It reports whether the element's end
// was there.
func (x *xmlReader) fields(space string, into map[string]*string) bool {
	return x.each(func(child xml.StartElement) { x.field(child, space, into) })
}

// field does what fields does for one child.
func (x *xmlReader) field(child xml.StartElement, space string, into map[string]*string) {
	value := into[child.Name.Local]
	if value == nil || child.Name.Space != space {
		return
	}
	if s, _ := x.text(); *value == "" {
		*value = s
	}
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if !isSpace(rune(c)) {
			return false
		}
	}
	return true
}

// legalXML replaces what XML forbids: control characters and references to them.
// Windows writes them when a policy's text holds them, and the decoder would stop
// at the first. It also returns how many it replaced and the line of the first.
func legalXML(text string) (legal string, replaced, line int) {
	var b strings.Builder
	kept := 0 // what stands before it is in b
	for i := 0; i < len(text); {
		n, ok := legalPrefix(text[i:])
		if !ok {
			if replaced == 0 {
				b.Grow(len(text))
				line = 1 + strings.Count(text[:i], "\n")
			}
			replaced++
			b.WriteString(text[kept:i])
			b.WriteRune(utf8.RuneError)
			kept = i + n
		}
		i += n
	}
	if replaced == 0 {
		return text, 0, 0
	}
	b.WriteString(text[kept:])
	return b.String(), replaced, line
}

// legalPrefix returns the length of the first byte, character or reference and
// whether XML allows it.
func legalPrefix(s string) (n int, ok bool) {
	switch c := s[0]; {
	case c == '&':
		return legalReference(s)
	case c < ' ':
		return 1, isSpace(rune(c))
	case c == 0xEF && (strings.HasPrefix(s, "\uFFFE") || strings.HasPrefix(s, "\uFFFF")):
		return 3, false
	}
	return 1, true
}

// legalReference does the same for a reference to a character, of which none needs
// more bytes than this; any other "&" is a matter for the decoder.
func legalReference(s string) (n int, ok bool) {
	const longest = len("&#x0010FFFF;")
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 0 || !strings.HasPrefix(s, "&#") {
		return 1, true
	}
	digits, base := s[len("&#"):end], 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 1, true
	}
	r := rune(min(code, utf8.MaxRune+1))
	allowed := r >= ' ' && r != 0xFFFE && r != 0xFFFF && utf8.ValidRune(r)
	return end + 1, allowed || isSpace(r)
}
