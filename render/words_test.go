package render

import (
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
)

func when(hour int) *time.Time {
	t := time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC)
	return &t
}

func TestSinceWords(t *testing.T) {
	event, row := analyzer.Evidence{Time: when(3)}, analyzer.Evidence{Row: 1}
	for _, tt := range []struct {
		finding analyzer.Finding
		want    inert
	}{
		{analyzer.Finding{Evidence: []analyzer.Evidence{row}}, "not known: a report shows how things stand, not when that began"},
		{analyzer.Finding{Evidence: []analyzer.Evidence{row, event}}, "not known"},
		{analyzer.Finding{First: when(3)}, "2026-11-20 03:00:00Z, seen once"},
		{analyzer.Finding{First: when(3), Last: when(3), Count: 1}, "2026-11-20 03:00:00Z, seen once"},
		{analyzer.Finding{First: when(3), Count: 2}, "2026-11-20 03:00:00Z, seen 2 times"},
		{analyzer.Finding{First: when(3), Last: when(4)}, "2026-11-20 03:00:00Z, last 2026-11-20 04:00:00Z"},
		{analyzer.Finding{First: when(3), Last: when(4), Count: 9}, "2026-11-20 03:00:00Z, seen 9 times, last 2026-11-20 04:00:00Z"},
	} {
		if got := spaced(sinceWords(tt.finding)); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func spaced(s inert) inert {
	p := newPage(TextOptions{})
	p.put(plain, s)
	return inert(p.buf.String())
}

func TestRightWords(t *testing.T) {
	gpo := analyzer.GPO{Name: "Baseline", GUID: "{1}"}
	all := []analyzer.Principal{{Name: `NT SERVICE\ALL SERVICES`, SID: "S-1-5-80-0"}}
	for _, tt := range []struct {
		right analyzer.Right
		want  inert
	}{
		{analyzer.Right{Verdict: facts.Granted, Winner: gpo, Covering: all}, `granted by "Baseline" through NT SERVICE\ALL SERVICES`},
		{analyzer.Right{Verdict: facts.Granted}, "granted"},
		{analyzer.Right{Verdict: facts.Denied, Winner: analyzer.GPO{GUID: "{1}"}}, "denied by {1}"},
		{analyzer.Right{Verdict: facts.Omitted, Winner: gpo}, `not granted by "Baseline"`},
		{analyzer.Right{Right: "SeDenyServiceLogonRight", Verdict: facts.Omitted, Winner: gpo}, `not denied by "Baseline"`},
		{analyzer.Right{Verdict: facts.Undefined}, "no GPO defines it"},
		{analyzer.Right{Verdict: facts.Undetermined}, "cannot be told"},
		{analyzer.Right{}, "cannot be told"},
		{analyzer.Right{Verdict: "new"}, "cannot be told"},
		{
			analyzer.Right{Unexpanded: []analyzer.Principal{{SID: "S-1-5-21-1"}, {Name: "G"}}},
			"cannot be told: who is in S-1-5-21-1, G is not known",
		},
	} {
		if got := rightWords(tt.right); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestAccountWords(t *testing.T) {
	for _, tt := range []struct {
		account analyzer.Account
		want    inert
	}{
		{analyzer.Account{}, "unknown"},
		{analyzer.Account{Name: "a", Assumed: true, Kind: facts.Virtual}, "a (assumed: no input names the account)"},
		{analyzer.Account{SID: "S-1-5-21-1"}, "S-1-5-21-1 (kind unknown)"},
		{analyzer.Account{Name: "a$", Kind: facts.GroupManaged, Confidence: facts.Possible}, "a$ (group managed service account, possible)"},
		{analyzer.Account{Name: "a$", Kind: facts.Standalone}, "a$ (standalone managed service account)"},
		{analyzer.Account{Name: "a", Kind: facts.DomainUser, Confidence: facts.Certain}, "a (domain user)"},
		{analyzer.Account{Name: "a", Kind: facts.LocalUser}, "a (local user)"},
		{analyzer.Account{Name: "a", Kind: facts.SystemAccount}, "a (account of the system)"},
		{analyzer.Account{Name: "a", Kind: "new\x1b"}, `a (new\x1b)`},
	} {
		if got := accountWords(tt.account); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestServiceWords(t *testing.T) {
	account := analyzer.Account{Name: `NT SERVICE\ADSync`}
	for _, tt := range []struct {
		service analyzer.Service
		want    inert
	}{
		{analyzer.Service{}, "state unknown"},
		{analyzer.Service{State: facts.Running}, "running"},
		{analyzer.Service{State: facts.Stopped, Since: when(3)}, "stopped since 2026-11-20 03:00:00Z"},
		{analyzer.Service{State: facts.Disabled, Account: `nt service\adsync`}, "disabled"},
		{analyzer.Service{State: facts.Failing, Account: `CONTOSO\x`}, `failing, as CONTOSO\x`},
		{analyzer.Service{State: facts.Running, Account: `CONTOSO\x`}, `running; the newest event that names an account has CONTOSO\x`},
		{analyzer.Service{State: "new"}, "new"},
	} {
		if got := spaced(serviceWords(tt.service, account)); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		first, last *time.Time
		want        inert
	}{
		{nil, nil, "times unknown"},
		{when(3), nil, "2026-11-20 03:00:00Z to unknown"},
		{nil, when(3), "unknown to 2026-11-20 03:00:00Z"},
		{when(3), when(4), "2026-11-20 03:00:00Z to 2026-11-20 04:00:00Z"},
	} {
		if got := spaced(span(tt.first, tt.last)); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// A finding is about the rights whose row it rests on or whose name it says.
func TestConcerns(t *testing.T) {
	row := []analyzer.Evidence{{Source: "gpresult.htm", Row: 4, Line: 9}}
	right := analyzer.Right{Right: "SeServiceLogonRight", Display: "Log on as a service", Evidence: row}
	for _, tt := range []struct {
		what    string
		finding analyzer.Finding
		want    bool
	}{
		{"same row", analyzer.Finding{Evidence: row}, true},
		{"other row", analyzer.Finding{Evidence: []analyzer.Evidence{{Source: "gpresult.htm", Row: 5, Line: 9}}}, false},
		{"no row", analyzer.Finding{Evidence: []analyzer.Evidence{{Source: "gpresult.htm"}}}, false},
		{"named", analyzer.Finding{Message: `"Log on as a service" is not granted`}, true},
		{"constant", analyzer.Finding{Message: "SeServiceLogonRight is not granted"}, true},
		{"other right", analyzer.Finding{Message: `"Deny log on as a service" hits the account`}, false},
	} {
		if got := concerns(tt.finding, right); got != tt.want {
			t.Errorf("%s: %v", tt.what, got)
		}
	}
}
