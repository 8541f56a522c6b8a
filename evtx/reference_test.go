package evtx_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// The reference reads a record the plain way: BinXML becomes a tree, the values are put
// into it, and what is printed is read off the tree (reference_print_test.go). It follows
// [MS-EVEN6] 2.2.12 and 3.1.4.7 token by token, shares no code with the decoder, and is
// slow. The decoder is held against it in reference_agree_test.go.

// errRefLimit is the error of a record that is too large or too deep for the reference, which
// says nothing about the record.
var errRefLimit = errors.New("too much for the reference")

const (
	refMaxDepth = 200
	refMaxItems = 100000 // parsed and substituted, in one record
)

// refFragment is a parsed fragment: nodes as they stand in the bytes.
type refFragment []*refNode

type refNode struct {
	kind     byte // the token without the bit for more
	name     string
	dep      int // of an element; 0xffff for none
	attrs    []refNode
	content  refFragment
	open     bool   // the element has an end tag
	text     string // of literals and processing instructions
	sub      int
	optional bool
	instance *refInstance
}

// refInstance is a template's body with the values of one use.
type refInstance struct {
	body   refFragment
	values []refValue
}

type refValue struct {
	typ      byte
	at, size int // in the chunk
	raw      []byte
}

// refParser reads the bytes of one chunk. A failed read sets err, and all that follow fail.
type refParser struct {
	data  []byte
	items int
	err   error
}

func (p *refParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// take returns the next n bytes before end and steps over them.
func (p *refParser) take(pos *int, end, n int) []byte {
	if p.err != nil || n < 0 || *pos > end || n > end-*pos {
		p.fail("%d bytes at %d reach behind %d", n, *pos, end)
		return make([]byte, min(max(n, 0), 1<<16)) // zeros, so that readers need no check
	}
	b := p.data[*pos : *pos+n]
	*pos += n
	return b
}

func (p *refParser) u8(pos *int, end int) byte { return p.take(pos, end, 1)[0] }
func (p *refParser) u16(pos *int, end int) int {
	return int(binary.LittleEndian.Uint16(p.take(pos, end, 2)))
}

func (p *refParser) u32(pos *int, end int) int {
	return int(binary.LittleEndian.Uint32(p.take(pos, end, 4)))
}

func refUTF16(b []byte) string {
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	return string(utf16.Decode(units))
}

// counted is text behind the number of its characters.
func (p *refParser) counted(pos *int, end int) string {
	return refUTF16(p.take(pos, end, 2*p.u16(pos, end)))
}

// entry is a name in the chunk's table: next entry, hash, length, text, NUL.
func (p *refParser) entry(off int) (text string, hashOK bool, size int) {
	if off < chunkHeader {
		p.fail("a name at %d", off)
		return "", false, 0
	}
	pos := off
	p.u32(&pos, len(p.data))
	hash := p.u16(&pos, len(p.data))
	n := p.u16(&pos, len(p.data))
	if n > 256 {
		p.fail("a name of %d characters", n)
	}
	raw := p.take(&pos, len(p.data), 2*n)
	p.take(&pos, len(p.data), 2)
	want := uint32(0)
	for i := 0; i < len(raw); i += 2 {
		want = want*65599 + uint32(binary.LittleEndian.Uint16(raw[i:]))
	}
	return refUTF16(raw), hash == int(uint16(want)), pos - off
}

// name is a reference to an entry, which may follow at once.
func (p *refParser) name(pos *int, end int) string {
	off := p.u32(pos, end)
	text, _, size := p.entry(off)
	if off == *pos {
		p.take(pos, end, size)
	}
	return text
}

// fragment reads to the end token or the end of the bytes. deps says whether elements
// begin with a dependency id.
func (p *refParser) fragment(pos *int, end int, deps bool, depth int) (list refFragment) {
	for *pos < end && p.err == nil {
		switch p.data[*pos] &^ 0x40 {
		case 0x00:
			*pos++
			return list
		case 0x0f:
			p.take(pos, end, 4)
		default:
			list = append(list, p.node(pos, end, deps, depth))
		}
	}
	return list
}

func (p *refParser) node(pos *int, end int, deps bool, depth int) *refNode {
	if p.items++; p.items > refMaxItems || depth > refMaxDepth {
		p.err = errRefLimit
	}
	token := p.u8(pos, end)
	n := &refNode{kind: token &^ 0x40, dep: 0xffff}
	switch n.kind {
	case 0x01:
		p.element(n, token&0x40 != 0, pos, end, deps, depth)
	case 0x05:
		if typ := p.u8(pos, end); typ != 0x01 {
			p.fail("a literal of type %#x", typ)
		}
		n.text = p.counted(pos, end)
	case 0x07:
		n.text = p.counted(pos, end)
	case 0x08:
		n.text = string(utf16.Decode([]uint16{uint16(p.u16(pos, end))}))
	case 0x09:
		name := p.name(pos, end)
		predefined := map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}
		if n.text = predefined[name]; n.text == "" {
			n.text = "&" + name + ";"
		}
	case 0x0a:
		n.name = p.name(pos, end)
		if strings.EqualFold(n.name, "xml") {
			p.fail("an XML declaration")
		}
		if *pos < end && p.err == nil && p.data[*pos]&^0x40 == 0x0b {
			*pos++
			n.text = p.counted(pos, end)
		}
	case 0x0c:
		*pos--
		n.instance = p.instance(pos, end, depth+1)
	case 0x0d, 0x0e:
		n.optional = n.kind == 0x0e
		n.kind = 0x0d
		n.sub = p.u16(pos, end)
		p.u8(pos, end)
	default:
		p.fail("token %#x", token)
	}
	return n
}

