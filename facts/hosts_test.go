package facts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

func names(hosts []*facts.Host) string {
	var out []string
	for _, h := range hosts {
		out = append(out, h.Name)
	}
	return strings.Join(out, " ")
}

func TestHosts(t *testing.T) {
	other := func(name string) func(*gpreport.Report) {
		return func(r *gpreport.Report) { r.Host = name }
	}
	userOnly := func(r *gpreport.Report) { r.Host, r.Computer = "", nil }
	for _, tt := range []struct {
		name, want string
		in         *input
	}{
		{"report and events of one computer", "SYNC01", refused(virtual).report(nil)},
		{"case does not matter", "SYNC01", refused(virtual).report(other("sync01"))},
		{"a report of another computer", "SQL01 SYNC01", refused(virtual).report(other("SQL01"))},
		{"a report without a computer's name, and one host", "SYNC01", refused(virtual).report(userOnly)},
		{"a report without a computer's name, and two hosts", " SQL01 SYNC01", refused(virtual).report(other("SQL01")).report(userOnly)},
		{
			"renamed while the log went on", "SYNC01",
			refused(virtual).log("Setup", func(s *evtx.Stream) { s.Computer, s.LastID, s.Last = "WIN-4F0A", 99, t0.Add(-20*time.Hour) }).
				log("Setup", func(s *evtx.Stream) { s.FirstID, s.First = 100, t0.Add(-20*time.Hour) }),
		},
		{
			"the report has the NetBIOS name, cut to 15 characters", "CONTOSO-SYNC-SERVER01",
			new(input).log("System", func(s *evtx.Stream) { s.Computer = "CONTOSO-SYNC-SERVER01.contoso.com" }).report(other("CONTOSO-SYNC-SE")),
		},
		{
			"a report of a computer of the same name in another domain", "SYNC01 SYNC01",
			refused(virtual).report(func(r *gpreport.Report) {
				r.Domain, r.Computer.Name, r.Computer.Domain = "LAB", `LAB\SYNC01`, "lab.local"
			}),
		},
		{
			"two computers of one name in two domains", "SYNC01 SYNC01",
			refused(virtual).eventOn("SYNC01.lab.local", 10, 7041, "ADSync", virtual),
		},
		{
			"a DNS suffix that is not the domain's", "SYNC01",
			new(input).eventOn("SYNC01.corp.contoso.net", 10, 7041, "ADSync", virtual).report(nil),
		},
		{
			"forwarded events of two computers whose record numbers follow by chance", "SYNC01 SYNC02",
			refused(virtual).eventOn("SYNC02.contoso.com", 10, 7041, "ADSync", virtual).
				log("Setup", func(s *evtx.Stream) { s.LastID, s.Records, s.Last = 1, 1, t0 }).
				log("Setup", func(s *evtx.Stream) { s.Computer, s.FirstID, s.Records, s.First = "SYNC02.contoso.com", 2, 1, t0 }),
		},
		{
			"a name of 15 characters that two names begin with is neither", "CONTOSO-SYNC-SE",
			new(input).log("System", func(s *evtx.Stream) { s.Computer = "CONTOSO-SYNC-SERVER01.contoso.com" }).
				log("System", func(s *evtx.Stream) { s.Computer = "CONTOSO-SYNC-SERVER02.contoso.com" }).report(other("CONTOSO-SYNC-SE")),
		},
		{
			"others that only appear in logs are not told of", "SYNC01",
			refused(virtual).log("System", func(s *evtx.Stream) { s.Computer = "DC01.contoso.com" }),
		},
		{"nothing of ADSync: tell of what there is", "SYNC01", new(input).log("System", nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := names(tt.in.hosts()); got != tt.want {
				t.Errorf("got hosts %q, want %q", got, tt.want)
			}
		})
	}
}

// eventOn adds an event of the Service Control Manager of another computer.
func (in *input) eventOn(computer string, minutes float64, id int, params ...string) *input {
	in.scm(minutes, id, params...)
	in.events[len(in.events)-1].Computer = computer
	return in
}

func TestRenamedHostHasAllLogs(t *testing.T) {
	in := refused(virtual)
	in.logs = nil
	in.log("System", func(s *evtx.Stream) { s.Computer, s.LastID, s.Last = "WIN-4F0A", 99, t0.Add(-20*time.Hour) })
	in.log("System", func(s *evtx.Stream) { s.FirstID, s.First = 100, t0.Add(-20*time.Hour) })
	h := in.host(t)
	if !h.Logs.Cover("System", facts.Window{From: t0.Add(-22 * time.Hour), To: t0}) {
		t.Errorf("the log from before the renaming is not counted: %+v", h.Logs)
	}
}

