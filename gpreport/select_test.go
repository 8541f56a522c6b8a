package gpreport_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// selectable is a report in which something is found by each condition.
func selectable() *gpreport.Report {
	return sync01Report(func(r *gpreport.Report) {
		batch := gpreport.Assignment{
			Right: "SeBatchLogonRight", Display: "Anmelden als Stapelverarbeitungsauftrag", Principals: accountsOf("S-1-5-32-544"), Winner: refTo(defaultsGPO),
			Others:   []gpreport.Loser{{GPO: refTo(baselineGPO), Principals: accountsOf(`CONTOSO\svc-batch`)}},
			Location: evidence.Location{Section: []string{"Computer", "Local Policies/User Rights Assignment"}},
		}
		c := r.Computer
		c.Rights = append(c.Rights, batch, gpreport.Assignment{Display: "Sonderrecht", Winner: gpreport.GPORef{Name: "Other"}})
		c.Denied = []gpreport.GPO{{Name: "Other", DeniedReason: "Empty"}}
		c.Settings = append(c.Settings, gpreport.Setting{
			Section: []string{"Policies", "Windows Settings", "Local Policies/Security Options", "Accounts"}, Name: "Guest", Value: "Disabled",
			Details: []gpreport.Field{{Name: "Option", Value: "Powershell"}}, Others: []gpreport.LosingSetting{{GPO: gpreport.GPORef{Name: "Other"}, Value: "Enabled"}},
			Location: evidence.Location{Line: 7},
		})
		c.Services = []gpreport.Service{{Name: "Guest", Location: evidence.Location{Line: 7}}, {Name: "Spooler", Location: evidence.Location{Line: 8}}}
		c.General = []gpreport.Field{{Name: "Site", Value: "Paris"}}
		r.User = &gpreport.Scope{Groups: accountsOf("Everyone")}
		r.Runs = []gpreport.Run{{ActivityID: "c"}, {ActivityID: "u", User: true}}
	})
}

// chosen lists what a report has.
func chosen(r *gpreport.Report) string {
	var out []string
	for _, s := range []*gpreport.Scope{r.Computer, r.User} {
		if s == nil {
			continue
		}
		for _, g := range append(slices.Clip(s.Applied), s.Denied...) {
			out = append(out, "gpo "+g.Name)
		}
		for _, g := range s.Groups {
			out = append(out, "group "+g.Name)
		}
		for _, a := range s.Rights {
			out = append(out, "right "+a.Right+a.Display[:1])
		}
		for _, x := range s.Settings {
			out = append(out, "setting "+x.Name)
		}
		for _, x := range s.Services {
			out = append(out, "service "+x.Name)
		}
		for _, f := range s.General {
			out = append(out, "general "+f.Name)
		}
	}
	for _, run := range r.Runs {
		out = append(out, "run "+run.ActivityID)
	}
	return strings.Join(out, ", ")
}

