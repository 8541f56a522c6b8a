package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// sample is one run of a job.
type sample struct {
	count
	clock  time.Duration
	busy   time.Duration // of the processor, on all cores together; 0 where the system does not tell
	allocs int64
	peak   int64 // of memory, in bytes; 0 where the system does not tell
}

// took is the time that counts. On one core it is the processor's, in which other work of the
// machine shows less; by the clock it would be the same on a machine without any.
func (s sample) took(all bool) time.Duration {
	if all || s.busy == 0 {
		return s.clock
	}
	return s.busy
}

// result is a job with its runs on one log.
type result struct {
	job
	size    int64 // of the log
	count         // of the log
	samples []sample
	err     error // of the first run that failed
}

// measurement runs jobs.
type measurement struct {
	self        string // this program
	long, short string // the logs
	taskset     string // the program that keeps a job to one core, empty where there is none
	core        string // the core that is used
}

// run runs all jobs in turn, rounds times, so that what else the machine does falls on all
// of them alike.
func (m *measurement) run(ctx context.Context, jobs []job, rounds int, progress io.Writer) ([]result, error) {
	results := make([]result, len(jobs))
	for i, j := range jobs {
		results[i] = result{job: j}
		info, err := os.Stat(m.log(j))
		if err != nil {
			return nil, err
		}
		results[i].size = info.Size()
		if j.counts != nil {
			n, err := m.countRecords(ctx, j)
			results[i].err = err
			if j.chooses {
				results[i].hits = n
			} else {
				results[i].count = count{n, n}
			}
		}
	}
	for round := range rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, rounds)
		for i := range results {
			r := &results[i]
			if r.err != nil {
				continue
			}
			s, err := m.once(ctx, r.job)
			if err != nil {
				r.err = err
				fmt.Fprintf(progress, "%s %s, %s: %v\n", r.reader, r.kind, r.does, err)
				continue
			}
			r.samples = append(r.samples, s)
			if r.reports {
				r.count = s.count
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return results, nil
}

func (m *measurement) log(j job) string {
	if j.short {
		return m.short
	}
	return m.long
}

// once runs a job once, by way of "compare timed".
func (m *measurement) once(ctx context.Context, j job) (s sample, err error) {
	argv := []string{m.self, "timed"}
	if j.reports {
		argv = append(argv, "-reports")
	}
	argv = append(append(argv, j.argv...), m.log(j))
	if m.taskset != "" && !j.all {
		argv = append([]string{m.taskset, "-c", m.core}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	if !j.all {
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	}
	out, err := cmd.Output()
	if err != nil {
		return s, err
	}
	return parseSample(string(out), j.reports)
}

// parseSample reads what "compare timed" prints: nanoseconds by the clock and of the processor,
// and the peak of memory, behind what a child that reports has printed.
func parseSample(out string, reports bool) (s sample, err error) {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if _, err := fmt.Sscan(lines[len(lines)-1], (*int64)(&s.clock), (*int64)(&s.busy), &s.peak); err != nil {
		return s, err
	}
	if !reports {
		return s, nil
	}
	if len(lines) != 2 {
		return s, fmt.Errorf("the child prints %q", out)
	}
	_, err = fmt.Sscan(lines[0], &s.records, &s.hits, (*int64)(&s.clock), (*int64)(&s.busy), &s.allocs)
	return s, err
}

// timed is the command timed: it runs a program and writes how long that took, and its peak
// of memory. A process begins with the peak of the one that started it, so this small one
// stands in between.
func timed(ctx context.Context, w io.Writer, args []string) error {
	reports := len(args) > 0 && args[0] == "-reports"
	if reports {
		args = args[1:]
	}
	if len(args) == 0 {
		return errors.New("timed needs a program")
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var complaint bytes.Buffer
	if reports {
		cmd.Stdout = w
		cmd.Stderr = &complaint
	}
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %.500s", args[0], err, complaint.Bytes())
	}
	took, state := time.Since(start), cmd.ProcessState
	_, err := fmt.Fprintf(w, "%d %d %d\n", took.Nanoseconds(), (state.UserTime() + state.SystemTime()).Nanoseconds(), peakMemory(state))
	return err
}

// countRecords counts the records that a program prints.
func (m *measurement) countRecords(ctx context.Context, j job) (n int64, err error) {
	cmd := exec.CommandContext(ctx, j.argv[0], append(j.argv[1:len(j.argv):len(j.argv)], m.log(j))...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines(out, func(line []byte) {
		if j.counts(line) {
			n++
		}
	})
	_, _ = io.Copy(io.Discard, out) // behind a line that is too long
	return n, cmd.Wait()
}

// anyLine and eventLine tell the lines with which a record begins.
func anyLine(line []byte) bool   { return len(line) > 0 }
func eventLine(line []byte) bool { return bytes.HasPrefix(line, []byte("<Event ")) }

// aCore names a core that this process may use, the last one: the first has the most of
// the system's work. Where the system does not tell it is core 0.
func aCore() string {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			list = strings.TrimSpace(list)
			return list[strings.LastIndexAny(list, ",-")+1:]
		}
	}
	return "0"
}
