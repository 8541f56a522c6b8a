package gpreport

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// gpos compares the lists of GPOs.
func (c *comparison) gpos(out *ScopeDiff, before, after *Scope) {
	for _, side := range []Side{BeforeSide, AfterSide} {
		if !c.report(side).listsGPOs() && c.report(side.other()).listsGPOs() {
			c.unsure(GPOsPart, side, OtherFormat, side.words()+" is of a format without a list of GPOs and groups")
		}
	}
	if !c.before.listsGPOs() || !c.after.listsGPOs() {
		return
	}
	m := matchUp(before.listed(), after.listed(), gpoPasses()...)
	c.compared(out, GPOsPart, len(m.pairs) > 0)
	moved := movedPairs(m.pairs, linkOrder)
	for i, p := range m.pairs {
		if fields := c.gpoFields(p[0], p[1], moved[i]); len(fields) > 0 {
			out.GPOs = append(out.GPOs, GPOChange{Change: Changed, Fields: fields, Before: p[0], After: p[1]})
		}
	}
	for _, g := range m.removed {
		if c.absentGPO(AfterSide, g, m.added) {
			out.GPOs = append(out.GPOs, GPOChange{Change: Removed, Before: g})
		}
	}
	for _, g := range m.added {
		if c.absentGPO(BeforeSide, g, m.removed) {
			out.GPOs = append(out.GPOs, GPOChange{Change: Added, After: g})
		}
	}
	c.order(out, before, after)
}

// listed are the GPOs of a scope, applied or not.
func (s *Scope) listed() []GPO { return append(slices.Clip(s.Applied), s.Denied...) }

// gpoPasses find equal GPOs: by GUID, with the domain where both reports state it, and by the
// name only where one of them has no GUID. What a report lists twice, as applied and as denied,
// is joined with its like.
func gpoPasses() []keyPass[GPO] {
	id := func(g *GPO, domain string) string {
		if g.GUID == "" || g.Local {
			return ""
		}
		return strings.ToUpper(g.GUID) + " " + strings.ToLower(domain)
	}
	full := func(g *GPO) string { return id(g, g.Domain) }
	bare := func(g *GPO) string { return id(g, "") }
	bareOnly := func(g *GPO) string {
		if g.Domain != "" {
			return ""
		}
		return id(g, "")
	}
	unnamed := func(g *GPO) string { return nameKey(g, false) }
	named := func(g *GPO) string { return nameKey(g, true) }
	return []keyPass[GPO]{
		sameKey(func(g *GPO) string {
			if g.Local {
				return "local"
			}
			return ""
		}),
		sameKey(alike(full)), sameKey(full),
		{before: alike(bareOnly), after: alike(bare)},
		{before: alike(bare), after: alike(bareOnly)},
		{before: bareOnly, after: bare},
		{before: bare, after: bareOnly},
		sameKey(unnamed),
		{before: unnamed, after: named, unique: true},
		{before: named, after: unnamed, unique: true},
	}
}

// alike adds to a key whether the GPO was applied.
func alike(key func(*GPO) string) func(*GPO) string {
	return func(g *GPO) string {
		k := key(g)
		if k == "" {
			return ""
		}
		return k + " " + yesNo(g.Applied)
	}
}

// nameKey is the name of a GPO that has a GUID or, if guid is not set, that has none.
func nameKey(g *GPO, guid bool) string {
	if g.Local || (g.GUID != "") != guid {
		return ""
	}
	return "name " + foldName(g.Name) // not empty, for a GPO that has neither
}

// absentGPO reports whether a GPO that only the other report lists is not there in that of a
// side, and else notes why that is not known. The others are those that only that report
// lists.
func (c *comparison) absentGPO(side Side, g *GPO, others []*GPO) bool {
	there, here := c.report(side), c.report(side.other())
	switch {
	case !c.whole(GPOsPart, side, aboutGPO(g)):
		return false
	case here.Kind == GPResultXML && there.Kind != GPResultXML && g.Name == g.GUID:
		c.unsure(GPOsPart, side, OtherFormat, side.words()+" is of a format that does not list GPOs which could not be read", aboutGPO(g))
		return false
	case slices.ContainsFunc(others[:min(len(others), maxMaybe)], func(o *GPO) bool {
		return (o.GUID == "") != (g.GUID == "") && strings.EqualFold(o.Name, g.Name)
	}):
		c.unsure(GPOsPart, "", MaybeOneGPO, "several GPOs have one name, and only one report tells their GUIDs", aboutGPO(g))
		return false
	}
	return true
}

