package evtx_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

func TestNewReaderRefuses(t *testing.T) {
	valid := oneRecord(event())
	for _, tt := range []struct {
		name string
		data []byte
		size int64
		want string
	}{
		{"empty", nil, 0, "the file is empty"},
		{"negative size", nil, -1, "the file is empty"},
		{"JPEG", []byte("\xff\xd8\xff\xe0\x00\x10JFIF" + strings.Repeat("\x00", 5000)), -2, `no event log: it should begin with "ElfFile"`},
		{"LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 69632\n"), -2, `found "version"`},
		{"zeroed header", make([]byte, 69632), -2, "no event log"},
		{"one byte", []byte("E"), -2, `found "E"`},
		{"the signature alone", valid[:8], -2, "the file header needs 4096 bytes, the file has 8"},
		{"half a header", valid[:2000], -2, "the file header needs 4096 bytes, the file has 2000"},
		{"size larger than the file", valid[:50], 69632, "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.size == -2 {
				tt.size = int64(len(tt.data))
			}
			r, err := evtx.NewReader(bytes.NewReader(tt.data), tt.size, evtx.Config{Source: "case.zip!/x.evtx"})
			e := (*evtx.Error)(nil)
			if r != nil || !errors.As(err, &e) || e.Source != "case.zip!/x.evtx" || !strings.HasPrefix(err.Error(), "case.zip!/x.evtx: offset ") {
				t.Fatalf("NewReader = %v, %v", r, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

// mustContain fails the test unless there is one error for each of want, containing it.
func mustContain(t testing.TB, errs []error, want ...string) {
	t.Helper()
	for i, err := range errs {
		if e := (*evtx.Error)(nil); !errors.As(err, &e) || errors.Unwrap(err) == nil {
			t.Errorf("error %d is %T with cause %v", i, err, errors.Unwrap(err))
		}
		if i < len(want) && !strings.Contains(err.Error(), want[i]) {
			t.Errorf("error %d is %q, want %q in it", i, err, want[i])
		}
	}
	if len(errs) != len(want) {
		t.Errorf("%d errors, want %d: %q", len(errs), len(want), errs)
	}
}

// TestEmptyLog reads a header without chunks, with chunks of zeros and with a chunk that was
// prepared and never written to.
func TestEmptyLog(t *testing.T) {
	prepared := newChunk(1).finish()
	unused := func(b []byte) []byte { put32(b, 40, fileHeaderSize); sealFile(b); return b } // counts no chunk
	for i := 16; i < 40; i++ {
		prepared[i] = 0xff
	}
	sealHeader(prepared)
	for name, b := range map[string][]byte{
		"no chunk":        logFile(),
		"a zero chunk":    unused(logFile(make([]byte, chunkSize))),
		"zeros and a bit": unused(append(logFile(make([]byte, chunkSize)), make([]byte, 100)...)),
		"prepared chunk":  logFile(prepared),
	} {
		events, errs, c := readAll(t, b, nil)
		if len(events)+len(errs) > 0 || !c.Complete || c.Lost != 0 || len(c.Streams) != 0 {
			t.Errorf("%s: %d events, errors %v, coverage %+v", name, len(events), errs, c)
		}
	}
}

// TestTruncated cuts a log at every 4 KiB and at odd places: the records before the cut
// are read, the rest is reported and counted as lost.
func TestTruncated(t *testing.T) {
	b := logBytes(t, serverLog(900))
	all, errs, _ := readAll(t, b, nil)
	mustContain(t, errs)
	if len(b) < fileHeaderSize+3*chunkSize {
		t.Fatalf("%d bytes are too few for this test", len(b))
	}
	for cut := fileHeaderSize; cut < len(b); cut += 4096 {
		for _, n := range []int{cut, cut + 77} {
			events, errs, c := readAll(t, b[:n], nil)
			want := 0
			for want < len(all) && recordEnd(b, all[want]) <= int64(n) {
				want++
			}
			if len(events) != want {
				t.Fatalf("cut at %d: %d events, want %d", n, len(events), want)
			}
			for i, ev := range events {
				if jsonOf(t, ev) != jsonOf(t, all[i]) {
					t.Fatalf("cut at %d: event %d differs", n, i)
				}
			}
			// The headers of the file and of the cut chunk say how many there were.
			if lost := int64(len(all) - want); len(errs) == 0 || c.Lost != lost {
				t.Errorf("cut at %d: errors %v, %d lost, want %d", n, errs, c.Lost, lost)
			}
			if !c.Complete {
				t.Errorf("cut at %d: not complete", n)
			}
		}
	}
}

// recordEnd is where the record of an event ends in the file.
func recordEnd(b []byte, ev *evtx.Event) int64 {
	return ev.Location.Offset + int64(binary.LittleEndian.Uint32(b[ev.Location.Offset+4:]))
}

// TestChecksums damages each checksum: that is an error step, and the events still come. That the
// flags say there are none is not believed where there are some; a log without any is in
// TestLiveLog.
func TestChecksums(t *testing.T) {
	log := serverLog(60)
	log.Condition.ChunkEvents = 20
	plain := logBytes(t, log)
	for _, tt := range []struct {
		name   string
		damage func(b []byte)
		want   []string
	}{
		{"none", func([]byte) {}, nil},
		{"file header", func(b []byte) { b[100] ^= 1 }, []string{"offset 124: the file header's checksum"}},
		{"chunk header", func(b []byte) { b[fileHeaderSize+chunkSize+60] ^= 1 }, []string{"offset 69756: the chunk header's checksum"}},
		{"table of names", func(b []byte) { b[fileHeaderSize+200] ^= 1 }, []string{"offset 4220: the chunk header's checksum"}},
		{"records", func(b []byte) { b[fileHeaderSize+52] ^= 1; sealHeader(b[fileHeaderSize:][:chunkSize]) }, []string{"offset 4148: the checksum of the chunk's records"}},
		{"free space mark below the header", func(b []byte) {
			binary.LittleEndian.PutUint32(b[fileHeaderSize+48:], 100)
			sealHeader(b[fileHeaderSize:][:chunkSize])
		}, []string{"the checksum of the chunk's records", "the chunk's free space should be between 512 and 65536, behind its last record at"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(plain)
			tt.damage(b)
			events, errs, c := readAll(t, b, nil)
			mustContain(t, errs, tt.want...)
			if len(events) != 60 || !c.Complete || c.Lost != 0 {
				t.Errorf("%d events, %d lost; want all 60", len(events), c.Lost)
			}
			if tt.name == "none" {
				return
			}
			binary.LittleEndian.PutUint32(b[120:], 4) // no checksums: but there are
			_, errs, _ = readAll(t, b, nil)
			mustContain(t, errs, slices.DeleteFunc(slices.Clone(tt.want), func(s string) bool { return strings.Contains(s, "the file header's") })...)
		})
	}
}

// TestDamagedRecords has a log of five records and spoils the third.
func TestDamagedRecords(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(b []byte, rec, size int) // the chunk, and the record's place in it
		want   []string
		events int
		lost   int64
	}{
		{"size 0", func(b []byte, rec, _ int) { putSize(b, rec, 0) }, []string{"a record size between 28 and"}, 5, 0},
		{"size 27", func(b []byte, rec, _ int) { putSize(b, rec, 27) }, []string{"found 27"}, 5, 0},
		{"size beyond the chunk", func(b []byte, rec, _ int) { putSize(b, rec, chunkSize) }, []string{"found 65536"}, 5, 0},
		{"size of 4 GiB", func(b []byte, rec, _ int) { putSize(b, rec, math.MaxUint32) }, []string{"found 4294967295"}, 5, 0},
		{"size that ends elsewhere", func(b []byte, rec, size int) { putSize(b, rec, uint32(size-8)) }, []string{"repeated at its end as"}, 5, 0},
		{"size behind it", func(b []byte, rec, size int) { putSize(b, rec+size-8, 9) }, []string{"repeated at its end as 9, expected"}, 5, 0},
		{"signature", func(b []byte, rec, _ int) { b[rec] = 0 }, []string{"a record should begin with 2a 2a 00 00, found 00 2a 00 00"}, 5, 0},
		{"all of it", func(b []byte, rec, size int) { clear(b[rec : rec+size]) }, []string{"found 00 00 00 00"}, 4, 1},
		{"first token", func(b []byte, rec, _ int) { b[rec+28] = 0x77 }, []string{"token 0x77 was not expected here"}, 4, 1},
		{"number of values", func(b []byte, rec, _ int) { put32(b, rec+38, math.MaxUint32) }, []string{"4294967295 values cannot stand in"}, 4, 1},
		{"size of a value", func(b []byte, rec, size int) { b[rec+42], b[rec+43] = 0xff, 0xff }, []string{"value 0 of 65535 bytes reaches behind"}, 4, 1},
		{"offset of the template: outside", func(b []byte, rec, size int) { put32(b, rec+34, math.MaxUint32) }, []string{"at offset 4294967295, outside of the chunk"}, 4, 1},
		{"offset of the template: elsewhere", func(b []byte, rec, size int) { put32(b, rec+34, chunkHeader+3) }, []string{"template 0x01010101 should be defined at offset 515"}, 4, 1},
		{"id of the template", func(b []byte, rec, size int) { put32(b, rec+30, 7) }, []string{"template 0x00000007 should be defined at"}, 4, 1},
		{"no BinXML", func(b []byte, rec, size int) { b[rec+28] = 0 }, []string{"no Event with a System section"}, 4, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newChunk(1)
			tm := &tmpl{guid: 1, body: []content{event(el("EventData", el("Data", sub(0))))}}
			var at [6]int
			for i := range 5 {
				at[i] = w.record(inst{tm, []val{str(fmt.Sprint("record ", i))}})
			}
			at[5] = len(w.buf)
			b := w.finish()
			tt.damage(b, at[2], at[3]-at[2])
			sealChunk(b)
			events, errs, c := readAll(t, logFile(b), nil)
			mustContain(t, errs, tt.want...)
			if len(events) != tt.events || c.Lost != tt.lost || c.Read != int64(tt.events) {
				t.Errorf("%d events, %d lost, want %d and %d", len(events), c.Lost, tt.events, tt.lost)
			}
			for _, ev := range events {
				if err := checkViews(ev); err != nil {
					t.Error(err)
				}
			}
			for _, err := range errs {
				e := (*evtx.Error)(nil)
				if errors.As(err, &e); e.Offset < fileHeaderSize+int64(at[2]) || e.Offset > fileHeaderSize+int64(at[3]) {
					t.Errorf("the error is at %d, the record from %d to %d", e.Offset, fileHeaderSize+at[2], fileHeaderSize+at[3])
				}
			}
		})
	}
}

func put32(b []byte, at int, n uint32)    { binary.LittleEndian.PutUint32(b[at:], n) }
func putSize(b []byte, rec int, n uint32) { put32(b, rec+4, n) }

// TestOverwrittenTemplate writes over a definition that two of three records use: these are
// errors, and no other text is put in its place.
func TestOverwrittenTemplate(t *testing.T) {
	w := newChunk(1)
	one := &tmpl{guid: 1, body: []content{event(el("EventData", el("Data", sub(0))))}}
	two := &tmpl{guid: 2, body: []content{event(el("EventData", el("Data", sub(0))))}}
	w.record(inst{one, []val{str("a")}})
	w.record(inst{two, []val{str("b")}})
	w.record(inst{one, []val{str("c")}})
	b := w.finish()
	clear(b[w.templates[one]+4:][:16])
	sealChunk(b)
	events, errs, c := readAll(t, logFile(b), nil)
	mustContain(t, errs, "found 0x00000000", "found 0x00000000")
	if len(events) != 1 || c.Lost != 2 || dataOf(t, events[0])[0].Value.String() != "b" {
		t.Errorf("%d events, %d lost", len(events), c.Lost)
	}
}

// TestTemplateCache has templates with one GUID and size that differ from chunk to chunk in
// their texts, names or what their names refer to: none is taken for another.
func TestTemplateCache(t *testing.T) {
	chunk := func(first uint64, name, other, text string) *builder {
		w := newChunk(first)
		// The name stands in front, so that the template refers back to it.
		w.record(event(el("UserData", el(name), el(other))))
		w.record(inst{&tmpl{guid: 1, body: []content{event(el("UserData", el(name, at("Inline", "a"), text)))}}, nil})
		return w
	}
	same := chunk(1, "Aaaa", "Bbbb", "x")
	swapped := chunk(3, "Bbbb", "Aaaa", "x")
	texts := chunk(5, "Aaaa", "Bbbb", "y")
	again := chunk(7, "Aaaa", "Bbbb", "x")
	// The name of the attribute stands in the template. Here its offset leads to another, so
	// that its place is taken for something else.
	moved := chunk(9, "Aaaa", "Bbbb", "x")
	at := bytes.LastIndex(moved.buf, utf16le("Inline")) - 8
	put32(moved.buf, at-4, uint32(moved.names["Bbbb"]))

	events, errs, _ := readAll(t, logFile(same.finish(), swapped.finish(), texts.finish(), again.finish(), moved.finish()), nil)
	mustContain(t, errs, "")
	var got []string
	for _, ev := range events {
		if s := xmlOf(t, ev); strings.Contains(s, "Inline") {
			got = append(got, s)
		}
	}
	want := []string{
		eventXML(`<UserData><Aaaa Inline="a">x</Aaaa></UserData>`), eventXML(`<UserData><Bbbb Inline="a">x</Bbbb></UserData>`),
		eventXML(`<UserData><Aaaa Inline="a">y</Aaaa></UserData>`), eventXML(`<UserData><Aaaa Inline="a">x</Aaaa></UserData>`),
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// TestBadTemplates has definitions that cannot be compiled; each record that uses one is an
// error, in little time.
func TestBadTemplates(t *testing.T) {
	deep := func(n int) content {
		e := el("X")
		for range n {
			e = el("X", e)
		}
		return e
	}
	for _, tt := range []struct {
		name string
		body []content
		want string
	}{
		{"too deep", []content{event(deep(100))}, "elements are nested more than 64 deep"},
		{"name outside of the chunk", []content{bare{0x01, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0, 0}}, "outside of the chunk"},
		{"end without a beginning", []content{event(), bare{0x04}}, "token 0x04 was not expected here"},
		{"start tag without an end", []content{event(bare{0x01, 0xff, 0xff, 0, 0, 0, 0, 0, 2, 0, 0})}, ""},
		{"literal number", []content{event(bare{0x05, 0x08, 1, 0, 0, 0})}, "a literal value should be a string, found type 0x08"},
		{"text beyond the end", []content{event(bare{0x05, 0x01, 0xff, 0xff})}, "a text needs 131070 bytes"},
		{"name that is no name", []content{event(el("a b"))}, `"a b" is not the name of an element or attribute`},
		{"name that would end the tag", []content{event(el("a><b"))}, `"a><b" is not the name`},
		{"empty name", []content{event(el(""))}, `"" is not the name`},
		{"name of colons", []content{event(el("a:b:c"))}, `is not the name`},
		{"name of an attribute", []content{event(el("X", at(`a="`, "v")))}, `is not the name`},
		{"name that is long", []content{event(el(strings.Repeat("x", 300)))}, "a name has 300 characters, at most 256"},
		{"attribute twice", []content{event(el("X", at("a", "1"), at("a", "2")))}, `a second attribute "a"`},
		{"processing instruction named xml", []content{event(pi{"XML", "version='9'"})}, "an XML declaration"},
		{"no System section", []content{el("Event", el("EventData"))}, "no Event with a System section"},
		{"Event that depends on null", []content{el("Event", dep(0), el("System"))}, "no Event with a System section"},
		{"two Events", []content{event(), event()}, "no Event with a System section"},
		{"text beside Event", []content{event(), text("x")}, "no Event with a System section"},
		{"no Event", []content{el("Evento", el("System"))}, "no Event with a System section"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newChunk(1)
			bad, good := &tmpl{guid: 1, body: tt.body}, &tmpl{guid: 2, body: []content{event()}}
			for range 3 {
				w.record(inst{bad, nil})
				w.record(inst{good, nil})
			}
			events, errs, c := readAll(t, logFile(w.finish()), nil)
			mustContain(t, errs, tt.want, tt.want, tt.want)
			if len(events) != 3 || c.Lost != 3 {
				t.Errorf("%d events, %d lost, want 3 and 3", len(events), c.Lost)
			}
		})
	}
}

// TestEventAsArray has a record whose Event would repeat.
func TestEventAsArray(t *testing.T) {
	events, errs, _ := readAll(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(sub(0))}}, []val{strs("a", "b")}}), nil)
	mustContain(t, errs, "no Event with a System section")
	if len(events) != 0 {
		t.Errorf("%d events", len(events))
	}
}

