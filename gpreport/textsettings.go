package gpreport

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// computerBlocks are the kinds of the computer's settings in the order of gpresult, which
// prints them all.
var computerBlocks = []string{
	"software", "startup-scripts", "shutdown-scripts", "account-policies", "audit-policy", "user-rights",
	"security-options", "event-log", "restricted-groups", "system-services", "registry-settings", "file-system",
	"public-key", "templates",
}

// userBlocks is how many kinds of settings users have.
const userBlocks = 11

// competing are the kinds of which one GPO wins: of others, such as scripts, all apply.
var competing = []string{
	"account-policies", "audit-policy", "security-options", "event-log", "restricted-groups", "system-services",
	"registry-settings", "file-system", "templates",
}

// textEntry is what one GPO sets.
type textEntry struct {
	gpo    string
	line   int
	fields []textField
	// odd says that lines of it were not understood.
	odd bool
}

// settings reads the blocks of a half.
func (r *plainReader) settings(s *Scope, section *textSection, half string, user bool) {
	kinds := r.blockKinds(section, user)
	r.checkEnd(s, section, kinds, user)
	rights := false
	for i, b := range section.sections {
		path := []string{half, section.title, b.title}
		entries := r.entries(s, b)
		if !b.followed && len(entries) > 0 && (r.end.cut || !endsWhole(entries, kinds[i])) {
			entries = entries[:len(entries)-1] // more lines of it may be missing
			r.cutIn(s, section)
		}
		if !user && (kinds[i] == "user-rights" || hasRights(entries)) {
			rights = true
			r.rights(s, entries, path)
			continue
		}
		r.blockSettings(s, entries, path, kinds[i])
	}
	if !user && !rights {
		s.Incomplete = true
		r.rep.warn(MissingSection, section.line, "%q has no list of user rights", section.title)
	}
}

// endsWhole reports whether the last entry has as many labels as the others, and those of
// administrative templates as they always have.
func endsWhole(entries []textEntry, kind string) bool {
	want := 2
	if kind == "templates" {
		want = 3
	}
	for _, e := range entries {
		want = max(want, len(e.fields))
	}
	return len(entries[len(entries)-1].fields) == want
}

// blockKinds tells the kinds of settings apart, by their headings or, if all are there, by
// their places.
func (r *plainReader) blockKinds(section *textSection, user bool) []string {
	kinds := make([]string, len(section.sections))
	for i, b := range section.sections {
		if k := textWords().oneOf(shortText(b.title), computerBlocks); k >= 0 {
			kinds[i] = computerBlocks[k]
		} else if !user && len(kinds) == len(computerBlocks) {
			kinds[i] = computerBlocks[i]
		}
	}
	return kinds
}

// checkEnd notes when settings break off: kinds are missing, or what stands below the last
// one.
func (r *plainReader) checkEnd(s *Scope, section *textSection, kinds []string, user bool) {
	n := len(kinds)
	switch last := section.sections; {
	case user && n < userBlocks:
		s.Incomplete = true
		r.rep.warn(MissingSection, section.line, "%q has %d of %d kinds of settings", section.title, n, userBlocks)
	case section.followed:
	case n == 0, !user && n < len(computerBlocks) && kinds[n-1] != "templates", leastIndent(last[n-1].body) == 0, r.end.cut:
		r.cutIn(s, section)
	}
}

// cutIn notes that the report ends within settings.
func (r *plainReader) cutIn(s *Scope, section *textSection) {
	s.Incomplete, r.end.cut = true, true
	r.end.endSection = []string{section.title}
	if n := len(section.sections); n > 0 {
		r.end.endSection = append(r.end.endSection, section.sections[n-1].title)
	}
}

