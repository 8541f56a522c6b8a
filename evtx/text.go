package evtx

import (
	"encoding/binary"
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

// needsEscape marks the ASCII characters that each surrounding cannot hold as they are.
var needsEscape = func() (t [5][128]bool) {
	for c := range 0x20 {
		t[escapeJSON][c] = true
		t[escapeXML][c] = c != '\t' && c != '\n'
		t[escapePI][c] = t[escapeXML][c]
		t[escapeAttr][c] = true
	}
	t[escapeJSON]['"'], t[escapeJSON]['\\'] = true, true
	for _, c := range `<>&"` {
		t[escapeXML][c], t[escapeAttr][c] = true, true
	}
	return t
}()

// appendUTF16 appends UTF-16LE text as UTF-8, escaped. A lone surrogate becomes U+FFFD.
func appendUTF16(dst, b []byte, esc escape) []byte {
	special := &needsEscape[esc]
	le := binary.LittleEndian
	for i := 0; i+1 < len(b); i += 2 {
		u := le.Uint16(b[i:])
		if u < utf8.RuneSelf {
			if !special[u] {
				dst = append(dst, byte(u))
				continue
			}
			dst = appendEscaped(dst, byte(u), esc)
			continue
		}
		r := rune(u)
		if utf16.IsSurrogate(r) {
			var next rune
			if i+3 < len(b) {
				next = rune(le.Uint16(b[i+2:]))
			}
			if r = utf16.DecodeRune(r, next); r != utf8.RuneError {
				i += 2
			}
		}
		dst = appendRune(dst, r, esc)
	}
	return dst
}

// appendString appends UTF-8 text that is already valid, escaped.
func appendString(dst []byte, s string, esc escape) []byte {
	special := &needsEscape[esc]
	for _, r := range s {
		if r < utf8.RuneSelf {
			if !special[r] {
				dst = append(dst, byte(r))
				continue
			}
			dst = appendEscaped(dst, byte(r), esc)
			continue
		}
		dst = appendRune(dst, r, esc)
	}
	return dst
}

// appendRune appends a character beyond ASCII. U+FFFE and U+FFFF are not characters of XML.
func appendRune(dst []byte, r rune, esc escape) []byte {
	if esc != escapeNone && esc != escapeJSON && (r == 0xfffe || r == 0xffff) {
		r = utf8.RuneError
	}
	return utf8.AppendRune(dst, r)
}

// appendEscaped appends an ASCII character that cannot stand as it is. A carriage return
// must be a reference in XML, or readers turn CR LF into LF, and in an attribute so must line
// breaks and tabs, of which readers make spaces; other control characters do not exist in XML
// 1.0 and become U+FFFD.
func appendEscaped(dst []byte, c byte, esc escape) []byte {
	if esc == escapeXML || esc == escapeAttr {
		switch c {
		case '<':
			return append(dst, "&lt;"...)
		case '>':
			return append(dst, "&gt;"...)
		case '&':
			return append(dst, "&amp;"...)
		case '"':
			return append(dst, "&quot;"...)
		case '\r':
			return append(dst, "&#13;"...)
		case '\n':
			return append(dst, "&#10;"...)
		case '\t':
			return append(dst, "&#9;"...)
		}
		return utf8.AppendRune(dst, utf8.RuneError)
	}
	if esc == escapePI {
		if c == '\r' {
			return append(dst, '\n') // what readers make of it
		}
		return utf8.AppendRune(dst, utf8.RuneError)
	}
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexLower[c>>4], hexLower[c&15])
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
		return appendString(dst, string(b), esc)
	}
	for _, c := range b {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 {
			if r = windows1252[c-0x80]; r == 0 {
				r = utf8.RuneError
			}
		}
		dst = appendString(dst, string(r), esc)
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
func utf16Text(b []byte) string { return string(appendUTF16(nil, b, escapeNone)) }
