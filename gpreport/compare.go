package gpreport

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// Diff is what differs between two reports, as [Compare] finds it. It refers to both.
type Diff struct {
	Before, After *Report
	// Remarks say how the reports themselves differ, such as that they are of two computers.
	// They are no changes of policy.
	Remarks []Remark
	// Description has the changes of what reports of a GPO say about the GPO itself.
	Description []FieldChange
	// Computer and User are nil unless both reports have data for the scope.
	Computer, User *ScopeDiff
	// Unsure is what may or may not differ, because one report does not tell or the two tell
	// it in ways that cannot be compared.
	Unsure []Unsure
}

// ScopeDiff is what differs in the computer's or the user's half of two reports. Lists are in
// the order of the report before, then in that of the report after.
type ScopeDiff struct {
	// Fields are changes of the domain, the site and the organizational unit.
	Fields []FieldChange
	GPOs   []GPOChange
	// Order is nil unless the GPOs that both reports list as applied were applied in another
	// order; only XML has it.
	Order *OrderChange
	// Components are those that fared otherwise, by their names.
	Components []FieldChange
	Groups     AccountChanges
	Rights     []RightChange
	Settings   []SettingChange
}

// Change tells what became of something between two reports.
type Change string

// The changes.
const (
	Added   Change = "added"
	Removed Change = "removed"
	Changed Change = "changed"
)

// FieldChange is a change of one value, in the words of the reports.
type FieldChange struct{ Name, Before, After string }

// GPOChange is a GPO that only one report lists or that they describe in different ways.
type GPOChange struct {
	Change Change
	// Fields tell what has changed: applied, reason, link, enforced, revision, name, disabled,
	// wmi-filter, security-filters or extensions.
	Fields []FieldChange
	// Before and After are nil where the report does not list the GPO.
	Before, After *GPO
}

// OrderChange is a part of the order in which GPOs were applied, without what is the same at
// both of its ends. Later GPOs win.
type OrderChange struct{ Before, After []GPORef }

// AccountChanges are the accounts that came to a list and went from it.
type AccountChanges struct{ Added, Removed []sid.Principal }

// Empty reports whether no account came or went.
func (a AccountChanges) Empty() bool { return len(a.Added) == 0 && len(a.Removed) == 0 }

// RightChange is a user right that the reports assign in different ways.
type RightChange struct {
	Change Change
	// Fields tell what has changed: accounts, winner or others, the lists that lose.
	Fields   []string
	Accounts AccountChanges
	// Before and After are nil where no GPO defines the right, or where it is not in an
	// export, which means that nobody has it.
	Before, After *Assignment
}

// SettingChange is a setting that the reports have in different ways.
type SettingChange struct {
	Change Change
	// Fields tell what has changed: value, details, winner or others, the values that lose.
	Fields []string
	// Before and After are nil where the report does not have the setting.
	Before, After *Setting
}

// Side is one of the two reports. The zero value stands for both.
type Side string

// The sides.
const (
	BeforeSide Side = "before"
	AfterSide  Side = "after"
)

// Remark is something about two reports that whoever compares them must know.
type Remark struct {
	// Code is a stable word for programs, such as [TwoComputers].
	Code    string
	Message string
}

// Codes of remarks.
const (
	// TwoComputers: the reports are of two computers.
	TwoComputers = "two-computers"
	// UnnamedComputer: one report does not name its computer.
	UnnamedComputer = "unnamed-computer"
	// TwoUsers: the reports are of two users.
	TwoUsers = "two-users"
	// TwoGPOs: the reports describe two GPOs.
	TwoGPOs = "two-gpos"
	// TwoFormats: the formats differ, and with them what is told and in which words.
	TwoFormats = "two-formats"
	// TwoLanguages: the languages differ.
	TwoLanguages = "two-languages"
	// TwoResults: the settings of the reports stand for different things, such as a simulation
	// and what was applied.
	TwoResults = "two-results"
	// Reversed: the report before was collected later than the report after.
	Reversed = "reversed"
)

