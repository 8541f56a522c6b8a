package gpreport

import (
	"slices"

	"github.com/gpevtx/gpevtx/sid"
)

// OfDiff returns what is chosen of the changes in d, which it shares: those of rights, settings
// and GPOs that are chosen in one of the reports.
func (s Selection) OfDiff(d *Diff) *Diff {
	if s = s.within(d.Before).within(d.After); s.Everything() {
		return d
	}
	out := *d
	m := s.matcher()
	out.Computer, out.User = m.scopeDiff(d.Computer, ComputerScope), m.scopeDiff(d.User, UserScope)
	if s.Scope != "" || len(s.Parts) > 0 || s.filters() {
		out.Description = nil
	}
	out.Unsure = nil
	for _, u := range d.Unsure {
		if kept, ok := m.unsure(u); ok {
			out.Unsure = append(out.Unsure, kept)
		}
	}
	if len(s.Rights) > 0 && s.Scope != UserScope && s.Has(RightsPart) {
		m.askedRights(d, &out)
	}
	return &out
}

// scopeDiff chooses from what differs in a half; nil stays nil.
func (m *matcher) scopeDiff(d *ScopeDiff, scope ScopeName) *ScopeDiff {
	switch {
	case d == nil || m.Scope != "" && m.Scope != scope, scope == UserScope && m.onlyRights():
		return nil
	case len(m.Parts) == 0 && !m.filters():
		return d
	}
	out := &ScopeDiff{Compared: slices.DeleteFunc(slices.Clone(d.Compared), func(p Part) bool { return !m.Has(p) })}
	if m.Has(GPOsPart) {
		out.GPOs = keep(d.GPOs, func(c *GPOChange) bool {
			return c.Before != nil && m.listed(c.Before) || c.After != nil && m.listed(c.After)
		})
		if !m.filters() {
			out.Order, out.SOMs = d.Order, d.SOMs
		}
	}
	if m.Has(GroupsPart) {
		chosen := func(p *sid.Principal) bool { return !m.filters() || m.find != "" && m.account(*p) }
		out.Groups = AccountChanges{Added: keep(d.Groups.Added, chosen), Removed: keep(d.Groups.Removed, chosen)}
	}
	if m.Has(RightsPart) {
		out.Rights = keep(d.Rights, func(c *RightChange) bool {
			return c.Before != nil && m.right(c.Before) || c.After != nil && m.right(c.After)
		})
	}
	if m.Has(SettingsPart) {
		out.Settings = keep(d.Settings, func(c *SettingChange) bool {
			return c.Before != nil && m.setting(c.Before) || c.After != nil && m.setting(c.After)
		})
	}
	if !out.compared() && out.Empty() {
		return nil
	}
	return out
}

// unsure chooses what cannot be compared, by what stands behind its names. What has no names
// may be anything.
func (m *matcher) unsure(u Unsure) (Unsure, bool) {
	switch {
	case m.Scope != "" && u.Scope != m.Scope:
		return u, false
	case slices.Contains([]Part{DescriptionPart, PlacePart, ComponentsPart, FactsPart}, u.Part):
		return u, m.Scope != "" && u.Part != DescriptionPart && len(m.Parts) == 0 && !m.filters()
	case u.Part != "" && !m.Has(u.Part), u.Scope == UserScope && m.onlyRights():
		return u, false
	case !m.filters():
		return u, true
	case u.Part == GroupsPart && len(u.Names) == 0:
		return u, m.find != "" && slices.ContainsFunc(append(slices.Clip(u.Accounts.Added), u.Accounts.Removed...), m.account)
	case len(u.Names) == 0 || len(u.about) != len(u.Names):
		return u, true
	}
	names, about := u.Names, u.about
	u.Names, u.about = nil, nil
	for i, s := range about {
		if m.subject(s) {
			u.Names, u.about = append(u.Names, names[i]), append(u.about, s)
		}
	}
	return u, len(u.Names) > 0
}

// subject chooses what cannot be compared if the reports have it so that it is chosen.
func (m *matcher) subject(s subject) bool {
	return slices.ContainsFunc(s.rights, m.right) || slices.ContainsFunc(s.settings, m.setting) || slices.ContainsFunc(s.gpos, m.listed) ||
		s.account != nil && m.find != "" && m.account(*s.account)
}

// askedRights notes which rights that are asked for a report does not tell, instead of that it
// is not whole, and drops the half if no right was compared.
func (m *matcher) askedRights(d, out *Diff) {
	out.Unsure = slices.DeleteFunc(out.Unsure, func(u Unsure) bool {
		return len(u.Names) == 0 && slices.Contains([]string{string(ReportCutOff), string(NotUnderstood), NoSettings}, u.Code)
	})
	if d.Computer == nil {
		return
	}
	told := false
	c := newComparison(d.Before, d.After)
	c.scopeName = ComputerScope
	for _, asked := range m.Rights {
		both := true
		for _, side := range []Side{BeforeSide, AfterSide} {
			if code, message := c.untold(side, asked); code != "" {
				both = false
				c.unsure(RightsPart, side, code, message, subject{name: asked})
			}
		}
		told = told || both
	}
	out.Unsure = append(out.Unsure, slices.DeleteFunc(c.diff.Unsure, func(u Unsure) bool {
		return slices.ContainsFunc(out.Unsure, func(o Unsure) bool { return o.Part == RightsPart && o.Side == u.Side && len(m.Rights) == 1 })
	})...)
	if !told && out.Computer.Empty() {
		out.Computer = nil
	}
}

// untold tells why the report of a side does not tell whether a right is defined; no code says
// that it does.
func (c *comparison) untold(side Side, asked string) (code, message string) {
	s := c.scopeOf(side)
	constant, _ := LookupRight(asked)
	m := Selection{Rights: []string{asked, constant}}.matcher()
	if slices.ContainsFunc(s.Rights, func(a Assignment) bool { return m.rightNamed(a.Right, a.Display) }) {
		return "", ""
	}
	if code, message = c.doubt(side); code != "" {
		return code, message + ", and these may be in it"
	}
	if slices.ContainsFunc(s.Rights, func(a Assignment) bool { return unrecognised(&a) }) {
		return UnknownName, side.words() + " has user rights whose names were not recognised, and these may be among them"
	}
	return "", ""
}

// onlyRights reports whether nothing but user rights is chosen, which users do not have.
func (m *matcher) onlyRights() bool {
	return m.Has(RightsPart) && !m.Has(GPOsPart) && !m.Has(GroupsPart) && !m.Has(SettingsPart)
}
