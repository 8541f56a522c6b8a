package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
)

type eventFlags struct {
	format, output                string
	channels, providers, computer []string
	ids, levels, data             []string
	from, to                      string
}

var eventFormats = []string{"jsonl", "xml"}

func newEvents(std stdio) *cobra.Command {
	var f eventFlags
	cmd := &cobra.Command{
		Use:   "events FILE...",
		Short: "Print the events of event logs, one a line",
		Long: `events prints the events of .evtx files in the order in which they were logged, one a
line: as JSON in the shape of evtx_dump's jsonl, or as XML as Event Viewer shows it. Damage
is told on standard error with file and offset, and stepped over. Selections of one kind are
alternatives; different kinds must all hold.`,
		Example: `  gpevtx events System.evtx --provider "Service Control Manager" --id 7000,7038,7041
  gpevtx events Security.evtx --id 4625 --data LogonType=5 --format xml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error { return f.run(cmd.Context(), std, paths) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "jsonl", "output format: "+list(eventFormats))
	flags.StringVarP(&f.output, "output", "o", "-", "file to write, - for standard output")
	flags.StringArrayVar(&f.channels, "channel", nil, "only events of this channel; may be repeated")
	flags.StringArrayVar(&f.providers, "provider", nil, "only events of this provider; may be repeated")
	flags.StringArrayVar(&f.computer, "computer", nil, "only events of this computer; may be repeated")
	flags.StringSliceVar(&f.ids, "id", nil, "only these event ids, as in 7000,7038-7041")
	flags.StringSliceVar(&f.levels, "level", nil, "only these levels: 1 critical, 2 error, 3 warning, 4 information")
	flags.StringArrayVar(&f.data, "data", nil, "only events with this data, as NAME=VALUE or POSITION=VALUE; all must hold")
	flags.StringVar(&f.from, "from", "", "only events from this time on, as in 2026-11-20 or 2026-11-20T03:12:00Z")
	flags.StringVar(&f.to, "to", "", "only events up to this time")
	return cmd
}

// selector turns the flags into a selector.
func (f *eventFlags) selector() (s evtx.Selector, err error) {
	s.Channels, s.Providers, s.Computers = f.channels, f.providers, f.computer
	if s.IDs, err = parseIDs(f.ids); err != nil {
		return s, err
	}
	for _, l := range f.levels {
		n, err := strconv.ParseUint(l, 10, 8)
		if err != nil {
			return s, usage("--level %q: a number from 0 to 255 is expected", l)
		}
		s.Levels = append(s.Levels, uint8(n))
	}
	for _, d := range f.data {
		name, value, ok := strings.Cut(d, "=")
		if !ok || name == "" {
			return s, usage("--data %q: NAME=VALUE is expected", d)
		}
		test := evtx.DataTest{Name: name, Values: []string{value}}
		if n, err := strconv.Atoi(name); err == nil {
			test.Name, test.Index = "", n
		}
		s.Data = append(s.Data, test)
	}
	if s.From, err = parseTime("--from", f.from); err != nil {
		return s, err
	}
	s.To, err = parseTime("--to", f.to)
	return s, err
}

func parseIDs(words []string) ([]uint16, error) {
	var ids []uint16
	for _, w := range words {
		low, high, ranged := strings.Cut(w, "-")
		if !ranged {
			high = low
		}
		a, errA := strconv.ParseUint(strings.TrimSpace(low), 10, 16)
		b, errB := strconv.ParseUint(strings.TrimSpace(high), 10, 16)
		if errA != nil || errB != nil || b < a {
			return nil, usage("--id %q: an event id or a range such as 7038-7041 is expected", w)
		}
		for id := a; id <= b; id++ {
			ids = append(ids, uint16(id))
		}
	}
	return ids, nil
}

func parseTime(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("%s %q: a time such as 2026-11-20 or 2026-11-20T03:12:00Z (UTC) is expected", flag, s)
}

func (f *eventFlags) run(ctx context.Context, std stdio, paths []string) error {
	if !slices.Contains(eventFormats, f.format) {
		return usage("unknown format %q: choose one of %s", f.format, list(eventFormats))
	}
	sel, err := f.selector()
	if err != nil {
		return err
	}
	filter, err := evtx.Compile(sel)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	read := 0
	err = output{f.format, f.output}.write(std, func(w io.Writer) error {
		for _, path := range paths {
			ok, err := f.dump(ctx, w, std, path, filter)
			if err != nil {
				return err
			}
			if ok {
				read++
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		return &exitError{code: exitInterrupted}
	}
	if err != nil {
		return &exitError{exitUnreadable, err}
	}
	if read == 0 {
		return &exitError{code: exitUnreadable}
	}
	return nil
}

// dump prints the events of one log. It reports whether the file is a log; the error is
// that of the output or the context.
func (f *eventFlags) dump(ctx context.Context, w io.Writer, std stdio, path string, filter *evtx.Filter) (bool, error) {
	note := func(err error) { fmt.Fprintf(std.err, "gpevtx: %s\n", inert(err.Error())) }
	file, size, err := openFile(path)
	if err != nil {
		note(err)
		return false, nil
	}
	defer file.Close()
	rd, err := evtx.NewReader(file, size, evtx.Config{Source: evidence.Source(path)})
	if err != nil {
		note(err)
		return false, nil
	}
	var line []byte
	for ev, err := range rd.Events(ctx, filter) {
		if err == nil {
			line, err = f.appendEvent(line[:0], ev)
		}
		if ctx.Err() != nil {
			return true, ctx.Err()
		}
		if err != nil {
			note(err)
			continue
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return true, err
		}
	}
	if cov := rd.Coverage(); cov.Lost > 0 {
		fmt.Fprintf(std.err, "gpevtx: %s: %d records could not be read\n", inert(path), cov.Lost)
	}
	return true, nil
}

func (f *eventFlags) appendEvent(dst []byte, ev *evtx.Event) ([]byte, error) {
	if f.format == "xml" {
		return ev.AppendXML(dst)
	}
	return ev.AppendJSON(dst)
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
