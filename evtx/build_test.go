package evtx_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"testing"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/evtx"
)

// The builder writes chunks token by token, so that a test can break any rule of the
// format; internal/fixture writes the logs that Windows would.

const (
	fileHeaderSize = 4096
	chunkSize      = 64 << 10
	chunkHeader    = 512
)

// content is something that a fragment or element consists of. deps says whether elements
// carry dependency ids, as in template definitions.
type content interface {
	write(w *builder, deps bool)
}

type (
	text   string // a literal value
	cdata  string
	char   uint16 // a character reference
	entity string
	sub    int // a normal substitution
	optSub int // an optional one
	bare   []byte
	pi     struct{ target, data string }
)

type element struct {
	name    string
	dep     int // with -1 for none
	attrs   []attr
	content []content
	open    bool // start and end tag even without content
}

type attr struct {
	name  string
	value []content
}

// dep is the part of el that sets the dependency id.
type dep int

// el makes an element of attributes (attr), a dependency (dep), strings and other content.
func el(name string, parts ...any) element {
	e := element{name: name, dep: -1}
	for _, p := range parts {
		switch p := p.(type) {
		case attr:
			e.attrs = append(e.attrs, p)
		case dep:
			e.dep = int(p)
		case string:
			e.content = append(e.content, text(p))
		case content:
			e.content = append(e.content, p)
		default:
			panic("el: not a part of an element")
		}
	}
	return e
}

func at(name string, parts ...any) attr {
	return attr{name, el("", parts...).content}
}

// tmpl is a template definition, written where it is first used in a chunk.
type tmpl struct {
	guid byte // the GUID's sixteen bytes are this one
	body []content
}

// inst is a template instance.
type inst struct {
	t      *tmpl
	values []val
}

// val is a value of an instance; body writes one of type 0x21 in place.
type val struct {
	typ  evtx.Type
	raw  []byte
	body func(w *builder)
	// again makes another value of the same template with values of the same types.
	again func() val
}

func str(s string) val { return val{typ: evtx.TypeString, raw: utf16le(s)} }
func u16val(n int) val { return val{typ: evtx.TypeUint16, raw: le(2, uint64(n))} }
func null() val        { return val{} }
func strs(s ...string) val { // an array, each string with its terminator
	v := val{typ: evtx.TypeString | evtx.ArrayFlag}
	for _, s := range s {
		v.raw = append(append(v.raw, utf16le(s)...), 0, 0)
	}
	return v
}

// nested is a value of type 0x21: a fragment, without the header unless header is set.
func nested(header bool, c ...content) val {
	return val{typ: evtx.TypeBinXML, body: func(w *builder) {
		if header {
			w.bytes(0x0f, 1, 1, 0)
		}
		for _, c := range c {
			c.write(w, false)
		}
		w.bytes(0)
	}}
}

func le(size int, n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n)[:size] }

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// builder is one chunk in the making.
type builder struct {
	buf        []byte
	names      map[string]int
	templates  map[*tmpl]int
	first      uint64 // number of the first record
	count      uint64
	lastRecord int
	// inline writes every name anew instead of referring to it.
	inline bool
}

func newChunk(first uint64) *builder {
	return &builder{buf: make([]byte, chunkHeader, chunkSize), names: map[string]int{}, templates: map[*tmpl]int{}, first: first}
}

func (w *builder) bytes(b ...byte) { w.buf = append(w.buf, b...) }
func (w *builder) u16(n int)       { w.buf = binary.LittleEndian.AppendUint16(w.buf, uint16(n)) }
func (w *builder) u32(n int)       { w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(n)) }

func (w *builder) put32(at, n int) { binary.LittleEndian.PutUint32(w.buf[at:], uint32(n)) }

func (w *builder) counted(s string) {
	raw := utf16le(s)
	w.u16(len(raw) / 2)
	w.bytes(raw...)
}

func (w *builder) name(s string) {
	if off, ok := w.names[s]; ok && !w.inline {
		w.u32(off)
		return
	}
	raw := utf16le(s)
	var h uint32
	for i := 0; i < len(raw); i += 2 {
		h = h*65599 + uint32(binary.LittleEndian.Uint16(raw[i:]))
	}
	off := len(w.buf) + 4
	w.names[s] = off
	w.u32(off)
	w.u32(0)
	w.u16(int(h))
	w.u16(len(raw) / 2)
	w.bytes(raw...)
	w.u16(0)
}

