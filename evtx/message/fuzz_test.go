package message

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// FuzzTemplate fills any template with data of any text: within the limit, in one way, and
// nothing of what is no reference is lost.
func FuzzTemplate(f *testing.F) {
	for line := range strings.Lines(builtInText) {
		if _, text, ok := strings.Cut(strings.TrimPrefix(line, "\t"), "\t"); ok {
			f.Add(text, "%%1069 %%2313", uint16(4000))
		}
	}
	for _, seed := range []string{"%1!*.*s!%99%0x", "%%%%%", "%{*}%{", "%1!", "%{a}!sid!", "%ä%!%.%r%n%t%b%%12345678901", strings.Repeat("%1", 500)} {
		f.Add(seed, "%%-2147024882%1", uint16(99))
	}
	f.Add("", "\U0001F600%%1537", uint16(2)) // cut before the parameter, which has room
	f.Fuzz(func(t *testing.T, text, value string, limit uint16) {
		checkTemplate(t, text, value, int(limit))
	})
}

func checkTemplate(t *testing.T, text, value string, limit int) {
	template := Parse(text)
	if template.String() != text {
		t.Fatalf("Parse(%q) keeps %q", text, template)
	}
	for _, provider := range []string{scm, auditing, "Any"} {
		fill := func(limit int) *filler {
			f := newFiller(&evtx.System{Provider: provider}, nil, limit)
			f.template(template)
			f.text(value)
			return f
		}
		got := fill(limit)
		out := got.out.String()
		if again := fill(limit); again.out.String() != out || again.cut != got.cut {
			t.Fatalf("%q and %q give %q and %q", text, value, out, again.out.String())
		}
		whole := fill(1 << 20)
		switch {
		case len(out) > limit:
			t.Fatalf("%d bytes, the limit is %d", len(out), limit)
		case !got.cut && out != whole.out.String(), !strings.HasPrefix(whole.out.String(), out):
			t.Fatalf("%q is no beginning of %q", out, whole.out.String())
		case utf8.ValidString(text) && utf8.ValidString(value) && !utf8.ValidString(out):
			t.Fatalf("%q and %q give %q, which is not UTF-8", text, value, out)
		case !strings.Contains(text, "%") && !strings.Contains(value, "%%") && whole.out.String() != strings.TrimRight(text, "\r\n")+value:
			t.Fatalf("%q and %q give %q", text, value, whole.out.String())
		}
	}
}

func FuzzReadCatalogue(f *testing.F) {
	f.Add("# a\nProvider\nOther\n\t1,2v3\tthe text %1\n\t*\t%{*}\n")
	f.Add("\t1\tx")
	f.Add(builtInText[:2000])
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ReadCatalogue(strings.NewReader(text))
		if err != nil {
			if c != nil || !strings.HasPrefix(err.Error(), "message catalogue, line ") {
				t.Errorf("%v, %v", c, err)
			}
			return
		}
		for _, entries := range c.providers {
			for key, template := range entries {
				if key.id > 0xFFFF || key.version > 0xFF || template.String() == "" {
					t.Errorf("%v: %q", key, template)
				}
			}
		}
	})
}

// FuzzRender puts events of any log into words: an event that cannot be read whole gives an
// error, and a text all the same.
func FuzzRender(f *testing.F) {
	forwarded := named(7036, "param1", "ADSync", "param2", "running")
	forwarded.Forwarded, forwarded.Message = true, "a text"
	for _, e := range []fixture.EvtxEvent{forwarded, classic("ADSync", 6301, "BAIL", "%%5"), named(7000, "param1", "a", "param2", "%%1069")} {
		b, err := fixture.EvtxLog{Channel: "System", Computer: "PC", Events: []fixture.EvtxEvent{e}}.Bytes()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:4096+8192])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		renderer := Renderer{MaxSize: 1000}
		renderLog(t, b, func(ev *evtx.Event) {
			got, err := renderer.Render(ev)
			again, errAgain := renderer.Render(ev)
			switch {
			case got != again, (err == nil) != (errAgain == nil):
				t.Errorf("%+v %v and %+v %v", got, err, again, errAgain)
			case len(got.Message) > 1000, got.Message == "" && got.Origin == None:
				t.Errorf("%+v", got)
			}
		})
	})
}
