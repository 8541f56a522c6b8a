package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/compare"
)

// jsonlDiffer compares our JSON lines with those of the program evtx_dump of the Rust crate
// evtx, of which ours have the shape.
type jsonlDiffer struct {
	tally compare.Tally

	file    string
	id      string          // of the record in hand
	unended map[string]bool // the records of the file that are not whole
}

func newJSONLDiffer() *jsonlDiffer {
	return &jsonlDiffer{tally: compare.Tally{Classes: jsonlClasses}}
}

// runDump prints a log with evtx_dump.
func runDump(ctx context.Context, program, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "-o", "jsonl", "-t", "1", path).Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if len(out) > 0 { // it ends with an error where it could not read a record
		err = nil
	}
	return out, err
}

// ourLines are the lines that "gpevtx events" prints of a log, and whether the log is
// damaged.
func ourLines(ctx context.Context, log []byte) (lines [][]byte, damaged bool, err error) {
	r, err := evtx.NewReader(bytes.NewReader(log), int64(len(log)), evtx.Config{})
	if err != nil {
		return nil, false, err
	}
	for ev, err := range r.Events(ctx, nil) {
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if err != nil {
			damaged = true
			continue
		}
		line, err := ev.AppendJSON(nil)
		if err != nil {
			damaged = true
			continue
		}
		lines = append(lines, line)
	}
	return lines, damaged, nil
}

// log compares our reading of one log with the lines that evtx_dump prints of it. Records
// are matched by EventRecordID, those with the same one in the order of both.
func (d *jsonlDiffer) log(ctx context.Context, name string, log, theirs []byte) error {
	ours, damaged, err := ourLines(ctx, log)
	if err != nil {
		return err
	}
	d.file, d.id, d.unended = name, "", unended(log)
	return d.lines(ours, theirs, damaged)
}

func (d *jsonlDiffer) lines(ours [][]byte, theirs []byte, damaged bool) error {
	byID := make(map[string][]any)
	var ids []string
	var bad error
	lines(bytes.NewReader(theirs), func(line []byte) {
		v, twice, err := parseJSON(line)
		if err != nil {
			bad = fmt.Errorf("%s: evtx_dump printed %.100q: %w", d.file, line, err)
			return
		}
		id := recordID(v)
		for _, key := range twice {
			d.id = id
			d.note("same key twice", "", "%q", key)
		}
		if len(byID[id]) == 0 {
			ids = append(ids, id)
		}
		byID[id] = append(byID[id], v)
	})
	if bad != nil {
		return bad
	}
	for _, line := range ours {
		v, twice, err := parseJSON(line)
		if err == nil && len(twice) > 0 {
			err = fmt.Errorf("the key %q comes twice", twice[0])
		}
		if err != nil {
			return fmt.Errorf("%s: our line %.100q: %w", d.file, line, err)
		}
		d.id = recordID(v)
		left := byID[d.id]
		if len(left) == 0 {
			d.missing(damaged)
			continue
		}
		byID[d.id] = left[1:]
		d.tally.Records++
		d.value("", v, left[0])
	}
	for _, id := range ids {
		for _, v := range byID[id] {
			d.id = id
			d.extra(v)
		}
	}
	return nil
}

// missing notes a record of ours that evtx_dump does not print.
func (d *jsonlDiffer) missing(damaged bool) {
	if damaged {
		d.note("record: not read", "", "only we have it")
		return
	}
	d.unknown("record", "only we have it")
}

// extra notes a record that only evtx_dump prints.
func (d *jsonlDiffer) extra(v any) {
	if halfWritten(v) || d.unended[d.id] {
		d.note("record: half written", "", "it has %s", compact(at(v, "Event", "EventData")))
		return
	}
	d.unknown("record that we lack", "it has %s", compact(v))
}

// halfWritten reports whether a record has nothing where every event has something: the
// channel or the time.
func halfWritten(v any) bool {
	return at(v, "Event", "System", "Channel") == nil ||
		strings.HasPrefix(fmt.Sprint(at(v, "Event", "System", "TimeCreated", "#attributes", "SystemTime")), "1601-01-01")
}

