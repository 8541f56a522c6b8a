package collected_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/sid"
)

const whoami = `
USER INFORMATION
----------------

User Name         SID
================= ============================================
contoso\admin01   S-1-5-21-111-222-333-1104

GROUP INFORMATION
-----------------

Group Name                           Type             SID          Attributes
==================================== ================ ============ ==================================================
Everyone                             Well-known group S-1-1-0      Mandatory group, Enabled by default, Enabled group
BUILTIN\Administrators               Alias            S-1-5-32-544 Group used for deny only
Mandatory Label\Medium Mandatory Level Label          S-1-16-8192

PRIVILEGES INFORMATION
----------------------

Privilege Name                Description         State
============================= =================== ========
SeChangeNotifyPrivilege       Bypass traverse     Enabled
`

func TestWhoami(t *testing.T) {
	german := strings.NewReplacer(
		"Mandatory group, Enabled by default, Enabled group", "Verbindliche Gruppe, Standardmäßig aktiviert, Aktivierte Gruppe",
		"Group used for deny only", "Gruppe, die nur zum Verweigern verwendet wird", "User Name", "Benutzername").Replace(whoami)
	for name, text := range map[string]string{"English": whoami, "German": german} {
		f := parse(t, []byte(text), collected.Config{})
		tok := f.Token
		if f.Kind != collected.WhoamiText || tok == nil {
			t.Fatalf("%s: got %+v", name, f)
		}
		if tok.Account.Text != `contoso\admin01` || tok.SID != "S-1-5-21-111-222-333-1104" || tok.Account.At.Line != 7 {
			t.Errorf("%s: account %+v", name, tok.Account)
		}
		if len(tok.Groups) != 2 || !tok.Groups[0].Enabled || tok.Groups[1].Enabled || tok.Groups[1].SID != "S-1-5-32-544" {
			t.Errorf("%s: groups %+v", name, tok.Groups)
		}
		if !tok.ElevationKnown || tok.Elevated {
			t.Errorf("%s: elevation %+v", name, tok)
		}
	}
}

func TestWhoamiInOtherForms(t *testing.T) {
	tests := map[string]string{
		"csv":  "\"User Name\",\"SID\"\n\"contoso\\admin01\",\"S-1-5-21-1-2-3-4\"\n\"Group Name\",\"Type\",\"SID\",\"Attributes\"\n\"Everyone\",\"Well-known group\",\"S-1-1-0\",\"Mandatory group, Enabled by default, Enabled group\"\n",
		"list": "User Name: contoso\\admin01\nSID:       S-1-5-21-1-2-3-4\n\nGroup Name: Everyone\nType:       Well-known group\nSID:        S-1-1-0\nAttributes: Mandatory group, Enabled by default, Enabled group\n",
	}
	for name, text := range tests {
		f := parse(t, []byte(text), collected.Config{})
		if tok := f.Token; tok == nil || tok.SID != "S-1-5-21-1-2-3-4" || len(tok.Groups) != 1 || !tok.Groups[0].Enabled {
			t.Errorf("%s: got %+v", name, tok)
		}
	}
}

// TestWhoamiWithColumnsThatDoNotFit: in scripts of double width a row reaches over its
// columns; the SID is still found.
func TestWhoamiWithColumnsThatDoNotFit(t *testing.T) {
	f := parse(t, []byte("名前 種類 SID 属性\n==== ==== ======= ======\nとても長いグループ名です 既知 S-1-5-32-545 必須\n"), collected.Config{})
	if f.Token == nil || len(f.Token.Groups) != 1 || f.Token.Groups[0].SID != "S-1-5-32-545" {
		t.Errorf("got %+v", f.Token)
	}
}

// TestTablesOfOtherTools: a line of many columns is no head of whoami, and ends a table of it.
func TestTablesOfOtherTools(t *testing.T) {
	other := strings.TrimSpace(strings.Repeat("=== ", 9)) + "\nBUILTIN\\Users Alias S-1-5-32-545 x\n"
	f := parse(t, []byte(whoami+other), collected.Config{})
	if f.Token == nil || len(f.Token.Groups) != 2 {
		t.Errorf("got %+v", f.Token)
	}
}

