package gpreport

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/gpevtx/gpevtx/sid"
)

// gpoReport reads a report of one GPO: a general section and the configurations of computer
// and user, always in this order.
func (in *interpreter) gpoReport() {
	rep := in.rep
	rep.Kind, rep.Results = GPOReportHTML, Defined
	rep.Description = &Description{ComputerAD: -1, ComputerSysvol: -1, UserAD: -1, UserSysvol: -1}
	rep.ComputerAbsent, rep.UserAbsent = NotReached, NotReached
	if name := in.find(in.doc.root, "table.title td.gponame"); name != nil && in.closed(name) {
		rep.GPO.Name = text(name)
	}
	sections := topBlocks(in.doc.root)
	if len(sections) == 0 {
		in.missing(nil, nil, "the report has no sections")
		return
	}
	if sections[0].body != nil {
		in.description(sections[0])
	}
	computer, user := in.whichIsWhich(sections[1:], "computer-configuration", "user-configuration")
	if computer != nil {
		rep.Computer = in.configuration(*computer, &rep.ComputerAbsent, &rep.Description.ComputerEnabled)
	}
	if user != nil {
		rep.User = in.configuration(*user, &rep.UserAbsent, &rep.Description.UserEnabled)
	}
	if computer == nil || user == nil {
		in.missing(nil, nil, "the report has not the two sections of the computer's and the user's configuration")
	}
}

// isGPO reports whether a document is a report of a GPO, and not of something else that
// borrows its style, as the diagnostic scripts of Microsoft do: it states the GPO's GUID, or
// ends before it can.
func isGPO(doc *document) bool {
	sections := topBlocks(doc.root)
	if doc.cut || len(sections) == 0 || sections[0].body == nil {
		return doc.cut
	}
	return anyGUID.MatchString(text(sections[0].body))
}

var anyGUID = regexp.MustCompile(`\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}`)

// topBlocks returns the outermost sections of a document, in its order. The first stands in a
// division of its own.
func topBlocks(root *html.Node) []block {
	var list []block
	for c := range root.ChildNodes() {
		if hasClassPrefix(c, "gpo") {
			list = append(list, blocks(c)...)
		}
	}
	list = append(list, blocks(root)...)
	return slices.DeleteFunc(list, func(b block) bool { return b.level != "0" })
}

// configuration reads the half of a GPO. Its heading says in parentheses whether it is
// enabled.
func (in *interpreter) configuration(b block, why *Absence, enabled **bool) *Scope {
	if b.body == nil {
		return nil
	}
	if open := strings.LastIndexAny(b.title, "(（"); open > 0 {
		state := strings.Trim(b.title[open:], "()（） ")
		on := labels().is(state, "state-enabled")
		if on || labels().is(state, "state-disabled") {
			*enabled = &on
		}
	}
	*why = ""
	s := &Scope{Incomplete: in.doc.open[b.body]}
	in.flaws(s, b.body)
	in.settings(s, b, []string{b.title}, why == &in.rep.ComputerAbsent, false)
	s.typedSettings()
	return s
}

// The sections of the general part in their order.
var descriptionSections = [...]string{"gpo-details", "gpo-links", "gpo-filtering", "gpo-wmi-filtering", "gpo-delegation", "gpo-comment"}

// description reads the general part.
func (in *interpreter) description(general block) {
	for _, b := range blocks(general.body) {
		if b.body == nil || !in.closed(b.heading) {
			continue
		}
		switch i := in.descriptionSection(b); i {
		case "gpo-details":
			in.gpoDetails(b)
		case "gpo-links":
			in.gpoLinks(b)
		case "gpo-filtering":
			in.gpoFiltering(b)
		case "gpo-delegation":
			in.gpoDelegation(b)
		default:
			in.gpoOther(b, i)
		}
	}
}

// descriptionSection tells a section by its heading, or where the language is not known by
// its table.
func (in *interpreter) descriptionSection(b block) string {
	if i := labels().oneOf(b.title, descriptionSections[:]); i >= 0 {
		return descriptionSections[i]
	}
	table := in.find(b.body, "table")
	if table == nil {
		return ""
	}
	columns := 0
	for _, row := range tableRows(table) {
		if cells, header, _ := rowCells(row); header {
			columns = len(cells)
		}
	}
	switch {
	case columns == 0 && anyGUID.MatchString(text(table)):
		return "gpo-details"
	case columns == 4:
		return "gpo-links"
	case columns == 1:
		return "gpo-filtering"
	case columns == 3:
		return "gpo-delegation"
	}
	return ""
}

// gpoRowLabels are the labels of the details in their order.
var gpoRowLabels = [...]string{
	"gpo-domain", "gpo-owner", "gpo-created", "gpo-modified", "gpo-user-revisions",
	"gpo-computer-revisions", "gpo-unique-id", "gpo-status",
}

