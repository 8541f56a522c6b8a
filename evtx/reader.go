package evtx

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"slices"
	"sync"

	"github.com/gpevtx/gpevtx/evidence"
)

// Config bounds the work on one log. The zero value works: each limit then has its
// default.
type Config struct {
	// Source names the log in events and errors.
	Source evidence.Source
	// MaxChunks is the number of 64 KiB chunks that are read; the rest of the file is
	// reported as an error. Default 1,048,576, which is 64 GiB.
	MaxChunks int
	// MaxDepth bounds the nesting of elements and of BinXML values. Default 64.
	MaxDepth int
	// MaxEventSize bounds the printed form of one event, in bytes; a larger one is an
	// error of AppendJSON, AppendXML and Data. A record is at most 64 KiB, but its template
	// can repeat a value. Default 4 MiB.
	MaxEventSize int
}

func (c Config) withDefaults() Config {
	c.MaxChunks = cmp.Or(c.MaxChunks, 1<<20)
	c.MaxDepth = cmp.Or(c.MaxDepth, 64)
	c.MaxEventSize = cmp.Or(c.MaxEventSize, 4<<20)
	return c
}

// Flags of the file header.
const (
	flagDirty      = 1
	flagNoChecksum = 4
)

// Reader reads one log. Its methods may be called from several goroutines; each iteration
// has its own state.
type Reader struct {
	r      io.ReaderAt
	size   int64
	cfg    Config
	header fileHeader

	mu       sync.Mutex
	coverage Coverage
}

type fileHeader struct {
	firstChunk, lastChunk uint64
	nextRecord            uint64 // the number that the next record would get
	chunks                uint16
	minor, major          uint16
	flags                 uint32
	badChecksum           error
}

// NewReader prepares to read the log of size bytes in r. It fails when r does not begin
// like an event log; any other damage shows while reading.
func NewReader(r io.ReaderAt, size int64, cfg Config) (*Reader, error) {
	rd := &Reader{r: r, size: size, cfg: cfg.withDefaults()}
	fail := func(off int64, format string, args ...any) (*Reader, error) {
		return nil, &Error{Source: cfg.Source, Offset: off, Err: fmt.Errorf(format, args...)}
	}
	if size <= 0 {
		return fail(0, "the file is empty, an event log of at least %d bytes was expected", fileHeaderSize)
	}
	head := make([]byte, min(size, 128))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return fail(int64(n), "reading the file header: %w", noEOF(err))
	}
	if len(head) < len(fileMagic) || [8]byte(head) != fileMagic {
		return fail(0, "this is no event log: it should begin with %q, found %q", fileMagic[:7], head[:min(len(head), 7)])
	}
	if size < fileHeaderSize {
		return fail(size, "the file header needs %d bytes, the file has %d", fileHeaderSize, size)
	}
	rd.header = parseFileHeader(head)
	return rd, nil
}

func parseFileHeader(b []byte) (h fileHeader) {
	le := binary.LittleEndian
	h.firstChunk, h.lastChunk = le.Uint64(b[8:]), le.Uint64(b[16:])
	h.nextRecord, h.chunks = le.Uint64(b[24:]), le.Uint16(b[42:])
	h.minor, h.major = le.Uint16(b[36:]), le.Uint16(b[38:])
	h.flags = le.Uint32(b[120:])
	stored := le.Uint32(b[124:])
	if sum := crc32.ChecksumIEEE(b[:120]); sum != stored && h.flags&flagNoChecksum == 0 {
		h.badChecksum = fmt.Errorf("the file header's checksum is %#08x, expected %#08x", stored, sum)
	}
	return h
}

// noEOF makes an unexpected end of a plain one.
func noEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Coverage tells what the last iteration that ended found the log to hold.
func (r *Reader) Coverage() Coverage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.coverage
}

// Events yields the events that the filter chooses, all of them when f is nil, in the order
// in which they were logged. A step with an error is damage that was stepped over: its
// event is nil, the error is an [*Error], and the iteration goes on. Only the error of a
// context that ended is the last step.
//
// An event is valid until the next step; [Event.Clone] makes it last.
func (r *Reader) Events(ctx context.Context, f *Filter) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		s := scan{
			r: r, ctx: ctx, filter: f, yield: yield, streams: make(streams),
			chunk: chunk{cache: newTemplateCache(), maxDepth: r.cfg.MaxDepth, filter: f},
		}
		s.coverage.Dirty = r.header.flags&flagDirty != 0
		s.coverage.Wrapped = r.header.firstChunk > r.header.lastChunk
		s.coverage.Complete = s.run()
		s.coverage.finish(s.streams)
		r.mu.Lock()
		r.coverage = s.coverage
		r.mu.Unlock()
	}
}

