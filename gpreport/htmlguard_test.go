package gpreport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// wrap puts markup into a report's last section.
func wrap(body string) string { return `<div class="rsopsettings">` + body + `</div>` }

// shape writes a tree as nested names.
func shape(b *strings.Builder, n *html.Node) {
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			b.WriteString(strings.TrimSpace(c.Data))
			continue
		}
		b.WriteString(c.Data)
		if c.FirstChild != nil {
			b.WriteString("(")
			shape(b, c)
			b.WriteString(")")
		}
	}
}

func TestGuardTree(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a table", "<table><tr><td>a</td><td>b</td></tr></table>", "table(tr(td(a)td(b)))"},
		{"end tags left out", "<table><tr><td>a<td>b<tr><td>c</table>d", "table(tr(td(a)td(b))tr(td(c)))d"},
		{"sections", "<table><thead><tr><th>a<tbody><tr><td>b</table>", "table(thead(tr(th(a)))tbody(tr(td(b))))"},
		{"a table in a cell", "<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>", "table(tr(td(table(tr(td(a))))td(b)))"},
		{"a table between rows", "<table><tr><table><tr><td>a</td></tr></table>", "table(tr)table(tr(td(a)))"},
		{"other elements", "<p><b>a</b><a href=x>b</a><svg><image/></svg><v:x>c</v:x></p>", "braa(b)cbr"},
		{"no text", "<script>x<td></script><style>y</style><textarea>z</textarea><!-- c -->a", "a"},
		{"rows without a table", "<tr><td>a</td></tr>b", "ab"},
		{"cells without a row", "<table><td>a</td></table>", "table(a)"},
		{"end tags without a start", "</div></span></table></td>a", ""},
		{"a cell holds its end tags", "<div><table><tr><td><span>a</div>b</td></tr></table></div>", "div(table(tr(td(span(ab)))))"},
		{"spans", "<div><span>a<div>b</span>c</div></div>d", "div(span(adiv(bc)))d"},
		{"line breaks", "a<br/>b<br>c</br>", "abrbbrc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := readOne(wrap(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			shape(&b, doc.root.FirstChild)
			if b.String() != tt.want {
				t.Errorf("got %s, want %s", b.String(), tt.want)
			}
		})
	}
}

// readOne returns the last document in a text.
func readOne(text string) (doc *document, err error) {
	_, err = readMarkup(context.Background(), text, Config{}.withDefaults(), func(d *document) { doc = d })
	return doc, err
}

// For well-formed reports the guard's tree must be the browser's: html.Parse.
func TestGuardAgreesWithParser(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpusDir(), "reports", "*.gpresult.htm*"))
	if len(files) == 0 {
		t.Skip("no corpus of real reports")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := decode(context.Background(), data).text
		doc, err := readOne(text)
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		want, got := rowTexts(goquery.NewDocumentFromNode(root)), rowTexts(goquery.NewDocumentFromNode(doc.root))
		if len(got) < 10 || len(got) != len(want) {
			t.Fatalf("%s: %d rows, want %d", filepath.Base(file), len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: row %d is %q, want %q", filepath.Base(file), i, got[i], want[i])
			}
		}
	}
}

// corpusDir is the folder of real samples, which is not part of the repository.
func corpusDir() string {
	if dir := os.Getenv("GPEVTX_CORPUS"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "shared", "corpus")
}

// rowTexts returns the path of classes and the texts of all rows of a report,
// without white space: that between rows is not kept by the guard.
func rowTexts(d *goquery.Document) []string {
	var list []string
	d.Find("div.rsopsettings tr").Each(func(_ int, tr *goquery.Selection) {
		var classes []string
		tr.ParentsFiltered("div").Each(func(_ int, p *goquery.Selection) {
			classes = append(classes, p.AttrOr("class", ""))
		})
		list = append(list, fmt.Sprintf("%q %q", classes, strings.Join(strings.Fields(tr.Text()), "")))
	})
	return list
}

