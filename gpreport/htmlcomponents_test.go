package gpreport_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
)

const activityID = "{463A1763-7356-49A6-B879-4E9E42A3E06D}"

// componentRow is a row of the table of components.
func componentRow(name, status, guid string) string {
	link := `<span class="explainlink" tabindex="0" cseExtensionGuid="` + guid + `" cseExtensionName="` + name +
		`" eventLogActivityId="{463a1763-7356-49a6-b879-4e9e42a3e06d}" >`
	return "<tr><td>" + name + "</td><td>" + status + "</td><td>844 Millisecond(s)</td><td>" + link +
		"10/18/2023 6:23:45 PM</span></td><td>" + link + "View Log</span></td></tr>\r\n"
}

func TestHTMLComponents(t *testing.T) {
	const head = "<tr><th>Component Name</th></tr>"
	rows := componentRow("Group Policy Infrastructure", "Success", "{00000000-0000-0000-0000-000000000000}") +
		componentRow("Security", "Failed", "{827d319e-6eac-11d2-a4ea-00c04f79f83a}") +
		`<tr><td colspan="5"><table class="subtable_frame"><tr><td colspan="2">Security failed due to the error listed below.</td></tr><tr><td>An extended error has occurred.</td></tr></table></td></tr>` +
		`<tr><td>too</td><td>short</td></tr>`
	r := parse(t, page{computer: strings.Replace(sync01().String(), head, head+rows, 1)})
	if len(r.Computer.Components) != 2 {
		t.Fatalf("components %+v, want 2", r.Computer.Components)
	}
	all, ok := r.Computer.Component(gpreport.Infrastructure)
	if !ok || all.Status != "Success" || all.Error != "" || all.ActivityID != activityID || all.Processed.Raw != "10/18/2023 6:23:45 PM" || len(all.Processed.Candidates) != 1 {
		t.Errorf("infrastructure %+v", all)
	}
	security, ok := r.Computer.Component(gpreport.SecurityExtension)
	if !ok || security.Name != "Security" || security.Status != "Failed" || security.Error != "Security failed due to the error listed below. An extended error has occurred." {
		t.Errorf("security %+v", security)
	}
	if !r.Computer.Incomplete || !slices.Equal(codes(r), []string{gpreport.OddRow, gpreport.ExtensionFailed}) {
		t.Errorf("incomplete %v, warnings %q: what the report shows may not be what the GPOs say", r.Computer.Incomplete, codes(r))
	}
	var none *gpreport.Scope
	if _, ok := none.Component(gpreport.Infrastructure); ok {
		t.Error("no scope has a component")
	}
}

func TestXMLComponents(t *testing.T) {
	c := sync01XML()
	c.status = status(infrastructureGUID, "Group Policy Infrastructure", "2023-10-19T01:06:31", "Complete", "0") +
		status(strings.ToLower(securityGUID), "Security", "2023-10-19T01:06:31", "Complete", "1332")
	got := parseXML(t, rsop{computer: c.String()}).Computer.Components
	if len(got) != 2 || got[0].Error != "" || got[1].Error != "1332" || got[1].GUID != securityGUID || got[1].Status != "Complete" || len(got[1].Processed.Candidates) != 1 {
		t.Errorf("components %+v", got)
	}
	if got := parseXML(t, rsop{computer: c.String(), dataType: "PlanningData"}).Computer.Components; len(got) != 0 {
		t.Errorf("components of a simulation: %+v", got)
	}
}

// TestModelledComponents: those of a simulation have no times, and are there.
func TestModelledComponents(t *testing.T) {
	c := sync01()
	c.componentClasses = "info"
	const head = "<tr><th>Component Name</th></tr>"
	r := parse(t, page{results: "Group Policy Modeling", computer: strings.Replace(c.String(), head, "<tr><th>Component Name</th><th>Status</th></tr>"+row("Security", "Success"), 1)})
	if got := r.Computer.Components; len(got) != 1 || got[0].Name != "Security" || got[0].Status != "Success" || r.Results != gpreport.Modelled {
		t.Errorf("components %+v, results %q", got, r.Results)
	}
}