// gpoDetails reads the table of the GPO's own properties.
func (in *interpreter) gpoDetails(b block) {
	table := in.find(b.body, "table")
	if table == nil {
		return
	}
	for place, row := range tableRows(table) {
		cells, _, _ := rowCells(row)
		if len(cells) != 2 || !in.closed(row) {
			continue
		}
		name, value := text(cells[0]), text(cells[1])
		i := labels().oneOf(name, gpoRowLabels[:])
		if i < 0 && in.rep.Language != "en" && place < len(gpoRowLabels) {
			i = place
			in.warnOnce(UnknownLabel, in.doc.lines[row], "rows below %q were told apart by their order", b.title)
		}
		if i < 0 || !in.gpoDetail(gpoRowLabels[i], value) {
			in.rep.Description.Details = append(in.rep.Description.Details, Field{name, value})
		}
	}
}

// gpoDetail keeps one property and reports whether it was understood.
func (in *interpreter) gpoDetail(label, value string) bool {
	d := in.rep.Description
	switch label {
	case "gpo-domain":
		d.Domain, in.rep.GPO.Domain = value, value
	case "gpo-owner":
		d.Owner = value
	case "gpo-created":
		d.Created = in.localTime(value)
	case "gpo-modified":
		d.Modified = in.localTime(value)
	case "gpo-user-revisions":
		return revisions(value, &d.UserAD, &d.UserSysvol)
	case "gpo-computer-revisions":
		return revisions(value, &d.ComputerAD, &d.ComputerSysvol)
	case "gpo-unique-id":
		if !guidOnly.MatchString(value) {
			return false
		}
		in.rep.GPO.GUID = strings.ToUpper(value)
	case "gpo-status":
		d.Status = value
	}
	return true
}

// revisions reads "7 (AD), 7 (SYSVOL)".
func revisions(value string, ad, sysvol *int) bool {
	n := integer.FindAllString(value, 3)
	if len(n) != 2 {
		return false
	}
	*ad, *sysvol = number(n[0]), number(n[1])
	return true
}

// dataRows returns the cells of the rows that are all there and have as many as wanted.
func (in *interpreter) dataRows(b block, wanted int) [][]*html.Node {
	table := in.find(b.body, "table")
	if table == nil {
		return nil
	}
	var out [][]*html.Node
	for _, row := range tableRows(table) {
		if cells, header, detail := rowCells(row); !header && !detail && len(cells) == wanted && in.closed(row) {
			out = append(out, cells)
		}
	}
	return out
}

// gpoLinks reads the table of links: the place, whether it is enforced and enabled, the path.
// Without any it has one cell that says so.
func (in *interpreter) gpoLinks(b block) {
	for _, cells := range in.dataRows(b, 4) {
		l := Link{Name: text(cells[0]), Status: text(cells[2]), Path: text(cells[3]), Order: -1}
		enforced := text(cells[1])
		l.Enabled = labels().is(l.Status, "state-enabled")
		l.Enforced = labels().is(enforced, "yes")
		if !l.Enabled && !labels().is(l.Status, "state-disabled") || !l.Enforced && !labels().is(enforced, "no") {
			in.rep.warn(UnknownValue, in.doc.lines[cells[0].Parent], "whether the link to %q is enforced (%q) and enabled (%q) was not understood", l.Path, enforced, l.Status)
		}
		in.rep.Description.Links = append(in.rep.Description.Links, l)
	}
}

func (in *interpreter) gpoFiltering(b block) {
	for _, cells := range in.dataRows(b, 1) {
		in.rep.Description.SecurityFilters = append(in.rep.Description.SecurityFilters, sid.ParsePrincipal(text(cells[0])))
	}
}

func (in *interpreter) gpoDelegation(b block) {
	for _, cells := range in.dataRows(b, 3) {
		in.rep.Description.Delegation = append(in.rep.Description.Delegation, Permission{
			Trustee: sid.ParsePrincipal(text(cells[0])), Permission: text(cells[1]), Inherited: text(cells[2]),
		})
	}
}

// gpoOther reads the filter on computers, the comment, and what is not known.
func (in *interpreter) gpoOther(b block, label string) {
	d := in.rep.Description
	f := fieldReader{in: in}
	f.contents(b.body)
	switch {
	case label == "gpo-comment":
		d.Comment = strings.Join(textLines(b.body), "\n")
		return
	case label == "gpo-wmi-filtering" && len(f.fields) > 0:
		d.WMIFilter = f.fields[0].Value
		if len(f.fields) > 1 {
			d.WMIDescription = f.fields[1].Value
		}
	}
	for _, field := range f.fields {
		d.Details = append(d.Details, Field{strings.TrimSuffix(b.title+" > "+field.Name, " > "), field.Value})
	}
}
