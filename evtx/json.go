package evtx

import (
	"bytes"
	"strconv"
)

// AppendJSON appends the event as a JSON object in the shape that evtx_dump, the program
// of the Rust crate evtx, prints: {"Event":{"#attributes":…,"System":{…},"EventData":{…}}}.
//
// An element with text only is a member with that value; one with attributes is an object
// with "#attributes" and, for its text, "#text"; an empty one is null, or {} where its
// template has room for elements. A Data element with a Name is a member of that name; Data
// elements without attributes are together "Data":{"#text":…}, a list when there are several.
// When a key is there already, the next one gets the suffix _1, then _2. Integers, finite
// reals and booleans are JSON numbers and booleans; all else is a string as [Value.String] gives it, so that GUIDs stand in braces and
// times have seven digits, where evtx_dump drops the braces of some GUIDs and the last
// digit of times. On an error dst is returned as it was.
func (ev *Event) AppendJSON(dst []byte) ([]byte, error) {
	return ev.payload.append(dst, formJSON, (*encoder).jsonEvent)
}

func (e *encoder) jsonEvent(in *instance) {
	e.dst = append(e.dst, '{')
	obj := e.openObject(true)
	e.jsonChildren(in, 0, len(in.nodes), &obj, 0)
	e.closeObject(&obj)
}

// object is a JSON object in the making.
type object struct {
	members int
	keys    int // where its keys begin in encoder.keys
	// tracked is set when keys of its members may be equal for reasons that are not in
	// one template.
	tracked bool
	// varies is set when there are members whose number depends on more than the types of
	// values.
	varies bool
	// open is set when there may be no member, or any.
	open bool
}

type usedKey struct {
	key   []byte
	count int
}

func (e *encoder) openObject(tracked bool) object {
	return object{keys: len(e.keys), tracked: tracked}
}

func (e *encoder) closeObject(o *object) {
	e.keys = e.keys[:o.keys]
	e.dst = append(e.dst, '}')
}

// key begins a member. Keys are quoted and end with a colon.
func (e *encoder) key(o *object, key []byte, unique bool) {
	if e.rec != nil && (o.open || o.varies && (o.tracked || !unique)) {
		e.rec.irregular = true
	}
	if o.members > 0 {
		e.dst = append(e.dst, ',')
	}
	o.members++
	if unique && !o.tracked {
		e.dst = append(e.dst, key...)
		return
	}
	i := e.findKey(o, key)
	if i < 0 {
		i = len(e.keys)
		e.keys = append(e.keys, usedKey{key: key})
		if !e.isTaken(o, key) {
			e.dst = append(e.dst, key...)
			return
		}
	}
	for start := len(e.dst); ; {
		e.keys[i].count++
		e.dst = append(e.dst[:start], key[:len(key)-2]...)
		e.dst = append(e.dst, '_')
		e.dst = strconv.AppendInt(e.dst, int64(e.keys[i].count), 10)
		e.dst = append(e.dst, '"', ':')
		if e.findKey(o, e.dst[start:]) < 0 {
			return
		}
	}
}

// findKey returns the index in e.keys of a key of the object, or -1.
func (e *encoder) findKey(o *object, key []byte) int {
	e.spend((len(e.keys) - o.keys) / 4)
	for i := o.keys; i < len(e.keys); i++ {
		if bytes.Equal(e.keys[i].key, key) {
			return i
		}
	}
	return -1
}

// isTaken reports whether a key is one that was made by putting a number behind another.
func (e *encoder) isTaken(o *object, key []byte) bool {
	name := key[:len(key)-2]
	stem := bytes.TrimRight(name, "0123456789")
	if len(stem) == len(name) || stem[len(stem)-1] != '_' || name[len(stem)] == '0' {
		return false
	}
	i := e.findKey(o, append(stem[:len(stem)-1:len(stem)-1], '"', ':'))
	number, err := strconv.Atoi(string(name[len(stem):]))
	return i >= 0 && err == nil && number <= e.keys[i].count
}

// jsonChildren prints the elements in [from, to) as members of o; texts are not its job.
func (e *encoder) jsonChildren(in *instance, from, to int, o *object, depth int) {
	grouped := false
	for i := from; i < to && e.spend(1); i = in.next(i) {
		n := &in.nodes[i]
		switch n.kind {
		case valueNode:
			if in.isBinXML(n) {
				e.jsonSpecial(opJSONNested, in, n.sub, o, depth)
			}
		case nestedNode:
			e.jsonFragment(e.literal(n), o, depth+1)
		case elementNode:
			switch {
			case in.suppressed(n):
			case in.isUnnamedData(i):
				if !grouped {
					grouped = true
					e.jsonUnnamedData(in, i, to, o, depth)
				}
			case in.hasArray(n):
				e.jsonSpecial(opJSONRepeated, in, i, o, depth)
			default:
				e.jsonMember(in, i, o, depth)
			}
		}
	}
}

