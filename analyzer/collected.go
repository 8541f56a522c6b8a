package analyzer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
)

// readCollected reads a text file that a collector made.
func (r *reading) readCollected(ctx context.Context, in *bundle.Input) (bundle.Status, string) {
	f, err := in.Open(ctx)
	if err != nil {
		return bundle.Refused, err.Error()
	}
	defer f.Close()
	cfg := r.a.cfg.Collected
	cfg.Source, cfg.Services = in.Source, nil
	got, err := collected.Parse(ctx, f, f.Size(), cfg)
	var format *collected.FormatError
	switch {
	case errors.As(err, &format):
		return bundle.Ignored, err.Error()
	case got == nil:
		return bundle.Refused, err.Error()
	}
	r.facts.AddCollected(got)
	details := describeCollected(got)
	switch {
	case err != nil:
		return bundle.Partly, strings.Join(append(details, err.Error()), "; ")
	case slices.ContainsFunc(got.Warnings, func(w collected.Warning) bool { return w.Code == collected.TooMuch }):
		return bundle.Partly, strings.Join(details, "; ")
	case got.Kind == collected.ErrorNote:
		return bundle.Ignored, strings.Join(details, "; ")
	case saysNothing(got) && len(details) == 0:
		return bundle.Ignored, "says nothing of the ADSync service or of a setting that is looked at"
	case saysNothing(got):
		return bundle.Ignored, strings.Join(details, "; ")
	}
	return bundle.Read, strings.Join(details, "; ")
}

// describeCollected tells the errors that tools left in the file, and the first warning.
func describeCollected(f *collected.File) []string {
	var out []string
	for i, n := range f.Notes {
		if i == 3 {
			out = append(out, fmt.Sprintf("and %d more errors", len(f.Notes)-i))
			break
		}
		out = append(out, n.Advice())
	}
	if t := f.Token; t != nil && t.ElevationKnown && !t.Elevated {
		out = append(out, "whoami shows that the collector ran without the rights of an administrator, which logs and reports of the computer need")
	}
	switch len(f.Warnings) {
	case 0:
	case 1:
		out = append(out, f.Warnings[0].Message)
	default:
		out = append(out, fmt.Sprintf("%s (and %d more warnings)", f.Warnings[0].Message, len(f.Warnings)-1))
	}
	return out
}

// saysNothing reports whether a file holds nothing that facts are made of.
func saysNothing(f *collected.File) bool {
	r := f.Registry
	empty := r == nil || r.ControlSet == "" && !r.DotNet.Key.Known() && !r.DotNet32.Key.Known()
	return len(f.Services) == 0 && f.Token == nil && len(f.Notes) == 0 && empty
}

// tellUnplaced notes the files that were not used because nothing tells their computer.
func (r *reading) tellUnplaced(sources []evidence.Source) {
	for _, source := range sources {
		i := slices.IndexFunc(r.inputs, func(in Input) bool { return in.Path == string(source) })
		if i < 0 || r.inputs[i].Status == string(bundle.Ignored) {
			continue
		}
		in := &r.inputs[i]
		in.Status = string(bundle.Ignored)
		detail := "not used: it does not name its computer, and neither its place nor its name tells which one it is of; put it into a folder with the name of its computer"
		if in.Detail != "" {
			detail = in.Detail + "; " + detail
		}
		in.Detail = detail
	}
}
