package evtx

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// Tokens of BinXML ([MS-EVEN6] 2.2.12). The bit moreFlag says that more of the kind
// follows; nothing here depends on it but the list of attributes.
const (
	tokenEOF              = 0x00
	tokenOpenStartElement = 0x01
	tokenCloseStart       = 0x02
	tokenCloseEmpty       = 0x03
	tokenEndElement       = 0x04
	tokenValue            = 0x05
	tokenAttribute        = 0x06
	tokenCDATA            = 0x07
	tokenCharRef          = 0x08
	tokenEntityRef        = 0x09
	tokenPITarget         = 0x0a
	tokenPIData           = 0x0b
	tokenTemplateInstance = 0x0c
	tokenNormalSub        = 0x0d
	tokenOptionalSub      = 0x0e
	tokenFragmentHeader   = 0x0f

	moreFlag = 0x40
)

// compiler turns the tokens in [pos, end) of a chunk into a template.
type compiler struct {
	c    *chunk
	base int // where the body begins
	pos  int
	end  int
	// depIDs is set in template definitions, whose elements carry the index of the value
	// that they depend on. Only these are kept.
	depIDs bool
	depth  int
	outer  int // the depth at which the fragment stands
	t      *template
}

// compile reads the body of a definition at [pos, end) and returns the template with the
// offset behind it.
func (c *chunk) compile(pos, end, depth int) (*template, int, error) {
	k := compiler{c: c, base: pos, pos: pos, end: end, depIDs: true, depth: depth, outer: depth, t: &template{}}
	if err := k.fragment(); err != nil {
		return nil, k.pos, err
	}
	k.t.body = bytes.Clone(c.data[pos:k.pos])
	k.t.programmable = !k.t.hasInstances()
	k.t.finish(&c.metNames)
	k.t.planSystem()
	return k.t, k.pos, nil
}

// compileFragment reads a literal fragment into the instance's own memory: the root of a
// forwarded event, or a value that begins with an element.
func (c *chunk) compileFragment(in *instance, pos, end, depth int) error {
	if in.own == nil {
		in.own = new(template)
	}
	t := in.own
	t.total, t.nodes, t.attrs, t.parts = 0, t.nodes[:0], t.attrs[:0], t.parts[:0]
	k := compiler{c: c, base: pos, pos: pos, end: end, depth: depth, t: t}
	if err := k.fragment(); err != nil {
		return err
	}
	t.finish(&c.metNames)
	in.template, in.values = t, in.values[:0]
	return nil
}

func (k *compiler) need(n int, what string) error {
	if n > k.end-k.pos {
		return damaged(k.pos, "%s needs %d bytes, %d are left", what, n, k.end-k.pos)
	}
	return nil
}

func (k *compiler) u16() int {
	n := binary.LittleEndian.Uint16(k.c.data[k.pos:])
	k.pos += 2
	return int(n)
}

func (k *compiler) u32() uint32 {
	n := binary.LittleEndian.Uint32(k.c.data[k.pos:])
	k.pos += 4
	return n
}

// fragment reads everything up to the end token or the end of the data.
func (k *compiler) fragment() error {
	for k.pos < k.end {
		switch token := k.c.data[k.pos]; token &^ moreFlag {
		case tokenEOF:
			k.pos++
			return nil
		case tokenFragmentHeader:
			if err := k.need(4, "a fragment header"); err != nil {
				return err
			}
			k.pos += 4
		default:
			if err := k.content(token); err != nil {
				return err
			}
		}
	}
	return nil
}

// content reads one item of a fragment's or element's content.
func (k *compiler) content(token byte) error {
	switch token &^ moreFlag {
	case tokenOpenStartElement:
		return k.element(token)
	case tokenPITarget:
		return k.processingInstruction()
	case tokenTemplateInstance:
		return k.nestedInstance()
	}
	p, err := k.piece(token)
	switch {
	case err != nil:
		return err
	case p.sub != none:
		k.add(node{kind: valueNode, sub: p.sub})
	default:
		k.add(node{kind: textNode, text: p.text})
	}
	return nil
}

func (k *compiler) add(n node) int {
	if n.kind != elementNode {
		n.dep = none
	}
	k.t.nodes = append(k.t.nodes, n)
	k.t.total++
	return len(k.t.nodes) - 1
}

