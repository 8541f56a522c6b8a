package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// score counts what one reader gives of damaged logs, against what it gives of the same
// logs undamaged.
type score struct {
	// same are the records that it gives as before; each counts once.
	same int
	// changed are those of the log that it gives with other content.
	changed int
	// invented are those of which the undamaged log has none: at their place if the reader
	// tells it, else with their number or time. Twice are those that it gives more often than
	// before.
	invented, twice int
	// failed counts the logs at which it crashed or did not end.
	failed int
}

func (s *score) add(t score) {
	s.same += t.same
	s.changed += t.changed
	s.invented += t.invented
	s.twice += t.twice
	s.failed += t.failed
}

// original is an undamaged log as the readers give it.
type original struct {
	records [](map[reading]int) // of each reader, without offsets, how often
	ids     map[uint64]bool     // of all readers
	times   map[int64]bool      // of all readers
	places  map[int64]bool      // of all that begins like a record or its content, old ones included
	offset  map[key]int64       // of the first reader
}

// bare is the reading without its offset, for comparing.
func (r reading) bare() reading { return reading{key: r.key, hash: r.hash} }

func newOriginal(log []byte, all [][]reading) *original {
	o := &original{ids: make(map[uint64]bool), times: make(map[int64]bool), places: make(map[int64]bool), offset: make(map[key]int64)}
	for at := range log {
		if bytes.HasPrefix(log[at:], []byte("**\x00\x00")) {
			o.places[int64(at)] = true
		}
		if bytes.HasPrefix(log[at:], []byte("\x0f\x01\x01\x00")) { // a record's content without the header that was there
			o.places[int64(at-recordHeader)] = true
		}
	}
	for _, list := range all {
		m := make(map[reading]int)
		for _, r := range list {
			m[r.bare()]++
			o.ids[r.id], o.times[r.when] = true, true
			if _, ok := o.offset[r.key]; !ok && r.offset != 0 {
				o.offset[r.key] = r.offset
			}
		}
		o.records = append(o.records, m)
	}
	return o
}

// judge scores a reader's list of a damaged log and returns the records that it gives as
// before.
func (o *original) judge(reader int, list []reading) (s score, same map[key]int) {
	base, seen := o.records[reader], make(map[reading]int)
	same = make(map[key]int)
	for _, r := range list {
		b := r.bare()
		switch seen[b]++; {
		case seen[b] <= base[b]:
			s.same++
			same[r.key]++
		case base[b] > 0:
			s.twice++
		case o.has(r):
			s.changed++
		default:
			s.invented++
		}
	}
	return s, same
}

// has reports whether the log has a record that a damaged reading can be of.
func (o *original) has(r reading) bool {
	if r.offset != 0 {
		return o.places[r.offset]
	}
	return o.ids[r.id] || o.times[r.when]
}

// gap is a record that a peer gives of a damaged log as it was, and the first reader not.
type gap struct {
	file, variant, peer string
	records             int // as many of this log
	first               key
	offset              int64 // of the first in the undamaged log, 0 if unknown
}

// damageTest measures how much readers give of damaged logs. The first reader is ours.
type damageTest struct {
	readers []logReader
	timeout time.Duration
	dir     string // for the damaged logs
	keep    string // a folder to keep those in of which a peer gives more; none if empty

	mu     sync.Mutex
	scores map[string][]score // by variant, of each reader
	logs   map[string]int     // by variant
	gaps   []gap
}

// file measures all variants of one log.
func (d *damageTest) file(ctx context.Context, name string, log []byte) error {
	tmp, err := os.CreateTemp(d.dir, "*.evtx")
	if err != nil {
		return err
	}
	tmp.Close()
	defer os.Remove(tmp.Name())
	all, _, err := d.readAll(ctx, tmp.Name(), log)
	if err != nil {
		return err
	}
	o := newOriginal(log, all)
	for i, v := range variants {
		r := rand.New(rand.NewPCG(uint64(i), hashOf([]byte(name))))
		for _, damaged := range v.make(slices.Clone(log), r) {
			lists, failed, err := d.readAll(ctx, tmp.Name(), damaged)
			if err != nil {
				return err
			}
			if d.count(o, name, v.name, lists, failed) && d.keep != "" {
				kept := filepath.Join(d.keep, strings.ReplaceAll(v.name+" "+name, "/", "_"))
				if err := os.WriteFile(kept, damaged, 0o600); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readAll has all readers read a log.
func (d *damageTest) readAll(ctx context.Context, path string, log []byte) (all [][]reading, failed []bool, err error) {
	if err := os.WriteFile(path, log, 0o600); err != nil {
		return nil, nil, err
	}
	for _, r := range d.readers {
		limited, cancel := context.WithTimeout(ctx, d.timeout)
		list, err := r.read(limited, path, log)
		cancel()
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		all, failed = append(all, list), append(failed, err != nil)
	}
	return all, failed, nil
}

// count adds what the readers gave of one damaged log. It reports whether one gave what we
// did not.
func (d *damageTest) count(o *original, file, variant string, lists [][]reading, failed []bool) (less bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.scores[variant] == nil {
		d.scores[variant] = make([]score, len(d.readers))
	}
	d.logs[variant]++
	var ours map[key]int
	for i, list := range lists {
		s, same := o.judge(i, list)
		if failed[i] {
			s.failed++
		}
		d.scores[variant][i].add(s)
		if i == 0 {
			ours = same
			continue
		}
		g := gap{file: file, variant: variant, peer: d.readers[i].name}
		for _, r := range list {
			if same[r.key] == 0 || ours[r.key] > 0 { // or a copy of one that we give
				continue
			}
			if g.records == 0 {
				g.first, g.offset = r.key, o.offset[r.key]
			}
			g.records += same[r.key]
			same[r.key] = 0
		}
		if g.records > 0 {
			d.gaps, less = append(d.gaps, g), true
		}
	}
	return less
}

// run measures the logs at paths under dir with so many workers.
func (d *damageTest) run(ctx context.Context, dir string, names []string, workers int, progress io.Writer) error {
	d.scores, d.logs = make(map[string][]score), make(map[string]int)
	todo := make(chan string)
	errs := make(chan error, workers)
	for range workers {
		go func() {
			var first error
			for name := range todo {
				log, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
				if err == nil {
					err = d.file(ctx, name, log)
				}
				if err != nil && first == nil {
					first = fmt.Errorf("%s: %w", name, err)
				}
			}
			errs <- first
		}()
	}
	for i, name := range names {
		fmt.Fprintf(progress, "%d/%d %s\n", i+1, len(names), name)
		todo <- name
	}
	close(todo)
	var first error
	for range workers {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	slices.SortFunc(d.gaps, func(a, b gap) int {
		return strings.Compare(a.variant+a.file+a.peer, b.variant+b.file+b.peer)
	})
	return first
}
