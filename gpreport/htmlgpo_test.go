package gpreport_test

import (
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

// gpoRights is a table of user rights as reports of GPOs have it.
func gpoRights(rows ...string) string {
	return settingsOf(section("3", rightsTitle, `<div class="he4i"><table class="info" ><tr><th scope="col">Policy</th><th scope="col">Setting</th></tr>`+strings.Join(rows, "")+"</table></div>"))
}

func TestGPOReport(t *testing.T) {
	comment := section("1", "Administrative Templates", section("3", "System", `<div class="he4i"><table class="info3" ><tr><th>Policy</th><th>Setting</th><th>Comment</th></tr>`+
		row("Policy A", "Enabled", "asked for by Bo")+row("Policy B", "Disabled", "")+"</table></div>"))
	reports, err := parseAll([]byte(gpoPage{name: "Server Baseline", computer: gpoRights(row("Log on as a service", `CONTOSO\svc, NT SERVICE\ALL SERVICES`), row("Create a token object", "")) + comment}.String()))
	if err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, error %v", len(reports), err)
	}
	r := reports[0]
	utc := func(month time.Month, day, hour, minute, second int) []time.Time {
		return []time.Time{time.Date(2025, month, day, hour, minute, second, 0, time.UTC)}
	}
	yes, no := true, false
	want := &gpreport.Description{
		Domain: "contoso.com", Owner: `CONTOSO\Domain Admins`, Status: "Enabled", ComputerEnabled: &yes, UserEnabled: &no,
		Created:    gpreport.LocalTime{Raw: "8/20/2025 7:57:28 AM", Candidates: utc(8, 20, 7, 57, 28)},
		Modified:   gpreport.LocalTime{Raw: "8/21/2025 10:00:32 AM", Candidates: utc(8, 21, 10, 0, 32)},
		ComputerAD: 7, ComputerSysvol: 8,
		Links:           []gpreport.Link{{Path: "contoso.com/Servers", Name: "Servers", Status: "Disabled", Enforced: true, Order: -1}, {Path: "contoso.com", Name: "contoso", Status: "Enabled", Enabled: true, Order: -1}},
		SecurityFilters: []sid.Principal{{Name: `NT AUTHORITY\Authenticated Users`, SID: "S-1-5-11"}},
		Delegation:      []gpreport.Permission{{Trustee: sid.ParsePrincipal(`CONTOSO\Domain Admins`), Permission: "Edit settings, delete, modify security", Inherited: "No"}},
		WMIFilter:       "Servers only", WMIDescription: "Not on clients",
		Details: []gpreport.Field{{Name: "Colour", Value: "blue"}, {Name: "WMI Filtering > WMI Filter Name", Value: "Servers only"}, {Name: "WMI Filtering > Description", Value: "Not on clients"}},
	}
	if diff := cmp.Diff(want, r.Description); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
	if want := (gpreport.GPORef{Name: "Server Baseline", GUID: "{6AC1786C-016F-11D2-945F-00C04FB984F9}", Domain: "contoso.com"}); r.GPO != want || r.Kind != gpreport.GPOReportHTML || r.Results != gpreport.Defined {
		t.Errorf("GPO %+v, kind %q, results %q", r.GPO, r.Kind, r.Results)
	}
	a, state := r.Right("SeServiceLogonRight")
	if state != gpreport.DefinedFor || !slices.Equal(names(a), []string{`CONTOSO\svc`, `NT SERVICE\ALL SERVICES`}) || a.Winner != (gpreport.GPORef{}) || a.Location.Row != 1 {
		t.Errorf("%s: %+v", state, a)
	}
	if _, state := r.Right("SeCreateTokenPrivilege"); state != gpreport.DefinedEmpty {
		t.Errorf("an empty list is %s", state)
	}
	if _, state := r.Right("SeBatchLogonRight"); state != gpreport.NotDefined {
		t.Errorf("no list is %s", state)
	}
	settings := []gpreport.Setting{
		{Section: []string{"Administrative Templates", "System"}, Name: "Policy A", Value: "Enabled", Details: []gpreport.Field{{Name: "Comment", Value: "asked for by Bo"}}},
		{Section: []string{"Administrative Templates", "System"}, Name: "Policy B", Value: "Disabled"},
	}
	if diff := cmp.Diff(settings, r.Computer.Settings, withoutPlaces); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if r.User == nil || r.UserAbsent != "" || len(r.User.Notes) != 1 || r.User.Notes[0].Text != "No settings defined." {
		t.Errorf("user %+v, absent %q", r.User, r.UserAbsent)
	}
	if r.Incomplete || len(r.Warnings) != 0 {
		t.Errorf("incomplete %v, warnings %+v", r.Incomplete, r.Warnings)
	}
}

