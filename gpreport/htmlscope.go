package gpreport

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/gpevtx/gpevtx/sid"
)

// scopeSections are the labels of a half's sections in their order.
var scopeSections = [...]string{"general", "component-status", "settings", "gpos", "wmi-filters"}

// scope reads the half below a heading; nil when the report has no data for it.
func (in *interpreter) scope(half block, computer bool) *Scope {
	why := &in.rep.UserAbsent
	if computer {
		why = &in.rep.ComputerAbsent
	}
	if half.body == nil {
		in.missing(nil, half.heading, "%q has no contents", half.title)
		return nil
	}
	sections, byOrder := in.scopeSections(half.body)
	if len(sections) == 0 {
		in.noData(half, why)
		return nil
	}
	*why = ""
	if byOrder {
		in.warnOnce(UnknownLabel, in.doc.lines[half.heading], "sections below %q were told apart by their order", half.title)
	}
	s := &Scope{Incomplete: in.doc.open[half.body]}
	path := []string{half.title}
	if b, ok := in.section(sections, "general", half, s); ok {
		in.general(s, b, computer)
	}
	if b, ok := sections["component-status"]; ok && b.body != nil {
		in.components(s, b.body, computer)
	}
	if b, ok := in.section(sections, "settings", half, s); ok {
		in.settings(s, b, append(path, b.title), computer, true)
	}
	if b, ok := in.section(sections, "gpos", half, s); ok {
		in.gpos(s, b, append(path, b.title))
	}
	if b, ok := sections["wmi-filters"]; ok && b.body != nil {
		in.wmiFilters(s, b.body)
	}
	in.flaws(s, half.body)
	in.joinWinners(s)
	s.typedSettings()
	return s
}

// scopeSections returns a half's sections by their labels. Sections whose words
// are not known are taken by their place; byOrder says that there were some, and that the
// number of sections does not prove which they are.
func (in *interpreter) scopeSections(body *html.Node) (sections map[string]block, byOrder bool) {
	sections = make(map[string]block)
	place := 0
	for _, b := range blocks(body) {
		if b.level != "0h" {
			continue
		}
		i := labels().oneOf(b.title, scopeSections[:])
		if i < 0 {
			i, byOrder = place, true
		}
		place = i + 1
		if i >= len(scopeSections) {
			continue
		}
		if _, ok := sections[scopeSections[i]]; !ok {
			sections[scopeSections[i]] = b
		}
	}
	return sections, byOrder && len(sections) != len(scopeSections)
}

// section returns a section of a half, which is incomplete without it.
func (in *interpreter) section(sections map[string]block, label string, half block, s *Scope) (block, bool) {
	b, ok := sections[label]
	if ok && b.body != nil {
		return b, true
	}
	in.missing(s, half.heading, "the section %q below %q was not found", label, half.title)
	return block{}, false
}

// noData handles a half without sections: it says so in a sentence. Another
// sentence than the known one may be the reason.
func (in *interpreter) noData(half block, why *Absence) {
	if in.doc.open[half.body] {
		return // cut off before anything was read
	}
	sentence := text(half.body)
	if *why = NoData; textWords().is(strings.TrimRight(sentence, ".。"), "access-denied") {
		*why = AccessDenied
		return
	}
	known := labels().printed("no-data-available", in.rep.Language)
	if (known || !loneSentence(half.body)) && in.rep.Language != "" && !labels().is(sentence, "no-data-available") {
		in.rep.warn(UnknownValue, in.doc.lines[half.heading], "%q has no sections but says %q", half.title, sentence)
	}
}

// loneSentence reports whether a half has nothing but a sentence, which in all languages means
// that it has no data.
func loneSentence(body *html.Node) bool {
	divisions := 0
	for c := range body.ChildNodes() {
		if c.Type == html.ElementNode {
			divisions++
		}
	}
	return divisions == 1 && body.LastChild != nil && !hasBlocks(body.FirstChild)
}

// general reads the table of names: the account, the domain, the site and the
// organizational unit. The groups are in an element of their own.
func (in *interpreter) general(s *Scope, b block, computer bool) {
	table := goquery.NewDocumentFromNode(b.body).Find("table.info").First()
	if table.Length() == 0 {
		return
	}
	byPlace := []*string{&s.Name, &s.Domain, &s.OU}
	if computer {
		byPlace = []*string{&s.Name, &s.Domain, &s.Site, &s.OU}
	}
	fields := map[string]*string{
		"computer-name": &s.Name, "user-name": &s.Name, "domain": &s.Domain,
		"site": &s.Site, "organizational-unit": &s.OU,
	}
	for place, row := range tableRows(table.Get(0)) {
		cells, _, _ := rowCells(row)
		if len(cells) != 2 || !in.closed(row) {
			continue
		}
		name := text(cells[0])
		if groups := goquery.NewDocumentFromNode(cells[1]).Find("#showItem"); groups.Length() > 0 {
			for _, name := range textLines(groups.Get(0)) {
				s.Groups = append(s.Groups, sid.ParsePrincipal(name))
			}
			continue
		}
		s.General = append(s.General, Field{name, text(cells[1])})
		field := lookupField(fields, name)
		if field == nil && in.rep.Language != "en" && place < len(byPlace) {
			field = byPlace[place]
			in.warnOnce(UnknownLabel, in.doc.lines[row], "rows below %q were told apart by their order", b.title)
		}
		if field != nil {
			*field = text(cells[1])
		}
	}
	s.withoutDomain(computer)
}

// lookupField returns the field whose label a text is in any language, or nil.
func lookupField[T any](fields map[string]*T, text string) *T {
	for _, w := range labels().find(text) {
		if f := fields[w.key]; f != nil {
			return f
		}
	}
	return nil
}

// withoutDomain drops what reports print for the domain and site of a computer
// that has none: "Local" and "(None)", in words of the language. Its name then
// has no domain in front of it.
func (s *Scope) withoutDomain(computer bool) {
	if computer && s.Name != "" && !strings.Contains(s.Name, `\`) {
		s.Domain, s.Site = "", ""
	}
	if labels().is(s.Domain, "no-domain") {
		s.Domain = ""
	}
	if labels().is(s.Site, "no-site") {
		s.Site = ""
	}
}
