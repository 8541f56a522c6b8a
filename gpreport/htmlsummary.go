package gpreport

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// summary reads what stands above the halves: a division about the computer and one about the
// user.
func (in *interpreter) summary() {
	halves := in.tree.Find("div.rsopsummary > div.container > div.he2i")
	for i, s := range []*Scope{in.rep.Computer, in.rep.User} {
		if s != nil && i < halves.Length() {
			in.summaryOf(s, halves.Get(i))
		}
	}
}

// summaryOf reads one division. Its first row is "During last computer policy refresh on …",
// which a simulation does not have; tables within the others name GPOs.
func (in *interpreter) summaryOf(s *Scope, n *html.Node) {
	if first := in.find(n, "table"); first != nil {
		if rows := tableRows(first); len(rows) > 0 && in.closed(rows[0]) {
			if sentence := text(rows[0]); datePattern.MatchString(plainSpaces(sentence)) {
				s.Refreshed = in.localTime(sentence)
			}
		}
	}
	for c := range n.ChildNodes() {
		if c.DataAtom != atom.Table {
			continue
		}
		for _, row := range tableRows(c) {
			in.summaryRow(s, row)
		}
	}
}

func (in *interpreter) summaryRow(s *Scope, row *html.Node) {
	cells, _, _ := rowCells(row)
	nested := false
	for _, cell := range cells {
		for t := range cell.ChildNodes() {
			if t.DataAtom == atom.Table {
				nested = true
				in.summaryTable(s, t)
			}
		}
	}
	sentence := text(row)
	if nested || sentence == "" || !in.closed(row) {
		return
	}
	s.Summary = append(s.Summary, sentence)
}

// summaryTable reads a table in the summary: one of sentences, or of GPOs and what is said of
// them.
func (in *interpreter) summaryTable(s *Scope, t *html.Node) {
	alerts := false
	for _, row := range tableRows(t) {
		cells, header, detail := rowCells(row)
		switch {
		case header:
			alerts = len(cells) == 2
		case alerts && len(cells) == 2 && !detail && in.closed(row):
			s.Alerts = append(s.Alerts, Alert{GPO: text(cells[0]), Text: text(cells[1])})
		default:
			in.summaryRow(s, row)
		}
	}
}

// wmiFilters reads the table of WMI filters. Without any it says so in one cell.
func (in *interpreter) wmiFilters(s *Scope, body *html.Node) {
	table := in.find(body, "table")
	if table == nil {
		return
	}
	for _, row := range tableRows(table) {
		cells, header, detail := rowCells(row)
		if !header && !detail && len(cells) == 3 && in.closed(row) {
			s.WMIFilters = append(s.WMIFilters, WMIFilter{Name: text(cells[0]), Value: text(cells[1]), GPOs: textLines(cells[2])})
		}
	}
}
