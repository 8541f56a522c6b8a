package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
)

func somePlan() analyzer.Plan {
	system, scm := []string{"System"}, []string{"Service Control Manager"}
	return analyzer.Plan{
		Schema: analyzer.PlanSchema,
		Inputs: []analyzer.PlannedInput{
			{Path: "case.zip", Kind: "zip", Size: 4711, Reader: "bundle"},
			{Path: "case.zip!/System.evtx", Kind: "evtx", Size: 1118208, Reader: "evtx"},
			{Path: "case.zip!/\x1b[2Jnotes.txt", Kind: "unknown", Size: 1, Why: "unrecognised file, which this version does not read"},
		},
		Events: []analyzer.PlannedEvents{
			{Channels: []string{}, Providers: []string{}, IDs: []int{}, Also: []string{"level 1"}, Rules: []string{"own-rule"}},
			{Channels: system, Providers: scm, IDs: []int{7000, 7001, 7009, 7022, 7023, 7024}, Facts: true, Rules: []string{}},
			{Channels: system, Providers: scm, IDs: []int{7041}, Also: []string{"param1 is ADSync"}, Rules: []string{"logon-right-refused", "service-logon-failed"}},
		},
		Facts: []analyzer.PlannedFact{{Name: "service", Rules: []string{"logon-right-refused", "service-logon-failed"}}},
		Rules: []analyzer.PlannedRule{
			{Rule: "logon-right-refused", Needs: []string{"channel:System"}, Missing: []string{}},
			{Rule: "own-rule", Needs: []string{}, Missing: []string{}},
			{Rule: "service-logon-failed", Needs: []string{"channel:System"}, Missing: []string{}},
			{Rule: "service-right-omitted", Needs: []string{"computer-report"}, Missing: []string{"computer-report"}},
			{Rule: "service-right-denied", Needs: []string{"channel:System or Security", "rights"}, Missing: []string{"channel:System or Security", "rights"}},
			{Rule: "service-disabled", Needs: []string{"service"}, Missing: []string{}},
		},
	}
}

func TestPlanGolden(t *testing.T) {
	rulesAlone := somePlan()
	rulesAlone.Inputs = []analyzer.PlannedInput{}
	for name, p := range map[string]analyzer.Plan{"plan": somePlan(), "plan-rules-alone": rulesAlone} {
		var b bytes.Buffer
		if err := render.PlanText(&b, p, render.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".golden", b.String())
	}
}

func TestPlanJSON(t *testing.T) {
	var b bytes.Buffer
	if err := render.PlanJSON(&b, somePlan()); err != nil {
		t.Fatal(err)
	}
	var back analyzer.Plan
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	want := somePlan()
	for i := range want.Events {
		if want.Events[i].Also == nil {
			back.Events[i].Also = nil
		}
	}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Error(diff)
	}
	broken := errors.New("disk full")
	if err := render.PlanJSON(brokenWriter{broken}, somePlan()); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := render.PlanText(brokenWriter{broken}, somePlan(), render.TextOptions{}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestPlanNeedWords: what the built-in rules need is said in words, as on their pages.
func TestPlanNeedWords(t *testing.T) {
	a, err := analyzer.New(analyzer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p := a.Plan(nil)
	var b bytes.Buffer
	if err := render.PlanText(&b, p, render.TextOptions{Width: 1000}); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "what rules need, or they are skipped")
	lines := strings.Split(text, "\n")
	for _, r := range p.Rules {
		for _, kind := range r.Needs {
			if strings.HasPrefix(kind, "channel:") && strings.Contains(text, kind) || slices.Contains(lines, "  "+kind) {
				t.Errorf("%s: %q is not in words", r.Rule, kind)
			}
		}
	}
}
