package gpreport

import (
	"cmp"
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// rightConstant is the form of a user right's constant.
var rightConstant = regexp.MustCompile(`^(?i:Se[A-Za-z]+(?:Right|Privilege))$`)

// rsopRight is one element of user rights: what one GPO defines for one right.
type rsopRight struct {
	name       string
	principals []sid.Principal
	gpo        gpoID
	// precedence is 1 for the GPO whose list counts and more for those that lose; 0
	// if it was not understood.
	precedence int
	// odd says that the element is not as expected, so that its list may not be whole.
	odd       bool
	row, line int
}

// row counts an element below the blocks of settings and returns its number.
func (h *rsopHalf) row(name string) int {
	h.rows[name]++
	return h.rows[name]
}

// right reads an element of user rights.
func (h *rsopHalf) right() {
	r := rsopRight{row: h.row("UserRightsAssignment"), line: h.x.line}
	var precedence string
	closed := h.x.each(func(e xml.StartElement) {
		switch e.Name {
		case xml.Name{Space: baseNS, Local: "GPO"}:
			r.gpo = h.gpoRef()
		case xml.Name{Space: baseNS, Local: "Precedence"}:
			precedence, _ = h.x.text()
		case xml.Name{Space: securityNS, Local: "Name"}:
			r.name, _ = h.x.text()
		case xml.Name{Space: securityNS, Local: "Member"}:
			p, _ := h.principal()
			r.odd = r.odd || p == (sid.Principal{})
			r.principals = append(r.principals, p)
		default:
			// One of these from another namespace may change what the others mean.
			r.odd = r.odd || slices.Contains([]string{"GPO", "Precedence", "Name", "Member"}, e.Name.Local)
		}
	})
	if !closed {
		return // the list of accounts may not be whole
	}
	r.precedence = readPrecedence(precedence)
	h.rights = append(h.rights, r)
}

// gpoRef reads a reference to a GPO.
func (h *rsopHalf) gpoRef() gpoID {
	var identifier, domain string
	h.x.fields(typesNS, map[string]*string{"Identifier": &identifier, "Domain": &domain})
	return newGPOID(identifier, domain)
}

// readPrecedence reads the rank of an element; one without a rank has no rival.
func readPrecedence(s string) int {
	n, _ := strconv.ParseUint(cmp.Or(s, "1"), 10, 31)
	return int(n)
}

// listRights makes the list of rights: the GPO with precedence 1 wins.
func (h *rsopHalf) listRights() {
	byRight := make(map[string]*rsopContest)
	var contests []*rsopContest
	for i := range h.rights {
		r := &h.rights[i]
		if r.odd || r.name == "" || r.precedence == 0 {
			h.incomplete(OddRow, r.line, "an element of user rights has an unexpected form and was left out: %q", r.name)
			continue
		}
		key := strings.ToLower(r.name)
		c := byRight[key]
		if c == nil {
			c = &rsopContest{}
			byRight[key] = c
			contests = append(contests, c)
		}
		if first := c.add(r); first != nil {
			h.rep.warn(DuplicateRight, r.line, "the user right %s is already on line %d, which counts; this element's accounts are %q",
				r.name, first.line, principalNames(r.principals))
		}
	}
	won := func(c *rsopContest) int {
		if c.winner == nil {
			return 0
		}
		return c.winner.row
	}
	slices.SortStableFunc(contests, func(a, b *rsopContest) int { return cmp.Compare(won(a), won(b)) })
	path := []string{h.name, "ExtensionData", "Extension", "UserRightsAssignment"}
	for _, c := range contests {
		if c.winner == nil {
			// What loses says nothing of what applies.
			h.incomplete(OddRow, c.losers[0].line, "only elements that lose define the user right %s, which was left out", c.losers[0].name)
			continue
		}
		h.s.Rights = append(h.s.Rights, h.assignment(c, path))
	}
}

// rsopContest is what several GPOs define for one right.
type rsopContest struct {
	winner *rsopRight
	losers []*rsopRight
}

// add returns the winner if r claims to be another one.
func (c *rsopContest) add(r *rsopRight) (first *rsopRight) {
	switch {
	case r.precedence > 1:
		c.losers = append(c.losers, r)
	case c.winner == nil:
		c.winner = r
	default:
		return c.winner
	}
	return nil
}

// assignment makes the row of a right.
func (h *rsopHalf) assignment(c *rsopContest, path []string) Assignment {
	r := c.winner
	a := Assignment{Principals: r.principals, Location: h.location(path, r.row, r.line)}
	known := false
	if a.Right, known = canonicalRight(r.name); !known {
		if a.Display = r.name; rightConstant.MatchString(r.name) {
			a.Right = r.name
		} else {
			h.s.Incomplete = true // it can be any right
		}
		h.rep.warn(UnknownRight, r.line, "the user right %q is not known", r.name)
	} else {
		a.Display = cmp.Or(RightName(a.Right), a.Right)
	}
	var listed gpoNames
	a.Winner, listed = h.ref(r.gpo)
	switch {
	case listed.ambiguous:
		h.rep.warn(AmbiguousWinner, r.line, "several GPOs in different domains have the identifier of the winner of %q: %s", a.Display, r.gpo.identifier)
	case !listed.applied && !h.s.Incomplete:
		h.rep.warn(UnlistedWinner, r.line, "no applied GPO is the winner of %q: %q", a.Display, a.Winner.Name)
	}
	slices.SortStableFunc(c.losers, func(a, b *rsopRight) int { return cmp.Compare(a.precedence, b.precedence) })
	for _, l := range c.losers {
		if ref, _ := h.ref(l.gpo); ref != (GPORef{}) {
			a.Others = append(a.Others, Loser{GPO: ref, Principals: l.principals, Location: h.location(path, l.row, l.line)})
		}
	}
	return a
}
