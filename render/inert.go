package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// inert is text that is safe to print: it holds no control character, no invisible
// one and only valid UTF-8. The page takes no other type, so text of an input reaches
// the output only through the functions of this file.
type inert string

// nbsp is a space at which no line is broken. The page prints it as a plain space; text
// from inputs never holds one, because escape shows it.
const nbsp = "\u00a0"

// The longest text that is printed of each sort, in cells. What is longer is cut and
// its length noted.
const (
	maxName    = 120
	maxPath    = 200
	maxExcerpt = 240
	maxTitle   = 200
	maxProse   = 1200
	maxCommand = 1000
)

// maxMarks is how many combining marks may follow one character. Living languages
// need three; more of them only serve to draw over neighbouring lines.
const maxMarks = 3

// name returns the name of a thing: every character counts, so a line break is shown,
// and so is a space where none is expected to be seen.
func name(s string) inert { return escape(s, maxName, keepSpace) }

// path returns the name of an input.
func path(s string) inert { return escape(s, maxPath, keepSpace) }

// title returns a line of prose.
func title(s string) inert { return escape(s, maxTitle, foldSpace) }

// prose returns sentences, whose line breaks mean no more than spaces.
func prose(s string) inert { return escape(s, maxProse, foldSpace) }

// excerpt returns what stands in an input, cut to limit cells, without its line breaks.
func excerpt(s string, limit int) inert { return escape(s, limit, foldSpace) }

// command returns a command to copy, and whether it is printed as it is: an escape or
// a cut makes it another command.
func command(s string) (text inert, exact bool) {
	s = strings.TrimSpace(s)
	text = escape(s, maxCommand, plainSpace)
	return text, string(text) == s
}

// The ways in which escape treats white space.
const (
	keepSpace  = iota // a space at an end or after a space is shown as an escape
	plainSpace        // spaces stay as they are
	foldSpace         // runs of spaces, tabs and line breaks become one space
)

// escape makes s inert and cuts it to limit cells.
func escape(s string, limit, space int) inert {
	if space == foldSpace {
		s = fold(s)
	}
	if len(s) <= limit && isPlain(s, space) {
		return inert(s)
	}
	var e escaper
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		stray := r == ' ' && space == keepSpace && (i == 0 || i == len(s)-1 || s[i-1] == ' ')
		e.add(r, s[i:i+size], stray)
		if e.cells < limit {
			e.cut = e.out.Len()
		}
		if e.cells > limit {
			return inert(e.out.String()[:e.cut]) + "… (" + count(utf8.RuneCountInString(s), "character") + ")"
		}
		i += size
	}
	return inert(e.out.String())
}

// isPlain reports whether s is printable ASCII of which nothing is escaped, as most text is:
// it has as many cells as bytes and is inert as it is.
func isPlain(s string, space int) bool {
	for i := range len(s) {
		if !isPrintableASCII(rune(s[i])) {
			return false
		}
	}
	return space != keepSpace || !hasOddSpace(s)
}

// hasOddSpace reports whether a space of s is where none is expected to be seen: at an end or
// after another.
func hasOddSpace(s string) bool {
	return strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") || strings.Contains(s, "  ")
}

func isPrintableASCII(r rune) bool { return r >= ' ' && r < 0x7f }

// escaper builds inert text one character at a time.
type escaper struct {
	out   strings.Builder
	cells int
	cut   int  // the length of out that leaves a cell for the ellipsis
	based bool // a character stands before that a mark can sit on
	marks int  // the marks on it
}

// add appends the character r, which is raw in the input; stray escapes it whatever it is.
func (e *escaper) add(r rune, raw string, stray bool) {
	if isPrintableASCII(r) && !stray {
		e.out.WriteByte(byte(r))
		e.cells++
		e.based, e.marks = r != ' ', 0
		return
	}
	text := raw
	mark := unicode.Is(unicode.M, r) || runeCells(r) == 0
	switch {
	case r == utf8.RuneError && len(raw) == 1, r < ' ', r == 0x7f:
		text = fmt.Sprintf(`\x%02x`, raw[0])
		e.based = false
	case stray, !visible(r), mark && (!e.based || e.marks == maxMarks):
		text = fmt.Sprintf("<U+%04X>", r)
		e.based = false
	case mark:
		e.marks++
	default:
		e.based, e.marks = r != ' ', 0
	}
	e.out.WriteString(text)
	e.cells += cells(inert(text))
}

// visible reports whether r is seen on a screen as what it is: it has a shape, or is
// one of the two spaces that people type.
func visible(r rune) bool {
	switch {
	case r == ' ', r == '\u3000':
		return true
	case r == '\u2800': // a Braille cell without a dot
		return false
	case !unicode.IsGraphic(r), unicode.Is(unicode.Zs, r):
		return false
	}
	return !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// fold turns runs of spaces, tabs and line breaks into one space and drops them at the
// ends.
func fold(s string) string {
	if !strings.ContainsAny(s, "\t\n\r") && !hasOddSpace(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r'
	}), " ")
}

// stamp returns a time in UTC.
func stamp(t time.Time) inert {
	if t.IsZero() {
		return "unknown time"
	}
	return inert(t.UTC().Format("2006-01-02" + nbsp + "15:04:05Z"))
}

// span returns first and last of a run of times, either of which may be unknown.
func span(first, last *time.Time) inert {
	switch {
	case first == nil && last == nil:
		return "times unknown"
	case first == nil:
		return "unknown to " + stamp(*last)
	case last == nil:
		return stamp(*first) + " to unknown"
	}
	return stamp(*first) + " to " + stamp(*last)
}

// number is an integer in decimal.
func number[T int | int64 | uint64](n T) inert {
	if n < 0 {
		return inert(strconv.FormatInt(int64(n), 10))
	}
	return inert(strconv.FormatUint(uint64(n), 10))
}

// count returns "1 thing" or "3 things".
func count[T int | int64 | uint64](n T, thing inert) inert {
	if n == 1 {
		return "1" + nbsp + thing
	}
	return number(n) + nbsp + thing + "s"
}

// join puts sep between items.
func join(items []inert, sep inert) inert {
	var out strings.Builder
	for i, item := range items {
		if i > 0 {
			out.WriteString(string(sep))
		}
		out.WriteString(string(item))
	}
	return inert(out.String())
}

// list joins at most limit items with commas and counts the others; limit 0 is no limit.
func list(items []inert, limit int) inert {
	if limit <= 0 || len(items) <= limit {
		return join(items, ", ")
	}
	return join(items[:limit], ", ") + " and " + number(len(items)-limit) + " more"
}

// Inert returns text of unknown origin in a form that is safe to print on a terminal, in
// one line: control, format and invisible characters become visible escapes, and overlong
// text is shortened. Spaces stay as they are. It is for programs that print names or errors beside a Result.
func Inert(s string) string { return string(escape(s, maxProse, plainSpace)) }

// Fit returns text of unknown origin as [Inert] does, cut to so many cells of a terminal.
func Fit(s string, width int) string { return string(fit(escape(s, maxProse, plainSpace), width)) }
