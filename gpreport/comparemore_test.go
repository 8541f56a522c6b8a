package gpreport_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// compared tests what comparing two reports tells, and that it is the same the other way round.
func compared(t *testing.T, before, after *gpreport.Report, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, story(gpreport.Compare(before, after))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mirrored(t, before, after)
}

// What neither report tells is not equal.
func TestCompareTellsGaps(t *testing.T) {
	incomplete := func(r *gpreport.Report) { r.Incomplete = true }
	noUser := func(r *gpreport.Report) { r.UserAbsent = gpreport.NoData }
	noComputer := func(r *gpreport.Report) { r.Computer, r.ComputerAbsent = nil, gpreport.NoData }
	noSettings := func(r *gpreport.Report) {
		r.Kind = gpreport.GPResultText
		r.Computer.Rights, r.Computer.Settings, r.Computer.Incomplete = nil, nil, true
		r.Warnings = []gpreport.Warning{{Code: gpreport.NoSettings}}
	}
	t.Run("both cut off", func(t *testing.T) {
		compared(
			t, sync01Report(incomplete), sync01Report(incomplete), "unsure computer  before cut-off ", "unsure computer  after cut-off ",
			"unsure user  before not-reached ", "unsure user  after not-reached ",
		)
	})
	t.Run("no data in both", func(t *testing.T) {
		compared(t, sync01Report(noUser), sync01Report(noUser))
		if (gpreport.Selection{Scope: gpreport.UserScope}).OfDiff(gpreport.Compare(sync01Report(noUser), sync01Report(noUser))).Compared() {
			t.Error("users are told to be compared")
		}
		compared(t, sync01Report(noComputer), sync01Report(noComputer), "unsure computer   no-data ")
	})
	t.Run("no settings in both", func(t *testing.T) {
		compared(t, sync01Report(noSettings), sync01Report(noSettings), "unsure computer  before no-settings ", "unsure computer  after no-settings ")
		d := gpreport.Compare(sync01Report(noSettings), sync01Report(noSettings))
		if want := []gpreport.Part{gpreport.GPOsPart, gpreport.GroupsPart}; !slices.Equal(d.Computer.Compared, want) {
			t.Errorf("compared %v", d.Computer.Compared)
		}
		if chosen := (gpreport.Selection{Parts: []gpreport.Part{gpreport.RightsPart}}).OfDiff(d); chosen.Compared() {
			t.Error("rights are told to be compared")
		}
	})
	t.Run("nothing was read", func(t *testing.T) {
		stopped := &gpreport.Report{Kind: gpreport.GPResultHTML, Incomplete: true, ComputerAbsent: gpreport.NotReached, UserAbsent: gpreport.NotReached}
		d := gpreport.Compare(stopped, stopped)
		if d.Compared() || len(d.Unsure) != 4 {
			t.Errorf("compared %v: %q", d.Compared(), story(d))
		}
	})
}

