package gpreport

import "strings"

// securityPath is where the console has the security settings.
const securityPath = "/policies/windows settings/security settings"

// consolePaths tell where the console, and HTML reports in English, have what other formats
// have under headings of their own; both as [slashed] writes them, without the last slash.
var consolePaths = map[string]string{
	// XML: the type of the block of settings and the name of the element.
	"/securitysettings":                         securityPath,
	"/securitysettings/account":                 securityPath + "/account policies",
	"/securitysettings/account/password":        securityPath + "/account policies/password policy",
	"/securitysettings/account/account lockout": securityPath + "/account policies/account lockout policy",
	"/securitysettings/account/kerberos":        securityPath + "/account policies/kerberos policy",
	"/securitysettings/audit":                   securityPath + "/local policies/audit policy",
	"/securitysettings/securityoptions":         securityPath + "/local policies/security options",
	"/securitysettings/userrightsassignment":    userRightsPath,
	"/securitysettings/eventlog":                securityPath + "/event log",
	"/securitysettings/restrictedgroups":        securityPath + "/restricted groups",
	"/securitysettings/systemservices":          securityPath + "/system services",
	"/securitysettings/registry":                securityPath + "/registry",
	"/securitysettings/file":                    securityPath + "/file system",
	"/auditsettings/auditsetting":               securityPath + "/advanced audit configuration",
	"/windowsfirewallsettings":                  securityPath + "/windows firewall with advanced security",
	"/registrysettings/policy":                  "/policies/administrative templates",
	// Security templates: the section.
	"/kerberos policy":         securityPath + "/account policies/kerberos policy",
	"/event audit":             securityPath + "/local policies/audit policy",
	"/privilege rights":        userRightsPath,
	"/registry values":         securityPath + "/local policies/security options",
	"/system log":              securityPath + "/event log",
	"/security log":            securityPath + "/event log",
	"/application log":         securityPath + "/event log",
	"/group membership":        securityPath + "/restricted groups",
	"/service general setting": securityPath + "/system services",
	"/registry keys":           securityPath + "/registry",
	"/file security":           securityPath + "/file system",
	// gpresult's text.
	"/account policies":         securityPath + "/account policies",
	"/audit policy":             securityPath + "/local policies/audit policy",
	"/user rights":              userRightsPath,
	"/security options":         securityPath + "/local policies/security options",
	"/event log settings":       securityPath + "/event log",
	"/restricted groups":        securityPath + "/restricted groups",
	"/system services":          securityPath + "/system services",
	"/registry settings":        securityPath + "/registry",
	"/file system settings":     securityPath + "/file system",
	"/public key policies":      securityPath + "/public key policies",
	"/administrative templates": "/policies/administrative templates",
}

// userRightsPath is where the console has user rights.
const userRightsPath = securityPath + "/local policies/user rights assignment"

// systemAccess is the section of security templates that holds account policies and some
// security options.
const systemAccess = "/system access"

// accountPolicies are the entries of that section that are account policies.
var accountPolicies = map[string]string{
	"minimumpasswordage":        "/password policy",
	"maximumpasswordage":        "/password policy",
	"minimumpasswordlength":     "/password policy",
	"passwordcomplexity":        "/password policy",
	"passwordhistorysize":       "/password policy",
	"cleartextpassword":         "/password policy",
	"lockoutbadcount":           "/account lockout policy",
	"resetlockoutcount":         "/account lockout policy",
	"lockoutduration":           "/account lockout policy",
	"allowadministratorlockout": "/account lockout policy",
}

// consolePath tells where the console has a setting with a name and a section, which is as
// [slashed] writes it; empty where that is not known or what section says.
func consolePath(section, name string) string {
	if section == systemAccess+"/" {
		if policy, ok := accountPolicies[strings.ToLower(name)]; ok {
			return securityPath + "/account policies" + policy + "/"
		}
		return securityPath + "/local policies/security options/"
	}
	for end := len(section) - 1; end > 0; end = strings.LastIndexByte(section[:end], '/') {
		if path, ok := consolePaths[section[:end]]; ok {
			return path + section[end:]
		}
	}
	return ""
}
