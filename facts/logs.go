package facts

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
)

// Window is a span of time, both ends included. The zero value is empty.
type Window struct{ From, To time.Time }

// Empty reports whether the window holds no time.
func (w Window) Empty() bool { return w.From.IsZero() || w.To.Before(w.From) }

// Earlier returns the window with a begin that is d earlier, for rules that look at what came
// before. An empty window stays empty.
func (w Window) Earlier(d time.Duration) Window {
	if w.Empty() {
		return Window{}
	}
	return Window{w.From.Add(-d), w.To}
}

func (w Window) overlaps(v Window) bool {
	return !w.Empty() && !v.Empty() && !w.To.Before(v.From) && !v.To.Before(w.From)
}

// Logs tells what the event logs of a host cover.
type Logs struct {
	// Channels are sorted by name.
	Channels []ChannelCoverage
}

// ChannelCoverage is the coverage of one channel by all logs of a host.
type ChannelCoverage struct {
	Channel string
	// Window reaches from the first to the last event.
	Window Window
	// Holes are the times within in which records are missing, because of damage or gaps
	// in the record numbers.
	Holes   []Window
	Sources []evidence.Source
}

// quiet is how much earlier than the end of a window the last event of a channel may be:
// nothing may have happened there, and logs are exported one after another.
const quiet = time.Hour

// Channel returns the coverage of a channel; case does not matter.
func (l Logs) Channel(channel string) (ChannelCoverage, bool) {
	for _, c := range l.Channels {
		if strings.EqualFold(c.Channel, channel) {
			return c, true
		}
	}
	return ChannelCoverage{}, false
}

// Has reports whether any event of the channel was in the inputs.
func (l Logs) Has(channel string) bool {
	_, ok := l.Channel(channel)
	return ok
}

// Cover reports whether the log of the channel reaches from w.From to w.To without a hole.
// The end may be an hour short, for a channel in which nothing happened. An empty window is
// never covered.
func (l Logs) Cover(channel string, w Window) bool {
	c, ok := l.Channel(channel)
	if !ok || w.Empty() || c.Window.From.After(w.From) || c.Window.To.Add(quiet).Before(w.To) {
		return false
	}
	return !slices.ContainsFunc(c.Holes, w.overlaps)
}

// logCoverage is what one log holds.
type logCoverage struct {
	source evidence.Source
	evtx.Coverage
}

// channelStream is a stream of one log for one channel of a host.
type channelStream struct {
	source evidence.Source
	evtx.Stream
	lost bool
}

// mergeLogs joins the streams of a host into its coverage by channel.
func mergeLogs(streams []channelStream) Logs {
	byChannel := make(map[string][]channelStream)
	for _, s := range streams {
		key := strings.ToLower(s.Channel)
		byChannel[key] = append(byChannel[key], s)
	}
	var l Logs
	for _, group := range byChannel {
		l.Channels = append(l.Channels, mergeChannel(group))
	}
	slices.SortFunc(l.Channels, func(a, b ChannelCoverage) int { return cmp.Compare(a.Channel, b.Channel) })
	return l
}

// mergeChannel joins logs of one channel: archived logs follow each other by their record
// numbers, copies of the same log overlap.
func mergeChannel(group []channelStream) ChannelCoverage {
	slices.SortFunc(group, func(a, b channelStream) int {
		return cmp.Or(cmp.Compare(a.FirstID, b.FirstID), cmp.Compare(b.LastID, a.LastID), cmp.Compare(a.source, b.source))
	})
	c := ChannelCoverage{Channel: group[0].Channel, Window: Window{group[0].First, group[0].Last}}
	last := group[0]
	for i, s := range group {
		c.Sources = append(c.Sources, s.source)
		if s.lost {
			c.Holes = append(c.Holes, Window{s.First, s.Last})
		}
		for _, g := range s.Gaps {
			if !filledBy(group, i, g) {
				c.Holes = append(c.Holes, Window{g.From, g.To})
			}
		}
		if s.GapCount > len(s.Gaps) {
			c.Holes = append(c.Holes, Window{s.First, s.Last})
		}
		if s.FirstID > last.LastID+1 {
			c.Holes = append(c.Holes, Window{last.Last, s.First})
		}
		if s.LastID > last.LastID {
			last = s
		}
		if s.First.Before(c.Window.From) {
			c.Window.From = s.First
		}
		if s.Last.After(c.Window.To) {
			c.Window.To = s.Last
		}
	}
	slices.Sort(c.Sources)
	c.Sources = slices.Compact(c.Sources)
	return c
}

// filledBy reports whether another log of the channel has the records of a gap.
func filledBy(group []channelStream, but int, g evtx.Gap) bool {
	for i, s := range group {
		if i != but && s.GapCount == 0 && !s.lost && s.FirstID <= g.After+1 && s.LastID >= g.Before-1 {
			return true
		}
	}
	return false
}