// A selection keeps what cannot be compared in what it chooses, and nothing else.
func TestSelectionOfUnsure(t *testing.T) {
	before := sync01Report()
	after := sync01Report(func(r *gpreport.Report) {
		r.Incomplete = true
		r.Computer.Rights, r.Computer.Settings = nil, nil
	})
	d := gpreport.Compare(before, after)
	for _, tt := range []struct {
		name     string
		sel      gpreport.Selection
		want     []string
		compared bool
	}{
		{"an account of a right", gpreport.Selection{Scope: gpreport.ComputerScope, Find: "svc-sql"}, []string{
			"unsure computer  after cut-off ", "unsure computer rights after cut-off Log on as a service",
		}, false},
		{"a section", gpreport.Selection{Scope: gpreport.ComputerScope, Path: "Password Policy"}, []string{
			"unsure computer  after cut-off ", "unsure computer settings after cut-off Minimum password age",
		}, false},
		{"a GPO", gpreport.Selection{Scope: gpreport.ComputerScope, GPO: baselineGPO.GUID}, []string{
			"unsure computer  after cut-off ", "unsure computer rights after cut-off Log on as a service",
		}, true},
		{"a right that one has", gpreport.Selection{Rights: []string{"SeServiceLogonRight"}}, []string{"unsure computer rights after cut-off Log on as a service"}, false},
		{"a right that none has", gpreport.Selection{Rights: []string{"SeTcbPrivilege"}}, []string{"unsure computer rights after cut-off SeTcbPrivilege"}, false},
		{"the user", gpreport.Selection{Scope: gpreport.UserScope}, []string{"unsure user  before no-data ", "unsure user  after not-reached "}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chosen := tt.sel.OfDiff(d)
			if diff := gocmp.Diff(tt.want, story(chosen)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if chosen.Compared() != tt.compared {
				t.Errorf("compared %v", chosen.Compared())
			}
		})
	}
	// A right that both have is told, whatever else is missing.
	if got := story(gpreport.Selection{Rights: []string{"Log on as a service"}}.OfDiff(gpreport.Compare(before, sync01Report(func(r *gpreport.Report) { r.Incomplete = true })))); len(got) != 0 {
		t.Error(got)
	}
	// One whose name was not recognised may be the one that is asked for.
	odd := func(accounts ...string) *gpreport.Report {
		return sync01Report(func(r *gpreport.Report) {
			r.Computer.Rights = []gpreport.Assignment{{Display: "Sonderrecht", Principals: accountsOf(accounts...)}}
		})
	}
	got := gpreport.Selection{Rights: []string{"SeTcbPrivilege"}}.OfDiff(gpreport.Compare(odd("Guests"), odd("Users")))
	if want := []string{"unsure computer rights before unknown-name SeTcbPrivilege", "unsure computer rights after unknown-name SeTcbPrivilege"}; !slices.Equal(story(got), want) || got.Compared() {
		t.Errorf("%q", story(got))
	}
}

// The computer, its domain and what Windows itself names are told apart; what says less is not
// the same.
func TestCompareAccountsInContext(t *testing.T) {
	of := func(account string, edit ...func(*gpreport.Report)) *gpreport.Report {
		return sync01Report(append(edit, func(r *gpreport.Report) { r.Computer.Rights = []gpreport.Assignment{serviceRight(account)} })...)
	}
	controller := func(r *gpreport.Report) {
		r.Computer.Groups = append(r.Computer.Groups, sid.ParsePrincipal("S-1-5-9"))
	}
	for _, tt := range []struct {
		before, after string
		edit          func(*gpreport.Report)
		want          string
	}{
		{`CONTOSO\svc`, `SYNC01\svc`, nil, "changed"},
		{`CONTOSO\svc`, `SYNC01\svc`, controller, "maybe"},
		{`CONTOSO\svc`, `svc`, nil, "maybe"},
		{`svc`, `.\svc`, nil, "maybe"},
		{`.\svc`, `SYNC01\svc`, nil, "same"},
		{"S-1-5-32-551", `CONTOSO\newsvc`, nil, "changed"},
		{"S-1-5-32-551", `CONTOSO\newsvc`, controller, "changed"},
		{"S-1-5-32-551", `CONTOSO\Backup Operators`, controller, "maybe"},
		{"S-1-5-32-551", `CONTOSO\Backup Operators`, nil, "changed"},
		{"S-1-5-32-551", `newsvc`, nil, "changed"},
		{"S-1-5-32-551", `Sicherungs-Operatoren`, nil, "same"},
		{"S-1-5-21-1-2-3-1105", `CONTOSO\svc`, nil, "maybe"},
		{`BUILTIN\Nowhere`, `VORDEFINIERT\Nowhere`, nil, "maybe"},
	} {
		var edits []func(*gpreport.Report)
		if tt.edit != nil {
			edits = append(edits, tt.edit)
		}
		before, after := of(tt.before, edits...), of(tt.after, edits...)
		d := gpreport.Compare(before, after)
		got := "same"
		switch {
		case !d.Empty():
			got = "changed"
		case len(d.Unsure) > 0:
			got = "maybe"
		}
		if got != tt.want {
			t.Errorf("%s and %s: %s, want %s", tt.before, tt.after, got, tt.want)
		}
		mirrored(t, before, after)
	}
}

