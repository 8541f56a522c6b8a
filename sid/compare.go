package sid

import (
	"slices"
	"strings"
)

// Match is the outcome of [Compare]. The zero value is Unknown.
type Match int8

// The outcomes of a comparison.
const (
	// Unknown means that the text allows both.
	Unknown Match = iota
	// Same means that both principals are one account or group.
	Same
	// Different means that they cannot be.
	Different
)

// String returns "unknown", "same" or "different".
func (m Match) String() string {
	switch m {
	case Same:
		return "same"
	case Different:
		return "different"
	}
	return "unknown"
}

// Context is what is known of the computer on which names are looked up. The zero value
// knows nothing, so that fewer names can be told apart or identified.
type Context struct {
	// Host is the computer's name; a DNS name counts by its first label.
	Host string
	// Domains are the NetBIOS and DNS names known to be the computer's domain.
	Domains []string
	// Member is set when the computer is known not to be a domain controller. Only then
	// does it have accounts of its own, so that .\x and CONTOSO\x must be two accounts.
	Member bool
}

// Compare tells whether a and b are the same account or group.
//
// SIDs decide when both are known. Otherwise the names must: case does not matter, .\x is
// HOST\x, and any two names of the computer's domain are one domain. A name that says less
// than the other is no match and no mismatch: a bare x may be CONTOSO\x, and contoso.com may
// be CONTOSO or not. Differing user principal names do not tell accounts apart, because the
// part before the at sign is free to choose.
func Compare(a, b Principal, ctx Context) Match {
	switch {
	case a.SID != "" && b.SID != "":
		if a.SID == b.SID {
			return Same
		}
		return Different
	case a.SID != "" && !isAccountSID(a.SID):
		return compareFixed(a, b, ctx)
	case b.SID != "" && !isAccountSID(b.SID):
		return compareFixed(b, a, ctx)
	}
	return compareNames(a, b, ctx)
}

// isAccountSID reports whether s belongs to an account of a domain or computer, whose name
// only that domain or computer knows.
func isAccountSID(s SID) bool { return strings.HasPrefix(string(s), accountDomain) }

// compareFixed compares fixed, whose SID is the same on every computer, with other, which
// has a name only.
func compareFixed(fixed, other Principal, ctx Context) Match {
	authority, account, upn := other.split()
	if account == "" {
		return Unknown
	}
	if upn {
		return Different // only accounts of a domain have a user principal name
	}
	switch ctx.place(authority, false) {
	case local, domain:
		// A domain controller also finds the BUILTIN groups in its domain.
		if !strings.HasPrefix(string(fixed.SID), "S-1-5-32-") {
			return Different
		}
	default:
		// The names of single services are not translated; all others are, and other may
		// be a translation that the table lacks.
		name := fixedAccount(fixed)
		if fixed.SID.IsService() && name != "" && !equal(name, account) {
			return Different
		}
	}
	return Unknown
}

// fixedAccount returns the name of a principal whose SID is the same on every computer,
// without its authority.
func fixedAccount(p Principal) string {
	if account := p.Account(); account != "" {
		return account
	}
	return Principal{Name: Name(p.SID)}.Account()
}

// place says what an authority stands for.
type place int

const (
	nowhere place = iota // a bare name
	local                // the computer
	domain               // the computer's domain
	system               // an authority of Windows itself, such as NT AUTHORITY
	other                // any other domain or computer
)

func (ctx Context) place(authority string, upn bool) place {
	host, _, _ := strings.Cut(ctx.Host, ".")
	switch {
	case authority == "":
		return nowhere
	case !upn && (authority == "." || equal(authority, ctx.Host) || equal(authority, host)):
		return local
	case slices.ContainsFunc(ctx.Domains, func(d string) bool { return equal(d, authority) }):
		return domain
	case table().authority[fold(authority)] != "":
		return system
	}
	return other
}

// compareNames compares principals of which at most one has a SID, of an account.
func compareNames(a, b Principal, ctx Context) Match {
	authorityA, accountA, upnA := a.split()
	authorityB, accountB, upnB := b.split()
	if accountA == "" || accountB == "" {
		return Unknown // a SID against a name
	}
	placeA, placeB := ctx.place(authorityA, upnA), ctx.place(authorityB, upnB)
	where := samePlace(authorityA, authorityB, placeA, placeB, ctx)
	if equal(accountA, accountB) {
		return where
	}
	if where == Different {
		return Different
	}
	if upnA || upnB || placeA == system || placeB == system {
		return Unknown // a free prefix, or a name that may be translated
	}
	return Different
}

// samePlace tells whether two authorities are one.
func samePlace(a, b string, placeA, placeB place, ctx Context) Match {
	if placeA > placeB {
		a, b, placeA, placeB = b, a, placeB, placeA
	}
	switch {
	case placeA == nowhere && placeB == nowhere:
		return Same // the same text, looked up on the same computer
	case placeA == nowhere:
		return Unknown
	case placeA == placeB && placeA != other:
		return sameIf(placeA != system || table().authority[fold(a)] == table().authority[fold(b)])
	case placeB == system:
		// Against the computer or its domain; a domain controller has its BUILTIN groups
		// in its domain.
		return differentIf(ctx.Member || table().authority[fold(b)] != "builtin")
	case placeA == local:
		return differentIf(ctx.Member && (placeB == domain || ctx.Host != ""))
	case placeA == system:
		return Unknown // the other may be its name in another language
	case placeA == domain:
		return compareDomains(b, ctx.Domains)
	}
	return compareDomains(a, []string{b})
}

// compareDomains tells whether the domain name is one of names, which all mean one domain.
// Names of the same kind, NetBIOS or DNS, differ when their text does; those of two kinds
// cannot be compared. Two DNS names may also be one domain: user principal names can have
// suffixes of their own.
func compareDomains(name string, names []string) Match {
	for _, n := range names {
		if equal(n, name) {
			return Same
		}
	}
	isDNS := strings.Contains(name, ".")
	for _, n := range names {
		if !isDNS && !strings.Contains(n, ".") {
			return Different
		}
	}
	return Unknown
}

func differentIf(ok bool) Match {
	if ok {
		return Different
	}
	return Unknown
}

func sameIf(ok bool) Match {
	if ok {
		return Same
	}
	return Different
}

// equal compares names as Windows does, without regard to case.
func equal(a, b string) bool { return strings.EqualFold(a, b) }
