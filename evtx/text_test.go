package evtx_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// TestText puts strings that XML or JSON cannot hold as they are through a value, an
// attribute and a literal of the template.
func TestText(t *testing.T) {
	units := func(u ...uint16) []byte {
		var b []byte
		for _, c := range u {
			b = append(b, le(2, uint64(c))...)
		}
		return b
	}
	for _, tt := range []struct {
		name  string
		raw   []byte
		plain string
		xml   string
		json  string
	}{
		{"markup", utf16le(`<a b="c">&'`), `<a b="c">&'`, `&lt;a b=&quot;c&quot;&gt;&amp;'`, `<a b=\"c\">&'`},
		{"CR LF", utf16le("a\r\nb"), "a\r\nb", "a&#13;\nb", `a\r\nb`},
		{"tab", utf16le("a\tb"), "a\tb", "a\tb", `a\tb`},
		{"backslash", utf16le(`C:\x`), `C:\x`, `C:\x`, `C:\\x`},
		{"control characters", units('a', 1, 0x1f, 'b'), "a\x01\x1fb", "a\uFFFD\uFFFDb", `a\u0001\u001fb`},
		{"delete and C1 controls", units(0x7f, 0x85), "\x7f\u0085", "\x7f\u0085", "\x7f\u0085"},
		{"NUL inside", units('a', 0, 'b'), "a\x00b", "a\uFFFDb", `a\u0000b`},
		{"NULs at the end", units('a', 0, 0, 0), "a", "a", "a"},
		{"only NULs", units(0, 0), "", "", ""},
		{"high surrogate alone", units('a', 0xd83d, 'b'), "a\uFFFDb", "a\uFFFDb", "a\uFFFDb"},
		{"high surrogate last", units('a', 0xd83d), "a\uFFFD", "a\uFFFD", "a\uFFFD"},
		{"low surrogate alone", units(0xde00, 'b'), "\uFFFDb", "\uFFFDb", "\uFFFDb"},
		{"surrogates the wrong way round", units(0xde00, 0xd83d), "\uFFFD\uFFFD", "\uFFFD\uFFFD", "\uFFFD\uFFFD"},
		{"pair", units(0xd83d, 0xdd12), "🔒", "🔒", "🔒"},
		{"no characters of XML", units(0xfffe, 0xffff), "\uFFFE\uFFFF", "\uFFFD\uFFFD", "\uFFFE\uFFFF"},
		{"line separators", units(0x2028, 0x2029), "\u2028\u2029", "\u2028\u2029", "\u2028\u2029"},
		{"German and Japanese", utf16le("Gruppenrichtlinie für 日本"), "Gruppenrichtlinie für 日本", "Gruppenrichtlinie für 日本", "Gruppenrichtlinie für 日本"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			literal := bare(append([]byte{0x05, 0x01, byte(len(tt.raw) / 2), 0}, tt.raw...))
			tm := &tmpl{guid: 1, body: []content{
				event(el("EventData", el("Data", at("Name", "v"), sub(0)), el("X", at("a", sub(0)), "-", sub(0)), el("Y", at("a", literal)), el("Z", literal))),
			}}
			ev := readOne(t, oneRecord(inst{tm, []val{{typ: evtx.TypeString, raw: tt.raw}}}))
			// A literal keeps NULs at its end: its length is exact.
			nuls := 0
			for b := tt.raw; len(b) >= 2 && b[len(b)-2] == 0 && b[len(b)-1] == 0; b = b[:len(b)-2] {
				nuls++
			}
			lx, lj := tt.xml+strings.Repeat("\uFFFD", nuls), tt.json+strings.Repeat(`\u0000`, nuls)

			attr := strings.NewReplacer("\n", "&#10;", "\t", "&#9;").Replace // readers make spaces of them
			gotXML, gotJSON := xmlOf(t, ev), jsonOf(t, ev)
			if want := eventXML(`<EventData><Data Name="v">` + tt.xml + `</Data><X a="` + attr(tt.xml) + `">-` + tt.xml + `</X>` +
				`<Y a="` + attr(lx) + `"/><Z>` + lx + `</Z></EventData>`); gotXML != want {
				t.Errorf("XML\n got %q\nwant %q", gotXML, want)
			}
			if want := eventJSON(`,"EventData":{"v":"` + tt.json + `","X":{"#attributes":{"a":"` + tt.json + `"},"#text":"-` + tt.json + `"},` +
				`"Y":{"#attributes":{"a":"` + lj + `"}},"Z":"` + lj + `"}`); gotJSON != want {
				t.Errorf("JSON\n got %q\nwant %q", gotJSON, want)
			}
			if got := dataOf(t, ev)[0].Value.String(); got != tt.plain {
				t.Errorf("String() = %q, want %q", got, tt.plain)
			}
			wellFormed(t, gotXML)
			validJSON(t, gotJSON)
		})
	}
}

