package gpreport_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

func accountsOf(names ...string) []sid.Principal {
	out := make([]sid.Principal, len(names))
	for i, n := range names {
		out[i] = sid.ParsePrincipal(n)
	}
	return out
}

var (
	baselineGPO = gpreport.GPO{Name: "Server Baseline", GUID: "{7C1B0D52-5B0E-4C55-9E0C-2C4C0F4F9D11}", Applied: true, Link: "contoso.com/Servers", RevisionAD: 3, RevisionSysvol: 3}
	defaultsGPO = gpreport.GPO{Name: "Default Domain Policy", GUID: "{31B2F340-016D-11D2-945F-00C04FB984F9}", Applied: true, Link: "contoso.com", RevisionAD: 7, RevisionSysvol: 7}
)

func refTo(g gpreport.GPO) gpreport.GPORef { return gpreport.GPORef{Name: g.Name, GUID: g.GUID} }

// serviceRight is an assignment of the right to log on as a service by the baselineGPO.
func serviceRight(names ...string) gpreport.Assignment {
	return gpreport.Assignment{Right: "SeServiceLogonRight", Display: "Log on as a service", Principals: accountsOf(names...), Winner: refTo(baselineGPO)}
}

// sync01Report is a report of SYNC01 with one right, whatever edit makes of it.
func sync01Report(edit ...func(*gpreport.Report)) *gpreport.Report {
	r := &gpreport.Report{
		Kind: gpreport.GPResultHTML, Results: gpreport.Logged, Language: "en", Host: "SYNC01", Domain: "contoso.com",
		Computer: &gpreport.Scope{
			Name: `CONTOSO\SYNC01`, Domain: "contoso.com", Site: "Paris", OU: "contoso.com/Servers",
			Applied: []gpreport.GPO{defaultsGPO, baselineGPO}, Groups: accountsOf(`CONTOSO\Domain Computers`),
			Rights: []gpreport.Assignment{serviceRight(`CONTOSO\svc-sql`, `NT SERVICE\ALL SERVICES`)},
			Settings: []gpreport.Setting{
				{Section: []string{"Policies", "Password Policy"}, Name: "Minimum password age", Value: "1 days", Winner: refTo(defaultsGPO)},
				{Section: []string{"Policies", "Firewall"}, Name: "Rule", Value: "a", Winner: refTo(defaultsGPO)},
				{Section: []string{"Policies", "Firewall"}, Name: "Rule", Value: "b", Winner: refTo(defaultsGPO)},
			},
		},
	}
	for _, e := range edit {
		e(r)
	}
	return r
}

// story tells a Diff in lines.
func story(d *gpreport.Diff) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, r := range d.Remarks {
		say("remark %s", r.Code)
	}
	for _, f := range d.Description {
		say("description %s %q %q", f.Name, f.Before, f.After)
	}
	for i, s := range []*gpreport.ScopeDiff{d.Computer, d.User} {
		if s == nil {
			continue
		}
		scope := []string{"computer", "user"}[i]
		for _, f := range slices.Concat(s.Fields, s.SOMs, s.Components, s.Facts) {
			say("%s field %s %q %q", scope, f.Name, f.Before, f.After)
		}
		for _, g := range s.GPOs {
			name, fields := g.Before, []string{}
			if name == nil {
				name = g.After
			}
			for _, f := range g.Fields {
				fields = append(fields, fmt.Sprintf("%s %s>%s", f.Name, f.Before, f.After))
			}
			say("%s gpo %s %s %s", scope, g.Change, name.Name, strings.Join(fields, "; "))
		}
		if s.Order != nil {
			say("%s order %s > %s", scope, refNames(s.Order.Before), refNames(s.Order.After))
		}
		if !s.Groups.Empty() {
			say("%s groups +%s -%s", scope, principalList(s.Groups.Added), principalList(s.Groups.Removed))
		}
		for _, r := range s.Rights {
			a := r.Before
			if a == nil {
				a = r.After
			}
			say("%s right %s %s %v +%s -%s", scope, r.Change, a.Display, r.Fields, principalList(r.Accounts.Added), principalList(r.Accounts.Removed))
		}
		for _, x := range s.Settings {
			a := x.Before
			if a == nil {
				a = x.After
			}
			say("%s setting %s %s %v", scope, x.Change, a.Name, x.Fields)
		}
	}
	for _, u := range d.Unsure {
		text := fmt.Sprintf("unsure %s %s %s %s %s", u.Scope, u.Part, u.Side, u.Code, strings.Join(u.Names, "; "))
		if !u.Accounts.Empty() {
			text += ": " + principalList(u.Accounts.Removed) + " / " + principalList(u.Accounts.Added)
		}
		out = append(out, text)
	}
	return out
}

