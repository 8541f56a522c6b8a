package evtx

import (
	"context"
	"errors"
	"fmt"

	"github.com/gpevtx/gpevtx/evidence"
)

// scan is one iteration over a log.
type scan struct {
	r      *Reader
	ctx    context.Context
	filter *Filter
	yield  func(*Event, error) bool
	slots  []slot
	chunk  chunk
	// buf holds the chunk, spare the one before, unless a clone of an event keeps it.
	buf, spare []byte
	event      Event
	matched    []int
	streams    streams
	recovered  [recoveries]Recovered
	coverage   Coverage
	texts      textTable
	scratch    []byte // for events that are printed to see whether they can be
	// toPrint is how many bytes of such events the chunk may still give.
	toPrint int
	// previous is what the chunk before holds.
	previous []byte
}

func newScan(ctx context.Context, r *Reader, f *Filter, yield func(*Event, error) bool) *scan {
	s := &scan{
		r: r, ctx: ctx, filter: f, yield: yield, streams: streams{byName: make(map[[2]string]*Stream)},
		chunk: chunk{cache: r.cfg.Templates, otherCache: new(TemplateCache), maxDepth: r.cfg.MaxDepth, filter: f},
	}
	s.coverage.Dirty = r.header.flags&flagDirty != 0
	s.coverage.Wrapped = r.header.badChecksum == nil && r.header.firstChunk > r.header.lastChunk
	return s
}

// errorAt yields damage at an offset of the file.
func (s *scan) errorAt(off int64, record uint64, err error) bool {
	return s.yield(nil, &Error{Source: s.r.cfg.Source, Offset: off, RecordID: record, Err: err})
}

// traced tells a test what bytes were taken for.
func (s *scan) traced(from, to int64, e extent) {
	if s.r.trace != nil && from < to {
		s.r.trace(from, to, e)
	}
}

// read goes through the log, chunks through its slots, and tells the reader what it found.
func (s *scan) read(chunks func() bool) {
	s.coverage.Complete = s.run(chunks)
	s.coverage.finish(s.streams, s.recovered)
	s.r.mu.Lock()
	s.r.coverage = s.coverage
	s.r.mu.Unlock()
}

// run reports whether it came to the end of the log.
func (s *scan) run(chunks func() bool) bool {
	if !s.fileHeader() {
		return false
	}
	var ok bool
	if s.slots, ok = s.order(); !ok {
		return false
	}
	return chunks() && s.cutOff()
}

// inTurn reads one chunk after the other, and reports whether it came to the last.
func (s *scan) inTurn() bool {
	for _, sl := range s.slots {
		if !s.goesOn() {
			return false
		}
		if s.skips(sl) {
			s.traced(sl.from, sl.to, extentFree)
			continue
		}
		if lo, hi, ok := s.load(sl); !ok || !s.readChunk(sl, lo, hi) {
			return false
		}
	}
	return true
}

// goesOn reports whether the context has not ended, which it tells.
func (s *scan) goesOn() bool {
	err := s.ctx.Err()
	if err != nil {
		s.yield(nil, err)
	}
	return err == nil
}

// skips reports whether nothing of a slot is read.
func (s *scan) skips(sl slot) bool { return sl.empty && s.r.cfg.Recover != RecoverAll }

// fileHeader tells what is wrong with the header of the file.
func (s *scan) fileHeader() bool {
	h := &s.r.header
	if s.r.headless {
		return s.errorAt(0, 0, fmt.Errorf("the file has no header: it should begin with %q", fileMagic[:7]))
	}
	s.traced(0, min(fileHeaderSize, s.r.size), extentHeader)
	if h.badChecksum != nil && !s.errorAt(124, 0, h.badChecksum) {
		return false
	}
	if h.badChecksum == nil && h.major != formatMajor {
		return s.errorAt(36, 0, fmt.Errorf("version %d.%d of the format is not known, it is read as %d.x", h.major, h.minor, formatMajor))
	}
	return true
}

