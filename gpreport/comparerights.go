package gpreport

import (
	"slices"
	"strings"
)

// rights compares user rights.
func (c *comparison) rights(out *ScopeDiff, before, after *Scope) {
	m := matchUp(before.Rights, after.Rights,
		sameKey(func(a *Assignment) string { return strings.ToLower(a.Right) }),
		sameKey(func(a *Assignment) string {
			if a.Right != "" {
				return ""
			}
			return "display " + foldName(a.Display)
		}))
	for _, p := range m.pairs {
		c.right(out, p[0], p[1])
	}
	if c.scopeName == ComputerScope {
		c.compared(out, RightsPart, len(m.pairs) > 0)
	}
	unnamed := [2]bool{slices.ContainsFunc(m.removed, unrecognised), slices.ContainsFunc(m.added, unrecognised)}
	for _, a := range m.removed {
		c.absentRight(out, AfterSide, a, unnamed[1])
	}
	for _, a := range m.added {
		c.absentRight(out, BeforeSide, a, unnamed[0])
	}
}

// unrecognised reports whether it is not known which right is assigned.
func unrecognised(a *Assignment) bool { return a.Right == "" }

// right compares a right that both reports have.
func (c *comparison) right(out *ScopeDiff, a, b *Assignment) {
	if a.Unsettled || b.Unsettled {
		c.unsettled(out, a, b)
		return
	}
	change := RightChange{Change: Changed, Before: a, After: b}
	d := c.accounts(a.Principals, b.Principals)
	c.unsureAccounts(RightsPart, d, aboutRights(a, b))
	if change.Accounts = d.AccountChanges; d.differ() {
		change.Fields = append(change.Fields, "accounts")
	}
	if c.winners(RightsPart, aboutRights(a, b), a.Winner, b.Winner) {
		change.Fields = append(change.Fields, "winner")
	}
	if c.before.Kind == c.after.Kind && c.otherLists(RightsPart, aboutRights(a, b), a.Others, b.Others) {
		change.Fields = append(change.Fields, "others")
	}
	if len(change.Fields) > 0 {
		out.Rights = append(out.Rights, change)
	}
}

// unsettled compares a right of which a report does not tell whose list counts. The same lists
// are the same; lists that differ are told, and what follows from that is not known.
func (c *comparison) unsettled(out *ScopeDiff, a, b *Assignment) {
	lists := func(x *Assignment) []Loser {
		return append([]Loser{{GPO: x.Winner, Principals: x.Principals}}, x.Others...)
	}
	same := a.Unsettled && b.Unsettled && !c.otherLists(RightsPart, aboutRights(a, b), lists(a), lists(b))
	if same {
		return
	}
	c.unsure(RightsPart, "", UnsettledRight, "several GPOs define these, and a report does not tell which of them wins", aboutRights(a, b))
	if a.Unsettled && b.Unsettled {
		out.Rights = append(out.Rights, RightChange{Change: Changed, Fields: []string{"lists"}, Before: a, After: b})
	}
}

// winners reports whether two winners are known to be two GPOs; about is what they win.
func (c *comparison) winners(part Part, about subject, a, b GPORef) bool {
	if !c.before.hasWinners() || !c.after.hasWinners() {
		return false
	}
	one, known := sameGPO(a, b)
	switch none := a == (GPORef{}) && b == (GPORef{}); {
	case known || none:
	case a.Ambiguous || b.Ambiguous:
		c.unsure(part, "", AmbiguousWinner, "several GPOs fit what a report says of the winning GPO", about)
	default:
		c.unsure(part, "", OtherFormat, "the reports name the winning GPO in ways that cannot be compared", about)
	}
	return known && !one
}

// hasWinners reports whether the report tells which GPO wins.
func (r *Report) hasWinners() bool { return r.Results == Logged || r.Results == Modelled }

// otherLists reports whether lists of several GPOs differ; about is what they define.
func (c *comparison) otherLists(part Part, about subject, before, after []Loser) bool {
	m := matchUp(before, after, sameKey(func(l *Loser) string { return refKey(l.GPO) }))
	differ := len(m.removed)+len(m.added) > 0
	for _, p := range m.pairs {
		d := c.accounts(p[0].Principals, p[1].Principals)
		c.unsureAccounts(part, d, about)
		differ = differ || d.differ()
	}
	return differ
}

// absentRight decides about a right that the report of a side does not have. Unnamed says
// that the report has rights whose names were not recognised.
func (c *comparison) absentRight(out *ScopeDiff, side Side, a *Assignment, unnamed bool) {
	r, o := c.report(side), c.report(side.other())
	switch {
	case !c.whole(RightsPart, side, aboutRights(a)):
		return
	case a.Right == "":
		c.unsure(RightsPart, side.other(), UnknownName, "names of user rights in "+side.other().words()+" were not recognised", aboutRights(a))
		return
	case unnamed:
		c.unsure(RightsPart, side, UnknownName, side.words()+" has user rights whose names were not recognised, and these may be among them", aboutRights(a))
		return
	case r.untoldTemplate() && (o.Results == Exported || o.untoldTemplate() && len(a.Principals) == 0):
		c.unsure(RightsPart, side, string(NotDefined), "it is not known whether "+side.words()+" is an export, in which nobody has these, or the template of a GPO, which does not define them", aboutRights(a))
		return
	case r.Results != Exported && o.Results == Exported:
		c.unsure(RightsPart, side, string(NotDefined), side.words()+" tells only what GPOs define, and none defines these; the computer's own settings decide", aboutRights(a))
		return
	case r.Results == Exported && len(a.Principals) == 0:
		return // both say that nobody has it
	}
	change := RightChange{Change: Removed, Fields: []string{"accounts"}, Before: a, Accounts: AccountChanges{Removed: a.Principals}}
	if side == BeforeSide {
		change = RightChange{Change: Added, Fields: []string{"accounts"}, After: a, Accounts: AccountChanges{Added: a.Principals}}
	}
	if r.Results == Exported {
		change.Change = Changed
	}
	out.Rights = append(out.Rights, change)
}

// untoldTemplate reports whether the report is a security template that does not tell whether
// it is the export of a computer or of a GPO.
func (r *Report) untoldTemplate() bool { return r.Kind == SeceditINF && r.Results == "" }
