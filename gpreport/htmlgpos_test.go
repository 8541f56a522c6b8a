package gpreport_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/gpreport"
)

func TestGPOFields(t *testing.T) {
	r := parse(t, page{computer: sync01().String()})
	filters := []string{`NT AUTHORITY\Authenticated Users`, `CONTOSO\Servers`}
	extensions := []string{"{B1BE8D72-6EAC-11D2-A4EA-00C04F79F83A}", "Security"}
	wantApplied := []gpreport.GPO{
		{Name: "Default Domain Policy", GUID: guidA, Applied: true, Link: "contoso.com", Order: 1, EnforcedStated: true, Disabled: "None", RevisionAD: 3, RevisionSysvol: 4, SecurityFilters: filters, Extensions: extensions},
		{Name: "Server Baseline", GUID: guidB, Applied: true, Link: "contoso.com/Servers", Order: 2, Enforced: true, EnforcedStated: true, Disabled: "None", RevisionAD: 3, RevisionSysvol: 4, SecurityFilters: filters, Extensions: extensions},
	}
	wantDenied := []gpreport.GPO{
		{Name: "Local Group Policy", Local: true, DeniedReason: "Empty", Link: "Local", Order: 1, EnforcedStated: true, Disabled: "None", RevisionAD: 3, RevisionSysvol: 4, SecurityFilters: filters, Extensions: extensions},
	}
	noPlace := cmpopts.IgnoreFields(gpreport.GPO{}, "Location")
	if diff := cmp.Diff(wantApplied, r.Computer.Applied, noPlace); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantDenied, r.Computer.Denied, noPlace); diff != "" {
		t.Errorf("denied (-want +got):\n%s", diff)
	}
	where := r.Computer.Denied[0].Location
	if where.Line == 0 || !slices.Equal(where.Section, []string{"Computer Details", "Group Policy Objects", "Denied GPOs"}) {
		t.Errorf("location %+v", where)
	}
}

func TestGPOTitles(t *testing.T) {
	tests := []struct {
		title, name, guid string
		local             bool
	}{
		{"Server Baseline [" + guidA + "]", "Server Baseline", guidA, false},
		{"Server Baseline [{aaaaaaaa-1111-4111-8111-abcdefabcdef}]", "Server Baseline", "{AAAAAAAA-1111-4111-8111-ABCDEFABCDEF}", false},
		{"Tier [0] (new)/old [" + guidA + "]", "Tier [0] (new)/old", guidA, false},
		{"Copy of X [" + guidB + "] [" + guidA + "]", "Copy of X [" + guidB + "]", guidA, false},
		{"Windows 8 prints no GUID", "Windows 8 prints no GUID", "", false},
		{"Ends with brackets [test]", "Ends with brackets [test]", "", false},
		{"Ends with [LocalGPO] inside", "Ends with [LocalGPO] inside", "", false},
		{guidA + " [" + guidA + "]", guidA, guidA, false},
		{guidA, guidA, guidA, false},
		{"Local Group Policy [LocalGPO]", "Local Group Policy", "", true},
		{"Local Group Policy", "Local Group Policy", "", true},
		{"本地组策略 [LocalGPO]", "本地组策略", "", true},
		{"本地组策略", "本地组策略", "", true},
	}
	for _, tt := range tests {
		c := sync01()
		c.applied = []gpo{{title: tt.title}}
		g := parse(t, page{computer: c.String()}).Computer.Applied[0]
		if g.Name != tt.name || g.GUID != tt.guid || g.Local != tt.local {
			t.Errorf("%q: name %q, GUID %q, local %v; want %q, %q, %v", tt.title, g.Name, g.GUID, g.Local, tt.name, tt.guid, tt.local)
		}
	}
}

func TestGPOValuesNotUnderstood(t *testing.T) {
	c := sync01()
	c.applied = []gpo{{title: "X", enforced: "maybe"}}
	r := parse(t, page{computer: c.String()})
	if r.Computer.Applied[0].Enforced || !slices.Contains(codes(r), gpreport.UnknownValue) {
		t.Errorf("%+v, warnings %q", r.Computer.Applied[0], codes(r))
	}
}
