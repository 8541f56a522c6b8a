package gpreport

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/gpevtx/gpevtx/sid"
)

// likeness says how much a table looks like that of user rights.
type likeness int

const (
	otherTable   likeness = iota
	formOfRights          // it has the form: a heading of two parts, and as many columns
	someRights            // some of its rows name rights
	userRights            // it is
)

// likeRights tells whether a table is the one of user rights: by the heading above it, or,
// since reports word it in ways that are not known, because most of its rows name rights and
// have as many columns as wanted.
func (in *interpreter) likeRights(t *html.Node, heading, level string, wanted int) likeness {
	if labels().is(heading, "user-rights-heading") {
		return userRights
	}
	rows, known := in.rightRows(t, wanted)
	twoParts := level == "3" && strings.Count(heading, "/") == 1 && !labels().is(heading, "security-options-heading")
	switch {
	case known > 0 && 2*known >= rows:
		return userRights
	case known > 0:
		return someRights
	case twoParts && rows > 0:
		return formOfRights
	}
	return otherTable
}

// rightRows counts the rows of a table that has as many columns as wanted, and those that name
// a right. It gives up where the table cannot be that of user rights.
func (in *interpreter) rightRows(t *html.Node, wanted int) (rows, known int) {
	columns := 0
	for _, r := range tableRows(t) {
		cells, header, detail := rowCells(r)
		switch {
		case header:
			columns = len(cells)
		case columns != wanted:
			return 0, 0
		case detail || len(cells) != wanted:
		default:
			rows++
			if _, ok := LookupRight(text(cells[0])); ok {
				known++
			} else if rows > maxStrangers && known == 0 {
				return rows, 0
			}
		}
	}
	return rows, known
}

// maxStrangers is after how many rows that are no right a table is none of rights.
const maxStrangers = 64

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
		if len(cells) != columns || detail || in.doc.broken[r] {
			s.Incomplete = true
			s.leaveLastOpen(detail)
			in.rep.warn(OddRow, in.doc.lines[r], "a row of user rights is damaged or has not %d cells and was left out: %q", columns, text(r))
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

// addRight adds an assignment. Of a right that stands there already, no report tells which row
// counts.
func (in *interpreter) addRight(s *Scope, a Assignment) {
	line := a.Location.Line
	if a.Right == "" {
		s.Incomplete = true // it can be any right
		in.rep.warn(UnknownRight, line, "the user right %q is not known", a.Display)
		s.Rights = append(s.Rights, a)
		return
	}
	i, twice := in.rightPlaces[a.Right]
	if !twice {
		in.rightPlaces[a.Right] = len(s.Rights)
		s.Rights = append(s.Rights, a)
		return
	}
	first := &s.Rights[i]
	in.rep.warn(DuplicateRight, line, "the user right %s is already on line %d; this row's winner is %q and its accounts are %q",
		a.Right, first.Location.Line, a.Winner.Name, principalNames(a.Principals))
	if a.Winner != first.Winner || !slices.Equal(a.Principals, first.Principals) {
		first.Unsettled = true
		first.Others = append(first.Others, Loser{GPO: a.Winner, Principals: a.Principals, Location: a.Location})
	}
}

// leaveLastOpen says of the last right that its list may not be whole, because a row follows
// that may belong to it.
func (s *Scope) leaveLastOpen(detail bool) {
	if n := len(s.Rights); detail && n > 0 {
		s.Rights[n-1].Unsettled = true
	}
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
