package facts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// change adds an event of a Security log about an account.
func (in *input) change(minutes float64, id int, account, accountSID string) *input {
	domain, name, _ := strings.Cut(account, `\`)
	return in.event(minutes, "Security", "Microsoft-Windows-Security-Auditing", id,
		facts.Field{Name: "TargetUserName", Value: name}, facts.Field{Name: "TargetDomainName", Value: domain},
		facts.Field{Name: "TargetSid", Value: accountSID},
		facts.Field{Name: "SubjectUserName", Value: "adm-kim"}, facts.Field{Name: "SubjectDomainName", Value: "CONTOSO"})
}

func TestAccountChanges(t *testing.T) {
	const (
		user     = `CONTOSO\svc-sync`
		userSID  = "S-1-5-21-1-2-3-1105"
		otherSID = "S-1-5-21-7-7-7-1105"
		dc       = "DC01.contoso.com"
	)
	for _, tt := range []struct {
		name string
		in   *input
		want []int
		sid  string
	}{
		{"of a domain controller", refused(user).change(-90, 4725, user, userSID).on(dc), []int{4725}, userSID},
		{"in order of time", refused(user).change(-80, 4725, user, userSID).on(dc).change(-90, 4722, user, userSID).on(dc), []int{4722, 4725}, userSID},
		{"another account", refused(user).change(-90, 4725, `CONTOSO\svc-backup`, otherSID).on(dc), nil, ""},
		{"a local namesake", refused(user).change(-90, 4725, `SYNC01\svc-sync`, otherSID), nil, ""},
		{"a namesake of another domain", refused(user).change(-90, 4725, `FABRIKAM\svc-sync`, otherSID).on("DC.fabrikam.com"), nil, ""},
		{"a local account", refused(`.\AAD_1f2e`).change(-90, 4726, `SYNC01\aad_1F2E`, otherSID), []int{4726}, otherSID},
		{"the local account of another server", refused(`.\AAD_1f2e`).change(-90, 4726, `SYNC02\AAD_1f2e`, otherSID).on("SYNC02.contoso.com"), nil, ""},
		{
			"a lock has the caller for the domain: the SID tells",
			refused(user).change(-95, 4738, user, userSID).on(dc).change(-90, 4740, `SRV77\svc-sync`, userSID).on(dc),
			[]int{4738, 4740},
			userSID,
		},
		{"a lock without a known SID", refused(user).change(-90, 4740, `CONTOSO\svc-sync`, otherSID).on(dc), nil, ""},
		{"an account that is only assumed", new(input).log("System", nil).service(-5, "4").change(-90, 4725, virtual, virtualSID), nil, virtualSID},
		{
			"deleted and made anew: the newer has the name",
			refused(user).change(-90, 4726, user, otherSID).on(dc).change(-80, 4720, user, userSID).on(dc),
			[]int{4726, 4720},
			userSID,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hosts := tt.in.report(nil).hosts()
			h := hosts[slices.IndexFunc(hosts, func(h *facts.Host) bool { return h.Name == "SYNC01" })]
			var got []int
			for _, e := range h.Account.Changes {
				got = append(got, e.ID)
			}
			if !slices.Equal(got, tt.want) || string(h.Account.SID) != tt.sid {
				t.Errorf("got %v of %q, want %v of %q", got, h.Account.SID, tt.want, tt.sid)
			}
			told := slices.ContainsFunc(h.Timeline, func(e facts.Entry) bool { return e.Kind == "account" && strings.Contains(e.What, `by CONTOSO\adm-kim`) })
			if told != (len(tt.want) > 0) {
				t.Errorf("timeline %+v", h.Timeline)
			}
		})
	}
}

func TestInForce(t *testing.T) {
	events := func(list ...int) []facts.Event {
		in := new(input)
		for i, id := range list {
			in.change(float64(i), id, virtual, virtualSID)
		}
		return in.events
	}
	failure := new(input).scm(2, 7038).events
	for _, tt := range []struct {
		name    string
		changes []facts.Event
		before  []facts.Event
		want    int
	}{
		{"disabled", events(4725), failure, 4725},
		{"enabled since", events(4725, 4722), failure, 0},
		{"disabled again", events(4725, 4722, 4725), failure, 4725},
		{"enabled after the failure", events(4725, 4738, 4738, 4722), failure, 4725},
		{"disabled after the failure", events(4738, 4738, 4738, 4725), failure, 0},
		{"nothing failed", events(4725), nil, 0},
	} {
		got := facts.Account{Changes: tt.changes}.InForce(4725, 4722, tt.before)
		if len(got) > 1 || len(got) == 1 != (tt.want != 0) || tt.want != 0 && got[0].ID != tt.want {
			t.Errorf("%s: got %+v, want %d", tt.name, got, tt.want)
		}
	}
}

func TestSince(t *testing.T) {
	events := func(list ...int) []facts.Event {
		in := new(input)
		for i, id := range list {
			in.change(float64(i), id, virtual, virtualSID)
		}
		return in.events
	}
	failure := new(input).scm(1.5, 7038).events
	for _, tt := range []struct {
		name    string
		changes []facts.Event
		after   []facts.Event
		want    int
	}{
		{"enabled", events(4738, 4725, 4722), failure, 4722},
		{"enabled and changed", events(4738, 4725, 4722, 4738), failure, 4722},
		{"enabled and disabled again", events(4738, 4725, 4722, 4725), failure, 0},
		{"disabled and enabled again", events(4738, 4738, 4725, 4722), failure, 4722},
		{"enabled before the failure", events(4725, 4722), failure, 0},
		{"enabled, then deleted", events(4738, 4725, 4722, 4726), failure, 0},
		{"enabled, then made anew", events(4738, 4725, 4722, 4720), failure, 0},
		{"made anew, then enabled", events(4738, 4725, 4720, 4722), failure, 0},
		{"nothing failed", events(4722), nil, 0},
	} {
		got := facts.Account{Changes: tt.changes}.Since(4722, 4725, tt.after)
		if len(got) > 1 || len(got) == 1 != (tt.want != 0) || tt.want != 0 && got[0].ID != tt.want {
			t.Errorf("%s: got %+v, want %d", tt.name, got, tt.want)
		}
	}
}

// TestDeletionsOfOrphans: the deletion of an account that a list has by its SID only stands in
// a domain controller's log.
func TestDeletionsOfOrphans(t *testing.T) {
	const orphan, other = "S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-1106"
	in := new(input).with(`CONTOSO\svc-sync`).report(func(r *gpreport.Report) {
		r.Computer.Groups = []sid.Principal{{Name: `CONTOSO\Domain Computers`, SID: "S-1-5-21-1-2-3-515"}}
	}, serviceRight(orphan))
	in.change(-90, 4726, `CONTOSO\old`, orphan).on("DC01.contoso.com").change(-80, 4726, `CONTOSO\other`, other).on("DC01.contoso.com")
	r := in.host(t).Rights.Service
	if len(r.Orphans) != 1 || len(r.Deletions) != 1 || r.Deletions[0].Data("TargetSid") != orphan {
		t.Errorf("orphans %v, deletions %v", r.Orphans, r.Deletions)
	}
}

// TestBy: who did it is told as DOMAIN\name, and not at all where the event has a hyphen.
func TestBy(t *testing.T) {
	for _, tt := range []struct{ name, domain, want string }{
		{"admin", "CONTOSO", `CONTOSO\admin`}, {"admin", "-", "admin"}, {"admin", "", "admin"}, {"-", "CONTOSO", ""}, {"", "", ""},
	} {
		e := facts.Event{Fields: []facts.Field{{Name: "SubjectUserName", Value: tt.name}, {Name: "SubjectDomainName", Value: tt.domain}}}
		if got := e.By(); got != tt.want {
			t.Errorf("%s of %s: %q, want %q", tt.name, tt.domain, got, tt.want)
		}
	}
}
