package message

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/winerr"
)

// meaning is what winerr tells of a Win32 error, as it stands in a sentence.
func meaning(code winerr.Code) string { return strings.TrimSuffix(code.Info().Meaning, ".") }

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		provider   string
		id         uint16
		value      string
		want, note string
	}{
		{scm, 7000, "%%1053", "1053 (ERROR_SERVICE_REQUEST_TIMEOUT): " + meaning(1053), "of the system"},
		{"service control manager", 7000, "%%5", "5 (ERROR_ACCESS_DENIED): " + meaning(5), "names do not depend on case"},
		{scm, 7023, "%%2147942414", "0x8007000e (ERROR_OUTOFMEMORY): " + meaning(14), "an HRESULT, unsigned"},
		{scm, 7023, "%%-2147024882", "0x8007000e (ERROR_OUTOFMEMORY): " + meaning(14), "an HRESULT, signed"},
		{scm, 7023, "%%99999", "%%99999", "unknown"},
		{scm, 7023, "%%99999999999", "%%99999999999", "no number of 32 bits"},
		{scm, 7023, "%%", "%%", "no number"},
		{scm, 7023, "%%%%5%", "%%5 (ERROR_ACCESS_DENIED): " + meaning(5) + "%", "signs around it"},
		{scm, 7024, "%%2", "%%2", "a service's own number, not a Win32 error"},
		{scm, 7024, "%%2147942402", "0x80070002 (ERROR_FILE_NOT_FOUND): " + meaning(2), "but an HRESULT is one"},
		{"NETLOGON", 5805, "%%5", "5 (ERROR_ACCESS_DENIED): " + meaning(5), "of the system"},
		{auditing, 4625, "%%2313", "The account name or the password is wrong", "why a logon was refused"},
		{auditing, 4656, "%%1538\r\n\t\t\t\t%%1541\r\n", "READ_CONTROL\r\n\t\t\t\tSYNCHRONIZE\r\n", "several"},
		{auditing, 4719, "%%8449, %%8451", "success added, failure added", "several"},
		{auditing, 4625, "%%1069", "%%1069", "another number of another table"},
		{auditing, 4625, "%%-5", "%%-5", "no such number"},
		{"Microsoft-Windows-GroupPolicy", 4016, "%%4102", "%%4102", "a table that we do not have"},
		{"Any", 1, "%%5", "%%5", "a provider that we do not know"},
	} {
		f := newFiller(&evtx.System{Provider: c.provider, EventID: c.id}, nil, 1000)
		f.text(c.value)
		if got := f.out.String(); got != c.want {
			t.Errorf("%s %d: %q gives %q, want %q (%s)", c.provider, c.id, c.value, got, c.want, c.note)
		}
	}
}

// The data keep what is stored: only the text is resolved.
func TestDataStayRaw(t *testing.T) {
	ev := written(t, named(7000, "param1", "ADSync", "param2", "%%1069"))[0]
	render(t, &Renderer{}, ev)
	data, err := ev.Data()
	if err != nil || data[1].Value.String() != "%%1069" {
		t.Errorf("param2 is %q, %v", data[1].Value, err)
	}
}

func TestAuditWords(t *testing.T) {
	last, n := 0, 0
	for line := range strings.Lines(auditText) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		number, text, ok := strings.Cut(line, "\t")
		var value int
		for _, c := range number {
			value = value*10 + int(c-'0')
		}
		switch {
		case !ok || text == "" || text != strings.TrimSpace(text) || strings.Contains(text, "%"):
			t.Errorf("%q: a number, a tab and words expected", line)
		case value <= last:
			t.Errorf("%q: numbers ascend", line)
		case auditWords()[uint32(value)] != text:
			t.Errorf("%q is not in the table", line)
		}
		last = value
	}
	if len(auditWords()) != n || n < 200 {
		t.Errorf("%d words of %d lines", len(auditWords()), n)
	}
	for number := 2304; number <= 2313; number++ { // those of winerr
		if _, ok := auditWords()[uint32(number)]; ok {
			t.Errorf("%d stands in two tables", number)
		}
	}
}

