package compare

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseXML(t *testing.T) {
	n, err := ParseXML(`<a x="1" p:y="&lt;"><b>t&#13;<c/>u</b><b/></a>`)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := n.Attr("p:y"); !ok || v != "<" {
		t.Errorf("p:y is %q", v)
	}
	if _, ok := n.Attr("z"); ok {
		t.Error("z is there")
	}
	if b := n.Child("b"); b.Text != "t\ru" || len(b.Children) != 1 || n.Child("none").Name != "" {
		t.Errorf("%+v", b)
	}
	for _, bad := range []string{
		"", "<a>", "</a>", "<a></b>", "<a/><b/>", "x<a/>", `<a x="1" x="2"/>`, "<a>&bad;</a>", "<a><?xml version='1.0'?></a>",
		strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000),
	} {
		if _, err := ParseXML(bad); err == nil {
			t.Errorf("%.40q is taken for a document", bad)
		}
	}
}

func TestSame(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"0x1f", "0x0000001f", true},
		{"0x0", "0x0000", true},
		{"0x1f", "0x1e", false},
		{"0x1f", "31", false},
		{"0x", "0x0", false},
		{"0x10", "0x1", false},
	} {
		if got := SameHex(tt.a, tt.b); got != tt.want {
			t.Errorf("SameHex(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
	for _, tt := range []struct {
		a, b      string
		precision time.Duration
		want      bool
	}{
		{"2026-11-20T03:12:07.1234567Z", "2026-11-20T03:12:07.123456700Z", 1, true},
		{"2026-11-20T03:12:07.1234567Z", "2026-11-20T03:12:07.123456Z", 1, false},
		{"2026-11-20T03:12:07.1234567Z", "2026-11-20T03:12:07.123456Z", time.Microsecond, true},
		{"2026-11-20T03:12:07.1234567Z", "2026-11-20T03:12:07.123457Z", time.Microsecond, false},
		{"yesterday", "yesterday", 1, false},
	} {
		if got := SameTime(tt.a, tt.b, tt.precision); got != tt.want {
			t.Errorf("SameTime(%q, %q, %v) = %v", tt.a, tt.b, tt.precision, got)
		}
	}
}

func TestTally(t *testing.T) {
	tally := Tally{Classes: Classes{"known": {Ours, "because | of *this*"}, "never": {Both, ""}}, Records: 2, Equal: 7}
	for range 5 {
		tally.Note("known", "log record 1", "%q", "\x1b")
	}
	tally.Note("known", "log record 2", "")
	tally.Unknown("Event/\x1bData", "log record 3", "we have %q", "<a>\n")
	if got := tally.UnknownClasses(); !slices.Equal(got, []string{`unknown: Event/\x1bData`}) {
		t.Errorf("unknown classes %q", got)
	}
	if got := tally.Unused(); !slices.Equal(got, []string{"never"}) {
		t.Errorf("unused classes %q", got)
	}
	if tally.Count("known") != 6 || len(tally.Examples("known")) != maxExamples || tally.Count("never") != 0 || tally.Examples("never") != nil {
		t.Errorf("%d, %q", tally.Count("known"), tally.Examples("known"))
	}
	var text, table strings.Builder
	if err := tally.Text(&text, 1); err != nil {
		t.Fatal(err)
	}
	if err := tally.Markdown(&table); err != nil {
		t.Fatal(err)
	}
	wantText := "records compared  2\nvalues equal      7\n" +
		"\n1 × unknown: Event/\\x1bData\n    right  not known\n    e.g.   log record 3: we have \"<a>\\n\"\n" +
		"\n6 × known\n    right  ours: because | of *this*\n    e.g.   log record 1: \"\\x1b\"\n"
	if text.String() != wantText {
		t.Errorf("text is\n%s\nwant\n%s", &text, wantText)
	}
	wantTable := "2 records compared, 7 values equal.\n\n" +
		"| difference | count | right | why | for example |\n| --- | --: | --- | --- | --- |\n" +
		`| unknown: Event/\\x1bData | 1 | **not known** |  | log record 3: we have "&lt;a&gt;\\n" |` + "\n" +
		`| known | 6 | ours | because \| of \*this\* | log record 1: "\\x1b" |` + "\n"
	if table.String() != wantTable {
		t.Errorf("table is\n%s\nwant\n%s", &table, wantTable)
	}
}

// TestTallyLimits: what a hostile log can make up does not grow without end.
func TestTallyLimits(t *testing.T) {
	var tally Tally
	for i := range 3 * maxKinds {
		tally.Unknown(strings.Repeat("x", i), "log", "%s", strings.Repeat("é", i))
	}
	if n := len(tally.UnknownClasses()); n > maxKinds+1 {
		t.Errorf("%d classes", n)
	}
	for _, class := range tally.UnknownClasses() {
		for _, e := range tally.Examples(class) {
			if len(class) > 2*maxExample || len(e) > 2*maxExample {
				t.Fatalf("%d bytes of class, %d of example", len(class), len(e))
			}
		}
	}
}

func TestLogs(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b/System.EVTX", "a.evtx", "b/notes.txt", "a/x.evtx/not a file"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Logs(dir)
	if want := []string{"a.evtx", "b/System.EVTX"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Logs = %q, %v, want %q", got, err, want)
	}
	if _, err := Logs(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there gives no error")
	}
}

func TestProcessorTime(t *testing.T) {
	before := ProcessorTime()
	for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
	}
	if after := ProcessorTime(); before != 0 && after <= before {
		t.Errorf("%v after %v: the process was at work in between", after, before)
	}
}
