package facts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

const (
	groupPolicy = "Microsoft-Windows-GroupPolicy"
	auditing    = "Microsoft-Windows-Security-Auditing"
	policyLog   = "Microsoft-Windows-GroupPolicy/Operational"
	security    = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
	baseline    = "{7B1C9A4E-2F53-4C0D-9E0B-5A4C1D7F2E61}"
	system      = "S-1-5-18"
	person      = "S-1-5-21-1-2-3-1107"
	sshSession  = "S-1-5-111-3847866527-469524349-687026318-516638107-1125189541-8"
	unknown     = "S-1-5-21-1-2-3-1204"
	allServices = "S-1-5-80-0"
)

// named makes fields of names and values in turn.
func named(pairs ...string) []facts.Field {
	var f []facts.Field
	for i := 0; i+1 < len(pairs); i += 2 {
		f = append(f, facts.Field{Name: pairs[i], Value: pairs[i+1]})
	}
	return f
}

// last changes the newest event.
func (in *input) last(change func(*facts.Event)) *input {
	change(&in.events[len(in.events)-1])
	return in
}

// policy adds an event of Group Policy in the System log, for an account.
func (in *input) policy(minutes float64, id int, user string, pairs ...string) *input {
	return in.event(minutes, "System", groupPolicy, id, named(pairs...)...).last(func(e *facts.Event) { e.UserID = user })
}

// run adds a run of policy; version is that of the baseline, 0 for a run without a list.
func (in *input) run(minutes float64, activity string, machine bool, version uint32, end int, pairs ...string) *input {
	isMachine := "0"
	if machine {
		isMachine = "1"
	}
	add := func(id int, f ...string) {
		in.event(minutes, policyLog, groupPolicy, id, named(f...)...).last(func(e *facts.Event) { e.ActivityID, e.UserID = activity, system })
	}
	add(4006, "IsMachine", isMachine)
	if version > 0 {
		add(5312)
		in.last(func(e *facts.Event) {
			e.GPOs = []facts.ListedGPO{{GPO: facts.GPO{Name: "Server Baseline", GUID: baseline}, Version: version}}
		})
	}
	add(end, append([]string{"IsMachine", isMachine}, pairs...)...)
	return in
}

// taken adds the loss of a right, given the gain, both by an account.
func (in *input) taken(minutes float64, target, right, by string) *input {
	return in.event(minutes, "Security", auditing, 4718, named("SubjectUserSid", by, "SubjectUserName", "j.doe", "SubjectDomainName", "CONTOSO", "TargetSid", target, "AccessRemoved", right)...)
}

func (in *input) given(minutes float64, target, right, by string) *input {
	return in.event(minutes, "Security", auditing, 4717, named("SubjectUserSid", by, "SubjectUserName", "j.doe", "SubjectDomainName", "CONTOSO", "TargetSid", target, "AccessGranted", right)...)
}

const (
	allow = "SeServiceLogonRight"
	deny  = "SeDenyServiceLogonRight"
)

