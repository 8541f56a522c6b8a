package gpreport

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// accountDiff tells which accounts of two lists are in one only, and which may be: maybe
// holds those of both lists that may be accounts of the other one.
type accountDiff struct {
	AccountChanges
	maybe [2][]sid.Principal
}

// maxMaybe is with how many accounts of the other list an account that is in one only is
// compared: policies list a handful.
const maxMaybe = 64

// accounts compares two lists of accounts.
func (c *comparison) accounts(before, after []sid.Principal) accountDiff {
	m := matchUp(distinct(before), distinct(after), accountPasses(c.sids)...)
	var d accountDiff
	for _, p := range m.removed {
		c.place(p, m.added, &d.Removed, &d.maybe[0])
	}
	for _, p := range m.added {
		c.place(p, m.removed, &d.Added, &d.maybe[1])
	}
	return d
}

// place puts an account that has no partner to those of one list only, or to those that may
// be one of the others.
func (c *comparison) place(p *sid.Principal, others []*sid.Principal, only, maybe *[]sid.Principal) {
	near := others[:min(len(others), maxMaybe)]
	if len(others) > maxMaybe || slices.ContainsFunc(near, func(o *sid.Principal) bool { return c.maybeOne(*p, *o) }) {
		*maybe = append(*maybe, *p)
		return
	}
	*only = append(*only, *p)
}

// distinct returns the accounts of a list, each once, with the SIDs that follow from names.
func distinct(list []sid.Principal) []sid.Principal {
	out := make([]sid.Principal, 0, len(list))
	seen := make(map[string]bool, len(list))
	for _, p := range list {
		if p.SID == "" {
			p.SID, _ = sid.Lookup(p.Name)
		}
		key := string(p.SID)
		if key == "" {
			key = foldName(p.Name)
		}
		if key != "" && !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
	}
	return out
}

func foldName(s string) string { return strings.ToLower(s) }

// accountPasses find equal accounts: by SID; where one has no SID by the name, also that of
// the computer or its domain in another form; and by the name without its authority where one
// has none. Only names that stand once are joined by less than their whole.
func accountPasses(ctx sid.Context) []keyPass[sid.Principal] {
	bySID := func(p *sid.Principal) string { return string(p.SID) }
	named := func(p *sid.Principal) string { return foldName(p.Name) }
	home := func(p *sid.Principal) string { return homeName(*p, ctx) }
	bare := func(p *sid.Principal) string {
		if p.SID != "" || p.Authority() != "" {
			return ""
		}
		return foldName(p.Account())
	}
	full := func(p *sid.Principal) string {
		if hasFixedSID(*p) {
			return "" // what Windows finds by the bare name would have got the SID
		}
		return foldName(p.Account())
	}
	return []keyPass[sid.Principal]{
		sameKey(bySID),
		{before: withoutSID(named), after: named},
		{before: named, after: withoutSID(named)},
		{before: withoutSID(home), after: home},
		{before: home, after: withoutSID(home)},
		{before: bare, after: full, unique: true},
		{before: full, after: bare, unique: true},
	}
}

// withoutSID gives the key to accounts without SID only.
func withoutSID(key func(*sid.Principal) string) func(*sid.Principal) string {
	return func(p *sid.Principal) string {
		if p.SID != "" {
			return ""
		}
		return key(p)
	}
}

// hasFixedSID reports whether the account has a SID that is the same on every computer.
func hasFixedSID(p sid.Principal) bool {
	return p.SID != "" && !strings.HasPrefix(string(p.SID), "S-1-5-21-")
}

// homeName is the name of an account of the computer or of its domain, in a form that is the
// same for all names of that domain; empty for any other.
func homeName(p sid.Principal, ctx sid.Context) string {
	authority, account := foldName(p.Authority()), foldName(p.Account())
	switch {
	case authority == "":
		return ""
	case authority == "." || ctx.Host != "" && authority == foldName(ctx.Host):
		return `.\` + account
	case slices.Contains(ctx.Domains, authority):
		return ctx.Domains[0] + `\` + account
	}
	return ""
}

// maybeOne reports whether two accounts that have no partner can be the same.
func (c *comparison) maybeOne(p, q sid.Principal) bool {
	if sid.Compare(p, q, c.sids) != sid.Unknown {
		return false
	}
	a, b := p.Account(), q.Account()
	switch {
	case a == "" || b == "":
		return true // a SID against a name
	case strings.EqualFold(a, b):
		bare := hasFixedSID(p) && q.Authority() == "" || hasFixedSID(q) && p.Authority() == ""
		return !bare // what Windows finds by the bare name would have got the SID
	case strings.Contains(p.Name, "@") || strings.Contains(q.Name, "@"):
		return true // the prefix of a user principal name is free to choose
	}
	return c.before.Language != c.after.Language
}

// unsureAccounts notes accounts that may be one; names are those of the list.
func (c *comparison) unsureAccounts(part Part, d accountDiff, names ...string) {
	if len(d.maybe[0]) == 0 && len(d.maybe[1]) == 0 {
		return
	}
	c.diff.Unsure = append(c.diff.Unsure, Unsure{
		Scope: c.scopeName, Part: part, Code: MaybeOneAccount,
		Message: "some accounts may be the same: they are given by SID only, in another language or under another domain name",
		Names:   names, Accounts: AccountChanges{Added: d.maybe[1], Removed: d.maybe[0]},
	})
}

// sharedContext is what is known of the computer that both reports are of, or of the domain
// that both are in.
func sharedContext(before, after *Report) sid.Context {
	var ctx sid.Context
	if strings.EqualFold(before.Host, after.Host) {
		ctx.Host = before.Host
	}
	a, b := before.domains(), after.domains()
	if slices.ContainsFunc(a, func(d string) bool { return slices.Contains(b, d) }) {
		ctx.Domains = append(a, b...)
		slices.Sort(ctx.Domains)
		ctx.Domains = slices.Compact(ctx.Domains)
	}
	return ctx
}

// domains are the names of the computer's domain in lower case.
func (r *Report) domains() []string {
	var out []string
	if r.Domain != "" {
		out = append(out, strings.ToLower(r.Domain))
	}
	if c := r.Computer; c != nil && r.Domain != "" {
		if d, _, ok := strings.Cut(c.Name, `\`); ok && !strings.EqualFold(d, r.Host) {
			out = append(out, strings.ToLower(d))
		}
	}
	return out
}
