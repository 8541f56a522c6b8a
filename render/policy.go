package render

import (
	"io"
	"time"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// PolicySchema is the value of the member "schema" in what [PolicyJSON] writes.
const PolicySchema = "gpevtx.policy/v1"

// PolicyOptions says what is printed of reports, and how. The zero value prints everything
// that has a place in the form, as text without colour for a terminal of 80 columns.
type PolicyOptions struct {
	// Selection chooses parts of the reports.
	Selection gpreport.Selection
	// Verbose prints as text also what is rarely wanted: all settings and groups, what the
	// report says in general, components and events. Width and Color are those of
	// [TextOptions].
	Verbose bool
	Width   int
	Color   bool
}

type policyDoc struct {
	Schema    string                 `json:"schema"`
	Selection *policySelection       `json:"selection"`
	Reports   lazyList[policyReport] `json:"reports"`
}

type policySelection struct {
	Scope  gpreport.ScopeName `json:"scope"`
	Parts  []gpreport.Part    `json:"parts"`
	Rights []string           `json:"rights"`
	Path   string             `json:"path"`
	Find   string             `json:"find"`
	GPO    string             `json:"gpo"`
}

// policyHead says which report it is.
type policyHead struct {
	Source    string     `json:"source"`
	Line      int        `json:"line"`
	Kind      string     `json:"kind"`
	Results   string     `json:"results"`
	Language  string     `json:"language"`
	Host      string     `json:"host"`
	Domain    string     `json:"domain"`
	UserName  string     `json:"userName"`
	GPO       policyRef  `json:"gpo"`
	Collected policyTime `json:"collected"`
}

type policyReport struct {
	policyHead
	ComputerAbsent string                  `json:"computerAbsent"`
	UserAbsent     string                  `json:"userAbsent"`
	Incomplete     bool                    `json:"incomplete"`
	Offsets        []int                   `json:"offsets"`
	States         []policyState           `json:"states"`
	Description    *policyDescription      `json:"description"`
	Computer       *policyScope            `json:"computer"`
	User           *policyScope            `json:"user"`
	Runs           lazyList[policyRun]     `json:"runs"`
	Warnings       lazyList[policyWarning] `json:"warnings"`
}

type policyTime struct {
	Raw string     `json:"raw"`
	UTC *time.Time `json:"utc"`
	// Readings are the local times that the text can mean.
	Readings []string `json:"readings"`
}

type policyState struct {
	Right   string         `json:"right"`
	Display string         `json:"display"`
	State   gpreport.State `json:"state"`
}

type policyScope struct {
	Name             string                          `json:"name"`
	Domain           string                          `json:"domain"`
	Site             string                          `json:"site"`
	OU               string                          `json:"ou"`
	Refreshed        policyTime                      `json:"refreshed"`
	Incomplete       bool                            `json:"incomplete"`
	GPOs             lazyList[policyGPO]             `json:"gpos"`
	Rights           lazyList[policyRight]           `json:"rights"`
	Settings         lazyList[policySetting]         `json:"settings"`
	Groups           lazyList[policyPrincipal]       `json:"groups"`
	RestrictedGroups lazyList[policyRestrictedGroup] `json:"restrictedGroups"`
	Services         lazyList[policyService]         `json:"services"`
	LocalGroups      lazyList[policyLocalGroup]      `json:"localGroups"`
	Components       lazyList[policyComponent]       `json:"components"`
	General          lazyList[policyField]           `json:"general"`
	Summary          lazyList[string]                `json:"summary"`
	Alerts           lazyList[policyAlert]           `json:"alerts"`
	WMIFilters       lazyList[policyWMIFilter]       `json:"wmiFilters"`
	SOMs             lazyList[policySOM]             `json:"soms"`
	Notes            lazyList[policyNote]            `json:"notes"`
}

type policyGPO struct {
	Name            string        `json:"name"`
	GUID            string        `json:"guid"`
	Domain          string        `json:"domain"`
	Local           bool          `json:"local"`
	Applied         bool          `json:"applied"`
	DeniedReason    string        `json:"deniedReason"`
	Link            string        `json:"link"`
	Links           []policyLink  `json:"links"`
	Order           int           `json:"order"`
	Enforced        bool          `json:"enforced"`
	EnforcedStated  bool          `json:"enforcedStated"`
	Disabled        string        `json:"disabled"`
	RevisionAD      *int          `json:"revisionAD"`
	RevisionSysvol  *int          `json:"revisionSysvol"`
	WMIFilter       string        `json:"wmiFilter"`
	SecurityFilters []string      `json:"securityFilters"`
	Extensions      []string      `json:"extensions"`
	Details         []policyField `json:"details"`
	policyPlace
}

type policyLink struct {
	Name     string `json:"name"`
	Status   string `json:"status"`
	Path     string `json:"path"`
	Enabled  bool   `json:"enabled"`
	Enforced bool   `json:"enforced"`
	Order    *int   `json:"order"`
}

type policyRight struct {
	Right      string            `json:"right"`
	Display    string            `json:"display"`
	Origin     gpreport.Origin   `json:"origin"`
	Defined    bool              `json:"defined"`
	Principals []policyPrincipal `json:"principals"`
	Winner     policyRef         `json:"winner"`
	Others     []policyLoser     `json:"others"`
	// Unsettled says that it is not told whether Winner or one of Others wins.
	Unsettled bool   `json:"unsettled"`
	Text      string `json:"text"`
	policyPlace
}

type policyPrincipal struct {
	Name string `json:"name"`
	SID  string `json:"sid"`
}

// policyRef names a GPO.
type policyRef struct {
	Name      string `json:"name"`
	GUID      string `json:"guid"`
	Domain    string `json:"domain"`
	Local     bool   `json:"local"`
	Ambiguous bool   `json:"ambiguous"`
}

// policyPlace is where something stands in its file.
type policyPlace struct {
	Row  int `json:"row"`
	Line int `json:"line"`
}

type policyLoser struct {
	policyRef
	Principals []policyPrincipal `json:"principals"`
	policyPlace
}

type policyField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type policySetting struct {
	Section   []string              `json:"section"`
	Name      string                `json:"name"`
	Value     string                `json:"value"`
	Details   []policyField         `json:"details"`
	Explain   string                `json:"explain"`
	Supported string                `json:"supported"`
	Winner    policyRef             `json:"winner"`
	Others    []policyLosingSetting `json:"others"`
	policyPlace
}

type policyLosingSetting struct {
	policyRef
	Value   string        `json:"value"`
	Details []policyField `json:"details"`
	policyPlace
}

type policyRestrictedGroup struct {
	Group    policyPrincipal   `json:"group"`
	Members  []policyPrincipal `json:"members"`
	MemberOf []policyPrincipal `json:"memberOf"`
	Winner   policyRef         `json:"winner"`
	policyPlace
}

type policyService struct {
	Name     string             `json:"name"`
	Mode     gpreport.StartMode `json:"mode"`
	ModeText string             `json:"modeText"`
	Winner   policyRef          `json:"winner"`
	policyPlace
}

type policyLocalGroup struct {
	Group        policyPrincipal   `json:"group"`
	Action       string            `json:"action"`
	Add          []policyPrincipal `json:"add"`
	Remove       []policyPrincipal `json:"remove"`
	DeleteUsers  bool              `json:"deleteUsers"`
	DeleteGroups bool              `json:"deleteGroups"`
	Winner       policyRef         `json:"winner"`
	policyPlace
}

type policyComponent struct {
	Name       string     `json:"name"`
	GUID       string     `json:"guid"`
	Status     string     `json:"status"`
	Error      string     `json:"error"`
	Processed  policyTime `json:"processed"`
	Taken      string     `json:"taken"`
	ActivityID string     `json:"activityId"`
}

type policyAlert struct {
	GPO  string `json:"gpo"`
	Text string `json:"text"`
}

type policyWMIFilter struct {
	Name  string   `json:"name"`
	Value string   `json:"value"`
	GPOs  []string `json:"gpos"`
}

type policySOM struct {
	Path              string `json:"path"`
	Type              string `json:"type"`
	Order             *int   `json:"order"`
	BlocksInheritance bool   `json:"blocksInheritance"`
	Blocked           bool   `json:"blocked"`
	Reason            string `json:"reason"`
}

type policyNote struct {
	Section []string `json:"section"`
	Text    string   `json:"text"`
	policyPlace
}

type policyDescription struct {
	Domain          string             `json:"domain"`
	Owner           string             `json:"owner"`
	Created         policyTime         `json:"created"`
	Modified        policyTime         `json:"modified"`
	Status          string             `json:"status"`
	ComputerEnabled *bool              `json:"computerEnabled"`
	UserEnabled     *bool              `json:"userEnabled"`
	ComputerAD      *int               `json:"computerAD"`
	ComputerSysvol  *int               `json:"computerSysvol"`
	UserAD          *int               `json:"userAD"`
	UserSysvol      *int               `json:"userSysvol"`
	Links           []policyLink       `json:"links"`
	SecurityFilters []policyPrincipal  `json:"securityFilters"`
	Delegation      []policyPermission `json:"delegation"`
	WMIFilter       string             `json:"wmiFilter"`
	WMIDescription  string             `json:"wmiDescription"`
	Comment         string             `json:"comment"`
	Details         []policyField      `json:"details"`
}

type policyPermission struct {
	Trustee    policyPrincipal `json:"trustee"`
	Permission string          `json:"permission"`
	Inherited  string          `json:"inherited"`
}

type policyRun struct {
	ActivityID string                `json:"activityId"`
	User       bool                  `json:"user"`
	Details    []policyField         `json:"details"`
	Events     lazyList[policyEvent] `json:"events"`
	policyPlace
}

type policyEvent struct {
	Provider    string        `json:"provider"`
	Channel     string        `json:"channel"`
	Computer    string        `json:"computer"`
	ID          int           `json:"id"`
	Level       int           `json:"level"`
	Record      uint64        `json:"record"`
	Time        *time.Time    `json:"time"`
	ActivityID  string        `json:"activityId"`
	UserID      string        `json:"userId"`
	Data        []policyField `json:"data"`
	Description string        `json:"description"`
	XML         string        `json:"xml"`
	policyPlace
}

type policyWarning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Line    int    `json:"line"`
}