func TestSelection(t *testing.T) {
	const (
		gpos     = "gpo Default Domain Policy, gpo Server Baseline, gpo Other"
		rights   = "right SeServiceLogonRightL, right SeBatchLogonRightA, right S"
		settings = "setting Minimum password age, setting Rule, setting Rule, setting Guest, service Guest, service Spooler"
		group    = `group CONTOSO\Domain Computers`
	)
	for _, tt := range []struct {
		name string
		sel  gpreport.Selection
		want string
	}{
		{"everything", gpreport.Selection{}, gpos + ", " + group + ", " + rights + ", " + settings + ", general Site, group Everyone, run c, run u"},
		{"computer", gpreport.Selection{Scope: gpreport.ComputerScope}, gpos + ", " + group + ", " + rights + ", " + settings + ", general Site, run c"},
		{"user", gpreport.Selection{Scope: gpreport.UserScope}, "group Everyone, run u"},
		{"GPOs", gpreport.Selection{Parts: []gpreport.Part{gpreport.GPOsPart}}, gpos},
		{"rights and groups", gpreport.Selection{Parts: []gpreport.Part{gpreport.RightsPart, gpreport.GroupsPart}}, group + ", " + rights + ", group Everyone"},
		{"settings", gpreport.Selection{Parts: []gpreport.Part{gpreport.SettingsPart}}, settings},
		{"a right", gpreport.Selection{Rights: []string{"sebatchlogonright"}}, "right SeBatchLogonRightA"},
		{"a right of unknown name", gpreport.Selection{Rights: []string{"SONDERRECHT"}}, "right S"},
		{"path of settings", gpreport.Selection{Path: `security options > accounts`}, "setting Guest, service Guest"},
		{"path with parts of headings", gpreport.Selection{Path: `ows Settings/Local`}, ""},
		{"path of rights", gpreport.Selection{Path: `\User Rights Assignment\`}, rights},
		{"find a detail", gpreport.Selection{Find: "powerSHELL"}, "setting Guest, service Guest"},
		{"find a value", gpreport.Selection{Find: "1 days"}, "setting Minimum password age"},
		{"find a well-known name", gpreport.Selection{Find: `builtin\admin`}, "right SeBatchLogonRightA"},
		{"find an account that loses", gpreport.Selection{Find: "svc-batch"}, "right SeBatchLogonRightA"},
		{"find among GPOs", gpreport.Selection{Find: "empty", Parts: []gpreport.Part{gpreport.GPOsPart}}, "gpo Other"},
		{"find among groups", gpreport.Selection{Find: "every", Parts: []gpreport.Part{gpreport.GroupsPart}}, "group Everyone"},
		{"a GPO by name", gpreport.Selection{GPO: "server baseline"}, "gpo Server Baseline, right SeServiceLogonRightL, right SeBatchLogonRightA"},
		{"a GPO by GUID", gpreport.Selection{GPO: "31b2f340-016d-11d2-945f-00c04fb984f9"}, "gpo Default Domain Policy, right SeBatchLogonRightA, setting Minimum password age, setting Rule, setting Rule"},
		{"a GPO that loses", gpreport.Selection{GPO: "Other"}, "gpo Other, right S, setting Guest, service Guest"},
		{"conditions together", gpreport.Selection{GPO: "Server Baseline", Find: "svc-sql"}, "right SeServiceLogonRightL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := selectable()
			if got := chosen(tt.sel.Of(r)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if diff := gocmp.Diff(selectable(), r); diff != "" {
				t.Errorf("the report was changed:\n%s", diff)
			}
		})
	}
}

// A report of the GPO that is asked for is chosen as a whole, any other not at all.
func TestSelectionOfDescribedGPO(t *testing.T) {
	r := selectable()
	r.Results, r.GPO = gpreport.Defined, gpreport.GPORef{Name: "Described", GUID: "{D}"}
	whole := chosen(r)
	if got := chosen(gpreport.Selection{GPO: "{d}"}.Of(r)); got != whole {
		t.Error(got)
	}
	if got := chosen(gpreport.Selection{GPO: "Another"}.Of(r)); got != "" {
		t.Error(got)
	}
}

// The headings of the console find security settings of each format.
func TestSelectionOfConsolePath(t *testing.T) {
	for _, tt := range []struct {
		path, name string
		section    []string
		want       bool
	}{
		{"Security Settings/Account Policies", "Maximum password age", []string{"SecuritySettings", "Account", "Password"}, true},
		{"Account Policies/Password Policy", "Maximum password age", []string{"SecuritySettings", "Account", "Password"}, true},
		{"Account Policies/Password Policy", "Threshold", []string{"SecuritySettings", "Account", "Account Lockout"}, false},
		{"Security Options", "x", []string{"SecuritySettings", "SecurityOptions"}, true},
		{"SecurityOptions", "x", []string{"SecuritySettings", "SecurityOptions"}, true},
		{"Event Log/Application", "MaximumLogSize", []string{"SecuritySettings", "EventLog", "Application"}, true},
		{"Administrative Templates/System/Logon", "x", []string{"RegistrySettings", "Policy", "System/Logon"}, true},
		{"Account Policies", "MinimumPasswordAge", []string{"System Access"}, true},
		{"Account Policies", "EnableGuestAccount", []string{"System Access"}, false},
		{"Security Options", "EnableGuestAccount", []string{"System Access"}, true},
		{"Audit Policy", "AuditSystemEvents", []string{"Event Audit"}, true},
		{"Restricted Groups", "Administrators", []string{"Group Membership"}, true},
		{"System Services", "Spooler", []string{"Service General Setting"}, true},
		{"Windows Settings/Security Settings/Account Policies", "x", []string{"Account Policies"}, true},
		{"Account Policies", "x", []string{"Unicode"}, false},
		{"Account Policies", "x", nil, false},
	} {
		r := &gpreport.Report{Computer: &gpreport.Scope{Settings: []gpreport.Setting{{Section: tt.section, Name: tt.name}}}}
		if got := len(gpreport.Selection{Path: tt.path}.Of(r).Computer.Settings) == 1; got != tt.want {
			t.Errorf("%s: %v > %s is %v, want %v", tt.path, tt.section, tt.name, got, tt.want)
		}
	}
}

func TestSelectionOfDiff(t *testing.T) {
	before, after := selectable(), selectable()
	after.Computer.Applied[1].RevisionAD, after.Computer.Applied[1].RevisionSysvol = 9, 9
	after.Computer.Rights[0].Principals = accountsOf("Guests")
	after.Computer.Rights = after.Computer.Rights[:2]
	after.Computer.Settings[0].Value = "2 days"
	after.Computer.Groups = nil
	after.User = nil
	d := gpreport.Compare(before, after)
	all := story(d)
	const (
		gpo     = "computer gpo changed Server Baseline revision 3>9"
		groups  = `computer groups +[] -[CONTOSO\Domain Computers]`
		right   = `computer right changed Log on as a service [accounts] +[Guests] -[CONTOSO\svc-sql, NT SERVICE\ALL SERVICES]`
		setting = "computer setting changed Minimum password age [value]"
		user    = "unsure user  after no-data "
		unknown = "unsure computer rights before unknown-name Sonderrecht"
	)
	for _, tt := range []struct {
		name string
		sel  gpreport.Selection
		want []string
	}{
		{"everything", gpreport.Selection{}, all},
		{"computer", gpreport.Selection{Scope: gpreport.ComputerScope}, []string{gpo, groups, right, setting, unknown}},
		{"user", gpreport.Selection{Scope: gpreport.UserScope}, []string{user}},
		{"GPOs", gpreport.Selection{Parts: []gpreport.Part{gpreport.GPOsPart}}, []string{gpo, user}},
		{"a right", gpreport.Selection{Rights: []string{"SeServiceLogonRight"}}, []string{right}},
		{"a right of unknown name", gpreport.Selection{Rights: []string{"Sonderrecht"}}, []string{unknown}},
		{"find", gpreport.Selection{Find: "password"}, []string{setting, user}},
		{"a GPO", gpreport.Selection{GPO: "Server Baseline"}, []string{gpo, right, user}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := story(tt.sel.OfDiff(d))
			slices.Sort(got)
			want := slices.Sorted(slices.Values(tt.want))
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if diff := gocmp.Diff(all, story(d)); diff != "" {
		t.Errorf("the comparison was changed:\n%s", diff)
	}
}
