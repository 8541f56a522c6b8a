// Analyze prints the findings of a bundle: the whole way through the library in one page.
//
//	go run ./examples/analyze testdata/bundles/omitted-right.zip
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run analyzes the files, folders and archives at paths and prints one line a finding. A
// program that shows names from inputs on a terminal or a page must escape them; %q does
// so here.
func run(ctx context.Context, w io.Writer, paths []string) error {
	b, err := bundle.Open(ctx, bundle.Config{}, paths...)
	if err != nil {
		return err
	}
	defer b.Close()

	a, err := analyzer.New(analyzer.Config{})
	if err != nil {
		return err
	}
	res, err := a.Analyze(ctx, b)
	if err != nil {
		return err
	}
	for _, h := range res.Hosts {
		for _, f := range h.Findings {
			fmt.Fprintf(w, "%q: %s, %s: %s, %d pieces of evidence\n", h.Name, f.Severity, f.Confidence, f.Rule, len(f.Evidence))
		}
	}
	return nil
}
