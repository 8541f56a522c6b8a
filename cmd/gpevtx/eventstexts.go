package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/evtx/message"
)

const (
	// textsFolder is where Windows puts the texts of the events of archived logs.
	textsFolder = "LocaleMetaData"
	// maxMTA bounds a file of texts, in bytes; it is kept in memory.
	maxMTA  = 256 << 20
	english = 1033
)

// texts puts the events of the log at hand into words.
type texts struct {
	own []message.Source // of the user
	message.Renderer
}

// newTexts reads the catalogues of the user.
func newTexts(files []string) (*texts, error) {
	t := &texts{}
	for _, name := range files {
		f, size, err := openFile(name)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		c, err := message.ReadCatalogue(io.NewSectionReader(f, 0, size))
		f.Close()
		if err != nil {
			return nil, usage("--messages %s: %v", name, err)
		}
		t.own = append(t.own, c)
	}
	return t, nil
}

// of returns an event in words. Damage of the event shows when it is printed.
func (t *texts) of(ev *evtx.Event) message.Text {
	text, _ := t.Render(ev)
	return text
}

// besides is a file of texts that may stand beside a log.
type besides struct {
	name string // without folders
	open func() (io.ReaderAt, int64, func() error, error)
}

// use takes the texts beside a log of that name, those in English first. They are for that log
// only.
func (r *eventRun) use(log string, files []besides) {
	r.texts.Sources = nil
	lcid := func(b besides) uint32 { _, n, _ := message.MTALog(b.name); return n }
	slices.SortStableFunc(files, func(a, b besides) int {
		return cmp.Or(compareBool(lcid(b) == english, lcid(a) == english), cmp.Compare(lcid(a), lcid(b)))
	})
	for _, b := range files {
		of, _, ok := message.MTALog(b.name)
		if !ok || !strings.EqualFold(of, strings.TrimSuffix(log, path.Ext(log))) {
			continue
		}
		m, err := readMTA(b)
		if err != nil {
			r.note(fmt.Errorf("%s/%s: %w", textsFolder, b.name, err))
			continue
		}
		r.texts.Sources = append(r.texts.Sources, m)
	}
	r.texts.Sources = append(r.texts.Sources, r.texts.own...)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func readMTA(b besides) (*message.MTA, error) {
	f, size, closeFile, err := b.open()
	if err != nil {
		return nil, err
	}
	defer closeFile()
	if size > maxMTA {
		return nil, fmt.Errorf("%d bytes are too many, at most %d are read", size, maxMTA)
	}
	return message.ReadMTA(f, size)
}

// besideFile lists the files of texts beside a log that stands by itself.
func besideFile(log string) (files []besides) {
	folder := filepath.Join(filepath.Dir(log), textsFolder)
	entries, _ := os.ReadDir(folder) // usually there is none
	for _, e := range entries {
		files = append(files, besides{e.Name(), func() (io.ReaderAt, int64, func() error, error) {
			f, size, err := openFile(filepath.Join(folder, e.Name()))
			if err != nil {
				return nil, 0, nil, err
			}
			return f, size, f.Close, nil
		}})
	}
	return files
}

// besideInput lists the files of texts beside a log of a bundle.
func besideInput(ctx context.Context, b *bundle.Bundle, log string) (files []besides) {
	folder := log[:strings.LastIndexAny(log, "/!")+1] + textsFolder + "/"
	for i := range b.Inputs {
		in := &b.Inputs[i]
		name, ok := strings.CutPrefix(string(in.Source), folder)
		if in.Kind != bundle.MTA || !in.Readable() || !ok {
			continue
		}
		files = append(files, besides{name, func() (io.ReaderAt, int64, func() error, error) {
			f, err := in.Open(ctx)
			if err != nil {
				return nil, 0, nil, err
			}
			return f, f.Size(), f.Close, nil
		}})
	}
	return files
}
