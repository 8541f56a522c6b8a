package evtx

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Sizes of the format ([MS-EVEN6] 2.2.17 describes BinXML; the container is documented
// by libevtx's "Windows XML Event Log (EVTX) format").
const (
	fileHeaderSize    = 4096
	chunkSize         = 64 << 10
	chunkHeaderSize   = 512 // the header proper and the two tables
	recordHeaderSize  = 24
	chunkHeaderFields = 128 // the header without its two tables
	nameTableAt       = 128
	templateTableAt   = 384
	minNameSize       = 10 // a name of no characters
	formatMajor       = 3
	minRecordSize     = recordHeaderSize + 4 // an empty payload and the size again
)

var (
	fileMagic   = [8]byte{'E', 'l', 'f', 'F', 'i', 'l', 'e', 0}
	chunkMagic  = [8]byte{'E', 'l', 'f', 'C', 'h', 'n', 'k', 0}
	recordMagic = [4]byte{'*', '*', 0, 0}
)

// chunk is one 64 KiB block of a log with its templates compiled so far. Offsets in
// BinXML count from the start of the chunk, so every part of a record needs it.
type chunk struct {
	data []byte // as many bytes as the file has of the chunk
	// templates are those of this chunk by the offset of their definition.
	templates map[uint32]*boundTemplate
	// boundTemplates are the memory of those in templates, of which inUse are; fragment is that of
	// a literal fragment.
	boundTemplates []*boundTemplate
	inUse          int
	fragment       boundTemplate
	// recent are the templates that were used last, by their offsets.
	recent [recentTemplates]recentTemplate
	cache  *TemplateCache
	// metNames are those of this log, recentNames some of this chunk.
	metNames    nameTable
	recentNames [recentNames]recentName
	// otherTemplates and otherCache are those for when known is set, and while it is those for
	// when it is not.
	otherTemplates map[uint32]*boundTemplate
	otherCache     *TemplateCache
	maxDepth       int
	// defined is the size of the definitions bound so far, in bytes.
	defined int
	// filter is what records are selected by, for binding templates; nil selects all.
	filter *Filter
	// known is set while records are read whose definitions and names may be damaged: the
	// known ones stand in, and a name whose hash is wrong is not believed.
	known *knownTemplates
	// retained is set when an event outlives the chunk's turn, so that the buffer must
	// not be used again.
	retained bool
}

// recentTemplates is how many templates of a chunk are found without a look into a map.
const recentTemplates = 32

type recentTemplate struct {
	off uint32
	bt  *boundTemplate
}

// boundTemplate is a template with what the filter in use knows about it in advance.
type boundTemplate struct {
	*template
	id    uint32 // the first part of its GUID
	size  int    // of its body, in bytes
	err   error  // why the body could not be compiled
	match templateMatch
	// stream counts the records of channel and computer, those of the record before.
	stream            *Stream
	channel, computer Value
}

func (c *chunk) reset(data []byte) {
	c.data, c.defined, c.inUse = data, 0, 0
	c.trust(nil)
	clear(c.templates)
	clear(c.recent[:])
	clear(c.recentNames[:])
	clear(c.otherTemplates)
}

// chunkHeader is what the header of a chunk says.
type chunkHeader struct {
	firstNumber, lastNumber uint64 // the records' place in the file
	firstID, lastID         uint64 // the identifiers in their headers
	size                    uint32 // of the header without its tables
	lastRecord              uint32
	freeSpace               uint32
	dataCRC, headerCRC      uint32
}

func parseChunkHeader(b []byte) chunkHeader {
	le := binary.LittleEndian
	return chunkHeader{
		firstNumber: le.Uint64(b[8:]),
		lastNumber:  le.Uint64(b[16:]),
		firstID:     le.Uint64(b[24:]),
		lastID:      le.Uint64(b[32:]),
		size:        le.Uint32(b[40:]),
		lastRecord:  le.Uint32(b[44:]),
		freeSpace:   le.Uint32(b[48:]),
		dataCRC:     le.Uint32(b[52:]),
		headerCRC:   le.Uint32(b[124:]),
	}
}

// isChunkHeader tells a header from a text that begins like one: its numbers are such as a
// header has.
func isChunkHeader(head []byte) bool {
	if len(head) < chunkHeaderFields || [8]byte(head) != chunkMagic {
		return false
	}
	h := parseChunkHeader(head)
	return h.size == chunkHeaderFields && h.freeSpace >= chunkHeaderSize && h.freeSpace <= chunkSize && h.lastRecord < h.freeSpace
}

// empty reports whether the chunk was prepared but never written to.
func (h chunkHeader) empty() bool { return h.lastID == ^uint64(0) || h.lastNumber == ^uint64(0) }

// records is how many records the header claims, 0 when the claim is absurd: a chunk has
// no room for more than some two thousand.
func (h chunkHeader) records() uint64 {
	if h.empty() || h.lastNumber < h.firstNumber || h.lastNumber-h.firstNumber >= chunkSize/minRecordSize {
		return 0
	}
	return h.lastNumber - h.firstNumber + 1
}

// end returns where the records of the chunk end: the free space mark when it makes sense,
// else the end of the data.
func (h chunkHeader) end(data []byte) int {
	if h.freeSpace < chunkHeaderSize || int64(h.freeSpace) > int64(len(data)) {
		return len(data)
	}
	return int(h.freeSpace)
}

// verifyHeader checks the checksum of the header of a whole chunk.
func (h chunkHeader) verifyHeader(data []byte) error {
	sum := crc32.ChecksumIEEE(data[:120])
	sum = crc32.Update(sum, crc32.IEEETable, data[128:chunkHeaderSize])
	if sum != h.headerCRC {
		return damaged(124, "the chunk header's checksum is %#08x, expected %#08x", h.headerCRC, sum)
	}
	return nil
}

// verifyRecords checks the checksum of the records of a whole chunk.
func (h chunkHeader) verifyRecords(data []byte) error {
	if sum := crc32.ChecksumIEEE(data[chunkHeaderSize:h.end(data)]); sum != h.dataCRC {
		return damaged(52, "the checksum of the chunk's records is %#08x, expected %#08x", h.dataCRC, sum)
	}
	return nil
}

// record is one record's place in a chunk.
type record struct {
	off, size int
	id        uint64
	written   uint64 // FILETIME
}

func (r record) payloadEnd() int { return r.off + r.size - 4 }

// recordAt reads the header of the record at off and checks its bounds against end.
func (c *chunk) recordAt(off, end int) (record, error) {
	b := c.data
	if end-off < minRecordSize {
		return record{}, damaged(off, "%d bytes are left where a record of at least %d bytes should be", end-off, minRecordSize)
	}
	if [4]byte(b[off:]) != recordMagic {
		return record{}, damaged(off, "a record should begin with 2a 2a 00 00, found % x", b[off:off+4])
	}
	le := binary.LittleEndian
	size := le.Uint32(b[off+4:])
	if size < minRecordSize || int64(size) > int64(end-off) {
		return record{}, damaged(off+4, "a record size between %d and %d was expected, found %d", minRecordSize, end-off, size)
	}
	r := record{off: off, size: int(size), id: le.Uint64(b[off+8:]), written: le.Uint64(b[off+16:])}
	if again := le.Uint32(b[r.payloadEnd():]); again != size {
		return r, damaged(r.payloadEnd(), "the record's size is repeated at its end as %d, expected %d", again, size)
	}
	return r, nil
}

// name is an entry of the chunk's string table: the name of an element, attribute or
// entity.
type name struct {
	raw []byte // UTF-16LE, without the terminator
	end int    // offset behind the entry
}

// nameAt reads the name at off and reports whether its stored hash is right, which is how
// a misread offset shows.
func (c *chunk) nameAt(off uint32) (n name, hashOK bool, err error) {
	b := c.data
	if int64(off) < chunkHeaderSize || int64(off)+10 > int64(len(b)) {
		return name{}, false, damaged(int(min(off, chunkSize)), "a name was expected at offset %d, outside of the chunk", off)
	}
	p := int(off)
	if c.known != nil {
		if raw := c.known.name(b[p:]); raw != nil {
			return name{raw: raw, end: p + 8 + len(raw) + 2}, true, nil
		}
	}
	hash := binary.LittleEndian.Uint16(b[p+4:])
	chars := int(binary.LittleEndian.Uint16(b[p+6:]))
	if chars > maxNameLength {
		return name{}, false, damaged(p+6, "a name has %d characters, at most %d were expected", chars, maxNameLength)
	}
	if 2*chars+2 > len(b)-p-8 {
		return name{}, false, damaged(p+6, "a name of %d characters reaches behind the end of the chunk", chars)
	}
	raw := b[p+8 : p+8+2*chars]
	h := nameHash(raw)
	if h != hash && c.known != nil {
		return name{}, false, damaged(p+4, "the hash of a name is %#04x, expected %#04x", hash, h)
	}
	return name{raw: raw, end: p + 8 + 2*chars + 2}, h == hash, nil
}

// hasName reports whether the entry of a name at off is this one: its hash, length and text.
func (c *chunk) hasName(off uint32, entry []byte) bool {
	if c.known != nil {
		n, _, err := c.nameAt(off)
		return err == nil && bytes.Equal(n.raw, entry[4:])
	}
	from := int64(off) + 4
	return from >= chunkHeaderSize && from+int64(len(entry))+2 <= int64(len(c.data)) && bytes.Equal(c.data[from:from+int64(len(entry))], entry)
}

// nameHash is the hash of a name, UTF-16LE, that stands beside it.
func nameHash(raw []byte) uint16 {
	var h uint32
	for i := 0; i+1 < len(raw); i += 2 {
		h = h*65599 + uint32(binary.LittleEndian.Uint16(raw[i:]))
	}
	return uint16(h)
}
