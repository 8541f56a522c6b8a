package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
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
	// Window reaches from Since to the end of the System log: the time in which
	// absent events mean something, if the log covers it. Empty when State is unknown.
	Window Window
	// Starts and Failures are the events that show a good start and a failed one, in
	// order of time; Logons the successful service logons of the account.
	Starts, Failures, Logons []Event
	Evidence                 []evidence.Item
	Reasons                  []Reason
}

// StartedAfter reports whether the service was seen to start well after t.
func (s Service) StartedAfter(t time.Time) bool {
	return len(s.Starts) > 0 && s.Starts[len(s.Starts)-1].Time.After(t)
}

// LoggedOnAfter reports whether the account was seen to log on as a service, or the
// service to start, after t.
func (s Service) LoggedOnAfter(t time.Time) bool {
	return s.StartedAfter(t) || len(s.Logons) > 0 && s.Logons[len(s.Logons)-1].Time.After(t)
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
)

// stepOf classifies an event. Binary of 7036 ends in the state's number where it exists;
// the word for the state is in the computer's language.
func stepOf(e Event) step {
	switch {
	case strings.EqualFold(e.Provider, adSync) && e.ID == 2001:
		return startStep
	case strings.EqualFold(e.Provider, adSync) && e.ID == 2002:
		return stopStep
	case strings.EqualFold(e.Provider, eventLog) && e.ID == 6005:
		return bootStep
	case !e.OfService():
		return noStep
	}
	switch e.ID {
	case 7000, 7001, 7003, 7009, 7011, 7022, 7023, 7024, 7031, 7034, 7038, 7041:
		return failStep
	case 7036:
		_, digit, _ := strings.Cut(e.BinaryText(), "/")
		switch {
		case digit == "4" || digit == "" && strings.EqualFold(e.Param(2), "running"):
			return startStep
		case digit == "1" || digit == "" && strings.EqualFold(e.Param(2), "stopped"):
			return stopStep
		}
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

// newService tells the history from a host's events, which are in order of time.
func newService(events []Event, h *Host) Service {
	s := Service{State: UnknownState}
	var decisive *Event
	var boot Event
	disabled := false
	for i := range events {
		e := &events[i]
		switch step := stepOf(*e); step {
		case startStep:
			if s.State != Running {
				s.Since = e.Time
			}
			s.Starts = append(s.Starts, *e)
			s.State, decisive, boot = Running, e, Event{}
		case failStep:
			if s.State != Failing {
				s.Since = e.Time
			}
			s.Failures = append(s.Failures, *e)
			s.State, decisive = Failing, e
			if e.ID == 7041 || e.ID == 7038 {
				s.Account = e.Param(2)
			}
		case stopStep:
			if s.State == Failing && decisive != nil && e.Time.Sub(decisive.Time) <= afterFailure {
				continue
			}
			s.State, s.Since, decisive = Stopped, e.Time, e
		case bootStep:
			boot = *e
		case enableStep, disableStep:
			disabled = step == disableStep
			if disabled && s.State != Running {
				decisive = e
			}
		}
		if isServiceLogon(*e, h.Account) {
			s.Logons = append(s.Logons, *e)
		}
	}
	switch {
	case disabled && s.State != Running:
		s.State = Disabled
		s.Since = decisive.Time
	case s.State == Running && !boot.Time.IsZero():
		// The computer started again and nothing is said of the service since.
		s.State, s.Since = UnknownState, time.Time{}
		s.Reasons = append(s.Reasons, Reason{
			Code:    "no-event-since-boot",
			Input:   h.Name,
			Message: "The computer started at " + utc(boot.Time) + " and no event after it says what became of the ADSync service.",
			Ask:     "sc.exe queryex ADSync",
		})
	case s.State == UnknownState:
		s.Reasons = append(s.Reasons, Reason{
			Code:    "no-service-event",
			Input:   h.Name,
			Message: "No event in the inputs says what became of the ADSync service.",
			Ask:     `wevtutil epl System System.evtx`,
		})
	}
	if decisive != nil {
		s.Evidence = []evidence.Item{decisive.Evidence(stateRole(s.State))}
	}
	if c, ok := h.Logs.Channel(systemLog); ok && s.State != UnknownState {
		s.Window = Window{s.Since, c.Window.To}
	}
	if s.Account == "" && !h.Account.Assumed {
		s.Account = h.Account.Name
	}
	return s
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

// isServiceLogon reports whether the event shows the account log on as a service.
func isServiceLogon(e Event, a Account) bool {
	if !strings.EqualFold(e.Provider, auditing) || e.ID != 4624 || e.Data("LogonType") != loginTypeCode {
		return false
	}
	if a.SID != "" && e.Data("TargetUserSid") != "" {
		return strings.EqualFold(e.Data("TargetUserSid"), string(a.SID))
	}
	return sameName(e.Data("TargetDomainName")+`\`+e.Data("TargetUserName"), a.Name)
}

// LastFailure returns the newest failure with one of the ids; ok is false without one.
func (s Service) LastFailure(ids ...int) (e Event, ok bool) {
	for i := len(s.Failures) - 1; i >= 0; i-- {
		if slices.Contains(ids, s.Failures[i].ID) {
			return s.Failures[i], true
		}
	}
	return Event{}, false
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
