package gpreport

import (
	"cmp"
	"strings"

	"github.com/PuerkitoBio/goquery"
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
)

// components reads the table of components. A simulation knows no times; its table has
// another class.
func (in *interpreter) components(s *Scope, body *html.Node) {
	table := goquery.NewDocumentFromNode(body).Find("table").First()
	if !table.HasClass("info3") {
		return
	}
	in.timed = true
	for _, row := range tableRows(table.Get(0)) {
		cells, header, detail := rowCells(row)
		n := len(s.Components)
		switch {
		case header || !in.closed(row) || n >= maxComponents:
		case detail && n > 0:
			s.Components[n-1].Error = cmp.Or(s.Components[n-1].Error, shortMessage(text(row)))
		case !detail && len(cells) == componentColumns:
			s.Components = append(s.Components, in.component(cells))
		}
	}
}

// component reads one row. The link to the details has the identifiers.
func (in *interpreter) component(cells []*html.Node) Component {
	c := Component{
		Name: text(cells[componentName]), Status: text(cells[componentStatus]), Taken: text(cells[componentTaken]),
		Processed: in.localTime(text(cells[componentProcessed])),
	}
	link := goquery.NewDocumentFromNode(cells[componentProcessed]).Find("[" + extensionAttr + "]").First()
	c.GUID = strings.ToUpper(link.AttrOr(extensionAttr, ""))
	c.ActivityID = strings.ToUpper(link.AttrOr(activityAttr, ""))
	return c
}