// scan is one iteration over a log.
type scan struct {
	r        *Reader
	ctx      context.Context
	filter   *Filter
	yield    func(*Event, error) bool
	chunk    chunk
	buf      []byte
	event    Event
	matched  []int
	streams  streams
	coverage Coverage
}

// errorAt yields damage at an offset of the file.
func (s *scan) errorAt(off int64, record uint64, err error) bool {
	return s.yield(nil, &Error{Source: s.r.cfg.Source, Offset: off, RecordID: record, Err: err})
}

// run reports whether it came to the end of the log.
func (s *scan) run() bool {
	if err := s.r.header.badChecksum; err != nil && !s.errorAt(124, 0, err) {
		return false
	}
	slots, ok := s.order()
	if !ok {
		return false
	}
	for _, slot := range slots {
		if err := s.ctx.Err(); err != nil {
			s.yield(nil, err)
			return false
		}
		if !s.readChunk(slot.off) {
			return false
		}
	}
	return s.cutOff(slots)
}

// cutOff tells of a log that was closed properly, and so has a true header, but ends before
// the chunks that the header counts.
func (s *scan) cutOff(slots []slot) bool {
	h := &s.r.header
	whole := (s.r.size - fileHeaderSize + chunkSize - chunkHeaderSize) / chunkSize // with one that is cut off
	if h.badChecksum != nil || h.flags&flagDirty != 0 || int64(h.chunks) <= whole {
		return true
	}
	last := uint64(0)
	for _, slot := range slots {
		last = max(last, slot.last)
	}
	lost := int64(1) // at least
	if h.nextRecord > last+1 && h.nextRecord-last <= uint64(h.chunks)*chunkSize/minRecordSize {
		lost = int64(h.nextRecord - last - 1)
	}
	s.coverage.Lost += lost
	return s.errorAt(s.r.size, 0, fmt.Errorf("the file header counts %d chunks, the file ends after %d: it is cut off", h.chunks, whole))
}

// slot is a place in the file where a chunk can be.
type slot struct {
	off         int64
	first, last uint64 // the numbers of its records
}

// order lists the chunks in the order in which they were written: a full log begins again
// at its first chunk. Every place to the end of the file is looked at, since the header of
// a log that was copied live counts too few. A place whose header is zeros was never used,
// unless a record stands behind.
func (s *scan) order() ([]slot, bool) {
	var slots []slot
	head := make([]byte, chunkHeaderSize+4) // with the signature of the first record
	for off := int64(fileHeaderSize); off < s.r.size; off += chunkSize {
		if len(slots) >= s.r.cfg.MaxChunks {
			return slots, s.errorAt(off, 0, fmt.Errorf("more than %d chunks: the rest is not read", s.r.cfg.MaxChunks))
		}
		if off/chunkSize%1024 == 0 && s.ctx.Err() != nil {
			s.yield(nil, s.ctx.Err())
			return nil, false
		}
		want := int(min(int64(len(head)), s.r.size-off))
		n, err := s.r.r.ReadAt(head[:want], off)
		switch {
		case n < min(128, want):
			if !s.errorAt(off+int64(n), 0, fmt.Errorf("reading a chunk header: %w", noEOF(err))) {
				return nil, false
			}
		case n < 128:
			if !allZero(head[:n]) && !s.errorAt(off, 0, fmt.Errorf("%d bytes are left where a chunk should be", n)) {
				return nil, false
			}
		case [8]byte(head) == chunkMagic:
			h := parseChunkHeader(head)
			if !h.empty() {
				slots = append(slots, slot{off: off, first: h.firstNumber, last: h.lastNumber})
			}
		case !allZero(head[:n]):
			if (off-fileHeaderSize)/chunkSize < int64(s.r.header.chunks) {
				s.coverage.Lost++ // at least: nobody knows what stood here
			}
			if !s.errorAt(off, 0, fmt.Errorf("a chunk should begin with %q, found %q", chunkMagic[:7], head[:7])) {
				return nil, false
			}
		}
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return cmp.Compare(a.first, b.first) })
	return slots, true
}

func allZero(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
}