// gpoHTML is the report of a GPO in a language.
func gpoHTML(language string, d gpreport.Description) *gpreport.Report {
	return &gpreport.Report{
		Kind: gpreport.GPOReportHTML, Language: language, Results: gpreport.Defined, GPO: refTo(baselineGPO), Description: &d,
		Computer: &gpreport.Scope{}, User: &gpreport.Scope{},
	}
}

// What a GPO's reports say in no language is compared between two, the rest is not known.
func TestCompareDescriptionsInTwoLanguages(t *testing.T) {
	before := gpoHTML("en", gpreport.Description{
		Owner: `CONTOSO\Domain Admins`, Status: "Enabled", Links: []gpreport.Link{{Path: "contoso.com/Servers", Enabled: true}},
		SecurityFilters: accountsOf(`NT AUTHORITY\Authenticated Users`), WMIFilter: "old", Comment: "a",
		Delegation: []gpreport.Permission{{Trustee: sid.ParsePrincipal(`CONTOSO\a`), Permission: "Read"}},
	})
	after := gpoHTML("de", gpreport.Description{
		Owner: `CONTOSO\b`, Status: "Aktiviert", Links: []gpreport.Link{{Path: "contoso.com/Other", Enabled: true}},
		SecurityFilters: accountsOf(`CONTOSO\x`), WMIFilter: "new", Comment: "b",
		Delegation: []gpreport.Permission{{Trustee: sid.ParsePrincipal(`CONTOSO\a`), Permission: "Lesen"}},
	})
	compared(
		t, before, after, "remark two-languages", `description owner "CONTOSO\\Domain Admins" "CONTOSO\\b"`, `description links "contoso.com/Servers" "contoso.com/Other"`, `description wmi-filter "old" "new"`, `description comment "a" "b"`,
		"unsure  description  other-format enabled; permissions",
		`unsure  description  maybe-one-account security-filters: [NT AUTHORITY\Authenticated Users] / [CONTOSO\x]`,
	)
}

// A word for no filter is none.
func TestCompareFilterOfTwoLanguages(t *testing.T) {
	of := func(language, filter string) *gpreport.Report {
		return gpoHTML(language, gpreport.Description{WMIFilter: filter})
	}
	unsure := "unsure  description  other-format wmi-filter"
	remark := "remark two-languages"
	compared(t, of("en", "None"), of("de", "Keine"), remark, unsure)
	compared(t, of("fr", "Aucun"), of("de", "Keine"), remark, unsure)
	compared(t, of("en", "a"), of("de", "b"), remark, `description wmi-filter "a" "b"`)
	compared(t, of("en", "a"), of("de", "a"), remark)
}

// A failing part of Windows is told in each format, by the number of its error in XML.
func TestCompareComponents(t *testing.T) {
	of := func(kind gpreport.Kind, status, failure string) *gpreport.Report {
		return sync01Report(func(r *gpreport.Report) {
			r.Kind = kind
			r.Computer.Rights, r.Computer.Settings = nil, nil
			r.Computer.Components = []gpreport.Component{{Name: "Security", GUID: gpreport.SecurityExtension, Status: status, Error: failure}}
		})
	}
	compared(t, of(gpreport.GPResultXML, "Complete", ""), of(gpreport.GPResultXML, "Complete", "1252"), `computer field Security "Complete" "Complete: 1252"`)
	compared(t, of(gpreport.GPResultXML, "Complete", "5"), of(gpreport.GPResultXML, "Complete", "1252"), `computer field Security "Complete: 5" "Complete: 1252"`)
	compared(t, of(gpreport.GPResultHTML, "Failed", "at 5:01"), of(gpreport.GPResultHTML, "Failed", "at 5:02"))
	compared(t, of(gpreport.GPResultHTML, "Success", ""), of(gpreport.GPResultXML, "Complete", "1252"), "remark two-formats", `computer field Security "Success" "Complete: 1252"`)
	compared(t, of(gpreport.GPResultHTML, "Failed", "no access"), of(gpreport.GPResultXML, "Complete", "5"), "remark two-formats")
	gone := sync01Report(func(r *gpreport.Report) {
		r.Kind = gpreport.GPResultXML
		r.Computer.Rights, r.Computer.Settings = nil, nil
		r.Computer.Components = []gpreport.Component{{Name: "Registry", GUID: "{R}", Status: "Complete"}}
	})
	compared(t, of(gpreport.GPResultXML, "Complete", ""), gone, `computer field Security "Complete" ""`, `computer field Registry "" "Complete"`)
}

