package winerr

// Class is the kind of cause that a code points at. The zero value says nothing.
type Class uint8

// The classes.
const (
	// Unclassified codes do not point at a cause of their own.
	Unclassified Class = iota
	// LogonRight: a user right for this kind of logon is missing or denied.
	LogonRight
	// Privilege: a privilege other than a logon right is missing.
	Privilege
	// Password: wrong, expired or to be changed.
	Password
	// AccountState: the account is disabled, expired, locked or restricted.
	AccountState
	// AccountName: no account has that name or SID.
	AccountName
	// Domain: no domain controller answered.
	Domain
	// Trust: the secure channel of the computer, or a trust of its domain, is broken.
	Trust
	// Kerberos: authentication failed for names, keys or clocks.
	Kerberos
	// Dependency: something that the service depends on did not start.
	Dependency
	// ServiceConfig: the service's configuration does not let it start.
	ServiceConfig
	// Timeout: no answer in time.
	Timeout
	// Crash: the program ended by itself.
	Crash
	// Resources: memory, disk space or handles ran out.
	Resources
	// Access: a permission on an object is missing, or a policy blocks it.
	Access
	// File: a file, path or program is missing, damaged or in use.
	File
	// Network: another computer could not be reached or broke off.
	Network
	// Database: the database failed.
	Database
	// SyncEngine: the synchronization engine failed by itself.
	SyncEngine
	// Logon: a logon failed, and the code alone does not say why.
	Logon
)

var classNames = [...]string{
	Unclassified:  "unclassified",
	LogonRight:    "logon-right",
	Privilege:     "privilege",
	Password:      "password",
	AccountState:  "account-state",
	AccountName:   "account-name",
	Domain:        "domain",
	Trust:         "trust",
	Kerberos:      "kerberos",
	Dependency:    "dependency",
	ServiceConfig: "service-configuration",
	Timeout:       "timeout",
	Crash:         "crash",
	Resources:     "resources",
	Access:        "access",
	File:          "file",
	Network:       "network",
	Database:      "database",
	SyncEngine:    "sync-engine",
	Logon:         "logon",
}

// String returns the class as one word, such as "logon-right".
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return classNames[Unclassified]
}
