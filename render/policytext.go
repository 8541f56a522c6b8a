package render

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// PolicyText prints what reports say for people: what each report is, its GPOs, the user
// rights with their accounts and winners, and how many other settings there are, or what the
// options choose. The only errors are those of w.
func PolicyText(w io.Writer, reports []*gpreport.Report, opt PolicyOptions) error {
	p := newPolicyPage(w, opt)
	files := make(map[evidence.Source]int)
	for _, r := range reports {
		files[r.Source]++
	}
	for i, r := range reports {
		if i > 0 {
			p.gap()
			p.line(0, plain, "")
		}
		p.report(r, files[r.Source] > 1)
		p.flush(0)
	}
	p.end()
	return p.err
}

// policyPage prints in pieces, so that no report is held as text as a whole.
type policyPage struct {
	page
	w   io.Writer
	err error
	opt PolicyOptions
}

func newPolicyPage(w io.Writer, opt PolicyOptions) *policyPage {
	p := newPage(TextOptions{Width: opt.Width, Color: opt.Color, Verbose: opt.Verbose})
	return &policyPage{page: *p, w: w, opt: opt}
}

// tail is how much of what was printed gap looks at.
const tail = 2

// flush writes what was printed if it is more than so many bytes.
func (p *policyPage) flush(limit int) {
	if p.buf.Len() <= max(limit, tail) {
		return
	}
	end := bytes.Clone(p.buf.Bytes()[p.buf.Len()-tail:])
	p.buf.Truncate(p.buf.Len() - tail)
	if p.err == nil {
		_, p.err = p.w.Write(p.buf.Bytes())
	}
	p.buf.Reset()
	p.buf.Write(end)
}

// end writes the rest.
func (p *policyPage) end() {
	if p.err == nil {
		_, p.err = p.w.Write(p.buf.Bytes())
	}
	p.buf.Reset()
}

// chunk is how much is printed before it is written.
const chunk = 64 << 10

// wants reports whether a part is printed in full.
func (p *policyPage) wants(part gpreport.Part) bool {
	if !p.opt.Selection.Has(part) {
		return false
	}
	brief := part == gpreport.GroupsPart || part == gpreport.SettingsPart
	return !brief || p.opt.Verbose || !p.all()
}

// all reports whether nothing was chosen, so that everything is told in brief.
func (p *policyPage) all() bool {
	s := p.opt.Selection
	s.Scope = ""
	return s.Everything()
}

// report prints one report, of which the file may hold several.
func (p *policyPage) report(r *gpreport.Report, several bool) {
	p.heading(policyTitle(r))
	var t table
	t.add("file", path(string(r.Source)))
	if several {
		t.add("line", number(r.Line))
	}
	p.table(2, t)
	if len(p.opt.Selection.Rights) > 0 {
		p.askedRights(r)
		p.warnings(r)
		return
	}
	chosen := p.opt.Selection.Of(r)
	if chosen.Description != nil {
		p.described(chosen)
	}
	shown := false
	for _, s := range []struct {
		scope  gpreport.ScopeName
		data   *gpreport.Scope
		absent gpreport.Absence
	}{{gpreport.ComputerScope, chosen.Computer, r.ComputerAbsent}, {gpreport.UserScope, chosen.User, r.UserAbsent}} {
		switch {
		case p.opt.Selection.Scope != "" && p.opt.Selection.Scope != s.scope:
		case s.data == nil && s.scope == gpreport.UserScope && rightsOnly(p.opt.Selection):
		case s.data == nil:
			p.absent(r, s.scope, s.absent)
		case !listsSomething(s.data) && p.filters():
			p.unseen(r, s.scope, s.data)
		case listsSomething(s.data) || p.all() || s.scope == gpreport.ComputerScope || !rightsOnly(p.opt.Selection):
			shown = true
			p.scope(r, s.scope, s.data)
		}
	}
	if !shown && p.filters() {
		p.gap()
		p.para(2, "Nothing in this report matches.")
	}
	if p.opt.Verbose && p.all() {
		for i := range chosen.Runs {
			p.run(&chosen.Runs[i])
		}
	}
	p.warnings(r)
}

// filters reports whether what is printed must fulfil conditions.
func (p *policyPage) filters() bool {
	s := p.opt.Selection
	s.Scope, s.Parts = "", nil
	return !s.Everything()
}

// listsSomething reports whether a half lists anything that can be chosen.
func listsSomething(s *gpreport.Scope) bool {
	return len(s.Applied)+len(s.Denied)+len(s.Groups)+len(s.Rights)+len(s.Settings) > 0
}

