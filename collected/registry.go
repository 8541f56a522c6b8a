package collected

import (
	"regexp"
	"slices"
	"strings"
)

// isExport reports whether a first line is that of a registry export.
func isExport(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "Windows Registry Editor Version 5") || line == "REGEDIT4"
}

// controlSet is what an export holds of one control set of HKLM\SYSTEM.
type controlSet struct {
	name         string
	registry     Registry
	services     []Service // one for each name
	host, active Value
}

// exportReader reads a registry export.
type exportReader struct {
	*parser
	wide    bool // version 5: texts in hexadecimal are UTF-16
	sets    []*controlSet
	machine Registry // what stands outside the control sets
	current Number   // Select\Current
	key     func(name string, data regData)
	edited  int // the line that no export has
	begun   bool
}

func (p *parser) readExport() {
	e := exportReader{parser: p, wide: strings.HasPrefix(strings.TrimSpace(p.lines.text()), "Windows")}
	for p.lines.next() && e.edited == 0 {
		switch c := p.lines.first(); {
		case c == '[':
			e.begun = true
			e.enter(p.lines.text())
		case c == ';' && (e.key != nil || !e.begun):
			e.edited = p.lines.line
		case c == '"' && e.key != nil:
			e.value(p.lines.text())
		}
	}
	if e.edited > 0 {
		p.file.Registry = nil
		p.warn(EditedExport, e.edited, "a registry file that was written or edited by hand says what to change, not what there was: nothing of it is used")
		return
	}
	e.conclude()
}

var setName = regexp.MustCompile(`(?i)^(?:CurrentControlSet|ControlSet\d{3})$`)

