package gpreport

import (
	"slices"
	"strings"
	"time"
)

// clockEvidence is what the events at the end of a report tell about its times.
type clockEvidence struct {
	// order is the order in dates whose year is last, if orderKnown.
	order      dayOrder
	orderKnown bool
	offsets    []time.Duration
}

// maxClockEvents bounds how many events are looked at.
const maxClockEvents = 512

// readClock reads the events behind the sections of a report: each has
// SystemTime in UTC and EventTime as the report prints times. Time zones are
// quarters of an hour within a day of UTC, so that only the right order of day
// and month gives one.
func readClock(tail string) clockEvidence {
	var ev clockEvidence
	var orders [3]int
	for range maxClockEvents {
		_, rest, ok := strings.Cut(tail, "SystemTime=")
		if !ok {
			break
		}
		tail = rest
		utc, ok := eventUTC(rest)
		if !ok {
			continue
		}
		event, _, _ := strings.Cut(rest, "SystemTime=")
		_, local, ok := strings.Cut(event, "<EventTime>")
		if !ok {
			continue
		}
		local, _, _ = strings.Cut(local, "<")
		_, readings := findDate(local[:min(len(local), 80)])
		for _, r := range readings {
			d := r.time.Sub(utc.Truncate(time.Second))
			if d%(15*time.Minute) != 0 || d < -12*time.Hour || d > 14*time.Hour {
				continue
			}
			if !slices.Contains(ev.offsets, d) {
				ev.offsets = append(ev.offsets, d)
			}
			orders[r.order]++
			ev.order = r.order
		}
	}
	slices.Sort(ev.offsets)
	ev.orderKnown = ev.order != yearFirst && (orders[monthFirst] == 0 || orders[dayFirst] == 0)
	return ev
}

// eventUTC reads the time that s starts with, in any kind of quotes.
func eventUTC(s string) (time.Time, bool) {
	s = s[:min(len(s), 48)]
	i := strings.IndexAny(s, "0123456789")
	for i >= 0 && strings.HasPrefix(s[i:], "39;") { // of &#39;
		s = s[i+3:]
		i = strings.IndexAny(s, "0123456789")
	}
	if i < 0 {
		return time.Time{}, false
	}
	s = s[i:]
	end := strings.IndexByte(s, 'Z')
	if end < 0 {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s[:end+1])
	return t, err == nil
}
