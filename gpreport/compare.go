package gpreport

import (
	"slices"

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
	// Compared are the parts of which both reports tell something. Of all others neither
	// equality nor a difference is known.
	Compared []Part
	// Fields are changes of the domain, the site and the organizational unit.
	Fields []FieldChange
	GPOs   []GPOChange
	// Order is nil unless the GPOs that both reports list as applied were applied in another
	// order; only XML and text have it.
	Order *OrderChange
	// SOMs are the sites, domains and organizational units that came, went or are searched
	// otherwise, by their paths. Only XML has them.
	SOMs []FieldChange
	// Components are those that fared otherwise, came or went, by their names.
	Components []FieldChange
	// Facts are what else the reports say in other ways, in their own words: of the computer or
	// user in general, such as a slow link, the outcomes of WMI filters and remarks on GPOs.
	Facts    []FieldChange
	Groups   AccountChanges
	Rights   []RightChange
	Settings []SettingChange
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
	// Fields tell what has changed: applied, reason, link, links, link-order, enforced, revision,
	// name, disabled, details, wmi-filter, security-filters or extensions.
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
	// Fields tell what has changed: accounts, winner, others (the lists that lose) or lists
	// (those of several GPOs, of which neither report tells which one counts).
	Fields []string
	// Accounts are those that came and went. There are none if it is only known that one list
	// has more.
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
	// Scope is empty for what concerns the GPO that reports describe.
	Scope ScopeName
	// Part is empty for all of the scope.
	Part Part
	// Side is the report that does not tell, or whose things cannot be found in the other.
	Side Side
	// Code is a stable word for programs: a [State] or an [Absence] of the report,
	// [UnsettledRight], [AmbiguousWinner], [NoSettings] or one of the codes below.
	Code string
	// Message says why, in a sentence.
	Message string
	// Names are what it concerns, as the reports name it; none stand for all of the part.
	Names []string
	// Accounts are those that may be the same: Added are only in the report after, Removed
	// only in the report before. Only [MaybeOneAccount] has them.
	Accounts AccountChanges
	// about is what stands behind the names, one for each.
	about []subject
}

// Parts that only what cannot be compared names; they cannot be chosen.
const (
	// DescriptionPart is what reports of a GPO say of the GPO itself.
	DescriptionPart Part = "description"
	// PlacePart is the domain, the site and the organizational unit.
	PlacePart Part = "place"
	// ComponentsPart is how the parts of Windows that apply policy fared.
	ComponentsPart Part = "components"
	// FactsPart is what else a report says of the computer or user in its own words.
	FactsPart Part = "facts"
)

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
func (d *Diff) Compared() bool { return d.Computer.compared() || d.User.compared() }

// compared reports whether the half was compared; a nil half was not.
func (s *ScopeDiff) compared() bool { return s != nil && len(s.Compared) > 0 }

// Empty reports whether nothing differs in the half; a nil half is empty.
func (s *ScopeDiff) Empty() bool {
	return s == nil || len(s.Fields) == 0 && len(s.GPOs) == 0 && s.Order == nil && len(s.SOMs) == 0 && len(s.Components) == 0 &&
		len(s.Facts) == 0 && s.Groups.Empty() && len(s.Rights) == 0 && len(s.Settings) == 0
}

// Compare tells what differs between two reports: GPOs, group memberships, user rights and all
// other settings. What one report does not tell, for example because it is cut off, has no
// data for the scope or is of a format that does not have it, is never a change but listed as
// unsure. Accounts are compared by package sid: the order of a list, the language of
// well-known names and whether names have their authority make no difference. Places in the
// files, times, events and the domain controller that was asked are not compared.
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
	// listless are the sides whose reports say that they list no settings of a half.
	listless map[Side]bool
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
		listless: map[Side]bool{BeforeSide: before.warned(NoSettings), AfterSide: after.warned(NoSettings)},
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

// listsGPOs reports whether the report is one of results, with the GPOs and groups of a
// computer or user.
func (r *Report) listsGPOs() bool {
	return slices.Contains([]Kind{GPResultHTML, GPResultXML, GPResultText}, r.Kind)
}
