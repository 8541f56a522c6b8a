package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

// Engine is what the synchronization engine of the host says of itself in the Application
// log. Each list of troubles holds, in order of time, what no later success made history.
// The zero value says nothing.
type Engine struct {
	// Version is that of Microsoft Entra Connect in the newest event that names it, such as
	// 2.1.16.0; empty when none does. VersionEvidence is that event.
	Version         string
	VersionEvidence []evidence.Item

	// DatabaseUnreachable are the events in which the engine could not log on to its
	// database, 2005 and 6226 with 0x8023044a. LocalDBFailures are those in which a LocalDB
	// of SQL Server 2019 could not start its process, within minutes of them.
	DatabaseUnreachable, LocalDBFailures []Event
	// DatabaseFull are the events that say that the database has no space left.
	DatabaseFull []Event
	// KeyLost are the events in which the engine could not read its encryption key.
	KeyLost []Event
	// TableErrors are the errors in passing tables to the database.
	TableErrors []Event
	// SignInBlocked are the events in which Microsoft Entra ID refused the connector's
	// account, or wanted to ask somebody; CertificateRejected those in which it did not
	// accept the connector's certificate; SignInFailed those without a known reason.
	SignInBlocked, CertificateRejected, SignInFailed []Event
	// NoSecureChannel are the events in which no secure channel to Microsoft Entra ID could
	// be created.
	NoSecureChannel []Event
	// DeletesPrevented are the warnings that an export held back too many deletions.
	DeletesPrevented []Event
	// PasswordsFailed are the failures of the password hash synchronization.
	PasswordsFailed []Event
	// WizardErrors are the messages of setup and the configuration wizard.
	WizardErrors []Event

	// Stacks are all events with a stack that ends in an error of its own; see
	// [Event.EngineCode].
	Stacks []Event

	// RecentInstalls are the events in which Microsoft Entra Connect or its service was
	// installed, upgraded or removed in InstallWindow, the hours before the service began to
	// fail, if it does.
	RecentInstalls []Event
	InstallWindow  Window

	// Cycles are the events in which the scheduler finished a part of a cycle.
	Cycles []Event
	// Scheduler tells whether cycles go on, as far as the logs tell. Silence is the time in
	// which no cycle showed, while it is silent.
	Scheduler SchedulerState
	Silence   Window
	// The reasons say why it cannot be told whether cycles go on, why the database cannot be
	// reached, why nobody could sign in to Microsoft Entra ID, and why an installation may
	// not show.
	SchedulerReasons, DatabaseReasons, SignInReasons, InstallReasons []Reason

	life, imports, exports, passwords, complete, installs []Event
	// staging is set when the newest word on it says that the server is in staging mode, in
	// which it exports nothing. That no event says so proves nothing.
	staging     bool
	suspendedAt time.Time
}

// newEngine tells what the engine says from a host's events, which are in order of time.
func newEngine(events []Event, h *Host) Engine {
	var n Engine
	for _, e := range events {
		n.take(e)
	}
	n.settle(h.Service)
	n.findRecentInstalls(h)
	n.doubt()
	n.watch(events, h)
	return n
}

// take sorts an event in.
func (n *Engine) take(e Event) {
	if e.isInstallation() {
		n.installs = appendEvent(n.installs, e)
		n.learnVersion(e, e.installedVersion())
	}
	if e.ofLocalDB() && e.isLocalDBFailure() {
		n.LocalDBFailures = appendEvent(n.LocalDBFailures, e)
	}
	if !e.ofEngine() {
		return
	}
	t := e.engineText()
	n.learnVersion(e, t.version)
	if list := n.list(t.kind); list != nil {
		*list = appendEvent(*list, e)
	}
	if t.code != "" {
		n.Stacks = appendEvent(n.Stacks, e)
	}
	switch t.kind {
	case cycleSign, cycleFinished, importFinished, exportFinished:
		n.life = appendEvent(n.life, e)
	}
	switch {
	case t.kind == exportFinished:
		n.staging = false // a staging server exports nothing
	case t.staging:
		n.staging = true
	}
	if t.suspended {
		n.suspendedAt = e.Time
	}
}

