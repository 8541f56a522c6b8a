package gpreport

import (
	"cmp"
	"slices"
	"strings"
)

// The namespaces of settings whose elements are known.
const (
	securityNS = "http://www.microsoft.com/GroupPolicy/Settings/Security"
	auditNS    = "http://www.microsoft.com/GroupPolicy/Settings/Auditing"
	registryNS = "http://www.microsoft.com/GroupPolicy/Settings/Registry"
	scriptsNS  = "http://www.microsoft.com/GroupPolicy/Settings/Scripts"
	firewallNS = "http://www.microsoft.com/GroupPolicy/Settings/WindowsFirewall"
)

// description is what the element of a setting says of it.
type description struct {
	name, value string
	// category is the last part of the section, if any.
	category string
	// identity tells settings of one name apart.
	identity           string
	explain, supported string
}

// kinds describe the elements that are known, by namespace and name. What they use of an
// element is no detail of the setting.
var kinds = map[[2]string]func(*element) description{
	{securityNS, "Account"}:              describeAccount,
	{securityNS, "SecurityOptions"}:      describeSecurityOption,
	{securityNS, "EventLog"}:             describeEventLog,
	{securityNS, "Audit"}:                describeAudit,
	{securityNS, "RestrictedGroups"}:     describeRestrictedGroup,
	{securityNS, "UserRightsAssignment"}: describeRight,
	{auditNS, "AuditSetting"}:            describeAuditSetting,
	{registryNS, "Policy"}:               describePolicy,
	{registryNS, "RegistrySetting"}:      describeRegistrySetting,
	{scriptsNS, "Script"}:                describeScript,
}

// describe says what an element sets.
func describe(e *element) description {
	var d description
	switch kind := kinds[[2]string{e.space, e.name}]; {
	case kind != nil:
		d = kind(e)
	case e.child("Properties") != nil || e.child("BaseInstanceXml") != nil:
		d = describePreference(e)
	default:
		d = describeAny(e)
	}
	d.name = cmp.Or(d.name, e.name)
	return d
}

// naming and valuing are the names of elements that, in settings of unknown kinds, name the
// setting or are its value, the best first.
var (
	naming  = []string{"Name", "DisplayName", "KeyName", "KeyPath", "Path", "Command", "Id", "Identifier"}
	valuing = []string{
		"Value", "State", "SettingNumber", "SettingBoolean", "SettingString", "SettingValue",
		"StartupMode", "Mode", "Action", "DeploymentType",
	}
)

// describeAny describes an element of an unknown kind.
func describeAny(e *element) description {
	d := description{name: cmp.Or(e.take(naming...), e.attr("name"))}
	if d.value = e.take(valuing...); d.value == "" && len(e.children) == 0 && e.text != "" {
		d.value, e.used = foldBreaks(e.text), true
	}
	return d
}

// takeSetting takes the value that settings of security have.
func takeSetting(e *element) string {
	return e.take("SettingNumber", "SettingBoolean", "SettingString")
}

// describeAccount describes a rule for passwords, lockout or Kerberos. Its name is not that
// of HTML reports but of security templates, such as MaximumPasswordAge.
func describeAccount(e *element) description {
	return description{name: e.take("Name"), category: e.take("Type"), value: takeSetting(e)}
}

// describeSecurityOption describes a security option. Its name and value are those of HTML
// reports, but for truth values, where the computer that wrote the report knew
// them; else they are the registry value's or those of a security template.
func describeSecurityOption(e *element) description {
	var d description
	if display := e.child("Display"); display != nil {
		d.name = display.take("Name")
		d.value = shownValue(display)
	}
	if d.name == "" {
		d.name = e.take("KeyName", "SystemAccessPolicyName")
	}
	if d.value == "" {
		d.value = takeSetting(e)
	}
	if d.value == "" {
		d.value = strings.Join(e.child("SettingStrings").takeAll(), ", ")
	}
	d.identity = strings.ToLower(e.textOf("KeyName") + "\x00" + e.textOf("SystemAccessPolicyName"))
	return d
}

// shownValue is the value of a security option as it is shown.
func shownValue(display *element) string {
	value := display.take("DisplayBoolean", "DisplayString", "DisplayNumber")
	if value == "" {
		value = strings.Join(display.child("DisplayStrings").takeAll(), ", ")
	}
	if units := display.child("Units"); value != "" && units != nil && units.leaf() {
		units.used = true
		return strings.TrimSpace(value + " " + foldBreaks(units.text))
	}
	if value != "" {
		return value
	}
	var fields []string
	if list := display.child("DisplayFields"); list != nil {
		for _, c := range list.children {
			if name := c.take("Name"); name != "" {
				fields = append(fields, name+": "+c.take("Value"))
			}
		}
	}
	return strings.Join(fields, "; ")
}

// textOf returns the text of the first child with a name, used or not.
func (e *element) textOf(name string) string {
	c := e.child(name)
	if c == nil {
		return ""
	}
	return foldBreaks(c.text)
}

// describeEventLog describes a setting of an event log.
func describeEventLog(e *element) description {
	return description{name: e.take("Name"), category: e.take("Log"), value: takeSetting(e)}
}

// The outcomes that are audited, as HTML reports word them, by the numbers for them.
var audited = [...]string{"No Auditing", "Success", "Failure", "Success, Failure"}

