package gpreport

import "github.com/PuerkitoBio/goquery"

// gpoReport reads a report of one GPO.
func (in *interpreter) gpoReport() {
	in.rep.Kind, in.rep.Results = GPOReportHTML, Defined
	in.rep.Description = &Description{}
	in.tree.Find("table.title td.gponame").Each(func(_ int, s *goquery.Selection) {
		in.rep.GPO.Name = text(s.Get(0))
	})
}
