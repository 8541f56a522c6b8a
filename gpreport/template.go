package gpreport

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// templateSection finds the sections that only security templates have.
var templateSection = regexp.MustCompile(`(?mi)^[ \t]*\[(?:Unicode|System Access|Event Audit|Privilege Rights|Registry Values|` +
	`Group Membership|Kerberos Policy|Service General Setting|Registry Keys|File Security)\][ \t]*\r?$`)

// isTemplate reports whether text is a security template: it begins with a section
// or a comment and has one of the sections.
func isTemplate(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return (strings.HasPrefix(text, "[") || strings.HasPrefix(text, ";")) && templateSection.MatchString(text)
}

// privilegeRights is the section of user rights.
const privilegeRights = "Privilege Rights"

// templateReader turns a security template into a Report, line by line.
type templateReader struct {
	rep *Report
	s   *Scope
	cfg Config
	// sections are the names of the sections in the order of the file, section the
	// present one.
	sections []string
	section  string
	line     int
	rows     map[string]int // of the sections, by name
	entries  int
	// rights are the places of the rights in s.Rights, twice those that have two lists.
	rights map[string]int
	twice  map[string]bool
	// groups are the restricted groups in the order of the file, places where they are by
	// their names.
	groups []templateGroup
	places map[string]int
}

// parseTemplate reads a security template, of a file with size bytes of which the
// last could not be read because of readErr.
func parseTemplate(ctx context.Context, dec decoded, cfg Config, size int64, readErr error) (*Report, error) {
	in := &templateReader{
		rep: &Report{Source: cfg.Source, Kind: SeceditINF, Computer: &Scope{}}, cfg: cfg,
		rows: make(map[string]int), rights: make(map[string]int), twice: make(map[string]bool),
		places: make(map[string]int),
	}
	in.s = in.rep.Computer
	if dec.replaced > 0 {
		in.rep.warn(Undecodable, dec.line, "%d character(s) of the file could not be decoded", dec.replaced)
	}
	end := ending{cut: readErr != nil, atEOF: true}
	var err error
	for rest := dec.text; rest != "" && err == nil; {
		var text string
		var whole bool
		text, rest, whole = strings.Cut(rest, "\n")
		in.line++
		if in.line%1024 == 0 && ctx.Err() != nil {
			return nil, &ParseError{Source: cfg.Source, Line: in.line, Err: ctx.Err()}
		}
		if in.another(text) {
			in.rep.warn(MoreDocuments, in.line, "the file holds more than one security template; only the first was read")
			break
		}
		if !whole && !strings.EqualFold(in.section, "Version") && !isSection(text) {
			end.cut = true // Windows ends every line, and half a list would be another list
			break
		}
		err = in.take(strings.TrimSpace(text))
	}
	end.endLine, end.endSection = in.line, in.path()
	if err != nil {
		end.cut, end.atEOF = true, false
	}
	in.finish(end.cut)
	if end.cut {
		in.s.Incomplete = true
		if err == nil {
			err = readErr
		}
	}
	return in.rep, in.rep.damage(end, size, err)
}

// another reports whether a line begins a second template.
func (in *templateReader) another(line string) bool {
	name, ok := sectionName(strings.TrimSpace(line))
	return ok && strings.EqualFold(name, "Unicode") && slices.ContainsFunc(in.sections, func(s string) bool { return strings.EqualFold(s, name) })
}

func (in *templateReader) path() []string {
	if in.section == "" {
		return nil
	}
	return []string{in.section}
}

// isSection reports whether a line begins a section.
func isSection(line string) bool {
	_, ok := sectionName(strings.TrimSpace(line))
	return ok
}

func sectionName(line string) (string, bool) {
	if len(line) < 2 || line[0] != '[' || line[len(line)-1] != ']' {
		return "", false
	}
	return strings.TrimSpace(line[1 : len(line)-1]), true
}

