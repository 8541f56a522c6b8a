// Compare measures this module's reading of event logs (.evtx) against other programs, over
// a folder of logs, and writes what it finds as Markdown. The scripts in bench run it.
//
//	compare jsonl FOLDER       our JSON lines with those of evtx_dump (Rust crate evtx)
//	compare evtxexport FOLDER  our XML with that of evtxexport (libevtx)
//	compare damage FOLDER      how much readers still give of damaged logs
//	compare speed FOLDER       how fast readers are
//	compare work WORK LOG      reads a log in one way, and writes records, hits, times and allocations
//
// The exit code is 0 when every difference is of a known class, 1 when one is not or
// something failed, 2 for wrong usage, 3 when the other program is not there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"

	"github.com/gpevtx/gpevtx/internal/compare"
)

const (
	exitUnknown = 1
	exitUsage   = 2
	exitAbsent  = 3
)

// options are the flags of all commands.
type options struct {
	output                     string
	evtxDump, evtxexport, dual string
	every                      int
	keep                       string
	gpevtx, python             string
	size                       int64
	rounds                     int
	revision                   string
	excerpts                   []string
	folder                     string
	progress                   io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Stdout, os.Stderr, os.Args[1:]))
}

// run is the program; it returns the exit code.
func run(ctx context.Context, out, errs io.Writer, args []string) int {
	commands := map[string]func(context.Context, io.Writer, options) (int, error){
		"jsonl": commandJSONL, "evtxexport": commandExport, "damage": commandDamage, "speed": commandSpeed,
	}
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprintln(errs, "usage: compare jsonl|evtxexport|damage|speed [flags] FOLDER")
		flags.PrintDefaults()
	}
	o := options{progress: errs}
	flags.StringVar(&o.output, "o", "", "file to write, standard output if empty")
	flags.StringVar(&o.evtxDump, "evtx_dump", "evtx_dump", "the program of the Rust crate evtx")
	flags.StringVar(&o.evtxexport, "evtxexport", "evtxexport", "the program of libevtx")
	flags.StringVar(&o.dual, "dualtool", "", "examples/dualtool, built, which reads with golang-evtx for damage and speed")
	flags.IntVar(&o.every, "every", 1, "take every so many logs only")
	flags.StringVar(&o.keep, "keep", "", "folder to keep damaged logs in of which another reader gives more")
	flags.StringVar(&o.gpevtx, "gpevtx", "gpevtx", "cmd/gpevtx, built, for speed")
	flags.StringVar(&o.python, "python", "python3", "a Python, with the module evtx, for speed")
	flags.Int64Var(&o.size, "size", 128, "megabytes of the log that speed reads")
	flags.IntVar(&o.rounds, "rounds", 5, "how often speed reads it")
	flags.StringVar(&o.revision, "revision", "of unknown commit", "commit that speed names")
	flags.Func("excerpt", "document with marks between which speed writes a short table; may be repeated", func(path string) error {
		o.excerpts = append(o.excerpts, path)
		return nil
	})
	if len(args) > 1 && (args[0] == "timed" || args[0] == "work") {
		return runChild(ctx, out, errs, args)
	}
	if len(args) == 0 || commands[args[0]] == nil {
		flags.Usage()
		return exitUsage
	}
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() != 1 || o.every < 1 || o.size < 1 || o.rounds < 1 {
		if err == nil {
			flags.Usage()
		}
		return exitUsage
	}
	o.folder = flags.Arg(0)
	code, err := toFile(out, o.output, func(w io.Writer) (int, error) { return commands[args[0]](ctx, w, o) })
	switch {
	case err != nil:
		fmt.Fprintf(errs, "compare: %s\n", compare.Inert(err.Error()))
	case code == exitUnknown:
		fmt.Fprintln(errs, "compare: some differences are in no class; they stand first in the table")
	}
	return code
}

