package gpreport_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
)

const serviceRow = `<tr><td>Log on as a service</td><td>a</td><td>Server Baseline</td></tr>`

// withRights is a report with the given section of settings.
func withRights(sections ...string) string {
	c := sync01()
	c.settings = settingsOf(sections...)
	return page{computer: c.String()}.String()
}

// german makes the headings of a report German as far as they are known, so that its language
// is.
func german(text string) string {
	return strings.NewReplacer("Group Policy Results", "Gruppenrichtlinienergebnisse", "Computer Details", "Computerdetails",
		">Policy<", ">Richtlinie<", ">Setting<", ">Einstellung<", ">Winning GPO<", ">Ausschlaggebendes Gruppenrichtlinienobjekt<").Replace(text)
}

// TestAbsenceIsProven: each of these reports has the right in a way that is not read, or may have
// had it. None may say that no GPO defines it.
func TestAbsenceIsProven(t *testing.T) {
	head := `<tr><th scope="col">Policy</th><th scope="col">Setting</th><th scope="col">Winning GPO</th></tr>`
	rights := func(title, level, rows string) string {
		return section(level, title, `<div class="he4i"><table class="info3" >`+head+rows+"</table></div>")
	}
	whole := withRights(rights(rightsTitle, "3", serviceRow))
	failed := strings.Replace(withRights(), "<tr><th>Component Name</th></tr>", "<tr><th>Component Name</th></tr>"+componentRow("Security", "Failed", "{827d319e-6eac-11d2-a4ea-00c04f79f83a}"), 1)
	swapped := strings.NewReplacer("Computer Details", "User Details", "User Details", "Computer Details").Replace(whole)
	alone := whole[:strings.Index(whole, heading("0_expanded", "Computer Details"))] + heading("0_expanded", "User Details") + whole[strings.Index(whole, heading("0_expanded", "Computer Details"))+len(heading("0_expanded", "Computer Details")):]
	alone = alone[:strings.LastIndex(alone, heading("0_expanded", "User Details"))] + "</div></body></html>"
	gpo := gpoPage{computer: gpoRights(row("Log on as a service", "a"))}.String()
	for name, text := range map[string]string{
		"the security settings failed":           failed,
		"not collected, in words not known":      german(withRights(`<div class="he4i"><b>Fehler beim Sammeln der Daten.</b><table class="subtable"><tr><td>Betroffen sind:</td></tr></table></div>`)),
		"only the user's half":                   alone,
		"the halves swapped":                     swapped,
		"a name that is damaged":                 strings.Replace(whole, "Log on as a service", "Log on as a serv\uFFFDce", 1),
		"a name that is not known":               strings.Replace(whole, "Log on as a service", "Log on like a service", 1),
		"another heading":                        withRights(rights("User Rights Assignment", "3", serviceRow)),
		"a heading of three parts":               withRights(rights("A/B/C", "3", serviceRow)),
		"another level":                          withRights(rights(rightsTitle+" of the computer", "4", serviceRow)),
		"German, another heading":                german(withRights(rights("Lokale Richtlinien - Zuweisen von Benutzerrechten", "3", `<tr><td>Anmelden als Dienst</td><td>a</td><td>B</td></tr>`))),
		"a row head":                             withRights(rights(rightsTitle, "3", `<tr><th scope="row">Log on as a service</th><td>a</td><td>Server Baseline</td></tr>`)),
		"rights among other rows":                withRights(rights("Odd", "3", serviceRow+strings.Repeat(row("x", "y", "z"), 5))),
		"a GPO's user configuration alone":       strings.Replace(gpo[:strings.Index(gpo, heading("0_expanded", "User Configuration (Disabled)"))], "Computer Configuration", "User Configuration", 1) + "</body></html>",
		"a GPO's report cut, results behind it":  gpo[:strings.Index(gpo, "Log on as")] + whole[strings.Index(whole, `<div class="rsopsummary">`):],
		"results in front of a cut GPO's report": whole[:strings.Index(whole, "Log on as")] + gpo[strings.Index(gpo, `<div class="gposummary">`):],
	} {
		t.Run(name, func(t *testing.T) {
			reports, _ := parseAll(utf16LE(text))
			if len(reports) == 0 {
				t.Fatal("no report")
			}
			for _, r := range reports {
				a, state := r.Right("SeServiceLogonRight")
				switch {
				case state == gpreport.NotDefined:
					t.Errorf("a report of kind %q says that no GPO defines the right; warnings %q", r.Kind, codes(r))
				case state == gpreport.DefinedFor && !slices.Equal(names(a), []string{"a"}):
					t.Errorf("the right is for %q", names(a))
				case state == gpreport.DefinedFor && strings.Contains(name, "user"):
					t.Errorf("the user's half gives the computer's rights")
				}
			}
		})
	}
}

