package compare

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// Logs lists the event logs (.evtx) in a folder and those below it, as paths from there
// with slashes, sorted.
func Logs(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !strings.EqualFold(filepath.Ext(path), ".evtx") {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	return names, err
}
