package analyzer

import (
	"context"
	"errors"
	"time"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// Analyze reads every input of the bundle and returns what the rules make of it. Inputs
// that cannot be read are told of in Result.Inputs and do not stop the analysis.
//
// When ctx ends, Analyze returns within a tenth of a second what is known so far, together
// with the error of ctx: all that was read as far as there is time to judge it. Rules that
// are not done then are skipped, and the hosts are missing when not even the facts are done.
func (a *Analyzer) Analyze(ctx context.Context, b *bundle.Bundle) (*Result, error) {
	r := newReading(a)
	r.readAll(ctx, b)
	res := &Result{
		Schema: Schema,
		Tool:   Tool{Name: "gpevtx", Version: a.cfg.Version},
		Hosts:  []Host{},
		Inputs: r.inputs,
	}
	a.conclude(ctx, r, res)
	res.Suppressions = suppress(res.Hosts, a.cfg.Suppressions, a.cfg.Now)
	return res, ctx.Err()
}

// What was read is worth judging when the context has ended: that costs little with the logs
// that there are. So the rules have some time, and what they are at is waited for a little
// longer. Together that is less than a tenth of a second.
const (
	grace = 40 * time.Millisecond
	last  = 30 * time.Millisecond
)

// conclude adds to the result what follows from what was read. Sorting and judging a hundred
// thousand events takes longer than someone who interrupts should wait, so it happens in a
// goroutine that is left to itself when its time is over.
func (a *Analyzer) conclude(ctx context.Context, r *reading, res *Result) {
	judging, stop := after(ctx, grace)
	defer stop()
	waiting, stopWaiting := after(ctx, grace+last)
	defer stopWaiting()
	done := make(chan judged, 1)
	timings := make(chan Timing)
	var c clock
	if a.cfg.Timing != nil {
		c.tell = func(t Timing) {
			select {
			case timings <- t:
			case <-waiting.Done():
			}
		}
	}
	go func() { done <- a.judgeAll(judging, r, c) }()
	for {
		select {
		case t := <-timings:
			a.cfg.Timing(t)
		case j := <-done:
			res.Hosts, res.Tool.Rules, res.OmittedHosts = j.hosts, j.counts, j.omitted
			r.tellUnplaced(j.unplaced)
			a.tellOutcomes(j)
			return
		case <-waiting.Done():
			res.Tool.Rules = Counts{Total: len(a.rules), Skipped: len(a.rules)}
			return
		}
	}
}

// after returns a context that ends so much later than ctx.
func after(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return out, func() {
		stop()
		cancel()
	}
}

// tellOutcomes gives what each rule decided to who asked for it.
func (a *Analyzer) tellOutcomes(j judged) {
	if a.cfg.Outcome == nil {
		return
	}
	for i, list := range j.outcomes {
		for _, o := range list {
			a.cfg.Outcome(j.hosts[i].Name, o)
		}
	}
}

// judged is what follows from what was read.
type judged struct {
	hosts []Host
	// outcomes are those of the rules on each host.
	outcomes [][]rules.Outcome
	counts   Counts
	// unplaced are the inputs of which nothing tells the computer.
	unplaced []evidence.Source
	// omitted counts the computers that are too many to tell of.
	omitted int
}

// judgeAll makes the facts and runs all rules on all hosts. It only reads what r holds.
func (a *Analyzer) judgeAll(ctx context.Context, r *reading, c clock) judged {
	out := judged{hosts: []Host{}}
	verdicts := make([][]rules.Verdict, len(a.rules))
	coverage := indexCoverage(r.coverage)
	var hosts []*facts.Host
	c.time(Timing{Part: Facts}, func() { hosts = r.facts.Hosts() })
	for _, h := range hosts {
		h.TellDropped(r.events.dropped(h))
		outcomes := a.judge(ctx, h, r, c)
		for i, o := range outcomes {
			verdicts[i] = append(verdicts[i], o.Verdict)
		}
		out.hosts = append(out.hosts, newHost(h, outcomes, coverage))
		out.outcomes = append(out.outcomes, outcomes)
	}
	out.unplaced, out.omitted = r.facts.Unplaced(), r.facts.Omitted()
	out.counts = count(verdicts)
	return out
}

// judge runs all rules on a host.
func (a *Analyzer) judge(ctx context.Context, h *facts.Host, r *reading, c clock) []rules.Outcome {
	outcomes := make([]rules.Outcome, len(a.rules))
	events := r.events.of(h)
	for i, rule := range a.rules {
		switch {
		case h.Elsewhere != "":
			outcomes[i] = skipped(rule, facts.Reason{
				Code: "adsync-elsewhere", Input: h.Name,
				Message: "Nothing in this computer's inputs shows that ADSync is installed there; it is on " + h.Elsewhere + ".",
			})
		case ctx.Err() != nil:
			outcomes[i] = skipped(rule, interrupted)
		default:
			c.time(Timing{Part: Judging, Name: rule.ID, Host: h.Name}, func() { outcomes[i] = a.run(ctx, i, h, events) })
		}
	}
	return outcomes
}

var interrupted = facts.Reason{Code: "interrupted", Message: "The analysis was interrupted before this rule was done."}

func skipped(rule *rules.Rule, reason facts.Reason) rules.Outcome {
	return rules.Outcome{Rule: rule, Verdict: rules.Skipped, Reasons: []facts.Reason{reason}}
}

// run runs one rule on a host, of which events gives those that a selector chose.
func (a *Analyzer) run(ctx context.Context, i int, h *facts.Host, events func(selector int) []facts.Event) rules.Outcome {
	rule := a.rules[i]
	needed := make(map[string][]facts.Event)
	for k, need := range rule.Needs.Events {
		needed[need.Name] = events(a.selector[rules.NeedRef{Rule: i, Need: k}])
	}
	o := rule.Run(ctx, h, needed)
	if o.Verdict == rules.Errored && ctx.Err() != nil && errors.Is(o.Err, ctx.Err()) {
		return skipped(rule, interrupted)
	}
	return o
}

// worst orders verdicts for counting a rule that ran on several hosts.
var worst = []rules.Verdict{rules.Failed, rules.Errored, rules.Inconclusive, rules.Passed, rules.Skipped}

func count(verdicts [][]rules.Verdict) Counts {
	c := Counts{Total: len(verdicts)}
	for _, list := range verdicts {
		rank := len(worst) - 1
		for _, v := range list {
			for i, w := range worst {
				if v == w {
					rank = min(rank, i)
				}
			}
		}
		switch worst[rank] {
		case rules.Failed:
			c.Failed++
		case rules.Errored:
			c.Errored++
		case rules.Inconclusive:
			c.Inconclusive++
		case rules.Passed:
			c.Passed++
		default:
			c.Skipped++
		}
	}
	return c
}
