package gpreport_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

// FuzzParse checks that no input breaks the reader, that it says when it gives
// nothing, and that the same bytes give the same report.
func FuzzParse(f *testing.F) {
	whole := page{
		computer: sync01(row("Log on as a service", `CONTOSO\a, S-1-5-80-0`, "Server Baseline"), row("Debug programs", "", "Server Baseline")).String(),
		user:     someUser().String(),
	}.String()
	f.Add([]byte(whole))
	f.Add(utf16LE(`<table class="title"><tr><td class="rsopheader">x</td></tr><tr><td id="dtstamp">x: 1.2.2023 8:00</td></tr></table>`))
	f.Add(utf16Bytes(whole[:600], binary.BigEndian))
	f.Add([]byte(page{}.String()))
	f.Add([]byte(page{titleTableClasses: "other", head: "<script>}</script><table class=\\\"title\\\"><tr>"}.String()))
	f.Add([]byte(`<Rsop xmlns="http://www.microsoft.com/GroupPolicy/Rsop">`))
	f.Add([]byte(`<div class="rsopsettings"><div class="he0">a</div><div class="container"><div class="he0h">Settings</div><div class="container"><div class="he3">a/b</div><div class="container"><table><tr><th>1<th>2<th>3<tr><td>Anmelden als Dienst<td>x<td>y`))
	xml := rsop{
		computer: sync01XML(assignment(guidB, "1", "SeServiceLogonRight", typed("SID", "S-1-5-80-0"), typed("Name", "a")), assignment(guidA, "2", "SeServiceLogonRight"), assignment("LocalGPO", "1", "SeNew")).String() + extension("true"),
		user:     someUserXML().String(),
		tail:     "<Rsop/>",
	}.String()
	f.Add([]byte(xml))
	f.Add(utf16LE(xml))
	f.Add(utf16Bytes(xml[:1900], binary.BigEndian))
	f.Add([]byte(rsop{head: "<!DOCTYPE a [<!ENTITY b 'c'>]>", dataType: "PlanningData", computer: "<GPO/>&b;"}.String()))
	f.Add([]byte(rsop{computer: "<ExtensionData><Error>&#1;</Error><Extension xmlns='x'/></ExtensionData>", readTime: "2023"}.String()))
	f.Add([]byte(gpoPage{computer: gpoRights(row("Log on as a service", "a"), row("Debug programs", "")) + spooler("") + localGroups("")}.String()))
	f.Add([]byte(gpoPage{name: "A"}.String() + gpoPage{user: localGroups(winnerTable)}.String()[:900] + whole))
	all := ""
	for _, k := range kindsXML {
		all += blockXML(k.space, k.kind, fmt.Sprintf(k.element, origin(guidA, "2")))
	}
	f.Add([]byte(rsop{computer: all, user: "<EventsDetails>" + runXML(eventXML(quotedEvent, "x")) + "</EventsDetails>"}.String()))
	f.Add([]byte(gpoXML{computer: all, tail: "<LinksTo/>"}.String() + gpoXML{head: "<report>"}.String()))
	f.Add([]byte(export()))
	f.Add(utf16LE(export(`SeServiceLogonRight = *S-1-5-20,"CONTOSO\a b",&513,x`, "SeServiceLogonRight =", "SeNew = y")))
	f.Add([]byte("; x\n[Version]\r\nsignature=\"$CHICAGO$\"\n[Privilege Rights]\nSeTcbPrivilege\n[Service General Setting]\n\"a,b\",4,\"\"\n[Unicode]"))
	for _, option := range []string{"R", "V", "Z"} {
		in := printed(option)
		f.Add(content(f, in))
		in.Language, in.Encoding, in.Width = "fr", "850", 80
		f.Add(content(f, in))
		in.Language, in.Encoding, in.Width = "x-unknown", "utf-16le", 57
		f.Add(content(f, in))
	}
	f.Add([]byte("RSOP : x\n----------\nA\n----\n    CN=a,DC=b\n    B\n    ----\n        c\n      d: e\n\n    C\n    -----\n        D\n        -----\n  x: y\n      z: TcbPrivilege\n      v:\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := gpreport.Config{MaxBytes: 1 << 20, MaxDepth: 40, MaxNodes: 20000}
		parse := func() ([]*gpreport.Report, error) {
			return gpreport.ParseAll(context.Background(), bytes.NewReader(data), int64(len(data)), cfg)
		}
		reports, err := parse()
		if len(reports) == 0 && err == nil {
			t.Fatal("neither a report nor an error")
		}
		if err != nil {
			var format *gpreport.FormatError
			var place *gpreport.ParseError
			if !errors.As(err, &format) && !errors.As(err, &place) || err.Error() == "" {
				t.Fatalf("error %#v", err)
			}
		}
		told := []string{gpreport.CutOff, gpreport.Malformed, gpreport.LimitReached} // of what is behind it
		incomplete := func(r *gpreport.Report) bool {
			return r.Incomplete || slices.ContainsFunc(codes(r), func(c string) bool { return slices.Contains(told, c) })
		}
		if err != nil && len(reports) > 0 && !slices.ContainsFunc(reports, incomplete) {
			t.Fatalf("error %v, but no report is incomplete", err)
		}
		if again, _ := parse(); !cmp.Equal(reports, again) {
			t.Fatal("the same bytes gave other reports")
		}
		for _, r := range reports {
			for _, s := range []*gpreport.Scope{r.Computer, r.User} {
				checkRights(t, r.Kind, s)
			}
			if a, state := r.Right("SeServiceLogonRight"); (state == gpreport.DefinedFor) != (len(a.Principals) > 0) || state == gpreport.NotDefined && r.Incomplete {
				t.Fatalf("the right is %s for %q, incomplete %v", state, a.Principals, r.Incomplete)
			}
		}
	})
}

func checkRights(t *testing.T, kind gpreport.Kind, s *gpreport.Scope) {
	t.Helper()
	if s == nil {
		return
	}
	for _, a := range s.Rights {
		// XML and templates state the constants, of which not all have names.
		constant, ok := gpreport.LookupRight(a.Display)
		if ok && constant != a.Right || !ok && a.Right != "" && (kind == gpreport.GPResultHTML || kind == gpreport.GPOReportHTML || a.Display != a.Right) {
			t.Fatalf("%q is %q, want %q", a.Display, a.Right, constant)
		}
		if found, ok := s.Right(a.Right); a.Right != "" && (!ok || found.Location.Line != a.Location.Line) {
			t.Fatalf("%s is there twice", a.Right)
		}
	}
}
