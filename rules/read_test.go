package rules_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/facts"
)

// TestRead: a rule reads what its expressions fetched, not all that stands in them.
func TestRead(t *testing.T) {
	const rule = `id: x
title: x
severity: info
since: 0.1.0
doc: x
needs:
  facts: [account, service]
  events:
    alpha: {channel: System, provider: p, id: 1}
    beta: {channel: System, provider: p, id: 2}
let:
  many: filter(beta, .ID == 2)
  more: filter(many, account.Assumed)
fail: |
  %s
pass: false
confidence: {probable: true}
subject: [x]
message: 'x {{ len(alpha) }} {{ service.State }} {{ len(more) }}'
remedy: [x]
`
	for _, test := range []struct{ fail, want string }{
		{`len(alpha) > 0 and false`, "alpha"},
		{`false and len(alpha) > 0`, ""},
		{`true or service.State == "running"`, "account alpha beta service"}, // its message reads them
		{`len(alpha) > 9 ? service.State == "running" : len(beta) > 9`, "alpha beta"},
		{`any(alpha, service.State == "failing")`, "alpha service"},
		{`any(filter(alpha, .ID == 99), service.State == "failing")`, "alpha"},
		{`service.StartedAfter(service.Since) and false`, "service"},
		{`len(many) > 9`, "beta"},
		{`len(more) > 9`, "account beta"},
		{`none(alpha, true) and len(more) > 9`, "alpha"},
	} {
		t.Run(test.fail, func(t *testing.T) {
			set, errs := load(t, fmt.Sprintf(rule, test.fail))
			if errs != nil {
				t.Fatal(errs)
			}
			ev := events{"alpha": {scm("10:00:00", 1)}, "beta": {scm("10:00:00", 2)}}
			o := set[0].Run(context.Background(), healthy(), ev)
			if diff := cmp.Diff(test.want, strings.Join(o.Read, " ")); diff != "" || o.Err != nil {
				t.Error(diff, o.Err)
			}
		})
	}
}

// TestNeedlessInputs: an input is needed for what a rule reads, if only to know what a log covers.
func TestNeedlessInputs(t *testing.T) {
	const rule = `id: x
title: x
severity: info
since: 0.1.0
doc: x
needs:
  facts: [%s]
  inputs: ['%s']
fail: %s
pass: false
confidence: {probable: true}
subject: [x]
message: x
remedy: [x]
`
	for _, test := range []struct {
		facts, input, fail string
		wrong              bool
	}{
		{facts: "reports", input: "channel:System", fail: "reports.Computer", wrong: true},
		{facts: "reports", input: "report", fail: "reports.Computer"},
		{facts: "logs", input: "channel:System", fail: `logs.Has("system")`},
		{facts: "logs", input: "channel:System", fail: `logs.Has("Setup")`, wrong: true},
		{facts: "logs", input: "channel:System|Setup", fail: `logs.Has("System")`, wrong: true},
		{facts: "logs", input: "channel:System", fail: `len(logs.Channels) > 0`},
		{facts: "settings", input: "service", fail: `settings.TLS12 == "off"`, wrong: true},
		{facts: "localPolicy", input: "rights", fail: "localPolicy.Known"},
		{facts: "policy", input: "channel:Microsoft-Windows-GroupPolicy/Operational", fail: "len(policy.Runs) > 0"},
	} {
		_, errs := load(t, fmt.Sprintf(rule, test.facts, test.input, test.fail))
		if (len(errs) > 0) != test.wrong {
			t.Errorf("%s of %s for %q: %v", test.input, test.facts, test.fail, errs)
		}
	}
}

// BenchmarkFetch tells what it costs to note what expressions fetch.
func BenchmarkFetch(b *testing.B) {
	set, errs := load(b, fmt.Sprintf(exprRule, "any(alpha, service.Since.After(.Time))", "x"))
	if errs != nil {
		b.Fatal(errs)
	}
	h, _ := exprHost()
	h.Service.Since = at("01:00:00")
	ev := events{"alpha": make([]facts.Event, 1000)}
	for i := range ev["alpha"] {
		ev["alpha"][i].Time = at("02:00:00")
	}
	for b.Loop() {
		set[0].Run(context.Background(), h, ev)
	}
}
