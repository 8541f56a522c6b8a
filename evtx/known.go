package evtx

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"
)

// knownTemplates are the templates that are sure to be as they were written: those that whole
// chunks define, and those that two damaged chunks define alike. In damaged chunks and in free
// space, where a definition or a name may be damaged or written over, they stand in for it:
// Windows writes the same definition into every chunk that uses it. They are immutable.
type knownTemplates struct {
	byKey map[templateKey]*template
	// byID finds a template by the first part of its GUID, which is all that an instance has
	// of it; nil where several have the same.
	byID map[uint32]*template
	// names are those whose hash was right anywhere, in UTF-16LE, by their hash.
	names    map[uint16][]string
	nameSize int // of the names, in bytes
	size     int // of the bodies, in bytes
}

const (
	// maxKnown bounds the bodies of the known templates together, in bytes.
	maxKnown = 1 << 20
	// maxKnownNames bounds the names likewise.
	maxKnownNames = 1 << 20
	// maxSeen bounds the definitions of damaged chunks that are remembered.
	maxSeen = 1 << 14
	// maxSameHash bounds the names of one hash, which are searched one by one.
	maxSameHash = 8
)

func (k *knownTemplates) add(key templateKey, t *template) {
	if k.byKey[key] != nil || k.size+len(t.body) > maxKnown || len(t.body) != int(key.size) || !t.shareable() {
		return
	}
	k.size += len(t.body)
	k.byKey[key] = t
	id := binary.LittleEndian.Uint32(key.guid[:])
	if _, several := k.byID[id]; several {
		t = nil
	}
	k.byID[id] = t
	for _, n := range k.byKey[key].names {
		k.addName(n.entry[4:])
	}
}

func (k *knownTemplates) addName(raw []byte) {
	h := nameHash(raw)
	if k.nameSize+len(raw) > maxKnownNames || len(k.names[h]) >= maxSameHash || slices.Contains(k.names[h], string(raw)) {
		return
	}
	k.nameSize += len(raw)
	k.names[h] = append(k.names[h], string(raw))
}

// name returns the known name that the entry at the beginning of b is, or nil. The hash may be
// damaged, or else the length and a quarter of the name.
func (k *knownTemplates) name(b []byte) []byte {
	hash, chars := binary.LittleEndian.Uint16(b[4:]), int(binary.LittleEndian.Uint16(b[6:]))
	text := b[8:]
	if 2*chars <= len(text) && chars <= maxNameLength {
		raw := text[:2*chars]
		h := nameHash(raw)
		if h == hash { // nothing to mend
			return nil
		}
		if slices.Contains(k.names[h], string(raw)) {
			return raw
		}
	}
	for _, s := range k.names[hash] {
		if len(s) <= len(text) && 4*differences(s, text) <= len(s) {
			return []byte(s)
		}
	}
	return nil
}

// schemaNames are the names of the event schema, which nearly every template has.
var schemaNames = []string{
	"Event", "xmlns", "System", "Provider", "Name", "Guid", "EventSourceName", "EventID", "Qualifiers", "Version", "Level", "Task",
	"Opcode", "Keywords", "TimeCreated", "SystemTime", "EventRecordID", "Correlation", "ActivityID", "RelatedActivityID", "Execution",
	"ProcessID", "ThreadID", "Channel", "Computer", "Security", "UserID", "EventData", "UserData", "Data", "Binary", "ComplexData",
	"BinaryEventData", "RenderingInfo", "ProcessingErrorData",
}

// differences counts the bytes in which b, which is at least as long, is not s.
func differences(s string, b []byte) (n int) {
	for i := range len(s) {
		if s[i] != b[i] {
			n++
		}
	}
	return n
}

// doubt has the chunk checked more strictly, with what the whole chunks of the log define at
// hand. It reports false when the context ended.
func (s *scan) doubt() bool {
	known := s.r.learn(s.ctx, s.slots)
	if known == nil {
		s.yield(nil, s.ctx.Err())
		return false
	}
	s.chunk.trust(known)
	return true
}

// trust sets which templates stand in for those of the chunk, none where it is whole. What was
// compiled under the other condition is not used: names are believed more or less readily.
func (c *chunk) trust(known *knownTemplates) {
	if (c.known == nil) != (known == nil) {
		c.cache, c.otherCache = c.otherCache, c.cache
		c.templates, c.otherTemplates = c.otherTemplates, c.templates
		clear(c.recent[:])
		clear(c.recentNames[:])
	}
	c.known = known
}

// learn reads the definitions of all chunks, once for a Reader. It returns nil when ctx ended.
func (r *Reader) learn(ctx context.Context, slots []slot) *knownTemplates {
	select {
	case r.learning <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-r.learning }()
	if k := r.known; k != nil {
		return k
	}
	k := &knownTemplates{byKey: make(map[templateKey]*template), byID: make(map[uint32]*template), names: make(map[uint16][]string)}
	for _, name := range schemaNames {
		var raw []byte
		for _, c := range []byte(name) {
			raw = append(raw, c, 0)
		}
		k.addName(raw)
	}
	l := learner{
		r: r, known: k, buf: make([]byte, chunkSize), seen: make(map[uint64]bool),
		chunk: chunk{cache: r.cfg.Templates, otherCache: new(TemplateCache), maxDepth: r.cfg.MaxDepth},
	}
	damaged := l.learnAll(ctx, slots, true)
	l.chunk.cache = new(TemplateCache) // what damaged chunks define is not for others
	l.learnAll(ctx, damaged, false)
	if ctx.Err() != nil {
		return nil
	}
	r.known = k
	return k
}

