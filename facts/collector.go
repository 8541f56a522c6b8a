package facts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// Config tells a Collector what the user knows. The zero value works.
type Config struct {
	// Account is the account of the ADSync service where the user states it, in any
	// spelling; it outranks what the inputs say.
	Account string
	// UTCOffset is how far the computers' local time is ahead of UTC, where the user states
	// it; nil leaves it to the inputs.
	UTCOffset *time.Duration
	// Groups are the members of groups where the user states them, complete for each group.
	Groups []collected.Membership
	// MaxEvents bounds the events of one kind that are kept of one host, in number; see
	// [Recent]. That some were dropped is told.
	MaxEvents int
	// Budget bounds the events that are kept of all hosts together; nil for a default one.
	Budget *Budget
}

// Collector gathers what the inputs say and sorts it by host.
type Collector struct {
	cfg     Config
	hosts   map[string]*hostInput
	logs    []logCoverage
	reports []*gpreport.Report
	files   []*collected.File
	exports []*gpreport.Report // of computers' own security databases
	// edits are the changes to GPOs, which belong to the domain and not to the domain
	// controller that logs them; editors are the keys of those controllers.
	edits   Recent
	editors map[string]bool
	omitted int
	// joined are the names of the computers, until more is added.
	joined *hostNames
}

// hostInput is what came in for one computer.
type hostInput struct {
	domain string
	events [eventKinds]Recent
	// accounts are the names and SIDs that logged on or run services: no groups.
	accounts map[string]bool
}

// NewCollector returns a Collector without input.
func NewCollector(cfg Config) *Collector {
	if cfg.Budget == nil {
		cfg.Budget = NewBudget(0)
	}
	return &Collector{
		cfg: cfg, hosts: make(map[string]*hostInput), edits: Recent{Max: cfg.MaxEvents, Budget: cfg.Budget}, editors: make(map[string]bool),
	}
}

func (c *Collector) host(computer string) *hostInput {
	key := HostKey(computer)
	h := c.hosts[key]
	if h == nil {
		h = &hostInput{accounts: make(map[string]bool)}
		for i := range h.events {
			h.events[i].Max, h.events[i].Budget = c.cfg.MaxEvents, c.cfg.Budget
		}
		h.events[listEvents].Max = max(cmp.Or(c.cfg.MaxEvents, defaultMaxEvents)/listsAmongEvents, 1)
		c.hosts[key] = h
	}
	if d := domainOf(computer); len(d) > len(h.domain) {
		h.domain = d
	}
	return h
}

// AddReport takes a report or a security template. It is kept. Of templates only exports
// of a computer's own settings count; what single GPOs define says nothing of a computer.
func (c *Collector) AddReport(r *gpreport.Report) {
	c.joined = nil
	switch {
	case r.Results == gpreport.Exported:
		c.exports = append(c.exports, r)
	case r.Kind != gpreport.SeceditINF && r.Results != gpreport.Defined:
		c.reports = append(c.reports, r)
	}
}

// AddCoverage takes what a log was found to hold once it was read to its end.
func (c *Collector) AddCoverage(source evidence.Source, cov evtx.Coverage) {
	c.joined = nil
	c.logs = append(c.logs, logCoverage{source, cov})
}

// AddEvent takes an event that one of [Selectors] chose.
func (c *Collector) AddEvent(e Event) {
	c.joined = nil
	if isAudit(e, 5136) {
		if isGPOEdit(e) {
			c.edits.Add(e)
			c.editors[HostKey(e.Computer)] = true
		}
		return
	}
	h := c.host(e.Computer)
	h.learnAccounts(e)
	kind, ok := kindOfEvent(e)
	if !ok {
		return
	}
	if kind == lifeEvents && len(e.Fields) > 0 { // there are many, and their text says nothing here
		e.Fields = []Field{{e.Fields[0].Name, cut(e.Fields[0].Value, maxLifeText)}}
	}
	h.events[kind].Add(e)
}