// entries reads what GPOs set in a block: for each a line with its name, and indented below
// it labels with values, of which some go over several lines. A lone word says that there
// are none.
func (r *plainReader) entries(s *Scope, block *textSection) []textEntry {
	var list []textEntry
	least := leastIndent(block.body)
	fresh := true // after a blank line another entry begins
	for _, l := range block.body {
		if l.blank() {
			fresh = true
			continue
		}
		label, value, labelled := splitLabel(l.body())
		f := textField{label: label, value: value, column: valueColumn(l, value), line: l.no, unsure: l.unsure && !isSID(value)}
		switch {
		case l.indent == 0:
			r.odd(s, l, block.title)
			spoil(list)
			fresh = true
			continue
		case fresh || l.indent <= least+1:
			if labelled {
				list = append(list, textEntry{gpo: r.gpoName(value), line: l.no})
			} else if !r.isNone(l.body()) {
				r.odd(s, l, block.title)
				spoil(list)
				continue // the lines below it belong to nobody
			}
		case len(list) == 0:
			r.odd(s, l, block.title)
		default:
			list[len(list)-1].add(f, l, labelled)
		}
		fresh = false
	}
	return slices.DeleteFunc(list, func(e textEntry) bool {
		if e.odd || len(e.fields) == 0 {
			s.Incomplete = true
			r.rep.warn(OddRow, e.line, "what the GPO %q sets in %q has an unexpected form and was left out", e.gpo, block.title)
		}
		return e.odd || len(e.fields) == 0
	})
}

// spoil marks the last entry, to which a line may belong that was left out: its list may not be
// whole.
func spoil(list []textEntry) {
	if n := len(list); n > 0 {
		list[n-1].odd = true
	}
}

// gpoName is the name of the GPO of an entry. The word for something that is not there is a name
// if the list of the applied GPOs has it.
func (r *plainReader) gpoName(name string) string {
	if r.isNone(name) && !r.applied[name] {
		return ""
	}
	return name
}

// valueColumn is where the value of a line begins.
func valueColumn(l textLine, value string) int {
	if value == "" {
		return l.indent + len(l.body()) + 1
	}
	return cells(strings.TrimSuffix(l.text, value))
}

// add takes a line below the name of a GPO: another label, or more of the value above. The
// latter is indented as far as that, and accounts have no colon.
func (e *textEntry) add(f textField, l textLine, labelled bool) {
	if len(e.fields) == 0 {
		if !labelled {
			e.odd = true
			return
		}
		e.fields = append(e.fields, f)
		return
	}
	last := &e.fields[len(e.fields)-1]
	const slack = 2 // the labels of a language need not fit the indentation of further lines
	if labelled && l.indent < last.column-slack {
		e.fields = append(e.fields, f)
		return
	}
	last.more = append(last.more, l.body())
	last.unsure = last.unsure || l.unsure && !isSID(l.body())
}

// isSID reports whether a text is a SID, as gpresult prints those without a name.
func isSID(text string) bool {
	_, err := sid.Parse(strings.TrimPrefix(text, "*"))
	return err == nil
}

// blockSettings adds the settings of a block.
func (r *plainReader) blockSettings(s *Scope, entries []textEntry, path []string, kind string) {
	for i, group := range r.groupEntries(entries, kind) {
		best, settled := r.winner(s, group)
		if kind == "restricted-groups" || kind == "system-services" {
			r.typed(s, group, best, settled, r.location(path, i+1, group[0].line), kind)
		}
		e := group[best]
		value := e.valueField()
		setting := Setting{Section: path[2:], Name: e.fields[0].value, Location: r.location(path, i+1, e.line)}
		for k, o := range group {
			if k == best && settled {
				setting.Value, setting.Details = e.fields[value].text(), e.details(value)
				setting.Winner = GPORef{Name: e.gpo}
				continue
			}
			v := o.valueField()
			setting.Others = append(setting.Others, LosingSetting{
				GPO: GPORef{Name: o.gpo}, Value: o.fields[v].text(), Details: o.details(v), Location: r.location(path, i+1, o.line),
			})
		}
		s.Settings = append(s.Settings, setting)
	}
}

func (f textField) text() string { return f.field().Value }

