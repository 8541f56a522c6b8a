package gpreport_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

// node is an element as a reader that knows nothing of policy sees it.
type node struct {
	name, space, text string
	line              int
	attrs             []xml.Attr
	children          []*node
}

// parseNodes reads all elements of a text below one that has no name.
func parseNodes(t *testing.T, text string) *node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	root := &node{}
	open := []*node{root}
	for {
		line, _ := d.InputPos()
		tok, err := d.Token()
		if err == io.EOF {
			return root
		}
		if err != nil {
			t.Fatal(err)
		}
		top := open[len(open)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{name: tok.Name.Local, space: tok.Name.Space, line: line, attrs: tok.Attr}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(tok)
		}
	}
}

// all returns the elements with a name at any depth, but for those within one of them.
func (n *node) all(name string) (list []*node) {
	for _, c := range n.children {
		if c.name == name {
			list = append(list, c)
		} else {
			list = append(list, c.all(name)...)
		}
	}
	return list
}

func (n *node) has(name string) bool {
	return slices.ContainsFunc(n.children, func(c *node) bool { return c.name == name })
}

// texts are the texts of elements without others, and the attributes that are no declarations.
func (n *node) texts() (list []string) {
	for _, a := range n.attrs {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" && !strings.HasSuffix(a.Name.Space, "XMLSchema-instance") {
			list = append(list, a.Value)
		}
	}
	if len(n.children) == 0 || strings.TrimSpace(n.text) != "" {
		list = append(list, n.text)
	}
	for _, c := range n.children {
		list = append(list, c.texts()...)
	}
	return list
}

// settingNodes are the elements of settings in a half: the children of blocks, or of profiles
// of the firewall, which hold several.
func settingNodes(half *node) (list []*node) {
	for _, block := range half.all("Extension") {
		for _, e := range block.children {
			switch {
			case strings.HasSuffix(e.name, "Profile") || e.name == "GlobalSettings":
				list = append(list, e.children...)
			case e.name != "Blocked":
				list = append(list, e)
			}
		}
	}
	return list
}

// parseXMLFile reads the only report of a real file, twice.
func parseXMLFile(t *testing.T, file string) (*node, *gpreport.Report) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	reports, err := gpreport.ParseAll(context.Background(), strings.NewReader(string(data)), int64(len(data)), gpreport.Config{})
	if err != nil || len(reports) != 1 || len(reports[0].Warnings) != 0 {
		t.Fatalf("%d reports, error %v", len(reports), err)
	}
	return parseNodes(t, utf16Text(string(data))).children[0], reports[0]
}

func realXML(t *testing.T) []string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(reportFile(t, "README.md").Name()), "*.xml"))
	if len(files) < 3 {
		t.Fatalf("only %q", files)
	}
	return files
}

// halves are the elements of the halves with the scopes that they became.
func halves(root *node, r *gpreport.Report) map[*node]*gpreport.Scope {
	m := make(map[*node]*gpreport.Scope)
	for _, n := range root.children {
		switch n.name {
		case "ComputerResults", "Computer":
			m[n] = r.Computer
		case "UserResults", "User":
			m[n] = r.User
		}
	}
	return m
}

// TestXMLCounts: a count of the elements that knows nothing of the reader finds as many
// settings of each kind.
func TestXMLCounts(t *testing.T) {
	total := 0
	for _, file := range realXML(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			root, r := parseXMLFile(t, file)
			for half, s := range halves(root, r) {
				want, got := make(map[string]int), make(map[string]int)
				for _, e := range settingNodes(half) {
					want[e.name]++
					total++
				}
				count := func(section []string) { got[section[len(section)-1]]++ }
				for _, set := range s.Settings {
					if set.Winner != (gpreport.GPORef{}) || len(set.Others) == 0 {
						count(set.Location.Section)
					}
					for _, o := range set.Others {
						count(o.Location.Section)
					}
				}
				for _, a := range s.Rights {
					count(a.Location.Section)
					for _, o := range a.Others {
						count(o.Location.Section)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-counted +read):\n%s", half.name, diff)
				}
				lists := map[string]int{
					"ExtensionStatus": len(s.Components), "SearchedSOM": len(s.SOMs), "SecurityGroup": len(s.Groups), "ExtensionData": len(s.Notes),
					"GPO": len(s.Applied) + len(s.Denied),
				}
				for name, n := range lists {
					children := 0
					for _, c := range half.children {
						if c.name == name {
							children++
						}
					}
					if children != n {
						t.Errorf("%s: %d elements %s, %d read", half.name, children, name, n)
					}
				}
			}
			events := 0
			for _, run := range r.Runs {
				events += len(run.Events)
			}
			if runs := root.all("SinglePassEventsDetails"); len(runs) != len(r.Runs) || events != len(root.all("EventRecord")) {
				t.Errorf("%d runs with %d events", len(r.Runs), events)
			}
		})
	}
	if total < 900 {
		t.Errorf("only %d settings were counted", total)
	}
}

