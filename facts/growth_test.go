package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// doubling tells how many times more allocations the facts of twice the input take: 2 where
// they grow as the input does, 4 where each part of it is looked at for each other one.
func doubling(make func(n int) *facts.Collector, n int) float64 {
	allocs := func(n int) float64 {
		return testing.AllocsPerRun(1, func() {
			c := make(n)
			c.Hosts()
			c.Unplaced()
		})
	}
	return allocs(2*n) / allocs(n)
}

// TestGrowth: no input takes a time that grows as its square.
func TestGrowth(t *testing.T) {
	report := func(c *facts.Collector, source, host string) {
		c.AddReport(&gpreport.Report{Source: evidence.Source(source), Kind: gpreport.GPResultHTML, Results: gpreport.Logged, Host: host, Computer: &gpreport.Scope{Name: host}})
	}
	export := func(c *facts.Collector, source string) {
		c.AddReport(&gpreport.Report{Source: evidence.Source(source), Kind: gpreport.SeceditINF, Results: gpreport.Exported, Computer: &gpreport.Scope{}})
	}
	for name, make := range map[string]func(n int) *facts.Collector{
		"files beside the deep folder of one host": func(n int) *facts.Collector {
			c := facts.NewCollector(facts.Config{})
			for i := range n {
				report(c, strings.Repeat("a_b_c/", 60)+fmt.Sprintf("SYNC01/%d.htm", i), "SYNC01")
				export(c, fmt.Sprintf("other/%d.inf", i))
			}
			return c
		},
		"files beside many folders of one host": func(n int) *facts.Collector {
			c := facts.NewCollector(facts.Config{})
			for i := range n {
				report(c, fmt.Sprintf("%d/sync01/x.htm", i), "SYNC01")
				export(c, fmt.Sprintf("other/%d.inf", i))
			}
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			if times := doubling(make, 50); times > 2.5 {
				t.Errorf("twice the input takes %.1f times the allocations", times)
			}
		})
	}
}
