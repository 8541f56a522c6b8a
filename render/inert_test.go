package render

import (
	"strings"
	"testing"
	"time"
)

func TestName(t *testing.T) {
	for _, tt := range []struct{ what, in, want string }{
		{"plain", `NT SERVICE\ADSync`, `NT SERVICE\ADSync`},
		{"letters of other scripts", "Größe Дом 漢字 한글 हिन्दी", "Größe Дом 漢字 한글 हिन्दी"},
		{"wide space", "全\u3000角", "全\u3000角"},
		{"emoji", "a🙂", "a🙂"},
		{"escape sequence", "\x1b[2J", `\x1b[2J`},
		{"line break", "a\r\nb", `a\x0d\x0ab`},
		{"tab", "a\tb", `a\x09b`},
		{"delete", "a\x7f", `a\x7f`},
		{"C1", "a\u009bb", "a<U+009B>b"},
		{"bidi controls", "\u200e\u200f\u061c\u202a\u202e\u2066\u2069", "<U+200E><U+200F><U+061C><U+202A><U+202E><U+2066><U+2069>"},
		{"zero width", "a\u200b\u200c\u200d\u2060\ufeffb", "a<U+200B><U+200C><U+200D><U+2060><U+FEFF>b"},
		{"no-break space", "NT\u00a0SERVICE", "NT<U+00A0>SERVICE"},
		{"line separators", "\u2028\u2029\u0085", "<U+2028><U+2029><U+0085>"},
		{"tag characters", "\U000e0041", "<U+E0041>"},
		{"variation selectors", "a\ufe0f\U000e0100", "a<U+FE0F><U+E0100>"},
		{"fillers", "\u3164\u115f\uffa0\u2800", "<U+3164><U+115F><U+FFA0><U+2800>"},
		{"private use", "\ue000", "<U+E000>"},
		{"no character", "\ufdd0\U0010ffff", "<U+FDD0><U+10FFFF>"},
		{"invalid UTF-8", "a\xff\xc3(\xed\xa0\x80", `a\xff\xc3(\xed\xa0\x80`},
		{"replacement character", "\ufffd", "\ufffd"},
		{"accents", "a\u0301\u0302\u0303", "a\u0301\u0302\u0303"},
		{"too many accents", "a\u0301\u0302\u0303\u0304", "a\u0301\u0302\u0303<U+0304>"},
		{"accent on nothing", "\u0301 \u0301", "<U+0301> <U+0301>"},
		{"accent on an escape", "\x1b\u0301", `\x1b<U+0301>`},
		{"vowels without a consonant", "\u1161\u1161", "<U+1161><U+1161>"},
		{"spaces that hide", " a  b ", "<U+0020>a <U+0020>b<U+0020>"},
	} {
		if got := name(tt.in); string(got) != tt.want {
			t.Errorf("%s: name(%q) = %q, want %q", tt.what, tt.in, got, tt.want)
		}
	}
}

func TestProseFoldsSpace(t *testing.T) {
	if got := prose("  one\r\n\ttwo  three\x1b\n"); got != `one two three\x1b` {
		t.Errorf("got %q", got)
	}
}

func TestCutNotesTheLength(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{strings.Repeat("a", 120), strings.Repeat("a", 120)},
		{strings.Repeat("a", 121), strings.Repeat("a", 119) + "… (121" + nbsp + "characters)"},
		{strings.Repeat("漢", 60), strings.Repeat("漢", 60)},
		{strings.Repeat("漢", 61), strings.Repeat("漢", 59) + "… (61" + nbsp + "characters)"},
		{strings.Repeat("\x1b", 31), strings.Repeat(`\x1b`, 29) + "… (31" + nbsp + "characters)"},
	} {
		if got := name(tt.in); string(got) != tt.want {
			t.Errorf("name of %d bytes is %q, want %q", len(tt.in), got, tt.want)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		exact    bool
	}{
		{"gpupdate /force", "gpupdate /force", true},
		{" Get-Item  'a  b' \n", "Get-Item  'a  b'", true},
		{"Get-Item 'a\u200bb'", "Get-Item 'a<U+200B>b'", false},
		{"Get-Item\nRemove-Item", `Get-Item\x0aRemove-Item`, false},
		{strings.Repeat("x", 1001), strings.Repeat("x", 999) + "… (1001" + nbsp + "characters)", false},
	} {
		if got, exact := command(tt.in); string(got) != tt.want || exact != tt.exact {
			t.Errorf("command(%q) = %q, %v, want %q, %v", tt.in, got, exact, tt.want, tt.exact)
		}
	}
}

func TestCells(t *testing.T) {
	for s, want := range map[inert]int{
		"": 0, "abc": 3, "é": 1, "e\u0301": 1, "漢字": 4, "ｱ": 1, "Ａ": 2, "…": 1, "🙂": 2, "\u1112\u1161\u11ab": 2,
	} {
		if got := cells(s); got != want {
			t.Errorf("cells(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestStamp(t *testing.T) {
	east := time.FixedZone("", 2*60*60)
	for want, in := range map[inert]time.Time{
		"2026-11-20" + nbsp + "03:12:07Z": time.Date(2026, 11, 20, 5, 12, 7, 999, east),
		"unknown time":                    {},
	} {
		if got := stamp(in); got != want {
			t.Errorf("stamp(%v) = %q, want %q", in, got, want)
		}
	}
}
