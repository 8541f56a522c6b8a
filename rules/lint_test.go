package rules_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/rules/builtin"
)

// lint returns what Lint says of one file, beside rules with the ids given.
func lint(t *testing.T, text string, others ...string) (mistakes, warnings []string) {
	t.Helper()
	var set []*rules.Rule
	for _, id := range others {
		set = append(set, &rules.Rule{ID: id})
	}
	review, err := rules.Lint(rules.LintConfig{Others: set}, rules.Dir{Name: "own", FS: fstest.MapFS{"x.yaml": file(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return messages(review.Mistakes), messages(review.Warnings)
}

func messages(list []*rules.LoadError) []string {
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message))
	}
	return out
}

// The rules that gpevtx comes with are without warnings.
func TestLintBuiltin(t *testing.T) {
	review, err := rules.Lint(rules.LintConfig{}, rules.Dir{FS: builtin.FS})
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if review.Rules != len(set) || review.Files == 0 {
		t.Errorf("%d rules in %d files, want %d", review.Rules, review.Files, len(set))
	}
	for _, e := range append(review.Mistakes, review.Warnings...) {
		t.Error(e)
	}
}

func TestLintWarnings(t *testing.T) {
	for _, test := range []struct{ name, replace, with, want string }{
		{
			"pass that never holds", "pass: |\n  service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)\n", "pass: false\n",
			"own/x.yaml:27:7: pass is never true: the rule can never say that all is well",
		},
		{
			"pass that always holds", "service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)", "1 < 2",
			`own/x.yaml:27:7: pass is always true: "passed" claims that all the rule needs was there and that the problem was not`,
		},
		{"fail that never holds", "fail: len(failures) > 0", "fail: false", "own/x.yaml:26:7: fail is never true: the rule can never fail"},
		{"when that always holds", "when: account.Kind != \"system\"", "when: true", "own/x.yaml:24:7: when is always true"},
		{"absence", "service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)", "len(expired) == 0", "own/x.yaml:27:7: pass takes it for a proof"},
		{"absence, turned round", "service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)", "not (len(expired) > 0)", "own/x.yaml:27:7: pass takes it for a proof"},
		{"absence of a kind", "service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)", "not any(expired, .ID == 1) and none(audit, .ID == 1)", "own/x.yaml:27:7: pass takes it for a proof"},
		{"absence, with a look at the log", "let:\n", "let:\n  covered: logs.Cover(\"System\", service.Window)\n", ""},
		{"no evidence", "evidence:\n  - from: account.Evidence\n  - {role: account expired, from: failures}\n", "", "own/x.yaml:1:5: the rule has no evidence"},
		{"no occurrences", "occurrences: failures\n", "", "own/x.yaml:10:15: explained-by has no effect"},
		{"no host", "{{ host }}", "this computer", "own/x.yaml:39:3: neither message nor remedy names the computer"},
		{"one backquote", "remedy:\n", "remedy:\n  - 'Run: `gpupdate'\n", "own/x.yaml:46:5: the step has a backquote without a second one"},
		{"name in a command", "remedy:\n", "remedy:\n  - 'Run: `net user {{ account.Name }}`'\n", "own/x.yaml:46:5: the command has text of the input in it"},
		{"host in a command", "remedy:\n", "remedy:\n  - 'Run: `ping {{ host }}`'\n", "own/x.yaml:46:5: the command has text of the input in it"},
		{"number in a command", "remedy:\n", "remedy:\n  - 'Run: `wevtutil qe System /c:{{ len(failures) }}`'\n", ""},
		{"SID in a command", "remedy:\n", "remedy:\n  - 'Run: `Get-LocalUser -SID {{ account.SID }}`'\n", ""},
		{"nothing", "remedy:\n", "remedy:\n  - 'Run, not as {{ account.Name }}: `gpupdate /force`'\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(goodRule, test.replace, test.with, 1)
			if text == goodRule {
				t.Fatal("nothing was replaced")
			}
			if strings.Contains(text, "covered:") {
				text = strings.Replace(text, "pass: |\n  service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)", "pass: len(expired) == 0 and covered", 1)
			}
			// What is no longer read is no mistake here.
			text = strings.Replace(text, "remedy:\n", "remedy:\n  - 'See {{ service.Account }} {{ seen(audit) }} {{ len(failures) }} {{ logs.Has(\"System\") ? 1 : 0 }}.'\n", 1)
			mistakes, warnings := lint(t, text, "logon-right-refused")
			if mistakes != nil {
				t.Fatal(strings.Join(mistakes, "\n"))
			}
			got := strings.Join(warnings, "\n")
			if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) || len(warnings) > 1 {
				t.Errorf("warnings %s, want %s", got, test.want)
			}
		})
	}
}

// What only the set of all rules shows has a place, too.
func TestLintSet(t *testing.T) {
	explained := func(id, by string) string {
		return strings.Replace(withID(id), "explained-by: [logon-right-refused]", "explained-by: ["+by+"]", 1)
	}
	mistakes, _ := lint(t, strings.Join([]string{
		explained("one", "two"), explained("two", "three, four"), explained("three", "logon-right-refsed"), explained("four", "one"),
		explained("logon-right-refused", "other"), explained("apart", "one"),
	}, "---\n"), "logon-right-refused", "other")
	want := []string{
		`own/x.yaml:10:16: the rule "two" is itself explained by this one, directly or by way of others`,
		`own/x.yaml:58:23: the rule "four" is itself explained by this one, directly or by way of others`,
		`own/x.yaml:106:16: there is no rule "logon-right-refsed" to explain this one; did you mean "logon-right-refused"?`,
		`own/x.yaml:154:16: the rule "one" is itself explained by this one, directly or by way of others`,
		`own/x.yaml:193:5: the id "logon-right-refused" is taken by a rule that is there already`,
	}
	if diff := cmp.Diff(want, mistakes); diff != "" {
		t.Error(diff)
	}
}

