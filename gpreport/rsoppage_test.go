package gpreport_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
)

// rsop is a result in XML to be written, with names of our own. Empty fields take
// what Windows writes for a member server.
type rsop struct {
	head           string // in front of the root; "" is the declaration of Windows
	readTime       string
	dataType       string
	computer, user string // contents of the halves; "" leaves the element out
	tail           string // behind the root
}

func (r rsop) String() string {
	var b strings.Builder
	b.WriteString(or(r.head, "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n"))
	b.WriteString(`<Rsop xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Rsop">` + "\r\n")
	fmt.Fprintf(&b, "  <ReadTime>%s</ReadTime>\r\n  <DataType>%s</DataType>\r\n", or(r.readTime, "2023-10-19T01:10:01.4765931Z"), or(r.dataType, "LoggedData"))
	if r.user != "" {
		b.WriteString("  <UserResults>\r\n" + r.user + "  </UserResults>\r\n")
	}
	if r.computer != "" {
		b.WriteString("  <ComputerResults>\r\n" + r.computer + "  </ComputerResults>\r\n")
	}
	b.WriteString("</Rsop>" + r.tail)
	return b.String()
}

// The namespaces, and the attribute with which Windows puts an element into that
// of the types or of what settings have in common.
const (
	securitySpace = "http://www.microsoft.com/GroupPolicy/Settings/Security"
	inTypes       = ` xmlns="http://www.microsoft.com/GroupPolicy/Types"`
	inBase        = ` xmlns="http://www.microsoft.com/GroupPolicy/Settings/Base"`
)

// leaf is an element with a text.
func leaf(name, text string) string { return "<" + name + ">" + text + "</" + name + ">\r\n" }

func typed(name, text string) string {
	return "<" + name + inTypes + ">" + text + "</" + name + ">\r\n"
}

// rsopHalf is the content of a half.
type rsopHalf struct {
	name, domain, som, site string
	searched                string
	groups                  [][2]string // SID and name
	status                  string      // "" is an infrastructure and a security extension without errors
	gpos                    []rsopGPO
	settings                string
	end                     string
}

// rsopGPO is a GPO of a list. An empty link is contoso.com; the flags that are
// "" are those of a GPO that was applied.
type rsopGPO struct {
	name, id, domain                             string
	links                                        []rsopLink
	enabled, valid, filterAllowed, accessDenied  string
	directory, sysvol, filterName                string
	withoutFlags, withoutLinks, withoutRevisions bool
}

type rsopLink struct{ som, applied, enabled, enforced string }

func (g rsopGPO) String() string {
	s := leaf("Name", g.name) + "<Path>" + typed("Identifier", g.id)
	if g.domain != "" {
		s += typed("Domain", g.domain)
	}
	s += "</Path>\r\n"
	if !g.withoutRevisions {
		s += leaf("VersionDirectory", or(g.directory, "3")) + leaf("VersionSysvol", or(g.sysvol, "4"))
	}
	if !g.withoutFlags {
		s += leaf("Enabled", or(g.enabled, "true")) + leaf("IsValid", or(g.valid, "true"))
		s += leaf("FilterAllowed", or(g.filterAllowed, "true")) + leaf("AccessDenied", or(g.accessDenied, "false"))
	}
	if g.filterName != "" {
		s += leaf("FilterName", g.filterName)
	}
	if g.links == nil && !g.withoutLinks {
		g.links = []rsopLink{{}}
	}
	for _, l := range g.links {
		s += "<Link>" + leaf("SOMPath", or(l.som, "contoso.com")) + leaf("SOMOrder", "1") + leaf("AppliedOrder", or(l.applied, "1")) +
			leaf("LinkOrder", "2") + leaf("Enabled", or(l.enabled, "true")) + leaf("NoOverride", or(l.enforced, "false")) + "</Link>\r\n"
	}
	s += leaf("SecurityFilter", `NT AUTHORITY\Authenticated Users`) + leaf("SecurityFilter", `CONTOSO\Servers`)
	s += leaf("ExtensionName", "{B1BE8D72-6EAC-11D2-A4EA-00C04F79F83A}") + leaf("ExtensionName", "Security")
	return "<GPO>\r\n" + s + "</GPO>\r\n"
}

const securityGUID = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"

// status is how an extension fared.
func status(id, name, end, logging, code string) string {
	return "<ExtensionStatus>" + leaf("Name", name) + leaf("Identifier", id) + leaf("BeginTime", end) + leaf("EndTime", end) +
		leaf("LoggingStatus", logging) + leaf("Error", code) + "</ExtensionStatus>\r\n"
}

const infrastructureGUID = "{00000000-0000-0000-0000-000000000000}"

func (h rsopHalf) String() string {
	s := leaf("Version", "2228228") + leaf("Name", h.name) + leaf("Domain", h.domain) + leaf("SOM", h.som) + leaf("Site", h.site) + h.searched
	for _, g := range h.groups {
		s += "<SecurityGroup>" + typed("SID", g[0]) + typed("Name", g[1]) + "</SecurityGroup>\r\n"
	}
	s += leaf("SlowLink", "false")
	s += or(h.status, status(securityGUID, "Security", "2023-10-19T01:06:30", "Complete", "0")+
		status(infrastructureGUID, "Group Policy Infrastructure", "2023-10-19T01:06:31", "Complete", "0"))
	for _, g := range h.gpos {
		s += g.String()
	}
	return s + h.settings + h.end
}

