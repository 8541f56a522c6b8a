package gpreport_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

func TestCutOff(t *testing.T) {
	text := page{computer: sync01(
		row("Log on as a batch job", "Administrators", "Server Baseline"),
		row("Log on as a service", `CONTOSO\svc-a, CONTOSO\svc-b`, "Server Baseline"),
	).String()}.String()
	cut := strings.Index(text, `svc-a`) + len("svc-a")
	r, err := parseBytes([]byte(text[:cut]))
	var pe *gpreport.ParseError
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &pe) {
		t.Fatalf("error %v", err)
	}
	if pe.Line != strings.Count(text[:cut], "\n")+1 || pe.Offset != int64(cut) || pe.Section[len(pe.Section)-1] != rightsTitle {
		t.Errorf("place %+v", pe)
	}
	if want := `report.html: line `; !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), rightsTitle) {
		t.Errorf("error text %q", err)
	}
	if !r.Incomplete || !r.Computer.Incomplete || !slices.Contains(codes(r), gpreport.CutOff) {
		t.Errorf("incomplete %v, %v, warnings %q", r.Incomplete, r.Computer.Incomplete, codes(r))
	}
	if len(r.Computer.Rights) != 1 || r.Computer.Rights[0].Right != "SeBatchLogonRight" {
		t.Errorf("the row that is cut in half was read: %+v", r.Computer.Rights)
	}
}

// Wherever a report ends, what is read is a part of the whole, and whatever is
// missing is said to be.
func TestCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	p := page{
		computer:      sync01(row("Log on as a batch job", "Administrators, Guests", "Default Domain Policy"), row("Log on as a service", "", "Server Baseline"), row("Debug programs", `CONTOSO\ä`, "Server Baseline")).String(),
		user:          someUser().String(),
		afterSettings: `<script id="data-island" type="application/xml"><xml>&lt;Event SystemTime='2023-10-19T01:06:31.1Z'/&gt;<EventTime>10/18/2023 6:06:31 PM</EventTime></xml></script>`,
	}
	whole := parse(t, p)
	for step, data := range map[int][]byte{1: []byte(p.String()), 17: utf16LE(p.String())} {
		for end := 0; end < len(data); end += step {
			r, err := parseBytes(data[:end])
			if r == nil {
				if err == nil {
					t.Fatalf("at %d: neither a report nor an error", end)
				}
				continue
			}
			checkPart(t, end, whole, r)
			if t.Failed() {
				return
			}
			if (err != nil) != r.Incomplete {
				t.Fatalf("at %d: error %v, incomplete %v", end, err, r.Incomplete)
			}
			if !r.Incomplete && (r.Computer == nil || r.User == nil || !cmp.Equal(r.Computer, whole.Computer) || !cmp.Equal(r.User, whole.User)) {
				t.Fatalf("at %d: parts are missing and nothing says so", end)
			}
		}
	}
}

func TestXMLCutOff(t *testing.T) {
	text := rsop{computer: sync01XML(
		assignment(guidB, "1", "SeBatchLogonRight", named("Administrators")...),
		assignment(guidB, "1", "SeServiceLogonRight", named(`CONTOSO\svc-a`, `CONTOSO\svc-b`)...),
	).String(), user: someUserXML().String()}.String()
	cut := strings.Index(text, "svc-a") + len("svc-a")
	r, err := parseBytes([]byte(text[:cut]))
	var pe *gpreport.ParseError
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &pe) {
		t.Fatalf("error %v", err)
	}
	section := []string{"ComputerResults", "ExtensionData", "Extension", "UserRightsAssignment", "Member", "Name"}
	if pe.Line != strings.Count(text[:cut], "\n")+1 || pe.Offset != int64(cut) || !slices.Equal(pe.Section, section) {
		t.Errorf("place %+v", pe)
	}
	if want := `report.html: line `; !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "UserRightsAssignment") {
		t.Errorf("error text %q", err)
	}
	if !r.Incomplete || !r.Computer.Incomplete || r.User.Incomplete || !slices.Equal(codes(r), []string{gpreport.CutOff}) {
		t.Errorf("incomplete %v, %v, %v, warnings %q", r.Incomplete, r.Computer.Incomplete, r.User.Incomplete, codes(r))
	}
	if len(r.Computer.Rights) != 1 || r.Computer.Rights[0].Right != "SeBatchLogonRight" || r.Computer.Rights[0].Winner.Name != "Server Baseline" {
		t.Errorf("the element that is cut in half was read: %+v", r.Computer.Rights)
	}
	for _, start := range []string{"<Rsop", `<?xml version="1.0"?><Rsop xmlns="http://www.microsoft.com/Gro`} {
		if r, err := parseBytes([]byte(start)); r != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: report %v, error %v", start, r, err)
		}
	}
}

