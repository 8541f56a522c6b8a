// Package evidence says where a fact was read.
//
// Every statement that gpevtx makes can be traced to bytes of an input: a row
// of a table in a report, or a record of an event log. A [Location] names that
// place so that a person can find it again with Event Viewer, a browser or a
// hex editor; an [Item] adds what was read there and why it matters.
//
// All types are plain values, safe to copy and to share between goroutines.
package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// ArchiveSeparator stands between the path of an archive and the path of a
// member in it, as in "case.zip!/System.evtx". Nested archives repeat it.
const ArchiveSeparator = "!/"

// Source names one input the way the user can find it: a path, or the path of
// an archive and of the member in it, joined by [ArchiveSeparator]. It is text
// for people: it comes from the input's names and is never opened as a path.
type Source string

// Member returns the source of the member name inside the archive s.
func (s Source) Member(name string) Source {
	return s + ArchiveSeparator + Source(name)
}

// Base returns the last element of the source: the file's or member's own name.
func (s Source) Base() string {
	str := string(s)
	if i := strings.LastIndexAny(str, `/\`); i >= 0 {
		return str[i+1:]
	}
	return str
}

// Location is one place in one input. Fields that do not apply to the kind of
// input are zero: a place in a report has Section, Row and Line, an event has
// Record, Offset and Channel.
type Location struct {
	// Source is the input.
	Source Source
	// Section is the path of headings above the place, outermost first, in the
	// words of the report.
	Section []string
	// Row counts the data rows of the table from 1; header rows do not count.
	Row int
	// Line is the line of the file's decoded text, from 1.
	Line int
	// Channel is the event's System/Channel.
	Channel string
	// Record is System/EventRecordID, the number that Event Viewer shows. An
	// exported log renumbers its record headers, so the number in the header may
	// differ; Offset is unambiguous.
	Record uint64
	// Offset is the place of the record's first byte in the file, in bytes. It is
	// only meaningful when Record or Channel is set.
	Offset int64
	// Recovered says from what damaged part of a log the record was recovered, in a few
	// words; its values may be damaged too. It is empty for an ordinary record.
	Recovered string
}

// IsEvent reports whether the location is a record of an event log.
func (l Location) IsEvent() bool { return l.Channel != "" || l.Record != 0 }

// Item is one piece of evidence: where it stands, what it says and the part
// that it plays in an argument.
type Item struct {
	// Role says in a few words what the item shows, such as "winning GPO".
	Role string
	Location
	// Time is when the event was logged, in UTC; zero for a report.
	Time time.Time
	// Provider and EventID say which event it is, with the channel of Location; empty for a
	// report.
	Provider string
	EventID  int
	// Excerpt is what stands there, shortened, as plain text. It comes from the
	// input: whoever prints it must escape it.
	Excerpt string
}

// Compare orders items by time, source, record, offset, line, row and role.
// Items without a time (reports) come first.
func Compare(a, b Item) int {
	return cmp.Or(
		a.Time.Compare(b.Time),
		cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Record, b.Record),
		cmp.Compare(a.Offset, b.Offset),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Row, b.Row),
		cmp.Compare(a.Role, b.Role),
		cmp.Compare(a.Excerpt, b.Excerpt),
	)
}

// Sort orders items by [Compare] and drops items that say the same of the same place.
func Sort(items []Item) []Item {
	slices.SortFunc(items, Compare)
	return slices.CompactFunc(items, func(a, b Item) bool { return Compare(a, b) == 0 })
}
