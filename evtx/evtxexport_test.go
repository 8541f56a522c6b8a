package evtx_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// evtxexportClasses names every way in which libevtx's program evtxexport (20181227, the
// version of Debian 12) differs from us on real logs, with who is right and why. A
// difference of another kind fails [TestDifferentialEvtxexport].
var evtxexportClasses = map[string]struct{ right, why string }{
	"file: stops early": {"ours", "it ends at the first record that it cannot read: forwarded events, BinXML values that begin with an element, torn chunks"},
	"event: not XML":    {"ours", "it writes control characters as they are"},
	"markup in a text":  {"ours", "it does not escape ANSI strings: a text becomes elements"},

	"hex padding":      {"ours", "Windows prints hexadecimal numbers without leading zeros"},
	"time digits":      {"both", "the same instant with nine digits, which Windows prints too"},
	"lone surrogate":   {"ours", "it takes the character behind a lone surrogate for its other half"},
	"only white space": {"ours", "it leaves out a text of white space"},
	"line ends":        {"ours", "it writes CR LF as it is, which every XML parser reads as LF; we write a reference"},
	"size_t":           {"ours", "size_t (0x10) is a hexadecimal number, it prints decimal digits"},
	"negative number":  {"ours", "it gets negative 32-bit numbers wrong"},
}

