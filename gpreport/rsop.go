package gpreport

import (
	"encoding/xml"
	"strings"
	"time"
)

// The namespaces of the XML. Their prefixes are free to choose and differ from
// one block of settings to the next.
const (
	rsopNS     = "http://www.microsoft.com/GroupPolicy/Rsop"
	typesNS    = "http://www.microsoft.com/GroupPolicy/Types"
	settingsNS = "http://www.microsoft.com/GroupPolicy/Settings"
	baseNS     = "http://www.microsoft.com/GroupPolicy/Settings/Base"
)

// rsopReader turns the XML of a resultant set of policy into a Report. It reads
// the elements in one pass; only what it keeps is held in memory.
type rsopReader struct {
	x   *xmlReader
	rep *Report
}

// readRSoP reads a report whose root was entered last and reports whether its end was there.
func readRSoP(x *xmlReader, rep *Report) bool {
	// All times are in UTC.
	rep.Kind, rep.Offsets = GPResultXML, []time.Duration{0}
	in := &rsopReader{x, rep}
	dataType := ""
	closed := x.each(func(child xml.StartElement) { in.child(child, &dataType) })
	if closed && rep.Results == "" {
		rep.warn(UnknownValue, 0, "the report does not tell whether the results are recorded or modelled: its data type is %q", dataType)
	}
	if c := rep.Computer; c != nil {
		rep.Host = c.Name[strings.LastIndexByte(c.Name, '\\')+1:]
		rep.Domain = c.Domain
	}
	if u := rep.User; u != nil {
		rep.UserName = u.Name
	}
	rep.absent(closed && !rep.Incomplete)
	return closed
}

// absent says why scopes are not there, for a report that is whole or is not.
func (r *Report) absent(whole bool) {
	why := NotReached
	if whole {
		why = NoData
	}
	if r.Computer == nil {
		r.ComputerAbsent = why
	}
	if r.User == nil {
		r.UserAbsent = why
	}
}

// child reads a child of the root.
func (in *rsopReader) child(child xml.StartElement, dataType *string) {
	if misplaced(in.x, in.rep, child, rsopNS, "ComputerResults", "UserResults") {
		in.rep.Incomplete = true
		return
	}
	line := in.x.line
	switch child.Name.Local {
	case "ComputerResults":
		in.half(&in.rep.Computer, child, true)
	case "UserResults":
		in.half(&in.rep.User, child, false)
	case "DataType":
		in.x.field(child, rsopNS, map[string]*string{"DataType": dataType})
		in.rep.Results = resultsOf(*dataType)
	case "ReadTime":
		in.x.field(child, rsopNS, map[string]*string{"ReadTime": &in.rep.Collected.Raw})
		in.rep.collected(line)
	default:
		in.rep.unread(in.x, child)
	}
}

// unread tells of an element that has no place in the model.
func (r *Report) unread(x *xmlReader, e xml.StartElement) {
	line := x.line
	if text, closed := x.allText(); closed {
		r.warn(UnknownValue, line, "the element %q was not understood: %q", e.Name.Local, text)
	}
}

func resultsOf(dataType string) Results {
	switch dataType {
	case "LoggedData":
		return Logged
	case "PlanningData":
		return Modelled
	}
	return ""
}

// collected understands the time of collection, which has a time zone.
func (r *Report) collected(line int) {
	c := &r.Collected
	if t, err := time.Parse(time.RFC3339Nano, c.Raw); err == nil && plausible(t) {
		c.Candidates = []time.Time{t.UTC()}
	} else if c.Raw != "" {
		r.warn(UnknownValue, line, "the time of collection was not understood: %q", c.Raw)
	}
}

// utcTime understands a time that is printed without a time zone but is in UTC, as the events
// of the report show for the processing of components.
func utcTime(s string) LocalTime {
	lt := LocalTime{Raw: s}
	if t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(s, "Z")); err == nil && plausible(t) {
		lt.Candidates = []time.Time{t}
	}
	return lt
}

// plausible rejects times that stand for none, such as the year 1601.
func plausible(t time.Time) bool { return t.Year() >= 1990 && t.Year() < 2200 }

// isTrue and isFalse read the two ways in which XML Schema writes truth values.
func isTrue(s string) bool  { return s == "true" || s == "1" }
func isFalse(s string) bool { return s == "false" || s == "0" }
