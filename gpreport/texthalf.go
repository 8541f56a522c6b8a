package gpreport

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// textField is what stands behind a label.
type textField struct {
	label, value string
	// more are the further lines of the value.
	more []string
	// column is where the value begins.
	column int
	line   int
	// unsure says that a blank may be missing in a value that has some.
	unsure bool
}

// fields reads lines with a label each and adds them to what a scope says in general. Lines
// without one are left out, but a report of a half that was not there says so in one.
func (r *plainReader) fields(s *Scope, body []textLine) []textField {
	var list []textField
	for _, l := range body {
		if l.blank() {
			continue
		}
		if dn, ok := parseDN(l.body()); ok && s != nil {
			s.General = append(s.General, Field{Name: "DN", Value: l.body()})
			s.OU, s.Domain = dn.container, dn.domain
			continue
		}
		label, value, ok := splitLabel(l.body())
		if !ok {
			label, value = "", l.body()
		}
		f := textField{label: label, value: value, line: l.no}
		if s != nil {
			s.General = append(s.General, f.field())
		}
		if ok {
			list = append(list, f)
		}
	}
	return list
}

func (f textField) field() Field {
	return Field{Name: f.label, Value: strings.Join(append([]string{f.value}, f.more...), "; ")}
}

// labelled returns the value of the field with a label in any language; else, where the words
// are not known, that of the field at a place in a list that has as many as it should.
func (r *plainReader) labelled(list []textField, key string, place, of int) string {
	for _, f := range list[:min(len(list), maxHead)] {
		if textWords().is(shortText(f.label), key) {
			return r.stated(f.value)
		}
	}
	if r.rep.Language == "en" || len(list) != of {
		return ""
	}
	r.warnOnce(UnknownLabel, list[place].line, "%q was told apart by its place or by what is in it", list[place].label)
	return r.stated(list[place].value)
}

// stated is a value, empty for the word that says that there is none.
func (r *plainReader) stated(value string) string {
	if r.isNone(value) {
		return ""
	}
	return value
}

// The fields below the headline and those at the begin of a half, if all are there: what
// policy was applied when, from where, the limit of slow links, name and type of the domain.
const (
	topFields, topSite                 = 6, 2
	headFields, halfDomain, halfDomTyp = 5, 3, 4
)

// head reads what stands above the lists of a half. It returns the short name of the domain,
// which for a computer that is in none is its own name.
func (r *plainReader) head(s *Scope, h *textSection) (domain string) {
	for _, f := range r.top {
		s.General = append(s.General, f.field())
	}
	list := r.fields(s, h.body)
	list = list[:min(len(list), maxHead)]
	for _, f := range list {
		if raw, _ := findDate(cleanDate(f.value)); raw != "" {
			s.Refreshed = r.clock.localTime(cleanDate(f.value))
			break
		}
	}
	domain = r.labelled(list, "domain-name", halfDomain, headFields)
	if s.Domain == "" && domainYear.MatchString(r.labelled(list, "domain-type", halfDomTyp, headFields)) {
		s.Domain = domain
	}
	return domain
}

// domainYear is in the type of a domain of Active Directory, such as "Windows 2008 or later".
var domainYear = regexp.MustCompile(`\b20\d\d\b`)