// Unsure is something that may or may not differ between two reports.
type Unsure struct {
	Scope ScopeName
	// Part is empty for all of the scope.
	Part Part
	// Side is the report that does not tell, or whose things cannot be found in the other.
	Side Side
	// Code is a stable word for programs: a [State] or an [Absence] of the report, or one of
	// the codes below.
	Code string
	// Message says why, in a sentence.
	Message string
	// Names are what it concerns, as the reports name it; none stand for all of the part.
	Names []string
	// Accounts are those that may be the same: Added are only in the report after, Removed
	// only in the report before. Only [MaybeOneAccount] has them.
	Accounts AccountChanges
}

// Codes of what cannot be compared, beside states and absences.
const (
	// OtherFormat: the formats do not tell it both, or not in the same words.
	OtherFormat = "other-format"
	// UnknownName: the name of a user right was not recognised, so that it may be any.
	UnknownName = "unknown-name"
	// MaybeOneAccount: accounts may be one, because one is given by SID only, or names are in
	// two languages, or say less than others.
	MaybeOneAccount = "maybe-one-account"
	// MaybeOneGPO: GPOs may be one, because only one report gives their GUIDs and several have
	// the name.
	MaybeOneGPO = "maybe-one-gpo"
)

// Empty reports whether nothing differs as far as the reports can be compared.
func (d *Diff) Empty() bool {
	return len(d.Description) == 0 && d.Computer.Empty() && d.User.Empty()
}

// Compared reports whether there was anything that both reports tell.
func (d *Diff) Compared() bool { return d.Computer != nil || d.User != nil }

// Empty reports whether nothing differs in the half; a nil half is empty.
func (s *ScopeDiff) Empty() bool {
	return s == nil || len(s.Fields) == 0 && len(s.GPOs) == 0 && s.Order == nil && len(s.Components) == 0 &&
		s.Groups.Empty() && len(s.Rights) == 0 && len(s.Settings) == 0
}

// Compare tells what differs between two reports: GPOs, group memberships, user rights and all
// other settings. What one report does not tell, for example because it is cut off, has no
// data for the scope or is of a format that does not have it, is never a change but listed as
// unsure. Accounts are compared by package sid: the order of a list, the language of
// well-known names and whether names have their authority make no difference. Places in the
// files, times and events are not compared.
//
// The time is linear in the size of the reports, but for sorting. Compare does not change them.
func Compare(before, after *Report) *Diff {
	c := newComparison(before, after)
	c.remarks()
	c.description()
	c.diff.Computer = c.scope(ComputerScope, before.Computer, after.Computer, before.ComputerAbsent, after.ComputerAbsent)
	c.diff.User = c.scope(UserScope, before.User, after.User, before.UserAbsent, after.UserAbsent)
	return c.diff
}

// comparison is what the parts of Compare share.
type comparison struct {
	before, after *Report
	diff          *Diff
	// sameWords says that format and language are the same.
	sameWords bool
	sids      sid.Context
	scopeName ScopeName
	unsureAt  map[unsureKey]int
}

type unsureKey struct {
	scope   ScopeName
	part    Part
	side    Side
	message string
}

func newComparison(before, after *Report) *comparison {
	return &comparison{
		before: before, after: after, diff: &Diff{Before: before, After: after},
		sameWords: before.Kind == after.Kind && before.Language == after.Language,
		sids:      sharedContext(before, after), unsureAt: make(map[unsureKey]int),
	}
}

// report returns the report of a side.
func (c *comparison) report(s Side) *Report {
	if s == BeforeSide {
		return c.before
	}
	return c.after
}

// other is the side across.
func (s Side) other() Side {
	if s == BeforeSide {
		return AfterSide
	}
	return BeforeSide
}

// words name a side in a sentence.
func (s Side) words() string {
	if s == BeforeSide {
		return "the first report"
	}
	return "the second report"
}

