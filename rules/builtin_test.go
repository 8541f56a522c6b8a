package rules_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/sid"
)

// at returns a moment of the day on which the service of the tests fails.
func at(clock string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-11-20 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// scm returns an event of the Service Control Manager.
func scm(clock string, id int, params ...string) facts.Event {
	e := facts.Event{
		Time: at(clock), Channel: "System", Provider: "Service Control Manager", ID: id, Computer: "SYNC01",
		Record: uint64(id) * 10,
	}
	e.Location = evidence.Location{Source: "case.zip!/System.evtx", Channel: "System", Record: e.Record, Offset: 4096}
	for i, p := range params {
		e.Fields = append(e.Fields, facts.Field{Name: fmt.Sprintf("param%d", i+1), Value: p})
	}
	return e
}

// audit returns a failed service logon of the Security log.
func audit(clock, user, status, subStatus string) facts.Event {
	return facts.Event{
		Time: at(clock), Channel: "Security", Provider: "Microsoft-Windows-Security-Auditing", ID: 4625, Computer: "SYNC01",
		Record:   77,
		Location: evidence.Location{Source: "case.zip!/Security.evtx", Channel: "Security", Record: 77, Offset: 8192},
		Fields: []facts.Field{
			{Name: "TargetUserName", Value: user},
			{Name: "LogonType", Value: "5"},
			{Name: "Status", Value: status},
			{Name: "SubStatus", Value: subStatus},
		},
	}
}

var baseline = facts.GPO{Name: "Server Baseline", GUID: "{31B2F340-016D-11D2-945F-00C04FB984F9}"}

// right returns a right that a report leaves to the computer.
func right(name, display string) facts.Right {
	return facts.Right{Name: name, Display: display, Verdict: facts.Undefined, Known: true}
}

// healthy returns a host on which all is well and all is known: no GPO defines a right,
// and the service, a virtual account's, started at nine.
func healthy() *facts.Host {
	start := scm("09:00:00", 7036, "Microsoft Azure AD Sync", "running")
	h := &facts.Host{
		Name: "SYNC01", Domain: "contoso.com",
		Account: facts.Account{
			Name: `NT SERVICE\ADSync`, Kind: facts.Virtual, Confidence: facts.Certain,
			Evidence: []evidence.Item{{Role: "service account", Location: evidence.Location{Source: "services.reg", Line: 7}, Excerpt: `"ObjectName"="NT SERVICE\\ADSync"`}},
		},
		Rights: facts.Rights{
			Service:     right("SeServiceLogonRight", "Log on as a service"),
			Batch:       right("SeBatchLogonRight", "Log on as a batch job"),
			Local:       right("SeInteractiveLogonRight", "Allow log on locally"),
			DenyService: right("SeDenyServiceLogonRight", "Deny log on as a service"),
			DenyBatch:   right("SeDenyBatchLogonRight", "Deny log on as a batch job"),
			DenyLocal:   right("SeDenyInteractiveLogonRight", "Deny log on locally"),
		},
		Service: facts.Service{
			State: facts.Running, Since: start.Time, Account: `NT SERVICE\ADSync`,
			Window: facts.Window{From: start.Time, To: at("23:00:00")},
			Starts: []facts.Event{start},
		},
		Reports: facts.Reports{Computer: true},
		Logs: facts.Logs{Channels: []facts.ChannelCoverage{
			{Channel: "System", Window: facts.Window{From: at("01:00:00"), To: at("23:00:00")}},
		}},
	}
	return h
}

// omit makes the GPO baseline define the right for somebody else.
func omit(r *facts.Right) {
	r.Verdict, r.Defined, r.Winner, r.Confidence = facts.Omitted, true, baseline, facts.Probable
	r.Principals = []sid.Principal{{Name: `CONTOSO\svc-backup`}, {SID: "S-1-5-21-1-2-3-1105"}}
	r.Evidence = []evidence.Item{{Role: "winning GPO", Location: evidence.Location{Source: "gpresult.htm", Row: 4, Line: 2031}, Excerpt: r.Display}}
}

// stop makes the service fail since ten o'clock.
func stop(h *facts.Host, failures ...facts.Event) {
	h.Service.State, h.Service.Since = facts.Failing, at("10:00:00")
	h.Service.Window.From = at("10:00:00")
	h.Service.Failures = failures
}

type events = map[string][]facts.Event

// grant makes the GPO baseline define the right for the account.
func grant(r *facts.Right) {
	omit(r)
	r.Verdict = facts.Granted
	r.Covering = []sid.Principal{{Name: `NT SERVICE\ALL SERVICES`, SID: "S-1-5-80-0"}}
	r.Principals = r.Covering
}

// doubt makes the GPO baseline define the right for a group of unknown members.
func doubt(r *facts.Right) {
	omit(r)
	r.Verdict, r.Confidence = facts.Undetermined, ""
	r.Principals = []sid.Principal{{Name: `CONTOSO\Sync Services`}}
	r.Unexpanded = r.Principals
	r.Reasons = []facts.Reason{{Code: "group-not-expanded", Input: `CONTOSO\Sync Services`}}
}

// empty makes the GPO baseline define the right for nobody.
func empty(r *facts.Right) {
	omit(r)
	r.Empty, r.Principals = true, nil
}

// deny makes the GPO baseline deny the right to the account.
func deny(r *facts.Right) {
	omit(r)
	r.Verdict = facts.Denied
	r.Covering = []sid.Principal{{Name: "Local account", SID: "S-1-5-113"}}
	r.Principals = append(r.Principals, r.Covering...)
}

func noReport(h *facts.Host)   { h.Reports = facts.Reports{} }
func userReport(h *facts.Host) { h.Reports = facts.Reports{UserOnly: true} }
func noLogs(h *facts.Host)     { h.Logs = facts.Logs{} }

// wrapped makes the System log begin after the service came to its state.
func wrapped(h *facts.Host) { h.Logs.Channels[0].Window.From = at("22:00:00") }

// runsAs gives the service another account.
func runsAs(name string, kind facts.AccountKind) func(*facts.Host) {
	return func(h *facts.Host) { h.Account.Name, h.Account.Kind, h.Service.Account = name, kind, name }
}

// assumed makes the account a guess.
func assumed(h *facts.Host) {
	h.Account.Assumed, h.Account.Confidence = true, facts.Possible
	h.Account.Reasons = []facts.Reason{{Code: "account-unknown"}}
}

func hosts(changes ...func(*facts.Host)) func(*facts.Host) {
	return func(h *facts.Host) {
		for _, change := range changes {
			change(h)
		}
	}
}

func onRight(change func(*facts.Right), of func(*facts.Rights) *facts.Right) func(*facts.Host) {
	return func(h *facts.Host) { change(of(&h.Rights)) }
}

func service(r *facts.Rights) *facts.Right     { return &r.Service }
func denyService(r *facts.Rights) *facts.Right { return &r.DenyService }
func batch(r *facts.Rights) *facts.Right       { return &r.Batch }
func local(r *facts.Rights) *facts.Right       { return &r.Local }

func failing(h *facts.Host) { stop(h) }

// refusal is event 7041 of the service.
func refusal(clock string) facts.Event { return scm(clock, 7041, "ADSync", `NT SERVICE\ADSync`) }

// badLogon is event 7038 of the service.
func badLogon(clock, account, code string) facts.Event {
	return scm(clock, 7038, "ADSync", account, code)
}

// noLogon is event 7000 of the service, for a failed logon.
func noLogon(clock string) facts.Event {
	return scm(clock, 7000, "Microsoft Azure AD Sync", "%%1069")
}

const gpoText = `the GPO "Server Baseline" {31B2F340-016D-11D2-945F-00C04FB984F9}`

const path = "Computer Configuration > Policies > Windows Settings > Security Settings > Local Policies > User Rights Assignment > "

type builtinCase struct {
	rule, name string
	host       func(*facts.Host)
	events     events
	want       rules.Verdict
	confidence facts.Confidence
	// message and remedy hold texts that must be there, or must not when they begin with
	// "!"; reasons the codes of the reasons.
	message, remedy, reasons []string
	count                    int
}

var builtinCases = []builtinCase{
	// service-right-omitted
	{
		rule: "service-right-omitted", name: "refused",
		host: hosts(onRight(omit, service), failing, func(h *facts.Host) {
			h.Rights.Service.Confidence, h.Rights.Service.Refused = facts.Certain, true
		}),
		events: events{"refused": {refusal("10:00:00"), refusal("11:30:00")}},
		want:   rules.Failed, confidence: facts.Certain, count: 2,
		message: []string{
			"On SYNC01, " + gpoText + ` defines the right "Log on as a service" and leaves out NT SERVICE\ADSync, the account of the ADSync service.`,
			`The list has: CONTOSO\svc-backup, S-1-5-21-1-2-3-1105.`,
			`only by NT SERVICE\ALL SERVICES`,
			"7041 of the System log, twice, at 2026-11-20T10:00:00Z and 2026-11-20T11:30:00Z.",
			"!is running at the moment", "!was assumed", "!not known",
		},
		remedy: []string{
			"edit " + gpoText, path + "Log on as a service",
			`Way A, if this GPO does not have to control the right: clear "Define these policy settings".`,
			`Way B, if it has to: keep the setting and its entries, and add NT SERVICE\ALL SERVICES (or, for this service alone, NT SERVICE\ADSync) to the list.`,
			"On SYNC01, in an elevated command prompt: gpupdate /target:computer /force",
			"or restart the server: Start-Service ADSync",
			"gpresult /h gpresult.htm /scope computer /f",
			"changing it after the installation is not supported",
			"!Restart-Service", "!SERVICE_START_NAME",
		},
	},
	{
		rule: "service-right-omitted", name: "still running",
		host: onRight(omit, service),
		want: rules.Failed, confidence: facts.Probable,
		message: []string{"The service is running at the moment", "it will be refused at its next start", "!Windows did refuse"},
		remedy:  []string{"Restart-Service ADSync", "!Start the service in"},
	},
	{
		rule: "service-right-omitted", name: "refused before the last good start",
		host:   hosts(onRight(omit, service), func(h *facts.Host) { h.Rights.Service.Refused = true }),
		events: events{"refused": {refusal("08:00:00")}},
		want:   rules.Failed, confidence: facts.Probable, count: 0,
		message: []string{"!Windows did refuse"},
	},
	{
		rule: "service-right-omitted", name: "another kind of account",
		host: hosts(onRight(omit, service), failing, runsAs(`CONTOSO\gmsa-sync$`, facts.GroupManaged)),
		want: rules.Failed, confidence: facts.Probable,
		message: []string{`leaves out CONTOSO\gmsa-sync$`, "!virtual account"},
		remedy:  []string{`add CONTOSO\gmsa-sync$ to the list`, "!ALL SERVICES"},
	},
	{
		rule: "service-right-omitted", name: "assumed account",
		host: hosts(onRight(omit, service), failing, assumed),
		want: rules.Failed, confidence: facts.Possible,
		message: []string{`No input names the account of the service: NT SERVICE\ADSync is the default of a new installation and was assumed.`},
		remedy:  []string{"sc.exe qc ADSync"},
	},
	{
		rule: "service-right-omitted", name: "a weak verdict",
		host: hosts(onRight(omit, service), func(h *facts.Host) { h.Rights.Service.Confidence = facts.Possible }),
		want: rules.Failed, confidence: facts.Possible,
	},
	{
		rule: "service-right-omitted", name: "groups that Windows' refusal rules out",
		host: hosts(onRight(doubt, service), failing, func(h *facts.Host) {
			h.Rights.Service.Verdict, h.Rights.Service.Confidence, h.Rights.Service.Refused = facts.Omitted, facts.Certain, true
		}),
		events: events{"refused": {refusal("10:00:00")}},
		want:   rules.Failed, confidence: facts.Certain, count: 1,
		message: []string{`no group in the list has it as a member`},
	},
	{rule: "service-right-omitted", name: "granted", host: onRight(grant, service), want: rules.Passed},
	{rule: "service-right-omitted", name: "no GPO defines it", want: rules.Passed},
	{
		rule: "service-right-omitted", name: "granted, and denied",
		host: hosts(onRight(grant, service), func(h *facts.Host) { h.Rights.Service.Verdict = facts.Denied }), want: rules.Passed,
	},
	{
		rule: "service-right-omitted", name: "not granted, and denied",
		host: hosts(onRight(omit, service), func(h *facts.Host) { h.Rights.Service.Verdict = facts.Denied }),
		want: rules.Skipped, reasons: []string{"not-applicable"},
	},
	{
		rule: "service-right-omitted", name: "a group of unknown members", host: onRight(doubt, service),
		want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
	},
	{
		rule: "service-right-omitted", name: "a group of unknown members and an assumed account", host: hosts(onRight(doubt, service), assumed),
		want: rules.Inconclusive, reasons: []string{"group-not-expanded", "account-unknown"},
	},
	{
		rule: "service-right-omitted", name: "a report that was not understood",
		host: func(h *facts.Host) { h.Rights.Service = facts.Right{Name: "SeServiceLogonRight"} },
		want: rules.Inconclusive, reasons: []string{"unsettled"},
	},
	{rule: "service-right-omitted", name: "empty", host: onRight(empty, service), want: rules.Skipped, reasons: []string{"not-applicable"}},
	{rule: "service-right-omitted", name: "report of a user", host: userReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},
	{rule: "service-right-omitted", name: "no logs", host: hosts(onRight(omit, service), noLogs), want: rules.Failed, confidence: facts.Probable},

	// service-right-empty
	{
		rule: "service-right-empty", name: "empty", host: hosts(onRight(empty, service), failing),
		events: events{"refused": {refusal("10:00:00")}},
		want:   rules.Failed, confidence: facts.Probable, count: 0,
		message: []string{
			"On SYNC01, " + gpoText + ` defines the right "Log on as a service" with an empty list.`,
			`so from NT SERVICE\ADSync`, "!Windows did refuse", "!running at the moment",
		},
		remedy: []string{
			"edit " + gpoText, path + "Log on as a service", `Way A`, `clear "Define these policy settings"`,
			`Way B, if it has to: keep the setting, and add NT SERVICE\ALL SERVICES`,
			"gpupdate /target:computer /force", "Start-Service ADSync", "not supported",
		},
	},
	{
		rule: "service-right-empty", name: "refused",
		host: hosts(onRight(empty, service), failing, func(h *facts.Host) {
			h.Rights.Service.Refused, h.Rights.Service.Confidence = true, facts.Certain
		}),
		events: events{"refused": {refusal("10:00:00")}},
		want:   rules.Failed, confidence: facts.Certain, count: 1,
		message: []string{"Windows did refuse it: event 7041 of the System log, once, at 2026-11-20T10:00:00Z."},
	},
	{
		rule: "service-right-empty", name: "assumed account, still running",
		host: hosts(onRight(empty, service), assumed, func(h *facts.Host) { h.Rights.Service.Confidence = facts.Possible }),
		want: rules.Failed, confidence: facts.Probable,
		message: []string{"was assumed", "The service is running at the moment"},
		remedy:  []string{"Restart-Service ADSync"},
	},
	{
		rule: "service-right-empty", name: "a weak verdict",
		host: hosts(onRight(empty, service), func(h *facts.Host) { h.Rights.Service.Confidence = facts.Possible }),
		want: rules.Failed, confidence: facts.Possible,
	},
	{
		rule: "service-right-empty", name: "an account outside the policy",
		host: hosts(onRight(empty, service), func(h *facts.Host) { h.Rights.Service.Verdict = facts.Granted }), want: rules.Passed,
	},
	{
		rule: "service-right-empty", name: "another kind of account", host: hosts(onRight(empty, service), runsAs(`CONTOSO\svc`, facts.DomainUser)),
		want: rules.Failed, confidence: facts.Probable,
		remedy: []string{`add CONTOSO\svc to the list, beside NT SERVICE\ALL SERVICES`},
	},
	{rule: "service-right-empty", name: "not empty", host: onRight(omit, service), want: rules.Passed},
	{rule: "service-right-empty", name: "no GPO defines it", want: rules.Passed},
	{
		rule: "service-right-empty", name: "a report that was not understood",
		host: func(h *facts.Host) {
			h.Rights.Service = facts.Right{Reasons: []facts.Reason{{Code: "report-not-understood"}}}
		},
		want: rules.Inconclusive, reasons: []string{"report-not-understood"},
	},
	{rule: "service-right-empty", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},

	// service-right-denied
	{
		rule: "service-right-denied", name: "denied", host: hosts(onRight(deny, denyService), failing, runsAs(`SYNC01\AAD_1f2e`, facts.LocalUser)),
		events: events{"refused": {refusal("10:00:00")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
		message: []string{
			"On SYNC01, " + gpoText + ` defines "Deny log on as a service" with an entry that stands for SYNC01\AAD_1f2e, the account of the ADSync service: Local account.`,
			`A deny right wins over "Log on as a service"`,
			"Windows did refuse it: event 7041 of the System log, once, at 2026-11-20T10:00:00Z.",
		},
		remedy: []string{
			"edit " + gpoText, path + "Deny log on as a service", "Way A", "Way B", "take out the entry that hits the account (Local account)",
			"gpupdate /target:computer /force", "Start-Service ADSync", "not supported",
		},
	},
	{
		rule: "service-right-denied", name: "denied, still running, well founded",
		host: hosts(onRight(deny, denyService), func(h *facts.Host) { h.Rights.DenyService.Confidence = facts.Certain }),
		want: rules.Failed, confidence: facts.Certain,
		message: []string{"The service is running at the moment", "!Windows did refuse"},
		remedy:  []string{"Restart-Service ADSync"},
	},
	{
		rule: "service-right-denied", name: "assumed account", host: hosts(onRight(deny, denyService), assumed),
		want: rules.Failed, confidence: facts.Possible, message: []string{"was assumed"}, remedy: []string{"sc.exe qc ADSync"},
	},
	{rule: "service-right-denied", name: "denied to others", host: onRight(omit, denyService), want: rules.Passed},
	{rule: "service-right-denied", name: "no GPO defines it", want: rules.Passed},
	{
		rule: "service-right-denied", name: "a group of unknown members", host: onRight(doubt, denyService),
		want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
	},
	{rule: "service-right-denied", name: "report of a user", host: userReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},

	// batch-right-omitted and local-right-omitted
	{
		rule: "batch-right-omitted", name: "omitted", host: hosts(onRight(omit, batch), failing),
		want: rules.Failed, confidence: facts.Probable,
		message: []string{
			"On SYNC01, " + gpoText + ` defines the right "Log on as a batch job" and leaves out NT SERVICE\ADSync`,
			"does not by itself stop the service",
		},
		remedy: []string{
			"edit " + gpoText, path + "Log on as a batch job", "Way A", "Way B", `add NT SERVICE\ADSync`,
			"gpupdate /target:computer /force", "Start-Service ADSync", "not supported",
		},
	},
	{
		rule: "batch-right-omitted", name: "empty, assumed account", host: hosts(onRight(empty, batch), assumed),
		want: rules.Failed, confidence: facts.Possible, message: []string{"The list has: nobody.", "was assumed"},
	},
	{rule: "batch-right-omitted", name: "granted", host: onRight(grant, batch), want: rules.Passed},
	{rule: "batch-right-omitted", name: "no GPO defines it", host: onRight(omit, service), want: rules.Passed},
	{
		rule: "batch-right-omitted", name: "a group of unknown members", host: onRight(doubt, batch),
		want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
	},
	{rule: "batch-right-omitted", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},
	{
		rule: "local-right-omitted", name: "omitted", host: hosts(onRight(omit, local), runsAs(`CONTOSO\svc`, facts.DomainUser)),
		want: rules.Failed, confidence: facts.Probable,
		message: []string{`defines the right "Allow log on locally" and leaves out CONTOSO\svc`, "does not by itself stop the service"},
		remedy:  []string{path + "Allow log on locally", `add CONTOSO\svc to the list`, "not supported"},
	},
	{rule: "local-right-omitted", name: "granted", host: onRight(grant, local), want: rules.Passed},
	{
		rule: "local-right-omitted", name: "a group of unknown members", host: onRight(doubt, local),
		want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
	},
	{rule: "local-right-omitted", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},

	// logon-right-refused
	{
		rule: "logon-right-refused", name: "refused, no report", host: hosts(failing, noReport),
		events: events{"refused": {refusal("08:00:00"), refusal("10:00:00"), refusal("10:05:00"), refusal("10:10:00")}},
		want:   rules.Failed, confidence: facts.Probable, count: 3,
		message: []string{
			`Windows on SYNC01 refused to start the ADSync service: at that moment its account did not have the right "Log on as a service", or was denied it.`,
			`Event 7041 of the System log says so of NT SERVICE\ADSync: 3 times, first at 2026-11-20T10:00:00Z, last at 2026-11-20T10:10:00Z.`,
			"The event does not say which policy is to blame.", "No report of the computer's policy is at hand",
		},
		remedy: []string{
			"gpresult /h gpresult.htm /scope computer /f", "secedit /export /areas USER_RIGHTS /cfg secedit.inf", "User Rights Assignment",
			"gpupdate /target:computer /force", "Start-Service ADSync", "not supported",
		},
	},
	{
		rule: "logon-right-refused", name: "refused, seen by the Security log too", host: failing,
		events: events{"refused": {refusal("10:00:00")}, "audit": {audit("10:00:01", "adsync", "0xc000015b", "0x0")}},
		want:   rules.Failed, confidence: facts.Certain, count: 1,
		message: []string{"The report at hand shows no GPO that would explain the refusal"},
	},
	{
		rule: "logon-right-refused", name: "the Security log speaks of another account", host: failing,
		events: events{"refused": {refusal("10:00:00")}, "audit": {audit("10:00:01", "other", "0xc000015b", "0x0")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
	},
	{
		rule: "logon-right-refused", name: "the Security log speaks of another time", host: failing,
		events: events{"refused": {refusal("10:00:00")}, "audit": {audit("10:20:01", "adsync", "0xc000015b", "0x0")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
	},
	{
		rule: "logon-right-refused", name: "by the older event", host: hosts(failing, onRight(doubt, service)),
		events: events{"failed": {badLogon("10:00:00", `CONTOSO\svc`, "%%1385")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
		message: []string{
			`Event 7038 of the System log gives the error %%1385 (the kind of logon is not granted) for CONTOSO\svc: once, at 2026-11-20T10:00:00Z.`,
			`The list of ` + gpoText + ` has entries whose members are not known: CONTOSO\Sync Services.`,
			"!Event 7041",
		},
	},
	{rule: "logon-right-refused", name: "not refused", want: rules.Passed},
	{rule: "logon-right-refused", name: "refused before the last good start", events: events{"refused": {refusal("08:00:00")}}, want: rules.Passed},
	{
		rule: "logon-right-refused", name: "logged on since",
		host: hosts(failing, func(h *facts.Host) {
			h.Service.Logons = []facts.Event{{Time: at("10:30:00"), ID: 4624}}
		}),
		events: events{"refused": {refusal("10:00:00")}}, want: rules.Passed,
	},
	{rule: "logon-right-refused", name: "log was overwritten", host: wrapped, want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
	{
		rule: "logon-right-refused", name: "nothing known of the service",
		host: func(h *facts.Host) { h.Service = facts.Service{Reasons: []facts.Reason{{Code: "no-service-event"}}} },
		want: rules.Inconclusive, reasons: []string{"no-service-event", "log-does-not-cover"},
	},
	{rule: "logon-right-refused", name: "no logs", host: noLogs, want: rules.Skipped, reasons: []string{"no-log"}},

	// service-logon-failed
	{
		rule: "service-logon-failed", name: "without a reason",
		host: func(h *facts.Host) {
			stop(h, noLogon("08:00:00"), noLogon("10:00:00"), scm("10:01:00", 7000, "Microsoft Azure AD Sync", "%%1053"))
		},
		want: rules.Failed, confidence: facts.Probable, count: 1,
		message: []string{
			"The ADSync service on SYNC01 did not start because its account could not log on (event 7000 with the error 1069: once, at 2026-11-20T10:00:00Z).",
			"is not in the log", `The account is NT SERVICE\ADSync.`,
		},
		remedy: []string{"Start-Service ADSync", "wevtutil epl System System.evtx", "gpresult /h gpresult.htm /scope computer /f", "sc.exe qc ADSync", "not supported"},
	},
	{
		rule: "service-logon-failed", name: "with a reason", host: func(h *facts.Host) { stop(h, noLogon("10:00:05")) },
		events: events{"details": {refusal("10:00:00")}}, want: rules.Passed,
	},
	{
		rule: "service-logon-failed", name: "with a reason once",
		host:   func(h *facts.Host) { stop(h, noLogon("10:00:05"), noLogon("10:30:00")) },
		events: events{"details": {refusal("10:00:00")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1, message: []string{"once, at 2026-11-20T10:30:00Z"},
	},
	{rule: "service-logon-failed", name: "all well", want: rules.Passed},
	{rule: "service-logon-failed", name: "log was overwritten", host: wrapped, want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
	{rule: "service-logon-failed", name: "no logs", host: noLogs, want: rules.Skipped, reasons: []string{"no-log"}},

	// account-password-wrong
	{
		rule: "account-password-wrong", name: "domain user", host: hosts(failing, runsAs(`CONTOSO\svc-sync`, facts.DomainUser)),
		events: events{
			"wrong": {badLogon("10:00:00", `CONTOSO\svc-sync`, "%%1326")},
			"audit": {audit("10:00:00", "svc-sync", "0xC000006D", "0xC000006A")},
		},
		want: rules.Failed, confidence: facts.Certain, count: 1,
		message: []string{
			`Windows on SYNC01 could not start the ADSync service as CONTOSO\svc-sync, because the user name or the password is wrong (event 7038 with the error 1326: once, at 2026-11-20T10:00:00Z).`,
			"a password that was changed", "!managed service account", "!virtual account",
		},
		remedy: []string{"services.msc > Microsoft Azure AD Sync > Properties > Log On, leave the account as it is", "Start-Service ADSync", "not supported", "!qmanagedaccount"},
	},
	{
		rule: "account-password-wrong", name: "managed account", host: hosts(failing, runsAs(`CONTOSO\gmsa-sync$`, facts.GroupManaged)),
		events: events{"wrong": {badLogon("10:00:00", `CONTOSO\gmsa-sync$`, "%%1326")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
		message: []string{"has no password for people to set"},
		remedy: []string{
			"sc.exe qmanagedaccount ADSync", "sc.exe managedaccount ADSync true", "Test-ADServiceAccount",
			"PrincipalsAllowedToRetrieveManagedPassword", "!services.msc", "not supported",
		},
	},
	{
		rule: "account-password-wrong", name: "virtual account", host: failing,
		events: events{"wrong": {badLogon("10:00:00", `NT SERVICE\ADSync`, "%%1326")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
		message: []string{"A virtual account has no password at all"},
		remedy:  []string{"sc.exe qc ADSync", "!services.msc", "!Test-ADServiceAccount", "not supported"},
	},
	{rule: "account-password-wrong", name: "before the last good start", events: events{"wrong": {badLogon("08:00:00", "x", "%%1326")}}, want: rules.Passed},
	{rule: "account-password-wrong", name: "all well", want: rules.Passed},
	{rule: "account-password-wrong", name: "log was overwritten", host: wrapped, want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
	{rule: "account-password-wrong", name: "no logs", host: noLogs, want: rules.Skipped, reasons: []string{"no-log"}},

	// account-disabled
	{
		rule: "account-disabled", name: "domain user", host: hosts(failing, runsAs(`CONTOSO\svc-sync`, facts.DomainUser)),
		events: events{
			"disabled": {badLogon("10:00:00", `CONTOSO\svc-sync`, "%%1331"), badLogon("10:30:00", `CONTOSO\svc-sync`, "%%1331")},
			"audit":    {audit("10:30:02", "svc-sync", "0xC000006E", "0xC0000072")},
		},
		want: rules.Failed, confidence: facts.Certain, count: 2,
		message: []string{`The account CONTOSO\svc-sync is disabled, so Windows on SYNC01 cannot start the ADSync service with it (event 7038 with the error 1331: twice`},
		remedy:  []string{`In Active Directory Users and Computers find CONTOSO\svc-sync and choose Enable Account`, "4725", "Start-Service ADSync", "not supported", "!lusrmgr.msc"},
	},
	{
		rule: "account-disabled", name: "local user", host: hosts(failing, runsAs(`SYNC01\AAD_1f2e`, facts.LocalUser)),
		events: events{"disabled": {badLogon("10:00:00", `.\AAD_1f2e`, "%%1331")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
		remedy: []string{"On SYNC01, open lusrmgr.msc > Users", "!Active Directory Users"},
	},
	{rule: "account-disabled", name: "all well", want: rules.Passed},
	{rule: "account-disabled", name: "log was overwritten", host: wrapped, want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
	{rule: "account-disabled", name: "no logs", host: noLogs, want: rules.Skipped, reasons: []string{"no-log"}},

	// report-lacks-computer-scope
	{
		rule: "report-lacks-computer-scope", name: "user only", host: userReport,
		want: rules.Failed, confidence: facts.Probable,
		message: []string{"The Group Policy reports show a user's policy only"},
		remedy:  []string{`"Run as administrator"`, "gpresult /h gpresult.htm /scope computer /f"},
	},
	{rule: "report-lacks-computer-scope", name: "computer", want: rules.Passed},
	{rule: "report-lacks-computer-scope", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{"no-report"}},
}

func TestBuiltin(t *testing.T) {
	all, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]*rules.Rule{}
	for _, r := range all {
		byID[r.ID] = r
	}
	shown := map[string]bool{}
	for _, test := range builtinCases {
		t.Run(test.rule+"/"+test.name, func(t *testing.T) {
			r := byID[test.rule]
			h := healthy()
			if test.host != nil {
				test.host(h)
			}
			o := r.Run(context.Background(), h, test.events)
			checkCase(t, test, o)
			shown[r.ID+" "+string(o.Verdict)] = true
			if again := r.Run(context.Background(), h, test.events); !cmp.Equal(o.Finding, again.Finding) || !cmp.Equal(o.Reasons, again.Reasons) {
				t.Error("a second run has another outcome")
			}
		})
	}
	for _, r := range all {
		for _, v := range []rules.Verdict{rules.Failed, rules.Passed, rules.Inconclusive, rules.Skipped} {
			// A report covers the computer or it does not: that rule can always tell.
			if !shown[r.ID+" "+string(v)] && !(r.ID == "report-lacks-computer-scope" && v == rules.Inconclusive) {
				t.Errorf("no case in which %s is %s", r.ID, v)
			}
		}
	}
}

func checkCase(t *testing.T, test builtinCase, o rules.Outcome) {
	if o.Verdict != test.want {
		t.Fatalf("verdict %s, want %s; reasons %v, error %v", o.Verdict, test.want, o.Reasons, o.Err)
	}
	var codes []string
	for _, r := range o.Reasons {
		codes = append(codes, r.Code)
	}
	if diff := cmp.Diff(test.reasons, codes); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if missing := o.Verdict == rules.Skipped && o.Reasons[0].Code != rules.ReasonNotApplicable; !missing {
		checkRead(t, o)
	}
	if test.want != rules.Failed {
		return
	}
	f := o.Finding
	if f.Confidence != test.confidence {
		t.Errorf("confidence %s, want %s", f.Confidence, test.confidence)
	}
	if f.Count != test.count || f.First.IsZero() != (f.Count == 0) || f.Last.Before(f.First) {
		t.Errorf("seen %d times from %v to %v, want %d times", f.Count, f.First, f.Last, test.count)
	}
	contains(t, "message", f.Message, test.message)
	contains(t, "remedy", strings.Join(f.Remedy, "\n"), append(test.remedy, "SYNC01", "!obj="))
	if len(f.Subject) == 0 || slices.Contains(f.Subject, "") {
		t.Errorf("subject %q", f.Subject)
	}
	for _, e := range f.Evidence {
		if e.Role == "" || e.Source == "" {
			t.Errorf("evidence without a role or a source: %+v", e)
		}
	}
}

// checkRead checks that the rule read what it declares, no more and no less.
func checkRead(t *testing.T, o rules.Outcome) {
	want := slices.Clone(o.Rule.Needs.Facts)
	for _, need := range o.Rule.Needs.Events {
		want = append(want, need.Name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, o.Read); diff != "" {
		t.Errorf("read (-declared +read):\n%s", diff)
	}
}

// contains checks that the text holds what it should, and not what begins with "!".
func contains(t *testing.T, what, text string, want []string) {
	t.Helper()
	for _, w := range want {
		part, not := strings.CutPrefix(w, "!")
		if strings.Contains(text, part) == not {
			t.Errorf("%s: %q, want %q in it", what, text, w)
		}
	}
}

// The built-in rules are well formed, and each has its documentation.
func TestBuiltinRules(t *testing.T) {
	all, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if err := rules.Validate(all); err != nil {
		t.Error(err)
	}
	if !slices.IsSortedFunc(all, func(a, b *rules.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("order %v", ids(all))
	}
	var golden strings.Builder
	for _, r := range all {
		for _, part := range []string{"**Fails**", "**What misleads:**"} {
			if !strings.Contains(r.Doc, part) {
				t.Errorf("%s: the documentation has no %s", r.ID, part)
			}
		}
		if r.Solution == 0 || len(r.Links) == 0 || r.Since != "0.1.0" {
			t.Errorf("%s: solution %d, links %v, since %q", r.ID, r.Solution, r.Links, r.Since)
		}
		for _, link := range r.Links {
			if !strings.HasPrefix(link, "https://learn.microsoft.com/") {
				t.Errorf("%s: link %s", r.ID, link)
			}
		}
		fmt.Fprintf(&golden, "%s: %s\n\t%s, solution %d, explained by %v\n\tfacts %v, inputs %v\n",
			r.ID, r.Title, r.Severity, r.Solution, r.ExplainedBy, r.Needs.Facts, r.Needs.Inputs)
		for _, n := range r.Needs.Events {
			s := n.Selector
			fmt.Fprintf(&golden, "\tevents %s, optional %v: %v %v %v %v\n", n.Name, n.Optional, s.Channels, s.Providers, s.IDs, s.Data)
		}
	}
	compareGolden(t, "builtin.golden", golden.String())
}

// Ids are for ever: a rule may come, but none may go or get another name.
func TestBuiltinIDs(t *testing.T) {
	all, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"account-disabled", "account-password-wrong", "batch-right-omitted", "local-right-omitted", "logon-right-refused",
		"report-lacks-computer-scope", "service-logon-failed", "service-right-denied", "service-right-empty", "service-right-omitted",
	} {
		if !slices.Contains(ids(all), id) {
			t.Errorf("the rule %s is gone", id)
		}
	}
}
