package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/compare"
)

// work is something that is done with a whole log in this process, timed by itself.
type work struct {
	do func(ctx context.Context, log source) (count, error)
	// inMemory has the log read into memory before the time begins.
	inMemory bool
}

// source is a log to work on.
type source struct {
	io.ReaderAt
	size int64
	// bytes is the log if it is in memory.
	bytes []byte
}

// count is what a work saw.
type count struct{ records, hits int64 }

// rare are the events that are looked for, and rarePeer the same for dualtool.
var rare = evtx.Selector{Providers: []string{"Service Control Manager"}, IDs: []uint16{7000, 7038, 7041}}

const rarePeer = "Service Control Manager:7000,7038,7041"

// common are events of which a log of a server is full.
var common = []evtx.Selector{
	{Providers: []string{"Service Control Manager"}, IDs: []uint16{7036}},
	{Providers: []string{"Microsoft-Windows-Security-Auditing"}, IDs: []uint16{4624, 4625, 4672, 4688}},
}

// works are what "compare work" can do. A new way to read is one line here and one in jobs.
var works = map[string]work{
	"json":          {do: events(evtx.Config{}, nil, printJSON)},
	"xml":           {do: events(evtx.Config{}, nil, printXML)},
	"data":          {do: events(evtx.Config{}, nil, readData)},
	"system":        {do: events(evtx.Config{}, nil, nothing)},
	"recover":       {do: events(evtx.Config{Recover: evtx.RecoverAll}, nil, printJSON)},
	"rare":          {do: events(evtx.Config{}, []evtx.Selector{rare}, readData)},
	"common":        {do: events(evtx.Config{}, common, readData)},
	"json-parallel": {do: parallel(evtx.Config{}, nil, printJSON)},
	"rare-parallel": {do: parallel(evtx.Config{}, []evtx.Selector{rare}, readData)},
	// No event has this number, and no text tells that before the records are looked at.
	"none":        {do: events(evtx.Config{}, []evtx.Selector{{IDs: []uint16{65535}}}, readData)},
	"rare-memory": {do: events(evtx.Config{}, []evtx.Selector{rare}, readData), inMemory: true},
	"read":        {do: readOnly(func([]byte) {})},
	"crc32":       {do: readOnly(func(b []byte) { crc32.ChecksumIEEE(b) })},
	"walk":        {do: walkRecords, inMemory: true},
}

// each is what is done with an event; it may use buf again.
type each func(ev *evtx.Event, buf []byte) ([]byte, error)

func printJSON(ev *evtx.Event, buf []byte) ([]byte, error) { return ev.AppendJSON(buf[:0]) }
func printXML(ev *evtx.Event, buf []byte) ([]byte, error)  { return ev.AppendXML(buf[:0]) }
func nothing(_ *evtx.Event, buf []byte) ([]byte, error)    { return buf, nil }

func readData(ev *evtx.Event, buf []byte) ([]byte, error) {
	_, err := ev.Data()
	return buf, err
}

// events is a work that goes through the events that selectors choose, all without any.
func events(cfg evtx.Config, selectors []evtx.Selector, f each) func(context.Context, source) (count, error) {
	return func(ctx context.Context, log source) (n count, err error) {
		r, filter, err := open(log, cfg, selectors)
		if err != nil {
			return n, err
		}
		var buf []byte
		for ev, err := range r.Events(ctx, filter) {
			if err == nil {
				buf, err = f(ev, buf)
			}
			if err != nil {
				return n, err
			}
		}
		c := r.Coverage()
		return count{c.Read + c.Skipped, c.Read}, nil
	}
}

// open prepares to read a log, with a filter unless there are no selectors.
func open(log source, cfg evtx.Config, selectors []evtx.Selector) (r *evtx.Reader, filter *evtx.Filter, err error) {
	if selectors != nil {
		if filter, err = evtx.Compile(selectors...); err != nil {
			return nil, nil, err
		}
	}
	r, err = evtx.NewReader(log, log.size, cfg)
	return r, filter, err
}

// parallel is events with a goroutine for each processor. What f made of an event comes to
// the loop in memory that is used again.
func parallel(cfg evtx.Config, selectors []evtx.Selector, f each) func(context.Context, source) (count, error) {
	type made struct {
		buf []byte
		err error
	}
	return func(ctx context.Context, log source) (n count, err error) {
		r, filter, err := open(log, cfg, selectors)
		if err != nil {
			return n, err
		}
		free := sync.Pool{New: func() any { return new(made) }}
		do := func(ev *evtx.Event) *made {
			m := free.Get().(*made)
			m.buf, m.err = f(ev, m.buf)
			return m
		}
		for m, err := range evtx.Map(ctx, r, filter, 0, do) {
			if err == nil {
				err = m.err
				free.Put(m)
			}
			if err != nil {
				return n, err
			}
		}
		c := r.Coverage()
		return count{c.Read + c.Skipped, c.Read}, nil
	}
}

// readOnly is a work that reads the log into one buffer and knows nothing of records.
func readOnly(f func([]byte)) func(context.Context, source) (count, error) {
	return func(_ context.Context, log source) (count, error) {
		buf := make([]byte, chunkSize)
		for at := int64(0); at < log.size; at += chunkSize {
			n, err := log.ReadAt(buf, at)
			if err != nil && err != io.EOF {
				return count{}, err
			}
			f(buf[:n])
		}
		return count{}, nil
	}
}

// walkRecords looks at the headers of records only: is there one, how long is it, and where
// is the next.
func walkRecords(_ context.Context, log source) (n count, err error) {
	order := binary.LittleEndian
	for at := fileHeader; at+chunkSize <= len(log.bytes); at += chunkSize {
		c := log.bytes[at : at+chunkSize]
		free := min(order.Uint32(c[48:]), chunkSize)
		for pos := uint32(chunkHeader); pos+recordHeader <= free; {
			size := order.Uint32(c[pos+4:])
			if order.Uint32(c[pos:]) != 0x2a2a || size < recordHeader || size > free-pos {
				return n, fmt.Errorf("no record at %d", at+int(pos))
			}
			n.records++
			pos += size
		}
	}
	return n, nil
}

// runWork is the command work: it does a work with a log and writes records, hits,
// nanoseconds by the clock and of processor time, and allocations.
func runWork(ctx context.Context, w io.Writer, name, path string) error {
	todo, ok := works[name]
	if !ok {
		return fmt.Errorf("there is no work %q", name)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	log := source{ReaderAt: f, size: info.Size()}
	if todo.inMemory {
		if log.bytes, err = os.ReadFile(path); err != nil {
			return err
		}
		log.ReaderAt = bytes.NewReader(log.bytes)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, busy := time.Now(), compare.ProcessorTime()
	n, err := todo.do(ctx, log)
	if err != nil {
		return err
	}
	took := time.Since(start)
	busy = compare.ProcessorTime() - busy
	runtime.ReadMemStats(&after)
	_, err = fmt.Fprintf(w, "%d %d %d %d %d\n", n.records, n.hits, took.Nanoseconds(), busy.Nanoseconds(), after.Mallocs-before.Mallocs)
	return err
}
