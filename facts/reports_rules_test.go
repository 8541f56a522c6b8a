package facts_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

const (
	refusedBy = "0xc000015b"
)

// logon adds a service logon of the Security log: 4624, or 4625 with a status.
func (in *input) logon(minutes float64, id int, account, sid, status string) *input {
	domain, user, _ := strings.Cut(account, `\`)
	return in.event(minutes, "Security", "Microsoft-Windows-Security-Auditing", id,
		facts.Field{Name: "TargetUserSid", Value: sid}, facts.Field{Name: "TargetUserName", Value: user},
		facts.Field{Name: "TargetDomainName", Value: domain}, facts.Field{Name: "LogonType", Value: "5"},
		facts.Field{Name: "Status", Value: status}, facts.Field{Name: "SubStatus", Value: "0x0"})
}

func (in *input) denied(minutes float64, account string) *input {
	return in.logon(minutes, 4625, account, "S-1-0-0", refusedBy)
}

// changed adds an application of computer policy with changes.
func (in *input) changed(minutes float64) *input {
	return in.event(minutes, "System", "Microsoft-Windows-GroupPolicy", 1502)
}

// other adds a refusal of another service.
func (in *input) other(minutes float64, key string) *input {
	return in.scm(minutes, 7041, key, `NT SERVICE\`+key)
}

func (in *input) boot(minutes float64) *input { return in.event(minutes, "System", "EventLog", 6005) }

func (in *input) stated(account string) *input {
	in.account = account
	return in
}

// work adds an event of the source that the service at work logs under.
func (in *input) work(minutes float64, id int) *input {
	return in.event(minutes, "Application", "Directory Synchronization", id, facts.Field{Value: "text"})
}

func TestRefusals(t *testing.T) {
	const user = `CONTOSO\svc-sync`
	secure := func() *input { return new(input).log("Security", nil) }
	for _, tt := range []struct {
		name  string
		in    *input
		ids   []int
		state facts.ServiceState
	}{
		{"the System log", refused(virtual), []int{7041}, facts.Failing},
		{"both logs have one failure", refused(virtual).denied(-0.01, virtual), []int{7041}, facts.Failing},
		{"each log has one", refused(virtual).denied(30, virtual), []int{7041, 4625}, facts.Failing},
		{"the Security log alone", secure().denied(0, virtual), []int{4625}, facts.Failing},
		{"logged on since", secure().denied(0, virtual).logon(5, 4624, virtual, virtualSID, ""), nil, facts.UnknownState},
		{"logged on before", secure().logon(-5, 4624, virtual, virtualSID, "").denied(0, virtual), []int{4625}, facts.Failing},
		{"started since", refused(virtual).denied(0, virtual).service(10, "4"), nil, facts.Running},
		{"another status", secure().logon(0, 4625, virtual, "S-1-0-0", "0xc0000234"), nil, facts.UnknownState},
		{"a user's account does not tell of the service", secure().denied(0, user).stated(user), []int{4625}, facts.UnknownState},
		{"another account", secure().denied(0, `CONTOSO\svc-sql`).stated(user), nil, facts.UnknownState},
		{"another service with the same account", new(input).log("System", nil).service(-10, "4").denied(0, user).stated(user), nil, facts.Running},
		{
			"the same account, and ADSync failed at that time", new(input).log("System", nil).service(-10, "4").denied(0, user).
				scm(0.01, 7000, "Microsoft Azure AD Sync", "%%1069").stated(user),
			[]int{4625},
			facts.Failing,
		},
		{
			"the same account, and the System log does not have that time", new(input).log("System", func(s *evtx.Stream) { s.First = t0.Add(time.Hour) }).
				denied(0, user).stated(user),
			[]int{4625},
			facts.UnknownState,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.in.host(t).Service
			var ids []int
			for _, e := range s.Refusals {
				ids = append(ids, e.ID)
			}
			if !slices.Equal(ids, tt.ids) || s.State != tt.state {
				t.Errorf("got refusals %v and state %s, want %v and %s", ids, s.State, tt.ids, tt.state)
			}
		})
	}
}

// TestAccountOfFailedLogon: a failed logon of the virtual account names it without a SID.
func TestAccountOfFailedLogon(t *testing.T) {
	a := new(input).log("Security", nil).denied(0, virtual).host(t).Account
	if a.Name != virtual || a.Assumed || a.Confidence != facts.Probable {
		t.Errorf("%+v", a)
	}
	if a := new(input).log("Security", nil).denied(0, `CONTOSO\ADSync`).host(t).Account; !a.Assumed {
		t.Errorf("a user of the domain with the name of the service: %+v", a)
	}
}

func TestOtherAccount(t *testing.T) {
	for stated, want := range map[string]string{
		"": "", virtual: "", `nt service\adsync`: "", `CONTOSO\svc-sync`: virtual, "svc-sync": virtual,
	} {
		s := refused(virtual).stated(stated).host(t).Service
		if s.OtherAccount != want {
			t.Errorf("stated %q: got %q, want %q", stated, s.OtherAccount, want)
		}
	}
}

func TestAlsoRefused(t *testing.T) {
	many := refused(virtual)
	for i := range 30 {
		many.other(float64(i)/100, "Svc"+string(rune('A'+i)))
	}
	for _, tt := range []struct {
		name    string
		in      *input
		want    string
		reasons bool
	}{
		{"none", refused(virtual), "", false},
		{"before and after", refused(virtual).other(-1, "MSSQLSERVER").other(1, "AppHost"), "MSSQLSERVER AppHost", false},
		{"one service several times, whatever the case", refused(virtual).other(1, "apphost").other(2, "AppHost"), "AppHost", false},
		{"a start of the computer between", refused(virtual).other(-20, "MSSQLSERVER").boot(-10), "", false},
		{"after the next start of the computer", refused(virtual).boot(10).other(12, "MSSQLSERVER"), "", false},
		{"an account of a domain", refused(virtual).scm(1, 7041, "MSSQLSERVER", `CONTOSO\svc-sql`), "", false},
		{"another trouble", refused(virtual).scm(1, 7038, "MSSQLSERVER", `NT SERVICE\MSSQLSERVER`, "%%1326"), "", false},
		{"by the older event", refused(virtual).scm(1, 7038, "MSSQLSERVER", `NT SERVICE\MSSQLSERVER`, "%%1385"), "MSSQLSERVER", false},
		{"another computer", refused(virtual).eventOn("SQL01.contoso.com", 1, 7041, "MSSQLSERVER", `NT SERVICE\MSSQLSERVER`), "", false},
		{
			"a hole in the log between", new(input).log("System", func(s *evtx.Stream) {
				s.Gaps, s.GapCount = []evtx.Gap{{After: 5, Before: 9, From: t0.Add(-8 * time.Minute), To: t0.Add(-7 * time.Minute)}}, 1
			}).other(-10, "MSSQLSERVER").scm(0, 7041, "ADSync", virtual),
			"", false,
		},
		{"ADSync runs, and was not refused", new(input).log("System", nil).other(-5, "MSSQLSERVER").service(0, "4"), "", false},
		{"ADSync is not heard of since", new(input).log("System", nil).service(-10, "4").other(0, "MSSQLSERVER"), "MSSQLSERVER", true},
		{"and the computer was started since", new(input).log("System", nil).service(-10, "4").other(0, "MSSQLSERVER").boot(5), "", false},
		{"bounded", many, "SvcA SvcB SvcC SvcD SvcE SvcF SvcG SvcH SvcI SvcJ SvcK SvcL SvcM SvcN SvcO SvcP SvcQ SvcR SvcS SvcT", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			also := tt.in.host(t).Service.AlsoRefused
			var got []string
			for _, e := range also.Events {
				got = append(got, e.Param(1))
			}
			if strings.Join(got, " ") != tt.want || len(also.Reasons) > 0 != tt.reasons {
				t.Errorf("got %v with reasons %v, want %q", got, also.Reasons, tt.want)
			}
		})
	}
}

// TestStrangersSayNothing: what other services do is no history of ADSync.
func TestStrangersSayNothing(t *testing.T) {
	h := new(input).log("System", nil).service(-10, "4").other(0, "MSSQLSERVER").host(t)
	if h.Service.State != facts.Running || len(h.Service.Failures) > 0 || len(h.Timeline) != 1 {
		t.Errorf("state %s, failures %v, timeline %v", h.Service.State, h.Service.Failures, h.Timeline)
	}
}

func TestSignsOfLife(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      *input
		state   facts.ServiceState
		started bool // at t0 or later
	}{
		{"after a refusal", refused(virtual).work(60, 904), facts.Running, true},
		{"a heartbeat", refused(virtual).work(60, 654), facts.Running, true},
		{"another event of the source", refused(virtual).work(60, 0), facts.Failing, false},
		{"the id of another provider", refused(virtual).event(60, "Application", "ADSync Agent", 904), facts.Failing, false},
		{"just after the failure", refused(virtual).work(1, 904), facts.Failing, false},
		{"then refused again", refused(virtual).work(60, 904).scm(70, 7041, "ADSync", virtual), facts.Failing, true},
		{"after it was stopped", new(input).log("System", nil).service(-10, "4").service(0, "1").work(60, 904), facts.Running, true},
		{"while it went down", new(input).log("System", nil).service(-10, "4").service(0, "1").work(0.1, 904), facts.Stopped, false},
		{"since the computer started", new(input).log("System", nil).service(-10, "4").boot(0).work(30, 904), facts.Running, true},
		{"nothing else is known: it runs, since nobody knows when", new(input).log("Application", nil).work(60, 904), facts.Running, false},
		{"it runs anyway", new(input).log("System", nil).service(-10, "4").work(30, 904), facts.Running, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.in.host(t).Service
			if s.State != tt.state || s.StartedAfter(t0) != tt.started {
				t.Errorf("got %s, started %v, want %s, %v", s.State, s.StartedAfter(t0), tt.state, tt.started)
			}
		})
	}
}

// TestSignOfLifeIsNoLogon: a service at work was started before the policy took its right,
// for all that is known.
func TestSignOfLifeIsNoLogon(t *testing.T) {
	in := new(input).log("System", nil).log("Application", nil).work(10, 904).report(nil, serviceRight("NETWORK SERVICE"))
	in.account = virtual
	if r := in.host(t).Rights.Service; r.Verdict != facts.Omitted {
		t.Errorf("got %s: %v", r.Verdict, r.Reasons)
	}
}

func TestForeign(t *testing.T) {
	of := func(name string) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Host, r.Computer.Name = name, `CONTOSO\`+name }
	}
	for _, tt := range []struct {
		name string
		in   *input
		want string // the foreign hosts; "!" before them when that is not sure, "?" alone for a reason without hosts
	}{
		{"its own report", refused(virtual).report(nil), ""},
		{"no report", refused(virtual), ""},
		{"of another computer", refused(virtual).report(of("SQL01")), "SQL01"},
		{"of two others", refused(virtual).report(of("SQL01")).report(of("DC01")), "DC01 SQL01"},
		{"its own, and one of another computer", refused(virtual).report(nil).report(of("SQL01")), ""},
		{"of a user on another computer", refused(virtual).report(func(r *gpreport.Report) { r.Host, r.Computer = "SQL01", nil }), ""},
		{"a simulation", refused(virtual).report(func(r *gpreport.Report) { of("SQL01")(r); r.Results = gpreport.Modelled }), ""},
		{"made before the log begins", refused(virtual).report(func(r *gpreport.Report) { of("SQL01")(r); r.Collected = local(-3000) }), "!SQL01"},
		{"made after the log ends", refused(virtual).report(func(r *gpreport.Report) { of("SQL01")(r); r.Collected = local(3000) }), "!SQL01"},
		{"made at a time that is not understood", refused(virtual).report(func(r *gpreport.Report) { of("SQL01")(r); r.Collected = gpreport.LocalTime{} }), "!SQL01"},
		{
			"a zone that is not known, and a log of two days", refused(virtual).report(func(r *gpreport.Report) { of("SQL01")(r); r.Offsets = nil }), "SQL01",
		},
		{
			"a zone that is not known, near the end of the log",
			refused(virtual).report(func(r *gpreport.Report) { of("SQL01")(r); r.Offsets, r.Collected = nil, local(23*60) }), "!SQL01",
		},
		{
			"the same name in another domain", refused(virtual).report(func(r *gpreport.Report) {
				r.Domain, r.Computer.Name, r.Computer.Domain = "LAB", `LAB\SYNC01`, "lab.local"
			}), "!SYNC01",
		},
		{
			"a name cut to 15 characters that fits two computers",
			new(input).eventOn("CONTOSO-SYNC-SERVER01.contoso.com", 0, 7041, "ADSync", virtual).
				eventOn("CONTOSO-SYNC-SERVER02.contoso.com", 0, 7041, "ADSync", virtual).report(of("CONTOSO-SYNC-SE")), "!CONTOSO-SYNC-SE",
		},
		{
			"of the other server with ADSync",
			refused(virtual).eventOn("SYNC02.contoso.com", 0, 7036, "Microsoft Azure AD Sync", "running").report(of("SYNC02")), "!SYNC02",
		},
		{
			"of a computer that has logs too", refused(virtual).log("System", func(s *evtx.Stream) { s.Computer = "SQL01.contoso.com" }).report(of("SQL01")), "!SQL01",
		},
		{"logs of a computer that does not show ADSync either", new(input).log("System", nil).report(of("SQL01")), "?"},
		{"no logs", new(input).report(of("SQL01")), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f facts.Foreign
			for _, h := range tt.in.hosts() {
				if len(h.Reports.Foreign.Hosts)+len(h.Reports.Foreign.Reasons) > 0 {
					f = h.Reports.Foreign
				}
			}
			got := strings.Join(f.Hosts, " ")
			switch {
			case len(f.Hosts) == 0 && len(f.Reasons) > 0:
				got = "?"
			case len(f.Hosts) > 0 && !f.Sure:
				got = "!" + got
			}
			if got != tt.want || f.Sure && (len(f.Reasons) > 0 || len(f.Evidence) == 0) {
				t.Errorf("got %q, want %q: %+v", got, tt.want, f)
			}
		})
	}
}

func TestPolicyAge(t *testing.T) {
	noZone := func(minutes int) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Offsets, r.Collected = nil, local(minutes) }
	}
	made := func(minutes int) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Collected, r.Computer.Refreshed = local(minutes), local(minutes-30) }
	}
	granted, omitted := serviceRight(virtual), serviceRight("NETWORK SERVICE")
	for _, tt := range []struct {
		name string
		in   *input
		want string
	}{
		{"no report", refused(virtual), ""},
		{"nothing rests on it", new(input).log("System", nil).service(-10, "4").report(nil, granted), ""},
		{"made after the refusal", refused(virtual).report(nil, granted), "current"},
		{"made before it", refused(virtual).report(made(-60), granted), "current"},
		{"made before it, policy changed before the report", refused(virtual).changed(-90).report(made(-60), granted), "current"},
		{"made before it, policy changed between", refused(virtual).changed(-30).report(made(-60), granted), "later"},
		{"made before it, policy changed after the refusal", refused(virtual).changed(30).report(made(-60), granted), "current"},
		{"made after it, policy changed between", refused(virtual).changed(30).report(nil, granted), "between"},
		{"made after it, policy changed between, and the cause still stands", refused(virtual).changed(30).report(nil, omitted), "current"},
		{"made after it, policy changed since", refused(virtual).changed(90).report(nil, granted), "current"},
		{"not refused, and the list leaves the account out", new(input).log("System", nil).report(nil, omitted).stated(virtual), "current"},
		{"not refused, and policy changed since", new(input).log("System", nil).changed(90).report(nil, omitted).stated(virtual), "later"},
		{"not refused, and no log", new(input).report(nil, omitted).stated(virtual), "policy-may-have-changed"},
		{"not refused, and made long before the log", new(input).log("System", nil).report(made(-3000), omitted).stated(virtual), "policy-may-have-changed"},
		{"made long before the log", refused(virtual).report(made(-9000), granted), "policy-may-have-changed"},
		{"the zone is not known", refused(virtual).report(noZone(60), granted), "time-zone-unknown"},
		{"the zone is not known, and policy changed", refused(virtual).changed(30).report(noZone(60), granted), "time-zone-unknown"},
		{"the time is not understood", refused(virtual).report(func(r *gpreport.Report) { r.Collected = gpreport.LocalTime{} }, granted), "report-time-unknown"},
		{"two reports, neither of which says when", refused(virtual).report(noZone(60), granted).report(func(r *gpreport.Report) { r.Source, r.Collected = "b.htm", gpreport.LocalTime{} }, granted), "reports-disagree"},
		{"policy not applied for a day", refused(virtual).report(func(r *gpreport.Report) { r.Computer.Refreshed = local(60 - 25*60) }, granted), "current idle"},
		{"policy not applied for four and a half hours", refused(virtual).report(func(r *gpreport.Report) { r.Computer.Refreshed = local(60 - 270) }, granted), "current"},
		{"a day or a year, depending on how dates are read", refused(virtual).report(func(r *gpreport.Report) {
			r.Computer.Refreshed.Candidates = []time.Time{t0.AddDate(-1, 0, 0), t0}
		}, granted), "current"},
		{"a computer in no domain", refused(virtual).report(func(r *gpreport.Report) {
			r.Computer.Refreshed, r.Domain, r.Computer.Domain, r.Computer.Name = local(60-25*60), "", "", "SYNC01"
		}, granted), "current"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.in.host(t).Reports.Age
			var got []string
			add := func(is bool, word string) {
				if is {
					got = append(got, word)
				}
			}
			add(a.Current, "current")
			add(len(a.Later) > 0, "later")
			add(len(a.Between) > 0, "between")
			add(a.Idle > 0 && a.Matters, "idle")
			for _, r := range a.Reasons {
				got = append(got, r.Code)
			}
			if strings.Join(got, " ") != tt.want || a.Matters != (tt.want != "") {
				t.Errorf("got %v, want %q: %+v", got, tt.want, a)
			}
		})
	}
}

func TestContradicted(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   *input
		want int
		code string
	}{
		{"under the policy of the report", refused(virtual).report(nil, serviceRight(virtual)), 1, "evidence-contradicts"},
		{"policy changed since", refused(virtual).changed(30).report(nil, serviceRight(virtual)), 0, ""},
		{"policy changed after the report, before the refusal", refused(virtual).changed(-30).report(func(r *gpreport.Report) {
			r.Collected, r.Computer.Refreshed = local(-60), local(-90)
		}, serviceRight(virtual)), 0, "policy-changed-since"},
		{"started since", refused(virtual).service(10, "4").report(nil, serviceRight(virtual)), 0, ""},
		{"the log does not reach to the report", new(input).log("System", func(s *evtx.Stream) { s.Last = t0.Add(-time.Hour) }).scm(0, 7041, "ADSync", virtual).
			report(func(r *gpreport.Report) { r.Collected = local(90) }, serviceRight(virtual)), 0, "evidence-contradicts"},
		{"an account that may be another", refused(`svc-sync`).stated(`CONTOSO\svc-sync`).report(nil, serviceRight(`CONTOSO\svc-sync`)), 0, "evidence-contradicts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.in.host(t).Rights.Service
			code := ""
			if len(r.Reasons) > 0 {
				code = r.Reasons[0].Code
			}
			if len(r.Contradicted) != tt.want || code != tt.code {
				t.Errorf("got %d events and the reason %q, want %d and %q", len(r.Contradicted), code, tt.want, tt.code)
			}
		})
	}
}

func TestWithheld(t *testing.T) {
	for _, tt := range []struct {
		name     string
		gpo      gpreport.GPO
		language string
		want     bool
	}{
		{"security filtering", gpreport.GPO{Name: "A", DeniedReason: "Access Denied (Security Filtering)", RevisionAD: 3, RevisionSysvol: 3}, "en", true},
		{"with security settings", gpreport.GPO{Name: "A", RevisionAD: 3, RevisionSysvol: 3, Extensions: []string{"Registry", "Security"}}, "en", true},
		{"without security settings", gpreport.GPO{Name: "A", RevisionAD: 3, RevisionSysvol: 3, Extensions: []string{"Registry"}}, "en", false},
		{"extensions in another language", gpreport.GPO{Name: "A", RevisionAD: 3, RevisionSysvol: 3, Extensions: []string{"Sicherheit"}}, "de", true},
		{"local policy", gpreport.GPO{Name: "Local Group Policy", Local: true, RevisionAD: 2, RevisionSysvol: 2}, "en", false},
		{"empty", gpreport.GPO{Name: "A", DeniedReason: "Empty", RevisionAD: -1, RevisionSysvol: -1}, "en", false},
		{"empty in another language", gpreport.GPO{Name: "A", DeniedReason: "Leer"}, "de", false},
		{"revisions not stated", gpreport.GPO{Name: "A", DeniedReason: "Zugriff verweigert", RevisionAD: -1, RevisionSysvol: -1}, "de", true},
		{"applied by another link", gpreport.GPO{Name: "B", GUID: "{1}", RevisionAD: 3, RevisionSysvol: 3, DeniedReason: "Disabled Link"}, "en", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := new(input).report(func(r *gpreport.Report) {
				r.Language, r.Computer.Denied = tt.language, []gpreport.GPO{tt.gpo}
				r.Computer.Applied = []gpreport.GPO{{Name: "B", GUID: "{1}", Applied: true}}
			})
			if got := in.host(t).Reports.Withheld; (len(got) == 1) != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
