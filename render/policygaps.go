package render

import (
	"cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

// PolicyGap is something that a report does not tell, so that what is not listed there may be
// defined nevertheless.
type PolicyGap struct {
	// Scope is the half; empty for the report as a whole.
	Scope gpreport.ScopeName
	// State is "incomplete", or for a half without data its [gpreport.Absence].
	State string
	words inert
}

// String says it in a sentence for people.
func (g PolicyGap) String() string {
	if g.Scope == "" {
		return string(g.words)
	}
	return string(g.Scope) + ": " + string(g.words)
}

// PolicyGaps lists what a report does not tell of what is chosen. A report of a GPO that has
// nothing for a half defines nothing there, and no security template has anything for users:
// these are none.
func PolicyGaps(r *gpreport.Report, sel gpreport.Selection) []PolicyGap {
	var gaps []PolicyGap
	if r.Incomplete {
		gaps = append(gaps, PolicyGap{State: "incomplete", words: "The report is cut off or damaged, or a limit ended its reading."})
	}
	for _, half := range []struct {
		name   gpreport.ScopeName
		data   *gpreport.Scope
		absent gpreport.Absence
	}{{gpreport.ComputerScope, r.Computer, r.ComputerAbsent}, {gpreport.UserScope, r.User, r.UserAbsent}} {
		switch {
		case sel.Scope != "" && sel.Scope != half.name, half.name == gpreport.UserScope && rightsOnly(sel):
		case half.data == nil && nothingThere(r, half.name):
		case half.data == nil:
			words, _ := absenceWords(r, half.absent, half.name == gpreport.ComputerScope)
			gaps = append(gaps, PolicyGap{half.name, string(absenceState(r, half.absent)), words})
		case half.data.Incomplete:
			gaps = append(gaps, PolicyGap{half.name, "incomplete", incompleteWords})
		}
	}
	return gaps
}

// absenceState is the word for programs of what absenceWords say.
func absenceState(r *gpreport.Report, why gpreport.Absence) gpreport.Absence {
	if r.Incomplete && why != gpreport.AccessDenied {
		return gpreport.NotReached
	}
	return cmp.Or(why, gpreport.NoData)
}

// rightsOnly reports whether only user rights are chosen, which no user has.
func rightsOnly(s gpreport.Selection) bool {
	return s.Has(gpreport.RightsPart) && !s.Has(gpreport.GPOsPart) && !s.Has(gpreport.GroupsPart) && !s.Has(gpreport.SettingsPart)
}

// nothingThere reports whether a half without data says that nothing is defined for it.
func nothingThere(r *gpreport.Report, scope gpreport.ScopeName) bool {
	return r.Kind == gpreport.SeceditINF && scope == gpreport.UserScope || r.Results == gpreport.Defined && !r.Incomplete
}
