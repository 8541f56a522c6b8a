package gpreport_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
)

// rightsReport is a report of the computer whose table of user rights has the given rows.
func rightsReport(rows string) string {
	return `<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8" /></head><body>
<table class="title"><tr><td colspan="2" class="rsopheader">Group Policy Results</td></tr>
<tr><td colspan="2" class="rsopname">CONTOSO\SYNC01</td></tr><tr><td id="dtstamp">Data collected on: 11/20/2026 5:30:00 AM</td></tr></table>
<div class="rsopsettings">
<div class="he0_expanded"><span class="sectionTitle">Computer Details</span></div><div class="container">
<div class="he0h_expanded"><span class="sectionTitle">Settings</span></div><div class="container">
<div class="he3"><span class="sectionTitle">Local Policies/User Rights Assignment</span></div><div class="container"><div class="he4i"><table class="info3">
<tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>
` + rows + `</table></div></div></div></div>
<div class="he0_expanded"><span class="sectionTitle">User Details</span></div><div class="container"><div class="he4i">No data available.</div></div></div></body></html>`
}

// TestEndlessList: a list of accounts longer than any policy's is left out as a whole, and
// nothing is concluded from its absence.
func TestEndlessList(t *testing.T) {
	text := rightsReport("<tr><td>Log on as a service</td><td>" + strings.Repeat("a,", 200_000) + "a</td><td>Base</td></tr>" +
		"<tr><td>Log on as a batch job</td><td>a, b</td><td>Base</td></tr>")
	r, err := gpreport.Parse(context.Background(), strings.NewReader(text), int64(len(text)), gpreport.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Computer.Right("SeServiceLogonRight"); ok || !r.Computer.Incomplete {
		t.Errorf("the endless list was kept: %v, incomplete %v", ok, r.Computer.Incomplete)
	}
	if a, ok := r.Computer.Right("SeBatchLogonRight"); !ok || len(a.Principals) != 2 {
		t.Errorf("the row behind it: %+v", a)
	}
}

// TestEndlessWarnings: warnings are bounded, and that some are left out is one of them.
func TestEndlessWarnings(t *testing.T) {
	text := rightsReport(strings.Repeat("<tr><td>odd</td></tr>", 5000))
	r, err := gpreport.Parse(context.Background(), strings.NewReader(text), int64(len(text)), gpreport.Config{})
	if err != nil {
		t.Fatal(err)
	}
	n := len(r.Warnings)
	if n == 0 || n > 1001 || r.Warnings[n-1].Code != gpreport.LimitReached {
		t.Errorf("%d warnings, the last %+v", n, r.Warnings[max(n-1, 0)])
	}
}