// The order of the members of a group, and the case of a registry value's name, are no change.
func TestCompareGroupsAndNames(t *testing.T) {
	restricted := func(value string, members, memberOf []sid.Principal) *gpreport.Report {
		at := evidence.Location{Line: 7}
		return sync01Report(func(r *gpreport.Report) {
			r.Computer.Settings = []gpreport.Setting{{Section: []string{"Restricted Groups"}, Name: `BUILTIN\Administrators`, Value: value, Location: at}}
			r.Computer.RestrictedGroups = []gpreport.RestrictedGroup{{Group: sid.ParsePrincipal("Administrators"), Members: members, MemberOf: memberOf, Location: at}}
		})
	}
	ab := restricted(`Members: CONTOSO\a, CONTOSO\b`, accountsOf(`CONTOSO\a`, `CONTOSO\b`), nil)
	compared(t, ab, restricted(`Members: CONTOSO\b, CONTOSO\a`, accountsOf(`CONTOSO\b`, `CONTOSO\a`), nil))
	compared(t, ab, restricted(`Members: CONTOSO\a; Member of: CONTOSO\b`, accountsOf(`CONTOSO\a`), accountsOf(`CONTOSO\b`)), `computer setting changed BUILTIN\Administrators [value]`)
	compared(
		t, ab, restricted(`Members: CONTOSO\a, b`, accountsOf(`CONTOSO\a`, "b"), nil),
		`unsure computer settings  maybe-one-account BUILTIN\Administrators: [CONTOSO\b] / [b]`,
	)
	template := func(section, name, value string) *gpreport.Report {
		return &gpreport.Report{Kind: gpreport.SeceditINF, Results: gpreport.Defined, Computer: &gpreport.Scope{Settings: []gpreport.Setting{{Section: []string{section}, Name: name, Value: value}}}}
	}
	compared(t, template("Group Membership", "*S-1-5-32-544__Members", `*S-1-5-32-545,CONTOSO\b`), template("Group Membership", "*S-1-5-32-544__Members", `CONTOSO\b,*S-1-5-32-545`))
	compared(
		t, template("Group Membership", "*S-1-5-32-544__Members", `CONTOSO\b`), template("Group Membership", "*S-1-5-32-544__Members", `CONTOSO\c`),
		"computer setting changed *S-1-5-32-544__Members [value]",
	)
	compared(t, template("Registry Values", `MACHINE\Software\A`, "4,0"), template("Registry Values", `Machine\SOFTWARE\a`, "4,0"))
	compared(
		t, template("Registry Values", `MACHINE\Software\A`, "4,0"), template("Registry Values", `Machine\SOFTWARE\a`, "4,1"),
		`computer setting changed MACHINE\Software\A [value]`,
	)
}

// Of a winner that several GPOs can be it is not known whether it is the same.
func TestCompareAmbiguousWinners(t *testing.T) {
	of := func(winner gpreport.GPORef) *gpreport.Report {
		return sync01Report(func(r *gpreport.Report) { r.Computer.Rights[0].Winner = winner })
	}
	ambiguous := gpreport.GPORef{Name: "Server Baseline", Ambiguous: true}
	compared(t, of(ambiguous), of(ambiguous), "unsure computer rights  ambiguous-winner Log on as a service")
	compared(t, of(refTo(baselineGPO)), of(ambiguous), "unsure computer rights  ambiguous-winner Log on as a service")
	compared(t, of(gpreport.GPORef{Name: "Another"}), of(ambiguous), "computer right changed Log on as a service [winner] +[] -[]")
	first, second := refTo(defaultsGPO), refTo(defaultsGPO)
	first.Domain, second.Domain = "contoso.com", "fabrikam.com"
	compared(t, of(first), of(second), "computer right changed Log on as a service [winner] +[] -[]")
}

