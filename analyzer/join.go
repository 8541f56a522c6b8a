package analyzer

import (
	"cmp"
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// join turns the outcomes that failed into findings. One that another failed rule explains
// becomes part of that one's evidence, so that one failure is one finding; causes stand
// above what they may explain.
func join(h *facts.Host, outcomes []rules.Outcome) []Finding {
	j := newJoining(outcomes)
	for i := range outcomes {
		if outcomes[i].Verdict == rules.Failed {
			j.tell(i, outcomes[i].Finding.Evidence, i)
		}
	}
	findings := []Finding{}
	for i, o := range outcomes {
		if !j.headline[i] {
			continue
		}
		f := newFinding(h, o, onePlaceOnce(evidence.Sort(j.items[i])))
		f.Joined = append(f.Joined, j.ids(j.joined[i])...)
		f.MayExplain = append(f.MayExplain, j.ids(j.open(i))...)
		f.Severity = j.gravest(i)
		findings = append(findings, f)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(rank(severities, a.Severity), rank(severities, b.Severity)),
			cmp.Compare(rank(confidences, a.Confidence), rank(confidences, b.Confidence)),
			newest(a, b),
			cmp.Compare(a.Rule, b.Rule),
		)
	})
	return causesFirst(findings)
}

// newest puts what was seen last first, for that is what holds now, and what is a state last.
func newest(a, b Finding) int {
	switch {
	case a.Last != nil && b.Last != nil:
		return b.Last.Compare(*a.Last)
	case a.Last != nil:
		return -1
	case b.Last != nil:
		return 1
	}
	return 0
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

// joining folds findings into those that explain them. Outcomes are named by their index.
type joining struct {
	outcomes []rules.Outcome
	byID     map[string]int
	causes   [][]int       // the failed rules that may explain each
	times    [][]time.Time // when the events of each were, in order

	headline []bool // is told on its own
	items    [][]evidence.Item
	joined   [][]int
}

func newJoining(outcomes []rules.Outcome) *joining {
	n := len(outcomes)
	j := &joining{
		outcomes: outcomes, byID: make(map[string]int, n), causes: make([][]int, n), times: make([][]time.Time, n),
		headline: make([]bool, n), items: make([][]evidence.Item, n), joined: make([][]int, n),
	}
	for i, o := range outcomes {
		j.byID[o.Rule.ID] = i
	}
	for i, o := range outcomes {
		if o.Verdict == rules.Failed {
			j.causes[i] = j.causesOf(i)
			j.times[i] = timesOf(o.Finding)
		}
	}
	return j
}

// causesOf lists the failed rules that may explain a finding, in the order of ExplainedBy.
// A rule between that could not tell does not break the chain; one that passed does, since
// what it looks for is not there.
func (j *joining) causesOf(i int) []int {
	var out []int
	seen := make(map[int]bool)
	var walk func(i int)
	walk = func(i int) {
		for _, id := range j.outcomes[i].Rule.ExplainedBy {
			k, ok := j.byID[id]
			if !ok || seen[k] {
				continue
			}
			seen[k] = true
			switch {
			case j.outcomes[k].Verdict == rules.Failed:
				out = append(out, k)
			case couldNotTell(j.outcomes[k]):
				walk(k)
			}
		}
	}
	walk(i)
	return out
}

// couldNotTell reports whether a rule applies and was not decided.
func couldNotTell(o rules.Outcome) bool {
	return o.Verdict != rules.Passed && o.Verdict != rules.Failed &&
		!slices.ContainsFunc(o.Reasons, func(r facts.Reason) bool { return r.Code == rules.ReasonNotApplicable })
}

func timesOf(f *rules.Finding) []time.Time {
	var times []time.Time
	for _, it := range f.Evidence {
		if !it.Time.IsZero() {
			times = append(times, it.Time)
		}
	}
	if f.Count > 0 {
		times = append(times, f.First, f.Last)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

// tell adds evidence of the finding from to the headlines under which the finding i is told:
// to itself, or to what explains it, and so on upwards. Of several causes each gets the
// evidence of its own time. Rules do not explain each other in a circle.
func (j *joining) tell(i int, items []evidence.Item, from int) {
	var parents []int
	for _, k := range j.causes[i] {
		if together(j.outcomes[i].Finding, j.outcomes[k].Finding) {
			parents = append(parents, k)
		}
	}
	if len(parents) == 0 {
		j.headline[i] = true
		j.items[i] = append(j.items[i], items...)
		if from != i && !slices.Contains(j.joined[i], from) {
			j.joined[i] = append(j.joined[i], from)
		}
		return
	}
	shares := make([][]evidence.Item, len(parents))
	for _, it := range items {
		n := j.nearest(parents, it.Time)
		shares[n] = append(shares[n], it)
	}
	for n, k := range parents {
		if len(shares[n]) > 0 || n == 0 && len(items) == 0 {
			j.tell(k, shares[n], from)
		}
	}
}

// gravest is the severity of a headline: that of its rule, or a graver one of what was folded
// into it, for the cause of what is critical is no less so.
func (j *joining) gravest(i int) rules.Severity {
	out := j.outcomes[i].Rule.Severity
	for _, k := range j.joined[i] {
		if s := j.outcomes[k].Rule.Severity; rank(severities, s) < rank(severities, out) {
			out = s
		}
	}
	return out
}

// oneFailure is how far apart the events of one failed start are logged.
const oneFailure = time.Minute

// together reports whether two findings speak of the same failure: their events overlap in
// time. A finding without events is a state, which no event proves to be the cause; two
// of them speak of the same if they have the same subject.
func together(a, b *rules.Finding) bool {
	if a.Count == 0 && b.Count == 0 {
		return slices.Equal(a.Subject, b.Subject)
	}
	return a.Count > 0 && b.Count > 0 &&
		!a.First.After(b.Last.Add(oneFailure)) && !b.First.After(a.Last.Add(oneFailure))
}

// nearest returns which of the findings has an event closest to t. Those within one failure
// are equally close; of such, and for evidence without a time, the first one counts.
func (j *joining) nearest(list []int, t time.Time) int {
	best, least := 0, time.Duration(-1)
	for n, k := range list {
		if t.IsZero() {
			break
		}
		d := max(distance(j.times[k], t)-oneFailure, 0)
		if least < 0 || d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is how far t is from the closest of times, which are in order and at least one.
func distance(times []time.Time, t time.Time) time.Duration {
	i, _ := slices.BinarySearchFunc(times, t, time.Time.Compare)
	switch {
	case i == 0:
		return times[0].Sub(t)
	case i == len(times):
		return t.Sub(times[i-1])
	}
	return min(t.Sub(times[i-1]), times[i].Sub(t))
}

// open lists the headlines that a headline may explain, when one of the two is a state
// without events, so that no time tells.
func (j *joining) open(cause int) []int {
	var out []int
	for i, causes := range j.causes {
		if j.headline[i] && slices.Contains(causes, cause) &&
			(j.outcomes[i].Finding.Count == 0 || j.outcomes[cause].Finding.Count == 0) {
			out = append(out, i)
		}
	}
	return out
}

func (j *joining) ids(list []int) []string {
	slices.Sort(list)
	var out []string
	for _, i := range list {
		out = append(out, j.outcomes[i].Rule.ID)
	}
	return out
}

// causesFirst moves each finding that may explain others above them. What is only worth
// knowing stays where it is, and so does what is only possible and less grave.
func causesFirst(findings []Finding) []Finding {
	out := make([]Finding, 0, len(findings))
	done := make(map[string]bool)
	var place func(f Finding)
	place = func(f Finding) {
		if done[f.Rule] {
			return
		}
		done[f.Rule] = true
		for _, cause := range findings {
			if slices.Contains(cause.MayExplain, f.Rule) && leads(cause, f) {
				place(cause)
			}
		}
		out = append(out, f)
	}
	for _, f := range findings {
		place(f)
	}
	return out
}

// leads reports whether a finding that may explain another one stands above it.
func leads(cause, f Finding) bool {
	own := rank(severities, cause.Severity)
	return own <= rank(severities, rules.Error) && (cause.Confidence != facts.Possible || own <= rank(severities, f.Severity))
}

// onePlaceOnce keeps one item of those that stand at one place, the last in the order of
// roles: an event that proves the failure names the account too, and the proof counts.
func onePlaceOnce(items []evidence.Item) []evidence.Item {
	type place struct {
		source    evidence.Source
		record    uint64
		offset    int64
		row, line int
	}
	var out []evidence.Item
	at := make(map[place]int)
	for _, it := range items {
		p := place{it.Source, it.Record, it.Offset, it.Row, it.Line}
		if i, ok := at[p]; ok {
			out[i] = it
			continue
		}
		at[p] = len(out)
		out = append(out, it)
	}
	return out
}
