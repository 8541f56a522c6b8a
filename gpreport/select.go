package gpreport

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// ScopeName names a half of a report.
type ScopeName string

// The halves.
const (
	ComputerScope ScopeName = "computer"
	UserScope     ScopeName = "user"
)

// Part is a part of what a report says of a computer or user.
type Part string

// The parts that can be chosen.
const (
	GPOsPart     Part = "gpos"
	GroupsPart   Part = "groups"
	RightsPart   Part = "rights"
	SettingsPart Part = "settings"
)

// Selection chooses from reports and from what differs between them. All conditions must
// hold; the zero value chooses everything. Comparisons ignore case.
type Selection struct {
	// Scope chooses a half of the report; empty for both.
	Scope ScopeName
	// Parts are what is chosen. None stand for user rights if Rights is set, for rights and
	// settings if Path or Find is, with the GPOs if GPO is, and otherwise for everything.
	Parts []Part
	// Rights are user rights, by their constants or as the report words them.
	Rights []string
	// Path chooses rights and settings by the headings above them: some that follow each other,
	// separated by slashes, backslashes or ">", as in
	// "Security Settings/Account Policies". Besides a report's own headings those of the console
	// in English find what XML, text and security templates have of security settings and
	// administrative templates, and user rights in any language.
	Path string
	// Find is a text that must stand somewhere in a right, setting or GPO: in its name,
	// section, value, details or accounts or in the name of a GPO that wins or loses.
	Find string
	// GPO chooses a GPO by its name or GUID, and the rights and settings that it wins or loses;
	// of a report that describes this GPO, everything.
	GPO string
}

// Everything reports whether nothing is left out.
func (s Selection) Everything() bool {
	return s.Scope == "" && len(s.Parts) == 0 && !s.filters()
}

// filters reports whether some rights, settings or GPOs are left out.
func (s Selection) filters() bool {
	return len(s.Rights) > 0 || s.Path != "" || s.Find != "" || s.GPO != ""
}

// Has reports whether a part is chosen.
func (s Selection) Has(p Part) bool {
	switch {
	case len(s.Parts) > 0:
		return slices.Contains(s.Parts, p)
	case len(s.Rights) > 0:
		return p == RightsPart
	case s.GPO != "":
		return p != GroupsPart
	case s.Path != "" || s.Find != "":
		return p == RightsPart || p == SettingsPart
	}
	return true
}

// Of returns a report with what is chosen of r, which it shares. What is not in it may still
// be defined: [Report.Right] must be asked of r.
func (s Selection) Of(r *Report) *Report {
	if s = s.within(r); s.Everything() {
		return r
	}
	out := *r
	out.Computer, out.User = nil, nil
	m := s.matcher()
	if s.Scope != UserScope {
		out.Computer = m.scope(r.Computer)
	}
	if s.Scope != ComputerScope {
		out.User = m.scope(r.User)
	}
	if len(s.Parts) > 0 || s.filters() {
		out.Runs, out.Description = nil, nil
	}
	if s.Scope != "" {
		out.Runs = keep(out.Runs, func(run *Run) bool { return run.User == (s.Scope == UserScope) })
	}
	return &out
}

// within drops the condition that everything in a report fulfils, which describes the GPO that
// is chosen.
func (s Selection) within(r *Report) Selection {
	if s.GPO != "" && r.Results == Defined && s.matcher().named(r.GPO) {
		s.GPO = ""
	}
	return s
}

// matcher is a Selection that is ready to compare.
type matcher struct {
	Selection
	path, find, gpo string
}

func (s Selection) matcher() *matcher {
	return &matcher{Selection: s, path: slashed(s.Path), find: strings.ToLower(s.Find), gpo: strings.ToLower(strings.Trim(s.GPO, "{} "))}
}

// slashed writes a path with a slash before and behind each of its headings, in lower case;
// empty for none.
func slashed(path string) string {
	var out strings.Builder
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' || r == '>' }) {
		if part = strings.TrimSpace(part); part != "" {
			out.WriteString("/" + strings.ToLower(part))
		}
	}
	if out.Len() == 0 {
		return ""
	}
	return out.String() + "/"
}

// scope chooses from a half, which may be nil.
func (m *matcher) scope(s *Scope) *Scope {
	if s == nil {
		return nil
	}
	out := *s
	if len(m.Parts) > 0 || m.filters() {
		out = Scope{Name: s.Name, Domain: s.Domain, Site: s.Site, OU: s.OU, Refreshed: s.Refreshed, Incomplete: s.Incomplete}
	} else {
		return &out
	}
	if m.Has(GPOsPart) {
		out.Applied, out.Denied = keep(s.Applied, m.listed), keep(s.Denied, m.listed)
	}
	if m.Has(GroupsPart) {
		out.Groups = keep(s.Groups, func(p *sid.Principal) bool { return !m.filters() || m.find != "" && m.account(*p) })
	}
	if m.Has(RightsPart) {
		out.Rights = keep(s.Rights, m.right)
	}
	if m.Has(SettingsPart) {
		out.Settings = keep(s.Settings, m.setting)
		out.kinds(s, m.filters())
	}
	return &out
}

