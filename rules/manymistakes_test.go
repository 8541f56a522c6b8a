package rules_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gpevtx/gpevtx/rules"
)

// manyWrong are rule files of one line with n mistakes each.
var manyWrong = map[string]func(n int) string{
	"unknown keys": func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ",k%d: 1", i)
		}
		return "{" + b.String()[1:] + "}\n"
	},
	"mappings for texts": func(n int) string {
		return strings.Replace(goodRule, "title:", "links: ["+strings.Repeat("{},", n)+"x]\ntitle:", 1)
	},
	"rules that are not there": func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ",a-%d", i)
		}
		return strings.Replace(goodRule, "explained-by: [logon-right-refused", "explained-by: [logon-right-refused"+b.String(), 1)
	},
	"wrong expressions": func(n int) string {
		return strings.Replace(goodRule, "message:", "reasons: ["+strings.Repeat("\"{{ acc }}\",", n)+"x]\nmessage:", 1)
	},
}

// TestManyMistakes: of a file with thousands of mistakes some are told, and how many there are
// more; what that takes grows as the file does.
func TestManyMistakes(t *testing.T) {
	for name, text := range manyWrong {
		t.Run(name, func(t *testing.T) {
			var mistakes []*rules.LoadError
			told := 0
			allocated := func(n int) float64 {
				fsys := fstest.MapFS{"x.yaml": file(text(n))}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				review, err := rules.Lint(rules.LintConfig{}, rules.Dir{FS: fsys})
				if err != nil {
					t.Fatal(err)
				}
				told, mistakes = 0, review.Mistakes
				for _, e := range mistakes {
					told += len(e.Error())
				}
				runtime.ReadMemStats(&after)
				return float64(after.TotalAlloc - before.TotalAlloc)
			}
			once := allocated(1000)
			if times := allocated(2000) / once; times > 2.5 {
				t.Errorf("twice the mistakes take %.1f times the memory", times)
			}
			if len(mistakes) != 101 || told > 64<<10 {
				t.Errorf("%d mistakes are told, in %d bytes", len(mistakes), told)
			}
			if m := mistakes[0].Error(); !strings.HasPrefix(m, "x.yaml: 100 mistakes are told here, and there are 19") && !strings.HasPrefix(m, "x.yaml: 100 mistakes are told here, and there are 2") {
				t.Errorf("got %s", m)
			}
		})
	}
}

// TestMistakesBehindTheLast: a rule whose mistakes are not told any more is no good one either.
func TestMistakesBehindTheLast(t *testing.T) {
	bad := strings.Replace(goodRule, "severity: critical", "severity: fatal", 1)
	got, err := rules.Load(fstest.MapFS{"x.yaml": file(manyWrong["unknown keys"](200) + "---\n" + bad)})
	if err == nil || got != nil {
		t.Errorf("got %d rules, %v", len(got), err)
	}
	review, err := rules.Lint(rules.LintConfig{}, rules.Dir{FS: fstest.MapFS{"x.yaml": file(manyWrong["unknown keys"](200)), "y.yaml": file(bad)}})
	if err != nil || review.Mistakes[len(review.Mistakes)-1].File != "y.yaml" {
		t.Errorf("the mistakes of the next file are not told: %v", err)
	}
}
