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
	// spare and keys are the encoder's memory, kept from one use to the next.
	spare []*instance
	keys  []usedKey
	// spent is what the last use took of maxSize, also if it failed.
	spent int
}

func (p *payload) encoder(dst []byte) *encoder {
	return &encoder{
		c: p.chunk, dst: dst, start: len(dst), limit: p.maxSize, budget: p.maxSize, spare: p.spare, keys: p.keys[:0],
	}
}

// finish returns what the encoder printed, or dst with the error.
func (p *payload) finish(e *encoder, dst []byte) ([]byte, error) {
	p.spare, p.keys = e.spare, e.keys
	p.spent = max(len(e.dst)-e.start, e.limit-e.budget)
	if e.err != nil {
		return dst, p.locate(e.err)
	}
	return e.dst, nil
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
	c.payload.chunk = &chunk{data: old.data, cache: newTemplateCache(), maxDepth: old.maxDepth, known: old.known}
	c.payload.root.values = slices.Clone(ev.payload.root.values)
	c.payload.spare, c.payload.keys = nil, nil
	return &c
}
