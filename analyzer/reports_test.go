package analyzer_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/analyzer"
)

const quotingReport = `
host: SYNC01
domain: contoso.com
collected: 11/20/2026 12:20:00 AM
refreshed: 11/20/2026 12:15:04 AM
refreshed-utc: 2026-11-20T00:15:04Z
events:
  - {time: 2026-11-20T00:15:03Z, id: 7016, record: 3008, data: {CSEElaspedTimeInMilliSeconds: 812, ErrorCode: 1208, CSEExtensionName: Security, CSEExtensionId: '{827D319E-6EAC-11D2-A4EA-00C04F79F83A}'}}
computer: {gpos: [Default Domain Policy]}
user: none
`

// quotedLog is the log that the report took its event from.
const quotedLog = `
channel: Microsoft-Windows-GroupPolicy/Operational
computer: SYNC01.contoso.com
start: 2026-11-20T00:15:03Z
first-record: 3008
events:
  - {time: 2026-11-20T00:15:03Z, provider: Microsoft-Windows-GroupPolicy, id: 7016, data: {ErrorCode: 1208}}
`

// quietLog says nothing of policy for hours.
const quietLog = `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-20T00:00:00Z
boots: ["2026-11-20T00:01:00Z"]
events:
  - {time: 2026-11-20T04:55:00Z, provider: Service Control Manager, id: 7036, data: {param1: Windows Update, param2: running}, binary-text: "wuauserv/4"}
`

// TestQuotedEvents: an event that a report quotes counts like one of a log, and once if the log
// is there too.
func TestQuotedEvents(t *testing.T) {
	for name, members := range map[string]map[string]string{
		"report alone": {"gpresult.htm.yaml": quotingReport, "System.evtx.yaml": quietLog},
		"with the log": {"gpresult.htm.yaml": quotingReport, "GroupPolicy.evtx.yaml": quotedLog, "System.evtx.yaml": quietLog},
	} {
		t.Run(name, func(t *testing.T) {
			res := analyze(t, analyzer.Config{}, write(t, members))
			for _, f := range res.Hosts[0].Findings {
				if f.Rule == "policy-processing-failed" {
					if f.Count != 1 {
						t.Errorf("the event counts %d times", f.Count)
					}
					if at := f.Evidence[0].Source; name == "report alone" && !strings.HasSuffix(at, "gpresult.htm") {
						t.Errorf("the evidence is from %q", at)
					}
					return
				}
			}
			t.Errorf("the rule did not fail: %+v", res.Hosts[0].Findings)
		})
	}
}

// TestGPOReportsAreNoResults: what a GPO would set is shown by no rule, and said not to be.
func TestGPOReportsAreNoResults(t *testing.T) {
	res := analyze(t, analyzer.Config{}, write(t, map[string]string{"gpo.htm.yaml": `
collected: 11/20/2026 5:30:00 AM
gpos:
  - name: Server Baseline
    guid: '{7B1C9A4E-2F53-4C0D-9E0B-5A4C1D7F2E61}'
    domain: contoso.com
    computer:
      rights:
        Log on as a service: {accounts: ['CONTOSO\svc-backup']}
`}))
	if in := res.Inputs[0]; in.Status != "ignored" || !strings.Contains(in.Detail, "would set") {
		t.Errorf("input %+v", in)
	}
	if len(res.Hosts) != 0 {
		t.Errorf("hosts %+v", res.Hosts)
	}
}
