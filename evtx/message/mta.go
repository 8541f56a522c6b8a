package message

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/evtx"
)

// MTA is the Source in a file LocaleMetaData/<log>_<LCID>.MTA, which Windows writes beside an
// exported log that is archived (wevtutil archive-log, or "display information" in Event
// Viewer): the finished text of each event, by EventRecordID, in one language. It knows no
// templates, and holds for the events of that log only: any other log has the same record
// numbers. It is immutable and safe for concurrent use.
type MTA struct {
	texts map[uint64]*Template
}

// Template returns the text of the record sys.RecordID. There is none where the file has two
// different ones, which a log exported from several channels can have.
func (m *MTA) Template(sys *evtx.System) (*Template, bool) {
	t := m.texts[sys.RecordID]
	return t, t != nil
}

// Len returns the number of records of which the file has a text.
func (m *MTA) Len() int { return len(m.texts) }

// MTALog returns which log a file of localized texts belongs to and its language, by the file's
// name without folders: System and 1033 (en-US, a Windows LCID) for System_1033.MTA. It reports
// false for names of another form.
func MTALog(name string) (log string, lcid uint32, ok bool) {
	const extension = ".MTA"
	stem := len(name) - len(extension)
	if stem < 0 || !strings.EqualFold(name[stem:], extension) {
		return "", 0, false
	}
	underscore := strings.LastIndexByte(name[:stem], '_')
	if underscore < 1 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(name[underscore+1:stem], 10, 32)
	return name[:underscore], uint32(n), err == nil
}

// The layout of an MTA file. Microsoft publishes what is in it ([MS-EVEN6] 3.1.1.7) and not
// how; the bytes are known from public work on real files, which docs/messages.md names. All
// numbers are little-endian.
const (
	// mtaMagic, u32 major and minor version, u32 size of the table of sections in bytes, u32
	// number of sections; then the table.
	mtaMagic      = "MTAFile\x00"
	mtaHeaderSize = 24
	// A section of the table: u64 offset in the file, u64 size, u32 size of the name, the name
	// in UTF-16.
	mtaSectionSize  = 20
	maxSectionTable = 64 << 10

	// A section is a list of pages: a mark of 64 bytes that begins and ends with mtaMark; u64
	// number, u64 offset of the next page, u64 offset of itself, the two equal in the last
	// page; 100 u64 offsets of records, 0 for none. Offsets count from the section.
	mtaMark        = 0xFFFFFFFF
	mtaMarkSize    = 64
	mtaPageRecords = 100
	mtaPageSize    = mtaMarkSize + 24 + 8*mtaPageRecords
	// A record: u32 number, u32 size, then in the section EVT u64 EventRecordID and u64
	// number of a record of MSG; in MSG u32 size of a text, the text in UTF-16 with a NUL.
	mtaRecordSize = 8
	mtaEventSize  = 16
	// maxMTARecord is more than the longest text of an event needs.
	maxMTARecord = 1 << 20
)

// ReadMTA reads the texts in an MTA file. It is strict: a file that is damaged, or of a version
// that is not known, is an error as a whole, so that no event gets the text of another. Memory
// is bounded by size.
func ReadMTA(r io.ReaderAt, size int64) (*MTA, error) {
	f := &mtaFile{r: r, size: size, budget: size}
	texts, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("MTA file: %w", err)
	}
	return &MTA{texts}, nil
}

type mtaFile struct {
	r    io.ReaderAt
	size int64
	// budget is how many bytes of pages and records may still be read: those of a sound file
	// do not overlap.
	budget int64
}

type mtaSection struct{ off, size int64 }

