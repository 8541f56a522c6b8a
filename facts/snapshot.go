package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Snapshot is how the ADSync service is set up, as a registry export, the output of sc or a
// list of services shows it. Such files do not tell when they were made: they are usually
// made with the other inputs, but nothing proves it, so that no dated event is overruled by
// them.
type Snapshot struct {
	// Known is set when a file shows the service; Missing when sc said that the computer
	// has none, and no file shows it.
	Known, Missing bool
	// Account is the account that the service is set to run as, in the spelling of the best
	// source. Empty when it is not known, or was not readable.
	Account string
	// Start is the start type: "auto", "delayed-auto", "demand", "disabled", …; empty when it
	// is not known or files disagree.
	Start collected.StartType
	// State is what the service did when the file was made: "running", "stopped" or
	// "changing"; empty when it is not known or files disagree.
	State collected.State
	// Managed says whether Windows manages the account's password: "true", "false", or empty
	// when it is not known. ManagedBySC is set when sc says so, and not only the registry.
	Managed     string
	ManagedBySC bool
	DisplayName string
	// Path is the command line of the program.
	Path string
	// Dependencies are the key names of what the service depends on, if that is known.
	Dependencies []string
	// Evidence has one item for each statement that was used, StartEvidence and
	// ManagedEvidence those for these.
	Evidence, StartEvidence, ManagedEvidence []evidence.Item
	// Reasons say that the service is missing; StartReasons and ManagedReasons what leaves the
	// start type and the mark open.
	Reasons, StartReasons, ManagedReasons []Reason

	accounts []statement
	missing  collected.Value
}

// Disabled reports whether the start type is known to be "disabled".
func (s Snapshot) Disabled() bool { return s.Start == collected.Disabled }

// Enabled reports whether the start type is known, and not "disabled".
func (s Snapshot) Enabled() bool { return s.Start != "" && s.Start != collected.Disabled }

// statement is the account that one source names.
type statement struct {
	name string
	// by tells the source in words, such as "the registry".
	by   string
	item evidence.Item
}

// The sources of a snapshot from best to worst.
var snapshotSources = []string{"registry", "sc", "service list"}

var sourceWords = map[string]string{"registry": "the registry", "sc": "sc qc", "service list": "the list of services"}

// newSnapshot joins what the files of a host say of the service.
func newSnapshot(files []*collected.File, h *Host) Snapshot {
	var s Snapshot
	var starts, states, managed []collected.Value
	for _, source := range snapshotSources {
		for _, f := range files {
			for _, svc := range f.Services {
				if svc.By != source || !strings.EqualFold(svc.Name.Text, serviceKey) {
					continue
				}
				if svc.Missing.Known() {
					s.missing = svc.Missing
					continue
				}
				s.Known = true
				s.take(svc)
				starts = append(starts, labelled(svc.StartAt, string(svc.Start)))
				states = append(states, labelled(svc.StateAt, string(svc.State)))
				managed = append(managed, svc.Managed)
				s.ManagedBySC = s.ManagedBySC || svc.By == "sc" && svc.Managed.Known()
			}
		}
	}
	s.Missing = s.missing.Known() && !s.Known
	start, at := agreed(starts, func(v string) string { return strings.TrimPrefix(v, "delayed-") })
	s.Start, s.StartEvidence = collected.StartType(start), items(at, "start type")
	state, at := agreed(states, nil)
	s.State = collected.State(state)
	stateItems := items(at, "state of the service, at an unknown time")
	s.Managed, at = agreed(managed, nil)
	s.ManagedEvidence = items(at, "managed account")
	for _, a := range s.accounts {
		s.Evidence = append(s.Evidence, a.item)
	}
	s.Evidence = evidence.Sort(slices.Concat(s.Evidence, s.StartEvidence, stateItems, s.ManagedEvidence))
	s.explain(managed, h)
	return s
}

// take adds what one statement says, if no better one said it.
func (s *Snapshot) take(svc collected.Service) {
	if svc.Account.Intact() {
		s.accounts = append(s.accounts, statement{
			name: strings.TrimSpace(svc.Account.Text), by: sourceWords[svc.By],
			item: svc.Account.Evidence("account in the service's configuration"),
		})
		if s.Account == "" {
			s.Account = s.accounts[0].name
		}
	}
	if s.DisplayName == "" {
		s.DisplayName = svc.DisplayName.Text
	}
	if s.Path == "" {
		s.Path = svc.BinaryPath.Text
	}
	if s.Dependencies == nil && svc.DependsAt.Known() {
		s.Dependencies = svc.Dependencies
	}
}