func (s text) write(w *builder, _ bool)  { w.bytes(0x05, 0x01); w.counted(string(s)) }
func (s cdata) write(w *builder, _ bool) { w.bytes(0x07); w.counted(string(s)) }
func (c char) write(w *builder, _ bool)  { w.bytes(0x08); w.u16(int(c)) }
func (n entity) write(w *builder, _ bool) {
	w.bytes(0x09)
	w.name(string(n))
}
func (i sub) write(w *builder, _ bool)    { w.bytes(0x0d); w.u16(int(i)); w.bytes(0) }
func (i optSub) write(w *builder, _ bool) { w.bytes(0x0e); w.u16(int(i)); w.bytes(0) }
func (b bare) write(w *builder, _ bool)   { w.bytes(b...) }
func (p pi) write(w *builder, _ bool) {
	w.bytes(0x0a)
	w.name(p.target)
	w.bytes(0x0b)
	w.counted(p.data)
}

func (e element) write(w *builder, deps bool) {
	token := byte(0x01)
	if len(e.attrs) > 0 {
		token = 0x41
	}
	w.bytes(token)
	if deps {
		w.u16(e.dep)
	}
	size := len(w.buf)
	w.u32(0)
	w.name(e.name)
	if len(e.attrs) > 0 {
		list := len(w.buf)
		w.u32(0)
		for i, a := range e.attrs {
			token := byte(0x46)
			if i == len(e.attrs)-1 {
				token = 0x06
			}
			w.bytes(token)
			w.name(a.name)
			for _, c := range a.value {
				c.write(w, deps)
			}
		}
		w.put32(list, len(w.buf)-list-4)
	}
	if len(e.content) == 0 && !e.open {
		w.bytes(0x03)
	} else {
		w.bytes(0x02)
		for _, c := range e.content {
			c.write(w, deps)
		}
		w.bytes(0x04)
	}
	w.put32(size, len(w.buf)-size-4)
}

func (in inst) write(w *builder, _ bool) {
	w.bytes(0x0c, 1)
	w.bytes(bytes.Repeat([]byte{in.t.guid}, 4)...)
	if off, ok := w.templates[in.t]; ok {
		w.u32(off)
	} else {
		off := len(w.buf) + 4
		w.templates[in.t] = off
		w.u32(off)
		w.u32(0)
		w.bytes(bytes.Repeat([]byte{in.t.guid}, 16)...)
		size := len(w.buf)
		w.u32(0)
		w.bytes(0x0f, 1, 1, 0)
		for _, c := range in.t.body {
			c.write(w, true)
		}
		w.bytes(0)
		w.put32(size, len(w.buf)-size-4)
	}
	w.u32(len(in.values))
	desc := len(w.buf)
	for _, v := range in.values {
		w.u16(len(v.raw))
		w.bytes(byte(v.typ), 0)
	}
	for i, v := range in.values {
		start := len(w.buf)
		w.bytes(v.raw...)
		if v.body != nil {
			v.body(w)
		}
		binary.LittleEndian.PutUint16(w.buf[desc+4*i:], uint16(len(w.buf)-start))
	}
}

// record appends a record whose fragment holds c and returns its offset in the chunk.
func (w *builder) record(c ...content) int {
	start := len(w.buf)
	w.bytes('*', '*', 0, 0)
	w.u32(0)
	w.bytes(le(8, w.first+w.count)...)
	w.bytes(le(8, 133000000000000000)...)
	w.bytes(0x0f, 1, 1, 0)
	for _, c := range c {
		c.write(w, false)
	}
	w.bytes(0)
	w.put32(start+4, len(w.buf)-start+4)
	w.u32(len(w.buf) - start + 4)
	w.count++
	w.lastRecord = start
	return start
}

