package render_test

import (
	"fmt"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// at returns a time in UTC.
func at(s string) *time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return &t
}

func offset(n int64) *int64 { return &n }

const (
	adsync     = `NT SERVICE\ADSync`
	adsyncSID  = "S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451"
	baseline   = "Server Baseline"
	baselineID = "{7B1C9A4E-2F53-4C0D-9E0B-5A4C1D7F2E61}"
	kb         = "https://learn.microsoft.com/troubleshoot/entra/entra-id/user-prov-sync/services-sync-not-start"
)

var userRights = []string{
	"Computer Details", "Settings", "Policies", "Windows Settings", "Security Settings",
	"Local Policies/User Rights Assignment",
}

func reportRow() analyzer.Evidence {
	return analyzer.Evidence{
		Role: "winning GPO", Source: "case-4711.zip!/gpresult.htm", Section: userRights, Row: 4, Line: 2031,
		Excerpt: `Log on as a service | CONTOSO\svc-backup | Server Baseline`,
	}
}

func refused(record uint64, when string) analyzer.Evidence {
	return analyzer.Evidence{
		Role: "logon refused", Source: "case-4711.zip!/System.evtx", Record: record, Offset: offset(106496),
		Time: at(when), Excerpt: `Service Control Manager 7041: param1=ADSync param2=NT SERVICE\ADSync`,
	}
}

func serviceRight(v facts.Verdict) analyzer.Right {
	return analyzer.Right{
		Right: "SeServiceLogonRight", Display: "Log on as a service", Verdict: v, Defined: true,
		Winner:     analyzer.GPO{Name: baseline, GUID: baselineID},
		Principals: []analyzer.Principal{{Name: `CONTOSO\svc-backup`, SID: "S-1-5-21-1004336348-1177238915-682003330-1613"}},
		Evidence:   []analyzer.Evidence{reportRow()},
	}
}

// otherRights are the five rights beside "Log on as a service", none of which a GPO
// defines.
func otherRights() []analyzer.Right {
	var out []analyzer.Right
	for _, r := range [][2]string{
		{"SeDenyServiceLogonRight", "Deny log on as a service"},
		{"SeBatchLogonRight", "Log on as a batch job"},
		{"SeDenyBatchLogonRight", "Deny log on as a batch job"},
		{"SeInteractiveLogonRight", "Allow log on locally"},
		{"SeDenyInteractiveLogonRight", "Deny log on locally"},
	} {
		out = append(out, analyzer.Right{Right: r[0], Display: r[1], Verdict: facts.Undefined})
	}
	return out
}

func verdict(id string, v rules.Verdict, reasons ...analyzer.Reason) analyzer.RuleVerdict {
	return analyzer.RuleVerdict{Rule: id, Verdict: v, Reasons: reasons}
}

