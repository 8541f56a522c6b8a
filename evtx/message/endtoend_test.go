package message

import (
	"strings"
	"testing"
)

// TestLogs puts whole logs into words, as package fixture writes them for scenarios: the
// providers' real types of data, forwarded and not.
func TestLogs(t *testing.T) {
	events := described(t, `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-20T03:12:00Z
events:
  - {provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\ADSync'}}
  - {provider: Service Control Manager, id: 7031, data: {param1: Microsoft Azure AD Sync, param2: '3'}}
  - {provider: Service Control Manager, id: 7045, data: {ServiceName: Microsoft Azure AD Sync, ImagePath: 'C:\miiserver.exe', AccountName: '.\AAD_1'}}
  - {provider: Microsoft-Windows-Security-Auditing, id: 4625, data: {TargetUserName: svc, TargetDomainName: CONTOSO, SubStatus: '0xc000015b', FailureReason: '%%2308'}}
  - {provider: Microsoft-Windows-Security-Auditing, id: 4718, data: {TargetSid: S-1-5-80-0}}
  - {provider: Microsoft-Windows-Security-Auditing, id: 4719}
  - {provider: Microsoft-Windows-Security-Auditing, id: 6145, data: {GPOList: '{31B2F340-016D-11D2-945F-00C04FB984F9} Default Domain Policy'}}
  - {provider: Microsoft-Windows-GroupPolicy, id: 7006, data: {ErrorCode: '1355'}}
  - {provider: EventLog, id: 6013, strings: ['', '', '', '', '4711', '60', '-60 W. Europe Standard Time']}
  - {provider: SceCli, id: 1202, strings: ['0x534 : No mapping.']}
  - {provider: ADSync, id: 2001}
  - {provider: ADSync, id: 6999, strings: [a, b]}
  - {provider: Directory Synchronization, id: 611, strings: ['Password hash synchronization failed.']}
`)
	want := []string{
		`The ADSync service could not log on as NT SERVICE\ADSync: the account may not log on as a service, because it lacks the user right or is denied it.`,
		`The Microsoft Azure AD Sync service ended unexpectedly; times so far: 3. What is done about it in 60000 milliseconds: Restart the service.`,
		`A service was installed: Microsoft Azure AD Sync, file C:\miiserver.exe, type "user mode service", start "auto start", account .\AAD_1.`,
		`CONTOSO\svc could not log on. Type: 5 (service). Reason: The account may not log on to this computer in the requested way: the user right is missing or denied. Status: 0xc000006d (STATUS_LOGON_FAILURE): The account name or the password is wrong; the substatus tells which. Substatus: 0xc000015b (STATUS_LOGON_TYPE_NOT_GRANTED): The account may not log on to this computer in the requested way: the user right is missing or denied. Process: C:\Windows\System32\services.exe. From: SYNC01, address -.`,
		`CONTOSO\SYNC01$ removed a logon right from S-1-5-80-0 (NT SERVICE\ALL SERVICES): SeServiceLogonRight`,
		`CONTOSO\SYNC01$ changed what is audited. Category: Logon/Logoff. Subcategory: Logon {0CCE9215-69AE-11D9-BED3-505054503030}. Changes: success added`,
		`Errors occurred while the security settings of Group Policy objects were applied: 1332 (ERROR_NONE_MAPPED): ` + meaning(1332) + `. The objects: {31B2F340-016D-11D2-945F-00C04FB984F9} Default Domain Policy`,
		`The processing of Group Policy for CONTOSO\SYNC01$ failed after 1 seconds (policy of the computer: 1): 1355 (ERROR_NO_SUCH_DOMAIN): ` + meaning(1355) + `.`,
		`The computer has been running for 4711 seconds. The time zone: -60 W. Europe Standard Time`,
		`The security settings of Group Policy were applied with warnings: 0x534 : No mapping.`,
		`The synchronization service was started.`,
		`The synchronization engine logged: a; b`,
		`Password hash synchronization failed.`,
	}
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d", len(events), len(want))
	}
	for i, ev := range events {
		if got := render(t, &Renderer{}, ev); got.Message != want[i] || got.Origin != Catalogued {
			t.Errorf("event %d is\n%s\nwant\n%s", ev.EventID, got.Message, want[i])
		}
	}
}

// TestEveryLineOfTheCatalogue prints each event that package fixture knows with the data that
// such events have: nothing is left unfilled.
func TestEveryLineOfTheCatalogue(t *testing.T) {
	rendered := 0
	for provider, entries := range eachTemplate() {
		for key := range entries {
			log, err := typical(provider, max(key.id, 0), nil)
			if err != nil {
				t.Fatal(err)
			}
			ev := read(t, log)[0]
			if data, err := ev.Data(); err != nil || len(data) == 0 {
				continue
			}
			rendered++
			got := render(t, &Renderer{}, ev)
			if got.Origin != Catalogued || strings.Contains(got.Message, "%{") || strings.Contains(got.Message, "!") {
				t.Errorf("%s %d: %s, %s", provider, key.id, got.Origin, got.Message)
			}
		}
	}
	if rendered < 100 {
		t.Errorf("%d events were rendered", rendered)
	}
}
