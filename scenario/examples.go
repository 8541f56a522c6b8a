package scenario

import (
	"strings"

	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/rules/builtin"
)

// Examples returns scenarios that show the built-in rules at work, by the ids of the rules.
func Examples() map[string][]render.Example {
	out := map[string][]render.Example{}
	for line := range strings.Lines(builtin.Examples) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(f) == 4 {
			out[f[0]] = append(out[f[0]], render.Example{Rule: f[0], Verdict: rules.Verdict(f[1]), Name: f[2], Title: f[3]})
		}
	}
	return out
}
