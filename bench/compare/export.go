package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/compare"
)

// exportClasses names every way in which libevtx's program evtxexport (20181227, the version
// of Debian 12) differs from us on real logs, with who is right and why.
var exportClasses = compare.Classes{
	"file: stops early": {Right: compare.Ours, Why: "it ends at the first record that it cannot read: forwarded events, BinXML values that begin with an element, torn chunks"},
	"event: not XML":    {Right: compare.Ours, Why: "it writes control characters as they are"},
	"markup in a text":  {Right: compare.Ours, Why: "it does not escape ANSI strings: a text becomes elements"},

	"hex padding":      {Right: compare.Ours, Why: "Windows prints hexadecimal numbers without leading zeros"},
	"time digits":      {Right: compare.Both, Why: "the same instant with nine digits, which Windows prints too"},
	"lone surrogate":   {Right: compare.Ours, Why: "it takes the character behind a lone surrogate for its other half"},
	"only white space": {Right: compare.Ours, Why: "it leaves out a text of white space"},
	"line ends":        {Right: compare.Ours, Why: "it writes CR LF as it is, which every XML parser reads as LF; we write a reference"},
	"size_t":           {Right: compare.Ours, Why: "size_t (0x10) is a hexadecimal number, it prints decimal digits"},
	"negative number":  {Right: compare.Ours, Why: "it gets negative 32-bit numbers wrong"},
}

// exportDiffer compares our XML with that of evtxexport.
type exportDiffer struct {
	tally compare.Tally
	file  string
	id    string // of the record in hand
}

func newExportDiffer() *exportDiffer {
	return &exportDiffer{tally: compare.Tally{Classes: exportClasses}}
}

// runExport prints a log with evtxexport, and reports whether it gave up.
func runExport(ctx context.Context, program, path string) (out []byte, fails bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	out, err = exec.CommandContext(ctx, program, "-f", "xml", path).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && ctx.Err() == nil {
		return out, true, nil
	}
	return out, false, err
}

func (d *exportDiffer) note(class, path, format string, args ...any) {
	d.tally.Note(class, d.place(path), format, args...)
}

func (d *exportDiffer) unknown(path, format string, args ...any) {
	d.tally.Unknown(path, d.place(path), format, args...)
}

func (d *exportDiffer) place(path string) string {
	s := d.file
	if d.id != "" {
		s += " record " + d.id
	}
	return strings.TrimRight(s+" "+path, " ")
}

// log compares our reading of one log with what evtxexport printed of it. Where it gave up,
// or the log is damaged, it may have fewer records. Records are matched by EventRecordID,
// those with the same one in the order of both.
func (d *exportDiffer) log(ctx context.Context, name string, log, printed []byte, fails bool) error {
	d.file, d.id = name, ""
	r, err := evtx.NewReader(bytes.NewReader(log), int64(len(log)), evtx.Config{})
	if err != nil {
		return err
	}
	byID, broken := d.parse(splitEvents(string(printed)))
	missing := 0
	for ev, err := range r.Events(ctx, nil) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var x []byte
		if err == nil {
			x, err = ev.AppendXML(nil)
		}
		if err != nil {
			fails = true // the log is damaged
			continue
		}
		ours, err := compare.ParseXML(string(x))
		if err != nil {
			return fmt.Errorf("our XML of record %d of %s: %w", ev.RecordID, name, err)
		}
		d.id = strconv.FormatUint(ev.RecordID, 10)
		if len(byID[d.id]) == 0 {
			missing++
			continue
		}
		d.tally.Records++
		d.element("Event", ours, byID[d.id][0])
		byID[d.id] = byID[d.id][1:]
	}
	d.left(byID, missing, broken, fails)
	return nil
}

