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
	if !ok || w.Empty() || c.Window.Empty() || c.Window.From.After(w.From) || c.Window.To.Add(quiet).Before(w.To) {
		return false
	}
	return !slices.ContainsFunc(c.Holes, w.overlaps)
}

// logCoverage is what one log holds.
type logCoverage struct {
	source evidence.Source
	evtx.Coverage
}

// isDamaged reports whether records of the log are missing, or may be: a damaged value makes
// another event of one that would have been looked for.
func (l *logCoverage) isDamaged() bool {
	damaged := func(r evtx.Recovered) bool { return r.Recovery == evtx.InDamagedChunk && r.Records > 0 }
	return l.Lost > 0 || !l.Complete || slices.ContainsFunc(l.Recovered, damaged)
}

// channelStream is a stream of one log for one channel of a host.
type channelStream struct {
	source evidence.Source
	evtx.Stream
	// lost is set when records of the log are missing or damaged, anywhere in it.
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
	c := ChannelCoverage{Channel: group[0].Channel}
	for _, s := range group {
		c.Sources = append(c.Sources, s.source)
	}
	// Of records without a time, or whose time is not to be believed, nothing follows.
	group = slices.DeleteFunc(group, func(s channelStream) bool { return s.First.IsZero() || s.Last.IsZero() })
	for i, s := range group {
		all := between(s.First, s.Last)
		if s.lost || s.Last.Before(s.First) || s.GapCount > len(s.Gaps) {
			c.Holes = append(c.Holes, all)
		}
		for _, g := range s.Gaps {
			switch {
			case filledBy(group, i, g):
			case g.From.IsZero() || g.To.IsZero(): // beside a record without a time
				c.Holes = append(c.Holes, all)
			default:
				c.Holes = append(c.Holes, between(g.From, g.To))
			}
		}
		if i == 0 {
			c.Window = all
			continue
		}
		if last := latest(group[:i]); s.FirstID > last.LastID+1 {
			c.Holes = appendMissing(c.Holes, between(last.First, last.Last), all)
		}
		if all.From.Before(c.Window.From) {
			c.Window.From = all.From
		}
		if all.To.After(c.Window.To) {
			c.Window.To = all.To
		}
	}
	slices.Sort(c.Sources)
	c.Sources = slices.Compact(c.Sources)
	return c
}

// appendMissing appends when the records can have been logged whose numbers are missing between
// two streams: between their windows, or where these overlap as the clock was set back. A stream
// within the time of another is of another numbering, as after a log was cleared, and nothing is
// missing there.
func appendMissing(holes []Window, a, b Window) []Window {
	if b.From.Before(a.From) {
		a, b = b, a
	}
	switch {
	case a.To.Before(b.From):
		return append(holes, Window{a.To, b.From})
	case b.To.After(a.To) && b.From.After(a.From):
		return append(holes, Window{b.From, a.To})
	}
	return holes
}

// latest returns the stream that reaches to the highest record number.
func latest(group []channelStream) channelStream {
	return slices.MaxFunc(group, func(a, b channelStream) int { return cmp.Compare(a.LastID, b.LastID) })
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
