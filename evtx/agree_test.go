package evtx_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/compare"
)

// The three views of an event (XML, JSON, Data) come from one walk in the decoder. Here
// each is read back with the standard library and compared with the others.

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
	if _, err := compare.ParseXML(s); err != nil {
		t.Fatalf("bad XML: %v\n%.2000q", err, s)
	}
}

func validJSON(t testing.TB, s string) {
	t.Helper()
	if _, err := parseJSON(s); err != nil {
		t.Fatalf("bad JSON: %v\n%.2000q", err, s)
	}
}

// jsonShape is what the documentation of AppendJSON makes of an element: a string, or an
// object.
func jsonShape(n *compare.Node) any {
	obj := make(map[string]any)
	attrs := make(map[string]any)
	for _, a := range n.Attrs {
		if n.Name != "Data" || a[0] != "Name" {
			attrs[a[0]] = a[1]
		}
	}
	if len(attrs) == 0 && len(n.Children) == 0 {
		return n.Text
	}
	if len(attrs) > 0 {
		obj["#attributes"] = attrs
	}
	if n.Text != "" {
		obj["#text"] = n.Text
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
	for _, c := range n.Children {
		if c.Name == "Data" && len(c.Attrs) == 0 && len(c.Children) == 0 {
			unnamed = append(unnamed, c.Text)
			continue
		}
		key := c.Name
		if name, ok := c.Attr("Name"); ok && c.Name == "Data" && name != "" {
			key = name
		}
		add(key, jsonShape(c))
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
			text = compare.InXML(fmt.Sprint(got))
		}
		if text != w {
			return fmt.Errorf("%s: JSON has %q, XML %q", path, text, w)
		}
	}
	return nil
}

// leavesOf returns what Data should: the leaves of EventData and UserData.
func leavesOf(n *compare.Node, level int) (list []*compare.Node) {
	for _, c := range n.Children {
		switch {
		case level == 1 && (c.Name == "System" || c.Name == "RenderingInfo"):
		case level < 2 || len(c.Children) > 0:
			list = append(list, leavesOf(c, level+1)...)
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
	root, err := compare.ParseXML(string(x))
	if err != nil {
		return fmt.Errorf("XML: %w", err)
	}
	v, err := parseJSON(string(j))
	if err != nil {
		return fmt.Errorf("JSON: %w", err)
	}
	if err := sameShape("", v, map[string]any{root.Name: jsonShape(root)}); err != nil {
		return err
	}
	data, err := ev.Data()
	if err != nil {
		return fmt.Errorf("Data: %w", err)
	}
	if err := sameData(data, leavesOf(root, 1)); err != nil {
		return err
	}
	return sameSystem(ev, root.Child("System"))
}

func sameData(data []evtx.Datum, leaves []*compare.Node) error {
	if len(data) != len(leaves) {
		return fmt.Errorf("Data has %d items, XML %d leaves", len(data), len(leaves))
	}
	for i, d := range data {
		name, _ := leaves[i].Attr("Name")
		if d.Element != leaves[i].Name || compare.InXML(d.Name) != name || compare.InXML(d.Value.String()) != leaves[i].Text {
			return fmt.Errorf("Data has %s %q %q, XML %s %q %q", d.Element, d.Name, d.Value, leaves[i].Name, name, leaves[i].Text)
		}
	}
	return nil
}

func sameSystem(ev *evtx.Event, sys *compare.Node) error {
	text := func(name string) string { return sys.Child(name).Text }
	attr := func(name, attr string) string {
		v, _ := sys.Child(name).Attr(attr)
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
		if compare.InXML(f.got) != f.want {
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