// TestSelfReference has a template whose definition uses itself, as an instance and as the
// value of a hole.
func TestSelfReference(t *testing.T) {
	w := newChunk(1)
	self := &tmpl{guid: 1}
	self.body = []content{event(selfInstance{self})}
	w.record(inst{self, nil})
	events, errs, _ := readAll(t, logFile(w.finish()), nil)
	mustContain(t, errs, "nested more than 64 deep")
	if len(events) != 0 {
		t.Errorf("%d events", len(events))
	}
}

// selfInstance is an instance of a template inside of its own definition.
type selfInstance struct{ t *tmpl }

func (s selfInstance) write(w *builder, deps bool) {
	inst{s.t, nil}.write(w, deps) // refers back: the definition has begun already
}

// TestNestedValues nests BinXML values to the limit and beyond.
func TestNestedValues(t *testing.T) {
	value := func(n int) val {
		tm := &tmpl{guid: 3, body: []content{el("X", sub(0))}}
		v := str("end")
		for range n {
			v = nested(false, inst{tm, []val{v}})
		}
		return v
	}
	for _, n := range []int{1, 10, 62} {
		ev := readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(el("UserData", sub(0)))}}, []val{value(n)}}))
		want := eventXML("<UserData>" + strings.Repeat("<X>", n) + "end" + strings.Repeat("</X>", n) + "</UserData>")
		if got := xmlOf(t, ev); got != want {
			t.Errorf("%d values: %s", n, got)
		}
		if err := checkViews(ev); err != nil {
			t.Errorf("%d values: %v", n, err)
		}
	}
	ev := readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(el("UserData", sub(0)))}}, []val{value(100)}}))
	eachView(ev, func(name string, err error) {
		if err == nil || !strings.Contains(err.Error(), "nested more than 64 deep") {
			t.Errorf("%s: error %v", name, err)
		}
	})
}

