package facts

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// GPOEdit is one edit of a GPO, or of where it is linked, as the Security log of a domain
// controller tells it. Edits of users' settings are left out.
type GPOEdit struct {
	// Event is the one that states the new value, or the old one where it was only removed.
	Event Event
	// GUID is that of the GPO.
	GUID string
	// What says what was done, such as "its computer settings were saved (version 5 to 6)".
	What string
	// By is the account that did it, as DOMAIN\name.
	By string
	// Domain is the DNS name of the domain in which it was done.
	Domain string
}

// isGPOEdit reports whether an event may be part of an edit of a GPO.
func isGPOEdit(e Event) bool {
	if !isAudit(e, 5136) {
		return false
	}
	switch attribute := e.Data("AttributeLDAPDisplayName"); {
	case strings.EqualFold(attribute, "gPLink"):
		return true
	case strings.EqualFold(attribute, "versionNumber"), strings.EqualFold(attribute, "gPCMachineExtensionNames"):
		return strings.EqualFold(e.Data("ObjectClass"), "groupPolicyContainer")
	}
	return false
}

// edit is what one operation did to one attribute: the events with its old and new value.
type edit struct{ removed, added *Event }

// gpoEdits puts the events of the directory's changes together: a value that is replaced is
// logged as one that was removed and one that was added, with the operation's id in common.
// The events are in order of time, and so are the edits.
func gpoEdits(events []Event) []GPOEdit {
	byOperation := make(map[[3]string]*edit)
	var order []*edit
	for i := range events {
		e := &events[i]
		key := [3]string{e.Data("OpCorrelationID"), e.Data("ObjectDN"), e.Data("AttributeLDAPDisplayName")}
		x := byOperation[key]
		if x == nil {
			x = new(edit)
			byOperation[key] = x
			order = append(order, x)
		}
		switch e.Data("OperationType") {
		case "%%14674":
			x.added = e
		case "%%14675":
			x.removed = e
		}
	}
	var out []GPOEdit
	for _, x := range order {
		out = append(out, x.read()...)
	}
	slices.SortStableFunc(out, func(a, b GPOEdit) int {
		return cmp.Or(a.Event.Time.Compare(b.Event.Time), cmp.Compare(a.Event.Record, b.Event.Record))
	})
	return out
}

// value is the value of an event, empty without one.
func value(e *Event) string {
	if e == nil {
		return ""
	}
	return e.Data("AttributeValue")
}

// read tells which GPOs an operation edited, and how.
func (x *edit) read() []GPOEdit {
	e := x.added
	if e == nil {
		e = x.removed
	}
	if e == nil {
		return nil
	}
	one := GPOEdit{Event: *e, By: e.By(), Domain: e.Data("DSName")}
	switch attribute := e.Data("AttributeLDAPDisplayName"); {
	case strings.EqualFold(attribute, "gPLink"):
		return x.links(one)
	case strings.EqualFold(attribute, "versionNumber"):
		one.What = x.version()
	default:
		one.What = "the kinds of computer settings that it has were changed"
	}
	one.GUID = guidOf(commonName(e.Data("ObjectDN")))
	if one.GUID == "" || one.What == "" {
		return nil
	}
	return []GPOEdit{one}
}

// commonName is the value of the first part of a distinguished name.
func commonName(dn string) string {
	first, _, _ := strings.Cut(dn, ",")
	_, name, _ := strings.Cut(first, "=")
	return name
}

// version says how the version changed, if that of the computer's settings did. It is in
// the low 16 bits; the high ones count the edits of the user's settings.
func (x *edit) version() string {
	before, err1 := strconv.ParseInt(value(x.removed), 10, 64)
	after, err2 := strconv.ParseInt(value(x.added), 10, 64)
	if err1 != nil || err2 != nil || before&0xFFFF == after&0xFFFF {
		return ""
	}
	return "its computer settings were saved (version " + itoa(int(before&0xFFFF)) + " to " + itoa(int(after&0xFFFF)) + ")"
}

// maxLinks bounds the GPOs that are linked at one place.
const maxLinks = 256

