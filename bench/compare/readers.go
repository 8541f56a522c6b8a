package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// reading is a record as one reader gives it: enough to tell whether it gives the same of
// another file.
type reading struct {
	key
	hash   uint64 // of all that the reader prints of the record
	offset int64  // in the file; 0 where the reader does not say
}

// key tells the records of a log apart.
type key struct {
	id   uint64 // EventRecordID
	when int64  // TimeCreated in microseconds, the digits that all readers have
}

// logReader reads logs in one way. A reading and an error may both come back: what was
// read before the reader gave up.
type logReader struct {
	name string
	read func(ctx context.Context, path string, log []byte) ([]reading, error)
}

func hashOf(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// ourReader reads with this module's library.
func ourReader(name string, cfg evtx.Config) logReader {
	return logReader{name, func(ctx context.Context, _ string, log []byte) (list []reading, err error) {
		r, err := evtx.NewReader(bytes.NewReader(log), int64(len(log)), cfg)
		if err != nil {
			return nil, nil // refused, which is an answer
		}
		for ev, err := range r.Events(ctx, nil) {
			if ctx.Err() != nil {
				return list, ctx.Err()
			}
			if err != nil {
				continue
			}
			x, err := ev.AppendXML(nil)
			if err != nil {
				continue
			}
			list = append(list, reading{key{ev.RecordID, ev.Time.UnixMicro()}, hashOf(x), ev.Location.Offset})
		}
		return list, nil
	}}
}

// childReader runs a program and parses what it prints. Programs end with an error when
// they could not read everything, so only a signal or the end of ctx counts as a failure.
func childReader(name string, parse func(io.Reader) []reading, program string, args ...string) logReader {
	return logReader{name, func(ctx context.Context, path string, _ []byte) ([]reading, error) {
		cmd := exec.CommandContext(ctx, program, append(args, path)...)
		var stderr panicWatch
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		list := parse(io.LimitReader(out, maxOutput))
		n, _ := io.CopyN(io.Discard, out, maxOutput) // what the parser left
		if n == maxOutput {
			_ = cmd.Process.Kill() // there is no end of it
		}
		err = cmd.Wait()
		switch {
		case ctx.Err() != nil:
			return list, ctx.Err()
		case stderr.panicked:
			return list, errors.New("panic")
		case err != nil && !cmd.ProcessState.Exited():
			return list, fmt.Errorf("%s: %w", name, err)
		}
		return list, nil
	}}
}

// maxOutput bounds what is read of a program's output.
const maxOutput = 256 << 20

// panicWatch looks for the message of a panic in what a program prints on standard error.
type panicWatch struct{ panicked bool }

func (w *panicWatch) Write(p []byte) (int, error) {
	w.panicked = w.panicked || bytes.Contains(p, []byte("panic")) || bytes.Contains(p, []byte("fatal error:"))
	return len(p), nil
}

// lines calls f for each line of r.
func lines(r io.Reader, f func(line []byte)) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		f(s.Bytes())
	}
}

// parsePeer parses what "dualtool -peer" prints.
func parsePeer(r io.Reader) (list []reading) {
	lines(r, func(line []byte) {
		var x reading
		if n, _ := fmt.Sscanf(string(line), "%d %d %x", &x.id, &x.when, &x.hash); n == 3 {
			list = append(list, x)
		}
	})
	return list
}

// parseJSONL parses the lines of evtx_dump.
func parseJSONL(r io.Reader) (list []reading) {
	lines(r, func(line []byte) {
		var x struct {
			Event struct {
				System struct {
					EventRecordID json.RawMessage
					TimeCreated   struct {
						Attributes struct{ SystemTime string } `json:"#attributes"`
					}
				}
			}
		}
		if json.Unmarshal(line, &x) != nil {
			return
		}
		id, err := strconv.ParseUint(string(x.Event.System.EventRecordID), 10, 64)
		if err != nil {
			return
		}
		list = append(list, reading{key{id, micro(x.Event.System.TimeCreated.Attributes.SystemTime)}, hashOf(line), 0})
	})
	return list
}

var (
	exportID   = regexp.MustCompile(`<EventRecordID>(\d+)</EventRecordID>`)
	exportTime = regexp.MustCompile(`<TimeCreated SystemTime="([^"]*)"`)
)

// parseExport parses the XML of evtxexport.
func parseExport(r io.Reader) (list []reading) {
	b, _ := io.ReadAll(r)
	for _, event := range splitEvents(string(b)) {
		id, when := exportID.FindStringSubmatch(event), exportTime.FindStringSubmatch(event)
		if id == nil || when == nil {
			continue
		}
		n, err := strconv.ParseUint(id[1], 10, 64)
		if err != nil {
			continue
		}
		list = append(list, reading{key{n, micro(when[1])}, hashOf([]byte(event)), 0})
	}
	return list
}

// splitEvents cuts evtxexport's output into events: each begins and ends on a line of its
// own.
func splitEvents(out string) (events []string) {
	for {
		begin := strings.Index(out, "\n<Event ")
		if begin < 0 {
			return events
		}
		out = out[begin+1:]
		end := strings.Index(out, "\n</Event>\n")
		if end < 0 {
			return events
		}
		end += len("\n</Event>")
		events = append(events, out[:end])
		out = out[end:]
	}
}

func micro(s string) int64 {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0
	}
	return t.UnixMicro()
}
