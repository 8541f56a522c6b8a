package evtx

import "strings"

// AppendXML appends the event as XML, without line breaks but those in texts: the form that
// Event Viewer shows and "wevtutil qe /f:xml" prints, with double quotes around attributes.
// Characters that XML cannot hold (control characters, lone surrogates) become U+FFFD. A
// carriage return is written as a reference, and so are line breaks and tabs in attributes, so
// that reading the XML gives the stored text back. On an error dst is returned as it was.
func (ev *Event) AppendXML(dst []byte) ([]byte, error) {
	return ev.payload.append(dst, formXML, (*encoder).xmlEvent)
}

func (e *encoder) xmlEvent(in *instance) { e.xmlNodes(in, 0, len(in.nodes), 0) }

func (e *encoder) xmlNodes(in *instance, from, to, depth int) {
	for i := from; i < to && e.spend(1); i = in.next(i) {
		n := &in.nodes[i]
		switch n.kind {
		case textNode:
			e.dst = n.text.append(e.dst, escapeXML)
		case valueNode:
			e.xmlValue(in, n.sub, depth)
		case nestedNode:
			e.xmlNodes(e.literal(n), 0, len(n.nested.nodes), depth+1)
		case piNode:
			e.dst = append(e.dst, "<?"...)
			e.dst = append(e.dst, n.name...)
			if text := n.text.String(); text != "" {
				e.dst = append(e.dst, ' ')
				e.dst = appendPIData(e.dst, text)
			}
			e.dst = append(e.dst, "?>"...)
		case elementNode:
			switch {
			case in.suppressed(n):
			case in.hasArray(n):
				e.special(opXMLRepeated, in, i, i, new(object), depth)
			default:
				e.xmlElement(in, i, depth)
			}
		}
	}
}

// xmlRepeated prints an element once for each item of its arrays.
func (e *encoder) xmlRepeated(in *instance, i, depth int) {
	in.repeatItems(&in.nodes[i], func(int) { e.xmlElement(in, i, depth) })
}

// appendPIData appends the data of a processing instruction as XML can hold it: as it is, but
// for what would end the instruction.
func appendPIData(dst []byte, text string) []byte {
	return appendString(dst, strings.ReplaceAll(text, "?>", "? >"), escapePI)
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
				e.dst = a.parts[p].text.append(e.dst, escapeAttr)
			} else {
				e.text(in, a.parts[p].sub, escapeAttr)
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

func (e *encoder) xmlValue(in *instance, sub, depth int) {
	switch in.value(sub).Type {
	case TypeNull:
	case TypeBinXML:
		e.special(opXMLNested, in, sub, sub, new(object), depth)
	default:
		e.text(in, sub, escapeXML)
	}
}

// xmlNested prints the fragment in a value.
func (e *encoder) xmlNested(in *instance, sub, depth int) {
	inner := e.nested(in.value(sub), depth)
	if p := e.program(formXML, inner); p != nil {
		e.run(p, inner, depth+1)
		return
	}
	e.xmlNodes(inner, 0, len(inner.nodes), depth+1)
}