// Rights of which gpresult /Z does not tell whose list counts are the same if the lists are.
func TestCompareUnsettledRights(t *testing.T) {
	of := func(accounts ...string) *gpreport.Report {
		return sync01Report(func(r *gpreport.Report) {
			a := &r.Computer.Rights[0]
			a.Unsettled, a.Others = true, []gpreport.Loser{{GPO: refTo(defaultsGPO), Principals: accountsOf(accounts...)}}
		})
	}
	compared(t, of("Guests"), of("Guests"))
	compared(
		t, of("Guests"), of("Users"), "computer right changed Log on as a service [lists] +[] -[]",
		"unsure computer rights  unsettled-right Log on as a service",
	)
	compared(t, of("Guests"), sync01Report(), "unsure computer rights  unsettled-right Log on as a service")
}

// Of two templates of which it is not known whether they are exports, a right for nobody may be
// in both.
func TestCompareUnknownTemplates(t *testing.T) {
	of := func(rights ...gpreport.Assignment) *gpreport.Report {
		return &gpreport.Report{Kind: gpreport.SeceditINF, Computer: &gpreport.Scope{Rights: rights}}
	}
	remark := "remark unnamed-computer"
	compared(t, of(serviceRight()), of(), remark, "unsure computer rights after not-defined Log on as a service")
	compared(t, of(serviceRight("Guests")), of(), remark, "computer right removed Log on as a service [accounts] +[] -[Guests]")
}

