package rules_test

import (
	"context"
	"slices"
	"testing"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/sid"
)

// engineEvent returns an event of the Application log with one text.
func engineEvent(clock, provider string, id int, text string) facts.Event {
	return facts.Event{
		Time: at(clock), Channel: "Application", Provider: provider, ID: id, Level: 2, Computer: "SYNC01", Record: uint64(id),
		Location: evidence.Location{Source: "case.zip!/Application.evtx", Channel: "Application", Record: uint64(id), Offset: 4096},
		Fields:   []facts.Field{{Value: text}},
	}
}

// withEngine adds the Application log, and what the engine says in it.
func withEngine(changes ...func(*facts.Host)) func(*facts.Host) {
	return func(h *facts.Host) {
		h.Logs.Channels = slices.Insert(h.Logs.Channels, 0, facts.ChannelCoverage{
			Channel: "Application", Window: facts.Window{From: at("01:00:00"), To: at("23:00:00")},
		})
		for _, change := range changes {
			change(h)
		}
	}
}

// engineSays changes the fact of the engine.
func engineSays(change func(*facts.Engine)) func(*facts.Host) {
	return func(h *facts.Host) { change(&h.Engine) }
}

// lateEngineLog makes the Application log begin after the service came to its state.
func lateEngineLog(h *facts.Host) { h.Logs.Channels[0].Window.From = at("22:00:00") }

