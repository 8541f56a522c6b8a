package gpreport

import (
	"cmp"
	"strings"
)

// scope compares one half, which is nil in the reports that have no data for it.
func (c *comparison) scope(name ScopeName, before, after *Scope, beforeAbsent, afterAbsent Absence) *ScopeDiff {
	c.scopeName = name
	switch {
	case before == nil && after == nil:
		c.bothAbsent(beforeAbsent, afterAbsent)
		return nil
	case before == nil:
		c.absent(BeforeSide, beforeAbsent)
		return nil
	case after == nil:
		c.absent(AfterSide, afterAbsent)
		return nil
	}
	out := &ScopeDiff{}
	c.gaps()
	c.fields(out, before, after)
	c.gpos(out, before, after)
	c.soms(out, before, after)
	c.components(out, before, after)
	c.facts(out, before, after)
	c.groups(out, before, after)
	c.rights(out, before, after)
	c.settings(out, before, after)
	return out
}

// fields compares where the computer or user is.
func (c *comparison) fields(out *ScopeDiff, before, after *Scope) {
	for _, f := range []FieldChange{
		{"domain", before.Domain, after.Domain},
		{"site", before.Site, after.Site},
		{"ou", before.OU, after.OU},
	} {
		stated := f.Before != "" && f.After != ""
		switch {
		case strings.EqualFold(f.Before, f.After):
		case stated && otherDomainForm(f):
			c.unsure(PlacePart, "", OtherFormat, "one report has the NetBIOS name and the other the DNS name", subject{name: f.Name})
		case stated, c.before.Kind == c.after.Kind && c.bothWhole():
			out.Fields = append(out.Fields, f)
		case c.before.Kind != c.after.Kind && c.before.listsGPOs() && c.after.listsGPOs():
			c.unsure(PlacePart, "", OtherFormat, "only one of the two formats tells it", subject{name: f.Name})
		}
	}
}

// otherDomainForm reports whether one value is the NetBIOS name of a domain and the other a DNS
// name, which can be of one domain.
func otherDomainForm(f FieldChange) bool {
	return f.Name == "domain" && strings.Contains(f.Before, ".") != strings.Contains(f.After, ".")
}

// components compares how the parts of Windows that apply policy fared. Their status is worded
// in the language of the report and XML has other words, but whether there was an error is
// told by all; only XML tells which in a way that is the same every time.
func (c *comparison) components(out *ScopeDiff, before, after *Scope) {
	if len(before.Components) == 0 || len(after.Components) == 0 {
		return // texts and simulations have none
	}
	m := matchUp(before.Components, after.Components,
		sameKey(func(x *Component) string { return strings.ToUpper(x.GUID) }), sameKey(func(x *Component) string { return x.Name }))
	for _, p := range m.pairs {
		a, b := p[0], p[1]
		failed := (a.Error != "") != (b.Error != "")
		status := c.sameWords && a.Status != b.Status
		number := c.before.Kind == GPResultXML && c.after.Kind == GPResultXML && a.Error != b.Error
		if failed || status || number {
			out.Components = append(out.Components, FieldChange{a.title(), a.outcome(), b.outcome()})
		}
	}
	if !c.sameWords {
		c.componentsNamedOtherwise(BeforeSide, m.removed)
		c.componentsNamedOtherwise(AfterSide, m.added)
		return
	}
	for _, x := range m.removed {
		if c.whole(ComponentsPart, AfterSide, subject{name: x.title()}) {
			out.Components = append(out.Components, FieldChange{x.title(), x.outcome(), ""})
		}
	}
	for _, x := range m.added {
		if c.whole(ComponentsPart, BeforeSide, subject{name: x.title()}) {
			out.Components = append(out.Components, FieldChange{x.title(), "", x.outcome()})
		}
	}
}

// componentsNamedOtherwise notes components of a side that have no counterpart in another format
// or language.
func (c *comparison) componentsNamedOtherwise(side Side, list []*Component) {
	for _, x := range list {
		c.unsure(ComponentsPart, side, OtherFormat, side.words()+" names these in a way that the other format or language does not", subject{name: x.title()})
	}
}

// title names a component.
func (c *Component) title() string { return cmp.Or(c.Name, c.GUID) }

// outcome joins status and error.
func (c *Component) outcome() string {
	if c.Error == "" {
		return c.Status
	}
	return c.Status + ": " + c.Error
}

// groups compares the security groups.
func (c *comparison) groups(out *ScopeDiff, before, after *Scope) {
	if !c.before.listsGPOs() || !c.after.listsGPOs() {
		return
	}
	d := c.accounts(before.Groups, after.Groups)
	c.unsureAccounts(GroupsPart, d)
	if len(d.Removed) > 0 && c.whole(GroupsPart, AfterSide, aboutAccounts(d.Removed)...) {
		out.Groups.Removed = d.Removed
	}
	if len(d.Added) > 0 && c.whole(GroupsPart, BeforeSide, aboutAccounts(d.Added)...) {
		out.Groups.Added = d.Added
	}
	c.compared(out, GroupsPart, len(before.Groups) > 0 && len(after.Groups) > 0)
}
