package evtx_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/internal/fixture"
)

var logStart = time.Date(2026, 11, 20, 3, 12, 7, 0, time.UTC)

const scmGUID = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"

func named(pairs ...string) (data []fixture.EvtxData) {
	for i := 0; i < len(pairs); i += 2 {
		data = append(data, fixture.EvtxData{Name: pairs[i], Value: pairs[i+1]})
	}
	return data
}

// scm is an event of the Service Control Manager.
func scm(id uint16, level uint8, pairs ...string) fixture.EvtxEvent {
	return fixture.EvtxEvent{
		Provider: "Service Control Manager", ProviderGUID: scmGUID, EventSourceName: "Service Control Manager",
		ID: id, Qualifiers: 49152, Level: level, Keywords: 0x8080000000000000, ProcessID: 600, ThreadID: 4242, Data: named(pairs...),
	}
}

// serverLog is n events such as the System log of a server holds them: mostly services that
// start and stop, one failed logon of a service in a thousand.
func serverLog(n int) fixture.EvtxLog {
	log := fixture.EvtxLog{Channel: "System", Computer: "SYNC01.contoso.com", FirstRecord: 1}
	for i := range n {
		var e fixture.EvtxEvent
		switch {
		case i%1000 == 999:
			e = scm(7041, 2, "param1", "ADSync", "param2", `CONTOSO\svc-sync$`)
		case i%10 == 3:
			e = fixture.EvtxEvent{
				Provider: "Microsoft-Windows-GroupPolicy", ProviderGUID: "{aea1b4fa-97d1-45f2-a64c-4d69fffd92c9}", ID: 1500, Version: 1,
				Level: 4, Keywords: 0x8000000000000000, UserSID: "S-1-5-18", ActivityID: "{A67BE420-4636-0001-36E4-7BA63646D701}",
				ProcessID: 1276, ThreadID: 1368,
				Data: []fixture.EvtxData{
					{Name: "SupportInfo1", Value: "1", Type: "uint32"},
					{Name: "SupportInfo2", Value: "4402", Type: "uint32"},
					{Name: "ProcessingMode", Value: "0", Type: "uint32"},
					{Name: "ProcessingTimeInMilliseconds", Value: fmt.Sprint(i), Type: "uint32"},
					{Name: "DCName", Value: `\\DC01.contoso.com`},
				},
			}
		case i%10 == 7:
			e = fixture.EvtxEvent{
				Provider: "EventLog", ID: 6013, Qualifiers: 32768, Level: 4, Keywords: 0x80000000000000,
				Data: []fixture.EvtxData{{Type: "string[]", Values: []string{"", "", "", "", fmt.Sprint(i), "60", "-60 W. Europe Standard Time"}}},
			}
		default:
			e = scm(7036, 4, "param1", fmt.Sprintf("Service %d", i%97), "param2", "running")
			e.Qualifiers, e.Binary = 16384, []byte("s\x00v\x00c\x00/\x004\x00\x00\x00")
		}
		e.Time = logStart.Add(time.Duration(i) * time.Second)
		log.Events = append(log.Events, e)
	}
	return log
}

func logBytes(t testing.TB, log fixture.EvtxLog) []byte {
	t.Helper()
	b, err := log.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bigLog is a server's log of 20,000 events in about 150 chunks.
var bigLog = sync.OnceValue(func() []byte {
	b, err := serverLog(20000).Bytes()
	if err != nil {
		panic(err)
	}
	return b
})
