package evtx_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/compare"
)

// The formatting of values against the reference, which prints them in the plainest way.

// refEscaped is text as it stands in its surroundings.
func refEscaped(s string, esc evtx.Escape) string {
	switch esc {
	case evtx.EscapeXML:
		return refXMLText(s)
	case evtx.EscapeAttr:
		return strings.NewReplacer("\n", "&#10;", "\t", "&#9;").Replace(refXMLText(s))
	case evtx.EscapeJSON:
		return refJSONText(s)
	case evtx.EscapePI:
		return compare.InXML(strings.ReplaceAll(s, "\r", "\n"))
	}
	return s
}

const allEscapes = evtx.EscapePI + 1

// checkUTF16 compares what becomes of a text in all surroundings, behind what is there, in
// buffers with and without room.
func checkUTF16(t *testing.T, b []byte) {
	t.Helper()
	text := refUTF16(b)
	for esc := range allEscapes {
		want := "kept" + refEscaped(text, esc)
		for _, room := range []int{0, len(b) / 2, len(want), 3*len(b) + 16} {
			dst := append(make([]byte, 0, 4+room), "kept"...)
			if got := evtx.AppendUTF16(dst, b, esc); string(got) != want {
				t.Fatalf("% x, escape %d, room %d:\n got %q\nwant %q", b, esc, room, got, want)
			}
		}
		if got := evtx.AppendString([]byte("kept"), text, esc); string(got) != want {
			t.Fatalf("%q, escape %d:\n got %q\nwant %q", text, esc, got, want)
		}
	}
}

// specialUnits are those that some surroundings treat otherwise than letters, and the first
// and last of each form in UTF-8.
func specialUnits() (list []uint16) {
	for c := range uint16(0x20) {
		list = append(list, c)
	}
	for _, c := range "\"&'<>\\\x7f" {
		list = append(list, uint16(c))
	}
	return append(list, 0x80, 0xff, 0x100, 0x7ff, 0x800, 0x2028, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff)
}

// TestSpecialUnits puts each special unit, alone, doubled and before a low surrogate, at
// each place of texts of each length around the eight that are read at once.
func TestSpecialUnits(t *testing.T) {
	for _, fill := range []uint16{'x', 'ж', '組'} {
		for _, n := range []int{0, 1, 3, 4, 6, 7, 8, 9, 15, 16, 17, 21} {
			units := make([]uint16, n)
			for at := range n {
				for _, u := range specialUnits() {
					for i := range units {
						units[i] = fill + uint16(i)
					}
					units[at] = u
					checkUTF16(t, unitBytes(units))
					if at+1 < n {
						units[at+1] = u
						checkUTF16(t, unitBytes(units))
						units[at+1] = 0xdd12
						checkUTF16(t, unitBytes(units)[:2*n-1]) // the last unit is cut
					}
				}
			}
		}
	}
}

