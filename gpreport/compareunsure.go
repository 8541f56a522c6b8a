package gpreport

import "github.com/gpevtx/gpevtx/sid"

// subject is something that cannot be compared: its name, and what the reports have of it, by
// which a [Selection] can choose it.
type subject struct {
	name     string
	rights   []*Assignment
	settings []*Setting
	gpos     []*GPO
	account  *sid.Principal
}

func aboutRights(rights ...*Assignment) subject {
	return subject{name: rights[0].Display, rights: rights}
}

func aboutSettings(settings ...*Setting) subject {
	return subject{name: settings[0].Name, settings: settings}
}

func aboutGPO(g *GPO) subject { return subject{name: g.Name, gpos: []*GPO{g}} }

// aboutAccounts are the subjects for accounts.
func aboutAccounts(list []sid.Principal) []subject {
	out := make([]subject, len(list))
	for i := range list {
		out[i] = subject{name: trusteeName(list[i]), account: &list[i]}
	}
	return out
}

// unsure notes that something cannot be compared; the same reason is noted once.
func (c *comparison) unsure(part Part, side Side, code, message string, about ...subject) {
	key := unsureKey{c.scopeName, part, side, message}
	i, ok := c.unsureAt[key]
	if !ok {
		i = len(c.diff.Unsure)
		c.unsureAt[key] = i
		c.diff.Unsure = append(c.diff.Unsure, Unsure{Scope: c.scopeName, Part: part, Side: side, Code: code, Message: message})
	}
	u := &c.diff.Unsure[i]
	for _, s := range about {
		u.Names, u.about = append(u.Names, s.name), append(u.about, s)
	}
}

// bothAbsent notes that neither report has data for the scope at hand. That reports say so of
// the user is no gap: no user was asked for, and a security template has nothing of users. Of
// the computer it is, because whoever made them may not have been allowed to see it.
func (c *comparison) bothAbsent(before, after Absence) {
	template := c.before.Kind == SeceditINF || c.after.Kind == SeceditINF
	cut := c.before.Incomplete || c.after.Incomplete
	none := func(why Absence) bool { return why == NoData || why == "" }
	switch {
	case template && c.scopeName == UserScope, before == "" && after == "" && !cut:
	case none(before) && none(after) && !cut && c.scopeName == UserScope:
	case none(before) && none(after) && !cut:
		c.unsure("", "", string(NoData), "neither report has data for it")
	default:
		c.absent(BeforeSide, before)
		c.absent(AfterSide, after)
	}
}

// absent notes that a report has no data for the scope at hand.
func (c *comparison) absent(side Side, why Absence) {
	r := c.report(side)
	switch {
	case r.Kind == SeceditINF:
		c.unsure("", side, string(NoData), side.words()+" is a security template, which has none of it")
	case why == AccessDenied:
		c.unsure("", side, string(AccessDenied), "whoever made "+side.words()+" was not allowed to see it")
	case why == NotReached || r.Incomplete:
		c.unsure("", side, string(NotReached), side.words()+" ends before it")
	default:
		c.unsure("", side, string(NoData), side.words()+" has no data for it")
	}
}

// scopeOf returns the half of a side that is being compared.
func (c *comparison) scopeOf(side Side) *Scope {
	if c.scopeName == UserScope {
		return c.report(side).User
	}
	return c.report(side).Computer
}

// doubt tells why what the half of a side does not have may be there nevertheless; no code says
// that the half is whole.
func (c *comparison) doubt(side Side) (code, message string) {
	r, s := c.report(side), c.scopeOf(side)
	switch {
	case r.Incomplete:
		return string(ReportCutOff), "a part of " + side.words() + " is missing"
	case s.Incomplete && r.Kind == GPResultText && len(s.Rights) == 0 && len(s.Settings) == 0 && c.listless[side]:
		return NoSettings, side.words() + " lists no settings, as gpresult /R prints it"
	case s.Incomplete:
		return string(NotUnderstood), "a part of " + side.words() + " is missing or was not understood"
	}
	return "", ""
}

// warned reports whether there is a warning with a code.
func (r *Report) warned(code string) bool {
	for _, w := range r.Warnings {
		if w.Code == code {
			return true
		}
	}
	return false
}

// gaps notes which halves at hand may have more than was read: what neither report lists may
// be defined nevertheless.
func (c *comparison) gaps() {
	for _, side := range []Side{BeforeSide, AfterSide} {
		if code, message := c.doubt(side); code != "" {
			c.unsure("", side, code, message+", so that there may be more that differs")
		}
	}
}

// whole reports whether what the half of a side does not have is not there. Otherwise it
// notes that the subjects cannot be looked for in it.
func (c *comparison) whole(part Part, side Side, about ...subject) bool {
	code, message := c.doubt(side)
	if code != "" {
		c.unsure(part, side, code, message, about...)
	}
	return code == ""
}

// bothWhole reports whether both halves at hand have all that there is.
func (c *comparison) bothWhole() bool {
	before, _ := c.doubt(BeforeSide)
	after, _ := c.doubt(AfterSide)
	return before == "" && after == ""
}

// compared notes that a part was compared, if something of it was found in both reports or
// both are whole.
func (c *comparison) compared(out *ScopeDiff, part Part, found bool) {
	if found || c.bothWhole() {
		out.Compared = append(out.Compared, part)
	}
}
