// Package scenario reads and runs scenarios: readable descriptions of a customer's upload
// with the result that an analysis of it must have.
//
// A scenario is a txtar archive. The first line of its comment says what it shows. Further
// lines "key: value" set what the user would state with flags (account, utc-offset, groups),
// or say what rules must decide, by their ids:
//
//	want-failed: agent-installed
//	want-passed: service-crashed, service-disabled
//	want-inconclusive: ...
//	want-skipped: ...
//
// Each member is one input. Those whose names end in .evtx.yaml, .htm.yaml, .html.yaml or
// .txt.yaml are descriptions from which real files are written, those in .utf16 are written as UTF-16LE with
// a byte order mark, both without that ending; any other member is taken as it is. Two members
// are no inputs: the one that the key groups names is the file of groups that the user states,
// and want.txt is the expected result as text.
package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

// Want is the name of the member with the expected result.
const Want = "want.txt"

// Scenario is one case.
type Scenario struct {
	// Title says in one line what the scenario shows.
	Title string
	// Account is what the user states with --account.
	Account string
	// UTCOffset is what the user states with --utc-offset; nil for nothing.
	UTCOffset *time.Duration
	// GroupsMember is the name of the member with the groups that the user states with
	// --groups, empty for none; Groups are these groups.
	GroupsMember string
	Groups       []collected.Membership
	// Members are the inputs as they are described, and the file of groups.
	Members []txtar.File
	// HasWant is set when the scenario has an expected result as text, which is Want.
	HasWant bool
	Want    string
	// Expected are the verdicts that rules must come to.
	Expected []Expectation

	comment []byte
}

// Expectation is the verdict that a rule must come to; on several computers it is the
// worst, as in [analyzer.Counts].
type Expectation struct {
	Rule    string
	Verdict rules.Verdict
	// Line is where it stands in the file.
	Line int
}

// The bounds of scenarios, which may come from anywhere.
const (
	// MaxMembers is how many inputs a scenario may have.
	MaxMembers = 200
	// MaxInputs is how large the files that are written from them may be together, in
	// bytes.
	MaxInputs = 256 << 20
)

// verdictKeys are the keys of expectations.
var verdictKeys = map[string]rules.Verdict{
	"want-failed": rules.Failed, "want-passed": rules.Passed, "want-inconclusive": rules.Inconclusive, "want-skipped": rules.Skipped,
}