// TestDamageIsNoticed puts another character in place of every byte: whatever it breaks, no right
// is said to be undefined or for nobody.
func TestDamageIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	text := page{computer: sync01(row("Debug programs", "Administrators", "Server Baseline"), row("Log on as a service", `CONTOSO\svc, NT SERVICE\ALL SERVICES`, "Server Baseline")).String()}.String()
	start := strings.Index(text, `<table class="title"`)
	for i := start; i < len(text); i++ {
		if text[i] == ',' {
			continue // a list of one account then
		}
		r, err := parseBytes([]byte(text[:i] + "? <>"[i%4:i%4+1] + text[i+1:]))
		if r == nil {
			if err == nil {
				t.Fatalf("at %d: neither a report nor an error", i)
			}
			continue
		}
		if state := damagedState(r); state != "" {
			t.Errorf("at %d, %q: %s; warnings %q", i, text[max(0, i-20):i+20], state, codes(r))
		}
	}
}

// damagedState says what a damaged report claims of a right of two accounts that it cannot know:
// that nobody or one of them has it, or that it is not defined.
func damagedState(r *gpreport.Report) string {
	a, state := r.Right("SeServiceLogonRight")
	switch {
	case state == gpreport.NotDefined || state == gpreport.DefinedEmpty:
		return "the right is " + string(state)
	case state == gpreport.DefinedFor && len(a.Principals) < 2:
		return fmt.Sprintf("the right is for %q", names(a))
	}
	return ""
}

// TestHolesAreNoticed takes some bytes out.
func TestHolesAreNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	text := page{computer: sync01(row("Debug programs", "Administrators", "Server Baseline"), row("Log on as a service", `CONTOSO\svc, NT SERVICE\ALL SERVICES`, "Server Baseline")).String()}.String()
	start := strings.Index(text, `<table class="title"`)
	for _, size := range []int{1, 7, 20} { // larger ones can take a row without a trace
		for i := start; i+size < len(text); i += max(1, size/3) {
			hole := text[i : i+size]
			r, _ := parseBytes([]byte(text[:i] + text[i+size:]))
			if r == nil {
				continue
			}
			if state := damagedState(r); state != "" && !takesAccounts(hole) {
				t.Errorf("without %q: %s; warnings %q", hole, state, codes(r))
			}
		}
	}
}

// takesAccounts reports whether a hole takes an account or what separates two, which leaves
// another list without a trace.
func takesAccounts(hole string) bool {
	return strings.Contains(hole, ",") || strings.ContainsAny(hole, "\\") || strings.Contains(hole, "SERVICE")
}

// TestBrowsersLines: programs that save a page again put each account into an element of its own.
func TestBrowsersLines(t *testing.T) {
	for _, cell := range []string{"<p>Administrators</p><p>a</p>", "<ul><li>Administrators</li><li>a</li></ul>", "<div>Administrators</div><div>a</div>", "Administrators<br>a"} {
		r := parse(t, page{computer: sync01(row("Log on as a service", cell, "Server Baseline")).String()})
		if a, _ := r.Right("SeServiceLogonRight"); !slices.Equal(names(a), []string{"Administrators", "a"}) {
			t.Errorf("%s: %q", cell, names(a))
		}
	}
}

