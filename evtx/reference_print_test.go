package evtx_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/internal/compare"
)

// How the reference prints values and trees.

// refWidth is the size of a value of a type, 0 where it varies.
func refWidth(typ byte) int {
	return map[byte]int{
		0x03: 1, 0x04: 1, 0x05: 2, 0x06: 2, 0x07: 4, 0x08: 4, 0x09: 8, 0x0a: 8, 0x0b: 4, 0x0c: 8, 0x0d: 4, 0x0f: 16,
		0x10: 8, 0x11: 8, 0x12: 16, 0x14: 4, 0x15: 8, 0x20: 8,
	}[typ]
}

// refSIDLen is the length of the SID that b begins with, 0 when it does not.
func refSIDLen(b []byte) int {
	if len(b) < 8 || b[0] != 1 || b[1] > 15 || len(b) < 8+4*int(b[1]) {
		return 0
	}
	return 8 + 4*int(b[1])
}

// whole reports whether there are enough bytes for the type.
func (p refPiece) whole() bool {
	n := len(p.raw)
	switch p.typ {
	case 0x0d:
		return n == 1 || n >= 4
	case 0x10, 0x20:
		return n >= 4
	}
	return n >= refWidth(p.typ)
}

// plain is the text of a value.
func (p refPiece) plain() string {
	b, le := p.raw, binary.LittleEndian
	switch {
	case p.literal:
		return p.text
	case !p.whole():
		return fmt.Sprintf("%X", b)
	}
	switch p.typ {
	case 0x00:
		return ""
	case 0x01, 0x23:
		return strings.TrimRight(refUTF16(b), "\x00")
	case 0x02:
		return refANSI(b)
	case 0x03:
		return fmt.Sprint(int8(b[0]))
	case 0x04:
		return fmt.Sprint(b[0])
	case 0x05:
		return fmt.Sprint(int16(le.Uint16(b)))
	case 0x06:
		return fmt.Sprint(le.Uint16(b))
	case 0x07:
		return fmt.Sprint(int32(le.Uint32(b)))
	case 0x08:
		return fmt.Sprint(le.Uint32(b))
	case 0x09:
		return fmt.Sprint(int64(le.Uint64(b)))
	case 0x0a:
		return fmt.Sprint(le.Uint64(b))
	case 0x0b:
		return refReal(float64(math.Float32frombits(le.Uint32(b))), 32)
	case 0x0c:
		return refReal(math.Float64frombits(le.Uint64(b)), 64)
	case 0x0d:
		return fmt.Sprint(len(b) == 1 && b[0] != 0 || len(b) >= 4 && le.Uint32(b) != 0)
	case 0x0f:
		return fmt.Sprintf("{%08X-%04X-%04X-%X-%X}", le.Uint32(b), le.Uint16(b[4:]), le.Uint16(b[6:]), b[8:10], b[10:16])
	case 0x10, 0x20:
		if len(b) < 8 {
			return fmt.Sprintf("%#x", le.Uint32(b))
		}
		return fmt.Sprintf("%#x", le.Uint64(b))
	case 0x11:
		return refFileTime(le.Uint64(b)).Format("2006-01-02T15:04:05.0000000Z")
	case 0x12:
		f := func(i int) uint16 { return le.Uint16(b[2*i:]) }
		return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", f(0), f(1), f(3), f(4), f(5), f(6), f(7))
	case 0x13:
		if n := refSIDLen(b); n > 0 {
			authority := new(big.Int).SetBytes(b[2:8])
			s := "S-1-" + authority.String()
			if authority.BitLen() > 32 {
				s = fmt.Sprintf("S-1-0x%012x", authority)
			}
			for i := 8; i < n; i += 4 {
				s += fmt.Sprintf("-%d", le.Uint32(b[i:]))
			}
			return s
		}
	case 0x14:
		return fmt.Sprintf("%#x", le.Uint32(b))
	case 0x15:
		return fmt.Sprintf("%#x", le.Uint64(b))
	}
	return fmt.Sprintf("%X", b)
}

func refANSI(b []byte) string {
	b = []byte(strings.TrimRight(string(b), "\x00"))
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		switch i := strings.IndexByte("\x80\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8e\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9e\x9f", c); {
		case i >= 0:
			s.WriteRune([]rune("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ")[i])
		case c >= 0x80 && c < 0xa0:
			s.WriteRune('\ufffd')
		default:
			s.WriteRune(rune(c))
		}
	}
	return s.String()
}

func refReal(f float64, bits int) string {
	s := strconv.FormatFloat(f, 'e', -1, bits)
	_, exponent, _ := strings.Cut(s, "e")
	n, err := strconv.Atoi(exponent)
	switch {
	case f != f:
		return "NaN"
	case err != nil:
		return strings.NewReplacer("+Inf", "INF", "-Inf", "-INF").Replace(s)
	case n < -6 || n > 20:
		return s
	}
	return strconv.FormatFloat(f, 'f', -1, bits)
}