// take reads one line without the blanks around it. The error is that of a limit.
func (in *templateReader) take(line string) error {
	if line == "" || line[0] == ';' {
		return nil
	}
	if in.entries++; in.entries > in.cfg.MaxNodes {
		return tooManyLines(in.cfg)
	}
	if name, ok := sectionName(line); ok {
		in.section = name
		in.sections = append(in.sections, name)
		return nil
	}
	in.rows[in.section]++
	if strings.EqualFold(in.section, privilegeRights) {
		in.right(line)
		return nil
	}
	name, value := splitEntry(line)
	set := Setting{Section: in.path(), Name: name, Value: value, Location: in.location()}
	in.s.Settings = append(in.s.Settings, set)
	switch {
	case strings.EqualFold(in.section, groupMembership):
		in.membership(set)
	case strings.EqualFold(in.section, serviceSettings):
		in.s.Services = append(in.s.Services, templateService(set))
	}
	return nil
}

func (in *templateReader) location() evidence.Location {
	return evidence.Location{Source: in.rep.Source, Section: in.path(), Row: in.rows[in.section], Line: in.line}
}

// splitEntry takes an entry apart: at its first equals sign, or as those of services,
// registry keys and files have none, behind its first part.
func splitEntry(line string) (name, value string) {
	if line[0] == '"' {
		if quoted, rest, ok := strings.Cut(line[1:], `"`); ok {
			return quoted, strings.TrimSpace(strings.TrimLeft(rest, ",= \t"))
		}
	}
	separator := "="
	if !strings.Contains(line, separator) {
		separator = ","
	}
	name, value, _ = strings.Cut(line, separator)
	return strings.TrimSpace(name), strings.TrimSpace(value)
}

// dropLast drops the right above a line without a name: its list may go on there. Windows breaks no
// list, but programs that pass files on do.
func (in *templateReader) dropLast(named bool) {
	n := len(in.s.Rights)
	if named || n == 0 {
		return
	}
	last := in.s.Rights[n-1]
	key, _, _ := strings.Cut(last.Text, "=")
	delete(in.rights, strings.ToLower(strings.TrimSpace(key)))
	in.s.Rights = in.s.Rights[:n-1]
	in.rep.warn(OddRow, last.Location.Line, "the list of the user right %q may not be whole and was left out", last.Display)
}

// right reads an entry of user rights.
func (in *templateReader) right(line string) {
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || name == "" || strings.HasSuffix(value, `\`) {
		in.s.Incomplete = true
		in.dropLast(ok)
		in.rep.warn(OddRow, in.line, "a line of user rights has an unexpected form and was left out: %q", line)
		return
	}
	a := Assignment{Display: name, Location: in.location(), Text: line}
	canonical, known := canonicalRight(name)
	switch {
	case known:
		a.Right, a.Origin = canonical, Stated
		if display := RightName(canonical); display != "" {
			a.Display = display
		}
	case rightConstant.MatchString(name):
		a.Right, a.Origin = name, Stated
		in.rep.warn(UnknownRight, in.line, "the user right %q is not known", name)
	default:
		in.s.Incomplete = true // it can be any right
		in.rep.warn(UnknownRight, in.line, "the user right %q is not known", name)
	}
	list, whole := listPrincipals(value)
	if !whole {
		in.s.Incomplete = true
		in.rep.warn(LimitReached, in.line, "the list of %.80q has more than %d accounts and was left out", name, maxPrincipals)
		return
	}
	a.Principals = list
	key := strings.ToLower(name)
	if i, found := in.rights[key]; found {
		if !slices.Equal(in.s.Rights[i].Principals, list) {
			in.twice[key] = true
		}
		in.rep.warn(DuplicateRight, in.line, "the user right %s is already on line %d; this line's accounts are %q",
			name, in.s.Rights[i].Location.Line, principalNames(list))
		return
	}
	in.rights[key] = len(in.s.Rights)
	in.s.Rights = append(in.s.Rights, a)
}

// listPrincipals reads a list of accounts: SIDs with an asterisk and names, of which
// some are in quotation marks. It reports false for a list that is longer than any
// policy's.
func listPrincipals(value string) (list []sid.Principal, whole bool) {
	for value != "" {
		var item string
		value = strings.TrimLeft(value, " \t")
		if rest, ok := strings.CutPrefix(value, `"`); ok && strings.Contains(rest, `"`) {
			item, rest, _ = strings.Cut(rest, `"`)
			_, value, _ = strings.Cut(rest, ",")
		} else {
			item, value, _ = strings.Cut(value, ",")
		}
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if len(list) == maxPrincipals {
			return nil, false
		}
		list = append(list, sid.ParsePrincipal(item))
	}
	return list, true
}

