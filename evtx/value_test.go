package evtx_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// values has every type of BinXML with its extremes. text is what XML shows (nothing in it
// needs escaping), json what JSON does; an empty json is text in quotes.
var values = []struct {
	name string
	typ  evtx.Type
	raw  []byte
	text string
	json string
}{
	{"null", evtx.TypeNull, nil, "", "null"},
	{"null with reserved bytes", evtx.TypeNull, make([]byte, 16), "", "null"},
	{"string", evtx.TypeString, utf16le("ADSync"), "ADSync", ""},
	{"string, empty", evtx.TypeString, nil, "", ""},
	{"string, terminated", evtx.TypeString, utf16le("ADSync\x00\x00"), "ADSync", ""},
	{"string, odd size", evtx.TypeString, append(utf16le("AD"), 'S'), "AD", ""},
	{"string beyond the BMP", evtx.TypeString, utf16le("a\U0001F512b"), "a\U0001F512b", ""},
	{"ANSI string", evtx.TypeANSIString, []byte(" NOEXECUTE=OPTOUT\x00"), " NOEXECUTE=OPTOUT", ""},
	{"ANSI string, Windows-1252", evtx.TypeANSIString, []byte("Gr\xfc\xdfe 5 \x80"), "Grüße 5 €", ""},
	{"ANSI string, hole in Windows-1252", evtx.TypeANSIString, []byte("\x81\xfc"), "\uFFFDü", ""},
	{"ANSI string, UTF-8", evtx.TypeANSIString, []byte("Grüße"), "Grüße", ""},
	{"int8", evtx.TypeInt8, []byte{0x80}, "-128", "-128"},
	{"uint8", evtx.TypeUint8, []byte{0xff}, "255", "255"},
	{"int16", evtx.TypeInt16, []byte{0x00, 0x80}, "-32768", "-32768"},
	{"uint16", evtx.TypeUint16, []byte{0xff, 0xff}, "65535", "65535"},
	{"int32", evtx.TypeInt32, le(4, uint64(0x100000000-2147188641)), "-2147188641", "-2147188641"},
	{"uint32", evtx.TypeUint32, le(4, math.MaxUint32), "4294967295", "4294967295"},
	{"int64", evtx.TypeInt64, le(8, 1<<63), "-9223372036854775808", "-9223372036854775808"},
	{"uint64", evtx.TypeUint64, le(8, math.MaxUint64), "18446744073709551615", "18446744073709551615"},
	{"real32", evtx.TypeReal32, le(4, uint64(math.Float32bits(0.1))), "0.1", "0.1"},
	// [MS-EVEN6] has digits with a point in 2.2.12.3 and xs:double in 3.1.4.7.3, which agree but
	// for the exponent. Readers differ: for one value in real logs they print 3199.234,
	// 3199.234000 and 3.199234e+003, and libevtx's documentation has the C library's 1.#INF.
	// All digits that tell the number from its neighbours, in the form of both, lose nothing.
	{"real32, all digits", evtx.TypeReal32, le(4, uint64(math.Float32bits(16777.217))), "16777.217", "16777.217"},
	{"real32, smallest", evtx.TypeReal32, le(4, 1), "1e-45", "1e-45"},
	{"real32, a millionth", evtx.TypeReal32, le(4, uint64(math.Float32bits(1e-6))), "0.000001", "0.000001"},
	{"real32, infinite", evtx.TypeReal32, le(4, uint64(math.Float32bits(float32(math.Inf(1))))), "INF", ""},
	{"real32, NaN", evtx.TypeReal32, le(4, uint64(math.Float32bits(float32(math.NaN())))), "NaN", ""},
	{"real64", evtx.TypeReal64, le(8, math.Float64bits(3199.234)), "3199.234", "3199.234"},
	{"real64, whole", evtx.TypeReal64, le(8, math.Float64bits(100)), "100", "100"},
	{"real64, 0", evtx.TypeReal64, le(8, 0), "0", "0"},
	{"real64, -0", evtx.TypeReal64, le(8, 1<<63), "-0", "-0"},
	{"real64, millions", evtx.TypeReal64, le(8, math.Float64bits(1234567.5)), "1234567.5", "1234567.5"},
	{"real64, below the exponent", evtx.TypeReal64, le(8, math.Float64bits(1e20)), "100000000000000000000", "100000000000000000000"},
	{"real64, with exponent", evtx.TypeReal64, le(8, math.Float64bits(1e21)), "1e+21", "1e+21"},
	{"real64, small", evtx.TypeReal64, le(8, math.Float64bits(-1.5e-7)), "-1.5e-07", "-1.5e-07"},
	{"real64, signalling NaN", evtx.TypeReal64, le(8, 0x7ff0000000000001), "NaN", ""},
	{"real64, large", evtx.TypeReal64, le(8, math.Float64bits(-1e300)), "-1e+300", "-1e+300"},
	{"real64, infinite", evtx.TypeReal64, le(8, math.Float64bits(math.Inf(-1))), "-INF", ""},
	{"bool, false", evtx.TypeBool, le(4, 0), "false", "false"},
	{"bool, true", evtx.TypeBool, le(4, 1), "true", "true"},
	{"bool, 2", evtx.TypeBool, le(4, 2), "true", "true"},
	{"bool of a byte", evtx.TypeBool, []byte{1}, "true", "true"}, // as [MS-EVEN6] 3.1.4.7.3 has it; logs have four
	{"bool of a byte, false", evtx.TypeBool, []byte{0}, "false", "false"},
	{"bool, high bit", evtx.TypeBool, le(4, 1<<31), "true", "true"},
	{"binary", evtx.TypeBinary, []byte{0x00, 0xab, 0x7f}, "00AB7F", ""},
	{"binary, empty", evtx.TypeBinary, nil, "", ""},
	{"guid", evtx.TypeGUID, []byte{0xd1, 0x08, 0x59, 0x55, 0xd7, 0xa6, 0x95, 0x46, 0x8e, 0x1e, 0x26, 0x93, 0x1d, 0x20, 0x12, 0xf4}, "{555908D1-A6D7-4695-8E1E-26931D2012F4}", ""},
	{"size_t, 32 bit", evtx.TypeSizeT, le(4, 0xbeef), "0xbeef", ""},
	{"size_t, 64 bit", evtx.TypeSizeT, le(8, 0x7fff00000000), "0x7fff00000000", ""},
	{"file time", evtx.TypeFileTime, le(8, 132576143412473519), "2021-02-12T14:39:01.2473519Z", ""},
	{"file time, round", evtx.TypeFileTime, le(8, 116444736000000000), "1970-01-01T00:00:00.0000000Z", ""},
	{"file time, 0", evtx.TypeFileTime, le(8, 0), "1601-01-01T00:00:00.0000000Z", ""},
	{"file time, 1 tick", evtx.TypeFileTime, le(8, 1), "1601-01-01T00:00:00.0000001Z", ""},
	{"file time, before 1970", evtx.TypeFileTime, le(8, 116444735999999999), "1969-12-31T23:59:59.9999999Z", ""},
	{"file time, year 10000", evtx.TypeFileTime, le(8, 2650467744000000000), "10000-01-01T00:00:00.0000000Z", ""},
	{"file time, never", evtx.TypeFileTime, le(8, math.MaxInt64), "30828-09-14T02:48:05.4775807Z", ""},
	{"file time, largest", evtx.TypeFileTime, le(8, math.MaxUint64), "30828-09-14T02:48:05.4775807Z", ""},
	{"system time", evtx.TypeSystemTime, systemtime(2019, 3, 5, 8, 23, 23, 5, 1), "2019-03-08T23:23:05.001Z", ""},
	{"system time, leap day", evtx.TypeSystemTime, systemtime(2024, 2, 4, 29, 0, 0, 0, 999), "2024-02-29T00:00:00.999Z", ""},
	{"system time, 0", evtx.TypeSystemTime, make([]byte, 16), "0000-00-00T00:00:00.000Z", ""},
	{"system time, absurd", evtx.TypeSystemTime, bytes.Repeat([]byte{0xff}, 16), "65535-65535-65535T65535:65535:65535.65535Z", ""},
	{"sid", evtx.TypeSID, []byte{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}, "S-1-5-32-544", ""},
	{"sid, no sub-authorities", evtx.TypeSID, []byte{1, 0, 0, 0, 0, 0, 0, 1}, "S-1-1", ""},
	{"sid, count too large", evtx.TypeSID, []byte{1, 9, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}, "010900000000000512000000", ""},
	{"sid, count of 255", evtx.TypeSID, append([]byte{1, 255, 0, 0, 0, 0, 0, 5}, make([]byte, 1020)...), "01FF000000000005" + strings.Repeat("00", 1020), ""},
	{"sid, bytes behind it", evtx.TypeSID, []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 0xff}, "S-1-5-18", ""},
	{"sid, empty", evtx.TypeSID, nil, "", ""},
	{"sid, revision 2", evtx.TypeSID, []byte{2, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}, "020100000000000512000000", ""},
	{"sid, large authority", evtx.TypeSID, []byte{1, 1, 0xff, 0, 0, 0, 0, 5, 18, 0, 0, 0}, "S-1-0xff0000000005-18", ""},
	{"sid, cut off", evtx.TypeSID, []byte{1, 1, 0}, "010100", ""},
	{"hexint32", evtx.TypeHexInt32, le(4, 0x80041003), "0x80041003", ""},
	{"hexint32, 0", evtx.TypeHexInt32, le(4, 0), "0x0", ""},
	{"hexint64", evtx.TypeHexInt64, le(8, 0x8010000000000000), "0x8010000000000000", ""},
	{"event handle", evtx.TypeEvtHandle, le(8, 0x1f0), "0x1f0", ""},
	{"event handle, 32 bit", evtx.TypeEvtHandle, le(4, 0x1f0), "0x1f0", ""},
	{"event handle, cut off", evtx.TypeEvtHandle, le(3, 0x1f0), "F00100", ""},
	{"size_t, cut off", evtx.TypeSizeT, le(3, 0x1f0), "F00100", ""},
	{"uint8, longer than its type", evtx.TypeUint8, le(4, 7), "7", "7"},
	{"uint32, empty", evtx.TypeUint32, nil, "", ""},
	{"event XML", evtx.TypeEvtXML, utf16le("plain"), "plain", ""},
	{"unknown type, empty", 0x22, nil, "", ""},
	{"unknown type", 0x3f, []byte{1, 2, 3}, "010203", ""},
}

