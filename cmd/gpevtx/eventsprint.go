package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/render"
)

// sink makes what the flags ask for of events.
func (f *eventFlags) sink(w io.Writer, std stdio, t *texts) eventSink {
	form := f.form(w, std, t)
	switch {
	case f.merge:
		return &mergeSink{form: form, limit: f.limit, tail: f.tail, kept: spool{memory: mergeMemory, most: mergeSize}}
	case f.tail > 0:
		return &tailSink{form: form, most: f.tail}
	}
	return &directSink{form: form, limit: f.limit}
}

// eventForm is a format: how an event becomes a line, and how lines become the output.
type eventForm interface {
	// append appends the line of an event, without a line break, to dst. Several goroutines may
	// call it at the same time.
	append(dst []byte, ev *evtx.Event) ([]byte, error)
	// begin begins the output, which happens when there is a log to read.
	begin() error
	line(line []byte) error
	end() error
}

func (f *eventFlags) form(w io.Writer, std stdio, t *texts) eventForm {
	out := bufio.NewWriterSize(w, 64<<10)
	switch f.format {
	case "json":
		return &lineForm{out: out, add: appendJSON, head: "[", first: "\n", next: ",\n", foot: "\n]\n"}
	case "xml":
		return &lineForm{out: out, add: appendXML, after: "\n"}
	case "csv":
		rows := sync.Pool{New: func() any { return new(render.EventCSV) }}
		add := func(dst []byte, ev *evtx.Event) ([]byte, error) {
			c := rows.Get().(*render.EventCSV)
			defer rows.Put(c)
			return c.Append(dst, ev, t.of(ev))
		}
		return &lineForm{out: out, add: add, head: new(render.EventCSV).Header() + "\n", after: "\n"}
	case "table":
		return &tableForm{out, t, render.NewEventTable(out, f.tableWidth(std))}
	}
	return &lineForm{out: out, add: appendJSON, after: "\n"}
}

// tableWidth is the width of a table: that of the terminal; 0, for any, where the output goes to
// a file or another program.
func (f *eventFlags) tableWidth(std stdio) int {
	switch width := textWidth(std.out); {
	case f.output != "-":
		return 0
	case width == 0 && isTerminal(std.out):
		return 80
	default:
		return width
	}
}

// appendJSON appends an event as JSON; one that was recovered has a second member, which says
// from what.
func appendJSON(dst []byte, ev *evtx.Event) ([]byte, error) {
	line, err := ev.AppendJSON(dst)
	if err == nil && ev.Recovery != evtx.Intact {
		line = fmt.Appendf(line[:len(line)-1], `,"Recovered":%q}`, ev.Recovery.String())
	}
	return render.InertJSON(line), err
}

// appendXML appends an event as XML on one line; one that was recovered has a comment behind it.
func appendXML(dst []byte, ev *evtx.Event) ([]byte, error) {
	line, err := ev.AppendXML(dst)
	if err == nil && ev.Recovery != evtx.Intact {
		line = fmt.Appendf(line, "<!-- recovered: %s -->", ev.Recovery)
	}
	return oneLine(render.InertXML(line)), err
}

// oneLine writes line breaks as references; in processing instructions, where there are no
// references, as spaces.
func oneLine(doc []byte) []byte {
	if !bytes.ContainsRune(doc, '\n') {
		return doc
	}
	out := make([]byte, 0, len(doc)+64)
	for len(doc) > 0 {
		text, pi := doc, []byte(nil)
		if i := bytes.Index(doc, []byte("<?")); i >= 0 {
			text, pi = doc[:i], doc[i:]
			pi = pi[:bytes.Index(pi, []byte("?>"))+2]
		}
		out = append(out, bytes.ReplaceAll(text, []byte("\n"), []byte("&#10;"))...)
		out = append(out, bytes.ReplaceAll(pi, []byte("\n"), []byte(" "))...)
		doc = doc[len(text)+len(pi):]
	}
	return out
}

// lineForm is a format in which the lines of events stand between a head and a foot.
type lineForm struct {
	out               *bufio.Writer
	add               func(dst []byte, ev *evtx.Event) ([]byte, error)
	head, foot        string
	first, next       string // what stands before the first line, and before others
	after             string
	begun, interlined bool
}