// TestRevocation is the table of what took the right before the refusal, and what did not.
func TestRevocation(t *testing.T) {
	covered := func(in *input) { in.log("Security", nil) }
	for _, tt := range []struct {
		name       string
		account    string
		change     func(*input)
		taken      bool
		confidence facts.Confidence
		by         string
		reason     string
	}{
		{"nothing", virtual, covered, false, "", "", "right-change-not-seen"},
		{"group of the account", virtual, func(in *input) { covered(in); in.taken(-60, allServices, allow, system) }, true, facts.Certain, "", ""},
		{"the account", virtual, func(in *input) {
			covered(in)
			in.taken(-60, "S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451", allow, system)
		}, true, facts.Certain, "", ""},
		{"by a person", virtual, func(in *input) { covered(in); in.taken(-60, allServices, allow, person) }, true, facts.Certain, `CONTOSO\j.doe`, ""},
		{"denied", virtual, func(in *input) { covered(in); in.given(-60, allServices, deny, system) }, true, facts.Certain, "", ""},
		{"log begins later", virtual, func(in *input) {
			in.log("Security", func(s *evtx.Stream) { s.First = t0.Add(-30 * time.Minute) })
			in.taken(-60, allServices, allow, system)
		}, true, facts.Probable, "", ""},
		{"clock set back", virtual, func(in *input) {
			covered(in)
			in.taken(-20, allServices, allow, system)
			in.event(-15, "System", "Microsoft-Windows-Kernel-General", 1, named("NewTime", t0.Add(-15*time.Minute).Format(time.RFC3339Nano), "OldTime", t0.Add(-5*time.Minute).Format(time.RFC3339Nano))...)
		}, true, facts.Possible, "", ""},
		{"clock set forward", virtual, func(in *input) {
			covered(in)
			in.taken(-20, allServices, allow, system)
			in.event(-15, "System", "Microsoft-Windows-Kernel-General", 1, named("OldTime", t0.Add(-16*time.Minute).Format(time.RFC3339Nano), "NewTime", t0.Add(-15*time.Minute).Format(time.RFC3339Nano))...)
		}, true, facts.Certain, "", ""},
		{"denial undone for another", virtual, func(in *input) {
			covered(in)
			in.given(-60, allServices, deny, system).taken(-50, "S-1-1-0", deny, system)
		}, true, facts.Certain, "", ""},

		{"an entry of several is taken", virtual, func(in *input) {
			covered(in)
			in.given(-100, allServices, allow, system).taken(-60, virtualSID, allow, system)
		}, false, "", "", "right-change-not-seen"},
		{"a list is tightened, what stays comes first", virtual, func(in *input) {
			covered(in)
			in.given(-60, virtualSID, allow, system).taken(-59.99, allServices, allow, system)
		}, false, "", "", "right-change-not-seen"},
		{"a list is tightened, what goes comes first", virtual, func(in *input) {
			covered(in)
			in.taken(-60, allServices, allow, system).given(-59.99, virtualSID, allow, system)
		}, false, "", "", "right-change-not-seen"},
		{"one entry after the other", virtual, func(in *input) {
			covered(in)
			in.given(-100, virtualSID, allow, system).taken(-90, allServices, allow, system).taken(-60, virtualSID, allow, system)
		}, true, facts.Certain, "", ""},
		{"the report has another entry", virtual, func(in *input) {
			covered(in)
			in.taken(-60, virtualSID, allow, system).report(nil, serviceRight("NT SERVICE\\ALL SERVICES"))
		}, false, "", "", "right-still-held"},
		{"the report has it after a change of policy", virtual, func(in *input) {
			covered(in)
			in.taken(-60, virtualSID, allow, system).event(20, "System", groupPolicy, 1502).report(nil, serviceRight("NT SERVICE\\ALL SERVICES"))
		}, true, facts.Certain, "", ""},
		{"the report has the entry itself", virtual, func(in *input) {
			covered(in)
			in.taken(-60, allServices, allow, system).report(nil, serviceRight("NT SERVICE\\ALL SERVICES"))
		}, true, facts.Certain, "", ""},
		{"given back", virtual, func(in *input) {
			covered(in)
			in.taken(-60, allServices, allow, system).given(-50, allServices, allow, system)
		}, false, "", "", "right-change-not-seen"},
		{"denial undone", virtual, func(in *input) {
			covered(in)
			in.given(-60, allServices, deny, system).taken(-50, allServices, deny, system)
		}, false, "", "", "right-change-not-seen"},
		{"before the last good start", virtual, func(in *input) { covered(in); in.taken(-700, allServices, allow, system) }, false, "", "", "right-change-not-seen"},
		{"after the refusal", virtual, func(in *input) { covered(in); in.taken(1, allServices, allow, system) }, false, "", "", "right-change-not-seen"},
		{"session of OpenSSH", virtual, func(in *input) { covered(in); in.taken(-60, sshSession, allow, system) }, false, "", "", "right-change-not-seen"},
		{"another service", virtual, func(in *input) {
			covered(in)
			in.taken(-60, "S-1-5-80-3880718306-3832830129-1677859214-2598158968-1052248003", allow, system)
		}, false, "", "", "right-change-not-seen"},
		{"a denial removed", virtual, func(in *input) { covered(in); in.taken(-60, allServices, deny, system) }, false, "", "", "right-change-not-seen"},
		{"another right", virtual, func(in *input) { covered(in); in.taken(-60, allServices, "SeBatchLogonRight", system) }, false, "", "", "right-change-not-seen"},
		{"another provider", virtual, func(in *input) {
			covered(in)
			in.taken(-60, allServices, allow, system).last(func(e *facts.Event) { e.Provider = "AnotherSource" })
		}, false, "", "", "right-change-not-seen"},
		{"may be a group", virtual, func(in *input) { covered(in); in.taken(-60, unknown, allow, system) }, false, "", "", "right-change-unclear"},
		{"group of virtual accounts, but a user", `CONTOSO\svc-adsync`, func(in *input) { covered(in); in.taken(-60, allServices, allow, system) }, false, "", "", "right-change-not-seen"},
		{"user known by a logon", `CONTOSO\svc-adsync`, func(in *input) {
			covered(in)
			in.event(-599, "Security", auditing, 4624, named("LogonType", "5", "TargetUserSid", unknown, "TargetUserName", "svc-adsync", "TargetDomainName", "CONTOSO")...)
			in.taken(-60, unknown, allow, system)
		}, true, facts.Certain, "", ""},
	} {
		in := refused(tt.account)
		tt.change(in)
		if len(in.reports) == 0 {
			in.report(nil)
		}
		r := in.host(t).Policy.Revocation
		if (len(r.Taken) == 1) != tt.taken || r.Confidence != tt.confidence || r.By != tt.by {
			t.Errorf("%s: taken %d, confidence %q, by %q; want %v, %q, %q", tt.name, len(r.Taken), r.Confidence, r.By, tt.taken, tt.confidence, tt.by)
		}
		if got := codes(r.Reasons); got != tt.reason {
			t.Errorf("%s: reasons %q, want %q", tt.name, got, tt.reason)
		}
	}
}

