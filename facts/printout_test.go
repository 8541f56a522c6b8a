package facts_test

import (
	"testing"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// printout makes a report one that gpresult printed, a minute after the others.
func printout(r *gpreport.Report) {
	r.Source, r.Kind, r.Offsets, r.Collected = "gpresult.txt", gpreport.GPResultText, nil, local(61)
}

// twoLists is the right with the lists of two GPOs, the first of which may win.
func twoLists(unsettled bool) gpreport.Assignment {
	a := serviceRight("NETWORK SERVICE", "LOCAL SERVICE")
	a.Unsettled = unsettled
	a.Others = []gpreport.Loser{{GPO: gpreport.GPORef{Name: "Other"}, Principals: []sid.Principal{sid.ParsePrincipal(virtual)}}}
	return a
}

// TestPrintout: what gpresult prints accuses nobody that its lists may hold for all that it
// says, and tells who loses where another report tells who wins.
func TestPrintout(t *testing.T) {
	with := func() *input { return &input{account: virtual} }
	other := serviceRight(virtual)
	other.Winner = gpreport.GPORef{Name: "Other"}
	summary := func(r *gpreport.Report) {
		printout(r)
		r.Computer.Incomplete, r.Warnings = true, []gpreport.Warning{{Code: gpreport.NoSettings}}
	}
	older := func(r *gpreport.Report) { r.Collected = local(-60 * 48) }
	for _, tt := range []struct {
		name       string
		in         *input
		verdict    facts.Verdict
		confidence facts.Confidence
		reason     string
		losing     int
	}{
		{"the winner is not stated", with().report(printout, twoLists(true)), facts.Undetermined, "", "winner-not-stated", 0},
		{"the winner is known by the order of GPOs", with().report(printout, twoLists(false)), facts.Omitted, facts.Possible, "", 1},
		{"another report states the winner", with().report(nil, serviceRight("LOCAL SERVICE", "NETWORK SERVICE")).report(printout, twoLists(true)), facts.Omitted, facts.Probable, "", 1},
		{"the other report is surely older", with().report(older, serviceRight("LOCAL SERVICE", "NETWORK SERVICE")).report(printout, twoLists(true)), facts.Omitted, facts.Probable, "", 1},
		{"it states the other one", with().report(nil, other).report(printout, twoLists(true)), facts.Granted, facts.Probable, "", 0},
		{"its list is another one", with().report(nil, serviceRight("Guests")).report(printout, twoLists(true)), facts.Undetermined, "", "reports-disagree", 0},
		{"characters are lost", with().report(printout, serviceRight("NT SERVICE\\AD\ufffdync")), facts.Undetermined, "", "name-unreadable", 0},
		{"characters are question marks", with().report(printout, serviceRight(`CONTOSO\svc-s?nc$`)), facts.Undetermined, "", "name-unreadable", 0},
		{"characters are lost beside the account", with().report(printout, serviceRight("CONTOSO\\\ufffdb", virtual)), facts.Granted, facts.Probable, "", 0},
		{"Windows refused, characters are lost", refused(virtual).report(printout, serviceRight("CONTOSO\\\ufffdb")), facts.Undetermined, "", "name-unreadable", 0},
		{"no settings", with().report(summary), facts.Undetermined, "", "no-computer-report", 0},
		{"no settings, beside a report that has them", with().report(nil, serviceRight("NETWORK SERVICE")).report(summary), facts.Omitted, facts.Probable, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.in.host(t)
			r := h.Rights.Service
			if r.Verdict != tt.verdict || r.Confidence != tt.confidence || len(r.Losing) != tt.losing {
				t.Errorf("verdict %q, %q, losing %v, reasons %+v", r.Verdict, r.Confidence, r.Losing, r.Reasons)
			}
			if tt.reason != "" && (len(r.Reasons) == 0 || r.Reasons[0].Code != tt.reason || r.Reasons[0].Ask == "") {
				t.Errorf("reasons %+v", r.Reasons)
			}
			if want := tt.name == "no settings"; h.Reports.WithoutSettings != want || h.Reports.Computer == want || h.Reports.UserOnly {
				t.Errorf("reports %+v", h.Reports)
			}
		})
	}
}
