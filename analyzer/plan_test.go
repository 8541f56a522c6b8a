package analyzer_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/rules"
)

func plan(t *testing.T, cfg analyzer.Config, paths ...string) analyzer.Plan {
	t.Helper()
	a, err := analyzer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		return a.Plan(nil)
	}
	b, err := bundle.Open(context.Background(), bundle.Config{}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	return a.Plan(b)
}

func TestPlanOfInputs(t *testing.T) {
	dir := theCase(t)
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	readers := make(map[string]string)
	p := plan(t, analyzer.Config{}, dir, "../testdata/bundles/omitted-right.zip")
	for _, in := range p.Inputs {
		readers[filepath.Base(in.Path)] = in.Reader
		if in.Reader == "" && in.Why == "" {
			t.Errorf("%s is not read, and nothing says why", in.Path)
		}
	}
	want := map[string]string{
		"gpresult.htm": "gpreport", "System.evtx": "evtx", "Application.evtx": "evtx", "notes.txt": "", "omitted-right.zip": "bundle",
	}
	if diff := cmp.Diff(want, readers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(p, plan(t, analyzer.Config{}, dir, "../testdata/bundles/omitted-right.zip")); diff != "" {
		t.Errorf("two plans differ: %s", diff)
	}
}

// TestPlanForetellsSkips: a rule that the plan says is skipped is skipped.
func TestPlanForetellsSkips(t *testing.T) {
	dir := theCase(t)
	for name, paths := range map[string][]string{
		"all": {dir}, "report alone": {filepath.Join(dir, "gpresult.htm")}, "log alone": {filepath.Join(dir, "System.evtx")},
	} {
		p := plan(t, analyzer.Config{}, paths...)
		res := analyze(t, analyzer.Config{}, paths...)
		missing := 0
		for i, v := range res.Hosts[0].Verdicts {
			if len(p.Rules[i].Missing) == 0 {
				continue
			}
			missing++
			if v.Rule != p.Rules[i].Rule || v.Verdict != rules.Skipped {
				t.Errorf("%s: %s is %s, foretold %+v", name, v.Rule, v.Verdict, p.Rules[i])
			}
		}
		if (missing == 0) != (name == "all") {
			t.Errorf("%s: %d rules lack an input", name, missing)
		}
	}
}

// TestPlanIsComplete: every selector of a rule is in the plan under the rule's name.
func TestPlanIsComplete(t *testing.T) {
	set := []*rules.Rule{
		told("one", rules.Info, "", "", ""), told("two", rules.Info, "", "", ""),
	}
	shared := evtx.Selector{Channels: []string{"System"}, Providers: []string{"P"}, IDs: []uint16{7}}
	set[0].Needs = rules.Needs{
		Facts: []string{rules.FactService}, Inputs: []string{rules.InputComputerReport, "channel:E|F"},
		Events: []rules.EventNeed{{Name: "a", Selector: shared}, {Name: "b", Optional: true, Selector: evtx.Selector{
			Channels: []string{"A", "B"}, Levels: []uint8{1, 2}, IDs: []uint16{9}, IDRanges: []evtx.Range[uint16]{{First: 1, Last: 5}},
			ExceptIDs: []evtx.Range[uint16]{{First: 3, Last: 3}}, Records: []evtx.Range[uint64]{{First: 10, Last: 20}},
			Data: []evtx.DataTest{{Index: 2, Values: []string{"x", "y"}}},
		}}},
	}
	set[1].Needs = rules.Needs{
		Facts:  []string{rules.FactService, rules.FactLogs},
		Events: []rules.EventNeed{{Name: "a", Selector: shared}, {Name: "c", Selector: evtx.Selector{Channels: []string{"C", "D"}}}},
	}
	p := plan(t, analyzer.Config{Rules: set})
	var events []analyzer.PlannedEvents
	for _, e := range p.Events {
		if !e.Facts {
			events = append(events, e)
		}
	}
	none := []string{}
	want := analyzer.Plan{
		Schema: analyzer.PlanSchema,
		Inputs: []analyzer.PlannedInput{},
		Events: []analyzer.PlannedEvents{
			{Channels: []string{"A", "B"}, Providers: none, IDs: []int{}, Also: []string{
				"event 1 to 5 or 9", "no event 3", "record 10 to 20", "level 1 or 2", "datum 2 is x or y",
			}, Rules: []string{"one"}},
			{Channels: []string{"C", "D"}, Providers: none, IDs: []int{}, Also: none, Rules: []string{"two"}},
			{Channels: []string{"System"}, Providers: []string{"P"}, IDs: []int{7}, Also: none, Rules: []string{"one", "two"}},
		},
		Facts: []analyzer.PlannedFact{{Name: "logs", Rules: []string{"two"}}, {Name: "service", Rules: []string{"one", "two"}}},
		Rules: []analyzer.PlannedRule{
			{Rule: "one", Needs: []string{"channel:E or F", "channel:System", "computer-report"}, Missing: none},
			{Rule: "two", Needs: []string{"channel:C or D", "channel:System"}, Missing: none},
		},
	}
	got := p
	got.Events = events
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !slices.ContainsFunc(p.Events, func(e analyzer.PlannedEvents) bool { return e.Facts && slices.Contains(e.IDs, 7041) }) {
		t.Error("the events of facts are not in the plan")
	}
}
