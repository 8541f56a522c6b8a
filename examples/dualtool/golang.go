package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	golang "github.com/0xrawsec/golang-evtx/evtx"
)

// Sizes of the format.
const (
	fileHeader   = 4096
	chunkSize    = 64 << 10
	chunkHeader  = 512
	recordHeader = 24
)

// peer reads single records of a log with golang-evtx.
type peer struct {
	r    io.ReaderAt
	size int64
	// timeout bounds the decoding of one record.
	timeout time.Duration

	chunk *golang.Chunk
	at    int64 // of chunk
}

var (
	errPanics = errors.New("golang-evtx panics")
	errHangs  = errors.New("golang-evtx does not end")
)

// load makes the chunk with the byte at off the one in use.
func (p *peer) load(off int64) (err error) {
	at := fileHeader + (off-fileHeader)/chunkSize*chunkSize
	if p.chunk != nil && p.at == at {
		return nil
	}
	defer recovered(&err)
	p.chunk = nil
	c := golang.NewChunk()
	c.Data = make([]byte, min(chunkSize, p.size-at))
	if n, err := p.r.ReadAt(c.Data, at); n < len(c.Data) {
		return err
	}
	c.ParseChunkHeader(bytes.NewReader(c.Data))
	p.chunk, p.at = &c, at
	return nil
}

// recovered makes a panic of golang-evtx an error. It has no other way to tell of damage.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("%w: %.100q", errPanics, fmt.Sprint(v))
	}
}

// record decodes the record at off. It uses none of golang-evtx's goroutines, whose panics
// end the process.
func (p *peer) record(off int64) (golang.GoEvtxMap, error) {
	if err := p.load(off); err != nil {
		return nil, err
	}
	type result struct {
		m   *golang.GoEvtxMap
		err error
	}
	done := make(chan result, 1)
	go func(c *golang.Chunk, off int64) {
		var res result
		defer func() { done <- res }()
		defer recovered(&res.err)
		raw := c.ParseEvent(off)
		res.m, res.err = raw.GoEvtxMap(c)
	}(p.chunk, off-p.at)
	timer := time.NewTimer(p.timeout)
	defer timer.Stop()
	select {
	case res := <-done:
		if res.err == nil && res.m == nil {
			res.err = errors.New("golang-evtx gives nothing")
		}
		if res.err != nil {
			return nil, res.err
		}
		return *res.m, nil
	case <-timer.C:
		p.chunk = nil // the goroutine still has it
		return nil, errHangs
	}
}

// offsets lists where golang-evtx looks for records in the chunk at off: one behind the
// other up to the last one that the chunk's header names. Its own walk is not used, since it
// does not end at a record of size 0.
func (p *peer) offsets(off int64) (list []int64) {
	if p.load(off) != nil {
		return nil
	}
	c := p.chunk
	for pos := int64(chunkHeader); pos <= int64(c.Header.OffsetLastRec) && pos+recordHeader <= int64(len(c.Data)); {
		size := int64(binary.LittleEndian.Uint32(c.Data[pos+4:]))
		if string(c.Data[pos:pos+4]) != "**\x00\x00" || size < recordHeader {
			break
		}
		list = append(list, p.at+pos)
		pos += size
	}
	return list
}

// ended reports whether the record at off was written to its end: its size stands there
// again.
func (p *peer) ended(off int64) bool {
	if p.load(off) != nil {
		return false
	}
	b := p.chunk.Data[off-p.at:]
	size := int64(binary.LittleEndian.Uint32(b[4:]))
	return size >= recordHeader+4 && size <= int64(len(b)) && binary.LittleEndian.Uint32(b[size-4:]) == uint32(size)
}
