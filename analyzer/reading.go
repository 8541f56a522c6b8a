package analyzer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
)

// reading is one pass over the inputs of a bundle.
type reading struct {
	a        *Analyzer
	facts    *facts.Collector
	events   *ruleEvents
	coverage []sourceCoverage
	inputs   []Input
	progress Progress
}

type sourceCoverage struct {
	source evidence.Source
	evtx.Coverage
}

func newReading(a *Analyzer) *reading {
	budget := facts.NewBudget(a.cfg.MaxAllEvents)
	return &reading{
		a: a,
		facts: facts.NewCollector(facts.Config{
			Account: a.cfg.Account, UTCOffset: a.cfg.UTCOffset, Groups: a.cfg.Groups, MaxEvents: a.cfg.MaxEvents,
			Budget: budget,
		}),
		events: newRuleEvents(a.cfg.MaxEvents, budget),
		inputs: []Input{},
	}
}

// readAll reads the inputs in turn, until ctx ends.
func (r *reading) readAll(ctx context.Context, b *bundle.Bundle) {
	for i := range b.Inputs {
		r.progress.Total += b.Inputs[i].Size
	}
	for i := range b.Inputs {
		in := &b.Inputs[i]
		if ctx.Err() != nil {
			r.inputs = append(r.inputs, unread(in))
			continue
		}
		begin := r.progress.Done
		r.progress.Source = string(in.Source)
		r.report()
		clock{r.a.cfg.Timing}.time(Timing{Part: Reading, Name: string(in.Source)}, func() { r.inputs = append(r.inputs, r.read(ctx, in)) })
		r.progress.Done = begin + in.Size
	}
	r.progress.Source = ""
	r.report()
}

// unread is what is told of an input that was not read because the analysis was interrupted.
func unread(in *bundle.Input) Input {
	return Input{
		Path: string(in.Source), Kind: string(in.Kind), Status: string(bundle.Refused),
		Size: in.Size, SHA256: in.SHA256, Detail: "not read: the analysis was interrupted",
	}
}

func (r *reading) report() {
	if r.a.cfg.Progress != nil {
		r.a.cfg.Progress(r.progress)
	}
}

// progressEvery is after how many bytes of an input progress is told.
const progressEvery = 1 << 20

// open opens an input; reading from it is told as progress.
func (r *reading) open(ctx context.Context, in *bundle.Input) (bundle.File, error) {
	f, err := in.Open(ctx)
	if err != nil || r.a.cfg.Progress == nil {
		return f, err
	}
	return &watchedFile{File: f, r: r, begin: r.progress.Done}, nil
}

// watchedFile tells how far an input is read. Parsers read from begin to end, one call
// after the other; some look at a part of it twice.
type watchedFile struct {
	bundle.File
	r            *reading
	begin        int64
	read, untold int64
}

func (f *watchedFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	f.read += int64(n)
	if f.untold += int64(n); f.untold >= progressEvery {
		f.untold = 0
		f.r.progress.Done = f.begin + min(f.read, f.Size())
		f.r.report()
	}
	return n, err
}

// read reads one input and tells what became of it.
func (r *reading) read(ctx context.Context, in *bundle.Input) Input {
	out := Input{
		Path: string(in.Source), Kind: string(in.Kind), Status: string(in.Status),
		Size: in.Size, SHA256: in.SHA256, Detail: in.Detail,
	}
	parse, ok := r.parser(in.Kind)
	if !ok {
		if out.Detail == "" && in.Readable() {
			out.Detail = in.Kind.Description() + ", which this version does not read"
		}
		return out
	}
	if in.Status == bundle.Refused || !in.Readable() {
		return out
	}
	status, detail := parse(ctx, in)
	detail = strings.TrimPrefix(detail, string(in.Source)+": ") // errors name the file, and so does the result
	if in.Status == bundle.Partly && status == bundle.Read {
		status = bundle.Partly // such as a member of an archive that was cut off
	}
	out.Status = string(status)
	out.Detail = strings.Join(slices.DeleteFunc([]string{in.Detail, detail}, func(s string) bool { return s == "" }), "; ")
	return out
}

// parser returns what reads inputs of a kind, if anything does.
func (r *reading) parser(k bundle.Kind) (func(context.Context, *bundle.Input) (bundle.Status, string), bool) {
	if isReport(k) {
		return r.readReport, true
	}
	switch k {
	case bundle.EVTX, bundle.EVTXChunk:
		return r.readLog, true
	case bundle.RegExport, bundle.SCText, bundle.WhoamiText, bundle.ServiceList, bundle.ErrorNote:
		return r.readCollected, true
	}
	return nil, false
}