// assignment is an element of user rights; the prefix q is bound by extension. The
// members are what stands between the tags of each.
func assignment(gpoID, precedence, right string, members ...string) string {
	s := "<GPO" + inBase + ">" + typed("Identifier", gpoID) + typed("Domain", "contoso.com") + "</GPO>\r\n"
	s += "<Precedence" + inBase + ">" + precedence + "</Precedence>\r\n" + leaf("q:Name", right)
	for _, m := range members {
		s += "<q:Member>" + m + "</q:Member>\r\n"
	}
	return "<q:UserRightsAssignment>\r\n" + s + "</q:UserRightsAssignment>\r\n"
}

// named are members that have names only, as Windows writes them.
func named(names ...string) []string {
	var list []string
	for _, n := range names {
		list = append(list, typed("Name", n))
	}
	return list
}

// extension is a block of security settings that ends with its Blocked element.
func extension(blocked string, elements ...string) string {
	return `<ExtensionData><Extension xmlns:q="` + securitySpace + `" xsi:type="q:SecuritySettings" xmlns="http://www.microsoft.com/GroupPolicy/Settings">` + "\r\n" +
		strings.Join(elements, "") + leaf("q:Blocked", blocked) + "</Extension>\r\n" +
		`<Name xmlns="http://www.microsoft.com/GroupPolicy/Settings">Security</Name></ExtensionData>` + "\r\n"
}

// sync01XML is the half of sync01 with elements of user rights.
func sync01XML(rights ...string) rsopHalf {
	return rsopHalf{
		name: `CONTOSO\SYNC01$`, domain: "contoso.com", som: "contoso.com/Servers", site: "Default-First-Site-Name",
		groups: [][2]string{{"S-1-5-32-544", `BUILTIN\Administrators`}, {"S-1-5-21-1-2-3-515", `CONTOSO\Domain Computers`}},
		gpos: []rsopGPO{
			{name: "Server Baseline", id: strings.ToLower(guidB), domain: "contoso.com", links: []rsopLink{{"contoso.com/Servers", "2", "true", "true"}}},
			{name: "Local Group Policy", id: "LocalGPO", links: []rsopLink{{som: "Local", applied: "0"}}, directory: "0", sysvol: "0"},
			{name: "Default Domain Policy", id: guidA, domain: "contoso.com"},
		},
		settings: extension("false", rights...),
	}
}

// someUserXML is a user's half.
func someUserXML() rsopHalf {
	return rsopHalf{
		name: `CONTOSO\admin`, domain: "contoso.com", som: "contoso.com/Admins", site: "Default-First-Site-Name",
		groups: [][2]string{{"S-1-1-0", "Everyone"}},
		gpos:   []rsopGPO{{name: "Local Group Policy", id: "LocalGPO", links: []rsopLink{{som: "Local", applied: "0"}}}},
		status: status(infrastructureGUID, "Group Policy Infrastructure", "2023-10-19T01:06:29", "Complete", "0"),
	}
}

// parseXML reads a result that must not be damaged.
func parseXML(t *testing.T, r rsop) *gpreport.Report {
	t.Helper()
	rep, err := parseBytes(utf16LE(r.String()))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return rep
}

// rightXML reads the right to log on as a service of a computer with one element
// of user rights that has the given members.
func rightXML(t *testing.T, members ...string) (gpreport.Assignment, *gpreport.Report) {
	t.Helper()
	r := parseXML(t, rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", members...)).String()})
	a, _ := r.Computer.Right("SeServiceLogonRight")
	return a, r
}

// origin is what the element of a setting in a result says of its GPO.
func origin(gpoID, precedence string) string {
	return "<GPO" + inBase + ">" + typed("Identifier", gpoID) + typed("Domain", "contoso.com") + "</GPO>\r\n<Precedence" + inBase + ">" + precedence + "</Precedence>\r\n"
}

// blockXML is a block of settings of any kind, whose elements have the prefix q. The names that
// it has in the language of the report are those of the kind.
func blockXML(space, kind string, elements ...string) string {
	return `<ExtensionData><Extension xmlns:q="http://www.microsoft.com/GroupPolicy/Settings/` + space + `" xsi:type="q:` + kind + `" xmlns="http://www.microsoft.com/GroupPolicy/Settings">` + "\r\n" +
		strings.Join(elements, "") + "</Extension>\r\n" + `<Name xmlns="http://www.microsoft.com/GroupPolicy/Settings">` + kind + "</Name></ExtensionData>\r\n"
}

// gpoXML is a report of a GPO to be written. Empty fields take what Windows writes.
type gpoXML struct {
	head           string // in front of the element; "" is the declaration of Windows
	name, id       string
	extra          string // between the times and the halves
	computer, user string // settings; "-" leaves the half out
	tail           string // behind the halves
}

func (g gpoXML) String() string {
	half := func(name, settings, enabled string) string {
		if settings == "-" {
			return ""
		}
		return "  <" + name + ">\r\n" + leaf("VersionDirectory", "7") + leaf("VersionSysvol", "8") + leaf("Enabled", enabled) + settings + "  </" + name + ">\r\n"
	}
	head := or(g.head, "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n")
	return head + `<GPO xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings">` + "\r\n" +
		"<Identifier>" + typed("Identifier", or(g.id, strings.ToLower(guidB))) + typed("Domain", "contoso.com") + "</Identifier>\r\n" + leaf("Name", or(g.name, "Server Baseline")) +
		leaf("IncludeComments", "true") + leaf("CreatedTime", "2023-01-02T03:04:05") + leaf("ModifiedTime", "2023-10-18T21:41:07") + leaf("ReadTime", "2023-10-19T01:10:01.4765931Z") +
		g.extra + half("Computer", g.computer, "true") + half("User", g.user, "false") + g.tail + "</GPO>\r\n"
}
