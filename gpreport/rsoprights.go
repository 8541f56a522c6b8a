package gpreport

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
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
	odd bool
	// details are all that an odd one says.
	details []Field
	// blocked says that another authority than Group Policy decides.
	blocked   bool
	row, line int
}

// readRight reads an element of user rights.
func readRight(e *element, row int) rsopRight {
	r := rsopRight{row: row, line: e.line, odd: e.text != ""}
	var precedence string
	var gpo *element
	for _, c := range e.children {
		switch [2]string{c.space, c.name} {
		case [2]string{baseNS, "GPO"}:
			gpo = c
		case [2]string{baseNS, "Precedence"}:
			precedence = foldBreaks(c.text)
		case [2]string{securityNS, "Name"}:
			r.name = foldBreaks(c.text)
		case [2]string{securityNS, "Member"}:
			p := c.principal()
			r.odd = r.odd || p == (sid.Principal{})
			r.principals = append(r.principals, p)
		default:
			// One of these from another namespace may change what the others mean, and an
			// unknown one with something in it may have members.
			r.odd = r.odd || !c.leaf() || c.text != "" || slices.Contains([]string{"GPO", "Precedence", "Name", "Member"}, c.name)
		}
	}
	if gpo != nil {
		r.gpo = gpo.gpoRef()
	}
	r.precedence = readPrecedence(precedence)
	return r
}

// right reads an element of user rights. What it has beside the right's name and members goes
// to the notes.
func (b *blockReader) right(e *element, at blockPlace) {
	r := readRight(e, b.row(e.name))
	takeOrigin(e)
	if r.odd {
		r.details = b.details(e)
	} else {
		rest := &element{name: e.name, attrs: e.attrs}
		for _, c := range e.children {
			if c.name != "Name" && c.name != "Member" {
				rest.children = append(rest.children, c)
			}
		}
		for _, f := range b.details(rest) {
			section := b.paths.under(b.x, at.section, e.name, r.name)
			b.note(b.paths.names(section), e.name, f.Name+": "+f.Value, e.line)
		}
	}
	if b.x.charge(len(r.principals)); b.x.err == nil {
		b.rights = append(b.rights, r)
	}
}

// listRights makes the list of rights: the GPO with precedence 1 wins. Elements that are no
// part of it are kept among the settings, as those of GPOs that do not win.
func (b *blockReader) listRights() {
	byRight := make(map[string]*rsopContest)
	var contests []*rsopContest
	for i := range b.rights {
		r := &b.rights[i]
		switch {
		case r.blocked:
			b.leaveOut(r)
			continue
		case r.odd || r.name == "" || r.precedence == 0:
			b.incomplete(OddRow, r.line, "an element of user rights has an unexpected form and was left out: %q", r.name)
			b.leaveOut(r)
			continue
		}
		key := strings.ToLower(r.name)
		c := byRight[key]
		if c == nil {
			c = &rsopContest{}
			byRight[key] = c
			contests = append(contests, c)
		}
		if !c.add(r) {
			b.rep.warn(DuplicateRight, r.line, "the user right %s is already on line %d, with the same accounts", r.name, c.winner.line)
			b.leaveOut(r)
		}
	}
	b.listContests(contests)
}

// listContests lists the winners in the order of the report.
func (b *blockReader) listContests(contests []*rsopContest) {
	won := func(c *rsopContest) int {
		if c.winner == nil {
			return 0
		}
		return c.winner.row
	}
	slices.SortStableFunc(contests, func(a, c *rsopContest) int { return cmp.Compare(won(a), won(c)) })
	for _, c := range contests {
		if c.winner == nil {
			// What loses says nothing of what applies.
			b.incomplete(OddRow, c.losers[0].line, "only elements that lose define the user right %s, which was left out", c.losers[0].name)
			for _, r := range c.losers {
				b.leaveOut(r)
			}
			continue
		}
		b.s.Rights = append(b.s.Rights, b.assignment(c))
	}
}

