package collected_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
)

const export = `Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\ADSync]
"ObjectName"="CONTOSO\\old"
"Start"=dword:00000004

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Services\ADSync]
"Type"=dword:00000010
"Start"=dword:00000002
"DelayedAutostart"=dword:00000001
"ImagePath"=hex(2):22,00,43,00,3a,00,5c,00,78,00,2e,00,65,00,78,00,65,00,22,00,\
  00,00
"DisplayName"="Microsoft Azure AD Sync"
"DependOnService"=hex(7):52,00,50,00,43,00,53,00,53,00,00,00,77,00,00,00,00,00
"ObjectName"="CONTOSO\\gmsa-sync$"
"Description"="several
lines [HKEY_LOCAL_MACHINE]"
"ServiceAccountManaged"=hex:00,00,00,00

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Services\ADSync\Parameters]
"ObjectName"="CONTOSO\\trap"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Services\ADSyncOther]
"ObjectName"="CONTOSO\\trap"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control\ComputerName\ComputerName]
"ComputerName"="RENAMED"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control\ComputerName\ActiveComputerName]
"ComputerName"="SYNC01"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control\TimeZoneInformation]
"Bias"=dword:ffffffc4
"DaylightBias"=dword:ffffffc4
"StandardBias"=dword:00000000
"DaylightStart"=hex:00,00,03,00,05,00,02,00,00,00,00,00,00,00,00,00

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Client]
"Enabled"=dword:00000000
"DisabledByDefault"=dword:00000001

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server]
"Enabled"=dword:00000001

[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Current"=dword:00000002

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\.NETFramework\v4.0.30319]
"SchUseStrongCrypto"=dword:00000001

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\.NETFramework\v4.0.30319]
`

func TestRegistryExport(t *testing.T) {
	f := parse(t, wide(export), collected.Config{})
	if f.Kind != collected.RegistryExport || len(f.Warnings) > 0 || len(f.Services) != 1 {
		t.Fatalf("got %+v", f)
	}
	s, r := f.Services[0], f.Registry
	if s.Account.Text != `CONTOSO\gmsa-sync$` || s.Account.At.Line != 15 || s.Start != collected.DelayedAuto ||
		s.BinaryPath.Text != `"C:\x.exe"` || !slices.Equal(s.Dependencies, []string{"RPCSS", "w"}) || s.Managed.Text != "false" {
		t.Errorf("service %+v", s)
	}
	if f.Host.Text != "SYNC01" || r.ControlSet != "ControlSet002" || !r.Bias.Is(-60) || !r.DaylightBias.Is(-60) || r.NoDaylight {
		t.Errorf("host %+v, registry %+v", f.Host, r)
	}
	if !r.TLS12Enabled.Is(0) || !r.TLS12DisabledByDefault.Is(1) || !r.DotNet.StrongCrypto.Is(1) || r.DotNet.SystemDefaultVersions.Known() ||
		!r.DotNet32.Key.Known() || r.DotNet32.StrongCrypto.Known() {
		t.Errorf("TLS %+v", r)
	}
}

