package gpreport_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/gpreport"
)

func TestXMLGPOFields(t *testing.T) {
	c := sync01XML()
	c.gpos[0].filterName = "Servers only"
	in := rsop{computer: c.String()}
	r := parseXML(t, in)
	filters := []string{`NT AUTHORITY\Authenticated Users`, `CONTOSO\Servers`}
	extensions := []string{"{B1BE8D72-6EAC-11D2-A4EA-00C04F79F83A}", "Security"}
	links := func(path string, enforced bool, order int) []gpreport.Link {
		return []gpreport.Link{{Path: path, Enabled: true, Enforced: enforced, Order: order}}
	}
	details := []gpreport.Field{
		{Name: "Enabled", Value: "true"},
		{Name: "IsValid", Value: "true"},
		{Name: "FilterAllowed", Value: "true"},
		{Name: "AccessDenied", Value: "false"},
		{Name: "Link > SOMOrder", Value: "1"},
		{Name: "Link > LinkOrder", Value: "2"},
	}
	wantApplied := []gpreport.GPO{
		{Name: "Default Domain Policy", Domain: "contoso.com", Links: links("contoso.com", false, 1), Details: details, GUID: guidA, Applied: true, Link: "contoso.com", Order: 1, EnforcedStated: true, RevisionAD: 3, RevisionSysvol: 4, SecurityFilters: filters, Extensions: extensions},
		{Name: "Server Baseline", Domain: "contoso.com", Links: links("contoso.com/Servers", true, 2), Details: details, GUID: guidB, Applied: true, Link: "contoso.com/Servers", Order: 2, Enforced: true, EnforcedStated: true, RevisionAD: 3, RevisionSysvol: 4, WMIFilter: "Servers only", SecurityFilters: filters, Extensions: extensions},
	}
	wantDenied := []gpreport.GPO{
		{Name: "Local Group Policy", Links: links("Local", false, 0), Details: details, Local: true, DeniedReason: "Empty", Link: "Local", Order: 1, EnforcedStated: true, SecurityFilters: filters, Extensions: extensions},
	}
	noPlace := cmpopts.IgnoreFields(gpreport.GPO{}, "Location")
	if diff := cmp.Diff(wantApplied, r.Computer.Applied, noPlace); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantDenied, r.Computer.Denied, noPlace); diff != "" {
		t.Errorf("denied (-want +got):\n%s", diff)
	}
	where := r.Computer.Applied[0].Location
	if line := strings.Split(in.String(), "\n")[where.Line-1]; !strings.Contains(line, "<GPO>") || where.Row != 3 || !slices.Equal(where.Section, []string{"ComputerResults", "GPO"}) {
		t.Errorf("location %+v, line %q", where, line)
	}
}

func TestXMLGPOIdentity(t *testing.T) {
	tests := []struct {
		gpo        rsopGPO
		name, guid string
		local      bool
	}{
		{rsopGPO{name: "A", id: "{aaaaaaaa-1111-4111-8111-abcdefabcdef}"}, "A", "{AAAAAAAA-1111-4111-8111-ABCDEFABCDEF}", false},
		{rsopGPO{name: "A", id: "aaaaaaaa-1111-4111-8111-abcdefabcdef"}, "A", "{AAAAAAAA-1111-4111-8111-ABCDEFABCDEF}", false},
		{rsopGPO{name: "A", id: " \r\n" + guidA + " "}, "A", guidA, false},
		{rsopGPO{name: "", id: guidA}, guidA, guidA, false},
		{rsopGPO{name: guidA, id: guidA}, guidA, guidA, false},
		{rsopGPO{name: "Richtlinien der lokalen Gruppe", id: "LocalGPO"}, "Richtlinien der lokalen Gruppe", "", true},
		{rsopGPO{name: "Local Group Policy\\Non-Administrators", id: "LocalGPO\\S-1-5-32-545"}, "Local Group Policy\\Non-Administrators", "", true},
		{rsopGPO{name: "Local Group Policy", id: guidA}, "Local Group Policy", guidA, false},
		{rsopGPO{name: "A", id: "something"}, "A", "", false},
	}
	for _, tt := range tests {
		c := sync01XML()
		c.gpos = []rsopGPO{tt.gpo}
		g := parseXML(t, rsop{computer: c.String()}).Computer.Applied[0]
		if g.Name != tt.name || g.GUID != tt.guid || g.Local != tt.local {
			t.Errorf("%+v: name %q, GUID %q, local %v", tt.gpo, g.Name, g.GUID, g.Local)
		}
	}
}

// Only what is in the namespace of results describes a GPO.
func TestXMLGPONamespace(t *testing.T) {
	text := rsop{computer: sync01XML().String()}.String()
	r, err := parseBytes([]byte(strings.ReplaceAll(text, "<GPO>", `<GPO><Name xmlns="x">other</Name>`)))
	if err != nil || r.Computer.Applied[0].Name != "Default Domain Policy" {
		t.Errorf("%+v, error %v", r.Computer.Applied, err)
	}
}

