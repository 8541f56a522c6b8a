package evtx_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// forwardedLog mixes channels, computers and providers as a collector's log does, with
// names beyond ASCII, templates and literal events.
func forwardedLog() fixture.EvtxLog {
	log := fixture.EvtxLog{Channel: "ForwardedEvents", Computer: "wec.contoso.com"}
	computers := []string{"SYNC01.contoso.com", "sync02.contoso.com", "BÜRO-ŁÓDŹ.example", ""}
	channels := []string{"System", "Application", "Überwachung/Operational", ""}
	for i := range 400 {
		var e fixture.EvtxEvent
		switch i % 5 {
		case 0:
			e = scm(7041, 2, "param1", "ADSync", "param2", `CONTOSO\svc-Größe$`)
		case 1:
			e = scm(7036, 4, "param1", "Windows Update", "param2", []string{"running", "stopped"}[i/5%2])
		case 2:
			e = fixture.EvtxEvent{Provider: "ADSync", ID: 6900, Level: 2, Data: []fixture.EvtxData{
				{Type: "string[]", Values: []string{"", "Straße", fmt.Sprint(i)}},
			}}
		case 3:
			e = fixture.EvtxEvent{
				Provider: "Fournisseur-Été", ProviderGUID: "{aea1b4fa-97d1-45f2-a64c-4d69fffd92c9}", ID: uint16(4000 + i%7), Level: uint8(i % 6),
				Data: []fixture.EvtxData{{Name: "Code", Value: fmt.Sprint(i % 3), Type: "uint32"}, {Name: "Wer", Value: "Ärger"}},
			}
		case 4:
			e = fixture.EvtxEvent{
				Provider: "Microsoft-Windows-Security-Auditing", ProviderGUID: "{54849625-5478-4994-a5ba-3e3b0328c30d}", ID: 4625, Forwarded: true,
				Data: []fixture.EvtxData{{Name: "TargetUserName", Value: "svc-sync"}, {Name: "Status", Value: "0xc000015b", Type: "hexint32"}},
			}
		}
		e.Time = logStart.Add(time.Duration(i) * time.Minute)
		e.Computer, e.Channel = computers[i*7%len(computers)], channels[i*3/4%len(channels)]
		log.Events = append(log.Events, e)
	}
	return log
}

// seen is an event as reading without a filter gives it.
type seen struct {
	evtx.System
	offset int64
	data   []evtx.Datum
}