// piece reads a literal or a substitution, which both content and attributes consist of.
func (k *compiler) piece(token byte) (p part, err error) {
	start := k.pos
	k.pos++
	p.sub = none
	switch token &^ moreFlag {
	case tokenValue:
		if err := k.need(3, "a value"); err != nil {
			return p, err
		}
		typ := Type(k.c.data[k.pos])
		k.pos++
		if typ != TypeString {
			return p, damaged(start, "a literal value should be a string, found type %#02x", typ)
		}
		p.text, err = k.counted()
	case tokenCDATA:
		p.text, err = k.counted()
	case tokenCharRef:
		if err := k.need(2, "a character reference"); err != nil {
			return p, err
		}
		p.text.plain = string(rune(k.u16()))
	case tokenEntityRef:
		n, err := k.name()
		if err != nil {
			return p, err
		}
		p.text.plain = entity(n.text)
	case tokenNormalSub, tokenOptionalSub:
		if err := k.need(3, "a substitution"); err != nil {
			return p, err
		}
		p.sub = k.u16()
		k.pos++ // the type: the one in the record decides
	default:
		return p, damaged(start, "token %#02x was not expected here", token)
	}
	return p, err
}

// counted reads UTF-16 text behind its number of characters. That of a template outlives the
// chunk.
func (k *compiler) counted() (text literalText, err error) {
	if err := k.need(2, "the length of a text"); err != nil {
		return text, err
	}
	n := k.u16() * 2
	if err := k.need(n, "a text"); err != nil {
		return text, err
	}
	if text.stored = k.c.data[k.pos : k.pos+n]; k.depIDs {
		text = literalText{plain: utf16Text(text.stored)}
	}
	k.pos += n
	return text, nil
}

// entity resolves the five entities that XML has without a document type; another keeps
// its form of reference as text.
func entity(name string) string {
	switch name {
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "amp":
		return "&"
	case "quot":
		return `"`
	case "apos":
		return "'"
	}
	return "&" + name + ";"
}

// name reads the offset of a name and, where it stands inline, skips the name's entry.
func (k *compiler) name() (*knownName, error) {
	if err := k.need(4, "the offset of a name"); err != nil {
		return nil, err
	}
	at := k.pos
	off := k.u32()
	n, err := k.c.knownNameAt(off)
	if err != nil {
		return nil, err
	}
	inline := int64(off) == int64(k.pos)
	if inline {
		if n.end > k.end {
			return nil, damaged(at, "a name reaches behind the end of its fragment")
		}
		k.pos = n.end
	}
	if k.depIDs {
		k.t.names = append(k.t.names, nameRef{pos: at - k.base, inline: inline, entry: slices.Concat(k.c.data[off+4:off+8], n.raw)})
		k.t.irregular = k.t.irregular || !n.hashOK
	}
	if !n.valid {
		return nil, damaged(at, "%.40q is not the name of an element or attribute", n.text)
	}
	return n.knownName, nil
}

// startsElement tells whether an element without (or with) a dependency id begins here:
// the hash of the name that its offset leads to is right.
func (k *compiler) startsElement(depIDs bool) bool {
	at := k.pos + 1 + 4
	if depIDs {
		at += 2
	}
	if at+4 > k.end {
		return false
	}
	n, err := k.c.knownNameAt(binary.LittleEndian.Uint32(k.c.data[at:]))
	return err == nil && n.hashOK
}

func (k *compiler) element(token byte) error {
	if k.depth >= k.c.maxDepth {
		return damaged(k.pos, "elements are nested more than %d deep", k.c.maxDepth)
	}
	k.depth++
	k.t.height = max(k.t.height, k.depth-k.outer)
	defer func() { k.depth-- }()

	depIDs := k.depIDs
	if !k.startsElement(depIDs) && k.startsElement(!depIDs) {
		depIDs = !depIDs
		k.t.irregular = true
	}
	n := node{kind: elementNode, dep: none}
	k.pos++
	if depIDs {
		if err := k.need(2, "a dependency id"); err != nil {
			return err
		}
		if dep := k.u16(); dep != 0xffff {
			n.dep = dep
		}
	}
	if err := k.need(4, "the size of an element"); err != nil {
		return err
	}
	k.pos += 4 // the size: the end token decides
	name, err := k.name()
	if err != nil {
		return err
	}
	n.name, n.jsonKey = name.text, name.jsonKey
	if token&moreFlag != 0 {
		if err := k.need(4, "the size of the attributes"); err != nil {
			return err
		}
		k.pos += 4
	}
	if n.attrs, err = k.attributes(); err != nil {
		return err
	}
	i := k.add(n)
	if err := k.elementContent(i); err != nil {
		return err
	}
	k.t.nodes[i].end = len(k.t.nodes)
	return nil
}

