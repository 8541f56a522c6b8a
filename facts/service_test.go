package facts_test

import (
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
)

func TestServiceState(t *testing.T) {
	at := func(minutes float64) time.Time { return t0.Add(time.Duration(minutes * float64(time.Minute))) }
	for _, tt := range []struct {
		name  string
		in    *input
		state facts.ServiceState
		since time.Time
	}{
		{"nothing is known", new(input).log("System", nil), facts.UnknownState, time.Time{}},
		{"running", new(input).service(-10, "4"), facts.Running, at(-10)},
		{"running since the first of two reports", new(input).service(-10, "4").event(-9, "Application", "ADSync", 2001), facts.Running, at(-10)},
		{"failing since the first failure after the last start", refused(virtual).scm(30, 7041, "ADSync", virtual), facts.Failing, at(0)},
		{"recovered", refused(virtual).service(30, "4"), facts.Running, at(30)},
		{"recovered by its own word", refused(virtual).event(30, "Application", "ADSync", 2001), facts.Running, at(30)},
		{"stopped by hand", new(input).service(-10, "4").service(0, "1"), facts.Stopped, at(0)},
		{"stopped because it failed", new(input).service(-10, "4").scm(0, 7024, "Microsoft Azure AD Sync", "%%2149781504").service(0.1, "1"), facts.Failing, at(0)},
		{"disabled", new(input).service(-10, "4").service(-5, "1").scm(0, 7040, "Microsoft Azure AD Sync", "auto start", "disabled", "ADSync"), facts.Disabled, at(0)},
		{"enabled again", new(input).scm(0, 7040, "Microsoft Azure AD Sync", "auto start", "disabled", "ADSync").scm(5, 7040, "Microsoft Azure AD Sync", "disabled", "auto start", "ADSync").service(6, "4"), facts.Running, at(6)},
		{"a boot since, and no word", new(input).service(-10, "4").event(0, "System", "EventLog", 6005), facts.UnknownState, time.Time{}},
		{"a boot before", new(input).event(-20, "System", "EventLog", 6005).service(-10, "4"), facts.Running, at(-10)},
		{"failed, then a boot and no word", refused(virtual).event(30, "System", "EventLog", 6005), facts.UnknownState, time.Time{}},
		{"disabled, then a boot", new(input).service(-10, "4").scm(0, 7040, "Microsoft Azure AD Sync", "auto start", "disabled", "ADSync").event(5, "System", "EventLog", 6005), facts.Disabled, at(0)},
		{"another service fails", new(input).service(-10, "4").scm(0, 7041, "MSSQLSERVER", `NT SERVICE\MSSQLSERVER`), facts.Running, at(-10)},
		{"the same id of another provider", new(input).service(-10, "4").event(0, "Microsoft-Windows-GroupPolicy/Operational", "Microsoft-Windows-GroupPolicy", 7000, fields("ADSync")...), facts.Running, at(-10)},
		{"the key name decides over a display name", new(input).service(-10, "4").event(0, "System", "Service Control Manager", 7000, append(fields("Microsoft Azure AD Sync", "%%1069"), facts.Field{Name: "Binary", Value: binary("Other")})...), facts.Running, at(-10)},
		{"the new display name", new(input).scm(0, 7000, "Microsoft Entra ID Sync", "%%1069"), facts.Failing, at(0)},
		{"a timeout names the service second", new(input).scm(0, 7009, "30000", "Microsoft Azure AD Sync"), facts.Failing, at(0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.in.host(t).Service
			if s.State != tt.state || !s.Since.Equal(tt.since) {
				t.Errorf("got %s since %s, want %s since %s", s.State, s.Since, tt.state, tt.since)
			}
			if s.State != facts.UnknownState && len(s.Evidence) == 0 {
				t.Error("the state has no evidence")
			}
			if s.State == facts.UnknownState && len(s.Reasons) == 0 {
				t.Error("the unknown state has no reason")
			}
		})
	}
}

func TestLogons(t *testing.T) {
	in := refused(virtual)
	in.event(30, "Security", "Microsoft-Windows-Security-Auditing", 4624,
		facts.Field{Name: "TargetUserSid", Value: "S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451"},
		facts.Field{Name: "LogonType", Value: "5"})
	s := in.host(t).Service
	if !s.LoggedOnAfter(t0) || s.StartedAfter(t0) {
		t.Errorf("logged on %v, started %v: want a logon and no start", s.LoggedOnAfter(t0), s.StartedAfter(t0))
	}
}

// renamed adds logs that show the computer to have had another name before.
func (in *input) renamed(old string) *input {
	in.log("Setup", func(s *evtx.Stream) { s.Computer, s.LastID, s.Last = old, 99, t0.Add(-20*time.Hour) })
	return in.log("Setup", func(s *evtx.Stream) { s.FirstID, s.First = 100, t0.Add(-20*time.Hour) })
}

// TestLogonsInAnySpelling: the Security log spells accounts in its own way.
func TestLogonsInAnySpelling(t *testing.T) {
	for account, domain := range map[string]string{`.\AAD_0123456789ab`: "SYNC01", `CONTOSO\AAD_0123456789ab`: "contoso"} {
		in := refused(account)
		in.event(30, "Security", "Microsoft-Windows-Security-Auditing", 4624,
			facts.Field{Name: "TargetUserName", Value: "AAD_0123456789AB"}, facts.Field{Name: "TargetDomainName", Value: domain},
			facts.Field{Name: "TargetUserSid", Value: "S-1-5-21-1-2-3-1001"}, facts.Field{Name: "LogonType", Value: "5"})
		if s := in.host(t).Service; !s.LoggedOnAfter(t0) {
			t.Errorf("%s: the logon as %s\\AAD_0123456789AB was not taken for it", account, domain)
		}
	}
}

// TestFailuresThatShowALogon: a process that crashes had logged on.
func TestFailuresThatShowALogon(t *testing.T) {
	for _, tt := range []struct {
		id     int
		params []string
		want   bool
	}{
		{7034, []string{"Microsoft Azure AD Sync", "1"}, true},
		{7024, []string{"Microsoft Azure AD Sync", "%%2149781504"}, true},
		{7009, []string{"30000", "Microsoft Azure AD Sync"}, true},
		{7000, []string{"Microsoft Azure AD Sync", "%%1053"}, true},
		{7000, []string{"Microsoft Azure AD Sync", "%%1069"}, false},
		{7001, []string{"Microsoft Azure AD Sync", "RPC", "%%1068"}, false},
		{7038, []string{"ADSync", virtual, "%%1331"}, false},
	} {
		if got := refused(virtual).scm(60, tt.id, tt.params...).host(t).Service.LoggedOnAfter(t0); got != tt.want {
			t.Errorf("%d %v after a refusal: logged on %v, want %v", tt.id, tt.params, got, tt.want)
		}
	}
}

func TestAccount(t *testing.T) {
	for _, tt := range []struct {
		name       string
		in         *input
		want       string
		kind       facts.AccountKind
		confidence facts.Confidence
		assumed    bool
	}{
		{"the default", new(input).log("System", nil), virtual, facts.Virtual, facts.Possible, true},
		{"stated by the user", new(input).with(`CONTOSO\svc`).log("System", nil), `CONTOSO\svc`, facts.DomainUser, facts.Certain, false},
		{"virtual, named in an event", refused(virtual), virtual, facts.Virtual, facts.Certain, false},
		{"a managed account whose kind is a guess", refused(`CONTOSO\gmsa-sync$`), `CONTOSO\gmsa-sync$`, facts.GroupManaged, facts.Possible, false},
		{"made by setup on a domain controller", refused(`CONTOSO\ADSyncMSA_4f1a2$`), `CONTOSO\ADSyncMSA_4f1a2$`, facts.Standalone, facts.Probable, false},
		{"local", refused(`.\AAD_0123456789ab`), `.\AAD_0123456789ab`, facts.LocalUser, facts.Probable, false},
		{"local by the computer's name", refused(`sync01\AAD_0123456789ab`), `sync01\AAD_0123456789ab`, facts.LocalUser, facts.Probable, false},
		{"two sources agree", refused(`CONTOSO\svc`).scm(-2000, 7045, "Microsoft Azure AD Sync", "miiserver.exe", "user mode service", "auto start", `contoso\SVC`), `CONTOSO\svc`, facts.DomainUser, facts.Certain, false},
		{"the newest event wins", refused(virtual).scm(60, 7038, "ADSync", `CONTOSO\svc`, "%%1326"), `CONTOSO\svc`, facts.DomainUser, facts.Probable, false},
		{"installed again after the refusal", refused(`CONTOSO\old`).scm(60, 7045, "ADSync", "miiserver.exe", "user mode service", "auto start", virtual), virtual, facts.Virtual, facts.Probable, false},
		{"local under the computer's former name", refused(`WIN-4F0A\AAD_0123456789ab`).renamed("WIN-4F0A"), `WIN-4F0A\AAD_0123456789ab`, facts.LocalUser, facts.Probable, false},
		{"from its installation", new(input).scm(-2000, 7045, "ADSync", "miiserver.exe", "user mode service", "auto start", virtual), virtual, facts.Virtual, facts.Probable, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.in.host(t).Account
			if a.Name != tt.want || a.Kind != tt.kind || a.Confidence != tt.confidence || a.Assumed != tt.assumed {
				t.Errorf("got %s, %s, %s, assumed %v", a.Name, a.Kind, a.Confidence, a.Assumed)
			}
		})
	}
}