// engineQuietCases are those in which a rule about the engine's log has nothing to say.
func engineQuietCases(rule string) []builtinCase {
	return []builtinCase{
		{rule: rule, name: "all well", host: withEngine(), want: rules.Passed},
		{rule: rule, name: "log was overwritten", host: withEngine(lateEngineLog), want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
		{rule: rule, name: "no Application log", want: rules.Skipped, reasons: []string{"no-log"}},
	}
}

const dirSync = "Directory Synchronization"

// engineCases are the cases of the rules about what the synchronization engine logs.
func engineCases() []builtinCase {
	notStart := "This does not"
	unreachable := engineEvent("10:00:00", "ADSync", 2005, "0x8023044a")
	localDB := engineEvent("10:00:02", "SQLLocalDB 15.0", 528, "WaitForMultipleObjects")
	model := func(version string, reasons ...facts.Reason) func(*facts.Host) {
		return withEngine(failing, engineSays(func(n *facts.Engine) {
			n.DatabaseUnreachable = []facts.Event{unreachable}
			n.LocalDBFailures = []facts.Event{localDB}
			n.Version, n.DatabaseReasons = version, reasons
		}))
	}
	cases := []builtinCase{
		// localdb-model-corrupt
		{
			rule: "localdb-model-corrupt", name: "version with the defect", host: model("2.0.91.0"),
			want: rules.Failed, confidence: facts.Probable, count: 2,
			message: []string{"version 2.0.91.0, which has a known defect", "could not start because it could not log on to its database", "0x8023044a", "!Later"},
			remedy:  []string{"error.log", "error 9003", "model.mdf to old_model.mdf", "Start-Service ADSync"},
		},
		{
			rule: "localdb-model-corrupt", name: "version not known", host: model(""),
			want: rules.Failed, confidence: facts.Possible, count: 2,
			message: []string{"No event names the version", "!version , which"},
		},
		{
			rule: "localdb-model-corrupt", name: "later version", host: model("2.4.18.0", facts.Reason{Code: "localdb-does-not-start"}),
			want: rules.Inconclusive, reasons: []string{"localdb-does-not-start"},
		},
		{
			rule: "localdb-model-corrupt", name: "database elsewhere",
			host: withEngine(failing, engineSays(func(n *facts.Engine) {
				n.DatabaseUnreachable = []facts.Event{unreachable}
				n.DatabaseReasons = []facts.Reason{{Code: "database-unreachable"}}
			})),
			want: rules.Inconclusive, reasons: []string{"database-unreachable"},
		},
		// database-full
		{
			rule: "database-full", name: "service runs",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.DatabaseFull = []facts.Event{engineEvent("10:00:00", "ADSync", 6323, "")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"The service runs, but it cannot sync.", "!does not start."},
			remedy:  []string{"Do not stop or restart the service", "!SHRINKDATABASE", "Clear Runs"},
		},
		{
			rule: "database-full", name: "service fails",
			host: withEngine(failing, engineSays(func(n *facts.Engine) {
				n.DatabaseFull = []facts.Event{engineEvent("10:00:00", "ADSync", 6323, "")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"The logs do not show that it also keeps the service from starting", "!it cannot sync"},
			remedy:  []string{"SHRINKDATABASE", "!Do not stop or restart"},
		},
	}
	cases = append(cases, []builtinCase{
		{
			rule: "localdb-model-corrupt", name: "refused since",
			host: withEngine(failsWith(scm("10:00:03", 7024, "Microsoft Azure AD Sync", "%%2149778506"), refusal("11:00:00")), engineSays(func(n *facts.Engine) {
				n.DatabaseUnreachable, n.LocalDBFailures = []facts.Event{unreachable}, []facts.Event{localDB}
			})),
			want: rules.Failed, confidence: facts.Possible, count: 2,
			message: []string{"Later its account could not even log on"},
		},
		{
			rule: "database-full", name: "at a start",
			host: withEngine(failsWith(scm("10:00:03", 7024, "Microsoft Azure AD Sync", "%%1066")), engineSays(func(n *facts.Engine) {
				n.DatabaseFull = []facts.Event{engineEvent("10:00:00", "ADSync", 6323, "")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"The service failed at the same time"},
		},
		{
			rule: "service-error-code", name: "the engine's own error",
			host: withEngine(failsWith(scm("10:00:03", 7024, "Microsoft Azure AD Sync", "%%1066")), engineSays(func(n *facts.Engine) {
				n.Stacks = []facts.Event{engineEvent("09:00:00", "ADSync", 6301, "BAIL: MMS(1): x.cpp(1): 0x80070005 (x)"), engineEvent("10:00:01", "ADSync", 6301, "ERR_: MMS(1): x.cpp(1): failed: 0x6ba")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"logged the error 1722 (RPC_S_SERVER_UNAVAILABLE", "event 6301 of ADSync"},
			remedy:  []string{"Get-WinEvent", "!wevtutil"},
		},
	}...)
	key := engineSays(func(n *facts.Engine) { n.KeyLost = []facts.Event{engineEvent("10:00:00", "ADSync", 6028, "")} })
	cases = append(cases, []builtinCase{
		// encryption-key-lost
		{
			rule: "encryption-key-lost", name: "virtual account", host: withEngine(failing, key),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"could not start because it could not read its encryption key", "!Later", "has no password that anybody changes"},
			remedy:  []string{"!Log On tab", "Leave the service on its account", "Only up to 1.1.443.0"},
		},
		{
			rule: "encryption-key-lost", name: "password reset",
			host: withEngine(failing, runsAs(`CONTOSO\svc-sync`, facts.DomainUser), key, changed(accountEvent("09:30:00", 4724))),
			want: rules.Failed, confidence: facts.Certain, count: 1,
			message: []string{"event 4724 of DC01.contoso.com at 2026-11-20T09:30:00Z"}, remedy: []string{"Log On tab"},
		},
		{
			rule: "encryption-key-lost", name: "enabled before, and reset later",
			host: withEngine(failing, runsAs(`CONTOSO\svc-sync`, facts.DomainUser), key, changed(accountEvent("09:30:00", 4722), accountEvent("10:30:00", 4724))),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"!was changed before"},
		},
		{
			rule: "encryption-key-lost", name: "password was wrong before",
			host: withEngine(runsAs(`CONTOSO\svc-sync`, facts.DomainUser), failsWith(badLogon("09:40:00", `CONTOSO\svc-sync`, "%%1326")), key),
			want: rules.Failed, confidence: facts.Certain, count: 1,
			message: []string{"the password kept for the service was wrong"},
		},
		{
			rule: "encryption-key-lost", name: "old version",
			host: withEngine(failing, key, engineSays(func(n *facts.Engine) { n.Version = "1.1.380.0" })),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			remedy: []string{"miiskmu.exe", "!Only up to"},
		},
		// utf8-locale
		{
			rule: "utf8-locale", name: "frames",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.TableErrors = []facts.Event{engineEvent("10:00:00", "ADSync", 6301, "rcvtvp.h")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"UTF-8", notStart + " explain a service that does not start"}, remedy: []string{"Change system locale"},
		},
		// connector-sign-in-blocked
		{
			rule: "connector-sign-in-blocked", name: "Conditional Access",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.SignInBlocked = []facts.Event{engineEvent("10:00:00", dirSync, 906, "AADSTS53003: blocked")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"The error is AADSTS53003.", "Conditional Access", "This is not why the service would not start"},
			remedy:  []string{"Exclude this account", "!new password"},
		},
		{
			rule: "connector-sign-in-blocked", name: "modal dialog",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.SignInBlocked = []facts.Event{engineEvent("10:00:00", dirSync, 906, "Showing a modal dialog box or form when the application is not running in UserInteractive mode")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"!The error is", "a service cannot answer"},
		},
		{
			rule: "connector-sign-in-blocked", name: "denied",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.SignInBlocked = []facts.Event{engineEvent("10:00:00", dirSync, 115, "Access to Azure Active Directory has been denied.")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"Name or password", "!cannot answer"}, remedy: []string{"new password"},
		},
		// connector-certificate-rejected
		{
			rule: "connector-certificate-rejected", name: "rejected",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.CertificateRejected = []facts.Event{engineEvent("10:00:00", dirSync, 906, "AADSTS700027")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"AADSTS700027", "This is not why the service would not start"}, remedy: []string{"a certificate of its own", "!Sync_"},
		},
		// accidental-delete-prevention
		{
			rule: "accidental-delete-prevention", name: "held back",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.DeletesPrevented = []facts.Event{engineEvent("10:00:00", dirSync, 116, "Prevent Accidental Deletes")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{notStart + " keep the service from starting"}, remedy: []string{"Disable-ADSyncExportDeletionThreshold", "Enable-ADSyncExportDeletionThreshold"},
		},
		// scheduler-silent
		{
			rule: "scheduler-silent", name: "silent",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.Scheduler, n.Silence = facts.SchedulerSilent, facts.Window{From: at("12:00:00"), To: at("23:00:00")}
				n.Cycles = []facts.Event{engineEvent("12:00:00", dirSync, 904, "Finished")}
			})),
			want: rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"from 2026-11-20T12:00:00Z to 2026-11-20T23:00:00Z", "The service itself did start"}, remedy: []string{"Get-ADSyncScheduler"},
		},
		{
			rule: "scheduler-silent", name: "working", want: rules.Passed,
			host: withEngine(engineSays(func(n *facts.Engine) { n.Scheduler = facts.SchedulerWorking })),
		},
		{
			rule: "scheduler-silent", name: "not known", want: rules.Inconclusive, reasons: []string{"no-cycle-seen"},
			host: withEngine(engineSays(func(n *facts.Engine) { n.SchedulerReasons = []facts.Reason{{Code: "no-cycle-seen"}} })),
		},
		{rule: "scheduler-silent", name: "service fails", host: withEngine(failing), want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		// password-hash-sync-failing
		{
			rule: "password-hash-sync-failing", name: "rights",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.PasswordsFailed = []facts.Event{engineEvent("10:00:00", dirSync, 611, "Password hash synchronization failed for domain: contoso.com. RPC Error 8453 : denied")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"8453", "may not read password hashes", notStart + " keep the service from starting"}, remedy: []string{"Replicating Directory Changes All", "!TCP 135"},
		},
		{
			rule: "password-hash-sync-failing", name: "network",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.PasswordsFailed = []facts.Event{engineEvent("10:00:00", dirSync, 611, "Password hash synchronization failed for domain: contoso.com. RPC Error 1722 : unavailable")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"1722 (RPC_S_SERVER_UNAVAILABLE"}, remedy: []string{"TCP 135", "!Replicating"},
		},
		{
			rule: "password-hash-sync-failing", name: "not switched on",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.PasswordsFailed = []facts.Event{engineEvent("10:00:00", dirSync, 655, "Failed credential provisioning ping. Error Code: 90.")}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 1,
			message: []string{"calls the error 90", "!RPC"}, remedy: []string{"not switched on in the tenant"},
		},
		// wizard-error
		{
			rule: "wizard-error", name: "no domain controller",
			host: withEngine(engineSays(func(n *facts.Engine) {
				n.WizardErrors = []facts.Event{
					engineEvent("09:00:00", dirSync, 0, "Insufficient Disk Space"),
					engineEvent("10:00:00", dirSync, 0, "Synchronization failed to start because the domain controller could not be contacted by the server. Verify that the domain controller is connected to the network."),
				}
			})),
			want: rules.Failed, confidence: facts.Probable, count: 2,
			message: []string{"ErrorNoStartNoDomainController", "In all there are 2", "does not say why a service does not start"}, remedy: []string{"nltest /dsgetdc"},
		},
		// upgrade-before-failure
		{
			rule: "upgrade-before-failure", name: "upgraded",
			host: withEngine(failing, engineSays(func(n *facts.Engine) {
				n.RecentInstalls, n.Version = []facts.Event{installedAs("09:30:00", "LocalSystem")}, "2.4.18.0"
			})),
			want: rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"at 2026-11-20T09:30:00Z", "The version is 2.4.18.0", "does not show that it is the cause"},
			remedy:  []string{`ProgramData\AADConnect`},
		},
		{
			rule: "upgrade-before-failure", name: "nothing installed", want: rules.Passed,
			host: withEngine(failing, engineSays(func(n *facts.Engine) { n.InstallWindow = facts.Window{From: at("04:00:00"), To: at("10:00:00")} })),
		},
		{
			rule: "upgrade-before-failure", name: "log too short", want: rules.Inconclusive, reasons: []string{"log-does-not-cover"},
			host: withEngine(failing, engineSays(func(n *facts.Engine) {
				n.InstallWindow = facts.Window{From: at("00:30:00"), To: at("06:30:00")}
				n.InstallReasons = []facts.Reason{{Code: "log-does-not-cover"}}
			})),
		},
		{rule: "upgrade-before-failure", name: "service runs", want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
		// connector-account-confused
		{
			rule: "connector-account-confused", name: "in the list",
			host: hosts(onRight(omit, service), failing, func(h *facts.Host) {
				h.Rights.Service.Principals = []sid.Principal{{Name: `CONTOSO\MSOL_0123456789ab`}}
			}),
			want: rules.Failed, confidence: facts.Possible, count: 0,
			message: []string{`"Log on as a service" on SYNC01 names the account of a connector`, `What counts for the start is NT SERVICE\ADSync`, "!Deny log on"},
		},
		{
			rule: "connector-account-confused", name: "disabled", host: failing,
			events: events{"changes": {passwordReset("09:30:00", "MSOL_0123456789ab"), passwordReset("09:31:00", "msol_admins")}},
			want:   rules.Failed, confidence: facts.Possible, count: 1,
			message: []string{"The account MSOL_0123456789ab"},
		},
		{
			rule: "connector-account-confused", name: "it is the account of the service", want: rules.Passed,
			host: hosts(onRight(omit, service), failing, runsAs(`CONTOSO\MSOL_0123456789ab`, facts.DomainUser), func(h *facts.Host) {
				h.Rights.Service.Principals = []sid.Principal{{Name: `CONTOSO\MSOL_0123456789ab`}}
			}),
		},
		{rule: "connector-account-confused", name: "others in the list", host: hosts(onRight(omit, service), failing), want: rules.Passed},
		{rule: "connector-account-confused", name: "log was overwritten", host: hosts(failing, wrapped), want: rules.Inconclusive, reasons: []string{"log-does-not-cover"}},
		{rule: "connector-account-confused", name: "service runs", want: rules.Skipped, reasons: []string{rules.ReasonNotApplicable}},
	}...)
	for _, rule := range []string{
		"localdb-model-corrupt", "database-full", "encryption-key-lost", "utf8-locale", "connector-sign-in-blocked",
		"connector-certificate-rejected", "accidental-delete-prevention", "password-hash-sync-failing", "wizard-error",
	} {
		cases = append(cases, engineQuietCases(rule)...)
	}
	failed := engineSays(func(n *facts.Engine) {
		n.SignInFailed = []facts.Event{engineEvent("10:00:00", dirSync, 906, "no network")}
		n.SignInReasons = []facts.Reason{{Code: "sign-in-failed"}}
	})
	for _, rule := range []string{"connector-sign-in-blocked", "connector-certificate-rejected"} {
		cases = append(cases, builtinCase{rule: rule, name: "no token", host: withEngine(failed), want: rules.Inconclusive, reasons: []string{"sign-in-failed"}})
	}
	return cases
}

// The ids of the rules about the engine are for ever, as are the others.
func TestEngineRuleIDs(t *testing.T) {
	all, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"accidental-delete-prevention", "connector-account-confused", "connector-certificate-rejected",
		"connector-sign-in-blocked", "database-full", "encryption-key-lost", "localdb-model-corrupt",
		"password-hash-sync-failing", "scheduler-silent", "upgrade-before-failure", "utf8-locale", "wizard-error",
	} {
		if !slices.Contains(ids(all), id) {
			t.Errorf("the rule %s is gone", id)
		}
	}
}

// A rule in Go reads the fact of the engine when it declares it, and only then.
func TestPassEngine(t *testing.T) {
	h := healthy()
	h.Engine.Version = "2.4.18.0"
	for _, declared := range []bool{true, false} {
		r := &rules.Rule{ID: "x", Title: "x", Severity: rules.Info}
		if declared {
			r.Needs.Facts = []string{rules.FactEngine}
		}
		got := ""
		r.Eval = func(_ context.Context, p *rules.Pass) error {
			got = p.Engine().Version
			p.Pass()
			return nil
		}
		o := r.Run(context.Background(), h, nil)
		if (o.Verdict == rules.Passed) != declared || (got == "2.4.18.0") != declared {
			t.Errorf("declared %v: %s, version %q, %v", declared, o.Verdict, got, o.Err)
		}
	}
}

// passwordReset is event 4724 of an account.
func passwordReset(clock, user string) facts.Event {
	e := accountEvent(clock, 4724)
	e.Fields[0].Value = user
	return e
}
