package message

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// TestCorpus puts the events of real logs into words: each in one way, and without a reference
// of our catalogue to data that some version of the event does not have. GPEVTX_CORPUS names
// the folder of the logs, or it stands beside the repository.
func TestCorpus(t *testing.T) {
	dir := "../../../shared/corpus/evtx"
	if env := os.Getenv("GPEVTX_CORPUS"); env != "" {
		dir = filepath.Join(env, "evtx")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of real logs: %v", err)
	}
	origins := make(map[Origin]int)
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".evtx" {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			corpusLog(t, path, b, origins)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("events by origin of their text:", origins)
	if origins[Catalogued] < 10000 {
		t.Error("few events of the corpus are in the catalogue")
	}
}

func corpusLog(t *testing.T, path string, b []byte, origins map[Origin]int) {
	r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{Source: "corpus"})
	if err != nil {
		return // some files are none
	}
	var renderer Renderer
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			continue
		}
		text, err := renderer.Render(ev)
		if damage := (*evtx.Error)(nil); err != nil && !errors.As(err, &damage) {
			t.Errorf("%s: record %d: %v", path, ev.RecordID, err)
		}
		origins[text.Origin]++
		where := fmt.Sprintf("%s: %s %d version %d", path, ev.Provider, ev.EventID, ev.Version)
		if text.Origin == Catalogued && err == nil && strings.Contains(text.Message, "%{") {
			t.Errorf("%s: %s", where, text.Message)
		}
		if again, _ := renderer.Render(ev); again != text {
			t.Errorf("%s: also rendered as %q", where, again.Message)
		}
	}
}
