package gpreport_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

const runID = "{463a1763-7356-49a6-b879-4e9e42a3e06d}"

// runXML is one time that policy was applied.
func runXML(events ...string) string {
	return `<SinglePassEventsDetails ActivityId="` + runID + `" ProcessingTrigger="Boot" DomainControllerName="DC01.contoso.com" ErrorCount="1">` + "\r\n" + strings.Join(events, "") +
		"<ExtensionProcessingTime>" + leaf("ExtensionName", "Security") + leaf("ExtensionGuid", securityGUID) + leaf("ElapsedTimeInMilliseconds", "156") + "</ExtensionProcessingTime></SinglePassEventsDetails>\r\n"
}

// eventXML quotes an event with its text.
func eventXML(quoted, text string) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return "<EventRecord>\r\n" + leaf("EventXml", escape.Replace(quoted)) + leaf("EventDescription", text) + "</EventRecord>\r\n"
}

const quotedEvent = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-GroupPolicy'/><EventID>4004</EventID><Level>4</Level>` +
	`<TimeCreated SystemTime='2023-10-19T01:21:57.9686838Z'/><EventRecordID>2133</EventRecordID><Correlation ActivityID='` + runID + `'/></System>` +
	`<EventData><Data Name='PrincipalSamName'>CONTOSO\SYNC01$</Data></EventData></Event>`

