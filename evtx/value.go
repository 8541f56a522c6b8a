package evtx

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/gpevtx/gpevtx/internal/digits"
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
	if v.text != "" {
		return appendString(dst, v.text, esc)
	}
	return appendRaw(dst, v.Type, v.raw, esc)
}

// appendRaw appends a value that is stored as b. The type and the bytes are parameters of
// their own because they stay in registers, where a Value does not.
func appendRaw(dst []byte, t Type, b []byte, esc escape) []byte {
	if !isWhole(t, b) {
		return appendHex(dst, b)
	}
	le := binary.LittleEndian
	switch t {
	case TypeNull:
		return dst
	case TypeString, TypeEvtXML:
		return appendUTF16(dst, trimNUL(b), esc)
	case TypeANSIString:
		return appendANSI(dst, b, esc)
	case TypeInt8:
		return digits.AppendInt(dst, int64(int8(b[0])))
	case TypeUint8:
		return digits.AppendUint(dst, uint64(b[0]))
	case TypeInt16:
		return digits.AppendInt(dst, int64(int16(le.Uint16(b))))
	case TypeUint16:
		return digits.AppendUint(dst, uint64(le.Uint16(b)))
	case TypeInt32:
		return digits.AppendInt(dst, int64(int32(le.Uint32(b))))
	case TypeUint32:
		return digits.AppendUint(dst, uint64(le.Uint32(b)))
	case TypeInt64:
		return digits.AppendInt(dst, int64(le.Uint64(b)))
	case TypeUint64:
		return digits.AppendUint(dst, le.Uint64(b))
	case TypeReal32:
		return appendReal(dst, float64(math.Float32frombits(le.Uint32(b))), 32)
	case TypeReal64:
		return appendReal(dst, math.Float64frombits(le.Uint64(b)), 64)
	case TypeBool:
		is, _ := boolOf(b)
		return strconv.AppendBool(dst, is)
	case TypeGUID:
		return appendGUID(dst, b)
	case TypeSizeT, TypeEvtHandle:
		return appendHexUint(dst, pointerOf(b))
	case TypeFileTime:
		return appendFileTime(dst, le.Uint64(b))
	case TypeSystemTime:
		return appendSystemTime(dst, b)
	case TypeSID:
		if out, ok := sid.AppendText(dst, b); ok {
			return out
		}
	case TypeHexInt32:
		return appendHexUint(dst, uint64(le.Uint32(b)))
	case TypeHexInt64:
		return appendHexUint(dst, le.Uint64(b))
	}
	return appendHex(dst, b) // binary, types that nobody has documented, and what is no SID
}

// leastSize holds the sizes in bytes below which a value is not whole.
var leastSize = [256]uint8{
	TypeInt8: 1, TypeUint8: 1, TypeInt16: 2, TypeUint16: 2, TypeInt32: 4, TypeUint32: 4, TypeInt64: 8, TypeUint64: 8,
	TypeReal32: 4, TypeReal64: 8, TypeBool: 1, TypeGUID: 16, TypeSizeT: 4, TypeFileTime: 8, TypeSystemTime: 16,
	TypeHexInt32: 4, TypeHexInt64: 8, TypeEvtHandle: 4,
}

// isWhole reports whether there are enough bytes for the type.
func isWhole(t Type, b []byte) bool {
	if t == TypeBool {
		_, ok := boolOf(b)
		return ok
	}
	return len(b) >= int(leastSize[t])
}

// appendJSON appends the value as a JSON value: numbers and booleans as such, all else as
// strings, null as null.
func (v Value) appendJSON(dst []byte) []byte {
	switch t, b := v.Type, v.raw; {
	case t == TypeNull:
		return append(dst, "null"...)
	case TypeInt8 <= t && t <= TypeBool && isWhole(t, b) && isFinite(t, b):
		return appendRaw(dst, t, b, escapeJSON)
	}
	dst = append(dst, '"')
	if v.text != "" {
		dst = appendString(dst, v.text, escapeJSON)
	} else {
		dst = appendRaw(dst, v.Type, v.raw, escapeJSON)
	}
	return append(dst, '"')
}

// isJSONString reports whether values of the type are strings in JSON, whatever they hold.
func (t Type) isJSONString() bool { return t != TypeNull && (t < TypeInt8 || t > TypeBool) }

// isFinite reports whether JSON can hold a number that is whole: of a real not all bits of
// the exponent are set.
func isFinite(t Type, b []byte) bool {
	const exponent32, exponent64 = 0xff << 23, 0x7ff << 52
	switch t {
	case TypeReal32:
		return binary.LittleEndian.Uint32(b)&exponent32 != exponent32
	case TypeReal64:
		return binary.LittleEndian.Uint64(b)&exponent64 != exponent64
	}
	return true
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
