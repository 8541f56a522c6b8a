package collected

import (
	"fmt"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Kind is what a file is, by the first thing in it that was recognised.
type Kind string

// The kinds of file.
const (
	RegistryExport Kind = "reg-export"
	SCText         Kind = "sc-text"
	WhoamiText     Kind = "whoami-text"
	ServiceList    Kind = "service-list"
	ErrorNote      Kind = "error-note"
)

// File is what one file says. Several outputs that a script wrote into one file are one
// File.
type File struct {
	Source evidence.Source
	Kind   Kind
	// Host is the name of the computer as the file itself states it; empty when it does not.
	Host Value
	// Services are the statements on services, in the order of the file: one Service for
	// each output of a command, so that a service can come several times.
	Services []Service
	// Registry is what a registry export says beside that; nil for other files.
	Registry *Registry
	// Token is who collected: the output of whoami; nil when there is none.
	Token *Token
	// Notes are the errors that tools left in place of their output.
	Notes    []Note
	Warnings []Warning
}

// Value is a text that stands in a file. The zero Value says nothing.
type Value struct {
	Text string
	// At is where it stands.
	At evidence.Location
	// Excerpt is the line as it stands there, shortened.
	Excerpt string
}

// Known reports whether the file says anything.
func (v Value) Known() bool { return v.At.Line > 0 }

// Intact reports whether the text is there and no character of it was lost to an unknown
// code page, so that it can be compared.
func (v Value) Intact() bool { return v.Known() && !strings.ContainsRune(v.Text, '\uFFFD') }

// Evidence returns the line as evidence in the given role.
func (v Value) Evidence(role string) evidence.Item {
	return evidence.Item{Role: role, Location: v.At, Excerpt: v.Excerpt}
}

// StartType is how a service is started.
type StartType string

// The start types. The zero value means that nothing is known.
const (
	BootStart   StartType = "boot"
	SystemStart StartType = "system"
	AutoStart   StartType = "auto"
	DelayedAuto StartType = "delayed-auto"
	DemandStart StartType = "demand"
	Disabled    StartType = "disabled"
)

// State is what a service does.
type State string

// The states. The zero value means that nothing is known.
const (
	Stopped State = "stopped"
	Running State = "running"
	// Changing is any other state: starting, stopping, paused.
	Changing State = "changing"
)

// Service is what one output says of one service. Its time is not known.
type Service struct {
	// Name is the key name, such as ADSync.
	Name Value
	// By names the source: "registry", "sc" or "service list".
	By string
	// Account is the account that the service runs as, as it is configured.
	Account     Value
	DisplayName Value
	// BinaryPath is the command line of the program.
	BinaryPath Value
	// Start is the configured start type, StartAt where it stands.
	Start   StartType
	StartAt Value
	// State is what the service did when the file was made, StateAt where it stands.
	State   State
	StateAt Value
	// Dependencies are the key names of what the service depends on; DependsAt is where
	// they stand. Without any, DependsAt is known and Dependencies is empty.
	Dependencies []string
	DependsAt    Value
	// Managed says whether Windows manages the password of the account: "true" or "false"
	// where it is known.
	Managed Value
	// Missing is set when the output says that the service does not exist on the computer.
	Missing Value
}

// Registry is what an export holds of the keys that are looked at.
type Registry struct {
	// ControlSet is the set of HKLM\SYSTEM whose values are used, such as CurrentControlSet;
	// empty when the export has none, or several of which it does not tell the current one.
	ControlSet string
	// Bias is how many minutes the computer's standard time is behind UTC, StandardBias and
	// DaylightBias what is added to it in either half of the year.
	Bias, StandardBias, DaylightBias Number
	// NoDaylight is set when the computer does not change to daylight time.
	NoDaylight bool
	// TLS12Enabled and TLS12DisabledByDefault are the values of the key of TLS 1.2 as a
	// client. Without them Windows goes by its default.
	TLS12Enabled, TLS12DisabledByDefault Number
	// DotNet and DotNet32 are the settings of .NET Framework 4, of 64 and of 32 bits.
	DotNet, DotNet32 DotNet
}

// DotNet is how programs of the .NET Framework choose the version of TLS.
type DotNet struct {
	// Key is where the export has the key; unknown if it does not have it.
	Key                                 Value
	StrongCrypto, SystemDefaultVersions Number
}

// Number is a number that stands in a file.
type Number struct {
	Value
	N int64
}

// Is reports whether the number is known and is n.
func (v Number) Is(n int64) bool { return v.Known() && v.N == n }

// Token is an account with its groups, as whoami shows them of who ran it.
type Token struct {
	Account Value
	SID     sid.SID
	Groups  []Group
	// Elevated is set when the program ran with the full rights of an administrator;
	// ElevationKnown when the output tells.
	Elevated, ElevationKnown bool
}

// Group is a group of a token.
type Group struct {
	Name string
	SID  sid.SID
	// Attributes is the text of the column, in the language of the computer.
	Attributes string
	// Enabled is set when the group grants. One that is for deny only does not.
	Enabled bool
	At      evidence.Location
}

// Note is the error that a tool left in place of its output.
type Note struct {
	Value
	// Tool is the program: "wevtutil", "gpresult", "sc", "reg", or empty when it is not known.
	Tool string
	// Channel is the log that could not be exported, where the error names it.
	Channel string
	Problem Problem
}

// Problem is what kept a tool from its work.
type Problem string

// The problems.
const (
	// AccessDenied: the tool was run without the rights that it needs.
	AccessDenied Problem = "access-denied"
	// NoRSoP: gpresult has no data for the user that it was asked for.
	NoRSoP Problem = "no-rsop-data"
	// NoService: the service that sc was asked for does not exist.
	NoService Problem = "no-such-service"
	// NoKey: the key that reg was asked for does not exist.
	NoKey Problem = "no-such-key"
	// NoChannel: the log that wevtutil was asked for does not exist.
	NoChannel Problem = "no-such-channel"
	// OtherProblem is any other error.
	OtherProblem Problem = "other"
)

// WarningCode tells warnings apart.
type WarningCode string

// The codes of warnings.
const (
	// LostCharacters: text in a code page that the file does not name.
	LostCharacters WarningCode = "lost-characters"
	// BadValue: a value in a form that was not understood.
	BadValue WarningCode = "bad-value"
	// EditedExport: a registry file that was written by hand, which says what to change and
	// not what there was. Nothing of it is used.
	EditedExport WarningCode = "not-an-export"
	// UnclearControlSet: several control sets, and nothing tells which one is current.
	UnclearControlSet WarningCode = "unclear-control-set"
	// SeveralHosts: statements on several computers, or on another one than the file is of. They
	// are not used.
	SeveralHosts WarningCode = "several-hosts"
	// TooMuch: a limit was met, and the rest was left out.
	TooMuch WarningCode = "limit"
)

// Warning tells of something that could not be used.
type Warning struct {
	Code    WarningCode
	Message string
	// Line is where it stands; 0 when it is of the file as a whole.
	Line int
}

// FormatError is returned for a file that is none of the formats.
type FormatError struct {
	Source evidence.Source
	// Read is how much of it was looked at, in bytes, if that is not all.
	Read int64
}

// Error says so.
func (e *FormatError) Error() string {
	s := fmt.Sprintf("%s: no registry export, output of sc or whoami, list of services or error of a tool was recognised", e.Source)
	if e.Read > 0 {
		s += fmt.Sprintf(" in its first %d bytes", e.Read)
	}
	return s
}