// TestBehindTheReport: what stands behind the last page is read too, or told.
func TestBehindTheReport(t *testing.T) {
	text := page{computer: sync01().String()}.String()
	for name, rest := range map[string]string{
		"XML":      rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("a")...)).String()}.String(),
		"template": export("SeServiceLogonRight = a"),
	} {
		reports, err := parseAll([]byte(text + "\r\n\r\n" + rest))
		if err != nil || len(reports) != 2 {
			t.Fatalf("%s: %d reports, error %v", name, len(reports), err)
		}
		a, state := reports[1].Right("SeServiceLogonRight")
		if state != gpreport.DefinedFor || a.Location.Line <= strings.Count(text, "\n") {
			t.Errorf("%s: %s, on line %d", name, state, a.Location.Line)
		}
	}
	if r, err := parseBytes([]byte(text + "something else")); err != nil || !slices.Contains(codes(r), gpreport.TrailingData) {
		t.Errorf("error %v, warnings %q", err, codes(r))
	}
	// Scripts name the end of a page too; a report that is cut off does not end.
	cut := page{head: `<script>s = "</html>";</script>`, computer: sync01().String()}.String()
	if r, _ := parseBytes([]byte(cut[:len(cut)-900])); slices.Contains(codes(r), gpreport.TrailingData) {
		t.Error("a cut report is said to have data behind it")
	}
	if r, _ := parseBytes([]byte(text + "\r\n\x00 ")); slices.Contains(codes(r), gpreport.TrailingData) {
		t.Error("blanks are no data")
	}
}

func TestAccessDeniedInHTML(t *testing.T) {
	r := parse(t, page{computer: `<div class="he4i">Access is denied.</div>`, user: someUser().String()})
	if _, state := r.Right("SeServiceLogonRight"); state != gpreport.ScopeDenied || r.ComputerAbsent != gpreport.AccessDenied {
		t.Errorf("state %q, absent %q", state, r.ComputerAbsent)
	}
}

// TestModelledInWordsNotKnown: a date in the summary does not make a simulation a result.
func TestModelledInWordsNotKnown(t *testing.T) {
	c := sync01(row("Log on as a service", "", "Server Baseline"))
	c.componentClasses = "info"
	r := parse(t, page{results: "Gruppenrichtlinienmodellierung", computerRefresh: "Simulation am 18.10.2023 18:06:31", computer: c.String()})
	if r.Results != "" {
		t.Errorf("results %q", r.Results)
	}
}

// TestGPOListedTwice: it is one GPO.
func TestGPOListedTwice(t *testing.T) {
	c := sync01(row("Log on as a service", "a", "Server Baseline"))
	c.applied = append(c.applied, c.applied[1])
	r := parse(t, page{computer: c.String()})
	if a, _ := r.Right("SeServiceLogonRight"); a.Winner.GUID != guidB || a.Winner.Ambiguous || len(r.Warnings) != 0 {
		t.Errorf("winner %+v, warnings %q", a.Winner, codes(r))
	}
}

// TestLinksNotUnderstood: words for enabled that are not known say nothing.
func TestLinksNotUnderstood(t *testing.T) {
	text := strings.Replace(gpoPage{}.String(), "<td>Enabled</td><td>contoso.com</td>", "<td>⑦</td><td>contoso.com</td>", 1)
	r, err := parseBytes([]byte(text))
	if err != nil || r.Description.Links[1].Enabled || r.Description.Links[1].Status != "⑦" || !slices.Contains(codes(r), gpreport.UnknownValue) {
		t.Errorf("error %v, links %+v, warnings %q", err, r.Description.Links, codes(r))
	}
}

