package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	golang "github.com/0xrawsec/golang-evtx/evtx"

	"github.com/gpevtx/gpevtx/internal/compare"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // golang-evtx logs through the standard logger
	os.Exit(m.Run())
}

// description is a log with events of every shape.
const description = `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-10T05:00:00Z
first-record: 4000
boots: [2026-11-12T02:00:00Z]
noise: {count: 300, until: 2026-11-20T09:12:00Z}
events:
  - {time: 2026-11-20T03:12:07Z, provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\ADSync'}}
  - {provider: Service Control Manager, id: 7000, data: {param1: Microsoft Azure AD Sync, param2: '%%1069'}, binary-text: ADSync}
  - {provider: ADSync, id: 6301, strings: ['a <b> & "c"', '', é漢]}
  - {provider: ADSync, id: 2001}
  - provider: Types
    id: 1
    guid: '{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}'
    data: {a: !uint32 4000000000, b: !uint64 18000000000000000000, c: !hexint32 0x1f, d: !sid S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451,
           e: !guid '{0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148}', f: !bool true, g: !uint8 255, h: !uint16 65535, i: !int32 -5, j: !ansi Ünit, k: !size 0x10,
           l: !filetime '2026-11-20T03:12:07.1234567Z', m: !binary 00ff}
`

func writeLog(t testing.TB, description string) string {
	t.Helper()
	_, b, err := fixture.Member("System.evtx.yaml", []byte(description))
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, b)
}

func writeFile(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "System.evtx")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// runTool runs the program.
func runTool(args ...string) (code int, out, errs string) {
	var o, e strings.Builder
	code = run(context.Background(), &o, &e, args)
	return code, o.String(), e.String()
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in\n%s", w, text)
		}
	}
}

func TestKnownDifferences(t *testing.T) {
	code, out, errs := runTool(writeLog(t, description))
	if code != 0 || errs != "" {
		t.Errorf("exit code %d, standard error %q", code, errs)
	}
	contains(t, out, "records compared  ", "values equal      ", "provider name lost\n    right  ours: ",
		"empty string dropped\n", "3 of 7 are left", "hex padding")
}

func TestFolder(t *testing.T) {
	path := writeLog(t, description)
	_, want, _ := runTool(path)
	code, out, errs := runTool(filepath.Dir(path))
	if want = strings.ReplaceAll(want, path, "System.evtx"); code != 0 || out != want || errs != "" {
		t.Errorf("exit code %d, %q:\n%s\nwant\n%s", code, errs, out, want)
	}
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "falls under GPL-3.0"},
		{nil, 2, "usage: dualtool"},
		{[]string{"-bad"}, 2, "flag provided but not defined"},
		{[]string{"none.evtx"}, 1, "none.evtx"},
		{[]string{t.TempDir()}, 1, "there is no .evtx file in "},
		{[]string{os.DevNull}, 1, "no regular file"},
		{[]string{writeFile(t, []byte("\x1b[2Jnot a log"))}, 1, "no event log"},
	} {
		code, _, errs := runTool(tt.args...)
		if code != tt.code || !strings.Contains(errs, tt.want) || strings.ContainsRune(errs, 0x1b) {
			t.Errorf("%q: exit code %d, want %d; standard error %q, want %q in it", tt.args, code, tt.code, errs, tt.want)
		}
	}
}

// TestUnknownDifference has a file in which golang-evtx gives what is in no class: real
// numbers of 32 bits, which it does not know.
func TestUnknownDifference(t *testing.T) {
	path := writeLog(t, `
channel: Application
computer: SYNC01
start: 2026-11-10T05:00:00Z
events:
  - {provider: Types, id: 1, guid: '{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}', data: {a: !float32 1.5, b: "\e[2J"}}
`)
	code, out, _ := runTool(path)
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	contains(t, out, "1 × unknown: Event/EventData/Data[a]\n    right  not known\n    e.g. ", `we have "1.5", it has "Unknown value`)
	if strings.ContainsRune(out, 0x1b) {
		t.Errorf("a control character of the log is printed: %q", out)
	}
	if _, table, _ := runTool("-markdown", path); !strings.Contains(table, "| **not known** |") {
		t.Errorf("the table is\n%s", table)
	}
}

