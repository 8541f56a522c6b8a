package facts_test

import (
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// TestNamesOfTargets: the Security log has who was given a right by the SID only; other inputs
// may have the name.
func TestNamesOfTargets(t *testing.T) {
	const user, id, group = `CONTOSO\svc-sync`, "S-1-5-21-1-2-3-1105", `CONTOSO\Tier 0`
	denied := func() *input {
		return refused(user).with(user).log("Security", nil).given(-60, syncSID, deny, "S-1-5-18")
	}
	for _, tt := range []struct {
		name string
		in   *input
		want string
	}{
		{"by whoami of the account", denied().whoami(user, id, group+"="+syncSID), group},
		{
			"by a report", denied().whoami(user, id, "="+syncSID).report(func(r *gpreport.Report) {
				r.Computer.Groups = []sid.Principal{{Name: group, SID: syncSID}}
			}), group,
		},
		{"by no input", denied().whoami(user, id, "="+syncSID), syncSID},
	} {
		if got := tt.in.host(t).Policy.Revocation.Target; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
