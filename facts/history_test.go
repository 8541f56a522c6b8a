package facts_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/facts"
)

func TestHistory(t *testing.T) {
	flapping := new(input).log("System", nil)
	for i := range 30 {
		flapping.scm(float64(i), 7034, "Microsoft Azure AD Sync", "1").service(float64(i)+0.9, "4")
	}
	for _, tt := range []struct {
		name string
		in   *input
		want []string // from, to and the text, of each trouble
	}{
		{"failing still", refused(virtual), nil},
		{"never failed", new(input).service(-10, "4"), nil},
		{"refused, then started", refused(virtual).service(30, "4"), []string{
			"0 0 ADSync could not log on as NT SERVICE\\ADSync: the account lacks the right to log on as a service, or is denied it (event 7041); it started again at 2026-11-20 03:42:07Z",
		}},
		{"the failure that tells most is told", new(input).scm(0, 7000, "Microsoft Azure AD Sync", "%%1069").
			scm(0, 7041, "ADSync", virtual).scm(5, 7000, "Microsoft Azure AD Sync", "%%1069").scm(5, 7041, "ADSync", virtual).service(30, "4"), []string{
			"0 5 ADSync could not log on as NT SERVICE\\ADSync: the account lacks the right to log on as a service, or is denied it (event 7041, 2 times); it started again at 2026-11-20 03:42:07Z",
		}},
		{"an old failure of one kind, a new one of another", new(input).scm(0, 7041, "ADSync", virtual).service(10, "4").
			scm(60, 7031, "Microsoft Azure AD Sync", "1"), []string{
			"0 0 ADSync could not log on as NT SERVICE\\ADSync: the account lacks the right to log on as a service, or is denied it (event 7041); it started again at 2026-11-20 03:22:07Z",
		}},
		{"stopped by hand after it ran again", new(input).scm(0, 7034, "Microsoft Azure AD Sync", "1").service(30, "1"), []string{
			"0 0 ADSync ended unexpectedly (event 7034); it had run again when it was stopped at 2026-11-20 03:42:07Z",
		}},
		{"stopped because it failed is no end", new(input).scm(0, 7034, "Microsoft Azure AD Sync", "1").service(0.1, "1"), nil},
		{"disabled is no end", refused(virtual).scm(10, 7040, "Microsoft Azure AD Sync", "auto start", "disabled", "ADSync"), nil},
		{"a boot is no end", refused(virtual).event(30, "System", "EventLog", 6005), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range tt.in.host(t).History {
				got = append(got, minutes(p.From)+" "+minutes(p.To)+" "+p.What)
				if len(p.Evidence) < 2 {
					t.Errorf("evidence %+v: want the failure and its end", p.Evidence)
				}
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
	long := flapping.host(t).History
	if len(long) != 10 || !strings.HasPrefix(long[0].What, "21 failures, after each of which the service ran again") {
		t.Errorf("%d troubles, the first %q", len(long), long[0].What)
	}
}

// minutes is a time in minutes after t0.
func minutes(at time.Time) string { return strconv.Itoa(int(at.Sub(t0).Minutes())) }

// The timeline of a service that fails in a loop.
func TestTimelineFolds(t *testing.T) {
	loop := func(in *input, from, times int) *input {
		for i := from; i < from+times; i++ {
			in.scm(float64(i), 7041, "ADSync", virtual).scm(float64(i)+0.01, 7000, "Microsoft Azure AD Sync", "%%1069")
		}
		return in
	}
	entries := func(in *input) []facts.Entry { return in.log("System", nil).host(t).Timeline }

	if got := entries(loop(new(input), 0, 5)); len(got) != 10 {
		t.Errorf("5 repeats: %d entries, want all 10", len(got))
	}
	got := entries(loop(new(input).service(-10, "4"), 0, 400).service(500, "4"))
	if len(got) != 4 {
		t.Fatalf("%d entries, want 4", len(got))
	}
	for _, e := range got[1:3] {
		if e.Count != 400 || !e.Last.After(t0.Add(398*time.Minute)) || len(e.Evidence) != 2 ||
			!strings.Contains(e.What, ", 400 times until 2026-11-20 09:51:07Z") {
			t.Errorf("entry %+v", e)
		}
	}
	if got[0].Count != 0 || got[3].Count != 0 {
		t.Error("what stands once is counted")
	}
	// Something else in between is never folded away.
	in := loop(new(input), 0, 20)
	in.service(19.5, "4")
	if got := entries(loop(in, 20, 20)); len(got) != 5 || got[2].What != "ADSync is running" {
		t.Errorf("got %+v", got)
	}
}

// A timeline without repetition is bounded too, and says what it leaves out.
func TestTimelineIsBounded(t *testing.T) {
	in := new(input).log("System", nil)
	for i := range 12_000 {
		in.scm(float64(i), 7024, "Microsoft Azure AD Sync", "%%"+string(rune('1'+i%7))+string(rune('1'+i%8))+string(rune('1'+i%9)))
	}
	got := in.host(t).Timeline
	if len(got) != 10_000 {
		t.Fatalf("%d entries", len(got))
	}
	note := got[2500]
	if note.Kind != "note" || note.Count != 2001 || !strings.HasPrefix(note.What, "2001 entries until ") || !note.Last.Before(got[2501].Time) {
		t.Errorf("note %+v", note)
	}
}
