package rules_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// A rule in Go: a plain value whose Eval reads the pass and reports.
func ExampleRule() {
	rule := &rules.Rule{
		ID:       "service-hung",
		Title:    "The ADSync service hung on starting",
		Severity: rules.Error,
		Since:    "0.1.0",
		Needs: rules.Needs{
			Facts: []string{rules.FactService, rules.FactLogs},
			Events: []rules.EventNeed{{Name: "hung", Selector: evtx.Selector{
				Channels:  []string{"System"},
				Providers: []string{"Service Control Manager"},
				IDs:       []uint16{7022},
			}}},
		},
		Eval: func(_ context.Context, p *rules.Pass) error {
			hung, service := p.Events("hung"), p.Service()
			switch n := len(hung); {
			case n > 0 && !service.StartedAfter(hung[n-1].Time):
				p.Fail(rules.Finding{
					Confidence: facts.Probable,
					Message:    "The ADSync service on " + p.Host() + " hung on starting.",
				})
			case p.Logs().Cover("System", service.Window):
				p.Pass()
			}
			return nil
		},
	}
	if err := rules.Validate([]*rules.Rule{rule}); err != nil {
		fmt.Println(err)
		return
	}

	host := &facts.Host{Name: "SYNC01", Logs: facts.Logs{Channels: []facts.ChannelCoverage{{Channel: "System"}}}}
	outcome := rule.Run(context.Background(), host, map[string][]facts.Event{"hung": {{ID: 7022}}})
	fmt.Println(outcome.Verdict, outcome.Finding.Confidence)
	fmt.Println(outcome.Finding.Message)
	// Output:
	// failed probable
	// The ADSync service on SYNC01 hung on starting.
}

// A rule in YAML. Mistakes are found when it is loaded.
func ExampleLoad() {
	const text = `
id: local-account
title: The ADSync service runs as a local user
severity: info
since: 0.1.0
doc: Looks at the kind of the service's account.
needs:
  facts: [account]
when: not account.Assumed
when-reason: No input names the account of the service.
fail: account.Kind == "local-user"
pass: account.Kind != "unknown"
confidence:
  certain: account.Confidence == "certain"
  probable: true
subject: ['{{ lower(account.Name) }}']
message: The service on {{ host }} runs as the local user {{ account.Name }}.
remedy:
  - Nothing has to be done; rights that are denied to "Local account" hit this service.
`
	loaded, err := rules.Load(fstest.MapFS{"local-account.yaml": {Data: []byte(text)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	host := &facts.Host{Name: "SYNC01", Account: facts.Account{Name: `SYNC01\AAD_1f2e3d`, Kind: facts.LocalUser}}
	fmt.Println(loaded[0].Run(context.Background(), host, nil).Finding.Message)

	_, err = rules.Load(fstest.MapFS{"wrong.yaml": {Data: []byte("id: wrong\nseverty: info\n")}})
	var mistake *rules.LoadError
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		if le, ok := e.(*rules.LoadError); ok && le.Line == 2 {
			mistake = le
		}
	}
	fmt.Println(mistake.Line, mistake.Column, mistake.Message)
	// Output:
	// The service on SYNC01 runs as the local user SYNC01\AAD_1f2e3d.
	// 2 1 a rule has no key "severty"; did you mean "severity"?
}
