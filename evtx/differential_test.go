package evtx_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	golang "github.com/0xrawsec/golang-evtx/evtx"

	"github.com/gpevtx/gpevtx/evtx"
)

// golangClasses names every way in which github.com/0xrawsec/golang-evtx v1.2.9 differs
// from us on real logs, with who is right and why. A difference of another kind fails
// [TestDifferentialGolangEvtx].
var golangClasses = map[string]struct{ right, why string }{
	// Whole records.
	"record: panics": {"ours", "a reader must not panic; recovered here because the record is decoded in the test's goroutine, which FastEvents does not allow"},
	"record: error":  {"ours", "BinXML values that begin with an element have no dependency ids, and it reads some; attributes of several parts stop it too"},

	// Values.
	"hex padding":        {"ours", "Windows prints hexadecimal numbers without leading zeros, as literal XML of forwarded events shows"},
	"time digits":        {"both", "the same instant; it trims zeros of the fraction, Windows prints seven or nine digits"},
	"GUID braces":        {"ours", "Windows prints GUIDs in braces; it omits them for values and keeps them for literals"},
	"ANSI string":        {"ours", "it gives the bytes of an ANSI string with its terminator instead of text"},
	"type unknown to it": {"ours", "size_t (0x10) is a hexadecimal number, it prints a note"},
	"bool above 1":       {"ours", "every bool but 0 is true"},

	// Structure.
	"provider name lost":   {"ours", "it makes a key of the name of a provider without other attributes: ADSync, SceCli and all classic sources"},
	"empty string dropped": {"ours", "it drops empty items of string arrays, so that the positions of the others shift"},
	"data lost: same key":  {"ours", "it puts data into a map: of several with one name the last is left"},
	"depends on null":      {"ours", "it ignores dependency ids, so that elements without a value appear empty"},
	"array of one element": {"both", "a list of one string where we have one element"},
	"EventData name":       {"ours", "it treats an element with a Name and text as Data, so the element's own name is gone"},
	"unnamed among others": {"ours", "it numbers keys by position"},
}

// TestDifferentialGolangEvtx compares each record of the corpus, field by field, with an
// independent reader. golang-evtx is under the GPL and is imported by tests only.
func TestDifferentialGolangEvtx(t *testing.T) {
	dir, files := corpus(t)
	t.Cleanup(func(w io.Writer) func() { return func() { log.SetOutput(w) } }(log.Writer()))
	log.SetOutput(io.Discard) // it logs through the standard logger
	d := differ{t: t, counts: make(map[string]int), example: make(map[string]string)}
	for _, f := range files {
		b := readCorpusFile(t, dir, f.name)
		d.file = f.name
		r := openLog(t, b, evtx.Config{})
		for ev, err := range r.Events(context.Background(), nil) {
			if err == nil {
				d.record(b, ev)
			}
		}
	}
	t.Logf("%d records, %d values equal", d.records, d.equal)
	for _, class := range slices.Sorted(maps.Keys(d.counts)) {
		c, known := golangClasses[class]
		if !known {
			t.Errorf("%d differences of no known class: %s: %s", d.counts[class], class, d.example[class])
			continue
		}
		t.Logf("%6d %-22s right: %-9s %s; e.g. %s", d.counts[class], class, c.right, c.why, d.example[class])
	}
	if testing.Short() {
		return
	}
	if d.records < 30000 || d.equal < 500000 {
		t.Errorf("only %d records and %d values compared", d.records, d.equal)
	}
	for class := range golangClasses {
		if d.counts[class] == 0 {
			t.Errorf("class %q does not occur: remove it", class)
		}
	}
}

type differ struct {
	t              *testing.T
	file           string
	id             uint64
	records, equal int
	counts         map[string]int
	example        map[string]string
	chunkAt        int64
	chunk          *golang.Chunk
}

func (d *differ) note(class, path, format string, args ...any) {
	if d.counts[class]++; d.counts[class] == 1 {
		d.example[class] = fmt.Sprintf("%s record %d %s: ", d.file, d.id, path) + fmt.Sprintf(format, args...)
	}
}

