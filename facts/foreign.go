package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// Foreign tells of Group Policy reports that are of other computers than the host, when
// none of the inputs is one of the host. The zero value says that there are none.
type Foreign struct {
	// Hosts are the names of those computers, in upper case and sorted.
	Hosts []string
	// Sure is set when each of the reports is surely of another computer: it has another
	// name, and was made while the logs show the host under its own. Nothing else in the inputs is
	// of that computer, which could be there on purpose.
	Sure     bool
	Evidence []evidence.Item
	// Reasons say why it is not sure.
	Reasons []Reason
}

// maxForeign is how many reports of other computers are looked at one by one.
const maxForeign = 20

// newForeign looks at the reports of the other hosts, if h has ADSync and no report of its
// own.
func newForeign(h *Host, hosts []*Host, logs []logCoverage) Foreign {
	if !h.hasADSync {
		return logsElsewhere(h, logs)
	}
	var f Foreign
	if h.Reports.Named {
		return f
	}
	for _, other := range hosts {
		if len(f.Hosts) >= maxForeign {
			f.Reasons = append(f.Reasons, Reason{
				Code: "report-of-other-computer", Input: h.Name, Ask: askReport,
				Message: "There are reports of " + itoa(maxForeign) + " other computers and more, and none of " + h.Name + ". Make one there.",
			})
			break
		}
		for _, r := range other.Reports.All {
			if other == h || len(f.Hosts) >= maxForeign || r.Host == "" || r.Computer == nil || r.Results != gpreport.Logged {
				continue
			}
			f.Hosts = append(f.Hosts, cut(HostKey(r.Host), maxLabel))
			f.Evidence = append(f.Evidence, evidence.Item{
				Role: "report of another computer", Location: evidence.Location{Source: r.Source}, Excerpt: describeReport(r),
			})
			if reason, sure := h.surelyNot(r, other); !sure {
				f.Reasons = append(f.Reasons, reason)
			}
		}
	}
	slices.Sort(f.Hosts)
	f.Hosts = slices.Compact(f.Hosts)
	f.Sure = len(f.Hosts) > 0 && len(f.Reasons) == 0
	return f
}

// surelyNot tells whether a report is surely not of the host, and if not, why.
func (h *Host) surelyNot(r *gpreport.Report, other *Host) (why Reason, sure bool) {
	why = Reason{Code: "report-of-other-computer", Input: string(r.Source), Ask: askReport}
	z := zoneOf(r, anyZone)
	if h.zone.stated {
		z = zoneOf(r, h.zone)
	}
	made := z.window(r.Collected)
	within := func(c ChannelCoverage) bool {
		return !made.Empty() && !made.From.Before(c.Window.From) && !made.To.After(c.Window.To.Add(quiet))
	}
	switch {
	case slices.ContainsFunc(h.Names, func(name string) bool { return isName(r.Host, name) }):
		why.Message = "The report is of " + fullName(other) + ". By its name that may be " + fullName(h) + " or another computer, so that it was not used. Make a report on " + h.Name + "."
	case other.hasADSync:
		why.Message = "The report is of " + other.Name + ", where ADSync is installed too. There is none of " + h.Name + ". Make one there."
	case len(other.Logs.Channels) > 0:
		why.Message = "The report is of " + other.Name + ", of which there are logs too, so that it may be there on purpose. There is none of " + h.Name + ". Make one there."
	case !slices.ContainsFunc(h.Logs.Channels, within):
		why.Message = "The report is of " + r.Host + " and was made at a time for which no log shows the name of " + h.Name + ", so that it may have had that name then. Make a report on " + h.Name + "."
	default:
		return Reason{}, true
	}
	return why, false
}

// fullName is the name of a host with the DNS name of its domain.
func fullName(h *Host) string {
	if !strings.Contains(h.Domain, ".") {
		return h.Name
	}
	return h.Name + "." + h.Domain
}

// logsElsewhere says that the logs are of other computers than the host, which has a report
// and of which nothing shows whether ADSync is installed there.
func logsElsewhere(h *Host, logs []logCoverage) Foreign {
	if len(h.Reports.All) == 0 || len(h.Logs.Channels) > 0 || h.Elsewhere != "" {
		return Foreign{}
	}
	for _, l := range logs {
		for _, s := range l.Streams {
			return Foreign{Reasons: []Reason{{
				Code: "logs-of-other-computer", Input: string(l.source), Ask: "wevtutil epl System System.evtx",
				Message: "The report is of " + h.Name + ", but the logs are of " + shortName(s.Computer) + ", and no event in them says whether ADSync is installed there. Export the logs of the computer on which it is.",
			}}}
		}
	}
	return Foreign{}
}
