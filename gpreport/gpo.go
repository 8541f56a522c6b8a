package gpreport

import (
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// GPO is a Group Policy object as a report lists it.
type GPO struct {
	// Name is the display name; local policy is named by the report in its own
	// language and has Local set. An inaccessible GPO is named by its GUID.
	Name string
	// GUID is in braces and upper case, such as {31B2F340-016D-11D2-945F-00C04FB984F9};
	// empty where the report does not state it, as those of Windows 8 do not.
	GUID string
	// Domain is the DNS name of the GPO's domain; only XML has it.
	Domain string
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
	// Links are all places where XML says that it is linked.
	Links []Link
	// Order is the place in the report's list, from 1; in XML, for an applied GPO,
	// the place in the order in which links were applied, so that the largest is the
	// strongest. Text usually has the strongest first, which no documentation says; the
	// order of HTML says nothing.
	Order int
	// Enforced says that the link cannot be blocked or overridden from below. It means something
	// only if EnforcedStated is set: gpresult's text never tells it, HTML and XML nearly always.
	Enforced, EnforcedStated bool
	// Disabled is the report's wording for what of the GPO is disabled, such as "None"; only
	// HTML has it.
	Disabled string
	// Revisions of the directory and SYSVOL parts; -1 when not stated. 65535 is what
	// Windows shows for a SYSVOL part that it did not read.
	RevisionAD, RevisionSysvol int
	WMIFilter                  string
	SecurityFilters            []string
	Extensions                 []string
	// Details are what else the report says of it, such as flags; only XML has them. Names of
	// nested ones are joined by " > ".
	Details  []Field
	Location evidence.Location
}

// Link is a place where a GPO is linked.
type Link struct {
	// Path is the domain, OU or site, Name its own name, which only HTML has.
	Path, Name string
	// Enabled and Enforced are false also where the words of HTML were not understood, of
	// which a warning tells. Status is the word for the first.
	Enabled, Enforced bool
	Status            string
	// Order is the place in the order in which links were applied, from 1; 0 if this one was
	// not, -1 when not stated.
	Order int
}

// GPORef names a GPO from elsewhere in a report.
type GPORef struct {
	// Name is the display name. In XML it is the GUID if the list of GPOs has no
	// GPO, or several, with it.
	Name string
	// GUID is in braces and upper case. It is empty for local policy and when the
	// report states only the name and no single applied GPO has that name.
	GUID string
	// Domain is the DNS name of the GPO's domain, where the report states it: all domains
	// share the GUIDs of the default GPOs.
	Domain string
	// Local marks the computer's own Local Group Policy.
	Local bool
	// Ambiguous says that several GPOs of the list have this name, or in XML this GUID, so
	// that it is not known which one it is.
	Ambiguous bool
}

// Description is what a report of a GPO says about the GPO itself. Texts are in the words of
// the report.
type Description struct {
	// Domain is the DNS name of the GPO's domain.
	Domain, Owner     string
	Created, Modified LocalTime
	// Status says which half is enabled, such as "Enabled" or "User settings disabled"; XML
	// has ComputerEnabled and UserEnabled only.
	Status string
	// ComputerEnabled and UserEnabled are nil where the report does not tell.
	ComputerEnabled, UserEnabled *bool
	// Revisions of the halves' directory and SYSVOL parts; -1 when not stated.
	ComputerAD, ComputerSysvol, UserAD, UserSysvol int
	Links                                          []Link
	// SecurityFilters are the principals to which the GPO can apply.
	SecurityFilters []sid.Principal
	// Delegation says who may do what with the GPO.
	Delegation []Permission
	// WMIFilter and WMIDescription are empty when there is no filter.
	WMIFilter, WMIDescription string
	// Comment is the administrator's.
	Comment string
	// Details are all further rows.
	Details []Field
}

// Permission is what a principal may do.
type Permission struct {
	Trustee sid.Principal
	// Permission and Inherited are in the words of the report.
	Permission, Inherited string
}
