package evtx_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// skips are errors of the decoder that say nothing about the format: its limits, and names
// that only it judges.
var skips = []string{"deep", "larger than the limit", "parts", "overlap", "is not the name", "more than 256 attributes"}

func isSkip(err error) bool {
	for _, s := range skips {
		if err != nil && strings.Contains(err.Error(), s) {
			return true
		}
	}
	return errors.Is(err, errRefLimit)
}

// checkTree compares what the programs of an event's templates print with what their trees
// do.
func checkTree(ev *evtx.Event, x, j []byte) error {
	if tree, err := ev.AppendXMLTree(nil); err == nil && !bytes.Equal(tree, x) {
		return fmt.Errorf("XML of the program\n%s\nof the tree\n%s", x, tree)
	}
	if tree, err := ev.AppendJSONTree(nil); err == nil && !bytes.Equal(tree, j) {
		return fmt.Errorf("JSON of the program\n%s\nof the tree\n%s", j, tree)
	}
	return nil
}

// checkReference compares what the decoder made of the record at off of a chunk, an event
// or an error, with what the reference does.
func checkReference(chunk []byte, off int, ev *evtx.Event, err error) error {
	ref, refErr := refRecord(chunk, off)
	if isSkip(err) || isSkip(refErr) {
		return nil
	}
	var root, system *refElem
	if refErr == nil {
		root, system, refErr = ref.event()
	}
	var x, j []byte
	var data []evtx.Datum
	if err == nil {
		if x, err = ev.AppendXML(nil); isSkip(err) {
			return nil
		}
		var jsonErr, dataErr error
		j, jsonErr = ev.AppendJSON(nil)
		data, dataErr = ev.Data()
		if isSkip(jsonErr) || isSkip(dataErr) {
			return nil
		}
		if err := checkTree(ev, x, j); err != nil {
			return err
		}
		if (jsonErr == nil) != (err == nil) || err == nil && dataErr != nil {
			return fmt.Errorf("XML gives %v, JSON %v, Data %v", err, jsonErr, dataErr)
		}
	}
	if err != nil || refErr != nil {
		if err == nil || refErr == nil {
			return fmt.Errorf("the decoder gives %v, the reference %v", err, refErr)
		}
		return nil
	}
	var b strings.Builder
	refXML(&b, ref.items)
	if b.String() != string(x) {
		return fmt.Errorf("XML of the decoder\n%s\nof the reference\n%s", x, b.String())
	}
	if want := refObject(refMembers([]*refElem{root})); want != string(j) {
		return fmt.Errorf("JSON of the decoder\n%s\nof the reference\n%s", j, want)
	}
	if err := sameRefData(data, root.data(0)); err != nil {
		return fmt.Errorf("%w of\n%s", err, x)
	}
	if err := sameRefSystem(ev, system); err != nil {
		return fmt.Errorf("%w of\n%s", err, x)
	}
	return nil
}

func sameRefData(data []evtx.Datum, want []refDatum) error {
	for i, d := range data {
		if i >= len(want) {
			break
		}
		w := want[i]
		if d.Element != w.element || d.Name != w.name || d.Value.String() != w.text || byte(d.Value.Type) != w.typ || !bytes.Equal(d.Value.Raw(), w.raw) {
			return fmt.Errorf("datum %d of the decoder is %s %q %#x %q, of the reference %s %q %#x %q",
				i, d.Element, d.Name, d.Value.Type, d.Value, w.element, w.name, w.typ, w.text)
		}
	}
	if len(data) != len(want) {
		return fmt.Errorf("the decoder gives %d data %.300q, the reference %d %.300q", len(data), data, len(want), want)
	}
	return nil
}

func sameRefSystem(ev *evtx.Event, sys *refElem) error {
	const u8, u16, u32, u64 = math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64
	want := evtx.System{
		Provider: sys.systemText("Provider", "Name"), ProviderGUID: sys.systemText("Provider", "Guid"),
		EventSourceName: sys.systemText("Provider", "EventSourceName"),
		EventID:         uint16(sys.uint("EventID", "", u16)), Qualifiers: uint16(sys.uint("EventID", "Qualifiers", u16)),
		Version: uint8(sys.uint("Version", "", u8)), Level: uint8(sys.uint("Level", "", u8)),
		Task: uint16(sys.uint("Task", "", u16)), Opcode: uint8(sys.uint("Opcode", "", u8)),
		Keywords: sys.uint("Keywords", "", u64), Time: sys.time("TimeCreated", "SystemTime"), RecordID: sys.uint("EventRecordID", "", u64),
		ActivityID: sys.systemText("Correlation", "ActivityID"), RelatedActivityID: sys.systemText("Correlation", "RelatedActivityID"),
		ProcessID: uint32(sys.uint("Execution", "ProcessID", u32)), ThreadID: uint32(sys.uint("Execution", "ThreadID", u32)),
		Channel: sys.systemText("Channel", ""), Computer: sys.systemText("Computer", ""), UserID: sys.systemText("Security", "UserID"),
	}
	if ev.System != want {
		return fmt.Errorf("System of the decoder\n%+v\nof the reference\n%+v", ev.System, want)
	}
	return nil
}

