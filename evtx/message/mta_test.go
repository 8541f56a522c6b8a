package message

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

func readMTA(b []byte) (*MTA, error) { return ReadMTA(bytes.NewReader(b), int64(len(b))) }

func TestReadMTA(t *testing.T) {
	w := fixture.MTA{PageRecords: 2, Texts: []string{"Der Dienst läuft.\r\n", "100 %1 %n", "", "𝄞"}}
	for i := range uint64(7) {
		w.Events = append(w.Events, [2]uint64{4711 + i, i % 4})
	}
	w.Events = append(w.Events, [2]uint64{1<<40 + 5, 1}, [2]uint64{9, 0}, [2]uint64{9, 1}, [2]uint64{10, 2}, [2]uint64{10, 2})
	m, err := readMTA(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for record, want := range map[uint64]string{
		4711: "Der Dienst läuft.", 4712: "100 %1 %n", 4713: "", 4714: "𝄞", 4715: "Der Dienst läuft.", 1<<40 + 5: "100 %1 %n",
		10: "",
	} {
		text, ok := m.Template(&evtx.System{RecordID: record})
		if !ok {
			t.Errorf("record %d has no text", record)
			continue
		}
		f := newFiller(&evtx.System{}, nil, 1000)
		f.template(text)
		if f.out.String() != want {
			t.Errorf("record %d: %q, want %q", record, f.out.String(), want)
		}
	}
	for _, record := range []uint64{0, 9, 4718} { // 9 has two texts
		if _, ok := m.Template(&evtx.System{RecordID: record}); ok {
			t.Errorf("record %d has a text", record)
		}
	}
	if m.Len() != 9 {
		t.Errorf("%d records, want 9", m.Len())
	}
	if m, err := readMTA(fixture.MTA{}.Bytes()); err != nil || m.Len() != 0 {
		t.Errorf("a file without events: %v", err)
	}
}

// The text of the MTA file of a log is preferred to the catalogue.
func TestRenderMTA(t *testing.T) {
	m, err := readMTA(fixture.MTA{Texts: []string{"Der Dienst ADSync läuft."}, Events: [][2]uint64{{4711, 0}}}.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	events := written(t, named(7036, "param1", "ADSync", "param2", "läuft"), named(7036, "param1", "ADSync", "param2", "beendet"))
	r := &Renderer{Sources: []Source{m}}
	for i, want := range []Text{
		{Message: "Der Dienst ADSync läuft.", Origin: Supplied},
		{Message: `The ADSync service changed to the state "beendet".`, Origin: Catalogued},
	} {
		if got := render(t, r, events[i]); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestDamagedMTA(t *testing.T) {
	le := binary.LittleEndian
	good := fixture.MTA{PageRecords: 2, Texts: []string{"a", "b", "c"}, Events: [][2]uint64{{1, 0}, {2, 1}, {3, 2}}}.Bytes()
	const table = mtaHeaderSize
	evt := int(le.Uint64(good[table+26:]))
	msg := int(le.Uint64(good[table+52:]))
	record := func(section int) int { return section + int(le.Uint64(good[section+mtaMarkSize+24:])) }
	put32 := func(off int, v uint32) func([]byte) { return func(b []byte) { le.PutUint32(b[off:], v) } }
	put64 := func(off int, v uint64) func([]byte) { return func(b []byte) { le.PutUint64(b[off:], v) } }
	for _, c := range []struct {
		name   string
		damage func([]byte)
		want   string
	}{
		{"another file", put32(0, 0x464c45), `it should begin with "MTAFile", found "ELF\x00ile\x00"`},
		{"another version", put32(8, 2), "version 2.1 is not known"},
		{"a huge table", put32(16, 1<<31), "a table of sections of 2147483648 bytes"},
		{"more sections than the table holds", put32(20, 1<<31), "the table of sections ends within a section"},
		{"a long name", put32(table+16, 1<<31), "the table of sections ends within a name"},
		{"a section behind the file", put64(table, 1<<63), `section "PUB" reaches behind the end of the file`},
		{"a section of another name", put32(table+26+20, 'X'), "no sections EVT and MSG"},
		{"two sections of a name", func(b []byte) { copy(b[table+26+20:], "M\x00S\x00G\x00") }, `two sections "MSG"`},
		{"no page", put32(msg, 0), "section MSG: no page at 0"},
		{"no page behind", put64(msg+mtaMarkSize+8, 1<<40), "section MSG: the page behind that at 0 should be at 1099511627776"},
		{"pages in a circle", put64(evt+mtaMarkSize+16, 7), "section EVT: the page behind that at 936 should be at 0"},
		{"a section shorter than a page", put64(table+52+8, 10), "section MSG: the page at 0 reaches behind the end of the section"},
		{"a record behind the section", put64(msg+mtaMarkSize+24, 1<<40), "section MSG: the record at 1099511627776 is behind the end of the section"},
		{"a long record", put32(record(msg)+4, 1<<31), "section MSG: the record at 888 reaches behind the end of the section"},
		{"a long text", put32(record(msg)+8, 1<<31), "section MSG: a text reaches behind the end of its record"},
		{"a short text", put32(record(msg)+4, 3), "section MSG: a text without its size"},
		{"a short event", put32(record(evt)+4, 15), "section EVT: an event has 15 bytes, want 16"},
		{"an event without a text", put64(record(evt)+16, 3), "section EVT: record 1 has the text 3, which is not in the file"},
	} {
		b := bytes.Clone(good)
		if c.name == "pages in a circle" {
			second := evt + int(le.Uint64(b[evt+mtaMarkSize+8:]))
			le.PutUint64(b[second+mtaMarkSize+8:], 0)
		} else {
			c.damage(b)
		}
		if _, err := readMTA(b); err == nil || err.Error() != "MTA file: "+c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	for cut := range len(good) {
		if m, err := readMTA(good[:cut]); err == nil {
			t.Fatalf("cut at %d: %d records without an error", cut, m.Len())
		}
	}
}

// TestOverlappingMTA: a small file may not say that it holds the same large record a hundred
// times, or pages at every byte.
func TestOverlappingMTA(t *testing.T) {
	le := binary.LittleEndian
	w := fixture.MTA{Texts: []string{strings.Repeat("x", 50000)}}
	section := w.Section([][]byte{append(le.AppendUint32(nil, 100000), make([]byte, 100000)...)})
	for slot := range mtaPageRecords {
		le.PutUint64(section[mtaMarkSize+24+8*slot:], mtaPageSize)
	}
	b := fixture.MTAFile([]string{"EVT", "MSG"}, [][]byte{w.Section(nil), section})
	if _, err := readMTA(b); err == nil || err.Error() != "MTA file: section MSG: its pages and records overlap" {
		t.Error(err)
	}

	marks := bytes.Repeat([]byte{0xFF}, 100000) // every byte begins a page, of which the next is "behind" the section
	b = fixture.MTAFile([]string{"EVT", "MSG"}, [][]byte{w.Section(nil), marks})
	if _, err := readMTA(b); err == nil {
		t.Error("marks without pages are read")
	}
}

func FuzzReadMTA(f *testing.F) {
	f.Add(fixture.MTA{}.Bytes())
	f.Add(fixture.MTA{PageRecords: 2, Texts: []string{"a", "b", "c"}, Events: [][2]uint64{{1, 0}, {2, 1}, {3, 2}}}.Bytes())
	f.Add(fixture.MTA{Texts: []string{"%1"}, Events: [][2]uint64{{1, 0}, {1, 0}}}.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readMTA(b)
		if err != nil {
			if m != nil || !strings.HasPrefix(err.Error(), "MTA file: ") {
				t.Errorf("%v, %v", m, err)
			}
			return
		}
		for record, template := range m.texts {
			if got, ok := m.Template(&evtx.System{RecordID: record}); !ok || got != template {
				t.Errorf("record %d: %v", record, got)
			}
		}
		if m.Len() > len(b)/mtaEventSize {
			t.Errorf("%d records in %d bytes", m.Len(), len(b))
		}
	})
}

func TestMTALog(t *testing.T) {
	for name, want := range map[string]string{
		"System_1033.MTA": "System 1033", "a_b_7.mta": "a_b 7", "Microsoft-Windows-GroupPolicy%4Operational_1031.MTA": "Microsoft-Windows-GroupPolicy%4Operational 1031",
		"System.MTA": "", "_1033.MTA": "", "System_.MTA": "", "System_x.MTA": "", "System_4294967296.MTA": "", "System_1033.evtx": "", ".MTA": "", "": "",
	} {
		log, lcid, ok := MTALog(name)
		got := ""
		if ok {
			got = fmt.Sprint(log, " ", lcid)
		}
		if got != want {
			t.Errorf("MTALog(%q) = %q, want %q", name, got, want)
		}
	}
}