// finish drops rights that have two lists, of which it is unknown which one counts,
// and decides what the template, which may be cut off, stands for.
func (in *templateReader) finish(cut bool) {
	if len(in.twice) > 0 {
		in.s.Incomplete = true
		in.s.Rights = slices.DeleteFunc(in.s.Rights, func(a Assignment) bool { return in.twice[strings.ToLower(a.Right)] })
	}
	in.finishGroups()
	in.rep.GPO = policyOfPath(in.rep.Source)
	in.rep.Results = in.results()
	switch {
	case in.rep.Results == "":
		in.rep.warn(UnknownValue, 0, "the template does not tell whether it is an export of a computer's own settings or belongs to a GPO")
	case in.rep.Results == Exported && !cut && !in.wholeExport():
		in.s.Incomplete = true
		in.rep.warn(MissingSection, 0, "lines that every export of secedit has are missing, so that rights which it does not list may have been cut out; a right that it lists counts")
	}
}

// everywhere are rights that every computer gives to somebody, and that the policies
// of a new domain do not define.
var everywhere = []string{
	"SeChangeNotifyPrivilege", "SeImpersonatePrivilege", "SeCreateGlobalPrivilege",
	"SeIncreaseWorkingSetPrivilege", "SeTimeZonePrivilege",
}

// results tells an export of the computer's database from the template of a GPO or one that
// somebody wrote. The editors of GPOs and templates put [Version] in front of the sections
// that they write; but the template of a new domain's controllers has it at the end too, so
// that the place alone proves no export. Collectors, and the command that people are asked to
// run, name the export after the tool: somebody may have cut such a file down to the rights
// that matter, and those that it lists count.
func (in *templateReader) results() Results {
	switch n := len(in.sections); {
	case policyFolder.MatchString(string(in.rep.Source)) || strings.EqualFold(in.rep.Source.Base(), "GptTmpl.inf"):
		return Defined
	case slices.ContainsFunc(in.sections[:max(n-1, 0)], func(s string) bool { return strings.EqualFold(s, "Version") }):
		return Defined
	case in.wholeExport(), in.bears("secedit") && in.rows[in.named(privilegeRights)] > 0:
		return Exported
	}
	return ""
}

// wholeExport reports whether the template has the form of an export that nobody cut down: it
// begins with [Unicode], ends with [Version] and has the rights without which no computer runs.
// Only then nobody has a right that it does not list.
func (in *templateReader) wholeExport() bool {
	n := len(in.sections)
	is := func(i int, name string) bool { return i >= 0 && i < n && strings.EqualFold(in.sections[i], name) }
	if !is(0, "Unicode") || !is(n-1, "Version") || in.rows[in.sections[n-1]] < 2 {
		return false
	}
	for _, right := range everywhere {
		if a, ok := in.s.Right(right); !ok || len(a.Principals) == 0 {
			return false
		}
	}
	return true
}

// bears reports whether the file's own name has a word in it.
func (in *templateReader) bears(word string) bool {
	return strings.Contains(strings.ToLower(in.rep.Source.Base()), word)
}

// named is the name of a section as the file spells it; empty when it has none.
func (in *templateReader) named(section string) string {
	i := slices.IndexFunc(in.sections, func(s string) bool { return strings.EqualFold(s, section) })
	if i < 0 {
		return ""
	}
	return in.sections[i]
}

// policyFolder finds the folder of a GPO's template in a path: in SYSVOL, in a copy of a part
// of it or in a backup.
var policyFolder = regexp.MustCompile(`(?i)(?:^|[/\\])Machine[/\\]Microsoft[/\\]Windows NT[/\\]SecEdit[/\\][^/\\]*$`)

// policyPath finds the GUID of the GPO in the path of its template in SYSVOL. The folder of a
// backup has a GUID too, but of the backup.
var policyPath = regexp.MustCompile(`(?i)(?:^|[/\\])Policies[/\\](\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\})[/\\]Machine[/\\]Microsoft[/\\]Windows NT[/\\]SecEdit[/\\][^/\\]*$`)

// policyOfPath names the GPO whose folder in SYSVOL a template lies in.
func policyOfPath(source evidence.Source) GPORef {
	m := policyPath.FindStringSubmatch(string(source))
	if m == nil {
		return GPORef{}
	}
	return GPORef{GUID: strings.ToUpper(m[1])}
}
