package analyzer

import "time"

// Timing is how long one part of an analysis took.
type Timing struct {
	// Part is what was done.
	Part Part
	// Name is the input that was read, or the id of the rule; empty for the facts.
	Name string
	// Host is the computer on which the rule ran; empty for the other parts.
	Host string
	Took time.Duration
}

// Part is a part of the work.
type Part string

// The parts of the work: inputs are read one by one, then facts made of all of them, then
// rules run on each computer.
const (
	Reading Part = "reading"
	Facts   Part = "facts"
	Judging Part = "rule"
)

// clock measures the parts of the work. The zero value measures nothing.
type clock struct{ tell func(Timing) }

// time calls f, and tells how long it took.
func (c clock) time(t Timing, f func()) {
	if c.tell == nil {
		f()
		return
	}
	begin := time.Now()
	f()
	t.Took = time.Since(begin)
	c.tell(t)
}
