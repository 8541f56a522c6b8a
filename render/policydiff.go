package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// PolicyDiffText prints for people what differs between two reports: a line for each change
// with what came, what went and which GPO did it, and what cannot be compared and why. The
// only errors are those of w.
func PolicyDiffText(w io.Writer, d *gpreport.Diff, opt PolicyOptions) error {
	p := newPolicyPage(w, opt)
	chosen := opt.Selection.OfDiff(d)
	p.compared(d)
	p.verdict(chosen)
	if len(chosen.Description) > 0 {
		p.head(0, "the GPO itself")
		p.changedFields(2, chosen.Description)
	}
	p.scopeDiff(d, gpreport.ComputerScope, chosen.Computer)
	p.scopeDiff(d, gpreport.UserScope, chosen.User)
	p.unsure(chosen.Unsure)
	p.end()
	return p.err
}

// compared says which reports are compared, and what must be known of them.
func (p *policyPage) compared(d *gpreport.Diff) {
	p.heading("Group Policy reports compared")
	var t table
	t.add("before", policyTitle(d.Before))
	t.add("", path(string(d.Before.Source)))
	t.add("after", policyTitle(d.After))
	t.add("", path(string(d.After.Source)))
	p.table(2, t)
	if len(d.Remarks) > 0 {
		p.gap()
	}
	for _, r := range d.Remarks {
		p.lead(0, 2, "note:", yellow, prose(r.Message), plain)
	}
}

// verdict counts what differs of what is chosen.
func (p *policyPage) verdict(chosen *gpreport.Diff) {
	p.gap()
	rest := inert("")
	if n := len(chosen.Unsure); n > 0 {
		rest = " " + count(n, "point") + " cannot be compared, see below."
	}
	switch {
	case chosen.Empty() && !chosen.Compared():
		p.para(0, "Nothing can be compared: there is nothing that both reports tell of what was to be compared."+rest)
		return
	case chosen.Empty():
		p.para(0, "No difference in what both reports state."+rest)
		return
	}
	var parts []inert
	total := 0
	add := func(n int, one, many inert) {
		if total += n; n == 1 {
			parts = append(parts, "1"+nbsp+one)
		} else if n > 1 {
			parts = append(parts, number(n)+nbsp+many)
		}
	}
	var gpos, rights, settings, groups, others int
	for _, s := range []*gpreport.ScopeDiff{chosen.Computer, chosen.User} {
		if s == nil {
			continue
		}
		gpos += len(s.GPOs)
		if s.Order != nil {
			others++
		}
		rights += len(s.Rights)
		settings += len(s.Settings)
		groups += len(s.Groups.Added) + len(s.Groups.Removed)
		others += len(s.Fields) + len(s.SOMs) + len(s.Components) + len(s.Facts)
	}
	add(gpos, "GPO", "GPOs")
	add(groups, "group", "groups")
	add(rights, "user right", "user rights")
	add(settings, "setting", "settings")
	add(others+len(chosen.Description), "other", "others")
	p.para(0, count(total, "difference")+": "+join(parts, ", ")+"."+rest)
}

// marks stand before what was added, removed and changed.
var marks = map[gpreport.Change]struct {
	text  inert
	style style
}{
	gpreport.Added: {"+", green}, gpreport.Removed: {"-", red}, gpreport.Changed: {"~", yellow},
}

// mark prints a line with the mark of a change before it.
func (p *policyPage) mark(indent int, c gpreport.Change, text inert, st style) {
	m := marks[c]
	p.lead(indent, indent+2, m.text, m.style, text, st)
}

// scopeDiff prints what differs in a half.
func (p *policyPage) scopeDiff(d *gpreport.Diff, scope gpreport.ScopeName, s *gpreport.ScopeDiff) {
	if s.Empty() {
		return
	}
	p.scopeHead(name(string(scope)))
	p.changedFields(2, s.Fields)
	p.changedGPOs(s)
	p.changedList("sites, domains and organizational units", s.SOMs)
	p.changedList("components", s.Components)
	p.changedList("in general", s.Facts)
	p.changedGroups(s)
	why := causesOf(d, scope)
	if len(s.Rights) > 0 {
		p.head(2, "user rights")
	}
	for i := range s.Rights {
		p.changedRight(d, &s.Rights[i], why)
		p.flush(chunk)
	}
	p.changedSettings(s.Settings, why)
}

