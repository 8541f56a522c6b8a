package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	golang "github.com/0xrawsec/golang-evtx/evtx"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/compare"
)

// differ compares logs, record by record and field by field.
type differ struct {
	tally   compare.Tally
	timeout time.Duration // for one record of golang-evtx

	file string
	id   uint64 // of the record in hand
	off  int64
	peer peer
}

func newDiffer() *differ {
	return &differ{tally: compare.Tally{Classes: classes}, timeout: 10 * time.Second}
}

// log compares one log. The error is that of a file that is no log, of reading it, or of the
// context.
func (d *differ) log(ctx context.Context, name string, r io.ReaderAt, size int64) error {
	rd, err := evtx.NewReader(r, size, evtx.Config{Source: evidence.Source(name)})
	if err != nil {
		return err
	}
	d.file = name
	d.peer = peer{r: r, size: size, timeout: d.timeout}
	read := make(map[int64]bool)
	for ev, err := range rd.Events(ctx, nil) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			continue
		}
		read[ev.Location.Offset] = true
		if err := d.record(ev); err != nil {
			return err
		}
	}
	return d.onlyTheirs(ctx, size, read)
}

// onlyTheirs looks for records that golang-evtx reads and we do not.
func (d *differ) onlyTheirs(ctx context.Context, size int64, read map[int64]bool) error {
	for at := int64(fileHeader); at < size; at += chunkSize {
		for _, off := range d.peer.offsets(at) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if read[off] {
				continue
			}
			m, err := d.peer.record(off)
			if errors.Is(err, errHangs) {
				return nil
			}
			if _, ok := m["Event"].(golang.GoEvtxMap); err != nil || !ok {
				continue
			}
			d.id, d.off = 0, off
			if d.peer.ended(off) {
				d.unknown("record that we lack", "%.200q", fmt.Sprint(m))
				continue
			}
			d.note("record: not ended", "", "%.100q", fmt.Sprint(m))
		}
	}
	return nil
}

func (d *differ) note(class, path, format string, args ...any) {
	d.tally.Note(class, d.place(path), format, args...)
}

// unknown notes a difference that is in no class.
func (d *differ) unknown(path, format string, args ...any) {
	d.tally.Unknown(path, d.place(path), format, args...)
}

// place names the record, and the field in it.
func (d *differ) place(path string) string {
	s := fmt.Sprintf("%s offset %d", d.file, d.off)
	if d.id != 0 {
		s += fmt.Sprintf(" record %d", d.id)
	}
	return strings.TrimRight(s+" "+path, " ")
}

// record compares one record.
func (d *differ) record(ev *evtx.Event) error {
	x, err := ev.AppendXML(nil)
	if err != nil {
		return nil // damage of which reading tells
	}
	ours, err := compare.ParseXML(string(x))
	if err != nil {
		return fmt.Errorf("our XML of record %d of %s: %w", ev.RecordID, d.file, err)
	}
	d.id, d.off = ev.RecordID, ev.Location.Offset
	d.tally.Records++
	theirs, err := d.peer.record(d.off)
	switch {
	case errors.Is(err, errPanics):
		d.note("record: panics", "", "%v", err)
		return nil
	case errors.Is(err, errHangs):
		d.unknown("record", "%v", err)
		return err
	case err != nil:
		d.note("record: error", "", "%v", err)
		return nil
	}
	event, ok := theirs["Event"].(golang.GoEvtxMap)
	if !ok {
		d.unknown("Event", "it has %.200q", fmt.Sprint(theirs))
		return nil
	}
	d.element("Event", ours, event)
	return nil
}

// element compares an element with what golang-evtx made of it: its text alone, or a map
// of attributes, children and, as "Value", text.
func (d *differ) element(path string, ours *compare.Node, theirs any) {
	m, ok := theirs.(golang.GoEvtxMap)
	if !ok {
		if len(ours.Children) > 0 || len(ours.Attrs) > 0 {
			d.unknown(path, "we have an element with attributes or children, it has %.200q", fmt.Sprint(theirs))
			return
		}
		d.value(path, ours.Text, theirs)
		return
	}
	used := make(map[string]bool)
	for _, a := range ours.Attrs {
		if path == "Event" && a[0] == "xmlns" {
			continue // it removes that one
		}
		used[a[0]] = true
		d.value(path+"/@"+a[0], a[1], m[a[0]])
	}
	if v, ok := m["Value"]; ours.Text != "" || ok && len(ours.Children) == 0 { // not a datum of that name
		used["Value"] = true
		d.value(path, ours.Text, v)
	}
	d.children(path, ours, m, used)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		v := m[key]
		switch {
		case used[key]:
		case isEmpty(v):
			d.note("depends on null", path+"/"+key, "it has an empty element, we have none")
		default:
			d.unknown(path+"/"+key, "only golang-evtx has %.200q", fmt.Sprint(v))
		}
	}
}

// isEmpty reports whether v is what it makes of an element without a value.
func isEmpty(v any) bool {
	m, ok := v.(golang.GoEvtxMap)
	return v == nil || v == "" || ok && len(m) == 0
}

