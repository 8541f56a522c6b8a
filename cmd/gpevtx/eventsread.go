package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evidence"
)

// read hands the events of all logs at paths to a sink. The error is one that ends the run.
func (r *eventRun) read(ctx context.Context, paths []string, to eventSink) error {
	for _, path := range paths {
		read := r.file
		switch {
		case isStream(path):
			read = r.stream
		case holdsInputs(path):
			read = r.inputs
		}
		if err := read(ctx, path, to); err != nil {
			return err
		}
	}
	return nil
}

// holdsInputs reports whether a path is a folder, an archive or a member of one. Every other
// file is read as a log whatever it seems to be, so that the error says what is wrong with it.
func holdsInputs(path string) bool {
	if _, member := splitMember(path); member != "" || isFolder(path) {
		return true
	}
	f, size, err := openFile(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return isZip(f, size)
}

func isZip(r io.ReaderAt, size int64) bool {
	head := make([]byte, min(bundle.HeadSize, size))
	n, _ := r.ReadAt(head, 0)
	return bundle.Detect(head[:n]) == bundle.Zip
}

// openFile opens a regular file and tells its size.
func openFile(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before opening, which waits for the other end of a pipe
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New(path + " is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// file reads a log that stands by itself, of any size, without looking at all of it before.
func (r *eventRun) file(ctx context.Context, path string, to eventSink) error {
	f, size, err := openFile(path)
	if err != nil {
		r.refuse(err)
		return nil
	}
	defer f.Close()
	r.use(filepath.Base(path), besideFile(path))
	return r.log(ctx, evidence.Source(filepath.ToSlash(filepath.Clean(path))), f, size, to)
}

// inputs reads the logs of a folder, an archive or a member of an archive, under the limits of
// package bundle.
func (r *eventRun) inputs(ctx context.Context, path string, to eventSink) error {
	archive, member := splitMember(path)
	b, err := bundle.Open(ctx, bundle.Config{}, archive)
	if ctx.Err() != nil {
		if err == nil {
			b.Close()
		}
		return ctx.Err()
	}
	if err != nil {
		r.refuse(err)
		return nil
	}
	defer b.Close()
	found := false
	for i := range b.Inputs {
		in := &b.Inputs[i]
		if member != "" && in.Source != evidence.Source(filepath.ToSlash(filepath.Clean(archive))+member) {
			continue
		}
		if in.Kind == bundle.EVTX || in.Kind == bundle.EVTXChunk {
			r.use(in.Source.Base(), besideInput(ctx, b, string(in.Source)))
		}
		read, err := r.input(ctx, in, member != "", to)
		if err != nil {
			return err
		}
		found = found || read
	}
	if !found {
		r.note(fmt.Errorf("%s holds no event log (.evtx)", path))
	}
	return nil
}

// input reads one input if it is a log, or named. It reports whether it is; why it could not be
// read is told.
func (r *eventRun) input(ctx context.Context, in *bundle.Input, named bool, to eventSink) (bool, error) {
	is := in.Kind == bundle.EVTX || in.Kind == bundle.EVTXChunk || named
	if !is || !in.Readable() {
		if is || in.Status == bundle.Refused || in.Status == bundle.Partly || seemsLog(in) {
			r.refuse(fmt.Errorf("%s: %s", in.Source, cmp.Or(in.Detail, in.Kind.Description()+", which is not read")))
		}
		return is, nil
	}
	if in.Status == bundle.Partly {
		r.note(fmt.Errorf("%s: %s", in.Source, in.Detail))
	}
	f, err := in.Open(ctx)
	if err != nil {
		r.refuse(err)
		return true, nil
	}
	defer f.Close()
	return true, r.log(ctx, in.Source, f, f.Size(), to)
}

// seemsLog reports whether an input that is no log in the format of .evtx would be expected to
// be read all the same.
func seemsLog(in *bundle.Input) bool {
	return in.Kind == bundle.EVT || in.Kind == bundle.EventXML ||
		strings.EqualFold(filepath.Ext(string(in.Source)), ".evtx")
}