func (f *mtaFile) read() (map[uint64]*Template, error) {
	sections, err := f.sections()
	if err != nil {
		return nil, err
	}
	events, hasEvents := sections["EVT"]
	messages, hasMessages := sections["MSG"]
	if !hasEvents || !hasMessages {
		return nil, errors.New("no sections EVT and MSG")
	}
	templates := make(map[uint64]*Template)
	err = f.records(messages, func(number uint32, payload []byte) error {
		t, err := mtaText(payload)
		templates[uint64(number)] = t
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("section MSG: %w", err)
	}
	texts := make(map[uint64]*Template)
	err = f.records(events, func(_ uint32, payload []byte) error {
		if len(payload) < mtaEventSize {
			return fmt.Errorf("an event has %d bytes, want %d", len(payload), mtaEventSize)
		}
		record, message := binary.LittleEndian.Uint64(payload), binary.LittleEndian.Uint64(payload[8:])
		t := templates[message]
		if t == nil {
			return fmt.Errorf("record %d has the text %d, which is not in the file", record, message)
		}
		if old, ok := texts[record]; ok && (old == nil || old.source != t.source) {
			t = nil
		}
		texts[record] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("section EVT: %w", err)
	}
	maps.DeleteFunc(texts, func(_ uint64, t *Template) bool { return t == nil })
	return texts, nil
}

// sections reads the header and the table of sections.
func (f *mtaFile) sections() (map[string]mtaSection, error) {
	var head [mtaHeaderSize]byte
	if err := f.readAt(head[:], 0); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	if string(head[:8]) != mtaMagic {
		return nil, fmt.Errorf("it should begin with %q, found %q", mtaMagic[:7], head[:8])
	}
	if major, minor := le.Uint32(head[8:]), le.Uint32(head[12:]); major != 1 || minor != 1 {
		return nil, fmt.Errorf("version %d.%d is not known", major, minor)
	}
	tableSize, count := le.Uint32(head[16:]), le.Uint32(head[20:])
	if tableSize > maxSectionTable {
		return nil, fmt.Errorf("a table of sections of %d bytes", tableSize)
	}
	table := make([]byte, tableSize)
	if err := f.readAt(table, mtaHeaderSize); err != nil {
		return nil, err
	}
	sections := make(map[string]mtaSection)
	for range count {
		if len(table) < mtaSectionSize {
			return nil, errors.New("the table of sections ends within a section")
		}
		off, size, nameSize := le.Uint64(table), le.Uint64(table[8:]), le.Uint32(table[16:])
		table = table[mtaSectionSize:]
		if uint64(nameSize) > uint64(len(table)) {
			return nil, errors.New("the table of sections ends within a name")
		}
		name := decodeUTF16(table[:nameSize])
		table = table[nameSize:]
		if size > uint64(f.size) || off > uint64(f.size)-size {
			return nil, fmt.Errorf("section %q reaches behind the end of the file", name)
		}
		if _, ok := sections[name]; ok {
			return nil, fmt.Errorf("two sections %q", name)
		}
		sections[name] = mtaSection{int64(off), int64(size)}
	}
	return sections, nil
}

// records calls do for each record of a section.
func (f *mtaFile) records(s mtaSection, do func(number uint32, payload []byte) error) error {
	if s.size == 0 {
		return nil
	}
	var page [mtaPageSize]byte
	for off := int64(0); ; {
		if s.size < mtaPageSize || off > s.size-mtaPageSize {
			return fmt.Errorf("the page at %d reaches behind the end of the section", off)
		}
		if err := f.spend(mtaPageSize); err != nil {
			return err
		}
		if err := f.readAt(page[:], s.off+off); err != nil {
			return err
		}
		le := binary.LittleEndian
		if le.Uint32(page[:]) != mtaMark || le.Uint32(page[mtaMarkSize-4:]) != mtaMark {
			return fmt.Errorf("no page at %d", off)
		}
		for record := page[mtaMarkSize+24:]; len(record) > 0; record = record[8:] {
			at := le.Uint64(record)
			if at == 0 {
				continue
			}
			if err := f.record(s, at, do); err != nil {
				return err
			}
		}
		next, self := le.Uint64(page[mtaMarkSize+8:]), le.Uint64(page[mtaMarkSize+16:])
		if next == self {
			return nil
		}
		if next <= uint64(off) || next > uint64(s.size) {
			return fmt.Errorf("the page behind that at %d should be at %d", off, next)
		}
		off = int64(next)
	}
}

func (f *mtaFile) record(s mtaSection, at uint64, do func(number uint32, payload []byte) error) error {
	if at > uint64(s.size) || s.size-int64(at) < mtaRecordSize {
		return fmt.Errorf("the record at %d is behind the end of the section", at)
	}
	var head [mtaRecordSize]byte
	if err := f.readAt(head[:], s.off+int64(at)); err != nil {
		return err
	}
	number, size := binary.LittleEndian.Uint32(head[:]), int64(binary.LittleEndian.Uint32(head[4:]))
	if size > s.size-int64(at)-mtaRecordSize {
		return fmt.Errorf("the record at %d reaches behind the end of the section", at)
	}
	if size > maxMTARecord {
		return fmt.Errorf("the record at %d has %d bytes", at, size)
	}
	if err := f.spend(mtaRecordSize + size); err != nil {
		return err
	}
	payload := make([]byte, size)
	if err := f.readAt(payload, s.off+int64(at)+mtaRecordSize); err != nil {
		return err
	}
	return do(number, payload)
}

func (f *mtaFile) spend(n int64) error {
	if f.budget -= n; f.budget < 0 {
		return errors.New("its pages and records overlap")
	}
	return nil
}

// readAt fills b from the file.
func (f *mtaFile) readAt(b []byte, off int64) error {
	if int64(len(b)) > f.size || off > f.size-int64(len(b)) {
		return fmt.Errorf("the file ends at %d, %d bytes at %d expected", f.size, len(b), off)
	}
	if n, err := f.r.ReadAt(b, off); n < len(b) {
		return err
	}
	return nil
}

// mtaText reads a text: its size in bytes with the NUL, and its characters.
func mtaText(payload []byte) (*Template, error) {
	if len(payload) < 4 {
		return nil, errors.New("a text without its size")
	}
	size := binary.LittleEndian.Uint32(payload)
	text := payload[4:]
	if uint64(size) > uint64(len(text)) {
		return nil, errors.New("a text reaches behind the end of its record")
	}
	return Literal(strings.TrimRight(decodeUTF16(text[:size]), "\x00\r\n")), nil
}

// decodeUTF16 decodes UTF-16LE; half a character becomes U+FFFD.
func decodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
