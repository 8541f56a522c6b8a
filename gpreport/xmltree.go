package gpreport

import (
	"encoding/xml"
	"strings"
)

// element is an element of XML with all that stands in it. Only what describes one setting is
// held as a tree, so that of a large file only a small part is in memory at a time.
type element struct {
	name  string
	space string // the namespace
	line  int
	// attrs are the attributes but for those of XML itself: declarations of namespaces, and
	// the types and empty values of XML Schema.
	attrs    []Field
	children []*element
	// text is the element's own text, without blanks around it.
	text string
	// used says that a setting has the text already.
	used bool
	// item says that the element is a setting by itself, items that some within it are.
	item, items bool
}

// schemaInstance is the namespace of the attributes that say how XML Schema is to be read.
const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

// tree reads the element that was entered last and reports whether its end was there.
func (x *xmlReader) tree(start xml.StartElement) (*element, bool) {
	e := &element{name: x.shared(start.Name.Local), space: x.shared(start.Name.Space), line: x.line}
	for _, a := range start.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" && a.Name.Space == "" || a.Name.Space == schemaInstance {
			continue
		}
		e.attrs = append(e.attrs, Field{x.shared(a.Name.Local), foldBreaks(a.Value)})
	}
	x.charge(len(e.attrs))
	text, closed := x.content(func(child xml.StartElement) {
		c, ok := x.tree(child)
		if !ok {
			return
		}
		e.children = append(e.children, c)
		e.item = e.item || c.marksItem()
		e.items = e.items || c.item || c.items
	})
	e.text = strings.TrimSpace(text)
	return e, closed
}

// maxShared bounds the names that are held once only: reports have some hundred.
const maxShared = 4096

// shared returns one copy of a name.
func (x *xmlReader) shared(name string) string {
	if s, ok := x.names[name]; ok {
		return s
	}
	if len(x.names) < maxShared {
		x.names[name] = name
	}
	return name
}

// marksItem reports whether an element makes the one that it stands in a setting: the GPO and
// rank of a result, or what all items of preferences have.
func (e *element) marksItem() bool {
	if e.space == baseNS {
		return e.name == "GPO" || e.name == "Precedence"
	}
	return e.name == "Properties" || e.name == "GPOSettingOrder"
}

// leaf reports whether an element has nothing but a text.
func (e *element) leaf() bool { return len(e.children) == 0 && len(e.attrs) == 0 }

// child returns the first child with a name; nil for none.
func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// attr returns an attribute, whatever its case; "" for none.
func (e *element) attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.attrs {
		if strings.EqualFold(a.Name, name) {
			return a.Value
		}
	}
	return ""
}

// take returns the text of the first child that has one of the names, in their order, and
// nothing but a text; "" for none. The text is not taken again.
func (e *element) take(names ...string) string {
	if e == nil {
		return ""
	}
	for _, name := range names {
		for _, c := range e.children {
			if c.name == name && c.leaf() && c.text != "" && !c.used {
				c.used = true
				return foldBreaks(c.text)
			}
		}
	}
	return ""
}

// takeAll returns the texts of all children that have nothing but a text. They are not taken
// again.
func (e *element) takeAll() []string {
	if e == nil {
		return nil
	}
	var list []string
	for _, c := range e.children {
		if c.leaf() && c.text != "" && !c.used {
			c.used = true
			list = append(list, foldBreaks(c.text))
		}
	}
	return list
}

// flattener makes fields of elements. Texts that are used already are left out.
type flattener struct {
	x      *xmlReader
	fields []Field
}

func (f *flattener) add(path, value string) { f.fields = append(f.fields, Field{path, value}) }

// join joins the names of an element and of one in it.
func (f *flattener) join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	if f.x.charge((len(path) + len(name)) / bytesPerNode); f.x.err != nil {
		return path // what it is for is not kept
	}
	return path + nestedName + name
}

// flatten adds all texts and attributes in an element that is named path. An element without
// any is one with an empty text. It ends when a limit is reached.
func (f *flattener) flatten(e *element, path string) {
	if f.x.err != nil {
		return
	}
	for _, a := range e.attrs {
		f.add(f.join(path, a.Name), a.Value)
	}
	if !e.used && (e.text != "" || e.leaf()) {
		f.add(path, foldBreaks(e.text))
	}
	f.children(e, path)
}

// children does so for all children of an element. Those behind each other that have one name
// share it.
func (f *flattener) children(e *element, path string) {
	last, joined := "", ""
	for _, c := range e.children {
		name, value := c.name, (*element)(nil)
		if label := c.attr("NAME"); c.name == "PROPERTY" && label != "" {
			name, value = label, c.child("VALUE")
		}
		if name != last || joined == "" {
			last, joined = name, f.join(path, name)
		}
		if value != nil && len(c.attrs) == 1 && len(c.children) == 1 && c.text == "" {
			c = value
		}
		f.flatten(c, joined)
	}
}