func unitBytes(units []uint16) (b []byte) {
	for _, u := range units {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// TestRandomText mixes runs of letters of different lengths in UTF-8 with special units.
func TestRandomText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	special := specialUnits()
	for range 20000 {
		var units []uint16
		for range r.IntN(6) {
			first := []uint16{'a', 'A', 0x430, 0x4e00, 0xd83d, ' '}[r.IntN(6)]
			for range r.IntN(20) {
				units = append(units, first+uint16(r.IntN(16)))
			}
			for range r.IntN(3) {
				units = append(units, special[r.IntN(len(special))])
			}
		}
		checkUTF16(t, unitBytes(units))
	}
}

// FuzzAppendUTF16 compares any text.
func FuzzAppendUTF16(f *testing.F) {
	for _, s := range append([]string{"", "\x00", "a\r\n\t<b c=\"d\\\">&'\x00\x1f\x7f", "\uFFFE\uFFFF\U0010FFFF"}, shortTexts...) {
		f.Add(utf16le(s))
	}
	for _, tt := range longTexts {
		f.Add(utf16le(tt.text))
	}
	f.Add(unitBytes([]uint16{'a', 0xd83d, 'b', 0xde00, 0xd83d}))
	f.Fuzz(checkUTF16)
}

// checkValue compares a value of any type and any bytes.
func checkValue(t *testing.T, typ byte, raw []byte) {
	t.Helper()
	v, ref := evtx.ValueOf(evtx.Type(typ), raw), refPiece{refValue: refValue{typ: typ, raw: raw}}
	text := ref.plain()
	for esc := range allEscapes {
		want := "kept" + refEscaped(text, esc)
		for _, room := range []int{0, 64} {
			dst := append(make([]byte, 0, 4+room), "kept"...)
			if got := evtx.AppendText(dst, v, esc); string(got) != want {
				t.Fatalf("type %#02x, % x, escape %d, room %d:\n got %q\nwant %q", typ, raw, esc, room, got, want)
			}
		}
	}
	if got := v.String(); got != text {
		t.Fatalf("type %#02x, % x: String() = %q, want %q", typ, raw, got, text)
	}
	if got, want := evtx.AppendJSON([]byte("kept"), v), "kept"+refJSON([]refPiece{ref}); typ != 0x21 && string(got) != want {
		t.Fatalf("type %#02x, % x: JSON\n got %s\nwant %s", typ, raw, got, want)
	}
}

// TestRandomValues prints values of every type, of every size around that of the type.
func TestRandomValues(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for typ := range 256 {
		for range 300 {
			raw := make([]byte, r.IntN(36))
			for i := range raw {
				raw[i] = byte(r.Uint32())
			}
			if len(raw) > 1 && r.IntN(2) == 0 { // a number that is small, or a SID
				raw[0], raw[1] = 1, byte(r.IntN(8))
				clear(raw[2:min(len(raw), 2+r.IntN(8))])
			}
			checkValue(t, byte(typ), raw)
		}
	}
}

// TestDigits prints integers in which each digit takes each value, and those around where
// their number changes.
func TestDigits(t *testing.T) {
	for i := range uint64(10000) {
		checkValue(t, byte(evtx.TypeUint32), le(4, i))
		checkValue(t, byte(evtx.TypeUint64), le(8, i*10000+9999-i))
		checkValue(t, byte(evtx.TypeUint64), le(8, i*1000100010001))
	}
	near := func(n uint64) {
		for d := range uint64(5) {
			checkValue(t, byte(evtx.TypeUint64), le(8, n+d-2))
			checkValue(t, byte(evtx.TypeInt64), le(8, n+d-2))
			checkValue(t, byte(evtx.TypeInt64), le(8, -n+d-2))
			checkValue(t, byte(evtx.TypeHexInt64), le(8, n+d-2))
			checkValue(t, byte(evtx.TypeInt32), le(4, n+d-2))
		}
	}
	for n := uint64(1); n < math.MaxUint64/10; n *= 10 {
		near(n)
		near(10 * n)
	}
	for bit := range 64 {
		near(1 << bit)
	}
}

// TestTimes prints every day of eight centuries, days of all the range of a FILETIME, and
// every field of a SYSTEMTIME at and above what a date can have.
func TestTimes(t *testing.T) {
	const day = 24 * 60 * 60 * 1e7
	check := func(ticks uint64) {
		t.Helper()
		got := evtx.AppendText(nil, evtx.ValueOf(evtx.TypeFileTime, le(8, ticks)), evtx.EscapeNone)
		if want := refFileTime(ticks).Format("2006-01-02T15:04:05.0000000Z"); string(got) != want {
			t.Fatalf("%d ticks: %s, want %s", ticks, got, want)
		}
	}
	for d := range math.MaxInt64 / uint64(day) {
		if d < 800*366 || d%61 == 0 {
			check(d * day)
			check(d*day + d*864000007%day)
		}
	}
	year10000 := uint64(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()+11644473600) * 1e7
	for d := range uint64(1000) {
		for _, ticks := range []uint64{day, year10000, math.MaxInt64, 1 << 63, math.MaxUint64} {
			check(ticks + d)
			check(ticks - d)
		}
	}
	fields := []uint64{2024, 12, 6, 31, 23, 59, 59, 999}
	for i, f := range fields {
		for _, n := range []uint64{0, 1, 9, 10, 13, 32, 60, 99, 100, 101, 999, 1000, 1001, 9999, 10000, 65535} {
			fields[i] = n
			checkValue(t, byte(evtx.TypeSystemTime), systemtime(fields...))
		}
		fields[i] = f
	}
}

// FuzzAppendValue compares any value.
func FuzzAppendValue(f *testing.F) {
	for _, v := range values {
		f.Add(byte(v.typ), v.raw)
	}
	f.Fuzz(checkValue)
}

// TestFormattingAllocations prints into a buffer that is large enough.
func TestFormattingAllocations(t *testing.T) {
	dst := make([]byte, 0, 1<<12)
	check := func(name string, v evtx.Value) {
		t.Helper()
		n := testing.AllocsPerRun(10, func() {
			evtx.AppendText(dst, v, evtx.EscapeXML)
			evtx.AppendJSON(dst, v)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	for _, v := range values {
		check(v.name, evtx.ValueOf(v.typ, v.raw))
	}
	for _, tt := range longTexts {
		check(tt.name, evtx.ValueOf(evtx.TypeString, utf16le(tt.text)[:min(1000, 2*len([]rune(tt.text)))]))
		check(tt.name+" in ANSI", evtx.ValueOf(evtx.TypeANSIString, []byte(tt.text[:min(500, len(tt.text))])))
	}
}
