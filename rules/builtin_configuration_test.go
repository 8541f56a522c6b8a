package rules_test

import (
	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

const managed = `CONTOSO\gmsa-sync$`

// line is a piece of evidence in a file of a collector.
func line(role string) []evidence.Item {
	return []evidence.Item{{Role: role, Location: evidence.Location{Source: "sc.txt", Line: 5}, Excerpt: "…"}}
}

// markedAs gives the service the mark of a managed account, as sc shows it.
func markedAs(mark string) func(*facts.Host) {
	return func(h *facts.Host) {
		s := &h.Service.Snapshot
		s.Known, s.Managed, s.ManagedBySC = true, mark, mark != ""
		s.ManagedEvidence = line("managed account")
		if mark == "" {
			s.ManagedReasons, s.ManagedEvidence = []facts.Reason{{Code: "managed-account-unknown", Ask: "sc.exe qmanagedaccount ADSync"}}, nil
		}
	}
}

// setTo gives the service a start type in its configuration.
func setTo(start collected.StartType) func(*facts.Host) {
	return func(h *facts.Host) {
		h.Service.Snapshot = facts.Snapshot{Known: true, Start: start, StartEvidence: line("start type")}
	}
}

func byRegistryOnly(h *facts.Host) { h.Service.Snapshot.ManagedBySC = false }

// changedTo gives the host a comparison of the account at installation with the
// configuration.
func changedTo(c facts.AccountChange) func(*facts.Host) {
	return func(h *facts.Host) {
		c.Compared = true
		if c.FromIs == "" {
			c.FromIs, c.At, c.AtInstallation = "event 7045 of the System log", at("01:30:00"), true
		}
		c.ToIs, c.Evidence = "the registry", line("account in the service's configuration")
		h.Account.Change = c
	}
}

// switched gives the host refused logons of two accounts in turn.
func switched(from string, virtual bool) func(*facts.Host) {
	return func(h *facts.Host) {
		h.Account.Change = facts.AccountChange{
			Compared: true, Found: true, ByEvents: true, From: from, To: domainUser, FromVirtual: virtual,
			FromIs: "event 7041 of the System log", ToIs: "event 7038 of the System log", At: at("09:30:00"),
			Refused: []facts.Event{badLogon("10:00:00", domainUser, "%%1326")}, Evidence: line("account at an earlier failed logon"),
		}
	}
}

func startedSince(h *facts.Host) {
	h.Service.Starts = append(h.Service.Starts, scm("10:30:00", 7036, "Microsoft Azure AD Sync", "running"))
}

// configurationCases are those in which files of collectors count.
func configurationCases() []builtinCase {
	var cases []builtinCase
	for _, list := range [][]builtinCase{managedCases(), tlsCases(), configuredChangeCases(), configuredStartCases()} {
		cases = append(cases, list...)
	}
	return cases
}

func managedCases() []builtinCase {
	gmsa := runsAs(managed, facts.GroupManaged)
	wrong := events{"wrong": {badLogon("10:00:00", managed, "%%1326")}}
	two := func(c builtinCase) []builtinCase {
		other := c
		c.rule, other.rule = "gmsa-flag-lost", "gmsa-password-unavailable"
		return []builtinCase{c, other}
	}
	cases := []builtinCase{
		{
			rule: "gmsa-flag-lost", name: "sc says false", host: hosts(failing, gmsa, markedAs("false")), events: wrong,
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{managed, "not marked", "!confirm it with sc"}, remedy: []string{"sc.exe managedaccount ADSync true", "not supported"},
		},
		{
			rule: "gmsa-flag-lost", name: "the registry says false", host: hosts(failing, gmsa, markedAs("false"), byRegistryOnly), events: wrong,
			want: rules.Failed, confidence: facts.Possible, count: 1, message: []string{"confirm it with sc"},
		},
		{rule: "gmsa-flag-lost", name: "marked", host: hosts(failing, gmsa, markedAs("true")), events: wrong, want: rules.Passed},
		{rule: "gmsa-flag-lost", name: "not marked, and it runs", host: hosts(gmsa, markedAs("false")), want: rules.Inconclusive, reasons: []string{"unsettled"}},
		{
			rule: "gmsa-password-unavailable", name: "marked, and refused", host: hosts(failing, gmsa, markedAs("true")), events: wrong,
			want: rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"cannot be told from the inputs"}, remedy: []string{"Test-ADServiceAccount", "PrincipalsAllowedToRetrieveManagedPassword"},
		},
		{rule: "gmsa-password-unavailable", name: "not marked", host: hosts(failing, gmsa, markedAs("false")), events: wrong, want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		{
			rule: "gmsa-password-unavailable", name: "only the error 1069", host: hosts(failsWith(noLogon("10:00:00")), gmsa, markedAs("true")),
			want: rules.Inconclusive, reasons: []string{"unsettled"},
		},
		{
			rule: "gmsa-password-unavailable", name: "the account is gone", want: rules.Inconclusive, reasons: []string{"unsettled"}, events: wrong,
			host: hosts(failing, gmsa, markedAs("true"), func(h *facts.Host) {
				h.Service.FailedLogons = []facts.Event{audit("10:00:01", "gmsa-sync$", "0xC000006D", "0xC0000064")}
			}),
		},
	}
	for _, c := range [][]builtinCase{
		two(builtinCase{name: "the mark is unknown", host: hosts(failing, gmsa, markedAs("")), events: wrong, want: rules.Inconclusive, reasons: []string{"managed-account-unknown"}}),
		two(builtinCase{name: "all well", host: hosts(gmsa), want: rules.Passed}),
		two(builtinCase{name: "a virtual account", want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}}),
		two(builtinCase{name: "a user", host: hosts(failing, markedAs("false")), events: events{"wrong": {badLogon("10:00:00", domainUser, "%%1326")}}, want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}}),
		two(builtinCase{name: "no logs", host: hosts(gmsa, noLogs), want: rules.Skipped, reasons: []string{"no-log"}}),
	} {
		cases = append(cases, c...)
	}
	// The configuration is of another account than the event: the mark is not the event's.
	other := builtinCase{
		rule: "gmsa-flag-lost", name: "another managed account now", events: wrong, want: rules.Inconclusive, reasons: []string{"unsettled"},
		host: hosts(failing, gmsa, markedAs("false"), func(h *facts.Host) { h.Service.Snapshot.Account = `CONTOSO\other$` }),
	}
	return append(cases, other)
}

