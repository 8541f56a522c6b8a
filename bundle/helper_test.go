package bundle_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/bundle"
)

// An event log as far as Detect looks, and a report.
var (
	evtx   = "ElfFile\x00" + strings.Repeat("\x00", 5000)
	report = `<html><body><table class="title"><tr><td class="rsopheader">Group Policy Results</td></tr></table></body></html>`
)

// member is one member of a zip file that a test makes.
type member struct {
	name, data string
	change     func(*zip.FileHeader)
}

func stored(h *zip.FileHeader) { h.Method = zip.Store }

// makeZip makes a zip file. Members are written with their sizes in their own headers, as
// Windows does.
func makeZip(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.change != nil {
			m.change(h)
		}
		packed := deflated(t, h.Method, m.data)
		h.CRC32 = checksum(m.data)
		h.CompressedSize64, h.UncompressedSize64 = uint64(len(packed)), uint64(len(m.data))
		f, err := w.CreateRaw(h)
		if err == nil {
			_, err = f.Write(packed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// makeStreamedZip makes a zip file as a program that cannot go back does: the sizes follow
// each member.
func makeStreamedZip(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err == nil {
			_, err = io.WriteString(f, m.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// write makes a file in a new folder and returns its path.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a bundle and closes it when the test ends.
func open(t testing.TB, cfg bundle.Config, paths ...string) *bundle.Bundle {
	t.Helper()
	if cfg.TempDir == "" {
		cfg.TempDir = t.TempDir()
	}
	b, err := bundle.Open(context.Background(), cfg, paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// openZip opens a bundle that is one zip file.
func openZip(t testing.TB, cfg bundle.Config, data []byte) *bundle.Bundle {
	t.Helper()
	return open(t, cfg, write(t, "case.zip", data))
}

// lines shows the inputs of a bundle, with their sources below the folder of its paths.
func lines(b *bundle.Bundle, folder string) []string {
	var out []string
	for _, in := range b.Inputs {
		source := strings.TrimPrefix(strings.TrimPrefix(string(in.Source), filepath.ToSlash(folder)), "/")
		line := fmt.Sprintf("%s %s %s", source, in.Kind, in.Status)
		if in.Detail != "" {
			line += ": " + in.Detail
		}
		out = append(out, line)
	}
	return out
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("inputs:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// zipLines are the lines of a bundle of one zip file.
func zipLines(b *bundle.Bundle) []string {
	zip := string(b.Inputs[0].Source)
	return lines(b, zip[:strings.LastIndex(zip, "/")])
}

// content reads an input.
func content(t testing.TB, b *bundle.Bundle, suffix string) string {
	t.Helper()
	i := slices.IndexFunc(b.Inputs, func(in bundle.Input) bool { return strings.HasSuffix(string(in.Source), suffix) })
	if i < 0 {
		t.Fatalf("no input %s", suffix)
	}
	f, err := b.Inputs[i].Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// noise returns n lines that do not compress well, always the same.
func noise(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%x\n", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	return b.String()
}

func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func utf16be(s string) string {
	b := []byte(utf16le(s))
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}