// unseen says of a half in which nothing matches that something may have been missed.
func (p *policyPage) unseen(r *gpreport.Report, scope gpreport.ScopeName, s *gpreport.Scope) {
	if !s.Incomplete {
		return
	}
	if r.Kind != gpreport.SeceditINF {
		p.scopeHead(name(string(scope)) + scopeName(s))
	}
	p.para(2, incompleteWords)
}

// incompleteWords say what it means that a half is incomplete.
const incompleteWords = "A part of this is missing or was not understood: what is not listed may be defined nevertheless."

// absent says that a scope has no data.
func (p *policyPage) absent(r *gpreport.Report, scope gpreport.ScopeName, why gpreport.Absence) {
	if nothingThere(r, scope) {
		return
	}
	words, ask := absenceWords(r, why, scope == gpreport.ComputerScope)
	p.scopeHead(name(string(scope)) + ": " + words)
	if ask != "" {
		p.para(2, "In an elevated prompt on the computer:")
		p.copyable(4, ask)
	}
}

// scope prints a half of a report.
func (p *policyPage) scope(r *gpreport.Report, scope gpreport.ScopeName, s *gpreport.Scope) {
	if r.Kind != gpreport.SeceditINF {
		p.scopeHead(name(string(scope)) + scopeName(s))
	}
	if s.Incomplete {
		p.para(2, incompleteWords)
	}
	if p.all() {
		p.place(r, s)
	}
	if p.wants(gpreport.GPOsPart) {
		p.gpos(r, s)
	}
	if p.wants(gpreport.GroupsPart) {
		p.groups(s)
	}
	if p.wants(gpreport.RightsPart) && scope == gpreport.ComputerScope {
		p.rights(r, s)
	}
	if p.opt.Selection.Has(gpreport.SettingsPart) {
		p.settings(s)
	}
	if p.opt.Verbose && p.all() {
		p.rest(r, s)
	}
}

// scopeHead writes the heading of a half, after an empty line.
func (p *policyPage) scopeHead(text inert) {
	p.gap()
	p.heading(text)
}

func scopeName(s *gpreport.Scope) inert {
	if s.Name == "" {
		return ""
	}
	return " " + name(s.Name)
}

// place prints where the computer or user is, and counts what is not printed.
func (p *policyPage) place(r *gpreport.Report, s *gpreport.Scope) {
	var t table
	for _, f := range []struct{ label, value string }{{"domain", s.Domain}, {"site", s.Site}, {"OU", s.OU}} {
		if f.value != "" {
			t.add(inert(f.label), name(f.value))
		}
	}
	if s.Refreshed.Raw != "" {
		t.add("refreshed", policyTimeWords(r, s.Refreshed))
	}
	if len(s.Groups) > 0 && !p.wants(gpreport.GroupsPart) {
		t.add("groups", "member of "+count(len(s.Groups), "security group"))
	}
	p.table(2, t)
}

// gpos prints the lists of GPOs.
func (p *policyPage) gpos(r *gpreport.Report, s *gpreport.Scope) {
	if r.Kind == gpreport.SeceditINF || r.Results == gpreport.Defined {
		return // these formats have no such lists
	}
	p.gpoList("GPOs applied"+orderWords(r.Kind, s.Applied), s.Applied, s.Incomplete)
	p.gpoList("GPOs not applied", s.Denied, s.Incomplete)
}

// orderWords say what the order of applied GPOs means, where it means something.
func orderWords(k gpreport.Kind, applied []gpreport.GPO) inert {
	switch {
	case len(applied) < 2:
	case k == gpreport.GPResultXML:
		return ", in the order in which they were applied: later ones win"
	case k == gpreport.GPResultText:
		return ", as Windows lists them, usually the strongest first; which are enforced is not told"
	}
	return ""
}

func (p *policyPage) gpoList(heading inert, gpos []gpreport.GPO, incomplete bool) {
	if len(gpos) == 0 {
		if !p.filters() {
			p.head(2, heading+": "+noneOf(incomplete))
		}
		return
	}
	p.gap()
	for _, l := range wrap(heading+": "+number(len(gpos)), p.width-2, p.width-2) {
		p.line(2, bold, l)
	}
	digits := cells(number(gpos[len(gpos)-1].Order))
	for _, g := range gpos {
		digits = max(digits, cells(number(g.Order)))
	}
	for i := range gpos {
		g := &gpos[i]
		hang := 4 + digits + 2
		words := name(g.Name)
		if g.GUID != "" && g.GUID != g.Name {
			words += "  " + name(g.GUID)
		}
		p.lead(4+digits-cells(number(g.Order)), hang, number(g.Order), dim, words, plain)
		if about := gpoWords(g); len(about) > 0 {
			for _, l := range wrap(join(about, "; "), p.width-hang, p.width-hang) {
				p.line(hang, dim, l)
			}
		}
		if p.opt.Verbose {
			p.gpoDetails(hang, g)
		}
		p.flush(chunk)
	}
}