func systemtime(fields ...uint64) []byte {
	var b []byte
	for _, f := range fields {
		b = append(b, le(2, f)...)
	}
	return b
}

func jsonString(s, json string) string {
	if json != "" {
		return json
	}
	return `"` + s + `"`
}

func TestValues(t *testing.T) {
	for _, v := range values {
		t.Run(v.name, func(t *testing.T) {
			tm := &tmpl{guid: 1, body: []content{
				event(el("EventData", el("Data", at("Name", "v"), sub(0))), el("UserData", el("X", at("a", optSub(0)), at("b", "<", sub(0), ">")))),
			}}
			ev := readOne(t, oneRecord(inst{tm, []val{{typ: v.typ, raw: v.raw}}}))

			a := ` a="` + v.text + `"`
			ja := `"a":` + jsonString(v.text, v.json) + `,`
			if v.typ == evtx.TypeNull {
				a, ja = "", ""
			}
			if got, want := xmlOf(t, ev), eventXML(`<EventData><Data Name="v">`+v.text+`</Data></EventData>`+
				`<UserData><X`+a+` b="&lt;`+v.text+`&gt;"/></UserData>`); got != want {
				t.Errorf("XML\n got %s\nwant %s", got, want)
			}
			if got, want := jsonOf(t, ev), eventJSON(`,"EventData":{"v":`+jsonString(v.text, v.json)+`},`+
				`"UserData":{"X":{"#attributes":{`+ja+`"b":"<`+v.text+`>"}}}`); got != want {
				t.Errorf("JSON\n got %s\nwant %s", got, want)
			}
			d := dataOf(t, ev)[0]
			if got := d.Value.String(); got != v.text {
				t.Errorf("String() = %q, want %q", got, v.text)
			}
			if d.Value.Type != v.typ || d.Value.IsNull() != (v.typ == evtx.TypeNull) {
				t.Errorf("type %#02x, want %#02x", d.Value.Type, v.typ)
			}
			raw := v.raw
			if v.typ == evtx.TypeNull {
				raw = nil // what is reserved for a null says nothing
			}
			if !bytes.Equal(d.Value.Raw(), raw) {
				t.Errorf("Raw() = % x, want % x", d.Value.Raw(), raw)
			}
		})
	}
}

