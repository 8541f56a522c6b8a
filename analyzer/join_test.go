package analyzer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// told makes a rule that comes to a verdict on every host. "failed" may be followed by the
// minutes of its events; without any the finding is a state.
func told(id string, severity rules.Severity, confidence facts.Confidence, explainedBy, verdict string, minutes ...int) *rules.Rule {
	return &rules.Rule{
		ID: id, Title: id, Severity: severity, Since: "1", ExplainedBy: strings.Fields(explainedBy),
		Eval: func(_ context.Context, p *rules.Pass) error {
			switch verdict {
			case "passed":
				p.Pass()
			case "skipped":
				p.Skip(facts.Reason{Code: rules.ReasonNoLog, Message: "no log"})
			case "not applicable":
				p.Skip(facts.Reason{Code: rules.ReasonNotApplicable, Message: "another kind of account"})
			case "inconclusive":
				p.Inconclusive()
			case "failed":
				f := rules.Finding{Confidence: confidence, Message: id, Count: len(minutes)}
				for i, m := range minutes {
					at := time.Date(2026, 11, 20, 0, m, 0, 0, time.UTC)
					if i == 0 {
						f.First = at
					}
					f.Last = at
					f.Evidence = append(f.Evidence, evidence.Item{
						Role: id, Time: at, Location: evidence.Location{Source: evidence.Source(id), Channel: "System", Record: uint64(m) + 1},
					})
				}
				if len(minutes) == 0 {
					f.Evidence = []evidence.Item{{Role: id, Location: evidence.Location{Source: "r.htm", Row: 1 + len(id)}}}
				}
				p.Fail(f)
			}
			return nil
		},
	}
}

