package bundle

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"sync"
)

// content gives access to the bytes of an input.
type content interface {
	open() (File, error)
}

// pathContent is a file that the user named.
type pathContent string

func (p pathContent) open() (File, error) {
	f, err := os.Open(string(p))
	return regular(f, err)
}

// rootContent is a file in a folder. The root keeps a link that replaces part of the path
// from leading out of the folder.
type rootContent struct {
	root *os.Root
	name string
}

func (c rootContent) open() (File, error) {
	f, err := c.root.Open(c.name)
	return regular(f, err)
}

// memoryContent is a member of an archive that is held in memory.
type memoryContent []byte

func (c memoryContent) open() (File, error) { return memoryFile{bytes.NewReader(c)}, nil }

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

// osFile is an open file with the size that it had when it was opened.
type osFile struct {
	*os.File
	size int64
}

func (f osFile) Size() int64 { return f.size }

var errNotRegular = errors.New("not a regular file")

// regular makes a File of an open regular file.
func regular(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return osFile{f, info.Size()}, nil
}

// tempContent is a member of an archive that is held in a temporary file.
type tempContent string

func (p tempContent) open() (File, error) { return pathContent(p).open() }

// store keeps what was taken out of archives: in memory up to a limit, then in temporary
// files. It is safe for concurrent use.
type store struct {
	tempDir string
	limit   int64

	mu   sync.Mutex
	held int64
	dir  string // the folder of the temporary files, once there is one
	shut bool
}

func newStore(tempDir string, limit int64) *store {
	return &store{tempDir: tempDir, limit: limit}
}

// reserve asks for n bytes of memory.
func (s *store) reserve(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > s.limit-s.held {
		return false
	}
	s.held += n
	return true
}

// room is how many bytes of memory can still be asked for.
func (s *store) room() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit - s.held
}

func (s *store) release(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held -= n
}

var errClosed = errors.New("the bundle is closed")

// create makes a temporary file. Its name has nothing to do with that of the member.
func (s *store) create() (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil, errClosed
	}
	if s.dir == "" {
		dir, err := os.MkdirTemp(s.tempDir, "gpevtx-")
		if err != nil {
			return nil, err
		}
		s.dir = dir
	}
	return os.CreateTemp(s.dir, "member-")
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := s.dir
	s.shut, s.dir = true, ""
	if dir == "" {
		return nil
	}
	return os.RemoveAll(dir)
}

// blob is content that is being written to a store.
type blob struct {
	store *store
	buf   []byte
	file  *os.File
}

// storeError tells a failure to keep content from a failure to read it.
type storeError struct{ err error }

func (e storeError) Error() string { return "cannot be kept: " + cause(e.err).Error() }

func (b *blob) Write(p []byte) (int, error) {
	if b.file == nil {
		if b.store.reserve(int64(len(p))) {
			if len(p) > cap(b.buf)-len(b.buf) {
				b.buf = slices.Grow(b.buf, max(len(p), len(b.buf)))
			}
			b.buf = append(b.buf, p...)
			return len(p), nil
		}
		if err := b.spill(); err != nil {
			return 0, storeError{err}
		}
	}
	n, err := b.file.Write(p)
	if err != nil {
		err = storeError{err}
	}
	return n, err
}

// spill moves the content from memory to a temporary file.
func (b *blob) spill() error {
	f, err := b.store.create()
	if err != nil {
		return err
	}
	b.file = f
	if _, err := f.Write(b.buf); err != nil {
		return err
	}
	b.store.release(int64(len(b.buf)))
	b.buf = nil
	return nil
}

// finish ends writing and returns the content.
func (b *blob) finish() (content, error) {
	if b.file == nil {
		if cap(b.buf)-len(b.buf) > len(b.buf)/16 {
			b.buf = bytes.Clone(b.buf) // without the room for more
		}
		return memoryContent(b.buf), nil
	}
	name := b.file.Name()
	if err := b.file.Close(); err != nil {
		return nil, storeError{err}
	}
	return tempContent(name), nil
}

// discard gives back what finish has not handed out.
func (b *blob) discard() {
	b.store.release(int64(len(b.buf)))
	b.buf = nil
	if b.file != nil {
		b.file.Close()
		os.Remove(b.file.Name())
	}
}

// drop gives back content that finish has handed out.
func (s *store) drop(c content) {
	switch c := c.(type) {
	case memoryContent:
		s.release(int64(len(c)))
	case tempContent:
		os.Remove(string(c))
	}
}
