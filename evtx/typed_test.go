package evtx_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/sid"
)

func TestUint(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    val
		want uint64
		ok   bool
	}{
		{"null", null(), 0, false},
		{"uint8", val{typ: evtx.TypeUint8, raw: []byte{200}}, 200, true},
		{"uint16", u16val(7041), 7041, true},
		{"uint32", val{typ: evtx.TypeUint32, raw: le(4, math.MaxUint32)}, math.MaxUint32, true},
		{"uint64", val{typ: evtx.TypeUint64, raw: le(8, math.MaxUint64)}, math.MaxUint64, true},
		{"hexint32", val{typ: evtx.TypeHexInt32, raw: le(4, 5)}, 5, true},
		{"hexint64", val{typ: evtx.TypeHexInt64, raw: le(8, 1<<63)}, 1 << 63, true},
		{"size_t, 32 bit", val{typ: evtx.TypeSizeT, raw: le(4, 9)}, 9, true},
		{"size_t, 64 bit", val{typ: evtx.TypeSizeT, raw: le(8, 9)}, 9, true},
		{"bool", val{typ: evtx.TypeBool, raw: le(4, 1)}, 1, true},
		{"bool, 2", val{typ: evtx.TypeBool, raw: le(4, 2)}, 1, true},
		{"bool of a byte", val{typ: evtx.TypeBool, raw: []byte{0}}, 0, true},
		{"event handle", val{typ: evtx.TypeEvtHandle, raw: le(8, 9)}, 9, true},
		{"int8", val{typ: evtx.TypeInt8, raw: []byte{5}}, 5, true},
		{"int8 below 0", val{typ: evtx.TypeInt8, raw: []byte{0xff}}, 0, false},
		{"int16", val{typ: evtx.TypeInt16, raw: le(2, 300)}, 300, true},
		{"int16 below 0", val{typ: evtx.TypeInt16, raw: le(2, 0xffff)}, 0, false},
		{"int32", val{typ: evtx.TypeInt32, raw: le(4, 300)}, 300, true},
		{"int32 below 0", val{typ: evtx.TypeInt32, raw: le(4, 0xffffffff)}, 0, false},
		{"int64", val{typ: evtx.TypeInt64, raw: le(8, 300)}, 300, true},
		{"int64 below 0", val{typ: evtx.TypeInt64, raw: le(8, math.MaxUint64)}, 0, false},
		{"decimal", str("4711"), 4711, true},
		{"leading zeros are not octal", str("010"), 10, true},
		{"hex", str("0x80070005"), 0x80070005, true},
		{"hex, upper case", str("0XFF"), 0xff, true},
		{"no digits", str("0x"), 0, false},
		{"binary digits", str("0b11"), 0, false},
		{"underscores", str("1_000"), 0, false},
		{"text", str("ADSync"), 0, false},
		{"nothing", str(""), 0, false},
		{"too large", str("18446744073709551616"), 0, false},
		{"largest", str("18446744073709551615"), math.MaxUint64, true},
		{"largest in hex", str("0xffffffffffffffff"), math.MaxUint64, true},
		{"too large in hex", str("0x10000000000000000"), 0, false},
		{"sign", str("+5"), 0, false},
		{"blank", str(" 5"), 0, false},
		{"terminated", str("5\x00\x00"), 5, true},
		{"digits of another script", str("٣"), 0, false},
		{"digits without end", str(strings.Repeat("0", 65)), 0, false},
		{"ANSI", val{typ: evtx.TypeANSIString, raw: []byte("12\x00")}, 12, true},
	} {
		v := dataOf(t, readOne(t, oneRecord(dataInstance(tt.v))))[0].Value
		if got, ok := v.Uint(); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: Uint() = %d, %t, want %d, %t", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTime(t *testing.T) {
	day := time.Date(2026, 11, 20, 3, 12, 7, 0, time.UTC)
	for _, tt := range []struct {
		name string
		v    val
		want time.Time
		ok   bool
	}{
		{"file time", val{typ: evtx.TypeFileTime, raw: le(8, 116444736000000001)}, time.Unix(0, 100), true},
		{"file time before 1970", val{typ: evtx.TypeFileTime, raw: le(8, 1)}, time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC), true},
		{"system time", val{typ: evtx.TypeSystemTime, raw: systemtime(2026, 11, 5, 20, 3, 12, 7, 0)}, day, true},
		{"system time, 0", val{typ: evtx.TypeSystemTime, raw: make([]byte, 16)}, time.Time{}, false},
		{"system time, year 1600", val{typ: evtx.TypeSystemTime, raw: systemtime(1600, 1, 0, 1, 0, 0, 0, 0)}, time.Time{}, false},
		{"system time, 30 February", val{typ: evtx.TypeSystemTime, raw: systemtime(2026, 2, 0, 30, 0, 0, 0, 0)}, time.Time{}, false},
		{"string", str("2026-11-20T03:12:07.000Z"), day, true},
		{"string with an offset", str("2026-11-20T04:12:07+01:00"), day, true},
		{"seven digits", str("2026-11-20T03:12:07.0000001Z"), day.Add(100), true},
		{"ANSI", val{typ: evtx.TypeANSIString, raw: []byte("2026-11-20T03:12:07.000Z\x00")}, day, true},
		{"local time", str("2026-11-20T03:12:07"), time.Time{}, false},
		{"other string", str("yesterday"), time.Time{}, false},
	} {
		v := dataOf(t, readOne(t, oneRecord(dataInstance(tt.v))))[0].Value
		got, ok := v.Time()
		if ok != tt.ok || ok && (!got.Equal(tt.want) || got.Location() != time.UTC) {
			t.Errorf("%s: Time() = %s, %t, want %s, %t", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestSID(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    val
		want sid.SID
	}{
		{"SID", val{typ: evtx.TypeSID, raw: []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}}, "S-1-5-18"},
		{"cut off", val{typ: evtx.TypeSID, raw: []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0}}, ""},
		{"empty", val{typ: evtx.TypeSID}, ""},
		{"string", str("s-1-5-0018\x00"), "S-1-5-18"},
		{"ANSI", val{typ: evtx.TypeANSIString, raw: []byte("S-1-5-18")}, "S-1-5-18"},
		{"name", str("SYSTEM"), ""},
		{"its bytes as binary", val{typ: evtx.TypeBinary, raw: []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}}, ""},
	} {
		v := dataOf(t, readOne(t, oneRecord(dataInstance(tt.v))))[0].Value
		if got, ok := v.SID(); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: SID() = %q, %t, want %q", tt.name, got, ok, tt.want)
		}
	}
}

