package rules_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
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
			h.Rights.Service.Verdict, h.Rights.Service.Confidence, h.Rights.Service.Refused = facts.Omitted, facts.Probable, true
		}),
		events: events{"refused": {refusal("10:00:00")}},
		want:   rules.Failed, confidence: facts.Probable, count: 1,
		message: []string{`most likely no group in the list has it as a member`, "A deny right that the computer has of its own"},
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
	for _, test := range slices.Concat(
		builtinCases, failureCases(), configurationCases(), localPolicyCases(), reportCases(), policyCases(),
		engineCases(),
	) {
		t.Run(test.rule+"/"+test.name, func(t *testing.T) {
			r := byID[test.rule]
			h := healthy()
			if test.host != nil {
				test.host(h)
			}
			complete(h, test.events)
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

// complete sets the facts that follow from others and from the events of a case.
func complete(h *facts.Host, e events) {
	if h.Account.PolicyName == "" {
		h.Account.PolicyName = h.Account.Name
	}
	var refusals []facts.Event
	for _, r := range e["refused"] {
		if !h.Service.LoggedOnAfter(r.Time) {
			refusals = append(refusals, r)
		}
	}
	if h.Rights.Service.Refused {
		h.Rights.Service.RefusedBy = refusals
	}
	if h.Rights.DenyService.Verdict == facts.Denied {
		h.Rights.DenyService.RefusedBy = refusals
	}
	for _, a := range e["audit"] {
		if strings.HasSuffix(strings.ToLower(h.Account.Name), strings.ToLower(`\`+a.Data("TargetUserName"))) {
			h.Service.FailedLogons = append(h.Service.FailedLogons, a)
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
	steps := strings.Join(f.Remedy, "\n")
	// A case names a command with or without the backquotes that mark it.
	contains(t, "remedy", steps+"\n"+strings.ReplaceAll(steps, "`", ""), append(test.remedy, "SYNC01", "!obj="))
	for _, step := range f.Remedy {
		if bareCommand.MatchString(step) {
			t.Errorf("the command of %q is not in backquotes", step)
		}
	}
	if len(f.Subject) == 0 || slices.Contains(f.Subject, "") {
		t.Errorf("subject %q", f.Subject)
	}
	for _, e := range f.Evidence {
		if e.Role == "" || e.Source == "" {
			t.Errorf("evidence without a role or a source: %+v", e)
		}
	}
}

// bareCommand matches a step that ends in a command without backquotes: nobody can copy it.
var bareCommand = regexp.MustCompile(`: (?:[A-Z][a-z]+-[A-Z]|(?:gpresult|gpupdate|klist|net|nltest|reg|repadmin|sc\.exe|secedit|setspn|w32tm|wevtutil) )[^\x60(]*(?:\([A-Z]\w+-\w+\))?$`)

// checkRead checks that the rule read something, and only what it declares. That all it
// declares is read at all is for the scenarios to show.
func checkRead(t *testing.T, o rules.Outcome) {
	declared := slices.Clone(o.Rule.Needs.Facts)
	for _, need := range o.Rule.Needs.Events {
		declared = append(declared, need.Name)
	}
	if len(o.Read) == 0 {
		t.Error("nothing was read")
	}
	for _, name := range o.Read {
		if !slices.Contains(declared, name) {
			t.Errorf("%s is read and not declared", name)
		}
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
		"account-disabled", "account-expired", "account-locked", "account-missing", "account-must-change-password",
		"account-password-expired", "account-password-wrong", "account-restricted", "batch-right-omitted", "dependency-failed",
		"domain-controller-unreachable", "evidence-contradicts", "expected-gpo-filtered", "kerberos-failure", "local-right-omitted",
		"logon-right-refused", "many-services-refused", "report-of-other-computer", "report-out-of-date",
		"report-lacks-computer-scope", "secure-channel-broken", "service-account-changed", "service-crashed",
		"service-disabled", "service-error-code", "service-logon-failed", "service-privilege-missing", "service-right-denied",
		"service-right-empty", "service-right-omitted", "service-start-timeout",
		"gmsa-flag-lost", "gmsa-password-unavailable", "tls12-not-enabled",
		"gpo-changed-before-failure", "gpo-edited-before-failure", "policy-processing-failed", "right-revoked-before-failure",
		"security-policy-mapping-failed",
	} {
		if !slices.Contains(ids(all), id) {
			t.Errorf("the rule %s is gone", id)
		}
	}
}

// failsWith makes the service fail since ten o'clock, and returns the events that its rules
// select too.
func failsWith(list ...facts.Event) func(*facts.Host) {
	return func(h *facts.Host) {
		stop(h, list...)
		for _, e := range list {
			if e.ID == 7038 || e.ID == 7041 {
				h.Service.Account = e.Param(2)
			}
		}
	}
}

// logonCase is a case of a rule about an error of event 7038.
func logonCase(c builtinCase, account, code, need string) builtinCase {
	list := []facts.Event{badLogon("10:00:00", account, code), badLogon("10:30:00", account, code)}
	kind := facts.DomainUser
	if strings.HasPrefix(account, `.\`) {
		kind = facts.LocalUser
	}
	c.host = hosts(runsAs(account, kind), failsWith(list...))
	c.want, c.count = rules.Failed, 2
	if c.events == nil {
		c.events = events{}
	}
	if need != "" {
		c.events[need] = list
	}
	if c.confidence == "" {
		c.confidence = facts.Probable
	}
	return c
}

// quietCases are those in which a rule about a failure must not fail: all well, the log was
// overwritten, and no logs.
func quietCases(rule string) []builtinCase {
	return []builtinCase{
		{rule: rule, name: "all well", want: rules.Passed},
		{rule: rule, name: "log was overwritten", host: wrapped, want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
		{rule: rule, name: "no logs", host: noLogs, want: rules.Skipped, reasons: []string{"no-log"}},
	}
}

// settledCases are those in which what a rule looks at is history, or was overtaken.
func settledCases(rule, need string, e facts.Event) []builtinCase {
	selected := func(list ...facts.Event) events {
		if need == "" {
			return nil
		}
		return events{need: list}
	}
	early := e
	early.Time = at("08:00:00")
	cases := []builtinCase{
		{
			rule: rule, name: "before the last good start", want: rules.Passed, events: selected(early),
			host: func(h *facts.Host) { h.Service.Failures = []facts.Event{early} },
		},
	}
	if e.ID != 7038 {
		return cases
	}
	return append(cases,
		builtinCase{
			rule: rule, name: "logged on since", want: rules.Passed, events: selected(e),
			host: hosts(failsWith(e), func(h *facts.Host) { h.Service.Logons = []facts.Event{{Time: at("10:30:00"), ID: 4624}} }),
		},
		builtinCase{
			rule: rule, name: "refused for lack of the right since", want: rules.Passed, events: selected(e),
			host: failsWith(e, refusal("10:30:00")),
		},
	)
}

const (
	domainUser = `CONTOSO\svc-sync`
	localUser  = `.\AAD_1f2e3d4c5b6a`
)

// crash returns event 1000 of a program.
func crash(clock, exe, module, code string) facts.Event {
	e := facts.Event{
		Time: at(clock), Channel: "Application", Provider: "Application Error", ID: 1000, Computer: "SYNC01", Record: 9000,
		Location: evidence.Location{Source: "case.zip!/Application.evtx", Channel: "Application", Record: 9000},
	}
	for _, v := range []string{exe, "2.2.1.0", "63a1b2c3", module, "10.0.17763.1", "5c0d7e12", code, "0000000000034c48"} {
		e.Fields = append(e.Fields, facts.Field{Value: v})
	}
	return e
}

// exception returns event 1026 with a text.
func exception(clock, text string) facts.Event {
	return facts.Event{
		Time: at(clock), Channel: "Application", Provider: ".NET Runtime", ID: 1026, Computer: "SYNC01", Record: 9001,
		Location: evidence.Location{Source: "case.zip!/Application.evtx", Channel: "Application", Record: 9001},
		Fields:   []facts.Field{{Value: text}},
	}
}

// logged returns an event of the System log without data.
func logged(clock, provider string, id int) facts.Event {
	return facts.Event{
		Time: at(clock), Channel: "System", Provider: provider, ID: id, Computer: "SYNC01", Record: uint64(id),
		Location: evidence.Location{Source: "case.zip!/System.evtx", Channel: "System", Record: uint64(id)},
	}
}

// startType returns event 7040 of the service.
func startType(clock, from, to string) facts.Event {
	return scm(clock, 7040, "Microsoft Azure AD Sync", from, to, "ADSync")
}

// installedAs returns event 7045 of the service.
func installedAs(clock, account string) facts.Event {
	e := scm(clock, 7045)
	e.Fields = []facts.Field{{Name: "ServiceName", Value: "Microsoft Azure AD Sync"}, {Name: "AccountName", Value: account}}
	return e
}

// failureCases are those of the rules about failures of the service that are not for lack of
// a right.
func failureCases() []builtinCase {
	var cases []builtinCase
	add := func(c ...builtinCase) { cases = append(cases, c...) }
	for _, r := range []struct{ rule, need, code string }{
		{"account-password-expired", "expired", "%%1330"},
		{"account-expired", "expired", "%%1793"},
		{"account-must-change-password", "demanded", "%%1907"},
		{"account-locked", "locked", "%%1909"},
		{"account-restricted", "restricted", "%%1327"},
		{"account-restricted", "restricted", "%%1328"},
		{"account-restricted", "restricted", "%%1329"},
		{"account-missing", "", "%%1057"},
		{"account-missing", "", "%%1332"},
		{"domain-controller-unreachable", "", "%%1311"},
		{"secure-channel-broken", "", "%%1789"},
		{"kerberos-failure", "", "%%1398"},
		{"service-error-code", "", "%%1935"},
	} {
		for _, c := range settledCases(r.rule, r.need, badLogon("10:00:00", domainUser, r.code)) {
			c.name += " " + r.code
			add(c)
		}
	}
	for _, r := range []struct {
		rule string
		e    facts.Event
	}{
		{"service-privilege-missing", scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1297")},
		{"service-start-timeout", scm("10:00:00", 7009, "30000", "Microsoft Azure AD Sync")},
		{"dependency-failed", scm("10:00:00", 7001, "Microsoft Azure AD Sync", "Other", "%%1058")},
		{"service-crashed", scm("10:00:00", 7034, "Microsoft Azure AD Sync", "1")},
		{"service-error-code", scm("10:00:00", 7024, "Microsoft Azure AD Sync", "%%2149778506")},
		{"service-disabled", scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1058")},
	} {
		add(settledCases(r.rule, "", r.e)...)
	}
	for _, rule := range []string{
		"account-password-expired", "account-expired", "account-must-change-password", "account-locked", "account-restricted",
		"account-missing", "domain-controller-unreachable", "secure-channel-broken", "kerberos-failure",
		"service-privilege-missing", "service-start-timeout", "dependency-failed", "service-crashed", "service-error-code",
		"service-disabled",
	} {
		add(quietCases(rule)...)
	}
	for _, r := range []struct{ rule, need, code, status string }{
		{"account-password-expired", "expired", "%%1330", "0xc0000071"},
		{"account-expired", "expired", "%%1793", "0xc0000193"},
		{"account-must-change-password", "demanded", "%%1907", "0xc0000224"},
		{"account-locked", "locked", "%%1909", "0xc0000234"},
		{"account-restricted", "restricted", "%%1328", "0xc000006f"},
		{"account-missing", "", "%%1332", "0xc0000064"},
		{"domain-controller-unreachable", "", "%%1311", "0xc000005e"},
		{"secure-channel-broken", "", "%%1789", "0xc000018d"},
		{"kerberos-failure", "", "%%1398", "0xc0000133"},
	} {
		add(
			logonCase(builtinCase{
				rule: r.rule, name: "the Security log has it as the substatus", confidence: facts.Certain,
				events: events{"audit": {audit("10:30:09", "svc-sync", "0xc000006e", r.status)}},
			}, domainUser, r.code, r.need),
			logonCase(builtinCase{
				rule: r.rule, name: "the Security log has another time", events: events{"audit": {audit("10:10:00", "svc-sync", r.status, "0x0")}},
			}, domainUser, r.code, r.need),
			builtinCase{
				rule: r.rule, name: "only the Security log has it", want: rules.Passed, host: runsAs(domainUser, facts.DomainUser),
				events: events{"audit": {audit("10:10:00", "svc-sync", r.status, r.status)}, "boots": {logged("09:58:00", "EventLog", 6005)}},
			},
		)
	}
	for _, r := range []struct{ rule, need, code string }{
		{"account-password-expired", "expired", "%%1330"},
		{"account-must-change-password", "demanded", "%%1907"},
		{"account-locked", "locked", "%%1909"},
		{"account-restricted", "restricted", "%%1327"},
		{"account-missing", "", "%%1332"},
	} {
		add(logonCase(builtinCase{
			rule: r.rule, name: "local by the computer's name", remedy: []string{"lusrmgr.msc", "!Active Directory"},
		}, `sync01\svc`, r.code, r.need))
	}
	add(accountCases()...)
	add(domainCases()...)
	add(changeCases()...)
	add(startCases()...)
	add(disabledCases()...)
	return append(cases, changedCases()...)
}

// accountCases fail the rules about the state of the account.
func accountCases() []builtinCase {
	audited := func(status, sub string) events {
		return events{"audit": {audit("10:30:02", "svc-sync", status, sub)}}
	}
	return []builtinCase{
		logonCase(builtinCase{
			rule: "account-password-expired", name: "domain user", events: audited("0xC000006E", "0xC0000071"), confidence: facts.Certain,
			message: []string{`The password of the account CONTOSO\svc-sync has expired, so Windows on SYNC01 cannot start the ADSync service with it (event 7038 with the error 1330: twice`, "!of this kind"},
			remedy:  []string{"Active Directory Users and Computers", `"Password never expires"`, "services.msc", ": net accounts /domain", "Start-Service ADSync", "not supported", "!lusrmgr"},
		}, domainUser, "%%1330", "expired"),
		logonCase(builtinCase{
			rule: "account-password-expired", name: "local user", events: audited("0xC000006E", "0xC0000072"),
			remedy: []string{"On SYNC01, open lusrmgr.msc > Users", ": net accounts", "!Active Directory"},
		}, localUser, "%%1330", "expired"),
		logonCase(builtinCase{
			rule: "account-password-expired", name: "managed account",
			message: []string{"no password that a person would renew"},
			remedy:  []string{"sc.exe qc ADSync", "Test-ADServiceAccount", "!services.msc", "!net accounts"},
		}, `CONTOSO\gmsa-sync$`, "%%1330", "expired"),
		logonCase(builtinCase{
			rule: "account-expired", name: "domain user", events: audited("0xC0000193", "0x0"), confidence: facts.Certain,
			message: []string{`The account CONTOSO\svc-sync is past its expiry date`, "event 7038 with the error 1793: twice"},
			remedy:  []string{`"Account expires"`, "Start-Service ADSync", "not supported"},
		}, domainUser, "%%1793", "expired"),
		logonCase(builtinCase{
			rule: "account-expired", name: "local user",
			remedy: []string{"Set-LocalUser, the name", "!Active Directory"},
		}, localUser, "%%1793", "expired"),
		logonCase(builtinCase{
			rule: "account-must-change-password", name: "domain user", events: audited("0xC0000224", "0x0"), confidence: facts.Certain,
			message: []string{"must change its password at the next logon. A service cannot do that", "error 1907"},
			remedy:  []string{`clear "User must change password at next logon"`, "leave the account as it is", "not supported", "!lusrmgr"},
		}, domainUser, "%%1907", "demanded"),
		logonCase(builtinCase{
			rule: "account-must-change-password", name: "local user", remedy: []string{"lusrmgr.msc", "!Active Directory"},
		}, localUser, "%%1907", "demanded"),
		logonCase(builtinCase{
			rule: "account-locked", name: "domain user", events: audited("0xC0000234", "0x0"), confidence: facts.Certain,
			message: []string{"was locked after too many wrong passwords", "error 1909: twice", "may have ended by itself"},
			remedy:  []string{`"Unlock account"`, "4740", "not supported", "!lusrmgr"},
		}, domainUser, "%%1909", "locked"),
		logonCase(builtinCase{
			rule: "account-locked", name: "local user", events: audited("0xC0000234", "0x0"),
			remedy: []string{"lusrmgr.msc", "!Active Directory Users"},
		}, localUser, "%%1909", "locked"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "any restriction", events: audited("0xC000006E", "0xC000006E"), confidence: facts.Certain,
			message: []string{`A restriction on the account CONTOSO\svc-sync forbids its logon`, "error 1327: twice", "!certain hours", "!certain computers", "!other restrictions"},
			remedy:  []string{"Protected Users", "not supported", "!Logon Hours", "!Log On To"},
		}, domainUser, "%%1327", "restricted"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "any restriction, the Security log tells of a disabled account", events: audited("0xC000006E", "0xC0000072"),
		}, domainUser, "%%1327", "restricted"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "logon hours", events: audited("0xC000006E", "0xC000006F"), confidence: facts.Certain,
			message: []string{"may log on at certain hours only", "error 1328: twice", "!forbids its logon"},
			remedy:  []string{"Account > Logon Hours", "!Log On To", "!Protected Users"},
		}, domainUser, "%%1328", "restricted"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "workstations", events: audited("0xC000006E", "0xC000006F"),
			message: []string{"may log on at certain computers only, and SYNC01 is not one of them", "error 1329: twice"},
			remedy:  []string{"Account > Log On To", "!Logon Hours"},
		}, domainUser, "%%1329", "restricted"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "workstations, seen by the Security log too",
			events: audited("0xC000006E", "0xC0000070"), confidence: facts.Certain,
		}, domainUser, "%%1329", "restricted"),
		logonCase(builtinCase{
			rule: "account-password-expired", name: "virtual account",
			message: []string{"no password that a person would renew"}, remedy: []string{"sc.exe qc ADSync", "!Test-ADServiceAccount"},
		}, `NT SERVICE\ADSync`, "%%1330", "expired"),
		logonCase(builtinCase{
			rule: "account-expired", name: "local by the computer's name", remedy: []string{"Set-LocalUser", "!Active Directory"},
		}, `sync01\svc`, "%%1793", "expired"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "local hours", remedy: []string{"/times:all", "!Active Directory"},
		}, localUser, "%%1328", "restricted"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "local workstations", remedy: []string{"/workstations:*", "!Active Directory"},
		}, localUser, "%%1329", "restricted"),
		logonCase(builtinCase{
			rule: "account-restricted", name: "local restriction", remedy: []string{"lusrmgr.msc", "!Active Directory"},
		}, localUser, "%%1327", "restricted"),
		{
			rule: "account-restricted", name: "one after the other", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(badLogon("10:00:00", domainUser, "%%1329"), badLogon("10:30:00", domainUser, "%%1328")),
			events:  events{"restricted": {badLogon("10:00:00", domainUser, "%%1329"), badLogon("10:30:00", domainUser, "%%1328")}},
			message: []string{"certain hours only", "1328: once", "other restrictions", "!certain computers"},
		},
		logonCase(builtinCase{
			rule: "account-missing", name: "domain user", events: audited("0xC000006D", "0xC0000064"), confidence: facts.Certain,
			message: []string{`because it did not find its account, CONTOSO\svc-sync. Event 7038 of the System log gives the error 1332 (ERROR_NONE_MAPPED: `, "!leaves open", "!was deleted at"},
			remedy:  []string{"Recycle Bin of Active Directory", "another account", ": sc.exe qc ADSync", "not supported", "!lusrmgr"},
		}, domainUser, "%%1332", ""),
		logonCase(builtinCase{rule: "account-missing", name: "domain user, nothing else"}, domainUser, "%%1332", ""),
		logonCase(builtinCase{
			rule: "account-missing", name: "the error with three meanings", confidence: facts.Possible,
			message: []string{`because its account is not one that it can use, CONTOSO\svc-sync.`, "leaves open which of these it is"},
			remedy:  []string{"If the account is there under this name, open services.msc"},
		}, domainUser, "%%1057", ""),
		changedCase(deletion("09:30:00"), builtinCase{
			rule: "account-missing", name: "deleted local user", confidence: facts.Certain,
			message: []string{"was deleted at 2026-11-20T09:30:00Z", "!leaves open"},
			remedy:  []string{"lusrmgr.msc", "only a backup of the server", "!Recycle Bin"},
		}, localUser, "%%1057", ""),
		changedCase(deletion("08:30:00"), builtinCase{
			rule: "account-missing", name: "deleted and restored before",
			message: []string{"!was deleted"},
		}, domainUser, "%%1332", ""),
		{
			rule: "account-missing", name: "event 7000 alone", want: rules.Failed, confidence: facts.Possible, count: 1,
			host:    hosts(failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1057")), runsAs("", facts.UnknownAccount)),
			message: []string{"because its account is not one that it can use. Event 7000 of the System log"},
		},
		{
			rule: "account-missing", name: "event 7000 with the clear error", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1332")), message: []string{"it did not find its account"},
		},
		{
			rule: "account-missing", name: "one error, then the other", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1057"), badLogon("10:30:00", domainUser, "%%1332")),
			message: []string{"Event 7038 of the System log gives the error 1332 (ERROR_NONE_MAPPED: ", ": once, at 2026-11-20T10:30:00Z"},
		},
		{
			rule: "account-missing", name: "deleted, and nothing failed", want: rules.Passed,
			host: hosts(runsAs(localUser, facts.LocalUser), changed(deletion("09:30:00"))),
		},
		changedCase(deletion("10:40:00"), builtinCase{
			rule: "account-missing", name: "deleted after it failed",
			message: []string{"!was deleted at"},
		}, localUser, "%%1332", ""),
		{
			rule: "account-missing", name: "one start, two events", want: rules.Failed, confidence: facts.Probable, count: 1,
			host:   failsWith(badLogon("10:00:00", `NT SERVICE\ADSync`, "%%1332"), scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1332")),
			remedy: []string{`it must be NT SERVICE\ADSync to the letter`, "!services.msc", "!Recycle Bin"},
		},
	}
}

// accountEvent returns an event of a domain controller's Security log about the account.
func accountEvent(clock string, id int) facts.Event {
	return facts.Event{
		Time: at(clock), Channel: "Security", Provider: "Microsoft-Windows-Security-Auditing", ID: id, Computer: "DC01.contoso.com", Record: 70,
		Location: evidence.Location{Source: "case.zip!/DC01/Security.evtx", Channel: "Security", Record: 70},
		Fields: []facts.Field{
			{Name: "TargetUserName", Value: "svc-sync"},
			{Name: "TargetDomainName", Value: "SRV77"}, // of event 4740, the computer that it came from
			{Name: "SubjectUserName", Value: "adm-kim"},
			{Name: "SubjectDomainName", Value: "CONTOSO"},
		},
	}
}

func deletion(clock string) facts.Event { return accountEvent(clock, 4726) }

// changed adds what was done to the account, in order of time.
func changed(changes ...facts.Event) func(*facts.Host) {
	return func(h *facts.Host) { h.Account.Changes = changes }
}

// changedCase is a logonCase of an account to which something was done.
func changedCase(change facts.Event, c builtinCase, account, code, need string) builtinCase {
	c = logonCase(c, account, code, need)
	c.host = hosts(c.host, changed(change))
	return c
}

// changeCases tell since when an account cannot log on, and who did it.
func changeCases() []builtinCase {
	return []builtinCase{
		changedCase(accountEvent("09:30:00", 4725), builtinCase{
			rule: "account-disabled", name: "by whom", confidence: facts.Certain,
			message: []string{`The Security log of DC01.contoso.com shows that it was disabled at 2026-11-20T09:30:00Z by CONTOSO\adm-kim (event 4725).`},
			remedy:  []string{`Find out why CONTOSO\adm-kim disabled`, "!Find out what disabled it"},
		}, domainUser, "%%1331", "disabled"),
		changedCase(accountEvent("10:40:00", 4725), builtinCase{
			rule: "account-disabled", name: "disabled after it failed", message: []string{"!DC01"}, remedy: []string{"Find out what disabled it"},
		}, domainUser, "%%1331", "disabled"),
		changedCase(accountEvent("09:30:00", 4740), builtinCase{
			rule: "account-locked", name: "from where", confidence: facts.Certain,
			message: []string{"The Security log of DC01.contoso.com has the lock at 2026-11-20T09:30:00Z (event 4740); the wrong passwords came from the computer SRV77."},
			remedy:  []string{"Find out what tries the wrong password on SRV77"},
		}, domainUser, "%%1909", "locked"),
		changedCase(accountEvent("09:30:00", 4724), builtinCase{
			rule: "account-password-wrong", name: "reset by whom", confidence: facts.Certain,
			message: []string{`DC01.contoso.com shows that the password was reset at 2026-11-20T09:30:00Z by CONTOSO\adm-kim (event 4724)`, "!The usual causes"},
		}, domainUser, "%%1326", "wrong"),
		changedCase(accountEvent("10:40:00", 4722), builtinCase{
			rule: "account-disabled", name: "enabled since",
			message: []string{`The account CONTOSO\svc-sync was disabled, so Windows on SYNC01 could not start`, `It was enabled again at 2026-11-20T10:40:00Z by CONTOSO\adm-kim (event 4722 of DC01.contoso.com)`, "!is disabled"},
			remedy:  []string{"The account was enabled meanwhile. Start the service", "!Enable Account"},
		}, domainUser, "%%1331", "disabled"),
		changedCase(accountEvent("10:40:00", 4767), builtinCase{
			rule: "account-locked", name: "unlocked since",
			message: []string{`The account was unlocked at 2026-11-20T10:40:00Z by CONTOSO\adm-kim (event 4767 of DC01.contoso.com)`, "!ended by itself"},
			remedy:  []string{"The account was unlocked meanwhile. Start the service", "!Unlock account"},
		}, domainUser, "%%1909", "locked"),
		changedCase(accountEvent("10:40:00", 4724), builtinCase{
			rule: "account-password-wrong", name: "reset since",
			message: []string{`After the last failure, at 2026-11-20T10:40:00Z, the password was reset by CONTOSO\adm-kim (event 4724 of DC01.contoso.com)`},
			remedy:  []string{"The password was reset meanwhile", "go on only if it does not", "enter its present password twice"},
		}, domainUser, "%%1326", "wrong"),
		changedCase(accountEvent("08:30:00", 4724), builtinCase{
			rule: "account-password-wrong", name: "reset, and logged on since", message: []string{"!4724", "The usual causes"},
		}, domainUser, "%%1326", "wrong"),
	}
}

// domainCases fail the rules about the domain.
func domainCases() []builtinCase {
	domain := "domain-controller-unreachable"
	return []builtinCase{
		logonCase(builtinCase{
			rule: domain, name: "at the start of the computer", confidence: facts.Certain,
			events: events{"boots": {logged("09:58:00", "EventLog", 6005)}, "netlogon": {logged("09:59:00", "NETLOGON", 5719)}},
			message: []string{
				"because it could reach no domain controller. Event 7038 of the System log gives the error 1311 (ERROR_NO_LOGON_SERVERS: ",
				`says nothing against the account CONTOSO\svc-sync`, "had started at 2026-11-20T09:58:00Z", "Net Logon reported",
			},
			remedy: []string{": Test-ComputerSecureChannel -Verbose", "So that it does not happen", ": sc.exe config ADSync start= delayed-auto", "!If it happens"},
		}, domainUser, "%%1311", ""),
		logonCase(builtinCase{
			rule: domain, name: "Group Policy agrees", confidence: facts.Certain,
			events:  events{"noPolicy": {logged("10:01:00", "Microsoft-Windows-GroupPolicy", 1129)}},
			message: []string{"Group Policy reported", "!had started"},
		}, domainUser, "%%1355", ""),
		logonCase(builtinCase{
			rule: domain, name: "the Security log agrees", confidence: facts.Certain,
			events: events{"audit": {audit("10:00:01", "svc-sync", "0xC000005E", "0x0")}},
		}, domainUser, "%%1908", ""),
		logonCase(builtinCase{
			rule: domain, name: "long after the start of the computer",
			events:  events{"boots": {logged("09:30:00", "EventLog", 6005)}, "netlogon": {logged("09:31:00", "NETLOGON", 5719)}},
			message: []string{"!had started", "!Net Logon reported"}, remedy: []string{"If it happens when the computer starts"},
		}, domainUser, "%%1722", ""),
		{
			rule: domain, name: "event 7000 alone", want: rules.Failed, confidence: facts.Possible, count: 1,
			host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1792")), message: []string{"!says nothing against"},
		},
		{
			rule: domain, name: "one error, then another", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1722"), badLogon("10:30:00", domainUser, "%%1311")),
			message: []string{"Event 7038 of the System log gives the error 1311 (", ": once, at 2026-11-20T10:30:00Z", "says nothing against"},
		},
		{
			rule: domain, name: "one event, then another", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(badLogon("10:00:00", domainUser, "%%1311"), scm("10:30:00", 7000, "Microsoft Azure AD Sync", "%%1722")),
			message: []string{"Event 7000 of the System log gives the error 1722 (", "!says nothing against"},
		},
		logonCase(builtinCase{
			rule: domain, name: "Group Policy at another time", events: events{"noPolicy": {logged("10:15:00", "Microsoft-Windows-GroupPolicy", 1129)}},
			message: []string{"!Group Policy"},
		}, domainUser, "%%1311", ""),
		logonCase(builtinCase{
			rule: "secure-channel-broken", name: "Net Logon at another time", events: events{"netlogon": {logged("09:30:00", "NETLOGON", 3210)}},
		}, domainUser, "%%1789", ""),
		{
			rule: "secure-channel-broken", name: "one trust, then another", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(badLogon("10:00:00", domainUser, "%%1789"), badLogon("10:30:00", domainUser, "%%1788")),
			message: []string{"a trust between", "error 1788 (", ": once, at 2026-11-20T10:30:00Z"},
		},
		{
			rule: "secure-channel-broken", name: "one event, then another", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(badLogon("10:00:00", domainUser, "%%1788"), scm("10:30:00", 7000, "Microsoft Azure AD Sync", "%%1786")),
			message: []string{"own trust", "error 1786 (", "!says nothing against"},
		},
		{
			rule: "kerberos-failure", name: "names, then clocks", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1396"), badLogon("10:30:00", domainUser, "%%1398")),
			message: []string{"clocks", "error 1398 (", ": once, at 2026-11-20T10:30:00Z", "says nothing against"},
		},
		{
			rule: "kerberos-failure", name: "clocks, then names", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(badLogon("10:00:00", domainUser, "%%1398"), scm("10:30:00", 7000, "Microsoft Azure AD Sync", "%%1397")),
			message: []string{"!clocks", "error 1397 (", "!says nothing against"},
		},
		{rule: domain, name: "another error", want: rules.Passed, host: failsWith(badLogon("10:00:00", domainUser, "%%1326"))},
		logonCase(builtinCase{
			rule: "secure-channel-broken", name: "own trust", confidence: facts.Certain,
			events:  events{"netlogon": {logged("09:55:00", "NETLOGON", 3210)}},
			message: []string{"the server's own trust with its domain is broken", "1789 (ERROR_TRUSTED_RELATIONSHIP_FAILURE", "!a trust between"},
			remedy:  []string{": Test-ComputerSecureChannel -Repair -Credential (Get-Credential)", "!nltest"},
		}, domainUser, "%%1789", ""),
		logonCase(builtinCase{
			rule: "secure-channel-broken", name: "the Security log agrees", confidence: facts.Certain,
			events: events{"audit": {audit("10:00:01", "svc-sync", "0xC000018B", "0x0")}},
		}, domainUser, "%%1787", ""),
		logonCase(builtinCase{
			rule: "secure-channel-broken", name: "trust of another domain", events: events{"netlogon": {logged("09:55:00", "NETLOGON", 3210)}},
			message: []string{"a trust between the server's domain and that of the account is broken", "!own trust"},
			remedy:  []string{": nltest /domain_trusts", "!Test-ComputerSecureChannel"},
		}, `FABRIKAM\svc`, "%%1788", ""),
		{
			rule: "secure-channel-broken", name: "event 7000 alone", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1786")), message: []string{"own trust", "!says nothing against"},
		},
		logonCase(builtinCase{
			rule: "kerberos-failure", name: "clocks", confidence: facts.Certain,
			events:  events{"audit": {audit("10:30:01", "svc-sync", "0xC0000133", "0x0")}},
			message: []string{"the clocks of the server and of the domain controller differ too much", "1398 (ERROR_TIME_SKEW"},
			remedy:  []string{": w32tm /query /status", ": w32tm /resync /rediscover", "!setspn"},
		}, domainUser, "%%1398", ""),
		logonCase(builtinCase{
			rule: "kerberos-failure", name: "names", events: events{"audit": {audit("10:30:01", "svc-sync", "0xC0000133", "0x0")}},
			message: []string{"Kerberos could not authenticate the two sides", "!clocks"},
			remedy:  []string{": setspn -X", ": klist -li 0x3e7 purge", "!w32tm"},
		}, domainUser, "%%1396", ""),
		{
			rule: "kerberos-failure", name: "event 7000 alone", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1397")), remedy: []string{": repadmin /replsummary"},
		},
	}
}

// startCases fail the rules about starts and ends of the program.
func startCases() []builtinCase {
	refused := scm("10:00:30", 7000, "Microsoft Azure AD Sync", "%%1053")
	waited := scm("10:00:30", 7009, "30000", "Microsoft Azure AD Sync")
	timeout := "service-start-timeout"
	return []builtinCase{
		{
			rule: "service-privilege-missing", name: "event 7000", want: rules.Failed, confidence: facts.Probable, count: 1,
			host:    failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1297")),
			message: []string{`its account NT SERVICE\ADSync does not hold a privilege`, "event 7000 with the error 1297: once", "does not say which"},
			remedy:  []string{": sc.exe qprivs ADSync", "SeImpersonatePrivilege", "gpupdate /target:computer /force", "not supported"},
		},
		{
			rule: "service-privilege-missing", name: "event 7023, account unknown", want: rules.Failed, confidence: facts.Probable, count: 1,
			host:    hosts(failsWith(scm("10:00:00", 7023, "Microsoft Azure AD Sync", "%%1297")), runsAs("", facts.UnknownAccount)),
			message: []string{"because its account does not hold"},
		},
		{
			rule: timeout, name: "timed out at the start of the computer", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(waited, refused), events: events{"boots": {logged("09:57:00", "EventLog", 6005)}},
			message: []string{"Event 7000 of the System log gives the error 1053", "waited 30000 milliseconds", "had started at 2026-11-20T09:57:00Z", "!crashed"},
			remedy:  []string{": sc.exe config ADSync start= delayed-auto", ": wevtutil epl Application Application.evtx"},
		},
		{
			rule: timeout, name: "by a crash", want: rules.Failed, confidence: facts.Certain, count: 1,
			host: failsWith(waited, refused), events: events{"exceptions": {exception("10:00:10", "Anwendung: MIISERVER.exe\nFrameworkversion: v4")}},
			message: []string{"miiserver.exe, crashed at that time"}, remedy: []string{"see to the crash", "!quiet moment"},
		},
		{
			rule: timeout, name: "by a crash of the native program", want: rules.Failed, confidence: facts.Certain, count: 1,
			host: failsWith(waited, refused), events: events{"errors": {crash("10:00:05", "miiserver.exe", "ntdll.dll", "c0000005")}},
			message: []string{"miiserver.exe, crashed at that time"},
		},
		{
			rule: timeout, name: "crashes at other times, and a start of the computer long before", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(waited, refused), message: []string{"!crashed", "!The computer had started"},
			events: events{
				"errors":     {crash("09:50:00", "miiserver.exe", "ntdll.dll", "c0000005")},
				"exceptions": {exception("10:10:00", "Application: miiserver.exe")},
				"boots":      {logged("09:40:00", "EventLog", 6005)},
			},
		},
		{
			rule: timeout, name: "two starts in vain", want: rules.Failed, confidence: facts.Probable, count: 2,
			host: failsWith(scm("10:00:29", 7009, "30000", "Microsoft Azure AD Sync"), refused, scm("10:30:00", 7009, "30000", "Microsoft Azure AD Sync")),
		},
		{
			rule: timeout, name: "nothing timed out", want: rules.Passed,
			events: events{"errors": {crash("10:00:05", "miiserver.exe", "ntdll.dll", "c0000005")}, "boots": {logged("09:57:00", "EventLog", 6005)}},
		},
		{
			rule: timeout, name: "after a crash that had another event", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(scm("10:00:00", 7031, "Microsoft Azure AD Sync", "1"), waited, refused), message: []string{"!crashed"},
			events: events{
				"errors":     {crash("09:59:58", "miiserver.exe", "ntdll.dll", "c0000005")},
				"exceptions": {exception("09:59:57", "Application: miiserver.exe")},
			},
		},
		{
			rule: timeout, name: "event 7009 alone", want: rules.Failed, confidence: facts.Probable, count: 1, host: failsWith(waited),
			message: []string{"waited 30000 milliseconds", "!Event 7000"},
		},
		{
			rule: timeout, name: "hung", want: rules.Failed, confidence: facts.Possible, count: 1,
			host:    failsWith(scm("10:00:00", 7022, "Microsoft Azure AD Sync")),
			message: []string{"Event 7022 of the System log says that it hung while it was starting: once"},
		},
		{
			rule: "dependency-failed", name: "another service failed", want: rules.Failed, confidence: facts.Probable, count: 1,
			host:    failsWith(scm("10:00:00", 7001, "Microsoft Azure AD Sync", "Windows Management Instrumentation", "%%1058")),
			message: []string{`It depends on the service "Windows Management Instrumentation", of which event 7001`, "1058 (ERROR_SERVICE_DISABLED: "},
			remedy:  []string{": Get-Service ADSync -RequiredServices", `See to "Windows Management Instrumentation" first`},
		},
		{
			rule: "dependency-failed", name: "not installed, one start with two events", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(
				scm("10:00:00", 7003, "Microsoft Azure AD Sync", "LegacyMonitor"), scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1075"),
			),
			message: []string{`"LegacyMonitor", which may not be installed`, "1075 (ERROR_SERVICE_DEPENDENCY_DELETED: "}, remedy: []string{"DependOnService"},
		},
		{
			rule: "dependency-failed", name: "two starts", want: rules.Failed, confidence: facts.Probable, count: 2,
			host: failsWith(
				scm("10:00:00", 7001, "Microsoft Azure AD Sync", "Other", "%%1069"), scm("10:30:00", 7023, "Microsoft Azure AD Sync", "%%1068"),
			),
			message: []string{"error 1069 (", "Event 7023 of the System log gives the error 1068 ("},
		},
		{
			rule: "dependency-failed", name: "by the error alone", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1068")), message: []string{"1068 (ERROR_SERVICE_DEPENDENCY_FAIL: "},
		},
		{
			rule: "service-crashed", name: "crashed", want: rules.Failed, confidence: facts.Certain, count: 2,
			host: failsWith(scm("10:00:00", 7031, "Microsoft Azure AD Sync", "1"), scm("10:05:00", 7034, "Microsoft Azure AD Sync", "2")),
			events: events{
				"errors":     {crash("10:04:59", "miiserver.exe", "clr.dll", "0xe0434352")},
				"exceptions": {exception("10:04:58", "Application: miiserver.exe\nException Info: System.OutOfMemoryException")},
			},
			message: []string{
				"ended unexpectedly (event 7034 of the System log: twice", "in the module clr.dll with the exception 0xe0434352 (A .NET program ended with an exception",
				"Event 1026 of .NET Runtime",
			},
			remedy: []string{"Start-Service ADSync", `reg add "HKLM\SOFTWARE\Microsoft\Windows\Windows Error Reporting\LocalDumps\miiserver.exe"`, "!wevtutil"},
		},
		{
			rule: "service-crashed", name: "crash of another program, and at another time", want: rules.Failed, confidence: facts.Probable, count: 1,
			host: failsWith(scm("10:00:00", 7034, "Microsoft Azure AD Sync", "1")),
			events: events{
				"errors":     {crash("09:57:00", "miiserver.exe", "ntdll.dll", "c0000005")},
				"exceptions": {exception("09:57:00", "Application: miiserver.exe"), exception("10:00:00", "Application: Report.exe\n   at miiserver.exe")},
			},
			message: []string{"!in the module", "!1026"}, remedy: []string{": wevtutil epl Application Application.evtx"},
		},
		{
			rule: "service-error-code", name: "of the engine", want: rules.Failed, confidence: facts.Probable, count: 1,
			host:    failsWith(scm("10:00:00", 7024, "Microsoft Azure AD Sync", "%%2149778506")),
			message: []string{"The ADSync service ended with the error 0x8023044a (The synchronization engine could not log on to its database in time).", "event 7024: once"},
			remedy:  []string{": wevtutil epl Application Application.evtx", "!obj", "!not supported"},
		},
		{
			rule: "service-error-code", name: "of Windows, after another", want: rules.Failed, confidence: facts.Probable, count: 2,
			host:    failsWith(scm("10:00:00", 7023, "Microsoft Azure AD Sync", "%%5"), scm("10:30:00", 7023, "Microsoft Azure AD Sync", "%%1455")),
			message: []string{"1455 (ERROR_COMMITMENT_LIMIT: Memory and paging file are used up)", "event 7023: once", "Other errors came before it"},
		},
		{
			rule: "service-error-code", name: "program missing", want: rules.Failed, confidence: facts.Probable, count: 1,
			host:    failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%2")),
			message: []string{"could not start the ADSync service; the error is 2 (ERROR_FILE_NOT_FOUND: A file is missing)"},
			remedy:  []string{"BINARY_PATH_NAME", ": sc.exe qc ADSync"},
		},
		logonCase(builtinCase{
			rule: "service-error-code", name: "of a logon",
			message: []string{`its account CONTOSO\svc-sync could not log on; the error is 1935 (ERROR_AUTHENTICATION_FIREWALL_FAILED`, "event 7038: twice"},
			remedy:  []string{": wevtutil epl Security Security.evtx", "not supported"},
		}, domainUser, "%%1935", ""),
	}
}

// disabledCases are those of the start type.
func disabledCases() []builtinCase {
	rule := "service-disabled"
	stopped := func(h *facts.Host) {
		h.Service.State, h.Service.Since, h.Service.Window.From = facts.Stopped, at("10:00:00"), at("10:00:00")
	}
	off := startType("10:30:00", "auto start", "disabled")
	refused := scm("11:00:00", 7000, "Microsoft Azure AD Sync", "%%1058")
	german := startType("10:30:00", "Automatisch starten", "Deaktiviert")
	var cases []builtinCase
	for _, further := range []facts.Event{
		refusal("12:00:00"), badLogon("12:00:00", domainUser, "%%1326"), noLogon("12:00:00"),
		scm("12:00:00", 7009, "30000", "Microsoft Azure AD Sync"), scm("12:00:00", 7022, "Microsoft Azure AD Sync"),
	} {
		cases = append(cases,
			builtinCase{
				rule: rule, name: fmt.Sprintf("disabled, and a start got as far as event %d", further.ID), want: rules.Passed,
				host: failsWith(refusal("10:00:00"), refused, further), events: events{"changes": {off}},
			},
			builtinCase{
				rule: rule, name: fmt.Sprintf("a word in another language, and a start got as far as event %d", further.ID), want: rules.Passed,
				host: failsWith(refusal("10:00:00"), further), events: events{"changes": {german}},
			})
	}
	return append(cases, []builtinCase{
		{
			rule: rule, name: "disabled, then a start", want: rules.Failed, confidence: facts.Certain, count: 2,
			host: hosts(stopped, func(h *facts.Host) { h.Service.Failures = []facts.Event{refused} }), events: events{"changes": {off}},
			message: []string{
				"was disabled at 2026-11-20T10:30:00Z", `changed from "auto start" to "disabled"`, "Event 7000 of the System log gives the error 1058", "on purpose", "!still running",
			},
			remedy: []string{"the user of event 7040", "no other server is active", ": sc.exe config ADSync start= delayed-auto", ": Start-Service ADSync"},
		},
		{
			rule: rule, name: "disabled while it runs", want: rules.Failed, confidence: facts.Probable, count: 1,
			events: events{"changes": {off}}, message: []string{"still running"}, remedy: []string{"!Start-Service"},
		},
		{
			rule: rule, name: "by the error alone", want: rules.Failed, confidence: facts.Probable, count: 1, host: failsWith(refused),
			message: []string{"did not start, because it is disabled"}, remedy: []string{"!7040"},
		},
		{
			rule: rule, name: "ended with the error", want: rules.Failed, confidence: facts.Possible, count: 1,
			host:    failsWith(scm("11:00:00", 7023, "Microsoft Azure AD Sync", "%%1058")),
			message: []string{"ended, because it or something that it needs is disabled"},
		},
		{
			rule: rule, name: "enabled again", want: rules.Passed, host: stopped,
			events: events{"changes": {off, startType("10:40:00", "disabled", "demand start")}},
		},
		{
			rule: rule, name: "enabled after the error", want: rules.Passed, host: failsWith(refused, scm("11:10:00", 7022, "Microsoft Azure AD Sync")),
			events: events{"changes": {startType("11:05:00", "disabled", "auto start")}},
		},
		{
			rule: rule, name: "disabled, and running since", want: rules.Passed, events: events{"changes": {startType("08:30:00", "auto start", "disabled")}},
		},
		{
			rule: rule, name: "the error, and yet a start got further", want: rules.Passed, host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1058"), refusal("11:00:00")),
		},
		{
			rule: rule, name: "a start that got further, then the error", want: rules.Failed, confidence: facts.Probable, count: 1, host: failsWith(refusal("10:00:00"), refused),
			message: []string{"did not start, because it is disabled"},
		},
		{
			rule: rule, name: "enabled, then the error", want: rules.Failed, confidence: facts.Probable, count: 1, host: failsWith(refused),
			events: events{"changes": {startType("10:30:00", "disabled", "auto start")}},
		},
		{
			rule: rule, name: "the error, then enabled", want: rules.Passed, host: failsWith(refused),
			events: events{"changes": {startType("11:30:00", "disabled", "auto start")}},
		},
		{
			rule: rule, name: "the error, then disabled", want: rules.Failed, confidence: facts.Probable, count: 2, host: failsWith(scm("10:00:00", 7000, "Microsoft Azure AD Sync", "%%1058")),
			events: events{"changes": {off}},
		},
		{
			rule: rule, name: "disabled twice", want: rules.Failed, confidence: facts.Probable, count: 1, host: stopped,
			events:  events{"changes": {startType("10:10:00", "auto start", "disabled"), startType("10:20:00", "disabled", "auto start"), off}},
			message: []string{"was disabled at 2026-11-20T10:30:00Z"},
		},
		{
			rule: rule, name: "stopped, a start that got further long ago", want: rules.Inconclusive, reasons: []string{"unsettled"},
			host: hosts(stopped, func(h *facts.Host) {
				h.Logs.Channels[0].Window.From = at("09:30:00")
				h.Service.Failures = []facts.Event{refusal("08:00:00")}
			}),
		},
		{
			rule: rule, name: "disabled, and yet a start got further", want: rules.Passed, host: failsWith(refusal("11:00:00")),
			events: events{"changes": {off}},
		},
		{
			rule: rule, name: "a word in another language", want: rules.Inconclusive, host: stopped, reasons: []string{"unsettled"},
			events: events{"changes": {startType("10:30:00", "Automatisch starten", "Deaktiviert")}},
		},
		{
			rule: rule, name: "a word in another language, and a start since", want: rules.Passed, host: failsWith(refusal("11:00:00")),
			events: events{"changes": {startType("10:30:00", "Automatisch starten", "Deaktiviert")}},
		},
		{rule: rule, name: "stopped, and the log has all since the start", want: rules.Passed, host: stopped},
		{
			rule: rule, name: "stopped, and the log begins after the last start", want: rules.Inconclusive, reasons: []string{"unsettled"},
			host: hosts(stopped, func(h *facts.Host) { h.Logs.Channels[0].Window.From = at("09:30:00") }),
		},
		{
			rule: rule, name: "stopped, and a hole before it", want: rules.Inconclusive, reasons: []string{"unsettled"},
			host: hosts(stopped, func(h *facts.Host) {
				h.Logs.Channels[0].Holes = []facts.Window{{From: at("09:20:00"), To: at("09:40:00")}}
			}),
		},
		{
			rule: rule, name: "stopped, and the log begins between two starts", want: rules.Passed,
			host: hosts(stopped, func(h *facts.Host) {
				h.Logs.Channels[0].Window.From = at("08:00:00")
				h.Service.Starts = append([]facts.Event{scm("03:00:00", 7036, "Microsoft Azure AD Sync", "running")}, h.Service.Starts...)
			}),
		},
		{
			rule: rule, name: "failing, and the log begins after the last start", want: rules.Passed,
			host: hosts(failsWith(refusal("08:00:00"), refusal("10:00:00")), func(h *facts.Host) {
				h.Logs.Channels[0].Window.From = at("09:30:00")
			}),
		},
		{
			rule: rule, name: "never seen to start", want: rules.Inconclusive, reasons: []string{"unsettled"},
			host: hosts(stopped, func(h *facts.Host) { h.Service.Starts = nil }),
		},
		{
			rule: rule, name: "a known word, then one in another language", want: rules.Inconclusive, reasons: []string{"unsettled"}, host: stopped,
			events: events{"changes": {startType("09:10:00", "auto start", "demand start"), german}},
		},
		{
			rule: rule, name: "crashed, and the log begins after the last start", want: rules.Inconclusive, reasons: []string{"unsettled"},
			host: hosts(failsWith(scm("10:00:00", 7034, "Microsoft Azure AD Sync", "1")), func(h *facts.Host) {
				h.Logs.Channels[0].Window.From = at("09:30:00")
			}),
		},
	}...)
}

// changedCases are those of the account at the installation.
func changedCases() []builtinCase {
	rule := "service-account-changed"
	compared := func(name string, want rules.Verdict, installed, now string, reasons ...string) builtinCase {
		return builtinCase{
			rule: rule, name: name, want: want, reasons: reasons,
			host: failsWith(badLogon("10:00:00", now, "%%1330")), events: events{"installed": {installedAs("01:30:00", installed)}},
		}
	}
	changed := compared("changed", rules.Failed, `NT SERVICE\ADSync`, domainUser)
	changed.confidence, changed.count = facts.Probable, 1
	changed.message = []string{
		`was installed with the account NT SERVICE\ADSync (event 7045 of the System log, at 2026-11-20T01:30:00Z), and now it is to log on as CONTOSO\svc-sync (event 7038: once`,
		"not supported",
	}
	changed.remedy = []string{`set NT SERVICE\ADSync with its present password`, "only the new name of the same account", "services.msc"}
	started := compared("another account, and a good start since", rules.Inconclusive, `NT SERVICE\ADSync`, domainUser, "unsettled")
	started.host = func(h *facts.Host) { h.Service.Failures = []facts.Event{badLogon("08:00:00", domainUser, "%%1330")} }
	again := compared("installed again since", rules.Skipped, `NT SERVICE\ADSync`, domainUser, rules.ReasonNotApplicable)
	again.events["installed"] = append(again.events["installed"], installedAs("11:00:00", domainUser))
	covered := compared("the same account, and a hole in the log", rules.Inconclusive, domainUser, domainUser, "log-does-not-cover")
	covered.host = hosts(covered.host, wrapped)
	newest := compared("the newest of both count", rules.Passed, domainUser, domainUser)
	newest.host = failsWith(refusal("10:00:00"), scm("10:30:00", 7041, "ADSync", domainUser))
	newest.events["installed"] = []facts.Event{installedAs("01:00:00", `CONTOSO\svc-old`), installedAs("01:30:00", domainUser)}
	later := compared("changed for the newest", rules.Failed, domainUser, domainUser)
	later.confidence, later.count = facts.Probable, 1
	later.host = failsWith(badLogon("10:00:00", domainUser, "%%1330"), refusal("10:30:00"))
	later.events["installed"] = []facts.Event{installedAs("01:00:00", `NT SERVICE\ADSync`), installedAs("01:30:00", domainUser)}
	later.message = []string{`with the account CONTOSO\svc-sync`, `log on as NT SERVICE\ADSync (event 7041: once`}
	return []builtinCase{
		changed, started, again, covered, newest, later,
		compared("the same account", rules.Passed, domainUser, strings.ToUpper(domainUser)),
		compared("the same local account", rules.Passed, localUser, `SYNC01\aad_1f2e3d4c5b6a`),
		compared("the same local account, the other way", rules.Passed, `sync01\AAD_1f2e3d4c5b6a`, localUser),
		compared("two names of a domain, perhaps", rules.Inconclusive, `contoso.com\svc-sync`, domainUser, "unsettled"),
		compared("local or of the domain", rules.Inconclusive, `.\svc-sync`, domainUser, "unsettled"),
		compared("a user principal name", rules.Inconclusive, "sync@contoso.com", domainUser, "unsettled"),
		compared("a user principal name now", rules.Inconclusive, domainUser, "sync@contoso.com", "unsettled"),
		compared("the system", rules.Inconclusive, "LocalSystem", domainUser, "unsettled"),
		compared("a localized identity", rules.Inconclusive, `NT-AUTORITÄT\Netzwerkdienst`, domainUser, "unsettled"),
		compared("a localized identity, French", rules.Inconclusive, `AUTORITE NT\SERVICE RÉSEAU`, domainUser, "unsettled"),
		{rule: rule, name: "no installation", want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}, host: failsWith(badLogon("10:00:00", domainUser, "%%1330"))},
		{rule: rule, name: "no logs", want: rules.Skipped, reasons: []string{"no-log"}, host: noLogs},
	}
}

// Whatever error a failed start gives, exactly one rule speaks of it.
func TestEveryFailureHasItsRule(t *testing.T) {
	all, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	const display = "Microsoft Azure AD Sync"
	try := func(list ...facts.Event) {
		t.Helper()
		h := healthy()
		failsWith(list...)(h)
		var failed []string
		for _, r := range all {
			if r.Run(context.Background(), h, selectedBy(r, list)).Verdict == rules.Failed {
				failed = append(failed, r.ID)
			}
		}
		if len(failed) != 1 {
			t.Errorf("event %d with %v: failed are %v", list[0].ID, list[0].Fields, failed)
		}
	}
	try(refusal("10:00:00"), noLogon("10:00:00"))
	try(noLogon("10:00:00"))
	for _, id := range []int{7001, 7003, 7009, 7022, 7031, 7034} {
		try(scm("10:00:00", id, display, "30000", "%%1"))
	}
	var codes []string
	for _, span := range [][2]int{{1, 20}, {1050, 1085}, {1290, 1340}, {1350, 1400}, {1720, 1730}, {1780, 1800}, {1900, 1940}} {
		for code := span[0]; code <= span[1]; code++ {
			codes = append(codes, fmt.Sprintf("%%%%%d", code))
		}
	}
	for _, code := range append(codes, "%%2147942405", "%%2149778506", "%%-2147024891", "", "Zugriff verweigert") {
		try(badLogon("10:00:00", domainUser, code), noLogon("10:00:00"))
		try(scm("10:00:00", 7000, display, code))
		try(scm("10:00:00", 7023, display, code))
		try(scm("10:00:00", 7024, display, code))
	}
}

// selectedBy returns the events that the selectors of a rule choose.
func selectedBy(r *rules.Rule, list []facts.Event) events {
	out := events{}
	for _, need := range r.Needs.Events {
		for _, e := range list {
			s := need.Selector
			if !slices.Contains(s.Channels, e.Channel) || !slices.Contains(s.Providers, e.Provider) || !slices.Contains(s.IDs, uint16(e.ID)) {
				continue
			}
			if !slices.ContainsFunc(s.Data, func(d evtx.DataTest) bool { return !slices.Contains(d.Values, e.Data(d.Name)) }) {
				out[need.Name] = append(out[need.Name], e)
			}
		}
	}
	return out
}
