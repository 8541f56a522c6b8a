package gpreport_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// flatSetting is a setting on a few lines.
type flatSetting struct {
	Section, Name, Value string
	Details              string // "name=value" on a line each
}

func flat(list []gpreport.Setting) (out []flatSetting) {
	for _, s := range list {
		f := flatSetting{Section: strings.Join(s.Section, "|"), Name: s.Name, Value: s.Value}
		var details []string
		for _, d := range s.Details {
			details = append(details, d.Name+"="+d.Value)
		}
		f.Details = strings.Join(details, "\n")
		out = append(out, f)
	}
	return out
}

// elem is an element with the prefix q.
func elem(name string, parts ...string) string {
	return "<q:" + name + ">" + strings.Join(parts, "") + "</q:" + strings.Fields(name)[0] + ">\r\n"
}

// account is an element of the type of accounts.
func account(name, id, account string) string {
	s := ""
	if id != "" {
		s += typed("SID", id)
	}
	if account != "" {
		s += typed("Name", account)
	}
	return elem(name, s)
}

const (
	none     = `<PermissionsPresent xmlns="http://www.microsoft.com/GroupPolicy/Types/Security">false</PermissionsPresent>`
	clsid    = "{11111111-2222-4333-8444-555555555555}"
	userSID  = "S-1-5-21-1-2-3-1104"
	adminSID = "S-1-5-32-544"
)

