package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

var errTest = errors.New("test error")

// goRule returns a rule in Go that reads the account, the service and the events
// "refused".
func goRule(eval func(context.Context, *rules.Pass) error) *rules.Rule {
	return &rules.Rule{
		ID: "go-rule", Title: "A rule in Go", Severity: rules.Warning,
		Needs: rules.Needs{
			Facts: []string{rules.FactAccount, rules.FactService},
			Events: []rules.EventNeed{
				{Name: "refused", Selector: selector("System", "Service Control Manager", 7041)},
				{Name: "audit", Selector: selector("Security", "Microsoft-Windows-Security-Auditing", 4625), Optional: true},
			},
		},
		Eval: eval,
	}
}

func TestRun(t *testing.T) {
	reason := facts.Reason{Code: "x", Message: "Because."}
	finding := rules.Finding{Confidence: facts.Probable, Message: "m"}
	unsettled := []facts.Reason{{Code: rules.ReasonUnsettled, Message: "The inputs show neither the problem nor its absence."}}
	for _, test := range []struct {
		name string
		eval func(*rules.Pass) error
		want rules.Outcome
		err  string
	}{
		{
			name: "failed",
			eval: func(p *rules.Pass) error { p.Fail(finding); return nil },
			want: rules.Outcome{Verdict: rules.Failed, Finding: &finding},
		},
		{
			name: "passed",
			eval: func(p *rules.Pass) error { p.Pass(); return nil },
			want: rules.Outcome{Verdict: rules.Passed},
		},
		{
			name: "inconclusive",
			eval: func(p *rules.Pass) error { p.Inconclusive(reason, reason); return nil },
			want: rules.Outcome{Verdict: rules.Inconclusive, Reasons: []facts.Reason{reason}},
		},
		{
			name: "inconclusive without a reason",
			eval: func(p *rules.Pass) error { p.Inconclusive(); return nil },
			want: rules.Outcome{Verdict: rules.Inconclusive, Reasons: unsettled},
		},
		{
			name: "skipped",
			eval: func(p *rules.Pass) error { p.Skip(reason); return nil },
			want: rules.Outcome{Verdict: rules.Skipped, Reasons: []facts.Reason{reason}},
		},
		{
			name: "nothing reported",
			eval: func(*rules.Pass) error { return nil },
			want: rules.Outcome{Verdict: rules.Inconclusive, Reasons: unsettled},
		},
		{
			name: "what is read",
			eval: func(p *rules.Pass) error { p.Events("refused"); p.Account(); p.Account(); p.Pass(); return nil },
			want: rules.Outcome{Verdict: rules.Passed, Read: []string{"account", "refused"}},
		},
		{
			name: "all that is declared is read",
			eval: func(p *rules.Pass) error {
				if p.Host() != "SYNC01" || p.Account().Kind != facts.Virtual || p.Service().State != facts.Running {
					return errTest
				}
				if len(p.Events("refused")) != 2 || len(p.Events("audit")) != 0 {
					return errTest
				}
				p.Pass()
				return nil
			},
			want: rules.Outcome{Verdict: rules.Passed, Read: []string{"account", "audit", "refused", "service"}},
		},
		{
			name: "error",
			eval: func(p *rules.Pass) error { p.Pass(); return errTest },
			want: rules.Outcome{Verdict: rules.Errored},
			err:  "rule go-rule: test error",
		},
		{
			name: "facts that are not declared",
			eval: func(p *rules.Pass) error {
				if p.Rights().Service.Name != "" || p.Reports().Computer || p.Logs().Channels != nil {
					return errTest
				}
				p.Pass()
				return nil
			},
			want: rules.Outcome{Verdict: rules.Errored},
			err: "rule go-rule: it reads the fact \"rights\", which it does not declare\n" +
				"it reads the fact \"reports\", which it does not declare\n" +
				"it reads the fact \"logs\", which it does not declare",
		},
		{
			name: "events that are not declared",
			eval: func(p *rules.Pass) error { p.Events("failed"); p.Pass(); return nil },
			want: rules.Outcome{Verdict: rules.Errored},
			err:  `rule go-rule: it reads the events "failed", which it does not declare`,
		},
		{
			name: "two verdicts",
			eval: func(p *rules.Pass) error { p.Pass(); p.Fail(finding); return nil },
			want: rules.Outcome{Verdict: rules.Errored},
			err:  `rule go-rule: it reported "failed" after it had reported "passed"`,
		},
		{
			name: "incomplete finding",
			eval: func(p *rules.Pass) error { p.Fail(rules.Finding{Confidence: "high"}); return nil },
			want: rules.Outcome{Verdict: rules.Errored},
			err:  "rule go-rule: its finding has the confidence \"high\"\nits finding has no message",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := goRule(func(_ context.Context, p *rules.Pass) error { return test.eval(p) })
			got := r.Run(context.Background(), healthy(), events{
				"refused": {scm("10:00:00", 7041), scm("11:00:00", 7041)},
				"other":   {scm("10:00:00", 7041)},
			})
			if got.Rule != r {
				t.Errorf("rule %v", got.Rule)
			}
			text := ""
			if got.Err != nil {
				text = got.Err.Error()
			}
			if text != test.err {
				t.Errorf("error %q, want %q", text, test.err)
			}
			got.Rule, got.Err = nil, nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunErrorIsWrapped(t *testing.T) {
	r := goRule(func(context.Context, *rules.Pass) error { return errTest })
	if o := r.Run(context.Background(), healthy(), nil); !errors.Is(o.Err, errTest) {
		t.Errorf("error %v", o.Err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if o := r.Run(ctx, healthy(), nil); o.Verdict != rules.Errored || !errors.Is(o.Err, context.Canceled) {
		t.Errorf("done context: %+v", o)
	}
}

func TestRunSkipsWithoutInput(t *testing.T) {
	noSystem := facts.Reason{
		Code: rules.ReasonNoLog, Input: "System", Message: "No input holds events of the channel System.",
		Ask: "wevtutil epl System System.evtx",
	}
	gp := "Microsoft-Windows-GroupPolicy/Operational"
	for _, test := range []struct {
		name   string
		inputs []string
		change func(*facts.Host)
		want   []facts.Reason
	}{
		{name: "all there", inputs: []string{"report", "computer-report", "channel:System"}},
		{
			name:   "no log of events that are not optional",
			change: func(h *facts.Host) { h.Logs = facts.Logs{} },
			want:   []facts.Reason{noSystem},
		},
		{
			name: "no log, asked for twice", inputs: []string{"channel:System"},
			change: func(h *facts.Host) { h.Logs = facts.Logs{} },
			want:   []facts.Reason{noSystem},
		},
		{
			name: "no log with a name that is no file name", inputs: []string{"channel:" + gp, "channel:DFS Replication"},
			want: []facts.Reason{
				{
					Code: rules.ReasonNoLog, Input: gp, Message: "No input holds events of the channel " + gp + ".",
					Ask: "wevtutil epl " + gp + " Microsoft-Windows-GroupPolicy-Operational.evtx",
				},
				{
					Code: rules.ReasonNoLog, Input: "DFS Replication", Message: "No input holds events of the channel DFS Replication.",
					Ask: `wevtutil epl "DFS Replication" DFS-Replication.evtx`,
				},
			},
		},
		{
			name: "no report", inputs: []string{"report", "computer-report"},
			change: func(h *facts.Host) { h.Reports = facts.Reports{} },
			want: []facts.Reason{
				{
					Code: rules.ReasonNoReport, Input: "report", Ask: "gpresult /h gpresult.htm /scope computer /f",
					Message: "There is no Group Policy report of this computer. Make one in an elevated command prompt.",
				},
				{
					Code: rules.ReasonNoComputerReport, Input: "computer-report", Ask: "gpresult /h gpresult.htm /scope computer /f",
					Message: "There is no Group Policy report of this computer. Make one in an elevated command prompt.",
				},
			},
		},
		{
			name: "report of a user", inputs: []string{"report", "computer-report"},
			change: func(h *facts.Host) { h.Reports = facts.Reports{UserOnly: true} },
			want: []facts.Reason{{
				Code: rules.ReasonNoComputerReport, Input: "computer-report", Ask: "gpresult /h gpresult.htm /scope computer /f",
				Message: "The Group Policy reports show a user's policy only, not the computer's. Make one in an elevated command prompt.",
			}},
		},
		{
			name: "reports that say why themselves", inputs: []string{"computer-report"},
			change: func(h *facts.Host) { h.Reports = facts.Reports{Reasons: []facts.Reason{{Code: "modelled"}}} },
			want:   []facts.Reason{{Code: "modelled"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			called := false
			r := goRule(func(_ context.Context, p *rules.Pass) error { called = true; p.Pass(); return nil })
			r.Needs.Inputs = test.inputs
			h := healthy()
			if test.change != nil {
				test.change(h)
			}
			o := r.Run(context.Background(), h, nil)
			if skipped := o.Verdict == rules.Skipped; skipped == called || skipped != (test.want != nil) {
				t.Errorf("verdict %s, Eval called: %v", o.Verdict, called)
			}
			if diff := cmp.Diff(test.want, o.Reasons); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Events come in order of time, and the caller's list is left as it is.
func TestRunSortsEvents(t *testing.T) {
	a, b, c := scm("10:00:00", 7041), scm("11:00:00", 7041), scm("11:00:00", 7041)
	b.Record, c.Record = 5, 6
	given := []facts.Event{c, a, b}
	r := goRule(func(_ context.Context, p *rules.Pass) error {
		if diff := cmp.Diff([]facts.Event{a, b, c}, p.Events("refused")); diff != "" {
			return fmt.Errorf("order (-want +got):\n%s", diff)
		}
		p.Pass()
		return nil
	})
	if o := r.Run(context.Background(), healthy(), events{"refused": given}); o.Err != nil {
		t.Error(o.Err)
	}
	if diff := cmp.Diff([]facts.Event{c, a, b}, given); diff != "" {
		t.Errorf("the argument changed:\n%s", diff)
	}
}

// Evidence comes sorted and without repetitions, and the rule's own list is left as it is.
func TestFailSortsEvidence(t *testing.T) {
	late := evidence.Item{Role: "b", Time: at("11:00:00")}
	early := evidence.Item{Role: "a", Time: at("10:00:00")}
	given := []evidence.Item{late, early, late}
	r := goRule(func(_ context.Context, p *rules.Pass) error {
		p.Fail(rules.Finding{Confidence: facts.Certain, Message: "m", Evidence: given})
		return nil
	})
	o := r.Run(context.Background(), healthy(), nil)
	if diff := cmp.Diff([]evidence.Item{early, late}, o.Finding.Evidence); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]evidence.Item{late, early, late}, given); diff != "" {
		t.Errorf("the rule's list changed:\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	good := func(id string, explainedBy ...string) *rules.Rule {
		r := goRule(func(context.Context, *rules.Pass) error { return nil })
		r.ID, r.ExplainedBy = id, explainedBy
		return r
	}
	bad := &rules.Rule{ID: "Bad", Severity: "fatal", Needs: rules.Needs{
		Facts: []string{"acount"}, Inputs: []string{"channel:"},
		Events: []rules.EventNeed{{Name: "logs"}, {Name: "a"}, {Name: "a"}, {Name: "A b"}},
	}}
	for _, test := range []struct {
		name  string
		rules []*rules.Rule
		want  []string
	}{
		{name: "none"},
		{name: "good", rules: []*rules.Rule{good("a"), good("b", "a"), good("c", "a", "b")}},
		{name: "twice", rules: []*rules.Rule{good("a"), good("a")}, want: []string{`rule "a": the id is given twice`}},
		{name: "unknown", rules: []*rules.Rule{good("a", "b")}, want: []string{`rule "a": it is explained by "b", which is not there`}},
		{
			name: "circle", rules: []*rules.Rule{good("a", "b"), good("b", "c"), good("c", "b")},
			want: []string{`rule "b": it is explained by itself`, `rule "c": it is explained by itself`},
		},
		{name: "bad", rules: []*rules.Rule{bad}, want: []string{
			`rule "Bad": the id is not made of lower-case words joined by hyphens`,
			`rule "Bad": it has no title`,
			`rule "Bad": its severity is "fatal"`,
			`rule "Bad": it has no Eval`,
			`rule "Bad": there is no fact "acount"`,
			`rule "Bad": there is no kind of input "channel:"`,
			`rule "Bad": the name of events "logs" is malformed or taken`,
			`rule "Bad": the name of events "a" is malformed or taken`,
			`rule "Bad": the name of events "A b" is malformed or taken`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			if err := rules.Validate(test.rules); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSelectors(t *testing.T) {
	need := func(name string, id uint16, data ...any) rules.EventNeed {
		return rules.EventNeed{Name: name, Selector: selector("System", "p", id, data...)}
	}
	set := []*rules.Rule{
		{Needs: rules.Needs{Events: []rules.EventNeed{need("a", 1), need("b", 2)}}},
		{},
		{Needs: rules.Needs{Events: []rules.EventNeed{need("c", 2), need("d", 2, "x", "y"), need("e", 1)}}},
	}
	selectors, users := rules.Selectors(set)
	if len(selectors) != len(users) {
		t.Fatalf("%d selectors, %d users", len(selectors), len(users))
	}
	wantUsers := [][]rules.NeedRef{{{0, 0}, {2, 2}}, {{0, 1}, {2, 0}}, {{2, 1}}}
	if diff := cmp.Diff(wantUsers, users); diff != "" {
		t.Error(diff)
	}
	for i, refs := range users {
		for _, ref := range refs {
			if diff := cmp.Diff(selectors[i], set[ref.Rule].Needs.Events[ref.Need].Selector); diff != "" {
				t.Errorf("selector %d for %v: %s", i, ref, diff)
			}
		}
	}
}

// A rule may run on several hosts at once.
func TestRunConcurrently(t *testing.T) {
	all, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	h := healthy()
	omit(&h.Rights.Service)
	stop(h, noLogon("10:00:05"))
	ev := events{"refused": {refusal("10:00:00")}, "details": {refusal("10:00:00")}}
	outcomes := make([][]rules.Outcome, 4)
	var wait sync.WaitGroup
	for i := range outcomes {
		wait.Go(func() {
			for _, r := range all {
				outcomes[i] = append(outcomes[i], r.Run(context.Background(), h, ev))
			}
		})
	}
	wait.Wait()
	for _, other := range outcomes[1:] {
		for i, o := range other {
			first := outcomes[0][i]
			if o.Verdict != first.Verdict || !cmp.Equal(o.Finding, first.Finding) || !cmp.Equal(o.Reasons, first.Reasons) {
				t.Errorf("%s has another outcome when it runs beside itself", o.Rule.ID)
			}
		}
	}
}
