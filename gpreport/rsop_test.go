package gpreport_test

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

func TestXMLHeader(t *testing.T) {
	r := parseXML(t, rsop{computer: sync01XML().String(), user: someUserXML().String()})
	c, u := r.Computer, r.User
	got := []string{
		string(r.Source), string(r.Kind), string(r.Results), r.Host, r.Domain, r.UserName, r.Language, r.Collected.Raw,
		c.Name, c.Domain, c.Site, c.OU, c.Refreshed.Raw, u.Name, u.OU, u.Refreshed.Raw,
	}
	want := []string{
		"report.html", "gpresult-xml", "logged", "SYNC01", "contoso.com", `CONTOSO\admin`, "", "2023-10-19T01:10:01.4765931Z",
		`CONTOSO\SYNC01`, "contoso.com", "Default-First-Site-Name", "contoso.com/Servers", "2023-10-19T01:06:31", `CONTOSO\admin`, "contoso.com/Admins", "2023-10-19T01:06:29",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	groups := []sid.Principal{{Name: `BUILTIN\Administrators`, SID: "S-1-5-32-544"}, {Name: `CONTOSO\Domain Computers`, SID: "S-1-5-21-1-2-3-515"}}
	if diff := cmp.Diff(groups, c.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	collected := []time.Time{time.Date(2023, 10, 19, 1, 10, 1, 476593100, time.UTC)}
	if diff := cmp.Diff(collected, r.Collected.Candidates); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
	refreshed := []time.Time{time.Date(2023, 10, 19, 1, 6, 31, 0, time.UTC)}
	if diff := cmp.Diff(refreshed, c.Refreshed.Candidates); diff != "" {
		t.Errorf("refreshed (-want +got):\n%s", diff)
	}
	if !slices.Equal(r.Offsets, []time.Duration{0}) {
		t.Errorf("offsets %v, want that of UTC", r.Offsets)
	}
	if len(r.Warnings) != 0 || r.Incomplete || c.Incomplete || u.Incomplete {
		t.Errorf("a good report: warnings %+v, incomplete %v, %v, %v", r.Warnings, r.Incomplete, c.Incomplete, u.Incomplete)
	}
}

// A half that is not there is no half without settings.
func TestXMLHalves(t *testing.T) {
	tests := []struct {
		name           string
		in             rsop
		computer, user bool
		incomplete     bool // the computer's half
	}{
		{"both", rsop{computer: sync01XML().String(), user: someUserXML().String()}, true, true, false},
		{"only a computer", rsop{computer: sync01XML().String()}, true, false, false},
		{"only a user", rsop{user: someUserXML().String()}, false, true, false},
		{"neither", rsop{}, false, false, false},
		{"a half without contents", rsop{computer: " "}, true, false, true},
		{"without GPOs", rsop{computer: rsopHalf{name: "A$"}.String()}, true, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := parseXML(t, tt.in)
			if (r.Computer != nil) != tt.computer || (r.User != nil) != tt.user || r.Incomplete {
				t.Errorf("computer %v, user %v, incomplete %v", r.Computer != nil, r.User != nil, r.Incomplete)
			}
			if tt.computer && r.Computer.Incomplete != tt.incomplete {
				t.Errorf("computer incomplete %v, warnings %+v", r.Computer.Incomplete, r.Warnings)
			}
			if got := slices.Contains(codes(r), gpreport.MissingSection); got != tt.incomplete {
				t.Errorf("warnings %q", codes(r))
			}
		})
	}
}

// Of an element that should be there once, the first that says something counts.
func TestXMLNameTwice(t *testing.T) {
	text := rsop{computer: sync01XML().String()}.String()
	text = strings.Replace(text, "<SlowLink>", "<Name>OTHER$</Name><SlowLink>", 1)
	r, err := parseBytes([]byte(strings.Replace(text, "<Version>", "<Name/><Version>", 1)))
	if err != nil || r.Host != "SYNC01" {
		t.Errorf("host %q, error %v", r.Host, err)
	}
}

func TestXMLHalfTwice(t *testing.T) {
	half := "<ComputerResults>" + sync01XML(assignment(guidA, "1", "SeServiceLogonRight", named("Everyone")...)).String() + "</ComputerResults>"
	r, err := parseBytes([]byte(strings.Replace(rsop{computer: sync01XML().String()}.String(), "</Rsop>", half+"</Rsop>", 1)))
	if err != nil || !r.Computer.Incomplete || len(r.Computer.Rights) != 0 || !slices.Equal(codes(r), []string{gpreport.MissingSection}) {
		t.Errorf("error %v, computer %+v, warnings %q", err, r.Computer, codes(r))
	}
}

func TestXMLDataType(t *testing.T) {
	for dataType, want := range map[string]gpreport.Results{"LoggedData": gpreport.Logged, "PlanningData": gpreport.Modelled, "\n PlanningData ": gpreport.Modelled, "Else": ""} {
		r := parseXML(t, rsop{dataType: dataType, computer: sync01XML().String()})
		if unknown := slices.Contains(codes(r), gpreport.UnknownValue); r.Results != want || unknown != (want == "") {
			t.Errorf("%q: results %q, warnings %q", dataType, r.Results, codes(r))
		}
	}
	r, err := parseBytes([]byte(strings.Replace(rsop{}.String(), "DataType>", "X>", 2)))
	if err != nil || r.Results != "" || !slices.Equal(codes(r), []string{gpreport.UnknownValue, gpreport.UnknownValue}) {
		t.Errorf("no data type: %q, %q, %v", r.Results, codes(r), err)
	}
}

func TestXMLReadTime(t *testing.T) {
	tests := []struct {
		in, want string // "" is a time that was not understood
	}{
		{"2023-10-19T01:09:34.4765931Z", "2023-10-19T01:09:34.4765931Z"},
		{"2023-10-19T03:09:34+02:00", "2023-10-19T01:09:34Z"},
		{" 2023-10-19T01:09:34Z\n", "2023-10-19T01:09:34Z"},
		{"2023-10-19T01:09:34", ""}, // of which zone?
		{"1601-01-01T00:00:00Z", ""},
		{"10/19/2023 1:09", ""},
	}
	for _, tt := range tests {
		r := parseXML(t, rsop{readTime: tt.in, computer: sync01XML().String()})
		got := ""
		if len(r.Collected.Candidates) > 0 {
			got = r.Collected.Candidates[0].Format(time.RFC3339Nano)
		}
		if got != tt.want || r.Collected.Raw != strings.TrimSpace(tt.in) {
			t.Errorf("%q: %+v, want %q", tt.in, r.Collected, tt.want)
		}
		if unknown := slices.Contains(codes(r), gpreport.UnknownValue); unknown != (tt.want == "") {
			t.Errorf("%q: warnings %+v", tt.in, r.Warnings)
		}
	}
}

func TestXMLWorkgroupComputer(t *testing.T) {
	c, u := sync01XML(), someUserXML()
	c.name, c.domain, c.som, c.site = "SYNC01$", "Local", "Local", "(None)"
	u.name, u.domain, u.som = `SYNC01\admin`, "Local", "Local"
	r := parseXML(t, rsop{computer: c.String(), user: u.String()})
	if r.Host != "SYNC01" || r.Domain != "" || r.Computer.Site != "" || r.Computer.OU != "" || r.User.Domain != "" || r.UserName != `SYNC01\admin` {
		t.Errorf("host %q, computer %+v, user %+v", r.Host, r.Computer, r.User)
	}
	u.name = `CONTOSO\gmsa-sync$`
	if r = parseXML(t, rsop{user: u.String()}); r.UserName != `CONTOSO\gmsa-sync$` {
		t.Errorf("user %q", r.UserName)
	}
}

// One result, in the encodings that tools leave behind, reads the same.
func TestXMLEncodings(t *testing.T) {
	in := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named(`CONTOSO\Müller`, `CONTOSO\Dienst`)...)).String(), user: someUserXML().String()}
	text := in.String()
	want := parseXML(t, in)
	if a, _ := want.Computer.Right("SeServiceLogonRight"); !slices.Equal(names(a), []string{`CONTOSO\Müller`, `CONTOSO\Dienst`}) {
		t.Fatalf("principals %q", names(a))
	}
	windows1252, err := charmap.Windows1252.NewEncoder().String(strings.Replace(text, "utf-16", "windows-1252", 1))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		data []byte
	}{
		{"UTF-16LE without mark", utf16Bytes(text, binary.LittleEndian)},
		{"UTF-16BE with mark", append([]byte{0xFE, 0xFF}, utf16Bytes(text, binary.BigEndian)...)},
		{"UTF-16BE without mark", utf16Bytes(text, binary.BigEndian)},
		{"UTF-8 that says UTF-16", []byte(text)},
		{"UTF-8 with mark", []byte("\xEF\xBB\xBF" + text)},
		{"UTF-8 that says so", []byte(strings.Replace(text, "utf-16", "UTF-8", 1))},
		{"UTF-8 that says windows-1252", []byte(strings.Replace(text, "utf-16", "windows-1252", 1))},
		{"UTF-8 that says nothing", []byte(strings.Replace(text, ` encoding="utf-16"`, "", 1))},
		{"windows-1252", []byte(windows1252)},
		{"lines end with LF", []byte(strings.ReplaceAll(text, "\r\n", "\n"))},
		{"a blank line and comments", []byte(strings.Replace(text, "?>\r\n", "?><!-- <Rsop> --><?pi?>\r\n", 1))},
		{"references", []byte(strings.Replace(strings.Replace(text, "Müller", "M&#252;ller", 1), "Dienst", "&#x44;ienst", 1))},
		{"CDATA", []byte(strings.Replace(text, `CONTOSO\Dienst`, `<![CDATA[CONTOSO\Dienst]]>`, 1))},
		{"a comment in a text", []byte(strings.Replace(text, `CONTOSO\Dienst`, `CONTOSO\<!-- x -->Dienst`, 1))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseBytes(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Prefixes are free to choose: only the namespaces behind them count.
func TestXMLPrefixes(t *testing.T) {
	in := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("a")...)).String(), user: someUserXML().String()}
	want := parseXML(t, in)
	text := in.String()
	bare := strings.NewReplacer("<q:", "<", "</q:", "</", ` xmlns="http://www.microsoft.com/GroupPolicy/Settings">`, ` xmlns="`+securitySpace+`">`)
	i, j := strings.Index(text, "<q:UserRights"), strings.Index(text, "</Extension>")
	tests := []struct{ name, text string }{
		{"q3", strings.NewReplacer("<q:", "<q3:", "</q:", "</q3:", "xmlns:q=", "xmlns:q3=", `"q:Sec`, `"q3:Sec`).Replace(text)},
		{"bound at the root", strings.Replace(strings.Replace(text, ` xmlns:q="`+securitySpace+`"`, "", 1), "<Rsop ", `<Rsop xmlns:q="`+securitySpace+`" `, 1)},
		{"on each element", text[:i] + `<UserRightsAssignment xmlns="` + securitySpace + `">` + bare.Replace(text[i+len("<q:UserRightsAssignment>"):j]) + text[j:]},
	}
	tests[2].text = strings.Replace(tests[2].text, "<Blocked>", `<Blocked xmlns="`+securitySpace+`">`, 1)
	rooted := strings.NewReplacer("<Rsop ", "<r:Rsop ", "</Rsop>", "</r:Rsop>", ` xmlns="http://www.microsoft.com/GroupPolicy/Rsop"`, ` xmlns:r="http://www.microsoft.com/GroupPolicy/Rsop"`).Replace(text)
	for _, name := range []string{"ReadTime", "DataType", "UserResults", "ComputerResults", "ExtensionData"} {
		rooted = strings.NewReplacer("<"+name+">", "<r:"+name+` xmlns="http://www.microsoft.com/GroupPolicy/Rsop">`, "</"+name+">", "</r:"+name+">").Replace(rooted)
	}
	tests = append(tests, struct{ name, text string }{"a root with a prefix", rooted})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.text == text {
				t.Fatal("nothing was changed")
			}
			got, err := parseBytes([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is known by name but stands in an unknown namespace may change what the
// report says.
func TestXMLUnknownNamespaces(t *testing.T) {
	text := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("a")...)).String()}.String()
	tests := []struct {
		name, old, replacement string
		report, scope          bool // which is incomplete
	}{
		{"user rights", securitySpace, securitySpace + "/2", false, true},
		{"a block", "http://www.microsoft.com/GroupPolicy/Settings\"", "http://www.microsoft.com/GroupPolicy/Settings/2\"", false, true},
		{"a half", "<ComputerResults>", `<ComputerResults xmlns="x">`, true, false},
		{"the list of blocks", "<ExtensionData>", `<ExtensionData xmlns="x">`, false, true},
		{"a GPO", "<GPO>", `<GPO xmlns="x">`, false, true},
		{"a member", "<q:Member>", `<Member xmlns="x">`, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.Replace(text, tt.old, tt.replacement, 1)
			if tt.name == "a member" {
				changed = strings.Replace(changed, "</q:Member>", "</Member>", 1)
			}
			r, err := parseBytes([]byte(changed))
			if err != nil {
				t.Fatal(err)
			}
			if r.Incomplete != tt.report || r.Computer != nil == tt.report || !tt.report && r.Computer.Incomplete != tt.scope {
				t.Errorf("report %+v", r)
			}
			if r.Computer != nil && tt.name != "a GPO" && len(r.Computer.Rights) != 0 {
				t.Errorf("rights %+v", r.Computer.Rights)
			}
			if len(r.Warnings) == 0 {
				t.Error("no warning")
			}
		})
	}
}

