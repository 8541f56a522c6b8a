package analyzer

import (
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
			Conflicts: newConflicts(h.Account.Conflicts),
		},
		Service: Service{
			State: h.Service.State, Since: timeOrNil(h.Service.Since), Account: h.Service.Account,
			Evidence: newEvidence(h.Service.Evidence), Configuration: newConfiguration(h.Service.Snapshot),
		},
		Coverage: coverageOf(h, logs),
		Verdicts: []RuleVerdict{},
		Timeline: []TimelineEntry{},
		History:  []Past{},
	}
	for _, r := range h.Rights.All() {
		out.Rights = append(out.Rights, newRight(r))
	}
	for _, o := range outcomes {
		out.Verdicts = append(out.Verdicts, newVerdict(o))
	}
	for _, e := range h.Timeline {
		out.Timeline = append(out.Timeline, TimelineEntry{
			Time: e.Time, What: e.What, Kind: e.Kind, Evidence: newEvidence(e.Evidence),
			Latest: timeOrNil(e.Latest), Count: e.Count, Last: timeOrNil(e.Last),
		})
	}
	for _, p := range h.History {
		out.History = append(out.History, Past{
			From: timeOrNil(p.From), To: timeOrNil(p.To), What: p.What, Evidence: newEvidence(p.Evidence),
		})
	}
	out.Findings = join(h, outcomes)
	return out
}

func newConflicts(list []facts.Conflict) []Conflict {
	out := make([]Conflict, len(list))
	for i, c := range list {
		out[i] = Conflict{Name: c.Name, By: c.By, Evidence: newEvidence(c.Evidence)}
	}
	return out
}

func newConfiguration(s facts.Snapshot) *Configuration {
	if !s.Known {
		return nil
	}
	return &Configuration{
		Account: s.Account, Start: string(s.Start), State: string(s.State), Managed: s.Managed, DisplayName: s.DisplayName,
		Path: s.Path, Dependencies: nonNil(s.Dependencies), Evidence: newEvidence(s.Evidence),
	}
}

func newRight(r *facts.Right) Right {
	return Right{
		Right: r.Name, Display: r.Display, Verdict: r.Verdict, Defined: r.Defined, Local: r.Local,
		Winner:     GPO{Name: r.Winner.Name, GUID: r.Winner.GUID},
		Principals: newPrincipals(r.Principals), Covering: newPrincipals(r.Covering), Unexpanded: newPrincipals(groupsOf(r)),
		Evidence: newEvidence(r.Evidence),
	}
}

// groupsOf returns the principals of a list that may be groups with the account in them; bare
// names of virtual accounts are none, and the reasons tell of them.
func groupsOf(r *facts.Right) []sid.Principal {
	return slices.DeleteFunc(slices.Clone(r.Unexpanded), func(p sid.Principal) bool { return slices.Contains(r.Bare, p) })
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
			out[i].Channel, out[i].Provider, out[i].EventID = it.Channel, it.Provider, it.EventID
			offset := it.Offset
			out[i].Offset, out[i].Recovered = &offset, it.Recovered
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

func newFinding(h *facts.Host, o rules.Outcome, items []evidence.Item) Finding {
	f := o.Finding
	out := Finding{
		Rule: o.Rule.ID, Title: o.Rule.Title, Severity: o.Rule.Severity, Confidence: f.Confidence,
		Message: f.Message, Remedy: nonNil(f.Remedy), Links: nonNil(o.Rule.Links),
		First: timeOrNil(f.First), Last: timeOrNil(f.Last), Count: f.Count,
		Fingerprint: fingerprint(o.Rule.ID, h.Name, f.Subject),
		Joined:      []string{}, MayExplain: []string{}, Evidence: newEvidence(items),
	}
	if out.Confidence == facts.Certain && onlyRecovered(items) {
		out.Confidence = facts.Probable
	}
	return out
}

// onlyRecovered reports whether all events among the evidence come from damaged parts of logs,
// where their values may be damaged too.
func onlyRecovered(items []evidence.Item) bool {
	events := 0
	for _, it := range items {
		if !it.IsEvent() {
			continue
		}
		if events++; it.Recovered == "" {
			return false
		}
	}
	return events > 0
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