// TestMarkup has every kind of content that a fragment can hold.
func TestMarkup(t *testing.T) {
	dataPI := pi{"note", "a ?> b"}
	for _, tt := range []struct {
		name   string
		data   content
		values []val
		xml    string
		json   string
	}{
		{
			"entities", el("X", "a", entity("lt"), entity("gt"), entity("amp"), entity("quot"), entity("apos"), "b"), nil,
			`<X>a&lt;&gt;&amp;&quot;'b</X>`, `"X":"a<>&\"'b"`,
		},
		{"unknown entity", el("X", entity("nbsp")), nil, `<X>&amp;nbsp;</X>`, `"X":"&nbsp;"`},
		{
			"entities in an attribute", el("X", at("a", "http://x?a", entity("amp"), "b")), nil,
			`<X a="http://x?a&amp;b"/>`, `"X":{"#attributes":{"a":"http://x?a&b"}}`,
		},
		{
			"character references", el("X", char('A'), char(0xe9), char('<'), char('\r')), nil,
			`<X>Aé&lt;&#13;</X>`, `"X":"Aé<\r"`,
		},
		{
			"references to no character", el("X", at("a", char(0)), char(0xd800), char(0xffff)), nil,
			"<X a=\"\uFFFD\">\uFFFD\uFFFD</X>", "\"X\":{\"#attributes\":{\"a\":\"\\u0000\"},\"#text\":\"\uFFFD\uFFFF\"}",
		},
		{
			"references to the halves of a pair", el("X", char(0xd83d), char(0xdd12)), nil,
			"<X>\uFFFD\uFFFD</X>", "\"X\":\"\uFFFD\uFFFD\"", // in XML, too, each must be a character
		},
		// [MS-EVEN6] 2.2.12.6 has a CDATA section, which could end early: escaped text reads the same.
		{"CDATA", el("X", cdata("<b>]]></b>")), nil, `<X>&lt;b&gt;]]&gt;&lt;/b&gt;</X>`, `"X":"<b>]]></b>"`},
		{"processing instruction", el("X", dataPI, "t"), nil, `<X><?note a ? > b?>t</X>`, `"X":"t"`},
		{"processing instruction with markup", el("X", pi{"note", "<a> & \x01\r]]>?"}, "t"), nil, "<X><?note <a> & \uFFFD\n]]>??>t</X>", `"X":"t"`},
		{"processing instruction without data", el("X", pi{"note", ""}), nil, `<X><?note?></X>`, `"X":null`},
		{"text around a value", el("X", "<", sub(0), ">"), []val{u16val(5)}, `<X>&lt;5&gt;</X>`, `"X":"<5>"`},
		{"mixed content", el("X", "a", el("Y"), "b", el("Z", "c")), nil, `<X>a<Y/>b<Z>c</Z></X>`, `"X":{"#text":"ab","Y":null,"Z":"c"}`},
		{"more-bits", el("X", bare{0x45, 1, 1, 0, 'a', 0}, bare{0x48, 'b', 0}, bare{0x4e, 0, 0, 0}), []val{str("c")}, `<X>abc</X>`, `"X":"abc"`},
		{"no content", el("X"), nil, `<X/>`, `"X":null`},
		{"start and end tag", element{name: "X", dep: -1, open: true}, nil, `<X></X>`, `"X":null`},
		{"prefix", el("p:X", at("xmlns:p", "urn:x")), nil, `<p:X xmlns:p="urn:x"/>`, `"p:X":{"#attributes":{"xmlns:p":"urn:x"}}`},
		{"name in Japanese", el("名前", "a"), nil, `<名前>a</名前>`, `"名前":"a"`},
		{"value that is not there", el("X", at("a", optSub(9)), sub(9)), nil, `<X></X>`, `"X":null`},

		{"attribute and a text of null", el("X", at("a", "b"), sub(0)), []val{null()}, `<X a="b"></X>`, `"X":{"#attributes":{"a":"b"}}`},
		{"attribute and an empty text", el("X", at("a", "b"), sub(0)), []val{str("")}, `<X a="b"></X>`, `"X":{"#attributes":{"a":"b"},"#text":""}`},

		// A normal substitution of null is the empty text. One that is optional stands in an
		// element with a dependency id ([MS-EVEN6] 2.2.12.1), which has the element left out:
		// without it the element stays, whatever 3.1.4.7.2 says of the token alone. In logs each
		// has one.
		{"normal substitution of null", el("X", sub(0)), []val{null()}, `<X></X>`, `"X":null`},
		{"optional substitution of null", el("X", optSub(0)), []val{null()}, `<X></X>`, `"X":null`},
		{"optional substitution and dependency", el("X", dep(0), at("a", "b"), optSub(0), "t"), []val{null()}, ``, ``},
		// The value's type counts, not the one that the template expects.
		{"type of the template", el("X", bare{0x0d, 0, 0, 0x14}, bare{0x0e, 1, 0, 0x08}), []val{u16val(255), {typ: evtx.TypeHexInt32, raw: le(4, 255)}}, `<X>2550xff</X>`, `"X":"2550xff"`},

		{"dependency on a value", el("X", dep(0), sub(0)), []val{str("a")}, `<X>a</X>`, `"X":"a"`},
		{"dependency on an empty string", el("X", dep(0), sub(0)), []val{str("")}, `<X></X>`, `"X":""`},
		{"dependency on null", el("X", dep(0), "a"), []val{null()}, ``, ``},
		{"dependency on another value", el("X", dep(1), sub(0)), []val{str("a"), {raw: make([]byte, 8)}}, ``, ``},
		{"dependency on no value", el("X", dep(7), sub(0)), []val{str("a")}, ``, ``},
		{"attribute of null", el("X", at("a", optSub(0)), at("b", sub(1))), []val{null(), str("")}, `<X b=""/>`, `"X":{"#attributes":{"b":""}}`},
		{"attribute of several nulls", el("X", at("a", sub(0), optSub(0))), []val{null()}, `<X/>`, `"X":null`},
		{"attribute of null and text", el("X", at("a", sub(0), "b")), []val{null()}, `<X a="b"/>`, `"X":{"#attributes":{"a":"b"}}`},
		{"attribute of nothing", el("X", at("a")), nil, `<X/>`, `"X":null`}, // [MS-EVEN6] 2.2.12.2
		{"attribute of an empty literal", el("X", at("a", "")), nil, `<X a=""/>`, `"X":{"#attributes":{"a":""}}`},
		{"BinXML in an attribute", el("X", at("a", sub(0))), []val{{typ: evtx.TypeBinXML, raw: []byte{0x0f, 1, 1, 0, 0}}}, `<X a="0F01010000"/>`, `"X":{"#attributes":{"a":"0F01010000"}}`},
		{"all attributes of null", el("X", at("a", optSub(0)), "t"), []val{null()}, `<X>t</X>`, `"X":"t"`},

		{"BinXML with a header", el("X", sub(0)), []val{nested(true, el("Y", "a"))}, `<X><Y>a</Y></X>`, `"X":{"Y":"a"}`},
		{"BinXML without", el("X", sub(0)), []val{nested(false, el("Y", "a"), el("Z", "b"))}, `<X><Y>a</Y><Z>b</Z></X>`, `"X":{"Y":"a","Z":"b"}`},
		{
			"BinXML with an instance", el("X", sub(0)),
			[]val{nested(false, inst{&tmpl{guid: 9, body: []content{el("Y", sub(0))}}, []val{str("a")}})},
			`<X><Y>a</Y></X>`, `"X":{"Y":"a"}`,
		},
		{
			"BinXML in BinXML", el("X", sub(0)),
			[]val{nested(true, inst{&tmpl{guid: 9, body: []content{el("Y", sub(0))}}, []val{nested(false, el("Z"))}})},
			`<X><Y><Z/></Y></X>`, `"X":{"Y":{"Z":null}}`,
		},
		{"BinXML of nothing", el("X", sub(0)), []val{{typ: evtx.TypeBinXML}}, `<X></X>`, `"X":{}`},
		{"BinXML of text", el("X", sub(0)), []val{nested(true, text("a"))}, `<X>a</X>`, `"X":{}`},
		{
			"BinXML in an attribute", el("X", at("a", sub(0))),
			[]val{{typ: evtx.TypeBinXML, raw: []byte{0x0f, 1, 1, 0}}},
			`<X a="0F010100"/>`, `"X":{"#attributes":{"a":"0F010100"}}`,
		},
		{"elements with dependency ids in BinXML", el("X", sub(0)), []val{{typ: evtx.TypeBinXML, body: func(w *builder) {
			el("Y", "a").write(w, true)
		}}}, `<X><Y>a</Y></X>`, `"X":{"Y":"a"}`},

		{
			"names that repeat", el("X", el("A", "1"), el("A", "2"), el("A", "3")), nil,
			`<X><A>1</A><A>2</A><A>3</A></X>`, `"X":{"A":"1","A_1":"2","A_2":"3"}`,
		},
		{
			"names that repeat and one like the repetition", el("X", el("A", "1"), el("A", "2"), el("A_1", "3"), el("A", "4")), nil,
			`<X><A>1</A><A>2</A><A_1>3</A_1><A>4</A></X>`, `"X":{"A":"1","A_1":"2","A_1_1":"3","A_2":"4"}`,
		},
		{
			"the one like the repetition first", el("X", el("A_1", "3"), el("A", "1"), el("A", "2")), nil,
			`<X><A_1>3</A_1><A>1</A><A>2</A></X>`, `"X":{"A_1":"3","A":"1","A_2":"2"}`,
		},
		{
			"names that repeat through BinXML", el("X", el("A", "1"), sub(0)),
			[]val{nested(false, el("A", "2"), el("B", "3"))},
			`<X><A>1</A><A>2</A><B>3</B></X>`, `"X":{"A":"1","A_1":"2","B":"3"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(el("UserData", tt.data))}}, tt.values}))
			got := xmlOf(t, ev)
			if want := eventXML("<UserData>" + tt.xml + "</UserData>"); got != want {
				t.Errorf("XML\n got %s\nwant %s", got, want)
			}
			wellFormed(t, got)
			got = jsonOf(t, ev)
			if want := eventJSON(`,"UserData":{` + tt.json + `}`); got != want {
				t.Errorf("JSON\n got %s\nwant %s", got, want)
			}
			validJSON(t, got)
		})
	}
}

// TestJSONData holds the rules that are special to Data elements.
func TestJSONData(t *testing.T) {
	named := func(name string, c ...any) element { return el("Data", append([]any{at("Name", name)}, c...)...) }
	for _, tt := range []struct {
		name   string
		parts  []any
		values []val
		want   string
	}{
		{"named", []any{named("a", "1"), named("b", sub(0))}, []val{u16val(2)}, `{"a":"1","b":2}`},
		{"name twice", []any{named("a", "1"), named("a", "2")}, nil, `{"a":"1","a_1":"2"}`},
		{"name from a value", []any{el("Data", at("Name", sub(0)), sub(1))}, []val{str("p\"q"), str("v")}, `{"p\"q":"v"}`},
		{"name from null", []any{el("Data", at("Name", sub(0)), sub(1))}, []val{null(), str("v")}, `{"Data":{"#text":"v"}}`},
		{"name from an empty string", []any{el("Data", at("Name", sub(0)), "v")}, []val{str("")}, `{"Data":"v"}`},
		{"name of several parts", []any{el("Data", at("Name", "n", sub(0)), "v")}, []val{u16val(7)}, `{"n7":"v"}`},
		{"attribute left out", []any{el("Data", at("x", optSub(0)), "v"), el("Data", "w")}, []val{null()}, `{"Data":{"#text":["v","w"]}}`},
		{"unnamed without text", []any{el("Data", pi{"note", ""}), el("Data", "w")}, nil, `{"Data":{"#text":["","w"]}}`},
		{"names like given ones", []any{named("A", "1"), named("A", "2"), named("A_01", "3"), named("A_1", "4")}, nil, `{"A":"1","A_1":"2","A_01":"3","A_1_1":"4"}`},
		{
			"keys from BinXML in BinXML",
			[]any{sub(0)},
			[]val{nested(false, inst{&tmpl{guid: 9, body: []content{sub(0), el("Binary", "2")}}, []val{nested(false, el("Binary", "1"))}})},
			`{"Binary":"1","Binary_1":"2"}`,
		},
		{"one unnamed", []any{el("Data", "1")}, nil, `{"Data":{"#text":"1"}}`},
		{"several unnamed", []any{el("Data", "1"), el("Data", sub(0)), el("Data")}, []val{u16val(2)}, `{"Data":{"#text":["1",2,""]}}`},
		{"an array and one more", []any{el("Data", sub(0)), el("Data", "c")}, []val{strs("a", "b")}, `{"Data":{"#text":["a","b","c"]}}`},
		{
			"unnamed beside Binary",
			[]any{el("Data", "1"), el("Data", "2"), el("Binary", sub(0))},
			[]val{{typ: evtx.TypeBinary, raw: []byte{1}}},
			`{"Data":{"#text":["1","2"]},"Binary":"01"}`,
		},
		{"unnamed and named", []any{named("a", "1"), el("Data", "2")}, nil, `{"a":"1","Data":{"#text":"2"}}`},
		{"unnamed and one named Data", []any{el("Data", "1"), named("Data", "2")}, nil, `{"Data":{"#text":"1"},"Data_1":"2"}`},
		{"one named Data and unnamed", []any{named("Data", "2"), el("Data", "1")}, nil, `{"Data":"2","Data_1":{"#text":"1"}}`},
		{"Binary left out", []any{el("Data", "1"), el("Binary", dep(0), sub(0))}, []val{null()}, `{"Data":{"#text":"1"}}`},
		{"all left out", []any{el("Data", dep(0), sub(0))}, []val{null()}, `{}`},
		{"attribute beside the name", []any{el("Data", at("Name", "a"), at("x", "y"), "1")}, nil, `{"a":{"#attributes":{"x":"y"},"#text":"1"}}`},
		{
			"names that JSON uses",
			[]any{at("Name", "n"), named("#attributes", "1"), named("#text", "2")},
			nil,
			`{"#attributes":{"Name":"n"},"#attributes_1":"1","#text":"2"}`,
		},
		{
			"ComplexData keeps its name",
			[]any{el("ComplexData", at("Name", "a"), "1"), el("ComplexData", at("Name", "b"), "2")},
			nil,
			`{"ComplexData":{"#attributes":{"Name":"a"},"#text":"1"},"ComplexData_1":{"#attributes":{"Name":"b"},"#text":"2"}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(el("EventData", tt.parts...))}}, tt.values}))
			got := jsonOf(t, ev)
			if want := eventJSON(`,"EventData":` + tt.want); got != want {
				t.Errorf("JSON\n got %s\nwant %s", got, want)
			}
			validJSON(t, got)
		})
	}
}

