package evtx_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// eventWith is an event with the least that every event has, and more.
func eventWith(more ...content) element {
	e := el("Event", el("System", el("Provider", at("Name", "P")), el("EventID", "1"), el("Channel", "C"), el("Computer", "PC")))
	e.content = append(e.content, more...)
	return e
}

// TestProgramsOfATemplate prints records of one template whose values are of another mixture of
// types each time.
func TestProgramsOfATemplate(t *testing.T) {
	const width = 9
	data := el("EventData")
	for i := range width {
		data.content = append(data.content, el("Data", at("Name", fmt.Sprintf("d%d", i)), sub(i)))
	}
	one := &tmpl{guid: 0x51, body: []content{eventWith(data)}}
	w := newChunk(1)
	for i := range 1 << width {
		values := make([]val, width)
		for k := range values {
			if i>>k&1 != 0 {
				values[k] = str("text")
			}
		}
		w.record(inst{one, values})
	}
	events, errs, _ := readAll(t, logFile(w.finish()), nil)
	if len(errs) > 0 || len(events) != 1<<width {
		t.Fatalf("%d events, errors %v", len(events), errs)
	}
	for i, ev := range events {
		x, err := ev.AppendXML(nil)
		if err != nil {
			t.Fatal(err)
		}
		j, err := ev.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkTree(ev, x, j); err != nil {
			t.Fatal(err)
		}
		texts := 0
		for k := range width {
			texts += i >> k & 1
		}
		if got := strings.Count(string(j), "text"); got != texts {
			t.Fatalf("record %d has %d texts in %s", i, got, j)
		}
	}
	count, size, body := events[0].Programs()
	if count < 2 || count > 64 || size > 40*body {
		t.Errorf("%d programs of %d bytes for a template of %d bytes", count, size, body)
	}
}

// TestCachedTemplates reads logs with ever new templates, of other GUIDs and of the same.
func TestCachedTemplates(t *testing.T) {
	const most = 25 << 20
	var cache evtx.TemplateCache
	for chunk := range 200 {
		w := newChunk(1)
		for i := range 100 {
			id := fmt.Sprintf("x%d.%d", chunk, i)
			guid := byte(i)
			if chunk%2 == 0 {
				guid = 7
			}
			w.record(inst{&tmpl{guid: guid, body: []content{eventWith(el("EventData", at("Name", id), sub(0)))}}, []val{str(id)}})
			if len(w.buf) > 60000 {
				break
			}
		}
		for ev, err := range openLog(t, logFile(w.finish()), evtx.Config{Templates: &cache}).Events(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			j, err := ev.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf(`"Name":"x%d.%d"`, chunk, ev.HeaderRecordID-1); !strings.Contains(string(j), want) {
				t.Fatalf("%s is not in %s", want, j)
			}
		}
	}
	all, only := cache.Size()
	if all > most || only > all || only < 100<<10 {
		t.Errorf("%d bytes of templates, %d with their programs", only, all)
	}
}