func dataOf(t testing.TB, ev *evtx.Event) []evtx.Datum {
	t.Helper()
	data, err := ev.Data()
	if err != nil {
		t.Fatalf("Data: %v", err)
	}
	return data
}

// TestShortValues cuts the last byte off each value of fixed size: what is left shows in
// hex rather than as a wrong number.
func TestShortValues(t *testing.T) {
	fixed := map[evtx.Type]int{
		evtx.TypeInt8: 1, evtx.TypeUint8: 1, evtx.TypeInt16: 2, evtx.TypeUint16: 2, evtx.TypeInt32: 4,
		evtx.TypeUint32: 4, evtx.TypeInt64: 8, evtx.TypeUint64: 8, evtx.TypeReal32: 4, evtx.TypeReal64: 8,
		evtx.TypeBool: 4, evtx.TypeGUID: 16, evtx.TypeFileTime: 8, evtx.TypeSystemTime: 16,
		evtx.TypeHexInt32: 4, evtx.TypeHexInt64: 8,
	}
	tested := map[evtx.Type]bool{}
	for _, v := range values {
		size := fixed[v.typ]
		if size == 0 || len(v.raw) < size {
			continue
		}
		tested[v.typ] = true
		raw := v.raw[:size-1]
		ev := readOne(t, oneRecord(dataInstance(val{typ: v.typ, raw: raw})))
		want := strings.ToUpper(hexOf(raw))
		if got := jsonOf(t, ev); got != eventJSON(`,"EventData":{"v":"`+want+`"}`) {
			t.Errorf("%s: JSON %s, want %q", v.name, got, want)
		}
		d := dataOf(t, ev)[0].Value
		if got := d.String(); got != want {
			t.Errorf("%s: %q, want %q", v.name, got, want)
		}
		if n, ok := d.Uint(); ok {
			t.Errorf("%s: Uint() = %d of a value that is too short", v.name, n)
		}
		if at, ok := d.Time(); ok {
			t.Errorf("%s: Time() = %s of a value that is too short", v.name, at)
		}
	}
	if len(tested) != len(fixed) {
		t.Errorf("%d of %d types tested", len(tested), len(fixed))
	}
}

