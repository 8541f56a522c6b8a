package gpreport

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// settingsReader reads what stands below the heading "Settings" of a half, or in a report of a
// GPO below that of a configuration: headings, tables and sentences in any order. Nothing of
// it is left out: what is no row of user rights becomes a setting, a detail of one, or a note.
type settingsReader struct {
	*interpreter
	s        *Scope
	computer bool
	// winners says that tables name the winning GPO.
	winners bool
	// top is how many headings of a path are above the settings.
	top int
	// rightsFound says that the table of user rights was found, unknown are the headings of
	// those that may be it, mixed that one of these names rights.
	rightsFound, mixed bool
	unknown            []string
	// erred is the heading below which settings could not be collected last.
	erred *html.Node
}

// settings reads a section of settings whose path is path.
func (in *interpreter) settings(s *Scope, section block, path []string, computer, winners bool) {
	r := &settingsReader{interpreter: in, s: s, computer: computer, winners: winners, top: len(path)}
	r.container(section.body, &place{path: path, heading: section.heading, item: noItem})
	if r.mixed || !r.rightsFound && len(r.unknown) > 0 && !in.rightsHeadingProven() {
		s.Incomplete = true
		in.rep.warn(RightsNotFound, in.doc.lines[section.heading],
			"the table of user rights was not recognised; it may be one of %q", r.unknown)
	}
}

// place is where the reader stands.
type place struct {
	// path are the headings, level is the rank of the last and heading its element.
	path    []string
	level   string
	heading *html.Node
	// item is the setting that all of this section belongs to, such as a service; noItem
	// without one. below are the headings between it and here.
	item  int
	below []string
	// preferences says that it is below the heading of preferences.
	preferences bool
}

const noItem = -1

// pathBytes is what one heading in a path costs beside its text.
const pathBytes = 16

// under is the place below a heading; nil if there is no room for it.
func (r *settingsReader) under(p *place, h *html.Node) *place {
	title := headingTitle(h)
	if !r.charge(pathBytes * (len(p.path) + len(p.below))) {
		r.s.Incomplete = true
		return nil
	}
	q := &place{
		path: slices.Concat(p.path, []string{title}), level: headingLevel(h), heading: h,
		item: p.item, preferences: p.preferences || labels().is(title, "preferences"),
	}
	if p.item != noItem {
		q.below = slices.Concat(p.below, []string{title})
	}
	return q
}

// container reads what stands in an element. Its divisions are of one place.
func (r *settingsReader) container(n *html.Node, at *place) {
	var heading *html.Node
	var text strings.Builder
	say := func() { // the text so far
		r.sentences(lines(text.String()), at)
		text.Reset()
	}
	for c := range n.ChildNodes() {
		if r.ctx.Err() != nil {
			return
		}
		switch {
		case c.Type == html.TextNode:
			text.WriteString(c.Data)
		case c.DataAtom == atom.Br:
			text.WriteByte(0)
		case isInline(c):
			writeText(&text, c)
		case c.DataAtom == atom.Table:
			label, rest := labelOf(lines(text.String()))
			text.Reset()
			r.sentences(rest, at)
			r.table(c, at, label)
		case headingLevel(c) != "":
			say()
			heading = c
		case hasClass(c, "container") && heading != nil:
			say()
			if below := r.under(at, heading); below != nil {
				r.section(c, below)
			}
			heading = nil
		case c.DataAtom == atom.Div:
			say()
			r.container(c, at)
		}
	}
	if !r.doc.open[n] { // else the sentence may not be whole
		say()
	}
}

// labelOf takes the last line, if it is no sentence, for the label of the table behind it.
func labelOf(lines []string) (label string, rest []string) {
	last := len(lines) - 1
	if last < 0 || strings.HasSuffix(lines[last], ".") || strings.HasSuffix(lines[last], "。") {
		return "", lines
	}
	return lines[last], lines[:last]
}

