package gpreport

import (
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Setting is one row of any other settings table, in XML one element.
type Setting struct {
	// Section is the path of headings below the scope's settings, outermost first.
	// In XML it is the type of the block of settings, the names of the elements around and
	// of the setting's own, and its category, such as that of an administrative template.
	Section []string
	// Name is the first cell, or the heading above a table that has only a
	// winning GPO, as the tables of system services do. In XML it is the text that names the
	// element best, or if there is none its own name.
	Name string
	// Value is the cell between the name and the winning GPO; several are written
	// as "heading: value" and joined by "; ".
	Value string
	// Details are what the report says of the setting beside its value, such as the options
	// of an administrative template, in the report's order. The names of nested ones are
	// joined by " > ".
	Details []Field
	// Explain is the help text of an administrative template, Supported what it is supported
	// on, where the report has them.
	Explain, Supported string
	// Winner is zero where the report names none, as for a value that is not
	// configured.
	Winner GPORef
	// Others are the values of GPOs that set the same and lose, where the source has them,
	// the strongest first. In XML a setting may have nothing but others: what wins is not in
	// the report, or another authority than Group Policy decides, which a detail "Blocked"
	// says. Elements of user rights that are no part of the list of rights stand so too.
	Others   []LosingSetting
	Location evidence.Location
}

// LosingSetting is the value of a GPO that does not win: it has no effect.
type LosingSetting struct {
	GPO      GPORef
	Value    string
	Details  []Field
	Location evidence.Location
}

// RestrictedGroup is a group whose members, or whose own memberships, a GPO sets.
type RestrictedGroup struct {
	Group sid.Principal
	// Members replace all others, unless the GPO only says what the group is a member of.
	Members, MemberOf []sid.Principal
	Winner            GPORef
	Location          evidence.Location
}

// StartMode is how a service starts. The zero value means that the report does not say or
// was not understood.
type StartMode string

// The modes.
const (
	Automatic StartMode = "automatic"
	Manual    StartMode = "manual"
	Disabled  StartMode = "disabled"
)

// Service is a service whose start mode or permissions a GPO sets.
type Service struct {
	// Name is the key name in XML, text and security templates. HTML has the display name if
	// the computer that wrote the report has the service, else the key name.
	Name string
	Mode StartMode
	// ModeText is the mode as the report words it.
	ModeText string
	Winner   GPORef
	Location evidence.Location
}

// LocalGroup is a group whose members the preferences of a GPO change.
type LocalGroup struct {
	Group sid.Principal
	// Action is the report's word, such as Update; XML has letters, which are put into the
	// words of English HTML reports.
	Action string
	// Add and Remove are the members.
	Add, Remove []sid.Principal
	// DeleteUsers and DeleteGroups say that all other members of these kinds are removed.
	DeleteUsers, DeleteGroups bool
	Winner                    GPORef
	Location                  evidence.Location
}