// Of a block that something else than Group Policy may decide, nothing is read
// before its end says which it is.
func TestXMLCutBlock(t *testing.T) {
	c := sync01XML()
	c.settings = extension("false", assignment(guidB, "1", "SeBatchLogonRight")) + extension("true", assignment(guidB, "1", "SeServiceLogonRight"), "<q:X/>")
	text := rsop{computer: c.String()}.String()
	r, err := parseBytes([]byte(text[:strings.Index(text, "<q:X/>")]))
	if err == nil || !r.Computer.Incomplete || len(r.Computer.Rights) != 1 || r.Computer.Rights[0].Right != "SeBatchLogonRight" {
		t.Errorf("error %v, rights %+v", err, r.Computer.Rights)
	}
}

func TestXMLCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	in := rsop{
		computer: sync01XML(
			assignment(guidA, "2", "SeServiceLogonRight", named("loser")...),
			assignment(guidB, "1", "SeServiceLogonRight", named(`CONTOSO\ä`, "R&amp;D")...),
			assignment(guidA, "1", "SeDebugPrivilege"),
			assignment("LocalGPO", "1", "SeBatchLogonRight", typed("SID", "S-1-5-80-0")),
			"<q:Account><q:Name>LockoutDuration</q:Name><q:SettingNumber>15</q:SettingNumber></q:Account>",
		).String() + extension("true") + "<EventsDetails><EventXml><![CDATA[<x/>]]>&lt;Event/&gt;</EventXml><!-- x --></EventsDetails>",
		user: someUserXML().String(),
		tail: "\r\n",
	}
	whole := parseXML(t, in)
	if len(whole.Computer.Rights) != 3 || len(whole.Computer.Settings) != 1 {
		t.Fatalf("the whole: %+v", whole.Computer)
	}
	for step, data := range map[int][]byte{1: []byte(in.String()), 101: utf16LE(in.String())} {
		for end := 0; end < len(data); end += step {
			checkXMLPart(t, data[:end], whole)
			if t.Failed() {
				return
			}
		}
	}
}

func TestRealXMLCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	data, err := os.ReadFile(reportFile(t, "lab-member.gpresult.xml").Name())
	if err != nil {
		t.Fatal(err)
	}
	whole, err := parseBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	for end := 0; end < len(data); end += 20201 {
		checkXMLPart(t, data[:end], whole)
	}
}

// checkXMLPart reads the start of a result: what it gives must be in the whole one.
func checkXMLPart(t *testing.T, data []byte, whole *gpreport.Report) {
	t.Helper()
	end := len(data)
	r, err := parseBytes(data)
	if r == nil {
		if err == nil {
			t.Fatalf("at %d: neither a report nor an error", end)
		}
		return
	}
	if (err != nil) != r.Incomplete {
		t.Fatalf("at %d: error %v, incomplete %v", end, err, r.Incomplete)
	}
	if !r.Incomplete && (!cmp.Equal(r.Computer, whole.Computer) || !cmp.Equal(r.User, whole.User)) {
		t.Fatalf("at %d: parts are missing and nothing says so", end)
	}
	partOf(t, end, "host", whole.Host, r.Host)
	partOf(t, end, "domain", whole.Domain, r.Domain)
	partOf(t, end, "user", whole.UserName, r.UserName)
	partOf(t, end, "results", string(whole.Results), string(r.Results))
	partOf(t, end, "collected", whole.Collected.Raw, r.Collected.Raw)
	checkXMLScope(t, end, whole.Computer, r.Computer)
	checkXMLScope(t, end, whole.User, r.User)
}

func checkXMLScope(t *testing.T, end int, whole, part *gpreport.Scope) {
	t.Helper()
	if part == nil {
		return
	}
	for _, s := range [][2]string{{whole.Name, part.Name}, {whole.Domain, part.Domain}, {whole.OU, part.OU}, {whole.Site, part.Site}, {whole.Refreshed.Raw, part.Refreshed.Raw}} {
		partOf(t, end, "name", s[0], s[1])
	}
	if !part.Incomplete {
		if diff := cmp.Diff(whole, part); diff != "" {
			t.Errorf("at %d: scope (-want +got):\n%s", end, diff)
		}
		return
	}
	if n := len(part.Groups); n > len(whole.Groups) || !slices.Equal(part.Groups, whole.Groups[:n]) {
		t.Errorf("at %d: groups %+v", end, part.Groups)
	}
	for _, a := range part.Rights {
		w, ok := whole.Right(a.Right)
		a.Others = w.Others // may stand behind the cut
		if diff := cmp.Diff(w, a); !ok || diff != "" {
			t.Errorf("at %d: right (-want +got):\n%s", end, diff)
		}
	}
	for _, g := range append(slices.Clip(part.Applied), part.Denied...) {
		i := slices.IndexFunc(append(slices.Clip(whole.Applied), whole.Denied...), func(w gpreport.GPO) bool { return cmp.Equal(w, g) })
		if i < 0 {
			t.Errorf("at %d: GPO %+v", end, g)
		}
	}
	if wholeClaims.of != whole {
		wholeClaims.of, wholeClaims.said = whole, claims(whole)
	}
	said := wholeClaims.said
	for claim := range claims(part) {
		if !said[claim] {
			t.Errorf("at %d: only the part says %s", end, claim)
		}
	}
}

