package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
)

// The limits of --merge. The lines of the events are kept, up to mergeMemory in memory, and
// sorted when all are there: a log need not be in order of time itself, as clocks are set back
// and events are stored later than they were raised, so that logs could not be merged by looking at
// the next event of each.
const (
	mergeMemory = 256 << 20
	mergeSize   = 16 << 30
	mergeEvents = 16 << 20 // of 24 bytes each
)

// mergeSink prints the events of all logs in order of time. Those of one time stay in the order
// of the logs, and of the records in one log.
type mergeSink struct {
	form        eventForm
	lines       linePool
	limit, tail int // 0 for none
	kept        spool
	index       []keptEvent
	buf         []byte
}

// keptEvent is where the line of an event is kept.
type keptEvent struct {
	time int64 // in 100 ns since 1970
	off  int64 // which grows in the order of logs and records
	size int32
}

func ticks(t time.Time) int64 { return t.Unix()*1e7 + int64(t.Nanosecond())/100 }

func (s *mergeSink) log(evidence.Source) error { return s.form.begin() }
func (s *mergeSink) logDone(evtx.Coverage)     {}
func (s *mergeSink) release()                  { s.kept.close() }

func (s *mergeSink) item(ev *evtx.Event) eventItem { return s.lines.item(s.form, ev) }

func (s *mergeSink) take(it eventItem) error {
	defer s.lines.taken(it)
	if it.err != nil {
		return it.err
	}
	if len(s.index) == mergeEvents {
		return fmt.Errorf("--merge: more than %d events are chosen: choose fewer, by time for example", mergeEvents)
	}
	s.index = append(s.index, keptEvent{ticks(it.time), s.kept.size, int32(len(it.line))})
	if _, err := s.kept.Write(it.line); err != nil {
		return fmt.Errorf("--merge: the events that are chosen cannot be kept: %w", err)
	}
	return nil
}

func (s *mergeSink) end(ctx context.Context) error {
	if ctx.Err() != nil {
		return s.form.end()
	}
	slices.SortFunc(s.index, func(a, b keptEvent) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.off, b.off)) })
	list := s.index
	if s.limit > 0 {
		list = list[:min(s.limit, len(list))]
	}
	if s.tail > 0 {
		list = list[len(list)-min(s.tail, len(list)):]
	}
	for _, e := range list {
		if ctx.Err() != nil {
			break
		}
		s.buf = slices.Grow(s.buf[:0], int(e.size))[:e.size]
		if _, err := s.kept.ReadAt(s.buf, e.off); err != nil {
			return err
		}
		if err := s.form.line(s.buf); err != nil {
			return err
		}
	}
	return s.form.end()
}

// tailMemory is how many bytes the last events may take that --tail prints.
const tailMemory = 256 << 20

// tailSink prints the last events.
type tailSink struct {
	form  eventForm
	pool  linePool
	most  int
	lines [][]byte // a ring
	next  int      // the oldest line, once there are as many as wanted
	size  int
}

func (s *tailSink) log(evidence.Source) error { return s.form.begin() }
func (s *tailSink) logDone(evtx.Coverage)     {}
func (s *tailSink) release()                  {}

func (s *tailSink) item(ev *evtx.Event) eventItem { return s.pool.item(s.form, ev) }

func (s *tailSink) take(it eventItem) error {
	defer s.pool.taken(it)
	if it.err != nil {
		return it.err
	}
	line := slices.Clone(it.line) // without those that are printed beside it
	if len(s.lines) < s.most {
		s.lines = append(s.lines, line)
	} else {
		s.size -= len(s.lines[s.next])
		s.lines[s.next] = line
		s.next = (s.next + 1) % s.most
	}
	if s.size += len(line); s.size > tailMemory {
		return errors.New("--tail: the last events take too much memory: choose fewer")
	}
	return nil
}

func (s *tailSink) end(ctx context.Context) error {
	for i := range s.lines {
		if ctx.Err() != nil {
			break
		}
		if err := s.form.line(s.lines[(s.next+i)%len(s.lines)]); err != nil {
			return err
		}
	}
	return s.form.end()
}