// The names of what changes in a GPO.
const (
	fieldApplied    = "applied"
	fieldReason     = "reason"
	fieldLink       = "link"
	fieldLinks      = "links"
	fieldLinkOrder  = "link-order"
	fieldDetails    = "details"
	fieldEnforced   = "enforced"
	fieldRevision   = "revision"
	fieldName       = "name"
	fieldDisabled   = "disabled"
	fieldWMIFilter  = "wmi-filter"
	fieldFilters    = "security-filters"
	fieldExtensions = "extensions"
)

// gpoFields compares what the reports say of one GPO, as far as both say it. Moved says that
// its link has another place among those of the GPOs that both list.
func (c *comparison) gpoFields(a, b *GPO, moved bool) []FieldChange {
	var out []FieldChange
	add := func(field, before, after string) {
		if before != after {
			out = append(out, FieldChange{field, before, after})
		}
	}
	add(fieldApplied, yesNo(a.Applied), yesNo(b.Applied))
	if !a.Applied && !b.Applied && c.sameReasons() {
		add(fieldReason, a.DeniedReason, b.DeniedReason)
	}
	if !a.Local && a.Name != a.GUID && b.Name != b.GUID && !strings.EqualFold(a.Name, b.Name) {
		add(fieldName, a.Name, b.Name)
	}
	if text := c.before.Kind == GPResultText || c.after.Kind == GPResultText; !text {
		if !a.Local && a.Link != "" && b.Link != "" && !strings.EqualFold(a.Link, b.Link) {
			add(fieldLink, a.Link, b.Link)
		}
		add(fieldEnforced, yesNo(a.Enforced), yesNo(b.Enforced))
	}
	before, after := revisionChange(a, b)
	add(fieldRevision, before, after)
	if c.sameWords || a.WMIFilter != "" && b.WMIFilter != "" {
		add(fieldWMIFilter, a.WMIFilter, b.WMIFilter)
	}
	if c.sameWords || len(a.SecurityFilters) > 0 && len(b.SecurityFilters) > 0 {
		d := c.accounts(parsePrincipals(a.SecurityFilters), parsePrincipals(b.SecurityFilters))
		c.unsureAccounts(GPOsPart, d, aboutGPO(a))
		if d.differ() {
			add(fieldFilters, strings.Join(a.SecurityFilters, ", "), strings.Join(b.SecurityFilters, ", "))
		}
	}
	if !c.sameWords {
		if a.Disabled+b.Disabled != "" || len(a.Extensions)+len(b.Extensions)+len(a.Details)+len(b.Details) > 0 {
			c.unsure(GPOsPart, "", OtherFormat, "the two formats or languages word in different ways what is disabled and which extensions a GPO has", aboutGPO(a))
		}
		return out
	}
	if len(a.Links) > 0 && len(b.Links) > 0 {
		add(fieldLinks, linkWords(a.Links), linkWords(b.Links))
	}
	if moved {
		add(fieldLinkOrder, strconv.Itoa(linkOrder(a)), strconv.Itoa(linkOrder(b)))
	}
	was, is := otherFields(a.Details, b.Details)
	add(fieldDetails, was, is)
	add(fieldDisabled, a.Disabled, b.Disabled)
	add(fieldExtensions, joinSorted(a.Extensions), joinSorted(b.Extensions))
	return out
}

