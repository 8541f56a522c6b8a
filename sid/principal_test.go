package sid_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/sid"
)

func TestLookup(t *testing.T) {
	for _, tt := range []struct {
		name string
		want sid.SID
	}{
		// With the authority, whatever the language of either part.
		{`NT AUTHORITY\SYSTEM`, "S-1-5-18"},
		{`nt authority\system`, "S-1-5-18"},
		{`NT-AUTORITÄT\SYSTEM`, "S-1-5-18"},
		{`AUTORITE NT\Système`, "S-1-5-18"},
		{"AUTORITE NT\\Syste\u0300me", "S-1-5-18"}, // decomposed accent
		{`NT AUTHORITY\СИСТЕМА`, "S-1-5-18"},
		{`AUTORITE NT\SERVICE RÉSEAU`, "S-1-5-20"},
		{`ZARZĄDZANIE NT\USŁUGA SIECIOWA`, "S-1-5-20"},
		{`NT AUTHORITY\NetworkService`, "S-1-5-20"},
		{`BUILTIN\Administrators`, "S-1-5-32-544"},
		{`BUILTIN\Администраторы`, "S-1-5-32-544"},
		{`NT-MYNDIGHET\SYSTEM`, "S-1-5-18"},
		{`NT-MYNDIGHET\LOKAL TJENESTE`, "S-1-5-19"},
		{"DOMÄNENCONTROLLER DER ORGANISATION", "S-1-5-9"},
		{`VORDEFINIERT\Benutzer`, "S-1-5-32-545"},
		{`BUILTIN\Opérateurs d'impression`, "S-1-5-32-550"},
		{`BUILTIN\Opérateurs d’impression`, "S-1-5-32-550"},
		// Without it, as reports print NT AUTHORITY and BUILTIN.
		{"Administrators", "S-1-5-32-544"},
		{" Backup Operators ", "S-1-5-32-551"},
		{"SERVICE", "S-1-5-6"},
		{"LOCAL SERVICE", "S-1-5-19"},
		{"Authenticated Users", "S-1-5-11"},
		{"Everyone", "S-1-1-0"},
		{`\Everyone`, "S-1-1-0"},
		{"Tout le monde", "S-1-1-0"},
		{"Все", "S-1-1-0"},
		{"IIS_IUSRS", "S-1-5-32-568"},
		{"LocalSystem", "S-1-5-18"},
		// Other authorities.
		{`NT SERVICE\ADSync`, adSync},
		{`nt service\ADSYNC`, adSync},
		{`NT-DIENST\ADSync`, adSync},
		{`USŁUGA NT\AdSync`, adSync},
		{`nt-tjänst\ADSync`, adSync},
		{`Служба NT\ADSync`, adSync},
		{`NT SERVICE\ALL SERVICES`, "S-1-5-80-0"},
		{`Servicios NT\Todos los servicios`, "S-1-5-80-0"},
		{`NT SERVICE\SomethingNobodyKnows`, sid.Service("SomethingNobodyKnows")},
		{`NT SERVICE\MSSQL$VEEAMSQL2016`, sid.Service("MSSQL$VEEAMSQL2016")},
		{`IIS APPPOOL\.NET v4.5 Classic`, sid.AppPool(".NET v4.5 Classic")},
		{`NT VIRTUAL MACHINE\Virtual Machines`, "S-1-5-83-0"},
		{`Window Manager\Window Manager Group`, "S-1-5-90-0"},
		{`RESTRICTED SERVICES\ALL RESTRICTED SERVICES`, "S-1-5-99-0"},
		{`受限服务\所有受限服务`, "S-1-5-99-0"},
		{`RESTRICTED SERVICES\PrintSpoolerService`, "S-1-5-99-216390572-1995538116-3857911515-2404958512-2623887229"},
	} {
		if got, ok := sid.Lookup(tt.name); !ok || got != tt.want {
			t.Errorf("Lookup(%q) = %q, %t; want %q", tt.name, got, ok, tt.want)
		}
	}
}

