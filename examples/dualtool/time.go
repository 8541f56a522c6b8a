package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	golang "github.com/0xrawsec/golang-evtx/evtx"

	"github.com/gpevtx/gpevtx/internal/compare"
)

// selection is the events that are looked for: ids of one provider, as "PROVIDER:ID,ID".
type selection struct {
	provider string
	ids      []int64
}

func parseSelection(s string) (sel selection, err error) {
	provider, ids, ok := strings.Cut(s, ":")
	if !ok || provider == "" {
		return sel, fmt.Errorf("%q is not PROVIDER:ID,ID", s)
	}
	sel.provider = provider
	for id := range strings.SplitSeq(ids, ",") {
		n, err := strconv.ParseUint(id, 10, 16)
		if err != nil {
			return sel, fmt.Errorf("%q is not PROVIDER:ID,ID: %w", s, err)
		}
		sel.ids = append(sel.ids, int64(n))
	}
	return sel, nil
}

// timePeer reads a log with golang-evtx, makes JSON of every record, or of those that are
// selected, and writes records, those that were printed, nanoseconds by the clock and of
// processor time, and allocations. It is for bench/compare, which runs it as a child process.
func timePeer(w io.Writer, path, selected string) error {
	var sel selection
	if selected != "" {
		var err error
		if sel, err = parseSelection(selected); err != nil {
			return err
		}
	}
	golang.MaxJobs = runtime.GOMAXPROCS(0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, busy := time.Now(), compare.ProcessorTime()
	file, err := golang.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	records, hits := 0, 0
	for m := range file.FastEvents() {
		records++
		if selected != "" && !sel.has(m) {
			continue
		}
		hits++
		if _, err := json.Marshal(m); err != nil {
			return err
		}
	}
	took := time.Since(start)
	busy = compare.ProcessorTime() - busy
	runtime.ReadMemStats(&after)
	_, err = fmt.Fprintf(w, "%d %d %d %d %d\n", records, hits, took.Nanoseconds(), busy.Nanoseconds(), after.Mallocs-before.Mallocs)
	return err
}

var providerPath = golang.Path("/Event/System/Provider/Name")

// has reports whether the event is one of the selection.
func (s selection) has(m *golang.GoEvtxMap) bool {
	name, err := m.GetString(&providerPath)
	return err == nil && name == s.provider && slices.Contains(s.ids, m.EventID())
}