// TestJoinedReports: Get-GPOReport -All writes one document after the other.
func TestJoinedReports(t *testing.T) {
	gpo := func(name, account string) string {
		return gpoPage{name: name, computer: gpoRights(row("Log on as a service", account))}.String()
	}
	result := page{computer: sync01(row("Log on as a service", "won", "Server Baseline")).String()}.String()
	a, b := gpo("A", "x"), gpo("B", "y")
	cut := b[:strings.Index(b, "Log on as a service")]
	reports, err := parseAll([]byte(a + cut + result + b))
	var pe *gpreport.ParseError
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &pe) || len(reports) != 4 {
		t.Fatalf("%d reports, error %v", len(reports), err)
	}
	line := 1
	for i, part := range []string{a, cut, result, b} {
		r := reports[i]
		if title := line + strings.Count(part[:strings.Index(part, `<table class="title"`)], "\n"); r.Line != title {
			t.Errorf("report %d begins on line %d, want %d", i, r.Line, title)
		}
		line += strings.Count(part, "\n")
		if r.Incomplete != (i == 1) {
			t.Errorf("report %d: incomplete %v", i, r.Incomplete)
		}
		right, state := r.Right("SeServiceLogonRight")
		want := [][]string{{"x"}, nil, {"won"}, {"y"}}[i]
		if !slices.Equal(names(right), want) || i == 1 && state != gpreport.ReportCutOff {
			t.Errorf("report %d: %s, %q", i, state, names(right))
		}
	}
	first, err := parseBytes([]byte(a + result))
	if err != nil || first.Kind != gpreport.GPResultHTML {
		t.Errorf("Parse gives %v, error %v, want the results", first.Kind, err)
	}
}

// TestBorrowedStyle: diagnostic scripts write pages with the classes of reports. They are none.
func TestBorrowedStyle(t *testing.T) {
	for name, text := range map[string]string{
		"results": `<html><body><table class="title"><tr><td class="rsopheader">AutoRuns information</td></tr><tr><td class="rsopname">Machine name: SYNC01</td></tr><tr><td id="dtstamp">x: 10/18/2023 6:10:01 PM</td></tr></table><div class="he0_expanded">a</div></body></html>`,
		"GPO":     `<html><body><table class="title"><tr><td class="gponame">Access Control List</td></tr></table><div class="gposummary"><div class="he0_expanded"><span class="sectionTitle">General</span></div><div class="container"><table class="info"><tr><td>a</td><td>b</td></tr></table></div></div></body></html>`,
	} {
		var format *gpreport.FormatError
		if reports, err := parseAll([]byte(text)); len(reports) != 0 || !errors.As(err, &format) {
			t.Errorf("%s: %d reports, error %v", name, len(reports), err)
		}
	}
}

// TestGPOCutAnywhere: what is read of a part stands in the whole, and what is missing is said
// to be.
func TestGPOCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	text := gpoPage{computer: gpoRights(row("Log on as a service", `CONTOSO\svc-a, CONTOSO\svc-b`), row("Debug programs", "")) + spooler("") + localGroups("")}.String()
	whole, err := parseBytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, s := range whole.Computer.Settings {
		known[s.Name+"="+s.Value] = true
	}
	for end := range len(text) {
		r, err := parseBytes([]byte(text[:end]))
		if r == nil {
			if err == nil {
				t.Fatalf("at %d: neither a report nor an error", end)
			}
			continue
		}
		if (err != nil) != r.Incomplete {
			t.Fatalf("at %d: error %v, incomplete %v", end, err, r.Incomplete)
		}
		if r.Computer == nil {
			continue
		}
		for _, a := range r.Computer.Rights {
			if w, _ := whole.Computer.Right(a.Right); !cmp.Equal(w, a) {
				t.Fatalf("at %d: right %+v", end, a)
			}
		}
		if _, state := r.Right("SeServiceLogonRight"); state != gpreport.DefinedFor && state != gpreport.ReportCutOff {
			t.Fatalf("at %d: the right is %s", end, state)
		}
		for _, s := range r.Computer.Settings {
			if !known[s.Name+"="+s.Value] {
				t.Fatalf("at %d: setting %+v", end, s)
			}
		}
	}
}

// TestOrderOfDates: a date that can be read in one way only tells how to read the others.
func TestOrderOfDates(t *testing.T) {
	p := page{stamp: "Data collected on: 4/3/2023 6:10:01 PM", computerRefresh: "refresh on 3/4/2023 6:06:31 PM", computer: sync01().String()}
	if r := parse(t, p); len(r.Collected.Candidates) != 2 || len(r.Computer.Refreshed.Candidates) != 2 {
		t.Errorf("ambiguous dates have the readings %v and %v", r.Collected.Candidates, r.Computer.Refreshed.Candidates)
	}
	p.stamp = "Data collected on: 4/30/2023 6:10:01 PM"
	if r := parse(t, p); len(r.Computer.Refreshed.Candidates) != 1 || r.Computer.Refreshed.Candidates[0].Month() != time.March {
		t.Errorf("with a clear date beside it, the readings are %v", r.Computer.Refreshed.Candidates)
	}
}