// maxLifeText is what is kept of the text of a sign of life, in bytes, as evidence.
const maxLifeText = 200

// eventKind sorts events, so that many of one kind do not push out those of another.
type eventKind int

const (
	serviceEvents eventKind = iota
	logonEvents
	groupEvents
	accountEvents
	lifeEvents    // signs that the service and its engine are at work
	troubleEvents // of the engine and its database
	installEvents
	// strangerEvents are refusals of other services. They say nothing of ADSync and are
	// kept apart from what does.
	strangerEvents
	policyEvents
	listEvents  // lists of GPOs, which are large
	rightEvents // who was given rights, and who lost them
	clockEvents
	otherEvents // boots
	eventKinds
)

// listsAmongEvents is how many times fewer lists of GPOs are kept than events of other kinds.
const listsAmongEvents = 5

// kindOfEvent reports whether an event says something of ADSync, of policy or of the
// computer. Logons of Windows' own accounts and of other services are the most of all
// service logons, and say nothing here; nor do the rights that OpenSSH gives to each
// session, and the small corrections of the clock.
func kindOfEvent(e Event) (eventKind, bool) {
	switch {
	case strings.EqualFold(e.Provider, scm) && !e.OfService():
		return strangerEvents, isRefusal(e) && sid.ParsePrincipal(e.Param(2)).SID.IsService()
	case strings.EqualFold(e.Provider, scm):
		return serviceEvents, true
	case isAccountChange(e):
		return accountEvents, e.SID("TargetSid") != ""
	case isGroupChange(e):
		return groupEvents, e.SID("MemberSid") != "" && e.SID("TargetSid") != ""
	case e.ofEngine():
		return kindOfEngineEvent(e)
	case e.ofLocalDB():
		return troubleEvents, true
	case strings.EqualFold(e.Provider, msiInstaller), isAudit(e, 4697):
		return installEvents, e.isInstallation()
	case isGroupPolicy(e, policyLog) && (e.ID == 5312 || e.ID == 5313):
		return listEvents, true
	case strings.EqualFold(e.Provider, groupPolicy), isSceCli(e), isAudit(e, 6144, 6145):
		return policyEvents, true
	case isAudit(e, 4704, 4705, 4717, 4718):
		return rightEvents, isRightChange(e)
	case strings.EqualFold(e.Provider, kernelGeneral):
		_, ok := clockStep(e)
		return clockEvents, ok
	case strings.EqualFold(e.Provider, auditing):
		s := e.SID("TargetUserSid")
		other := s == "S-1-5-18" || s == "S-1-5-19" || s == "S-1-5-20" || s.IsService() && s != sid.Service(serviceKey)
		return logonEvents, !other
	}
	return otherEvents, true
}

// kindOfEngineEvent sorts the events of the synchronization engine: a healthy one logs signs
// of life without end, a sick one troubles.
func kindOfEngineEvent(e Event) (eventKind, bool) {
	t := e.engineText()
	switch {
	case strings.EqualFold(e.Provider, adSync) && (e.ID == 2001 || e.ID == 2002):
		return serviceEvents, true
	case t.kind.isTrouble():
		return troubleEvents, true
	case isLife(e), t.kind != noEngineKind, t.staging, t.suspended:
		return lifeEvents, true
	}
	return troubleEvents, t.version != "" || t.code != ""
}

// shared is what is found once for all hosts.
type shared struct {
	accounts accountLog
	edits    editsByDomain
	// entries is how many entries the timeline of one host may have.
	entries int
	// dropped is how many of the events that count for all hosts were not kept.
	dropped int
}

// maxHosts is how many computers are told of. Logs of forwarded events name thousands, but no
// organization has so many with ADSync.
const maxHosts = 256

