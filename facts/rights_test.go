package facts_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// TestCovering is the table of who stands for which kind of account: whether a list with
// that one principal grants the right, leaves the account out, or cannot be told.
func TestCovering(t *testing.T) {
	const (
		gmsa   = `CONTOSO\gmsa-sync$`
		user   = `CONTOSO\svc-adsync`
		local  = `.\AAD_0123456789ab`
		yes    = facts.Granted
		no     = facts.Omitted
		unsure = facts.Undetermined
	)
	for _, tt := range []struct {
		principal                   string
		virtual, gmsa, user, locals facts.Verdict
	}{
		{"S-1-5-80-0", yes, no, no, no},
		{`NT SERVICE\ALL SERVICES`, yes, no, no, no},
		{`NT SERVICE\ADSync`, yes, no, no, no},
		{`NT SERVICE\MSSQLSERVER`, no, no, no, no},
		{`IIS APPPOOL\DefaultAppPool`, no, no, no, no},
		{"Everyone", yes, yes, yes, yes},
		{"Authenticated Users", yes, yes, yes, yes},
		{`NT AUTHORITY\Authenticated Users`, yes, yes, yes, yes},
		{"Jeder", yes, yes, yes, yes},
		{"Users", yes, yes, yes, yes},
		{"SERVICE", unsure, unsure, unsure, unsure},
		{"NETWORK SERVICE", no, no, no, no},
		{"LOCAL SERVICE", no, no, no, no},
		{`NT AUTHORITY\SYSTEM`, no, no, no, no},
		{"S-1-5-113", no, no, no, yes},
		{`NT AUTHORITY\Local account and member of Administrators group`, no, no, no, unsure},
		{"Administrators", unsure, unsure, unsure, unsure},
		{`CONTOSO\Sync Services`, unsure, unsure, unsure, unsure},
		{`CONTOSO\Domain Users`, no, unsure, yes, no},
		{`CONTOSO\Domain Computers`, no, unsure, no, no},
		{`FABRIKAM\Domain Users`, no, unsure, unsure, no},
		{`CONTOSO\svc-backup`, unsure, unsure, unsure, unsure}, // may be a group for all we know
		{`CONTOSO\SRV02$`, no, no, no, no},
		{gmsa, no, yes, no, no},
		{`gmsa-sync$`, no, unsure, no, no},
		{user, unsure, unsure, yes, unsure},
		{"svc-adsync@contoso.com", unsure, unsure, yes, unsure},
		{"svc-adsync", unsure, unsure, unsure, unsure},
		{"S-1-5-21-1-2-3-1105", unsure, unsure, unsure, unsure},
		{"ADSync", unsure, unsure, unsure, unsure}, // Windows cannot resolve it
		{"ALL SERVICES", unsure, unsure, unsure, unsure},
		{`SYNC01\AAD_0123456789ab`, unsure, unsure, unsure, yes},
	} {
		for account, want := range map[string]facts.Verdict{virtual: tt.virtual, gmsa: tt.gmsa, user: tt.user, local: tt.locals} {
			in := &input{account: account}
			h := in.report(nil, serviceRight(tt.principal)).host(t)
			if got := h.Rights.Service.Verdict; got != want {
				t.Errorf("list of %s, account %s: %s, want %s", tt.principal, account, got, want)
			}
		}
	}
}

// TestKnownAccountsAreNoGroups: a name that ran a service is an account.
func TestKnownAccountsAreNoGroups(t *testing.T) {
	in := &input{account: virtual}
	in.log("System", nil).report(nil, serviceRight(`CONTOSO\svc-backup`, "NETWORK SERVICE"))
	in.scm(-900, 7045, "BackupAgent", `C:\agent.exe`, "user mode service", "auto start", `CONTOSO\svc-backup`)
	if h := in.host(t); h.Rights.Service.Verdict != facts.Omitted {
		t.Errorf("verdict %s, reasons %v: want omitted", h.Rights.Service.Verdict, h.Rights.Service.Reasons)
	}
}

