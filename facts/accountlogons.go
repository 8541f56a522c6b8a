package facts

import (
	"regexp"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// autoMSA is the name of the standalone managed service account that setup makes on a
// domain controller, autoUser that of the user that older versions of it made.
var (
	autoMSA  = regexp.MustCompile(`(?i)^ADSyncMSA_?[0-9a-z]+\$$`)
	autoUser = regexp.MustCompile(`(?i)^AAD_[0-9a-f]{12}$`)
)

// isGenerated reports whether setup makes accounts of that name for the service, and nobody
// else does.
func isGenerated(account string) bool {
	return autoMSA.MatchString(account) || autoUser.MatchString(account)
}

// isLogonOfService reports whether an event is the good or failed logon of a service.
func isLogonOfService(e Event) bool {
	return isAudit(e, 4624, 4625) && e.Data("LogonType") == serviceLogon
}

// isVirtualLogon reports whether the event shows the service's virtual account log on as a
// service, or fail to: an event of a failed logon has the name only.
func isVirtualLogon(e Event) bool {
	if !isLogonOfService(e) {
		return false
	}
	own := sid.Service(serviceKey)
	return e.SID("TargetUserSid") == own || e.ID == 4625 && sid.ParsePrincipal(targetName(e)).SID == own
}

// logonName is the account of a service logon that can only be that of the ADSync service:
// its virtual account, or one that setup made for it; else "".
func logonName(e Event) string {
	switch {
	case isVirtualLogon(e):
		return DefaultAccount
	case isLogonOfService(e) && isGenerated(e.Data("TargetUserName")):
		return targetName(e)
	}
	return ""
}

// guessAccount takes a name for the account although no input says that it is: one that only
// setup makes and that a list of the report has, if it is the only one; else the default of a
// new installation.
func (h *Host) guessAccount() Account {
	name, why := DefaultAccount, "the default of a new installation is assumed."
	var items []evidence.Item
	if p, item, ok := h.generatedInReport(); ok {
		name, items = p.Name, []evidence.Item{item}
		why = "the report lists " + p.Name + ", a name that its setup makes, which is assumed."
	}
	a := h.newAccount(name, Possible, nil, nil)
	a.Assumed, a.Evidence = true, items
	a.Reasons = []Reason{{
		Code: "account-unknown", Input: h.Name, Ask: "sc.exe qc ADSync",
		Message: "No input names the account that the ADSync service runs as; " + why,
	}}
	return a
}

// generatedInReport finds the one account with a name that setup makes in the lists of rights
// of the newest report.
func (h *Host) generatedInReport() (found sid.Principal, item evidence.Item, ok bool) {
	if h.Reports.latest == nil {
		return found, item, false
	}
	for _, a := range h.Reports.latest.Computer.Rights {
		for _, p := range a.Principals {
			switch {
			case !isGenerated(p.Account()):
			case ok && !strings.EqualFold(p.Name, found.Name):
				return sid.Principal{}, evidence.Item{}, false // which of two is not told
			case !ok:
				found, ok = p, true
				item = evidence.Item{Role: "name in a report", Location: a.Location, Excerpt: excerptRow(a)}
			}
		}
	}
	return found, item, ok
}