// What XML forbids is in the reports of computers whose policies hold it.
func TestXMLForbiddenCharacters(t *testing.T) {
	for bad, want := range map[string]string{
		"\x01": "\uFFFD", "&#1;": "\uFFFD", "&#x1F;": "\uFFFD", "&#x0;": "\uFFFD", "\uFFFF": "\uFFFD", "&#xFFFE;": "\uFFFD", "&#x110000;": "\uFFFD",
		"&#x41;": "A", "&amp;#1;": "&#1;", "&#65;": "A", "&#10;&#13;&#9;": " ", "&#x1F600;": "😀",
	} {
		a, r := rightXML(t, named(`CONTOSO\a`+bad+`b`, "c")...)
		if got := []string{`CONTOSO\a` + want + `b`, "c"}; !slices.Equal(names(a), got) {
			t.Errorf("%q: %q, want %q", bad, names(a), got)
		}
		i := slices.IndexFunc(r.Warnings, func(w gpreport.Warning) bool { return w.Code == gpreport.Undecodable })
		if (i >= 0) != (want == "\uFFFD") {
			t.Errorf("%q: warnings %+v", bad, r.Warnings)
		}
		if i >= 0 && (r.Warnings[i].Line <= a.Location.Line || !strings.HasPrefix(r.Warnings[i].Message, "1 ")) {
			t.Errorf("%q: warning %+v, the right is on line %d", bad, r.Warnings[i], a.Location.Line)
		}
	}
	if _, err := parseBytes([]byte(strings.Replace(rsop{}.String(), "LoggedData", "&#xZZ;", 1))); err == nil {
		t.Error("a reference that is none was read")
	}
}

