package collected

import (
	"regexp"
	"strings"
)

// scReader reads the outputs of sc. A record begins with a line "SERVICE_NAME: ADSync" and
// goes on with indented lines "KEY : value". Some languages of Windows translate the keys
// (NOME_SERVIZIO, TIPO, STATO), none the words of the values: so that the records are told by
// their form, and what a line says by its value or its place in the record.
type scReader struct {
	*parser
	open   bool
	record Service
	fields []scField
	// asked is the service of a command line "sc qc ADSync" that stands in the file.
	asked Value
	// remote is set after a command that asked another computer.
	remote bool
	// heads are the one or two lines that begin a record if an indented one of sc follows.
	heads []scField
}

type scField struct {
	key string
	Value
	// more are the lines without key that follow.
	more []string
}

var (
	// The line "[SC] QueryServiceConfig SUCCESS", or "[SC] OpenService FAILED 1060:".
	scStatus = regexp.MustCompile(`^\[SC\] *[\w:]+\s+(?:\D*?(\d+)\s*:.*|\D*)$`)
	// A line "KEY : value" without indentation, whose value is the key name of a service.
	scHead = regexp.MustCompile(`^(\p{L}[\p{L}_ ]*?)\s*:\s*(\S.*?)\s*$`)
	// An indented line "KEY : value", and one that goes on with a list.
	scLine = regexp.MustCompile(`^[ \t]+(\p{L}[\p{L}\d_ -]*?)\s*:(.*)$`)
	scMore = regexp.MustCompile(`^[ \t]+:\s*(\S.*)$`)
	// The first value of nearly every record.
	scType = regexp.MustCompile(`^[0-9a-fA-F]+\s+\w*(?:WIN32|DRIVER|USER_OWN|USER_SHARE|ADAPTER)\w*`)
	// A command line, as a script or a copied window leaves it.
	scCommand = regexp.MustCompile(`(?i)(?:^|[>\s\\"])sc(?:\.exe)?"?\s+(\\\\\S+\s+)?(?:qc|query|queryex|qmanagedaccount)\s+"?([^\s"/=]+)"?\s*(?:\d+)?\s*$`)

	scStart = regexp.MustCompile(`^([0-4])\s+(BOOT_START|SYSTEM_START|AUTO_START|DEMAND_START|DISABLED)\b`)
	scState = regexp.MustCompile(`^([1-7])\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b`)
)

// scKeys are the English keys, which are also taken where a text lost its indentation.
var scKeys = map[string]bool{
	"TYPE": true, "STATE": true, "START_TYPE": true, "ERROR_CONTROL": true, "BINARY_PATH_NAME": true,
	"LOAD_ORDER_GROUP": true, "TAG": true, "DISPLAY_NAME": true, "DEPENDENCIES": true, "SERVICE_START_NAME": true,
	"WIN32_EXIT_CODE": true, "SERVICE_EXIT_CODE": true, "CHECKPOINT": true, "WAIT_HINT": true, "PID": true, "FLAGS": true,
}

func (s *scReader) take(line string) {
	if strings.ContainsAny(line, "qQ") { // as all the commands have
		if m := scCommand.FindStringSubmatch(line); m != nil {
			s.finish()
			s.asked, s.remote = s.value(m[2], line), m[1] != ""
			return
		}
	}
	if m := scStatus.FindStringSubmatch(line); m != nil {
		s.finish()
		s.status(m[1], line)
		return
	}
	if strings.TrimSpace(line) == "" {
		s.finish()
		return
	}
	if m := scMore.FindStringSubmatch(line); m != nil {
		if s.open && len(s.fields) > 0 {
			if last := &s.fields[len(s.fields)-1]; len(last.more) < maxList {
				last.more = append(last.more, strings.TrimSpace(m[1]))
			}
		}
		return
	}
	if m := scLine.FindStringSubmatch(line); m != nil {
		s.indented(m[1], strings.TrimSpace(m[2]), line)
		return
	}
	if m := scHead.FindStringSubmatch(line); m != nil {
		switch key := strings.ToUpper(m[1]); {
		case key == "SERVICE_NAME":
			s.begin(s.value(m[2], line))
		case s.open && scKeys[key]:
			s.indented(m[1], m[2], line)
		case s.open:
			s.finish()
		default:
			s.heads = append(s.heads[max(len(s.heads)-1, 0):], scField{key: m[1], Value: s.value(m[2], line)})
		}
	}
}

