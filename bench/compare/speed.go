package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// commandSpeed is the command speed.
func commandSpeed(ctx context.Context, w io.Writer, o options) (int, error) {
	dir, err := os.MkdirTemp("", "gpevtx-speed-")
	if err != nil {
		return exitUnknown, err
	}
	defer os.RemoveAll(dir)
	m := measurement{core: aCore(), long: filepath.Join(dir, "long.evtx"), short: filepath.Join(dir, "short.evtx")}
	if m.self, err = os.Executable(); err != nil {
		return exitUnknown, err
	}
	m.taskset, _ = exec.LookPath("taskset")
	about, err := o.makeLogs(ctx, dir, m)
	if err != nil {
		return exitUnknown, err
	}
	jobs, err := o.jobs(ctx)
	if err != nil {
		return exitUnknown, err
	}
	s := speed{about: append(o.aboutMachine(m.taskset != ""), about...), cores: runtime.NumCPU()}
	if s.results, err = m.run(ctx, jobs, o.rounds, o.progress); err != nil {
		return exitUnknown, err
	}
	if err := s.markdown(w); err != nil {
		return exitUnknown, err
	}
	for _, path := range o.excerpts {
		if err := replaceExcerpt(path, s.shortTable()); err != nil {
			return exitUnknown, err
		}
	}
	return 0, nil
}

// makeLogs writes the two logs that are read, and says what they are.
func (o options) makeLogs(ctx context.Context, dir string, m measurement) (about []string, err error) {
	chunks, err := o.distinctChunks()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.progress, "trying %d chunks with each reader\n", len(chunks))
	kept, dropped, err := keepReadable(ctx, dir, chunks, o.peers(ctx), runtime.NumCPU())
	if err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, errors.New("there is no chunk that all readers read")
	}
	n := chunkCount(o.size*1e6, len(kept))
	err = writeLogFile(m.short, kept, len(kept))
	if err == nil {
		err = writeLogFile(m.long, kept, n)
	}
	var left []string
	for _, reader := range slices.Sorted(maps.Keys(dropped)) {
		left = append(left, fmt.Sprintf("%d for %s", dropped[reader], reader))
	}
	if left == nil {
		left = []string{"none"}
	}
	return []string{
		fmt.Sprintf("Short log: the %d distinct chunks, full and with right checksums, of a folder of real logs, %.1f MB. Left out, "+
			"for a reader that gives fewer records of them or fails: %s.", len(kept), megabytes(len(kept)), strings.Join(left, ", ")),
		fmt.Sprintf("Long log: the same chunks again and again, %d of them, %.1f MB.", n, megabytes(n)),
		"Rare events: Service Control Manager 7000, 7038, 7041. Common ones: Service Control Manager 7036, Security 4624, 4625, 4672, 4688. " +
			"Of what is chosen the typed data are read; golang-evtx makes JSON of it.",
		"We verify all checksums; evtx_dump does not by default, and golang-evtx has no way to.",
	}, err
}

func megabytes(chunks int) float64 { return float64(fileHeader+chunks*chunkSize) / 1e6 }

// aboutMachine says where and when this is measured.
func (o options) aboutMachine(pinned bool) []string {
	one := "GOMAXPROCS=1 and options of the programs"
	if pinned {
		one = "the process is kept to a core by taskset, with GOMAXPROCS=1"
	}
	return []string{
		fmt.Sprintf("%s, %d rounds; gpevtx %s, %s.", time.Now().UTC().Format(time.DateOnly), o.rounds, o.revision, runtime.Version()),
		fmt.Sprintf("%s, %d cores, %s (%s/%s). One core: %s.", cpuModel(), runtime.NumCPU(), systemName(), runtime.GOOS, runtime.GOARCH, one),
	}
}

// cpuModel and systemName are what Linux tells, else words that say no more than is known.
func cpuModel() string {
	return fieldOf("/proc/cpuinfo", "model name", ":", "processor of unknown model")
}

func systemName() string {
	return strings.Trim(fieldOf("/etc/os-release", "PRETTY_NAME", "=", runtime.GOOS), `"`)
}

// fieldOf is the value of the first line of a file with a name.
func fieldOf(path, name, separator, otherwise string) string {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}

// Marks around the table in a document of which it is a part.
const (
	excerptBegin = "<!-- speed: written by bench/speed -->\n"
	excerptEnd   = "<!-- end of speed -->\n"
)

// replaceExcerpt puts a table between the marks of a document.
func replaceExcerpt(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), excerptBegin)
	_, after, ok2 := strings.Cut(rest, excerptEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no marks for the table", path)
	}
	return os.WriteFile(path, []byte(before+excerptBegin+table+excerptEnd+after), 0o644)
}
