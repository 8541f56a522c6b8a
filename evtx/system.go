package evtx

import (
	"slices"
	"strings"
)

// systemField numbers the values of the System section.
type systemField int

const (
	fieldProvider systemField = iota
	fieldProviderGUID
	fieldEventSource
	fieldEventID
	fieldQualifiers
	fieldVersion
	fieldLevel
	fieldTask
	fieldOpcode
	fieldKeywords
	fieldTime
	fieldRecordID
	fieldActivityID
	fieldRelatedID
	fieldProcessID
	fieldThreadID
	fieldChannel
	fieldComputer
	fieldUserID
	systemFields
)

// systemPaths leads from an element of System, and an attribute of it, to a field; the
// empty attribute is the element's text.
var systemPaths = map[[2]string]systemField{
	{"Provider", "Name"}:                 fieldProvider,
	{"Provider", "Guid"}:                 fieldProviderGUID,
	{"Provider", "EventSourceName"}:      fieldEventSource,
	{"EventID", ""}:                      fieldEventID,
	{"EventID", "Qualifiers"}:            fieldQualifiers,
	{"Version", ""}:                      fieldVersion,
	{"Level", ""}:                        fieldLevel,
	{"Task", ""}:                         fieldTask,
	{"Opcode", ""}:                       fieldOpcode,
	{"Keywords", ""}:                     fieldKeywords,
	{"TimeCreated", "SystemTime"}:        fieldTime,
	{"EventRecordID", ""}:                fieldRecordID,
	{"Correlation", "ActivityID"}:        fieldActivityID,
	{"Correlation", "RelatedActivityID"}: fieldRelatedID,
	{"Execution", "ProcessID"}:           fieldProcessID,
	{"Execution", "ThreadID"}:            fieldThreadID,
	{"Channel", ""}:                      fieldChannel,
	{"Computer", ""}:                     fieldComputer,
	{"Security", "UserID"}:               fieldUserID,
}

// source is where a field's value comes from: nowhere, a literal, one hole, or several
// parts.
type source struct {
	present bool
	sub     int // none for a literal
	text    string
	parts   []part // for a value of several parts
}

// systemPlan tells where the values of the System section are, once for each template, so
// that a record is tested by looking at a few of its values.
type systemPlan struct {
	found  bool
	event  int // the index of the Event element
	fields [systemFields]source
}

// planSystem finds the System section in a fragment whose root is Event.
func planSystem(t *template) (p systemPlan) {
	for f := range p.fields {
		p.fields[f].sub = none
	}
	event := t.rootElement("Event")
	if event < 0 {
		return p
	}
	system := t.child(event+1, t.nodes[event].end, "System")
	if system < 0 {
		return p
	}
	p.found, p.event = true, event
	for i := system + 1; i < t.nodes[system].end; i = t.next(i) {
		n := &t.nodes[i]
		if n.kind != elementNode {
			continue
		}
		for k := range n.attrs {
			if f, ok := systemPaths[[2]string{n.name, n.attrs[k].name}]; ok && !p.fields[f].present {
				p.fields[f] = newSource(n.attrs[k].parts)
			}
		}
		if f, ok := systemPaths[[2]string{n.name, ""}]; ok && !p.fields[f].present {
			p.fields[f] = newSource(t.contentParts(i))
		}
	}
	return p
}

// rootElement returns the index of the element of that name when it is all there is at the
// top, but for processing instructions: else the fragment is no XML document.
func (t *template) rootElement(name string) int {
	root := -1
	for i := 0; i < len(t.nodes); i = t.next(i) {
		switch n := &t.nodes[i]; {
		case n.kind == piNode:
		case n.kind == elementNode && n.name == name && root < 0:
			root = i
		default:
			return -1
		}
	}
	return root
}

func (t *template) child(from, to int, name string) int {
	for i := from; i < to; i = t.next(i) {
		if t.nodes[i].kind == elementNode && t.nodes[i].name == name {
			return i
		}
	}
	return -1
}

func (t *template) contentParts(i int) []part {
	var parts []part
	for j := i + 1; j < t.nodes[i].end; j = t.next(j) {
		switch n := &t.nodes[j]; n.kind {
		case textNode:
			parts = append(parts, part{sub: none, text: n.text})
		case valueNode:
			parts = append(parts, part{sub: n.sub})
		}
	}
	return parts
}

func newSource(parts []part) source {
	s := source{present: len(parts) > 0, sub: none}
	literalOnly := true
	for _, p := range parts {
		literalOnly = literalOnly && p.sub == none
		s.text += p.text.plain
	}
	switch {
	case literalOnly:
	case len(parts) == 1:
		s.sub = parts[0].sub
	default:
		s.parts = parts
	}
	return s
}

// isLiteral reports whether the value is the same for all records of the template.
func (s *source) isLiteral() bool { return s.sub == none && s.parts == nil }

// printsOnce reports whether the record gives one Event element: not none because of a
// dependency, nor several because of an array.
func (in *instance) printsOnce() bool {
	n := &in.nodes[in.sys.event]
	return !in.suppressed(n) && !slices.ContainsFunc(n.holes, func(h int) bool { return in.value(h).Type&ArrayFlag != 0 })
}

// maxFieldText bounds a field that consists of several parts, in bytes: a template can name
// the same value thousands of times. A field that is one value has no bound but a record's.
const maxFieldText = chunkSize

// field returns the value of a field of the record.
func (in *instance) field(f systemField) Value {
	s := &in.sys.fields[f]
	switch {
	case s.parts != nil:
		var b strings.Builder
		for _, p := range s.parts {
			if b.Len() > maxFieldText {
				break
			}
			if p.sub == none {
				b.WriteString(p.text.plain)
			} else {
				b.WriteString(in.value(p.sub).String())
			}
		}
		return literal(b.String())
	case s.sub != none:
		return in.value(s.sub)
	case s.present:
		return literal(s.text)
	}
	return Value{}
}

func (in *instance) uint(f systemField) uint64 {
	n, _ := in.field(f).Uint()
	return n
}

// system reads the whole section.
func (in *instance) system(s *System) {
	s.Provider = in.field(fieldProvider).String()
	s.ProviderGUID = in.field(fieldProviderGUID).String()
	s.EventSourceName = in.field(fieldEventSource).String()
	s.EventID = uint16(in.uint(fieldEventID))
	s.Qualifiers = uint16(in.uint(fieldQualifiers))
	s.Version = uint8(in.uint(fieldVersion))
	s.Level = uint8(in.uint(fieldLevel))
	s.Task = uint16(in.uint(fieldTask))
	s.Opcode = uint8(in.uint(fieldOpcode))
	s.Keywords = in.uint(fieldKeywords)
	s.Time, _ = in.field(fieldTime).Time()
	s.RecordID = in.uint(fieldRecordID)
	s.ActivityID = in.field(fieldActivityID).String()
	s.RelatedActivityID = in.field(fieldRelatedID).String()
	s.ProcessID = uint32(in.uint(fieldProcessID))
	s.ThreadID = uint32(in.uint(fieldThreadID))
	s.Channel = in.field(fieldChannel).String()
	s.Computer = in.field(fieldComputer).String()
	s.UserID = in.field(fieldUserID).String()
}
