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
func (r *Right) contest(losers []gpreport.Loser, who subject) {
	r.Contested = r.Contested || len(losers) > 0
	for _, o := range losers {
		if slices.ContainsFunc(o.Principals, func(p sid.Principal) bool { return who.covered(p) == covers }) {
			r.Losing = append(r.Losing, GPO{Name: o.GPO.Name, GUID: o.GPO.GUID})
			row := gpreport.Assignment{Display: r.Display, Principals: o.Principals, Winner: o.GPO}
			r.LosingEvidence = append(r.LosingEvidence, evidence.Item{Role: "losing GPO", Location: o.Location, Excerpt: excerptRow(row)})
		}
	}
}

// contestBy takes the lists that lose from another report: most that name the winner have no
// others, and gpresult /Z prints all, but does not say which one wins.
func (r *Right) contestBy(reports []*gpreport.Report, who subject) {
	for _, rep := range reports {
		if r.Contested || rep.Kind != gpreport.GPResultText || !coversComputer(rep) {
			continue
		}
		a, _ := rep.Computer.Right(r.Name)
		if i := indexAmong(a, r.Winner.Name, r.Principals); i == 0 {
			r.contest(a.Others, who)
		} else if i > 0 {
			first := gpreport.Loser{GPO: a.Winner, Principals: a.Principals, Location: a.Location}
			r.contest(append([]gpreport.Loser{first}, slices.Delete(slices.Clone(a.Others), i-1, i)...), who)
		}
	}
}

// settle finds the winner of a right for which a report has the lists of several GPOs without
// saying which of them wins: another report does, whose list of that GPO is the same.
func (r *Right) settle(a gpreport.Assignment, reports []*gpreport.Report) (gpreport.Assignment, bool) {
	for _, rep := range reports {
		if !coversComputer(rep) {
			continue
		}
		b, ok := rep.Computer.Right(r.Name)
		if ok && !b.Unsettled && indexAmong(a, b.Winner.Name, b.Principals) >= 0 {
			return b, true
		}
	}
	return a, false
}

// indexAmong returns which of the lists of an assignment is that of a GPO: 0 for the first,
// then those of the others; -1 if none is.
func indexAmong(a gpreport.Assignment, gpo string, list []sid.Principal) int {
	is := func(o gpreport.Loser) bool {
		return strings.EqualFold(o.GPO.Name, gpo) && sameNames(o.Principals, list)
	}
	if is(gpreport.Loser{GPO: a.Winner, Principals: a.Principals}) {
		return 0
	}
	if i := slices.IndexFunc(a.Others, is); i >= 0 {
		return i + 1
	}
	return -1
}

// sameNames reports whether two lists have the same entries, in any order: reports of one
// policy differ in that.
func sameNames(a, b []sid.Principal) bool {
	names := func(list []sid.Principal) []string {
		out := make([]string, len(list))
		for i, p := range list {
			out[i] = strings.ToLower(p.Name)
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(names(a), names(b))
}