// beginsElement tells by the hash of its name whether an element begins at pos, behind
// its token.
func (p *refParser) beginsElement(pos, end int, deps bool) bool {
	q := *p
	if deps {
		q.u16(&pos, end)
	}
	q.u32(&pos, end)
	_, ok, _ := q.entry(q.u32(&pos, end))
	return ok && q.err == nil
}

func (p *refParser) element(n *refNode, attrs bool, pos *int, end int, deps bool, depth int) {
	own := deps
	if !p.beginsElement(*pos, end, deps) && p.beginsElement(*pos, end, !deps) {
		own = !deps
	}
	if own {
		n.dep = p.u16(pos, end)
	}
	p.u32(pos, end) // the size
	n.name = p.name(pos, end)
	if attrs {
		p.u32(pos, end) // the size of the list
	}
	for *pos < end && p.err == nil && p.data[*pos]&^0x40 == 0x06 {
		*pos++
		a := refNode{name: p.name(pos, end)}
		if slices.ContainsFunc(n.attrs, func(b refNode) bool { return b.name == a.name }) {
			p.fail("attribute %q comes twice", a.name)
		}
		for *pos < end && p.err == nil && slices.Contains([]byte{0x05, 0x08, 0x09, 0x0d, 0x0e}, p.data[*pos]&^0x40) {
			a.content = append(a.content, p.node(pos, end, deps, depth))
		}
		n.attrs = append(n.attrs, a)
	}
	switch end1 := p.u8(pos, end) &^ 0x40; end1 {
	case 0x03:
		return
	case 0x02:
		n.open = true
	default:
		p.fail("token %#x in a start tag", end1)
	}
	for p.err == nil {
		if *pos < end && p.data[*pos]&^0x40 == 0x04 {
			*pos++
			return
		}
		n.content = append(n.content, p.node(pos, end, deps, depth+1))
	}
}

// instance reads a template instance: version, id, where the definition is, the definition
// if it is here, the values.
func (p *refParser) instance(pos *int, end int, depth int) *refInstance {
	p.take(pos, end, 2)
	id := p.u32(pos, end)
	def := p.u32(pos, end)
	if depth > refMaxDepth {
		p.err = errRefLimit
	}
	if p.err != nil {
		return &refInstance{}
	}
	at := def
	if at < chunkHeader {
		p.fail("a definition at %d", at)
	}
	p.u32(&at, len(p.data)) // the next definition
	if got := p.u32(&at, len(p.data)); got != id {
		p.fail("template %#x where %#x should be", got, id)
	}
	p.take(&at, len(p.data), 12)
	size := p.u32(&at, len(p.data))
	if p.err == nil && size > len(p.data)-at {
		p.fail("a definition of %d bytes", size)
	}
	in := &refInstance{}
	if p.err == nil {
		body := at
		in.body = p.fragment(&body, at+size, true, depth)
	}
	if def == *pos {
		*pos = at + size
	}
	in.values = p.values(pos, end)
	return in
}

