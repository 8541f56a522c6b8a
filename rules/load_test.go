package rules_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/rules"
)

// withID returns goodRule under another id.
func withID(id string) string {
	return strings.Replace(goodRule, "account-expired", id, 1)
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func ids(rs []*rules.Rule) []string {
	var out []string
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

func TestLoadFiles(t *testing.T) {
	rs, err := rules.Load(fstest.MapFS{
		"b.yml":           file("---\n" + withID("four") + "---\n" + withID("five") + "...\n"),
		"a/deep/one.yaml": file("# a comment\n" + withID("one")),
		"a/two.YAML":      file("\ufeff" + withID("two")),
		"a/three.yaml":    file(strings.ReplaceAll(withID("three"), "\n", "\r\n")),
		"README.md":       file("id: not a rule"),
		"a/x.yaml.bak":    file("id: not a rule"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"one", "three", "two", "four", "five"}
	if diff := cmp.Diff(want, ids(rs)); diff != "" {
		t.Error(diff)
	}
	if err := rules.Validate(rs); err == nil || !strings.Contains(err.Error(), `rule "one": it is explained by "logon-right-refused", which is not there`) {
		t.Errorf("Validate: %v", err)
	}
}

// All mistakes of all files are found at once, in order of their places.
func TestLoadAllMistakes(t *testing.T) {
	broken := strings.NewReplacer(
		"severity: critical", "severity: fatal",
		"fail: len(failures) > 0", "fail: len(failure) > 0 and acount.Assumed",
		"since: 0.1.0\n", "",
		"Seen {{ seen(failures) }}.", "Seen {{ seen(out) }} at {{ service.Sinc }}.",
	).Replace(goodRule)
	rs, err := rules.Load(fstest.MapFS{
		"a.yaml": file(broken),
		"b.yaml": file(withID("fine") + "---\n" + withID("account-expired") + "---\n- a\n---\nx: [\n"),
		"c.yaml": file(withID("fine")),
		"d.yaml": file("# nothing\n"),
		"e.yaml": file("id: caf\xe9\n"),
		"f.yaml": file(strings.Repeat("#", rules.MaxRuleFile+1)),
	})
	if rs != nil {
		t.Errorf("rules %v beside the errors", ids(rs))
	}
	var got strings.Builder
	for _, e := range loadErrors(t, err) {
		fmt.Fprintln(&got, e)
	}
	compareGolden(t, "many-mistakes.golden", got.String())
}

func TestLoadErrorOfFileSystem(t *testing.T) {
	_, err := rules.Load(brokenFS{fstest.MapFS{"x.yaml": file(goodRule)}})
	if !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v, want that of the file system", err)
	}
	var le *rules.LoadError
	if errors.As(err, &le) {
		t.Errorf("%v is not a mistake in a file", le)
	}
}

// brokenFS lists its files and does not open them.
type brokenFS struct{ fs.FS }

func (b brokenFS) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".yaml") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.FS.Open(name)
}

// A pipe has no end, and opening one waits for its writer.
func TestLoadIrregularFile(t *testing.T) {
	_, err := rules.Load(fstest.MapFS{"x.yaml": {Mode: fs.ModeNamedPipe}})
	if err == nil || err.Error() != "x.yaml: it is no regular file" {
		t.Errorf("error %v", err)
	}
}

func TestLoadNumberOfFiles(t *testing.T) {
	fsys := fstest.MapFS{}
	for i := range rules.MaxRuleFiles + 1 {
		fsys[fmt.Sprintf("%d.yaml", i)] = file("")
	}
	if _, err := rules.Load(fsys); err == nil || !strings.Contains(err.Error(), "more than 1000 rule files") {
		t.Errorf("error %v", err)
	}
}

// Files made to be slow take no more time than others.
func TestLoadHostile(t *testing.T) {
	const size = rules.MaxRuleFile - 16
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"brackets":    fill("["),
		"braces":      fill("{"),
		"dashes":      fill("- "),
		"keys":        fill("? "),
		"flow keys":   "{" + fill("a:,"),
		"aliases":     "a: &a [x]\nb: [" + fill("*a,") + "]",
		"documents":   fill("---\n"),
		"comments":    fill("- #\n"),
		"lines":       fill("\n"),
		"quote":       `a: "` + fill("\\\n"),
		"open quote":  "a: 'x\n" + fill("b: c\n"),
		"block":       "a: |\n" + fill("  x\n"),
		"rules":       strings.Repeat(goodRule+"---\n", size/len(goodRule)-1),
		"parentheses": strings.Replace(goodRule, "len(failures) > 0", strings.Repeat("(", 3900), 1),
		"negations":   strings.Replace(goodRule, "len(failures) > 0", "not true"+strings.Repeat("-", 3900), 1),
		"holes":       strings.Replace(goodRule, "It is a system account.", fill("{{ host }}"), 1)[:size],
		"open holes":  strings.Replace(goodRule, "It is a system account.", "'"+fill("{{ ' ")[:size/2], 1),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := rules.Load(fstest.MapFS{"x.yaml": file(text)})
			if err == nil {
				t.Error("no error")
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

func TestLoadErrorText(t *testing.T) {
	for _, test := range []struct {
		err  rules.LoadError
		want string
	}{
		{rules.LoadError{File: "a.yaml", Message: "m"}, "a.yaml: m"},
		{rules.LoadError{File: "a.yaml", Line: 2, Column: 1, Message: "m"}, "a.yaml:2:1: m"},
		{
			rules.LoadError{File: "a.yaml", Line: 2, Column: 4, LineText: "\té: x  ", Message: "m"},
			"a.yaml:2:4: m\n\t\té: x\n\t\t  ^",
		},
		{
			rules.LoadError{File: "a.yaml", Line: 2, Column: 9, LineText: "ab", Message: "m"},
			"a.yaml:2:9: m\n\tab\n\t  ^",
		},
		{
			rules.LoadError{File: "a.yaml", Line: 2, Column: 501, LineText: strings.Repeat("a", 500) + "é" + strings.Repeat("b", 500), Message: "m"},
			"a.yaml:2:501: m\n\t…" + strings.Repeat("a", 60) + "é" + strings.Repeat("b", 59) + "…\n\t" + strings.Repeat(" ", 61) + "^",
		},
		{
			rules.LoadError{File: "a.yaml", Line: 2, Column: 500, LineText: strings.Repeat("a", 500), Message: "m"},
			"a.yaml:2:500: m\n\t…" + strings.Repeat("a", 120) + "\n\t" + strings.Repeat(" ", 120) + "^",
		},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// The rule in the package documentation is a good one.
func TestDocumentedRule(t *testing.T) {
	data, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var rule strings.Builder
	_, rest, _ := strings.Cut(string(data), "This is a whole one:\n//\n")
	for line := range strings.Lines(rest) {
		text, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			break
		}
		rule.WriteString(text)
	}
	rs, errs := load(t, rule.String())
	if errs != nil || len(rs) != 1 || rs[0].ID != "account-expired" {
		t.Errorf("%d rules, errors %v", len(rs), errs)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(goodRule)
	for _, m := range mistakes {
		f.Add(strings.Replace(strings.Replace(goodRule, m.replace, m.with, 1), "§", "", 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		rs, errs := load(t, text)
		if (len(rs) > 0) == (len(errs) > 0) {
			t.Fatalf("%d rules and %d errors", len(rs), len(errs))
		}
		for _, r := range rs {
			if r.ID == "" || r.Eval == nil || r.Title == "" {
				t.Errorf("incomplete rule %+v", r)
			}
			outcome := r.Run(t.Context(), healthy(), nil)
			if outcome.Verdict == rules.Errored && outcome.Err == nil || outcome.Verdict == "" {
				t.Errorf("outcome %+v", outcome)
			}
		}
		lines := strings.Count(text, "\n") + 1
		for _, e := range errs {
			if e.Message == "" || e.Column < 0 || e.Line < 0 || e.Line == 0 && e.Column != 0 {
				t.Errorf("error %+v", e)
			}
			if e.Line > lines && !strings.ContainsAny(text, "\r\u0085\u2028\u2029") {
				t.Errorf("line %d of %d", e.Line, lines)
			}
		}
	})
}

func BenchmarkBuiltin(b *testing.B) {
	b.ReportAllocs()
	loaded := 0
	for b.Loop() {
		rs, err := rules.Builtin()
		if err != nil {
			b.Fatal(err)
		}
		loaded += len(rs)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(loaded), "µs/rule")
}

func BenchmarkRun(b *testing.B) {
	all, err := rules.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	h := healthy()
	omit(&h.Rights.Service)
	stop(h, noLogon("10:00:05"))
	ev := events{"refused": {refusal("10:00:00")}, "details": {refusal("10:00:00")}}
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range all {
			if o := r.Run(b.Context(), h, ev); o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	}
}
