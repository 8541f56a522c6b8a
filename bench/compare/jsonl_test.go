package main

import (
	"cmp"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write what evtx_dump and evtxexport print of the log in fixture_test.go")

// peer finds a program: by a variable, or in PATH. The test is skipped where it is not.
func peer(t *testing.T, variable, name string) string {
	t.Helper()
	path, err := exec.LookPath(cmp.Or(os.Getenv(variable), name))
	if err != nil {
		t.Skip(name + " is not installed")
	}
	return path
}

// stored returns what a program printed of the log in fixture_test.go when the test was last
// run with -update.
func stored(t *testing.T, file string, print func(path string) []byte) []byte {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		log := filepath.Join(t.TempDir(), "System.evtx")
		if err := os.WriteFile(log, logOf(t, description), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, print(log), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestJSONLOfFixture compares with stored lines of evtx_dump, so that the comparison is tested
// where the program is not.
func TestJSONLOfFixture(t *testing.T) {
	theirs := stored(t, "evtx_dump.jsonl", func(path string) []byte {
		out, err := runDump(t.Context(), peer(t, "EVTX_DUMP", "evtx_dump"), path)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
	d := newJSONLDiffer()
	if err := d.log(t.Context(), "System.evtx", logOf(t, description), theirs); err != nil {
		t.Fatal(err)
	}
	if d.tally.Records != 7 || d.tally.Equal != 136 {
		t.Errorf("%d records and %d values are equal", d.tally.Records, d.tally.Equal)
	}
	counts(t, &d.tally, map[string]int{"time digits": 7, "GUID braces": 3, "depends on null": 3})
}

// TestDifferentialEvtxDump compares each record of the corpus with evtx_dump where it is
// installed: in PATH, or named by EVTX_DUMP.
func TestDifferentialEvtxDump(t *testing.T) {
	o := corpus(t)
	o.evtxDump = peer(t, "EVTX_DUMP", "evtx_dump")
	d := newJSONLDiffer()
	if err := o.compareJSONL(t.Context(), d, o.evtxDump); err != nil {
		t.Fatal(err)
	}
	strict(t, &d.tally, o.every == 1)
}

// TestJSONLClasses compares single lines.
func TestJSONLClasses(t *testing.T) {
	event := func(data string) []byte {
		return []byte(`{"Event":{"System":{"EventRecordID":7,"Channel":"System","TimeCreated":{"#attributes":{"SystemTime":"2026-11-20T03:12:07.1234567Z"}}},` + data + `}}` + "\n")
	}
	for _, tt := range []struct {
		name         string
		ours, theirs string
		want         string // the class; empty for none
	}{
		{"equal", `"A":[1,"x",{"b":null}]`, `"A":[1,"x",{"b":null}]`, ""},
		{"another order of keys", `"A":1,"B":2`, `"B":2,"A":1`, ""},
		{"another number", `"A":1`, `"A":2`, "unknown: /Event/A"},
		{"a number as text", `"A":1`, `"A":"1"`, "unknown: /Event/A"},
		{"large numbers", `"A":18000000000000000001`, `"A":18000000000000000000`, "unknown: /Event/A"},
		{"GUID", `"A":"{0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148}"`, `"A":"0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148"`, "GUID braces"},
		{"another GUID", `"A":"{0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148}"`, `"A":"0FC65DDD-8D6E-4496-83D5-6E5CFE9CE149"`, "unknown: /Event/A"},
		{"microseconds", `"A":"2026-11-20T03:12:07.1234567Z"`, `"A":"2026-11-20T03:12:07.123456Z"`, "time digits"},
		{"another microsecond", `"A":"2026-11-20T03:12:07.1234567Z"`, `"A":"2026-11-20T03:12:07.123457Z"`, "unknown: /Event/A"},
		{"an empty element of theirs", `"A":1`, `"A":1,"B":null`, "depends on null"},
		{"an empty datum of theirs", `"A":1`, `"A":1,"Data":{"#text":""}`, "depends on null"},
		{"an element of theirs", `"A":1`, `"A":1,"B":"x"`, "unknown: /Event/B"},
		{"an element of ours", `"A":1,"B":null`, `"A":1`, "unknown: /Event/B"},
		{"empty text", `"A":""`, `"A":null`, "empty text"},
		{"empty text of attributes", `"A":{"#attributes":{"x":1},"#text":""}`, `"A":{"#attributes":{"x":1}}`, "empty text"},
		{"null where they have text", `"A":null`, `"A":""`, "unknown: /Event/A"},
		{"a lone surrogate", `"A":"a` + "\uFFFD" + `b"`, `"A":"ab"`, "lone surrogate"},
		{"a key twice", `"A":1,"A_1":2`, `"A":1,"A":2`, "same key twice"},
		{"an object for a text", `"A":{"B":1}`, `"A":1`, "unknown: /Event/A"},
		{"a shorter list", `"A":[1,2]`, `"A":[1]`, "unknown: /Event/A"},
		{"a list for a text", `"A":["x"]`, `"A":"x"`, "unknown: /Event/A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newJSONLDiffer()
			if err := d.lines([][]byte{event(tt.ours)}, event(tt.theirs), false); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{}
			if tt.want != "" {
				want[tt.want] = 1
			}
			counts(t, &d.tally, want)
		})
	}
}

// TestJSONLRecords compares lists of records.
func TestJSONLRecords(t *testing.T) {
	line := func(id, rest string) string {
		return `{"Event":{"System":{"EventRecordID":` + id + `,` + rest + `}}}` + "\n"
	}
	whole := `"Channel":"System","TimeCreated":{"#attributes":{"SystemTime":"2026-11-20T03:12:07.1234567Z"}}`
	for _, tt := range []struct {
		name         string
		ours, theirs string
		damaged      bool
		want         map[string]int
	}{
		{"equal", line("1", whole) + line("2", whole), line("1", whole) + line("2", whole), false, nil},
		{"one number twice", line("1", whole) + line("1", whole), line("1", whole) + line("1", whole), false, nil},
		{"the number has attributes", line(`{"#attributes":{"a":1},"#text":1}`, whole), line(`{"#attributes":{"a":1},"#text":1}`, whole), false, nil},
		{"they lack one", line("1", whole) + line("2", whole), line("1", whole), false, map[string]int{"unknown: record": 1}},
		{"they lack one of a damaged log", line("1", whole) + line("2", whole), line("1", whole), true, map[string]int{"record: not read": 1}},
		{"we lack one", line("1", whole), line("1", whole) + line("2", whole), true, map[string]int{"unknown: record that we lack": 1}},
		{"we lack one without channel", line("1", whole), line("1", whole) + line("2", `"Channel":null`), true, map[string]int{"record: half written": 1}},
		{"we lack one without time", "", line("2", `"Channel":"a","TimeCreated":{"#attributes":{"SystemTime":"1601-01-01T00:00:00.000000Z"}}`), true, map[string]int{"record: half written": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var ours [][]byte
			for line := range slices.Values(splitLines(tt.ours)) {
				ours = append(ours, []byte(line))
			}
			d := newJSONLDiffer()
			if err := d.lines(ours, []byte(tt.theirs), tt.damaged); err != nil {
				t.Fatal(err)
			}
			counts(t, &d.tally, tt.want)
		})
	}
	for _, bad := range []string{"{", "{}{}", `{"a":1}x`, "[[", string(slices.Repeat([]byte("["), 1000))} {
		if err := newJSONLDiffer().lines(nil, []byte(bad), false); err == nil {
			t.Errorf("%.20q is taken for a line", bad)
		}
	}
	if err := newJSONLDiffer().lines([][]byte{[]byte(`{"a":1,"a":2}`)}, nil, false); err == nil {
		t.Error("a key of ours comes twice and gives no error")
	}
}

func splitLines(s string) (list []string) {
	for len(s) > 0 {
		i := slices.Index([]byte(s), '\n')
		list, s = append(list, s[:i]), s[i+1:]
	}
	return list
}

// TestUnended finds the record whose size is not repeated at its end.
func TestUnended(t *testing.T) {
	log := logOf(t, description)
	if got := unended(log); len(got) != 0 {
		t.Errorf("%v of an undamaged log", got)
	}
	c := log[fileHeader:][:chunkSize]
	recs := recordsOf(c)
	clear(c[recs[2]-4 : recs[2]]) // the end of the second record, 4001
	if got := unended(log); len(got) != 1 || !got["4001"] {
		t.Errorf("%v, want 4001", got)
	}
}
