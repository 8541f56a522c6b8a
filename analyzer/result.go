package analyzer

import (
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// Schema is the value of Result.Schema.
const Schema = "gpevtx.result/v1"

// Result is what an analysis found: a plain value, the same for the same inputs and
// configuration. Its JSON form is the contract that other programs build on: lists are
// present even when empty, times are UTC.
type Result struct {
	Schema string  `json:"schema"`
	Tool   Tool    `json:"tool"`
	Hosts  []Host  `json:"hosts"`
	Inputs []Input `json:"inputs"`
	// OmittedHosts is how many more computers the inputs speak of than the 256 that are in
	// Hosts.
	OmittedHosts int `json:"omittedHosts"`
	// Suppressions tell what became of those of the configuration, in their order.
	Suppressions []SuppressionUse `json:"suppressions"`
}

// Tool says what made the result.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Rules   Counts `json:"rules"`
}

// Counts counts rules by their verdict; with several hosts a rule counts once, by its
// worst verdict (failed, errored, inconclusive, passed, skipped).
type Counts struct {
	Total        int `json:"total"`
	Failed       int `json:"failed"`
	Passed       int `json:"passed"`
	Inconclusive int `json:"inconclusive"`
	Skipped      int `json:"skipped"`
	Errored      int `json:"errored"`
}

// Host is the result for one computer.
type Host struct {
	Name     string          `json:"name"`
	Domain   string          `json:"domain"`
	Account  Account         `json:"account"`
	Rights   []Right         `json:"rights"`
	Service  Service         `json:"service"`
	Coverage []Coverage      `json:"coverage"`
	Findings []Finding       `json:"findings"`
	Verdicts []RuleVerdict   `json:"verdicts"`
	Timeline []TimelineEntry `json:"timeline"`
	// History are the troubles of the service that are over: no findings, for there is
	// nothing left to do about them.
	History []Past `json:"history"`
}

// Account is the ADSync service's account.
type Account struct {
	Name       string            `json:"name"`
	SID        string            `json:"sid"`
	Kind       facts.AccountKind `json:"kind"`
	Confidence facts.Confidence  `json:"confidence"`
	// Assumed is set when no input names the account.
	Assumed  bool       `json:"assumed"`
	Evidence []Evidence `json:"evidence"`
	// Conflicts are other accounts that inputs name.
	Conflicts []Conflict `json:"conflicts"`
}

// Conflict is an account that an input names and that is another one than the account that
// counts.
type Conflict struct {
	Name     string     `json:"name"`
	By       string     `json:"by"`
	Evidence []Evidence `json:"evidence"`
}

// Principal is an account or group as a policy lists it.
type Principal struct {
	Name string `json:"name"`
	SID  string `json:"sid"`
}

// GPO names a Group Policy object; both fields are empty when there is none.
type GPO struct {
	Name string `json:"name"`
	GUID string `json:"guid"`
}

// Right is the verdict on one of the six rights.
type Right struct {
	Right   string        `json:"right"`
	Display string        `json:"display"`
	Verdict facts.Verdict `json:"verdict"`
	// Defined is set when a GPO defines the right.
	Defined bool `json:"defined"`
	// Local is set when no GPO is known to define the right, and the verdict and the list
	// are those of the computer's own security database.
	Local      bool        `json:"local"`
	Winner     GPO         `json:"winner"`
	Principals []Principal `json:"principals"`
	Covering   []Principal `json:"covering"`
	Unexpanded []Principal `json:"unexpanded"`
	Evidence   []Evidence  `json:"evidence"`
}

// Service is the state of the ADSync service.
type Service struct {
	State facts.ServiceState `json:"state"`
	// Since is nil when unknown.
	Since    *time.Time `json:"since"`
	Account  string     `json:"account"`
	Evidence []Evidence `json:"evidence"`
	// Configuration is nil, and left out, when no input shows it.
	Configuration *Configuration `json:"configuration,omitempty"`
}

// Configuration is how the service is set up, as files show it that do not tell their time.
// What they do not show is empty.
type Configuration struct {
	Account      string     `json:"account"`
	Start        string     `json:"start"`
	State        string     `json:"state"`
	Managed      string     `json:"managed"`
	DisplayName  string     `json:"displayName"`
	Path         string     `json:"path"`
	Dependencies []string   `json:"dependencies"`
	Evidence     []Evidence `json:"evidence"`
}

// Coverage tells what one log holds of one channel.
type Coverage struct {
	Source  string     `json:"source"`
	Channel string     `json:"channel"`
	First   *time.Time `json:"first"`
	Last    *time.Time `json:"last"`
	// Read counts the records of the channel in the file, wanted or not.
	Read int64 `json:"read"`
	// Lost counts records of the file that could not be decoded.
	Lost int64 `json:"lost"`
	// Recovered counts records of the file that were read from damaged parts of it.
	Recovered int64 `json:"recovered"`
	// FreeSpace counts older records that are left in the file's free space. Nothing is
	// concluded from them.
	FreeSpace int64 `json:"freeSpace"`
	Gaps      []Gap `json:"gaps"`
	Wrapped   bool  `json:"wrapped"`
	Dirty     bool  `json:"dirty"`
}