// cutOff tells of a log that was closed properly, and so has a true header, but ends before
// the chunks that the header counts.
func (s *scan) cutOff() bool {
	h := &s.r.header
	whole := (s.r.size - fileHeaderSize + chunkSize - chunkHeaderSize) / chunkSize // with one that is cut off
	if s.r.headless || h.badChecksum != nil || h.flags&flagDirty != 0 || int64(h.chunks) <= whole {
		return true
	}
	last := uint64(0)
	for _, sl := range s.slots {
		last = max(last, sl.last)
	}
	lost := int64(1) // at least
	if h.nextRecord > last+1 && h.nextRecord-last <= uint64(h.chunks)*chunkSize/minRecordSize {
		lost = int64(h.nextRecord - last - 1)
	}
	s.coverage.Lost += lost
	return s.errorAt(s.r.size, 0, fmt.Errorf("the file header counts %d chunks, the file ends after %d: it is cut off", h.chunks, whole))
}

// readChunk yields the events of the chunk that was loaded from a slot, of which the bytes from lo
// to hi are there, and reports whether to go on.
func (s *scan) readChunk(sl slot, lo, hi int) bool {
	w := walk{s: s, base: sl.base, lo: lo, hi: hi, headless: sl.headless, empty: sl.empty}
	if !sl.headless {
		if hi < chunkHeaderSize {
			s.traced(sl.from, sl.to, extentDamage)
			return s.errorAt(sl.base, 0, fmt.Errorf("a chunk header needs %d bytes, %d are left", chunkHeaderSize, hi))
		}
		w.header = parseChunkHeader(s.chunk.data)
		s.traced(sl.base, sl.base+chunkHeaderSize, extentHeader)
	}
	return (sl.empty || w.verify()) && w.run()
}

// load reads a slot's bytes into the chunk, and tells which part of the chunk they are.
func (s *scan) load(sl slot) (lo, hi int, ok bool) {
	buf := s.spare
	if buf == nil {
		buf = make([]byte, chunkSize)
	}
	return s.use(s.fetch(sl, buf))
}

// loaded are the bytes of a slot.
type loaded struct {
	slot
	buf []byte // the chunk's place
	n   int    // how many bytes were read
	err error  // why not all
}

// complete reports whether all bytes of a chunk are there.
func (l *loaded) complete() bool { return l.n == chunkSize }

// fetch reads a slot's bytes into buf.
func (s *scan) fetch(sl slot, buf []byte) loaded {
	lo, hi := int(sl.from-sl.base), int(sl.to-sl.base)
	clear(buf[:lo])
	n, err := s.r.r.ReadAt(buf[lo:hi], sl.from)
	return loaded{slot: sl, buf: buf, n: n, err: err}
}

// use makes what was loaded the chunk, and tells which part of the chunk it is.
func (s *scan) use(l loaded) (lo, hi int, ok bool) {
	s.previous, s.spare = s.chunk.data, s.buf
	if s.buf = l.buf; s.chunk.retained {
		s.chunk.retained, s.spare = false, nil
	}
	lo, hi = int(l.from-l.base), int(l.to-l.base)
	if l.n < hi-lo {
		at := l.from + int64(l.n)
		s.traced(at, l.to, extentDamage)
		if !s.errorAt(at, 0, fmt.Errorf("reading a chunk: %w", noEOF(l.err))) {
			return 0, 0, false
		}
		hi = lo + l.n
	}
	s.chunk.reset(s.buf[:hi])
	s.toPrint = maxChecked
	return lo, hi, true
}

// damage yields an error that a chunk's parser found.
func (s *scan) damage(chunkOff int64, record uint64, err error) bool {
	if e := (*Error)(nil); errors.As(err, &e) {
		return s.yield(nil, e)
	}
	off := chunkOff
	if d := (*damage)(nil); errors.As(err, &d) {
		off += int64(d.off)
	}
	return s.errorAt(off, record, err)
}

// errStop says that the caller left the loop.
var errStop = errors.New("stop")

