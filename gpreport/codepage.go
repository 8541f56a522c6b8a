package gpreport

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// codePages are those that consoles and programs of Windows use, by their numbers.
var codePages = []struct {
	number int
	enc    encoding.Encoding
}{
	{437, charmap.CodePage437},
	{850, charmap.CodePage850},
	{852, charmap.CodePage852},
	{866, charmap.CodePage866},
	{932, japanese.ShiftJIS},
	{936, simplifiedchinese.GBK},
	{949, korean.EUCKR},
	{950, traditionalchinese.Big5},
	{1250, charmap.Windows1250},
	{1251, charmap.Windows1251},
	{1252, charmap.Windows1252},
}

// dashRule finds the underlines of headings in text of any code page: all are ASCII in that
// half.
var dashRule = regexp.MustCompile(`\r?\n[ \t]*-{4,}[ \t]*\r?\n`)

// copyright finds the line with which gpresult begins, in which the first sign is the
// only one that is not ASCII.
var copyright = regexp.MustCompile(`(?m)^(.{1,3}) (?:\d{4} )?Microsoft Corporation`)

// lost stands for a character that was not decoded: it is no UTF-8, so that decoding counts it.
var lost = []byte{0xff}

// decodeCodePage decodes the output of gpresult in a code page: in the one in which the most
// of its own words are words that gpresult is known to print. What the pages that are as good
// read differently is left as replaced characters. ok is false when no page stands out.
func decodeCodePage(data []byte) (text []byte, ok bool) {
	samples := codePageSamples(data[:min(len(data), textHead)])
	if len(samples) == 0 {
		return nil, false
	}
	var best []encoding.Encoding
	most := 0
	for _, page := range codePages {
		switch n := knownWords(samples, page.enc); {
		case n > most:
			best, most = []encoding.Encoding{page.enc}, n
		case n == most && n > 0:
			best = append(best, page.enc)
		}
	}
	switch len(best) {
	case 0:
		return nil, false
	case 1:
		text, err := best[0].NewDecoder().Bytes(data)
		return bytes.ReplaceAll(text, []byte("\ufffd"), lost), err == nil
	}
	return decodeAlike(data, best)
}

// codePageSamples are the headings, labels and the sign of copyright of a text that have
// characters which the code pages read differently.
func codePageSamples(head []byte) [][]byte {
	if !bytes.Contains(bytes.ToLower(head), []byte("rsop")) {
		return nil
	}
	var samples [][]byte
	add := func(b []byte) {
		if b = bytes.TrimSpace(b); !isASCII(string(b)) && len(b) < 256 {
			samples = append(samples, b)
		}
	}
	for _, m := range dashRule.FindAllIndex(head, -1) {
		above := head[:m[0]]
		add(above[bytes.LastIndexByte(above, '\n')+1:])
	}
	for line := range bytes.Lines(head) {
		if label, _, found := bytes.Cut(line, []byte(":")); found {
			add(bytes.TrimRight(label, " ."))
		}
	}
	if m := copyright.FindSubmatch(head); m != nil {
		add(m[1])
	}
	return samples
}

// knownWords counts the samples that are words of gpresult in a code page.
func knownWords(samples [][]byte, enc encoding.Encoding) int {
	n := 0
	for _, s := range samples {
		text, err := enc.NewDecoder().Bytes(s)
		if err == nil && (string(text) == "©" || len(textWords().find(string(text))) > 0) {
			n++
		}
	}
	return n
}

// decodeAlike decodes text of one byte a character, as far as all pages read it alike. It
// reports false if one of them has characters of several bytes.
func decodeAlike(data []byte, pages []encoding.Encoding) ([]byte, bool) {
	var table [256]rune
	for b := range table {
		table[b] = utf8.RuneError
		for i, page := range pages {
			single, ok := page.(*charmap.Charmap)
			if !ok {
				return nil, false
			}
			if r := single.DecodeByte(byte(b)); i == 0 || r == table[b] {
				table[b] = r
			} else {
				table[b] = utf8.RuneError
				break
			}
		}
	}
	out := make([]byte, 0, len(data)+len(data)/8)
	for _, b := range data {
		if r := table[b]; r == utf8.RuneError {
			out = append(out, lost...)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out, true
}
