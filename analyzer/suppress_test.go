package analyzer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t.Add(15 * time.Hour)
}

func TestReadSuppressions(t *testing.T) {
	got, err := analyzer.ReadSuppressions("s.yaml", strings.NewReader(`# known
- rule: service-right-omitted
  host: SYNC01.contoso.com
  reason: planned
  until: 2026-11-30
- {fingerprint: 9f1c0d2b7a6e4c55808f3a1d2e4b6c70, reason: "retired", until: "2026-12-31"}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []analyzer.Suppression{
		{Rule: "service-right-omitted", Host: "SYNC01.contoso.com", Reason: "planned", Until: "2026-11-30", File: "s.yaml", Line: 2},
		{Fingerprint: "9f1c0d2b7a6e4c55808f3a1d2e4b6c70", Reason: "retired", Until: "2026-12-31", File: "s.yaml", Line: 6},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := analyzer.ReadSuppressions("s.yaml", strings.NewReader("[]")); err != nil || len(got) != 0 {
		t.Errorf("an empty list: %v, %v", got, err)
	}
}

func TestReadSuppressionsMistakes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "s.yaml: the file is empty"},
		{"# nothing\n", "s.yaml: the file is empty"},
		{"rule: x", `s.yaml:1: a list of suppressions is expected, each beginning with "- "`},
		{"- x", "s.yaml:1: a suppression has the keys rule, fingerprint, host, reason and until"},
		{"- {rule: a, reason: b, until: 2026-12-31, forever: yes}", `s.yaml:1: a suppression has no key "forever": its keys are rule, fingerprint, host, reason and until`},
		{"- {rule: a, rule: b, reason: b, until: 2026-12-31}", `s.yaml:1: the key "rule" is given twice`},
		{"- {rule: [a], reason: b, until: 2026-12-31}", "s.yaml:1: rule must be a text that is not empty"},
		{"- {rule: ~, reason: b, until: 2026-12-31}", "s.yaml:1: rule must be a text that is not empty"},
		{"- {rule: &a a, reason: *a, until: 2026-12-31}", "s.yaml:1: reason must be a text that is not empty"},
		{"- {host: a, reason: b, until: 2026-12-31}", "s.yaml:1: a suppression needs the key rule or fingerprint, to say which findings it means"},
		{"- {fingerprint: 12, reason: b, until: 2026-12-31}", `s.yaml:1: the fingerprint "12" is not one of 32 hexadecimal digits, as the verbose text and the JSON output have it`},
		{"- {rule: a, until: 2026-12-31}", "s.yaml:1: a suppression needs the key reason, to say why the finding is accepted"},
		{"- {rule: a, reason: b}", "s.yaml:1: a suppression needs the key until, the last day on which it holds"},
		{"- {rule: a, reason: b, until: 31.12.2026}", `s.yaml:1: until must be a day such as 2026-12-31, not "31.12.2026"`},
		{"- {rule: a, reason: b, until: 2026-02-30}", `s.yaml:1: until must be a day such as 2026-12-31, not "2026-02-30"`},
		{"- x\n- rule: a\n  reason: b\n", "s.yaml:1: a suppression has the keys rule, fingerprint, host, reason and until\n" +
			"s.yaml:2: a suppression needs the key until, the last day on which it holds"},
		{"- rule: a\n  fingerprint: 12\n  reason:\n  until: soon\n", "s.yaml:3: reason must be a text that is not empty\n" +
			"s.yaml:2: the fingerprint \"12\" is not one of 32 hexadecimal digits, as the verbose text and the JSON output have it\n" +
			"s.yaml:4: until must be a day such as 2026-12-31, not \"soon\""},
		{"- {fingerprint: ~, reason: b}", "s.yaml:1: fingerprint must be a text that is not empty\ns.yaml:1: a suppression needs the key until, the last day on which it holds"},
		{"[]\n---\n[]\n", "s.yaml: the file has more than one YAML document"},
		{"- [", "s.yaml: not valid YAML: line 1: did not find expected node content"},
		{strings.Repeat("#", analyzer.MaxSuppressionFile+1), "s.yaml: the file is larger than 1048576 bytes"},
		{strings.Repeat("- {rule: a, reason: b, until: 2026-12-31}\n", analyzer.MaxSuppressions+1), "s.yaml:1: there are more than 1000 suppressions"},
	} {
		got, err := analyzer.ReadSuppressions("s.yaml", strings.NewReader(test.text))
		if fmt.Sprint(err) != test.want || got != nil {
			t.Errorf("%.60q: error %v, want %s", test.text, err, test.want)
		}
	}
}

func TestSuppress(t *testing.T) {
	dir := theCase(t)
	print := analyze(t, analyzer.Config{}, dir).Hosts[0].Findings[0].Fingerprint
	with := func(s analyzer.Suppression) analyzer.Suppression {
		if s.Reason == "" {
			s.Reason = "planned"
		}
		if s.Until == "" {
			s.Until = "2026-11-30"
		}
		return s
	}
	for _, test := range []struct {
		name  string
		s     analyzer.Suppression
		now   string
		state analyzer.SuppressionState
		count int
	}{
		{"rule", analyzer.Suppression{Rule: "service-right-omitted"}, "2026-11-29", analyzer.SuppressionUsed, 1},
		{"on the last day", analyzer.Suppression{Rule: "service-right-omitted"}, "2026-11-30", analyzer.SuppressionUsed, 1},
		{"a day later", analyzer.Suppression{Rule: "service-right-omitted"}, "2026-12-01", analyzer.SuppressionExpired, 1},
		{"ended, and matching nothing", analyzer.Suppression{Rule: "account-disabled"}, "2026-12-01", analyzer.SuppressionExpired, 0},
		{"fingerprint", analyzer.Suppression{Fingerprint: print}, "2026-11-29", analyzer.SuppressionUsed, 1},
		{"both", analyzer.Suppression{Rule: "service-right-omitted", Fingerprint: print, Host: "sync01"}, "2026-11-29", analyzer.SuppressionUsed, 1},
		{"another rule with it", analyzer.Suppression{Rule: "account-disabled", Fingerprint: print}, "2026-11-29", analyzer.SuppressionUnused, 0},
		{"host with its domain", analyzer.Suppression{Rule: "service-right-omitted", Host: "SYNC01.Contoso.com"}, "2026-11-29", analyzer.SuppressionUsed, 1},
		{"host of another domain", analyzer.Suppression{Rule: "service-right-omitted", Host: "SYNC01.fabrikam.com"}, "2026-11-29", analyzer.SuppressionUnused, 0},
		{"another host", analyzer.Suppression{Rule: "service-right-omitted", Host: "SYNC02"}, "2026-11-29", analyzer.SuppressionUnused, 0},
		{"rule that was folded into another finding", analyzer.Suppression{Rule: "logon-right-refused"}, "2026-11-29", analyzer.SuppressionUnused, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			res := analyze(t, analyzer.Config{Suppressions: []analyzer.Suppression{with(test.s)}, Now: day(test.now)}, dir)
			u := res.Suppressions[0]
			if u.State != test.state || u.Findings != test.count {
				t.Errorf("%s, %d findings; want %s, %d", u.State, u.Findings, test.state, test.count)
			}
			f := res.Hosts[0].Findings[0]
			if used := f.Suppressed != nil; used != (test.state == analyzer.SuppressionUsed) {
				t.Errorf("suppressed: %v", f.Suppressed)
			}
			if open := len(res.Hosts[0].Open()); open != len(res.Hosts[0].Findings)-len(suppressedIn(res)) {
				t.Errorf("%d open findings", open)
			}
			if res.Tool.Rules.Failed != 2 {
				t.Errorf("%d failed rules: a suppressed finding is still one", res.Tool.Rules.Failed)
			}
		})
	}
}

func suppressedIn(res *analyzer.Result) []analyzer.Finding {
	var out []analyzer.Finding
	for _, f := range res.Hosts[0].Findings {
		if f.Suppressed != nil {
			out = append(out, f)
		}
	}
	return out
}

// The first suppression that accepts a finding is told; the JSON has it on the finding.
func TestSuppressJSON(t *testing.T) {
	list := []analyzer.Suppression{
		{Rule: "service-right-omitted", Reason: "old", Until: "2026-01-01"},
		{Rule: "service-right-omitted", Reason: "first", Until: "2026-11-30"},
		{Rule: "service-right-omitted", Reason: "second", Until: "2026-12-31"},
	}
	res := analyze(t, analyzer.Config{Suppressions: list, Now: day("2026-11-20")}, theCase(t))
	var buf bytes.Buffer
	if err := render.JSON(&buf, res); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Hosts []struct {
			Findings []struct {
				Suppressed *struct{ Reason, Until string }
			}
		}
		Suppressions []struct{ State string }
	}
	if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if u := res.Suppressions[0]; len(u.PartOf) != 0 || u.PartOf == nil {
		t.Errorf("part of %v", u.PartOf)
	}
	if s := got.Hosts[0].Findings[0].Suppressed; s == nil || s.Reason != "first" || s.Until != "2026-11-30" {
		t.Errorf("suppressed %+v", s)
	}
	if got.Suppressions[0].State != "expired" || got.Suppressions[1].State != "used" || got.Suppressions[2].State != "used" {
		t.Errorf("suppressions %+v", got.Suppressions)
	}
}

// TestSuppressPart: what was folded into another finding is told as a part of that, and not
// suppressed.
func TestSuppressPart(t *testing.T) {
	list := []analyzer.Suppression{
		{Rule: "logon-right-refused"},
		{Rule: "logon-right-refused", Host: "SYNC02"},
		{Rule: "logon-right-refused", Fingerprint: strings.Repeat("0", 32)},
		{Rule: "account-disabled"},
	}
	for i := range list {
		list[i].Reason, list[i].Until = "planned", "2026-11-30"
	}
	res := analyze(t, analyzer.Config{Suppressions: list, Now: day("2026-11-20")}, theCase(t))
	for i, want := range [][]string{{"service-right-omitted"}, {}, {}, {}} {
		if u := res.Suppressions[i]; !cmp.Equal(u.PartOf, want) || u.State != analyzer.SuppressionUnused {
			t.Errorf("%+v, want part of %q", u, want)
		}
	}
	if len(suppressedIn(res)) > 0 {
		t.Error("a finding is suppressed by a part of it")
	}
}

func TestSuppressNeedsADay(t *testing.T) {
	good := analyzer.Suppression{Rule: "a", Reason: "b", Until: "2026-12-31"}
	if _, err := analyzer.New(analyzer.Config{Suppressions: []analyzer.Suppression{good}}); err == nil || !strings.Contains(err.Error(), "Config.Now") {
		t.Errorf("error %v", err)
	}
	good.Until = "soon"
	if _, err := analyzer.New(analyzer.Config{Suppressions: []analyzer.Suppression{good}, Now: day("2026-11-20")}); err == nil || !strings.Contains(err.Error(), "until must be a day") {
		t.Errorf("error %v", err)
	}
}

func TestResultVerdict(t *testing.T) {
	host := func(v ...rules.Verdict) analyzer.Host {
		h := analyzer.Host{}
		for _, x := range v {
			h.Verdicts = append(h.Verdicts, analyzer.RuleVerdict{Rule: "a", Verdict: x})
		}
		return h
	}
	res := &analyzer.Result{Hosts: []analyzer.Host{host(rules.Skipped), host(rules.Inconclusive), host(rules.Passed)}}
	if v, ok := res.Verdict("a"); !ok || v.Verdict != rules.Inconclusive {
		t.Errorf("verdict %s, %v", v.Verdict, ok)
	}
	if _, ok := res.Verdict("b"); ok {
		t.Error("a verdict of a rule that did not run")
	}
}

// The outcomes are those that the verdicts tell.
func TestOutcomeHook(t *testing.T) {
	var got []string
	res := analyze(t, analyzer.Config{Outcome: func(host string, o rules.Outcome) {
		got = append(got, host+" "+o.Rule.ID+" "+string(o.Verdict))
	}}, theCase(t))
	var want []string
	for _, h := range res.Hosts {
		for _, v := range h.Verdicts {
			want = append(want, h.Name+" "+v.Rule+" "+string(v.Verdict))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadSuppressions(f *testing.F) {
	f.Add("- {rule: a, reason: b, until: 2026-12-31}\n")
	f.Add("- rule: a\n  host: b\n  fingerprint: 9f1c0d2b7a6e4c55808f3a1d2e4b6c70\n  until: 2026-02-30\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := analyzer.ReadSuppressions("s.yaml", strings.NewReader(text))
		if err != nil {
			return
		}
		if _, err := analyzer.New(analyzer.Config{Suppressions: list, Now: day("2026-11-20")}); err != nil {
			t.Errorf("%v is read and refused: %v", list, err)
		}
	})
}
