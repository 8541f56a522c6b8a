package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/gpreport"
)

// reportKinds are the inputs of folders and archives that are read as reports.
var reportKinds = []bundle.Kind{
	bundle.GPResultHTML, bundle.GPResultXML, bundle.GPResultText, bundle.GPOHTML, bundle.GPOXML, bundle.SeceditINF,
}

// readReports reads all reports at paths, and says on standard error what could not be read.
// The error tells that there is none, or that reading was interrupted.
func readReports(ctx context.Context, std stdio, paths []string) ([]*gpreport.Report, error) {
	var reports []*gpreport.Report
	for _, path := range paths {
		err := readPath(ctx, path, func(found []*gpreport.Report, err error) {
			reports = append(reports, found...)
			if err != nil && ctx.Err() == nil {
				fmt.Fprintf(std.err, "gpevtx: %s\n", inert(err.Error()))
			}
		})
		if ctx.Err() != nil {
			return nil, &exitError{exitInterrupted, errors.New("interrupted before all reports were read")}
		}
		if err != nil {
			fmt.Fprintf(std.err, "gpevtx: %s\n", inertLines(err.Error()))
		}
	}
	if len(reports) == 0 {
		return nil, &exitError{code: exitUnreadable}
	}
	return reports, nil
}

// readPath hands over the reports of each input at a path. A file that is no archive is read
// as a report whatever it seems to be, so that the error says what is wrong with it.
func readPath(ctx context.Context, path string, take func([]*gpreport.Report, error)) error {
	b, err := bundle.Open(ctx, bundle.Config{}, path)
	if err != nil {
		return err
	}
	defer b.Close()
	alone := len(b.Inputs) == 1 && b.Inputs[0].Status == bundle.Ignored && !isFolder(path)
	found := false
	for i := range b.Inputs {
		in := &b.Inputs[i]
		switch {
		case !alone && !slices.Contains(reportKinds, in.Kind):
			continue
		case !in.Readable():
			take(nil, fmt.Errorf("%s: %s", in.Source, in.Detail))
		default:
			take(readInput(ctx, in))
		}
		found = true
	}
	if !found {
		return fmt.Errorf("%s holds no report of Group Policy", path)
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readInput reads the reports of one file.
func readInput(ctx context.Context, in *bundle.Input) ([]*gpreport.Report, error) {
	f, err := in.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return gpreport.ParseAll(ctx, f, f.Size(), gpreport.Config{Source: in.Source})
}