// unsure notes that something cannot be compared; the same reason is noted once.
func (c *comparison) unsure(part Part, side Side, code, message string, names ...string) {
	key := unsureKey{c.scopeName, part, side, message}
	i, ok := c.unsureAt[key]
	if !ok {
		i = len(c.diff.Unsure)
		c.unsureAt[key] = i
		c.diff.Unsure = append(c.diff.Unsure, Unsure{Scope: c.scopeName, Part: part, Side: side, Code: code, Message: message})
	}
	c.diff.Unsure[i].Names = append(c.diff.Unsure[i].Names, names...)
}

// scope compares one half, which is nil in the reports that have no data for it.
func (c *comparison) scope(name ScopeName, before, after *Scope, beforeAbsent, afterAbsent Absence) *ScopeDiff {
	c.scopeName = name
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil:
		c.absent(BeforeSide, beforeAbsent)
		return nil
	case after == nil:
		c.absent(AfterSide, afterAbsent)
		return nil
	}
	out := &ScopeDiff{}
	c.fields(out, before, after)
	c.gpos(out, before, after)
	c.components(out, before, after)
	c.groups(out, before, after)
	c.rights(out, before, after)
	c.settings(out, before, after)
	return out
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

// whole reports whether what the half of a side does not have is not there. Otherwise it
// notes that the names cannot be looked for in it.
func (c *comparison) whole(part Part, side Side, names ...string) bool {
	r := c.report(side)
	switch {
	case r.Incomplete:
		c.unsure(part, side, string(ReportCutOff), "a part of "+side.words()+" is missing", names...)
	case c.scopeOf(side).Incomplete:
		c.unsure(part, side, string(NotUnderstood), "a part of "+side.words()+" is missing or was not understood", names...)
	default:
		return true
	}
	return false
}

// fields compares where the computer or user is.
func (c *comparison) fields(out *ScopeDiff, before, after *Scope) {
	for _, f := range []FieldChange{
		{"domain", before.Domain, after.Domain},
		{"site", before.Site, after.Site},
		{"ou", before.OU, after.OU},
	} {
		stated := f.Before != "" && f.After != ""
		silent := c.before.Incomplete || c.after.Incomplete || before.Incomplete || after.Incomplete || c.before.Kind != c.after.Kind
		if !strings.EqualFold(f.Before, f.After) && (stated && !otherDomainForm(f) || !stated && !silent) {
			out.Fields = append(out.Fields, f)
		}
	}
}

// otherDomainForm reports whether one value is the NetBIOS name of a domain and the other a DNS
// name, which can be of one domain.
func otherDomainForm(f FieldChange) bool {
	return f.Name == "domain" && strings.Contains(f.Before, ".") != strings.Contains(f.After, ".")
}

// components compares how the parts of Windows that apply policy fared, as far as both reports
// list them in the same words.
func (c *comparison) components(out *ScopeDiff, before, after *Scope) {
	if !c.sameWords {
		return
	}
	m := matchUp(before.Components, after.Components,
		sameKey(func(x *Component) string { return strings.ToUpper(x.GUID) }), sameKey(func(x *Component) string { return x.Name }))
	for _, p := range m.pairs {
		if p[0].Status != p[1].Status { // errors quote times, which differ always
			out.Components = append(out.Components, FieldChange{cmp.Or(p[0].Name, p[0].GUID), p[0].outcome(), p[1].outcome()})
		}
	}
}

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
	if len(d.Removed) > 0 && c.whole(GroupsPart, AfterSide, principalNames(d.Removed)...) {
		out.Groups.Removed = d.Removed
	}
	if len(d.Added) > 0 && c.whole(GroupsPart, BeforeSide, principalNames(d.Added)...) {
		out.Groups.Added = d.Added
	}
}

// listsGPOs reports whether the report is one of results, with the GPOs and groups of a
// computer or user.
func (r *Report) listsGPOs() bool {
	return slices.Contains([]Kind{GPResultHTML, GPResultXML, GPResultText}, r.Kind)
}
