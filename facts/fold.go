package facts

import "slices"

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
