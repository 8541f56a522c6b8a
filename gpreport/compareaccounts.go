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
	// longer says that one list has more accounts than the other can have, so that the lists
	// differ even if all that may be the same are.
	longer bool
}

// differ reports whether the lists are known to differ.
func (d accountDiff) differ() bool { return d.longer || !d.Empty() }

// maxMaybe is with how many accounts of the other list an account that is in one only is
// compared: policies list a handful.
const maxMaybe = 64

// accounts compares two lists of accounts.
func (c *comparison) accounts(before, after []sid.Principal) accountDiff {
	before, after = distinct(before), distinct(after)
	m := matchUp(before, after, accountPasses(c.sids)...)
	var d accountDiff
	for _, p := range m.removed {
		c.place(p, m.added, &d.Removed, &d.maybe[0])
	}
	for _, p := range m.added {
		c.place(p, m.removed, &d.Added, &d.maybe[1])
	}
	if len(before) != len(after) && d.Empty() {
		more := before
		if len(after) > len(before) {
			more = after
		}
		d.longer = c.allDiffer(more)
	}
	return d
}

// allDiffer reports whether the accounts of a list are known to be as many.
func (c *comparison) allDiffer(list []sid.Principal) bool {
	if len(list) > maxMaybe {
		return false
	}
	for i, p := range list {
		if slices.ContainsFunc(list[:i], func(q sid.Principal) bool { return sid.Compare(p, q, c.sids) != sid.Different }) {
			return false
		}
	}
	return true
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
// the computer or its domain in another form. A name without its authority says less than one
// with it, and is not the same.
func accountPasses(ctx sid.Context) []keyPass[sid.Principal] {
	bySID := func(p *sid.Principal) string { return string(p.SID) }
	named := func(p *sid.Principal) string { return foldName(p.Name) }
	home := func(p *sid.Principal) string { return homeName(*p, ctx) }
	return []keyPass[sid.Principal]{
		sameKey(bySID),
		{before: withoutSID(named), after: named},
		{before: named, after: withoutSID(named)},
		{before: withoutSID(home), after: home},
		{before: home, after: withoutSID(home)},
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
	switch sid.Compare(p, q, c.sids) {
	case sid.Same:
		return true
	case sid.Different:
		return false
	}
	a, b := p.Account(), q.Account()
	switch {
	case strings.EqualFold(a, b) && a != "":
		bare := hasFixedSID(p) && q.Authority() == "" || hasFixedSID(q) && p.Authority() == ""
		return !bare // what Windows finds by the bare name would have got the SID
	case hasFixedSID(p), hasFixedSID(q):
		return c.maybeFixed(p, q)
	case a == "" || b == "":
		return true // the SID of an account against a name
	case strings.Contains(p.Name, "@") || strings.Contains(q.Name, "@"):
		return true // the prefix of a user principal name is free to choose
	}
	return c.before.Language != c.after.Language
}

// maybeFixed reports whether two accounts can be the same of which one has a SID that is the
// same on every computer, and the other another name. The other is one of Windows itself then,
// in a language that is not known: none of the computer's domain, whose names are not
// translated, but for what the domain controllers find of BUILTIN there.
func (c *comparison) maybeFixed(p, q sid.Principal) bool {
	if !hasFixedSID(p) {
		p, q = q, p
	}
	if homeName(q, c.sids) == "" {
		english := c.before.Language == "en" && sid.Name(p.SID) != ""
		return c.before.Language != c.after.Language || p.Account() == "" && !english
	}
	known, _ := sid.Lookup(`BUILTIN\` + q.Account())
	return known == p.SID && !c.sids.Member
}

// unsureAccounts notes accounts that may be one; about is what lists them.
func (c *comparison) unsureAccounts(part Part, d accountDiff, about ...subject) {
	if len(d.maybe[0]) == 0 && len(d.maybe[1]) == 0 {
		return
	}
	u := Unsure{
		Scope: c.scopeName, Part: part, Code: MaybeOneAccount,
		Message:  "some accounts may be the same: they are given by SID only, in another language, without or under another domain name",
		Accounts: AccountChanges{Added: d.maybe[1], Removed: d.maybe[0]}, about: about,
	}
	for _, s := range about {
		u.Names = append(u.Names, s.name)
	}
	c.diff.Unsure = append(c.diff.Unsure, u)
}

// sharedContext is what is known of the computer that both reports are of, or of the domain
// that both are in.
func sharedContext(before, after *Report) sid.Context {
	var ctx sid.Context
	if strings.EqualFold(before.Host, after.Host) {
		ctx.Host = before.Host
		ctx.Member = before.showsMember() || after.showsMember()
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

// showsMember reports whether the report shows that the computer is no domain controller, each
// of which is in the group of those.
func (r *Report) showsMember() bool {
	s := r.Computer
	if s == nil || s.Incomplete || r.Incomplete || len(s.Groups) == 0 || r.Results != Logged {
		return false
	}
	return !slices.ContainsFunc(s.Groups, func(p sid.Principal) bool {
		return p.SID == controllersSID || strings.HasSuffix(string(p.SID), "-516") || strings.HasSuffix(string(p.SID), "-521") ||
			strings.EqualFold(p.Account(), sid.RIDName(controllersRID))
	})
}

// The groups of domain controllers: of the forest, and the relative id of that of a domain.
const (
	controllersSID = sid.SID("S-1-5-9")
	controllersRID = 516
)
