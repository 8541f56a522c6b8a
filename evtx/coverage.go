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
	// First and Last bound the times of all readable records of the log, in UTC; zero without
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
	First, Last       time.Time
	// FirstID and LastID are the lowest and highest EventRecordID.
	FirstID, LastID uint64
	Records         int64
	// Gaps are the runs of record numbers that are missing between records, the first
	// hundred of them; GapCount counts all.
	Gaps     []Gap
	GapCount int

	numbered bool // a record's number is in FirstID to LastID
	prevID   uint64
	prevTime time.Time
}

// Wrapped reports whether the stream does not begin with record 1: older records were
// overwritten, cleared or left out of an export.
func (s *Stream) Wrapped() bool { return s.FirstID > 1 }

// Gap is a run of record numbers between After and Before, both of which are there, logged
// at From and To.
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

// addID adds the number of a record logged at t.
func (s *Stream) addID(id uint64, t time.Time) {
	if !s.numbered {
		s.numbered, s.FirstID, s.LastID = true, id, id
	} else if id > s.prevID && id-s.prevID > 1 && s.prevID >= s.LastID {
		s.GapCount++
		if len(s.Gaps) < maxGaps {
			s.Gaps = append(s.Gaps, Gap{After: s.prevID, Before: id, From: s.prevTime, To: t})
		}
	}
	s.FirstID, s.LastID = min(s.FirstID, id), max(s.LastID, id)
	s.prevID, s.prevTime = id, t
}

func (s *Stream) addTime(t time.Time) {
	if s.First.IsZero() || t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
}

const (
	// maxDelay is how much later than it happened an event is stored at most, for both times
	// of a damaged record to be believed.
	maxDelay = time.Hour
	// maxStep likewise bounds how far the number of a damaged record is from the one before.
	maxStep = 1 << 16
)

// addDamaged adds a record whose number and time may be damaged. They count for what the log
// covers where the header of the record, which has both too, confirms them.
func (s *Stream) addDamaged(id, headerID uint64, t, written time.Time) {
	s.Records++
	if d := written.Sub(t); d > maxDelay || d < -maxDelay {
		return
	}
	s.addTime(t)
	if id == headerID || !s.numbered || id > s.prevID && id-s.prevID < maxStep {
		s.addID(id, t)
	}
}

// streams finds the stream of a channel and computer.
type streams map[[2]string]*Stream

func (m streams) get(channel, computer string) *Stream {
	key := [2]string{channel, computer}
	if len(channel) > maxStreamName || len(computer) > maxStreamName {
		key = [2]string{}
	}
	s := m[key]
	if s == nil {
		if len(m) >= maxStreams {
			key = [2]string{}
			if s = m[key]; s != nil {
				return s
			}
		}
		s = &Stream{Channel: key[0], Computer: key[1]}
		m[key] = s
	}
	return s
}

// finish puts the streams and what was recovered into the coverage.
func (c *Coverage) finish(m streams, recovered [recoveries]Recovered) {
	for kind, r := range recovered {
		if r.Recovery = Recovery(kind); r.Records+r.Unreadable > 0 {
			c.Recovered = append(c.Recovered, r)
		}
	}
	for _, s := range m {
		if s.Records == 0 {
			continue
		}
		c.Streams = append(c.Streams, *s)
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