// refFileTime counts 100 ns from 1601; more than an int64 of them count as the most.
func refFileTime(ticks uint64) time.Time {
	ticks = min(ticks, math.MaxInt64)
	return time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(ticks/864e9)).Add(time.Duration(ticks%864e9) * 100)
}

func refXMLText(s string) string {
	s = strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", `"`, "&quot;", "\r", "&#13;").Replace(s)
	return compare.InXML(s)
}

func refJSONText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plainOf(pieces []refPiece) string {
	var s strings.Builder
	for _, p := range pieces {
		s.WriteString(p.plain())
	}
	return s.String()
}

// refXML prints items as XML.
func refXML(b *strings.Builder, items []refItem) {
	for _, it := range items {
		switch e := it.elem; {
		case it.target != "" && it.text.text == "":
			b.WriteString("<?" + it.target + "?>")
		case it.target != "":
			data := strings.NewReplacer("?>", "? >", "\r", "\n").Replace(it.text.text)
			b.WriteString("<?" + it.target + " " + compare.InXML(data) + "?>")
		case e == nil:
			b.WriteString(refXMLText(it.text.plain()))
		default:
			b.WriteString("<" + e.name)
			for _, a := range e.attrs {
				value := strings.NewReplacer("\n", "&#10;", "\t", "&#9;").Replace(refXMLText(plainOf(a.pieces)))
				b.WriteString(" " + a.name + `="` + value + `"`)
			}
			if !e.open {
				b.WriteString("/>")
				continue
			}
			b.WriteString(">")
			refXML(b, e.content)
			b.WriteString("</" + e.name + ">")
		}
	}
}

// children are the elements in e, texts the pieces of its text.
func (e *refElem) children() (list []*refElem) {
	for _, it := range e.content {
		if it.elem != nil {
			list = append(list, it.elem)
		}
	}
	return list
}

func (e *refElem) texts() (list []refPiece) {
	for _, it := range e.content {
		if it.elem == nil && it.target == "" && !it.stray {
			list = append(list, it.text)
		}
	}
	return list
}

func (e *refElem) attr(name string) (text string, ok bool) {
	for _, a := range e.attrs {
		if a.name == name {
			return plainOf(a.pieces), true
		}
	}
	return "", false
}

// refMember is a member of a JSON object.
type refMember struct{ key, value string }

func refObject(members []refMember) string {
	var s []string
	used := make(map[string]bool)
	count := make(map[string]int)
	for _, m := range members {
		key := m.key
		for used[key] {
			count[m.key]++
			key = fmt.Sprintf("%s_%d", m.key, count[m.key])
		}
		used[key] = true
		s = append(s, `"`+refJSONText(key)+`":`+m.value)
	}
	return "{" + strings.Join(s, ",") + "}"
}

// refMembers are an element's children; the unnamed Data elements of a fragment are one
// member together.
func refMembers(list []*refElem) (members []refMember) {
	place := make(map[int]int) // of a fragment's group in members
	groups := make(map[int][]string)
	for _, e := range list {
		name, named := e.attr("Name")
		switch f := e.fragment; {
		case e.name == "Data" && e.unnamed && !e.object:
			if _, ok := place[f]; !ok {
				place[f] = len(members)
				members = append(members, refMember{key: "Data"})
			}
			groups[f] = append(groups[f], e.jsonText(`""`))
		case e.name == "Data" && named && name != "":
			members = append(members, refMember{name, e.json()})
		default:
			members = append(members, refMember{e.name, e.json()})
		}
	}
	for f, i := range place {
		members[i].value = `{"#text":` + groups[f][0] + `}`
		if len(groups[f]) > 1 {
			members[i].value = `{"#text":[` + strings.Join(groups[f], ",") + `]}`
		}
	}
	return members
}

func (e *refElem) json() string {
	var members, attrs []refMember
	for _, a := range e.attrs {
		if e.name != "Data" || a.name != "Name" {
			attrs = append(attrs, refMember{a.name, refJSON(a.pieces)})
		}
	}
	if len(attrs) == 0 && !e.object {
		return e.jsonText("null")
	}
	if len(attrs) > 0 {
		members = append(members, refMember{"#attributes", refObject(attrs)})
	}
	if !allNull(e.texts()) {
		members = append(members, refMember{"#text", e.jsonText("")})
	}
	return refObject(append(members, refMembers(e.children())...))
}

func (e *refElem) jsonText(none string) string {
	if len(e.texts()) == 0 {
		return none
	}
	return refJSON(e.texts())
}

// refJSON is one value with its type, more pieces as a string.
func refJSON(pieces []refPiece) string {
	if len(pieces) == 1 && !pieces[0].literal {
		p := pieces[0]
		text := p.plain()
		switch {
		case p.typ == 0:
			return "null"
		case p.typ >= 0x03 && p.typ <= 0x0d && p.whole() && !strings.ContainsAny(text, "NI"):
			return text
		}
	}
	return `"` + refJSONText(plainOf(pieces)) + `"`
}

// refDatum is an item of data. The type is that of a value which is all of the text.
type refDatum struct {
	element, name, text string
	typ                 byte
	raw                 []byte
}

// data lists the leaves in the children of Event, and of these the ones with text only, but
// for System and RenderingInfo.
func (e *refElem) data(level int) (list []refDatum) {
	for _, c := range e.children() {
		children := c.children()
		switch {
		case level == 0 && (c.name == "System" || c.name == "RenderingInfo"):
		case len(children) > 0:
			list = append(list, c.data(level+1)...)
		case level == 0 && allNull(c.texts()): // EventData or UserData of nothing
		default:
			d := refDatum{element: c.name, text: plainOf(c.texts())}
			d.name, _ = c.attr("Name")
			switch texts := c.texts(); {
			case len(texts) == 1 && !texts[0].literal:
				d.typ, d.raw = texts[0].typ, texts[0].raw
			case !allNull(texts):
				d.typ = 0x01
			}
			list = append(list, d)
		}
	}
	return list
}

// event returns the Event element when there is one, and nothing else but processing
// instructions, and its first System section. Both stand in the record's own fragment.
func (r refEvent) event() (root, system *refElem, err error) {
	for _, it := range r.items {
		switch {
		case it.target != "":
		case it.elem != nil && it.elem.fragment == 0 && it.elem.name == "Event" && root == nil:
			root = it.elem
		default:
			return nil, nil, errors.New("not one Event")
		}
	}
	if root != nil && !root.repeats {
		for _, c := range root.children() {
			if c.name == "System" && c.first && c.fragment == 0 && !c.repeats {
				return root, c, nil
			}
		}
	}
	return nil, nil, errors.New("no Event with one System section")
}

// field is a value of the System section: the text of an element, or an attribute of it, of
// the first that has one.
func (e *refElem) field(name, attr string) []refPiece {
	for _, c := range e.children() {
		if c.name != name || c.fragment != 0 {
			continue
		}
		pieces := c.texts()
		if attr != "" {
			pieces = nil
			for _, a := range c.attrs {
				if a.name == attr {
					pieces = a.pieces
				}
			}
		}
		pieces = slices.DeleteFunc(pieces, func(p refPiece) bool { return p.null() || p.typ == 0x21 })
		if len(pieces) > 0 {
			return pieces
		}
	}
	return nil
}

func (e *refElem) systemText(name, attr string) string { return plainOf(e.field(name, attr)) }

// isText reports whether the pieces of a field are read as text, not as one value.
func isText(pieces []refPiece) bool {
	return len(pieces) != 1 || pieces[0].literal || pieces[0].typ == 0x01 || pieces[0].typ == 0x02
}

// uint is a field's number, 0 for what is no number or above the most.
func (e *refElem) uint(name, attr string, most uint64) uint64 {
	pieces := e.field(name, attr)
	s := plainOf(pieces)
	if !isText(pieces) {
		switch p := pieces[0]; {
		case p.typ == 0x0d && s == "true":
			s = "1"
		case !p.whole():
			return 0
		case slices.Contains([]byte{0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x10, 0x14, 0x15, 0x20}, p.typ):
		default:
			return 0
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if hex, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		n, err = strconv.ParseUint(hex, 16, 64)
	}
	if err != nil || n > most {
		return 0
	}
	return n
}

func refSystemTime(b []byte) time.Time {
	f := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	firstDay := time.Date(f(0), time.Month(f(1)), 1, 0, 0, 0, 0, time.UTC)
	if f(0) < 1601 || f(0) > 30827 || f(1) < 1 || f(1) > 12 || f(3) < 1 || f(3) > firstDay.AddDate(0, 1, -1).Day() ||
		f(4) > 23 || f(5) > 59 || f(6) > 59 || f(7) > 999 {
		return time.Time{}
	}
	return firstDay.AddDate(0, 0, f(3)-1).Add(time.Duration(((f(4)*60+f(5))*60+f(6))*1000+f(7)) * time.Millisecond)
}

// refTimeForm is what time.Parse takes more than.
var refTimeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func (e *refElem) time(name, attr string) time.Time {
	pieces := e.field(name, attr)
	if !isText(pieces) && (pieces[0].typ != 0x11 && pieces[0].typ != 0x12 || !pieces[0].whole()) {
		return time.Time{}
	}
	if !isText(pieces) && pieces[0].typ == 0x11 {
		return refFileTime(binary.LittleEndian.Uint64(pieces[0].raw))
	}
	if !isText(pieces) {
		return refSystemTime(pieces[0].raw)
	}
	text := plainOf(pieces)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !refTimeForm.MatchString(text) {
		return time.Time{}
	}
	return t.UTC()
}
