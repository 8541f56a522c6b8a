package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// manyAccounts is a collector with a file that names n accounts of the service, of which the
// first counts, and a report that lists the given ones.
func manyAccounts(t *testing.T, n int, listed ...string) *facts.Collector {
	t.Helper()
	var b strings.Builder
	for i := range n {
		b.WriteString(sc(fmt.Sprintf(`CONTOSO\svc%d`, i), "2 AUTO_START"))
	}
	in := new(input).log("System", nil).report(func(r *gpreport.Report) { r.Computer.Groups = nil }, serviceRight(listed...))
	return collect(in, file(t, "sc.txt", b.String()))
}

// TestManyAccounts: of thousands of accounts that the inputs name some are listed, and no
// verdict rests on the others not being in the policy.
func TestManyAccounts(t *testing.T) {
	for _, tt := range []struct {
		n      int
		listed string
		more   int
		want   facts.Verdict
	}{
		{2, `CONTOSO\other$`, 0, facts.Omitted},
		{2, `CONTOSO\svc1`, 0, facts.Undetermined},
		{20, `CONTOSO\other$`, 0, facts.Omitted},
		{100, `CONTOSO\svc5`, 80, facts.Undetermined},
		{100, `CONTOSO\svc99`, 80, facts.Undetermined},
		{100, `CONTOSO\other$`, 80, facts.Undetermined},
		{100, `CONTOSO\svc0`, 80, facts.Granted},
	} {
		h := the(t, manyAccounts(t, tt.n, tt.listed), "SYNC01")
		a, r := h.Account, h.Rights.Service
		if a.MoreConflicts != tt.more || len(a.Conflicts)+a.MoreConflicts != tt.n-1 || r.Verdict != tt.want || r.Confidence != "" && r.Confidence != facts.Possible {
			t.Errorf("%d accounts, %s listed: %d and %d conflicts, %s, %s", tt.n, tt.listed, len(a.Conflicts), a.MoreConflicts, r.Verdict, r.Confidence)
		}
		if told := strings.Contains(a.Reasons[0].Message, "and 98 times another one"); told != (tt.more > 0) {
			t.Errorf("%d accounts: %s", tt.n, a.Reasons[0].Message)
		}
	}
}

// TestManyAccountsAndLists: what it takes grows as the accounts and the list do.
func TestManyAccountsAndLists(t *testing.T) {
	allocs := func(n int) float64 {
		var listed []string
		for i := range n {
			listed = append(listed, fmt.Sprintf(`CONTOSO\x%d$`, i))
		}
		c := manyAccounts(t, n, listed...)
		return testing.AllocsPerRun(1, func() { c.Hosts() })
	}
	once := allocs(100)
	if times := allocs(200) / once; times > 2.5 {
		t.Errorf("twice the accounts take %.1f times the allocations", times)
	}
}