// TestJoin: each finding of the result in one line, with what was folded into it, the number
// of its evidence, and what it may explain.
func TestJoin(t *testing.T) {
	const certain, probable = facts.Certain, facts.Probable
	for _, tt := range []struct {
		name string
		set  []*rules.Rule
		want []string
	}{
		{"one cause with its symptoms", []*rules.Rule{
			told("cause", rules.Critical, certain, "", "failed", 10, 20),
			told("middle", rules.Critical, probable, "cause", "failed", 10, 20),
			told("symptom", rules.Critical, probable, "middle", "failed", 10, 20),
		}, []string{"cause joined middle symptom evidence 6"}},
		{"a middle that could not tell does not break the chain", []*rules.Rule{
			told("cause", rules.Critical, certain, "", "failed", 10),
			told("middle", rules.Critical, probable, "cause", "inconclusive"),
			told("other-middle", rules.Critical, probable, "middle", "skipped"),
			told("symptom", rules.Critical, probable, "other-middle", "failed", 10),
		}, []string{"cause joined symptom evidence 2"}},
		{"a middle that passed breaks it", []*rules.Rule{
			told("cause", rules.Critical, certain, "", "failed", 10),
			told("middle", rules.Critical, probable, "cause", "passed"),
			told("symptom", rules.Critical, probable, "middle", "failed", 10),
		}, []string{"cause evidence 1", "symptom evidence 1"}},
		{"and so does one that does not apply", []*rules.Rule{
			told("cause", rules.Critical, certain, "", "failed", 10),
			told("middle", rules.Critical, probable, "cause", "not applicable"),
			told("symptom", rules.Critical, probable, "middle", "failed", 10),
		}, []string{"cause evidence 1", "symptom evidence 1"}},
		{"several causes at once are findings of their own", []*rules.Rule{
			told("account", rules.Critical, probable, "", "failed", 10),
			told("disk", rules.Error, certain, "", "failed", 10),
			told("right", rules.Critical, certain, "", "failed", 10),
		}, []string{"right evidence 1", "account evidence 1", "disk evidence 1"}},
		{"a symptom of two causes at two times goes to each", []*rules.Rule{
			told("account", rules.Critical, certain, "", "failed", 10, 12),
			told("right", rules.Critical, certain, "", "failed", 11, 40),
			told("symptom", rules.Critical, probable, "account right", "failed", 10, 12, 40),
		}, []string{"right joined symptom evidence 3", "account joined symptom evidence 4"}},
		{"of equals the newest stands first, and states last", []*rules.Rule{
			told("a-state", rules.Critical, certain, "", "failed"),
			told("b-old", rules.Critical, certain, "", "failed", 10),
			told("c-new", rules.Critical, certain, "", "failed", 20),
			told("d-state", rules.Critical, certain, "", "failed"),
		}, []string{"c-new evidence 1", "b-old evidence 1", "a-state evidence 1", "d-state evidence 1"}},
		{"of two causes at one time the first named explains", []*rules.Rule{
			told("account", rules.Critical, certain, "", "failed", 10),
			told("right", rules.Critical, certain, "", "failed", 10),
			told("symptom", rules.Critical, probable, "right account", "failed", 10),
		}, []string{"account evidence 1", "right joined symptom evidence 2"}},
		{"failures apart in time have nothing to do with each other", []*rules.Rule{
			told("cause", rules.Critical, certain, "", "failed", 10),
			told("symptom", rules.Critical, probable, "cause", "failed", 30),
		}, []string{"cause evidence 1", "symptom evidence 1"}},
		{"a state may explain, and stands above", []*rules.Rule{
			told("policy", rules.Critical, probable, "", "failed"),
			told("refused", rules.Critical, certain, "policy", "failed", 10),
			told("symptom", rules.Error, certain, "refused", "failed", 10),
		}, []string{"policy evidence 1 may explain refused", "refused joined symptom evidence 2"}},
		{"an error may be the cause of what is critical", []*rules.Rule{
			told("locked", rules.Error, probable, "", "failed"),
			told("other", rules.Critical, certain, "", "failed", 10),
			told("symptom", rules.Critical, probable, "locked", "failed", 10),
		}, []string{"other evidence 1", "locked evidence 1 may explain symptom", "symptom evidence 1"}},
		{"a cause is as grave as what is folded into it, and stands there", []*rules.Rule{
			told("bare", rules.Warning, probable, "", "failed", 10),
			told("locked", rules.Error, certain, "", "failed", 40),
			told("symptom", rules.Critical, probable, "middle", "failed", 10),
			told("middle", rules.Error, probable, "bare", "failed", 10),
		}, []string{"bare raised to critical joined symptom middle evidence 3", "locked evidence 1"}},
		{"a symptom that is less grave lowers nothing, nor does one that is not folded", []*rules.Rule{
			told("cause", rules.Error, certain, "", "failed", 10),
			told("symptom", rules.Warning, probable, "cause", "failed", 10),
			told("other", rules.Critical, probable, "cause", "failed", 30),
		}, []string{"other evidence 1", "cause joined symptom evidence 2"}},
		{"what is only possible stands above what is no graver", []*rules.Rule{
			told("policy", rules.Critical, facts.Possible, "", "failed"),
			told("refused", rules.Critical, certain, "policy", "failed", 10),
		}, []string{"policy evidence 1 may explain refused", "refused evidence 1"}},
		{"but not above what is graver", []*rules.Rule{
			told("changed", rules.Error, facts.Possible, "", "failed"),
			told("expired", rules.Critical, certain, "changed", "failed", 10),
		}, []string{"expired evidence 1", "changed evidence 1 may explain expired"}},
		{"what is only worth knowing stays below", []*rules.Rule{
			told("changed", rules.Info, certain, "", "failed"),
			told("refused", rules.Critical, certain, "changed", "failed", 10),
		}, []string{"refused evidence 1", "changed evidence 1 may explain refused"}},
		{"an upward fork ends in one headline once", []*rules.Rule{
			told("cause", rules.Critical, certain, "", "failed", 10, 20),
			told("left", rules.Error, certain, "cause", "failed", 10),
			told("right", rules.Error, certain, "cause", "failed", 20),
			told("symptom", rules.Error, certain, "left right", "failed", 10, 20),
		}, []string{"cause joined left right symptom evidence 6"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, map[string]string{"System.evtx.yaml": log})
			for range 2 {
				res := analyze(t, analyzer.Config{Rules: tt.set}, dir)
				var got []string
				for _, f := range res.Hosts[0].Findings {
					line := f.Rule
					if own := tt.set[slices.IndexFunc(tt.set, func(r *rules.Rule) bool { return r.ID == f.Rule })].Severity; f.Severity != own {
						line += " raised to " + string(f.Severity)
					}
					if len(f.Joined) > 0 {
						line += " joined " + strings.Join(f.Joined, " ")
					}
					line += fmt.Sprintf(" evidence %d", len(f.Evidence))
					if len(f.MayExplain) > 0 {
						line += " may explain " + strings.Join(f.MayExplain, " ")
					}
					got = append(got, line)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if n := len(res.Hosts[0].Verdicts); n != len(tt.set) {
					t.Errorf("%d verdicts of %d rules", n, len(tt.set))
				}
				slices.Reverse(tt.set) // the order of the rules decides nothing but the order of names
				for i := range tt.want {
					tt.want[i] = sortedJoined(tt.want[i], tt.set)
				}
			}
		})
	}
}

// sortedJoined puts the names of what was joined into the order of the rules.
func sortedJoined(line string, set []*rules.Rule) string {
	before, rest, ok := strings.Cut(line, " joined ")
	names, after, _ := strings.Cut(rest, " evidence ")
	if !ok {
		return line
	}
	at := func(id string) int { return slices.IndexFunc(set, func(r *rules.Rule) bool { return r.ID == id }) }
	list := strings.Fields(names)
	slices.SortFunc(list, func(a, b string) int { return at(a) - at(b) })
	return before + " joined " + strings.Join(list, " ") + " evidence " + after
}
