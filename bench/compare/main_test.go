package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	empty := t.TempDir()
	for _, tt := range []struct {
		args []string
		code int
	}{
		{nil, exitUsage},
		{[]string{"bad"}, exitUsage},
		{[]string{"jsonl"}, exitUsage},
		{[]string{"jsonl", "-every", "0", empty}, exitUsage},
		{[]string{"jsonl", "-evtx_dump", "/none/evtx_dump", empty}, exitAbsent},
		{[]string{"evtxexport", "-evtxexport", "/none/evtxexport", empty}, exitAbsent},
		{[]string{"damage", empty}, exitUnknown},
		{[]string{"speed", empty}, exitUnknown},
		{[]string{"speed", "-rounds", "0", empty}, exitUsage},
		{[]string{"work", "json", "/none/System.evtx"}, exitUnknown},
		{[]string{"work", "json"}, exitUnknown},
		{[]string{"timed", "-reports"}, exitUnknown},
		{[]string{"damage", "-o", filepath.Join(empty, "none", "x.md"), empty}, exitUnknown},
	} {
		if code := run(context.Background(), io.Discard, io.Discard, tt.args); code != tt.code {
			t.Errorf("%q: exit code %d, want %d", tt.args, code, tt.code)
		}
	}
	if left, _ := os.ReadDir(empty); len(left) > 0 {
		t.Errorf("%v is left in the folder", left)
	}
}

// TestUnknownIsWritten: a difference of no class makes the command fail, and is in the file.
func TestUnknownIsWritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the other program is a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "System.evtx"), logOf(t, description), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := os.ReadFile("testdata/evtx_dump.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	stored := filepath.Join(dir, "stored.jsonl")
	if err := os.WriteFile(stored, []byte(strings.Replace(string(printed), `"#text":6301`, `"#text":6302`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	peer := filepath.Join(dir, "evtx_dump")
	if err := os.WriteFile(peer, []byte("#!/bin/sh\ncat '"+stored+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	table := filepath.Join(dir, "JSONL.md")
	if code := run(t.Context(), io.Discard, &errs, []string{"jsonl", "-evtx_dump", peer, "-o", table, dir}); code != exitUnknown {
		t.Errorf("exit code %d, want %d: %s", code, exitUnknown, &errs)
	}
	b, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if want := "| unknown: /Event/System/EventID/#text | 1 | **not known** |"; !strings.Contains(string(b), want) || !strings.Contains(errs.String(), "in no class") {
		t.Errorf("%q is not in\n%s\n%s", want, b, &errs)
	}
}
