package sid

import "strings"

// Principal is an account or group as an input names it. The zero value names nobody.
type Principal struct {
	// Name is the text as it stands, such as CONTOSO\svc-backup, Administrators or
	// S-1-5-21-…; it may be empty when only the SID is known.
	Name string
	// SID is empty when the input does not state it and it cannot be derived.
	SID SID
}

// ParsePrincipal reads a principal as policies, reports, services and logs write it:
// DOMAIN\x, x@domain, .\x, a bare name, a SID, or a SID with the asterisk that security
// templates put before it. Blanks around the text are dropped, and so is that asterisk;
// otherwise Name keeps the text as it stands. SID is set when the text is a SID or a name
// that [Lookup] knows.
func ParsePrincipal(text string) Principal {
	text = strings.TrimSpace(text)
	if s, err := Parse(strings.TrimPrefix(text, "*")); err == nil {
		return Principal{Name: strings.TrimPrefix(text, "*"), SID: s}
	}
	s, _ := Lookup(text)
	return Principal{Name: text, SID: s}
}

// Authority returns what the name says of where the account belongs: the part before the
// backslash of CONTOSO\x or after the last at sign of x@contoso.com. It is empty for a bare
// name and for a SID.
func (p Principal) Authority() string {
	authority, _, _ := p.split()
	return authority
}

// Account returns the name without its authority. It is empty when the name is a SID.
func (p Principal) Account() string {
	_, account, _ := p.split()
	return account
}

// split takes the name apart; upn is set for the form x@domain.
func (p Principal) split() (authority, account string, upn bool) {
	if looksLikeSID(p.Name) {
		return "", "", false
	}
	if authority, account = splitName(p.Name); authority != "" || account != p.Name {
		return authority, account, false
	}
	if i := strings.LastIndexByte(p.Name, '@'); i > 0 && i < len(p.Name)-1 {
		return p.Name[i+1:], p.Name[:i], true
	}
	return "", p.Name, false
}