// holds is what the documentation of Selector says, on what was read.
func (e *seen) holds(s *evtx.Selector) bool {
	in := func(list []string, v string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, v) })
	}
	ids := slices.Contains(s.IDs, e.EventID)
	for _, r := range s.IDRanges {
		ids = ids || e.EventID >= r.First && e.EventID <= r.Last
	}
	for _, r := range s.ExceptIDs {
		if e.EventID >= r.First && e.EventID <= r.Last {
			return false
		}
	}
	record := false
	for _, r := range s.Records {
		record = record || e.RecordID >= r.First && e.RecordID <= r.Last
	}
	if !in(s.Channels, e.Channel) || !in(s.Providers, e.Provider) || !in(s.Computers, e.Computer) ||
		len(s.IDs)+len(s.IDRanges) > 0 && !ids || len(s.Levels) > 0 && !slices.Contains(s.Levels, e.Level) ||
		len(s.Records) > 0 && !record ||
		!s.From.IsZero() && e.Time.Before(s.From) || !s.To.IsZero() && e.Time.After(s.To) {
		return false
	}
	for _, test := range s.Data {
		ok := false
		for i, d := range e.data {
			named := test.Name != "" && (d.Name == test.Name || d.Name == "" && d.Element == test.Name)
			if named || test.Name == "" && i+1 == test.Index {
				ok = ok || in(test.Values, d.Value.String())
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// chooser is where random selectors and logs come from: [rand.Rand], or the bytes of a fuzzer.
type chooser interface {
	// IntN returns a number from 0 up to n, without n.
	IntN(n int) int
}

// byteChooser takes its choices from bytes, and 0 when they are used up.
type byteChooser []byte

func (c *byteChooser) IntN(n int) int {
	v := 0
	for span := n - 1; span > 0 && len(*c) > 0; span >>= 8 {
		v = v<<8 | int((*c)[0])
		*c = (*c)[1:]
	}
	return v % n
}

// randomRange is around n, and n alone now and then.
func randomRange[T uint16 | uint64](r chooser, n T) evtx.Range[T] {
	first := n - min(n, T(r.IntN(4)))
	return evtx.Range[T]{First: first, Last: max(n, n+T(r.IntN(4)))}
}

// randomSelector tests some of what an event of the log has, in other letters or slightly
// wrong now and then.
func randomSelector(r chooser, events []seen) (s evtx.Selector) {
	pick := func() *seen { return &events[r.IntN(len(events))] }
	spell := func(text string) string {
		switch r.IntN(6) {
		case 0:
			return strings.ToUpper(text)
		case 1:
			return strings.ToLower(text)
		case 2:
			return text + "x"
		}
		return text
	}
	for range r.IntN(3) {
		s.Channels = append(s.Channels, spell(pick().Channel))
	}
	for range r.IntN(3) {
		s.Providers = append(s.Providers, spell(pick().Provider))
	}
	if r.IntN(4) == 0 {
		s.Computers = []string{spell(pick().Computer)}
	}
	for range r.IntN(4) {
		s.IDs = append(s.IDs, pick().EventID)
	}
	for range max(0, r.IntN(6)-2) {
		s.IDRanges = append(s.IDRanges, randomRange(r, pick().EventID))
	}
	for range max(0, r.IntN(6)-3) {
		s.ExceptIDs = append(s.ExceptIDs, randomRange(r, pick().EventID))
	}
	for range max(0, r.IntN(6)-3) {
		e := pick()
		s.Records = append(s.Records, evtx.Range[uint64]{First: e.RecordID, Last: e.RecordID + uint64(r.IntN(len(events)))})
	}
	if r.IntN(4) == 0 {
		s.Levels = []uint8{pick().Level, pick().Level}
	}
	if r.IntN(3) == 0 {
		s.From = pick().Time
	}
	if to := pick().Time; r.IntN(3) == 0 && !to.Before(s.From) {
		s.To = to
	}
	for range r.IntN(3) {
		e := pick()
		if len(e.data) == 0 {
			continue
		}
		i := r.IntN(len(e.data))
		test := evtx.DataTest{Index: i + 1, Values: []string{spell(e.data[i].Value.String()), "-"}}
		if name := e.data[i].Name; name != "" && r.IntN(2) == 0 {
			test.Name = name
		} else if r.IntN(3) == 0 {
			test.Name = e.data[i].Element
		}
		s.Data = append(s.Data, test)
	}
	return s
}

func readSeen(t testing.TB, b []byte) (list []seen) {
	t.Helper()
	events, errs, _ := readAll(t, b, nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, ev := range events {
		list = append(list, seen{ev.System, ev.Location.Offset, dataOf(t, ev)})
	}
	return list
}

// checkFilter compares reading with a filter and filtering what was read.
func checkFilter(t testing.TB, b []byte, all []seen, selectors []evtx.Selector) (chosen int) {
	t.Helper()
	f, err := evtx.Compile(selectors...)
	if err != nil {
		t.Fatal(err)
	}
	type choice struct {
		offset  int64
		matched string
	}
	var want, got []choice
	for i := range all {
		var matched []int
		for k := range selectors {
			if all[i].holds(&selectors[k]) {
				matched = append(matched, k)
			}
		}
		if matched != nil {
			want = append(want, choice{all[i].offset, fmt.Sprint(matched)})
		}
	}
	r := openLog(t, b, evtx.Config{})
	for ev, err := range r.Events(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, choice{ev.Location.Offset, fmt.Sprint(ev.Matched)})
	}
	if !slices.Equal(got, want) {
		t.Fatalf("selectors %+v\n got %v\nwant %v", selectors, got, want)
	}
	checkMatchSystem(t, all, selectors)
	if c := r.Coverage(); c.Read != int64(len(got)) || c.Skipped != int64(len(all)-len(got)) || !c.Complete {
		t.Fatalf("coverage %+v after %d of %d events", c, len(got), len(all))
	}
	return len(got)
}

// checkMatchSystem compares what the selectors ask of the System section, on what was read.
func checkMatchSystem(t testing.TB, all []seen, selectors []evtx.Selector) {
	t.Helper()
	for _, sel := range selectors {
		sel.Data = nil
		for i := range all {
			if got := sel.MatchSystem(&all[i].System); got != all[i].holds(&sel) {
				t.Fatalf("selector %+v: MatchSystem(%+v) = %v", sel, all[i].System, got)
			}
		}
	}
}

var forwardedOnce = sync.OnceValue(forwardedLog)

// randomLog has events of all sorts, with few different ids, levels, times and record numbers,
// so that selectors often hold and often nearly do.
func randomLog(r chooser) fixture.EvtxLog {
	log := forwardedOnce()
	events := log.Events
	log.Events = nil
	now := logStart
	for range 1 + r.IntN(40) {
		e := events[r.IntN(len(events))]
		e.ID += uint16(r.IntN(3))
		e.Level = uint8(r.IntN(7))
		now = now.Add(time.Duration(r.IntN(5)-1) * time.Second) // clocks go backwards too
		e.Time = now
		log.Events = append(log.Events, e)
	}
	log.FirstRecord = uint64(1 + r.IntN(100))
	log.Condition.ChunkEvents = 1 + r.IntN(20)
	log.Condition.Exported = r.IntN(2) == 0
	return log
}

// FuzzFilter compares reading with a filter and filtering afterwards, for random selectors on
// random logs.
func FuzzFilter(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		choices := make([]byte, r.IntN(400))
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		f.Add(choices)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		c := byteChooser(choices)
		b := logBytes(t, randomLog(&c))
		all := readSeen(t, b)
		var selectors []evtx.Selector
		for range c.IntN(6) {
			selectors = append(selectors, randomSelector(&c, all))
		}
		checkFilter(t, b, all, selectors)
	})
}

// TestFilterProperty reads logs with random filters: the events are those that reading all
// and testing them afterwards gives, with the right selectors in Matched.
func TestFilterProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	run := func(t *testing.T, b []byte, rounds int) (chosen int) {
		all := readSeen(t, b)
		for range rounds {
			var selectors []evtx.Selector
			for range 1 + r.IntN(4) {
				selectors = append(selectors, randomSelector(r, all))
			}
			chosen += checkFilter(t, b, all, selectors)
		}
		return chosen
	}
	t.Run("forwarded", func(t *testing.T) {
		if n := run(t, logBytes(t, forwardedLog()), 500); n < 1000 {
			t.Errorf("only %d events were ever chosen: the test tests little", n)
		}
	})
	t.Run("server", func(t *testing.T) { run(t, logBytes(t, serverLog(1500)), 100) })
	t.Run("corpus", func(t *testing.T) {
		dir, files := corpus(t)
		chosen := 0
		for i, f := range files {
			if _, damaged := corpusExceptions[f.name]; !damaged && i%4 == 0 {
				chosen += run(t, readCorpusFile(t, dir, f.name), 10)
			}
		}
		if chosen < 10000 && !testing.Short() {
			t.Errorf("only %d events were ever chosen", chosen)
		}
	})
}

