package facts

import (
	"strings"
	"sync"
)

// wizardMessage is a message of setup and of the configuration wizard, as KB 2684395 lists
// them. They have no event ids of their own and exist in English only.
type wizardMessage struct {
	name string
	// text may have holes such as {0}.
	text string
	// advice is what to do about it.
	advice string
	// kind is wizardError, or the trouble that the message names outright.
	kind engineKind
	// setup is set for messages of an installation that did not go on, which a later start
	// of the service makes history.
	setup bool
	// pieces are what stands around the holes, squeezed.
	pieces []string
}

// compileMessages cuts the texts at their holes.
func compileMessages(list []wizardMessage) []wizardMessage {
	for i := range list {
		m := &list[i]
		rest := squeeze(m.text)
		for {
			before, after, found := strings.Cut(rest, "{")
			m.pieces = append(m.pieces, before)
			if !found {
				break
			}
			_, rest, _ = strings.Cut(after, "}")
		}
	}
	return list
}

// matches reports whether a squeezed line begins with the message. Pieces are looked for
// from left to right and never again, so that the time is that of reading the line.
func (m *wizardMessage) matches(line string) bool {
	rest, ok := strings.CutPrefix(line, m.pieces[0])
	for _, p := range m.pieces[1:] {
		if !ok || len(rest) == 0 {
			return false
		}
		if p == "" {
			return true // the hole ends the message
		}
		i := strings.Index(rest[1:], p) // a hole is not empty
		if i < 0 {
			return false
		}
		rest = rest[1+i+len(p):]
	}
	return ok
}

// maxWizardLines is how many lines of one event are looked at.
const maxWizardLines = 64

// findWizardMessage returns the message that a line of the text begins with, or nil. One in
// the midst of a line is a quotation in another error.
func findWizardMessage(text string) *wizardMessage {
	n, messages := 0, wizardMessages()
	for line := range strings.Lines(text) {
		if n++; n > maxWizardLines {
			break
		}
		line = squeeze(line)
		for i := range messages {
			if messages[i].matches(line) {
				return &messages[i]
			}
		}
	}
	return nil
}

// wizardMessages are the messages of wizardList, compiled when the first is looked for.
var wizardMessages = sync.OnceValue(func() []wizardMessage { return compileMessages(wizardList) })

