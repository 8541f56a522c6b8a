package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/scenario"
)

func newRules(std stdio) *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List and explain the rules, check and test your own",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringArrayVar(&dirs, "rules", nil, "folder of your own rules, in addition to the built-in ones")
	load := func() ([]*rules.Rule, error) {
		set, err := loadRules(dirs)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		return set, nil
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List all rules",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := load()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			for _, r := range set {
				fmt.Fprintf(w, "%s\t%s\t%s\n", inert(r.ID), r.Severity, inert(r.Title))
			}
			return w.Flush()
		},
	}, &cobra.Command{
		Use:     "explain ID",
		Short:   "Explain one rule: what it looks at, when it fails, what may mislead",
		Example: "  gpevtx rules explain service-right-omitted",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := load()
			if err != nil {
				return err
			}
			for _, r := range set {
				if r.ID == args[0] {
					return explainRule(std, r)
				}
			}
			return usage("there is no rule %q: \"gpevtx rules list\" lists them", args[0])
		},
	}, newLint(std, load), newRulesTest(std, &dirs), newRulesDocs(std, load))
	return cmd
}

func explainRule(std stdio, r *rules.Rule) error {
	doc := render.RuleDoc{Rule: r, Examples: scenario.Examples()[r.ID]}
	opt := render.TextOptions{Width: textWidth(std.out), Color: useColor(std.out)}
	return fill(std.out, func(w io.Writer) error { return render.Rule(w, doc, opt) })
}
