package gpreport_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

func TestSettings(t *testing.T) {
	c := sync01()
	admin := section("1", "Administrative Templates", `<div class="he4i">Policy definitions retrieved.</div>`+
		section("3", "System/KDC", `<div class="he4i"><table class="info3" >`+
			"<tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>\r\n"+
			row(`<span class="explainlink" gpmc_settingdescription="long">Expanded</span>`, "Enabled", "Server Baseline")+
			`<tr><td colspan="3"><table class="subtable_frame" ><tr><th>A</th><th>B</th><th>Winning GPO</th></tr><tr><td>x</td><td>y</td><td>z</td></tr></table></td></tr>`+
			"<tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>\r\n"+
			row("Second", "Disabled", "Local Group Policy")+"</table></div>"))
	scripts := section("2", "Scripts", section("4", "Startup", `<div class="he4i"><table class="info3" ><tr><th>Name</th><th>Parameters</th><th>Last Run</th><th>Winning GPO</th></tr>`+
		row(`a.cmd`, "", "1/28/2016", "Server Baseline")+row(`b.cmd`, "-x", "1/29/2016", "Server Baseline")+"</table></div>"))
	service := section("3", "System Services", section("4h", "Print Spooler (Startup Mode: Disabled)",
		`<div class="he4i"><table class="info" ><tr><td scope="row"><b>Winning GPO</b></td><td>Server Baseline</td></tr></table><b>Permissions</b><table class="info3"><tr><th>Type</th><th>Name</th><th>Permission</th></tr>`+row("a", "b", "c")+`</table></div>`))
	c.settings = section("1h_expanded", "Policies", section("1_expanded", "Windows Settings", scripts+section("2", "Security Settings", service))+admin)
	r := parse(t, page{computer: c.String()})
	type flat struct {
		row                                int
		section, name, value, winner, guid string
	}
	var got []flat
	for _, s := range r.Computer.Settings {
		got = append(got, flat{s.Location.Row, strings.Join(s.Section, "|"), s.Name, s.Value, s.Winner.Name, s.Winner.GUID})
		if s.Location.Line == 0 || !slices.Equal(s.Location.Section[:2], []string{"Computer Details", "Settings"}) {
			t.Errorf("%q: location %+v", s.Name, s.Location)
		}
	}
	want := []flat{
		{1, "Policies|Windows Settings|Scripts|Startup", "a.cmd", "Last Run: 1/28/2016", "Server Baseline", guidB},
		{2, "Policies|Windows Settings|Scripts|Startup", "b.cmd", "Parameters: -x; Last Run: 1/29/2016", "Server Baseline", guidB},
		{1, "Policies|Windows Settings|Security Settings|System Services", "Print Spooler (Startup Mode: Disabled)", "", "Server Baseline", guidB},
		{1, "Policies|Administrative Templates|System/KDC", "Expanded", "Enabled", "Server Baseline", guidB},
		{2, "Policies|Administrative Templates|System/KDC", "Second", "Disabled", "Local Group Policy", ""},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(flat{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(r.Computer.Rights) != 0 || r.Computer.Incomplete {
		t.Errorf("rights %+v, incomplete %v", r.Computer.Rights, r.Computer.Incomplete)
	}
}

// withoutPlaces leaves out where things stand.
var withoutPlaces = cmp.Options{cmpopts.IgnoreTypes(evidence.Location{}), cmpopts.EquateEmpty()}

// winnerTable is how the tables of items name their winner.
const winnerTable = `<div class="he4i"><table class="info" ><tr><td scope="row"><b>Winning GPO</b></td><td>Server Baseline</td></tr></table></div>`

var baseline = gpreport.GPORef{Name: "Server Baseline", GUID: guidB}

// TestTemplateDetails: options of a policy stand in rows below it, in tables of their own.
func TestTemplateDetails(t *testing.T) {
	c := sync01()
	c.settings = section("1h_expanded", "Policies", section("1", "Administrative Templates",
		`<div class="he4i">Policy definitions (ADMX files) retrieved from the central store.</div>`+
			section("3", "Windows Components/Update", `<div class="he4i"><table class="info3" ><tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>`+
				row(`<span class="explainlink" gpmc_settingName="Updates" gpmc_settingDescription="First.&lt;br/&gt;&lt;br/&gt;&amp;quot;Second&amp;quot;." gpmc_supported="At least Windows Vista">Updates</span>`, "Enabled", "Server Baseline")+
				`<tr><td colspan="3"><table class="subtable_frame" ><tr><td>Install on</td><td>Sunday</td></tr><tr><td colspan="2">Only on weekends.</td></tr>`+
				`<tr><td colspan="2"><table class="subtable"><tr><th>Servers</th></tr><tr><td>one</td></tr><tr><td>two</td></tr></table></td></tr>`+
				`<tr><td>Paths</td><td><table class="subtable"><tr><th>Path</th><th>&nbsp;</th><th>Source GPO</th></tr><tr><td>\\*\X</td><td>a=1</td><td>Server Baseline</td></tr></table></td></tr></table></td></tr>`+
				row("Other", "Disabled", "Server Baseline")+"</table></div>")+
			section("3", "Nothing here", "")))
	got := parse(t, page{computer: c.String()}).Computer
	want := []gpreport.Setting{
		{
			Section: []string{"Policies", "Administrative Templates", "Windows Components/Update"}, Name: "Updates", Value: "Enabled", Winner: baseline,
			Details: []gpreport.Field{{Name: "Install on", Value: "Sunday"}, {Value: "Only on weekends."}, {Name: "Servers", Value: "one"}, {Name: "Servers", Value: "two"}, {Name: `Paths > Path > \\*\X`, Value: "a=1; Source GPO: Server Baseline"}},
			Explain: "First.\n\n\"Second\".", Supported: "At least Windows Vista",
		},
		{Section: []string{"Policies", "Administrative Templates", "Windows Components/Update"}, Name: "Other", Value: "Disabled", Winner: baseline},
	}
	if diff := cmp.Diff(want, got.Settings, withoutPlaces); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	notes := []gpreport.Note{
		{Section: []string{"Policies", "Administrative Templates"}, Text: "Policy definitions (ADMX files) retrieved from the central store."},
		{Section: []string{"Policies", "Administrative Templates", "Nothing here"}},
	}
	if diff := cmp.Diff(notes, got.Notes, withoutPlaces); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// spooler is the section of a service; the table of its winner is left out in reports of GPOs.
func spooler(winner string) string {
	return section("3", "System Services", section("4h", "Print Spooler (Startup Mode: Disabled)", winner+
		`<div class="he4i"><b>Permissions</b><br/>No permissions specified</div><div class="he4i"><b>Auditing</b><table class="info3"><tr><th>Type</th><th>Name</th><th>Access</th></tr>`+
		row("Failure", "Everyone", "Full control")+"</table></div>")+section("4h", "ftpsvc (Startup Mode: Odd)", winner))
}

func TestServices(t *testing.T) {
	c := sync01()
	c.settings = settingsOf(spooler(winnerTable))
	p := gpoPage{computer: settingsOf(spooler(""))}
	for _, tt := range []struct {
		text   string
		winner gpreport.GPORef
	}{{page{computer: c.String()}.String(), baseline}, {p.String(), gpreport.GPORef{}}} {
		r, err := parseBytes([]byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		want := []gpreport.Service{
			{Name: "Print Spooler", Mode: gpreport.Disabled, ModeText: "Disabled", Winner: tt.winner},
			{Name: "ftpsvc", ModeText: "Odd", Winner: tt.winner},
		}
		if diff := cmp.Diff(want, r.Computer.Services, withoutPlaces); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Kind, diff)
		}
		set := gpreport.Setting{
			Section: []string{"Policies", "Windows Settings", "Security Settings", "System Services"}, Name: "Print Spooler (Startup Mode: Disabled)", Winner: tt.winner,
			Details: []gpreport.Field{{Name: "Permissions", Value: "No permissions specified"}, {Name: "Auditing > Type > Failure", Value: "Name: Everyone; Access: Full control"}},
		}
		if diff := cmp.Diff(set, r.Computer.Settings[0], withoutPlaces); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Kind, diff)
		}
	}
}

// localGroups is an item of the preferences for local groups.
func localGroups(winner string) string {
	return section("1h_expanded", "Preferences", section("1_expanded", "Control Panel Settings", section("2", "Local Users and Groups",
		section("3", "Group (Name: Administrators (built-in))", `<div class="he4i">The settings nearest the top are the prevailing ones.</div>`+
			section("4", "Administrators (built-in) (Order: 1)", winner+`<div class="he4i">Result: Success</div>`+section("4h", "Local Group",
				`<div class="he4i"><table class="info"><tr><td>Action</td><td>Update</td></tr></table><b>Properties</b><table class="subtable">`+
					row("Group name", "Administrators (built-in)")+row("Delete all member users", "Enabled")+row("Delete all member groups", "Disabled")+
					`</table><b>Add members</b><table class="subtable">`+row(`CONTOSO\Admins`, "S-1-5-21-1-2-3-512")+`</table><b>Remove members</b><table class="subtable">`+row(`CONTOSO\old`, "")+`</table></div>`))))))
}

func TestLocalGroups(t *testing.T) {
	c := sync01()
	c.settings = localGroups(winnerTable)
	for _, tt := range []struct {
		text   string
		winner gpreport.GPORef
	}{{page{computer: c.String()}.String(), baseline}, {gpoPage{computer: localGroups("")}.String(), gpreport.GPORef{}}} {
		r, err := parseBytes([]byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		want := []gpreport.LocalGroup{{
			Group: sid.ParsePrincipal("Administrators"), Action: "Update", DeleteUsers: true, Winner: tt.winner,
			Add: []sid.Principal{{Name: `CONTOSO\Admins`}}, Remove: []sid.Principal{{Name: `CONTOSO\old`}},
		}}
		if diff := cmp.Diff(want, r.Computer.LocalGroups, withoutPlaces); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Kind, diff)
		}
		if n := len(r.Computer.Settings); n != 1 || r.Computer.Settings[0].Winner != tt.winner || !slices.Contains(r.Computer.Settings[0].Details, gpreport.Field{Value: "Result: Success"}) {
			t.Errorf("%s: settings %+v", r.Kind, r.Computer.Settings)
		}
	}
}

