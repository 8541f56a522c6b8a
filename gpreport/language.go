package gpreport

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// languageLabels are the words that tell a report's language: headings of
// sections and columns. Words for local policy are left out, because some
// languages keep the English ones.
var languageLabels = map[string]bool{
	"title-results": true, "title-modeling": true, "data-collected": true, "summary": true,
	"computer-details": true, "user-details": true, "general": true, "component-status": true,
	"settings": true, "gpos": true, "wmi-filters": true, "policies": true, "preferences": true,
	"windows-settings": true, "security-settings": true, "administrative-templates": true,
	"user-rights-heading": true, "security-options-heading": true, "th-policy": true,
	"th-setting": true, "th-winning-gpo": true, "applied-gpos": true, "denied-gpos": true,
}

// language returns the language that most of the report's headings are in, or if
// no heading is known, most of the names of user rights; "" if neither tells.
func (in *interpreter) language() string {
	votes := make(map[string]int)
	seen := make(map[string]bool)
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := range n.ChildNodes() {
			switch {
			case c.DataAtom == atom.Th, headingLevel(c) != "", hasClass(c, "rsopheader"):
				vote(votes, seen, text(c))
				continue
			case attr(c, "id") == "dtstamp":
				label := plainSpaces(text(c))
				if raw, _ := findDate(label); raw != "" {
					label, _, _ = strings.Cut(label, raw)
				}
				vote(votes, seen, label)
				continue
			}
			walk(c)
		}
	}
	walk(in.doc.root)
	voteIsland(votes, in.doc.tail)
	if votes["en"] < minEnglish {
		delete(votes, "en")
	}
	if lang := mostVotes(votes); lang != "" {
		return lang
	}
	countRights(votes, in.doc.root)
	return mostVotes(votes)
}

// minEnglish is how many words make a report an English one. All words of English reports are
// known, so that even a short one has more; other languages share some, such as Spanish
// "General".
const minEnglish = 3

// maxIslandLabels bounds the words of the data island that are looked at: it has some
// twenty.
const maxIslandLabels = 64

// voteIsland counts the words of the data island at the end of a report. Windows puts them
// there under names that are the same in all languages, so that a word can be told from one
// that only looks like it.
func voteIsland(votes map[string]int, tail string) {
	for range maxIslandLabels {
		name, text, rest, ok := islandLabel(tail)
		if !ok {
			return
		}
		tail = rest
		for _, w := range labels().find(text) {
			if w.key == name {
				votes[w.lang]++
			}
		}
	}
}

// islandLabel returns the next word of the data island with its name, and what follows.
func islandLabel(tail string) (name, text, rest string, ok bool) {
	_, tail, ok = strings.Cut(tail, `<Label Name="`)
	if !ok {
		return "", "", "", false
	}
	name, rest, _ = strings.Cut(tail, `"`)
	label, rest, _ := strings.Cut(rest, "</Label>")
	_, text, _ = strings.Cut(label, "<ValueText>")
	text, _, _ = strings.Cut(text, "<")
	return name, html.UnescapeString(text[:min(len(text), 256)]), rest, true
}

// countRights votes for the languages in which first cells of rows are rights.
func countRights(votes map[string]int, n *html.Node) {
	for c := range n.ChildNodes() {
		if c.DataAtom != atom.Tr {
			countRights(votes, c)
			continue
		}
		if cells, header, detail := rowCells(c); len(cells) == 3 && !header && !detail {
			for _, w := range rightNames().find(text(cells[0])) {
				votes[w.lang]++
			}
		}
	}
}

// vote counts a heading once for each language in which it is one.
func vote(votes map[string]int, seen map[string]bool, heading string) {
	if seen[heading] {
		return
	}
	seen[heading] = true
	counted := make(map[string]bool)
	for _, w := range labels().find(heading) {
		if languageLabels[w.key] && !counted[w.lang] {
			counted[w.lang] = true
			votes[w.lang]++
		}
	}
}

// mostVotes returns the language with more votes than any other, or "".
func mostVotes(votes map[string]int) string {
	best, most, tie := "", 0, false
	for lang, n := range votes {
		switch {
		case n > most:
			best, most, tie = lang, n, false
		case n == most:
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}
