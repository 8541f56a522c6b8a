package gpreport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

func TestReportHeader(t *testing.T) {
	r := parse(t, page{computer: sync01().String(), user: someUser().String()})
	got := []string{string(r.Source), string(r.Kind), string(r.Results), r.Host, r.Domain, r.UserName, r.Language, r.Collected.Raw, r.Computer.Name, r.Computer.Refreshed.Raw, r.User.OU}
	want := []string{"report.html", "gpresult-html", "logged", "SYNC01", "contoso.com", `CONTOSO\admin`, "en", "10/18/2023 6:10:01 PM", `CONTOSO\SYNC01`, "10/18/2023 6:06:31 PM", "contoso.com/Admins"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	groups := []sid.Principal{sid.ParsePrincipal(`BUILTIN\Administrators`), sid.ParsePrincipal("Everyone"), sid.ParsePrincipal(`CONTOSO\SYNC01$`)}
	if diff := cmp.Diff(groups, r.Computer.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if len(r.Warnings) != 0 || r.Incomplete || r.Computer.Incomplete || r.User.Incomplete {
		t.Errorf("a good report: warnings %+v, incomplete %v", r.Warnings, r.Incomplete)
	}
}

// Neither a half without data nor one without settings may look like the other,
// or like one that is missing.
func TestHalves(t *testing.T) {
	empty := sync01()
	empty.settings = ""
	missing := strings.Replace(page{computer: empty.String()}.String(), "he0_expanded\"><span class=\"sectionTitle\" tabindex=\"0\">User Details", "he9\"><span>", 1)
	withoutGPOs := strings.Replace(page{computer: empty.String()}.String(), "he0h_expanded\"><span class=\"sectionTitle\" tabindex=\"0\">Group Policy Objects", "xx\"><span>Group Policy Objects", 1)
	closedEarly := strings.Replace(page{computer: empty.String(), user: someUser().String()}.String(), ">Settings<", "></span></div></div></div></div><span class=\"sectionTitle\">Settings<", 1)
	tests := []struct {
		name, text         string
		computer, user     bool
		incomplete, scopes bool // of the report, of the computer's half
	}{
		{"only a computer", page{computer: empty.String()}.String(), true, false, false, false},
		{"only a user", page{user: someUser().String()}.String(), false, true, false, false},
		{"neither", page{}.String(), false, false, false, false},
		{"the user's half is missing", missing, true, false, true, false},
		{"the section of GPOs is missing", withoutGPOs, true, false, false, true},
		{"a section closes too early", closedEarly, true, false, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parseBytes([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if (r.Computer != nil) != tt.computer || (r.User != nil) != tt.user {
				t.Errorf("computer %v, user %v", r.Computer != nil, r.User != nil)
			}
			if r.Incomplete != tt.incomplete {
				t.Errorf("incomplete %v", r.Incomplete)
			}
			if tt.computer && r.Computer.Incomplete != tt.scopes {
				t.Errorf("computer incomplete %v", r.Computer.Incomplete)
			}
			if got := slices.Contains(codes(r), gpreport.MissingSection); got != (tt.incomplete || tt.scopes) {
				t.Errorf("warnings %q", codes(r))
			}
		})
	}
}

func TestWorkgroupComputer(t *testing.T) {
	c := sync01()
	c.general = [][2]string{{"Computer name", "SYNC01"}, {"Domain", "Local"}, {"Site", "(None)"}}
	u := someUser()
	u.general = [][2]string{{"User name", `SYNC01\admin`}, {"Domain", "Local"}}
	r := parse(t, page{computer: c.String(), user: u.String()})
	if r.Host != "SYNC01" || r.Domain != "" || r.Computer.Site != "" || r.User.Domain != "" {
		t.Errorf("host %q, domain %q, site %q, user's domain %q", r.Host, r.Domain, r.Computer.Site, r.User.Domain)
	}
}

func TestModelled(t *testing.T) {
	c := sync01(row("Log on as a service", "a", "Server Baseline"))
	c.componentClasses = "info"
	p := page{results: "Group Policy Modeling", computer: c.String(), computerRefresh: "<!-- -->"}
	r := parse(t, p)
	if r.Results != gpreport.Modelled || r.Computer.Refreshed.Raw != "" {
		t.Errorf("results %q, refreshed %+v", r.Results, r.Computer.Refreshed)
	}
	p.results = "⑦"
	if r = parse(t, p); r.Results != "" || !slices.Contains(codes(r), gpreport.UnknownValue) {
		t.Errorf("results %q, warnings %q", r.Results, codes(r))
	}
	c.componentClasses = ""
	p.computer = c.String()
	if r = parse(t, p); r.Results != gpreport.Logged {
		t.Errorf("results %q", r.Results)
	}
}

// The scripts of Windows 8 reports hold "</script>" in a string: for a browser
// the rest of the script is text, tables and titles in front of the report.
func TestScriptThatEndsEarly(t *testing.T) {
	good := page{computer: sync01(row("Log on as a service", "a", "Server Baseline")).String()}
	bad := good
	bad.head = `<script>var s = "x" + "}</script>` + "\r\n" + `htmlText = "<table class=\"title\"><tr><td class=\"he1\">" + x + "<title>" + y + "</title>";` + "\r\n" +
		`s += "<html dir=ltr><body><div class=\"rsopsettings\"><table><tr>` + "\r\n" + `<td><div><table class='info'><tr><td>Computer name</td><td>EVIL</td></tr>";</script>` +
		`<div id="explainText" style="display:none"><table><tr><td>help</td></tr></table></div>`
	want, got := parse(t, good), parse(t, bad)
	lines := cmpopts.IgnoreFields(gpreport.Assignment{}, "Location")
	if diff := cmp.Diff(want, got, lines, cmpopts.IgnoreFields(gpreport.GPO{}, "Location"), cmpopts.IgnoreFields(gpreport.Report{}, "Line")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w, g := want.Computer.Rights[0].Location.Line, got.Computer.Rights[0].Location.Line; g != w+3 {
		t.Errorf("line %d, want %d", g, w+3)
	}
}

// Browsers add elements when they save a page, and the classes of sections that
// were closed by hand are others.
func TestSavedByBrowser(t *testing.T) {
	p := page{computer: sync01(row("Log on as a service", "a, b", "Server Baseline")).String(), user: someUser().String()}
	saved := strings.NewReplacer(` >`+"\r\n<tr>", "><tbody>\r\n<tr>", "</table>", "</tbody></table>", "_expanded", "", "<td>", `<td style="width: 5%">`,
		"<strong>", "<b>", "</strong>", "</b>", `<div class="rsopsettings">`, `<!-- saved --><div id="x" CLASS='rsopsettings wide'>`).Replace(p.String())
	if !strings.Contains(saved, "<tbody>") {
		t.Fatal("the page has no tables to change")
	}
	got, err := parseBytes([]byte(saved))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parse(t, p), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLongQuotations(t *testing.T) {
	r := parse(t, page{computer: sync01(row(strings.Repeat("ä", 5000), "", "Server Baseline")).String()})
	if w := r.Warnings[0]; w.Code != gpreport.UnknownRight || len(w.Message) > 1100 || !strings.HasSuffix(w.Message, "…") || !utf8.ValidString(w.Message) {
		t.Errorf("warning of %d bytes: %q", len(w.Message), w.Message)
	}
	if d := r.Computer.Rights[0].Display; len(d) != 10000 {
		t.Errorf("the name itself was shortened to %d bytes", len(d))
	}
}

func TestSeveralReports(t *testing.T) {
	a := page{computer: sync01(row("Log on as a service", "first", "Server Baseline")).String()}.String()
	b := page{computer: sync01(row("Log on as a service", "second", "Server Baseline")).String()}.String()
	gpoReport := gpoPage{}.String()
	cut := a[:strings.Index(a, "Group Policy Objects")]
	tests := []struct {
		name, text string
		others     bool
		line       int
		err        bool
	}{
		{"alone", a, false, 0, false},
		{"two", a + b, true, 0, false},
		{"behind a GPO's report", gpoReport + a, true, 1, false},
		{"before a GPO's report", a + gpoReport, true, 0, false},
		{"cut off before another", cut + b, true, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parseBytes([]byte(tt.text))
			if (err != nil) != tt.err || r == nil {
				t.Fatalf("report %v, error %v", r != nil, err)
			}
			right, _ := r.Computer.Right("SeServiceLogonRight")
			if !slices.Equal(names(right), []string{"first"}) {
				t.Errorf("principals %q", names(right))
			}
			i := slices.IndexFunc(r.Warnings, func(w gpreport.Warning) bool { return w.Code == gpreport.MoreDocuments })
			if (i >= 0) != tt.others {
				t.Errorf("warnings %q", codes(r))
			}
			if tt.line > 0 && r.Warnings[i].Line != tt.line {
				t.Errorf("line %d, want %d", r.Warnings[i].Line, tt.line)
			}
			if r.Computer.Incomplete != tt.err {
				t.Errorf("incomplete %v", r.Computer.Incomplete)
			}
		})
	}
}

func TestNotRead(t *testing.T) {
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"text", "Updating policy...\r\n\r\nComputer Policy update has completed successfully.\r\n"},
		{"other HTML", "<html><head><title>x</title></head><body><table><tr><td>x</td></tr></table></body></html>"},
		{"an XML root of that name", `<?xml version="1.0" encoding="utf-16"?><!-- x --><Rsop xmlns:xsd="x" xmlns="http://www.microsoft.com/GroupPolicy/Types"><ReadTime/></Rsop>`},
		{"a report of something else", `<report><x/></report>`},
		{"XML of something about policy", `<a xmlns="http://www.microsoft.com/GroupPolicy/Settings"><b/><c:GPO xmlns:c="x"/></a>`},
		{"binary", string([]byte{0, 1, 2, 3, 0xFF, 0xFE, '<', 0, 0xD8})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, data := range [][]byte{[]byte(tt.text), utf16LE(tt.text)} {
				r, err := parseBytes(data)
				var format *gpreport.FormatError
				if r != nil || !errors.As(err, &format) || format.Source != "report.html" {
					t.Fatalf("report %v, error %#v", r, err)
				}
				if !strings.HasPrefix(err.Error(), "report.html: ") || len(err.Error()) < 30 {
					t.Errorf("error text %q", err)
				}
			}
		})
	}
}

func TestCollectionError(t *testing.T) {
	c := sync01()
	c.settings = section("1h_expanded", "Policies", section("2", "Security Settings",
		`<div class="he4i"><b>An error has occurred while collecting data for Security Settings.</b><table class="subtable"><tr><td>This error impacts the following settings:</td></tr></table></div>`))
	r := parse(t, page{computer: c.String()})
	if !r.Computer.Incomplete || !slices.Equal(codes(r), []string{gpreport.CollectionError}) {
		t.Errorf("incomplete %v, warnings %+v", r.Computer.Incomplete, r.Warnings)
	}
}

func TestNoDataForAnotherReason(t *testing.T) {
	r := parse(t, page{computer: `<div class="he4i">The computer is on fire.</div>`, user: someUser().String()})
	if r.Computer != nil || !slices.Equal(codes(r), []string{gpreport.UnknownValue}) || !strings.Contains(r.Warnings[0].Message, "on fire") {
		t.Errorf("computer %v, warnings %+v", r.Computer, r.Warnings)
	}
}

// failingReader fails behind the bytes it has.
type failingReader struct {
	data []byte
	err  error
}

func (f failingReader) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.data)) {
		return 0, f.err
	}
	n := copy(p, f.data[off:])
	if n < len(p) {
		return n, f.err
	}
	return n, nil
}

