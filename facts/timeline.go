package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/winerr"
)

// Entry is one thing that happened on a host, or that happened again and again.
type Entry struct {
	Time time.Time
	What string
	// Kind is "service", "engine", "install", "policy", "account", "logon", "boot" or "report"; "note" says
	// something of the timeline itself.
	Kind     string
	Evidence []evidence.Item
	// Latest is set where the time is not known exactly, such as that of a report whose time
	// zone is not known: then Time is the earliest moment and Latest the last.
	Latest time.Time
	// Count and Last are set where the entry stands for several that say the same, one after
	// the other: how many, and when the last one was. What says so too.
	Count int
	Last  time.Time
}

// newTimeline tells the events and the reports in words, in order of time.
func newTimeline(events []Event, h *Host, most int) []Entry {
	out := reportEntries(h)
	spans := engineSpans(events)
	for i, e := range events {
		what, kind := narrate(e, h)
		if what == "" && e.ofEngine() {
			what, kind = narrateEngine(i, e, spans), "engine"
		}
		if what != "" {
			out = append(out, Entry{Time: e.Time, What: what, Kind: kind, Evidence: []evidence.Item{e.Evidence(kind)}})
		}
	}
	out = append(out, sharedEntries(len(h.Account.Changes), func(i int) Entry { return narrateChange(h.Account.Changes[i], h.Account.Name) })...)
	out = append(out, h.Policy.entries(h)...)
	slices.SortStableFunc(out, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	return shortened(folded(out), most)
}

func narrate(e Event, h *Host) (what, kind string) {
	switch {
	case strings.EqualFold(e.Provider, scm):
		return narrateService(e), "service"
	case strings.EqualFold(e.Provider, adSync) && e.ID == 2001:
		return "ADSync reports that it started", "service"
	case strings.EqualFold(e.Provider, adSync) && e.ID == 2002:
		return "ADSync reports that it stopped", "service"
	case strings.EqualFold(e.Provider, msiInstaller):
		return narrateInstall(e), "install"
	case strings.EqualFold(e.Provider, eventLog) && e.ID == 6005:
		return "the event log service started: the computer was started", "boot"
	case strings.EqualFold(e.Provider, eventLog) && e.ID == 6006:
		return "the event log service stopped: the computer was shut down", "boot"
	case strings.EqualFold(e.Provider, eventLog) && e.ID == 6008:
		return "the computer had gone down unexpectedly", "boot"
	case isServiceLogon(e, 4625, h):
		return "a service logon of " + h.Account.Name + " failed" + ntStatus(e.Data("SubStatus"), e.Data("Status")), "logon"
	case isServiceLogon(e, 4624, h):
		return h.Account.Name + " logged on as a service", "logon"
	}
	return narratePolicy(e, &h.Policy), "policy"
}

func narrateService(e Event) string {
	switch e.ID {
	case 7000:
		return "ADSync failed to start" + code(e.Param(2))
	case 7001, 7003:
		return "ADSync could not start, for it depends on " + e.Param(2)
	case 7009, 7011, 7022:
		return "ADSync did not answer in time"
	case 7023:
		return "ADSync ended with an error" + code(e.Param(2))
	case 7024:
		return "ADSync ended with an error of its own" + code(e.Param(2))
	case 7031, 7034:
		return "ADSync ended unexpectedly"
	case 7036:
		switch stepOf(e) {
		case startStep:
			return "ADSync is running"
		case stopStep:
			return "ADSync is stopped"
		}
	case 7038:
		return "ADSync could not log on as " + e.Param(2) + code(e.Param(3))
	case 7040:
		return "the start type of ADSync was changed from " + e.Param(2) + " to " + e.Param(3)
	case 7041:
		return "ADSync could not log on as " + e.Param(2) + ": the account lacks the right to log on as a service, or is denied it"
	case 7045:
		return "ADSync was installed with the account " + e.accountName()
	}
	return ""
}

// code explains a %%n parameter.
func code(param string) string {
	c, ok := winerr.Parse(param)
	if !ok {
		return ""
	}
	return explain(c.String(), c.Info())
}

func explainCode(c winerr.Code) string {
	if c == 0 {
		return ""
	}
	return explain(c.String(), c.Info())
}

func ntStatus(values ...string) string {
	for _, v := range values {
		if s, ok := winerr.ParseNTStatus(v); ok && s != 0 {
			return explain(s.String(), s.Info())
		}
	}
	return ""
}

func explain(number string, info winerr.Info) string {
	if info.Meaning == "" {
		return " (error " + number + ")"
	}
	return ": " + strings.TrimSuffix(info.Meaning, ".") + " (" + number + ")"
}
