package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
)

type eventFlags struct {
	selectFlags
	format, output string
	merge, stats   bool
	limit, tail    int
	quiet          bool
	recover        string
	messages       []string
}

var (
	eventFormats = []string{"jsonl", "json", "xml", "csv", "table"}
	statsFormats = []string{"table", "json", "csv"}
	// recoverModes are the values of --recover.
	recoverModes = map[string]evtx.Recover{"none": evtx.RecoverNone, "damaged": evtx.RecoverDamaged, "all": evtx.RecoverAll}
)

func newEvents(std stdio) *cobra.Command {
	var f eventFlags
	cmd := &cobra.Command{
		Use:   "events PATH...",
		Short: "Print the events of event logs, or count them",
		Long: `events prints the events of event logs: of .evtx files, of those in folders and zip archives,
whatever their names are, of a member of an archive such as case.zip!/System.evtx, and of
standard input (-). Logs come one behind the other, each in the order in which it was written;
--merge puts the events of all logs in order of time.

Formats: jsonl has an event a line in the shape of evtx_dump; json is one array of these; xml
is an event a line as Event Viewer shows it; csv and table are for people, and put events into
words where the words are known. --stats prints in place of events what each log covers and
how often there is which event.

Records of damaged chunks are read too, and marked; --recover adds what is left in free space,
and searches any file for chunks, such as the image of a disk.

Selections of one kind are alternatives, except for --data; different kinds must all hold.
Damage is told on standard error with file and offset, and stepped over. There the last line
says what was read; --quiet leaves it out.

Exit codes: 0 printed, whatever was chosen; 2 wrong usage; 3 nothing could be read, or an
output could not be written; 130 interrupted.`,
		Example: `  gpevtx events System.evtx --provider "Service Control Manager" --id 7000,7038-7041
  gpevtx events Security.evtx --id 4625 --data LogonType=5 --format xml
  gpevtx events case.zip --merge --level error,warning --from 2026-11-20 --format table
  gpevtx events logs/ --id 1-9999,-4624 --format csv -o events.csv
  gpevtx events case.zip --stats
  gpevtx events cleared.evtx --recover --format table`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error { return f.run(cmd.Context(), std, paths) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", "output format: "+list(eventFormats)+" (default: by the ending of -o, else jsonl); with --stats "+list(statsFormats))
	flags.StringVarP(&f.output, "output", "o", "-", "file to write, - for standard output")
	flags.BoolVar(&f.merge, "merge", false, "put the events of all logs in order of time")
	flags.BoolVar(&f.stats, "stats", false, "print what each log covers and how often there is which event, in place of events")
	flags.IntVar(&f.limit, "limit", 0, "only the first so many events of what would be printed")
	flags.IntVar(&f.tail, "tail", 0, "only the last so many events of what would be printed")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "do not say on standard error what was read; damage is told nevertheless")
	flags.StringVar(&f.recover, "recover", "damaged", "what is read of what the log does not vouch for: none, damaged (records of damaged chunks), or all (also those in free space); --recover alone is all")
	flags.Lookup("recover").NoOptDefVal = "all"
	flags.StringArrayVar(&f.messages, "messages", nil, "file with texts of events, for csv and table; may be repeated (docs/messages.md)")
	f.register(cmd)
	return cmd
}

func (f *eventFlags) run(ctx context.Context, std stdio, paths []string) error {
	if err := f.check(paths); err != nil {
		return err
	}
	sel, err := f.selector()
	if err != nil {
		return err
	}
	filter, err := evtx.Compile(sel)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	texts, err := newTexts(f.messages)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // a reader that has enough, as head has, is told by the write
	r := &eventRun{std: std, filter: filter, recover: recoverModes[f.recover], texts: texts, seen: make(map[string]bool)}
	err = output{f.format, f.output}.write(std, func(w io.Writer) error {
		return f.print(ctx, w, r, paths)
	})
	switch {
	case isBrokenPipe(err) && f.output == "-":
		return nil
	case ctx.Err() != nil:
		return &exitError{code: exitInterrupted}
	case errors.Is(err, errNoLog):
		return &exitError{code: exitUnreadable}
	case err != nil:
		return &exitError{exitUnreadable, err}
	}
	if !f.quiet {
		fmt.Fprintf(std.err, "gpevtx: %s\n", r.summary())
	}
	return nil
}

// check refuses flags that do not go together, and settles the format.
func (f *eventFlags) check(paths []string) error {
	known := eventFormats
	if f.stats {
		known = statsFormats
	}
	if f.format == "" {
		f.format = known[0]
		if ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(f.output), ".")); slices.Contains(known, ending) {
			f.format = ending
		}
	}
	_, ok := recoverModes[f.recover]
	switch {
	case !ok:
		return usage("--recover=%s: choose one of none, damaged, all", f.recover)
	case f.recover == "all" && isMode(paths[0]):
		return usage("--recover takes its value behind an equals sign: --recover=%s", paths[0])
	case !slices.Contains(known, f.format) && f.stats:
		return usage("--stats has no format %q: choose one of %s", f.format, list(known))
	case !slices.Contains(known, f.format):
		return usage("unknown format %q: choose one of %s", f.format, list(known))
	case f.limit < 0 || f.tail < 0:
		return usage("--limit and --tail are numbers of events from 1 on")
	case f.limit > 0 && f.tail > 0:
		return usage("--limit and --tail do not go together")
	case f.stats && (f.merge || f.limit > 0 || f.tail > 0):
		return usage("--stats counts all events that are chosen: --merge, --limit and --tail do not go with it")
	}
	return nil
}