// endingContext is cancelled after it was asked some times.
type endingContext struct {
	context.Context
	left *int
}

func (c endingContext) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever a context ends, there is a whole report or none.
func TestContextEnds(t *testing.T) {
	for name, text := range map[string]string{
		"HTML": page{computer: sync01(strings.Repeat(row("x", "y", "z"), 2000)).String()}.String(),
		"XML":  rsop{computer: sync01XML(strings.Repeat(assignment(guidB, "1", "SeX", named("a")...), 2000)).String()}.String(),
	} {
		ended := 0
		for n := 0; ; n++ {
			left := n
			r, err := gpreport.Parse(endingContext{context.Background(), &left}, strings.NewReader(text), int64(len(text)), gpreport.Config{})
			if err == nil && r != nil {
				break
			}
			if ended++; r != nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, after %d: report %v, error %v", name, n, r != nil, err)
			}
		}
		if ended < 5 {
			t.Errorf("%s: the context was asked %d times", name, ended)
		}
	}
}

func TestReadErrors(t *testing.T) {
	pages := map[string]struct{ text, last string }{
		"HTML": {page{computer: sync01(row("Log on as a service", "a", "Server Baseline")).String()}.String(), "Group Policy Objects"},
		"XML":  {rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight")).String()}.String(), "</ComputerResults"},
	}
	for name, p := range pages {
		t.Run(name, func(t *testing.T) { testReadErrors(t, utf16LE(p.text), p.last) })
	}
}

// testReadErrors reads a report with the right to log on as a service that stands
// before last.
func testReadErrors(t *testing.T, data []byte, last string) {
	broken := errors.New("disk on fire")
	cut := bytes.Index(data, utf16LE(last)[2:])
	r, err := gpreport.Parse(context.Background(), failingReader{data[:cut], broken}, int64(len(data)), gpreport.Config{Source: "x"})
	var pe *gpreport.ParseError
	if !errors.Is(err, broken) || !errors.As(err, &pe) || pe.Offset != int64(cut) || pe.Line == 0 {
		t.Errorf("error %#v", err)
	}
	if _, ok := r.Computer.Right("SeServiceLogonRight"); !ok || !r.Incomplete {
		t.Error("what was read before the error is gone, or taken for all")
	}
	if r, err = gpreport.Parse(context.Background(), failingReader{nil, broken}, 100, gpreport.Config{}); r != nil || !errors.Is(err, broken) {
		t.Errorf("nothing to read: %v, %v", r, err)
	}
	size := int64(len(data)) + 100
	if r, err = gpreport.Parse(context.Background(), bytes.NewReader(data), size, gpreport.Config{}); err != nil || r.Incomplete {
		t.Errorf("a whole report in a file shorter than said: %v", err)
	}
	if r, err = gpreport.Parse(context.Background(), strings.NewReader("x"), size, gpreport.Config{}); r != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("no report in a file shorter than said: %v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err = gpreport.Parse(ctx, bytes.NewReader(data), int64(len(data)), gpreport.Config{}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, %v", r, err)
	}
}
