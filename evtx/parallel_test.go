package evtx_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// allOf is all that an event gives, as text.
func allOf(ev *evtx.Event) string {
	x, xmlErr := ev.AppendXML(nil)
	j, jsonErr := ev.AppendJSON(nil)
	data, dataErr := ev.Data()
	return fmt.Sprint(ev.System, ev.Matched, ev.Location, ev.HeaderRecordID, ev.Recovery, ev.Written, string(x), xmlErr, string(j), jsonErr, len(data), dataErr)
}

// sequential is what Map yields, by the plain loop.
func sequential[T any](ctx context.Context, r *evtx.Reader, f *evtx.Filter, do func(*evtx.Event) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for ev, err := range r.Events(ctx, f) {
			var v T
			if err == nil {
				v = do(ev)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// steps lists what a loop over a log sees, at most so many steps, and what it covers.
func steps(r *evtx.Reader, seq iter.Seq2[string, error], most int) (list []string, c evtx.Coverage) {
	for v, err := range seq {
		if err != nil {
			v += fmt.Sprintf("%T %v", err, err)
		}
		if list = append(list, v); len(list) == most {
			break
		}
	}
	return list, r.Coverage()
}

// checkParallel fails the test unless Map gives what Events gives.
func checkParallel(t *testing.T, b []byte, cfg evtx.Config, f *evtx.Filter, most int) {
	t.Helper()
	ctx := context.Background()
	r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), cfg)
	if err != nil {
		return
	}
	want, covers := steps(r, sequential(ctx, r, f, allOf), most)
	r, _ = evtx.NewReader(bytes.NewReader(b), int64(len(b)), cfg) // which has learned nothing
	for _, workers := range []int{1, 3} {
		got, c := steps(r, evtx.Map(ctx, r, f, workers, allOf), most)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("recover %d, %d workers: %d steps, want %d; from step %d on\n%.2000q, want\n%.2000q",
					cfg.Recover, workers, len(got), len(want), i, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
			}
		}
		if !reflect.DeepEqual(c, covers) {
			t.Fatalf("recover %d, %d workers: coverage\n%+v, want\n%+v", cfg.Recover, workers, c, covers)
		}
	}
}

