package message

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/evtx"
)

// Catalogue is a Source of templates by provider, event id and version. It is immutable and
// safe for concurrent use. The zero value knows nothing.
type Catalogue struct {
	providers map[string]templates // by name in lower case
}

type templates map[entryKey]*Template

// entryKey is the event that a template is for. A version of -1 stands for every version, an
// id of -1 for every event of the provider.
type entryKey struct{ id, version int32 }

var everyEvent = entryKey{-1, -1}

// Template returns the template of an event: that of its version, else that of its id, else
// that of its provider as a whole. A provider that was moved to a manifest is also found by
// the name that it had before. Case does not matter in names.
func (c *Catalogue) Template(sys *evtx.System) (*Template, bool) {
	for _, name := range [...]string{sys.Provider, sys.EventSourceName} {
		entries := c.providers[strings.ToLower(name)]
		for _, key := range [...]entryKey{{int32(sys.EventID), int32(sys.Version)}, {int32(sys.EventID), -1}, everyEvent} {
			if t, ok := entries[key]; ok {
				return t, true
			}
		}
	}
	return nil, false
}

//go:embed catalogue.txt
var builtInText string

var builtIn = sync.OnceValue(func() *Catalogue {
	c, _ := ReadCatalogue(strings.NewReader(builtInText)) // a test reads it too
	return c
})

// BuiltIn returns the catalogue that a [Renderer] falls back on: the events of the services,
// policies, logons and accounts that gpevtx judges, in words of its own.
func BuiltIn() *Catalogue { return builtIn() }

// maxLine bounds a line of a catalogue in bytes; a message has at most 64 KiB in Windows.
const maxLine = 256 << 10

// ReadCatalogue reads a catalogue from text in UTF-8:
//
//	# a comment
//	Service Control Manager
//		7000	The %1 service did not start: %2.
//		7040,7045	…
//		7045v1	…
//	ADSync
//	FIMSynchronizationService
//		*	…
//
// A line that begins without a tab names a provider; several in a row share what follows. The
// other lines are a tab, the ids, a tab and a template in the notation of [Parse]. An id
// counts for every version of the event unless one stands behind it (7045v1), and * for every
// event of the provider without a line of its own. An error names the line.
func ReadCatalogue(r io.Reader) (*Catalogue, error) {
	b := catalogueReader{catalogue: &Catalogue{providers: make(map[string]templates)}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; ; n++ {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return nil, fmt.Errorf("message catalogue, line %d: %w", n, err)
			}
			return b.catalogue, nil
		}
		if err := b.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("message catalogue, line %d: %w", n, err)
		}
	}
}

type catalogueReader struct {
	catalogue *Catalogue
	current   []templates // of the providers that the next entries are for
	entries   bool        // an entry was read for them
}

func (b *catalogueReader) line(line string) error {
	line = strings.TrimRight(line, " \r")
	entry, isEntry := strings.CutPrefix(line, "\t")
	switch {
	case line == "" || line[0] == '#':
		return nil
	case !utf8.ValidString(line):
		return fmt.Errorf("this is not UTF-8")
	case isEntry:
		return b.entry(entry)
	case line[0] == ' ':
		return fmt.Errorf("the line begins with a space: a tab begins an entry, the name of a provider any other line")
	}
	return b.provider(line)
}

func (b *catalogueReader) provider(name string) error {
	if strings.Contains(name, "\t") {
		return fmt.Errorf("a tab in %q: the lines of events begin with one, those of providers have none", name)
	}
	if b.entries {
		b.current, b.entries = nil, false
	}
	key := strings.ToLower(name)
	if b.catalogue.providers[key] == nil {
		b.catalogue.providers[key] = make(templates)
	}
	b.current = append(b.current, b.catalogue.providers[key])
	return nil
}

func (b *catalogueReader) entry(entry string) error {
	ids, text, ok := strings.Cut(entry, "\t")
	switch {
	case !ok || text == "":
		return fmt.Errorf("a tab, ids, a tab and a text expected, found %q", entry)
	case b.current == nil:
		return fmt.Errorf("no provider stands above event %s", ids)
	}
	b.entries = true
	t := Parse(text)
	for id := range strings.SplitSeq(ids, ",") {
		key, err := parseKey(id)
		if err != nil {
			return err
		}
		for _, entries := range b.current {
			if entries[key] != nil {
				return fmt.Errorf("a second text for event %s", id)
			}
			entries[key] = t
		}
	}
	return nil
}

// parseKey reads an event id with or without a version, or a star.
func parseKey(s string) (entryKey, error) {
	if s == "*" {
		return everyEvent, nil
	}
	digits, versionDigits, hasVersion := strings.Cut(s, "v")
	id, err := strconv.ParseUint(digits, 10, 16)
	key := entryKey{int32(id), -1}
	if err == nil && hasVersion {
		var version uint64
		version, err = strconv.ParseUint(versionDigits, 10, 8)
		key.version = int32(version)
	}
	if err != nil {
		return entryKey{}, fmt.Errorf("%q is no event id", s)
	}
	return key, nil
}