func noSecurityLog(host string) analyzer.Reason {
	return analyzer.Reason{
		Code: "channel-not-collected", Input: "Security",
		Message: "The Security log of " + host + " is not in the inputs, so it is not known who took the right away.",
		Ask:     `wevtutil epl Security C:\Temp\` + host + `_Security.evtx`,
	}
}

func omittedFinding() analyzer.Finding {
	return analyzer.Finding{
		Rule: "service-right-omitted", Title: "A GPO takes the right to log on as a service from the ADSync account",
		Severity: rules.Critical, Confidence: facts.Certain,
		Message: `The GPO "Server Baseline" defines "Log on as a service" for CONTOSO\svc-backup ` +
			`alone, so Windows refuses NT SERVICE\ADSync on SYNC01.`,
		Remedy: []string{
			`In the GPO "Server Baseline", add NT SERVICE\ALL SERVICES to "Log on as a service".`,
			"Apply the policy on SYNC01: `gpupdate /target:computer /force`",
			"Start the service with `Start-Service ADSync`.",
		},
		Links: []string{kb},
		First: at("2026-11-20 03:12:07"), Last: at("2026-11-20 03:32:09"), Count: 3,
		Fingerprint: "b1c7e0d94f3a6625",
		Joined:      []string{"logon-right-refused", "service-logon-failed"},
		Evidence: []analyzer.Evidence{
			reportRow(),
			refused(48213, "2026-11-20 03:12:07"),
			{
				Role: "start failed", Source: "case-4711.zip!/System.evtx", Record: 48214, Offset: offset(107016),
				Time: at("2026-11-20 03:12:07"), Excerpt: "Service Control Manager 7000: param1=Microsoft Azure AD Sync param2=%%1069",
			},
			refused(48231, "2026-11-20 03:22:08"),
			refused(48250, "2026-11-20 03:32:09"),
		},
	}
}

func systemLog() analyzer.Coverage {
	return analyzer.Coverage{
		Source: "case-4711.zip!/System.evtx", Channel: "System", First: at("2026-10-02 06:11:40"),
		Last: at("2026-11-21 08:02:19"), Read: 20417, Wrapped: true,
	}
}

func policyLog() analyzer.Coverage {
	return analyzer.Coverage{
		Source: "case-4711.zip!/GroupPolicy.evtx", Channel: "Microsoft-Windows-GroupPolicy/Operational",
		First: at("2026-11-14 22:40:00"), Last: at("2026-11-21 08:00:51"), Read: 5210, Lost: 3, Dirty: true,
		Gaps: []analyzer.Gap{{After: 911, Before: 940, From: at("2026-11-15 01:00:00"), To: at("2026-11-15 01:20:00")}},
	}
}

// omitted is the case that the program is made for: a GPO leaves the account out, and
// Windows refuses it.
func omitted() *analyzer.Result {
	return &analyzer.Result{
		Schema: analyzer.Schema,
		Tool: analyzer.Tool{
			Name: "gpevtx", Version: "0.1.0",
			Rules: analyzer.Counts{Total: 10, Failed: 1, Passed: 4, Inconclusive: 2, Skipped: 3},
		},
		Hosts: []analyzer.Host{{
			Name: "SYNC01", Domain: "contoso.com",
			Account: analyzer.Account{
				Name: adsync, SID: adsyncSID, Kind: facts.Virtual, Confidence: facts.Certain,
				Evidence: []analyzer.Evidence{refused(48213, "2026-11-20 03:12:07")},
			},
			Rights: append([]analyzer.Right{serviceRight(facts.Omitted)}, otherRights()...),
			Service: analyzer.Service{
				State: facts.Failing, Since: at("2026-11-20 03:12:07"), Account: adsync,
				Evidence: []analyzer.Evidence{refused(48213, "2026-11-20 03:12:07")},
			},
			Coverage: []analyzer.Coverage{policyLog(), systemLog()},
			Findings: []analyzer.Finding{omittedFinding()},
			Verdicts: []analyzer.RuleVerdict{
				verdict("account-disabled", rules.Passed),
				verdict("account-locked", rules.Passed),
				verdict("batch-right-omitted", rules.Skipped, analyzer.Reason{Code: "right-not-defined", Input: "SeBatchLogonRight", Message: `No GPO defines "Log on as a batch job".`}),
				verdict("database-full", rules.Skipped, analyzer.Reason{Code: "channel-not-collected", Input: "Application", Message: "The Application log is not in the inputs."}),
				verdict("gpo-changed-before-failure", rules.Inconclusive, analyzer.Reason{
					Code: "window-not-covered", Input: "Microsoft-Windows-GroupPolicy/Operational",
					Message: "The Group Policy log has a gap between records 911 and 940, so a change of the GPO list may be lost.",
					Ask:     `wevtutil epl Microsoft-Windows-GroupPolicy/Operational C:\Temp\SYNC01_GroupPolicy.evtx`,
				}),
				verdict("right-revoked-before-failure", rules.Inconclusive, noSecurityLog("SYNC01")),
				verdict("scheduler-silent", rules.Skipped, analyzer.Reason{Code: "channel-not-collected", Input: "Application", Message: "The Application log is not in the inputs."}),
				verdict("service-disabled", rules.Passed),
				verdict("service-right-denied", rules.Passed),
				verdict("service-right-omitted", rules.Failed),
			},
			Timeline: []analyzer.TimelineEntry{
				{Time: *at("2026-11-12 21:40:00"), What: `The service started as NT SERVICE\ADSync.`, Kind: "service", Evidence: []analyzer.Evidence{
					{Role: "start", Source: "case-4711.zip!/System.evtx", Record: 47002, Offset: offset(90112), Time: at("2026-11-12 21:40:00")},
				}},
				{Time: *at("2026-11-20 03:12:07"), What: `Windows refused NT SERVICE\ADSync the logon as a service.`, Kind: "service", Evidence: []analyzer.Evidence{
					refused(48213, "2026-11-20 03:12:07"),
				}},
			},
		}},
		Inputs: []analyzer.Input{
			{Path: "case-4711.zip!/GroupPolicy.evtx", Kind: "evtx", Status: "partly", Size: 4198400, SHA256: "9f2c", Detail: "1 of 64 chunks is damaged at byte 69632; 3 records lost"},
			{Path: "case-4711.zip!/System.evtx", Kind: "evtx", Status: "read", Size: 20975616, SHA256: "11ab"},
			{Path: "case-4711.zip!/gpresult.htm", Kind: "gpresult-html", Status: "read", Size: 385068, SHA256: "77de"},
			{Path: "case-4711.zip!/notes.docx", Kind: "unknown", Status: "ignored", Size: 18233, SHA256: "04cc", Detail: "not a format that is read"},
		},
	}
}

// healthy is a computer on which nothing is wrong as far as the inputs reach.
func healthy() *analyzer.Result {
	r := omitted()
	h := &r.Hosts[0]
	right := serviceRight(facts.Granted)
	right.Principals = []analyzer.Principal{{Name: `NT SERVICE\ALL SERVICES`, SID: "S-1-5-80-0"}}
	right.Covering = right.Principals
	h.Rights[0] = right
	h.Findings = nil
	h.Service.State, h.Service.Since = facts.Running, at("2026-11-12 21:40:00")
	h.Verdicts[9].Verdict = rules.Passed
	r.Tool.Rules = analyzer.Counts{Total: 10, Passed: 5, Inconclusive: 2, Skipped: 3}
	return r
}

// userScope is a collection that proves nothing: a report of the user scope alone.
func userScope() *analyzer.Result {
	h := analyzer.Host{
		Name: "SYNC01", Domain: "CONTOSO",
		Account: analyzer.Account{Name: adsync, SID: adsyncSID, Kind: facts.Virtual, Confidence: facts.Possible, Assumed: true},
		Service: analyzer.Service{State: facts.UnknownState},
	}
	for _, r := range append([]analyzer.Right{{Right: "SeServiceLogonRight", Display: "Log on as a service"}}, otherRights()...) {
		r.Verdict = facts.Undetermined
		h.Rights = append(h.Rights, r)
	}
	noComputer := analyzer.Reason{
		Code: "computer-scope-missing", Input: "gpresult.htm",
		Message: "The report covers the user scope only, because it was made without elevation; rights are in the computer scope.",
		Ask:     `gpresult /scope computer /h C:\Temp\SYNC01_gpresult.htm`,
	}
	noSystem := analyzer.Reason{
		Code: "channel-not-collected", Input: "System", Message: "The System log of SYNC01 is not in the inputs.",
		Ask: `wevtutil epl System C:\Temp\SYNC01_System.evtx`,
	}
	h.Verdicts = []analyzer.RuleVerdict{
		verdict("local-right-omitted", rules.Inconclusive, noComputer),
		verdict("service-disabled", rules.Skipped, noSystem),
		verdict("service-right-omitted", rules.Inconclusive, noComputer, noSystem, analyzer.Reason{
			Code: "account-assumed", Message: "No input names the account of the service.", Ask: "sc.exe qc ADSync",
		}),
	}
	return &analyzer.Result{
		Schema: analyzer.Schema,
		Tool:   analyzer.Tool{Name: "gpevtx", Version: "0.1.0", Rules: analyzer.Counts{Total: 55, Inconclusive: 2, Skipped: 53}},
		Hosts:  []analyzer.Host{h},
		Inputs: []analyzer.Input{{Path: "gpresult.htm", Kind: "gpresult-html", Status: "read", Size: 90112}},
	}
}

// severalHosts has one computer that fails, one that is in order and two that have
// nothing to do with it.
func severalHosts() *analyzer.Result {
	r := omitted()
	good := healthy().Hosts[0]
	good.Name = "SYNC02"
	good.Coverage = good.Coverage[1:]
	good.Verdicts = good.Verdicts[:2]
	second := systemLog()
	second.Channel, second.Source = "Security", "case-4711.zip!/DC01_Security.evtx"
	r.Hosts = append(r.Hosts, good,
		analyzer.Host{
			Name: "DC01", Domain: "contoso.com", Account: analyzer.Account{Name: adsync, Assumed: true},
			Service: analyzer.Service{State: facts.UnknownState}, Coverage: []analyzer.Coverage{second},
			Rights: []analyzer.Right{serviceRight(facts.Omitted)},
		},
		analyzer.Host{Name: "WEB07"},
	)
	return r
}

// manyFindings has more findings than the short form prints in full.
func manyFindings() *analyzer.Result {
	r := omitted()
	h := &r.Hosts[0]
	h.Findings = append(h.Findings, analyzer.Finding{
		Rule: "account-password-expired", Title: "The password of the ADSync account has expired",
		Severity: rules.Critical, Confidence: facts.Probable,
		Message: "The service could not log on because the password of its account has expired.",
		Remedy:  []string{"Reset the password in Active Directory and enter it in the service's properties."},
		First:   at("2026-11-19 11:00:00"), Count: 1,
		Evidence: []analyzer.Evidence{{
			Role: "logon failed", Source: "case-4711.zip!/System.evtx", Record: 48100, Time: at("2026-11-19 11:00:00"),
			Excerpt: `Service Control Manager 7038: param1=ADSync param2=CONTOSO\svc-sync param3=%%1330`,
		}},
	}, analyzer.Finding{
		Rule: "batch-right-omitted", Title: "A GPO takes the right to log on as a batch job from the ADSync account",
		Severity: rules.Warning, Confidence: facts.Probable,
		Message: `The GPO "Server Baseline" defines "Log on as a batch job" without NT SERVICE\ADSync.`,
		Remedy:  []string{`Add NT SERVICE\ADSync to "Log on as a batch job" in "Server Baseline".`, "`gpupdate /force`"},
	})
	h.Rights[2].Verdict, h.Rights[2].Defined = facts.Omitted, true
	h.Rights[2].Winner = analyzer.GPO{Name: baseline}
	for i := range 5 {
		h.Findings = append(h.Findings, analyzer.Finding{
			Rule: fmt.Sprintf("site-rule-%d", i+1), Title: fmt.Sprintf("A check of this site's own, number %d", i+1),
			Severity: rules.Info, Confidence: facts.Possible, Message: "Worth a look.",
		})
	}
	r.Tool.Rules.Failed, r.Tool.Rules.Errored = 8, 1
	h.Verdicts = append(h.Verdicts, verdict("site-rule-9", rules.Errored, analyzer.Reason{
		Code: "rule-error", Message: "site.yaml:12:9: no such field: param9",
	}))
	return r
}

// hostileText is a name that tries everything.
const hostileText = "\x1b[31mEvil\r\n\x07\u009b2J\u202egpj.exe\u2066\u200b\u200d\u061c\ufeff\x80\xff " +
	"\u2028a\u0301\u0301\u0301\u0301\u0301\u00a0z\U000e0041"

// hostile has hostileText wherever an input's text can be.
func hostile() *analyzer.Result {
	r := omitted()
	h := &r.Hosts[0]
	h.Name, h.Domain = hostileText, "evil\x1b.com"
	h.Account.Name, h.Service.Account = hostileText, hostileText+"2"
	h.History = []analyzer.Past{{From: at("2026-11-12 21:00:00"), To: at("2026-11-12 21:30:00"), What: hostileText, Evidence: h.Service.Evidence}}
	right := &h.Rights[0]
	right.Winner.Name = hostileText
	right.Principals = []analyzer.Principal{{Name: hostileText}, {SID: hostileText}, {Name: repeat("A", 5000)}, {Name: repeat("漢", 300)}}
	right.Unexpanded = right.Principals[:1]
	f := &h.Findings[0]
	f.Title, f.Message = hostileText, hostileText+" "+repeat("word ", 900)
	f.Remedy = []string{hostileText, "Run: Get-ADUser '" + hostileText + "'", hostileText + " `x\x1b[2J`."}
	f.Links = []string{"https://example.com/\x1b]8;;evil\x07"}
	f.Evidence[0].Section = []string{hostileText, repeat("long ", 100)}
	f.Evidence[0].Excerpt = hostileText + repeat("x", 999)
	f.Evidence[1].Role, f.Evidence[1].Source = hostileText, hostileText+".evtx"
	h.Verdicts[5].Reasons[0].Message, h.Verdicts[5].Reasons[0].Ask = hostileText, "Get-ADGroupMember '"+hostileText+"'"
	h.Coverage[0].Channel = hostileText
	r.Inputs[0].Path, r.Inputs[0].Detail = hostileText, "first\nsecond"
	r.Inputs[3].Status = hostileText
	return r
}

func repeat(s string, n int) string {
	out := make([]byte, 0, len(s)*n)
	for range n {
		out = append(out, s...)
	}
	return string(out)
}
