package rules_test

import (
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/rules"
)

// reportItem is a report as evidence.
var reportItem = evidence.Item{Role: "report", Location: evidence.Location{Source: "gpresult.htm"}, Excerpt: "gpresult-html, of SYNC01"}

// reported gives the host a report of its own.
func reported(h *facts.Host) {
	h.Reports.Computer, h.Reports.Named, h.Reports.Whole = true, true, true
	h.Reports.All = []*gpreport.Report{{Source: "gpresult.htm", Host: "SYNC01"}}
	h.Reports.Evidence = []evidence.Item{reportItem}
}

// foreign gives the host reports of other computers only.
func foreign(sure bool, names ...string) func(*facts.Host) {
	return func(h *facts.Host) {
		h.Reports = facts.Reports{Foreign: facts.Foreign{Hosts: names, Sure: sure, Evidence: []evidence.Item{reportItem}}}
		if !sure {
			h.Reports.Foreign.Reasons = []facts.Reason{{Code: "report-of-other-computer"}}
		}
	}
}

// refusedAt makes Windows refuse the account, seen by the logs.
func refusedAt(list ...facts.Event) func(*facts.Host) {
	return func(h *facts.Host) {
		stop(h, list...)
		h.Service.Refusals = list
	}
}

// also makes Windows refuse other services with virtual accounts.
func also(names ...string) func(*facts.Host) {
	return func(h *facts.Host) {
		for _, n := range names {
			h.Service.AlsoRefused.Events = append(h.Service.AlsoRefused.Events, scm("10:00:01", 7041, n, `NT SERVICE\`+n))
		}
	}
}

// aged sets how the report relates to the refusal.
func aged(change func(*facts.PolicyAge)) func(*facts.Host) {
	return func(h *facts.Host) {
		h.Reports.Age = facts.PolicyAge{Matters: true, Collected: "11/20/2026 9:00:00 AM"}
		change(&h.Reports.Age)
	}
}

// policyChange is event 1502.
func policyChange(clock string) facts.Event {
	e := scm(clock, 1502)
	e.Provider = "Microsoft-Windows-GroupPolicy"
	return e
}

// withheld adds GPOs that were not applied.
func withheld(names ...string) func(*facts.Host) {
	return func(h *facts.Host) {
		for _, n := range names {
			h.Reports.Withheld = append(h.Reports.Withheld, facts.Withheld{
				GPO: facts.GPO{Name: n}, Reason: "False WMI Filter",
				Evidence: evidence.Item{Role: "GPO not applied", Location: evidence.Location{Source: "gpresult.htm", Line: 80}},
			})
		}
	}
}

// contradicted makes the report grant what Windows refused.
func contradicted(h *facts.Host) {
	r := &h.Rights.Service
	grant(r)
	r.Verdict, r.Confidence, r.Contradicted = facts.Undetermined, "", []facts.Event{refusal("10:00:00")}
	r.Reasons = []facts.Reason{{Code: "evidence-contradicts"}}
	refusedAt(refusal("10:00:00"))(h)
}

// refusedAudit is a refusal that the Security log alone has.
func refusedAudit(h *facts.Host) {
	a := audit("10:00:00", "adsync", "0xC000015B", "0x0")
	a.Fields = append(a.Fields, facts.Field{Name: "TargetDomainName", Value: "NT SERVICE"})
	h.Service = facts.Service{State: facts.Failing, Since: a.Time, FailedLogons: []facts.Event{a}, Refusals: []facts.Event{a}}
	h.Logs = facts.Logs{Channels: []facts.ChannelCoverage{{Channel: "Security", Window: facts.Window{From: at("01:00:00"), To: at("23:00:00")}}}}
}

// reportCases are the cases of the rules about what reports say, do not say or contradict.
func reportCases() []builtinCase {
	return []builtinCase{
		// logon-right-refused
		{
			rule: "logon-right-refused", name: "the Security log alone", host: hosts(noReport, refusedAudit),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{
				`Windows on SYNC01 refused NT SERVICE\adsync, the account of the ADSync service, a logon as a service`,
				"Event 4625 of the Security log says so, with the status 0xC000015B", "once, at 2026-11-20T10:00:00Z",
				"No System log is at hand", "!refused to start the ADSync service", "!7041 of",
			},
		},
		{
			rule: "logon-right-refused", name: "a Security log without a refusal", host: hosts(refusedAudit, func(h *facts.Host) { h.Service.Refusals, h.Service.FailedLogons = nil, nil }),
			want: rules.Inconclusive, reasons: []string{"log-does-not-cover"},
		},

		// report-of-other-computer
		{
			rule: "report-of-other-computer", name: "one", host: foreign(true, "SQL01"),
			want: rules.Failed, confidence: facts.Certain,
			message: []string{"The Group Policy report is of SQL01, but the events of the ADSync service are of SYNC01.", "What it says", "holds on that computer only"},
			remedy:  []string{"hostname", "gpresult /h gpresult.htm /scope computer /f"},
		},
		{
			rule: "report-of-other-computer", name: "several", host: foreign(true, "DC01", "SQL01"),
			want: rules.Failed, confidence: facts.Certain,
			message: []string{"The Group Policy reports are of DC01, SQL01, but", "What they say"},
			remedy:  []string{"Log on to SYNC01 itself"},
		},
		{rule: "report-of-other-computer", name: "not sure", host: foreign(false, "SQL01"), want: rules.Inconclusive, reasons: []string{"report-of-other-computer"}},
		{rule: "report-of-other-computer", name: "its own", host: reported, want: rules.Passed},
		{
			rule: "report-of-other-computer", name: "without a name", host: hosts(reported, func(h *facts.Host) { h.Reports.Named = false }),
			want: rules.Inconclusive, reasons: []string{"unsettled"},
		},
		{rule: "report-of-other-computer", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		{rule: "report-of-other-computer", name: "no logs", host: hosts(reported, noLogs), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},

		// report-out-of-date
		{
			rule: "report-out-of-date", name: "policy changed before the refusal",
			host: hosts(reported, refusedAt(refusal("10:00:00")), aged(func(a *facts.PolicyAge) { a.Later = []facts.Event{policyChange("09:30:00")} })),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{
				"was made at 11/20/2026 9:00:00 AM by the computer's clock", "event 1502, once, at 2026-11-20T09:30:00Z",
				"only then did Windows refuse the account of the ADSync service, last at 2026-11-20T10:00:00Z", "!repair",
			},
			remedy: []string{"gpresult /h gpresult.htm /scope computer /f", "wevtutil epl System System.evtx", "!gpupdate", "!Start-Service"},
		},
		{
			rule: "report-out-of-date", name: "policy changed after the refusal",
			host: hosts(reported, refusedAt(refusal("10:00:00")), aged(func(a *facts.PolicyAge) { a.Between = []facts.Event{policyChange("10:30:00")} })),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"The report may show the repair and not the cause."},
			remedy:  []string{"start the service on SYNC01 in an elevated PowerShell: Start-Service ADSync"},
		},
		{
			rule: "report-out-of-date", name: "policy changed, not refused", host: hosts(reported, aged(func(a *facts.PolicyAge) { a.Later = []facts.Event{policyChange("09:30:00")} })),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"may not show the policy of today", "!refuse"}, remedy: []string{"On SYNC01"},
		},
		{
			rule: "report-out-of-date", name: "policy not applied for long", host: hosts(reported, refusedAt(refusal("10:00:00")), aged(func(a *facts.PolicyAge) { a.Idle, a.Current = 26, true })),
			want: rules.Failed, confidence: facts.Possible,
			message: []string{"had not applied policy for 26 hours"}, remedy: []string{"gpupdate /target:computer /force", "On SYNC01"},
		},
		{rule: "report-out-of-date", name: "current", host: hosts(reported, aged(func(a *facts.PolicyAge) { a.Current = true })), want: rules.Passed},
		{
			rule: "report-out-of-date", name: "not known", host: hosts(reported, aged(func(a *facts.PolicyAge) { a.Reasons = []facts.Reason{{Code: "time-zone-unknown"}} })),
			want: rules.Inconclusive, reasons: []string{"time-zone-unknown"},
		},
		{rule: "report-out-of-date", name: "nothing rests on it", host: reported, want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		{rule: "report-out-of-date", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},

		// evidence-contradicts
		{
			rule: "evidence-contradicts", name: "no deny right", host: hosts(reported, contradicted),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{gpoText + ` gives NT SERVICE\ADSync on SYNC01 the right "Log on as a service", by the entry NT SERVICE\ALL SERVICES`, "event 7041 of the System log, once"},
			remedy:  []string{"secedit /export /areas USER_RIGHTS /cfg secedit.inf", "SeDenyServiceLogonRight", "sc.exe qc ADSync", "Denied GPOs"},
		},
		{
			rule: "evidence-contradicts", name: "a deny right whose groups are not known", host: hosts(reported, contradicted, onRight(doubt, denyService)),
			want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
		},
		{
			rule: "evidence-contradicts", name: "the order in time is not known",
			host: hosts(reported, contradicted, func(h *facts.Host) { h.Rights.Service.Contradicted = nil }),
			want: rules.Inconclusive, reasons: []string{"evidence-contradicts"},
		},
		{rule: "evidence-contradicts", name: "omitted", host: hosts(reported, onRight(omit, service), refusedAt(refusal("10:00:00"))), want: rules.Passed},
		{
			rule: "evidence-contradicts", name: "granted after the refusal",
			host: hosts(reported, onRight(grant, service), refusedAt(refusal("10:00:00")), aged(func(a *facts.PolicyAge) { a.Between = []facts.Event{policyChange("10:30:00")} })),
			want: rules.Passed,
		},
		{rule: "evidence-contradicts", name: "not refused", host: hosts(reported, onRight(grant, service)), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},

		// many-services-refused
		{
			rule: "many-services-refused", name: "no report", host: hosts(noReport, refusedAt(refusal("10:00:00")), also("MSSQLSERVER", "AppHost")),
			want: rules.Failed, confidence: facts.Probable, count: 3,
			message: []string{
				"Windows refused the logon to ADSync and to other services with virtual accounts: MSSQLSERVER, AppHost.",
				"It is not a fault of ADSync", "No report at hand",
			},
			remedy: []string{`NT SERVICE\ALL SERVICES`, "secedit /export", "gpupdate /target:computer /force", "Start-Service ADSync", "not supported"},
		},
		{
			rule: "many-services-refused", name: "one other, and a list without the group",
			host: hosts(reported, onRight(omit, service), refusedAt(refusal("10:00:00")), also("AppHost"), func(h *facts.Host) { h.Rights.Service.Refused = true }),
			want: rules.Failed, confidence: facts.Certain, count: 2,
			message: []string{"to ADSync and to another service with virtual accounts: AppHost.", "!No report at hand"}, remedy: []string{"SYNC01"},
		},
		{rule: "many-services-refused", name: "none other", host: refusedAt(refusal("10:00:00")), want: rules.Passed},
		{rule: "many-services-refused", name: "others, and ADSync runs", host: also("AppHost"), want: rules.Passed},
		{
			rule: "many-services-refused", name: "others, and ADSync is not heard of",
			host: hosts(also("AppHost"), func(h *facts.Host) {
				h.Service.State, h.Service.AlsoRefused.Reasons = facts.UnknownState, []facts.Reason{{Code: "other-services-refused"}}
			}),
			want: rules.Inconclusive, reasons: []string{"other-services-refused"},
		},
		{
			rule: "many-services-refused", name: "the list has the group", host: hosts(reported, contradicted, also("AppHost")),
			want: rules.Inconclusive, reasons: []string{"evidence-contradicts"},
		},
		{
			rule: "many-services-refused", name: "a deny right", host: hosts(refusedAt(refusal("10:00:00")), also("AppHost"), func(h *facts.Host) { h.Rights.Service.Verdict = facts.Denied }),
			want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable},
		},
		{
			rule: "many-services-refused", name: "a managed account", host: hosts(refusedAt(refusal("10:00:00")), also("AppHost"), runsAs(`CONTOSO\gmsa-sync$`, facts.GroupManaged)),
			want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable},
		},
		{rule: "many-services-refused", name: "no logs", host: noLogs, want: rules.Skipped, reasons: []string{"no-log"}},
		{
			rule: "service-right-omitted", name: "other services are refused too",
			host:   hosts(onRight(omit, service), refusedAt(refusal("10:00:00")), also("MSSQLSERVER"), func(h *facts.Host) { h.Rights.Service.Refused = true }),
			events: events{"refused": {refusal("10:00:00")}},
			want:   rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"It is not ADSync alone", "too: MSSQLSERVER."},
		},

		// expected-gpo-filtered
		{
			rule: "expected-gpo-filtered", name: "no GPO defines the right", host: hosts(reported, refusedAt(refusal("10:00:00")), withheld("Sync Rights")),
			want: rules.Failed, confidence: facts.Possible,
			message: []string{`not applied: the GPO "Sync Rights" (False WMI Filter).`, "Most likely they are kept from this computer on purpose.", "!and more"},
			remedy:  []string{"gpmc.msc", "Apply group policy", "gpupdate /target:computer /force", "SYNC01"},
		},
		{
			rule: "expected-gpo-filtered", name: "a list leaves the account out", host: hosts(reported, onRight(omit, service), withheld("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K")),
			want: rules.Failed, confidence: facts.Possible, message: []string{`"J" (False WMI Filter) and more.`}, remedy: []string{"SYNC01"},
		},
		{
			rule: "expected-gpo-filtered", name: "the cause is certain",
			host: hosts(reported, onRight(omit, service), withheld("A"), func(h *facts.Host) { h.Rights.Service.Confidence = facts.Certain }),
			want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable},
		},
		{rule: "expected-gpo-filtered", name: "granted", host: hosts(reported, onRight(grant, service), withheld("A")), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		{rule: "expected-gpo-filtered", name: "granted and refused", host: hosts(reported, contradicted, withheld("A")), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		{rule: "expected-gpo-filtered", name: "not refused, and no GPO defines it", host: hosts(reported, withheld("A")), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		{rule: "expected-gpo-filtered", name: "none is kept away", host: hosts(reported, refusedAt(refusal("10:00:00"))), want: rules.Passed},
		{
			rule: "expected-gpo-filtered", name: "the report is cut off",
			host: hosts(reported, refusedAt(refusal("10:00:00")), func(h *facts.Host) { h.Reports.Whole = false }),
			want: rules.Inconclusive, reasons: []string{"unsettled"},
		},
		{rule: "expected-gpo-filtered", name: "no report", host: noReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},
	}
}
