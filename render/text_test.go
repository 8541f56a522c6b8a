package render_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

func text(t *testing.T, r *analyzer.Result, opt render.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.Text(&b, r, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares got with a file of testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func TestTextGolden(t *testing.T) {
	verbose := render.TextOptions{Verbose: true}
	for _, tt := range []struct {
		name   string
		result *analyzer.Result
		opt    render.TextOptions
	}{
		{"omitted", omitted(), render.TextOptions{}},
		{"omitted-40", omitted(), render.TextOptions{Width: 40}},
		{"omitted-120", omitted(), render.TextOptions{Width: 120}},
		{"omitted-color", omitted(), render.TextOptions{Color: true}},
		{"omitted-verbose", omitted(), verbose},
		{"healthy", healthy(), render.TextOptions{}},
		{"healthy-verbose", healthy(), verbose},
		{"user-scope", userScope(), render.TextOptions{}},
		{"several-hosts", severalHosts(), render.TextOptions{}},
		{"many-findings", manyFindings(), render.TextOptions{}},
		{"hostile", hostile(), render.TextOptions{}},
		{"hostile-verbose", hostile(), verbose},
		{"empty", &analyzer.Result{}, render.TextOptions{}},
		{"strangers", strangers(), render.TextOptions{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := text(t, tt.result, tt.opt)
			golden(t, tt.name+".golden", got)
			if again := text(t, tt.result, tt.opt); again != got {
				t.Error("a second run printed something else")
			}
		})
	}
}

// strangers is a result without any computer that ADSync is known of.
func strangers() *analyzer.Result {
	r := severalHosts()
	r.Hosts = r.Hosts[2:]
	return r
}

func TestTextNil(t *testing.T) {
	if err := render.Text(&bytes.Buffer{}, nil, render.TextOptions{}); err == nil {
		t.Error("a nil result was printed")
	}
}

type brokenWriter struct{ error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.error }

func TestTextWriteError(t *testing.T) {
	want := errors.New("disk full")
	if err := render.Text(brokenWriter{want}, omitted(), render.TextOptions{}); !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

// The first screen answers everything when one thing is wrong.
func TestTextFitsOneScreen(t *testing.T) {
	got := text(t, omitted(), render.TextOptions{})
	for part, limit := range map[string]int{"what to change": 30, "what is missing": 38, "rules  ": 45} {
		i := strings.Index(got, "\n"+part)
		if i < 0 {
			i = strings.Index(got, "\n  "+part)
		}
		if i < 0 {
			t.Fatalf("%q is not printed", part)
		}
		if n := strings.Count(got[:i], "\n") + 2; n > limit {
			t.Errorf("%q stands on line %d, below %d", part, n, limit)
		}
	}
}

// Every statement of the headline comes from a field of the result.
func TestTextAnswers(t *testing.T) {
	got := text(t, omitted(), render.TextOptions{})
	for what, want := range map[string]string{
		"severity":    "critical: ",
		"message":     `The GPO "Server Baseline" defines`,
		"GPO":         baseline + " " + baselineID,
		"right":       "SeServiceLogonRight",
		"principals":  `CONTOSO\svc-backup`,
		"account":     adsync,
		"record":      "record 48213, 2026-11-20 03:12:07Z",
		"event file":  "case-4711.zip!/System.evtx",
		"report row":  "row 4, line 2031",
		"section":     "Local Policies/User Rights Assignment",
		"since":       "2026-11-20 03:12:07Z, seen 3 times",
		"certainty":   "two independent sources agree",
		"command":     "\n         Start-Service ADSync\n",
		"ask":         "\n      wevtutil epl Security C:\\Temp\\SYNC01_Security.evtx\n",
		"counts":      "1 failed, 4 passed, 2 inconclusive, 3 skipped",
		"damage":      "partly: case-4711.zip!/GroupPolicy.evtx: 1 of 64 chunks",
		"coverage":    "2026-10-02 06:11:40Z to 2026-11-21 08:02:19Z System, wrapped",
		"lost events": "1 gap, 3 lost, not closed",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q is not printed", what, want)
		}
	}
	for what, not := range map[string]string{
		"reason of a skipped rule": "The Application log is not in the inputs",
		"timeline":                 "2026-11-12",
		"fingerprint":              "b1c7e0d94f3a6625",
	} {
		if strings.Contains(got, not) {
			t.Errorf("the short form prints the %s", what)
		}
	}
}

// A service that fails without a finding is not in order.
func TestTextUnexplainedFailure(t *testing.T) {
	r := healthy()
	r.Hosts[0].Service.State = facts.Failing
	got := text(t, r, render.TextOptions{})
	if strings.Contains(got, "nothing wrong found") || !strings.Contains(got, "no rule explains why") {
		t.Errorf("a failing service is reported as\n%s", got)
	}
}

// The meaning of a confidence is explained once.
func TestTextExplainsConfidenceOnce(t *testing.T) {
	got := text(t, manyFindings(), render.TextOptions{})
	if n := strings.Count(got, "one strong source says so"); n != 1 {
		t.Errorf("probable is explained %d times", n)
	}
	if n := strings.Count(got, "how sure"); n != 2 {
		t.Errorf("%d findings are printed in full, want the two critical ones", n)
	}
}

// With ten findings the first screen still has the answer, and the second the rest: infos and
// warnings follow in a line or two each.
func TestTextManyFindings(t *testing.T) {
	r := omitted()
	h := &r.Hosts[0]
	for i := range 9 {
		f := analyzer.Finding{
			Rule: fmt.Sprintf("site-rule-%d", i+1), Title: fmt.Sprintf("A check of this site's own, number %d", i+1),
			Severity: rules.Warning, Confidence: facts.Possible,
			Message: fmt.Sprintf("The GPO \"Site %d\" was changed by St. Mary's people. ", i) + strings.Repeat("More of this is in the handbook. ", 10),
			Remedy:  []string{"Look at it.", "`gpresult /r`"},
		}
		if i > 3 {
			f.Severity = rules.Info
			f.Message = strings.Repeat("word ", 60)
		}
		h.Findings = append(h.Findings, f)
	}
	got := text(t, r, render.TextOptions{})
	golden(t, "ten-findings.golden", got)
	line := func(part string) int {
		i := strings.Index(got, part)
		if i < 0 {
			t.Fatalf("%q is not printed", part)
		}
		return strings.Count(got[:i], "\n") + 1
	}
	if n := line("what to change"); n > 30 {
		t.Errorf("what to change stands on line %d", n)
	}
	if n := line("also found"); n > 37 {
		t.Errorf("the other findings begin on line %d", n)
	}
	if n := line("what is missing"); n > 62 {
		t.Errorf("the findings end on line %d", n)
	}
	for i := range 9 {
		line(fmt.Sprintf("(site-rule-%d)", i+1))
	}
}

// What stops the service is printed in full, as far as a reader can act on it.
func TestTextGraveFindings(t *testing.T) {
	r := omitted()
	h := &r.Hosts[0]
	for i, s := range []rules.Severity{rules.Critical, rules.Error, rules.Error, rules.Error, rules.Warning} {
		h.Findings = append(h.Findings, analyzer.Finding{Rule: fmt.Sprintf("rule-%d", i), Title: "T", Severity: s, Confidence: facts.Certain, Message: "M"})
	}
	got := text(t, r, render.TextOptions{})
	if n := strings.Count(got, "how sure"); n != 3 {
		t.Errorf("%d findings are printed in full, want 3", n)
	}
	if n := strings.Count(text(t, r, render.TextOptions{Verbose: true}), "how sure"); n != 6 {
		t.Errorf("%d findings are printed in full in the verbose form, want all", n)
	}
	h.Findings = h.Findings[4:]
	if n := strings.Count(text(t, r, render.TextOptions{}), "how sure"); n != 2 {
		t.Errorf("%d of 2 findings are printed in full", n)
	}
}

// Reasons that ask for the same are printed once, with one command.
func TestTextMergesReasons(t *testing.T) {
	r := omitted()
	again := noSecurityLog("SYNC01")
	h := &r.Hosts[0]
	h.Verdicts[9].Reasons = []analyzer.Reason{again}
	again.Message = "Who changed the account is not known."
	h.Verdicts[4].Reasons = append(h.Verdicts[4].Reasons, again)
	got := text(t, r, render.TextOptions{})
	for _, s := range []string{again.Ask, again.Message, "took\n    the right away"} {
		if n := strings.Count(got, s); n != 1 {
			t.Errorf("%q is printed %d times", s, n)
		}
	}
	if strings.Index(got, again.Ask) > strings.Index(got, "GroupPolicy/Operational C:") {
		t.Error("the reason of a failed rule does not come first")
	}
}

// Long lists are cut in the short form, and complete in the verbose one.
func TestTextLimits(t *testing.T) {
	r := omitted()
	h := &r.Hosts[0]
	for i := range 40 {
		h.Coverage = append(h.Coverage, analyzer.Coverage{Channel: fmt.Sprintf("Channel-%02d", i)})
		r.Inputs = append(r.Inputs, analyzer.Input{Path: fmt.Sprintf("ignored-%02d.txt", i), Status: "ignored"})
		h.Verdicts = append(h.Verdicts, verdict("x", rules.Inconclusive, analyzer.Reason{
			Message: fmt.Sprintf("Reason-%02d.", i), Ask: fmt.Sprintf("Get-Thing %02d", i),
		}), verdict("y", rules.Errored, analyzer.Reason{Message: fmt.Sprintf("Error-%02d", i)}))
		h.Rights[0].Principals = append(h.Rights[0].Principals, analyzer.Principal{Name: fmt.Sprintf("Group-%02d", i)})
	}
	for i := range 40 {
		r.Hosts = append(r.Hosts, analyzer.Host{Name: fmt.Sprintf("HOST-%02d", i)})
	}
	short, long := text(t, r, render.TextOptions{}), text(t, r, render.TextOptions{Verbose: true})
	for _, what := range []string{"Channel", "ignored", "Reason", "Get-Thing", "Error", "Group", "HOST"} {
		sep := "-"
		if what == "Get-Thing" {
			sep = " "
		}
		if !strings.Contains(long, what+sep+"39") {
			t.Errorf("the verbose form lacks %s%s39", what, sep)
		}
		if strings.Contains(short, what+sep+"39") {
			t.Errorf("the short form has %s%s39", what, sep)
		}
	}
	if n := strings.Count(short, "\n"); n > 150 {
		t.Errorf("the short form takes %d lines", n)
	}
}

// Neither form writes to the result.
func TestResultIsNotChanged(t *testing.T) {
	r := manyFindings()
	text(t, r, render.TextOptions{Verbose: true})
	encode(t, r)
	if diff := cmp.Diff(manyFindings(), r); diff != "" {
		t.Errorf("the result was changed (-before +after):\n%s", diff)
	}
}