func TestListing(t *testing.T) {
	e := classic("Contoso Backup", 17, "job", "", "done")
	e.Binary = []byte{1}
	for i, want := range []string{
		"There is no text for event 17 of Contoso Backup. Its data: job; done",
		"There is no text for event 18 of Contoso Backup. Its data: none",
		"There is no text for event 9 of Service Control Manager. Its data: a=b",
	} {
		ev := written(t, e, classic("Contoso Backup", 18), named(9, "a", "b"))[i]
		if got := render(t, &Renderer{}, ev); got.Message != want || got.Origin != None {
			t.Errorf("%q of origin %s, want %q", got.Message, got.Origin, want)
		}
	}
	f := newFiller(&evtx.System{EventID: 1}, nil, 1000)
	f.listing(&evtx.System{EventID: 1})
	if want := "There is no text for event 1 of an unnamed provider. Its data: none"; f.out.String() != want {
		t.Errorf("%q, want %q", f.out.String(), want)
	}
}

func TestOrigins(t *testing.T) {
	forwarded := named(7036, "param1", "ADSync", "param2", "gestartet")
	forwarded.Forwarded, forwarded.Message = true, "Der Dienst \"ADSync\" befindet sich jetzt im Status \"gestartet\".\r\n"
	silent := named(7036, "param1", "ADSync", "param2", "stopped")
	silent.Forwarded = true
	own, unknown := named(7036, "param1", "ADSync", "param2", "running"), classic("Any", 1)
	misleading := classic("Any", 1, "<RenderingInfo><Message>no</Message></RenderingInfo>")
	nested := fixture.EvtxEvent{
		Provider: "Any", ProviderGUID: "{AEA1B4FA-97D1-45F2-A64C-4D69FFFD92C9}", ID: 1,
		UserData: &fixture.EvtxUserData{XML: "<RenderingInfo Culture=\"xx\"><Message>no</Message></RenderingInfo>"},
	}
	without := SourceFunc(func(*evtx.System) (*Template, bool) { return nil, false })
	careless := SourceFunc(func(*evtx.System) (*Template, bool) { return nil, true })
	for i, want := range []Text{
		{Message: "Der Dienst \"ADSync\" befindet sich jetzt im Status \"gestartet\".", Origin: Forwarded, Culture: "en-US"},
		{Message: "The ADSync service changed to the state \"stopped\".", Origin: Catalogued},
		{Message: "The ADSync service changed to the state \"running\".", Origin: Catalogued},
		{Message: "There is no text for event 1 of Any. Its data: none", Origin: None},
		{Message: "There is no text for event 1 of Any. Its data: <RenderingInfo><Message>no</Message></RenderingInfo>", Origin: None},
		{Message: "There is no text for event 1 of Any. Its data: Message=no", Origin: None},
	} {
		ev := written(t, forwarded, silent, own, unknown, misleading, nested)[i]
		if got := render(t, &Renderer{}, ev); got != want {
			t.Errorf("event %d: %+v, want %+v", i, got, want)
		}
		if want.Origin == Forwarded {
			continue
		}
		if got := render(t, &Renderer{Sources: []Source{without, careless, only("mine")}}, ev); got.Message != "mine" || got.Origin != Supplied {
			t.Errorf("event %d with a source of mine: %+v", i, got)
		}
	}
	for o, want := range map[Origin]string{None: "none", Catalogued: "built-in", Supplied: "supplied", Forwarded: "forwarded", 99: "none"} {
		if o.String() != want {
			t.Errorf("origin %d is %q", o, o.String())
		}
	}
}

func TestReadRendering(t *testing.T) {
	forwarded := named(7036, "param1", "ADSync", "param2", "running")
	forwarded.Forwarded, forwarded.Message = true, "a < b\x01\r\nc"
	events := written(t, forwarded, named(7036))
	got, ok, err := ReadRendering(events[0])
	if err != nil || !ok || got.Culture != "en-US" || !strings.HasPrefix(got.Message, "a < b") || !strings.HasSuffix(got.Message, "\r\nc") {
		t.Errorf("%+v %t %v", got, ok, err)
	}
	if got, ok, err := ReadRendering(events[1]); ok || err != nil {
		t.Errorf("an event of the computer itself: %+v %t %v", got, ok, err)
	}
}
