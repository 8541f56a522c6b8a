package facts

import (
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// Event is one event of a log as rules see it: a value that outlives the reader.
type Event struct {
	Time     time.Time
	Channel  string
	Provider string
	ID       int
	Computer string
	Record   uint64
	// Level is 1 for critical, 2 for an error, 3 for a warning and 4 for information; 0 in
	// the Security log.
	Level int
	// ActivityID ties the events of one activity together, such as one run of Group Policy:
	// a GUID in braces, empty where the event has none.
	ActivityID string
	// UserID is the SID of the account that the event was logged for; empty where the event
	// has none, as in the Security log.
	UserID   string
	Location evidence.Location
	Fields   []Field
	// GPOs are those that an event 5312 or 5313 of Group Policy lists, nil for all other
	// events. GPOsCut is set when the list was too long to keep, or was not understood, so
	// that it is not whole.
	GPOs    []ListedGPO
	GPOsCut bool

	// engine is what the whole text of an event of the synchronization engine says, of
	// which Fields keep only a part; nil for other events.
	engine *engineText
}

// Field is one datum of an event; classic events have unnamed ones.
type Field struct{ Name, Value string }

// What is kept of one event: facts need names and codes. A hostile template can show one
// value thousands of times.
const (
	maxFields  = 64
	maxValue   = 2 << 10 // of one datum, in bytes
	maxText    = 8 << 10 // of all data
	maxID      = 256     // of an id in the System section
	maxExcerpt = 400
)

// NewEvent copies what rules need from a decoded event.
func NewEvent(ev *evtx.Event) (Event, error) {
	data, err := ev.Data()
	if err != nil {
		return Event{}, err
	}
	e := Event{
		Time: ev.Time, Channel: ev.Channel, Provider: ev.Provider, ID: int(ev.EventID),
		Computer: ev.Computer, Record: ev.RecordID, Location: ev.Location,
		Level: int(ev.Level), ActivityID: cut(ev.ActivityID, maxID), UserID: cut(ev.UserID, maxID),
	}
	e.keep(len(data), func(i int) Field {
		name := data[i].Name
		if name == "" && data[i].Element != "Data" {
			name = data[i].Element
		}
		return Field{name, data[i].Value.String()}
	})
	return e, nil
}

// NewReportEvent copies what rules need from an event that a report quotes. It is the same
// event as in the log that the report took it from.
func NewReportEvent(ev gpreport.Event) Event {
	e := Event{
		Time: ev.Time, Channel: ev.Channel, Provider: ev.Provider, ID: ev.ID,
		Computer: ev.Computer, Record: ev.Record, Location: ev.Location,
		Level: ev.Level, ActivityID: cut(ev.ActivityID, maxID), UserID: cut(ev.UserID, maxID),
	}
	e.keep(len(ev.Data), func(i int) Field { return Field(ev.Data[i]) })
	return e
}

// keep copies what is kept of an event's n data.
func (e *Event) keep(n int, datum func(i int) Field) {
	n = min(n, maxFields)
	e.Fields = make([]Field, 0, n)
	text := maxText
	shorten := cut
	var whole strings.Builder
	if e.ofEngine() {
		shorten = cutMiddle
	}
	for i := range n {
		d := datum(i)
		switch {
		case d.Name == gpoListField && strings.EqualFold(e.Provider, groupPolicy):
			e.GPOs, e.GPOsCut = parseGPOList(d.Value)
		case d.Name == "" && e.ofEngine():
			addText(&whole, d.Value)
		}
		d.Value = shorten(d.Value, min(maxValue, text))
		text -= len(d.Value)
		e.Fields = append(e.Fields, d)
	}
	if e.ofEngine() {
		e.engine = readEngineText(*e, whole.String())
	}
}

// Equal reports whether two events agree in every field.
func (e Event) Equal(o Event) bool {
	same := e.Time.Equal(o.Time)
	e.Time, o.Time = time.Time{}, time.Time{}
	e.engine, o.engine = nil, nil // says no more than the text does
	return same && reflect.DeepEqual(e, o)
}

// Data returns the value of the first field of that name, or "".
func (e Event) Data(name string) string {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// SID returns the value of the first field of that name if it is a SID that names somebody;
// else "". Whoever writes an event can put any text into a field.
func (e Event) SID(name string) sid.SID {
	s, err := sid.Parse(e.Data(name))
	if err != nil || s == "S-1-0-0" {
		return ""
	}
	return s
}

// Param returns the i-th field from 1 whatever its name, or "".
func (e Event) Param(i int) string {
	if i < 1 || i > len(e.Fields) {
		return ""
	}
	return e.Fields[i-1].Value
}

// BinaryText returns the text that the event's Binary holds in UTF-16LE up to its first
// NUL: the Service Control Manager puts the key name of the service there.
func (e Event) BinaryText() string {
	b, err := hex.DecodeString(e.Data("Binary"))
	if err != nil {
		return ""
	}
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u := uint16(b[i]) | uint16(b[i+1])<<8
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// Excerpt returns the event in one line, shortened: its provider, id and data. Who logged
// it, which audits begin with, comes after what it says, and numbers that only tie events
// together come last.
func (e Event) Excerpt() string {
	var parts, subject, ties []string
	for _, f := range e.Fields {
		text := f.Name + "=" + f.Value
		switch {
		case f.Value == "" || f.Value == "-" || f.Name == "Binary":
		case f.Name == "":
			parts = append(parts, f.Value)
		case strings.HasSuffix(f.Name, "LogonId"), strings.HasSuffix(f.Name, "CorrelationID"), strings.HasSuffix(f.Name, "Guid"), f.Name == "SubjectUserSid":
			ties = append(ties, text)
		case strings.HasPrefix(f.Name, "Subject"):
			subject = append(subject, text)
		default:
			parts = append(parts, text)
		}
	}
	parts = slices.Concat(parts, subject, ties)
	head := e.Provider + " " + itoa(e.ID)
	if len(parts) == 0 {
		return head
	}
	return excerpt(head + ": " + strings.Join(parts, ", "))
}

// Evidence returns the event as evidence in the given role.
func (e Event) Evidence(role string) evidence.Item {
	return evidence.Item{
		Role: role, Location: e.Location, Time: e.Time, Provider: e.Provider, EventID: e.ID, Excerpt: e.Excerpt(),
	}
}
