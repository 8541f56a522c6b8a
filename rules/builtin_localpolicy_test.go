package rules_test

import (
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/sid"
)

// own gives the host an export of its own rights, in which Log on as a service stands as
// change says.
func own(change func(*facts.Right)) func(*facts.Host) {
	return func(h *facts.Host) {
		h.LocalPolicy.Known = true
		r := &h.LocalPolicy.Service
		*r = facts.Right{
			Name: "SeServiceLogonRight", Display: "Log on as a service", Known: true, Defined: true, Confidence: facts.Possible,
			Evidence: []evidence.Item{{Role: "the computer's own list", Location: evidence.Location{Source: "secedit.inf", Row: 13, Line: 40}}},
		}
		change(r)
	}
}

func lacks(r *facts.Right) {
	r.Verdict, r.Principals = facts.Omitted, []sid.Principal{{Name: `NT AUTHORITY\NETWORK SERVICE`, SID: "S-1-5-20"}}
}

func has(r *facts.Right) {
	r.Verdict, r.Covering = facts.Granted, []sid.Principal{{Name: `NT SERVICE\ALL SERVICES`, SID: "S-1-5-80-0"}}
	r.Principals = r.Covering
}

func unsure(r *facts.Right) {
	r.Verdict, r.Confidence, r.Reasons = facts.Undetermined, "", []facts.Reason{{Code: "export-undated"}}
}

// bySelf lets the verdict on a right come from the computer's own list.
func bySelf(h *facts.Host) { h.Rights.DenyService.Local, h.Rights.DenyService.Defined = true, false }

// differing notes a difference between policy and the computer's own rights.
func differing(better bool, c facts.Confidence) func(*facts.Host) {
	return func(h *facts.Host) {
		own(lacks)(h)
		h.LocalPolicy.Defined = 1
		h.LocalPolicy.Differs = []facts.Disagreement{{Right: "SeServiceLogonRight", Display: "Log on as a service", What: "WHAT", Better: better, Confidence: c}}
		h.LocalPolicy.Evidence = h.LocalPolicy.Service.Evidence
	}
}

func contested(h *facts.Host) { h.Rights.Service.Contested = true }

func losing(h *facts.Host) {
	contested(h)
	h.Rights.Service.Losing = []facts.GPO{{Name: "Sync Servers"}}
}

const orphan = "S-1-5-21-1-2-3-1105"

func orphaned(h *facts.Host) {
	h.Rights.Service.Unresolved = []sid.Principal{{Name: orphan, SID: orphan}}
	h.Rights.Service.Orphans, h.Rights.Service.InReach = h.Rights.Service.Unresolved, true
}

func bare(h *facts.Host) {
	doubt(&h.Rights.Service)
	h.Rights.Service.Bare = []sid.Principal{{Name: "ADSync"}}
}

func unresolved(events ...facts.Event) func(*facts.Host) {
	return withPolicy(func(p *facts.Policy) { p.Unmapped = events })
}

func refusedBy(events ...facts.Event) func(*facts.Host) {
	return func(h *facts.Host) { h.Service.Refusals = events }
}

func denyBatch(r *facts.Rights) *facts.Right { return &r.DenyBatch }
func denyLocal(r *facts.Rights) *facts.Right { return &r.DenyLocal }

