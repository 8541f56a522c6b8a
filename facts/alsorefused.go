package facts

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// AlsoRefused tells of other services than ADSync with virtual accounts that Windows refused
// the logon for lack of the right. The zero value says that none was.
type AlsoRefused struct {
	// Events are the newest refusal of each service in the same run of the computer, from one
	// start to the next, as the newest refusal of ADSync; without such, in the computer's
	// newest run after ADSync last logged on. There are 20 at most, in order of time.
	Events []Event
	// Reasons say what is open where ADSync itself was not seen to be refused.
	Reasons []Reason
}

// maxAlsoRefused is how many other services are told of.
const maxAlsoRefused = 20

// alsoRefused finds the refusals of other services that belong to those of ADSync. strangers
// are all of them, events those of the host; both are in order of time.
func (h *Host) alsoRefused(strangers, events []Event) AlsoRefused {
	var at time.Time // of the newest refusal of ADSync
	if n := len(h.Service.Refusals); n > 0 {
		at = h.Service.Refusals[n-1].Time
	}
	from, to := runOf(at, events)
	newest := make(map[string]Event)
	for _, e := range strangers {
		switch {
		case e.Time.Before(from) || !to.IsZero() && !e.Time.Before(to):
		case !at.IsZero() && !h.Logs.Cover(systemLog, between(e.Time, at)): // a start may be missing
		case at.IsZero() && h.Service.LoggedOnAfter(e.Time):
		default:
			newest[strings.ToLower(e.Param(1))] = e
		}
	}
	all := SortEvents(slices.Collect(maps.Values(newest)))
	out := AlsoRefused{Events: all[:min(len(all), maxAlsoRefused)]}
	if at.IsZero() && len(all) > 0 {
		last := all[len(all)-1]
		out.Reasons = []Reason{{
			Code: "other-services-refused", Input: last.Param(1), Ask: "sc.exe queryex ADSync",
			Message: "Windows refused other services with virtual accounts for lack of the right to log on as a service, last at " + utc(last.Time) + ". No event says whether it refused ADSync since then.",
		}}
	}
	return out
}

// runOf finds the run of the computer in which a moment lies, from its start to the next; the
// newest one for no moment. A time that is zero says that the log does not have that start.
func runOf(at time.Time, events []Event) (from, to time.Time) {
	for _, e := range events {
		switch {
		case stepOf(e) != bootStep:
		case at.IsZero() || !e.Time.After(at):
			from = e.Time
		case to.IsZero():
			to = e.Time
		}
	}
	return from, to
}

// between is the time from one moment to another, in either order.
func between(a, b time.Time) Window {
	if b.Before(a) {
		a, b = b, a
	}
	return Window{a, b}
}
