package message

import (
	"strconv"
	"strings"
)

// Template is the text of a message with references to the data of an event. It is immutable
// and safe for concurrent use. The zero value is an empty text.
type Template struct {
	source string
	pieces []piece
}

// piece is a literal text or a reference.
type piece struct {
	kind pieceKind
	// text is a literal, the name of a datum, or the digits of a parameter.
	text string
	// insert counts the data from 1.
	insert int
	// format is what stood between exclamation marks behind a reference.
	format string
}

type pieceKind uint8

const (
	literalPiece   pieceKind = iota
	insertPiece              // %1
	namePiece                // %{TargetUserName}
	allPiece                 // %{*}
	parameterPiece           // %%1069
)

// Literal returns a template that prints text as it is.
func Literal(text string) *Template {
	return &Template{source: text, pieces: []piece{{text: text}}}
}

// Parse reads a template in the notation of the Windows function FormatMessage, in which
// message tables and manifests are written:
//
//	%1 … %99      the event's first to 99th datum; a format behind it, as in %1!s!, changes
//	              nothing, because the data are texts already, but for those listed below
//	%0            the end of the text
//	%n %r %t %b   a line break, carriage return, tab, space
//	%% %. %!      a percent sign, full stop, exclamation mark; so for any other character
//	%%1069        a parameter: message 1069 of the provider's table of parameters
//
// and, beyond FormatMessage,
//
//	%{LogonType}  the datum of that name; of UserData, the element of that name
//	%{*}          all data, separated by semicolons, with their names
//
// The formats !win32!, !ntstatus!, !logontype! and !sid! behind %1 or %{Name} add what the
// number or SID stands for. Line breaks at the end of text are dropped. What is not in this
// notation stays as it is: Parse never fails.
func Parse(text string) *Template {
	p := templateParser{rest: strings.TrimRight(text, "\r\n")}
	for p.rest != "" {
		p.next()
	}
	p.flush()
	return &Template{source: text, pieces: p.pieces}
}

// String returns the text that the template was made of.
func (t *Template) String() string { return t.source }

type templateParser struct {
	rest    string
	literal strings.Builder
	pieces  []piece
}

// next reads the literal up to the next percent sign, and what that begins.
func (p *templateParser) next() {
	before, rest, found := strings.Cut(p.rest, "%")
	p.literal.WriteString(before)
	p.rest = rest
	switch {
	case !found:
	case rest == "":
		p.literal.WriteByte('%')
	case rest[0] == '0':
		p.rest = ""
	case isDigit(rest[0]):
		p.insert()
	case rest[0] == '{':
		p.name()
	case rest[0] == '%':
		p.percent()
	default:
		p.escape()
	}
}

// insert reads %1 and what format stands behind it. Each star in a format takes a datum of
// its own, for a width, before the one that is printed.
func (p *templateParser) insert() {
	digits := leadingDigits(p.rest, 2)
	n, _ := strconv.Atoi(digits)
	p.rest = p.rest[len(digits):]
	format := p.format()
	p.reference(piece{kind: insertPiece, insert: n + strings.Count(format, "*"), format: format})
}

func (p *templateParser) name() {
	name, rest, ok := strings.Cut(p.rest[1:], "}")
	if !ok || name == "" {
		p.escape()
		return
	}
	p.rest = rest
	if name == "*" {
		p.reference(piece{kind: allPiece})
		return
	}
	p.reference(piece{kind: namePiece, text: name, format: p.format()})
}

// percent reads %%, which begins a parameter when a number follows.
func (p *templateParser) percent() {
	digits := leadingDigits(p.rest[1:], maxParameterDigits+1)
	if digits == "" {
		p.escape()
		return
	}
	p.rest = p.rest[1+len(digits):]
	p.reference(piece{kind: parameterPiece, text: digits})
}

// escape reads the character behind a percent sign.
func (p *templateParser) escape() {
	switch c := p.rest[0]; c {
	case 'n':
		p.literal.WriteByte('\n')
	case 'r':
		p.literal.WriteByte('\r')
	case 't':
		p.literal.WriteByte('\t')
	case 'b':
		p.literal.WriteByte(' ')
	default: // the bytes of a longer character follow as literals
		p.literal.WriteByte(c)
	}
	p.rest = p.rest[1:]
}

// maxFormat is more than any format of printf needs.
const maxFormat = 16

// format reads !format!, "" if none follows.
func (p *templateParser) format() string {
	rest, ok := strings.CutPrefix(p.rest, "!")
	if !ok {
		return ""
	}
	format, _, ok := strings.Cut(rest[:min(len(rest), maxFormat+1)], "!")
	if !ok || format == "" || strings.Trim(format, formatCharacters) != "" {
		return ""
	}
	p.rest = p.rest[len(format)+2:]
	return format
}

const formatCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.*#+-"

func (p *templateParser) reference(r piece) {
	p.flush()
	p.pieces = append(p.pieces, r)
}

func (p *templateParser) flush() {
	if p.literal.Len() > 0 {
		p.pieces = append(p.pieces, piece{text: p.literal.String()})
		p.literal.Reset()
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// leadingDigits returns the digits that s begins with, at most so many.
func leadingDigits(s string, most int) string {
	n := 0
	for n < len(s) && n < most && isDigit(s[n]) {
		n++
	}
	return s[:n]
}
