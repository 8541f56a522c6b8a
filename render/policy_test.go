package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/sid"
)

// policyWant is the agreed shape, with each state once: a right for somebody, one for
// nobody, a scope without data, a time that can be told. Members may be added to it.
const policyWant = `{"schema": "gpevtx.policy/v1", "reports": [{
  "source": "gpresult.htm", "kind": "gpresult-html", "results": "logged", "language": "en", "host": "SYNC01", "domain": "contoso.com", "gpo": {"name": "", "guid": ""},
  "collected": {"raw": "10/18/2023 6:10:01 PM", "utc": "2023-10-18T17:10:01Z"},
  "computer": {
    "gpos": [
      {"name": "Server Baseline", "guid": "{A}", "applied": true, "deniedReason": "", "link": "contoso.com/Servers", "order": 1, "enforced": true, "enforcedStated": true},
      {"name": "Old", "guid": "", "applied": false, "deniedReason": "Empty", "link": "", "order": 1, "enforced": false, "enforcedStated": false}],
    "rights": [
      {"right": "SeServiceLogonRight", "display": "Log on as a service", "defined": true, "principals": [{"name": "CONTOSO\\svc", "sid": ""}], "winner": {"name": "Server Baseline", "guid": "{A}"}, "others": [{"name": "Old", "guid": "", "principals": [{"name": "CONTOSO\\x", "sid": ""}]}], "row": 12, "line": 2031},
      {"right": "", "display": "Sonderrecht", "defined": true, "principals": [], "winner": {"name": "Old", "guid": ""}, "others": [], "row": 13, "line": 2032}],
    "settings": [{"section": ["Policies"], "name": "n", "value": "v", "winner": {"name": "Old", "guid": ""}}],
    "groups": [{"name": "NT AUTHORITY\\Authenticated Users", "sid": "S-1-5-11"}]},
  "user": null,
  "warnings": [{"code": "unknown-right", "message": "m", "line": 2032}]}]}`