// indented takes a line "KEY : value" of a record.
func (s *scReader) indented(key, value, line string) {
	if !s.open && len(s.heads) > 0 && s.begins(key, value) {
		first, last := s.heads[0], s.heads[len(s.heads)-1]
		if first.At.Line+1 == last.At.Line && isTranslatedKey(first.key) && isTranslatedKey(last.key) {
			last = first // the name and the display name, as sc query has them
		}
		if last.At.Line+1 >= s.lines.line-1 {
			s.begin(last.Value)
		}
	}
	s.heads = nil
	if s.open && len(s.fields) < maxList {
		s.fields = append(s.fields, scField{key: key, Value: s.value(value, line)})
	}
}

// isTranslatedKey reports whether a key is written as those of sc are in every language: in
// capitals, its words joined.
func isTranslatedKey(key string) bool {
	return strings.Contains(key, "_") && strings.ToUpper(key) == key
}

// begins reports whether an indented line is the second one of a record of sc.
func (s *scReader) begins(key, value string) bool {
	return scType.MatchString(value) || isManagedKey(key) && isFlag(value)
}

func isManagedKey(key string) bool { return strings.Contains(strings.ToUpper(key), "MANAGED") }

func isFlag(v string) bool { return strings.EqualFold(v, "TRUE") || strings.EqualFold(v, "FALSE") }

func (s *scReader) begin(name Value) {
	s.finish()
	s.open, s.record, s.fields = true, Service{Name: name, By: "sc"}, nil
	s.is(SCText)
}

// status takes a line "[SC] …", which tells how a command ended.
func (s *scReader) status(code, line string) {
	const soon = 5 // lines after the command
	switch code {
	case "":
		s.asked = Value{} // it went well, and the record follows
		return
	case "1060":
		if s.asked.Known() && s.lines.line-s.asked.At.Line <= soon {
			s.is(SCText)
			s.keep(Service{Name: s.asked, By: "sc", Missing: s.value("1060", line)})
			s.asked = Value{}
			return
		}
	}
	problem := OtherProblem
	switch code {
	case "5":
		problem = AccessDenied
	case "1060":
		problem = NoService
	}
	s.note(Note{Value: s.value(code, line), Tool: "sc", Problem: problem})
	s.asked = Value{}
}

// finish concludes the record that is open.
func (s *scReader) finish() {
	s.heads = nil
	if !s.open {
		return
	}
	s.open = false
	r := &s.record
	config := false
	for _, f := range s.fields {
		config = config || scStart.MatchString(f.Text) && !scState.MatchString(f.Text)
	}
	for i, f := range s.fields {
		s.field(r, i, f, config)
	}
	s.keep(*r)
}

// keep keeps a statement, unless it is on another computer than the one on which sc ran.
func (s *scReader) keep(svc Service) {
	if s.remote {
		s.warn(SeveralHosts, svc.Name.At.Line, "sc asked another computer: its answer is not used")
		return
	}
	s.add(svc)
}

// The places of the lines of sc qc, which are the same in every language.
const (
	qcStart = 1 + iota
	_       // error control
	qcPath
	_ // load order group
	_ // tag
	qcDisplay
	qcDepends
	qcAccount
	qcLines
)

// field takes one line of a record; config is set in the output of sc qc.
func (s *scReader) field(r *Service, i int, f scField, config bool) {
	place := -1
	if config && len(s.fields) == qcLines {
		place = i
	}
	switch key := strings.ToUpper(f.key); {
	case scStart.MatchString(f.Text) && (place == qcStart || key == "START_TYPE"):
		m := scStart.FindStringSubmatch(f.Text)
		r.Start, r.StartAt = startOfNumber(int64(m[1][0]-'0')), f.Value
		if r.Start == AutoStart && strings.Contains(f.Text, "(DELAYED)") {
			r.Start = DelayedAuto
		}
	case scState.MatchString(f.Text) && !config:
		r.StateAt = f.Value
		switch scState.FindStringSubmatch(f.Text)[1] {
		case "1":
			r.State = Stopped
		case "4":
			r.State = Running
		default:
			r.State = Changing
		}
	case key == "SERVICE_START_NAME" || place == qcAccount:
		if f.Text != "" {
			r.Account = f.Value
		}
	case key == "BINARY_PATH_NAME" || place == qcPath:
		r.BinaryPath = f.Value
	case key == "DISPLAY_NAME" || place == qcDisplay:
		r.DisplayName = f.Value
	case key == "DEPENDENCIES" || place == qcDepends:
		r.DependsAt = f.Value
		for _, d := range append([]string{f.Text}, f.more...) {
			if d != "" {
				r.Dependencies = append(r.Dependencies, d)
			}
		}
	case isManagedKey(key) && isFlag(f.Text):
		r.Managed = f.Value
		r.Managed.Text = strings.ToLower(f.Text)
	}
}
