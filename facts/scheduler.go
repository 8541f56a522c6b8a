package facts

import (
	"slices"
	"strings"
	"time"
)

// SchedulerState tells whether the scheduler of the synchronization engine runs cycles.
type SchedulerState string

// The states of the scheduler. The zero value means unknown.
const (
	SchedulerWorking SchedulerState = "working" // a cycle finished in the last hours
	SchedulerSilent  SchedulerState = "silent"  // cycles stopped while the service runs
	SchedulerUnknown SchedulerState = "unknown"
)

// A scheduler is silent when nothing of a cycle shows for longer than maxSilence, and for
// longer than twice what lay between cycles before: the interval can be set to days. Fewer
// cycles than minCycles tell no interval.
const (
	maxSilence = 3 * time.Hour
	minCycles  = 4
)

// watch decides the state of the scheduler at the end of the logs.
func (n *Engine) watch(events []Event, h *Host) {
	unknown := func(code, message string) {
		n.Scheduler = SchedulerUnknown
		n.SchedulerReasons = append(n.SchedulerReasons, Reason{Code: code, Input: h.Name, Message: message, Ask: "Get-ADSyncScheduler"})
	}
	log, ok := h.Logs.Channel(appLog)
	if !ok || h.Service.State != Running || h.Service.Window.Empty() {
		n.Scheduler = SchedulerUnknown
		return
	}
	if len(n.Cycles) == 0 {
		unknown("no-cycle-seen", "The Application log shows no cycle of the scheduler, so that it is unknown whether cycles would show in it.")
		return
	}
	// The System log says until when the service ran, the Application log until when a
	// cycle would show.
	end := h.Service.Window.To
	if log.Window.To.Before(end) {
		end = log.Window.To
	}
	last := n.life[len(n.life)-1].Time
	from := last
	if h.Service.Since.After(from) {
		from = h.Service.Since
	}
	silence := Window{from, end}
	finished := n.Cycles[len(n.Cycles)-1].Time
	switch {
	case !finished.Before(h.Service.Since) && end.Sub(finished) <= maxSilence:
		n.Scheduler = SchedulerWorking
	case end.Sub(from) <= maxSilence:
		unknown("too-early", "No cycle of the scheduler finished lately, but not enough time has passed to call it silent.")
	case n.suspended(last):
		unknown("scheduler-suspended", "An event says that the scheduler is suspended or its cycles are disabled: then none are expected.")
	case n.staging:
		unknown("staging-server", "An event says that the server is in staging mode. It should run cycles all the same, but is often left to itself.")
	case len(n.Cycles) < minCycles:
		unknown("too-few-cycles", "Too few cycles of the scheduler show to know how often they should come.")
	case end.Sub(from) <= 2*n.longestPause(events):
		unknown("long-interval", "The time without a cycle is not much longer than what lay between cycles before.")
	case !h.Logs.Cover(appLog, silence):
		unknown("log-does-not-cover", "The Application log has a hole in the time in which no cycle shows.")
	default:
		n.Scheduler, n.Silence = SchedulerSilent, silence
	}
}

// suspended reports whether the newest word on it, not long before the last sign of a
// cycle or after it, says that the scheduler runs none.
func (n *Engine) suspended(last time.Time) bool {
	return !n.suspendedAt.IsZero() && !n.suspendedAt.Before(last.Add(-time.Hour))
}

// longestPause is the longest time that lay between two signs of cycles while the service
// ran through and the computer was not restarted.
func (n *Engine) longestPause(events []Event) time.Duration {
	var longest time.Duration
	var last time.Time
	life := n.life
	for _, e := range events {
		switch {
		case slices.Contains([]step{startStep, failStep, stopStep, bootStep}, stepOf(e)), strings.EqualFold(e.Provider, eventLog) && e.ID == 6006:
			last = time.Time{}
		case len(life) > 0 && e.Time.Equal(life[0].Time) && e.Record == life[0].Record && e.Channel == life[0].Channel:
			if !last.IsZero() {
				longest = max(longest, e.Time.Sub(last))
			}
			last, life = e.Time, life[1:]
		}
	}
	return longest
}
