package facts

import (
	"strconv"
	"strings"
	"time"
)

// itoa and utc put numbers and times into sentences.
func itoa(n int) string { return strconv.Itoa(n) }

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// cut shortens a text to so many bytes, without half a character at the end, and lets go of
// the memory of the rest.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.Clone(strings.ToValidUTF8(s[:n], ""))
}

// cutMiddle shortens a text to so many bytes by leaving out what stands in the middle: the
// stacks of the synchronization engine begin with the message and end with the version.
func cutMiddle(s string, n int) string {
	const mark = " … "
	if len(s) <= n || n < 4*len(mark) {
		return cut(s, n)
	}
	tail := n / 4
	head := strings.ToValidUTF8(s[:n-tail-len(mark)], "")
	return head + mark + strings.ToValidUTF8(s[len(s)-tail:], "")
}

// excerpt shortens a text to what is shown as evidence.
func excerpt(s string) string {
	if short := cut(s, maxExcerpt); short != s {
		return short + "…"
	}
	return s
}
