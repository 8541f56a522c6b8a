package evtx

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// escape says what a text is put into.
type escape uint8

const (
	escapeNone escape = iota // plain UTF-8
	escapeXML                // character data
	escapeAttr               // an attribute value in double quotes
	escapeJSON               // a JSON string
	escapePI                 // the data of a processing instruction, where XML has no escapes
)

// escaped holds each ASCII character as it stands in each surrounding: at most seven bytes,
// the first lowest, and their number in the highest byte.
var escaped = func() (t [5][utf8.RuneSelf]uint64) {
	for esc := range t {
		for c := range t[esc] {
			text := escapedASCII(byte(c), escape(esc))
			b := [8]byte{7: byte(len(text))}
			copy(b[:7], text)
			t[esc][c] = binary.LittleEndian.Uint64(b[:])
		}
	}
	return t
}()

// appendASCII appends an ASCII character, escaped. Like what follows it stores eight bytes,
// of which it keeps some: what stands in dst behind the text is written over.
func appendASCII(dst []byte, c byte, esc escape) []byte {
	e := escaped[esc][c&0x7f]
	return binary.LittleEndian.AppendUint64(dst, e)[:len(dst)+int(e>>56)]
}

const (
	eachByte  = 0x0101010101010101
	highBits  = 0x80 * eachByte
	wideUnits = 0xff80ff80ff80ff80 // bits of four UTF-16 units that ASCII has not
)

// octet finds characters that may have to be escaped among eight of ASCII, one a byte of a
// word: two characters, or two pairs that differ in one bit, and control characters.
type octet struct {
	orA, isA, orB, isB uint64
	control            uint64 // a sum in which control characters keep the highest bit 0
}

// octets are exact but for tabs and line feeds in XML, which they count among the control
// characters.
var octets = [5]octet{
	escapeNone: newOctet(0x7f, 0, 0x7f, 0, 0), // finds none
	escapeXML:  newOctet('<'^'>', '<'|'>', '"'^'&', '"'|'&', ' '),
	escapeAttr: newOctet('<'^'>', '<'|'>', '"'^'&', '"'|'&', ' '),
	escapeJSON: newOctet(0, '"', 0, '\\', ' '),
	escapePI:   newOctet(0x7f, 0, 0x7f, 0, ' '),
}

func newOctet(orA, isA, orB, isB, firstAllowed uint64) octet {
	return octet{orA * eachByte, isA * eachByte, orB * eachByte, isB * eachByte, (0x80 - firstAllowed) * eachByte}
}

// find returns the highest bit of each byte of p that may have to be escaped. Behind a byte
// that is not ASCII the result is wrong.
func (f *octet) find(p uint64) uint64 {
	// Each sum has the highest bit of a byte 1 for what is not sought, and carries nothing.
	a := ((p | f.orA) ^ f.isA) + 0x7f*eachByte
	b := ((p | f.orB) ^ f.isB) + 0x7f*eachByte
	return ^(a & b & (p + f.control)) & highBits
}

// pack makes four bytes of four UTF-16 units that are ASCII. Those before one that is not
// come out right.
func pack(w uint64) uint64 {
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint64(uint32(w | w>>16))
}

// appendUTF16 appends UTF-16LE text as UTF-8, escaped. A lone surrogate becomes U+FFFD. Eight
// ASCII characters at a time are tested and stored as one word; where one has to be escaped
// or is not ASCII, those before it are kept of the word.
func appendUTF16(dst, b []byte, esc escape) []byte {
	le, f := binary.LittleEndian, &octets[esc]
	b = b[:len(b)&^1]
	if cap(dst)-len(dst) < len(b)/2 {
		dst = slices.Grow(dst, len(b)/2+8)
	}
	if len(b) < 16 {
		return appendShort(dst, b, esc)
	}
	last := b[len(b)-16:]
	for len(b) >= 16 {
		lo, hi := le.Uint64(b), le.Uint64(b[8:])
		p := pack(lo) | pack(hi)<<32
		found, wide := f.find(p), (lo|hi)&wideUnits
		if found|wide == 0 {
			dst, b = le.AppendUint64(dst, p), b[16:]
			continue
		}
		if wide == 0 {
			dst, b = appendFound(dst, p, found, 8, esc), b[16:]
			continue
		}
		n := min(bits.TrailingZeros64(found)/8, leadingASCII(lo, hi))
		dst = le.AppendUint64(dst, p)[:len(dst)+n]
		dst, b = appendUnits(dst, b[2*n:], esc)
	}
	if len(b) == 0 {
		return dst
	}
	// Fewer than eight units are left: read them with some before, and shift these out.
	lo, hi := le.Uint64(last), le.Uint64(last[8:])
	p := pack(lo) | pack(hi)<<32
	before := 64 - 4*len(b)
	if (lo|hi)&wideUnits == 0 {
		return appendFound(dst, p>>before, f.find(p)>>before, len(b)/2, esc)
	}
	return appendAll(dst, b, esc)
}

