package gpreport

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// settings reads all tables of a scope's settings section: the one of user
// rights, of computers only, and every other that has a column or a row with the
// winning GPO.
func (in *interpreter) settings(s *Scope, section block, path []string, computer bool) {
	in.collectionErrors(s, section.body)
	var unknown []string
	found := false
	top := len(path)
	eachTable(section.body, path, "", func(t *html.Node, path []string, level string) {
		if computer {
			heading := path[len(path)-1]
			rights, candidate := in.rightsTable(t, heading, level)
			if rights {
				found = true
				in.rights(s, t, path)
				return
			}
			if candidate {
				unknown = append(unknown, heading)
			}
		}
		in.settingsTable(s, t, path, top)
	})
	if !found && len(unknown) > 0 && !in.rightsHeadingProven() {
		s.Incomplete = true
		in.rep.warn(RightsNotFound, in.doc.lines[section.heading],
			"the table of user rights was not recognised; it may be one of %q", unknown)
	}
}

// settingsTable reads a table with a row for each setting, or one that stands
// for a single setting and names its winner in a row.
// The first top headings of path are those down to the settings section.
func (in *interpreter) settingsTable(s *Scope, t *html.Node, path []string, top int) {
	section := path[top:]
	var heads []string
	columns, row := 0, 0 // columns is how many a row must have, if the last is the winner
	for _, r := range tableRows(t) {
		cells, header, detail := rowCells(r)
		if header {
			heads = heads[:0]
			for _, c := range cells {
				heads = append(heads, text(c))
			}
			columns = 0
			if len(heads) >= 3 && in.isWinnerHead(heads) {
				columns = len(heads)
			}
			continue
		}
		if detail {
			continue
		}
		row++
		if !in.closed(r) {
			continue
		}
		setting := Setting{Section: section, Location: in.location(r, path, row)}
		switch {
		case columns > 0 && len(cells) == columns:
			last := len(cells) - 1
			setting.Name = text(cells[0])
			setting.Value = settingValue(heads[1:last], cells[1:last])
			setting.Winner.Name = text(cells[last])
		case len(heads) == 0 && len(cells) == 2 && labels().is(text(cells[0]), "th-winning-gpo") && len(section) > 0:
			setting.Section = section[:len(section)-1]
			setting.Name = section[len(section)-1]
			setting.Winner.Name = text(cells[1])
		default:
			continue
		}
		s.Settings = append(s.Settings, setting)
	}
}

// isWinnerHead reports whether the last column is the winning GPO. In a language
// whose word for it is not known, it is if there are three columns.
func (in *interpreter) isWinnerHead(heads []string) bool {
	last := heads[len(heads)-1]
	return labels().is(last, "th-winning-gpo") || in.rep.Language == "" && len(heads) == 3
}

// settingValue is the value of a setting: one cell, or several with their heads.
func settingValue(heads []string, cells []*html.Node) string {
	if len(cells) == 1 {
		return text(cells[0])
	}
	var parts []string
	for i, c := range cells {
		if v := text(c); v != "" {
			parts = append(parts, heads[i]+": "+v)
		}
	}
	return strings.Join(parts, "; ")
}

// collectionErrors looks for the sentence that settings could not be collected,
// after which their absence tells nothing. Only the English one is known.
func (in *interpreter) collectionErrors(s *Scope, n *html.Node) {
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode && labels().startsWith(c.Data, "collection-error"):
			s.Incomplete = true
			in.rep.warn(CollectionError, in.doc.lines[n], "the report says: %s", foldBreaks(c.Data))
		case c.DataAtom == atom.Div || c.DataAtom == atom.Span:
			in.collectionErrors(s, c)
		}
	}
}
