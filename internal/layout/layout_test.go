// Package layout holds the tests of the repository as a whole: which package may import
// which, and that the documentation tells the truth.
package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gpevtx/gpevtx/"

// levels are the folders from the bottom up: a package imports only packages of lower
// levels.
var levels = [][]string{
	{"evidence", "sid", "winerr"},
	{"evtx", "gpreport", "collected", "bundle"},
	{"facts"},
	{"rules/builtin", "rules"},
	{"analyzer"},
	{"render"},
	{"scenario"},
	{"cmd/gpevtx", "examples", "bench"},
}

// sameLevel are imports within a level that are meant.
var sameLevel = map[string]string{"rules": "rules/builtin", "evtx/message": "evtx"}

// writers writes inputs from descriptions: for tests, and for the scenarios that "gpevtx
// rules test" runs. What reads inputs never links it.
const writers = "internal/fixture"

// linkWriters are the packages that may link it.
var linkWriters = []string{"scenario", "cmd/gpevtx"}

type goPackage struct {
	ImportPath string
	Name       string
	Imports    []string
	Deps       []string
}

// list returns what "go list" says of all packages of the module.
func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports,Deps", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// level returns the level of a package of the module, -1 when it has none.
func level(path string) int {
	folder := strings.TrimPrefix(path, module)
	for i, names := range levels {
		for _, n := range names {
			if folder == n || strings.HasPrefix(folder, n+"/") {
				return i
			}
		}
	}
	return -1
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range list(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(folder, "internal/") {
			continue
		}
		own := level(p.ImportPath)
		if own < 0 {
			t.Errorf("package %s stands on no level: add it to the table", p.ImportPath)
		}
		for _, imp := range p.Imports {
			dep, ok := strings.CutPrefix(imp, module)
			switch {
			case !ok:
			case dep == writers:
				if folder != "scenario" {
					t.Errorf("%s imports %s, which only scenarios and tests may", folder, dep)
				}
			case level(imp) > own, level(imp) == own && sameLevel[folder] != dep:
				t.Errorf("%s (level %d) imports %s (level %d): imports point down only", folder, own, dep, level(imp))
			}
		}
	}
}

// TestLibraryLinksNoWriters: who imports the library for reading does not link what writes
// the inputs of scenarios.
func TestLibraryLinksNoWriters(t *testing.T) {
	for _, p := range list(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if slices.Contains(p.Deps, module+writers) && !slices.Contains(linkWriters, folder) {
			t.Errorf("%s links %s: only %s may", folder, writers, strings.Join(linkWriters, " and "))
		}
	}
}

// linksGPL is the one program that may link golang-evtx; its documentation and usage say
// that its binary falls under GPL-3.0.
const linksGPL = "examples/dualtool"

// TestImportersLinkNoGPL: golang-evtx is GPL-3.0 and in the module for tests, and for a
// program that compares with it.
func TestImportersLinkNoGPL(t *testing.T) {
	for _, p := range list(t) {
		i := slices.IndexFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, "github.com/0xrawsec/") })
		switch own := strings.TrimPrefix(p.ImportPath, module) == linksGPL; {
		case i >= 0 && !own:
			t.Errorf("%s depends on %s, which is under GPL-3.0", p.ImportPath, p.Deps[i])
		case own && (i < 0 || p.Name != "main"):
			t.Errorf("%s should be a program that links golang-evtx", p.ImportPath)
		}
	}
}