// fullReport has each thing that a report can say.
func fullReport() *gpreport.Report {
	baseline, old := gpreport.GPORef{Name: "Server Baseline", GUID: "{A}"}, gpreport.GPORef{Name: "Old"}
	place := func(row, line int) evidence.Location {
		return evidence.Location{Section: []string{"Policies", "Rights"}, Row: row, Line: line}
	}
	at := func(raw string) gpreport.LocalTime {
		return gpreport.LocalTime{Raw: raw, Candidates: []time.Time{time.Date(2023, 10, 18, 18, 6, 31, 0, time.UTC)}}
	}
	return &gpreport.Report{
		Source: "gpresult.htm", Line: 1, Kind: gpreport.GPResultHTML, Results: gpreport.Logged, Host: "SYNC01", Domain: "contoso.com", Language: "en",
		Collected:  gpreport.LocalTime{Raw: "10/18/2023 6:10:01 PM", Candidates: []time.Time{time.Date(2023, 10, 18, 18, 10, 1, 0, time.UTC)}},
		Offsets:    []time.Duration{time.Hour},
		UserAbsent: gpreport.AccessDenied,
		Computer: &gpreport.Scope{
			Name: `CONTOSO\SYNC01`, Domain: "contoso.com", Site: "Paris", OU: "contoso.com/Servers", Refreshed: at("10/18/2023 6:06:31 PM"),
			Applied: []gpreport.GPO{{
				Name: "Server Baseline", GUID: "{A}", Applied: true, Link: "contoso.com/Servers", Order: 1, Enforced: true, EnforcedStated: true, RevisionAD: 4, RevisionSysvol: 65535,
				Links: []gpreport.Link{{Path: "contoso.com/Servers", Enabled: true, Enforced: true, Order: 1}}, WMIFilter: "Servers", SecurityFilters: []string{"Authenticated Users"}, Extensions: []string{"Security"},
			}},
			Denied: []gpreport.GPO{{Name: "Old", DeniedReason: "Empty", Order: 1, RevisionAD: -1, RevisionSysvol: -1}},
			Rights: []gpreport.Assignment{
				{
					Right: "SeServiceLogonRight", Display: "Log on as a service", Principals: []sid.Principal{{Name: `CONTOSO\svc`}}, Origin: gpreport.Printed,
					Winner: baseline, Others: []gpreport.Loser{{GPO: old, Principals: []sid.Principal{{Name: `CONTOSO\x`}}, Location: place(0, 2050)}}, Location: place(12, 2031),
				},
				{Display: "Sonderrecht", Winner: old, Location: place(13, 2032)},
			},
			Settings: []gpreport.Setting{{
				Section: []string{"Policies"}, Name: "n", Value: "v", Winner: old, Details: []gpreport.Field{{Name: "option", Value: "on"}},
				Others: []gpreport.LosingSetting{{GPO: baseline, Value: "w"}}, Location: place(1, 3000),
			}},
			RestrictedGroups: []gpreport.RestrictedGroup{{Group: sid.Principal{Name: "Administrators"}, Members: []sid.Principal{{Name: `CONTOSO\a`}}, Winner: old}},
			Services:         []gpreport.Service{{Name: "Spooler", Mode: gpreport.Disabled, ModeText: "Disabled", Winner: old}},
			LocalGroups:      []gpreport.LocalGroup{{Group: sid.Principal{Name: "Users"}, Action: "Update", Add: []sid.Principal{{Name: `CONTOSO\b`}}, DeleteUsers: true, Winner: old}},
			Groups:           []sid.Principal{{Name: `NT AUTHORITY\Authenticated Users`, SID: "S-1-5-11"}},
			Components:       []gpreport.Component{{Name: "Security", GUID: gpreport.SecurityExtension, Status: "Failed", Error: "no access", Processed: at("10/18/2023 6:06:31 PM")}},
			General:          []gpreport.Field{{Name: "Computer name", Value: `CONTOSO\SYNC01`}},
			Summary:          []string{"A fast link was detected"},
			Alerts:           []gpreport.Alert{{GPO: "Server Baseline", Text: "enforced"}},
			WMIFilters:       []gpreport.WMIFilter{{Name: "Servers", Value: "True", GPOs: []string{"Server Baseline"}}},
			SOMs:             []gpreport.SOM{{Path: "contoso.com", Type: "Domain", Order: 1, BlocksInheritance: true, Reason: "Normal"}},
			Notes:            []gpreport.Note{{Section: []string{"Policies"}, Text: "Policy definitions were retrieved from the central store."}},
		},
		Runs: []gpreport.Run{{
			ActivityID: "{B}", Details: []gpreport.Field{{Name: "Domain controller", Value: "DC01"}},
			Events: []gpreport.Event{{ID: 4016, Time: time.Date(2023, 10, 18, 17, 6, 31, 0, time.UTC), Description: "Starting Security Extension Processing."}},
		}},
		Warnings: []gpreport.Warning{{Code: "unknown-right", Message: "m", Line: 2032}},
	}
}

