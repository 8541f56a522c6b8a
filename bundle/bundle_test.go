package bundle_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/bundle"
)

// makeFolder makes a folder of files, whose names may have folders in them.
func makeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, data := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestFolder(t *testing.T) {
	folder := makeFolder(t, map[string]string{
		"gpresult.htm":          report,
		"EVENTLOG/System.evtx":  evtx,
		"EVENTLOG/renamed.txt":  evtx,
		"EVENTLOG/a/b/empty":    "",
		"notes.evtx":            "only text",
		"logs.tar":              strings.Repeat("x", 257) + "ustar\x00",
		"inner.zip":             string(makeZip(t, member{name: "dir/System.evtx", data: evtx})),
		"CONFIG/secedit (1).in": "[Unicode]\r\nUnicode=yes\r\n",
	})
	b := open(t, bundle.Config{}, folder)
	wantLines(t, lines(b, folder),
		"CONFIG/secedit (1).in secedit-inf ignored",
		"EVENTLOG/System.evtx evtx ignored",
		"EVENTLOG/a/b/empty empty ignored",
		"EVENTLOG/renamed.txt evtx ignored",
		"gpresult.htm gpresult-html ignored",
		"inner.zip zip read: members: 1",
		"inner.zip!/dir/System.evtx evtx ignored",
		"logs.tar tar refused: tar archive: not read by this version; unpack it and point gpevtx at the folder",
		"notes.evtx unknown ignored",
	)
	for _, in := range b.Inputs {
		if in.Kind != bundle.EVTX {
			continue
		}
		sum := sha256.Sum256([]byte(evtx))
		if in.Size != int64(len(evtx)) || in.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %d bytes, SHA-256 %s", in.Source, in.Size, in.SHA256)
		}
		if got := content(t, b, string(in.Source)); got != evtx {
			t.Errorf("%s: wrong content", in.Source)
		}
	}
	if got := content(t, b, "notes.evtx"); got != "only text" {
		t.Errorf("a file of unknown kind has the content %q", got)
	}
}

func TestPaths(t *testing.T) {
	folder := makeFolder(t, map[string]string{"a/gpresult.htm": report, "b.evtx": evtx})
	file := filepath.Join(folder, "b.evtx")
	missing := filepath.Join(folder, "missing.zip")
	b := open(t, bundle.Config{}, filepath.Join(folder, "a"), file, missing, file, filepath.Join(folder, "a")+"/.")
	wantLines(t, lines(b, folder),
		"a/gpresult.htm gpresult-html ignored",
		"b.evtx evtx ignored",
		"missing.zip unknown refused: no such file or directory",
	)
}

func TestCurrentFolder(t *testing.T) {
	t.Chdir(makeFolder(t, map[string]string{"x/gpresult.htm": report, "b.evtx": evtx}))
	b := open(t, bundle.Config{}, ".")
	wantLines(t, lines(b, ""), "b.evtx evtx ignored", "x/gpresult.htm gpresult-html ignored")
}

func TestNothingToOpen(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, paths := range [][]string{nil, {missing}, {missing, missing + "2"}} {
		b, err := bundle.Open(context.Background(), bundle.Config{}, paths...)
		if err == nil || b != nil {
			t.Errorf("Open(%q) = %v, want an error", paths, b)
		}
		for _, path := range paths {
			if err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("Open(%q): %v, want it to name %s", paths, err, path)
			}
		}
	}
	if b := open(t, bundle.Config{}, t.TempDir()); len(b.Inputs) != 0 {
		t.Errorf("an empty folder has %d inputs", len(b.Inputs))
	}
}

func TestFileReplacedByLink(t *testing.T) {
	outside := write(t, "secret.evtx", []byte(evtx))
	folder := makeFolder(t, map[string]string{"System.evtx": evtx})
	b := open(t, bundle.Config{}, folder)
	path := filepath.Join(folder, "System.evtx")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, path); err != nil {
		t.Skip(err)
	}
	if f, err := b.Inputs[0].Open(context.Background()); err == nil {
		f.Close()
		t.Error("Open follows a link that leads out of the folder")
	}
}

