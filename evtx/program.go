package evtx

import (
	"bytes"
	"slices"
	"sync/atomic"
	"unsafe"
)

// A program prints the records of a template whose values have certain types: literal pieces
// and holes, in a row. Printing by the tree of the template decides for each record what
// only the types of its values decide, such as which elements and attributes are there and
// which keys collide. A program is the record of one such printing, with holes where values
// were printed; so it prints the same.
type program struct {
	types    []Type // of the values that it is for
	literals []byte
	ops      []op
	tail     []byte // the literal behind the last hole
	// cost is what printing by the tree spent of the budget.
	cost int
	// keys are those of the members that a fragment gives, for printing in JSON.
	keys []usedKey
	// irregular is set when records of these types are to be printed by the tree.
	irregular bool
}

// op prints a literal, which ends at end of the program's literals, and what follows it.
type op struct {
	end     int32
	hole    int32
	kind    opKind
	esc     escape
	special *special
}

type opKind uint8

const (
	opText   opKind = iota // the text of a value
	opString               // the text of a string
	opJSON                 // a value as JSON
	// What depends on more of a value than its type is printed by the tree: how many items an
	// array has, and what is in a value of type BinXML.
	opXMLNested
	opXMLRepeated
	opJSONNested
	opJSONRepeated
	opJSONDataList
)

// special is what printing by the tree needs to know.
type special struct {
	node int // what is printed: a value, or a node and its siblings up to to
	to   int
	// object is the state of the JSON object that it belongs to, and keys are its keys.
	object object
	keys   []usedKey
}

// form numbers the forms that programs print.
type form uint8

const (
	formXML     form = iota
	formJSON         // the whole event
	formMembers      // a fragment in BinXML, as members of a JSON object
	forms
)

// programs are those that were made for a template. They are shared by all that read logs
// with it: a list never changes, another takes its place.
type programs [forms]atomic.Pointer[programList]

type programList struct {
	all  []*program
	size int // of all, in bytes
}

// find returns the program for an instance, if there is one.
func (p *programs) find(f form, values []Value) *program {
	list := p[f].Load()
	if list == nil {
		return nil
	}
	for _, p := range list.all {
		if p.isFor(values) {
			return p
		}
	}
	return nil
}

func (p *program) isFor(values []Value) bool {
	if len(p.types) != len(values) {
		return false
	}
	for i, t := range p.types {
		if values[i].Type != t {
			return false
		}
	}
	return true
}

// Few programs are made of a template: an event of Windows has some shapes, as optional values
// are there or not. A hostile log has a new one in every record.
const (
	maxPrograms = 32 // of each form
	// The programs of a template take together at most this many times what it takes itself,
	// and some bytes.
	programsPerTemplate = 2
	minPrograms         = 512
)

// room returns how many bytes another program of the form may take, nothing if there are
// enough.
func (t *template) room(f form) int {
	left := minPrograms + programsPerTemplate*t.memory()
	for i := range t.programs {
		if list := t.programs[i].Load(); list != nil {
			if left -= list.size; form(i) == f && len(list.all) >= maxPrograms {
				return 0
			}
		}
	}
	return left
}

// memory is about how many bytes a program takes.
func (p *program) memory() int {
	n := len(p.types) + len(p.literals) + len(p.tail) + len(p.ops)*int(unsafe.Sizeof(op{})) + len(p.keys)*int(unsafe.Sizeof(usedKey{}))
	for i := range p.ops {
		if s := p.ops[i].special; s != nil {
			n += int(unsafe.Sizeof(special{})) + len(s.keys)*int(unsafe.Sizeof(usedKey{}))
		}
	}
	return n + int(unsafe.Sizeof(program{}))
}

// program returns the program that prints the instance, nil where it is to be printed by the
// tree.
func (e *encoder) program(f form, in *instance) *program {
	if e.trees || !in.programmable {
		return nil
	}
	p := in.programs.find(f, in.values)
	if p == nil {
		if room := in.room(f); room > 0 {
			p = e.record(f, in, room)
		}
	}
	if p == nil || p.irregular {
		return nil
	}
	return p
}

func (p *programs) add(f form, made *program) {
	for {
		old := p[f].Load()
		list := &programList{all: []*program{made}, size: made.memory()}
		if old != nil {
			list.all, list.size = append(slices.Clip(old.all), made), old.size+list.size
		}
		if p[f].CompareAndSwap(old, list) {
			return
		}
	}
}

// recorder makes a program of what an encoder prints.
type recorder struct {
	program
	mark int // up to where the encoder's bytes are in the program
}

