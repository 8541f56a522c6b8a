package message

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/gpevtx/gpevtx/evtx"
)

// Rendering is what the computer on which an event happened said of it in words, in its own
// language. A collector stores it with the events that are forwarded as "rendered text"; it is
// the element RenderingInfo of the event schema. What the event does not have is empty.
type Rendering struct {
	// Culture is the language, such as en-US.
	Culture  string   `xml:"Culture,attr"`
	Message  string   `xml:"Message"`
	Level    string   `xml:"Level"`
	Task     string   `xml:"Task"`
	Opcode   string   `xml:"Opcode"`
	Channel  string   `xml:"Channel"`
	Provider string   `xml:"Provider"`
	Keywords []string `xml:"Keywords>Keyword"`
}

var renderingTag = []byte("<RenderingInfo")

// documents are buffers for the XML of events: that of each event is looked through.
var documents = sync.Pool{New: func() any { return new([]byte) }}

// maxKeptDocument bounds what a buffer keeps, in bytes; one event can print megabytes.
const maxKeptDocument = 256 << 10

// ReadRendering returns the words that an event carries. It reports false when there are none,
// as in every event that was not forwarded. An error is damage of the event.
func ReadRendering(ev *evtx.Event) (Rendering, bool, error) {
	buf := documents.Get().(*[]byte)
	defer documents.Put(buf)
	doc, err := ev.AppendXML((*buf)[:0])
	if cap(doc) <= maxKeptDocument {
		*buf = doc
	}
	if err != nil || !bytes.Contains(doc, renderingTag) {
		return Rendering{}, false, err
	}
	d := xml.NewDecoder(bytes.NewReader(doc))
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return Rendering{}, false, nil
		}
		if err != nil {
			return Rendering{}, false, fmt.Errorf("record %d: %w", ev.RecordID, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if depth != 2 || t.Name.Local != "RenderingInfo" { // an element of that name deeper is data
				continue
			}
			var r Rendering
			if err := d.DecodeElement(&r, &t); err != nil {
				return Rendering{}, false, fmt.Errorf("record %d: %w", ev.RecordID, err)
			}
			return r, true, nil
		case xml.EndElement:
			depth--
		}
	}
}