// eachView calls f with the error of each way to print or read an event.
func eachView(ev *evtx.Event, f func(name string, err error)) {
	before := []byte("before")
	b, err := ev.AppendXML(before)
	if err != nil && !bytes.Equal(b, before) {
		err = fmt.Errorf("%w, and %q in place of dst", err, b)
	}
	f("AppendXML", err)
	b, err = ev.AppendJSON(before)
	if err != nil && !bytes.Equal(b, before) {
		err = fmt.Errorf("%w, and %q in place of dst", err, b)
	}
	f("AppendJSON", err)
	_, err = ev.Data()
	f("Data", err)
}

// TestLimits has records of some kilobytes that would print as gigabytes or take minutes:
// each view ends with an error, soon.
func TestLimits(t *testing.T) {
	many := func(n int, c content) (list []any) {
		for range n {
			list = append(list, c)
		}
		return list
	}
	long := strings.Repeat("x", 9000)
	bytesArray := func(n int) val { return val{typ: evtx.TypeUint8 | evtx.ArrayFlag, raw: make([]byte, n)} }
	doubling := func(n int) content {
		last := &tmpl{guid: 1, body: []content{el("X", "a")}}
		for i := range n {
			last = &tmpl{guid: byte(2 + i), body: []content{el("X", inst{last, nil}, inst{last, nil})}}
		}
		return inst{last, nil}
	}
	for _, tt := range []struct {
		name   string
		body   []any
		values []val
	}{
		{"a value that is used again and again", many(4000, sub(0)), []val{str(strings.Repeat("y", 20000))}},
		{"a literal for each item of an array", []any{el("X", long, el("Y", sub(0)), sub(0))}, []val{bytesArray(20000)}},
		{"an attribute for each item of an array", []any{el("X", at("a", long), sub(0))}, []val{bytesArray(20000)}},
		{"elements for each item of an array", []any{el("X", append(many(1000, el("Y")), sub(0))...)}, []val{bytesArray(20000)}},
		{
			"BinXML that is used again and again",
			[]any{el("X", append(many(2000, sub(1)), sub(0))...)},
			[]val{bytesArray(5000), nested(true, pi{"a", ""}, text(strings.Repeat("z", 5000)))},
		},
		{"nothing printed", []any{el("X", append(many(4000, pi{"a", ""}), sub(0))...)}, []val{bytesArray(30000)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newChunk(1)
			w.record(inst{&tmpl{guid: 1, body: []content{event(el("UserData", el("R", tt.body...)))}}, tt.values})
			ev := readOne(t, logFile(w.finish()))
			start := time.Now()
			failed := 0
			eachView(ev, func(name string, err error) {
				if err == nil {
					return // a view may leave out what is much
				}
				failed++
				if !strings.Contains(err.Error(), "larger than the limit") {
					t.Errorf("%s: %v", name, err)
				}
			})
			if d := time.Since(start); failed == 0 || d > 10*time.Second {
				t.Errorf("%d views failed, after %s", failed, d)
			}
		})
	}
	t.Run("field of the System section", func(t *testing.T) {
		computer := el("Computer", many(5000, sub(0))...)
		w := newChunk(1)
		w.record(inst{&tmpl{guid: 1, body: []content{el("Event", el("System", computer))}}, []val{str(strings.Repeat("y", 10000))}})
		ev := readOne(t, logFile(w.finish()))
		if n := len(ev.Computer); n < chunkSize || n > 2*chunkSize {
			t.Errorf("a computer's name of %d bytes", n)
		}
	})
	t.Run("templates that double", func(t *testing.T) {
		w := newChunk(1)
		w.record(event(doubling(25)))
		_, errs, _ := readAll(t, logFile(w.finish()), nil)
		mustContain(t, errs, "more than 65536 parts")
		ev := readOne(t, oneRecord(event(el("UserData", doubling(8)))))
		if got, want := strings.Count(xmlOf(t, ev), "<X>a</X>"), 256; got != want {
			t.Errorf("%d elements, want %d", got, want)
		}
	})
	t.Run("definitions that overlap", func(t *testing.T) {
		// A body of character references is a definition at every third byte: the size, four
		// bytes before it, is 0x0800 whenever the offset is right.
		w := newChunk(1)
		good := &tmpl{guid: 9, body: []content{event()}}
		w.record(inst{good, nil})
		at := w.record(event(el("X", bare(bytes.Repeat([]byte{0x08, 0, 0}, 9000)))))
		defs := 0
		for off := at + 2000; len(w.buf) < 60000; off += 3 {
			p := off
			for w.buf[p+20] != 0 || w.buf[p+21] != 8 {
				p++
			}
			w.record(bare{0x0c, 1}, bare(w.buf[p+4:p+8]), bare(le(4, uint64(p))), bare(le(4, 0)))
			defs++
		}
		w.record(inst{good, nil})
		events, errs, _ := readAll(t, logFile(w.finish()), nil)
		overlap := slices.ContainsFunc(errs, func(err error) bool { return strings.Contains(err.Error(), "they overlap") })
		if len(events) != 3 || len(errs) != defs || !overlap {
			t.Errorf("%d events and %d errors of %d records with overlapping templates", len(events), len(errs), defs)
		}
	})
	t.Run("configured", func(t *testing.T) {
		r := openLog(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(el("UserData", el("R", el("R", sub(0)))))}}, []val{str(long)}}),
			evtx.Config{MaxEventSize: 5000})
		for ev, err := range r.Events(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ev.AppendJSON(nil); err == nil || !strings.Contains(err.Error(), "larger than the limit") {
				t.Errorf("MaxEventSize: error %v", err)
			}
		}
		r = openLog(t, oneRecord(event(el("X", el("X")))), evtx.Config{MaxDepth: 2})
		for ev, err := range r.Events(context.Background(), nil) {
			if err == nil || !strings.Contains(err.Error(), "nested more than 2 deep") {
				t.Errorf("MaxDepth: event %v, error %v", ev, err)
			}
		}
		log := serverLog(30)
		log.Condition.ChunkEvents = 10
		b := logBytes(t, log)
		r = openLog(t, b, evtx.Config{MaxChunks: 2})
		n, last := 0, error(nil)
		for _, err := range r.Events(context.Background(), nil) {
			if n++; err != nil {
				last = err
			}
		}
		if n != 21 || last == nil || !strings.Contains(last.Error(), "more than 2 chunks") {
			t.Errorf("MaxChunks: %d steps, error %v", n, last)
		}
	})
}