// chunkOf returns the chunk of a log that the place in the file lies in, and where there.
func chunkOf(log []byte, off int64) (chunk []byte, at int) {
	start := (off-fileHeaderSize)/chunkSize*chunkSize + fileHeaderSize
	return log[start:min(start+chunkSize, int64(len(log)))], int(off - start)
}

// agreeOnEvents compares every event of a log that was not recovered, which may take templates
// from elsewhere, and returns how many there are.
func agreeOnEvents(t *testing.T, name string, log []byte) (n int) {
	t.Helper()
	r := openLog(t, log, evtx.Config{MaxEventSize: 1 << 20})
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil || ev.Recovery != evtx.Intact {
			continue
		}
		n++
		chunk, at := chunkOf(log, ev.Location.Offset)
		if err := checkReference(chunk, at, ev, nil); err != nil {
			t.Errorf("%s: record at %d: %v", name, ev.Location.Offset, err)
		}
	}
	return n
}

func TestReferenceLogs(t *testing.T) {
	for i, log := range append(seedLogs(t), logBytes(t, serverLog(300)), logBytes(t, forwardedLog())) {
		if n := agreeOnEvents(t, fmt.Sprint(i), log); n == 0 {
			t.Errorf("log %d has no events", i)
		}
	}
}

func TestReferenceCorpus(t *testing.T) {
	dir, files := corpus(t)
	n := 0
	for _, f := range files {
		n += agreeOnEvents(t, f.name, readCorpusFile(t, dir, f.name))
	}
	t.Logf("%d records", n)
}

// framed is a chunk whose records have these payloads.
func framed(payloads ...[]byte) []byte {
	w := newChunk(1)
	for _, p := range payloads {
		start := len(w.buf)
		w.bytes('*', '*', 0, 0)
		w.u32(len(p) + 28)
		w.bytes(le(8, w.first+w.count)...)
		w.bytes(make([]byte, 8)...)
		w.bytes(p...)
		w.u32(len(p) + 28)
		w.count++
		w.lastRecord = start
	}
	return w.finish()
}

// payloadsOf returns the payloads of the records of a log's first chunk.
func payloadsOf(log []byte) (list [][]byte) {
	chunk := log[fileHeaderSize:]
	for off := chunkHeader; off+28 <= len(chunk) && chunk[off] == '*'; {
		size := int(binary.LittleEndian.Uint32(chunk[off+4:]))
		list = append(list, chunk[off+24:off+size-4])
		off += size
	}
	return list
}

// checkPayloads compares every record of a chunk, those that give errors included.
func checkPayloads(payloads ...[]byte) error {
	chunk := framed(payloads...)
	r, err := evtx.NewReader(bytes.NewReader(logFile(chunk)), fileHeaderSize+chunkSize, evtx.Config{MaxEventSize: 1 << 20})
	if err != nil {
		return err
	}
	off, i := chunkHeader, 0
	for ev, err := range r.Events(context.Background(), nil) {
		if i == len(payloads) {
			return fmt.Errorf("%v behind the last record", err)
		}
		if err := checkReference(chunk, off, ev, err); err != nil {
			return fmt.Errorf("record %d: %w", i, err)
		}
		off += len(payloads[i]) + 28
		i++
	}
	if i != len(payloads) {
		return fmt.Errorf("%d steps for %d records", i, len(payloads))
	}
	return nil
}

// FuzzReference reads any bytes as the payloads of two records of a chunk.
func FuzzReference(f *testing.F) {
	for _, log := range seedLogs(f) {
		list := payloadsOf(log)
		for i := range list {
			f.Add(list[i], list[min(i+1, len(list)-1)])
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		list := payloadsOf(randomChunk(r))
		f.Add(list[0], list[1])
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > chunkSize-chunkHeader-56 {
			return
		}
		if err := checkPayloads(a, b); err != nil {
			t.Fatal(err)
		}
	})
}

// TestReferenceRandom compares random records, whole and with some bytes changed.
func TestReferenceRandom(t *testing.T) {
	rounds := 500
	if testing.Short() {
		rounds = 100
	}
	for i := range rounds {
		r := rand.New(rand.NewPCG(5, uint64(i)))
		list := payloadsOf(randomChunk(r))
		if err := checkPayloads(list...); err != nil {
			t.Fatalf("log %d: %v", i, err)
		}
		for range 5 {
			p := list[r.IntN(len(list))]
			p[r.IntN(len(p))] = byte(r.Uint32())
			if err := checkPayloads(list...); err != nil {
				t.Fatalf("log %d, changed: %v", i, err)
			}
		}
	}
}

// TestReferenceMutated changes bytes in the records of real logs and compares what can still
// be read.
func TestReferenceMutated(t *testing.T) {
	dir, files := corpus(t)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 60 {
		f := files[i*11%len(files)]
		b := readCorpusFile(t, dir, f.name)
		if len(b) < fileHeaderSize+chunkSize {
			continue
		}
		chunk := b[fileHeaderSize:][:chunkSize]
		for range 1 + r.IntN(64) {
			chunk[chunkHeader+r.IntN(chunkSize-chunkHeader)] = byte(r.Uint32())
		}
		agreeOnEvents(t, fmt.Sprintf("%s, changed %d", f.name, i), logFile(chunk))
	}
}
