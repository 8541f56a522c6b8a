package facts

import (
	"slices"
	"time"
)

// PolicyRun is one time at which Windows processed the computer's policy.
type PolicyRun struct {
	// ActivityID ties its events together.
	ActivityID string
	// Start and End are zero where the log does not have them.
	Start, End time.Time
	// List is the event with the GPOs that apply, Filtered the one with those that do not,
	// with a zero Time where the log does not have them.
	List, Filtered Event

	ended, failed bool // as a whole, or in applying security settings
	changed       bool // the GPOs that apply are known to differ from those of the run before
}

// at is a time of the run.
func (r *PolicyRun) at() time.Time {
	for _, t := range []time.Time{r.List.Time, r.Start, r.End} {
		if !t.IsZero() {
			return t
		}
	}
	return r.Filtered.Time
}

// listed reports whether the whole list of the GPOs that apply is known.
func (r *PolicyRun) listed() bool { return !r.List.Time.IsZero() && !r.List.GPOsCut }

// findRuns puts the events of the log of Group Policy together by their activity. Runs for a
// user are left out, and so are those of which neither the first nor the last event is
// there, since nothing else tells which of the two it is.
func (p *Policy) findRuns(events []Event) {
	type candidate struct {
		PolicyRun
		computer, user bool
	}
	byID := make(map[string]*candidate)
	var order []*candidate
	for _, e := range events {
		if e.ActivityID == "" || !isGroupPolicy(e, policyLog) {
			continue
		}
		c := byID[e.ActivityID]
		if c == nil {
			c = &candidate{PolicyRun: PolicyRun{ActivityID: e.ActivityID}}
			byID[e.ActivityID] = c
			order = append(order, c)
		}
		switch {
		case isRunStart(e):
			c.Start = e.Time
		case isRunEnd(e):
			c.End, c.ended = e.Time, true
			c.failed = c.failed || e.ID < 8000 || win32(e.Data("ErrorCode")) != 0
		case e.ID == 6016 || e.ID == 7016:
			c.failed = true
		case e.ID == 5312:
			c.List = e
		case e.ID == 5313:
			c.Filtered = e
		}
		if isRunStart(e) || isRunEnd(e) {
			machine := isTrue(e.Data("IsMachine"))
			c.computer, c.user = c.computer || machine, c.user || !machine
		}
	}
	for _, c := range order {
		if c.computer && !c.user {
			p.Runs = append(p.Runs, c.PolicyRun)
		}
	}
	slices.SortStableFunc(p.Runs, func(a, b PolicyRun) int { return a.at().Compare(b.at()) })
	for i := 1; i < len(p.Runs); i++ {
		p.Runs[i].changed = p.Runs[i].changedFrom(&p.Runs[i-1])
	}
	p.byActivity = make(map[string]int, len(byID))
	for id, c := range byID {
		if c.user {
			p.byActivity[id] = userRun
		}
	}
	for i, r := range p.Runs {
		p.byActivity[r.ActivityID] = i
	}
}

// userRun stands for the place of a run that was a user's.
const userRun = -1

func isRunStart(e Event) bool { return e.ID >= 4000 && e.ID <= 4007 }

func isRunEnd(e Event) bool { return e.ID >= 7000 && e.ID <= 7007 || e.ID >= 8000 && e.ID <= 8007 }

// unchangedBy reports whether an event 1502 only says that policy was applied again: its
// run had the same GPOs in the same versions as the run before it, which had applied them.
func (p *Policy) unchangedBy(e Event) bool {
	i, ok := p.byActivity[e.ActivityID]
	if !ok || i < 1 {
		return false
	}
	r, before := &p.Runs[i], &p.Runs[i-1]
	return r.listed() && before.listed() && before.ended && !before.failed && !r.changed
}

// changedFrom reports whether the GPOs that apply are known to differ from those of another
// run.
func (r *PolicyRun) changedFrom(before *PolicyRun) bool {
	if !r.listed() || !before.listed() {
		return false
	}
	d, reordered := compareLists(before.List.GPOs, r.List.GPOs)
	return !d.empty() || reordered
}

// lastListed is the newest run at t or before it whose list is known, or nil.
func (p *Policy) lastListed(t time.Time) *PolicyRun {
	for i := len(p.Runs) - 1; i >= 0; i-- {
		if r := &p.Runs[i]; r.listed() && !r.at().After(t) {
			return r
		}
	}
	return nil
}

// firstListed is the oldest run after t whose list is known, or nil.
func (p *Policy) firstListed(t time.Time) *PolicyRun {
	i := slices.IndexFunc(p.Runs, func(r PolicyRun) bool { return r.listed() && r.at().After(t) })
	if i < 0 {
		return nil
	}
	return &p.Runs[i]
}

// window is when the computer's policy was processed in the run of that activity, by the log of the
// run or else by the event that tells its success; empty where neither is there.
func (p *Policy) window(activity string) Window {
	if activity == "" {
		return Window{}
	}
	if i, ok := p.byActivity[activity]; ok && i != userRun {
		r := &p.Runs[i]
		w := Window{r.at(), r.at()}
		if !r.Start.IsZero() {
			w.From = r.Start
		}
		if !r.End.IsZero() {
			w.To = r.End
		}
		return w
	}
	for _, e := range p.Successes {
		if e.ActivityID == activity {
			return Window{e.Time, e.Time}
		}
	}
	return Window{}
}