// codes lists the codes of reasons.
func codes(reasons []facts.Reason) string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Code)
	}
	return strings.Join(out, " ")
}

// TestRevocationWithoutRefusal: a right that is gone does not hurt a service that runs, yet.
func TestRevocationWithoutRefusal(t *testing.T) {
	in := new(input).log("System", nil).log("Security", nil).service(-600, "4").taken(-60, allServices, allow, system)
	if r := in.host(t).Policy.Revocation; len(r.Taken) != 0 || codes(r.Reasons) != "right-taken-not-started" {
		t.Errorf("taken %v, reasons %q", r.Taken, codes(r.Reasons))
	}
	in.report(nil, serviceRight(virtual))
	if r := in.host(t).Policy.Revocation; len(r.Taken)+len(r.Reasons) != 0 {
		t.Errorf("the report has another entry: taken %v, reasons %q", r.Taken, codes(r.Reasons))
	}
	in.reports = nil
	in.service(-5, "1").service(-4, "4")
	if r := in.host(t).Policy.Revocation; len(r.Taken)+len(r.Reasons) != 0 {
		t.Errorf("after a good start: taken %v, reasons %q", r.Taken, codes(r.Reasons))
	}
}

// TestRevocationGPOs: the GPOs of the moment are those that changed in the run of policy, or
// those of the audit event.
func TestRevocationGPOs(t *testing.T) {
	list := baseline + " Server Baseline\n"
	for _, tt := range []struct {
		name    string
		change  func(*input)
		want    int
		changed bool
	}{
		{"nothing known", func(*input) {}, 0, false},
		{"audited", func(in *input) { in.event(-59.9, "Security", auditing, 6144, named("GPOList", list)...) }, 1, false},
		{"audited at another time", func(in *input) { in.event(-30, "Security", auditing, 6144, named("GPOList", list)...) }, 0, false},
		{"run", func(in *input) { in.run(-150, "{1}", true, 1, 8006).run(-60, "{2}", true, 2, 8006) }, 1, true},
		{"run of a user", func(in *input) { in.run(-150, "{1}", false, 1, 8007).run(-60, "{2}", false, 2, 8007) }, 0, false},
		{"run at another time", func(in *input) { in.run(-150, "{1}", true, 1, 8006).run(-30, "{2}", true, 2, 8006) }, 0, false},
	} {
		in := refused(virtual).log("Security", nil).taken(-60, allServices, allow, system)
		tt.change(in)
		if r := in.host(t).Policy.Revocation; len(r.GPOs) != tt.want || r.Changed != tt.changed {
			t.Errorf("%s: GPOs %v, changed %v; want %d, %v", tt.name, r.GPOs, r.Changed, tt.want, tt.changed)
		}
	}
}

