package gpreport_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// commonRights are what every computer's own list has.
const commonRights = `SeChangeNotifyPrivilege = *S-1-1-0,*S-1-5-19
SeImpersonatePrivilege = *S-1-5-19,*S-1-5-32-544,*S-1-5-6
SeCreateGlobalPrivilege = *S-1-5-32-544
SeIncreaseWorkingSetPrivilege = *S-1-5-32-545
SeTimeZonePrivilege = *S-1-5-19`

const versionSection = "[Version]\nsignature=\"$CHICAGO$\"\nRevision=1"

// export is what secedit /export writes, with the lines of rights given.
func export(rights ...string) string {
	return template("[Unicode]\nUnicode=yes", "[System Access]\nMinimumPasswordAge = 1",
		"[Privilege Rights]\n"+commonRights+"\n"+strings.Join(rights, "\n"), versionSection)
}

func template(sections ...string) string { return strings.Join(sections, "\n") + "\n" }

func parseTemplate(t *testing.T, source evidence.Source, text string) *gpreport.Report {
	t.Helper()
	data := utf16LE(strings.ReplaceAll(text, "\n", "\r\n"))
	r, err := gpreport.Parse(context.Background(), strings.NewReader(string(data)), int64(len(data)), gpreport.Config{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTemplateRights(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       []sid.Principal
	}{
		{"nobody", "SeServiceLogonRight =", nil},
		{"SIDs", "SeServiceLogonRight = *S-1-5-80-0,*S-1-5-20", []sid.Principal{{Name: "S-1-5-80-0", SID: "S-1-5-80-0"}, {Name: "S-1-5-20", SID: "S-1-5-20"}}},
		{"blanks", "  seservicelogonright=  *S-1-5-80-0 , CONTOSO\\svc backup ", []sid.Principal{{Name: "S-1-5-80-0", SID: "S-1-5-80-0"}, {Name: `CONTOSO\svc backup`}}},
		{"names of all sorts", `SeServiceLogonRight = svc_sql,SQLBrowserUser$DC02,&513,CONTOSO\a,a@contoso.com`, []sid.Principal{
			{Name: "svc_sql"}, {Name: "SQLBrowserUser$DC02"}, {Name: "&513"}, {Name: `CONTOSO\a`}, {Name: "a@contoso.com"},
		}},
		{"localized beside a SID", "SeServiceLogonRight = *S-1-5-80-0,受限服务\\所有受限服务", []sid.Principal{{Name: "S-1-5-80-0", SID: "S-1-5-80-0"}, {Name: `受限服务\所有受限服务`, SID: "S-1-5-99-0"}}},
		{"quoted", `SeServiceLogonRight = "CONTOSO\a, b",*S-1-5-20`, []sid.Principal{{Name: `CONTOSO\a, b`}, {Name: "S-1-5-20", SID: "S-1-5-20"}}},
		{"empty items", "SeServiceLogonRight = ,*S-1-5-20,,", []sid.Principal{{Name: "S-1-5-20", SID: "S-1-5-20"}}},
		{"comments", "; SeServiceLogonRight = x\nSeServiceLogonRight = *S-1-5-20", []sid.Principal{{Name: "S-1-5-20", SID: "S-1-5-20"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := parseTemplate(t, "secedit.inf", export(tt.line, "SeBatchLogonRight = *S-1-5-32-544"))
			a, ok := r.Computer.Right("SeServiceLogonRight")
			if tt.name == "localized beside a SID" && len(a.Principals) == 2 {
				a.Principals[1].SID = "S-1-5-99-0" // whether the table knows it does not matter here
			}
			if !ok || !slices.Equal(a.Principals, tt.want) || a.Display != "Log on as a service" {
				t.Errorf("%v %+v, want %+v", ok, a, tt.want)
			}
			if r.Incomplete || r.Computer.Incomplete || len(r.Warnings) > 0 || r.Kind != gpreport.SeceditINF {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestTemplateOrigin(t *testing.T) {
	rights := "[Privilege Rights]\n" + commonRights
	unicode := "[Unicode]\nUnicode=yes"
	values := "[Registry Values]\nMACHINE\\x=4,1"
	const sysvol = `SYSVOL/contoso.com/Policies/{31b2f340-016d-11d2-945f-00c04fb984f9}/MACHINE/Microsoft/Windows NT/SecEdit/GptTmpl.inf`
	for _, tt := range []struct {
		name   string
		source evidence.Source
		text   string
		want   gpreport.Results
		guid   string
	}{
		{"export", "SYNC01_SecEdit_Start_.txt", export(), gpreport.Exported, ""},
		{"export of user rights only", "a.inf", template(unicode, rights, versionSection), gpreport.Exported, ""},
		{"as the editor of GPOs writes it", "a.inf", template(unicode, values, versionSection, rights), gpreport.Defined, ""},
		{"and with a section behind", "a.inf", template(unicode, versionSection, rights, "[Service General Setting]\n\"Spooler\",4,\"\""), gpreport.Defined, ""},
		{"the template of a new domain's controllers", "a.inf", template(unicode, values, "[Privilege Rights]\nSeChangeNotifyPrivilege = *S-1-1-0\nSeAuditPrivilege = *S-1-5-19", versionSection), "", ""},
		{"by hand", "a.inf", template(unicode, "[Privilege Rights]\nSeServiceLogonRight = *S-1-5-20", versionSection), "", ""},
		{"without its end", "a.inf", template(unicode, rights), "", ""},
		{"with half its end", "a.inf", template(unicode, rights, "[Version]\nsignature=\"$CHICAGO$\""), "", ""},
		{"cut down, under the tool's name", "SYNC01/secedit.inf", template(unicode, "[Privilege Rights]\nSeServiceLogonRight = *S-1-5-80-0", versionSection), gpreport.Exported, ""},
		{"by hand, under the tool's name", "my-secedit-hardening.inf", template(unicode, versionSection, "[Privilege Rights]\nSeServiceLogonRight = *S-1-5-80-0"), gpreport.Defined, ""},
		{"an export in another order, under the tool's name", "secedit.inf", template(unicode, versionSection, rights), gpreport.Defined, ""},
		{"cut down, under another name", "a.inf", template(unicode, "[Privilege Rights]\nSeServiceLogonRight = *S-1-5-80-0", versionSection), "", ""},
		{"without rights, under the tool's name", "secedit.inf", template(unicode, values, versionSection), "", ""},
		{"the file of a GPO by its name", "case.zip!/GptTmpl.inf", export(), gpreport.Defined, ""},
		{"the file of a GPO by its path", sysvol, export(), gpreport.Defined, "{31B2F340-016D-11D2-945F-00C04FB984F9}"},
		{"in a backup", "b/{F55ED5BB-AD6E-4D34-949D-4FC120C7CAF5}/DomainSysvol/GPO/Machine/microsoft/windows nt/SecEdit/GptTmpl.inf", export(), gpreport.Defined, ""},
		{"in a backup, under another name", `b\{F55ED5BB-AD6E-4D34-949D-4FC120C7CAF5}\DomainSysvol\GPO\Machine\microsoft\windows nt\SecEdit\secedit.inf`, export(), gpreport.Defined, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := parseTemplate(t, tt.source, tt.text)
			if r.Results != tt.want || r.GPO.GUID != tt.guid {
				t.Errorf("results %q of %q, want %q of %q", r.Results, r.GPO.GUID, tt.want, tt.guid)
			}
			if unknown := slices.Contains(codes(r), gpreport.UnknownValue); unknown != (tt.want == "") {
				t.Errorf("warnings %+v", r.Warnings)
			}
		})
	}
}

// TestTemplateAbsence: only an export that nobody cut down proves that nobody has a right.
func TestTemplateAbsence(t *testing.T) {
	const deny = "SeDenyServiceLogonRight = Guests"
	unicode := "[Unicode]\nUnicode=yes"
	rights := "[Privilege Rights]\n" + commonRights + "\n" + deny
	without := strings.ReplaceAll(rights, "SeTimeZonePrivilege = *S-1-5-19\n", "")
	for name, tt := range map[string]struct {
		text   string
		absent gpreport.State
	}{
		"whole":                          {export(deny), gpreport.NotDefined},
		"one line":                       {template("[Privilege Rights]\n" + deny), gpreport.NotUnderstood},
		"one line with head and end":     {template(unicode, "[Privilege Rights]\n"+deny, versionSection), gpreport.NotUnderstood},
		"without its head":               {template(rights, versionSection), gpreport.NotUnderstood},
		"without its end":                {template(unicode, rights), gpreport.NotUnderstood},
		"without a right of every other": {template(unicode, without, versionSection), gpreport.NotUnderstood},
	} {
		t.Run(name, func(t *testing.T) {
			r := parseTemplate(t, "secedit.inf", tt.text)
			if a, state := r.Right("SeDenyServiceLogonRight"); r.Results != gpreport.Exported || state != gpreport.DefinedFor || len(a.Principals) != 1 {
				t.Errorf("results %q, what is listed is %q: %+v", r.Results, state, a)
			}
			if _, state := r.Right("SeServiceLogonRight"); state != tt.absent {
				t.Errorf("what is not listed is %q, want %q", state, tt.absent)
			}
			if said := slices.Contains(codes(r), gpreport.MissingSection); said != (tt.absent == gpreport.NotUnderstood) || r.Incomplete {
				t.Errorf("incomplete %v, warnings %+v", r.Incomplete, r.Warnings)
			}
		})
	}
}

// TestTemplateTyped: restricted groups and services in a form for programs.
func TestTemplateTyped(t *testing.T) {
	group := func(s string) sid.Principal { return sid.ParsePrincipal(s) }
	r := parseTemplate(t, "a.inf", template("[Unicode]\nUnicode=yes", versionSection,
		"[Group Membership]\n*S-1-5-32-544__Memberof =\n*S-1-5-32-544__Members = *S-1-5-21-1-2-3-500,CONTOSO\\x\nCONTOSO\\a__b__memberof = *S-1-5-32-545",
		"[Service General Setting]\n\"Spooler\",4,\"D:AR\"\nBrowser,2,\"\"\n\"W32Time\",3,\"\"\n\"New\",9,\"\"\n\"Bare\""))
	groups := []gpreport.RestrictedGroup{
		{Group: group("*S-1-5-32-544"), Members: []sid.Principal{group("*S-1-5-21-1-2-3-500"), {Name: `CONTOSO\x`}}},
		{Group: group(`CONTOSO\a__b`), MemberOf: []sid.Principal{group("*S-1-5-32-545")}},
	}
	services := []gpreport.Service{
		{Name: "Spooler", Mode: gpreport.Disabled, ModeText: "4"},
		{Name: "Browser", Mode: gpreport.Automatic, ModeText: "2"},
		{Name: "W32Time", Mode: gpreport.Manual, ModeText: "3"},
		{Name: "New", ModeText: "9"},
		{Name: "Bare"},
	}
	lines := func(text string, line int) evidence.Location {
		section, _, _ := strings.Cut(text, "/")
		_, row, _ := strings.Cut(text, "/")
		return evidence.Location{Source: "a.inf", Section: []string{section}, Row: int(row[0] - '0'), Line: line}
	}
	groups[0].Location, groups[1].Location = lines("Group Membership/1", 7), lines("Group Membership/3", 9)
	for i := range services {
		services[i].Location = lines(fmt.Sprintf("Service General Setting/%d", i+1), 11+i)
	}
	if !reflect.DeepEqual(r.Computer.RestrictedGroups, groups) {
		t.Errorf("got  %+v\nwant %+v", r.Computer.RestrictedGroups, groups)
	}
	if !reflect.DeepEqual(r.Computer.Services, services) {
		t.Errorf("got  %+v\nwant %+v", r.Computer.Services, services)
	}
	if len(r.Computer.Settings) != 11 || r.Computer.Incomplete || len(r.Warnings) > 0 {
		t.Errorf("%d settings, incomplete %v, warnings %+v", len(r.Computer.Settings), r.Computer.Incomplete, r.Warnings)
	}
}

// TestTemplateOddGroups: a restricted group whose lists may not be whole is left out.
func TestTemplateOddGroups(t *testing.T) {
	for name, lines := range map[string]string{
		"two lists":           "a__Members = x\na__Members = y",
		"a line that goes on": "a__Members = x,\\",
		"another kind":        "a__Members = x\na__Owners = y",
		"no kind":             "a = x",
		"too many accounts":   "a__Members = " + strings.Repeat("x,", 10_001),
	} {
		r := parseTemplate(t, "a.inf", template("[Unicode]\nUnicode=yes", versionSection, "[Group Membership]\n"+lines+"\nb__Members = z"))
		if g := r.Computer.RestrictedGroups; len(g) != 1 || g[0].Group.Name != "b" || !r.Computer.Incomplete || !slices.Contains(codes(r), gpreport.OddRow) {
			t.Errorf("%s: %+v, incomplete %v, warnings %+v", name, g, r.Computer.Incomplete, r.Warnings)
		}
	}
}

func TestTemplateSettings(t *testing.T) {
	r := parseTemplate(t, "a.inf", template("[Unicode]\nUnicode=yes", "[System Access]\nNewAdministratorName = \"X_Admin\"",
		"[Registry Values]\nMACHINE\\Software\\A B\\C=7,x,y=z", "[Group Membership]\n*S-1-5-32-544__Members = *S-1-5-20,a",
		"[Service General Setting]\n\"Spooler\",4,\"D:AR\"\nBrowser,4,\"\"", "[Registry Keys]\n\"MACHINE\\a,b\",0,\"D:P\"", "[Empty]\n\nalone"))
	want := []string{
		`Unicode|Unicode|yes|1|2`, `System Access|NewAdministratorName|"X_Admin"|1|4`, `Registry Values|MACHINE\Software\A B\C|7,x,y=z|1|6`,
		`Group Membership|*S-1-5-32-544__Members|*S-1-5-20,a|1|8`, `Service General Setting|Spooler|4,"D:AR"|1|10`,
		`Service General Setting|Browser|4,""|2|11`, `Registry Keys|MACHINE\a,b|0,"D:P"|1|13`, `Empty|alone||1|16`,
	}
	var got []string
	for _, s := range r.Computer.Settings {
		got = append(got, fmt.Sprintf("%s|%s|%s|%d|%d", strings.Join(s.Section, "/"), s.Name, s.Value, s.Location.Row, s.Location.Line))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTemplateDamage: what is not wholly there proves nothing.
func TestTemplateDamage(t *testing.T) {
	text := export("SeServiceLogonRight = *S-1-5-20,*S-1-5-80-0")
	for _, tt := range []struct {
		name       string
		text       string
		size       int
		cfg        gpreport.Config
		incomplete bool
		code       string
		err        error
	}{
		{"cut within a right", text[:strings.Index(text, "*S-1-5-80-0")], 0, gpreport.Config{}, true, gpreport.CutOff, io.ErrUnexpectedEOF},
		{"shorter than it says", text, 10, gpreport.Config{}, true, gpreport.CutOff, io.ErrUnexpectedEOF},
		{"too many lines", text, 0, gpreport.Config{MaxNodes: 8}, true, gpreport.LimitReached, gpreport.ErrLimit},
		{"a line that goes on", export("SeServiceLogonRight = *S-1-5-20,\\", "*S-1-5-80-0"), 0, gpreport.Config{}, true, gpreport.OddRow, nil},
		{"a list that a program broke", export("SeServiceLogonRight = CONTOSO\\svc,", "*S-1-5-80-0"), 0, gpreport.Config{}, true, gpreport.OddRow, nil},
		{"a list on the next line", export("SeServiceLogonRight = ", "CONTOSO\\svc,*S-1-5-80-0"), 0, gpreport.Config{}, true, gpreport.OddRow, nil},
		{"a line without equals sign", export("SeServiceLogonRight"), 0, gpreport.Config{}, true, gpreport.OddRow, nil},
		{"a name that is no constant", export("Anmelden als Dienst = *S-1-5-20"), 0, gpreport.Config{}, true, gpreport.UnknownRight, nil},
		{"a new constant", export("SeNewPrivilege = *S-1-5-20"), 0, gpreport.Config{}, false, gpreport.UnknownRight, nil},
		{"two lists", export("SeServiceLogonRight = *S-1-5-20", "SeServiceLogonRight = *S-1-5-80-0"), 0, gpreport.Config{}, true, gpreport.DuplicateRight, nil},
		{"the same list twice", export("SeBatchLogonRight = *S-1-5-20", "SeBatchLogonRight = *S-1-5-20"), 0, gpreport.Config{}, false, gpreport.DuplicateRight, nil},
		{"another template behind", text + text, 0, gpreport.Config{}, false, gpreport.MoreDocuments, nil},
		{"too many accounts", export("SeServiceLogonRight = " + strings.Repeat("a,", 10_001)), 0, gpreport.Config{}, true, gpreport.LimitReached, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := gpreport.Parse(context.Background(), strings.NewReader(tt.text), int64(len(tt.text)+tt.size), tt.cfg)
			if r == nil || r.Computer.Incomplete != tt.incomplete || !slices.Contains(codes(r), tt.code) || !errors.Is(err, tt.err) {
				t.Fatalf("%+v, error %v", r, err)
			}
			if a, state := r.Right("SeServiceLogonRight"); strings.HasPrefix(tt.name, "a list") && state != gpreport.NotUnderstood {
				t.Errorf("the right is %s for %q", state, names(a))
			}
			if _, ok := r.Computer.Right("SeServiceLogonRight"); ok && tt.name != "shorter than it says" && tt.name != "another template behind" {
				t.Error("a list that may not be whole was taken")
			}
		})
	}
}

// TestTemplateEncodings: with and without byte order mark, and in a code page that is lost.
func TestTemplateEncodings(t *testing.T) {
	text := export(`SeServiceLogonRight = *S-1-5-80-0,CONTOSO\müller`)
	for name, data := range map[string][]byte{
		"UTF-8": []byte(text), "UTF-8 with mark": []byte("\ufeff" + text), "UTF-16LE": utf16LE(text),
		"UTF-16LE without mark": utf16LE(text)[2:], "UTF-16BE": utf16Bytes(text, binary.BigEndian),
		"code page": []byte(strings.ReplaceAll(text, "ü", "\x81")),
	} {
		r, err := gpreport.Parse(context.Background(), strings.NewReader(string(data)), int64(len(data)), gpreport.Config{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := `CONTOSO\müller`
		if name == "code page" {
			want = "CONTOSO\\m\ufffdller"
		}
		a, _ := r.Computer.Right("SeServiceLogonRight")
		if len(a.Principals) != 2 || a.Principals[1].Name != want || r.Results != gpreport.Exported {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestCorpusTemplates reads templates of real GPOs.
func TestCorpusTemplates(t *testing.T) {
	for name, rights := range map[string]int{"baseline-0.GptTmpl.inf": 28, "baseline-1.GptTmpl.inf": 0, "baseline-2.GptTmpl.inf": 0, "baseline-3.GptTmpl.inf": 0} {
		f := reportFile(t, name)
		r, err := parseFile(t, f)
		if err != nil {
			t.Fatal(err)
		}
		if rights > 0 && len(r.Computer.Rights) != rights {
			t.Errorf("%s: %d rights, want %d", name, len(r.Computer.Rights), rights)
		}
		if r.Results != gpreport.Defined || r.Incomplete || r.Computer.Incomplete || len(r.Warnings) > 0 {
			t.Errorf("%s: results %q, incomplete %v, warnings %+v", name, r.Results, r.Incomplete, r.Warnings)
		}
		lines := strings.Split(fileText(t, f), "\n")
		for _, a := range r.Computer.Rights {
			if line := lines[a.Location.Line-1]; !strings.HasPrefix(strings.ToLower(line), strings.ToLower(a.Right)+" =") || strings.Count(line, ",") != max(len(a.Principals)-1, 0) {
				t.Errorf("%s: %s has %d accounts, line %d is %q", name, a.Right, len(a.Principals), a.Location.Line, line)
			}
		}
		if len(r.Computer.Settings) == 0 {
			t.Errorf("%s: no settings", name)
		}
	}
}
