package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// LocalPolicy is what an export of the computer's own security database says of the
// account: the rights that the computer really gives, whether they came from a GPO or
// were set on the computer. An export does not tell when it was made. The zero value says
// nothing.
type LocalPolicy struct {
	// Known is set when there is an export of the host that was understood.
	Known bool
	// Rights are the six rights as the computer gives them: Defined when the export lists
	// the right, Empty when nobody has it. They have no Winner.
	Rights
	// Defined is how many of the rights a GPO defines in the report of the computer, so that
	// the two can be compared; Undecided is for how many of these it cannot be told whether
	// they agree.
	Defined, Undecided int
	// Differs are the rights on which the export and the report disagree, Evidence is where
	// they do.
	Differs  []Disagreement
	Evidence []evidence.Item
	Reasons  []Reason
}

// Disagreement is a right for which the winning GPO and the computer's own database do not
// say the same of the account.
type Disagreement struct {
	// Right is the constant, Display the English name of the policy.
	Right, Display string
	Winner         GPO
	// Better is set when the account would be better off under the GPO.
	Better bool
	// What says in a few words which of the two has the account.
	What       string
	Confidence Confidence
}

const askExport = "secedit /export /areas USER_RIGHTS /cfg secedit.inf"

// newLocalPolicy judges the six rights by the exports of a host.
func newLocalPolicy(h *Host, exports []*gpreport.Report, who subject) LocalPolicy {
	l := LocalPolicy{Known: len(exports) > 0}
	if !l.Known {
		l.Reasons = []Reason{noExport(h)}
	}
	for i, r := range l.All() {
		r.Name, r.Display, r.Verdict = rightNames[i][0], rightNames[i][1], Undetermined
		if !l.Known {
			r.Reasons = l.Reasons
			continue
		}
		r.readExports(exports, who)
		if r.Confidence != "" && (h.Reports.latest != nil || who.account.Assumed) {
			r.Confidence = Possible // the order in time of report and export is unknown
		}
	}
	return l
}

func noExport(h *Host) Reason {
	return Reason{
		Code: "no-local-policy", Input: h.Name, Ask: askExport,
		Message: "There is no export of the computer's own security settings, so that it is unknown which rights it really gives. Run this in an elevated prompt on the server.",
	}
}

// readExports takes a right from the exports that tell of it, which must agree, and judges whom
// it covers.
func (r *Right) readExports(exports []*gpreport.Report, who subject) {
	telling := slices.DeleteFunc(slices.Clone(exports), func(e *gpreport.Report) bool { return !tellsOf(e, r.Name) })
	if len(telling) == 0 {
		r.Reasons = []Reason{{
			Code: "export-not-understood", Input: string(exports[0].Source), Ask: askExport,
			Message: "Part of the export of the computer's own security settings is missing or was not understood, so that it is unknown who has \"" + r.Display + "\".",
		}}
		return
	}
	rep := telling[0]
	a, listed := rep.Computer.Right(r.Name)
	for _, other := range telling[1:] {
		if b, ok := other.Computer.Right(r.Name); ok != listed || !sameList(a.Principals, b.Principals) {
			r.Reasons = []Reason{{
				Code: "exports-disagree", Input: string(other.Source), Ask: askExport,
				Message: "Two exports of the computer's own security settings differ on \"" + r.Display + "\", and do not tell which one is the newer.",
			}}
			return
		}
	}
	r.Known, r.Defined, r.Empty = true, listed, len(a.Principals) == 0
	r.Evidence = []evidence.Item{exportItem(rep, r, a, listed)}
	for _, p := range a.Principals {
		shown := friendly(p)
		r.Principals = append(r.Principals, shown)
		switch who.covered(who.host.ofDatabase(p, who.account)) {
		case covers:
			r.Covering = append(r.Covering, shown)
		case mayCover:
			r.Unexpanded = append(r.Unexpanded, shown)
		}
	}
	r.decide(who)
	for i := range min(len(r.Reasons), len(r.Unexpanded)) {
		// The name is the English one; the computer's own may be in another language.
		if s := r.Unexpanded[i].SID; strings.HasPrefix(string(s), "S-1-5-32-") && r.Reasons[i].Ask != "" {
			r.Reasons[i].Ask = "Get-LocalGroupMember -SID " + string(s)
		}
	}
}

// tellsOf reports whether an export says who has a right: it lists it, or is whole, so that
// nobody has a right that it does not list.
func tellsOf(export *gpreport.Report, right string) bool {
	_, listed := export.Computer.Right(right)
	return listed || !export.Incomplete && !export.Computer.Incomplete
}

func sameList(a, b []sid.Principal) bool {
	key := func(list []sid.Principal) []string {
		var keys []string
		for _, p := range list {
			keys = append(keys, strings.ToLower(p.Name))
		}
		slices.Sort(keys)
		return slices.Compact(keys)
	}
	return slices.Equal(key(a), key(b))
}

// exportItem shows the line of a right as it stands in the export, or says that there is none.
func exportItem(rep *gpreport.Report, r *Right, a gpreport.Assignment, listed bool) evidence.Item {
	item := evidence.Item{Role: "the computer's own list", Location: a.Location}
	if !listed {
		item.Location = evidence.Location{Source: rep.Source, Section: []string{"Privilege Rights"}}
		item.Excerpt = r.Name + " is not listed: nobody has it"
		return item
	}
	item.Excerpt = excerpt(a.Text)
	return item
}

