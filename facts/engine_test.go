package facts_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

const directory = "Directory Synchronization"

// engine adds an event of the Application log with unnamed data and a level.
func (in *input) engine(minutes float64, provider string, id, level int, values ...string) *input {
	var f []facts.Field
	for _, v := range values {
		f = append(f, facts.Field{Value: v})
	}
	in.event(minutes, "Application", provider, id, f...)
	in.events[len(in.events)-1].Level = level
	return in
}

// running is a service that runs since two days before t0, with both logs.
func running() *input {
	return new(input).log("System", nil).log("Application", nil).service(-1000, "4")
}

// cycles adds finished cycles, every so many minutes.
func (in *input) cycles(from, until, every float64) *input {
	for m := from; m < until; m += every {
		in.engine(m, directory, 904, 4, "Scheduler: cycle started.")
		in.engine(m+1, directory, 105, 4, "Import iteration 1 completed.")
		in.engine(m+2, directory, 104, 4, "Export iteration 1 completed.")
		in.engine(m+3, directory, 904, 4, "Finished: Export.")
	}
	return in
}

const (
	noDatabase = "0x8023044a\r\nOriginalError=0x80004005 OLEDB Provider error(s):\r\nDescription = 'Login timeout expired'"
	tableStack = "The server encountered an unexpected error in the synchronization engine:\n\n \"BAIL: MMS(7996): ..\\sql.cpp(7524): 0x80004005 (Unspecified error)\n" +
		"BAIL: MMS(7996): x:\\bt\\1011518\\repo\\src\\dev\\sync\\server\\sqlstore\\rcvtvp.h(158): 0x80004005 (Unspecified error)\nAzure AD Sync 1.5.45.0\""
	passwordStack = "An unexpected error has occurred during a password set operation.\n\"BAIL: MMS(4984): ..\\dnutils.cpp(1341): 0x800700b7 (exists)\n" +
		"ERR_: MMS(4984): X:\\inc\\MAUtils.h(58): Failed getting registry value 'ADMADoNormalization', 0x2\n" +
		"BAIL: MMS(4984): X:\\inc\\MAUtils.h(59): 0x80070002 (not found): Win32 API failure: 2\n" +
		"ERR_: MMS(4984): admaexport.cpp(2939): Failed to acquire user information: 0x6ba\n" +
		"BAIL: MMS(4984): admaexport.cpp(2963): 0x80004005 (Unspecified error)\n" +
		"ERR_: MMS(4984): ..\\ma.cpp(8000): ExportPasswordSet failed with 0x80004005\nAzure AD Sync 1.4.18.0\""
	modal     = "GetSecurityToken: unable to retrieve a security token. Showing a modal dialog box or form when the application is not running in UserInteractive mode is not a valid operation."
	deletes   = "Prevent Accidental Deletes: The number of deletions for this sync cycle (100 pending deletes) has exceeded the current threshold of 50 objects."
	noChannel = "The request was aborted: Could not create SSL/TLS secure channel."
	hash8453  = "Password hash synchronization failed for domain: contoso.com. Details: DrsException: RPC Error 8453 : Replication access was denied."
)

