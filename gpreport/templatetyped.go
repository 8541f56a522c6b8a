package gpreport

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// The sections of restricted groups and of services.
const (
	groupMembership = "Group Membership"
	serviceSettings = "Service General Setting"
)

// templateGroup is a restricted group, whose lists stand on a line each. Odd says that they
// may not be whole.
type templateGroup struct {
	RestrictedGroup
	members, memberOf, odd bool
}

// membership reads an entry of restricted groups: the group, two underscores, and what the list
// behind the equals sign is of.
func (in *templateReader) membership(set Setting) {
	i := strings.LastIndex(set.Name, "__")
	if i < 0 {
		in.oddGroup(set)
		return
	}
	g := in.group(set, strings.TrimSpace(set.Name[:i]))
	into, seen := &g.Members, &g.members
	switch kind := set.Name[i+len("__"):]; {
	case strings.EqualFold(kind, "Members"):
	case strings.EqualFold(kind, "Memberof"):
		into, seen = &g.MemberOf, &g.memberOf
	default:
		g.odd = true
		in.oddGroup(set)
		return
	}
	list, whole := listPrincipals(set.Value)
	if !whole || strings.HasSuffix(set.Value, `\`) || *seen && !slices.Equal(*into, list) {
		g.odd = true
		in.oddGroup(set)
		return
	}
	*into, *seen = list, true
}

func (in *templateReader) oddGroup(set Setting) {
	in.s.Incomplete = true
	in.rep.warn(OddRow, set.Location.Line, "a line of restricted groups has an unexpected form, or another list than the one above: %q", set.Name)
}

// group returns the group with a name, which may be new.
func (in *templateReader) group(set Setting, name string) *templateGroup {
	key := strings.ToLower(name)
	i, found := in.places[key]
	if !found {
		i = len(in.groups)
		in.places[key] = i
		in.groups = append(in.groups, templateGroup{RestrictedGroup: RestrictedGroup{Group: sid.ParsePrincipal(name), Location: set.Location}})
	}
	return &in.groups[i]
}

// finishGroups lists the groups whose lists are whole: half a list would be another list.
func (in *templateReader) finishGroups() {
	for _, g := range in.groups {
		if !g.odd && g.Group != (sid.Principal{}) {
			in.s.RestrictedGroups = append(in.s.RestrictedGroups, g.RestrictedGroup)
		}
	}
}

// templateModes are the numbers for how services start.
var templateModes = map[string]StartMode{"2": Automatic, "3": Manual, "4": Disabled}

// templateService makes a service of an entry: behind its name stand the start mode and the
// permissions.
func templateService(set Setting) Service {
	mode, _, _ := strings.Cut(set.Value, ",")
	mode = strings.TrimSpace(mode)
	return Service{Name: set.Name, Mode: templateModes[mode], ModeText: mode, Location: set.Location}
}