// changedFields prints changes of single values.
func (p *policyPage) changedFields(indent int, fields []gpreport.FieldChange) {
	for _, f := range fields {
		p.mark(indent, gpreport.Changed, title(f.Name)+": "+fromTo(f), plain)
	}
}

// changedList prints changes of single values under a heading.
func (p *policyPage) changedList(head inert, fields []gpreport.FieldChange) {
	if len(fields) > 0 {
		p.head(2, head)
		p.changedFields(4, fields)
	}
}

// fromTo prints the values before and after.
func fromTo(f gpreport.FieldChange) inert {
	return cmp.Or(prose(f.Before), "(none)") + " -> " + cmp.Or(prose(f.After), "(none)")
}

// changedGPOs prints the GPOs that came, went or changed.
func (p *policyPage) changedGPOs(s *gpreport.ScopeDiff) {
	if len(s.GPOs) > 0 || s.Order != nil {
		p.head(2, "GPOs")
	}
	for i := range s.GPOs {
		c := &s.GPOs[i]
		g := cmp.Or(c.Before, c.After)
		words := name(g.Name)
		if g.GUID != "" && g.GUID != g.Name {
			words += " " + name(g.GUID)
		}
		if c.Change != gpreport.Changed {
			about := gpoWords(g)
			if g.Applied {
				about = slices.Insert(about, 0, "applied")
			}
			words += ": " + join(about, "; ")
		}
		p.mark(4, c.Change, words, plain)
		for _, f := range c.Fields {
			p.lead(8, 10, title(f.Name)+":", dim, fromTo(f), plain)
		}
		p.flush(chunk)
	}
	if s.Order != nil {
		p.mark(4, gpreport.Changed, "the order in which they were applied; later ones win", plain)
		p.lead(8, 10, "before:", dim, join(each(s.Order.Before, shortRef), ", "), plain)
		p.lead(8, 10, "after:", dim, join(each(s.Order.After, shortRef), ", "), plain)
	}
}

func shortRef(g gpreport.GPORef) inert { return name(cmp.Or(g.Name, g.GUID)) }

// changedGroups prints the memberships that came and went.
func (p *policyPage) changedGroups(s *gpreport.ScopeDiff) {
	if !s.Groups.Empty() {
		p.head(2, "security groups")
	}
	for _, g := range s.Groups.Added {
		p.mark(4, gpreport.Added, principalWords(g), plain)
		p.flush(chunk)
	}
	for _, g := range s.Groups.Removed {
		p.mark(4, gpreport.Removed, principalWords(g), plain)
		p.flush(chunk)
	}
}

// causes say what happened to a GPO between the reports, by GUID or name and domain.
type causes map[string]inert

// causesOf finds what happened to the GPOs of a half, of which something differs.
func causesOf(d *gpreport.Diff, scope gpreport.ScopeName) causes {
	s := d.Computer
	if scope == gpreport.UserScope {
		s = d.User
	}
	out := make(causes)
	for i := range s.GPOs {
		c := &s.GPOs[i]
		words := gpoCause(c)
		if words == "" {
			continue
		}
		for _, g := range []*gpreport.GPO{c.Before, c.After} {
			if g != nil {
				out[causeKey(gpreport.GPORef{Name: g.Name, GUID: g.GUID, Domain: g.Domain, Local: g.Local})] = words
			}
		}
	}
	return out
}

func causeKey(g gpreport.GPORef) string {
	return strings.ToUpper(cmp.Or(g.GUID, g.Name) + " " + g.Domain)
}