// parse reads printed events, by EventRecordID, and counts those that are no XML.
func (d *exportDiffer) parse(events []string) (byID map[string][]*compare.Node, broken int) {
	byID = make(map[string][]*compare.Node)
	for _, s := range events {
		n, err := compare.ParseXML(s)
		if err != nil {
			broken++
			d.note("event: not XML", "", "%v", err)
			continue
		}
		id := n.Child("System").Child("EventRecordID").Text
		byID[id] = append(byID[id], n)
	}
	return byID, broken
}

// left compares the numbers of records: missing are ours that were not printed, byID has
// those that only evtxexport has.
func (d *exportDiffer) left(byID map[string][]*compare.Node, missing, broken int, fails bool) {
	d.id = ""
	switch {
	case missing > broken && fails:
		d.note("file: stops early", "", "%d of our records are missing", missing-broken)
	case missing != broken && !fails:
		d.unknown("records missing", "%d of ours, %d of them not XML", missing, broken)
	}
	if fails {
		return
	}
	var ids []string
	for id, list := range byID {
		if len(list) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, d.id = range ids {
		d.unknown("record that we lack", "")
	}
}

func (d *exportDiffer) element(path string, ours, theirs *compare.Node) {
	if len(ours.Children) == 0 && len(theirs.Children) > 0 && strings.Contains(ours.Text, "<") {
		d.note("markup in a text", path, "%.60q", ours.Text)
		return
	}
	if ours.Name != theirs.Name || len(ours.Attrs) != len(theirs.Attrs) || len(ours.Children) != len(theirs.Children) {
		d.unknown(path, "we have <%s> with %d attributes and %d elements, it has <%s> with %d and %d",
			ours.Name, len(ours.Attrs), len(ours.Children), theirs.Name, len(theirs.Attrs), len(theirs.Children))
		return
	}
	for i, a := range ours.Attrs {
		if a[0] != theirs.Attrs[i][0] {
			d.unknown(path, "we have the attribute %s, it has %s", a[0], theirs.Attrs[i][0])
			continue
		}
		d.text(path+"/@"+a[0], a[1], theirs.Attrs[i][1])
	}
	text := theirs.Text
	if len(theirs.Children) > 0 {
		text = strings.TrimSpace(text) // it indents
	}
	d.text(path, ours.Text, text)
	for i, c := range ours.Children {
		d.element(path+"/"+c.Name, c, theirs.Children[i])
	}
}

func (d *exportDiffer) text(path, ours, theirs string) {
	switch {
	case ours == theirs:
		d.tally.Equal++
	case compare.SameHex(ours, theirs):
		d.note("hex padding", path, "we have %s, it has %s", ours, theirs)
	case compare.SameTime(ours, theirs, 1):
		d.note("time digits", path, "we have %s, it has %s", ours, theirs)
	case strings.ContainsRune(ours, '\uFFFD') && afterReplacement(ours) == theirs:
		d.note("lone surrogate", path, "we have %+q, it has %+q", ours, theirs)
	case theirs == "" && strings.TrimSpace(ours) == "":
		d.note("only white space", path, "%.60q", ours)
	case strings.ContainsRune(ours, '\r') && strings.ReplaceAll(strings.ReplaceAll(ours, "\r\n", "\n"), "\r", "\n") == theirs:
		d.note("line ends", path, "%.60q", ours)
	case isDecimal(ours, theirs):
		d.note("size_t", path, "we have %s, it has %s", ours, theirs)
	case strings.HasPrefix(ours, "-") && strings.HasPrefix(theirs, "-"):
		d.note("negative number", path, "we have %s, it has %s", ours, theirs)
	default:
		d.unknown(path, "we have %.200q, it has %.200q", ours, theirs)
	}
}

// isDecimal reports whether hex is the number that decimal is.
func isDecimal(hex, decimal string) bool {
	n, err := strconv.ParseUint(decimal, 10, 64)
	return err == nil && fmt.Sprintf("%#x", n) == hex
}

// afterReplacement is s without the characters that follow a U+FFFD.
func afterReplacement(s string) string {
	var out []rune
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		out = append(out, runes[i])
		if runes[i] == '\uFFFD' {
			i++
		}
	}
	return string(out)
}
