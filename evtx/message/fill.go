package message

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/evtx"
)

// filler prints a template with the data of an event.
type filler struct {
	data   []evtx.Datum
	params parameters
	out    strings.Builder
	limit  int
	cut    bool // the limit was reached
}

func newFiller(sys *evtx.System, data []evtx.Datum, limit int) *filler {
	return &filler{data: inserts(data), params: parametersOf(sys), limit: limit}
}

// inserts are the data to which positions refer: without the Binary that may stand at the end
// of EventData.
func inserts(data []evtx.Datum) []evtx.Datum {
	if n := len(data); n > 0 && data[n-1].Element == "Binary" {
		return data[:n-1]
	}
	return data
}

func (f *filler) template(t *Template) {
	for i := range t.pieces {
		if f.cut {
			return
		}
		f.piece(&t.pieces[i])
	}
}

func (f *filler) piece(p *piece) {
	switch p.kind {
	case literalPiece:
		f.add(p.text)
	case insertPiece:
		if p.insert <= len(f.data) {
			f.value(f.data[p.insert-1].Value, p.format)
			return
		}
		f.add("%" + strconv.Itoa(p.insert))
	case namePiece:
		for _, d := range f.data {
			if nameOf(d) == p.text {
				f.value(d.Value, p.format)
				return
			}
		}
		f.add("%{" + p.text + "}")
	case allPiece:
		f.all()
	case parameterPiece:
		f.parameter(p.text)
	}
}

// nameOf is the name of a datum: its Name, or that of its element in UserData; "" for one
// that has only a position.
func nameOf(d evtx.Datum) string {
	if d.Name == "" && d.Element != "Data" {
		return d.Element
	}
	return d.Name
}

// all prints the data that are not empty, "none" if there are none.
func (f *filler) all() {
	separator, before := "", f.out.Len()
	for _, d := range f.data {
		if f.cut {
			return
		}
		text := d.Value.String()
		if strings.TrimSpace(text) == "" {
			continue
		}
		f.add(separator)
		separator = "; "
		if name := nameOf(d); name != "" {
			f.add(name + "=")
		}
		f.text(text)
	}
	if f.out.Len() == before {
		f.add("none")
	}
}

func (f *filler) value(v evtx.Value, format string) {
	text := v.String()
	if explained, ok := formatted(text, format); ok {
		f.add(explained)
		return
	}
	f.text(text)
}

// text prints the text of a datum with its parameters resolved. It is printed as it is
// otherwise: a percent sign in a datum begins no reference.
func (f *filler) text(s string) {
	for !f.cut {
		before, number, after, ok := cutParameter(s)
		f.add(before)
		if !ok {
			return
		}
		f.parameter(number)
		s = after
	}
}

// parameter prints the text of a parameter, or the reference where it is not known.
func (f *filler) parameter(number string) {
	if text, ok := f.params(number); ok {
		f.add(text)
		return
	}
	f.add("%%" + number)
}

// add prints s up to the limit. Nothing follows what was cut, even where it would fit.
func (f *filler) add(s string) {
	if f.cut {
		return
	}
	if room := f.limit - f.out.Len(); len(s) > room {
		for room > 0 && !utf8.RuneStart(s[room]) {
			room--
		}
		s = s[:max(room, 0)]
		f.cut = true
	}
	f.out.WriteString(s)
}
