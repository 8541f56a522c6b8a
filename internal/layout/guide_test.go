package layout

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// guides are the documents whose commands are run: the guide to writing rules, and the README
// with the commands that it shows beside its first.
var guides = []string{"docs/writing-rules.md", "README.md"}

const (
	repo      = "../.."
	guideRest = "…\n" // stands for all the output that follows
)

var (
	fileBlock    = regexp.MustCompile("(?s)(<!-- file: ([^ \n]+) -->\n```[a-z]*\n)(.*?)(```\n)")
	consoleBlock = regexp.MustCompile("(?s)(```console\n)\\$ ([^\n]+)\n(.*?)(```\n)")
)

// TestGuideTellsTheTruth runs the commands of the guides and compares what they print, and the
// files that they show, with what the guides say.
func TestGuideTellsTheTruth(t *testing.T) {
	program := build(t)
	for _, guide := range guides {
		t.Run(guide, func(t *testing.T) { checkGuide(t, program, guide) })
	}
}

func checkGuide(t *testing.T, program, guide string) {
	data, err := os.ReadFile(filepath.Join(repo, guide))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	now := fileBlock.ReplaceAllStringFunc(text, func(block string) string {
		m := fileBlock.FindStringSubmatch(block)
		content, err := os.ReadFile(filepath.Join(repo, m[2]))
		if err != nil {
			t.Fatal(err)
		}
		return m[1] + string(content) + m[4]
	})
	commands := 0
	now = consoleBlock.ReplaceAllStringFunc(now, func(block string) string {
		m := consoleBlock.FindStringSubmatch(block)
		commands++
		out := runGuided(t, program, m[2])
		if strings.HasSuffix(m[3], guideRest) {
			out = beginning(out, 12) + guideRest
		}
		return m[1] + "$ " + m[2] + "\n" + out + m[4]
	})
	if commands == 0 {
		t.Fatal("the guide shows no commands")
	}
	switch {
	case now == text:
	case *update:
		if err := os.WriteFile(filepath.Join(repo, guide), []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not show what is there; run this test with -update. It would be:\n%s", guide, now)
	}
}

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "gpevtx")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	cmd := exec.Command("go", "build", "-o", program, "./cmd/gpevtx")
	cmd.Dir = repo
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// runGuided runs a command of the guide and returns what it prints. It may exit with 0 or 1.
func runGuided(t *testing.T, program, line string) string {
	t.Helper()
	words := strings.Fields(line)
	if words[0] != "gpevtx" {
		t.Fatalf("%q does not run gpevtx", line)
	}
	cmd := exec.Command(program, words[1:]...)
	cmd.Dir = repo
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "COLUMNS=100")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || len(exit.Stderr) > 0) {
		t.Errorf("%s: %v\n%s", line, err, exit.Stderr)
	}
	return string(out)
}

// beginning returns the first lines of a text.
func beginning(text string, lines int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if lines--; lines < 0 {
			break
		}
		b.WriteString(line)
	}
	return b.String()
}
