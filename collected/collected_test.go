package collected_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/collected"
)

// parse reads a text as one encoding of it.
func parse(t *testing.T, data []byte, cfg collected.Config) *collected.File {
	t.Helper()
	if cfg.Source == "" {
		cfg.Source = "f.txt"
	}
	f, err := collected.Parse(context.Background(), bytes.NewReader(data), int64(len(data)), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// wide encodes a text as Windows writes it: UTF-16LE with a byte order mark.
func wide(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(s, "\n", "\r\n"))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func TestOtherFilesAreNoFormat(t *testing.T) {
	for _, text := range []string{
		"", "\n", "hello\nworld\n", "SERVICES: none\n", "Name: x\nSID: y\n", "\xff\xfe", "\xff\xfe[", "a,b,c\n1,2,3\n",
		strings.Repeat("a line of some log\n", 100) + "Access is denied.\n",
	} {
		f, err := collected.Parse(context.Background(), strings.NewReader(text), int64(len(text)), collected.Config{})
		var format *collected.FormatError
		if f != nil || !errors.As(err, &format) {
			t.Errorf("%q: got %+v, %v", text, f, err)
		}
	}
}

func TestParseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	text := "SERVICE_NAME: ADSync\n"
	_, err := collected.Parse(ctx, strings.NewReader(text), int64(len(text)), collected.Config{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLostCharactersAreTold(t *testing.T) {
	f := parse(t, []byte("SERVICE_NAME: ADSync\n        SERVICE_START_NAME : CONTOSO\\svc-gr\x81n\n"), collected.Config{})
	if v := f.Services[0].Account; !v.Known() || v.Intact() {
		t.Errorf("account %+v: its characters were lost", v)
	}
	if len(f.Warnings) != 1 || f.Warnings[0].Code != collected.LostCharacters || f.Warnings[0].Line != 2 {
		t.Errorf("warnings %+v", f.Warnings)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	text := "SERVICE_NAME: ADSync\n        BINARY_PATH_NAME   : " + strings.Repeat("x", 300_000) + "\n        SERVICE_START_NAME : NT SERVICE\\ADSync\n"
	for name, data := range map[string][]byte{"narrow": []byte(text), "wide": wide(text)} {
		f := parse(t, data, collected.Config{})
		if got := f.Services[0].Account; got.Text != `NT SERVICE\ADSync` || got.At.Line != 3 {
			t.Errorf("%s: account %+v", name, got)
		}
		if len(f.Services[0].BinaryPath.Text) > 5000 {
			t.Errorf("%s: a path of %d bytes was kept", name, len(f.Services[0].BinaryPath.Text))
		}
	}
}