func TestGuardLines(t *testing.T) {
	in := "a\n<!-- \n\n --><script>\n</script>" + wrap("\n<table\n class='info'>\n<tr><td>x\ny</td></tr><tr data-gpevtx-line=7>\n<td>z</td></tr></table>")
	doc, err := readOne(in)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	goquery.NewDocumentFromNode(doc.root).Find("tr").Each(func(_ int, s *goquery.Selection) {
		got = append(got, doc.lines[s.Get(0)])
	})
	if fmt.Sprint(got) != "[8 9]" {
		t.Errorf("lines %v, want [8 9]", got)
	}
}

func TestGuardLimits(t *testing.T) {
	good := wrap(strings.Repeat("<table><tr><td>x</td></tr></table>", 100))
	tests := []struct {
		name, in string
		cfg      Config
		limited  bool
	}{
		{"within the limits", good, Config{MaxNodes: 401 + documentNodes, MaxDepth: 6}, false},
		{"too many nodes", good, Config{MaxNodes: 400 + documentNodes}, true},
		{"texts count", wrap(strings.Repeat("<br>x", 100)), Config{MaxNodes: 150 + documentNodes}, true},
		{"too deep", good, Config{MaxDepth: 4}, true},
		{"a deep nest", wrap(strings.Repeat("<div>", 1e6)), Config{}, true},
		{"a deep nest of tables", wrap(strings.Repeat("<table><tr><td>", 1e5)), Config{}, true},
		{"too large", good, Config{MaxBytes: 100}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Parse(context.Background(), strings.NewReader(tt.in), int64(len(tt.in)), tt.cfg)
			if errors.Is(err, ErrLimit) != tt.limited {
				t.Fatalf("error %v", err)
			}
			if tt.cfg.MaxBytes > 0 {
				return
			}
			if r == nil || r.Incomplete != (tt.limited || r.Computer == nil) {
				t.Fatalf("report %+v", r)
			}
			var pe *ParseError
			if tt.limited && (!errors.As(err, &pe) || pe.Line != 1) {
				t.Errorf("error %#v", err)
			}
		})
	}
}

func TestXMLLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	good := wrapXML("<Name>A</Name>" + strings.Repeat("<a><b>x</b></a>", 100))
	tests := []struct {
		name, in string
		cfg      Config
		limited  bool
	}{
		{"within the limits", good, Config{MaxNodes: 304, MaxDepth: 4, MaxBytes: int64(len(good))}, false},
		{"too many nodes", good, Config{MaxNodes: 303}, true},
		{"texts count", wrapXML("<a>" + strings.Repeat("x<!---->", 100) + "</a>"), Config{MaxNodes: 50}, true},
		{"blanks do not", wrapXML("<a>" + strings.Repeat(" <!---->", 100) + "</a>"), Config{MaxNodes: 50}, false},
		{"too deep", good, Config{MaxDepth: 3}, true},
		{"a deep nest", wrapXML(strings.Repeat("<a>", 1e6)), Config{}, true},
		{"a deep nest in front", strings.Repeat("<a>", 1e6), Config{}, true},
		{"a million elements", wrapXML(strings.Repeat("<a/>", 1e6)), Config{}, false},
		{"more elements", wrapXML(strings.Repeat("<a/>", 1.1e6)), Config{}, true},
		{"a huge attribute", wrapXML("<a b='" + strings.Repeat("c", 30e6) + "'/>"), Config{}, false},
		{"a huge name", wrapXML("<" + strings.Repeat("a", 30e6) + "/>"), Config{}, false},
		{"a huge text", wrapXML("<Name>" + strings.Repeat("a ", 15e6) + "</Name>"), Config{}, false},
		{"too large", good, Config{MaxBytes: 100}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			r, err := Parse(context.Background(), strings.NewReader(tt.in), int64(len(tt.in)), tt.cfg)
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
			if tt.name == "a deep nest in front" {
				var format *FormatError
				if r != nil || !errors.As(err, &format) {
					t.Errorf("report %v, error %v", r, err)
				}
				return
			}
			if errors.Is(err, ErrLimit) != tt.limited || !tt.limited && err != nil {
				t.Fatalf("error %v", err)
			}
			if tt.name == "too large" {
				return
			}
			if r == nil || r.Incomplete != tt.limited {
				t.Fatalf("report %+v", r)
			}
			var pe *ParseError
			if tt.limited && (!errors.As(err, &pe) || pe.Line != 1 || len(pe.Section) == 0 || r.Warnings[len(r.Warnings)-1].Code != LimitReached) {
				t.Errorf("error %#v", err)
			}
		})
	}
}

