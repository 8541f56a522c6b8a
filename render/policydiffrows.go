package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// PolicyDiffSchema is the value of the member "schema" in what [PolicyDiffJSON] writes.
const PolicyDiffSchema = "gpevtx.policy-diff/v1"

type policyDiffDoc struct {
	Schema      string              `json:"schema"`
	Selection   *policySelection    `json:"selection"`
	Before      policyDiffHead      `json:"before"`
	After       policyDiffHead      `json:"after"`
	Equal       bool                `json:"equal"`
	Remarks     []policyRemark      `json:"remarks"`
	Description []policyFieldChange `json:"description"`
	Computer    *policyScopeDiff    `json:"computer"`
	User        *policyScopeDiff    `json:"user"`
	Unsure      []policyUnsure      `json:"unsure"`
}

// policyDiffHead says which report it is and what of it is missing.
type policyDiffHead struct {
	policyHead
	// Incomplete says that a part of the report is missing.
	Incomplete bool `json:"incomplete"`
	// ComputerAbsent and UserAbsent say why there is no data for the half.
	ComputerAbsent string `json:"computerAbsent"`
	UserAbsent     string `json:"userAbsent"`
}

func newPolicyDiffHead(r *gpreport.Report) policyDiffHead {
	return policyDiffHead{policyHead: newPolicyHead(r), Incomplete: r.Incomplete, ComputerAbsent: string(r.ComputerAbsent), UserAbsent: string(r.UserAbsent)}
}

type policyRemark struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type policyFieldChange struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type policyScopeDiff struct {
	Compared   []gpreport.Part       `json:"compared"`
	Fields     []policyFieldChange   `json:"fields"`
	GPOs       []policyGPOChange     `json:"gpos"`
	Order      *policyOrderChange    `json:"order"`
	SOMs       []policyFieldChange   `json:"soms"`
	Components []policyFieldChange   `json:"components"`
	Facts      []policyFieldChange   `json:"facts"`
	Groups     policyAccountChanges  `json:"groups"`
	Rights     []policyRightChange   `json:"rights"`
	Settings   []policySettingChange `json:"settings"`
}

type policyGPOChange struct {
	Change gpreport.Change     `json:"change"`
	Fields []policyFieldChange `json:"fields"`
	Before *policyGPO          `json:"before"`
	After  *policyGPO          `json:"after"`
}

type policyOrderChange struct {
	Before []policyRef `json:"before"`
	After  []policyRef `json:"after"`
}

type policyAccountChanges struct {
	Added   []policyPrincipal `json:"added"`
	Removed []policyPrincipal `json:"removed"`
}

type policyRightChange struct {
	Right   string          `json:"right"`
	Display string          `json:"display"`
	Change  gpreport.Change `json:"change"`
	Fields  []string        `json:"fields"`
	policyAccountChanges
	Before *policyRight `json:"before"`
	After  *policyRight `json:"after"`
}

type policySettingChange struct {
	Section []string        `json:"section"`
	Name    string          `json:"name"`
	Change  gpreport.Change `json:"change"`
	Fields  []string        `json:"fields"`
	Before  *policySetting  `json:"before"`
	After   *policySetting  `json:"after"`
}

type policyUnsure struct {
	Scope   gpreport.ScopeName `json:"scope"`
	Part    gpreport.Part      `json:"part"`
	Side    gpreport.Side      `json:"side"`
	Code    string             `json:"code"`
	Message string             `json:"message"`
	Names   []string           `json:"names"`
	policyAccountChanges
}

