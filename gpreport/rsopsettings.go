package gpreport

import (
	"cmp"
	"encoding/xml"
	"strings"
)

// securitySettings is the type of the blocks whose settings are read. Of the
// computer's many other blocks nothing is.
const securitySettings = "SecuritySettings"

// settingElement is what the elements of settings have in common.
type settingElement struct {
	gpo        gpoID
	precedence string
	texts      map[string]string // of the children in the namespace of security settings
}

// element reads the child elements of a setting. visit handles those that are
// more than a text and reports whether it did.
func (h *rsopHalf) element(visit func(e xml.StartElement) bool) (s settingElement, closed bool) {
	s.texts = make(map[string]string)
	closed = h.x.each(func(e xml.StartElement) {
		switch {
		case e.Name.Space == baseNS && e.Name.Local == "GPO":
			s.gpo = h.gpoRef()
		case e.Name.Space == baseNS && e.Name.Local == "Precedence":
			s.precedence, _ = h.x.text()
		case e.Name.Space != securityNS || visit(e):
		default:
			if text, ok := h.x.text(); ok {
				s.texts[e.Name.Local] = text
			}
		}
	})
	return s, closed
}

// addSetting adds a setting of a GPO that wins.
func (h *rsopHalf) addSetting(s settingElement, element, group, name, value string, row, line int) {
	if readPrecedence(s.precedence) != 1 || name == "" {
		return
	}
	section := []string{securitySettings, element}
	if group != "" {
		section = append(section, group)
	}
	h.settings = append(h.settings, s.gpo)
	h.s.Settings = append(h.s.Settings, Setting{
		Section: section, Name: name, Value: value,
		Location: h.location([]string{h.name, "ExtensionData", "Extension", element}, row, line),
	})
}

// account reads a rule for passwords, lockout or Kerberos. Its name is not that
// of HTML reports but of security templates, such as MaximumPasswordAge.
func (h *rsopHalf) account() {
	row, line := h.row("Account"), h.x.line
	s, closed := h.element(func(xml.StartElement) bool { return false })
	if closed {
		value := cmp.Or(s.texts["SettingNumber"], s.texts["SettingBoolean"], s.texts["SettingString"])
		h.addSetting(s, "Account", s.texts["Type"], s.texts["Name"], value, row, line)
	}
}

// securityOption reads a security option. Its name and value are those of HTML
// reports, but for truth values, where the computer that wrote the report knew
// them; else they are the registry value's or those of a security template.
func (h *rsopHalf) securityOption() {
	row, line := h.row("SecurityOptions"), h.x.line
	var name, shown string
	var list []string
	s, closed := h.element(func(e xml.StartElement) bool {
		switch e.Name.Local {
		case "Display":
			name, shown = h.display()
		case "SettingStrings":
			list = h.values()
		default:
			return false
		}
		return true
	})
	if closed {
		name = cmp.Or(name, s.texts["KeyName"], s.texts["SystemAccessPolicyName"])
		value := cmp.Or(shown, s.texts["SettingNumber"], s.texts["SettingBoolean"], s.texts["SettingString"], strings.Join(list, ", "))
		h.addSetting(s, "SecurityOptions", "", name, value, row, line)
	}
}

// display reads how a security option is shown.
func (h *rsopHalf) display() (name, value string) {
	var text, units string
	var fields []string
	h.x.each(func(e xml.StartElement) {
		switch e.Name.Local {
		case "DisplayStrings":
			text = strings.Join(h.values(), ", ")
		case "DisplayFields":
			h.x.each(func(xml.StartElement) {
				var field, set string
				if h.x.fields(securityNS, map[string]*string{"Name": &field, "Value": &set}) {
					fields = append(fields, field+": "+set)
				}
			})
		default:
			h.x.field(e, securityNS, map[string]*string{
				"Name": &name, "Units": &units, "DisplayBoolean": &text, "DisplayString": &text, "DisplayNumber": &text,
			})
		}
	})
	if text != "" && units != "" {
		text += " " + units
	}
	return name, cmp.Or(text, strings.Join(fields, "; "))
}

// values reads a list of values.
func (h *rsopHalf) values() []string {
	var list []string
	h.x.each(func(xml.StartElement) { list = h.appendText(list) })
	return list
}