// gpoDetails prints what is rarely wanted of a GPO.
func (p *policyPage) gpoDetails(indent int, g *gpreport.GPO) {
	var t table
	if len(g.Extensions) > 0 {
		t.add("extensions", list(names(g.Extensions), 0))
	}
	if len(g.SecurityFilters) > 0 {
		t.add("applies to", list(names(g.SecurityFilters), 0))
	}
	if g.Disabled != "" {
		t.add("disabled", title(g.Disabled))
	}
	for _, l := range g.Links {
		t.add("link", linkWords(l))
	}
	for _, f := range g.Details {
		t.add(title(f.Name), prose(f.Value))
	}
	p.table(indent, t)
}

// gpoWords say what the report says of a GPO.
func gpoWords(g *gpreport.GPO) []inert {
	var out []inert
	add := func(label inert, text string) {
		if text != "" {
			out = append(out, label+title(text))
		}
	}
	if !g.Applied {
		add("not applied: ", cmp.Or(g.DeniedReason, "no reason stated"))
	}
	if !g.Local {
		add("linked to ", g.Link)
	}
	if g.Enforced {
		out = append(out, "enforced")
	}
	if rev := revisionWords(g); rev != "" && !g.Local {
		out = append(out, "revision "+rev)
	}
	add("WMI filter ", g.WMIFilter)
	return out
}

// notRead is the revision that Windows shows for a part that it did not read.
const notRead = 65535

// revisionWords print the revisions of a GPO's parts as far as they are stated, one number if
// they are the same.
func revisionWords(g *gpreport.GPO) inert {
	if g.RevisionAD == g.RevisionSysvol && g.RevisionAD >= 0 && g.RevisionAD != notRead {
		return number(g.RevisionAD)
	}
	var parts []inert
	for _, r := range []struct {
		part inert
		n    int
	}{{"AD", g.RevisionAD}, {"SYSVOL", g.RevisionSysvol}} {
		switch {
		case r.n == notRead:
			parts = append(parts, "not read ("+r.part+")")
		case r.n >= 0:
			parts = append(parts, number(r.n)+" ("+r.part+")")
		}
	}
	return join(parts, ", ")
}

// howMany counts what a half lists. None means nothing where a part of the half is missing.
func (p *policyPage) howMany(n int, s *gpreport.Scope) inert {
	if n == 0 && s.Incomplete && !p.filters() {
		return noneOf(true)
	}
	return number(n)
}

// noneOf says that a half lists nothing of a kind.
func noneOf(incomplete bool) inert {
	if incomplete {
		return "none listed (there may be some)"
	}
	return "none"
}

// groups prints the security groups.
func (p *policyPage) groups(s *gpreport.Scope) {
	p.head(2, "security groups: "+p.howMany(len(s.Groups), s))
	for _, g := range s.Groups {
		p.lead(4, 6, principalWords(g), plain, "", plain)
		p.flush(chunk)
	}
}

// rights prints user rights.
func (p *policyPage) rights(r *gpreport.Report, s *gpreport.Scope) {
	if len(s.Rights) == 0 && !p.all() && !slices.Contains(p.opt.Selection.Parts, gpreport.RightsPart) {
		return
	}
	heading := inert("user rights that GPOs define: ")
	if r.Results == gpreport.Defined || r.Kind == gpreport.SeceditINF {
		heading = "user rights: "
	}
	p.head(2, heading+p.howMany(len(s.Rights), s))
	for i := range s.Rights {
		p.right(4, &s.Rights[i])
		p.flush(chunk)
	}
}

// right prints a user right with who has it and which GPOs win and lose.
func (p *policyPage) right(indent int, a *gpreport.Assignment) {
	p.rightName(indent, a, "")
	p.rightLists(indent+2, a)
}

// rightName prints a right with its constant and what is said of it.
func (p *policyPage) rightName(indent int, a *gpreport.Assignment, what inert) {
	words := name(a.Display)
	switch {
	case a.Right == "":
		words += " (name not recognised)"
	case a.Origin == gpreport.Translated:
		words += " (" + name(a.Right) + ", a name that is known from a translation only)"
	case a.Right != a.Display:
		words += " (" + name(a.Right) + ")"
	}
	for _, l := range wrap(words+what, p.width-indent, p.width-indent) {
		p.line(indent, bold, l)
	}
}

