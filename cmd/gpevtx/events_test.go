package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// writeLog writes a log of n events, a second apart, and returns its path.
func writeLog(t *testing.T, n int) string {
	t.Helper()
	log := fixture.EvtxLog{Channel: "Application", Computer: "SYNC01"}
	for i := range n {
		log.Events = append(log.Events, fixture.EvtxEvent{
			Provider: "ADSync", ID: 6900, Level: 2, Time: time.Date(2026, 11, 20, 0, 0, i, 0, time.UTC),
			Data: []fixture.EvtxData{{Value: strings.Repeat("x", 100)}},
		})
	}
	b, err := log.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "Application.evtx")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// stopWriter calls stop once it has got some bytes, and gives its answer from then on.
type stopWriter struct {
	bytes.Buffer
	after int
	stop  func() error
}

func (w *stopWriter) Write(p []byte) (int, error) {
	n, _ := w.Buffer.Write(p)
	if w.Len() > w.after {
		if err := w.stop(); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// TestEventsInterrupted interrupts the program while it prints: the output has whole lines and
// is a whole document, a file is not there at all.
func TestEventsInterrupted(t *testing.T) {
	path := writeLog(t, 3000)
	for _, format := range eventFormats {
		for _, merge := range []string{"--merge=false", "--merge"} {
			t.Run(format+merge, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				out := &stopWriter{after: 100_000, stop: func() error { cancel(); return nil }}
				var errs bytes.Buffer
				code := run(ctx, []string{"events", path, "--format", format, merge}, stdio{out: out, err: &errs})
				if code != exitInterrupted || errs.Len() > 0 {
					t.Errorf("exit %d, stderr %q", code, errs.String())
				}
				if !strings.HasSuffix(out.String(), "\n") || out.Len() > 400_000 {
					t.Errorf("%d bytes, which end with %q", out.Len(), out.Bytes()[out.Len()-20:])
				}
				checkDocument(t, format, out.Bytes())
			})
		}
	}
	t.Run("file", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		to := filepath.Join(t.TempDir(), "events.json")
		if code := run(ctx, []string{"events", path, "-o", to}, stdio{out: io.Discard, err: io.Discard}); code != exitInterrupted {
			t.Errorf("exit %d", code)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(to), "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// checkDocument parses an output.
func checkDocument(t *testing.T, format string, b []byte) {
	t.Helper()
	switch format {
	case "json":
		var list []any
		if err := json.Unmarshal(b, &list); err != nil || len(list) == 0 {
			t.Errorf("%d events, %v", len(list), err)
		}
	case "xml":
		for line := range bytes.Lines(b) {
			if err := xml.Unmarshal(line, new(struct {
				XMLName xml.Name `xml:"Event"`
			})); err != nil {
				t.Errorf("line %q: %v", line, err)
			}
		}
	case "jsonl":
		for line := range bytes.Lines(b) {
			if !json.Valid(line) {
				t.Errorf("line %q", line)
			}
		}
	}
}

// TestEventsBrokenPipe has a reader that has enough, such as head: that is no failure and not
// worth a word.
func TestEventsBrokenPipe(t *testing.T) {
	path := writeLog(t, 3000)
	for _, format := range eventFormats {
		out := &stopWriter{after: 10_000, stop: func() error { return &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE} }}
		var errs bytes.Buffer
		if code := run(context.Background(), []string{"events", path, "--format", format}, stdio{out: out, err: &errs}); code != exitOK || errs.Len() > 0 {
			t.Errorf("%s: exit %d, stderr %q", format, code, errs.String())
		}
		if out.Len() > 200_000 {
			t.Errorf("%s: %d bytes were written to a pipe that is closed", format, out.Len())
		}
	}
}

// TestEventsStreamInterrupted waits for standard input that never comes.
func TestEventsStreamInterrupted(t *testing.T) {
	in, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	start := time.Now()
	if code := run(ctx, []string{"events", "-"}, stdio{in: in, out: io.Discard, err: io.Discard}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("it took %s to end", d)
	}
}

// TestCopyStream copies what comes in pieces of all sizes, and passes errors on.
func TestCopyStream(t *testing.T) {
	want := make([]byte, 3<<20)
	for i := range want {
		want[i] = byte(i * i >> 8)
	}
	pieces := func(err error) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) {
			r, w := io.Pipe()
			go func() {
				for rest := want; len(rest) > 0; {
					n := min(len(rest), 1+len(rest)%300_000)
					w.Write(rest[:n])
					rest = rest[n:]
				}
				w.CloseWithError(err)
			}()
			return r, nil
		}
	}
	var got bytes.Buffer
	if err := copyStream(context.Background(), &got, pieces(io.EOF)); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%d of %d bytes, %v", got.Len(), len(want), err)
	}
	if err := copyStream(context.Background(), io.Discard, pieces(syscall.EIO)); err != syscall.EIO {
		t.Errorf("error %v, want that of the stream", err)
	}
	if err := copyStream(context.Background(), &spool{memory: 1 << 20, most: 1 << 20}, pieces(io.EOF)); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("error %v, want that of the limit", err)
	}
}