// record prints the instance by its tree and returns that as a program, of so many bytes at most.
// It returns nil where this record cannot be printed. What it takes counts for the event: templates
// in templates are recorded one after the other.
func (e *encoder) record(f form, in *instance, room int) *program {
	rec := &recorder{}
	for _, v := range in.values {
		rec.types = append(rec.types, v.Type)
	}
	r := &encoder{c: e.c, limit: e.limit, budget: e.budget, rec: rec, trees: true}
	switch f {
	case formXML:
		r.xmlEvent(in)
	case formJSON:
		r.jsonEvent(in)
	case formMembers:
		o := object{tracked: true}
		r.jsonChildren(in, 0, len(in.nodes), &o, 0)
		rec.keys = slices.Clone(r.keys)
		// What keys there are must not depend on more than the types.
		rec.irregular = rec.irregular || o.varies || slices.ContainsFunc(r.keys, func(k usedKey) bool { return k.count > 0 || isGivenKey(k.key) })
	}
	rec.cost = e.budget - r.budget
	e.budget = r.budget
	if r.err != nil {
		return nil
	}
	rec.tail = bytes.Clone(r.dst[rec.mark:])
	p := &rec.program
	if p.irregular || p.memory() > room {
		p = &program{types: rec.types, irregular: true}
	}
	in.programs.add(f, p)
	return p
}

// literal takes what was printed since the last hole.
func (r *recorder) literal(e *encoder) {
	r.literals = append(r.literals, e.dst[r.mark:]...)
}

func (r *recorder) hole(e *encoder, kind opKind, sub int, esc escape) {
	if kind == opText && r.types[sub] == TypeString {
		kind = opString
	}
	r.literal(e)
	r.ops = append(r.ops, op{end: int32(len(r.literals)), hole: int32(sub), kind: kind, esc: esc})
}

// special prints by the tree what varies within a program. o is the JSON object that it
// belongs to.
func (e *encoder) special(kind opKind, in *instance, node, to int, o *object, depth int) {
	r := e.rec
	if r == nil {
		e.runSpecial(kind, in, node, to, o, depth)
		return
	}
	r.literal(e)
	s := &special{node: node, to: to, object: *o, keys: slices.Clone(e.keys[o.keys:])}
	r.ops = append(r.ops, op{end: int32(len(r.literals)), kind: kind, special: s})
	e.rec = nil
	e.runSpecial(kind, in, node, to, o, depth)
	e.rec, r.mark = r, len(e.dst)
}

func (e *encoder) runSpecial(kind opKind, in *instance, node, to int, o *object, depth int) {
	switch kind {
	case opXMLNested:
		e.xmlNested(in, node, depth)
	case opXMLRepeated:
		e.xmlRepeated(in, node, depth)
	case opJSONNested:
		e.jsonNested(in, node, o, depth)
	case opJSONRepeated:
		e.jsonRepeated(in, node, o, depth)
	case opJSONDataList:
		e.jsonDataList(in, node, to)
	}
}

// text prints a value as text.
func (e *encoder) text(in *instance, sub int, esc escape) {
	v := in.value(sub)
	if v.IsNull() {
		return
	}
	if e.rec != nil {
		e.rec.hole(e, opText, sub, esc)
	}
	before := len(e.dst)
	e.dst = v.appendText(e.dst, esc)
	e.spend(len(e.dst) - before)
	if e.rec != nil {
		e.rec.mark = len(e.dst)
	}
}

// json prints a value as JSON.
func (e *encoder) json(in *instance, sub int) {
	v := in.value(sub)
	switch {
	case v.IsNull():
		e.dst = append(e.dst, "null"...)
		return
	case v.Type.isJSONString():
		e.dst = append(e.dst, '"')
		e.text(in, sub, escapeJSON)
		e.dst = append(e.dst, '"')
		return
	}
	if e.rec != nil {
		e.rec.hole(e, opJSON, sub, escapeJSON)
	}
	before := len(e.dst)
	e.dst = v.appendJSON(e.dst)
	e.spend(len(e.dst) - before)
	if e.rec != nil {
		e.rec.mark = len(e.dst)
	}
}

// run prints an instance by its program.
func (e *encoder) run(p *program, in *instance, depth int) {
	if !e.spend(p.cost) {
		return
	}
	dst, from := e.dst, int32(0)
	for i := range p.ops {
		op := &p.ops[i]
		dst = append(dst, p.literals[from:op.end]...)
		from = op.end
		switch op.kind {
		case opString:
			dst = appendUTF16(dst, trimNUL(in.values[op.hole].raw), op.esc)
		case opText:
			v := &in.values[op.hole]
			dst = appendRaw(dst, v.Type, v.raw, op.esc)
		case opJSON:
			v := &in.values[op.hole]
			if isWhole(v.Type, v.raw) && isFinite(v.Type, v.raw) {
				dst = appendRaw(dst, v.Type, v.raw, escapeJSON)
			} else {
				dst = v.appendJSON(dst)
			}
		default:
			e.dst = dst
			s := op.special
			o := s.object
			o.keys = len(e.keys)
			e.keys = append(e.keys, s.keys...)
			e.runSpecial(op.kind, in, s.node, s.to, &o, depth)
			e.keys = e.keys[:o.keys]
			dst = e.dst
		}
		if len(dst)-e.start > e.limit {
			break
		}
	}
	e.dst = append(dst, p.tail...)
	e.spend(0)
}
