package evtx

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"unsafe"
)

// A template is a fragment of BinXML compiled once: a tree of elements, flat and in the
// order of the document, whose texts are literal pieces and typed holes for the values of a
// record. XML, JSON, the System section and typed access all read this one form. A template
// of a definition is immutable, but for the programs that are made of it, and independent of
// the chunk it was compiled from.
type template struct {
	nodes []node
	// total counts the nodes, those of nested instances included.
	total int
	sys   systemPlan
	// attrs and parts are what those of the nodes are cut from.
	attrs []attribute
	parts []part
	// body and names tell whether another definition is the same template.
	body  []byte
	names []nameRef
	// irregular is set when how the body is read depends on more of the chunk than these: the
	// hash of a name is wrong, or elements lack what those of a definition have.
	irregular bool
	// height is how deep its elements are nested.
	height int

	// programmable is set for a definition without template instances in it, of which programs
	// can be made.
	programmable bool
	programs     programs
}

// nameRef is a place in a template's body that refers to a name.
type nameRef struct {
	pos    int    // of the offset of the name, in body
	inline bool   // the name's entry follows the offset
	entry  []byte // the name with its hash and length, as it stands behind the offset of the next
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

// literalText is a text of the template: plain, or as it is stored in the chunk when the
// fragment is read for one record.
type literalText struct {
	plain  string
	stored []byte // UTF-16LE
}

func (l *literalText) String() string {
	if l.stored != nil {
		return utf16Text(l.stored)
	}
	return l.plain
}

func (l *literalText) append(dst []byte, esc escape) []byte {
	if l.stored != nil {
		return appendUTF16(dst, l.stored, esc)
	}
	return appendString(dst, l.plain, esc)
}

// instance is a template together with the values of one use of it.
type instance struct {
	*template
	values []Value
	// own is the memory for a fragment that is no template.
	own *template
	// made is a value of the System section that is not one of the record's.
	made Value
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

// TemplateCache holds the compiled templates of logs, for the readers that it is given to by
// [Config.Templates]: Windows repeats every definition in each chunk that uses it, and all
// computers have the same ones. A template is only used for a definition that is equal to its
// own, so no log changes what another gives. It takes some 25 MiB at most, whatever logs hold.
//
// The zero value is empty and ready to use. It is safe for concurrent use.
type TemplateCache struct {
	mu    sync.RWMutex
	byKey map[templateKey][]*template
	size  int // of the templates without their programs, in bytes
}

type templateKey struct {
	guid [16]byte
	size uint32
}

// maxCached bounds the templates in the cache, in bytes: a hostile log defines a template a
// record. All templates of a Windows installation that ever logged are a fraction of it.
const maxCached = 6 << 20

// maxOfOneKey is how many templates of the same GUID and size are kept, which are compared one
// by one. Versions of a provider that differ in neither are few.
const maxOfOneKey = 16

// find returns the cached template that is equal to the definition whose body is at [off, off+size)
// of the chunk, and that stands at a depth. What it returns is what compiling the definition would
// give, so that the result of reading a chunk does not depend on what was read before.
func (tc *TemplateCache) find(key templateKey, c *chunk, off, depth int) *template {
	tc.mu.RLock()
	list := tc.byKey[key]
	tc.mu.RUnlock()
	for _, t := range list {
		if depth+t.height <= c.maxDepth && t.sameAs(c, off) {
			return t
		}
	}
	return nil
}

func (tc *TemplateCache) add(key templateKey, t *template) {
	tc.mu.Lock()
	defer tc.mu.Unlock()
	if tc.size += t.memory(); tc.size > maxCached {
		clear(tc.byKey)
		tc.size = t.memory()
	}
	if tc.byKey == nil {
		tc.byKey = make(map[templateKey][]*template)
	}
	list := tc.byKey[key]
	if len(list) == maxOfOneKey {
		tc.size -= list[0].memory()
		list = slices.Clone(list[1:]) // others may read the old one
	}
	tc.byKey[key] = append(list, t)
}

// memory is about how many bytes a template takes, without its programs.
func (t *template) memory() int {
	return len(t.body) + len(t.nodes)*int(unsafe.Sizeof(node{})) + cap(t.attrs)*int(unsafe.Sizeof(attribute{})) + cap(t.parts)*int(unsafe.Sizeof(part{}))
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
		if !c.hasName(nameOff, ref.entry) {
			return false
		}
	}
	return bytes.Equal(t.body[at:], other[at:])
}

// finish derives what the tree alone decides: which elements repeat and what JSON keys can
// collide.
func (t *template) finish(names *nameTable) {
	for i := range t.nodes {
		if t.nodes[i].kind == elementNode {
			t.finishElement(i, names)
		}
	}
	t.markUniqueKeys(0, len(t.nodes))
}

func (t *template) finishElement(i int, names *nameTable) {
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
			n.setDataName(a.parts, names)
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
	if len(n.holes) > 1 {
		slices.Sort(n.holes)
		n.holes = slices.Compact(n.holes)
	}
}

// setDataName makes the Name of a Data element its key in JSON; an empty one names nothing.
func (n *node) setDataName(parts []part, names *nameTable) {
	if len(parts) == 1 && len(parts[0].text.stored) > 0 {
		n.jsonKey = names.get(parts[0].text.stored).jsonKey
		return
	}
	name := ""
	for _, p := range parts {
		if p.sub != none {
			n.nameParts = parts
			return
		}
		name += p.text.String()
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
	open := false // a sibling's key is not known before a record is read
	var count map[string]int
	siblings := 0
	for i := from; i < to; i = t.next(i) {
		switch n := &t.nodes[i]; n.kind {
		case elementNode:
			siblings++
			open = open || n.nameParts != nil
			t.markUniqueKeys(i+1, n.end)
		case valueNode, nestedNode:
			open = true
		}
	}
	if siblings == 0 || open {
		return
	}
	if siblings > fewSiblings {
		count = t.countKeys(from, to)
	}
	for i := from; i < to; i = t.next(i) {
		if n := &t.nodes[i]; n.kind == elementNode {
			n.uniqueKey = !isGivenKey(n.jsonKey) && (count != nil && count[string(n.jsonKey)] == 1 || count == nil && t.isOnlyKey(i, from, to))
		}
	}
}

// fewSiblings is up to how many are compared with each other.
const fewSiblings = 24

func (t *template) countKeys(from, to int) map[string]int {
	count := make(map[string]int)
	for i := from; i < to; i = t.next(i) {
		if t.nodes[i].kind == elementNode {
			count[string(t.nodes[i].jsonKey)]++
		}
	}
	return count
}

// isOnlyKey reports whether no other element in [from, to) has the key of element i.
func (t *template) isOnlyKey(i, from, to int) bool {
	for j := from; j < to; j = t.next(j) {
		if n := &t.nodes[j]; j != i && n.kind == elementNode && bytes.Equal(n.jsonKey, t.nodes[i].jsonKey) {
			return false
		}
	}
	return true
}

// isGivenKey reports whether a key looks like one that the printer makes: #text, or a name
// with a number behind it for an element that repeats.
func isGivenKey(key []byte) bool {
	name := key[1 : len(key)-2]
	end := len(name)
	for end > 0 && '0' <= name[end-1] && name[end-1] <= '9' {
		end--
	}
	return len(name) > 0 && name[0] == '#' || end < len(name) && end > 0 && name[end-1] == '_'
}

func jsonKey(name string) []byte {
	key := appendString([]byte{'"'}, name, escapeJSON)
	return append(key, '"', ':')
}
