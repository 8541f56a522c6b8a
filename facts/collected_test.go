package facts_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// file reads a text as a file of a collector.
func file(t *testing.T, source, text string) *collected.File {
	t.Helper()
	f, err := collected.Parse(context.Background(), strings.NewReader(text), int64(len(text)), collected.Config{Source: evidence.Source(source)})
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return f
}

// sc is the output of sc qc.
func sc(account, start string) string {
	return "SERVICE_NAME: ADSync\n        TYPE               : 10  WIN32_OWN_PROCESS\n        START_TYPE         : " + start +
		"\n        SERVICE_START_NAME : " + account + "\n"
}

// regKey is a registry export of the service.
func regKey(values string) string {
	return "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\ADSync]\n" + values
}

// collect runs a collector on the input and files.
func collect(in *input, files ...*collected.File) *facts.Collector {
	c := facts.NewCollector(facts.Config{Account: in.account})
	for _, e := range in.events {
		c.AddEvent(e)
	}
	for _, r := range in.reports {
		c.AddReport(r)
	}
	for _, s := range in.logs {
		c.AddCoverage("System.evtx", evtx.Coverage{Streams: []evtx.Stream{s}, Complete: true})
	}
	for _, f := range files {
		c.AddCollected(f)
	}
	return c
}

// the returns the host of a name.
func the(t *testing.T, c *facts.Collector, name string) *facts.Host {
	t.Helper()
	hosts := c.Hosts()
	i := slices.IndexFunc(hosts, func(h *facts.Host) bool { return h.Name == name })
	if i < 0 {
		t.Fatalf("no host %q among %s", name, names(hosts))
	}
	return hosts[i]
}

