package message

import (
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/internal/fixture"
)

func TestTemplates(t *testing.T) {
	unnamed := written(t, classic("Any", 1, "one", "", "three", "50% of %1", `%%1069`))[0]
	withNames := written(t, named(7000, "param1", "ADSync", "param2", "%%1069"))[0]
	empty := written(t, classic("Any", 1))[0]
	for _, c := range []struct {
		name, template, want string
	}{
		{"no reference", "The service is ready.", "The service is ready."},
		{"positions", "<%1> <%2> <%3>", "<one> <> <three>"},
		{"no datum of that position", "%1 %6 %99", "one %6 %99"},
		{"two digits at most", "%123", "%123"},
		{"a datum is not a template", "%4", "50% of %1"},
		{"a parameter of an unknown provider", "%5", "%%1069"},
		{"formats of printf change nothing", "%1!s! %3!-20.10ws!", "one three"},
		{"stars take data of their own", "%1!*.*s!", "three"},
		{"exclamation without a format", "Beware of %1! And of %3!", "Beware of one! And of three!"},
		{"escapes", "a%nb%tc%rd%be%.f%!g%%h%\\", "a\nb\tc\rd e.f!g%h\\"},
		{"any character", "%ä%-", "ä-"},
		{"a percent sign at the end", "100 %", "100 %"},
		{"the end of the text", "here%0and not here", "here"},
		{"line breaks at the end", "text\r\n", "text"},
		{"line breaks within", "a\r\nb", "a\r\nb"},
		{"a parameter", "see %%1069.", "see %%1069."},
		{"all data", "%{*}", "one; three; 50% of %1; %%1069"},
		{"no name", "%{param1}", "%{param1}"},
		{"an empty name", "%{}", "{}"},
		{"a name without an end", "%{param1", "{param1"},
		{"braces are text", "{GUID} {%1}", "{GUID} {one}"},
	} {
		if got := render(t, &Renderer{Sources: []Source{only(c.template)}}, unnamed); got.Message != c.want || got.Origin != Supplied {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.template, got.Message, c.want)
		}
	}
	for _, c := range []struct{ template, want string }{
		{"%{param1} and %1", "ADSync and ADSync"},
		{"%{Param1}", "%{Param1}"},
		{"%{*}", "param1=ADSync; param2=1069 (ERROR_SERVICE_LOGON_FAILED): " + meaning(1069)},
		{"%%5", "5 (ERROR_ACCESS_DENIED): " + meaning(5)},
	} {
		if got := render(t, &Renderer{Sources: []Source{only(c.template)}}, withNames); got.Message != c.want {
			t.Errorf("%q gives %q, want %q", c.template, got.Message, c.want)
		}
	}
	if got := render(t, &Renderer{Sources: []Source{only("[%{*}]")}}, empty); got.Message != "[none]" {
		t.Errorf("all of no data: %q", got.Message)
	}
}

func TestTemplateKeepsItsText(t *testing.T) {
	for _, text := range []string{"", "a %1%n%{b!sid!}\r\n", "%"} {
		if got := Parse(text).String(); got != text {
			t.Errorf("Parse(%q).String() = %q", text, got)
		}
	}
	ev := written(t, classic("Any", 1, "x"))[0]
	literal := Literal("100 %1 %n")
	f := newFiller(&ev.System, nil, 100)
	f.template(literal)
	if f.out.String() != "100 %1 %n" {
		t.Errorf("a literal is printed as %q", f.out.String())
	}
}

// The Binary of EventData is no insert; an element of UserData with data of any name is.
func TestInserts(t *testing.T) {
	e := classic("Any", 1, "one")
	e.Binary = []byte{1, 2}
	user := fixture.EvtxEvent{
		Provider: "Microsoft-Windows-Eventlog", ProviderGUID: "{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}", ID: 104,
		UserData: &fixture.EvtxUserData{Element: "LogFileCleared", Fields: []fixture.EvtxData{
			{Name: "SubjectUserName", Value: "admin"}, {Name: "Channel", Value: "System"},
		}},
	}
	r := &Renderer{Sources: []Source{only("%1|%2|%{Channel}|%{*}")}}
	for i, want := range []string{"one|%2|%{Channel}|one", "admin|System|System|SubjectUserName=admin; Channel=System"} {
		if got := render(t, r, written(t, e, user)[i]).Message; got != want {
			t.Errorf("event %d gives %q, want %q", i, got, want)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct{ value, format, want string }{
		{"1332", "win32", "1332 (ERROR_NONE_MAPPED): " + meaning(1332)},
		{"0", "win32", "0 (ERROR_SUCCESS)"},
		{"4294967290", "win32", "4294967290"},
		{"abc", "win32", "abc"},
		{"0xc000006a", "ntstatus", "0xc000006a (STATUS_WRONG_PASSWORD): The account exists and the password is wrong"},
		{"-", "ntstatus", "-"},
		{"5", "logontype", "5 (service)"},
		{"6", "logontype", "6"},
		{"S-1-5-80-0", "sid", `S-1-5-80-0 (NT SERVICE\ALL SERVICES)`},
		{"S-1-5-21-1-2-3-1104", "sid", "S-1-5-21-1-2-3-1104"},
		{"-", "sid", "-"},
		{"x", "other", "x"},
	} {
		ev := written(t, classic("Any", 1, c.value))[0]
		if got := render(t, &Renderer{Sources: []Source{only("%1!" + c.format + "!")}}, ev).Message; got != c.want {
			t.Errorf("%s as %s: %q, want %q", c.value, c.format, got, c.want)
		}
	}
}

func TestLimit(t *testing.T) {
	ev := written(t, classic("Any", 1, strings.Repeat("ä", 1000)))[0]
	bomb := only(strings.Repeat("%1", 10000))
	for _, c := range []struct {
		max, want int
	}{{0, 64 << 10}, {101, 100}, {100, 100}, {1, 0}} {
		got := render(t, &Renderer{Sources: []Source{bomb}, MaxSize: c.max}, ev)
		if len(got.Message) != c.want || !got.Truncated || strings.Trim(got.Message, "ä") != "" {
			t.Errorf("limit %d: %d bytes, want %d, truncated %t", c.max, len(got.Message), c.want, got.Truncated)
		}
	}
	for _, c := range []struct {
		max       int
		truncated bool
	}{{2000, false}, {1999, true}} {
		if got := render(t, &Renderer{Sources: []Source{only("%1")}, MaxSize: c.max}, ev); got.Truncated != c.truncated {
			t.Errorf("limit %d for 2000 bytes: truncated %t", c.max, got.Truncated)
		}
	}
}
