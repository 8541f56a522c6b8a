package gpreport

import (
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/gpevtx/gpevtx/evidence"
)

// Config holds the source's name and the limits of [Parse]. The zero value works.
type Config struct {
	// Source names the file in errors and locations.
	Source evidence.Source
	// MaxBytes is the size in bytes above which a file is refused. 0 means 64 MiB;
	// the largest reports known have 4 MB.
	MaxBytes int64
	// MaxDepth is how deep elements may be nested within the report. 0 means 128;
	// reports need about 25.
	MaxDepth int
	// MaxNodes is how many elements and texts a report may have, or lines a security
	// template. 0 means a million; a report of 4 MB has about a hundred thousand.
	MaxNodes int
}

func (c Config) withDefaults() Config {
	c.MaxBytes = cmp.Or(c.MaxBytes, 64<<20)
	c.MaxDepth = cmp.Or(c.MaxDepth, 128)
	c.MaxNodes = cmp.Or(c.MaxNodes, 1<<20)
	return c
}

// Parse reads one report from the size bytes of r.
//
// An input that is not a report of a supported format gives a nil Report and a
// [*FormatError], which names the format where it is known. A file that is too
// large, or from which nothing could be read, gives a nil Report and a
// [*ParseError]. A file that is damaged gives both a Report with Incomplete set
// and a *ParseError: what the Report holds is right, but rows, GPOs or a whole
// scope may be missing; a row or element that is not wholly there is left out. XML
// is read up to the first place where it breaks its own rules.
//
// A file may hold several reports, joined one after another. The first one is
// read; a warning tells about the others.
//
// The time is linear in size, the memory a small multiple of it. Parse keeps
// nothing of r and may be called from several goroutines.
func Parse(ctx context.Context, r io.ReaderAt, size int64, cfg Config) (*Report, error) {
	cfg = cfg.withDefaults()
	if size > cfg.MaxBytes {
		return nil, &ParseError{Source: cfg.Source, Expected: "a file within the size limit", Err: ErrLimit}
	}
	data, readErr := readAll(ctx, r, size)
	if len(data) == 0 && readErr != nil {
		return nil, &ParseError{Source: cfg.Source, Expected: "a report", Err: readErr}
	}
	dec := decode(ctx, data)
	if ctx.Err() != nil {
		return nil, &ParseError{Source: cfg.Source, Expected: "a report", Err: ctx.Err()}
	}
	switch kind := sniffXML(dec.text); kind {
	case GPResultXML:
		return parseRSoP(ctx, dec, cfg, int64(len(data)), readErr)
	case "":
	default:
		return nil, &FormatError{Source: cfg.Source, Kind: kind}
	}
	if isTemplate(dec.text) {
		return parseTemplate(ctx, dec, cfg, int64(len(data)), readErr)
	}
	m, err := readMarkup(ctx, dec.text, cfg)
	if ctx.Err() != nil {
		return nil, &ParseError{Source: cfg.Source, Line: m.line, Err: ctx.Err()}
	}
	doc := m.result
	if doc == nil {
		return nil, m.noReport(cfg.Source, cmp.Or(err, readErr))
	}
	rep := interpret(doc, dec, cfg)
	if m.count > 1 {
		rep.warn(MoreDocuments, m.otherLine(), "the file holds %d more report(s), which were not read", m.count-1)
	}
	return rep, rep.damage(doc.ending, int64(len(data)), cmp.Or(readErr, err))
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

// noReport is the error for a file in which no results were found: err, if
// reading ended early, else that it is something different.
func (m *markup) noReport(src evidence.Source, err error) error {
	if err != nil {
		return &ParseError{Source: src, Line: m.line, Expected: "a report", Err: err}
	}
	var kind Kind
	if m.gpo {
		kind = GPOReportHTML
	}
	return &FormatError{Source: src, Kind: kind}
}

// damage marks the report incomplete if its end is missing, or if err ended the
// reading before it, and returns the error that tells so. The file has size bytes.
func (r *Report) damage(end ending, size int64, err error) error {
	if !end.cut {
		return nil
	}
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
		e.Expected = "a report within the limits of nesting and size"
		r.warn(LimitReached, end.endLine, "a limit ended the reading")
	case errors.Is(err, errMalformed):
		e.Expected = "the rest of the report"
		r.warn(Malformed, end.endLine, "the report was not read from here on: %v", err)
	default:
		r.warn(CutOff, end.endLine, "reading the file failed: %v", err)
		e.Offset = size
	}
	return e
}
