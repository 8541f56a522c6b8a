package gpreport

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
)

// ErrLimit is the cause of a [ParseError] when a limit of the [Config] ended
// the reading.
var ErrLimit = errors.New("limit exceeded")

// FormatError says that an input is not a report that [Parse] reads.
type FormatError struct{ Source evidence.Source }

// Error implements error.
func (e *FormatError) Error() string {
	return prefix(e.Source, 0, 0) + "not a Group Policy report: neither the title nor the sections nor the XML root nor the headline of one are there"
}

// ParseError says where reading a report ended early and why.
type ParseError struct {
	Source evidence.Source
	// Line is the line of the decoded text, 0 when the text was not reached.
	Line int
	// Offset is the place in the file in bytes, for an error of the file itself:
	// where reading it failed, or where it ends too early.
	Offset int64
	// Section is the path of headings, or of elements of XML, that was being read,
	// outermost first.
	Section []string
	// Expected says what should have been there; empty where a limit ended the reading.
	Expected string
	// Err is the cause: io.ErrUnexpectedEOF for a file that is cut off, one that is [ErrLimit],
	// the context's error, an error of the reader, or what makes XML malformed.
	Err error
}

// Error implements error.
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString(prefix(e.Source, e.Line, e.Offset))
	if len(e.Section) > 0 {
		fmt.Fprintf(&b, "in %q: ", strings.Join(e.Section, " > "))
	}
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		fmt.Fprintf(&b, "%s: %s is missing; it was cut off when it was written or copied: make or copy it again", plain(e.Err), e.Expected)
	case errors.Is(e.Err, ErrLimit):
		fmt.Fprintf(&b, "not read any further: %s; if the file holds several reports give each a file of its own, else make a report of less, such as of one scope", plain(e.Err))
	default:
		if e.Expected != "" {
			fmt.Fprintf(&b, "expected %s: ", e.Expected)
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// plain words what ended the reading, without what only programs want to know.
func plain(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the file ends too early"
	case errors.Is(err, ErrLimit):
		return strings.TrimPrefix(err.Error(), ErrLimit.Error()+": ")
	}
	return err.Error()
}

// Unwrap returns the cause.
func (e *ParseError) Unwrap() error { return e.Err }

func prefix(src evidence.Source, line int, offset int64) string {
	var b strings.Builder
	if src != "" {
		fmt.Fprintf(&b, "%s: ", src)
	}
	if line > 0 {
		fmt.Fprintf(&b, "line %d: ", line)
	}
	if offset > 0 {
		fmt.Fprintf(&b, "offset %d: ", offset)
	}
	return b.String()
}