// TestFilter has one selector a row, on the forwarded log.
func TestFilter(t *testing.T) {
	b := logBytes(t, forwardedLog())
	all := readSeen(t, b)
	data := func(name string, index int, values ...string) []evtx.DataTest {
		return []evtx.DataTest{{Name: name, Index: index, Values: values}}
	}
	for _, tt := range []struct {
		name string
		sel  evtx.Selector
		want int
	}{
		{"everything", evtx.Selector{}, 400},
		{"provider of a classic source", evtx.Selector{Providers: []string{"adsync"}}, 80},
		{"one of several providers", evtx.Selector{Providers: []string{"ADSync", "SERVICE CONTROL MANAGER"}}, 240},
		{"case beyond ASCII in a value", evtx.Selector{Computers: []string{"büro-łódź.EXAMPLE"}}, 100},
		{"case beyond ASCII in a literal", evtx.Selector{Providers: []string{"FOURNISSEUR-ÉTÉ"}}, 80},
		{"case beyond ASCII, the channel", evtx.Selector{Channels: []string{"ÜBERWACHUNG/operational"}}, 100},
		{"no match by prefix", evtx.Selector{Providers: []string{"ADSyn"}}, 0},
		{"no match by length", evtx.Selector{Providers: []string{"ADSync2"}}, 0},
		{"letters that fold into ASCII", evtx.Selector{Computers: []string{"\u017fync02.contoso.com"}}, 100},
		{"id", evtx.Selector{IDs: []uint16{7041, 6900}}, 160},
		{"id and level", evtx.Selector{IDs: []uint16{7041, 7036}, Levels: []uint8{2}}, 80},
		{"ids from and to", evtx.Selector{IDRanges: []evtx.Range[uint16]{{First: 7000, Last: 7040}}}, 80},
		{"a range of one", evtx.Selector{IDRanges: []evtx.Range[uint16]{{First: 7041, Last: 7041}}}, 80},
		{"a range beside single ids", evtx.Selector{IDs: []uint16{6900}, IDRanges: []evtx.Range[uint16]{{First: 7036, Last: 7041}}}, 240},
		{"ranges that overlap and touch", evtx.Selector{IDRanges: []evtx.Range[uint16]{{First: 7037, Last: 7100}, {First: 6901, Last: 7036}, {First: 7000, Last: 7050}}}, 160},
		{"all ids", evtx.Selector{IDRanges: []evtx.Range[uint16]{{First: 0, Last: 65535}}}, 400},
		{"all but one id", evtx.Selector{ExceptIDs: []evtx.Range[uint16]{{First: 7036, Last: 7036}}}, 320},
		{"a range without its middle", evtx.Selector{
			IDRanges: []evtx.Range[uint16]{{First: 6900, Last: 7041}}, ExceptIDs: []evtx.Range[uint16]{{First: 7000, Last: 7040}},
		}, 160},
		{"an id that is left out wins", evtx.Selector{IDs: []uint16{7036, 7041}, ExceptIDs: []evtx.Range[uint16]{{First: 7036, Last: 7036}}}, 80},
		{"no id is left", evtx.Selector{ExceptIDs: []evtx.Range[uint16]{{First: 0, Last: 65535}}}, 0},
		{"information without what is always logged", evtx.Selector{Levels: []uint8{4}, IDRanges: []evtx.Range[uint16]{{First: 4000, Last: 4007}}}, 13},
		{"records", evtx.Selector{Records: []evtx.Range[uint64]{{First: 1, Last: 3}, {First: 400, Last: 500}}}, 4},
		{"no such records", evtx.Selector{Records: []evtx.Range[uint64]{{First: 401, Last: 1 << 63}}}, 0},
		{"from, included", evtx.Selector{From: logStart.Add(399 * time.Minute)}, 1},
		{"to, included", evtx.Selector{To: logStart}, 1},
		{"window", evtx.Selector{From: logStart.Add(time.Minute), To: logStart.Add(3 * time.Minute)}, 3},
		{"window between events", evtx.Selector{From: logStart.Add(61 * time.Second), To: logStart.Add(119 * time.Second)}, 0},
		{"data by name", evtx.Selector{Data: data("param1", 0, "adsync")}, 80},
		{"data by name, beyond ASCII", evtx.Selector{Data: data("param2", 0, `contoso\SVC-GRÖẞE$`, `contoso\SVC-größe$`)}, 80},
		{"names of data are exact", evtx.Selector{Data: data("Param1", 0, "ADSync")}, 0},
		{"data by index", evtx.Selector{Data: data("", 2, "straße")}, 80},
		{"empty data by index", evtx.Selector{Data: data("", 1, "")}, 80},
		{"data by index beyond the last", evtx.Selector{Data: data("", 9, "")}, 0},
		{"unnamed data by its element", evtx.Selector{Data: data("Data", 0, "Straße")}, 80},
		{"number", evtx.Selector{Data: data("Code", 0, "1")}, 26},
		{"hexadecimal number", evtx.Selector{Data: data("Status", 0, "0xC000015B")}, 80},
		{"two tests", evtx.Selector{Data: append(data("param1", 0, "Windows Update"), data("", 2, "stopped")...)}, 40},
		{"a test that holds and one that does not", evtx.Selector{Data: append(data("param1", 0, "ADSync"), data("param2", 0, "x")...)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := checkFilter(t, b, all, []evtx.Selector{tt.sel}); got != tt.want {
				t.Errorf("%d events, want %d", got, tt.want)
			}
		})
	}
}

