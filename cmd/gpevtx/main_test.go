package main

import (
	"archive/zip"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gpevtx/gpevtx/internal/fixture"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gpevtx": main})
}

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// TestScripts runs the program as a user does. Beside the commands of testscript, "make"
// writes real files from descriptions, "zip" packs files, and "cut" shortens one.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			repo, err := filepath.Abs("../..")
			env.Setenv("REPO", repo)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"make": scriptMake, "zip": scriptZip, "cut": scriptCut},
	})
}

// scriptMake: make FILE.yaml... writes the file that each describes beside it.
func scriptMake(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		out, data, err := fixture.Member(name, []byte(ts.ReadFile(name)))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(out), data, 0o644))
		ts.Check(os.Remove(ts.MkAbs(name)))
	}
}

// scriptZip: zip ARCHIVE FILE... packs files.
func scriptZip(ts *testscript.TestScript, neg bool, args []string) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range args[1:] {
		f, err := w.Create(name)
		ts.Check(err)
		_, err = f.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), buf.Bytes(), 0o644))
}

// scriptCut: cut FILE... leaves the first half of each.
func scriptCut(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		data := ts.ReadFile(name)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(data[:len(data)/2]), 0o644))
	}
}

func TestPairOutputs(t *testing.T) {
	known := []string{"text", "json"}
	for _, tt := range []struct {
		formats, paths []string
		want           string
		err            string
	}{
		{nil, nil, "text:-", ""},
		{[]string{"json"}, nil, "json:-", ""},
		{[]string{"json"}, []string{"a"}, "json:a", ""},
		{[]string{"text", "json"}, []string{"-", "a"}, "text:- json:a", ""},
		{[]string{"json", "text"}, []string{"a"}, "json:a text:-", ""},
		{[]string{"text", "json"}, nil, "", "only one format"},
		{[]string{"text"}, []string{"a", "b"}, "", "2 -o for 1 --format"},
		{[]string{"yaml"}, nil, "", "unknown format"},
	} {
		outs, err := pairOutputs(tt.formats, tt.paths, known)
		var got []string
		for _, o := range outs {
			got = append(got, o.format+":"+o.path)
		}
		if s := strings.Join(got, " "); err == nil && s != tt.want {
			t.Errorf("%v %v: got %s, want %s", tt.formats, tt.paths, s, tt.want)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%v %v: error %v, want %q", tt.formats, tt.paths, err, tt.err)
		}
	}
}
