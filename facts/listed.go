package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// sort takes from a list what deserves a closer look: accounts that the computer knew only
// by their SID, and names that it cannot find.
func (r *Right) sort(list []sid.Principal, who subject) {
	for _, p := range list {
		switch {
		case isUnresolved(p) && !who.accounts[strings.ToLower(string(p.SID))]:
			r.Unresolved = append(r.Unresolved, p)
			if domain, _ := p.SID.Domain(); who.own.ofSubject(who.account.Kind)[domain] {
				r.Orphans = append(r.Orphans, p)
			}
		case who.account.Kind == Virtual && isBareService(p):
			r.Bare = append(r.Bare, p)
		}
	}
}

// isUnresolved reports whether a principal is an account or group of a domain or computer of
// which a report has the SID in place of the name.
func isUnresolved(p sid.Principal) bool {
	_, ok := p.SID.Domain()
	return ok && p.Account() == ""
}

// isBareService reports whether a name is that of the service's virtual account, or of the
// group of all services, without NT SERVICE, without which Windows does not find them.
func isBareService(p sid.Principal) bool {
	return p.SID == "" && p.Authority() == "" &&
		(strings.EqualFold(p.Name, serviceKey) || strings.EqualFold(p.Name, "ALL SERVICES"))
}

// contest notes the GPOs that have the account in a list that loses.
func (r *Right) contest(a gpreport.Assignment, who subject) {
	r.Contested = len(a.Others) > 0
	for _, o := range a.Others {
		if slices.ContainsFunc(o.Principals, func(p sid.Principal) bool { return who.covered(p) == covers }) {
			r.Losing = append(r.Losing, GPO{Name: o.GPO.Name, GUID: o.GPO.GUID})
			row := gpreport.Assignment{Display: a.Display, Principals: o.Principals, Winner: o.GPO}
			r.LosingEvidence = append(r.LosingEvidence, evidence.Item{Role: "losing GPO", Location: o.Location, Excerpt: excerptRow(row)})
		}
	}
}
