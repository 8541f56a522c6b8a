package gpreport

import (
	"slices"
	"strings"
)

// settings compares all other settings. Reports of one format and language name them alike.
// Between others only the winners of those can be compared that have one name in both, as the
// security options of HTML and XML have.
func (c *comparison) settings(out *ScopeDiff, before, after *Scope) {
	if !c.sameNames() {
		c.settingsByName(out, before, after)
		return
	}
	place := func(s *Setting) string { return strings.Join(s.Section, "\x00") + "\x00\x00" + s.Name }
	won := func(s *Setting) string { return place(s) + "\x00" + refKey(s.Winner) }
	whole := func(s *Setting) string {
		return won(s) + "\x00" + s.Value + "\x00" + joinFields(s.Details)
	}
	// Windows knows no case in the names of registry values and the like.
	folded := func(key func(*Setting) string) func(*Setting) string {
		return func(s *Setting) string { return strings.ToLower(key(s)) }
	}
	m := matchUp(before.Settings, after.Settings, sameKey(whole), sameKey(won), sameKey(place), sameKey(folded(won)), sameKey(folded(place)))
	c.compared(out, SettingsPart, len(m.pairs) > 0)
	groups := [2]groupPlaces{before.groupPlaces(), after.groupPlaces()}
	for _, p := range m.pairs {
		c.setting(out, p[0], p[1], groups)
	}
	for _, s := range m.removed {
		if c.absentSetting(AfterSide, s) {
			out.Settings = append(out.Settings, SettingChange{Change: Removed, Before: s})
		}
	}
	for _, s := range m.added {
		if c.absentSetting(BeforeSide, s) {
			out.Settings = append(out.Settings, SettingChange{Change: Added, After: s})
		}
	}
}

// sameNames reports whether both reports name settings in the same way.
func (c *comparison) sameNames() bool {
	markup := func(r *Report) Kind {
		switch r.Kind {
		case GPOReportHTML:
			return GPResultHTML
		case GPOReportXML:
			return GPResultXML
		}
		return r.Kind
	}
	return markup(c.before) == markup(c.after) && c.before.Language == c.after.Language
}

func joinFields(fields []Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name + "\x00" + f.Value + "\x00")
	}
	return b.String()
}

// setting compares a setting that both reports have.
func (c *comparison) setting(out *ScopeDiff, a, b *Setting, groups [2]groupPlaces) {
	var fields []string
	value, details := a.Value != b.Value, !slices.Equal(a.Details, b.Details)
	if (value || details) && c.sameGroup(a, b, groups) {
		value, details = false, false
	}
	if value {
		fields = append(fields, "value")
	}
	if details {
		fields = append(fields, "details")
	}
	if c.winners(SettingsPart, aboutSettings(a, b), a.Winner, b.Winner) {
		fields = append(fields, "winner")
	}
	if c.before.Kind == c.after.Kind && otherValues(a.Others, b.Others) {
		fields = append(fields, "others")
	}
	if len(fields) > 0 {
		out.Settings = append(out.Settings, SettingChange{Change: Changed, Fields: fields, Before: a, After: b})
	}
}

// otherValues reports whether the values that lose differ.
func otherValues(before, after []LosingSetting) bool {
	m := matchUp(before, after, sameKey(func(l *LosingSetting) string { return refKey(l.GPO) }))
	return len(m.removed)+len(m.added) > 0 || slices.ContainsFunc(m.pairs, func(p [2]*LosingSetting) bool {
		return p[0].Value != p[1].Value || !slices.Equal(p[0].Details, p[1].Details)
	})
}

// absentSetting reports whether a setting that only the other report has is not there in
// that of a side, and else notes why that is not known.
func (c *comparison) absentSetting(side Side, s *Setting) bool {
	if !c.whole(SettingsPart, side, aboutSettings(s)) {
		return false
	}
	if (c.before.Results == Exported) != (c.after.Results == Exported) {
		c.unsure(SettingsPart, side, string(NotDefined), "an export has all of a computer's settings, the template of a GPO only those that it defines", aboutSettings(s))
		return false
	}
	return true
}

// settingsByName compares the winners of settings whose names are the same in two formats or
// languages, and notes all others.
func (c *comparison) settingsByName(out *ScopeDiff, before, after *Scope) {
	name := sameKey(func(s *Setting) string { return foldName(s.Name) })
	name.unique = true
	m := matchUp(before.Settings, after.Settings, name)
	if len(m.pairs) > 0 || len(before.Settings)+len(after.Settings) == 0 {
		c.compared(out, SettingsPart, len(m.pairs) > 0)
	}
	for _, p := range m.pairs {
		if c.winners(SettingsPart, aboutSettings(p[0], p[1]), p[0].Winner, p[1].Winner) {
			out.Settings = append(out.Settings, SettingChange{Change: Changed, Fields: []string{"winner"}, Before: p[0], After: p[1]})
		}
		if p[0].Value != p[1].Value || !slices.Equal(p[0].Details, p[1].Details) {
			c.unsure(SettingsPart, "", OtherFormat, "the two formats or languages word the values in different ways", aboutSettings(p[0], p[1]))
		}
	}
	for _, s := range m.removed {
		c.namedOtherwise(BeforeSide, s)
	}
	for _, s := range m.added {
		c.namedOtherwise(AfterSide, s)
	}
}

// namedOtherwise notes a setting of a side that has no counterpart of its name.
func (c *comparison) namedOtherwise(side Side, s *Setting) {
	c.unsure(SettingsPart, side, OtherFormat, side.words()+" names these settings in a way that the other format or language does not", aboutSettings(s))
}