// describeAudit describes what of a category is audited.
func describeAudit(e *element) description {
	d := description{name: e.take("Name")}
	success, failure := e.textOf("SuccessAttempts"), e.textOf("FailureAttempts")
	number := 0
	for i, s := range []string{success, failure} {
		switch {
		case isTrue(s):
			number |= 1 << i
		case !isFalse(s):
			return d
		}
	}
	d.value = audited[number]
	return d
}

// describeAuditSetting describes what of a subcategory is audited.
func describeAuditSetting(e *element) description {
	d := description{name: e.take("SubcategoryName"), category: e.take("PolicyTarget")}
	if n := revision(e.textOf("SettingValue")); n >= 0 && n < len(audited) {
		d.value = audited[n]
	} else {
		d.value = e.take("SettingValue")
	}
	d.identity = strings.ToLower(e.textOf("SubcategoryGuid"))
	return d
}

// principals are the accounts that children with a name stand for.
func (e *element) principals(name string) (list []string) {
	for _, c := range e.children {
		if c.name == name {
			list = append(list, c.principal().Name)
		}
	}
	return list
}

// describeRestrictedGroup describes the members of a group in the form of HTML reports.
func describeRestrictedGroup(e *element) description {
	var d description
	if g := e.child("GroupName"); g != nil {
		d.name = g.principal().Name
	}
	var parts []string
	for _, list := range [][2]string{{"Members", "Member"}, {"Member of", "Memberof"}} {
		if names := e.principals(list[1]); len(names) > 0 {
			parts = append(parts, list[0]+": "+strings.Join(names, ", "))
		}
	}
	d.value = strings.Join(parts, "; ")
	return d
}

// describeRight describes a user right that is not in the list of rights.
func describeRight(e *element) description {
	return description{name: e.take("Name"), value: strings.Join(e.principals("Member"), ", ")}
}

// describeScript describes a script, such as one for the startup.
func describeScript(e *element) description {
	return description{name: e.take("Command"), category: e.take("Type"), value: e.take("Parameters")}
}

// describeRegistrySetting describes a value of the registry that no administrative template
// knows. Of a key without a value some reports state the key only.
func describeRegistrySetting(e *element) description {
	d := description{name: e.take("KeyPath")}
	if v := e.child("Value"); v != nil && !v.leaf() {
		if name := v.take("Name"); name != "" {
			d.name = strings.TrimSuffix(d.name, `\`) + `\` + name
		}
		for _, c := range v.children {
			if d.value == "" && c.leaf() && !c.used {
				d.value = foldBreaks(c.text)
			}
		}
		return d
	}
	d.value = e.take("Value", "Command")
	return d
}

// isTemplatePolicy reports whether an element is a policy of an administrative template.
func isTemplatePolicy(e *element) bool { return e.name == "Policy" && e.space == registryNS }

// describePolicy describes a policy of an administrative template. Its help texts keep their
// lines.
func describePolicy(e *element) description {
	d := description{name: e.take("Name"), category: e.take("Category"), value: e.take("State")}
	for name, into := range map[string]*string{"Explain": &d.explain, "Supported": &d.supported} {
		if c := e.child(name); c != nil && c.leaf() {
			*into, c.used = c.text, true
		}
	}
	return d
}

// templateOptions are the elements of the options of an administrative template.
var templateOptions = []string{"EditText", "Numeric", "DropDownList", "CheckBox", "ListBox", "MultiText", "Text"}

// options adds the details of a policy: each option under its label, as HTML reports have it.
func (f *flattener) options(e *element) {
	for _, c := range e.children {
		if slices.Contains(templateOptions, c.name) {
			f.option(c)
		} else {
			f.flatten(c, c.name)
		}
	}
}

// option adds one option: its value, or without one whether it is set, and the rest of it. That
// an option with a value is set goes without saying.
func (f *flattener) option(o *element) {
	label := o.takeFirst("Name")
	if o.name == "Text" && label != "" {
		f.add("", label) // a remark between the options
	}
	value, state := o.child("Value"), o.child("State")
	if value != nil && state != nil && state.leaf() && state.text == "Enabled" {
		state.used = true
	}
	switch {
	case value == nil && state != nil:
		f.add(label, o.takeFirst("State"))
	case value == nil:
	case value.leaf():
		f.add(label, o.takeFirst("Value"))
	default:
		f.optionValues(value, label)
		value.useAll()
	}
	for _, c := range o.children {
		if !c.used {
			f.flatten(c, f.join(label, c.name))
		}
	}
}

// takeFirst takes the text of the first child with a name, even if it is empty.
func (e *element) takeFirst(name string) string {
	c := e.child(name)
	if c == nil || !c.leaf() || c.used {
		return ""
	}
	c.used = true
	return foldBreaks(c.text)
}

// optionValues adds the choice of a list, or the entries of one: pairs of name and data, or
// data alone.
func (f *flattener) optionValues(value *element, label string) {
	if value.text != "" {
		f.add(label, foldBreaks(value.text))
	}
	for _, a := range value.attrs {
		f.add(f.join(label, a.Name), a.Value)
	}
	for _, c := range value.children {
		switch {
		case c.leaf():
			f.add(label, foldBreaks(c.text))
		case c.name == "Element" && c.child("Name") != nil:
			f.add(f.join(label, c.take("Name")), c.take("Data"))
			f.children(c, label)
		case c.name == "Element" && c.child("Data") != nil:
			f.add(label, c.take("Data"))
			f.children(c, label)
		default:
			f.flatten(c, f.join(label, c.name))
		}
	}
}

// useAll marks an element and all in it as used.
func (e *element) useAll() {
	e.used = true
	for _, c := range e.children {
		c.useAll()
	}
}
