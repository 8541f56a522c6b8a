package gpreport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/gpevtx/gpevtx/evidence"
)

// interpreter turns a document's tree into a Report.
type interpreter struct {
	ctx   context.Context
	doc   *document
	tree  *goquery.Document
	rep   *Report
	clock clockEvidence
	// said holds the warnings that are given once a report.
	said map[string]bool
	// rightLines are the lines of the rights that were read.
	rightLines map[string]int
	// timed says that a table of components has times, which a simulation has not.
	timed bool
}

// parseHTML reads the reports in a file of HTML.
func parseHTML(ctx context.Context, in input) ([]*Report, error) {
	var reports []*Report
	var errs []error
	line, err := readMarkup(ctx, in.text, in.cfg, func(doc *document) {
		if doc.kind == ofGPO && !isGPO(doc) {
			return
		}
		rep := interpret(ctx, doc, in.decoded, in.cfg)
		reports = append(reports, rep)
		errs = append(errs, rep.damage(doc.ending, in.size, in.readErr))
	})
	switch {
	case ctx.Err() != nil:
		return nil, &ParseError{Source: in.cfg.Source, Line: line, Err: ctx.Err()}
	case len(reports) > 0:
		return reports, errors.Join(errs...)
	}
	if err = cmp.Or(err, in.readErr); err != nil {
		return nil, &ParseError{Source: in.cfg.Source, Line: line, Expected: "a report", Err: err}
	}
	return nil, &FormatError{Source: in.cfg.Source}
}

// interpret makes a Report of a document.
func interpret(ctx context.Context, doc *document, dec decoded, cfg Config) *Report {
	in := &interpreter{
		ctx:   ctx,
		doc:   doc,
		tree:  goquery.NewDocumentFromNode(doc.root),
		rep:   &Report{Source: cfg.Source, Line: doc.line, Kind: GPResultHTML},
		clock: readClock(doc.tail),
		said:  make(map[string]bool),

		rightLines: make(map[string]int),
	}
	if dec.replaced > 0 {
		in.rep.warn(Undecodable, dec.line, "%d character(s) of the file could not be decoded", dec.replaced)
	}
	in.rep.Offsets = in.clock.offsets
	if !in.clock.orderKnown {
		in.clock.order, in.clock.orderKnown = in.orderOfDates()
	}
	in.rep.Language = in.language()
	if in.rep.Language == "" {
		in.rep.warn(UnknownLanguage, 0, "the report's language was not recognised; it is read by its structure")
	}
	in.title()
	if doc.kind == ofGPO {
		in.gpoReport()
		return in.rep
	}
	in.rep.ComputerAbsent, in.rep.UserAbsent = NotReached, NotReached
	in.halves()
	in.summary()
	in.island(cfg)
	in.rep.Results = in.results()
	return in.rep
}

// maxMessage bounds a message in bytes: it quotes the report.
const maxMessage = 1000

// shortMessage cuts a message to its bound.
func shortMessage(s string) string {
	if len(s) > maxMessage {
		return strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}

// warn adds a warning.
func (r *Report) warn(code string, line int, format string, args ...any) {
	message := shortMessage(fmt.Sprintf(format, args...))
	switch {
	case len(r.Warnings) < maxWarnings:
		r.Warnings = append(r.Warnings, Warning{Code: code, Message: message, Line: line})
	case len(r.Warnings) == maxWarnings:
		r.Warnings = append(r.Warnings, Warning{Code: LimitReached, Message: "there are more warnings than are kept", Line: line})
	}
}

// maxWarnings bounds the warnings of a report: one with two million odd rows needs no more.
const maxWarnings = 1000

// warnOnce adds a warning unless one with its code was given this way before.
func (in *interpreter) warnOnce(code string, line int, format string, args ...any) {
	if !in.said[code] {
		in.said[code] = true
		in.rep.warn(code, line, format, args...)
	}
}

// closed reports whether the row that n is or is in, or n itself if it is in
// none, was not left open by a cut: then its text is all there.
func (in *interpreter) closed(n *html.Node) bool {
	for p := n; p != nil; p = p.Parent {
		if p.DataAtom == atom.Tr {
			return !in.doc.open[p]
		}
	}
	return !in.doc.open[n]
}

// location is a place in a section; row is 0 for a heading. Places in one table
// share their path.
func (in *interpreter) location(n *html.Node, path []string, row int) evidence.Location {
	return evidence.Location{Source: in.rep.Source, Section: path, Row: row, Line: in.doc.lines[n]}
}

// missing marks a scope, or without one the report, incomplete because of a
// section that every report has. If that is known already, as it is after a cut,
// it does not warn.
func (in *interpreter) missing(s *Scope, near *html.Node, format string, args ...any) {
	incomplete := &in.rep.Incomplete
	if s != nil {
		incomplete = &s.Incomplete
	}
	if !*incomplete && !in.doc.cut {
		in.rep.warn(MissingSection, in.doc.lines[near], format, args...)
	}
	*incomplete = true
}

// title reads when the data were collected.
func (in *interpreter) title() {
	stamp := in.tree.Find("table.title #dtstamp").First()
	if stamp.Length() > 0 && in.closed(stamp.Get(0)) {
		in.rep.Collected = in.localTime(text(stamp.Get(0)))
	}
}

// results tells recorded results from simulated ones: by the title, or where its
// language is not known by the components' status, of which a simulation knows
// no times, and by the time of the last refresh, which it does not have.
func (in *interpreter) results() Results {
	header := in.tree.Find("table.title td.rsopheader").First()
	if header.Length() > 0 {
		switch title := text(header.Get(0)); {
		case labels().is(title, "title-modeling"):
			return Modelled
		case labels().is(title, "title-results"):
			return Logged
		}
	}
	for _, s := range []*Scope{in.rep.Computer, in.rep.User} {
		if s != nil && s.Refreshed.Raw != "" {
			return Logged
		}
	}
	if in.timed {
		return Logged
	}
	in.rep.warn(UnknownValue, 0, "the title does not tell whether the results are recorded or modelled")
	return ""
}

// halves reads the computer's and the user's half. Both are always there, in
// this order, even if one has no data.
func (in *interpreter) halves() {
	settings := in.tree.Find("div.rsopsettings").First()
	if settings.Length() == 0 {
		return // cut off
	}
	var list []block
	for _, b := range blocks(settings.Get(0)) {
		if b.level == "0" {
			list = append(list, b)
		}
	}
	if len(list) > 0 {
		in.rep.Computer = in.scope(list[0], true)
	}
	if len(list) > 1 {
		in.rep.User = in.scope(list[1], false)
	}
	if len(list) < 2 {
		in.missing(nil, nil, "the report has %d of the two sections of computer and user", len(list))
	}
	if c := in.rep.Computer; c != nil {
		in.rep.Host = c.Name[strings.LastIndexByte(c.Name, '\\')+1:]
		in.rep.Domain = c.Domain
	}
	if u := in.rep.User; u != nil {
		in.rep.UserName = u.Name
	}
}
