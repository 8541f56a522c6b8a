package facts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/gpreport"
)

// Config tells a Collector what the user knows. The zero value works.
type Config struct {
	// Account is the account of the ADSync service where the user states it, in any
	// spelling; it outranks what the inputs say.
	Account string
	// UTCOffset is how far the computers' local time is ahead of UTC, where the user states
	// it; nil leaves it to the inputs.
	UTCOffset *time.Duration
	// MaxEvents bounds the events that are kept of one host, in number; beyond it the
	// oldest are dropped. Default 100,000.
	MaxEvents int
}

// Collector gathers what the inputs say and sorts it by host.
type Collector struct {
	cfg     Config
	hosts   map[string]*hostInput
	logs    []logCoverage
	reports []*gpreport.Report
}

// hostInput is what came in for one computer.
type hostInput struct {
	domain string
	events Recent
	// accounts are the names and SIDs that logged on or run services: no groups.
	accounts map[string]bool
}

// NewCollector returns a Collector without input.
func NewCollector(cfg Config) *Collector {
	return &Collector{cfg: cfg, hosts: make(map[string]*hostInput)}
}

func (c *Collector) host(computer string) *hostInput {
	key := ShortName(computer)
	h := c.hosts[key]
	if h == nil {
		h = &hostInput{accounts: make(map[string]bool), events: Recent{Max: c.cfg.MaxEvents}}
		c.hosts[key] = h
	}
	if d := domainOf(computer); len(d) > len(h.domain) {
		h.domain = d
	}
	return h
}

// AddReport takes a report. It is kept.
func (c *Collector) AddReport(r *gpreport.Report) { c.reports = append(c.reports, r) }

// AddCoverage takes what a log was found to hold once it was read to its end.
func (c *Collector) AddCoverage(source evidence.Source, cov evtx.Coverage) {
	c.logs = append(c.logs, logCoverage{source, cov})
}

// AddEvent takes an event that one of [Selectors] chose.
func (c *Collector) AddEvent(e Event) {
	h := c.host(e.Computer)
	h.learnAccounts(e)
	if relevant(e) {
		h.events.Add(e)
	}
}

// relevant reports whether an event says something of ADSync, of policy or of the computer.
func relevant(e Event) bool {
	return !strings.EqualFold(e.Provider, scm) || e.OfService()
}

// Hosts returns the computers that the inputs speak of, sorted by name. A computer of which
// there are only log entries of no interest is left out when another one has more to say.
func (c *Collector) Hosts() []*Host {
	names := c.names()
	var hosts []*Host
	for _, name := range slices.Sorted(maps.Keys(names.groups)) {
		hosts = append(hosts, c.build(name, names))
	}
	speaks := func(h *Host) bool { return h.hasADSync || len(h.Reports.All) > 0 }
	if slices.ContainsFunc(hosts, speaks) {
		hosts = slices.DeleteFunc(hosts, func(h *Host) bool { return !speaks(h) })
	}
	if i := slices.IndexFunc(hosts, func(h *Host) bool { return h.hasADSync }); i >= 0 {
		for _, h := range hosts {
			if !h.hasADSync && h.Name != "" {
				h.Elsewhere = hosts[i].Name
			}
		}
	}
	return hosts
}

// build makes the facts of one host.
func (c *Collector) build(name string, names hostNames) *Host {
	h := &Host{Name: name, Names: names.groups[name]}
	accounts := make(map[string]bool)
	var events []Event
	for _, alias := range h.Names {
		if a := c.hosts[alias]; a != nil {
			events = append(events, a.events.Events()...)
			maps.Copy(accounts, a.accounts)
			if len(a.domain) > len(h.Domain) {
				h.Domain = a.domain
			}
		}
	}
	events = SortEvents(events)
	h.hasADSync = slices.ContainsFunc(events, func(e Event) bool { return e.OfService() || strings.EqualFold(e.Provider, adSync) })
	h.Logs = mergeLogs(c.streamsOf(name, names))
	h.Reports = newReports(c.reportsOf(name, names), name)
	if h.Domain == "" && h.Reports.latest != nil {
		h.Domain = h.Reports.latest.Domain
	}
	h.Account = findAccount(c.cfg.Account, name, events)
	h.Service = newService(events, h)
	h.zone = findZone(c.cfg.UTCOffset, events)
	h.Rights = newRights(h, events, accounts)
	h.Timeline = newTimeline(events, h)
	return h
}

// streamsOf collects the streams of a host from all logs.
func (c *Collector) streamsOf(name string, names hostNames) []channelStream {
	var out []channelStream
	for _, l := range c.logs {
		for _, s := range l.Streams {
			if names.of(s.Computer) == name {
				out = append(out, channelStream{source: l.source, Stream: s, lost: l.Lost > 0 || !l.Complete})
			}
		}
	}
	return out
}

// reportsOf collects the reports of a host, in the order of their sources.
func (c *Collector) reportsOf(name string, names hostNames) []*gpreport.Report {
	var out []*gpreport.Report
	for _, r := range c.reports {
		host := names.of(r.Host)
		if r.Host == "" {
			host = names.unnamed
		}
		if host == name {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *gpreport.Report) int { return cmp.Compare(a.Source, b.Source) })
	return out
}
