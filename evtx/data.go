package evtx

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
// leaves, and elements beside these that hold text only, such as BinaryEventData. The values
// share the event's memory.
func (ev *Event) Data() ([]Datum, error) {
	p := &ev.payload
	e := p.encoder(nil)
	w := dataWalk{e: e, data: p.data[:0]}
	w.nodes(&p.root, 0, len(p.root.nodes), 0, 0)
	p.data = w.data
	return append([]Datum(nil), w.data...), p.locate(e.err)
}

// Strings returns the texts of the event's data in order, but for its Binary: what %1, %2 and
// so on stand for in the event's message. Of a classic event these are the strings that its
// source reported, empty ones included.
func (ev *Event) Strings() ([]string, error) {
	data, err := ev.Data()
	var texts []string
	for _, d := range data {
		if d.Element != "Binary" {
			texts = append(texts, d.Value.String())
		}
	}
	return texts, err
}

// datumSize is what a Datum costs of the budget: about the bytes that it takes.
const datumSize = 80

// dataWalk collects data. level counts the elements above: the children of Event are on
// level 1, those of EventData on level 2.
type dataWalk struct {
	e        *encoder
	data     []Datum
	elements int // how many were met
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
			if in.suppressed(n) {
				continue
			}
			in.repeats(n, func(int) { w.element(in, i, level, depth) })
		}
	}
}

func (w *dataWalk) element(in *instance, i, level, depth int) {
	w.elements++
	n := &in.nodes[i]
	if !w.e.spend(n.cost+n.end-i) || level == 1 && (n.name == "System" || n.name == "RenderingInfo") {
		return
	}
	before := w.elements
	w.nodes(in, i+1, n.end, level+1, depth)
	if w.elements > before || level == 0 {
		return
	}
	d := Datum{Element: n.name, Value: w.text(in, i)}
	if level == 1 && d.Value.IsNull() { // EventData or UserData without anything
		return
	}
	for k := range n.attrs {
		if n.attrs[k].name == "Name" {
			d.Name = w.e.join(in, n.attrs[k].parts)
		}
	}
	if w.e.spend(datumSize) {
		w.data = append(w.data, d)
	}
}

// text returns the value of an element without children.
func (w *dataWalk) text(in *instance, i int) Value {
	count, last := in.textPieces(i)
	switch {
	case count == 0:
		return Value{}
	case count == 1 && in.nodes[last].kind == valueNode:
		return in.value(in.nodes[last].sub)
	case count == 1:
		return literal(in.nodes[last].text.String())
	}
	parts := in.textParts(i)
	if !in.hasText(parts) {
		return Value{}
	}
	return literal(w.e.join(in, parts))
}

// textParts are the pieces of text in element i.
func (in *instance) textParts(i int) (parts []part) {
	for j := i + 1; j < in.nodes[i].end; j = in.next(j) {
		switch n := &in.nodes[j]; {
		case n.kind == textNode:
			parts = append(parts, part{sub: none, text: n.text})
		case in.isText(n):
			parts = append(parts, part{sub: n.sub})
		}
	}
	return parts
}