// learner reads chunks for their definitions.
type learner struct {
	r     *Reader
	known *knownTemplates
	buf   []byte
	chunk chunk
	// seen are the digests of definitions in damaged chunks.
	seen map[uint64]bool
}

// learnAll reads those of the chunks that are whole, or not, and returns the others.
func (l *learner) learnAll(ctx context.Context, slots []slot, whole bool) (others []slot) {
	for _, sl := range slots {
		if ctx.Err() != nil {
			return nil
		}
		switch is, ok := l.load(sl); {
		case ok && is == whole:
			l.learn(whole)
		case ok:
			others = append(others, sl)
		}
	}
	return others
}

// learn takes the definitions of the chunk that was loaded: of a whole one all, of a damaged one
// those that another damaged chunk has too.
func (l *learner) learn(whole bool) {
	if whole {
		l.chunk.definitions(l.known.add)
		return
	}
	l.chunk.names(l.known.addName)
	l.chunk.trust(l.known)
	l.chunk.definitions(func(key templateKey, t *template) {
		d := t.digest()
		if l.seen[d] {
			l.known.add(key, t)
		} else if len(l.seen) < maxSeen {
			l.seen[d] = true
		}
	})
}

// digest is the same for equal templates, wherever in a chunk they stand.
func (t *template) digest() uint64 {
	h := fnv.New64a()
	at := 0
	for _, n := range t.names {
		h.Write(t.body[at:n.pos]) // a hash has no errors
		h.Write(n.entry[4:])
		if at = n.pos + 4; n.inline {
			at += 4 // the next entry of the list
		}
	}
	h.Write(t.body[min(at, len(t.body)):])
	return h.Sum64()
}

// load reads the chunk of a slot, and tells whether it is whole. ok is false where it has no header.
func (l *learner) load(sl slot) (whole, ok bool) {
	if sl.headless || sl.to-sl.base < chunkHeaderSize {
		return false, false
	}
	b := l.buf[:sl.to-sl.base]
	if n, _ := l.r.r.ReadAt(b, sl.base); n < len(b) {
		return false, false
	}
	l.chunk.reset(b)
	h := parseChunkHeader(b)
	return l.r.noChecksums(h) || h.verifyHeader(b) == nil && h.verifyRecords(b) == nil, true
}

// names calls add for the names of the chunk's table whose hash is right. The table has 64 lists of
// them.
func (c *chunk) names(add func(raw []byte)) {
	le := binary.LittleEndian
	left := len(c.data) / minNameSize // lists may lead back to themselves
	for bucket := nameTableAt; bucket < templateTableAt; bucket += 4 {
		for off := le.Uint32(c.data[bucket:]); off != 0 && left > 0; left-- {
			n, ok, err := c.nameAt(off)
			if err != nil {
				break
			}
			if ok {
				add(n.raw)
			}
			off = le.Uint32(c.data[off:])
		}
	}
}

// definitions calls add for every template that the chunk defines and that can be read. The
// chunk's table has 32 lists of them.
func (c *chunk) definitions(add func(templateKey, *template)) {
	le := binary.LittleEndian
	for bucket := templateTableAt; bucket < chunkHeaderSize; bucket += 4 {
		for off := le.Uint32(c.data[bucket:]); off >= chunkHeaderSize && int64(off)+definitionHeaderSize <= int64(len(c.data)); off = le.Uint32(c.data[off:]) {
			if c.templates[off] != nil {
				break // a list that leads back to itself
			}
			id := le.Uint32(c.data[off+4:])
			bt, err := c.templateAt(off, id, int(off), 0)
			if err != nil {
				if bt == nil {
					break
				}
				continue
			}
			add(templateKey{guid: [16]byte(c.data[off+4:]), size: le.Uint32(c.data[off+20:])}, bt.template)
		}
	}
}

// sameKnown returns the known template with the GUID and size of the definition at off, or
// nil.
func (c *chunk) sameKnown(off, id uint32) *template {
	if c.known == nil || int64(off) < chunkHeaderSize || int64(off)+definitionHeaderSize > int64(len(c.data)) {
		return nil
	}
	b, le := c.data[off:], binary.LittleEndian
	if le.Uint32(b[4:]) != id {
		return nil
	}
	return c.known.byKey[templateKey{guid: [16]byte(b[4:]), size: le.Uint32(b[20:])}]
}

// knownByID returns the one known template whose GUID begins with id, or nil.
func (c *chunk) knownByID(id uint32) *template {
	if c.known == nil {
		return nil
	}
	return c.known.byID[id]
}
