package rules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The bounds of [Load].
const (
	// MaxRuleFile is the size of the largest rule file, in bytes.
	MaxRuleFile = 256 << 10
	// MaxRuleFiles is the number of rule files in one file system.
	MaxRuleFiles = 1000
	// MaxRuleDepth is how deep the values of a rule may be nested.
	MaxRuleDepth = 8
)

// Load reads the rules of every file of fsys whose name ends in .yaml or .yml, in
// folders too, in the order of their paths. A file holds one rule for each YAML
// document; the package documentation describes the form.
//
// Nothing about a rule is left for later: expressions are checked against the types of
// the facts, and what a rule declares against what it reads. Load finds all mistakes of
// all files, a hundred of each at most, and returns them joined, each a [*LoadError]; then
// there are no rules. An error of fsys itself ends it, and is returned alone. Whether rules
// that name each other exist is not looked at: see [Validate].
func Load(fsys fs.FS) ([]*Rule, error) {
	return new(loader).load(fsys)
}

// load loads the rules of all files.
func (l *loader) load(fsys fs.FS) ([]*Rule, error) {
	names, err := ruleFiles(fsys)
	if err != nil {
		return nil, err
	}
	l.places = map[string]string{}
	for _, name := range names {
		if err := l.file(fsys, name, name); err != nil {
			return nil, err
		}
	}
	if err := joinLoadErrors(l.mistakes()); err != nil {
		return nil, err
	}
	return l.rules, nil
}

// ruleFiles lists the rule files of fsys in order.
func ruleFiles(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := strings.ToLower(path.Ext(name)); d.IsDir() || ext != ".yaml" && ext != ".yml" {
			return nil
		}
		if len(names) == MaxRuleFiles {
			return fmt.Errorf("more than %d rule files", MaxRuleFiles)
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// loader gathers the rules and mistakes of all files.
type loader struct {
	rules []*Rule
	files []*source
	// read are the rules as they were read, with those that have mistakes.
	read []*reader
	// places tells where the rule of an id stands.
	places map[string]string
	types  typeCache
}

// file loads the rules of one file, which mistakes name as shown. The error is of the file
// system; mistakes in the file are gathered.
func (l *loader) file(fsys fs.FS, name, shown string) error {
	data, err := readRegular(fsys, name)
	if err != nil && !errors.Is(err, errNotRegular) {
		return err
	}
	src := newSource(shown, data)
	switch {
	case err != nil:
		src.fail(0, 0, "%v", err)
	case len(data) > MaxRuleFile:
		src.fail(0, 0, "the file is larger than %d bytes", MaxRuleFile)
	case !utf8.Valid(data):
		src.fail(0, 0, "the file is not UTF-8 text")
	default:
		l.documents(src)
	}
	l.files = append(l.files, src)
	return nil
}

// mistakes are those of all files.
func (l *loader) mistakes() []*LoadError {
	var out []*LoadError
	for _, f := range l.files {
		out = append(out, f.errs.all(f.name, "mistakes")...)
	}
	return out
}

// warnings are those of all files.
func (l *loader) warnings() []*LoadError {
	var out []*LoadError
	for _, f := range l.files {
		out = append(out, f.warnings.all(f.name, "warnings")...)
	}
	return out
}

var errNotRegular = errors.New("it is no regular file")

// readRegular reads a file, or the beginning of one that is too large. It does not open pipes
// and devices, which may have no end.
func readRegular(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxRuleFile+1))
}

// documents loads the rule of every document of a file.
func (l *loader) documents(src *source) {
	dec := yaml.NewDecoder(strings.NewReader(src.content))
	found := false
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if err == io.EOF {
			if !found {
				src.fail(0, 0, "the file has no rule in it")
			}
			return
		}
		if err != nil {
			src.syntaxError(err)
			return
		}
		if blank(&doc) {
			continue
		}
		found = true
		before := src.errs.count
		root := doc.Content[0]
		src.checkShape(root)
		if src.errs.count > before {
			continue
		}
		l.rule(src, root)
	}
}

// blank reports whether a document is empty, as it is before a leading "---".
func blank(doc *yaml.Node) bool {
	return len(doc.Content) == 0 ||
		doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Tag == "!!null" && doc.Content[0].Value == ""
}

// rule loads one rule.
func (l *loader) rule(src *source, root *yaml.Node) {
	before := src.errs.count
	r := readRule(src, root, &l.types)
	if r.id != nil {
		place := fmt.Sprintf("%s:%d", src.name, r.id.Line)
		if first, ok := l.places[r.rule.ID]; ok {
			src.failAt(r.id, "the id %q is taken by the rule at %s", r.rule.ID, first)
		} else {
			l.places[r.rule.ID] = place
		}
	}
	l.read = append(l.read, r)
	if src.errs.count == before {
		l.rules = append(l.rules, r.rule)
	}
}
