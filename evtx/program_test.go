package evtx_test

import (
	"context"
	"fmt"
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
