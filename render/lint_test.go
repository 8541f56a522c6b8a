package render_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

func TestLint(t *testing.T) {
	review := &rules.Review{
		Files: 1, Rules: 1,
		Mistakes: []*rules.LoadError{{File: "b\x1b[2J.yaml", Line: 2, Column: 3, LineText: "\ta\u202eb\x07", Message: "wrong \x1b]0;"}},
		Warnings: []*rules.LoadError{{File: "a.yaml", Message: "doubtful"}},
	}
	var b bytes.Buffer
	if err := render.Lint(&b, review); err != nil {
		t.Fatal(err)
	}
	const want = "a.yaml: warning: doubtful\n" +
		`b\x1b[2J.yaml:2:3: wrong \x1b]0;` + "\n        a\ufffdb\ufffd\n         ^\n" +
		"1 rule in 1 file: 1 mistake, 1 warning\n"
	if b.String() != want {
		t.Errorf("got %q\nwant %q", b.String(), want)
	}
	b.Reset()
	if err := render.LintJSON(&b, review); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema   string
		Problems []struct {
			File, Level, Message string
			Line, Column         int
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "gpevtx.lint/v1" || len(got.Problems) != 2 || got.Problems[0].Level != "warning" || got.Problems[1].File != "b\x1b[2J.yaml" || got.Problems[1].Column != 3 {
		t.Errorf("got %+v", got)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07") {
		t.Error("control characters in the JSON")
	}
	b.Reset()
	if err := render.LintJSON(&b, &rules.Review{}); err != nil || !strings.Contains(b.String(), `"problems": []`) {
		t.Errorf("%v, %s", err, b.String())
	}
}