func TestXMLRuns(t *testing.T) {
	c, u := sync01XML(), someUserXML()
	c.end = "<EventsDetails>" + runXML(eventXML(quotedEvent, "Starting policy. \r\nActivity id: x"), eventXML("<Event", "broken"), "<EventRecord></EventRecord>") + runXML() + "</EventsDetails>"
	u.end = "<EventsDetails>" + runXML() + "</EventsDetails>"
	text := rsop{computer: c.String(), user: u.String()}
	r := parseXML(t, text)
	if len(r.Runs) != 3 || !r.Runs[0].User || r.Runs[1].User || r.Runs[2].Location.Row != 2 {
		t.Fatalf("runs %+v", r.Runs)
	}
	run := r.Runs[1]
	wantDetails := []gpreport.Field{
		{Name: "ProcessingTrigger", Value: "Boot"},
		{Name: "DomainControllerName", Value: "DC01.contoso.com"},
		{Name: "ErrorCount", Value: "1"},
		{Name: "ExtensionProcessingTime > " + securityGUID + " > ExtensionName", Value: "Security"},
		{Name: "ExtensionProcessingTime > " + securityGUID + " > ExtensionGuid", Value: securityGUID},
		{Name: "ExtensionProcessingTime > " + securityGUID + " > ElapsedTimeInMilliseconds", Value: "156"},
	}
	if diff := cmp.Diff(wantDetails, run.Details); diff != "" || run.ActivityID != strings.ToUpper(runID) {
		t.Errorf("activity %q, details (-want +got):\n%s", run.ActivityID, diff)
	}
	if len(run.Events) != 2 {
		t.Fatalf("events %+v", run.Events)
	}
	e := run.Events[0]
	want := gpreport.Event{
		Provider: "Microsoft-Windows-GroupPolicy", ID: 4004, Level: 4, Record: 2133, Time: time.Date(2023, 10, 19, 1, 21, 57, 968683800, time.UTC),
		ActivityID: strings.ToUpper(runID), Data: []gpreport.Field{{Name: "PrincipalSamName", Value: `CONTOSO\SYNC01$`}},
		Description: "Starting policy. \nActivity id: x", XML: quotedEvent, Location: e.Location,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	lines := strings.Split(text.String(), "\n")
	if at := e.Location; !strings.Contains(lines[at.Line-1], "<EventRecord>") || at.Row != 1 || at.Section[0] != "ComputerResults" || at.IsEvent() {
		t.Errorf("location %+v", at)
	}
	if e = run.Events[1]; e.XML != "<Event" || e.Description != "broken" || e.ID != 0 {
		t.Errorf("a broken event: %+v", e)
	}
	if !slices.Equal(codes(r), []string{gpreport.UnknownValue}) || r.Computer.Incomplete {
		t.Errorf("warnings %+v", r.Warnings)
	}
}

// What is cut off is left out; what was there before is kept.
func TestXMLRunsCut(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	c := sync01XML()
	c.end = "<EventsDetails>" + runXML(eventXML(quotedEvent, "first"), eventXML(quotedEvent, "second")) + "</EventsDetails>"
	text := rsop{computer: c.String()}.String()
	r, err := parseBytes([]byte(text[:strings.Index(text, "second")]))
	if err == nil || len(r.Runs) != 1 || len(r.Runs[0].Events) != 1 || r.Runs[0].Events[0].Description != "first" {
		t.Errorf("error %v, runs %+v", err, r.Runs)
	}
}

func TestXMLGeneral(t *testing.T) {
	c := sync01XML()
	c.searched = "<SearchedSOM>" + leaf("Path", "contoso.com") + leaf("Type", "Domain") + leaf("Order", "2") + leaf("BlocksInheritance", "true") + leaf("Blocked", "false") + leaf("Reason", "Normal") + "</SearchedSOM>" +
		"<SearchedSOM>" + leaf("Path", "contoso.com/Servers") + leaf("Blocked", "1") + "</SearchedSOM>"
	c.end = leaf("LoopbackMode", "Replace") + "<New a='1'>" + leaf("Deep", "x") + "</New>"
	c.gpos[0].filterName, c.gpos[1].filterName = "Servers", "Servers"
	c.gpos = append(c.gpos, rsopGPO{name: "Filtered", id: "{44444444-CCCC-4CCC-8CCC-333333333333}", filterName: "Never", filterAllowed: "false", links: []rsopLink{{applied: "0"}}})
	c.status = "<ExtensionStatus>" + leaf("Name", "Security") + leaf("Identifier", securityGUID) + leaf("BeginTime", "2023-10-19T01:06:27") + leaf("EndTime", "2023-10-19T01:06:30") +
		leaf("LoggingStatus", "Complete") + leaf("Error", "0") + "</ExtensionStatus>"
	s := parseXML(t, rsop{computer: c.String()}).Computer
	var general []string
	for _, f := range s.General {
		general = append(general, f.Name+"="+f.Value)
	}
	want := []string{"Version=2228228", `Name=CONTOSO\SYNC01$`, "Domain=contoso.com", "SOM=contoso.com/Servers", "Site=Default-First-Site-Name", "SlowLink=false", "LoopbackMode=Replace", "New > a=1", "New > Deep=x"}
	if diff := cmp.Diff(want, general); diff != "" {
		t.Errorf("general (-want +got):\n%s", diff)
	}
	soms := []gpreport.SOM{{Path: "contoso.com", Type: "Domain", Order: 2, BlocksInheritance: true, Reason: "Normal"}, {Path: "contoso.com/Servers", Order: -1, Blocked: true}}
	if diff := cmp.Diff(soms, s.SOMs); diff != "" {
		t.Errorf("SOMs (-want +got):\n%s", diff)
	}
	filters := []gpreport.WMIFilter{{Name: "Servers", Value: "true", GPOs: []string{"Server Baseline", "Local Group Policy"}}, {Name: "Never", Value: "false", GPOs: []string{"Filtered"}}}
	if diff := cmp.Diff(filters, s.WMIFilters); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
	if len(s.Components) != 1 || s.Components[0].Taken != "3s" {
		t.Errorf("components %+v", s.Components)
	}
	s = parseXML(t, rsop{dataType: "PlanningData", computer: c.String()}).Computer
	if len(s.Components) != 0 || !slices.Contains(s.General, gpreport.Field{Name: "ExtensionStatus > Security", Value: "Complete"}) {
		t.Errorf("a simulation: %+v, %+v", s.Components, s.General)
	}
}

// Why a half is not there.
func TestXMLAbsent(t *testing.T) {
	r := parseXML(t, rsop{computer: sync01XML().String()})
	if r.UserAbsent != gpreport.NoData || r.ComputerAbsent != "" {
		t.Errorf("computer %q, user %q", r.ComputerAbsent, r.UserAbsent)
	}
	text := rsop{computer: sync01XML().String(), user: someUserXML().String()}.String()
	r, err := parseBytes([]byte(text[:strings.Index(text, "<ComputerResults>")]))
	if err == nil || r.ComputerAbsent != gpreport.NotReached || r.UserAbsent != "" {
		t.Errorf("cut off: computer %q, user %q, error %v", r.ComputerAbsent, r.UserAbsent, err)
	}
	if _, state := r.Right("SeServiceLogonRight"); state != gpreport.ReportCutOff {
		t.Errorf("state %q", state)
	}
	r, err = parseBytes([]byte(strings.Replace(text, "<ComputerResults>", `<ComputerResults xmlns="x">`, 1)))
	if err != nil || r.ComputerAbsent != gpreport.NotReached {
		t.Errorf("not understood: computer %q, error %v", r.ComputerAbsent, err)
	}
}