// TestTypedTypes asks a value of every type for everything: it is what its type says and
// nothing else.
func TestTypedTypes(t *testing.T) {
	type kind struct{ uint, time, sid bool }
	number := kind{uint: true}
	kinds := map[evtx.Type]kind{
		evtx.TypeInt8: number, evtx.TypeUint8: number, evtx.TypeInt16: number, evtx.TypeUint16: number, evtx.TypeInt32: number,
		evtx.TypeUint32: number, evtx.TypeInt64: number, evtx.TypeUint64: number, evtx.TypeBool: number, evtx.TypeSizeT: number,
		evtx.TypeHexInt32: number, evtx.TypeHexInt64: number, evtx.TypeEvtHandle: number,
		evtx.TypeFileTime: {time: true}, evtx.TypeSystemTime: {time: true}, evtx.TypeSID: {sid: true},
	}
	for typ := range 0x40 {
		typ := evtx.Type(typ)
		if typ == evtx.TypeString || typ == evtx.TypeANSIString {
			continue // by what they spell
		}
		raw := make([]byte, 16)
		switch typ {
		case evtx.TypeSystemTime:
			raw = systemtime(2026, 11, 5, 20, 3, 12, 7, 0)
		case evtx.TypeSID:
			raw[0] = 1
		case evtx.TypeBinXML:
			raw = nil
		}
		for _, array := range []evtx.Type{0, evtx.ArrayFlag} {
			v := dataOf(t, readOne(t, oneRecord(dataInstance(val{typ: typ | array, raw: raw}))))[0].Value
			var got kind
			_, got.uint = v.Uint()
			_, got.time = v.Time()
			_, got.sid = v.SID()
			if got != kinds[typ] {
				t.Errorf("type %#x: %+v, want %+v", typ|array, got, kinds[typ])
			}
		}
	}
}

// TestLiteralTyped reads an event without values, as a collector stores it: texts that spell
// numbers and times.
func TestLiteralTyped(t *testing.T) {
	data := dataOf(t, readOne(t, oneRecord(event(el("EventData", el("Data", "0x1f"), el("Data", "2026-11-20T03:12:07.000Z"), el("Data", "S-1-5-18"))))))
	if n, ok := data[0].Value.Uint(); n != 31 || !ok {
		t.Errorf("Uint() = %d, %t", n, ok)
	}
	if at, ok := data[1].Value.Time(); !at.Equal(logStart) || !ok {
		t.Errorf("Time() = %s, %t", at, ok)
	}
	if s, ok := data[2].Value.SID(); s != "S-1-5-18" || !ok {
		t.Errorf("SID() = %q, %t", s, ok)
	}
}

func TestStrings(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    []content
		vals []val
		want []string
	}{
		{"classic", []content{el("EventData", el("Data", sub(0)), el("Binary", sub(1)))}, []val{strs("", "a", ""), {typ: evtx.TypeBinary, raw: []byte{1}}}, []string{"", "a", ""}},
		{"named", []content{el("EventData", el("Data", at("Name", "a"), sub(0)), el("Data", at("Name", "b"), sub(1)))}, []val{u16val(7), null()}, []string{"7", ""}},
		{"UserData", []content{el("UserData", el("X", el("A", "1"), el("B", "2")))}, nil, []string{"1", "2"}},
		{"nothing", []content{el("EventData")}, nil, nil},
	} {
		ev := readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(tt.c...)}}, tt.vals}))
		got, err := ev.Strings()
		if err != nil || strings.Join(got, "|") != strings.Join(tt.want, "|") || len(got) != len(tt.want) {
			t.Errorf("%s: Strings() = %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

// TestTypedAllocations reads typed values many times.
func TestTypedAllocations(t *testing.T) {
	for _, v := range []val{
		u16val(7),
		{typ: evtx.TypeFileTime, raw: le(8, 1)},
		{typ: evtx.TypeSystemTime, raw: systemtime(2026, 1, 0, 1, 0, 0, 0, 0)},
		str("7041"), str("no number"), str("2026-11-20T03:12:07.000Z"),
		{typ: evtx.TypeANSIString, raw: []byte("0x10")},
	} {
		value := dataOf(t, readOne(t, oneRecord(dataInstance(v))))[0].Value
		if n := testing.AllocsPerRun(100, func() { value.Uint() }); n != 0 {
			t.Errorf("%q: Uint allocates %v times", value, n)
		}
		if _, ok := value.Time(); !ok {
			continue
		}
		if n := testing.AllocsPerRun(100, func() { value.Time() }); n != 0 {
			t.Errorf("%q: Time allocates %v times", value, n)
		}
	}
}