// wizardList are the messages of KB 2684395; what to do is this package's own words.
var wizardList = []wizardMessage{
	{
		name: "AdminRequired", kind: wizardError, setup: true,
		text:   "Local administrator permissions are required to install Directory Synchronization",
		advice: "Run the setup of Microsoft Entra Connect with an account that is a member of the computer's Administrators group.",
	},
	{
		name: "DirSyncAlreadyInstalled", kind: wizardError, setup: true,
		text:   "The Directory Sync tool is already installed. Version {0}",
		advice: `An older synchronization tool is still there. Take every older version out in "Apps & features", then run the setup again.`,
	},
	{
		name: "DirSyncInstallKeyNotRemoved", kind: wizardError, setup: true,
		text:   "Windows Installer could not remove the uninstall registry key from the Azure Active Directory Sync MSI. Retry uninstall or contact Microsoft Online Support.",
		advice: `The uninstall entry of the old tool stayed in the registry. Back up and delete its key below HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall, then uninstall again.`,
	},
	{
		name: "DirSyncNotInstalledError", kind: wizardError, setup: true,
		text:   "A complete installation of the Azure Active Directory Sync tool was not detected on this machine. Please uninstall any versions of this tool and then reinstall the most recent version.",
		advice: "The installation is not complete. Uninstall what is left of the tool, then install the present version of Microsoft Entra Connect.",
	},
	{
		name: "ErrorReRunConfigWizard", kind: wizardError,
		text:   "Unable to start synchronization due to configuration issues. To fix the issues, try running the Configuration Wizard. If you continue to see this error, please contact Microsoft Online Support.",
		advice: "Run the Microsoft Entra Connect wizard again and let it finish the configuration.",
	},
	{
		name: "WindowsInstaller45Required", kind: wizardError, setup: true,
		text:   "Microsoft Windows Installer 4.5 is required for installation. Please install Microsoft Windows Installer 4.5 and try again.",
		advice: "The operating system is older than the setup supports. Install Microsoft Entra Connect on a supported version of Windows Server.",
	},
	{
		name: "ErrorClearRunHistory", kind: wizardError,
		text:   "Could not clear the run history on the MIIS Server. Error returned is '{0}'. Contact Microsoft Online support.",
		advice: "The run history could not be cleared. Clear it in the Synchronization Service Manager (Operations > Clear Runs); if that fails too, look at the space of the database.",
	},
	{
		name: "ErrorNoStartConnection", kind: wizardError,
		text:   "Synchronization failed to start because of connection issues or domain controllers could not be contacted by the server. Verify that you are connected to the server and all the configured domain controllers are connected to the network. If you have recently deleted domain or naming context, please rerun the Configuration Wizard.",
		advice: "See whether the server reaches the domain controllers of every forest that it synchronizes (nltest /dsgetdc:DOMAIN). After a domain was removed, run the wizard again so that it forgets that domain.",
	},
	{
		name: "ErrorNoStartCredentials", kind: wizardError,
		text:   "Synchronization failed to start because of credential problems. Rerun Configuration Wizard to update credentials for Synchronization.",
		advice: "The stored credentials of a connector no longer work. Run the wizard and enter them again; see that the administrator can sign in to the portal.",
	},
	{
		name: "ErrorNoStartNoDomainController", kind: wizardError,
		text:   "Synchronization failed to start because the domain controller could not be contacted by the server. Verify that the domain controller is connected to the network.",
		advice: "See whether the server reaches a domain controller of every forest that it synchronizes (nltest /dsgetdc:DOMAIN), and repair name resolution or the network.",
	},
	{
		name: "ErrorStoppedConnectivity", kind: wizardError,
		text:   "Synchronization stopped because of connectivity loss. Restore connectivity to the server.",
		advice: "The connection to Microsoft Entra ID broke off. See whether the server reaches the internet, its proxy and the service's addresses.",
	},
	{
		name: "ErrorStoppedDatabaseDiskFull", kind: databaseFull,
		text:   "Synchronization stopped because the SQL Server database used by the Synchronization server is full. Create some space in the SQL Server database.",
		advice: "Free space where the database stands.",
	},
	{
		name: "InstallNotAllowedOnDomainController", kind: wizardError, setup: true,
		text:   "Microsoft Online Services Coexistence cannot be installed on a domain controller.",
		advice: "This old tool cannot be installed on a domain controller. Use a member server, or the present version of Microsoft Entra Connect.",
	},
	{
		name: "InstallPathLengthTooLong", kind: wizardError, setup: true,
		text:   "The installation path is too long. Provide a path of 116 characters or fewer and then try again.",
		advice: "Choose a shorter folder for the installation, of 116 characters at most.",
	},
	{
		name: "InsufficientDiskSpace", kind: wizardError, setup: true,
		text:   "Insufficient Disk Space",
		advice: "Free space on the disk, then run the setup again.",
	},
	{
		name: "InvalidPlatform", kind: wizardError, setup: true,
		text:   "The Azure Active Directory Sync tool must be installed on a computer running Windows Server 2003 Service Pack 2 or later.",
		advice: "Use a version of Windows Server that the setup supports.",
	},
	{
		name: "InvalidUPNFormat", kind: wizardError, setup: true,
		text:   "User Principal Name (UPN) is your logon name.",
		advice: "Enter the account of the wizard in the form name@domain.",
	},
	{
		name: "ADCredsNotValid", kind: wizardError, setup: true,
		text:   "The Enterprise Administrator credentials that you supplied are not valid. Supply valid credentials and try again.",
		advice: "Enter the name and password of a member of the Enterprise Admins group of the forest.",
	},
	{
		name: "MachineIsDomainJoinedUserIsNot", kind: wizardError, setup: true,
		text:   "The computer is joined to a domain, but the current user credentials do not have access permissions on the domain.",
		advice: "Log on to the server with an account of the domain instead of a local one, then run the wizard.",
	},
	{
		name: "MachineIsNotDomainJoined", kind: wizardError, setup: true,
		text:   "The computer is not joined to any domain.",
		advice: "Join the server to the domain, then run the wizard.",
	},
	{
		name: "MachineNotDomainJoined", kind: wizardError, setup: true,
		text:   "The computer must be joined to a domain.",
		advice: "Join the server to the domain, then run the wizard.",
	},
	{
		name: "MIISSyncIsInProgressError", kind: wizardError, setup: true,
		text:   "The synchronization engine is busy. Retry this operation after this synchronization session is complete.",
		advice: "A synchronization was running. Wait until it has ended, then repeat the step.",
	},
	{
		name: "MIISUserAddRight_AccountNotFound", kind: wizardError, setup: true,
		text:   "Account name:'{0}' could not be found. Error Code:{1}",
		advice: "Setup could not find the account to give it its rights. See whether the account exists and can be looked up, then add it by hand to the computer's group of synchronization administrators (ADSyncAdmins; MIISAdmins in old versions).",
	},
	{
		name: "MIISUserAddRight_AddFailed", kind: wizardError, setup: true,
		text:   "'{0}' could not be added to the account rights for '{1}'. Error code:{2}",
		advice: `Setup could not give the account its rights on this computer; a Group Policy may control them. Add the account by hand to the computer's group of synchronization administrators (ADSyncAdmins; MIISAdmins in old versions), and see whether it has "Log on as a service".`,
	},
	{
		name: "MIISUserAddRight_PolicyHandleNotFound", kind: wizardError, setup: true,
		text:   "Failed to obtain the policy handle. Error Code:{0}",
		advice: "Setup could not open the computer's security policy. Run it elevated; else add the account by hand to the computer's group of synchronization administrators (ADSyncAdmins; MIISAdmins in old versions).",
	},
	{
		name: "PowerShellRequired", kind: wizardError, setup: true,
		text:   "PowerShell must be installed.",
		advice: "Install the version of Windows PowerShell that the setup asks for.",
	},
	{
		name: "UnsupportedNameFormat", kind: wizardError, setup: true,
		text:   "The name format is not supported. Two examples of the supported user name formats are:",
		advice: `Enter the account as DOMAIN\name or name@domain.`,
	},
	{
		name: "UserNotAMemberOfMIISAdmins", kind: wizardError, setup: true,
		text:   "The current user is not a member of the Microsoft Identity Integration Server (MIIS) Admin group.",
		advice: "Add the person who runs the wizard to the computer's group of synchronization administrators (ADSyncAdmins; MIISAdmins in old versions), and let that person sign out and in again.",
	},
	{
		name: "UserNotAnEnterpriseAdmin", kind: wizardError, setup: true,
		text:   "User '{0}' is not a member of the Enterprise Admins group.",
		advice: "Run the wizard with the credentials of a member of the Enterprise Admins group of the forest.",
	},
	{
		name: "UnsupportedClientVersion", kind: wizardError,
		text:   "This version of the Directory Sync tool is no longer supported.",
		advice: "Microsoft Entra ID no longer accepts this version. Install the present version of Microsoft Entra Connect.",
	},
	{
		name: "InternetQueryOptionError", kind: wizardError, setup: true,
		text:   "Internet Explorer proxy settings were not read. Initial configuration using setup wizard may not be able to access online help. WinInet Error {0}",
		advice: "The proxy settings could not be read. Correct the form of the proxy in the internet options of the person who runs the wizard.",
	},
	{
		name: "InternetSetOptionError", kind: wizardError, setup: true,
		text:   "Internet Explorer proxy settings were not set. Initial configuration using setup wizard may not be able to access online help. WinInet Error {0}",
		advice: "The proxy settings could not be set. Correct the form of the proxy in the internet options of the person who runs the wizard.",
	},
	{
		name: "RichCoexistenceNotAllowed", kind: wizardError, setup: true,
		text:   "Current local directory does not have Exchange 2010 installed. Rich coexistence is not allowed.",
		advice: "The forest has no Exchange of the version that the hybrid option needs. Leave the option out, or set up its prerequisites first.",
	},
}
