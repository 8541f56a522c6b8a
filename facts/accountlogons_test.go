package facts_test

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/facts"
)

// asService adds a service logon, 4624 or 4625, of an account.
func (in *input) asService(minutes float64, id int, account, accountSID string) *input {
	domain, name, _ := strings.Cut(account, `\`)
	return in.event(minutes, "Security", "Microsoft-Windows-Security-Auditing", id,
		facts.Field{Name: "TargetUserSid", Value: accountSID}, facts.Field{Name: "TargetUserName", Value: name},
		facts.Field{Name: "TargetDomainName", Value: domain}, facts.Field{Name: "LogonType", Value: "5"})
}

// TestAccountOfServiceLogons: a service logon names the account where only setup makes such
// accounts; the name in a report is a guess.
func TestAccountOfServiceLogons(t *testing.T) {
	const user = "S-1-5-21-1-2-3-1105"
	secure := func() *input { return new(input).log("Security", nil) }
	for _, tt := range []struct {
		name    string
		in      *input
		want    string
		kind    facts.AccountKind
		assumed bool
		verdict facts.Verdict
	}{
		{"virtual", secure().asService(0, 4624, virtual, virtualSID).report(nil, serviceRight(virtual)), virtual, facts.Virtual, false, facts.Granted},
		{"made by setup on a domain controller", secure().asService(0, 4624, `CONTOSO\ADSyncMSA_1a2b3$`, user).report(nil, serviceRight(`CONTOSO\ADSyncMSA_1a2b3$`)), `CONTOSO\ADSyncMSA_1a2b3$`, facts.Standalone, false, facts.Granted},
		{"made by an older setup", secure().asService(0, 4624, `SYNC01\AAD_1f2e3d4c5b6a`, user).report(nil, serviceRight("NETWORK SERVICE")), `SYNC01\AAD_1f2e3d4c5b6a`, facts.LocalUser, false, facts.Undetermined}, // it did log on,
		{"that failed", secure().asService(0, 4625, `CONTOSO\AAD_1f2e3d4c5b6a`, "S-1-0-0").report(nil, serviceRight("NETWORK SERVICE")), `CONTOSO\AAD_1f2e3d4c5b6a`, facts.DomainUser, false, facts.Omitted},
		{"the newest", secure().asService(0, 4624, `SYNC01\AAD_1f2e3d4c5b6a`, user).asService(5, 4624, virtual, virtualSID).report(nil, serviceRight(virtual)), virtual, facts.Virtual, false, facts.Granted},
		{"somebody's name that begins alike", secure().asService(0, 4624, `CONTOSO\AAD_Admins`, user).report(nil, serviceRight("NETWORK SERVICE")), virtual, facts.Virtual, true, facts.Omitted},
		{"in a report", new(input).report(nil, serviceRight(`CONTOSO\svc-x`, `CONTOSO\AAD_1f2e3d4c5b6a`)), `CONTOSO\AAD_1f2e3d4c5b6a`, facts.DomainUser, true, facts.Granted},
		{"two in a report", new(input).report(nil, serviceRight(`CONTOSO\AAD_0f2e3d4c5b6a`, `CONTOSO\AAD_1f2e3d4c5b6a`)), virtual, facts.Virtual, true, facts.Undetermined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.in.host(t)
			if h.Account.Name != tt.want || h.Account.Kind != tt.kind || h.Account.Assumed != tt.assumed {
				t.Errorf("got %s, %s, assumed %v; want %s, %s, %v", h.Account.Name, h.Account.Kind, h.Account.Assumed, tt.want, tt.kind, tt.assumed)
			}
			if len(h.Account.Evidence) == 0 && h.Account.Name != virtual {
				t.Error("without evidence")
			}
			if h.Rights.Service.Verdict != tt.verdict {
				t.Errorf("verdict %s, want %s; %v", h.Rights.Service.Verdict, tt.verdict, h.Rights.Service.Reasons)
			}
		})
	}
}