// A mistake in a declaration hides no other mistake, and is not repeated at every reader.
func TestLintAllMistakes(t *testing.T) {
	text := strings.NewReplacer(
		"[account, service, logs]", "[account, servce, logs]",
		"severity: critical", "severity: bad",
		"  failures: filter(expired, not service.StartedAfter(.Time))", "  failures: filter(expired, )",
		"Seen {{ seen(failures) }}.", "Seen {{ seen(failures.",
		"subject: ['1793', '{{ account.Name }}']", "subject: ['1793', '{{ account.Nam }}']",
	).Replace(goodRule)
	mistakes, _ := lint(t, text, "logon-right-refused")
	want := []string{
		`own/x.yaml:3:11: the severity "bad" is not critical, error, warning or info`,
		`own/x.yaml:12:20: there is no fact "servce"`,
		`own/x.yaml:23:29: let.failures: unexpected ")"`,
		`own/x.yaml:37:31: subject: type facts.Account has no field Nam; did you mean "Name"?`,
		`own/x.yaml:43:15: message: {{ without }} after it`,
	}
	for i, m := range mistakes {
		mistakes[i], _, _ = strings.Cut(m, ": the facts are ")
	}
	if diff := cmp.Diff(want, mistakes); diff != "" {
		t.Error(diff)
	}
}

// Values that read many values before them take no more time than others.
func TestLintChainOfValues(t *testing.T) {
	var lets strings.Builder
	lets.WriteString("let:\n  v0: len(expired)\n  v1: len(expired)\n")
	for i := range 400 {
		fmt.Fprintf(&lets, "  v%d: v%d + v%d\n", i+2, i+1, i)
	}
	text := strings.Replace(goodRule, "let:\n", lets.String(), 1)
	text = strings.Replace(text, "service.State == \"running\"\n  and logs.Cover(\"System\", service.Window)", "len(expired) == 0 and v401 == 0", 1)
	text = strings.Replace(text, "remedy:\n", "remedy:\n  - '{{ logs.Has(\"System\") ? 1 : 0 }}'\n", 1)
	mistakes, warnings := lint(t, text, "logon-right-refused")
	if mistakes != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "takes it for a proof") {
		t.Errorf("mistakes %q, warnings %q", mistakes, warnings)
	}
}

func TestLintManyDirs(t *testing.T) {
	review, err := rules.Lint(rules.LintConfig{},
		rules.Dir{Name: "b", FS: fstest.MapFS{"x.yaml": file(withID("one"))}},
		rules.Dir{Name: "a", FS: fstest.MapFS{"x.yaml": file(withID("one")), "y.yaml": file("")}},
	)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(messages(review.Mistakes), "\n")
	for _, want := range []string{`a/x.yaml:1:5: the id "one" is taken by the rule at b/x.yaml:1`, "a/y.yaml:0:0: the file has no rule in it"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	if review.Files != 3 || review.Rules != 2 {
		t.Errorf("%d files, %d rules", review.Files, review.Rules)
	}
	if _, err := rules.Lint(rules.LintConfig{}, rules.Dir{FS: brokenFS{fstest.MapFS{"x.yaml": file("")}}}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
}

// The caret stands right below wide characters, marks and what has no shape.
func TestLoadErrorWideText(t *testing.T) {
	for _, test := range []struct {
		line   string
		column int
		want   string
	}{
		{"\tid: 日本 x", 9, "\t\tid: 日本 x\n\t\t    \u3000\u3000 ^"},
		{"e\u0301: x", 4, "\te\u0301: x\n\t  ^"},
		{"a\x1b[2J\u202eb c", 8, "\ta\ufffd[2J\ufffdb c\n\t       ^"},
	} {
		e := rules.LoadError{File: "a.yaml", Line: 1, Column: test.column, LineText: test.line, Message: "m"}
		if _, got, _ := strings.Cut(e.Error(), "\n"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.line, got, test.want)
		}
	}
}

// A value in braces ends at its first comma, which looks like other mistakes.
func TestCommaInBraces(t *testing.T) {
	text := strings.Replace(goodRule, "from: failures}", `from: near(failures, audit, duration("1m"))}`, 1)
	mistakes, _ := lint(t, text, "logon-right-refused")
	want := `own/x.yaml:36:50: a part of evidence has no key "audit"; in { } a comma ends a value: put a value with a comma in quotes`
	if len(mistakes) != 3 || mistakes[1] != want {
		t.Errorf("mistakes %q, want among them %s", mistakes, want)
	}
}

// TestLintReplace: a changed rule can be checked in the place of the one that is there.
func TestLintReplace(t *testing.T) {
	others := []*rules.Rule{{ID: "account-expired"}, {ID: "logon-right-refused"}}
	for _, test := range []struct {
		replace bool
		id      string
		want    []string
	}{
		{false, "account-expired", []string{`x.yaml:1:5: the id "account-expired" is taken by a rule that is there already`}},
		{true, "account-expired", nil},
		{true, "logon-right-refused", []string{"x.yaml:10:16: a rule cannot explain itself"}},
	} {
		text := strings.Replace(goodRule, "id: account-expired", "id: "+test.id, 1)
		review, err := rules.Lint(rules.LintConfig{Others: others, Replace: test.replace}, rules.Dir{FS: fstest.MapFS{"x.yaml": file(text)}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, messages(review.Mistakes)); diff != "" {
			t.Error(diff)
		}
	}
}
