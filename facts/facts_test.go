package facts_test

import (
	"encoding/hex"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// The case that the tests vary: SYNC01 in contoso.com, with the default account, failing
// since t0.
var t0 = time.Date(2026, 11, 20, 3, 12, 7, 0, time.UTC)

const (
	virtual = `NT SERVICE\ADSync`
	server  = "SYNC01.contoso.com"
)

// input collects what a test puts in.
type input struct {
	record  uint64
	account string
	events  []facts.Event
	reports []*gpreport.Report
	logs    []evtx.Stream
	groups  []collected.Membership
	files   []*collected.File
}

// scm adds an event of the Service Control Manager, minutes after t0.
func (in *input) scm(minutes float64, id int, params ...string) *input {
	return in.event(minutes, "System", "Service Control Manager", id, fields(params...)...)
}

// service adds a 7036 for ADSync: state 4 is running, 1 stopped.
func (in *input) service(minutes float64, state string) *input {
	words := map[string]string{"4": "wird ausgeführt", "1": "beendet"}
	f := fields("Microsoft Azure AD Sync", words[state])
	f = append(f, facts.Field{Name: "Binary", Value: binary("ADSync/" + state)})
	return in.event(minutes, "System", "Service Control Manager", 7036, f...)
}

func (in *input) event(minutes float64, channel, provider string, id int, f ...facts.Field) *input {
	in.record++
	in.events = append(in.events, facts.Event{
		Time: t0.Add(time.Duration(minutes * float64(time.Minute))), Channel: channel, Provider: provider, ID: id,
		Computer: server, Record: in.record, Fields: f,
		Location: evidence.Location{Source: "System.evtx", Channel: channel, Record: in.record},
	})
	return in
}

func fields(values ...string) []facts.Field {
	var f []facts.Field
	for i, v := range values {
		f = append(f, facts.Field{Name: "param" + string(rune('1'+i)), Value: v})
	}
	return f
}

func binary(text string) string {
	var b []byte
	for _, u := range append(utf16.Encode([]rune(text)), 0) {
		b = append(b, byte(u), byte(u>>8))
	}
	return hex.EncodeToString(b)
}

// log adds the coverage of a channel from a day before t0 to a day after.
func (in *input) log(channel string, change func(*evtx.Stream)) *input {
	s := evtx.Stream{
		Channel: channel, Computer: server, First: t0.Add(-24 * time.Hour), Last: t0.Add(24 * time.Hour),
		FirstID: 1, LastID: 1000, Records: 1000,
	}
	if change != nil {
		change(&s)
	}
	in.logs = append(in.logs, s)
	return in
}

// report adds a report of the computer, collected an hour after t0 and with policy applied
// half an hour before it. change may be nil.
func (in *input) report(change func(*gpreport.Report), rights ...gpreport.Assignment) *input {
	r := &gpreport.Report{
		Source: "gpresult.htm", Kind: gpreport.GPResultHTML, Results: gpreport.Logged,
		Host: "SYNC01", Domain: "CONTOSO", Collected: local(60), Offsets: []time.Duration{0},
		Computer: &gpreport.Scope{Name: `CONTOSO\SYNC01`, Domain: "contoso.com", Refreshed: local(-30), Rights: rights},
	}
	if change != nil {
		change(r)
	}
	in.reports = append(in.reports, r)
	return in
}

// local is a report's local time, minutes after t0 as if it were UTC.
func local(minutes int) gpreport.LocalTime {
	t := t0.Add(time.Duration(minutes) * time.Minute)
	return gpreport.LocalTime{Raw: t.Format("1/2/2006 3:04:05 PM"), Candidates: []time.Time{t}}
}

func right(constant string, names ...string) gpreport.Assignment {
	a := gpreport.Assignment{Right: constant, Display: constant, Winner: gpreport.GPORef{Name: "Server Baseline"}}
	for _, n := range names {
		a.Principals = append(a.Principals, sid.ParsePrincipal(n))
	}
	return a
}

func serviceRight(names ...string) gpreport.Assignment { return right("SeServiceLogonRight", names...) }

// hosts runs the collector.
func (in *input) hosts() []*facts.Host {
	c := facts.NewCollector(facts.Config{Account: in.account, Groups: in.groups})
	for _, e := range in.events {
		c.AddEvent(e)
	}
	for _, r := range in.reports {
		c.AddReport(r)
	}
	for _, f := range in.files {
		c.AddCollected(f)
	}
	if len(in.logs) > 0 {
		c.AddCoverage("System.evtx", evtx.Coverage{Streams: in.logs, Complete: true})
	}
	return c.Hosts()
}

// host runs the collector for a case of one host.
func (in *input) host(t *testing.T) *facts.Host {
	t.Helper()
	hosts := in.hosts()
	if len(hosts) != 1 {
		t.Fatalf("got %d hosts, want 1: %+v", len(hosts), hosts)
	}
	return hosts[0]
}

// refused is a log in which the account is refused at t0, in order with everything else.
func refused(account string) *input {
	in := new(input).log("System", nil)
	in.service(-600, "4")
	in.service(-5, "1")
	in.scm(0, 7041, "ADSync", account)
	in.scm(0, 7000, "Microsoft Azure AD Sync", "%%1069")
	return in
}