// TestOrder reads a ring that was written around: the events come in the order in which
// they were logged.
func TestOrder(t *testing.T) {
	for _, rotate := range []int{0, 1, 3} {
		log := serverLog(50)
		log.FirstRecord = 101
		log.Condition.ChunkEvents, log.Condition.Rotate = 10, rotate
		events, errs, c := readAll(t, logBytes(t, log), nil)
		mustContain(t, errs)
		for i, ev := range events {
			if ev.RecordID != uint64(101+i) {
				t.Fatalf("rotated by %d: event %d has number %d", rotate, i, ev.RecordID)
			}
		}
		if len(events) != 50 || c.Wrapped != (rotate > 0) || c.Streams[0].GapCount != 0 {
			t.Errorf("rotated by %d: %d events, coverage %+v", rotate, len(events), c)
		}
		if s := c.Streams[0]; !s.Wrapped() {
			t.Errorf("rotated by %d: the stream begins with record %d, yet is not wrapped", rotate, s.FirstID)
		}
	}
}

// TestLiveLog reads logs as they are copied while their service runs, and what else happens
// to files.
func TestLiveLog(t *testing.T) {
	old := serverLog(40).Events
	for _, tt := range []struct {
		name   string
		cond   fixture.EvtxCondition
		events int
		dirty  bool
		lost   int64
		want   []string
	}{
		{"header knows one chunk of five", fixture.EvtxCondition{ChunkEvents: 10, HeaderChunks: 1, Dirty: true}, 50, true, 0, nil},
		{"header knows more than there are", fixture.EvtxCondition{ChunkEvents: 10, HeaderChunks: 9}, 50, false, 1, []string{"it is cut off"}},
		{"space reserved", fixture.EvtxCondition{EmptyChunks: 3}, 50, false, 0, nil},
		{"old records behind the free space mark", fixture.EvtxCondition{Slack: old}, 50, false, 0, nil},
		{"no checksums", fixture.EvtxCondition{NoChecksums: true}, 50, false, 0, nil},
		{"version 3.2", fixture.EvtxCondition{Minor: 2}, 50, false, 0, nil},
		{"bad sum", fixture.EvtxCondition{ChunkEvents: 10, BadSum: []int{1}}, 50, false, 0, []string{"the checksum of the chunk's records"}},
		{"bad header sum", fixture.EvtxCondition{ChunkEvents: 10, BadHeaderSum: []int{1}}, 50, false, 0, []string{"the chunk header's checksum"}},
		{"bad signature", fixture.EvtxCondition{ChunkEvents: 10, BadMagic: []int{1, 3}}, 50, false, 0, []string{"a chunk should begin with", "a chunk should begin with"}},
		{"a chunk of zeros", fixture.EvtxCondition{ChunkEvents: 10, Drop: []int{2}}, 40, false, 1, []string{"65536 zeros stand where the file header counts a chunk"}},
		{"a torn end", fixture.EvtxCondition{ChunkEvents: 50, Cut: chunkSize - 8000}, -1, false, -1, []string{"the last chunk is cut off", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := serverLog(50)
			log.Condition = tt.cond
			events, errs, c := readAll(t, logBytes(t, log), nil)
			mustContain(t, errs, tt.want...)
			if tt.events < 0 {
				if len(events) == 0 || c.Lost != int64(50-len(events)) {
					t.Errorf("%d events, %d lost", len(events), c.Lost)
				}
				return
			}
			if len(events) != tt.events || c.Dirty != tt.dirty || c.Lost != tt.lost {
				t.Errorf("%d events, coverage %+v", len(events), c)
			}
			if missing := 50 - tt.events; missing > 0 && c.Streams[0].GapCount == 0 {
				t.Errorf("%d records are missing and there is no gap: %+v", missing, c.Streams[0])
			}
			for i := 1; i < len(events); i++ {
				if events[i].RecordID <= events[i-1].RecordID {
					t.Fatalf("record %d comes after %d", events[i].RecordID, events[i-1].RecordID)
				}
			}
		})
	}
}

