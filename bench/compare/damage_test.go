package main

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// busy is a log of four chunks.
const busy = `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-10T05:00:00Z
first-record: 4000
noise: {count: 400, until: 2026-11-20T09:12:00Z}
events: [{time: 2026-11-20T03:12:07Z, provider: ADSync, id: 2001}]
`

// want is what our reader gives of damaged logs at least, of the records of the undamaged
// one.
type want int

const (
	all        want = iota // every record
	whatIsLeft             // some, of which the test does not know the number
)

// wanted says what our reader gives at each damage. Where it is all, no reader can give more.
var wanted = map[string]want{
	"as it is":                       all,
	"checksums of all chunks broken": all,
	"checksums of all records broken, header right":      all,
	"file header zeroed":                                 all,
	"file header missing":                                all,
	"file header counts one chunk":                       all,
	"chunk headers zeroed (128 bytes)":                   all,
	"chunk headers and tables zeroed (512 bytes)":        all,
	"chunk signatures damaged":                           all,
	"chunk tables random":                                all,
	"free space mark 0":                                  all,
	"free space mark behind the first record":            all,
	"record numbers of chunk headers zeroed":             all,
	"a record of each chunk has size 0":                  all,
	"a record of each chunk is too large":                all,
	"a record of each chunk is 8 bytes too short":        all,
	"a record of each chunk has another size at its end": all,
	"a record of each chunk lacks its signature":         all,
	"a record of each chunk has random content":          whatIsLeft, // a template may be in it
	"cut at every 4 KiB":                                 whatIsLeft,
	"a sector of 512 bytes of each chunk zeroed":         whatIsLeft,
	"a page of 4 KiB of each chunk zeroed":               whatIsLeft,
	"10 bytes of each chunk random":                      whatIsLeft,
	"0.1 % of all bytes random":                          whatIsLeft,
	"1 % of all bytes random":                            whatIsLeft,
}

// measure damages a log made from a description and has ours and the readers there are read
// it.
func measure(t *testing.T, readers []logReader, description string) *damageTest {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "System.evtx"), logOf(t, description), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &damageTest{readers: readers, timeout: time.Minute, dir: t.TempDir()}
	if err := d.run(t.Context(), dir, []string{"System.evtx"}, 1, io.Discard); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDamage: of each damaged log our reader gives what it is known to give, nothing of its
// own invention, and each record once.
func TestDamage(t *testing.T) {
	d := measure(t, ourReaders(), busy)
	log := logOf(t, busy)
	chunks, total := len(chunksOf(log)), 0
	for _, c := range chunksOf(log) {
		total += len(recordsOf(c))
	}
	if chunks < 3 || total < 400 {
		t.Fatalf("%d records in %d chunks", total, chunks)
	}
	if len(variants) != len(wanted) {
		t.Errorf("%d damages, what is wanted is known of %d", len(variants), len(wanted))
	}
	for _, v := range variants {
		s := d.scores[v.name][0]
		w, known := wanted[v.name]
		expected := 0
		if w == all {
			expected = total
		}
		switch {
		case !known:
			t.Errorf("%s: what is wanted is not known", v.name)
		case s.same < expected || s.same > total*d.logs[v.name]:
			t.Errorf("%s: %d records are given as before, want %d of %d", v.name, s.same, expected, total)
		case w == whatIsLeft && v.name != "1 % of all bytes random" && s.same == 0:
			t.Errorf("%s: no record is given", v.name)
		}
		if s.invented > 0 || s.twice > 0 || s.failed > 0 || s.changed > 0 && w == all {
			t.Errorf("%s: %s", v.name, s)
		}
	}
}

// TestCuts: of a log that is cut off every record before the cut is given.
func TestCuts(t *testing.T) {
	log := logOf(t, busy)
	read := ourReaders()[0].read
	whole, err := read(t.Context(), "", log)
	if err != nil {
		t.Fatal(err)
	}
	for at := fileHeader; at < len(log); at += 4096 {
		got, err := read(t.Context(), "", log[:at])
		if err != nil {
			t.Fatal(err)
		}
		var want []reading
		for _, c := range chunksOf(log) {
			start := int64(cap(log) - cap(c))
			for _, off := range recordsOf(c) {
				size := int64(c[off+4]) | int64(c[off+5])<<8
				for _, r := range whole {
					if r.offset == start+int64(off) && r.offset+size <= int64(at) {
						want = append(want, r)
					}
				}
			}
		}
		if len(got) != len(want) {
			t.Fatalf("cut at %d: %d records, want %d", at, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("cut at %d: record %d is %v, want %v", at, i, got[i], want[i])
			}
		}
	}
}

