package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// principal is the account as policies list principals.
func (a Account) principal() sid.Principal { return sid.Principal{Name: a.Name, SID: a.SID} }

// compare tells whether two principals are one account on this host, under all names that
// the host has or had.
func (h *Host) compare(a, b sid.Principal) sid.Match {
	return sid.Compare(h.local(a), h.local(b), h.context())
}

// local writes an account of this host under any of its names as .\x.
func (h *Host) local(p sid.Principal) sid.Principal {
	if authority := strings.ToUpper(p.Authority()); authority != "" && h.hasName(authority) {
		p.Name = `.\` + p.Account()
	}
	return p
}

// hasName reports whether a name, in upper case, is one of the host, or its NetBIOS form.
func (h *Host) hasName(name string) bool {
	return slices.ContainsFunc(h.Names, func(own string) bool {
		short := shortName(own)
		return name == own || name == short || len(short) > netBIOSLength && name == short[:netBIOSLength]
	})
}

// context returns the names under which the host and its domain are known. They are collected
// once, when the reports and the domain are known: principals are compared very often.
func (h *Host) context() sid.Context {
	if h.known != nil {
		return *h.known
	}
	return h.newContext()
}

func (h *Host) newContext() sid.Context {
	ctx := sid.Context{Host: h.Name, Member: isMember(h.Reports.latest)}
	seen := make(map[string]bool)
	add := func(domain string) {
		key := strings.ToUpper(domain)
		if domain != "" && !seen[key] && !h.hasName(key) {
			ctx.Domains = append(ctx.Domains, domain)
		}
		seen[key] = true
	}
	add(h.Domain)
	for _, r := range h.Reports.All {
		add(r.Domain)
		if r.Computer != nil {
			add(r.Computer.Domain)
			if authority, _, found := strings.Cut(r.Computer.Name, `\`); found {
				add(authority)
			}
		}
	}
	return ctx
}

// ownDomain reports whether a name is known to be that of the host's domain.
func (h *Host) ownDomain(name string) bool {
	return slices.ContainsFunc(h.context().Domains, func(d string) bool { return strings.EqualFold(d, name) })
}

// isMember reports whether a report shows the computer to be a member of a domain and no
// domain controller.
func isMember(r *gpreport.Report) bool { return r != nil && inGroup(r, sid.RIDName(515)) }

// isController reports whether a report shows the computer to be a domain controller.
func isController(r *gpreport.Report) bool { return r != nil && inGroup(r, sid.RIDName(516)) }

// inGroup reports whether the computer was in a group of that name.
func inGroup(r *gpreport.Report, name string) bool {
	return slices.ContainsFunc(r.Computer.Groups, func(p sid.Principal) bool { return strings.EqualFold(p.Account(), name) })
}
