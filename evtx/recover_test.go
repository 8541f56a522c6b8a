package evtx_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// extents collects what the bytes of a file were taken for.
type extents []extent

type extent struct {
	from, to int64
	what     string
}

func (e *extents) add(from, to int64, what string) { *e = append(*e, extent{from, to, what}) }

// check fails the test unless every byte of the file was taken for one thing.
func (e extents) check(t testing.TB, size int64) {
	t.Helper()
	slices.SortFunc(e, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	at := int64(0)
	for _, x := range e {
		if x.from != at {
			t.Fatalf("%d to %d: no byte is forgotten or taken twice: %v", at, x.from, e)
		}
		at = x.to
	}
	if at != size {
		t.Fatalf("the end is at %d, want %d: %v", at, size, e)
	}
}

// recoverAll reads a log with everything that can be recovered.
func recoverAll(t testing.TB, b []byte, mode evtx.Recover) (events []*evtx.Event, errs []error, c evtx.Coverage) {
	t.Helper()
	r := openLog(t, b, evtx.Config{Recover: mode})
	var e extents
	r.Trace(e.add)
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		events = append(events, ev.Clone())
	}
	e.check(t, int64(len(b)))
	return events, errs, r.Coverage()
}

// kinds counts events by their recovery.
func kinds(events []*evtx.Event) (n [4]int) {
	for _, ev := range events {
		n[ev.Recovery]++
	}
	return n
}

// TestRecoverModes reads damaged logs of 50 records in each mode. Slack holds 40 older ones,
// of which the first is written over by those of today.
func TestRecoverModes(t *testing.T) {
	slack := serverLog(200).Events
	for i := range slack {
		slack[i].RecordID, slack[i].Time = uint64(i+1), logStart.AddDate(-1, 0, i)
	}
	whole := fixture.EvtxCondition{ChunkEvents: 10}
	for _, tt := range []struct {
		name   string
		cond   fixture.EvtxCondition
		damage func(b []byte) []byte
		// The events by their recovery in the modes RecoverNone, RecoverDamaged, RecoverAll;
		// -1 is some.
		none, damaged, all [4]int
	}{
		{"whole", whole, nil, [4]int{50}, [4]int{50}, [4]int{50}},
		{"slack", fixture.EvtxCondition{Slack: slack}, nil, [4]int{50}, [4]int{50}, [4]int{50, 0, 0, -1}},
		{
			"all checksums wrong",
			fixture.EvtxCondition{ChunkEvents: 10, BadSum: []int{0, 1, 2, 3, 4}},
			nil,
			[4]int{},
			[4]int{0, 0, 50},
			[4]int{0, 0, 50},
		},
		{
			"chunk header wrong, old records behind",
			fixture.EvtxCondition{BadHeaderSum: []int{0}, Slack: slack},
			nil,
			[4]int{},
			[4]int{0, 0, 50},
			[4]int{0, 0, 50, -1},
		},
		{"signature of a chunk", fixture.EvtxCondition{ChunkEvents: 10, BadMagic: []int{1}}, nil, [4]int{40}, [4]int{40, 0, 10}, [4]int{40, 0, 10}},
		{
			"file header of zeros", whole, func(b []byte) []byte { clear(b[:fileHeaderSize]); return b },
			[4]int{-2},
			[4]int{0, 50},
			[4]int{0, 50},
		},
		{
			"chunk headers of zeros", whole, func(b []byte) []byte {
				for at := fileHeaderSize; at < len(b); at += chunkSize {
					clear(b[at:][:chunkHeader])
				}
				return b
			},
			[4]int{},
			[4]int{0, 0, 50},
			[4]int{0, 0, 50},
		},
		{"no file header", whole, func(b []byte) []byte { return b[fileHeaderSize:] }, [4]int{-2}, [4]int{0, 50}, [4]int{0, 50}},
		{
			"begins in the middle of a chunk", whole, func(b []byte) []byte { return b[fileHeaderSize+chunkHeader+100:] },
			[4]int{-2},
			[4]int{-2},
			[4]int{0, 40, -1},
		},
		{
			"bytes are missing in a chunk", whole, func(b []byte) []byte {
				at := fileHeaderSize + chunkSize + 5000
				return slices.Delete(b, at, at+300)
			},
			[4]int{40},
			[4]int{40, 0, -1},
			[4]int{40, 0, -1},
		},
		{
			"bytes too many in front of a chunk", whole, func(b []byte) []byte {
				return slices.Insert(b, fileHeaderSize+chunkSize, bytes.Repeat([]byte("x"), 777)...)
			},
			[4]int{50},
			[4]int{50},
			[4]int{50},
		},
		{"more bytes at the end", whole, func(b []byte) []byte { return append(b, "trailing"...) }, [4]int{50}, [4]int{50}, [4]int{50}},
		{
			"cut off in free space", whole, func(b []byte) []byte { return b[:len(b)-100] },
			[4]int{50},
			[4]int{50},
			[4]int{50},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := serverLog(50)
			log.FirstRecord, log.Condition = 5000, tt.cond
			b := logBytes(t, log)
			if tt.damage != nil {
				b = tt.damage(b)
			}
			for mode, want := range map[evtx.Recover][4]int{evtx.RecoverNone: tt.none, evtx.RecoverDamaged: tt.damaged, evtx.RecoverAll: tt.all} {
				if want[0] == -2 {
					if _, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{Recover: mode}); err == nil {
						t.Errorf("mode %d: the file is accepted", mode)
					}
					continue
				}
				events, errs, c := recoverAll(t, b, mode)
				got := kinds(events)
				for k := range got {
					if want[k] == -1 && got[k] > 0 {
						want[k] = got[k]
					}
				}
				if got != want {
					t.Errorf("mode %d: events by recovery %v, want %v; errors %q", mode, got, want, errs)
				}
				checkRecovered(t, events, c)
				if lost := len(events) < 50 && len(errs) == 0; lost && mode != evtx.RecoverNone || c.Lost > 0 && len(errs) == 0 {
					t.Errorf("mode %d: records are lost without a word: %+v", mode, c)
				}
			}
		})
	}
}