// Hosts returns the computers that the inputs speak of, sorted by name, the first 256 of them:
// [Collector.Omitted] counts the others. A computer of which there are only log entries of no
// interest is left out when another one has more to say.
func (c *Collector) Hosts() []*Host {
	names := c.names()
	streams := c.streamsByHost(names)
	chosen := c.choose(names)
	all := shared{
		accounts: c.newAccountLog(), edits: newEditsByDomain(gpoEdits(c.edits.Events())),
		entries: max(maxEntries/max(len(chosen), 1), maxSharedEntries), dropped: c.edits.Dropped(),
	}
	for _, in := range c.hosts {
		all.dropped += in.events[groupEvents].Dropped() + in.events[accountEvents].Dropped()
	}
	var hosts []*Host
	for _, name := range chosen {
		hosts = append(hosts, c.build(name, names, streams, all))
	}
	if heard := slices.DeleteFunc(slices.Clone(hosts), c.onlyEdits); len(heard) > 0 {
		hosts = heard
	}
	speaks := func(h *Host) bool { return h.hasADSync || len(h.Reports.All) > 0 }
	if slices.ContainsFunc(hosts, speaks) {
		hosts = slices.DeleteFunc(hosts, func(h *Host) bool { return !speaks(h) })
	}
	if i := slices.IndexFunc(hosts, func(h *Host) bool { return h.hasADSync }); i >= 0 {
		for _, h := range hosts {
			if !h.hasADSync {
				h.Elsewhere = hosts[i].Name
			}
		}
	}
	for _, h := range hosts {
		h.Reports.Foreign = newForeign(h, hosts, c.logs)
	}
	return hosts
}

// Omitted is how many computers the last call of Hosts left out because there were too many.
func (c *Collector) Omitted() int { return c.omitted }

// choose returns the names of the hosts to tell of, in order: those that have something to say
// of ADSync or of policy, or all of them if none has.
func (c *Collector) choose(n hostNames) []string {
	talks := make(map[string]bool)
	for _, host := range n.reports {
		talks[host] = true
	}
	for f, host := range n.files {
		talks[host] = talks[host] || len(f.Services) > 0
	}
	sorted := slices.Sorted(maps.Keys(n.groups)) // the unnamed one first
	chosen := slices.DeleteFunc(slices.Clone(sorted), func(host string) bool { return !talks[host] && !c.hasService(n.groups[host]) })
	if len(chosen) == 0 {
		chosen = sorted
	}
	c.omitted = max(len(chosen)-maxHosts, 0)
	return chosen[:len(chosen)-c.omitted]
}

// showsADSync reports whether an event shows that ADSync is installed on its computer.
func showsADSync(e Event) bool {
	return e.OfService() || e.ofEngine() || logonName(e) != "" || e.installs()
}

// onlyEdits reports whether a host is a domain controller of which the inputs only have
// edits of GPOs: they are told of at the computers of its domain.
func (c *Collector) onlyEdits(h *Host) bool {
	return len(h.Timeline) == 0 && len(h.Reports.All) == 0 &&
		slices.ContainsFunc(h.Names, func(name string) bool { return c.editors[name] })
}

// gathered is what came in for a host under all its names.
type gathered struct {
	domain string
	// events are in order of time; of the kinds that count for all computers there are none.
	events []Event
	// strangers are the refusals of other services, in order of time.
	strangers []Event
	accounts  map[string]bool
	dropped   int
}

func (c *Collector) gather(names []string) gathered {
	g := gathered{accounts: make(map[string]bool), events: make([]Event, 0, c.eventsOf(names))}
	for _, alias := range names {
		in := c.hosts[alias]
		if in == nil {
			continue
		}
		for i := range in.events {
			switch eventKind(i) {
			case groupEvents, accountEvents: // see knowGroups and newAccountLog
				continue
			case strangerEvents:
				g.strangers = append(g.strangers, in.events[i].Events()...)
				continue
			default:
				g.events = append(g.events, in.events[i].Events()...)
			}
			if eventKind(i) != lifeEvents { // one more or less tells nothing new
				g.dropped += in.events[i].Dropped()
			}
		}
		maps.Copy(g.accounts, in.accounts)
		if len(in.domain) > len(g.domain) {
			g.domain = in.domain
		}
	}
	g.events, g.strangers = SortEvents(g.events), SortEvents(g.strangers)
	return g
}