// isMode reports whether a path is no file but a value meant for --recover.
func isMode(path string) bool {
	_, mode := recoverModes[path]
	_, err := os.Stat(path)
	return mode && err != nil
}

// errNoLog is the error when there was nothing to read; why was told already.
var errNoLog = errors.New("no event log could be read")

// print writes the output. When ctx ends, what was begun on standard output is ended in whole
// lines; a file is not left behind half.
func (f *eventFlags) print(ctx context.Context, w io.Writer, r *eventRun, paths []string) error {
	var p eventSink
	if f.stats {
		p = newStatsSink(w, f, r.std)
	} else {
		p = f.sink(w, r.std, r.texts)
	}
	defer p.release()
	err := r.read(ctx, paths, p)
	if err == nil && r.logs == 0 {
		return errNoLog
	}
	if err == nil || errors.Is(err, errEnough) || ctx.Err() != nil && f.output == "-" {
		err = p.end(ctx)
	}
	if ctx.Err() != nil && f.output != "-" {
		return ctx.Err()
	}
	return err
}

// isBrokenPipe reports whether nobody reads what is written any more.
func isBrokenPipe(err error) bool {
	if errors.Is(err, syscall.EPIPE) {
		return true
	}
	errno, ok := errors.AsType[syscall.Errno](err)
	return ok && runtime.GOOS == "windows" && (errno == 109 || errno == 232) // ERROR_BROKEN_PIPE, ERROR_NO_DATA
}

// eventSink is what becomes of the events.
type eventSink interface {
	// log tells that the events of another log follow.
	log(source evidence.Source) error
	// item makes of an event that was chosen what the sink needs of it. Several goroutines call it
	// at the same time, for events that follow each other in any order.
	item(ev *evtx.Event) eventItem
	// take takes the items in the order of their events. An [*evtx.Error] is damage of this event
	// alone, errEnough says that no more are wanted.
	take(it eventItem) error
	// logDone tells what the log held.
	logDone(c evtx.Coverage)
	// end ends the output; when ctx ends it stops between two lines.
	end(ctx context.Context) error
	// release gives back what the sink holds.
	release()
}

// eventItem is what a sink needs of an event.
type eventItem struct {
	time time.Time
	line []byte
	room *lineRoom // where the line is
	// key is for counting.
	key countKey
	err error
}

// errEnough says that all events that are wanted were printed.
var errEnough = errors.New("enough events")

// eventRun reads logs and counts what it reads.
type eventRun struct {
	std    stdio
	filter *evtx.Filter
	// recover is how much is read of what logs do not vouch for.
	recover   evtx.Recover
	templates evtx.TemplateCache // of all logs
	texts     *texts
	seen      map[string]bool // absolute paths

	logs, unreadable                         int
	records, chosen, lost, recovered, failed int64
	stopped                                  bool // by errEnough
}

func (r *eventRun) note(err error) { fmt.Fprintf(r.std.err, "gpevtx: %s\n", inertLines(err.Error())) }

// refuse tells of an input that could not be read.
func (r *eventRun) refuse(err error) {
	r.unreadable++
	r.note(err)
}

// maxNotes is how much damage of one log is told; of more there is only the number.
const maxNotes = 100

// log reads one log. The error is one that ends the run: that of the output or of ctx.
func (r *eventRun) log(ctx context.Context, source evidence.Source, file io.ReaderAt, size int64, to eventSink) error {
	if abs, err := filepath.Abs(string(source)); err == nil {
		if r.seen[abs] {
			return nil
		}
		r.seen[abs] = true
	}
	rd, err := evtx.NewReader(file, size, evtx.Config{Source: source, Recover: r.recover, Templates: &r.templates})
	if err != nil {
		r.refuse(err)
		return nil
	}
	r.logs++
	if err := to.log(source); err != nil {
		return err
	}
	err = r.events(ctx, rd, to)
	c := rd.Coverage()
	r.records += c.Read + c.Skipped
	r.chosen += c.Read
	r.lost += c.Lost
	for _, rec := range c.Recovered {
		r.recovered += rec.Records
	}
	to.logDone(c)
	if errors.Is(err, errEnough) {
		r.stopped = true
	}
	return err
}

func (r *eventRun) events(ctx context.Context, rd *evtx.Reader, to eventSink) error {
	notes := 0
	defer func() {
		if notes > maxNotes {
			r.note(fmt.Errorf("%d more places of damage", notes-maxNotes))
		}
	}()
	for it, err := range evtx.Map(ctx, rd, r.filter, 0, to.item) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			err = to.take(it)
			if _, damage := errors.AsType[*evtx.Error](err); damage {
				r.failed++
			} else if err != nil {
				return err
			}
		}
		if err != nil {
			if notes++; notes <= maxNotes {
				r.note(err)
			}
		}
	}
	return ctx.Err()
}

// summary says what was read.
func (r *eventRun) summary() string {
	out := fmt.Sprintf("%s, %s, %d chosen, %d lost", counted(int64(r.logs), "log"), counted(r.records, "record"), r.chosen, r.lost)
	if r.recovered > 0 {
		out += fmt.Sprintf(", %d recovered", r.recovered)
	}
	if r.failed > 0 {
		out += fmt.Sprintf(", %d could not be printed", r.failed)
	}
	if r.unreadable > 0 {
		out += fmt.Sprintf("; %s could not be read", counted(int64(r.unreadable), "file"))
	}
	if r.stopped {
		out += "; the rest was not read (--limit)"
	}
	return out
}

func counted(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