func (p *refParser) values(pos *int, end int) (list []refValue) {
	n := p.u32(pos, end)
	if p.err != nil || n > (end-*pos)/4 {
		p.fail("%d values", n)
		return nil
	}
	for range n {
		v := refValue{size: p.u16(pos, end), typ: p.u8(pos, end)}
		p.u8(pos, end)
		list = append(list, v)
	}
	for i := range list {
		v := &list[i]
		v.at = *pos
		v.raw = p.take(pos, end, v.size)
		if v.typ == 0 {
			v.raw = nil
		}
	}
	return list
}

// document reads the payload of a record or a value of type BinXML in [pos, end).
func (p *refParser) document(pos, end, depth int) *refInstance {
	body := pos
	if end-pos >= 4 && p.data[pos]&^0x40 == 0x0f {
		body += 4
	}
	if body < end && p.data[body]&^0x40 == 0x0c {
		return p.instance(&body, end, depth)
	}
	return &refInstance{body: p.fragment(&pos, end, false, depth)}
}

// What the values make of a fragment:

type refElem struct {
	name    string
	attrs   []refAttr
	content []refItem
	open    bool
	// object is set when the element can hold others, whether it does or not.
	object bool
	// repeats is set when it has arrays.
	repeats bool
	// unnamed is set when none of its attributes is there.
	unnamed bool
	// first is set when it is made from the first node of its name.
	first bool
	// fragment numbers the value or instance that the element stands at the top of, 0 when
	// it stands in another element's own content.
	fragment int
}

type refAttr struct {
	name   string
	pieces []refPiece
}

// refItem is an element, a processing instruction (target set) or text.
type refItem struct {
	elem   *refElem
	target string
	text   refPiece
	// stray is text at the top of a fragment, where the format has elements only.
	stray bool
}

// refPiece is a value, or literal text.
type refPiece struct {
	refValue
	literal bool
	text    string
}

func (p refPiece) null() bool { return !p.literal && p.typ == 0 }

// expand puts the values into a fragment. top says that it is not the content of an element.
func (p *refParser) expand(list refFragment, values []refValue, top bool, depth int) (items []refItem) {
	for i, n := range list {
		if p.items++; p.items > refMaxItems || depth > refMaxDepth {
			p.err = errRefLimit
		}
		if p.err != nil {
			return nil
		}
		switch n.kind {
		case 0x01:
			for _, e := range p.expandElement(n, values, depth) {
				e.first = !slices.ContainsFunc(list[:i], func(before *refNode) bool { return before.kind == 0x01 && before.name == n.name })
				items = append(items, refItem{elem: e})
			}
		case 0x0a:
			items = append(items, refItem{target: n.name, text: refPiece{literal: true, text: n.text}})
		case 0x0c:
			items = append(items, p.inner(n.instance, depth+1)...)
		default:
			piece := n.piece(values)
			if piece.typ != 0x21 || piece.literal {
				items = append(items, refItem{text: piece, stray: top})
			} else if piece.size > 0 {
				items = append(items, p.inner(p.document(piece.at, piece.at+piece.size, depth+1), depth+1)...)
			}
		}
	}
	return items
}

// inner is what stands in a value or in an instance inside of a fragment.
func (p *refParser) inner(in *refInstance, depth int) []refItem {
	if p.err != nil {
		return nil
	}
	items := p.expand(in.body, in.values, true, depth)
	for _, it := range items {
		if it.elem != nil && it.elem.fragment == 0 {
			it.elem.fragment = p.items
		}
	}
	p.items++
	return items
}

