package gpreport_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/gpevtx/gpevtx/gpreport"
)

// allStrings collects every text in a value.
func allStrings(v reflect.Value, into map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		into[v.String()] = true
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			allStrings(v.Elem(), into)
		}
	case reflect.Slice:
		for i := range v.Len() {
			allStrings(v.Index(i), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				allStrings(v.Field(i), into)
			}
		}
	}
}

// reach finds texts in what a report holds: as they stand, or within a text, or in parts.
type reach struct {
	whole map[string]bool
	text  string
}

func newReach(reports []*gpreport.Report) reach {
	r := reach{whole: make(map[string]bool)}
	allStrings(reflect.ValueOf(reports), r.whole)
	parts := make([]string, 0, len(r.whole))
	folded := make(map[string]bool)
	for s := range r.whole {
		f := strings.Join(strings.Fields(s), " ")
		parts = append(parts, f)
		folded[f] = true
		for _, name := range strings.Split(f, " > ") {
			folded[name] = true
		}
	}
	slices.Sort(parts)
	r.whole, r.text = folded, strings.Join(parts, "\x00")
	return r
}

func (r reach) has(s string) bool {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || r.whole[s] || strings.Contains(r.text, s) {
		return true
	}
	for _, separator := range []string{", ", " > ", ": "} { // of accounts and of joined names
		if parts := strings.Split(s, separator); len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !r.has(p) }) {
			return true
		}
	}
	return false
}

// ownText is the text of an element without that of tables in it, one line for each line
// that a browser shows.
func ownText(n *html.Node) []string {
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := range n.ChildNodes() {
			switch {
			case c.Type == html.TextNode:
				b.WriteString(c.Data)
			case c.Data == "br" || c.Data == "table" || c.Data == "div":
				b.WriteByte(0)
				if c.Data == "div" {
					walk(c)
				}
				b.WriteByte(0)
			default:
				walk(c)
			}
		}
	}
	walk(n)
	return strings.Split(b.String(), "\x00")
}

// TestNothingUnreachable: whatever a browser shows of a report's sections is in the model,
// but for words of the report's own form, which are the same in all reports.
func TestNothingUnreachable(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(reportFile(t, "README.md").Name()), "*.htm*"))
	form := map[string]bool{
		"General": true, "Component Status": true, "Settings": true, "Group Policy Objects": true, "WMI Filters": true, "show": true,
		"Summary": true, "None": true, "Success": true, "Applied GPOs": true, "Denied GPOs": true,
		"Details": true, "Links": true, "Security Filtering": true, "Delegation": true,
		"The following GPOs have special alerts": true, "View Log": true, "No data available.": true, "Computer Details": true, "User Details": true,
		"Security Group Membership": true, "Winning GPO": true, "Yes": true, "No": true, // a list, a winner, a truth value each
	}
	for _, label := range strings.Split("Link Location|Extensions Configured|Enforced|Disabled|Security Filters|Revision|WMI Filter|Reason Denied|"+
		"Owner|Created|Modified|User Revisions|Computer Revisions|Unique ID|GPO Status", "|") {
		form[label] = true // a field each
	}
	revision := regexp.MustCompile(`^(?:AD \(\d+\), SYSVOL \(\d+\)|\d+ \(AD\), \d+ \((?:SYSVOL|sysvol)\))$`) // numbers
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			reports, err := gpreport.ParseAll(context.Background(), strings.NewReader(string(data)), int64(len(data)), gpreport.Config{})
			if err != nil {
				t.Fatal(err)
			}
			r := newReach(reports)
			doc := browserTree(t, string(data))
			shown, missing := 0, 0
			check := func(kind string, n *html.Node) {
				for _, line := range ownText(n) {
					line = strings.Join(strings.Fields(line), " ")
					shown++
					if !form[line] && !revision.MatchString(line) && !r.has(line) && !r.has(strings.ToUpper(line)) { // GUIDs are in upper case
						if missing++; missing <= 20 {
							t.Errorf("%s %q is nowhere", kind, line)
						}
					}
				}
			}
			doc.Find(".rsopsummary td, .rsopsettings td, .gposummary td, .gposummary ~ .container td").Each(func(_ int, s *goquery.Selection) { check("cell", s.Get(0)) })
			doc.Find(".rsopsettings .he4i, .rsopsettings .he2i, .gposummary ~ .container .he4i").Each(func(_ int, s *goquery.Selection) { check("sentence", s.Get(0)) })
			doc.Find(".rsopsettings .sectionTitle, .gposummary ~ .container .sectionTitle").Each(func(_ int, s *goquery.Selection) {
				if s.Closest(".he2").Length() == 0 || !strings.HasSuffix(s.Text(), "]") { // the name and GUID of a GPO
					check("heading", s.Get(0))
				}
			})
			if shown < 50 {
				t.Errorf("only %d texts were found in the page", shown)
			}
			fmt.Fprintln(t.Output(), shown, "texts")
		})
	}
}

