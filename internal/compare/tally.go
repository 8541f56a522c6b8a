package compare

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Class is a kind of difference.
type Class struct {
	Right Side
	// Why says what makes that side right.
	Why string
}

// Side is who is right where two readers differ.
type Side string

// The sides.
const (
	Ours   Side = "ours"
	Theirs Side = "theirs"
	Both   Side = "both"
)

// Classes are the kinds of differences to one other reader, by name.
type Classes map[string]Class

// Tally counts the differences to one other reader. The zero value with Classes is ready to
// use; it is not safe for concurrent use.
type Tally struct {
	Classes Classes
	// Records and Equal count the records compared and the values that were equal.
	Records, Equal int

	kinds map[string]*kind
}

// kind is what was counted of one class.
type kind struct {
	count    int
	examples []string
}

const (
	// maxExamples is how many examples are kept of a class, maxUnknown of differences of
	// no class.
	maxExamples = 3
	maxUnknown  = 20
	// maxKinds bounds the classes that a hostile log can make up.
	maxKinds = 1000
)

// Note counts a difference at a place of the class; the format says what differs.
func (t *Tally) Note(class, place, format string, args ...any) {
	class = Inert(shorten(class))
	if t.kinds == nil {
		t.kinds = make(map[string]*kind)
	}
	k := t.kinds[class]
	if k == nil {
		if len(t.kinds) >= maxKinds {
			class = "more differences of no class"
			k = t.kinds[class]
		}
		if k == nil {
			k = &kind{}
			t.kinds[class] = k
		}
	}
	k.count++
	limit := maxExamples
	if _, known := t.Classes[class]; !known {
		limit = maxUnknown
	}
	if len(k.examples) < limit {
		example := strings.TrimSuffix(place+": "+fmt.Sprintf(format, args...), ": ")
		k.examples = append(k.examples, Inert(shorten(example)))
	}
}

// maxExample bounds an example, in bytes.
const maxExample = 400

func shorten(s string) string {
	if len(s) <= maxExample {
		return s
	}
	return strings.ToValidUTF8(s[:maxExample], "") + "…"
}

// Unknown notes a difference that is in no class.
func (t *Tally) Unknown(path, place, format string, args ...any) {
	t.Note("unknown: "+path, place, format, args...)
}

// Count returns how many differences of the class there are.
func (t *Tally) Count(class string) int {
	if k := t.kinds[class]; k != nil {
		return k.count
	}
	return 0
}

// UnknownClasses returns what was noted of no class, sorted.
func (t *Tally) UnknownClasses() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(t.kinds)) {
		if _, known := t.Classes[name]; !known {
			names = append(names, name)
		}
	}
	return names
}

// Unused returns the classes that did not occur, sorted.
func (t *Tally) Unused() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(t.Classes)) {
		if t.Count(name) == 0 {
			names = append(names, name)
		}
	}
	return names
}

// Examples returns the first differences of a class, with their places.
func (t *Tally) Examples(class string) []string {
	if k := t.kinds[class]; k != nil {
		return k.examples
	}
	return nil
}

// names returns what was noted: what is in no class first, then the most frequent first.
func (t *Tally) names() []string {
	return slices.SortedFunc(maps.Keys(t.kinds), func(a, b string) int {
		_, knownA := t.Classes[a]
		_, knownB := t.Classes[b]
		switch {
		case knownA && !knownB:
			return 1
		case !knownA && knownB:
			return -1
		case t.kinds[a].count != t.kinds[b].count:
			return t.kinds[b].count - t.kinds[a].count
		}
		return strings.Compare(a, b)
	})
}

// Inert is text that does nothing to a terminal: characters that do not print are shown as
// escapes.
func Inert(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(q[1 : len(q)-1])
}

// Text writes the tally for people, with up to n examples of each class; of what is in no
// class it writes all that were kept.
func (t *Tally) Text(w io.Writer, n int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "records compared  %d\nvalues equal      %d\n", t.Records, t.Equal)
	for _, name := range t.names() {
		c, known := t.Classes[name]
		examples := t.kinds[name].examples
		if known {
			fmt.Fprintf(&b, "\n%d × %s\n    right  %s: %s\n", t.kinds[name].count, name, c.Right, c.Why)
			examples = examples[:min(n, len(examples))]
		} else {
			fmt.Fprintf(&b, "\n%d × %s\n    right  not known\n", t.kinds[name].count, name)
		}
		for _, e := range examples {
			fmt.Fprintf(&b, "    e.g.   %s\n", e)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the tally as a table with one example of each class.
func (t *Tally) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records compared, %d values equal.\n\n", t.Records, t.Equal)
	b.WriteString("| difference | count | right | why | for example |\n| --- | --: | --- | --- | --- |\n")
	for _, name := range t.names() {
		right, why := string(t.Classes[name].Right), t.Classes[name].Why
		if right == "" {
			right = "**not known**"
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", Cell(name), t.kinds[name].count, right, Cell(why), Cell(t.kinds[name].examples[0]))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Cell makes text plain in a cell of a Markdown table.
func Cell(s string) string {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "\r", " ",
		"|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, `\`, `\\`,
	).Replace(s)
}
