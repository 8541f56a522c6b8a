package facts_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// export adds an export of the computer's own rights.
func (in *input) export(change func(*gpreport.Report), rights ...gpreport.Assignment) *input {
	r := &gpreport.Report{
		Source: "secedit.inf", Kind: gpreport.SeceditINF, Results: gpreport.Exported, Computer: &gpreport.Scope{Rights: rights},
	}
	for i := range rights {
		rights[i].Winner = gpreport.GPORef{}
		rights[i].Location = evidence.Location{Source: r.Source, Section: []string{"Privilege Rights"}, Row: i + 1, Line: i + 3}
	}
	if change != nil {
		change(r)
	}
	in.reports = append(in.reports, r)
	return in
}

// running is a log in which the account logs on well, after a refusal.
func startedSince(account string) *input { return refused(account).service(30, "4") }

func member(r *gpreport.Report) {
	r.Computer.Groups = []sid.Principal{{Name: `CONTOSO\Domain Computers`}}
}

func controller(r *gpreport.Report) {
	r.Computer.Groups = []sid.Principal{{Name: `CONTOSO\Domain Controllers`}}
}

// TestLocalPolicy: what the export says, alone and for the right that no GPO defines.
func TestLocalPolicy(t *testing.T) {
	const user, local = `CONTOSO\svc-adsync`, `.\AAD_0123456789ab`
	denyAll := right("SeDenyServiceLogonRight", "S-1-1-0")
	for _, tt := range []struct {
		name       string
		in         *input
		own, right facts.Verdict
		confidence facts.Confidence // of the right
		reason     string           // the first of the right
	}{
		{"no export", refused(virtual).report(nil), facts.Undetermined, facts.Undefined, "", "not-defined-by-gpo"},
		{"lacks the account, refused", refused(virtual).report(nil).export(nil, serviceRight("S-1-5-20")), facts.Omitted, facts.Omitted, facts.Probable, ""},
		{"not listed is nobody", refused(virtual).report(nil).export(nil), facts.Omitted, facts.Omitted, facts.Probable, ""},
		{"lacks the account, nothing heard", (&input{account: virtual}).report(nil).export(nil, serviceRight("S-1-5-20")), facts.Omitted, facts.Omitted, facts.Possible, ""},
		{"alone", (&input{account: virtual}).export(nil, serviceRight("S-1-5-20")), facts.Omitted, facts.Omitted, facts.Probable, ""},
		{"alone, account assumed", new(input).export(nil, serviceRight("S-1-5-20")), facts.Omitted, facts.Omitted, facts.Possible, ""},
		{"has it", (&input{account: virtual}).report(nil).export(nil, serviceRight("S-1-5-80-0")), facts.Granted, facts.Granted, facts.Possible, ""},
		{"has it, yet refused", refused(virtual).report(nil).export(nil, serviceRight("S-1-5-80-0")), facts.Undetermined, facts.Undetermined, "", "export-undated"},
		{"lacks it, yet logged on", startedSince(virtual).report(nil).export(nil, serviceRight("S-1-5-20")), facts.Undetermined, facts.Undetermined, "", "export-undated"},
		{"a group", refused(virtual).report(nil).export(nil, serviceRight("S-1-5-32-544")), facts.Undetermined, facts.Undetermined, "", "group-not-expanded"},
		{"denied too", refused(virtual).report(nil).export(nil, serviceRight("S-1-5-80-0"), denyAll), facts.Granted, facts.Denied, facts.Probable, ""},
		{"denied, yet logged on", startedSince(virtual).report(nil).export(nil, serviceRight("S-1-5-80-0"), denyAll), facts.Granted, facts.Granted, facts.Possible, ""},
		{"a GPO defines the right", refused(virtual).report(nil, serviceRight("NETWORK SERVICE")).export(nil, serviceRight("S-1-5-80-0")), facts.Undetermined, facts.Omitted, facts.Certain, ""},
		{"a GPO grants, the computer denies", refused(virtual).report(nil, serviceRight("S-1-5-80-0")).export(nil, serviceRight("S-1-5-80-0"), denyAll), facts.Granted, facts.Denied, facts.Probable, ""},
		{
			"a GPO lists a group, the computer may deny", refused(virtual).report(nil, serviceRight(`CONTOSO\Sync Services`, "x")).export(nil, right("SeDenyServiceLogonRight", "S-1-5-32-546")),
			facts.Omitted, facts.Undetermined, "", "group-not-expanded",
		},
		{
			"the report was not understood", refused(virtual).report(func(r *gpreport.Report) { r.Incomplete = true }).export(nil, serviceRight("S-1-5-20")),
			facts.Omitted, facts.Undetermined, "", "report-not-understood",
		},
		{
			"the export is cut off", refused(virtual).report(nil).export(func(r *gpreport.Report) { r.Computer.Incomplete = true }),
			facts.Undetermined, facts.Undefined, "", "not-defined-by-gpo",
		},
		{
			"the export is cut down to another right, another one is not", refused(virtual).report(nil).
				export(func(r *gpreport.Report) { r.Computer.Incomplete = true }, right("SeDenyServiceLogonRight")).export(nil, serviceRight("S-1-5-20")),
			facts.Omitted, facts.Omitted, facts.Probable, "",
		},
		{
			"two exports differ", refused(virtual).report(nil).export(nil, serviceRight("S-1-5-20")).export(nil, serviceRight("S-1-5-80-0")),
			facts.Undetermined, facts.Undefined, "", "not-defined-by-gpo",
		},
		{"two exports agree", refused(virtual).report(nil).export(nil, serviceRight("S-1-5-20", "a")).export(nil, serviceRight("A", "S-1-5-20")), facts.Undetermined, facts.Undetermined, "", "group-not-expanded"},
		{"the template of a GPO", refused(virtual).report(nil).export(func(r *gpreport.Report) { r.Results = gpreport.Defined }, serviceRight()), facts.Undetermined, facts.Undefined, "", "not-defined-by-gpo"},
		{"nobody knows of what", refused(virtual).report(nil).export(func(r *gpreport.Report) { r.Results = "" }, serviceRight()), facts.Undetermined, facts.Undefined, "", "not-defined-by-gpo"},
		// Bare names are of the computer's own accounts, on a domain controller of its domain.
		{"bare name, local account", (&input{account: local}).report(nil).export(nil, serviceRight("aad_0123456789AB")), facts.Granted, facts.Granted, facts.Possible, ""},
		{"bare name, domain account", (&input{account: user}).report(nil).export(nil, serviceRight("svc-adsync")), facts.Undetermined, facts.Undetermined, "", "group-not-expanded"},
		{"bare name, domain account on a controller", (&input{account: user}).report(controller).export(nil, serviceRight("svc-adsync")), facts.Granted, facts.Granted, facts.Possible, ""},
		{"bare ADSync", (&input{account: virtual}).report(member).export(nil, serviceRight("ADSync")), facts.Undetermined, facts.Undetermined, "", "group-not-expanded"},
		{"relative SID", (&input{account: user}).report(member).export(nil, serviceRight("&513")), facts.Undetermined, facts.Undetermined, "", "group-not-expanded"},
		{"a controller, account assumed", new(input).report(controller).export(nil, serviceRight("S-1-5-20")), facts.Undetermined, facts.Undetermined, "", "account-unknown"},
		{"Windows' own account", (&input{account: "LocalSystem"}).report(nil).export(nil), facts.Granted, facts.Granted, facts.Possible, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.in.host(t)
			own, r := h.LocalPolicy.Service, h.Rights.Service
			if own.Verdict != tt.own || r.Verdict != tt.right || r.Confidence != tt.confidence {
				t.Errorf("own %s, right %s (%s), reasons %v; want %s, %s (%s)", own.Verdict, r.Verdict, r.Confidence, r.Reasons, tt.own, tt.right, tt.confidence)
			}
			reason := ""
			if len(r.Reasons) > 0 {
				reason = r.Reasons[0].Code
			}
			if reason != tt.reason {
				t.Errorf("reasons %v, want %q first", r.Reasons, tt.reason)
			}
			if r.Verdict == facts.Undetermined && len(own.Reasons) == 0 && own.Verdict == facts.Undetermined {
				t.Error("no reason why it cannot be told")
			}
			if own.Known && len(own.Evidence) == 0 {
				t.Error("no evidence")
			}
		})
	}
}

