package evtx_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// The three views of an event (XML, JSON, Data) come from one walk in the decoder. Here
// each is read back with the standard library and compared with the others.

// xmlNode is an element as encoding/xml reads it, prefixes kept.
type xmlNode struct {
	name     string
	attrs    [][2]string
	text     string
	children []*xmlNode
}

func (n *xmlNode) attr(name string) (string, bool) {
	for _, a := range n.attrs {
		if a[0] == name {
			return a[1], true
		}
	}
	return "", false
}

func (n *xmlNode) child(name string) *xmlNode {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return &xmlNode{}
}

// parseXML reads one document and reports whatever makes it ill-formed, an attribute that
// comes twice included.
func parseXML(s string) (*xmlNode, error) {
	d := xml.NewDecoder(strings.NewReader(s))
	full := func(n xml.Name) string {
		if n.Space != "" {
			return n.Space + ":" + n.Local
		}
		return n.Local
	}
	top := &xmlNode{}
	stack := []*xmlNode{top}
	for {
		tok, err := d.RawToken()
		n := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			c := &xmlNode{name: full(tok.Name)}
			for _, a := range tok.Attr {
				if _, ok := c.attr(full(a.Name)); ok {
					return nil, fmt.Errorf("attribute %s comes twice", full(a.Name))
				}
				c.attrs = append(c.attrs, [2]string{full(a.Name), a.Value})
			}
			n.children = append(n.children, c)
			stack = append(stack, c)
		case xml.EndElement:
			if n.name != full(tok.Name) || n == top {
				return nil, fmt.Errorf("</%s> ends <%s>", full(tok.Name), n.name)
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			n.text += string(tok)
		case xml.ProcInst:
			if strings.EqualFold(tok.Target, "xml") {
				return nil, errors.New("an XML declaration inside of the document")
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if len(stack) != 1 || len(top.children) != 1 || top.text != "" {
		return nil, fmt.Errorf("%d elements at the top, %d left open", len(top.children), len(stack)-1)
	}
	return top.children[0], nil
}

// parseJSON reads one value, objects as map[string]any, and reports keys that come twice.
func parseJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	v, err := jsonValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}

func jsonValue(d *json.Decoder) (any, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		m := make(map[string]any)
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			if _, ok := m[key.(string)]; ok {
				return nil, fmt.Errorf("key %q comes twice", key)
			}
			if m[key.(string)], err = jsonValue(d); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return m, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := jsonValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	}
	return tok, nil
}

func wellFormed(t testing.TB, s string) {
	t.Helper()
	if _, err := parseXML(s); err != nil {
		t.Fatalf("bad XML: %v\n%.2000q", err, s)
	}
}

func validJSON(t testing.TB, s string) {
	t.Helper()
	if _, err := parseJSON(s); err != nil {
		t.Fatalf("bad JSON: %v\n%.2000q", err, s)
	}
}

// inXML is text as XML can hold it.
func inXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return 0xfffd
		}
		return r
	}, s)
}

// jsonShape is what the documentation of AppendJSON makes of an element: a string, or an
// object.
func (n *xmlNode) jsonShape() any {
	obj := make(map[string]any)
	attrs := make(map[string]any)
	for _, a := range n.attrs {
		if n.name != "Data" || a[0] != "Name" {
			attrs[a[0]] = a[1]
		}
	}
	if len(attrs) == 0 && len(n.children) == 0 {
		return n.text
	}
	if len(attrs) > 0 {
		obj["#attributes"] = attrs
	}
	if n.text != "" {
		obj["#text"] = n.text
	}
	counts := make(map[string]int)
	add := func(key string, v any) {
		unique := key
		for obj[unique] != nil {
			counts[key]++
			unique = fmt.Sprintf("%s_%d", key, counts[key])
		}
		obj[unique] = v
	}
	var unnamed []any
	for _, c := range n.children {
		if c.name == "Data" && len(c.attrs) == 0 && len(c.children) == 0 {
			unnamed = append(unnamed, c.text)
			continue
		}
		key := c.name
		if name, ok := c.attr("Name"); ok && c.name == "Data" && name != "" {
			key = name
		}
		add(key, c.jsonShape())
	}
	switch len(unnamed) {
	case 0:
	case 1:
		add("Data", map[string]any{"#text": unnamed[0]})
	default:
		add("Data", map[string]any{"#text": unnamed})
	}
	return obj
}

// sameShape compares JSON with the shape of the XML. Types are lost in XML: null and an
// object of nothing are an empty text there.
func sameShape(path string, got, want any) error {
	if m, ok := got.(map[string]any); ok && len(m) == 0 {
		got = ""
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: JSON has %v, XML %v", path, got, want)
		}
		for key := range g {
			if _, ok := w[key]; !ok && (key != "#text" || g[key] != "") {
				return fmt.Errorf("%s/%s: only in JSON", path, key)
			}
		}
		for key, v := range w {
			if _, ok := g[key]; !ok {
				return fmt.Errorf("%s/%s: only in XML", path, key)
			}
			if err := sameShape(path+"/"+key, g[key], v); err != nil {
				return err
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Errorf("%s: JSON has %v, XML %v", path, got, want)
		}
		for i := range w {
			if err := sameShape(fmt.Sprint(path, "/", i), g[i], w[i]); err != nil {
				return err
			}
		}
	default:
		text := ""
		if got != nil {
			text = inXML(fmt.Sprint(got))
		}
		if text != w {
			return fmt.Errorf("%s: JSON has %q, XML %q", path, text, w)
		}
	}
	return nil
}

