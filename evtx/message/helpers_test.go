package message

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

const (
	scm      = "Service Control Manager"
	scmGUID  = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"
	auditing = "Microsoft-Windows-Security-Auditing"
)

// written writes events into a log and reads them back.
func written(t testing.TB, events ...fixture.EvtxEvent) []*evtx.Event {
	t.Helper()
	for i := range events {
		if events[i].Time.IsZero() {
			events[i].Time = time.Date(2026, 11, 20, 3, 12, i, 0, time.UTC)
		}
	}
	b, err := fixture.EvtxLog{Channel: "System", Computer: "SYNC01.contoso.com", FirstRecord: 4711, Events: events}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return read(t, b)
}

// read returns the events of a log.
func read(t testing.TB, log []byte) (events []*evtx.Event) {
	t.Helper()
	r, err := evtx.NewReader(bytes.NewReader(log), int64(len(log)), evtx.Config{Source: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range r.Events(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev.Clone())
	}
	return events
}

// described reads the events of a log that is described in YAML.
func described(t testing.TB, yaml string) []*evtx.Event {
	t.Helper()
	_, log, err := fixture.Member("System.evtx.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, log)
}

// classic is an event of a source without a manifest.
func classic(provider string, id uint16, strings ...string) fixture.EvtxEvent {
	e := fixture.EvtxEvent{Provider: provider, ID: id, Level: 4, Keywords: 0x80000000000000}
	for _, s := range strings {
		e.Data = append(e.Data, fixture.EvtxData{Value: s})
	}
	return e
}

// named is an event of the Service Control Manager, whose data have names.
func named(id uint16, pairs ...string) fixture.EvtxEvent {
	e := fixture.EvtxEvent{Provider: scm, ProviderGUID: scmGUID, EventSourceName: scm, ID: id, Qualifiers: 49152, Level: 2}
	for i := 0; i < len(pairs); i += 2 {
		e.Data = append(e.Data, fixture.EvtxData{Name: pairs[i], Value: pairs[i+1]})
	}
	return e
}

func render(t testing.TB, r *Renderer, ev *evtx.Event) Text {
	t.Helper()
	text, err := r.Render(ev)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// only is a source with one template for every event.
func only(template string) Source {
	t := Parse(template)
	return SourceFunc(func(*evtx.System) (*Template, bool) { return t, true })
}

// renderLog calls do for each event of a log that may be damaged.
func renderLog(t testing.TB, log []byte, do func(*evtx.Event)) {
	t.Helper()
	r, err := evtx.NewReader(bytes.NewReader(log), int64(len(log)), evtx.Config{Source: "fuzz", MaxEventSize: 1 << 20})
	if err != nil {
		return
	}
	for ev, err := range r.Events(context.Background(), nil) {
		if err == nil {
			do(ev)
		}
	}
}