// TestZeroedChunkHeader has a chunk whose header was wiped while its records stand: not
// silently taken for free space.
func TestZeroedChunkHeader(t *testing.T) {
	log := serverLog(20)
	log.Condition.ChunkEvents = 10
	b := logBytes(t, log)
	clear(b[fileHeaderSize:][:chunkHeader])
	events, errs, _ := readAll(t, b, nil)
	mustContain(t, errs, "offset 4096: a chunk should begin with")
	if len(events) != 20 || events[0].Recovery != evtx.InDamagedChunk || events[10].Recovery != evtx.Intact {
		t.Errorf("%d events, want those of both chunks", len(events))
	}
}

func TestExportedLog(t *testing.T) {
	log := serverLog(12)
	log.FirstRecord = 5000
	log.Condition.Exported = true
	events, errs, _ := readAll(t, logBytes(t, log), nil)
	mustContain(t, errs)
	for i, ev := range events {
		if ev.RecordID != uint64(5000+i) || ev.HeaderRecordID != uint64(1+i) || ev.Location.Record != ev.RecordID {
			t.Errorf("event %d: record %d, in the header %d, location %+v", i, ev.RecordID, ev.HeaderRecordID, ev.Location)
		}
	}
}

func TestCoverage(t *testing.T) {
	log := fixture.EvtxLog{Channel: "System", Computer: "A"}
	add := func(id uint64, computer, channel string) {
		e := scm(7036, 4, "param1", "x")
		e.EventSourceName = "" // so that channel and computer are values of one template
		e.RecordID, e.Computer, e.Channel = id, computer, channel
		e.Time = logStart.Add(time.Duration(len(log.Events)) * time.Hour)
		log.Events = append(log.Events, e)
	}
	at := func(i int) time.Time { return logStart.Add(time.Duration(i) * time.Hour) }
	add(10, "", "")  // 0
	add(11, "", "")  // 1
	add(1, "B", "")  // 2
	add(15, "", "")  // 3: 12 to 14 are missing
	add(2, "B", "S") // 4
	add(16, "", "")  // 5
	add(2, "B", "")  // 6
	add(90, "", "")  // 7: 17 to 89 are missing
	_, errs, c := readAll(t, logBytes(t, log), nil)
	mustContain(t, errs)
	if !c.First.Equal(at(0)) || !c.Last.Equal(at(7)) || c.Read != 8 || !c.Complete || c.Dirty || c.Wrapped {
		t.Errorf("coverage %+v", c)
	}
	want := []evtx.Stream{
		{Channel: "S", Computer: "B", First: at(4), Last: at(4), FirstID: 2, LastID: 2, Records: 1},
		{
			Channel: "System", Computer: "A", First: at(0), Last: at(7), FirstID: 10, LastID: 90, Records: 5, GapCount: 2,
			Gaps: []evtx.Gap{{After: 11, Before: 15, From: at(1), To: at(3)}, {After: 16, Before: 90, From: at(5), To: at(7)}},
		},
		{Channel: "System", Computer: "B", First: at(2), Last: at(6), FirstID: 1, LastID: 2, Records: 2},
	}
	if len(c.Streams) != len(want) {
		t.Fatalf("%d streams: %+v", len(c.Streams), c.Streams)
	}
	for i := range want {
		if got := fmt.Sprintf("%+v", publicStream(c.Streams[i])); got != fmt.Sprintf("%+v", publicStream(want[i])) {
			t.Errorf("stream %d\n got %s\nwant %+v", i, got, want[i])
		}
		if c.Streams[i].Wrapped() != (want[i].FirstID > 1) {
			t.Errorf("stream %d: Wrapped() = %t", i, c.Streams[i].Wrapped())
		}
	}
}

