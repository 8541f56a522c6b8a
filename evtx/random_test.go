package evtx_test

import (
	"math/rand/v2"
	"slices"

	"github.com/gpevtx/gpevtx/evtx"
)

// randomChunk is a log of a few records with random templates, which use every kind of
// content, and random values of every type.
func randomChunk(r *rand.Rand) []byte {
	g := generator{Rand: r}
	for i := range 3 {
		g.templates = append(g.templates, &tmpl{guid: byte(i + 1), body: []content{g.event()}})
		g.inner = append(g.inner, &tmpl{guid: byte(i + 11), body: g.contents(2, 2)})
	}
	w := newChunk(1)
	for range 4 {
		if g.IntN(8) == 0 {
			w.record(g.event()) // without a template, as a collector stores it
			continue
		}
		t, list := g.templates[g.IntN(len(g.templates))], g.values(2)
		w.record(inst{t, list})
		for range g.IntN(4) { // what is printed by the program of the first
			w.record(inst{t, g.others(list)})
		}
	}
	return logFile(w.finish())
}

type generator struct {
	*rand.Rand
	templates, inner []*tmpl
}

func (g *generator) oneOf(s ...string) string { return s[g.IntN(len(s))] }

func (g *generator) event() element {
	sys := el("System")
	for _, f := range [][2]string{
		{"Provider", "Name"},
		{"Provider", "Guid"},
		{"EventID", "Qualifiers"},
		{"Version", ""},
		{"Level", ""},
		{"Task", ""},
		{"Opcode", ""},
		{"Keywords", ""},
		{"TimeCreated", "SystemTime"},
		{"EventRecordID", ""},
		{"Correlation", "ActivityID"},
		{"Execution", "ProcessID"},
		{"Channel", ""},
		{"Computer", ""},
		{"Security", "UserID"},
	} {
		if g.IntN(6) == 0 {
			continue
		}
		e := element{name: f[0], dep: g.dep(), open: true, content: g.pieces(g.IntN(3), true)}
		if f[1] != "" {
			e.attrs = append(e.attrs, attr{f[1], g.pieces(1+g.IntN(2), true)})
		}
		sys.content = append(sys.content, e)
	}
	if g.IntN(20) == 0 {
		sys.content = append(sys.content, sub(g.IntN(holes)))
	}
	e := el("Event", at("xmlns", "urn:x"), sys)
	e.content = append(e.content, g.contents(3, 1+g.IntN(2))...)
	return e
}

// holes is how many values an instance has at most.
const holes = 8

func (g *generator) dep() int {
	if g.IntN(4) == 0 {
		return g.IntN(holes)
	}
	return -1
}

// pieces are literals and holes; system makes them mostly single.
func (g *generator) pieces(n int, system bool) (list []content) {
	if system && g.IntN(3) > 0 {
		n = min(n, 1)
	}
	for range n {
		switch g.IntN(8) {
		case 0, 1:
			list = append(list, text(g.oneOf("", "a", "7", "<&>", "0x10", "System\x00", "2026-11-20T03:12:07.000Z", "\r\n")))
		case 2:
			list = append(list, optSub(g.IntN(holes)))
		case 3:
			list = append(list, entity(g.oneOf("amp", "lt", "gt", "quot", "apos", "other")))
		case 4:
			list = append(list, char(g.oneOfInt(65, 0, 13, 0xd83d, 0xfffe, 0xe9)))
		default:
			list = append(list, sub(g.IntN(holes)))
		}
	}
	return list
}

func (g *generator) oneOfInt(n ...int) int { return n[g.IntN(len(n))] }

// contents are elements and pieces; depth bounds their nesting.
func (g *generator) contents(depth, n int) (list []content) {
	for range n {
		switch k := g.IntN(12); {
		case k < 6 && depth > 0:
			e := element{name: g.oneOf("EventData", "UserData", "Data", "Data", "Data", "Binary", "System", "RenderingInfo", "A", "A_1"), dep: g.dep()}
			for _, name := range []string{"Name", "x", "y"} {
				if g.IntN(4) == 0 {
					e.attrs = append(e.attrs, attr{name, g.pieces(g.IntN(3), false)})
				}
			}
			e.content = g.contents(depth-1, g.IntN(5))
			e.open = g.IntN(2) == 0
			list = append(list, e)
		case k == 6:
			list = append(list, cdata(g.oneOf("", "]]>", "<a>")))
		case k == 7:
			list = append(list, pi{g.oneOf("note", "A"), g.oneOf("", "?>", "a & <b>")})
		case k == 8 && depth > 0 && len(g.inner) > 2:
			list = append(list, inst{g.inner[g.IntN(len(g.inner))], g.values(0)})
		default:
			list = append(list, g.pieces(1, false)...)
		}
	}
	return list
}

// randomTypes are the types that the format has, and some that it has not.
var randomTypes = []evtx.Type{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x20, 0x21, 0x22, 0x23,
}

func (g *generator) values(depth int) (list []val) {
	for range g.IntN(holes + 2) {
		list = append(list, g.value(depth))
	}
	return list
}

func (g *generator) nestedInstance(t *tmpl, list []val) val {
	v := nested(g.IntN(2) == 0, inst{t, list})
	v.again = func() val { return g.nestedInstance(t, g.others(list)) }
	return v
}

// others are values of the same types.
func (g *generator) others(list []val) []val {
	out := slices.Clone(list)
	for i := range out {
		if out[i].again != nil && g.IntN(4) > 0 {
			out[i] = out[i].again()
			continue
		}
		for range 20 {
			if v := g.value(2); v.typ == out[i].typ {
				out[i] = v
				break
			}
		}
	}
	return out
}

func (g *generator) value(depth int) val {
	known := values[g.IntN(len(values))]
	if len(known.raw) > 100 {
		return null()
	}
	switch g.IntN(10) {
	case 0: // any type with any bytes
		raw := make([]byte, g.IntN(20))
		for i := range raw {
			raw[i] = byte(g.Uint32())
			if g.IntN(2) == 0 {
				raw[i] = 0
			}
		}
		typ := randomTypes[g.IntN(len(randomTypes))]
		if typ == evtx.TypeBinXML {
			typ = evtx.TypeBinary
		}
		return val{typ: typ | evtx.Type(g.IntN(2)*0x80), raw: raw}
	case 1: // an array
		v := val{typ: known.typ | evtx.ArrayFlag}
		for range g.IntN(4) {
			v.raw = append(v.raw, known.raw...)
			switch known.typ {
			case evtx.TypeString:
				v.raw = append(v.raw, 0, 0)
			case evtx.TypeANSIString:
				v.raw = append(v.raw, 0)
			}
		}
		return v
	case 2:
		return strs([]string{"a", "", "b", "A_1"}[:g.IntN(5)]...)
	case 3, 4:
		if depth == 0 {
			return null()
		}
		if g.IntN(2) == 0 {
			return g.nestedInstance(g.inner[g.IntN(len(g.inner))], g.values(depth-1))
		}
		return nested(g.IntN(2) == 0, g.contents(1, g.IntN(3))...)
	}
	return val{typ: known.typ, raw: known.raw}
}