// kindsXML are settings of all kinds and what is to be read of them. Each element has room for
// the GPO that a result states.
var kindsXML = []struct {
	name, space, kind string
	element           string // %s is the place of the GPO
	want              []flatSetting
}{
	{
		"account policy", "Security", "SecuritySettings",
		elem("Account", "%s", leaf("q:Name", "LockoutBadCount"), leaf("q:SettingNumber", "5"), leaf("q:Type", "Account Lockout")),
		[]flatSetting{{"SecuritySettings|Account|Account Lockout", "LockoutBadCount", "5", ""}},
	},
	{
		"event log", "Security", "SecuritySettings",
		elem("EventLog", "%s", leaf("q:Name", "MaximumLogSize"), leaf("q:Log", "Application"), leaf("q:SettingNumber", "32768")),
		[]flatSetting{{"SecuritySettings|EventLog|Application", "MaximumLogSize", "32768", ""}},
	},
	{
		"audit policy", "Security", "SecuritySettings",
		elem("Audit", "%s", leaf("q:Name", "AuditLogonEvents"), leaf("q:SuccessAttempts", "true"), leaf("q:FailureAttempts", "true")) +
			elem("Audit", leaf("q:Name", "AuditDSAccess"), leaf("q:SuccessAttempts", "0"), leaf("q:FailureAttempts", "false")) +
			elem("Audit", leaf("q:Name", "AuditOther"), leaf("q:SuccessAttempts", "perhaps")),
		[]flatSetting{
			{"SecuritySettings|Audit", "AuditLogonEvents", "Success, Failure", "SuccessAttempts=true\nFailureAttempts=true"},
			{"SecuritySettings|Audit", "AuditDSAccess", "No Auditing", "SuccessAttempts=0\nFailureAttempts=false"},
			{"SecuritySettings|Audit", "AuditOther", "", "SuccessAttempts=perhaps"},
		},
	},
	{
		"advanced audit policy", "Auditing", "AuditSettings",
		elem("AuditSetting", "%s", leaf("q:PolicyTarget", "System"), leaf("q:SubcategoryName", "Audit Logon"), leaf("q:SubcategoryGuid", clsid), leaf("q:SettingValue", "2")) +
			elem("AuditSetting", leaf("q:SubcategoryName", "Audit Else"), leaf("q:SettingValue", "8")),
		[]flatSetting{
			{"AuditSettings|AuditSetting|System", "Audit Logon", "Failure", "SubcategoryGuid=" + clsid + "\nSettingValue=2"},
			{"AuditSettings|AuditSetting", "Audit Else", "8", ""},
		},
	},
	{
		"restricted groups", "Security", "SecuritySettings",
		elem("RestrictedGroups", "%s", account("GroupName", adminSID, `BUILTIN\Administrators`), account("Member", userSID, `CONTOSO\svc`), account("Member", "", "x"), account("Memberof", "", `CONTOSO\Y`)),
		[]flatSetting{{
			"SecuritySettings|RestrictedGroups", `BUILTIN\Administrators`, `Members: CONTOSO\svc, x; Member of: CONTOSO\Y`,
			"GroupName > SID=" + adminSID + "\nGroupName > Name=BUILTIN\\Administrators\nMember > SID=" + userSID + "\nMember > Name=CONTOSO\\svc\nMember > Name=x\nMemberof > Name=CONTOSO\\Y",
		}},
	},
	{
		"system service", "Security", "SecuritySettings",
		elem("SystemServices", "%s", leaf("q:Name", "Spooler"), leaf("q:StartupMode", "Disabled"), elem("SecurityDescriptor", none)),
		[]flatSetting{{"SecuritySettings|SystemServices", "Spooler", "Disabled", "SecurityDescriptor > PermissionsPresent=false"}},
	},
	{
		"registry key and file", "Security", "SecuritySettings",
		elem("Registry", "%s", leaf("q:Path", `MACHINE\SOFTWARE\x`), leaf("q:Mode", "Propagate")) + elem("File", leaf("q:Path", `%%SystemRoot%%\x`), leaf("q:Mode", "Replace")),
		[]flatSetting{{"SecuritySettings|Registry", `MACHINE\SOFTWARE\x`, "Propagate", ""}, {"SecuritySettings|File", `%SystemRoot%\x`, "Replace", ""}},
	},
	{
		"administrative template", "Registry", "RegistrySettings",
		elem("Policy", "%s", leaf("q:Name", "A policy"), leaf("q:State", "Enabled"), leaf("q:Explain", "help\n\nmore"), leaf("q:Supported", "At least"), leaf("q:Category", "System/KDC"),
			elem("Text", leaf("q:Name", "a remark")),
			elem("EditText", leaf("q:Name", "Path"), leaf("q:State", "Enabled"), leaf("q:Value", `C:\x`)),
			elem("Numeric", leaf("q:Name", "Size (KB)"), leaf("q:State", "Enabled"), leaf("q:Value", "0")),
			elem("DropDownList", leaf("q:Name", "Mode:"), leaf("q:State", "Enabled"), elem("Value", leaf("q:Name", "Audit"))),
			elem("DropDownList", leaf("q:Name", ""), leaf("q:State", "NotConfigured")),
			elem("CheckBox", leaf("q:Name", "Also users"), leaf("q:State", "Disabled")),
			elem("ListBox", leaf("q:Name", "Paths:"), leaf("q:State", "Enabled"), leaf("q:ExplicitValue", "true"), leaf("q:Additive", "false"),
				elem("Value", elem("Element", leaf("q:Name", `\\*\SYSVOL`), leaf("q:Data", "x=1, y=2")), elem("Element", leaf("q:Data", "only data")))),
			elem("MultiText", leaf("q:Name", "Lines"), leaf("q:State", "Enabled"), elem("Value", leaf("q:string", "one"), leaf("q:string", "two"))),
			elem("Oddity", leaf("q:Name", "n"), leaf("q:Deep", "d")),
			leaf("q:Comment", "because")),
		[]flatSetting{{"RegistrySettings|Policy|System/KDC", "A policy", "Enabled", "=a remark\nPath=C:\\x\nSize (KB)=0\nMode:=Audit\n=NotConfigured\nAlso users=Disabled\n" +
			"Paths: > \\\\*\\SYSVOL=x=1, y=2\nPaths:=only data\nPaths: > ExplicitValue=true\nPaths: > Additive=false\nLines=one\nLines=two\nOddity > Name=n\nOddity > Deep=d\nComment=because"}},
	},
	{
		"extra registry settings", "Registry", "RegistrySettings",
		elem("RegistrySetting", "%s", leaf("q:KeyPath", `Software\x`), leaf("q:AdmSetting", "false"), elem("Value", leaf("q:Name", "V"), leaf("q:Number", "7"))) +
			elem("RegistrySetting", leaf("q:KeyPath", `Software\y`), leaf("q:AdmSetting", "true")) +
			elem("RegistrySetting", leaf("q:KeyPath", `Software\z`), leaf("q:Command", "DeleteKeys")),
		[]flatSetting{
			{"RegistrySettings|RegistrySetting", `Software\x\V`, "7", "AdmSetting=false\nValue > Number=7"},
			{"RegistrySettings|RegistrySetting", `Software\y`, "", "AdmSetting=true"},
			{"RegistrySettings|RegistrySetting", `Software\z`, "DeleteKeys", ""},
		},
	},
	{
		"script", "Scripts", "Scripts",
		elem("Script", "%s", leaf("q:Command", "a.cmd"), leaf("q:Parameters", "-x"), leaf("q:Type", "Startup"), leaf("q:Order", "0"), leaf("q:RunOrder", "PSNotConfigured")),
		[]flatSetting{{"Scripts|Script|Startup", "a.cmd", "-x", "Order=0\nRunOrder=PSNotConfigured"}},
	},
	{
		"software installation", "SoftwareInstallation", "SoftwareInstallationSettings",
		elem("MsiApplication", "%s", leaf("q:Identifier", clsid), leaf("q:Name", "LAPS"), leaf("q:Path", `\\fs\LAPS.msi`), leaf("q:DeploymentType", "Assign"), elem("Upgrades", leaf("q:Mandatory", "true"))),
		[]flatSetting{{"SoftwareInstallationSettings|MsiApplication", "LAPS", "Assign", "Identifier=" + clsid + "\nPath=\\\\fs\\LAPS.msi\nUpgrades > Mandatory=true"}},
	},
	{
		"firewall", "WindowsFirewall", "WindowsFirewallSettings",
		elem("DomainProfile", elem("EnableFirewall", "%s", leaf("q:Value", "true")), elem("LogFilePath", leaf("q:Value", `C:\fw.log`))) +
			elem("InboundFirewallRules", leaf("q:Version", "2.31"), leaf("q:Action", "Allow"), leaf("q:Name", "In"), leaf("q:LPort", "443"), leaf("q:LPort", "80")),
		[]flatSetting{
			{"WindowsFirewallSettings|DomainProfile", "EnableFirewall", "true", ""},
			{"WindowsFirewallSettings|DomainProfile", "LogFilePath", `C:\fw.log`, ""},
			{"WindowsFirewallSettings|InboundFirewallRules", "In", "Allow", "Version=2.31\nLPort=443\nLPort=80"},
		},
	},
	{
		"public key", "PublicKey", "PublicKeySettings",
		elem("AutoEnrollmentSettings", leaf("q:EnrollCertificatesAutomatically", "true"), elem("Options", leaf("q:RenewUpdateRevoke", "false"))) +
			elem("EFSRecoveryAgent", "%s", leaf("q:IssuedTo", "Administrator"), leaf("q:Data", "0A0B")),
		[]flatSetting{
			{"PublicKeySettings", "AutoEnrollmentSettings", "", "EnrollCertificatesAutomatically=true\nOptions > RenewUpdateRevoke=false"},
			{"PublicKeySettings", "EFSRecoveryAgent", "", "IssuedTo=Administrator\nData=0A0B"},
		},
	},
	{
		"folder redirection", "FolderRedirection", "FolderRedirectionSettings",
		elem("Folder", "%s", leaf("q:Id", clsid), elem("Location", elem("SecurityGroup", typed("Name", "Everyone")), leaf("q:DestinationPath", `\\fs\%%USERNAME%%`)), leaf("q:MoveContents", "true")),
		[]flatSetting{{"FolderRedirectionSettings|Folder", clsid, "", "Location > SecurityGroup > Name=Everyone\nLocation > DestinationPath=\\\\fs\\%USERNAME%\nMoveContents=true"}},
	},
	{
		"name resolution without values", "nrpt", "NrptSettings",
		"%s" + elem("Global", `<q:Nla xsi:nil="true" />`, `<q:Query xsi:nil="true" />`),
		[]flatSetting{{"NrptSettings", "Global", "", "Nla=\nQuery="}},
	},
	{
		"what nobody knows", "New", "NewSettings",
		elem(`Thing a="1"`, "%s", "own text", elem(`Deep b="2"`, leaf("q:Deeper", "x"), leaf("q:Deeper", "y"), "<q:Deeper c='3'>z</q:Deeper>")) + leaf("q:Flag", "on"),
		[]flatSetting{{"NewSettings", "Thing", "", "a=1\nThing=own text\nDeep > b=2\nDeep > Deeper=x\nDeep > Deeper=y\nDeep > Deeper > c=3\nDeep > Deeper=z"}, {"NewSettings", "Flag", "on", ""}},
	},
}

