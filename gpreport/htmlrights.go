package gpreport

import (
	"strings"

	"golang.org/x/net/html"

	"github.com/gpevtx/gpevtx/sid"
)

// rightsTable reports whether a table is the one of user rights: by the heading
// above it, or as in languages whose heading is not known, because it has the
// form and names a right. candidate says that it has the form: as many columns as wanted
// below a heading of two parts, such as "Local Policies/User Rights Assignment".
func (in *interpreter) rightsTable(t *html.Node, heading, level string, wanted int) (rights, candidate bool) {
	if labels().is(heading, "user-rights-heading") {
		return true, true
	}
	if level != "3" || strings.Count(heading, "/") != 1 || labels().is(heading, "security-options-heading") {
		return false, false
	}
	columns := 0
	for _, r := range tableRows(t) {
		cells, header, detail := rowCells(r)
		if header {
			columns = len(cells)
			continue
		}
		if columns != wanted {
			return false, false
		}
		if detail || len(cells) != wanted {
			continue
		}
		if _, ok := LookupRight(text(cells[0])); ok {
			return true, true
		}
		candidate = true
	}
	return false, candidate
}

// rightsHeadingProven says whether the heading of the user rights is known from
// real reports in this language, so that its absence means that there are none.
// In other languages it is known from documentation, which may word it otherwise.
func (in *interpreter) rightsHeadingProven() bool {
	return labels().printed("user-rights-heading", in.rep.Language)
}

// rights reads the table of user rights: their names, the accounts and, if there are three
// columns, the winning GPOs.
func (in *interpreter) rights(s *Scope, t *html.Node, path []string, columns int) {
	n := 0
	for _, r := range tableRows(t) {
		cells, header, detail := rowCells(r)
		if header {
			continue
		}
		if !detail {
			n++
		}
		if !in.closed(r) {
			continue // cut off: the list of accounts may not be whole
		}
		if len(cells) != columns || detail {
			s.Incomplete = true
			in.rep.warn(OddRow, in.doc.lines[r], "a row of user rights has not %d cells and was left out: %q", columns, text(r))
			continue
		}
		a := Assignment{Display: text(cells[0]), Location: in.location(r, path, n)}
		a.Right, a.Origin = rightNames().meaning(a.Display)
		if columns > 2 {
			a.Winner.Name = text(cells[2])
		}
		var whole bool
		if a.Principals, whole = in.principals(cells[1], r); !whole {
			s.Incomplete = true
			in.rep.warn(LimitReached, in.doc.lines[r], "the list of %.80q has more than %d accounts and was left out", a.Display, maxPrincipals)
			continue
		}
		in.addRight(s, a)
	}
}

// addRight adds an assignment unless its right is there already.
func (in *interpreter) addRight(s *Scope, a Assignment) {
	line := a.Location.Line
	if a.Right == "" {
		// The English names are complete: an unknown one is a new right. In other
		// languages it can be any.
		if in.rep.Language != "en" {
			s.Incomplete = true
		}
		in.rep.warn(UnknownRight, line, "the user right %q is not known", a.Display)
	} else if first, ok := in.rightLines[a.Right]; ok {
		in.rep.warn(DuplicateRight, line, "the user right %s is already on line %d, which counts; this row's winner is %q and its accounts are %q",
			a.Right, first, a.Winner.Name, principalNames(a.Principals))
		return
	} else {
		in.rightLines[a.Right] = line
	}
	s.Rights = append(s.Rights, a)
}

func principalNames(list []sid.Principal) []string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
	}
	return names
}

// principals reads a list of accounts. Windows joins them by a comma and a
// space; neither names nor SIDs can have a comma or semicolon. The wide commas of
// East Asia could stand in a name, but so far nobody has seen a list from there,
// and a list taken for one name would hide its members.
//
// It reports false for a list that is longer than any policy's: half of it would be
// another list.
func (in *interpreter) principals(cell, row *html.Node) (list []sid.Principal, whole bool) {
	for _, line := range textLines(cell) {
		if strings.ContainsAny(line, ";，、；") {
			in.rep.warn(OddSeparator, in.doc.lines[row], "accounts are separated by something else than commas: %q", line)
		}
		for name := range strings.FieldsFuncSeq(line, isAccountSeparator) {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			if len(list) == maxPrincipals {
				return nil, false
			}
			list = append(list, sid.ParsePrincipal(name))
		}
	}
	return list, true
}

// maxPrincipals bounds the accounts of one right. Real lists have a few dozen.
const maxPrincipals = 10_000

func isAccountSeparator(r rune) bool { return strings.ContainsRune(",;，、；", r) }