// One token may be as long as the file; the context must end it nevertheless.
func TestXMLContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	text := wrapXML("<a b='" + strings.Repeat("c", 1<<20))
	x := newXMLReader(ctx, text, Config{}.withDefaults())
	x.next()
	cancel()
	for x.err == nil {
		x.next()
	}
	if !errors.Is(x.err, context.Canceled) || x.dec.InputOffset() > 1<<18 {
		t.Errorf("error %v at %d", x.err, x.dec.InputOffset())
	}
	if r, err := Parse(ctx, strings.NewReader(text), int64(len(text)), Config{}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("report %v, error %v", r, err)
	}
}

// hostile are inputs for which careless readers take time in the square of the
// size.
var hostile = map[string]func(n int) string{
	"template sections": func(n int) string { return "[Unicode]\n" + strings.Repeat("[a]\n", n) },
	"template rights":   func(n int) string { return "[Privilege Rights]\n" + strings.Repeat("SeTcbPrivilege = a\n", n) },
	"template quotes":   func(n int) string { return "[Privilege Rights]\nSeTcbPrivilege = " + strings.Repeat("\"a,", n) + "\n" },
	"template settings": func(n int) string { return "[Unicode]\n" + strings.Repeat("\"a\",=\n", n) },
	"template comments": func(n int) string { return strings.Repeat(";\n", n) + "[Unicode]\n" },
	"rows": func(n int) string {
		return wrap("<table>" + strings.Repeat("<tr><td>a</td><td>b</td><td>c</td></tr>", n) + "</table>")
	},
	"texts in a table": func(n int) string { return wrap("<table>" + strings.Repeat("a<tr></tr>", n)) },
	"ignored end tags": func(n int) string { return wrap(strings.Repeat("a</b></table></td>", n)) },
	"documents":        func(n int) string { return strings.Repeat(`<table class="title">`, n) },
	"reports":          func(n int) string { return strings.Repeat(`<div class="rsopsettings"></div>`, n) },
	"headings":         func(n int) string { return wrap(strings.Repeat(`<div class="he0">a</div><div class="container">`, n)) },
	"flat headings": func(n int) string {
		return wrap(strings.Repeat(`<div class="he0">a</div><div class="container"></div>`, n))
	},
	"spaces":     func(n int) string { return stamped(strings.Repeat(" \n", n) + "x") },
	"digits":     func(n int) string { return stamped(strings.Repeat("1/1/", n)) },
	"events":     func(n int) string { return wrap("") + strings.Repeat("SystemTime='2023-10-18T18:00:00Z' ", n) },
	"open tags":  func(n int) string { return wrap(strings.Repeat("<", n)) },
	"attributes": func(n int) string { return wrap("<div " + strings.Repeat("a ", n) + ">") },
	"comments":   func(n int) string { return wrap(strings.Repeat("<!--", n)) },
	"rights": func(n int) string {
		return rightsReport(strings.Repeat("<tr><td>unknown</td><td>a, b</td><td>c</td></tr>", n) + strings.Repeat("<tr><td>Log on as a service</td><td>a, b</td><td>c</td></tr>", n))
	},
	"accounts": func(n int) string {
		return rightsReport("<tr><td>Log on as a service</td><td>" + strings.Repeat("a, ", n) + "</td><td>c</td></tr>")
	},

	"XML elements":        func(n int) string { return wrapXML(strings.Repeat("<a><b>c</b></a>", n)) },
	"XML attributes":      func(n int) string { return wrapXML("<a " + strings.Repeat("b='' ", n) + "/>") },
	"XML namespaces":      func(n int) string { return wrapXML("<a " + numbered(n, "xmlns:b%d='c' ") + "><d/></a>") },
	"XML declared":        func(n int) string { return wrapXML(strings.Repeat("<a xmlns='b'/>", n)) },
	"XML text":            func(n int) string { return wrapXML("<Name>" + strings.Repeat("a \n", n) + "</Name>") },
	"XML texts":           func(n int) string { return wrapXML("<Name>" + strings.Repeat("a<b/>", n) + "</Name>") },
	"XML references":      func(n int) string { return wrapXML("<Name>" + strings.Repeat("&#1;&amp;\x01", n) + "</Name>") },
	"XML half references": func(n int) string { return wrapXML("<Name>" + strings.Repeat("&#1", n) + "</Name>") },
	"XML comments":        func(n int) string { return wrapXML(strings.Repeat("<!--a-->", n)) },
	"XML comment":         func(n int) string { return wrapXML("<!--" + strings.Repeat("a>-", n)) },
	"XML CDATA":           func(n int) string { return wrapXML("<Name>" + strings.Repeat("<![CDATA[a]]>", n) + "</Name>") },
	"XML doctype": func(n int) string {
		return "<!DOCTYPE a [" + strings.Repeat("<!ENTITY b 'c'>", n) + "]>" + wrapXML("&b;")
	},
	"XML nest":  func(n int) string { return wrapXML(strings.Repeat("<a xmlns:b='c'>", n)) },
	"XML roots": func(n int) string { return strings.Repeat(wrapXML(""), n) },
	"XML groups": func(n int) string {
		return wrapXML(strings.Repeat("<SecurityGroup><SID xmlns='"+typesNS+"'>S-1-5-18</SID></SecurityGroup>", n))
	},
	"XML other halves": func(n int) string { return wrapXML("") + strings.Repeat("<ComputerResults/>", n) },
	"XML GPOs and winners": func(n int) string {
		gpos := numbered(n, "<GPO><Name>%d</Name><Path><Identifier xmlns='"+typesNS+"'>a</Identifier></Path></GPO>")
		return wrapXML(gpos + rightsXML(numbered(n, "<q:UserRightsAssignment><GPO xmlns='"+baseNS+"'><Identifier xmlns='"+typesNS+"'>a</Identifier></GPO><q:Name>Se%d</q:Name></q:UserRightsAssignment>")))
	},
	"XML links": func(n int) string {
		return wrapXML("<GPO>" + numbered(n, "<Link><AppliedOrder>%d</AppliedOrder></Link>") + "</GPO>")
	},
	"XML one right": func(n int) string {
		return wrapXML(rightsXML(numbered(n, "<q:UserRightsAssignment><Precedence xmlns='"+baseNS+"'>%d</Precedence><q:Name>SeServiceLogonRight</q:Name></q:UserRightsAssignment>")))
	},
	"XML one right, all win": func(n int) string {
		return wrapXML(rightsXML(strings.Repeat("<q:UserRightsAssignment><q:Name>SeServiceLogonRight</q:Name></q:UserRightsAssignment>", n)))
	},
	"XML members": func(n int) string {
		return wrapXML(rightsXML("<q:UserRightsAssignment><q:Name>SeServiceLogonRight</q:Name>" + strings.Repeat("<q:Member><Name xmlns='"+typesNS+"'>a</Name></q:Member>", n) + "</q:UserRightsAssignment>"))
	},
	"XML blocks": func(n int) string { return wrapXML(strings.Repeat(rightsXML("<q:UserRightsAssignment/>"), n)) },
}

