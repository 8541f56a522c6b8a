package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/sid"
	"github.com/gpevtx/gpevtx/winerr"
)

// Policy is what became of the computer's policy over time, as event logs tell it; users'
// policy is not in it. The zero value says nothing. All lists are in order of time.
type Policy struct {
	// Runs are the times at which Windows processed the computer's policy, as far as the log
	// Microsoft-Windows-GroupPolicy/Operational has them.
	Runs []PolicyRun
	// Changes are the events 1502, by which the computer's policy was applied with changes.
	// Those are left out of which the lists of GPOs show that nothing had changed: a forced
	// update applies everything again.
	Changes []Event
	// Successes are the events that show that policy was processed without an error, by
	// Windows as a whole or by its extension for security settings.
	Successes []Event
	// Failing are the events that show that it was not, and after which no success is seen.
	// FailingLasts is set when Windows should have succeeded since, were it able to.
	Failing      []Event
	FailingLasts bool
	// Unmapped are the events which say that names in the security settings could not be
	// resolved, after which no application without such an error is seen.
	Unmapped []Event
	// RightChanges are the changes to the account's rights on this computer.
	RightChanges []RightChange
	// Refused are the events in which Windows refused the account for lack of the right,
	// unless it logged on since; LastGood is the newest event before them that shows that it
	// did log on, with a zero Time if there is none.
	Refused  []Event
	LastGood Event
	// Revocation is how the account lost the right before it was refused, Difference how
	// policy changed between LastGood and Refused, Editing who edited the GPO that decides.
	Revocation Revocation
	Difference Difference
	Editing    Editing
	// ClockSteps are the times at which the computer's clock was set back.
	ClockSteps []ClockStep
	// Reasons say why it cannot be told whether policy fails.
	Reasons []Reason

	byActivity map[string]int // the place in Runs, or userRun
	unclear    []RightChange  // of principals that may stand for the account
	applied    []Event        // 6144 and 6145, which name the GPOs
	edits      []GPOEdit      // in the domain
	unsure     []Window       // the times in which ClockSteps leave the order open
}

// newPolicy tells the history of policy from a host's events, which are in order of time,
// and from the edits of GPOs in its domain. What depends on the verdicts on rights is
// missing until [Policy.judge].
func newPolicy(events []Event, h *Host, who subject) Policy {
	p := Policy{ClockSteps: clockSteps(events)}
	p.unsure = spansOf(p.ClockSteps)
	p.findRuns(events)
	p.outcomes(events)
	p.judgeFailing(h)
	for _, e := range events {
		if isGroupPolicy(e, systemLog) && e.ID == 1502 && !p.unchangedBy(e) {
			p.Changes = append(p.Changes, e)
		}
	}
	p.findRightChanges(events, who)
	p.Refused = h.Service.Refusals
	if len(p.Refused) > 0 {
		p.LastGood = lastBefore(p.Refused[0].Time, h.Service.Starts, h.Service.Logons)
	}
	return p
}

// judge adds what depends on the verdicts on rights.
func (p *Policy) judge(h *Host, edits []GPOEdit) {
	p.edits = edits
	p.Revocation = p.revocation(h)
	p.Difference = p.difference(h)
	p.Editing = p.editing(h, edits)
}

// lastBefore is the newest event before t of several lists in order of time.
func lastBefore(t time.Time, lists ...[]Event) Event {
	var last Event
	for _, list := range lists {
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Time.Before(t) {
				if list[i].Time.After(last.Time) {
					last = list[i]
				}
				break
			}
		}
	}
	return last
}

// isGroupPolicy reports whether an event is one of Group Policy in that log.
func isGroupPolicy(e Event, channel string) bool {
	return strings.EqualFold(e.Provider, groupPolicy) && strings.EqualFold(e.Channel, channel)
}

func isSceCli(e Event) bool { return strings.EqualFold(e.Provider, sceCli) }

func isAudit(e Event, ids ...int) bool {
	return strings.EqualFold(e.Provider, auditing) && slices.Contains(ids, e.ID)
}

// isOfComputer reports whether an event of the System log is about the computer's policy and
// not a user's: such events name the account whose policy it is. What the log of the run
// says goes first.
func (p *Policy) isOfComputer(e Event) bool {
	if i, ok := p.byActivity[e.ActivityID]; ok {
		return i != userRun
	}
	return e.UserID == localSystem
}

const localSystem = string(sid.SID("S-1-5-18"))

// win32 reads an error code of an event as a Win32 error; 0 for success and for what is no
// such error.
func win32(value string) winerr.Code {
	c, ok := winerr.Parse(value)
	if !ok {
		return 0
	}
	c, _ = c.Win32()
	return c
}

// isTrue reads a number or word that stands for true.
func isTrue(value string) bool { return value == "1" || strings.EqualFold(value, "true") }
