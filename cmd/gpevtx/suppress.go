package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
)

// readSuppressions reads the file of --suppress, if one is given.
func readSuppressions(file string) ([]analyzer.Suppression, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return analyzer.ReadSuppressions(filepath.ToSlash(file), f)
}

// noteSuppressions tells of suppressions that suppress nothing, and why.
func noteSuppressions(w io.Writer, uses []analyzer.SuppressionUse, set []*rules.Rule) {
	for _, u := range uses {
		what := "matches no finding"
		switch {
		case u.State == analyzer.SuppressionUsed:
			continue
		case u.State == analyzer.SuppressionExpired && u.Findings > 0:
			what = fmt.Sprintf("ended on %s and suppresses nothing any more; findings that it matches: %d", u.Until, u.Findings)
		case u.State == analyzer.SuppressionExpired:
			what = fmt.Sprintf("ended on %s and suppresses nothing any more; it matches no finding", u.Until)
		case u.Rule != "" && !slices.ContainsFunc(set, func(r *rules.Rule) bool { return r.ID == u.Rule }):
			what = fmt.Sprintf("matches no finding: there is no rule %q", u.Rule)
		case len(u.PartOf) > 0:
			what = fmt.Sprintf("matches no finding of its own: %s is told as part of %s; suppress that instead", u.Rule, strings.Join(u.PartOf, ", "))
		}
		fmt.Fprintf(w, "gpevtx: %s:%d: the suppression %s\n", inert(u.File), u.Line, inert(what))
	}
}
