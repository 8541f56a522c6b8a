package gpreport

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// policyEvent is an event as reports quote it, with data of our own.
const policyEvent = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>` +
	`<Provider Name='Microsoft-Windows-GroupPolicy' Guid='{aea1b4fa-97d1-45f2-a64c-4d69fffd92c9}'/><EventID>5017</EventID><Version>0</Version>` +
	`<Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x4000000000000000</Keywords><TimeCreated SystemTime='2023-10-19T01:23:41.8664025Z'/>` +
	`<EventRecordID>2242</EventRecordID><Correlation ActivityID='{463a1763-7356-49a6-b879-4e9e42a3e06d}'/><Execution ProcessID='1444' ThreadID='3632'/>` +
	`<Channel>Microsoft-Windows-GroupPolicy/Operational</Channel><Computer>SYNC01.contoso.com</Computer><Security UserID='S-1-5-18'/></System>` +
	`<EventData>%s</EventData></Event>`

func TestParseEvent(t *testing.T) {
	xmlText := fmt.Sprintf(policyEvent, `<Data Name='ErrorCode'>0</Data><Data Name='Parameter'></Data><Data>unnamed</Data><Data Name='Description'>a&amp;b`+"\r\n"+`  c</Data>`)
	got, _, err := parseEvent(xmlText)
	if err != nil {
		t.Fatal(err)
	}
	want := Event{
		Provider: "Microsoft-Windows-GroupPolicy", Channel: "Microsoft-Windows-GroupPolicy/Operational", Computer: "SYNC01.contoso.com",
		ID: 5017, Level: 4, Record: 2242, Time: time.Date(2023, 10, 19, 1, 23, 41, 866402500, time.UTC),
		ActivityID: "{463A1763-7356-49A6-B879-4E9E42A3E06D}", UserID: "S-1-5-18",
		Data: []Field{{"ErrorCode", "0"}, {"Parameter", ""}, {"", "unnamed"}, {"Description", "a&b c"}},
		XML:  xmlText,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseEventForms(t *testing.T) {
	const head = `<?xml version="1.0" encoding="utf-16"?><e:Event xmlns:e="http://schemas.microsoft.com/win/2004/08/events/event">`
	const provider = "<e:System><e:Provider Name='P'/></e:System>"
	tests := []struct {
		name, xmlText string
		want          Event
		err           error
	}{
		{"data of a user", head + provider + `<e:UserData><x:A xmlns:x="y"><x:B>1</x:B><x:C n="z"/>own</x:A></e:UserData></e:Event>`, Event{Provider: "P", Data: []Field{{"A > B", "1"}, {"A > C", ""}, {"A", "own"}}}, nil},
		{"rendered", head + provider + "<e:RenderingInfo><e:Level>x</e:Level><e:Message> a\nb </e:Message></e:RenderingInfo></e:Event>", Event{Provider: "P", Description: "a\nb"}, nil},
		{"forbidden characters", head + provider + "<e:EventData><e:Data Name='a'>x&#1;y\x02</e:Data></e:EventData></e:Event>", Event{Provider: "P", Data: []Field{{"a", "x\uFFFDy\uFFFD"}}}, nil},
		{"values that are none", "<Event><System><EventID>-3</EventID><Level>x</Level><EventRecordID/><TimeCreated SystemTime='1601-01-01T00:00:00Z'/><Correlation ActivityID='x'/></System></Event>", Event{}, nil},
		{"another element", "<Events/>", Event{}, errNoEvent},
		{"a text", "no event", Event{}, errNoEvent},
		{"nothing", "", Event{}, errNoEvent},
		{"cut off", head + provider + "<e:EventData><e:Data Name='a'>1</e:Data><e:Data Name='b'>2", Event{Provider: "P", Data: []Field{{"a", "1"}}}, errAny},
		{"broken", head + provider + "<e:EventData><e:Data Name='a'>1</e:Data></e:System>", Event{Provider: "P", Data: []Field{{"a", "1"}}}, errMalformed},
		{"deep", head + strings.Repeat("<a>", 40), Event{}, ErrLimit},
		{"long", strings.Repeat(" ", maxEventBytes+1), Event{}, ErrLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := parseEvent(tt.xmlText)
			if (err == nil) != (tt.err == nil) || tt.err != errAny && !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if got.XML != tt.xmlText {
				t.Errorf("the text itself is not kept: %q", got.XML)
			}
			if got.XML = ""; !cmp.Equal(tt.want, got) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// errAny stands for any error.
var errAny = errors.New("any")

// Wherever an event ends, what is read is a part of the whole.
func TestParseEventCutAnywhere(t *testing.T) {
	xmlText := fmt.Sprintf(policyEvent, `<Data Name='a'>1</Data><Data Name='b'><c>2</c>&lt;3</Data>`)
	whole, _, err := parseEvent(xmlText)
	if err != nil || len(whole.Data) != 3 {
		t.Fatal(whole, err)
	}
	for end := range len(xmlText) {
		e, _, err := parseEvent(xmlText[:end])
		if err == nil {
			t.Fatalf("at %d: no error", end)
		}
		if n := len(e.Data); n > len(whole.Data) || !cmp.Equal(whole.Data[:n], append([]Field{}, e.Data...)) {
			t.Errorf("at %d: data %+v", end, e.Data)
		}
		for _, s := range [][2]string{{whole.Provider, e.Provider}, {whole.Channel, e.Channel}, {whole.Computer, e.Computer}, {whole.ActivityID, e.ActivityID}, {whole.UserID, e.UserID}} {
			if s[1] != "" && s[1] != s[0] {
				t.Errorf("at %d: %q, want %q", end, s[1], s[0])
			}
		}
	}
}

// The memory of an event has a bound, whatever its names are.
func TestParseEventMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	nest := strings.Repeat("<"+strings.Repeat("n", 10_000)+">", 20)
	for name, data := range map[string]string{
		"long names around many": nest + strings.Repeat("<a/>", 100_000),
		"many":                   strings.Repeat("<a/>", 200_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := parseEvent(fmt.Sprintf(policyEvent, data))
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, ErrLimit) || n > 32<<20 {
			t.Errorf("%s: %d bytes allocated, error %v", name, n, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add(fmt.Sprintf(policyEvent, `<Data Name='a'>1</Data><b><c/></b>`))
	f.Add("<Event><UserData><a>&#1;")
	f.Fuzz(func(t *testing.T, xmlText string) {
		e, _, err := parseEvent(xmlText)
		if e.XML != xmlText {
			t.Fatal("the text is not kept")
		}
		if err == nil && !strings.Contains(xmlText, "Event") {
			t.Fatal("no event and no error")
		}
	})
}
