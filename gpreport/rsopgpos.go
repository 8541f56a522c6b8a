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
	// stated says that the report tells whether it is enforced.
	stated bool
}

// gpo reads a GPO of the list.
func (h *rsopHalf) gpo(start xml.StartElement) {
	line := h.x.line
	e, closed := h.x.tree(start)
	if !closed {
		return
	}
	g := rsopGPO{GPO: GPO{Location: h.location(h.path(h.name, "GPO"), len(h.gpos)+1, line)}}
	if path := e.childOf(rsopNS, "Path"); path != nil {
		g.id = path.gpoRef()
		g.Domain = path.takeOf(typesNS, "Domain")
		path.takeOf(typesNS, "Identifier")
	}
	g.Local, g.GUID = g.id.local(), g.id.guid()
	g.Name = cmp.Or(e.takeOf(rsopNS, "Name"), g.id.identifier)
	g.WMIFilter = e.takeOf(rsopNS, "FilterName")
	g.RevisionAD, g.RevisionSysvol = revision(e.takeOf(rsopNS, "VersionDirectory")), revision(e.takeOf(rsopNS, "VersionSysvol"))
	g.flags.enabled, g.flags.valid = e.textIn(rsopNS, "Enabled"), e.textIn(rsopNS, "IsValid")
	g.flags.filterAllowed, g.flags.accessDenied = e.textIn(rsopNS, "FilterAllowed"), e.textIn(rsopNS, "AccessDenied")
	for _, c := range e.children {
		switch [2]string{c.space, c.name} {
		case [2]string{rsopNS, "Link"}:
			l := readLink(c)
			g.links = append(g.links, l)
			g.Links = append(g.Links, Link{Path: l.path, Enabled: l.enabled, Enforced: l.enforced, Order: l.applied})
		case [2]string{rsopNS, "SecurityFilter"}:
			g.SecurityFilters = c.appendText(g.SecurityFilters)
		case [2]string{rsopNS, "ExtensionName"}:
			g.Extensions = c.appendText(g.Extensions)
		}
	}
	f := flattener{x: h.x}
	f.children(e, "")
	g.Details = f.fields
	if h.x.charge(gpoNodes); h.x.err == nil {
		h.gpos = append(h.gpos, g)
	}
}

// readLink reads a place where a GPO is linked.
func readLink(e *element) rsopLink {
	noOverride := e.takeOf(rsopNS, "NoOverride")
	return rsopLink{
		path:    e.takeOf(rsopNS, "SOMPath"),
		applied: revision(e.takeOf(rsopNS, "AppliedOrder")),
		enabled: !isFalse(e.takeOf(rsopNS, "Enabled")), enforced: isTrue(noOverride), stated: noOverride != "",
	}
}

// takeOf takes the text of the first child with a name and a namespace that has one.
func (e *element) takeOf(space, name string) string {
	for _, c := range e.children {
		if c.name == name && c.space == space && c.text != "" {
			c.used = true
			return foldBreaks(c.text)
		}
	}
	return ""
}

// textIn is like takeOf but leaves the text to others.
func (e *element) textIn(space, name string) string {
	for _, c := range e.children {
		if c.name == name && c.space == space && c.text != "" {
			return foldBreaks(c.text)
		}
	}
	return ""
}

// appendText adds the text of an element to a list.
func (e *element) appendText(list []string) []string {
	if s := foldBreaks(e.text); s != "" {
		e.used = true
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
		g.Link, g.Enforced, g.EnforcedStated, g.Applied = l.path, l.enforced, l.stated, l.applied > 0
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

// listFilters makes the list of WMI filters. Whether one allowed a GPO counts only where
// nothing else keeps the GPO away.
func (h *rsopHalf) listFilters() {
	places := make(map[string]int)
	for i := range h.gpos {
		g := &h.gpos[i]
		if g.WMIFilter == "" {
			continue
		}
		place, known := places[g.WMIFilter]
		if !known {
			place = len(h.s.WMIFilters)
			places[g.WMIFilter] = place
			h.s.WMIFilters = append(h.s.WMIFilters, WMIFilter{Name: g.WMIFilter})
		}
		f := &h.s.WMIFilters[place]
		f.GPOs = append(f.GPOs, g.Name)
		if f.Value == "" && (g.Applied || g.reason(h.blocked) == deniedByWMI) {
			f.Value = g.flags.filterAllowed
		}
	}
}

// gpoNames is what the list of GPOs says about one identifier.
type gpoNames struct {
	name, domain string
	ambiguous    bool // there are several with different names
	applied      bool
}

// anyDomain stands for the domain of a reference that has none.
const anyDomain = "*"

// nameGPOs prepares for refOf.
func (h *rsopHalf) nameGPOs() {
	h.named = make(map[gpoID]gpoNames)
	for _, g := range h.gpos {
		for _, id := range []gpoID{g.id, {g.id.identifier, anyDomain}} {
			n, ok := h.named[id]
			h.named[id] = gpoNames{
				name: cmp.Or(n.name, g.Name), domain: cmp.Or(n.domain, g.Domain),
				ambiguous: n.ambiguous || ok && n.name != g.Name,
				applied:   n.applied || g.Applied,
			}
		}
	}
}

// refOf names a GPO by the list of GPOs. A GPO that is not there, or that cannot be
// told from another one, has its identifier for a name.
func (h *rsopHalf) refOf(id gpoID) (GPORef, gpoNames) {
	ref := GPORef{Name: id.identifier, GUID: id.guid(), Domain: id.domain, Local: id.local()}
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
	ref.Ambiguous = n.ambiguous
	if n.name != "" && !n.ambiguous {
		ref.Name, ref.Domain = n.name, cmp.Or(n.domain, ref.Domain)
	}
	return ref, n
}