func TestInputOpenFails(t *testing.T) {
	b := openZip(t, bundle.Config{}, makeZip(t, member{name: "System.evtx", data: evtx}, member{name: "other", data: "text"}))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for i := range b.Inputs {
		if _, err := b.Inputs[i].Open(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: Open = %v, want context.Canceled", b.Inputs[i].Source, err)
		}
	}
	other := &b.Inputs[2]
	if _, err := other.Open(context.Background()); other.Readable() || err == nil || !strings.Contains(err.Error(), string(other.Source)) {
		t.Errorf("a member of unknown kind: Readable = %t, Open = %v", other.Readable(), err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	temp := t.TempDir()
	path := write(t, "case.zip", makeZip(t, member{name: "System.evtx", data: evtx}))
	b, err := bundle.Open(ctx, bundle.Config{TempDir: temp, MemoryLimit: 1}, path)
	if !errors.Is(err, context.Canceled) || b != nil {
		t.Errorf("Open = %v, %v; want context.Canceled", b, err)
	}
	wantEmpty(t, temp)
}

// lateContext ends after it was asked a number of times.
type lateContext struct {
	context.Context
	left int
}

func (c *lateContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever the context ends, Open says so and leaves nothing behind.
func TestCancelAnywhere(t *testing.T) {
	temp := t.TempDir()
	inner := makeZip(t, member{name: "System.evtx", data: evtx})
	damaged := makeZip(t, member{name: "a.evtx", data: evtx}, member{name: "b.evtx", data: evtx})
	folder := makeFolder(t, map[string]string{
		"a.evtx": evtx, "d/b.evtx": evtx,
		"case.zip":   string(makeZip(t, member{name: "inner.zip", data: string(inner)}, member{name: "x", data: "x"})),
		"broken.zip": string(damaged[:len(damaged)-30]),
	})
	for n := 0; ; n++ {
		b, err := bundle.Open(&lateContext{context.Background(), n}, bundle.Config{TempDir: temp, MemoryLimit: 1}, folder)
		if err == nil {
			if n < 10 {
				t.Errorf("the context was asked only %d times", n)
			}
			b.Close()
			break
		}
		if !errors.Is(err, context.Canceled) || b != nil {
			t.Fatalf("ended at check %d: Open = %v, %v", n, b, err)
		}
		wantEmpty(t, temp)
	}
	wantEmpty(t, temp)
}

func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left in the folder for temporary files", e.Name())
	}
}

// TestLogsInArchivesTakeNoMemory holds the default: a log of any size in an archive goes to a
// temporary file.
func TestLogsInArchivesTakeNoMemory(t *testing.T) {
	temp := t.TempDir()
	log := "ElfFile\x00" + strings.Repeat("x", 9<<20)
	path := filepath.Join(t.TempDir(), "case.zip")
	if err := os.WriteFile(path, makeZip(t, member{name: "System.evtx", data: log}), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(context.Background(), bundle.Config{TempDir: temp, MaxRatio: 2000}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if files, err := filepath.Glob(filepath.Join(temp, "*", "*")); err != nil || len(files) != 1 {
		t.Errorf("temporary files %q, %v; want one", files, err)
	}
}

func TestMemoryLimitUsesTemporaryFiles(t *testing.T) {
	temp := t.TempDir()
	big := evtx + strings.Repeat("0123456789", 200_000)
	path := write(t, "case.zip", makeZip(t,
		member{name: "small.evtx", data: evtx},
		member{name: "../../big.evtx", data: big},
		member{name: "nested.zip", data: string(makeZip(t, member{name: "big2.evtx", data: big})), change: stored},
		member{name: "last.evtx", data: evtx},
	))
	b, err := bundle.Open(context.Background(), bundle.Config{TempDir: temp, MemoryLimit: 64 << 10}, path)
	if err != nil {
		t.Fatal(err)
	}
	entries, _ := filepath.Glob(filepath.Join(temp, "*", "*"))
	if len(entries) != 2 {
		t.Errorf("temporary files: %q, want one for each large log", entries)
	}
	for name, want := range map[string]string{"/small.evtx": evtx, "/big.evtx": big, "/big2.evtx": big, "/last.evtx": evtx} {
		if got := content(t, b, name); got != want {
			t.Errorf("%s: wrong content of %d bytes, want %d", name, len(got), len(want))
		}
	}
	for range 2 {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	wantEmpty(t, temp)
}

func TestNoTemporaryFolder(t *testing.T) {
	path := write(t, "case.zip", makeZip(t, member{name: "System.evtx", data: evtx}, member{name: "x", data: "x"}))
	b := open(t, bundle.Config{TempDir: filepath.Join(t.TempDir(), "missing"), MemoryLimit: 1}, path)
	wantLines(t, zipLines(b),
		"case.zip zip read: members: 2",
		"case.zip!/System.evtx evtx refused: cannot be kept: no such file or directory",
		"case.zip!/x unknown ignored",
	)
}

func TestDeterminism(t *testing.T) {
	inner := makeZip(t, member{name: "b", data: evtx}, member{name: "a", data: report}, member{name: "b", data: "x"})
	folder := makeFolder(t, map[string]string{"z.zip": string(inner), "a.zip": string(inner), "m/x.evtx": evtx, "m.evtx": evtx})
	first := open(t, bundle.Config{}, folder)
	for range 3 {
		again := open(t, bundle.Config{MemoryLimit: 1}, folder)
		if got, want := lines(again, ""), lines(first, ""); !slices.Equal(got, want) {
			t.Errorf("got %q, then %q", want, got)
		}
		for i := range first.Inputs {
			a, b := first.Inputs[i], again.Inputs[i]
			if !reflect.DeepEqual([]any{a.Size, a.SHA256, a.Readable()}, []any{b.Size, b.SHA256, b.Readable()}) {
				t.Errorf("%s differs", a.Source)
			}
		}
	}
}

func TestFolderLimits(t *testing.T) {
	folder := makeFolder(t, map[string]string{"a": "1", "b": "2", "c/d": "3", "c/e": "4", "f": "5"})
	b := open(t, bundle.Config{MaxMembers: 3}, folder)
	wantLines(t, lines(b, folder),
		" directory partly: the limit of 3 inputs (MaxMembers) is reached; 1 of the 4 names in this folder were not looked at",
		"a unknown ignored",
		"b unknown ignored",
		"c directory partly: the limit of 3 inputs (MaxMembers) is reached; 1 of the 2 names in this folder were not looked at",
		"c/d unknown ignored",
	)
	b = open(t, bundle.Config{MaxInputSize: 100}, makeFolder(t, map[string]string{"System.evtx": evtx}))
	in := b.Inputs[0]
	if in.Kind != bundle.EVTX || in.Status != bundle.Refused || in.Readable() || in.Detail != "5008 bytes, more than the limit of 100 (MaxInputSize)" {
		t.Errorf("%+v", in)
	}
}

func TestOpenIsSafeForConcurrentUse(t *testing.T) {
	b := openZip(t, bundle.Config{MemoryLimit: 6000}, makeZip(t, member{name: "a.evtx", data: evtx}, member{name: "b.evtx", data: evtx + "b"}))
	done := make(chan bool)
	for range 4 {
		go func() {
			ok := true
			for i := range b.Inputs {
				f, err := b.Inputs[i].Open(context.Background())
				if err != nil {
					ok = false
					continue
				}
				head := make([]byte, 4)
				_, err = f.ReadAt(head, 0)
				ok = ok && err == nil && (bytes.Equal(head, []byte("ElfF")) || i == 0)
				f.Close()
			}
			done <- ok
		}()
	}
	for range 4 {
		if !<-done {
			t.Error("an input could not be read")
		}
	}
}
