package evtx

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// slot is a place in the file where a chunk is, or should be.
type slot struct {
	// base is where the chunk begins; bytes of it are in the file from from to to. base is
	// before from where the beginning of the file is missing, and may be negative.
	base, from, to int64
	first, last    uint64 // the numbers in the headers of its records
	// headless is set when no chunk header stands at base, whole when one does whose checksum is
	// right, empty when that says that the chunk was never written to.
	headless, whole, empty bool
}

// order lists the chunks in the order in which they were written: a full log begins again
// at its first chunk. Every place to the end of the file is looked at, since the header of
// a log that was copied live counts too few. Where no chunk header stands, the next one is
// searched for, as bytes may be missing from the file.
func (s *scan) order() ([]slot, bool) {
	f := finder{s: s, head: make([]byte, chunkHeaderSize)}
	f.pos = fileHeaderSize
	if s.r.headless {
		f.pos = 0
	}
	for n := 0; f.pos < s.r.size; n++ {
		if len(f.slots) >= s.r.cfg.MaxChunks {
			if !s.errorAt(f.pos, 0, fmt.Errorf("more than %d chunks: the rest is not read", s.r.cfg.MaxChunks)) {
				return nil, false
			}
			s.traced(f.pos, s.r.size, extentDamage)
			break
		}
		if n%64 == 0 && s.ctx.Err() != nil {
			s.yield(nil, s.ctx.Err())
			return nil, false
		}
		if !f.next() {
			return nil, false
		}
	}
	if h := &s.r.header; s.r.headless || h.badChecksum != nil || s.coverage.Dirty { // a true header tells
		s.coverage.Wrapped = s.coverage.Wrapped || isRing(f.slots)
	}
	byNumber := func(a, b slot) int { return cmp.Compare(a.first, b.first) }
	slices.SortStableFunc(f.slots, byNumber)
	return f.slots, true
}

// isRing reports whether chunks stand in the file in another order than they were written.
func isRing(slots []slot) bool {
	last := uint64(0)
	for _, sl := range slots {
		if !sl.whole || sl.empty {
			continue
		}
		if sl.first < last {
			return true
		}
		last = sl.first
	}
	return false
}

// finder walks a file from chunk to chunk.
type finder struct {
	s     *scan
	pos   int64
	slots []slot
	head  []byte // room for a chunk header
	area  []byte // room for the place of a chunk, made when it is needed
}

// next takes the chunk at pos, or finds the next one. It reports whether to go on.
func (f *finder) next() bool {
	r := f.s.r
	want := int(min(chunkHeaderSize, r.size-f.pos))
	n, err := r.r.ReadAt(f.head[:want], f.pos)
	switch {
	case n < want:
		at := f.pos + int64(n)
		f.skip(chunkSize)
		return f.s.errorAt(at, 0, fmt.Errorf("reading a chunk header: %w", noEOF(err)))
	case n >= chunkHeaderFields && [8]byte(f.head) == chunkMagic && (!r.headless || isChunkHeader(f.head[:n])):
		f.take(f.head[:n])
		return true
	}
	return f.search()
}

// skip passes over bytes that are told of in an error.
func (f *finder) skip(n int64) {
	to := min(f.pos+n, f.s.r.size)
	f.s.traced(f.pos, to, extentDamage)
	f.pos = to
}

// take adds the chunk at pos, whose header is head. One that says that it was never written to
// is only searched for what is left of older records.
func (f *finder) take(head []byte) {
	h := parseChunkHeader(head)
	to := min(f.pos+chunkSize, f.s.r.size)
	sl := slot{base: f.pos, from: f.pos, to: to, first: h.firstID, last: h.lastID}
	sl.whole = len(head) == chunkHeaderSize && (f.s.r.noChecksums(h) || h.verifyHeader(head) == nil)
	if !sl.whole { // nothing in it is to be believed
		sl.first, sl.last = f.numberAt(f.pos + chunkHeaderSize)
	}
	if sl.empty = sl.whole && h.empty(); sl.empty {
		sl.first, sl.last = ^uint64(0), 0 // nothing comes behind, and nothing is counted
	}
	f.slots = append(f.slots, sl)
	f.pos = to
}

