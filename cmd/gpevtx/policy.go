package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/render"
)

var policyFormats = []string{"text", "json", "csv"}

// policyFlags are the flags of the commands that show reports.
type policyFlags struct {
	formats, outputs               []string
	gpos, groups, rights, settings bool
	asked                          []string
	path, find, gpo, scope         string
	verbose                        bool
}

func newPolicy(std stdio) *cobra.Command {
	var f policyFlags
	cmd := &cobra.Command{
		Use:   "policy PATH...",
		Short: "Show what Group Policy reports and security templates say, or what differs between two",
		Long: `policy shows what reports of Group Policy say: those of gpresult and of the Group Policy
Management Console, and security templates such as secedit exports. PATH is a report, a
folder or archive with reports, a member of an archive such as case.zip!/gpresult.htm, or -
for standard input. Without other flags: what each report is, the GPOs, who has
which user right by which GPO, and how many other settings there are.

What is shown is chosen by parts (--gpos, --groups, --rights, --settings), by conditions that
must all hold (--right, --path, --find, --gpo) and by --scope. --right says in words whether
the right is defined, for whom, and if not, who decides.

policy diff compares two reports.

Exit codes: 0 shown; 2 wrong usage; 3 nothing could be read, or an output could not be
written; 130 interrupted.`,
		Example: `  gpevtx policy gpresult.htm
  gpevtx policy gpresult.htm --right "Log on as a service"
  gpevtx policy gpresult.htm --settings --path "Security Settings/Account Policies"
  gpevtx policy case.zip --find powershell
  gpevtx policy gpresult.htm --gpo "Server Baseline"
  gpevtx policy gpresult.htm --format csv -o policy.csv
  gpevtx policy diff before.htm after.htm`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error { return f.show(cmd.Context(), std, paths) },
	}
	f.register(cmd)
	cmd.AddCommand(newPolicyDiff(std))
	return cmd
}

func (f *policyFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.gpos, "gpos", false, "only the GPOs, applied or not (parts may be combined)")
	flags.BoolVar(&f.groups, "groups", false, "only the security groups that the computer or user is in")
	flags.BoolVar(&f.rights, "rights", false, "only user rights")
	flags.BoolVar(&f.settings, "settings", false, "only the other settings, all of them")
	flags.StringArrayVar(&f.asked, "right", nil, "only this user right, as in SeServiceLogonRight or \"Log on as a service\", in any language; may be repeated")
	flags.StringVar(&f.path, "path", "", "only rights and settings under these headings, as in \"Security Settings/Account Policies\"")
	flags.StringVar(&f.find, "find", "", "only rights and settings with this text in name, section, value, accounts or GPO")
	flags.StringVar(&f.gpo, "gpo", "", "only the GPO with this name or GUID, and the rights and settings that it wins or loses")
	flags.StringVar(&f.scope, "scope", "", "only the half of the computer or the user")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "text: everything that the report says")
	flags.StringArrayVar(&f.formats, "format", nil, "output format: "+list(policyFormats)+" (default: by the ending of -o, else text); may be repeated, each with its -o")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "file for the format of the same place, - for standard output")
}

// show is the command.
func (f *policyFlags) show(ctx context.Context, std stdio, paths []string) error {
	outs, err := f.outs()
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	reports, err := readReports(ctx, std, paths)
	if err != nil {
		return err
	}
	sel, err := f.selection(reports)
	if err != nil {
		return err
	}
	if f.gpo != "" {
		reports = slices.DeleteFunc(reports, func(r *gpreport.Report) bool { return r.Results == gpreport.Defined && !mentions(r, f.gpo) })
	}
	for _, o := range outs {
		err := o.write(std, func(w io.Writer) error {
			opt := f.options(o, std, sel)
			switch o.format {
			case "json":
				return render.PolicyJSON(w, reports, opt)
			case "csv":
				return render.PolicyCSV(w, reports, opt)
			}
			return render.PolicyText(w, reports, opt)
		})
		if err != nil {
			return &exitError{exitUnreadable, err}
		}
	}
	if slices.ContainsFunc(outs, func(o output) bool { return o.format == "csv" }) {
		gaps(std, sel, reports)
	}
	f.nothing(std, sel, reports)
	return nil
}

// gaps tells on standard error what reports do not tell, which a table does not show at a glance.
// That there is nothing of a user goes without saying, unless that was asked for.
func gaps(std stdio, sel gpreport.Selection, reports []*gpreport.Report) {
	for _, r := range reports {
		for _, g := range render.PolicyGaps(r, sel) {
			if g.Scope == gpreport.UserScope && g.State == string(gpreport.NoData) && sel.Scope == "" {
				continue
			}
			fmt.Fprintf(std.err, "gpevtx: %s: %s\n", inert(string(r.Source)), g)
		}
	}
}

// outs are the outputs. Where no format is named, the ending of the only file's name tells it.
func (f *policyFlags) outs() ([]output, error) {
	formats := f.formats
	if len(formats) == 0 && len(f.outputs) == 1 {
		ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(f.outputs[0]), "."))
		if slices.Contains(policyFormats, ending) {
			formats = []string{ending}
		}
	}
	return pairOutputs(formats, f.outputs, policyFormats)
}

