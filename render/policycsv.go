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
	"link", "order", "enforced", "revision", "line",
}

// policyRow is a GPO, a group, a user right or another setting of a report.
type policyRow struct {
	report, host, scope, kind  string
	section                    []string
	name, id, value            string
	details                    []gpreport.Field
	accounts                   []sid.Principal
	gpo                        gpreport.GPORef
	effect                     string
	link, order, enforced, rev string
	line                       int
}

// cells returns the row in the order of policyColumns.
func (r policyRow) cells() []string {
	return []string{
		cell(r.report), cell(r.host), cell(r.scope), cell(r.kind), cell(strings.Join(r.section, " > ")), cell(r.name), cell(r.id),
		cell(r.value), cell(fieldText(r.details)), cell(accountText(r.accounts)), cell(r.gpo.Name), cell(r.gpo.GUID), cell(r.effect),
		cell(r.link), r.order, r.enforced, r.rev, positive(uint64(max(r.line, 0))),
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
// has a row for the GPO that wins and one for each that loses, as the column effect says. Of a
// right that was asked for and is not defined there is a row with its [gpreport.State]. Text
// is made safe as in [TimelineCSV]. Of the options only the selection counts; the only errors
// are those of w.
func PolicyCSV(w io.Writer, reports []*gpreport.Report, opt PolicyOptions) error {
	s := newSheet(w, policyColumns)
	for _, r := range reports {
		chosen := opt.Selection.Of(r)
		for _, half := range []struct {
			name gpreport.ScopeName
			data *gpreport.Scope
		}{{gpreport.ComputerScope, chosen.Computer}, {gpreport.UserScope, chosen.User}} {
			if half.data != nil {
				s.scope(policyRow{report: string(r.Source), host: r.Host, scope: string(half.name)}, half.data)
			}
		}
		s.undefined(r, opt.Selection.Rights)
	}
	return s.end()
}

// scope writes the rows of a half; row has what they have in common.
func (s *sheet) scope(row policyRow, data *gpreport.Scope) {
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
	for _, a := range data.Rights {
		r := row
		r.kind, r.section, r.name, r.id = "right", a.Location.Section, a.Display, a.Right
		wins, loses := "wins", "loses"
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
	for _, x := range data.Settings {
		r := row
		r.kind, r.section, r.name = "setting", x.Section, x.Name
		r.value, r.details, r.gpo, r.effect, r.line = x.Value, x.Details, x.Winner, "wins", x.Location.Line
		s.add(r.cells())
		for _, o := range x.Others {
			r.value, r.details, r.gpo, r.effect, r.line = o.Value, o.Details, o.GPO, "loses", o.Location.Line
			s.add(r.cells())
		}
	}
}

// ofGPO is the row of a GPO.
func (r policyRow) ofGPO(g *gpreport.GPO) policyRow {
	r.kind, r.name, r.id, r.effect, r.line = "gpo", g.Name, g.GUID, "applied", g.Location.Line
	if !g.Applied {
		r.effect, r.value = "denied", g.DeniedReason
	}
	r.link, r.order, r.enforced = g.Link, strconv.Itoa(g.Order), strconv.FormatBool(g.Enforced)
	r.rev = strings.ReplaceAll(string(revisionWords(g)), nbsp, " ")
	return r
}

// undefined writes a row for each right that was asked for and is not defined.
func (s *sheet) undefined(r *gpreport.Report, asked []string) {
	for _, right := range asked {
		a, state := stateOf(r, right)
		if state != gpreport.DefinedFor && state != gpreport.DefinedEmpty {
			s.add(policyRow{
				report: string(r.Source), host: r.Host, scope: string(gpreport.ComputerScope), kind: "right",
				name: a.Display, id: a.Right, effect: string(state),
			}.cells())
		}
	}
}
