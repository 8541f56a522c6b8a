package rules

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules/builtin"
)

// loadDeferred loads rules whose expressions are compiled when they are first run.
func loadDeferred(t *testing.T, text string) []*Rule {
	t.Helper()
	l := &loader{types: typeCache{deferring: true}}
	set, err := l.load(fstest.MapFS{"x.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestBuiltinIsLoaded: what is deferred changes nothing of the rules: [Load], which checks
// everything, finds no mistake in them and reads the same.
func TestBuiltinIsLoaded(t *testing.T) {
	checked, err := Load(builtin.FS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(set) != len(checked) {
		t.Fatalf("%d rules, want %d", len(set), len(checked))
	}
	for i := range set {
		got, want := *set[i], *checked[i]
		got.Eval, want.Eval = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestDeferredAreTheSame: the rules decide the same on a host when they are compiled late,
// also when several goroutines are the first to run them.
func TestDeferredAreTheSame(t *testing.T) {
	checked, err := Load(builtin.FS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	h := &facts.Host{Name: "SYNC01"}
	want := make([]Outcome, len(checked))
	for i, r := range checked {
		want[i] = r.Run(context.Background(), h, nil)
		want[i].Rule = nil
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i, r := range set {
				got := r.Run(context.Background(), h, nil)
				got.Rule = nil
				if !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s: got %+v, want %+v", r.ID, got, want[i])
				}
			}
		})
	}
	workers.Wait()
}

const deferredRule = `
id: x
title: X
severity: error
since: 0.1.0
doc: X
needs: {facts: [service]}
let: {running: service.State == "running", both: running and true}
fail: both or FAIL
pass: "false"
confidence: {certain: "true"}
subject: [x]
message: "{{ host }}"
remedy: x
`

// TestDeferredMistakes: a mistake in an expression shows when it is run.
func TestDeferredMistakes(t *testing.T) {
	for _, tt := range []struct {
		expr, want string
		verdict    Verdict
	}{
		{"true", "", Failed},
		{"false", "", Inconclusive},
		{"missing", `rule x: fail: unknown name "missing"`, Errored},
		{"(", "rule x: fail: unexpected end of the expression", Errored},
	} {
		r := loadDeferred(t, strings.ReplaceAll(deferredRule, "FAIL", tt.expr))[0]
		for range 2 {
			o := r.Run(context.Background(), &facts.Host{Name: "SYNC01"}, nil)
			if o.Verdict != tt.verdict || (o.Err != nil) != (tt.want != "") || o.Err != nil && !strings.HasPrefix(o.Err.Error(), tt.want) {
				t.Errorf("%q: %s, error %v, want %s, %q", tt.expr, o.Verdict, o.Err, tt.verdict, tt.want)
			}
		}
	}
}