// TestXMLNothingUnreachable: what the element of a setting says stands in that very setting,
// and what else a report says is in the report, but for what is the same in all reports.
func TestXMLNothingUnreachable(t *testing.T) {
	for _, file := range realXML(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			root, r := parseXMLFile(t, file)
			texts := 0
			missing := func(in reach, what string, n *node, texts []string) {
				for _, s := range texts {
					if !in.has(s) && !in.has(strings.ToUpper(s)) { // GUIDs are in upper case
						t.Errorf("line %d: %q of %s is not in %s", n.line, s, n.name, what)
					}
				}
			}
			for half, s := range halves(root, r) {
				byLine := make(map[int]any)
				for _, set := range s.Settings {
					byLine[set.Location.Line] = set
				}
				for _, a := range s.Rights {
					byLine[a.Location.Line] = a
				}
				for _, e := range settingNodes(half) {
					v, ok := byLine[e.line]
					if !ok {
						t.Errorf("line %d: no setting of %s", e.line, e.name)
						continue
					}
					in := reachOf(v)
					for _, c := range e.children {
						if c.name == "Precedence" {
							continue // 1, for the one that wins
						}
						list := c.texts()
						if slices.Contains([]string{"EditText", "Numeric", "DropDownList", "ListBox", "MultiText"}, c.name) && c.has("Value") {
							list = slices.DeleteFunc(list, func(s string) bool { return s == "Enabled" }) // as an option with a value is
						}
						if e.name == "UserRightsAssignment" && c.name == "Name" {
							list = nil // the constant, of which case does not matter
						}
						texts += len(list)
						missing(in, "the setting", c, list)
					}
				}
			}
			whole := newReach([]*gpreport.Report{r})
			other := otherwise(r)
			for _, s := range root.texts() {
				texts++
				if !other[strings.ToLower(s)] && !whole.has(s) && !whole.has(strings.ToUpper(s)) {
					t.Errorf("%q is nowhere", s)
				}
			}
			if texts < 1000 {
				t.Errorf("only %d texts", texts)
			}
		})
	}
}

// otherwise are texts, in lower case, that the model has in another form: constants, of which
// case does not matter, marks, and numbers.
func otherwise(r *gpreport.Report) map[string]bool {
	m := map[string]bool{"loggeddata": r.Results == gpreport.Logged}
	for _, s := range []*gpreport.Scope{r.Computer, r.User} {
		for _, a := range s.Rights {
			m[strings.ToLower(a.Right)] = true
		}
		for _, g := range append(slices.Clip(s.Applied), s.Denied...) {
			m["localgpo"] = m["localgpo"] || g.Local
			m[fmt.Sprint(g.RevisionAD)], m[fmt.Sprint(g.RevisionSysvol)] = true, true
		}
	}
	if d := r.Description; d != nil {
		m["apply group policy"] = len(d.SecurityFilters) > 0
	}
	return m
}

// reachOf finds texts in one value.
func reachOf(v any) reach {
	r := reach{whole: make(map[string]bool)}
	allStrings(reflect.ValueOf(v), r.whole)
	folded := make(map[string]bool)
	var parts []string
	for s := range r.whole {
		s = strings.Join(strings.Fields(s), " ")
		folded[s] = true
		parts = append(parts, s)
	}
	return reach{whole: folded, text: strings.Join(parts, "\x00")}
}
