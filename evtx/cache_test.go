package evtx_test

import (
	"fmt"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// TestChunkByItself: what a chunk gives does not depend on the chunks before it, of which the
// templates are remembered.
func TestChunkByItself(t *testing.T) {
	// names writes the names of a template into a record, so that the template only refers to them.
	names := func(w *builder) {
		w.record(event(el("EventData", el("Data", at("Name", "x"), "1"))))
	}
	plain := &tmpl{guid: 1, body: []content{event(el("EventData", bareData{}))}}
	deep := &tmpl{guid: 2, body: []content{el("EventData", el("Data", el("A", el("B", el("C", "d")))))}}
	for _, tt := range []struct {
		name          string
		first, second func(w *builder)
		damage        func(w *builder, b []byte)
	}{
		{
			"a name whose hash is wrong in the second chunk",
			func(w *builder) { names(w); w.record(inst{plain, nil}) },
			func(w *builder) { names(w); w.record(inst{plain, nil}) },
			func(w *builder, b []byte) { b[w.names["Data"]+4] ^= 1 },
		},
		{
			"a template that is used deeper in the second chunk",
			func(w *builder) {
				w.record(inst{&tmpl{guid: 3, body: []content{event(sub(0))}}, []val{nested(false, inst{deep, nil})}})
			},
			func(w *builder) {
				w.record(inst{&tmpl{guid: 4, body: []content{event(sub(0))}}, []val{nested(false, inst{
					&tmpl{guid: 5, body: []content{el("UserData", sub(0))}}, []val{nested(false, inst{
						&tmpl{guid: 6, body: []content{el("X", sub(0))}}, []val{nested(false, inst{deep, nil})},
					})},
				})}})
			},
			func(*builder, []byte) {},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chunk := func(first uint64, fill func(w *builder), damage func(w *builder, b []byte)) []byte {
				w := newChunk(first)
				fill(w)
				b := w.finish()
				damage(w, b)
				sealChunk(b)
				return b
			}
			a, b := chunk(1, tt.first, func(*builder, []byte) {}), chunk(9, tt.second, tt.damage)
			read := func(log []byte) (out []string) {
				r := openLog(t, log, evtx.Config{MaxDepth: 6})
				for ev, err := range r.Events(t.Context(), nil) {
					if err != nil {
						out = append(out, fmt.Sprintf("%T", err))
						continue
					}
					x, err := ev.AppendXML(nil)
					out = append(out, fmt.Sprintf("%d %s %t", ev.HeaderRecordID, x, err != nil))
				}
				return out
			}
			alone := read(logFile(b))
			behind := read(logFile(a, b))
			before := read(logFile(a))
			if got := behind[len(before):]; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", alone) {
				t.Errorf("behind another chunk:\n%q\nby itself:\n%q", got, alone)
			}
		})
	}
}

// bareData is a Data element without a dependency id, also in a definition, where others have one.
type bareData struct{}

func (bareData) write(w *builder, _ bool) { el("Data", "text").write(w, false) }