func TestFilesFindTheirHost(t *testing.T) {
	const stated = "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName]\n\"ComputerName\"=\"SYNC02\"\n\n" +
		"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\ADSync]\n\"ObjectName\"=\"CONTOSO\\\\svc\"\n"
	type log struct{ source, computer string }
	one := []log{{"SYNC01/System.evtx", "SYNC01.contoso.com"}}
	two := append(one[:1:1], log{"SYNC02/System.evtx", "SYNC02.contoso.com"})
	for _, tt := range []struct {
		name, source, text string
		logs               []log
		want               string // "" is nobody's
	}{
		{"the only host", "sc.txt", sc("a\\b", "2 AUTO_START"), one, "SYNC01"},
		{"in the folder of its host", "SYNC02/sc.txt", sc("a\\b", "2 AUTO_START"), two, "SYNC02"},
		{"named for its host", "out/SYNC02_sc.txt", sc("a\\b", "2 AUTO_START"), two, "SYNC02"},
		{"in an archive of its host", "case/SYNC02.zip!/sc.txt", sc("a\\b", "2 AUTO_START"), two, "SYNC02"},
		{"named for two", "SYNC01/SYNC02_sc.txt", sc("a\\b", "2 AUTO_START"), two, ""},
		{"beside two", "sc.txt", sc("a\\b", "2 AUTO_START"), two, ""},
		{"it says so itself", "SYNC01/all.reg", stated, two, "SYNC02"},
		{"it names a computer of which there is nothing else", "SYNC01/all.reg", stated, one, "SYNC02"},
		{"it names one of two of its name", "all.reg", stated, []log{{"a/System.evtx", "SYNC02.contoso.com"}, {"b/System.evtx", "SYNC02.lab.local"}}, ""},
		{"the folder of another computer", "SYNC02/sc.txt", sc("a\\b", "2 AUTO_START"), one, ""},
		{"a folder for other things", "case/misc/sc.txt", sc("a\\b", "2 AUTO_START"), []log{{"case/logs/System.evtx", "SYNC01.contoso.com"}}, "SYNC01"},
		{
			"beside the logs of one of two, whose folders bear no names", "b/sc.txt", sc("a\\b", "2 AUTO_START"),
			[]log{{"a/System.evtx", "SYNC01.contoso.com"}, {"b/System.evtx", "SYNC02.contoso.com"}},
			"SYNC02",
		},
		{"the longer name", "SYNC-01_sc.txt", sc("a\\b", "2 AUTO_START"), []log{{"1/System.evtx", "SYNC.contoso.com"}, {"2/System.evtx", "SYNC-01.contoso.com"}}, "SYNC-01"},
		{"a name that only begins like a host", "SYNC01old/sc.txt", sc("a\\b", "2 AUTO_START"), two, ""},
		{"no host at all", "x/sc.txt", sc("a\\b", "2 AUTO_START"), nil, "(unnamed)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := facts.NewCollector(facts.Config{})
			for i, l := range tt.logs {
				c.AddEvent(facts.Event{
					Time: t0, Channel: "System", Provider: "Service Control Manager", ID: 7041, Computer: l.computer, Record: uint64(i + 1),
					Fields: fields("ADSync", `a\b`), Location: evidence.Location{Source: evidence.Source(l.source), Channel: "System", Record: uint64(i + 1)},
				})
				c.AddCoverage(evidence.Source(l.source), evtx.Coverage{Complete: true, Streams: []evtx.Stream{{
					Channel: "System", Computer: l.computer, First: t0, Last: t0, FirstID: 1, LastID: 1, Records: 1,
				}}})
			}
			c.AddCollected(file(t, tt.source, tt.text))
			got := ""
			for _, h := range c.Hosts() {
				if h.Service.Snapshot.Known {
					if got != "" {
						t.Error("two hosts have the file")
					}
					if got = h.Name; got == "" {
						got = "(unnamed)"
					}
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if unplaced := c.Unplaced(); (len(unplaced) == 1) != (tt.want == "") {
				t.Errorf("unplaced %v", unplaced)
			}
		})
	}
}

func TestAccountFromFiles(t *testing.T) {
	refusedAs := func(account string) *input {
		return new(input).log("System", nil).scm(0, 7041, "ADSync", account)
	}
	const old, now = `CONTOSO\svc-old`, `CONTOSO\svc-new`
	for _, tt := range []struct {
		name       string
		in         *input
		files      map[string]string
		want       string
		confidence facts.Confidence
		conflict   string
	}{
		{"sc alone", new(input).log("System", nil), map[string]string{"sc.txt": sc(now, "2 AUTO_START")}, now, facts.Probable, ""},
		{"a virtual account by sc", new(input).log("System", nil), map[string]string{"sc.txt": sc(virtual, "2 AUTO_START")}, virtual, facts.Certain, ""},
		{"sc and an event", refusedAs(now), map[string]string{"sc.txt": sc(now, "2 AUTO_START")}, now, facts.Certain, ""},
		{"sc and the registry", new(input).log("System", nil), map[string]string{"sc.txt": sc(now, "2 AUTO_START"), "a.reg": regKey("\"ObjectName\"=\"CONTOSO\\\\SVC-NEW\"\n")}, `CONTOSO\SVC-NEW`, facts.Certain, ""},
		{"sc and another event", refusedAs(old), map[string]string{"sc.txt": sc(now, "2 AUTO_START")}, now, facts.Possible, old},
		{"sc and the registry differ", new(input).log("System", nil), map[string]string{"sc.txt": sc(old, "2 AUTO_START"), "a.reg": regKey("\"ObjectName\"=\"CONTOSO\\\\svc-new\"\n")}, now, facts.Possible, old},
		{"one account in two spellings", refusedAs(`SYNC01\AAD_1f2e`), map[string]string{"sc.txt": sc(`.\aad_1f2e`, "2 AUTO_START")}, `.\aad_1f2e`, facts.Certain, ""},
		{"two names of a domain", refusedAs(`contoso.com\svc-new`), map[string]string{"sc.txt": sc(now, "2 AUTO_START")}, now, facts.Probable, ""},
		{"a user principal name", refusedAs("sync@contoso.com"), map[string]string{"sc.txt": sc(now, "2 AUTO_START")}, now, facts.Probable, ""},
		{"a name of Windows in its language", refusedAs(`NT-AUTORITÄT\Netzwerkdienst`), map[string]string{"sc.txt": sc(now, "2 AUTO_START")}, now, facts.Probable, ""},
		{"a managed account", new(input).log("System", nil), map[string]string{"sc.txt": sc(`CONTOSO\gmsa$`, "2 AUTO_START")}, `CONTOSO\gmsa$`, facts.Possible, ""},
		{"letters that were lost", refusedAs(old), map[string]string{"sc.txt": sc("CONTOSO\\gr\xfcn", "2 AUTO_START")}, old, facts.Probable, ""},
		{"the Security log has the installation", installed4697(new(input).log("Security", nil), old), nil, old, facts.Probable, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var files []*collected.File
			for source, text := range tt.files {
				files = append(files, file(t, source, text))
			}
			a := the(t, collect(tt.in, files...), "SYNC01").Account
			if a.Name != tt.want || a.Confidence != tt.confidence || a.Assumed {
				t.Errorf("got %s, %s, assumed %v", a.Name, a.Confidence, a.Assumed)
			}
			if len(a.Evidence) == 0 {
				t.Error("without evidence")
			}
			conflict := ""
			if len(a.Conflicts) > 0 {
				conflict = a.Conflicts[0].Name
			}
			if conflict != tt.conflict || (conflict != "") != (len(a.Reasons) > 0) {
				t.Errorf("conflicts %+v, reasons %+v", a.Conflicts, a.Reasons)
			}
		})
	}
}

