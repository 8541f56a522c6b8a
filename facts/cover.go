package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// coverage of an account by a principal that a policy lists.
type cover int

const (
	mayCover cover = iota // a group whose members are unknown, or a name that says too little
	covers
	coversNot
)

// subject is the account that principals are compared with, and what helps to do so.
type subject struct {
	host     *Host
	account  Account
	self     sid.Principal
	accounts map[string]bool // names and SIDs that are known to be accounts, in lower case
	groups   groupKnowledge
	own      ownSIDs
}

// covered tells whether p in a policy stands for the account: by itself, or as a group of
// which the inputs show whether the account is in it.
func (s subject) covered(p sid.Principal) cover {
	if isUnreadable(p) {
		return mayCover
	}
	if c := s.coveredByItself(p); c != mayCover {
		return c
	}
	_, c := s.groups.holds(p, s.host)
	if c == coversNot && s.account.Assumed {
		return mayCover // of whichever account it really is, nothing is known
	}
	return c
}

// isUnreadable reports whether characters of a name are lost: those that a reader could not
// decode, and those for which a console had none, which it shows as question marks. Names of
// accounts have no question marks.
func isUnreadable(p sid.Principal) bool { return strings.ContainsAny(p.Name, "\ufffd?") }

// ruledOut returns what shows that the account is not in a group that might have held it.
func (s subject) ruledOut(p sid.Principal) []evidence.Item {
	if isUnreadable(p) || s.coveredByItself(p) != mayCover {
		return nil
	}
	m, _ := s.groups.holds(p, s.host)
	return m.proof
}

// coveredByItself decides only what Windows itself decides: an unknown group, or a name that
// could be one, may hold the account.
func (s subject) coveredByItself(p sid.Principal) cover {
	switch s.host.compare(s.self, p) {
	case sid.Same:
		return covers
	case sid.Unknown:
		if p.SID == "" && strings.EqualFold(p.Account(), s.self.Account()) {
			return mayCover // such as a bare ADSync, which Windows cannot resolve
		}
	}
	if strings.EqualFold(strings.TrimSuffix(p.Name, "$"), strings.TrimSuffix(s.self.Name, "$")) {
		return mayCover // a managed account that the user states without its $
	}
	if p.SID != "" {
		if c, ok := s.coveredBySID(p.SID); ok {
			return c
		}
	}
	if c, ok := s.coveredByRID(p); ok {
		return c
	}
	switch {
	case strings.HasSuffix(p.Account(), "$"): // a computer or managed service account is no group
		return s.another(p)
	case s.accounts[strings.ToLower(p.Name)] || p.SID != "" && s.accounts[strings.ToLower(string(p.SID))]:
		return s.another(p)
	}
	return mayCover
}

// another tells of a principal that is known to be an account whether it can be the one:
// of two accounts whose names differ in more than spelling, neither is the other. As long
// as the account is only assumed, any account may be the one.
func (s subject) another(p sid.Principal) cover {
	if s.account.Assumed {
		return mayCover
	}
	if s.host.compare(s.self, p) == sid.Different {
		return coversNot
	}
	return mayCover
}

// coveredByRID decides for the groups that every domain has: its users, to which neither
// virtual nor local accounts belong, and its computers, to which managed accounts belong.
func (s subject) coveredByRID(p sid.Principal) (c cover, ok bool) {
	if s.account.Assumed {
		return mayCover, false
	}
	is := func(rid uint32) bool {
		if got, ok := p.SID.RID(); ok {
			_, domain := p.SID.Domain()
			return domain && got == rid
		}
		return p.SID == "" && p.Authority() != "" && namesRID(p.Account(), rid)
	}
	own := s.host.ownDomain(p.Authority())
	switch kind := s.account.Kind; {
	case is(513) && (kind == Virtual || kind == LocalUser), is(515) && (kind == Virtual || kind == LocalUser || kind == DomainUser):
		return coversNot, true
	case is(513) && kind == DomainUser && own && s.host.ownDomain(s.self.Authority()):
		return covers, true
	}
	return mayCover, false
}

// domainUsers are the names that Domain Users has in a domain that was made with Windows in
// another language. They are from listings of such domains, not from a list of Microsoft's: a
// name that is missing here leaves the members of the group unknown.
var domainUsers = []string{
	"Domänen-Benutzer", "Utilisateurs du domaine", "Utilisa. du domaine", "Usuarios del dominio",
	"Usuários do domínio", "Utilizadores do domínio", "Domeingebruikers", "Domänanvändare",
	"Domænebrugere", "Domenebrukere", "Пользователи домена", "Użytkownicy domeny",
	"Tartományfelhasználók",
}

// namesRID reports whether a name is that of the group with a relative id in every domain.
func namesRID(name string, rid uint32) bool {
	return strings.EqualFold(name, sid.RIDName(rid)) ||
		rid == 513 && slices.ContainsFunc(domainUsers, func(n string) bool { return strings.EqualFold(n, name) })
}

// coveredBySID decides for the principals that are the same on every computer. ok is false
// for all others.
func (s subject) coveredBySID(p sid.SID) (c cover, ok bool) {
	kind := s.account.Kind
	only := func(kinds ...AccountKind) (cover, bool) {
		if kind == UnknownAccount || s.account.Assumed && kind != kinds[0] {
			return mayCover, true
		}
		for _, k := range kinds {
			if k == kind {
				return covers, true
			}
		}
		return coversNot, true
	}
	switch p {
	case "S-1-1-0", "S-1-5-11", "S-1-5-32-545": // Everyone, Authenticated Users, Users
		return covers, true
	case "S-1-5-80-0": // NT SERVICE\ALL SERVICES
		return only(Virtual)
	case "S-1-5-113": // Local account
		return only(LocalUser)
	case "S-1-5-114": // Local account and member of Administrators group
		if c, ok = only(LocalUser); c == covers {
			c = mayCover
		}
		return c, ok
	case "S-1-5-18", "S-1-5-19", "S-1-5-20": // other identities than a service's own account
		return coversNot, true
	case "S-1-5-7", "S-1-5-9", "S-1-3-0", "S-1-3-1": // anonymous, domain controllers, creators
		return coversNot, true
	case "S-1-5-2": // Network: only of logons over the network, which none of the six rights is about
		return coversNot, true
	case "S-1-5-83-0", "S-1-5-90-0", "S-1-5-96-0", "S-1-5-99-0": // other kinds of virtual accounts
		return coversNot, true
	}
	if p.IsService() || strings.HasPrefix(string(p), "S-1-5-82-") {
		return coversNot, true // the virtual account of another service or pool
	}
	return mayCover, false
}