// section reads a section, which may be about one thing.
func (r *settingsReader) section(body *html.Node, at *place) {
	if at.item == noItem && r.isItem(at) {
		r.newItem(at, at.heading, "")
	}
	before := r.kept()
	r.container(body, at)
	switch {
	case r.doc.open[body]:
		r.dropWithoutWinner(at)
	case at.item == noItem && r.kept() == before:
		r.note(at, "") // else an empty section would not be there at all
	}
}

// dropWithoutWinner drops the item of a section that is cut off before its winner.
func (r *settingsReader) dropWithoutWinner(at *place) {
	if r.winners && len(at.below) == 0 && at.item == len(r.s.Settings)-1 && at.item != noItem && r.s.Settings[at.item].Winner.Name == "" {
		r.s.Settings = r.s.Settings[:at.item]
	}
}

// kept counts what the scope holds.
func (r *settingsReader) kept() int { return len(r.s.Settings) + len(r.s.Notes) + len(r.s.Rights) }

// note keeps a sentence beside tables.
func (r *settingsReader) note(at *place, text string) {
	r.s.Notes = append(r.s.Notes, Note{Section: at.path[r.top:], Text: text, Location: r.location(at.heading, at.path, 0)})
}

// isItem reports whether a heading itself names a setting: an item of preferences, or in a
// report of a GPO, where no table names a winner, a service.
func (r *settingsReader) isItem(at *place) bool {
	parent := at.path[len(at.path)-2]
	return at.preferences && at.level == "4" || labels().is(parent, "system-services") && at.level == "4h"
}

// newItem makes a setting of a section, named by its heading.
func (r *settingsReader) newItem(at *place, near *html.Node, winner string) {
	last := len(at.path) - 1
	at.item = len(r.s.Settings)
	r.s.Settings = append(r.s.Settings, Setting{
		Section: at.path[r.top:last], Name: at.path[last], Winner: GPORef{Name: winner},
		Location: r.location(near, at.path, 1),
	})
}

// sentences keeps lines that stand beside tables: as a detail of the section's item, of which
// the first names the others, or as notes.
func (r *settingsReader) sentences(lines []string, at *place) {
	switch {
	case len(lines) == 0:
	case at.item != noItem && len(lines) > 1:
		r.detail(at, append(at.below[:len(at.below):len(at.below)], lines[0]), strings.Join(lines[1:], " "))
	case at.item != noItem:
		r.detail(at, at.below, lines[0])
	default:
		for _, l := range lines {
			r.note(at, l)
			if labels().startsWith(l, "collection-error") {
				r.collectionError(l, at)
			}
		}
	}
}

// detail adds to the section's item.
func (r *settingsReader) detail(at *place, name []string, value string) {
	if !r.chargeNames(name) {
		r.s.Incomplete = true
		return
	}
	item := &r.s.Settings[at.item]
	item.Details = append(item.Details, Field{strings.Join(name, nestedName), value})
}

// table reads a table of any kind.
func (r *settingsReader) table(t *html.Node, at *place, label string) {
	if r.computer && r.rightsHere(t, at) {
		return
	}
	if r.winners && at.item == noItem && hasClass(t, "subtable") && !strings.HasPrefix(at.level, "4") && r.erred != at.heading {
		// Nothing but the sentence that settings could not be collected has such a table of
		// its own.
		r.collectionError(label+" "+text(t), at)
	}
	rows := tableRows(t)
	if at.item == noItem {
		if winner, ok := r.winnerRow(rows, at); ok {
			r.newItem(at, rows[0], winner)
			rows = rows[1:]
		}
	} else if winner, ok := r.winnerRow(rows, at); ok && r.s.Settings[at.item].Winner.Name == "" {
		r.s.Settings[at.item].Winner.Name = winner
		rows = rows[1:]
	}
	if at.item != noItem {
		f := fieldReader{in: r.interpreter, prefix: at.below}
		f.rows(rows, label)
		r.s.Settings[at.item].Details = append(r.s.Settings[at.item].Details, f.fields...)
		r.s.Incomplete = r.s.Incomplete || f.short
		r.cut(rows)
		return
	}
	tr := tableReader{settingsReader: r, at: at, section: at.path[r.top:], room: plainRows(rows)}
	if label != "" {
		tr.section = append(tr.section[:len(tr.section):len(tr.section)], label)
	}
	for _, row := range rows {
		tr.row(row)
	}
}

