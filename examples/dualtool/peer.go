package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"

	golang "github.com/0xrawsec/golang-evtx/evtx"
)

// listPeer writes one line for each record that golang-evtx reads of a log by its own way
// through the file: EventRecordID, microseconds since 1970, and a hash of all values. It is
// for bench/compare, which runs it as a child process: on damaged logs golang-evtx panics in
// goroutines of its own, which ends the process. w must not be buffered, so that what was
// read before is out.
func listPeer(w io.Writer, path string) error {
	golang.MaxJobs = 1 // the fewest chunks that it reads ahead
	file, err := golang.OpenDirty(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for m := range file.FastEvents() {
		line, err := peerLine(m)
		if err != nil {
			continue
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	return nil
}

// peerLine is the line of one record.
func peerLine(m *golang.GoEvtxMap) (line string, err error) {
	defer func() {
		if recover() != nil { // its accessors panic where a field is not there
			err = errors.New("the record has no System section")
		}
	}()
	content, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	h := fnv.New64a()
	h.Write(content)
	return fmt.Sprintf("%d %d %x\n", m.EventRecordID(), m.TimeCreated().UnixMicro(), h.Sum64()), nil
}