// PolicyDiffJSON writes what differs between two reports as a JSON object with the member
// "schema". Of the options only the selection counts; the only errors are those of w.
func PolicyDiffJSON(w io.Writer, d *gpreport.Diff, opt PolicyOptions) error {
	chosen := opt.Selection.OfDiff(d)
	b, err := marshalJSON(policyDiffDoc{
		Schema: PolicyDiffSchema, Selection: newPolicySelection(opt.Selection),
		Before: newPolicyDiffHead(d.Before), After: newPolicyDiffHead(d.After), Equal: chosen.Empty() && chosen.Compared(),
		Remarks:     each(d.Remarks, func(r gpreport.Remark) policyRemark { return policyRemark(r) }),
		Description: each(chosen.Description, newPolicyFieldChange),
		Computer:    newPolicyScopeDiff(chosen.Computer), User: newPolicyScopeDiff(chosen.User),
		Unsure: each(chosen.Unsure, func(u gpreport.Unsure) policyUnsure {
			return policyUnsure{
				Scope: u.Scope, Part: u.Part, Side: u.Side, Code: u.Code, Message: u.Message, Names: each(u.Names, same),
				policyAccountChanges: newPolicyAccountChanges(u.Accounts),
			}
		}),
	})
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func newPolicyFieldChange(f gpreport.FieldChange) policyFieldChange { return policyFieldChange(f) }

func newPolicyAccountChanges(a gpreport.AccountChanges) policyAccountChanges {
	return policyAccountChanges{Added: policyPrincipals(a.Added), Removed: policyPrincipals(a.Removed)}
}

// optional returns f of what v points to, and nil for nil.
func optional[T, U any](v *T, f func(T) U) *U {
	if v == nil {
		return nil
	}
	u := f(*v)
	return &u
}

func newPolicyScopeDiff(s *gpreport.ScopeDiff) *policyScopeDiff {
	return optional(s, func(s gpreport.ScopeDiff) policyScopeDiff {
		return policyScopeDiff{
			Compared: each(s.Compared, func(p gpreport.Part) gpreport.Part { return p }),
			SOMs:     each(s.SOMs, newPolicyFieldChange), Facts: each(s.Facts, newPolicyFieldChange),
			Fields: each(s.Fields, newPolicyFieldChange), Components: each(s.Components, newPolicyFieldChange), Groups: newPolicyAccountChanges(s.Groups),
			GPOs: each(s.GPOs, func(c gpreport.GPOChange) policyGPOChange {
				return policyGPOChange{Change: c.Change, Fields: each(c.Fields, newPolicyFieldChange), Before: optional(c.Before, newPolicyGPO), After: optional(c.After, newPolicyGPO)}
			}),
			Order: optional(s.Order, func(o gpreport.OrderChange) policyOrderChange {
				return policyOrderChange{Before: each(o.Before, newPolicyRef), After: each(o.After, newPolicyRef)}
			}),
			Rights: each(s.Rights, func(c gpreport.RightChange) policyRightChange {
				a := cmp.Or(c.After, c.Before)
				return policyRightChange{
					Right: a.Right, Display: a.Display, Change: c.Change, Fields: each(c.Fields, same), policyAccountChanges: newPolicyAccountChanges(c.Accounts),
					Before: optional(c.Before, newPolicyRight), After: optional(c.After, newPolicyRight),
				}
			}),
			Settings: each(s.Settings, func(c gpreport.SettingChange) policySettingChange {
				x := cmp.Or(c.After, c.Before)
				return policySettingChange{
					Section: each(x.Section, same), Name: x.Name, Change: c.Change, Fields: each(c.Fields, same),
					Before: optional(c.Before, newPolicySetting), After: optional(c.After, newPolicySetting),
				}
			}),
		}
	})
}

// policyDiffColumns are the columns of [PolicyDiffCSV].
var policyDiffColumns = []string{
	"scope", "kind", "change", "section", "name", "id", "field", "before", "after", "added", "removed",
	"gpo_before", "gpo_before_guid", "gpo_before_domain", "gpo_after", "gpo_after_guid", "gpo_after_domain", "reason",
}

// diffRow is a change, or something that cannot be compared.
type diffRow struct {
	scope, kind, change       string
	section                   []string
	name, id, field           string
	before, after             string
	accounts                  gpreport.AccountChanges
	winnerBefore, winnerAfter gpreport.GPORef
	reason                    string
}

func (r diffRow) cells() []string {
	return []string{
		cell(r.scope), cell(r.kind), cell(r.change), cell(strings.Join(r.section, " > ")), cell(r.name), cell(r.id), cell(r.field),
		cell(r.before), cell(r.after), cell(accountText(r.accounts.Added)), cell(accountText(r.accounts.Removed)),
		cell(r.winnerBefore.Name), cell(r.winnerBefore.GUID), cell(r.winnerBefore.Domain),
		cell(r.winnerAfter.Name), cell(r.winnerAfter.GUID), cell(r.winnerAfter.Domain), cell(r.reason),
	}
}

// PolicyDiffCSV writes what differs between two reports as comma-separated values: a row for
// each user right, setting, group and value of a GPO that changed, one for each thing that
// cannot be compared, whose change is "unsure", and one for each remark on the reports. Text
// is made safe as in [TimelineCSV]. Of the options only the selection counts; the only errors
// are those of w.
func PolicyDiffCSV(w io.Writer, d *gpreport.Diff, opt PolicyOptions) error {
	s := newSheet(w, policyDiffColumns)
	chosen := opt.Selection.OfDiff(d)
	for _, r := range d.Remarks {
		s.add(diffRow{kind: "remark", name: r.Code, reason: r.Message}.cells())
	}
	s.fieldChanges(diffRow{kind: "description"}, chosen.Description)
	s.scopeDiff(gpreport.ComputerScope, chosen.Computer)
	s.scopeDiff(gpreport.UserScope, chosen.User)
	for _, u := range chosen.Unsure {
		row := diffRow{scope: string(u.Scope), kind: kindOfPart(u.Part), change: "unsure", accounts: u.Accounts, field: u.Code, reason: u.Message}
		if len(u.Names) == 0 {
			s.add(row.cells())
		}
		for _, n := range u.Names {
			row.name = n
			s.add(row.cells())
		}
	}
	return s.end()
}

// kindOfPart is the kind of the rows of a part.
func kindOfPart(p gpreport.Part) string { return strings.TrimSuffix(string(p), "s") }

func (s *sheet) fieldChanges(row diffRow, fields []gpreport.FieldChange) {
	for _, f := range fields {
		row.change, row.field, row.before, row.after = string(gpreport.Changed), f.Name, f.Before, f.After
		s.add(row.cells())
	}
}

// scopeDiff writes the rows of a half, which may be nil.
func (s *sheet) scopeDiff(scope gpreport.ScopeName, d *gpreport.ScopeDiff) {
	if d == nil {
		return
	}
	row := diffRow{scope: string(scope)}
	place := row
	place.kind = "place"
	s.fieldChanges(place, d.Fields)
	s.changedGPOs(row, d)
	for _, list := range []struct {
		kind   string
		fields []gpreport.FieldChange
	}{{"som", d.SOMs}, {"component", d.Components}, {"fact", d.Facts}} {
		row := row
		row.kind = list.kind
		s.fieldChanges(row, list.fields)
	}
	s.changedGroups(row, d.Groups)
	for _, c := range d.Rights {
		a := cmp.Or(c.After, c.Before)
		r := row
		r.kind, r.change, r.section, r.name, r.id = "right", string(c.Change), a.Location.Section, a.Display, a.Right
		r.field, r.accounts = strings.Join(c.Fields, " "), c.Accounts
		others := slices.Contains(c.Fields, "others") || slices.Contains(c.Fields, "lists")
		if c.Before != nil {
			r.before, r.winnerBefore = rightText(c.Before, others), c.Before.Winner
		}
		if c.After != nil {
			r.after, r.winnerAfter = rightText(c.After, others), c.After.Winner
		}
		s.add(r.cells())
	}
	for _, c := range d.Settings {
		x := cmp.Or(c.After, c.Before)
		r := row
		r.kind, r.change, r.section, r.name, r.field = "setting", string(c.Change), x.Section, x.Name, strings.Join(c.Fields, " ")
		others := slices.Contains(c.Fields, "others")
		if c.Before != nil {
			r.before, r.winnerBefore = settingText(c.Before, others), c.Before.Winner
		}
		if c.After != nil {
			r.after, r.winnerAfter = settingText(c.After, others), c.After.Winner
		}
		s.add(r.cells())
	}
}

// rightText are the accounts of a right, on demand with the lists of other GPOs.
func rightText(a *gpreport.Assignment, others bool) string {
	text := accountText(a.Principals)
	if others {
		for _, o := range a.Others {
			text += " | " + refText(o.GPO) + ": " + accountText(o.Principals)
		}
	}
	return text
}

// settingText is the value of a setting with its details, on demand with the values that lose.
func settingText(x *gpreport.Setting, others bool) string {
	text := valueText(x.Value, x.Details)
	if others {
		for _, o := range x.Others {
			text += " | " + refText(o.GPO) + ": " + valueText(o.Value, o.Details)
		}
	}
	return text
}

func valueText(value string, details []gpreport.Field) string {
	if len(details) == 0 {
		return value
	}
	return value + " | " + fieldText(details)
}

// refText names a GPO that loses.
func refText(g gpreport.GPORef) string {
	return strings.Join(slices.DeleteFunc([]string{cmp.Or(g.Name, g.GUID), g.Domain}, func(s string) bool { return s == "" }), " of ")
}

func (s *sheet) changedGPOs(row diffRow, d *gpreport.ScopeDiff) {
	for _, c := range d.GPOs {
		g := cmp.Or(c.Before, c.After)
		r := row
		r.kind, r.change, r.name, r.id = "gpo", string(c.Change), g.Name, g.GUID
		if len(c.Fields) == 0 {
			s.add(r.cells())
		}
		s.fieldChanges(r, c.Fields)
	}
	if o := d.Order; o != nil {
		names := func(list []gpreport.GPORef) string {
			return strings.Join(each(list, func(g gpreport.GPORef) string { return cmp.Or(g.Name, g.GUID) }), ", ")
		}
		r := row
		r.kind = "gpo"
		s.fieldChanges(r, []gpreport.FieldChange{{Name: "order", Before: names(o.Before), After: names(o.After)}})
	}
}

func (s *sheet) changedGroups(row diffRow, groups gpreport.AccountChanges) {
	row.kind = "group"
	for _, change := range []struct {
		change gpreport.Change
		list   []sid.Principal
	}{{gpreport.Added, groups.Added}, {gpreport.Removed, groups.Removed}} {
		for _, g := range change.list {
			row.change, row.name, row.id = string(change.change), g.Name, string(g.SID)
			s.add(row.cells())
		}
	}
}
