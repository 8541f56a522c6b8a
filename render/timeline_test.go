package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

type timelinePrinter func(io.Writer, *analyzer.Result, render.TimelineOptions) error

func timeline(t *testing.T, print timelinePrinter, r *analyzer.Result, opt render.TimelineOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := print(&b, r, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lively is a result with everything that a timeline can have.
func lively() *analyzer.Result {
	r := severalHosts()
	h := &r.Hosts[0]
	loop := refused(48300, "2026-11-20 04:00:00")
	end := refused(49100, "2026-11-20 09:00:00")
	h.Timeline = append(h.Timeline,
		analyzer.TimelineEntry{
			Time: *at("2026-11-19 20:00:00"), Kind: "report", Latest: at("2026-11-20 22:00:00"),
			What:     "the Group Policy report was made; the report says 11/20/2026 10:00:00 AM, which can be any time from here until 2026-11-20 22:00:00Z, as its time zone is not known",
			Evidence: []analyzer.Evidence{{Role: "report", Source: "case-4711.zip!/gpresult.htm", Excerpt: "11/20/2026 10:00:00 AM"}},
		},
		analyzer.TimelineEntry{
			Time: *loop.Time, Kind: "service", What: "ADSync failed to start, 301 times until 2026-11-20 09:00:00Z",
			Count: 301, Last: end.Time, Evidence: []analyzer.Evidence{loop, end},
		},
		analyzer.TimelineEntry{
			Time: *at("2026-11-20 10:00:00"), Kind: "note", Count: 77, Last: at("2026-11-20 11:00:00"),
			What: "77 entries until 2026-11-20 11:00:00Z are left out here, for there are too many",
		},
		analyzer.TimelineEntry{Time: *at("2026-11-20 12:00:00"), Kind: "policy", What: "=cmd|' /C calc'!A1;+1", Evidence: []analyzer.Evidence{
			{Role: "policy", Source: "other/System.evtx", Record: 7, Time: at("2026-11-20 12:00:00"), Channel: "System", Provider: "@SUM(1)", EventID: 1502, Excerpt: "-2+3\x1b[31m"},
		}},
	)
	slices.SortStableFunc(h.Timeline, func(a, b analyzer.TimelineEntry) int { return a.Time.Compare(b.Time) })
	h.Findings = append(h.Findings, analyzer.Finding{
		Rule: "batch-right-omitted", Title: "A GPO takes the right to log on as a batch job", Severity: rules.Warning,
	})
	return r
}

func TestTimelineGolden(t *testing.T) {
	for name, opt := range map[string]render.TimelineOptions{
		"timeline":       {},
		"timeline-40":    {Width: 40},
		"timeline-160":   {Width: 160},
		"timeline-color": {Color: true},
		"timeline-part":  {Kinds: []string{"service", "finding"}, Since: *at("2026-11-20 03:20:00"), Until: *at("2026-11-20 08:00:00")},
	} {
		golden(t, name+".golden", timeline(t, render.TimelineText, lively(), opt))
	}
	golden(t, "timeline.csv.golden", timeline(t, render.TimelineCSV, lively(), render.TimelineOptions{}))
	golden(t, "timeline.jsonl.golden", timeline(t, render.TimelineJSONL, lively(), render.TimelineOptions{}))
	golden(t, "timeline-hostile.golden", timeline(t, render.TimelineText, hostile(), render.TimelineOptions{}))
}

// What Timesketch needs of every row: the three texts, a time in one form throughout, and
// the same time in microseconds.
func TestTimelineForTimesketch(t *testing.T) {
	r := lively()
	late := time.Date(30828, 1, 1, 0, 0, 0, 0, time.UTC) // as damaged events have it
	r.Hosts[1].Timeline = append(r.Hosts[1].Timeline, analyzer.TimelineEntry{Time: late, Kind: "service", What: "x"},
		analyzer.TimelineEntry{Time: time.Time{}, Kind: "service", What: "y"})
	table, err := csv.NewReader(strings.NewReader(timeline(t, render.TimelineCSV, r, render.TimelineOptions{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := table[0][:4]; !slices.Equal(got, []string{"message", "datetime", "timestamp_desc", "timestamp"}) {
		t.Errorf("the first columns are %v", got)
	}
	lines := strings.Split(strings.TrimSpace(timeline(t, render.TimelineJSONL, r, render.TimelineOptions{})), "\n")
	if len(lines) != len(table)-1 {
		t.Fatalf("%d objects and %d rows", len(lines), len(table)-1)
	}
	var last time.Time
	for i, line := range lines {
		var o struct {
			Message, Datetime string
			Desc              string `json:"timestamp_desc"`
			Timestamp         int64
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		row := table[i+1]
		at, err := time.Parse("2006-01-02T15:04:05.000000-07:00", o.Datetime)
		if err != nil || at.UnixMicro() != o.Timestamp || !strings.HasSuffix(o.Datetime, "+00:00") || len(o.Datetime) != 32 {
			t.Errorf("%s and %d: %v", o.Datetime, o.Timestamp, err)
		}
		if row[1] != o.Datetime || row[2] != o.Desc || o.Message == "" || o.Desc == "" {
			t.Errorf("row %v of %+v", row[:4], o)
		}
		if at.Year() > 1 && at.Before(last) {
			t.Errorf("%s stands after %s", at, last)
		}
		last = at
	}
}

// A cell is never a formula, wherever a spreadsheet lets cells begin, and never acts on a
// terminal.
func TestTimelineCellsAreInert(t *testing.T) {
	for _, s := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠A", "a;=1", "a; =1", "a\t=1", `";=1`, `"=1`, "\x00=1", "\u200b=1",
		"\x1b]0;x\x07", hostileText,
	} {
		r := omitted()
		h := &r.Hosts[0]
		next := func() string { return s }
		fill(reflect.ValueOf(&h.Timeline).Elem(), next)
		fill(reflect.ValueOf(&h.Findings).Elem(), next)
		h.Name, h.Domain = s, ""
		out := timeline(t, render.TimelineCSV, r, render.TimelineOptions{})
		for _, c := range out {
			if c != '\n' && !unicode.IsGraphic(c) {
				t.Errorf("%q: %U is printed", s, c)
			}
		}
		for _, comma := range []rune{',', ';'} {
			rd := csv.NewReader(strings.NewReader(out))
			rd.Comma, rd.LazyQuotes, rd.FieldsPerRecord = comma, true, -1
			table, err := rd.ReadAll()
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			for _, row := range table {
				for _, c := range row {
					if c = strings.TrimLeft(c, " \""); c != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(c)[0]) {
						t.Errorf("%q: the cell %q is a formula where %q separates", s, c, comma)
					}
				}
			}
		}
	}
}

func TestTimelineChooses(t *testing.T) {
	count := func(opt render.TimelineOptions) int {
		return strings.Count(timeline(t, render.TimelineJSONL, lively(), opt), "\n")
	}
	all := count(render.TimelineOptions{})
	for name, tt := range map[string]struct {
		opt  render.TimelineOptions
		want int
	}{
		"a kind, and what is left out": {render.TimelineOptions{Kinds: []string{"report"}}, 2},
		"a loop that goes on":          {render.TimelineOptions{Kinds: []string{"service"}, Since: *at("2026-11-20 08:59:00")}, 2},
		"what may have been":           {render.TimelineOptions{Kinds: []string{"report"}, Since: *at("2026-11-20 20:00:00")}, 1},
		"nothing":                      {render.TimelineOptions{Since: *at("2027-01-01 00:00:00")}, 0},
		"an empty set of kinds":        {render.TimelineOptions{Kinds: []string{}}, all},
	} {
		if got := count(tt.opt); got != tt.want {
			t.Errorf("%s: %d entries, want %d", name, got, tt.want)
		}
	}
}

func TestTimelineErrors(t *testing.T) {
	want := errors.New("disk full")
	for i, print := range []timelinePrinter{render.TimelineText, render.TimelineCSV, render.TimelineJSONL} {
		if err := print(&bytes.Buffer{}, nil, render.TimelineOptions{}); err == nil {
			t.Errorf("%d: a nil result was printed", i)
		}
		if err := print(brokenWriter{want}, lively(), render.TimelineOptions{}); !errors.Is(err, want) {
			t.Errorf("%d: error is %v, want %v", i, err, want)
		}
		if timeline(t, print, &analyzer.Result{}, render.TimelineOptions{}) == "" && i == 0 {
			t.Error("an empty result prints nothing")
		}
	}
}

// FuzzTimeline: whatever the result holds, text and CSV print nothing that acts on a
// terminal, CSV has as many cells in each row as in its head and no formula, and each line of
// JSON is one object with the texts as they are.
func FuzzTimeline(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, i*17)
	}
	f.Fuzz(func(t *testing.T, data string, columns int) {
		r := filled(data)
		opt := render.TimelineOptions{Width: min(columns, 500)}
		table := timeline(t, render.TimelineCSV, r, opt)
		for _, out := range []string{table, timeline(t, render.TimelineText, r, opt)} {
			checkInert(t, out)
		}
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, c := range row {
				if c = strings.TrimLeft(c, " \""); c != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(c)[0]) {
					t.Fatalf("the cell %q is a formula", c)
				}
			}
		}
		lines := strings.Split(strings.TrimSuffix(timeline(t, render.TimelineJSONL, r, opt), "\n"), "\n")
		if len(lines) != len(rows)-1 {
			t.Fatalf("%d objects and %d rows", len(lines), len(rows)-1)
		}
		for _, line := range lines {
			if !json.Valid([]byte(line)) {
				t.Fatalf("no JSON: %s", line)
			}
		}
	})
}
