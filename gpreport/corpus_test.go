package gpreport_test

import (
	"cmp"
	"context"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// reportFile opens a real report; these are not part of the repository.
func reportFile(t testing.TB, name string) *os.File {
	t.Helper()
	dir := cmp.Or(os.Getenv("GPEVTX_CORPUS"), filepath.Join("..", "..", "shared", "corpus"))
	f, err := os.Open(filepath.Join(dir, "reports", name))
	if err != nil {
		t.Skip("no corpus of real reports: ", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func parseFile(t testing.TB, f *os.File) (*gpreport.Report, error) {
	t.Helper()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return gpreport.Parse(context.Background(), f, st.Size(), gpreport.Config{Source: evidence.Source(filepath.Base(f.Name()))})
}

func TestRealReports(t *testing.T) {
	type counts struct{ applied, denied, groups, rights int }
	tests := []struct {
		file, host, domain, user string
		computer, userHalf       *counts // nil: no data
	}{
		{"computer-scope.gpresult.html", "DESKTOP-RAK751A", "local.to7a", "", &counts{13, 1, 10, 0}, nil},
		{"lab-dc.gpresult.html", "WIN-1CPI0V6RVEL", "corp.oriontech.info", `oriontech\orionadmin`, &counts{9, 1, 14, 40}, &counts{0, 1, 17, 0}},
		{"lab-member.gpresult.html", "CIS-MS01", "corp.oriontech.info", `oriontech\orionadmin`, &counts{9, 1, 10, 37}, &counts{0, 1, 16, 0}},
		{"skillfactory-computer.gpresult.htm", "SC-CLNT", "skillfactory.ru", `SKILLFACTORY\Administrator`, &counts{2, 1, 10, 0}, &counts{0, 1, 16, 0}},
		{"skillfactory-operator.gpresult.htm", "", "", `SKILLFACTORY\user3`, nil, &counts{1, 2, 11, 0}},
		{"standalone.gpresult.html", "WIN-35FVPEFEQ9T", "", `DESKTOP-J110NP6\ASUS`, &counts{0, 1, 4, 0}, &counts{0, 1, 13, 0}},
		{"user-scope.gpresult.html", "", "", `LOCAL\User1`, nil, &counts{3, 2, 10, 0}},
		{"win8-generation-b.gpresult.html", "IE10WIN8", "", `IE10Win8\IEUser`, &counts{0, 1, 35, 0}, &counts{1, 0, 13, 0}},
	}
	count := func(s *gpreport.Scope) *counts {
		if s == nil {
			return nil
		}
		return &counts{len(s.Applied), len(s.Denied), len(s.Groups), len(s.Rights)}
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			r, err := parseFile(t, reportFile(t, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if r.Host != tt.host || r.Domain != tt.domain || r.UserName != tt.user || r.Language != "en" || r.Results != gpreport.Logged {
				t.Errorf("host %q, domain %q, user %q, language %q, results %q", r.Host, r.Domain, r.UserName, r.Language, r.Results)
			}
			if diff := gocmp.Diff(tt.computer, count(r.Computer), gocmp.AllowUnexported(counts{})); diff != "" {
				t.Errorf("computer (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(tt.userHalf, count(r.User), gocmp.AllowUnexported(counts{})); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			if len(r.Warnings) != 0 || r.Incomplete {
				t.Errorf("incomplete %v, warnings %+v", r.Incomplete, r.Warnings)
			}
			if len(r.Collected.Candidates) == 0 {
				t.Errorf("collected %+v", r.Collected)
			}
		})
	}
}

// Every row must be on the line that its location says.
func TestRealLines(t *testing.T) {
	for _, name := range []string{"lab-dc.gpresult.html", "lab-member.gpresult.html", "computer-scope.gpresult.html"} {
		f := reportFile(t, name)
		r, err := parseFile(t, f)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(fileText(t, f), "\n")
		check := func(l evidence.Location, text string) {
			first := lines[l.Line-1]
			start := strings.Join(lines[l.Line-1:l.Line+8], "\n") // values may have lines of their own
			if !strings.Contains(first, "<tr") && !strings.Contains(first, "<div") || !strings.Contains(start, strings.NewReplacer("&", "&amp;", "'", "&#39;", `"`, "&quot;").Replace(text)) {
				t.Errorf("%s: %q is not on line %d", name, text, l.Line)
			}
		}
		for _, a := range r.Computer.Rights {
			check(a.Location, "<td>"+a.Display+"</td>")
		}
		for _, g := range r.Computer.Applied {
			check(g.Location, g.Name+" ["+g.GUID+"]")
		}
		for _, s := range r.Computer.Settings {
			check(s.Location, s.Winner.Name)
		}
	}
}

// The same computer wrote the same results as XML in the same minute, with the
// constants of the rights and the GUIDs of the winners. The HTML must say what
// another reader finds in the XML.
func TestTwins(t *testing.T) {
	for name, rights := range map[string]int{"lab-dc": 40, "lab-member": 37} {
		t.Run(name, func(t *testing.T) {
			want := xmlRights(t, fileText(t, reportFile(t, name+".gpresult.xml")))
			if len(want) != rights {
				t.Fatalf("%d rights in the XML, want %d", len(want), rights)
			}
			for _, ext := range []string{".gpresult.html", ".gpresult.xml"} {
				r, err := parseFile(t, reportFile(t, name+ext))
				if err != nil {
					t.Fatal(err)
				}
				got := make(map[string]twinRight)
				for _, a := range r.Computer.Rights {
					a.Winner.Domain = "" // HTML has none
					got[strings.ToLower(a.Right)] = twinRight{names(a), a.Winner}
				}
				if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(twinRight{})); diff != "" {
					t.Errorf("%s (-want +got):\n%s", ext, diff)
				}
			}
		})
	}
}

// Read from its XML and from its HTML, a result is one.
func TestTwinReports(t *testing.T) {
	for _, name := range []string{"lab-dc", "lab-member"} {
		t.Run(name, func(t *testing.T) {
			html, err := parseFile(t, reportFile(t, name+".gpresult.html"))
			if err != nil {
				t.Fatal(err)
			}
			xml, err := parseFile(t, reportFile(t, name+".gpresult.xml"))
			if err != nil {
				t.Fatal(err)
			}
			if xml.Kind != gpreport.GPResultXML || xml.Incomplete || len(xml.Warnings) != 0 {
				t.Errorf("kind %q, incomplete %v, warnings %+v", xml.Kind, xml.Incomplete, xml.Warnings)
			}
			if diff := gocmp.Diff(twin(html), twin(xml), gocmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("(-HTML +XML):\n%s", diff)
			}
			utc := html.Collected.Candidates[0].Add(-html.Offsets[0])
			if d := xml.Collected.Candidates[0].Sub(utc); d.Abs() > time.Minute {
				t.Errorf("collected %v after the HTML", d)
			}
			for i, s := range []*gpreport.Scope{xml.Computer, xml.User} {
				h := []*gpreport.Scope{html.Computer, html.User}[i]
				if want := h.Refreshed.Candidates[0].Add(-html.Offsets[0]); !s.Refreshed.Candidates[0].Equal(want) {
					t.Errorf("refreshed %v, want %v", s.Refreshed.Candidates, want)
				}
			}
			twinSettings(t, html.Computer, xml.Computer)
		})
	}
}

// twinReport is what both formats say.
type twinReport struct {
	results                gpreport.Results
	host, domain, userName string
	scopes                 [2]twinScope
}

type twinScope struct {
	name, domain, site, ou string
	gpos                   map[string]gpreport.GPO // by GUID, or by name for local policy
	groups                 []sid.Principal
	rights                 map[string]gpreport.Assignment
}

// twin leaves out what only one format has: places, the order of lists, and the domains, links
// and flags of GPOs; and where the XML says more, the SIDs of groups whose SIDs do not follow from their
// names, GPOs that could not be read, and the user's site.
func twin(r *gpreport.Report) twinReport {
	t := twinReport{results: r.Results, host: r.Host, domain: r.Domain, userName: r.UserName}
	for i, s := range []*gpreport.Scope{r.Computer, r.User} {
		ts := twinScope{
			name: s.Name, domain: s.Domain, site: s.Site, ou: s.OU,
			gpos: make(map[string]gpreport.GPO), rights: make(map[string]gpreport.Assignment),
		}
		if i == 1 {
			ts.site = ""
		}
		for _, g := range append(slices.Clip(s.Applied), s.Denied...) {
			if r.Kind == gpreport.GPResultXML && g.Name == g.GUID && g.DeniedReason == "Inaccessible, Empty or Disabled" {
				continue
			}
			g.Location, g.Order, g.Domain, g.Disabled, g.Links, g.Details = evidence.Location{}, 0, "", "", nil, nil
			ts.gpos[cmp.Or(g.GUID, g.Name)] = g
		}
		for _, p := range s.Groups {
			ts.groups = append(ts.groups, sid.ParsePrincipal(p.Name))
		}
		for _, a := range s.Rights {
			a.Location, a.Origin, a.Winner.Domain = evidence.Location{}, "", ""
			ts.rights[a.Right] = a
		}
		t.scopes[i] = ts
	}
	return t
}

// twinSettings finds the settings of the XML that the HTML names alike in the HTML, with the
// same winners and, where they are words or numbers, the same values, details and help.
func twinSettings(t *testing.T, html, xml *gpreport.Scope) {
	t.Helper()
	key := func(s gpreport.Setting) string {
		category := s.Section[len(s.Section)-1]
		if s.Section[0] == "RegistrySettings" || slices.Contains(s.Section, "Administrative Templates") {
			return category + "|" + s.Name // names of one category are unique
		}
		return s.Name
	}
	rows := make(map[string]gpreport.Setting)
	for _, s := range html.Settings {
		rows[key(s)] = s
	}
	found, compared, policies := 0, 0, 0
	for _, s := range xml.Settings {
		policy := slices.Contains(s.Section, "Policy")
		if s.Winner.Name == "" || s.Winner.GUID == "" {
			if s.Section[0] != "NrptSettings" { // it states no GPO
				t.Errorf("%q has no winner: %+v", s.Name, s.Winner)
			}
			continue
		}
		if !policy && (!strings.Contains(s.Name, " ") || !slices.Contains([]string{"SecuritySettings", "AuditSettings"}, s.Section[0])) {
			continue // the name of a security template, or of a service
		}
		row, ok := rows[key(s)]
		if !ok || row.Winner.Name != s.Winner.Name || row.Winner.GUID != s.Winner.GUID {
			t.Errorf("%q: winner %+v in the XML, %+v in the HTML", s.Name, s.Winner, row.Winner)
			continue
		}
		found++
		if policy {
			policies++
			twinPolicy(t, row, s)
		}
		if s.Value == "true" || s.Value == "false" || strings.Contains(s.Value, ": ") {
			continue // Enabled or Disabled; parts in a table of their own
		}
		if compared++; s.Value != row.Value {
			t.Errorf("%q: value %q in the XML, %q in the HTML", s.Name, s.Value, row.Value)
		}
	}
	if found < 280 || compared < 240 || policies < 150 {
		t.Errorf("%d settings found, %d values compared, %d policies", found, compared, policies)
	}
	if diff := gocmp.Diff(twinServices(html.Services), twinServices(xml.Services)); diff != "" {
		t.Errorf("services (-HTML +XML):\n%s", diff)
	}
}

// twinPolicy compares all that both formats say of a policy.
func twinPolicy(t *testing.T, html, xml gpreport.Setting) {
	t.Helper()
	fold := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, `\n`, "\n")), " ") } // Windows breaks lines there in HTML
	if fold(html.Explain) != fold(xml.Explain) || html.Supported != xml.Supported {
		t.Errorf("%q: help (-HTML +XML):\n%s", xml.Name, gocmp.Diff([]string{fold(html.Explain), html.Supported}, []string{fold(xml.Explain), xml.Supported}))
	}
	if diff := gocmp.Diff(twinDetails(html.Details), twinDetails(xml.Details)); diff != "" {
		t.Errorf("%q: details (-HTML +XML):\n%s", xml.Name, diff)
	}
}

