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

// sampleLog makes a small System log; a program would open a file.
func sampleLog() *bytes.Reader {
	l := fixture.EvtxLog{Channel: "System", Computer: "SYNC01.contoso.com", FirstRecord: 4711}
	for i, e := range []fixture.EvtxEvent{
		scm(7036, 4, "param1", "Windows Update", "param2", "running"),
		scm(7041, 2, "param1", "ADSync", "param2", `NT SERVICE\ADSync`),
		scm(7000, 2, "param1", "Microsoft Azure AD Sync", "param2", "%%1069"),
		scm(7036, 4, "param1", "Windows Update", "param2", "stopped"),
	} {
		e.Time = time.Date(2026, 11, 20, 3, 12, 7+i, 0, time.UTC)
		l.Events = append(l.Events, e)
	}
	b, err := l.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	return bytes.NewReader(b)
}

// Find the events that say why a service did not start.
func Example() {
	file := sampleLog()
	r, err := evtx.NewReader(file, file.Size(), evtx.Config{Source: "System.evtx"})
	if err != nil {
		log.Fatal(err)
	}
	filter, err := evtx.Compile(
		evtx.Selector{
			Providers: []string{"Service Control Manager"}, IDs: []uint16{7000, 7001, 7009},
		},
		evtx.Selector{
			Providers: []string{"Service Control Manager"}, IDs: []uint16{7041},
			Data: []evtx.DataTest{{Name: "param1", Values: []string{"ADSync"}}},
		},
	)
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range r.Events(context.Background(), filter) {
		if err != nil {
			fmt.Println("damaged:", err)
			continue
		}
		fmt.Println(ev.Time.Format(time.DateTime), "record", ev.RecordID, "event", ev.EventID, "selectors", ev.Matched)
		data, err := ev.Data()
		if err != nil {
			fmt.Println("damaged:", err)
		}
		for _, d := range data {
			fmt.Printf("\t%s = %s\n", d.Name, d.Value)
		}
	}
	// Output:
	// 2026-11-20 03:12:08 record 4712 event 7041 selectors [1]
	// 	param1 = ADSync
	// 	param2 = NT SERVICE\ADSync
	// 2026-11-20 03:12:09 record 4713 event 7000 selectors [0]
	// 	param1 = Microsoft Azure AD Sync
	// 	param2 = %%1069
}

// Print a log as JSON, one event a line.
func ExampleEvent_AppendJSON() {
	file := sampleLog()
	r, err := evtx.NewReader(file, file.Size(), evtx.Config{})
	if err != nil {
		log.Fatal(err)
	}
	var line []byte
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			log.Print(err)
			continue
		}
		if line, err = ev.AppendJSON(line[:0]); err != nil {
			log.Print(err)
			continue
		}
		fmt.Printf("%s\n", line)
		break // one is enough here
	}
	// Output:
	// {"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Provider":{"#attributes":{"Name":"Service Control Manager","Guid":"{555908d1-a6d7-4695-8e1e-26931d2012f4}","EventSourceName":"Service Control Manager"}},"EventID":{"#attributes":{"Qualifiers":49152},"#text":7036},"Version":0,"Level":4,"Task":0,"Opcode":0,"Keywords":"0x8080000000000000","TimeCreated":{"#attributes":{"SystemTime":"2026-11-20T03:12:07.0000000Z"}},"EventRecordID":4711,"Correlation":null,"Execution":{"#attributes":{"ProcessID":600,"ThreadID":4242}},"Channel":"System","Computer":"SYNC01.contoso.com","Security":null},"EventData":{"param1":"Windows Update","param2":"running"}}}
}

// Judge whether a log can prove that something did not happen.
func ExampleReader_Coverage() {
	file := sampleLog()
	r, err := evtx.NewReader(file, file.Size(), evtx.Config{})
	if err != nil {
		log.Fatal(err)
	}
	none, err := evtx.Compile() // chooses nothing: only count
	if err != nil {
		log.Fatal(err)
	}
	for _, err := range r.Events(context.Background(), none) {
		log.Print(err)
	}
	c := r.Coverage()
	for _, s := range c.Streams {
		fmt.Printf("%s on %s: %d records, %d to %d, from %s to %s, older ones are gone: %t\n", s.Channel, s.Computer,
			s.Records, s.FirstID, s.LastID, s.First.Format(time.DateTime), s.Last.Format(time.DateTime), s.Wrapped())
	}
	fmt.Println("gaps:", c.Streams[0].GapCount, "lost:", c.Lost, "complete:", c.Complete)
	// Output:
	// System on SYNC01.contoso.com: 4 records, 4711 to 4714, from 2026-11-20 03:12:07 to 2026-11-20 03:12:10, older ones are gone: true
	// gaps: 0 lost: 0 complete: true
}