// TestXMLKinds: settings of all kinds are read from results and from reports of GPOs alike.
func TestXMLKinds(t *testing.T) {
	for _, tt := range kindsXML {
		t.Run(tt.name, func(t *testing.T) {
			gpo := gpoXML{computer: blockXML(tt.space, tt.kind, fmt.Sprintf(tt.element, "")), user: "-"}
			r, err := parseBytes([]byte(gpo.String()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, flat(r.Computer.Settings)); diff != "" {
				t.Errorf("report of a GPO (-want +got):\n%s", diff)
			}
			gpoPlace := origin(guidB, "1")
			if tt.name == "name resolution without values" {
				gpoPlace = ""
			}
			for _, user := range []bool{false, true} { // the halves are read alike
				c := sync01XML()
				u := someUserXML()
				u.gpos = c.gpos
				block := blockXML(tt.space, tt.kind, fmt.Sprintf(tt.element, gpoPlace))
				if user {
					u.settings = block
				} else {
					c.settings = block
				}
				r = parseXML(t, rsop{computer: c.String(), user: u.String()})
				s := r.Computer
				if user {
					s = r.User
				}
				if diff := cmp.Diff(tt.want, flat(s.Settings)); diff != "" {
					t.Errorf("result, user %v (-want +got):\n%s", user, diff)
				}
				winners := 0
				for _, set := range s.Settings {
					if set.Winner == (gpreport.GPORef{Name: "Server Baseline", GUID: guidB, Domain: "contoso.com"}) {
						winners++
					}
				}
				if winners != min(len(gpoPlace), 1) || r.Computer.Incomplete || len(r.Warnings) > 0 {
					t.Errorf("%d winners, warnings %+v", winners, r.Warnings)
				}
				if n := s.Notes; len(n) != 1 || n[0].Text != tt.kind || !slices.Equal(n[0].Section, []string{tt.kind}) {
					t.Errorf("notes %+v", n)
				}
			}
		})
	}
}

func TestXMLHelpText(t *testing.T) {
	c := sync01XML()
	c.settings = blockXML("Registry", "RegistrySettings", elem("Policy", origin(guidB, "1"), leaf("q:Name", "P"), leaf("q:State", "Enabled"), leaf("q:Explain", " help\r\n\r\nmore "), leaf("q:Supported", "Windows")))
	if s := parseXML(t, rsop{computer: c.String()}).Computer.Settings[0]; s.Explain != "help\n\nmore" || s.Supported != "Windows" || len(s.Details) != 0 {
		t.Errorf("%+v", s)
	}
}

// preferences are those of a report of a GPO: items in folders of their own.
func TestXMLPreferences(t *testing.T) {
	item := func(element, name, properties string, more ...string) string {
		return elem(element+` clsid="`+clsid+`" name="`+name+`"`, leaf("q:GPOSettingOrder", "1"), properties, strings.Join(more, ""))
	}
	registry := blockXML("Windows/Registry", "RegistrySettings",
		elem(`RegistrySettings clsid="`+clsid+`"`,
			item("Registry", "V", `<q:Properties action="U" hive="HKEY_LOCAL_MACHINE" key="Software\x" name="V" value="1" />`),
			elem(`Collection name="Folder"`, item("Registry", "W", `<q:Properties action="D" key="k" />`, elem("Filters", `<q:FilterOs bool="AND" />`)))))
	r, err := parseBytes([]byte(gpoXML{computer: registry}.String()))
	if err != nil {
		t.Fatal(err)
	}
	want := []flatSetting{
		{"RegistrySettings|RegistrySettings|Registry", "V", "1", "clsid=" + clsid + "\nname=V\nGPOSettingOrder=1\nProperties > action=U\nProperties > hive=HKEY_LOCAL_MACHINE\nProperties > key=Software\\x\nProperties > name=V\nProperties > value=1"},
		{"RegistrySettings|RegistrySettings|Folder|Registry", "W", "Delete", "clsid=" + clsid + "\nname=W\nGPOSettingOrder=1\nProperties > action=D\nProperties > key=k\nFilters > FilterOs > bool=AND"},
		{"RegistrySettings|RegistrySettings|Collection", "Folder", "", "name=Folder"},
		{"RegistrySettings", "RegistrySettings", "", "clsid=" + clsid},
	}
	if diff := cmp.Diff(want, flat(r.Computer.Settings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if at := r.Computer.Settings[1].Location; !slices.Equal(at.Section, []string{"Computer", "ExtensionData", "Extension", "RegistrySettings", "Folder", "Registry"}) || at.Row != 2 {
		t.Errorf("location %+v", at)
	}
}

// wmi is an item of preferences of a result: a WMI object with a second one in it.
func wmi(element, precedence, hash string, properties [][2]string, more string) string {
	property := func(name, value string) string { return elem(`PROPERTY NAME="`+name+`"`, leaf("q:VALUE", value)) }
	inner := ""
	for _, p := range properties {
		inner += property("polmkr"+p[0], p[1])
	}
	return elem(element, origin(guidB, precedence), elem(`BaseInstanceXml CLASSNAME="RSOP_Polmkr"`, property("name", "Item"), property("polmkrBaseHash", hash),
		elem(`INSTANCE CLASSNAME="RSOP_PolmkrItem"`, inner, more), "<q:Values />"))
}

func TestXMLResultPreferences(t *testing.T) {
	c := sync01XML()
	c.settings = blockXML("Windows/Registry", "RegistrySettings",
		wmi("RegistryRsopSetting", "1", "a", [][2]string{{"Action", "U"}, {"Value", "000000FF"}}, ""),
		wmi("RegistryRsopSetting", "2", "b", [][2]string{{"Action", "C"}}, ""), // another value with this name
		wmi("RegistryRsopSetting", "2", "a", [][2]string{{"Action", "R"}, {"Value", "1"}}, ""))
	s := parseXML(t, rsop{computer: c.String()}).Computer
	if len(s.Settings) != 2 || s.Settings[0].Name != "Item" || s.Settings[0].Value != "000000FF" || len(s.Settings[0].Others) != 1 || s.Settings[0].Others[0].Value != "1" {
		t.Fatalf("%+v", s.Settings)
	}
	want := "BaseInstanceXml > CLASSNAME=RSOP_Polmkr\nBaseInstanceXml > name=Item\nBaseInstanceXml > polmkrBaseHash=a\nBaseInstanceXml > INSTANCE > CLASSNAME=RSOP_PolmkrItem\n" +
		"BaseInstanceXml > INSTANCE > polmkrAction=U\nBaseInstanceXml > INSTANCE > polmkrValue=000000FF\nBaseInstanceXml > Values="
	if got := flat(s.Settings)[0].Details; got != want {
		t.Errorf("details:\n%s", got)
	}
	if o := s.Settings[1]; o.Value != "" || o.Winner != (gpreport.GPORef{}) || len(o.Others) != 1 || o.Others[0].Value != "Create" {
		t.Errorf("what loses to nothing: %+v", o)
	}
}

// What loses stands beside what wins; alone it wins nothing.
func TestXMLLosers(t *testing.T) {
	account := func(id, precedence, name, value string) string {
		return elem("Account", origin(id, precedence), leaf("q:Name", name), leaf("q:SettingNumber", value), leaf("q:Type", "Password"))
	}
	const third = "{33333333-CCCC-4CCC-8CCC-333333333333}"
	c := sync01XML(
		account(third, "3", "MinimumPasswordLength", "8"),
		account(guidB, "1", "minimumpasswordLENGTH", "14"),
		account(guidA, "2", "MinimumPasswordLength", "10"),
		account(third, "3", "LockoutDuration", "2"),
		account(guidA, "2", "LockoutDuration", "1"),
		account(guidA, "x", "MaximumPasswordAge", "1"),
	)
	r := parseXML(t, rsop{computer: c.String()})
	got := make(map[string][]string)
	for _, s := range r.Computer.Settings {
		list := []string{s.Winner.Name + "=" + s.Value}
		for _, o := range s.Others {
			list = append(list, o.GPO.Name+"="+o.Value)
		}
		got[s.Name] = list
	}
	want := map[string][]string{
		"minimumpasswordLENGTH": {"Server Baseline=14", "Default Domain Policy=10", third + "=8"},
		"LockoutDuration":       {"=", "Default Domain Policy=1", third + "=2"},
		"MaximumPasswordAge":    {"=", "Default Domain Policy=1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := r.Computer.Settings; s[0].Others[0].Location.Row != 3 || s[0].Others[1].Location.Row != 1 {
		t.Errorf("locations %+v", s[0].Others)
	}
}

// Rights that are no part of the list are kept as what nobody wins by.
func TestXMLRightsLeftOut(t *testing.T) {
	c := sync01XML(
		assignment(guidA, "2", "SeServiceLogonRight", typed("SID", userSID)+typed("Name", "loser")),
		assignment(guidA, "1", "SeBatchLogonRight", ""),
		assignment(guidB, "1", "SeDebugPrivilege", named("again")...),
		assignment(guidB, "1", "SeDebugPrivilege", named("again")...),
		"<q:UserRightsAssignment>"+origin(guidB, "1")+leaf("q:Name", "SeAuditPrivilege")+leaf("q:Comment", "why")+"</q:UserRightsAssignment>",
		`<q:UserRightsAssignment comment="why">`+origin(guidB, "1")+leaf("q:Name", "SeTcbPrivilege")+leaf("q:New", "")+"</q:UserRightsAssignment>",
	)
	c.settings += extension("true", assignment(guidB, "1", "SeShutdownPrivilege", named("managed")...))
	u := someUserXML()
	u.settings = extension("false", assignment(guidA, "1", "SeServiceLogonRight", named("Everyone")...))
	r := parseXML(t, rsop{computer: c.String(), user: u.String()})
	var got []string
	for _, s := range r.Computer.Settings {
		if s.Value != "" || s.Winner != (gpreport.GPORef{}) || !slices.Equal(s.Section, []string{"SecuritySettings", "UserRightsAssignment"}) {
			t.Errorf("%+v", s)
		}
		for _, o := range s.Others {
			got = append(got, fmt.Sprintf("%s %s %s %v%v", s.Name, o.GPO.Name, o.Value, o.Details, s.Details))
		}
	}
	slices.Sort(got)
	want := []string{
		"SeAuditPrivilege Server Baseline  [{Name SeAuditPrivilege} {Comment why}][]",
		"SeBatchLogonRight Default Domain Policy  [{Name SeBatchLogonRight} {Member }][]",
		"SeDebugPrivilege Server Baseline again [][]",
		"SeServiceLogonRight Default Domain Policy loser [{Member > SID " + userSID + "}][]",
		"SeShutdownPrivilege Server Baseline managed [][{Blocked true}]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	i := slices.IndexFunc(r.Computer.Notes, func(n gpreport.Note) bool { return n.Text == "comment: why" })
	if i < 0 || !slices.Equal(r.Computer.Notes[i].Section, []string{"SecuritySettings", "UserRightsAssignment", "SeTcbPrivilege"}) {
		t.Errorf("notes %+v", r.Computer.Notes)
	}
	if s := r.User.Settings; len(s) != 1 || s[0].Name != "SeServiceLogonRight" || s[0].Value != "Everyone" || len(r.User.Rights) != 0 {
		t.Errorf("user %+v", s)
	}
}

func TestXMLTyped(t *testing.T) {
	group := func(precedence string, parts ...string) string {
		return elem("RestrictedGroups", origin(guidB, precedence), strings.Join(parts, ""))
	}
	service := func(name, mode string) string {
		return elem("SystemServices", origin(guidB, "1"), leaf("q:Name", name), leaf("q:StartupMode", mode))
	}
	c := sync01XML(
		group("1", account("GroupName", adminSID, `BUILTIN\Administrators`), account("Member", userSID, `CONTOSO\svc`), account("Memberof", "", `CONTOSO\Y`)),
		group("2", account("GroupName", adminSID, `BUILTIN\Administrators`), account("Member", "", "loser")),
		service("Spooler", "Disabled"), service("ADSync", "Automatic"), service("W32Time", "Manual"), service("X", "Boot"),
	)
	members := `<q:Members><q:Member name="CONTOSO\svc" action="ADD" sid="` + userSID + `" /><q:Member name="x" action="REMOVE" sid="" /></q:Members>`
	c.settings += extension("true", service("Themes", "Disabled"))
	c.settings += blockXML("Lugs", "LugsSettings",
		wmi("LocalGroupRsopSetting", "1", "g", [][2]string{{"Action", "U"}, {"GroupName", "Administrators (built-in)"}, {"GroupSid", adminSID}, {"DeleteAllUsers", "1"}, {"DeleteAllGroups", "0"}}, members))
	s := parseXML(t, rsop{computer: c.String()}).Computer
	winner := gpreport.GPORef{Name: "Server Baseline", GUID: guidB, Domain: "contoso.com"}
	svc := sid.Principal{Name: `CONTOSO\svc`, SID: userSID}
	if len(s.RestrictedGroups) != 1 || len(s.Services) != 4 || len(s.LocalGroups) != 1 {
		t.Fatalf("groups %+v, services %+v, local groups %+v", s.RestrictedGroups, s.Services, s.LocalGroups)
	}
	g := s.RestrictedGroups[0]
	wantGroup := gpreport.RestrictedGroup{
		Group: sid.Principal{Name: `BUILTIN\Administrators`, SID: adminSID}, Members: []sid.Principal{svc},
		MemberOf: []sid.Principal{sid.ParsePrincipal(`CONTOSO\Y`)}, Winner: winner, Location: g.Location,
	}
	if diff := cmp.Diff(wantGroup, g); diff != "" || g.Location.Row != 1 || g.Location.Line == 0 {
		t.Errorf("restricted group (-want +got):\n%s", diff)
	}
	var modes []string
	for _, v := range s.Services {
		modes = append(modes, v.Name+" "+string(v.Mode)+" "+v.ModeText+" "+v.Winner.Name)
	}
	if want := []string{"Spooler disabled Disabled Server Baseline", "ADSync automatic Automatic Server Baseline", "W32Time manual Manual Server Baseline", "X  Boot Server Baseline"}; !slices.Equal(modes, want) {
		t.Errorf("services %q", modes)
	}
	local := s.LocalGroups[0]
	wantLocal := gpreport.LocalGroup{
		Group: sid.Principal{Name: "Administrators (built-in)", SID: adminSID}, Action: "Update", Add: []sid.Principal{svc}, Remove: []sid.Principal{{Name: "x"}},
		DeleteUsers: true, Winner: winner, Location: local.Location,
	}
	if diff := cmp.Diff(wantLocal, local); diff != "" {
		t.Errorf("local group (-want +got):\n%s", diff)
	}
}

// Of a list that may not be whole, and of an item that is disabled, no typed form is made.
func TestXMLTypedLeftOut(t *testing.T) {
	lugs := func(attrs, member string) string {
		return blockXML("Lugs", "LugsSettings", elem("LocalUsersAndGroups", elem(`Group name="G"`+attrs, leaf("q:GPOSettingOrder", "1"),
			`<q:Properties action="R" groupName="G" groupSid=""><q:Members>`+member+`</q:Members></q:Properties>`)))
	}
	odd := blockXML("Security", "SecuritySettings", elem("RestrictedGroups", account("GroupName", "", "G"), "<q:Member/>"))
	service := blockXML("Services", "ServicesSettings", elem("NTServices", elem(`NTService name="ADSync"`, `<q:Properties startupType="AUTOMATIC" serviceName="ADSync" />`)))
	for _, tt := range []struct {
		name, settings               string
		restricted, locals, services int
		warned                       bool
	}{
		{"a member", lugs("", `<q:Member name="x" action="ADD" sid="" />`), 0, 1, 0, false},
		{"disabled", lugs(` disabled="1"`, `<q:Member name="x" action="ADD" sid="" />`), 0, 0, 0, false},
		{"a member without a name", lugs("", `<q:Member action="ADD" />`), 0, 0, 0, true},
		{"an unknown action", lugs("", `<q:Member name="x" action="LOVE" />`), 0, 0, 0, true},
		{"a restricted group's member without a name", odd, 0, 0, 0, true},
		{"a service of preferences", service, 0, 0, 1, false},
	} {
		r, err := parseBytes([]byte(gpoXML{computer: tt.settings}.String()))
		if err != nil {
			t.Fatal(err)
		}
		s := r.Computer
		if len(s.RestrictedGroups) != tt.restricted || len(s.LocalGroups) != tt.locals || len(s.Services) != tt.services || len(s.Settings) == 0 {
			t.Errorf("%s: %+v", tt.name, s)
		}
		if warned := slices.Contains(codes(r), gpreport.OddRow); warned != tt.warned || s.Incomplete != tt.warned {
			t.Errorf("%s: warnings %+v, incomplete %v", tt.name, r.Warnings, s.Incomplete)
		}
	}
}