// browserTree parses a page as browsers do, from where its report begins.
func browserTree(t *testing.T, data string) *goquery.Document {
	t.Helper()
	text := utf16Text(data)
	root, err := html.Parse(strings.NewReader(text[strings.LastIndex(text, `<table class="title"`):]))
	if err != nil {
		t.Fatal(err)
	}
	return goquery.NewDocumentFromNode(root)
}

// rowCount tells how many settings a section has.
type rowCount map[string]int

// TestRowCounts: a count of the markup that knows nothing of the reader finds as many rows of
// settings in each section.
func TestRowCounts(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(reportFile(t, "README.md").Name()), "*.htm*"))
	total := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			reports, err := gpreport.ParseAll(context.Background(), strings.NewReader(string(data)), int64(len(data)), gpreport.Config{})
			if err != nil {
				t.Fatal(err)
			}
			got := rowCount{}
			for _, s := range []*gpreport.Scope{reports[0].Computer, reports[0].User} {
				if s == nil {
					continue
				}
				for _, a := range s.Rights {
					got[a.Location.Section[len(a.Location.Section)-1]]++
				}
				for _, set := range s.Settings {
					got[set.Location.Section[len(set.Location.Section)-1]]++
				}
			}
			want := rowCount{}
			browserTree(t, string(data)).Find(".rsopsettings table, .gposummary ~ .container table").Each(func(_ int, s *goquery.Selection) { want.table(s) })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-counted +read):\n%s", diff)
			}
			for _, section := range slices.Sorted(maps.Keys(want)) {
				fmt.Fprintln(t.Output(), want[section], section)
				total += want[section]
			}
		})
	}
	if total < 700 {
		t.Errorf("only %d rows were counted", total)
	}
}

// table counts the rows of an outermost table by the heading above: those with as many cells as
// its head, or one if it names the winner of the whole section.
func (c rowCount) table(s *goquery.Selection) {
	head := s.Find("th")
	container := s.Closest(".container")
	heading := strings.Join(strings.Fields(container.PrevAllFiltered("div").First().Find(".sectionTitle").Text()), " ")
	outside := s.ParentsFiltered("table").Length() == 0 && !strings.HasSuffix(heading, "]") // else the table of a GPO
	inItem := container.ParentsFiltered(".container").ChildrenFiltered(".he4i").Find("b:contains('Winning GPO')").Length() > 0
	switch {
	case !outside || inItem || slices.Contains([]string{"General", "Component Status", "WMI Filters"}, heading):
	case s.Find("b:contains('Winning GPO')").Length() > 0:
		c[heading]++
	case head.Length() > 0:
		columns := head.First().Parent().Children().Length()
		s.Find("tr").Each(func(_ int, tr *goquery.Selection) {
			if tr.Closest("table").Get(0) == s.Get(0) && tr.ChildrenFiltered("td").Length() == columns && tr.ChildrenFiltered("td[colspan]").Length() == 0 {
				c[heading]++
			}
		})
	}
}
