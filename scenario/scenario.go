// Package scenario reads and runs scenarios: readable descriptions of a customer's upload
// with the result that an analysis of it must have.
//
// A scenario is a txtar archive. The first line of its comment says what it shows; further
// lines "key: value" set what the user would state with flags (account). Each member is one
// input: System.evtx.yaml and gpresult.htm.yaml are descriptions from which real files are
// written, any other member is taken as it is. The member want.txt is the expected result
// as text.
package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/render"
)

// Want is the name of the member with the expected result.
const Want = "want.txt"

// Scenario is one case.
type Scenario struct {
	// Title says in one line what the scenario shows.
	Title string
	// Account is what the user states with --account.
	Account string
	// Members are the inputs as they are described.
	Members []txtar.File
	// Want is the expected result as text.
	Want string

	comment []byte
}

// Parse reads a scenario. name is that of its file, for errors.
func Parse(name string, data []byte) (*Scenario, error) {
	a := txtar.Parse(data)
	s := &Scenario{comment: a.Comment}
	for i, line := range strings.Split(strings.TrimSpace(string(a.Comment)), "\n") {
		key, value, found := strings.Cut(line, ":")
		switch {
		case i == 0:
			s.Title = line
		case found && strings.TrimSpace(key) == "account":
			s.Account = strings.TrimSpace(value)
		case strings.TrimSpace(line) != "":
			return nil, fmt.Errorf("%s:%d: %q: only \"account: NAME\" may follow the title", name, i+1, line)
		}
	}
	if s.Title == "" {
		return nil, fmt.Errorf("%s:1: a line is missing that says what the scenario shows", name)
	}
	for _, f := range a.Files {
		if f.Name == Want {
			s.Want = string(f.Data)
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return nil, fmt.Errorf("%s: member %q: a relative path without .. is expected", name, f.Name)
		}
		s.Members = append(s.Members, f)
	}
	return s, nil
}

// Format writes the scenario back with another expected result.
func (s *Scenario) Format(want string) []byte {
	a := &txtar.Archive{Comment: s.comment, Files: append(s.Members[:len(s.Members):len(s.Members)], txtar.File{Name: Want, Data: []byte(want)})}
	return txtar.Format(a)
}

// WriteFiles writes the scenario's inputs as real files below dir.
func (s *Scenario) WriteFiles(dir string) error {
	for _, m := range s.Members {
		name, data, err := fixture.Member(m.Name, m.Data)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, filepath.FromSlash(path.Clean(name)))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// Run analyzes the scenario's inputs in the folder dir, which must be empty and is filled
// with them, and returns the result. Paths in the result are relative to dir. cfg.Account is
// taken from the scenario.
func (s *Scenario) Run(ctx context.Context, cfg analyzer.Config, dir string) (*analyzer.Result, error) {
	if err := s.WriteFiles(dir); err != nil {
		return nil, err
	}
	cfg.Account = s.Account
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
