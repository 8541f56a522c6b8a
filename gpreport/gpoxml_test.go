package gpreport_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// parseAll reads all reports.
func parseAll(data []byte) ([]*gpreport.Report, error) {
	return gpreport.ParseAll(context.Background(), bytes.NewReader(data), int64(len(data)), gpreport.Config{Source: "report.xml"})
}

// parseGPO reads a report of a GPO that must not be damaged.
func parseGPO(t *testing.T, g gpoXML) *gpreport.Report {
	t.Helper()
	reports, err := parseAll(utf16LE(g.String()))
	if err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, error %v", len(reports), err)
	}
	return reports[0]
}

// right is an element of user rights of a report of a GPO.
func right(name string, members ...string) string {
	s := leaf("q:Name", name)
	for _, m := range members {
		s += elem("Member", m)
	}
	return elem("UserRightsAssignment", s)
}

func trustee(id, name, kind, inherited string, permissions ...string) string {
	const security = ` xmlns="http://www.microsoft.com/GroupPolicy/Types/Security"`
	standard := ""
	for _, p := range permissions {
		standard += leaf("GPOGroupedAccessEnum", p)
	}
	return "<TrusteePermissions" + security + "><Trustee>" + typed("SID", id) + typed("Name", name) + `</Trustee><Type xsi:type="PermissionType"><PermissionType>` + kind + "</PermissionType></Type>" +
		leaf("Inherited", inherited) + "<Standard>" + standard + "</Standard>" + leaf("AccessMask", "0") + "</TrusteePermissions>"
}

func TestGPOXML(t *testing.T) {
	const security = ` xmlns="http://www.microsoft.com/GroupPolicy/Types/Security"`
	in := gpoXML{
		computer: blockXML("Security", "SecuritySettings",
			right("SeServiceLogonRight", typed("SID", userSID)+typed("Name", `CONTOSO\svc`), typed("SID", "S-1-5-80-0")),
			right("SeDenyServiceLogonRight"),
			elem("SystemServices", leaf("q:Name", "ADSync"), leaf("q:StartupMode", "Automatic")), leaf("q:Blocked", "false")),
		extra: "<SecurityDescriptor><SDDL" + security + ">O:DA</SDDL><Owner" + security + ">" + typed("SID", "S-1-5-21-1-2-3-512") + typed("Name", `CONTOSO\Domain Admins`) + "</Owner><Permissions" + security + ">" + leaf("InheritsFromParent", "false") +
			trustee("S-1-5-11", `NT AUTHORITY\Authenticated Users`, "Allow", "false", "Apply Group Policy") +
			trustee("S-1-5-21-1-2-3-512", `CONTOSO\Domain Admins`, "Allow", "true", "Edit, delete, modify security") +
			trustee(userSID, `CONTOSO\svc`, "Deny", "false", "Apply Group Policy") + "</Permissions></SecurityDescriptor>\r\n" +
			leaf("Comment", " a remark\r\nof two lines ") + leaf("FilterDataAvailable", "true") + leaf("FilterName", "Servers") + leaf("FilterDescription", "only these"),
		tail: "<LinksTo>" + leaf("SOMName", "Servers") + leaf("SOMPath", "contoso.com/Servers") + leaf("Enabled", "true") + leaf("NoOverride", "true") + "</LinksTo>" +
			"<LinksTo>" + leaf("SOMName", "contoso") + leaf("SOMPath", "contoso.com") + leaf("Enabled", "false") + leaf("NoOverride", "false") + "</LinksTo>\r\n",
	}
	r := parseGPO(t, in)
	yes, no := true, false
	domainAdmins := sid.Principal{Name: `CONTOSO\Domain Admins`, SID: "S-1-5-21-1-2-3-512"}
	users := sid.Principal{Name: `NT AUTHORITY\Authenticated Users`, SID: "S-1-5-11"}
	utc := func(s string) gpreport.LocalTime {
		c, err := time.Parse("2006-01-02T15:04:05", s)
		if err != nil {
			t.Fatal(err)
		}
		return gpreport.LocalTime{Raw: s, Candidates: []time.Time{c}}
	}
	want := &gpreport.Description{
		Domain: "contoso.com", Owner: `CONTOSO\Domain Admins`, Created: utc("2023-01-02T03:04:05"), Modified: utc("2023-10-18T21:41:07"),
		ComputerEnabled: &yes, UserEnabled: &no, ComputerAD: 7, ComputerSysvol: 8, UserAD: 7, UserSysvol: 8,
		Links:           []gpreport.Link{{Path: "contoso.com/Servers", Enabled: true, Enforced: true, Order: -1}, {Path: "contoso.com", Order: -1}},
		SecurityFilters: []sid.Principal{users},
		Delegation: []gpreport.Permission{
			{Trustee: users, Permission: "Apply Group Policy", Inherited: "false"},
			{Trustee: domainAdmins, Permission: "Edit, delete, modify security", Inherited: "true"},
			{Trustee: sid.Principal{Name: `CONTOSO\svc`, SID: userSID}, Permission: "Deny: Apply Group Policy", Inherited: "false"},
		},
		WMIFilter: "Servers", WMIDescription: "only these", Comment: "a remark\nof two lines", Details: r.Description.Details,
	}
	if diff := cmp.Diff(want, r.Description); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
	for _, d := range []gpreport.Field{{Name: "IncludeComments", Value: "true"}, {Name: "FilterDataAvailable", Value: "true"}, {Name: "SecurityDescriptor > SDDL", Value: "O:DA"}, {Name: "LinksTo > SOMName", Value: "contoso"}} {
		if !slices.Contains(r.Description.Details, d) {
			t.Errorf("%+v is not in the details %+v", d, r.Description.Details)
		}
	}
	if r.Kind != gpreport.GPOReportXML || r.Results != gpreport.Defined || r.GPO != (gpreport.GPORef{Name: "Server Baseline", GUID: guidB, Domain: "contoso.com"}) || r.Line != 2 ||
		r.Host != "" || len(r.Collected.Candidates) != 1 || len(r.Warnings) != 0 || r.Incomplete || r.ComputerAbsent != "" || r.UserAbsent != "" {
		t.Errorf("report %+v", r)
	}
	a, state := r.Right("SeServiceLogonRight")
	principals := []sid.Principal{{Name: `CONTOSO\svc`, SID: userSID}, {Name: "S-1-5-80-0", SID: "S-1-5-80-0"}}
	if diff := cmp.Diff(principals, a.Principals); diff != "" || state != gpreport.DefinedFor || a.Winner != (gpreport.GPORef{}) || a.Origin != gpreport.Stated {
		t.Errorf("%s %+v\n%s", state, a, diff)
	}
	if _, state = r.Right("SeDenyServiceLogonRight"); state != gpreport.DefinedEmpty {
		t.Errorf("a right for nobody is %s", state)
	}
	if _, state = r.Right("SeBatchLogonRight"); state != gpreport.NotDefined {
		t.Errorf("a right that is not there is %s", state)
	}
	if s := r.Computer.Services; len(s) != 1 || s[0].Mode != gpreport.Automatic || s[0].Winner != (gpreport.GPORef{}) {
		t.Errorf("services %+v", s)
	}
	if r.User == nil || r.User.Incomplete || len(r.User.Settings) != 0 {
		t.Errorf("a half without settings is there: %+v", r.User)
	}
}

