package gpreport

import (
	"cmp"
	"encoding/xml"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// rsopHalf reads the results of the computer or the user.
type rsopHalf struct {
	blockReader
	line int
	// gpos are those of both lists, in the report's order.
	gpos  []rsopGPO
	named map[gpoID]gpoNames
	// blocked holds the domains and OUs whose links are not inherited, in lower case.
	blocked map[string]bool
}

// half reads one half into scope.
func (in *rsopReader) half(scope **Scope, e xml.StartElement, computer bool) {
	if *scope != nil {
		(*scope).Incomplete = true
		in.rep.warn(MissingSection, in.x.line, "a second element %s was not read", e.Name.Local)
		return
	}
	s := &Scope{}
	*scope = s
	h := &rsopHalf{
		blockReader: newBlockReader(in.x, in.rep, s, e.Name.Local, computer),
		line:        in.x.line, blocked: make(map[string]bool),
	}
	h.ref = h.refOf
	s.Incomplete = !in.x.each(h.child) || s.Incomplete
	h.finish()
}

// child reads one child of the half's element.
func (h *rsopHalf) child(e xml.StartElement) {
	if h.misplaced(e, rsopNS, "GPO", "ExtensionData", "ExtensionStatus") {
		h.s.Incomplete = true
		return
	}
	switch e.Name.Local {
	case "SearchedSOM":
		h.som()
	case "SecurityGroup":
		h.group(e)
	case "ExtensionStatus":
		h.extensionStatus()
	case "GPO":
		h.gpo(e)
	case "ExtensionData":
		h.extensionData()
	case "EventsDetails":
		r := runReader{x: h.x, rep: h.rep, user: !h.computer, path: []string{h.name, e.Name.Local}}
		r.read()
	default:
		h.general(e)
	}
}

// general keeps what is said of the computer or user in general.
func (h *rsopHalf) general(start xml.StartElement) {
	e, closed := h.x.tree(start)
	if !closed {
		return
	}
	into := map[string]*string{"Name": &h.s.Name, "Domain": &h.s.Domain, "Site": &h.s.Site, "SOM": &h.s.OU}
	if field := into[e.name]; field != nil && e.space == rsopNS && *field == "" {
		*field = foldBreaks(e.text) // of several with one name the first that says something
	}
	f := flattener{x: h.x, fields: h.s.General}
	f.flatten(e, e.name)
	h.s.General = f.fields
}

// group reads a security group.
func (h *rsopHalf) group(start xml.StartElement) {
	e, closed := h.x.tree(start)
	if p := e.principal(); closed && p != (sid.Principal{}) {
		h.s.Groups = append(h.s.Groups, p)
	}
}

// som reads a place that was searched for links.
func (h *rsopHalf) som() {
	var path, kind, order, blocks, blocked, reason string
	closed := h.x.fields(rsopNS, map[string]*string{
		"Path": &path, "Type": &kind, "Order": &order, "BlocksInheritance": &blocks, "Blocked": &blocked, "Reason": &reason,
	})
	if !closed {
		return
	}
	if isTrue(blocked) {
		h.blocked[strings.ToLower(path)] = true
	}
	if h.x.charge(listedNodes); h.x.err == nil {
		h.s.SOMs = append(h.s.SOMs, SOM{
			Path: path, Type: kind, Order: revision(order), BlocksInheritance: isTrue(blocks), Blocked: isTrue(blocked), Reason: reason,
		})
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
	h.listFilters()
	h.nameGPOs()
	h.blockReader.finish()
}

// extensionStatus reads how an extension fared when policy was applied.
func (h *rsopHalf) extensionStatus() {
	var id, name, begin, end, logging, code string
	line := h.x.line
	closed := h.x.fields(rsopNS, map[string]*string{
		"Identifier": &id, "Name": &name, "BeginTime": &begin, "EndTime": &end, "LoggingStatus": &logging, "Error": &code,
	})
	if !closed {
		return
	}
	h.addComponent(Component{
		Name: name, GUID: strings.ToUpper(id), Status: logging, Error: code, Processed: utcTime(end), Taken: taken(utcTime(begin), utcTime(end)),
	})
	switch strings.ToUpper(id) {
	case Infrastructure:
		h.s.Refreshed = utcTime(end)
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

// taken is the time between two, such as 3s; empty if it is not known.
func taken(begin, end LocalTime) string {
	if len(begin.Candidates) == 0 || len(end.Candidates) == 0 || end.Candidates[0].Before(begin.Candidates[0]) {
		return ""
	}
	return end.Candidates[0].Sub(begin.Candidates[0]).String()
}

// addComponent keeps how a component fared. In a simulation none has run: what it says of them
// is a general remark.
func (h *rsopHalf) addComponent(c Component) {
	if c.Error == "0" {
		c.Error = ""
	}
	switch {
	case len(h.s.Components) >= maxComponents || h.x.err != nil:
	case h.rep.Results == Modelled:
		h.s.General = append(h.s.General, Field{"ExtensionStatus" + nestedName + cmp.Or(c.Name, c.GUID), cmp.Or(c.Error, c.Status)})
	default:
		h.s.Components = append(h.s.Components, c)
	}
}