// PolicyJSON writes all that reports say as JSON: an object with the member "schema" and the
// list "reports". A scope without data is null; lists are present even when empty. A report
// states no time zone: "utc" of its times is null unless its own events tell it. Where the
// options choose parts, "selection" says which, and what is absent may be defined
// nevertheless: "states" tells that of the rights that were asked for. It is written piece by
// piece, so that only a part of it is in memory. Of the options only the selection counts; the
// only errors are those of w.
func PolicyJSON(w io.Writer, reports []*gpreport.Report, opt PolicyOptions) error {
	return streamJSON(w, policyDoc{
		Schema: PolicySchema, Selection: newPolicySelection(opt.Selection),
		Reports: lazily(func(r *gpreport.Report) policyReport { return newPolicyReport(r, opt.Selection) }, reports),
	})
}

func newPolicySelection(s gpreport.Selection) *policySelection {
	if s.Everything() {
		return nil
	}
	return &policySelection{Scope: s.Scope, Parts: each(s.Parts, same), Rights: each(s.Rights, same), Path: s.Path, Find: s.Find, GPO: s.GPO}
}

func newPolicyHead(r *gpreport.Report) policyHead {
	return policyHead{
		Source: string(r.Source), Line: r.Line, Kind: string(r.Kind), Results: string(r.Results), Language: r.Language,
		Host: r.Host, Domain: r.Domain, UserName: r.UserName, GPO: newPolicyRef(r.GPO), Collected: newPolicyTime(r, r.Collected),
	}
}