// kinds takes over the settings of special kinds: if some settings were left out, those that
// stand in lines of others.
func (s *Scope) kinds(all *Scope, filtered bool) {
	if !filtered {
		s.RestrictedGroups, s.Services, s.LocalGroups = all.RestrictedGroups, all.Services, all.LocalGroups
		return
	}
	lines := make(map[int]bool, len(s.Settings))
	for _, x := range s.Settings {
		lines[x.Location.Line] = true
	}
	s.RestrictedGroups = keep(all.RestrictedGroups, func(g *RestrictedGroup) bool { return lines[g.Location.Line] })
	s.Services = keep(all.Services, func(x *Service) bool { return lines[x.Location.Line] })
	s.LocalGroups = keep(all.LocalGroups, func(g *LocalGroup) bool { return lines[g.Location.Line] })
}

// keep returns the items of a list that are chosen.
func keep[T any](list []T, chosen func(*T) bool) []T {
	var out []T
	for i := range list {
		if chosen(&list[i]) {
			out = append(out, list[i])
		}
	}
	return out
}

// listed chooses GPOs.
func (m *matcher) listed(g *GPO) bool {
	ref := GPORef{Name: g.Name, GUID: g.GUID}
	return (m.gpo == "" || m.named(ref)) && len(m.Rights) == 0 && m.path == "" &&
		(m.find == "" || m.has(g.Name, g.GUID, g.Link, g.DeniedReason, g.WMIFilter) || m.has(g.SecurityFilters...))
}

// right chooses user rights.
func (m *matcher) right(a *Assignment) bool {
	gpo := m.gpo == "" || m.named(a.Winner)
	found := m.find == "" || m.has(a.Right, a.Display, a.Winner.Name, a.Winner.GUID) || m.has(a.Location.Section...) ||
		slices.ContainsFunc(a.Principals, m.account)
	for _, o := range a.Others {
		gpo = gpo || m.named(o.GPO)
		found = found || m.has(o.GPO.Name, o.GPO.GUID) || slices.ContainsFunc(o.Principals, m.account)
	}
	return gpo && found && m.rightUnder(a.Location.Section) && m.rightNamed(a.Right, a.Display)
}

// rightNamed chooses user rights by name.
func (m *matcher) rightNamed(right, display string) bool {
	return len(m.Rights) == 0 || slices.ContainsFunc(m.Rights, func(name string) bool {
		return right != "" && strings.EqualFold(name, right) || strings.EqualFold(name, display)
	})
}

// setting chooses settings.
func (m *matcher) setting(s *Setting) bool {
	gpo := m.gpo == "" || m.named(s.Winner)
	found := m.find == "" || m.has(s.Name, s.Value, s.Winner.Name, s.Winner.GUID) || m.has(s.Section...) || m.hasField(s.Details)
	for _, o := range s.Others {
		gpo = gpo || m.named(o.GPO)
		found = found || m.has(o.GPO.Name, o.GPO.GUID, o.Value) || m.hasField(o.Details)
	}
	return gpo && found && m.under(s.Section, s.Name) && len(m.Rights) == 0
}

// named reports whether a reference is to the chosen GPO.
func (m *matcher) named(g GPORef) bool {
	return strings.EqualFold(m.GPO, g.Name) || g.GUID != "" && strings.ToLower(strings.Trim(g.GUID, "{}")) == m.gpo
}

// under reports whether a setting is below the chosen headings: its own, or those under which
// the console has it.
func (m *matcher) under(section []string, name string) bool {
	if m.path == "" {
		return true
	}
	own := slashed(strings.Join(section, "/"))
	return strings.Contains(own, m.path) || strings.Contains(consolePath(own, name), m.path)
}

// rightUnder is under for user rights, which the console has in one place.
func (m *matcher) rightUnder(section []string) bool {
	return m.path == "" || strings.Contains(slashed(strings.Join(section, "/")), m.path) || strings.Contains(userRightsPath+"/", m.path)
}

// has reports whether one of the texts holds the text that is searched.
func (m *matcher) has(texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), m.find) })
}

func (m *matcher) hasField(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return m.has(f.Name, f.Value) })
}

// account searches an account, by the well-known name of its SID too.
func (m *matcher) account(p sid.Principal) bool {
	return m.has(p.Name, string(p.SID)) || p.SID != "" && m.has(sid.Name(p.SID))
}
