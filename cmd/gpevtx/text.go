package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gpevtx/gpevtx/render"
)

// inert makes text of unknown origin safe to print on a terminal, on one line.
func inert(s string) string { return render.Inert(s) }

// inertLines does so line by line, with tabs as four spaces.
func inertLines(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = inert(strings.ReplaceAll(lines[i], "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

func section(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\n", inert(l))
	}
}