// sameReasons reports whether the reports word in one way why GPOs were denied: XML does so
// in the words of English HTML.
func (c *comparison) sameReasons() bool {
	words := func(r *Report) string {
		switch r.Kind {
		case GPResultXML:
			return string(GPResultHTML) + "en"
		default:
			return string(r.Kind) + r.Language
		}
	}
	return words(c.before) == words(c.after)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// notRead is the revision that Windows shows for a SYSVOL part that it did not read.
const notRead = 65535

// revisionChange words those that both reports state.
func revisionChange(a, b *GPO) (before, after string) {
	readable := func(x, y int) bool { return x >= 0 && y >= 0 && x != notRead && y != notRead }
	ad, sysvol := readable(a.RevisionAD, b.RevisionAD), readable(a.RevisionSysvol, b.RevisionSysvol)
	words := func(g *GPO) string {
		switch {
		case ad && sysvol && g.RevisionAD != g.RevisionSysvol:
			return fmt.Sprintf("%d (AD), %d (SYSVOL)", g.RevisionAD, g.RevisionSysvol)
		case ad:
			return strconv.Itoa(g.RevisionAD)
		case sysvol:
			return strconv.Itoa(g.RevisionSysvol)
		}
		return ""
	}
	return words(a), words(b)
}

func joinSorted(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// parsePrincipals reads names of accounts.
func parsePrincipals(names []string) []sid.Principal {
	out := make([]sid.Principal, len(names))
	for i, n := range names {
		out[i] = sid.ParsePrincipal(n)
	}
	return out
}

// linkOrder is the place of the GPO's link among all, which only XML has; -1 if not stated.
func linkOrder(g *GPO) int {
	for _, f := range g.Details {
		if f.Name == "Link > LinkOrder" {
			if n, err := strconv.Atoi(f.Value); err == nil {
				return n
			}
		}
	}
	return -1
}

// otherFields words what of two lists of details only one has, but for places in an order,
// which depend on all other GPOs.
func otherFields(a, b []Field) (before, after string) {
	m := matchUp(a, b, sameKey(func(f *Field) string { return f.Name + "\x00" + f.Value }))
	words := func(list []*Field) string {
		var out []string
		for _, f := range list {
			if !strings.HasSuffix(f.Name, "Order") {
				out = append(out, f.Name+": "+f.Value)
			}
		}
		return joinSorted(out)
	}
	return words(m.removed), words(m.added)
}

// applied are the applied GPOs in the order in which they were: in a text the last stands first.
func (r *Report) applied(s *Scope) []GPO {
	if r.Kind != GPResultText {
		return s.Applied
	}
	out := slices.Clone(s.Applied)
	slices.Reverse(out)
	return out
}

// order compares in which order the GPOs were applied that both reports have.
func (c *comparison) order(out *ScopeDiff, before, after *Scope) {
	if c.before.Kind != c.after.Kind || c.before.Kind == GPResultHTML {
		return // HTML lists them by name
	}
	first, second := c.before.applied(before), c.after.applied(after)
	m := matchUp(first, second, gpoPasses()...)
	place := make(map[*GPO]int, len(m.pairs)) // of the GPOs before, in the order after
	common := make(map[*GPO]bool, len(m.pairs))
	for _, p := range m.pairs {
		common[p[1]] = true
	}
	var was, is []*GPO
	n := make(map[*GPO]int)
	for i := range second {
		if g := &second[i]; common[g] {
			n[g] = len(is)
			is = append(is, g)
		}
	}
	for _, p := range m.pairs {
		place[p[0]] = n[p[1]]
		was = append(was, p[0])
	}
	from, to := 0, len(was)
	for from < to && place[was[from]] == from {
		from++
	}
	for to > from && place[was[to-1]] == to-1 {
		to--
	}
	if from < to {
		out.Order = &OrderChange{refsOf(was[from:to]), refsOf(is[from:to])}
	}
}

func refsOf(list []*GPO) []GPORef {
	out := make([]GPORef, len(list))
	for i, g := range list {
		out[i] = GPORef{Name: g.Name, GUID: g.GUID, Domain: g.Domain, Local: g.Local}
	}
	return out
}

// sameGPO tells whether two references are to one GPO, and whether that is known. Of those that
// several GPOs fit it is only known that they are two.
func sameGPO(a, b GPORef) (same, known bool) {
	if a == (GPORef{}) || b == (GPORef{}) {
		return false, false
	}
	same, known = sameRef(a, b)
	if same && (a.Ambiguous || b.Ambiguous) {
		return false, false
	}
	return same, known
}

// sameRef compares references as if each were to one GPO.
func sameRef(a, b GPORef) (same, known bool) {
	switch {
	case a == b:
		return true, true
	case a.Local || b.Local:
		return a.Local == b.Local, true
	case a.GUID != "" && b.GUID != "":
		domains := a.Domain == "" || b.Domain == "" || strings.EqualFold(a.Domain, b.Domain)
		return strings.EqualFold(a.GUID, b.GUID) && domains, true
	case a.Name == "" || b.Name == "" || isGUID(a.Name) != isGUID(b.Name):
		return false, false
	}
	return strings.EqualFold(a.Name, b.Name), true
}

// isGUID reports whether a GPO is named by its GUID.
func isGUID(name string) bool { return strings.HasPrefix(name, "{") && strings.HasSuffix(name, "}") }

// refKey is equal for equal references that are given in the same way.
func refKey(g GPORef) string {
	if g.Local {
		return "local"
	}
	return "GPO " + strings.ToUpper(cmp.Or(g.GUID, g.Name)) + " " + strings.ToLower(g.Domain)
}
