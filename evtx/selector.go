package evtx

import "time"

// Selector chooses events by what one record says. Conditions that are set must all
// hold; a list holds when one of its values does. Text compares without regard to case.
// The zero value chooses every event.
type Selector struct {
	Channels  []string
	Providers []string
	IDs       []uint16
	Levels    []uint8
	Computers []string
	// From and To bound the event's time, both included; zero leaves that side open.
	From, To time.Time
	// Data tests the event's data after everything else matched.
	Data []DataTest
}

// DataTest tests one datum of an event.
type DataTest struct {
	// Name is the datum's Name; empty to address it by Index.
	Name string
	// Index counts the event's data from 1.
	Index int
	// Values are the texts of which one must equal the datum.
	Values []string
}
