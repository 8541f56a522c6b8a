package evtx

import (
	"fmt"

	"github.com/gpevtx/gpevtx/evidence"
)

// Error is damage at one place of a log. Reading goes on after it unless
// [NewReader] returned it.
type Error struct {
	Source evidence.Source
	// Offset is the place in the file, in bytes.
	Offset int64
	// RecordID is the number in the header of the record concerned, 0 when the damage
	// is not in a record.
	RecordID uint64
	// Err says what was expected and what was found.
	Err error
}

func (e *Error) Error() string {
	src := string(e.Source)
	if src == "" {
		src = "event log"
	}
	if e.RecordID != 0 {
		return fmt.Sprintf("%s: offset %d, record %d: %v", src, e.Offset, e.RecordID, e.Err)
	}
	return fmt.Sprintf("%s: offset %d: %v", src, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// damage is the cause of an Error inside a chunk: off is the offset in the chunk.
type damage struct {
	off int
	msg string
}

func (d *damage) Error() string { return d.msg }

func damaged(off int, format string, args ...any) *damage {
	return &damage{off: off, msg: fmt.Sprintf(format, args...)}
}