// twinDetails leaves out the GPOs of the entries of a list, which only HTML has, how a list is
// to be joined, which only XML has, and that an option is not configured, for which HTML has
// no word.
func twinDetails(fields []gpreport.Field) (out []gpreport.Field) {
	for _, f := range fields {
		f.Value, _, _ = strings.Cut(f.Value, "; Source GPO: ")
		list := strings.HasSuffix(f.Name, " > ExplicitValue") || strings.HasSuffix(f.Name, " > Additive")
		if f.Value == "NotConfigured" {
			f.Value = ""
		}
		if !list && f != (gpreport.Field{}) {
			out = append(out, f)
		}
	}
	return out
}

// twinServices are the modes: the HTML has the names that are shown.
func twinServices(list []gpreport.Service) (modes []gpreport.StartMode) {
	for _, s := range list {
		modes = append(modes, s.Mode)
	}
	return modes
}

// Every element must be on the line that its location says.
func TestRealXMLLines(t *testing.T) {
	for _, name := range []string{"lab-dc.gpresult.xml", "lab-member.gpresult.xml"} {
		f := reportFile(t, name)
		r, err := parseFile(t, f)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(fileText(t, f), "\n")
		check := func(l evidence.Location, text string) {
			t.Helper()
			element := l.Section[len(l.Section)-1]
			first := strings.TrimSpace(lines[l.Line-1])
			if !strings.HasSuffix(first, element+">") || strings.HasPrefix(first, "</") || !strings.Contains(strings.ToLower(strings.Join(lines[l.Line:l.Line+60], "\n")), strings.ToLower(text)) {
				t.Errorf("%s: %s %q is not on line %d: %q", name, element, text, l.Line, first)
			}
		}
		for _, a := range r.Computer.Rights {
			check(a.Location, ">"+a.Right+"<")
		}
		for _, g := range append(r.Computer.Applied, r.User.Denied...) {
			check(g.Location, ">"+g.Name+"<")
		}
		for _, s := range r.Computer.Settings {
			check(s.Location, s.Winner.GUID)
		}
	}
}

