package gpreport

import (
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Assignment is one row of User Rights Assignment: a GPO gives one right to a
// list of principals, which replaces any other list. An assignment without
// principals gives the right to nobody. A right that has no assignment is not
// defined by any GPO, and the local policy decides.
type Assignment struct {
	// Right is the constant, such as "SeServiceLogonRight"; empty when the
	// display name was not recognised. XML states it.
	Right string
	// Display is the name as the report words it; for XML, which has none, that of
	// [RightName].
	Display string
	// Origin says how sure it is that Display means Right; empty when Right is.
	Origin     Origin
	Principals []sid.Principal
	// Winner is the GPO whose list counts; zero in a security template. HTML reports state only its name, XML
	// only its GUID; the other one is taken from the list of GPOs.
	Winner GPORef
	// Others are the lists of GPOs that define the right too and lose, where the source has
	// them, the strongest first.
	Others []Loser
	// Unsettled says that the report does not tell for certain which of the lists counts:
	// Winner and Principals are those of the one that stands first, Others the rest. What
	// gpresult /Z prints has such rights, and a report of another format that contradicts
	// itself.
	Unsettled bool
	Location  evidence.Location
	// Text is the line of a security template as it stands there, without the blanks around
	// it; empty for other formats.
	Text string
}

// Loser is the list of a GPO that defines a right but does not win: it has no effect.
type Loser struct {
	GPO        GPORef
	Principals []sid.Principal
	Location   evidence.Location
}

// Origin says where the meaning of a name in a report is known from.
type Origin string

// The origins, the surest first.
const (
	// Stated: the report has the constant itself.
	Stated Origin = "stated"
	// Printed: Windows printed this name in a report or on its own screens.
	Printed Origin = "printed"
	// Documented: Microsoft's documentation in the language has the name.
	Documented Origin = "documented"
	// Translated: the name is from a machine translation of the documentation or from
	// other people's tables. Windows may word it otherwise.
	Translated Origin = "translated"
)

// State tells what a report says about one user right. The zero value stands for nothing.
type State string

// The states that must not be taken for each other.
const (
	// DefinedFor somebody: a list of accounts has the right.
	DefinedFor State = "defined"
	// DefinedEmpty: nobody has the right.
	DefinedEmpty State = "defined-empty"
	// NotDefined: no GPO defines the right, so that the local policy decides. In an export of
	// a computer's own settings, nobody has it.
	NotDefined State = "not-defined"
	// ScopeWithoutData: the report has no data for the computer.
	ScopeWithoutData State = "no-data"
	// ScopeDenied: whoever made the report was not allowed to see the computer's data.
	ScopeDenied State = "access-denied"
	// ReportCutOff: a part is missing that might define the right.
	ReportCutOff State = "cut-off"
	// NotUnderstood: a part was not understood that might define the right, for example
	// because of the report's language.
	NotUnderstood State = "not-understood"
)

// Right tells what a report says about the user right with a constant, such as
// "SeServiceLogonRight"; case does not matter. The assignment is zero unless some GPO defines
// the right. Of a simulation or a report of a GPO it tells what these say, which is not what
// a computer does.
func (r *Report) Right(constant string) (Assignment, State) {
	c := r.Computer
	a, ok := c.Right(constant)
	switch {
	case ok && a.Unsettled:
		return a, NotUnderstood
	case ok && len(a.Principals) > 0:
		return a, DefinedFor
	case ok:
		return a, DefinedEmpty
	case c == nil && r.ComputerAbsent == AccessDenied:
		return a, ScopeDenied
	case c == nil && r.ComputerAbsent != NotReached && !r.Incomplete:
		return a, ScopeWithoutData
	case c == nil || r.Incomplete:
		return a, ReportCutOff
	case c.Incomplete:
		return a, NotUnderstood
	}
	return a, NotDefined
}
