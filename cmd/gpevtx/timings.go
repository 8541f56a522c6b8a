package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
)

// timings collects what took how long, a rule's time on all computers together.
type timings struct{ list []analyzer.Timing }

func (t *timings) add(one analyzer.Timing) {
	for i := range t.list {
		if t.list[i].Part == one.Part && t.list[i].Name == one.Name {
			t.list[i].Took += one.Took
			return
		}
	}
	t.list = append(t.list, one)
}

// print writes a line for each part: the inputs in their order, then the facts, then the
// rules, the slowest first.
func (t *timings) print(w io.Writer) {
	parts := []analyzer.Part{analyzer.Reading, analyzer.Facts, analyzer.Judging}
	slices.SortStableFunc(t.list, func(a, b analyzer.Timing) int {
		by := cmp.Compare(slices.Index(parts, a.Part), slices.Index(parts, b.Part))
		if by == 0 && a.Part == analyzer.Judging {
			by = cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(a.Name, b.Name))
		}
		return by
	})
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	var sum time.Duration
	for _, one := range t.list {
		sum += one.Took
		if one.Part == analyzer.Reading && one.Took < 10*time.Microsecond {
			continue // was only looked at
		}
		fmt.Fprintf(tab, "%s\t  %s %s\n", milliseconds(one.Took), one.Part, inert(one.Name))
	}
	fmt.Fprintf(tab, "%s\t  in all\n", milliseconds(sum))
	tab.Flush() // what standard error does not take is lost
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }
