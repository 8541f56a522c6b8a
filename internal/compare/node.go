package compare

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Node is an element of an XML document.
type Node struct {
	Name     string
	Attrs    [][2]string // name and value, in order
	Text     string      // all of its own text, in one
	Children []*Node
}

// Attr returns the value of an attribute.
func (n *Node) Attr(name string) (string, bool) {
	for _, a := range n.Attrs {
		if a[0] == name {
			return a[1], true
		}
	}
	return "", false
}

// Child returns the first child of a name, an empty element when there is none.
func (n *Node) Child(name string) *Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return &Node{}
}

// maxDepth bounds the nesting of a document, which the comparisons walk recursively.
const maxDepth = 200

// ParseXML reads one document. Whatever makes it ill-formed is an error, an attribute that
// comes twice included. Prefixes stay parts of names.
func ParseXML(s string) (*Node, error) {
	d := xml.NewDecoder(strings.NewReader(s))
	top := &Node{}
	for stack := []*Node{top}; ; {
		tok, err := d.RawToken()
		n := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			c, err := element(tok)
			if err != nil {
				return nil, err
			}
			n.Children = append(n.Children, c)
			if stack = append(stack, c); len(stack) > maxDepth {
				return nil, fmt.Errorf("elements are nested more than %d deep", maxDepth)
			}
		case xml.EndElement:
			if n.Name != full(tok.Name) || n == top {
				return nil, fmt.Errorf("</%s> ends <%s>", full(tok.Name), n.Name)
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			n.Text += string(tok)
		case xml.ProcInst:
			if strings.EqualFold(tok.Target, "xml") {
				return nil, errors.New("an XML declaration inside of the document")
			}
		}
		if errors.Is(err, io.EOF) {
			return document(top, len(stack)-1)
		}
		if err != nil {
			return nil, err
		}
	}
}

// document returns the only element of top.
func document(top *Node, open int) (*Node, error) {
	if open != 0 || len(top.Children) != 1 || top.Text != "" {
		return nil, fmt.Errorf("%d elements at the top, %d left open", len(top.Children), open)
	}
	return top.Children[0], nil
}

func element(tok xml.StartElement) (*Node, error) {
	n := &Node{Name: full(tok.Name)}
	for _, a := range tok.Attr {
		if _, ok := n.Attr(full(a.Name)); ok {
			return nil, fmt.Errorf("attribute %s comes twice", full(a.Name))
		}
		n.Attrs = append(n.Attrs, [2]string{full(a.Name), a.Value})
	}
	return n, nil
}

func full(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// InXML is text as XML can hold it: characters that it cannot become U+FFFD.
func InXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return 0xfffd
		}
		return r
	}, s)
}