// Gap is a run of record numbers that a log lacks.
type Gap struct {
	// After and Before are the record numbers on either side.
	After  uint64     `json:"after"`
	Before uint64     `json:"before"`
	From   *time.Time `json:"from"`
	To     *time.Time `json:"to"`
}

// Finding is a problem that a rule found.
type Finding struct {
	Rule  string `json:"rule"`
	Title string `json:"title"`
	// Severity is that of the rule, or the gravest of those that were folded into it.
	Severity   rules.Severity   `json:"severity"`
	Confidence facts.Confidence `json:"confidence"`
	Message    string           `json:"message"`
	Remedy     []string         `json:"remedy"`
	Links      []string         `json:"links"`
	// First and Last are nil for a finding that is a state rather than events.
	First       *time.Time `json:"first"`
	Last        *time.Time `json:"last"`
	Count       int        `json:"count"`
	Fingerprint string     `json:"fingerprint"`
	// Joined names the rules whose findings were folded into this one, which explains them.
	// What several causes explain is folded into each of them with its part of the evidence.
	Joined []string `json:"joined"`
	// MayExplain names the rules whose findings stand on their own because nothing proves
	// that this one, which is a state without events, is their cause.
	MayExplain []string   `json:"mayExplain"`
	Evidence   []Evidence `json:"evidence"`
	// Suppressed is set when a suppression accepts the finding.
	Suppressed *Suppressed `json:"suppressed,omitempty"`
}

// Evidence is one piece of evidence. Fields that do not apply are left out: a place in a
// report has section, row and line; an event has record, offset and time.
type Evidence struct {
	Role    string     `json:"role"`
	Source  string     `json:"source"`
	Section []string   `json:"section,omitempty"`
	Row     int        `json:"row,omitempty"`
	Line    int        `json:"line,omitempty"`
	Record  uint64     `json:"record,omitempty"`
	Offset  *int64     `json:"offset,omitempty"`
	Time    *time.Time `json:"time,omitempty"`
	// Channel, Provider and EventID say which event it is.
	Channel  string `json:"channel,omitempty"`
	Provider string `json:"provider,omitempty"`
	EventID  int    `json:"eventId,omitempty"`
	// Recovered says from what damaged part of a log the event was recovered.
	Recovered string `json:"recovered,omitempty"`
	Excerpt   string `json:"excerpt"`
}

// RuleVerdict is what one rule decided, with the reasons when it could not.
type RuleVerdict struct {
	Rule    string        `json:"rule"`
	Verdict rules.Verdict `json:"verdict"`
	Reasons []Reason      `json:"reasons"`
}

// Reason says why a rule could not tell, and how to find out.
type Reason struct {
	Code    string `json:"code"`
	Input   string `json:"input"`
	Message string `json:"message"`
	Ask     string `json:"ask"`
}

// TimelineEntry is one thing that happened on a host, or that happened again and again.
type TimelineEntry struct {
	Time     time.Time  `json:"time"`
	What     string     `json:"what"`
	Kind     string     `json:"kind"`
	Evidence []Evidence `json:"evidence"`
	// Latest is set where the time is not known exactly: Time is the earliest moment then.
	Latest *time.Time `json:"latest,omitempty"`
	// Count and Last are set where the entry stands for several in a row that say the same.
	Count int        `json:"count,omitempty"`
	Last  *time.Time `json:"last,omitempty"`
}

// Past is a trouble that is over: seen between From and To, which are nil when unknown.
type Past struct {
	From     *time.Time `json:"from"`
	To       *time.Time `json:"to"`
	What     string     `json:"what"`
	Evidence []Evidence `json:"evidence"`
}

// Input is one file or archive member and what became of it.
type Input struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"`
	Status string `json:"status"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Detail string `json:"detail"`
}

// isEvidence reports whether inputs of a kind are what results rest on.
func isEvidence(k bundle.Kind) bool {
	switch k {
	case bundle.EVTX, bundle.EVTXChunk, bundle.GPResultHTML, bundle.GPResultXML, bundle.SeceditINF, bundle.RegExport, bundle.SCText, bundle.ServiceList:
		return true
	}
	return false
}

// HasEvidence reports whether at least one report, security template, event log, registry
// export or list of services could be read and used, so that the result rests on something.
func (r *Result) HasEvidence() bool {
	for _, in := range r.Inputs {
		if isEvidence(bundle.Kind(in.Kind)) && (in.Status == string(bundle.Read) || in.Status == string(bundle.Partly)) {
			return true
		}
	}
	return false
}

// Verdict returns the worst verdict of a rule over all hosts, in the order failed, errored,
// inconclusive, passed, skipped, and the reasons that go with it. ok is false for a rule that
// did not run.
func (r *Result) Verdict(rule string) (v RuleVerdict, ok bool) {
	for _, h := range r.Hosts {
		for _, rv := range h.Verdicts {
			if rv.Rule == rule && (!ok || slices.Index(worst, rv.Verdict) < slices.Index(worst, v.Verdict)) {
				v, ok = rv, true
			}
		}
	}
	return v, ok
}

// Open returns the findings of a host that no suppression accepts, in their order.
func (h *Host) Open() []Finding {
	return slices.DeleteFunc(slices.Clone(h.Findings), func(f Finding) bool { return f.Suppressed != nil })
}
