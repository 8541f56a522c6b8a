package gpreport

import (
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Kind is the format of a report.
type Kind string

// The formats that [Parse] reads.
const (
	// GPResultHTML is what "gpresult /H" and the Group Policy Management
	// Console's Group Policy Results save.
	GPResultHTML Kind = "gpresult-html"
	// GPResultXML is what "gpresult /X" and Get-GPResultantSetOfPolicy write, and
	// what the console saves as XML.
	GPResultXML Kind = "gpresult-xml"
	// SeceditINF is a security template: what "secedit /export" writes of a
	// computer's own settings, and GptTmpl.inf, in which a GPO keeps them.
	SeceditINF Kind = "secedit-inf"
)

// The formats that [Parse] knows and does not read: it returns a [FormatError]
// that names them.
const (
	// GPOReportHTML describes single GPOs, without saying what won on a
	// computer: "Save Report" in the Group Policy Management Console.
	GPOReportHTML Kind = "gpo-report-html"
	// GPOReportXML is the same as XML, also gpreport.xml of a GPO's backup.
	GPOReportXML Kind = "gpo-report-xml"
)

// Results tells what a report's settings stand for. The zero value means that
// the report does not tell or was not understood.
type Results string

const (
	// Logged results are what the computer recorded when it applied policy.
	Logged Results = "logged"
	// Modelled results are a simulation by a domain controller (Group Policy
	// Modeling): they say what would apply, not what did.
	Modelled Results = "modelled"
	// Exported settings are those in the computer's own security database, whether
	// they came from a GPO or were made on the computer. A right that is not listed
	// is held by nobody.
	Exported Results = "exported"
	// Defined settings are those that one GPO defines, without saying whether any
	// computer has them.
	Defined Results = "defined"
)

// Report is what one file says. The zero value says nothing.
type Report struct {
	Source  evidence.Source
	Kind    Kind
	Results Results
	// Host is the computer's name without its domain; empty when the report has
	// no computer data.
	Host string
	// Domain is the computer's domain as the report names it; empty for a
	// computer that is in no domain or when there is no computer data.
	Domain string
	// UserName is the user whose policy the report shows, as DOMAIN\name; empty
	// when the report has no user data.
	UserName  string
	Collected LocalTime
	// GPO is the GPO that a security template is of, as far as the path of the file
	// says so: a hint, with the GUID only. Zero for all else.
	GPO GPORef
	// Offsets say how far the clock that the report's times are from was ahead of
	// UTC. HTML reports list events with both times, which tells it: usually one
	// offset, several when it changed in between, none when there are no such
	// events. XML has its times in UTC: one offset, which is 0. Sorted ascending.
	Offsets []time.Duration
	// Language is a BCP 47 tag such as "en" or "pt-BR"; empty when not recognised
	// and for XML, most of which is in no language.
	Language string
	// Computer and User are nil when the report has no data for that scope, which
	// is not the same as a scope without settings. If Incomplete is set, a nil
	// scope may also be one that was not read.
	Computer, User *Scope
	// Incomplete says that a part of the report is missing: the file was cut off or
	// is damaged, or a limit ended the reading. What was read is right.
	Incomplete bool
	// Warnings say what was not understood or is damaged; the rest was read. They
	// are in the order in which the report was read.
	Warnings []Warning
}

// LocalTime is a date and time as a report prints it: in HTML in the language and
// the time zone of the computer, neither of which the report states; in XML in UTC.
type LocalTime struct {
	// Raw is the text as it stands, without its label.
	Raw string
	// Candidates are the readings of Raw, as if it were UTC: one when day and
	// month cannot be mistaken for each other, two when they can, none when the
	// text was not understood. Sorted ascending.
	Candidates []time.Time
}

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
	// Settings are the rows of all other tables that name a winning GPO; of XML,
	// only the account policies and security options of the computer; of a security
	// template, all entries but those of user rights.
	Settings []Setting
	// Incomplete says that a part of the scope is missing or was not understood,
	// so that what is absent here may be defined nevertheless. Warnings say why.
	Incomplete bool
}

// Right looks up the assignment of a right by its constant, such as
// "SeServiceLogonRight"; case does not matter. Only names that were recognised
// can be found. When nothing is found, no GPO defines the right, unless
// s.Incomplete.
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
	// Processed is when it was last run.
	Processed LocalTime
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

