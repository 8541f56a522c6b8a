package evtx

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A template is a fragment of BinXML compiled once: a tree of elements, flat and in the
// order of the document, whose texts are literal pieces, escaped in advance, and typed
// holes for the values of a record. XML, JSON, the System section and typed access all
// read this one form. A template is immutable and independent of the chunk it was
// compiled from.
type template struct {
	nodes []node
	// total counts the nodes, those of nested instances included.
	total int
	sys   systemPlan
	// body and names tell whether another definition is the same template.
	body  []byte
	names []nameRef
	// height is how deep its elements are nested.
	height int
}

// nameRef is a place in a template's body that refers to a name.
type nameRef struct {
	pos    int    // of the offset of the name, in body
	inline bool   // the name's entry follows the offset
	raw    []byte // the name, UTF-16LE
}

type nodeKind uint8

const (
	elementNode nodeKind = iota
	textNode             // a literal
	valueNode            // a hole
	piNode               // a processing instruction
	nestedNode           // a template instance with its own values
)

// none stands for "no substitution".
const none = -1

// node is one part of a compiled fragment. The children of an element are the nodes
// between its own index and end.
type node struct {
	kind nodeKind
	end  int // index behind the last child
	cost int // how much there is to an element without what its children hold
	// dep is the substitution that the element depends on: it is left out when that value
	// is null.
	dep int

	name    string // of an element or processing instruction
	jsonKey []byte // name as a JSON key, quoted and with the colon
	attrs   []attribute
	// hasContent is set when the element has a start and an end tag, even if nothing
	// stands between them.
	hasContent bool
	// holes are the substitutions directly in the element, in its attributes or content:
	// the element repeats when the record's value of one is an array.
	holes []int
	// data marks a Data element: in JSON the value of its Name becomes the key.
	data      bool
	nameParts []part // of a Data element's Name that only a record decides
	elements  bool   // has child elements or nested instances
	uniqueKey bool   // no sibling has, or can have, the same key in JSON

	text literalText // of a text or processing instruction

	sub int // of a valueNode: the index of the substitution

	nested *instance
}

type attribute struct {
	name    string
	jsonKey []byte
	parts   []part
}

// part is a piece of an attribute's value: a literal or a hole.
type part struct {
	sub  int // none for a literal
	text literalText
}

// literalText is a text in the forms that it is printed in.
type literalText struct {
	plain string
	xml   []byte
	json  []byte
}

func newLiteral(s string) literalText {
	return literalText{plain: s, xml: appendString(nil, s, escapeXML), json: appendString(nil, s, escapeJSON)}
}

// instance is a template together with the values of one use of it.
type instance struct {
	*template
	values []Value
}

// value returns the i-th value, null where the record has none.
func (in *instance) value(i int) Value {
	if i < 0 || i >= len(in.values) {
		return Value{}
	}
	return in.values[i]
}

// copy returns an instance whose values can be replaced while an array is printed.
func (in *instance) copy() *instance {
	return &instance{template: in.template, values: slices.Clone(in.values)}
}

// templateCache holds the templates of a reader by GUID and size. Windows repeats every
// definition in each chunk that uses it, so nearly all are found here.
type templateCache struct {
	byKey map[templateKey][]*template
	size  int // of the bodies, in bytes
}

type templateKey struct {
	guid [16]byte
	size uint32
}

// maxCached bounds the bodies in the cache, in bytes: a hostile log defines a template a
// record. All templates of a Windows installation that ever logged are a tenth of it.
const maxCached = 1 << 20

func newTemplateCache() *templateCache {
	return &templateCache{byKey: make(map[templateKey][]*template)}
}

// find returns the cached template that is equal to the definition whose body is at [off, off+size)
// of the chunk, and that stands at a depth. What it returns is what compiling the definition would
// give, so that the result of reading a chunk does not depend on what was read before.
func (tc *templateCache) find(key templateKey, c *chunk, off, depth int) *template {
	for _, t := range tc.byKey[key] {
		if depth+t.height <= c.maxDepth && t.sameAs(c, off) {
			return t
		}
	}
	return nil
}

func (tc *templateCache) add(key templateKey, t *template) {
	if tc.size += len(t.body); tc.size > maxCached {
		clear(tc.byKey)
		tc.size = len(t.body)
	}
	tc.byKey[key] = append(tc.byKey[key], t)
}