func policyJSON(t *testing.T, opt render.PolicyOptions, reports ...*gpreport.Report) map[string]any {
	t.Helper()
	var buf bytes.Buffer
	if err := render.PolicyJSON(&buf, reports, opt); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// policyGolden compares what is printed with a file of testdata.
func policyGolden(t *testing.T, name string, print func(io.Writer) error) {
	t.Helper()
	var buf bytes.Buffer
	if err := print(&buf); err != nil {
		t.Fatal(err)
	}
	golden(t, name+".golden", buf.String())
}

// TestPolicyJSON: all members of the agreed shape are there with their values.
func TestPolicyJSON(t *testing.T) {
	var want any
	if err := json.Unmarshal([]byte(policyWant), &want); err != nil {
		t.Fatal(err)
	}
	within(t, "", want, policyJSON(t, render.PolicyOptions{}, fullReport()))
}

// within demands that what is in want is in got; objects may have more members.
func within(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		for key, value := range want {
			if _, ok := object[key]; !ok {
				t.Errorf("%s.%s is missing", path, key)
			}
			within(t, path+"."+key, value, object[key])
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			t.Errorf("%s has %d items, want %d", path, len(list), len(want))
			return
		}
		for i := range want {
			within(t, fmt.Sprintf("%s[%d]", path, i), want[i], list[i])
		}
	default:
		if want != got {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}

// TestPolicyJSONHoldsAll: what a report states is reachable, and lists are never null.
func TestPolicyJSONHoldsAll(t *testing.T) {
	policyGolden(t, "policy.json", func(w io.Writer) error {
		return render.PolicyJSON(w, []*gpreport.Report{fullReport(), {Kind: gpreport.SeceditINF, Computer: &gpreport.Scope{}, Description: &gpreport.Description{}}}, render.PolicyOptions{})
	})
}

// TestPolicyJSONForgetsNothing: each text of the model is in the JSON form.
func TestPolicyJSONForgetsNothing(t *testing.T) {
	var r gpreport.Report
	var tokens []string
	tokenize(reflect.ValueOf(&r).Elem(), "report", &tokens)
	var buf bytes.Buffer
	if err := render.PolicyJSON(&buf, []*gpreport.Report{&r}, render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	if len(tokens) < 100 {
		t.Fatalf("only %d texts in the model", len(tokens))
	}
	for _, token := range tokens {
		if !strings.Contains(buf.String(), `"`+token+`"`) {
			t.Errorf("%s is not in the JSON form", token)
		}
	}
}

// tokenize puts a text of its own into each string of v, which says where it stands.
func tokenize(v reflect.Value, path string, tokens *[]string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(path)
		*tokens = append(*tokens, path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		tokenize(v.Elem(), path, tokens)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		tokenize(v.Index(0), path, tokens)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[evidence.Location]() || v.Type() == reflect.TypeFor[time.Time]() {
			return // lines and rows are there, sections repeat the order of the report
		}
		for i := range v.NumField() {
			tokenize(v.Field(i), path+"."+v.Type().Field(i).Name, tokens)
		}
	}
}

// TestPolicySelectionJSON: a selection is stated, with the states of the rights asked for.
func TestPolicySelectionJSON(t *testing.T) {
	got := policyJSON(t, render.PolicyOptions{Selection: gpreport.Selection{Rights: []string{"SeServiceLogonRight", "SeBatchLogonRight", "Sonderrecht"}}}, fullReport())
	report := got["reports"].([]any)[0].(map[string]any)
	want := []any{
		map[string]any{"right": "SeServiceLogonRight", "display": "Log on as a service", "state": "defined"},
		map[string]any{"right": "SeBatchLogonRight", "display": "Log on as a batch job", "state": "not-defined"},
		map[string]any{"right": "Sonderrecht", "display": "Sonderrecht", "state": "defined-empty"},
	}
	if diff := cmp.Diff(want, report["states"]); diff != "" || got["selection"] == nil {
		t.Errorf("selection %v, states:\n%s", got["selection"], diff)
	}
	if rights := report["computer"].(map[string]any)["rights"].([]any); len(rights) != 2 {
		t.Errorf("%d rights", len(rights))
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
		report := policyJSON(t, render.PolicyOptions{}, r)["reports"].([]any)[0].(map[string]any)
		if utc := report["collected"].(map[string]any)["utc"]; utc != nil {
			t.Errorf("%+v: %v", r.Collected, utc)
		}
	}
}

// simulation, export and description are reports that do not tell what was applied.
func otherReports() []*gpreport.Report {
	yes, no := true, false
	return []*gpreport.Report{
		{Source: "model.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Modelled, Host: "SYNC01", Language: "de", Computer: &gpreport.Scope{
			Incomplete: true, Rights: []gpreport.Assignment{{Right: "SeBackupPrivilege", Display: "Sichern", Origin: gpreport.Translated}},
		}, UserAbsent: gpreport.NoData},
		{Source: "user.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Logged, UserName: `CONTOSO\admin`, ComputerAbsent: gpreport.AccessDenied, User: &gpreport.Scope{Name: `CONTOSO\admin`}},
		{Source: "cut.xml", Kind: gpreport.GPResultXML, Results: gpreport.Logged, Incomplete: true, ComputerAbsent: gpreport.NotReached},
		{Source: "secedit.inf", Kind: gpreport.SeceditINF, Results: gpreport.Exported, Computer: &gpreport.Scope{Rights: []gpreport.Assignment{
			{Right: "SeServiceLogonRight", Display: "Log on as a service", Principals: []sid.Principal{sid.ParsePrincipal("*S-1-5-80-0"), sid.ParsePrincipal("svc_sql")}},
		}}},
		{Source: "all.xml", Line: 1, Kind: gpreport.GPOReportXML, Results: gpreport.Defined, GPO: gpreport.GPORef{Name: "Server Baseline", GUID: "{A}"}, Computer: &gpreport.Scope{}, Description: &gpreport.Description{
			Owner: `CONTOSO\Domain Admins`, ComputerEnabled: &yes, UserEnabled: &no, ComputerAD: 3, ComputerSysvol: 3, UserAD: -1, UserSysvol: -1,
			Links:           []gpreport.Link{{Path: "contoso.com/Servers", Enabled: true, Enforced: true}, {Path: "contoso.com/Old"}},
			SecurityFilters: []sid.Principal{{Name: "Authenticated Users"}}, Comment: "kept by the server team",
		}},
		{Source: "all.xml", Line: 800, Kind: gpreport.GPOReportXML, Results: gpreport.Defined},
	}
}

func TestPolicyText(t *testing.T) {
	for name, tt := range map[string]struct {
		opt     render.PolicyOptions
		reports []*gpreport.Report
	}{
		"policy":         {render.PolicyOptions{}, []*gpreport.Report{fullReport()}},
		"policy-verbose": {render.PolicyOptions{Verbose: true}, []*gpreport.Report{fullReport()}},
		"policy-40":      {render.PolicyOptions{Width: 40, Color: true}, []*gpreport.Report{fullReport()}},
		"policy-others":  {render.PolicyOptions{}, otherReports()},
		"policy-right":   {render.PolicyOptions{Selection: gpreport.Selection{Rights: []string{"SeServiceLogonRight", "SeBatchLogonRight"}}}, append(otherReports(), fullReport())},
		"policy-find":    {render.PolicyOptions{Selection: gpreport.Selection{Find: "OPTION"}}, []*gpreport.Report{fullReport(), otherReports()[1]}},
		"policy-parts":   {render.PolicyOptions{Selection: gpreport.Selection{Parts: []gpreport.Part{gpreport.GroupsPart, gpreport.SettingsPart}}}, []*gpreport.Report{fullReport()}},
		"policy-hostile": {render.PolicyOptions{Verbose: true}, []*gpreport.Report{hostileReport("b")}},
	} {
		t.Run(name, func(t *testing.T) {
			policyGolden(t, name, func(w io.Writer) error { return render.PolicyText(w, tt.reports, tt.opt) })
		})
	}
}

// hostileReport has text that tries to act in each of its places.
func hostileReport(more string) *gpreport.Report {
	h := hostileText + more
	who := []sid.Principal{{Name: h}, {Name: "=1+1", SID: sid.SID(h)}}
	ref := gpreport.GPORef{Name: h, GUID: h}
	fields := []gpreport.Field{{Name: h, Value: h}, {Name: "=1", Value: "@x"}}
	s := &gpreport.Scope{
		Name: h, Domain: h, Site: h, OU: h, Refreshed: gpreport.LocalTime{Raw: h}, Groups: who, General: fields, Summary: []string{h},
		Applied:    []gpreport.GPO{{Name: h, GUID: h, Applied: true, Link: h, WMIFilter: h}},
		Denied:     []gpreport.GPO{{Name: "-1", DeniedReason: h}},
		Rights:     []gpreport.Assignment{{Right: h, Display: h, Principals: who, Winner: ref, Others: []gpreport.Loser{{GPO: ref, Principals: who}}}},
		Settings:   []gpreport.Setting{{Section: []string{h, "=2"}, Name: "+" + h, Value: h, Details: fields, Winner: ref, Others: []gpreport.LosingSetting{{GPO: ref, Value: h}}}},
		Components: []gpreport.Component{{Name: h, Status: h, Error: h}}, Alerts: []gpreport.Alert{{GPO: h, Text: h}},
		WMIFilters: []gpreport.WMIFilter{{Name: h, Value: h, GPOs: []string{h}}}, SOMs: []gpreport.SOM{{Path: h, Type: h, Reason: h}},
		Notes: []gpreport.Note{{Section: []string{h}, Text: h}},
	}
	return &gpreport.Report{
		Source: evidence.Source(h), Kind: gpreport.Kind(h), Results: gpreport.Logged, Language: h, Host: h, Domain: h + ".x", UserName: h,
		Collected: gpreport.LocalTime{Raw: h}, Computer: s, User: s, Description: &gpreport.Description{Owner: h, Status: h, WMIFilter: h, Comment: h, Details: fields},
		Runs:     []gpreport.Run{{Details: fields, Events: []gpreport.Event{{Description: h}}}},
		Warnings: []gpreport.Warning{{Code: h, Message: h, Line: 1}},
	}
}

// TestPolicyIsInert: whatever stands in reports, neither text nor CSV can act on a terminal.
func TestPolicyIsInert(t *testing.T) {
	before, after := hostileReport("b"), hostileReport("a")
	after.Computer.Rights[0].Winner.Name = hostileText
	d := gpreport.Compare(before, after)
	d.Remarks = append(d.Remarks, gpreport.Remark{Code: hostileText, Message: hostileText})
	d.Unsure = append(d.Unsure, gpreport.Unsure{Scope: hostileText, Part: hostileText, Message: hostileText, Names: []string{hostileText}})
	all := []*gpreport.Report{before, after}
	opt := render.PolicyOptions{Verbose: true}
	for name, print := range map[string]func(io.Writer) error{
		"text":      func(w io.Writer) error { return render.PolicyText(w, all, opt) },
		"csv":       func(w io.Writer) error { return render.PolicyCSV(w, all, opt) },
		"diff text": func(w io.Writer) error { return render.PolicyDiffText(w, d, opt) },
		"diff csv":  func(w io.Writer) error { return render.PolicyDiffCSV(w, d, opt) },
	} {
		t.Run(name, func(t *testing.T) {
			var buf bytes.Buffer
			if err := print(&buf); err != nil {
				t.Fatal(err)
			}
			checkInert(t, buf.String())
			if strings.Contains(name, "text") {
				checkLines(t, buf.String(), 0)
			}
		})
	}
}

func TestPolicyCSV(t *testing.T) {
	policyGolden(t, "policy.csv", func(w io.Writer) error {
		return render.PolicyCSV(w, []*gpreport.Report{fullReport()}, render.PolicyOptions{})
	})
	var buf bytes.Buffer
	opt := render.PolicyOptions{Selection: gpreport.Selection{Rights: []string{"SeBatchLogonRight"}}}
	if err := render.PolicyCSV(&buf, []*gpreport.Report{fullReport()}, opt); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(buf.String(), "gpresult.htm,SYNC01,computer,right,,Log on as a batch job,SeBatchLogonRight,,,,,,not-defined,") {
		t.Error(buf.String())
	}
	buf.Reset()
	if err := render.PolicyCSV(&buf, []*gpreport.Report{hostileReport("")}, render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&buf).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, c := range row {
			if strings.IndexAny(c, "=+-@") == 0 {
				t.Errorf("a cell that acts as a formula: %q", c)
			}
		}
	}
}

// policyChanges are two reports with each kind of change.
func policyChanges() *gpreport.Diff {
	before, after := fullReport(), fullReport()
	after.Source = "after.htm"
	after.Collected.Raw, after.Collected.Candidates = "10/20/2023 6:10:01 PM", []time.Time{time.Date(2023, 10, 20, 18, 10, 1, 0, time.UTC)}
	c := after.Computer
	c.OU = "contoso.com/Identity"
	c.Applied[0].RevisionAD, c.Applied[0].Enforced = 5, false
	c.Applied = append(c.Applied, gpreport.GPO{Name: "Sync Servers", GUID: "{C}", Applied: true, Link: "contoso.com/Identity", RevisionAD: 1, RevisionSysvol: 1})
	c.Denied = nil
	c.Groups = append(c.Groups, sid.Principal{Name: `CONTOSO\Sync`})
	c.Components[0].Status = "Success"
	c.Rights[0].Principals = []sid.Principal{sid.ParsePrincipal(`NT SERVICE\ADSync`)}
	c.Rights[0].Winner, c.Rights[0].Others = gpreport.GPORef{Name: "Sync Servers", GUID: "{C}"}, nil
	c.Rights = append(c.Rights, gpreport.Assignment{Right: "SeBatchLogonRight", Display: "Log on as a batch job", Winner: gpreport.GPORef{Name: "Server Baseline", GUID: "{A}"}})
	c.Settings[0].Value, c.Settings[0].Details[0].Value = "w", "off"
	c.Settings = append(c.Settings, gpreport.Setting{Section: []string{"Policies"}, Name: "new", Value: "1", Winner: gpreport.GPORef{Name: "Sync Servers", GUID: "{C}"}})
	after.Host = "SYNC02"
	before.User = &gpreport.Scope{}
	return gpreport.Compare(before, after)
}

func TestPolicyDiff(t *testing.T) {
	for name, print := range map[string]func(io.Writer) error{
		"policy-diff":      func(w io.Writer) error { return render.PolicyDiffText(w, policyChanges(), render.PolicyOptions{}) },
		"policy-diff.json": func(w io.Writer) error { return render.PolicyDiffJSON(w, policyChanges(), render.PolicyOptions{}) },
		"policy-diff.csv":  func(w io.Writer) error { return render.PolicyDiffCSV(w, policyChanges(), render.PolicyOptions{}) },
		"policy-diff-equal": func(w io.Writer) error {
			return render.PolicyDiffText(w, gpreport.Compare(fullReport(), fullReport()), render.PolicyOptions{})
		},
		"policy-diff-40": func(w io.Writer) error {
			return render.PolicyDiffText(w, policyChanges(), render.PolicyOptions{Width: 40, Color: true, Selection: gpreport.Selection{Parts: []gpreport.Part{gpreport.RightsPart}}})
		},
		"policy-diff-nothing": func(w io.Writer) error {
			return render.PolicyDiffText(w, gpreport.Compare(otherReports()[1], otherReports()[3]), render.PolicyOptions{})
		},
	} {
		t.Run(name, func(t *testing.T) { policyGolden(t, name, print) })
	}
}

// TestPolicyFailingWriter: errors of the writer are told.
func TestPolicyFailingWriter(t *testing.T) {
	broken := errors.New("broken")
	for name, print := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error {
			return render.PolicyText(w, []*gpreport.Report{fullReport()}, render.PolicyOptions{})
		},
		"csv": func(w io.Writer) error {
			return render.PolicyCSV(w, []*gpreport.Report{fullReport()}, render.PolicyOptions{})
		},
		"json":      func(w io.Writer) error { return render.PolicyJSON(w, nil, render.PolicyOptions{}) },
		"diff text": func(w io.Writer) error { return render.PolicyDiffText(w, policyChanges(), render.PolicyOptions{}) },
		"diff csv":  func(w io.Writer) error { return render.PolicyDiffCSV(w, policyChanges(), render.PolicyOptions{}) },
		"diff json": func(w io.Writer) error { return render.PolicyDiffJSON(w, policyChanges(), render.PolicyOptions{}) },
	} {
		if err := print(failingWriter{broken}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// chunks counts how often it is written to and how much at most.
type chunks struct{ times, largest int }

func (c *chunks) Write(b []byte) (int, error) {
	c.times++
	c.largest = max(c.largest, len(b))
	return len(b), nil
}

// TestPolicyTextStreams: a large report is written in pieces.
func TestPolicyTextStreams(t *testing.T) {
	r := manySettings(10_000)
	var c chunks
	if err := render.PolicyText(&c, []*gpreport.Report{r}, render.PolicyOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if c.times < 5 || c.largest > 1<<20 {
		t.Errorf("%d writes, the largest of %d bytes", c.times, c.largest)
	}
}

// TestPolicyJSONStreams: a large report is written in pieces, and nothing of it twice.
func TestPolicyJSONStreams(t *testing.T) {
	var c chunks
	if err := render.PolicyJSON(&c, []*gpreport.Report{manySettings(10_000)}, render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	if c.times < 10_000 || c.largest > 4<<10 {
		t.Errorf("%d writes, the largest of %d bytes", c.times, c.largest)
	}
	report := policyJSON(t, render.PolicyOptions{}, manySettings(10_000))["reports"].([]any)[0].(map[string]any)
	if n := len(report["computer"].(map[string]any)["settings"].([]any)); n != 10_001 {
		t.Errorf("%d settings", n)
	}
}

func manySettings(n int) *gpreport.Report {
	r := fullReport()
	for i := range n {
		r.Computer.Settings = append(r.Computer.Settings, gpreport.Setting{
			Section: []string{"Policies", "Administrative Templates", fmt.Sprint("Section ", i/10)}, Name: fmt.Sprint("Setting number ", i),
			Value: "Enabled", Winner: gpreport.GPORef{Name: "Server Baseline", GUID: "{A}"}, Details: []gpreport.Field{{Name: "Mode", Value: "3 - Auto download and notify for install"}},
		})
	}
	return r
}

func BenchmarkPolicyText(b *testing.B) {
	r := manySettings(10_000)
	for b.Loop() {
		if err := render.PolicyText(io.Discard, []*gpreport.Report{r}, render.PolicyOptions{Verbose: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// unclear are reports whose rights cannot be told, or only with a condition.
func unclear() map[string]*gpreport.Report {
	right := gpreport.Assignment{Right: "SeServiceLogonRight", Display: "Log on as a service", Winner: gpreport.GPORef{Name: "Twice", Domain: "a.example", Ambiguous: true}}
	gpos := []gpreport.GPO{{Name: "A", Applied: true, Order: 1}, {Name: "B", Applied: true, Order: 2}}
	return map[string]*gpreport.Report{
		"template":  {Source: "e1.inf", Kind: gpreport.SeceditINF, Computer: &gpreport.Scope{Rights: []gpreport.Assignment{{Right: "SeTcbPrivilege", Display: "Act"}}}},
		"brief":     {Source: "r.txt", Kind: gpreport.GPResultText, Results: gpreport.Logged, Computer: &gpreport.Scope{Incomplete: true, Applied: gpos}, UserAbsent: gpreport.NoData},
		"user only": {Source: "u.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Logged, ComputerAbsent: gpreport.AccessDenied, User: &gpreport.Scope{}},
		"cut":       {Source: "cut.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Logged, Incomplete: true, ComputerAbsent: gpreport.NotReached},
		"modelled":  {Source: "m.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Modelled, Computer: &gpreport.Scope{Rights: []gpreport.Assignment{right}, Settings: []gpreport.Setting{{Name: "n", Value: "Not configured"}}}, UserAbsent: gpreport.NoData},
		"gpo":       {Source: "g.xml", Kind: gpreport.GPOReportXML, Results: gpreport.Defined, Computer: &gpreport.Scope{Rights: []gpreport.Assignment{{Right: "SeTcbPrivilege"}}}},
	}
}

// TestPolicyCSVTellsStates: what a report cannot tell is no empty table, a simulation no result,
// and a template's right is not one that wins.
func TestPolicyCSVTellsStates(t *testing.T) {
	rights := gpreport.Selection{Parts: []gpreport.Part{gpreport.RightsPart}}
	for _, tt := range []struct {
		report string
		sel    gpreport.Selection
		want   []string // scope, kind, id or name, effect, results, domain of the GPO, a note or none
	}{
		{"brief", rights, []string{"computer state  incomplete logged  +"}},
		{"user only", rights, []string{"computer state  access-denied logged  +"}},
		{"cut", rights, []string{" state  incomplete logged  +", "computer state  not-reached logged  +"}},
		{"modelled", gpreport.Selection{}, []string{"user state  no-data modelled  +", "computer right SeServiceLogonRight wins modelled a.example +", "computer setting n  modelled  "}},
		{"template", gpreport.Selection{}, []string{"computer right SeTcbPrivilege defines   "}},
		{"template", gpreport.Selection{Rights: []string{"SeServiceLogonRight"}}, []string{"computer right SeServiceLogonRight not-defined   +"}},
		{"gpo", gpreport.Selection{}, []string{"computer right SeTcbPrivilege defines defined  "}},
	} {
		var buf bytes.Buffer
		if err := render.PolicyCSV(&buf, []*gpreport.Report{unclear()[tt.report]}, render.PolicyOptions{Selection: tt.sel}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&buf).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		column := make(map[string]int)
		for i, name := range rows[0] {
			column[name] = i
		}
		var got []string
		for _, row := range rows[1:] {
			at := func(name string) string { return row[column[name]] }
			id, note := at("id"), ""
			if id == "" {
				id = at("name")
			}
			if at("note") != "" {
				note = "+"
			}
			got = append(got, strings.Join([]string{at("scope"), at("kind"), id, at("effect"), at("results"), at("gpo_domain"), note}, " "))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.report, diff)
		}
	}
}

// TestPolicyCSVEnforced: that a GPO is not enforced is claimed only where the report tells it.
func TestPolicyCSVEnforced(t *testing.T) {
	var buf bytes.Buffer
	if err := render.PolicyCSV(&buf, []*gpreport.Report{unclear()["brief"]}, render.PolicyOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(buf.String(), "false") {
		t.Error(buf.String())
	}
}

// TestPolicyTextTellsStates: text does not claim what a report does not tell.
func TestPolicyTextTellsStates(t *testing.T) {
	rights := gpreport.Selection{Parts: []gpreport.Part{gpreport.RightsPart}}
	asked := gpreport.Selection{Rights: []string{"SeServiceLogonRight"}}
	for _, tt := range []struct {
		report      string
		sel         gpreport.Selection
		has, hasNot string
	}{
		{"template", asked, "if the file is an export of a computer's own settings, nobody has the right", "not defined by any GPO"},
		{"template", gpreport.Selection{}, "user rights: 1", "GPOs applied"},
		{"brief", rights, "what is not listed may be defined nevertheless", "Nothing in this report matches"},
		{"brief", rights, "user rights that GPOs define: none listed (there may be some)", "user: no data"},
		{"brief", gpreport.Selection{Find: "x"}, "what is not listed may be defined nevertheless", "user rights"},
		{"brief", gpreport.Selection{Find: "x"}, "Nothing in this report matches", "GPOs applied"},
		{"brief", gpreport.Selection{}, "usually the strongest first; which are enforced is not told", "define: 0"},
	} {
		var buf bytes.Buffer
		if err := render.PolicyText(&buf, []*gpreport.Report{unclear()[tt.report]}, render.PolicyOptions{Selection: tt.sel, Width: 200}); err != nil {
			t.Fatal(err)
		}
		if got := buf.String(); !strings.Contains(got, tt.has) || strings.Contains(got, tt.hasNot) {
			t.Errorf("%s: want %q and not %q in\n%s", tt.report, tt.has, tt.hasNot, got)
		}
	}
}
