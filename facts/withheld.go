package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// Withheld is a GPO that a report lists as not applied. What is in it the report does not
// say.
type Withheld struct {
	GPO GPO
	// Reason is the report's word for why, in its language; may be empty.
	Reason string
	// Evidence is where the report lists it.
	Evidence evidence.Item
}

// maxLabel bounds a name that is made part of a sentence, in bytes.
const maxLabel = 256

// withheldGPOs finds the GPOs that a report lists as not applied and that may set user
// rights for all that it shows.
func withheldGPOs(r *gpreport.Report) []Withheld {
	var out []Withheld
	for _, g := range r.Computer.Denied {
		applied := func(a gpreport.GPO) bool { return g.GUID != "" && a.GUID == g.GUID }
		if g.Local || isEmpty(g) || withoutSecurity(g, r) || slices.ContainsFunc(r.Computer.Applied, applied) {
			continue
		}
		out = append(out, Withheld{
			GPO: GPO{Name: cut(g.Name, maxLabel), GUID: g.GUID}, Reason: cut(g.DeniedReason, maxLabel),
			Evidence: evidence.Item{Role: "GPO not applied", Location: g.Location, Excerpt: cut(strings.TrimSuffix(g.Name+" | "+g.DeniedReason, " | "), maxExcerpt)},
		})
	}
	return out
}

// isEmpty reports whether a GPO has no settings for computers: the report says so, or shows
// by its revision that they were never edited.
func isEmpty(g gpreport.GPO) bool {
	return strings.EqualFold(g.DeniedReason, "Empty") || strings.EqualFold(g.DeniedReason, "Not Applied (Empty)") || g.RevisionAD == 0 && g.RevisionSysvol == 0
}

// withoutSecurity reports whether the extensions of a GPO are known, and that of security
// settings is not among them. HTML names them in its language.
func withoutSecurity(g gpreport.GPO, r *gpreport.Report) bool {
	return r.Language == "en" && len(g.Extensions) > 0 && !slices.ContainsFunc(g.Extensions, func(e string) bool {
		return strings.EqualFold(e, "Security") || strings.EqualFold(e, gpreport.SecurityExtension)
	})
}
