package analyzer_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// A rule of one's own, in Go, runs beside the built-in ones: the name of the GPO tells
// the team that owns it.
func ExampleConfig_rules() {
	owner := &rules.Rule{
		ID: "gpo-of-server-team", Title: "The GPO belongs to the server team", Severity: rules.Info, Since: "1.0.0",
		Needs: rules.Needs{Facts: []string{rules.FactRights}, Inputs: []string{rules.InputComputerReport}},
		Eval: func(_ context.Context, p *rules.Pass) error {
			right := p.Rights().Service
			switch {
			case strings.HasPrefix(right.Winner.Name, "Server "):
				p.Fail(rules.Finding{
					Confidence: facts.Certain,
					Message:    fmt.Sprintf("On %s, %q is a GPO of the server team.", p.Host(), right.Winner.Name),
					Remedy:     []string{"Ask the server team before you change it."},
					Subject:    []string{right.Winner.Name},
					Evidence:   right.Evidence,
				})
			case right.Known:
				p.Pass()
			default:
				p.Inconclusive(right.Reasons...)
			}
			return nil
		},
	}
	set, err := rules.Builtin()
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := analyzer.New(analyzer.Config{Rules: append(set, owner)})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	b, err := bundle.Open(ctx, bundle.Config{}, "../testdata/bundles/omitted-right.zip")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	res, err := a.Analyze(ctx, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range res.Hosts[0].Findings {
		fmt.Println(f.Severity, f.Rule)
	}
	// Output:
	// critical service-right-omitted
	// info gpo-of-server-team
	// info gpo-changed-before-failure
}
