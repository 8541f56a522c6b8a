package facts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// doubling tells how many times more allocations it takes to find the computers of twice the
// input: 2 where they grow as the input does, 4 where each part is looked at for each other one.
func doubling(make func(n int) *facts.Collector, n int) float64 {
	allocs := func(n int) float64 {
		return testing.AllocsPerRun(1, func() {
			make(n).Unplaced()
		})
	}
	return allocs(2*n) / allocs(n)
}

// TestGrowth: what comes from many computers takes no time that grows as its square.
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
		"computers that were renamed one after the other": func(n int) *facts.Collector {
			c := facts.NewCollector(facts.Config{})
			var cov evtx.Coverage
			for i := range uint64(n) {
				at := t0.Add(time.Duration(i) * time.Minute)
				cov.Streams = append(cov.Streams, evtx.Stream{
					Channel: "System", Computer: fmt.Sprintf("srv%d.contoso.com", i), FirstID: 10*i + 1, LastID: 10*i + 10, Records: 10, First: at, Last: at,
				})
			}
			c.AddCoverage("System.evtx", cov)
			return c
		},
		"reports of many computers": func(n int) *facts.Collector {
			c := facts.NewCollector(facts.Config{})
			for i := range n {
				c.AddEvent(facts.Event{Time: t0, Computer: fmt.Sprintf("srv%d.contoso.com", i), Provider: "EventLog", ID: 6005})
				report(c, fmt.Sprintf("%d.htm", i), fmt.Sprintf("srv%d", i))
			}
			return c
		},
		"files that name many computers": func(n int) *facts.Collector {
			c := facts.NewCollector(facts.Config{})
			for i := range n {
				c.AddEvent(facts.Event{Time: t0, Computer: fmt.Sprintf("srv%d.contoso.com", i), Provider: "EventLog", ID: 6005})
				c.AddCollected(&collected.File{Host: collected.Value{Text: fmt.Sprintf("srv%d", i)}})
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

// TestNamesOnce: which computer each input is of is found once, and again when more comes in.
func TestNamesOnce(t *testing.T) {
	c := facts.NewCollector(facts.Config{})
	for i := range 100 {
		c.AddReport(&gpreport.Report{Source: evidence.Source(fmt.Sprint(i)), Kind: gpreport.GPResultHTML, Host: fmt.Sprintf("srv%d", i), Computer: &gpreport.Scope{}})
	}
	c.Hosts()
	if n := testing.AllocsPerRun(1, func() { c.Unplaced() }); n > 1 {
		t.Errorf("%.0f allocations to tell what has no computer", n)
	}
	c.AddCollected(&collected.File{Source: "sc.txt", Services: []collected.Service{{}}})
	if got := c.Unplaced(); len(got) != 1 {
		t.Errorf("unplaced %v after another file was added", got)
	}
}

// TestRenamedTwice: a computer that was renamed twice has all its names, in whatever order
// the logs come.
func TestRenamedTwice(t *testing.T) {
	stream := func(name string, i uint64) evtx.Stream {
		at := t0.Add(time.Duration(i) * time.Hour)
		return evtx.Stream{Channel: "System", Computer: name, FirstID: 10*i + 1, LastID: 10*i + 10, Records: 10, First: at, Last: at}
	}
	names := []string{"WIN-1", "WIN-2", "WIN-3", "SYNC01.contoso.com", "SYNC01"}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {0, 2, 1}} {
		c := facts.NewCollector(facts.Config{})
		for _, i := range order {
			c.AddCoverage(evidence.Source(fmt.Sprint(i)), evtx.Coverage{Streams: []evtx.Stream{stream(names[i], uint64(i)), stream(names[i+1], uint64(i+1))}})
		}
		c.AddEvent(facts.Event{Time: t0, Computer: "SYNC01", Provider: "EventLog", ID: 6005})
		if h := c.Hosts(); len(h) != 1 || h[0].Name != "SYNC01" || len(h[0].Names) != len(names) {
			t.Errorf("order %v: %d hosts, %v", order, len(h), h[0].Names)
		}
	}
}
