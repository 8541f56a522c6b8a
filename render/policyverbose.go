package render

import (
	"cmp"
	"slices"

	"github.com/gpevtx/gpevtx/gpreport"
)

// described prints what a report of a GPO says about the GPO itself.
func (p *policyPage) described(r *gpreport.Report) {
	d := r.Description
	var t table
	add := func(label inert, value inert) {
		if value != "" {
			t.add(label, value)
		}
	}
	add("domain", name(d.Domain))
	add("owner", name(d.Owner))
	add("created", timeIfStated(r, d.Created))
	add("modified", timeIfStated(r, d.Modified))
	add("enabled", enabledWords(d))
	add("revision", join(slices.Concat(halfRevision("computer", d.ComputerAD, d.ComputerSysvol), halfRevision("user", d.UserAD, d.UserSysvol)), "; "))
	for _, l := range d.Links {
		add("linked to", linkWords(l))
	}
	if len(d.SecurityFilters) > 0 {
		add("applies to", list(each(d.SecurityFilters, principalWords), 0))
	}
	add("WMI filter", title(d.WMIFilter))
	add("", title(d.WMIDescription))
	add("comment", prose(d.Comment))
	if p.opt.Verbose {
		for _, g := range d.Delegation {
			add("delegation", principalWords(g.Trustee)+": "+title(g.Permission))
		}
		for _, f := range d.Details {
			add(title(f.Name), prose(f.Value))
		}
	}
	p.table(2, t)
}

// timeIfStated prints a time, and nothing for none.
func timeIfStated(r *gpreport.Report, t gpreport.LocalTime) inert {
	if t.Raw == "" {
		return ""
	}
	return policyTimeWords(r, t)
}

// enabledWords say which halves of a GPO are enabled.
func enabledWords(d *gpreport.Description) inert {
	if d.Status != "" || d.ComputerEnabled == nil || d.UserEnabled == nil {
		return title(d.Status)
	}
	word := func(on bool) inert {
		if on {
			return "enabled"
		}
		return "disabled"
	}
	return "computer settings " + word(*d.ComputerEnabled) + ", user settings " + word(*d.UserEnabled)
}

// halfRevision prints the revisions of a half of a GPO; none if they are not stated.
func halfRevision(half inert, ad, sysvol int) []inert {
	if rev := revisionWords(&gpreport.GPO{RevisionAD: ad, RevisionSysvol: sysvol}); rev != "" {
		return []inert{half + " " + rev}
	}
	return nil
}

// linkWords print where a GPO is linked.
func linkWords(l gpreport.Link) inert {
	words := name(l.Path)
	if !l.Enabled {
		words += " (disabled)"
	}
	if l.Enforced {
		words += " (enforced)"
	}
	return words
}

// rest prints what else a report says of a computer or user.
func (p *policyPage) rest(r *gpreport.Report, s *gpreport.Scope) {
	p.components(r, s)
	p.fieldList("in general", s.General)
	p.sentences("summary", s.Summary)
	var alerts []string
	for _, a := range s.Alerts {
		alerts = append(alerts, cmp.Or(a.GPO, "GPO")+": "+a.Text)
	}
	p.sentences("alerts", alerts)
	if len(s.WMIFilters) > 0 {
		p.head(2, "WMI filters")
	}
	for _, f := range s.WMIFilters {
		p.lead(4, 6, title(f.Name)+":", plain, title(f.Value)+" ("+list(names(f.GPOs), 0)+")", plain)
	}
	p.soms(s)
	if len(s.Notes) > 0 {
		p.head(2, "notes beside the settings")
	}
	for _, n := range s.Notes {
		where := join(each(n.Section, title), " > ")
		p.lead(4, 6, "-", plain, cmp.Or(prose(n.Text), "nothing")+" ["+where+"]", plain)
		p.flush(chunk)
	}
}

// components prints how the parts of Windows that apply policy fared.
func (p *policyPage) components(r *gpreport.Report, s *gpreport.Scope) {
	if len(s.Components) == 0 {
		return
	}
	p.head(2, "components")
	for _, c := range s.Components {
		words := title(c.Status)
		if c.Taken != "" {
			words += ", " + title(c.Taken)
		}
		if c.Processed.Raw != "" {
			words += ", " + policyTimeWords(r, c.Processed)
		}
		if c.Error != "" {
			words += ": " + prose(c.Error)
		}
		p.lead(4, 6, name(cmp.Or(c.Name, c.GUID, "unnamed"))+":", plain, words, plain)
		p.flush(chunk)
	}
}

// fieldList prints names with values under a heading, if there are any.
func (p *policyPage) fieldList(heading inert, fields []gpreport.Field) {
	if len(fields) == 0 {
		return
	}
	p.head(2, heading)
	for _, f := range fields {
		p.lead(4, 6, title(f.Name)+":", dim, prose(f.Value), plain)
		p.flush(chunk)
	}
}

// sentences prints sentences of a report under a heading, if there are any.
func (p *policyPage) sentences(heading inert, list []string) {
	if len(list) == 0 {
		return
	}
	p.head(2, heading)
	for _, s := range list {
		p.lead(4, 6, "-", plain, prose(s), plain)
		p.flush(chunk)
	}
}

// soms prints where links to GPOs were searched.
func (p *policyPage) soms(s *gpreport.Scope) {
	if len(s.SOMs) > 0 {
		p.head(2, "searched for links, in this order")
	}
	for _, o := range s.SOMs {
		words := title(o.Type)
		if o.BlocksInheritance {
			words += ", blocks inheritance"
		}
		if o.Blocked {
			words += ", blocked"
		}
		if o.Reason != "" {
			words += ", " + title(o.Reason)
		}
		p.lead(4, 6, name(o.Path)+":", plain, words, plain)
	}
}

// run prints the events of a run of policy.
func (p *policyPage) run(r *gpreport.Run) {
	whose := inert("computer")
	if r.User {
		whose = "user"
	}
	p.head(0, "events of the "+whose+"'s policy: "+number(len(r.Events)))
	for _, f := range r.Details {
		p.lead(2, 4, title(f.Name)+":", dim, prose(f.Value), plain)
	}
	for i := range r.Events {
		e := &r.Events[i]
		p.lead(2, 4, stamp(e.Time)+"  "+number(e.ID), dim, prose(e.Description), plain)
		p.flush(chunk)
	}
}
