package winerr

import (
	"regexp"
	"strings"
	"testing"
)

func TestSymbolTable(t *testing.T) {
	if n := len(symbols()); n < 917 {
		t.Errorf("%d symbols, want 917 or more", n)
	}
	form := regexp.MustCompile(`^[A-Z][A-Za-z0-9_]+$`)
	last := -1
	for line := range strings.Lines(win32Text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		number, symbol, _ := strings.Cut(line, " ")
		code, ok := Parse(number)
		if !ok || int(code) <= last || !form.MatchString(symbol) {
			t.Errorf("%q: want a number above %d and a symbol", line, last)
		}
		last = int(code)
	}
}

func TestMeaningTables(t *testing.T) {
	sentence := func(code any, meaning string) {
		if !strings.HasSuffix(meaning, ".") || meaning[0] < 'A' || meaning[0] > 'Z' {
			t.Errorf("%v: %q is not a sentence", code, meaning)
		}
	}
	for c, info := range win32Info {
		sentence(c, info.Meaning)
		if c >= failureBit || symbols()[c] == "" {
			t.Errorf("%v is not a Win32 error with a symbol", c)
		}
	}
	for c, info := range hresultInfo {
		sentence(c, info.Meaning)
		if _, ok := c.Win32(); ok || c>>30 == 3 {
			t.Errorf("%v belongs in another table", c)
		}
	}
	for s, info := range ntstatusInfo {
		sentence(s, info.Meaning)
		if s != 0 && s>>30 != 3 {
			t.Errorf("%v is not an error status", s)
		}
	}
	for r, info := range reasonInfo {
		sentence(r, info.Meaning)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"%%1069", "0x8007000E", "-2147024882", "4294967295", "%%", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, ok := Parse(s)
		if !ok {
			return
		}
		if again, ok := Parse(code.String()); !ok || again != code {
			t.Errorf("Parse(%q) = %v, read again as %v, %t", s, code, again, ok)
		}
		code.Info()
	})
}
