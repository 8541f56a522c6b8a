package facts

import (
	"slices"
	"time"
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
	// maxSharedEntries is how many a host has of what it shares with others, such as the
	// changes of an account of the domain, and at least has when there are many hosts.
	maxSharedEntries = 500
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
func shortened(entries []Entry, most int) []Entry {
	over := len(entries) - most
	if over <= 0 {
		return entries
	}
	from := most / 4
	left := entries[from : from+over+1]
	note := leftOut(left[0].Time, left[len(left)-1].Time, len(left))
	return slices.Concat(entries[:from], []Entry{note}, entries[from+len(left):])
}

// sharedEntries tells n events that a host shares with others: all of a few, of many the
// oldest quarter and the newest, with the number of the others. tell tells the i-th.
func sharedEntries(n int, tell func(i int) Entry) []Entry {
	var out []Entry
	if n <= 4*maxSharedEntries {
		for i := range n {
			out = append(out, tell(i))
		}
		return shortened(folded(out), maxSharedEntries)
	}
	from, to := maxSharedEntries/4, n-maxSharedEntries*3/4
	for i := range from {
		out = append(out, tell(i))
	}
	first, last := tell(from), tell(to-1)
	out = append(out, leftOut(first.Time, last.Time, to-from))
	for i := to; i < n; i++ {
		out = append(out, tell(i))
	}
	return out
}

// leftOut says that so many entries between two times are not told.
func leftOut(first, last time.Time, n int) Entry {
	return Entry{
		Time: first, Kind: "note", Count: n, Last: last,
		What: itoa(n) + " entries until " + utc(last) + " are left out here, for there are too many",
	}
}