func TestControlSets(t *testing.T) {
	key := func(set, account string) string {
		return "[HKEY_LOCAL_MACHINE\\SYSTEM\\" + set + "\\Services\\ADSync]\n\"ObjectName\"=\"" + account + "\"\n"
	}
	const head = "Windows Registry Editor Version 5.00\n\n"
	tests := []struct{ name, text, want string }{
		{"the link wins", key("ControlSet001", "a") + key("CurrentControlSet", "b"), "b"},
		{"the only one", key("ControlSet003", "a"), "a"},
		{"two and no word which", key("ControlSet001", "a") + key("ControlSet002", "b"), ""},
		{"the current one is not there", key("ControlSet001", "a") + "[HKEY_LOCAL_MACHINE\\SYSTEM\\Select]\n\"Current\"=dword:00000002\n", ""},
		{"another hive", strings.ReplaceAll(key("ControlSet001", "a"), "HKEY_LOCAL_MACHINE\\SYSTEM", "HKEY_LOCAL_MACHINE\\OFFLINE"), ""},
		{"no set", key("ControlSet01", "a"), ""},
	}
	for _, tt := range tests {
		f := parse(t, wide(head+tt.text), collected.Config{})
		got := ""
		if len(f.Services) > 0 {
			got = f.Services[0].Account.Text
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOldExportHasNarrowTexts(t *testing.T) {
	f := parse(t, []byte("REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\ADSync]\r\n\"ImagePath\"=hex(2):43,3a,5c,\\\r\n  78,00\r\n\"ObjectName\"=\"LocalSystem\"\r\n"), collected.Config{})
	if s := f.Services[0]; s.BinaryPath.Text != `C:\x` || s.Account.Text != "LocalSystem" {
		t.Errorf("got %+v", s)
	}
}

// TestHandWrittenFilesAreNotUsed: a file that is meant to be imported says what shall be.
func TestHandWrittenFilesAreNotUsed(t *testing.T) {
	const tls = "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client]\n"
	for _, text := range []string{
		"; turns TLS 1.2 off\n" + tls + "\"Enabled\"=dword:00000000\n",
		tls + "; off\n\"Enabled\"=dword:00000000\n",
		tls + "\"Enabled\"=dword:00000000\n\"DisabledByDefault\"=-\n",
		strings.Replace(tls, "[", "[-", 1),
	} {
		f := parse(t, []byte("Windows Registry Editor Version 5.00\n\n"+text), collected.Config{})
		if f.Registry != nil || len(f.Services) > 0 || len(f.Warnings) != 1 || f.Warnings[0].Code != collected.EditedExport {
			t.Errorf("%q: got %+v", text, f)
		}
	}
}

func TestBadValuesAreTold(t *testing.T) {
	const key = "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\ADSync]\n"
	for _, value := range []string{"\"Start\"=dword:xyz", "\"Start\"=hex:4", "\"ObjectName\"=\"open", "\"ObjectName\"=\"x\\\"", "\"Start\"=what"} {
		f := parse(t, []byte(key+value+"\n"), collected.Config{})
		if len(f.Warnings) != 1 || f.Warnings[0].Code != collected.BadValue {
			t.Errorf("%s: warnings %+v", value, f.Warnings)
		}
	}
}

// TestLargeExport: keys that nobody wants cost no memory, and lines over the edge of the
// buffer are whole.
func TestLargeExport(t *testing.T) {
	var b strings.Builder
	b.WriteString("Windows Registry Editor Version 5.00\n\n")
	for i := range 40_000 {
		b.WriteString("[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\Device]\n\"Name\"=\"" + strings.Repeat("ä", i%97) + "\"\n\n")
	}
	b.WriteString("[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\ADSync]\n\"ObjectName\"=\"CONTOSO\\\\größe\"\n")
	f := parse(t, wide(b.String()), collected.Config{})
	if len(f.Services) != 1 || f.Services[0].Account.Text != `CONTOSO\größe` || f.Services[0].Account.At.Line != 120_004 {
		t.Errorf("got %+v", f.Services)
	}
	f = parse(t, wide(b.String()), collected.Config{MaxExport: 1 << 20})
	if len(f.Services) != 0 || len(f.Warnings) != 1 || f.Warnings[0].Code != collected.TooMuch {
		t.Errorf("got %+v, %+v", f.Services, f.Warnings)
	}
}

// TestValuesOverManyLines: texts and digits go on over lines, and the values behind them are
// read.
func TestValuesOverManyLines(t *testing.T) {
	head := "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\ADSync]\n"
	for _, tt := range []struct{ value, path, depends string }{
		{"\"ImagePath\"=\"a\nb\n\"", "a\nb\n", ""},
		{"\"ImagePath\"=\"a\\\"\nb\\\"\n\\\\\"", "a\"\nb\"\n\\", ""},
		{"\"ImagePath\"=\"" + strings.Repeat("a\n", 2000) + "\"", strings.Repeat("a\n", 2000), ""},
		{"\"DependOnService\"=hex(7):61,\\\n  00,00,\\\n  00", "", "a"},
		{"\"ImagePath\"=\"" + strings.Repeat("a\n", 5000) + "\"", "", ""},
		{"\"DependOnService\"=hex(7):" + strings.Repeat("61,00,\\\n", 5000) + "00,00", "", ""},
	} {
		f := parse(t, []byte(head+tt.value+"\n\"ObjectName\"=\"LocalSystem\"\n"), collected.Config{})
		s := f.Services[0]
		if s.BinaryPath.Text != tt.path || strings.Join(s.Dependencies, " ") != tt.depends || s.Account.Text != "LocalSystem" {
			t.Errorf("%.40q: path %.40q, dependencies %v, account %q", tt.value, s.BinaryPath.Text, s.Dependencies, s.Account.Text)
		}
	}
}
