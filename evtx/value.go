package evtx

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/gpevtx/gpevtx/sid"
)

// Type is the type of a value in BinXML ([MS-EVEN6] 2.2.12).
type Type uint8

// The types of values. An array has the type of its items with ArrayFlag set.
const (
	TypeNull       Type = 0x00
	TypeString     Type = 0x01 // UTF-16LE
	TypeANSIString Type = 0x02 // code page of the writing computer, read as Windows-1252
	TypeInt8       Type = 0x03
	TypeUint8      Type = 0x04
	TypeInt16      Type = 0x05
	TypeUint16     Type = 0x06
	TypeInt32      Type = 0x07
	TypeUint32     Type = 0x08
	TypeInt64      Type = 0x09
	TypeUint64     Type = 0x0a
	TypeReal32     Type = 0x0b
	TypeReal64     Type = 0x0c
	TypeBool       Type = 0x0d // four bytes, anything but 0 is true
	TypeBinary     Type = 0x0e
	TypeGUID       Type = 0x0f
	TypeSizeT      Type = 0x10 // printed in hex
	TypeFileTime   Type = 0x11
	TypeSystemTime Type = 0x12
	TypeSID        Type = 0x13
	TypeHexInt32   Type = 0x14
	TypeHexInt64   Type = 0x15
	TypeEvtHandle  Type = 0x20
	TypeBinXML     Type = 0x21
	TypeEvtXML     Type = 0x23

	ArrayFlag Type = 0x80
)

// Value is one datum of an event, typed. It shares the event's memory. The zero value is
// null.
type Value struct {
	Type Type
	// raw are the bytes as stored; text is used instead for a literal of the template.
	raw  []byte
	text string
}

func literal(text string) Value { return Value{Type: TypeString, text: text} }

// same reports whether both values have the same type and content.
func (v *Value) same(w *Value) bool {
	return v.Type == w.Type && v.text == w.text && bytes.Equal(v.raw, w.raw)
}

// IsNull reports whether the event has no value there.
func (v Value) IsNull() bool { return v.Type == TypeNull }

// Raw returns the bytes as stored, nil for a literal of the template.
func (v Value) Raw() []byte { return v.raw }

// String returns the value as Event Viewer prints it, "" for null.
func (v Value) String() string {
	if v.text != "" {
		return v.text
	}
	var buf [64]byte // most texts are short: one allocation instead of several
	return string(v.appendText(buf[:0], escapeNone))
}

// fixedSize is the size of one item of a type in bytes, 0 for a type of variable size.
func (t Type) fixedSize(total int) int {
	switch t {
	case TypeInt8, TypeUint8:
		return 1
	case TypeInt16, TypeUint16:
		return 2
	case TypeInt32, TypeUint32, TypeReal32, TypeHexInt32:
		return 4
	case TypeBool: // of one byte by the documentation, of four in logs
		if total%4 != 0 {
			return 1
		}
		return 4
	case TypeInt64, TypeUint64, TypeReal64, TypeFileTime, TypeHexInt64:
		return 8
	case TypeGUID, TypeSystemTime:
		return 16
	case TypeSizeT, TypeEvtHandle:
		// The writing computer's pointer size is not stored beside an array.
		if total%8 == 0 {
			return 8
		}
		return 4
	}
	return 0
}

// item cuts the first item off the bytes of an array of type t (without ArrayFlag). size is
// the type's fixed size in the whole array.
func (t Type) item(b []byte, size int) (item Value, rest []byte) {
	n := len(b)
	switch t {
	case TypeString:
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == 0 && b[i+1] == 0 {
				return Value{Type: t, raw: b[:i]}, b[i+2:]
			}
		}
	case TypeANSIString:
		for i, c := range b {
			if c == 0 {
				return Value{Type: t, raw: b[:i]}, b[i+1:]
			}
		}
	case TypeSID:
		if l, ok := sid.Len(b); ok {
			n = l
		}
	default:
		if size > 0 {
			n = min(n, size)
		}
	}
	if t == TypeNull {
		return Value{}, nil
	}
	return Value{Type: t, raw: b[:n]}, b[n:]
}

// trimNUL cuts the terminators that writers often count into a string's size.
func trimNUL(b []byte) []byte {
	b = b[:len(b)&^1]
	for len(b) >= 2 && b[len(b)-1] == 0 && b[len(b)-2] == 0 {
		b = b[:len(b)-2]
	}
	return b
}