// TestEngineTroubles: each event with its list, and what ends it.
func TestEngineTroubles(t *testing.T) {
	type troubles map[string]int
	count := func(n *facts.Engine) troubles {
		out := troubles{}
		for name, list := range map[string][]facts.Event{
			"unreachable": n.DatabaseUnreachable, "localdb": n.LocalDBFailures, "full": n.DatabaseFull, "key": n.KeyLost,
			"tables": n.TableErrors, "blocked": n.SignInBlocked, "failed": n.SignInFailed, "certificate": n.CertificateRejected, "channel": n.NoSecureChannel,
			"deletes": n.DeletesPrevented, "passwords": n.PasswordsFailed, "wizard": n.WizardErrors,
		} {
			if len(list) > 0 {
				out[name] = len(list)
			}
		}
		return out
	}
	localDB := []string{"WaitForMultipleObjects", "575", "{Application Error}", "3714"}
	export := func(in *input, m float64) *input { return in.engine(m, directory, 114, 4, "Export cycle completed.") }
	for _, tt := range []struct {
		name string
		in   *input
		want troubles
	}{
		{"nothing", running(), troubles{}},
		{"database and LocalDB", running().engine(0, "ADSync", 2005, 2, noDatabase).engine(-1, "SQLLocalDB 15.0", 528, 2, localDB...), troubles{"unreachable": 1, "localdb": 1}},
		{"a LocalDB of its own", running().engine(-30, "SQLLocalDB 15.0", 528, 2, localDB...).engine(0, "ADSync", 2005, 2, noDatabase), troubles{"unreachable": 1}},
		{"LocalDBs near one of several", running().engine(-30, "ADSync", 2005, 2, noDatabase).engine(-15, "SQLLocalDB 15.0", 528, 2, localDB...).
			engine(-5, "SQLLocalDB 15.0", 528, 2, localDB...).engine(0, "ADSync", 2005, 2, noDatabase).engine(5, "SQLLocalDB 15.0", 528, 2, localDB...).
			engine(5.1, "SQLLocalDB 15.0", 528, 2, localDB...), troubles{"unreachable": 2, "localdb": 2}},
		{"another failure of a LocalDB", running().engine(0, "SQLLocalDB 15.0", 528, 2, "CreateProcess", "5").engine(0, "ADSync", 2005, 2, noDatabase), troubles{"unreachable": 1}},
		{"an older LocalDB", running().engine(0, "SQLLocalDB 11.0", 528, 2, localDB...).engine(0, "ADSync", 6226, 2, noDatabase), troubles{"unreachable": 1}},
		{"another error of 2005", running().engine(0, "ADSync", 2005, 2, "0x80070005"), troubles{}},
		{"database reached since", running().engine(0, "ADSync", 2005, 2, noDatabase).engine(5, "ADSync", 2001, 4), troubles{}},
		{"full", running().engine(0, "ADSync", 6323, 2), troubles{"full": 1}},
		{"full by the run's result", running().engine(0, "ADSync", 6100, 3, "step ended", "stopped-database-disk-full"), troubles{"full": 1}},
		{"full by the wizard", running().engine(0, directory, 0, 2, "Synchronization stopped because the SQL Server database used by the Synchronization server is full. Create some space in the SQL Server database."), troubles{"full": 1}},
		{"a start does not empty it", running().engine(0, "ADSync", 6323, 2).service(5, "4"), troubles{"full": 1}},
		{"a cycle alone does not", running().engine(0, "ADSync", 6323, 2).engine(5, directory, 904, 4, "Finished: Import"), troubles{"full": 1}},
		{"nor does an import", running().engine(0, "ADSync", 6323, 2).engine(5, directory, 105, 4, "Import iteration 1 completed."), troubles{"full": 1}},
		{"exports that go on do", running().engine(0, "ADSync", 6323, 2).cycles(30, 100, 30), troubles{}},
		{"Group Policy's 6323", running().event(0, "System", "Microsoft-Windows-GroupPolicy", 6323), troubles{}},
		{"key", running().engine(0, "ADSync", 6028, 2), troubles{"key": 1}},
		{"key found since", running().engine(0, "ADSync", 6028, 2).service(5, "4"), troubles{}},
		{"tables", running().engine(0, "ADSync", 6301, 2, tableStack), troubles{"tables": 1}},
		{"another 6301", running().engine(0, "ADSync", 6301, 2, passwordStack), troubles{}},
		{"tables, and cycles go on with it", running().cycles(0, 600, 30).engine(10, "ADSync", 6301, 2, tableStack).engine(310, "ADSync", 6301, 2, tableStack).engine(590, "ADSync", 6301, 2, tableStack), troubles{"tables": 3}},
		{"tables, long ago", running().engine(0, "ADSync", 6301, 2, tableStack).cycles(1, 600, 30), troubles{}},
		{"modal dialog", running().engine(0, directory, 906, 2, modal), troubles{"blocked": 1}},
		{"modal dialog in the engine", running().engine(0, "ADSync", 6801, 2, "The extensible extension returned an unsupported error. "+modal), troubles{"blocked": 1}},
		{"Conditional Access", running().engine(0, directory, 906, 2, "MsalUiRequiredException: AADSTS53003: blocked"), troubles{"blocked": 1}},
		{"115 of level information", running().engine(0, directory, 115, 4, "Access to Windows Azure Active Directory has been denied. Contact Technical Support."), troubles{"blocked": 1}},
		{"115 with other words", running().engine(0, directory, 115, 4, "something"), troubles{}},
		{"106 and 109 say nothing", running().engine(0, directory, 106, 2, "x").engine(0, directory, 109, 2, "y"), troubles{}},
		{"signed in since", running().engine(0, directory, 906, 2, modal).engine(5, directory, 654, 4, "Provision credentials ping end."), troubles{}},
		{"network", running().engine(0, directory, 906, 2, "GetSecurityToken: unable to connect to the remote server"), troubles{"failed": 1}},
		{"unknown code", running().engine(0, directory, 906, 2, "AADSTS90002: tenant"), troubles{"failed": 1}},
		{"6801 of another extension", running().engine(0, "ADSync", 6801, 2, "The extensible extension returned an unsupported error."), troubles{}},
		{"certificate", running().engine(0, directory, 906, 2, "[MSAL] AcquireTokenWithCertificate: AADSTS700027: Client assertion"), troubles{"certificate": 1}},
		{"no secure channel", running().engine(0, directory, 906, 2, "GetSecurityToken: unable to retrieve a security token. "+noChannel), troubles{"channel": 1}},
		{"no secure channel in the engine", running().engine(0, "ADSync", 6801, 2, "The extensible extension returned an unsupported error. "+noChannel), troubles{"channel": 1}},
		{"no secure channel at the end of a long stack", running().engine(0, "ADSync", 6801, 2, strings.Repeat("   at System.Net.HttpWebRequest.GetResponse()\n", 200)+noChannel), troubles{"channel": 1}},
		{"no common algorithm", running().engine(0, directory, 906, 2, "The client and server cannot communicate, because they do not possess a common algorithm"), troubles{"channel": 1}},
		{"a channel, and a refusal", running().engine(0, directory, 906, 2, noChannel+" AADSTS53003: blocked"), troubles{"blocked": 1}},
		{"no secure channel in another event", running().engine(0, directory, 904, 4, noChannel), troubles{}},
		{"a secure channel since", running().engine(0, directory, 906, 2, noChannel).engine(5, directory, 654, 4, "Provision credentials ping end."), troubles{}},
		{"deletes", running().engine(0, directory, 116, 3, deletes), troubles{"deletes": 1}},
		{"settings in 116", running().engine(0, directory, 116, 4, "Settings. "+deletes), troubles{}},
		{"deletes, and the export of that cycle", export(running().engine(0, directory, 116, 3, deletes), 1), troubles{"deletes": 1}},
		{"deletes, and the next cycle", running().engine(0, directory, 116, 3, deletes).cycles(20, 25, 30), troubles{}},
		{"deletes with each cycle", running().cycles(0, 60, 30).engine(1.5, directory, 116, 3, deletes).engine(31.5, directory, 116, 3, deletes), troubles{"deletes": 2}},
		{"passwords", running().engine(0, directory, 611, 2, hash8453), troubles{"passwords": 1}},
		{"611 in other words", running().engine(0, directory, 611, 4, "Password synchronization full sync has started."), troubles{}},
		{"passwords, and a ping soon after", running().engine(0, directory, 611, 2, hash8453).engine(20, directory, 654, 4), troubles{"passwords": 1}},
		{"passwords, and pings for an hour", running().engine(0, directory, 611, 2, hash8453).engine(20, directory, 654, 4).engine(50, directory, 654, 4), troubles{}},
		{"passwords of the domain complete", running().engine(0, directory, 611, 2, hash8453).engine(5, directory, 622, 4), troubles{}},
		{"one user's password", running().engine(0, directory, 657, 4, "Password Change Result - Result: Failed."), troubles{}},
		{"not switched on", running().engine(0, directory, 655, 2, "Failed credential provisioning ping. Error Code: 90. Error Description: not activated"), troubles{"passwords": 1}},
		{"wizard", running().engine(0, directory, 0, 2, "Synchronization failed to start because of credential problems. Rerun Configuration Wizard to update credentials for Synchronization."), troubles{"wizard": 1}},
		{"wizard in ADSync", running().engine(0, "ADSync", 7777, 2, "The computer must be joined to a domain."), troubles{"wizard": 1}},
		{"wizard by way of the scheduler", running().engine(0, directory, 904, 4, "Synchronization stopped because of connectivity loss. Restore connectivity to the server."), troubles{"wizard": 1}},
		{"setup, then a start", running().engine(0, "ADSync", 7777, 2, "The computer must be joined to a domain.").service(5, "4"), troubles{}},
		{"a start does not settle a sync error", running().engine(0, directory, 0, 2, "Synchronization stopped because of connectivity loss. Restore connectivity to the server.").service(5, "4"), troubles{"wizard": 1}},
		{"benign", running().engine(0, "ADSync", 6126, 3, "The rules configuration has changed").engine(0, "ADSync", 6127, 3, "x").engine(0, "ADSync", 6941, 2, "ECMA2 MA export run caused an error.").engine(0, "ADSync", 6803, 2, "y"), troubles{}},
		{"another source", running().engine(0, "PasswordResetService", 6028, 2).engine(0, "FIMSynchronizationService", 6323, 2), troubles{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := count(&tt.in.host(t).Engine)
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestEngineNumbers: what the text of an event says beside its kind.
func TestEngineNumbers(t *testing.T) {
	in := running().engine(0, directory, 611, 2, hash8453).engine(1, directory, 906, 2, "x AADSTS53003: y").
		engine(2, "ADSync", 6301, 2, tableStack)
	n := in.host(t).Engine
	if got := n.PasswordsFailed[0].EngineNumber(); got != "8453" {
		t.Errorf("RPC error %q", got)
	}
	if got := n.SignInBlocked[0].EngineNumber(); got != "AADSTS53003" {
		t.Errorf("sign-in error %q", got)
	}
	if got := n.TableErrors[0].EngineCode(); got != "" {
		t.Errorf("code %q of a stack of general errors", got)
	}
	if n := running().engine(0, "ADSync", 6329, 2, passwordStack).engine(1, "ADSync", 2005, 2, noDatabase).host(t).Engine; len(n.Stacks) != 2 {
		t.Errorf("%d stacks, want 2", len(n.Stacks))
	}
	e := facts.Event{Provider: "ADSync", ID: 6329, Fields: []facts.Field{{Value: passwordStack}}}
	if got := e.EngineCode(); got != "0x6ba" {
		t.Errorf("code %q", got)
	}
	if e := (facts.Event{Provider: "Other", Fields: []facts.Field{{Value: passwordStack}}}); e.EngineCode() != "" || e.Wizard() != "" {
		t.Error("another provider's text was read")
	}
}

// TestVersion: the newest event that names a version counts, and comparing takes numbers.
func TestVersion(t *testing.T) {
	in := running().engine(0, "ADSync", 6301, 2, tableStack).
		engine(10, "MsiInstaller", 1033, 4, "Microsoft Azure AD Connect synchronization services", "2.0.91.0", "1033", "0", "Microsoft Corporation", "(NULL)")
	n := in.host(t).Engine
	if n.Version != "2.0.91.0" || len(n.VersionEvidence) != 1 || !n.ModelDefect() {
		t.Errorf("version %q, %d events", n.Version, len(n.VersionEvidence))
	}
	for _, tt := range []struct {
		version, other string
		older          bool
	}{
		{"2.0.91.0", "2.1.1.0", true},
		{"2.1.1.0", "2.1.1.0", false},
		{"2.10.0.0", "2.9.0.0", false},
		{"1.1.443.0", "1.1.444.0", true},
		{"", "2.1.1.0", false},
		{"2.x", "3.0", false},
	} {
		if got := (facts.Engine{Version: tt.version}).OlderThan(tt.other); got != tt.older {
			t.Errorf("%q before %q: %v", tt.version, tt.other, got)
		}
	}
	for version, defect := range map[string]bool{"": true, "1.6.16.0": false, "2.0.3.0": true, "2.1.1.0": false, "2.4.18.0": false} {
		if got := (facts.Engine{Version: version}).ModelDefect(); got != defect {
			t.Errorf("defect of %q: %v", version, got)
		}
	}
}

// TestLongStack: what stands at the end of a text that is longer than what is kept is read
// all the same, and the kept text has both ends.
func TestLongStack(t *testing.T) {
	frame := "BAIL: MMS(1): ..\\file.cpp(10): 0x80004005 (Unspecified error)\n"
	text := "The server encountered an unexpected error: \"" + strings.Repeat(frame, 150) +
		"ERR_: MMS(1): x.cpp(1): failed: 0x6ba\n" + strings.Repeat(frame, 20) + "Azure AD Sync 2.1.16.0\""
	data, err := fixture.EvtxLog{Channel: "Application", Computer: server, Events: []fixture.EvtxEvent{
		{Time: t0, Provider: "ADSync", ID: 6301, Level: 2, Data: []fixture.EvtxData{{Value: text}}},
	}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r, err := evtx.NewReader(strings.NewReader(string(data)), int64(len(data)), evtx.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := facts.NewEvent(ev)
		if err != nil {
			t.Fatal(err)
		}
		kept := e.Param(1)
		if len(kept) > 2<<10 || !strings.HasPrefix(kept, "The server") || !strings.HasSuffix(kept, `Azure AD Sync 2.1.16.0"`) {
			t.Errorf("kept %d bytes: %.40q … %q", len(kept), kept, kept[max(0, len(kept)-40):])
		}
		if got := e.EngineCode(); got != "0x6ba" {
			t.Errorf("code %q", got)
		}
		c := facts.NewCollector(facts.Config{})
		c.AddEvent(e)
		if got := c.Hosts()[0].Engine.Version; got != "2.1.16.0" {
			t.Errorf("version %q", got)
		}
	}
}

// TestScheduler: cycles that stopped are told from all that only looks like it.
func TestScheduler(t *testing.T) {
	day := func(s *evtx.Stream) { s.Last = t0 }
	for _, tt := range []struct {
		name   string
		in     *input
		want   facts.SchedulerState
		reason string
	}{
		{"working", running().cycles(-600, 1430, 30), facts.SchedulerWorking, ""},
		{"silent", running().cycles(-600, 600, 30), facts.SchedulerSilent, ""},
		{"never seen", running(), facts.SchedulerUnknown, "no-cycle-seen"},
		{"few", running().cycles(-600, -540, 30), facts.SchedulerUnknown, "too-few-cycles"},
		{"an interval of seven hours", running().cycles(-900, 900, 420), facts.SchedulerUnknown, "long-interval"},
		{"two hours of silence", running().cycles(-600, 1310, 30), facts.SchedulerWorking, ""},
		{"started lately", running().cycles(-600, 600, 30).service(1300, "1").service(1350, "4"), facts.SchedulerUnknown, "too-early"},
		{"stopped", running().cycles(-600, 600, 30).service(700, "1"), facts.SchedulerUnknown, ""},
		{"staging", running().cycles(-600, 600, 30).engine(605, directory, 904, 4, "The server is in staging mode."), facts.SchedulerUnknown, "staging-server"},
		{"no staging", running().cycles(-600, 600, 30).engine(605, directory, 904, 4, "StagingModeEnabled: False"), facts.SchedulerSilent, ""},
		{"suspended", running().cycles(-600, 600, 30).engine(605, directory, 904, 4, "The scheduler is suspended."), facts.SchedulerUnknown, "scheduler-suspended"},
		{"switched off", running().cycles(-600, 600, 30).engine(605, directory, 904, 4, "SyncCycleEnabled=False"), facts.SchedulerUnknown, "scheduler-suspended"},
		{"the service was down before", running().cycles(-600, -300, 30).service(-290, "1").service(400, "4").cycles(401, 600, 30), facts.SchedulerSilent, ""},
		{"no System log", new(input).log("Application", nil).cycles(-600, 600, 30), facts.SchedulerUnknown, ""},
		{"the Application log ends", new(input).log("System", nil).log("Application", day).service(-1000, "4").cycles(-600, -10, 30), facts.SchedulerWorking, ""},
		{"the Application log has a hole", new(input).log("System", nil).log("Application", func(s *evtx.Stream) {
			s.Gaps = []evtx.Gap{{After: 10, Before: 20, From: t0.Add(11 * time.Hour), To: t0.Add(12 * time.Hour)}}
			s.GapCount = 1
		}).service(-1000, "4").cycles(-600, 600, 30), facts.SchedulerUnknown, "log-does-not-cover"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := tt.in.host(t).Engine
			if n.Scheduler != tt.want {
				t.Errorf("got %s, want %s; %v", n.Scheduler, tt.want, n.SchedulerReasons)
			}
			code := ""
			if len(n.SchedulerReasons) > 0 {
				code = n.SchedulerReasons[0].Code
			}
			if code != tt.reason {
				t.Errorf("reason %q, want %q", code, tt.reason)
			}
			if n.Silence.Empty() == (tt.want == facts.SchedulerSilent) {
				t.Errorf("silence %v", n.Silence)
			}
		})
	}
}

// TestInstalls: which installations are of Microsoft Entra Connect, and which are recent.
func TestInstalls(t *testing.T) {
	in := refused(virtual)
	for m, name := range []string{
		"Microsoft Azure AD Connect", "Microsoft Entra Connect Sync", "Microsoft Azure AD Connect synchronization services",
		"Microsoft Azure AD Connect Provisioning Agent", "Microsoft Azure AD Connect Health agent for sync", "Microsoft Azure AD Connector", "7-Zip",
	} {
		in.engine(float64(m-30), "MsiInstaller", 11707, 4, "Product: "+name+" -- Installation completed successfully.")
	}
	in.engine(-20, "MsiInstaller", 1042, 4, `C:\Users\x\AppData\Local\Temp\AzureADConnect.msi`, "4711")
	in.engine(-20, "MsiInstaller", 1042, 4, `C:\Temp\AADConnectProvisioningAgent.msi`, "4711")
	in.event(-19, "System", "Service Control Manager", 7045, facts.Field{Name: "ServiceName", Value: "Microsoft Azure AD Sync"})
	in.event(-19, "Security", "Microsoft-Windows-Security-Auditing", 4697, facts.Field{Name: "ServiceName", Value: "ADSync"})
	in.event(-19, "Security", "Microsoft-Windows-Security-Auditing", 4697, facts.Field{Name: "ServiceName", Value: "Other"})
	in.engine(-60*7, "MsiInstaller", 1033, 4, "Microsoft Azure AD Connect", "2.0.3.0", "1033", "1603")
	n := in.host(t).Engine
	if len(n.RecentInstalls) != 6 {
		t.Errorf("%d installations, want 6", len(n.RecentInstalls))
	}
	if n.Version != "" {
		t.Errorf("version %q of an installation that failed", n.Version)
	}
	if n := running().host(t).Engine; !n.InstallWindow.Empty() {
		t.Errorf("window %v before no failure", n.InstallWindow)
	}
}

// TestEngineTimeline: of a flood the first and the last event are told.
func TestEngineTimeline(t *testing.T) {
	in := running().cycles(-600, 600, 30)
	for m := range 20 {
		in.engine(float64(m), directory, 611, 2, hash8453)
	}
	var told []string
	for _, e := range in.host(t).Timeline {
		if e.Kind == "engine" {
			told = append(told, e.What)
		}
	}
	want := []string{
		"the password hash synchronization failed, for the first time",
		"the password hash synchronization failed, for the last time",
		"the scheduler finished a part of a synchronization cycle, the last one that shows",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

// TestEngineFlood: a flood of cycles does not push out an old trouble, nor the service.
func TestEngineFlood(t *testing.T) {
	in := running().engine(-900, "ADSync", 6028, 2)
	for m := range 3000 {
		in.engine(float64(m)/10, directory, 904, 4, "Scheduler: something")
	}
	c := facts.NewCollector(facts.Config{MaxEvents: 50})
	for _, e := range in.events {
		c.AddEvent(e)
	}
	h := c.Hosts()[0]
	if len(h.Engine.KeyLost) != 1 || h.Service.State != facts.Running {
		t.Errorf("%d keys lost, service %s", len(h.Engine.KeyLost), h.Service.State)
	}
}

// FuzzEngineText: no text makes the reading fail or run away.
func FuzzEngineText(f *testing.F) {
	for _, s := range []string{noDatabase, tableStack, passwordStack, modal, deletes, hash8453, "BAIL: MMS( 0x", "Azure AD Sync ", "AADSTS", "'x' could not be added to the account rights for '"} {
		f.Add(s, uint16(906))
	}
	f.Fuzz(func(t *testing.T, text string, id uint16) {
		for _, provider := range []string{"ADSync", directory} {
			e := facts.Event{Provider: provider, ID: int(id), Level: 3, Channel: "Application", Computer: server, Time: t0, Fields: []facts.Field{{Value: text}}}
			_ = e.EngineCode() + e.EngineNumber() + e.WizardAdvice()
			c := facts.NewCollector(facts.Config{})
			c.AddEvent(e)
			for _, h := range c.Hosts() {
				if v := h.Engine.Version; len(v) > 23 {
					t.Errorf("version %q", v)
				}
			}
		}
	})
}
