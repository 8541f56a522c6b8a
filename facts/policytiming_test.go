package facts_test

import (
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// TestReportsRun: where a report names the run of policy by which it came about, that tells
// when the policy that it shows was applied, though the zone of its times is not known.
func TestReportsRun(t *testing.T) {
	const run = "{463A1763-7356-49A6-B879-4E9E42A3E06D}"
	for _, tt := range []struct {
		name   string
		change func(*input)
		want   facts.Verdict
	}{
		{"zone unknown", func(*input) {}, facts.Undetermined},
		{"run after the logon", func(in *input) { in.run(-150, run, true, 1, 8006) }, facts.Omitted},
		{"run before the logon", func(in *input) { in.run(-300, run, true, 1, 8006) }, facts.Undetermined},
		{"success after the logon", func(in *input) {
			in.policy(-150, 1500, system).last(func(e *facts.Event) { e.ActivityID = run })
		}, facts.Omitted},
		{"run of a user", func(in *input) { in.run(-150, run, false, 1, 8007) }, facts.Undetermined},
	} {
		in := new(input).log("System", nil).service(-200, "4").report(func(r *gpreport.Report) {
			r.Offsets = nil
			r.Computer.Components = []gpreport.Component{{GUID: gpreport.Infrastructure, ActivityID: run}}
		}, serviceRight("NETWORK SERVICE"))
		in.account = virtual
		in.policy(-160, 1502, system) // policy changed after the good start
		tt.change(in)
		in.policy(200, 1500, system)
		if r := in.host(t).Rights.Service; r.Verdict != tt.want {
			t.Errorf("%s: %s, want %s; reasons %q", tt.name, r.Verdict, tt.want, codes(r.Reasons))
		}
	}
}

// TestForcedUpdateIsNoChange: policy that was applied again between a refusal and the report is
// the policy of the refusal.
func TestForcedUpdateIsNoChange(t *testing.T) {
	for _, tt := range []struct {
		name       string
		version    uint32
		confidence facts.Confidence
	}{
		{"same lists", 1, facts.Certain},
		{"another version", 2, facts.Probable},
	} {
		in := refused(virtual).report(nil, serviceRight("NETWORK SERVICE"))
		in.run(-150, "{1}", true, 1, 8006).run(30, "{2}", true, tt.version, 8004)
		in.policy(30, 1502, system).last(func(e *facts.Event) { e.ActivityID = "{2}" })
		if r := in.host(t).Rights.Service; r.Verdict != facts.Omitted || r.Confidence != tt.confidence {
			t.Errorf("%s: %s, %s", tt.name, r.Verdict, r.Confidence)
		}
	}
}

// TestClockSetBack: where the clock was set back, it is not sure that the report came after
// the refusal.
func TestClockSetBack(t *testing.T) {
	for _, tt := range []struct {
		name       string
		minutes    int // by which the clock was set back half an hour after the refusal
		confidence facts.Confidence
	}{{"not", 0, facts.Certain}, {"by an hour", 60, facts.Probable}} {
		in := refused(virtual).report(nil, serviceRight("NETWORK SERVICE"))
		to := t0.Add(30 * time.Minute)
		in.event(30, "System", "Microsoft-Windows-Kernel-General", 1, named(
			"NewTime", to.Format(time.RFC3339Nano), "OldTime", to.Add(time.Duration(tt.minutes)*time.Minute).Format(time.RFC3339Nano))...)
		if r := in.host(t).Rights.Service; r.Verdict != facts.Omitted || r.Confidence != tt.confidence {
			t.Errorf("%s: %s, %s; want %s", tt.name, r.Verdict, r.Confidence, tt.confidence)
		}
	}
}