func TestGPOXMLHalves(t *testing.T) {
	r := parseGPO(t, gpoXML{user: "-"})
	if r.Computer == nil || r.User != nil || r.UserAbsent != gpreport.NoData || r.Description.UserEnabled != nil || r.Description.UserAD != -1 {
		t.Errorf("without a half: %+v, %+v", r, r.Description)
	}
	text := gpoXML{}.String()
	for _, tt := range []struct {
		name, text, code       string
		report, computer, user bool // incomplete, there
	}{
		{"twice", strings.Replace(text, "<User>", "<Computer>"+leaf("Enabled", "true")+"</Computer><User>", 1), gpreport.MissingSection, false, true, true},
		{"in another namespace", strings.Replace(text, "<Computer>", `<Computer xmlns="x">`, 1), gpreport.MissingSection, true, false, true},
		{"no GPO", strings.NewReplacer("<Identifier>", "<X>", "</Identifier>\r\n</Identifier>", "</Identifier>\r\n</X>", "<Name>", "<Y>", "</Name>", "</Y>").Replace(strings.Replace(text, "</Domain>\r\n</Identifier>", "</Domain></X>", 1)), gpreport.MissingSection, false, true, true},
		{"an error", strings.Replace(text, "</Computer>", "<ExtensionData><Error><Details>broken</Details></Error></ExtensionData></Computer>", 1), gpreport.CollectionError, false, true, true},
	} {
		reports, err := parseAll([]byte(tt.text))
		if err != nil || len(reports) != 1 {
			t.Fatalf("%s: %d reports, error %v", tt.name, len(reports), err)
		}
		if r := reports[0]; r.Incomplete != tt.report || (r.Computer != nil) != tt.computer || (r.User != nil) != tt.user || !slices.Equal(codes(r), []string{tt.code}) {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
}

// Several reports can stand in one file, in many ways.
func TestXMLSeveral(t *testing.T) {
	gpo := func(name string) string {
		return gpoXML{name: name, computer: blockXML("Security", "SecuritySettings", right("SeServiceLogonRight", typed("Name", name)))}.String()
	}
	bare := func(name string) string { return gpoXML{name: name, head: " "}.String() }
	result := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("won")...)).String()}.String()
	const declaration = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n"
	inNamespace := func(root string) string {
		const settings = ` xmlns="http://www.microsoft.com/GroupPolicy/Settings"`
		return declaration + "<" + root + settings + ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + strings.Replace(bare("a"), settings, "", 1) + "</" + root + ">"
	}
	prefixed := strings.NewReplacer("<GPO xmlns:xsd=", "<gp.x-1:GPO xmlns:gp.x-1=\"http://www.microsoft.com/GroupPolicy/Settings\" xmlns:xsd=", "</GPO>", "</gp.x-1:GPO>").Replace(gpo("a"))
	tests := []struct {
		name, text string
		want       []string // names of GPOs; "" for a result
		codes      []string // of all warnings
	}{
		{"one", gpo("a"), []string{"a"}, nil},
		{"a prefix", prefixed, []string{"a"}, nil},
		{"joined", gpo("a") + gpo("b") + gpo("c"), []string{"a", "b", "c"}, nil},
		{"joined with marks", "\ufeff" + gpo("a") + "\ufeff" + gpo("b"), []string{"a", "b"}, nil},
		{"in an element", declaration + "<report>\r\n" + bare("a") + bare("b") + "</report>", []string{"a", "b"}, nil},
		{"in an element of any name", declaration + `<x:GPOS xmlns:x="y" generated="now"><x:Item>` + bare("a") + "</x:Item><x:Item>" + bare("b") + "</x:Item></x:GPOS>", []string{"a", "b"}, nil},
		{"in an element with the namespace", inNamespace("GPOS"), []string{"a"}, nil},
		{"results joined", result + result, []string{"", ""}, nil},
		{"a result between GPOs", gpo("a") + result + gpo("b"), []string{"a", "", "b"}, nil},
		{"noise between", gpo("a") + "PS C:\\> more noise" + gpo("b"), []string{"a", "b"}, []string{gpreport.TrailingData}},
		{"elements between", gpo("a") + "<x>y</x><z/>" + gpo("b"), []string{"a", "b"}, []string{gpreport.TrailingData}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, data := range [][]byte{[]byte(tt.text), utf16LE(tt.text), utf16Bytes(tt.text, binary.BigEndian)} {
				reports, err := parseAll(data)
				if err != nil {
					t.Fatal(err)
				}
				var got, warned []string
				last := 0
				for _, r := range reports {
					got = append(got, r.GPO.Name)
					warned = append(warned, codes(r)...)
					if r.Line < last || r.Incomplete || r.Source != "report.xml" {
						t.Errorf("line %d behind %d, incomplete %v", r.Line, last, r.Incomplete)
					}
					last = r.Line
				}
				if !slices.Equal(got, tt.want) || !slices.Equal(warned, tt.codes) {
					t.Errorf("got %q, warnings %q", got, warned)
				}
			}
		})
	}
	r, err := parseBytes([]byte(gpo("a") + result))
	if err != nil || r.Results != gpreport.Logged || !slices.Equal(codes(r), []string{gpreport.MoreDocuments}) {
		t.Errorf("Parse takes %+v, error %v", r, err)
	}
}