// wrapXML puts markup into the computer's half of a result.
func wrapXML(body string) string {
	return "<Rsop xmlns='" + rsopNS + "'><ComputerResults>" + body + "</ComputerResults></Rsop>"
}

// rightsXML is a block of security settings.
func rightsXML(elements string) string {
	return "<ExtensionData><Extension xmlns='" + settingsNS + "' xmlns:q='" + securityNS + "'>" + elements + "</Extension></ExtensionData>"
}

// numbered repeats a format with the numbers from 1 to n.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i+1)
	}
	return b.String()
}

// stamped is a report that was collected at a strange time.
func stamped(s string) string {
	return `<table class="title"><tr><td class="rsopheader">x</td></tr><tr><td id="dtstamp">` + s + `</td></tr></table>` + wrap("")
}

// rightsReport is a report with rows of user rights.
func rightsReport(rows string) string {
	return wrap(`<div class="he0">Computer Details</div><div class="container"><div class="he0h">Settings</div><div class="container">` +
		`<div class="he3">Local Policies/User Rights Assignment</div><div class="container"><table>` + rows + `</table></div></div></div>`)
}

// Eight times the input may take eight times as long, not 64 times. The factor
// in between leaves room for a busy machine.
func TestLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	for name, build := range hostile {
		t.Run(name, func(t *testing.T) {
			const n = 4000
			small, large := measure(build(n)), measure(build(8*n))
			if large > 30*small+200*time.Millisecond {
				t.Errorf("%v for %d, %v for %d", small, n, large, 8*n)
			}
		})
	}
}

