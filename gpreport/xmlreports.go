package gpreport

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// documentReader finds the reports in a file of XML: one is its root, or many stand in an
// element of any name or one after another.
type documentReader struct {
	x       *xmlReader
	cfg     Config
	reports []*Report
	// open says that the end of the last report was not there.
	open bool
	// root is the name of the first element.
	root string
	// prelude is what is told of the file before its first report.
	prelude []Warning
	// trailing says that something was told of behind the last report.
	trailing bool
}

// parseXML reads the reports in a file of XML.
func parseXML(ctx context.Context, in input) ([]*Report, error) {
	text, replaced, line := legalXML(in.text)
	r := &documentReader{x: newXMLReader(ctx, text, in.cfg), cfg: in.cfg}
	var told Report
	if in.replaced > 0 {
		told.warn(Undecodable, in.line, "%d character(s) of the file could not be decoded", in.replaced)
	}
	if replaced > 0 {
		told.warn(Undecodable, line, "%d character(s) of the file that XML does not allow were replaced", replaced)
	}
	r.prelude = told.Warnings
	r.read()
	if ctx.Err() != nil {
		return nil, &ParseError{Source: in.cfg.Source, Line: r.x.line, Err: ctx.Err()}
	}
	err := r.x.err
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = cmp.Or(in.readErr, err)
	}
	if len(r.reports) == 0 {
		return nil, r.nothing(err)
	}
	return r.reports, r.damage(in.size, err)
}

// nothing is the error of a file without reports.
func (r *documentReader) nothing(err error) error {
	known := strings.EqualFold(r.root, "Rsop") || strings.EqualFold(r.root, "GPO")
	whole := r.root != "" && len(r.x.open) == 0
	if (known || whole) && errors.Is(err, io.ErrUnexpectedEOF) {
		return &FormatError{Source: r.cfg.Source}
	}
	return &ParseError{Source: r.cfg.Source, Line: r.x.end.endLine, Expected: "a report", Err: err}
}

// damage tells why reading ended early: in the last report, or between reports, when further
// ones may be missing.
func (r *documentReader) damage(size int64, err error) error {
	last := r.reports[len(r.reports)-1]
	switch {
	case r.open:
		return last.damage(r.x.end, size, err)
	case len(r.x.open) > 0:
		return r.missing(last, err)
	case !r.x.end.atEOF && !r.trailing:
		last.warn(TrailingData, r.x.line, "what stands behind the report was not read: %v", r.x.err)
	}
	return nil
}

// missing tells behind the last report that the element around all reports does not end.
func (r *documentReader) missing(last *Report, err error) error {
	code := CutOff
	switch {
	case errors.Is(err, ErrLimit):
		code = LimitReached
	case errors.Is(err, errMalformed):
		code = Malformed
	}
	last.warn(code, r.x.end.endLine, "further reports may be missing behind this one: %s", plain(err))
	return &ParseError{Source: r.cfg.Source, Line: r.x.end.endLine, Expected: "further reports or the end of the file", Err: err}
}

// read reads all reports.
func (r *documentReader) read() {
	for r.x.err == nil {
		switch t := r.x.next().(type) {
		case xml.StartElement:
			r.element(t)
		case xml.CharData:
			r.between(t)
		}
	}
}

// element reads an element that stands outside of reports.
func (r *documentReader) element(e xml.StartElement) {
	r.root = cmp.Or(r.root, e.Name.Local)
	var read func(*xmlReader, *Report) bool
	switch e.Name {
	case xml.Name{Space: rsopNS, Local: "Rsop"}:
		read = readRSoP
	case xml.Name{Space: settingsNS, Local: "GPO"}:
		read = readGPO
	default:
		if len(r.x.open) == 1 && len(r.reports) > 0 {
			r.trail("the element %q behind the report is none", e.Name.Local)
		}
		return
	}
	rep := &Report{Source: r.cfg.Source, Line: r.x.line}
	if len(r.reports) > 0 {
		r.x.charge(gpoNodes)
	}
	rep.Warnings, r.prelude = r.prelude, nil
	r.reports = append(r.reports, rep)
	r.trailing = false
	r.open = !read(r.x, rep)
}

// between looks at a text outside of reports.
func (r *documentReader) between(text xml.CharData) {
	switch {
	case isBlank(text):
	case len(r.reports) > 0:
		r.trail("the text behind the report was not read: %q", text)
	case len(r.x.open) == 0:
		r.x.fail(errors.New("text stands before the root element"))
	}
}

// trail tells of what follows the last report, once.
func (r *documentReader) trail(format string, args ...any) {
	if !r.trailing {
		r.trailing = true
		r.reports[len(r.reports)-1].warn(TrailingData, r.x.line, format, args...)
	}
}

// misplaced reports whether an element has one of the names that matter but not
// their namespace: then something that is not known here may be missing.
func misplaced(x *xmlReader, rep *Report, e xml.StartElement, space string, names ...string) bool {
	if e.Name.Space == space || !slices.Contains(names, e.Name.Local) {
		return false
	}
	rep.warn(MissingSection, x.line, "the element %s has the unknown namespace %q and was not read", e.Name.Local, e.Name.Space)
	return true
}