// TestClasses compares our elements with what golang-evtx gives in memory.
func TestClasses(t *testing.T) {
	type goMap = golang.GoEvtxMap
	at := func(s string) golang.UTCTime {
		u, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return golang.UTCTime(u)
	}
	for _, tt := range []struct {
		name   string
		ours   string
		theirs any
		want   string // the class; empty for none
	}{
		{"equal text", `<E>x</E>`, "x", ""},
		{"equal attributes", `<E a="1">x</E>`, goMap{"a": "1", "Value": "x"}, ""},
		{"equal data", `<E><Data Name="n">x</Data></E>`, goMap{"n": "x"}, ""},
		{"no text", `<E/>`, nil, ""},
		{"a control character", "<E>\uFFFD</E>", "\x01", ""},
		{"leading zeros", `<E>0x1f</E>`, "0x0000001f", "hex padding"},
		{"zero", `<E>0x0</E>`, "0x00000000", "hex padding"},
		{"another number", `<E>0x1f</E>`, "0x0000001e", "unknown: E"},
		{"no braces", `<E>{0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148}</E>`, "0fc65ddd-8d6e-4496-83d5-6e5cfe9ce148", "GUID braces"},
		{"another GUID", `<E>{0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148}</E>`, "0fc65ddd-8d6e-4496-83d5-6e5cfe9ce149", "unknown: E"},
		{"equal time", `<E>2026-11-20T03:12:07.1234567Z</E>`, at("2026-11-20T03:12:07.1234567Z"), ""},
		{"zeros of a time", `<E>2026-11-20T03:12:07.1000000Z</E>`, at("2026-11-20T03:12:07.1Z"), "time digits"},
		{"another time", `<E>2026-11-20T03:12:07.1000001Z</E>`, at("2026-11-20T03:12:07.1Z"), "unknown: E"},
		{"ANSI", `<E>text</E>`, []byte("text\x00"), "ANSI string"},
		{"other bytes", `<E>text</E>`, []byte("test\x00"), "unknown: E"},
		{"size_t", `<E>0x4</E>`, "Unknown value: Size: 4 ValType: 0x10", "type unknown to it"},
		{"a bool of 2", `<E>true</E>`, "false", "bool above 1"},
		{"the other bool", `<E>false</E>`, "true", "unknown: E"},
		{"a classic provider", `<E><Provider Name="ADSync"/></E>`, goMap{"ADSync": ""}, "provider name lost"},
		{"an empty string", `<E><Data>a</Data><Data/><Data>c</Data></E>`, goMap{"Data": []string{"a", "c"}}, "empty string dropped"},
		{"a string that is not empty", `<E><Data>a</Data><Data>b</Data></E>`, goMap{"Data": []string{"a"}}, "unknown: E/Data"},
		{"equal strings", `<E><Data>a</Data><Data>b</Data></E>`, goMap{"Data": []string{"a", "b"}}, ""},
		{"one string", `<E><Data>a</Data></E>`, goMap{"Data": []string{"a"}}, "array of one element"},
		{"two of a name", `<E><Data Name="n">a</Data><Data Name="n">b</Data></E>`, goMap{"n": "b"}, "data lost: same key"},
		{"a complex datum", `<E><ComplexData Name="n">a</ComplexData></E>`, goMap{"n": "a"}, "EventData name"},
		{"several unnamed", `<E><Data>a</Data><Data>b</Data></E>`, goMap{"Data1": "a", "Data2": "b"}, "unnamed among others"},
		{"an empty element of its own", `<E/>`, goMap{"Binary": nil}, "depends on null"},
		{"an element of its own", `<E/>`, goMap{"Binary": "00"}, "unknown: E/Binary"},
		{"an element of ours", `<E><Binary>00</Binary></E>`, goMap{}, "unknown: E/Binary"},
		{"a value where we have elements", `<E><Binary>00</Binary></E>`, "x", "unknown: E"},
		{"another type", `<E>1</E>`, 1, "unknown: E"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, err := compare.ParseXML(tt.ours)
			if err != nil {
				t.Fatal(err)
			}
			d := newDiffer()
			d.element("E", ours, tt.theirs)
			var got []string
			for class := range classes {
				if d.tally.Count(class) > 0 {
					got = append(got, class)
				}
			}
			got = append(got, d.tally.UnknownClasses()...)
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || got[0] != tt.want) {
				t.Errorf("classes %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNothingIsLeftOut has a record whose end was never written, which golang-evtx reads: it
// is compared if we read it too, and told if we do not.
func TestNothingIsLeftOut(t *testing.T) {
	_, b, err := fixture.Member("System.evtx.yaml", []byte(description))
	if err != nil {
		t.Fatal(err)
	}
	count := func() int {
		d := newDiffer()
		if err := d.log(context.Background(), "System.evtx", bytes.NewReader(b), int64(len(b))); err != nil {
			t.Fatal(err)
		}
		return d.tally.Records + d.tally.Count("record: not ended")
	}
	want := count()
	first := b[fileHeader+chunkHeader:]
	clear(first[binary.LittleEndian.Uint32(first[4:])-4:][:4])
	if got := count(); got != want {
		t.Errorf("%d records are compared or told, want %d", got, want)
	}
}

// TestHostileLogs compares damaged logs: whatever golang-evtx does, the program ends with a
// report.
func TestHostileLogs(t *testing.T) {
	_, log, err := fixture.Member("System.evtx.yaml", []byte(description))
	if err != nil {
		t.Fatal(err)
	}
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range rounds {
		b := bytes.Clone(log)
		for range 1 + r.IntN(400) {
			b[fileHeader+r.IntN(len(b)-fileHeader)] = byte(r.Uint32())
		}
		if i%4 == 0 {
			b = b[:r.IntN(len(b))]
		}
		code, out, errs := runTool(writeFile(t, b))
		if code > 1 || !strings.HasPrefix(out, "records compared") {
			t.Fatalf("round %d: exit code %d, %q %q", i, code, out, errs)
		}
	}
}

func TestListPeer(t *testing.T) {
	code, out, errs := runTool("-peer", writeLog(t, description))
	if n := strings.Count(out, "\n"); code != 0 || n < 300 {
		t.Errorf("exit code %d, %d records, standard error %q", code, n, errs)
	}
	var id uint64
	var when int64
	var hash uint64
	if n, err := fmt.Sscanf(out, "%d %d %x\n", &id, &when, &hash); n != 3 || id != 4000 {
		t.Errorf("the first line is %.60q: %v", out, err)
	}
}

func TestTimePeer(t *testing.T) {
	path := writeLog(t, description)
	for _, tt := range []struct {
		selected string
		hits     int
	}{
		{"", -1}, // all
		{"Service Control Manager:7000,7041", 2},
		{"Service Control Manager:7000", 1},
		{"Nobody:7000", 0},
	} {
		code, out, errs := runTool("-time", "-select", tt.selected, path)
		var records, hits, ns, busy, allocs int
		if n, err := fmt.Sscan(out, &records, &hits, &ns, &busy, &allocs); code != 0 || n != 5 || records < 300 || ns == 0 || allocs == 0 {
			t.Errorf("%q: exit code %d, %q, standard error %q: %v", tt.selected, code, out, errs, err)
		}
		if hits != tt.hits && (tt.hits >= 0 || hits != records) {
			t.Errorf("%q: %d of %d chosen", tt.selected, hits, records)
		}
	}
	for _, bad := range []string{"7000", ":7000", "Provider:", "Provider:70000", "Provider:1,x"} {
		if code, out, _ := runTool("-time", "-select", bad, path); code != 1 {
			t.Errorf("%q: exit code %d, %q", bad, code, out)
		}
	}
}
