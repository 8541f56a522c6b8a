package render_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
)

// fill puts a piece of text into every string of v in turn.
func fill(v reflect.Value, next func() string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(next())
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() && v.Type().Field(i).IsExported() {
				fill(f, next)
			}
		}
	}
}

// filled returns a result whose strings are all pieces of data, cut at its "|".
func filled(data string) *analyzer.Result {
	r := manyFindings()
	fill(reflect.ValueOf(r).Elem(), pieces(data))
	return r
}

// pieces returns the pieces of data one after the other, over and over.
func pieces(data string) func() string {
	list := strings.Split(data, "|")
	i := 0
	return func() string {
		i++
		return list[(i-1)%len(list)]
	}
}

var seeds = []string{
	"", "plain", hostileText, "a|b c|\x1b]0;x\x07", "run `gpupdate /force`|x: Get-Item y",
	"SeDenyServiceLogonRight|critical|failed|inconclusive|read|partly", repeatedMarks,
	"漢字かな交じり文|e\u0301|한글|\u1161\u1161", "\u2066\u2067\u2068\u2069\u206f|\ufff9\ufffb|\U000e0001\U000e007f",
	"\x00\x01\x80\x9b\xff|\xc2\x9b|\xe2\x80", "a very long word that goes on|" + longWord,
}

var (
	repeatedMarks = "a" + repeat("\u0301", 500)
	longWord      = repeat("pneumono", 400)
)

func FuzzText(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, i*17, i%2 == 0, i%3 == 0)
	}
	f.Fuzz(func(t *testing.T, data string, columns int, color, verbose bool) {
		if columns > 500 {
			columns = 500
		}
		opt := render.TextOptions{Width: columns, Color: color, Verbose: verbose}
		r := filled(data)
		got := text(t, r, opt)
		if again := text(t, r, opt); got != again {
			t.Fatal("two runs differ")
		}
		if color {
			got = plainText(t, got, text(t, r, render.TextOptions{Width: columns, Verbose: verbose}))
		}
		checkInert(t, got)
		checkWidth(t, filled(strings.ReplaceAll(data, "`", "'")), render.TextOptions{Width: columns, Verbose: verbose})
	})
}

// plainText takes the SGR sequences out of colored text, which leaves what is printed
// without colour.
func plainText(t *testing.T, colored, want string) string {
	t.Helper()
	var out strings.Builder
	for s := colored; s != ""; {
		before, rest, found := strings.Cut(s, "\x1b[")
		out.WriteString(before)
		if !found {
			break
		}
		params, after, ok := strings.Cut(rest, "m")
		if !ok || strings.Trim(params, "0123456789;") != "" {
			t.Fatalf("not an SGR sequence: %.20q", rest)
		}
		s = after
	}
	if out.String() != want {
		t.Fatalf("colour changes the text (-plain +colored):\n%s", cmp.Diff(want, out.String()))
	}
	return out.String()
}

// checkInert reports characters that a terminal could act on or that nobody could see.
func checkInert(t *testing.T, got string) {
	t.Helper()
	if !utf8.ValidString(got) || !strings.HasSuffix(got, "\n") {
		t.Fatalf("not lines of UTF-8: %q", got)
	}
	for _, r := range got {
		if r == '\n' || r == '\u3000' {
			continue
		}
		if !unicode.IsPrint(r) || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Variation_Selector,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Bidi_Control, unicode.Join_Control) {
			t.Fatalf("%U is printed", r)
		}
	}
}

// checkWidth reports lines that are too long in a result without commands.
func checkWidth(t *testing.T, r *analyzer.Result, opt render.TextOptions) {
	t.Helper()
	for i := range r.Hosts {
		h := &r.Hosts[i]
		for j := range h.Findings {
			h.Findings[j].Links, h.Findings[j].Remedy = nil, nil
		}
		for j := range h.Verdicts {
			for k := range h.Verdicts[j].Reasons {
				h.Verdicts[j].Reasons[k].Ask = ""
			}
		}
	}
	checkLines(t, text(t, r, opt), opt.Width)
}

// checkLines reports lines that take more cells than limit, which is the width of options.
func checkLines(t *testing.T, text string, limit int) {
	t.Helper()
	if limit <= 0 {
		limit = 80
	}
	limit = max(limit, 30)
	for line := range strings.Lines(text) {
		n := 0
		for _, r := range strings.TrimSuffix(line, "\n") {
			switch k := width.LookupRune(r).Kind(); {
			case unicode.In(r, unicode.Mn, unicode.Me), r >= 0x1160 && r <= 0x11ff, r >= 0xd7b0 && r <= 0xd7ff:
			case k == width.EastAsianWide, k == width.EastAsianFullwidth:
				n += 2
			default:
				n++
			}
		}
		if n > limit {
			t.Fatalf("a line takes %d cells of %d: %q", n, limit, line)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		r := filled(data)
		var b bytes.Buffer
		if err := render.JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.String() {
			if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Fatalf("%U is printed", r)
			}
		}
		var back analyzer.Result
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		// Text comes back as it was but for bytes that are not UTF-8.
		fill(reflect.ValueOf(r).Elem(), pieces(string([]rune(data))))
		if diff := cmp.Diff(r, &back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the result comes back as another (-want +got):\n%s", diff)
		}
	})
}
