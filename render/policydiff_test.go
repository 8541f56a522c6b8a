package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/sid"
)

// diffForms prints a comparison as text and as rows.
func diffForms(t *testing.T, d *gpreport.Diff) (text string, rows []map[string]string) {
	t.Helper()
	var buf bytes.Buffer
	if err := render.PolicyDiffText(&buf, d, render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	text = strings.Join(strings.Fields(buf.String()), " ")
	buf.Reset()
	if err := render.PolicyDiffCSV(&buf, d, render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&buf).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, head := range lines[0] {
			row[head] = line[i]
		}
		rows = append(rows, row)
	}
	return text, rows
}

// with returns the full report with the computer's half edited.
func with(edit func(*gpreport.Report)) *gpreport.Report {
	r := fullReport()
	edit(r)
	return r
}

// The winner is printed twice where the report has two, and only there.
func TestPolicyDiffWinners(t *testing.T) {
	won := func(g gpreport.GPORef, account string) *gpreport.Report {
		return with(func(r *gpreport.Report) {
			r.Computer.Rights[0].Winner, r.Computer.Rights[0].Principals = g, []sid.Principal{sid.ParsePrincipal(account)}
		})
	}
	first, second := gpreport.GPORef{Name: "Baseline", GUID: "{A}", Domain: "contoso.com"}, gpreport.GPORef{Name: "Baseline", GUID: "{A}", Domain: "fabrikam.com"}
	text, rows := diffForms(t, gpreport.Compare(won(first, `X\a`), won(second, `X\a`)))
	if !strings.Contains(text, "winner was Baseline {A} of contoso.com winner is Baseline {A} of fabrikam.com") {
		t.Error(text)
	}
	if r := rows[0]; r["gpo_before_domain"] != "contoso.com" || r["gpo_after_domain"] != "fabrikam.com" {
		t.Errorf("%v", r)
	}
	text, _ = diffForms(t, gpreport.Compare(won(first, `X\a`), won(gpreport.GPORef{Name: "baseline"}, `X\b`)))
	if strings.Contains(text, "winner was") || !strings.Contains(text, "winner Baseline {A}") {
		t.Error(text)
	}
}

// What it means that a right is gone depends on what the report after is.
func TestPolicyDiffRemovedRights(t *testing.T) {
	gone := func(results gpreport.Results, kind gpreport.Kind) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Results, r.Kind = results, kind }
	}
	for _, tt := range []struct {
		results gpreport.Results
		kind    gpreport.Kind
		want    string
	}{
		{gpreport.Logged, gpreport.GPResultHTML, "so that the computer's own settings decide"},
		{gpreport.Modelled, gpreport.GPResultHTML, "so that the computer's own settings would decide in the simulation"},
		{gpreport.Defined, gpreport.GPOReportHTML, ": not defined after"},
		{"", gpreport.SeceditINF, "it does not tell whether it is an export, in which nobody has the right then, or what a GPO defines"},
	} {
		before, after := with(gone(tt.results, tt.kind)), with(gone(tt.results, tt.kind))
		after.Computer.Rights = nil
		if text, _ := diffForms(t, gpreport.Compare(before, after)); !strings.Contains(text, tt.want) {
			t.Errorf("%q: %s", tt.results, text)
		}
	}
}

// Every change shows what has changed.
func TestPolicyDiffShowsTheChange(t *testing.T) {
	a, b := gpreport.Field{Name: "zone", Value: "a"}, gpreport.Field{Name: "zone", Value: "b"}
	of := func(details []gpreport.Field, losing string) *gpreport.Report {
		return with(func(r *gpreport.Report) {
			r.Computer.Settings = []gpreport.Setting{{
				Section: []string{"s"}, Name: "Trusted sites", Value: "1", Details: details,
				Others: []gpreport.LosingSetting{{GPO: gpreport.GPORef{Name: "Old"}, Value: losing}},
			}}
		})
	}
	for _, tt := range []struct {
		name          string
		before, after *gpreport.Report
		want          string
	}{
		{"order", of([]gpreport.Field{a, b}, ""), of([]gpreport.Field{b, a}, ""), "order the same details in another order was zone: a; zone: b is zone: b; zone: a"},
		{"number", of([]gpreport.Field{a, a}, ""), of([]gpreport.Field{a}, ""), "was zone: a"},
		{"loser", of(nil, "5"), of(nil, "6"), "lost before Old: 5 loses now Old: 6"},
	} {
		text, rows := diffForms(t, gpreport.Compare(tt.before, tt.after))
		if !strings.Contains(text, tt.want) {
			t.Errorf("%s: %s", tt.name, text)
		}
		if r := rows[0]; r["kind"] != "setting" || r["before"] == r["after"] {
			t.Errorf("%s: %v", tt.name, r)
		}
	}
	unsettled := func(account string) *gpreport.Report {
		return with(func(r *gpreport.Report) {
			x := &r.Computer.Rights[0]
			x.Unsettled, x.Others = true, []gpreport.Loser{{GPO: gpreport.GPORef{Name: "Old"}, Principals: []sid.Principal{sid.ParsePrincipal(account)}}}
		})
	}
	text, rows := diffForms(t, gpreport.Compare(unsettled(`X\a`), unsettled(`X\b`)))
	if !strings.Contains(text, `or Old: X\a is `) || !strings.Contains(text, `or Old: X\b`) || rows[0]["before"] == rows[0]["after"] {
		t.Errorf("%s\n%v", text, rows[0])
	}
}

// Whoever reads the JSON sees that a report is not whole, and that nothing was compared.
func TestPolicyDiffJSONGaps(t *testing.T) {
	stopped := &gpreport.Report{Kind: gpreport.GPResultHTML, Incomplete: true, ComputerAbsent: gpreport.NotReached, UserAbsent: gpreport.NotReached}
	var buf bytes.Buffer
	if err := render.PolicyDiffJSON(&buf, gpreport.Compare(stopped, stopped), render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Before struct {
			Incomplete     bool
			ComputerAbsent string
		}
		Equal  bool
		Unsure []any
	}
	if err := json.Unmarshal(buf.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !doc.Before.Incomplete || doc.Before.ComputerAbsent != "not-reached" || doc.Equal || len(doc.Unsure) != 4 {
		t.Errorf("%+v", doc)
	}
}
