package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// TestMain lets the test binary stand for the program where that runs itself.
func TestMain(m *testing.M) {
	if os.Getenv("GPEVTX_COMPARE_CHILD") != "" {
		os.Exit(run(context.Background(), os.Stdout, os.Stderr, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fullLog is a log of several chunks, the last of which is not full.
func fullLog(t testing.TB) []byte {
	return logOf(t, `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-10T05:00:00Z
noise: {count: 420, until: 2026-11-20T09:12:00Z}
events:
  - {time: 2026-11-12T03:12:07Z, provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\ADSync'}}
  - {provider: Service Control Manager, id: 7000, data: {param1: Microsoft Azure AD Sync, param2: '%%1069'}}
`)
}

func TestFullChunks(t *testing.T) {
	log := fullLog(t)
	n := len(log)/chunkSize - 1 // all but the last one are full
	if got := len(fullChunks(log)); n < 2 || got != n {
		t.Fatalf("%d full chunks, want %d of several", got, n)
	}
	for name, damage := range map[string]func(b []byte) []byte{
		"a byte of a record":    func(b []byte) []byte { b[fileHeader+chunkHeader+100]++; return b },
		"a byte of the header":  func(b []byte) []byte { b[fileHeader+8]++; return b },
		"a byte of the tables":  func(b []byte) []byte { b[fileHeader+200]++; return b },
		"the signature":         func(b []byte) []byte { b[fileHeader]++; return b },
		"a mark beyond the end": func(b []byte) []byte { b[fileHeader+51] = 0xff; return b },
		"cut off":               func(b []byte) []byte { return b[:fileHeader+n*chunkSize-1] },
	} {
		if got := len(fullChunks(damage(bytes.Clone(log)))); got != n-1 {
			t.Errorf("%s: %d full chunks, want %d", name, got, n-1)
		}
	}
	for _, no := range [][]byte{nil, log[fileHeader:], make([]byte, 2*chunkSize)} {
		if got := fullChunks(no); got != nil {
			t.Errorf("%d chunks of what is no log", len(got))
		}
	}
}

func TestDistinctChunks(t *testing.T) {
	dir := t.TempDir()
	log := fullLog(t)
	for _, name := range []string{"a.evtx", "b.evtx"} {
		if err := os.WriteFile(filepath.Join(dir, name), log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	chunks, err := options{folder: dir, every: 1}.distinctChunks()
	if err != nil || len(chunks) != len(fullChunks(log)) {
		t.Errorf("%d chunks, %v, want those of one log", len(chunks), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.evtx"), log[:fileHeader], 0o600); err != nil {
		t.Fatal(err)
	}
	if chunks, err = (options{folder: dir, every: 2}).distinctChunks(); err == nil {
		t.Errorf("%d chunks of an empty log", len(chunks))
	}
}

// TestWriteLog: what is made is a log in good order in which the records repeat.
func TestWriteLog(t *testing.T) {
	chunks := fullChunks(fullLog(t))
	for _, n := range []int{1, len(chunks), 3*len(chunks) + 1} {
		var b bytes.Buffer
		if err := writeLog(&b, chunks, n); err != nil {
			t.Fatal(err)
		}
		if b.Len() != fileHeader+n*chunkSize {
			t.Errorf("%d chunks: %d bytes", n, b.Len())
		}
		want := 0
		for i := range n {
			want += countEvents(t, append(headerOf(1), chunks[i%len(chunks)]...))
		}
		if got := countEvents(t, b.Bytes()); got != want || got == 0 {
			t.Errorf("%d chunks: %d records, want %d", n, got, want)
		}
	}
}

func countEvents(t testing.TB, log []byte) (n int) {
	t.Helper()
	r, err := evtx.NewReader(bytes.NewReader(log), int64(len(log)), evtx.Config{Recover: evtx.RecoverNone})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Events(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if c := r.Coverage(); !c.Complete || c.Dirty {
		t.Fatalf("the log is not in good order: %+v", c)
	}
	return n
}

func TestChunkCount(t *testing.T) {
	for _, tt := range []struct {
		size int64
		have int
		want int
	}{
		{128e6, 300, 1953},
		{1e6, 300, 300},         // each once
		{1e12, 300, maxChunks},  // the header counts no more
		{1e6, 70000, maxChunks}, // neither does it for these
	} {
		if got := chunkCount(tt.size, tt.have); got != tt.want {
			t.Errorf("chunkCount(%d, %d) = %d, want %d", tt.size, tt.have, got, tt.want)
		}
	}
}

// TestKeepReadable leaves out the chunks at which a reader fails or of which it gives less,
// and keeps the order of the others.
func TestKeepReadable(t *testing.T) {
	chunks := fullChunks(fullLog(t))
	for len(chunks) < 6 {
		chunks = append(chunks, chunks...)
	}
	chunks = chunks[:6]
	for i := range chunks {
		chunks[i] = append(bytes.Clone(chunks[i][:chunkSize-1]), byte(i)) // behind the records
	}
	reader := func(name string, bad byte, err error) logReader {
		return logReader{name, func(ctx context.Context, path string, log []byte) ([]reading, error) {
			if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, log) {
				t.Errorf("the file differs from the log: %v", err)
			}
			list, _ := ourReader("", evtx.Config{}).read(ctx, path, log)
			if log[len(log)-1] == bad {
				return list[1:], err
			}
			return list, nil
		}}
	}
	dir := t.TempDir()
	kept, dropped, err := keepReadable(t.Context(), dir, chunks, []logReader{reader("fails", 1, errors.New("panic")), reader("gives less", 4, nil)}, 2)
	if err != nil || len(dropped) != 2 || dropped["fails"] != 1 || dropped["gives less"] != 1 {
		t.Errorf("dropped %v, %v", dropped, err)
	}
	var left []byte
	for _, c := range kept {
		left = append(left, c[chunkSize-1])
	}
	if want := []byte{0, 2, 3, 5}; !bytes.Equal(left, want) {
		t.Errorf("kept %v, want %v", left, want)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("%d files are left", len(files))
	}
}

// TestWorks: every work reads all of the log, and those that choose choose the same.
func TestWorks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "System.evtx")
	log := fullLog(t)
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	want := int64(countEvents(t, log))
	for name := range works {
		var out strings.Builder
		if err := runWork(t.Context(), &out, name, path); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, err := parseSample(out.String()+"1 2 3\n", true)
		if err != nil || s.clock <= 0 {
			t.Errorf("%s prints %q: %v", name, out.String(), err)
		}
		records, hits := want, want
		switch name {
		case "rare", "rare-memory", "rare-parallel":
			hits = 2
		case "none":
			hits = 0
		case "read", "crc32":
			records, hits = 0, 0
		case "walk":
			hits = 0
		case "common":
			hits = s.hits
		}
		if s.records != records || s.hits != hits {
			t.Errorf("%s: %d records and %d hits, want %d and %d", name, s.records, s.hits, records, hits)
		}
	}
	if err := runWork(t.Context(), io.Discard, "no such work", path); err == nil {
		t.Error("an unknown work is done")
	}
}

func TestParseSample(t *testing.T) {
	for _, tt := range []struct {
		out     string
		reports bool
		want    sample
		fails   bool
	}{
		{"1500 900 4096\n", false, sample{clock: 1500, busy: 900, peak: 4096}, false},
		{"10 3 700 600 50\n1500 900 4096\n", true, sample{count{10, 3}, 700, 600, 50, 4096}, false},
		{"1500 900 4096\n", true, sample{}, true},
		{"ten\n1500 900 4096\n", true, sample{}, true},
		{"", false, sample{}, true},
	} {
		got, err := parseSample(tt.out, tt.reports)
		if (err != nil) != tt.fails || !tt.fails && got != tt.want {
			t.Errorf("parseSample(%q) = %+v, %v, want %+v", tt.out, got, err, tt.want)
		}
	}
}

// TestMeasurement runs jobs of this module as child processes, and one that fails.
func TestMeasurement(t *testing.T) {
	t.Setenv("GPEVTX_COMPARE_CHILD", "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "System.evtx")
	log := fullLog(t)
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	m := measurement{self: self, long: path, short: path}
	jobs := append(ourJobs(self),
		job{reader: "prints", does: toJSON, argv: []string{self, "work", "json"}, counts: anyLine},
		job{reader: "fails", does: toJSON, argv: []string{self, "work", "no such work"}, reports: true},
		job{reader: "is not there", does: toJSON, argv: []string{path + ".none"}, counts: anyLine})
	results, err := m.run(t.Context(), jobs, 2, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	records := int64(countEvents(t, log))
	for _, r := range results {
		switch r.reader {
		case weAre:
			if r.err != nil || len(r.samples) != 2 || r.records != records || r.size != int64(len(log)) {
				t.Errorf("%s: %d runs, %d records, error %v", r.does, len(r.samples), r.records, r.err)
			}
		case "prints":
			if r.err != nil || r.records != 1 || len(r.samples) != 2 || r.samples[0].clock <= 0 {
				t.Errorf("what prints: %+v", r)
			}
		default:
			if r.err == nil || len(r.samples) != 0 {
				t.Errorf("%s: %+v", r.reader, r)
			}
		}
	}
}

// made is a result with runs of so many megabytes a second.
func made(reader, kind, does string, rates ...float64) result {
	r := result{job: job{reader: reader, kind: kind, does: does, reports: kind == library}, size: 100e6, count: count{1000, 1000}}
	for _, x := range rates {
		busy := time.Duration(100 / x * float64(time.Second))
		r.samples = append(r.samples, sample{count: r.count, clock: 2 * busy, busy: busy, allocs: 2000, peak: 20e6})
	}
	return r
}

func TestRates(t *testing.T) {
	near := func(a, b float64) bool { return math.Abs(a-b) < 0.01 }
	for _, tt := range []struct{ runs, want []float64 }{
		{nil, []float64{0, 0, 0}},
		{[]float64{50}, []float64{50, 50, 50}},
		{[]float64{50, 100, 20}, []float64{50, 20, 100}},
		{[]float64{50, 100, 20, 60}, []float64{55, 20, 100}},
	} {
		r := made(weAre, library, toJSON, tt.runs...)
		median, low, high := r.rates()
		if !near(median, tt.want[0]) || !near(low, tt.want[1]) || !near(high, tt.want[2]) {
			t.Errorf("%v: %v, %v to %v, want %v", tt.runs, median, low, high, tt.want)
		}
	}
	r := made(weAre, library, toJSON, 50, 50)
	if got := r.byClock(); !near(got, 25) {
		t.Errorf("%v MB/s by the clock, want 25", got)
	}
	if all := (&result{job: job{all: true}, size: r.size, samples: r.samples}); !near(all.byClock(), 25) {
		t.Error("on all cores the clock does not count")
	} else if median, _, _ := all.rates(); !near(median, 25) {
		t.Errorf("%v MB/s on all cores, want 25", median)
	}
	r.samples[0].busy, r.samples[1].busy = 0, 0
	if median, _, _ := r.rates(); !near(median, 25) {
		t.Errorf("%v MB/s where the processor's time is not known, want 25", median)
	}
	r = made(weAre, library, toJSON, 50, 50)
	if got := r.recordRate(); !near(got, 500) { // 100 MB in two seconds
		t.Errorf("%v records a second, want 500", got)
	}
	if got := r.allocs(); !near(got, 2) {
		t.Errorf("%v allocations a record, want 2", got)
	}
}

// TestBars: what is demanded is computed from the readers that it names.
func TestBars(t *testing.T) {
	none := speed{cores: 2}
	for _, b := range none.bars() {
		if !math.IsNaN(b.value) {
			t.Errorf("%s: %v of nothing", b.what, b.value)
		}
	}
	all := made(weAre, library, toJSON, 570) // by the clock as all that is made: half of that
	all.all = true
	short := made(weAre, library, toJSON, 1)
	short.short = true
	skips := made(weAre, library, noEvents, 3000)
	skips.samples[0].allocs = 1
	s := speed{cores: 2, results: []result{
		made(weAre, library, toJSON, 300), short, all, skips,
		made(weAre, library, rareEvents, 3000), made(weAre, library, rareInMemory, 3000),
		made(weAre, program, toJSON, 200), made(weAre, program, toXML, 280),
		made("evtx_dump 0.12.2", program, toJSON, 250), made("evtxexport 20181227", program, toXML, 7),
		made(golangEvtx, library, toJSON, 8), made(golangEvtx, library, rareEvents, 10),
		made(limitsAre, library, walkHeaders, 6000),
	}}
	want := []struct {
		value   float64
		reached bool
	}{
		{37.5, true},  // JSON to golang-evtx
		{40, true},    // XML to evtxexport
		{0.8, false},  // JSON to evtx_dump
		{10, true},    // rare to JSON
		{300, true},   // rare to golang-evtx
		{50, true},    // rare to walk
		{0.001, true}, // allocations of one skipped
		{2, false},    // of one decoded
		{1.9, true},   // two cores
		{20, true},    // memory
	}
	bars := s.bars()
	if len(bars) != len(want) {
		t.Fatalf("%d bars, want %d", len(bars), len(want))
	}
	for i, b := range bars {
		if math.Abs(b.value-want[i].value) > 1e-6*want[i].value || b.reached() != want[i].reached {
			t.Errorf("%s: %v, reached %v, want %+v", b.what, b.value, b.reached(), want[i])
		}
	}
}

func TestFigure(t *testing.T) {
	for x, want := range map[float64]string{0: "0.00", 0.333: "0.33", 9.999: "10.00", 12.34: "12.3", 123.6: "124", math.NaN(): "–", math.Inf(1): "–"} {
		if got := figure(x); got != want {
			t.Errorf("figure(%v) = %q, want %q", x, got, want)
		}
	}
}

func TestSpeedMarkdown(t *testing.T) {
	other := made("evtx_dump 0.12.2", program, toJSON, 150)
	other.records = 990
	choice := made(weAre, library, rareEvents, 3000)
	choice.hits = 3
	theirs := made(golangEvtx, library, rareEvents, 10)
	theirs.hits = 2
	all := other
	all.all = true
	failed := made("evtxexport 20181227", program, toXML)
	failed.err = errors.New("signal: killed | it says")
	s := speed{about: []string{"a machine"}, cores: 2, results: []result{made(weAre, library, toJSON, 300), choice, other, failed, theirs, all}}
	var out strings.Builder
	if err := s.markdown(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"- a machine\n",
		"| selecting rare events vs our full decode to JSON | ≥ 8 × | 10.0 × | yes |\n",
		"| full decode to XML, program, vs evtxexport | ≥ 35 × | – | not measured |\n",
		"| gpevtx | library | JSON of all | 300 | 300–300 | 150 | 3000 | 20.0 | 2.00 | 1.00 |\n",
		"| evtx_dump 0.12.2 | program | JSON of all | 150 | 150–150 | 75.0 | 1485 | 20.0 | – | 0.50 |\n",
		"| evtxexport 20181227 | program | XML of all | failed: signal: killed \\| it says | | | | | | |\n",
		"| evtx_dump 0.12.2 | program | JSON of all | 75.0 | 75.0–75.0 | 75.0 | 743 | 20.0 | – | 0.50 |\n",
		"- Of the long log we give 1000 records. All others give as many, but: evtx_dump 0.12.2 program, JSON of all: -10; evtx_dump 0.12.2 program, JSON of all on all cores: -10." +
			" We choose 3 rare events. All others that choose give as many, but: golang-evtx 1.2.9 library, rare events: -1.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	want := "| one core, MB/s of log | JSON of all | XML of all | rare events |\n| --- | --: | --: | --: |\n" +
		"| gpevtx, library | 300 | – | 3000 |\n| evtx_dump 0.12.2, program | 150 | – | – |\n" +
		"| evtxexport 20181227, program | – | – | – |\n| golang-evtx 1.2.9, library | – | – | 10.0 |\n"
	if got := s.shortTable(); got != want {
		t.Errorf("the short table is\n%s\nwant\n%s", got, want)
	}
}

func TestReplaceExcerpt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte("a\n"+excerptBegin+"old\n"+excerptEnd+"b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"new\n", "newer\nstill\n"} {
		if err := replaceExcerpt(path, table); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if want := "a\n" + excerptBegin + table + excerptEnd + "b\n"; err != nil || string(b) != want {
			t.Errorf("%q, %v, want %q", b, err, want)
		}
	}
	if err := os.WriteFile(path, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceExcerpt(path, "x"); err == nil {
		t.Error("a document without marks is taken")
	}
	for _, readme := range []string{"../README.md", "../../README.md"} {
		b, err := os.ReadFile(readme)
		if err != nil || !slices.Equal([]int{1, 1}, []int{strings.Count(string(b), excerptBegin), strings.Count(string(b), excerptEnd)}) {
			t.Errorf("%s has not the marks: %v", readme, err)
		}
	}
}