type twinRight struct {
	members []string
	winner  gpreport.GPORef
}

// xmlRights reads the rights of the computer from "gpresult /X", by constant in
// lower case.
func xmlRights(t *testing.T, text string) map[string]twinRight {
	t.Helper()
	var rsop struct {
		Computer struct {
			GPO []struct {
				Name string
				GUID string `xml:"Path>Identifier"`
			}
			Extension []struct {
				Rights []struct {
					Name   string
					Winner string   `xml:"GPO>Identifier"`
					Member []string `xml:"Member>Name"`
				} `xml:"UserRightsAssignment"`
			} `xml:"ExtensionData>Extension"`
		} `xml:"ComputerResults"`
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if err := d.Decode(&rsop); err != nil {
		t.Fatal(err)
	}
	gpos := make(map[string]string)
	for _, g := range rsop.Computer.GPO {
		gpos[g.GUID] = g.Name
	}
	rights := make(map[string]twinRight)
	for _, e := range rsop.Computer.Extension {
		for _, u := range e.Rights {
			members := append([]string{}, u.Member...)
			rights[strings.ToLower(u.Name)] = twinRight{members, gpreport.GPORef{Name: gpos[u.Winner], GUID: strings.ToUpper(u.Winner)}}
		}
	}
	return rights
}

// fileText decodes UTF-16LE.
func fileText(t *testing.T, f *os.File) string {
	t.Helper()
	data, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return utf16Text(string(data))
}

// utf16Text decodes UTF-16LE behind a byte order mark.
func utf16Text(data string) string {
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i])|uint16(data[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

func BenchmarkRealReport(b *testing.B) {
	for _, format := range []string{"html", "xml"} {
		b.Run(format, func(b *testing.B) {
			f := reportFile(b, "lab-member.gpresult."+format)
			st, err := f.Stat()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(st.Size())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parseFile(b, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
