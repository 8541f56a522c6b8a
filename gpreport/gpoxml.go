package gpreport

import (
	"cmp"
	"encoding/xml"
	"strings"
	"time"
)

// gpoReader turns the XML of a report of one GPO into a Report.
type gpoReader struct {
	x   *xmlReader
	rep *Report
}

// readGPO reads a report of a GPO whose element was entered last and reports whether its end
// was there.
func readGPO(x *xmlReader, rep *Report) bool {
	rep.Kind, rep.Results, rep.Offsets = GPOReportXML, Defined, []time.Duration{0}
	rep.Description = &Description{ComputerAD: -1, ComputerSysvol: -1, UserAD: -1, UserSysvol: -1}
	in := &gpoReader{x, rep}
	closed := x.each(in.child)
	if closed && rep.GPO == (GPORef{}) {
		rep.warn(MissingSection, rep.Line, "the report does not tell which GPO it describes")
	}
	rep.absent(closed && !rep.Incomplete)
	return closed
}

// child reads a child of the GPO's element.
func (in *gpoReader) child(start xml.StartElement) {
	if misplaced(in.x, in.rep, start, settingsNS, "Computer", "User") {
		in.rep.Incomplete = true
		return
	}
	d := in.rep.Description
	switch start.Name.Local {
	case "Computer":
		in.half(&in.rep.Computer, start, halfFields{true, &d.ComputerEnabled, &d.ComputerAD, &d.ComputerSysvol})
	case "User":
		in.half(&in.rep.User, start, halfFields{false, &d.UserEnabled, &d.UserAD, &d.UserSysvol})
	default:
		if e, closed := in.x.tree(start); closed {
			in.describe(e)
		}
	}
}

// halfFields tells where a half is described.
type halfFields struct {
	computer   bool
	enabled    **bool
	ad, sysvol *int
}

// half reads the configuration of the computer or the user. One without settings is there all
// the same, and may be disabled.
func (in *gpoReader) half(scope **Scope, start xml.StartElement, to halfFields) {
	if *scope != nil {
		(*scope).Incomplete = true
		in.rep.warn(MissingSection, in.x.line, "a second element %s was not read", start.Name.Local)
		return
	}
	s := &Scope{}
	*scope = s
	b := newBlockReader(in.x, in.rep, s, start.Name.Local, to.computer)
	b.defined = true
	closed := in.x.each(func(child xml.StartElement) {
		switch {
		case b.misplaced(child, settingsNS, "ExtensionData"):
			s.Incomplete = true
		case child.Name.Local == "ExtensionData":
			b.extensionData()
		default:
			in.general(s, child, to)
		}
	})
	s.Incomplete = !closed || s.Incomplete
	b.finish()
}

// general reads what is said of a half beside its settings.
func (in *gpoReader) general(s *Scope, start xml.StartElement, to halfFields) {
	e, closed := in.x.tree(start)
	if !closed {
		return
	}
	switch text := foldBreaks(e.text); {
	case e.space != settingsNS:
	case e.name == "VersionDirectory":
		*to.ad = revision(text)
	case e.name == "VersionSysvol":
		*to.sysvol = revision(text)
	case e.name == "Enabled" && (isTrue(text) || isFalse(text)):
		on := isTrue(text)
		*to.enabled = &on
	}
	f := flattener{x: in.x, fields: s.General}
	f.flatten(e, e.name)
	s.General = f.fields
}

// describe reads what is said of the GPO itself. What has no field of its own becomes a
// detail.
func (in *gpoReader) describe(e *element) {
	d := in.rep.Description
	if e.space == settingsNS {
		switch text := foldBreaks(e.text); e.name {
		case "Identifier":
			in.identifier(e)
		case "Name":
			e.use(&in.rep.GPO.Name, text)
		case "ReadTime":
			if e.use(&in.rep.Collected.Raw, text) {
				in.rep.collected(e.line)
			}
		case "CreatedTime":
			if e.use(&d.Created.Raw, text) {
				d.Created = utcTime(text)
			}
		case "ModifiedTime":
			if e.use(&d.Modified.Raw, text) {
				d.Modified = utcTime(text)
			}
		case "Comment":
			e.use(&d.Comment, e.text) // with its lines
		case "FilterName":
			e.use(&d.WMIFilter, text)
		case "FilterDescription":
			e.use(&d.WMIDescription, text)
		case "LinksTo":
			in.link(e)
		case "SecurityDescriptor":
			in.security(e)
		}
	}
	f := flattener{x: in.x, fields: d.Details}
	f.flatten(e, e.name)
	d.Details = f.fields
}

// use puts a text into a field and reports whether it did: of several elements with one name
// the first that says something counts.
func (e *element) use(field *string, text string) bool {
	if !e.leaf() || text == "" || *field != "" {
		return false
	}
	*field, e.used = text, true
	return true
}

// identifier reads which GPO it is.
func (in *gpoReader) identifier(e *element) {
	ref := &in.rep.GPO
	id := e.gpoRef()
	if ref.GUID != "" {
		return
	}
	if ref.GUID = id.guid(); ref.GUID != "" {
		e.takeOf(typesNS, "Identifier")
	}
	ref.Local = id.local()
	ref.Domain = e.takeOf(typesNS, "Domain")
	in.rep.Description.Domain = ref.Domain
}

// link reads a place where the GPO is linked.
func (in *gpoReader) link(e *element) {
	l := Link{Path: e.takeOf(settingsNS, "SOMPath"), Order: -1}
	l.Enabled, l.Enforced = !isFalse(e.takeOf(settingsNS, "Enabled")), isTrue(e.takeOf(settingsNS, "NoOverride"))
	if l.Path == "" || strings.HasSuffix(l.Path, e.textIn(settingsNS, "SOMName")) {
		l.Path = cmp.Or(l.Path, e.takeOf(settingsNS, "SOMName"))
	}
	in.x.charge(listedNodes)
	in.rep.Description.Links = append(in.rep.Description.Links, l)
}

// The words for what everybody has to whom a GPO applies, and for a right that is refused.
const (
	applyPermission = "Apply Group Policy"
	denied          = "Deny"
)

// security reads who owns the GPO, to whom it applies and who may do what with it.
func (in *gpoReader) security(e *element) {
	d := in.rep.Description
	if owner := e.child("Owner"); owner != nil && d.Owner == "" {
		d.Owner = owner.principal().Name
	}
	list := e.child("Permissions")
	if list == nil {
		return
	}
	for _, c := range list.children {
		trustee := c.child("Trustee")
		if c.name != "TrusteePermissions" || trustee == nil {
			continue
		}
		p := Permission{Trustee: trustee.principal(), Inherited: c.take("Inherited")}
		kind := c.child("Type").take("PermissionType")
		p.Permission = strings.Join(c.child("Standard").takeAll(), ", ")
		if kind == denied {
			p.Permission = denied + ": " + p.Permission
		} else if p.Permission == applyPermission {
			d.SecurityFilters = append(d.SecurityFilters, p.Trustee)
		}
		trustee.useAll()
		in.x.charge(listedNodes)
		d.Delegation = append(d.Delegation, p)
	}
}
