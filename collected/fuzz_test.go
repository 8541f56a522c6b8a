package collected_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
)

// FuzzParse checks that any bytes are read without a panic, and that what comes back is
// bounded and has its place.
func FuzzParse(f *testing.F) {
	for _, s := range [][]byte{[]byte(qc), wide(qc), wide(export), []byte(whoami), []byte("Name,StartName,State\nADSync,x,Stopped\n"), []byte("[SC] OpenService FAILED 1060:\n")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := collected.Config{Source: "f", MaxLine: 256, MaxItems: 8}
		file, err := collected.Parse(context.Background(), bytes.NewReader(data), int64(len(data)), cfg)
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v, error %v", file, err)
		}
		if file == nil {
			return
		}
		if len(file.Services) > 8 || len(file.Notes) > 8 || len(file.Warnings) > 50 {
			t.Fatalf("too much was kept: %d, %d, %d", len(file.Services), len(file.Notes), len(file.Warnings))
		}
		for _, s := range file.Services {
			if !s.Name.Known() || s.Start != "" && !s.StartAt.Known() || s.State != "" && !s.StateAt.Known() {
				t.Fatalf("a statement without its place: %+v", s)
			}
		}
	})
}

// FuzzParseGroups checks that any text is read without a panic.
func FuzzParseGroups(f *testing.F) {
	f.Add([]byte("CONTOSO\\g: CONTOSO\\a, S-1-5-18 # x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := collected.ParseGroups(bytes.NewReader(data), "g")
		if err != nil && got != nil {
			t.Fatal("groups beside an error")
		}
	})
}
