package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/render"
)

func newPolicyDiff(std stdio) *cobra.Command {
	var f policyFlags
	var strict bool
	cmd := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Show what differs between two reports, and which GPO changed it",
		Long: `policy diff compares two reports: GPOs that came, went or changed, group memberships, who
was given or lost which user right by which GPO, and all other settings. Accounts are compared
by SID where that is known, so that the order of a list or the language of a name is no change.

What one report does not tell, because it is cut off, has no data or is of another format, is
no change: it is listed as something that cannot be compared, with the reason.

The flags choose what is compared, as those of policy do. Of files with several reports of
GPOs, --gpo chooses the one to compare.

Exit codes: 0 no difference; 1 differences; 2 wrong usage; 3 a report could not be read, or
an output could not be written; 4 no difference, but nothing of what is chosen could be compared
or, with --strict, not everything; 130 interrupted.`,
		Example: `  gpevtx policy diff before.htm after.htm
  gpevtx policy diff before.htm after.htm --rights
  gpevtx policy diff sync01.xml sync02.xml --format csv -o difference.csv`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, paths []string) error { return f.diff(cmd.Context(), std, paths, strict) },
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 4 when nothing differs but something could not be compared")
	return cmd
}

// diff is the command.
func (f *policyFlags) diff(ctx context.Context, std stdio, paths []string, strict bool) error {
	outs, err := f.outs()
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	var both [2]*gpreport.Report
	for i, path := range paths {
		reports, err := readReports(ctx, std, []string{path})
		if err != nil {
			return err
		}
		if both[i], err = f.one(std, path, reports); err != nil {
			return err
		}
	}
	sel, err := f.selection(both[:])
	if err != nil {
		return err
	}
	d := gpreport.Compare(both[0], both[1])
	for _, o := range outs {
		err := o.write(std, func(w io.Writer) error {
			opt := f.options(o, std, sel)
			switch o.format {
			case "json":
				return render.PolicyDiffJSON(w, d, opt)
			case "csv":
				return render.PolicyDiffCSV(w, d, opt)
			}
			return render.PolicyDiffText(w, d, opt)
		})
		if err != nil {
			return &exitError{exitUnreadable, err}
		}
	}
	chosen := sel.OfDiff(d)
	f.nothing(std, sel, both[:])
	return difference(chosen, strict, f.compared(sel, both[:], chosen))
}

// compared reports whether anything of what --path, --find and --gpo choose was compared: it
// stands in a report, and not only among what cannot be compared.
func (f *policyFlags) compared(sel gpreport.Selection, reports []*gpreport.Report, chosen *gpreport.Diff) bool {
	if f.path == "" && f.find == "" && f.gpo == "" {
		return true
	}
	unsure := make(map[string]bool)
	for _, u := range chosen.Unsure {
		for _, name := range u.Names {
			unsure[name] = true
		}
	}
	for _, r := range reports {
		if r.Description != nil {
			return true
		}
		part := sel.Of(r)
		for _, s := range []*gpreport.Scope{part.Computer, part.User} {
			if s != nil && slices.ContainsFunc(namesIn(s), func(name string) bool { return !unsure[name] }) {
				return true
			}
		}
	}
	return false
}

// namesIn are the names of what a scope has.
func namesIn(s *gpreport.Scope) []string {
	var out []string
	for _, g := range slices.Concat(s.Applied, s.Denied) {
		out = append(out, g.Name)
	}
	for _, g := range s.Groups {
		out = append(out, g.Name)
	}
	for _, a := range s.Rights {
		out = append(out, a.Display)
	}
	for _, x := range s.Settings {
		out = append(out, x.Name)
	}
	return out
}

// difference turns what differs of what is chosen into the exit code.
func difference(chosen *gpreport.Diff, strict, compared bool) error {
	switch {
	case !chosen.Empty():
		return &exitError{code: exitFindings}
	case !compared, !chosen.Compared(), strict && len(chosen.Unsure) > 0:
		return &exitError{code: exitInconclusive}
	}
	return nil
}

// one chooses the report to compare: the only one, or of several that describe GPOs the one
// that --gpo names.
func (f *policyFlags) one(std stdio, path string, reports []*gpreport.Report) (*gpreport.Report, error) {
	if len(reports) == 1 {
		return reports[0], nil
	}
	described := slices.DeleteFunc(slices.Clone(reports), func(r *gpreport.Report) bool { return f.gpo == "" || !describes(r, f.gpo) })
	if len(described) > 1 { // what a GPO's template has, its report has too
		described = slices.DeleteFunc(described, func(r *gpreport.Report) bool { return r.Kind == gpreport.SeceditINF })
		if len(described) == 1 {
			fmt.Fprintf(std.err, "gpevtx: the GPO's report is compared, not its template: %s\n", inert(string(described[0].Source)))
		}
	}
	if len(described) == 1 {
		return described[0], nil
	}
	return nil, usage("%s holds %d reports: name one%s", path, len(reports), choices(reports))
}

// choices lists reports in the form in which they can be named: by their files, and those of
// which a file holds several by their GPOs.
func choices(reports []*gpreport.Report) string {
	files := make(map[evidence.Source]int)
	for _, r := range reports {
		files[r.Source]++
	}
	var out strings.Builder
	list := func(reports []*gpreport.Report, line func(*gpreport.Report) string) {
		var lines []string
		for _, r := range reports {
			lines = append(lines, line(r))
		}
		for _, l := range few(lines) {
			out.WriteString("\n  " + inert(l))
		}
	}
	if len(files) > 1 {
		list(reports, func(r *gpreport.Report) string { return quoted(string(r.Source)) })
		return out.String()
	}
	list(reports, func(r *gpreport.Report) string {
		return "--gpo " + quoted(cmp.Or(r.GPO.GUID, r.GPO.Name)) + "  " + r.GPO.Name
	})
	return out.String()
}

// quoted writes a word so that a shell takes it as it is.
func quoted(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-", r)
	}
	switch {
	case word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0:
		return word
	case runtime.GOOS == "windows":
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// describes reports whether a report is of the GPO with a name or GUID.
func describes(r *gpreport.Report, gpo string) bool {
	guid := strings.Trim(gpo, "{} ")
	return strings.EqualFold(r.GPO.Name, gpo) || r.GPO.GUID != "" && strings.EqualFold(strings.Trim(r.GPO.GUID, "{}"), guid)
}
