package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
)

func encode(t *testing.T, r *analyzer.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSONGolden(t *testing.T) {
	golden(t, "omitted.json.golden", encode(t, omitted()))
	golden(t, "hostile.json.golden", encode(t, hostile()))
}

// Every key of the contract is there, in the same place and with the same type.
func TestJSONContract(t *testing.T) {
	example, err := os.ReadFile(filepath.Join("testdata", "contract.json"))
	if err != nil {
		t.Fatal(err)
	}
	r := omitted()
	h := &r.Hosts[0]
	r.Hosts[0].Rights[0].Covering = []analyzer.Principal{{Name: "x"}}
	r.Hosts[0].Rights[0].Unexpanded = []analyzer.Principal{{Name: "x"}}
	var want, got any
	for _, x := range []struct {
		data []byte
		into *any
	}{{example, &want}, {[]byte(encode(t, r)), &got}} {
		if err := json.Unmarshal(x.data, x.into); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.Findings) == 0 {
		t.Fatal("the example has no finding")
	}
	compareShape(t, "result", want, got)
}

// compareShape reports what got lacks of want: keys, and types of values. A list is
// compared by its items together, because not every item of the contract's example
// has every key.
func compareShape(t *testing.T, at string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s is no object", at)
			return
		}
		for key, value := range want {
			if v, ok := got[key]; !ok {
				t.Errorf("%s has no %q", at, key)
			} else {
				compareShape(t, at+"."+key, value, v)
			}
		}
	case []any:
		got, ok := got.([]any)
		if !ok {
			t.Errorf("%s is no list", at)
			return
		}
		if len(want) > 0 {
			if len(got) == 0 {
				t.Errorf("%s is empty, which proves nothing", at)
				return
			}
			compareShape(t, at+"[]", union(want), union(got))
		}
	case string:
		if _, ok := got.(string); !ok {
			t.Errorf("%s is %T, want a string", at, got)
		}
	case float64:
		if _, ok := got.(float64); !ok {
			t.Errorf("%s is %T, want a number", at, got)
		}
	case bool:
		if _, ok := got.(bool); !ok {
			t.Errorf("%s is %T, want a bool", at, got)
		}
	}
}

// union merges the objects of a list into one with all their keys; a list that is not
// empty goes before one that is.
func union(list []any) any {
	all := map[string]any{}
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return item
		}
		for k, v := range object {
			if old, ok := all[k].([]any); ok && len(old) > 0 {
				continue
			}
			if all[k] == nil || v != nil {
				all[k] = v
			}
		}
	}
	return all
}

// No list is null, however little the result holds.
func TestJSONListsAreNeverNull(t *testing.T) {
	mayBeNull := map[string]bool{"since": true, "first": true, "last": true, "from": true, "to": true}
	bare := &analyzer.Result{
		Hosts: []analyzer.Host{{
			Rights: []analyzer.Right{{}}, Coverage: []analyzer.Coverage{{}, {Gaps: []analyzer.Gap{{}}}},
			Findings: []analyzer.Finding{{}, {Evidence: []analyzer.Evidence{{}}}},
			Verdicts: []analyzer.RuleVerdict{{}}, Timeline: []analyzer.TimelineEntry{{}},
		}, {}},
		Inputs: []analyzer.Input{{}},
	}
	for _, r := range []*analyzer.Result{{}, bare, omitted()} {
		for line := range strings.Lines(encode(t, r)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			if strings.HasPrefix(value, "null") && !mayBeNull[strings.Trim(key, `"`)] {
				t.Errorf("%s is null", key)
			}
		}
	}
}

func TestJSONTimes(t *testing.T) {
	east := time.FixedZone("", 2*60*60)
	local, late := time.Date(2026, 11, 20, 5, 12, 7, 0, east), time.Date(30828, 1, 1, 0, 0, 0, 0, time.UTC)
	r := &analyzer.Result{Hosts: []analyzer.Host{{
		Service:  analyzer.Service{Since: &local},
		Coverage: []analyzer.Coverage{{First: &late}},
		Timeline: []analyzer.TimelineEntry{{Time: late}},
	}}}
	got := encode(t, r)
	for _, want := range []string{
		`"since": "2026-11-20T03:12:07Z"`, `"first": null`, `"time": "0001-01-01T00:00:00Z"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
}

func TestJSONText(t *testing.T) {
	const in = "<a&b> \x1b \x7f \u009b \u202e \u2028 \ufeff \U000e0041 \xff 漢"
	got := encode(t, &analyzer.Result{Schema: in})
	want := `"schema": "<a&b> \u001b \u007f \u009b \u202e \u2028 \ufeff \udb40\udc41 \ufffd 漢"`
	if !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant a line with\n%s", got, want)
	}
	var back analyzer.Result
	if err := json.Unmarshal([]byte(got), &back); err != nil {
		t.Fatal(err)
	}
	if back.Schema != string([]rune(in)) {
		t.Errorf("text comes back as %q", back.Schema)
	}
}

func TestJSONEnds(t *testing.T) {
	got := encode(t, omitted())
	if !strings.HasPrefix(got, "{\n  \"schema\"") || !strings.HasSuffix(got, "\n}\n") {
		t.Errorf("not an indented object with a line break at its end: %.40q…%q", got, got[max(0, len(got)-5):])
	}
}

func TestJSONErrors(t *testing.T) {
	if err := render.JSON(&bytes.Buffer{}, nil); err == nil {
		t.Error("a nil result was printed")
	}
	want := errors.New("disk full")
	if err := render.JSON(brokenWriter{want}, omitted()); !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}
