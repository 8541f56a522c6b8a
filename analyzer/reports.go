package analyzer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// isReport reports whether package gpreport reads inputs of a kind.
func isReport(k bundle.Kind) bool {
	switch k {
	case bundle.GPResultHTML, bundle.GPResultXML, bundle.GPResultText, bundle.GPOHTML, bundle.GPOXML, bundle.SeceditINF:
		return true
	}
	return false
}

// readReport reads the reports in a file. The events that they quote count like those of
// logs, but say nothing of what a log covers.
func (r *reading) readReport(ctx context.Context, in *bundle.Input) (bundle.Status, string) {
	f, err := r.open(ctx, in)
	if err != nil {
		return bundle.Refused, err.Error()
	}
	defer f.Close()
	cfg := r.a.cfg.Report
	cfg.Source = in.Source
	reports, err := gpreport.ParseAll(ctx, f, f.Size(), cfg)
	used := false
	for _, rep := range reports {
		r.facts.AddReport(rep)
		r.takeQuoted(rep)
		used = used || rep.Results != gpreport.Defined && (rep.Kind != gpreport.SeceditINF || rep.Results == gpreport.Exported)
	}
	var format *gpreport.FormatError
	switch {
	case errors.As(err, &format):
		return bundle.Ignored, err.Error()
	case err != nil && len(reports) == 0:
		return bundle.Refused, err.Error()
	case err != nil:
		return bundle.Partly, err.Error()
	case !used && reports[0].Kind == gpreport.SeceditINF:
		return bundle.Ignored, "a security template that is not, or not for certain, an export of a computer's own settings: no rule looks at it"
	case !used:
		return bundle.Ignored, "what " + countOf(len(reports), "GPO") + " would set, not what a computer has: no rule looks at it; gpevtx policy shows it"
	}
	return bundle.Read, describeWarnings(reports)
}

func countOf(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// describeWarnings sums up the warnings of reports: the first, and how many more.
func describeWarnings(reports []*gpreport.Report) string {
	var all []gpreport.Warning
	for _, rep := range reports {
		all = append(all, rep.Warnings...)
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return all[0].Message
	}
	return fmt.Sprintf("%s (and %d more warnings)", all[0].Message, len(all)-1)
}

// takeQuoted hands on the events that a report quotes. One that does not name its computer
// could be of any.
func (r *reading) takeQuoted(rep *gpreport.Report) {
	for _, run := range rep.Runs {
		for _, quoted := range run.Events {
			if quoted.Computer == "" || quoted.Time.IsZero() {
				continue
			}
			e := facts.NewReportEvent(quoted)
			r.deal(e, r.a.matching(e))
		}
	}
}

// matching returns the indices of the selectors that match an event which no filter saw, in
// ascending order.
func (a *Analyzer) matching(e facts.Event) []int {
	var out []int
	for i, s := range a.selectors {
		if matches(s, e) {
			out = append(out, i)
		}
	}
	return out
}

// matches reports whether a selector chooses an event, as package evtx has it.
func matches(s evtx.Selector, e facts.Event) bool {
	if e.ID != int(uint16(e.ID)) || e.Level != int(uint8(e.Level)) {
		return false
	}
	system := evtx.System{
		Channel: e.Channel, Provider: e.Provider, Computer: e.Computer,
		EventID: uint16(e.ID), Level: uint8(e.Level), RecordID: e.Record, Time: e.Time,
	}
	if !s.MatchSystem(&system) {
		return false
	}
	for _, test := range s.Data {
		value := e.Param(test.Index)
		if test.Name != "" {
			value = e.Data(test.Name)
		}
		if !oneOf(test.Values, value) {
			return false
		}
	}
	return true
}

// oneOf reports whether a text is one of a list, without regard to case; an empty list has
// all.
func oneOf(list []string, text string) bool {
	for _, s := range list {
		if strings.EqualFold(s, text) {
			return true
		}
	}
	return len(list) == 0
}
