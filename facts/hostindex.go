package facts

import (
	"maps"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
)

// hostIndex finds hosts by the names that reports and files state, without domain and whole
// or cut as NetBIOS names are.
type hostIndex map[string]*namesakes

// namesakes are hosts of one name. Of each list there are two at most: which they are does
// not matter when there are several.
type namesakes struct {
	all []string
	// bare are those without a domain; byLabel has those with one for each part of its name.
	bare    []string
	byLabel map[string][]string
}

func newHostIndex(n hostNames) hostIndex {
	x := make(hostIndex)
	for _, host := range slices.Sorted(maps.Keys(n.groups)) {
		for _, name := range n.groups[host] {
			x.add(host, name)
		}
	}
	return x
}

// add enters a name of a host. See [isName].
func (x hostIndex) add(host, name string) {
	short := shortName(name)
	x.enter(short, host)
	if len(short) > netBIOSLength {
		x.enter(short[:netBIOSLength], host)
	}
}

func (x hostIndex) enter(name, host string) {
	s := x[name]
	if s == nil {
		s = &namesakes{byLabel: make(map[string][]string)}
		x[name] = s
	}
	with := func(list []string) []string {
		if len(list) == 2 || slices.Contains(list, host) {
			return list
		}
		return append(list, host)
	}
	s.all = with(s.all)
	domain := domainOf(host)
	if domain == "" {
		s.bare = with(s.bare)
		return
	}
	for label := range strings.SplitSeq(domain[:min(len(domain), maxName)], ".") {
		s.byLabel[label] = with(s.byLabel[label])
	}
}

// named returns the hosts of a name, two at most.
func (x hostIndex) named(name string) []string {
	if s := x[shortName(name)]; s != nil {
		return s.all
	}
	return nil
}

// ofReport returns the hosts of the name in a report whose domain can be that of the report;
// two or more where there are several. The names of domains may differ: a report has the
// NetBIOS name, or the computer's DNS suffix is not its domain's. What has no part in common
// is another domain.
func (x hostIndex) ofReport(r *gpreport.Report) []string {
	s, stated := x[HostKey(r.Host)], reportDomains(r)
	switch {
	case s == nil:
		return nil
	case len(stated) == 0:
		return s.all
	}
	fit := slices.Clone(s.bare)
	for _, d := range stated {
		first, _, _ := strings.Cut(d, ".")
		fit = append(fit, s.byLabel[first]...)
	}
	slices.Sort(fit)
	return slices.Compact(fit)
}