// TestData holds what Data returns where it is more than a list of Data elements.
func TestData(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    []content
		vals []val
		want []evtx.Datum
		text []string
	}{
		{
			"named, Binary and ComplexData",
			[]content{el("EventData", el("Data", at("Name", "a"), "1"), el("ComplexData", at("Name", "c"), "2"), el("Binary", "3"))},
			nil,
			[]evtx.Datum{{Element: "Data", Name: "a"}, {Element: "ComplexData", Name: "c"}, {Element: "Binary"}},
			[]string{"1", "2", "3"},
		},
		{
			"leaves of UserData",
			[]content{el("UserData", el("Root", at("x", "y"), el("A", "1"), el("B", el("C", "2"), el("C", "3"))))},
			nil,
			[]evtx.Datum{{Element: "A"}, {Element: "C"}, {Element: "C"}},
			[]string{"1", "2", "3"},
		},
		{
			"EventData in BinXML",
			[]content{sub(0)},
			[]val{nested(false, inst{&tmpl{guid: 8, body: []content{el("EventData", el("Data", sub(0)))}}, []val{strs("a", "", "b")}})},
			[]evtx.Datum{{Element: "Data"}, {Element: "Data"}, {Element: "Data"}},
			[]string{"a", "", "b"},
		},
		{
			"several pieces",
			[]content{el("EventData", el("Data", at("Name", "n", sub(0)), "a", entity("amp"), sub(0)))},
			[]val{u16val(7)},
			[]evtx.Datum{{Element: "Data", Name: "n7"}},
			[]string{"a&7"},
		},
		{
			"left out",
			[]content{el("EventData", el("Data", dep(0), "a"), el("Data", "b"))},
			[]val{null()},
			[]evtx.Datum{{Element: "Data"}},
			[]string{"b"},
		},
		{
			"several nulls",
			[]content{el("EventData", el("Data", sub(0), sub(1)))},
			nil,
			[]evtx.Datum{{Element: "Data"}},
			[]string{""},
		},
		{
			"an element that could hold others",
			[]content{el("EventData", el("Data", sub(0)), el("Data", el("X", dep(1))), el("Data", "b"))},
			[]val{{typ: evtx.TypeBinXML}},
			[]evtx.Datum{{Element: "Data"}, {Element: "Data"}, {Element: "Data"}},
			[]string{"", "", "b"},
		},
		{
			"text beside EventData",
			[]content{el("BinaryEventData", sub(0)), el("EventData"), el("UserData", sub(1))},
			[]val{{typ: evtx.TypeBinary, raw: []byte{0xab, 0xcd}}},
			[]evtx.Datum{{Element: "BinaryEventData"}},
			[]string{"ABCD"},
		},
		{
			"rendered by the forwarder",
			[]content{el("EventData", el("Data", "a")), el("RenderingInfo", at("Culture", "de-DE"), el("Message", "m"))},
			nil,
			[]evtx.Datum{{Element: "Data"}},
			[]string{"a"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := dataOf(t, readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{event(tt.c...)}}, tt.vals})))
			if len(got) != len(tt.want) {
				t.Fatalf("%d data, want %d: %+v", len(got), len(tt.want), got)
			}
			for i, d := range got {
				if d.Element != tt.want[i].Element || d.Name != tt.want[i].Name || d.Value.String() != tt.text[i] {
					t.Errorf("datum %d: %s %q %q, want %s %q %q", i, d.Element, d.Name, d.Value, tt.want[i].Element, tt.want[i].Name, tt.text[i])
				}
			}
		})
	}
}

