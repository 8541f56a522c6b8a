package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// narratePolicy tells an event of the computer's policy in words; empty for all others.
func narratePolicy(e Event, p *Policy) string {
	switch p.outcomeOf(e) {
	case notProcessed:
		return "computer policy could not be processed" + code(e.Data("ErrorCode"))
	case notSecured:
		return "security settings of Group Policy could not be applied" + code(e.Data("ErrorCode"))
	}
	switch {
	case isGroupPolicy(e, systemLog) && e.ID == 1502 && p.unchangedBy(e):
		return "computer policy was applied again, with the same GPOs in the same versions"
	case isGroupPolicy(e, systemLog) && e.ID == 1502:
		return "computer policy was applied with changes"
	case isSceCli(e) && e.ID == 1704:
		return "security settings of Group Policy were applied"
	case isSceCli(e) && e.ID == 1202:
		return "security settings of Group Policy were applied with errors" + explainCode(sceCode(e))
	case isAudit(e, 6145):
		return "security settings of Group Policy were applied with errors" + code(e.Data("ErrorCode"))
	}
	if s, ok := clockStep(e); ok {
		return "the clock was set back from " + utc(s.From) + " to " + utc(s.To)
	}
	return ""
}

// entries are what the history of policy tells beyond single events: changes of the list of
// GPOs, of the account's rights, and edits of the GPOs that are known to concern the computer.
func (p *Policy) entries(h *Host) []Entry {
	var out []Entry
	add := func(e Event, what string) { out = append(out, policyEntry(e, what)) }
	for i := 1; i < len(p.Runs); i++ {
		if r := &p.Runs[i]; r.changed {
			add(r.List, "the GPOs of the computer changed"+p.Runs[i-1].changesTo(r))
		}
	}
	for i := range p.RightChanges {
		add(p.RightChanges[i].Event, p.RightChanges[i].words())
	}
	gpos := h.knownGPOs()
	edits := slices.DeleteFunc(slices.Clone(p.edits), func(e GPOEdit) bool { _, ok := gpos[e.GUID]; return !ok })
	return append(out, sharedEntries(len(edits), func(i int) Entry {
		e := edits[i]
		return policyEntry(e.Event, e.By+` edited the GPO "`+gpos[e.GUID]+`" `+e.GUID+": "+e.What)
	})...)
}

func policyEntry(e Event, what string) Entry {
	return Entry{Time: e.Time, What: what, Kind: "policy", Evidence: []evidence.Item{e.Evidence("policy")}}
}

// maxToldGPOs is how many GPOs one entry names.
const maxToldGPOs = 5

// changesTo says by which GPOs a later run differs, as the end of a sentence.
func (r *PolicyRun) changesTo(later *PolicyRun) string {
	d, _ := compareLists(r.List.GPOs, later.List.GPOs)
	var parts []string
	for _, kind := range []struct {
		word string
		gpos []GPO
	}{{"new ", d.added}, {"other version of ", d.updated}, {"no longer ", d.removed}} {
		for _, g := range kind.gpos {
			parts = append(parts, kind.word+g.Name)
		}
	}
	switch {
	case len(parts) == 0:
		return ": their order or links"
	case len(parts) > maxToldGPOs:
		parts = append(parts[:maxToldGPOs], "and "+itoa(len(parts)-maxToldGPOs)+" more")
	}
	return ": " + strings.Join(parts, ", ")
}

// knownGPOs are the names of the GPOs that reports and logs show for the computer, by GUID.
func (h *Host) knownGPOs() map[string]string {
	out := make(map[string]string)
	for _, r := range h.Policy.Runs {
		for _, g := range slices.Concat(r.List.GPOs, r.Filtered.GPOs) {
			out[g.GPO.GUID] = g.GPO.Name
		}
	}
	if rep := h.Reports.latest; rep != nil {
		for _, list := range [][]gpreport.GPO{rep.Computer.Applied, rep.Computer.Denied} {
			for _, g := range list {
				out[g.GUID] = g.Name
			}
		}
	}
	delete(out, "")
	return out
}
