package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes. They do not depend on the output format.
const (
	exitOK           = 0 // nothing found at or above --fail-on
	exitFindings     = 1
	exitUsage        = 2
	exitUnreadable   = 3 // nothing could be read
	exitInconclusive = 4 // with --strict: inputs are missing for a conclusion
	exitInterrupted  = 130
)

// stdio is where the program reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// exitError ends the program with a code; err may be nil when all was said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintf(std.err, "gpevtx: %s\n", inertLines(exit.err.Error()))
		}
		return exit.code
	}
	fmt.Fprintf(std.err, "gpevtx: %s\nRun \"gpevtx help\" for usage.\n", inert(err.Error()))
	return exitUsage
}

func newRoot(std stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "gpevtx",
		Short: "Find out offline why Microsoft Entra Connect (ADSync) does not start",
		Long: `gpevtx reads what a customer uploaded (gpresult reports, event logs, folders and zip
files of them) and says why Microsoft Entra Connect's ADSync service does not start:
which winning GPO takes which logon right from which account, which events prove it,
since when, what to change, and what is missing to be sure.`,
		Example: `  gpevtx analyze case.zip
  gpevtx analyze case/ --format json -o result.json
  gpevtx timeline case.zip
  gpevtx policy gpresult.htm
  gpevtx events System.evtx --provider "Service Control Manager" --id 7041`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(newAnalyze(std), newEvents(std), newPolicy(std), newTimeline(std), newRules(std), newVersion(std))
	return root
}

// usage makes an error of wrong usage.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}
