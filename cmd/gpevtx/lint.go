package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

var lintFormats = []string{"text", "json"}

func newLint(std stdio, load func() ([]*rules.Rule, error)) *cobra.Command {
	var format string
	var strict, onlyOwn bool
	cmd := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Find mistakes in rule files, all at once, and what is doubtful",
		Long: `lint reads rule files (.yaml, .yml; folders with what is below them) and says all that is
wrong with them, each with file, line and column: as files, and as a set beside the built-in
rules. Warnings tell of what a rule can do and its writer hardly means.

Exit codes: 0 no mistakes; 1 mistakes, or with --strict warnings; 2 wrong usage; 3 a file
could not be read.`,
		Example: `  gpevtx rules lint my-rules/
  gpevtx rules lint my-rules/backup-agent.yaml --format json
  gpevtx rules lint --only-own rules/builtin/service-crashed.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, paths []string) error {
			if !slices.Contains(lintFormats, format) {
				return usage("unknown format %q: choose one of %s", format, list(lintFormats))
			}
			others, err := load()
			if err != nil {
				return err
			}
			review, err := lintPaths(rules.LintConfig{Others: others, Replace: onlyOwn}, paths)
			if err != nil {
				return err
			}
			print := render.Lint
			if format == "json" {
				print = render.LintJSON
			}
			if err := fill(std.out, func(w io.Writer) error { return print(w, review) }); err != nil {
				return &exitError{exitUnreadable, err}
			}
			if len(review.Mistakes) > 0 || strict && len(review.Warnings) > 0 {
				return &exitError{code: exitFindings}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output format: "+list(lintFormats))
	cmd.Flags().BoolVar(&onlyOwn, "only-own", false, "let the rules in PATH take the place of the built-in ones with their ids, as for a change to a built-in rule")
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 1 for warnings, too")
	return cmd
}

// lintPaths checks the rule files of folders and single rule files.
func lintPaths(cfg rules.LintConfig, paths []string) (*rules.Review, error) {
	var dirs []rules.Dir
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			return nil, &exitError{exitUnreadable, err}
		case info.IsDir():
			dirs = append(dirs, rules.Dir{Name: filepath.ToSlash(filepath.Clean(p)), FS: os.DirFS(p)})
		case isRuleFile(p) && info.Mode().IsRegular():
			dir, name := filepath.Split(filepath.Clean(p))
			dirs = append(dirs, rules.Dir{Name: filepath.ToSlash(dir), FS: oneFile{os.DirFS(filepath.Clean(dir)), name}})
		default:
			return nil, usage("%s is neither a folder nor a rule file (.yaml, .yml)", p)
		}
	}
	review, err := rules.Lint(cfg, dirs...)
	if err != nil {
		return nil, &exitError{exitUnreadable, err}
	}
	if review.Files == 0 {
		return nil, usage("there are no rule files (.yaml, .yml) in %s", strings.Join(paths, ", "))
	}
	return review, nil
}

func isRuleFile(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".yaml" || ext == ".yml"
}

// oneFile is a folder in which only one file is seen.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir lists the file.
func (f oneFile) ReadDir(dir string) ([]fs.DirEntry, error) {
	if dir != "." {
		return nil, fmt.Errorf("%s: %w", dir, fs.ErrNotExist)
	}
	info, err := fs.Stat(f.FS, f.name)
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