// What was no text in the file's encoding is said to be gone.
func TestXMLUndecodable(t *testing.T) {
	text := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named(`CONTOSO\M@ller`)...)).String()}.String()
	r, err := parseBytes([]byte(strings.Replace(text, "@", "\xFC", 1)))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := r.Computer.Right("SeServiceLogonRight")
	if !slices.Equal(names(a), []string{"CONTOSO\\M\uFFFDller"}) || !slices.Equal(codes(r), []string{gpreport.Undecodable}) || r.Warnings[0].Line <= a.Location.Line {
		t.Errorf("principals %q, warnings %+v", names(a), r.Warnings)
	}
}

// A document cannot declare entities to be expanded.
func TestXMLEntities(t *testing.T) {
	const bomb = `<!DOCTYPE Rsop [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">` +
		`<!ENTITY x SYSTEM "file:///etc/passwd">]>`
	for _, ref := range []string{"&c;", "&x;", "&nbsp;"} {
		text := rsop{head: bomb, computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("before")...),
			assignment(guidB, "1", "SeBatchLogonRight", named(ref)...)).String()}.String()
		r, err := parseBytes([]byte(text))
		var pe *gpreport.ParseError
		if !errors.As(err, &pe) || pe.Line == 0 || !slices.Contains(codes(r), gpreport.Malformed) || !strings.Contains(err.Error(), "not well-formed") {
			t.Fatalf("%s: error %v, warnings %+v", ref, err, r)
		}
		if want := []string{"ComputerResults", "ExtensionData", "Extension", "UserRightsAssignment", "Member", "Name"}; !slices.Equal(pe.Section, want) {
			t.Errorf("%s: section %q", ref, pe.Section)
		}
		if len(r.Computer.Rights) != 1 || !r.Computer.Incomplete || !r.Incomplete {
			t.Errorf("%s: rights %+v", ref, r.Computer.Rights)
		}
	}
}

