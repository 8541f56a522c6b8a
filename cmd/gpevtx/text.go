package main

import (
	"fmt"
	"io"

	"github.com/gpevtx/gpevtx/render"
)

// inert makes text of unknown origin safe to print on a terminal, on one line.
func inert(s string) string { return render.Inert(s) }

// inertLines does so line by line.
func inertLines(s string) string { return render.InertLines(s) }

func section(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\n", inert(l))
	}
}
