package facts

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
)

// placing finds the host of files that do not say which computer they are from, by where
// they lie. The zero value places nothing.
type placing struct {
	// byName has the hosts for each of their names, whole, without domain and cut as
	// NetBIOS names are; byFolder those of which an input lies in a folder or below it, of
	// several only two.
	byName, byFolder map[string][]string
	// folders are those of the inputs of each host, as their path elements.
	folders map[string][][]string
}

// newPlacing collects where the inputs of the hosts lie. When some hosts have more to say
// than that their name stands in a log, only these count: a log also holds names that a
// computer had before it was set up.
func (c *Collector) newPlacing(n hostNames) placing {
	p := placing{byName: make(map[string][]string), byFolder: make(map[string][]string), folders: make(map[string][][]string)}
	add := func(host string, s evidence.Source) {
		p.folders[host] = append(p.folders[host], folderOf(s))
	}
	speaks := make(map[string]bool)
	for r, host := range n.reports {
		add(host, r.Source)
		speaks[host] = true
	}
	for f, host := range n.files {
		add(host, f.Source)
		speaks[host] = speaks[host] || len(f.Services) > 0
	}
	for _, l := range c.logs {
		for _, s := range l.Streams {
			if host := n.of(s.Computer); n.groups[host] != nil {
				add(host, l.source)
			}
		}
	}
	speaking := maps.Clone(p.folders)
	maps.DeleteFunc(speaking, func(host string, _ [][]string) bool { return !speaks[host] && !c.hasService(n.groups[host]) })
	if len(speaking) > 0 {
		p.folders = speaking
	}
	for _, host := range slices.Sorted(maps.Keys(p.folders)) {
		p.index(host, n.groups[host])
	}
	return p
}

// index enters a host and the names that it has.
func (p *placing) index(host string, names []string) {
	add := func(index map[string][]string, key string, most int) {
		if list := index[key]; len(list) < most && !slices.Contains(list, host) {
			index[key] = append(list, host)
		}
	}
	for _, name := range append([]string{host}, names...) {
		short := shortName(name)
		for _, key := range []string{name, short, short[:min(len(short), netBIOSLength)]} {
			if key != "" {
				add(p.byName, key, 2)
			}
		}
	}
	for _, folder := range p.folders[host] {
		for depth := range len(folder) + 1 {
			add(p.byFolder, strings.Join(folder[:depth], "/"), 2)
		}
	}
}

// hasService reports whether there is an event that shows ADSync under one of the names.
func (c *Collector) hasService(names []string) bool {
	for _, name := range names {
		h := c.hosts[name]
		if h == nil {
			continue
		}
		for i := range h.events {
			if slices.ContainsFunc(h.events[i].Events(), showsADSync) {
				return true
			}
		}
	}
	return false
}

// maxElements bounds the parts of a path that are looked at, so that a path of thousands
// costs no more than a real one.
const maxElements = 64

// pathOf takes a source apart into the names of its archives, folders and its own. Of a
// path with too many parts the outermost are taken as one.
func pathOf(s evidence.Source) []string {
	path := strings.Split(strings.ReplaceAll(strings.ReplaceAll(string(s), evidence.ArchiveSeparator, "/"), `\`, "/"), "/")
	if outer := len(path) - maxElements; outer > 0 {
		path = append([]string{strings.Join(path[:outer+1], "/")}, path[outer+1:]...)
	}
	return path
}

// folderOf are the folders and archives in which a source lies, outermost first.
func folderOf(s evidence.Source) []string {
	path := pathOf(s)
	return path[:len(path)-1]
}

// toolPrefix is the form in which tools put the name of the computer in front of the name
// of a file.
var toolPrefix = regexp.MustCompile(`(?i)^([a-z][a-z0-9-]{0,14})_(?:secedit|gpresult|services|systeminfo|whoami|msinfo32|auditpol)(?:[_.-]|$)`)

// wordPrefix are words that stand where the name of the computer would, and are none: what
// the file is about, as in Policy_secedit.txt, or when it was made. With a number behind them
// they may be computers.
var wordPrefix = regexp.MustCompile(`(?i)^(?:policy|security|local|effective|computer|machine|user|system|current|actual|now|before|after|pre|post|old|new|start|stop|end|first|last|final|full|copy|export|output)$`)

// placeFile returns the host of a file: the one whose name stands in front of the file's
// name or is that of a folder or archive around it; else the only one whose inputs lie in
// the same folder, in the one around it, and so on. ok is false when that leaves several
// hosts or none, when what stands in front of the file's name is that of another computer
// and no folder says otherwise, or when the host has a folder of its own and the file lies
// in another one.
func (p placing) placeFile(source evidence.Source) (host string, ok bool) {
	path := pathOf(source)
	prefix := toolPrefix.FindStringSubmatch(path[len(path)-1])
	if prefix != nil {
		if hosts := p.byName[HostKey(prefix[1])]; len(hosts) > 0 {
			return only(hosts)
		}
	}
	var bears []string
	for _, element := range path {
		for _, h := range p.named(element) {
			if !slices.Contains(bears, h) {
				bears = append(bears, h)
			}
		}
	}
	switch {
	case len(bears) > 0:
		return only(bears)
	case prefix != nil && !wordPrefix.MatchString(prefix[1]):
		return "", false
	}
	for depth := len(path) - 1; depth >= 0; depth-- {
		if hosts := p.byFolder[strings.Join(path[:depth], "/")]; len(hosts) > 0 {
			host, ok = only(hosts)
			return host, ok && !p.apart(host, path[:len(path)-1])
		}
	}
	return "", false
}

// maxName is how long the name of a computer can be in DNS.
const maxName = 255

// named returns the hosts whose name a file or folder bears, alone or with more behind it,
// as SYNC01, SYNC01_SecEdit.txt and sync01.contoso.com.zip do; the longest name counts.
func (p placing) named(element string) []string {
	element = HostKey(element[:min(len(element), maxName)])
	for end := len(element); end > 0; end = strings.LastIndexAny(element[:end], "_. ") {
		if hosts := p.byName[element[:end]]; len(hosts) > 0 {
			return hosts
		}
	}
	return nil
}

// apart reports whether all inputs of a host lie in folders with its name, and the folder
// of a file is neither one of them nor around one: it may be that of another computer.
func (p placing) apart(host string, folder []string) bool {
	for _, f := range p.folders[host] {
		own := slices.IndexFunc(f, func(element string) bool { return slices.Contains(p.named(element), host) })
		if own < 0 || within(f[:own+1], folder) {
			return false
		}
	}
	return true
}

// within reports whether a folder is another one or lies in it.
func within(folder, outer []string) bool {
	return len(folder) >= len(outer) && slices.Equal(folder[:len(outer)], outer)
}

// only returns the host if it is one.
func only(hosts []string) (string, bool) {
	if len(hosts) != 1 {
		return "", false
	}
	return hosts[0], true
}