// jsonFragment prints the elements of a nested fragment as members of o.
func (e *encoder) jsonFragment(in *instance, o *object, depth int) {
	o.tracked = o.tracked || in.mixesKeys(0, len(in.nodes))
	e.jsonChildren(in, 0, len(in.nodes), o, depth)
}

// jsonSpecial prints members of o whose number depends on more than the types of values.
func (e *encoder) jsonSpecial(kind opKind, in *instance, node int, o *object, depth int) {
	if e.rec != nil && o.varies {
		e.rec.irregular = true
	}
	e.special(kind, in, node, node, o, depth)
	o.varies = true
	o.open = o.open || kind == opJSONNested
}

// jsonNested prints the fragment in a value as members of an object.
func (e *encoder) jsonNested(in *instance, sub int, o *object, depth int) {
	inner := e.nested(in.value(sub), depth)
	p := e.program(formMembers, inner)
	if p == nil || !e.areNew(o, p.keys) {
		e.jsonFragment(inner, o, depth+1)
		return
	}
	if len(p.keys) == 0 {
		return
	}
	if o.members > 0 {
		e.dst = append(e.dst, ',')
	}
	o.members += len(p.keys)
	o.tracked = true
	e.keys = append(e.keys, p.keys...)
	e.run(p, inner, depth+1)
}

// areNew reports whether the object has none of the keys.
func (e *encoder) areNew(o *object, keys []usedKey) bool {
	for i := range keys {
		if e.findKey(o, keys[i].key) >= 0 {
			return false
		}
	}
	return true
}

// jsonRepeated prints an element once for each item of its arrays.
func (e *encoder) jsonRepeated(in *instance, i int, o *object, depth int) {
	n := &in.nodes[i]
	was := o.tracked
	in.repeatItems(n, func(k int) {
		if k == 1 && !o.tracked && n.uniqueKey {
			o.tracked = true
			e.keys = append(e.keys, usedKey{key: n.jsonKey})
		}
		e.jsonMember(in, i, o, depth)
	})
	o.tracked = was
}

// jsonMember prints an element as a member.
func (e *encoder) jsonMember(in *instance, i int, o *object, depth int) {
	n := &in.nodes[i]
	if !e.spend(n.cost) {
		return
	}
	key := n.jsonKey
	if n.nameParts != nil {
		if e.rec != nil {
			e.rec.irregular = true
		}
		if name := e.join(in, n.nameParts); name != "" {
			key = jsonKey(name)
		}
	}
	e.key(o, key, n.uniqueKey)
	e.jsonElement(in, i, depth)
}

// isUnnamedData reports whether node i is a Data element with text only, without a name
// or another attribute, that is there.
func (in *instance) isUnnamedData(i int) bool {
	n := &in.nodes[i]
	if !n.data || n.elements || in.suppressed(n) {
		return false
	}
	for k := range n.attrs {
		if in.attributePresent(&n.attrs[k]) {
			return false
		}
	}
	for j := i + 1; j < n.end; j++ {
		if in.isBinXML(&in.nodes[j]) {
			return false
		}
	}
	return true
}

// jsonUnnamedData prints all unnamed Data elements in [from, to) as one member: a list, or
// the text of the only one.
func (e *encoder) jsonUnnamedData(in *instance, from, to int, o *object, depth int) {
	e.key(o, dataKey, in.nodes[from].uniqueKey)
	count := 0
	for i := from; i < to; i = in.next(i) {
		switch n := &in.nodes[i]; {
		case !in.isUnnamedData(i):
		case in.hasArray(n):
			e.special(opJSONDataList, in, from, to, o, depth)
			return
		default:
			count++
		}
	}
	if count == 1 {
		e.dst = append(e.dst, `{"#text":`...)
		e.jsonDataTexts(in, from, to)
		e.dst = append(e.dst, '}')
		return
	}
	e.dst = append(e.dst, `{"#text":[`...)
	e.jsonDataTexts(in, from, to)
	e.dst = append(e.dst, ']', '}')
}

// jsonDataList prints the list where an array tells how many texts there are.
func (e *encoder) jsonDataList(in *instance, from, to int) {
	e.dst = append(e.dst, `{"#text":[`...)
	first := len(e.dst)
	if e.jsonDataTexts(in, from, to) == 1 {
		e.dst = append(e.dst[:first-1], e.dst[first:]...)
		e.dst = append(e.dst, '}')
		return
	}
	e.dst = append(e.dst, ']', '}')
}

