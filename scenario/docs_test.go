package scenario_test

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	godiff "github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/rules/builtin"
)

const (
	docsDir      = "../docs/rules"
	examplesFile = "../rules/builtin/examples.txt"
	howToUpdate  = "run \"go test ./scenario -update\" to write it anew"
)

// maxExamples is how many scenarios are named for a verdict of a rule.
var maxExamples = map[rules.Verdict]int{rules.Failed: 8, rules.Passed: 4, rules.Inconclusive: 4, rules.Skipped: 2}

// TestExamples holds up to date which scenarios show a rule at work.
func TestExamples(t *testing.T) {
	var text strings.Builder
	for _, e := range examples(t) {
		text.WriteString(strings.Join([]string{e.Rule, string(e.Verdict), e.Name, e.Title}, "\t") + "\n")
	}
	if text.String() != builtin.Examples {
		hold(t, examplesFile, text.String())
	}
}

// TestRuleDocs holds the pages of the built-in rules up to date.
func TestRuleDocs(t *testing.T) {
	byRule := map[string][]render.Example{}
	for _, e := range examples(t) {
		byRule[e.Rule] = append(byRule[e.Rule], e)
	}
	set := builtinRules(t)
	pages := []string{"README.md"}
	var buf bytes.Buffer
	if err := render.RuleIndex(&buf, set); err != nil {
		t.Fatal(err)
	}
	hold(t, filepath.Join(docsDir, "README.md"), buf.String())
	for _, r := range set {
		buf.Reset()
		if err := render.RuleMarkdown(&buf, render.RuleDoc{Rule: r, Examples: byRule[r.ID]}, "../../testdata/scenarios"); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, r.ID+".md")
		hold(t, filepath.Join(docsDir, r.ID+".md"), buf.String())
	}
	entries, err := os.ReadDir(docsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch {
		case slices.Contains(pages, e.Name()):
		case *update:
			if err := os.Remove(filepath.Join(docsDir, e.Name())); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s/%s is of no rule; %s", docsDir, e.Name(), howToUpdate)
		}
	}
}

// hold compares a file with what it must hold, or writes it.
func hold(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; %s", err, howToUpdate)
		return
	}
	if diff := godiff.Diff(string(got), want); diff != "" {
		t.Errorf("%s is out of date; %s:\n%s", file, howToUpdate, diff)
	}
}

// examples picks for every rule and verdict the scenarios that show it best: those whose
// names have most in common with the rule's.
func examples(t *testing.T) []render.Example {
	var out []render.Example
	runs := scenarios(t)
	for _, r := range builtinRules(t) {
		for _, v := range []rules.Verdict{rules.Failed, rules.Passed, rules.Inconclusive, rules.Skipped} {
			var found []render.Example
			for _, s := range runs {
				if s.res == nil {
					continue
				}
				if got, ok := s.res.Verdict(r.ID); ok && got.Verdict == v {
					found = append(found, render.Example{Rule: r.ID, Verdict: v, Name: s.name(), Title: s.Title})
				}
			}
			slices.SortStableFunc(found, func(a, b render.Example) int {
				return cmp.Or(cmp.Compare(common(r.ID, b.Name), common(r.ID, a.Name)), cmp.Compare(a.Name, b.Name))
			})
			out = append(out, found[:min(len(found), maxExamples[v])]...)
		}
	}
	return out
}

// common counts the words of a rule's id that a scenario's name has.
func common(id, name string) int {
	n := 0
	words := strings.Split(name, "-")
	for w := range strings.SplitSeq(id, "-") {
		if slices.Contains(words, w) {
			n++
		}
	}
	return n
}