func TestFilterOfNothing(t *testing.T) {
	b := logBytes(t, serverLog(20))
	f, err := evtx.Compile()
	if err != nil {
		t.Fatal(err)
	}
	events, errs, c := readAll(t, b, f)
	if len(events) != 0 || len(errs) != 0 || c.Skipped != 20 {
		t.Errorf("%d events, errors %v, %d skipped; want all 20 skipped", len(events), errs, c.Skipped)
	}
	// Without a filter, Matched is nil.
	events, _, _ = readAll(t, b, nil)
	if events[0].Matched != nil {
		t.Errorf("Matched = %v without a filter", events[0].Matched)
	}
}

// TestFilterIsImmutable changes the selectors after Compile.
func TestFilterIsImmutable(t *testing.T) {
	sel := []evtx.Selector{{IDs: []uint16{7041}}}
	f, err := evtx.Compile(sel...)
	if err != nil {
		t.Fatal(err)
	}
	sel[0].IDs[0] = 7036
	sel[0] = evtx.Selector{}
	if events, _, _ := readAll(t, logBytes(t, serverLog(1000)), f); len(events) != 1 {
		t.Errorf("%d events, want 1", len(events))
	}
}

func TestCompileErrors(t *testing.T) {
	for name, sel := range map[string]evtx.Selector{
		"data test without name and index": {Data: []evtx.DataTest{{Values: []string{"x"}}}},
		"negative index":                   {Data: []evtx.DataTest{{Index: -1, Values: []string{"x"}}}},
		"data test without values":         {Data: []evtx.DataTest{{Name: "param1"}}},
		"window ends before it begins":     {From: logStart, To: logStart.Add(-1)},
		"range of ids backwards":           {IDRanges: []evtx.Range[uint16]{{First: 2, Last: 1}}},
		"range of exceptions backwards":    {ExceptIDs: []evtx.Range[uint16]{{First: 2, Last: 1}}},
		"range of records backwards":       {Records: []evtx.Range[uint64]{{First: 2, Last: 1}}},
	} {
		if f, err := evtx.Compile(evtx.Selector{}, sel); err == nil || f != nil || !strings.Contains(err.Error(), "selector 1") {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
}

// TestFilterDamagedData selects by the data of a record whose data cannot be read: the
// selectors that do not need them still hold, the others give an error.
func TestFilterDamagedData(t *testing.T) {
	broken := nested(false, bare{0x01, 0xff})
	b := oneRecord(inst{&tmpl{guid: 1, body: []content{event(sub(0))}}, []val{broken}})
	needs := evtx.Selector{Data: []evtx.DataTest{{Name: "a", Values: []string{"1"}}}}

	f, err := evtx.Compile(needs)
	if err != nil {
		t.Fatal(err)
	}
	events, errs, c := readAll(t, b, f)
	if len(events) != 0 || len(errs) != 1 || c.Skipped != 1 || c.Lost != 0 { // it is there, and without the filter it is read
		t.Errorf("with data: %d events, errors %v, coverage %+v", len(events), errs, c)
	}
	if e := (*evtx.Error)(nil); !errors.As(errs[0], &e) || strings.Count(e.Error(), "offset") != 1 || e.RecordID != 1 {
		t.Errorf("error %q", errs[0])
	}

	if f, err = evtx.Compile(needs, evtx.Selector{}); err != nil {
		t.Fatal(err)
	}
	events, errs, c = readAll(t, b, f)
	if len(events) != 1 || fmt.Sprint(events[0].Matched) != "[1]" || len(errs) != 1 || c.Lost != 0 {
		t.Errorf("with and without data: %d events, errors %v, %d lost", len(events), errs, c.Lost)
	}
}