// TestFailing is the table of failures of policy that stand, and of those that do not.
func TestFailing(t *testing.T) {
	fails := func(minutes float64) func(*input) {
		return func(in *input) { in.policy(minutes, 1058, system, "ErrorCode", "5") }
	}
	for _, tt := range []struct {
		name     string
		changes  []func(*input)
		failing  int
		lasts    bool
		unmapped int
	}{
		{"nothing", nil, 0, false, 0},
		{"long before the end", []func(*input){fails(0)}, 1, true, 0},
		{"shortly before the end", []func(*input){fails(1400)}, 1, false, 0},
		{"for an hour", []func(*input){fails(1370), fails(1430)}, 2, true, 0},
		{"a user's", []func(*input){func(in *input) { in.policy(0, 1058, person, "ErrorCode", "5") }}, 0, false, 0},
		{"of nobody known", []func(*input){func(in *input) { in.policy(0, 1058, "", "ErrorCode", "5") }}, 0, false, 0},
		{"settled", []func(*input){fails(0), func(in *input) { in.policy(90, 1500, system) }}, 0, false, 0},
		{"settled before", []func(*input){func(in *input) { in.policy(-90, 1502, system) }, fails(0)}, 1, true, 0},
		{"settled for a user", []func(*input){fails(0), func(in *input) { in.policy(90, 1501, person) }}, 1, true, 0},
		{"settled by security settings", []func(*input){fails(0), func(in *input) { in.event(90, "Application", "SceCli", 1704) }}, 0, false, 0},
		{"run", []func(*input){func(in *input) { in.run(0, "{1}", true, 0, 7006, "ErrorCode", "1355") }}, 1, true, 0},
		{"run of a user", []func(*input){func(in *input) { in.run(0, "{1}", false, 0, 7007, "ErrorCode", "1355") }}, 0, false, 0},
		{"run settled", []func(*input){func(in *input) { in.run(0, "{1}", true, 0, 7006).run(90, "{2}", true, 0, 8006, "ErrorCode", "0") }}, 0, false, 0},
		{"service 7006", []func(*input){func(in *input) { in.scm(0, 7006, "ScRegSetValueExW", "FailureActions", "%%5") }}, 0, false, 0},
		{"ADSync 6016", []func(*input){func(in *input) { in.event(0, "Application", "ADSync", 6016) }}, 0, false, 0},
		{"security extension", []func(*input){func(in *input) {
			in.policy(0, 1085, system, "ErrorCode", "1208", "ExtensionId", strings.ToLower(security))
		}}, 1, true, 0},
		{"another extension", []func(*input){func(in *input) {
			in.policy(0, 1085, system, "ErrorCode", "5", "ExtensionId", "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}")
		}}, 0, false, 0},
		{"security extension, its run ends well", []func(*input){func(in *input) {
			in.policy(0, 1085, system, "ErrorCode", "1208", "ExtensionId", security).policy(0.1, 1502, system)
		}}, 1, true, 0},
		{"security extension, a later run is clean", []func(*input){func(in *input) {
			in.policy(0, 1085, system, "ErrorCode", "1208", "ExtensionId", security).policy(90, 1500, system)
		}}, 0, false, 0},
		{"extension cannot map", []func(*input){func(in *input) { in.policy(0, 1085, system, "ErrorCode", "1332", "ExtensionId", security) }}, 0, false, 1},
		{"SceCli cannot map", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : Aucun mappage"})
		}}, 0, false, 1},
		{"SceCli cannot reach a domain", []func(*input){func(in *input) { in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x6FC : ..."}) }}, 0, false, 1},
		{"SceCli, another error", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x5 : Access is denied."})
		}}, 0, false, 0},
		{"SceCli, no error", []func(*input){func(in *input) { in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "534"}) }}, 0, false, 0},
		{"audit cannot map", []func(*input){func(in *input) { in.event(0, "Security", auditing, 6145, named("ErrorCode", "1332")...) }}, 0, false, 1},
		{"mapped again", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : x"}).event(90, "Application", "SceCli", 1704)
		}}, 0, false, 0},
		{"mapped again, audited", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : x"}).event(90, "Security", auditing, 6144, named("ErrorCode", "0")...)
		}}, 0, false, 0},
		{"extension succeeds later", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : x"})
			in.event(90, policyLog, groupPolicy, 5016, named("CSEExtensionId", security, "ErrorCode", "0")...)
		}}, 0, false, 0},
		{"extension succeeds in the same run", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : x"})
			in.event(0.1, policyLog, groupPolicy, 5016, named("CSEExtensionId", security, "ErrorCode", "0")...)
		}}, 0, false, 1},
		{"processed without saying so", []func(*input){func(in *input) {
			in.event(0, "Application", "SceCli", 1202, facts.Field{Value: "0x534 : x"}).policy(90, 1500, system)
		}}, 0, false, 1},
	} {
		in := new(input).log("System", nil).service(-600, "4")
		for _, change := range tt.changes {
			change(in)
		}
		p := in.host(t).Policy
		if len(p.Failing) != tt.failing || p.FailingLasts != tt.lasts || len(p.Unmapped) != tt.unmapped {
			t.Errorf("%s: %d failing, lasting %v, %d unmapped; want %d, %v, %d", tt.name, len(p.Failing), p.FailingLasts, len(p.Unmapped), tt.failing, tt.lasts, tt.unmapped)
		}
		if (len(p.Reasons) > 0) != (tt.failing > 0 && !tt.lasts) {
			t.Errorf("%s: reasons %q", tt.name, codes(p.Reasons))
		}
	}
}