// TestDifferentialEvtxexport compares each record of the corpus with evtxexport where it is
// installed.
func TestDifferentialEvtxexport(t *testing.T) {
	program, err := exec.LookPath("evtxexport")
	if err != nil {
		t.Skip("evtxexport is not installed (Debian: apt install libevtx-utils)")
	}
	if testing.Short() {
		t.Skip("evtxexport takes some seconds")
	}
	dir, files := corpus(t)
	d := exportDiffer{counts: make(map[string]int), example: make(map[string]string)}
	for _, f := range files {
		d.file = f.name
		out, err := exec.Command(program, "-f", "xml", filepath.Join(dir, filepath.FromSlash(f.name))).Output()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		_, damaged := corpusExceptions[f.name]
		d.log(t, readCorpusFile(t, dir, f.name), splitEvents(string(out)), err != nil || damaged)
	}
	t.Logf("%d records, %d values equal", d.records, d.equal)
	for _, class := range slices.Sorted(maps.Keys(d.counts)) {
		c, known := evtxexportClasses[class]
		if !known {
			t.Errorf("%d differences of no known class: %s: %s", d.counts[class], class, d.example[class])
			continue
		}
		t.Logf("%6d %-20s right: %-9s %s; e.g. %s", d.counts[class], class, c.right, c.why, d.example[class])
	}
	if d.records < 30000 || d.equal < 500000 {
		t.Errorf("only %d records and %d values compared", d.records, d.equal)
	}
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

type exportDiffer struct {
	file           string
	records, equal int
	counts         map[string]int
	example        map[string]string
}

func (d *exportDiffer) note(class, path, format string, args ...any) {
	if d.counts[class]++; d.counts[class] == 1 {
		d.example[class] = fmt.Sprintf("%s %s: ", d.file, path) + fmt.Sprintf(format, args...)
	}
}

// log compares the events of one log in the order in which both give them. Where
// evtxexport fails, it may have fewer.
func (d *exportDiffer) log(t *testing.T, b []byte, theirs []string, fails bool) {
	byID := make(map[string][]*xmlNode)
	broken := 0
	for _, s := range theirs {
		n, err := parseXML(s)
		if err != nil {
			broken++
			d.note("event: not XML", "", "%v", err)
			continue
		}
		id := n.child("System").child("EventRecordID").text
		byID[id] = append(byID[id], n)
	}
	missing := 0
	for ev, err := range openLog(t, b, evtx.Config{}).Events(context.Background(), nil) {
		if err != nil {
			continue
		}
		x, err := ev.AppendXML(nil)
		if err != nil {
			continue // the corpus test knows these
		}
		ours, err := parseXML(string(x))
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprint(ev.RecordID)
		if len(byID[id]) == 0 {
			missing++
			continue
		}
		d.records++
		d.element("Event", ours, byID[id][0])
		byID[id] = byID[id][1:]
	}
	switch {
	case missing > broken && fails:
		d.note("file: stops early", "", "%d of our records are missing", missing-broken)
	case missing != broken && !fails:
		d.note("records missing", "", "%d of ours, %d of them not XML", missing, broken)
	}
	for id, left := range byID {
		if len(left) > 0 && !fails {
			d.note("records that we lack", "", "record %s", id)
		}
	}
}

func (d *exportDiffer) element(path string, ours, theirs *xmlNode) {
	if len(ours.children) == 0 && len(theirs.children) > 0 && strings.Contains(ours.text, "<") {
		d.note("markup in a text", path, "%.60q", ours.text)
		return
	}
	if ours.name != theirs.name || len(ours.attrs) != len(theirs.attrs) || len(ours.children) != len(theirs.children) {
		d.note("shape", path, "<%s> with %d attributes and %d elements, it has <%s> with %d and %d",
			ours.name, len(ours.attrs), len(ours.children), theirs.name, len(theirs.attrs), len(theirs.children))
		return
	}
	for i, a := range ours.attrs {
		if a[0] != theirs.attrs[i][0] {
			d.note("shape", path, "attribute %s, it has %s", a[0], theirs.attrs[i][0])
			continue
		}
		d.text(path+"/@"+a[0], a[1], theirs.attrs[i][1])
	}
	text := theirs.text
	if len(theirs.children) > 0 {
		text = strings.TrimSpace(text) // it indents
	}
	d.text(path, ours.text, text)
	for i, c := range ours.children {
		d.element(path+"/"+c.name, c, theirs.children[i])
	}
}

func (d *exportDiffer) text(path, ours, theirs string) {
	hexOurs, isHex := strings.CutPrefix(ours, "0x")
	hexTheirs, theirsHex := strings.CutPrefix(theirs, "0x")
	t1, err1 := time.Parse(time.RFC3339Nano, ours)
	t2, err2 := time.Parse(time.RFC3339Nano, theirs)
	switch {
	case ours == theirs:
		d.equal++
	case isHex && theirsHex && (hexOurs == strings.TrimLeft(hexTheirs, "0") || hexOurs == "0" && strings.Trim(hexTheirs, "0") == ""):
		d.note("hex padding", path, "%s, it has %s", ours, theirs)
	case err1 == nil && err2 == nil && t1.Equal(t2):
		d.note("time digits", path, "%s, it has %s", ours, theirs)
	case afterReplacement(ours) == theirs:
		d.note("lone surrogate", path, "%q, it has %q", ours, theirs)
	case theirs == "" && strings.TrimSpace(ours) == "":
		d.note("only white space", path, "%q", ours)
	case strings.ReplaceAll(strings.ReplaceAll(ours, "\r\n", "\n"), "\r", "\n") == theirs:
		d.note("line ends", path, "%.60q", ours)
	case isHex && fmt.Sprintf("0x%x", mustUint(theirs)) == ours:
		d.note("size_t", path, "%s, it has %s", ours, theirs)
	case strings.HasPrefix(ours, "-") && strings.HasPrefix(theirs, "-"):
		d.note("negative number", path, "%s, it has %s", ours, theirs)
	default:
		d.note("unexplained "+path, path, "%q, it has %q", ours, theirs)
	}
}

// afterReplacement is s without the characters that follow a U+FFFD.
func afterReplacement(s string) string {
	var out []rune
	for i, runes := 0, []rune(s); i < len(runes); i++ {
		out = append(out, runes[i])
		if runes[i] == '\uFFFD' {
			i++
		}
	}
	return string(out)
}

func mustUint(s string) (n uint64) {
	fmt.Sscan(s, &n)
	return n
}