// gpoCause words what of a change can change rights and settings.
func gpoCause(c *gpreport.GPOChange) inert {
	switch c.Change {
	case gpreport.Added:
		return "not in the report before"
	case gpreport.Removed:
		return "not in the report after"
	}
	var parts []inert
	for _, f := range c.Fields {
		switch f.Name {
		case "applied":
			if c.After.Applied {
				return "not applied before"
			}
			return "not applied any more"
		case "revision", "link", "enforced":
			parts = append(parts, title(f.Name)+" "+fromTo(f))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "changed: " + join(parts, ", ")
}

// of names a GPO, on demand with its domain, and what happened to it.
func (c causes) of(g gpreport.GPORef, domain bool) inert {
	words := refWords(g)
	if domain {
		words = refInDomain(g)
	}
	if why := c[causeKey(g)]; why != "" && g != (gpreport.GPORef{}) {
		words += " (" + why + ")"
	}
	return words
}

// changedRight prints a change of a user right and which GPO did it.
func (p *policyPage) changedRight(d *gpreport.Diff, c *gpreport.RightChange, why causes) {
	a := cmp.Or(c.After, c.Before)
	words := name(a.Display)
	if a.Right != "" && a.Right != a.Display {
		words += " (" + name(a.Right) + ")"
	}
	switch {
	case c.Change == gpreport.Added:
		words += ": not defined before"
	case c.Change == gpreport.Removed:
		words += notDefinedAfter(d.After)
	}
	p.mark(4, c.Change, words, bold)
	var t table
	switch {
	case c.Before == nil || c.After == nil:
		t.add("accounts", accountList(a.Principals))
	case slices.Contains(c.Fields, "lists"):
		addLists(&t, "was", c.Before)
		addLists(&t, "is", c.After)
		p.table(8, t)
		return
	default:
		p.addAccounts(&t, c.Accounts)
		if slices.Contains(c.Fields, "accounts") {
			t.add("accounts", accountList(c.After.Principals))
		}
	}
	addWinners(&t, winnerOf(c.Before), winnerOf(c.After), slices.Contains(c.Fields, "winner"), why)
	if slices.Contains(c.Fields, "others") {
		addLosers(&t, "lost before", c.Before.Others)
		addLosers(&t, "loses now", c.After.Others)
	}
	p.table(8, t)
}

// notDefinedAfter says what it means that the report after does not have a right.
func notDefinedAfter(after *gpreport.Report) inert {
	switch after.Results {
	case gpreport.Logged:
		return ": not defined by any GPO after, so that the computer's own settings decide"
	case gpreport.Modelled:
		return ": not defined by any GPO after, so that the computer's own settings would decide in the simulation"
	case gpreport.Defined:
		return ": not defined after"
	}
	return ": not in the file after; it does not tell whether it is an export, in which nobody has the right then, or what a GPO defines"
}

// addLists adds the lists of a right of which the report does not tell which one counts.
func addLists(t *table, label inert, a *gpreport.Assignment) {
	t.add(label, refInDomain(a.Winner)+": "+accountList(a.Principals))
	for _, o := range a.Others {
		t.add("", "or "+refInDomain(o.GPO)+": "+accountList(o.Principals))
	}
}

// refInDomain names a GPO with its domain, if that is known: all domains share the GUIDs of the
// default GPOs.
func refInDomain(g gpreport.GPORef) inert {
	words := refWords(g)
	if g.Domain != "" {
		words += " of " + name(g.Domain)
	}
	return words
}

// addAccounts adds who came and who went.
func (p *policyPage) addAccounts(t *table, a gpreport.AccountChanges) {
	if len(a.Added) > 0 {
		t.add("added", accountList(a.Added))
	}
	if len(a.Removed) > 0 {
		t.add("removed", accountList(a.Removed))
	}
}

func winnerOf(a *gpreport.Assignment) gpreport.GPORef {
	if a == nil {
		return gpreport.GPORef{}
	}
	return a.Winner
}

// addWinners adds the winning GPOs before and after; once if they are not known to be two, as
// the report that says more of it names it.
func addWinners(t *table, before, after gpreport.GPORef, two bool, why causes) {
	none := gpreport.GPORef{}
	switch {
	case two:
		t.add("winner was", why.of(before, before.Domain != after.Domain))
		t.add("winner is", why.of(after, before.Domain != after.Domain))
	case before == none && after == none:
	case after == none, before.GUID != "" && after.GUID == "":
		t.add("winner", why.of(before, false))
	default:
		t.add("winner", why.of(after, false))
	}
}

func addLosers(t *table, label inert, losers []gpreport.Loser) {
	for _, o := range losers {
		t.add(label, refInDomain(o.GPO)+": "+accountList(o.Principals))
	}
	if len(losers) == 0 {
		t.add(label, "none")
	}
}

// changedSettings prints changes of settings under their sections.
func (p *policyPage) changedSettings(list []gpreport.SettingChange, why causes) {
	if len(list) > 0 {
		p.head(2, "settings")
	}
	var section []string
	for i := range list {
		c := &list[i]
		x := cmp.Or(c.After, c.Before)
		if i == 0 || !slices.Equal(section, x.Section) {
			section = x.Section
			p.section(4, section)
		}
		p.changedSetting(c, x, why)
		p.flush(chunk)
	}
}

func (p *policyPage) changedSetting(c *gpreport.SettingChange, x *gpreport.Setting, why causes) {
	words := title(x.Name)
	switch {
	case c.Change != gpreport.Changed:
		words += ": " + cmp.Or(prose(x.Value), "(no value)")
	case slices.Contains(c.Fields, "value"):
		words += ": " + fromTo(gpreport.FieldChange{Before: c.Before.Value, After: c.After.Value})
	}
	p.mark(6, c.Change, words, plain)
	var before, after gpreport.GPORef
	if c.Before != nil {
		before = c.Before.Winner
	}
	if c.After != nil {
		after = c.After.Winner
	}
	var t table
	if c.Change == gpreport.Changed {
		if slices.Contains(c.Fields, "details") {
			addDetails(&t, c.Before.Details, c.After.Details)
		}
	}
	addWinners(&t, before, after, slices.Contains(c.Fields, "winner"), why)
	if slices.Contains(c.Fields, "others") {
		addLosing(&t, c.Before.Others, c.After.Others)
	}
	p.table(10, t)
}

// addDetails adds the details that differ, with their number.
func addDetails(t *table, before, after []gpreport.Field) {
	was, is := without(before, after), without(after, before)
	for _, f := range was {
		t.add("was", title(f.Name)+": "+prose(f.Value))
	}
	for _, f := range is {
		t.add("is", title(f.Name)+": "+prose(f.Value))
	}
	if len(was)+len(is) == 0 {
		t.add("order", "the same details in another order")
		t.add("was", join(each(before, fieldWords), "; "))
		t.add("is", join(each(after, fieldWords), "; "))
	}
}

func fieldWords(f gpreport.Field) inert { return title(f.Name) + ": " + prose(f.Value) }

// without returns what a list has more often than another.
func without[T comparable](list, other []T) []T {
	left := make(map[T]int, len(other))
	for _, x := range other {
		left[x]++
	}
	var out []T
	for _, x := range list {
		if left[x] > 0 {
			left[x]--
			continue
		}
		out = append(out, x)
	}
	return out
}

// addLosing adds the values that lose and differ; they have no effect.
func addLosing(t *table, before, after []gpreport.LosingSetting) {
	was, is := without(each(before, losingWords), each(after, losingWords)), without(each(after, losingWords), each(before, losingWords))
	for _, words := range was {
		t.add("lost before", words)
	}
	for _, words := range is {
		t.add("loses now", words)
	}
}

// losingWords word a value that loses.
func losingWords(l gpreport.LosingSetting) inert {
	words := refInDomain(l.GPO) + ": " + cmp.Or(prose(l.Value), "(no value)")
	for _, f := range l.Details {
		words += "; " + fieldWords(f)
	}
	return words
}

// maxUnsure is how many names of what cannot be compared the short form prints.
const maxUnsure = 5

// unsure prints what cannot be compared and why.
func (p *policyPage) unsure(all []gpreport.Unsure) {
	if len(all) == 0 {
		return
	}
	p.head(0, "cannot be compared")
	for _, u := range all {
		where := join(slices.DeleteFunc([]inert{name(string(u.Scope)), partWords(u.Part)}, func(w inert) bool { return w == "" }), ", ")
		words := where + ": " + prose(u.Message)
		if len(u.Names) > 0 {
			words += ": " + list(each(u.Names, title), p.few(maxUnsure))
		}
		if !u.Accounts.Empty() {
			words += " (" + mayBe(u.Accounts.Removed, p.few(maxUnsure)) + " before, " + mayBe(u.Accounts.Added, p.few(maxUnsure)) + " after)"
		}
		p.lead(2, 4, "-", plain, words, plain)
		p.flush(chunk)
	}
}

func mayBe(accounts []sid.Principal, limit int) inert {
	return list(each(accounts, principalWords), limit)
}

// partWords name a part of a report.
func partWords(part gpreport.Part) inert {
	switch part {
	case gpreport.GPOsPart:
		return "GPOs"
	case gpreport.GroupsPart:
		return "security groups"
	case gpreport.RightsPart:
		return "user rights"
	case gpreport.DescriptionPart:
		return "the GPO itself"
	case gpreport.FactsPart:
		return "in general"
	}
	return name(string(part))
}
