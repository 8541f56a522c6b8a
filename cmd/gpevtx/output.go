package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
		if !contains(known, f) {
			return nil, usage("unknown format %q: choose one of %s", f, list(known))
		}
		path := "-"
		if i < len(paths) {
			path = paths[i]
		}
		if path == "-" {
			toStdout++
		}
		outs = append(outs, output{f, path})
	}
	if toStdout > 1 {
		return nil, usage("only one format can go to standard output: give the others a file with -o")
	}
	return outs, nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func list(words []string) string {
	s := ""
	for i, w := range words {
		if i > 0 {
			s += ", "
		}
		s += w
	}
	return s
}

// write lets print fill the output. A file appears whole or not at all: it is written under
// another name, synced and renamed.
func (o output) write(std stdio, print func(io.Writer) error) error {
	if o.path == "-" {
		w := bufio.NewWriter(std.out)
		if err := print(w); err != nil {
			return err
		}
		return w.Flush()
	}
	f, err := os.CreateTemp(filepath.Dir(o.path), ".gpevtx-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", o.path, err)
	}
	w := bufio.NewWriter(f)
	err = errors.Join(print(w), w.Flush(), f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), o.path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("writing %s: %w", o.path, err)
	}
	return nil
}
