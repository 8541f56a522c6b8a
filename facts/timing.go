package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// timing relates the report that shows policy to the events that show its effect.
type timing struct {
	// collected is when the report was made, applied when the policy that it shows was
	// applied; each as early and as late as the unknown time zone allows.
	collected, applied Window
	// changes are the events that show that computer policy, or the right itself, changed, in
	// order of time.
	changes []Event
	// unsure are the times in which no order is known; see [spansOf].
	unsure []Window
}

func newTiming(h *Host) timing {
	var t timing
	if r := h.Reports.latest; r != nil {
		z := zoneOf(r, h.zone)
		t.collected = z.window(r.Collected)
		t.applied = z.window(r.Computer.Refreshed)
		// The report names the run of policy by which it came about: its events have the time
		// in UTC.
		if c, ok := r.Computer.Component(gpreport.Infrastructure); ok {
			if run := h.Policy.window(c.ActivityID); !run.Empty() {
				t.applied = run
			}
		}
		if t.applied.Empty() {
			t.applied = t.collected
		}
	}
	t.changes, t.unsure = h.Policy.changeEvents(), h.Policy.unsure
	return t
}

// A report belongs to the time that a log covers when it was made within a day of it.
const nearby = 24 * time.Hour

// inForce tells whether the policy that the report shows was in force when an event of the
// System log happened: nothing in the log says that policy changed between the two. Where
// the time zone leaves open which came first, the report is taken for the later one, since
// reports are made because of a failure. sure is set when the order is known, the clock was
// not set back meanwhile, and the log covers all of the time between.
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
	if t.changedIn(between) {
		return false, false
	}
	return true, sure && logs.Cover(systemLog, between) && !orderUnsure(t.unsure, between)
}

// changedIn reports whether policy changed after the begin of a time and until its end.
func (t timing) changedIn(w Window) bool {
	i, _ := slices.BinarySearchFunc(t.changes, w.From, func(c Event, from time.Time) int {
		if c.Time.After(from) {
			return 1
		}
		return -1
	})
	return i < len(t.changes) && !t.changes[i].Time.After(w.To)
}

// judgeByLogons lets what Windows did decide where the list alone cannot, and checks the
// list against it: a logon that was refused under this very policy shows that no listed
// group covers the account, a good one that the list is not the whole truth. deny is what is
// known of the right that denies the logon: it could be why Windows refused.
func (r *Right) judgeByLogons(h *Host, t timing, deny Verdict) {
	if !r.Defined || r.Verdict == Undetermined && len(r.Unexpanded) == 0 {
		return
	}
	if refusals := h.Service.Refusals; len(refusals) > 0 {
		r.refusedBy(refusals, h, t, deny)
	}
	if r.Verdict == Omitted && t.contradicts(h) {
		r.Verdict = Undetermined
		r.Reasons = []Reason{startedSince(h)}
	}
	if r.Verdict == Omitted && !r.Refused && t.outdated() {
		r.Confidence = Possible
	}
}

// outdated reports whether computer policy was applied with changes after the report was
// made, so that it may not show the policy of today.
func (t timing) outdated() bool {
	n := len(t.changes)
	return n > 0 && !t.collected.Empty() && t.changes[n-1].Time.After(t.collected.To)
}

func startedSince(h *Host) Reason {
	return Reason{
		Code: "started-since", Input: string(h.Reports.latest.Source), Ask: askReport,
		Message: "The account logged on under the policy that the report shows, or may have: the report is out of date, or something else decides. Collect a new report.",
	}
}

// refusedBy takes into account that Windows refused the account.
func (r *Right) refusedBy(refusals []Event, h *Host, t timing, deny Verdict) {
	last := refusals[len(refusals)-1]
	if len(r.Covering) > 0 {
		if !t.changedSince(last.Time) && !r.coveredSince.After(last.Time) {
			r.Verdict = Undetermined
			r.Reasons = []Reason{contradiction(h, t, last)}
			r.Contradicted = h.contradicted(refusals, t)
		}
		return
	}
	var under, likely []Event
	for _, e := range refusals {
		if holds, sure := t.inForce(e.Time, h.Logs); sure {
			under = append(under, e)
		} else if holds {
			likely = append(likely, e)
		}
	}
	// A deny right, or a name that was not understood, may be why Windows refused. It cannot
	// where nothing in the list can hold the account anyway.
	denied := deny != Omitted && deny != Undefined
	outside := h.outside(r.Unexpanded)
	switch {
	case !outside && (denied || r.mayBeMember || slices.ContainsFunc(r.Unexpanded, obscure)):
		return
	case len(under) > 0:
		r.Refused, r.RefusedBy, r.Confidence = true, under, Probable
		if outside && !(denied && len(r.Unexpanded) > 0) {
			r.Confidence = Certain
		}
	case len(likely) > 0 && outside:
		r.RefusedBy, r.Confidence = likely, Probable
	default:
		return
	}
	r.Verdict, r.Unexpanded, r.Reasons = Omitted, nil, nil
}

