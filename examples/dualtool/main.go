// Dualtool checks one tool with a second: it reads event logs with this module's package
// evtx and with github.com/0xrawsec/golang-evtx, an independent reader, and compares them
// record by record and value by value. What differs is counted by class, with who is right
// and why; a difference of no known class is shown with both values.
//
//	go run ./examples/dualtool System.evtx
//
// Of a folder it reads every log (.evtx) in it and below.
//
// golang-evtx is under the GNU General Public License, version 3. This program links it, so
// its binary falls under GPL-3.0 when it is passed on. Nothing else in the module links
// golang-evtx, and nothing may.
//
// The exit code is 0 when every difference is of a known class, 1 when one is not or a file
// could not be read, 2 for wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"

	"github.com/gpevtx/gpevtx/internal/compare"
)

const usage = `usage: dualtool [-markdown] PATH...

Dualtool reads event logs (.evtx), those of a folder too, with gpevtx and with golang-evtx,
compares them record by record, and counts by class what differs, with who is right and why.
What is in no class is shown with both values, and makes the exit code 1.

golang-evtx is under the GPL: the binary of this program falls under GPL-3.0.

  -markdown  print a table
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	log.SetOutput(io.Discard)    // golang-evtx logs what it reads through the standard logger
	debug.SetMaxStack(256 << 20) // it knows no limit of nesting
	os.Exit(run(ctx, os.Stdout, os.Stderr, os.Args[1:]))
}

// run is the program; it returns the exit code.
func run(ctx context.Context, out, errs io.Writer, args []string) int {
	flags := flag.NewFlagSet("dualtool", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	markdown := flags.Bool("markdown", false, "")
	peerOnly := flags.Bool("peer", false, "") // these three are for bench/compare
	timeOnly := flags.Bool("time", false, "")
	selected := flags.String("select", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() == 0:
		flags.Usage()
		return 2
	}
	var err error
	switch {
	case *peerOnly:
		err = listPeer(out, flags.Arg(0))
	case *timeOnly:
		err = timePeer(out, flags.Arg(0), *selected)
	default:
		return compareFiles(ctx, out, errs, flags.Args(), *markdown)
	}
	if err != nil {
		fmt.Fprintf(errs, "dualtool: %s\n", compare.Inert(err.Error()))
		return 1
	}
	return 0
}

// compareFiles compares the logs at paths and prints what it found.
func compareFiles(ctx context.Context, out, errs io.Writer, paths []string, markdown bool) (code int) {
	d := newDiffer()
	failed := func(err error) {
		fmt.Fprintf(errs, "dualtool: %s\n", compare.Inert(err.Error()))
		code = 1
	}
	for _, path := range paths {
		if err := comparePath(ctx, d, path, failed); err != nil {
			failed(err)
		}
	}
	write := func(w io.Writer) error { return d.tally.Text(w, 2) }
	if markdown {
		write = d.tally.Markdown
	}
	if err := write(out); err != nil {
		failed(err)
	}
	if len(d.tally.UnknownClasses()) > 0 {
		return 1
	}
	return code
}

// comparePath compares a log, or all logs in and below a folder, which are then named by
// their path from there; failed is called with the error of each of these.
func comparePath(ctx context.Context, d *differ, path string, failed func(error)) error {
	info, err := os.Stat(path) // before opening, which waits for the other end of a pipe
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return compareFile(ctx, d, path, path)
	}
	names, err := compare.Logs(path)
	for _, name := range names {
		if err := compareFile(ctx, d, name, filepath.Join(path, filepath.FromSlash(name))); err != nil {
			failed(err)
		}
	}
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("there is no .evtx file in %s", path)
	}
	return err
}

func compareFile(ctx context.Context, d *differ, name, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", name)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return d.log(ctx, name, f, info.Size())
}
