package facts

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/sid"
)

// RightChange is one change to the rights of somebody on this computer, as the Security log
// tells it.
type RightChange struct {
	Event Event
	// Right is the constant, such as SeServiceLogonRight. Event 4704 and 4705 name several
	// privileges, which then stand here one after another with blanks between them.
	Right string
	// Target is the SID of who was given the right or lost it.
	Target sid.SID
	// Given is set when the right was given, not taken.
	Given bool
	// By is the account that did it; empty for Windows itself, which does it when it applies
	// policy.
	By string

	name string // that the inputs have for Target
}

// allowService is the right that grants the logon as a service, denyService the one that
// denies it.
var allowService, denyService = rightNames[0][0], rightNames[1][0]

// newRightChange reads an event of a right that was given or taken.
func newRightChange(e Event) (RightChange, bool) {
	if !isAudit(e, 4704, 4705, 4717, 4718) {
		return RightChange{}, false
	}
	c := RightChange{Event: e, Target: e.SID("TargetSid")}
	switch e.ID {
	case 4717:
		c.Right, c.Given = e.Data("AccessGranted"), true
	case 4718:
		c.Right = e.Data("AccessRemoved")
	default:
		c.Right, c.Given = strings.Join(strings.Fields(e.Data("PrivilegeList")), " "), e.ID == 4704
	}
	c.Right = strings.TrimSpace(c.Right)
	if by := e.Data("SubjectUserSid"); by != localSystem {
		c.By = e.By()
	}
	return c, c.Right != "" && c.Target != ""
}

// isSessionAccount reports whether a SID is one that OpenSSH makes for a session, gives the
// right to log on as a service and takes it from again: nothing of that is policy.
func isSessionAccount(s sid.SID) bool { return strings.HasPrefix(string(s), "S-1-5-111-") }

// isRightChange reports whether an event changes one of the rights that matter, or a
// privilege.
func isRightChange(e Event) bool {
	c, ok := newRightChange(e)
	if !ok || isSessionAccount(c.Target) {
		return false
	}
	return isAudit(e, 4704, 4705) ||
		slices.ContainsFunc(rightNames[:], func(n [2]string) bool { return strings.EqualFold(n[0], c.Right) })
}

// findRightChanges sorts out the changes to the rights of principals that stand for the
// account, and of those that may do so.
func (p *Policy) findRightChanges(events []Event, who subject) {
	known, names := make(map[sid.SID]cover), who.sidNames()
	for _, e := range who.host.Service.Logons {
		if isAudit(e, 4624) {
			known[e.SID("TargetUserSid")] = covers // the SID of a user of the domain
		}
	}
	for _, e := range events {
		c, ok := newRightChange(e)
		if !ok || !isRightChange(e) {
			continue
		}
		c.name = names[c.Target]
		covered, ok := known[c.Target]
		if !ok {
			covered = who.covered(sid.Principal{SID: c.Target})
			known[c.Target] = covered
		}
		switch covered {
		case covers:
			p.RightChanges = append(p.RightChanges, c)
		case mayCover:
			p.unclear = append(p.unclear, c)
		}
	}
}

// Revocation is how the account lost the right to log on as a service before Windows
// refused it. The zero value says that nothing of it was seen.
type Revocation struct {
	// Taken is the change that took the right, or gave the one that denies it, and that was
	// not undone before the service was refused; one element, or none.
	Taken []Event
	// Right is the right that was taken or given; Target who lost it or was given it, by
	// name where that is known, else by SID.
	Right, Target string
	// By is the account that did it; empty for Windows itself.
	By string
	// GPOs are those that changed in the run of policy that did it; where that is not known
	// those whose security settings Windows applied at that moment. May be empty.
	GPOs []GPO
	// Changed is set when GPOs changed in that run, and do not only stand in it.
	Changed bool
	// Undone is the later change that took it back, after the service had been refused;
	// one element, or none.
	Undone []Event
	// Confidence is how well it is founded that this is why the service was refused.
	Confidence Confidence
	// Reasons say what keeps it from being told.
	Reasons []Reason
}

// revocation looks for the change that took the right before the account was refused, and
// that neither a logon nor another change has shown to be undone by then.
func (p *Policy) revocation(h *Host) Revocation {
	var r Revocation
	until := time.Time{}
	if len(p.Refused) > 0 {
		until = p.Refused[0].Time
	}
	before, after := p.splitRightChanges(until)
	taken := lost(before, h.Service)
	if taken != nil {
		if other, ok := h.stillHolds(taken, until); ok {
			if len(p.Refused) > 0 {
				r.Reasons = []Reason{stillHeld(taken, other)}
			}
			return r
		}
	}
	if taken == nil {
		r.Reasons = p.revocationReasons(h)
		return r
	}
	if len(p.Refused) == 0 {
		r.Reasons = []Reason{notStartedSince(taken)}
		return r
	}
	r.Taken, r.Right, r.Target, r.By = []Event{taken.Event}, taken.Right, taken.target(), taken.By
	for i := range after {
		if _, gives := after[i].effect(); gives && after[i].undoes(taken) {
			r.Undone = []Event{after[i].Event}
		}
	}
	r.GPOs, r.Changed = p.gposAt(taken.Event.Time)
	r.Confidence = p.revocationConfidence(taken, until, h)
	return r
}

