package main

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/render"
)

// maxCounts is how many sorts of events are told apart, and maxCountName how long the names of
// their channels and providers may be, in bytes: hostile logs name ever new ones.
const (
	maxCounts    = 1 << 16
	maxCountName = 2048
)

// statsSink counts events and tells what the logs cover.
type statsSink struct {
	w      io.Writer
	format string
	opt    render.TextOptions
	stats  render.EventStats
	counts map[countKey]*render.EventCount
	rest   render.EventCount
}

type countKey struct {
	channel, provider string
	id                uint16
}

func newStatsSink(w io.Writer, f *eventFlags, std stdio) *statsSink {
	return &statsSink{
		w: w, format: f.format, counts: make(map[countKey]*render.EventCount), rest: render.EventCount{Rest: true},
		opt: render.TextOptions{Width: textWidth(std.out), Color: f.output == "-" && useColor(std.out)},
	}
}

func (s *statsSink) release() {}

func (s *statsSink) log(source evidence.Source) error {
	s.stats.Logs = append(s.stats.Logs, render.LogStats{Source: string(source)})
	return nil
}

func (s *statsSink) item(ev *evtx.Event) eventItem {
	return eventItem{time: ev.Time, key: countKey{ev.Channel, ev.Provider, ev.EventID}}
}

func (s *statsSink) take(it eventItem) error {
	c := s.count(it.key)
	c.Count++
	t := it.time
	if t.IsZero() {
		return nil
	}
	if c.First == nil || t.Before(*c.First) {
		c.First = &t
	}
	if c.Last == nil || t.After(*c.Last) {
		c.Last = &t
	}
	return nil
}

// count finds the entry that counts events of a sort.
func (s *statsSink) count(key countKey) *render.EventCount {
	c := s.counts[key]
	if c == nil {
		if len(s.counts) >= maxCounts || len(key.channel) > maxCountName || len(key.provider) > maxCountName {
			return &s.rest
		}
		c = &render.EventCount{Channel: key.channel, Provider: key.provider, ID: int(key.id)}
		s.counts[key] = c
	}
	return c
}

func (s *statsSink) logDone(c evtx.Coverage) {
	l := &s.stats.Logs[len(s.stats.Logs)-1]
	l.Records, l.Chosen, l.Lost = c.Read+c.Skipped, c.Read, c.Lost
	l.First, l.Last = timeOrNil(c.First), timeOrNil(c.Last)
	l.Wrapped, l.Dirty, l.Complete = c.Wrapped, c.Dirty, c.Complete
	for _, r := range c.Recovered {
		l.Recovered = append(l.Recovered, render.RecoveredStats{
			From: r.Recovery.String(), Records: r.Records, Unreadable: r.Unreadable, First: timeOrNil(r.First), Last: timeOrNil(r.Last),
		})
	}
	for i := range c.Streams {
		l.Streams = append(l.Streams, streamStats(&c.Streams[i]))
	}
}

func streamStats(s *evtx.Stream) render.StreamStats {
	out := render.StreamStats{
		Channel: s.Channel, Computer: s.Computer, Records: s.Records, First: timeOrNil(s.First), Last: timeOrNil(s.Last),
		FirstRecord: s.FirstID, LastRecord: s.LastID, GapCount: s.GapCount,
	}
	for _, g := range s.Gaps {
		out.Gaps = append(out.Gaps, render.LogGap{After: g.After, Before: g.Before, From: timeOrNil(g.From), To: timeOrNil(g.To)})
	}
	return out
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// end prints what was counted, also when the work was interrupted: the logs say which of them
// was not read to its end.
func (s *statsSink) end(context.Context) error {
	for _, c := range s.counts {
		s.stats.Events = append(s.stats.Events, *c)
	}
	slices.SortFunc(s.stats.Events, func(a, b render.EventCount) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.ID, b.ID))
	})
	if s.rest.Count > 0 {
		s.stats.Events = append(s.stats.Events, s.rest)
	}
	switch s.format {
	case "json":
		return render.EventStatsJSON(s.w, &s.stats)
	case "csv":
		return render.EventStatsCSV(s.w, &s.stats)
	}
	return render.EventStatsText(s.w, &s.stats, s.opt)
}
