package facts

import (
	"maps"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
)

// AddCollected takes a file of a collector. It is kept.
func (c *Collector) AddCollected(f *collected.File) { c.files = append(c.files, f) }

// Unplaced lists the files of collectors of which nothing tells the computer, sorted. They
// are not used.
func (c *Collector) Unplaced() []evidence.Source {
	placed := c.names().files
	var out []evidence.Source
	for _, f := range c.files {
		if _, ok := placed[f]; !ok {
			out = append(out, f.Source)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// filesOf collects the files of a host, in the order of their sources.
func (c *Collector) filesOf(name string, names hostNames) []*collected.File {
	var out []*collected.File
	for _, f := range c.files {
		if host, ok := names.files[f]; ok && host == name {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b *collected.File) int { return strings.Compare(string(a.Source), string(b.Source)) })
	return out
}

// placeFiles finds the host of each file of a collector: the one that it names; else the one
// for which a folder, an archive or the file itself is named; else the one whose reports
// and logs lie beside it; else the only one. Where these leave two, the file has no host.
func (c *Collector) placeFiles(n *hostNames) {
	where := c.inputsByHost(*n)
	var rest []*collected.File
	for _, f := range c.files {
		if !f.Host.Intact() || strings.TrimSpace(f.Host.Text) == "" {
			rest = append(rest, f)
			continue
		}
		key := n.stated(f.Host.Text)
		n.files[f] = key
		where[key] = append(where[key], folders(f.Source))
	}
	active := c.active(*n)
	for _, f := range rest {
		if host, ok := hostNamedIn(f.Source, *n); ok {
			if host != "" {
				n.files[f] = host
			}
			continue
		}
		if host, ok := hostBeside(f.Source, where, active); ok {
			n.files[f] = host
		}
	}
	if len(n.groups) == 0 {
		n.placeAlone(rest)
	}
}

// stated returns the host of a name that a file states of its computer, and notes it.
func (n *hostNames) stated(name string) string {
	var fit []string
	for host, names := range n.groups {
		if slices.ContainsFunc(names, func(own string) bool { return isName(shortName(name), own) }) {
			fit = append(fit, host)
		}
	}
	key := HostKey(name)
	if len(fit) == 1 {
		key = fit[0]
	}
	if !slices.Contains(n.groups[key], HostKey(name)) {
		n.groups[key] = append(n.groups[key], HostKey(name))
	}
	return key
}

// placeAlone gives files a host without a name when they are all there is: those in one
// folder, as files of several may be of several computers.
func (n *hostNames) placeAlone(files []*collected.File) {
	says := func(f *collected.File) bool { return len(f.Services) > 0 || f.Registry != nil }
	if !slices.ContainsFunc(files, says) {
		return
	}
	for _, f := range files {
		if !slices.Equal(folders(f.Source), folders(files[0].Source)) {
			return
		}
	}
	n.groups[""] = []string{}
	for _, f := range files {
		n.files[f] = ""
	}
}

// folders are the folders and archives in which a source lies, outermost first.
func folders(s evidence.Source) []string {
	parts := elements(s)
	return parts[:len(parts)-1]
}

func elements(s evidence.Source) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(string(s), evidence.ArchiveSeparator, "/"), `\`, "/"), "/")
}

// inputsByHost lists the folders in which reports and logs of each host lie.
func (c *Collector) inputsByHost(n hostNames) map[string][][]string {
	out := make(map[string][][]string)
	for _, l := range c.logs {
		seen := make(map[string]bool)
		for _, s := range l.Streams {
			if host := n.of(s.Computer); !seen[host] {
				seen[host] = true
				out[host] = append(out[host], folders(l.source))
			}
		}
	}
	for _, r := range c.reports {
		if host := n.reports[r]; host != "" {
			out[host] = append(out[host], folders(r.Source))
		}
	}
	return out
}

// active are the hosts of which there is a report, or an event of ADSync, or a file that
// says something of it. Logs also hold names that a computer had before it was set up.
func (c *Collector) active(n hostNames) map[string]bool {
	out := make(map[string]bool)
	for host, names := range n.groups {
		for _, alias := range names {
			if in := c.hosts[alias]; in != nil && (len(in.events[serviceEvents].Events()) > 0 || slices.ContainsFunc(in.events[otherEvents].Events(), Event.ofEngine)) {
				out[host] = true
			}
		}
	}
	for _, host := range n.reports {
		out[host] = true
	}
	for f, host := range n.files {
		if len(f.Services) > 0 {
			out[host] = true
		}
	}
	return out
}

// ofEngine reports whether the event is one of the synchronisation service itself.
func (e Event) ofEngine() bool { return strings.EqualFold(e.Provider, adSync) }

// hostNamedIn finds the host whose name a folder, an archive or the file has, or begins
// with. ok is set when there is any; host is empty when there are several.
func hostNamedIn(s evidence.Source, n hostNames) (host string, ok bool) {
	found := make(map[string]bool)
	for _, part := range elements(s) {
		var best []string // of the longest name: SYNC-01 and not SYNC
		longest := 0
		for h, names := range n.groups {
			for _, name := range names {
				switch l := namedFor(part, name); {
				case l == 0 || l < longest:
				case l > longest:
					longest, best = l, []string{h}
				default:
					best = append(best, h)
				}
			}
		}
		for _, h := range best {
			found[h] = true
		}
	}
	switch len(found) {
	case 0:
		return "", false
	case 1:
		return slices.Collect(maps.Keys(found))[0], true
	}
	return "", true
}

// namedFor tells how much of a folder's or file's name is the name of a computer, in bytes: 0
// when it does not begin with it.
func namedFor(part, computer string) int {
	part = strings.ToUpper(part)
	for _, name := range []string{computer, shortName(computer)} {
		if rest, ok := strings.CutPrefix(part, name); ok && name != "" && (rest == "" || strings.ContainsRune("._- ", rune(rest[0]))) {
			return len(name)
		}
	}
	return 0
}

// hostBeside finds the one host whose reports and logs lie in the folder of the file, or
// under the nearest folder above that has any. A folder beside it that bears the host's name
// shows that folders stand for computers here: then a file in another folder is not the
// host's.
func hostBeside(s evidence.Source, where map[string][][]string, active map[string]bool) (string, bool) {
	own := folders(s)
	for depth := len(own); depth >= 0; depth-- {
		var all, speaking []string
		for host, dirs := range where {
			under := func(dir []string) bool { return len(dir) >= depth && slices.Equal(dir[:depth], own[:depth]) }
			if host == "" || !slices.ContainsFunc(dirs, under) {
				continue
			}
			all = append(all, host)
			if active[host] {
				speaking = append(speaking, host)
			}
		}
		if len(speaking) > 0 {
			all = speaking
		}
		switch {
		case len(all) > 1:
			return "", false
		case len(all) == 1:
			apart := func(dir []string) bool {
				return depth < len(own) && len(dir) > depth && slices.Equal(dir[:depth], own[:depth]) &&
					dir[depth] != own[depth] && namedFor(dir[depth], all[0]) > 0
			}
			if slices.ContainsFunc(where[all[0]], apart) {
				return "", false
			}
			return all[0], true
		}
	}
	return "", false
}
