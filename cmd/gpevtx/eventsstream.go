package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gpevtx/gpevtx/evidence"
)

// What is read of standard input or a pipe is kept, as a log is not read in one go: so many
// bytes in memory, more in a temporary file. The limits are those of archives (bundle.Config).
const (
	streamMemory = 8 << 20
	streamSize   = 4 << 30
)

// stream reads the log of standard input or a pipe.
func (r *eventRun) stream(ctx context.Context, path string, to eventSink) error {
	kept := &spool{memory: streamMemory, most: streamSize}
	defer kept.close()
	err := copyStream(ctx, kept, func() (io.ReadCloser, error) {
		if path == "-" {
			return io.NopCloser(r.std.in), nil
		}
		return os.Open(path)
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.refuse(fmt.Errorf("%s: %w", path, err))
		return nil
	case isZip(kept, kept.size):
		r.refuse(fmt.Errorf("%s: a zip archive, which is not read from a stream: save it to a file", path))
		return nil
	}
	r.use(path, nil)
	return r.log(ctx, evidence.Source(path), kept, kept.size, to)
}

// copyStream copies what open opens. It returns at once when ctx ends, though the read goes on
// that waits for the other end: it is left to the end of the program.
func copyStream(ctx context.Context, to io.Writer, open func() (io.ReadCloser, error)) error {
	type piece struct {
		data []byte
		err  error
	}
	pieces, spare := make(chan piece), make(chan []byte, 2)
	spare <- make([]byte, 256<<10)
	spare <- make([]byte, 256<<10)
	send := func(p piece) bool {
		select {
		case pieces <- p:
			return p.err == nil
		case <-ctx.Done():
			return false
		}
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		in, err := open()
		if err != nil {
			send(piece{err: err})
			return
		}
		defer in.Close()
		for {
			var buf []byte
			select {
			case buf = <-spare:
			case <-done:
				return
			}
			n, err := in.Read(buf[:cap(buf)])
			if !send(piece{buf[:n], err}) {
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case p := <-pieces:
			if _, err := to.Write(p.data); err != nil {
				return err
			}
			if p.err == io.EOF {
				return nil
			}
			if p.err != nil {
				return p.err
			}
			spare <- p.data
		}
	}
}
