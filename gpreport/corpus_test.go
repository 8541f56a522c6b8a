package gpreport_test

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
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

func TestRealOthers(t *testing.T) {
	for name, kind := range map[string]gpreport.Kind{
		"generation-a.gpo.htm":              gpreport.GPOReportHTML,
		"ddcp.gpo.htm":                      gpreport.GPOReportHTML,
		"ddcp-restricted-services.gpo.html": gpreport.GPOReportHTML,
		"baseline-windows.gpo.xml":          gpreport.GPOReportXML,
		"lab-dc.gpresult.xml":               gpreport.GPResultXML,
		"baseline-0.GptTmpl.inf":            "",
	} {
		r, err := parseFile(t, reportFile(t, name))
		var format *gpreport.FormatError
		if r != nil || !errors.As(err, &format) || format.Kind != kind {
			t.Errorf("%s: %v, %v; want kind %q", name, r, err, kind)
		}
	}
}

// The same computer wrote the same results as XML in the same minute, with the
// constants of the rights and the GUIDs of the winners.
func TestTwins(t *testing.T) {
	for name, rights := range map[string]int{"lab-dc": 40, "lab-member": 37} {
		t.Run(name, func(t *testing.T) {
			want := xmlRights(t, fileText(t, reportFile(t, name+".gpresult.xml")))
			if len(want) != rights {
				t.Fatalf("%d rights in the XML, want %d", len(want), rights)
			}
			r, err := parseFile(t, reportFile(t, name+".gpresult.html"))
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[string]twinRight)
			for _, a := range r.Computer.Rights {
				got[strings.ToLower(a.Right)] = twinRight{names(a), a.Winner}
			}
			if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(twinRight{})); diff != "" {
				t.Errorf("(-XML +HTML):\n%s", diff)
			}
		})
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
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i])|uint16(data[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

func BenchmarkRealReport(b *testing.B) {
	f := reportFile(b, "lab-member.gpresult.html")
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
}
