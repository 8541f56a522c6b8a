package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"github.com/gpevtx/gpevtx/evidence"
)

// file adds a file that is not in an archive. It fails, and adds nothing, when the file
// cannot be opened.
func (c *collector) file(source evidence.Source, mode fs.FileMode, content content) error {
	if !mode.IsRegular() {
		return notRegular(mode) // opening it might wait for ever
	}
	f, err := content.open()
	if err != nil {
		return err
	}
	defer f.Close()
	in := Input{Source: source, Size: f.Size(), Status: Ignored}
	if limit := c.cfg.MaxInputSize; in.Size > limit {
		in.Kind, in.Status = c.peek(f), Refused
		in.Detail = fmt.Sprintf("%d bytes, more than the limit of %d (MaxInputSize)", in.Size, limit)
		c.add(in)
		return nil
	}
	got, err := c.read(io.NewSectionReader(f, 0, in.Size), nil, 0)
	if ctxErr := c.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	in.Kind, in.SHA256, in.content = got.kind, got.sha256, content
	if err == nil && got.size < in.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		in.Status, in.SHA256 = Partly, ""
		in.Detail = fmt.Sprintf("reading stopped at byte %d of %d: %v", got.size, in.Size, cause(err))
	}
	return c.finish(in, 1)
}

func notRegular(mode fs.FileMode) error {
	switch {
	case mode&fs.ModeSymlink != 0:
		return errors.New("a symbolic link, which is not followed")
	case mode&fs.ModeNamedPipe != 0:
		return errors.New("a named pipe, not a regular file")
	case mode&fs.ModeDevice != 0:
		return errors.New("a device, not a regular file")
	case mode&fs.ModeSocket != 0:
		return errors.New("a socket, not a regular file")
	}
	return errNotRegular
}

// peek tells the kind of a file that is not read.
func (c *collector) peek(f File) Kind {
	head := make([]byte, min(HeadSize, f.Size()))
	n, _ := f.ReadAt(head, 0)
	return Detect(head[:n])
}

// finish adds in and, when it is an archive, its members. depth is the number of archives
// that in is or is in.
func (c *collector) finish(in Input, depth int) error {
	switch {
	case in.Kind == Zip && depth > c.cfg.MaxDepth:
		c.bundle.store.drop(in.content)
		in.Status, in.content = Refused, nil
		in.Detail = fmt.Sprintf("the limit of %d archives in each other (MaxDepth) is reached", c.cfg.MaxDepth)
	case in.Kind == Zip:
		c.add(in)
		return c.archive(len(c.bundle.Inputs)-1, depth)
	case in.Kind.isForeignArchive():
		in.Status, in.content = Refused, nil
		in.Detail = in.Kind.Description() + ": not read by this version; unpack it and point gpevtx at the folder"
	}
	c.add(in)
	return nil
}

// contents is what read found out.
type contents struct {
	kind    Kind
	size    int64
	sha256  string
	content content // nil when it was not kept
}

// read reads r to its end. With a store it keeps what it read if the kind is worth it; likely is
// how many bytes that may be, 0 if that is not known. When r fails, read returns what came before
// that, without a hash, and the error.
func (c *collector) read(r io.Reader, s *store, likely int64) (contents, error) {
	r = &ctxReader{c.ctx, r}
	h := sha256.New()
	head, err := c.readHead(r)
	h.Write(head)
	got := contents{kind: Detect(head), size: int64(len(head))}
	if s == nil || !got.kind.isKept() {
		if err == nil {
			var n int64
			n, err = io.Copy(h, r)
			got.size += n
		}
		got.sha256 = hashText(h, err)
		return got, err
	}
	b := &blob{store: s, buf: make([]byte, 0, min(likely, s.room()))}
	_, keepErr := b.Write(head)
	if err == nil && keepErr == nil {
		var n int64
		n, err = io.Copy(io.MultiWriter(b, h), r)
		got.size += n
	}
	if _, full := errors.AsType[storeError](err); keepErr == nil && !full {
		got.content, keepErr = b.finish()
	}
	if got.content == nil {
		b.discard()
		return got, errors.Join(keepErr, err)
	}
	got.sha256 = hashText(h, err)
	return got, err
}

// readHead reads up to HeadSize bytes. What it returns is valid until its next call; the end
// of r is no error.
func (c *collector) readHead(r io.Reader) ([]byte, error) {
	if c.head == nil {
		c.head = make([]byte, HeadSize)
	}
	n := 0
	for n < len(c.head) {
		m, err := r.Read(c.head[n:])
		n += m
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return c.head[:n], err
		}
	}
	return c.head[:n], nil
}

func hashText(h hash.Hash, err error) string {
	if err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ctxReader reads until its context ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