// tlsError is an event of the Application log with a text.
func tlsError(clock, provider string, id int, text string) facts.Event {
	e := logged(clock, provider, id)
	e.Channel, e.Location.Channel = "Application", "Application"
	e.Fields = []facts.Field{{Value: text}}
	return e
}

func tlsCases() []builtinCase {
	const (
		rule = "tls12-not-enabled"
		text = "GetSecurityToken: unable to retrieve a security token. System.Net.WebException: The request was aborted: Could not create SSL/TLS secure channel."
	)
	tls := func(s facts.TLSSetting) func(*facts.Host) {
		return func(h *facts.Host) {
			h.Settings = facts.Settings{TLS12: s, Evidence: line("TLS 1.2 setting")}
			if s == facts.TLSUnknown {
				h.Settings = facts.Settings{Reasons: []facts.Reason{{Code: "tls-settings-unknown"}}}
			}
		}
	}
	says := func(e facts.Event) func(*facts.Host) {
		return func(h *facts.Host) { h.Engine.NoSecureChannel = []facts.Event{e} }
	}
	seen := says(tlsError("10:00:00", "Directory Synchronization", 906, text))
	return []builtinCase{
		{
			rule: rule, name: "turned off", host: hosts(tls(facts.TLSOff), seen), want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"event 906 of Directory Synchronization: once", "turned off"}, remedy: []string{"reg.exe query", "Start-ADSyncSyncCycle"},
		},
		{
			rule: rule, name: "limited, seen by the connector", want: rules.Failed, confidence: facts.Possible, count: 1,
			host:    hosts(tls(facts.TLSLimited), says(tlsError("10:00:00", "ADSync", 6801, "The extensible extension returned an unsupported error. "+text))),
			message: []string{"event 6801 of ADSync: once", "by default"},
		},
		{rule: rule, name: "no export", host: hosts(tls(facts.TLSUnknown), seen), want: rules.Inconclusive, reasons: []string{"tls-settings-unknown"}},
		{rule: rule, name: "keys that are not there", host: hosts(tls(facts.TLSUnset), seen), want: rules.Inconclusive, reasons: []string{"unsettled"}},
		{rule: rule, name: "turned on", host: hosts(tls(facts.TLSOn), seen), want: rules.Passed},
		{rule: rule, name: "turned off, and nothing failed", host: tls(facts.TLSOff), want: rules.Inconclusive, reasons: []string{"unsettled"}},
		{rule: rule, name: "another error", host: tls(facts.TLSUnknown), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
	}
}

