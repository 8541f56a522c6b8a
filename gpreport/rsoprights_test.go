package gpreport_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

func TestXMLMembers(t *testing.T) {
	const user = "S-1-5-21-1-2-3-1104"
	both := func(id, name string) string { return typed("SID", id) + typed("Name", name) }
	tests := []struct {
		name    string
		members []string
		want    []sid.Principal
	}{
		{"nobody", nil, nil},
		{"names, in their order", named(`CONTOSO\b`, `CONTOSO\a`), []sid.Principal{{Name: `CONTOSO\b`}, {Name: `CONTOSO\a`}}},
		{"a well-known name", named("Administrators"), []sid.Principal{{Name: "Administrators", SID: "S-1-5-32-544"}}},
		{"a SID and a name", []string{both(user, `CONTOSO\svc`)}, []sid.Principal{{Name: `CONTOSO\svc`, SID: user}}},
		{"the name first", []string{typed("Name", `CONTOSO\svc`) + typed("SID", user)}, []sid.Principal{{Name: `CONTOSO\svc`, SID: user}}},
		{"the SID decides", []string{both("S-1-5-32-545", "Administrators")}, []sid.Principal{{Name: "Administrators", SID: "S-1-5-32-545"}}},
		{"a SID only", []string{typed("SID", user)}, []sid.Principal{{Name: user, SID: user}}},
		{"a SID and an empty name", []string{both(user, "")}, []sid.Principal{{Name: user, SID: user}}},
		{"a SID as name", named(user, "*S-1-5-80-0"), []sid.Principal{{Name: user, SID: user}, {Name: "S-1-5-80-0", SID: "S-1-5-80-0"}}},
		{"what is no SID", []string{both("S-1-nonsense", `CONTOSO\svc`)}, []sid.Principal{{Name: `CONTOSO\svc`}}},
		{"line breaks", []string{both("\r\n   "+user+"\r\n  ", "\r\n\t CONTOSO\\svc \r\n")}, []sid.Principal{{Name: `CONTOSO\svc`, SID: user}}},
		{"a wrapped name", named("CONTOSO\\Sync\r\n      Admins"), []sid.Principal{{Name: `CONTOSO\Sync Admins`}}},
		{"commas, dots and spaces", named(`IIS APPPOOL\.NET v4.5 Classic`, `CONTOSO\Two  Spaces`, "a, b"), []sid.Principal{
			{Name: `IIS APPPOOL\.NET v4.5 Classic`, SID: sid.AppPool(".NET v4.5 Classic")}, {Name: `CONTOSO\Two  Spaces`}, {Name: "a, b"},
		}},
		{"entities", named("CONTOSO\\R&amp;D", "CONTOSO\\O&apos;Neil"), []sid.Principal{{Name: `CONTOSO\R&D`}, {Name: `CONTOSO\O'Neil`}}},
		{"stale names", named("!NoUseGuest!", "ADD YOUR DOMAIN ADMINS"), []sid.Principal{{Name: "!NoUseGuest!"}, {Name: "ADD YOUR DOMAIN ADMINS"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, r := rightXML(t, tt.members...)
			if diff := cmp.Diff(tt.want, a.Principals); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if a.Right != "SeServiceLogonRight" || a.Display != "Log on as a service" || r.Computer.Incomplete || len(r.Warnings) != 0 {
				t.Errorf("right %q, display %q, incomplete %v, warnings %+v", a.Right, a.Display, r.Computer.Incomplete, r.Warnings)
			}
		})
	}
}

// A member that cannot be read could be anybody: then the list is not known.
func TestXMLOddRights(t *testing.T) {
	good := assignment(guidA, "1", "SeBatchLogonRight", named("a")...)
	tests := []struct{ name, element string }{
		{"an empty member", assignment(guidB, "1", "SeServiceLogonRight", typed("Name", "a"), "")},
		{"a member with blanks", assignment(guidB, "1", "SeServiceLogonRight", typed("Name", " \r\n "))},
		{"a name in another namespace", assignment(guidB, "1", "SeServiceLogonRight", leaf("q:Name", "a"))},
		{"no name", assignment(guidB, "1", " ", named("a")...)},
		{"precedence 0", assignment(guidB, "0", "SeServiceLogonRight", named("a")...)},
		{"precedence -1", assignment(guidB, "-1", "SeServiceLogonRight", named("a")...)},
		{"precedence x", assignment(guidB, "x", "SeServiceLogonRight", named("a")...)},
		{"precedence in another namespace", strings.Replace(assignment(guidB, "1", "SeServiceLogonRight", named("a")...), "<Precedence"+inBase, "<Precedence", 1)},
		{"members in an unknown element", strings.Replace(assignment(guidB, "1", "SeServiceLogonRight"), "</q:UserRights", elem("Members", elem("Member", typed("Name", "a")))+"</q:UserRights", 1)},
		{"a text in an unknown element", strings.Replace(assignment(guidB, "1", "SeServiceLogonRight"), "</q:UserRights", leaf("q:List", "a, b")+"</q:UserRights", 1)},
		{"an attribute of an unknown element", strings.Replace(assignment(guidB, "1", "SeServiceLogonRight"), "</q:UserRights", `<q:List of="a"/></q:UserRights`, 1)},
		{"a text beside its elements", strings.Replace(assignment(guidB, "1", "SeServiceLogonRight"), "</q:UserRights", "a, b</q:UserRights", 1)},
		{"only one that loses", assignment(guidB, "2", "SeServiceLogonRight", named("a")...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := parseXML(t, rsop{computer: sync01XML(tt.element, good).String()})
			if !slices.Equal(codes(r), []string{gpreport.OddRow}) || !r.Computer.Incomplete || r.Warnings[0].Line == 0 {
				t.Errorf("incomplete %v, warnings %+v", r.Computer.Incomplete, r.Warnings)
			}
			if a, ok := r.Computer.Right("SeServiceLogonRight"); ok {
				t.Errorf("read nevertheless: %+v", a)
			}
			if _, ok := r.Computer.Right("SeBatchLogonRight"); !ok {
				t.Error("the other one is gone")
			}
		})
	}
}

func TestXMLRightNames(t *testing.T) {
	tests := []struct {
		in, right, display string
		warned, incomplete bool
	}{
		{"SeServiceLogonRight", "SeServiceLogonRight", "Log on as a service", false, false},
		{"sedenySERVICElogonright", "SeDenyServiceLogonRight", "Deny log on as a service", false, false},
		{"SeSystemTimePrivilege", "SeSystemtimePrivilege", "Change the system time", false, false},
		{" \r\n SeBatchLogonRight\t", "SeBatchLogonRight", "Log on as a batch job", false, false},
		{"SeUnsolicitedInputPrivilege", "SeUnsolicitedInputPrivilege", "SeUnsolicitedInputPrivilege", false, false},
		// A constant that is not known is a new right; anything else can be any right.
		{"SeTelepathyLogonRight", "SeTelepathyLogonRight", "SeTelepathyLogonRight", true, false},
		{"Log on by telepathy", "", "Log on by telepathy", true, true},
	}
	for _, tt := range tests {
		r := parseXML(t, rsop{computer: sync01XML(assignment(guidB, "1", tt.in, named("a")...)).String()})
		a := r.Computer.Rights[0]
		if a.Right != tt.right || a.Display != tt.display || r.Computer.Incomplete != tt.incomplete || slices.Contains(codes(r), gpreport.UnknownRight) != tt.warned {
			t.Errorf("%q: right %q, display %q, incomplete %v, warnings %q", tt.in, a.Right, a.Display, r.Computer.Incomplete, codes(r))
		}
	}
}

func TestXMLRightLocation(t *testing.T) {
	in := rsop{computer: sync01XML(
		assignment(guidA, "1", "SeBatchLogonRight", named("a", "b")...),
		assignment(guidB, "1", "SeServiceLogonRight", named("c")...),
	).String()}
	a, _ := parseXML(t, in).Computer.Right("SeServiceLogonRight")
	if want := []string{"ComputerResults", "ExtensionData", "Extension", "UserRightsAssignment"}; !slices.Equal(a.Location.Section, want) || a.Location.Row != 2 || a.Location.Source != "report.html" {
		t.Errorf("location %+v", a.Location)
	}
	lines := strings.Split(in.String(), "\n")
	if !strings.Contains(lines[a.Location.Line-1], "<q:UserRightsAssignment>") || !strings.Contains(strings.Join(lines[a.Location.Line-1:a.Location.Line+5], ""), "SeServiceLogonRight") {
		t.Errorf("line %d is %q", a.Location.Line, lines[a.Location.Line-1])
	}
}

// Rights are those of computers, in a half of any order.
func TestXMLUserHalfHasNoRights(t *testing.T) {
	u := someUserXML()
	u.settings = extension("false", assignment(guidA, "1", "SeServiceLogonRight", named("Everyone")...))
	r := parseXML(t, rsop{user: u.String(), computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight")).String()})
	if len(r.User.Rights) != 0 {
		t.Errorf("user rights from the user's half: %+v", r.User.Rights)
	}
	if a, ok := r.Computer.Right("SeServiceLogonRight"); !ok || len(a.Principals) != 0 {
		t.Errorf("a right for nobody: %v, %+v", ok, a)
	}
	if _, ok := r.Computer.Right("SeDenyServiceLogonRight"); ok {
		t.Error("found a right that has no element")
	}
}

// The list of the GPO with precedence 1 counts, wherever it stands.
func TestXMLPrecedence(t *testing.T) {
	const third = "{33333333-CCCC-4CCC-8CCC-333333333333}"
	elements := map[string]string{
		"1": assignment(guidB, "1", "SeServiceLogonRight", named("winner")...),
		"2": assignment(guidA, "2", "SeServiceLogonRight", named("loser")...),
		"3": assignment(third, "3", "seserviceLOGONright", named("last")...),
	}
	for _, order := range []string{"123", "321", "213", "312"} {
		t.Run(order, func(t *testing.T) {
			list := []string{assignment(guidA, "1", "SeBatchLogonRight")}
			for _, p := range order {
				list = append(list, elements[string(p)])
			}
			r := parseXML(t, rsop{computer: sync01XML(list...).String()})
			if len(r.Computer.Rights) != 2 || len(r.Warnings) != 0 {
				t.Fatalf("rights %+v, warnings %+v", r.Computer.Rights, r.Warnings)
			}
			a := r.Computer.Rights[1]
			if !slices.Equal(names(a), []string{"winner"}) || a.Winner != (gpreport.GPORef{Name: "Server Baseline", GUID: guidB, Domain: "contoso.com"}) || a.Origin != gpreport.Stated {
				t.Errorf("%+v", a)
			}
			if len(a.Others) != 2 || a.Others[0].GPO != (gpreport.GPORef{Name: "Default Domain Policy", GUID: guidA, Domain: "contoso.com"}) ||
				a.Others[1].GPO != (gpreport.GPORef{Name: third, GUID: third, Domain: "contoso.com"}) {
				t.Fatalf("others %+v", a.Others)
			}
			for i, want := range []string{"loser", "last"} {
				o := a.Others[i]
				if len(o.Principals) != 1 || o.Principals[0].Name != want || o.Location.Row != 2+strings.Index(order, string(rune('2'+i))) {
					t.Errorf("the list of the loser %d is %+v", i, o)
				}
			}
			if want := 2 + strings.Index(order, "1"); a.Location.Row != want {
				t.Errorf("row %d, want %d", a.Location.Row, want)
			}
		})
	}
	r := parseXML(t, rsop{computer: sync01XML(elements["2"], assignment(guidA, "1", "SeBatchLogonRight"), elements["1"]).String()})
	if got := r.Computer.Rights; len(got) != 2 || got[0].Right != "SeBatchLogonRight" || got[1].Location.Row != 3 {
		t.Errorf("not in the order of what wins: %+v", got)
	}
	without := strings.Replace(elements["1"], "<Precedence"+inBase+">1</Precedence>", "", 1)
	if a, _ := parseXML(t, rsop{computer: sync01XML(without).String()}).Computer.Right("SeServiceLogonRight"); !slices.Equal(names(a), []string{"winner"}) {
		t.Errorf("without precedence: %+v", a)
	}
}

// Where two elements claim to be what counts, it is not known which one is, unless they say the
// same.
func TestXMLUnsettledRights(t *testing.T) {
	const name = "SeServiceLogonRight"
	unranked := func(s string) string { return strings.ReplaceAll(s, "<Precedence"+inBase+">1</Precedence>", "") }
	nobody, somebody := assignment(guidB, "1", name), assignment(guidA, "1", name, named("a", "b")...)
	for _, tt := range []struct {
		name      string
		elements  []string
		state     gpreport.State
		principal []string // of the first
		others    [][]string
		warnings  []string
	}{
		{"other GPOs, other accounts", []string{nobody, somebody}, gpreport.NotUnderstood, nil, [][]string{{"a", "b"}}, []string{gpreport.UnsettledRight}},
		{"the other way round", []string{somebody, nobody}, gpreport.NotUnderstood, []string{"a", "b"}, [][]string{nil}, []string{gpreport.UnsettledRight}},
		{"without ranks", []string{unranked(nobody), unranked(somebody)}, gpreport.NotUnderstood, nil, [][]string{{"a", "b"}}, []string{gpreport.UnsettledRight}},
		{"one GPO, other accounts", []string{somebody, assignment(guidA, "1", name)}, gpreport.NotUnderstood, []string{"a", "b"}, [][]string{nil}, []string{gpreport.UnsettledRight}},
		{"other GPOs, the same accounts", []string{nobody, assignment(guidA, "1", name)}, gpreport.NotUnderstood, nil, [][]string{nil}, []string{gpreport.UnsettledRight}},
		{"and one that loses", []string{assignment(guidA, "2", name, named("loser")...), nobody, somebody}, gpreport.NotUnderstood, nil, [][]string{{"a", "b"}, {"loser"}}, []string{gpreport.UnsettledRight}},
		{"the same twice", []string{somebody, somebody}, gpreport.DefinedFor, []string{"a", "b"}, nil, []string{gpreport.DuplicateRight}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := parseXML(t, rsop{computer: sync01XML(tt.elements...).String()})
			a, state := r.Right(name)
			if state != tt.state || a.Unsettled != (state == gpreport.NotUnderstood) || !slices.Equal(names(a), tt.principal) || len(r.Computer.Rights) != 1 {
				t.Errorf("%s: %+v", state, r.Computer.Rights)
			}
			var others [][]string
			for _, o := range a.Others {
				others = append(others, names(gpreport.Assignment{Principals: o.Principals}))
				if o.GPO == (gpreport.GPORef{}) || o.Location.Line == 0 {
					t.Errorf("the other one is of %+v on line %d", o.GPO, o.Location.Line)
				}
			}
			if diff := cmp.Diff(tt.others, others, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("others (-want +got):\n%s", diff)
			}
			if !slices.Equal(codes(r), tt.warnings) || r.Computer.Incomplete {
				t.Errorf("incomplete %v, warnings %+v", r.Computer.Incomplete, r.Warnings)
			}
		})
	}
}

// There are two blocks of security settings: one that Group Policy decides, and one
// that something else does.
func TestXMLBlocks(t *testing.T) {
	service := assignment(guidB, "1", "SeServiceLogonRight", named("service")...)
	batch := assignment(guidB, "1", "SeBatchLogonRight", named("batch")...)
	tests := []struct {
		name, settings string
		want           []string
		other          bool
	}{
		{"the second is empty, as always", extension("false", service, batch) + extension("true"), []string{"SeServiceLogonRight", "SeBatchLogonRight"}, false},
		{"both count", extension("false", service) + extension("false", batch), []string{"SeServiceLogonRight", "SeBatchLogonRight"}, false},
		{"the second does not", extension("false", service) + extension("true", batch), []string{"SeServiceLogonRight"}, true},
		{"the first does not", extension("true", service) + extension("false", batch), []string{"SeBatchLogonRight"}, true},
		{"of one right only one counts", extension("true", assignment(guidA, "1", "SeServiceLogonRight", named("x")...)) + extension("1") + extension("0", service), []string{"SeServiceLogonRight"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := sync01XML()
			account := "<q:Account><q:Name>LockoutDuration</q:Name></q:Account><q:Blocked>"
			c.settings = strings.ReplaceAll(tt.settings, "<q:Blocked>", account)
			r := parseXML(t, rsop{computer: c.String()})
			blocks, blocked := strings.Count(c.settings, account), strings.Count(c.settings, account+"true")+strings.Count(c.settings, account+"1")
			counting, accounts := 0, 0
			for _, set := range r.Computer.Settings {
				wins := len(set.Others) == 0
				if set.Name == "LockoutDuration" {
					accounts++
				}
				if wins {
					counting++
				} else if want := []gpreport.Field{{Name: "Blocked", Value: "true"}}; !slices.Equal(set.Details, want) || set.Winner != (gpreport.GPORef{}) || set.Value != "" {
					t.Errorf("a setting that another authority decides: %+v", set)
				}
			}
			rights := strings.Count(c.settings, "<q:UserRightsAssignment>") - len(tt.want)
			if counting != blocks-blocked || accounts != blocks || len(r.Computer.Settings) != blocks+rights {
				t.Errorf("settings %+v", r.Computer.Settings)
			}
			var got []string
			for _, a := range r.Computer.Rights {
				got = append(got, a.Right)
			}
			if !slices.Equal(got, tt.want) || r.Computer.Incomplete != tt.other || slices.Contains(codes(r), gpreport.OtherAuthority) != tt.other {
				t.Errorf("rights %q, incomplete %v, warnings %+v", got, r.Computer.Incomplete, r.Warnings)
			}
		})
	}
}

func TestXMLWinners(t *testing.T) {
	const inOther = "other.example"
	list := func(gpos ...rsopGPO) []rsopGPO { return gpos }
	ref := func(id, domain string) string {
		s := typed("Identifier", id)
		if domain != "" {
			s += typed("Domain", domain)
		}
		return fmt.Sprintf("<q:UserRightsAssignment><GPO%s>%s</GPO><Precedence%s>1</Precedence><q:Name>SeServiceLogonRight</q:Name></q:UserRightsAssignment>", inBase, s, inBase)
	}
	domainPolicy := rsopGPO{name: "Domain policy", id: guidA, domain: "contoso.com"}
	notApplied := rsopGPO{name: "Not applied", id: guidA, domain: "contoso.com", links: []rsopLink{{applied: "0"}}}
	tests := []struct {
		name    string
		gpos    []rsopGPO
		element string
		want    gpreport.GPORef
		code    string
	}{
		{"by its GUID, in any case", list(domainPolicy), ref(strings.ToLower(guidA), "CONTOSO.com"), gpreport.GPORef{Name: "Domain policy", GUID: guidA, Domain: "contoso.com"}, ""},
		{"without braces", list(domainPolicy), ref(strings.Trim(guidA, "{}"), "contoso.com"), gpreport.GPORef{Name: "Domain policy", GUID: guidA, Domain: "contoso.com"}, ""},
		{"wrapped", list(domainPolicy), ref("\r\n  "+guidA+"\r\n", "\r\n contoso.com "), gpreport.GPORef{Name: "Domain policy", GUID: guidA, Domain: "contoso.com"}, ""},
		{"one GUID in two domains", list(rsopGPO{name: "Theirs", id: guidA, domain: inOther}, domainPolicy), ref(guidA, "contoso.com"), gpreport.GPORef{Name: "Domain policy", GUID: guidA, Domain: "contoso.com"}, ""},
		{"one name in two domains", list(rsopGPO{name: "Same", id: guidA, domain: inOther}, rsopGPO{name: "Same", id: guidB, domain: "contoso.com"}), ref(guidB, "contoso.com"), gpreport.GPORef{Name: "Same", GUID: guidB, Domain: "contoso.com"}, ""},
		{"the reference has no domain", list(domainPolicy), ref(guidA, ""), gpreport.GPORef{Name: "Domain policy", GUID: guidA, Domain: "contoso.com"}, ""},
		{"the list has no domain", list(rsopGPO{name: "Domain policy", id: guidA}), ref(guidA, "contoso.com"), gpreport.GPORef{Name: "Domain policy", GUID: guidA, Domain: "contoso.com"}, ""},
		{"no domain, but two it can be", list(rsopGPO{name: "Theirs", id: guidA, domain: inOther}, domainPolicy), ref(guidA, ""), gpreport.GPORef{Name: guidA, GUID: guidA, Ambiguous: true}, gpreport.AmbiguousWinner},
		{"another domain", list(rsopGPO{name: "Theirs", id: guidA, domain: inOther}), ref(guidA, "contoso.com"), gpreport.GPORef{Name: guidA, GUID: guidA, Domain: "contoso.com"}, gpreport.UnlistedWinner},
		{"not in the list", list(domainPolicy), ref(guidB, "contoso.com"), gpreport.GPORef{Name: guidB, GUID: guidB, Domain: "contoso.com"}, gpreport.UnlistedWinner},
		{"not applied", list(notApplied), ref(guidA, "contoso.com"), gpreport.GPORef{Name: "Not applied", GUID: guidA, Domain: "contoso.com"}, gpreport.UnlistedWinner},
		{"local policy", list(rsopGPO{name: "本地组策略", id: "LocalGPO"}), ref("LocalGPO", ""), gpreport.GPORef{Name: "本地组策略", Local: true}, ""},
		{"no GPO is named", list(domainPolicy), ref("", ""), gpreport.GPORef{}, gpreport.UnlistedWinner},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := sync01XML()
			c.gpos, c.settings = tt.gpos, extension("false", tt.element)
			r := parseXML(t, rsop{computer: c.String()})
			a, _ := r.Computer.Right("SeServiceLogonRight")
			if diff := cmp.Diff(tt.want, a.Winner); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var want []string
			if tt.code != "" {
				want = []string{tt.code}
			}
			if !slices.Equal(codes(r), want) {
				t.Errorf("warnings %+v", r.Warnings)
			}
		})
	}
}

// In a half of which something is missing, so may the winner.
func TestXMLWinnerOfIncompleteHalf(t *testing.T) {
	c := sync01XML(assignment("{33333333-CCCC-4CCC-8CCC-333333333333}", "1", "SeServiceLogonRight"))
	c.status = status(securityGUID, "Security", "2023-10-19T01:06:30", "Complete", "5")
	if r := parseXML(t, rsop{computer: c.String()}); !slices.Equal(codes(r), []string{gpreport.ExtensionFailed}) {
		t.Errorf("warnings %+v", r.Warnings)
	}
}