func localPolicyCases() []builtinCase {
	domainUser := runsAs(`CONTOSO\svc-sync`, facts.DomainUser)
	refusedHere := func(h *facts.Host) {
		h.LocalPolicy.Service.Confidence = facts.Probable
		h.LocalPolicy.Service.RefusedBy = []facts.Event{refusal("10:00:00")}
	}
	cases := []builtinCase{
		// service-right-missing-locally
		{
			rule: "service-right-missing-locally", name: "refused", host: hosts(own(lacks), failing, refusedHere),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{
				`do not give NT SERVICE\ADSync, the account of the ADSync service, the right "Log on as a service". The list has: NT AUTHORITY\NETWORK SERVICE.`,
				"No GPO defines the right, so this list decides", "event 7041 of the System log, once", "does not tell when it was made", "!Nobody has it",
			},
			remedy: []string{"secpol.msc", `add NT SERVICE\ALL SERVICES`, "secedit /export /areas USER_RIGHTS", "Start-Service ADSync", "!gpresult"},
		},
		{
			rule: "service-right-missing-locally", name: "nobody has it, and no report",
			host: hosts(own(func(r *facts.Right) { r.Verdict, r.Empty, r.Confidence = facts.Omitted, true, facts.Probable }), noReport, func(h *facts.Host) { h.Rights.Service.Known = false }),
			want: rules.Failed, confidence: facts.Probable,
			message: []string{"Nobody has it.", "Whether a GPO made the list is not known", "!No GPO defines the right"},
			remedy:  []string{"gpresult /h gpresult.htm /scope computer /f"},
		},
		{
			rule: "service-right-missing-locally", name: "another account", host: hosts(own(lacks), domainUser),
			want: rules.Failed, confidence: facts.Possible, remedy: []string{`add CONTOSO\svc-sync`, "!ALL SERVICES", "Restart-Service"},
		},
		{rule: "service-right-missing-locally", name: "has it", host: own(has), want: rules.Passed},
		{rule: "service-right-missing-locally", name: "has it, account assumed", host: hosts(own(has), assumed), want: rules.Inconclusive, reasons: []string{"account-unknown"}},
		{rule: "service-right-missing-locally", name: "does not fit the events", host: own(unsure), want: rules.Inconclusive, reasons: []string{"export-undated"}},
		{
			rule: "service-right-missing-locally", name: "the report was not understood",
			host: hosts(own(lacks), func(h *facts.Host) {
				h.Rights.Service.Known, h.Rights.Service.Reasons = false, []facts.Reason{{Code: "report-not-understood"}}
			}),
			want: rules.Inconclusive, reasons: []string{"report-not-understood"},
		},
		{rule: "service-right-missing-locally", name: "a GPO defines it", host: hosts(own(lacks), onRight(grant, service)), want: rules.Skipped, reasons: []string{"not-applicable"}},
		{rule: "service-right-missing-locally", name: "no export", want: rules.Skipped, reasons: []string{"not-applicable"}},

		// policy-not-yet-applied
		{
			rule: "policy-not-yet-applied", name: "better, and refused", host: hosts(differing(true, facts.Probable), failing),
			want: rules.Failed, confidence: facts.Probable,
			message: []string{"WHAT.", "Windows refused the account", "the export is older than the report", "!worse off"},
			remedy:  []string{"gpupdate /target:computer /force", "secedit /export", "1202", "Start-Service ADSync", "!First edit"},
		},
		{
			rule: "policy-not-yet-applied", name: "worse", host: differing(false, facts.Possible),
			want: rules.Failed, confidence: facts.Possible,
			message: []string{"worse off than it is now", "!Windows refused"}, remedy: []string{"First edit the winning GPO"},
		},
		{rule: "policy-not-yet-applied", name: "equal", host: hosts(own(has), func(h *facts.Host) { h.LocalPolicy.Defined = 2 }), want: rules.Passed},
		{
			rule: "policy-not-yet-applied", name: "one cannot be compared",
			host: hosts(own(has), func(h *facts.Host) {
				h.LocalPolicy.Defined, h.LocalPolicy.Undecided = 2, 1
				h.LocalPolicy.Reasons = []facts.Reason{{Code: "export-undated"}}
			}),
			want: rules.Inconclusive, reasons: []string{"export-undated"},
		},
		{rule: "policy-not-yet-applied", name: "no GPO defines anything", host: own(has), want: rules.Skipped, reasons: []string{"not-applicable"}},
		{rule: "policy-not-yet-applied", name: "no report", host: hosts(own(has), noReport), want: rules.Skipped, reasons: []string{"no-computer-report"}},

		// wrong-gpo-edited
		{
			rule: "wrong-gpo-edited", name: "refused",
			host: hosts(onRight(omit, service), losing, failing, func(h *facts.Host) {
				h.Rights.Service.Confidence, h.Rights.Service.RefusedBy = facts.Certain, []facts.Event{refusal("10:00:00")}
			}),
			want: rules.Failed, confidence: facts.Certain, count: 1,
			message: []string{`the GPO "Sync Servers" gives NT SERVICE\ADSync`, "but to no effect: " + gpoText + " defines the right too, wins", "Windows did refuse it"},
			remedy:  []string{"edit " + gpoText, path + "Log on as a service", "Way C", "Start-Service ADSync"},
		},
		{rule: "wrong-gpo-edited", name: "account assumed", host: hosts(onRight(omit, service), losing, assumed), want: rules.Failed, confidence: facts.Possible, remedy: []string{"sc.exe qc ADSync"}},
		{rule: "wrong-gpo-edited", name: "no GPO has the account", host: hosts(onRight(omit, service), contested), want: rules.Passed},
		{rule: "wrong-gpo-edited", name: "the winner has it too", host: hosts(onRight(grant, service), losing), want: rules.Passed},
		{rule: "wrong-gpo-edited", name: "a group", host: hosts(onRight(doubt, service), losing), want: rules.Inconclusive, reasons: []string{"group-not-expanded"}},
		{rule: "wrong-gpo-edited", name: "one GPO only", host: onRight(omit, service), want: rules.Skipped, reasons: []string{"not-applicable"}},

		// orphaned-sid-in-right
		{
			rule: "orphaned-sid-in-right", name: "of the own domain", host: hosts(onRight(omit, service), domainUser, orphaned),
			want: rules.Failed, confidence: facts.Probable,
			message: []string{"knew only the SID: " + orphan, "belongs to the same domain", "!out of reach"},
			remedy:  []string{`Get-ADObject -IncludeDeletedObjects -Filter "objectSid -eq '` + orphan + `'"`, `add CONTOSO\svc-sync`, "!Get-LocalUser"},
		},
		{
			rule: "orphaned-sid-in-right", name: "seen to be deleted",
			host: hosts(onRight(omit, service), domainUser, orphaned, func(h *facts.Host) { h.Rights.Service.Deletions = []facts.Event{deletion("07:00:00")} }),
			want: rules.Failed, confidence: facts.Certain,
			message: []string{"The Security log of DC01.contoso.com has the deletion: event 4726, once, at 2026-11-20T07:00:00Z"},
		},
		{
			rule: "orphaned-sid-in-right", name: "the domain may have been out of reach",
			host: hosts(onRight(doubt, service), domainUser, orphaned, func(h *facts.Host) { h.Rights.Service.InReach = false }),
			want: rules.Failed, confidence: facts.Possible, message: []string{"may just have been out of reach"},
		},
		{
			rule: "orphaned-sid-in-right", name: "of the computer", host: hosts(onRight(omit, service), runsAs(`.\AAD_1`, facts.LocalUser), orphaned),
			want: rules.Failed, confidence: facts.Probable, message: []string{"the same computer"}, remedy: []string{"Get-LocalUser -SID " + orphan},
		},
		{rule: "orphaned-sid-in-right", name: "no such entry", host: hosts(onRight(omit, service), domainUser), want: rules.Passed},
		{rule: "orphaned-sid-in-right", name: "the account is there too", host: hosts(onRight(grant, service), domainUser, orphaned), want: rules.Passed},
		{
			rule: "orphaned-sid-in-right", name: "of another domain",
			host: hosts(onRight(doubt, service), domainUser, orphaned, func(h *facts.Host) { h.Rights.Service.Orphans = nil }),
			want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
		},
		{rule: "orphaned-sid-in-right", name: "virtual account", host: hosts(onRight(omit, service), orphaned), want: rules.Skipped, reasons: []string{"not-applicable"}},

		// unresolvable-name-in-right
		{
			rule: "unresolvable-name-in-right", name: "a name was not found", host: hosts(bare, unresolved(unmappedAt("11:00:00"))),
			want: rules.Failed, confidence: facts.Probable,
			message: []string{`to ADSync, without "NT SERVICE\" in front of it`, "event 1202 of SceCli in the Application log, once", "!may show the name"},
			remedy:  []string{"secedit /export", `add NT SERVICE\ALL SERVICES`},
		},
		{
			rule: "unresolvable-name-in-right", name: "a name was not found, as audited", want: rules.Failed, confidence: facts.Probable,
			host:    hosts(bare, unresolved(recordedAt("11:00:00", "Security", "Microsoft-Windows-Security-Auditing", 6145, facts.Field{Name: "ErrorCode", Value: "1332"}))),
			message: []string{"event 6145 of Microsoft-Windows-Security-Auditing in the Security log, once"},
		},
		{
			rule: "unresolvable-name-in-right", name: "a name was not found before the account logged on",
			host: hosts(bare, unresolved(unmappedAt("03:00:00"))), want: rules.Inconclusive, reasons: []string{"group-not-expanded"},
		},
		{
			rule: "unresolvable-name-in-right", name: "a name was not found, and refused since",
			host: hosts(bare, failing, unresolved(unmappedAt("09:30:00")), refusedBy(refusal("10:00:00"))),
			want: rules.Failed, confidence: facts.Probable, count: 1,
		},
		{
			rule: "unresolvable-name-in-right", name: "refused before a name was not found",
			host: hosts(bare, failing, unresolved(unmappedAt("11:00:00")), refusedBy(refusal("10:00:00"))),
			want: rules.Failed, confidence: facts.Probable,
		},
		{
			rule: "unresolvable-name-in-right", name: "refused", host: hosts(bare, failing, refusedBy(refusal("10:00:00"))),
			want: rules.Failed, confidence: facts.Possible, message: []string{"event 7041 of the System log", "The report may show the name without a part"},
		},
		{
			rule: "unresolvable-name-in-right", name: "refused, as audited", host: hosts(bare, failing, refusedBy(audit("10:00:00", "ADSync", "0xc000015b", "0x0"))),
			want: rules.Failed, confidence: facts.Possible, message: []string{"event 4625 of the Security log"},
		},
		{
			rule: "unresolvable-name-in-right", name: "refused by the error of the logon", host: hosts(bare, failing, refusedBy(badLogon("10:00:00", `NT SERVICE\ADSync`, "%%1385"))),
			want: rules.Failed, confidence: facts.Possible, message: []string{"event 7038 of the System log"},
		},
		{rule: "unresolvable-name-in-right", name: "the bare name alone", host: bare, want: rules.Inconclusive, reasons: []string{"group-not-expanded"}},
		{rule: "unresolvable-name-in-right", name: "no such name", host: onRight(grant, service), want: rules.Passed},
		{rule: "unresolvable-name-in-right", name: "another account", host: hosts(bare, domainUser), want: rules.Skipped, reasons: []string{"not-applicable"}},

		// service-right-denied, by the computer itself
		{
			rule: "service-right-denied", name: "by the computer itself", host: hosts(own(has), onRight(deny, denyService), bySelf, failing, noReport),
			want: rules.Failed, confidence: facts.Probable,
			message: []string{`the computer's own security settings have "Deny log on as a service"`, "Whether a GPO put it there is not known", "!GPO that the report does not name"},
			remedy:  []string{"secpol.msc", "secedit /export", "!gpmc.msc"},
		},
	}
	for _, d := range []struct {
		rule  string
		right func(*facts.Rights) *facts.Right
		allow string
	}{{"batch-right-denied", denyBatch, "Log on as a batch job"}, {"local-right-denied", denyLocal, "Allow log on locally"}} {
		omitted := strings.Replace(d.rule, "denied", "omitted", 1)
		cases = append(cases,
			builtinCase{
				rule: d.rule, name: "denied", host: onRight(deny, d.right), want: rules.Failed, confidence: facts.Probable,
				message: []string{gpoText + " defines", "Local account", `wins over "` + d.allow + `"`, "does not by itself stop the service"},
				remedy:  []string{"gpmc.msc", "!secpol.msc"},
			},
			builtinCase{
				rule: d.rule, name: "by the computer itself", host: hosts(onRight(deny, d.right), onRight(func(r *facts.Right) {
					r.Local, r.Defined, r.Confidence = true, false, facts.Possible
				}, d.right)),
				want: rules.Failed, confidence: facts.Possible, message: []string{"the computer's own security settings have"}, remedy: []string{"secpol.msc", "!gpmc.msc"},
			},
			builtinCase{rule: d.rule, name: "not defined", want: rules.Passed},
			builtinCase{rule: d.rule, name: "others are denied", host: onRight(omit, d.right), want: rules.Passed},
			builtinCase{rule: d.rule, name: "a group", host: onRight(doubt, d.right), want: rules.Inconclusive, reasons: []string{"group-not-expanded"}},
			builtinCase{rule: d.rule, name: "neither report nor export", host: noReport, want: rules.Skipped, reasons: []string{"no-computer-report"}},
			builtinCase{
				rule: omitted, name: "denied as well", want: rules.Skipped, reasons: []string{"not-applicable"},
				host: onRight(func(r *facts.Right) { omit(r); r.Verdict = facts.Denied }, map[string]func(*facts.Rights) *facts.Right{"batch-right-omitted": batch, "local-right-omitted": local}[omitted]),
			},
		)
	}
	return cases
}