// checkRecovered holds the coverage against the events: records in free space are not in the
// streams, and all events read as they were written.
func checkRecovered(t testing.TB, events []*evtx.Event, c evtx.Coverage) {
	t.Helper()
	var streams, recovered int64
	for _, s := range c.Streams {
		streams += s.Records
	}
	for _, r := range c.Recovered {
		recovered += r.Records
		if r.Records > 0 && (r.First.IsZero() || r.Last.Before(r.First)) {
			t.Errorf("recovered %+v", r)
		}
	}
	got := kinds(events)
	if streams != int64(len(events)-got[evtx.InFreeSpace]) || recovered != int64(len(events)-got[evtx.Intact]) || c.Read != int64(len(events)) {
		t.Errorf("%v events by recovery, coverage %+v", got, c)
	}
	for _, ev := range events {
		if err := checkViews(ev); err != nil {
			t.Error(err)
		}
	}
}

// TestSubstituteTemplates spoils the definitions of a chunk: those of other chunks stand in,
// and the events are those that were written. In a chunk whose checksum is right, nothing does.
func TestSubstituteTemplates(t *testing.T) {
	log := serverLog(30)
	log.Condition.ChunkEvents = 10
	b := logBytes(t, log)
	want, _, _ := readAll(t, b, nil)
	chunk := b[fileHeaderSize+chunkSize:][:chunkSize]
	for bucket := 384; bucket < chunkHeader; bucket += 4 {
		if off := binary.LittleEndian.Uint32(chunk[bucket:]); off != 0 {
			chunk[off+28] ^= 0x11 // the first token of the body
		}
	}
	sealed := bytes.Clone(b)
	sealChunk(sealed[fileHeaderSize+chunkSize:][:chunkSize])
	_, _, c := readAll(t, sealed, nil)
	if c.Lost == 0 {
		t.Fatal("the definitions are not spoiled")
	}
	events, errs, c := readAll(t, b, nil)
	mustContain(t, errs, "the checksum of the chunk's records")
	if len(events) != len(want) || c.Lost != 0 {
		t.Fatalf("%d events, want %d; coverage %+v", len(events), len(want), c)
	}
	for i, ev := range events {
		if got := xmlOf(t, ev); got != xmlOf(t, want[i]) {
			t.Errorf("event %d\n got %s\nwant %s", i, got, xmlOf(t, want[i]))
		}
		if inChunk := i/10 == 1; (ev.Recovery == evtx.InDamagedChunk) != inChunk {
			t.Errorf("event %d: %s", i, ev.Recovery)
		}
	}
}

