package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// ServiceState is what the newest evidence says of the service.
type ServiceState string

// The states of the service.
const (
	Running      ServiceState = "running"
	Failing      ServiceState = "failing"
	Stopped      ServiceState = "stopped"
	Disabled     ServiceState = "disabled"
	UnknownState ServiceState = "unknown"
)

// Service is the history of the ADSync service as events tell it.
type Service struct {
	State ServiceState
	// Since is when the present state began: for a failing service the first failure
	// after the last good start. Zero when unknown.
	Since time.Time
	// Account is the account of the newest event that names one; may be empty.
	Account string
	// OtherAccount is Account where that is surely not the account which counts: the user
	// stated another one, or the configuration of the service names another one.
	OtherAccount string
	// Window reaches from Since to the end of the System log: the time in which
	// absent events mean something, if the log covers it. Empty when State is unknown.
	Window Window
	// Starts and Failures are the events that show a good start and a failed one, in
	// order of time. What a service at work logs shows a start where it did not run before.
	Starts, Failures []Event
	// Logons are the events that show that the account could log on, whatever became of
	// the service then: a service logon in the Security log, and failures of its process,
	// which only runs after the logon. In order of time.
	Logons []Event
	// FailedLogons are the failed service logons of the account in the Security log.
	FailedLogons []Event
	// Snapshot is how the service is set up, by files that have no time.
	Snapshot Snapshot
	// Refusals are the events in which Windows refused the account the logon for lack of the
	// right, unless the account logged on since: those of the System log, and of the
	// Security log where it alone has the refusal. In order of time.
	Refusals []Event
	// AlsoRefused tells of other services that Windows refused the logon.
	AlsoRefused AlsoRefused
	Evidence    []evidence.Item
	Reasons     []Reason

	// refusedLast is the time of the newest refusal, zero if there is none: rules ask for it
	// at every event. nil for a Service that was not made from events.
	refusedLast *time.Time
}

// StartedAfter reports whether the service was seen to start well at t or later.
func (s Service) StartedAfter(t time.Time) bool { return anyAfter(s.Starts, t) }

// LoggedOnAfter reports whether the account was seen to log on as a service, or the
// service to start, at t or later.
func (s Service) LoggedOnAfter(t time.Time) bool { return s.StartedAfter(t) || anyAfter(s.Logons, t) }

// RefusedAfter reports whether Windows refused the account the logon for lack of the right
// after t. It does so only once name and password were found right and the account usable.
func (s Service) RefusedAfter(t time.Time) bool {
	last := s.refusedLast
	if last == nil {
		at := s.lastRefusal().Time
		last = &at
	}
	return last.After(t)
}

// anyAfter reports whether the last of events, which are in order of time, is not before t.
func anyAfter(events []Event, t time.Time) bool {
	return len(events) > 0 && !events[len(events)-1].Time.Before(t)
}

// what an event says of the service.
type step int

const (
	noStep step = iota
	startStep
	failStep
	stopStep
	bootStep
	enableStep
	disableStep
	lifeStep
)

// lifeIDs are the events of the source Directory Synchronization that only the service's
// own work leaves: batches, heartbeats and results of password hash synchronization, and the
// scheduler. Other programs, such as the installation wizard, log under this source too.
var lifeIDs = []uint16{650, 651, 653, 654, 656, 657, 904}

// isLife reports whether an event is a sign that the service was at work.
func isLife(e Event) bool {
	return strings.EqualFold(e.Provider, dirSync) && e.ID > 0 && slices.Contains(lifeIDs, uint16(e.ID))
}

