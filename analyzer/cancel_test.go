package analyzer_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/rules"
)

// manyFailures is a log in which every event is wanted by facts and rules.
const manyFailures = `
channel: System
computer: SYNC01.contoso.com
start: 2026-05-01T01:00:00Z
events:
  - {provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\ADSync'}, repeat: 12000, every: 60s}
  - {provider: Service Control Manager, id: 7000, data: {param1: Microsoft Azure AD Sync, param2: '%%1069'}, binary-text: ADSync, repeat: 12000, every: 60s}
`

// soon is within what time an analysis must end that was interrupted.
const soon = 100 * time.Millisecond

// TestCancelledSoon interrupts an analysis of a big log at moments throughout: opening,
// reading, making facts and judging. A busy machine may be late once, not every time.
func TestCancelledSoon(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := write(t, map[string]string{"System.evtx.yaml": manyFailures, "gpresult.htm.yaml": report})
	a, err := analyzer.New(analyzer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	// run interrupts after a while, and tells how long it took in all, and since then.
	run := func(after time.Duration) (total, late time.Duration) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		at := make(chan time.Time, 1)
		if after > 0 {
			timer := time.AfterFunc(after, func() { at <- time.Now(); cancel() })
			defer timer.Stop()
		}
		begin := time.Now()
		b, err := bundle.Open(ctx, bundle.Config{}, dir)
		if err == nil {
			_, err = a.Analyze(ctx, b)
			b.Close()
		}
		end := time.Now()
		if err == nil {
			return end.Sub(begin), 0 // it was done before
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		return end.Sub(begin), end.Sub(<-at)
	}
	total, _ := run(0)
	const moments = 8
	for i := range moments {
		after := time.Duration(i+1) * total / moments
		best := time.Hour
		for range 6 {
			_, late := run(after)
			if best = min(best, late); best <= soon {
				break
			}
		}
		if best > soon {
			t.Errorf("interrupted after %v of %v, it ends %v later", after, total, best)
		}
	}
}

// TestSlowRule: a rule that goes its own way does not keep an interrupted analysis; rules
// that were not done are not said to have passed or to be broken.
func TestSlowRule(t *testing.T) {
	var cancel context.CancelFunc
	release := make(chan struct{})
	defer close(release)
	quick := told("quick", rules.Info, "", "", "passed")
	stuck := told("stuck", rules.Info, "", "", "passed")
	stuck.Eval = func(context.Context, *rules.Pass) error {
		cancel()
		<-release
		return nil
	}
	polite := told("polite", rules.Info, "", "", "passed")
	polite.Eval = func(ctx context.Context, _ *rules.Pass) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}
	dir := write(t, map[string]string{"System.evtx.yaml": log})
	judge := func(set ...*rules.Rule) *analyzer.Result {
		var ctx context.Context
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
		var timings []analyzer.Timing
		a, err := analyzer.New(analyzer.Config{Rules: set, Timing: func(t analyzer.Timing) { timings = append(timings, t) }})
		if err != nil {
			t.Fatal(err)
		}
		b, err := bundle.Open(context.Background(), bundle.Config{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		res, err := a.Analyze(ctx, b)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		return res
	}
	res := judge(quick, polite, told("late", rules.Info, "", "", "passed"))
	if len(res.Hosts) != 1 {
		t.Fatalf("hosts %+v", res.Hosts)
	}
	for i, want := range []rules.Verdict{rules.Passed, rules.Skipped, rules.Skipped} {
		if v := res.Hosts[0].Verdicts[i]; v.Verdict != want || want == rules.Skipped && v.Reasons[0].Code != "interrupted" {
			t.Errorf("verdict %+v, want %s", v, want)
		}
	}
	if res := judge(quick, stuck); len(res.Hosts) != 0 || len(res.Inputs) != 1 || res.Tool.Rules.Skipped != 2 {
		t.Errorf("result %+v", res)
	}
}

func TestTiming(t *testing.T) {
	var parts []string
	analyze(t, analyzer.Config{
		Rules: []*rules.Rule{told("one", rules.Info, "", "", "passed"), told("two", rules.Info, "", "", "failed")},
		Timing: func(m analyzer.Timing) {
			if m.Took < 0 {
				t.Errorf("%+v", m)
			}
			parts = append(parts, string(m.Part)+" "+m.Host+" "+m.Name)
		},
	}, theCase(t))
	if len(parts) != 5 || !slices.Equal(parts[2:], []string{"facts  ", "rule SYNC01 one", "rule SYNC01 two"}) {
		t.Errorf("timings %q", parts)
	}
}

// TestProgressWithin: a large input is told of while it is read, never beyond its end.
func TestProgressWithin(t *testing.T) {
	dir := write(t, map[string]string{"System.evtx.yaml": manyFailures, "gpresult.htm.yaml": report})
	var seen []analyzer.Progress
	analyze(t, analyzer.Config{Rules: []*rules.Rule{told("one", rules.Info, "", "", "passed")}, Progress: func(p analyzer.Progress) { seen = append(seen, p) }}, dir)
	if len(seen) < 6 {
		t.Errorf("%d calls for a log of 6 MB", len(seen))
	}
	for i, p := range seen {
		if p.Done > p.Total || i > 0 && p.Done < seen[i-1].Done || p.Total != seen[0].Total {
			t.Errorf("progress %+v after %+v", p, seen[max(i-1, 0)])
		}
	}
}
