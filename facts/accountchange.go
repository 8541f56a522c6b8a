package facts

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Conflict is an account that an input names, and that is another one than the account that
// counts.
type Conflict struct {
	Name string
	// By tells the source in words, such as "event 7041".
	By       string
	Evidence []evidence.Item
}

// AccountChange compares the account in the service's configuration, of which files without
// a time tell, with the account at installation, and without that with the one that the newest
// refused logon names. Where that leaves no difference and no installation is known, the refused
// logons are compared with each other.
type AccountChange struct {
	// Compared is set when there are two to compare; Found when they are two accounts for
	// certain; Same when they are one for certain.
	Compared, Found, Same bool
	// AtInstallation is set when From is the account at installation.
	AtInstallation bool
	// ByEvents is set when two refused logons name two accounts, of which From is the earlier.
	ByEvents bool
	// From is the account of the event, To that in the configuration, or that of the newest
	// refused logons where events alone tell of the change.
	From, To string
	// FromVirtual is set when From is the virtual account of the service, which nobody gives
	// it later: it is that of the installation.
	FromVirtual bool
	// Refused are the refused logons since the change that name To, where events alone tell of
	// it; in order of time.
	Refused []Event
	// FromIs and ToIs tell the sources in words.
	FromIs, ToIs string
	// At is the time of the event.
	At       time.Time
	Evidence []evidence.Item
	Reasons  []Reason
}

// compareAccounts looks for a change of the account.
func (h *Host) compareAccounts(snap Snapshot, n naming) AccountChange {
	refused := slices.DeleteFunc(slices.Clone(n.named), Event.installs)
	c := h.compareConfigured(snap, n, refused)
	if len(n.installed) > 0 || c.Compared && !c.Same || snap.disagrees(h) {
		return c
	}
	if byEvents := h.compareRefused(refused); byEvents.Found {
		return byEvents
	}
	return c
}

// compareRefused compares the refused logons with each other: from some moment on they name
// another account than all did before. Of several before, the virtual account of the service
// counts, which is that of the installation, and else the newest. Nothing is found when the newest name the virtual
// account, which shows that the change was taken back.
func (h *Host) compareRefused(refused []Event) AccountChange {
	if len(refused) == 0 {
		return AccountChange{}
	}
	name := func(e Event) string { return strings.TrimSpace(e.accountNamed()) }
	last := refused[len(refused)-1]
	to := name(last)
	if kind, _ := h.kindOf(to); kind == Virtual {
		return AccountChange{}
	}
	since := len(refused)
	for since > 0 && strings.EqualFold(name(refused[since-1]), to) {
		since--
	}
	before := refused[:since]
	if len(before) == 0 || slices.ContainsFunc(before, func(e Event) bool { return !h.differ(name(e), to) }) {
		return AccountChange{}
	}
	e, virtual := before[len(before)-1], false
	for _, b := range slices.Backward(before) {
		if kind, _ := h.kindOf(name(b)); kind == Virtual {
			e, virtual = b, true
			break
		}
	}
	return AccountChange{
		Compared: true, Found: true, ByEvents: true, From: name(e), To: to, FromVirtual: virtual,
		FromIs: eventWords(e), ToIs: eventWords(last), At: e.Time, Refused: refused[since:],
		Evidence: evidence.Sort([]evidence.Item{e.Evidence("account at an earlier failed logon"), last.Evidence("account at a failed logon")}),
	}
}