// cut marks the scope incomplete if the last row is not all there.
func (r *settingsReader) cut(rows []*html.Node) {
	if len(rows) > 0 && !r.closed(rows[len(rows)-1]) {
		r.s.Incomplete = true
	}
}

// rightsHere reads a table if it is that of user rights.
func (r *settingsReader) rightsHere(t *html.Node, at *place) bool {
	columns := 2
	if r.winners {
		columns = 3
	}
	heading := at.path[len(at.path)-1]
	like := r.likeRights(t, heading, at.level, columns)
	switch like {
	case userRights:
		r.rightsFound = true
		r.rights(r.s, t, at.path, columns)
	case someRights, formOfRights:
		if like == formOfRights && r.otherTable(t, at) {
			break
		}
		r.mixed = r.mixed || like == someRights
		r.unknown = append(r.unknown, heading)
	}
	return like == userRights
}

// otherTable reports whether a table that has the form of that of user rights is another one: its
// rows have help texts, as only those of administrative templates do, or its headings say so.
func (r *settingsReader) otherTable(t *html.Node, at *place) bool {
	for _, title := range at.path[r.top:] {
		first, _, _ := strings.Cut(title, "/")
		if labels().oneOf(title, otherAreas) >= 0 || labels().oneOf(first, []string{"account-policies", "public-key-policies"}) >= 0 || labels().is(title, "audit-policy-heading") {
			return true
		}
	}
	for _, row := range tableRows(t) {
		if cells, header, _ := rowCells(row); !header && len(cells) > 0 {
			explain, supported := explanation(cells[0])
			return explain != "" || supported != ""
		}
	}
	return false
}

// winnerRow returns the winner that a table names for its section: in its first row, behind
// words that are known or, where those of the language are not, in a table that has
// nothing else and is the first of a section.
func (r *settingsReader) winnerRow(rows []*html.Node, at *place) (winner string, ok bool) {
	if !r.winners || len(rows) == 0 || len(at.path) <= r.top || len(at.below) > 0 || !r.closed(rows[0]) {
		return "", false
	}
	cells, header, detail := rowCells(rows[0])
	if header || detail || len(cells) != 2 {
		return "", false
	}
	known := labels().is(text(cells[0]), "th-winning-gpo")
	marked := attr(cells[0], "scope") == "row" && hasAttr(cells[0], boldAttr)
	guessed := len(rows) == 1 && (r.rep.Language == "" || marked && !labels().printed("th-winning-gpo", r.rep.Language))
	return text(cells[1]), known || guessed
}

// collectionError tells of the sentence that settings could not be collected, after which their
// absence tells nothing. It names the kind of settings, and stands below their heading: those
// that are known to be none of security are no matter for user rights.
func (r *settingsReader) collectionError(sentence string, at *place) {
	r.erred = at.heading
	r.rep.warn(CollectionError, r.doc.lines[at.heading], "the report says that settings could not be collected: %s", sentence)
	for _, title := range at.path[r.top:] {
		if labels().oneOf(title, otherAreas) >= 0 {
			return
		}
	}
	for _, area := range otherAreas {
		if labels().contains(sentence, area) {
			return
		}
	}
	r.s.Incomplete = true
}

// otherAreas are the labels of headings below which there are no user rights.
var otherAreas = []string{"administrative-templates", "preferences", "software-settings"}
