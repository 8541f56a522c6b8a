// Package bundle turns what a customer sent into a list of inputs that are recognised by
// their content.
//
// What arrives at a support desk is a folder, a zip file, a zip file in a zip file, or a few
// loose files whose names somebody changed. [Open] walks all of it and lists every file and
// every member of an archive as an [Input], with its size, its SHA-256, and its [Kind] as
// [Detect] tells it from the first bytes. What cannot be read is in the list as well, with
// the reason: nothing is left out silently.
//
//	b, err := bundle.Open(ctx, bundle.Config{}, "case.zip")
//	if err != nil {
//		return err
//	}
//	defer b.Close()
//	for i := range b.Inputs {
//		in := &b.Inputs[i]
//		if in.Kind != bundle.EVTX || !in.Readable() {
//			continue
//		}
//		f, err := in.Open(ctx)
//		…
//	}
//
// # Hostile input
//
// Everything is taken for hostile. Archives are inflated under the limits of [Config], which
// bound the number of inputs, the bytes of each and of all, the ratio of inflation and the
// depth of archives in archives; a limit that was met is named in the Detail of the input
// that met it. Names in an archive are only ever text: members are kept in memory, or in
// temporary files whose names do not come from the archive. Symbolic links inside a folder
// are not followed, and nothing but regular files is opened.
//
// A zip file without its directory, as an upload that broke off leaves it, is read by the
// headers of its members as far as it goes.
package bundle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
)

// Config bounds what Open reads. A field that is zero or negative stands for its default, so
// that the zero Config is ready to use.
type Config struct {
	// MaxMembers is the largest number of inputs: files and members of archives together.
	// Default 20,000.
	MaxMembers int
	// MaxInputSize is the largest input, in bytes and inflated. A larger one is refused.
	// Default 4 GiB.
	MaxInputSize int64
	// MaxTotalSize is the largest number of bytes that are inflated from all archives
	// together. Default 8 GiB.
	MaxTotalSize int64
	// MaxRatio is how many times its stored size a member may inflate to, once it is larger
	// than 16 MiB. Default 500; the format's own limit is about 1,030.
	MaxRatio int
	// MaxDepth is how deep archives may lie in archives: 1 reads a zip file only, 2 also one
	// in it. Default 3.
	MaxDepth int
	// MaxNameLength is the longest name of a member, in bytes, that is kept in full; a longer
	// one is cut. Default 1,024.
	MaxNameLength int
	// MemoryLimit is how many bytes of members are held in memory; more goes to temporary
	// files. Default 8 MiB: small reports stay in memory, logs do not.
	MemoryLimit int64
	// TempDir is where the folder for temporary files is made, when one is needed. Default
	// os.TempDir().
	TempDir string
}

func (cfg Config) withDefaults() Config {
	cfg.MaxMembers = positive(cfg.MaxMembers, 20_000)
	cfg.MaxInputSize = positive(cfg.MaxInputSize, 4<<30)
	cfg.MaxTotalSize = positive(cfg.MaxTotalSize, 8<<30)
	cfg.MaxRatio = positive(cfg.MaxRatio, 500)
	cfg.MaxDepth = positive(cfg.MaxDepth, 3)
	cfg.MaxNameLength = positive(cfg.MaxNameLength, 1024)
	cfg.MemoryLimit = positive(cfg.MemoryLimit, 8<<20)
	cfg.TempDir = cmp.Or(cfg.TempDir, os.TempDir())
	return cfg
}

func positive[T int | int64](n, fallback T) T {
	if n > 0 {
		return n
	}
	return fallback
}

// Status tells what became of an input.
type Status string

// The values of Status. Open sets Refused where it could not read an input and Partly where
// it read some of it. It sets Read for archives whose members are inputs of their own, and
// Ignored for all else, as nothing has been done with it yet: whoever reads an Ignored input
// sets Read, or Partly when not all of it could be used.
const (
	Read    Status = "read"
	Partly  Status = "partly"
	Ignored Status = "ignored"
	Refused Status = "refused"
)

// Input is one file or one member of an archive.
type Input struct {
	// Source names the input: the path of the file as it was given or found, with forward
	// slashes, or archive!/member. It is unique in the bundle: of members of one name in one
	// archive, the second has #2 appended and so on.
	Source evidence.Source
	Kind   Kind
	Status Status
	// Size is the number of bytes, inflated where it is a member of an archive; of an input
	// that was refused, as far as it was read.
	Size int64
	// SHA256 is the hash of the content in lower-case hexadecimal; empty when the content
	// could not be read to its end.
	SHA256 string
	// Detail says in words for people why an input was refused or read in part, or what an
	// archive holds. Empty when there is nothing to say.
	Detail string

	content content
}

// Readable reports whether Open can give access to the content.
func (in *Input) Readable() bool { return in.content != nil }

