package gpreport

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/sid"
)

// remarks notes how the reports themselves differ.
func (c *comparison) remarks() {
	a, b := c.before, c.after
	note := func(code, format string, args ...any) {
		c.diff.Remarks = append(c.diff.Remarks, Remark{code, fmt.Sprintf(format, args...)})
	}
	switch {
	case a.Results == Defined && b.Results == Defined:
		if one, known := sameGPO(a.GPO, b.GPO); known && !one {
			note(TwoGPOs, "the reports describe two GPOs: %s and %s", refWords(a.GPO), refWords(b.GPO))
		}
	case a.Host != "" && b.Host != "" && otherHost(a, b):
		note(TwoComputers, "the reports are of two computers: %s and %s", hostWords(a), hostWords(b))
	case a.Results == Defined || b.Results == Defined:
	case a.Computer != nil && b.Computer != nil && (a.Host == "" || b.Host == ""):
		note(UnnamedComputer, "not both reports name their computer, so that they may be of two")
	}
	if a.UserName != "" && b.UserName != "" && !strings.EqualFold(a.UserName, b.UserName) {
		note(TwoUsers, "the reports are of two users: %s and %s", a.UserName, b.UserName)
	}
	if a.Results != b.Results {
		note(TwoResults, "the settings stand for different things: %s in the first report, %s in the second", resultWords(a.Results), resultWords(b.Results))
	}
	if a.Kind != b.Kind {
		note(TwoFormats, "the reports are of two formats, %s and %s: only what both state in the same way is compared", a.Kind, b.Kind)
	}
	if a.Language != "" && b.Language != "" && a.Language != b.Language {
		note(TwoLanguages, "the reports are in two languages, %s and %s: names and values of settings cannot be compared", a.Language, b.Language)
	}
	if later, earlier := collectedUTC(a), collectedUTC(b); !later.IsZero() && !earlier.IsZero() && later.After(earlier) {
		note(Reversed, "the first report was collected later than the second")
	}
}

// collectedUTC is when the report was collected; zero when it does not tell for certain.
func collectedUTC(r *Report) time.Time {
	if len(r.Collected.Candidates) != 1 || len(r.Offsets) != 1 {
		return time.Time{}
	}
	return r.Collected.Candidates[0].Add(-r.Offsets[0])
}

// otherHost reports whether two named computers are two.
func otherHost(a, b *Report) bool {
	if !strings.EqualFold(a.Host, b.Host) {
		return true
	}
	form := strings.Contains(a.Domain, ".") == strings.Contains(b.Domain, ".")
	return a.Domain != "" && b.Domain != "" && form && !strings.EqualFold(a.Domain, b.Domain)
}

func hostWords(r *Report) string {
	if strings.Contains(r.Domain, ".") {
		return r.Host + "." + r.Domain
	}
	return r.Host
}

func refWords(g GPORef) string {
	words := g.Name
	if g.GUID != "" && g.GUID != g.Name {
		words = strings.TrimSpace(words + " " + g.GUID)
	}
	if g.Domain != "" {
		words += " of " + g.Domain
	}
	return words
}

// resultWords say what settings stand for.
func resultWords(r Results) string {
	switch r {
	case Logged:
		return "what was applied"
	case Modelled:
		return "a simulation"
	case Exported:
		return "a computer's own settings"
	case Defined:
		return "what one GPO defines"
	}
	return "what the file does not tell"
}

// description compares what reports of a GPO say about it. Names of accounts, domains, links
// and filters are the same in all languages, other words are not.
func (c *comparison) description() {
	a, b := c.before.Description, c.after.Description
	if a == nil || b == nil {
		if c.before.Results == Defined && c.after.Results == Defined && (a != nil || b != nil) {
			side := BeforeSide
			if a != nil {
				side = AfterSide
			}
			c.unsure(DescriptionPart, side, string(NoData), side.words()+" says nothing about the GPO itself")
		}
		return
	}
	if !strings.EqualFold(c.before.GPO.Name, c.after.GPO.Name) {
		c.described("name", c.before.GPO.Name, c.after.GPO.Name)
	}
	c.enabled(a, b)
	before, after := revisionWords(a, b)
	c.described("revision", before, after)
	c.describedAccounts("owner", principalOf(a.Owner), principalOf(b.Owner))
	c.described("links", linkWords(a.Links), linkWords(b.Links))
	c.describedAccounts("security-filters", a.SecurityFilters, b.SecurityFilters)
	c.delegation(a, b)
	c.wmiFilter(a, b)
	c.described("comment", a.Comment, b.Comment)
	if c.sameWords {
		c.described("wmi-description", a.WMIDescription, b.WMIDescription)
		before, after = otherFields(a.Details, b.Details)
		c.described("details", before, after)
	} else if len(a.Details)+len(b.Details) > 0 {
		c.unsure(DescriptionPart, "", OtherFormat, inOtherWords, subject{name: "details"})
	}
}

const inOtherWords = "the two formats or languages say it in different words"