// TestLocalNames: SIDs that everybody knows are shown by name, and groups are asked for by
// SID, for their names are in the computer's language.
func TestLocalNames(t *testing.T) {
	h := (&input{account: virtual}).export(nil, serviceRight("S-1-5-32-544", "S-1-5-21-1-2-3-1105", string(sid.Service("MSSQLSERVER")))).host(t)
	var names, asks []string
	for _, p := range h.LocalPolicy.Service.Principals {
		names = append(names, p.Name)
	}
	for _, r := range h.LocalPolicy.Service.Reasons {
		asks = append(asks, r.Ask)
	}
	if got := strings.Join(names, ", "); got != `BUILTIN\Administrators, S-1-5-21-1-2-3-1105, NT SERVICE\MSSQLSERVER` {
		t.Errorf("names %s", got)
	}
	if len(asks) != 2 || asks[0] != "Get-LocalGroupMember -SID S-1-5-32-544" || !strings.Contains(asks[1], "S-1-5-21-1-2-3-1105") {
		t.Errorf("asks %q", asks)
	}
}

func TestDifferences(t *testing.T) {
	batch := func(names ...string) gpreport.Assignment { return right("SeBatchLogonRight", names...) }
	for _, tt := range []struct {
		name       string
		in         *input
		defined    int
		undecided  int
		differs    string
		better     bool
		confidence facts.Confidence
	}{
		{"equal", (&input{account: virtual}).report(nil, serviceRight(`NT SERVICE\ADSync`)).export(nil, serviceRight("S-1-5-80-0")), 1, 0, "", false, ""},
		{"no GPO", (&input{account: virtual}).report(nil).export(nil), 0, 0, "", false, ""},
		{"no export", (&input{account: virtual}).report(nil, serviceRight("S-1-5-80-0")), 0, 0, "", false, ""},
		{"GPO grants, computer lacks", (&input{account: virtual}).report(nil, serviceRight("S-1-5-80-0")).export(nil), 1, 0, "SeServiceLogonRight", true, facts.Possible},
		{"and refused", refused(virtual).report(nil, serviceRight("S-1-5-80-0")).export(nil), 1, 0, "SeServiceLogonRight", true, facts.Probable},
		{"and logged on since", startedSince(virtual).report(nil, serviceRight("S-1-5-80-0")).export(nil), 1, 1, "", false, ""},
		{"GPO omits, computer has it", (&input{account: virtual}).report(nil, serviceRight()).export(nil, serviceRight("S-1-5-80-0")), 1, 0, "SeServiceLogonRight", false, facts.Possible},
		{"and refused: the export is older", refused(virtual).report(nil, serviceRight()).export(nil, serviceRight("S-1-5-80-0")), 1, 1, "", false, ""},
		{"GPO denies, computer does not", (&input{account: virtual}).report(nil, right("SeDenyServiceLogonRight", "Everyone")).export(nil), 1, 0, "SeDenyServiceLogonRight", false, facts.Possible},
		{"a group", (&input{account: virtual}).report(nil, serviceRight("Administrators")).export(nil), 1, 1, "", false, ""},
		{"batch", refused(virtual).report(nil, batch("S-1-5-80-0")).export(nil), 1, 0, "SeBatchLogonRight", true, facts.Possible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := tt.in.host(t).LocalPolicy
			if l.Defined != tt.defined || l.Undecided != tt.undecided || (len(l.Differs) > 0) != (tt.differs != "") {
				t.Fatalf("%+v", l)
			}
			if (l.Undecided > 0 && tt.name != "a group") != (len(l.Reasons) > 0) && l.Known {
				t.Errorf("reasons %v", l.Reasons)
			}
			if len(l.Differs) == 0 {
				return
			}
			if d := l.Differs[0]; d.Right != tt.differs || d.Better != tt.better || d.Confidence != tt.confidence || len(l.Evidence) != 2 {
				t.Errorf("%+v, evidence %v", d, l.Evidence)
			}
		})
	}
}

