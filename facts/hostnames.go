package facts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/gpreport"
)

// HostKey is a computer's name as events spell it, made comparable: in upper case, with its
// DNS domain where the event has it.
func HostKey(computer string) string { return strings.ToUpper(strings.TrimSpace(computer)) }

// hostNames joins the names of computers: SYNC01 and sync01.contoso.com are one, and so is
// the name that the computer had before it was renamed. Two computers of one name in
// different domains are two.
type hostNames struct {
	// groups lists the names of each host under its present one, added what is in it.
	groups map[string][]string
	added  map[hostName]bool
	// computers has the computer of each name that was joined with another one.
	computers map[string]*joinedNames
	// reports is the host of each report.
	reports map[*gpreport.Report]string
	// files is the host of each file of a collector that has one.
	files map[*collected.File]string
	// exports is the host of each export of a computer's own settings that has one.
	exports map[*gpreport.Report]string
}

// hostName is a name of a host, which goes by its present one.
type hostName struct{ host, name string }

// add enters a name of a host, once.
func (n *hostNames) add(host, name string) {
	if key := (hostName{host, name}); !n.added[key] {
		n.added[key] = true
		n.groups[host] = append(n.groups[host], name)
	}
}

// joinedNames are names of one computer, and the present one of them. Names that were given
// to another computer since may stand in the list.
type joinedNames struct {
	present string
	names   []string
}

// of returns the present name of a computer.
func (n hostNames) of(computer string) string {
	key := HostKey(computer)
	if c := n.computers[key]; c != nil {
		return c.present
	}
	return key
}

// join records that old is a former or shorter name of now. A name that has another later
// one already leaves the names that it was joined with.
func (n *hostNames) join(old, now string) {
	from, to := n.joined(old), n.joined(now)
	switch {
	case from == to:
		return
	case from.present != old:
		n.give(old, to)
		return
	}
	present := to.present
	if len(from.names) > len(to.names) { // the fewer names move
		from, to = to, from
	}
	for _, name := range from.names {
		if n.computers[name] == from {
			n.give(name, to)
		}
	}
	to.present = present
}

// joined returns the names that one was joined with.
func (n *hostNames) joined(name string) *joinedNames {
	if n.computers[name] == nil {
		n.give(name, &joinedNames{present: name})
	}
	return n.computers[name]
}

func (n *hostNames) give(name string, to *joinedNames) {
	n.computers[name] = to
	to.names = append(to.names, name)
}

// maxIdleHosts is how many computers that only appear in logs are told of: a log of
// forwarded events names thousands.
const maxIdleHosts = 16

// names joins the names of what was added until now.
func (c *Collector) names() hostNames {
	if c.joined == nil {
		n := c.joinNames()
		c.joined = &n
	}
	return *c.joined
}

func (c *Collector) joinNames() hostNames {
	n := hostNames{
		groups: make(map[string][]string), added: make(map[hostName]bool), computers: make(map[string]*joinedNames),
		reports: make(map[*gpreport.Report]string), files: make(map[*collected.File]string), exports: make(map[*gpreport.Report]string),
	}
	known := make(map[string]bool)
	for name := range c.hosts {
		known[name] = true
	}
	idle := make(map[string]bool)
	for _, l := range c.logs {
		for _, s := range l.Streams {
			if name := HostKey(s.Computer); !known[name] {
				idle[name] = true
			}
		}
	}
	if len(idle) <= maxIdleHosts {
		maps.Copy(known, idle)
	}
	c.joinRenamed(&n)
	n.joinShort(known)
	for name := range known {
		n.add(n.of(name), name)
	}
	c.placeReports(&n)
	c.placeFiles(&n)
	for _, group := range n.groups {
		slices.Sort(group)
	}
	return n
}