// enter goes to the key of a line such as [HKEY_LOCAL_MACHINE\SYSTEM\Select].
func (e *exportReader) enter(line string) {
	e.key = nil
	path, ok := strings.CutSuffix(strings.TrimSpace(line), "]")
	if !ok {
		return
	}
	path, remove := strings.CutPrefix(path[1:], "-")
	rest, ok := cutFold(path, `HKEY_LOCAL_MACHINE\`)
	if !ok {
		return
	}
	if system, ok := cutFold(rest, `SYSTEM\`); ok {
		e.enterSystem(system)
	} else if software, ok := cutFold(rest, `SOFTWARE\`); ok {
		e.enterSoftware(software)
	}
	if remove && e.key != nil {
		e.edited = e.lines.line
	}
}

func (e *exportReader) enterSystem(path string) {
	if strings.EqualFold(path, "Select") {
		e.key = func(name string, d regData) {
			if strings.EqualFold(name, "Current") {
				e.current = d.number()
			}
		}
		return
	}
	name, path, _ := strings.Cut(path, `\`)
	if !setName.MatchString(name) {
		return
	}
	if service, ok := cutFold(path, `Services\`); ok {
		if e.wants(service) {
			e.key = e.set(name).service(e, service)
		}
		return
	}
	path, ok := cutFold(path, `Control\`)
	if !ok {
		return
	}
	s := func() *controlSet { return e.set(name) }
	switch strings.ToLower(path) {
	case `computername\computername`:
		e.key = func(name string, d regData) { s().computer(name, d, &s().host) }
	case `computername\activecomputername`:
		e.key = func(name string, d regData) { s().computer(name, d, &s().active) }
	case `timezoneinformation`:
		e.key = func(name string, d regData) { s().registry.zone(name, d) }
	case `securityproviders\schannel\protocols\tls 1.2\client`:
		e.key = func(name string, d regData) {
			switch strings.ToLower(name) {
			case "enabled":
				s().registry.TLS12Enabled = d.number()
			case "disabledbydefault":
				s().registry.TLS12DisabledByDefault = d.number()
			}
		}
	}
}

func (e *exportReader) enterSoftware(path string) {
	var to *DotNet
	switch strings.ToLower(path) {
	case `microsoft\.netframework\v4.0.30319`:
		to = &e.machine.DotNet
	case `wow6432node\microsoft\.netframework\v4.0.30319`:
		to = &e.machine.DotNet32
	default:
		return
	}
	to.Key = e.parser.value(path, `[HKEY_LOCAL_MACHINE\SOFTWARE\`+path+`]`)
	e.key = func(name string, d regData) {
		switch strings.ToLower(name) {
		case "schusestrongcrypto":
			to.StrongCrypto = d.number()
		case "systemdefaulttlsversions":
			to.SystemDefaultVersions = d.number()
		}
	}
}

// maxSets bounds the control sets that are kept; Windows has up to four.
const maxSets = 16

// set returns the control set of a name.
func (e *exportReader) set(name string) *controlSet {
	for _, s := range e.sets {
		if strings.EqualFold(s.name, name) {
			return s
		}
	}
	s := &controlSet{name: name}
	if len(e.sets) < maxSets {
		e.sets = append(e.sets, s)
	}
	return s
}

func (s *controlSet) computer(name string, d regData, to *Value) {
	if strings.EqualFold(name, "ComputerName") {
		*to = d.text()
	}
}

func (r *Registry) zone(name string, d regData) {
	switch strings.ToLower(name) {
	case "bias":
		r.Bias = d.signed()
	case "standardbias":
		r.StandardBias = d.signed()
	case "daylightbias":
		r.DaylightBias = d.signed()
	case "dynamicdaylighttimedisabled":
		r.NoDaylight = r.NoDaylight || d.number().N != 0
	case "daylightstart": // a date of zeros: no daylight time
		r.NoDaylight = r.NoDaylight || len(d.bytes) >= 16 && !slices.ContainsFunc(d.bytes, func(b byte) bool { return b != 0 })
	}
}

// service returns what takes the values of a service's key.
func (s *controlSet) service(e *exportReader, name string) func(string, regData) {
	i := slices.IndexFunc(s.services, func(x Service) bool { return strings.EqualFold(x.Name.Text, name) })
	if i < 0 {
		i = len(s.services)
		s.services = append(s.services, Service{Name: e.parser.value(name, e.lines.text()), By: "registry"})
	}
	delayed := false
	return func(value string, d regData) {
		to := &s.services[i]
		switch strings.ToLower(value) {
		case "objectname":
			to.Account = d.text()
		case "displayname":
			to.DisplayName = d.text()
		case "imagepath":
			to.BinaryPath = d.text()
		case "start":
			if n := d.number(); n.Known() {
				to.Start, to.StartAt = startOfNumber(n.N), n.Value
			}
		case "delayedautostart":
			delayed = d.number().N != 0
		case "dependonservice":
			if d.known() {
				to.Dependencies, to.DependsAt = d.list(), d.text()
			}
		case "serviceaccountmanaged":
			to.Managed = d.flag()
		}
		if delayed && to.Start == AutoStart {
			to.Start = DelayedAuto
		}
	}
}

func startOfNumber(n int64) StartType {
	starts := []StartType{BootStart, SystemStart, AutoStart, DemandStart, Disabled}
	if n < 0 || n >= int64(len(starts)) {
		return ""
	}
	return starts[n]
}

// conclude takes the values of the current control set.
func (e *exportReader) conclude() {
	r := e.machine
	f := e.file
	if s := e.choose(); s != nil {
		r, r.DotNet, r.DotNet32 = s.registry, e.machine.DotNet, e.machine.DotNet32
		r.ControlSet = s.name
		f.Host = s.active
		if !f.Host.Known() {
			f.Host = s.host
		}
		for _, service := range s.services {
			e.add(service)
		}
	}
	f.Registry = &r
}

// choose returns the control set that Windows runs with: the one of that name, which is a
// link, or the one that it leads to, or the only one.
func (e *exportReader) choose() *controlSet {
	named := func(name string) *controlSet {
		for _, s := range e.sets {
			if strings.EqualFold(s.name, name) {
				return s
			}
		}
		return nil
	}
	if s := named("CurrentControlSet"); s != nil {
		return s
	}
	if e.current.Known() && e.current.N >= 0 && e.current.N < 1000 {
		n := e.current.N
		return named("ControlSet" + string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)}))
	}
	if len(e.sets) == 1 {
		return e.sets[0]
	}
	if len(e.sets) > 1 {
		e.warn(UnclearControlSet, 0, "the export has %d control sets and does not tell which one is current: none is used", len(e.sets))
	}
	return nil
}

// cutFold cuts a prefix off, whatever its case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
