package evtx

import (
	"errors"
	"strings"
)

// encoder prints one event. It walks the compiled templates with the record's values;
// nothing is built in between.
type encoder struct {
	c     *chunk
	dst   []byte
	start int // where the event begins in dst
	// limit is how many bytes may be printed, and budget counts down with every node
	// visited: a record of some kilobytes can name the same value thousands of times.
	limit, budget int
	// spare holds an instance for each depth of nested BinXML, to be used again.
	spare []*instance
	keys  []usedKey
	err   error
	// trees is set where no program is used, and rec while one is made, where what is printed
	// goes into it.
	trees bool
	rec   *recorder
}

// errTooLarge is the error of an event whose printed form exceeds Config.MaxEventSize.
var errTooLarge = errors.New("the event is larger than the limit when its values are put in")

// spend takes n from the budget and reports whether any is left. Between two calls at most
// one element's worth is printed.
func (e *encoder) spend(n int) bool {
	e.budget -= n
	if (e.budget < 0 || len(e.dst)-e.start > e.limit) && e.err == nil {
		e.err = errTooLarge
	}
	return e.err == nil
}

// nested reads a BinXML value for the given depth.
func (e *encoder) nested(v Value, depth int) *instance {
	e.spend(len(v.raw))
	for len(e.spare) <= depth {
		e.spare = append(e.spare, new(instance))
	}
	in := e.spare[depth]
	if err := e.c.nestedAt(in, v, depth+1); err != nil {
		if e.err == nil {
			e.err = err
		}
		in.template, in.values = emptyTemplate, nil
	}
	return in
}

// literal returns the template instance that stands in a literal fragment.
func (e *encoder) literal(n *node) *instance {
	e.spend(len(n.nested.values))
	return n.nested.copy()
}

// suppressed reports whether the element is left out because the value that it depends on
// is null.
func (in *instance) suppressed(n *node) bool {
	return n.dep != none && in.isNull(n.dep)
}

// isNull reports whether the i-th value is null or not there.
func (in *instance) isNull(i int) bool {
	return uint(i) >= uint(len(in.values)) || in.values[i].Type == TypeNull
}

// repeats calls each for every item of the arrays that stand directly in the element, with
// the items in place of the arrays ([MS-EVEN6] 3.1.4.7.5). An element without arrays comes
// once; so does one whose arrays are all empty, with null in their place.
func (in *instance) repeats(n *node, each func(i int)) {
	if in.hasArray(n) {
		in.repeatItems(n, each)
	} else {
		each(0)
	}
}

// hasArray reports whether an array stands directly in the element.
func (in *instance) hasArray(n *node) bool {
	for _, h := range n.holes {
		if h < len(in.values) && in.values[h].Type&ArrayFlag != 0 {
			return true
		}
	}
	return false
}

func (in *instance) repeatItems(n *node, each func(i int)) {
	var few [4]arrayHole // templates have one array in an element, if any
	arrays := few[:0]
	for _, h := range n.holes {
		if v := in.value(h); v.Type&ArrayFlag != 0 {
			arrays = append(arrays, arrayHole{hole: h, array: v, rest: v.raw})
		}
	}
	for i, more := 0, true; more; i++ {
		more = false
		for k := range arrays {
			a := &arrays[k]
			in.values[a.hole] = a.next()
			more = more || len(a.rest) > 0
		}
		each(i)
	}
	for k := range arrays {
		in.values[arrays[k].hole] = arrays[k].array
	}
}

// arrayHole is a hole whose value is an array, of which rest is still to come.
type arrayHole struct {
	hole  int
	array Value
	rest  []byte
}

// next takes the next item, null behind the last.
func (a *arrayHole) next() (item Value) {
	if len(a.rest) > 0 {
		t := a.array.Type &^ ArrayFlag
		item, a.rest = t.item(a.rest, t.fixedSize(len(a.array.raw)))
	}
	return item
}

// attributePresent reports whether an attribute is printed: one that consists of nothing,
// or of holes only whose values are all null, is left out ([MS-EVEN6] 2.2.12.2).
func (in *instance) attributePresent(a *attribute) bool { return in.hasText(a.parts) }

// hasText reports whether one of the pieces is a literal or a value that is not null.
func (in *instance) hasText(pieces []part) bool {
	for i := range pieces {
		if pieces[i].sub == none || !in.isNull(pieces[i].sub) {
			return true
		}
	}
	return false
}

// join returns the text of several pieces.
func (e *encoder) join(in *instance, pieces []part) string {
	if len(pieces) == 1 && pieces[0].sub == none {
		return pieces[0].text.String()
	}
	var s strings.Builder
	for i := range pieces {
		text := in.pieceText(&pieces[i])
		if !e.spend(len(text)) {
			break
		}
		s.WriteString(text)
	}
	return s.String()
}

func (in *instance) pieceText(p *part) string {
	if p.sub == none {
		return p.text.String()
	}
	return in.value(p.sub).String()
}

// isBinXML reports whether a node is a hole that brings elements.
func (in *instance) isBinXML(n *node) bool {
	return n.kind == valueNode && in.value(n.sub).Type == TypeBinXML
}

// isText reports whether a node is text of the element that it stands in.
func (in *instance) isText(n *node) bool {
	return n.kind == textNode || n.kind == valueNode && in.value(n.sub).Type != TypeBinXML
}

// textPieces counts the pieces of text in element i, and returns the index of the last.
func (in *instance) textPieces(i int) (count, last int) {
	for j := i + 1; j < in.nodes[i].end; j = in.next(j) {
		if in.isText(&in.nodes[j]) {
			count++
			last = j
		}
	}
	return count, last
}
