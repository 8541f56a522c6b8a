package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/scenario"
)

// scenarioTime is how long one scenario may take.
const scenarioTime = time.Minute

func newRulesTest(std stdio, ruleDirs *[]string) *cobra.Command {
	var t ruleTest
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Run the scenarios of your own rules",
		Long: `test loads the rules in DIR, runs the scenarios (.txtar files) in DIR and below, and compares
what they must show. A scenario says in its first line what it shows; it states verdicts that
hold whatever other rules say,

  want-failed: my-rule
  want-passed: my-other-rule

(also want-inconclusive and want-skipped), or has the whole result as text in the member
want.txt, or both. Every rule in DIR must fail in one scenario and pass in one.

Exit codes: 0 all is as it must be; 1 it is not; 2 wrong usage, or mistakes in the rules;
3 a file could not be read or written.`,
		Example: `  gpevtx rules test my-rules/
  gpevtx rules test my-rules/ --update`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.run(cmd.Context(), std, *ruleDirs, args[0])
		},
	}
	cmd.Flags().BoolVar(&t.onlyOwn, "only-own", false, "run the rules in DIR alone, without the built-in ones")
	cmd.Flags().BoolVarP(&t.update, "update", "u", false, "write the result of each scenario that states no verdicts into its want.txt")
	return cmd
}

// ruleTest is one run of "rules test".
type ruleTest struct {
	onlyOwn, update bool

	own    []*rules.Rule
	cfg    analyzer.Config
	failed int
	// shown holds "rule verdict" for all that the scenarios showed.
	shown map[string]bool
}

func (t *ruleTest) run(ctx context.Context, std stdio, ruleDirs []string, dir string) error {
	if err := t.load(ruleDirs, dir); err != nil {
		return &exitError{exitUsage, err}
	}
	files, err := scenario.Files(dir)
	if err != nil {
		return &exitError{exitUnreadable, err}
	}
	if len(files) == 0 {
		return usage("there are no scenarios (.txtar) in %s", dir)
	}
	t.shown = map[string]bool{}
	for _, file := range files {
		if err := t.one(ctx, std.out, file); err != nil {
			return err
		}
	}
	untested := t.untested()
	for _, line := range untested {
		fmt.Fprintln(std.out, line)
	}
	noun := "scenarios"
	if len(files) == 1 {
		noun = "scenario"
	}
	fmt.Fprintf(std.out, "%d %s: %d ok, %d failed\n", len(files), noun, len(files)-t.failed, t.failed)
	if t.failed > 0 || len(untested) > 0 {
		return &exitError{code: exitFindings}
	}
	return nil
}

// load reads the rules.
func (t *ruleTest) load(ruleDirs []string, dir string) error {
	var set []*rules.Rule
	if !t.onlyOwn {
		var err error
		if set, err = loadRules(ruleDirs); err != nil {
			return err
		}
	}
	own, err := loadFolder(dir)
	if err != nil {
		return err
	}
	t.own = own
	set = append(set, own...)
	if t.onlyOwn {
		set = unexplained(set)
	}
	if len(set) == 0 {
		return fmt.Errorf("there are no rules (.yaml, .yml) in %s", dir)
	}
	t.cfg = analyzer.Config{Rules: set, Version: programVersion()}
	return rules.Validate(set)
}

// unexplained returns the rules without the explanations by rules that are not among them.
func unexplained(set []*rules.Rule) []*rules.Rule {
	out := make([]*rules.Rule, len(set))
	for i, r := range set {
		alone := *r
		alone.ExplainedBy = slices.DeleteFunc(slices.Clone(r.ExplainedBy), func(id string) bool {
			return !slices.ContainsFunc(set, func(o *rules.Rule) bool { return o.ID == id })
		})
		out[i] = &alone
	}
	return out
}

// one runs a scenario and prints what came of it. The error ends the run.
func (t *ruleTest) one(ctx context.Context, w io.Writer, file string) error {
	name := inert(filepath.ToSlash(file))
	s, problems, err := t.check(ctx, file)
	if ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted")}
	}
	if err != nil {
		var exit *exitError
		if errors.As(err, &exit) {
			return err
		}
		problems = append(problems, err.Error())
	}
	word, title := "ok  ", ""
	if s != nil {
		title = ": " + inert(s.Title)
	}
	if len(problems) > 0 {
		word = "FAIL"
		t.failed++
	}
	fmt.Fprintf(w, "%s %s%s\n", word, name, title)
	for _, p := range problems {
		fmt.Fprintf(w, "     %s\n", strings.ReplaceAll(inertLines(p), "\n", "\n     "))
	}
	return nil
}

// check runs a scenario and returns what is not as it must be.
func (t *ruleTest) check(ctx context.Context, file string) (s *scenario.Scenario, problems []string, err error) {
	s, err = scenario.Read(file)
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "gpevtx-scenario")
	if err != nil {
		return s, nil, &exitError{exitUnreadable, err}
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, scenarioTime)
	defer cancel()
	res, err := s.Run(ctx, t.cfg, dir)
	if err != nil {
		return s, nil, err
	}
	problems = append(s.Unmet(res), t.note(res)...)
	got, err := scenario.Text(res)
	if err != nil {
		return s, problems, err
	}
	switch {
	case got == s.Want || !s.HasWant && len(s.Expected) > 0:
	case t.update:
		perm, err := os.Stat(file)
		if err == nil {
			err = writeWhole(file, perm.Mode().Perm(), func(w io.Writer) error { _, err := w.Write(s.Format(got)); return err })
		}
		if err != nil {
			return s, problems, &exitError{exitUnreadable, err}
		}
	case !s.HasWant:
		problems = append(problems, "it does not say what it must show: add a line such as \"want-failed: my-rule\" below the title, or write want.txt with --update")
	default:
		problems = append(problems, string(diff.Diff(scenario.Want, []byte(s.Want), "result", []byte(got))))
	}
	return s, problems, nil
}

// note remembers the verdicts of the rules under test, and returns those that broke.
func (t *ruleTest) note(res *analyzer.Result) []string {
	var broke []string
	for _, r := range t.own {
		for _, h := range res.Hosts {
			for _, v := range h.Verdicts {
				if v.Rule != r.ID {
					continue
				}
				t.shown[r.ID+" "+string(v.Verdict)] = true
				if v.Verdict == rules.Errored && len(v.Reasons) > 0 {
					broke = append(broke, v.Reasons[0].Message)
				}
			}
		}
	}
	return broke
}

// untested says which rules no scenario makes fail, or pass.
func (t *ruleTest) untested() []string {
	var out []string
	for _, r := range t.own {
		for _, v := range []struct {
			verdict rules.Verdict
			word    string
		}{{rules.Failed, "fails"}, {rules.Passed, "passes"}} {
			if !t.shown[r.ID+" "+string(v.verdict)] {
				out = append(out, fmt.Sprintf("FAIL rule %s: there is no scenario in which it %s", inert(r.ID), v.word))
			}
		}
	}
	return out
}
