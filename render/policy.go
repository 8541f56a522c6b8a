package render

import (
	"io"
	"time"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// PolicySchema is the value of the member "schema" in what [PolicyJSON] writes.
const PolicySchema = "gpevtx.policy/v1"

type policyDoc struct {
	Schema  string         `json:"schema"`
	Reports []policyReport `json:"reports"`
}

type policyReport struct {
	Source    string          `json:"source"`
	Kind      string          `json:"kind"`
	Results   string          `json:"results"`
	Language  string          `json:"language"`
	Host      string          `json:"host"`
	Domain    string          `json:"domain"`
	GPO       policyRef       `json:"gpo"`
	Collected policyTime      `json:"collected"`
	Computer  *policyScope    `json:"computer"`
	User      *policyScope    `json:"user"`
	Warnings  []policyWarning `json:"warnings"`
}

type policyTime struct {
	Raw string     `json:"raw"`
	UTC *time.Time `json:"utc"`
}

type policyScope struct {
	GPOs     []policyGPO       `json:"gpos"`
	Rights   []policyRight     `json:"rights"`
	Settings []policySetting   `json:"settings"`
	Groups   []policyPrincipal `json:"groups"`
}

type policyGPO struct {
	Name         string `json:"name"`
	GUID         string `json:"guid"`
	Applied      bool   `json:"applied"`
	DeniedReason string `json:"deniedReason"`
	Link         string `json:"link"`
	Order        int    `json:"order"`
	Enforced     bool   `json:"enforced"`
}

type policyRight struct {
	Right      string            `json:"right"`
	Display    string            `json:"display"`
	Defined    bool              `json:"defined"`
	Principals []policyPrincipal `json:"principals"`
	Winner     policyRef         `json:"winner"`
	Others     []policyLoser     `json:"others"`
	Row        int               `json:"row"`
	Line       int               `json:"line"`
}

type policyPrincipal struct {
	Name string `json:"name"`
	SID  string `json:"sid"`
}

type policyRef struct {
	Name string `json:"name"`
	GUID string `json:"guid"`
}

type policyLoser struct {
	policyRef
	Principals []policyPrincipal `json:"principals"`
}

type policySetting struct {
	Section []string  `json:"section"`
	Name    string    `json:"name"`
	Value   string    `json:"value"`
	Winner  policyRef `json:"winner"`
}

type policyWarning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Line    int    `json:"line"`
}

// PolicyJSON writes what reports say as JSON: an object with the member "schema" and the
// list "reports". A scope without data is null; lists are present even when empty. A report
// states no time zone: "utc" of its collection time is null unless its own events tell it.
func PolicyJSON(w io.Writer, reports []*gpreport.Report) error {
	doc := policyDoc{Schema: PolicySchema, Reports: []policyReport{}}
	for _, r := range reports {
		p := policyReport{
			Source: string(r.Source), Kind: string(r.Kind), Results: string(r.Results), Language: r.Language,
			Host: r.Host, Domain: r.Domain, GPO: newPolicyRef(r.GPO), Collected: newPolicyTime(r),
			Computer: newPolicyScope(r.Computer), User: newPolicyScope(r.User), Warnings: []policyWarning{},
		}
		for _, warning := range r.Warnings {
			p.Warnings = append(p.Warnings, policyWarning{Code: warning.Code, Message: warning.Message, Line: warning.Line})
		}
		doc.Reports = append(doc.Reports, p)
	}
	b, err := marshalJSON(doc)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// newPolicyTime gives the time in UTC where the text can be read in one way only and the
// report itself shows how far its clock was ahead of UTC.
func newPolicyTime(r *gpreport.Report) policyTime {
	t := policyTime{Raw: r.Collected.Raw}
	if len(r.Collected.Candidates) == 1 && len(r.Offsets) == 1 {
		utc := r.Collected.Candidates[0].Add(-r.Offsets[0]).UTC()
		t.UTC = &utc
	}
	return t
}

func newPolicyScope(s *gpreport.Scope) *policyScope {
	if s == nil {
		return nil
	}
	out := &policyScope{GPOs: []policyGPO{}, Rights: []policyRight{}, Settings: []policySetting{}, Groups: policyPrincipals(s.Groups)}
	for _, list := range [][]gpreport.GPO{s.Applied, s.Denied} {
		for _, g := range list {
			out.GPOs = append(out.GPOs, policyGPO{
				Name: g.Name, GUID: g.GUID, Applied: g.Applied, DeniedReason: g.DeniedReason,
				Link: g.Link, Order: g.Order, Enforced: g.Enforced,
			})
		}
	}
	for _, a := range s.Rights {
		right := policyRight{
			Right: a.Right, Display: a.Display, Defined: true, Principals: policyPrincipals(a.Principals),
			Winner: newPolicyRef(a.Winner), Others: []policyLoser{}, Row: a.Location.Row, Line: a.Location.Line,
		}
		for _, o := range a.Others {
			right.Others = append(right.Others, policyLoser{policyRef: newPolicyRef(o.GPO), Principals: policyPrincipals(o.Principals)})
		}
		out.Rights = append(out.Rights, right)
	}
	for _, set := range s.Settings {
		section := set.Section
		if section == nil {
			section = []string{}
		}
		out.Settings = append(out.Settings, policySetting{Section: section, Name: set.Name, Value: set.Value, Winner: newPolicyRef(set.Winner)})
	}
	return out
}

func newPolicyRef(g gpreport.GPORef) policyRef { return policyRef{Name: g.Name, GUID: g.GUID} }

func policyPrincipals(list []sid.Principal) []policyPrincipal {
	out := make([]policyPrincipal, len(list))
	for i, p := range list {
		out[i] = policyPrincipal{Name: p.Name, SID: string(p.SID)}
	}
	return out
}
