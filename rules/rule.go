package rules

import (
	"context"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
)

// Severity says how much a finding matters.
type Severity string

// The severities, from worst to least.
const (
	Critical Severity = "critical"
	Error    Severity = "error"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Verdict is the outcome of one rule on one host. The zero value means inconclusive.
type Verdict string

// The verdicts.
const (
	Inconclusive Verdict = "inconclusive"
	Failed       Verdict = "failed"
	Passed       Verdict = "passed"
	Skipped      Verdict = "skipped"
	Errored      Verdict = "errored"
)

// Needs is what a rule must be given, known before any file is opened.
type Needs struct {
	// Facts names the facts of a host that the rule reads: account, rights,
	// localPolicy, service, engine, reports, logs, settings, policy.
	Facts []string
	// Inputs names kinds of input without which the rule is skipped: see [InputReport].
	Inputs []string
	// Events are the events that the rule reads, by the name it gives them. No two
	// have one name, and none has the name of a fact. A rule is skipped when none of the
	// channels of an event that is not optional is among the inputs.
	Events []EventNeed
}

// EventNeed is one named list of events.
type EventNeed struct {
	// Name is a word of ASCII letters and digits that begins with a lower-case letter.
	Name     string
	Selector evtx.Selector
	// Optional events only strengthen a finding; without their log the rule still runs.
	Optional bool
}

// Rule is one check. A Rule must not be changed once it is in use; then it is safe for
// concurrent use. [Validate] tells whether it is well formed.
type Rule struct {
	// ID names the rule for ever: lower-case words joined by hyphens, such as
	// "service-right-omitted".
	ID    string
	Title string
	// Doc explains the rule in Markdown: what it looks at, when it fails, what may
	// mislead.
	Doc      string
	Severity Severity
	// Solution is the solution of KB 2995030 that the rule automates, 0 for none.
	Solution int
	// Since is the version of gpevtx (or of the rule pack) that first had the rule,
	// such as "0.1.0".
	Since string
	// Links are web addresses of background reading.
	Links []string
	// Remedy are the steps that a finding can advise, for those who read about the rule: a
	// [Finding] has those that apply. A rule in YAML has them from its file, with
	// expressions in braces.
	Remedy []Step
	// ExplainedBy lists rules whose finding on the same host explains this one's: this
	// finding is then folded into theirs as evidence.
	ExplainedBy []string
	Needs       Needs
	// Eval decides. It must only read the Pass, and call at most one of its verdict
	// methods; a rule that calls none is inconclusive. An error makes it errored.
	Eval func(context.Context, *Pass) error
}

// Step is one step of a remedy as it is written in the rule.
type Step struct {
	// If is the condition under which a finding has the step; empty for always.
	If string
	Do string
}

// Finding is what a failed rule reports.
type Finding struct {
	Confidence facts.Confidence
	// Message says what is wrong, in sentences for a person who has not seen the case.
	// Message and Remedy may quote names from the input, as plain text.
	Message string
	// Remedy is what to do about it, in order.
	Remedy []string
	// First, Last and Count tell when and how often it was seen; zero for a state.
	First, Last time.Time
	Count       int
	// Subject identifies what the finding is about for its fingerprint, such as the
	// GPO and the right: it must not change between two collections of the same problem.
	Subject  []string
	Evidence []evidence.Item
}

// Outcome is the verdict of a rule on a host.
type Outcome struct {
	Rule    *Rule
	Verdict Verdict
	// Finding is set exactly when the rule failed.
	Finding *Finding
	// Reasons say why the rule could not tell or did not run. There is at least one for
	// an inconclusive or skipped rule, and none otherwise.
	Reasons []facts.Reason
	// Read names the facts and events of Needs that Eval read, sorted; of a rule in YAML,
	// those that its expressions fetched: not what stands behind a condition that decided
	// without it, and what a value under "let" rests on only if the value was fetched.
	Read []string
	// Err is why a rule errored; nil otherwise.
	Err error
}
