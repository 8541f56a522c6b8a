//go:build unix

package bundle_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gpevtx/gpevtx/bundle"
)

func TestSpecialFiles(t *testing.T) {
	outside := write(t, "secret.evtx", []byte(evtx))
	folder := makeFolder(t, map[string]string{"in/System.evtx": evtx, "locked": "x", "shut/System.evtx": evtx, "broken\xff\xfename": "x"})
	for link, target := range map[string]string{
		"link-out.evtx": outside,
		"link-dir":      filepath.Dir(outside),
		"link-in.evtx":  "in/System.evtx",
		"in/loop":       "..",
	} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"broken\uFFFDname unknown ignored",
		"in/System.evtx evtx ignored",
		"in/loop unknown refused: a symbolic link, which is not followed",
		"link-dir unknown refused: a symbolic link, which is not followed",
		"link-in.evtx unknown refused: a symbolic link, which is not followed",
		"link-out.evtx unknown refused: a symbolic link, which is not followed",
		"locked unknown ignored",
		"pipe unknown refused: a named pipe, not a regular file",
		"shut/System.evtx evtx ignored",
	}
	if os.Geteuid() != 0 { // root may read everything
		for _, name := range []string{"locked", "shut"} {
			if err := os.Chmod(filepath.Join(folder, name), 0); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(folder, "shut"), 0o700) })
		want[6] = "locked unknown refused: permission denied"
		want[8] = "shut directory refused: permission denied"
	}
	wantLines(t, lines(open(t, bundle.Config{}, folder), folder), want...)

	// What the user names is meant, link or not; but a pipe would wait for ever.
	b := open(t, bundle.Config{}, filepath.Join(folder, "link-out.evtx"), filepath.Join(folder, "pipe"))
	wantLines(t, lines(b, folder),
		"link-out.evtx evtx ignored",
		"pipe unknown refused: a named pipe, not a regular file",
	)
}
