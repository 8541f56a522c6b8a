package winerr

import (
	"strconv"
	"strings"
	"sync"

	_ "embed"
)

// win32Text lists Win32 errors, one a line: the number, a blank, the symbol.
//
//go:embed win32.txt
var win32Text string

var symbols = sync.OnceValue(func() map[Code]string {
	m := make(map[Code]string, strings.Count(win32Text, "\n"))
	for line := range strings.Lines(win32Text) {
		number, symbol, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(number, 10, 31); err == nil {
			m[Code(n)] = symbol
		}
	}
	return m
})