// readChunk yields the events of the chunk at off and reports whether to go on.
func (s *scan) readChunk(off int64) bool {
	if s.buf == nil || s.chunk.retained {
		s.buf = make([]byte, chunkSize)
		s.chunk.retained = false
	}
	want := min(chunkSize, s.r.size-off)
	n, err := s.r.r.ReadAt(s.buf[:want], off)
	if int64(n) < want && !s.errorAt(off+int64(n), 0, fmt.Errorf("reading a chunk: %w", noEOF(err))) {
		return false
	}
	if n < chunkHeaderSize {
		return s.errorAt(off, 0, fmt.Errorf("a chunk header needs %d bytes, %d are left", chunkHeaderSize, n))
	}
	s.chunk.reset(s.buf[:n])
	h := parseChunkHeader(s.chunk.data)
	if n < chunkSize {
		if !s.errorAt(off+int64(n), 0, fmt.Errorf("the last chunk is cut off after %d of %d bytes", n, chunkSize)) {
			return false
		}
	} else if s.r.header.flags&flagNoChecksum == 0 {
		for _, err := range []error{h.verifyHeader(s.chunk.data), h.verifyRecords(s.chunk.data)} {
			if err != nil && !s.damage(off, 0, err) {
				return false
			}
		}
	}
	return s.records(off, h)
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

// ctxEvery is after how many records of a chunk the context is looked at: hostile ones take
// a thousand times longer than others.
const ctxEvery = 32

// records walks the records of the chunk at off.
func (s *scan) records(off int64, h chunkHeader) bool {
	found, lost, damaged := uint64(0), uint64(0), len(s.chunk.data) < chunkSize
	end := h.end(s.chunk.data)
	badHeader := !damaged && s.r.header.flags&flagNoChecksum == 0 && h.verifyHeader(s.chunk.data) != nil
	if badHeader {
		// The free space mark may be wrong too: records go on as long as their numbers do.
		damaged, end = true, len(s.chunk.data)
	}
	previous := uint64(0)
	for n, pos := 1, chunkHeaderSize; pos < end; n++ {
		if n%ctxEvery == 0 && s.ctx.Err() != nil {
			s.yield(nil, s.ctx.Err())
			return false
		}
		rec, err := s.chunk.recordAt(pos, end)
		if badHeader && (err != nil && pos >= h.end(s.chunk.data) || err == nil && rec.id <= previous) {
			break // the slack behind the last record
		}
		if err != nil {
			damaged = true
			if !s.damage(off, rec.id, err) {
				return false
			}
			pos = s.chunk.resync(pos+4, end)
			continue
		}
		pos += rec.size
		previous = rec.id
		err = s.record(off, rec)
		switch {
		case errors.Is(err, errStop):
			return false
		case err != nil:
			lost++
			if !s.damage(off, rec.id, err) {
				return false
			}
		default:
			found++
		}
	}
	if claimed := h.records(); damaged && claimed > found+lost {
		lost = claimed - found
	}
	s.coverage.Lost += int64(lost)
	return true
}

// errStop says that the caller left the loop.
var errStop = errors.New("stop")

// record decodes the record's System section, counts it, and yields its event if it is
// wanted.
func (s *scan) record(chunkOff int64, rec record) error {
	ev := &s.event
	in := &ev.payload.root
	bt, err := s.chunk.rootAt(in, rec.off+recordHeaderSize, rec.payloadEnd())
	if err != nil {
		return err
	}
	if !in.sys.found || !in.printsOnce() {
		return damaged(rec.off, "the record has no Event with a System section")
	}
	s.count(in, bt)
	if s.filter != nil {
		if s.matched = s.filter.match(s.matched[:0], in, bt.match); len(s.matched) == 0 {
			s.coverage.Skipped++
			return nil
		}
	}
	s.fill(ev, chunkOff, rec)
	if s.filter != nil {
		err := s.filter.data(ev)
		if err != nil && len(ev.Matched) == 0 {
			return err
		}
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

// count adds the record to its stream. Nearly all records of a template are of one stream,
// so the text of its names is seldom needed.
func (s *scan) count(in *instance, bt *boundTemplate) {
	channel, computer := in.field(fieldChannel), in.field(fieldComputer)
	if bt.stream == nil || !channel.same(bt.channel) || !computer.same(bt.computer) {
		bt.stream = s.streams.get(channel.String(), computer.String())
		bt.channel, bt.computer = channel, computer
	}
	t, _ := in.field(fieldTime).Time()
	bt.stream.add(in.uint(fieldRecordID), t)
}

// fill makes the event from the root fragment that was read into it.
func (s *scan) fill(ev *Event, chunkOff int64, rec record) {
	ev.payload.root.system(&ev.System)
	ev.Matched = nil
	if s.filter != nil {
		ev.Matched = s.matched
	}
	ev.HeaderRecordID = rec.id
	ev.Written = filetime(rec.written)
	ev.Location = evidence.Location{
		Source: s.r.cfg.Source, Channel: ev.Channel, Record: ev.RecordID, Offset: chunkOff + int64(rec.off),
	}
	p := &ev.payload
	p.chunk, p.maxSize = &s.chunk, s.r.cfg.MaxEventSize
	p.source, p.chunkOff, p.recordID = s.r.cfg.Source, chunkOff, rec.id
}
