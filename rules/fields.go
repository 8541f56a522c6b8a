package rules

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields are the values of a YAML mapping by their keys.
type fields map[string]*yaml.Node

// key describes a key that a mapping may have.
type key struct {
	name     string
	required bool
}

// mapping reads a mapping with the keys given, and notes keys that are unknown, given
// twice or missing. It returns nil for a value that is no mapping.
func (s *source) mapping(n *yaml.Node, what string, keys []key) fields {
	if n.Kind != yaml.MappingNode {
		s.failAt(n, "%s must be a mapping of keys to values, not %s", what, kindName(n))
		return nil
	}
	f := fields{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		known := slices.ContainsFunc(keys, func(x key) bool { return x.name == k.Value })
		switch {
		case k.Kind != yaml.ScalarNode:
			s.failAt(k, "a key of %s must be a word, not %s", what, kindName(k))
		case !known && n.Style&yaml.FlowStyle != 0 && v.Tag == "!!null" && v.Value == "":
			s.failAt(k, "%s has no key %q; in { } a comma ends a value: put a value with a comma in quotes", what, k.Value)
		case !known:
			s.failAt(k, "%s has no key %q%s", what, k.Value, suggest(k.Value, keyNames(keys)))
		case f[k.Value] != nil:
			s.failAt(k, "the key %q is given twice", k.Value)
		default:
			f[k.Value] = v
		}
	}
	for _, k := range keys {
		if k.required && f[k.name] == nil {
			s.failAt(n, "%s lacks the key %q", what, k.name)
		}
	}
	return f
}

func keyNames(keys []key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

// pairs returns the keys and values of a mapping with keys of the writer's choice, in
// the order of the file.
func (s *source) pairs(n *yaml.Node, what string) [][2]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		s.failAt(n, "%s must be a mapping of names to values, not %s", what, kindName(n))
		return nil
	}
	var pairs [][2]*yaml.Node
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode:
			s.failAt(k, "a name in %s must be a word, not %s", what, kindName(k))
		case seen[k.Value]:
			s.failAt(k, "the name %q is given twice", k.Value)
		default:
			seen[k.Value] = true
			pairs = append(pairs, [2]*yaml.Node{k, n.Content[i+1]})
		}
	}
	return pairs
}

// list returns the elements of a sequence.
func (s *source) list(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		s.failAt(n, "%s must be a list, not %s", what, kindName(n))
		return nil
	}
	if len(n.Content) == 0 {
		s.failAt(n, "%s must not be an empty list: leave the key out", what)
	}
	return n.Content
}

// oneOrMore returns the elements of a sequence, or the scalar itself.
func (s *source) oneOrMore(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind == yaml.ScalarNode {
		return []*yaml.Node{n}
	}
	return s.list(n, what)
}

// scalar returns the text of any scalar that is not null, as it stands.
func (s *source) scalar(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Kind == yaml.MappingNode && isHole(s, n):
		s.failAt(n, "%s begins with {{: put it in quotes", what)
		return "", false
	case n.Kind != yaml.ScalarNode:
		s.failAt(n, "%s must be text, not %s", what, kindName(n))
		return "", false
	case n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		s.failAt(n, "%s is empty", what)
		return "", false
	}
	return n.Value, true
}

// text returns the text of a string without the space around it.
func (s *source) text(n *yaml.Node, what string) (string, bool) {
	v, ok := s.scalar(n, what)
	if ok && n.Tag != "!!str" {
		s.failAt(n, "%s must be text, not %s: put it in quotes", what, kindName(n))
		return "", false
	}
	return strings.TrimSpace(v), ok
}

// number returns an integer from low to high.
func (s *source) number(n *yaml.Node, what string, low, high int) (int, bool) {
	v, ok := s.scalar(n, what)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(v)
	if err != nil || n.Tag != "!!int" || i < low || i > high {
		s.failAt(n, "%s must be a whole number from %d to %d, not %q", what, low, high, v)
		return 0, false
	}
	return i, true
}

// boolean returns true or false.
func (s *source) boolean(n *yaml.Node, what string) bool {
	v, ok := s.scalar(n, what)
	if ok && v != "true" && v != "false" {
		s.failAt(n, "%s must be true or false, not %q", what, v)
	}
	return v == "true"
}

// kindName names what sort of value a node is.
func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "a number"
	case n.Tag == "!!bool":
		return "true or false"
	case n.Tag == "!!null":
		return "nothing"
	case n.Tag == "!!timestamp":
		return "a date"
	}
	return "text"
}

// suggest returns a hint at the known word nearest to a misspelt one, or "".
func suggest(word string, known []string) string {
	best, limit := "", 1+min(len(word)/4, 2)
	for _, k := range known {
		if d := editDistance(word, k, limit); d <= limit {
			best, limit = k, d-1
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + strconv.Quote(best) + "?"
}

// editDistance counts the letters to change, add or drop to turn a into b. It gives up
// beyond limit, and then returns more than that.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