// TestDifference is the table of what changed between the last good start and the refusal.
func TestDifference(t *testing.T) {
	for _, tt := range []struct {
		name          string
		change        func(*input)
		found, none   bool
		changes, list int
	}{
		{"nothing", func(*input) {}, false, true, 0, 0},
		{"changes", func(in *input) { in.policy(-60, 1502, system) }, true, false, 1, 0},
		{"no changes", func(in *input) { in.policy(-60, 1500, system) }, false, true, 0, 0},
		{"a user's", func(in *input) { in.policy(-60, 1503, person) }, false, true, 0, 0},
		{"before the start", func(in *input) { in.policy(-700, 1502, system) }, false, true, 0, 0},
		{"after the refusal", func(in *input) { in.policy(1, 1502, system) }, false, true, 0, 0},
		{"another version", func(in *input) { in.run(-605, "{1}", true, 1, 8006).run(-60, "{2}", true, 2, 8006) }, true, false, 0, 2},
		{"another version between", func(in *input) { in.run(-500, "{1}", true, 1, 8006).run(-60, "{2}", true, 2, 8006) }, true, false, 0, 2},
		{"another version for a user", func(in *input) { in.run(-605, "{1}", false, 1, 8007).run(-60, "{2}", false, 2, 8007) }, false, true, 0, 0},
		{"applied again", func(in *input) {
			in.run(-605, "{1}", true, 1, 8006).run(-60, "{2}", true, 1, 8004)
			in.policy(-60, 1502, system).last(func(e *facts.Event) { e.ActivityID = "{2}" })
		}, false, true, 0, 2},
		{"applied again after a failure", func(in *input) {
			in.run(-605, "{1}", true, 1, 7006).run(-60, "{2}", true, 1, 8004)
			in.policy(-60, 1502, system).last(func(e *facts.Event) { e.ActivityID = "{2}" })
		}, true, false, 1, 2},
		{"list not whole", func(in *input) {
			in.run(-605, "{1}", true, 1, 8006).run(-60, "{2}", true, 2, 8006)
			in.events[len(in.events)-2].GPOsCut = true
		}, false, true, 0, 0},
		{"log has a gap", func(in *input) {
			in.logs[0].Gaps = []evtx.Gap{{From: t0.Add(-2 * time.Hour), To: t0.Add(-time.Hour)}}
			in.logs[0].GapCount = 1
		}, false, false, 0, 0},
	} {
		in := refused(virtual)
		tt.change(in)
		d := in.host(t).Policy.Difference
		if d.Found != tt.found || d.None != tt.none || len(d.Changes) != tt.changes || len(d.Lists) != tt.list {
			t.Errorf("%s: found %v, none %v, %d changes, %d lists; want %v, %v, %d, %d", tt.name, d.Found, d.None, len(d.Changes), len(d.Lists), tt.found, tt.none, tt.changes, tt.list)
		}
		if (len(d.Reasons) > 0) != (!tt.found && !tt.none) {
			t.Errorf("%s: reasons %q", tt.name, codes(d.Reasons))
		}
	}
}

