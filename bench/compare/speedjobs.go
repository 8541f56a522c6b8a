package main

import (
	"context"
	"os"
	"os/exec"
)

// job is one way to read a log, as a child process.
type job struct {
	reader string // gpevtx, evtx_dump 0.12.2
	kind   string // library or program
	does   string // what the reader does with the log
	// argv reads the log that is appended to it.
	argv []string
	// reports says that the child prints records, hits, times and allocations itself, as
	// runWork does.
	// Else the time is that of the process, and records are counted beforehand with counts.
	reports bool
	counts  func(line []byte) bool
	// chooses says that the program prints what it chose, not all.
	chooses bool
	// short has a slow reader read the short log only.
	short bool
	// all lets it use all cores, else it is kept to one.
	all bool
}

// What readers do. The bars name them.
const (
	toJSON       = "JSON of all"
	toXML        = "XML of all"
	rareEvents   = "rare events"
	rareInMemory = "rare events, log in memory"
	noEvents     = "no event"
	walkHeaders  = "walk over record headers in memory"
)

// The readers that bars name.
const (
	weAre      = "gpevtx"
	limitsAre  = "limit"
	golangEvtx = "golang-evtx 1.2.9"
	library    = "library"
	program    = "program"
)

// jobs are all ways to read for which the programs are there.
func (o options) jobs(ctx context.Context) ([]job, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	jobs := ourJobs(self)
	if path, err := exec.LookPath(o.gpevtx); err == nil {
		events := []string{path, "events", "--quiet", "--format"}
		jobs = append(jobs,
			job{reader: weAre, kind: program, does: toJSON, argv: append(events[:4:4], "jsonl"), counts: anyLine},
			job{reader: weAre, kind: program, does: toXML, argv: append(events[:4:4], "xml"), counts: eventLine},
			job{reader: weAre, kind: program, does: rareEvents, argv: append(events[:4:4], "jsonl", "--provider", rare.Providers[0], "--id", "7000,7038,7041"), counts: anyLine, chooses: true},
			job{reader: weAre, kind: program, does: toJSON, argv: append(events[:4:4], "jsonl"), counts: anyLine, all: true})
	}
	jobs = append(jobs, o.peerJobs(ctx)...)
	for _, l := range []struct{ work, does string }{
		{"read", "read into a buffer of 64 KiB"},
		{"crc32", "read, and CRC32 of the bytes"},
		{"walk", walkHeaders},
	} {
		jobs = append(jobs, job{reader: limitsAre, kind: library, does: l.does, argv: []string{self, "work", l.work}, reports: true})
	}
	return jobs, nil
}

// ourJobs are those of this module's library.
func ourJobs(self string) (jobs []job) {
	for _, w := range []struct {
		work, does string
		all        bool // on all cores; it comes behind the one on one core
	}{
		{"json", toJSON, false},
		{"xml", toXML, false},
		{"data", "typed data of all", false},
		{"system", "System section of all", false},
		{"recover", "JSON of all, with free space", false},
		{"common", "common events", false},
		{"rare", rareEvents, false},
		{"rare-memory", rareInMemory, false},
		{"none", noEvents, false},
		{"json-parallel", toJSON, true},
		{"rare-parallel", rareEvents, true},
	} {
		jobs = append(jobs, job{reader: weAre, kind: library, does: w.does, argv: []string{self, "work", w.work}, reports: true, all: w.all})
	}
	for _, j := range jobs { // what slow readers do with the short log
		if (j.does == toJSON || j.does == rareEvents) && !j.all {
			j.short = true
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// peerJobs are those of the other readers.
func (o options) peerJobs(ctx context.Context) (jobs []job) {
	if path, err := exec.LookPath(o.evtxDump); err == nil {
		name := version(ctx, path)
		jobs = append(jobs,
			job{reader: name, kind: program, does: toJSON, argv: []string{path, "-t", "1", "-o", "jsonl"}, counts: anyLine},
			job{reader: name, kind: program, does: toXML, argv: []string{path, "-t", "1", "-o", "xml"}, counts: eventLine},
			job{reader: name, kind: program, does: toJSON, argv: []string{path, "-o", "jsonl"}, counts: anyLine, all: true})
	}
	if path, err := exec.LookPath(o.python); err == nil {
		if name, ok := pythonVersion(ctx, path); ok {
			jobs = append(jobs, job{reader: name, kind: library, does: toJSON, argv: []string{path, "-c", pythonReads}, reports: true})
		}
	}
	if path, err := exec.LookPath(o.evtxexport); err == nil {
		jobs = append(jobs, job{reader: version(ctx, path), kind: program, does: toXML, argv: []string{path, "-f", "xml"}, counts: eventLine, short: true})
	}
	if path, err := exec.LookPath(o.dual); err == nil {
		reads := job{reader: golangEvtx, kind: library, does: toJSON, argv: []string{path, "-time"}, reports: true, short: true}
		selects, all := reads, reads
		selects.does, selects.argv = rareEvents, []string{path, "-time", "-select", rarePeer}
		all.all = true
		jobs = append(jobs, reads, selects, all)
	}
	return jobs
}

// pythonReads prints what a child that reports prints, with the Python module evtx.
const pythonReads = `
import sys, time, evtx
start, busy = time.perf_counter_ns(), time.process_time_ns()
n = sum(1 for _ in evtx.PyEvtxParser(sys.argv[1], number_of_threads=1).records_json())
print(n, n, time.perf_counter_ns() - start, time.process_time_ns() - busy, 0)
`

// pythonVersion names the Python module evtx, if it is there.
func pythonVersion(ctx context.Context, python string) (string, bool) {
	out, err := exec.CommandContext(ctx, python, "-c", "import importlib.metadata, evtx; print(importlib.metadata.version('evtx'), end='')").Output()
	return "Python evtx " + string(out), err == nil
}