// splitRightChanges parts the changes into those up to a time and those after it; the zero
// time is that of the last one.
func (p *Policy) splitRightChanges(until time.Time) (before, after []RightChange) {
	i := len(p.RightChanges)
	if !until.IsZero() {
		i = sort.Search(i, func(k int) bool { return p.RightChanges[k].Event.Time.After(until) })
	}
	return p.RightChanges[:i], p.RightChanges[i:]
}

// lost returns the change after which the account was without the right, or denied it, by all
// that the changes tell; nil when there is none. Policy that replaces a list takes entries and
// gives others in one go: the account is without the right only when nothing that stands for
// it was given it and kept it. A logon shows that what came before it did no harm.
func lost(changes []RightChange, s Service) *RightChange {
	holders, denied := make(map[sid.SID]bool), make(map[sid.SID]*RightChange)
	var taken *RightChange
	for i := range changes {
		c := &changes[i]
		harmless := s.LoggedOnAfter(c.Event.Time)
		switch allow := strings.EqualFold(c.Right, allowService); {
		case allow && c.Given:
			holders[c.Target] = true
		case allow:
			delete(holders, c.Target)
			if !harmless {
				taken = c
			}
		case strings.EqualFold(c.Right, denyService) && c.Given && !harmless:
			denied[c.Target] = c
		case strings.EqualFold(c.Right, denyService) && !c.Given:
			delete(denied, c.Target)
		}
	}
	if taken != nil && len(holders) == 0 {
		return taken
	}
	var last *RightChange
	for _, c := range denied {
		if last == nil || compareEvents(last.Event, c.Event) < 0 {
			last = c
		}
	}
	return last
}

// stillHolds returns another principal that stands for the account and has the right by the
// report, if the policy of the report was in force when Windows refused the account, or when
// it did not refuse it at all; by an export, if Windows did not.
func (h *Host) stillHolds(taken *RightChange, refused time.Time) (sid.Principal, bool) {
	if !strings.EqualFold(taken.Right, allowService) {
		return sid.Principal{}, false
	}
	lists := [][]sid.Principal{h.Rights.Service.Covering}
	if refused.IsZero() {
		lists = append(lists, h.LocalPolicy.Service.Covering)
	} else if holds, _ := newTiming(h).inForce(refused, h.Logs); !holds {
		return sid.Principal{}, false
	}
	for _, p := range slices.Concat(lists...) {
		// A name that may be that of the one which lost the right is taken for another one: of
		// two ways to read it, the one that accuses is not chosen.
		if h.compare(p, sid.Principal{SID: taken.Target}) != sid.Same {
			return p, true
		}
	}
	return sid.Principal{}, false
}

// stillHeld says that an entry that was taken was not the only one.
func stillHeld(taken *RightChange, other sid.Principal) Reason {
	return Reason{
		Code: "right-still-held", Input: string(taken.Target), Ask: "secedit /export /areas USER_RIGHTS /cfg secedit.inf",
		Message: "At " + utc(taken.Event.Time) + " " + taken.words() + ", but the list in the report has " + cmp.Or(other.Name, string(other.SID)) + ", which stands for the account too: something else is why Windows refused it.",
	}
}

// effect tells whether a change takes the right to log on as a service, or gives it.
func (c *RightChange) effect() (takes, gives bool) {
	switch {
	case strings.EqualFold(c.Right, allowService):
		return !c.Given, c.Given
	case strings.EqualFold(c.Right, denyService):
		return c.Given, !c.Given
	}
	return false, false
}

// undoes reports whether a change gives back what another took: the right to anybody that
// stands for the account, or the denial from the one who was given it.
func (c *RightChange) undoes(taken *RightChange) bool {
	return strings.EqualFold(c.Right, taken.Right) && (strings.EqualFold(c.Right, allowService) || c.Target == taken.Target)
}

// revocationConfidence is certain where the Security log shows all that happened to the
// right until the refusal, and in which order.
func (p *Policy) revocationConfidence(taken *RightChange, refused time.Time, h *Host) Confidence {
	switch {
	case orderUnsure(p.unsure, Window{taken.Event.Time, refused}):
		return Possible
	case h.Account.Assumed, !h.Logs.Cover(securityLog, Window{taken.Event.Time, refused}):
		return Probable
	}
	return Certain
}

// notStartedSince says that the right is gone although the service was not refused yet.
func notStartedSince(c *RightChange) Reason {
	return Reason{
		Code: "right-taken-not-started", Input: string(c.Target), Ask: "secedit /export /areas USER_RIGHTS /cfg secedit.inf",
		Message: "At " + utc(c.Event.Time) + " " + c.words() + ", and the service was not seen to log on since. If that was not undone, its next start will be refused.",
	}
}

