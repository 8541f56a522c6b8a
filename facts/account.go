package facts

import (
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

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
// service's configuration in a snapshot, else the newest event of the Service Control Manager
// or the Security log that names it, at a failed logon or at installation, else a service
// logon of an account that can only be the service's, else a guess.
func (h *Host) findAccount(stated string, snap Snapshot, events []Event) Account {
	n := h.sortNaming(events)
	a := h.chooseAccount(stated, snap, n)
	a.Change = h.compareAccounts(snap, n)
	if stated == "" {
		a.Conflicts, a.MoreConflicts = h.conflicts(a, snap, n)
	}
	if len(a.Conflicts) > 0 {
		a.Confidence = Possible
		others := a.Conflicts[0].By + " " + a.Conflicts[0].Name
		if a.MoreConflicts > 0 {
			others += ", and " + itoa(len(a.Conflicts)-1+a.MoreConflicts) + " times another one"
		}
		a.Reasons = append(a.Reasons, Reason{
			Code: "account-unclear", Input: h.Name, Ask: "sc.exe qc ADSync",
			Message: "The inputs name more than one account of the ADSync service: " + a.Name + ", and in " + others + ".",
		})
	}
	h.findSID(&a, events)
	return a
}

// naming are the events that tell of the account, in order of time.
type naming struct {
	// named name it, installed are those of them that tell of an installation, logons are
	// service logons of accounts that can only be those of the service.
	named, installed, logons []Event
}

func (h *Host) sortNaming(events []Event) naming {
	var n naming
	for _, e := range events {
		switch {
		case logonName(e) != "":
			n.logons = append(n.logons, e)
		case e.installs():
			if e.accountName() != "" {
				n.named, n.installed = append(n.named, e), append(n.installed, e)
			}
		case e.OfService() && (e.ID == 7041 || e.ID == 7038):
			n.named = append(n.named, e)
		}
	}
	return n
}

// installs reports whether an event tells of an installation of the service: 7045 of the
// System log, or 4697 of the Security log, which has the key name of the service.
func (e Event) installs() bool {
	if strings.EqualFold(e.Provider, auditing) {
		return e.ID == 4697 && strings.EqualFold(e.Data("ServiceName"), serviceKey)
	}
	return e.ID == 7045 && e.OfService()
}

func (h *Host) chooseAccount(stated string, snap Snapshot, n naming) Account {
	if stated != "" {
		a := h.newAccount(stated, Certain, n.named, n.installed)
		a.Stated = true
		return a
	}
	if snap.Account != "" {
		return h.configuredAccount(snap, n)
	}
	if c := len(n.named); c > 0 {
		last := n.named[c-1]
		a := h.newAccount(last.accountNamed(), Probable, n.named, n.installed)
		two := !last.installs() && len(n.installed) > 0 && h.sameAccount(n.installed[len(n.installed)-1].accountName(), a.Name)
		// A virtual account carries the name of its service, so that name and event agree.
		if two || a.Kind == Virtual && !last.installs() {
			a.Confidence = Certain
		}
		if _, sure := h.kindOf(a.Name); !sure {
			a.Confidence = Possible
		}
		return a
	}
	if c := len(n.logons); c > 0 {
		last := n.logons[c-1]
		a := h.newAccount(logonName(last), Probable, nil, nil)
		a.Evidence = []evidence.Item{last.Evidence("service logon of the account")}
		return a
	}
	return h.guessAccount()
}

// configuredAccount is the account in the service's configuration. It is certain when another
// source names the same.
func (h *Host) configuredAccount(snap Snapshot, n naming) Account {
	a := h.newAccount(snap.Account, Probable, n.named, n.installed)
	agree := 0
	for _, s := range snap.accounts {
		if h.sameAccount(s.name, a.Name) {
			agree++
			a.Evidence = append(a.Evidence, s.item)
		}
	}
	a.Evidence = evidence.Sort(a.Evidence)
	same := len(n.named) > 0 && h.sameAccount(n.named[len(n.named)-1].accountNamed(), a.Name)
	// A virtual account carries the name of its service, so that name and file agree.
	if agree > 1 || same || a.Kind == Virtual {
		a.Confidence = Certain
	}
	if _, sure := h.kindOf(a.Name); !sure {
		a.Confidence = Possible
	}
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
		events   []Event
		installs bool
		role     string
	}{{named, false, "account named at a failed logon"}, {installed, true, "account at installation"}} {
		for i := len(list.events) - 1; i >= 0; i-- {
			if e := list.events[i]; e.installs() == list.installs && h.sameAccount(e.accountNamed(), name) {
				a.Evidence = append(a.Evidence, e.Evidence(list.role))
				break
			}
		}
	}
	a.Evidence = evidence.Sort(a.Evidence)
	return a
}

// accountNamed is the account that an event names.
func (e Event) accountNamed() string {
	if e.installs() {
		return e.accountName()
	}
	return e.Param(2)
}

// sameAccount reports whether two names surely stand for one account on this host.
func (h *Host) sameAccount(a, b string) bool {
	return h.compare(sid.ParsePrincipal(a), sid.ParsePrincipal(b)) == sid.Same
}

// accountName is the account of an installation event: 7045 and 4697 name their fields.
func (e Event) accountName() string {
	if strings.EqualFold(e.Provider, auditing) {
		return e.Data("ServiceAccount")
	}
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