// installed4697 adds event 4697, which the Security log has of an installation.
func installed4697(in *input, account string) *input {
	return in.event(-60, "Security", "Microsoft-Windows-Security-Auditing", 4697,
		facts.Field{Name: "ServiceName", Value: "ADSync"}, facts.Field{Name: "ServiceAccount", Value: account})
}

func TestAccountStatedOutranksFiles(t *testing.T) {
	in := new(input).log("System", nil)
	in.account = `CONTOSO\stated`
	a := the(t, collect(in, file(t, "sc.txt", sc(`CONTOSO\other`, "2 AUTO_START"))), "SYNC01").Account
	if a.Name != `CONTOSO\stated` || a.Confidence != facts.Certain || len(a.Conflicts) > 0 {
		t.Errorf("got %+v", a)
	}
}

func TestAccountChange(t *testing.T) {
	installed := func(account string) *input {
		return new(input).log("System", nil).event(-60, "System", "Service Control Manager", 7045,
			facts.Field{Name: "ServiceName", Value: "Microsoft Azure AD Sync"}, facts.Field{Name: "AccountName", Value: account})
	}
	for _, tt := range []struct {
		name                        string
		in                          *input
		configured                  string
		compared, found, same, back bool
	}{
		{"another account", installed(virtual), `CONTOSO\svc`, true, true, false, false},
		{"the same", installed(virtual), `nt service\adsync`, true, false, true, false},
		{"one local account", installed(`.\AAD_1`), `SYNC01\aad_1`, true, false, true, false},
		{"two names of a domain", installed(`contoso.com\svc`), `CONTOSO\svc`, true, false, false, false},
		{"a user principal name", installed("svc@contoso.com"), `CONTOSO\other`, true, false, false, false},
		{"LocalSystem", installed("LocalSystem"), `CONTOSO\svc`, true, false, false, false},
		{"changed back", installed(virtual).scm(0, 7041, "ADSync", `CONTOSO\svc`), virtual, true, false, true, true},
		{"no installation, and another refusal", new(input).log("System", nil).scm(0, 7041, "ADSync", `CONTOSO\a`), `CONTOSO\b`, true, true, false, false},
		{"nothing to compare with", new(input).log("System", nil), `CONTOSO\b`, false, false, false, false},
		{"another service was installed", new(input).log("System", nil).event(-60, "System", "Service Control Manager", 7045,
			facts.Field{Name: "ServiceName", Value: "Other"}, facts.Field{Name: "AccountName", Value: `CONTOSO\a`}), `CONTOSO\b`, false, false, false, false},
	} {
		c := the(t, collect(tt.in, file(t, "sc.txt", sc(tt.configured, "2 AUTO_START"))), "SYNC01").Account.Change
		if c.Compared != tt.compared || c.Found != tt.found || c.Same != tt.same || (len(c.Reasons) > 0) != tt.back {
			t.Errorf("%s: got %+v", tt.name, c)
		}
	}
}