// joinRenamed finds computers that were renamed: in one log the record numbers of the new
// name go on where those of the old one end, and the old name is not heard of again. Logs
// of forwarded events mix computers; they have a few records of each, or several channels.
func (c *Collector) joinRenamed(n *hostNames) {
	const enough = 10 // records on both sides, so that chance does not look like a renaming
	heard := c.lastHeard()
	for _, l := range c.logs {
		streams := slices.Clone(l.Streams)
		slices.SortFunc(streams, func(a, b evtx.Stream) int { return cmp.Compare(a.FirstID, b.FirstID) })
		for i := 1; i < len(streams); i++ {
			a, b := streams[i-1], streams[i]
			if strings.EqualFold(a.Channel, b.Channel) && a.LastID+1 == b.FirstID && !a.Last.After(b.First) &&
				a.Records >= enough && b.Records >= enough && !heard[HostKey(a.Computer)].After(b.First) {
				n.join(HostKey(a.Computer), HostKey(b.Computer))
			}
		}
	}
}

// lastHeard is when the newest record of each computer in any log was made.
func (c *Collector) lastHeard() map[string]time.Time {
	last := make(map[string]time.Time)
	for _, l := range c.logs {
		for _, s := range l.Streams {
			if key := HostKey(s.Computer); s.Last.After(last[key]) {
				last[key] = s.Last
			}
		}
	}
	return last
}

// joinShort joins a name without domain with the only one of that name that has one.
func (n *hostNames) joinShort(known map[string]bool) {
	full := make(map[string][]string)
	for name := range known {
		if short := shortName(name); short != name {
			full[short] = append(full[short], name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		list := full[name]
		if len(list) == 0 {
			continue
		}
		now := n.of(list[0])
		if !slices.ContainsFunc(list, func(other string) bool { return n.of(other) != now }) {
			n.join(name, now)
		}
	}
}

// netBIOSLength is the length to which Windows cuts the NetBIOS name of a computer, which
// is the name in reports.
const netBIOSLength = 15

// placeReports finds the host of each report: the one of its name whose domain fits. A
// report without a computer's name belongs to the only host there is.
func (c *Collector) placeReports(n *hostNames) {
	index := newHostIndex(*n)
	for _, r := range c.reports {
		if r.Host == "" {
			continue
		}
		key := HostKey(r.Host)
		if fit := index.ofReport(r); len(fit) == 1 {
			key = fit[0]
		} else if d := dnsDomain(r); d != "" {
			key += "." + strings.ToUpper(d)
		}
		n.reports[r] = key
		n.add(key, HostKey(r.Host))
	}
	only := ""
	if len(n.groups) == 1 {
		only = slices.Collect(maps.Keys(n.groups))[0]
	}
	for _, r := range c.reports {
		if r.Host == "" {
			n.reports[r] = only
			if n.groups[only] == nil {
				n.groups[only] = []string{}
			}
		}
	}
}

// isName reports whether a report's computer name is that of a host, whole or cut.
func isName(reported, host string) bool {
	reported, host = HostKey(reported), shortName(host)
	return reported == host || len(reported) == netBIOSLength && strings.HasPrefix(host, reported)
}

// reportDomains are the names of the computer's domain in a report, in upper case.
func reportDomains(r *gpreport.Report) []string {
	names := []string{r.Domain}
	if r.Computer != nil {
		authority, _, found := strings.Cut(r.Computer.Name, `\`)
		if !found {
			authority = ""
		}
		names = append(names, r.Computer.Domain, authority)
	}
	for i := range names {
		names[i] = strings.ToUpper(names[i])
	}
	return slices.DeleteFunc(names, func(d string) bool { return d == "" })
}

// dnsDomain is the DNS name of a report's domain, where it states one.
func dnsDomain(r *gpreport.Report) string {
	i := slices.IndexFunc(reportDomains(r), func(d string) bool { return strings.Contains(d, ".") })
	if i < 0 {
		return ""
	}
	return strings.ToLower(reportDomains(r)[i])
}