// wholeClaims holds the claims of the whole that was compared last.
var wholeClaims struct {
	of   *gpreport.Scope
	said map[string]bool
}

// claims are all single things that a scope says beside GPOs and rights. A setting that loses
// says the same whether the one that it loses to is there or not.
func claims(s *gpreport.Scope) map[string]bool {
	said := make(map[string]bool)
	say := func(what string, v any) { said[fmt.Sprintf("%s %q", what, v)] = true }
	for _, set := range s.Settings {
		for _, o := range set.Others {
			say(fmt.Sprint("loser of ", set.Section, set.Name), o)
		}
		if set.Others = nil; set.Winner != (gpreport.GPORef{}) {
			say("setting", set)
		}
	}
	for _, a := range s.Rights {
		for _, o := range a.Others {
			loser := gpreport.LosingSetting{GPO: o.GPO, Location: o.Location}
			var names []string
			for _, p := range o.Principals {
				names = append(names, p.Name)
			}
			loser.Value = strings.Join(names, ", ")
			say(fmt.Sprint("loser of ", []string{"SecuritySettings", "UserRightsAssignment"}, a.Right), loser)
		}
	}
	for _, v := range s.RestrictedGroups {
		say("restricted group", v)
	}
	for _, v := range s.Services {
		say("service", v)
	}
	for _, v := range s.LocalGroups {
		say("local group", v)
	}
	for _, v := range s.Notes {
		say("note", v)
	}
	for _, v := range s.SOMs {
		say("place", v)
	}
	for _, v := range s.General {
		say("general", v)
	}
	for _, v := range s.Components {
		say("component", v)
	}
	return said
}

func checkPart(t *testing.T, end int, whole, part *gpreport.Report) {
	t.Helper()
	partOf(t, end, "host", whole.Host, part.Host)
	partOf(t, end, "user", whole.UserName, part.UserName)
	partOf(t, end, "collected", whole.Collected.Raw, part.Collected.Raw)
	checkScope(t, end, whole.Computer, part.Computer)
	checkScope(t, end, whole.User, part.User)
}

func checkScope(t *testing.T, end int, whole, part *gpreport.Scope) {
	t.Helper()
	if part == nil {
		return
	}
	for _, s := range [][2]string{{whole.Name, part.Name}, {whole.Domain, part.Domain}, {whole.OU, part.OU}, {whole.Site, part.Site}, {whole.Refreshed.Raw, part.Refreshed.Raw}} {
		partOf(t, end, "name", s[0], s[1])
	}
	if len(part.Groups) != 0 && !slices.Equal(whole.Groups, part.Groups) {
		t.Errorf("at %d: groups %+v", end, part.Groups)
	}
	if len(part.Rights) > len(whole.Rights) || len(part.Rights) < len(whole.Rights) && !part.Incomplete {
		t.Errorf("at %d: %d rights, incomplete %v", end, len(part.Rights), part.Incomplete)
		return
	}
	for i, a := range part.Rights {
		w := whole.Rights[i]
		partOf(t, end, "winner's GUID", w.Winner.GUID, a.Winner.GUID)
		a.Winner.GUID = w.Winner.GUID
		if diff := cmp.Diff(w, a); diff != "" {
			t.Errorf("at %d: right (-want +got):\n%s", end, diff)
		}
	}
	for _, lists := range [][2][]gpreport.GPO{{whole.Applied, part.Applied}, {whole.Denied, part.Denied}} {
		if len(lists[1]) > len(lists[0]) || len(lists[1]) < len(lists[0]) && !part.Incomplete {
			t.Errorf("at %d: GPOs %+v", end, lists[1])
			return
		}
		for i, g := range lists[1] {
			w := lists[0][i]
			if g.Name != w.Name || g.GUID != w.GUID || g.Applied != w.Applied || g.Local != w.Local {
				t.Errorf("at %d: GPO %+v", end, g)
			}
			partOf(t, end, "link", w.Link, g.Link)
			partOf(t, end, "reason", w.DeniedReason, g.DeniedReason)
		}
	}
}

// partOf reports an error unless got is want or empty.
func partOf(t *testing.T, end int, what, want, got string) {
	t.Helper()
	if got != "" && got != want {
		t.Errorf("at %d: %s %q, want %q or nothing", end, what, got, want)
	}
}
