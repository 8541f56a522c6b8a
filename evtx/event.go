package evtx

import (
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

// System is the System section of an event: what the event log service says of
// the event, apart from the provider's own data. Elements that the event does
// not have are zero.
type System struct {
	// Provider is Provider/@Name. A classic source such as ADSync has a name only.
	Provider string
	// ProviderGUID is Provider/@Guid with braces, as the event spells it.
	ProviderGUID string
	// EventSourceName is Provider/@EventSourceName, the classic name of a source
	// that was moved to a manifest.
	EventSourceName string
	EventID         uint16
	// Qualifiers is EventID/@Qualifiers: the upper half of a classic event's
	// message id (severity and facility).
	Qualifiers uint16
	Version    uint8
	// Level is 1 critical, 2 error, 3 warning, 4 information, 5 verbose; 0 is
	// "log always", which the Security log uses throughout.
	Level    uint8
	Task     uint16
	Opcode   uint8
	Keywords uint64
	// Time is TimeCreated/@SystemTime in UTC, exact to 100 ns.
	Time time.Time
	// RecordID is EventRecordID, the number that Event Viewer shows.
	RecordID          uint64
	ActivityID        string
	RelatedActivityID string
	ProcessID         uint32
	ThreadID          uint32
	Channel           string
	Computer          string
	// UserID is Security/@UserID: the SID of the account that logged the event.
	UserID string
}

// Event is one decoded record. An event that [Reader.Events] yields shares the
// reader's buffers and is valid until the next step of the iteration; Clone
// makes a copy that lasts. An Event is not safe for concurrent use.
type Event struct {
	System
	// Matched holds the indexes of the filter's selectors that chose the event,
	// ascending; nil without a filter.
	Matched []int
	// Location is where the record stands.
	Location evidence.Location
	// HeaderRecordID is the number in the record's header. Windows renumbers it
	// when a log is exported, so it can differ from RecordID.
	HeaderRecordID uint64
	// Recovery says what vouches for the record: zero, [Intact], for an ordinary one.
	Recovery Recovery
	// Written is the time in the record's header: when the event was stored, UTC.
	Written time.Time

	payload payload
}