// described notes a change of one value. What only one of two formats tells, or a report that
// is not whole does not, may be the same.
func (c *comparison) described(name, before, after string) {
	silent := before == "" || after == ""
	switch {
	case before == after:
	case silent && (c.before.Incomplete || c.after.Incomplete):
		c.unsure(DescriptionPart, "", string(ReportCutOff), "a part of a report is missing", subject{name: name})
	case silent && c.before.Kind != c.after.Kind:
		c.unsure(DescriptionPart, "", OtherFormat, "only one of the two formats tells it", subject{name: name})
	default:
		c.diff.Description = append(c.diff.Description, FieldChange{name, before, after})
	}
}

// describedAccounts notes a change of a list of accounts.
func (c *comparison) describedAccounts(name string, before, after []sid.Principal) {
	d := c.accounts(before, after)
	c.unsureAccounts(DescriptionPart, d, subject{name: name})
	if d.differ() {
		c.described(name, strings.Join(principalNames(before), ", "), strings.Join(principalNames(after), ", "))
	}
}

// principalOf is a list of the account with a name; none for none.
func principalOf(name string) []sid.Principal {
	if name == "" {
		return nil
	}
	return []sid.Principal{sid.ParsePrincipal(name)}
}

// enabled compares which halves of the GPO are enabled.
func (c *comparison) enabled(a, b *Description) {
	before, after := a.enabled(), b.enabled()
	switch {
	case before != "" && after != "":
		c.described("enabled", before, after)
	case c.sameWords:
		c.described("enabled", cmp.Or(a.Status, before), cmp.Or(b.Status, after))
	case before+a.Status != "" || after+b.Status != "":
		c.unsure(DescriptionPart, "", OtherFormat, inOtherWords, subject{name: "enabled"})
	}
}

// wmiFilter compares the names of the filter. HTML has a word of its language where there is
// none, which XML leaves out: two names that are no word of English are two filters only where
// one of the reports is in English or in none.
func (c *comparison) wmiFilter(a, b *Description) {
	before, after := a.WMIFilter, b.WMIFilter
	none := func(name string) bool { return name == "" || strings.EqualFold(name, "None") }
	english := func(r *Report) bool { return r.Language == "en" || r.Kind == GPOReportXML }
	switch {
	case c.sameWords:
		c.described("wmi-filter", before, after)
	case before == after, none(before) && none(after):
	case none(before) || none(after) || !english(c.before) && !english(c.after):
		c.unsure(DescriptionPart, "", OtherFormat, inOtherWords, subject{name: "wmi-filter"})
	default:
		c.described("wmi-filter", before, after)
	}
}

// delegation compares who may do what with the GPO.
func (c *comparison) delegation(a, b *Description) {
	if c.sameWords {
		c.described("delegation", permissionWords(a.Delegation), permissionWords(b.Delegation))
		return
	}
	trustees := func(list []Permission) []sid.Principal {
		out := make([]sid.Principal, len(list))
		for i, p := range list {
			out[i] = p.Trustee
		}
		return out
	}
	c.describedAccounts("delegation", trustees(a.Delegation), trustees(b.Delegation))
	if len(a.Delegation) > 0 && len(b.Delegation) > 0 {
		c.unsure(DescriptionPart, "", OtherFormat, inOtherWords, subject{name: "permissions"})
	}
}

// enabled words which halves are enabled; empty where the report does not tell.
func (d *Description) enabled() string {
	if d.ComputerEnabled == nil || d.UserEnabled == nil {
		return ""
	}
	return "computer " + yesNo(*d.ComputerEnabled) + ", user " + yesNo(*d.UserEnabled)
}

// revisionWords word the revisions that both reports state.
func revisionWords(a, b *Description) (before, after string) {
	var parts [2][]string
	for _, r := range []struct {
		name          string
		before, after int
	}{
		{"computer AD", a.ComputerAD, b.ComputerAD},
		{"computer SYSVOL", a.ComputerSysvol, b.ComputerSysvol},
		{"user AD", a.UserAD, b.UserAD},
		{"user SYSVOL", a.UserSysvol, b.UserSysvol},
	} {
		if r.before >= 0 && r.after >= 0 && r.before != r.after {
			parts[0] = append(parts[0], fmt.Sprintf("%d (%s)", r.before, r.name))
			parts[1] = append(parts[1], fmt.Sprintf("%d (%s)", r.after, r.name))
		}
	}
	return strings.Join(parts[0], ", "), strings.Join(parts[1], ", ")
}

func linkWords(links []Link) string {
	out := make([]string, len(links))
	for i, l := range links {
		out[i] = l.Path
		if !l.Enabled {
			out[i] += " (disabled)"
		}
		if l.Enforced {
			out[i] += " (enforced)"
		}
	}
	return joinSorted(out)
}

func permissionWords(list []Permission) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = trusteeName(p.Trustee) + ": " + p.Permission
		if p.Inherited != "" {
			out[i] += " (" + p.Inherited + ")"
		}
	}
	return joinSorted(out)
}

func trusteeName(p sid.Principal) string {
	if p.Name == "" {
		return string(p.SID)
	}
	return p.Name
}
