package gpreport

import (
	"cmp"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// typedSetting is a setting in a form for programs: one of the three. Its winner is gpo.
type typedSetting struct {
	gpo        gpoID
	restricted *RestrictedGroup
	service    *Service
	local      *LocalGroup
	// odd says that the element is not as expected, so that a list may not be whole.
	odd bool
}

// finishTyped puts the typed settings into their lists.
func (b *blockReader) finishTyped() {
	for _, t := range b.typed {
		switch {
		case t.odd: // half a list would be another list
		case t.restricted != nil:
			t.restricted.Winner, _ = b.ref(t.gpo)
			b.s.RestrictedGroups = append(b.s.RestrictedGroups, *t.restricted)
		case t.service != nil:
			t.service.Winner, _ = b.ref(t.gpo)
			b.s.Services = append(b.s.Services, *t.service)
		case t.local != nil:
			t.local.Winner, _ = b.ref(t.gpo)
			b.s.LocalGroups = append(b.s.LocalGroups, *t.local)
		}
	}
}

// typedOf makes the typed setting of an element; nil for one of another kind, and for an item
// of preferences that is disabled.
func typedOf(e *element, at evidence.Location) *typedSetting {
	switch {
	case e.space == securityNS && e.name == "RestrictedGroups":
		return restrictedGroupOf(e, at)
	case e.space == securityNS && e.name == "SystemServices":
		mode := e.textOf("StartupMode")
		return &typedSetting{service: &Service{Name: e.textOf("Name"), Mode: startMode(mode), ModeText: mode, Location: at}}
	case isTrue(e.attr("disabled")):
		return nil
	case e.property("groupName") != "" || e.property("groupSid") != "":
		return localGroupOf(e, at)
	case e.property("serviceName") != "":
		mode := e.property("startupType")
		return &typedSetting{service: &Service{Name: e.property("serviceName"), Mode: startMode(mode), ModeText: mode, Location: at}}
	}
	return nil
}

// principal reads an account that may have a name, a SID or both.
func (e *element) principal() sid.Principal {
	var name, id string
	for _, c := range e.children {
		switch {
		case c.space != typesNS:
		case c.name == "Name" && name == "":
			name = foldBreaks(c.text)
		case c.name == "SID" && id == "":
			id = foldBreaks(c.text)
		}
	}
	return newPrincipal(name, id)
}

func newPrincipal(name, id string) sid.Principal {
	p := sid.ParsePrincipal(cmp.Or(name, id))
	if s, err := sid.Parse(strings.TrimPrefix(id, "*")); err == nil {
		p.SID = s
	}
	return p
}

func restrictedGroupOf(e *element, at evidence.Location) *typedSetting {
	g := &RestrictedGroup{Location: at}
	t := &typedSetting{restricted: g}
	for _, c := range e.children {
		p := c.principal()
		switch c.name {
		case "GroupName":
			g.Group = p
		case "Member":
			g.Members = append(g.Members, p)
		case "Memberof":
			g.MemberOf = append(g.MemberOf, p)
		default:
			continue
		}
		t.odd = t.odd || p == (sid.Principal{})
	}
	t.odd = t.odd || g.Group == (sid.Principal{})
	return t
}

// actions are the letters for what an item of preferences does, in the words of English HTML
// reports.
var actions = map[string]string{"C": "Create", "R": "Replace", "U": "Update", "D": "Delete"}

// describePreference describes an item of preferences: by the attributes of its properties, or
// in a result by the properties of a WMI object.
func describePreference(e *element) description {
	d := description{name: cmp.Or(e.attr("name"), wmiProperty(e.child("BaseInstanceXml"), "name"), e.property("name"))}
	action := e.property("action")
	d.value = cmp.Or(e.property("value"), actions[action], action)
	d.identity = wmiProperty(e.child("BaseInstanceXml"), "polmkrBaseHash")
	return d
}

// property returns a property of an item of preferences; "" for none.
func (e *element) property(name string) string {
	if p := e.child("Properties"); p != nil {
		return p.attr(name)
	}
	if b := e.child("BaseInstanceXml"); b != nil {
		return wmiProperty(b.child("INSTANCE"), wmiPrefix+name)
	}
	return ""
}

// wmiPrefix is what the names of the properties begin with in WMI.
const wmiPrefix = "polmkr"

// wmiProperty returns a property of a WMI object, whatever its case; "" for none.
func wmiProperty(object *element, name string) string {
	if object == nil {
		return ""
	}
	for _, c := range object.children {
		if c.name == "PROPERTY" && strings.EqualFold(c.attr("NAME"), name) {
			return c.textOf("VALUE")
		}
	}
	return ""
}

// localGroupOf reads an item of the preferences for local groups.
func localGroupOf(e *element, at evidence.Location) *typedSetting {
	action := e.property("action")
	g := &LocalGroup{
		Group:       newPrincipal(e.property("groupName"), e.property("groupSid")),
		Action:      cmp.Or(actions[action], action),
		DeleteUsers: isTrue(e.property("deleteAllUsers")), DeleteGroups: isTrue(e.property("deleteAllGroups")),
		Location: at,
	}
	t := &typedSetting{local: g}
	members := e.child("Properties").child("Members")
	if members == nil {
		members = e.child("BaseInstanceXml").child("INSTANCE").child("Members")
	}
	if members == nil {
		return t
	}
	for _, m := range members.children {
		p := newPrincipal(m.said("name"), m.said("sid"))
		switch action := m.said("action"); {
		case p == (sid.Principal{}):
			t.odd = true
		case strings.EqualFold(action, "ADD"):
			g.Add = append(g.Add, p)
		case strings.EqualFold(action, "REMOVE"):
			g.Remove = append(g.Remove, p)
		default:
			t.odd = true
		}
	}
	return t
}

// said returns what a member says under a name, in an attribute, an element or a property.
func (e *element) said(name string) string {
	if s := e.attr(name); s != "" {
		return s
	}
	for _, c := range e.children {
		if strings.EqualFold(c.name, name) || strings.EqualFold(c.name, wmiPrefix+name) {
			return foldBreaks(c.text)
		}
	}
	return wmiProperty(e, wmiPrefix+name)
}
