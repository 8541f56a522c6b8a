package bundle

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"github.com/gpevtx/gpevtx/evidence"
)

// archive adds the members of the zip file that is input number at. depth is the number of
// archives that they are in. Only the end of the context is an error.
func (c *collector) archive(at, depth int) error {
	in := c.bundle.Inputs[at]
	f, err := in.content.open()
	if err != nil {
		in.Status, in.Detail = Refused, cause(err).Error()
		c.bundle.Inputs[at] = in
		return nil
	}
	defer f.Close()

	m := &members{c: c, z: &zipReader{f, f.Size(), c.cfg.MaxNameLength}, source: in.Source, depth: depth}
	entries, more, dirErr := m.z.directory(max(c.room(), 0))
	if dirErr == nil {
		m.left = more
		err = m.list(entries)
	} else {
		err = m.walk()
	}
	if err != nil {
		return err
	}
	m.conclude(&in, dirErr)
	c.bundle.Inputs[at] = in
	return nil
}

// members adds the members of one archive.
type members struct {
	c      *collector
	z      *zipReader
	source evidence.Source
	depth  int
	// count is the number of members that were added, left that of members that were not.
	count int
	left  uint64
	// full is set when MaxMembers ended the walk through a damaged archive.
	full bool
}

// conclude sets the status and detail of the archive.
func (m *members) conclude(in *Input, dirErr error) {
	var notes []string
	if in.Detail != "" {
		notes = append(notes, in.Detail) // it is damaged as a member
	}
	status := Read
	switch {
	case dirErr != nil && m.count == 0:
		status = Refused
		m.c.bundle.store.drop(in.content)
		in.content = nil
		notes = append(notes, "not a readable archive: "+dirErr.Error())
	case dirErr != nil:
		status = Partly
		notes = append(notes, fmt.Sprintf("its directory is missing or damaged (%v); members recovered by their own headers: %d", dirErr, m.count))
	default:
		notes = append(notes, fmt.Sprintf("members: %d", m.count))
	}
	if m.left > 0 || m.full {
		status = Partly
		note := fmt.Sprintf("the limit of %d inputs (MaxMembers) is reached", m.c.cfg.MaxMembers)
		if m.left > 0 {
			note += fmt.Sprintf("; members not read: %d", m.left)
		}
		notes = append(notes, note)
	}
	if in.Status == Partly && status == Read {
		status = Partly
	}
	in.Status, in.Detail = status, join(notes)
}

func join(notes []string) string {
	var b bytes.Buffer
	for i, note := range notes {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(note)
	}
	return b.String()
}

// list adds the members of a directory.
func (m *members) list(entries []zipEntry) error {
	shared := overlapping(entries)
	for i := range entries {
		if err := m.c.ctx.Err(); err != nil {
			return err
		}
		e := &entries[i]
		if e.isFolder() {
			continue
		}
		if m.c.room() <= 0 {
			m.left += uint64(len(entries) - i)
			return nil
		}
		var reason string
		_, data, err := m.z.localEntry(e.header)
		switch {
		case err != nil:
			reason = "not found in the archive: " + err.Error()
		case shared[i]:
			reason = "shares its bytes with another member, as only archives made to do harm do"
		}
		if _, err := m.add(e, data, reason); err != nil {
			return err
		}
	}
	return nil
}

// overlapping tells for each entry whether its bytes are also those of an entry that stands
// before it in the archive.
func overlapping(entries []zipEntry) []bool {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(entries[a].header, entries[b].header) })
	shared := make([]bool, len(entries))
	var end int64
	for _, i := range order {
		e := &entries[i]
		if e.header < end {
			shared[i] = true
			continue
		}
		if e.packed > math.MaxInt64-localHeaderLen-e.header {
			end = math.MaxInt64
		} else {
			end = e.header + localHeaderLen + e.packed
		}
	}
	return shared
}

// headersPerInput bounds the headers that walk looks at, those of folders and what only looks
// like a header included, as a multiple of MaxMembers.
const headersPerInput = 4

