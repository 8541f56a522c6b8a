package evtx

import "errors"

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
	return n.dep != none && in.value(n.dep).IsNull()
}

// repeats calls each for every item of the arrays that stand directly in the element, with
// the items in place of the arrays. An element without arrays comes once; so does one
// whose arrays are all empty, with null in their place. It reports whether there are arrays.
func (in *instance) repeats(n *node, each func(i int)) bool {
	var arrays []Value // parallel to n.holes
	for k, h := range n.holes {
		if v := in.value(h); v.Type&ArrayFlag != 0 {
			if arrays == nil {
				arrays = make([]Value, len(n.holes))
			}
			arrays[k] = v
		}
	}
	if arrays == nil {
		each(0)
		return false
	}
	rest := make([][]byte, len(arrays))
	for k := range arrays {
		rest[k] = arrays[k].raw
	}
	for i := 0; ; i++ {
		more := false
		for k, h := range n.holes {
			t := arrays[k].Type
			if t == TypeNull {
				continue
			}
			in.values[h] = Value{}
			if len(rest[k]) > 0 {
				typ := t &^ ArrayFlag
				in.values[h], rest[k] = typ.item(rest[k], typ.fixedSize(len(arrays[k].raw)))
			}
			more = more || len(rest[k]) > 0
		}
		each(i)
		if !more {
			break
		}
	}
	for k, h := range n.holes {
		if arrays[k].Type != TypeNull {
			in.values[h] = arrays[k]
		}
	}
	return true
}

// attributePresent reports whether an attribute is printed: one that consists of holes
// only is left out when all of them are null.
func (in *instance) attributePresent(a *attribute) bool {
	for i := range a.parts {
		if a.parts[i].sub == none || !in.value(a.parts[i].sub).IsNull() {
			return true
		}
	}
	return len(a.parts) == 0
}

// isBinXML reports whether a node is a hole that brings elements.
func (in *instance) isBinXML(n *node) bool {
	return n.kind == valueNode && in.value(n.sub).Type == TypeBinXML
}
