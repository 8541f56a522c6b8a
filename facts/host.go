package facts

import (
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// Host is all that the inputs say about one computer.
type Host struct {
	// Name is the computer's name without its domain, in upper case; empty for reports
	// that do not name a computer, when there are several hosts.
	Name string
	// Names are all names that the computer has in the inputs, in upper case and sorted.
	Names []string
	// Domain is its domain as the inputs spell it, DNS form preferred; may be empty.
	Domain  string
	Account Account
	Rights  Rights
	// LocalPolicy is what the computer's own security database gives the account.
	LocalPolicy LocalPolicy
	Service     Service
	Engine      Engine
	Reports     Reports
	Policy      Policy
	Logs        Logs
	// Settings are what registry exports show of the computer.
	Settings Settings
	// Elsewhere names another host of which the inputs show that ADSync is installed there,
	// when they do not show it of this one: then nothing of ADSync can be said here.
	Elsewhere string
	// Timeline is what happened on the host, in order of time.
	Timeline []Entry
	// History are the troubles that are over, in order of time.
	History []Past

	known     *sid.Context // see context
	zone      zone
	hasADSync bool // an event of the service itself, or a file that shows it
	files     []*collected.File
}

// Confidence says how well a statement is founded.
type Confidence string

const (
	// Certain: two independent sources agree and are in order in time.
	Certain Confidence = "certain"
	// Probable: one strong source.
	Probable Confidence = "probable"
	// Possible: partial evidence, or evidence that rests on an assumption.
	Possible Confidence = "possible"
)

// AccountKind is what sort of account a service runs as.
type AccountKind string

// The kinds of account.
const (
	Virtual        AccountKind = "virtual"     // NT SERVICE\ADSync
	GroupManaged   AccountKind = "gmsa"        // group managed service account
	Standalone     AccountKind = "smsa"        // standalone managed service account
	DomainUser     AccountKind = "domain-user" // a user of the domain
	LocalUser      AccountKind = "local-user"  // a user of this computer
	SystemAccount  AccountKind = "system"      // LocalSystem, LOCAL SERVICE, NETWORK SERVICE
	UnknownAccount AccountKind = "unknown"
)

// Account is the account that the ADSync service runs as.
type Account struct {
	// Name as the strongest source spells it, such as NT SERVICE\ADSync.
	Name string
	// PolicyName is the name to enter in a policy: that of a local account has the
	// computer's name before it.
	PolicyName string
	// SID is empty where it can be neither read nor derived.
	SID        sid.SID
	Kind       AccountKind
	Confidence Confidence
	// Assumed is set when no input says which account it is, so that Name is a guess: a name
	// in a report that only setup makes, or the default of a new installation.
	Assumed bool
	// Stated is set when the user names the account, which then outranks all inputs.
	Stated bool
	// Conflicts are other accounts that inputs name, of the same standing or newer, so that
	// Name may be out of date: the first of them, MoreConflicts is how many there are beyond.
	Conflicts     []Conflict
	MoreConflicts int
	// Change compares the account in the service's configuration with those in events.
	Change   AccountChange
	Evidence []evidence.Item
	Reasons  []Reason
	// Changes are the events of the Security log, of this computer or of a domain
	// controller, that tell what was done to the account, in order of time: 4720 created,
	// 4722 enabled, 4723 and 4724 password changed and reset, 4725 disabled, 4726 deleted,
	// 4738 changed, 4740 locked, 4767 unlocked.
	Changes []Event
}

// Verdict is what is known of one right for the account.
type Verdict string

// The verdicts on a right. The zero value means undetermined.
const (
	Granted      Verdict = "granted"
	Denied       Verdict = "denied"       // a deny right hits the account
	Omitted      Verdict = "omitted"      // defined, and nothing in it covers the account
	Undetermined Verdict = "undetermined" // cannot be told from the inputs
	Undefined    Verdict = "undefined"    // no GPO defines it: local policy decides, which is not known
)

// GPO names a Group Policy object.
type GPO struct{ Name, GUID string }

// Right is the verdict on one right, with what it rests on.
type Right struct {
	// Name is the constant, such as SeServiceLogonRight.
	Name string
	// Display is the English name of the policy, such as "Log on as a service".
	Display string
	Verdict Verdict
	// Known is set when a report of the computer scope was read and understood, so that
	// the absence of a definition means something.
	Known bool
	// Local is set when no GPO is known to define the right, and the verdict and what it
	// rests on are those of the computer's own security database: see [LocalPolicy].
	Local bool
	// Defined is set when a GPO defines the right; Empty when it does so for nobody.
	Defined, Empty bool
	Winner         GPO
	Principals     []sid.Principal
	// Contested is set when the report shows other GPOs that define the right and lose, so
	// that their lists have no effect; most reports show only the winner. Losing are those of
	// them that have the account in their list.
	Contested bool
	Losing    []GPO
	// LosingEvidence is where their lists stand.
	LosingEvidence []evidence.Item
	// Unresolved are the entries of the list of which the computer knew only the SID when
	// the report was made. Orphans are those of them that belong to where the account itself
	// belongs, its domain or computer, so that they are most likely of a deleted account;
	// not all inputs tell which SIDs these are.
	Unresolved, Orphans []sid.Principal
	// Deletions are the events 4726, of any computer's log, that tell of Orphans; only of the
	// right to log on as a service.
	Deletions []Event
	// InReach is set when the report has names of the account's own domain, so that the
	// domain's accounts could be found when it was made; always for an account of the computer.
	InReach bool
	// Bare are the names in the list that Windows cannot find because they lack the part in
	// front of the backslash, such as ADSync for NT SERVICE\ADSync.
	Bare []sid.Principal
	// Covering are the principals that stand for the account.
	Covering []sid.Principal
	// Unexpanded are the principals that may be groups with the account in them, or, while
	// the account is only assumed, the account itself.
	Unexpanded []sid.Principal
	// Left are the events by which the account was taken out of a group that the list has, and
	// not put in again; it may be in the group by way of another one.
	Left []Event
	// Refused is set when Windows itself refused the account for lack of this
	// right while this policy held, so that nothing in the list covers it; then
	// Unexpanded is empty.
	Refused bool
	// RefusedBy are the events in which Windows refused the account under this policy, as
	// far as can be told: for certain if Refused is set.
	RefusedBy []Event
	// Contradicted are the events in which Windows refused the account although the list has
	// it: the policy was surely in force then, and the account is surely the same. The verdict
	// is undetermined then.
	Contradicted []Event
	// Confidence is how well an omitted, denied or granted verdict is founded.
	Confidence Confidence
	Evidence   []evidence.Item
	Reasons    []Reason

	// coveredSince is when the account came into the group that covers it; zero when it
	// needs no group or the time is not known.
	coveredSince time.Time
	// mayBeMember is set when events put a member with the name of the account into a group of
	// the list, so that a refusal does not show that none has it.
	mayBeMember bool
}

// Rights are the six rights that matter to a service account.
type Rights struct {
	Service, Batch, Local             Right
	DenyService, DenyBatch, DenyLocal Right
}

// All returns the rights in the fixed order of results: the allow and deny right of
// service, batch and local logon in turn.
func (r *Rights) All() []*Right {
	return []*Right{&r.Service, &r.DenyService, &r.Batch, &r.DenyBatch, &r.Local, &r.DenyLocal}
}

// Reason says why something cannot be told, and how to find out.
type Reason struct {
	// Code is a stable word for programs, such as "group-not-expanded".
	Code string
	// Input is the principal, log or report that the reason speaks of.
	Input string
	// Message is a sentence for people.
	Message string
	// Ask is a command to copy whose output would settle it; may be empty.
	Ask string
}