// GPO is a Group Policy object as a report lists it.
type GPO struct {
	// Name is the display name; local policy is named by the report in its own
	// language and has Local set. An inaccessible GPO is named by its GUID.
	Name string
	// GUID is in braces and upper case, such as {31B2F340-016D-11D2-945F-00C04FB984F9};
	// empty where the report does not state it, as those of Windows 8 do not.
	GUID string
	// Local marks the computer's own Local Group Policy.
	Local   bool
	Applied bool
	// DeniedReason is the report's wording, such as "Empty" or "Access Denied
	// (Security Filtering)". XML has flags instead, which are put into the words of
	// English HTML reports.
	DeniedReason string
	// Link is where the GPO is linked: a domain, OU or site. Of several links in XML
	// it is the one that was applied last.
	Link string
	// Order is the place in the report's list, from 1; in XML, for an applied GPO,
	// the place in the order in which links were applied.
	Order int
	// Enforced says that the link cannot be blocked or overridden from below.
	Enforced bool
	// Revisions of the directory and SYSVOL parts; -1 when not stated. 65535 is what
	// Windows shows for a SYSVOL part that it did not read.
	RevisionAD, RevisionSysvol int
	WMIFilter                  string
	SecurityFilters            []string
	Extensions                 []string
	Location                   evidence.Location
}

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
	Display    string
	Principals []sid.Principal
	// Winner is the GPO whose list counts; zero in a security template. HTML reports state only its name, XML
	// only its GUID; the other one is taken from the list of GPOs.
	Winner GPORef
	// Others are the lists of GPOs that define the right too and lose, where the source has
	// them, the strongest first.
	Others   []Loser
	Location evidence.Location
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

// GPORef names a GPO from elsewhere in a report.
type GPORef struct {
	// Name is the display name. In XML it is the GUID if the list of GPOs has no
	// GPO, or several, with it.
	Name string
	// GUID is in braces and upper case. It is empty for local policy and when the
	// report states only the name and no single applied GPO has that name.
	GUID string
}

// Setting is one row of any other settings table.
type Setting struct {
	// Section is the path of headings below the scope's settings, outermost first.
	// In XML it is the type of the block of settings and the names of its elements.
	Section []string
	// Name is the first cell, or the heading above a table that has only a
	// winning GPO, as the tables of system services do.
	Name string
	// Value is the cell between the name and the winning GPO; several are written
	// as "heading: value" and joined by "; ".
	Value string
	// Winner is zero where the report names none, as for a value that is not
	// configured.
	Winner   GPORef
	Location evidence.Location
}

// Codes of warnings. Each names what a user or a program may want to know about
// the reading; none says that what was read is wrong.
const (
	// CutOff: the file ends before the report does.
	CutOff = "cut-off"
	// LimitReached: a limit of the [Config] ended the reading.
	LimitReached = "limit-reached"
	// MoreDocuments: the file holds further reports, which were not read.
	MoreDocuments = "more-documents"
	// Undecodable: bytes that are no text in the file's encoding were replaced.
	Undecodable = "undecodable"
	// UnknownLanguage: the report's language was not recognised; it was read by
	// its structure.
	UnknownLanguage = "unknown-language"
	// UnknownLabel: words of the report were not recognised and read by their place.
	UnknownLabel = "unknown-label"
	// UnknownValue: a value was not understood and left out.
	UnknownValue = "unknown-value"
	// UnknownRight: a user right's name was not recognised; it was kept as it stands.
	UnknownRight = "unknown-right"
	// DuplicateRight: a user right stands in the report twice; the first row counts. In a
	// security template neither does if they differ.
	DuplicateRight = "duplicate-right"
	// RightsNotFound: a table may be that of user rights but was not recognised.
	RightsNotFound = "rights-not-found"
	// AmbiguousWinner: several GPOs have the winner's name, or in XML its identifier.
	AmbiguousWinner = "ambiguous-winner"
	// UnlistedWinner: no applied GPO has the name, or in XML the identifier, of a
	// user right's winner.
	UnlistedWinner = "unlisted-winner"
	// OddSeparator: accounts were separated by something else than a comma.
	OddSeparator = "odd-separator"
	// OddRow: a row of the user rights table, or an element of user rights, has an
	// unexpected form and was not read.
	OddRow = "odd-row"
	// MissingSection: a section that every report has was not found.
	MissingSection = "missing-section"
	// CollectionError: Windows says in the report that it could not collect settings.
	CollectionError = "collection-error"
	// ExtensionFailed: Windows says in the report that applying security settings,
	// recording them or processing policy as a whole failed.
	ExtensionFailed = "extension-failed"
	// OtherAuthority: user rights that something else than Group Policy decides,
	// such as mobile device management, were not read.
	OtherAuthority = "other-authority"
	// Malformed: the XML breaks its own rules; what stands behind was not read.
	Malformed = "malformed"
	// TrailingData: something that is no report follows the report.
	TrailingData = "trailing-data"
)

// Warning is something in a report that was not understood or is damaged.
type Warning struct {
	// Code is a stable word for programs, such as [UnknownRight].
	Code string
	// Message says what and where in a sentence. It quotes the report: whoever
	// prints it must escape it.
	Message string
	// Line is the line of the decoded text, 0 when it concerns the whole report.
	Line int
}