// contradicted are the refusals that surely hit the account while the policy that the report
// shows was surely in force.
func (h *Host) contradicted(refusals []Event, t timing) []Event {
	var out []Event
	for _, e := range refusals {
		same := e.ID == 4625 || h.compare(sid.ParsePrincipal(e.Param(2)), h.Account.principal()) == sid.Same
		if _, sure := t.inForce(e.Time, h.Logs); same && sure {
			out = append(out, e)
		}
	}
	return out
}

// outside reports whether none of the principals of a list, which are not known to cover the
// account, can hold it all the same.
func (h *Host) outside(list []sid.Principal) bool {
	return len(list) == 0 ||
		h.Account.Kind == Virtual && !slices.ContainsFunc(list, func(p sid.Principal) bool { return obscure(p) || h.mayHoldVirtual(p) })
}

// mayHoldVirtual reports whether a principal may be a group of this computer, which can
// have a virtual account as a member. A group of a domain cannot: the account exists on this
// computer only. A bare SID does not tell of which of the two it is.
func (h *Host) mayHoldVirtual(p sid.Principal) bool {
	authority := p.Authority()
	return strings.HasPrefix(string(p.SID), "S-1-5-32-") || strings.EqualFold(authority, "BUILTIN") ||
		authority == "." || authority == "" || h.hasName(strings.ToUpper(authority))
}

// obscure reports whether a principal may stand for the account for another reason than
// that the account is in a group: a bare name, the SERVICE identity, a name that is not all there, or an
// authority that is not the name of a domain, such as NT SERVICE in another language.
func obscure(p sid.Principal) bool {
	authority := p.Authority()
	return isUnreadable(p) || p.SID == "S-1-5-6" || p.SID == "" && (authority == "" || isWindowsAuthority(authority))
}

// isWindowsAuthority reports whether an authority looks like one of Windows itself, such as
// NT AUTHORITY, in whatever language: names of domains have no blanks.
func isWindowsAuthority(authority string) bool {
	return strings.Contains(authority, " ") || strings.HasPrefix(strings.ToUpper(authority), "NT-")
}

func contradiction(h *Host, t timing, refusal Event) Reason {
	if own := h.LocalPolicy.Service; own.Known && len(own.Covering) == 0 && len(own.Unexpanded) == 0 {
		return Reason{
			Code: "evidence-contradicts", Input: string(h.Reports.latest.Source),
			Message: "The report gives the account the right, yet Windows refused it at " + utc(refusal.Time) + ". An export of the computer's own security settings does not have it: the policy has most likely not reached the computer.",
		}
	}
	if !t.collected.Empty() && t.changedIn(Window{t.collected.To, refusal.Time}) {
		return Reason{
			Code: "policy-changed-since", Input: string(h.Reports.latest.Source), Ask: askReport,
			Message: "The report gives the account the right, but policy changed after it was made, before Windows refused the account at " + utc(refusal.Time) + ".",
		}
	}
	return Reason{
		Code: "evidence-contradicts", Input: string(h.Reports.latest.Source),
		Ask:     "secedit /export /areas USER_RIGHTS /cfg secedit.inf",
		Message: "The report gives the account the right, yet Windows refused it at " + utc(refusal.Time) + ". The policy may not have reached the computer's own security database, or a right that denies the logon is set there.",
	}
}

// changedSince reports whether computer policy was applied with changes after an event and
// before the report was made, so that the report may show the repair.
func (t timing) changedSince(at time.Time) bool {
	return t.changedIn(Window{at, t.collected.To})
}

// checkDeny compares a deny right that hits the account with what Windows did: certain when
// it refused the account under this policy, open when the account logged on under it.
func (r *Right) checkDeny(h *Host, t timing) {
	if r.Verdict != Denied {
		return
	}
	if t.contradicts(h) {
		r.Verdict, r.Confidence = Undetermined, ""
		r.Reasons = []Reason{startedSince(h)}
		return
	}
	for _, e := range h.Service.Refusals {
		if holds, sure := t.inForce(e.Time, h.Logs); holds && sure && !h.Account.Assumed {
			r.Confidence = Certain
			r.RefusedBy = append(r.RefusedBy, e)
		}
	}
}

// contradicts reports whether the account logged on under the policy of the report, or may
// have: after it was applied, or before with no change of policy between.
func (t timing) contradicts(h *Host) bool {
	at := lastLogon(h.Service)
	if at.IsZero() {
		return false
	}
	if h.Service.RefusedAfter(at) {
		// Policy changed since, seen or not: only a report of what was before it is refuted.
		return !t.applied.Empty() && at.After(t.applied.To)
	}
	if t.applied.Empty() || at.After(t.applied.From) {
		return true
	}
	holds, sure := t.inForce(at, h.Logs)
	return holds && sure
}

// lastLogon is the time of the newest good start or logon. Signs of a service at work come
// at any time after its start, and do not count.
func lastLogon(s Service) time.Time {
	var at time.Time
	for _, list := range [][]Event{s.Starts, s.Logons} {
		for i := len(list) - 1; i >= 0; i-- {
			if !isLife(list[i]) {
				if list[i].Time.After(at) {
					at = list[i].Time
				}
				break
			}
		}
	}
	return at
}