func principalList(list []sid.Principal) string {
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func refNames(list []gpreport.GPORef) string {
	var names []string
	for _, g := range list {
		names = append(names, g.Name)
	}
	return strings.Join(names, ", ")
}

func TestCompare(t *testing.T) {
	rights := func(a ...gpreport.Assignment) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Computer.Rights = a }
	}
	gpos := func(applied ...gpreport.GPO) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Computer.Applied = applied }
	}
	incomplete := func(r *gpreport.Report) { r.Incomplete = true }
	partial := func(r *gpreport.Report) { r.Computer.Incomplete = true }
	xml := func(r *gpreport.Report) { r.Kind, r.Language = gpreport.GPResultXML, "" }
	exported := func(r *gpreport.Report) {
		*r = gpreport.Report{Kind: gpreport.SeceditINF, Results: gpreport.Exported, Computer: &gpreport.Scope{Rights: r.Computer.Rights}}
	}
	denied := baselineGPO
	denied.Applied, denied.DeniedReason = false, "Empty"
	edited := baselineGPO
	edited.RevisionAD, edited.RevisionSysvol, edited.Enforced, edited.Link = 4, 4, true, "contoso.com"
	unread := baselineGPO
	unread.RevisionSysvol = 65535
	nameOnly := baselineGPO
	nameOnly.GUID = ""
	again := baselineGPO
	again.GUID = "{00000000-0000-0000-0000-000000000001}"
	byDefaults := serviceRight(`CONTOSO\svc-sql`, `NT SERVICE\ALL SERVICES`)
	byDefaults.Winner = refTo(defaultsGPO)
	byGUID := byDefaults
	byGUID.Winner = gpreport.GPORef{Name: baselineGPO.GUID, GUID: baselineGPO.GUID}
	unknown := gpreport.Assignment{Display: "Als Telepath anmelden", Principals: accountsOf("Everyone"), Winner: refTo(defaultsGPO)}
	loser := serviceRight(`CONTOSO\svc-sql`, `NT SERVICE\ALL SERVICES`)
	loser.Others = []gpreport.Loser{{GPO: refTo(defaultsGPO), Principals: accountsOf("Everyone")}}
	inaccessible := gpreport.GPO{Name: again.GUID, GUID: again.GUID, DeniedReason: "Inaccessible, Empty or Disabled"}

	for _, tt := range []struct {
		name          string
		before, after *gpreport.Report
		want          []string
	}{
		{"equal", sync01Report(), sync01Report(), nil},
		{"order and case of accounts", sync01Report(), sync01Report(rights(serviceRight(`nt service\all services`, `contoso\SVC-SQL`))), nil},
		{
			"account came and went", sync01Report(), sync01Report(rights(serviceRight(`CONTOSO\svc-sql`, `CONTOSO\svc-backup`))),
			[]string{`computer right changed Log on as a service [accounts] +[CONTOSO\svc-backup] -[NT SERVICE\ALL SERVICES]`},
		},
		{
			"language of well-known accounts", sync01Report(rights(serviceRight("Administrators", `NT AUTHORITY\NETWORK SERVICE`))),
			sync01Report(rights(serviceRight(`VORDEFINIERT\Administratoren`, "S-1-5-20"))), nil,
		},
		{"without authority", sync01Report(rights(serviceRight(`CONTOSO\svc-sql`))), sync01Report(rights(serviceRight("svc-sql"))), []string{
			`unsure computer rights  maybe-one-account Log on as a service: [CONTOSO\svc-sql] / [svc-sql]`,
		}},
		{"names of one domain", sync01Report(rights(serviceRight(`CONTOSO\svc-sql`))), sync01Report(rights(serviceRight("svc-sql@contoso.com"))), nil},
		{"names of the computer", sync01Report(rights(serviceRight(`.\sql`))), sync01Report(rights(serviceRight(`SYNC01\sql`))), nil},
		{
			"two domains", sync01Report(rights(serviceRight(`CONTOSO\sql`))), sync01Report(rights(serviceRight(`FABRIKAM\sql`))),
			[]string{`computer right changed Log on as a service [accounts] +[FABRIKAM\sql] -[CONTOSO\sql]`},
		},
		{
			"bare name of two", sync01Report(rights(serviceRight("sql"))), sync01Report(rights(serviceRight(`CONTOSO\sql`, `FABRIKAM\sql`))),
			[]string{"computer right changed Log on as a service [accounts] +[] -[]", `unsure computer rights  maybe-one-account Log on as a service: [sql] / [CONTOSO\sql, FABRIKAM\sql]`},
		},
		{
			"bare name of a virtual account", sync01Report(rights(serviceRight("ADSync"))), sync01Report(rights(serviceRight(`NT SERVICE\ADSync`))),
			[]string{`computer right changed Log on as a service [accounts] +[NT SERVICE\ADSync] -[ADSync]`},
		},
		{
			"a SID and a name", sync01Report(rights(serviceRight("S-1-5-21-1-2-3-1105", "Guests"))), sync01Report(rights(serviceRight(`CONTOSO\svc-sql`, "Guests"))),
			[]string{`unsure computer rights  maybe-one-account Log on as a service: [S-1-5-21-1-2-3-1105] / [CONTOSO\svc-sql]`},
		},
		{
			"a SID more", sync01Report(rights(serviceRight("S-1-5-21-1-2-3-1105", "Guests"))), sync01Report(rights(serviceRight("Guests"))),
			[]string{`computer right changed Log on as a service [accounts] +[] -[S-1-5-21-1-2-3-1105]`},
		},
		{"right removed", sync01Report(), sync01Report(rights()), []string{`computer right removed Log on as a service [accounts] +[] -[CONTOSO\svc-sql, NT SERVICE\ALL SERVICES]`}},
		{"right added for nobody", sync01Report(rights()), sync01Report(rights(serviceRight())), []string{`computer right added Log on as a service [accounts] +[] -[]`}},
		{"right in a report cut off", sync01Report(), sync01Report(rights(), incomplete), []string{
			"unsure computer  after cut-off ", "unsure computer rights after cut-off Log on as a service", "unsure user  before no-data ", "unsure user  after not-reached ",
		}},
		{"right in a report not understood", sync01Report(rights(), partial), sync01Report(), []string{
			"unsure computer  before not-understood ", "unsure computer rights before not-understood Log on as a service",
		}},
		{
			"same right in a report cut off", sync01Report(), sync01Report(rights(serviceRight(`CONTOSO\svc-sql`)), incomplete),
			[]string{
				`computer right changed Log on as a service [accounts] +[] -[NT SERVICE\ALL SERVICES]`,
				"unsure computer  after cut-off ", "unsure user  before no-data ", "unsure user  after not-reached ",
			},
		},
		{"right of unknown name", sync01Report(), sync01Report(rights(unknown)), []string{
			"unsure computer rights after unknown-name Log on as a service", "unsure computer rights after unknown-name Als Telepath anmelden",
		}},
		{"same right of unknown name", sync01Report(rights(unknown)), sync01Report(rights(unknown)), nil},
		{"winner", sync01Report(), sync01Report(rights(byDefaults)), []string{"computer right changed Log on as a service [winner] +[] -[]"}},
		{"winner by name and by GUID", sync01Report(), sync01Report(rights(byGUID)), nil},
		{"losing lists", sync01Report(), sync01Report(rights(loser)), []string{"computer right changed Log on as a service [others] +[] -[]"}},
		{"losing lists that HTML does not have", sync01Report(), sync01Report(rights(loser), xml), []string{"remark two-formats", "unsure computer settings before other-format Rule; Rule", "unsure computer settings after other-format Rule; Rule"}},
		{"export lacks the right", sync01Report(), sync01Report(rights(), exported), []string{
			"remark unnamed-computer", "remark two-results", "remark two-formats",
			`computer right changed Log on as a service [accounts] +[] -[CONTOSO\svc-sql, NT SERVICE\ALL SERVICES]`,
			"unsure computer gpos after other-format ",
			"unsure computer settings before other-format Minimum password age; Rule; Rule",
		}},
		{"export has the right", sync01Report(rights()), sync01Report(exported), []string{
			"remark unnamed-computer", "remark two-results", "remark two-formats",
			"unsure computer gpos after other-format ",
			"unsure computer rights before not-defined Log on as a service",
			"unsure computer settings before other-format Minimum password age; Rule; Rule",
		}},
		{"exports", sync01Report(rights(serviceRight()), exported), sync01Report(rights(), exported), []string{"remark unnamed-computer"}},
		{"GPO came", sync01Report(gpos(defaultsGPO)), sync01Report(), []string{"computer gpo added Server Baseline "}},
		{"GPO in a report cut off", sync01Report(gpos(defaultsGPO), incomplete), sync01Report(), []string{
			"unsure computer  before cut-off ", "unsure computer gpos before cut-off Server Baseline", "unsure user  before not-reached ", "unsure user  after no-data ",
		}},
		{"GPO edited", sync01Report(), sync01Report(gpos(defaultsGPO, edited)), []string{
			"computer gpo changed Server Baseline link contoso.com/Servers>contoso.com; enforced no>yes; revision 3>4",
		}},
		{"revision not read", sync01Report(), sync01Report(gpos(defaultsGPO, unread)), nil},
		{
			"GPO denied", sync01Report(), sync01Report(gpos(defaultsGPO), func(r *gpreport.Report) { r.Computer.Denied = []gpreport.GPO{denied} }),
			[]string{"computer gpo changed Server Baseline applied yes>no"},
		},
		{"GPO without GUID", sync01Report(), sync01Report(gpos(defaultsGPO, nameOnly)), nil},
		{"GPO made anew", sync01Report(), sync01Report(gpos(defaultsGPO, again)), []string{"computer gpo removed Server Baseline ", "computer gpo added Server Baseline "}},
		{
			"GPO of two", sync01Report(gpos(nameOnly)), sync01Report(gpos(baselineGPO, again)),
			[]string{"unsure computer gpos  maybe-one-gpo Server Baseline; Server Baseline; Server Baseline"},
		},
		{"GPO that XML alone lists", sync01Report(gpos(defaultsGPO)), sync01Report(xml, gpos(defaultsGPO), func(r *gpreport.Report) { r.Computer.Denied = []gpreport.GPO{inaccessible} }), []string{
			"remark two-formats", "unsure computer gpos before other-format " + again.GUID,
			"unsure computer settings before other-format Rule; Rule", "unsure computer settings after other-format Rule; Rule",
		}},
		{
			"order of application", sync01Report(xml), sync01Report(xml, gpos(baselineGPO, defaultsGPO)),
			[]string{"computer order Default Domain Policy, Server Baseline > Server Baseline, Default Domain Policy"},
		},
		{"order of an HTML list", sync01Report(), sync01Report(gpos(baselineGPO, defaultsGPO)), nil},
		{"settings", sync01Report(), sync01Report(func(r *gpreport.Report) {
			r.Computer.Settings[0].Value = "2 days"
			r.Computer.Settings = append(r.Computer.Settings[:2:2], gpreport.Setting{Section: []string{"Policies", "Firewall"}, Name: "Other"})
		}), []string{"computer setting changed Minimum password age [value]", "computer setting removed Rule []", "computer setting added Other []"}},
		{"winner of a setting in two formats", sync01Report(), sync01Report(xml, func(r *gpreport.Report) {
			r.Computer.Settings = []gpreport.Setting{{Section: []string{"Account"}, Name: "Minimum password age", Value: "1", Winner: refTo(baselineGPO)}}
		}), []string{
			"remark two-formats", "computer setting changed Minimum password age [winner]",
			"unsure computer settings  other-format Minimum password age", "unsure computer settings before other-format Rule; Rule",
		}},
		{
			"groups", sync01Report(), sync01Report(func(r *gpreport.Report) { r.Computer.Groups = accountsOf(`CONTOSO\Sync Servers`, "Domain Computers") }),
			[]string{`computer groups +[CONTOSO\Sync Servers] -[]`, `unsure computer groups  maybe-one-account : [CONTOSO\Domain Computers] / [Domain Computers]`},
		},
		{
			"moved", sync01Report(), sync01Report(func(r *gpreport.Report) { r.Computer.OU = "contoso.com/Identity" }),
			[]string{`computer field ou "contoso.com/Servers" "contoso.com/Identity"`},
		},
		{"two computers", sync01Report(), sync01Report(func(r *gpreport.Report) { r.Host = "SYNC02" }), []string{"remark two-computers"}},
		{"no data", sync01Report(), sync01Report(func(r *gpreport.Report) { r.Computer, r.ComputerAbsent = nil, gpreport.NoData }), []string{"unsure computer  after no-data "}},
		{"denied", sync01Report(func(r *gpreport.Report) { r.Computer, r.ComputerAbsent = nil, gpreport.AccessDenied }), sync01Report(), []string{"unsure computer  before access-denied "}},
		{"user half cut off", sync01Report(func(r *gpreport.Report) { r.User = &gpreport.Scope{} }), sync01Report(incomplete), []string{"unsure computer  after cut-off ", "unsure user  after not-reached "}},
		{"component", sync01Report(func(r *gpreport.Report) {
			r.Computer.Components = []gpreport.Component{{Name: "Security", GUID: gpreport.SecurityExtension, Status: "Success"}}
		}), sync01Report(func(r *gpreport.Report) {
			r.Computer.Components = []gpreport.Component{{Name: "Security", GUID: gpreport.SecurityExtension, Status: "Failed", Error: "no access"}}
		}), []string{`computer field Security "Success" "Failed: no access"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := gpreport.Compare(tt.before, tt.after)
			got := story(d)
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			changed := slices.ContainsFunc(got, func(s string) bool {
				return !strings.HasPrefix(s, "remark") && !strings.HasPrefix(s, "unsure")
			})
			if d.Empty() == changed {
				t.Errorf("empty %v", d.Empty())
			}
			mirrored(t, tt.before, tt.after)
		})
	}
}

// What a GPO's reports say of the GPO itself.
func TestCompareDescriptions(t *testing.T) {
	yes, no := true, false
	before := &gpreport.Report{
		Kind: gpreport.GPOReportXML, Results: gpreport.Defined, GPO: refTo(baselineGPO), Computer: &gpreport.Scope{},
		Description: &gpreport.Description{Owner: "a", ComputerEnabled: &yes, UserEnabled: &yes, ComputerAD: 3, ComputerSysvol: -1, Links: []gpreport.Link{{Path: "contoso.com", Enabled: true}}},
	}
	after := &gpreport.Report{
		Kind: gpreport.GPOReportXML, Results: gpreport.Defined, GPO: refTo(defaultsGPO), Computer: &gpreport.Scope{},
		Description: &gpreport.Description{Owner: "a", ComputerEnabled: &no, UserEnabled: &yes, ComputerAD: 4, ComputerSysvol: 4, Links: []gpreport.Link{{Path: "contoso.com", Enforced: true}}},
	}
	want := []string{
		"remark two-gpos", `description name "Server Baseline" "Default Domain Policy"`,
		`description enabled "computer yes, user yes" "computer no, user yes"`, `description revision "3 (computer AD)" "4 (computer AD)"`,
		`description links "contoso.com" "contoso.com (disabled) (enforced)"`,
	}
	if diff := gocmp.Diff(want, story(gpreport.Compare(before, after))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mirrored(t, before, after)
}

// The default GPOs of two domains have one GUID and are two.
func TestCompareDefaultGPOs(t *testing.T) {
	of := func(domain string) *gpreport.Report {
		return &gpreport.Report{Results: gpreport.Defined, GPO: gpreport.GPORef{Name: defaultsGPO.Name, GUID: defaultsGPO.GUID, Domain: domain}}
	}
	d := gpreport.Compare(of("contoso.com"), of("fabrikam.com"))
	if len(d.Remarks) != 1 || d.Remarks[0].Code != gpreport.TwoGPOs || !strings.HasSuffix(d.Remarks[0].Message, "of fabrikam.com") {
		t.Errorf("%+v", d.Remarks)
	}
	if d := gpreport.Compare(of("contoso.com"), of("contoso.com")); len(d.Remarks) != 0 {
		t.Errorf("%+v", d.Remarks)
	}
}

// The order of two reports is told where both tell their time for certain.
func TestCompareReversed(t *testing.T) {
	at := func(hour int) func(*gpreport.Report) {
		return func(r *gpreport.Report) {
			r.Offsets = []time.Duration{0}
			r.Collected.Candidates = []time.Time{time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC)}
		}
	}
	if got := story(gpreport.Compare(sync01Report(at(2)), sync01Report(at(1)))); !slices.Equal(got, []string{"remark reversed"}) {
		t.Error(got)
	}
	if got := story(gpreport.Compare(sync01Report(at(1)), sync01Report(at(2)))); len(got) != 0 {
		t.Error(got)
	}
}

// mirrored demands that comparing the other way round tells the same, with before and after
// swapped.
func mirrored(t *testing.T, before, after *gpreport.Report) {
	t.Helper()
	d, m := gpreport.Compare(before, after), gpreport.Compare(after, before)
	swapDiff(m)
	if diff := gocmp.Diff(told(d), told(m)); diff != "" {
		t.Errorf("the mirrored comparison differs:\n%s", diff)
	}
}

// swapDiff swaps before and after, and sorts the lists, whose order is that of the first
// report.
func swapDiff(d *gpreport.Diff) {
	swapFields(d.Description)
	for _, s := range []*gpreport.ScopeDiff{d.Computer, d.User} {
		if s == nil {
			continue
		}
		swapFields(s.Fields)
		swapFields(s.Components)
		swapFields(s.SOMs)
		swapFields(s.Facts)
		s.Groups.Added, s.Groups.Removed = s.Groups.Removed, s.Groups.Added
		if s.Order != nil {
			s.Order.Before, s.Order.After = s.Order.After, s.Order.Before
		}
		for i := range s.GPOs {
			g := &s.GPOs[i]
			g.Change, g.Before, g.After = swapped[g.Change], g.After, g.Before
			swapFields(g.Fields)
		}
		for i := range s.Rights {
			r := &s.Rights[i]
			r.Change, r.Before, r.After = swapped[r.Change], r.After, r.Before
			r.Accounts.Added, r.Accounts.Removed = r.Accounts.Removed, r.Accounts.Added
		}
		for i := range s.Settings {
			x := &s.Settings[i]
			x.Change, x.Before, x.After = swapped[x.Change], x.After, x.Before
		}
	}
	for i := range d.Unsure {
		u := &d.Unsure[i]
		u.Accounts.Added, u.Accounts.Removed = u.Accounts.Removed, u.Accounts.Added
		switch u.Side {
		case gpreport.BeforeSide:
			u.Side = gpreport.AfterSide
		case gpreport.AfterSide:
			u.Side = gpreport.BeforeSide
		}
	}
}

var swapped = map[gpreport.Change]gpreport.Change{
	gpreport.Added: gpreport.Removed, gpreport.Removed: gpreport.Added, gpreport.Changed: gpreport.Changed,
}

func swapFields(fields []gpreport.FieldChange) {
	for i, f := range fields {
		fields[i].Before, fields[i].After = f.After, f.Before
	}
}

// randomReport makes a report of few names, so that two have much in common.
func randomReport(r *rand.Rand) *gpreport.Report {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	accounts := func() (out []sid.Principal) {
		for range r.IntN(6) {
			out = append(out, sid.ParsePrincipal(pick("Administrators", "Administratoren", `CONTOSO\a`, "a", `FABRIKAM\a`, "S-1-5-21-1-2-3-4", "S-1-5-6",
				`NT SERVICE\ADSync`, "ADSync", "a@contoso.com", "b@contoso.com", `.\b`, `SYNC01\b`, `contoso.com\a`, `BUILTIN\a`, "", "S-1-5-80-9-9-9-9-9")))
		}
		return out
	}
	guid := func() string {
		return pick("", "{A0000000-0000-0000-0000-000000000000}", "{B0000000-0000-0000-0000-000000000000}")
	}
	gpo := func() gpreport.GPORef {
		return gpreport.GPORef{Name: pick("", "A", "B", "b"), GUID: guid(), Domain: pick("", "x.y", "x.z"), Local: r.IntN(9) == 0, Ambiguous: r.IntN(9) == 0}
	}
	gpos := func(applied bool) (out []gpreport.GPO) {
		for i := range r.IntN(4) {
			g := gpo()
			out = append(out, gpreport.GPO{
				Name: g.Name, GUID: g.GUID, Domain: g.Domain, Local: g.Local, Applied: applied, Link: pick("", "l", "m"), Order: i + 1,
				Enforced: r.IntN(2) == 0, RevisionAD: r.IntN(3) - 1, RevisionSysvol: r.IntN(2), DeniedReason: pick("", "Empty"), SecurityFilters: []string{pick("a", "b")},
			})
		}
		return out
	}
	scope := func() *gpreport.Scope {
		s := &gpreport.Scope{
			Domain: pick("", "contoso.com", "CONTOSO"), OU: pick("", "x"), Applied: gpos(true), Denied: gpos(false), Groups: accounts(), Incomplete: r.IntN(6) == 0,
			Components: []gpreport.Component{{Name: pick("a", "b"), Status: pick("Success", "Failed"), Error: pick("", "", "5")}},
			SOMs:       []gpreport.SOM{{Path: pick("x", "y"), Order: 1, Blocked: r.IntN(2) == 0}}, General: []gpreport.Field{{Name: "SlowLink", Value: pick("true", "false")}},
			Alerts: []gpreport.Alert{{GPO: "A", Text: pick("a", "b")}}, WMIFilters: []gpreport.WMIFilter{{Name: "w", Value: pick("True", "False")}},
		}
		for _, right := range r.Perm(4)[:r.IntN(5)] {
			a := gpreport.Assignment{Right: []string{"SeBackupPrivilege", "SeServiceLogonRight", "", ""}[right], Display: []string{"v", "w", "x", "y"}[right], Principals: accounts(), Winner: gpo()}
			a.Unsettled = r.IntN(6) == 0
			if r.IntN(3) == 0 {
				a.Others = []gpreport.Loser{{GPO: gpo(), Principals: accounts()}}
			}
			s.Rights = append(s.Rights, a)
		}
		for range r.IntN(5) {
			x := gpreport.Setting{Section: []string{pick("s", "t")}, Name: pick("n", "m"), Value: pick("1", "2"), Winner: gpo()}
			if r.IntN(3) == 0 {
				x.Others = []gpreport.LosingSetting{{GPO: gpo(), Value: pick("1", "2")}}
			}
			s.Settings = append(s.Settings, x)
		}
		return s
	}
	out := &gpreport.Report{
		Kind:    gpreport.Kind(pick("gpresult-html", "gpresult-html", "gpresult-xml", "gpresult-text", "secedit-inf", "gpo-report-xml")),
		Results: gpreport.Results(pick("logged", "logged", "modelled", "exported", "defined", "")), Language: pick("en", "en", "de", ""),
		Host: pick("SYNC01", "SYNC01", "SYNC02", ""), Domain: pick("contoso.com", ""), Incomplete: r.IntN(8) == 0,
	}
	if r.IntN(8) > 0 {
		out.Computer = scope()
		out.Computer.Name = `CONTOSO\SYNC01`
	} else {
		out.ComputerAbsent = gpreport.Absence(pick("", "no-data", "access-denied", "not-reached"))
	}
	if r.IntN(2) > 0 {
		out.User = scope()
	} else {
		out.UserAbsent = gpreport.Absence(pick("", "no-data", "access-denied", "not-reached"))
	}
	return out
}

// TestCompareProperties: a report does not differ from itself, comparing the other way round
// tells the same, and nothing is told to be absent that a report may not tell.
func TestCompareProperties(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b := randomReport(r), randomReport(r)
		if d := gpreport.Compare(a, a); !d.Empty() || len(d.Unsure) > 0 && tellsAll(a) {
			t.Fatalf("seed %d: a report differs from itself: %q", seed, story(d))
		} else if !tellsAll(a) && len(d.Unsure) == 0 {
			t.Fatalf("seed %d: what a report does not tell is said to be equal", seed)
		}
		if mirrored(t, a, b); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		d := gpreport.Compare(a, b)
		for _, s := range []*gpreport.ScopeDiff{d.Computer, d.User} {
			soundAbsences(t, seed, d, s)
		}
		for _, right := range []string{"SeBackupPrivilege", "SeServiceLogonRight", "SeTcbPrivilege"} {
			soundSelection(t, seed, d, right)
		}
	}
}

// soundSelection: nothing is said to be equal of a right that a report does not tell.
func soundSelection(t *testing.T, seed uint64, d *gpreport.Diff, right string) {
	t.Helper()
	chosen := gpreport.Selection{Rights: []string{right}}.OfDiff(d)
	for _, r := range []*gpreport.Report{d.Before, d.After} {
		a, state := r.Right(right)
		known := []gpreport.State{gpreport.DefinedFor, gpreport.DefinedEmpty, gpreport.NotDefined}
		if !slices.Contains(known, state) && !a.Unsettled && chosen.Compared() && len(chosen.Unsure) == 0 {
			t.Fatalf("seed %d: %s is %s, and nothing is said of it: %q", seed, right, state, story(chosen))
		}
	}
}

// tellsAll reports whether a report leaves nothing open.
func tellsAll(r *gpreport.Report) bool {
	whole := func(s *gpreport.Scope, why gpreport.Absence) bool {
		if s == nil {
			return why == ""
		}
		ambiguous := slices.ContainsFunc(s.Settings, func(x gpreport.Setting) bool { return x.Winner.Ambiguous }) ||
			slices.ContainsFunc(s.Rights, func(x gpreport.Assignment) bool { return x.Winner.Ambiguous && !x.Unsettled })
		return !s.Incomplete && !(ambiguous && (r.Results == gpreport.Logged || r.Results == gpreport.Modelled))
	}
	user := whole(r.User, r.UserAbsent) || r.User == nil && (r.Kind == gpreport.SeceditINF || r.UserAbsent == gpreport.NoData)
	return !r.Incomplete && whole(r.Computer, r.ComputerAbsent) && user
}

// told is the story of a Diff without remarks, in an order that does not depend on which
// report was the first.
func told(d *gpreport.Diff) []string {
	var out []string
	for _, line := range story(d) {
		if !strings.HasPrefix(line, "remark") {
			out = append(out, sortedWords(line))
		}
	}
	slices.Sort(out)
	return out
}

// sortedWords puts the parts of a line in order: lists begin with those of the first report.
func sortedWords(line string) string {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ;,/[]", r) })
	slices.Sort(words)
	return strings.Join(words, " ")
}

// soundAbsences: what was removed or added is not in a report that may not be whole.
func soundAbsences(t *testing.T, seed uint64, d *gpreport.Diff, s *gpreport.ScopeDiff) {
	t.Helper()
	if s == nil {
		return
	}
	beforeScope, afterScope := d.Before.Computer, d.After.Computer
	if s == d.User {
		beforeScope, afterScope = d.Before.User, d.After.User
	}
	partial := map[gpreport.Change]bool{
		gpreport.Removed: d.After.Incomplete || afterScope.Incomplete,
		gpreport.Added:   d.Before.Incomplete || beforeScope.Incomplete,
	}
	for _, g := range s.GPOs {
		if partial[g.Change] {
			t.Fatalf("seed %d: the GPO %+v", seed, g)
		}
	}
	for _, r := range s.Rights {
		if partial[r.Change] {
			t.Fatalf("seed %d: the right %+v", seed, r)
		}
	}
	for _, x := range s.Settings {
		if partial[x.Change] {
			t.Fatalf("seed %d: the setting %+v", seed, x)
		}
	}
	if len(s.Groups.Removed) > 0 && partial[gpreport.Removed] || len(s.Groups.Added) > 0 && partial[gpreport.Added] {
		t.Fatalf("seed %d: the groups %+v", seed, s.Groups)
	}
}

// TestCompareCorpus: the same machine in the same minute is the same in both formats, and two
// machines are told to be two.
func TestCompareCorpus(t *testing.T) {
	for _, name := range []string{"lab-dc", "lab-member"} {
		html, err := parseFile(t, reportFile(t, name+".gpresult.html"))
		if err != nil {
			t.Fatal(err)
		}
		xml, err := parseFile(t, reportFile(t, name+".gpresult.xml"))
		if err != nil {
			t.Fatal(err)
		}
		d := gpreport.Compare(html, xml)
		if !d.Empty() || !d.Compared() {
			t.Errorf("%s: %q", name, story(d))
		}
		for _, u := range d.Unsure {
			if u.Part == "rights" || u.Part == "groups" || u.Part == "" {
				t.Errorf("%s: %+v", name, u)
			}
		}
	}
	dc, err := parseFile(t, reportFile(t, "lab-dc.gpresult.html"))
	if err != nil {
		t.Fatal(err)
	}
	member, err := parseFile(t, reportFile(t, "lab-member.gpresult.html"))
	if err != nil {
		t.Fatal(err)
	}
	d := gpreport.Compare(dc, member)
	if len(d.Remarks) == 0 || d.Remarks[0].Code != gpreport.TwoComputers || d.Empty() {
		t.Errorf("%q", story(d))
	}
}

// BenchmarkCompare: the time per setting does not grow with their number.
func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			many := func(value string) *gpreport.Report {
				r := sync01Report()
				for i := range n {
					r.Computer.Settings = append(r.Computer.Settings, gpreport.Setting{Section: []string{"Policies", fmt.Sprint(i % 97)}, Name: fmt.Sprint(i), Value: value, Winner: refTo(defaultsGPO)})
				}
				return r
			}
			before, after := many("1"), many("2")
			for b.Loop() {
				gpreport.Compare(before, after)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/setting")
		})
	}
}
