package facts

import (
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

// reportEntries puts the reports of a host on the timeline: when they were made, and when
// the policy that they show was applied last.
func reportEntries(h *Host) []Entry {
	var out []Entry
	add := func(what, kind, raw string, w Window, source evidence.Source) {
		if w.Empty() {
			return
		}
		e := Entry{
			Time: w.From, Kind: kind, What: what,
			Evidence: []evidence.Item{{Role: "report", Location: evidence.Location{Source: source}, Excerpt: raw}},
		}
		if w.To.After(w.From) {
			e.Latest = w.To
			e.What += "; the report says " + raw + ", which can be any time from here until " + utc(w.To) + whyUncertain(w)
		}
		out = append(out, e)
	}
	for _, r := range h.Reports.All {
		z := zoneOf(r, h.zone)
		add("the Group Policy report was made", "report", r.Collected.Raw, z.window(r.Collected), r.Source)
		if r.Computer != nil {
			add("computer policy was refreshed last before the report", "policy", r.Computer.Refreshed.Raw, z.window(r.Computer.Refreshed), r.Source)
		}
	}
	return out
}

// whyUncertain says why the time of a report can be any in w.
func whyUncertain(w Window) string {
	switch width := w.To.Sub(w.From); {
	case width <= time.Hour:
		return ", as it is not known whether daylight time was in force"
	case width <= anyZone.most-anyZone.least:
		return ", as its time zone is not known"
	}
	return ", as the order of day and month is not clear"
}