func (d *differ) children(path string, ours *compare.Node, m golang.GoEvtxMap, used map[string]bool) {
	for i := 0; i < len(ours.Children); i++ {
		c := ours.Children[i]
		sub := path + "/" + c.Name
		if name, ok := c.Attr("Name"); ok && len(c.Attrs) == 1 && len(c.Children) == 0 {
			if v, ok := m[name]; ok {
				used[name] = true
				d.named(sub, ours.Children[i:], name, v)
				continue
			}
		}
		key := findKey(m, c.Name, used)
		if list, ok := m[key].([]string); ok && len(c.Attrs) == 0 {
			used[key] = true
			n := 1
			for i+n < len(ours.Children) && ours.Children[i+n].Name == c.Name && len(ours.Children[i+n].Attrs) == 0 {
				n++
			}
			d.list(sub, ours.Children[i:i+n], list)
			i += n - 1
			continue
		}
		if key == "" {
			d.unknown(sub, "it has nothing for %.200q", c.Text)
			continue
		}
		if key != c.Name {
			d.note("unnamed among others", sub, "its key is %q", key)
		}
		used[key] = true
		d.element(sub, c, m[key])
	}
}

// named compares list[0], an element that has a Name and text, with what stands under that
// name.
func (d *differ) named(path string, list []*compare.Node, name string, v any) {
	c := list[0]
	if c.Name == "Provider" {
		d.note("provider name lost", path, "%q is a key", name)
		return
	}
	if c.Name != "Data" {
		d.note("EventData name", path, "%s is %q", c.Name, name)
	}
	for _, later := range list[1:] {
		if n, _ := later.Attr("Name"); n == name && len(later.Attrs) == 1 {
			d.note("data lost: same key", path, "%q %.100q", name, c.Text)
			return
		}
	}
	if texts, ok := v.([]string); ok {
		d.list(path, list[:1], texts)
		return
	}
	d.value(path+"["+name+"]", c.Text, v)
}

// findKey returns the first unused key for an element: its name, or with the number that
// golang-evtx puts behind it when the name is there.
func findKey(m golang.GoEvtxMap, name string, used map[string]bool) string {
	if _, ok := m[name]; ok && !used[name] {
		return name
	}
	best, number := "", -1
	for key := range m {
		digits, ok := strings.CutPrefix(key, name)
		if n, err := strconv.Atoi(digits); ok && err == nil && !used[key] && (number < 0 || n < number) {
			best, number = key, n
		}
	}
	return best
}

// list compares the elements that an array of strings became.
func (d *differ) list(path string, ours []*compare.Node, theirs []string) {
	var texts []string
	for _, c := range ours {
		texts = append(texts, c.Text)
	}
	theirs = slices.Clone(theirs)
	for i := range theirs {
		theirs[i] = compare.InXML(theirs[i])
	}
	if slices.Equal(texts, theirs) {
		d.tally.Equal += len(texts)
		if len(texts) == 1 {
			d.note("array of one element", path, "%.100q", theirs)
		}
		return
	}
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	if slices.Equal(texts, theirs) {
		d.note("empty string dropped", path, "%d of %d are left", len(theirs), len(ours))
		return
	}
	d.unknown(path, "we have %.200q, it has %.200q", texts, theirs)
}

// value compares a text of ours with a value of any type of theirs.
func (d *differ) value(path, ours string, theirs any) {
	switch v := theirs.(type) {
	case nil:
		d.text(path, ours, "")
	case string:
		d.text(path, ours, v)
	case golang.UTCTime:
		d.time(path, ours, time.Time(v))
	case []byte:
		text := string(bytes.TrimRight(v, "\x00"))
		if ours == compare.InXML(text) || !utf8.ValidString(text) && utf8.RuneCountInString(ours) == len(text) {
			d.note("ANSI string", path, "%.100q", v)
			return
		}
		d.unknown(path, "we have %.200q, it has %.200q", ours, v)
	default:
		d.unknown(path, "we have %.200q, it has %T %.200q", ours, v, fmt.Sprint(v))
	}
}

func (d *differ) text(path, ours, theirs string) {
	theirs = compare.InXML(theirs)
	switch hexOurs, isHex := strings.CutPrefix(ours, "0x"); {
	case ours == theirs:
		d.tally.Equal++
	case compare.SameHex(ours, theirs), isHex && hexOurs == theirs:
		d.note("hex padding", path, "we have %s, it has %s", ours, theirs)
	case "{"+strings.ToUpper(theirs)+"}" == ours:
		d.note("GUID braces", path, "we have %s, it has %s", ours, theirs)
	case isHex && strings.HasPrefix(theirs, "Unknown value: "):
		d.note("type unknown to it", path, "we have %s, it has %.100q", ours, theirs)
	case ours == "true" && theirs == "false":
		d.note("bool above 1", path, "it has false")
	default:
		d.unknown(path, "we have %.200q, it has %.200q", ours, theirs)
	}
}

func (d *differ) time(path, ours string, theirs time.Time) {
	t, err := time.Parse(time.RFC3339Nano, ours)
	text := theirs.UTC().Format(time.RFC3339Nano)
	switch {
	case err != nil || !t.Equal(theirs):
		d.unknown(path, "we have %.200q, it has %s", ours, text)
	case text == ours:
		d.tally.Equal++
	default:
		d.note("time digits", path, "we have %s, it has %s", ours, text)
	}
}
