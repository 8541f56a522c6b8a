package evtx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// Recover says how much is read of what a log itself does not vouch for.
type Recover uint8

const (
	// RecoverDamaged reads the records of damaged chunks too: whose checksum is wrong, whose
	// header is gone, that are cut off, or in a file without a header.
	RecoverDamaged Recover = iota
	// RecoverAll reads also what is left in free space: records from before the log was
	// cleared or written around, and such as were written after the chunk's header was.
	// It accepts any file and searches all of it, such as the image of a disk.
	RecoverAll
	// RecoverNone reads only records in chunks whose checksums are right. The others count
	// as lost.
	RecoverNone
)

// Recovery says what vouches for an event. The zero value is an ordinary record.
type Recovery uint8

const (
	// Intact is a record in a chunk whose checksums are right, or of a log that has none.
	Intact Recovery = iota
	// InDamagedFile is a record in a chunk whose checksums are right, of a file without a
	// header: how many chunks there were is not known.
	InDamagedFile
	// InDamagedChunk is a record that is whole in a chunk that is not, or whose own bounds
	// had to be repaired. A value in it may be damaged.
	InDamagedChunk
	// InFreeSpace is a record behind the free space mark of its chunk. It is of another time
	// than the records before it, and does not count for what the log covers.
	InFreeSpace

	recoveries = iota
)

// String returns what the recovery is, in a few words.
func (r Recovery) String() string {
	switch r {
	case Intact:
		return "intact"
	case InDamagedFile:
		return "file without a header"
	case InDamagedChunk:
		return "damaged chunk"
	case InFreeSpace:
		return "free space"
	}
	return fmt.Sprintf("Recovery(%d)", uint8(r))
}

// Recovered counts the records of one kind that were recovered, chosen or not.
type Recovered struct {
	Recovery Recovery
	// Records could be read. Unreadable are those in free space of which parts were written
	// over; they are not errors.
	Records, Unreadable int64
	// First and Last bound the times of those that could be read, in UTC.
	First, Last time.Time
}

func (r *Recovered) add(t time.Time) {
	r.Records++
	if t.IsZero() {
		return
	}
	if r.First.IsZero() || t.Before(r.First) {
		r.First = t
	}
	if t.After(r.Last) {
		r.Last = t
	}
}

// nextRecord returns where in b the next bytes stand that are a record by their signature and
// both sizes, or -1.
func nextRecord(b []byte) int {
	for i := 0; ; i++ {
		j := nextSignature(b[i:])
		if j < 0 {
			return -1
		}
		i += j
		size := binary.LittleEndian.Uint32(b[i+4:])
		if binary.LittleEndian.Uint32(b[i+int(size)-4:]) == size {
			return i
		}
	}
}

// nextSignature returns where in b the next signature of a record stands with a size that is
// possible, or -1.
func nextSignature(b []byte) int {
	for i := 0; ; i++ {
		j := bytes.Index(b[i:], recordMagic[:])
		if j < 0 || len(b)-i-j < minRecordSize {
			return -1
		}
		i += j
		if size := binary.LittleEndian.Uint32(b[i+4:]); size >= minRecordSize && int64(size) <= int64(len(b)-i) {
			return i
		}
	}
}

// repair finds the bounds of the record that should be at pos, whose header or end is damaged.
// Three things tell where it ends: the size at its beginning, the size at its end, and the
// signature of the next record, or that the records are known to end there; two that agree
// are enough. Without, ok is false, and next is where the next record may be.
func (c *chunk) repair(pos, end int, endKnown bool) (r record, next int, ok bool) {
	b, le := c.data, binary.LittleEndian
	if end-pos < minRecordSize {
		return r, end, false
	}
	signed := [4]byte(b[pos:]) == recordMagic
	r = record{off: pos, id: le.Uint64(b[pos+8:]), written: le.Uint64(b[pos+16:])}
	next = end
	if i := nextSignature(b[pos+1 : end]); i >= 0 {
		next = pos + 1 + i
	}
	if size := le.Uint32(b[pos+4:]); size >= minRecordSize && int64(size) <= int64(end-pos) {
		to := pos + int(size)
		again := le.Uint32(b[to-4:]) == size
		followed := to == end && endKnown || end-to >= 4 && [4]byte(b[to:]) == recordMagic
		switch {
		case signed && !again && torn(b[pos:to]):
			return r, next, false
		case again && (signed || followed) || signed && followed:
			r.size = int(size)
			return r, to, true
		}
	}
	for to := pos + minRecordSize; to <= next; to++ {
		if int64(le.Uint32(b[to-4:])) == int64(to-pos) {
			r.size = to - pos
			return r, to, true
		}
	}
	r.size = next - pos
	return r, next, signed && r.size >= minRecordSize && (next < end || endKnown)
}

// torn reports whether a record ends in zeros that were never written over: in its size, its
// padding and its last value.
func torn(record []byte) bool {
	const padding = 8
	return allZero(record[max(0, len(record)-2*padding):])
}
