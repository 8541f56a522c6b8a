package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestChildReader: what a program printed counts, however it ends.
func TestChildReader(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	const line = "echo '7 1000 ff'\n"
	for _, tt := range []struct {
		name, script string
		fails        bool
	}{
		{"ends well", line, false},
		{"ends with an error", line + "exit 1\n", false},
		{"panics", line + "echo 'panic: runtime error' >&2\nexit 2\n", true},
		{"is killed", line + "kill -9 $$\n", true},
		{"does not end", line + "exec sleep 60\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "reader")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+tt.script), 0o700); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			list, err := childReader(tt.name, parsePeer, program).read(ctx, "System.evtx", nil)
			if (err != nil) != tt.fails {
				t.Errorf("error %v", err)
			}
			if want := (reading{key: key{7, 1000}, hash: 0xff}); len(list) != 1 || list[0] != want {
				t.Errorf("read %v, want %v", list, want)
			}
		})
	}
	absent := childReader("absent", func(io.Reader) []reading { return nil }, filepath.Join(t.TempDir(), "none"))
	if _, err := absent.read(t.Context(), "System.evtx", nil); err == nil {
		t.Error("a program that is not there gives no error")
	}
}
