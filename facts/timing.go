package facts

import (
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/sid"
)

// timing relates the report that shows policy to the events that show its effect.
type timing struct {
	// collected is when the report was made, applied when the policy that it shows was
	// applied; each as early and as late as the unknown time zone allows.
	collected, applied Window
	// changes are the times at which computer policy was applied with changes.
	changes []time.Time
}

func newTiming(h *Host, events []Event) timing {
	var t timing
	if r := h.Reports.latest; r != nil {
		z := zoneOf(r, h.zone)
		t.collected = z.window(r.Collected)
		t.applied = z.window(r.Computer.Refreshed)
		if t.applied.Empty() {
			t.applied = t.collected
		}
	}
	for _, e := range events {
		if strings.EqualFold(e.Provider, groupPolicy) && e.ID == 1502 {
			t.changes = append(t.changes, e.Time)
		}
	}
	return t
}

// A report belongs to the time that a log covers when it was made within a day of it.
const nearby = 24 * time.Hour

// inForce tells whether the policy that the report shows was in force when an event of the
// System log happened: nothing in the log says that policy changed between the two. Where
// the time zone leaves open which came first, the report is taken for the later one, since
// reports are made because of a failure. sure is set when the order is known and the log
// covers all of the time between.
func (t timing) inForce(at time.Time, logs Logs) (holds, sure bool) {
	log, ok := logs.Channel(systemLog)
	if !ok || t.collected.Empty() ||
		t.collected.From.After(log.Window.To.Add(nearby)) || t.collected.To.Before(log.Window.From.Add(-nearby)) {
		return false, false
	}
	between := Window{at, t.collected.To}
	sure = at.Before(t.collected.From)
	if at.After(t.collected.To) {
		between = Window{t.collected.From, at}
		sure = true
	}
	for _, c := range t.changes {
		if c.After(between.From) && !c.After(between.To) {
			return false, false
		}
	}
	if between.To.After(log.Window.To) {
		between.To = log.Window.To
	}
	return true, sure && logs.Cover(systemLog, between)
}

// judgeByLogons lets what Windows did decide where the list alone cannot, and checks the
// list against it: a refused logon shows that no listed group covers the account, a good
// one that the list is not the whole truth.
func (r *Right) judgeByLogons(h *Host, t timing) {
	if !r.Defined {
		return
	}
	if refused, ok := h.refusal(); ok {
		if holds, sure := t.inForce(refused.Time, h.Logs); holds {
			r.refusedBy(refused, sure, h)
			return
		}
	}
	if r.Verdict == Omitted && t.contradicts(h.Service) {
		r.Verdict = Undetermined
		r.Reasons = []Reason{{
			Code: "started-since", Input: string(h.Reports.latest.Source), Ask: askReport,
			Message: "The service started after the policy that the report shows was applied, or may have: the report is out of date, or something else covers the account. Collect a new report.",
		}}
	}
}

// refusal is the newest event in which the account was refused for lack of the right,
// unless it logged on since.
func (h *Host) refusal() (Event, bool) {
	e, ok := h.Service.lastRefusal()
	if !ok || h.Service.LoggedOnAfter(e.Time) {
		return Event{}, false
	}
	refused := sid.ParsePrincipal(e.Param(2))
	self := sid.Principal{Name: h.Account.Name, SID: h.Account.SID}
	return e, sid.Compare(refused, self, contextOf(h)) != sid.Different
}

// refusedBy takes into account that Windows refused the account under this policy.
func (r *Right) refusedBy(e Event, sure bool, h *Host) {
	if len(r.Covering) > 0 {
		r.Verdict = Undetermined
		r.Reasons = []Reason{{
			Code: "evidence-contradicts", Input: string(h.Reports.latest.Source),
			Ask:     "secedit /export /areas USER_RIGHTS /cfg secedit.inf",
			Message: "The report gives the account the right, yet Windows refused it at " + utc(e.Time) + ". The policy may not have reached the computer's own security database, or a right that denies the logon is set there.",
		}}
		return
	}
	r.Refused, r.Unexpanded = true, nil
	r.Verdict, r.Confidence, r.Reasons = Omitted, Probable, nil
	if sure {
		r.Confidence = Certain
	}
}

// confirm makes a deny right that hits the account certain when Windows refused the account
// under this policy.
func (r *Right) confirm(h *Host, t timing) {
	refused, ok := h.refusal()
	if r.Verdict != Denied || !ok || h.Account.Assumed {
		return
	}
	if _, sure := t.inForce(refused.Time, h.Logs); sure {
		r.Confidence = Certain
	}
}

// contradicts reports whether the account logged on after the policy of the report was
// applied, or may have. A logon before that only shows that policy was different then.
func (t timing) contradicts(s Service) bool {
	at := lastLogon(s)
	return !at.IsZero() && (t.applied.Empty() || at.After(t.applied.From))
}

// lastLogon is the time of the newest good start or logon.
func lastLogon(s Service) time.Time {
	var at time.Time
	for _, list := range [][]Event{s.Starts, s.Logons} {
		if n := len(list); n > 0 && list[n-1].Time.After(at) {
			at = list[n-1].Time
		}
	}
	return at
}

// lastRefusal is the newest event in which the account was refused for lack of the right:
// 7041, or 7038 with ERROR_LOGON_TYPE_NOT_GRANTED (1385) or its older form (1380).
func (s Service) lastRefusal() (Event, bool) {
	for i := len(s.Failures) - 1; i >= 0; i-- {
		if e := s.Failures[i]; e.ID == 7041 || e.ID == 7038 && (e.Param(3) == "%%1385" || e.Param(3) == "%%1380") {
			return e, true
		}
	}
	return Event{}, false
}
