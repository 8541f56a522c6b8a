package gpreport

import (
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Scope is the computer's or the user's half of a report. The zero value is a
// scope in which nothing is defined.
type Scope struct {
	// Name is the account of the computer or user, such as CONTOSO\SYNC01. A
	// computer that is in no domain has its name alone.
	Name string
	// Domain is empty for a computer that is in no domain and for its users.
	Domain string
	Site   string
	OU     string
	// Refreshed is the time of the last policy refresh, where the report has it.
	Refreshed LocalTime
	// Components tell how the parts of Windows that apply policy fared, in the report's
	// order. Simulations have none.
	Components []Component
	// Applied and Denied are in the report's order; in XML, Applied is in the order
	// in which the GPOs were applied, so that later ones win.
	Applied []GPO
	Denied  []GPO
	// Groups are the security groups that the computer or user was a member of
	// when policy was applied.
	Groups []sid.Principal
	// Rights are the rows of User Rights Assignment in the report's order, a
	// right once. Only computers have them.
	Rights []Assignment
	// Settings are all other settings in the report's order; of a security template, all
	// entries but those of user rights.
	Settings []Setting
	// RestrictedGroups, Services and LocalGroups are the settings of these kinds, which
	// Settings has too, in a form for programs. HTML has words in place of marks: in a
	// language whose words for them are not known, only Settings has them.
	RestrictedGroups []RestrictedGroup
	Services         []Service
	LocalGroups      []LocalGroup
	// General is what the report says of the computer or user in general, in its own words,
	// also what fields above hold.
	General []Field
	// Summary holds the sentences of the summary, such as "A fast link was detected".
	Summary []string
	// Alerts are remarks on single GPOs, such as that they are enforced.
	Alerts []Alert
	// WMIFilters are the filters that GPOs use.
	WMIFilters []WMIFilter
	// SOMs are the sites, domains and organizational units that were searched for links, in
	// their order. Only XML has them.
	SOMs []SOM
	// Notes are the sentences that stand beside settings, such as where policy definitions
	// were read from, or that settings could not be collected.
	Notes []Note
	// Incomplete says that a part of the scope is missing or was not understood,
	// so that what is absent here may be defined nevertheless. Warnings say why.
	Incomplete bool
}

// Right looks up the assignment of a right by its constant, such as
// "SeServiceLogonRight"; case does not matter. Only names that were recognised
// can be found. When nothing is found, no GPO defines the right, unless s.Incomplete; in an
// export of a computer's own settings nobody has it. [Report.Right] tells these apart.
func (s *Scope) Right(constant string) (Assignment, bool) {
	if s == nil || constant == "" {
		return Assignment{}, false
	}
	for _, a := range s.Rights {
		if strings.EqualFold(a.Right, constant) {
			return a, true
		}
	}
	return Assignment{}, false
}

// Field is something that a report says under a name, both in its own words.
type Field struct{ Name, Value string }

// Alert is a remark on a GPO in the summary.
type Alert struct{ GPO, Text string }

// WMIFilter is a filter on computers that GPOs use.
type WMIFilter struct {
	Name string
	// Value is the outcome as the report words it, such as True.
	Value string
	// GPOs are the names of the GPOs that use it.
	GPOs []string
}

// SOM is a scope of management: a site, domain or organizational unit to which GPOs can be
// linked.
type SOM struct {
	Path, Type string
	// Order is the place in the order in which they are searched, -1 when not stated.
	Order int
	// BlocksInheritance says that it keeps GPOs of those above away, Blocked that one below
	// it does so with its GPOs.
	BlocksInheritance, Blocked bool
	// Reason is the report's word for why it was searched.
	Reason string
}

// Note is a sentence that a report has beside its tables.
type Note struct {
	// Section is as in [Setting].
	Section []string
	// Text is empty for a section in which there is nothing.
	Text     string
	Location evidence.Location
}

// Component tells how one part of Windows that applies policy fared when it last did so: a
// client-side extension, or what stands for the processing as a whole.
type Component struct {
	// Name is the display name, GUID that of the extension in braces and upper case, which
	// is [Infrastructure] for the processing as a whole; empty where the report does not
	// state it, as some of Windows 8 do not.
	Name, GUID string
	// Status is the report's wording, such as "Success" or "Failed (no data)"; in XML it
	// is how the recording of results went, such as "Complete".
	Status string
	// Error is what the report says below it, such as why it failed, in XML the number of the
	// error; empty for none.
	Error string
	// Processed is when it was last run, Taken how long that took, as the report words it.
	Processed LocalTime
	Taken     string
	// ActivityID ties it to the events of that run: a GUID in braces and upper case. Only
	// HTML has it.
	ActivityID string
}

// The components whose failure leaves user rights unknown: what stands for the processing
// of policy as a whole, and the extension for security settings.
const (
	Infrastructure    = "{00000000-0000-0000-0000-000000000000}"
	SecurityExtension = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
)

// Component looks up a component by its GUID; case does not matter.
func (s *Scope) Component(guid string) (Component, bool) {
	if s == nil || guid == "" {
		return Component{}, false
	}
	for _, c := range s.Components {
		if strings.EqualFold(c.GUID, guid) {
			return c, true
		}
	}
	return Component{}, false
}
