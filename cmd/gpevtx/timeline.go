package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
)

type timelineFlags struct {
	caseFlags
	formats, outputs []string
	hosts, kinds     []string
	since, until     string
}

var timelineFormats = []string{"text", "csv", "jsonl"}

func newTimeline(std stdio) *cobra.Command {
	var f timelineFlags
	cmd := &cobra.Command{
		Use:   "timeline PATH...",
		Short: "Show what happened when: service, policy, logons, boots and findings",
		Long: `timeline reads what analyze reads, and puts what happened on each computer on one line
of time, in UTC, each entry with the file and record that show it: what became of the service,
when policy was applied, logons of the account, starts of the computer, when the reports were
made, and when the findings were seen first and last. What repeats itself without end is
folded into one entry that says how often.

csv and jsonl have the columns that Timesketch imports, in order of time over all computers.
Texts that a spreadsheet would take for a formula have an apostrophe before them in csv.

Exit codes: 0 printed, whatever was found; 2 wrong usage; 3 nothing could be read, or an
output could not be written; 130 interrupted, after printing what is known so far.`,
		Example: `  gpevtx timeline case.zip
  gpevtx timeline case.zip --since 2026-11-19 --kind service --kind policy
  gpevtx timeline case.zip --format csv -o case.csv`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error { return f.run(cmd.Context(), std, paths) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.formats, "format", nil, "output format: "+list(timelineFormats)+"; may be repeated, each with its -o")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "file for the format of the same place, - for standard output")
	flags.StringArrayVar(&f.hosts, "host", nil, "only this computer; may be repeated")
	flags.StringArrayVar(&f.kinds, "kind", nil, "only entries of this kind, such as service, policy or finding; may be repeated")
	flags.StringVar(&f.since, "since", "", "only from this time on, as in 2026-11-20 or 2026-11-20T03:12:00Z")
	flags.StringVar(&f.until, "until", "", "only up to this time; of a day all of it")
	f.register(cmd)
	return cmd
}

func (f *timelineFlags) run(ctx context.Context, std stdio, paths []string) error {
	outs, err := pairOutputs(f.formats, f.outputs, timelineFormats)
	if err != nil {
		return err
	}
	opt := render.TimelineOptions{Kinds: f.kinds}
	if opt.Since, err = parseTime("--since", f.since); err != nil {
		return err
	}
	if opt.Until, err = parseEnd("--until", f.until); err != nil {
		return err
	}
	res, interrupted, err := f.analyzeCase(ctx, std, analyzer.Config{}, paths)
	if err != nil {
		return err
	}
	if res, err = onlyHosts(res, f.hosts); err != nil {
		return err
	}
	f.notes(std, res, outs)
	for _, o := range outs {
		if err := o.write(std, func(w io.Writer) error { return printTimeline(w, o, std, res, opt) }); err != nil {
			return &exitError{exitUnreadable, err}
		}
	}
	switch {
	case interrupted:
		return &exitError{code: exitInterrupted}
	case !res.HasEvidence():
		return errNoEvidence
	}
	return nil
}

func printTimeline(w io.Writer, o output, std stdio, res *analyzer.Result, opt render.TimelineOptions) error {
	switch o.format {
	case "csv":
		return render.TimelineCSV(w, res, opt)
	case "jsonl":
		return render.TimelineJSONL(w, res, opt)
	}
	opt.Width = textWidth(std.out)
	opt.Color = o.path == "-" && useColor(std.out)
	return render.TimelineText(w, res, opt)
}

// onlyHosts returns the result without the computers that are not named; names stand for all
// when there are none.
func onlyHosts(res *analyzer.Result, names []string) (*analyzer.Result, error) {
	if len(names) == 0 {
		return res, nil
	}
	out := *res
	out.Hosts = nil
	var known []string
	missing := slices.Clone(names)
	for _, h := range res.Hosts {
		is := func(name string) bool {
			return strings.EqualFold(name, h.Name) || strings.EqualFold(name, h.Name+"."+h.Domain)
		}
		known = append(known, h.Name)
		if slices.ContainsFunc(names, is) {
			out.Hosts = append(out.Hosts, h)
			missing = slices.DeleteFunc(missing, is)
		}
	}
	if len(missing) > 0 {
		return nil, usage("the inputs say nothing of the computer %q; they speak of: %s", missing[0], list(known))
	}
	return &out, nil
}

// notes tells on standard error what the output will not show.
func (f *timelineFlags) notes(std stdio, res *analyzer.Result, outs []output) {
	kinds := render.TimelineKinds(res)
	for _, k := range f.kinds {
		if !slices.Contains(kinds, k) {
			fmt.Fprintf(std.err, "gpevtx: there is no entry of the kind %q; there are: %s\n", inert(k), inert(list(kinds)))
		}
	}
	undated := 0
	for _, h := range res.Hosts {
		for _, finding := range h.Findings {
			if finding.First == nil {
				undated++
			}
		}
	}
	if undated > 0 && slices.ContainsFunc(outs, func(o output) bool { return o.format != "text" }) {
		fmt.Fprintf(std.err, "gpevtx: findings that are states without a time, which csv and jsonl leave out: %d\n", undated)
	}
}
