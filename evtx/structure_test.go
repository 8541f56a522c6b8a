package evtx_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// later is an instance of a template that is defined further on in the chunk: its offset is
// put in when it is known.
type later struct {
	inst
	at *int // where the offset stands
}

func (l later) write(w *builder, deps bool) {
	*l.at = len(w.buf) + 6
	w.templates[l.t] = 0 // as if it were defined
	l.inst.write(w, deps)
	delete(w.templates, l.t)
}

// TestStructure reads what the format allows beside the order in which Windows usually writes:
// each log has three events with the data a, b and c.
func TestStructure(t *testing.T) {
	data := el("EventData", el("Data", at("Name", "x"), sub(0)))
	root := func() *tmpl { return &tmpl{guid: 1, body: []content{event(data)}} }
	letters := []string{"a", "b", "c"}
	one := func(w *builder, tm *tmpl, s string) { w.record(inst{tm, []val{str(s)}}) }
	three := func(w *builder) *builder {
		tm := root()
		for _, s := range letters {
			one(w, tm, s)
		}
		return w
	}
	header := func(change func(b []byte)) func() []byte {
		return func() []byte {
			b := logFile(three(newChunk(1)).finish())
			change(b)
			return b
		}
	}
	for _, tt := range []struct {
		name string
		log  func() []byte
		want []string // errors
	}{
		{"one template for all", func() []byte { return logFile(three(newChunk(1)).finish()) }, nil},
		{"a definition in each record", func() []byte {
			w := newChunk(1)
			for _, s := range letters {
				one(w, root(), s)
			}
			return logFile(w.finish())
		}, nil},
		{"defined by a later record", func() []byte {
			w, tm, where := newChunk(1), root(), 0
			w.record(later{inst{tm, []val{str("a")}}, &where})
			one(w, tm, "b")
			w.put32(where, w.templates[tm])
			one(w, tm, "c")
			return logFile(w.finish())
		}, nil},
		{"templates in values", func() []byte {
			w := newChunk(1)
			outer, inner := &tmpl{guid: 1, body: []content{event(sub(0))}}, &tmpl{guid: 2, body: []content{data}}
			for _, s := range letters {
				w.record(inst{outer, []val{nested(true, inst{inner, []val{str(s)}})}})
			}
			return logFile(w.finish())
		}, nil},
		{"a template in a value in a value, bare", func() []byte {
			w := newChunk(1)
			outer, middle, inner := &tmpl{guid: 1, body: []content{event(sub(0))}}, &tmpl{guid: 2, body: []content{sub(0)}}, &tmpl{guid: 3, body: []content{data}}
			for _, s := range letters {
				w.record(inst{outer, []val{nested(false, inst{middle, []val{nested(false, inst{inner, []val{str(s)}})}})}})
			}
			return logFile(w.finish())
		}, nil},
		{"no template", func() []byte {
			w := newChunk(1)
			for _, s := range letters {
				w.record(event(el("EventData", el("Data", at("Name", "x"), s))))
			}
			return logFile(w.finish())
		}, nil},
		{"elements that depend on a value", func() []byte {
			w := newChunk(1)
			tm := &tmpl{guid: 1, body: []content{event(el("EventData",
				el("Data", dep(0), at("Name", "y"), sub(0)), el("Data", dep(1), at("Name", "x"), sub(1))))}}
			for _, s := range letters {
				w.record(inst{tm, []val{null(), str(s)}})
			}
			return logFile(w.finish())
		}, nil},
		{"every name inline", func() []byte { w := newChunk(1); w.inline = true; return logFile(three(w).finish()) }, nil},
		{"a chunk each", func() []byte {
			var chunks [][]byte
			for i, s := range letters {
				w := newChunk(uint64(1 + i))
				one(w, root(), s)
				chunks = append(chunks, w.finish())
			}
			return logFile(chunks...)
		}, nil},
		{"a ring that went round", func() []byte {
			var chunks [][]byte
			for _, i := range []int{2, 0, 1} {
				w := newChunk(uint64(8 + i))
				one(w, root(), letters[i])
				chunks = append(chunks, w.finish())
			}
			b := logFile(chunks...)
			binary.LittleEndian.PutUint64(b[8:], 1)
			binary.LittleEndian.PutUint64(b[16:], 0)
			sealFile(b)
			return b
		}, nil},
		{"a chunk that is prepared behind", func() []byte {
			empty := newChunk(4).finish()
			for i := 16; i < 40; i++ {
				empty[i] = 0xff
			}
			sealChunk(empty)
			return logFile(three(newChunk(1)).finish(), empty)
		}, nil},
		{"numbers near the end of 64 bits", func() []byte { return logFile(three(newChunk(1<<64 - 5)).finish()) }, nil},
		{"version 3.0", header(func(b []byte) { b[36] = 0; sealFile(b) }), nil},
		{"version 3.2", header(func(b []byte) { b[36] = 2; sealFile(b) }), nil},
		{"version 4.1", header(func(b []byte) { b[38] = 4; sealFile(b) }), []string{"version 4.1 of the format is not known"}},
		{"the header knows of no chunk", header(func(b []byte) { b[42] = 0; sealFile(b) }), nil},
		{"the header is old, the log open", header(func(b []byte) { b[42], b[120] = 9, 1; sealFile(b) }), nil},
		{"all of the header but its signature is zeros", header(func(b []byte) { clear(b[8:fileHeaderSize]) }), []string{"the file header's checksum"}},
		{"a wrong table of names and templates", header(func(b []byte) {
			for i := 128; i < chunkHeader; i++ {
				b[fileHeaderSize+i] = 0xa5
			}
			sealHeader(b[fileHeaderSize:])
		}), nil},
		{"a wrong count of records", header(func(b []byte) { b[fileHeaderSize+16] = 99; sealHeader(b[fileHeaderSize:]) }), nil},
		{"the last record's offset is 0", header(func(b []byte) { put32(b, fileHeaderSize+44, 0); sealHeader(b[fileHeaderSize:]) }), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := tt.log()
			events, errs, c := readAll(t, b, nil)
			mustContain(t, errs, tt.want...)
			if len(events) != 3 || c.Lost != 0 {
				t.Fatalf("%d events, coverage %+v", len(events), c)
			}
			for i, ev := range events {
				if got, want := xmlOf(t, ev), eventXML(`<EventData><Data Name="x">`+letters[i]+`</Data></EventData>`); got != want {
					t.Errorf("event %d\n got %s\nwant %s", i, got, want)
				}
				if ev.Recovery != evtx.Intact {
					t.Errorf("event %d: %s", i, ev.Recovery)
				}
				if err := checkViews(ev); err != nil {
					t.Error(fmt.Errorf("event %d: %w", i, err))
				}
			}
			checkLog(t, b)
		})
	}
}

// TestContradictingMark has a free space mark in front of the last record, or none: the last
// record tells where the records end, and what stands behind is not taken for one of today.
func TestContradictingMark(t *testing.T) {
	for _, mark := range []uint32{0, chunkHeader + 1, 1 << 31} {
		w := newChunk(1)
		for i := range 3 {
			w.record(event(el("EventData", el("Data", fmt.Sprint(i)))))
		}
		last := w.lastRecord
		w.record(event(el("EventData", el("Data", "old"))))
		w.count--
		b := w.finish()
		put32(b, 44, uint32(last))
		put32(b, 48, mark)
		sealChunk(b)
		events, errs, c := recoverAll(t, logFile(b), evtx.RecoverAll)
		if got := kinds(events); len(events) != 4 || got[evtx.InFreeSpace] != 1 || events[3].Recovery != evtx.InFreeSpace || c.Lost != 0 {
			t.Errorf("mark %d: events by recovery %v, %d lost, errors %v", mark, got, c.Lost, errs)
		}
		if len(errs) == 0 {
			t.Errorf("mark %d: no error", mark)
		}
	}
}