// sameAs compares the template with a definition body at off in c: byte for byte, but for
// the offsets of names, which must lead to equal names. Their hashes must be right, as they tell
// where an element begins (startsElement).
func (t *template) sameAs(c *chunk, off int) bool {
	if len(t.body) > len(c.data)-off {
		return false
	}
	other := c.data[off : off+len(t.body)]
	at := 0
	for _, ref := range t.names {
		if !bytes.Equal(t.body[at:ref.pos], other[at:ref.pos]) {
			return false
		}
		nameOff := binary.LittleEndian.Uint32(other[ref.pos:])
		at = ref.pos + 4
		if inline := int64(nameOff) == int64(off+at); inline != ref.inline {
			return false
		}
		if ref.inline {
			at += 4 // the next entry of the hash chain differs from chunk to chunk
			continue
		}
		n, hashOK, err := c.nameAt(nameOff)
		if err != nil || !hashOK || !bytes.Equal(n.raw, ref.raw) {
			return false
		}
	}
	return bytes.Equal(t.body[at:], other[at:])
}

// finish derives what the tree alone decides: which elements repeat, what JSON keys can
// collide and where the System section's values come from.
func (t *template) finish() {
	for i := range t.nodes {
		if t.nodes[i].kind == elementNode {
			t.finishElement(i)
		}
	}
	t.markUniqueKeys(0, len(t.nodes))
	t.sys = planSystem(t)
}

func (t *template) finishElement(i int) {
	n := &t.nodes[i]
	n.data = n.name == "Data"
	n.cost = 1
	for _, a := range n.attrs {
		n.cost += 1 + len(a.parts)
		for _, p := range a.parts {
			if p.sub != none {
				n.holes = append(n.holes, p.sub)
			}
		}
		if n.data && a.name == "Name" {
			n.setDataName(a.parts)
		}
	}
	for j := i + 1; j < n.end; j = t.next(j) {
		n.cost++
		switch child := &t.nodes[j]; child.kind {
		case elementNode, nestedNode:
			n.elements = true
		case valueNode:
			n.holes = append(n.holes, child.sub)
		}
	}
	slices.Sort(n.holes)
	n.holes = slices.Compact(n.holes)
}

// setDataName makes the Name of a Data element its key in JSON; an empty one names nothing.
func (n *node) setDataName(parts []part) {
	name := ""
	for _, p := range parts {
		if p.sub != none {
			n.nameParts = parts
			return
		}
		name += p.text.plain
	}
	if name != "" {
		n.jsonKey = jsonKey(name)
	}
}

// next returns the index of the sibling behind node i.
func (t *template) next(i int) int {
	if t.nodes[i].kind == elementNode {
		return t.nodes[i].end
	}
	return i + 1
}

// markUniqueKeys marks the elements in [from, to) and below whose JSON key no sibling
// shares, so that printing them needs no look at the keys before.
func (t *template) markUniqueKeys(from, to int) {
	count := make(map[string]int)
	open := false // a sibling's key is not known before a record is read
	for i := from; i < to; i = t.next(i) {
		switch n := &t.nodes[i]; n.kind {
		case elementNode:
			count[string(n.jsonKey)]++
			open = open || n.nameParts != nil
			t.markUniqueKeys(i+1, n.end)
		case valueNode, nestedNode:
			open = true
		}
	}
	for i := from; i < to; i = t.next(i) {
		n := &t.nodes[i]
		n.uniqueKey = n.kind == elementNode && !open && count[string(n.jsonKey)] == 1 && !isGivenKey(n.jsonKey)
	}
}

// isGivenKey reports whether a key looks like one that the printer makes: #text, or a name
// with a number behind it for an element that repeats.
func isGivenKey(key []byte) bool {
	name := key[1 : len(key)-2]
	stem := bytes.TrimRight(name, "0123456789")
	return bytes.HasPrefix(name, []byte("#")) || len(stem) < len(name) && bytes.HasSuffix(stem, []byte("_"))
}

func jsonKey(name string) []byte {
	key := appendString([]byte{'"'}, name, escapeJSON)
	return append(key, '"', ':')
}