// Where a file of several reports ends early, it is said.
func TestXMLSeveralCut(t *testing.T) {
	bare := gpoXML{head: " ", computer: blockXML("Security", "SecuritySettings", right("SeServiceLogonRight", typed("Name", "x")))}.String()
	text := `<report>` + bare + bare + "</report>"
	for _, tt := range []struct {
		name       string
		text       string
		reports    int
		incomplete bool // the last one
		code       string
	}{
		{"whole", text, 2, false, ""},
		{"in the second", text[:strings.LastIndex(text, "SeService")], 2, true, gpreport.CutOff},
		{"between", text[:strings.Index(text, "</GPO>")+len("</GPO>")], 1, false, gpreport.CutOff},
		{"broken between", strings.Replace(text, "</GPO>", "</GPO><&>", 1), 1, false, gpreport.Malformed},
		{"broken in the first", strings.Replace(text, "<Computer>", "<Computer><&>", 1), 1, true, gpreport.Malformed},
	} {
		reports, err := parseAll([]byte(tt.text))
		var pe *gpreport.ParseError
		if (err != nil) != (tt.code != "") || err != nil && (!errors.As(err, &pe) || pe.Line == 0) || len(reports) != tt.reports {
			t.Fatalf("%s: %d reports, error %v", tt.name, len(reports), err)
		}
		last := reports[len(reports)-1]
		var want []string
		if tt.code != "" {
			want = []string{tt.code}
		}
		if last.Incomplete != tt.incomplete || !slices.Equal(codes(last), want) {
			t.Errorf("%s: incomplete %v, warnings %+v", tt.name, last.Incomplete, last.Warnings)
		}
		if len(reports) > 1 && reports[0].Incomplete {
			t.Errorf("%s: the first is incomplete", tt.name)
		}
	}
	if reports, err := parseAll([]byte("<report><GPO xmlns='http://www.microsoft.com/GroupPolicy/Settings'")); len(reports) != 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d reports, error %v", len(reports), err)
	}
}