// leaves returns what Data should: the leaves of EventData and UserData.
func (n *xmlNode) leaves(level int) (list []*xmlNode) {
	for _, c := range n.children {
		switch {
		case level == 1 && (c.name == "System" || c.name == "RenderingInfo"):
		case level < 2 || len(c.children) > 0:
			list = append(list, c.leaves(level+1)...)
		default:
			list = append(list, c)
		}
	}
	return list
}

// checkViews compares XML, JSON, Data and System of an event with each other. An error
// names the view and the difference.
func checkViews(ev *evtx.Event) error {
	x, err := ev.AppendXML(nil)
	if err != nil {
		return fmt.Errorf("AppendXML: %w", err)
	}
	j, err := ev.AppendJSON(nil)
	if err != nil {
		return fmt.Errorf("AppendJSON: %w", err)
	}
	root, err := parseXML(string(x))
	if err != nil {
		return fmt.Errorf("XML: %w", err)
	}
	v, err := parseJSON(string(j))
	if err != nil {
		return fmt.Errorf("JSON: %w", err)
	}
	if err := sameShape("", v, map[string]any{root.name: root.jsonShape()}); err != nil {
		return err
	}
	data, err := ev.Data()
	if err != nil {
		return fmt.Errorf("Data: %w", err)
	}
	if err := sameData(data, root.leaves(1)); err != nil {
		return err
	}
	return sameSystem(ev, root.child("System"))
}

func sameData(data []evtx.Datum, leaves []*xmlNode) error {
	if len(data) != len(leaves) {
		return fmt.Errorf("Data has %d items, XML %d leaves", len(data), len(leaves))
	}
	for i, d := range data {
		name, _ := leaves[i].attr("Name")
		if d.Element != leaves[i].name || inXML(d.Name) != name || inXML(d.Value.String()) != leaves[i].text {
			return fmt.Errorf("Data has %s %q %q, XML %s %q %q", d.Element, d.Name, d.Value, leaves[i].name, name, leaves[i].text)
		}
	}
	return nil
}

func sameSystem(ev *evtx.Event, sys *xmlNode) error {
	text := func(name string) string { return sys.child(name).text }
	attr := func(name, attr string) string {
		v, _ := sys.child(name).attr(attr)
		return v
	}
	number := func(n uint64, s string) bool {
		return s == "" && n == 0 || fmt.Sprint(n) == s || fmt.Sprintf("%#x", n) == s
	}
	for _, f := range []struct {
		name, got, want string
	}{
		{"Provider", ev.Provider, attr("Provider", "Name")},
		{"ProviderGUID", ev.ProviderGUID, attr("Provider", "Guid")},
		{"EventSourceName", ev.EventSourceName, attr("Provider", "EventSourceName")},
		{"Channel", ev.Channel, text("Channel")},
		{"Computer", ev.Computer, text("Computer")},
		{"ActivityID", ev.ActivityID, attr("Correlation", "ActivityID")},
		{"RelatedActivityID", ev.RelatedActivityID, attr("Correlation", "RelatedActivityID")},
		{"UserID", ev.UserID, attr("Security", "UserID")},
	} {
		if inXML(f.got) != f.want {
			return fmt.Errorf("%s is %q, in XML %q", f.name, f.got, f.want)
		}
	}
	for _, f := range []struct {
		name string
		got  uint64
		want string
	}{
		{"EventID", uint64(ev.EventID), text("EventID")},
		{"Qualifiers", uint64(ev.Qualifiers), attr("EventID", "Qualifiers")},
		{"Version", uint64(ev.Version), text("Version")},
		{"Level", uint64(ev.Level), text("Level")},
		{"Task", uint64(ev.Task), text("Task")},
		{"Opcode", uint64(ev.Opcode), text("Opcode")},
		{"Keywords", ev.Keywords, text("Keywords")},
		{"RecordID", ev.RecordID, text("EventRecordID")},
		{"ProcessID", uint64(ev.ProcessID), attr("Execution", "ProcessID")},
		{"ThreadID", uint64(ev.ThreadID), attr("Execution", "ThreadID")},
	} {
		if !number(f.got, f.want) {
			return fmt.Errorf("%s is %d, in XML %q", f.name, f.got, f.want)
		}
	}
	if got, want := ev.Time.Format("2006-01-02T15:04:05.0000000Z"), attr("TimeCreated", "SystemTime"); got != want && (want != "" || !ev.Time.IsZero()) &&
		ev.Time.Format("2006-01-02T15:04:05.000000000Z") != want { // nine digits in forwarded events
		return fmt.Errorf("Time is %s, in XML %q", got, want)
	}
	if ev.Location.Record != ev.RecordID || ev.Location.Channel != ev.Channel {
		return fmt.Errorf("Location %+v is not of record %d in %q", ev.Location, ev.RecordID, ev.Channel)
	}
	if !slices.IsSorted(ev.Matched) {
		return fmt.Errorf("Matched = %v is not sorted", ev.Matched)
	}
	return nil
}
