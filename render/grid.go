package render

import (
	"bufio"
	"io"
	"strings"
)

// gridColumn is a column of a [grid].
type gridColumn struct {
	title inert
	// right is set for numbers: they stand at the right, and are never cut.
	right bool
	// most is how wide the column gets, in cells, where lines may not be longer than the page.
	most int
}

// gridHeld is how many rows a grid looks at before it decides how wide its columns are. Rows
// are written as they come after that, so that any number of them takes no memory.
const gridHeld = 200

// gridMost is how wide a column gets where lines may be of any length: one long name shall not
// push all other rows apart.
const gridMost = 60

// grid writes rows whose cells stand in columns, the last of which takes what is left of a
// line.
type grid struct {
	out     *bufio.Writer
	columns []gridColumn
	// width is that of the page in cells; 0 lets lines be as long as they are.
	width  int
	indent int
	held   [][]inert
	widths []int // nil until they are decided
}

func newGrid(w io.Writer, width int, columns []gridColumn) *grid {
	g := &grid{out: bufio.NewWriter(w), columns: columns, width: width}
	titles := make([]inert, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	g.held = append(g.held, titles)
	return g
}

// add writes a row, or keeps it until the widths are decided. The error is that of the writer.
func (g *grid) add(cells []inert) error {
	if g.widths != nil {
		return g.row(cells)
	}
	g.held = append(g.held, cells)
	if len(g.held) > gridHeld {
		return g.decide()
	}
	return nil
}

// end writes what is left.
func (g *grid) end() error {
	if g.widths == nil {
		if err := g.decide(); err != nil {
			return err
		}
	}
	return g.out.Flush()
}

// decide sets the widths and writes the rows that were kept.
func (g *grid) decide() error {
	g.widths = make([]int, len(g.columns))
	for _, row := range g.held {
		for i, c := range row {
			most := gridMost
			if g.width > 0 && g.columns[i].most > 0 {
				most = g.columns[i].most
			}
			g.widths[i] = max(g.widths[i], min(cells(c), most))
		}
	}
	for _, row := range g.held {
		if err := g.row(row); err != nil {
			return err
		}
	}
	g.held = nil
	return nil
}

// row writes one row.
func (g *grid) row(row []inert) error {
	var line strings.Builder
	line.WriteString(strings.Repeat(" ", g.indent))
	for i, c := range row {
		last := i == len(row)-1
		if g.width > 0 && !last && !g.columns[i].right {
			c = fit(c, g.widths[i])
		}
		pad := strings.Repeat(" ", max(g.widths[i]-cells(c), 0))
		switch {
		case g.columns[i].right:
			line.WriteString(pad + string(c))
		case last:
			line.WriteString(string(c))
		default:
			line.WriteString(string(c) + pad)
		}
		if !last {
			line.WriteString("  ")
		}
	}
	text := inert(strings.TrimRight(line.String(), " "))
	if g.width > 0 {
		text = fit(text, g.width)
	}
	g.out.WriteString(strings.ReplaceAll(string(text), nbsp, " "))
	return g.out.WriteByte('\n') // repeats an error of WriteString
}