// TestEntries: losing lists, accounts known by SID only, and names that Windows cannot find.
func TestEntries(t *testing.T) {
	const user = `CONTOSO\svc-adsync`
	own := func(r *gpreport.Report) {
		r.Computer.Groups = []sid.Principal{{Name: `CONTOSO\Domain Computers`, SID: "S-1-5-21-1-2-3-515"}}
	}
	with := func(names ...string) *input { return (&input{account: user}).report(own, serviceRight(names...)) }
	for _, tt := range []struct {
		name                      string
		in                        *input
		unresolved, orphans, bare int
		inReach                   bool
	}{
		{"of the own domain", with("S-1-5-21-1-2-3-1105", `CONTOSO\x`), 1, 1, 0, true},
		{"nothing of the domain was found", with("S-1-5-21-1-2-3-1105", "NETWORK SERVICE"), 1, 1, 0, false},
		{"of another domain", with("S-1-5-21-7-8-9-1105"), 1, 0, 0, false},
		{"by name", with(`CONTOSO\x`), 0, 0, 0, true},
		{"the domain's SID is not known", (&input{account: user}).report(nil, serviceRight("S-1-5-21-1-2-3-1105")), 1, 0, 0, false},
		{"of the computer, as a logon tells", (&input{account: `.\AAD_1`}).report(nil, serviceRight("S-1-5-21-4-5-6-1001")).
			event(-60, "Security", "Microsoft-Windows-Security-Auditing", 4624, facts.Field{Name: "LogonType", Value: "5"}, facts.Field{Name: "TargetUserSid", Value: "S-1-5-21-4-5-6-1002"},
				facts.Field{Name: "TargetDomainName", Value: "SYNC01"}, facts.Field{Name: "TargetUserName", Value: "other"}), 1, 1, 0, true},
		{"it logs on, so it is not deleted", with("S-1-5-21-1-2-3-1105").
			event(-60, "Security", "Microsoft-Windows-Security-Auditing", 4624, facts.Field{Name: "LogonType", Value: "5"}, facts.Field{Name: "TargetUserSid", Value: "S-1-5-21-1-2-3-1105"},
				facts.Field{Name: "TargetDomainName", Value: "CONTOSO"}, facts.Field{Name: "TargetUserName", Value: "other"}), 0, 0, 0, false},
		{"bare names of services", (&input{account: virtual}).report(own, serviceRight("adsync", "All Services", "x")), 0, 0, 2, false},
		{"bare names are found for other accounts", with("ADSync", "svc-adsync"), 0, 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.in.host(t).Rights.Service
			if len(r.Unresolved) != tt.unresolved || len(r.Orphans) != tt.orphans || len(r.Bare) != tt.bare || r.InReach != tt.inReach {
				t.Errorf("unresolved %v, orphans %v, bare %v, in reach %v", r.Unresolved, r.Orphans, r.Bare, r.InReach)
			}
		})
	}
	a := serviceRight("NETWORK SERVICE")
	a.Others = []gpreport.Loser{
		{GPO: gpreport.GPORef{Name: "With"}, Principals: []sid.Principal{sid.ParsePrincipal(user)}},
		{GPO: gpreport.GPORef{Name: "Without"}, Principals: []sid.Principal{sid.ParsePrincipal(`CONTOSO\Sync Services`)}},
	}
	r := (&input{account: user}).report(own, a).host(t).Rights.Service
	if !r.Contested || len(r.Losing) != 1 || r.Losing[0].Name != "With" || len(r.LosingEvidence) != 1 {
		t.Errorf("contested %v, losing %v, evidence %v", r.Contested, r.Losing, r.LosingEvidence)
	}
}

