package evtx

import (
	"errors"
	"slices"

	"github.com/gpevtx/gpevtx/evidence"
)

// payload is what an event needs to print itself: the chunk that it lies in, and the root
// fragment of its record.
type payload struct {
	chunk    *chunk
	root     instance
	maxSize  int
	source   evidence.Source
	chunkOff int64
	recordID uint64
	enc      encoder // used again, with its memory
	data     []Datum // room for collecting them
	// spent is what the last use took of maxSize, also if it failed.
	spent int
}

func (p *payload) encoder(dst []byte) *encoder {
	p.enc = encoder{
		c: p.chunk, dst: dst, start: len(dst), limit: p.maxSize, budget: p.maxSize, spare: p.enc.spare, keys: p.enc.keys[:0],
	}
	return &p.enc
}

// append prints the event: by the programs of its templates, where there are any, else by their
// trees.
func (p *payload) append(dst []byte, f form, tree func(e *encoder, in *instance)) ([]byte, error) {
	if p.chunk.known == nil { // names and definitions in doubt are printed once
		e := p.encoder(dst)
		if program := e.program(f, &p.root); program != nil {
			e.run(program, &p.root, 0)
		} else {
			tree(e, &p.root)
		}
		if e.err == nil && len(e.dst)-e.start+e.limit-e.budget < e.limit {
			return p.finish(e, dst)
		}
	}
	e := p.encoder(dst) // the trees alone decide what is too large
	e.trees = true
	tree(e, &p.root)
	return p.finish(e, dst)
}

// finish returns what the encoder printed, or dst with the error.
func (p *payload) finish(e *encoder, dst []byte) ([]byte, error) {
	p.spent = max(len(e.dst)-e.start, e.limit-e.budget)
	if e.err != nil {
		return dst, p.locate(e.err)
	}
	dst, e.dst = e.dst, nil // the caller's
	return dst, nil
}

// locate says where in the file an error of the chunk's parser is.
func (p *payload) locate(err error) error {
	if err == nil {
		return nil
	}
	off := p.chunkOff
	if d := (*damage)(nil); errors.As(err, &d) {
		off += int64(d.off)
	}
	return &Error{Source: p.source, Offset: off, RecordID: p.recordID, Err: err}
}

// Clone returns a copy of the event that stays valid. It keeps the 64 KiB chunk of the
// event in memory, shared with other clones from the chunk.
func (ev *Event) Clone() *Event {
	c := *ev
	c.Matched = slices.Clone(ev.Matched)
	old := ev.payload.chunk
	old.retained = true
	// Templates are bound as they are needed: a clone binds its own, so that clones can
	// be used by different goroutines.
	cache := old.cache
	if old.known != nil {
		cache = new(TemplateCache)
	}
	c.payload.chunk = &chunk{data: old.data, cache: cache, maxDepth: old.maxDepth, known: old.known}
	c.payload.root.values = slices.Clone(ev.payload.root.values)
	c.payload.enc, c.payload.data = encoder{}, nil
	// The next record's fragment goes elsewhere, if this one's is no template.
	ev.payload.root.own = nil
	c.payload.root.own = nil
	return &c
}
