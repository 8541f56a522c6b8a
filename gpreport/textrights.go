package gpreport

import (
	"slices"
	"strings"
)

// hasRights reports whether entries set user rights: gpresult prints their constants, without
// what these begin with.
func hasRights(entries []textEntry) bool {
	return slices.ContainsFunc(entries, func(e textEntry) bool {
		_, known := canonicalRight("Se" + e.fields[0].value)
		return known
	})
}

// rights reads the block of user rights.
func (r *plainReader) rights(s *Scope, entries []textEntry, path []string) {
	var names []string
	groups := make(map[string][]textEntry)
	for _, e := range entries {
		if !r.isRight(s, e) {
			continue
		}
		key := strings.ToLower(e.fields[0].value)
		if groups[key] == nil {
			names = append(names, key)
		}
		groups[key] = append(groups[key], e)
	}
	for i, key := range names {
		group := groups[key]
		best, settled := r.winner(s, group)
		a := r.assignment(group[best])
		a.Unsettled = !settled
		a.Location = r.location(path, i+1, group[best].line)
		for k, e := range group {
			if k != best {
				o := r.assignment(e)
				a.Others = append(a.Others, Loser{GPO: o.Winner, Principals: o.Principals, Location: r.location(path, i+1, e.line)})
			}
		}
		if a.Unsettled {
			r.rep.warn(UnsettledRight, a.Location.Line, "%d GPOs define the user right %s, and it is not certain which of them wins; gpresult /H reports it", len(group), a.Right)
		}
		s.Rights = append(s.Rights, a)
	}
}

// isRight reports whether an entry has the form of a user right: its constant and a list of
// accounts, one a line. One that has not is left out.
func (r *plainReader) isRight(s *Scope, e textEntry) bool {
	isOdd := func(name string) bool { return name == "" || strings.ContainsAny(name, ":：") }
	if len(e.fields) != 2 || len(e.fields[0].more) > 0 || !rightConstant.MatchString("Se"+e.fields[0].value) ||
		e.fields[1].unsure || isOdd(e.fields[1].value) || slices.ContainsFunc(e.fields[1].more, isOdd) || len(e.fields[1].more) >= maxPrincipals {
		s.Incomplete = true
		r.rep.warn(OddRow, e.line, "a user right of the GPO %q has an unexpected form and was left out", e.gpo)
		return false
	}
	return true
}

// assignment makes an assignment of an entry.
func (r *plainReader) assignment(e textEntry) Assignment {
	a := Assignment{Right: "Se" + e.fields[0].value, Origin: Stated, Winner: GPORef{Name: e.gpo}, Principals: r.principals(e.fields[1])}
	if canonical, known := canonicalRight(a.Right); known {
		a.Right = canonical
	} else {
		r.rep.warn(UnknownRight, e.line, "the user right %q is not known", a.Right)
	}
	a.Display = a.Right
	if display := RightName(a.Right); display != "" {
		a.Display = display
	}
	return a
}

// winners tells of the GPOs that win, and of those that lose, what the list of the applied
// ones has of them.
func (r *plainReader) winners(s *Scope) {
	byName := make(map[string][]GPO)
	for _, g := range s.Applied {
		byName[g.Name] = append(byName[g.Name], g)
	}
	join := func(ref *GPORef) {
		switch found := byName[ref.Name]; {
		case len(found) == 1:
			ref.GUID, ref.Local = found[0].GUID, found[0].Local
		case len(found) > 1:
			ref.Ambiguous = true
		}
	}
	for i := range s.Rights {
		a := &s.Rights[i]
		join(&a.Winner)
		for k := range a.Others {
			join(&a.Others[k].GPO)
		}
		switch {
		case a.Winner.Ambiguous:
			r.rep.warn(AmbiguousWinner, a.Location.Line, "%d entries of the applied GPOs have the name of the winner of %q: %q", len(byName[a.Winner.Name]), a.Display, a.Winner.Name)
		case len(byName[a.Winner.Name]) == 0 && !s.Incomplete:
			r.rep.warn(UnlistedWinner, a.Location.Line, "no applied GPO has the name of the winner of %q: %q", a.Display, a.Winner.Name)
		}
	}
	for i := range s.Settings {
		join(&s.Settings[i].Winner)
		for k := range s.Settings[i].Others {
			join(&s.Settings[i].Others[k].GPO)
		}
	}
	for i := range s.RestrictedGroups {
		join(&s.RestrictedGroups[i].Winner)
	}
	for i := range s.Services {
		join(&s.Services[i].Winner)
	}
}