func newPolicyReport(r *gpreport.Report, sel gpreport.Selection) policyReport {
	chosen := sel.Of(r)
	out := policyReport{
		policyHead: newPolicyHead(r), ComputerAbsent: string(r.ComputerAbsent), UserAbsent: string(r.UserAbsent), Incomplete: r.Incomplete,
		Offsets: each(r.Offsets, func(d time.Duration) int { return int(d / time.Second) }), States: []policyState{},
		Description: newPolicyDescription(chosen), Computer: newPolicyScope(r, chosen.Computer), User: newPolicyScope(r, chosen.User),
		Runs:     lazily(newPolicyRun, chosen.Runs),
		Warnings: lazily(func(w gpreport.Warning) policyWarning { return policyWarning(w) }, r.Warnings),
	}
	for _, asked := range sel.Rights {
		a, state := stateOf(r, asked)
		out.States = append(out.States, policyState{Right: asked, Display: a.Display, State: state})
	}
	return out
}

func newPolicyRun(run gpreport.Run) policyRun {
	return policyRun{
		ActivityID: run.ActivityID, User: run.User, Details: each(run.Details, newPolicyField),
		Events: lazily(newPolicyEvent, run.Events), policyPlace: placeIn(run.Location.Row, run.Location.Line),
	}
}

