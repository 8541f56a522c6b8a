package facts

import (
	"strings"
	"time"
)

// isInstallation reports whether an event tells that Microsoft Entra Connect or its service
// was installed, upgraded, repaired or removed, or that this failed.
func (e Event) isInstallation() bool {
	switch {
	case strings.EqualFold(e.Provider, scm):
		return e.ID == 7045 && e.OfService()
	case strings.EqualFold(e.Provider, auditing):
		return e.ID == 4697 && isServiceName(e.Data("ServiceName"))
	case strings.EqualFold(e.Provider, msiInstaller):
		return isProduct(e.product())
	}
	return false
}

// product returns what an event of Windows Installer speaks of: the name of a product, or
// the package's path where the event has no more.
func (e Event) product() string {
	switch e.ID {
	case 1033, 1034, 1035, 1036, 1040, 1042:
		return e.Param(1)
	case 11707, 11708, 11724, 11725, 11728, 11729:
		name, _, _ := strings.Cut(e.Param(1), " -- ")
		return strings.TrimPrefix(name, "Product: ")
	}
	return ""
}

// isProduct reports whether a name is that of Microsoft Entra Connect or of its service, or
// a path one of their packages. The agents for provisioning, authentication and health are
// products of their own, with names that begin in the same way.
func isProduct(name string) bool {
	name = strings.ToLower(name)
	if strings.Contains(name, "agent") || strings.Contains(name, "health") {
		return false
	}
	if strings.HasSuffix(name, ".msi") {
		return strings.HasSuffix(name, `\azureadconnect.msi`) || strings.HasSuffix(name, `\microsoft azure active directory connect\setupfiles\synchronization service.msi`)
	}
	for _, product := range []string{"microsoft azure ad connect", "microsoft entra connect", "azure ad connect", "entra connect"} {
		if rest, ok := strings.CutPrefix(name, product); ok && (rest == "" || rest[0] == ' ') {
			return true
		}
	}
	return false
}

// installedVersion is the version of the product that an event of Windows Installer tells
// was installed without an error, or "".
func (e Event) installedVersion() string {
	if strings.EqualFold(e.Provider, msiInstaller) && e.ID == 1033 && e.Param(4) == "0" && isVersion(e.Param(2)) {
		return e.Param(2)
	}
	return ""
}

// shortlyBefore is how long before a failure an installation is worth a look: setup starts
// the service when it is done.
const shortlyBefore = 6 * time.Hour

// findRecentInstalls finds the installations before the service began to fail.
func (n *Engine) findRecentInstalls(h *Host) {
	if h.Service.State != Failing {
		return
	}
	since := h.Service.Since
	n.InstallWindow = Window{since.Add(-shortlyBefore), since}
	for _, e := range n.installs {
		if !e.Time.Before(n.InstallWindow.From) && !e.Time.After(since) {
			n.RecentInstalls = append(n.RecentInstalls, e)
		}
	}
	if !h.Logs.Cover(systemLog, n.InstallWindow) {
		n.InstallReasons = []Reason{{
			Code: "log-does-not-cover", Input: systemLog,
			Message: "The System log does not reach back over the six hours before the service began to fail, in which an upgrade of Microsoft Entra Connect would be worth knowing.",
		}}
	}
}