// TestPlacing: to which host an export belongs by where it lies.
func TestPlacing(t *testing.T) {
	for _, tt := range []struct {
		name    string
		reports map[evidence.Source]string // the hosts' reports
		export  evidence.Source
		want    string // "" for none
	}{
		{"same folder", map[evidence.Source]string{"gpresult.htm": "SYNC01"}, "secedit.inf", "SYNC01"},
		{"folder with its name", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01", "SQL01/gpresult.htm": "SQL01"}, "SYNC01/x/secedit.inf", "SYNC01"},
		{"its name in front", map[evidence.Source]string{"a/gpresult.htm": "SYNC01", "b/gpresult.htm": "SQL01"}, "c/sync01_SecEdit_Start_.txt", "SYNC01"},
		{"archive with its DNS name", map[evidence.Source]string{"a/gpresult.htm": "SYNC01", "b/gpresult.htm": "SQL01"}, "sync01.contoso.com.zip!/secedit.inf", "SYNC01"},
		{"the only one in its folder", map[evidence.Source]string{"a/gpresult.htm": "SYNC01", "b/gpresult.htm": "SQL01"}, "b/secedit.inf", "SQL01"},
		{"the only one below its folder", map[evidence.Source]string{"a/x/gpresult.htm": "SYNC01", "b/gpresult.htm": "SQL01"}, "a/secedit.inf", "SYNC01"},
		{"the only one in its archive", map[evidence.Source]string{"a.zip!/gpresult.htm": "SYNC01", "b.zip!/gpresult.htm": "SQL01"}, "b.zip!/secedit.inf", "SQL01"},
		{"two in its folder", map[evidence.Source]string{"gpresult1.htm": "SYNC01", "gpresult2.htm": "SQL01"}, "secedit.inf", ""},
		{"none in its folder, two around it", map[evidence.Source]string{"a/gpresult.htm": "SYNC01", "b/gpresult.htm": "SQL01"}, "c/secedit.inf", ""},
		{"the only one at all", map[evidence.Source]string{"a/gpresult.htm": "SYNC01"}, "b/secedit.inf", "SYNC01"},
		{"around the folder with its name", map[evidence.Source]string{"a/SYNC01/gpresult.htm": "SYNC01"}, "a/secedit.inf", "SYNC01"},
		{"the folder of another one", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01"}, "SQL01/secedit.inf", ""},
		{"the name of another one in front", map[evidence.Source]string{"gpresult.htm": "SYNC01"}, "SQL01_SecEdit_Start_.txt", ""},
		{"the name of another one in front, in its own folder", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01"}, "SYNC01/SQL01_SecEdit_Start_.txt", "SYNC01"},
		{"the name of another one in front, in a folder of no host", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01"}, "case/SQL01_SecEdit_Start_.txt", ""},
		{"what it is about in front", map[evidence.Source]string{"BasicLog/gpresult.htm": "SYNC01"}, "BasicLog/Policy_secedit.txt", "SYNC01"},
		{"what it is about in front, in a folder with its name", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01", "SQL01/gpresult.htm": "SQL01"}, "SYNC01/BasicLog/Policy_secedit.txt", "SYNC01"},
		{"what it is about in front, in the folder of another one", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01"}, "SQL01/Policy_secedit.txt", ""},
		{"when it was made in front", map[evidence.Source]string{"case/gpresult.htm": "SYNC01"}, "case/current_secedit.inf", "SYNC01"},
		{"a word with a number, as computers have", map[evidence.Source]string{"case/gpresult.htm": "SYNC01"}, "case/NEW01_secedit.inf", ""},
		{"a host that is named like a word", map[evidence.Source]string{"a/gpresult.htm": "POLICY", "b/gpresult.htm": "SQL01"}, "b/policy_secedit.inf", "POLICY"},
		{"a name that begins alike", map[evidence.Source]string{"SYNC01/gpresult.htm": "SYNC01"}, "SYNC01-OLD/secedit.inf", ""},
		{"a path of many parts", map[evidence.Source]string{evidence.Source(strings.Repeat("a/", 300) + "gpresult.htm"): "SYNC01"}, evidence.Source(strings.Repeat("a/", 300) + "secedit.inf"), "SYNC01"},
		{"a name cut to 15 characters in front", map[evidence.Source]string{"a/gpresult.htm": "CONTOSO-SYNC-SERVER01", "b/gpresult.htm": "SQL01"}, "CONTOSO-SYNC-SE_SecEdit_Start_.txt", "CONTOSO-SYNC-SERVER01"},
		{"both names in one path", map[evidence.Source]string{"a/gpresult.htm": "SYNC01", "b/gpresult.htm": "SQL01"}, "SQL01/SYNC01/secedit.inf", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := facts.NewCollector(facts.Config{})
			for source, host := range tt.reports {
				c.AddReport(&gpreport.Report{Source: source, Kind: gpreport.GPResultHTML, Results: gpreport.Logged, Host: host, Computer: &gpreport.Scope{Name: host}})
			}
			c.AddReport(&gpreport.Report{Source: tt.export, Kind: gpreport.SeceditINF, Results: gpreport.Exported, Computer: &gpreport.Scope{}})
			got := ""
			for _, h := range c.Hosts() {
				if h.LocalPolicy.Known {
					got += h.Name
				}
			}
			if got != tt.want || (len(c.Unplaced()) == 0) != (tt.want != "") {
				t.Errorf("placed on %q, unplaced %v; want %q", got, c.Unplaced(), tt.want)
			}
		})
	}
}

// TestExportExcerpt: the evidence has the line as it stands in the export, of any length.
func TestExportExcerpt(t *testing.T) {
	long := "SeDenyServiceLogonRight = " + strings.Repeat("*S-1-5-21-1-2-3-1105,", 100) + "x"
	text := "[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\n  SeServiceLogonRight = *S-1-5-20,CONTOSO\\svc-a \r\n" + long + "\r\n[Version]\r\n"
	rep, err := gpreport.Parse(t.Context(), strings.NewReader(text), int64(len(text)), gpreport.Config{Source: "secedit.inf"})
	if err != nil {
		t.Fatal(err)
	}
	in := &input{account: virtual}
	in.reports = append(in.reports, rep)
	l := in.host(t).LocalPolicy
	if got, want := l.Service.Evidence[0].Excerpt, `SeServiceLogonRight = *S-1-5-20,CONTOSO\svc-a`; got != want {
		t.Errorf("excerpt %q, want %q", got, want)
	}
	if got := l.DenyService.Evidence[0].Excerpt; !strings.HasPrefix(long, strings.TrimSuffix(got, "…")) || len(got) > 410 || !strings.HasSuffix(got, "…") {
		t.Errorf("excerpt %q", got)
	}
}