func TestXMLNotWellFormed(t *testing.T) {
	good := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("a")...)).String(), user: someUserXML().String()}.String()
	tests := []struct {
		name, old, replacement string
		rights                 int
	}{
		{"an end tag of something else", "</Extension>", "</Extensions>", 1},
		{"an attribute without quotes", "<SlowLink>", "<SlowLink a=b>", 0},
		{"a lone ampersand", "Security</Name></ExtensionData>", "R&D</Name></ExtensionData>", 1},
		{"a bare angle bracket", "Security</Name></ExtensionData>", "< 1</Name></ExtensionData>", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Behind the user's half, which is the first.
			i := strings.Index(good, "<ComputerResults>")
			r, err := parseBytes([]byte(good[:i] + strings.Replace(good[i:], tt.old, tt.replacement, 1)))
			if err == nil || r == nil || !r.Incomplete || !r.Computer.Incomplete || r.User == nil || r.User.Incomplete {
				t.Fatalf("error %v, report %+v", err, r)
			}
			if !slices.Equal(codes(r), []string{gpreport.Malformed}) || len(r.Computer.Rights) != tt.rights {
				t.Errorf("warnings %q, rights %+v", codes(r), r.Computer.Rights)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestXMLAround(t *testing.T) {
	one := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("first")...)).String()}
	other := rsop{computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", named("second")...)).String()}.String()
	tests := []struct{ name, head, tail, code string }{
		{"nothing", "", "", ""},
		{"a comment", "", "\r\n<!-- x -->\r\n", ""},
		{"another result", "", other, gpreport.MoreDocuments},
		{"an empty element of that name", "", "<Rsop/>", gpreport.TrailingData},
		{"another element", "", "<x/>", gpreport.TrailingData},
		{"text", "", "\r\nx", gpreport.TrailingData},
		{"an end tag", "", "</Rsop>", gpreport.TrailingData},
		{"damage", "", "\r\n<", ""}, // as a cut leaves it
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one.tail = tt.tail
			r, err := parseBytes([]byte(one.String()))
			if err != nil || r.Incomplete {
				t.Fatalf("error %v", err)
			}
			if a, _ := r.Computer.Right("SeServiceLogonRight"); !slices.Equal(names(a), []string{"first"}) {
				t.Errorf("principals %q", names(a))
			}
			var want []string
			if tt.code != "" {
				want = []string{tt.code}
			}
			if !slices.Equal(codes(r), want) {
				t.Errorf("warnings %+v", r.Warnings)
			}
			if tt.code != "" && r.Warnings[0].Line == 0 {
				t.Error("the warning has no line")
			}
		})
	}
	one.tail = ""
	var pe *gpreport.ParseError
	if r, err := parseBytes([]byte("C:\\> type x.xml\r\n" + one.String())); r != nil || !errors.As(err, &pe) || pe.Line == 0 {
		t.Errorf("text in front: %v, %v", r, err)
	}
	var format *gpreport.FormatError
	for _, root := range []string{`<Rsop xmlns="x">`, "<Rsop>", `<x:Rsop xmlns="http://www.microsoft.com/GroupPolicy/Rsop">`, `<rsop xmlns="http://www.microsoft.com/GroupPolicy/Rsop">`} {
		if r, err := parseBytes([]byte(root)); r != nil || !errors.As(err, &format) {
			t.Errorf("%s: %v, %v", root, r, err)
		}
	}
}

