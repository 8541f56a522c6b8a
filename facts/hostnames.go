package facts

import (
	"cmp"
	"maps"
	"slices"
	"strings"

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
	// groups lists the names of each host under its present one.
	groups map[string][]string
	// present is the present name for every name that is not present itself.
	present map[string]string
	// reports is the host of each report.
	reports map[*gpreport.Report]string
	// files is the host of each file of a collector that has one.
	files map[*collected.File]string
	// exports is the host of each export of a computer's own settings that has one.
	exports map[*gpreport.Report]string
}

func (n hostNames) of(computer string) string {
	key := HostKey(computer)
	if p, ok := n.present[key]; ok {
		return p
	}
	return key
}

// join records that old is a former or shorter name of now.
func (n *hostNames) join(old, now string) {
	now = n.of(now)
	if old == now || n.of(old) == now {
		return
	}
	for name, p := range n.present {
		if p == old {
			n.present[name] = now
		}
	}
	n.present[old] = now
}

// maxIdleHosts is how many computers that only appear in logs are told of: a log of
// forwarded events names thousands.
const maxIdleHosts = 16

func (c *Collector) names() hostNames {
	n := hostNames{
		groups: make(map[string][]string), present: make(map[string]string), reports: make(map[*gpreport.Report]string),
		files: make(map[*collected.File]string), exports: make(map[*gpreport.Report]string),
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
		n.groups[n.of(name)] = append(n.groups[n.of(name)], name)
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
	for _, l := range c.logs {
		streams := slices.Clone(l.Streams)
		slices.SortFunc(streams, func(a, b evtx.Stream) int { return cmp.Compare(a.FirstID, b.FirstID) })
		for i := 1; i < len(streams); i++ {
			a, b := streams[i-1], streams[i]
			if strings.EqualFold(a.Channel, b.Channel) && a.LastID+1 == b.FirstID && !a.Last.After(b.First) &&
				a.Records >= enough && b.Records >= enough && !c.heardAfter(a.Computer, b) {
				n.join(HostKey(a.Computer), HostKey(b.Computer))
			}
		}
	}
}

// heardAfter reports whether any log has a record of the computer after a stream began.
func (c *Collector) heardAfter(computer string, s evtx.Stream) bool {
	for _, l := range c.logs {
		for _, other := range l.Streams {
			if HostKey(other.Computer) == HostKey(computer) && other.Last.After(s.First) {
				return true
			}
		}
	}
	return false
}

// joinShort joins a name without domain with the only one of that name that has one.
func (n *hostNames) joinShort(known map[string]bool) {
	for name := range known {
		if strings.Contains(name, ".") {
			continue
		}
		full := make(map[string]bool)
		for other := range known {
			if other != name && shortName(other) == name {
				full[n.of(other)] = true
			}
		}
		if len(full) == 1 {
			for other := range full {
				n.join(name, other)
			}
		}
	}
}

// netBIOSLength is the length to which Windows cuts the NetBIOS name of a computer, which
// is the name in reports.
const netBIOSLength = 15

// placeReports finds the host of each report: the one of its name whose domain fits. A
// report without a computer's name belongs to the only host there is.
func (c *Collector) placeReports(n *hostNames) {
	hosts := slices.Sorted(maps.Keys(n.groups))
	for _, r := range c.reports {
		if r.Host == "" {
			continue
		}
		var fit []string
		for _, h := range hosts {
			if slices.ContainsFunc(n.groups[h], func(name string) bool { return isName(r.Host, name) }) && domainFits(r, h) {
				fit = append(fit, h)
			}
		}
		key := HostKey(r.Host)
		if len(fit) == 1 {
			key = fit[0]
		} else if d := dnsDomain(r); d != "" {
			key += "." + strings.ToUpper(d)
		}
		n.reports[r] = key
		if !slices.Contains(n.groups[key], HostKey(r.Host)) {
			n.groups[key] = append(n.groups[key], HostKey(r.Host))
		}
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

// domainFits reports whether a report's domain can be that of a host. Names may differ: a
// report has the NetBIOS name, or the computer's DNS suffix is not its domain's. What has
// no part in common is another domain.
func domainFits(r *gpreport.Report, host string) bool {
	suffix := strings.ToUpper(domainOf(host))
	stated := reportDomains(r)
	if suffix == "" || len(stated) == 0 {
		return true
	}
	labels := strings.Split(suffix, ".")
	return slices.ContainsFunc(stated, func(d string) bool {
		first, _, _ := strings.Cut(d, ".")
		return d == suffix || slices.Contains(labels, first)
	})
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