func TestServiceRight(t *testing.T) {
	group := `CONTOSO\Sync Services`
	for _, tt := range []struct {
		name       string
		in         *input
		want       facts.Verdict
		confidence facts.Confidence
		reason     string
	}{
		{"no report", refused(virtual), facts.Undetermined, "", "no-computer-report"},
		{"not defined by a GPO", refused(virtual).report(nil), facts.Undefined, "", "not-defined-by-gpo"},
		{
			"not defined, but a row was not understood",
			refused(virtual).report(nil, gpreport.Assignment{Display: "Iniciar como quién sabe qué"}), facts.Undetermined, "", "report-not-understood",
		},
		{
			"not defined, but the report is cut off",
			refused(virtual).report(func(r *gpreport.Report) { r.Incomplete = true }), facts.Undetermined, "", "report-not-understood",
		},
		{"empty list", refused(virtual).report(nil, serviceRight()), facts.Omitted, facts.Certain, ""},
		{"refused: the listed group does not hold the account", refused(`CONTOSO\svc-adsync`).report(nil, serviceRight(group)), facts.Omitted, facts.Probable, ""},
		{"refused: a group of the domain cannot hold a virtual account", refused(virtual).report(nil, serviceRight(group)), facts.Omitted, facts.Certain, ""},
		{"refused: a bare SID may be that of a group of the computer", refused(virtual).report(nil, serviceRight("S-1-5-21-1-2-3-1105")), facts.Omitted, facts.Probable, ""},
		{"refused: a group of the computer could", refused(virtual).report(nil, serviceRight("Administrators")), facts.Omitted, facts.Probable, ""},
		{"refused: nobody in the list covers the account", refused(virtual).report(nil, serviceRight("NETWORK SERVICE")), facts.Omitted, facts.Certain, ""},
		{
			"refused, but a deny right may be why",
			refused(virtual).report(nil, serviceRight(group), right("SeDenyServiceLogonRight", "Guests")), facts.Omitted, facts.Probable, "",
		},
		{
			"refused, but a deny right may be why, and the list may hold the account",
			refused(virtual).report(nil, serviceRight("Administrators"), right("SeDenyServiceLogonRight", "Guests")), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"refused, but the list may have ALL SERVICES in another language",
			refused(virtual).report(nil, serviceRight(`NT-DIENST\ALLE DIENSTE`)), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"refused, then failed in another way: it could log on",
			refused(virtual).scm(60, 7024, "Microsoft Azure AD Sync", "%%2149781504").report(nil, serviceRight(group)), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"the report was made long after the end of the log",
			refused(`CONTOSO\svc-adsync`).report(func(r *gpreport.Report) { r.Collected, r.Computer.Refreshed = local(60*40), local(60*39) }, serviceRight(group)),
			facts.Undetermined, "", "group-not-expanded",
		},
		{
			"two reports differ, and their dates do not tell which is newer",
			new(input).with(virtual).
				report(func(r *gpreport.Report) { r.Collected = gpreport.LocalTime{Raw: "?"} }, serviceRight(virtual)).
				report(nil, serviceRight("NETWORK SERVICE")),
			facts.Undetermined, "", "reports-disagree",
		},
		{
			"XML is in UTC: the older of two reports, though its clock shows more",
			new(input).with(virtual).
				report(func(r *gpreport.Report) { r.Kind = gpreport.GPResultXML }, serviceRight(virtual)).
				report(func(r *gpreport.Report) { r.Offsets, r.Collected = []time.Duration{-8 * time.Hour}, local(60-8*60+30) }, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Probable, "",
		},
		{
			"policy changed after the report",
			refused(virtual).event(70, "System", "Microsoft-Windows-GroupPolicy", 1502).
				scm(80, 7041, "ADSync", virtual).report(nil, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Certain, "", // the refusal before the change was under it
		},
		{
			"policy changed after an old report, and the refusal came later",
			refused(virtual).event(-20, "System", "Microsoft-Windows-GroupPolicy", 1502).
				report(func(r *gpreport.Report) { r.Collected, r.Computer.Refreshed = local(-500), local(-530) }, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Possible, "",
		},
		{
			"an older report that differs does not count",
			new(input).with(virtual).
				report(func(r *gpreport.Report) { r.Collected = local(-6000) }, serviceRight(virtual)).
				report(nil, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Probable, "",
		},
		{"Windows' own accounts hold the right anyway", new(input).with("LocalSystem").report(nil, serviceRight(group)), facts.Granted, facts.Probable, ""},
		{"a managed account stated without its $", new(input).with(`CONTOSO\gmsa-sync`).report(nil, serviceRight(`CONTOSO\gmsa-sync$`)), facts.Undetermined, "", "group-not-expanded"},
		{
			"a domain controller whose account is not named",
			new(input).report(func(r *gpreport.Report) {
				r.Computer.Groups = []sid.Principal{{Name: `CONTOSO\Domain Controllers`}}
			}, serviceRight("NETWORK SERVICE")),
			facts.Undetermined, "", "account-unknown",
		},
		{"a group and no refusal", new(input).with(virtual).report(nil, serviceRight(group)), facts.Undetermined, "", "group-not-expanded"},
		{"known others and no refusal", new(input).with(virtual).report(nil, serviceRight("NETWORK SERVICE")), facts.Omitted, facts.Probable, ""},
		{
			"the security settings could not be applied", new(input).with(virtual).report(func(r *gpreport.Report) {
				r.Warnings, r.Computer.Incomplete = []gpreport.Warning{{Code: gpreport.ExtensionFailed}}, true
			}, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Possible, "",
		},
		{
			"the user's policy could not be applied", new(input).with(virtual).report(func(r *gpreport.Report) {
				r.Warnings = []gpreport.Warning{{Code: gpreport.ExtensionFailed}}
			}, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Probable, "",
		},
		{"the account is assumed", new(input).report(nil, serviceRight("NETWORK SERVICE")), facts.Omitted, facts.Possible, ""},
		{
			"another account was refused",
			refused(`CONTOSO\other$`).with(virtual).report(nil, serviceRight(group)), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"policy changed between refusal and report",
			refused(virtual).event(20, "System", "Microsoft-Windows-GroupPolicy", 1502).report(nil, serviceRight(group)),
			facts.Undetermined, "", "group-not-expanded",
		},
		{
			"policy changed before the refusal",
			refused(virtual).event(-20, "System", "Microsoft-Windows-GroupPolicy", 1502).report(nil, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Certain, "",
		},
		{
			"recovered since",
			refused(virtual).service(30, "4").report(nil, serviceRight(group)), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"started after the policy was applied, though nobody in the list covers the account",
			refused(virtual).service(30, "4").report(nil, serviceRight("NETWORK SERVICE")), facts.Undetermined, "", "started-since",
		},
		{
			"started before the policy changed: the next start will fail",
			new(input).with(virtual).log("System", nil).service(-600, "4").event(-40, "System", "Microsoft-Windows-GroupPolicy", 1502).report(nil, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Probable, "",
		},
		{
			"started under the same policy: the list is not the whole truth",
			new(input).with(virtual).log("System", nil).service(-600, "4").report(nil, serviceRight("NETWORK SERVICE")),
			facts.Undetermined, "", "started-since",
		},
		{
			"the report gives the right, Windows refused",
			refused(virtual).report(nil, serviceRight(virtual)), facts.Undetermined, "", "evidence-contradicts",
		},
		{
			"unknown time zone: not certain",
			refused(virtual).report(func(r *gpreport.Report) { r.Offsets = nil }, serviceRight("NETWORK SERVICE")), facts.Omitted, facts.Probable, "",
		},
		{
			"unknown time zone: a group is not ruled out",
			refused(`CONTOSO\svc-adsync`).report(func(r *gpreport.Report) { r.Offsets = nil }, serviceRight(group)), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"unknown time zone: a group of the computer is not ruled out",
			refused(virtual).report(func(r *gpreport.Report) { r.Offsets = nil }, serviceRight("Administrators")), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"unknown time zone: a bare SID is not ruled out",
			refused(virtual).report(func(r *gpreport.Report) { r.Offsets = nil }, serviceRight("S-1-5-21-1-2-3-1105")), facts.Undetermined, "", "group-not-expanded",
		},
		{
			"unknown time zone: a group of the domain cannot hold a virtual account",
			refused(virtual).report(func(r *gpreport.Report) { r.Offsets = nil }, serviceRight(group)), facts.Omitted, facts.Probable, "",
		},
		{
			"a report older than the refusal, and a change between",
			refused(virtual).event(-20, "System", "Microsoft-Windows-GroupPolicy", 1502).
				report(func(r *gpreport.Report) { r.Collected, r.Computer.Refreshed = local(-60), local(-90) }, serviceRight(group)),
			facts.Undetermined, "", "group-not-expanded",
		},
		{
			"a report older than the refusal, and no change",
			refused(virtual).
				report(func(r *gpreport.Report) { r.Collected, r.Computer.Refreshed = local(-60), local(-90) }, serviceRight("NETWORK SERVICE")),
			facts.Omitted, facts.Certain, "",
		},
		{
			"a report from weeks before the log",
			refused(virtual).report(func(r *gpreport.Report) { r.Collected, r.Computer.Refreshed = local(-60*24*20), local(-60*24*20) }, serviceRight(group)),
			facts.Undetermined, "", "group-not-expanded",
		},
		{
			"a time that was not understood",
			refused(virtual).report(func(r *gpreport.Report) {
				r.Collected, r.Computer.Refreshed = gpreport.LocalTime{Raw: "?"}, gpreport.LocalTime{}
			}, serviceRight(group)),
			facts.Undetermined, "", "group-not-expanded",
		},
		{
			"a modelling report is no result",
			refused(virtual).report(func(r *gpreport.Report) { r.Results = gpreport.Modelled }, serviceRight()), facts.Undetermined, "", "no-computer-report",
		},
		{
			"a report of the user only",
			refused(virtual).report(func(r *gpreport.Report) { r.Computer, r.User = nil, &gpreport.Scope{} }), facts.Undetermined, "", "no-computer-report",
		},
		{
			"denied, but started since",
			new(input).with(virtual).log("System", nil).service(-10, "4").report(nil, right("SeDenyServiceLogonRight", "Everyone")), facts.Undefined, "", "not-defined-by-gpo",
		},
		{
			"denied",
			refused(virtual).report(nil, serviceRight(virtual), right("SeDenyServiceLogonRight", "Everyone")), facts.Denied, facts.Certain, "",
		},
		{
			"a deny right for local accounts does not hit a virtual one",
			new(input).with(virtual).report(nil, serviceRight(virtual), right("SeDenyServiceLogonRight", "S-1-5-113")), facts.Granted, facts.Probable, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.in.host(t).Rights.Service
			if r.Verdict != tt.want || r.Confidence != tt.confidence && tt.want != facts.Undetermined {
				t.Errorf("got %s (%s), want %s (%s); reasons %v", r.Verdict, r.Confidence, tt.want, tt.confidence, r.Reasons)
			}
			if tt.reason != "" && !slices.ContainsFunc(r.Reasons, func(x facts.Reason) bool { return x.Code == tt.reason }) {
				t.Errorf("reasons %v, want one with code %s", r.Reasons, tt.reason)
			}
			if tt.reason == "" && len(r.Reasons) > 0 {
				t.Errorf("unexpected reasons %v", r.Reasons)
			}
		})
	}
}

func (in *input) with(account string) *input {
	in.account = account
	return in
}

// TestRefusalNeedsTheLog: nothing follows from a change that is not seen in a log with a hole.
func TestRefusalNeedsTheLog(t *testing.T) {
	in := refused(virtual).report(nil, serviceRight(`CONTOSO\Sync Services`))
	in.logs[0].Gaps = []evtx.Gap{{After: 10, Before: 20, From: t0.Add(10 * time.Minute), To: t0.Add(20 * time.Minute)}}
	in.logs[0].GapCount = 1
	if r := in.host(t).Rights.Service; r.Confidence == facts.Certain {
		t.Errorf("%s is %s although records are missing after the refusal", r.Verdict, r.Confidence)
	}
}

func TestAskQuotesNames(t *testing.T) {
	for name, want := range map[string]string{
		`CONTOSO\Sync Services`:  `Get-ADGroupMember -Recursive 'Sync Services'`,
		`CONTOSO\O'Hara`:         `Get-ADGroupMember -Recursive 'O''Hara'`,
		`FABRIKAM\Sync`:          `Get-ADGroupMember -Recursive -Server 'FABRIKAM' 'Sync'`,
		`SYNC01\ADSyncAdmins`:    `net localgroup "ADSyncAdmins"`,
		"Administrators":         `net localgroup "Administrators"`,
		`NT-DIENST\ALLE DIENSTE`: "",
		// Names that could act in a command line are not put into one.
		`CONTOSO\O'Hara; calc`:          "",
		"CONTOSO\\a\u2019b":             "",
		`BUILTIN\$(Start-Process calc)`: "",
		`BUILTIN\%COMSPEC% & calc`:      "",
		"SYNC01\\a\u201d /add \u201cb":  "",
		// Those that begin as a switch does would be taken for one.
		`/domain`:               "",
		`SYNC01\/add`:           "",
		`SYNC01\ /add`:          "",
		`CONTOSO\-Server x`:     "",
		"CONTOSO\\\u2013Server": "",
		`-Server\x`:             "",
		`CONTOSO\a-b/c`:         `Get-ADGroupMember -Recursive 'a-b/c'`,
		// What cannot be seen hides what a command does.
		"CONTOSO\\a\u0085b": "",
		"CONTOSO\\a\u202eb": "",
		"CONTOSO\\a\u2028b": "",
		"FABRI\u200bKAM\\a": "",
		"CONTOSO\\Größe 東京": `Get-ADGroupMember -Recursive 'Größe 東京'`,
	} {
		in := &input{account: virtual}
		r := in.report(nil, serviceRight(name)).host(t).Rights.Service
		if len(r.Reasons) != 1 || r.Reasons[0].Ask != want {
			t.Errorf("%s: %+v, want the command %s", name, r.Reasons, want)
		}
	}
}
