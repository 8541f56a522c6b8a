package message_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/evtx/message"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// sampleLog makes a small log; a program would open a file.
func sampleLog() *evtx.Reader {
	at := time.Date(2026, 11, 20, 3, 12, 7, 0, time.UTC)
	unnamed := func(values ...string) (data []fixture.EvtxData) {
		for _, v := range values {
			data = append(data, fixture.EvtxData{Value: v})
		}
		return data
	}
	b, err := fixture.EvtxLog{Channel: "System", Computer: "SYNC01.contoso.com", Events: []fixture.EvtxEvent{
		{Time: at, Provider: "Service Control Manager", ID: 7041, Data: unnamed("ADSync", `NT SERVICE\ADSync`)},
		{Time: at, Provider: "Service Control Manager", ID: 7000, Data: unnamed("Microsoft Azure AD Sync", "%%1053")},
		{Time: at, Provider: "Contoso Backup", ID: 17, Data: unnamed("nightly", "done")},
		{Time: at, Provider: "Service Control Manager", ID: 7036, Data: unnamed("ADSync", "gestartet"), Forwarded: true, Message: "Dienst \"ADSync\" befindet sich jetzt im Status \"gestartet\"."},
	}}.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{Source: "System.evtx"})
	if err != nil {
		log.Fatal(err)
	}
	return r
}

// Print what a log says, and where the words are from.
func Example() {
	var r message.Renderer
	for ev, err := range sampleLog().Events(context.Background(), nil) {
		if err != nil {
			fmt.Println("damaged:", err)
			continue
		}
		text, err := r.Render(ev)
		if err != nil {
			fmt.Println("damaged:", err)
		}
		fmt.Printf("%s: %s\n", text.Origin, text.Message)
	}
	// Output:
	// built-in: The ADSync service could not log on as NT SERVICE\ADSync: the account may not log on as a service, because it lacks the user right or is denied it.
	// built-in: The Microsoft Azure AD Sync service did not start: 1053 (ERROR_SERVICE_REQUEST_TIMEOUT): The service did not report in time that it had started.
	// none: There is no text for event 17 of Contoso Backup. Its data: nightly; done
	// forwarded: Dienst "ADSync" befindet sich jetzt im Status "gestartet".
}

// Add templates of other providers from a file.
func ExampleReadCatalogue() {
	mine, err := message.ReadCatalogue(strings.NewReader("Contoso Backup\n\t17\tThe job %1 ended: %2.\n"))
	if err != nil {
		log.Fatal(err)
	}
	r := message.Renderer{Sources: []message.Source{mine}}
	filter, err := evtx.Compile(evtx.Selector{Providers: []string{"Contoso Backup"}})
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range sampleLog().Events(context.Background(), filter) {
		if err != nil {
			log.Fatal(err)
		}
		text, err := r.Render(ev)
		fmt.Println(text.Message, text.Origin, err)
	}
	// Output:
	// The job nightly ended: done. supplied <nil>
}

// Use message tables that were read by other means.
func ExampleSourceFunc() {
	table := map[uint32]*message.Template{17: message.Parse("Job %1!s!: %2%n")}
	r := message.Renderer{Sources: []message.Source{message.SourceFunc(func(sys *evtx.System) (*message.Template, bool) {
		t, ok := table[uint32(sys.Qualifiers)<<16|uint32(sys.EventID)]
		return t, ok && sys.Provider == "Contoso Backup"
	})}}
	filter, err := evtx.Compile(evtx.Selector{IDs: []uint16{17}})
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range sampleLog().Events(context.Background(), filter) {
		if err != nil {
			log.Fatal(err)
		}
		text, err := r.Render(ev)
		fmt.Printf("%q %v\n", text.Message, err)
	}
	// Output:
	// "Job nightly: done\n" <nil>
}
