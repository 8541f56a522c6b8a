package gpreport

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// typedSettings finds the settings of a scope of HTML that programs want in a form of their
// own. It needs the words of the report: of a language whose words are not known there is none.
func (s *Scope) typedSettings() {
	var section []string
	kind := ""
	for _, set := range s.Settings {
		if !slices.Equal(set.Section, section) { // the rows of a table share one
			section, kind = set.Section, kindOfSection(set.Section)
		}
		switch kind {
		case "restricted-groups":
			s.restrictedGroup(set)
		case "system-services":
			s.service(set)
		case "local-users-and-groups":
			s.localGroup(set)
		}
	}
}

// typedSections are the labels of the headings below which such settings stand.
var typedSections = [...]string{"restricted-groups", "system-services", "local-users-and-groups"}

// kindOfSection returns the label of the heading that tells what a setting is: the last one
// with a meaning.
func kindOfSection(section []string) string {
	for i := len(section) - 1; i >= max(0, len(section)-3); i-- {
		if k := labels().oneOf(section[i], typedSections[:]); k >= 0 {
			return typedSections[k]
		}
	}
	return ""
}

// restrictedGroup reads a row of the table of restricted groups, in which lists are joined by
// commas: the members, then what the group is a member of.
func (s *Scope) restrictedGroup(set Setting) {
	g := RestrictedGroup{Group: sid.ParsePrincipal(set.Name), Winner: set.Winner, Location: set.Location}
	for part := range strings.SplitSeq(set.Value, "; ") {
		head, list, ok := strings.Cut(part, ": ")
		if !ok {
			continue
		}
		switch {
		case labels().is(head, "th-members"):
			g.Members = splitPrincipals(list)
		case labels().is(head, "th-member-of"):
			g.MemberOf = splitPrincipals(list)
		}
	}
	s.RestrictedGroups = append(s.RestrictedGroups, g)
}

// splitPrincipals reads accounts joined by commas.
func splitPrincipals(list string) []sid.Principal {
	var out []sid.Principal
	for name := range strings.FieldsFuncSeq(list, isAccountSeparator) {
		if name = strings.TrimSpace(name); name != "" && len(out) < maxPrincipals {
			out = append(out, sid.ParsePrincipal(name))
		}
	}
	return out
}

// serviceTitle takes the heading of a service apart: its name, and in parentheses a word for
// start mode with the mode.
var serviceTitle = regexp.MustCompile(`^(.*) ?[(（][^:：()]*[:：]\s*([^()（）]*)[)）]$`)

// service reads the heading of a service.
func (s *Scope) service(set Setting) {
	m := serviceTitle.FindStringSubmatch(set.Name)
	if m == nil {
		return
	}
	s.Services = append(s.Services, Service{
		Name: strings.TrimSpace(m[1]), Mode: startMode(m[2]), ModeText: m[2], Winner: set.Winner, Location: set.Location,
	})
}

// startMode understands the word for a start mode.
func startMode(s string) StartMode {
	modes := []StartMode{Automatic, Manual, Disabled}
	for i, key := range []string{"mode-automatic", "mode-manual", "mode-disabled"} {
		if labels().is(s, key) {
			return modes[i]
		}
	}
	return ""
}

// localGroup reads an item of the preferences for local groups. Its details have the names of
// the headings above them.
func (s *Scope) localGroup(set Setting) {
	g := LocalGroup{Winner: set.Winner, Location: set.Location}
	for _, f := range set.Details {
		path := strings.Split(f.Name, " > ")
		name := path[len(path)-1]
		switch parent := path[max(0, len(path)-2)]; {
		case labels().is(name, "pref-action"):
			g.Action = f.Value
		case labels().is(name, "pref-group-name"):
			g.Group = sid.ParsePrincipal(withoutNote(f.Value))
		case labels().is(name, "pref-delete-users"):
			g.DeleteUsers = isEnabled(f.Value)
		case labels().is(name, "pref-delete-groups"):
			g.DeleteGroups = isEnabled(f.Value)
		case labels().is(parent, "pref-add-members"):
			g.Add = append(g.Add, sid.ParsePrincipal(name))
		case labels().is(parent, "pref-remove-members"):
			g.Remove = append(g.Remove, sid.ParsePrincipal(name))
		}
	}
	if g.Group != (sid.Principal{}) {
		s.LocalGroups = append(s.LocalGroups, g)
	}
}

// withoutNote drops the remark behind the name of a group that is built in.
func withoutNote(s string) string {
	name, _, _ := strings.Cut(s, " (")
	return name
}

// isEnabled understands the words for a box that is ticked.
func isEnabled(s string) bool { return labels().is(s, "state-enabled") || labels().is(s, "yes") }
