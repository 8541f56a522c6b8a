package scenario_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/scenario"
)

func TestParse(t *testing.T) {
	s, err := scenario.Parse("x.txtar", []byte(`A case.
account: CONTOSO\svc: sync
utc-offset: -08:30
want-failed: one, two

want-skipped: three
-- a/notes.txt --
text
-- want.txt --
result
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Title != "A case." || s.Account != `CONTOSO\svc: sync` || *s.UTCOffset != -(8*time.Hour+30*time.Minute) || !s.HasWant || s.Want != "result\n" || len(s.Members) != 1 {
		t.Errorf("scenario %+v", s)
	}
	want := []scenario.Expectation{{Rule: "one", Verdict: rules.Failed, Line: 4}, {Rule: "two", Verdict: rules.Failed, Line: 4}, {Rule: "three", Verdict: rules.Skipped, Line: 6}}
	if diff := cmp.Diff(want, s.Expected); diff != "" {
		t.Error(diff)
	}
	if s, err := scenario.Parse("x.txtar", []byte("A case.\n")); err != nil || s.HasWant || s.UTCOffset != nil {
		t.Errorf("scenario %+v, error %v", s, err)
	}
}

// TestGroups: the member that groups names is what the user states, and no input.
func TestGroups(t *testing.T) {
	text := "T.\ngroups: g.txt\n-- g.txt --\nCONTOSO\\Sync: CONTOSO\\svc-sync\n-- a.txt --\nx\n"
	s, err := scenario.Parse("x.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Groups) != 1 || s.Groups[0].Group.Name != `CONTOSO\Sync` || len(s.Groups[0].Members) != 1 || s.Groups[0].At.Line != 1 {
		t.Errorf("groups %+v", s.Groups)
	}
	dir := t.TempDir()
	if err := s.WriteFiles(dir); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != "a.txt" {
		t.Errorf("files %v, error %v", files, err)
	}
	if got := string(s.Format("")); !strings.Contains(got, "-- g.txt --\nCONTOSO") {
		t.Errorf("written back as %s", got)
	}
}

func TestParseMistakes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "x.txtar:1: a line is missing that says what the scenario shows"},
		{"-- a.txt --\n", "x.txtar:1: a line is missing that says what the scenario shows"},
		{"T.\nand more\n", `x.txtar:2: "and more": after the title stand only lines "key: value"`},
		{"T.\n\naccount:\n", `x.txtar:3: "account:": after the title stand only lines "key: value"`},
		{"T.\nwant-fail: x\n", `x.txtar:2: there is no key "want-fail": the keys are account, utc-offset, groups, want-failed, want-inconclusive, want-passed, want-skipped`},
		{"T.\nutc-offset: noon\n", `x.txtar:2: utc-offset "noon": an offset such as +01:00 or -08:00 is expected`},
		{"T.\ngroups: g.txt\n", `x.txtar: groups: there is no member "g.txt"`},
		{"T.\ngroups: g.txt\n-- g.txt --\n# who\nno colon\n", `x.txtar: g.txt:2: "no colon": a line "GROUP: MEMBER, MEMBER" is expected`},
		{"T.\n-- ../a --\n", `x.txtar: member "../a": a relative path without .. is expected`},
		{"T.\n-- want.txt --\n-- want.txt --\n", "x.txtar: the member want.txt is there twice"},
		{"T.\n" + strings.Repeat("-- a --\n", scenario.MaxMembers+1), "x.txtar: there are more than 200 members"},
	} {
		if _, err := scenario.Parse("x.txtar", []byte(test.text)); fmt.Sprint(err) != test.want {
			t.Errorf("%.60q: error %v, want %s", test.text, err, test.want)
		}
	}
}

func TestWriteFilesMistakes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"T.\n-- a.txt --\n-- a.txt --\n", "a.txt: another member makes this file, too"},
		{"T.\n-- a.evtx --\n-- a.evtx.yaml --\nchannel: System\n", "a.evtx.yaml: another member makes this file, too"},
		{"T.\n-- ...utf16 --\n", `member "...utf16": no file can have the name that is left of it`},
		{"T.\n-- a.evtx.yaml --\nchanel: System\n", `a.evtx.yaml:1: unknown key "chanel"`},
	} {
		s, err := scenario.Parse("x.txtar", []byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.WriteFiles(t.TempDir()); fmt.Sprint(err) != test.want {
			t.Errorf("%q: error %v, want %s", test.text, err, test.want)
		}
	}
}

// What a description may ask for is bounded, in time and size.
func TestWriteFilesBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes large files")
	}
	span := "  - {from: 2026-01-01T00:00:00Z, until: 2026-12-31T00:00:00Z}\n"
	large := "channel: Application\ncomputer: A\nstart: 2026-01-01T00:00:00Z\nevents:\n  - {provider: X, id: 1, repeat: 3000, strings: ['" + strings.Repeat("x", 10000) + "']}\n"
	for name, text := range map[string]string{
		"spans":  "T.\n-- Application.evtx.yaml --\nchannel: Application\ncomputer: A\nstart: 2026-01-01T00:00:00Z\nadsync:\n" + strings.Repeat(span, 40000),
		"boots":  "T.\n-- System.evtx.yaml --\nchannel: System\ncomputer: A\nstart: 2026-01-01T00:00:00Z\nboots:\n" + strings.Repeat("  - 2026-01-01T00:00:00Z\n", 100000),
		"chunks": "T.\n" + strings.Repeat("-- §.evtx.yaml --\n"+large, 12),
	} {
		t.Run(name, func(t *testing.T) {
			for i := 0; strings.Contains(text, "§"); i++ {
				text = strings.Replace(text, "§", fmt.Sprint(i), 1)
			}
			s, err := scenario.Parse("x.txtar", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if err := s.WriteFiles(t.TempDir()); err == nil {
				t.Error("no error")
			} else {
				t.Log(err)
			}
			if d := time.Since(start); d > time.Minute {
				t.Errorf("it took %v", d)
			}
		})
	}
}

func TestUnmet(t *testing.T) {
	s := &scenario.Scenario{Expected: []scenario.Expectation{
		{Rule: "one", Verdict: rules.Failed, Line: 2},
		{Rule: "one", Verdict: rules.Passed, Line: 3},
		{Rule: "two", Verdict: rules.Passed, Line: 3},
		{Rule: "three", Verdict: rules.Passed, Line: 4},
	}}
	res := &analyzer.Result{Hosts: []analyzer.Host{{Verdicts: []analyzer.RuleVerdict{
		{Rule: "one", Verdict: rules.Failed},
		{Rule: "two", Verdict: rules.Inconclusive, Reasons: []analyzer.Reason{{Message: "The log is short."}}},
	}}}}
	want := []string{
		"line 3: rule one is failed, want passed",
		"line 3: rule two is inconclusive, want passed; The log is short.",
		`line 4: there is no rule "three"`,
	}
	if diff := cmp.Diff(want, s.Unmet(res)); diff != "" {
		t.Error(diff)
	}
	if got := s.Unmet(&analyzer.Result{}); len(got) != 4 || !strings.Contains(got[0], "did not run: the inputs tell of no computer") {
		t.Errorf("without a host: %q", got)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.txtar", "a/c.TXTAR", "a/b.txt", "d.txtar.bak"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("T.\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.txtar"), 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := scenario.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(dir, "a/c.TXTAR"), filepath.Join(dir, "b.txtar")}; !cmp.Equal(files, want) {
		t.Errorf("files %q", files)
	}
	large := filepath.Join(dir, "large.txtar")
	if err := os.WriteFile(large, make([]byte, scenario.MaxFile+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := scenario.Read(large); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("T.\naccount: a\nwant-failed: x\n-- a.evtx.yaml --\nchannel: System\n-- want.txt --\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scenario.Parse("x.txtar", data)
		if err != nil {
			return
		}
		again, err := scenario.Parse("x.txtar", s.Format(s.Want))
		if err != nil || again.Title != s.Title || len(again.Members) != len(s.Members) || len(again.Expected) != len(s.Expected) {
			t.Errorf("%q: written back it is %+v, %v", data, again, err)
		}
	})
}
