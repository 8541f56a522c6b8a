package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

// spool keeps bytes to be read in any order: in memory up to a limit, then in a temporary file,
// which goes with close, and where the system allows it has no name from the start, so that
// nothing is left behind by a program that is killed. After the first ReadAt nothing may be
// written.
type spool struct {
	memory, most int64 // limits, in bytes
	size         int64
	mem          [][]byte // blocks of spoolBlock bytes, as one that grows would be copied again and again
	file         *os.File
	buf          *bufio.Writer
}

const spoolBlock = 1 << 20

func (s *spool) Write(p []byte) (int, error) {
	if int64(len(p)) > s.most-s.size {
		return 0, fmt.Errorf("more than %d bytes", s.most)
	}
	if s.file == nil && s.size+int64(len(p)) > s.memory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	s.size += int64(len(p))
	if s.file != nil {
		return s.buf.Write(p)
	}
	for rest := p; len(rest) > 0; {
		last := len(s.mem) - 1
		if last < 0 || len(s.mem[last]) == spoolBlock {
			s.mem = append(s.mem, make([]byte, 0, spoolBlock))
			last++
		}
		n := min(len(rest), spoolBlock-len(s.mem[last]))
		s.mem[last] = append(s.mem[last], rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// spill moves what is kept to a temporary file.
func (s *spool) spill() error {
	f, err := os.CreateTemp("", "gpevtx-")
	if err != nil {
		return err
	}
	os.Remove(f.Name()) // Windows refuses while it is open; then close does it
	s.file, s.buf = f, bufio.NewWriterSize(f, 256<<10)
	for _, block := range s.mem {
		s.buf.Write(block) // its errors stay
	}
	s.mem = nil
	return s.buf.Flush()
}

// ReadAt is that of [io.ReaderAt].
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	if s.file == nil {
		if off < 0 || off >= s.size {
			return 0, io.EOF
		}
		n := 0
		for n < len(p) && off < s.size {
			m := copy(p[n:], s.mem[off/spoolBlock][off%spoolBlock:])
			n, off = n+m, off+int64(m)
		}
		if n < len(p) {
			return n, io.EOF
		}
		return n, nil
	}
	if s.buf.Buffered() > 0 {
		if err := s.buf.Flush(); err != nil {
			return 0, err
		}
	}
	return s.file.ReadAt(p, off)
}

// close gives back memory and file.
func (s *spool) close() {
	s.mem = nil
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
		s.file = nil
	}
}
