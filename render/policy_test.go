package render_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/sid"
)

// policyWant is the agreed shape, with each state once: a right for somebody, one for
// nobody, a scope without data, a time that can be told.
const policyWant = `{"schema": "gpevtx.policy/v1", "reports": [{
  "source": "gpresult.htm", "kind": "gpresult-html", "results": "logged", "language": "en", "host": "SYNC01", "domain": "contoso.com", "gpo": {"name": "", "guid": ""},
  "collected": {"raw": "10/18/2023 6:10:01 PM", "utc": "2023-10-18T17:10:01Z"},
  "computer": {
    "gpos": [
      {"name": "Server Baseline", "guid": "{A}", "applied": true, "deniedReason": "", "link": "contoso.com/Servers", "order": 1, "enforced": true},
      {"name": "Old", "guid": "", "applied": false, "deniedReason": "Empty", "link": "", "order": 1, "enforced": false}],
    "rights": [
      {"right": "SeServiceLogonRight", "display": "Log on as a service", "defined": true, "principals": [{"name": "CONTOSO\\svc", "sid": ""}], "winner": {"name": "Server Baseline", "guid": "{A}"}, "others": [{"name": "Old", "guid": "", "principals": [{"name": "CONTOSO\\x", "sid": ""}]}], "row": 12, "line": 2031},
      {"right": "", "display": "Sonderrecht", "defined": true, "principals": [], "winner": {"name": "Old", "guid": ""}, "others": [], "row": 13, "line": 2032}],
    "settings": [{"section": ["Policies"], "name": "n", "value": "v", "winner": {"name": "Old", "guid": ""}}],
    "groups": [{"name": "NT AUTHORITY\\Authenticated Users", "sid": "S-1-5-11"}]},
  "user": null,
  "warnings": [{"code": "unknown-right", "message": "m", "line": 2032}]}]}`

func TestPolicyJSON(t *testing.T) {
	r := &gpreport.Report{
		Source: "gpresult.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Logged, Host: "SYNC01", Domain: "contoso.com", Language: "en",
		Collected: gpreport.LocalTime{Raw: "10/18/2023 6:10:01 PM", Candidates: []time.Time{time.Date(2023, 10, 18, 18, 10, 1, 0, time.UTC)}},
		Offsets:   []time.Duration{time.Hour},
		Computer: &gpreport.Scope{
			Applied: []gpreport.GPO{{Name: "Server Baseline", GUID: "{A}", Applied: true, Link: "contoso.com/Servers", Order: 1, Enforced: true}},
			Denied:  []gpreport.GPO{{Name: "Old", DeniedReason: "Empty", Order: 1}},
			Rights: []gpreport.Assignment{
				{
					Right: "SeServiceLogonRight", Display: "Log on as a service", Principals: []sid.Principal{{Name: `CONTOSO\svc`}},
					Winner: gpreport.GPORef{Name: "Server Baseline", GUID: "{A}"}, Others: []gpreport.Loser{{GPO: gpreport.GPORef{Name: "Old"}, Principals: []sid.Principal{{Name: `CONTOSO\x`}}}},
					Location: evidence.Location{Row: 12, Line: 2031},
				},
				{Display: "Sonderrecht", Winner: gpreport.GPORef{Name: "Old"}, Location: evidence.Location{Row: 13, Line: 2032}},
			},
			Settings: []gpreport.Setting{{Section: []string{"Policies"}, Name: "n", Value: "v", Winner: gpreport.GPORef{Name: "Old"}}},
			Groups:   []sid.Principal{{Name: `NT AUTHORITY\Authenticated Users`, SID: "S-1-5-11"}},
		},
		Warnings: []gpreport.Warning{{Code: "unknown-right", Message: "m", Line: 2032}},
	}
	var buf bytes.Buffer
	if err := render.PolicyJSON(&buf, []*gpreport.Report{r}); err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(policyWant), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPolicyTimeNeedsOneReading: a date that can be read in two ways has no UTC time.
func TestPolicyTimeNeedsOneReading(t *testing.T) {
	at := time.Date(2023, 3, 4, 1, 2, 3, 0, time.UTC)
	for _, r := range []*gpreport.Report{
		{Collected: gpreport.LocalTime{Raw: "3/4/2023", Candidates: []time.Time{at, at.AddDate(0, 1, 0)}}, Offsets: []time.Duration{0}},
		{Collected: gpreport.LocalTime{Raw: "3/4/2023", Candidates: []time.Time{at}}},
		{},
	} {
		var buf bytes.Buffer
		if err := render.PolicyJSON(&buf, []*gpreport.Report{r}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(buf.Bytes(), []byte(`"utc": null`)) {
			t.Errorf("%+v: %s", r.Collected, buf.Bytes())
		}
	}
}
