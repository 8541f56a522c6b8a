package rules_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

const oneLog = `
id: one-log
title: One of two logs
severity: info
since: 0.1.0
doc: Text.
needs:
  facts: [service]
  inputs: ['INPUT']
fail: service.State == "failing"
pass: service.State == "running"
confidence: {probable: true}
subject: [a]
message: Text.
remedy: [Text.]
`

// TestOneOfSeveralLogs: an input can be any one of several logs.
func TestOneOfSeveralLogs(t *testing.T) {
	load := func(input string) ([]*rules.Rule, error) {
		return rules.Load(fstest.MapFS{"a.yaml": {Data: []byte(strings.ReplaceAll(oneLog, "INPUT", input))}})
	}
	list, err := load("channel:System|Security")
	if err != nil {
		t.Fatal(err)
	}
	for channel, want := range map[string]rules.Verdict{"System": rules.Passed, "security": rules.Passed, "Application": rules.Skipped} {
		h := healthy()
		h.Logs.Channels = []facts.ChannelCoverage{{Channel: channel}}
		o := list[0].Run(context.Background(), h, nil)
		if o.Verdict != want {
			t.Errorf("with the log %s: %s, want %s", channel, o.Verdict, want)
		}
		if want == rules.Skipped && (len(o.Reasons) != 1 || o.Reasons[0].Input != "System") {
			t.Errorf("with the log %s: reasons %+v", channel, o.Reasons)
		}
	}
	for _, input := range []string{"channel:", "channel:|", "channel:System|", "channel:|Security"} {
		if _, err := load(input); err == nil {
			t.Errorf("%q is taken for an input", input)
		}
	}
}
