package rules_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// change loads goodRule with some texts replaced.
func change(t *testing.T, replace ...string) *rules.Rule {
	t.Helper()
	text := goodRule
	for i := 0; i < len(replace); i += 2 {
		if strings.Count(text, replace[i]) != 1 {
			t.Fatalf("%q does not stand once in the rule", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	rs, errs := load(t, text)
	if errs != nil {
		t.Fatal(errs[0])
	}
	return rs[0]
}

// An error anywhere in a rule makes it errored, and names the key.
func TestEvalErrors(t *testing.T) {
	const bad = "expired[9].Time.IsZero()"
	for _, test := range []struct{ replace, with, key string }{
		{"failures: filter(expired, ", "failures: filter(expired[9:9], " + bad + " or ", "let.failures"},
		{`when: account.Kind != "system"`, "when: " + bad, "when"},
		{"fail: len(failures) > 0", "fail: len(failures) > 0 and " + bad, "fail"},
		{`  service.State == "running"` + "\n", "  " + bad + "\n", "pass"},
		{"certain: len(", "certain: " + bad + " or len(", "confidence.certain"},
		{"occurrences: failures", "occurrences: filter(failures, " + bad + ")", "occurrences"},
		{"  - {role: account expired, from: failures}", "  - {role: account expired, from: 'expired[9]'}", "evidence.from"},
		{"'{{ account.Name }}']", "'{{ expired[9].Time }}']", "subject"},
		{"say: Seen {{ seen(failures) }}.", "say: Seen {{ expired[9].Time }}.", "message"},
		{"  - if: service.State == \"running\"", "  - if: " + bad, "message.if"},
		{"Set a later date for {{ account.Name }}.", "Set a later date for {{ expired[9].Record }}.", "remedy"},
		{"reasons: [account.Reasons]", "reasons: '" + bad + " ? account.Reasons : service.Reasons'", "reasons"},
	} {
		t.Run(test.key, func(t *testing.T) {
			r := change(t, test.replace, test.with)
			h := healthy()
			ev := events{"expired": {scm("10:00:00", 7038, "ADSync", "x", "%%1793")}}
			if test.key == "pass" || test.key == "reasons" {
				ev["expired"][0].Time = at("08:00:00")
			}
			if test.key == "reasons" {
				h.Service.State = facts.Failing
			}
			o := r.Run(context.Background(), h, ev)
			text := fmt.Sprint(o.Err)
			switch {
			case test.key == "let.failures":
				// The predicate of an empty list is never looked at.
				if o.Verdict != rules.Passed {
					t.Errorf("verdict %s, error %v", o.Verdict, o.Err)
				}
			case o.Verdict != rules.Errored || !strings.HasPrefix(text, "rule account-expired: "+test.key+", line 1, column ") ||
				!strings.HasSuffix(text, "index out of range: 9 (array length is 1)"):
				t.Errorf("verdict %s, error %v", o.Verdict, o.Err)
			}
		})
	}
	r := change(t, "failures: filter(expired, not", "failures: filter(expired, expired[9].ID == 1 or not")
	o := r.Run(context.Background(), healthy(), events{"expired": {scm("10:00:00", 7038)}})
	if o.Verdict != rules.Errored || !strings.HasPrefix(fmt.Sprint(o.Err), "rule account-expired: let.failures, line 1, column ") {
		t.Errorf("verdict %s, error %v", o.Verdict, o.Err)
	}
	r = change(t, "when-reason: It is a system account.", "when-reason: '{{ expired[9].ID }}'")
	h := healthy()
	h.Account.Kind = facts.SystemAccount
	o = r.Run(context.Background(), h, events{"expired": {scm("10:00:00", 7038)}})
	if o.Verdict != rules.Errored || !strings.HasPrefix(fmt.Sprint(o.Err), "rule account-expired: when-reason, line 1, column ") {
		t.Errorf("verdict %s, error %v", o.Verdict, o.Err)
	}
}

// The conditions of a rule are looked at in order.
func TestEvalOrder(t *testing.T) {
	r := change(t)
	expired := scm("10:00:00", 7038, "ADSync", "x", "%%1793")
	system := func(h *facts.Host) { h.Account.Kind = facts.SystemAccount }
	for _, test := range []struct {
		name    string
		host    func(*facts.Host)
		expired []facts.Event
		want    rules.Verdict
		reasons []facts.Reason
	}{
		{name: "fail comes before pass", expired: []facts.Event{expired}, want: rules.Failed},
		{name: "pass", want: rules.Passed},
		{
			name: "when comes before fail", host: system, expired: []facts.Event{expired}, want: rules.Skipped,
			reasons: []facts.Reason{{Code: rules.ReasonNotApplicable, Message: "It is a system account."}},
		},
		{
			name: "inputs come before when", host: hosts(system, noLogs), want: rules.Skipped,
			reasons: []facts.Reason{{Code: rules.ReasonNoLog, Input: "System", Message: "No input holds events of the channel System.", Ask: "wevtutil epl System System.evtx"}},
		},
		{
			name: "neither", host: hosts(wrapped, assumed), want: rules.Inconclusive,
			reasons: []facts.Reason{
				{Code: "account-unknown"},
				{
					Code: rules.ReasonLogGap, Input: "System", Ask: "wevtutil epl System System.evtx",
					Message: "The log of the channel System does not reach from 2026-11-20T09:00:00Z to 2026-11-20T23:00:00Z without a hole, so an event that is missing in it may still have happened.",
				},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := healthy()
			if test.host != nil {
				test.host(h)
			}
			o := r.Run(context.Background(), h, events{"expired": test.expired})
			if o.Verdict != test.want {
				t.Errorf("verdict %s, want %s: %v", o.Verdict, test.want, o.Err)
			}
			if diff := cmp.Diff(test.reasons, o.Reasons); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Without the key reasons a rule gives those of all facts that it declares.
func TestEvalDefaultReasons(t *testing.T) {
	rs, errs := load(t, fmt.Sprintf(exprRule, `len(alpha) == 9 and len(beta) == 9`, "x"))
	if errs != nil {
		t.Fatal(errs[0])
	}
	h, _ := exprHost()
	h.Account.Reasons = []facts.Reason{{Code: "a"}}
	h.Rights.DenyBatch.Reasons = []facts.Reason{{Code: "b"}, {Code: "a"}}
	h.Service.Reasons = []facts.Reason{{Code: "c"}}
	h.Reports.Reasons = []facts.Reason{{Code: "d"}}
	o := rs[0].Run(context.Background(), h, nil)
	var codes []string
	for _, r := range o.Reasons {
		codes = append(codes, r.Code)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, codes); diff != "" || o.Verdict != rules.Inconclusive {
		t.Errorf("verdict %s, reasons (-want +got):\n%s", o.Verdict, diff)
	}
}

func TestEvalFinding(t *testing.T) {
	r := change(
		t,
		"occurrences: failures", "occurrences: [failures, audit]",
		"  - from: account.Evidence\n", "  - {role: account, from: account.Evidence}\n  - {role: newest, from: 'failures[-1]'}\n",
	)
	var expired []facts.Event
	for i := range 2 * rules.MaxEvidence {
		e := scm("10:00:00", 7038, "ADSync", "x", "%%1793")
		e.Record = uint64(i)
		e.Location.Record = e.Record
		expired = append(expired, e)
	}
	h := healthy()
	kept := h.Account.Evidence[0].Role
	o := r.Run(context.Background(), h, events{"expired": expired, "audit": {audit("09:30:00", "x", "", ""), audit("12:00:00", "x", "", "")}})
	if o.Verdict != rules.Failed {
		t.Fatal(o.Verdict, o.Err)
	}
	f := o.Finding
	if f.Count != len(expired)+2 || !f.First.Equal(at("09:30:00")) || !f.Last.Equal(at("12:00:00")) {
		t.Errorf("seen %d times from %v to %v", f.Count, f.First, f.Last)
	}
	if want := `The account NT SERVICE\ADSync on SYNC01 has expired. Seen 40 times, first at 2026-11-20T10:00:00Z, last at 2026-11-20T10:00:00Z.`; f.Message != want {
		t.Errorf("message %q", f.Message)
	}
	if diff := cmp.Diff([]string{`Set a later date for NT SERVICE\ADSync.`}, f.Remedy); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1793", `NT SERVICE\ADSync`}, f.Subject); diff != "" {
		t.Error(diff)
	}
	byRole := map[string][]evidence.Item{}
	for _, e := range f.Evidence {
		byRole[e.Role] = append(byRole[e.Role], e)
	}
	if len(byRole) != 3 || len(byRole["account"]) != 1 || len(byRole["newest"]) != 1 {
		t.Errorf("evidence %v", f.Evidence)
	}
	if byRole["newest"][0].Record != uint64(len(expired)-1) || byRole["newest"][0].Excerpt != "Service Control Manager 7038: param1=ADSync, param2=x, param3=%%1793" {
		t.Errorf("newest: %+v", byRole["newest"][0])
	}
	shown := byRole["account expired"]
	if len(shown) != rules.MaxEvidence || shown[0].Record != 0 || shown[rules.MaxEvidence/2].Record != uint64(len(expired)-rules.MaxEvidence/2) {
		t.Errorf("%d of the events are shown: %v", len(shown), shown)
	}
	if h.Account.Evidence[0].Role != kept {
		t.Error("the fact's evidence was changed")
	}
}

// Reports that name no computer make a host without a name.
func TestEvalHostWithoutName(t *testing.T) {
	h := healthy()
	h.Name = ""
	o := change(t).Run(context.Background(), h, events{"expired": {scm("10:00:00", 7038)}})
	if o.Verdict != rules.Failed || !strings.Contains(o.Finding.Message, `on the computer has expired`) {
		t.Errorf("%+v, %v", o.Finding, o.Err)
	}
}