// TestPeersReadDamage runs the programs that are there, and golang-evtx in a process of its
// own, over the damaged logs. It is the way of measuring that is tested here.
func TestPeersReadDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("programs are built and run many times")
	}
	dual := filepath.Join(t.TempDir(), "dualtool")
	if runtime.GOOS == "windows" {
		dual += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dual, "../../examples/dualtool").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	o := options{dual: dual, evtxDump: cmp.Or(os.Getenv("EVTX_DUMP"), "evtx_dump"), evtxexport: "evtxexport"}
	d := measure(t, o.readers(t.Context()), strings.ReplaceAll(busy, "count: 400", "count: 60"))
	for i, r := range d.readers {
		whole := d.scores["as it is"][i]
		if whole.same < 60 || whole.same != d.scores["as it is"][0].same || whole.changed+whole.twice+whole.invented+whole.failed > 0 {
			t.Errorf("%s gives of an undamaged log %s", r.name, whole)
		}
	}
	if i := len(ourReaders()); !strings.HasPrefix(d.readers[i].name, "golang-evtx") || d.scores["chunk tables random"][i].failed == 0 {
		t.Errorf("%s is not seen to panic at random tables of chunks", d.readers[i].name)
	}
	var table strings.Builder
	if err := d.markdown(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| damage | logs | gpevtx", " | golang-evtx 1.2.9 |", "\n| cut at every 4 KiB | ", "\n## Records that another reader gives"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("%q is not in\n%s", want, &table)
		}
	}
}

func TestJudge(t *testing.T) {
	at := func(id uint64, when int64, hash uint64) reading { return reading{key: key{id, when}, hash: hash} }
	o := newOriginal([]byte("....**\x00\x00"), [][]reading{
		{at(1, 10, 1), at(2, 20, 2), at(2, 20, 2)},
		{at(1, 10, 7), at(3, 30, 8)},
	})
	for _, tt := range []struct {
		name string
		list []reading
		want score
	}{
		{"nothing", nil, score{}},
		{"all as before", []reading{at(2, 20, 2), at(1, 10, 1), at(2, 20, 2)}, score{same: 3}},
		{"once more", []reading{at(1, 10, 1), at(1, 10, 1)}, score{same: 1, twice: 1}},
		{"other content", []reading{at(1, 10, 2)}, score{changed: 1}},
		{"another time", []reading{at(1, 11, 1)}, score{changed: 1}},
		{"another number", []reading{at(9, 10, 1)}, score{changed: 1}},
		{"a record that only another reader finds", []reading{at(3, 30, 1)}, score{changed: 1}},
		{"another number and time", []reading{at(9, 99, 1)}, score{invented: 1}},
		{"another number and time where a record is", []reading{{key{9, 99}, 1, 4}}, score{changed: 1}},
		{"a number of the log where none is", []reading{{key{1, 10}, 9, 3}}, score{invented: 1}},
	} {
		if got, _ := o.judge(0, tt.list); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestGaps: what a peer gives and we do not is told, with an example.
func TestGaps(t *testing.T) {
	fixed := func(name string, list ...reading) logReader {
		calls := 0
		return logReader{name, func(context.Context, string, []byte) ([]reading, error) {
			if calls++; calls == 1 {
				return []reading{{key{1, 10}, 5, 4608}, {key{2, 20}, 6, 5000}}, nil
			}
			return list, nil
		}}
	}
	a, b := reading{key{1, 10}, 5, 4608}, reading{key{2, 20}, 6, 5000}
	d := measure(t, []logReader{fixed("ours", a), fixed("other", a, b), fixed("third", a)}, busy)
	if len(d.gaps) == 0 || d.gaps[0].peer != "other" || d.gaps[0].records != 1 || d.gaps[0].first != b.key || d.gaps[0].offset != 5000 {
		t.Fatalf("gaps are %+v", d.gaps)
	}
	var table strings.Builder
	if err := d.markdown(&table); err != nil {
		t.Fatal(err)
	}
	if want := "| as it is | other | 1 | 1 | System.evtx: record 2 at 5000 |\n"; !strings.Contains(table.String(), want) {
		t.Errorf("%q is not in\n%s", want, &table)
	}
}

// TestVariants: each damage but the first changes the log, in the same way each time.
func TestVariants(t *testing.T) {
	log := logOf(t, busy)
	for i, v := range variants {
		a := v.make(bytes.Clone(log), rand.New(rand.NewPCG(1, 2)))
		b := v.make(bytes.Clone(log), rand.New(rand.NewPCG(1, 2)))
		if len(a) == 0 || len(a) != len(b) {
			t.Fatalf("%s: %d and %d logs", v.name, len(a), len(b))
		}
		for k := range a {
			if !bytes.Equal(a[k], b[k]) {
				t.Errorf("%s: two times are not the same", v.name)
			}
			if bytes.Equal(a[k], log) != (i == 0) {
				t.Errorf("%s: the log is changed: %v", v.name, i == 0)
			}
		}
		v.make(log[:0:0], rand.New(rand.NewPCG(1, 2))) // no log, which must not matter
	}
}