// checkParallelModes checks a log in all modes, with and without a filter, to its end and not.
func checkParallelModes(t *testing.T, b []byte) {
	t.Helper()
	some, err := evtx.Compile(
		evtx.Selector{Providers: []string{"Service Control Manager"}, ExceptIDs: []evtx.Range[uint16]{{First: 7036, Last: 7036}}},
		evtx.Selector{IDs: []uint16{1, 7036}, Data: []evtx.DataTest{{Index: 1, Values: []string{"Service 3", "-"}}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []evtx.Recover{evtx.RecoverNone, evtx.RecoverDamaged, evtx.RecoverAll} {
		cfg := evtx.Config{Source: "log", Recover: mode, MaxEventSize: 1 << 20}
		checkParallel(t, b, cfg, nil, -1)
		checkParallel(t, b, cfg, some, -1)
		checkParallel(t, b, cfg, nil, 45)
	}
}

// ring turns the chunks of a log around, as in one that was written around.
func ring(b []byte, n int) []byte {
	chunks := b[fileHeaderSize:]
	return slices.Concat(b[:fileHeaderSize], chunks[n*chunkSize:], chunks[:n*chunkSize])
}

// parallelLogs are logs of several chunks by what is in them.
func parallelLogs(t testing.TB) map[string][]byte {
	log := func(n int, c fixture.EvtxCondition) []byte {
		l := serverLog(n)
		l.Condition = c
		return logBytes(t, l)
	}
	old := serverLog(200).Events
	for i := range old {
		old[i].RecordID, old[i].Time = uint64(i+1), logStart.AddDate(-1, 0, i)
	}
	whole := log(200, fixture.EvtxCondition{ChunkEvents: 20})
	damage := func(f func(b []byte)) []byte {
		b := bytes.Clone(whole)
		f(b)
		return b
	}
	chunkAt := func(b []byte, i int) []byte { return b[fileHeaderSize+i*chunkSize:][:chunkSize] }
	l := fixture.EvtxLog{Channel: "System", Computer: "SYNC01.contoso.com", Events: old}
	l.Condition.ChunkEvents = 45
	older := logBytes(t, l)
	slack := damage(func(b []byte) {
		for i := range (len(older) - fileHeaderSize) / chunkSize {
			to, from := chunkAt(b, 2*i), chunkAt(older, i)
			free := binary.LittleEndian.Uint32(to[48:])
			copy(to[free:], from[free:])
		}
	})
	logs := map[string][]byte{
		"whole":            whole,
		"full chunks":      log(600, fixture.EvtxCondition{}),
		"ring":             ring(whole, 3),
		"slack":            slack,
		"checksums":        log(200, fixture.EvtxCondition{ChunkEvents: 20, BadSum: []int{1, 4, 5}, Slack: old}),
		"header checksums": log(200, fixture.EvtxCondition{ChunkEvents: 20, BadHeaderSum: []int{0, 3}, Slack: old}),
		"signatures":       log(200, fixture.EvtxCondition{ChunkEvents: 20, BadMagic: []int{2, 3, 9}}),
		"cut off":          whole[:len(whole)-chunkSize/2-17],
		"no file header":   damage(func(b []byte) { clear(b[:fileHeaderSize]) }),
		"chunks alone":     whole[fileHeaderSize:],
		"bytes missing":    slices.Concat(whole[:200000], whole[200777:]),
		"chunk of zeros":   damage(func(b []byte) { clear(chunkAt(b, 4)) }),
		"never written to": damage(func(b []byte) {
			c := chunkAt(b, 9)
			binary.LittleEndian.PutUint64(c[16:], ^uint64(0))
			binary.LittleEndian.PutUint64(c[32:], ^uint64(0))
			sealHeader(c)
		}),
		"a record that is none": damage(func(b []byte) {
			c := chunkAt(b, 6)
			clear(c[chunkHeader+recordAt(c, 10) : chunkHeader+recordAt(c, 10)+8])
			sealChunk(c)
		}),
		"a template that is none": damage(func(b []byte) {
			c := chunkAt(b, 6)
			c[chunkHeader+24+30] ^= 0xff
			sealChunk(c)
		}),
		"the chunk before in free space": damage(func(b []byte) {
			c := chunkAt(b, 6)
			free := int(binary.LittleEndian.Uint32(c[48:]))
			binary.LittleEndian.PutUint32(c[48:], uint32(chunkHeader+recordAt(c, 15)))
			copy(c[free:], chunkAt(b, 5)[free:])
			binary.LittleEndian.PutUint32(c[44:], uint32(chunkHeader+recordAt(c, 14)))
			sealChunk(c)
		}),
	}
	many := serverLog(0)
	for i := range 4600 { // more computers than streams are told of
		e := scm(7036, 4, "param1", fmt.Sprint(i))
		e.Computer = fmt.Sprintf("C%d", i*7%4500)
		e.Time = logStart.Add(time.Duration(i) * time.Second)
		many.Events = append(many.Events, e)
	}
	logs["many computers"] = logBytes(t, many)
	return logs
}

// recordAt returns where the i-th record of a chunk stands, behind its header.
func recordAt(chunk []byte, i int) int {
	at := 0
	for ; i > 0; i-- {
		at += int(binary.LittleEndian.Uint32(chunk[chunkHeader+at+4:]))
	}
	return at
}

func TestMap(t *testing.T) {
	logs := parallelLogs(t)
	for _, name := range []string{"slack", "the chunk before in free space"} {
		if events, errs, _ := recoverAll(t, logs[name], evtx.RecoverAll); len(errs) > 0 || kinds(events)[evtx.InFreeSpace] == 0 {
			t.Errorf("%s: errors %v, events by recovery %v", name, errs, kinds(events))
		}
	}
	for name, b := range logs {
		t.Run(name, func(t *testing.T) {
			if name == "many computers" {
				checkParallel(t, b, evtx.Config{Source: "log"}, nil, -1)
				return
			}
			checkParallelModes(t, b)
		})
	}
}

// TestMapDamaged damages a log of several chunks at random.
func TestMapDamaged(t *testing.T) {
	logs := parallelLogs(t)
	r := rand.New(rand.NewPCG(7, 8))
	for _, name := range []string{"whole", "slack", "ring"} {
		for range 8 {
			b := bytes.Clone(logs[name])
			for range 1 + r.IntN(6) {
				at := r.IntN(len(b))
				if r.IntN(2) == 0 { // in the headers
					at = at/chunkSize*chunkSize + fileHeaderSize + r.IntN(chunkHeader+4000)
				}
				for i := range min(1+r.IntN(20), max(len(b)-at, 0)) {
					b[at+i] = byte(r.Uint32())
				}
			}
			if r.IntN(2) == 0 { // a liar
				for at := fileHeaderSize; at+chunkSize <= len(b); at += chunkSize {
					sealChunk(b[at : at+chunkSize])
				}
			}
			checkParallelModes(t, b)
		}
	}
}

// FuzzMap reads any bytes as a log, and as the records of three chunks that are right otherwise.
func FuzzMap(f *testing.F) {
	for _, b := range seedLogs(f) {
		f.Add(b)
		f.Add(b[fileHeaderSize+chunkHeader:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkParallelModes(t, b)
		if len(b) > chunkSize-chunkHeader {
			return
		}
		var chunks [][]byte
		for i := range uint64(3) {
			w := newChunk(1 + 10*i)
			w.count = 10
			w.bytes(b...)
			chunks = append(chunks, w.finish())
		}
		checkParallelModes(t, logFile(chunks...))
	})
}

// TestMapCorpus reads all real logs at once and one after the other.
func TestMapCorpus(t *testing.T) {
	dir, files := corpus(t)
	for _, f := range files {
		b := readCorpusFile(t, dir, f.name)
		if len(b) < fileHeaderSize+2*chunkSize {
			continue
		}
		for _, mode := range []evtx.Recover{evtx.RecoverNone, evtx.RecoverDamaged, evtx.RecoverAll} {
			checkParallel(t, b, evtx.Config{Source: "log", Recover: mode}, nil, -1)
		}
	}
}

// checkGoroutines fails the test if there are more goroutines than before, after a while.
func checkGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestMapEnds leaves loops in every way: no goroutine is left, and do is not running.
func TestMapEnds(t *testing.T) {
	b := bigLog()
	before := runtime.NumGoroutine() + 1 // that of a subtest
	var running, calls atomic.Int32
	do := func(ev *evtx.Event) uint64 {
		calls.Add(1)
		running.Add(1)
		defer running.Add(-1)
		return ev.RecordID
	}
	check := func(t *testing.T) {
		t.Helper()
		if n := running.Load(); n != 0 {
			t.Errorf("do runs %d times when the loop has ended", n)
		}
		checkGoroutines(t, before)
	}
	t.Run("break", func(t *testing.T) {
		for _, at := range []uint64{1, 2, 200, 5000} {
			calls.Store(0)
			for id, err := range evtx.Map(t.Context(), openLog(t, b, evtx.Config{}), nil, 4, do) {
				if err != nil {
					t.Fatal(err)
				}
				if id == at {
					break
				}
			}
			if n := calls.Load(); n < int32(at)+50 || n > int32(at)+2000 {
				t.Errorf("do is called for %d events until a loop that ends at event %d: some chunks ahead are read", n, at)
			}
			check(t)
		}
	})
	t.Run("context", func(t *testing.T) {
		for _, at := range []uint64{0, 1, 31, 200, 5000} {
			for _, workers := range []int{1, 4} {
				ctx, cancel := context.WithCancel(t.Context())
				if at == 0 {
					cancel()
				}
				r := openLog(t, b, evtx.Config{})
				var last error
				n := uint64(0)
				for id, err := range evtx.Map(ctx, r, nil, workers, do) {
					if last != nil {
						t.Fatalf("step %d, %v after %v", id, err, last)
					}
					if last = err; err != nil {
						continue
					}
					if n = id; id == at {
						cancel()
					}
				}
				if !errors.Is(last, context.Canceled) || n > at+32 {
					t.Errorf("cancelled at %d, it ended at %d: %v", at, n, last)
				}
				if c := r.Coverage(); c.Complete || c.Read != int64(n) {
					t.Errorf("%+v after %d events", c, n)
				}
				check(t)
				cancel()
			}
		}
	})
	t.Run("panic of the loop", func(t *testing.T) {
		func() {
			defer func() {
				if recover() != "loop" {
					t.Error("the panic is lost")
				}
			}()
			for id := range evtx.Map(t.Context(), openLog(t, b, evtx.Config{}), nil, 4, do) {
				if id == 700 {
					panic("loop")
				}
			}
		}()
		check(t)
	})
	t.Run("panic of do", func(t *testing.T) {
		last := uint64(0)
		func() {
			defer func() {
				if recover() != "do" {
					t.Error("the panic is lost")
				}
			}()
			bad := func(ev *evtx.Event) uint64 {
				if ev.RecordID == 700 {
					panic("do")
				}
				return do(ev)
			}
			for id := range evtx.Map(t.Context(), openLog(t, b, evtx.Config{}), nil, 4, bad) {
				last = id
			}
		}()
		if last != 699 {
			t.Errorf("the panic comes behind event %d, want 699", last)
		}
		check(t)
	})
	t.Run("Goexit of do", func(t *testing.T) {
		last := uint64(0)
		var loop sync.WaitGroup
		loop.Go(func() {
			bad := func(ev *evtx.Event) uint64 {
				if ev.RecordID >= 700 {
					runtime.Goexit()
				}
				return do(ev)
			}
			for id := range evtx.Map(t.Context(), openLog(t, b, evtx.Config{}), nil, 4, bad) {
				last = id
			}
		})
		loop.Wait()
		if last != 699 {
			t.Errorf("the goroutine ends behind event %d, want 699", last)
		}
		check(t)
	})
}

// TestMapClones keeps clones of all events while others are read into the same memory.
func TestMapClones(t *testing.T) {
	for name, b := range parallelLogs(t) {
		r := openLog(t, b, evtx.Config{Recover: evtx.RecoverAll})
		var want []string
		for ev, err := range r.Events(t.Context(), nil) {
			if err == nil {
				want = append(want, allOf(ev))
			}
		}
		var clones []*evtx.Event
		n := 0
		for ev, err := range evtx.Map(t.Context(), r, nil, 3, (*evtx.Event).Clone) {
			if err != nil {
				continue
			}
			if n++; n%3 > 0 {
				clones = append(clones, ev)
			} else if got := allOf(ev); got != want[n-1] { // while others are read
				t.Fatalf("%s: event %d is\n%s, want\n%s", name, n-1, got, want[n-1])
			}
		}
		if n != len(want) {
			t.Fatalf("%s: %d events, want %d", name, n, len(want))
		}
		for i, ev := range clones {
			if got := allOf(ev); got != want[i/2*3+i%2] {
				t.Fatalf("%s: clone %d is\n%s, want\n%s", name, i, got, want[i/2*3+i%2])
			}
		}
	}
}

// oneReader fails when two goroutines read at a time.
type oneReader struct {
	io.ReaderAt
	busy atomic.Bool
	t    *testing.T
	fail int64 // where reading fails, 0 for nowhere
}

func (r *oneReader) ReadAt(p []byte, off int64) (int, error) {
	if !r.busy.CompareAndSwap(false, true) {
		r.t.Error("two goroutines read the file at a time")
	}
	defer r.busy.Store(false)
	if r.fail > 0 && off <= r.fail && r.fail < off+int64(len(p)) {
		n, _ := r.ReaderAt.ReadAt(p[:r.fail-off], off)
		return n, errors.New("the disk is broken")
	}
	return r.ReaderAt.ReadAt(p, off)
}

// TestMapReading: one goroutine reads the file; what it cannot read is told in its place.
func TestMapReading(t *testing.T) {
	b := bigLog()
	for _, fail := range []int64{0, fileHeaderSize + 3*chunkSize + 5000, fileHeaderSize + 7*chunkSize + 100} {
		in := &oneReader{ReaderAt: bytes.NewReader(b), t: t, fail: fail}
		r, err := evtx.NewReader(in, int64(len(b)), evtx.Config{})
		if err != nil {
			t.Fatal(err)
		}
		want, covers := steps(r, sequential(t.Context(), r, nil, allOf), -1)
		got, c := steps(r, evtx.Map(t.Context(), r, nil, 3, allOf), -1)
		if !slices.Equal(got, want) || !reflect.DeepEqual(c, covers) {
			t.Errorf("reading fails at %d: %d steps, want %d; coverage %+v, want %+v", fail, len(got), len(want), c, covers)
		}
	}
}

// TestMapDroppedClones keeps the clones of the first calls of do, whose results do not count as the
// chunks are damaged.
func TestMapDroppedClones(t *testing.T) {
	b := bytes.Clone(bigLog())
	for at := fileHeaderSize; at+chunkSize <= len(b); at += chunkSize { // a template near the end of each chunk
		c := b[at : at+chunkSize]
		last := int(binary.LittleEndian.Uint32(c[44:]))
		c[last+recordHeader+4+1+1+4] ^= 0x55
		sealChunk(c)
	}
	type kept struct {
		ev  *evtx.Event
		was string
	}
	var mu sync.Mutex
	var list []kept
	seen, calls, errs := map[uint64]bool{}, 0, 0
	for _, err := range evtx.Map(t.Context(), openLog(t, b, evtx.Config{}), nil, 3, func(ev *evtx.Event) bool {
		mu.Lock()
		defer mu.Unlock()
		calls++
		if !seen[ev.RecordID] && ev.RecordID%50 == 0 {
			seen[ev.RecordID] = true
			c := ev.Clone()
			list = append(list, kept{c, allOf(c)})
		}
		return true
	}) {
		if err != nil {
			errs++
		}
	}
	if errs < 50 || calls < 30000 || len(list) < 300 {
		t.Errorf("%d errors, %d calls, %d clones of a log of 20,000 events", errs, calls, len(list))
	}
	for _, k := range list {
		if now := allOf(k.ev); now != k.was {
			t.Fatalf("a clone was\n%s, is\n%s", k.was, now)
		}
	}
}

const recordHeader = 24
