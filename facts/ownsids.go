package facts

import (
	"slices"
	"strings"

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