// TestNameHash damages names, or their hashes, of a chunk whose checksum is wrong: a name of the
// event schema is mended, and nobody sees an element of any other name.
func TestNameHash(t *testing.T) {
	log := func(damaged string, off int) []byte {
		w := newChunk(1)
		w.record(event(el("EventData", el("Data", at("Name", "param1"), "x"), el("Own", "y"))))
		b := w.finish()
		b[bytes.Index(b, utf16le(damaged))+off] ^= 3
		return b
	}
	for _, tt := range []struct {
		name   string
		at     int
		events int
	}{
		{"EventData", 0, 1},
		{"EventData", -4, 1}, // the hash
		{"Channel", 2, 1},
		{"Own", 0, 0},
		{"Own", -4, 0},
	} {
		b := log(tt.name, tt.at)
		events, errs, c := readAll(t, logFile(b), nil)
		if len(events) != tt.events || c.Lost != int64(1-tt.events) {
			t.Errorf("%s, byte %d: %d events, errors %v, coverage %+v", tt.name, tt.at, len(events), errs, c)
		}
		if tt.events == 0 && !strings.Contains(errs[len(errs)-1].Error(), "the hash of a name is") {
			t.Errorf("%s: errors %v", tt.name, errs)
		}
		for _, ev := range events {
			if got, want := xmlOf(t, ev), eventXML(`<EventData><Data Name="param1">x</Data><Own>y</Own></EventData>`); got != want {
				t.Errorf("%s, byte %d:\n got %s\nwant %s", tt.name, tt.at, got, want)
			}
		}
	}
	b := log("EventData", -4)
	sealChunk(b) // another writer, whose hashes are of its own
	if events, errs, _ := readAll(t, logFile(b), nil); len(events) != 1 || len(errs) != 0 {
		t.Errorf("sealed: %d events, errors %v", len(events), errs)
	}
}

