package gpreport

import (
	"cmp"
	"encoding/xml"
)

// events reads the last times that policy was applied.
func (h *rsopHalf) events() {
	h.x.each(func(start xml.StartElement) {
		if start.Name.Local == "SinglePassEventsDetails" && start.Name.Space == rsopNS {
			h.run(start)
			return
		}
		h.rep.unread(h.x, start)
	})
}

// run reads one time that policy was applied. What of it is wholly there is kept.
func (h *rsopHalf) run(start xml.StartElement) {
	r := Run{User: !h.computer, Location: h.location(h.path(h.name, "EventsDetails", start.Name.Local), h.row(start.Name.Local), h.x.line)}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
		case a.Name.Local == "ActivityId" && newGPOID(a.Value, "").guid() != "":
			r.ActivityID = newGPOID(a.Value, "").guid()
		default:
			r.Details = append(r.Details, Field{a.Name.Local, a.Value})
		}
	}
	h.x.charge(len(start.Attr) + listedNodes)
	details := flattener{x: h.x, fields: r.Details}
	h.x.each(func(child xml.StartElement) {
		if child.Name.Local == "EventRecord" {
			h.event(&r)
			return
		}
		e, closed := h.x.tree(child)
		switch {
		case !closed:
		case e.name == "ExtensionProcessingTime":
			details.children(e, details.join(e.name, cmp.Or(e.textOf("ExtensionGuid"), e.textOf("ExtensionName"))))
		default:
			details.flatten(e, e.name)
		}
	})
	r.Details = details.fields
	if h.x.err == nil || len(r.Events) > 0 {
		h.rep.Runs = append(h.rep.Runs, r)
	}
}

// event reads an event of a run.
func (h *rsopHalf) event(r *Run) {
	at := h.location(h.path(h.name, "EventsDetails", "SinglePassEventsDetails", "EventRecord"), h.row("EventRecord"), h.x.line)
	var quoted, description string
	closed := h.x.each(func(child xml.StartElement) {
		line := h.x.line
		switch text, closed := h.x.rawText(); {
		case !closed || text == "":
		case child.Name.Local == "EventXml" && quoted == "":
			quoted = text
		case child.Name.Local == "EventDescription" && description == "":
			description = text
		default:
			h.rep.warn(UnknownValue, line, "the element %q of an event was not understood: %q", child.Name.Local, text)
		}
	})
	if !closed || quoted == "" && description == "" {
		return
	}
	e := Event{Description: description}
	if quoted != "" {
		var err error
		if e, err = parseEvent(quoted); err != nil {
			h.rep.warn(UnknownValue, at.Line, "an event was not understood: %v", err)
		}
		e.Description = cmp.Or(description, e.Description)
	}
	e.Location = at
	if h.x.charge(eventNodes); h.x.err == nil {
		r.Events = append(r.Events, e)
	}
}
