package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
)

// TimelineOptions says what [TimelineText], [TimelineCSV] and [TimelineJSONL] print, and how.
// The zero value prints everything, as text without colour for a terminal of 80 columns.
type TimelineOptions struct {
	// Kinds are the kinds of entries to print; none stands for all. What says that entries
	// are left out is always printed.
	Kinds []string
	// Since and Until bound the time, both included; zero for no bound. What may have been in
	// that time, or went on in it, counts as well.
	Since, Until time.Time
	// Width and Color are those of [TextOptions].
	Width int
	Color bool
}

// The kinds of entries that this package adds or treats in a way of their own.
const (
	kindFinding = "finding"
	kindReport  = "report"
	kindNote    = "note"
)

// moment is one entry of the timelines that are printed: an entry of the result, or the
// begin or end of a finding. Its texts are as the input has them.
type moment struct {
	host *analyzer.Host
	analyzer.TimelineEntry
	// desc says what Time is the time of.
	desc string
	// severity is set for findings.
	severity rules.Severity
	// rules are those whose findings rest on the entry, or that the entry is of.
	rules []string
}

// moments returns the entries of a host that the options choose, in order of time.
func moments(h *analyzer.Host, opt TimelineOptions) []moment {
	var all []moment
	proves := provenBy(h)
	for _, e := range h.Timeline {
		m := moment{host: h, TimelineEntry: e, desc: "Event Logged"}
		for _, ev := range e.Evidence {
			m.rules = append(m.rules, proves[placeOf(ev)]...)
		}
		slices.Sort(m.rules)
		m.rules = slices.Compact(m.rules)
		switch logged := slices.ContainsFunc(e.Evidence, func(ev analyzer.Evidence) bool { return ev.Time != nil }); {
		case e.Kind == kindNote:
			m.desc = "Entries Left Out"
		case e.Kind == kindReport:
			m.desc = "Report Collected"
		case !logged:
			m.desc = "Policy Refreshed"
		}
		all = append(all, m)
	}
	for i := range h.Findings {
		all = append(all, findingMoments(h, &h.Findings[i])...)
	}
	all = slices.DeleteFunc(all, func(m moment) bool { return !opt.chooses(m) })
	slices.SortStableFunc(all, func(a, b moment) int { return a.Time.Compare(b.Time) })
	return all
}

// place is where an event stands.
type place struct {
	source string
	record uint64
	offset int64
}

func placeOf(e analyzer.Evidence) place {
	p := place{source: e.Source, record: e.Record, offset: -1}
	if e.Offset != nil {
		p.offset = *e.Offset
	}
	return p
}

// provenBy tells which findings rest on an event.
func provenBy(h *analyzer.Host) map[place][]string {
	out := make(map[place][]string)
	for _, f := range h.Findings {
		for _, e := range f.Evidence {
			if e.Time != nil {
				out[placeOf(e)] = append(out[placeOf(e)], f.Rule)
			}
		}
	}
	return out
}

// findingMoments puts a finding on the line of time: where it was seen first, and last. A
// state has no time and gives none.
func findingMoments(h *analyzer.Host, f *analyzer.Finding) []moment {
	if f.First == nil {
		return nil
	}
	at := func(t time.Time, desc, which string) moment {
		what := fmt.Sprintf("%s: %s (%s), ", f.Severity, cmp.Or(f.Title, f.Message), f.Rule)
		switch {
		case f.Count > 1 && which != "":
			what += fmt.Sprintf("the %s of %d times", which, f.Count)
		case f.Count > 1:
			what += fmt.Sprintf("%d times", f.Count)
		case which != "":
			what += which + " seen"
		default:
			what += "once"
		}
		e := analyzer.TimelineEntry{Time: t, Kind: kindFinding, What: what}
		for _, ev := range f.Evidence {
			if ev.Time != nil && ev.Time.Equal(t) {
				e.Evidence = []analyzer.Evidence{ev}
				break
			}
		}
		return moment{host: h, TimelineEntry: e, desc: desc, severity: f.Severity, rules: append([]string{f.Rule}, f.Joined...)}
	}
	if f.Last == nil || f.Last.Equal(*f.First) {
		return []moment{at(*f.First, "Seen", "")}
	}
	return []moment{at(*f.First, "First Seen", "first"), at(*f.Last, "Last Seen", "last")}
}

// chooses reports whether the options let a moment be printed.
func (o TimelineOptions) chooses(m moment) bool {
	end := m.Time
	for _, t := range []*time.Time{m.Latest, m.Last} {
		if t != nil && t.After(end) {
			end = *t
		}
	}
	return (len(o.Kinds) == 0 || m.Kind == kindNote || slices.Contains(o.Kinds, m.Kind)) &&
		(o.Since.IsZero() || !end.Before(o.Since)) && (o.Until.IsZero() || !m.Time.After(o.Until))
}

// merged returns the moments of all computers in order of time.
func merged(r *analyzer.Result, opt TimelineOptions) []moment {
	var all []moment
	for i := range r.Hosts {
		all = append(all, moments(&r.Hosts[i], opt)...)
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.Time.Compare(b.Time) })
	return all
}

// proof returns the event or the place of a report that the moment rests on first.
func (m moment) proof() analyzer.Evidence {
	if len(m.Evidence) == 0 {
		return analyzer.Evidence{}
	}
	return m.Evidence[0]
}

// computer is the name of a moment's computer, with its domain where that is a DNS name.
func (m moment) computer() string {
	if strings.Contains(m.host.Domain, ".") && m.host.Name != "" {
		return m.host.Name + "." + m.host.Domain
	}
	return m.host.Name
}
