package facts

import "strings"

// serviceKey is the key name of the service; serviceNames are its display names, old and
// new, by which events of the Service Control Manager name it.
const serviceKey = "ADSync"

var serviceNames = []string{"Microsoft Azure AD Sync", "Microsoft Entra ID Sync"}

// DefaultAccount is the account of a new installation on a member server: the virtual
// account of the service.
const DefaultAccount = `NT SERVICE\ADSync`

const (
	scm           = "Service Control Manager"
	groupPolicy   = "Microsoft-Windows-GroupPolicy"
	auditing      = "Microsoft-Windows-Security-Auditing"
	systemLog     = "System"
	appLog        = "Application"
	securityLog   = "Security"
	policyLog     = "Microsoft-Windows-GroupPolicy/Operational"
	eventLog      = "EventLog"
	adSync        = "ADSync"
	dirSync       = "Directory Synchronization"
	msiInstaller  = "MsiInstaller"
	sceCli        = "SceCli"
	kernelGeneral = "Microsoft-Windows-Kernel-General"
)

// serviceLogon is the LogonType of a service in events of the Security log.
const serviceLogon = "5"

func isServiceName(name string) bool {
	if strings.EqualFold(name, serviceKey) {
		return true
	}
	for _, n := range serviceNames {
		if strings.EqualFold(name, n) {
			return true
		}
	}
	return false
}

// OfService reports whether an event of the Service Control Manager is about ADSync. The
// key name in Binary decides where there is one, since display names can be changed.
func (e Event) OfService() bool {
	if !strings.EqualFold(e.Provider, scm) {
		return false
	}
	if key := e.BinaryText(); key != "" {
		key, _, _ = strings.Cut(key, "/")
		return strings.EqualFold(key, serviceKey)
	}
	switch e.ID {
	case 7009, 7011: // the time waited comes first
		return isServiceName(e.Param(2))
	case 7040:
		return isServiceName(e.Param(4)) || isServiceName(e.Param(1))
	}
	return isServiceName(e.Param(1))
}

// shortName is a computer's name without its domain, in upper case.
func shortName(computer string) string {
	name, _, _ := strings.Cut(computer, ".")
	return strings.ToUpper(strings.TrimSpace(name))
}

// domainOf is what follows the first dot of a computer's DNS name.
func domainOf(computer string) string {
	_, domain, _ := strings.Cut(strings.TrimSpace(computer), ".")
	return domain
}
