package gpreport

import (
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

// Run is one time that policy was applied to the computer or the user.
type Run struct {
	// ActivityID ties the run's events together: a GUID in braces and upper case.
	ActivityID string
	// User says that it was the user's policy.
	User bool
	// Details are what the report says of the run, such as the domain controller, under
	// names that are the same in all languages.
	Details  []Field
	Events   []Event
	Location evidence.Location
}

// Event is an event of the log Microsoft-Windows-GroupPolicy/Operational as a report quotes it.
type Event struct {
	Provider, Channel, Computer string
	ID, Level                   int
	Record                      uint64
	// Time is in UTC.
	Time time.Time
	// ActivityID is a GUID in braces and upper case.
	ActivityID string
	// UserID is the SID of the account that the event was logged for.
	UserID string
	// Data are the event's data with their names.
	Data []Field
	// Description is the text in the language of the report.
	Description string
	// XML is the event as the report quotes it.
	XML      string
	Location evidence.Location
}