func TestXMLExtensionStatus(t *testing.T) {
	good := status(infrastructureGUID, "Group Policy Infrastructure", "2023-10-19T01:06:31", "Complete", "0")
	const other = "{F312195E-3D9D-447A-A3F5-08DFFA24735E}"
	tests := []struct {
		name, status, dataType string
		incomplete             bool
	}{
		{"security failed", good + status(securityGUID, "Sicherheit", "2023-10-19T01:06:31", "Complete", "1332"), "", true},
		{"identifier in lower case", good + status(strings.ToLower(securityGUID), "Security", "2023-10-19T01:06:31", "Complete", "2147942450"), "", true},
		{"results not recorded", good + status(securityGUID, "Security", "2023-10-19T01:06:31", "Incomplete", "0"), "", true},
		{"a simulation records nothing", good + status(securityGUID, "Security", "2023-10-19T01:06:31", "NotSupported", "0"), "PlanningData", false},
		{"policy failed", status(infrastructureGUID, "Group Policy Infrastructure", "2023-10-19T01:06:31", "Complete", "1355"), "", true},
		{"another one failed", good + status(other, other, "2023-10-19T01:06:31", "NotSupported", "2147942450"), "", false},
		{"never ran", status(infrastructureGUID, "x", "1601-01-01T00:00:00", "Complete", "0"), "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := sync01XML()
			c.status = tt.status
			r := parseXML(t, rsop{computer: c.String(), dataType: tt.dataType})
			if r.Computer.Incomplete != tt.incomplete || slices.Contains(codes(r), gpreport.ExtensionFailed) != tt.incomplete {
				t.Errorf("incomplete %v, warnings %+v", r.Computer.Incomplete, r.Warnings)
			}
			if got := len(r.Computer.Refreshed.Candidates); (got == 0) != (tt.name == "never ran") {
				t.Errorf("refreshed %+v", r.Computer.Refreshed)
			}
		})
	}
	u := someUserXML()
	u.status = status(securityGUID, "Security", "2023-10-19T01:06:31", "NotSupported", "5")
	if r := parseXML(t, rsop{user: u.String()}); r.User.Incomplete || len(r.Warnings) != 0 {
		t.Errorf("security settings of a user: %+v", r.Warnings)
	}
}

