package render_test

import (
	"fmt"
	"os"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

func exampleResult() *analyzer.Result {
	return &analyzer.Result{
		Schema: analyzer.Schema,
		Tool:   analyzer.Tool{Name: "gpevtx", Rules: analyzer.Counts{Total: 1, Failed: 1}},
		Hosts: []analyzer.Host{{
			Name: "SYNC01", Domain: "contoso.com",
			Account: analyzer.Account{Name: `CONTOSO\svc-sync`, Kind: facts.DomainUser, Confidence: facts.Certain},
			Service: analyzer.Service{State: facts.Failing, Since: at("2026-11-20 03:12:07")},
			Findings: []analyzer.Finding{{
				Rule: "account-disabled", Title: "The ADSync account is disabled",
				Severity: rules.Critical, Confidence: facts.Probable,
				Message: `CONTOSO\svc-sync is disabled, so SYNC01 cannot start the service with it.`,
				Remedy: []string{
					`Enable CONTOSO\svc-sync in Active Directory.`,
					"Start the service: `Start-Service ADSync`",
				},
				First: at("2026-11-20 03:12:07"), Count: 1,
				Evidence: []analyzer.Evidence{{
					Role: "logon failed", Source: "System.evtx", Record: 48213, Time: at("2026-11-20 03:12:07"),
					Excerpt: `7038: ADSync, CONTOSO\svc-sync, %%1331`,
				}},
			}},
			Verdicts: []analyzer.RuleVerdict{{Rule: "account-disabled", Verdict: rules.Failed}},
			Coverage: []analyzer.Coverage{{
				Source: "System.evtx", Channel: "System",
				First: at("2026-10-02 06:11:40"), Last: at("2026-11-21 08:02:19"), Read: 20417,
			}},
		}},
		Inputs: []analyzer.Input{{Path: "System.evtx", Kind: "evtx", Status: "read"}},
	}
}

func ExampleText() {
	if err := render.Text(os.Stdout, exampleResult(), render.TextOptions{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// SYNC01.contoso.com: 1 critical finding
	//   service  failing since 2026-11-20 03:12:07Z
	//   account  CONTOSO\svc-sync (domain user)
	//
	// critical: The ADSync account is disabled
	//   CONTOSO\svc-sync is disabled, so SYNC01 cannot start the service with it.
	//
	//   since     2026-11-20 03:12:07Z, seen once
	//   how sure  probable: one strong source says so
	//   rule      account-disabled
	//
	//   proof
	//     System.evtx
	//       logon failed: record 48213, 2026-11-20 03:12:07Z
	//         7038: ADSync, CONTOSO\svc-sync, %%1331
	//
	//   what to change
	//     1. Enable CONTOSO\svc-sync in Active Directory.
	//     2. Start the service:
	//          Start-Service ADSync
	//
	// rules   1 failed, 0 passed, 0 inconclusive, 0 skipped
	// inputs  1 read: 1 evtx
	// logs    2026-10-02 06:11:40Z to 2026-11-21 08:02:19Z System
}

func ExampleJSON() {
	r := &analyzer.Result{Schema: analyzer.Schema, Tool: analyzer.Tool{Name: "gpevtx", Version: "1.0.0"}}
	if err := render.JSON(os.Stdout, r); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "schema": "gpevtx.result/v1",
	//   "tool": {
	//     "name": "gpevtx",
	//     "version": "1.0.0",
	//     "rules": {
	//       "total": 0,
	//       "failed": 0,
	//       "passed": 0,
	//       "inconclusive": 0,
	//       "skipped": 0,
	//       "errored": 0
	//     }
	//   },
	//   "hosts": [],
	//   "inputs": [],
	//   "omittedHosts": 0,
	//   "suppressions": []
	// }
}