// TestHTMLMemory: names that are repeated for every row below them do not make more of a file
// than a small multiple.
func TestHTMLMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	long := strings.Repeat("x", 100<<10)
	rows := strings.Repeat(row("a", "b", "c", "d"), 2000)
	var nested strings.Builder
	for range 100 {
		nested.WriteString(heading("2", "n") + `<div class="container">`)
	}
	for name, settings := range map[string]string{
		"heads of columns": section("3", "t", `<div class="he4i"><table class="info3"><tr><th>n</th><th>`+long+`</th><th>v</th><th>Winning GPO</th></tr>`+rows+"</table></div>"),
		"headings of items": section("3", "System Services", section("4h", "s (Startup Mode: Disabled)", winnerTable+section("4h", long,
			`<div class="he4i"><table class="info">`+strings.Repeat(row("a", "b"), 2000)+"</table></div>"))),
		"nested headings": nested.String() + strings.Repeat(heading("3", "e")+`<div class="container"></div>`, 20000) + strings.Repeat("</div>", 100),
	} {
		t.Run(name, func(t *testing.T) {
			text := []byte(withRights(settings))
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			r, _ := parseBytes(text)
			runtime.GC()
			runtime.ReadMemStats(&after)
			if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > int64(12*len(text)+4<<20) {
				t.Errorf("%d bytes are kept of %d", kept, len(text))
			}
			if !r.Computer.Incomplete {
				t.Error("nothing says that something is missing")
			}
			fmt.Fprintln(t.Output(), len(r.Computer.Settings), len(r.Computer.Notes), codes(r))
		})
	}
}

// TestManyDocumentsShareTheRoom: what one document may make of its text is not given to each.
func TestManyDocumentsShareTheRoom(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	long := strings.Repeat("x", 20<<10)
	one := withRights(section("3", "t", `<div class="he4i"><table class="info3"><tr><th>n</th><th>`+long+`</th><th>v</th><th>Winning GPO</th></tr>`+strings.Repeat(row("a", "b", "c", "d"), 400)+"</table></div>"))
	text := []byte(strings.Repeat(one, 60))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	reports, _ := parseAll(text)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(reports)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); len(reports) != 60 || kept > int64(16*len(text)+4<<20) {
		t.Errorf("%d reports, %d bytes are kept of %d", len(reports), kept, len(text))
	}
}

// TestSavedIcons: a browser saves the icons that the scripts of a report drew into its title, and
// a help text can hold a sign that begins a tag.
func TestSavedIcons(t *testing.T) {
	c := sync01(row(`<span class="explainlink" gpmc_settingDescription="a < b">Log on as a service</span>`, "a", "Server Baseline"))
	text := strings.Replace(page{computer: c.String()}.String(), `<div id="objshowhide"></div>`, `<div id="objshowhide"><svg><path d="M0"></path><polyline></polyline></svg></div>`, 1)
	r, err := parseBytes([]byte(text))
	if err != nil || r.Computer.Incomplete || len(r.Warnings) != 0 {
		t.Errorf("error %v, incomplete %v, warnings %+v", err, r.Computer.Incomplete, r.Warnings)
	}
}

func TestManySmallDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	text := strings.Repeat(`<table class="title"><tr><td class="gponame">x`, 100_000)
	reports, err := parseAll([]byte(text))
	if len(reports) > 1<<20/64 || err == nil {
		t.Errorf("%d reports, error %v", len(reports), err)
	}
}

