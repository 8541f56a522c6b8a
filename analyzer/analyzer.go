// Package analyzer joins the parts: it reads the inputs of a bundle, turns them into facts,
// lets the rules decide and returns one [Result].
//
// What the rules need is known before any file is opened, so that each log is read once
// and only the events that some rule asked for are decoded:
//
//	a, err := analyzer.New(analyzer.Config{})
//	b, err := bundle.Open(ctx, bundle.Config{}, "case.zip")
//	res, err := a.Analyze(ctx, b)
package analyzer

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/rules"
)

// Config says how to analyze. The zero value runs the built-in rules with the default limits.
type Config struct {
	// Rules are the rules to run; nil stands for the built-in ones.
	Rules []*rules.Rule
	// Account is the account of the ADSync service where the user knows it, in any
	// spelling; it outranks what the inputs say.
	Account string
	// UTCOffset is how far the computers' local time is ahead of UTC, where the user knows
	// it: reports state times without their zone. nil leaves it to the inputs.
	UTCOffset *time.Duration
	// Groups are the members of groups where the user knows them: all members of each.
	Groups []collected.Membership
	// Version is that of the program, for the result; empty for the module's own.
	Version string
	// MaxEvents bounds the events that are kept of a host for one purpose, 0 for the
	// default of [facts.Recent].
	MaxEvents int
	// MaxAllEvents bounds the events that are kept of all hosts for all purposes together, 0
	// for the default of [facts.NewBudget].
	MaxAllEvents int
	// Suppressions accept findings that are known: they are marked, and stay in the result.
	Suppressions []Suppression
	// Now is the time by whose day suppressions end, needed with them: the analyzer looks at
	// no clock.
	Now time.Time
	// Outcome, if set, is given what each rule decided on each host, in the order of hosts and
	// rules, from the goroutine that called Analyze.
	Outcome func(host string, o rules.Outcome)
	// Workers is how many goroutines read a log at the same time, as in [evtx.Map]: 0 for one for
	// each processor that Go uses. The result is the same for any number.
	Workers int
	// EVTX, Report and Collected are the limits of the readers; their Source is set here.
	EVTX      evtx.Config
	Report    gpreport.Config
	Collected collected.Config
	// Progress, if set, is called before each input is read, while a large one is read, and
	// when the last is done, always from the goroutine that called Analyze.
	Progress func(Progress)
	// Timing, if set, is called after each part of the work with the time that it took, always
	// from the goroutine that called Analyze. Times are no part of the result, which is the
	// same for the same input.
	Timing func(Timing)
}

// Progress tells how far an analysis is.
type Progress struct {
	// Source is the input that is read next, empty at the end.
	Source string
	// Done and Total are in bytes.
	Done, Total int64
}

// Analyzer analyzes bundles. It is immutable and safe for concurrent use.
type Analyzer struct {
	cfg      Config
	rules    []*rules.Rule
	filter   *evtx.Filter
	selector map[rules.NeedRef]int // counted after those of facts
	factSels int
	// selectors are those of the facts, then those of the rules.
	selectors []evtx.Selector
}

// New checks the rules and makes the plan: the union of what they need.
func New(cfg Config) (*Analyzer, error) {
	a := &Analyzer{cfg: cfg, rules: cfg.Rules}
	if a.rules == nil {
		builtin, err := rules.Builtin()
		if err != nil {
			return nil, fmt.Errorf("analyzer: the built-in rules: %w", err)
		}
		a.rules = builtin
	}
	if err := rules.Validate(a.rules); err != nil {
		return nil, fmt.Errorf("analyzer: %w", err)
	}
	if err := checkSuppressions(cfg); err != nil {
		return nil, err
	}
	selectors := facts.Selectors()
	a.factSels = len(selectors)
	more, needs := rules.Selectors(a.rules)
	a.selector = selectorOf(needs)
	a.selectors = append(selectors, more...)
	filter, err := evtx.Compile(a.selectors...)
	if err != nil {
		return nil, fmt.Errorf("analyzer: %w", err)
	}
	a.filter = filter
	if a.cfg.EVTX.Templates == nil {
		a.cfg.EVTX.Templates = new(evtx.TemplateCache)
	}
	if a.cfg.Version == "" {
		a.cfg.Version = moduleVersion()
	}
	return a, nil
}

// moduleVersion is the version that the module was built from.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