// valueField is the index of the field with the value: the first one behind the name that is
// no path, as those of registry values are, else the last one.
func (e textEntry) valueField() int {
	for i := 1; i < len(e.fields); i++ {
		if !strings.Contains(e.fields[i].value, `\`) {
			return i
		}
	}
	return len(e.fields) - 1
}

// details are the fields beside name and value.
func (e textEntry) details(value int) []Field {
	var out []Field
	for i, f := range e.fields {
		if i > 0 && i != value {
			out = append(out, f.field())
		}
	}
	return out
}

// key is what two GPOs have in common that set the same.
func (e textEntry) key() string {
	parts := []string{e.fields[0].text()}
	if !strings.Contains(e.fields[0].value, `\`) { // else a path, which says it all
		value := e.valueField()
		for i, f := range e.fields {
			if i > 0 && i != value {
				parts = append(parts, f.text())
			}
		}
	}
	return strings.ToLower(strings.Join(parts, "\n"))
}

// groupEntries puts together what several GPOs set alike, of which one wins.
func (r *plainReader) groupEntries(entries []textEntry, kind string) [][]textEntry {
	var groups [][]textEntry
	places := make(map[string]int)
	type own struct{ key, gpo string }
	seen := make(map[own]bool) // a GPO sets the same once: a second time it is something else
	for _, e := range entries {
		key := ""
		if slices.Contains(competing, kind) {
			key = e.key()
		}
		i, found := places[key]
		if key == "" || !found || seen[own{key, e.gpo}] {
			places[key] = len(groups)
			groups = append(groups, []textEntry{e})
		} else {
			groups[i] = append(groups[i], e)
		}
		seen[own{key, e.gpo}] = true
	}
	return groups
}

// winner returns the index of the entry whose GPO wins, and sorts the others by their
// strength. gpresult /Z prints all entries, in no order, and does not say which one wins. It
// lists the applied GPOs by their strength, the strongest first, which no documentation
// promises: a list is trusted if the local policy, which is the weakest anywhere, stands at
// its end.
func (r *plainReader) winner(s *Scope, group []textEntry) (best int, settled bool) {
	if len(group) == 1 {
		return 0, true
	}
	strength := r.strengths(s)
	if slices.ContainsFunc(group, func(e textEntry) bool { return strength[e.gpo] == 0 }) {
		return 0, false
	}
	slices.SortStableFunc(group, func(a, b textEntry) int { return strength[b.gpo] - strength[a.gpo] })
	return 0, true
}

// strengths are those of the applied GPOs of a scope by their names, from 1; 0 for a name that
// is not in the list or is there twice, and for all if the order of the list is not proven.
func (r *plainReader) strengths(s *Scope) map[string]int {
	if r.strength != nil {
		return r.strength
	}
	r.strength = make(map[string]int)
	n := len(s.Applied)
	if n < 2 || !s.Applied[n-1].Local {
		return r.strength
	}
	for i, g := range s.Applied {
		if _, twice := r.strength[g.Name]; twice {
			r.strength[g.Name] = 0
		} else {
			r.strength[g.Name] = n - i
		}
	}
	return r.strength
}

// startModes are the words for how services start.
var startModes = []struct {
	key  string
	mode StartMode
}{{"automatic", Automatic}, {"manual", Manual}, {"disabled", Disabled}}

// typed adds restricted groups and services, which have their name, then their members or how
// they start.
func (r *plainReader) typed(s *Scope, group []textEntry, best int, settled bool, place evidence.Location, kind string) {
	e := group[best]
	if !settled || len(e.fields) < 2 {
		return
	}
	place.Line = e.line
	if kind == "system-services" {
		svc := Service{Name: e.fields[0].value, ModeText: e.fields[1].text(), Winner: GPORef{Name: e.gpo}, Location: place}
		for _, m := range startModes {
			if textWords().is(shortText(svc.ModeText), m.key) {
				svc.Mode = m.mode
			}
		}
		s.Services = append(s.Services, svc)
		return
	}
	g := RestrictedGroup{Group: sid.ParsePrincipal(e.fields[0].value), Winner: GPORef{Name: e.gpo}, Location: place}
	g.Members = r.principals(e.fields[1])
	s.RestrictedGroups = append(s.RestrictedGroups, g)
}

// principals reads a list of accounts, one a line.
func (r *plainReader) principals(f textField) []sid.Principal {
	names := append([]string{f.value}, f.more...)
	if len(names) == 1 && (names[0] == "" || r.isNone(names[0])) {
		return nil
	}
	list := make([]sid.Principal, len(names))
	for i, name := range names {
		list[i] = sid.ParsePrincipal(name)
	}
	return list
}