// unexplained notes a difference that is in no class.
func (d *differ) unexplained(path, format string, args ...any) {
	d.note("unexplained "+path, path, format, args...)
}

func (d *differ) record(b []byte, ev *evtx.Event) {
	x, err := ev.AppendXML(nil)
	if err != nil {
		return // the corpus test knows these
	}
	ours, err := parseXML(string(x))
	if err != nil {
		d.t.Fatal(err)
	}
	d.records++
	d.id = ev.RecordID
	theirs, class := d.theirs(b, ev.Location.Offset)
	if class != "" {
		d.note(class, "", "")
		return
	}
	event, ok := theirs["Event"].(golang.GoEvtxMap)
	if !ok {
		d.unexplained("Event", "%v", theirs)
		return
	}
	d.element("Event", ours, event)
}

// theirs decodes the record at off without any of golang-evtx's goroutines, so that its
// panics stay here and no file has to be left out.
func (d *differ) theirs(b []byte, off int64) (m golang.GoEvtxMap, class string) {
	defer func() {
		if recover() != nil {
			class = "record: panics"
		}
	}()
	at := (off-fileHeaderSize)/chunkSize*chunkSize + fileHeaderSize
	if d.chunk == nil || d.chunkAt != at || &d.chunk.Data[0] != &b[at] {
		c := golang.NewChunk()
		c.Data = b[at:min(at+chunkSize, int64(len(b)))]
		r := bytes.NewReader(c.Data)
		c.ParseChunkHeader(r)
		d.chunk, d.chunkAt = &c, at
	}
	raw := d.chunk.ParseEvent(off - at)
	pm, err := raw.GoEvtxMap(d.chunk)
	if err != nil || pm == nil {
		return nil, "record: error"
	}
	return *pm, ""
}

// element compares an element with what golang-evtx made of it: its text alone, or a map
// of attributes, children and, as "Value", text.
func (d *differ) element(path string, ours *xmlNode, theirs any) {
	m, ok := theirs.(golang.GoEvtxMap)
	if !ok {
		if len(ours.children) > 0 || len(ours.attrs) > 0 {
			d.unexplained(path, "it has %v", theirs)
			return
		}
		d.value(path, ours.text, theirs)
		return
	}
	used := make(map[string]bool)
	for _, a := range ours.attrs {
		if path == "Event" && a[0] == "xmlns" {
			continue // it removes that one
		}
		used[a[0]] = true
		d.value(path+"/@"+a[0], a[1], m[a[0]])
	}
	if v, ok := m["Value"]; ours.text != "" || ok && len(ours.children) == 0 { // not a datum of that name
		used["Value"] = true
		d.value(path, ours.text, v)
	}
	d.children(path, ours, m, used)
	for key, v := range m {
		switch {
		case used[key]:
		case isEmpty(v):
			d.note("depends on null", path+"/"+key, "%v", v)
		default:
			d.unexplained(path+"/"+key, "only golang-evtx has %v", v)
		}
	}
}

// isEmpty reports whether v is what it makes of an element without a value.
func isEmpty(v any) bool {
	m, ok := v.(golang.GoEvtxMap)
	return v == nil || v == "" || ok && len(m) == 0
}

func (d *differ) children(path string, ours *xmlNode, m golang.GoEvtxMap, used map[string]bool) {
	for i := 0; i < len(ours.children); i++ {
		c := ours.children[i]
		sub := path + "/" + c.name
		if name, ok := c.attr("Name"); ok && len(c.attrs) == 1 && len(c.children) == 0 {
			if v, ok := m[name]; ok {
				used[name] = true
				d.named(sub, ours.children[i:], name, v)
				continue
			}
		}
		key := findKey(m, c.name, used)
		if list, ok := m[key].([]string); ok && len(c.attrs) == 0 {
			used[key] = true
			n := 1
			for i+n < len(ours.children) && ours.children[i+n].name == c.name && len(ours.children[i+n].attrs) == 0 {
				n++
			}
			d.list(sub, ours.children[i:i+n], list)
			i += n - 1
			continue
		}
		if key == "" {
			d.unexplained(sub, "it has nothing for %q", c.text)
			continue
		}
		if key != c.name {
			d.note("unnamed among others", sub, "%s", key)
		}
		used[key] = true
		d.element(sub, c, m[key])
	}
}