func (n *refNode) piece(values []refValue) refPiece {
	if n.kind != 0x0d {
		return refPiece{literal: true, text: n.text}
	}
	return refPiece{refValue: valueOf(values, n.sub)}
}

func valueOf(values []refValue, i int) refValue {
	if i < len(values) {
		return values[i]
	}
	return refValue{}
}

// expandElement gives no element when the value that it depends on is null, and one for
// each item of the arrays in it.
func (p *refParser) expandElement(n *refNode, values []refValue, depth int) (list []*refElem) {
	if n.dep != 0xffff && valueOf(values, n.dep).typ == 0 {
		return nil
	}
	unnamed := len(present(n, values)) == 0
	arrays := make(map[int][]refValue)
	count := 1
	for _, part := range append(slices.Clone(n.attrs), *n) {
		for _, c := range part.content {
			if c.kind == 0x0d {
				if v := valueOf(values, c.sub); v.typ&0x80 != 0 {
					arrays[c.sub] = v.items()
					count = max(count, len(arrays[c.sub]))
				}
			}
		}
	}
	for i := range count {
		own := slices.Clone(values)
		for sub, items := range arrays {
			own[sub] = valueOf(items, i)
		}
		e := &refElem{name: n.name, attrs: present(n, own), open: n.open, unnamed: unnamed, repeats: len(arrays) > 0}
		e.content = p.expand(n.content, own, false, depth+1)
		for _, c := range n.content {
			e.object = e.object || c.kind == 0x01 || c.kind == 0x0c || c.kind == 0x0d && valueOf(own, c.sub).typ == 0x21
		}
		list = append(list, e)
	}
	return list
}

// present returns the attributes that are printed: one of nothing, or whose parts are all
// null, is not.
func present(n *refNode, values []refValue) (attrs []refAttr) {
	for _, a := range n.attrs {
		r := refAttr{name: a.name}
		for _, c := range a.content {
			r.pieces = append(r.pieces, c.piece(values))
		}
		if !allNull(r.pieces) {
			attrs = append(attrs, r)
		}
	}
	return attrs
}

func allNull(pieces []refPiece) bool {
	return !slices.ContainsFunc(pieces, func(p refPiece) bool { return !p.null() })
}

// items cuts an array up.
func (v refValue) items() (list []refValue) {
	typ := v.typ &^ 0x80
	width := refWidth(typ)
	switch {
	case (typ == 0x10 || typ == 0x20) && v.size%8 != 0:
		width = 4
	case typ == 0x0d && v.size%4 != 0:
		width = 1
	}
	for at := 0; at < len(v.raw); {
		end := len(v.raw)
		next := end
		switch {
		case typ == 0x01:
			for i := at; i+1 < len(v.raw); i += 2 {
				if v.raw[i] == 0 && v.raw[i+1] == 0 {
					end, next = i, i+2
					break
				}
			}
		case typ == 0x02:
			for i := at; i < len(v.raw); i++ {
				if v.raw[i] == 0 {
					end, next = i, i+1
					break
				}
			}
		case typ == 0x13:
			if n := refSIDLen(v.raw[at:]); n > 0 {
				end = at + n
				next = end
			}
		case width > 0:
			end = min(end, at+width)
			next = end
		}
		item := refValue{typ: typ, at: v.at + at, size: end - at, raw: v.raw[at:end]}
		if typ == 0 {
			item.raw = nil
		}
		list = append(list, item)
		at = next
	}
	return list
}

// refEvent is a record as the reference understands it.
type refEvent struct {
	items []refItem // one Event, and processing instructions
}

// refRecord reads the record at off of a chunk.
func refRecord(chunk []byte, off int) (refEvent, error) {
	p := refParser{data: chunk}
	end := off + int(binary.LittleEndian.Uint32(chunk[off+4:])) - 4
	if off+24 >= end {
		p.fail("an empty record")
		return refEvent{}, p.err
	}
	in := p.document(off+24, end, 0)
	if p.err != nil {
		return refEvent{}, p.err
	}
	items := p.expand(in.body, in.values, true, 0)
	if p.err != nil {
		return refEvent{}, p.err
	}
	return refEvent{items}, nil
}
