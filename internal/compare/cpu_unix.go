//go:build unix

package compare

import (
	"syscall"
	"time"
)

// ProcessorTime is how long this process has been at work, in and for it, on all cores; 0 where
// the system does not tell.
func ProcessorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