// walk adds the members that can be found by their own headers, from the first byte on.
func (m *members) walk() error {
	headers := 0
	for at := m.next(0); at >= 0; at = m.next(at) {
		if headers++; headers > headersPerInput*m.c.cfg.MaxMembers {
			m.full = true
			return nil
		}
		if err := m.c.ctx.Err(); err != nil {
			return err
		}
		e, data, err := m.z.localEntry(at)
		if err != nil {
			at += int64(len(localSignature)) // not a member, or cut off
			continue
		}
		if e.isFolder() {
			at = data
			continue
		}
		if m.c.room() <= 0 {
			m.full = true
			return nil
		}
		var reason string
		if e.packed == unstated && e.method != methodDeflate {
			reason = "its size stood in the directory, which is missing"
		}
		if at, err = m.add(&e, data, reason); err != nil {
			return err
		}
	}
	return nil
}

// next returns the offset of the first header of a member at or after offset, or -1.
func (m *members) next(offset int64) int64 {
	if m.z.hasSignature(offset, localSignature) {
		return offset // where it should be
	}
	const overlap = len(localSignature) - 1
	buf := make([]byte, 64<<10)
	for m.c.ctx.Err() == nil && offset < m.z.size {
		n, err := m.z.r.ReadAt(buf[:min(int64(len(buf)), m.z.size-offset)], offset)
		if i := bytes.Index(buf[:n], []byte(localSignature)); i >= 0 {
			return offset + int64(i)
		}
		if err != nil || n <= overlap {
			return -1
		}
		offset += int64(n - overlap)
	}
	return -1
}

// add adds the member e, whose data begin at data; a reason refuses it. It returns the
// offset of what follows the data.
func (m *members) add(e *zipEntry, data int64, reason string) (next int64, err error) {
	m.count++
	in := Input{Source: m.source.Member(e.name), Kind: Unknown, Status: Ignored}
	if e.cut > 0 {
		in.Detail = fmt.Sprintf("its name of %d bytes was cut to %d (MaxNameLength)", e.cut, m.c.cfg.MaxNameLength)
	}
	stated := e.packed
	if stated == unstated || stated > m.z.size-data {
		stated = m.z.size - data
	}
	next = data + stated
	if reason == "" {
		reason = m.refusal(e)
	}
	if reason != "" {
		in.Status, in.Detail = Refused, reason
		m.c.add(in)
		if e.packed == unstated {
			next = data
		}
		return next, nil
	}

	r := newInflater(m.c, m.z, e, data, stated)
	got, err := m.c.read(r, m.c.bundle.store, likelySize(e.size, stated))
	if ctxErr := m.c.ctx.Err(); ctxErr != nil {
		return 0, ctxErr
	}
	if e.packed == unstated {
		next = data + r.packed.n
	}
	in.Kind, in.Size, in.SHA256, in.content = got.kind, got.size, got.sha256, got.content
	if err != nil {
		m.damaged(&in, err)
	}
	if in.Status == Refused {
		m.c.add(in)
		return next, nil
	}
	return next, m.c.finish(in, m.depth+1)
}

// likelyRatio is how much smaller event logs commonly are in an archive, at most.
const likelyRatio = 16

// likelySize is how large a member may be that states a size: no more than so many packed
// bytes, which are there, commonly hold.
func likelySize(stated, packed int64) int64 {
	if stated == unstated {
		return 0
	}
	return max(min(stated, likelyRatio*packed), 0)
}

// refusal says why a member is not even tried; it is empty when nothing speaks against it.
func (m *members) refusal(e *zipEntry) string {
	cfg := m.c.cfg
	switch {
	case e.link:
		return "a symbolic link, which is not followed"
	case e.flags&flagEncrypted != 0:
		return "encrypted; unpack it with its password and point gpevtx at the folder"
	case e.method != methodStore && e.method != methodDeflate:
		name, ok := unreadMethods[e.method]
		if !ok {
			name = fmt.Sprintf("method %d", e.method)
		}
		return "compressed with " + name + ": not read by this version; unpack it and point gpevtx at the folder"
	case e.size > cfg.MaxInputSize:
		return fmt.Sprintf("%d bytes, more than the limit of %d (MaxInputSize)", e.size, cfg.MaxInputSize)
	case m.c.inflated >= cfg.MaxTotalSize:
		return totalReached(cfg).Error()
	}
	return ""
}