// The flags give the reason that HTML reports word.
func TestXMLDenied(t *testing.T) {
	const searched = "<SearchedSOM><Path>Contoso.com</Path><Type>Domain</Type><Blocked>true</Blocked></SearchedSOM>" +
		"<SearchedSOM><Path>contoso.com/Servers</Path><Type>OU</Type><Blocked>false</Blocked></SearchedSOM>"
	link := func(som, enabled, enforced string) rsopLink {
		return rsopLink{som: som, applied: "0", enabled: enabled, enforced: enforced}
	}
	servers := []rsopLink{link("contoso.com/Servers", "true", "false")}
	tests := []struct {
		name string
		gpo  rsopGPO
		want string
	}{
		{"local policy without settings", rsopGPO{id: "LocalGPO", links: []rsopLink{link("Local", "true", "false")}, directory: "2", sysvol: "2"}, "Empty"},
		{"a half that nobody edited", rsopGPO{id: guidA, links: servers, directory: "0", sysvol: "0"}, "Empty"},
		{"security filtering", rsopGPO{id: guidA, links: servers, accessDenied: "true", filterAllowed: "false", sysvol: "65535"}, "Access Denied (Security Filtering)"},
		{"WMI filter", rsopGPO{id: guidA, links: servers, filterAllowed: "false"}, "False WMI Filter"},
		{"the other way to write it", rsopGPO{id: guidA, links: servers, filterAllowed: "0", enabled: "1", valid: "1"}, "False WMI Filter"},
		{"disabled link", rsopGPO{id: guidA, links: []rsopLink{link("contoso.com/Servers", "false", "false")}, filterAllowed: "false"}, "Disabled Link"},
		{"blocked", rsopGPO{id: guidA, links: []rsopLink{link("contoso.com", "true", "false")}}, "Blocked SOM"},
		{"blocked but enforced", rsopGPO{id: guidA, links: []rsopLink{link("contoso.com", "true", "true")}, filterAllowed: "false"}, "False WMI Filter"},
		{"blocked and linked below", rsopGPO{id: guidA, links: append([]rsopLink{link("contoso.com", "true", "false")}, servers...), filterAllowed: "false"}, "False WMI Filter"},
		{"disabled", rsopGPO{id: guidA, links: servers, enabled: "false", filterAllowed: "false"}, "Inaccessible, Empty or Disabled"},
		{"unreadable", rsopGPO{id: guidA, links: servers, valid: "false", filterAllowed: "false", directory: "0", sysvol: "0"}, "Inaccessible, Empty or Disabled"},
		{"nothing explains it", rsopGPO{id: guidA, links: servers}, "Inaccessible, Empty or Disabled"},
		{"without flags", rsopGPO{id: guidA, links: servers, withoutFlags: true}, "Inaccessible, Empty or Disabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := sync01XML()
			c.searched, c.gpos = searched, []rsopGPO{tt.gpo}
			r := parseXML(t, rsop{computer: c.String()})
			if len(r.Computer.Applied) != 0 || len(r.Computer.Denied) != 1 {
				t.Fatalf("applied %+v, denied %+v", r.Computer.Applied, r.Computer.Denied)
			}
			if g := r.Computer.Denied[0]; g.DeniedReason != tt.want || g.Applied || g.Order != 1 {
				t.Errorf("%+v, want reason %q", g, tt.want)
			}
			if len(r.Warnings) != 0 {
				t.Errorf("warnings %+v", r.Warnings)
			}
		})
	}
}

// Whether a GPO was applied is never guessed.
func TestXMLAppliedUnknown(t *testing.T) {
	for _, links := range [][]rsopLink{nil, {{applied: "x"}}, {{applied: "-1"}}} {
		c := sync01XML()
		c.gpos = []rsopGPO{{name: "A", id: guidA, links: links, withoutLinks: true}}
		r := parseXML(t, rsop{computer: c.String()})
		if len(r.Computer.Applied) != 0 || r.Computer.Denied[0].DeniedReason != "" || !slices.Equal(codes(r), []string{gpreport.UnknownValue}) {
			t.Errorf("%+v: applied %+v, denied %+v, warnings %q", links, r.Computer.Applied, r.Computer.Denied, codes(r))
		}
	}
}

// Of several links the one that was applied last counts.
func TestXMLLinks(t *testing.T) {
	c := sync01XML()
	c.gpos = []rsopGPO{
		{name: "Twice", id: guidA, links: []rsopLink{{"contoso.com", "1", "true", "true"}, {"contoso.com/Servers", "3", "true", "false"}, {"contoso.com/Old", "0", "false", "true"}}},
		{name: "Between", id: guidB, links: []rsopLink{{"contoso.com", "2", "true", "false"}}},
		{name: "Nowhere", id: "LocalGPO", links: []rsopLink{{"a", "0", "false", "false"}, {"b", "0", "false", "true"}}, withoutRevisions: true},
	}
	s := parseXML(t, rsop{computer: c.String()}).Computer
	if len(s.Applied) != 2 || s.Applied[0].Name != "Between" || s.Applied[1].Order != 3 || s.Applied[1].Link != "contoso.com/Servers" || s.Applied[1].Enforced {
		t.Errorf("applied %+v", s.Applied)
	}
	if d := s.Denied[0]; d.Link != "a" || d.Enforced || d.RevisionAD != -1 || d.RevisionSysvol != -1 || d.DeniedReason != "Disabled Link" {
		t.Errorf("denied %+v", d)
	}
}