// appendShort appends a text of fewer than eight units.
func appendShort(dst, b []byte, esc escape) []byte {
	if len(b) >= 8 { // two words that may overlap
		le := binary.LittleEndian
		lo, hi := le.Uint64(b), le.Uint64(b[len(b)-8:])
		p := pack(lo) | pack(hi)<<(4*len(b)-32)
		if (lo|hi)&wideUnits == 0 {
			behind := 64 - 4*len(b)
			return appendFound(dst, p, octets[esc].find(p)<<behind>>behind, len(b)/2, esc)
		}
	}
	return appendAll(dst, b, esc)
}

// appendFound appends the n ASCII characters of p, of which those found may have to be escaped.
func appendFound(dst []byte, p, found uint64, n int, esc escape) []byte {
	at := 0
	for found != 0 {
		next := bits.TrailingZeros64(found) / 8
		if next > at {
			dst = binary.LittleEndian.AppendUint64(dst, p>>(8*at))[:len(dst)+next-at]
		}
		dst = appendASCII(dst, byte(p>>(8*next)), esc)
		at, found = next+1, found&(found-1)
	}
	return binary.LittleEndian.AppendUint64(dst, p>>(8*at))[:len(dst)+n-at]
}

// appendAll appends a text unit by unit.
func appendAll(dst, b []byte, esc escape) []byte {
	for len(b) > 0 {
		dst, b = appendUnits(dst, b, esc)
	}
	return dst
}

// leadingASCII counts the ASCII characters before the first other of eight.
func leadingASCII(lo, hi uint64) int {
	n := bits.TrailingZeros64(lo&wideUnits) / 16
	if n == 4 {
		n += bits.TrailingZeros64(hi&wideUnits) / 16
	}
	return n
}

// appendUnits appends characters one by one, escaped, up to where two or more follow that are
// likely to stand as they are. There must be one. It returns what is left of the text.
func appendUnits(dst, b []byte, esc escape) (out, rest []byte) {
	le := binary.LittleEndian
	for len(b) >= 2 {
		switch u := le.Uint16(b); {
		case u < utf8.RuneSelf:
			dst, b = appendASCII(dst, byte(u), esc), b[2:]
			if len(b) < 2 || le.Uint16(b)-' ' < utf8.RuneSelf-' ' {
				return dst, b
			}
		case u < 0x800:
			dst, b = appendTwos(dst, b)
		case utf16.IsSurrogate(rune(u)):
			dst, b = appendSurrogate(dst, b)
		default:
			dst, b = appendThrees(dst, b, esc)
		}
	}
	return dst, b
}

// appendTwos appends characters that have two bytes in UTF-8, of which there must be one.
func appendTwos(dst, b []byte) (out, rest []byte) {
	le := binary.LittleEndian
	for len(b) >= 8 {
		w := le.Uint64(b)
		// All are below 0x800, and none below 0x80.
		if w&0xf800f800f800f800|^(w+0x7f807f807f807f80)&0x8000800080008000 != 0 {
			break
		}
		w = w>>6&0x001f001f001f001f | w&0x003f003f003f003f<<8 | 0x80c080c080c080c0
		dst, b = le.AppendUint64(dst, w), b[8:]
	}
	for len(b) >= 2 {
		u := le.Uint16(b)
		if u-utf8.RuneSelf >= 0x800-utf8.RuneSelf {
			break
		}
		dst, b = append(dst, 0xc0|byte(u>>6), 0x80|byte(u&0x3f)), b[2:]
	}
	return dst, b
}

// appendThrees appends characters that have three bytes in UTF-8, of which there must be
// one.
func appendThrees(dst, b []byte, esc escape) (out, rest []byte) {
	le := binary.LittleEndian
	for len(b) >= 2 {
		u := le.Uint16(b)
		if u < 0x800 || utf16.IsSurrogate(rune(u)) {
			break
		}
		if u >= 0xfffe && esc.isXML() {
			u = utf8.RuneError
		}
		w := uint32(u)
		w = 0x8080e0 | w>>12 | w<<2&0x3f00 | w<<16&0x3f0000
		dst, b = le.AppendUint32(dst, w)[:len(dst)+3], b[2:]
	}
	return dst, b
}

