package evtx

// AppendXML appends the event as XML, without line breaks but those in texts: the form that
// Event Viewer shows and "wevtutil qe /f:xml" prints, with double quotes around attributes.
// Characters that XML cannot hold (control characters, lone surrogates) become U+FFFD. A
// carriage return is written as a reference, and so are line breaks and tabs in attributes, so
// that reading the XML gives the stored text back. On an error dst is returned as it was.
func (ev *Event) AppendXML(dst []byte) ([]byte, error) {
	e := ev.payload.encoder(dst)
	e.xmlNodes(&ev.payload.root, 0, len(ev.payload.root.nodes), 0)
	return ev.payload.finish(e, dst)
}

func (e *encoder) xmlNodes(in *instance, from, to, depth int) {
	for i := from; i < to && e.spend(1); i = in.next(i) {
		n := &in.nodes[i]
		switch n.kind {
		case textNode:
			e.dst = append(e.dst, n.text.xml...)
		case valueNode:
			e.xmlValue(in.value(n.sub), depth)
		case nestedNode:
			e.xmlNodes(e.literal(n), 0, len(n.nested.nodes), depth+1)
		case piNode:
			e.dst = append(e.dst, "<?"...)
			e.dst = append(e.dst, n.name...)
			if n.text.plain != "" {
				e.dst = append(e.dst, ' ')
				e.dst = append(e.dst, n.text.xml...)
			}
			e.dst = append(e.dst, "?>"...)
		case elementNode:
			if !in.suppressed(n) {
				in.repeats(n, func(int) { e.xmlElement(in, i, depth) })
			}
		}
	}
}

func (e *encoder) xmlElement(in *instance, i, depth int) {
	n := &in.nodes[i]
	if !e.spend(n.cost) {
		return
	}
	e.dst = append(e.dst, '<')
	e.dst = append(e.dst, n.name...)
	for k := range n.attrs {
		a := &n.attrs[k]
		if !in.attributePresent(a) {
			continue
		}
		e.dst = append(e.dst, ' ')
		e.dst = append(e.dst, a.name...)
		e.dst = append(e.dst, '=', '"')
		for p := range a.parts {
			if a.parts[p].sub == none {
				e.dst = append(e.dst, a.parts[p].text.xml...)
			} else {
				e.dst = in.value(a.parts[p].sub).appendText(e.dst, escapeAttr)
			}
		}
		e.dst = append(e.dst, '"')
	}
	if !n.hasContent {
		e.dst = append(e.dst, '/', '>')
		return
	}
	e.dst = append(e.dst, '>')
	e.xmlNodes(in, i+1, n.end, depth)
	e.dst = append(e.dst, '<', '/')
	e.dst = append(e.dst, n.name...)
	e.dst = append(e.dst, '>')
}

func (e *encoder) xmlValue(v Value, depth int) {
	if v.Type == TypeBinXML {
		in := e.nested(v, depth)
		e.xmlNodes(in, 0, len(in.nodes), depth+1)
		return
	}
	before := len(e.dst)
	e.dst = v.appendText(e.dst, escapeXML)
	e.spend(len(e.dst) - before)
}