// Wherever a report of a GPO ends, what is read is a part of the whole.
func TestGPOXMLCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	in := gpoXML{
		computer: blockXML("Security", "SecuritySettings", right("SeServiceLogonRight", typed("SID", userSID)+typed("Name", `CONTOSO\ä`)), right("SeDebugPrivilege"), elem("SystemServices", leaf("q:Name", "ADSync"), leaf("q:StartupMode", "Automatic"))) +
			blockXML("Registry", "RegistrySettings", elem("Policy", leaf("q:Name", "P"), leaf("q:State", "Enabled"), elem("EditText", leaf("q:Name", "o"), leaf("q:Value", "v")))),
		user: blockXML("Scripts", "Scripts", elem("Script", leaf("q:Command", "x.cmd"))),
		tail: "<LinksTo>" + leaf("SOMPath", "contoso.com") + "</LinksTo>",
	}
	whole := parseGPO(t, in)
	if len(whole.Computer.Rights) != 2 || len(whole.Computer.Settings) != 2 || len(whole.User.Settings) != 1 {
		t.Fatalf("the whole: %+v", whole.Computer)
	}
	data := []byte(in.String())
	for end := range data {
		reports, err := parseAll(data[:end])
		if len(reports) == 0 {
			if err == nil {
				t.Fatalf("at %d: neither a report nor an error", end)
			}
			continue
		}
		r := reports[0]
		if (err != nil) != r.Incomplete {
			t.Fatalf("at %d: error %v, incomplete %v", end, err, r.Incomplete)
		}
		partOf(t, end, "name", whole.GPO.Name, r.GPO.Name)
		partOf(t, end, "GUID", whole.GPO.GUID, r.GPO.GUID)
		d := r.Description
		partOf(t, end, "created", whole.Description.Created.Raw, d.Created.Raw)
		if n := len(d.Details); n > len(whole.Description.Details) || !slices.Equal(d.Details, whole.Description.Details[:n]) {
			t.Errorf("at %d: details %+v", end, d.Details)
		}
		if n := len(d.Links); n > 1 || n == 1 && d.Links[0] != whole.Description.Links[0] {
			t.Errorf("at %d: links %+v", end, d.Links)
		}
		for i, s := range []*gpreport.Scope{r.Computer, r.User} {
			w := []*gpreport.Scope{whole.Computer, whole.User}[i]
			if s == nil {
				if why := []gpreport.Absence{r.ComputerAbsent, r.UserAbsent}[i]; why != gpreport.NotReached {
					t.Errorf("at %d: absent because of %q", end, why)
				}
				continue
			}
			if !s.Incomplete && !cmp.Equal(s, w) {
				t.Errorf("at %d: parts are missing and nothing says so", end)
			}
			if n := len(s.Rights); n > len(w.Rights) || !cmp.Equal(s.Rights, w.Rights[:n:n]) && n > 0 {
				t.Errorf("at %d: rights %+v", end, s.Rights)
			}
			if n := len(s.Settings); n > len(w.Settings) || n > 0 && !cmp.Equal(s.Settings, w.Settings[:n:n]) {
				t.Errorf("at %d: settings %+v", end, s.Settings)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// The real report of a GPO: what its file says in its own words.
func TestRealGPOXML(t *testing.T) {
	f := reportFile(t, "baseline-windows.gpo.xml")
	r, err := parseFile(t, f)
	if err != nil || len(r.Warnings) != 0 {
		t.Fatal(err, r.Warnings)
	}
	d := r.Description
	if r.GPO.Name == "" || r.GPO.Domain != "idl.local" || len(d.Delegation) != 5 || len(d.SecurityFilters) != 1 || d.Owner != `IDL\Domain Admins` || *d.UserEnabled || !*d.ComputerEnabled || d.ComputerAD != 7 || d.UserSysvol != 2 {
		t.Errorf("%+v, %+v", r.GPO, d)
	}
	if c := r.Computer; len(c.Rights) != 27 || len(c.Settings) != 9+45+21+73 || c.Incomplete || r.User == nil {
		t.Errorf("%d rights, %d settings", len(c.Rights), len(c.Settings))
	}
	for _, a := range r.Computer.Rights {
		for _, p := range a.Principals {
			if p.SID == "" || p.Name == "" {
				t.Errorf("%s: %+v", a.Right, p)
			}
		}
	}
}
