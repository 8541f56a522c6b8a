package render_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/evtx/message"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/render"
)

// actingRunes are characters that terminals, spreadsheets, XML or CSV could act on.
var actingRunes = []rune("=+-@\t\r\n;,\"'|<>&\x1b\x07\x7f\u009b\u0085\u202e\u200b\ufeff\u2028\u00ad ab日é\u0301")

func actingText(r *rand.Rand) string {
	var s strings.Builder
	for range r.IntN(12) {
		s.WriteRune(actingRunes[r.IntN(len(actingRunes))])
	}
	return s.String()
}

// actingEvents are events with such characters everywhere.
func actingEvents(t *testing.T, r *rand.Rand, n int) (events []*evtx.Event) {
	t.Helper()
	log := fixture.EvtxLog{Channel: "System", Computer: "host"}
	for i := range n {
		e := fixture.EvtxEvent{
			Provider: "P" + actingText(r), ID: uint16(r.IntN(70000)), Level: uint8(r.IntN(8)), Time: time.Unix(int64(i)*1e6, 0),
			Channel: actingText(r), Computer: actingText(r),
		}
		for range r.IntN(4) {
			e.Data = append(e.Data, fixture.EvtxData{Name: actingText(r), Value: actingText(r)})
		}
		log.Events = append(log.Events, e)
	}
	b, err := log.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	rd, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{Source: "=x\x1b.evtx"})
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range rd.Events(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev.Clone())
	}
	return events
}

// textOf puts an event into words as programs do.
func textOf(ev *evtx.Event) message.Text {
	text, _ := new(message.Renderer).Render(ev)
	return text
}

// checkInertLine fails when something in a line could act on a terminal or is not seen.
func checkInertLine(t *testing.T, line string) {
	t.Helper()
	for _, r := range line {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
			t.Fatalf("%U is printed: %q", r, line)
		}
	}
}

func TestEventsAreInert(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	events := actingEvents(t, r, 300)
	var sheet render.EventCSV
	out := []byte(sheet.Header() + "\n")
	for _, width := range []int{0, 30, 80, 200} {
		var page bytes.Buffer
		table := render.NewEventTable(&page, width)
		for _, ev := range events {
			line, err := table.Append(nil, ev, textOf(ev))
			if err == nil {
				err = table.Add(line)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(page.String(), "\n"), "\n")
		if len(lines) != len(events)+1 {
			t.Fatalf("width %d: %d lines for %d events", width, len(lines), len(events))
		}
		for _, line := range lines {
			checkInertLine(t, line)
			if width > 0 && displayWidth(line) > width {
				t.Fatalf("width %d: %q", width, line)
			}
		}
	}
	for _, ev := range events {
		var err error
		if out, err = sheet.Append(out, ev, textOf(ev)); err != nil {
			t.Fatal(err)
		}
		out = append(out, '\n')
		checkSameJSON(t, ev)
		checkSameXML(t, ev)
	}
	checkInertLine(t, string(out))
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(rows) != len(events)+1 || bytes.Count(out, []byte("\n")) != len(rows) {
		t.Fatalf("%d rows for %d events, %v", len(rows), len(events), err)
	}
	for _, row := range rows {
		for _, c := range row {
			for _, part := range strings.Split(c, ";") {
				if p := strings.TrimLeft(part, ` "`); p != "" && strings.ContainsRune("=+-@", rune(p[0])) {
					t.Errorf("a formula: %q", c)
				}
			}
		}
	}
}

// displayWidth is a lower bound of the cells that a line takes.
func displayWidth(s string) (n int) {
	for _, r := range s {
		if !unicode.Is(unicode.M, r) {
			n++
		}
	}
	return n
}

// checkSameJSON: made inert, an event's JSON means the same.
func checkSameJSON(t *testing.T, ev *evtx.Event) {
	t.Helper()
	plain, err := ev.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	inert := render.InertJSON(plain)
	checkInertLine(t, string(inert))
	var a, b any
	if err := json.Unmarshal(plain, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(inert, &b); err != nil {
		t.Fatal(err)
	}
	x, _ := json.Marshal(a)
	if y, _ := json.Marshal(b); !bytes.Equal(x, y) {
		t.Errorf("JSON %s became %s", plain, inert)
	}
}

// checkSameXML does so for XML.
func checkSameXML(t *testing.T, ev *evtx.Event) {
	t.Helper()
	plain, err := ev.AppendXML(nil)
	if err != nil {
		t.Fatal(err)
	}
	inert := render.InertXML(plain)
	checkInertLine(t, strings.ReplaceAll(string(inert), "\t", ""))
	if a, b := xmlTokens(t, plain), xmlTokens(t, inert); a != b {
		t.Errorf("XML %s became %s", a, b)
	}
}

func xmlTokens(t *testing.T, b []byte) string {
	t.Helper()
	var node struct {
		XMLName xml.Name
		System  struct {
			Channel, Computer string
			Provider          struct {
				Name string `xml:",attr"`
			}
		}
		EventData struct {
			Data []struct {
				Name string `xml:",attr"`
				Text string `xml:",chardata"`
			}
		}
	}
	if err := xml.Unmarshal(b, &node); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	out, _ := json.Marshal(node)
	return string(out)
}

// TestEventTableHolds has more rows than the table looks at, the later ones wider.
func TestEventTableHolds(t *testing.T) {
	var page bytes.Buffer
	table := render.NewEventTable(&page, 60)
	row := func(provider string) []byte {
		return []byte(strings.Join([]string{"2026-11-20 01:00:00Z", "info", provider, "1", "1", "data"}, "\t"))
	}
	for range 200 {
		if err := table.Add(row("short")); err != nil {
			t.Fatal(err)
		}
	}
	if page.Len() == 0 {
		t.Error("nothing is printed before the end")
	}
	table.Add(row("a provider with a long name"))
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(page.String(), "\n")
	if got := lines[201]; got != "2026-11-20 01:00:00Z  info   a provi…   1       1  data" {
		t.Errorf("%q", got)
	}
}
