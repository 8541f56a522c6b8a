package evtx_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// firstEvent makes a log of one event and reads it; a program would open a file.
func firstEvent(e fixture.EvtxEvent) *evtx.Event {
	e.Time = time.Date(2026, 11, 20, 3, 12, 7, 0, time.UTC)
	l := fixture.EvtxLog{Channel: "Security", Computer: "SYNC01.contoso.com", FirstRecord: 1, Events: []fixture.EvtxEvent{e}}
	b, err := l.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		return ev.Clone()
	}
	return nil
}

// Read numbers, times and SIDs as what they are.
func ExampleValue() {
	ev := firstEvent(fixture.EvtxEvent{
		Provider: "Microsoft-Windows-Security-Auditing", ID: 4625,
		Data: []fixture.EvtxData{
			{Name: "TargetUserSid", Value: "S-1-5-21-1-2-3-1104", Type: "sid"},
			{Name: "LogonType", Value: "5", Type: "uint32"},
			{Name: "SubStatus", Value: "0xc0000072", Type: "hexint32"},
			{Name: "LastLogon", Value: "2026-11-19T22:00:00.1234567Z", Type: "filetime"},
		},
	})
	data, err := ev.Data()
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range data {
		if s, ok := d.Value.SID(); ok {
			rid, _ := s.RID()
			fmt.Println(d.Name, "has the RID", rid)
		}
		if n, ok := d.Value.Uint(); ok {
			fmt.Println(d.Name, "is", n)
		}
		if t, ok := d.Value.Time(); ok {
			fmt.Println(d.Name, "was", ev.Time.Sub(t).Round(time.Minute), "before")
		}
	}
	// Output:
	// TargetUserSid has the RID 1104
	// LogonType is 5
	// SubStatus is 3221225586
	// LastLogon was 5h12m0s before
}

// Take the parameters of a classic event's message by their position.
func ExampleEvent_Strings() {
	ev := firstEvent(fixture.EvtxEvent{
		Provider: "EventLog", ID: 6013,
		Data: []fixture.EvtxData{{Type: "string[]", Values: []string{"", "", "", "", "86400", "60", "-60 W. Europe Standard Time"}}},
	})
	texts, err := ev.Strings()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d parameters, %%5 is %s\n", len(texts), texts[4])
	// Output:
	// 7 parameters, %5 is 86400
}
