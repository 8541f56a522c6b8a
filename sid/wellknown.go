package sid

import (
	"iter"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	_ "embed"
)

// namesText is the table of well-known principals; its head explains the columns.
//
//go:embed names.txt
var namesText string

// authorities are the names of the authorities that well-known principals belong to, in
// the languages that translate them. Those of NT SERVICE other than the first are from
// documentation: Windows mostly prints the English name. The first of each list is the English name, by which
// the tables know the authority.
var authorities = [][]string{
	{
		"NT AUTHORITY",
		"NT-AUTORITÄT",   // de
		"AUTORITE NT",    // fr
		"AUTORIDADE NT",  // pt-BR
		"ZARZĄDZANIE NT", // pl
		"NT INSTANS",     // sv
		"NT-MYNDIGHET",   // nb
		"NT-HALLINTA",    // fi
	},
	{"BUILTIN", "VORDEFINIERT"},     // the second is de
	{"RESTRICTED SERVICES", "受限服务"}, // the second is zh-CN
	{
		"NT SERVICE",
		"NT-DIENST",    // de
		"SERVICE NT",   // fr
		"SERVICIO NT",  // es
		"SERVICIOS NT", // es
		"USŁUGA NT",    // pl
		"NT-TJÄNST",    // sv
		"СЛУЖБА NT",    // ru
	},
	{"IIS APPPOOL"},
	{"NT VIRTUAL MACHINE"},
	{"Window Manager"},
	{"APPLICATION PACKAGE AUTHORITY"},
	{"Mandatory Label"},
}

// bareAuthorities are those whose principals Windows also finds, and reports also print,
// without the authority.
var bareAuthorities = map[string]bool{"": true, fold("NT AUTHORITY"): true, fold("BUILTIN"): true}

// wellKnown is the table of names.txt made ready for lookups.
type wellKnown struct {
	// names holds the English name of each SID.
	names map[SID]string
	// sids maps folded names, with the folded English authority where there is one, to SIDs.
	sids map[string]SID
	// authority maps a folded authority name to its folded English name.
	authority map[string]string
}

var table = sync.OnceValue(func() *wellKnown {
	t := &wellKnown{
		names:     make(map[SID]string),
		sids:      make(map[string]SID),
		authority: make(map[string]string),
	}
	for _, list := range authorities {
		for _, name := range list {
			t.authority[fold(name)] = fold(list[0])
		}
	}
	for line := range dataLines(namesText) {
		f := strings.SplitN(line, "\t", 4)
		t.add(SID(f[0]), f[1], f[3])
	}
	return t
})

// add enters one row of the table.
func (t *wellKnown) add(s SID, language, name string) {
	if _, ok := t.names[s]; !ok && language == "en" {
		t.names[s] = name
	}
	authority, account := splitName(name)
	authority = fold(authority)
	if english, ok := t.authority[authority]; ok {
		authority = english
	}
	t.sids[authority+`\`+fold(account)] = s
	if bareAuthorities[authority] {
		t.sids[`\`+fold(account)] = s
	}
}

// dataLines yields the lines of an embedded table that are neither blank nor a comment.
func dataLines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}

// fold maps spellings that readers of a name would not tell apart to one: case, composed
// and decomposed accents, the typographic apostrophe and the no-break space.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '’':
			return '\''
		case '\u00a0', '\u202f':
			return ' '
		}
		return r
	}, s)
	return strings.ToLower(norm.NFC.String(s))
}

// splitName splits AUTHORITY\account at the first backslash; authority is empty when there
// is none.
func splitName(name string) (authority, account string) {
	if before, after, ok := strings.Cut(name, `\`); ok {
		return before, after
	}
	return "", name
}

// Name returns the English name of a well-known SID, such as NT AUTHORITY\SYSTEM, or that
// of a service known to [ServiceName], such as NT SERVICE\ADSync. It is empty for any other
// SID.
func Name(s SID) string {
	if name, ok := table().names[s]; ok {
		return name
	}
	if name, ok := ServiceName(s); ok {
		return `NT SERVICE\` + name
	}
	return ""
}

// maxVirtualName is the longest name of which a SID is derived. Windows limits service
// names to 256 characters.
const maxVirtualName = 256

// Lookup returns the SID that a name has on every computer: that of a well-known principal
// in one of the languages of the table, or of the virtual account of a service or of an
// application pool. Case does not matter.
//
// Principals of NT AUTHORITY and BUILTIN, and those without authority such as Everyone, are
// found with and without their authority, because reports print both. All others need it:
// a bare ADSync or ALL SERVICES is not found, as Windows would not find it. Names of other
// authorities, such as CONTOSO\Administrators, are never found.
//
// A name in NT SERVICE that is neither ASCII nor one word is not taken for that of a
// service unless [ServiceName] knows such a service: on a computer in another language it
// may be the group ALL SERVICES, whose translations are not certain.
func Lookup(name string) (SID, bool) {
	if len(name) > 4*maxVirtualName {
		return "", false
	}
	t := table()
	authority, account := splitName(strings.TrimSpace(name))
	authority = fold(authority)
	if authority != "" {
		english, ok := t.authority[authority]
		if !ok {
			return "", false
		}
		authority = english
	}
	if s, ok := t.sids[authority+`\`+fold(account)]; ok {
		return s, true
	}
	return virtual(authority, account)
}

// virtual derives the SID of a virtual account; authority is folded.
func virtual(authority, account string) (SID, bool) {
	if account == "" || len(account) > maxVirtualName || strings.ContainsAny(account, `\/`) {
		return "", false
	}
	switch authority {
	case "iis apppool":
		return AppPool(account), true
	case "nt service":
		s := Service(account)
		_, known := services()[s]
		return sidIf(s, known || isServiceWord(account))
	case "restricted services":
		return sidIf(restrictedService(account), isServiceWord(account))
	}
	return "", false
}

func sidIf(s SID, ok bool) (SID, bool) {
	if !ok {
		return "", false
	}
	return s, true
}

// isServiceWord reports whether name is one word in ASCII, as key names of services are and
// translations of ALL SERVICES are not.
func isServiceWord(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7F {
			return false
		}
	}
	return true
}

// ridNames are the relative ids that are the same in every domain, from MS-DTYP 2.4.2.4.
var ridNames = map[uint32]string{
	498: "Enterprise Read-only Domain Controllers",
	500: "Administrator",
	501: "Guest",
	502: "krbtgt",
	503: "DefaultAccount",
	504: "WDAGUtilityAccount",
	512: "Domain Admins",
	513: "Domain Users",
	514: "Domain Guests",
	515: "Domain Computers",
	516: "Domain Controllers",
	517: "Cert Publishers",
	518: "Schema Admins",
	519: "Enterprise Admins",
	520: "Group Policy Creator Owners",
	521: "Read-only Domain Controllers",
	522: "Cloneable Domain Controllers",
	525: "Protected Users",
	526: "Key Admins",
	527: "Enterprise Key Admins",
	553: "RAS and IAS Servers",
	571: "Allowed RODC Password Replication Group",
	572: "Denied RODC Password Replication Group",
}

// RIDName returns the English name of an account or group that has the same relative id in
// every domain, such as Domain Users for 513; it is empty for any other. The real name may
// differ: these accounts can be renamed, and Windows translates them.
func RIDName(rid uint32) string { return ridNames[rid] }
