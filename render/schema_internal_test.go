package render

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
)

// TestDocumented: docs/result.md names every key of each form of JSON, in the section of that
// form.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/result.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for part := range strings.SplitSeq(string(text), "\n## ") {
		head, body, _ := strings.Cut(part, "\n")
		if _, schema, ok := strings.Cut(head, ": "); ok {
			sections[schema] = body
		}
	}
	for schema, doc := range map[string]any{
		analyzer.Schema: analyzer.Result{}, analyzer.PlanSchema: analyzer.Plan{}, PolicySchema: policyDoc{}, PolicyDiffSchema: policyDiffDoc{}, LintSchema: lintDoc{},
	} {
		body := sections[schema]
		if body == "" {
			t.Errorf("no section of %s", schema)
		}
		keys := jsonKeys(reflect.TypeOf(doc), map[reflect.Type]bool{})
		if len(keys) == 0 {
			t.Errorf("no keys of %s", schema)
		}
		for _, key := range keys {
			if !strings.Contains(body, `"`+key+`":`) {
				t.Errorf("%s: the key %q is not in the example", schema, key)
			}
		}
		delete(sections, schema)
	}
	for schema := range sections {
		t.Errorf("a section of %s, which is no form", schema)
	}
}

// jsonKeys returns the keys of a type and of those in it, sorted.
func jsonKeys(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Func {
		if t.Kind() == reflect.Func { // a lazyList
			t = t.In(0).In(0)
			continue
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || t == reflect.TypeFor[time.Time]() {
		return nil
	}
	seen[t] = true
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" {
			keys = append(keys, key)
		} else if !f.Anonymous {
			continue
		}
		keys = append(keys, jsonKeys(f.Type, seen)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