// numberAt returns the number in the header of the record at an offset, as first and last; the
// highest and none where no record stands.
func (f *finder) numberAt(off int64) (first, last uint64) {
	var b [recordHeaderSize]byte
	if n, _ := f.s.r.r.ReadAt(b[:], off); n < len(b) || [4]byte(b[:]) != recordMagic {
		return ^uint64(0), 0
	}
	id := binary.LittleEndian.Uint64(b[8:])
	return id, id
}

// search looks for the chunk header that should be at pos: further on, where bytes were put
// into the file, and in the place of the chunk before, where bytes are missing.
func (f *finder) search() bool {
	from := f.pos
	if n := len(f.slots); n > 0 && f.slots[n-1].to == f.pos && !f.slots[n-1].headless {
		from = f.slots[n-1].from + chunkHeaderSize
	}
	to := min(f.pos+chunkSize, f.s.r.size)
	if f.area == nil {
		f.area = make([]byte, 2*chunkSize)
	}
	b := f.area[:to-from]
	n, err := f.s.r.r.ReadAt(b, from)
	if n < len(b) {
		at := from + int64(n)
		f.skip(chunkSize)
		return f.s.errorAt(at, 0, fmt.Errorf("reading a chunk: %w", noEOF(err)))
	}
	next := f.header(from, b)
	switch {
	case next >= 0 && next < f.pos: // the chunk before is short of bytes
		last := &f.slots[len(f.slots)-1]
		missing := last.to - next
		last.to, f.pos = next, next
		return f.s.errorAt(next, 0, fmt.Errorf("a chunk begins %d bytes early: bytes are missing before it", missing))
	case next >= 0:
		return f.headless(next, b[f.pos-from:next-from], true)
	}
	return f.headless(to, b[f.pos-from:], false)
}

// header returns where in b, which begins at the offset from, a chunk header stands, or -1.
func (f *finder) header(from int64, b []byte) int64 {
	for i := 0; ; i++ {
		j := bytes.Index(b[i:], chunkMagic[:])
		if j < 0 || len(b)-i-j < chunkHeaderFields {
			return -1
		}
		i += j
		if isChunkHeader(b[i:]) && from+int64(i)+chunkHeaderSize <= f.s.r.size {
			return from + int64(i)
		}
	}
}

// headless deals with the bytes b from pos to to, where no chunk header stands: they are
// zeros, which was never used, or what is left of a chunk. Such bytes in front of a chunk
// are the end of one.
func (f *finder) headless(to int64, b []byte, inFront bool) bool {
	s, pos := f.s, f.pos
	f.pos = to
	if allZero(b) {
		s.traced(pos, to, extentFree)
		return s.unused(pos, to)
	}
	sl := slot{base: pos, from: pos, to: to, headless: true}
	if inFront {
		sl.base = to - chunkSize
	}
	if i := nextRecord(b); i >= 0 {
		sl.first = binary.LittleEndian.Uint64(b[i+8:])
		sl.last = sl.first
		f.slots = append(f.slots, sl)
	} else {
		s.traced(pos, to, extentDamage)
		if s.counted(pos) && len(b) >= chunkHeaderSize {
			s.coverage.Lost++ // at least: nobody knows what stood here
		}
		if s.r.headless { // that was told of the whole file
			return true
		}
	}
	if len(b) < chunkHeaderFields {
		return s.errorAt(pos, 0, fmt.Errorf("%d bytes are left where a chunk should be", len(b)))
	}
	return s.errorAt(pos, 0, fmt.Errorf("a chunk should begin with %q, found %q", chunkMagic[:7], b[:7]))
}

// unused tells of zeros where the file header counts a chunk.
func (s *scan) unused(from, to int64) bool {
	if !s.counted(from) {
		return true
	}
	s.coverage.Lost++ // at least
	return s.errorAt(from, 0, fmt.Errorf("%d zeros stand where the file header counts a chunk", to-from))
}

// counted reports whether the header of a file that was closed properly counts a chunk at
// the offset.
func (s *scan) counted(off int64) bool {
	h := &s.r.header
	return !s.r.headless && h.badChecksum == nil && h.flags&flagDirty == 0 && (off-fileHeaderSize)/chunkSize < int64(h.chunks)
}

func allZero(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
}
