package evtx_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// seedLogs are small logs with most of what a log can hold, cut off behind their records so
// that a fuzzer wastes nothing on free space.
func seedLogs(t testing.TB) (logs [][]byte) {
	cut := func(b []byte) []byte {
		last := b[fileHeaderSize+(len(b)-fileHeaderSize-1)/chunkSize*chunkSize:]
		return b[:len(b)-len(last)+int(binary.LittleEndian.Uint32(last[48:]))]
	}
	log := serverLog(8)
	log.Events = append(log.Events, forwardedLog().Events[:5]...)
	logs = append(logs, cut(logBytes(t, log)))

	w := newChunk(1)
	var data []any
	var vals []val
	for i, v := range values {
		data = append(data, el("Data", at("Name", sub(i)), sub(i)))
		if len(v.raw) < 100 {
			vals = append(vals, val{typ: v.typ, raw: v.raw})
		}
	}
	w.record(inst{&tmpl{guid: 1, body: []content{event(el("EventData", data...))}}, vals})
	inner := &tmpl{guid: 3, body: []content{el("EventData", el("Data", sub(0)), el("Data", dep(1), sub(1)), el("Binary", optSub(2)))}}
	w.record(inst{
		&tmpl{guid: 2, body: []content{event(sub(0), el("UserData", el("X", at("a", "b", entity("amp"), sub(1)), cdata("c"), pi{"p", "q"}, char(9), sub(2))))}},
		[]val{nested(true, inst{inner, []val{strs("a", "", "b"), null(), {typ: evtx.TypeBinary, raw: []byte{1}}}}), u16val(3), nested(false, el("Y", "z"))},
	})
	w.record(event(el("EventData", el("Data", at("Name", "A_1"), "1"), el("Data", at("Name", "A"), "2"), el("Data", at("Name", "A"), inst{inner, []val{strs("x"), str("y")}}))))
	return append(logs, cut(logFile(w.finish())))
}

// checkLog reads a log of any bytes in every way and fails the test when one contradicts
// another or gives what is no XML or JSON.
func checkLog(t *testing.T, b []byte) {
	start := time.Now()
	for _, mode := range []evtx.Recover{evtx.RecoverNone, evtx.RecoverDamaged, evtx.RecoverAll} {
		checkMode(t, b, mode)
	}
	// The limit is generous: what is to be found are loops and explosions.
	if d := time.Since(start); d > 20*time.Second {
		t.Fatalf("%d bytes took %s", len(b), d)
	}
}

func checkMode(t *testing.T, b []byte, mode evtx.Recover) {
	r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{Source: "fuzz", MaxEventSize: 1 << 20, Recover: mode})
	if err != nil {
		if e := (*evtx.Error)(nil); !errors.As(err, &e) {
			t.Fatalf("NewReader: %T %v", err, err)
		}
		return
	}
	var e extents
	r.Trace(e.add)
	first, ids := transcript(t, r, nil, true)
	e.check(t, int64(len(b)))
	r.Trace(func(int64, int64, string) {})
	if again, _ := transcript(t, r, nil, false); again != first {
		t.Fatalf("two iterations differ:\n%s\n%s", first, again)
	}
	all, err := evtx.Compile(evtx.Selector{})
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := transcript(t, r, all, false); again != first {
		t.Fatalf("a filter that chooses all gives another result:\n%s\n%s", first, again)
	}
	if len(ids) > 0 {
		want := 0
		for _, id := range ids {
			if id == ids[0] {
				want++
			}
		}
		some, err := evtx.Compile(evtx.Selector{IDs: ids[:1]}, evtx.Selector{IDs: ids[:1], Data: []evtx.DataTest{{Index: 1, Values: []string{"-"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, chosen := transcript(t, r, some, false); len(chosen) != want {
			t.Fatalf("%d of %d events with id %d are chosen", len(chosen), want, ids[0])
		}
	}
}

// transcript is all that one iteration gives, as text, with the events' ids. check has each
// event's XML and JSON parsed.
func transcript(t *testing.T, r *evtx.Reader, f *evtx.Filter, check bool) (string, []uint16) {
	var s strings.Builder
	var ids []uint16
	for ev, err := range r.Events(context.Background(), f) {
		if err != nil {
			if e := (*evtx.Error)(nil); ev != nil || !errors.As(err, &e) || e.Source != "fuzz" || strings.Count(err.Error(), "offset") < 1 {
				t.Fatalf("event %v with error %T %v", ev, err, err)
			}
			fmt.Fprintln(&s, err)
			continue
		}
		ids = append(ids, ev.EventID)
		x, xmlErr := ev.AppendXML(nil)
		j, jsonErr := ev.AppendJSON(nil)
		data, dataErr := ev.Data()
		fmt.Fprintln(&s, ev.System, ev.Recovery, string(x), xmlErr, string(j), jsonErr, len(data), dataErr)
		if !check {
			continue
		}
		if xmlErr == nil {
			wellFormed(t, string(x))
		}
		if jsonErr == nil {
			validJSON(t, string(j))
		}
		clone := ev.Clone()
		if xmlErr != nil && strings.Contains(xmlErr.Error(), "they overlap") {
			continue // a limit of the chunk, of which each clone has its own
		}
		if y, err := clone.AppendXML(nil); string(y) != string(x) || (err == nil) != (xmlErr == nil) {
			t.Fatalf("a clone prints %s, %v, the event %s, %v", y, err, x, xmlErr)
		}
	}
	c := r.Coverage()
	fmt.Fprintln(&s, c.Lost, c.Complete, len(c.Streams), c.Recovered)
	return s.String(), ids
}

// FuzzReader reads any bytes as a log.
func FuzzReader(f *testing.F) {
	for _, b := range seedLogs(f) {
		f.Add(b)
	}
	f.Add([]byte("ElfFile\x00"))
	f.Fuzz(checkLog)
}

// FuzzRecord reads any bytes as the records of a chunk whose header and checksums are right.
func FuzzRecord(f *testing.F) {
	for _, b := range seedLogs(f) {
		f.Add(b[fileHeaderSize+chunkHeader:])
	}
	f.Fuzz(func(t *testing.T, records []byte) {
		if len(records) > chunkSize-chunkHeader {
			return
		}
		w := newChunk(1)
		w.count = 10
		w.bytes(records...)
		checkLog(t, logFile(w.finish()))
	})
}
