package gpreport

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// groupPlaces are the restricted groups and local groups of a half by their places, at which
// the setting stands too. Places with several are left out.
type groupPlaces map[groupPlace]*groupLists

// groupPlace is what tells places of one report apart.
type groupPlace struct {
	line, row int
	offset    int64
}

func placeOf(at evidence.Location) groupPlace { return groupPlace{at.Line, at.Row, at.Offset} }

// groupLists are the lists of accounts of one group.
type groupLists struct {
	lists [2][]sid.Principal
	// whole says that the value of the setting has nothing else.
	whole bool
	many  bool
}

func (s *Scope) groupPlaces() groupPlaces {
	out := make(groupPlaces, len(s.RestrictedGroups)+len(s.LocalGroups))
	add := func(at evidence.Location, g *groupLists) {
		place := placeOf(at)
		if place == (groupPlace{}) {
			return
		}
		g.many = out[place] != nil
		out[place] = g
	}
	for i := range s.RestrictedGroups {
		g := &s.RestrictedGroups[i]
		add(g.Location, &groupLists{lists: [2][]sid.Principal{g.Members, g.MemberOf}, whole: true})
	}
	for i := range s.LocalGroups {
		g := &s.LocalGroups[i]
		add(g.Location, &groupLists{lists: [2][]sid.Principal{g.Add, g.Remove}})
	}
	return out
}

// of returns the lists of the group that a setting is about; nil if it is about none.
func (l groupPlaces) of(s *Setting, k Kind) *groupLists {
	if k == SeceditINF && len(s.Section) > 0 && strings.EqualFold(s.Section[len(s.Section)-1], "Group Membership") {
		var members []sid.Principal
		for name := range strings.SplitSeq(s.Value, ",") {
			members = append(members, sid.ParsePrincipal(name))
		}
		return &groupLists{lists: [2][]sid.Principal{members, nil}, whole: true}
	}
	if g := l[placeOf(s.Location)]; g != nil && !g.many {
		return g
	}
	return nil
}

// sameGroup reports whether two settings that differ are about one group and its members, and
// differ in their order or in how they are named. Members that may be the same are noted.
func (c *comparison) sameGroup(a, b *Setting, groups [2]groupPlaces) bool {
	x, y := groups[0].of(a, c.before.Kind), groups[1].of(b, c.after.Kind)
	if x == nil || y == nil {
		return false
	}
	whole := x.whole && y.whole && len(a.Details)+len(b.Details) == 0
	if !whole && !slices.Equal(sortedParts(a), sortedParts(b)) {
		return false
	}
	var diffs [2]accountDiff
	for i := range diffs {
		if diffs[i] = c.accounts(x.lists[i], y.lists[i]); diffs[i].differ() {
			return false
		}
	}
	for _, d := range diffs {
		c.unsureAccounts(SettingsPart, d, aboutSettings(a, b))
	}
	return true
}

// sortedParts are the value and the details of a setting, whatever their order. The headings of
// lists in the value are parts of their own; what is in which list is compared elsewhere.
func sortedParts(s *Setting) []string {
	parts := strings.FieldsFunc(s.Value, func(r rune) bool { return strings.ContainsRune(",;:", r) })
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	for _, f := range s.Details {
		parts = append(parts, f.Name+"\x00"+f.Value)
	}
	slices.Sort(parts)
	return parts
}
