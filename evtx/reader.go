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
	// Templates are compiled templates to share with other readers; nil for some of the reader's
	// own.
	Templates *TemplateCache
	// Recover says how much is read of what the log itself does not vouch for. Default
	// [RecoverDamaged].
	Recover Recover
}

func (c Config) withDefaults() Config {
	c.MaxChunks = cmp.Or(c.MaxChunks, 1<<20)
	c.MaxDepth = cmp.Or(c.MaxDepth, 64)
	c.MaxEventSize = cmp.Or(c.MaxEventSize, 4<<20)
	if c.Templates == nil {
		c.Templates = new(TemplateCache)
	}
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
	// headless is set when the file has no header.
	headless bool
	// trace is for tests: it is told what every byte of the file was taken for.
	trace func(from, to int64, e extent)

	mu       sync.Mutex
	coverage Coverage

	learning chan struct{} // holds a token while known is looked at
	known    *knownTemplates
}

// extent says what bytes of a file were taken for.
type extent uint8

const (
	extentHeader extent = iota // of the file or a chunk
	extentRecord               // an event, chosen or not
	extentDamage               // an error tells of it
	extentFree                 // never used, or behind a free space mark
)

type fileHeader struct {
	firstChunk, lastChunk uint64
	nextRecord            uint64 // the number that the next record would get
	chunks                uint16
	minor, major          uint16
	flags                 uint32
	badChecksum           error
}

// NewReader prepares to read the log of size bytes in r. It fails when r does not look like
// an event log; any other damage shows while reading. A file that lacks its header is read
// when it begins with a chunk, or has one where the first should be; with [RecoverAll] every
// file is searched for chunks and records, with [RecoverNone] none without a header.
func NewReader(r io.ReaderAt, size int64, cfg Config) (*Reader, error) {
	rd := &Reader{r: r, size: size, cfg: cfg.withDefaults(), learning: make(chan struct{}, 1)}
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
		if !rd.acceptsHeadless(head) {
			return fail(0, "this is no event log: it should begin with %q, found %q", fileMagic[:7], head[:min(len(head), 7)])
		}
		rd.headless = true
		return rd, nil
	}
	if size < fileHeaderSize {
		return fail(size, "the file header needs %d bytes, the file has %d", fileHeaderSize, size)
	}
	rd.header = parseFileHeader(head)
	return rd, nil
}

// acceptsHeadless reports whether a file that begins with head, which is no file header, is
// read all the same.
func (r *Reader) acceptsHeadless(head []byte) bool {
	switch r.cfg.Recover {
	case RecoverNone:
		return false
	case RecoverAll:
		return true
	}
	if len(head) >= len(chunkMagic) && [8]byte(head) == chunkMagic {
		return true
	}
	var magic [8]byte
	n, _ := r.r.ReadAt(magic[:], fileHeaderSize)
	return n == len(magic) && magic == chunkMagic
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

// noChecksums reports whether the chunk was written without checksums. No checksum covers the
// flag itself, which is why it is not enough.
func (r *Reader) noChecksums(h chunkHeader) bool {
	return r.header.flags&flagNoChecksum != 0 && h.headerCRC == 0 && h.dataCRC == 0
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
		s := newScan(ctx, r, f, yield)
		s.read(s.inTurn)
	}
}
