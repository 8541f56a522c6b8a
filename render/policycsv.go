package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// policyColumns are the columns of [PolicyCSV].
var policyColumns = []string{
	"report", "host", "scope", "kind", "section", "name", "id", "value", "details", "accounts", "gpo", "gpo_guid", "effect",
	"link", "order", "enforced", "revision", "line", "format", "results", "gpo_domain", "note",
}

// policyRow is a GPO, a group, a user right or another setting of a report, a warning, or what
// the report does not tell.
type policyRow struct {
	format, results            string
	report, host, scope, kind  string
	section                    []string
	name, id, value            string
	details                    []gpreport.Field
	accounts                   []sid.Principal
	gpo                        gpreport.GPORef
	effect                     string
	link, order, enforced, rev string
	line                       int
	note                       string
}

// cells returns the row in the order of policyColumns.
func (r policyRow) cells() []string {
	note := r.note
	if r.gpo.Ambiguous {
		note = "several GPOs have this name: it is not known which one it is"
	}
	return []string{
		cell(r.report), cell(r.host), cell(r.scope), cell(r.kind), cell(strings.Join(r.section, " > ")), cell(r.name), cell(r.id),
		cell(r.value), cell(fieldText(r.details)), cell(accountText(r.accounts)), cell(r.gpo.Name), cell(r.gpo.GUID), cell(r.effect),
		cell(r.link), r.order, r.enforced, r.rev, positive(uint64(max(r.line, 0))), cell(r.format), cell(r.results), cell(r.gpo.Domain), cell(note),
	}
}

// fieldText joins fields to one text.
func fieldText(fields []gpreport.Field) string {
	parts := each(fields, func(f gpreport.Field) string { return f.Name + ": " + f.Value })
	return strings.Join(parts, " | ")
}

// accountText joins accounts to one text. No name of an account can hold a comma.
func accountText(list []sid.Principal) string {
	return strings.Join(each(list, func(p sid.Principal) string {
		if p.Name == "" {
			return string(p.SID)
		}
		return p.Name
	}), ", ")
}

// sheet writes rows of comma-separated values and keeps the first error.
type sheet struct {
	out *csv.Writer
	err error
}

func newSheet(w io.Writer, columns []string) *sheet {
	s := &sheet{out: csv.NewWriter(w)}
	s.add(columns)
	return s
}

func (s *sheet) add(cells []string) {
	if s.err == nil {
		s.err = s.out.Write(cells)
	}
}

func (s *sheet) end() error {
	s.out.Flush()
	if s.err == nil {
		s.err = s.out.Error()
	}
	return s.err
}

// PolicyCSV writes the GPOs, groups, user rights and settings that the options choose as
// comma-separated values, with the names of the columns in the first line. A right or setting
// has a row for the GPO that wins and one for each that loses, as the column effect says; in
// security templates and reports of GPOs, where nothing wins, the effect is "defines". Of a
// right that was asked for and is not defined there is a row with its [gpreport.State]. What
// the reports do not tell has rows of the kind "state", warnings have rows too. Text is made
// safe as in [TimelineCSV], and lines end in a line feed as there. Of the options only the
// selection counts; the only errors are those of w.
func PolicyCSV(w io.Writer, reports []*gpreport.Report, opt PolicyOptions) error {
	s := newSheet(w, policyColumns)
	for _, r := range reports {
		chosen := opt.Selection.Of(r)
		row := policyRow{report: string(r.Source), host: r.Host, format: string(r.Kind), results: string(r.Results)}
		for _, gap := range PolicyGaps(r, opt.Selection) {
			s.add(row.ofGap(gap).cells())
		}
		s.half(row, gpreport.ComputerScope, chosen.Computer)
		s.half(row, gpreport.UserScope, chosen.User)
		s.undefined(row, r, opt.Selection.Rights)
		for _, warning := range r.Warnings {
			s.add(row.ofWarning(warning).cells())
		}
	}
	return s.end()
}