// finish returns the chunk's 64 KiB.
func (w *builder) finish() []byte {
	if len(w.buf) > chunkSize {
		panic("the chunk is too full")
	}
	b := make([]byte, chunkSize)
	copy(b, w.buf)
	order := binary.LittleEndian
	copy(b, "ElfChnk\x00")
	for _, at := range []int{8, 24} {
		order.PutUint64(b[at:], w.first)
		order.PutUint64(b[at+8:], w.first+w.count-1)
	}
	order.PutUint32(b[40:], 128)
	order.PutUint32(b[44:], uint32(w.lastRecord))
	order.PutUint32(b[48:], uint32(len(w.buf)))
	sealChunk(b)
	return b
}

// sealChunk sets the checksums of a chunk, as far as its free space mark allows.
func sealChunk(b []byte) {
	order := binary.LittleEndian
	if free := order.Uint32(b[48:]); free >= chunkHeader && free <= chunkSize {
		order.PutUint32(b[52:], crc32.ChecksumIEEE(b[chunkHeader:free]))
	}
	sealHeader(b)
}

// sealHeader sets the checksum of a chunk's header only.
func sealHeader(b []byte) {
	sum := crc32.ChecksumIEEE(b[:120])
	binary.LittleEndian.PutUint32(b[124:], crc32.Update(sum, crc32.IEEETable, b[128:chunkHeader]))
}

// logFile puts chunks behind a file header.
func logFile(chunks ...[]byte) []byte {
	b := make([]byte, fileHeaderSize)
	order := binary.LittleEndian
	copy(b, "ElfFile\x00")
	order.PutUint64(b[16:], uint64(max(len(chunks), 1)-1))
	order.PutUint32(b[32:], 128)
	order.PutUint16(b[36:], 1)
	order.PutUint16(b[38:], 3)
	order.PutUint16(b[40:], fileHeaderSize)
	order.PutUint16(b[42:], uint16(len(chunks)))
	sealFile(b)
	return append(b, bytes.Join(chunks, nil)...)
}

func sealFile(b []byte) {
	binary.LittleEndian.PutUint32(b[124:], crc32.ChecksumIEEE(b[:120]))
}

// event is an event with little in its System section and c behind it.
func event(c ...content) element {
	e := el("Event", el("System", el("Provider", at("Name", "Test")), el("EventID", "1"), el("EventRecordID", "7"),
		el("Channel", "Test"), el("Computer", "host")))
	e.content = append(e.content, c...)
	return e
}

// eventXML is what event prints, with data in place of c.
func eventXML(data string) string {
	return `<Event><System><Provider Name="Test"/><EventID>1</EventID><EventRecordID>7</EventRecordID>` +
		`<Channel>Test</Channel><Computer>host</Computer></System>` + data + `</Event>`
}

func eventJSON(data string) string {
	return `{"Event":{"System":{"Provider":{"#attributes":{"Name":"Test"}},"EventID":"1","EventRecordID":"7",` +
		`"Channel":"Test","Computer":"host"}` + data + `}}`
}

// oneRecord is a log of one record.
func oneRecord(c ...content) []byte {
	w := newChunk(1)
	w.record(c...)
	return logFile(w.finish())
}

func openLog(t testing.TB, b []byte, cfg evtx.Config) *evtx.Reader {
	t.Helper()
	r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// readAll returns clones of all events that f chooses, and the errors between them.
func readAll(t testing.TB, b []byte, f *evtx.Filter) (events []*evtx.Event, errs []error, c evtx.Coverage) {
	t.Helper()
	r := openLog(t, b, evtx.Config{})
	for ev, err := range r.Events(context.Background(), f) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		events = append(events, ev.Clone())
	}
	return events, errs, r.Coverage()
}

// readOne returns the only event of an undamaged log.
func readOne(t testing.TB, b []byte) *evtx.Event {
	t.Helper()
	events, errs, _ := readAll(t, b, nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if len(events) != 1 {
		t.Fatalf("%d events, want 1", len(events))
	}
	return events[0]
}

func xmlOf(t testing.TB, ev *evtx.Event) string {
	t.Helper()
	b, err := ev.AppendXML(nil)
	if err != nil {
		t.Fatalf("AppendXML: %v", err)
	}
	return string(b)
}

func jsonOf(t testing.TB, ev *evtx.Event) string {
	t.Helper()
	b, err := ev.AppendJSON(nil)
	if err != nil {
		t.Fatalf("AppendJSON: %v", err)
	}
	return string(b)
}
