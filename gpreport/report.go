package gpreport

import (
	"time"

	"github.com/gpevtx/gpevtx/evidence"
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
	// GPResultText is what "gpresult /R", "/V" and "/Z" print. Of these only /Z
	// lists what GPOs define that lose.
	GPResultText Kind = "gpresult-text"
	// GPOReportHTML describes one GPO, without saying what won on a computer: "Save
	// Report" in the Group Policy Management Console and Get-GPOReport.
	GPOReportHTML Kind = "gpo-report-html"
	// GPOReportXML is the same as XML, also gpreport.xml of a GPO's backup.
	GPOReportXML Kind = "gpo-report-xml"
	// SeceditINF is a security template: what "secedit /export" writes of a
	// computer's own settings, and GptTmpl.inf, in which a GPO keeps them.
	SeceditINF Kind = "secedit-inf"
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
	// is held by nobody, unless the scope is Incomplete: somebody may have cut the export down.
	Exported Results = "exported"
	// Defined settings are those that one GPO defines, without saying whether any
	// computer has them.
	Defined Results = "defined"
)

// Absence tells why a report has no data for the computer or the user. The zero
// value means that it has some.
type Absence string

const (
	// NoData: the report says that it has none, as for a scope that was not asked for or a
	// report of a user who may not see the computer's.
	NoData Absence = "no-data"
	// AccessDenied: the report says that whoever made it was not allowed to see it.
	AccessDenied Absence = "access-denied"
	// NotReached: the report ends, or reading it ended, before the scope; it may have data.
	NotReached Absence = "not-reached"
)

// Report is what one file says. The zero value says nothing.
type Report struct {
	Source evidence.Source
	// Line is the line of the decoded text on which the report begins: 1 unless it is not the
	// first of its file, or of HTML the line of its title.
	Line    int
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
	// GPO is the GPO that a report of a GPO describes; of a security template, as far as the
	// path in SYSVOL says so: a hint, with the GUID only. Zero for all else.
	GPO GPORef
	// Description is what a report of a GPO says about the GPO itself; nil for all else.
	Description *Description
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
	// ComputerAbsent and UserAbsent say why a scope is nil.
	ComputerAbsent, UserAbsent Absence
	// Runs are the last times that policy was applied, with their events. HTML reports of
	// Windows 8 and later and XML have them.
	Runs []Run
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
	// NoSettings: the report lists no settings of a scope, as those of gpresult /R, so that it
	// is not known what GPOs define.
	NoSettings = "no-settings"
	// UnsettledRight: several GPOs define a user right, or a report has several lists that
	// count for it, and does not tell for certain which of them wins.
	UnsettledRight = "unsettled-right"
	// DuplicateRight: a user right stands in the report twice. If the two differ, the right is
	// [Assignment].Unsettled; in a security template neither is kept.
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
	// MissingSection: a section that every report has, or in an export lines that every export
	// has, was not found.
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