func newPolicyEvent(e gpreport.Event) policyEvent {
	out := policyEvent{
		Provider: e.Provider, Channel: e.Channel, Computer: e.Computer, ID: e.ID, Level: e.Level, Record: e.Record,
		ActivityID: e.ActivityID, UserID: e.UserID, Data: each(e.Data, newPolicyField), Description: e.Description, XML: e.XML,
		policyPlace: placeIn(e.Location.Row, e.Location.Line),
	}
	if !e.Time.IsZero() {
		out.Time = utc(&e.Time)
	}
	return out
}

func placeIn(row, line int) policyPlace { return policyPlace{Row: row, Line: line} }

// newPolicyTime gives a time in UTC where the text can be read in one way only and the
// report itself shows how far its clock was ahead of UTC.
func newPolicyTime(r *gpreport.Report, t gpreport.LocalTime) policyTime {
	out := policyTime{Raw: t.Raw, Readings: []string{}}
	for _, c := range t.Candidates {
		out.Readings = append(out.Readings, c.Format("2006-01-02T15:04:05"))
	}
	if len(t.Candidates) == 1 && len(r.Offsets) == 1 {
		at := t.Candidates[0].Add(-r.Offsets[0])
		out.UTC = utc(&at)
	}
	return out
}

func newPolicyScope(r *gpreport.Report, s *gpreport.Scope) *policyScope {
	if s == nil {
		return nil
	}
	return &policyScope{
		Name: s.Name, Domain: s.Domain, Site: s.Site, OU: s.OU, Refreshed: newPolicyTime(r, s.Refreshed), Incomplete: s.Incomplete,
		GPOs: lazily(newPolicyGPO, s.Applied, s.Denied), Rights: lazily(newPolicyRight, s.Rights),
		Settings: lazily(newPolicySetting, s.Settings), Groups: lazily(newPolicyPrincipal, s.Groups),
		RestrictedGroups: lazily(func(g gpreport.RestrictedGroup) policyRestrictedGroup {
			return policyRestrictedGroup{
				Group: newPolicyPrincipal(g.Group), Members: policyPrincipals(g.Members), MemberOf: policyPrincipals(g.MemberOf),
				Winner: newPolicyRef(g.Winner), policyPlace: placeIn(g.Location.Row, g.Location.Line),
			}
		}, s.RestrictedGroups),
		Services: lazily(func(x gpreport.Service) policyService {
			return policyService{Name: x.Name, Mode: x.Mode, ModeText: x.ModeText, Winner: newPolicyRef(x.Winner), policyPlace: placeIn(x.Location.Row, x.Location.Line)}
		}, s.Services),
		LocalGroups: lazily(func(g gpreport.LocalGroup) policyLocalGroup {
			return policyLocalGroup{
				Group: newPolicyPrincipal(g.Group), Action: g.Action, Add: policyPrincipals(g.Add), Remove: policyPrincipals(g.Remove),
				DeleteUsers: g.DeleteUsers, DeleteGroups: g.DeleteGroups, Winner: newPolicyRef(g.Winner), policyPlace: placeIn(g.Location.Row, g.Location.Line),
			}
		}, s.LocalGroups),
		Components: lazily(func(c gpreport.Component) policyComponent {
			return policyComponent{Name: c.Name, GUID: c.GUID, Status: c.Status, Error: c.Error, Processed: newPolicyTime(r, c.Processed), Taken: c.Taken, ActivityID: c.ActivityID}
		}, s.Components),
		General: lazily(newPolicyField, s.General), Summary: lazily(same[string], s.Summary),
		Alerts: lazily(func(a gpreport.Alert) policyAlert { return policyAlert(a) }, s.Alerts),
		WMIFilters: lazily(func(f gpreport.WMIFilter) policyWMIFilter {
			return policyWMIFilter{Name: f.Name, Value: f.Value, GPOs: each(f.GPOs, same)}
		}, s.WMIFilters),
		SOMs: lazily(func(o gpreport.SOM) policySOM {
			return policySOM{Path: o.Path, Type: o.Type, Order: stated(o.Order), BlocksInheritance: o.BlocksInheritance, Blocked: o.Blocked, Reason: o.Reason}
		}, s.SOMs),
		Notes: lazily(func(n gpreport.Note) policyNote {
			return policyNote{Section: each(n.Section, same), Text: n.Text, policyPlace: placeIn(n.Location.Row, n.Location.Line)}
		}, s.Notes),
	}
}

