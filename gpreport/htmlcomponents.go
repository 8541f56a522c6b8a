package gpreport

import (
	"strings"

	"golang.org/x/net/html"
)

// maxComponents bounds the components of a scope: Windows has some forty.
const maxComponents = 256

// The columns of the table of components, of which a simulation has the first two only.
const (
	componentName = iota
	componentStatus
	componentTaken
	componentProcessed
	componentColumns = 5
	modelledColumns  = 2
)

// components reads the table of components. That of a simulation has two columns and another
// class, because a simulation knows no times.
func (in *interpreter) components(s *Scope, body *html.Node, computer bool) {
	table := in.find(body, "table")
	if table == nil {
		return
	}
	columns := 0
	var rows []*html.Node // beside s.Components
	for _, row := range tableRows(table) {
		cells, header, detail := rowCells(row)
		if n := len(cells); columns == 0 && (n == componentColumns || n == modelledColumns) {
			columns = n
		}
		n := len(s.Components)
		switch {
		case header || len(cells) == 0 || n >= maxComponents:
		case !in.closed(row):
			s.Incomplete = true
		case detail && n > 0:
			last := &s.Components[n-1]
			last.Error = strings.TrimSpace(last.Error + " " + text(row))
		case !detail && len(cells) == columns:
			s.Components = append(s.Components, in.component(cells))
			rows = append(rows, row)
		default:
			in.rep.warn(OddRow, in.doc.lines[row], "a row of components has not %d cells and was left out: %q", columns, text(row))
		}
	}
	in.timed = in.timed || columns == componentColumns || columns == 0 && hasClass(table, "info3")
	in.failedComponents(s, rows, computer)
}

// component reads one row. The link to the details has the identifiers.
func (in *interpreter) component(cells []*html.Node) Component {
	c := Component{Name: text(cells[componentName]), Status: text(cells[componentStatus])}
	if len(cells) < componentColumns {
		return c
	}
	c.Taken = text(cells[componentTaken])
	c.Processed = in.localTime(text(cells[componentProcessed]))
	if link := in.find(cells[componentProcessed], "["+extensionAttr+"]"); link != nil {
		c.GUID = strings.ToUpper(attr(link, extensionAttr))
		c.ActivityID = strings.ToUpper(attr(link, activityAttr))
	}
	return c
}

// failedComponents marks a scope incomplete if policy, or the computer's security settings,
// could not be applied: what the report shows may then not be what the GPOs say. Windows 8
// does not say which extension a component is.
func (in *interpreter) failedComponents(s *Scope, rows []*html.Node, computer bool) {
	fine := make(map[string]bool) // the statuses of those without an error
	for _, c := range s.Components {
		fine[c.Status] = fine[c.Status] || c.Error == ""
	}
	for i, c := range s.Components {
		if in.matters(c, computer) && failed(c, fine[c.Status]) {
			s.Incomplete = true
			in.rep.warn(ExtensionFailed, in.doc.lines[rows[i]], "Windows says of %q: %s. %s", c.Name, c.Status, c.Error)
		}
	}
}

// matters reports whether what a component does decides the rights of a computer.
func (in *interpreter) matters(c Component, computer bool) bool {
	switch {
	case c.GUID != "":
		return c.GUID == Infrastructure || computer && c.GUID == SecurityExtension
	case in.rep.Language != "en":
		return computer // it may be one of them
	}
	return labels().is(c.Name, "component-infrastructure") || computer && labels().is(c.Name, "component-security")
}

// failed reports whether a component failed. Of a status whose word is not known, an error below
// it is taken for a failure, unless others have that status without any.
func failed(c Component, fine bool) bool {
	if labels().is(c.Status, "status-failed") {
		return true
	}
	return c.Error != "" && !fine && !labels().is(c.Status, "status-success")
}
