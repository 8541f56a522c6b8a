package render

import (
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/rules"
)

// LintSchema is the value of "schema" in the output of [LintJSON].
const LintSchema = "gpevtx.lint/v1"

// Lint prints what [rules.Lint] says, in order of place: each mistake and warning with its
// line and a caret, and a line that sums up. The only errors are those of w.
func Lint(w io.Writer, r *rules.Review) error {
	var b strings.Builder
	for _, p := range problems(r) {
		b.WriteString(p.block())
	}
	b.WriteString(lintSummary(r) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// LintJSON writes the same as a JSON object. The only errors are those of w.
func LintJSON(w io.Writer, r *rules.Review) error {
	b, err := marshalJSON(lintDoc{LintSchema, r.Files, r.Rules, problems(r)})
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

type lintDoc struct {
	Schema   string    `json:"schema"`
	Files    int       `json:"files"`
	Rules    int       `json:"rules"`
	Problems []problem `json:"problems"`
}

// problem is a mistake or a warning. Line and column are 0 for a file as a whole.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Level   string `json:"level"`
	Message string `json:"message"`
	source  *rules.LoadError
}

// problems joins mistakes and warnings in order of place; it never returns nil.
func problems(r *rules.Review) []problem {
	out := []problem{}
	add := func(level string, list []*rules.LoadError) {
		for _, e := range list {
			out = append(out, problem{e.File, e.Line, e.Column, level, e.Message, e})
		}
	}
	add("error", r.Mistakes)
	add("warning", r.Warnings)
	slices.SortStableFunc(out, func(a, b problem) int { return a.source.Compare(b.source) })
	return out
}

// block returns the lines that tell of a problem.
func (p problem) block() string {
	e := *p.source
	if p.Level == "warning" {
		e.Message = "warning: " + e.Message
	}
	return InertLines(e.Error()) + "\n"
}

func lintSummary(r *rules.Review) string {
	of := count(r.Rules, "rule") + " in " + count(r.Files, "file") + ": "
	if len(r.Mistakes)+len(r.Warnings) == 0 {
		of += "no mistakes"
	} else {
		of += count(len(r.Mistakes), "mistake") + ", " + count(len(r.Warnings), "warning")
	}
	return strings.ReplaceAll(string(of), nbsp, " ")
}

// InertLines returns text of unknown origin line by line as [Inert] does, with tabs as four
// spaces.
func InertLines(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = Inert(strings.ReplaceAll(lines[i], "\t", "    "))
	}
	return strings.Join(lines, "\n")
}