// words says what was changed, as the end of a sentence.
func (c *RightChange) words() string {
	what, way := "the right "+c.Right, " was taken from "
	if strings.Contains(c.Right, " ") {
		what = "the privileges " + c.Right
	}
	if c.Given {
		way = " was given to "
	}
	who := c.target()
	if c.By != "" {
		who += " by " + c.By
	}
	return what + way + who
}

// revocationReasons say why no change was found that explains the refusal.
func (p *Policy) revocationReasons(h *Host) []Reason {
	if len(p.Refused) == 0 {
		return nil
	}
	var reasons []Reason
	for _, c := range p.unclear {
		if takes, _ := c.effect(); takes && c.Event.Time.After(p.LastGood.Time) && c.Event.Time.Before(p.Refused[0].Time) && len(reasons) < maxUnclear {
			reasons = append(reasons, unclearTarget(&c))
		}
	}
	if len(reasons) > 0 {
		return reasons
	}
	return []Reason{{
		Code: "right-change-not-seen", Input: h.Name, Ask: "auditpol /get /subcategory:{0CCE9230-69AE-11D9-BED3-505054503030}",
		Message: "The Security log shows no change (event 4717 or 4718) that took the right from the account and stood when it was refused at " + utc(p.Refused[0].Time) + ". Windows writes these events only while it audits changes of authentication policy, which not every computer does, and the log may not reach back to the change.",
	}}
}

// target names who was given the right or lost it.
func (c *RightChange) target() string { return cmp.Or(sid.Name(c.Target), c.name, string(c.Target)) }

// maxUnclear is how many changes are told of that may have concerned the account.
const maxUnclear = 3

// unclearTarget says that it is unknown whether a change concerned the account.
func unclearTarget(c *RightChange) Reason {
	reason := Reason{
		Code: "right-change-unclear", Input: string(c.Target),
		Message: "At " + utc(c.Event.Time) + " " + c.words() + ". Whether that stands for the account of the service is not known.",
	}
	if s, err := sid.Parse(string(c.Target)); err == nil {
		reason.Ask = "([Security.Principal.SecurityIdentifier]'" + string(s) + "').Translate([Security.Principal.NTAccount])"
	}
	return reason
}

// atOnce is how far from each other the events of one application of policy are.
const atOnce = 5 * time.Minute

// gposAt names the GPOs that a run of policy at that time brought, with changed set when
// they differ from the run before; else those whose security settings were applied then.
func (p *Policy) gposAt(t time.Time) (gpos []GPO, changed bool) {
	for i := 1; i < len(p.Runs); i++ {
		r, before := &p.Runs[i], &p.Runs[i-1]
		if !r.listed() || !before.listed() || !r.around(t) {
			continue
		}
		d, _ := compareLists(before.List.GPOs, r.List.GPOs)
		if gpos := slices.Concat(d.added, d.updated, d.removed); len(gpos) > 0 {
			return gpos, true
		}
	}
	var nearest Event
	for _, e := range p.applied {
		if d := e.Time.Sub(t).Abs(); d <= atOnce && (nearest.Time.IsZero() || d < nearest.Time.Sub(t).Abs()) {
			nearest = e
		}
	}
	return namedGPOs(nearest.Data("GPOList")), false
}

// around reports whether a run was under way at a time, as far as its events tell.
func (r *PolicyRun) around(t time.Time) bool {
	from, to := r.at().Add(-atOnce), r.at().Add(atOnce)
	if !r.Start.IsZero() {
		from = r.Start
	}
	if !r.End.IsZero() {
		to = r.End.Add(time.Second)
	}
	return !t.Before(from) && !t.After(to)
}

// maxNamedGPOs bounds how many GPOs one event names.
const maxNamedGPOs = 64

// namedGPOs reads the list of the events 6144 and 6145: GUIDs in braces, each followed by
// the name.
func namedGPOs(list string) []GPO {
	var out []GPO
	for len(out) < maxNamedGPOs {
		i := strings.IndexByte(list, '{')
		if i < 0 {
			return out
		}
		list = list[i:]
		end := strings.IndexByte(list, '}')
		if end < 0 {
			return out
		}
		guid := guidOf(list[:end+1])
		if guid == "" {
			list = list[1:]
			continue
		}
		list = list[end+1:]
		name := list
		if next := strings.IndexByte(list, '{'); next >= 0 {
			name = list[:next]
		}
		out = append(out, GPO{Name: strings.Join(strings.Fields(name), " "), GUID: guid})
	}
	return out
}

// changeEvents are the events that show that policy or the right to log on as a service
// changed, in order of time.
func (p *Policy) changeEvents() []Event {
	out := slices.Clone(p.Changes)
	for i := range p.RightChanges {
		if takes, gives := p.RightChanges[i].effect(); takes || gives {
			out = append(out, p.RightChanges[i].Event)
		}
	}
	for i := range p.Runs {
		if r := &p.Runs[i]; r.changed {
			out = append(out, r.List)
		}
	}
	return SortEvents(out)
}
