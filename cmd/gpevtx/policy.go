package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/sid"
)

var policyFormats = []string{"text", "json"}

func newPolicy(std stdio) *cobra.Command {
	var formats, outputs []string
	cmd := &cobra.Command{
		Use:   "policy FILE...",
		Short: "Show what Group Policy reports and security templates say: GPOs and user rights",
		Example: `  gpevtx policy gpresult.htm
  gpevtx policy gpresult.htm --format json
  gpevtx policy secedit.inf`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			outs, err := pairOutputs(formats, outputs, policyFormats)
			if err != nil {
				return err
			}
			reports, err := readReports(cmd.Context(), std, paths)
			for _, o := range outs {
				if len(reports) == 0 {
					break
				}
				if err := o.write(std, func(w io.Writer) error { return printPolicy(w, o.format, reports) }); err != nil {
					return &exitError{exitUnreadable, err}
				}
			}
			return err
		},
	}
	cmd.Flags().StringArrayVar(&formats, "format", nil, "output format: "+list(policyFormats))
	cmd.Flags().StringArrayVarP(&outputs, "output", "o", nil, "file for the format of the same place, - for standard output")
	return cmd
}

// readReports reads all reports; the error tells that none could be read.
func readReports(ctx context.Context, std stdio, paths []string) ([]*gpreport.Report, error) {
	var reports []*gpreport.Report
	for _, path := range paths {
		r, err := readReport(ctx, path)
		if err != nil {
			fmt.Fprintf(std.err, "gpevtx: %s\n", inert(err.Error()))
		}
		if r != nil {
			reports = append(reports, r)
		}
	}
	if len(reports) == 0 {
		return nil, &exitError{code: exitUnreadable}
	}
	return reports, nil
}

func readReport(ctx context.Context, path string) (*gpreport.Report, error) {
	f, size, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return gpreport.Parse(ctx, f, size, gpreport.Config{Source: evidence.Source(path)})
}

// openFile opens a regular file and tells its size.
func openFile(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before opening, which waits for the other end of a pipe
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New(path + " is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func printPolicy(w io.Writer, format string, reports []*gpreport.Report) error {
	if format == "json" {
		return render.PolicyJSON(w, reports)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := printReport(w, r); err != nil {
			return err
		}
	}
	return nil
}

// printReport shows a report as text: who, when, GPOs and user rights.
func printReport(w io.Writer, r *gpreport.Report) error {
	if r.Kind == gpreport.SeceditINF {
		return printTemplate(w, r)
	}
	fmt.Fprintf(w, "%s: %s, %s results, collected %s\n", inert(string(r.Source)), r.Kind, r.Results, inert(r.Collected.Raw))
	for _, s := range []struct {
		name  string
		scope *gpreport.Scope
	}{{"Computer", r.Computer}, {"User", r.User}} {
		if s.scope == nil {
			what := "no data"
			if r.Incomplete {
				what = "not reached, the report is cut off"
			}
			fmt.Fprintf(w, "\n%s: %s\n", s.name, what)
			continue
		}
		if err := printScope(w, s.name, s.scope); err != nil {
			return err
		}
	}
	printWarnings(w, r)
	return nil
}

func printWarnings(w io.Writer, r *gpreport.Report) {
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\nwarning: %s (%s)\n", inert(warning.Message), inert(warning.Code))
	}
}

// printTemplate shows a security template as text: what it stands for, user rights, and
// all other settings.
func printTemplate(w io.Writer, r *gpreport.Report) error {
	what := "unknown whether of a computer or a GPO"
	switch {
	case r.Results == gpreport.Exported:
		what = "the computer's own settings"
	case r.Results == gpreport.Defined && r.GPO.GUID != "":
		what = "what the GPO " + inert(r.GPO.GUID) + " defines, as its path says"
	case r.Results == gpreport.Defined:
		what = "what a GPO defines"
	}
	fmt.Fprintf(w, "%s: %s, %s\n", inert(string(r.Source)), r.Kind, what)
	fmt.Fprintf(w, "\n  User rights: %d\n", len(r.Computer.Rights))
	for _, a := range r.Computer.Rights {
		fmt.Fprintf(w, "  %s [%s]\n", inert(a.Display), inert(a.Right))
		printPrincipals(w, a.Principals)
	}
	if len(r.Computer.Settings) > 0 {
		fmt.Fprintf(w, "\n  Other settings: %d\n", len(r.Computer.Settings))
	}
	for _, s := range r.Computer.Settings {
		fmt.Fprintf(w, "  %s: %s = %s\n", inert(strings.Join(s.Section, " > ")), inert(s.Name), inert(s.Value))
	}
	printWarnings(w, r)
	return nil
}

// printPrincipals lists accounts, each on a line; SIDs that stand for themselves with the
// name that they have everywhere.
func printPrincipals(w io.Writer, list []sid.Principal) {
	if len(list) == 0 {
		fmt.Fprintln(w, "      (nobody)")
	}
	for _, p := range list {
		name := inert(p.Name)
		if known := sid.Name(p.SID); known != "" && p.Name == string(p.SID) {
			name += " (" + known + ")"
		}
		fmt.Fprintf(w, "      %s\n", name)
	}
}

func printScope(w io.Writer, name string, s *gpreport.Scope) error {
	fmt.Fprintf(w, "\n%s: %s\n", name, inert(s.Name))
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, g := range s.Applied {
		fmt.Fprintf(tab, "  applied\t%s\t%s\t%s\n", inert(g.Name), inert(g.GUID), inert(g.Link))
	}
	for _, g := range s.Denied {
		fmt.Fprintf(tab, "  denied\t%s\t%s\t%s\n", inert(g.Name), inert(g.GUID), inert(g.DeniedReason))
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	if len(s.Rights) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\n  User rights: %d defined by GPOs\n", len(s.Rights))
	for _, a := range s.Rights {
		fmt.Fprintf(w, "  %s [%s], winning GPO %s\n", inert(a.Display), inert(a.Right), inert(a.Winner.Name))
		printPrincipals(w, a.Principals)
		for _, o := range a.Others {
			fmt.Fprintf(w, "    without effect, for it loses: GPO %s\n", inert(o.GPO.Name))
			printPrincipals(w, o.Principals)
		}
	}
	return nil
}
