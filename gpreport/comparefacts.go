package gpreport

import (
	"fmt"
	"slices"
	"strings"
)

// soms compares the sites, domains and organizational units that were searched for links.
func (c *comparison) soms(out *ScopeDiff, before, after *Scope) {
	if c.before.Kind != GPResultXML || c.after.Kind != GPResultXML {
		return
	}
	m := matchUp(before.SOMs, after.SOMs, sameKey(func(s *SOM) string { return strings.ToLower(s.Type + "\x00" + s.Path) }))
	moved := movedPairs(m.pairs, func(s *SOM) int { return s.Order })
	for i, p := range m.pairs {
		if was, is := p[0].words(moved[i]), p[1].words(moved[i]); was != is {
			out.SOMs = append(out.SOMs, FieldChange{p[0].Path, was, is})
		}
	}
	for _, s := range m.removed {
		if c.whole(GPOsPart, AfterSide, subject{name: s.Path}) {
			out.SOMs = append(out.SOMs, FieldChange{s.Path, s.words(false), ""})
		}
	}
	for _, s := range m.added {
		if c.whole(GPOsPart, BeforeSide, subject{name: s.Path}) {
			out.SOMs = append(out.SOMs, FieldChange{s.Path, "", s.words(false)})
		}
	}
}

// words say how it was searched, with its place in the order where that matters.
func (s *SOM) words(order bool) string {
	words := "searched"
	if order {
		words += fmt.Sprintf(" in place %d", s.Order)
	}
	if s.BlocksInheritance {
		words += ", blocks inheritance"
	}
	if s.Blocked {
		words += ", blocked"
	}
	if s.Reason != "" {
		words += ", " + s.Reason
	}
	return words
}

// movedPairs tells which pairs are in another place among them, by a number of order. That of
// all is greater where something was put in front, which moves nothing.
func movedPairs[T any](pairs [][2]*T, order func(*T) int) []bool {
	ranks := func(side int) []int {
		sorted := make([]int, 0, len(pairs))
		for _, p := range pairs {
			sorted = append(sorted, order(p[side]))
		}
		places := slices.Clone(sorted)
		slices.Sort(sorted)
		for i, n := range places {
			places[i], _ = slices.BinarySearch(sorted, n)
		}
		return places
	}
	before, after := ranks(0), ranks(1)
	out := make([]bool, len(pairs))
	for i, p := range pairs {
		out[i] = before[i] != after[i] && order(p[0]) >= 0 && order(p[1]) >= 0
	}
	return out
}

// facts compares what else reports say of a computer or user. It is in their words: between
// two formats or languages it cannot be compared.
func (c *comparison) facts(out *ScopeDiff, before, after *Scope) {
	if !c.sameWords {
		if before.tellsFacts() || after.tellsFacts() {
			c.unsure(FactsPart, "", OtherFormat, "the two formats or languages word in different ways what they say in general, such as whether the link is slow")
		}
		return
	}
	was, is := before.factFields(c.before, after), after.factFields(c.after, before)
	m := matchUp(was, is, sameKey(func(f *Field) string { return f.Name + "\x00" + f.Value }), sameKey(func(f *Field) string { return f.Name }))
	for _, p := range m.pairs {
		if p[0].Value != p[1].Value {
			out.Facts = append(out.Facts, FieldChange{p[0].Name, p[0].Value, p[1].Value})
		}
	}
	for _, f := range m.removed {
		if c.whole(FactsPart, AfterSide, subject{name: f.Name}) {
			out.Facts = append(out.Facts, FieldChange{f.Name, f.Value, ""})
		}
	}
	for _, f := range m.added {
		if c.whole(FactsPart, BeforeSide, subject{name: f.Name}) {
			out.Facts = append(out.Facts, FieldChange{f.Name, "", f.Value})
		}
	}
}

// tellsFacts reports whether the half has any.
func (s *Scope) tellsFacts() bool {
	return len(s.General)+len(s.Summary)+len(s.Alerts)+len(s.WMIFilters) > 0
}

// factFields are the facts of a half of r under names, without those that are compared
// elsewhere, those that are others each time, which are when and from which domain controller,
// and those that follow from it that other does not list a GPO.
func (s *Scope) factFields(r *Report, other *Scope) []Field {
	var out []Field
	timed := func(text string) bool {
		return s.Refreshed.Raw != "" && strings.Contains(text, s.Refreshed.Raw) || r.Collected.Raw != "" && strings.Contains(text, r.Collected.Raw)
	}
	elsewhere := []string{s.Name, s.Name + "$", s.Domain, s.Site, s.OU, r.Host, r.Domain, r.UserName}
	last := false
	for _, f := range s.General {
		refreshed := timed(f.Value)
		server := last && r.Kind == GPResultText
		last = refreshed
		if !refreshed && !server && !slices.Contains(elsewhere, f.Value) {
			out = append(out, f)
		}
	}
	for _, text := range s.Summary[:min(len(s.Summary), len(other.Summary))] { // behind stand headlines of alerts
		if s.Refreshed.Raw != "" && !timed(text) {
			out = append(out, Field{"summary", text})
		}
	}
	listed := make(map[string]bool, len(other.Applied)+len(other.Denied))
	for _, g := range other.listed() {
		listed[foldName(g.Name)] = true
	}
	for _, a := range s.Alerts {
		if !listed[foldName(a.GPO)] {
			continue
		}
		out = append(out, Field{"alert on " + a.GPO, a.Text})
	}
	for _, f := range s.WMIFilters {
		out = append(out, Field{"WMI filter " + f.Name, f.Value}, Field{"GPOs of the WMI filter " + f.Name, joinSorted(f.GPOs)})
	}
	return out
}
