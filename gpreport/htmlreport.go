package gpreport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
	// rightPlaces are the places of the rights in the scope's list.
	rightPlaces map[string]int
	// room is how many bytes what is made of the text may have beyond the text itself: the
	// names of headings and columns are repeated for every row below them.
	room *int
	// timed says that a table of components has times, which a simulation has not.
	timed bool
}

// parseHTML reads the reports in a file of HTML.
func parseHTML(ctx context.Context, in input) ([]*Report, error) {
	var reports []*Report
	var errs []error
	var last *document
	room := roomPerByte*len(in.text) + 1<<20
	line, err := readMarkup(ctx, in.text, in.cfg, func(doc *document) {
		if doc.kind == ofGPO && !isGPO(doc) {
			return
		}
		last = doc
		rep := interpret(ctx, doc, in.decoded, in.cfg, &room)
		reports = append(reports, rep)
		errs = append(errs, rep.damage(doc.ending, in.size, in.readErr))
	})
	switch {
	case ctx.Err() != nil:
		return nil, &ParseError{Source: in.cfg.Source, Line: line, Err: ctx.Err()}
	case len(reports) > 0:
		more, err := behind(ctx, in, last, reports[len(reports)-1])
		return append(reports, more...), errors.Join(append(errs, err)...)
	}
	if err = cmp.Or(err, in.readErr); err != nil {
		return nil, &ParseError{Source: in.cfg.Source, Line: line, Expected: "a report", Err: err}
	}
	return nil, &FormatError{Source: in.cfg.Source}
}

// behind reads the reports of another format that stand behind the last page of a file, or
// tells of what else does.
func behind(ctx context.Context, in input, doc *document, last *Report) ([]*Report, error) {
	const end = "</html>"
	i := strings.LastIndex(strings.ToLower(doc.tail), end)
	if i < 0 {
		return nil, nil // the page itself does not end
	}
	rest := doc.tail[i+len(end):]
	blank := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	lines := doc.tailLine - 1 + strings.Count(doc.tail[:i+len(end)+blank], "\n")
	if rest = rest[blank:]; rest == "" {
		return nil, nil
	}
	parse := parserOf(rest)
	if parse == nil {
		last.warn(TrailingData, 1+lines, "what stands behind the report was not read: %.200q", rest)
		return nil, nil
	}
	in.text = strings.Repeat("\n", lines) + rest // so that lines are those of the file
	in.replaced = 0
	return parse(ctx, in)
}

// interpret makes a Report of a document. The room is that of all documents of the file.
func interpret(ctx context.Context, doc *document, dec decoded, cfg Config, room *int) *Report {
	in := &interpreter{
		ctx:   ctx,
		doc:   doc,
		tree:  goquery.NewDocumentFromNode(doc.root),
		rep:   &Report{Source: cfg.Source, Line: doc.line, Kind: GPResultHTML},
		clock: readClock(doc.tail),
		said:  make(map[string]bool),
		room:  room,

		rightPlaces: make(map[string]int),
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

// roomPerByte is how many bytes are made of one of the text at most. Real reports need one.
const roomPerByte = 8

// charge takes n bytes of the room and reports whether there was enough.
func (in *interpreter) charge(n int) bool {
	if *in.room -= n; *in.room < 0 {
		in.warnOnce(LimitReached, 0, "headings or names are too long for the rows below them: settings from here on are missing")
	}
	return *in.room >= 0
}

// chargeNames is charge for names that are to be joined.
func (in *interpreter) chargeNames(names []string) bool {
	n := 0
	for _, s := range names {
		n += len(s) + len(nestedName)
	}
	return in.charge(n)
}

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

// inTitle returns the first element of the title that is one of the selector, or nil. A
// document has one title at most, and begins with it: all else need not be searched.
func (in *interpreter) inTitle(selector string) *html.Node {
	table := in.find(in.doc.root, "table.title")
	if table == nil {
		return nil
	}
	return in.find(table, selector)
}

// title reads when the data were collected.
func (in *interpreter) title() {
	if stamp := in.inTitle("#dtstamp"); stamp != nil && in.closed(stamp) {
		in.rep.Collected = in.localTime(text(stamp))
	}
}

// results tells recorded results from simulated ones: by the title, or where its
// language is not known by the components' status, of which a simulation knows
// no times.
func (in *interpreter) results() Results {
	if header := in.inTitle("td.rsopheader"); header != nil {
		switch title := text(header); {
		case labels().is(title, "title-modeling"):
			return Modelled
		case labels().is(title, "title-results"):
			return Logged
		}
	}
	if in.timed {
		return Logged
	}
	in.rep.warn(UnknownValue, 0, "the title does not tell whether the results are recorded or modelled")
	return ""
}

// halves reads the computer's and the user's half. Both are always there, in this order,
// even if one has no data; which is which is told by their headings, and only where these are
// not known by their order.
func (in *interpreter) halves() {
	settings := in.find(in.doc.root, "div.rsopsettings")
	if settings == nil {
		return // cut off
	}
	list := slices.DeleteFunc(blocks(settings), func(b block) bool { return b.level != "0" })
	computer, user := in.whichIsWhich(list, "computer-details", "user-details")
	if computer != nil {
		in.rep.Computer = in.scope(*computer, true)
	}
	if user != nil {
		in.rep.User = in.scope(*user, false)
	}
	if computer == nil || user == nil {
		in.missing(nil, nil, "the report has not the two sections of computer and user")
	}
	if c := in.rep.Computer; c != nil {
		in.rep.Host = c.Name[strings.LastIndexByte(c.Name, '\\')+1:]
		in.rep.Domain = c.Domain
	}
	if u := in.rep.User; u != nil {
		in.rep.UserName = u.Name
	}
}

// flaws marks the scope of a section incomplete if its markup is damaged, so that what is
// absent may have been there.
func (in *interpreter) flaws(s *Scope, section *html.Node) {
	if in.doc.cut {
		return // it is incomplete, and says why
	}
	line := in.doc.damaged
	if flaw := firstFlaw(section); flaw != nil {
		line = cmp.Or(in.doc.lines[flaw], line, 1)
	}
	if line > 0 {
		s.Incomplete = true
		in.warnOnce(Malformed, line, "the markup is damaged here or near: rows may be missing")
	}
}

// whichIsWhich finds the halves of computer and user among sections, by the labels of their
// headings. Of two sections, those whose words are not known are what is left, or in order. Of
// any other number they could be anything: a report that is cut off ends within the first.
func (in *interpreter) whichIsWhich(list []block, computerLabel, userLabel string) (computer, user *block) {
	var unknown []*block
	for i := range list {
		b := &list[i]
		title, _, _ := strings.Cut(strings.ReplaceAll(b.title, "（", "("), " (")
		switch {
		case labels().is(title, computerLabel) && computer == nil:
			computer = b
		case labels().is(title, userLabel) && user == nil:
			user = b
		default:
			unknown = append(unknown, b)
		}
	}
	halfway := in.doc.cut && len(list) == 1 && len(unknown) == 1
	switch {
	case len(unknown) == 0:
	case halfway || len(list) == 2 && len(unknown) == 2:
		computer = unknown[0]
		if len(unknown) > 1 {
			user = unknown[1]
		}
	case len(list) == 2 && computer == nil:
		computer = unknown[0]
	case len(list) == 2 && user == nil:
		user = unknown[0]
	}
	return computer, user
}
