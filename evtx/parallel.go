package evtx

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// Map reads a log as [Reader.Events] does, with the work spread over several goroutines: do is
// called for each event that the filter chooses, at the same time for events of different
// chunks, and what it returns is yielded in the order of the events. All else is as with Events:
// errors come between the results where they belong, and [Reader.Coverage] then tells the same. The
// reader's file is read from the goroutine of the loop only.
//
// An event is valid in do only; [Event.Clone] makes it last. do must be safe for concurrent use. It is
// called ahead of the loop, also for events that a loop which ends early never comes to, and a
// second time for events of chunks that are damaged: then the second result counts. If do panics
// or ends its goroutine, it is called again from the goroutine of the loop, which is where that
// belongs.
//
// workers is the number of goroutines that read chunks, 0 for one for each processor that Go uses, but
// 16 at most. With 1 no goroutine is started, and do is called once for each event. When the loop
// has ended, all of them have.
func Map[T any](ctx context.Context, r *Reader, f *Filter, workers int, do func(*Event) T) iter.Seq2[T, error] {
	if workers <= 0 {
		workers = min(runtime.GOMAXPROCS(0), maxWorkers)
	}
	return func(yield func(T, error) bool) {
		s := newScan(ctx, r, f, func(ev *Event, err error) bool {
			if err != nil {
				var none T
				return yield(none, err)
			}
			return yield(do(ev), nil)
		})
		m := mapping[T]{s: s, do: do, yield: yield, workers: workers}
		s.read(m.run)
	}
}

// maxWorkers bounds the goroutines where the caller leaves their number open: one that reads the
// file and takes the results has no use for more.
const maxWorkers = 16

// A mapping has workers read the chunks of a scan ahead of it. They deal with the ordinary case
// only: a chunk in which nothing is damaged. What they find is added to the scan, chunk by chunk,
// as the scan would have found it. Every other chunk is left to the scan itself, which knows what
// it depends on: the chunk before, and what other chunks define.
type mapping[T any] struct {
	s       *scan
	do      func(*Event) T
	yield   func(T, error) bool
	workers int

	ctx  context.Context // ends with the loop
	idle chan *worker[T]
	busy sync.WaitGroup
	bufs [][]byte // not in use
	// from is the stream of a worker that was met last, to that of the scan.
	from, to *Stream
}

// run reads the chunks and reports whether it came to the last.
func (m *mapping[T]) run() bool {
	slots := m.s.slots
	m.workers = min(m.workers, len(slots))
	if m.workers <= 1 {
		return m.s.inTurn()
	}
	ctx, cancel := context.WithCancel(m.s.ctx)
	defer m.busy.Wait()
	defer cancel()
	m.ctx = ctx
	m.idle = make(chan *worker[T], m.workers)
	for range m.workers {
		m.idle <- m.newWorker()
	}
	ahead := make([]*batch[T], 2*m.workers+1) // a ring
	for i := range ahead {
		ahead[i] = &batch[T]{done: make(chan struct{}, 1)}
	}
	begun := 0
	for i := range slots {
		for ; begun < len(slots) && begun < i+len(ahead); begun++ {
			m.begin(ahead[begun%len(ahead)], slots[begun])
		}
		if !m.end(ahead[i%len(ahead)]) {
			return false
		}
	}
	return true
}

// batch is a chunk on its way through a worker.
type batch[T any] struct {
	loaded
	// parallel is set when a worker has the chunk, which then tells when it is done.
	parallel bool
	done     chan struct{}
	retained bool // as in chunk
	// ordinary is set when all of the chunk is as it should be. What follows is told of such only.
	ordinary bool
	notes    []note // of all records
	results  []result[T]
	header   chunkHeader
	// begin and endOfLog are where the records are. older is set when records stand behind.
	begin, endOfLog int
	older           bool
	defined         int // as in chunk
}

// result is what do returned for the event of a record, which counts from 0 in its chunk.
type result[T any] struct {
	record int
	value  T
}

// begin loads the chunk in a slot, and has a worker read it if it may be an ordinary one.
func (m *mapping[T]) begin(b *batch[T], sl slot) {
	b.loaded, b.parallel, b.ordinary, b.retained = loaded{slot: sl}, false, false, false
	if m.s.skips(sl) {
		return
	}
	b.loaded = m.s.fetch(sl, m.buffer())
	if b.parallel = b.complete() && !sl.headless && !sl.empty; b.parallel {
		m.busy.Go(func() { m.work(b) })
	}
}