// Each of these would be a wrong accusation or a wrong acquittal if it had a SID.
func TestLookupFindsNothing(t *testing.T) {
	for _, name := range []string{
		"", `\`, "ADSync", "ALL SERVICES", "Virtual Machines", "Window Manager Group", "DefaultAppPool",
		`CONTOSO\Administrators`, `CONTOSO\SYSTEM`, `.\Users`, "svc-backup", `CONTOSO\ADSync`,
		`NT SERVICE\`, `NT SERVICE\a\b`, `NT SERVICE\a/b`, `NT AUTHORITY\Administrators`, `BUILTIN\SYSTEM`, `NT AUTHORITY\Everyone`,
		// ALL SERVICES in German and Chinese, or so it may be: no service has these names.
		`NT SERVICE\ALLE DIENSTE`, `NT-DIENST\ALLE DIENSTE`, `NT SERVICE\所有服务`,
		// Everyone in Danish, but an ordinary word in German.
		"Alle",
		`NT SERVICE\` + strings.Repeat("x", 257), strings.Repeat("x", 1<<20),
	} {
		if got, ok := sid.Lookup(name); ok || got != "" {
			t.Errorf("Lookup(%.40q) = %q, want none", name, got)
		}
	}
}

func TestName(t *testing.T) {
	for s, want := range map[sid.SID]string{
		"S-1-5-18":           `NT AUTHORITY\SYSTEM`,
		"S-1-1-0":            "Everyone",
		"S-1-5-32-544":       `BUILTIN\Administrators`,
		"S-1-5-80-0":         `NT SERVICE\ALL SERVICES`,
		adSync:               `NT SERVICE\ADSync`,
		sid.Service("x"):     "",
		"S-1-5-21-1-2-3-500": "",
		"":                   "",
	} {
		if got := sid.Name(s); got != want {
			t.Errorf("Name(%q) = %q, want %q", s, got, want)
		}
		if found, ok := sid.Lookup(want); want != "" && (!ok || found != s) {
			t.Errorf("Lookup(%q) = %q, want %q", want, found, s)
		}
	}
}

func TestServiceName(t *testing.T) {
	for _, want := range []string{"ADSync", "AADConnectProvisioningAgent", "MSSQLSERVER", "MSSQL$VEEAMSQL2016", "WdiServiceHost", "TrustedInstaller", "W3SVC"} {
		if got, ok := sid.ServiceName(sid.Service(want)); !ok || got != want {
			t.Errorf("ServiceName(Service(%q)) = %q, %t", want, got, ok)
		}
	}
	for _, s := range []sid.SID{"", "S-1-5-80-0", "S-1-5-18", sid.Service("nobody-knows-me"), sid.AppPool("ADSync")} {
		if got, ok := sid.ServiceName(s); ok {
			t.Errorf("ServiceName(%q) = %q, want none", s, got)
		}
	}
}

func TestRIDName(t *testing.T) {
	for rid, want := range map[uint32]string{500: "Administrator", 512: "Domain Admins", 513: "Domain Users", 515: "Domain Computers", 1104: ""} {
		if got := sid.RIDName(rid); got != want {
			t.Errorf("RIDName(%d) = %q, want %q", rid, got, want)
		}
	}
}

func TestParsePrincipal(t *testing.T) {
	for _, tt := range []struct {
		in                 string
		want               sid.Principal
		authority, account string
	}{
		{`CONTOSO\svc-backup`, sid.Principal{Name: `CONTOSO\svc-backup`}, "CONTOSO", "svc-backup"},
		{` contoso.com\svc `, sid.Principal{Name: `contoso.com\svc`}, "contoso.com", "svc"},
		{`CONTOSO\gmsa-sync$`, sid.Principal{Name: `CONTOSO\gmsa-sync$`}, "CONTOSO", "gmsa-sync$"},
		{"svc@contoso.com", sid.Principal{Name: "svc@contoso.com"}, "contoso.com", "svc"},
		{"a@b@contoso.com", sid.Principal{Name: "a@b@contoso.com"}, "contoso.com", "a@b"},
		{`.\AAD_1234`, sid.Principal{Name: `.\AAD_1234`}, ".", "AAD_1234"},
		{"ADSync", sid.Principal{Name: "ADSync"}, "", "ADSync"},
		{"@x", sid.Principal{Name: "@x"}, "", "@x"},
		{"*S-1-5-80-0", sid.Principal{Name: "S-1-5-80-0", SID: "S-1-5-80-0"}, "", ""},
		{"s-1-5-21-1-2-3-1105", sid.Principal{Name: "s-1-5-21-1-2-3-1105", SID: "S-1-5-21-1-2-3-1105"}, "", ""},
		{"*SERVICE", sid.Principal{Name: "*SERVICE"}, "", "*SERVICE"},
		{"S-1-nonsense", sid.Principal{Name: "S-1-nonsense"}, "", ""},
		{"SERVICE", sid.Principal{Name: "SERVICE", SID: "S-1-5-6"}, "", "SERVICE"},
		{`NT SERVICE\ADSync`, sid.Principal{Name: `NT SERVICE\ADSync`, SID: adSync}, "NT SERVICE", "ADSync"},
		{`\Everyone`, sid.Principal{Name: `\Everyone`, SID: "S-1-1-0"}, "", "Everyone"},
		{"", sid.Principal{}, "", ""},
		{"  ", sid.Principal{}, "", ""},
	} {
		got := sid.ParsePrincipal(tt.in)
		if got != tt.want {
			t.Errorf("ParsePrincipal(%q) = %+v, want %+v", tt.in, got, tt.want)
		}
		if got.Authority() != tt.authority || got.Account() != tt.account {
			t.Errorf("%q: Authority, Account = %q, %q; want %q, %q", tt.in, got.Authority(), got.Account(), tt.authority, tt.account)
		}
	}
}

func FuzzParsePrincipal(f *testing.F) {
	for _, s := range []string{`CONTOSO\x`, "x@y", `.\x`, "*S-1-5-80-0", "S-1-0x010203040506-7", `NT SERVICE\ADSync`, "Все", "\xff\\\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := sid.ParsePrincipal(s)
		if p.SID != "" {
			if canonical, err := sid.Parse(string(p.SID)); err != nil || canonical != p.SID {
				t.Errorf("%q has the SID %q, which is not canonical (%v)", s, p.SID, err)
			}
		}
		if !strings.Contains(s, p.Name) {
			t.Errorf("%q has the name %q, which does not stand there", s, p.Name)
		}
		if again := sid.ParsePrincipal(p.Name); again.SID != p.SID && !strings.HasPrefix(p.Name, "*") {
			t.Errorf("%q: %+v, then %+v", s, p, again)
		}
		if got := sid.Compare(p, p, sid.Context{}); p.Account() != "" && got == sid.Different {
			t.Errorf("%q differs from itself", s)
		}
	})
}
