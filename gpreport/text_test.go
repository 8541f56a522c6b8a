package gpreport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/sid"
)

// printed is what gpresult prints of SYNC01 and its administrator.
func printed(option string) fixture.GPResultText {
	return fixture.GPResultText{Option: option, GPResult: fixture.GPResult{
		Encoding: "utf-8", Collected: "11/20/2026 5:30:00 AM", Refreshed: "11/20/2026 4:00:00 AM",
		Computer: &fixture.GPScope{
			Name: `CONTOSO\SYNC01`, Domain: "contoso.com", Site: "Berlin", OU: "contoso.com/Servers/Sync",
			Groups: []string{`BUILTIN\Administrators`, "Everyone", `CONTOSO\SYNC01$`, `CONTOSO\Domain Computers`},
			Applied: []fixture.GPResultGPO{
				{Name: "Server: Baseline"}, {Name: "Default Domain Policy"}, {Local: true},
			},
			Denied: []fixture.GPResultGPO{
				{Name: "Filtered", Reason: "Access Denied (Security Filtering)"}, {Name: "Old", Reason: "False WMI Filter", WMIFilter: "Windows 7"},
			},
			Rights: []fixture.GPRight{
				{Right: "SeServiceLogonRight", Accounts: []string{`CONTOSO\svc sync`, "*S-1-5-80-0", "NETWORK SERVICE"}, GPO: "Server: Baseline"},
				{Right: "SeBatchLogonRight", GPO: "Default Domain Policy"},
			},
			Services: []fixture.GPService{{Name: "Spooler", Mode: "Disabled", GPO: "Server: Baseline"}},
			Sections: []fixture.GPSection{
				{Path: []string{"Windows Settings", "Security Settings", "Account Policies/Password Policy"}, Rows: [][]string{{"MinimumPasswordLength", "14", "Default Domain Policy"}}},
				{Path: []string{"Windows Settings", "Security Settings", "Restricted Groups"}, Rows: [][]string{{"Administrators", `CONTOSO\a, CONTOSO\b`, "", "Server: Baseline"}}},
				{Path: []string{"Administrative Templates"}, Rows: [][]string{{`Software\Policies\X\NoAutoUpdate`, "0, 0, 0, 0", "Server: Baseline"}}},
			},
		},
		User: &fixture.GPScope{
			Name: `CONTOSO\first last`, Domain: "contoso.com", OU: "contoso.com/IT Admins",
			Groups:  []string{`CONTOSO\Domain Users`, "Everyone"},
			Applied: []fixture.GPResultGPO{{Name: "Default Domain Policy"}},
		},
	}}
}