// named compares list[0], an element that has a Name and text, with what stands under that
// name.
func (d *differ) named(path string, list []*xmlNode, name string, v any) {
	c := list[0]
	if c.name == "Provider" {
		d.note("provider name lost", path, "%q is a key", name)
		return
	}
	if c.name != "Data" {
		d.note("EventData name", path, "%s is %s", c.name, name)
	}
	for _, later := range list[1:] {
		if n, _ := later.attr("Name"); n == name && len(later.attrs) == 1 {
			d.note("data lost: same key", path, "%q %q", name, c.text)
			return
		}
	}
	if texts, ok := v.([]string); ok {
		d.list(path, list[:1], texts)
		return
	}
	d.value(path+"["+name+"]", c.text, v)
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
func (d *differ) list(path string, ours []*xmlNode, theirs []string) {
	var texts []string
	for _, c := range ours {
		texts = append(texts, c.text)
	}
	for i := range theirs {
		theirs[i] = inXML(theirs[i])
	}
	if slices.Equal(texts, theirs) {
		d.equal += len(texts)
		if len(texts) == 1 {
			d.note("array of one element", path, "%q", theirs)
		}
		return
	}
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	if slices.Equal(texts, theirs) {
		d.note("empty string dropped", path, "%d of %d are left", len(theirs), len(ours))
		return
	}
	d.unexplained(path, "%q, it has %q", texts, theirs)
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
		if ours == inXML(text) || !utf8.ValidString(text) && utf8.RuneCountInString(ours) == len(text) {
			d.note("ANSI string", path, "%q", v)
			return
		}
		d.unexplained(path, "%q, it has %q", ours, v)
	default:
		d.unexplained(path, "%q, it has %T %v", ours, v, v)
	}
}

func (d *differ) text(path, ours, theirs string) {
	theirs = inXML(theirs)
	hexOurs, isHex := strings.CutPrefix(ours, "0x")
	hexTheirs, _ := strings.CutPrefix(theirs, "0x")
	switch {
	case ours == theirs:
		d.equal++
	case isHex && hexOurs == strings.TrimLeft(hexTheirs, "0"), ours == "0x0" && strings.Trim(hexTheirs, "0") == "":
		d.note("hex padding", path, "%s, it has %s", ours, theirs)
	case "{"+strings.ToUpper(theirs)+"}" == ours:
		d.note("GUID braces", path, "%s, it has %s", ours, theirs)
	case isHex && strings.HasPrefix(theirs, "Unknown value: "):
		d.note("type unknown to it", path, "%s, it has %q", ours, theirs)
	case ours == "true" && theirs == "false":
		d.note("bool above 1", path, "")
	default:
		d.unexplained(path, "%q, it has %q", ours, theirs)
	}
}

func (d *differ) time(path, ours string, theirs time.Time) {
	t, err := time.Parse(time.RFC3339Nano, ours)
	switch {
	case err != nil:
		d.unexplained(path, "%q, it has %s", ours, theirs)
	case t.Equal(theirs) && theirs.UTC().Format(time.RFC3339Nano) == ours:
		d.equal++
	case t.Equal(theirs):
		d.note("time digits", path, "%s, it has %s", ours, theirs.UTC().Format(time.RFC3339Nano))
	case t.Truncate(time.Second).Add(time.Duration(t.Nanosecond() / 1000)).Equal(theirs):
		d.note("SYSTEMTIME", path, "%s, it has %s", ours, theirs.UTC().Format(time.RFC3339Nano))
	default:
		d.unexplained(path, "%s, it has %s", ours, theirs.UTC().Format(time.RFC3339Nano))
	}
}