// jsonDataTexts prints the texts of the unnamed Data elements in [from, to) and returns their
// number.
func (e *encoder) jsonDataTexts(in *instance, from, to int) (count int) {
	for i := from; i < to; i = in.next(i) {
		if !in.isUnnamedData(i) {
			continue
		}
		n := &in.nodes[i]
		in.repeats(n, func(int) {
			if !e.spend(n.cost) {
				return
			}
			if count > 0 {
				e.dst = append(e.dst, ',')
			}
			count++
			e.jsonText(in, i, `""`) // no text is the empty string: these are strings by position
		})
	}
	return count
}

var dataKey = []byte(`"Data":`)

// jsonElement prints the value of the member for element i.
func (e *encoder) jsonElement(in *instance, i, depth int) {
	n := &in.nodes[i]
	attrs := false
	for k := range n.attrs {
		if a := &n.attrs[k]; !(n.data && a.name == "Name") && in.attributePresent(a) {
			attrs = true
			break
		}
	}
	elements, text := n.elements, false
	for j := i + 1; j < n.end; j = in.next(j) {
		switch child := &in.nodes[j]; {
		case in.isBinXML(child):
			elements = true
		case child.kind == textNode, child.kind == valueNode && !in.value(child.sub).IsNull():
			text = true
		}
	}
	if !attrs && !elements {
		e.jsonText(in, i, "null")
		return
	}
	e.dst = append(e.dst, '{')
	o := e.openObject(elements && in.mixesKeys(i+1, n.end))
	if attrs {
		e.jsonAttributes(in, n, &o, !elements)
	}
	if text {
		e.key(&o, textKey, !elements)
		e.jsonText(in, i, "")
	}
	if elements {
		e.jsonChildren(in, i+1, n.end, &o, depth)
	}
	e.closeObject(&o)
}

// mixesKeys reports whether the keys of the elements in [from, to) may be equal for reasons
// that are not in one template: a hole or a nested instance brings some, and it is not all.
func (in *instance) mixesKeys(from, to int) bool {
	sources, brought := 0, false
	for j := from; j < to; j = in.next(j) {
		switch n := &in.nodes[j]; {
		case n.kind == elementNode:
			sources++
		case n.kind == nestedNode || in.isBinXML(n):
			sources++
			brought = true
		}
	}
	return brought && sources > 1
}

var (
	textKey       = []byte(`"#text":`)
	attributesKey = []byte(`"#attributes":`)
)

func (e *encoder) jsonAttributes(in *instance, n *node, o *object, unique bool) {
	e.key(o, attributesKey, unique)
	e.dst = append(e.dst, '{')
	first := true
	for k := range n.attrs {
		a := &n.attrs[k]
		if n.data && a.name == "Name" || !in.attributePresent(a) {
			continue
		}
		if !first {
			e.dst = append(e.dst, ',')
		}
		first = false
		e.dst = append(e.dst, a.jsonKey...)
		if len(a.parts) == 1 && a.parts[0].sub != none {
			e.json(in, a.parts[0].sub)
			continue
		}
		e.dst = append(e.dst, '"')
		for p := range a.parts {
			e.jsonPart(in, a.parts[p].sub, &a.parts[p].text)
		}
		e.dst = append(e.dst, '"')
	}
	e.dst = append(e.dst, '}')
}

// jsonText prints the text of element i: a single hole typed, more pieces as one string,
// without any the JSON in empty.
func (e *encoder) jsonText(in *instance, i int, empty string) {
	count, last := in.textPieces(i)
	switch {
	case count == 0:
		e.dst = append(e.dst, empty...)
		return
	case count == 1 && in.nodes[last].kind == valueNode:
		e.json(in, in.nodes[last].sub)
		return
	}
	e.dst = append(e.dst, '"')
	for j := i + 1; j <= last && e.spend(1); j = in.next(j) {
		switch child := &in.nodes[j]; {
		case child.kind == textNode:
			e.jsonPart(in, none, &child.text)
		case in.isText(child):
			e.jsonPart(in, child.sub, nil)
		}
	}
	e.dst = append(e.dst, '"')
}

// jsonPart appends a piece of a string.
func (e *encoder) jsonPart(in *instance, sub int, text *literalText) {
	if sub == none {
		e.dst = text.append(e.dst, escapeJSON)
		return
	}
	e.text(in, sub, escapeJSON)
}