// measure returns the best of three times to parse.
func measure(text string) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		_, _ = Parse(context.Background(), strings.NewReader(text), int64(len(text)), Config{})
		best = min(best, time.Since(start))
	}
	return best
}

// TestTokenShortcuts: names of tags and texts are those that the tokenizer returns.
func TestTokenShortcuts(t *testing.T) {
	const text = "<TABLE class='a'>plain <td\tid=x>a &amp; b<td\fid=x>a\r\nb\r<td\n>é &#65;&nbsp;<BR/><br /><x:Y z>\r\n</TD ></td/></Table\r\n>" +
		"<İ><tÄ a=b></ä>&lt<q<r>&copy=1<td a='>'>&ampx"
	tags, texts := html.NewTokenizer(strings.NewReader(text)), html.NewTokenizer(strings.NewReader(text))
	m := &markup{text: text, stack: []*html.Node{{Type: html.DocumentNode}}}
	for {
		kind := tags.Next()
		if kind == html.ErrorToken || texts.Next() != kind {
			break
		}
		raw := string(tags.Raw())
		m.offset, m.next = m.next, m.next+len(raw)
		switch kind {
		case html.TextToken:
			if got, want := m.plainText(texts), string(tags.Text()); got != want {
				t.Errorf("text %q: %q, want %q", raw, got, want)
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			got := string(appendTagName(nil, []byte(strings.TrimPrefix(raw[1:], "/"))))
			if want, _ := tags.TagName(); got != string(want) {
				t.Errorf("tag %q: %q, want %q", raw, got, want)
			}
		}
	}
	if m.next != len(text) {
		t.Errorf("the tokens have %d bytes of %d", m.next, len(text))
	}
}

// TestNoSettings: a list of settings of which no row is whole is nil, as one without rows.
func TestNoSettings(t *testing.T) {
	rows := `<tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr><tr><td>a</td><td>b</td><td>c`
	text := strings.TrimSuffix(strings.Replace(rightsReport(rows), "Local Policies/User Rights Assignment", "System/KDC", 1), `</table></div></div></div></div>`)
	r, err := Parse(t.Context(), strings.NewReader(text), int64(len(text)), Config{})
	if err == nil || r.Computer == nil || r.Computer.Settings != nil {
		t.Errorf("settings %+v, error %v", r.Computer, err)
	}
}

// BenchmarkParse reads a report of the size of the largest ones known: 4 MB with
// more than ten thousand rows.
func BenchmarkParse(b *testing.B) {
	var rows strings.Builder
	for i := range 12000 {
		fmt.Fprintf(&rows, "<tr><td><span class=\"explainlink\" onclick=\"javascript:showExplainText(this); return false;\" gpmc_settingname=\"Policy %d\">Policy %d</span></td><td>Enabled</td><td>Server Baseline</td></tr>\r\n", i, i)
	}
	text := wrap(`<div class="he0">Computer Details</div><div class="container"><div class="he0h">Settings</div><div class="container">` +
		`<div class="he3">System/KDC</div><div class="container"><div class="he4i"><table class="info3"><tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>` + rows.String() + `</table></div></div></div></div>`)
	data := []byte{0xFF, 0xFE}
	for _, r := range text {
		data = append(data, byte(r), byte(r>>8))
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Parse(context.Background(), bytes.NewReader(data), int64(len(data)), Config{})
		if err != nil || len(r.Computer.Settings) != 12000 {
			b.Fatalf("%d settings, error %v", len(r.Computer.Settings), err)
		}
	}
}
