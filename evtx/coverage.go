package evtx

import (
	"cmp"
	"slices"
	"time"
)

// Coverage tells what a log holds, so that the absence of an event can be judged: nothing
// follows from an event that is missing in a time the log does not cover.
type Coverage struct {
	// Streams are the records by channel and computer, sorted by these.
	Streams []Stream
	// First and Last are the earliest First and the latest Last of Streams, in UTC; zero without
	// any.
	First, Last time.Time
	// Read counts the events that were chosen, Skipped those that the filter did not want,
	// recovered ones included.
	Read, Skipped int64
	// Lost counts the records that are there, or that a chunk's header claims, and could
	// not be read.
	Lost int64
	// Recovered counts the records that the log does not vouch for, by kind, in the order of
	// the kinds. Those in free space are in none of Streams.
	Recovered []Recovered
	// Wrapped is set when the chunks are a ring that was written around: the oldest
	// records were overwritten.
	Wrapped bool
	// Dirty is set when the log was not closed, as in a copy of a live log: the newest
	// records may be missing.
	Dirty bool
	// Complete is set when the iteration came to the end of the log.
	Complete bool
}

// Stream is the records of one channel from one computer. An exported log has one; a log
// of forwarded events has many.
type Stream struct {
	Channel, Computer string
	// FirstID and LastID are the lowest and highest EventRecordID, 0 if none can be believed; First
	// and Last are the times of these two records, in UTC, or of the nearest that has one. A record
	// in between may have a time outside of them, as the clock may have been wrong: that does not
	// make the log cover more. Last is before First where the clock was set back.
	First, Last     time.Time
	FirstID, LastID uint64
	Records         int64
	// Gaps are the runs of record numbers that are missing between records, sorted, at most a
	// hundred of them. GapCount counts all; where there were more than a hundred at a time, it also
	// counts such as were filled later.
	Gaps     []Gap
	GapCount int

	numbered bool // a record's number is in FirstID to LastID
	// delta is the number of a record less the one in its header, as an intact record or two
	// damaged ones in turn have it: Windows renumbers the headers of an exported log. odd is
	// the difference of the last record that had another.
	delta, odd uint64
	// notes, if set, is given the records in place of their being added.
	notes *[]note
}

// note is a record that is to be added to a stream of the same names.
type note struct {
	stream       *Stream
	id, headerID uint64
	t            time.Time
}

// Wrapped reports whether the stream does not begin with record 1: older records were
// overwritten, cleared or left out of an export.
func (s *Stream) Wrapped() bool { return s.FirstID > 1 }

// Gap is a run of record numbers between After and Before, both of which are there. They were
// logged at From and To, or the other way round where the clock was set back.
type Gap struct {
	After, Before uint64
	From, To      time.Time
}

const (
	maxGaps = 100
	// maxStreams bounds the streams of a log whose records name ever new computers; the
	// rest is counted in one stream without names.
	maxStreams = 4096
	// maxStreamName bounds the names of a stream's channel and computer, in bytes; Windows
	// allows 255 characters.
	maxStreamName = 2048
)

// add adds a record whose number and time are as they were written.
func (s *Stream) add(id, headerID uint64, t time.Time) {
	if s.notes != nil {
		*s.notes = append(*s.notes, note{s, id, headerID, t})
		return
	}
	s.Records++
	s.delta = id - headerID
	s.addID(id, t)
}

// maxDelay is how much later than it happened an event is stored at most, for both times of a
// damaged record to be believed.
const maxDelay = time.Hour

// addDamaged adds a record whose number and time may be damaged. They count for what the log
// covers where the header of the record, which has both too, confirms them.
func (s *Stream) addDamaged(id, headerID uint64, t, written time.Time) {
	s.Records++
	if s.confirmed(id-headerID) && written.Sub(t).Abs() <= maxDelay {
		s.addID(id, t)
	}
}

// confirmed reports whether a record's two numbers differ as those of others do.
func (s *Stream) confirmed(delta uint64) bool {
	if delta == 0 || delta == s.delta {
		return true
	}
	if delta != s.odd {
		s.odd = delta
		return false
	}
	s.delta = delta
	return true
}

// addID adds the number of a record logged at t to what the stream covers.
func (s *Stream) addID(id uint64, t time.Time) {
	switch {
	case !s.numbered:
		s.numbered, s.FirstID, s.LastID, s.First, s.Last = true, id, id, t, t
	case id > s.LastID:
		s.gap(len(s.Gaps), Gap{After: s.LastID, Before: id, From: s.Last, To: t})
		if s.LastID = id; !t.IsZero() {
			s.Last = t
		}
		if s.First.IsZero() {
			s.First = t
		}
	case id < s.FirstID:
		s.gap(0, Gap{After: id, Before: s.FirstID, From: t, To: s.First})
		if s.FirstID = id; !t.IsZero() {
			s.First = t
		}
	case s.GapCount > 0:
		s.fill(id, t)
	}
}

// gap notes that the numbers between g's are missing, if there are any.
func (s *Stream) gap(at int, g Gap) {
	if g.Before-g.After <= 1 {
		return
	}
	s.GapCount++
	if g.From.After(g.To) { // the clock was set back
		g.From, g.To = g.To, g.From
	}
	if len(s.Gaps) < maxGaps {
		s.Gaps = slices.Insert(s.Gaps, at, g)
	}
}

// fill takes a number out of the gap that it is in: records of some logs are not in the order
// of their numbers.
func (s *Stream) fill(id uint64, t time.Time) {
	for i, g := range s.Gaps {
		if g.After < id && id < g.Before {
			s.Gaps = slices.Delete(s.Gaps, i, i+1)
			s.GapCount--
			s.gap(i, Gap{After: id, Before: g.Before, From: t, To: g.To})
			s.gap(i, Gap{After: g.After, Before: id, From: g.From, To: t})
			return
		}
	}
}

// streams finds the stream of a channel and computer.
type streams struct {
	byName map[[2]string]*Stream
	notes  *[]note // of the streams
}

func (l *streams) get(channel, computer string) *Stream {
	key := [2]string{channel, computer}
	if len(channel) > maxStreamName || len(computer) > maxStreamName {
		key = [2]string{}
	}
	s := l.byName[key]
	if s == nil {
		if len(l.byName) >= maxStreams {
			key = [2]string{}
			if s = l.byName[key]; s != nil {
				return s
			}
		}
		s = &Stream{Channel: key[0], Computer: key[1], notes: l.notes}
		l.byName[key] = s
	}
	return s
}

// finish puts the streams and what was recovered into the coverage.
func (c *Coverage) finish(l streams, recovered [recoveries]Recovered) {
	for kind, r := range recovered {
		if r.Recovery = Recovery(kind); r.Records+r.Unreadable > 0 {
			c.Recovered = append(c.Recovered, r)
		}
	}
	for _, s := range l.byName {
		if s.Records == 0 {
			continue
		}
		c.Streams = append(c.Streams, *s)
		if s.First.IsZero() {
			continue
		}
		if c.First.IsZero() || s.First.Before(c.First) {
			c.First = s.First
		}
		if s.Last.After(c.Last) {
			c.Last = s.Last
		}
	}
	slices.SortFunc(c.Streams, func(a, b Stream) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Computer, b.Computer))
	})
}