// list is where events of a kind are kept.
func (n *Engine) list(k engineKind) *[]Event {
	switch k {
	case cycleFinished:
		return &n.Cycles
	case importFinished:
		return &n.imports
	case exportFinished:
		return &n.exports
	case passwordsFinished:
		return &n.passwords
	case passwordsComplete:
		return &n.complete
	case databaseUnreachable:
		return &n.DatabaseUnreachable
	case databaseFull:
		return &n.DatabaseFull
	case keyLost:
		return &n.KeyLost
	case tableError:
		return &n.TableErrors
	case signInBlocked:
		return &n.SignInBlocked
	case signInFailed:
		return &n.SignInFailed
	case certificateRejected:
		return &n.CertificateRejected
	case noSecureChannel:
		return &n.NoSecureChannel
	case deletesPrevented:
		return &n.DeletesPrevented
	case passwordsFailed:
		return &n.PasswordsFailed
	case wizardError:
		return &n.WizardErrors
	}
	return nil
}

func (n *Engine) learnVersion(e Event, version string) {
	if version != "" {
		n.Version, n.VersionEvidence = version, []evidence.Item{e.Evidence("version")}
	}
}

// OlderThan reports whether the version is known and comes before another one.
func (n Engine) OlderThan(version string) bool {
	order, ok := compareVersions(n.Version, version)
	return ok && order < 0
}

// SyncedAfter reports whether an import from or export to Microsoft Entra ID finished at t
// or later. That a cycle finished says less: its parts may have failed.
func (n Engine) SyncedAfter(t time.Time) bool {
	return anyAfter(n.imports, t) || anyAfter(n.exports, t)
}

// settle drops the troubles that a later success made history.
func (n *Engine) settle(s Service) {
	synced := func(e Event) bool { return n.SyncedAfter(e.Time) }
	started := func(e Event) bool { return s.StartedAfter(e.Time) }
	signedIn := func(e Event) bool { return synced(e) || anyAfter(n.passwords, e.Time) }
	for _, r := range []struct {
		list *[]Event
		over func(Event) bool
	}{
		{&n.DatabaseUnreachable, started},
		{&n.KeyLost, started},
		{&n.SignInBlocked, signedIn},
		{&n.SignInFailed, signedIn},
		{&n.CertificateRejected, signedIn},
		{&n.NoSecureChannel, signedIn},
		{&n.WizardErrors, func(e Event) bool { return synced(e) || e.engineText().wizard.setup && started(e) }},
	} {
		*r.list = slices.DeleteFunc(*r.list, r.over)
	}
	n.TableErrors = lastRun(n.TableErrors, wentOn(n.Cycles, 3*time.Hour))
	n.DatabaseFull = lastRun(n.DatabaseFull, wentOn(n.exports, time.Hour))
	n.DeletesPrevented = lastRun(n.DeletesPrevented, n.exportedNextCycle)
	n.PasswordsFailed = lastRun(n.PasswordsFailed, wentOn(n.passwords, 45*time.Minute))
	n.PasswordsFailed = slices.DeleteFunc(n.PasswordsFailed, func(e Event) bool { return anyAfter(n.complete, e.Time) })
	n.LocalDBFailures = slices.DeleteFunc(n.LocalDBFailures, func(e Event) bool { return !anyNear(n.DatabaseUnreachable, e.Time, oneStart) })
}

// exportedNextCycle reports whether an export finished in a later cycle than that of an
// event: an import, which comes before the export, lies between.
func (n *Engine) exportedNextCycle(e Event) bool {
	i := slices.IndexFunc(n.imports, func(m Event) bool { return m.Time.After(e.Time) })
	return i >= 0 && anyAfter(n.exports, n.imports[i].Time)
}

// wentOn tells of an event whether work that goes well still went on so long after it.
func wentOn(work []Event, quiet time.Duration) func(Event) bool {
	return func(e Event) bool { return anyAfter(work, e.Time.Add(quiet)) }
}

// oneRun is how far apart two troubles are at most that come back with each cycle.
const oneRun = 6 * time.Hour

// lastRun settles troubles that come back as long as their cause is there, in the midst of
// work that goes well: they are history once the newest is. Else it returns those that
// follow each other up to the newest.
func lastRun(troubles []Event, over func(Event) bool) []Event {
	i := len(troubles) - 1
	if i < 0 || over(troubles[i]) {
		return nil
	}
	for i > 0 && troubles[i].Time.Sub(troubles[i-1].Time) <= oneRun {
		i--
	}
	return troubles[i:]
}

