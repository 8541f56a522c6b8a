package evtx

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// freeSpace yields what is left of older records in the free space, which begins at pos behind
// the records from begin. Copies of these can be there too.
func (w *walk) freeSpace(begin, pos int) bool {
	s := w.s
	if !w.badHeader && nextRecord(s.chunk.data[pos:]) >= 0 {
		w.note(begin, pos)
	}
	for n := 1; ; n++ {
		if n%ctxEvery == 0 && s.ctx.Err() != nil {
			s.yield(nil, s.ctx.Err())
			return false
		}
		i := nextRecord(s.chunk.data[pos:])
		if i < 0 {
			return true
		}
		rec, _ := s.chunk.recordAt(pos+i, len(s.chunk.data))
		pos = rec.off + rec.size
		if w.isCopy(rec) || w.inPrevious(rec) {
			continue
		}
		if s.chunk.known == nil && !s.doubt() {
			return false
		}
		switch err := s.record(w.base, rec, InFreeSpace, true); {
		case err == errStop:
			return false
		case err != nil:
			s.recovered[InFreeSpace].Unreadable++
		}
	}
}

// isCopy reports whether the chunk has a record a second time, byte for byte.
func (w *walk) isCopy(r record) bool {
	b := w.s.chunk.data
	if at, ok := w.given[r.id]; ok && at != r.off {
		return at+r.size <= len(b) && bytes.Equal(b[at:at+r.size], b[r.off:r.off+r.size])
	}
	if w.given == nil {
		w.given = make(map[uint64]int)
	}
	w.given[r.id] = r.off
	return false
}

// inPrevious reports whether a record in free space is one of the chunk before: Windows fills one
// chunk after the other in the same memory.
func (w *walk) inPrevious(r record) bool {
	end := r.off + r.size
	return end <= len(w.s.previous) && bytes.Equal(w.s.previous[r.off:end], w.s.chunk.data[r.off:end])
}

// note remembers the records from pos on, so that their copies are known.
func (w *walk) note(pos, end int) {
	for pos < end {
		i := nextRecord(w.s.chunk.data[pos:end])
		if i < 0 {
			return
		}
		r, _ := w.s.chunk.recordAt(pos+i, end)
		w.isCopy(r)
		pos = r.off + r.size
	}
}

// header is what tells whether one record follows another.
type header struct {
	at, end int
	id      uint64
	written uint64 // FILETIME
}

const (
	// leastRecord is the size of the smallest record that Windows writes, about.
	leastRecord = 64
	// maxSetBack is how far the clock goes back at most over damage, as FILETIME: Windows corrects
	// it by less.
	maxSetBack = 60 * 1e7
)

// follows reports whether the record can stand behind another of the same log. The numbers in the
// headers of a chunk have no gaps but for records that are damaged in between. Right behind the
// other the next number is enough, as the clock can have been set back; else the times must go
// on too. The last record of an exported log lacks a time.
func (h header) follows(before header) bool {
	if h.at == before.end {
		return h.id == before.id+1
	}
	missing := uint64(h.at-before.end) / leastRecord
	return h.id > before.id && h.id-before.id <= 1+missing && (h.written == 0 || h.written+maxSetBack >= before.written)
}

// lookAhead is how many damaged headers in turn do not end a log.
const lookAhead = 4

// slackStart returns where the records of a chunk end whose header cannot tell: where their
// numbers and times stop to ascend. Behind are those of an older log. A header that is damaged
// itself changes nothing, as the records behind it go on. It is len(b) where all are of one log.
func slackStart(b []byte, list []header) int {
	first := 0
	for first+1 < len(list) && !list[first+1].follows(list[first]) {
		older := list[first+1].written+maxSetBack < list[first].written
		if older || list[first].end != list[first+1].at { // what is between was written over
			return list[first+1].at
		}
		first++ // its own header is damaged
	}
	if first+1 >= len(list) {
		return len(b)
	}
	for i, last := first+1, list[first]; i < len(list); i++ {
		if list[i].follows(last) {
			last = list[i]
			continue
		}
		ahead := list[i+1 : min(i+1+lookAhead, len(list))]
		if !slices.ContainsFunc(ahead, func(h header) bool { return h.follows(last) }) {
			return list[i].at
		}
	}
	return len(b)
}

// headers lists the records in b by their signature and both sizes.
func headers(b []byte, from int) (list []header) {
	le := binary.LittleEndian
	for {
		i := nextRecord(b[from:])
		if i < 0 {
			return list
		}
		at := from + i
		from = at + int(le.Uint32(b[at+4:]))
		list = append(list, header{at, from, le.Uint64(b[at+8:]), le.Uint64(b[at+16:])})
	}
}
