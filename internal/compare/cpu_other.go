//go:build !unix

package compare

import "time"

// ProcessorTime is not known here.
func ProcessorTime() time.Duration { return 0 }