// buffer returns room for a chunk.
func (m *mapping[T]) buffer() []byte {
	last := len(m.bufs) - 1
	if last < 0 {
		return make([]byte, chunkSize)
	}
	buf := m.bufs[last]
	m.bufs = m.bufs[:last]
	return buf
}

// work has the next idle worker read a chunk.
func (m *mapping[T]) work(b *batch[T]) {
	w := <-m.idle
	ended := false
	defer func() {
		if !ended { // do panicked, and will again when the scan reads the chunk
			recover()
			b.ordinary, b.retained = false, true
			w = m.newWorker()
		}
		m.idle <- w
		b.done <- struct{}{}
	}()
	w.read(b)
	ended = true
}

// end takes the chunk whose turn it is, and reports whether to go on.
func (m *mapping[T]) end(b *batch[T]) bool {
	s := m.s
	if b.parallel {
		<-b.done
	}
	if !s.goesOn() {
		return false
	}
	if s.skips(b.slot) {
		return true
	}
	if s.spare != nil { // the chunk before the previous one
		m.bufs = append(m.bufs, s.spare)
	}
	lo, hi, ok := s.use(b.loaded)
	if !ok {
		return false
	}
	s.chunk.retained = b.retained // also by calls of do that do not count
	defer clear(b.results)        // the batch waits for its next turn without them
	if !b.ordinary {
		return s.readChunk(b.slot, lo, hi)
	}
	if !m.replay(b) {
		return false
	}
	if !b.older || s.r.cfg.Recover != RecoverAll {
		return true
	}
	s.chunk.defined = b.defined
	w := walk{s: s, base: b.base, hi: hi, header: b.header}
	return w.freeSpace(b.begin, b.endOfLog)
}

// replay adds what a worker found in an ordinary chunk to the scan, record by record as the scan
// would have found it.
func (m *mapping[T]) replay(b *batch[T]) bool {
	s, results := m.s, b.results
	for i := range b.notes {
		if (i+1)%ctxEvery == 0 && !s.goesOn() {
			return false
		}
		n := &b.notes[i]
		if s.r.headless {
			s.recovered[InDamagedFile].add(n.t)
		}
		m.stream(n.stream).add(n.id, n.headerID, n.t)
		if len(results) == 0 || results[0].record != i {
			s.coverage.Skipped++
			continue
		}
		s.coverage.Read++
		if !m.yield(results[0].value, nil) {
			return false
		}
		results = results[1:]
	}
	return true
}

// stream returns the scan's stream with the names of one of a worker.
func (m *mapping[T]) stream(from *Stream) *Stream {
	if from != m.from {
		m.from, m.to = from, m.s.streams.get(from.Channel, from.Computer)
	}
	return m.to
}

// worker reads chunks by themselves, with a scan of its own.
type worker[T any] struct {
	scan    *scan
	do      func(*Event) T
	notes   []note
	results []result[T]
}

func (m *mapping[T]) newWorker() *worker[T] {
	w := &worker[T]{do: m.do}
	w.scan = newScan(m.ctx, m.s.r, m.s.filter, w.event)
	w.scan.streams.notes = &w.notes
	return w
}

// event takes what the scan yields. An error, of whatever kind, ends the chunk.
func (w *worker[T]) event(ev *Event, err error) bool {
	if err == nil { // the record is the last that was counted
		w.results = append(w.results, result[T]{len(w.notes) - 1, w.do(ev)})
	}
	return err == nil
}

// read reads the chunk of a batch.
func (w *worker[T]) read(b *batch[T]) {
	s := w.scan
	w.notes, w.results = b.notes[:0], b.results[:0]
	if len(s.streams.byName) > maxStreams-chunkSize/minRecordSize { // each record can have its own
		clear(s.streams.byName)
	}
	s.chunk.reset(b.buf)
	s.chunk.retained = false
	b.header = parseChunkHeader(b.buf)
	walk := walk{s: s, base: b.base, hi: len(b.buf), header: b.header}
	if s.ctx.Err() == nil && walk.verify() {
		b.begin, b.endOfLog, b.ordinary = walk.log()
	}
	b.notes, b.results = w.notes, w.results
	b.defined, b.retained = s.chunk.defined, s.chunk.retained
	b.older = b.ordinary && nextRecord(b.buf[b.endOfLog:]) >= 0
}