// TestStreamsTakeNoMemory reads a log from a pipe where no temporary file can be made: one that
// is small is read all the same, a large one needs the file.
func TestStreamsTakeNoMemory(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	for _, size := range []int{1 << 20, 9 << 20} {
		log := make([]byte, size)
		copy(log, "ElfFile")
		var stderr bytes.Buffer
		got := run(t.Context(), []string{"events", "-"}, stdio{in: bytes.NewReader(log), out: io.Discard, err: &stderr})
		if needed := strings.Contains(stderr.String(), "no such file"); needed != (size > 8<<20) {
			t.Errorf("%d bytes: exit code %d, a file is needed: %t\n%s", size, got, needed, stderr.String())
		}
	}
}

// TestSpool keeps bytes in memory and in a file, which is gone in the end.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	r := rand.New(rand.NewPCG(1, 2))
	const most = 5 * spoolBlock / 2
	for _, memory := range []int64{0, 10, 1000, spoolBlock, spoolBlock + 1, 2 * spoolBlock, most} {
		s := spool{memory: memory, most: most}
		var want []byte
		for {
			piece := make([]byte, r.IntN(spoolBlock/3))
			for i := range piece {
				piece[i] = byte(r.Uint32())
			}
			if _, err := s.Write(piece); err != nil {
				if len(want)+len(piece) <= most {
					t.Fatal(err)
				}
				break
			}
			want = append(want, piece...)
		}
		if (s.file != nil) != (memory < most) || s.size != int64(len(want)) {
			t.Errorf("limit %d: file %v, %d bytes, want %d", memory, s.file, s.size, len(want))
		}
		got, err := io.ReadAll(io.NewSectionReader(&s, 0, s.size))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("limit %d: %d of %d bytes come back, %v", memory, len(got), len(want), err)
		}
		for range 50 {
			off := r.Int64N(s.size)
			b := make([]byte, r.IntN(spoolBlock*3/2))
			n, err := s.ReadAt(b, off)
			if !bytes.Equal(b[:n], want[off:off+int64(n)]) || (n < len(b)) != (err == io.EOF) {
				t.Errorf("limit %d: %d bytes at %d, %v", memory, n, off, err)
			}
		}
		s.close()
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// listForm collects lines; the line of an event is its record number.
type listForm struct{ lines []string }

func (l *listForm) append(dst []byte, ev *evtx.Event) ([]byte, error) {
	return fmt.Appendf(dst, "%d", ev.RecordID), nil
}
func (l *listForm) begin() error           { return nil }
func (l *listForm) end() error             { return nil }
func (l *listForm) line(line []byte) error { l.lines = append(l.lines, string(line)); return nil }

