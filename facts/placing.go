package facts

import (
	"cmp"
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
	// NetBIOS names are, of several only two.
	byName map[string][]string
	// inputs are the folders in which inputs of hosts lie, each once for each host, in
	// order: those in one folder and below it stand together.
	inputs []lying
	// other is the place of the next one of another host, for each of inputs.
	other []int
	own   map[string]ownFolders
}

// lying is a folder, in the form of [folderOf], and a host of which an input lies in it.
type lying struct{ folder, host string }

// ownFolders are the outermost folders with a host's name around its inputs, in order.
// outside is set when an input lies in none.
type ownFolders struct {
	folders []string
	outside bool
}

// newPlacing collects where the inputs of the hosts lie. When some hosts have more to say
// than that their name stands in a log, only these count: a log also holds names that a
// computer had before it was set up.
func (c *Collector) newPlacing(n hostNames) placing {
	inputs := make(map[lying]bool)
	speaks := make(map[string]bool)
	for r, host := range n.reports {
		inputs[lying{folderOf(r.Source), host}] = true
		speaks[host] = true
	}
	for f, host := range n.files {
		inputs[lying{folderOf(f.Source), host}] = true
		speaks[host] = speaks[host] || len(f.Services) > 0
	}
	for _, l := range c.logs {
		folder := folderOf(l.source)
		for _, s := range l.Streams {
			if host := n.of(s.Computer); n.groups[host] != nil {
				inputs[lying{folder, host}] = true
			}
		}
	}
	hosts := make(map[string]bool)
	for l := range inputs {
		hosts[l.host] = true
	}
	speaking := maps.Clone(hosts)
	maps.DeleteFunc(speaking, func(host string, _ bool) bool { return !speaks[host] && !c.hasService(n.groups[host]) })
	if len(speaking) > 0 {
		hosts = speaking
		maps.DeleteFunc(inputs, func(l lying, _ bool) bool { return !hosts[l.host] })
	}
	p := placing{byName: make(map[string][]string), own: make(map[string]ownFolders)}
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		p.index(host, n.groups[host])
	}
	p.sort(inputs)
	return p
}

// index enters the names that a host has.
func (p *placing) index(host string, names []string) {
	for _, name := range append([]string{host}, names...) {
		short := shortName(name)
		for _, key := range []string{name, short, short[:min(len(short), netBIOSLength)]} {
			if list := p.byName[key]; key != "" && len(list) < 2 && !slices.Contains(list, host) {
				p.byName[key] = append(list, host)
			}
		}
	}
}

// sort enters where the inputs lie. Every folder is looked at once, however many hosts have
// inputs in it.
func (p *placing) sort(inputs map[lying]bool) {
	p.inputs = slices.SortedFunc(maps.Keys(inputs), func(a, b lying) int {
		return cmp.Or(cmp.Compare(a.folder, b.folder), cmp.Compare(a.host, b.host))
	})
	p.other = make([]int, len(p.inputs))
	for i := len(p.inputs) - 1; i >= 0; i-- {
		p.other[i] = i + 1
		if i+1 < len(p.inputs) && p.inputs[i+1].host == p.inputs[i].host {
			p.other[i] = p.other[i+1]
		}
	}
	var ends map[string]int
	for i, l := range p.inputs {
		if i == 0 || p.inputs[i-1].folder != l.folder {
			ends = p.bearing(l.folder)
		}
		own := p.own[l.host]
		if end, ok := ends[l.host]; ok {
			own.folders = append(own.folders, l.folder[:end])
		} else {
			own.outside = true
		}
		p.own[l.host] = own
	}
	for host, own := range p.own {
		slices.Sort(own.folders)
		own.folders = slices.Compact(own.folders)
		p.own[host] = own
	}
}

// bearing returns the hosts whose names the parts of a folder's path bear, and where the
// first such part of each ends.
func (p *placing) bearing(folder string) map[string]int {
	ends := make(map[string]int)
	end := 0
	for _, element := range elementsOf(folder) {
		end = min(end+len(element)+1, len(folder))
		for _, host := range p.named(element) {
			if _, ok := ends[host]; !ok {
				ends[host] = end
			}
		}
	}
	return ends
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

// pathOf is a source with one slash between the names of its archives, folders and its own.
func pathOf(s evidence.Source) string {
	return strings.ReplaceAll(strings.ReplaceAll(string(s), evidence.ArchiveSeparator, "/"), `\`, "/")
}

// elementsOf takes a path apart. Of one with too many parts the outermost are taken as one.
func elementsOf(path string) []string {
	list := strings.Split(path, "/")
	if outer := len(list) - maxElements; outer > 0 {
		list = append([]string{strings.Join(list[:outer+1], "/")}, list[outer+1:]...)
	}
	return list
}

// folderOf are the folders and archives in which a source lies, outermost first, each with a
// slash behind it.
func folderOf(s evidence.Source) string {
	path := pathOf(s)
	return path[:strings.LastIndexByte(path, '/')+1]
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
	path := elementsOf(pathOf(source))
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
	folder := folderOf(source)
	host, ok = p.around(folder)
	return host, ok && !p.apart(host, folder)
}

// around returns the host of which inputs lie in a folder or below it, or else in the
// innermost one around it that has any. ok is false when they are of several hosts, or there
// are none.
func (p placing) around(folder string) (host string, ok bool) {
	at, _ := slices.BinarySearchFunc(p.inputs, folder, func(l lying, f string) int { return cmp.Compare(l.folder, f) })
	shared := 0 // with the neighbours in the order, which have the most in common with it
	for _, i := range []int{at - 1, at} {
		if i >= 0 && i < len(p.inputs) {
			shared = max(shared, sharedFolder(p.inputs[i].folder, folder))
		}
	}
	folder = folder[:shared]
	first, _ := slices.BinarySearchFunc(p.inputs, folder, func(l lying, f string) int { return cmp.Compare(l.folder, f) })
	if first == len(p.inputs) {
		return "", false
	}
	next := p.other[first]
	return p.inputs[first].host, next == len(p.inputs) || !strings.HasPrefix(p.inputs[next].folder, folder)
}

// sharedFolder returns how long the innermost folder around two is.
func sharedFolder(a, b string) int {
	end := 0
	for i := 0; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			end = i + 1
		}
	}
	return end
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
func (p placing) apart(host, folder string) bool {
	own := p.own[host]
	if own.outside {
		return false
	}
	at, _ := slices.BinarySearch(own.folders, folder) // those that begin with it are the next ones
	return at == len(own.folders) || !strings.HasPrefix(own.folders[at], folder)
}

// only returns the host if it is one.
func only(hosts []string) (string, bool) {
	if len(hosts) != 1 {
		return "", false
	}
	return hosts[0], true
}