func content(t testing.TB, r fixture.GPResultText) []byte {
	t.Helper()
	data, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readText reads a printout that is whole.
func readText(t testing.TB, in fixture.GPResultText) *gpreport.Report {
	t.Helper()
	r, err := parseBytes(content(t, in))
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != gpreport.GPResultText {
		t.Fatalf("kind %q", r.Kind)
	}
	return r
}

func principals(names ...string) []sid.Principal {
	var list []sid.Principal
	for _, n := range names {
		list = append(list, sid.ParsePrincipal(n))
	}
	return list
}

func TestText(t *testing.T) {
	r := readText(t, printed("V"))
	at := func(y, m, d, h int) []time.Time {
		return []time.Time{time.Date(y, time.Month(m), d, h, 30*(h%2), 0, 0, time.UTC)}
	}
	baseline, domain := gpreport.GPORef{Name: "Server: Baseline"}, gpreport.GPORef{Name: "Default Domain Policy"}
	gpo := func(name string, order int) gpreport.GPO {
		return gpreport.GPO{Name: name, Applied: true, Order: order, RevisionAD: -1, RevisionSysvol: -1}
	}
	denied := func(name string, order int, reason, filter string) gpreport.GPO {
		g := gpo(name, order)
		g.Applied, g.DeniedReason, g.WMIFilter = false, reason, filter
		return g
	}
	local := gpo("Local Group Policy", 3)
	local.Local = true
	general := []gpreport.Field{
		{Name: "OS Configuration", Value: "Member Server"},
		{Name: "OS Version", Value: "10.0.17763"},
		{Name: "Site Name", Value: "Berlin"},
		{Name: "Roaming Profile", Value: "N/A"},
		{Name: "Local Profile", Value: `C:\Users\administrator`},
		{Name: "Connected over a slow link?", Value: "No"},
	}
	half := func(dn string, more ...gpreport.Field) []gpreport.Field {
		return append(append(slices.Clone(general), []gpreport.Field{
			{Name: "DN", Value: dn},
			{Name: "Last time Group Policy was applied", Value: "\u200e11/\u200e20/\u200e2026 at 4:00:00 AM"},
			{Name: "Group Policy was applied from", Value: "dc01.contoso.com"},
			{Name: "Group Policy slow link threshold", Value: "500 kbps"},
			{Name: "Domain Name", Value: "CONTOSO"},
			{Name: "Domain Type", Value: "Windows 2008 or later"},
		}...), more...)
	}
	want := &gpreport.Report{
		Source: "report.html", Line: 1, Kind: gpreport.GPResultText, Results: gpreport.Logged, Language: "en",
		Host: "SYNC01", Domain: "CONTOSO", UserName: `CONTOSO\first last`,
		Collected: gpreport.LocalTime{Raw: "11/20/2026 at 5:30:00 AM", Candidates: at(2026, 11, 20, 5)},
		Computer: &gpreport.Scope{
			Name: `CONTOSO\SYNC01`, Domain: "contoso.com", Site: "Berlin", OU: "contoso.com/Servers/Sync",
			Refreshed: gpreport.LocalTime{Raw: "11/20/2026 at 4:00:00 AM", Candidates: at(2026, 11, 20, 4)},
			Applied:   []gpreport.GPO{gpo("Server: Baseline", 1), gpo("Default Domain Policy", 2), local},
			Denied:    []gpreport.GPO{denied("Filtered", 1, "Denied (Security)", ""), denied("Old", 2, "Denied (WMI Filter)", "Windows 7")},
			Groups:    principals(`BUILTIN\Administrators`, "Everyone", "SYNC01$", "Domain Computers"),
			Rights: []gpreport.Assignment{
				{Right: "SeServiceLogonRight", Display: "Log on as a service", Origin: gpreport.Stated, Principals: principals(`CONTOSO\svc sync`, "*S-1-5-80-0", "NETWORK SERVICE"), Winner: baseline},
				{Right: "SeBatchLogonRight", Display: "Log on as a batch job", Origin: gpreport.Stated, Winner: domain},
			},
			Settings: []gpreport.Setting{
				{Section: []string{"Account Policies"}, Name: "MinimumPasswordLength", Value: "14", Winner: domain},
				{Section: []string{"Restricted Groups"}, Name: "Administrators", Value: `CONTOSO\a; CONTOSO\b`, Winner: baseline},
				{Section: []string{"System Services"}, Name: "Spooler", Value: "Disabled", Winner: baseline},
				{Section: []string{"Administrative Templates"}, Name: `Software\Policies\X\NoAutoUpdate`, Value: "0, 0, 0, 0", Details: []gpreport.Field{{Name: "State", Value: "Enabled"}}, Winner: baseline},
			},
			RestrictedGroups: []gpreport.RestrictedGroup{{Group: sid.ParsePrincipal("Administrators"), Members: principals(`CONTOSO\a`, `CONTOSO\b`), Winner: baseline}},
			Services:         []gpreport.Service{{Name: "Spooler", Mode: gpreport.Disabled, ModeText: "Disabled", Winner: baseline}},
			General:          half("CN=SYNC01,OU=Sync,OU=Servers,DC=contoso,DC=com"),
		},
		User: &gpreport.Scope{
			Name: `CONTOSO\first last`, Domain: "contoso.com", OU: "contoso.com/IT Admins",
			Refreshed: gpreport.LocalTime{Raw: "11/20/2026 at 4:00:00 AM", Candidates: at(2026, 11, 20, 4)},
			Applied:   []gpreport.GPO{gpo("Default Domain Policy", 1)},
			Groups:    principals("Domain Users", "Everyone"),
			General: half("CN=first last,OU=IT Admins,DC=contoso,DC=com",
				gpreport.Field{Name: "The user has the following security privileges", Value: "Bypass traverse checking; Increase a process working set"}),
		},
	}
	byRight := cmpopts.SortSlices(func(a, b gpreport.Assignment) bool { return a.Right > b.Right })
	if diff := cmp.Diff(want, r, cmpopts.IgnoreTypes(evidence.Location{}), byRight); diff != "" {
		t.Error(diff)
	}
	data := strings.Split(string(content(t, printed("V"))), "\n")
	for _, a := range r.Computer.Rights {
		if line := data[a.Location.Line-1]; !strings.Contains(line, "GPO: "+a.Winner.Name) || a.Location.Section[2] != "User Rights" || a.Location.Row == 0 {
			t.Errorf("%s is said to stand at %+v: %q", a.Right, a.Location, line)
		}
	}
}

// stated is what all printouts of a report say, whatever their language.
func stated(r *gpreport.Report) any {
	type right struct {
		name, winner string
		accounts     []sid.Principal
	}
	var rights []right
	for _, a := range r.Computer.Rights {
		rights = append(rights, right{a.Right, a.Winner.Name, a.Principals})
	}
	var applied, denied, values []string
	for _, g := range r.Computer.Applied {
		if !g.Local && g.Name != "Loka politiko" { // whose name nobody knows
			applied = append(applied, g.Name)
		}
	}
	for _, g := range r.Computer.Denied {
		denied = append(denied, g.Name+"|"+g.WMIFilter)
	}
	for _, s := range r.Computer.Settings {
		values = append(values, s.Name+"="+s.Value+"|"+s.Winner.Name)
	}
	return fmt.Sprintf("%+v", []any{
		r.Host, r.Domain, r.UserName, r.Results, r.Collected.Candidates, r.Computer.Name, r.Computer.Domain, r.Computer.Site, r.Computer.OU,
		r.Computer.Refreshed.Candidates, applied, denied, r.Computer.Groups, rights, values, len(r.Computer.General), r.Computer.Incomplete,
		r.User.Name, r.User.OU, len(r.User.Applied), r.User.Groups, r.User.Incomplete, r.Incomplete,
	})
}

// TestTextForms: the same is read in all languages, encodings and widths, also in a language
// of which no word is known.
func TestTextForms(t *testing.T) {
	want := stated(readText(t, printed("V")))
	for _, language := range []string{"en", "de", "fr", "x-unknown"} {
		for _, encoding := range []string{"utf-8", "utf-8-bom", "utf-16le-bom", "utf-16le", "utf-16be", "850", "1252", "437"} {
			for _, width := range []int{0, 80, 120, 57} {
				in := printed("V")
				in.Language, in.Encoding, in.Width = language, encoding, width
				if language == "x-unknown" && len(encoding) < 5 {
					continue // the letters are in none of these
				}
				t.Run(fmt.Sprint(language, encoding, width), func(t *testing.T) {
					r := readText(t, in)
					if diff := cmp.Diff(want, stated(r)); diff != "" {
						t.Errorf("%s\nwarnings %+v", diff, r.Warnings)
					}
					known := language
					if language == "x-unknown" {
						known = ""
					}
					if r.Language != known {
						t.Errorf("language %q", r.Language)
					}
				})
			}
		}
	}
}

// TestTextWidths: wherever a console breaks lines, names come out whole.
func TestTextWidths(t *testing.T) {
	in := printed("Z")
	in.User.Name = `CONTOSO\somebody with quite a long name`
	in.Computer.Rights[0].Accounts = append(in.Computer.Rights[0].Accounts, `NT SERVICE\a`, `CONTOSO\Group with a name of many words`)
	in.Computer.Applied[1].Name = strings.Repeat("Policy with a long name ", 4) + "x"
	whole := readText(t, in)
	want := stated(whole)
	differ := 0
	for width := 50; width < 130; width++ {
		in.Width = width
		r := readText(t, in)
		if r.Host != "SYNC01" || r.UserName != in.User.Name {
			t.Errorf("width %d: host %q, user %q", width, r.Host, r.UserName)
		}
		for _, a := range whole.Computer.Rights {
			if b, ok := r.Computer.Right(a.Right); ok && !cmp.Equal(a.Principals, b.Principals) || !ok && !r.Computer.Incomplete {
				t.Errorf("width %d: %+v", width, b)
			}
		}
		if !cmp.Equal(want, stated(r)) {
			differ++
			if slices.Contains([]int{80, 100, 120}, width) {
				t.Errorf("width %d: %s\nwarnings %+v", width, cmp.Diff(want, stated(r)), r.Warnings)
			}
		}
	}
	if differ > 10 { // where nothing shows whether the window is a column wider
		t.Errorf("%d of 80 widths lost blanks", differ)
	}
}

// TestTextWidthAlone: where nothing but one name shows how wide the window was, the name is read
// as it is or left out.
func TestTextWidthAlone(t *testing.T) {
	in := printed("V")
	const words = `CONTOSO\svc adsync svc adsync svc adsync svc adsync svc adsync svc adsync svc adsync`
	for width := 72; width < 125; width++ {
		for length := width - 56; length < len(words); length++ {
			name := words[:length] + "x"
			in.Width, in.Computer.Rights[0].Accounts = width, []string{name}
			r := readText(t, in)
			a, ok := r.Computer.Right("SeServiceLogonRight")
			if ok && (len(a.Principals) != 1 || a.Principals[0].Name != name) || !ok && !r.Computer.Incomplete {
				t.Fatalf("width %d: %q, incomplete %v, warnings %+v", width, a.Principals, r.Computer.Incomplete, r.Warnings)
			}
		}
	}
}

// TestTextAgainstHTML: the same description as HTML and as text.
func TestTextAgainstHTML(t *testing.T) {
	in := printed("V")
	in.Computer.Services[0].Name, in.Computer.Sections = "Print Spooler", in.Computer.Sections[:1]
	in.Computer.Domain, in.Encoding = "contoso.com", "utf-16le-bom"
	page, err := in.GPResult.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	html, err := parseBytes(page)
	if err != nil {
		t.Fatal(err)
	}
	text := readText(t, in)
	view := func(r *gpreport.Report) string {
		names := func(gpos []gpreport.GPO) (out []string) {
			for _, g := range gpos {
				out = append(out, g.Name)
			}
			return out
		}
		var groups, rights []string
		for _, g := range r.Computer.Groups {
			groups = append(groups, g.Account())
		}
		for _, a := range r.Computer.Rights {
			_, state := r.Right(a.Right)
			rights = append(rights, fmt.Sprint(a.Right, a.Display, state, len(a.Principals), a.Principals[:min(1, len(a.Principals))], a.Winner.Name))
		}
		slices.Sort(rights)
		return fmt.Sprintf("%+v", []any{
			r.Host, r.Results, r.UserName, r.Collected.Candidates, r.Computer.Name, r.Computer.Domain, r.Computer.Site, r.Computer.OU,
			r.Computer.Refreshed.Candidates, names(r.Computer.Applied), names(r.Computer.Denied), groups, rights, names(r.User.Applied), r.User.Name,
		})
	}
	if diff := cmp.Diff(view(html), view(text)); diff != "" {
		t.Errorf("HTML (-) and text (+) differ:\n%s", diff)
	}
	if _, state := text.Right("SeDenyServiceLogonRight"); state != gpreport.NotDefined {
		t.Errorf("a right that is in neither is %q", state)
	}
}

// TestTextSummary: /R lists no settings, so that nothing is known of rights.
func TestTextSummary(t *testing.T) {
	for _, language := range []string{"en", "fr", "x-unknown"} {
		in := printed("R")
		in.Language = language
		r := readText(t, in)
		if _, state := r.Right("SeServiceLogonRight"); state != gpreport.NotUnderstood {
			t.Errorf("%s: the right is %q", language, state)
		}
		if !slices.Contains(codes(r), gpreport.NoSettings) || len(r.Computer.Applied) != 3 || len(r.Computer.Denied) != 2 || len(r.Computer.Groups) != 4 {
			t.Errorf("%s: warnings %q, scope %+v", language, codes(r), r.Computer)
		}
	}
}

// TestTextLosers: of GPOs that define the same, the winner is known only where the list of
// the applied ones is proven to have the strongest first.
func TestTextLosers(t *testing.T) {
	in := printed("Z")
	in.Losing = []fixture.GPRight{{Right: "SeServiceLogonRight", Accounts: []string{`CONTOSO\old`}, GPO: "Default Domain Policy"}}
	in.Computer.Sections[0].Rows = append(in.Computer.Sections[0].Rows, []string{"MinimumPasswordLength", "7", "Server: Baseline"})
	r := readText(t, in)
	a, state := r.Right("SeServiceLogonRight")
	if state != gpreport.DefinedFor || a.Unsettled || a.Winner.Name != "Server: Baseline" || len(a.Principals) != 3 ||
		len(a.Others) != 1 || a.Others[0].GPO.Name != "Default Domain Policy" || !slices.Equal(a.Others[0].Principals, principals(`CONTOSO\old`)) {
		t.Errorf("%q, %+v", state, a)
	}
	length := r.Computer.Settings[0]
	if length.Value != "7" || length.Winner.Name != "Server: Baseline" || len(length.Others) != 1 || length.Others[0].Value != "14" || length.Others[0].GPO.Name != "Default Domain Policy" {
		t.Errorf("setting %+v", length)
	}

	for name, change := range map[string]func(*fixture.GPScope){
		"the order is not proven":           func(s *fixture.GPScope) { s.Applied = s.Applied[:2] },
		"the other way round":               func(s *fixture.GPScope) { slices.Reverse(s.Applied) },
		"one is linked twice":               func(s *fixture.GPScope) { s.Applied = slices.Insert(s.Applied, 1, s.Applied[1]) },
		"one is not among the applied":      func(s *fixture.GPScope) { s.Applied = s.Applied[1:] },
		"none was applied, says the report": func(s *fixture.GPScope) { s.Applied = nil },
	} {
		in := printed("Z")
		in.Losing = []fixture.GPRight{{Right: "SeServiceLogonRight", Accounts: []string{`CONTOSO\old`}, GPO: "Default Domain Policy"}}
		in.Computer.Sections[0].Rows = append(in.Computer.Sections[0].Rows, []string{"MinimumPasswordLength", "7", "Server: Baseline"})
		change(in.Computer)
		r := readText(t, in)
		a, state := r.Right("SeServiceLogonRight")
		if state != gpreport.NotUnderstood || !a.Unsettled || len(a.Others) != 1 || !slices.Contains(codes(r), gpreport.UnsettledRight) {
			t.Errorf("%s: %q, %+v", name, state, a)
		}
		if _, state := r.Right("SeBatchLogonRight"); state != gpreport.DefinedEmpty {
			t.Errorf("%s: the other right is %q", name, state)
		}
		if s := r.Computer.Settings[0]; s.Winner != (gpreport.GPORef{}) || s.Value != "" || len(s.Others) != 2 {
			t.Errorf("%s: setting %+v", name, s)
		}
	}
}

func TestTextHalves(t *testing.T) {
	t.Run("user only", func(t *testing.T) {
		in := printed("V")
		in.Computer, in.Host = nil, "SYNC01"
		r := readText(t, in)
		if r.Computer != nil || r.ComputerAbsent != gpreport.NoData || r.Host != "" || r.User == nil || r.UserName != `CONTOSO\first last` {
			t.Errorf("%+v", r)
		}
		if _, state := r.Right("SeServiceLogonRight"); state != gpreport.ScopeWithoutData {
			t.Errorf("the right is %q", state)
		}
	})
	t.Run("computer only", func(t *testing.T) {
		for _, language := range []string{"en", "x-unknown"} {
			in := printed("V")
			in.Scope, in.Language = "COMPUTER", language
			r := readText(t, in)
			if r.User != nil || r.UserAbsent != gpreport.NoData || r.UserName != "" || r.Host != "SYNC01" || r.Incomplete || r.Computer.Incomplete {
				t.Errorf("%s: %+v", language, r)
			}
		}
	})
	t.Run("no user in the headline", func(t *testing.T) {
		in := printed("V")
		in.User = nil
		if r := readText(t, in); r.Host != "SYNC01" {
			t.Errorf("host %q", r.Host)
		}
	})
	t.Run("no domain", func(t *testing.T) {
		for _, language := range []string{"en", "fr", "de"} {
			in := printed("V")
			in.Language, in.Computer.Name, in.User.Name = language, "SYNC01", `SYNC01\admin`
			r := readText(t, in)
			if r.Host != "SYNC01" || r.Domain != "" || r.Computer.Name != "SYNC01" || r.Computer.Domain != "" || r.Computer.OU != "" {
				t.Errorf("%s: host %q, domain %q, computer %+v", language, r.Host, r.Domain, r.Computer)
			}
		}
	})
	t.Run("refused", func(t *testing.T) {
		text := string(content(t, printed("V")))
		computer, user := strings.Index(text, "COMPUTER SETTINGS"), strings.Index(text, "USER SETTINGS")
		half := text[computer : computer+len("COMPUTER SETTINGS\r\n------------------\r\n")]
		for _, tt := range []struct {
			name, text string
			want       gpreport.Absence
			state      gpreport.State
		}{
			{"in place of both halves", text[:computer] + "ERROR: Access Denied.\r\n", gpreport.AccessDenied, gpreport.ScopeDenied},
			{"in French", text[:computer] + "ERREUR : Accès refusé.\r\n", gpreport.AccessDenied, gpreport.ScopeDenied},
			{"in a half", text[:computer] + half + "    ERROR: Access is denied.\r\n\r\n" + text[user:], gpreport.AccessDenied, gpreport.ScopeDenied},
			{"no data in a half", text[:computer] + half + "    INFO: The user \"CONTOSO\\x\" does not have RSoP data.\r\n\r\n" + text[user:], gpreport.NoData, gpreport.ScopeWithoutData},
			{"no data of a user", text[:computer] + "INFO: The user \"CONTOSO\\x\" does not have RSOP data.\r\n", gpreport.NoData, gpreport.ScopeWithoutData},
		} {
			r, err := parseBytes([]byte(tt.text))
			if err != nil || r.Computer != nil || r.ComputerAbsent != tt.want {
				t.Fatalf("%s: %v, %+v", tt.name, err, r)
			}
			if _, state := r.Right("SeServiceLogonRight"); state != tt.state {
				t.Errorf("%s: %q", tt.name, state)
			}
		}
	})
	t.Run("two in a file", func(t *testing.T) {
		user, computer := printed("V"), printed("V")
		user.Scope, computer.Scope = "USER", "COMPUTER"
		both := slices.Concat(content(t, user), content(t, computer))
		reports, err := gpreport.ParseAll(context.Background(), bytes.NewReader(both), int64(len(both)), gpreport.Config{})
		if err != nil || len(reports) != 2 || reports[0].Computer != nil || reports[1].User != nil || reports[1].Collected.Raw == "" || reports[1].Line < 50 {
			t.Fatalf("%v, %d reports", err, len(reports))
		}
		if r, err := parseBytes(both); err != nil || r.Computer == nil || !slices.Contains(codes(r), gpreport.MoreDocuments) {
			t.Errorf("%v: the report of the computer was not chosen", err)
		}
	})
}

func TestTextOddities(t *testing.T) {
	whole := string(content(t, printed("V")))
	tests := []struct {
		name, old, new string
		code           string
		state          gpreport.State // of the right to log on as a service
		incomplete     bool
	}{
		{"a label of a right is missing", "Policy:            ServiceLogonRight", "ServiceLogonRight", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"a third label", "Policy:            ServiceLogonRight", "Policy:            ServiceLogonRight\r\n                New:               x", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"no constant", "ServiceLogonRight", "Log on as a service", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"a new right", "BatchLogonRight", "NewPrivilege", gpreport.UnknownRight, gpreport.DefinedFor, false},
		{"an account with a colon", "NETWORK SERVICE", "a:b", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"a list with a gap", "                                   NETWORK SERVICE", "\r\n                                   NETWORK SERVICE", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"a pager in a list", "                                   NETWORK SERVICE", "-- More  --\r\n                                   NETWORK SERVICE", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"an account at the margin", "                                   NETWORK SERVICE", "NETWORK SERVICE", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"an account below the GPO", "                                   NETWORK SERVICE", "            NETWORK SERVICE", gpreport.OddRow, gpreport.NotUnderstood, true},
		{"a line of another program", "            GPO: Server: Baseline\r\n                Policy:            ServiceLogonRight", "ping\r\n            GPO: Server: Baseline\r\n                Policy:            ServiceLogonRight", gpreport.OddRow, gpreport.DefinedFor, true},
		{"an unknown mode", "Logging Mode", "Planning Mode", gpreport.UnknownValue, gpreport.DefinedFor, false},
		{"no user rights", "User Rights\r\n        -----------", "Other\r\n        -----------", "", gpreport.DefinedFor, false},
		{"a GPO that is not listed", "GPO: Server: Baseline\r\n                Policy:            ServiceLogonRight", "GPO: X\r\n                Policy:            ServiceLogonRight", gpreport.UnlistedWinner, gpreport.DefinedFor, false},
		{"two entries of a name", "        Default Domain Policy\r\n        Local", "        Server: Baseline\r\n        Local", gpreport.AmbiguousWinner, gpreport.DefinedFor, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(whole, tt.old, tt.new, 1)
			if text == whole {
				t.Fatal("nothing was replaced")
			}
			r, err := parseBytes([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if _, state := r.Right("SeServiceLogonRight"); state != tt.state || r.Computer.Incomplete != tt.incomplete || tt.code != "" && !slices.Contains(codes(r), tt.code) {
				t.Errorf("state %q, incomplete %v, warnings %+v", state, r.Computer.Incomplete, r.Warnings)
			}
			if (r.Results == "") != (tt.code == gpreport.UnknownValue) {
				t.Errorf("results %q", r.Results)
			}
		})
	}
	t.Run("the block of user rights is missing", func(t *testing.T) {
		from := strings.Index(whole, "        User Rights\r\n")
		to := strings.Index(whole, "        Security Options\r\n")
		r, err := parseBytes([]byte(whole[:from] + whole[to:]))
		if _, state := r.Right("SeServiceLogonRight"); err != nil || state != gpreport.NotUnderstood || !slices.Contains(codes(r), gpreport.MissingSection) {
			t.Errorf("state %q, %v, %+v", state, err, r.Warnings)
		}
	})
	t.Run("a prompt behind the end", func(t *testing.T) {
		r, err := parseBytes([]byte(whole + "C:\\Windows\\system32>exit\r\n"))
		if err != nil || r.Computer.Incomplete {
			t.Errorf("%v, %+v", err, r.Warnings)
		}
	})
}

// TestTextCodePages: characters are decoded only where the code page is certain.
func TestTextCodePages(t *testing.T) {
	in := printed("V")
	in.Computer.Rights[0].Accounts[0] = `CONTOSO\müller`
	accounts := func(t *testing.T) (*gpreport.Report, string) {
		r := readText(t, in)
		a, _ := r.Right("SeServiceLogonRight")
		return r, a.Principals[0].Name
	}
	for _, tt := range []struct{ language, encoding, want string }{
		{"de", "850", `CONTOSO\müller`},
		{"de", "1252", `CONTOSO\müller`},
		{"fr", "437", `CONTOSO\müller`},
		{"en", "850", `CONTOSO\müller`}, // by the sign of copyright
		{"en", "437", "CONTOSO\\m\ufffdller"},
		{"en", "1252", "CONTOSO\\m\ufffdller"}, // which is the same in 1250 and 1251
	} {
		in.Language, in.Encoding = tt.language, tt.encoding
		r, got := accounts(t)
		if got != tt.want || slices.Contains(codes(r), gpreport.Undecodable) != strings.Contains(got, "\ufffd") {
			t.Errorf("%s in %s: %q, warnings %q", tt.language, tt.encoding, got, codes(r))
		}
	}
	in.Language, in.Encoding = "en", "1252"
	in.Computer.Rights[0].Accounts[0] = `CONTOSO\šef` // another letter in 1250 and 1251
	if r, got := accounts(t); got != "CONTOSO\\\ufffdef" || !slices.Contains(codes(r), gpreport.Undecodable) {
		t.Errorf("%q, %q", got, codes(r))
	}
	in.Encoding, in.Computer.Rights[0].Accounts[0] = "utf-8", "CONTOSO\\\ufffdef"
	if r, got := accounts(t); got != "CONTOSO\\\ufffdef" || !slices.Contains(codes(r), gpreport.Undecodable) {
		t.Errorf("%q, %q", got, codes(r))
	}
}

// TestTextCutAnywhere: wherever a printout ends, what is read is a part of the whole, and
// what may be missing is said to be.
func TestTextCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	for _, option := range []string{"R", "V", "Z"} {
		for _, width := range []int{0, 80} {
			in := printed(option)
			in.Width = width
			in.Losing = []fixture.GPRight{{Right: "SeServiceLogonRight", Accounts: []string{`CONTOSO\old`}, GPO: "Default Domain Policy"}}
			whole, data := readText(t, in), content(t, in)
			step := 1 + width/10
			for end := 0; end < len(data); end += step {
				r, err := parseBytes(data[:end])
				if r == nil {
					if err == nil {
						t.Fatalf("at %d: neither a report nor an error", end)
					}
					continue
				}
				checkTextPart(t, whole, r, err)
				if t.Failed() {
					t.Fatalf("option %s, width %d, cut at %d, behind %q", option, width, end, data[max(0, end-60):end])
				}
			}
		}
	}
}

func checkTextPart(t *testing.T, whole, r *gpreport.Report, err error) {
	if err != nil && (!r.Incomplete || !errors.Is(err, io.ErrUnexpectedEOF)) {
		t.Errorf("error %v, incomplete %v", err, r.Incomplete)
	}
	if r.Host != "" && r.Host != whole.Host || r.Collected.Raw != whole.Collected.Raw {
		t.Errorf("host %q, collected %q", r.Host, r.Collected.Raw)
	}
	if r.Incomplete && r.User == nil && r.UserAbsent != gpreport.NotReached {
		t.Errorf("of the user's half, which is missing, the report says %q", r.UserAbsent)
	}
	if r.Computer == nil {
		if !r.Incomplete {
			t.Error("the computer's half is missing and nothing says so")
		}
		return
	}
	for _, a := range r.Computer.Rights {
		b, _ := whole.Computer.Right(a.Right)
		// Of the lists of several GPOs the last ones may be missing, which is said.
		if len(a.Others) < len(b.Others) && r.Incomplete {
			continue
		}
		if !cmp.Equal(a, b, cmpopts.IgnoreTypes(evidence.Location{})) {
			t.Errorf("%+v, in the whole %+v", a, b)
		}
	}
	if !r.Incomplete && !r.Computer.Incomplete && !cmp.Equal(r.Computer.Rights, whole.Computer.Rights) {
		t.Error("rights are missing and nothing says so")
	}
	if !r.Incomplete && !r.Computer.Incomplete && !cmp.Equal(r.Computer, whole.Computer) {
		t.Error("parts of the computer's half are missing and nothing says so")
	}
	for _, s := range r.Computer.Settings {
		if !slices.ContainsFunc(whole.Computer.Settings, func(o gpreport.Setting) bool { return cmp.Equal(s, o) }) {
			t.Errorf("setting %+v", s)
		}
	}
}

// TestTextOddNames: a GPO may have the name of something else in a text.
func TestTextOddNames(t *testing.T) {
	for _, name := range []string{"N/A", "-----", "----------------------------", "RSOP: x", "User Rights", "N/A N/A"} {
		for place := range 3 {
			in := printed("Z")
			in.Computer.Applied = slices.Insert(in.Computer.Applied, place, fixture.GPResultGPO{Name: name})
			in.Computer.Rights[0].GPO = name
			r := readText(t, in)
			var applied []string
			for _, g := range r.Computer.Applied {
				applied = append(applied, g.Name)
			}
			want := slices.Insert([]string{"Server: Baseline", "Default Domain Policy", "Local Group Policy"}, place, name)
			if !slices.Equal(applied, want) || len(r.Computer.Denied) != 2 || r.Computer.Incomplete || len(r.Warnings) > 0 {
				t.Errorf("%q: applied %q, warnings %+v", name, applied, r.Warnings)
			}
			if a, state := r.Right("SeServiceLogonRight"); state != gpreport.DefinedFor || a.Winner.Name != name {
				t.Errorf("%q: the right is %s, the winner %q", name, state, a.Winner.Name)
			}
		}
	}
}

func TestTextLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	data := content(t, printed("V"))
	r, err := gpreport.Parse(context.Background(), bytes.NewReader(data), int64(len(data)), gpreport.Config{MaxNodes: 80})
	if !errors.Is(err, gpreport.ErrLimit) || !r.Incomplete || !slices.Contains(codes(r), gpreport.LimitReached) {
		t.Errorf("%v, %+v", err, r)
	}
	several := bytes.Repeat(data, 10)
	lines := bytes.Count(several, []byte("\n"))
	reports, err := gpreport.ParseAll(context.Background(), bytes.NewReader(several), int64(len(several)), gpreport.Config{MaxNodes: lines + 4*48})
	if n := len(reports); n != 5 || !errors.Is(err, gpreport.ErrLimit) || !slices.Contains(codes(reports[n-1]), gpreport.LimitReached) {
		t.Fatalf("%d reports, error %v", n, err)
	}
	for i, r := range reports { // those that were read are whole
		if r.Incomplete || !cmp.Equal(r.Computer.Rights, readText(t, printed("V")).Computer.Rights, cmpopts.IgnoreTypes(evidence.Location{})) {
			t.Errorf("report %d: incomplete %v, rights %+v", i, r.Incomplete, r.Computer.Rights)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := gpreport.Parse(ctx, bytes.NewReader(data), int64(len(data)), gpreport.Config{}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", r, err)
	}
	banner := "Microsoft (R) Windows (R) Operating System Group Policy Result tool v2.0\r\n"
	if r, err := parseBytes([]byte(banner)); r != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, %v", r, err)
	}
	endless := strings.Replace(string(data), "NETWORK SERVICE", strings.Repeat("a\r\n                                   ", 10_001)+"b", 1)
	if r, err := parseBytes([]byte(endless)); err != nil || !r.Computer.Incomplete {
		t.Errorf("%v: an endless list was kept", err)
	}
}

// TestTextTime: the time grows as the text does, whatever is in it.
func TestTextTime(t *testing.T) {
	whole := string(content(t, printed("Z")))
	many := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	const n = 60_000
	entry := "            GPO: Policy %d\r\n                Policy:            %s\r\n                Computer Setting:  x\r\n\r\n"
	for name, text := range map[string]string{
		"one right of many GPOs":       strings.Replace(whole, "        User Rights\r\n        -----------\r\n", "        User Rights\r\n        -----------\r\n"+many(n, strings.Replace(entry, "%s", "TcbPrivilege", 1)), 1),
		"one setting of many GPOs":     strings.Replace(whole, "        Audit Policy\r\n        ------------\r\n", "        Audit Policy\r\n        ------------\r\n"+many(n, strings.Replace(entry, "%s", "x", 1)), 1),
		"many GPOs":                    strings.Replace(whole, "        Default Domain Policy\r\n", "        Default Domain Policy\r\n"+many(n, "        Policy %d\r\n"), 1),
		"many groups":                  strings.Replace(whole, "        Everyone\r\n", many(n, "        G%d$\r\n"), 1),
		"many labels":                  strings.Replace(whole, "OS Version:", many(n, "L%d: x\r\n")+"OS Version:", 1),
		"many labels of a half":        strings.Replace(whole, "    Domain Name:", many(n, "    L%d: 1/2/2026 at 3:00:00\r\n")+"    Domain Name:", 1),
		"many headings":                strings.Replace(whole, "        Audit Policy\r\n", many(n, "        H%d\r\n        ------\r\n\r\n")+"        Audit Policy\r\n", 1),
		"many halves":                  whole + many(n, "\r\nH%d\r\n-----\r\n    x: y\r\n"),
		"many reports":                 whole + many(n, "\r\nRSOP %d :\r\n----------\r\n"),
		"a long name in the directory": strings.Replace(whole, "CN=SYNC01,", "CN=SYNC01,"+many(n, "OU=Unit %d,"), 1),
		"a long headline":              strings.Replace(whole, "RSOP data", many(n, "x%d ")+"RSOP data", 1),
		"a broken line":                strings.Replace(whole, "        Everyone\r\n", "        "+many(n, strings.Repeat("x", 70)+"%06d\r\n"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if _, err := gpreport.ParseAll(context.Background(), strings.NewReader(text), int64(len(text)), gpreport.Config{}); text == whole {
				t.Fatal("nothing was replaced", err)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("%d KB took %v", len(text)>>10, d)
			}
		})
	}
}