// stepOf classifies an event. Binary of 7036 ends in the state's number where it exists;
// the word for the state is in the computer's language.
func stepOf(e Event) step {
	switch {
	case strings.EqualFold(e.Provider, adSync) && e.ID == 2001:
		return startStep
	case strings.EqualFold(e.Provider, adSync) && e.ID == 2002:
		return stopStep
	case isLife(e):
		return lifeStep
	case strings.EqualFold(e.Provider, eventLog) && e.ID == 6005:
		return bootStep
	case !e.OfService():
		return noStep
	}
	switch e.ID {
	case 7000, 7001, 7003, 7009, 7022, 7023, 7024, 7031, 7034, 7038, 7041:
		return failStep
	case 7036:
		_, digit, _ := strings.Cut(e.BinaryText(), "/")
		switch {
		case digit == "4" || digit == "" && strings.EqualFold(e.Param(2), "running"):
			return startStep
		case digit == "1" || digit == "" && strings.EqualFold(e.Param(2), "stopped"):
			return stopStep
		}
	case 7011: // a running service did not answer in time
		return lifeStep
	case 7040:
		if strings.EqualFold(e.Param(3), "disabled") {
			return disableStep
		}
		return enableStep
	}
	return noStep
}

// afterFailure is how soon after a failure the service is reported as stopped because of it.
const afterFailure = 30 * time.Second

// whileEnding is how long a service that stopped or failed may still log what it did.
const whileEnding = 5 * time.Minute

// history is the state of the service as the events are gone through.
type history struct {
	Service
	first, last *Event // of the present state
	boot        Event  // a boot of which nothing was heard since
	disabled    *Event
}

// enter begins a state at an event, or goes on in it.
func (s *history) enter(state ServiceState, e *Event) {
	if s.State != state {
		s.State, s.Since, s.first = state, e.Time, e
	}
	s.last, s.boot = e, Event{}
}

// newService tells the history from a host's events, which are in order of time.
func newService(events []Event, h *Host) Service {
	s := history{Service: Service{State: UnknownState}}
	for i := range events {
		s.take(&events[i], h)
	}
	s.conclude(h)
	last := s.lastRefusal().Time
	s.refusedLast = &last
	if c, ok := h.Logs.Channel(systemLog); ok && s.State != UnknownState {
		s.Window = Window{s.Since, c.Window.To}
	}
	if s.Account == "" && !h.Account.Assumed {
		s.Account = h.Account.Name
	}
	return s.Service
}

func (s *history) take(e *Event, h *Host) {
	switch step := stepOf(*e); step {
	case startStep:
		s.Starts = append(s.Starts, *e)
		s.enter(Running, e)
	case failStep:
		s.Failures = append(s.Failures, *e)
		if ranBefore(*e) {
			s.ran(e)
		}
		if e.ID == 7041 || e.ID == 7038 {
			s.Account = e.Param(2)
		}
		s.enter(Failing, e)
	case lifeStep:
		s.live(e)
	case stopStep:
		if s.State == Failing && e.Time.Sub(s.last.Time) <= afterFailure {
			return // stopped because it failed
		}
		if s.State == Failing {
			s.Logons = append(s.Logons, *e) // what stops did run since
		}
		s.enter(Stopped, e)
	case bootStep:
		s.boot = *e
	case enableStep:
		s.disabled = nil
	case disableStep:
		s.disabled = e
	}
	switch {
	case isServiceLogon(*e, 4624, h):
		s.Logons = append(s.Logons, *e)
		s.loggedOn(e, h)
	case isServiceLogon(*e, 4625, h):
		s.FailedLogons = append(s.FailedLogons, *e)
		if h.Account.Kind == Virtual && isRefusal(*e) {
			s.enter(Failing, e) // no other service has this account
		}
	}
}

// loggedOn takes a good logon of the account after a failure. No other service has a virtual
// account, so that Windows started this one then, and the System log would tell if that
// failed. Any other account shows only that what kept it from logging on is over; what became
// of the service it does not show.
func (s *history) loggedOn(e *Event, h *Host) {
	switch {
	case s.State != Failing:
	case h.Account.Kind == Virtual && h.Logs.Cover(systemLog, Window{e.Time, e.Time}):
		s.enter(Running, e)
	case h.Account.Kind == Virtual || isLogonFailure(*s.last):
		s.State, s.Since, s.first, s.last = UnknownState, time.Time{}, nil, nil
		s.Reasons = append(s.Reasons, Reason{
			Code: "logged-on-since", Input: h.Name, Ask: "sc.exe queryex ADSync",
			Message: "The account logged on as a service at " + utc(e.Time) + ", after the last failure, so that what kept it from logging on is over. Whether that was ADSync, and what became of it, no event tells.",
		})
	}
}