// stated returns a number, or nil where the report does not state it.
func stated(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

func newPolicyGPO(g gpreport.GPO) policyGPO {
	return policyGPO{
		Name: g.Name, GUID: g.GUID, Domain: g.Domain, Local: g.Local,
		Applied: g.Applied, DeniedReason: g.DeniedReason, Link: g.Link, Links: each(g.Links, newPolicyLink), Order: g.Order, Enforced: g.Enforced, EnforcedStated: g.EnforcedStated,
		Disabled: g.Disabled, RevisionAD: stated(g.RevisionAD), RevisionSysvol: stated(g.RevisionSysvol), WMIFilter: g.WMIFilter,
		SecurityFilters: each(g.SecurityFilters, same), Extensions: each(g.Extensions, same), Details: each(g.Details, newPolicyField), policyPlace: placeIn(g.Location.Row, g.Location.Line),
	}
}

func newPolicyLink(l gpreport.Link) policyLink {
	return policyLink{Name: l.Name, Status: l.Status, Path: l.Path, Enabled: l.Enabled, Enforced: l.Enforced, Order: stated(l.Order)}
}

func newPolicyRight(a gpreport.Assignment) policyRight {
	return policyRight{
		Right: a.Right, Display: a.Display, Origin: a.Origin, Defined: true, Principals: policyPrincipals(a.Principals),
		Winner: newPolicyRef(a.Winner), Unsettled: a.Unsettled, Text: a.Text, policyPlace: placeIn(a.Location.Row, a.Location.Line),
		Others: each(a.Others, func(o gpreport.Loser) policyLoser {
			return policyLoser{policyRef: newPolicyRef(o.GPO), Principals: policyPrincipals(o.Principals), policyPlace: placeIn(o.Location.Row, o.Location.Line)}
		}),
	}
}

func newPolicySetting(s gpreport.Setting) policySetting {
	return policySetting{
		Section: each(s.Section, same), Name: s.Name, Value: s.Value, Details: each(s.Details, newPolicyField), Explain: s.Explain, Supported: s.Supported,
		Winner: newPolicyRef(s.Winner), policyPlace: placeIn(s.Location.Row, s.Location.Line),
		Others: each(s.Others, func(o gpreport.LosingSetting) policyLosingSetting {
			return policyLosingSetting{
				policyRef: newPolicyRef(o.GPO), Value: o.Value, Details: each(o.Details, newPolicyField), policyPlace: placeIn(o.Location.Row, o.Location.Line),
			}
		}),
	}
}

func newPolicyDescription(r *gpreport.Report) *policyDescription {
	d := r.Description
	if d == nil {
		return nil
	}
	return &policyDescription{
		Domain: d.Domain, Owner: d.Owner, Created: newPolicyTime(r, d.Created), Modified: newPolicyTime(r, d.Modified), Status: d.Status,
		ComputerEnabled: d.ComputerEnabled, UserEnabled: d.UserEnabled, ComputerAD: stated(d.ComputerAD), ComputerSysvol: stated(d.ComputerSysvol),
		UserAD: stated(d.UserAD), UserSysvol: stated(d.UserSysvol), Links: each(d.Links, newPolicyLink),
		SecurityFilters: policyPrincipals(d.SecurityFilters), WMIFilter: d.WMIFilter, WMIDescription: d.WMIDescription, Comment: d.Comment,
		Details: each(d.Details, newPolicyField),
		Delegation: each(d.Delegation, func(p gpreport.Permission) policyPermission {
			return policyPermission{Trustee: newPolicyPrincipal(p.Trustee), Permission: p.Permission, Inherited: p.Inherited}
		}),
	}
}

func newPolicyField(f gpreport.Field) policyField { return policyField(f) }

func newPolicyRef(g gpreport.GPORef) policyRef { return policyRef(g) }

func newPolicyPrincipal(p sid.Principal) policyPrincipal {
	return policyPrincipal{Name: p.Name, SID: string(p.SID)}
}

func policyPrincipals(list []sid.Principal) []policyPrincipal { return each(list, newPolicyPrincipal) }
