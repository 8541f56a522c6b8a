package facts

import (
	"regexp"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// autoMSA is the name of the standalone managed service account that setup makes on a
// domain controller.
var autoMSA = regexp.MustCompile(`(?i)^ADSyncMSA_?[0-9a-z]+\$$`)

// KindOf tells what sort of account a name stands for, and whether the name is enough to
// be sure. host is the computer's name without its domain. A name that ends with $ and was
// not made by setup is taken for a group managed account without being sure.
func KindOf(name, host string) (kind AccountKind, sure bool) {
	p := sid.ParsePrincipal(name)
	account, authority := p.Account(), p.Authority()
	switch {
	case p.SID == "S-1-5-18" || p.SID == "S-1-5-19" || p.SID == "S-1-5-20" || strings.EqualFold(name, "LocalSystem"):
		return SystemAccount, true
	case p.SID.IsService():
		return Virtual, true
	case account == "":
		return UnknownAccount, false
	case autoMSA.MatchString(account):
		return Standalone, true
	case strings.HasSuffix(account, "$"):
		return GroupManaged, false
	case authority == "." || host != "" && strings.EqualFold(authority, host):
		return LocalUser, true
	case authority != "":
		return DomainUser, true
	}
	return UnknownAccount, false
}

// findAccount decides which account the service runs as: what the user states, else the
// newest event of the Service Control Manager that names it, else its installation, else
// the default of a new installation, which is then only assumed.
func findAccount(stated, host string, events []Event) Account {
	var current, installed []Event
	for _, e := range events {
		switch {
		case !e.OfService():
		case e.ID == 7041 || e.ID == 7038:
			current = append(current, e)
		case e.ID == 7045:
			installed = append(installed, e)
		}
	}
	if stated != "" {
		a := newAccount(stated, host, Certain)
		a.Evidence = accountEvidence(a.Name, host, current, installed)
		return a
	}
	if n := len(current); n > 0 {
		name := current[n-1].Param(2)
		a := newAccount(name, host, Probable)
		a.Evidence = accountEvidence(name, host, current, installed)
		// A virtual account carries the name of its service, so that name and event agree.
		if a.Kind == Virtual || len(installed) > 0 && sameName(installed[len(installed)-1].accountName(), name) {
			a.Confidence = Certain
		}
		return a.unsure(host)
	}
	if n := len(installed); n > 0 && installed[n-1].accountName() != "" {
		name := installed[n-1].accountName()
		a := newAccount(name, host, Probable)
		a.Evidence = accountEvidence(name, host, current, installed)
		return a.unsure(host)
	}
	a := newAccount(DefaultAccount, host, Possible)
	a.Assumed = true
	a.Reasons = []Reason{{
		Code:    "account-unknown",
		Input:   host,
		Message: "No input names the account that the ADSync service runs as; the default of a new installation is assumed.",
		Ask:     "sc.exe qc ADSync",
	}}
	return a
}

func newAccount(name, host string, c Confidence) Account {
	kind, _ := KindOf(name, host)
	a := Account{Name: name, SID: sid.ParsePrincipal(name).SID, Kind: kind, Confidence: c}
	if kind == SystemAccount && a.SID == "" {
		a.SID = "S-1-5-18"
	}
	return a
}

// unsure lowers the confidence where the kind of the account is a guess.
func (a Account) unsure(host string) Account {
	if _, sure := KindOf(a.Name, host); !sure {
		a.Confidence = Possible
	}
	return a
}

// accountName is the account of an installation event: 7045 names its fields.
func (e Event) accountName() string {
	if name := e.Data("AccountName"); name != "" {
		return name
	}
	return e.Param(5)
}

func sameName(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

func accountEvidence(name, host string, current, installed []Event) []evidence.Item {
	var items []evidence.Item
	if n := len(current); n > 0 && sameName(current[n-1].Param(2), name) {
		items = append(items, current[n-1].Evidence("account named at a failed logon"))
	}
	if n := len(installed); n > 0 && sameName(installed[n-1].accountName(), name) {
		items = append(items, installed[n-1].Evidence("account at installation"))
	}
	return evidence.Sort(items)
}

// learnAccounts notes names and SIDs that are accounts, because they log on or run
// services: a policy that lists one of them does not list a group.
func (h *hostInput) learnAccounts(e Event) {
	note := func(names ...string) {
		for _, n := range names {
			if n != "" && n != "-" && n != "S-1-0-0" && len(h.accounts) < maxAccounts {
				h.accounts[strings.ToLower(n)] = true
			}
		}
	}
	switch {
	case strings.EqualFold(e.Provider, scm) && (e.ID == 7041 || e.ID == 7038):
		note(e.Param(2))
	case strings.EqualFold(e.Provider, scm) && e.ID == 7045:
		note(e.accountName())
	case strings.EqualFold(e.Provider, auditing) && e.ID == 4624:
		note(e.Data("TargetUserSid"), e.Data("TargetDomainName")+`\`+e.Data("TargetUserName"))
	}
}

// maxAccounts bounds the names that a log can make us remember.
const maxAccounts = 20_000