// publicStream is the part of a stream that a caller sees.
func publicStream(s evtx.Stream) any {
	return []any{s.Channel, s.Computer, s.First, s.Last, s.FirstID, s.LastID, s.Records, s.Gaps, s.GapCount}
}

// TestCoverageOrder has record numbers out of order, as logs of forwarded events can have them:
// a gap is what is missing in the end.
func TestCoverageOrder(t *testing.T) {
	tm := &tmpl{guid: 1, body: []content{el("Event", el("System", el("EventRecordID", sub(0)), el("TimeCreated", at("SystemTime", sub(1)))))}}
	gap := func(after, before uint64) [2]uint64 { return [2]uint64{after, before} }
	hour := func(h int) time.Time { return logStart.Add(time.Duration(h) * time.Hour) }
	for _, tt := range []struct {
		name        string
		ids         []uint64
		times       []int // in hours; by number where there are none
		first, last uint64
		gaps        [][2]uint64
		from, to    int // First and Last, in hours
	}{
		{"in order", []uint64{1, 2, 3}, nil, 1, 3, nil, 1, 3},
		{"missing", []uint64{1, 2, 5}, nil, 1, 5, [][2]uint64{gap(2, 5)}, 1, 5},
		{"filled later", []uint64{10, 14, 11, 12, 13, 15}, nil, 10, 15, nil, 10, 15},
		{"filled in part", []uint64{10, 20, 15, 21}, nil, 10, 21, [][2]uint64{gap(10, 15), gap(15, 20)}, 10, 21},
		{"filled from behind", []uint64{10, 13, 12, 11}, nil, 10, 13, nil, 10, 13},
		{"lower ones later", []uint64{10, 11, 5, 8, 12, 20}, nil, 5, 20, [][2]uint64{gap(5, 8), gap(8, 10), gap(12, 20)}, 5, 20},
		{"twice", []uint64{1, 2, 2, 3}, nil, 1, 3, nil, 1, 3},
		{"the clock was wrong once", []uint64{1, 2, 3, 4}, []int{10, -9000, 9000, 20}, 1, 4, nil, 10, 20},
		{"the clock was set back over a gap", []uint64{1, 5}, []int{10, 2}, 1, 5, [][2]uint64{gap(1, 5)}, 10, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newChunk(1)
			for i, id := range tt.ids {
				at := hour(int(id))
				if tt.times != nil {
					at = hour(tt.times[i])
				}
				ticks := uint64(at.Unix()+11644473600) * 1e7
				w.record(inst{tm, []val{{typ: evtx.TypeUint64, raw: le(8, id)}, {typ: evtx.TypeFileTime, raw: le(8, ticks)}}})
			}
			_, errs, c := readAll(t, logFile(w.finish()), nil)
			mustContain(t, errs)
			s := c.Streams[0]
			var gaps [][2]uint64
			for _, g := range s.Gaps {
				gaps = append(gaps, gap(g.After, g.Before))
				if g.From.After(g.To) {
					t.Errorf("gap %+v ends before it begins", g)
				}
			}
			if s.FirstID != tt.first || s.LastID != tt.last || !slices.Equal(gaps, tt.gaps) || s.GapCount != len(tt.gaps) || s.Records != int64(len(tt.ids)) {
				t.Errorf("stream %+v", s)
			}
			if !s.First.Equal(hour(tt.from)) || !s.Last.Equal(hour(tt.to)) {
				t.Errorf("from %s to %s, want %s to %s", s.First, s.Last, hour(tt.from), hour(tt.to))
			}
		})
	}
}