func TestServiceLists(t *testing.T) {
	tests := map[string]string{
		"Export-Csv":  "#TYPE Microsoft.Management.Infrastructure.CimInstance\n\"Name\",\"StartMode\",\"State\",\"Status\",\"StartName\",\"SystemName\"\n\"Spooler\",\"Auto\",\"Running\",\"OK\",\"LocalSystem\",\"SYNC01\"\n\"ADSync\",\"Disabled\",\"Stopped\",\"OK\",\"NT SERVICE\\ADSync\",\"SYNC01\"\n",
		"semicolons":  "Name;StartMode;State;StartName;SystemName\nADSync;Disabled;Stopped;NT SERVICE\\ADSync;SYNC01\n",
		"wmic csv":    "\r\nNode,Name,StartMode,StartName,State\r\nSYNC01,ADSync,Disabled,NT SERVICE\\ADSync,Stopped\r\n",
		"Format-List": "\nName      : Spooler\nStartMode : Auto\nStartName : LocalSystem\n\nName       : ADSync\nStartMode  : Disabled\nState      : Stopped\nStartName  : NT SERVICE\\ADSync\nSystemName : SYNC01\n",
		"wmic list":   "Name=ADSync\nStartMode=Disabled\nStartName=NT SERVICE\\ADSync\nState=Stopped\nSystemName=SYNC01\n",
	}
	for name, text := range tests {
		f := parse(t, []byte(text), collected.Config{})
		if f.Kind != collected.ServiceList || len(f.Services) != 1 || f.Host.Text != "SYNC01" {
			t.Errorf("%s: got %+v", name, f)
			continue
		}
		if s := f.Services[0]; s.Account.Text != `NT SERVICE\ADSync` || s.Start != collected.Disabled || s.State != collected.Stopped {
			t.Errorf("%s: got %+v", name, s)
		}
	}
	f := parse(t, []byte("Name : ADSync\nStatus : Running\nStartType : Automatic\nMachineName : .\n"), collected.Config{})
	if s := f.Services[0]; s.Start != collected.AutoStart || s.State != collected.Running || f.Host.Known() {
		t.Errorf("Get-Service: got %+v, host %+v", s, f.Host)
	}
}

func TestServicesOfSeveralComputersAreNotUsed(t *testing.T) {
	f := parse(t, []byte("Name,StartMode,StartName,SystemName\nADSync,Auto,a\\b,SYNC01\nADSync,Disabled,a\\b,SYNC02\n"), collected.Config{})
	if len(f.Services) != 0 || f.Host.Known() || len(f.Warnings) != 1 || f.Warnings[0].Code != collected.SeveralHosts {
		t.Errorf("got %+v", f)
	}
}

func TestErrorNotes(t *testing.T) {
	tests := []struct {
		text, tool, channel string
		problem             collected.Problem
	}{
		{"Failed to export log Security. Access is denied.\n", "wevtutil", "Security", collected.AccessDenied},
		{"Failed to export log Security.\nAccess is denied.\n", "wevtutil", "Security", collected.AccessDenied},
		{"INFO: The user \"CONTOSO\\x\" does not have RSoP data.\n", "gpresult", "", collected.NoRSoP},
		{"ERROR: Access is denied.\n", "", "", collected.AccessDenied},
		{"FEHLER: Zugriff verweigert\n", "", "", collected.AccessDenied},
		{"ERROR: The system was unable to find the specified registry key or value.\n", "reg", "", collected.NoKey},
	}
	for _, tt := range tests {
		f := parse(t, []byte(tt.text), collected.Config{})
		if f.Kind != collected.ErrorNote || len(f.Notes) != 1 {
			t.Errorf("%q: got %+v", tt.text, f)
			continue
		}
		if n := f.Notes[0]; n.Tool != tt.tool || n.Channel != tt.channel || n.Problem != tt.problem {
			t.Errorf("%q: got %+v", tt.text, n)
		}
	}
}

func TestParseGroups(t *testing.T) {
	got, err := collected.ParseGroups(strings.NewReader("\ufeff# members\r\nCONTOSO\\Sync Services: CONTOSO\\svc-sync, CONTOSO\\Other # both\r\n\r\nS-1-5-21-1-2-3-4: S-1-5-21-1-2-3-5\nBUILTIN\\Guests:\n"), "groups.txt")
	if err != nil || len(got) != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got[0].Group.Name != `CONTOSO\Sync Services` || len(got[0].Members) != 2 || got[0].Members[1].Name != `CONTOSO\Other` || got[0].At.Line != 2 {
		t.Errorf("got %+v", got[0])
	}
	if got[1].Group.SID != sid.SID("S-1-5-21-1-2-3-4") || len(got[2].Members) != 0 || got[2].Group.SID != "S-1-5-32-546" {
		t.Errorf("got %+v", got[1:])
	}
}

func TestParseGroupsErrors(t *testing.T) {
	tests := map[string]string{
		"CONTOSO\\x\n":              `groups.txt:1: "CONTOSO\\x": a line "GROUP: MEMBER, MEMBER" is expected`,
		"\n: CONTOSO\\x\n":          "groups.txt:2: the name of the group is missing before the colon",
		"a: b\nA: c\n":              `groups.txt:2: the group "A" stands on line 1 already`,
		"a: b,,c\n":                 "groups.txt:1: a member is missing between two commas",
		strings.Repeat("x", 17<<20): "groups.txt:1: bufio.Scanner: token too long",
	}
	for text, want := range tests {
		if got, err := collected.ParseGroups(strings.NewReader(text), "groups.txt"); err == nil || got != nil || err.Error() != want {
			t.Errorf("got %v, %v; want %s", got, err, want)
		}
	}
}
