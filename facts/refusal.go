package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/sid"
	"github.com/gpevtx/gpevtx/winerr"
)

// logonTypeNotGranted is STATUS_LOGON_TYPE_NOT_GRANTED.
const logonTypeNotGranted winerr.NTStatus = 0xC000015B

// isRefusal reports whether a failure is for lack of the right: 7041, or 7038 with
// ERROR_LOGON_TYPE_NOT_GRANTED (1385) or its older form (1380); in the Security log a failed
// logon with the status of the same meaning.
func isRefusal(e Event) bool {
	if strings.EqualFold(e.Provider, auditing) {
		is := func(code string) bool {
			status, ok := winerr.ParseNTStatus(code)
			return ok && status == logonTypeNotGranted
		}
		return e.ID == 4625 && (is(e.Data("Status")) || is(e.Data("SubStatus")))
	}
	return e.ID == 7041 || e.ID == 7038 && (e.Param(3) == "%%1385" || e.Param(3) == "%%1380")
}

// oneLogon is how far apart two logs may have one failed logon.
const oneLogon = 10 * time.Second

// judgeRefusals tells whom Windows refused the logon.
func (s *Service) judgeRefusals(h *Host, g gathered) {
	if h.compare(sid.ParsePrincipal(s.Account), h.Account.principal()) == sid.Different {
		s.OtherAccount = s.Account
	}
	s.Refusals = h.refusals()
	s.AlsoRefused = h.alsoRefused(g.strangers, g.events)
}

// refusals are the events in which the account was refused for lack of the right, unless it
// logged on since: those of the System log, and of the Security log where it alone has the
// refusal.
func (h *Host) refusals() []Event {
	var out []Event
	for _, e := range h.Service.Failures {
		if !isRefusal(e) || h.Service.LoggedOnAfter(e.Time) {
			continue
		}
		if h.compare(sid.ParsePrincipal(e.Param(2)), h.Account.principal()) != sid.Different {
			out = append(out, e)
		}
	}
	system := out[:len(out):len(out)]
	for _, e := range h.Service.FailedLogons {
		if isRefusal(e) && !h.Service.LoggedOnAfter(e.Time) && !anyNear(system, e.Time, oneLogon) && !h.ofAnotherService(e) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, compareEvents)
	return out
}

// ofAnotherService reports whether a failed logon of the account must be that of another
// service that has the same account: the System log has that time, and no failure of ADSync.
func (h *Host) ofAnotherService(e Event) bool {
	return h.Account.Kind != Virtual && h.Logs.Cover(systemLog, Window{e.Time, e.Time}) && !anyNear(h.Service.Failures, e.Time, oneLogon)
}

// anyNear reports whether one of the events, which are in order of time, is within d of t.
func anyNear(events []Event, t time.Time, d time.Duration) bool {
	i, _ := slices.BinarySearchFunc(events, t.Add(-d), func(e Event, t time.Time) int { return e.Time.Compare(t) })
	return i < len(events) && !events[i].Time.After(t.Add(d))
}

// lastRefusal is the newest event in which the account was refused for lack of the right; zero
// if there is none.
func (s Service) lastRefusal() Event {
	var last Event
	for _, list := range [][]Event{s.Failures, s.FailedLogons} {
		for i := len(list) - 1; i >= 0; i-- {
			if isRefusal(list[i]) {
				if list[i].Time.After(last.Time) {
					last = list[i]
				}
				break
			}
		}
	}
	return last
}