// edited adds the two events of a change in the directory, logged by a domain controller.
func (in *input) edited(minutes float64, domain, dn, attribute, before, after string) *input {
	for _, v := range [][2]string{{"%%14675", before}, {"%%14674", after}} {
		if v[1] == "" {
			continue
		}
		in.event(minutes, "Security", auditing, 5136, named(
			"OpCorrelationID", fmt.Sprint(minutes), "SubjectUserName", "j.doe", "SubjectDomainName", "CONTOSO", "DSName", domain, "ObjectDN", dn,
			"ObjectClass", "groupPolicyContainer", "AttributeLDAPDisplayName", attribute, "AttributeValue", v[1], "OperationType", v[0],
		)...).last(func(e *facts.Event) { e.Computer = "DC01." + domain })
	}
	return in
}

// TestEditing is the table of edits that concern the GPO that decides, and of others.
func TestEditing(t *testing.T) {
	dn := "CN=" + baseline + ",CN=Policies,CN=System,DC=contoso,DC=com"
	link := "[LDAP://cn=" + baseline + ",cn=policies,cn=system,DC=contoso,DC=com;0]"
	for _, tt := range []struct {
		name   string
		change func(*input)
		what   string
		since  bool
	}{
		{"computer settings", func(in *input) { in.edited(-60, "contoso.com", dn, "versionNumber", "65541", "65542") }, "its computer settings were saved (version 5 to 6)", true},
		{"before the last good start", func(in *input) { in.edited(-660, "contoso.com", dn, "versionNumber", "5", "6") }, "its computer settings were saved (version 5 to 6)", false},
		{"kinds of settings", func(in *input) { in.edited(-60, "contoso.com", dn, "gPCMachineExtensionNames", "", "[{827D319E}]") }, "the kinds of computer settings that it has were changed", true},
		{"linked", func(in *input) { in.edited(-60, "contoso.com", "OU=Servers", "gPLink", "", link) }, "it was linked to OU=Servers", true},
		{"unlinked", func(in *input) { in.edited(-60, "contoso.com", "OU=Servers", "gPLink", link, " ") }, "its link was removed from OU=Servers", true},
		{"enforced", func(in *input) {
			in.edited(-60, "contoso.com", "OU=Servers", "gPLink", link, strings.Replace(link, ";0", ";2", 1))
		}, "its link was enabled, disabled or enforced at OU=Servers", true},

		{"user settings", func(in *input) { in.edited(-60, "contoso.com", dn, "versionNumber", "65541", "131077") }, "", false},
		{"old version not seen", func(in *input) { in.edited(-60, "contoso.com", dn, "versionNumber", "", "65542") }, "", false},
		{"long before the last good start", func(in *input) { in.edited(-3000, "contoso.com", dn, "versionNumber", "5", "6") }, "", false},
		{"after the refusal", func(in *input) { in.edited(1, "contoso.com", dn, "versionNumber", "5", "6") }, "", false},
		{"another GPO", func(in *input) {
			in.edited(-60, "contoso.com", strings.Replace(dn, "7B1C", "0000", 1), "versionNumber", "5", "6")
		}, "", false},
		{"another domain", func(in *input) { in.edited(-60, "fabrikam.com", dn, "versionNumber", "5", "6") }, "", false},
		{"another attribute", func(in *input) { in.edited(-60, "contoso.com", dn, "displayName", "5", "6") }, "", false},
		{"a link too long to keep", func(in *input) {
			in.edited(-60, "contoso.com", "OU=Servers", "gPLink", link, strings.Repeat(" ", 2048))
		}, "", false},
	} {
		in := refused(virtual).report(nil, serviceRight("NETWORK SERVICE"))
		in.reports[0].Computer.Rights[0].Winner.GUID = baseline
		tt.change(in)
		e := in.host(t).Policy.Editing // one host: the domain controller is none
		if e.Last.What != tt.what || e.SinceGood != tt.since || (len(e.Events) > 0) != (tt.what != "") {
			t.Errorf("%s: %q, since the good start %v, %d events; want %q, %v", tt.name, e.Last.What, e.SinceGood, len(e.Events), tt.what, tt.since)
		}
		if tt.what != "" && (e.Last.By != `CONTOSO\j.doe` || e.GPO.Name != "Server Baseline") {
			t.Errorf("%s: by %q, GPO %v", tt.name, e.Last.By, e.GPO)
		}
	}
}