// compareConfigured compares the account in the configuration with that of an event.
func (h *Host) compareConfigured(snap Snapshot, n naming, refused []Event) AccountChange {
	var e Event
	switch {
	case len(snap.accounts) == 0 || snap.disagrees(h):
		return AccountChange{}
	case len(n.installed) > 0:
		e = n.installed[len(n.installed)-1]
	case len(refused) > 0:
		e = refused[len(refused)-1]
	default:
		return AccountChange{}
	}
	from, to := strings.TrimSpace(e.accountNamed()), snap.accounts[0]
	role := "account at a failed logon"
	if e.installs() {
		role = "account at installation"
	}
	c := AccountChange{
		Compared: true, AtInstallation: e.installs(), Found: h.differ(from, to.name), Same: h.sameAccount(from, to.name),
		From: from, To: to.name, FromIs: eventWords(e), ToIs: to.by, At: e.Time,
		Evidence: evidence.Sort([]evidence.Item{e.Evidence(role), to.item}),
	}
	if n := len(refused); n > 0 && c.AtInstallation && c.Same && h.differ(from, strings.TrimSpace(refused[n-1].accountNamed())) {
		c.Reasons = []Reason{{
			Code: "account-changed-back", Input: string(to.item.Source), Ask: "sc.exe qc ADSync",
			Message: "Event " + itoa(refused[n-1].ID) + " at " + utc(refused[n-1].Time) + " names " + strings.TrimSpace(refused[n-1].accountNamed()) +
				", while " + to.by + " has the account of the installation. It was changed back since, or the file is older than the event.",
		}}
	}
	return c
}

// disagrees reports whether files name different accounts.
func (s Snapshot) disagrees(h *Host) bool {
	return slices.ContainsFunc(s.accounts, func(a statement) bool { return h.differ(a.name, s.accounts[0].name) })
}

func eventWords(e Event) string {
	return "event " + itoa(e.ID) + " of the " + e.Channel + " log"
}

// plainAccount is a name of the form DOMAIN\name or .\name. User principal names are free to
// choose, and bare names may be of the computer or of the domain.
var plainAccount = regexp.MustCompile(`^[^\\@]+\\[^\\@]+$`)

// differ reports whether two names surely stand for two accounts: names that differ in more
// than the domain, which one account can have several names of. Names of Windows itself are
// in its language and prove nothing.
func (h *Host) differ(a, b string) bool {
	for _, name := range []string{a, b} {
		p := sid.ParsePrincipal(name)
		if !plainAccount.MatchString(name) || isWindowsAuthority(p.Authority()) && !p.SID.IsService() {
			return false
		}
	}
	pa, pb := sid.ParsePrincipal(a), sid.ParsePrincipal(b)
	return !strings.EqualFold(pa.Account(), pb.Account()) && h.compare(pa, pb) == sid.Different
}

// conflicts lists what names another account than the one that was chosen: files, and the
// newest event, which may be newer than a file. Of many files the first are listed; more is how
// many conflicts are not.
func (h *Host) conflicts(a Account, snap Snapshot, n naming) (out []Conflict, more int) {
	for _, s := range snap.accounts {
		switch {
		case !h.differ(s.name, a.Name):
		case len(out) == maxConflicts-1:
			more++
		default:
			out = append(out, Conflict{Name: s.name, By: s.by, Evidence: []evidence.Item{s.item}})
		}
	}
	if c := len(n.named); c > 0 && snap.Account != "" {
		e := n.named[c-1]
		if name := strings.TrimSpace(e.accountNamed()); h.differ(name, a.Name) {
			out = append(out, Conflict{Name: name, By: eventWords(e), Evidence: []evidence.Item{e.Evidence("another account")}})
		}
	}
	return out, more
}

// maxConflicts is how many other accounts are listed of one host.
const maxConflicts = 20

// findSID looks for the SID of an account of a domain or of the computer: in the output of
// whoami, and in the account's own service logons, of which the newest counts.
func (h *Host) findSID(a *Account, events []Event) {
	if a.SID != "" || a.Assumed {
		return
	}
	if s, items := sidOf(h.files, h, a.Name); s != "" {
		a.SID, a.Evidence = s, evidence.Sort(append(a.Evidence, items...))
		return
	}
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		if !strings.EqualFold(e.Provider, auditing) || e.ID != 4624 || e.Data("LogonType") != serviceLogon {
			continue
		}
		name := e.Data("TargetDomainName") + `\` + e.Data("TargetUserName")
		if s, err := sid.Parse(e.Data("TargetUserSid")); err == nil && h.sameAccount(name, a.Name) {
			a.SID, a.Evidence = s, evidence.Sort(append(a.Evidence, e.Evidence("SID of the account")))
			return
		}
	}
}