// Parse reads a scenario. name is that of its file, for errors.
func Parse(name string, data []byte) (*Scenario, error) {
	a := txtar.Parse(data)
	s := &Scenario{comment: a.Comment}
	line := 0
	for text := range strings.Lines(string(a.Comment)) {
		line++
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case s.Title == "":
			s.Title = text
		default:
			if err := s.setting(text, line); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, line, err)
			}
		}
	}
	if s.Title == "" {
		return nil, fmt.Errorf("%s:1: a line is missing that says what the scenario shows", name)
	}
	for _, f := range a.Files {
		switch {
		case f.Name == Want && s.HasWant:
			return nil, fmt.Errorf("%s: the member %s is there twice", name, Want)
		case f.Name == Want:
			s.HasWant, s.Want = true, string(f.Data)
		case !filepath.IsLocal(filepath.FromSlash(f.Name)):
			return nil, fmt.Errorf("%s: member %q: a relative path without .. is expected", name, f.Name)
		case len(s.Members) == MaxMembers:
			return nil, fmt.Errorf("%s: there are more than %d members", name, MaxMembers)
		default:
			s.Members = append(s.Members, f)
		}
	}
	if err := s.readGroups(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// readGroups reads the member with the groups that the user states.
func (s *Scenario) readGroups() error {
	if s.GroupsMember == "" {
		return nil
	}
	i := slices.IndexFunc(s.Members, func(f txtar.File) bool { return f.Name == s.GroupsMember })
	if i < 0 {
		return fmt.Errorf("groups: there is no member %q", s.GroupsMember)
	}
	var err error
	s.Groups, err = collected.ParseGroups(bytes.NewReader(s.Members[i].Data), evidence.Source(s.GroupsMember))
	return err
}

// setting reads a line "key: value" of the comment.
func (s *Scenario) setting(text string, line int) error {
	key, value, found := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	verdict, expects := verdictKeys[key]
	switch {
	case !found || value == "":
		return fmt.Errorf("%q: after the title stand only lines \"key: value\"", text)
	case expects:
		for id := range strings.SplitSeq(value, ",") {
			s.Expected = append(s.Expected, Expectation{Rule: strings.TrimSpace(id), Verdict: verdict, Line: line})
		}
	case key == "account":
		s.Account = value
	case key == "groups":
		s.GroupsMember = value
	case key == "utc-offset":
		t, err := time.Parse("-07:00", value)
		if err != nil {
			return fmt.Errorf("utc-offset %q: an offset such as +01:00 or -08:00 is expected", value)
		}
		_, seconds := t.Zone()
		offset := time.Duration(seconds) * time.Second
		s.UTCOffset = &offset
	default:
		return fmt.Errorf("there is no key %q: the keys are account, utc-offset, groups, %s", key, strings.Join(slices.Sorted(maps.Keys(verdictKeys)), ", "))
	}
	return nil
}

// Unmet says which of the expected verdicts a result does not have, a line each.
func (s *Scenario) Unmet(res *analyzer.Result) []string {
	var out []string
	for _, e := range s.Expected {
		v, ok := res.Verdict(e.Rule)
		switch {
		case !ok && len(res.Hosts) == 0:
			out = append(out, fmt.Sprintf("line %d: rule %s did not run: the inputs tell of no computer", e.Line, e.Rule))
		case !ok:
			out = append(out, fmt.Sprintf("line %d: there is no rule %q", e.Line, e.Rule))
		case v.Verdict != e.Verdict:
			text := fmt.Sprintf("line %d: rule %s is %s, want %s", e.Line, e.Rule, v.Verdict, e.Verdict)
			for _, r := range v.Reasons {
				text += "; " + r.Message
			}
			out = append(out, text)
		}
	}
	return out
}

// Format writes the scenario back with another expected result.
func (s *Scenario) Format(want string) []byte {
	a := &txtar.Archive{Comment: s.comment, Files: append(s.Members[:len(s.Members):len(s.Members)], txtar.File{Name: Want, Data: []byte(want)})}
	return txtar.Format(a)
}

// WriteFiles writes the scenario's inputs as real files below dir.
func (s *Scenario) WriteFiles(dir string) error {
	left := MaxInputs
	for _, m := range s.Members {
		if m.Name == s.GroupsMember {
			continue
		}
		name, data, err := fixture.Member(m.Name, m.Data)
		if err != nil {
			return err
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("member %q: no file can have the name that is left of it", m.Name)
		}
		if left -= len(data); left < 0 {
			return fmt.Errorf("%s: the inputs are larger than %d bytes together", m.Name, MaxInputs)
		}
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(path.Clean(name))), data); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return nil
}

// writeNew writes a file that must not be there yet. Its errors do not name the folder.
func writeNew(file string, data []byte) error {
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
			_, err = f.Write(data)
			err = errors.Join(err, f.Close())
		}
	}
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrExist):
		return errors.New("another member makes this file, too")
	case errors.As(err, &at):
		return at.Err
	}
	return err
}

// Run analyzes the scenario's inputs in the folder dir, which must be empty and is filled
// with them, and returns the result. Paths in the result are relative to dir. cfg.Account,
// cfg.UTCOffset and cfg.Groups are taken from the scenario.
func (s *Scenario) Run(ctx context.Context, cfg analyzer.Config, dir string) (*analyzer.Result, error) {
	if err := s.WriteFiles(dir); err != nil {
		return nil, err
	}
	cfg.Account, cfg.UTCOffset, cfg.Groups = s.Account, s.UTCOffset, s.Groups
	a, err := analyzer.New(cfg)
	if err != nil {
		return nil, err
	}
	b, err := bundle.Open(ctx, bundle.Config{}, dir)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	prefix := filepath.ToSlash(filepath.Clean(dir)) + "/"
	for i := range b.Inputs {
		in := &b.Inputs[i]
		in.Source = in.Source[len(commonPrefix(string(in.Source), prefix)):]
	}
	return a.Analyze(ctx, b)
}

func commonPrefix(s, prefix string) string {
	if strings.HasPrefix(s, prefix) {
		return prefix
	}
	return ""
}

// Text returns a result as the text that want.txt holds.
func Text(res *analyzer.Result) (string, error) {
	var buf bytes.Buffer
	err := render.Text(&buf, res, render.TextOptions{})
	return buf.String(), err
}