// unended returns the numbers of the records of a log that were not written to their end:
// where their size should stand again is something else.
func unended(log []byte) map[string]bool {
	ids := make(map[string]bool)
	for at := fileHeader; at < len(log); at += chunkSize {
		c := log[at:min(at+chunkSize, len(log))]
		for pos := chunkHeader; pos+minRecord <= len(c); pos++ {
			i := bytes.Index(c[pos:], []byte("**\x00\x00"))
			if i < 0 {
				break
			}
			if pos += i; pos+minRecord > len(c) {
				break
			}
			size := int64(binary.LittleEndian.Uint32(c[pos+4:]))
			if size < minRecord || size > int64(len(c)-pos) || binary.LittleEndian.Uint32(c[int64(pos)+size-4:]) != uint32(size) {
				ids[strconv.FormatUint(binary.LittleEndian.Uint64(c[pos+8:]), 10)] = true
			}
		}
	}
	return ids
}

func (d *jsonlDiffer) note(class, path, format string, args ...any) {
	d.tally.Note(class, d.place(path), format, args...)
}

func (d *jsonlDiffer) unknown(path, format string, args ...any) {
	d.tally.Unknown(path, d.place(path), format, args...)
}

func (d *jsonlDiffer) place(path string) string {
	return strings.TrimRight(fmt.Sprintf("%s record %s %s", d.file, d.id, path), " ")
}

// at returns what stands under keys, nil when it is not there.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func recordID(v any) string {
	id := at(v, "Event", "System", "EventRecordID")
	if text := at(id, "#text"); text != nil {
		id = text
	}
	return fmt.Sprint(id)
}

// compact is a value as JSON, for examples.
func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// value compares what stands at a path.
func (d *jsonlDiffer) value(path string, ours, theirs any) {
	a, aMap := ours.(map[string]any)
	b, bMap := theirs.(map[string]any)
	if aMap && bMap {
		d.object(path, a, b)
		return
	}
	list, aList := ours.([]any)
	their, bList := theirs.([]any)
	if aList && bList && len(list) == len(their) {
		for i := range list {
			d.value(path+"["+strconv.Itoa(i)+"]", list[i], their[i])
		}
		return
	}
	if aMap || bMap || aList || bList {
		d.unknown(path, "we have %s, it has %s", compact(ours), compact(theirs))
		return
	}
	d.leaf(path, ours, theirs)
}

// object compares the members of two objects.
func (d *jsonlDiffer) object(path string, ours, theirs map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(ours)) {
		v, ok := theirs[key]
		sub := path + "/" + key
		switch {
		case ok:
			d.value(sub, ours[key], v)
		case key == "#text" && ours[key] == "":
			d.note("empty text", sub, `we have "", it has nothing`)
		default:
			d.unknown(sub, "evtx_dump has no such key; we have %s", compact(ours[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(theirs)) {
		if _, ok := ours[key]; ok {
			continue
		}
		if v := theirs[key]; v == nil || at(v, "#text") == "" {
			d.note("depends on null", path+"/"+key, "it has %s, we have no element", compact(v))
			continue
		}
		d.unknown(path+"/"+key, "we have no such key; it has %s", compact(theirs[key]))
	}
}

// leaf compares two values without members.
func (d *jsonlDiffer) leaf(path string, ours, theirs any) {
	a, aText := ours.(string)
	b, bText := theirs.(string)
	text := aText && bText
	switch {
	case ours == theirs:
		d.tally.Equal++
	case text && "{"+b+"}" == a:
		d.note("GUID braces", path, "we have %s, it has %s", a, b)
	case text && compare.SameTime(a, b, time.Microsecond):
		d.note("time digits", path, "we have %s, it has %s", a, b)
	case aText && a == "" && theirs == nil:
		d.note("empty text", path, `we have "", it has null`)
	case text && strings.ReplaceAll(a, "\uFFFD", "") == strings.ReplaceAll(b, "\uFFFD", ""):
		d.note("lone surrogate", path, "we have %+q, it has %+q", a, b)
	default:
		d.unknown(path, "we have %s, it has %s", compact(ours), compact(theirs))
	}
}