// appendText appends the value as Windows prints it, escaped for its surroundings. A value
// whose bytes are too short for its type is printed in hex rather than dropped.
func (v Value) appendText(dst []byte, esc escape) []byte {
	b, le := v.raw, binary.LittleEndian
	if v.text != "" {
		return appendString(dst, v.text, esc)
	}
	if !v.isWhole() {
		return appendHex(dst, b)
	}
	switch v.Type {
	case TypeNull:
		return dst
	case TypeString:
		return appendUTF16(dst, trimNUL(b), esc)
	case TypeANSIString:
		return appendANSI(dst, b, esc)
	case TypeInt8:
		return strconv.AppendInt(dst, int64(int8(b[0])), 10)
	case TypeUint8:
		return strconv.AppendUint(dst, uint64(b[0]), 10)
	case TypeInt16:
		return strconv.AppendInt(dst, int64(int16(le.Uint16(b))), 10)
	case TypeUint16:
		return strconv.AppendUint(dst, uint64(le.Uint16(b)), 10)
	case TypeInt32:
		return strconv.AppendInt(dst, int64(int32(le.Uint32(b))), 10)
	case TypeUint32:
		return strconv.AppendUint(dst, uint64(le.Uint32(b)), 10)
	case TypeInt64:
		return strconv.AppendInt(dst, int64(le.Uint64(b)), 10)
	case TypeUint64:
		return strconv.AppendUint(dst, le.Uint64(b), 10)
	case TypeReal32:
		return appendReal(dst, float64(math.Float32frombits(le.Uint32(b))), 32)
	case TypeReal64:
		return appendReal(dst, math.Float64frombits(le.Uint64(b)), 64)
	case TypeBool:
		is, _ := v.bool()
		return strconv.AppendBool(dst, is)
	case TypeGUID:
		return appendGUID(dst, b)
	case TypeSizeT, TypeEvtHandle:
		return appendHexUint(dst, v.pointer())
	case TypeFileTime:
		t := filetime(le.Uint64(b))
		year, month, day := t.Date()
		hour, minute, sec := t.Clock()
		return appendTime(dst, [6]int{year, int(month), day, hour, minute, sec}, t.Nanosecond()/100, 7)
	case TypeSystemTime:
		f := systemtimeFields(b)
		return appendTime(dst, [6]int{f[0], f[1], f[3], f[4], f[5], f[6]}, f[7], 3)
	case TypeSID:
		if out, ok := sid.AppendText(dst, b); ok {
			return out
		}
		return appendHex(dst, b)
	case TypeHexInt32:
		return appendHexUint(dst, uint64(le.Uint32(b)))
	case TypeHexInt64:
		return appendHexUint(dst, le.Uint64(b))
	case TypeEvtXML:
		return appendUTF16(dst, trimNUL(b), esc)
	default: // binary, and types that nobody has documented
		return appendHex(dst, b)
	}
}

// isWhole reports whether there are enough bytes for the type.
func (v Value) isWhole() bool {
	if v.Type == TypeBool {
		_, ok := v.bool()
		return ok
	}
	return len(v.raw) >= v.Type.fixedSize(len(v.raw))
}

// appendJSON appends the value as a JSON value: numbers and booleans as such, all else as
// strings, null as null.
func (v Value) appendJSON(dst []byte) []byte {
	switch v.Type {
	case TypeNull:
		return append(dst, "null"...)
	case TypeInt8, TypeUint8, TypeInt16, TypeUint16, TypeInt32, TypeUint32, TypeInt64, TypeUint64, TypeBool:
		if v.isWhole() {
			return v.appendText(dst, escapeJSON)
		}
	case TypeReal32, TypeReal64:
		if v.isFinite() {
			return v.appendText(dst, escapeJSON)
		}
	}
	dst = append(dst, '"')
	dst = v.appendText(dst, escapeJSON)
	return append(dst, '"')
}

// isJSONString reports whether values of the type are strings in JSON, whatever they hold.
func (t Type) isJSONString() bool {
	switch t {
	case TypeNull, TypeInt8, TypeUint8, TypeInt16, TypeUint16, TypeInt32, TypeUint32, TypeInt64, TypeUint64, TypeBool,
		TypeReal32, TypeReal64:
		return false
	}
	return true
}

// isFinite reports whether a real is a number that JSON can hold: not all bits of its
// exponent are set.
func (v Value) isFinite() bool {
	const exponent32, exponent64 = 0xff << 23, 0x7ff << 52
	b, le := v.raw, binary.LittleEndian
	if v.Type == TypeReal32 {
		return len(b) >= 4 && le.Uint32(b)&exponent32 != exponent32
	}
	return len(b) >= 8 && le.Uint64(b)&exponent64 != exponent64
}

// appendReal prints a real in decimal digits, as [MS-EVEN6] 2.2.12.3 says, but far from 1
// with an exponent, as xs:double (3.1.4.7.3) and JSON allow; with as many digits as tell it
// from its neighbours. What is no number has its name of xs:double.
func appendReal(dst []byte, f float64, bits int) []byte {
	least, most := 1e-6, 1e21
	if bits == 32 {
		least, most = float64(float32(least)), float64(float32(most))
	}
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "INF"...)
	case math.IsInf(f, -1):
		return append(dst, "-INF"...)
	case abs != 0 && (abs < least || abs >= most):
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}

const (
	hexUpper = "0123456789ABCDEF"
	hexLower = "0123456789abcdef"
)

func appendHex(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, hexUpper[c>>4], hexUpper[c&15])
	}
	return dst
}

func appendHexUint(dst []byte, n uint64) []byte {
	return strconv.AppendUint(append(dst, '0', 'x'), n, 16)
}

// appendGUID prints a GUID as Windows does: in braces and upper case.
func appendGUID(dst, b []byte) []byte {
	const order = "\x03\x02\x01\x00-\x05\x04-\x07\x06-\x08\x09-\x0a\x0b\x0c\x0d\x0e\x0f"
	dst = append(dst, '{')
	for i := range len(order) {
		if order[i] == '-' {
			dst = append(dst, '-')
			continue
		}
		c := b[order[i]]
		dst = append(dst, hexUpper[c>>4], hexUpper[c&15])
	}
	return append(dst, '}')
}

// appendTime prints a UTC time: year to second, and the fraction in so many digits. The
// fields need not be a date that exists.
func appendTime(dst []byte, f [6]int, frac, digits int) []byte {
	dst = appendPadded(dst, f[0], 4)
	for i, before := range []byte("--T::") {
		dst = appendPadded(append(dst, before), f[i+1], 2)
	}
	dst = appendPadded(append(dst, '.'), frac, digits)
	return append(dst, 'Z')
}

// appendPadded appends n, which is not negative, with at least width digits.
func appendPadded(dst []byte, n, width int) []byte {
	var buf [20]byte
	i := len(buf)
	for ; n > 0 || width > 0; width-- {
		i--
		buf[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, buf[i:]...)
}
