package facts

import (
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/gpreport"
)

// PolicyAge tells whether the newest report of the computer shows the policy that counts:
// the one under which Windows refused the account or, where it did not, today's.
type PolicyAge struct {
	// Matters is set when something rests on the report's age: Windows refused the account,
	// or the report shows a policy that takes the right from it.
	Matters bool
	// Collected is when the report was made, as it says.
	Collected string
	// Current is set when the report surely shows the policy that counts.
	Current bool
	// Later are the events in which computer policy was applied with changes after the report
	// was made, and before Windows last refused the account, if it did: the report is too old.
	Later []Event
	// Between are those after Windows last refused the account and before the report was
	// made, where the report does not show the cause: it may show the repair.
	Between []Event
	// Idle is how many hours before the report was made the computer had last applied policy,
	// if that is more than twice the time after which it does so by default; 0 otherwise.
	Idle int
	// Reasons say why Current is not known.
	Reasons []Reason
}

// Computers apply policy every 90 minutes, and up to 30 more by chance, unless a policy sets
// another interval.
const refreshInterval = 120 * time.Minute

// daylight is how far the clocks go when daylight saving time begins or ends.
const daylight = time.Hour

func newPolicyAge(h *Host, t timing, rights *Rights) PolicyAge {
	r := h.Reports.latest
	if r == nil {
		return PolicyAge{}
	}
	taken := rights.Service.Verdict == Omitted || rights.Service.Verdict == Denied || rights.DenyService.Verdict == Denied
	a := PolicyAge{Matters: taken || len(h.Service.Refusals) > 0, Collected: r.Collected.Raw, Idle: idleHours(r)}
	switch {
	case !a.Matters:
	case len(h.Reports.rivals) > 0:
		a.unknown(h, "reports-disagree", "Several reports may be the newest one, since their dates do not tell.")
	case t.collected.Empty():
		a.unknown(h, "report-time-unknown", "The time at which the report was made was not understood, so that it is unknown whether it shows the policy of that time or of another.")
	case len(h.Service.Refusals) > 0:
		a.compare(h, t, h.Service.Refusals[len(h.Service.Refusals)-1].Time, taken)
	default:
		a.checkToday(h, t)
	}
	return a
}

func (a *PolicyAge) unknown(h *Host, code, message string) {
	a.Reasons = []Reason{{Code: code, Input: string(h.Reports.latest.Source), Ask: askReport, Message: message}}
}

// compare relates the report to a refusal.
func (a *PolicyAge) compare(h *Host, t timing, refused time.Time, taken bool) {
	for _, c := range t.changes {
		switch {
		case c.Time.After(t.collected.To) && !c.Time.After(refused):
			a.Later = append(a.Later, c)
		case c.Time.After(refused) && c.Time.Before(t.collected.From) && !taken:
			a.Between = append(a.Between, c)
		}
	}
	if len(a.Later) > 0 || len(a.Between) > 0 {
		return
	}
	holds, sure := t.inForce(refused, h.Logs)
	switch {
	case holds && sure, taken && refused.Before(t.collected.From):
		a.Current = true
	case !holds && t.changesWithin():
		a.unknown(h, "time-zone-unknown", changedWhen)
	case !refused.Before(t.collected.From) && !refused.After(t.collected.To):
		a.unknown(h, "time-zone-unknown", "The report does not tell its time zone, so that it is unknown whether Windows refused the account before or after it was made. Collect a new report, or state the zone with --utc-offset.")
	default:
		a.unknown(h, "policy-may-have-changed", "Between "+utc(refused)+", when Windows refused the account, and the time at which the report was made ("+a.Collected+" by the computer's clock) the policy may have changed: the System log does not cover all of that time. Collect a new report.")
	}
}

const changedWhen = "The report does not tell its time zone, so that it is unknown whether policy changed before or after it was made. Collect a new report, or state the zone with --utc-offset."

// changesWithin reports whether policy changed within the time in which the report may have
// been made.
func (t timing) changesWithin() bool {
	return slices.ContainsFunc(t.changes, func(c Event) bool {
		return !c.Time.Before(t.collected.From) && !c.Time.After(t.collected.To)
	})
}

// checkToday looks for changes of policy since the report was made.
func (a *PolicyAge) checkToday(h *Host, t timing) {
	for _, c := range t.changes {
		if c.Time.After(t.collected.To) {
			a.Later = append(a.Later, c)
		}
	}
	log, ok := h.Logs.Channel(systemLog)
	switch {
	case len(a.Later) > 0:
	case t.changesWithin():
		a.unknown(h, "time-zone-unknown", changedWhen)
	case ok && !t.collected.From.After(log.Window.To.Add(nearby)) && (t.collected.To.After(log.Window.To) || h.Logs.Cover(systemLog, Window{t.collected.To, log.Window.To})):
		a.Current = true
	default:
		a.unknown(h, "policy-may-have-changed", "Whether policy changed since the report was made ("+a.Collected+" by the computer's clock) is unknown: no System log covers the time since.")
		a.Reasons[0].Ask = "wevtutil epl System System.evtx"
	}
}

// idleHours is how long before a report was made a computer of a domain had last applied
// policy, in whole hours, if that is more than twice the usual interval. Both times are from
// one clock, which may have been put forward or back in between.
func idleHours(r *gpreport.Report) int {
	if len(reportDomains(r)) == 0 || isName(r.Domain, r.Host) {
		return 0 // nothing is applied to a computer that is in no domain
	}
	least := time.Duration(-1)
	for _, made := range r.Collected.Candidates {
		for _, applied := range r.Computer.Refreshed.Candidates {
			if d := made.Sub(applied); d >= 0 && (least < 0 || d < least) {
				least = d
			}
		}
	}
	if least <= 2*refreshInterval+daylight {
		return 0
	}
	return int(least / time.Hour)
}
