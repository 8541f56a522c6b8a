package gpreport

import (
	"encoding/xml"
	"errors"
	"strings"
)

// The island of data behind the sections of an HTML report is XML for the report's scripts, in
// a script or an element of its own: its words in the language of the report, and the events of
// the last runs of policy.
const (
	islandStart = "<MainSection"
	islandEnd   = "</MainSection>"
)

// island reads the runs of policy.
func (in *interpreter) island(cfg Config) {
	before, rest, ok := strings.Cut(in.doc.tail, islandStart)
	if !ok {
		return
	}
	above := in.doc.tailLine + strings.Count(before, "\n") - 1
	text := islandStart + rest
	if end := strings.Index(text, islandEnd); end >= 0 {
		text = text[:end+len(islandEnd)]
	}
	text, _, _ = legalXML(text)
	x := newXMLReader(in.ctx, text, cfg)
	x.next() // the root
	whole := x.each(func(e xml.StartElement) {
		switch e.Name.Local {
		case "ComputerPolicySection", "UserPolicySection":
			user := e.Name.Local == "UserPolicySection"
			r := runReader{x: x, rep: in.rep, user: user, path: []string{e.Name.Local, "PolicyEventsDetails"}, above: above}
			x.each(func(xml.StartElement) { r.read() })
		case "Label":
			// of the language; see language
		default:
			in.rep.unread(x, e)
		}
	})
	if !whole {
		in.rep.warn(islandCode(x.err), above+x.end.endLine, "the events behind the sections were not all read: %v", x.err)
	}
}

func islandCode(err error) string {
	switch {
	case errors.Is(err, ErrLimit):
		return LimitReached
	case errors.Is(err, errMalformed):
		return Malformed
	}
	return CutOff
}