func TestCover(t *testing.T) {
	hour := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Hour) }
	gap := func(s *evtx.Stream) {
		s.Gaps = []evtx.Gap{{After: 500, Before: 510, From: hour(-1), To: hour(1)}}
		s.GapCount = 1
	}
	for _, tt := range []struct {
		name     string
		in       *input
		channel  string
		from, to int
		want     bool
	}{
		{"within", refused(virtual), "System", -10, 10, true},
		{"case does not matter", refused(virtual), "system", -10, 10, true},
		{"another channel", refused(virtual), "Security", -10, 10, false},
		{"the log wrapped", refused(virtual), "System", -30, 10, false},
		{"the log ends early", refused(virtual), "System", -10, 30, false},
		{"a quiet hour at the end", new(input).log("System", nil), "System", 0, 25, true},
		{"a gap inside", new(input).log("System", gap), "System", -10, 10, false},
		{"a gap elsewhere", new(input).log("System", gap), "System", 5, 10, true},
		{"a second copy fills the gap", new(input).log("System", gap).log("System", nil), "System", -10, 10, true},
		{"archived logs that follow each other", new(input).log("System", func(s *evtx.Stream) { s.LastID, s.Last = 400, hour(-5) }).log("System", func(s *evtx.Stream) { s.FirstID, s.First = 401, hour(-5) }), "System", -10, 10, true},
		{"archived logs with one missing between", new(input).log("System", func(s *evtx.Stream) { s.LastID, s.Last = 400, hour(-5) }).log("System", func(s *evtx.Stream) { s.FirstID, s.First = 600, hour(-2) }), "System", -10, 10, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.in.host(t)
			if got := h.Logs.Cover(tt.channel, facts.Window{From: hour(tt.from), To: hour(tt.to)}); got != tt.want {
				t.Errorf("got %v, want %v; coverage %+v", got, tt.want, h.Logs)
			}
		})
	}
}

// TestSecondCopies: the same log twice is the same history.
func TestSecondCopies(t *testing.T) {
	in := refused(virtual)
	in.events = append(in.events, in.events...)
	if n := len(in.host(t).Service.Failures); n != 2 {
		t.Errorf("%d failures, want the two events once each", n)
	}
}

// TestOrderDoesNotMatter: the collector gives the same for its input in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	a := refused(virtual).service(30, "4").scm(40, 7041, "ADSync", virtual)
	b := &input{logs: a.logs}
	for i := range a.events {
		b.events = append(b.events, a.events[len(a.events)-1-i])
	}
	x, y := a.host(t).Service, b.host(t).Service
	if x.State != y.State || !x.Since.Equal(y.Since) || len(x.Failures) != len(y.Failures) {
		t.Errorf("%+v\n%+v", x, y)
	}
}

// TestTooManyHosts: of thousands of computers with ADSync some are told of, and the number of
// the others.
func TestTooManyHosts(t *testing.T) {
	c := facts.NewCollector(facts.Config{})
	for i := range 300 {
		in := new(input).scm(0, 7041, "ADSync", virtual).on(fmt.Sprintf("SRV%03d.contoso.com", i))
		c.AddEvent(in.events[0])
	}
	hosts := c.Hosts()
	if len(hosts) != 256 || c.Omitted() != 44 || hosts[0].Name != "SRV000" {
		t.Errorf("%d hosts, the first %s, %d omitted", len(hosts), hosts[0].Name, c.Omitted())
	}
}

// TestHostsShareChanges: the changes of one account are not copied for each of many hosts.
func TestHostsShareChanges(t *testing.T) {
	const user, userSID = `CONTOSO\svc-sync`, "S-1-5-21-1-2-3-1105"
	c := facts.NewCollector(facts.Config{})
	in := new(input)
	for i := range 2000 {
		in.change(float64(-4000+i), 4738, user, userSID).on("DC01.contoso.com")
	}
	for i := range 3 {
		in.scm(0, 7041, "ADSync", user).on(fmt.Sprintf("SRV%d.contoso.com", i))
	}
	for _, e := range in.events {
		c.AddEvent(e)
	}
	hosts := c.Hosts()
	if len(hosts) != 3 || len(hosts[0].Account.Changes) != 2000 {
		t.Fatalf("%d hosts, %d changes", len(hosts), len(hosts[0].Account.Changes))
	}
	if &hosts[0].Account.Changes[0] != &hosts[1].Account.Changes[0] {
		t.Error("the changes were copied")
	}
	if n := len(hosts[0].Timeline); n > 600 {
		t.Errorf("the timeline has %d entries", n)
	}
}
