package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// commandDamage is the command damage. Programs that are not there are left out.
func commandDamage(ctx context.Context, w io.Writer, o options) (int, error) {
	names, err := o.logs()
	if err != nil {
		return exitUnknown, err
	}
	dir, err := os.MkdirTemp("", "gpevtx-damage-")
	if err != nil {
		return exitUnknown, err
	}
	defer os.RemoveAll(dir)
	d := damageTest{readers: o.readers(ctx), timeout: 30 * time.Second, dir: dir, keep: o.keep}
	if err := d.run(ctx, o.folder, names, runtime.GOMAXPROCS(0), o.progress); err != nil {
		return exitUnknown, err
	}
	return 0, d.markdown(w)
}

// readers are ours and those of the programs that are there.
func (o options) readers(ctx context.Context) []logReader {
	list := append(ourReaders(), o.peers(ctx)...)
	if program, err := exec.LookPath(o.evtxexport); err == nil {
		list = append(list, childReader(version(ctx, program)+" -m all", parseExport, program, "-f", "xml", "-m", "all"))
	}
	return list
}

// peers are the readers of the programs that are there, as they read by themselves.
func (o options) peers(ctx context.Context) (list []logReader) {
	if program, err := exec.LookPath(o.dual); err == nil {
		list = append(list, childReader("golang-evtx 1.2.9", parsePeer, program, "-peer"))
	}
	if program, err := exec.LookPath(o.evtxDump); err == nil {
		list = append(list, childReader(version(ctx, program), parseJSONL, program, "-o", "jsonl", "-t", "1"))
	}
	if program, err := exec.LookPath(o.evtxexport); err == nil {
		list = append(list, childReader(version(ctx, program), parseExport, program, "-f", "xml"))
	}
	return list
}

// ourReaders are this module's, the one that is compared with peers first.
func ourReaders() []logReader {
	return []logReader{ourReader("gpevtx", evtx.Config{}), ourReader("gpevtx, all", evtx.Config{Recover: evtx.RecoverAll})}
}

// version is the name and version that a program tells of itself.
func version(ctx context.Context, program string) string {
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	for _, flag := range []string{"--version", "-V"} {
		out, err := exec.CommandContext(ctx, program, flag).Output()
		line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n"))
		if words := strings.Fields(string(line)); err == nil && len(words) > 1 {
			if last := words[len(words)-1]; last[0] >= '0' && last[0] <= '9' {
				return name + " " + last
			}
		}
	}
	return name
}