// record decodes the record's System section, counts it, and yields its event if it is
// wanted. strict is set where nothing but the record itself says that it is one: then all of
// it must be readable.
func (s *scan) record(chunkOff int64, rec record, recovery Recovery, strict bool) error {
	ev := &s.event
	in := &ev.payload.root
	bt, partly, err := s.decode(in, rec, strict)
	if err != nil {
		return err
	}
	if !in.sys.found || !in.printsOnce() {
		return damaged(rec.off, "the record has no Event with a System section")
	}
	if strict {
		if err := s.printable(ev, chunkOff, rec); err != nil {
			return err
		}
	}
	s.count(in, bt, rec, recovery)
	if s.filter != nil {
		if s.matched = s.filter.match(s.matched[:0], in, bt.match); len(s.matched) == 0 {
			s.coverage.Skipped++
			return nil
		}
		if partly {
			if _, err := s.chunk.rootAt(in, rec.off+recordHeaderSize, rec.payloadEnd()); err != nil {
				return err
			}
		}
	}
	s.fill(ev, chunkOff, rec, recovery)
	if s.filter != nil {
		err := s.filter.data(ev)
		if err != nil && !s.damage(chunkOff, rec.id, err) {
			return errStop
		}
		if len(ev.Matched) == 0 {
			s.coverage.Skipped++
			return nil
		}
	}
	s.coverage.Read++
	if !s.yield(ev, nil) {
		return errStop
	}
	return nil
}

// decode reads a record's BinXML: of one that the filter may skip only what tells that, if that
// is possible.
func (s *scan) decode(in *instance, rec record, strict bool) (bt *boundTemplate, partly bool, err error) {
	pos, end := rec.off+recordHeaderSize, rec.payloadEnd()
	if s.filter != nil && !strict {
		return s.chunk.glanceAt(in, pos, end)
	}
	bt, err = s.chunk.rootAt(in, pos, end)
	return bt, false, err
}

// maxChecked bounds what a chunk's events may print together, in bytes, where they are printed
// to see whether they can be. Nothing of Windows comes near: a chunk has 64 KiB.
const maxChecked = 4 << 20

// printable returns why the event that was read into ev cannot be printed.
func (s *scan) printable(ev *Event, chunkOff int64, rec record) (err error) {
	s.locate(&ev.payload, chunkOff, rec)
	ev.payload.maxSize = min(ev.payload.maxSize, s.toPrint)
	s.scratch, err = ev.AppendXML(s.scratch[:0])
	s.toPrint -= ev.payload.spent
	return err
}

// count adds the record to its stream. Nearly all records of a template are of one stream,
// so the text of its names is seldom needed. Records in free space are of another time: they
// say nothing about what the log covers.
func (s *scan) count(in *instance, bt *boundTemplate, rec record, recovery Recovery) {
	t, _ := in.field(fieldTime).Time()
	if recovery != Intact {
		s.recovered[recovery].add(t)
	}
	if recovery == InFreeSpace {
		return
	}
	if bt.stream == nil || !in.field(fieldChannel).same(&bt.channel) || !in.field(fieldComputer).same(&bt.computer) {
		bt.channel, bt.computer = *in.field(fieldChannel), *in.field(fieldComputer)
		bt.stream = s.streams.get(s.texts.get(fieldChannel, &bt.channel), s.texts.get(fieldComputer, &bt.computer))
	}
	id := in.uint(fieldRecordID)
	if recovery == InDamagedChunk {
		bt.stream.addDamaged(id, rec.id, t, filetime(rec.written))
		return
	}
	bt.stream.add(id, rec.id, t)
}

// fill makes the event from the root fragment that was read into it.
func (s *scan) fill(ev *Event, chunkOff int64, rec record, recovery Recovery) {
	ev.payload.root.system(&ev.System, &s.texts)
	ev.Matched = nil
	if s.filter != nil {
		ev.Matched = s.matched
	}
	ev.HeaderRecordID = rec.id
	ev.Written = filetime(rec.written)
	ev.Location = evidence.Location{
		Source: s.r.cfg.Source, Channel: ev.Channel, Record: ev.RecordID, Offset: chunkOff + int64(rec.off),
	}
	if ev.Recovery = recovery; recovery != Intact {
		ev.Location.Recovered = recovery.String()
	}
	s.locate(&ev.payload, chunkOff, rec)
}

// locate tells the payload where it is.
func (s *scan) locate(p *payload, chunkOff int64, rec record) {
	p.chunk, p.maxSize = &s.chunk, s.r.cfg.MaxEventSize
	p.source, p.chunkOff, p.recordID = s.r.cfg.Source, chunkOff, rec.id
}