// friendly gives a SID that means the same on every computer its English name.
func friendly(p sid.Principal) sid.Principal {
	if p.Name != string(p.SID) {
		return p
	}
	if name := sid.Name(p.SID); name != "" {
		p.Name = name
	} else if service, ok := sid.ServiceName(p.SID); ok {
		p.Name = `NT SERVICE\` + service
	}
	return p
}

// ofDatabase completes a bare name of an export. There, accounts of the computer's own
// database stand without its name: on a domain controller those of its domain.
func (h *Host) ofDatabase(p sid.Principal, a Account) sid.Principal {
	if p.SID != "" || p.Authority() != "" || p.Name == "" || strings.HasPrefix(p.Name, "&") {
		return p
	}
	switch {
	case isMember(h.Reports.latest) || a.Kind == LocalUser:
		p.Name = `.\` + p.Name
	case isController(h.Reports.latest) && len(h.context().Domains) > 0:
		p.Name = h.context().Domains[0] + `\` + p.Name
	}
	return p
}

// compareWith notes on which rights the GPOs of a report and the export disagree. It looks
// at the lists before events change the verdicts on them.
func (l *LocalPolicy) compareWith(rights *Rights, h *Host) {
	if !l.Known {
		return
	}
	own := l.All()
	for i, gpo := range rights.All() {
		if !gpo.Defined || !gpo.Known {
			continue
		}
		l.Defined++
		inGPO, known := gpo.holds()
		inOwn, ownKnown := own[i].holds()
		if !known || !ownKnown || h.Account.Kind == SystemAccount {
			l.Undecided++
			continue
		}
		if inGPO != inOwn {
			l.differ(gpo, own[i], inGPO, h)
		}
	}
}

// holds tells whether the account is in the list of a right.
func (r *Right) holds() (in, known bool) {
	return len(r.Covering) > 0, len(r.Covering) > 0 || r.Known && len(r.Unexpanded) == 0
}

// differ adds a difference, unless what Windows did says that the export is of another
// time than the report.
func (l *LocalPolicy) differ(gpo, own *Right, inGPO bool, h *Host) {
	d := Disagreement{
		Right: gpo.Name, Display: gpo.Display, Winner: gpo.Winner, Better: inGPO != gpo.isDeny(), Confidence: Possible,
		What: "\"" + gpo.Display + "\" has the account in the computer's own list, and not in the GPO",
	}
	if inGPO {
		d.What = "\"" + gpo.Display + "\" has the account in the GPO, and not in the computer's own list"
	}
	if gpo.Name == rightNames[0][0] || gpo.Name == rightNames[1][0] {
		refused := len(h.Service.Refusals) > 0
		switch {
		case d.Better && refused && !h.Account.Assumed:
			d.Confidence = Probable
		case d.Better && !refused && !lastLogon(h.Service).IsZero(), !d.Better && refused:
			l.Undecided++
			l.Reasons = append(l.Reasons, undated(own, h))
			return
		}
	}
	l.Differs = append(l.Differs, d)
	l.Evidence = append(append(l.Evidence, gpo.Evidence...), own.Evidence...)
}

// undated says that it is not known when an export was made, where that matters.
func undated(r *Right, h *Host) Reason {
	source := ""
	if len(r.Evidence) > 0 {
		source = string(r.Evidence[0].Source)
	}
	did := "let the account log on, last at " + utc(lastLogon(h.Service))
	if refusals := h.Service.Refusals; len(refusals) > 0 {
		did = "refused the account the logon at " + utc(refusals[len(refusals)-1].Time)
	}
	return Reason{
		Code: "export-undated", Input: source, Ask: askExport,
		Message: "The export of the computer's own security settings does not fit what Windows did: it " + did + ". An export does not tell when it was made, and may be of another time. Make a new one.",
	}
}

// judgeByLogons compares the rights to log on as a service with what Windows did.
func (l *LocalPolicy) judgeByLogons(h *Host) {
	refusals := h.Service.Refusals
	for _, r := range []*Right{&l.Service, &l.DenyService} {
		if r.Verdict == Undetermined && r.Known && !r.isDeny() && len(refusals) > 0 && len(r.Covering) == 0 && h.outside(r.Unexpanded) && !h.Account.Assumed {
			r.Verdict, r.Unexpanded, r.Reasons = Omitted, nil, nil
		}
		against := r.Verdict == Denied || r.Verdict == Omitted && !r.isDeny()
		switch {
		case against && len(refusals) > 0:
			r.RefusedBy = refusals
			if !h.Account.Assumed {
				r.Confidence = Probable
			}
		case against && !lastLogon(h.Service).IsZero(), r.Verdict == Granted && len(refusals) > 0 && l.DenyService.Verdict != Denied && h.Account.Kind != SystemAccount:
			r.Verdict, r.Confidence, r.Reasons = Undetermined, "", []Reason{undated(r, h)}
		}
	}
}

// fill gives rights that no GPO is known to define the verdict of the computer's own list.
func (l *LocalPolicy) fill(rights *Rights, h *Host) {
	own := l.All()
	for i, r := range rights.All() {
		o := own[i]
		if !o.Known || r.Verdict != Undefined && h.Reports.latest != nil {
			continue
		}
		r.Local, r.Verdict, r.Confidence = true, o.Verdict, o.Confidence
		r.Principals, r.Covering, r.Unexpanded = o.Principals, o.Covering, o.Unexpanded
		r.RefusedBy, r.Evidence, r.Reasons = o.RefusedBy, o.Evidence, o.Reasons
	}
}
