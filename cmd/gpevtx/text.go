package main

import "github.com/gpevtx/gpevtx/render"

// inert makes text of unknown origin safe to print on a terminal, on one line.
func inert(s string) string { return render.Inert(s) }

// inertLines does so line by line.
func inertLines(s string) string { return render.InertLines(s) }
