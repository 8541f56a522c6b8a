package evtx

import (
	"fmt"
	"slices"
)

// walk goes through the records of one chunk.
type walk struct {
	s      *scan
	base   int64 // where the chunk begins in the file
	lo, hi int   // the bytes of the chunk that there are
	// headless is set where the chunk has no header.
	headless bool
	// empty is set where the chunk was never written to.
	empty  bool
	header chunkHeader

	// badHeader is set when the header is not as it was written, damaged when anything of the
	// chunk is not.
	badHeader, damaged bool
	// endKnown is set when it is known where the last record ends.
	endKnown          bool
	found, lost, gaps uint64
	// given finds the records of the chunk that were gone through by the numbers in their
	// headers, where some may be there twice.
	given map[uint64]int
}

// verify yields what is wrong with the chunk as a whole and reports whether to go on.
func (w *walk) verify() bool {
	if w.headless {
		w.badHeader, w.damaged = true, true
		return true
	}
	s, data := w.s, w.s.chunk.data
	if w.hi < chunkSize {
		what := "the chunk"
		if w.base+int64(w.hi) == s.r.size {
			what = "the last chunk"
		}
		w.damaged = int64(w.header.freeSpace) > int64(w.hi)
		if !s.errorAt(w.base+int64(w.hi), 0, fmt.Errorf("%s is cut off after %d of %d bytes", what, w.hi, chunkSize)) {
			return false
		}
	}
	if s.r.noChecksums(w.header) {
		return true
	}
	if err := w.header.verifyHeader(data); err != nil {
		w.badHeader, w.damaged = true, true
		if !s.damage(w.base, 0, err) {
			return false
		}
	}
	if w.damaged && !w.badHeader { // the checksum is that of more bytes than there are
		return true
	}
	if err := w.header.verifyRecords(data); err != nil {
		w.damaged = true
		return s.damage(w.base, 0, err)
	}
	return true
}

// run yields the events and reports whether to go on.
func (w *walk) run() bool {
	begin, end, ok := w.log()
	return ok && (w.s.r.cfg.Recover != RecoverAll || w.freeSpace(begin, end))
}

// log yields the events of the log, tells where their records are, and reports whether to go on.
func (w *walk) log() (begin, end int, ok bool) {
	s := w.s
	begin = chunkHeaderSize
	if w.headless {
		begin = w.firstRecord()
		s.traced(w.base+int64(w.lo), w.base+int64(begin), extentDamage)
	}
	if end, ok = w.recordsEnd(begin); !ok {
		return begin, end, false
	}
	w.endKnown = end < w.hi || int64(w.header.freeSpace) == int64(w.hi)
	recovery := Intact
	switch {
	case w.damaged:
		recovery = InDamagedChunk
	case s.r.headless:
		recovery = InDamagedFile
	}
	if s.r.cfg.Recover == RecoverNone && recovery != Intact {
		s.traced(w.base+int64(begin), w.base+int64(w.hi), extentDamage)
		s.coverage.Lost += int64(max(w.header.records(), 1))
		return begin, end, true
	}
	if w.damaged && !s.doubt() || !w.records(begin, end, recovery) {
		return begin, end, false
	}
	s.traced(w.base+int64(end), w.base+int64(w.hi), extentFree)
	return begin, end, true
}

// firstRecord returns where the records begin in a chunk without a header.
func (w *walk) firstRecord() int {
	data := w.s.chunk.data
	if w.lo == 0 && len(data) >= chunkHeaderSize+minRecordSize && [4]byte(data[chunkHeaderSize:]) == recordMagic {
		return chunkHeaderSize
	}
	return w.lo + max(nextRecord(data[w.lo:]), 0)
}

// recordsEnd returns where the records of the log end: at the free space mark, if the header
// does not contradict itself. It reports whether to go on.
func (w *walk) recordsEnd(begin int) (end int, ok bool) {
	s, h := w.s, &w.header
	if w.empty {
		return min(chunkHeaderSize, w.hi), true
	}
	if w.badHeader {
		end = w.trueEnd(begin)
		return end, nextRecord(s.chunk.data[end:]) < 0 || s.damage(w.base, 0, damaged(end, "the header of the chunk is damaged, and the records from here on are older by their numbers or times"))
	}
	if h.freeSpace >= chunkHeaderSize && h.freeSpace <= chunkSize && h.lastRecord < h.freeSpace {
		return h.end(s.chunk.data), true
	}
	w.damaged = true
	if !s.damage(w.base, 0, damaged(48, "the chunk's free space should be between %d and %d, behind its last record at %d, found %d",
		chunkHeaderSize, chunkSize, h.lastRecord, h.freeSpace)) {
		return 0, false
	}
	if last := int64(h.lastRecord); last >= chunkHeaderSize && last < int64(w.hi) {
		if r, err := s.chunk.recordAt(int(last), w.hi); err == nil {
			return r.off + r.size, true
		}
	}
	return slackStart(s.chunk.data, headers(s.chunk.data, begin)), true
}

