package gpreport

import (
	"slices"
	"strings"

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
	return &out
}

// scopeDiff chooses from what differs in a half; nil stays nil.
func (m *matcher) scopeDiff(d *ScopeDiff, scope ScopeName) *ScopeDiff {
	switch {
	case d == nil || m.Scope != "" && m.Scope != scope:
		return nil
	case len(m.Parts) == 0 && !m.filters():
		return d
	}
	out := &ScopeDiff{}
	if m.Has(GPOsPart) {
		out.GPOs = keep(d.GPOs, func(c *GPOChange) bool {
			return c.Before != nil && m.listed(c.Before) || c.After != nil && m.listed(c.After)
		})
		if !m.filters() {
			out.Order = d.Order
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
	return out
}

// unsure chooses what cannot be compared, as far as its names tell.
func (m *matcher) unsure(u Unsure) (Unsure, bool) {
	switch {
	case m.Scope != "" && u.Scope != m.Scope, u.Part != "" && !m.Has(u.Part):
		return u, false
	case len(u.Names) == 0:
		return u, true
	case len(m.Rights) > 0:
		u.Names = slices.DeleteFunc(slices.Clone(u.Names), func(name string) bool {
			constant, _ := LookupRight(name)
			return !m.rightNamed(constant, name)
		})
	case m.find != "":
		u.Names = slices.DeleteFunc(slices.Clone(u.Names), func(name string) bool {
			return !strings.Contains(strings.ToLower(name), m.find)
		})
	}
	return u, len(u.Names) > 0
}
