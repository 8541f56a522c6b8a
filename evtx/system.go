package evtx

import (
	"bytes"
	"encoding/binary"
	"math"
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
	// dep is the value that the field's element depends on.
	dep   int
	sub   int // none for a literal
	text  string
	value Value  // of a literal
	parts []part // for a value of several parts
	// next is where the value comes from when this source gives none.
	next *source
}

// systemPlan tells where the values of the System section are, once for each template, so
// that a record is tested by looking at a few of its values.
type systemPlan struct {
	found         bool
	event, system int // the indexes of these elements
	fields        [systemFields]source
	// direct are the values that fields are, none where there is more to a field.
	direct [systemFields]int32
	// constant has the fields that are literals, varying are the others.
	constant System
	varying  []systemField
	// glance are the values, ascending, that tell which stream a record belongs to and whether
	// a filter may want it; nil when all values are needed for that.
	glance []int
}

// planSystem finds the System section in a fragment whose root is Event.
func (t *template) planSystem() {
	p := &t.sys
	*p = systemPlan{varying: p.varying[:0]}
	for f := range p.fields {
		p.fields[f].sub, p.fields[f].dep, p.direct[f] = none, none, none
	}
	event := t.rootElement("Event")
	if event < 0 {
		return
	}
	system := t.child(event+1, t.nodes[event].end, "System")
	if system < 0 {
		return
	}
	p.found, p.event, p.system = true, event, system
	for i := system + 1; i < t.nodes[system].end; i = t.next(i) {
		n := &t.nodes[i]
		if n.kind != elementNode {
			continue
		}
		for k := range n.attrs {
			p.add(n, n.attrs[k].name, n.attrs[k].parts)
		}
		p.add(n, "", t.contentParts(i))
	}
	p.finish()
	if t.body != nil {
		p.glance = p.planGlance(t)
	}
}

// finish sorts the fields by where they come from.
func (p *systemPlan) finish() {
	for f := range systemFields {
		switch s := &p.fields[f]; {
		case !s.present:
		case s.next == nil && s.isLiteral():
			s.value = literal(s.text)
			p.constant.set(f, &s.value, nil)
		default:
			p.varying = append(p.varying, f)
			if s.sub != none && s.dep == none && s.next == nil {
				p.direct[f] = int32(s.sub)
			}
		}
	}
}

// glanceFields are those that are looked at before a record is read.
var glanceFields = [...]systemField{fieldProvider, fieldEventID, fieldLevel, fieldTime, fieldRecordID, fieldChannel, fieldComputer}

// endOfGlance ends the list of values to look at.
const endOfGlance = math.MaxInt

