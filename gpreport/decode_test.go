package gpreport_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/gpevtx/gpevtx/gpreport"
)

func withMeta(s, charset string) string { return strings.Replace(s, "UTF-16", charset, 1) }

// One report, in the encodings that tools leave behind, reads the same.
func TestEncodings(t *testing.T) {
	text := page{
		computer: sync01(row("Log on as a service", `CONTOSO\Müller, CONTOSO\Dienst`, "Server Baseline")).String(),
		user:     someUser().String(),
	}.String()
	want := parse(t, page{
		computer: sync01(row("Log on as a service", `CONTOSO\Müller, CONTOSO\Dienst`, "Server Baseline")).String(),
		user:     someUser().String(),
	})
	if a, _ := want.Computer.Right("SeServiceLogonRight"); !slices.Equal(names(a), []string{`CONTOSO\Müller`, `CONTOSO\Dienst`}) {
		t.Fatalf("principals %q", names(a))
	}
	windows1252, err := charmap.Windows1252.NewEncoder().String(withMeta(text, "windows-1252"))
	if err != nil {
		t.Fatal(err)
	}
	bom := "\xEF\xBB\xBF"
	tests := []struct {
		name string
		data []byte
	}{
		{"UTF-16LE with mark", utf16LE(text)},
		{"UTF-16BE with mark", append([]byte{0xFE, 0xFF}, utf16Bytes(text, binary.BigEndian)...)},
		{"UTF-16LE without mark", utf16Bytes(text, binary.LittleEndian)},
		{"UTF-16BE without mark", utf16Bytes(text, binary.BigEndian)},
		{"UTF-8 whose meta says UTF-16", []byte(text)},
		{"UTF-8 with mark whose meta says UTF-16", []byte(bom + text)},
		{"UTF-8 whose meta says windows-1251", []byte(withMeta(text, "windows-1251"))},
		{"UTF-8 without meta", []byte(strings.Replace(text, "meta", "link", 1))},
		{"windows-1252", []byte(windows1252)},
		{"two marks", []byte(bom + bom + text)},
		{"a mark in a name", []byte(strings.Replace(text, "Dienst", "Die\uFEFFnst", 1))},
		{"lines end with LF", []byte(strings.ReplaceAll(text, "\r\n", "\n"))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseBytes(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is no text is visibly missing, and said to be.
func TestUndecodable(t *testing.T) {
	text := page{computer: sync01(row("Log on as a service", `CONTOSO\M@ller, Guests`, "Server Baseline")).String()}.String()
	lone := []byte(nil)
	for i, part := range strings.Split(text, "@") {
		if i > 0 {
			lone = append(lone, 0x00, 0xD8) // half a surrogate pair
		}
		lone = append(lone, utf16Bytes(part, binary.LittleEndian)...)
	}
	tests := []struct {
		name, want string
		data       []byte
	}{
		{"a lost code page", "CONTOSO\\M\uFFFDller", []byte(strings.Replace(text, "@", "\xFC", 1))},
		{"half a pair", "CONTOSO\\M\uFFFDller", append([]byte{0xFF, 0xFE}, lone...)},
		{"NUL", `CONTOSO\Mller`, []byte(strings.Replace(text, "@", "\x00", 1))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parseBytes(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := r.Computer.Right("SeServiceLogonRight")
			if diff := cmp.Diff([]string{tt.want, "Guests"}, names(a)); diff != "" {
				t.Errorf("principals (-want +got):\n%s", diff)
			}
			if len(r.Warnings) != 1 || r.Warnings[0].Code != gpreport.Undecodable || r.Warnings[0].Line != a.Location.Line {
				t.Errorf("warnings %+v; the row is on line %d", r.Warnings, a.Location.Line)
			}
		})
	}
}