// TestRandomDamage changes bytes all over a log: what is read is nearly always what was
// written, a record is read where its bounds can be told, and nothing is there that was not.
func TestRandomDamage(t *testing.T) {
	log := serverLog(600)
	plain := logBytes(t, log)
	all, _, _ := readAll(t, plain, nil)
	numbers := make(map[uint64]string)
	for _, ev := range all {
		numbers[ev.RecordID] = ev.Provider
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, share := range []int{100, 1000, 10000} {
		b := bytes.Clone(plain)
		for range len(b) / share {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		copy(b, "ElfFile\x00")
		events, errs, c := recoverAll(t, b, evtx.RecoverAll)
		checkDamaged(t, events, c)
		strange := 0
		for _, ev := range events {
			if numbers[ev.RecordID] != ev.Provider {
				strange++
			}
		}
		if share == 1000 {
			for i, e := range errs {
				if i%20 == 0 {
					t.Log(e)
				}
			}
		}
		t.Logf("1 of %d bytes: %d of %d records, %d of them damaged themselves, %d errors, %d lost", share, len(events), len(all), strange, len(errs), c.Lost)
		if len(events) > len(all) || strange > len(all)/10 {
			t.Errorf("%d records that were not there", strange)
		}
		if share >= 1000 && int64(len(events))+c.Lost < int64(len(all))*9/10 {
			t.Errorf("%d read and %d lost of %d", len(events), c.Lost, len(all))
		}
		if st := c.Streams; len(st) > 0 && (st[0].First.Before(all[0].Time) || st[0].Last.After(all[len(all)-1].Time)) {
			t.Errorf("the log covers %s to %s, want no more than %s to %s", st[0].First, st[0].Last, all[0].Time, all[len(all)-1].Time)
		}
	}
}

// checkDamaged has every event printed or its error told.
func checkDamaged(t testing.TB, events []*evtx.Event, c evtx.Coverage) {
	t.Helper()
	if c.Read != int64(len(events)) {
		t.Errorf("%d events, coverage %+v", len(events), c)
	}
	for _, ev := range events {
		x, err := ev.AppendXML(nil)
		if err == nil {
			wellFormed(t, string(x))
		}
	}
}

// TestRecoveryString holds the words that programs print.
func TestRecoveryString(t *testing.T) {
	got := fmt.Sprint(evtx.Intact, ", ", evtx.InDamagedFile, ", ", evtx.InDamagedChunk, ", ", evtx.InFreeSpace, ", ", evtx.Recovery(9))
	if want := "intact, file without a header, damaged chunk, free space, Recovery(9)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestDiskImage finds the chunks of a log between other bytes, and takes no text for one.
func TestDiskImage(t *testing.T) {
	log := serverLog(30)
	log.Condition.ChunkEvents = 10
	b := logBytes(t, log)
	image := bytes.Repeat([]byte("ElfChnk\x00 is text here. "), 20000)
	for at := fileHeaderSize; at < len(b); at += chunkSize {
		image = append(image, b[at:][:chunkSize]...)
		image = append(image, bytes.Repeat([]byte{7}, 100001)...)
	}
	events, errs, c := recoverAll(t, image, evtx.RecoverAll)
	if got := kinds(events); got != [4]int{0, 30} || c.Lost != 0 {
		t.Errorf("events by recovery %v, coverage %+v, errors %v", got, c, errs)
	}
	mustContain(t, errs, "the file has no header")
}

// TestDoubtIsLocal has a writer whose hashes of names are its own, and one record whose end is
// damaged: the doubt about that one changes nothing for the others, nor for clones.
func TestDoubtIsLocal(t *testing.T) {
	w := newChunk(1)
	inner := &tmpl{guid: 3, body: []content{el("OwnData", el("Data", sub(0)))}}
	outer := &tmpl{guid: 2, body: []content{event(sub(0))}}
	var at []int
	for i := range 4 {
		at = append(at, w.record(inst{outer, []val{nested(true, inst{inner, []val{str(fmt.Sprint(i))}})}}))
	}
	b := w.finish()
	b[bytes.Index(b, utf16le("OwnData"))-4]++ // the hash
	clear(b[384:chunkHeader])                 // no list of definitions
	putSize(b, at[1], 7)
	sealChunk(b)
	checkLog(t, logFile(b))
	events, errs, c := readAll(t, logFile(b), nil)
	mustContain(t, errs, "found 7")
	if len(events) != 3 || c.Lost != 1 {
		t.Errorf("%d events, %d lost, want the three whole ones", len(events), c.Lost)
	}
}

// TestCheckedBounded has free space full of records that each print far more than they are:
// looking at them takes no longer for it.
func TestCheckedBounded(t *testing.T) {
	var data []any
	for range 3000 {
		data = append(data, el("Data", sub(0)))
	}
	w := newChunk(1)
	tm := &tmpl{guid: 1, body: []content{event(el("EventData", data...))}}
	w.record(inst{tm, []val{str("today")}})
	end := len(w.buf)
	for len(w.buf) < chunkSize-2500 {
		w.record(inst{tm, []val{str(strings.Repeat("x", 1000))}})
	}
	w.count = 1
	b := w.finish()
	put32(b, 48, uint32(end))
	put32(b, 44, chunkHeader)
	sealChunk(b)
	events, errs, c := recoverAll(t, logFile(b), evtx.RecoverAll)
	if got := kinds(events); got[evtx.Intact] != 1 || got[evtx.InFreeSpace] > 2 || len(errs) > 0 || c.Recovered[0].Unreadable == 0 {
		t.Errorf("events by recovery %v, %v, errors %v", got, c.Recovered, errs)
	}
}

// TestCopiesInFreeSpace has a record a second time behind the free space mark, as Windows
// leaves it when it writes a chunk anew, and one that is another by a byte.
func TestCopiesInFreeSpace(t *testing.T) {
	for _, badHeader := range []bool{false, true} {
		w := newChunk(1)
		for i := range 3 {
			w.record(event(el("EventData", el("Data", fmt.Sprint(i)))))
		}
		end := len(w.buf)
		w.bytes(w.buf[w.lastRecord:end]...)
		other := len(w.buf)
		w.bytes(w.buf[w.lastRecord:end]...)
		w.buf[other+16]++ // when it was stored
		b := w.finish()
		put32(b, 48, uint32(end))
		sealChunk(b)
		if badHeader {
			clear(b[:chunkHeader])
		}
		events, errs, c := recoverAll(t, logFile(b), evtx.RecoverAll)
		want := [4]int{3, 0, 0, 1}
		if badHeader { // nothing but its number tells that the last one is of another time
			want = [4]int{0, 0, 3, 1}
		}
		if got := kinds(events); got != want || c.Lost != 0 {
			t.Errorf("header damaged %t: events by recovery %v, want %v; %d lost, errors %v", badHeader, got, want, c.Lost, errs)
		}
	}
}

// TestNoHeaderNoChecksums has a log that was written without checksums and has lost its header:
// its chunks are found by what else is in their headers.
func TestNoHeaderNoChecksums(t *testing.T) {
	log := serverLog(30)
	log.Condition.ChunkEvents, log.Condition.NoChecksums = 10, true
	b := logBytes(t, log)
	for name, b := range map[string][]byte{"zeros": append(make([]byte, fileHeaderSize), b[fileHeaderSize:]...), "cut off": b[fileHeaderSize:]} {
		events, _, c := recoverAll(t, b, evtx.RecoverDamaged)
		if got := kinds(events); len(events) != 30 || c.Lost != 0 {
			t.Errorf("%s: events by recovery %v, %d lost", name, got, c.Lost)
		}
	}
}

// TestDamagedNumbers damages the number of one record, in a chunk whose checksum shows it: the
// log does not cover more for it, and no gap is hidden or made up. The header of the record has
// the number too.
func TestDamagedNumbers(t *testing.T) {
	for _, exported := range []bool{false, true} {
		log := serverLog(60)
		log.FirstRecord, log.Condition.Exported = 1000, exported
		for i := 40; i < 60; i++ {
			log.Events[i].RecordID, log.Events[i].Time = uint64(6000+i), log.Events[i].Time.AddDate(0, 0, 1)
		}
		plain := logBytes(t, log)
		events, _, c := readAll(t, plain, nil)
		want := c.Streams[0]
		if want.GapCount != 1 || want.LastID != 6059 {
			t.Fatalf("stream %+v", want)
		}
		for _, n := range []int{0, 5, 59} {
			for _, bit := range []byte{1, 0x80} {
				b := bytes.Clone(plain)
				at := events[n].Location.Offset
				i := bytes.Index(b[at+24:], le(8, events[n].RecordID))
				b[at+24+int64(i)+1] ^= bit
				_, errs, c := readAll(t, b, nil)
				got := c.Streams[0]
				if len(errs) == 0 || got.FirstID < want.FirstID || got.LastID > want.LastID || got.First.Before(want.First) || got.Last.After(want.Last) || got.GapCount < 1 {
					t.Errorf("exported %t, record %d, bit %#x: %+v, errors %v", exported, n, bit, got, errs)
				}
			}
		}
	}
}

// TestUnbelievedStream has a second computer whose only records are damaged and were stored much
// later than they happened: its times count for nothing, least of all as the year 1.
func TestUnbelievedStream(t *testing.T) {
	log := serverLog(20)
	log.Condition.ChunkEvents, log.Condition.BadSum = 10, []int{1}
	for i := 10; i < 20; i++ {
		log.Events[i].Computer = "OTHER"
	}
	b := logBytes(t, log)
	for at := fileHeaderSize + chunkSize + chunkHeader; [4]byte(b[at:]) == [4]byte{'*', '*'}; at += int(binary.LittleEndian.Uint32(b[at+4:])) {
		b[at+21]++ // when it was stored
	}
	for range 20 {
		_, _, c := readAll(t, b, nil)
		if !c.First.Equal(log.Events[0].Time) || !c.Last.Equal(log.Events[9].Time) {
			t.Fatalf("the log covers %s to %s", c.First, c.Last)
		}
	}
}

// TestOldRecordsStayOld damages chunk headers, so that nothing tells where free space begins, with
// older records behind whose numbers go on: they are not taken for those of today.
func TestOldRecordsStayOld(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first uint64 // number of the first old record
		time  time.Time
	}{
		{"numbers that go on, times that go back", 5082, logStart.AddDate(0, -1, 0)},
		{"numbers that go on with a gap, times that go on", 5900, logStart.AddDate(0, 0, 1)},
		{"older numbers", 100, logStart.AddDate(0, -1, 0)},
	} {
		log := serverLog(50)
		log.FirstRecord = 5000
		for i, e := range serverLog(120).Events {
			e.RecordID, e.Time = tt.first+uint64(i)-52, tt.time.Add(time.Duration(i)*time.Second)
			log.Condition.Slack = append(log.Condition.Slack, e)
		}
		plain := logBytes(t, log)
		for name, damage := range map[string]func(head []byte){
			"marks":  func(head []byte) { clear(head[40:64]) },
			"header": func(head []byte) { clear(head) },
			"sum":    func(head []byte) { head[124]++ },
		} {
			b := bytes.Clone(plain)
			damage(b[fileHeaderSize:][:chunkHeader])
			events, errs, c := recoverAll(t, b, evtx.RecoverAll)
			got := kinds(events)
			if got[evtx.InDamagedChunk] != 50 || got[evtx.InFreeSpace] < 20 || len(errs) == 0 {
				t.Errorf("%s, %s damaged: events by recovery %v, errors %v", tt.name, name, got, errs)
			}
			if s := c.Streams[0]; s.First.Before(log.Events[0].Time) || s.Last.After(log.Events[49].Time) {
				t.Errorf("%s, %s damaged: the log covers %s to %s", tt.name, name, s.First, s.Last)
			}
			_, errs, _ = recoverAll(t, b, evtx.RecoverDamaged)
			if name != "sum" && !strings.Contains(fmt.Sprint(errs), "older by their numbers or times") {
				t.Errorf("%s, %s damaged: nothing is said of the records behind: %v", tt.name, name, errs)
			}
		}
	}
}

// TestEmptyHeader has headers that say a chunk was never written to. One whose checksum is wrong
// is not believed; behind one that is right older records may be left.
func TestEmptyHeader(t *testing.T) {
	log := serverLog(30)
	log.Condition.ChunkEvents = 10
	for _, sealed := range []bool{false, true} {
		b := logBytes(t, log)
		head := b[fileHeaderSize+chunkSize:][:chunkSize]
		for i := 16; i < 40; i++ {
			head[i] = 0xff
		}
		if sealed {
			put32(head, 44, 0)
			put32(head, 48, chunkHeader)
			sealChunk(head)
		}
		want, lost := [4]int{20, 0, 10}, int64(0)
		if sealed {
			want = [4]int{20, 0, 0, 10}
		}
		events, _, c := recoverAll(t, b, evtx.RecoverAll)
		if got := kinds(events); got != want || c.Lost != lost {
			t.Errorf("sealed %t: events by recovery %v, want %v; %d lost", sealed, got, want, c.Lost)
		}
		if _, _, c := recoverAll(t, b, evtx.RecoverNone); !sealed && c.Lost == 0 {
			t.Error("nothing counts as lost")
		}
	}
}

// TestNestedInDefinition has a definition with a template instance in it, whose values are those
// of its chunk: it does not stand in for that of another chunk.
func TestNestedInDefinition(t *testing.T) {
	inner := &tmpl{guid: 3, body: []content{el("Data", sub(0))}}
	chunk := func(first uint64, text string) []byte {
		w := newChunk(first)
		tm := &tmpl{guid: 1, body: []content{event(el("EventData", inst{inner, []val{str(text)}}))}}
		w.record(inst{tm, nil})
		b := w.finish()
		for bucket, off := range []int{w.templates[tm], w.templates[inner]} {
			put32(b, 384+4*bucket, uint32(off))
		}
		sealChunk(b)
		return b
	}
	damaged := chunk(2, "TRUE VALUE")
	damaged[124]++
	events, _, _ := recoverAll(t, logFile(chunk(1, "TRUE VALUE"), damaged, chunk(3, "of another")), evtx.RecoverAll)
	var got []string
	for _, ev := range events {
		for _, d := range dataOf(t, ev) {
			got = append(got, d.Value.String())
		}
	}
	if want := []string{"TRUE VALUE", "TRUE VALUE", "of another"}; !slices.Equal(got, want) {
		t.Errorf("values %q, want %q", got, want)
	}
}

// TestOrderOfDamagedHeaders damages the number in a chunk's header: its records keep their place.
func TestOrderOfDamagedHeaders(t *testing.T) {
	log := serverLog(60)
	log.Condition.ChunkEvents = 20
	b := logBytes(t, log)
	b[fileHeaderSize+chunkSize+8+1] ^= 0x40
	events, errs, c := recoverAll(t, b, evtx.RecoverDamaged)
	mustContain(t, errs, "the chunk header's checksum")
	for i, ev := range events {
		if ev.RecordID != uint64(1+i) {
			t.Fatalf("event %d has number %d", i, ev.RecordID)
		}
	}
	if len(events) != 60 || c.Streams[0].GapCount != 0 || c.Wrapped {
		t.Errorf("%d events, coverage %+v", len(events), c)
	}
}

// TestRingByOrder has a ring whose file header cannot tell that it is one.
func TestRingByOrder(t *testing.T) {
	log := serverLog(50)
	log.Condition.ChunkEvents, log.Condition.Rotate = 10, 2
	b := logBytes(t, log)
	clear(b[8:24])
	if _, _, c := readAll(t, b, nil); !c.Wrapped {
		t.Errorf("not wrapped: %+v", c)
	}
}

// TestCopiesOfTheChunkBefore has free space with what the chunk before has at the same place, as
// Windows fills one chunk after the other in the same memory.
func TestCopiesOfTheChunkBefore(t *testing.T) {
	log := serverLog(60)
	log.Condition.ChunkEvents = 40
	b := logBytes(t, log)
	before, after := b[fileHeaderSize:][:chunkSize], b[fileHeaderSize+chunkSize:][:chunkSize]
	free := int(binary.LittleEndian.Uint32(after[48:]))
	copy(after[free:], before[free:])
	events, errs, _ := recoverAll(t, b, evtx.RecoverAll)
	mustContain(t, errs)
	if got := kinds(events); got != [4]int{60} {
		t.Errorf("events by recovery %v", got)
	}
}

// TestLearningStops has a slow file with damage, of which several iterations want to know all
// definitions: none waits for another longer than its context lasts.
func TestLearningStops(t *testing.T) {
	log := serverLog(400)
	log.Condition.ChunkEvents, log.Condition.BadSum = 2, []int{0}
	b := logBytes(t, log)
	r, err := evtx.NewReader(slowReader{bytes.NewReader(b)}, int64(len(b)), evtx.Config{})
	if err != nil {
		t.Fatal(err)
	}
	long, stop := context.WithCancel(context.Background())
	defer stop()
	begun, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for range r.Events(long, nil) {
			select {
			case <-begun:
			default:
				close(begun)
			}
		}
	}()
	<-begun
	short, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	for range r.Events(short, nil) {
	}
	r.Coverage()
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("it ended after %s", d)
	}
	stop()
	<-done
}

