package scenario

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The bounds of [Files] and [Read].
const (
	// MaxFiles is how many scenario files one folder may have, with what is below it.
	MaxFiles = 5000
	// MaxFile is the size of the largest scenario file, in bytes.
	MaxFile = 4 << 20
)

// Files lists the scenario files in dir and below it, those whose names end in .txtar, in
// the order of their paths.
func Files(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.Type().IsRegular() || !strings.EqualFold(filepath.Ext(path), ".txtar"):
			return nil
		case len(files) == MaxFiles:
			return fmt.Errorf("%s: there are more than %d scenario files", dir, MaxFiles)
		}
		files = append(files, path)
		return nil
	})
	return files, err
}

// Read reads a scenario file. Errors name it.
func Read(file string) (*Scenario, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, err
	}
	name := filepath.ToSlash(file)
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%s: the file is larger than %d bytes", name, MaxFile)
	}
	return Parse(name, data)
}
