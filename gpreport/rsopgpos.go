package gpreport

import (
	"cmp"
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// gpoID is how the XML refers to a GPO: by its GUID, which only the domain makes
// unique, since all domains share the GUIDs of the default GPOs.
type gpoID struct {
	// identifier is the GUID in braces and upper case, or a text for local policy.
	identifier string
	domain     string // in lower case
}

// localIdentifier is what the identifiers of local policy begin with.
const localIdentifier = "LocalGPO"

var guidText = regexp.MustCompile(`^\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?$`)

func newGPOID(identifier, domain string) gpoID {
	if m := guidText.FindStringSubmatch(identifier); m != nil {
		identifier = "{" + strings.ToUpper(m[1]) + "}"
	} else if strings.EqualFold(identifier, localIdentifier) {
		identifier = localIdentifier
	}
	return gpoID{identifier, strings.ToLower(domain)}
}

func (id gpoID) local() bool {
	n := len(localIdentifier)
	return len(id.identifier) >= n && strings.EqualFold(id.identifier[:n], localIdentifier)
}

// guid returns the GUID; local policy has none.
func (id gpoID) guid() string {
	if guidText.MatchString(id.identifier) {
		return id.identifier
	}
	return ""
}

// rsopGPO is a GPO of the list and what decided whether it was applied.
type rsopGPO struct {
	GPO
	id    gpoID
	links []rsopLink
	flags struct{ enabled, valid, filterAllowed, accessDenied string }
}

// rsopLink is a place where a GPO is linked.
type rsopLink struct {
	path string
	// applied is the place in the order in which GPOs are applied; 0 says that this
	// link was not, -1 that it is not stated.
	applied           int
	enabled, enforced bool
}

// gpo reads a GPO of the list.
func (h *rsopHalf) gpo() {
	var identifier, domain, directory, sysvol string
	g := rsopGPO{GPO: GPO{Location: h.location([]string{h.name, "GPO"}, len(h.gpos)+1, h.x.line)}}
	fields := map[string]*string{
		"Name": &g.Name, "FilterName": &g.WMIFilter, "VersionDirectory": &directory, "VersionSysvol": &sysvol,
		"Enabled": &g.flags.enabled, "IsValid": &g.flags.valid, "FilterAllowed": &g.flags.filterAllowed, "AccessDenied": &g.flags.accessDenied,
	}
	closed := h.x.each(func(e xml.StartElement) {
		if e.Name.Space != rsopNS {
			return
		}
		switch e.Name.Local {
		case "Path":
			h.x.fields(typesNS, map[string]*string{"Identifier": &identifier, "Domain": &domain})
		case "Link":
			g.links = append(g.links, h.link())
		case "SecurityFilter":
			g.SecurityFilters = h.appendText(g.SecurityFilters)
		case "ExtensionName":
			g.Extensions = h.appendText(g.Extensions)
		default:
			h.x.field(e, rsopNS, fields)
		}
	})
	if !closed {
		return
	}
	g.id = newGPOID(identifier, domain)
	g.Local, g.GUID = g.id.local(), g.id.guid()
	g.Name = cmp.Or(g.Name, g.id.identifier)
	g.RevisionAD, g.RevisionSysvol = revision(directory), revision(sysvol)
	h.gpos = append(h.gpos, g)
}

// link reads a place where a GPO is linked.
func (h *rsopHalf) link() rsopLink {
	var path, applied, enabled, enforced string
	h.x.fields(rsopNS, map[string]*string{
		"SOMPath": &path, "AppliedOrder": &applied, "Enabled": &enabled, "NoOverride": &enforced,
	})
	return rsopLink{path, revision(applied), !isFalse(enabled), isTrue(enforced)}
}

func (h *rsopHalf) appendText(list []string) []string {
	if s, ok := h.x.text(); ok && s != "" {
		return append(list, s)
	}
	return list
}

// revision reads a number that is not negative; -1 stands for none.
func revision(s string) int {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// listGPOs makes the lists of applied and denied GPOs.
func (h *rsopHalf) listGPOs() {
	for i := range h.gpos {
		g := &h.gpos[i]
		l := g.deciding()
		g.Link, g.Enforced, g.Applied = l.path, l.enforced, l.applied > 0
		switch {
		case g.Applied:
			g.Order = l.applied
			h.s.Applied = append(h.s.Applied, g.GPO)
			continue
		case l.applied < 0:
			h.rep.warn(UnknownValue, g.Location.Line, "the report does not tell whether the GPO %q was applied", g.Name)
		default:
			g.DeniedReason = g.reason(h.blocked)
		}
		g.Order = len(h.s.Denied) + 1
		h.s.Denied = append(h.s.Denied, g.GPO)
	}
	slices.SortStableFunc(h.s.Applied, func(a, b GPO) int { return cmp.Compare(a.Order, b.Order) })
}

// deciding returns the link that counts: the one that was applied last, because
// its settings replace earlier ones, or if there is none the first.
func (g *rsopGPO) deciding() rsopLink {
	if len(g.links) == 0 {
		return rsopLink{applied: -1}
	}
	best := g.links[0]
	for _, l := range g.links[1:] {
		if l.applied > best.applied {
			best = l
		}
	}
	return best
}

// The reasons in the words of HTML reports. The last is what those say when
// nothing else explains it.
const (
	deniedBySecurity = "Access Denied (Security Filtering)"
	deniedByLink     = "Disabled Link"
	deniedByBlock    = "Blocked SOM"
	deniedByWMI      = "False WMI Filter"
	deniedAsEmpty    = "Empty"
	deniedOtherwise  = "Inaccessible, Empty or Disabled"
)

// reason says why a GPO was not applied. Each reason is enough by itself. Whether
// the WMI filter allowed it is only asked for a GPO that nothing else keeps away;
// for others the report says that it did not.
func (g *rsopGPO) reason(blocked map[string]bool) string {
	usable := isTrue(g.flags.enabled) && isTrue(g.flags.valid)
	unedited := g.RevisionAD == 0 && g.RevisionSysvol == 0
	inherited := func(l rsopLink) bool { return l.enabled && (l.enforced || !blocked[strings.ToLower(l.path)]) }
	switch {
	case isTrue(g.flags.accessDenied):
		return deniedBySecurity
	case !slices.ContainsFunc(g.links, func(l rsopLink) bool { return l.enabled }):
		return deniedByLink
	case !slices.ContainsFunc(g.links, inherited):
		return deniedByBlock
	case usable && isFalse(g.flags.filterAllowed):
		return deniedByWMI
	case usable && (g.Local || unedited):
		return deniedAsEmpty
	}
	return deniedOtherwise
}

// gpoNames is what the list of GPOs says about one identifier.
type gpoNames struct {
	name      string
	ambiguous bool // there are several with different names
	applied   bool
}

// anyDomain stands for the domain of a reference that has none.
const anyDomain = "*"

// nameGPOs prepares for ref.
func (h *rsopHalf) nameGPOs() {
	h.named = make(map[gpoID]gpoNames)
	for _, g := range h.gpos {
		for _, id := range []gpoID{g.id, {g.id.identifier, anyDomain}} {
			n, ok := h.named[id]
			h.named[id] = gpoNames{
				name:      cmp.Or(n.name, g.Name),
				ambiguous: n.ambiguous || ok && n.name != g.Name,
				applied:   n.applied || g.Applied,
			}
		}
	}
}

// ref names a GPO by the list of GPOs. A GPO that is not there, or that cannot be
// told from another one, has its identifier for a name.
func (h *rsopHalf) ref(id gpoID) (GPORef, gpoNames) {
	ref := GPORef{Name: id.identifier, GUID: id.guid()}
	if id.identifier == "" {
		return ref, gpoNames{}
	}
	n, ok := h.named[id]
	switch {
	case ok:
	case id.domain == "":
		n = h.named[gpoID{id.identifier, anyDomain}]
	default:
		n = h.named[gpoID{id.identifier, ""}]
	}
	if n.name != "" && !n.ambiguous {
		ref.Name = n.name
	}
	return ref, n
}
