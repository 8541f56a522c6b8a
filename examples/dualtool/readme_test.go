package main

import (
	"archive/zip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the output that the README's command has now")

// TestREADMEShowsRealOutput runs the README's command on the log of the sample bundle.
func TestREADMEShowsRealOutput(t *testing.T) {
	const begin, end = "$ go run ./examples/dualtool SYNC01/System.evtx\n", "```\n<!-- end of output -->"
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the README lacks the command or the mark behind its output")
	}
	archive, err := zip.OpenReader("../../testdata/bundles/omitted-right.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	log, err := archive.Open("SYNC01/System.evtx")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(log)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := filepath.Abs("README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("SYNC01", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("SYNC01/System.evtx", b, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runTool("SYNC01/System.evtx")
	if code != 0 || errs != "" {
		t.Errorf("exit code %d, standard error %q", code, errs)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+begin+out+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != out {
		t.Errorf("the README shows other output than the command prints; run this test with -update:\n%s", out)
	}
}
