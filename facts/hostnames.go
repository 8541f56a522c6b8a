package facts

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/gpreport"
)

// hostNames joins the names of computers: SYNC01 and sync01.contoso.com are one, and so is
// the name that the computer had before it was renamed.
type hostNames struct {
	// groups lists the names of each host under its present one.
	groups map[string][]string
	// present is the present name for every name.
	present map[string]string
	// unnamed is the host that reports without a computer's name belong to.
	unnamed string
}

func (n hostNames) of(computer string) string {
	short := ShortName(computer)
	if p, ok := n.present[short]; ok {
		return p
	}
	return short
}

// maxIdleHosts is how many computers that only appear in logs are told of: a log of
// forwarded events names thousands.
const maxIdleHosts = 16

func (c *Collector) names() hostNames {
	n := hostNames{groups: make(map[string][]string), present: make(map[string]string)}
	known := make(map[string]bool)
	for name := range c.hosts {
		known[name] = true
	}
	for _, r := range c.reports {
		if r.Host != "" {
			known[ShortName(r.Host)] = true
		}
	}
	idle := make(map[string]bool)
	for _, l := range c.logs {
		for _, s := range l.Streams {
			if name := ShortName(s.Computer); !known[name] {
				idle[name] = true
			}
		}
	}
	if len(idle) <= maxIdleHosts {
		for name := range idle {
			known[name] = true
		}
	}
	c.joinRenamed(&n)
	n.joinTruncated(known)
	for name := range known {
		p := n.of(name)
		n.groups[p] = append(n.groups[p], name)
	}
	for _, group := range n.groups {
		slices.Sort(group)
	}
	if len(n.groups) == 1 {
		for name := range n.groups {
			n.unnamed = name
		}
	} else if slices.ContainsFunc(c.reports, func(r *gpreport.Report) bool { return r.Host == "" }) {
		n.groups[""] = nil
	}
	return n
}

// joinRenamed finds computers that were renamed: in one log the record numbers of the new
// name go on where those of the old one end.
func (c *Collector) joinRenamed(n *hostNames) {
	for _, l := range c.logs {
		streams := slices.Clone(l.Streams)
		slices.SortFunc(streams, func(a, b evtx.Stream) int {
			return cmp.Or(cmp.Compare(strings.ToLower(a.Channel), strings.ToLower(b.Channel)), cmp.Compare(a.FirstID, b.FirstID))
		})
		for i := 1; i < len(streams); i++ {
			a, b := streams[i-1], streams[i]
			if a.Channel == b.Channel && a.LastID+1 == b.FirstID && !a.Last.After(b.First) {
				n.join(ShortName(a.Computer), ShortName(b.Computer))
			}
		}
	}
}

// netBIOSLength is the length to which Windows cuts the NetBIOS name of a computer.
const netBIOSLength = 15

// joinTruncated finds computers whose reports show the NetBIOS name, cut to its length,
// while events show the whole name.
func (n *hostNames) joinTruncated(known map[string]bool) {
	for short := range known {
		if len(short) != netBIOSLength {
			continue
		}
		var long []string
		for name := range known {
			if len(name) > netBIOSLength && strings.HasPrefix(name, short) {
				long = append(long, name)
			}
		}
		if len(long) == 1 {
			n.join(short, long[0])
		}
	}
}

// join records that old is a former name of now.
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
