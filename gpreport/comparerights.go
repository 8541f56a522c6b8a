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
		c.unsure(RightsPart, "", UnsettledRight, "several GPOs define these, and a report does not tell which of them wins", a.Display)
		return
	}
	change := RightChange{Change: Changed, Before: a, After: b}
	d := c.accounts(a.Principals, b.Principals)
	c.unsureAccounts(RightsPart, d, a.Display)
	if change.Accounts = d.AccountChanges; !d.Empty() {
		change.Fields = append(change.Fields, "accounts")
	}
	if c.winners(RightsPart, a.Display, a.Winner, b.Winner) {
		change.Fields = append(change.Fields, "winner")
	}
	if c.before.Kind == c.after.Kind && c.otherLists(a.Others, b.Others) {
		change.Fields = append(change.Fields, "others")
	}
	if len(change.Fields) > 0 {
		out.Rights = append(out.Rights, change)
	}
}

// winners reports whether two winners are known to be two GPOs.
func (c *comparison) winners(part Part, name string, a, b GPORef) bool {
	if !c.before.hasWinners() || !c.after.hasWinners() {
		return false
	}
	one, known := sameGPO(a, b)
	if named := a != (GPORef{}) && b != (GPORef{}); !known && named {
		c.unsure(part, "", OtherFormat, "the reports name the winning GPO in ways that cannot be compared", name)
	}
	return known && !one
}

// hasWinners reports whether the report tells which GPO wins.
func (r *Report) hasWinners() bool { return r.Results == Logged || r.Results == Modelled }

// otherLists reports whether the lists that lose differ.
func (c *comparison) otherLists(before, after []Loser) bool {
	m := matchUp(before, after, sameKey(func(l *Loser) string { return refKey(l.GPO) }))
	return len(m.removed)+len(m.added) > 0 || slices.ContainsFunc(m.pairs, func(p [2]*Loser) bool {
		return !c.accounts(p[0].Principals, p[1].Principals).Empty()
	})
}

// absentRight decides about a right that the report of a side does not have. Unnamed says
// that the report has rights whose names were not recognised.
func (c *comparison) absentRight(out *ScopeDiff, side Side, a *Assignment, unnamed bool) {
	r, o := c.report(side), c.report(side.other())
	switch {
	case !c.whole(RightsPart, side, a.Display):
		return
	case a.Right == "":
		c.unsure(RightsPart, side.other(), UnknownName, "names of user rights in "+side.other().words()+" were not recognised", a.Display)
		return
	case unnamed:
		c.unsure(RightsPart, side, UnknownName, side.words()+" has user rights whose names were not recognised, and these may be among them", a.Display)
		return
	case r.Results != Exported && o.Results == Exported:
		c.unsure(RightsPart, side, string(NotDefined), side.words()+" tells only what GPOs define, and none defines these; the computer's own settings decide", a.Display)
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