// TestDecodingAllocations prints a whole log: what is made for a record must be less than one
// object on average.
func TestDecodingAllocations(t *testing.T) {
	r := openLog(t, bigLog(), evtx.Config{})
	var buf []byte
	for name, print := range map[string]func(*evtx.Event) ([]byte, error){
		"JSON": func(ev *evtx.Event) ([]byte, error) { return ev.AppendJSON(buf[:0]) },
		"XML":  func(ev *evtx.Event) ([]byte, error) { return ev.AppendXML(buf[:0]) },
	} {
		records := 0
		n := testing.AllocsPerRun(3, func() {
			records = 0
			for ev, err := range r.Events(context.Background(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if buf, err = print(ev); err != nil {
					t.Fatal(err)
				}
				records++
			}
		})
		if each := n / float64(records); each >= 0.5 {
			t.Errorf("%s: %.2f allocations a record", name, each)
		}
	}
}

// TestProgramsVary prints records whose values have the same types and vary in what they hold:
// each must be printed as it is by itself.
func TestProgramsVary(t *testing.T) {
	b := nested(false, el("B", "y"))
	literal := &tmpl{guid: 0x61, body: []content{el("I", at("q", sub(0)), sub(1))}}
	for name, tt := range map[string]struct {
		more   element
		values func(i int) []val
	}{
		"no element in a fragment first": {el("U", sub(0), sub(1)), func(i int) []val {
			return []val{nested(false, inst{&tmpl{guid: 0x52, body: []content{sub(0)}}, []val{nested(false, []content{el("B", "x")}[:min(i, 1)]...)}}), b}
		}},
		"no element in a fragment later": {el("U", sub(0), sub(1)), func(i int) []val {
			return []val{nested(false, inst{&tmpl{guid: 0x52, body: []content{sub(0)}}, []val{nested(false, []content{el("A", "x")}[min(i, 1):]...)}}), b}
		}},
		"other elements in a fragment": {el("U", sub(0), sub(1)), func(i int) []val {
			return []val{nested(false, inst{&tmpl{guid: 0x52, body: []content{sub(0)}}, []val{nested(false, el([]string{"A", "B", "C"}[i], "x"))}}), b}
		}},
		"arrays of other lengths": {el("U", sub(0), sub(1)), func(i int) []val {
			return []val{nested(false, inst{&tmpl{guid: 0x52, body: []content{el("B", sub(0))}}, []val{strs([]string{"a", "b", "c"}[:i+1]...)}}), b}
		}},
		"an instance in the definition": {el("U", inst{literal, []val{str("in0"), str("in1")}}, el("O", sub(0))), func(i int) []val {
			return []val{str(fmt.Sprint("out", i))}[:min(i, 1)]
		}},
	} {
		t.Run(name, func(t *testing.T) {
			record := func(w *builder, outer *tmpl, i int) { w.record(inst{outer, tt.values(i)}) }
			w, outer := newChunk(1), &tmpl{guid: 0x51, body: []content{eventWith(tt.more)}}
			for i := range 3 {
				record(w, outer, i)
			}
			events, errs, _ := readAll(t, logFile(w.finish()), nil)
			if len(errs) > 0 || len(events) != 3 {
				t.Fatalf("%d events, errors %v", len(events), errs)
			}
			for i, ev := range events {
				alone := newChunk(1)
				record(alone, &tmpl{guid: 0x51, body: outer.body}, i)
				want := readOne(t, logFile(alone.finish()))
				for form, print := range map[string]func(*evtx.Event) ([]byte, error){
					"XML":  func(ev *evtx.Event) ([]byte, error) { return ev.AppendXML(nil) },
					"JSON": func(ev *evtx.Event) ([]byte, error) { return ev.AppendJSON(nil) },
				} {
					got, err := print(ev)
					tree, errAlone := print(want)
					if err != nil || errAlone != nil || string(got) != string(tree) {
						t.Errorf("record %d, %s\n%s %v\nby itself\n%s %v", i, form, got, err, tree, errAlone)
					}
				}
			}
		})
	}
}

// TestProgramsOfBombs prints templates whose programs would be larger than memory, and ones whose
// recording fails at the bottom of many.
func TestProgramsOfBombs(t *testing.T) {
	long := &tmpl{guid: 0x61, body: []content{el("a", strings.Repeat("x", 10000))}}
	many := el("b")
	for range 390 {
		many.content = append(many.content, inst{long, nil})
	}
	wide := &tmpl{guid: 0x62, body: []content{many}}
	w := newChunk(1)
	for len(w.buf) < 30000 {
		w.record(inst{&tmpl{guid: 0x63, body: []content{eventWith(el("U", inst{wide, nil}))}}, nil})
	}
	var cache evtx.TemplateCache
	for ev, err := range openLog(t, logFile(w.finish()), evtx.Config{Templates: &cache}).Events(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ev.AppendXML(nil); err != nil {
			t.Fatal(err)
		}
		if _, size, body := ev.Programs(); size > 1<<20 {
			t.Fatalf("%d bytes of programs for a template of %d", size, body)
		}
	}

	bottom := el("D", sub(0))
	for range 600 {
		bottom.content = append(bottom.content, el("x"))
	}
	value := func(k int) val {
		return nested(false, inst{&tmpl{guid: 0xf1, body: []content{bottom}}, []val{{typ: evtx.TypeInt8 | evtx.ArrayFlag, raw: make([]byte, 4000)}, {typ: evtx.Type(k)}}})
	}
	const depth = 50
	w = newChunk(1)
	for k := range 3 {
		v := value(k)
		for i := range depth {
			v = nested(false, inst{&tmpl{guid: byte(i + 1), body: []content{el("A", sub(0))}}, []val{v, {typ: evtx.Type(k)}}})
		}
		w.record(inst{&tmpl{guid: 0xf0, body: []content{eventWith(el("U", sub(0)))}}, []val{v, {typ: evtx.Type(k)}}})
	}
	for ev, err := range openLog(t, logFile(w.finish()), evtx.Config{}).Events(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := ev.AppendXML(nil); err == nil {
			t.Fatal("the event is printed, it should be too large")
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 100<<20 {
			t.Fatalf("%d bytes are used for an event of at most 4 MiB", n)
		}
	}
}