// File is the content of an input. It is safe for concurrent use, except for Close.
type File interface {
	io.ReaderAt
	io.Closer
	// Size is the number of bytes.
	Size() int64
}

// Open gives access to the content. It fails when the input was refused, when it is a member
// of an archive of a kind that is not kept ([Unknown], [Empty] and archives that are not
// read), when the file has gone, and after [Bundle.Close]. The caller closes the File. Open
// is safe for concurrent use.
func (in *Input) Open(ctx context.Context) (File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in.content == nil {
		return nil, fmt.Errorf("bundle: %s: its content is not available (%s, %s)", in.Source, in.Kind, in.Status)
	}
	f, err := in.content.open()
	if err != nil {
		return nil, fmt.Errorf("bundle: %s: %w", in.Source, cause(err))
	}
	return f, nil
}

// Bundle is a list of inputs with access to their content.
type Bundle struct {
	// Inputs are sorted by Source.
	Inputs []Input

	store *store
	roots []*os.Root
}

// Open lists the files, folders and archives at paths with everything in them. Problems with
// single inputs are in the list and are no error: Open fails only when none of the paths
// could be opened, or when ctx ends. The caller closes the Bundle.
func Open(ctx context.Context, cfg Config, paths ...string) (*Bundle, error) {
	c := newCollector(ctx, cfg.withDefaults())
	if err := c.collect(paths); err != nil {
		return nil, errors.Join(err, c.bundle.Close())
	}
	slices.SortFunc(c.bundle.Inputs, func(a, b Input) int { return cmp.Compare(a.Source, b.Source) })
	return c.bundle, nil
}

// Close removes the temporary files and ends the access to the content of all inputs. Files
// that are still open must be closed before.
func (b *Bundle) Close() error {
	err := b.store.close()
	for _, root := range b.roots {
		err = errors.Join(err, root.Close())
	}
	b.roots = nil
	return err
}

// collector fills a bundle. Its buffers are for one input at a time.
type collector struct {
	ctx    context.Context
	cfg    Config
	bundle *Bundle
	// sources counts the inputs that asked for each source.
	sources map[evidence.Source]int
	// inflated is the number of bytes taken out of archives so far.
	inflated int64
	// head is the buffer that readHead fills.
	head []byte
	// packed and flate take members out of archives.
	packed countReader
	flate  io.ReadCloser
}

func newCollector(ctx context.Context, cfg Config) *collector {
	return &collector{
		ctx:     ctx,
		cfg:     cfg,
		bundle:  &Bundle{store: newStore(cfg.TempDir, cfg.MemoryLimit)},
		sources: make(map[evidence.Source]int),
	}
}

// collect adds the inputs at all paths. It fails when none of them could be opened.
func (c *collector) collect(paths []string) error {
	if len(paths) == 0 {
		return errors.New("bundle: no path given")
	}
	seen := make(map[string]bool)
	opened := false
	var problems []error
	for _, path := range paths {
		path = filepath.Clean(path)
		if seen[path] {
			continue
		}
		seen[path] = true
		if err := c.ctx.Err(); err != nil {
			return err
		}
		switch err := c.path(path); {
		case err == nil:
			opened = true
		case c.ctx.Err() != nil:
			return c.ctx.Err()
		default:
			problems = append(problems, fmt.Errorf("bundle: %s: %w", path, cause(err)))
		}
	}
	if !opened {
		return errors.Join(problems...)
	}
	return c.ctx.Err()
}

// path adds what is at a path that the user named. A link is followed there, as the user
// meant what it leads to.
func (c *collector) path(path string) error {
	source := evidence.Source(validText(filepath.ToSlash(path)))
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = c.root(path, source)
	} else if err == nil {
		err = c.file(source, info.Mode(), pathContent(path))
	}
	if err != nil && c.ctx.Err() == nil {
		c.add(Input{Source: source, Kind: Unknown, Status: Refused, Detail: cause(err).Error()})
	}
	return err
}

// room is how many inputs can still be added.
func (c *collector) room() int { return c.cfg.MaxMembers - len(c.bundle.Inputs) }

// add adds in under a source that no other input has.
func (c *collector) add(in Input) {
	c.sources[in.Source]++
	if n := c.sources[in.Source]; n > 1 {
		base := in.Source
		for ; c.sources[in.Source] > 0; n++ {
			in.Source = evidence.Source(fmt.Sprintf("%s#%d", base, n))
		}
		c.sources[base] = n - 1
		c.sources[in.Source] = 1
	}
	c.bundle.Inputs = append(c.bundle.Inputs, in)
}

// cause strips a file system's error of the path, which the input states anyway, in the way
// that it is stated.
func cause(err error) error {
	if pathErr, ok := err.(*fs.PathError); ok {
		return pathErr.Err
	}
	return err
}

// validText makes text of a name that is in no known encoding.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
