package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gpevtx/gpevtx/evidence"
)

// namesPerInput bounds the names of one folder that are read, as a multiple of MaxMembers,
// so that they can be sorted before the limit cuts them.
const namesPerInput = 16

// root adds what is in the folder at path.
func (c *collector) root(path string, source evidence.Source) error {
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	c.bundle.roots = append(c.bundle.roots, root)
	if source == "." {
		source = ""
	}
	return c.folder(root, ".", source)
}

// folder adds the files of one folder below root, and those of the folders in it. Only the
// end of the context is an error.
func (c *collector) folder(root *os.Root, name string, source evidence.Source) error {
	entries, err := readFolder(root, name, c.cfg.MaxMembers*namesPerInput)
	if err != nil {
		c.add(Input{Source: cmp.Or(source, "."), Kind: Directory, Status: Refused, Detail: cause(err).Error()})
	}
	for i, entry := range entries {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if c.room() <= 0 {
			c.add(Input{
				Source: cmp.Or(source, "."), Kind: Directory, Status: Partly,
				Detail: fmt.Sprintf("the limit of %d inputs (MaxMembers) is reached; %d of the %d names in this folder were not looked at",
					c.cfg.MaxMembers, len(entries)-i, len(entries)),
			})
			return nil
		}
		if err := c.entry(root, name, source, entry); err != nil {
			return err
		}
	}
	return nil
}

// entry adds one entry of a folder.
func (c *collector) entry(root *os.Root, folder string, source evidence.Source, entry fs.DirEntry) error {
	name := filepath.Join(folder, entry.Name())
	child := evidence.Source(validText(entry.Name()))
	if source != "" {
		child = source + "/" + child
	}
	if entry.IsDir() {
		return c.folder(root, name, child)
	}
	err := c.file(child, entry.Type(), rootContent{root, name})
	if err != nil && c.ctx.Err() == nil {
		c.add(Input{Source: child, Kind: Unknown, Status: Refused, Detail: cause(err).Error()})
		return nil
	}
	return err
}

// readFolder returns the entries of a folder in the order of their names, at most max.
func readFolder(root *os.Root, name string, max int) ([]fs.DirEntry, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var entries []fs.DirEntry
	for len(entries) < max {
		batch, err := f.ReadDir(min(256, max-len(entries)))
		entries = append(entries, batch...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}