func hexOf(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteString("0123456789ABCDEF"[c>>4:][:1])
		s.WriteString("0123456789ABCDEF"[c&15:][:1])
	}
	return s.String()
}

// dataInstance is an event whose only datum, named v, is the value.
func dataInstance(v val) inst {
	return inst{&tmpl{guid: 2, body: []content{event(el("EventData", el("Data", at("Name", "v"), sub(0))))}}, []val{v}}
}

func TestArrays(t *testing.T) {
	fixed := func(typ evtx.Type, items ...[]byte) val {
		return val{typ: typ | evtx.ArrayFlag, raw: bytes.Join(items, nil)}
	}
	sid1, sid2 := []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}, []byte{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}
	guid := make([]byte, 16)
	for _, tt := range []struct {
		name  string
		value val
		want  []string
		json  []string // as want, where the items are no strings
	}{
		{"strings", strs("a", "bc"), []string{"a", "bc"}, nil},
		{"empty strings stay", strs("a", "", "b"), []string{"a", "", "b"}, nil},
		{"so does the last", strs("a", ""), []string{"a", ""}, nil},
		{"only empty ones", strs("", ""), []string{"", ""}, nil},
		{"no last terminator", val{typ: 0x81, raw: utf16le("a\x00b")}, []string{"a", "b"}, nil},
		{"no items", strs(), []string{""}, []string{"null"}},
		{"ANSI", val{typ: 0x82, raw: []byte("x\x00\x00y")}, []string{"x", "", "y"}, nil},
		{"int8", fixed(evtx.TypeInt8, []byte{0xff}, []byte{1}), []string{"-1", "1"}, []string{"-1", "1"}},
		{"uint8", fixed(evtx.TypeUint8, []byte{0xff}, []byte{1}), []string{"255", "1"}, []string{"255", "1"}},
		{"int16", fixed(evtx.TypeInt16, le(2, 1), le(2, 2)), []string{"1", "2"}, []string{"1", "2"}},
		{"uint16", fixed(evtx.TypeUint16, le(2, 1), le(2, 2)), []string{"1", "2"}, []string{"1", "2"}},
		{"uint16, cut off", fixed(evtx.TypeUint16, le(2, 1), []byte{2}), []string{"1", "02"}, []string{"1", `"02"`}},
		{"int32", fixed(evtx.TypeInt32, le(4, 1), le(4, 2)), []string{"1", "2"}, []string{"1", "2"}},
		{"uint32", fixed(evtx.TypeUint32, le(4, 1), le(4, 2)), []string{"1", "2"}, []string{"1", "2"}},
		{"int64", fixed(evtx.TypeInt64, le(8, 1), le(8, 2)), []string{"1", "2"}, []string{"1", "2"}},
		{"uint64", fixed(evtx.TypeUint64, le(8, 1), le(8, 2)), []string{"1", "2"}, []string{"1", "2"}},
		{"real32", fixed(evtx.TypeReal32, le(4, 0), le(4, uint64(math.Float32bits(2)))), []string{"0", "2"}, []string{"0", "2"}},
		{"real64", fixed(evtx.TypeReal64, le(8, 0), le(8, math.Float64bits(2))), []string{"0", "2"}, []string{"0", "2"}},
		{"bool", fixed(evtx.TypeBool, le(4, 0), le(4, 7)), []string{"false", "true"}, []string{"false", "true"}},
		{"guid", fixed(evtx.TypeGUID, guid, guid), []string{"{00000000-0000-0000-0000-000000000000}", "{00000000-0000-0000-0000-000000000000}"}, nil},
		{"size_t, 32 bit", fixed(evtx.TypeSizeT, le(4, 1), le(4, 2), le(4, 3)), []string{"0x1", "0x2", "0x3"}, nil},
		{"size_t, 64 bit", fixed(evtx.TypeSizeT, le(8, 1), le(8, 2)), []string{"0x1", "0x2"}, nil},
		{"file time", fixed(evtx.TypeFileTime, le(8, 0), le(8, 10)), []string{"1601-01-01T00:00:00.0000000Z", "1601-01-01T00:00:00.0000010Z"}, nil},
		{"system time", fixed(evtx.TypeSystemTime, systemtime(2024, 1, 1, 1, 0, 0, 0, 0), systemtime(2024, 1, 2, 2, 0, 0, 0, 0)), []string{"2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z"}, nil},
		{"sid", fixed(evtx.TypeSID, sid1, sid2), []string{"S-1-5-18", "S-1-5-32-544"}, nil},
		{"sid, the second malformed", fixed(evtx.TypeSID, sid1, []byte{1, 200, 0}), []string{"S-1-5-18", "01C800"}, nil},
		{"hexint32", fixed(evtx.TypeHexInt32, le(4, 1), le(4, 255)), []string{"0x1", "0xff"}, nil},
		{"hexint64", fixed(evtx.TypeHexInt64, le(8, 1), le(8, 255)), []string{"0x1", "0xff"}, nil},
		{"ANSI, terminated", val{typ: 0x82, raw: []byte("x\x00y\x00")}, []string{"x", "y"}, nil},
		{"strings, odd size", val{typ: 0x81, raw: append(utf16le("a\x00b"), 'c')}, []string{"a", "b"}, nil},
		{"bool, of a byte each", val{typ: 0x8d, raw: []byte{0, 1, 2}}, []string{"false", "true", "true"}, []string{"false", "true", "true"}},
		{"size_t, cut off", val{typ: 0x90, raw: []byte{1, 0, 0, 0, 2}}, []string{"0x1", "02"}, nil},
		{"event handle", fixed(evtx.TypeEvtHandle, le(8, 1), le(8, 2)), []string{"0x1", "0x2"}, nil},

		// The documentation allows no arrays of these, [MS-EVEN6] 3.1.4.7.5: how long an item is
		// stands nowhere. All of it is one item.
		{"null", val{typ: 0x80, raw: []byte{1, 2}}, []string{""}, []string{"null"}},
		{"event XML", val{typ: 0xa3, raw: utf16le("ab")}, []string{"ab"}, nil},
		{"unknown type", val{typ: 0xbf, raw: []byte{1, 2}}, []string{"0102"}, nil},
		{"binary has no items", fixed(evtx.TypeBinary, []byte{1, 2}, []byte{3}), []string{"010203"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tm := &tmpl{guid: 3, body: []content{event(el("EventData", el("Data", sub(0)), el("X", at("a", sub(0)))))}}
			ev := readOne(t, oneRecord(inst{tm, []val{tt.value}}))

			var xmlWant strings.Builder
			var texts []string
			for i, s := range tt.want {
				xmlWant.WriteString("<Data>" + s + "</Data>")
				if tt.json != nil {
					texts = append(texts, tt.json[i])
				} else {
					texts = append(texts, `"`+s+`"`)
				}
			}
			for i, s := range tt.want {
				if tt.json != nil && tt.json[i] == "null" {
					xmlWant.WriteString("<X/>")
				} else {
					xmlWant.WriteString(`<X a="` + s + `"/>`)
				}
			}
			if got, want := xmlOf(t, ev), eventXML("<EventData>"+xmlWant.String()+"</EventData>"); got != want {
				t.Errorf("XML\n got %s\nwant %s", got, want)
			}
			group := texts[0]
			if len(texts) > 1 {
				group = "[" + strings.Join(texts, ",") + "]"
			}
			if got, want := jsonOf(t, ev), `"EventData":{"Data":{"#text":`+group+`},"X":`; !strings.Contains(got, want) {
				t.Errorf("JSON\n got %s\nwant %s", got, want)
			}
			var got []string
			for _, d := range dataOf(t, ev) {
				if d.Element == "Data" {
					got = append(got, d.Value.String())
				}
			}
			if strings.Join(got, "|") != strings.Join(tt.want, "|") || len(got) != len(tt.want) {
				t.Errorf("Data() = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestTwoArrays has two arrays in one element: both advance together, and the shorter
// gives nulls.
func TestTwoArrays(t *testing.T) {
	tm := &tmpl{guid: 3, body: []content{event(el("EventData", el("Data", at("Name", sub(0)), sub(1))))}}
	ev := readOne(t, oneRecord(inst{tm, []val{strs("x", "y", "x"), strs("1", "2")}}))
	if got, want := xmlOf(t, ev), eventXML(`<EventData><Data Name="x">1</Data><Data Name="y">2</Data><Data Name="x"></Data></EventData>`); got != want {
		// The third item has no text, but the start and end tags of the template.
		t.Errorf("XML\n got %s\nwant %s", got, want)
	}
	if got, want := jsonOf(t, ev), eventJSON(`,"EventData":{"x":"1","y":"2","x_1":null}`); got != want {
		t.Errorf("JSON\n got %s\nwant %s", got, want)
	}
	data := dataOf(t, ev)
	if len(data) != 3 || data[2].Name != "x" || !data[2].Value.IsNull() {
		t.Errorf("Data() = %+v", data)
	}
	// Printing leaves the record as it was.
	if again := jsonOf(t, ev); again != jsonOf(t, ev) {
		t.Errorf("printed twice: %s", again)
	}
}
