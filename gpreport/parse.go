package gpreport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gpevtx/gpevtx/evidence"
)

// Config holds the source's name and the limits of [Parse]. The zero value works. With it,
// reading an ordinary report of 64 MiB takes memory of 4 times its size in HTML and XML, 6 times in
// text and 7 times in security templates, and HTML of nothing but short rows 20 times; what is
// kept is half of the size in HTML and XML, and up to 3 times for short rows and lines.
type Config struct {
	// Source names the file in errors and locations.
	Source evidence.Source
	// MaxBytes is the size in bytes above which a file is refused. 0 means 64 MiB;
	// the largest reports known have 4 MB.
	MaxBytes int64
	// MaxDepth is how deep elements may be nested within the report. 0 means 128;
	// reports need about 25.
	MaxDepth int
	// MaxNodes is how many elements and texts a file may have, or lines a security template or
	// a text; a few more count for what is made of them. 0 means one for every 8 bytes of the
	// file, but no fewer than 1 Mi and no more than 4 Mi: ordinary reports of 64 MiB in
	// UTF-16, as Windows writes them, fit.
	MaxNodes int
}

// The limit on nodes unless it is stated: at least leastNodes, at most mostNodes, and between
// them one for as many bytes as bytesOfNode. The densest reports that Windows writes, tables in
// UTF-8, have some 10.
const (
	bytesOfNode = 8
	leastNodes  = 1 << 20
	mostNodes   = 1 << 22
)

func (c Config) withDefaults() Config {
	c.MaxBytes = cmp.Or(c.MaxBytes, 64<<20)
	c.MaxDepth = cmp.Or(c.MaxDepth, 128)
	c.MaxNodes = cmp.Or(c.MaxNodes, mostNodes)
	return c
}

// nodesFor is the limit on nodes for a file with a size in bytes.
func nodesFor(size int) int { return min(max(size/bytesOfNode, leastNodes), mostNodes) }

// Parse reads one report from the size bytes of r: the first that says what applied, or would
// apply, to a computer, if there is none the first that does so for a user, and else the first
// one. If there are more, a warning tells
// about them; [ParseAll] reads them all.
func Parse(ctx context.Context, r io.ReaderAt, size int64, cfg Config) (*Report, error) {
	reports, err := ParseAll(ctx, r, size, cfg)
	if len(reports) == 0 {
		return nil, err
	}
	i := slices.IndexFunc(reports, func(r *Report) bool { return r.Results != Defined && r.Computer != nil })
	if i < 0 {
		i = max(0, slices.IndexFunc(reports, func(r *Report) bool { return r.Results != Defined }))
	}
	if n := len(reports) - 1; n > 0 {
		other := reports[0]
		if i == 0 {
			other = reports[1]
		}
		reports[i].warn(MoreDocuments, other.Line, "the file holds %d more report(s), which were not read", n)
	}
	return reports[i], err
}

// ParseAll reads the reports in the size bytes of r, in the order of the file: several can
// be joined one after another, as by Get-GPOReport -All.
//
// An input that is not a report of a supported format gives no Report and a
// [*FormatError]. A file that is too large, or from which nothing could be read, gives no
// Report and a [*ParseError]. A file that is damaged gives both Reports, of which the damaged
// ones have Incomplete set, and a *ParseError: what the Reports hold is right, but rows, GPOs
// or a whole scope may be missing; a row or element that is not wholly there is left out. XML
// is read up to the first place where it breaks its own rules; if that is between reports, none
// is incomplete, and the last one warns that further ones may be missing.
//
// The time is linear in size, the memory a small multiple of it. ParseAll keeps
// nothing of r and may be called from several goroutines.
func ParseAll(ctx context.Context, r io.ReaderAt, size int64, cfg Config) ([]*Report, error) {
	stated := cfg.MaxNodes
	cfg = cfg.withDefaults()
	if size > cfg.MaxBytes {
		return nil, &ParseError{Source: cfg.Source, Err: fmt.Errorf("%w: the file has %d bytes, and the limit is %d", ErrLimit, size, cfg.MaxBytes)}
	}
	data, readErr := readAll(ctx, r, size)
	if len(data) == 0 && readErr != nil {
		return nil, &ParseError{Source: cfg.Source, Expected: "a report", Err: readErr}
	}
	dec := decode(ctx, data)
	if ctx.Err() != nil {
		return nil, &ParseError{Source: cfg.Source, Expected: "a report", Err: ctx.Err()}
	}
	cfg.MaxNodes = cmp.Or(stated, nodesFor(len(data)))
	in := input{decoded: dec, cfg: cfg, size: int64(len(data)), readErr: readErr}
	if parse := parserOf(dec.text); parse != nil {
		return parse(ctx, in)
	}
	return parseHTML(ctx, in)
}

// parserOf returns the reader of a format that is told by how a text begins; nil for HTML,
// which has its scripts there.
func parserOf(text string) func(context.Context, input) ([]*Report, error) {
	switch {
	case isXML(text):
		return parseXML
	case isTemplate(text):
		return func(ctx context.Context, in input) ([]*Report, error) {
			return list(parseTemplate(ctx, in.decoded, in.cfg, in.size, in.readErr))
		}
	case isText(text):
		return parseText
	}
	return nil
}

// input is what the readers of the formats get.
type input struct {
	decoded
	cfg Config
	// size is that of the file in bytes. The last of them could not be read if readErr is
	// set.
	size    int64
	readErr error
}

// list makes a list of one report, if there is one.
func list(r *Report, err error) ([]*Report, error) {
	if r == nil {
		return nil, err
	}
	return []*Report{r}, err
}

// readAll reads the size bytes of r in growing steps: size is somebody's claim.
// It returns what it got together with the error.
func readAll(ctx context.Context, r io.ReaderAt, size int64) ([]byte, error) {
	data, err := io.ReadAll(contextReader{ctx, io.NewSectionReader(r, 0, size)})
	if err == nil && int64(len(data)) < size {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// contextReader ends reading when the context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// damage marks the report incomplete if its end is missing, or if err ended the
// reading before it, and returns the error that tells so. The file has size bytes.
func (r *Report) damage(end ending, size int64, err error) error {
	if !end.cut {
		return nil
	}
	err = cmp.Or(end.cause, err)
	r.Incomplete = true
	e := &ParseError{Source: r.Source, Line: end.endLine, Section: end.endSection, Err: err}
	switch {
	case err == nil || errors.Is(err, io.ErrUnexpectedEOF):
		e.Err, e.Expected = io.ErrUnexpectedEOF, "the rest of the report"
		if end.atEOF {
			e.Offset = size
		}
		r.warn(CutOff, end.endLine, "the report ends before its last section does")
	case errors.Is(err, ErrLimit):
		r.warn(LimitReached, end.endLine, "a limit ended the reading: %s", plain(err))
	case errors.Is(err, errMalformed):
		e.Expected = "the rest of the report"
		r.warn(Malformed, end.endLine, "the report was not read from here on: %v", err)
	default:
		r.warn(CutOff, end.endLine, "reading the file failed: %v", err)
		e.Offset = size
	}
	return e
}
