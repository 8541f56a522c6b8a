package evtx

import "strings"

// Datum is one item of an event's data.
type Datum struct {
	// Element is the element's name: Data, Binary, ComplexData, or that of a leaf of
	// UserData.
	Element string
	// Name is the Name attribute; classic events have data without names.
	Name  string
	Value Value
}

// Data returns the event's data in order: one item for each element of EventData, and for
// each item of an array, empty ones included, so that positions stay right; of UserData the
// leaves. The values share the event's memory.
func (ev *Event) Data() ([]Datum, error) {
	p := &ev.payload
	e := p.encoder(nil)
	w := dataWalk{e: e}
	w.nodes(&p.root, 0, len(p.root.nodes), 0, 0)
	p.spare, p.keys = e.spare, e.keys
	return w.data, p.locate(e.err)
}

// datumSize is what a Datum costs of the budget: about the bytes that it takes.
const datumSize = 80

// dataWalk collects data. level counts the elements above: the children of Event are on
// level 1, those of EventData on level 2.
type dataWalk struct {
	e    *encoder
	data []Datum
}

func (w *dataWalk) nodes(in *instance, from, to, level, depth int) {
	for i := from; i < to && w.e.spend(1); i = in.next(i) {
		n := &in.nodes[i]
		switch n.kind {
		case valueNode:
			if v := in.value(n.sub); v.Type == TypeBinXML {
				inner := w.e.nested(v, depth)
				w.nodes(inner, 0, len(inner.nodes), level, depth+1)
			}
		case nestedNode:
			w.nodes(w.e.literal(n), 0, len(n.nested.nodes), level, depth+1)
		case elementNode:
			if in.suppressed(n) || level == 1 && (n.name == "System" || n.name == "RenderingInfo") {
				continue
			}
			in.repeats(n, func(int) { w.element(in, i, level, depth) })
		}
	}
}

func (w *dataWalk) element(in *instance, i, level, depth int) {
	n := &in.nodes[i]
	if !w.e.spend(n.cost + n.end - i) {
		return
	}
	elements := n.elements
	for j := i + 1; j < n.end && !elements; j++ {
		elements = in.isBinXML(&in.nodes[j])
	}
	if level < 2 || elements {
		w.nodes(in, i+1, n.end, level+1, depth)
		return
	}
	if !w.e.spend(datumSize) {
		return
	}
	d := Datum{Element: n.name, Value: w.text(in, i)}
	for k := range n.attrs {
		if n.attrs[k].name == "Name" {
			d.Name = w.attribute(in, &n.attrs[k])
		}
	}
	w.data = append(w.data, d)
}

// text returns the value of an element without children.
func (w *dataWalk) text(in *instance, i int) Value {
	n := &in.nodes[i]
	if i+2 == n.end && in.nodes[i+1].kind == valueNode {
		return in.value(in.nodes[i+1].sub)
	}
	if i+1 == n.end {
		return Value{}
	}
	return literal(w.join(in, in.contentParts(i)))
}

// attribute returns the text of an attribute.
func (w *dataWalk) attribute(in *instance, a *attribute) string {
	if len(a.parts) == 1 && a.parts[0].sub == none {
		return a.parts[0].text.plain
	}
	return w.join(in, a.parts)
}

func (w *dataWalk) join(in *instance, pieces []part) string {
	var s strings.Builder
	for _, p := range pieces {
		text := p.text.plain
		if p.sub != none {
			text = in.value(p.sub).String()
		}
		if !w.e.spend(len(text)) {
			break
		}
		s.WriteString(text)
	}
	return s.String()
}