// links tells which links were added, removed or changed at a site, domain or OU.
func (x *edit) links(one GPOEdit) []GPOEdit {
	if len(value(x.removed)) >= maxValue-utf8.UTFMax || len(value(x.added)) >= maxValue-utf8.UTFMax {
		return nil // cut: what is missing may stand behind
	}
	before, after := parseLinks(value(x.removed)), parseLinks(value(x.added))
	where := one.Event.Data("ObjectDN")
	var out []GPOEdit
	add := func(guid, what string) {
		one.GUID, one.What = guid, what+where
		out = append(out, one)
	}
	for _, l := range after {
		i := slices.IndexFunc(before, func(b link) bool { return b.guid == l.guid })
		switch {
		case i < 0:
			add(l.guid, "it was linked to ")
		case before[i].options != l.options:
			add(l.guid, "its link was enabled, disabled or enforced at ")
		}
	}
	for _, l := range before {
		if !slices.ContainsFunc(after, func(a link) bool { return a.guid == l.guid }) {
			add(l.guid, "its link was removed from ")
		}
	}
	return out
}

// link is one link in the attribute gPLink.
type link struct{ guid, options string }

// parseLinks reads an attribute gPLink, [LDAP://cn={GUID},cn=policies,…;0] for each link.
func parseLinks(value string) []link {
	var out []link
	for _, part := range strings.Split(value, "[") {
		path, options, found := strings.Cut(strings.TrimSuffix(strings.TrimSpace(part), "]"), ";")
		i := strings.IndexByte(path, '{')
		if end := strings.IndexByte(path, '}'); found && i >= 0 && end > i && len(out) < maxLinks {
			if guid := guidOf(path[i : end+1]); guid != "" {
				out = append(out, link{guid, options})
			}
		}
	}
	return out
}

// editsByDomain are the edits by the name of their domain in lower case: the DNS name, and
// its first part, which is the NetBIOS name as a rule.
type editsByDomain map[string][]GPOEdit

func newEditsByDomain(edits []GPOEdit) editsByDomain {
	out := make(editsByDomain)
	for _, e := range edits {
		dns := strings.ToLower(e.Domain)
		out[dns] = append(out[dns], e)
		if first, _, found := strings.Cut(dns, "."); found {
			out[first] = append(out[first], e)
		}
	}
	return out
}

// of returns the edits in the host's domain. Those of another domain are none of this
// computer, though the GPOs that every domain has are called the same there.
func (d editsByDomain) of(h *Host) []GPOEdit {
	domains := h.context().Domains
	isDNS := func(name string) bool { return strings.Contains(name, ".") }
	if slices.ContainsFunc(domains, isDNS) {
		domains = slices.DeleteFunc(domains, func(name string) bool { return !isDNS(name) })
	}
	for _, name := range domains {
		if edits := d[strings.ToLower(name)]; len(edits) > 0 {
			return edits
		}
	}
	return nil
}

// Editing tells who edited the GPO that decides the right, before the account was refused.
type Editing struct {
	// Seen is set when the inputs have any edits of the domain's GPOs.
	Seen bool
	// Events are the edits, the newest last; Last is the newest one, GPO what it edited.
	Events []Event
	Last   GPOEdit
	GPO    GPO
	// SinceGood is set when the newest edit was made after the last good start of the
	// service.
	SinceGood bool
	// Reasons say what keeps it from being told.
	Reasons []Reason
}

// settled is how long an edit may take to reach a computer: replication between domain
// controllers, and the next refresh.
const settled = 24 * time.Hour

// editing finds the edits of the GPO that decides the right, from a day before the last good
// start, since an older one was in force then, to the first refusal.
func (p *Policy) editing(h *Host, edits []GPOEdit) Editing {
	out := Editing{Seen: len(edits) > 0}
	if len(p.Refused) == 0 || !out.Seen {
		return out
	}
	blamed := h.Rights.blamed()
	for _, e := range edits {
		i := slices.IndexFunc(blamed, func(g GPO) bool { return g.GUID != "" && g.GUID == e.GUID })
		at := e.Event.Time
		if i < 0 || at.After(p.Refused[0].Time) || !p.LastGood.Time.IsZero() && at.Before(p.LastGood.Time.Add(-settled)) {
			continue
		}
		out.Events, out.Last, out.GPO = append(out.Events, e.Event), e, blamed[i]
	}
	out.SinceGood = len(out.Events) > 0 && !p.LastGood.Time.IsZero() && out.Last.Event.Time.After(p.LastGood.Time)
	if len(out.Events) == 0 {
		out.Reasons = []Reason{{
			Code: "gpo-edit-not-seen", Input: h.Domain, Ask: "wevtutil epl Security Security.evtx",
			Message: "The events 5136 of domain controllers in the inputs do not show an edit of the GPO that decides the right. Each domain controller only logs the edits that were made on it, if it audits changes of directory objects: collect the Security logs of the others too.",
		}}
	}
	return out
}