func (f *policyFlags) options(o output, std stdio, sel gpreport.Selection) render.PolicyOptions {
	return render.PolicyOptions{
		Selection: sel, Verbose: f.verbose, Width: textWidth(std.out), Color: o.path == "-" && useColor(std.out),
	}
}

// check refuses values that no report could make sense of.
func (f *policyFlags) check() error {
	scopes := []gpreport.ScopeName{"", gpreport.ComputerScope, gpreport.UserScope}
	if !slices.Contains(scopes, gpreport.ScopeName(f.scope)) {
		return usage("--scope %q: choose one of computer, user", f.scope)
	}
	return nil
}

// selection is what the flags choose from reports; it is an error to ask for a right or a GPO
// that is not known.
func (f *policyFlags) selection(reports []*gpreport.Report) (gpreport.Selection, error) {
	s := gpreport.Selection{Scope: gpreport.ScopeName(f.scope), Path: f.path, Find: f.find, GPO: f.gpo}
	for _, part := range []struct {
		on   bool
		part gpreport.Part
	}{{f.gpos, gpreport.GPOsPart}, {f.groups, gpreport.GroupsPart}, {f.rights, gpreport.RightsPart}, {f.settings, gpreport.SettingsPart}} {
		if part.on {
			s.Parts = append(s.Parts, part.part)
		}
	}
	for _, asked := range f.asked {
		right, ok := resolveRight(asked, reports)
		if !ok {
			return s, usage("--right %q is no user right that is known; --rights shows those that the report has", asked)
		}
		s.Rights = append(s.Rights, right)
	}
	if f.gpo != "" && !slices.ContainsFunc(reports, func(r *gpreport.Report) bool { return mentions(r, f.gpo) }) {
		return s, usage("--gpo %q: the reports name no such GPO; they name: %s", f.gpo, list(gpoNames(reports)))
	}
	return s, nil
}

// resolveRight finds a user right by its constant, by its name in any language or by what a
// report calls it.
func resolveRight(asked string, reports []*gpreport.Report) (string, bool) {
	if gpreport.RightName(asked) != "" {
		return asked, true
	}
	if constant, ok := gpreport.LookupRight(asked); ok {
		return constant, true
	}
	for _, r := range reports {
		if r.Computer == nil {
			continue
		}
		for _, a := range r.Computer.Rights {
			if strings.EqualFold(a.Right, asked) || strings.EqualFold(a.Display, asked) {
				return asked, true
			}
		}
	}
	return "", false
}

// mentions reports whether a report describes a GPO or names it.
func mentions(r *gpreport.Report, gpo string) bool {
	if r.GPO != (gpreport.GPORef{}) {
		return describes(r, gpo)
	}
	chosen := gpreport.Selection{GPO: gpo}.Of(r)
	for _, s := range []*gpreport.Scope{chosen.Computer, chosen.User} {
		if s != nil && len(s.Applied)+len(s.Denied)+len(s.Rights)+len(s.Settings) > 0 {
			return true
		}
	}
	return false
}

// maxNames is how many names of GPOs or headings an error has.
const maxNames = 20

// gpoNames are the names of the GPOs that reports list or describe.
func gpoNames(reports []*gpreport.Report) []string {
	var names []string
	for _, r := range reports {
		if r.GPO != (gpreport.GPORef{}) {
			names = append(names, cmp.Or(r.GPO.Name, r.GPO.GUID))
		}
		for _, s := range []*gpreport.Scope{r.Computer, r.User} {
			if s == nil {
				continue
			}
			for _, gpos := range [][]gpreport.GPO{s.Applied, s.Denied} {
				for _, g := range gpos {
					names = append(names, g.Name)
				}
			}
		}
	}
	return few(names)
}

// headings are the paths of headings under which reports have settings.
func headings(reports []*gpreport.Report) []string {
	var paths []string
	for _, r := range reports {
		for _, s := range []*gpreport.Scope{r.Computer, r.User} {
			if s == nil {
				continue
			}
			for i, x := range s.Settings {
				if i == 0 || !slices.Equal(x.Section, s.Settings[i-1].Section) {
					paths = append(paths, strings.Join(x.Section, " > "))
				}
			}
		}
	}
	return paths
}

// few sorts names and shortens a long list of them.
func few(names []string) []string {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return []string{"none"}
	}
	if more := len(names) - maxNames; more > 0 {
		names = append(names[:maxNames], fmt.Sprintf("and %d more", more))
	}
	return names
}

// nothing tells on standard error that a search found nothing.
func (f *policyFlags) nothing(std stdio, sel gpreport.Selection, reports []*gpreport.Report) {
	if f.path == "" && f.find == "" || len(f.asked) > 0 {
		return
	}
	for _, r := range reports {
		chosen := sel.Of(r)
		for _, s := range []*gpreport.Scope{chosen.Computer, chosen.User} {
			if s != nil && len(s.Applied)+len(s.Denied)+len(s.Groups)+len(s.Rights)+len(s.Settings) > 0 {
				return
			}
		}
	}
	fmt.Fprintln(std.err, "gpevtx: nothing in the reports matches")
	if f.path != "" {
		fmt.Fprintln(std.err, "gpevtx: the reports have these headings:")
		for _, h := range few(headings(reports)) {
			fmt.Fprintf(std.err, "  %s\n", inert(h))
		}
	}
}
