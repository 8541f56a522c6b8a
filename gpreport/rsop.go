package gpreport

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"slices"
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
	securityNS = "http://www.microsoft.com/GroupPolicy/Settings/Security"
)

// rsopReader turns the XML of a resultant set of policy into a Report. It reads
// the elements in one pass; only what it keeps is held in memory.
type rsopReader struct {
	x   *xmlReader
	rep *Report
	// found says that the root element is one of a report.
	found bool
}

// parseRSoP reads the XML that "gpresult /X" writes, of a file with size bytes of
// which the last could not be read because of readErr.
func parseRSoP(ctx context.Context, dec decoded, cfg Config, size int64, readErr error) (*Report, error) {
	text, replaced, line := legalXML(dec.text)
	in := &rsopReader{
		x: newXMLReader(ctx, text, cfg),
		// All times are in UTC.
		rep: &Report{Source: cfg.Source, Kind: GPResultXML, Offsets: []time.Duration{0}},
	}
	if dec.replaced > 0 {
		in.rep.warn(Undecodable, dec.line, "%d character(s) of the file could not be decoded", dec.replaced)
	}
	if replaced > 0 {
		in.rep.warn(Undecodable, line, "%d character(s) of the file that XML does not allow were replaced", replaced)
	}
	whole := in.document()
	err := in.x.err
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = cmp.Or(readErr, err)
	}
	switch {
	case ctx.Err() != nil:
		return nil, &ParseError{Source: cfg.Source, Line: in.x.line, Err: ctx.Err()}
	case whole:
		return in.rep, nil
	case in.found:
		return in.rep, in.rep.damage(in.x.end, size, err)
	case err != nil:
		return nil, &ParseError{Source: cfg.Source, Line: in.x.end.endLine, Expected: "a report", Err: err}
	}
	return nil, &FormatError{Source: cfg.Source}
}

// document reads the report and reports whether it was wholly there.
func (in *rsopReader) document() bool {
	for in.x.err == nil {
		switch t := in.x.next().(type) {
		case xml.StartElement:
			if in.found = t.Name == (xml.Name{Space: rsopNS, Local: "Rsop"}); !in.found {
				return false
			}
			closed := in.root()
			if closed {
				in.behind()
			}
			return closed
		case xml.CharData:
			if !isBlank(t) {
				in.x.fail(errors.New("text stands before the root element"))
			}
		}
	}
	return false
}

// behind tells of what follows the report.
func (in *rsopReader) behind() {
	for {
		switch t := in.x.next().(type) {
		case xml.StartElement:
			if t.Name.Local == "Rsop" {
				in.rep.warn(MoreDocuments, in.x.line, "the file holds more than one report; only the first was read")
			} else {
				in.rep.warn(TrailingData, in.x.line, "the element %q behind the report was not read", t.Name.Local)
			}
			return
		case xml.CharData:
			if !isBlank(t) {
				in.rep.warn(TrailingData, in.x.line, "the text behind the report was not read: %q", t)
				return
			}
		case nil:
			if !in.x.end.atEOF {
				in.rep.warn(TrailingData, in.x.line, "what stands behind the report was not read: %v", in.x.err)
			}
			return
		}
	}
}

// root reads the root element.
func (in *rsopReader) root() bool {
	dataType := ""
	closed := in.x.each(func(child xml.StartElement) {
		if in.misplaced(child, rsopNS, "ComputerResults", "UserResults") {
			in.rep.Incomplete = true
			return
		}
		switch child.Name.Local {
		case "ComputerResults":
			in.half(&in.rep.Computer, child, true)
		case "UserResults":
			in.half(&in.rep.User, child, false)
		case "DataType":
			in.x.field(child, rsopNS, map[string]*string{"DataType": &dataType})
			in.rep.Results = resultsOf(dataType)
		case "ReadTime":
			line := in.x.line
			in.x.field(child, rsopNS, map[string]*string{"ReadTime": &in.rep.Collected.Raw})
			in.collected(line)
		}
	})
	if closed && in.rep.Results == "" {
		in.rep.warn(UnknownValue, 0, "the report does not tell whether the results are recorded or modelled: its data type is %q", dataType)
	}
	if c := in.rep.Computer; c != nil {
		in.rep.Host = c.Name[strings.LastIndexByte(c.Name, '\\')+1:]
		in.rep.Domain = c.Domain
	}
	if u := in.rep.User; u != nil {
		in.rep.UserName = u.Name
	}
	return closed
}

// misplaced reports whether an element has one of the names that matter but not
// their namespace: then something that is not known here may be missing.
func (in *rsopReader) misplaced(e xml.StartElement, space string, names ...string) bool {
	if e.Name.Space == space || !slices.Contains(names, e.Name.Local) {
		return false
	}
	in.rep.warn(MissingSection, in.x.line, "the element %s has the unknown namespace %q and was not read", e.Name.Local, e.Name.Space)
	return true
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
func (in *rsopReader) collected(line int) {
	c := &in.rep.Collected
	if t, err := time.Parse(time.RFC3339Nano, c.Raw); err == nil && plausible(t) {
		c.Candidates = []time.Time{t.UTC()}
	} else if c.Raw != "" {
		in.rep.warn(UnknownValue, line, "the time of collection was not understood: %q", c.Raw)
	}
}

// refreshTime understands the end of a component's processing. It is printed
// without a time zone but in UTC, as the events of the report show.
func refreshTime(s string) LocalTime {
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
