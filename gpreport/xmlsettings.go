package gpreport

import (
	"cmp"
	"encoding/xml"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
)

// blockReader reads the blocks of settings of a half, which results and reports of GPOs have
// alike; only those of results name the GPO of each setting and its rank.
type blockReader struct {
	x   *xmlReader
	rep *Report
	s   *Scope
	// name is that of the half's element.
	name     string
	computer bool
	// defined says that the settings are those that one GPO defines, so that none has a winner.
	defined bool
	// ref names a GPO, and says what the list of GPOs has of it.
	ref func(gpoID) (GPORef, gpoNames)
	// origins are beside s.Settings: whose each is.
	origins []origin
	// typed are the settings in a form for programs.
	typed  []typedSetting
	rights []rsopRight
	// rows counts the elements of each name, blocks the blocks of each type.
	rows, blocks map[string]int
	paths        paths
}

func newBlockReader(x *xmlReader, rep *Report, s *Scope, name string, computer bool) blockReader {
	return blockReader{
		x: x, rep: rep, s: s, name: name, computer: computer,
		ref:  func(gpoID) (GPORef, gpoNames) { return GPORef{}, gpoNames{} },
		rows: make(map[string]int), blocks: make(map[string]int), paths: newPaths(),
	}
}

// finish makes of what was read what the scope says.
func (b *blockReader) finish() {
	b.finishSettings()
	b.finishTyped()
	b.listRights()
}

// origin is what the element of a setting says of its GPO.
type origin struct {
	gpo gpoID
	// precedence is 1 for a setting that counts and more for one that loses; 0 if it was not
	// understood, so that the setting does not count either.
	precedence int
	// blocked says that another authority than Group Policy decides.
	blocked bool
	// section and identity tell settings of one name apart.
	section  pathID
	identity string
}

// wins reports whether the setting is the one that counts.
func (o origin) wins() bool { return o.precedence == 1 && !o.blocked }

// What an element costs of the limit on nodes beside itself, because what is made of it is
// larger.
const (
	settingNodes = 8
	gpoNodes     = 12
	eventNodes   = 4
	listedNodes  = 2
)

// incomplete marks the scope incomplete and says why.
func (b *blockReader) incomplete(code string, line int, format string, args ...any) {
	b.s.Incomplete = true
	b.rep.warn(code, line, format, args...)
}

// misplaced reports whether an element has one of the names that matter but not
// their namespace: then something that is not known here may be missing.
func (b *blockReader) misplaced(e xml.StartElement, space string, names ...string) bool {
	return misplaced(b.x, b.rep, e, space, names...)
}

// location is a place below the half's element.
func (b *blockReader) location(path []string, row, line int) evidence.Location {
	return evidence.Location{Source: b.rep.Source, Section: path, Row: row, Line: line}
}

// path returns a list of names, of which there is one copy.
func (b *blockReader) path(names ...string) []string {
	return b.paths.names(b.paths.under(b.x, noPath, names...))
}

// blockPlace is where settings stand: the section that they are in and the path of their elements.
type blockPlace struct{ section, elements pathID }

// under is the place within an element.
func (b *blockReader) under(at blockPlace, name string) blockPlace {
	return blockPlace{b.paths.under(b.x, at.section, name), b.paths.under(b.x, at.elements, name)}
}

// row counts an element below the blocks of settings and returns its number.
func (b *blockReader) row(name string) int {
	b.rows[name]++
	return b.rows[name]
}

// extensionData reads a block of settings and what stands beside it: its name in the language
// of the report, or why there is none.
func (b *blockReader) extensionData() {
	var kind []string
	b.x.each(func(e xml.StartElement) {
		if b.misplaced(e, settingsNS, "Extension") {
			b.s.Incomplete = true
			return
		}
		if e.Name.Local == "Extension" {
			kind = b.path(blockType(e))
			b.extension(kind[0])
			return
		}
		b.beside(kind, e)
	})
}

// beside reads what stands beside a block of settings: its name, or the error in place of it.
func (b *blockReader) beside(kind []string, start xml.StartElement) {
	e, closed := b.x.tree(start)
	if !closed {
		return
	}
	text := strings.Join(e.words(nil), " ")
	if text != "" {
		b.note(kind, e.name, text, e.line)
	}
	if e.name == "Error" {
		b.incomplete(CollectionError, e.line, "the report says that settings could not be collected: %s", cmp.Or(text, "it does not say why"))
	}
}

// words adds all texts in an element, and its attributes with their names.
func (e *element) words(list []string) []string {
	for _, a := range e.attrs {
		list = append(list, a.Name+": "+a.Value)
	}
	if e.text != "" {
		list = append(list, foldBreaks(e.text))
	}
	for _, c := range e.children {
		list = c.words(list)
	}
	return list
}

// note keeps what stands beside settings.
func (b *blockReader) note(section []string, element, text string, line int) {
	b.x.charge(listedNodes)
	b.s.Notes = append(b.s.Notes, Note{
		Section: section, Text: text,
		Location: b.location(b.path(b.name, "ExtensionData", element), b.row(element), line),
	})
}