// appendSurrogate appends the character of the two surrogates that b begins with, or U+FFFD
// for one alone.
func appendSurrogate(dst, b []byte) (out, rest []byte) {
	r, n := rune(utf8.RuneError), 2
	if len(b) >= 4 {
		r = utf16.DecodeRune(rune(binary.LittleEndian.Uint16(b)), rune(binary.LittleEndian.Uint16(b[2:])))
	}
	if r != utf8.RuneError {
		n = 4
	}
	return utf8.AppendRune(dst, r), b[n:]
}

// appendString appends UTF-8 text that is already valid, escaped.
func appendString(dst []byte, s string, esc escape) []byte {
	return appendUTF8(dst, []byte(s), esc)
}

// appendUTF8 appends text that is already valid, escaped.
func appendUTF8(dst, b []byte, esc escape) []byte {
	le, f := binary.LittleEndian, &octets[esc]
	if cap(dst)-len(dst) < len(b) {
		dst = slices.Grow(dst, len(b)+8)
	}
	for len(b) > 0 {
		if len(b) >= 8 {
			p := le.Uint64(b)
			found := f.find(p) | p&highBits
			dst = le.AppendUint64(dst, p)
			if found == 0 {
				b = b[8:]
				continue
			}
			n := bits.TrailingZeros64(found) / 8
			dst, b = dst[:len(dst)-8+n], b[n:]
		}
		if b[0] < utf8.RuneSelf {
			dst, b = appendASCII(dst, b[0], esc), b[1:]
			continue
		}
		for len(b) > 0 && b[0] >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(b)
			dst, b = appendRune(dst, r, esc), b[n:]
		}
	}
	return dst
}

// isXML reports whether the text goes into XML, whose characters U+FFFE and U+FFFF are not.
func (esc escape) isXML() bool { return esc != escapeNone && esc != escapeJSON }

// appendRune appends a character beyond ASCII.
func appendRune(dst []byte, r rune, esc escape) []byte {
	if (r == 0xfffe || r == 0xffff) && esc.isXML() {
		r = utf8.RuneError
	}
	return utf8.AppendRune(dst, r)
}

// escapedASCII returns an ASCII character as it stands in its surroundings. A carriage return
// must be a reference in XML, or readers turn CR LF into LF, and in an attribute so must line
// breaks and tabs, of which readers make spaces; other control characters do not exist in XML
// 1.0 and become U+FFFD. A processing instruction has no references: it gets the line feed
// that readers make of a carriage return.
func escapedASCII(c byte, esc escape) string {
	switch {
	case esc == escapeJSON:
		return escapedJSON(c)
	case esc == escapeAttr && c == '\n':
		return "&#10;"
	case esc == escapeAttr && c == '\t':
		return "&#9;"
	case esc == escapePI && c == '\r':
		return "\n"
	case esc == escapeXML || esc == escapeAttr:
		switch c {
		case '<':
			return "&lt;"
		case '>':
			return "&gt;"
		case '&':
			return "&amp;"
		case '"':
			return "&quot;"
		case '\r':
			return "&#13;"
		}
	}
	if esc.isXML() && c < ' ' && c != '\n' && c != '\t' {
		return "\uFFFD"
	}
	return string(rune(c))
}

func escapedJSON(c byte) string {
	switch {
	case c == '"' || c == '\\':
		return `\` + string(rune(c))
	case c == '\n':
		return `\n`
	case c == '\r':
		return `\r`
	case c == '\t':
		return `\t`
	case c < ' ':
		return `\u00` + string("01"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	return string(rune(c))
}

// windows1252 holds the characters of 0x80 to 0x9f in Windows-1252; 0 where it has none.
var windows1252 = [32]rune{
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
}

// appendANSI appends text in the writer's code page, which the log does not state. Text
// that is valid UTF-8 is taken as such, else as Windows-1252.
func appendANSI(dst, b []byte, esc escape) []byte {
	b = trimNULs(b)
	if utf8.Valid(b) {
		return appendUTF8(dst, b, esc)
	}
	for _, c := range b {
		r := rune(c)
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c, esc)
			continue
		}
		if c < 0xa0 {
			if r = windows1252[c-0x80]; r == 0 {
				r = utf8.RuneError
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// trimNULs cuts the terminators off an ANSI string.
func trimNULs(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// utf16Text decodes UTF-16LE.
func utf16Text(b []byte) string {
	var buf [64]byte // most texts are short: one allocation instead of several
	return string(appendUTF16(buf[:0], b, escapeNone))
}
