package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/gpevtx/gpevtx/evtx"
)

// Limits of the logs that are made here.
const (
	// minFree is how full a chunk must be, as those of a large log are.
	minFree = 52000
	// maxChunks is the most that the header of a file can count.
	maxChunks = 1<<16 - 1
)

// fullChunks returns the chunks of a log that are as good as full and whose checksums are
// right.
func fullChunks(log []byte) (chunks [][]byte) {
	if !bytes.HasPrefix(log, []byte("ElfFile\x00")) {
		return nil
	}
	for at := fileHeader; at+chunkSize <= len(log); at += chunkSize {
		if c := log[at : at+chunkSize]; isFull(c) {
			chunks = append(chunks, c)
		}
	}
	return chunks
}

func isFull(c []byte) bool {
	order := binary.LittleEndian
	if !bytes.HasPrefix(c, []byte("ElfChnk\x00")) {
		return false
	}
	free := order.Uint32(c[48:])
	if free < minFree || free > chunkSize || crc32.ChecksumIEEE(c[chunkHeader:free]) != order.Uint32(c[52:]) {
		return false
	}
	sum := crc32.ChecksumIEEE(c[:120])
	return crc32.Update(sum, crc32.IEEETable, c[128:chunkHeader]) == order.Uint32(c[124:])
}

// distinctChunks returns the full chunks of the folder's logs, each once.
func (o options) distinctChunks() (chunks [][]byte, err error) {
	names, err := o.logs()
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for _, name := range names {
		log, err := os.ReadFile(filepath.Join(o.folder, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		for _, c := range fullChunks(log) {
			if !seen[string(c)] {
				seen[string(c)] = true
				chunks = append(chunks, bytes.Clone(c)) // the rest of the log is not kept
			}
		}
	}
	if len(chunks) == 0 {
		return nil, errors.New("no log in the folder has a full chunk")
	}
	return chunks, nil
}

// writeLog writes a log of n chunks, in which those given repeat.
func writeLog(w io.Writer, chunks [][]byte, n int) error {
	if _, err := w.Write(headerOf(n)); err != nil {
		return err
	}
	for i := range n {
		if _, err := w.Write(chunks[i%len(chunks)]); err != nil {
			return err
		}
	}
	return nil
}

// headerOf is the header of a log of n chunks that was closed in good order.
func headerOf(n int) []byte {
	b := make([]byte, fileHeader)
	order := binary.LittleEndian
	copy(b, "ElfFile\x00")
	order.PutUint64(b[16:], uint64(n-1))
	order.PutUint64(b[24:], 1_000_000) // the next record: readers take no notice
	order.PutUint32(b[32:], 128)
	order.PutUint16(b[36:], 1)
	order.PutUint16(b[38:], 3)
	order.PutUint16(b[40:], fileHeader)
	order.PutUint16(b[42:], uint16(n))
	order.PutUint32(b[124:], crc32.ChecksumIEEE(b[:120]))
	return b
}

// writeLogFile is writeLog into a new file.
func writeLogFile(path string, chunks [][]byte, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = writeLog(f, chunks, n)
	return cmp.Or(err, f.Close())
}

// chunkCount is how many chunks a log of about size bytes has: each of have at least once, and
// no more than a header can count.
func chunkCount(size int64, have int) int {
	return int(min(max(size/chunkSize, int64(have)), maxChunks))
}

// keepReadable returns the chunks of which all readers give as many records as this module,
// in order, and how many each reader made drop. Some readers end with an error or a panic at
// the first record that they do not understand; time to there would be nonsense.
func keepReadable(ctx context.Context, dir string, chunks [][]byte, readers []logReader, workers int) (kept [][]byte, dropped map[string]int, err error) {
	blame := make([]string, len(chunks)) // the first reader that fails
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(chunks) && errs[w] == nil; i += workers {
				blame[i], errs[w] = unreadable(ctx, dir, chunks[i], readers)
			}
		})
	}
	wg.Wait()
	if err := cmp.Or(errors.Join(errs...), ctx.Err()); err != nil {
		return nil, nil, err
	}
	dropped = make(map[string]int)
	for i, c := range chunks {
		if blame[i] == "" {
			kept = append(kept, c)
		} else {
			dropped[blame[i]]++
		}
	}
	return kept, dropped, nil
}

// unreadable names the first reader that gives another number of records of the chunk, as a
// log of its own, than this module does.
func unreadable(ctx context.Context, dir string, chunk []byte, readers []logReader) (string, error) {
	f, err := os.CreateTemp(dir, "chunk-*.evtx")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	log := append(headerOf(1), chunk...)
	_, err = f.Write(log)
	if err := cmp.Or(err, f.Close()); err != nil {
		return "", err
	}
	ours, err := ourReader("gpevtx", evtx.Config{}).read(ctx, "", log)
	if err != nil {
		return "", err
	}
	for _, r := range readers {
		if list, err := r.read(ctx, f.Name(), log); err != nil || len(list) != len(ours) {
			return r.name, ctx.Err()
		}
	}
	return "", nil
}
