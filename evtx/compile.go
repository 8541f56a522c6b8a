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
	// that they depend on. Only these can be the same as another.
	depIDs bool
	depth  int
	outer  int // the depth at which the fragment stands
	t      *template
}

// compile reads a fragment at [pos, end) and returns it with the offset behind it. depIDs
// says whether elements carry dependency ids, which template definitions do and literal
// fragments (forwarded events, values that begin with an element) do not.
func (c *chunk) compile(pos, end int, depIDs bool, depth int) (*template, int, error) {
	k := compiler{c: c, base: pos, pos: pos, end: end, depIDs: depIDs, depth: depth, outer: depth, t: &template{}}
	if err := k.fragment(); err != nil {
		return nil, k.pos, err
	}
	if depIDs {
		k.t.body = bytes.Clone(c.data[pos:k.pos])
	}
	k.t.finish()
	return k.t, k.pos, nil
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
	text, sub, err := k.piece(token)
	if err != nil {
		return err
	}
	if sub != none {
		k.add(node{kind: valueNode, sub: sub})
	} else {
		k.add(node{kind: textNode, text: newLiteral(text)})
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
func (k *compiler) piece(token byte) (text string, sub int, err error) {
	start := k.pos
	k.pos++
	switch token &^ moreFlag {
	case tokenValue:
		if err := k.need(3, "a value"); err != nil {
			return "", none, err
		}
		typ := Type(k.c.data[k.pos])
		k.pos++
		if typ != TypeString {
			return "", none, damaged(start, "a literal value should be a string, found type %#02x", typ)
		}
		text, err = k.counted()
		return text, none, err
	case tokenCDATA:
		text, err = k.counted()
		return text, none, err
	case tokenCharRef:
		if err := k.need(2, "a character reference"); err != nil {
			return "", none, err
		}
		return string(rune(k.u16())), none, nil
	case tokenEntityRef:
		n, err := k.name()
		if err != nil {
			return "", none, err
		}
		return entity(n), none, nil
	case tokenNormalSub, tokenOptionalSub:
		if err := k.need(3, "a substitution"); err != nil {
			return "", none, err
		}
		sub = k.u16()
		k.pos++ // the type: the one in the record decides
		return "", sub, nil
	}
	return "", none, damaged(start, "token %#02x was not expected here", token)
}

// counted reads UTF-16 text behind its number of characters.
func (k *compiler) counted() (string, error) {
	if err := k.need(2, "the length of a text"); err != nil {
		return "", err
	}
	n := k.u16() * 2
	if err := k.need(n, "a text"); err != nil {
		return "", err
	}
	text := utf16Text(k.c.data[k.pos : k.pos+n])
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
func (k *compiler) name() (string, error) {
	if err := k.need(4, "the offset of a name"); err != nil {
		return "", err
	}
	at := k.pos
	off := k.u32()
	n, _, err := k.c.nameAt(off)
	if err != nil {
		return "", err
	}
	inline := int64(off) == int64(k.pos)
	if inline {
		if n.end > k.end {
			return "", damaged(at, "a name reaches behind the end of its fragment")
		}
		k.pos = n.end
	}
	if k.depIDs {
		k.t.names = append(k.t.names, nameRef{pos: at - k.base, inline: inline, raw: bytes.Clone(n.raw)})
	}
	text := utf16Text(n.raw)
	if !isXMLName(text) {
		return "", damaged(at, "%.40q is not the name of an element or attribute", text)
	}
	return text, nil
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
	_, ok, err := k.c.nameAt(binary.LittleEndian.Uint32(k.c.data[at:]))
	return err == nil && ok
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
	var err error
	if n.name, err = k.name(); err != nil {
		return err
	}
	n.jsonKey = jsonKey(n.name)
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
	var attrs []attribute
	for k.pos < k.end && k.c.data[k.pos]&^moreFlag == tokenAttribute {
		k.pos++
		name, err := k.name()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(attrs, func(a attribute) bool { return a.name == name }) {
			return nil, damaged(k.pos, "the element has a second attribute %.40q", name)
		}
		if len(attrs) >= maxAttributes {
			return nil, damaged(k.pos, "the element has more than %d attributes", maxAttributes)
		}
		a := attribute{name: name, jsonKey: jsonKey(name)}
		for k.pos < k.end && isPiece(k.c.data[k.pos]) {
			text, sub, err := k.piece(k.c.data[k.pos])
			if err != nil {
				return nil, err
			}
			p := part{sub: sub}
			if sub == none {
				p.text = newLiteral(text)
				p.text.xml = appendString(nil, text, escapeAttr)
			}
			a.parts = append(a.parts, p)
		}
		attrs = append(attrs, a)
	}
	return attrs, nil
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
	if strings.EqualFold(target, "xml") {
		return damaged(k.pos, "an XML declaration stands inside of a document")
	}
	n := node{kind: piNode, name: target}
	if k.pos < k.end && k.c.data[k.pos]&^moreFlag == tokenPIData {
		k.pos++
		text, err := k.counted()
		if err != nil {
			return err
		}
		n.text = literalText{plain: text, xml: piData(text)}
	}
	k.add(n)
	return nil
}

// piData returns the data of a processing instruction as XML can hold it: as it is, but for
// what would end the instruction.
func piData(text string) []byte {
	return appendString(nil, strings.ReplaceAll(text, "?>", "? >"), escapePI)
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
	// The values lie in the chunk, so a template with such a node must not be shared; only
	// literal fragments have them and those are never cached.
	k.add(node{kind: nestedNode, nested: in})
	return nil
}
