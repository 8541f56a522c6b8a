package evtx

import (
	"encoding/binary"
	"slices"
)

// instanceHeaderSize counts the token, a version byte, the short id and the offset of the
// definition; definitionHeaderSize the next offset, the GUID and the size of the body.
const (
	instanceHeaderSize   = 1 + 1 + 4 + 4
	definitionHeaderSize = 4 + 16 + 4
)

// instanceAt reads a template instance at pos: which template, and the values of its
// holes. It returns the offset behind it. in.values is used again where it has room.
func (c *chunk) instanceAt(in *instance, pos, end, depth int) (*boundTemplate, int, error) {
	bt, pos, err := c.headAt(in, pos, end, depth)
	if err != nil {
		return nil, pos, err
	}
	pos, err = c.valuesAt(in, pos, end)
	return bt, pos, err
}

// headAt reads a template instance up to its values, and returns the offset of these.
func (c *chunk) headAt(in *instance, pos, end, depth int) (*boundTemplate, int, error) {
	b, le := c.data, binary.LittleEndian
	if instanceHeaderSize > end-pos {
		return nil, pos, damaged(pos, "a template instance needs %d bytes, %d are left", instanceHeaderSize, end-pos)
	}
	id := le.Uint32(b[pos+2:])
	def := le.Uint32(b[pos+6:])
	start := pos
	pos += instanceHeaderSize
	bt, err := c.templateAt(def, id, start, depth)
	if err != nil {
		return nil, pos, err
	}
	in.template = bt.template
	if int64(def) == int64(pos) { // resident: the definition stands here
		pos += definitionHeaderSize + bt.size
	}
	return bt, pos, nil
}

// templateAt returns the template whose definition is at off. id is the first part of its
// GUID, which tells a definition from bytes written over it; user is where it is used.
func (c *chunk) templateAt(off, id uint32, user, depth int) (*boundTemplate, error) {
	recent := &c.recent[off/64%recentTemplates]
	if recent.off == off && recent.bt != nil && recent.bt.id == id {
		return recent.bt, recent.bt.err
	}
	bt := c.templates[off]
	if bt == nil || bt.id != id {
		var err error
		if bt, err = c.define(off, id, user, depth); err != nil {
			return nil, err
		}
		if c.templates == nil {
			c.templates = make(map[uint32]*boundTemplate)
		}
		c.templates[off] = bt
	}
	*recent = recentTemplate{off, bt}
	return bt, bt.err
}

// maxDefined bounds the size of a chunk's definitions together. Definitions stand one behind
// another, so they fit into a chunk; twice that is room for a chunk that was half overwritten,
// and again for records whose definitions are in doubt.
const maxDefined = 4 * chunkSize