// readLog reads the events of a log that the plan selects.
func (r *reading) readLog(ctx context.Context, in *bundle.Input) (bundle.Status, string) {
	f, err := r.open(ctx, in)
	if err != nil {
		return bundle.Refused, err.Error()
	}
	defer f.Close()
	cfg := r.a.cfg.EVTX
	cfg.Source = in.Source
	if cfg.Recover == evtx.RecoverDamaged {
		cfg.Recover = evtx.RecoverAll // free space is counted, and says nothing else
	}
	rd, err := evtx.NewReader(f, f.Size(), cfg)
	if err != nil {
		return bundle.Refused, err.Error()
	}
	var damage damageNote
	for t, err := range evtx.Map(ctx, rd, r.a.filter, r.a.cfg.Workers, newTaken) {
		damage.add(cmp.Or(err, t.err))
		r.deal(t.event, t.matched)
	}
	cov := rd.Coverage()
	r.facts.AddCoverage(in.Source, cov)
	r.coverage = append(r.coverage, sourceCoverage{in.Source, cov})
	if detail := damage.describe(cov); detail != "" {
		return bundle.Partly, detail
	}
	return bundle.Read, ""
}

// damageNote counts the errors of a log and keeps the first.
type damageNote struct {
	first error
	count int
}

func (d *damageNote) add(err error) {
	if err == nil {
		return
	}
	if d.count++; d.first == nil {
		d.first = err
	}
}

func (d *damageNote) describe(cov evtx.Coverage) string {
	if d.count == 0 {
		return ""
	}
	s := d.first.Error()
	if d.count > 1 {
		s += fmt.Sprintf(" (and %d more places)", d.count-1)
	}
	if cov.Lost > 0 {
		s += fmt.Sprintf("; %d records could not be read", cov.Lost)
	}
	if n, _ := recovered(cov); n > 0 {
		s += fmt.Sprintf("; %d records were recovered from what is damaged", n)
	}
	return s
}

// recovered counts the records that were recovered from damaged parts of a log, and from its
// free space.
func recovered(cov evtx.Coverage) (damaged, freeSpace int64) {
	for _, r := range cov.Recovered {
		if r.Recovery == evtx.InFreeSpace {
			freeSpace += r.Records
		} else {
			damaged += r.Records
		}
	}
	return damaged, freeSpace
}

// taken is what is kept of an event of a log.
type taken struct {
	event facts.Event
	// matched are the selectors that chose it, none where it cannot be used.
	matched []int
	err     error
}

// newTaken takes what is needed of an event. What was in free space is counted only.
func newTaken(ev *evtx.Event) (t taken) {
	if ev.Recovery == evtx.InFreeSpace {
		return taken{}
	}
	if t.event, t.err = facts.NewEvent(ev); t.err == nil {
		t.matched = slices.Clone(ev.Matched)
	}
	return t
}

// deal hands an event to those whose selectors matched it.
func (r *reading) deal(e facts.Event, matched []int) {
	if len(matched) > 0 && matched[0] < r.a.factSels {
		r.facts.AddEvent(e)
	}
	for _, i := range matched {
		if i >= r.a.factSels {
			r.events.add(i-r.a.factSels, e)
		}
	}
}

type coverageIndex map[string][]streamCoverage

type streamCoverage struct {
	*sourceCoverage
	stream *evtx.Stream
}

func indexCoverage(logs []sourceCoverage) coverageIndex {
	out := make(coverageIndex)
	for i := range logs {
		for k := range logs[i].Streams {
			s := &logs[i].Streams[k]
			name := facts.HostKey(s.Computer)
			out[name] = append(out[name], streamCoverage{&logs[i], s})
		}
	}
	return out
}

// coverageOf lists what the logs hold of a host, by source and channel.
func coverageOf(h *facts.Host, logs coverageIndex) []Coverage {
	out := []Coverage{}
	for _, name := range h.Names {
		for _, l := range logs[name] {
			s := l.stream
			c := Coverage{
				Source: string(l.source), Channel: s.Channel, First: timeOrNil(s.First), Last: timeOrNil(s.Last),
				Read: s.Records, Lost: l.Lost, Gaps: []Gap{}, Wrapped: l.Wrapped || s.Wrapped(), Dirty: l.Dirty,
			}
			c.Recovered, c.FreeSpace = recovered(l.Coverage)
			for _, g := range s.Gaps {
				c.Gaps = append(c.Gaps, Gap{After: g.After, Before: g.Before, From: timeOrNil(g.From), To: timeOrNil(g.To)})
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}