// rightLists prints the accounts of a right, of the GPO that wins and of those that lose, or
// where the report does not tell which is which, of all of them.
func (p *policyPage) rightLists(indent int, a *gpreport.Assignment) {
	var t table
	if a.Unsettled {
		t.add("one of", refWords(a.Winner)+": "+accountList(a.Principals))
		for _, o := range a.Others {
			t.add("or", refWords(o.GPO)+": "+accountList(o.Principals))
		}
		p.table(indent, t)
		return
	}
	t.add("accounts", accountList(a.Principals))
	if a.Winner != (gpreport.GPORef{}) {
		t.add("winner", refWords(a.Winner))
	}
	for _, o := range a.Others {
		t.add("loses", refWords(o.GPO)+": "+accountList(o.Principals))
	}
	p.table(indent, t)
}

// askedRights prints what a report says of the rights that were asked for.
func (p *policyPage) askedRights(r *gpreport.Report) {
	for _, asked := range p.opt.Selection.Rights {
		a, state := stateOf(r, asked)
		words, ask := rightStateWords(r, a, state)
		p.gap()
		p.rightName(2, &a, ": "+words)
		if state == gpreport.DefinedFor || state == gpreport.DefinedEmpty {
			p.rightLists(4, &a)
		}
		if ask != "" {
			p.para(4, "In an elevated prompt on the computer:")
			p.copyable(6, ask)
		}
	}
}

// settings prints all other settings under their sections, or counts them.
func (p *policyPage) settings(s *gpreport.Scope) {
	p.gap()
	switch {
	case !p.wants(gpreport.SettingsPart):
		p.line(2, bold, "other settings: "+p.howMany(len(s.Settings), s))
		return
	case len(s.Settings) == 0 && !slices.Contains(p.opt.Selection.Parts, gpreport.SettingsPart) && !p.all():
		return
	}
	p.line(2, bold, "other settings: "+p.howMany(len(s.Settings), s))
	var section []string
	for i := range s.Settings {
		x := &s.Settings[i]
		if i == 0 || !slices.Equal(x.Section, section) {
			section = x.Section
			p.section(4, section)
		}
		p.setting(6, x)
		p.flush(chunk)
	}
}

// section prints the headings above settings.
func (p *policyPage) section(indent int, section []string) {
	for _, l := range wrap(cmp.Or(join(each(section, title), " > "), "(no section)"), p.width-indent, p.width-indent) {
		p.line(indent, dim, l)
	}
}

// setting prints a setting with its value, the GPOs and the details.
func (p *policyPage) setting(indent int, x *gpreport.Setting) {
	p.lead(indent, indent+2, title(x.Name)+":", plain, settingWords(x.Value, x.Winner), plain)
	for _, d := range x.Details {
		p.lead(indent+2, indent+4, title(d.Name)+":", dim, prose(d.Value), plain)
	}
	if p.opt.Verbose && x.Supported != "" {
		p.lead(indent+2, indent+4, "supported on:", dim, prose(x.Supported), plain)
	}
	if p.opt.Verbose && x.Explain != "" {
		p.lead(indent+2, indent+4, "explained:", dim, prose(x.Explain), plain)
	}
	for _, o := range x.Others {
		p.lead(indent+2, indent+4, "loses:", dim, settingWords(o.Value, o.GPO), plain)
	}
}

// settingWords print a value and the GPO that it is from.
func settingWords(value string, g gpreport.GPORef) inert {
	words := prose(value)
	if g != (gpreport.GPORef{}) {
		if words != "" {
			words += " "
		}
		words += "[" + name(cmp.Or(g.Name, g.GUID))
		if g.Ambiguous {
			words += ", a name of several GPOs"
		}
		words += "]"
	}
	return cmp.Or(words, "(no value)")
}

// warnings prints what was not understood or is damaged.
func (p *policyPage) warnings(r *gpreport.Report) {
	if len(r.Warnings) == 0 {
		return
	}
	p.head(0, "warnings")
	for _, w := range r.Warnings {
		where := inert("")
		if w.Line > 0 {
			where = ", line " + number(w.Line)
		}
		p.lead(2, 4, "-", plain, prose(w.Message)+" ("+name(w.Code)+where+")", plain)
		p.flush(chunk)
	}
}
