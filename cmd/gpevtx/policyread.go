package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evidence"
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
		take := func(found []*gpreport.Report, err error) {
			reports = append(reports, found...)
			if err != nil && ctx.Err() == nil {
				fmt.Fprintf(std.err, "gpevtx: %s\n", inert(err.Error()))
			}
		}
		var err error
		if isStream(path) {
			take(readStream(ctx, std, path))
		} else {
			err = readPath(ctx, path, take)
		}
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

// isStream reports whether a path is standard input or a pipe, which can be read only once.
func isStream(path string) bool {
	if path == "-" {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

// maxStream is how many bytes are read of a stream, which is kept in memory. Reports of all
// GPOs of a domain have some ten million.
const maxStream = 512 << 20

// readStream reads the reports of standard input or a pipe.
func readStream(ctx context.Context, std stdio, path string) ([]*gpreport.Report, error) {
	in := std.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	content, err := io.ReadAll(io.LimitReader(in, maxStream+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(content) > maxStream {
		return nil, fmt.Errorf("%s: more than %d bytes: save it to a file", path, maxStream)
	}
	return gpreport.ParseAll(ctx, bytes.NewReader(content), int64(len(content)), gpreport.Config{Source: evidence.Source(path)})
}

// splitMember takes a path apart that names a member of an archive, in the form that reports
// are shown with, as in case.zip!/SYNC01/gpresult.htm. The member is empty for other paths.
func splitMember(path string) (archive, member string) {
	if _, err := os.Stat(path); err == nil {
		return path, ""
	}
	for at := 0; ; {
		i := strings.Index(path[at:], "!/")
		if i < 0 {
			return path, ""
		}
		at += i
		if info, err := os.Stat(path[:at]); err == nil && info.Mode().IsRegular() {
			return path[:at], path[at:]
		}
		at++
	}
}

// readPath hands over the reports of each input at a path. A file that is no archive is read
// as a report whatever it seems to be, so that the error says what is wrong with it.
func readPath(ctx context.Context, path string, take func([]*gpreport.Report, error)) error {
	archive, member := splitMember(path)
	b, err := bundle.Open(ctx, bundle.Config{}, archive)
	if err != nil {
		return err
	}
	defer b.Close()
	alone := len(b.Inputs) == 1 && b.Inputs[0].Status == bundle.Ignored && !isFolder(path)
	named := evidence.Source(filepath.ToSlash(filepath.Clean(archive)) + member)
	found := false
	for i := range b.Inputs {
		in := &b.Inputs[i]
		switch {
		case member != "" && in.Source != named:
			continue
		case !alone && member == "" && !slices.Contains(reportKinds, in.Kind):
			continue
		case !in.Readable():
			take(nil, fmt.Errorf("%s: %s", in.Source, cmp.Or(in.Detail, "not a Group Policy report")))
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
