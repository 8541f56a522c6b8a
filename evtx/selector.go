package evtx

import (
	"slices"
	"strings"
	"time"
)

// Selector chooses events by what one record says. Conditions that are set must all
// hold; a list holds when one of its values does. Text compares without regard to case.
// The zero value chooses every event.
type Selector struct {
	Channels  []string
	Providers []string
	// IDs and IDRanges are one list of event ids: single ones, and those from a first to a
	// last one.
	IDs      []uint16
	IDRanges []Range[uint16]
	// ExceptIDs are ids that are not chosen, also where the lists above have them.
	ExceptIDs []Range[uint16]
	// Levels are compared as they are stored: 4 does not choose the events of level 0, such
	// as those of the Security log, though Event Viewer shows both as Information.
	Levels    []uint8
	Computers []string
	// Records are ranges of EventRecordID.
	Records []Range[uint64]
	// From and To bound the event's time, both included; zero leaves that side open.
	From, To time.Time
	// Data tests the event's data after everything else matched.
	Data []DataTest
}

// Range is the numbers from First to Last, both included.
type Range[T uint16 | uint64] struct{ First, Last T }

// Has reports whether n is in the range.
func (r Range[T]) Has(n T) bool { return r.First <= n && n <= r.Last }

// DataTest tests one datum of an event.
type DataTest struct {
	// Name is the datum's Name; empty to address it by Index.
	Name string
	// Index counts the event's data from 1.
	Index int
	// Values are the texts of which one must equal the datum.
	Values []string
}

// MatchSystem reports whether everything that the selector asks of the System section holds
// for e. It is for events that were not read with a [Filter]; what Data asks is left to the
// caller.
func (s *Selector) MatchSystem(e *System) bool {
	return foldedIn(s.Channels, e.Channel) && foldedIn(s.Providers, e.Provider) && foldedIn(s.Computers, e.Computer) &&
		s.matchID(e.EventID) && (len(s.Levels) == 0 || slices.Contains(s.Levels, e.Level)) &&
		(len(s.Records) == 0 || inRanges(s.Records, e.RecordID)) && inWindow(e.Time, s.From, s.To)
}

// matchID reports whether the lists of ids choose id.
func (s *Selector) matchID(id uint16) bool {
	listed := len(s.IDs) == 0 && len(s.IDRanges) == 0 || slices.Contains(s.IDs, id) || inRanges(s.IDRanges, id)
	return listed && !inRanges(s.ExceptIDs, id)
}

func inRanges[T uint16 | uint64](list []Range[T], n T) bool {
	return slices.ContainsFunc(list, func(r Range[T]) bool { return r.Has(n) })
}

// foldedIn reports whether a list without regard to case has a text; an empty list has all.
func foldedIn(list []string, text string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

func inWindow(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.After(to))
}

// clone copies the selector with all that it refers to.
func (s Selector) clone() Selector {
	s.Channels, s.Providers, s.Computers = slices.Clone(s.Channels), slices.Clone(s.Providers), slices.Clone(s.Computers)
	s.IDs, s.IDRanges, s.ExceptIDs = slices.Clone(s.IDs), slices.Clone(s.IDRanges), slices.Clone(s.ExceptIDs)
	s.Levels, s.Records, s.Data = slices.Clone(s.Levels), slices.Clone(s.Records), slices.Clone(s.Data)
	for i := range s.Data {
		s.Data[i].Values = slices.Clone(s.Data[i].Values)
	}
	return s
}