// define finds the template whose definition is at off. In doubt, the same one of a whole chunk
// is preferred, and stands in where the definition is not to be read.
func (c *chunk) define(off, id uint32, user, depth int) (*boundTemplate, error) {
	bt := c.bound(id, c.sameKnown(off, id))
	if bt == nil {
		var err error
		bt, err = c.readDefinition(off, id, user, depth)
		if err != nil || bt.err != nil {
			if known := c.bound(id, c.knownByID(id)); known != nil {
				bt, err = known, nil
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if c.filter != nil && bt.err == nil {
		c.filter.bind(&bt.match, bt.template)
	}
	return bt, nil
}

func (c *chunk) bound(id uint32, t *template) *boundTemplate {
	if t == nil {
		return nil
	}
	bt := c.newBound()
	bt.id, bt.template, bt.size = id, t, len(t.body)
	return bt
}

// newBound returns a boundTemplate, one that an earlier chunk used if there is one.
func (c *chunk) newBound() *boundTemplate {
	if c.inUse == len(c.boundTemplates) {
		c.boundTemplates = append(c.boundTemplates, new(boundTemplate))
	}
	bt := c.boundTemplates[c.inUse]
	c.inUse++
	*bt = boundTemplate{match: templateMatch{candidates: bt.match.candidates[:0]}}
	return bt
}

// readDefinition reads a template's definition, from the cache where it is known already. A
// body that cannot be compiled gives a boundTemplate that keeps the error, so that the records
// which use it do not try again.
func (c *chunk) readDefinition(off, id uint32, user, depth int) (*boundTemplate, error) {
	b, le := c.data, binary.LittleEndian
	if int64(off) < chunkHeaderSize || int64(off)+definitionHeaderSize > int64(len(b)) {
		return nil, damaged(user, "the template's definition should be at offset %d, outside of the chunk", off)
	}
	p := int(off)
	if got := le.Uint32(b[p+4:]); got != id {
		return nil, damaged(user, "template %#08x should be defined at offset %d of the chunk, found %#08x", id, off, got)
	}
	key := templateKey{guid: [16]byte(b[p+4:]), size: le.Uint32(b[p+20:])}
	p += definitionHeaderSize
	if int64(key.size) > int64(len(b)-p) {
		return nil, damaged(p-4, "a template of %d bytes reaches behind the end of the chunk", key.size)
	}
	if c.defined += int(key.size); c.defined > maxDefined {
		return nil, damaged(user, "the templates that the chunk's records use have more than %d bytes: they overlap", maxDefined)
	}
	bt := c.newBound()
	bt.id, bt.size = id, int(key.size)
	if bt.template = c.cache.find(key, c, p, depth); bt.template == nil {
		var end int
		bt.template, end, bt.err = c.compile(p, p+int(key.size), depth)
		if bt.err == nil && c.known != nil && end != p+int(key.size) {
			bt.err = damaged(end, "a template should end at %d of the chunk, found its end at %d", p+int(key.size), end)
		}
		if bt.err != nil {
			return bt, nil
		}
		if bt.shareable() {
			c.cache.add(key, bt.template)
		}
	}
	return bt, nil
}

// shareable reports whether the template holds no values of the chunk it came from, and is
// what every chunk with this definition would give.
func (t *template) shareable() bool { return !t.irregular && !t.hasInstances() }

// hasInstances reports whether template instances stand in the fragment, with their values.
func (t *template) hasInstances() bool {
	return slices.ContainsFunc(t.nodes, func(n node) bool { return n.kind == nestedNode })
}

// valuesAt reads the values of an instance: their number, then size and type of each, then
// their bytes.
func (c *chunk) valuesAt(in *instance, pos, end int) (int, error) {
	b, le := c.data, binary.LittleEndian
	if pos > end || 4 > end-pos {
		return pos, damaged(min(pos, end), "the number of values was expected, the record ends")
	}
	count := le.Uint32(b[pos:])
	pos += 4
	if int64(count)*4 > int64(end-pos) {
		return pos, damaged(pos-4, "%d values cannot stand in %d bytes", count, end-pos)
	}
	n := int(count)
	in.values = slices.Grow(in.values[:0], n)[:n]
	desc := b[pos : pos+4*n]
	pos += 4 * n
	for i := range in.values {
		size := int(le.Uint16(desc[4*i:]))
		if size > end-pos {
			in.values = in.values[:i]
			return pos, damaged(pos, "value %d of %d bytes reaches behind the end of the record", i, size)
		}
		v := &in.values[i]
		v.Type, v.raw, v.text = Type(desc[4*i+2]), b[pos:pos+size], ""
		if v.Type == TypeNull {
			v.raw = nil // Windows may reserve bytes for a value that is null
		}
		pos += size
	}
	return pos, nil
}

// rootAt reads the BinXML of a record at [pos, end): usually a template instance, for
// forwarded events a literal fragment.
func (c *chunk) rootAt(in *instance, pos, end int) (*boundTemplate, error) {
	bt, values, err := c.rootHead(in, pos, end)
	if err == nil && values > 0 {
		_, err = c.valuesAt(in, values, end)
	}
	return bt, err
}

// glanceAt is rootAt for a look at the System section: it may leave out the values that the
// template's plan does not name. It reports whether it did.
func (c *chunk) glanceAt(in *instance, pos, end int) (bt *boundTemplate, partly bool, err error) {
	bt, values, err := c.rootHead(in, pos, end)
	if err != nil || values == 0 {
		return bt, false, err
	}
	if in.sys.glance != nil && !bt.match.certain && c.glanceValues(in, values, end) {
		return bt, true, nil
	}
	_, err = c.valuesAt(in, values, end)
	return bt, false, err
}

// rootHead reads the BinXML of a record up to its values, and returns their offset, 0 if it
// is a fragment without any.
func (c *chunk) rootHead(in *instance, pos, end int) (bt *boundTemplate, values int, err error) {
	b := c.data
	if pos+4 <= end && b[pos]&^moreFlag == tokenFragmentHeader {
		pos += 4
	}
	if pos >= end {
		return nil, 0, damaged(pos, "the record is empty")
	}
	if b[pos]&^moreFlag == tokenTemplateInstance {
		return c.headAt(in, pos, end, 0)
	}
	if err := c.compileFragment(in, pos, end, 0); err != nil {
		return nil, 0, err
	}
	in.planSystem()
	c.fragment = boundTemplate{template: in.template, match: templateMatch{candidates: c.fragment.match.candidates[:0]}}
	if c.filter != nil {
		c.filter.bind(&c.fragment.match, in.template)
	}
	return &c.fragment, 0, nil
}

// glanceValues is valuesAt for the values that the template's plan names; the others are not
// to be looked at. It reports false when the values are not all there.
func (c *chunk) glanceValues(in *instance, pos, end int) bool {
	b, le := c.data, binary.LittleEndian
	if pos > end || 4 > end-pos {
		return false
	}
	count := int64(le.Uint32(b[pos:]))
	pos += 4
	if count*4 > int64(end-pos) {
		return false
	}
	n := int(count)
	in.values = slices.Grow(in.values[:0], n)[:n]
	desc := b[pos : pos+4*n]
	pos += 4 * n
	wanted := in.sys.glance
	i := 0
	for ; wanted[0] < n; wanted = wanted[1:] {
		pos += sizes(desc[4*i : 4*wanted[0]])
		i = wanted[0]
		next := pos + int(le.Uint16(desc[4*i:]))
		if next > end {
			return false
		}
		v := &in.values[i]
		v.Type, v.raw, v.text = Type(desc[4*i+2]), b[pos:next], ""
		if v.Type == TypeNull {
			v.raw = nil
		}
		pos = next
		i++
	}
	return pos+sizes(desc[4*i:]) <= end
}

// sizes returns how many bytes the values of these descriptors take, two at a time.
func sizes(desc []byte) (sum int) {
	le := binary.LittleEndian
	for ; len(desc) >= 8; desc = desc[8:] {
		w := le.Uint64(desc)
		sum += int(w&0xffff + w>>32&0xffff)
	}
	if len(desc) > 0 {
		sum += int(le.Uint16(desc))
	}
	return sum
}

// nestedAt reads a value of type BinXML: a fragment with or without header, holding a
// template instance or elements, or nothing.
func (c *chunk) nestedAt(in *instance, v Value, depth int) error {
	if len(v.raw) == 0 {
		in.template, in.values = emptyTemplate, nil
		return nil
	}
	if depth >= c.maxDepth {
		return damaged(0, "BinXML values are nested more than %d deep", c.maxDepth)
	}
	pos := c.offsetOf(v.raw)
	end := pos + len(v.raw)
	start := pos
	if pos+4 <= end && c.data[pos]&^moreFlag == tokenFragmentHeader {
		pos += 4
	}
	if pos < end && c.data[pos]&^moreFlag == tokenTemplateInstance {
		_, _, err := c.instanceAt(in, pos, end, depth)
		return err
	}
	return c.compileFragment(in, start, end, depth)
}

var emptyTemplate = &template{}

// offsetOf returns where in the chunk a value's bytes lie. Values are slices of the chunk's
// data whose capacity reaches to the end of it.
func (c *chunk) offsetOf(raw []byte) int { return cap(c.data) - cap(raw) }
