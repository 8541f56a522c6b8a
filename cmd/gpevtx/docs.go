package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/scenario"
)

func newRulesDocs(std stdio, load func() ([]*rules.Rule, error)) *cobra.Command {
	var dir, scenarios string
	cmd := &cobra.Command{
		Use:   "docs -o DIR",
		Short: "Write a page in Markdown for every rule, and an index",
		Example: `  gpevtx rules docs -o pages --rules my-rules/
  gpevtx rules docs -o docs/rules --scenarios ../../testdata/scenarios`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := load()
			if err != nil {
				return err
			}
			if dir == "" {
				return usage("docs needs -o DIR, the folder to write to")
			}
			if err := writeDocs(std, dir, scenarios, set); err != nil {
				return &exitError{exitUnreadable, err}
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "folder to write to")
	cmd.Flags().StringVar(&scenarios, "scenarios", "", "path from that folder to the scenarios of the built-in rules, to link them; without it they are named only")
	return cmd
}

// writeDocs writes the pages.
func writeDocs(std stdio, dir, scenarios string, set []*rules.Rule) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	examples := scenario.Examples()
	for _, r := range set {
		page := output{path: filepath.Join(dir, r.ID+".md")}
		err := page.write(std, func(w io.Writer) error {
			return render.RuleMarkdown(w, render.RuleDoc{Rule: r, Examples: examples[r.ID]}, scenarios)
		})
		if err != nil {
			return err
		}
	}
	index := output{path: filepath.Join(dir, "README.md")}
	return index.write(std, func(w io.Writer) error { return render.RuleIndex(w, set) })
}
