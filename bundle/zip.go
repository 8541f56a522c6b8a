package bundle

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// This file reads the structures of zip files, after APPNOTE.TXT of PKWARE. archive/zip is
// not used because it takes in a directory of any size before it returns, and needs one: an
// upload that broke off has none.

const (
	localHeaderLen   = 30
	centralHeaderLen = 46
	endLen           = 22
	end64Len         = 56
	locator64Len     = 20
	maxCommentLen    = math.MaxUint16
)

const (
	localSignature     = "PK\x03\x04"
	centralSignature   = "PK\x01\x02"
	endSignature       = "PK\x05\x06"
	end64Signature     = "PK\x06\x06"
	locator64Signature = "PK\x06\x07"
)

// Bits of the general purpose flags.
const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3 // sizes and checksum follow the data
	flagUTF8       = 1 << 11
)

// Methods of compression.
const (
	methodStore   = 0
	methodDeflate = 8
)

// unreadMethods are the methods that are not read, by number.
var unreadMethods = map[uint16]string{
	1: "Shrink", 6: "Implode", 9: "Deflate64, which Windows uses for files above 2 GB", 12: "bzip2", 14: "LZMA",
	93: "zstd", 95: "xz", 97: "WavPack", 98: "PPMd", 99: "AES encryption",
}

// unstated is the value of a size that an entry does not state.
const unstated = -1

// zipEntry is a member as the directory or its own header describes it.
type zipEntry struct {
	name   string
	cut    int // length of the name before it was cut, 0 when it was not
	flags  uint16
	method uint16
	crc    uint32
	packed int64 // bytes in the archive, or unstated
	size   int64 // bytes when inflated, or unstated
	header int64 // offset of the member's own header
	link   bool
}

// isFolder reports whether the entry only stands for a folder.
func (e *zipEntry) isFolder() bool { return strings.HasSuffix(e.name, "/") && e.size <= 0 }

// zipReader reads a zip file.
type zipReader struct {
	r       io.ReaderAt
	size    int64
	maxName int
}

// formatError says where a structure should be that is not there.
func formatError(offset int64, want string) error {
	return fmt.Errorf("at byte %d: want %s", offset, want)
}

// readAt fills b from offset.
func (z *zipReader) readAt(b []byte, offset int64, what string) error {
	if offset < 0 || offset > z.size || int64(len(b)) > z.size-offset {
		return formatError(offset, fmt.Sprintf("%s of %d bytes, but the archive ends at byte %d", what, len(b), z.size))
	}
	if _, err := z.r.ReadAt(b, offset); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("at byte %d: reading %s: %w", offset, what, cause(err))
	}
	return nil
}

// zipEnd is the end record of an archive, which tells where the directory is.
type zipEnd struct {
	offset int64 // of the record itself
	count  uint64
	size   int64 // of the directory
	start  int64 // of the directory, as stated
}

// end finds the end record: the last thing in the file but for a comment.
func (z *zipReader) end() (zipEnd, error) {
	tail := make([]byte, min(z.size, endLen+maxCommentLen))
	at := z.size - int64(len(tail))
	if err := z.readAt(tail, at, "the end of the directory"); err != nil {
		return zipEnd{}, err
	}
	for i := len(tail) - endLen; i >= 0; i-- {
		b := tail[i:]
		if string(b[:4]) != endSignature || int(binary.LittleEndian.Uint16(b[20:])) > len(b)-endLen {
			continue
		}
		e := zipEnd{
			offset: at + int64(i),
			count:  uint64(binary.LittleEndian.Uint16(b[10:])),
			size:   int64(binary.LittleEndian.Uint32(b[12:])),
			start:  int64(binary.LittleEndian.Uint32(b[16:])),
		}
		if e.count == math.MaxUint16 || e.size == math.MaxUint32 || e.start == math.MaxUint32 {
			return z.end64(e)
		}
		return e, nil
	}
	return zipEnd{}, formatError(z.size, "the end of the directory before it; the archive is not complete")
}

// end64 replaces e by the end record of a zip64 archive, if there is one.
func (z *zipReader) end64(e zipEnd) (zipEnd, error) {
	var locator [locator64Len]byte
	at := e.offset - locator64Len
	if at < 0 || z.readAt(locator[:], at, "a locator") != nil || string(locator[:4]) != locator64Signature {
		return e, nil // the numbers happen to be the largest
	}
	at, err := offset64(binary.LittleEndian.Uint64(locator[8:]), at+8)
	if err != nil {
		return e, err
	}
	var b [end64Len]byte
	if err := z.readAt(b[:], at, "the end of the directory"); err != nil {
		return e, err
	}
	if string(b[:4]) != end64Signature {
		return e, formatError(at, "the end of the directory (PK\\6\\6)")
	}
	e = zipEnd{offset: at, count: binary.LittleEndian.Uint64(b[32:])}
	if e.size, err = offset64(binary.LittleEndian.Uint64(b[40:]), at+40); err != nil {
		return e, err
	}
	e.start, err = offset64(binary.LittleEndian.Uint64(b[48:]), at+48)
	return e, err
}

// offset64 makes a signed number of one that stands at byte at.
func offset64(v uint64, at int64) (int64, error) {
	if v > math.MaxInt64 {
		return 0, formatError(at, "an offset or size below 2^63")
	}
	return int64(v), nil
}

