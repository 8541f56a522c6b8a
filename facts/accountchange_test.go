package facts_test

import (
	"testing"

	"github.com/gpevtx/gpevtx/facts"
)

// TestChangeByRefusals: refused logons that name one account and then another one, without an
// installation to compare with.
func TestChangeByRefusals(t *testing.T) {
	const old, other = `CONTOSO\svc-old`, `CONTOSO\svc-new`
	refusedAs := func(accounts ...string) *input {
		in := new(input).log("System", nil)
		for i, account := range accounts {
			in.scm(float64(i-30), 7038, "ADSync", account, "%%1326")
		}
		return in
	}
	for _, tt := range []struct {
		name       string
		in         *input
		configured string // as sc shows it, if any
		from, to   string
		events     int // since the change
		virtual    bool
	}{
		{"the virtual account, then another", refusedAs(virtual, virtual, other, other), "", virtual, other, 2, true},
		{"two accounts of the domain", refusedAs(old, other), "", old, other, 1, false},
		{"the configuration has the newer one", refusedAs(virtual, other), other, virtual, other, 1, true},
		{"of several the virtual account", refusedAs(virtual, old, other), "", virtual, other, 1, true},
		{"of several the newest", refusedAs(`CONTOSO\svc-first`, old, other), "", old, other, 1, false},
		{"one account all along", refusedAs(other, other), "", "", "", 0, false},
		{"spelled in two ways", refusedAs(`contoso.com\svc-new`, other), "", "", "", 0, false},
		{"a user principal name", refusedAs("sync@contoso.com", other), "", "", "", 0, false},
		{"changed back", refusedAs(old, other, old), "", "", "", 0, false},
		{"the virtual account came back", refusedAs(other, virtual), "", "", "", 0, false},
		{"installed in between", refusedAs(virtual, other).event(-29.5, "System", "Service Control Manager", 7045,
			facts.Field{Name: "ServiceName", Value: "Microsoft Azure AD Sync"}, facts.Field{Name: "AccountName", Value: other}), "", "", "", 0, false},
		{"nothing was refused", new(input).log("System", nil).service(-5, "4"), "", "", "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := collect(tt.in)
			if tt.configured != "" {
				c = collect(tt.in, file(t, "sc.txt", sc(tt.configured, "2 AUTO_START")))
			}
			got := the(t, c, "SYNC01").Account.Change
			if got.ByEvents != (tt.events > 0) || got.FromVirtual != tt.virtual || len(got.Refused) != tt.events || tt.events > 0 && (!got.Found || got.From != tt.from || got.To != tt.to || len(got.Evidence) != 2) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