// slowReader takes its time.
type slowReader struct{ *bytes.Reader }

func (r slowReader) ReadAt(p []byte, off int64) (int, error) {
	time.Sleep(10 * time.Millisecond)
	return r.Reader.ReadAt(p, off)
}

// TestClockSetBack has a clock that was set back a week, in a chunk whose header is damaged: the
// records behind have the next numbers, and are those of today.
func TestClockSetBack(t *testing.T) {
	log := serverLog(40)
	for i := 20; i < 40; i++ {
		log.Events[i].Time = log.Events[i].Time.AddDate(0, 0, -7)
	}
	b := logBytes(t, log)
	clear(b[fileHeaderSize:][:chunkHeader])
	events, _, _ := recoverAll(t, b, evtx.RecoverAll)
	if got := kinds(events); got != [4]int{0, 0, 40} {
		t.Errorf("events by recovery %v", got)
	}
}

// TestOneRecordAndOld has one record of today in a chunk that is full of old ones.
func TestOneRecordAndOld(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		log := serverLog(n)
		log.FirstRecord = 5000
		for i, e := range serverLog(80).Events {
			e.RecordID, e.Time = uint64(100+i), logStart.AddDate(0, -6, i)
			log.Condition.Slack = append(log.Condition.Slack, e)
		}
		for name, damage := range map[string]func(head []byte){
			"header":   func(head []byte) { clear(head) },
			"marks":    func(head []byte) { clear(head[40:64]) },
			"mark bit": func(head []byte) { head[49] ^= 2 },
		} {
			b := logBytes(t, log)
			damage(b[fileHeaderSize:][:chunkHeader])
			events, _, c := recoverAll(t, b, evtx.RecoverAll)
			if got := kinds(events); got[evtx.InDamagedChunk] != n || got[evtx.InFreeSpace] < 50 || c.First.Before(logStart) {
				t.Errorf("%d records, %s damaged: events by recovery %v, from %s", n, name, got, c.First)
			}
		}
	}
}

// TestOrderOfNumbers has chunks whose places in the file are counted anew while the records go on,
// as after a log was cleared; one header is damaged.
func TestOrderOfNumbers(t *testing.T) {
	log := serverLog(60)
	log.FirstRecord, log.Condition.ChunkEvents = 5000, 20
	plain := logBytes(t, log)
	for i := range 3 {
		head := plain[fileHeaderSize+i*chunkSize:][:chunkSize]
		binary.LittleEndian.PutUint64(head[8:], uint64(1+20*i))
		binary.LittleEndian.PutUint64(head[16:], uint64(20+20*i))
		sealChunk(head)
	}
	for i := range 3 {
		b := bytes.Clone(plain)
		b[fileHeaderSize+i*chunkSize+130] ^= 2
		events, _, c := recoverAll(t, b, evtx.RecoverDamaged)
		for k, ev := range events {
			if ev.RecordID != uint64(5000+k) {
				t.Fatalf("chunk %d damaged: event %d has number %d", i, k, ev.RecordID)
			}
		}
		if len(events) != 60 || c.Streams[0].GapCount != 0 {
			t.Errorf("chunk %d damaged: %d events, coverage %+v", i, len(events), c)
		}
	}
}
