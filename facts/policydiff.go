package facts

import "slices"

// Difference is how the computer's policy differed between the last good start of the
// service and the first refusal after it. The zero value says nothing.
type Difference struct {
	// Changes are the events 1502 between the two.
	Changes []Event
	// Lists are the two events with the lists of GPOs that were compared: the one in force
	// at the good start, or where that is not known the first one after it, and the one at
	// the refusal. Empty where there are no two.
	Lists []Event
	// Added, Removed and Updated are the GPOs by which the lists differ; Updated ones have
	// other versions of their computer settings. Reordered is set when only the order or a
	// link differs.
	Added, Removed, Updated []GPO
	Reordered               bool
	// Found is set when anything of the above shows a change, None when the logs show that
	// there was none.
	Found, None bool
	// Blamed is set when a GPO that was added, updated or removed is the one that decides
	// the right in the report.
	Blamed bool
	// Reasons say what keeps it from being told.
	Reasons []Reason
}

// difference compares policy at the last good start with that at the first refusal.
func (p *Policy) difference(h *Host) Difference {
	var d Difference
	if len(p.Refused) == 0 || p.LastGood.Time.IsZero() {
		return d
	}
	from, to := p.LastGood.Time, p.Refused[0].Time
	for _, e := range p.Changes {
		if e.Time.After(from) && e.Time.Before(to) {
			d.Changes = append(d.Changes, e)
		}
	}
	before, after := p.lastListed(from), p.lastListed(to)
	if before == nil {
		before = p.firstListed(from)
	}
	if before != nil && after != nil && before != after {
		d.Lists = []Event{before.List, after.List}
		diff, reordered := compareLists(before.List.GPOs, after.List.GPOs)
		d.Added, d.Removed, d.Updated, d.Reordered = diff.added, diff.removed, diff.updated, reordered
	}
	gpos := slices.Concat(d.Added, d.Removed, d.Updated)
	d.Found = len(d.Changes) > 0 || len(gpos) > 0 || d.Reordered
	d.None = !d.Found && h.Logs.Cover(systemLog, Window{from, to})
	d.Blamed = slices.ContainsFunc(gpos, func(g GPO) bool {
		return g.GUID != "" && slices.ContainsFunc(h.Rights.blamed(), func(b GPO) bool { return b.GUID == g.GUID })
	})
	if !d.Found && !d.None {
		d.Reasons = []Reason{{
			Code: "policy-change-not-seen", Input: h.Name, Ask: "wevtutil epl System System.evtx",
			Message: "The System log does not cover all of the time between the last good start of the service at " + utc(from) + " and its refusal at " + utc(to) + ", so that it is unknown whether policy changed in between.",
		}}
	}
	return d
}

// blamed are the GPOs that decide the right to log on as a service where the report does not
// show that the account has it.
func (r *Rights) blamed() []GPO {
	var out []GPO
	if r.Service.Defined && r.Service.Verdict != Granted && len(r.Service.Covering) == 0 {
		out = append(out, r.Service.Winner)
	}
	if r.DenyService.Defined && (r.DenyService.Verdict == Denied || r.DenyService.Verdict == Undetermined) {
		out = append(out, r.DenyService.Winner)
	}
	return out
}
