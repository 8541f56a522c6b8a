package analyzer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/sid"
)

// newHost puts the facts of a host and the outcomes of the rules into the result's form.
func newHost(h *facts.Host, outcomes []rules.Outcome, logs coverageIndex) Host {
	out := Host{
		Name: h.Name, Domain: h.Domain,
		Account: Account{
			Name: h.Account.Name, SID: string(h.Account.SID), Kind: h.Account.Kind,
			Confidence: h.Account.Confidence, Assumed: h.Account.Assumed, Evidence: newEvidence(h.Account.Evidence),
		},
		Service: Service{
			State: h.Service.State, Since: timeOrNil(h.Service.Since), Account: h.Service.Account,
			Evidence: newEvidence(h.Service.Evidence),
		},
		Coverage: coverageOf(h, logs),
		Verdicts: []RuleVerdict{},
		Timeline: []TimelineEntry{},
	}
	for _, r := range h.Rights.All() {
		out.Rights = append(out.Rights, newRight(r))
	}
	for _, o := range outcomes {
		out.Verdicts = append(out.Verdicts, newVerdict(o))
	}
	for _, e := range h.Timeline {
		out.Timeline = append(out.Timeline, TimelineEntry{Time: e.Time, What: e.What, Kind: e.Kind, Evidence: newEvidence(e.Evidence)})
	}
	out.Findings = join(h, outcomes)
	return out
}

func newRight(r *facts.Right) Right {
	return Right{
		Right: r.Name, Display: r.Display, Verdict: r.Verdict, Defined: r.Defined,
		Winner:     GPO{Name: r.Winner.Name, GUID: r.Winner.GUID},
		Principals: newPrincipals(r.Principals), Covering: newPrincipals(r.Covering), Unexpanded: newPrincipals(r.Unexpanded),
		Evidence: newEvidence(r.Evidence),
	}
}

func newPrincipals(list []sid.Principal) []Principal {
	out := make([]Principal, len(list))
	for i, p := range list {
		out[i] = Principal{Name: p.Name, SID: string(p.SID)}
	}
	return out
}

func newVerdict(o rules.Outcome) RuleVerdict {
	v := RuleVerdict{Rule: o.Rule.ID, Verdict: o.Verdict, Reasons: []Reason{}}
	for _, r := range o.Reasons {
		v.Reasons = append(v.Reasons, Reason{Code: r.Code, Input: r.Input, Message: r.Message, Ask: r.Ask})
	}
	if o.Err != nil {
		v.Reasons = append(v.Reasons, Reason{Code: "rule-error", Input: o.Rule.ID, Message: o.Err.Error()})
	}
	return v
}

func newEvidence(items []evidence.Item) []Evidence {
	out := make([]Evidence, len(items))
	for i, it := range items {
		out[i] = Evidence{
			Role: it.Role, Source: string(it.Source), Section: it.Section, Row: it.Row, Line: it.Line,
			Record: it.Record, Time: timeOrNil(it.Time), Excerpt: it.Excerpt,
		}
		if it.IsEvent() {
			offset := it.Offset
			out[i].Offset = &offset
		}
	}
	return out
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

// join turns the outcomes that failed into findings. One that another failed rule explains
// becomes part of that one's evidence, so that one failure is one finding.
func join(h *facts.Host, outcomes []rules.Outcome) []Finding {
	failed := make(map[string]rules.Outcome)
	for _, o := range outcomes {
		if o.Verdict == rules.Failed {
			failed[o.Rule.ID] = o
		}
	}
	items := make(map[string][]evidence.Item)
	joined := make(map[string][]string)
	for _, o := range outcomes {
		if o.Verdict != rules.Failed {
			continue
		}
		id := headline(o, failed)
		items[id] = append(items[id], o.Finding.Evidence...)
		if id != o.Rule.ID {
			joined[id] = append(joined[id], o.Rule.ID)
		}
	}
	findings := []Finding{}
	for _, o := range outcomes {
		if list, ok := items[o.Rule.ID]; ok {
			findings = append(findings, newFinding(h, o, onePlaceOnce(evidence.Sort(list)), joined[o.Rule.ID]))
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(rank(severities, a.Severity), rank(severities, b.Severity)),
			cmp.Compare(rank(confidences, a.Confidence), rank(confidences, b.Confidence)),
			cmp.Compare(a.Rule, b.Rule),
		)
	})
	return findings
}

// onePlaceOnce keeps one item of those that stand at one place, the last in the order of
// roles: an event that proves the failure names the account too, and the proof counts.
func onePlaceOnce(items []evidence.Item) []evidence.Item {
	var out []evidence.Item
	for _, it := range items {
		i := slices.IndexFunc(out, func(o evidence.Item) bool {
			return o.Source == it.Source && o.Record == it.Record && o.Offset == it.Offset && o.Row == it.Row && o.Line == it.Line
		})
		if i < 0 {
			out = append(out, it)
		} else {
			out[i] = it
		}
	}
	return out
}

var (
	severities  = []rules.Severity{rules.Critical, rules.Error, rules.Warning, rules.Info}
	confidences = []facts.Confidence{facts.Certain, facts.Probable, facts.Possible}
)

func rank[T comparable](list []T, v T) int {
	if i := slices.Index(list, v); i >= 0 {
		return i
	}
	return len(list)
}

// headline is the rule under whose finding this one is told: the first failed rule that
// explains it and speaks of the same failure, and so on upwards. Rules do not explain each
// other in a circle.
func headline(o rules.Outcome, failed map[string]rules.Outcome) string {
	for {
		i := slices.IndexFunc(o.Rule.ExplainedBy, func(id string) bool {
			other, ok := failed[id]
			return ok && together(o.Finding, other.Finding)
		})
		if i < 0 {
			return o.Rule.ID
		}
		o = failed[o.Rule.ExplainedBy[i]]
	}
}

// oneFailure is how far apart the events of one failed start are logged.
const oneFailure = time.Minute

// together reports whether two findings speak of the same failure: their events overlap in
// time. A finding without events is a state, which no event proves to be the cause.
func together(a, b *rules.Finding) bool {
	return a.Count > 0 && b.Count > 0 &&
		!a.First.After(b.Last.Add(oneFailure)) && !b.First.After(a.Last.Add(oneFailure))
}

func newFinding(h *facts.Host, o rules.Outcome, items []evidence.Item, joined []string) Finding {
	f := o.Finding
	out := Finding{
		Rule: o.Rule.ID, Title: o.Rule.Title, Severity: o.Rule.Severity, Confidence: f.Confidence,
		Message: f.Message, Remedy: nonNil(f.Remedy), Links: nonNil(o.Rule.Links),
		First: timeOrNil(f.First), Last: timeOrNil(f.Last), Count: f.Count,
		Fingerprint: fingerprint(o.Rule.ID, h.Name, f.Subject),
		Joined:      nonNil(joined), Evidence: newEvidence(items),
	}
	return out
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// fingerprint identifies a problem over several analyses of the same host.
func fingerprint(rule, host string, subject []string) string {
	parts := append([]string{"gpevtx/v1", rule, strings.ToUpper(host)}, subject...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