// blockType returns the type of a block, such as SecuritySettings.
func blockType(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Space == schemaInstance && a.Name.Local == "type" || a.Name.Local == "type" {
			return a.Value[strings.IndexByte(a.Value, ':')+1:]
		}
	}
	return e.Name.Local
}

// extension reads a block of settings. Its last element says whether another
// authority than Group Policy, such as mobile device management, decides them.
// Windows writes the block for which that is not so first: if it is cut off, what
// was read counts; any other block must be whole to count.
func (b *blockReader) extension(kind string) {
	rights, settings, typed, blocked, space := len(b.rights), len(b.s.Settings), len(b.typed), "", ""
	line := b.x.line
	at := blockPlace{b.paths.under(b.x, noPath, kind), b.paths.under(b.x, noPath, b.name, "ExtensionData", "Extension")}
	closed := b.x.each(func(start xml.StartElement) {
		if b.misplaced(start, securityNS, "UserRightsAssignment") {
			b.s.Incomplete = true
		}
		e, closed := b.x.tree(start)
		switch {
		case !closed: // it may not be whole
			return
		case e.name == "Blocked" && e.leaf():
			blocked = cmp.Or(blocked, e.text)
		default:
			b.settings(e, at)
		}
		space = e.space
	})
	b.blocks[space+" "+kind]++
	switch {
	case !closed && b.blocks[space+" "+kind] > 1:
		b.rights, b.typed = b.rights[:rights], b.typed[:typed]
		b.s.Settings, b.origins = b.s.Settings[:settings], b.origins[:settings]
	case closed && isTrue(blocked):
		b.block(rights, settings, typed, line)
	}
}

// block says of the settings from some on that another authority than Group Policy decides
// them: GPOs set them in vain.
func (b *blockReader) block(rights, settings, typed, line int) {
	if len(b.rights) > rights {
		b.incomplete(OtherAuthority, line, "user rights that another authority than Group Policy decides were not read")
	}
	for i := range b.rights[rights:] {
		b.rights[rights+i].blocked = true
	}
	for i := range b.origins[settings:] {
		b.origins[settings+i].blocked = true
	}
	b.typed = b.typed[:typed]
}

// settings reads an element of a block: a setting, or several that stand within it, as those of
// a profile of the firewall or of a folder of preferences.
func (b *blockReader) settings(e *element, at blockPlace) {
	if !b.holdsSettings(e) {
		b.setting(e, at)
		return
	}
	inner := b.under(at, cmp.Or(e.attr("name"), e.name))
	var own element // what it says of itself
	for _, c := range e.children {
		if c.item || c.items || isProfile(e) && !c.leaf() {
			b.settings(c, inner)
		} else {
			own.children = append(own.children, c)
		}
	}
	if len(e.attrs) > 0 || len(own.children) > 0 || e.text != "" {
		own.name, own.space, own.line, own.attrs, own.text = e.name, e.space, e.line, e.attrs, e.text
		b.setting(&own, at)
	}
}

// holdsSettings reports whether settings stand within an element, which then is none itself.
func (b *blockReader) holdsSettings(e *element) bool {
	return e.items && e.childOf(baseNS, "GPO") == nil || isProfile(e)
}

// isProfile reports whether an element is a profile of the firewall, whose settings no mark
// tells in a report of a GPO.
func isProfile(e *element) bool {
	return e.space == firewallNS && (strings.HasSuffix(e.name, "Profile") || e.name == "GlobalSettings") && !e.leaf()
}

// childOf returns the first child with a name and a namespace; nil for none.
func (e *element) childOf(space, name string) *element {
	for _, c := range e.children {
		if c.name == name && c.space == space {
			return c
		}
	}
	return nil
}

// setting reads one setting.
func (b *blockReader) setting(e *element, at blockPlace) {
	if e.name == "UserRightsAssignment" && e.space == securityNS && b.computer {
		b.right(e, at)
		return
	}
	row := b.row(e.name)
	o := takeOrigin(e)
	d := describe(e)
	o.section, o.identity = b.sectionOf(at, e.name, d), d.identity
	set := Setting{
		Section: b.paths.names(o.section), Name: d.name, Value: d.value, Explain: d.explain, Supported: d.supported,
		Location: b.location(b.paths.names(b.paths.under(b.x, at.elements, e.name)), row, e.line),
	}
	if t := typedOf(e, set.Location); t != nil && o.wins() {
		t.gpo = o.gpo
		b.typed = append(b.typed, *t)
		if t.odd {
			b.incomplete(OddRow, e.line, "the list of members of %q has an unexpected form", d.name)
		}
	}
	set.Details = b.details(e)
	b.keep(set, o)
}

// sectionOf is the section of a setting: the names above it, that of its element unless it is
// the setting's own, and its category.
func (b *blockReader) sectionOf(at blockPlace, element string, d description) pathID {
	section := at.section
	if d.name != element {
		section = b.paths.under(b.x, section, element)
	}
	if d.category != "" {
		section = b.paths.under(b.x, section, d.category)
	}
	return section
}