func (p *systemPlan) planGlance(t *template) []int {
	list := []int{endOfGlance}
	for _, f := range glanceFields {
		if p.direct[f] != none {
			list = append(list, int(p.direct[f]))
		} else if slices.Contains(p.varying, f) {
			return nil
		}
	}
	for _, i := range []int{p.event, p.system} {
		if list = append(list, t.nodes[i].holes...); t.nodes[i].dep != none {
			list = append(list, t.nodes[i].dep)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// add notes where the value of a field comes from, if there is a field for the attribute, or
// the text, of an element of System.
func (p *systemPlan) add(n *node, attr string, parts []part) {
	f, ok := systemPaths[[2]string{n.name, attr}]
	if !ok || len(parts) == 0 {
		return
	}
	s := newSource(parts, n.dep)
	if !p.fields[f].present {
		p.fields[f] = s
		return
	}
	last := &p.fields[f]
	for last.next != nil {
		last = last.next
	}
	next := s
	last.next = &next
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
	first := len(t.parts)
	for j := i + 1; j < t.nodes[i].end; j = t.next(j) {
		switch n := &t.nodes[j]; n.kind {
		case textNode:
			t.parts = append(t.parts, part{sub: none, text: n.text})
		case valueNode:
			t.parts = append(t.parts, part{sub: n.sub})
		}
	}
	return slices.Clip(t.parts[first:])
}

func newSource(parts []part, dep int) source {
	s := source{present: true, sub: none, dep: dep}
	if len(parts) == 1 && parts[0].sub == dep {
		s.dep = none // it is null itself then
	}
	literalOnly := true
	for _, p := range parts {
		literalOnly = literalOnly && p.sub == none
		s.text += p.text.String()
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
func (s *source) isLiteral() bool { return s.sub == none && s.parts == nil && s.dep == none }

// printsOnce reports whether the record gives one Event and that one the System section: not
// none because of a dependency, nor any number because of an array.
func (in *instance) printsOnce() bool {
	return in.isSingle(&in.nodes[in.sys.event]) && in.isSingle(&in.nodes[in.sys.system])
}

func (in *instance) isSingle(n *node) bool {
	return (n.dep == none || !in.suppressed(n)) && (len(n.holes) == 0 || !in.hasArray(n))
}

// maxFieldText bounds a field that consists of several parts, in bytes: a template can name
// the same value thousands of times. A field that is one value has no bound but a record's.
const maxFieldText = chunkSize

// field returns the value of a field of the record, null when it has none. It stays until the
// next call.
func (in *instance) field(f systemField) *Value {
	if d := int(in.sys.direct[f]); d >= 0 && d < len(in.values) {
		if v := &in.values[d]; v.Type&ArrayFlag == 0 && v.Type != TypeBinXML {
			return v
		}
	}
	if s := &in.sys.fields[f]; !s.value.IsNull() {
		return &s.value
	}
	in.made = in.anyField(&in.sys.fields[f])
	return &in.made
}

// anyField is field for other sources than one value.
func (in *instance) anyField(s *source) Value {
	for ; s != nil; s = s.next {
		if s.dep != none && in.value(s.dep).IsNull() {
			continue
		}
		if v := in.fromSource(s); !v.IsNull() {
			return v
		}
	}
	return Value{}
}

func (in *instance) fromSource(s *source) Value {
	switch {
	case s.parts != nil:
		return in.fromParts(s.parts)
	case s.sub != none:
		return in.first(s.sub)
	case s.present:
		return literal(s.text)
	}
	return Value{}
}

// fromParts joins the parts of a field. It is null when all of them are, and the value itself
// when only one is not.
func (in *instance) fromParts(parts []part) Value {
	var b strings.Builder
	var v Value
	for i := range parts {
		next := literal(parts[i].text.String())
		if parts[i].sub != none {
			next = in.first(parts[i].sub)
		}
		switch {
		case next.IsNull():
		case v.IsNull():
			v = next
		case b.Len() > maxFieldText:
			return literal(b.String())
		default:
			if b.Len() == 0 {
				b.WriteString(v.String())
			}
			b.WriteString(next.String())
			v = literal(b.String())
		}
	}
	return v
}

// first returns the i-th value, of an array the first item: that of the first of the
// elements that it gives. BinXML is no value of a field.
func (in *instance) first(i int) Value {
	if i >= len(in.values) {
		return Value{}
	}
	v := &in.values[i]
	switch {
	case v.Type&ArrayFlag != 0:
		item := (&arrayHole{array: *v, rest: v.raw}).next()
		if item.Type != TypeBinXML {
			return item
		}
	case v.Type != TypeBinXML:
		return *v
	}
	return Value{}
}

// fieldMax is the largest number that a field can hold; fields of 64 bits are not in it.
var fieldMax = [systemFields]uint64{
	fieldEventID: math.MaxUint16, fieldQualifiers: math.MaxUint16, fieldVersion: math.MaxUint8, fieldLevel: math.MaxUint8,
	fieldTask: math.MaxUint16, fieldOpcode: math.MaxUint8, fieldProcessID: math.MaxUint32, fieldThreadID: math.MaxUint32,
}

// uint returns the number in a field, 0 for none and for one that the field cannot hold: cut
// to size, it would be the number of another event.
func (in *instance) uint(f systemField) uint64 { return in.field(f).fieldUint(f) }

func (v *Value) fieldUint(f systemField) uint64 {
	switch b := v.raw; { // nearly all are of these types, and in range
	case v.Type == TypeUint8 && len(b) >= 1:
		return uint64(b[0])
	case v.Type == TypeUint16 && len(b) >= 2 && (fieldMax[f] == 0 || fieldMax[f] >= math.MaxUint16):
		return uint64(binary.LittleEndian.Uint16(b))
	}
	n, ok := v.Uint()
	if most := fieldMax[f]; !ok || most != 0 && n > most {
		return 0
	}
	return n
}

// system reads the whole section.
func (in *instance) system(s *System, texts *textTable) {
	*s = in.sys.constant
	for _, f := range in.sys.varying {
		s.set(f, in.field(f), texts)
	}
}

// set sets a field to a value.
func (s *System) set(f systemField, v *Value, texts *textTable) {
	switch f {
	case fieldProvider:
		s.Provider = texts.get(f, v)
	case fieldProviderGUID:
		s.ProviderGUID = texts.get(f, v)
	case fieldEventSource:
		s.EventSourceName = texts.get(f, v)
	case fieldEventID:
		s.EventID = uint16(v.fieldUint(f))
	case fieldQualifiers:
		s.Qualifiers = uint16(v.fieldUint(f))
	case fieldVersion:
		s.Version = uint8(v.fieldUint(f))
	case fieldLevel:
		s.Level = uint8(v.fieldUint(f))
	case fieldTask:
		s.Task = uint16(v.fieldUint(f))
	case fieldOpcode:
		s.Opcode = uint8(v.fieldUint(f))
	case fieldKeywords:
		s.Keywords = v.fieldUint(f)
	case fieldTime:
		s.Time, _ = v.Time()
	case fieldRecordID:
		s.RecordID = v.fieldUint(f)
	case fieldActivityID:
		s.ActivityID = texts.get(f, v)
	case fieldRelatedID:
		s.RelatedActivityID = texts.get(f, v)
	case fieldProcessID:
		s.ProcessID = uint32(v.fieldUint(f))
	case fieldThreadID:
		s.ThreadID = uint32(v.fieldUint(f))
	case fieldChannel:
		s.Channel = texts.get(f, v)
	case fieldComputer:
		s.Computer = texts.get(f, v)
	case fieldUserID:
		s.UserID = texts.get(f, v)
	}
}

// textTable holds the texts of fields, few of which differ from record to record. A nil one
// makes each text anew.
type textTable struct {
	last  [systemFields]lastText
	known map[fieldText]string
}

type lastText struct {
	typ  Type
	raw  []byte
	text string
}

type fieldText struct {
	typ Type
	raw string
}

// maxKnownTexts bounds the table, maxKnownText its texts, in bytes.
const (
	maxKnownTexts = 1024
	maxKnownText  = 1024
)

// get returns the text of a field's value.
func (t *textTable) get(f systemField, v *Value) string {
	if t == nil || v.text != "" || len(v.raw) == 0 || len(v.raw) > maxKnownText {
		return v.String()
	}
	last := &t.last[f]
	if last.typ == v.Type && bytes.Equal(last.raw, v.raw) {
		return last.text
	}
	last.typ, last.raw, last.text = v.Type, append(last.raw[:0], v.raw...), t.find(f, v)
	return last.text
}

// find returns the text of another value than the last. Activities seldom come back.
func (t *textTable) find(f systemField, v *Value) string {
	if f == fieldActivityID || f == fieldRelatedID {
		return v.String()
	}
	if text, ok := t.known[fieldText{v.Type, string(v.raw)}]; ok {
		return text
	}
	if t.known == nil || len(t.known) >= maxKnownTexts {
		t.known = make(map[fieldText]string)
	}
	text := v.String()
	t.known[fieldText{v.Type, string(v.raw)}] = text
	return text
}
