package gpreport

import (
	"cmp"
	"encoding/xml"

	"github.com/gpevtx/gpevtx/evidence"
)

// runReader reads the last times that policy was applied. Both formats that have them keep
// them as XML: results as XML in each half, HTML behind its sections for its own scripts.
type runReader struct {
	x   *xmlReader
	rep *Report
	// user says that they are of the user's policy.
	user bool
	// path names the elements around them.
	path []string
	// above is how many lines stand before the text that x reads.
	above      int
	runs, rows int
}

// read reads the element that was entered last.
func (r *runReader) read() {
	r.x.each(func(start xml.StartElement) {
		if start.Name.Local == "SinglePassEventsDetails" {
			r.run(start)
			return
		}
		r.rep.unread(r.x, start)
	})
}

func (r *runReader) location(row int, names ...string) evidence.Location {
	path := append(r.path[:len(r.path):len(r.path)], names...)
	return evidence.Location{Source: r.rep.Source, Section: path, Row: row, Line: r.above + r.x.line}
}

// run reads one time that policy was applied. What of it is wholly there is kept.
func (r *runReader) run(start xml.StartElement) {
	r.runs++
	run := Run{User: r.user, Location: r.location(r.runs, start.Name.Local)}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
		case a.Name.Local == "ActivityId" && newGPOID(a.Value, "").guid() != "":
			run.ActivityID = newGPOID(a.Value, "").guid()
		default:
			run.Details = append(run.Details, Field{a.Name.Local, a.Value})
		}
	}
	r.x.charge(len(start.Attr) + listedNodes)
	details := flattener{x: r.x, fields: run.Details}
	r.x.each(func(child xml.StartElement) {
		if child.Name.Local == "EventRecord" {
			r.event(&run)
			return
		}
		e, closed := r.x.tree(child)
		switch {
		case !closed:
		case e.name == "ExtensionProcessingTime":
			details.children(e, details.join(e.name, cmp.Or(e.textOf("ExtensionGuid"), e.textOf("ExtensionName"))))
		default:
			details.flatten(e, e.name)
		}
	})
	run.Details = details.fields
	if r.x.err == nil || len(run.Events) > 0 {
		r.rep.Runs = append(r.rep.Runs, run)
	}
}

// event reads an event of a run.
func (r *runReader) event(run *Run) {
	r.rows++
	at := r.location(r.rows, "SinglePassEventsDetails", "EventRecord")
	var quoted, description string
	closed := r.x.each(func(child xml.StartElement) {
		line := r.above + r.x.line
		switch text, closed := r.x.rawText(); {
		case !closed || text == "":
		case child.Name.Local == "EventXml" && quoted == "":
			quoted = text
		case child.Name.Local == "EventDescription" && description == "":
			description = text
		case child.Name.Local == "EventId", child.Name.Local == "EventTime", child.Name.Local == "EventLevel":
			// the event itself has them; readClock reads the time
		default:
			r.rep.warn(UnknownValue, line, "the element %q of an event was not understood: %q", child.Name.Local, text)
		}
	})
	if !closed || quoted == "" && description == "" {
		return
	}
	e := Event{Description: description}
	if quoted != "" {
		var nodes int
		var err error
		if e, nodes, err = parseEvent(quoted); err != nil {
			r.rep.warn(UnknownValue, at.Line, "an event was not understood: %v", err)
		}
		r.x.charge(nodes) // all events together have the limit of the report
		e.Description = cmp.Or(description, e.Description)
	}
	e.Location = at
	if r.x.charge(eventNodes); r.x.err == nil {
		run.Events = append(run.Events, e)
	}
}