// damaged sets what becomes of a member whose reading ended with err.
func (m *members) damaged(in *Input, err error) {
	in.SHA256 = ""
	switch {
	case isOurs(err) || in.Size == 0:
		if in.content != nil {
			m.c.bundle.store.drop(in.content)
			in.content = nil
		}
		if in.Size == 0 {
			in.Kind = Unknown
		}
		in.Status, in.Detail = Refused, cause(err).Error()
	default:
		in.Status = Partly
		note := fmt.Sprintf("damaged in the archive, %d bytes were read: %v", in.Size, cause(err))
		if in.Detail != "" {
			note = in.Detail + "; " + note
		}
		in.Detail = note
	}
}

// isOurs reports whether err is a limit or a failure to keep the content, and not the
// archive's fault.
func isOurs(err error) bool {
	_, limit := errors.AsType[limitError](err)
	_, full := errors.AsType[storeError](err)
	return limit || full
}

// limitError is a limit that was met while inflating.
type limitError string

func (e limitError) Error() string { return string(e) }

func totalReached(cfg Config) limitError {
	return limitError(fmt.Sprintf("the limit of %d bytes inflated from all archives (MaxTotalSize) is reached", cfg.MaxTotalSize))
}

// inflater reads a member under the limits, and checks its length and checksum at the end.
type inflater struct {
	c      *collector
	e      *zipEntry
	r      io.Reader
	packed *countReader
	n      int64
	crc    hash.Hash32
	short  bool // the archive ends before the member does
}

// newInflater reads the member e from its packed bytes, which begin at data.
func newInflater(c *collector, z *zipReader, e *zipEntry, data, packed int64) *inflater {
	in := &c.packed
	in.reset(io.NewSectionReader(z.r, data, packed))
	r := &inflater{c: c, e: e, r: in, packed: in, crc: crc32.NewIEEE(), short: e.packed > packed}
	if e.method == methodDeflate {
		if c.flate == nil {
			c.flate = flate.NewReader(in)
		} else {
			c.flate.(flate.Resetter).Reset(in, nil) // never fails
		}
		r.r = c.flate
	}
	return r
}

// ratioFrom is the size up to which MaxRatio does not matter: small files of zeros are no
// attack.
const ratioFrom = 16 << 20

func (r *inflater) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.e.size != unstated && int64(n) > r.e.size-r.n {
		n = int(r.e.size - r.n)
		err = fmt.Errorf("it holds more than the %d bytes that it states", r.e.size)
	}
	r.n += int64(n)
	r.c.inflated += int64(n)
	r.crc.Write(p[:n])
	if limit := r.limit(); limit != nil {
		return n, limit
	}
	switch {
	case errors.Is(err, io.EOF):
		err = r.complete()
	case errors.Is(err, io.ErrUnexpectedEOF) && (r.short || r.e.packed == unstated):
		err = errCutOff
	}
	return n, err
}

// limit returns the limit that was met, if any.
func (r *inflater) limit() error {
	cfg := r.c.cfg
	switch {
	case r.n > cfg.MaxInputSize:
		return limitError(fmt.Sprintf("inflates to more than the limit of %d bytes (MaxInputSize)", cfg.MaxInputSize))
	case r.c.inflated > cfg.MaxTotalSize:
		return totalReached(cfg)
	case r.n > ratioFrom && r.n/int64(cfg.MaxRatio) > r.packed.n:
		return limitError(fmt.Sprintf("inflates to more than %d times its size in the archive (MaxRatio)", cfg.MaxRatio))
	}
	return nil
}

var errCutOff = errors.New("the archive ends in the middle of it")

// complete checks a member that was read to its end; it returns io.EOF when all is well.
func (r *inflater) complete() error {
	switch {
	case r.short:
		return errCutOff
	case r.e.size == unstated:
		return io.EOF // the checksum is not known either
	case r.n < r.e.size:
		return fmt.Errorf("it ends before the %d bytes that it states", r.e.size)
	case r.crc.Sum32() != r.e.crc:
		return errors.New("its checksum is wrong")
	}
	return io.EOF
}

// countReader counts what is read from r. It is a byte reader, so that flate takes no more
// than it needs.
type countReader struct {
	r *bufio.Reader
	n int64
}

func (r *countReader) reset(from io.Reader) {
	if r.r == nil {
		r.r = bufio.NewReaderSize(from, 64<<10)
	} else {
		r.r.Reset(from)
	}
	r.n = 0
}

func (r *countReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n += int64(n)
	return n, err
}

func (r *countReader) ReadByte() (byte, error) {
	b, err := r.r.ReadByte()
	if err == nil {
		r.n++
	}
	return b, err
}