func (l *lineForm) append(dst []byte, ev *evtx.Event) ([]byte, error) { return l.add(dst, ev) }

func (l *lineForm) begin() error {
	if l.begun {
		return nil
	}
	l.begun = true
	_, err := l.out.WriteString(l.head)
	return err
}

func (l *lineForm) line(line []byte) error {
	before := l.first
	if l.interlined {
		before = l.next
	}
	l.interlined = true
	l.out.WriteString(before) // errors of a bufio.Writer stay
	l.out.Write(line)
	_, err := l.out.WriteString(l.after)
	return err
}

func (l *lineForm) end() error {
	if l.begun {
		l.out.WriteString(l.foot)
	}
	return l.out.Flush()
}

// tableForm prints a table.
type tableForm struct {
	out   *bufio.Writer
	texts *texts
	*render.EventTable
}

func (t *tableForm) append(dst []byte, ev *evtx.Event) ([]byte, error) {
	return t.Append(dst, ev, t.texts.of(ev))
}
func (t *tableForm) begin() error           { return nil }
func (t *tableForm) line(line []byte) error { return t.Add(line) }

func (t *tableForm) end() error {
	if err := t.Close(); err != nil {
		return err
	}
	return t.out.Flush()
}

// directSink prints events as they come.
type directSink struct {
	form    eventForm
	lines   linePool
	limit   int // 0 for none
	printed int
}

func (s *directSink) log(evidence.Source) error { return s.form.begin() }
func (s *directSink) logDone(evtx.Coverage)     {}
func (s *directSink) end(context.Context) error { return s.form.end() }
func (s *directSink) release()                  {}

func (s *directSink) item(ev *evtx.Event) eventItem { return s.lines.item(s.form, ev) }

func (s *directSink) take(it eventItem) error {
	defer s.lines.taken(it)
	if it.err != nil {
		return it.err
	}
	if err := s.form.line(it.line); err != nil {
		return err
	}
	if s.printed++; s.printed == s.limit {
		return errEnough
	}
	return nil
}

// linePool gives the lines of events memory, many lines a piece of it, and takes it back when
// they were all taken. The zero value is ready to use, by several goroutines at the same time.
type linePool struct {
	current sync.Pool // of *lineRoom that have room left, one for each goroutine
	empty   sync.Pool // of *lineRoom that no line is in
}

// lineRoom is memory for lines.
type lineRoom struct {
	buf []byte // the lines are in front
	// users counts the lines, and the goroutine that puts lines into it.
	users atomic.Int32
}

// lineRoomSize is how much memory is taken at a time, in bytes; a room with less than the
// leastRoom left gets no other line.
const (
	lineRoomSize = 64 << 10
	leastRoom    = 4 << 10
)

// item makes the line of an event.
func (p *linePool) item(form eventForm, ev *evtx.Event) eventItem {
	room, ok := p.current.Get().(*lineRoom)
	if !ok {
		room = p.newRoom()
	}
	n := len(room.buf)
	line, err := form.append(room.buf[n:], ev)
	if err != nil {
		p.current.Put(room)
		return eventItem{err: err}
	}
	room.users.Add(1)
	if len(line) <= cap(room.buf)-n { // longer ones are elsewhere, others seldom
		room.buf = room.buf[:n+len(line)]
	}
	if cap(room.buf)-len(room.buf) >= leastRoom {
		p.current.Put(room)
	} else {
		p.release(room)
	}
	return eventItem{time: ev.Time, line: line[:len(line):len(line)], room: room}
}

func (p *linePool) newRoom() *lineRoom {
	room, ok := p.empty.Get().(*lineRoom)
	if !ok {
		room = &lineRoom{buf: make([]byte, 0, lineRoomSize)}
	}
	room.users.Store(1)
	return room
}

// taken gives the memory of an item back, whose line is not to be looked at any more.
func (p *linePool) taken(it eventItem) {
	if it.room != nil {
		p.release(it.room)
	}
}

func (p *linePool) release(room *lineRoom) {
	if room.users.Add(-1) == 0 {
		room.buf = room.buf[:0]
		p.empty.Put(room)
	}
}