// leaveOut keeps an element of user rights among the settings. Nobody wins by it.
func (b *blockReader) leaveOut(r *rsopRight) {
	at := b.rightLocation(r)
	loser := LosingSetting{Value: strings.Join(principalNames(r.principals), ", "), Details: r.details, Location: at}
	loser.GPO, _ = b.ref(r.gpo)
	for _, p := range r.principals {
		if p.SID != "" && !r.odd {
			loser.Details = append(loser.Details, Field{"Member > SID", string(p.SID)})
		}
	}
	set := Setting{
		Section: b.path("SecuritySettings", "UserRightsAssignment"), Name: cmp.Or(r.name, "UserRightsAssignment"),
		Others: []LosingSetting{loser}, Location: at,
	}
	if r.blocked {
		set.Details = blockedField()
	}
	b.s.Settings = append(b.s.Settings, set)
}

func (b *blockReader) rightLocation(r *rsopRight) evidence.Location {
	return b.location(b.path(b.name, "ExtensionData", "Extension", "UserRightsAssignment"), r.row, r.line)
}

// rsopContest is what several GPOs define for one right. Rivals claim to win as winner does,
// which stands first, with other accounts or for another GPO.
type rsopContest struct {
	winner         *rsopRight
	rivals, losers []*rsopRight
}

// add takes an element and reports whether it says something new.
func (c *rsopContest) add(r *rsopRight) bool {
	switch {
	case r.precedence > 1:
		c.losers = append(c.losers, r)
	case c.winner == nil:
		c.winner = r
	case r.gpo == c.winner.gpo && slices.Equal(r.principals, c.winner.principals):
		return false
	default:
		c.rivals = append(c.rivals, r)
	}
	return true
}

// assignment makes the row of a right.
func (b *blockReader) assignment(c *rsopContest) Assignment {
	r := c.winner
	a := Assignment{Principals: r.principals, Location: b.rightLocation(r)}
	known := false
	if a.Right, known = canonicalRight(r.name); !known {
		if a.Display = r.name; rightConstant.MatchString(r.name) {
			a.Right = r.name
		} else {
			b.s.Incomplete = true // it can be any right
		}
		b.rep.warn(UnknownRight, r.line, "the user right %q is not known", r.name)
	} else {
		a.Display = cmp.Or(RightName(a.Right), a.Right)
	}
	if a.Right != "" {
		a.Origin = Stated
	}
	var listed gpoNames
	a.Winner, listed = b.ref(r.gpo)
	switch {
	case b.defined:
	case listed.ambiguous:
		b.rep.warn(AmbiguousWinner, r.line, "several GPOs in different domains have the identifier of the winner of %q: %s", a.Display, r.gpo.identifier)
	case !listed.applied && !b.s.Incomplete:
		b.rep.warn(UnlistedWinner, r.line, "no applied GPO is the winner of %q: %q", a.Display, a.Winner.Name)
	}
	slices.SortStableFunc(c.losers, func(a, b *rsopRight) int { return cmp.Compare(a.precedence, b.precedence) })
	if a.Unsettled = len(c.rivals) > 0; a.Unsettled {
		b.rep.warn(UnsettledRight, r.line, "%d elements claim to be what counts for the user right %s, and it is not certain which of them does", len(c.rivals)+1, a.Display)
	}
	for _, l := range c.rivals {
		a.Others = append(a.Others, b.loser(l))
	}
	for _, l := range c.losers {
		if ref, _ := b.ref(l.gpo); ref != (GPORef{}) {
			a.Others = append(a.Others, b.loser(l))
		}
	}
	return a
}

// loser is the list of an element that does not win, or does so for all that is known.
func (b *blockReader) loser(r *rsopRight) Loser {
	ref, _ := b.ref(r.gpo)
	return Loser{GPO: ref, Principals: r.principals, Location: b.rightLocation(r)}
}