func configuredChangeCases() []builtinCase {
	const rule = "service-account-changed"
	found := facts.AccountChange{Found: true, From: `NT SERVICE\ADSync`, To: domainUser}
	same := facts.AccountChange{Same: true, From: domainUser, To: domainUser}
	back := same
	back.Reasons = []facts.Reason{{Code: "account-changed-back"}}
	installed := events{"installed": {installedAs("01:30:00", domainUser)}}
	refusedAs := facts.AccountChange{Found: true, From: `CONTOSO\svc-old`, To: domainUser, FromIs: "event 7041 of the System log", At: at("10:00:00")}
	return []builtinCase{
		{
			rule: rule, name: "the configuration has another account", host: hosts(failing, changedTo(found)), want: rules.Failed, confidence: facts.Probable,
			message: []string{`was installed with the account NT SERVICE\ADSync (event 7045 of the System log, at 2026-11-20T01:30:00Z), and now it is set to CONTOSO\svc-sync, as the registry shows`},
			remedy:  []string{`set NT SERVICE\ADSync with its present password`, "only the new name"},
		},
		{
			rule: rule, name: "the refused account is another than the configured one", host: hosts(failing, changedTo(refusedAs)), want: rules.Failed, confidence: facts.Possible,
			message: []string{`was to log on as CONTOSO\svc-old`, "of an unknown time"}, remedy: []string{"sc.exe qc ADSync", "event 7045"},
		},
		{
			rule: rule, name: "the refused logons name two accounts", host: hosts(failing, switched(`NT SERVICE\ADSync`, true)), want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{`was to log on as NT SERVICE\ADSync`, `later as CONTOSO\svc-sync (event 7038: once`, "the account that setup gives the service"},
			remedy:  []string{"Give the service its account back before anything else", `set NT SERVICE\ADSync`, `what Windows refused NT SERVICE\ADSync for`, "--account", "!only the new name"},
		},
		{
			rule: rule, name: "the refused logons name two accounts of the domain", host: hosts(failing, switched(`CONTOSO\svc-old`, false)), want: rules.Failed, confidence: facts.Probable,
			message: []string{`was to log on as CONTOSO\svc-old`, "!setup gives"},
			remedy:  []string{"sc.exe qc ADSync", "with which of the two accounts", "!before anything else"},
		},
		{rule: rule, name: "the refused logons name two accounts, and the service started since", host: hosts(failing, switched(`NT SERVICE\ADSync`, true), startedSince), want: rules.Inconclusive, reasons: []string{"unsettled"}},
		{rule: rule, name: "another account in the configuration, and the service runs", host: changedTo(found), want: rules.Inconclusive, reasons: []string{"unsettled"}},
		{rule: rule, name: "the configuration has the account of the installation", host: changedTo(same), events: installed, want: rules.Passed},
		{
			rule: rule, name: "changed back by the configuration", want: rules.Inconclusive, reasons: []string{"account-changed-back"},
			host: hosts(failsWith(badLogon("10:00:00", `CONTOSO\svc-other`, "%%1326")), changedTo(back)), events: installed,
		},
	}
}

func configuredStartCases() []builtinCase {
	const rule = "service-disabled"
	german := events{"changes": {startType("09:30:00", "Autom. Start", "Deaktiviert")}}
	return []builtinCase{
		{
			rule: rule, name: "by the configuration, without logs", host: hosts(failing, noLogs, setTo("disabled")), want: rules.Failed, confidence: facts.Probable,
			message: []string{`set to "disabled" in its configuration`, "does not tell its time"}, remedy: []string{"delayed-auto"},
		},
		{
			rule: rule, name: "by an event and by the configuration", host: hosts(failing, setTo("disabled")), want: rules.Failed, confidence: facts.Certain, count: 1,
			events:  events{"changes": {startType("09:30:00", "auto start", "disabled")}},
			message: []string{"Its configuration, too"},
		},
		{rule: rule, name: "by an event in another language and by the configuration", host: hosts(failing, setTo("disabled")), events: german, want: rules.Failed, confidence: facts.Probable},
		{rule: rule, name: "an event in another language, and enabled in the configuration", host: hosts(failing, setTo("auto")), events: german, want: rules.Passed},
		{
			rule: rule, name: "by an event, but not by the configuration", host: hosts(failing, setTo("auto")), want: rules.Failed, confidence: facts.Possible, count: 1,
			events: events{"changes": {startType("10:30:00", "auto start", "disabled")}}, message: []string{"may have been enabled since"},
		},
		{
			rule: rule, name: "by the configuration, but an event enabled it", host: hosts(failing, setTo("disabled")), want: rules.Inconclusive, reasons: []string{"unsettled"},
			events: events{"changes": {startType("10:30:00", "disabled", "auto start")}},
		},
		{rule: rule, name: "by the configuration, and it runs", host: setTo("disabled"), want: rules.Failed, confidence: facts.Possible, message: []string{"will not start again"}},
		{rule: rule, name: "enabled in the configuration, without logs", host: hosts(noLogs, setTo("delayed-auto")), want: rules.Passed},
	}
}