// runChild is a command that speed runs as a child process.
func runChild(ctx context.Context, out, errs io.Writer, args []string) int {
	var err error
	switch {
	case args[0] == "timed":
		err = timed(ctx, out, args[1:])
	case len(args) == 3:
		err = runWork(ctx, out, args[1], args[2])
	default:
		err = fmt.Errorf("work needs a work of %q and a log", slices.Sorted(maps.Keys(works)))
	}
	if err != nil {
		fmt.Fprintf(errs, "compare: %s\n", compare.Inert(err.Error()))
		return exitUnknown
	}
	return 0
}

// toFile has f write to a file, or to out when none is named. Of a comparison that did not
// come to its end nothing is written.
func toFile(out io.Writer, path string, f func(io.Writer) (int, error)) (int, error) {
	if path == "" {
		return f(out)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".compare-*")
	if err != nil {
		return exitUnknown, err
	}
	defer os.Remove(tmp.Name())
	code, err := f(tmp)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil && code == 0 {
		code = exitUnknown
	}
	return code, err
}

// logs lists the logs of the folder that are wanted.
func (o options) logs() (names []string, err error) {
	all, err := compare.Logs(o.folder)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(all); i += o.every {
		names = append(names, all[i])
	}
	if len(names) == 0 {
		return nil, errors.New("there is no .evtx file in the folder")
	}
	return names, nil
}

// eachLog calls f with each log of the folder that is wanted, and its place in the file
// system.
func (o options) eachLog(f func(name, path string, log []byte) error) error {
	names, err := o.logs()
	if err != nil {
		return err
	}
	for i, name := range names {
		fmt.Fprintf(o.progress, "%d/%d %s\n", i+1, len(names), compare.Inert(name))
		path := filepath.Join(o.folder, filepath.FromSlash(name))
		log, err := os.ReadFile(path)
		if err == nil {
			err = f(name, path, log)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// commandJSONL is the command jsonl.
func commandJSONL(ctx context.Context, w io.Writer, o options) (int, error) {
	program, err := exec.LookPath(o.evtxDump)
	if err != nil {
		return exitAbsent, err
	}
	d := newJSONLDiffer()
	if err := o.compareJSONL(ctx, d, program); err != nil {
		return exitUnknown, err
	}
	return report(w, "Our JSON lines and evtx_dump's", "`gpevtx events` and `evtx_dump -o jsonl` ("+version(ctx, program)+", Rust crate evtx). "+
		"Records are matched by file and EventRecordID, and\nevery value is compared. Written by `bench/compare-jsonl`.", &d.tally)
}

func (o options) compareJSONL(ctx context.Context, d *jsonlDiffer, program string) error {
	return o.eachLog(func(name, path string, log []byte) error {
		printed, err := runDump(ctx, program, path)
		if err != nil {
			return err
		}
		return d.log(ctx, name, log, printed)
	})
}

// commandExport is the command evtxexport.
func commandExport(ctx context.Context, w io.Writer, o options) (int, error) {
	program, err := exec.LookPath(o.evtxexport)
	if err != nil {
		return exitAbsent, err
	}
	d := newExportDiffer()
	if err := o.compareExport(ctx, d, program); err != nil {
		return exitUnknown, err
	}
	return report(w, "Our XML and evtxexport's", "`gpevtx events --format xml` and `evtxexport -f xml` ("+version(ctx, program)+", libevtx). "+
		"Records are matched by file and\nEventRecordID, and every attribute and text is compared. Written by `bench/all`.", &d.tally)
}

func (o options) compareExport(ctx context.Context, d *exportDiffer, program string) error {
	return o.eachLog(func(name, path string, log []byte) error {
		printed, fails, err := runExport(ctx, program, path)
		if err != nil {
			return err
		}
		return d.log(ctx, name, log, printed, fails)
	})
}

// report writes a tally as a document, also one with differences of no class.
func report(w io.Writer, title, about string, t *compare.Tally) (int, error) {
	if _, err := fmt.Fprintf(w, "# %s\n\n%s\n\n", title, about); err != nil {
		return exitUnknown, err
	}
	if err := t.Markdown(w); err != nil {
		return exitUnknown, err
	}
	if len(t.UnknownClasses()) > 0 {
		return exitUnknown, nil
	}
	return 0, nil
}