// eventsOf is how many events gather finds for a host, without the refusals of other services.
func (c *Collector) eventsOf(names []string) int {
	n := 0
	for _, alias := range names {
		if in := c.hosts[alias]; in != nil {
			for i := range in.events {
				switch eventKind(i) {
				case groupEvents, accountEvents, strangerEvents:
				default:
					n += len(in.events[i].Events())
				}
			}
		}
	}
	return n
}

// build makes the facts of one host. What comes later rests on what came before.
func (c *Collector) build(name string, names hostNames, streams map[string][]channelStream, all shared) *Host {
	h := &Host{Name: shortName(name), Domain: strings.ToLower(domainOf(name)), Names: names.groups[name]}
	g := c.gather(h.Names)
	if len(g.domain) > len(h.Domain) {
		h.Domain = g.domain
	}
	h.files = ofHost(c.files, names.files, name, sourceOfFile)
	snapshot := newSnapshot(h.files, h)
	h.hasADSync = snapshot.Known || slices.ContainsFunc(g.events, showsADSync)
	h.Logs = mergeLogs(streams[name])
	h.zone = findZone(c.cfg.UTCOffset, g.events, h.files)
	h.Settings = newSettings(h.files, h)
	h.Reports = newReports(ofHost(c.reports, names.reports, name, sourceOfReport), h)
	if h.Domain == "" && h.Reports.latest != nil {
		h.Domain = cmp.Or(dnsDomain(h.Reports.latest), h.Reports.latest.Domain)
	}
	ctx := h.newContext()
	h.known = &ctx
	h.Account = h.findAccount(c.cfg.Account, snapshot, g.events)
	h.Account.learnChanges(h, all.accounts)
	h.Service = newService(g.events, h)
	h.Service.setUp(snapshot)
	h.Service.judgeRefusals(h, g)
	h.TellDropped(g.dropped + all.dropped)
	learnCollected(g.accounts, h.files)
	who := subject{
		host: h, account: h.Account, self: h.local(h.Account.principal()), accounts: g.accounts,
		groups: c.knowGroups(h), own: h.findOwnSIDs(g.events),
	}
	h.LocalPolicy = newLocalPolicy(h, ofHost(c.exports, names.exports, name, sourceOfReport), who)
	h.Policy = newPolicy(g.events, h, who)
	h.Engine = newEngine(g.events, h)
	h.Rights = newRights(h, who)
	h.Rights.Service.findDeletions(all.accounts)
	h.Policy.judge(h, all.edits.of(h))
	h.Timeline = newTimeline(g.events, h, all.entries)
	h.History = newHistory(h.Service)
	return h
}

const eventsDropped = "events-dropped"

// TellDropped adds to the reasons of the service that so many events of the host were not
// kept, unless there are none or some were told of before: the facts do not know of events that
// only rules ask for.
func (h *Host) TellDropped(events int) {
	told := func(r Reason) bool { return r.Code == eventsDropped }
	if events <= 0 || slices.ContainsFunc(h.Service.Reasons, told) {
		return
	}
	h.Service.Reasons = append(h.Service.Reasons, Reason{
		Code: eventsDropped, Input: h.Name,
		Message: "There are more events than are kept: " + itoa(events) + " between the oldest and the newest were not looked at, so that numbers are too low.",
	})
}

// streamsByHost sorts the streams of all logs by host.
func (c *Collector) streamsByHost(names hostNames) map[string][]channelStream {
	out := make(map[string][]channelStream)
	for _, l := range c.logs {
		for _, s := range l.Streams {
			host := names.of(s.Computer)
			out[host] = append(out[host], channelStream{source: l.source, Stream: s, lost: l.isDamaged()})
		}
	}
	return out
}