// computer reads the computer's half.
func (r *plainReader) computer(h *textSection) *Scope {
	s := &Scope{}
	domain := r.head(s, h)
	s.Site = r.labelled(r.top, "site-name", topSite, topFields)
	r.rep.Host = r.host(h, domain)
	s.Name = r.rep.Host
	if s.Domain != "" && domain != "" {
		r.rep.Domain = domain
		s.Name = domain + `\` + r.rep.Host
	}
	if r.rep.Host == "" {
		s.Name = ""
		r.rep.warn(UnknownLabel, r.headline.line, "the computer's name was not found in the headline %q", strings.Join(r.headline.words, " "))
	}
	r.sections(s, h, false)
	return s
}

// host finds the computer's name. It stands in the headline: at its end in languages that
// begin with the name of the data, behind the user and one small word. Wherever it stands, the computer's own entry in the
// directory names it too, and so does the domain of one that is in none.
func (r *plainReader) host(h *textSection, domain string) string {
	words := r.headline.words
	names := []string{domain}
	for _, l := range h.body[:min(len(h.body), maxHead)] {
		if dn, ok := parseDN(l.body()); ok {
			names = append([]string{dn.name}, names...)
		}
	}
	for _, name := range names {
		for _, w := range words {
			if name != "" && strings.EqualFold(w, name) {
				return w
			}
		}
	}
	if _, after := r.headlineUser(); after >= 0 && after == len(words)-2 && strings.Contains(strings.ToLower(words[0]+words[1]), "rsop") {
		return words[len(words)-1]
	}
	if r.rep.Language == "en" && len(words) > 1 && strings.EqualFold(words[len(words)-2], "on") {
		return words[len(words)-1]
	}
	return ""
}

// headlineUser returns the user of the headline and the index of the word behind it, -1 if
// there is none. A user's name may have blanks: then it reaches to the last word but one.
func (r *plainReader) headlineUser() (name string, after int) {
	words := r.headline.words
	for i, w := range words {
		if strings.Contains(w, `\`) {
			after = i + 1
			if len(words)-2 > after && isASCII(words[len(words)-1]) {
				after = len(words) - 2
			}
			return strings.Join(words[i:after], " "), after
		}
	}
	return "", -1
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// user reads the user's half.
func (r *plainReader) user(h *textSection) *Scope {
	s := &Scope{}
	r.head(s, h)
	r.rep.UserName, _ = r.headlineUser()
	s.Name = r.rep.UserName
	r.sections(s, h, true)
	return s
}

// sections reads the lists of a half and its settings.
func (r *plainReader) sections(s *Scope, h *textSection, user bool) {
	kinds := r.sectionKinds(h)
	settings := false
	for i, section := range h.sections {
		path := []string{h.title, section.title}
		switch kinds[i] {
		case "applied":
			s.Applied = r.gpos(s, section, path, true)
			r.applied = make(map[string]bool, len(s.Applied))
			for _, g := range s.Applied {
				r.applied[g.Name] = true
			}
		case "denied":
			s.Denied = r.gpos(s, section, path, false)
		case "groups":
			for _, item := range r.items(s, section) {
				s.Groups = append(s.Groups, sid.ParsePrincipal(item.name))
			}
		case "settings":
			settings = true
			r.settings(s, section, h.title, user)
		default:
			s.General = append(s.General, r.list(section))
		}
	}
	if !settings {
		s.Incomplete = true
		r.rep.warn(NoSettings, h.line, "%q has no settings, as gpresult /R prints it; gpresult /H reports them", h.title)
	}
	if len(h.sections) == 0 || kinds[0] != "applied" {
		s.Incomplete = true
		r.rep.warn(MissingSection, h.line, "%q has no list of the GPOs that were applied", h.title)
	}
	r.winners(s)
	r.strength, r.applied = nil, nil
}

// list makes one field of a section.
func (r *plainReader) list(section *textSection) Field {
	var parts []string
	for _, l := range section.body {
		if !l.blank() {
			parts = append(parts, l.body())
		}
	}
	return Field{Name: section.title, Value: strings.Join(parts, "; ")}
}

// sectionKinds tells the sections of a half apart: by their headings, else by what they look
// like. GPOs that were applied come first, and those that were not have a reason below
// each. The settings have headings of their own.
func (r *plainReader) sectionKinds(h *textSection) []string {
	kinds := make([]string, len(h.sections))
	groups := false
	for i, s := range h.sections {
		title := shortText(s.title)
		switch known := textWords().oneOf(title, []string{"applied", "denied", "computer-groups", "user-groups", "privileges", "rsop-computer", "rsop-user"}); known {
		case 0:
			kinds[i] = "applied"
		case 1:
			kinds[i] = "denied"
		case 2, 3:
			kinds[i], groups = "groups", true
		case 4:
			kinds[i] = "privileges"
		case 5, 6:
			kinds[i] = "settings"
		default:
			r.warnOnce(UnknownLabel, s.line, "%q was told apart by its place or by what is in it", s.title)
			switch {
			case len(s.sections) > 0:
				kinds[i] = "settings"
			case i == 0:
				kinds[i] = "applied"
			case !groups && hasReasons(s.body):
				kinds[i] = "denied"
			case !groups:
				kinds[i], groups = "groups", true
			}
		}
	}
	return kinds
}

// hasReasons reports whether a list has a labelled line below its first item.
func hasReasons(body []textLine) bool {
	first := -1
	for _, l := range body {
		if l.blank() {
			continue
		}
		if first < 0 {
			first = l.indent
			continue
		}
		_, _, ok := splitLabel(l.body())
		return ok && l.indent > first
	}
	return false
}

// textItem is an item of a list with the labelled lines below it.
type textItem struct {
	name   string
	line   int
	fields []textField
}

// items reads the list of a section.
func (r *plainReader) items(s *Scope, section *textSection) []textItem {
	var list []textItem
	least := leastIndent(section.body)
	_, lone := loneWord(section.body)
	for _, l := range section.body {
		if l.blank() {
			continue
		}
		label, value, labelled := splitLabel(l.body())
		switch {
		case l.indent == least && lone && r.isNone(l.body()): // else it is a name
		case l.indent == least && l.indent > 0:
			list = append(list, textItem{name: l.body(), line: l.no})
		case labelled && len(list) > 0 && l.indent > least:
			last := &list[len(list)-1]
			last.fields = append(last.fields, textField{label: label, value: value, line: l.no})
		default:
			r.odd(s, l, section.title)
		}
	}
	return list
}

// odd notes that a line was not understood.
func (r *plainReader) odd(s *Scope, l textLine, title string) {
	s.Incomplete = true
	r.rep.warn(OddRow, l.no, "a line of %q has an unexpected form and was left out: %q", title, l.body())
}

// leastIndent is the smallest indentation of a list. Lines that are not indented do not
// belong to it.
func leastIndent(body []textLine) int {
	least := 0
	for _, l := range body {
		if !l.blank() && l.indent > 0 && (least == 0 || l.indent < least) {
			least = l.indent
		}
	}
	return least
}

// gpos reads a list of GPOs.
func (r *plainReader) gpos(s *Scope, section *textSection, path []string, applied bool) []GPO {
	var list []GPO
	for i, item := range r.items(s, section) {
		g := GPO{
			Name: item.name, Applied: applied, Order: i + 1, RevisionAD: -1, RevisionSysvol: -1,
			Local: textWords().is(shortText(item.name), "local-policy"), Location: r.location(path, i+1, item.line),
		}
		if guidOnly.MatchString(g.Name) {
			g.GUID = strings.ToUpper(g.Name)
		}
		for k, f := range item.fields { // why it was denied, then the filter that did it
			switch k {
			case 0:
				g.DeniedReason = f.value
			case 1:
				g.WMIFilter = f.value
			default:
				s.Alerts = append(s.Alerts, Alert{GPO: g.Name, Text: f.label + ": " + f.value})
			}
		}
		list = append(list, g)
	}
	return list
}

// dn is what the name of an object in the directory tells of where it is.
type dn struct {
	name, domain string
	// container is the path to the object in the form contoso.com/Servers; empty if the object
	// lies in the domain itself.
	container string
}

// rdn finds the parts of a name in the directory.
var rdn = regexp.MustCompile(`(?i)(CN|OU|DC)=((?:[^\\,]|\\.)*)(?:,|$)`)

// maxDN bounds the name of an object in the directory, in bytes: the directory has none with
// more than some hundred characters.
const maxDN = 4096

// parseDN reads the name of an object in the directory.
func parseDN(text string) (dn, bool) {
	var d dn
	if len(text) < 3 || len(text) > maxDN || !strings.EqualFold(text[:3], "CN=") {
		return d, false
	}
	var path, labels []string
	end := 0
	for i, m := range rdn.FindAllStringSubmatchIndex(text, -1) {
		if m[0] != end {
			return dn{}, false
		}
		end = m[1]
		value := unescapeDN(text[m[4]:m[5]])
		switch kind := strings.ToUpper(text[m[2]:m[3]]); {
		case kind == "DC":
			labels = append(labels, value)
		case i == 0:
			d.name = value
		default:
			path = append(path, strings.ReplaceAll(value, "/", `\/`))
		}
	}
	if end != len(text) || len(labels) == 0 {
		return dn{}, false
	}
	d.domain = strings.Join(labels, ".")
	if slices.Reverse(path); len(path) > 0 {
		d.container = d.domain + "/" + strings.Join(path, "/")
	}
	return d, true
}

// unescapeDN takes the escapes out of a part of a name.
func unescapeDN(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return strings.TrimSpace(b.String())
}