// labelled is a value with its meaning in place of its text.
func labelled(v collected.Value, meaning string) collected.Value {
	v.Text = meaning
	return v
}

// agreed returns the text of all values that say something, if it is the same, and these
// values. fold, if set, makes texts the same that do not differ in what matters.
func agreed(values []collected.Value, fold func(string) string) (string, []collected.Value) {
	if fold == nil {
		fold = func(v string) string { return v }
	}
	values = slices.DeleteFunc(slices.Clone(values), func(v collected.Value) bool { return !v.Known() || v.Text == "" })
	for _, v := range values {
		if fold(v.Text) != fold(values[0].Text) {
			return "", nil
		}
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[0].Text, values
}

func items(values []collected.Value, role string) []evidence.Item {
	var out []evidence.Item
	for _, v := range values {
		out = append(out, v.Evidence(role))
	}
	return out
}

// explain says what is missing in the snapshot.
func (s *Snapshot) explain(managed []collected.Value, h *Host) {
	if s.Missing {
		s.Reasons = []Reason{{
			Code: "service-not-installed", Input: string(s.missing.At.Source), Ask: "sc.exe qc ADSync",
			Message: "sc found no service ADSync: Microsoft Entra Connect is not installed on the computer on which it ran.",
		}}
	}
	if s.Disabled() {
		s.StartReasons = []Reason{{
			Code: "start-type-unclear", Input: string(s.StartEvidence[0].Source), Ask: "sc.exe qc ADSync",
			Message: "A file that does not tell its time shows the start type \"disabled\", and events do not bear it out: one of them is older.",
		}}
	}
	if s.Managed == "false" {
		s.ManagedReasons = []Reason{{
			Code: "not-marked-as-managed", Input: string(s.ManagedEvidence[0].Source), Ask: "sc.exe qmanagedaccount ADSync",
			Message: "The service is not marked as one that runs as a managed account, and no failed logon shows that this matters.",
		}}
	}
	if s.Managed == "" {
		message := "No input shows whether the service is marked as one that runs as a managed account. It must say TRUE."
		if slices.ContainsFunc(managed, collected.Value.Known) {
			message = "The inputs disagree on whether the service is marked as one that runs as a managed account."
		}
		s.ManagedReasons = []Reason{{Code: "managed-account-unknown", Input: h.Name, Message: message, Ask: "sc.exe qmanagedaccount ADSync"}}
	}
}

// sidOf returns the SID of the account where the output of whoami shows it.
func sidOf(files []*collected.File, h *Host, account string) (sid.SID, []evidence.Item) {
	for _, f := range files {
		if t := f.Token; t != nil && t.SID != "" && t.Account.Intact() && h.sameAccount(t.Account.Text, account) {
			return t.SID, []evidence.Item{t.Account.Evidence("SID of the account")}
		}
	}
	return "", nil
}

// setUp adds the snapshot. Where no event tells what the service does, the snapshot does, of
// a time that is not known.
func (s *Service) setUp(snap Snapshot) {
	s.Snapshot = snap
	if s.State != UnknownState || slices.ContainsFunc(s.Reasons, func(r Reason) bool { return r.Code == "no-event-since-boot" }) {
		return
	}
	switch {
	case snap.Missing:
		s.Reasons = append(s.Reasons, snap.Reasons...)
		return
	case snap.State == collected.Running:
		s.State = Running
	case snap.Disabled():
		s.State = Disabled
	case snap.State == collected.Stopped:
		s.State = Stopped
	default:
		return
	}
	s.Evidence = snap.Evidence
	s.Reasons = append(s.Reasons, Reason{
		Code: "state-without-time", Input: string(snap.Evidence[0].Source), Ask: `wevtutil epl System System.evtx`,
		Message: "No event says what became of the ADSync service. A file that has no time shows it " + string(s.State) + ", and not since when or why.",
	})
}

// learnCollected notes the accounts that run services or that collected: they are no groups.
func learnCollected(accounts map[string]bool, files []*collected.File) {
	for _, f := range files {
		for _, s := range f.Services {
			if s.Account.Intact() && len(accounts) < maxAccounts {
				accounts[strings.ToLower(strings.TrimSpace(s.Account.Text))] = true
			}
		}
		if f.Token != nil && f.Token.Account.Intact() && len(accounts) < maxAccounts {
			accounts[strings.ToLower(f.Token.Account.Text)] = true
			accounts[strings.ToLower(string(f.Token.SID))] = true
		}
	}
}