// TestSinksProperty merges and cuts random events and compares with a stable sort of all.
func TestSinksProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var events []evtx.Event
		for i := range r.IntN(40) {
			ev := evtx.Event{System: evtx.System{RecordID: uint64(i)}}
			if r.IntN(20) > 0 { // else without a time, which comes first
				ev.Time = time.Unix(r.Int64N(1<<35)-1<<34, r.Int64N(3)*100)
			}
			if i > 0 && r.IntN(3) == 0 {
				ev.Time = events[r.IntN(i)].Time
			}
			events = append(events, ev)
		}
		merge, limit, tail := r.IntN(2) == 0, 0, 0
		switch r.IntN(3) {
		case 0:
			limit = 1 + r.IntN(50)
		case 1:
			tail = 1 + r.IntN(50)
		}
		want := slices.Clone(events)
		if merge {
			slices.SortStableFunc(want, func(a, b evtx.Event) int { return a.Time.Compare(b.Time) })
		}
		want = want[:min(len(want), cmp.Or(limit, len(want)))]
		want = want[len(want)-min(len(want), cmp.Or(tail, len(want))):]

		var form listForm
		var s eventSink = &directSink{form: &form, limit: limit}
		if merge {
			s = &mergeSink{form: &form, limit: limit, tail: tail, kept: spool{memory: int64(r.IntN(50)), most: 1 << 20}}
		} else if tail > 0 {
			s = &tailSink{form: &form, most: tail}
		}
		for i := range events {
			if err := s.take(s.item(&events[i])); err == errEnough {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if err := s.end(context.Background()); err != nil {
			t.Fatal(err)
		}
		s.release()
		var ids []string
		for _, ev := range want {
			ids = append(ids, fmt.Sprint(ev.RecordID))
		}
		if !slices.Equal(form.lines, ids) {
			t.Fatalf("merge %v, limit %d, tail %d:\n got %v\nwant %v", merge, limit, tail, form.lines, ids)
		}
	}
}

// TestMergeLimits: too much is an error that says what to do.
func TestMergeLimits(t *testing.T) {
	s := mergeSink{form: &listForm{}, kept: spool{memory: 10, most: 20}}
	defer s.release()
	var err error
	for i := 0; err == nil; i++ {
		err = s.take(s.item(&evtx.Event{System: evtx.System{RecordID: 12345}}))
	}
	if !strings.HasPrefix(err.Error(), "--merge: the events that are chosen cannot be kept: more than 20 bytes") {
		t.Errorf("error %v", err)
	}
}

// TestStatsLimits: of hostile logs with ever new names only so many are told apart, and none is
// forgotten.
func TestStatsLimits(t *testing.T) {
	var out bytes.Buffer
	s := newStatsSink(&out, &eventFlags{format: "csv"}, stdio{out: &out})
	const n = maxCounts + 10
	for i := range n {
		ev := evtx.Event{System: evtx.System{Provider: fmt.Sprint("P", i/1000), EventID: uint16(i % 1000)}}
		if i < 5 {
			ev.Channel = strings.Repeat("x", maxCountName+1)
		}
		if err := s.take(s.item(&ev)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.end(context.Background()); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != maxCounts+2 || !strings.Contains(out.String(), "\nrest,,,,,,10,") {
		t.Errorf("%d lines, the last %q", lines, out.Bytes()[out.Len()-60:])
	}
}

// TestOneLine writes an event with line breaks on one line.
func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"<a>x</a>":                          "<a>x</a>",
		"<a>x\r\ny</a>\n":                   "<a>x\r&#10;y</a>&#10;",
		"<a>\n<?p a\nb?>\n<?q?><?r\n?></a>": "<a>&#10;<?p a b?>&#10;<?q?><?r ?></a>",
	} {
		if got := string(oneLine([]byte(in))); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestParseEnd: a day as the end of a span is all of it.
func TestParseEnd(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-20":           "2026-11-20T23:59:59.999999999Z",
		"2026-11-20T03:00:00Z": "2026-11-20T03:00:00Z",
	} {
		if got, err := parseEnd("--to", in); err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("parseEnd(%s) = %s, %v, want %s", in, got, err, want)
		}
	}
}
