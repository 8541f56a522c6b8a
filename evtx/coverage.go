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
	// First and Last bound the times of all readable records, in UTC; zero without any.
	First, Last time.Time
	// Read counts the events that were chosen, Skipped those that the filter did not want.
	Read, Skipped int64
	// Lost counts the records that are there, or that a chunk's header claims, and could
	// not be read.
	Lost int64
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

func (s *Stream) add(id uint64, t time.Time) {
	if s.Records == 0 {
		s.FirstID, s.LastID, s.First, s.Last = id, id, t, t
	} else if id > s.prevID && id-s.prevID > 1 && s.prevID >= s.LastID {
		s.GapCount++
		if len(s.Gaps) < maxGaps {
			s.Gaps = append(s.Gaps, Gap{After: s.prevID, Before: id, From: s.prevTime, To: t})
		}
	}
	s.Records++
	s.FirstID, s.LastID = min(s.FirstID, id), max(s.LastID, id)
	if t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
	s.prevID, s.prevTime = id, t
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

// finish puts the streams into the coverage.
func (c *Coverage) finish(m streams) {
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
