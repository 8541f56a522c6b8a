package gpreport

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The limits of an event: Windows writes none with more than 64 KB.
const (
	maxEventBytes = 1 << 20
	maxEventNodes = 1 << 13
	maxEventDepth = 32
	// bytesPerEventNode is what of a joined name counts as one more node.
	bytesPerEventNode = 16
)

// errNoEvent says that a text is XML but not that of an event.
var errNoEvent = errors.New("the text is not an event")

// parseEvent reads an event as Windows writes it as XML, and returns how many nodes it counted.
// Of one that is damaged, too large or not an event at all it gives what was read, of which XML
// is always xmlText, and an error.
func parseEvent(xmlText string) (e Event, nodes int, err error) {
	e.XML = xmlText
	if len(xmlText) > maxEventBytes {
		return e, 0, fmt.Errorf("%w: an event of %d bytes", ErrLimit, len(xmlText))
	}
	text, _, _ := legalXML(xmlText)
	x := newXMLReader(context.Background(), text, Config{MaxDepth: maxEventDepth, MaxNodes: maxEventNodes})
	for x.err == nil {
		if root, ok := x.next().(xml.StartElement); ok {
			if root.Name.Local != "Event" {
				break
			}
			x.each(func(child xml.StartElement) { e.part(x, child) })
			return e, x.nodes, x.err
		}
	}
	return e, x.nodes, errNoEvent
}

// part reads a part of an event.
func (e *Event) part(x *xmlReader, part xml.StartElement) {
	switch part.Name.Local {
	case "System":
		x.each(func(child xml.StartElement) { e.system(x, child) })
	case "EventData", "UserData":
		x.each(func(child xml.StartElement) { e.data(x, child, "") })
	case "RenderingInfo":
		x.each(func(child xml.StartElement) {
			if s, ok := x.rawText(); ok && child.Name.Local == "Message" && e.Description == "" {
				e.Description = s
			}
		})
	}
}

// system reads an element of what all events have.
func (e *Event) system(x *xmlReader, child xml.StartElement) {
	switch child.Name.Local {
	case "Provider":
		e.Provider = attribute(child, "Name")
	case "EventID":
		e.ID = count(x)
	case "Level":
		e.Level = count(x)
	case "TimeCreated":
		if t, err := time.Parse(time.RFC3339Nano, attribute(child, "SystemTime")); err == nil && plausible(t) {
			e.Time = t.UTC()
		}
	case "EventRecordID":
		s, _ := x.text()
		e.Record, _ = strconv.ParseUint(s, 10, 64)
	case "Correlation":
		e.ActivityID = newGPOID(attribute(child, "ActivityID"), "").guid()
	case "Channel":
		e.Channel, _ = x.text()
	case "Computer":
		e.Computer, _ = x.text()
	case "Security":
		e.UserID = attribute(child, "UserID")
	}
}

// count reads a number that is not negative; 0 stands for none.
func count(x *xmlReader) int {
	s, _ := x.text()
	return max(revision(s), 0)
}

// data reads an element of an event's data, which is a text or has elements of its own, as
// those of some providers do. Path names the elements around it.
func (e *Event) data(x *xmlReader, data xml.StartElement, path string) {
	name := data.Name.Local
	switch s := attribute(data, "Name"); {
	case s != "":
		name = s
	case name == "Data":
		name = "" // one of those that are told apart by their places only
	}
	if path != "" {
		name = path + nestedName + name
		x.charge(len(name) / bytesPerEventNode)
	}
	nested := false
	text, closed := x.content(func(child xml.StartElement) {
		nested = true
		e.data(x, child, name)
	})
	if text = foldBreaks(text); closed && (!nested || text != "") {
		e.Data = append(e.Data, Field{name, text})
	}
}

// attribute returns an attribute of an element, whatever its namespace; "" for none.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
