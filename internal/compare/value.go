package compare

import (
	"strings"
	"time"
)

// SameHex reports whether both are the same hexadecimal number with 0x, one of them with
// leading zeros.
func SameHex(a, b string) bool {
	a, okA := strings.CutPrefix(a, "0x")
	b, okB := strings.CutPrefix(b, "0x")
	return okA && okB && a != "" && b != "" && strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
}

// SameTime reports whether both are the same instant, to the precision given.
func SameTime(a, b string, precision time.Duration) bool {
	t, errA := time.Parse(time.RFC3339Nano, a)
	u, errB := time.Parse(time.RFC3339Nano, b)
	return errA == nil && errB == nil && t.Truncate(precision).Equal(u.Truncate(precision))
}
