package scenario_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/scenario"
)

var update = flag.Bool("update", false, "write the results that the scenarios have now")

// verdicts of all scenarios, to tell whether each rule was seen to fail, pass and stay silent.
type seen map[string]map[rules.Verdict]bool

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../testdata/scenarios/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios found: %v", err)
	}
	reached := make(seen)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			runScenario(t, file, reached)
		})
	}
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set {
		for _, v := range []rules.Verdict{rules.Failed, rules.Passed, rules.Inconclusive, rules.Skipped} {
			if !reached[r.ID][v] {
				t.Errorf("no scenario in which rule %s is %s", r.ID, v)
			}
		}
	}
}

func runScenario(t *testing.T, file string, reached seen) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Run(context.Background(), analyzer.Config{Version: "test"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range res.Hosts {
		for _, v := range h.Verdicts {
			if reached[v.Rule] == nil {
				reached[v.Rule] = make(map[rules.Verdict]bool)
			}
			reached[v.Rule][v.Verdict] = true
		}
	}
	got, err := scenario.Text(res)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, s.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(s.Want, got); diff != "" {
		t.Errorf("%s: the result differs (-want +got); run with -update if it should:\n%s", s.Title, diff)
	}
}
