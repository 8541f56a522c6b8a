package gpreport

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	// gpoSuffix is what Windows 10 and later append to a GPO's name, which may
	// itself hold brackets.
	gpoSuffix = regexp.MustCompile(`^(.*?)\s*\[(\{[0-9A-Fa-f-]{36}\}|LocalGPO)\]$`)
	guidOnly  = regexp.MustCompile(`^\{[0-9A-Fa-f-]{36}\}$`)
	integer   = regexp.MustCompile(`\d+`)
)

// gpos reads the lists of applied and denied GPOs, of which the first is always
// the list of the applied ones.
func (in *interpreter) gpos(s *Scope, section block, path []string) {
	place := 0
	for _, list := range blocks(section.body) {
		if list.level != "1h" || list.body == nil {
			continue
		}
		place++
		var applied bool
		switch {
		case labels().is(list.title, "applied-gpos"):
			applied = true
		case labels().is(list.title, "denied-gpos"):
		default:
			applied = place == 1
			in.warnOnce(UnknownLabel, in.doc.lines[list.heading], "lists of GPOs were told apart by their order")
		}
		below := append(path[:len(path):len(path)], list.title)
		for _, b := range blocks(list.body) {
			if !in.closed(b.heading) {
				continue
			}
			g := in.gpo(b, below, applied)
			if applied {
				g.Order = len(s.Applied) + 1
				s.Applied = append(s.Applied, g)
			} else {
				g.Order = len(s.Denied) + 1
				s.Denied = append(s.Denied, g)
			}
		}
	}
	if place < 2 {
		in.missing(s, section.heading, "%q has %d of the two lists of applied and denied GPOs", section.title, place)
	}
}

// gpoRows are the labels of a GPO's rows in their order; the last one is only
// there for a denied GPO.
var gpoRows = [...]string{
	"link-location", "extensions-configured", "enforced", "disabled", "security-filters",
	"revision", "wmi-filter", "reason-denied",
}

func (in *interpreter) gpo(b block, path []string, applied bool) GPO {
	g := GPO{Applied: applied, RevisionAD: -1, RevisionSysvol: -1, Location: in.location(b.heading, path, 0)}
	g.Name, g.GUID, g.Local = splitGPOTitle(b.title)
	if b.body == nil {
		return g
	}
	table := goquery.NewDocumentFromNode(b.body).Find("table.info").First()
	if table.Length() == 0 {
		return g
	}
	for place, row := range tableRows(table.Get(0)) {
		cells, _, _ := rowCells(row)
		if len(cells) != 2 || !in.closed(row) {
			continue
		}
		i := labels().oneOf(text(cells[0]), gpoRows[:])
		if i < 0 {
			i = place
			in.warnOnce(UnknownLabel, in.doc.lines[row], "rows of GPOs were told apart by their order")
		}
		if i < len(gpoRows) {
			in.gpoRow(&g, gpoRows[i], cells[1], row)
		}
	}
	return g
}

// gpoRow puts the value of one row into g.
func (in *interpreter) gpoRow(g *GPO, label string, value, row *html.Node) {
	switch label {
	case "link-location":
		g.Link = text(value)
	case "extensions-configured":
		g.Extensions = textLines(value)
	case "enforced":
		switch t := text(value); {
		case labels().is(t, "yes"):
			g.Enforced, g.EnforcedStated = true, true
		case labels().is(t, "no"):
			g.EnforcedStated = true
		case t != "":
			in.rep.warn(UnknownValue, in.doc.lines[row], "whether the GPO %q is enforced was not understood: %q", g.Name, t)
		}
	case "disabled":
		g.Disabled = text(value)
	case "security-filters":
		g.SecurityFilters = textLines(value)
	case "revision":
		if n := integer.FindAllString(text(value), 3); len(n) == 2 {
			g.RevisionAD, g.RevisionSysvol = number(n[0]), number(n[1])
		}
	case "wmi-filter":
		g.WMIFilter = text(value)
	case "reason-denied":
		g.DeniedReason = text(value)
	}
}

// splitGPOTitle takes a GPO's heading apart. Windows 8 prints the name alone,
// and local policy's name is in words of the language.
func splitGPOTitle(title string) (name, guid string, local bool) {
	m := gpoSuffix.FindStringSubmatch(title)
	switch {
	case m == nil && guidOnly.MatchString(title):
		return title, strings.ToUpper(title), false
	case m == nil:
		return title, "", labels().is(title, "local-group-policy")
	case m[2] == "LocalGPO":
		return m[1], "", true
	}
	return m[1], strings.ToUpper(m[2]), false
}

// joinWinners gives the winners of a scope's rights and settings the GUIDs of
// the applied GPOs with their names. Names are not unique.
func (in *interpreter) joinWinners(s *Scope) {
	byName := make(map[string][]GPO)
	for _, g := range s.Applied {
		byName[g.Name] = append(byName[g.Name], g)
	}
	for i := range s.Rights {
		w, line := &s.Rights[i].Winner, s.Rights[i].Location.Line
		found := byName[w.Name]
		w.join(found)
		switch {
		case w.Ambiguous:
			in.rep.warn(AmbiguousWinner, line, "%d applied GPOs have the name of the winner of %q: %q", len(found), s.Rights[i].Display, w.Name)
		case len(found) == 0 && !s.Incomplete:
			in.rep.warn(UnlistedWinner, line, "no applied GPO has the name of the winner of %q: %q", s.Rights[i].Display, w.Name)
		}
	}
	for i := range s.Rights {
		for k := range s.Rights[i].Others {
			o := &s.Rights[i].Others[k].GPO
			o.join(byName[o.Name])
		}
	}
	for i := range s.Settings {
		w := &s.Settings[i].Winner
		w.join(byName[w.Name])
	}
}

// join completes a reference by name with the applied GPOs of that name, of which one may be
// listed twice. Local policy is not listed where it is empty, and is then known by its words.
func (r *GPORef) join(found []GPO) {
	if len(found) == 0 {
		r.Local = r.Name != "" && labels().is(r.Name, "local-group-policy")
		return
	}
	first := found[0]
	for _, g := range found[1:] {
		if g.GUID == "" || g.GUID != first.GUID {
			r.Ambiguous = true
			return
		}
	}
	r.GUID, r.Local = first.GUID, first.Local
}