// trueEnd returns where the records end in a chunk whose header is damaged. Four things tell: the
// free space mark, the place of the last record, its number, and where the records stop to
// follow each other. What two of them say is right, else the last.
func (w *walk) trueEnd(begin int) int {
	list := headers(w.s.chunk.data, begin)
	slack := slackStart(w.s.chunk.data, list)
	if w.headless {
		return slack
	}
	votes := []int{slack}
	for _, h := range list {
		if int64(h.end) == int64(w.header.freeSpace) {
			votes = append(votes, h.end)
		}
		if int64(h.at) == int64(w.header.lastRecord) {
			votes = append(votes, h.end)
		}
		if h.id == w.header.lastID {
			votes = append(votes, h.end)
		}
	}
	slices.Sort(votes)
	for i := range votes[1:] {
		if votes[i] == votes[i+1] {
			return votes[i]
		}
	}
	return slack
}

// ctxEvery is after how many records of a chunk the context is looked at: hostile ones take
// a thousand times longer than others.
const ctxEvery = 32

// records walks the records of the log in [pos, end).
func (w *walk) records(pos, end int, recovery Recovery) bool {
	s := w.s
	for n := 1; pos < end; n++ {
		if n%ctxEvery == 0 && s.ctx.Err() != nil {
			s.yield(nil, s.ctx.Err())
			return false
		}
		rec, err := s.chunk.recordAt(pos, end)
		if err == nil {
			if w.badHeader && (w.isCopy(rec) || w.inPrevious(rec)) {
				s.traced(w.base+int64(pos), w.base+int64(pos+rec.size), extentFree)
			} else if !w.record(rec, recovery) {
				return false
			}
			pos += rec.size
			continue
		}
		var ok bool
		if pos, ok = w.broken(rec.id, err, pos, end); !ok {
			return false
		}
	}
	w.countLost()
	return true
}

// broken deals with a record at pos whose bounds are damaged, as err says, and returns where
// the next one may be.
func (w *walk) broken(id uint64, err error, pos, end int) (next int, ok bool) {
	s := w.s
	if w.badHeader && allZero(s.chunk.data[pos:end]) {
		s.traced(w.base+int64(pos), w.base+int64(end), extentFree)
		return end, true
	}
	w.damaged = true
	if !s.damage(w.base, id, err) {
		return pos, false
	}
	rec, next, ok := s.chunk.repair(pos, end, w.endKnown)
	if !ok || s.r.cfg.Recover == RecoverNone {
		w.gaps++
		s.traced(w.base+int64(pos), w.base+int64(next), extentDamage)
		return next, true
	}
	before := s.chunk.known
	if !s.doubt() {
		return pos, false
	}
	err = s.record(w.base, rec, InDamagedChunk, true)
	s.chunk.trust(before)
	w.done(rec, err)
	return next, err != errStop
}

// record yields the event of a record, or the error of reading it, and reports whether to go
// on.
func (w *walk) record(rec record, recovery Recovery) bool {
	err := w.s.record(w.base, rec, recovery, w.headless)
	w.done(rec, err)
	return err != errStop && (err == nil || w.s.damage(w.base, rec.id, err))
}

// done counts a record that was read or, as err says, could not be.
func (w *walk) done(rec record, err error) {
	what := extentRecord
	switch {
	case err == errStop:
		return
	case err != nil:
		w.lost++
		what = extentDamage
	default:
		w.found++
	}
	w.s.traced(w.base+int64(rec.off), w.base+int64(rec.off+rec.size), what)
}

// countLost adds the records that the chunk should have, and that were not read.
func (w *walk) countLost() {
	lost := w.lost
	if claimed := w.header.records(); w.damaged && (w.badHeader || claimed == 0) {
		lost += w.gaps
	} else if w.damaged && claimed > w.found+w.lost {
		lost = claimed - w.found
	}
	w.s.coverage.Lost += int64(lost)
}