// details are all texts of an element that are not used yet.
func (b *blockReader) details(e *element) []Field {
	f := flattener{x: b.x}
	for _, a := range e.attrs {
		f.add(a.Name, a.Value)
	}
	if e.text != "" && !e.used {
		f.add(e.name, foldBreaks(e.text))
	}
	if isTemplatePolicy(e) {
		f.options(e)
	} else {
		f.children(e, "")
	}
	return f.fields
}

// keep keeps a setting.
func (b *blockReader) keep(set Setting, o origin) {
	if b.x.charge(settingNodes); b.x.err != nil {
		return
	}
	b.s.Settings = append(b.s.Settings, set)
	b.origins = append(b.origins, o)
}

// takeOrigin reads whose a setting is.
func takeOrigin(e *element) origin {
	var o origin
	precedence := ""
	if g := e.childOf(baseNS, "GPO"); g != nil {
		o.gpo = g.gpoRef()
		g.useAll()
	}
	if p := e.childOf(baseNS, "Precedence"); p != nil {
		precedence = foldBreaks(p.text)
		p.used = true
	}
	o.precedence = readPrecedence(precedence)
	e.children = slices.DeleteFunc(e.children, func(c *element) bool { return c.space == baseNS && (c.name == "GPO" || c.name == "Precedence") })
	return o
}

// gpoRef reads a reference to a GPO.
func (e *element) gpoRef() gpoID {
	var identifier, domain string
	if c := e.childOf(typesNS, "Identifier"); c != nil {
		identifier = foldBreaks(c.text)
	}
	if c := e.childOf(typesNS, "Domain"); c != nil {
		domain = foldBreaks(c.text)
	}
	return newGPOID(identifier, domain)
}

// readPrecedence reads the rank of an element; one without a rank has no rival.
func readPrecedence(s string) int {
	n, _ := strconv.ParseUint(cmp.Or(s, "1"), 10, 31)
	return int(n)
}

// finishSettings names the GPOs of all settings and gives those that count the ones that lose
// to them. One that loses to none in the report stays where it is, without a winner: its value
// is that of a GPO that does not win.
func (b *blockReader) finishSettings() {
	ref := func(id gpoID) GPORef {
		r, _ := b.ref(id)
		return r
	}
	losers := b.losers()
	places := b.places(losers)
	for i, o := range b.origins {
		if o.wins() {
			b.s.Settings[i].Winner = ref(o.gpo)
		}
	}
	merged := make(map[int]bool)
	for _, i := range losers {
		set, o := &b.s.Settings[i], b.origins[i]
		loser := LosingSetting{GPO: ref(o.gpo), Value: set.Value, Details: set.Details, Location: set.Location}
		set.Value, set.Details = "", nil
		key := b.key(i)
		place, rival := places[key]
		switch {
		case o.blocked:
			set.Details = blockedField()
			set.Others = []LosingSetting{loser}
		case rival:
			b.s.Settings[place].Others = append(b.s.Settings[place].Others, loser)
			merged[i] = true
		default:
			places[key] = i
			set.Others = []LosingSetting{loser}
		}
	}
	b.drop(merged)
}

// blockedField says of a setting that another authority than Group Policy decides it.
func blockedField() []Field { return []Field{{"Blocked", "true"}} }

// places finds, by their keys, the settings that those at losers lose to.
func (b *blockReader) places(losers []int) map[settingKey]int {
	wanted := make(map[settingKey]bool, len(losers))
	for _, i := range losers {
		wanted[b.key(i)] = true
	}
	places := make(map[settingKey]int)
	for i, o := range b.origins {
		if len(wanted) == 0 || !o.wins() {
			continue
		}
		key := b.key(i)
		if _, found := places[key]; !found && wanted[key] {
			places[key] = i
		}
	}
	return places
}

// drop removes settings by their places.
func (b *blockReader) drop(places map[int]bool) {
	if len(places) == 0 {
		return
	}
	kept := make([]Setting, 0, len(b.s.Settings)-len(places))
	for i, set := range b.s.Settings {
		if !places[i] {
			kept = append(kept, set)
		}
	}
	b.s.Settings = kept
}

// losers are the places of settings that do not count, the strongest first.
func (b *blockReader) losers() []int {
	var list []int
	for i, o := range b.origins {
		if !o.wins() {
			list = append(list, i)
		}
	}
	rank := func(i int) int { return cmp.Or(b.origins[i].precedence, math.MaxInt) } // those not understood are last
	slices.SortStableFunc(list, func(i, j int) int { return cmp.Compare(rank(i), rank(j)) })
	return list
}

// settingKey is the same for settings of one thing.
type settingKey struct {
	section        pathID
	name, identity string
}

// key returns the key of the setting at a place.
func (b *blockReader) key(i int) settingKey {
	o := b.origins[i]
	return settingKey{o.section, strings.ToLower(b.s.Settings[i].Name), o.identity}
}
