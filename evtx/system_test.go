package evtx_test

import (
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// TestSystemValues puts values that a field cannot hold, and values from odd places, into
// the System section. What is no number of the field's range is 0: cut to size it would be
// the number of another event.
func TestSystemValues(t *testing.T) {
	u32 := func(n uint64) val { return val{typ: evtx.TypeUint32, raw: le(4, n)} }
	id := func(parts ...any) []any { return []any{el("EventID", parts...)} }
	for _, tt := range []struct {
		name   string
		fields []any
		values []val
		want   evtx.System
	}{
		{"number", id(sub(0)), []val{u32(7041)}, evtx.System{EventID: 7041}},
		{"largest", id(sub(0)), []val{u32(65535)}, evtx.System{EventID: 65535}},
		{"above the range", id(sub(0)), []val{u32(65536 + 7041)}, evtx.System{}},
		{"above the range, as text", id("72577"), nil, evtx.System{}},
		{"above 64 bits", id("18446744073709558657"), nil, evtx.System{}},
		{"below 0", id(sub(0)), []val{{typ: evtx.TypeInt32, raw: le(4, 1<<32-1)}}, evtx.System{}},
		{"below 0, as text", id("-1"), nil, evtx.System{}},
		{"hexadecimal", id("0x1B81"), nil, evtx.System{EventID: 7041}},
		{"too short", id(sub(0)), []val{{typ: evtx.TypeUint32, raw: []byte{0x81, 0x1b}}}, evtx.System{}},
		{"binary", id(sub(0)), []val{{typ: evtx.TypeBinary, raw: []byte{0x70, 0x41}}}, evtx.System{}},
		{"real", id(sub(0)), []val{{typ: evtx.TypeReal32, raw: le(4, 0x40e00000)}}, evtx.System{}},
		{"file time", id(sub(0)), []val{{typ: evtx.TypeFileTime, raw: le(8, 7041)}}, evtx.System{}},
		{"BinXML", id(sub(0)), []val{nested(false, el("X"))}, evtx.System{}},
		{"null and a number", id(sub(0), sub(1)), []val{null(), u32(7041)}, evtx.System{EventID: 7041}},
		{"two numbers are one text", id(sub(0), sub(1)), []val{u32(70), u32(41)}, evtx.System{EventID: 7041}},

		// The first of the elements that an array gives counts.
		{"array", id(sub(0)), []val{{typ: evtx.TypeUint32 | evtx.ArrayFlag, raw: append(le(4, 7041), le(4, 1)...)}}, evtx.System{EventID: 7041}},
		{"array of nothing", id(sub(0)), []val{{typ: evtx.TypeUint32 | evtx.ArrayFlag}}, evtx.System{}},
		{"array of strings", []any{el("Channel", sub(0))}, []val{strs("System", "Other")}, evtx.System{Channel: "System"}},

		// An element that is left out has no value.
		{"dependency", id(dep(1), sub(0)), []val{u32(7041), u32(1)}, evtx.System{EventID: 7041}},
		{"dependency on null", id(dep(1), sub(0)), []val{u32(7041), null()}, evtx.System{}},
		{"literal that depends on null", []any{el("Channel", dep(0), "System")}, nil, evtx.System{}},
		{"another in its place", []any{el("Channel", dep(0), "System"), el("Channel", "Security")}, nil, evtx.System{Channel: "Security"}},

		{"level", []any{el("Level", sub(0))}, []val{u32(258)}, evtx.System{}},
		{"version", []any{el("Version", sub(0))}, []val{u32(256)}, evtx.System{}},
		{"opcode", []any{el("Opcode", sub(0))}, []val{u32(256)}, evtx.System{}},
		{"task", []any{el("Task", sub(0))}, []val{u32(65536)}, evtx.System{}},
		{"qualifiers", id(at("Qualifiers", sub(0)), "1"), []val{u32(0xc0001b81)}, evtx.System{EventID: 1}},
		{
			"process",
			[]any{el("Execution", at("ProcessID", sub(0)), at("ThreadID", sub(1)))},
			[]val{{typ: evtx.TypeUint64, raw: le(8, 1<<32)}, {typ: evtx.TypeUint64, raw: le(8, 1<<32-1)}},
			evtx.System{ThreadID: 1<<32 - 1},
		},
		{
			"no date",
			[]any{el("TimeCreated", at("SystemTime", sub(0)))},
			[]val{{typ: evtx.TypeSystemTime, raw: systemtime(2026, 2, 0, 30, 0, 0, 0, 0)}},
			evtx.System{},
		},
		{
			"time as text",
			[]any{el("TimeCreated", at("SystemTime", "2026-11-20T03:12:07.000000100Z"))},
			nil,
			evtx.System{Time: time.Date(2026, 11, 20, 3, 12, 7, 100, time.UTC)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := el("Event", el("System", tt.fields...), el("EventData"))
			log := oneRecord(inst{&tmpl{guid: 1, body: []content{root}}, tt.values})
			if ev := readOne(t, log); ev.System != tt.want {
				t.Errorf("\n got %+v\nwant %+v", ev.System, tt.want)
			}
			agreeOnEvents(t, tt.name, log)
			if tt.want.EventID == 7041 {
				return
			}
			f, err := evtx.Compile(evtx.Selector{IDs: []uint16{7041}}, evtx.Selector{Levels: []uint8{2}})
			if err != nil {
				t.Fatal(err)
			}
			if chosen, _, _ := readAll(t, log, f); len(chosen) != 0 {
				t.Errorf("chosen as event %d", chosen[0].EventID)
			}
		})
	}
}

// TestSystemSection has records whose System section is not there, or not surely so.
func TestSystemSection(t *testing.T) {
	sys := func(parts ...any) element { return el("System", append(parts, el("EventID", "1"))...) }
	for _, tt := range []struct {
		name   string
		c      []any
		values []val
	}{
		{"none", []any{el("EventData")}, nil},
		{"left out", []any{sys(dep(0))}, []val{null()}},
		{"an array in it", []any{sys(sub(0))}, []val{strs("a")}},
		{"the first left out", []any{sys(dep(0)), sys()}, []val{null()}},
		{"in a value", []any{sub(0)}, []val{nested(false, sys())}},
	} {
		events, errs, _ := readAll(t, oneRecord(inst{&tmpl{guid: 1, body: []content{el("Event", tt.c...)}}, tt.values}), nil)
		if len(events) != 0 {
			t.Errorf("%s: %d events", tt.name, len(events))
		}
		mustContain(t, errs, "no Event with a System section")
	}
}