// maxAttributes bounds the attributes of an element, which are searched one by one.
const maxAttributes = 256

func (k *compiler) attributes() ([]attribute, error) {
	first := len(k.t.attrs)
	for k.pos < k.end && k.c.data[k.pos]&^moreFlag == tokenAttribute {
		k.pos++
		name, err := k.name()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(k.t.attrs[first:], func(a attribute) bool { return a.name == name.text }) {
			return nil, damaged(k.pos, "the element has a second attribute %.40q", name.text)
		}
		if len(k.t.attrs)-first >= maxAttributes {
			return nil, damaged(k.pos, "the element has more than %d attributes", maxAttributes)
		}
		a := attribute{name: name.text, jsonKey: name.jsonKey}
		parts := len(k.t.parts)
		for k.pos < k.end && isPiece(k.c.data[k.pos]) {
			p, err := k.piece(k.c.data[k.pos])
			if err != nil {
				return nil, err
			}
			k.t.parts = append(k.t.parts, p)
		}
		a.parts = slices.Clip(k.t.parts[parts:])
		k.t.attrs = append(k.t.attrs, a)
	}
	return slices.Clip(k.t.attrs[first:]), nil
}

func isPiece(token byte) bool {
	switch token &^ moreFlag {
	case tokenValue, tokenCharRef, tokenEntityRef, tokenNormalSub, tokenOptionalSub:
		return true
	}
	return false
}

// elementContent reads what follows the attributes of element i, its end included.
func (k *compiler) elementContent(i int) error {
	if k.pos >= k.end {
		return damaged(k.pos, "the fragment ends inside of <%s>", k.t.nodes[i].name)
	}
	switch token := k.c.data[k.pos]; token &^ moreFlag {
	case tokenCloseEmpty:
		k.pos++
		return nil
	case tokenCloseStart:
		k.pos++
	default:
		return damaged(k.pos, "the end of the start tag of <%s> was expected, found token %#02x", k.t.nodes[i].name, token)
	}
	k.t.nodes[i].hasContent = true
	for k.pos < k.end {
		token := k.c.data[k.pos]
		if token&^moreFlag == tokenEndElement {
			k.pos++
			return nil
		}
		if err := k.content(token); err != nil {
			return err
		}
	}
	return damaged(k.pos, "the fragment ends inside of <%s>", k.t.nodes[i].name)
}

func (k *compiler) processingInstruction() error {
	k.pos++
	target, err := k.name()
	if err != nil {
		return err
	}
	if strings.EqualFold(target.text, "xml") {
		return damaged(k.pos, "an XML declaration stands inside of a document")
	}
	n := node{kind: piNode, name: target.text}
	if k.pos < k.end && k.c.data[k.pos]&^moreFlag == tokenPIData {
		k.pos++
		text, err := k.counted()
		if err != nil {
			return err
		}
		n.text = text
	}
	k.add(n)
	return nil
}

// maxNodes bounds what templates in templates add up to, each of which can use the one
// before it twice. A chunk has no room for as many nodes without that.
const maxNodes = chunkSize

// nestedInstance reads a template instance inside a literal fragment.
func (k *compiler) nestedInstance() error {
	if k.depth >= k.c.maxDepth {
		return damaged(k.pos, "templates are nested more than %d deep", k.c.maxDepth)
	}
	in := new(instance)
	_, pos, err := k.c.instanceAt(in, k.pos, k.end, k.depth+1)
	if err != nil {
		return err
	}
	k.pos = pos
	if k.t.total += in.total; k.t.total > maxNodes {
		return damaged(k.pos, "the templates in the template have more than %d parts", maxNodes)
	}
	// The values lie in the chunk, so a template with such a node is not shared, and no program
	// is made of it: its holes are not those of the record.
	k.add(node{kind: nestedNode, nested: in})
	return nil
}
