package scenario_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/scenario"
)

var update = flag.Bool("update", false, "write the results that the scenarios have now, and what is made from them")

const scenarioDir = "../testdata/scenarios"

// run is one scenario and what came of it.
type run struct {
	file string
	*scenario.Scenario
	res *analyzer.Result
	// read holds "rule need" for each need that a rule read.
	read map[string]bool
	err  error
}

// name is that of the file, without its ending.
func (r *run) name() string { return strings.TrimSuffix(filepath.Base(r.file), ".txtar") }

// allRuns runs every scenario of the repository, once for all tests.
var allRuns = sync.OnceValues(func() ([]*run, error) {
	files, err := scenario.Files(scenarioDir)
	if err != nil {
		return nil, err
	}
	runs := make([]*run, len(files))
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, file := range files {
		runs[i] = &run{file: file, read: map[string]bool{}}
		free <- struct{}{}
		wg.Go(func() {
			runs[i].do()
			<-free
		})
	}
	wg.Wait()
	return runs, nil
})

func (r *run) do() {
	if r.Scenario, r.err = scenario.Read(r.file); r.err != nil {
		return
	}
	dir, err := os.MkdirTemp("", "scenario")
	if err != nil {
		r.err = err
		return
	}
	defer os.RemoveAll(dir)
	cfg := analyzer.Config{Version: "test", Outcome: func(_ string, o rules.Outcome) {
		for _, need := range o.Read {
			r.read[o.Rule.ID+" "+need] = true
		}
	}}
	r.res, r.err = r.Run(context.Background(), cfg, dir)
}

func scenarios(t *testing.T) []*run {
	t.Helper()
	runs, err := allRuns()
	if err != nil || len(runs) == 0 {
		t.Fatalf("no scenarios found: %v", err)
	}
	return runs
}

func builtinRules(t *testing.T) []*rules.Rule {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestScenarios(t *testing.T) {
	reached := map[string]bool{}
	for _, r := range scenarios(t) {
		t.Run(r.name(), func(t *testing.T) { r.check(t) })
		if r.res == nil {
			continue
		}
		for _, h := range r.res.Hosts {
			for _, v := range h.Verdicts {
				reached[v.Rule+" "+string(v.Verdict)] = true
			}
		}
	}
	for _, r := range builtinRules(t) {
		for _, v := range []rules.Verdict{rules.Failed, rules.Passed, rules.Inconclusive, rules.Skipped} {
			if !reached[r.ID+" "+string(v)] {
				t.Errorf("no scenario in which rule %s is %s", r.ID, v)
			}
		}
	}
}

func (r *run) check(t *testing.T) {
	if r.err != nil {
		t.Fatal(r.err)
	}
	got, err := scenario.Text(r.res)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range r.Unmet(r.res) {
		t.Error(u)
	}
	if *update {
		if err := os.WriteFile(r.file, r.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(r.Want, got); diff != "" {
		t.Errorf("%s: the result differs (-want +got); run with -update if it should:\n%s", r.Title, diff)
	}
}

// TestNeedsAreRead: what a rule declares it reads in some scenario. What it does not declare
// it cannot read: that would make it errored. Which kinds of input a rule may ask for is
// checked when it is loaded.
func TestNeedsAreRead(t *testing.T) {
	read := map[string]bool{}
	for _, r := range scenarios(t) {
		for key := range r.read {
			read[key] = true
		}
		if r.res == nil {
			continue
		}
		for _, h := range r.res.Hosts {
			if i := slices.IndexFunc(h.Verdicts, func(v analyzer.RuleVerdict) bool { return v.Verdict == rules.Errored }); i >= 0 {
				t.Errorf("%s: %s: %+v", r.name(), h.Verdicts[i].Rule, h.Verdicts[i].Reasons)
			}
		}
	}
	for _, r := range builtinRules(t) {
		declared := slices.Clone(r.Needs.Facts)
		for _, e := range r.Needs.Events {
			declared = append(declared, e.Name)
		}
		for _, need := range declared {
			key := r.ID + " " + need
			if !read[key] {
				t.Errorf("rule %s declares %q and reads it in no scenario", r.ID, need)
			}
		}
	}
}