// TestRightsUnderConflict: as long as two accounts are named, a list that has one of them is
// not said to leave the service out.
func TestRightsUnderConflict(t *testing.T) {
	for _, tt := range []struct {
		list       string
		want       facts.Verdict
		confidence facts.Confidence
	}{
		{`CONTOSO\svc-old`, facts.Undetermined, ""},
		{`NT SERVICE\MSSQLSERVER`, facts.Omitted, facts.Possible},
		{`CONTOSO\svc-new`, facts.Granted, facts.Possible},
	} {
		in := new(input).log("System", nil).scm(0, 7038, "ADSync", `CONTOSO\svc-old`, "%%1330").
			report(func(r *gpreport.Report) { r.Domain = "CONTOSO" }, serviceRight(tt.list))
		r := the(t, collect(in, file(t, "sc.txt", sc(`CONTOSO\svc-new`, "2 AUTO_START"))), "SYNC01").Rights.Service
		if r.Verdict != tt.want || r.Confidence != tt.confidence {
			t.Errorf("%s: got %s, %s, %+v", tt.list, r.Verdict, r.Confidence, r.Reasons)
		}
	}
}

func TestSIDOfTheAccount(t *testing.T) {
	const who = "User Name    SID\n============ ==================\ncontoso\\svc  S-1-5-21-1-2-3-11\n"
	in := new(input).log("System", nil)
	a := the(t, collect(in, file(t, "sc.txt", sc(`CONTOSO\svc`, "2 AUTO_START")), file(t, "who.txt", who)), "SYNC01").Account
	if a.SID != "S-1-5-21-1-2-3-11" {
		t.Errorf("whoami: got %q", a.SID)
	}
	a = the(t, collect(in, file(t, "sc.txt", sc(`CONTOSO\other`, "2 AUTO_START")), file(t, "who.txt", who)), "SYNC01").Account
	if a.SID != "" {
		t.Errorf("whoami of somebody else: got %q", a.SID)
	}
	in = new(input).log("Security", nil).event(0, "Security", "Microsoft-Windows-Security-Auditing", 4624,
		facts.Field{Name: "LogonType", Value: "5"}, facts.Field{Name: "TargetUserSid", Value: "S-1-5-21-1-2-3-12"},
		facts.Field{Name: "TargetUserName", Value: "svc"}, facts.Field{Name: "TargetDomainName", Value: "CONTOSO"})
	a = the(t, collect(in, file(t, "sc.txt", sc(`CONTOSO\svc`, "2 AUTO_START"))), "SYNC01").Account
	if a.SID != "S-1-5-21-1-2-3-12" {
		t.Errorf("logon: got %q", a.SID)
	}
}

func TestSnapshot(t *testing.T) {
	state := func(s string) string {
		return "SERVICE_NAME: ADSync\n        TYPE  : 10  WIN32_OWN_PROCESS\n        STATE : " + s + "\n"
	}
	for _, tt := range []struct {
		name  string
		in    *input
		files []string
		start collected.StartType
		state facts.ServiceState
	}{
		{"stopped, and no event", new(input).log("Security", nil), []string{state("1 STOPPED")}, "", facts.Stopped},
		{"running, and no event", new(input).log("Security", nil), []string{state("4 RUNNING")}, "", facts.Running},
		{"disabled, and no event", new(input).log("Security", nil), []string{sc(virtual, "4 DISABLED")}, collected.Disabled, facts.Disabled},
		{"an event is newer or not, it counts", refused(virtual), []string{state("4 RUNNING")}, "", facts.Failing},
		{"two states", new(input).log("Security", nil), []string{state("4 RUNNING"), state("1 STOPPED")}, "", facts.UnknownState},
		{"auto and delayed are one", new(input).log("Security", nil), []string{sc(virtual, "2 AUTO_START (DELAYED)"), regKey("\"Start\"=dword:00000002\n")}, collected.AutoStart, facts.UnknownState},
		{"two start types", new(input).log("Security", nil), []string{sc(virtual, "2 AUTO_START"), regKey("\"Start\"=dword:00000004\n")}, "", facts.UnknownState},
	} {
		var files []*collected.File
		for i, text := range tt.files {
			files = append(files, file(t, "f"+string(rune('0'+i)), text))
		}
		s := the(t, collect(tt.in, files...), "SYNC01").Service
		if s.Snapshot.Start != tt.start || s.State != tt.state || !s.Snapshot.Known {
			t.Errorf("%s: start %q, state %q", tt.name, s.Snapshot.Start, s.State)
		}
	}
}