// TestLiteral reads an event without a template, as a collector of forwarded events
// stores it: no dependency ids, and perhaps a template instance inside.
func TestLiteral(t *testing.T) {
	tm := &tmpl{guid: 5, body: []content{el("EventData", el("Data", at("Name", "a"), sub(0)))}}
	ev := readOne(t, oneRecord(event(inst{tm, []val{strs("1", "2")}})))
	if got, want := xmlOf(t, ev), eventXML(`<EventData><Data Name="a">1</Data><Data Name="a">2</Data></EventData>`); got != want {
		t.Errorf("XML\n got %s\nwant %s", got, want)
	}
	if got, want := jsonOf(t, ev), eventJSON(`,"EventData":{"a":"1","a_1":"2"}`); got != want {
		t.Errorf("JSON\n got %s\nwant %s", got, want)
	}
	if ev.Provider != "Test" || ev.EventID != 1 || ev.RecordID != 7 || ev.Channel != "Test" || ev.Computer != "host" {
		t.Errorf("System %+v", ev.System)
	}
	if data := dataOf(t, ev); len(data) != 2 || data[1].Name != "a" || data[1].Value.String() != "2" {
		t.Errorf("Data() = %+v", data)
	}
}

// TestSystem reads every field of the System section, from values and from literals.
func TestSystem(t *testing.T) {
	root := el("Event", at("xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"), el("System",
		el("Provider", at("Name", sub(0)), at("Guid", sub(1)), at("EventSourceName", "Old", sub(3))),
		el("EventID", at("Qualifiers", sub(2)), sub(3)), el("Version", sub(4)), el("Level", sub(5)), el("Task", "12"),
		el("Opcode", sub(6)), el("Keywords", sub(7)), el("TimeCreated", at("SystemTime", sub(8))), el("EventRecordID", sub(9)),
		el("Correlation", at("ActivityID", sub(1)), at("RelatedActivityID", sub(1))),
		el("Execution", at("ProcessID", sub(10)), at("ThreadID", sub(10))), el("Channel", "Sys", "tem"), el("Computer", sub(11)),
		el("Security", at("UserID", sub(12)))))
	ev := readOne(t, oneRecord(inst{&tmpl{guid: 1, body: []content{root}}, []val{
		str("Some Provider\x00"),
		{typ: evtx.TypeGUID, raw: make([]byte, 16)},
		u16val(49152), u16val(7041),
		{typ: evtx.TypeUint8, raw: []byte{3}},
		{typ: evtx.TypeUint8, raw: []byte{2}},
		{typ: evtx.TypeUint8, raw: []byte{9}},
		{typ: evtx.TypeHexInt64, raw: le(8, 0x8080000000000000)},
		{typ: evtx.TypeFileTime, raw: le(8, 116444736000000001)},
		{typ: evtx.TypeUint64, raw: le(8, 1<<40)},
		{typ: evtx.TypeUint32, raw: le(4, 500)},
		str("SYNC01.contoso.com"),
		{typ: evtx.TypeSID, raw: []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}},
	}}))
	const guid = "{00000000-0000-0000-0000-000000000000}"
	want := evtx.System{
		Provider: "Some Provider", ProviderGUID: guid, EventSourceName: "Old7041", EventID: 7041, Qualifiers: 49152, Version: 3,
		Level: 2, Task: 12, Opcode: 9, Keywords: 0x8080000000000000, Time: time.Unix(0, 100).UTC(), RecordID: 1 << 40,
		ActivityID: guid, RelatedActivityID: guid, ProcessID: 500, ThreadID: 500, Channel: "System", Computer: "SYNC01.contoso.com",
		UserID: "S-1-5-18",
	}
	if ev.System != want {
		t.Errorf("\n got %+v\nwant %+v", ev.System, want)
	}
	if ev.Location.Channel != "System" || ev.Location.Record != 1<<40 || ev.Location.Offset != fileHeaderSize+chunkHeader {
		t.Errorf("Location = %+v", ev.Location)
	}
	if ev.HeaderRecordID != 1 || !ev.Written.Equal(time.Date(2022, 6, 18, 4, 26, 40, 0, time.UTC)) {
		t.Errorf("HeaderRecordID = %d, Written = %s", ev.HeaderRecordID, ev.Written)
	}
}