// TestSystemFromValues has channel, computer, provider, level and id as values of one
// template, as events of manifests have them: streams and filters must look at each record.
func TestSystemFromValues(t *testing.T) {
	tm := &tmpl{guid: 1, body: []content{el("Event", el("System", el("Provider", at("Name", sub(0))), el("EventID", sub(1)), el("Level", sub(2)),
		el("EventRecordID", sub(1)), el("Channel", sub(3)), el("Computer", sub(4))))}}
	w := newChunk(1)
	for i := range 12 {
		w.record(inst{tm, []val{
			str(fmt.Sprint("P", i%2)), u16val(1 + i), {typ: evtx.TypeUint8, raw: []byte{byte(i % 4)}}, str(fmt.Sprint("C", i/2%2)), str(fmt.Sprint("H", i/6)),
		}})
	}
	b := logFile(w.finish())
	_, errs, c := readAll(t, b, nil)
	mustContain(t, errs)
	var streams []string
	for _, s := range c.Streams {
		streams = append(streams, fmt.Sprint(s.Channel, " ", s.Computer, ": ", s.Records))
	}
	if got, want := strings.Join(streams, ", "), "C0 H0: 4, C0 H1: 2, C1 H0: 2, C1 H1: 4"; got != want {
		t.Errorf("streams %s, want %s", got, want)
	}
	all := readSeen(t, b)
	for i, sel := range []evtx.Selector{
		{Providers: []string{"p1"}}, {IDs: []uint16{4, 5}}, {Levels: []uint8{3}}, {Channels: []string{"C1"}}, {Computers: []string{"h1", "H9"}},
	} {
		if got, want := checkFilter(t, b, all, []evtx.Selector{sel}), []int{6, 2, 3, 6, 6}[i]; got != want {
			t.Errorf("selector %d: %d events, want %d", i, got, want)
		}
	}
}

// TestCoverageLimits has more gaps and streams than are kept, and names of absurd length.
func TestCoverageLimits(t *testing.T) {
	root := el("Event", el("System", el("EventRecordID", sub(0)), el("Channel", "C"), el("Computer", sub(1))))
	tm := &tmpl{guid: 1, body: []content{root}}
	read := func(n int, computer func(i int) string) evtx.Coverage {
		var chunks [][]byte
		for i := 0; i < n; {
			w := newChunk(uint64(1 + i))
			for ; i < n && len(w.buf) < chunkSize/2; i++ {
				w.record(inst{tm, []val{{typ: evtx.TypeUint64, raw: le(8, uint64(2*i))}, str(computer(i))}})
			}
			chunks = append(chunks, w.finish())
		}
		_, errs, c := readAll(t, logFile(chunks...), nil)
		mustContain(t, errs)
		return c
	}
	c := read(301, func(int) string { return "host" })
	if s := c.Streams[0]; len(c.Streams) != 1 || len(s.Gaps) != 100 || s.GapCount != 300 {
		t.Errorf("%d gaps of %d are kept", len(s.Gaps), s.GapCount)
	}
	c = read(5000, func(i int) string { return fmt.Sprint("host", i) })
	if len(c.Streams) != 4097 || c.Streams[0].Computer != "" || c.Streams[0].Records != 5000-4096 {
		t.Errorf("%d streams, the first %q with %d records", len(c.Streams), c.Streams[0].Computer, c.Streams[0].Records)
	}
	c = read(3, func(i int) string { return strings.Repeat("x", i*1500) })
	if len(c.Streams) != 3 || c.Streams[0].Channel != "" || c.Streams[0].Records != 1 {
		t.Errorf("streams %+v", c.Streams)
	}
}

// TestBreak leaves the loop: nothing follows, and the coverage says so.
func TestBreak(t *testing.T) {
	log := serverLog(50)
	log.Condition.ChunkEvents, log.Condition.BadSum = 10, []int{0, 2}
	b := logBytes(t, log)
	total := 52 // steps, with two errors
	for stop := 1; stop <= total; stop++ {
		r := openLog(t, b, evtx.Config{})
		n := 0
		for range r.Events(context.Background(), nil) {
			if n++; n == stop {
				break
			}
		}
		if c := r.Coverage(); n != stop || c.Complete {
			t.Fatalf("stopped after %d of %d steps, coverage %+v", n, stop, c)
		}
	}
}

func TestContext(t *testing.T) {
	log := serverLog(50)
	log.Condition.ChunkEvents = 10
	b := logBytes(t, log)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := openLog(t, b, evtx.Config{})
	n, last := 0, error(nil)
	for _, err := range r.Events(ctx, nil) {
		if last != nil {
			t.Fatal("a step after the context's error")
		}
		if n++; n == 15 {
			cancel()
		}
		last = err
	}
	if c := r.Coverage(); !errors.Is(last, context.Canceled) || n != 21 || c.Complete {
		t.Errorf("%d steps, error %v, coverage %+v; want the rest of the chunk and the error", n, last, c)
	}
	n = 0
	for ev, err := range r.Events(ctx, nil) {
		if n++; ev != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("event %v, error %v of a context that had ended", ev, err)
		}
	}
	if n != 1 {
		t.Errorf("%d steps, want 1", n)
	}
	n = 0
	for _, err := range openLog(t, logFile(make([]byte, 5*chunkSize)), evtx.Config{}).Events(ctx, nil) {
		if n++; !errors.Is(err, context.Canceled) {
			t.Errorf("a log without events: error %v", err)
		}
	}
	if n != 1 {
		t.Errorf("a log without events: %d steps, want 1", n)
	}
}