// An error in place of settings makes the scope incomplete, however it is worded.
func TestXMLCollectionError(t *testing.T) {
	for inner, want := range map[string]string{
		"<Details>Registry value X is of unexpected type.</Details>": "Registry value X is of unexpected type.",
		`<Details code="5"/>`: "code: 5",
		"<Details/>":          "it does not say why",
		"":                    "it does not say why",
		"boom":                "boom",
	} {
		c := sync01XML()
		c.settings += "<ExtensionData>" + leaf("Name", "Security") + "<Error>" + inner + "</Error></ExtensionData>"
		r := parseXML(t, rsop{computer: c.String()})
		if !r.Computer.Incomplete || !slices.Equal(codes(r), []string{gpreport.CollectionError}) || !strings.HasSuffix(r.Warnings[0].Message, ": "+want) {
			t.Errorf("%q: incomplete %v, warnings %+v", inner, r.Computer.Incomplete, r.Warnings)
		}
		if _, state := r.Right("SeServiceLogonRight"); state != gpreport.NotUnderstood {
			t.Errorf("%q: a right is %q", inner, state)
		}
	}
}

func TestXMLSettings(t *testing.T) {
	base := func(id, precedence string) string {
		return "<GPO" + inBase + ">" + typed("Identifier", id) + typed("Domain", "contoso.com") + "</GPO><Precedence" + inBase + ">" + precedence + "</Precedence>"
	}
	option := func(id, precedence, body string) string {
		return "<q:SecurityOptions>" + base(id, precedence) + body + "</q:SecurityOptions>"
	}
	display := func(name, body string) string { return "<q:Display>" + leaf("q:Name", name) + body + "</q:Display>" }
	c := sync01XML(
		"<q:Account>"+base(guidA, "1")+leaf("q:Name", "MaximumPasswordAge")+leaf("q:SettingNumber", "42")+leaf("q:Type", "Password")+"</q:Account>",
		"<q:Account>"+base(guidA, "2")+leaf("q:Name", "MaximumPasswordAge")+leaf("q:SettingNumber", "0")+leaf("q:Type", "Password")+"</q:Account>",
		option(guidB, "1", leaf("q:KeyName", `MACHINE\a`)+leaf("q:SettingNumber", "15")+display("Idle time", leaf("q:Units", "minutes")+leaf("q:DisplayNumber", "15"))),
		option(guidB, "1", leaf("q:KeyName", `MACHINE\b`)+leaf("q:SettingNumber", "1")+display("Signing", "<q:Units/>"+leaf("q:DisplayBoolean", "true"))),
		option(guidB, "1", leaf("q:KeyName", `MACHINE\c`)+"<q:SettingStrings>"+leaf("q:Value", "x")+leaf("q:Value", "y")+"</q:SettingStrings>"),
		option(guidB, "1", leaf("q:KeyName", `MACHINE\d`)+display("Pipes", "<q:DisplayStrings>"+leaf("q:Value", "x")+leaf("q:Value", "y")+"</q:DisplayStrings>")),
		option(guidB, "1", leaf("q:KeyName", `MACHINE\e`)+display("Session", "<q:DisplayFields><q:Field>"+leaf("q:Name", "NTLMv2")+leaf("q:Value", "true")+"</q:Field><q:Field>"+leaf("q:Name", "128")+leaf("q:Value", "false")+"</q:Field></q:DisplayFields>")),
		option(guidB, "1", leaf("q:SystemAccessPolicyName", "NewGuestName")+leaf("q:SettingString", "Visitor")),
	)
	r := parseXML(t, rsop{computer: c.String()})
	var got [][4]string
	for _, s := range r.Computer.Settings {
		got = append(got, [4]string{strings.Join(s.Section, "|"), s.Name, s.Value, s.Winner.Name})
		if s.Location.Line == 0 || s.Location.Row == 0 || len(s.Location.Section) != 4 {
			t.Errorf("%q: location %+v", s.Name, s.Location)
		}
	}
	want := [][4]string{
		{"SecuritySettings|Account|Password", "MaximumPasswordAge", "42", "Default Domain Policy"},
		{"SecuritySettings|SecurityOptions", "Idle time", "15 minutes", "Server Baseline"},
		{"SecuritySettings|SecurityOptions", "Signing", "true", "Server Baseline"},
		{"SecuritySettings|SecurityOptions", `MACHINE\c`, "x, y", "Server Baseline"},
		{"SecuritySettings|SecurityOptions", "Pipes", "x, y", "Server Baseline"},
		{"SecuritySettings|SecurityOptions", "Session", "NTLMv2: true; 128: false", "Server Baseline"},
		{"SecuritySettings|SecurityOptions", "NewGuestName", "Visitor", "Server Baseline"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