// directory reads up to max entries of the directory. more tells how many it has beyond
// that, as far as the archive states it. An error means that the directory is not there or
// not whole.
func (z *zipReader) directory(max int) (entries []zipEntry, more uint64, err error) {
	end, err := z.end()
	if err != nil {
		return nil, 0, err
	}
	start := end.start
	if end.size > end.offset || start > end.offset-end.size || start < end.offset && !z.hasSignature(start, centralSignature) {
		return nil, 0, formatError(start, "the directory")
	}
	r := bufio.NewReaderSize(io.NewSectionReader(z.r, start, end.offset-start), 64<<10)
	for at := start; at < end.offset; {
		var b [centralHeaderLen]byte
		if _, err := io.ReadFull(r, b[:]); err != nil || string(b[:4]) != centralSignature {
			if sameCount(len(entries), end.count) {
				break // something else, such as a signature, stands before the end record
			}
			return nil, 0, formatError(at, fmt.Sprintf("entry %d of %d of the directory", len(entries)+1, end.count))
		}
		if len(entries) == max {
			if end.count > uint64(max) {
				return entries, end.count - uint64(max), nil
			}
			return entries, 1, nil
		}
		e, n, err := z.centralEntry(b[:], r, at)
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, e)
		at += centralHeaderLen + n
	}
	if !sameCount(len(entries), end.count) {
		return nil, 0, formatError(end.offset, fmt.Sprintf("%d entries in the directory before it, not %d", end.count, len(entries)))
	}
	return entries, 0, nil
}

// sameCount compares counts as 16 bits, which is all that old archives state.
func sameCount(n int, stated uint64) bool { return uint16(n) == uint16(stated) }

func (z *zipReader) hasSignature(offset int64, signature string) bool {
	var b [4]byte
	return z.readAt(b[:], offset, "a signature") == nil && string(b[:]) == signature
}

// centralEntry reads one entry of the directory, whose fixed part is b. It returns the
// length of what follows that.
func (z *zipReader) centralEntry(b []byte, r io.Reader, at int64) (zipEntry, int64, error) {
	e := zipEntry{
		flags:  binary.LittleEndian.Uint16(b[8:]),
		method: binary.LittleEndian.Uint16(b[10:]),
		crc:    binary.LittleEndian.Uint32(b[16:]),
		packed: int64(binary.LittleEndian.Uint32(b[20:])),
		size:   int64(binary.LittleEndian.Uint32(b[24:])),
		header: int64(binary.LittleEndian.Uint32(b[42:])),
	}
	if system := b[5]; system == 3 || system == 19 { // Unix, macOS
		const typeMask, typeLink = 0xF000, 0xA000
		e.link = binary.LittleEndian.Uint32(b[38:])>>16&typeMask == typeLink
	}
	nameLen, extraLen := binary.LittleEndian.Uint16(b[28:]), binary.LittleEndian.Uint16(b[30:])
	commentLen := binary.LittleEndian.Uint16(b[32:])
	rest := make([]byte, int(nameLen)+int(extraLen)+int(commentLen))
	if _, err := io.ReadFull(r, rest); err != nil {
		return e, 0, formatError(at, "a whole entry of the directory")
	}
	z.setName(&e, rest[:nameLen])
	e.setSizes64(rest[nameLen:][:extraLen], true)
	return e, int64(len(rest)), nil
}

// localEntry reads the header of a member at offset. It returns the offset of the data.
func (z *zipReader) localEntry(offset int64) (zipEntry, int64, error) {
	var b [localHeaderLen]byte
	if err := z.readAt(b[:], offset, "a member"); err != nil {
		return zipEntry{}, 0, err
	}
	if string(b[:4]) != localSignature {
		return zipEntry{}, 0, formatError(offset, "a member")
	}
	e := zipEntry{
		flags:  binary.LittleEndian.Uint16(b[6:]),
		method: binary.LittleEndian.Uint16(b[8:]),
		crc:    binary.LittleEndian.Uint32(b[14:]),
		packed: int64(binary.LittleEndian.Uint32(b[18:])),
		size:   int64(binary.LittleEndian.Uint32(b[22:])),
		header: offset,
	}
	nameLen := binary.LittleEndian.Uint16(b[26:])
	rest := make([]byte, int(nameLen)+int(binary.LittleEndian.Uint16(b[28:])))
	if err := z.readAt(rest, offset+localHeaderLen, "the name of a member"); err != nil {
		return e, 0, err
	}
	z.setName(&e, rest[:nameLen])
	if e.flags&flagDescriptor != 0 {
		e.packed, e.size = unstated, unstated
	} else {
		e.setSizes64(rest[nameLen:], false)
	}
	return e, offset + localHeaderLen + int64(len(rest)), nil
}

// setSizes64 takes the numbers that do not fit in 32 bits from the extra fields.
func (e *zipEntry) setSizes64(extra []byte, central bool) {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return
		}
		if id == 1 {
			field := extra[:n]
			for _, v := range []*int64{&e.size, &e.packed, &e.header} {
				if *v != math.MaxUint32 || v == &e.header && !central {
					continue
				}
				if len(field) < 8 {
					return
				}
				*v = int64(binary.LittleEndian.Uint64(field) & math.MaxInt64)
				field = field[8:]
			}
			return
		}
		extra = extra[n:]
	}
}

// setName makes text of a name: UTF-8 where it says so or is valid, else code page 437. It
// stays what it is, whatever a file system would make of it, but for the separators.
func (z *zipReader) setName(e *zipEntry, b []byte) {
	if len(b) > z.maxName {
		e.cut = len(b)
		b = b[:z.maxName]
		for i := range min(utf8.UTFMax, len(b)) {
			if tail := b[len(b)-1-i:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					b = b[:len(b)-1-i]
				}
				break
			}
		}
	}
	b = bytes.ReplaceAll(b, []byte(`\`), []byte("/"))
	switch {
	case e.flags&flagUTF8 != 0 || utf8.Valid(b):
		e.name = validText(string(b))
	default:
		text, _ := charmap.CodePage437.NewDecoder().Bytes(b) // every byte has a character
		e.name = string(text)
	}
	if e.cut > 0 {
		e.name += "…"
	}
}
