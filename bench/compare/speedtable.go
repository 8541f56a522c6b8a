package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/internal/compare"
)

// speed is a whole measurement.
type speed struct {
	about   []string // machine, versions, the logs: a line each
	cores   int
	results []result
}

// rates are the megabytes (of 1,000,000 bytes) a second of the runs, in the time that counts: the
// median, and the lowest and highest. All are 0 without runs.
func (r *result) rates() (median, low, high float64) {
	return r.ratesIn(func(s sample) time.Duration { return s.took(r.all) })
}

// byClock is the median rate by the clock.
func (r *result) byClock() float64 {
	median, _, _ := r.ratesIn(func(s sample) time.Duration { return s.clock })
	return median
}

func (r *result) ratesIn(took func(sample) time.Duration) (median, low, high float64) {
	if len(r.samples) == 0 {
		return 0, 0, 0
	}
	var list []float64
	for _, s := range r.samples {
		list = append(list, rate(r.size, took(s))/1e6)
	}
	slices.Sort(list)
	return middle(list), list[0], list[len(list)-1]
}

// rate is n a second.
func rate(n int64, took time.Duration) float64 {
	return float64(n) / max(took.Seconds(), 1e-9)
}

// middle is the median of a sorted list that is not empty.
func middle(list []float64) float64 {
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// recordRate is records a second, of the median.
func (r *result) recordRate() float64 {
	median, _, _ := r.rates()
	return median * 1e6 / float64(r.size) * float64(r.records)
}

// peak is the largest peak of memory of the runs, in bytes.
func (r *result) peak() (n int64) {
	for _, s := range r.samples {
		n = max(n, s.peak)
	}
	return n
}

// allocs is allocations a record, NaN where the child does not tell.
func (r *result) allocs() float64 {
	if !r.reports || len(r.samples) == 0 || r.records == 0 || r.samples[0].allocs == 0 {
		return math.NaN()
	}
	return float64(r.samples[0].allocs) / float64(r.records)
}

// find returns the result of a reader whose name begins so, on the long log if there are
// both; nil without runs.
func (s *speed) find(reader, kind, does string, all bool) *result {
	for i := range s.results {
		r := &s.results[i]
		if strings.HasPrefix(r.reader, reader) && r.kind == kind && r.does == does && r.all == all && len(r.samples) > 0 {
			return r
		}
	}
	return nil
}

// times is how many times as fast a is as b, NaN if one of them was not measured.
func times(a, b *result) float64 {
	if a == nil || b == nil {
		return math.NaN()
	}
	x, _, _ := a.rates()
	y, _, _ := b.rates()
	return x / y
}

// timesByClock is times by the clock: more cores take as much of the processors' time as one.
func timesByClock(a, b *result) float64 {
	if a == nil || b == nil {
		return math.NaN()
	}
	return a.byClock() / b.byClock()
}

// bar is what is demanded of a measurement.
type bar struct {
	what string
	// want is the least value, or the limit below which it must stay where below is set.
	want  float64
	below bool
	unit  string
	value float64 // NaN if it was not measured
}

func (b bar) reached() bool {
	if b.below {
		return b.value < b.want
	}
	return b.value >= b.want
}

// bars compares readers as they are used: programs with programs, libraries with libraries.
func (s *speed) bars() []bar {
	lib := func(does string) *result { return s.find(weAre, library, does, false) }
	ourJSON, ourRare := lib(toJSON), lib(rareEvents)
	allocs := func(r *result) float64 {
		if r == nil {
			return math.NaN()
		}
		return r.allocs()
	}
	return []bar{
		{what: "full decode to JSON, library, vs golang-evtx", want: 35, unit: " ×", value: times(ourJSON, s.find(golangEvtx, library, toJSON, false))},
		{what: "full decode to XML, program, vs evtxexport", want: 35, unit: " ×", value: times(s.find(weAre, program, toXML, false), s.find("evtxexport", program, toXML, false))},
		{what: "full decode to JSON, program, vs `evtx_dump -t 1 -o jsonl`", want: 1, unit: " ×", value: times(s.find(weAre, program, toJSON, false), s.find("evtx_dump", program, toJSON, false))},
		{what: "selecting rare events vs our full decode to JSON", want: 8, unit: " ×", value: times(ourRare, ourJSON)},
		{what: "selecting rare events vs golang-evtx doing the same", want: 200, unit: " ×", value: times(ourRare, s.find(golangEvtx, library, rareEvents, false))},
		{what: "selecting rare events vs a bare walk over the record headers, both in memory", want: 40, unit: " %", value: 100 * times(lib(rareInMemory), s.find(limitsAre, library, walkHeaders, false))},
		{what: "allocations a skipped record, those for chunks and templates included", want: 0.01, below: true, value: allocs(lib(noEvents))},
		{what: "allocations a record decoded to JSON", want: 1, below: true, value: allocs(ourJSON)},
		{what: fmt.Sprintf("full decode to JSON, library, on %d cores vs one", s.cores), want: 0.9 * float64(s.cores), unit: " ×", value: timesByClock(s.find(weAre, library, toJSON, true), ourJSON)},
		{what: "peak of memory of every mode", want: 64, below: true, unit: " MB", value: s.ourPeak()},
	}
}

// ourPeak is the largest peak of memory of what we read from a file, in megabytes; NaN if it
// is not known.
func (s *speed) ourPeak() float64 {
	most := math.NaN()
	for i := range s.results {
		r := &s.results[i]
		if r.reader == weAre && r.does != rareInMemory && r.peak() > 0 {
			most = max(float64(r.peak())/1e6, zeroIfNaN(most))
		}
	}
	return most
}

func zeroIfNaN(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

// figure prints a number with as many digits as tell something.
func figure(x float64) string {
	switch {
	case math.IsNaN(x), math.IsInf(x, 0):
		return "–"
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}

// markdown writes the document.
func (s *speed) markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# How fast readers are\n\n" + speedIntro + "\n")
	for _, line := range s.about {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	b.WriteString("\n## What is demanded\n\n")
	s.writeBars(&b)
	b.WriteString("\n## One core\n\n")
	s.writeResults(&b, false)
	fmt.Fprintf(&b, "\n## All %d cores\n\n", s.cores)
	s.writeResults(&b, true)
	b.WriteString("\n## Do they read the same?\n\n")
	s.writeHonesty(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

const speedIntro = "Written by `bench/speed`. All readers read the same log in one run, one behind the other, several times; a number is the\n" +
	"median, with the lowest and highest beside it. MB are 1,000,000 bytes of the log. On one core the time is the processor's, where\n" +
	"the system tells it, since other work of the machine shows less in that; on all cores it is that of the clock. A *program* is\n" +
	"timed from its start to its end and prints to /dev/null; a *library* is called in a process that reads the file, and timed\n" +
	"without that process's start.\n" +
	"Memory is the peak of the whole process, of which less than about 7 MB cannot be told. Rows marked † read the short log.\n"

func (s *speed) writeBars(b *strings.Builder) {
	b.WriteString("| work | demanded | reached | |\n| --- | --: | --: | --- |\n")
	for _, bar := range s.bars() {
		sign, verdict := "≥ ", "**no**"
		if bar.below {
			sign = "< "
		}
		switch {
		case math.IsNaN(bar.value):
			verdict = "not measured"
		case bar.reached():
			verdict = "yes"
		}
		value := "–"
		if !math.IsNaN(bar.value) {
			value = figure(bar.value) + bar.unit
		}
		fmt.Fprintf(b, "| %s | %s%g%s | %s | %s |\n", bar.what, sign, bar.want, bar.unit, value, verdict)
	}
}

// writeResults writes the rows of one core or of all; ratios are to our library's JSON on
// one core, by the clock where there are all.
func (s *speed) writeResults(b *strings.Builder, all bool) {
	b.WriteString("| reader | | what | MB/s | lowest–highest | by the clock | records/s | peak MB | allocations a record | × our JSON |\n" +
		"| --- | --- | --- | --: | --: | --: | --: | --: | --: | --: |\n")
	reference := s.find(weAre, library, toJSON, false)
	for i := range s.results {
		r := &s.results[i]
		if r.all != all {
			continue
		}
		does, kind := r.does, r.kind
		if r.short {
			does += " †"
		}
		if r.reader == limitsAre {
			kind = ""
		}
		if len(r.samples) == 0 {
			fmt.Fprintf(b, "| %s | %s | %s | failed: %s | | | | | | |\n", r.reader, kind, does, compare.Cell(fmt.Sprint(r.err)))
			continue
		}
		median, low, high := r.rates()
		peak := math.NaN()
		if r.peak() > 0 {
			peak = float64(r.peak()) / 1e6
		}
		records := math.NaN()
		if r.records > 0 {
			records = r.recordRate()
		}
		ratio := times(r, reference)
		if all {
			ratio = timesByClock(r, reference)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s–%s | %s | %s | %s | %s | %s |\n", r.reader, kind, does, figure(median), figure(low), figure(high),
			figure(r.byClock()), figure(records), figure(peak), figure(r.allocs()), figure(ratio))
	}
}

// writeHonesty compares how many records readers gave of the same log, and how many of them
// the same selection chose.
func (s *speed) writeHonesty(b *strings.Builder) {
	for _, short := range []bool{false, true} {
		name, ours := "long", s.ours(toJSON, short)
		if short {
			name = "short"
		}
		if ours == nil {
			continue
		}
		fmt.Fprintf(b, "- Of the %s log we give %d records.", name, ours.records)
		s.writeOthers(b, "All others give as many", short, ours.records, func(r *result) (int64, bool) {
			return r.records, r.records != 0 // limits know of no records
		})
		if rare := s.ours(rareEvents, short); rare != nil {
			fmt.Fprintf(b, " We choose %d rare events.", rare.hits)
			s.writeOthers(b, "All others that choose give as many", short, rare.hits, func(r *result) (int64, bool) {
				return r.hits, strings.HasPrefix(r.does, rareEvents)
			})
		}
		b.WriteString("\n")
	}
}

// writeOthers writes the readers of a log whose number is known and is another than want.
func (s *speed) writeOthers(b *strings.Builder, all string, short bool, want int64, number func(*result) (int64, bool)) {
	var others []string
	for i := range s.results {
		r := &s.results[i]
		if n, ok := number(r); ok && r.short == short && n != want && len(r.samples) > 0 {
			does := r.does
			if r.all {
				does += " on all cores"
			}
			others = append(others, fmt.Sprintf("%s %s, %s: %+d", r.reader, r.kind, does, n-want))
		}
	}
	if others == nil {
		fmt.Fprintf(b, " %s.", all)
		return
	}
	fmt.Fprintf(b, " %s, but: %s.", all, strings.Join(others, "; "))
}

// ours is the result of our library with a log, on one core.
func (s *speed) ours(does string, short bool) *result {
	for i := range s.results {
		r := &s.results[i]
		if r.reader == weAre && r.kind == library && r.does == does && r.short == short && !r.all && len(r.samples) > 0 {
			return r
		}
	}
	return nil
}

// shortTable is the speed on one core of readers as programs, or as a library where there is
// only that: a few lines for a README.
func (s *speed) shortTable() string {
	var b strings.Builder
	b.WriteString("| one core, MB/s of log | JSON of all | XML of all | rare events |\n| --- | --: | --: | --: |\n")
	var done []string
	for i := range s.results {
		r := &s.results[i]
		name := r.reader + ", " + r.kind
		if r.reader == limitsAre || r.all || slices.Contains(done, name) {
			continue
		}
		done = append(done, name)
		fmt.Fprintf(&b, "| %s |", name)
		for _, does := range []string{toJSON, toXML, rareEvents} {
			median := math.NaN()
			if found := s.find(r.reader, r.kind, does, false); found != nil {
				median, _, _ = found.rates()
			}
			fmt.Fprintf(&b, " %s |", figure(median))
		}
		b.WriteString("\n")
	}
	return b.String()
}