func TestServiceThatIsNotInstalled(t *testing.T) {
	const missing = "C:\\>sc qc ADSync\n[SC] OpenService FAILED 1060:\n"
	s := the(t, collect(new(input).log("System", nil), file(t, "sc.txt", missing)), "SYNC01").Service
	if !s.Snapshot.Missing || len(s.Snapshot.Reasons) != 1 {
		t.Errorf("got %+v", s.Snapshot)
	}
	// Another file shows it: sc ran elsewhere, or before.
	s = the(t, collect(new(input).log("System", nil), file(t, "sc.txt", missing), file(t, "a.reg", regKey("\"Start\"=dword:00000002\n"))), "SYNC01").Service
	if s.Snapshot.Missing || !s.Snapshot.Known {
		t.Errorf("got %+v", s.Snapshot)
	}
}

func TestSettings(t *testing.T) {
	const head = "Windows Registry Editor Version 5.00\n\n"
	client := func(values string) string {
		return head + "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client]\n" + values
	}
	net := func(values string) string {
		return head + "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319]\n" + values +
			"\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Microsoft\\.NETFramework\\v4.0.30319]\n" + values
	}
	const strong, weak = "\"SchUseStrongCrypto\"=dword:00000001\n\"SystemDefaultTlsVersions\"=dword:00000001\n", "\"SchUseStrongCrypto\"=dword:00000000\n"
	for _, tt := range []struct {
		name  string
		files []string
		want  facts.TLSSetting
	}{
		{"nothing", nil, facts.TLSUnknown},
		{"another key", []string{regKey("\"Start\"=dword:00000002\n")}, facts.TLSUnknown},
		{"off", []string{client("\"Enabled\"=dword:00000000\n")}, facts.TLSOff},
		{"not by default", []string{client("\"Enabled\"=dword:00000001\n\"DisabledByDefault\"=dword:00000001\n")}, facts.TLSLimited},
		{".NET uses old versions", []string{net(weak)}, facts.TLSLimited},
		{".NET goes by Windows", []string{net(weak + "\"SystemDefaultTlsVersions\"=dword:00000001\n")}, facts.TLSUnset},
		{"part of it", []string{client("\"Enabled\"=dword:ffffffff\n\"DisabledByDefault\"=dword:00000000\n")}, facts.TLSUnset},
		{"all of it", []string{client("\"Enabled\"=dword:ffffffff\n\"DisabledByDefault\"=dword:00000000\n"), net(strong)}, facts.TLSOn},
		{"before and after", []string{client("\"Enabled\"=dword:00000000\n"), client("\"Enabled\"=dword:00000001\n")}, facts.TLSUnknown},
	} {
		var files []*collected.File
		for i, text := range tt.files {
			files = append(files, file(t, "f"+string(rune('0'+i)), text))
		}
		s := the(t, collect(new(input).log("System", nil), files...), "SYNC01").Settings
		if s.TLS12 != tt.want || (len(s.Reasons) > 0) != (tt.want == facts.TLSUnknown) {
			t.Errorf("%s: got %q, %+v", tt.name, s.TLS12, s.Reasons)
		}
	}
}

func TestUncollected(t *testing.T) {
	h := the(t, collect(new(input).log("System", nil),
		file(t, "Security.evtx", "Failed to export log Security. Access is denied.\n"),
		file(t, "gpresult.htm", "INFO: The user \"LAB\\a\" does not have RSoP data.\n")), "SYNC01")
	for input, want := range map[string]int{"Security": 1, "security": 1, "System": 0, facts.InputReport: 1} {
		if got := h.Uncollected(input); len(got) != want {
			t.Errorf("%s: got %+v", input, got)
		}
	}
}

// TestManyUncollected: of thousands of errors a few are told, and how many more there are.
func TestManyUncollected(t *testing.T) {
	var files []*collected.File
	for i := range 100 {
		files = append(files, file(t, strconv.Itoa(i)+".txt", strings.Repeat("Failed to export log Security. Access is denied.\n", 38)))
	}
	got := the(t, collect(new(input).log("System", nil), files...), "SYNC01").Uncollected("Security")
	if len(got) != 6 || got[0].Input != "0.txt" || !strings.Contains(got[5].Message, "3795 more") {
		t.Errorf("got %+v", got)
	}
}
