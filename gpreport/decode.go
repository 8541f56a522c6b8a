package gpreport

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// decoded is the text of a file.
type decoded struct {
	text string
	// replaced counts the bytes or units that were no text, and line is where the
	// first of them stood.
	replaced, line int
}

// decode turns the bytes of a file into text. Windows writes UTF-16LE with a
// byte order mark and says so in a meta element or an XML declaration; tools on
// the way to us re-encode the bytes and leave that as it is, so that the bytes are
// looked at first and what the text says of itself last. When ctx ends, the text ends early.
func decode(ctx context.Context, data []byte) decoded {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		return decodeUTF8(ctx, data)
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return decodeUTF16(ctx, data, 0)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return decodeUTF16(ctx, data, 1)
	}
	if low, ok := utf16ByNULs(data); ok {
		return decodeUTF16(ctx, data, low)
	}
	if utf8.Valid(trimPartialRune(data)) {
		return decodeUTF8(ctx, data)
	}
	if enc := metaEncoding(data); enc != nil {
		if out, err := enc.NewDecoder().Bytes(data); err == nil {
			return decodeUTF8(ctx, out)
		}
	}
	if text, ok := decodeCodePage(data); ok {
		return decodeUTF8(ctx, text)
	}
	// A lost code page cannot be guessed: characters that are visibly missing are
	// better than wrong ones.
	return decodeUTF8(ctx, data)
}

// xmlDeclaration finds the encoding that XML declares.
var xmlDeclaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']`)

// metaEncoding returns the encoding that an XML declaration or a meta element in
// the first kilobyte names, if it is one in which the bytes can be: not UTF-16,
// which x/net turns into UTF-8 as HTML wants it.
func metaEncoding(data []byte) encoding.Encoding {
	head := make([]byte, 0, 1024)
	for _, b := range data[:min(len(data), 1000)] {
		if b < utf8.RuneSelf {
			head = append(head, b)
		}
	}
	if m := xmlDeclaration.FindSubmatch(head); m != nil {
		enc, name := charset.Lookup(string(m[1]))
		if strings.HasPrefix(name, "utf-") {
			return nil
		}
		return enc
	}
	// Without a meta element, a letter that is UTF-8 makes the guess UTF-8. Something must
	// stand behind it: a last letter may be cut and does not count.
	enc, name, _ := charset.DetermineEncoding(append(head, "é."...), "")
	if name == "utf-8" {
		return nil
	}
	return enc
}

// utf16ByNULs recognises UTF-16 without a byte order mark: markup is ASCII, so
// that nearly every other byte at the start is NUL. It returns the index of the
// low byte in each pair.
func utf16ByNULs(data []byte) (low int, ok bool) {
	head := data[:min(len(data), 512)]
	var nuls [2]int
	for i, b := range head {
		if b == 0 {
			nuls[i&1]++
		}
	}
	enough := len(head) / 4
	switch {
	case enough == 0:
		return 0, false
	case nuls[1] > enough && nuls[0] <= nuls[1]/8:
		return 0, true
	case nuls[0] > enough && nuls[1] <= nuls[0]/8:
		return 1, true
	}
	return 0, false
}

// decodeStep is after how many bytes or characters decoding looks whether its context has
// ended. It is even, so that each counts.
const decodeStep = 1 << 16

// decodeUTF16 decodes pairs of bytes; low is the index of the low byte in a
// pair. An odd byte at the end, which a cut leaves, is dropped.
func decodeUTF16(ctx context.Context, data []byte, low int) decoded {
	var t textBuilder
	t.Grow(len(data)/2 + len(data)/16)
	unit := func(i int) rune { return rune(data[i+low]) | rune(data[i+1-low])<<8 }
	var run [256]byte
	n := 0 // how much of run is text to be written
	for i := 0; i+1 < len(data); i += 2 {
		if i%decodeStep == 0 && ctx.Err() != nil {
			break
		}
		r := unit(i)
		if isPlain(r) {
			run[n] = byte(r)
			if n++; n == len(run) {
				t.Write(run[:n])
				n = 0
			}
			continue
		}
		t.Write(run[:n])
		n = 0
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if i+3 < len(data) {
				pair = utf16.DecodeRune(r, unit(i+2))
			}
			switch {
			case pair != utf8.RuneError:
				r, i = pair, i+2
			case i+3 >= len(data):
				continue // half a pair at the end: a cut
			default:
				t.bad()
				continue
			}
		}
		t.add(r)
	}
	t.Write(run[:n])
	return t.done()
}

func decodeUTF8(ctx context.Context, data []byte) decoded {
	data = trimPartialRune(data)
	var t textBuilder
	t.Grow(len(data))
	for i := 0; len(data) > 0; i++ {
		if i%decodeStep == 0 && ctx.Err() != nil {
			break
		}
		if r := rune(data[0]); isPlain(r) {
			t.WriteByte(data[0])
			data = data[1:]
			continue
		}
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			t.bad()
		} else {
			t.add(r)
		}
		data = data[n:]
	}
	return t.done()
}

// trimPartialRune drops the start of a rune at the end of data, which a cut leaves.
func trimPartialRune(data []byte) []byte {
	for i := len(data) - 1; i >= 0 && i >= len(data)-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if !utf8.FullRune(data[i:]) {
				return data[:i]
			}
			break
		}
	}
	return data
}

// textBuilder collects text without byte order marks and NULs. Marks also stand
// in the middle, where files were joined.
type textBuilder struct {
	strings.Builder
	lines, replaced, line int
}

// isPlain reports whether a character is one that add takes as it is, in one byte.
func isPlain(r rune) bool { return ' ' <= r && r < utf8.RuneSelf }

func (t *textBuilder) add(r rune) {
	switch r {
	case 0xFEFF:
		return
	case 0:
		t.note()
		return
	case '\n':
		t.lines++
	}
	t.WriteRune(r)
}

func (t *textBuilder) bad() {
	t.note()
	t.WriteRune(utf8.RuneError)
}

func (t *textBuilder) note() {
	if t.replaced == 0 {
		t.line = t.lines + 1
	}
	t.replaced++
}

func (t *textBuilder) done() decoded {
	return decoded{text: t.String(), replaced: t.replaced, line: t.line}
}
