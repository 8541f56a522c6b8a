package facts

import (
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

// The bounds of a timeline: a service that fails in a loop says the same for hours.
const (
	// maxRepeats is how often entries may say the same in a row before they become one.
	maxRepeats = 5
	// maxCycle is how many entries a loop may have: a failed start leaves up to four events.
	maxCycle = 4
	// maxEntries is how many entries a timeline has; of more, the oldest quarter and the
	// newest stay.
	maxEntries = 10_000
)

// folded makes one entry of those that say the same more than maxRepeats times in a row,
// also where up to maxCycle entries take turns. It says so in words.
func folded(entries []Entry) []Entry {
	var out []Entry
	for i := 0; i < len(entries); {
		size, times := cycle(entries[i:])
		if times <= maxRepeats {
			out = append(out, entries[i])
			i++
			continue
		}
		end := i + size*times
		for k := range size {
			out = append(out, repeated(entries[i+k], entries[end-size+k], times))
		}
		i = end
	}
	return out
}

// cycle returns the length of the loop that entries begin with, and how often it is gone
// through: the one that takes in most of them, of two the shorter.
func cycle(entries []Entry) (size, times int) {
	size, times = 1, 1
	for n := 1; n <= min(maxCycle, len(entries)); n++ {
		run := n
		for run < len(entries) && entries[run].says(entries[run-n]) {
			run++
		}
		if t := run / n; t > maxRepeats && t*n > times*size {
			size, times = n, t
		}
	}
	return size, times
}

// says reports whether two entries say the same. A time that is not known exactly is worth
// an entry of its own.
func (e Entry) says(o Entry) bool {
	return e.Kind == o.Kind && e.What == o.What && e.Latest.IsZero() && o.Latest.IsZero()
}

// repeated is the entry for one that was there so many times.
func repeated(first, last Entry, times int) Entry {
	first.Count, first.Last = times, last.Time
	first.What += ", " + itoa(times) + " times until " + utc(last.Time)
	first.Evidence = append(slices.Clone(first.Evidence), last.Evidence...)
	return first
}

// shortened leaves out entries from the middle of a timeline that is too long, and says
// how many.
func shortened(entries []Entry) []Entry {
	over := len(entries) - maxEntries
	if over <= 0 {
		return entries
	}
	from := maxEntries / 4
	left := entries[from : from+over+1]
	note := Entry{
		Time: left[0].Time, Kind: "note", Count: len(left), Last: left[len(left)-1].Time,
		What: itoa(len(left)) + " entries until " + utc(left[len(left)-1].Time) + " are left out here, for there are too many",
	}
	return slices.Concat(entries[:from], []Entry{note}, entries[from+len(left):])
}

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
			e.What += "; the report says " + raw + ", which is some time until " + utc(w.To) + whyUncertain(w)
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