// isLogonFailure reports whether a failure is that of the logon: then a good one ends it.
func isLogonFailure(e Event) bool {
	return e.ID == 7041 || e.ID == 7038 || e.ID == 4625 || e.ID == 7000 && e.Param(2) == "%%1069"
}

// live takes an event that the service leaves at work. What it logs while it ends is no
// sign that it goes on.
func (s *history) live(e *Event) {
	booted := !s.boot.Time.IsZero()
	switch {
	case s.State == Running && !booted:
		return
	case s.State != Running && s.last != nil && e.Time.Sub(s.last.Time) <= whileEnding:
		return
	}
	s.ran(e)
	if s.State != UnknownState {
		s.Starts = append(s.Starts, *e)
	}
	s.enter(Running, e)
}

// ran takes an event that only a running service leaves. After a state in which it did not
// run, the account must have logged on in between; else the logon was earlier, nobody
// knows when.
func (s *history) ran(e *Event) {
	if s.State == Failing || s.State == Stopped || s.State == Disabled {
		s.Logons = append(s.Logons, *e)
	}
}

// ranBefore reports whether a failure is one of a process that ran, so that the account
// had logged on.
func ranBefore(e Event) bool {
	switch e.ID {
	case 7009, 7022, 7023, 7024, 7031, 7034:
		return true
	case 7000:
		return e.Param(2) == "%%1053" || e.Param(2) == "%%1066" || e.Param(2) == "%%1067"
	}
	return false
}

// conclude decides the state from what was heard last.
func (s *history) conclude(h *Host) {
	booted := !s.boot.Time.IsZero()
	switch {
	case s.disabled != nil && (s.State != Running || booted):
		s.State, s.Since, s.first, s.last = Disabled, s.disabled.Time, s.disabled, s.disabled
	case s.State != UnknownState && booted:
		s.State, s.Since = UnknownState, time.Time{}
		s.Reasons = append(s.Reasons, Reason{
			Code:    "no-event-since-boot",
			Input:   h.Name,
			Message: "The computer started at " + utc(s.boot.Time) + " and no event after it says what became of the ADSync service.",
			Ask:     "sc.exe queryex ADSync",
		})
	case s.State == UnknownState && len(s.Reasons) == 0:
		s.Reasons = append(s.Reasons, Reason{
			Code:    "no-service-event",
			Input:   h.Name,
			Message: "No event in the inputs says what became of the ADSync service.",
			Ask:     `wevtutil epl System System.evtx`,
		})
	}
	if s.first == nil {
		return
	}
	s.Evidence = append(s.Evidence, s.first.Evidence(stateRole(s.State)))
	if s.last != s.first {
		s.Evidence = append(s.Evidence, s.last.Evidence(stateRole(s.State)+", last"))
	}
}

func stateRole(s ServiceState) string {
	switch s {
	case Running:
		return "service running"
	case Failing:
		return "start failed"
	case Disabled:
		return "service disabled"
	}
	return "last known state"
}

// isServiceLogon reports whether the event shows the account log on as a service (4624), or
// fail to (4625).
func isServiceLogon(e Event, id int, h *Host) bool {
	if !strings.EqualFold(e.Provider, auditing) || e.ID != id || e.Data("LogonType") != serviceLogon {
		return false
	}
	name := e.Data("TargetUserName")
	if domain := e.Data("TargetDomainName"); domain != "" && domain != "-" {
		name = domain + `\` + name
	}
	logon := sid.ParsePrincipal(name)
	if s := e.SID("TargetUserSid"); s != "" { // a failed logon has a name only
		logon.SID = s
	}
	return h.compare(h.Account.principal(), logon) == sid.Same
}
