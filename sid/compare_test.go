package sid_test

import (
	"testing"

	"github.com/gpevtx/gpevtx/sid"
)

func TestCompare(t *testing.T) {
	member := sid.Context{Host: "SYNC01", Domains: []string{"CONTOSO", "contoso.com"}, Member: true}
	unsure := sid.Context{Host: "SYNC01", Domains: []string{"CONTOSO", "contoso.com"}} // may be a domain controller
	dnsOnly := sid.Context{Host: "SYNC01.contoso.com", Domains: []string{"contoso.com"}, Member: true}
	nothing := sid.Context{}

	for _, tt := range []struct {
		name string
		a, b string
		ctx  sid.Context
		want sid.Match
	}{
		{"equal SIDs", "*S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-1105", nothing, sid.Same},
		{"different SIDs", "S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-1106", nothing, sid.Different},
		{"a name that has a SID", "*S-1-5-80-0", `NT SERVICE\ALL SERVICES`, nothing, sid.Same},
		{"two languages", `NT AUTHORITY\SYSTEM`, `AUTORITE NT\Système`, nothing, sid.Same},
		{"with and without authority", "Administrators", `BUILTIN\Administrators`, nothing, sid.Same},
		{"one service, another", `NT SERVICE\ADSync`, `NT SERVICE\W3SVC`, nothing, sid.Different},
		{"a SID and a name", "S-1-5-21-1-2-3-1105", `CONTOSO\svc`, member, sid.Unknown},

		{"same text", `CONTOSO\svc`, `contoso\SVC`, nothing, sid.Same},
		{"other account", `CONTOSO\svc`, `CONTOSO\svc2`, nothing, sid.Different},
		{"the dollar counts", `CONTOSO\svc$`, `CONTOSO\svc`, nothing, sid.Different},
		{"other domain", `CONTOSO\svc`, `FABRIKAM\svc`, nothing, sid.Different},
		{"other domain of a known one", `CONTOSO\svc`, `FABRIKAM\svc`, member, sid.Different},
		{"NetBIOS name not known", `FABRIKAM\svc`, `contoso.com\svc`, dnsOnly, sid.Unknown},

		{"NetBIOS and DNS, both known", `CONTOSO\svc`, `contoso.com\svc`, member, sid.Same},
		{"NetBIOS and DNS, unknown", `CONTOSO\svc`, `contoso.com\svc`, nothing, sid.Unknown},
		{"UPN, both known", `CONTOSO\svc`, "svc@contoso.com", member, sid.Same},
		{"UPN, unknown", `CONTOSO\svc`, "svc@contoso.com", nothing, sid.Unknown},
		{"UPN prefixes are free", `CONTOSO\svc`, "sync.service@contoso.com", member, sid.Unknown},
		{"UPN suffixes are free", "svc@contoso.com", "svc@corp.example", member, sid.Unknown},
		{"same UPN", "svc@contoso.com", "SVC@CONTOSO.COM", nothing, sid.Same},
		{"UPN of another prefix and place", "svc@contoso.com", `.\sync`, member, sid.Different},

		{"dot is the host", `.\aad`, `SYNC01\AAD`, member, sid.Same},
		{"dot is the host, by DNS name", `.\aad`, `sync01\aad`, dnsOnly, sid.Same},
		{"dot of an unknown host", `.\aad`, `SYNC01\aad`, nothing, sid.Unknown},
		{"dot twice", `.\aad`, `.\aad`, nothing, sid.Same},
		{"local and domain", `.\svc`, `CONTOSO\svc`, member, sid.Different},
		{"local and domain on what may be a DC", `.\svc`, `CONTOSO\svc`, unsure, sid.Unknown},
		{"local and elsewhere", `.\svc`, `FABRIKAM\svc`, member, sid.Different},
		{"local and elsewhere on what may be a DC", `.\svc`, `FABRIKAM\svc`, unsure, sid.Unknown},
		{"local and UPN", `.\svc`, "svc@contoso.com", member, sid.Different},

		{"bare", "svc", `CONTOSO\svc`, member, sid.Unknown},
		{"bare and local", "svc", `.\svc`, member, sid.Unknown},
		{"bare and other", "svc", `CONTOSO\svc2`, member, sid.Different},
		{"bare twice", "svc", "SVC", nothing, sid.Same},

		{"bare service name", "ADSync", `NT SERVICE\ADSync`, member, sid.Unknown},
		{"service and another bare name", "svc", `NT SERVICE\ADSync`, member, sid.Different},
		{"service SID and another bare name", "svc", string(adSync), member, sid.Different},
		{"service and domain account of its name", `CONTOSO\ADSync`, `NT SERVICE\ADSync`, member, sid.Different},
		{"service and UPN", "adsync@contoso.com", `NT SERVICE\ADSync`, member, sid.Different},
		{"service and the authority in another language", `NT-DIENST\ADSync`, `NT SERVICE\ADSync`, member, sid.Same},
		{"service and an authority that may be a translation", `NT-SERVIZIO\ADSync`, `NT SERVICE\ADSync`, member, sid.Unknown},
		{"ALL SERVICES, perhaps", `NT SERVICE\ALLE DIENSTE`, `NT SERVICE\ALL SERVICES`, member, sid.Unknown},
		{"translated groups, perhaps", `BUILTIN\Kullanıcılar`, `BUILTIN\Users`, member, sid.Unknown},
		{"domain group of a BUILTIN name", `CONTOSO\Administrators`, `BUILTIN\Administrators`, unsure, sid.Unknown},
		{"domain account of a system name", `CONTOSO\SYSTEM`, `NT AUTHORITY\SYSTEM`, member, sid.Different},
		{"unknown names of one authority", `NT AUTHORITY\This`, `NT AUTHORITY\That`, member, sid.Unknown},
		{"one unknown name of an authority in two languages", `NT AUTHORITY\This`, `NT-AUTORITÄT\this`, member, sid.Same},
		{"unknown names of two authorities", `NT AUTHORITY\This`, `BUILTIN\This`, member, sid.Different},
		{"system and domain", `NT AUTHORITY\This`, `CONTOSO\This`, unsure, sid.Different},
		{"BUILTIN and domain on what may be a DC", `BUILTIN\This`, `CONTOSO\This`, unsure, sid.Unknown},
		{"BUILTIN and domain", `BUILTIN\This`, `CONTOSO\This`, member, sid.Different},

		{"nobody", "", `CONTOSO\svc`, member, sid.Unknown},
		{"nobody twice", "", "", member, sid.Unknown},
	} {
		a, b := sid.ParsePrincipal(tt.a), sid.ParsePrincipal(tt.b)
		if got := sid.Compare(a, b, tt.ctx); got != tt.want {
			t.Errorf("%s: Compare(%q, %q) = %v, want %v", tt.name, tt.a, tt.b, got, tt.want)
		}
		if got := sid.Compare(b, a, tt.ctx); got != tt.want {
			t.Errorf("%s: Compare(%q, %q) = %v, want %v", tt.name, tt.b, tt.a, got, tt.want)
		}
	}
}

func TestCompareUsesTheNameOfAnAccountWithSID(t *testing.T) {
	a := sid.Principal{Name: `CONTOSO\svc`, SID: "S-1-5-21-1-2-3-1105"}
	for name, want := range map[string]sid.Match{`CONTOSO\svc`: sid.Same, `CONTOSO\other`: sid.Different, "svc": sid.Unknown} {
		if got := sid.Compare(a, sid.Principal{Name: name}, sid.Context{}); got != want {
			t.Errorf("Compare(%+v, %q) = %v, want %v", a, name, got, want)
		}
	}
}
