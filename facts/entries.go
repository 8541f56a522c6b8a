package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// ownSIDs are what the inputs show to be the SIDs of the computer's domain, and of the
// computer itself, without the last number that tells accounts apart.
type ownSIDs struct {
	domain, computer map[sid.SID]bool
	// inReach is set when the newest report has names of the domain in its lists, so that it
	// could be asked for them.
	inReach bool
}

// findOwnSIDs learns the SIDs from the groups of reports that state them, and from service
// logons, which name an account with its domain and SID.
func (h *Host) findOwnSIDs(events []Event) ownSIDs {
	own := ownSIDs{domain: make(map[sid.SID]bool), computer: make(map[sid.SID]bool)}
	domains := h.context().Domains
	isOwn := func(authority string) bool {
		return authority != "" && slices.ContainsFunc(domains, func(d string) bool { return strings.EqualFold(d, authority) })
	}
	learn := func(authority string, s sid.SID) {
		domain, ok := s.Domain()
		switch {
		case !ok || authority == "":
		case h.hasName(strings.ToUpper(authority)):
			own.computer[domain] = true
		case isOwn(authority):
			own.domain[domain] = true
		}
	}
	for _, r := range h.Reports.All {
		if r.Computer == nil {
			continue
		}
		for _, g := range r.Computer.Groups {
			learn(g.Authority(), g.SID)
		}
	}
	for _, e := range events {
		if strings.EqualFold(e.Provider, auditing) && (e.ID == 4624 || e.ID == 4625) {
			learn(e.Data("TargetDomainName"), e.SID("TargetUserSid"))
		}
	}
	if r := h.Reports.latest; r != nil {
		own.inReach = slices.ContainsFunc(r.Computer.Rights, func(a gpreport.Assignment) bool {
			return slices.ContainsFunc(a.Principals, func(p sid.Principal) bool { return isOwn(p.Authority()) })
		})
	}
	return own
}

// ofSubject returns the SIDs among which those of accounts like the subject's are: of the
// computer, if it is one of the computer's accounts.
func (o ownSIDs) ofSubject(kind AccountKind) map[sid.SID]bool {
	if kind == LocalUser {
		return o.computer
	}
	return o.domain
}

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

// findDeletions finds the deletions of the accounts that a list has by their SIDs only, in
// the logs of all computers: a domain controller logs those of its domain.
func (r *Right) findDeletions(c *Collector) {
	if len(r.Orphans) == 0 {
		return
	}
	for _, e := range c.changesOfAccounts() {
		if e.ID == 4726 && slices.ContainsFunc(r.Orphans, func(p sid.Principal) bool { return p.SID == e.SID("TargetSid") }) {
			r.Deletions = append(r.Deletions, e)
		}
	}
}
