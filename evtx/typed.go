package evtx

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/gpevtx/gpevtx/sid"
)

// What values are besides text. A literal of the template, as in forwarded events, and a
// value that its writer stored as a string count as what their text spells.

// Uint returns an integer that is not negative, of any type of integer, size_t and
// EvtHandle included; of a boolean 1 for true; of a string the number that it holds in
// decimal or, behind 0x, in hexadecimal digits. It reports false for other types, and for a
// value too short for its type.
func (v Value) Uint() (uint64, bool) {
	b, le := v.raw, binary.LittleEndian
	var n int64
	switch t := v.Type; {
	case t == TypeUint8 && len(b) >= 1:
		return uint64(b[0]), true
	case t == TypeUint16 && len(b) >= 2:
		return uint64(le.Uint16(b)), true
	case (t == TypeUint32 || t == TypeHexInt32) && len(b) >= 4:
		return uint64(le.Uint32(b)), true
	case (t == TypeUint64 || t == TypeHexInt64) && len(b) >= 8:
		return le.Uint64(b), true
	case (t == TypeSizeT || t == TypeEvtHandle) && len(b) >= 4:
		return pointerOf(b), true
	case t == TypeInt8 && len(b) >= 1:
		n = int64(int8(b[0]))
	case t == TypeInt16 && len(b) >= 2:
		n = int64(int16(le.Uint16(b)))
	case t == TypeInt32 && len(b) >= 4:
		n = int64(int32(le.Uint32(b)))
	case t == TypeInt64 && len(b) >= 8:
		n = int64(le.Uint64(b))
	case t == TypeBool:
		is, ok := boolOf(b)
		if is {
			n = 1
		}
		return uint64(n), ok
	case t == TypeString || t == TypeANSIString:
		return v.spelledUint()
	default:
		return 0, false
	}
	return uint64(max(n, 0)), n >= 0
}

// pointerOf returns a value of the writing computer's pointer size, of at least four bytes.
func pointerOf(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return uint64(binary.LittleEndian.Uint32(b))
}

// boolOf returns a boolean. Logs hold four bytes of which any but zeros is true; [MS-EVEN6]
// 3.1.4.7.3 says one byte.
func boolOf(b []byte) (is, ok bool) {
	switch {
	case len(b) >= 4:
		return binary.LittleEndian.Uint32(b) != 0, true
	case len(b) == 1:
		return b[0] != 0, true
	}
	return false, false
}

// maxSpelled bounds the text of a number or a time, in bytes.
const maxSpelled = 64

// spelled returns the text of a string, nothing for one too long to spell a number or time.
func (v Value) spelled(buf *[maxSpelled]byte) []byte {
	switch b := v.raw; {
	case len(v.text) > 0:
		if len(v.text) <= maxSpelled {
			return append(buf[:0], v.text...)
		}
	case v.Type == TypeString:
		if b = trimNUL(b); len(b) <= 2*maxSpelled {
			return appendUTF16(buf[:0], b, escapeNone)
		}
	case v.Type == TypeANSIString:
		if b = trimNULs(b); len(b) <= maxSpelled {
			return appendANSI(buf[:0], b, escapeNone)
		}
	}
	return nil
}

// spelledUint returns the number that a string holds.
func (v Value) spelledUint() (n uint64, ok bool) {
	var buf [maxSpelled]byte
	s, base := v.spelled(&buf), uint64(10)
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		s, base = s[2:], 16
	}
	for _, c := range s {
		d := base
		switch {
		case '0' <= c && c <= '9':
			d = uint64(c - '0')
		case 'a' <= lower(c) && lower(c) <= 'f':
			d = uint64(lower(c)-'a') + 10
		}
		if d >= base || n > (math.MaxUint64-d)/base {
			return 0, false
		}
		n = n*base + d
	}
	return n, len(s) > 0
}

// Time returns a FILETIME or SYSTEMTIME, or the time that a string holds in the form that
// events print (RFC 3339), in UTC. It reports false for other values, and for a SYSTEMTIME
// that is no date. A FILETIME beyond the range of a signed number, which Windows takes for
// no time, is the last one within.
func (v Value) Time() (time.Time, bool) {
	switch {
	case v.Type == TypeFileTime && len(v.raw) >= 8:
		return filetime(binary.LittleEndian.Uint64(v.raw)), true
	case v.Type == TypeSystemTime && len(v.raw) >= 16:
		return systemtime(v.raw)
	case v.Type == TypeString || v.Type == TypeANSIString:
		var buf [maxSpelled]byte
		var t time.Time
		err := t.UnmarshalText(v.spelled(&buf))
		return t.UTC(), err == nil
	}
	return time.Time{}, false
}

// ticksToUnix is the FILETIME (100 ns since 1601) of the start of 1970.
const ticksToUnix = 116444736000000000

func filetime(ticks uint64) time.Time {
	t := int64(ticks) - ticksToUnix
	if ticks > math.MaxInt64 {
		t = math.MaxInt64 - ticksToUnix
	}
	sec, rest := t/1e7, t%1e7
	if rest < 0 {
		sec, rest = sec-1, rest+1e7
	}
	return time.Unix(sec, rest*100).UTC()
}

// systemtimeFields are year, month, day of the week, day, hour, minute, second and
// millisecond.
func systemtimeFields(b []byte) (f [8]int) {
	for i := range f {
		f[i] = int(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return f
}

// systemtime reports false for a date that does not exist, such as one that was never set,
// or is not in the range of a SYSTEMTIME.
func systemtime(b []byte) (time.Time, bool) {
	f := systemtimeFields(b)
	t := time.Date(f[0], time.Month(f[1]), f[3], f[4], f[5], f[6], f[7]*1e6, time.UTC)
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	same := [...]int{year, int(month), day, hour, minute, sec, t.Nanosecond() / 1e6} == [...]int{f[0], f[1], f[3], f[4], f[5], f[6], f[7]}
	if !same || year < 1601 || year > 30827 {
		return time.Time{}, false
	}
	return t, true
}

// SID returns a security identifier, or the one that a string spells. It reports false for
// other values, and for bytes that are no SID.
func (v Value) SID() (sid.SID, bool) {
	var s sid.SID
	var err error
	switch v.Type {
	case TypeSID:
		s, err = sid.FromBytes(v.raw)
	case TypeString, TypeANSIString:
		s, err = sid.Parse(v.String())
	default:
		return "", false
	}
	return s, err == nil
}
