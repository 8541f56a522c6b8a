package rules_test

import (
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/sid"
)

// withPolicy changes the history of policy.
func withPolicy(change func(*facts.Policy)) func(*facts.Host) {
	return func(h *facts.Host) { change(&h.Policy) }
}

// withLog adds a log that covers the day.
func withLog(channel string) func(*facts.Host) {
	return func(h *facts.Host) {
		h.Logs.Channels = append(h.Logs.Channels, facts.ChannelCoverage{Channel: channel, Window: facts.Window{From: at("01:00:00"), To: at("23:00:00")}})
	}
}

// refusedPolicy makes Windows refuse the service at ten, an hour after its last good start.
func refusedPolicy(h *facts.Host) {
	stop(h, refusal("10:00:00"))
	h.Policy.Refused, h.Policy.LastGood = h.Service.Failures, h.Service.Starts[0]
}

// recordedAt returns an event of a log of the server.
func recordedAt(clock, channel, provider string, id int, fields ...facts.Field) facts.Event {
	e := logged(clock, provider, id)
	e.Channel, e.Location.Channel, e.Location.Source, e.Fields = channel, channel, "case.zip!/log.evtx", fields
	return e
}

func unmappedAt(clock string) facts.Event {
	return recordedAt(clock, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : ..."})
}

func unprocessedAt(clock string, id int) facts.Event {
	return recordedAt(clock, "System", "Microsoft-Windows-GroupPolicy", id, facts.Field{Name: "ErrorCode", Value: "1355"})
}

// listsBareName makes the GPO baseline define the right for a name without authority.
func listsBareName(h *facts.Host) {
	doubt(&h.Rights.Service)
	h.Rights.Service.Unexpanded = []sid.Principal{{Name: "ALL SERVICES"}}
}

func revoked(change func(*facts.Revocation)) func(*facts.Host) {
	return withPolicy(func(p *facts.Policy) {
		p.Revocation = facts.Revocation{
			Taken: []facts.Event{recordedAt("09:30:00", "Security", "Microsoft-Windows-Security-Auditing", 4718)},
			Right: "SeServiceLogonRight", Target: `NT SERVICE\ALL SERVICES`, Confidence: facts.Certain,
		}
		change(&p.Revocation)
	})
}

func unknownReason(code string) []facts.Reason { return []facts.Reason{{Code: code}} }

func policyCases() []builtinCase {
	const (
		right   = "right-revoked-before-failure"
		changed = "gpo-changed-before-failure"
		edited  = "gpo-edited-before-failure"
		failed  = "policy-processing-failed"
		mapping = "security-policy-mapping-failed"
	)
	edit := recordedAt("09:20:00", "Security", "Microsoft-Windows-Security-Auditing", 5136)
	return []builtinCase{
		{
			rule: right, name: "by Windows", host: hosts(refusedPolicy, withLog("Security"), revoked(func(r *facts.Revocation) { r.GPOs, r.Changed = []facts.GPO{baseline}, true })),
			want: rules.Failed, confidence: facts.Certain, count: 1,
			message: []string{
				`At 2026-11-20T09:30:00Z the right "Log on as a service" was taken from NT SERVICE\ALL SERVICES on SYNC01`, "refuses the service: once, at 2026-11-20T10:00:00Z",
				"Windows itself made the change", "changed or fell away: " + gpoText, "!taken back", "!clock",
			},
			remedy: []string{"gpresult /h", `add NT SERVICE\ALL SERVICES to the list`, "Start-Service ADSync", "not supported", "!secpol.msc"},
		},
		{
			rule: right, name: "by a person, denied", host: hosts(refusedPolicy, withLog("Security"), revoked(func(r *facts.Revocation) {
				r.Right, r.By, r.Confidence = "SeDenyServiceLogonRight", `CONTOSO\j.doe`, facts.Probable
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{`the right "Deny log on as a service" was given to NT SERVICE\ALL SERVICES`, `CONTOSO\j.doe made the change on the server`, "!Windows itself"},
			remedy:  []string{`Ask CONTOSO\j.doe why, and undo it in secpol.msc on SYNC01 under Local Policies > User Rights Assignment > Deny log on as a service`, "!gpresult"},
		},
		{
			rule: right, name: "taken back, clock unsure", host: hosts(refusedPolicy, withLog("Security"), runsAs(`CONTOSO\svc-sync`, facts.DomainUser), revoked(func(r *facts.Revocation) {
				r.Undone = []facts.Event{recordedAt("11:00:00", "Security", "Microsoft-Windows-Security-Auditing", 4717)}
				r.Confidence, r.GPOs = facts.Possible, []facts.GPO{baseline}
			})),
			want: rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"At 2026-11-20T11:00:00Z the change was taken back", "clock of the computer was set back", "applied at that moment come from " + gpoText},
			remedy:  []string{"was given back meanwhile", "Find out why policy made the change", "!to the list", "!gpupdate"},
		},
		{
			rule: right, name: "by a person, and taken back", host: hosts(refusedPolicy, withLog("Security"), revoked(func(r *facts.Revocation) {
				r.By, r.Undone = `CONTOSO\j.doe`, []facts.Event{recordedAt("11:00:00", "Security", "Microsoft-Windows-Security-Auditing", 4717)}
			})),
			want: rules.Failed, confidence: facts.Certain, count: 1,
			message: []string{"After that Windows refused the service", "At 2026-11-20T11:00:00Z the change was taken back"},
			remedy:  []string{"was given back meanwhile", `Ask CONTOSO\j.doe why the change was made`, "!secpol.msc", "!gpupdate", "!gpresult"},
		},
		{rule: right, name: "not refused", want: rules.Passed},
		{rule: right, name: "gone, not started since", host: withPolicy(func(p *facts.Policy) { p.Revocation.Reasons = unknownReason("right-taken-not-started") }), want: rules.Inconclusive, reasons: []string{"right-taken-not-started"}},
		{rule: right, name: "not audited", host: hosts(refusedPolicy, withLog("Security"), withPolicy(func(p *facts.Policy) { p.Revocation.Reasons = unknownReason("right-change-not-seen") })), want: rules.Inconclusive, reasons: []string{"right-change-not-seen"}},
		{rule: right, name: "no Security log", host: refusedPolicy, want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},

		{
			rule: changed, name: "the GPO that decides", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) {
				p.Difference = facts.Difference{
					Found: true, Blamed: true, Updated: []facts.GPO{baseline}, Removed: []facts.GPO{{Name: "Old"}},
					Changes: []facts.Event{unprocessedAt("09:30:00", 1502)}, Lists: []facts.Event{unprocessedAt("08:59:00", 5312), unprocessedAt("09:30:00", 5312)},
				}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"started well at 2026-11-20T09:00:00Z and was refused at 2026-11-20T10:00:00Z", "with changes: once, at 2026-11-20T09:30:00Z", "edited in " + gpoText, `No longer applied: the GPO "Old"`, "is among them"},
			remedy:  []string{"!wevtutil", "!gpresult"},
		},
		{
			rule: changed, name: "something", host: hosts(refusedPolicy, noReport, withPolicy(func(p *facts.Policy) {
				p.Difference = facts.Difference{Found: true, Changes: []facts.Event{unprocessedAt("09:30:00", 1502)}}
			})),
			want: rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"not proven"},
			remedy:  []string{"wevtutil epl Microsoft-Windows-GroupPolicy/Operational", "gpresult /h"},
		},
		{rule: changed, name: "not refused", want: rules.Passed},
		{rule: changed, name: "no change", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) { p.Difference.None = true })), want: rules.Passed},
		{rule: changed, name: "gap", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) { p.Difference.Reasons = unknownReason("policy-change-not-seen") })), want: rules.Inconclusive, reasons: []string{"policy-change-not-seen"}},
		{rule: changed, name: "no good start known", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) { p.LastGood = facts.Event{} })), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},

		{
			rule: edited, name: "since the good start", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) {
				p.Editing = facts.Editing{
					Seen: true, SinceGood: true, Events: []facts.Event{edit}, GPO: baseline,
					Last: facts.GPOEdit{Event: edit, GUID: baseline.GUID, By: `CONTOSO\j.doe`, What: "it was linked to OU=Servers"},
				}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{`CONTOSO\j.doe edited ` + gpoText + " at 2026-11-20T09:20:00Z: it was linked to OU=Servers.", "before this edit", "!In all"},
			remedy:  []string{`Ask CONTOSO\j.doe`},
		},
		{rule: edited, name: "not refused", host: withPolicy(func(p *facts.Policy) { p.Editing.Seen = true }), want: rules.Passed},
		{rule: edited, name: "others only", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) {
			p.Editing = facts.Editing{Seen: true, Reasons: unknownReason("gpo-edit-not-seen")}
		})), want: rules.Inconclusive, reasons: []string{"gpo-edit-not-seen"}},
		{rule: edited, name: "no domain controller", host: refusedPolicy, want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},

		{
			rule: failed, name: "no domain controller", host: withPolicy(func(p *facts.Policy) {
				p.Successes = []facts.Event{unprocessedAt("08:00:00", 1500), unprocessedAt("11:45:00", 1500)}
				p.Failing, p.FailingLasts = []facts.Event{unprocessedAt("10:00:00", 1129), unprocessedAt("11:30:00", 1129)}, true
			}),
			want: rules.Failed, confidence: facts.Probable, count: 2,
			message: []string{"could not process the computer's policy: twice", "1355 (ERROR_NO_SUCH_DOMAIN", "The last success was at 2026-11-20T08:00:00Z", "!security settings"},
			remedy:  []string{"Test-ComputerSecureChannel", "SYSVOL", "!winlogon.log"},
		},
		{
			rule: failed, name: "security settings", host: withPolicy(func(p *facts.Policy) {
				p.Failing, p.FailingLasts = []facts.Event{unprocessedAt("10:00:00", 1085)}, true
			}),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"could not apply the security settings", "no success before"},
			remedy:  []string{"winlogon.log", "!SYSVOL"},
		},
		{rule: failed, name: "success", host: withPolicy(func(p *facts.Policy) { p.Successes = []facts.Event{unprocessedAt("10:00:00", 1500)} }), want: rules.Passed},
		{rule: failed, name: "once, lately", host: withPolicy(func(p *facts.Policy) {
			p.Failing, p.Reasons = []facts.Event{unprocessedAt("22:00:00", 1129)}, unknownReason("policy-failed-lately")
		}), want: rules.Inconclusive, reasons: []string{"policy-failed-lately"}},
		{rule: failed, name: "nothing known", want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},

		{
			rule: mapping, name: "listsBareName name", host: hosts(refusedPolicy, listsBareName, withPolicy(func(p *facts.Policy) { p.Unmapped = []facts.Event{unmappedAt("09:30:00"), unmappedAt("09:40:00")} })),
			want: rules.Failed, confidence: facts.Probable, count: 2,
			message: []string{"first at 2026-11-20T09:30:00Z and last at 2026-11-20T09:40:00Z", "may not be able to resolve: ALL SERVICES", "!nothing to do"},
			remedy:  []string{`find /i "Cannot find"`, "ExtensionDebugLevel", "gpt*.*"},
		},
		{
			rule: mapping, name: "any name", host: hosts(refusedPolicy, withPolicy(func(p *facts.Policy) { p.Unmapped = []facts.Event{unmappedAt("09:30:00")} })),
			want: rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"may have nothing to do with the ADSync service"},
		},
		{rule: mapping, name: "logged on since", host: withPolicy(func(p *facts.Policy) { p.Unmapped = []facts.Event{unmappedAt("08:30:00")} }), want: rules.Passed},
		{rule: mapping, name: "right is granted", host: hosts(onRight(grant, service), withPolicy(func(p *facts.Policy) { p.Unmapped = []facts.Event{unmappedAt("09:30:00")} })), want: rules.Passed},
		{rule: mapping, name: "none", host: withLog("Application"), want: rules.Passed},
		{rule: mapping, name: "while the service runs", host: withPolicy(func(p *facts.Policy) { p.Unmapped = []facts.Event{unmappedAt("09:30:00")} }), want: rules.Inconclusive, reasons: []string{rules.ReasonUnsettled}},
		{rule: mapping, name: "no Application log", want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
	}
}