func TestRestrictedGroups(t *testing.T) {
	c := sync01()
	c.settings = settingsOf(section("3", "Restricted Groups", `<div class="he4i"><table class="info3"><tr><th>Group</th><th>Members</th><th>Member of</th><th>Winning GPO</th></tr>`+
		row(`CONTOSO\Ops`, "", "Administrators, Backup Operators", "Server Baseline")+row("Administrators", `CONTOSO\a, CONTOSO\b`, "", "Server Baseline")+"</table></div>"))
	want := []gpreport.RestrictedGroup{
		{Group: sid.Principal{Name: `CONTOSO\Ops`}, MemberOf: []sid.Principal{sid.ParsePrincipal("Administrators"), sid.ParsePrincipal("Backup Operators")}, Winner: baseline},
		{Group: sid.ParsePrincipal("Administrators"), Members: []sid.Principal{{Name: `CONTOSO\a`}, {Name: `CONTOSO\b`}}, Winner: baseline},
	}
	got := parse(t, page{computer: c.String()}).Computer.RestrictedGroups
	if diff := cmp.Diff(want, got, withoutPlaces); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTypedInGerman: the words of other languages are translated, as far as they are known.
func TestTypedInGerman(t *testing.T) {
	c := sync01()
	c.settings = settingsOf(section("3", "Systemdienste", section("4h", "Druckwarteschlange (Startmodus: Deaktiviert)", winnerTable)) +
		section("3", "Eingeschränkte Gruppen", `<div class="he4i"><table class="info3"><tr><th>Gruppe</th><th>Mitglieder</th><th>Mitglied von</th><th>Winning GPO</th></tr>`+
			row("Administratoren", `CONTOSO\a`, "", "Server Baseline")+"</table></div>"))
	r := parse(t, page{computer: c.String()})
	if s := r.Computer.Services; len(s) != 1 || s[0].Name != "Druckwarteschlange" || s[0].Mode != gpreport.Disabled {
		t.Errorf("services %+v", s)
	}
	if g := r.Computer.RestrictedGroups; len(g) != 1 || g[0].Group.SID != "S-1-5-32-544" || len(g[0].Members) != 1 {
		t.Errorf("restricted groups %+v", g)
	}
}
