package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/rules"
)

// caseFlags are the flags of the commands that analyze a customer's upload.
type caseFlags struct {
	account   string
	utcOffset string
	groups    string
	ruleDirs  []string
	// rules are those that analyzer loaded.
	rules []*rules.Rule
	timed bool // tell what took how long
}

func (f *caseFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.account, "account", "", "the account that ADSync runs as, if you know it")
	flags.StringVar(&f.utcOffset, "utc-offset", "", "how far the server's local time is ahead of UTC, as in +01:00, if you know it")
	flags.StringVar(&f.groups, "groups", "", "file with the members of groups, one group a line: 'CONTOSO\\Sync Services: CONTOSO\\svc-sync, ...'; all members, # begins a comment")
	flags.StringArrayVar(&f.ruleDirs, "rules", nil, "folder of your own rules, in addition to the built-in ones; may be repeated")
}

// analyzer makes the analyzer that the flags ask for; the rest of cfg is kept.
func (f *caseFlags) analyzer(cfg analyzer.Config) (*analyzer.Analyzer, error) {
	offset, err := parseOffset(f.utcOffset)
	if err != nil {
		return nil, err
	}
	if f.rules, err = loadRules(f.ruleDirs); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if cfg.Groups, err = readGroups(f.groups); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	cfg.Rules, cfg.Account, cfg.UTCOffset, cfg.Version = f.rules, f.account, offset, programVersion()
	a, err := analyzer.New(cfg)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return a, nil
}

// readGroups reads the file of groups; none when there is no path.
func readGroups(path string) ([]collected.Membership, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	groups, err := collected.ParseGroups(file, evidence.Source(path))
	if err != nil {
		return nil, fmt.Errorf("--groups:\n%w", err)
	}
	return groups, nil
}

// openBundle lists the inputs at paths.
func openBundle(ctx context.Context, paths []string) (*bundle.Bundle, error) {
	b, err := bundle.Open(ctx, bundle.Config{}, paths...)
	if ctx.Err() != nil {
		if err == nil {
			b.Close()
		}
		return nil, &exitError{exitInterrupted, errors.New("interrupted before anything was read")}
	}
	if err != nil {
		return nil, &exitError{exitUnreadable, err}
	}
	return b, nil
}

// prepare makes the analyzer while it lists the inputs at paths.
func (f *caseFlags) prepare(ctx context.Context, cfg analyzer.Config, paths []string) (*analyzer.Analyzer, *bundle.Bundle, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var b *bundle.Bundle
	var openErr error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		b, openErr = openBundle(ctx, paths)
	}()
	a, err := f.analyzer(cfg)
	if err != nil {
		cancel() // the inputs are not needed
	}
	<-opened
	if err == nil {
		err = openErr
	}
	if err != nil {
		if b != nil {
			b.Close()
		}
		return nil, nil, err
	}
	return a, b, nil
}

// analyzeCase reads the inputs at paths and analyzes them, and shows how far it is on a
// terminal. When the analysis is interrupted it says so, and returns what is known.
func (f *caseFlags) analyzeCase(ctx context.Context, std stdio, cfg analyzer.Config, paths []string) (res *analyzer.Result, interrupted bool, err error) {
	line := newProgressLine(std.err)
	defer line.clear()
	cfg.Progress = line.show
	var took timings
	if f.timed {
		cfg.Timing = took.add
	}
	line.say("looking at what there is")
	a, b, err := f.prepare(ctx, cfg, paths)
	if err != nil {
		return nil, false, err
	}
	defer b.Close()
	res, err = a.Analyze(ctx, b)
	line.clear()
	if f.timed {
		took.print(std.err)
	}
	if err == nil {
		return res, false, nil
	}
	if len(res.Hosts) == 0 {
		return nil, true, &exitError{exitInterrupted, errors.New("interrupted before anything was known")}
	}
	fmt.Fprintln(std.err, "gpevtx: interrupted: not all inputs were read and judged, this is what is known so far")
	return res, true, nil
}

var errNoEvidence = &exitError{code: exitUnreadable, err: errors.New("none of the inputs is a Group Policy report or event log that could be read, or another file that shows the service")}