// TestOrdinaryReportsAreWhole: what Windows writes every day leaves nothing open, in languages too
// whose words are not all known.
func TestOrdinaryReportsAreWhole(t *testing.T) {
	head := `<tr><th scope="col">Policy</th><th scope="col">Setting</th><th scope="col">Winning GPO</th></tr>`
	table := func(level, title, rows string) string {
		return section(level, title, `<div class="he4i"><table class="info3" >`+head+rows+"</table></div>")
	}
	policies := func(sections ...string) string {
		return section("1h_expanded", "Policies", strings.Join(sections, ""))
	}
	remark := `<tr><td colspan="5"><table class="subtable_frame"><tr><td colspan="2">⑨ wird erneut verarbeitet.</td></tr></table></td></tr>`
	componentsOf := func(rows string) string {
		return strings.Replace(withRights(), "<tr><th>Component Name</th></tr>", "<tr><th>Component Name</th></tr>"+rows, 1)
	}
	c := sync01()
	c.settings = policies(section("1", "Administrative Vorlagen", table("3", "System/KDC", `<tr><td><span class="explainlink" gpmc_settingDescription="x">A</span></td><td>B</td><td>C</td></tr>`)))
	templates := page{computer: c.String()}.String()
	c.settings = policies(section("1", "Administrative Templates", `<div class="he4i"><b>An error has occurred while collecting data for Administrative Templates.</b><table class="subtable"><tr><td>This error impacts the following settings:</td></tr></table></div>`))
	broken := page{computer: c.String()}.String()
	c.settings = localGroups(strings.Replace(winnerTable, "Winning GPO", "⑤", 1))
	preferences := strings.NewReplacer("Preferences", "⑥", "Local Users and Groups", "⑦").Replace(page{computer: c.String()}.String())
	for name, text := range map[string]string{
		"the password policy alone":           german(withRights(table("3", "Kontorichtlinien/Kennwortrichtlinien", row("⑤", "7", "Default Domain Policy")))),
		"templates alone":                     german(templates),
		"templates that cannot be read":       broken,
		"preferences":                         german(preferences),
		"a remark below success":              german(componentsOf(componentRow("①", "⑧", "{00000000-0000-0000-0000-000000000000}") + componentRow("②", "⑧", "{827d319e-6eac-11d2-a4ea-00c04f79f83a}") + remark)),
		"no remark":                           componentsOf(componentRow("Security", "Success", "{827d319e-6eac-11d2-a4ea-00c04f79f83a}")),
		"another component failed":            componentsOf(componentRow("Registry", "Failed", "{35378eac-683f-11d2-a89a-00c04fbbcfa2}") + remark),
		"public keys":                         withRights(table("3", "Public Key Policies/Certificate Services Client - Auto-Enrollment Settings", row("a", "b", "[Default setting]"))),
		"no settings at all":                  page{computer: half{general: sync01().general, groups: []string{"Everyone"}, denied: sync01().denied}.String()}.String(),
		"only the computer, in words of ours": strings.Replace(page{computer: sync01().String()}.String(), "No data available.", "Keine Daten verfügbar.", 1),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := parseBytes(utf16LE(text))
			if err != nil {
				t.Fatal(err)
			}
			if _, state := r.Right("SeServiceLogonRight"); state != gpreport.NotDefined || r.Computer.Incomplete {
				t.Errorf("language %q: the right is %s, incomplete %v, warnings %+v", r.Language, state, r.Computer.Incomplete, r.Warnings)
			}
		})
	}
}

// TestFailuresOfWindows8: its components do not say which extension they are.
func TestFailuresOfWindows8(t *testing.T) {
	for _, name := range []string{"Security", "Group Policy Infrastructure"} {
		text := strings.Replace(withRights(), "<tr><th>Component Name</th></tr>", "<tr><th>Component Name</th></tr>"+row(name, "Failed", "", "1/28/2016 9:44:31 AM", ""), 1)
		r, err := parseBytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Warnings, func(w gpreport.Warning) bool { return w.Code == gpreport.ExtensionFailed })
		if _, state := r.Right("SeServiceLogonRight"); state != gpreport.NotUnderstood || i < 0 || r.Warnings[i].Line == 0 {
			t.Errorf("%s: the right is %s, warnings %+v", name, state, r.Warnings)
		}
	}
}
