package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// output is one format and where it goes; "-" is standard output.
type output struct{ format, path string }

// pairOutputs joins --format and -o in their order. A format without an -o goes to standard
// output, which only one can have.
func pairOutputs(formats, paths, known []string) ([]output, error) {
	if len(formats) == 0 {
		formats = known[:1]
	}
	if len(paths) > len(formats) {
		return nil, usage("there are %d -o for %d --format: give each output its format", len(paths), len(formats))
	}
	var outs []output
	toStdout := 0
	for i, f := range formats {
		if !slices.Contains(known, f) {
			return nil, usage("unknown format %q: choose one of %s", f, list(known))
		}
		path := "-"
		if i < len(paths) {
			path = paths[i]
		}
		if path == "-" {
			toStdout++
		} else if slices.ContainsFunc(outs, func(o output) bool { return o.path == path }) {
			return nil, usage("two formats would be written to %s", path)
		}
		outs = append(outs, output{f, path})
	}
	if toStdout > 1 {
		return nil, usage("only one format can go to standard output: give the others a file with -o")
	}
	return outs, nil
}

func list(words []string) string { return strings.Join(words, ", ") }

// write lets print fill the output. A file appears whole or not at all: it is written under
// another name, synced and renamed; a link keeps leading to it. What is no regular file, such
// as a pipe or a device, is written to as it is.
func (o output) write(std stdio, print func(io.Writer) error) error {
	if o.path == "-" {
		return fill(std.out, print)
	}
	path := o.path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	perm := fs.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		if perm = info.Mode().Perm(); !info.Mode().IsRegular() {
			return named(o.path, writeThrough(path, print))
		}
	}
	return named(o.path, writeWhole(path, perm, print))
}

func named(path string, err error) error {
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func fill(w io.Writer, print func(io.Writer) error) error {
	b := bufio.NewWriter(w)
	if err := print(b); err != nil {
		return err
	}
	return b.Flush()
}

func writeThrough(path string, print func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(fill(f, print), f.Close())
}

func writeWhole(path string, perm fs.FileMode, print func(io.Writer) error) error {
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".gpevtx-%d-%s", os.Getpid(), filepath.Base(path)))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f, print), f.Sync(), f.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}
