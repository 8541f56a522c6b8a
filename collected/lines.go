package collected

import (
	"bytes"
	"context"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding of a text.
type textEncoding int

const (
	narrow textEncoding = iota // UTF-8, or a code page of which only ASCII is understood
	utf16LE
	utf16BE
)

// lineReader reads a text line by line in bounded memory, and decodes a line only when it is
// asked for: most lines of a large export are of no interest.
type lineReader struct {
	ctx context.Context
	r   io.Reader
	enc textEncoding
	max int // bytes of a line that are kept

	buf        []byte
	start, end int
	eof        bool
	err        error

	raw  []byte // the present line without its end
	line int
	long bool  // part of the present line was dropped
	read int64 // bytes of the lines until now
	// lost is the first line with bytes that are no text.
	lost int
}

const readSize = 256 << 10

func newLineReader(ctx context.Context, r io.Reader, maxLine int) *lineReader {
	l := &lineReader{ctx: ctx, r: r, max: maxLine, buf: make([]byte, readSize)}
	l.fill()
	l.enc, l.start = detectEncoding(l.buf[:l.end])
	return l
}

// detectEncoding tells the encoding by the byte order mark, or by the zeros of ASCII in
// UTF-16, and how many bytes the mark takes.
func detectEncoding(head []byte) (textEncoding, int) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16LE, 2
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16BE, 2
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return narrow, 3
	}
	sample := head[:min(len(head), 256)]
	var zeros [2]int
	for i, c := range sample {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(sample) / 4; {
	case most == 0:
	case zeros[1] > most && zeros[0] == 0:
		return utf16LE, 0
	case zeros[0] > most && zeros[1] == 0:
		return utf16BE, 0
	}
	return narrow, 0
}

// fill reads more behind what is not used yet.
func (l *lineReader) fill() {
	if l.start > 0 {
		l.end = copy(l.buf, l.buf[l.start:l.end])
		l.start = 0
	}
	for tries := 0; l.end < len(l.buf) && !l.eof; tries++ {
		if err := l.ctx.Err(); err != nil {
			l.eof, l.err = true, err
			return
		}
		n, err := l.r.Read(l.buf[l.end:])
		l.end += n
		switch {
		case errors.Is(err, io.EOF):
			l.eof = true
		case err != nil:
			l.eof, l.err = true, err
		case n > 0:
			return
		case tries > 100:
			l.eof, l.err = true, io.ErrNoProgress
		}
	}
}

// newline returns where the next line feed begins in the unused bytes, and how many bytes it
// has; -1 when there is none.
func (l *lineReader) newline() (at, size int) {
	b := l.buf[l.start:l.end]
	if l.enc == narrow {
		return bytes.IndexByte(b, '\n'), 1
	}
	low, high := 0, 1
	if l.enc == utf16BE {
		low, high = 1, 0
	}
	for i := 0; i < len(b); {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			break
		}
		at := (i + j) &^ 1
		if at+1 < len(b) && b[at+low] == '\n' && b[at+high] == 0 {
			return at, 2
		}
		i = at + 2
	}
	return -1, 2
}

// next moves to the next line. It is false at the end.
func (l *lineReader) next() bool {
	l.raw, l.long = l.raw[:0], false
	for {
		at, size := l.newline()
		if at >= 0 {
			l.keep(l.buf[l.start : l.start+at])
			l.start += at + size
			l.line++
			return true
		}
		// A half unit stays for the next round.
		whole := l.end - l.start
		if size == 2 && !l.eof {
			whole &^= 1
		}
		if whole > 0 && (l.eof || whole >= len(l.buf)-2) {
			l.keep(l.buf[l.start : l.start+whole])
			l.start += whole
			if l.eof {
				l.line++
				return true
			}
			continue
		}
		if l.eof {
			if len(l.raw) > 0 {
				l.line++
				return true
			}
			return false
		}
		l.fill()
	}
}

func (l *lineReader) keep(b []byte) {
	l.read += int64(len(b))
	room := max(l.max-len(l.raw), 0)
	if len(b) > room {
		b, l.long = b[:room&^1], true
	}
	l.raw = append(l.raw, b...)
}

// first returns the first character of the line if it is ASCII, else 0.
func (l *lineReader) first() byte {
	switch {
	case l.enc == narrow && len(l.raw) > 0:
		return l.raw[0]
	case l.enc == utf16LE && len(l.raw) > 1 && l.raw[1] == 0:
		return l.raw[0]
	case l.enc == utf16BE && len(l.raw) > 1 && l.raw[0] == 0:
		return l.raw[1]
	}
	return 0
}

// text decodes the line, without its carriage return and NULs.
func (l *lineReader) text() string {
	var out []byte
	bad := false
	switch l.enc {
	case narrow:
		out = make([]byte, 0, len(l.raw))
		for b := l.raw; len(b) > 0; {
			r, n := utf8.DecodeRune(b)
			bad = bad || r == utf8.RuneError && n == 1
			if r != 0 && r != 0xfeff {
				out = utf8.AppendRune(out, r)
			}
			b = b[n:]
		}
	default:
		out = make([]byte, 0, len(l.raw)/2)
		for i := 0; i+1 < len(l.raw); i += 2 {
			r := l.unit(i)
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if i+3 < len(l.raw) {
					pair = utf16.DecodeRune(r, l.unit(i+2))
				}
				if r = pair; r == utf8.RuneError {
					bad = true
				} else {
					i += 2
				}
			}
			if r != 0 && r != 0xfeff {
				out = utf8.AppendRune(out, r)
			}
		}
	}
	if bad && l.lost == 0 {
		l.lost = l.line
	}
	return string(bytes.TrimRight(out, "\r"))
}

func (l *lineReader) unit(i int) rune {
	if l.enc == utf16BE {
		return rune(l.raw[i])<<8 | rune(l.raw[i+1])
	}
	return rune(l.raw[i]) | rune(l.raw[i+1])<<8
}
