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

// kindOf tells what sort of account a name stands for, and whether the name is enough to
// be sure. A name that ends with $ and was not made by setup is taken for a group managed
// account without being sure.
func (h *Host) kindOf(name string) (kind AccountKind, sure bool) {
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
	case authority == "." || h.hasName(strings.ToUpper(authority)):
		return LocalUser, true
	case authority != "":
		return DomainUser, true
	}
	return UnknownAccount, false
}

// findAccount decides which account the service runs as: what the user states, else the
// newest event of the Service Control Manager that names it, at a failed logon or at
// installation, else a service logon of the service's virtual account, else the default of a
// new installation, which is then only assumed.
func (h *Host) findAccount(stated string, events []Event) Account {
	var named, installed, virtual []Event // in order of time
	for _, e := range events {
		switch {
		case strings.EqualFold(e.Provider, auditing) && e.ID == 4624 && e.Data("TargetUserSid") == string(sid.Service(serviceKey)):
			virtual = append(virtual, e)
		case !e.OfService():
		case e.ID == 7041 || e.ID == 7038:
			named = append(named, e)
		case e.ID == 7045 && e.accountName() != "":
			named, installed = append(named, e), append(installed, e)
		}
	}
	if stated != "" {
		return h.newAccount(stated, Certain, named, installed)
	}
	if n := len(named); n > 0 {
		a := h.newAccount(named[n-1].accountNamed(), Probable, named, installed)
		two := named[n-1].ID != 7045 && len(installed) > 0 && h.sameAccount(installed[len(installed)-1].accountName(), a.Name)
		// A virtual account carries the name of its service, so that name and event agree.
		if two || a.Kind == Virtual && named[n-1].ID != 7045 {
			a.Confidence = Certain
		}
		if _, sure := h.kindOf(a.Name); !sure {
			a.Confidence = Possible
		}
		return a
	}
	if n := len(virtual); n > 0 {
		a := h.newAccount(DefaultAccount, Probable, nil, nil)
		a.Evidence = []evidence.Item{virtual[n-1].Evidence("service logon of the account")}
		return a
	}
	a := h.newAccount(DefaultAccount, Possible, nil, nil)
	a.Assumed = true
	a.Reasons = []Reason{{
		Code:    "account-unknown",
		Input:   h.Name,
		Message: "No input names the account that the ADSync service runs as; the default of a new installation is assumed.",
		Ask:     "sc.exe qc ADSync",
	}}
	return a
}

// newAccount describes an account by its name, with the newest events that name it.
func (h *Host) newAccount(name string, c Confidence, named, installed []Event) Account {
	kind, _ := h.kindOf(name)
	a := Account{Name: name, PolicyName: name, SID: sid.ParsePrincipal(name).SID, Kind: kind, Confidence: c}
	if kind == SystemAccount && a.SID == "" {
		a.SID = "S-1-5-18"
	}
	if kind == LocalUser {
		a.PolicyName = h.Name + `\` + sid.ParsePrincipal(name).Account()
	}
	for _, list := range []struct {
		events []Event
		role   string
	}{{named, "account named at a failed logon"}, {installed, "account at installation"}} {
		for i := len(list.events) - 1; i >= 0; i-- {
			if e := list.events[i]; (e.ID == 7045) == (list.role == "account at installation") && h.sameAccount(e.accountNamed(), name) {
				a.Evidence = append(a.Evidence, e.Evidence(list.role))
				break
			}
		}
	}
	a.Evidence = evidence.Sort(a.Evidence)
	return a
}

// accountNamed is the account that an event of the Service Control Manager names.
func (e Event) accountNamed() string {
	if e.ID == 7045 {
		return e.accountName()
	}
	return e.Param(2)
}

// sameAccount reports whether two names surely stand for one account on this host.
func (h *Host) sameAccount(a, b string) bool {
	return h.compare(sid.ParsePrincipal(a), sid.ParsePrincipal(b)) == sid.Same
}

// accountName is the account of an installation event: 7045 names its fields.
func (e Event) accountName() string {
	if name := e.Data("AccountName"); name != "" {
		return name
	}
	return e.Param(5)
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
