package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

type analyzeFlags struct {
	caseFlags
	formats, outputs []string
	failOn           string
	suppress         string
	strict, verbose  bool
	explain          bool
}

var analyzeFormats = []string{"text", "json"}

// failLevels are the values of --fail-on with the severities that they let fail.
var failLevels = []rules.Severity{rules.Critical, rules.Error, rules.Warning, rules.Info}

func newAnalyze(std stdio) *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:   "analyze PATH...",
		Short: "Say why ADSync does not start, from folders, files and zip archives",
		Long: `analyze reads folders, files and zip archives, recognises Group Policy reports, event
logs and files of collectors by their content, and says what is wrong, what proves it, what to change and what is
missing to be sure.

Findings that --suppress accepts are shown as such and do not count.

Exit codes: 0 nothing found at or above --fail-on; 1 findings; 2 wrong usage; 3 nothing
could be read, or an output could not be written; 4 with --strict, inputs are missing for a
conclusion; 130 interrupted, after printing what is known so far.`,
		Example: `  gpevtx analyze case.zip
  gpevtx analyze gpresult.htm System.evtx --account 'CONTOSO\gmsa-sync$'
  gpevtx analyze case.zip --format text --format json -o - -o result.json
  gpevtx analyze --explain case.zip`,
		Args: func(cmd *cobra.Command, paths []string) error {
			if f.explain {
				return nil
			}
			return cobra.MinimumNArgs(1)(cmd, paths)
		},
		RunE: func(cmd *cobra.Command, paths []string) error { return f.run(cmd.Context(), std, paths) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.explain, "explain", false, "read nothing: print which inputs would be read, which events be decoded and for which rules; without PATH what the rules need")
	flags.StringArrayVar(&f.formats, "format", nil, "output format: "+list(analyzeFormats)+"; may be repeated, each with its -o")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "file for the format of the same place, - for standard output")
	flags.StringVar(&f.failOn, "fail-on", "warning", "exit with 1 from this severity on: critical, error, warning, info or never")
	flags.StringVar(&f.suppress, "suppress", "", "YAML file of findings that are accepted until a day; they do not count for the exit code")
	flags.BoolVar(&f.strict, "strict", false, "exit with 4 when a rule was inconclusive and nothing failed")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show all evidence and every rule's verdict, and on standard error what took how long")
	f.register(cmd)
	return cmd
}

func (f *analyzeFlags) run(ctx context.Context, std stdio, paths []string) error {
	outs, err := pairOutputs(f.formats, f.outputs, analyzeFormats)
	if err != nil {
		return err
	}
	if f.failOn != "never" && !slices.Contains(severityNames(), f.failOn) {
		return usage("unknown severity %q: choose one of critical, error, warning, info, never", f.failOn)
	}
	if f.explain {
		return f.explainPlan(ctx, std, outs, paths)
	}
	f.timed = f.verbose
	suppressions, err := readSuppressions(f.suppress)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	res, interrupted, err := f.analyzeCase(ctx, std, analyzer.Config{Suppressions: suppressions, Now: time.Now()}, paths)
	if err != nil {
		return err
	}
	if !interrupted {
		noteSuppressions(std.err, res.Suppressions, f.rules)
	}
	for _, o := range outs {
		if err := o.write(std, func(w io.Writer) error { return f.print(w, o, std, res) }); err != nil {
			return &exitError{exitUnreadable, err}
		}
	}
	if interrupted {
		return &exitError{code: exitInterrupted}
	}
	return f.verdict(res)
}

// explainPlan prints what an analysis of paths would do.
func (f *analyzeFlags) explainPlan(ctx context.Context, std stdio, outs []output, paths []string) error {
	a, err := f.analyzer(analyzer.Config{})
	if err != nil {
		return err
	}
	plan := a.Plan(nil)
	if len(paths) > 0 {
		b, err := openBundle(ctx, paths)
		if err != nil {
			return err
		}
		defer b.Close()
		plan = a.Plan(b)
	}
	for _, o := range outs {
		err := o.write(std, func(w io.Writer) error {
			if o.format == "json" {
				return render.PlanJSON(w, plan)
			}
			return render.PlanText(w, plan, f.textOptions(o, std))
		})
		if err != nil {
			return &exitError{exitUnreadable, err}
		}
	}
	return nil
}

// parseOffset reads an offset such as +01:00; nil when s is empty.
func parseOffset(s string) (*time.Duration, error) {
	if s == "" {
		return nil, nil
	}
	t, err := time.Parse("-07:00", s)
	if err != nil {
		return nil, usage("--utc-offset %q: an offset such as +01:00 or -08:00 is expected", s)
	}
	_, seconds := t.Zone()
	d := time.Duration(seconds) * time.Second
	return &d, nil
}

func severityNames() []string {
	var names []string
	for _, s := range failLevels {
		names = append(names, string(s))
	}
	return names
}

func (f *analyzeFlags) print(w io.Writer, o output, std stdio, res *analyzer.Result) error {
	if o.format == "json" {
		return render.JSON(w, res)
	}
	return render.Text(w, res, f.textOptions(o, std))
}

func (f *analyzeFlags) textOptions(o output, std stdio) render.TextOptions {
	return render.TextOptions{Width: textWidth(std.out), Verbose: f.verbose, Color: o.path == "-" && useColor(std.out)}
}

// verdict turns the result into the exit code.
func (f *analyzeFlags) verdict(res *analyzer.Result) error {
	if !res.HasEvidence() {
		return errNoEvidence
	}
	for _, h := range res.Hosts {
		for _, finding := range h.Open() {
			if f.fails(finding.Severity) {
				return &exitError{code: exitFindings}
			}
		}
	}
	if f.strict && res.Tool.Rules.Inconclusive+res.Tool.Rules.Errored > 0 {
		return &exitError{code: exitInconclusive}
	}
	return nil
}

func (f *analyzeFlags) fails(s rules.Severity) bool {
	for _, level := range failLevels {
		if level == s {
			return f.failOn != "never"
		}
		if string(level) == f.failOn {
			return false
		}
	}
	return false
}

// loadRules returns the built-in rules and those of the folders.
func loadRules(dirs []string) ([]*rules.Rule, error) {
	set, err := rules.Builtin()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		own, err := loadFolder(dir)
		if err != nil {
			return nil, err
		}
		set = append(set, own...)
	}
	return set, rules.Validate(set)
}

// loadFolder returns the rules of one folder.
func loadFolder(dir string) ([]*rules.Rule, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: a folder of .yaml files is expected", dir)
	}
	own, err := rules.Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("rules in %s:\n%w", dir, err)
	}
	return own, nil
}
