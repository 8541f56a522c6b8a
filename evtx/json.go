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
	e := ev.payload.encoder(dst)
	root := &ev.payload.root
	e.dst = append(e.dst, '{')
	obj := e.openObject(true)
	e.jsonChildren(root, 0, len(root.nodes), &obj, 0)
	e.closeObject(&obj)
	return ev.payload.finish(e, dst)
}

// object is a JSON object in the making.
type object struct {
	members int
	keys    int // where its keys begin in encoder.keys
	// tracked is set when keys of its members may be equal for reasons that are not in
	// one template.
	tracked bool
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
			if v := in.value(n.sub); v.Type == TypeBinXML {
				e.jsonFragment(e.nested(v, depth), o, depth+1)
			}
		case nestedNode:
			e.jsonFragment(e.literal(n), o, depth+1)
		case elementNode:
			switch {
			case in.suppressed(n):
			case in.unnamedData(i):
				if !grouped {
					grouped = true
					e.jsonUnnamedData(in, i, to, o, depth)
				}
			default:
				e.jsonMembers(in, i, o, depth)
			}
		}
	}
}

// jsonFragment prints the elements of a nested fragment as members of o.
func (e *encoder) jsonFragment(in *instance, o *object, depth int) {
	o.tracked = o.tracked || in.mixesKeys(0, len(in.nodes))
	e.jsonChildren(in, 0, len(in.nodes), o, depth)
}

// jsonMembers prints an element as a member, or as several when it repeats.
func (e *encoder) jsonMembers(in *instance, i int, o *object, depth int) {
	n := &in.nodes[i]
	was := o.tracked
	in.repeats(n, func(k int) {
		if !e.spend(n.cost) {
			return
		}
		if k == 1 && !o.tracked && n.uniqueKey {
			o.tracked = true
			e.keys = append(e.keys, usedKey{key: n.jsonKey})
		}
		key := n.jsonKey
		if n.nameParts != nil {
			if name := e.join(in, n.nameParts); name != "" {
				key = jsonKey(name)
			}
		}
		e.key(o, key, n.uniqueKey)
		e.jsonElement(in, i, depth)
	})
	o.tracked = was
}

// unnamedData reports whether element i is a Data element with text only, without a name
// or another attribute.
func (in *instance) unnamedData(i int) bool {
	n := &in.nodes[i]
	if !n.data || n.elements {
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

// jsonUnnamedData prints all unnamed Data elements in [from, to) as one member.
func (e *encoder) jsonUnnamedData(in *instance, from, to int, o *object, depth int) {
	e.key(o, dataKey, in.nodes[from].uniqueKey)
	start := len(e.dst)
	e.dst = append(e.dst, `{"#text":[`...)
	count := 0
	for i := from; i < to; i = in.next(i) {
		n := &in.nodes[i]
		if n.kind != elementNode || in.suppressed(n) || !in.unnamedData(i) {
			continue
		}
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
	if count == 1 {
		open := start + len(`{"#text":`)
		e.dst = append(e.dst[:open], e.dst[open+1:]...)
		e.dst = append(e.dst, '}')
		return
	}
	e.dst = append(e.dst, ']', '}')
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
			e.dst = in.value(a.parts[0].sub).appendJSON(e.dst)
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
		before := len(e.dst)
		e.dst = in.value(in.nodes[last].sub).appendJSON(e.dst)
		e.spend(len(e.dst) - before)
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
		e.dst = append(e.dst, text.json...)
		return
	}
	before := len(e.dst)
	e.dst = in.value(sub).appendText(e.dst, escapeJSON)
	e.spend(len(e.dst) - before)
}
