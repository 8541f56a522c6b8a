package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
)

// accountChanges are the events of the Security log that tell what was done to an account,
// with the words for it. The computer that keeps the account logs them: a domain controller
// for those of a domain.
var accountChanges = map[int]string{
	4720: "was created",
	4722: "was enabled",
	4723: "had its password changed",
	4724: "had its password reset",
	4725: "was disabled",
	4726: "was deleted",
	4738: "was changed",
	4740: "was locked",
	4767: "was unlocked",
}

func isAccountChange(e Event) bool {
	return strings.EqualFold(e.Provider, auditing) && accountChanges[e.ID] != ""
}

// InForce returns the newest event did, such as 4725 for an account that was disabled, that
// came before the last of the events and that no later event undid, such as 4722, took back
// before it: one event or none. The events are in order of time.
func (a Account) InForce(did, undid int, events []Event) []Event {
	if len(events) == 0 {
		return nil
	}
	for _, e := range slices.Backward(a.Changes) {
		switch {
		case e.Time.After(events[len(events)-1].Time):
		case e.ID == undid:
			return nil
		case e.ID == did:
			return []Event{e}
		}
	}
	return nil
}

// Since returns the newest event did, such as 4722 for an account that was enabled, that
// came after the last of the events and that no later event undid, such as 4725, took back:
// one event or none. It is none too where the account was made or deleted after it, for what
// has the name then is another account. The events are in order of time.
func (a Account) Since(did, undid int, events []Event) []Event {
	if len(events) == 0 {
		return nil
	}
	var found []Event
	for _, e := range a.Changes {
		if !e.Time.After(events[len(events)-1].Time) {
			continue
		}
		switch e.ID {
		case did:
			found = []Event{e}
		case undid:
			found = nil
		case 4720, 4726:
			return nil
		}
	}
	return found
}

// By is who did what an event of the Security log tells, as DOMAIN\name; empty where the
// event does not say.
func (e Event) By() string {
	name, domain := e.Data("SubjectUserName"), e.Data("SubjectDomainName")
	switch {
	case name == "" || name == "-":
		return ""
	case domain == "" || domain == "-":
		return name
	}
	return domain + `\` + name
}

// targetName is the account that a change is about.
func targetName(e Event) string {
	if domain := e.Data("TargetDomainName"); domain != "" && domain != "-" {
		return domain + `\` + e.Data("TargetUserName")
	}
	return e.Data("TargetUserName")
}

// changeRole is what a change shows, as the role of evidence.
func changeRole(e Event) string { return "account " + strings.TrimPrefix(accountChanges[e.ID], "was ") }

// narrateChange tells a change of the account in words.
func narrateChange(e Event, name string) Entry {
	what := name + " " + accountChanges[e.ID]
	if by := e.By(); by != "" {
		what += " by " + by
	}
	return Entry{Time: e.Time, What: what, Kind: "account", Evidence: []evidence.Item{e.Evidence(changeRole(e))}}
}
