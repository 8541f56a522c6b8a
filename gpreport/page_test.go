package gpreport_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/gpreport"
)

// page is a report to be written, with the markup of Windows 10 and names of our
// own. Empty fields take the English text.
type page struct {
	head              string // in front of the title
	results           string // the title
	stamp             string
	computerRefresh   string
	computer, user    string // contents of the halves; "" is "No data available."
	computerDetails   string // headings of the halves
	userDetails       string
	afterSettings     string
	withoutEnd        bool
	titleTableClasses string
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

const noData = `<div class="he4i">No data available.</div>`

func (p page) String() string {
	var b strings.Builder
	b.WriteString("<html dir=\"ltr\">\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-16\" />\r\n<title>t</title>\r\n</head>\r\n<body>\r\n")
	b.WriteString(p.head)
	fmt.Fprintf(&b, "<table class=\"%s\" >\r\n<tr><td colspan=\"2\" class=\"rsopheader\">%s</td></tr>\r\n", or(p.titleTableClasses, "title"), or(p.results, "Group Policy Results"))
	fmt.Fprintf(&b, "<tr><td colspan=\"2\" class=\"rsopname\">x</td></tr>\r\n<tr><td id=\"dtstamp\">%s</td><td><div id=\"objshowhide\"></div></td></tr>\r\n</table>\r\n", or(p.stamp, "Data collected on: 10/18/2023 6:10:01 PM"))
	b.WriteString("<div class=\"rsopsummary\">\r\n" + heading("0_expanded", "Summary") + "<div class=\"container\">")
	fmt.Fprintf(&b, "<div class=\"he2i\"><table class=\"info3\" ><tr><td>&nbsp;</td><td>%s</td></tr><tr><td>&nbsp;</td><td><table class=\"info3\"><tr><td>1/1/2001 1:00:00 PM</td></tr></table></td></tr></table></div></div></div>\r\n",
		or(p.computerRefresh, "During last <strong>computer policy</strong> refresh on 10/18/2023 6:06:31 PM"))
	b.WriteString("<div class=\"rsopsettings\">\r\n")
	b.WriteString(section("0_expanded", or(p.computerDetails, "Computer Details"), or(p.computer, noData)))
	b.WriteString("<div class=\"filler\"></div>\r\n")
	b.WriteString(section("0_expanded", or(p.userDetails, "User Details"), or(p.user, noData)))
	b.WriteString("</div>\r\n" + p.afterSettings)
	if !p.withoutEnd {
		b.WriteString("</body></html>\r\n")
	}
	return b.String()
}

func heading(level, title string) string {
	return fmt.Sprintf("<div class=\"he%s\"><span class=\"sectionTitle\" tabindex=\"0\">%s</span><a class=\"expando\" href=\"#\"></a></div>\r\n", level, title)
}

func section(level, title, body string) string {
	return heading(level, title) + "<div class=\"container\">" + body + "</div>\r\n"
}

// half is the content of a half of a report in which the sections have the given
// words; the names of GPOs are those of its lists.
type half struct {
	names            [5]string // General … WMI Filters
	general          [][2]string
	groups           []string
	settings         string // below Settings; "" is "No settings defined."
	applied, denied  []gpo
	appliedHeading   string
	deniedHeading    string
	gpoLabels        []string
	componentClasses string
}

type gpo struct{ title, link, enforced, reason string }

func (h half) String() string {
	if h.names == [5]string{} {
		h.names = [5]string{"General", "Component Status", "Settings", "Group Policy Objects", "WMI Filters"}
	}
	if h.gpoLabels == nil {
		h.gpoLabels = []string{"Link Location", "Extensions Configured", "Enforced", "Disabled", "Security Filters", "Revision", "WMI Filter", "Reason Denied"}
	}
	var g strings.Builder
	g.WriteString("<div class=\"he2i\"><table class=\"info\" >\r\n")
	for _, kv := range h.general {
		fmt.Fprintf(&g, "<tr><td><strong>%s</strong></td><td>%s</td></tr>", kv[0], kv[1])
	}
	fmt.Fprintf(&g, "<tr><td><strong>Security Group Membership</strong></td><td> <div class=\"container\">\r\n<span class=\"explainlink\">show</span>\r\n<div style=\"display:None\" id=\"showItem\">%s</div>\r\n</div></td></tr></table>\r\n</div>", strings.Join(h.groups, "<br/>"))
	body := section("0h_expanded", h.names[0], g.String())
	body += section("0h_expanded", h.names[1], fmt.Sprintf("<div class=\"he2i\"><table class=\"%s\" ><tr><th>Component Name</th></tr></table></div>", or(h.componentClasses, "info3")))
	body += section("0h_expanded", h.names[2], or(h.settings, `<div class="he4i">No settings defined.</div>`))
	lists := section("1h_expanded", or(h.appliedHeading, "Applied GPOs"), h.gpos(h.applied)) +
		section("1h_expanded", or(h.deniedHeading, "Denied GPOs"), h.gpos(h.denied))
	body += section("0h_expanded", h.names[3], lists)
	body += section("0h_expanded", h.names[4], "<div class=\"he2i\"><table class=\"info3\" >\r\n<tr><th>Name</th><th>Value</th><th>Reference GPO(s)</th></tr>\r\n<tr><td colspan=\"3\">None</td></tr></table>\r\n</div>")
	return body
}

func (h half) gpos(list []gpo) string {
	var b strings.Builder
	for _, g := range list {
		values := []string{or(g.link, "contoso.com"), "{B1BE8D72-6EAC-11D2-A4EA-00C04F79F83A}<br/>Security", or(g.enforced, "No"), "None", `NT AUTHORITY\Authenticated Users<br/>CONTOSO\Servers`, "AD (3), SYSVOL (4)", "&nbsp;"}
		if g.reason != "" {
			values = append(values, g.reason)
		}
		var t strings.Builder
		t.WriteString("<div class=\"he4i\"><table class=\"info\" >\r\n")
		for i, v := range values {
			fmt.Fprintf(&t, "<tr><td><strong>%s</strong></td><td>%s</td></tr>", h.gpoLabels[i], v)
		}
		b.WriteString(section("2", g.title, t.String()+"</table>\r\n</div>"))
	}
	return b.String()
}

// settingsOf nests tables as Windows does below Settings.
func settingsOf(sections ...string) string {
	return section("1h_expanded", "Policies", section("1_expanded", "Windows Settings", section("2", "Security Settings", strings.Join(sections, ""))))
}

// table is a section of settings with a header of three columns.
func table(title string, head [3]string, rows ...string) string {
	return section("3", title, fmt.Sprintf("<div class=\"he4i\"><table class=\"info3\" >\r\n<tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr>\r\n%s\r\n</table>\r\n</div>",
		head[0], head[1], head[2], strings.Join(rows, "\r\n")))
}

func row(cells ...string) string {
	return "<tr><td>" + strings.Join(cells, "</td><td>") + "</td></tr>"
}

var english = [3]string{"Policy", "Setting", "Winning GPO"}

const rightsTitle = "Local Policies/User Rights Assignment"

const (
	guidA = "{11111111-AAAA-4AAA-8AAA-111111111111}"
	guidB = "{22222222-BBBB-4BBB-8BBB-222222222222}"
)

// sync01 is a computer's half with the given rows of user rights.
func sync01(rights ...string) half {
	return half{
		general: [][2]string{
			{"Computer name", `CONTOSO\SYNC01`},
			{"Domain", "contoso.com"},
			{"Site", "Default-First-Site-Name"},
			{"Organizational Unit", "contoso.com/Servers"},
		},
		groups:   []string{`BUILTIN\Administrators`, "Everyone", `CONTOSO\SYNC01$`},
		settings: settingsOf(table(rightsTitle, english, rights...)),
		applied:  []gpo{{title: "Default Domain Policy [" + guidA + "]"}, {title: "Server Baseline [" + guidB + "]", link: "contoso.com/Servers", enforced: "Yes"}},
		denied:   []gpo{{title: "Local Group Policy [LocalGPO]", link: "Local", reason: "Empty"}},
	}
}

// someUser is a user's half.
func someUser() half {
	return half{
		general: [][2]string{{"User name", `CONTOSO\admin`}, {"Domain", "contoso.com"}, {"Organizational Unit", "contoso.com/Admins"}},
		groups:  []string{"Everyone"},
	}
}

func parseBytes(data []byte) (*gpreport.Report, error) {
	return gpreport.Parse(context.Background(), bytes.NewReader(data), int64(len(data)), gpreport.Config{Source: "report.html"})
}

// parse reads a page that must not be damaged.
func parse(t *testing.T, p page) *gpreport.Report {
	t.Helper()
	r, err := parseBytes(utf16LE(p.String()))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return r
}

// utf16LE encodes as Windows does.
func utf16LE(s string) []byte {
	return append([]byte{0xFF, 0xFE}, utf16Bytes(s, binary.LittleEndian)...)
}

func utf16Bytes(s string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// codes lists the codes of a report's warnings.
func codes(r *gpreport.Report) []string {
	var list []string
	for _, w := range r.Warnings {
		list = append(list, w.Code)
	}
	return list
}

// gpoPage is a report of a GPO to be written.
type gpoPage struct {
	name, guid     string
	computer, user string // settings; "" is "No settings defined."
}

func (g gpoPage) String() string {
	row := func(cells ...string) string { return "<tr><td>" + strings.Join(cells, "</td><td>") + "</td></tr>\r\n" }
	details := row("Domain", "contoso.com") + row("Owner", `CONTOSO\Domain Admins`) + row("Created", "8/20/2025 7:57:28 AM") + row("Modified", "8/21/2025 10:00:32 AM") +
		row("User Revisions", "0 (AD), 0 (SYSVOL)") + row("Computer Revisions", "7 (AD), 8 (SYSVOL)") +
		row("Unique ID", or(g.guid, "{6ac1786c-016f-11d2-945f-00c04fb984f9}")) + row("GPO Status", "Enabled") + row("Colour", "blue")
	general := section("1", "Details", `<div class="he4i"><table class="info" >`+details+"</table></div>") +
		section("1", "Links", `<div class="he4i"><table class="info3" ><tr><th>Location</th><th>Enforced</th><th>Link Status</th><th>Path</th></tr>`+
			row("Servers", "Yes", "Disabled", "contoso.com/Servers")+row("contoso", "No", "Enabled", "contoso.com")+"</table><br/>This list only includes links in the domain of the GPO.</div>") +
		section("1", "Security Filtering", `<div class="he4i">The settings apply to:</div><div class="he4i"><table class="info" ><tr><th>Name</th></tr>`+row(`NT AUTHORITY\Authenticated Users`)+"</table></div>") +
		section("1", "WMI Filtering", `<div class="he4i"><table class="info" >`+row("WMI Filter Name", "Servers only")+row("Description", "Not on clients")+"</table></div>") +
		section("1", "Delegation", `<div class="he4i"><table class="info3" ><tr><th>Name</th><th>Allowed Permissions</th><th>Inherited</th></tr>`+row(`CONTOSO\Domain Admins`, "Edit settings, delete, modify security", "No")+"</table></div>")
	const none = `<div class="he4i">No settings defined.</div>`
	return "<html><head><title>" + g.name + "</title></head><body><table class=\"title\" >\r\n<tr><td colspan=\"2\" class=\"gponame\">" + or(g.name, "A GPO") +
		"</td></tr>\r\n<tr><td id=\"dtstamp\">Data collected on: 8/21/2025 2:30:41 PM</td><td></td></tr></table>\r\n<div class=\"gposummary\">" +
		section("0_expanded", "General", general) + "</div>\r\n" +
		section("0_expanded", "Computer Configuration (Enabled)", or(g.computer, none)) +
		section("0_expanded", "User Configuration (Disabled)", or(g.user, none)) + "</body></html>\r\n"
}
