package layout

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the output that the README's first command has now")

const (
	readme      = "../../README.md"
	outputBegin = "<!-- output of the first command -->\n```\n"
	outputEnd   = "```\n<!-- end of output -->"
	firstArgs   = "analyze testdata/bundles/omitted-right.zip"
)

// TestREADMEShowsRealOutput runs the README's first command and compares.
func TestREADMEShowsRealOutput(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "go run ./cmd/gpevtx "+firstArgs+"\n") {
		t.Errorf("the README does not name the command %s", firstArgs)
	}
	before, rest, ok := strings.Cut(string(text), outputBegin)
	shown, after, ok2 := strings.Cut(rest, outputEnd)
	if !ok || !ok2 {
		t.Fatal("the README lacks the marks around the output")
	}
	cmd := exec.Command("go", append([]string{"run", "./cmd/gpevtx"}, strings.Fields(firstArgs)...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "COLUMNS=80")
	out, _ := cmd.Output() // the exit code is that of a finding
	if len(out) == 0 {
		t.Fatal("the command printed nothing")
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+outputBegin+string(out)+outputEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != string(out) {
		t.Errorf("the README shows other output than the command prints; run this test with -update:\n%s", out)
	}
}