// What XML and text say beside settings is compared.
func TestCompareFacts(t *testing.T) {
	of := func(kind gpreport.Kind, edit func(*gpreport.Scope)) *gpreport.Report {
		return sync01Report(func(r *gpreport.Report) {
			r.Kind = kind
			s := r.Computer
			s.SOMs = []gpreport.SOM{{Path: "contoso.com", Type: "Domain", Order: 1}, {Path: "contoso.com/Servers", Type: "OU", Order: 2}}
			s.General = []gpreport.Field{{Name: "Domain", Value: "contoso.com"}, {Name: "SlowLink", Value: "false"}}
			s.Alerts = []gpreport.Alert{{GPO: "Server Baseline", Text: "enforced"}}
			s.WMIFilters = []gpreport.WMIFilter{{Name: "servers", Value: "True"}}
			s.Applied = slices.Clone(s.Applied)
			for i := range s.Applied {
				s.Applied[i].Links = []gpreport.Link{{Path: s.Applied[i].Link, Enabled: true, Order: i + 1}}
				s.Applied[i].Details = []gpreport.Field{{Name: "Enabled", Value: "true"}, {Name: "Link > LinkOrder", Value: string(rune('1' + i))}}
			}
			edit(s)
		})
	}
	for _, tt := range []struct {
		name string
		edit func(*gpreport.Scope)
		want []string
	}{
		{"nothing", func(*gpreport.Scope) {}, nil},
		{"inheritance is blocked", func(s *gpreport.Scope) { s.SOMs[1].BlocksInheritance = true }, []string{
			`computer field contoso.com/Servers "searched" "searched, blocks inheritance"`,
		}},
		{"SOM gone", func(s *gpreport.Scope) { s.SOMs = s.SOMs[:1] }, []string{`computer field contoso.com/Servers "searched" ""`}},
		{"SOM in front", func(s *gpreport.Scope) {
			s.SOMs = []gpreport.SOM{{Path: "site", Order: 1}, {Path: "contoso.com", Type: "Domain", Order: 2}, {Path: "contoso.com/Servers", Type: "OU", Order: 3}}
		}, []string{`computer field site "" "searched"`}},
		{"order of SOMs", func(s *gpreport.Scope) { s.SOMs[0].Order, s.SOMs[1].Order = 2, 1 }, []string{
			`computer field contoso.com "searched in place 1" "searched in place 2"`, `computer field contoso.com/Servers "searched in place 2" "searched in place 1"`,
		}},
		{"link disabled", func(s *gpreport.Scope) { s.Applied[0].Links[0].Enabled = false }, []string{
			"computer gpo changed Default Domain Policy links contoso.com>contoso.com (disabled)",
		}},
		{"GPO disabled", func(s *gpreport.Scope) { s.Applied[0].Details[0].Value = "false" }, []string{
			"computer gpo changed Default Domain Policy details Enabled: true>Enabled: false",
		}},
		{"order of links", func(s *gpreport.Scope) { s.Applied[0].Details[1].Value, s.Applied[1].Details[1].Value = "2", "1" }, []string{
			"computer gpo changed Default Domain Policy link-order 1>2", "computer gpo changed Server Baseline link-order 2>1",
		}},
		{"slow link", func(s *gpreport.Scope) { s.General[1].Value = "true" }, []string{`computer field SlowLink "false" "true"`}},
		{"WMI filter", func(s *gpreport.Scope) { s.WMIFilters[0].Value = "False" }, []string{`computer field WMI filter servers "True" "False"`}},
		{"alert", func(s *gpreport.Scope) { s.Alerts = nil }, []string{`computer field alert on Server Baseline "enforced" ""`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			compared(t, of(gpreport.GPResultXML, func(*gpreport.Scope) {}), of(gpreport.GPResultXML, tt.edit), tt.want...)
		})
	}
	// A text has what was applied last first.
	reverse := func(s *gpreport.Scope) { slices.Reverse(s.Applied) }
	d := gpreport.Compare(of(gpreport.GPResultText, func(*gpreport.Scope) {}), of(gpreport.GPResultText, reverse))
	if got := strings.Join(story(d), "\n"); !strings.HasPrefix(got, "computer order Server Baseline, Default Domain Policy > Default Domain Policy, Server Baseline") &&
		!strings.Contains(got, "\ncomputer order Server Baseline, Default Domain Policy > ") {
		t.Error(got)
	}
}

// The order of members in XML is no change either, but another member is, and so is what else
// the setting has.
func TestCompareGroupsOfXML(t *testing.T) {
	of := func(action string, names ...string) *gpreport.Report {
		var restricted, local strings.Builder
		for _, n := range names {
			restricted.WriteString(account("Member", "", n))
			local.WriteString(`<q:Member name="` + n + `" action="ADD" sid="" />`)
		}
		c := sync01XML(elem("RestrictedGroups", origin(guidB, "1"), account("GroupName", adminSID, `BUILTIN\Administrators`)+restricted.String()))
		c.settings += blockXML("Lugs", "LugsSettings", wmi("LocalGroupRsopSetting", "1", "g", [][2]string{{"Action", action}, {"GroupName", "Users"}}, "<q:Members>"+local.String()+"</q:Members>"))
		return parseXML(t, rsop{computer: c.String()})
	}
	before := of("U", `CONTOSO\a`, `CONTOSO\b`)
	if n := len(before.Computer.RestrictedGroups) + len(before.Computer.LocalGroups); n != 2 {
		t.Fatalf("%d groups", n)
	}
	if d := gpreport.Compare(before, of("U", `CONTOSO\b`, `CONTOSO\a`)); !d.Empty() {
		t.Errorf("%q", story(d))
	}
	if d := gpreport.Compare(before, of("U", `CONTOSO\b`, `CONTOSO\c`)); len(d.Computer.Settings) != 2 {
		t.Errorf("%q", story(d))
	}
	if d := gpreport.Compare(before, of("R", `CONTOSO\b`, `CONTOSO\a`)); len(d.Computer.Settings) != 1 {
		t.Errorf("%q", story(d))
	}
}