// faultyReader fails, or comes short, when a read touches the bytes from bad to bad+n.
type faultyReader struct {
	b      []byte
	bad, n int64
	err    error // nil to come short without saying so
}

func (f *faultyReader) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, f.b[min(off, int64(len(f.b))):])
	if off < f.bad+f.n && f.bad < off+int64(n) {
		return int(max(f.bad-off, 0)), f.err
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func TestFailingReader(t *testing.T) {
	log := serverLog(50)
	log.Condition.ChunkEvents = 10
	b := logBytes(t, log)
	broken := errors.New("the disk is broken")
	for _, err := range []error{broken, io.EOF, io.ErrUnexpectedEOF, nil} {
		for _, bad := range []int64{50, 5000, fileHeaderSize + chunkSize, fileHeaderSize + chunkSize + 3000, fileHeaderSize + 2*chunkSize - 1} {
			f := &faultyReader{b: b, bad: bad, n: 1, err: err}
			r, openErr := evtx.NewReader(f, int64(len(b)), evtx.Config{})
			if bad == 50 {
				if openErr == nil || err == broken && !errors.Is(openErr, broken) {
					t.Errorf("%v at %d: NewReader gives %v", err, bad, openErr)
				}
				continue
			}
			if openErr != nil {
				t.Fatal(openErr)
			}
			events, errs := 0, 0
			for _, stepErr := range r.Events(context.Background(), nil) {
				if stepErr == nil {
					events++
					continue
				}
				if errs++; errs == 1 && err == broken && !errors.Is(stepErr, broken) {
					t.Errorf("%v at %d: the error is %v", err, bad, stepErr)
				}
			}
			if events < 40 || events >= 50 && bad < fileHeaderSize+2*chunkSize-1 || errs == 0 || !r.Coverage().Complete {
				t.Errorf("%v at %d: %d events, %d errors", err, bad, events, errs)
			}
		}
	}
}

// TestClone keeps clones beyond the iteration and prints them in other goroutines while the
// log is read again.
func TestClone(t *testing.T) {
	log := serverLog(300)
	log.Events = append(log.Events, forwardedLog().Events[:50]...)
	b := logBytes(t, log)
	r := openLog(t, b, evtx.Config{})
	var clones []*evtx.Event
	var want []string
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, xmlOf(t, ev)+jsonOf(t, ev))
		clones = append(clones, ev.Clone())
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i, c := range clones {
				if i%4 != g {
					continue
				}
				x, err1 := c.AppendXML(nil)
				j, err2 := c.AppendJSON(nil)
				if got := string(x) + string(j); got != want[i] || err1 != nil || err2 != nil {
					t.Errorf("clone %d prints %s, want %s (%v, %v)", i, got, want[i], err1, err2)
				}
			}
		})
	}
	wg.Go(func() {
		for range r.Events(context.Background(), nil) {
		}
	})
	wg.Wait()
}

// TestClonesOfOneEvent prints clones of one event at once: one with arrays and a template
// in a literal fragment, whose values are replaced while it prints.
func TestClonesOfOneEvent(t *testing.T) {
	tm := &tmpl{guid: 5, body: []content{el("EventData", el("Data", sub(0)), el("Data", sub(1)))}}
	ev := readOne(t, oneRecord(event(inst{tm, []val{strs("1", "2", "3"), nested(false, el("X", "y"))}})))
	want := xmlOf(t, ev) + jsonOf(t, ev)
	var wg sync.WaitGroup
	for range 4 {
		c := ev.Clone()
		wg.Go(func() {
			for range 200 {
				x, _ := c.AppendXML(nil)
				j, _ := c.AppendJSON(nil)
				if data, err := c.Data(); string(x)+string(j) != want || err != nil || len(data) != 4 {
					t.Errorf("%s%s, %d data, error %v", x, j, len(data), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestConcurrentEvents runs several iterations of one reader at once.
func TestConcurrentEvents(t *testing.T) {
	log := serverLog(300)
	log.Condition.ChunkEvents = 20
	r := openLog(t, logBytes(t, log), evtx.Config{})
	f, err := evtx.Compile(evtx.Selector{IDs: []uint16{6013}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			filter, want := f, 30
			if g%2 == 0 {
				filter, want = nil, 300
			}
			n, next := 0, uint64(0)
			for ev, err := range r.Events(context.Background(), filter) {
				if err != nil || ev.RecordID <= next {
					t.Errorf("event %d, error %v", n, err)
					return
				}
				next = ev.RecordID
				if _, err := ev.AppendJSON(nil); err != nil {
					t.Error(err)
				}
				n++
			}
			if n != want {
				t.Errorf("%d events, want %d", n, want)
			}
			_ = r.Coverage()
		})
	}
	wg.Wait()
	if c := r.Coverage(); !c.Complete || c.Read+c.Skipped != 300 {
		t.Errorf("coverage %+v", c)
	}
}

// TestDeterministic reads a damaged log twice.
func TestDeterministic(t *testing.T) {
	log := forwardedLog()
	log.Condition.ChunkEvents, log.Condition.BadSum, log.Condition.Rotate = 30, []int{2}, 3
	b := logBytes(t, log)
	for i := fileHeaderSize + 5000; i < len(b); i += 9973 {
		b[i] ^= 0x55
	}
	read := func() string {
		var s strings.Builder
		r := openLog(t, b, evtx.Config{})
		for ev, err := range r.Events(context.Background(), nil) {
			if err != nil {
				fmt.Fprintln(&s, err)
				continue
			}
			j, err := ev.AppendJSON(nil)
			fmt.Fprintln(&s, string(j), err)
		}
		c := r.Coverage()
		for _, st := range c.Streams {
			fmt.Fprintln(&s, publicStream(st))
		}
		return s.String()
	}
	first := read()
	for range 5 {
		if again := read(); again != first {
			t.Fatal("two iterations differ")
		}
	}
	if !strings.Contains(first, "checksum") {
		t.Error("the damage does not show")
	}
}
