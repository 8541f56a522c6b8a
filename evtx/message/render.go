package message

import (
	"fmt"
	"strings"

	"github.com/gpevtx/gpevtx/evtx"
)

// Origin is where the text of an event is from.
type Origin uint8

// The origins, the surest last.
const (
	// None: no template is known; the text lists the data.
	None Origin = iota
	// Catalogued: the catalogue of this package, in words of its own.
	Catalogued
	// Supplied: a source of the Renderer.
	Supplied
	// Forwarded: the event carries the text of the computer on which it happened.
	Forwarded
)

var originNames = [...]string{None: "none", Catalogued: "built-in", Supplied: "supplied", Forwarded: "forwarded"}

// String returns the origin as one word, such as "built-in".
func (o Origin) String() string {
	if int(o) < len(originNames) {
		return originNames[o]
	}
	return originNames[None]
}

// Text is an event in words.
type Text struct {
	// Message is text, not markup: it holds what the event holds, control characters and line
	// breaks included. Whoever prints it must make it inert.
	Message string
	Origin  Origin
	// Culture is the language of a forwarded text, such as de-DE; empty for others.
	Culture string
	// Truncated is set when Message was cut at the limit of the Renderer.
	Truncated bool
}

// Renderer puts events into words. The zero value uses what events carry and the built-in
// catalogue. It is safe for concurrent use if its sources are.
type Renderer struct {
	// Sources are asked in order, before the built-in catalogue.
	Sources []Source
	// MaxSize bounds a text in bytes; a template can repeat a value. Default 64 KiB.
	MaxSize int
}

const defaultMaxSize = 64 << 10

// Render returns an event in words: those that the event carries, else a template of the first
// source that has one, else of the built-in catalogue, filled with the event's data. A
// reference to data that the event does not have stays as it is, as %3 or %{Name}, and so does
// a parameter that is not known, as %%4102. Of an event without a template the text lists the
// data and says so; its origin is None.
//
// An error is damage of the event; the text then has what could be read.
func (r *Renderer) Render(ev *evtx.Event) (Text, error) {
	carried, ok, err := ReadRendering(ev)
	if message := strings.TrimRight(carried.Message, "\r\n"); ok && message != "" {
		f := r.filler(ev, nil)
		f.add(message)
		return Text{Message: f.out.String(), Origin: Forwarded, Culture: carried.Culture, Truncated: f.cut}, nil
	}
	data, dataErr := ev.Data()
	if err == nil {
		err = dataErr
	}
	f := r.filler(ev, data)
	t, origin := r.template(&ev.System)
	if origin == None {
		f.listing(&ev.System)
	} else {
		f.template(t)
	}
	return Text{Message: f.out.String(), Origin: origin, Truncated: f.cut}, err
}

func (r *Renderer) filler(ev *evtx.Event, data []evtx.Datum) *filler {
	limit := r.MaxSize
	if limit <= 0 {
		limit = defaultMaxSize
	}
	return newFiller(&ev.System, data, limit)
}

func (r *Renderer) template(sys *evtx.System) (*Template, Origin) {
	for _, s := range r.Sources {
		if t, ok := s.Template(sys); ok && t != nil {
			return t, Supplied
		}
	}
	if t, ok := BuiltIn().Template(sys); ok {
		return t, Catalogued
	}
	return nil, None
}

// listing is the text of an event without a template.
func (f *filler) listing(sys *evtx.System) {
	f.add(fmt.Sprintf("There is no text for event %d of ", sys.EventID))
	provider := sys.Provider
	if provider == "" {
		provider = "an unnamed provider"
	}
	f.add(provider)
	f.add(". Its data: ")
	f.all()
}