// half writes the rows of a half, which may be nil; row has what all have in common.
func (s *sheet) half(row policyRow, name gpreport.ScopeName, data *gpreport.Scope) {
	if data == nil {
		return
	}
	row.scope = string(name)
	for _, list := range [][]gpreport.GPO{data.Applied, data.Denied} {
		for i := range list {
			s.add(row.ofGPO(&list[i]).cells())
		}
	}
	for _, g := range data.Groups {
		r := row
		r.kind, r.name, r.id = "group", g.Name, string(g.SID)
		s.add(r.cells())
	}
	for i := range data.Rights {
		s.right(row, &data.Rights[i])
	}
	for i := range data.Settings {
		s.setting(row, &data.Settings[i])
	}
}

// right writes the rows of a user right.
func (s *sheet) right(r policyRow, a *gpreport.Assignment) {
	r.kind, r.section, r.name, r.id = "right", a.Location.Section, a.Display, a.Right
	wins, loses := r.wins(), "loses"
	if a.Unsettled {
		wins, loses = "unsettled", "unsettled"
	}
	r.accounts, r.gpo, r.effect, r.line = a.Principals, a.Winner, wins, a.Location.Line
	s.add(r.cells())
	for _, o := range a.Others {
		r.accounts, r.gpo, r.effect, r.line = o.Principals, o.GPO, loses, o.Location.Line
		s.add(r.cells())
	}
}

// setting writes the rows of a setting. What no GPO sets has no effect.
func (s *sheet) setting(r policyRow, x *gpreport.Setting) {
	r.kind, r.section, r.name = "setting", x.Section, x.Name
	r.value, r.details, r.gpo, r.effect, r.line = x.Value, x.Details, x.Winner, r.wins(), x.Location.Line
	if r.effect == "wins" && x.Winner == (gpreport.GPORef{}) {
		r.effect = ""
	}
	s.add(r.cells())
	for _, o := range x.Others {
		r.value, r.details, r.gpo, r.effect, r.line = o.Value, o.Details, o.GPO, "loses", o.Location.Line
		s.add(r.cells())
	}
}

// wins is the effect of what a report says in the first place.
func (r policyRow) wins() string {
	if r.format == string(gpreport.SeceditINF) || r.results == string(gpreport.Defined) {
		return "defines"
	}
	return "wins"
}

// ofGPO is the row of a GPO.
func (r policyRow) ofGPO(g *gpreport.GPO) policyRow {
	r.kind, r.name, r.id, r.effect, r.line = "gpo", g.Name, g.GUID, "applied", g.Location.Line
	if !g.Applied {
		r.effect, r.value = "denied", g.DeniedReason
	}
	r.link, r.order, r.gpo.Domain = g.Link, strconv.Itoa(g.Order), g.Domain
	if g.EnforcedStated {
		r.enforced = strconv.FormatBool(g.Enforced)
	}
	r.rev = strings.ReplaceAll(string(revisionWords(g)), nbsp, " ")
	return r
}

// ofGap is the row of something that a report does not tell.
func (r policyRow) ofGap(g PolicyGap) policyRow {
	r.scope, r.kind, r.effect, r.note = string(g.Scope), "state", g.State, string(g.words)
	return r
}

// ofWarning is the row of a warning.
func (r policyRow) ofWarning(w gpreport.Warning) policyRow {
	r.kind, r.id, r.note, r.line = "warning", w.Code, w.Message, w.Line
	return r
}

// undefined writes a row for each right that was asked for and is not defined.
func (s *sheet) undefined(row policyRow, r *gpreport.Report, asked []string) {
	row.scope, row.kind = string(gpreport.ComputerScope), "right"
	for _, right := range asked {
		a, state := stateOf(r, right)
		if state != gpreport.DefinedFor && state != gpreport.DefinedEmpty {
			words, _ := rightStateWords(r, a, state)
			row.name, row.id, row.effect, row.note = a.Display, a.Right, string(state), string(words)
			s.add(row.cells())
		}
	}
}
