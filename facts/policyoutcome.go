package facts

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/winerr"
)

// outcome is what an event says of the processing of the computer's policy.
type outcome int

const (
	noOutcome outcome = iota
	processed         // policy as a whole
	notProcessed
	secured  // the security settings, all of them
	extended // the security settings; whether all is not said
	notSecured
	unmapped // security settings were applied but for names that could not be resolved
)

// outcomes goes through the events and keeps the failures that stand at the end.
func (p *Policy) outcomes(events []Event) {
	kinds := make([]outcome, len(events))
	for i, e := range events {
		kinds[i] = p.outcomeOf(e)
		switch kinds[i] {
		case processed, secured, extended:
			p.Successes = append(p.Successes, e)
		}
		if isAudit(e, 6144, 6145) {
			p.applied = append(p.applied, e)
		}
	}
	general := standing(events, kinds, notProcessed, processed, processed, secured, extended)
	// An extension that failed is run again each time, so that a later run without its failure
	// shows that it succeeded.
	extension := standing(events, kinds, notSecured, processed, secured, extended)
	p.Failing = SortEvents(slices.Concat(general, extension))
	p.Unmapped = standing(events, kinds, unmapped, extended, secured)
}

// standing returns the failures of a kind after which no success is seen: neither one of the
// kinds that end them whatever run they are of, nor one of the kind again that is of another
// run. It goes backwards, so that it looks at each event once however many successes follow.
func standing(events []Event, kinds []outcome, failure, again outcome, end ...outcome) []Event {
	var out []Event
	var runs laterRuns
	for i := len(events) - 1; i >= 0 && !slices.Contains(end, kinds[i]); i-- {
		switch kinds[i] {
		case again:
			runs.add(events[i])
		case failure:
			if runs.mayBe(events[i]) {
				out = append(out, events[i])
			}
		}
	}
	slices.Reverse(out)
	return out
}

// laterRuns are the runs of policy that succeeded after a moment, as far as it takes to tell
// whether a failure before them may be of the same run as all of them: it has the same
// activity, or came within a minute where not both name one.
type laterRuns struct {
	activity string // the one that they name
	several  bool   // they name more than one
	// newest is the time of the newest success, unnamed of the newest that names no activity.
	newest, unnamed time.Time
}

// add takes a success that came before those that were added.
func (r *laterRuns) add(e Event) {
	if r.newest.IsZero() {
		r.newest = e.Time
	}
	switch {
	case e.ActivityID == "" && r.unnamed.IsZero():
		r.unnamed = e.Time
	case e.ActivityID == "":
	case r.activity == "":
		r.activity = e.ActivityID
	case r.activity != e.ActivityID:
		r.several = true
	}
}

// mayBe reports whether a failure before the runs may be of the same run as all of them.
func (r *laterRuns) mayBe(failure Event) bool {
	near := func(t time.Time) bool { return t.IsZero() || t.Sub(failure.Time) < time.Minute }
	if failure.ActivityID == "" {
		return near(r.newest)
	}
	return !r.several && (r.activity == "" || r.activity == failure.ActivityID) && near(r.unnamed)
}

// How long failures must last, or go without a success until the end of the log, to count:
// Windows refreshes policy every 90 to 120 minutes.
const (
	failingFor  = 30 * time.Minute
	nextRefresh = 2 * time.Hour
)

// judgeFailing decides whether the failures at the end are more than a passing trouble.
func (p *Policy) judgeFailing(h *Host) {
	if len(p.Failing) == 0 {
		return
	}
	first, last := p.Failing[0].Time, p.Failing[len(p.Failing)-1].Time
	log, _ := h.Logs.Channel(systemLog)
	p.FailingLasts = last.Sub(first) >= failingFor || log.Window.To.Sub(last) >= nextRefresh
	if !p.FailingLasts {
		p.Reasons = []Reason{{
			Code: "policy-failed-lately", Input: h.Name, Ask: "gpupdate /target:computer",
			Message: "Windows could not process the computer's policy at " + utc(last) + ", and the logs end before it tried again.",
		}}
	}
}

// failureIDs are the events of the System log by which Windows could not process policy.
var failureIDs = []int{1006, 1030, 1053, 1054, 1055, 1058, 1110, 1129}

// outcomeOf classifies an event.
func (p *Policy) outcomeOf(e Event) outcome {
	switch {
	case isGroupPolicy(e, systemLog):
		return p.systemOutcome(e)
	case isGroupPolicy(e, policyLog):
		return p.runOutcome(e)
	case isSceCli(e) && e.ID == 1704, isAudit(e, 6144) && win32(e.Data("ErrorCode")) == 0:
		return secured
	case isSceCli(e) && e.ID == 1202 && isMapping(sceCode(e)), isAudit(e, 6145) && isMapping(win32(e.Data("ErrorCode"))):
		return unmapped
	}
	return noOutcome
}

func (p *Policy) systemOutcome(e Event) outcome {
	switch {
	case e.ID == 1500 || e.ID == 1502:
		return processed
	case !p.isOfComputer(e):
		return noOutcome
	case slices.Contains(failureIDs, e.ID):
		return notProcessed
	case (e.ID == 1085 || e.ID == 1112) && strings.EqualFold(e.Data("ExtensionId"), gpreport.SecurityExtension):
		return extensionFailure(e)
	}
	return noOutcome
}

// runOutcome classifies an event of the log of Group Policy. Only the computer's policy has
// security settings.
func (p *Policy) runOutcome(e Event) outcome {
	security := strings.EqualFold(e.Data("CSEExtensionId"), gpreport.SecurityExtension)
	switch {
	case isRunEnd(e) && !isTrue(e.Data("IsMachine")):
		return noOutcome
	case isRunEnd(e) && e.ID < 8000:
		return notProcessed
	case isRunEnd(e) && win32(e.Data("ErrorCode")) == 0:
		return processed
	case security && e.ID == 5016 && win32(e.Data("ErrorCode")) == 0:
		return extended
	case security && (e.ID == 6016 || e.ID == 7016):
		return extensionFailure(e)
	}
	return noOutcome
}

func extensionFailure(e Event) outcome {
	if isMapping(win32(e.Data("ErrorCode"))) {
		return unmapped
	}
	return notSecured
}

// isMapping reports whether a code says that names could not be resolved to accounts:
// ERROR_NONE_MAPPED, and ERROR_TRUSTED_DOMAIN_FAILURE for those of another domain.
func isMapping(c winerr.Code) bool { return c == 1332 || c == 1788 }

// sceCodePattern finds the error in the text of an event 1202, which begins with it, such as
// "0x534 : …"; the rest is in the computer's language.
var sceCodePattern = regexp.MustCompile(`0x[0-9a-fA-F]{1,8}\b`)

// sceCode is the error that an event 1202 states.
func sceCode(e Event) winerr.Code { return win32(sceCodePattern.FindString(e.Param(1))) }