// TestEditorsAreNoHosts: edits of GPOs alone do not make a domain controller a host, as long
// as there is another one.
func TestEditorsAreNoHosts(t *testing.T) {
	dn := "CN=" + baseline + ",CN=Policies"
	stream := func(in *input) *input {
		return in.log("Security", func(s *evtx.Stream) { s.Computer = "DC01.contoso.com" })
	}
	alone := stream(new(input)).edited(-60, "contoso.com", dn, "versionNumber", "5", "6")
	if hosts := alone.hosts(); len(hosts) != 1 || hosts[0].Name != "DC01" {
		t.Errorf("alone: %d hosts", len(hosts))
	}
	with := stream(new(input)).edited(-60, "contoso.com", dn, "versionNumber", "5", "6").log("System", nil).scm(0, 7036, "Spooler", "running")
	with.event(0, "System", "EventLog", 6005)
	if hosts := with.hosts(); len(hosts) != 1 || hosts[0].Name != "SYNC01" {
		t.Errorf("with a computer that was started: %d hosts", len(hosts))
	}
}

// TestPolicyTimeline: what happened to policy is told in order, of users' policy nothing.
func TestPolicyTimeline(t *testing.T) {
	in := refused(virtual).log("Security", nil).report(func(r *gpreport.Report) {
		r.Computer.Applied = []gpreport.GPO{{Name: "Server Baseline", GUID: baseline}}
	})
	in.edited(-90, "contoso.com", "CN="+baseline+",CN=Policies", "versionNumber", "5", "6")
	in.edited(-80, "contoso.com", "CN={00000000-0000-0000-0000-000000000000},CN=Policies", "versionNumber", "5", "6")
	in.policy(-70, 1058, system, "ErrorCode", "5").policy(-69, 1058, person, "ErrorCode", "5")
	in.run(-65, "{1}", true, 1, 8006).run(-60, "{2}", true, 2, 8006)
	in.taken(-60, allServices, allow, system).taken(-59, sshSession, allow, system)
	var got []string
	for _, e := range in.host(t).Timeline {
		if e.Kind == "policy" {
			got = append(got, e.What)
		}
	}
	want := []string{
		`CONTOSO\j.doe edited the GPO "Server Baseline" ` + baseline + ": its computer settings were saved (version 5 to 6)",
		"computer policy could not be processed: ",
		"the GPOs of the computer changed: other version of Server Baseline",
		`the right SeServiceLogonRight was taken from NT SERVICE\ALL SERVICES`,
		"computer policy was refreshed last before the report",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("timeline %q, want %q", got, want)
	}
}

// TestNoiseOfRights: sessions of OpenSSH do not push out the changes that matter.
func TestNoiseOfRights(t *testing.T) {
	c := facts.NewCollector(facts.Config{MaxEvents: 10})
	in := refused(virtual).taken(-60, allServices, allow, system)
	for i := range 1000 {
		in.given(float64(-50+i/100), sshSession, allow, system)
	}
	for _, e := range in.events {
		c.AddEvent(e)
	}
	if h := c.Hosts()[0]; len(h.Policy.Revocation.Taken) != 1 {
		t.Error("the change was pushed out")
	}
}
