package facts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/sid"
)

const (
	runnersSID = "S-1-5-21-7-7-7-1001" // a group of the computer
	syncSID    = "S-1-5-21-1-2-3-1200" // a group of the domain
)

var virtualSID = string(sid.Service("ADSync"))

// member adds an event of the Security log that changes a group.
func (in *input) member(minutes float64, id int, group, groupSID, memberSID string) *input {
	domain, name, _ := strings.Cut(group, `\`)
	return in.event(minutes, "Security", "Microsoft-Windows-Security-Auditing", id,
		facts.Field{Name: "MemberName", Value: "-"}, facts.Field{Name: "MemberSid", Value: memberSID},
		facts.Field{Name: "TargetUserName", Value: name}, facts.Field{Name: "TargetDomainName", Value: domain},
		facts.Field{Name: "TargetSid", Value: groupSID})
}

// on moves the last event to another computer.
func (in *input) on(computer string) *input {
	in.events[len(in.events)-1].Computer = computer
	return in
}

func TestGroupsKnownFromTheSecurityLog(t *testing.T) {
	runners := `SYNC01\Sync Runners`
	list := func(names ...string) *input { return new(input).with(virtual).report(nil, serviceRight(names...)) }
	for _, tt := range []struct {
		name   string
		in     *input
		want   facts.Verdict
		reason string
	}{
		{"put in", list(runners).member(-90, 4732, runners, runnersSID, virtualSID), facts.Granted, ""},
		{"the list has the group's SID", list(runnersSID).member(-90, 4732, runners, runnersSID, virtualSID), facts.Granted, ""},
		{"a group of Windows", list("Administrators").member(-90, 4732, `Builtin\Administrators`, "S-1-5-32-544", virtualSID), facts.Granted, ""},
		{"taken out again", list(runners).member(-90, 4732, runners, runnersSID, virtualSID).member(-80, 4733, runners, runnersSID, virtualSID), facts.Undetermined, "group-not-expanded"},
		{"taken out, put in again", list(runners).member(-90, 4733, runners, runnersSID, virtualSID).member(-80, 4732, runners, runnersSID, virtualSID), facts.Granted, ""},
		{"another member", list(runners).member(-90, 4732, runners, runnersSID, "S-1-5-21-1-2-3-1105"), facts.Undetermined, "group-not-expanded"},
		{"another group", list(runners).member(-90, 4732, `SYNC01\Others`, "S-1-5-21-7-7-7-1002", virtualSID), facts.Undetermined, "group-not-expanded"},
		{
			"a group in a group",
			list("Administrators").member(-90, 4732, runners, runnersSID, virtualSID).member(-80, 4732, `Builtin\Administrators`, "S-1-5-32-544", runnersSID),
			facts.Granted, "",
		},
		{
			"groups in a circle",
			list(`SYNC01\Third`).member(-90, 4732, runners, runnersSID, virtualSID).
				member(-80, 4732, `SYNC01\Other`, "S-1-5-21-7-7-7-1002", runnersSID).
				member(-70, 4732, runners, runnersSID, "S-1-5-21-7-7-7-1002"),
			facts.Undetermined, "group-not-expanded",
		},
		{
			"the same virtual account on another computer is another one",
			list("Administrators").log("System", nil).service(-600, "1").member(-90, 4732, `Builtin\Administrators`, "S-1-5-32-544", virtualSID).on("SRV02.contoso.com"),
			facts.Undetermined, "group-not-expanded",
		},
		{
			"Windows refused it although it is in the group",
			refused(virtual).member(-90, 4732, runners, runnersSID, virtualSID).report(nil, serviceRight(runners)),
			facts.Undetermined, "evidence-contradicts",
		},
		{
			"put in after Windows refused it",
			refused(virtual).member(20, 4732, runners, runnersSID, virtualSID).report(nil, serviceRight(runners)),
			facts.Granted, "",
		},
		{
			"put in after Windows refused it, but the list has it anyway",
			refused(virtual).member(20, 4732, runners, runnersSID, virtualSID).report(nil, serviceRight(runners, "Everyone")),
			facts.Undetermined, "evidence-contradicts",
		},
		{
			"a deny right for the group",
			new(input).with(virtual).report(nil, serviceRight("Everyone"), right("SeDenyServiceLogonRight", runners)).member(-90, 4732, runners, runnersSID, virtualSID),
			facts.Denied, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hosts := tt.in.hosts()
			h := hosts[slices.IndexFunc(hosts, func(h *facts.Host) bool { return h.Name == "SYNC01" })]
			r := h.Rights.Service
			if r.Verdict != tt.want {
				t.Errorf("got %s, want %s; reasons %v", r.Verdict, tt.want, r.Reasons)
			}
			if tt.reason != "" && !slices.ContainsFunc(r.Reasons, func(x facts.Reason) bool { return x.Code == tt.reason }) {
				t.Errorf("reasons %v, want one with code %s", r.Reasons, tt.reason)
			}
			proof := slices.ContainsFunc(r.Evidence, func(e evidence.Item) bool { return e.Role == "put into the group" })
			if proof != (len(r.Covering) > 0 && r.Covering[len(r.Covering)-1].Account() != "Everyone" || tt.want == facts.Denied) {
				t.Errorf("evidence %v", r.Evidence)
			}
		})
	}
}

// TestTakenOutOfAGroup: the reason names the moment, which is where to look for the cause.
func TestTakenOutOfAGroup(t *testing.T) {
	group := `CONTOSO\Sync Services`
	in := new(input).with("S-1-5-21-1-2-3-1105").report(nil, serviceRight(group))
	in.member(-90, 4729, group, syncSID, "S-1-5-21-1-2-3-1105").on("DC01.contoso.com")
	r := in.host(t).Rights.Service
	if len(r.Reasons) != 1 || !strings.Contains(r.Reasons[0].Message, "taken out of it at 2026-11-20 01:42:07Z") {
		t.Errorf("reasons %+v", r.Reasons)
	}
}

// TestGroupsOfADomain: a domain controller's log tells of groups on all computers.
func TestGroupsOfADomain(t *testing.T) {
	group := `CONTOSO\Sync Services`
	in := new(input).with("S-1-5-21-1-2-3-1105").report(nil, serviceRight(group))
	in.member(-90, 4728, group, syncSID, "S-1-5-21-1-2-3-1105").on("DC01.contoso.com")
	if r := in.host(t).Rights.Service; r.Verdict != facts.Granted {
		t.Errorf("got %s, reasons %+v", r.Verdict, r.Reasons)
	}
}

// state adds the complete list of a group's members as the user gives it.
func (in *input) state(line string) *input {
	groups, err := collected.ParseGroups(strings.NewReader(line), "groups.txt")
	if err != nil {
		panic(err)
	}
	in.groups = append(in.groups, groups...)
	return in
}

func TestGroupsAsStated(t *testing.T) {
	const user = `CONTOSO\svc-sync`
	group := `CONTOSO\Sync Services`
	list := func(names ...string) *input { return new(input).with(user).report(nil, serviceRight(names...)) }
	for _, tt := range []struct {
		name string
		in   *input
		want facts.Verdict
	}{
		{"a member", list(group).state(`CONTOSO\Sync Services: CONTOSO\svc-sync`), facts.Granted},
		{"spelled otherwise", list(group).state(`contoso\sync services: CONTOSO\SVC-SYNC, CONTOSO\other`), facts.Granted},
		{"no member", list(group).state(`CONTOSO\Sync Services: CONTOSO\other`), facts.Omitted},
		{"an empty group", list(group).state(`CONTOSO\Sync Services:`), facts.Omitted},
		{"a member that may be the account", list(group).state(`CONTOSO\Sync Services: S-1-5-21-1-2-3-1105`), facts.Undetermined},
		{"another group", list(group).state(`CONTOSO\Others: CONTOSO\svc-sync`), facts.Undetermined},
		{"of two groups one is not stated", list(group, `CONTOSO\More`).state(`CONTOSO\Sync Services: CONTOSO\other`), facts.Undetermined},
		{"the statement outranks a log", list(group).state(`CONTOSO\Sync Services: CONTOSO\other`).member(-90, 4728, group, syncSID, "S-1-5-21-1-2-3-1105").on("DC01.contoso.com"), facts.Omitted},
		{"the account is only assumed", new(input).report(nil, serviceRight(group)).state(`CONTOSO\Sync Services: CONTOSO\other`), facts.Undetermined},
		{"a deny right", new(input).with(user).report(nil, serviceRight(user), right("SeDenyServiceLogonRight", group)).state(`CONTOSO\Sync Services: CONTOSO\svc-sync`), facts.Denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.in.host(t).Rights.Service
			if r.Verdict != tt.want {
				t.Errorf("got %s, want %s; reasons %v", r.Verdict, tt.want, r.Reasons)
			}
			proof := slices.ContainsFunc(r.Evidence, func(e evidence.Item) bool { return e.Source == "groups.txt" && e.Line == 1 })
			if tt.want != facts.Undetermined && !proof {
				t.Errorf("evidence %v", r.Evidence)
			}
		})
	}
}

// whoami adds the output of whoami of an account with groups, each "name=SID".
func (in *input) whoami(account string, id sid.SID, groups ...string) *input {
	t := &collected.Token{Account: collected.Value{Text: account, At: evidence.Location{Source: "whoami.txt", Line: 4}}, SID: id}
	for i, g := range groups {
		name, s, _ := strings.Cut(g, "=")
		t.Groups = append(t.Groups, collected.Group{Name: name, SID: sid.SID(s), At: evidence.Location{Source: "whoami.txt", Line: 10 + i}})
	}
	in.files = append(in.files, &collected.File{Source: "whoami.txt", Kind: collected.WhoamiText, Token: t})
	return in
}

func TestGroupsOfTheAccountsToken(t *testing.T) {
	const user, id = `CONTOSO\svc-sync`, sid.SID("S-1-5-21-1-2-3-1105")
	group := `CONTOSO\Sync Services`
	everyday := []string{"Everyone=S-1-1-0", `BUILTIN\Users=S-1-5-32-545`, `CONTOSO\Domain Users=S-1-5-21-1-2-3-513`}
	list := func(names ...string) *input {
		return new(input).log("System", nil).service(-600, "1").with(user).report(nil, serviceRight(names...))
	}
	for _, tt := range []struct {
		name string
		in   *input
		want facts.Verdict
	}{
		{"in the group", list(group).whoami(`contoso\svc-sync`, id, append(everyday, group+"="+syncSID)...), facts.Granted},
		{"the policy has the SID", list(syncSID).whoami(user, id, append(everyday, group+"="+syncSID)...), facts.Granted},
		{"not in the group", list(group).whoami(user, id, everyday...), facts.Omitted},
		{"a bare name of one of them", list("Domain Users").whoami(user, id, everyday...), facts.Undetermined},
		{"of the person who collected", list(group).whoami(`CONTOSO\adm-kim`, "S-1-5-21-1-2-3-500", everyday...), facts.Undetermined},
		{"a group without a SID", list(group).whoami(user, id, append(everyday, "?=")...), facts.Undetermined},
		{"no groups were read", list(group).whoami(user, id), facts.Undetermined},
		{"SERVICE is not in the token of a person's logon", list("S-1-5-6").whoami(user, id, everyday...), facts.Undetermined},
		{"a log shows that it was taken out", list(group).whoami(user, id, append(everyday, group+"="+syncSID)...).member(-90, 4729, group, syncSID, string(id)).on("DC01.contoso.com"), facts.Undetermined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hosts := tt.in.hosts()
			h := hosts[slices.IndexFunc(hosts, func(h *facts.Host) bool { return h.Name == "SYNC01" })]
			if r := h.Rights.Service; r.Verdict != tt.want {
				t.Errorf("got %s, want %s; reasons %v", r.Verdict, tt.want, r.Reasons)
			}
		})
	}
}

// TestTakenOutOfAListedGroup: only the account itself was taken out, not a group that it is in.
func TestTakenOutOfAListedGroup(t *testing.T) {
	const runners, third, thirdSID = `SYNC01\Sync Runners`, `SYNC01\Third`, "S-1-5-21-7-7-7-1003"
	list := func() *input {
		return new(input).with(virtual).report(nil, serviceRight(third)).member(-90, 4732, runners, runnersSID, virtualSID)
	}
	for _, tt := range []struct {
		name string
		in   *input
		want int
	}{
		{"the account", list().member(-80, 4733, third, thirdSID, virtualSID), 1},
		{"a group that it is in", list().member(-80, 4733, third, thirdSID, runnersSID), 0},
		{"another account", list().member(-80, 4733, third, thirdSID, "S-1-5-21-1-2-3-1105"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if left := tt.in.host(t).Rights.Service.Left; len(left) != tt.want {
				t.Errorf("%+v", left)
			}
		})
	}
}
