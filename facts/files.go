package facts

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// AddCollected takes a file of a collector. It is kept.
func (c *Collector) AddCollected(f *collected.File) {
	c.joined = nil
	c.files = append(c.files, f)
}

// Unplaced lists the files of collectors, and the exports of computers' own settings, of
// which nothing tells the computer, sorted. They are not used.
func (c *Collector) Unplaced() []evidence.Source {
	n := c.names()
	var out []evidence.Source
	for _, f := range c.files {
		if _, ok := n.files[f]; !ok {
			out = append(out, f.Source)
		}
	}
	for _, r := range c.exports {
		if _, ok := n.exports[r]; !ok {
			out = append(out, r.Source)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ofHost picks what belongs to a host, in the order of its sources. What is not in hosts
// belongs to none.
func ofHost[T comparable](list []T, hosts map[T]string, name string, source func(T) evidence.Source) []T {
	var out []T
	for _, x := range list {
		if host, ok := hosts[x]; ok && host == name {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b T) int { return cmp.Compare(source(a), source(b)) })
	return out
}

func sourceOfFile(f *collected.File) evidence.Source    { return f.Source }
func sourceOfReport(r *gpreport.Report) evidence.Source { return r.Source }

// placeFiles finds the host of each file of a collector, which may name its computer, and of
// each export, which does not: see [placing].
func (c *Collector) placeFiles(n *hostNames) {
	var rest []*collected.File
	index := newHostIndex(*n)
	for _, f := range c.files {
		if !isComputerName(f.Host.Text) {
			rest = append(rest, f)
			continue
		}
		if key, ok := n.stated(index, f.Host.Text); ok {
			n.files[f] = key
		}
	}
	if len(n.groups) == 0 || len(n.groups) == 1 && n.groups[""] != nil {
		c.placeAlone(n, rest)
		return
	}
	p := c.newPlacing(*n)
	for _, f := range rest {
		if host, ok := p.placeFile(f.Source); ok {
			n.files[f] = host
		}
	}
	for _, r := range c.exports {
		if host, ok := p.placeFile(r.Source); ok {
			n.exports[r] = host
		}
	}
}

// maxComputerName is how many characters the name of a computer has at most.
const maxComputerName = 255

// isComputerName reports whether a computer can have that name.
func isComputerName(s string) bool {
	if utf8.RuneCountInString(s) > maxComputerName {
		return false
	}
	for i, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), r == '_', r == '-':
		case r == '.' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

// stated returns the host of a name that a file states of its computer, and notes it. It is
// false when there are two of that name, in two domains.
func (n *hostNames) stated(index hostIndex, name string) (string, bool) {
	key := HostKey(name)
	switch fit := index.named(name); len(fit) {
	case 0:
	case 1:
		key = fit[0]
	default:
		return "", false
	}
	n.add(key, HostKey(name))
	index.add(key, name)
	return key, true
}

// placeAlone gives files and exports the host without a name when nothing names another one:
// those in one folder, as files of several may be of several computers.
func (c *Collector) placeAlone(n *hostNames, files []*collected.File) {
	says := func(f *collected.File) bool { return len(f.Services) > 0 || f.Registry != nil }
	if n.groups[""] == nil && len(c.exports) == 0 && !slices.ContainsFunc(files, says) {
		return
	}
	var folders []string
	for _, r := range c.reports {
		folders = append(folders, folderOf(r.Source)) // they have no name either
	}
	for _, f := range files {
		folders = append(folders, folderOf(f.Source))
	}
	for _, r := range c.exports {
		folders = append(folders, folderOf(r.Source))
	}
	if len(folders) == 0 || slices.ContainsFunc(folders, func(f string) bool { return f != folders[0] }) {
		return
	}
	if n.groups[""] == nil {
		n.groups[""] = []string{}
	}
	for _, f := range files {
		n.files[f] = ""
	}
	for _, r := range c.exports {
		n.exports[r] = ""
	}
}
