package collected

import (
	"encoding/csv"
	"slices"
	"strings"
)

// listReader reads services as PowerShell and WMI list them: as CSV with a line of names, or
// one property a line. The names of properties are not translated.
type listReader struct {
	*parser
	head      []string // of the CSV, in lower case, and as it stands
	titles    []string
	separator rune
	props     map[string]Value
	several   bool // computers
}

// The properties that are used, by their names in lower case. Node is the computer's name in
// the CSV of wmic.
var listProperties = map[string]bool{
	"name": true, "startname": true, "startmode": true, "starttype": true, "state": true, "status": true,
	"displayname": true, "pathname": true, "delayedautostart": true, "systemname": true, "pscomputername": true,
	"node": true, "machinename": true, "username": true, "binarypathname": true,
}

func (l *listReader) take(line string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case trimmed == "":
		l.finish()
		l.head = nil
	case l.head != nil:
		l.row(line)
	case strings.HasPrefix(trimmed, "#TYPE"):
	case l.isHead(trimmed):
	default:
		l.property(line)
	}
}

// isHead reports whether a line is the head of a CSV of services, and takes it.
func (l *listReader) isHead(line string) bool {
	if !strings.Contains(strings.ToLower(line), "name") {
		return false
	}
	for _, sep := range ",;\t" {
		if strings.Count(line, string(sep)) < 2 {
			continue
		}
		cells, ok := splitCSV(line, sep)
		if !ok {
			continue
		}
		names := make(map[string]bool)
		titles := slices.Clone(cells)
		for i := range cells {
			cells[i] = strings.ToLower(strings.TrimSpace(cells[i]))
			names[cells[i]] = true
		}
		if names["name"] && (names["startname"] || names["startmode"] || names["starttype"]) {
			l.head, l.titles, l.separator = cells, titles, sep
			return true
		}
	}
	return false
}

func splitCSV(line string, sep rune) ([]string, bool) {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = sep, true, -1
	cells, err := r.Read()
	return cells, err == nil
}

func (l *listReader) row(line string) {
	cells, ok := splitCSV(line, l.separator)
	if !ok || len(cells) != len(l.head) {
		return
	}
	l.props = make(map[string]Value)
	for i, name := range l.head {
		if listProperties[name] && strings.TrimSpace(cells[i]) != "" {
			v := l.value(strings.TrimSpace(cells[i]), "")
			v.Excerpt = strings.TrimSpace(l.titles[i]) + "=" + shorten(v.Text, maxExcerpt)
			l.props[name] = v
		}
	}
	l.service()
	l.props = nil
}

// property takes a line "Name : value" of a list.
func (l *listReader) property(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		name, value, ok = strings.Cut(line, "=") // wmic /format:list
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if !ok || !listProperties[name] {
		return
	}
	if name == "name" && l.props["name"].Known() {
		l.finish()
	}
	if l.props == nil {
		l.props = make(map[string]Value)
	}
	if value = strings.TrimSpace(value); value != "" {
		l.props[name] = l.value(value, line)
	}
}

func (l *listReader) finish() {
	l.service()
	l.props = nil
}

// service makes a statement of the properties of one entry, if they are those of a service.
func (l *listReader) service() {
	p := l.props
	if !p["name"].Known() || !p["startname"].Known() && !p["startmode"].Known() && !p["starttype"].Known() {
		return
	}
	first := func(names ...string) Value {
		for _, n := range names {
			if p[n].Known() {
				return p[n]
			}
		}
		return Value{}
	}
	s := Service{
		Name: p["name"], By: "service list", Account: first("startname", "username"),
		DisplayName: p["displayname"], BinaryPath: first("pathname", "binarypathname"),
	}
	if v := first("startmode", "starttype"); v.Known() {
		s.Start, s.StartAt = startOfWord(v.Text), v
		if s.Start == AutoStart && strings.EqualFold(p["delayedautostart"].Text, "true") {
			s.Start = DelayedAuto
		}
	}
	if v := first("state", "status"); v.Known() {
		s.State = stateOfWord(v.Text)
		if s.State != "" {
			s.StateAt = v
		}
	}
	l.is(ServiceList)
	if host := first("systemname", "pscomputername", "node", "machinename"); host.Known() && host.Text != "." {
		l.several = l.several || l.file.Host.Known() && !strings.EqualFold(host.Text, l.file.Host.Text)
		l.file.Host = host
	}
	l.add(s)
}

// conclude drops a list of the services of several computers.
func (l *listReader) conclude() {
	l.finish()
	if !l.several {
		return
	}
	l.warn(SeveralHosts, 0, "the list has services of several computers: none is used")
	l.file.Host = Value{}
	l.file.Services = slices.DeleteFunc(l.file.Services, func(s Service) bool { return s.By == "service list" })
}

func startOfWord(w string) StartType {
	switch strings.ToLower(w) {
	case "boot":
		return BootStart
	case "system":
		return SystemStart
	case "auto", "automatic":
		return AutoStart
	case "automaticdelayedstart":
		return DelayedAuto
	case "manual":
		return DemandStart
	case "disabled":
		return Disabled
	}
	return ""
}

// stateOfWord reads the state; Win32_Service has beside it a status "OK", which is none.
func stateOfWord(w string) State {
	switch strings.ToLower(strings.ReplaceAll(w, " ", "")) {
	case "running":
		return Running
	case "stopped":
		return Stopped
	case "paused", "startpending", "stoppending", "continuepending", "pausepending":
		return Changing
	}
	return ""
}
