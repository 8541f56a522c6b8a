package collected

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
)

// Config holds the source's name and the limits of [Parse]. The zero value works.
type Config struct {
	// Source names the file in locations and errors.
	Source evidence.Source
	// Services are the key names of the services that are kept; nil keeps ADSync only.
	Services []string
	// MaxBytes is how much of a text other than a registry export is read. 0 means 32 MiB.
	MaxBytes int64
	// MaxExport is how much of a registry export is read. 0 means 2 GiB.
	MaxExport int64
	// MaxLine is how many bytes of one line are kept. 0 means 64 KiB.
	MaxLine int
	// MaxItems bounds the services, groups and notes that are kept of one file, in number
	// of each. 0 means 4,096.
	MaxItems int
}

func (c Config) withDefaults() Config {
	c.MaxBytes = cmp.Or(c.MaxBytes, 32<<20)
	c.MaxExport = cmp.Or(c.MaxExport, 2<<30)
	c.MaxLine = cmp.Or(c.MaxLine, 64<<10)
	c.MaxItems = cmp.Or(c.MaxItems, 4096)
	if c.Services == nil {
		c.Services = []string{"ADSync"}
	}
	return c
}

// Parse reads one file from the size bytes of r.
//
// A file that is none of the formats gives a nil File and a [*FormatError]. When r fails or
// ctx ends, Parse returns what was read until then, if anything, and the error. A limit of
// the Config that was met is a warning and no error.
//
// Parse keeps nothing of r and may be called from several goroutines.
func Parse(ctx context.Context, r io.ReaderAt, size int64, cfg Config) (*File, error) {
	cfg = cfg.withDefaults()
	p := &parser{cfg: cfg, file: &File{Source: cfg.Source}}
	limit := cfg.MaxExport
	p.lines = newLineReader(ctx, io.NewSectionReader(r, 0, min(size, limit)), cfg.MaxLine)
	more := p.lines.next()
	if more && isExport(p.lines.text()) {
		p.file.Kind = RegistryExport
		p.readExport()
	} else {
		limit = cfg.MaxBytes
		p.lines = newLineReader(ctx, io.NewSectionReader(r, 0, min(size, limit)), cfg.MaxLine)
		p.readText()
	}
	err := p.lines.err
	if err != nil {
		err = fmt.Errorf("%s: after line %d: %w", cfg.Source, p.lines.line, err)
	}
	if p.file.Kind == "" {
		return nil, cmp.Or[error](err, &FormatError{Source: cfg.Source, Read: p.stopped})
	}
	if p.stopped > 0 {
		p.warn(TooMuch, p.lines.line, "only the first %d bytes were read: the last %d of them had nothing of use", p.stopped, maxOther)
	} else if size > limit {
		p.warn(TooMuch, 0, "only the first %d of %d bytes were read", limit, size)
	}
	if p.lines.lost > 0 {
		p.warn(LostCharacters, p.lines.lost, "characters in an unknown code page could not be read")
	}
	return p.file, err
}

// parser reads one file.
type parser struct {
	cfg   Config
	file  *File
	lines *lineReader
	// things is how many things were recognised, known how much was read then, in bytes;
	// stopped is how much when reading ended because nothing more was, or 0.
	things         int
	known, stopped int64
}

// maxWarnings is how many warnings of one file are kept.
const maxWarnings = 50

func (p *parser) warn(code WarningCode, line int, format string, args ...any) {
	if len(p.file.Warnings) < maxWarnings {
		p.file.Warnings = append(p.file.Warnings, Warning{Code: code, Line: line, Message: fmt.Sprintf(format, args...)})
	}
}

// is notes that something was recognised. By the first thing in it a file has its kind.
func (p *parser) is(k Kind) {
	p.file.Kind = cmp.Or(p.file.Kind, k)
	if p.things++; p.things/thingsPerItem <= p.cfg.MaxItems {
		p.known = p.lines.read
	}
}

// thingsPerItem is how many things may be recognised for each that may be kept, so that a text
// of endless services ends as one of nothing does.
const thingsPerItem = 16

// maxOther is how much of a text is read in which nothing is recognised, in bytes: between
// the outputs of other tools, or at all in the log of some program.
const maxOther = 1 << 20

// maxExcerpt bounds the line that is shown as evidence, in bytes, and maxText a value.
const (
	maxExcerpt = 300
	maxText    = 4 << 10
)

// value is text that stands on the present line.
func (p *parser) value(text, line string) Value {
	return Value{
		Text: shorten(text, maxText), Excerpt: shorten(strings.Join(strings.Fields(line), " "), maxExcerpt),
		At: evidence.Location{Source: p.cfg.Source, Line: p.lines.line},
	}
}

// shorten cuts a text to so many bytes without half a character at its end.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// wants reports whether statements on a service are kept.
func (p *parser) wants(name string) bool {
	for _, s := range p.cfg.Services {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// add keeps what an output says of a service.
func (p *parser) add(s Service) {
	if !p.wants(s.Name.Text) {
		return
	}
	if len(p.file.Services) >= p.cfg.MaxItems {
		p.warn(TooMuch, s.Name.At.Line, "more than %d statements on services: the rest was left out", p.cfg.MaxItems)
		return
	}
	p.file.Services = append(p.file.Services, s)
}

// readText reads everything but a registry export: the outputs of several tools may stand in
// one file.
func (p *parser) readText() {
	sc := scReader{parser: p}
	who := whoamiReader{parser: p}
	list := listReader{parser: p}
	notes := noteReader{parser: p}
	for p.stopped == 0 && p.lines.next() {
		if p.lines.read-p.known > maxOther {
			p.stopped = p.lines.read
		}
		line := p.lines.text()
		if p.lines.long {
			p.warn(TooMuch, p.lines.line, "a line of more than %d bytes was cut", p.cfg.MaxLine)
		}
		sc.take(line)
		who.take(line)
		list.take(line)
		notes.take(line)
	}
	sc.finish()
	list.conclude()
	who.finish()
	if p.stopped == 0 {
		notes.finish()
	}
}
