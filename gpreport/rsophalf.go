package gpreport

import (
	"cmp"
	"encoding/xml"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// rsopHalf reads the results of the computer or the user.
type rsopHalf struct {
	*rsopReader
	s        *Scope
	name     string
	line     int
	computer bool
	// gpos are those of both lists, in the report's order.
	gpos  []rsopGPO
	named map[gpoID]gpoNames
	// blocked holds the domains and OUs whose links are not inherited, in lower case.
	blocked map[string]bool
	// rights are the elements of user rights, settings the GPOs' identifiers beside
	// s.Settings.
	rights   []rsopRight
	settings []gpoID
	// rows counts the elements of each name, blocks the blocks of security settings.
	rows   map[string]int
	blocks int
}

// half reads one half into scope.
func (in *rsopReader) half(scope **Scope, e xml.StartElement, computer bool) {
	if *scope != nil {
		(*scope).Incomplete = true
		in.rep.warn(MissingSection, in.x.line, "a second element %s was not read", e.Name.Local)
		return
	}
	h := &rsopHalf{
		rsopReader: in, s: &Scope{}, name: e.Name.Local, line: in.x.line, computer: computer,
		blocked: make(map[string]bool), rows: make(map[string]int),
	}
	*scope = h.s
	h.s.Incomplete = !in.x.each(h.child) || h.s.Incomplete
	h.finish()
}

// incomplete marks the scope incomplete and says why.
func (h *rsopHalf) incomplete(code string, line int, format string, args ...any) {
	h.s.Incomplete = true
	h.rep.warn(code, line, format, args...)
}

// location is a place below the half's element.
func (h *rsopHalf) location(path []string, row, line int) evidence.Location {
	return evidence.Location{Source: h.rep.Source, Section: path, Row: row, Line: line}
}

// child reads one child of the half's element.
func (h *rsopHalf) child(e xml.StartElement) {
	if h.misplaced(e, rsopNS, "GPO", "ExtensionData", "ExtensionStatus") {
		h.s.Incomplete = true
		return
	}
	switch e.Name.Local {
	case "Name", "Domain", "Site", "SOM":
		h.x.field(e, rsopNS, map[string]*string{"Name": &h.s.Name, "Domain": &h.s.Domain, "Site": &h.s.Site, "SOM": &h.s.OU})
	case "SearchedSOM":
		var path, blocked string
		if h.x.fields(rsopNS, map[string]*string{"Path": &path, "Blocked": &blocked}) && isTrue(blocked) {
			h.blocked[strings.ToLower(path)] = true
		}
	case "SecurityGroup":
		if p, closed := h.principal(); closed && p != (sid.Principal{}) {
			h.s.Groups = append(h.s.Groups, p)
		}
	case "ExtensionStatus":
		h.extensionStatus()
	case "GPO":
		h.gpo()
	case "ExtensionData":
		if h.computer {
			h.extensionData()
		}
	}
}

// finish makes the scope of what was read.
func (h *rsopHalf) finish() {
	s := h.s
	if h.computer {
		s.Name = strings.TrimSuffix(s.Name, "$")
	}
	if !strings.Contains(s.OU, "/") {
		s.OU = "" // the domain itself, or "Local"
	}
	if h.x.err == nil {
		if s.Name == "" {
			h.incomplete(MissingSection, h.line, "%s has no name", h.name)
		}
		if len(h.gpos) == 0 {
			h.incomplete(MissingSection, h.line, "%s lists no GPOs, not even the local one", h.name)
		}
	}
	s.withoutDomain(h.computer)
	h.listGPOs()
	h.nameGPOs()
	h.listRights()
	for i, id := range h.settings {
		s.Settings[i].Winner, _ = h.ref(id)
	}
}

// extensionStatus reads how an extension fared when policy was applied.
func (h *rsopHalf) extensionStatus() {
	var id, name, end, logging, code string
	line := h.x.line
	closed := h.x.fields(rsopNS, map[string]*string{
		"Identifier": &id, "Name": &name, "EndTime": &end, "LoggingStatus": &logging, "Error": &code,
	})
	if !closed {
		return
	}
	h.addComponent(Component{Name: name, GUID: strings.ToUpper(id), Status: logging, Error: code, Processed: refreshTime(end)})
	switch strings.ToUpper(id) {
	case Infrastructure:
		h.s.Refreshed = refreshTime(end)
	case SecurityExtension:
		// A simulation logs nothing.
		if h.computer && logging != "Complete" && logging != "" && h.rep.Results != Modelled {
			h.incomplete(ExtensionFailed, line, "Windows did not record all results of %q: %s", name, logging)
		}
		if !h.computer {
			return
		}
	default:
		return
	}
	if code != "" && code != "0" {
		h.incomplete(ExtensionFailed, line, "Windows says that %q failed with error %s when it applied policy", name, code)
	}
}

// addComponent keeps how a component fared; a simulation, and an error of 0, say nothing.
func (h *rsopHalf) addComponent(c Component) {
	if c.Error == "0" {
		c.Error = ""
	}
	if h.rep.Results != Modelled && len(h.s.Components) < maxComponents {
		h.s.Components = append(h.s.Components, c)
	}
}

// extensionData reads a block of the computer's settings, or why there is none.
func (h *rsopHalf) extensionData() {
	h.x.each(func(e xml.StartElement) {
		switch {
		case h.misplaced(e, settingsNS, "Extension"):
			h.s.Incomplete = true
		case e.Name.Local == "Extension":
			h.extension()
		case e.Name.Local == "Error":
			line := h.x.line
			text, _ := h.x.allText()
			h.incomplete(CollectionError, line, "the report says that settings could not be collected: %s", text)
		}
	})
}

// extension reads a block of settings. Its last element says whether another
// authority than Group Policy, such as mobile device management, decides them.
// Windows writes the block for which that is not so first: if it is cut off, what
// was read counts; any other block must be whole to count.
func (h *rsopHalf) extension() {
	rights, settings, blocked := len(h.rights), len(h.settings), ""
	security := false
	line := h.x.line
	closed := h.x.each(func(e xml.StartElement) {
		if h.misplaced(e, securityNS, "UserRightsAssignment") {
			h.s.Incomplete = true
			return
		}
		if e.Name.Space != securityNS {
			return
		}
		security = true
		switch e.Name.Local {
		case "UserRightsAssignment":
			h.right()
		case "Account":
			h.account()
		case "SecurityOptions":
			h.securityOption()
		case "Blocked":
			h.x.field(e, securityNS, map[string]*string{"Blocked": &blocked})
		}
	})
	if !security {
		return
	}
	h.blocks++
	if closed && !isTrue(blocked) || !closed && h.blocks == 1 {
		return
	}
	if closed && len(h.rights) > rights {
		h.incomplete(OtherAuthority, line, "user rights that another authority than Group Policy decides were not read")
	}
	h.rights = h.rights[:rights]
	h.settings, h.s.Settings = h.settings[:settings], h.s.Settings[:settings]
}

// principal reads an account that may have a name, a SID or both.
func (h *rsopHalf) principal() (p sid.Principal, closed bool) {
	var name, id string
	closed = h.x.fields(typesNS, map[string]*string{"Name": &name, "SID": &id})
	p = sid.ParsePrincipal(cmp.Or(name, id))
	if s, err := sid.Parse(strings.TrimPrefix(id, "*")); err == nil {
		p.SID = s
	}
	return p, closed
}