// The defect of the model database came with version 2.0 and its LocalDB of SQL Server 2019,
// and was mended in 2.1.1.0.
const modelDefectFrom, modelDefectTo = "2.0.0.0", "2.1.1.0"

// ModelDefect reports whether the version is one whose LocalDB damages its own model
// database at a backup, or is not known.
func (n Engine) ModelDefect() bool {
	return n.Version == "" || !n.OlderThan(modelDefectFrom) && n.OlderThan(modelDefectTo)
}

// doubt says why it cannot be told what is behind the troubles that have several causes.
func (n *Engine) doubt() {
	switch {
	case len(n.DatabaseUnreachable) == 0:
	case len(n.LocalDBFailures) == 0:
		n.DatabaseReasons = []Reason{{
			Code: "database-unreachable", Input: "ADSync", Ask: "Get-ADSyncDatabaseConfiguration",
			Message: "The engine could not log on to its database, and no event shows that a LocalDB failed to start. With a database on another server, look at that server, the network and the rights of the account there.",
		}}
	case !n.ModelDefect():
		n.DatabaseReasons = []Reason{{
			Code: "localdb-does-not-start", Input: "ADSync",
			Message: "The LocalDB of the engine does not start, but version " + n.Version + " does not have the defect that damages its model database. Read error.log in the folder of the instance ADSync2019, below AppData\\Local\\Microsoft\\Microsoft SQL Server Local DB\\Instances in the profile of the service's account.",
		}}
	}
	if len(n.NoSecureChannel) > 0 {
		n.SignInReasons = append(n.SignInReasons, Reason{
			Code: "no-secure-channel", Input: dirSync, Ask: "Test-NetConnection login.microsoftonline.com -Port 443",
			Message: "No secure channel to Microsoft Entra ID could be created, the last time at " + utc(n.NoSecureChannel[len(n.NoSecureChannel)-1].Time) + ", so that it is unknown whether it would let the connector sign in: look at TLS, a proxy and certificates.",
		})
	}
	if len(n.SignInFailed) > 0 {
		n.SignInReasons = append(n.SignInReasons, Reason{
			Code: "sign-in-failed", Input: dirSync, Ask: "Test-NetConnection login.microsoftonline.com -Port 443",
			Message: "The connector got no token from Microsoft Entra ID, the last time at " + utc(n.SignInFailed[len(n.SignInFailed)-1].Time) + ", for a reason that is not known to be one of the account: it can be the network, a proxy or TLS.",
		})
	}
}

// oneStart is how far apart the events of one start of the service and its database are.
const oneStart = 5 * time.Minute

// ofLocalDB reports whether a LocalDB of any version logged the event.
func (e Event) ofLocalDB() bool {
	return slices.ContainsFunc(localDBSources, func(s string) bool { return strings.EqualFold(s, e.Provider) })
}

// isLocalDBFailure reports whether a LocalDB of SQL Server 2019 waited for its process in
// vain and the process had not started correctly (error 575). Any program may use LocalDB.
func (e Event) isLocalDBFailure() bool {
	return strings.EqualFold(e.Provider, localDB2019) && e.ID == 528 && e.Param(1) == "WaitForMultipleObjects" && e.Param(2) == "575"
}

// EngineCode returns the error that ended a stack of the synchronization engine, such as
// 0x6ba, or "". The general error 0x80004005 does not count.
func (e Event) EngineCode() string { return e.engineText().code }

// EngineNumber returns the number by which the text of an event of the synchronization
// engine calls its error: of an RPC error such as 8453, of the provisioning service such as
// 90, or of the sign-in service such as AADSTS53003. It may be "".
func (e Event) EngineNumber() string { return e.engineText().number }

// Wizard returns the name that KB 2684395 gives the message of the configuration wizard in
// the event, such as ErrorNoStartCredentials, or "".
func (e Event) Wizard() string {
	if m := e.engineText().wizard; m != nil {
		return m.name
	}
	return ""
}

// WizardAdvice returns what to do about that message, or "".
func (e Event) WizardAdvice() string {
	if m := e.engineText().wizard; m != nil {
		return m.advice
	}
	return ""
}
