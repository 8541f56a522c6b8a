package facts

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// rightNames are the rights that matter, with the English name of the policy.
var rightNames = [6][2]string{
	{"SeServiceLogonRight", "Log on as a service"},
	{"SeDenyServiceLogonRight", "Deny log on as a service"},
	{"SeBatchLogonRight", "Log on as a batch job"},
	{"SeDenyBatchLogonRight", "Deny log on as a batch job"},
	{"SeInteractiveLogonRight", "Allow log on locally"},
	{"SeDenyInteractiveLogonRight", "Deny log on locally"},
}

// newRights judges the six rights of a host's account by the newest report of the computer.
// What no GPO is known to define is judged by the computer's own list, if that is known.
func newRights(h *Host, who subject) Rights {
	var rights Rights
	for i, r := range rights.All() {
		r.Name, r.Display = rightNames[i][0], rightNames[i][1]
		r.Verdict = Undetermined
		if h.Reports.latest == nil {
			r.Reasons = h.Reports.Reasons
			continue
		}
		r.read(h.Reports.latest, who)
		r.doubt(who)
		r.checkRivals(h.Reports.rivals)
	}
	h.LocalPolicy.compareWith(&rights, h)
	h.LocalPolicy.judgeByLogons(h)
	t := newTiming(h)
	rights.DenyService.checkDeny(h, t)
	deny := rights.DenyService.Verdict
	if own := h.LocalPolicy.DenyService; deny == Undefined && own.Known {
		deny = own.Verdict
	}
	rights.Service.judgeByLogons(h, t, deny)
	h.LocalPolicy.fill(&rights, h)
	for _, pair := range [][2]*Right{
		{&rights.Service, &rights.DenyService}, {&rights.Batch, &rights.DenyBatch}, {&rights.Local, &rights.DenyLocal},
	} {
		pair[0].denyBy(pair[1])
	}
	h.Reports.Age = newPolicyAge(h, t, &rights)
	return rights
}

// read takes the right's definition from a report and judges whom it covers.
func (r *Right) read(rep *gpreport.Report, who subject) {
	r.Known = !unread(rep)
	a, ok := rep.Computer.Right(r.Name)
	if !ok {
		if r.Known {
			r.Verdict = Undefined
			r.Reasons = []Reason{localPolicy(r.Display)}
			return
		}
		r.Reasons = []Reason{{
			Code: "report-not-understood", Input: string(rep.Source), Ask: askReport,
			Message: "Part of the report was not understood, so that it is unknown whether a GPO defines \"" + r.Display + "\".",
		}}
		return
	}
	if a.Unsettled {
		settled, ok := r.settle(a, who.host.Reports.All)
		if !ok {
			r.leaveOpen(rep, a)
			return
		}
		a = settled
	}
	r.Known, r.Defined, r.Empty = true, true, len(a.Principals) == 0
	r.Winner = GPO{Name: a.Winner.Name, GUID: a.Winner.GUID}
	r.Principals = a.Principals
	r.Evidence = []evidence.Item{{Role: "winning GPO", Location: a.Location, Excerpt: excerptRow(a)}}
	for _, p := range a.Principals {
		switch who.covered(p) {
		case covers:
			r.Covering = append(r.Covering, p)
		case mayCover:
			r.Unexpanded = append(r.Unexpanded, p)
			if e, ok := who.groups.leftAt(p, who.host); ok {
				r.Left = append(r.Left, e)
			}
			if m, ok := who.groups.perhapsAt(p, who.host); ok {
				r.mayBeMember = true
				r.Evidence = append(r.Evidence, m.proof...)
			}
		case coversNot:
			r.Evidence = append(r.Evidence, who.ruledOut(p)...)
		}
	}
	r.coverByGroups(who)
	r.contest(a.Others, who)
	r.contestBy(who.host.Reports.All, who)
	r.sort(a.Principals, who)
	r.InReach = who.account.Kind == LocalUser || who.own.inReach
	r.decide(who)
	inferred := rep.Kind == gpreport.GPResultText && len(a.Others) > 0 // from the order of the GPOs
	inferred = inferred || notApplied(rep)
	if r.Confidence != "" && (who.account.Assumed && !r.Empty || inferred) {
		r.Confidence = Possible
	}
}

// notApplied reports whether Windows says in a report that it could not apply the security
// settings that the report shows: older ones may be in force.
func notApplied(rep *gpreport.Report) bool {
	failed := func(w gpreport.Warning) bool { return w.Code == gpreport.ExtensionFailed }
	return rep.Computer.Incomplete && slices.ContainsFunc(rep.Warnings, failed) // else it was the user's policy
}

// leaveOpen notes that several GPOs define the right and that the report does not tell for
// certain whose list counts.
func (r *Right) leaveOpen(rep *gpreport.Report, a gpreport.Assignment) {
	r.Known, r.Evidence = false, []evidence.Item{{Role: "GPO", Location: a.Location, Excerpt: excerptRow(a)}}
	names := []string{cut(a.Winner.Name, maxLabel)}
	for i, o := range a.Others {
		row := gpreport.Assignment{Display: a.Display, Principals: o.Principals, Winner: o.GPO}
		r.Evidence = append(r.Evidence, evidence.Item{Role: "GPO", Location: o.Location, Excerpt: excerptRow(row)})
		if i < maxReasons {
			names = append(names, cut(o.GPO.Name, maxLabel))
		}
	}
	r.Reasons = []Reason{{
		Code: "winner-not-stated", Input: string(rep.Source), Ask: askReport,
		Message: "Several GPOs define \"" + r.Display + "\" (" + strings.Join(names, ", ") + "), and the report does not tell for certain which of them wins.",
	}}
}

// coverByGroups notes what shows that the account is in groups of the list, and since when,
// unless the list covers it without a group.
func (r *Right) coverByGroups(who subject) {
	var since time.Time
	proof := r.Evidence
	for i, p := range r.Covering {
		m, c := who.groups.holds(p, who.host)
		if c != covers || who.coveredByItself(p) == covers {
			return
		}
		proof = append(proof, m.proof...)
		if i == 0 || m.since.Before(since) {
			since = m.since
		}
	}
	r.Evidence, r.coveredSince = evidence.Sort(proof), since
}

// doubt leaves the verdict open when inputs name another account of the service and the list
// has that one or there are too many to tell, and lowers the confidence when they do at all.
func (r *Right) doubt(who subject) {
	conflicts := who.account.Conflicts
	if len(conflicts) == 0 || r.Confidence == "" || r.Empty {
		return
	}
	r.Confidence = Possible
	if r.Verdict != Omitted {
		return
	}
	h := who.host
	others, ctx := make([]sid.Principal, len(conflicts)), h.context()
	for i, c := range conflicts {
		others[i] = h.local(sid.ParsePrincipal(c.Name))
	}
	lists := func(p sid.Principal) bool {
		p = h.local(p)
		return slices.ContainsFunc(others, func(other sid.Principal) bool { return sid.Compare(other, p, ctx) != sid.Different })
	}
	if who.account.MoreConflicts > 0 || slices.ContainsFunc(r.Principals, lists) {
		r.Verdict, r.Confidence, r.Reasons = Undetermined, "", who.account.Reasons
	}
}

// checkRivals leaves the verdict open when another report, which may be the newer one, says
// something else.
func (r *Right) checkRivals(rivals []*gpreport.Report) {
	for _, rep := range rivals {
		a, ok := rep.Computer.Right(r.Name)
		if ok && a.Unsettled && indexAmong(a, r.Winner.Name, r.Principals) >= 0 {
			continue
		}
		if ok == r.Defined && (!ok || slices.Equal(a.Principals, r.Principals) && a.Winner.Name == r.Winner.Name) {
			continue
		}
		r.Known, r.Verdict, r.Confidence = false, Undetermined, ""
		r.Reasons = []Reason{{
			Code: "reports-disagree", Input: string(rep.Source), Ask: askReport,
			Message: "Two reports differ on \"" + r.Display + "\", and their dates do not tell which one is the newer.",
		}}
	}
}

// decide turns whom the list covers into a verdict.
func (r *Right) decide(who subject) {
	hit, miss := Granted, Omitted
	if r.isDeny() {
		hit = Denied
	}
	switch {
	case who.account.Kind == SystemAccount && r.Name == rightNames[0][0]:
		// The accounts of Windows itself hold this right whatever policy says.
		r.Verdict, r.Confidence, r.Unexpanded = Granted, Probable, nil
	case len(r.Covering) > 0:
		r.Verdict, r.Confidence = hit, Probable
	case len(r.Unexpanded) > 0:
		r.Verdict = Undetermined
		for i, p := range r.Unexpanded {
			if i == maxReasons {
				r.Reasons = append(r.Reasons, Reason{
					Code: "group-not-expanded", Input: r.Display,
					Message: "\"" + r.Display + "\" lists " + itoa(len(r.Unexpanded)-i) + " more that may be groups with the ADSync account in them.",
				})
				break
			}
			r.Reasons = append(r.Reasons, unexpanded(p, r.Display, who))
		}
	case who.account.Assumed && !r.Empty && isController(who.host.Reports.latest):
		// A domain controller has no virtual account; which one setup made is unknown.
		r.Verdict, r.Reasons = Undetermined, who.account.Reasons
	default:
		r.Verdict, r.Confidence = miss, Probable
	}
}

// maxReasons is how many principals of one list are told of one by one.
const maxReasons = 20

func (r *Right) isDeny() bool { return strings.HasPrefix(r.Name, "SeDeny") }

// denyBy lets a deny right that hits the account win over the allow right.
func (r *Right) denyBy(deny *Right) {
	if deny.Verdict != Denied {
		return
	}
	r.Verdict, r.Confidence = Denied, deny.Confidence
	r.Evidence = evidence.Sort(append(r.Evidence, deny.Evidence...))
	r.Reasons = nil
}

func excerptRow(a gpreport.Assignment) string {
	names := make([]string, len(a.Principals))
	for i, p := range a.Principals {
		names[i] = p.Name
	}
	list := strings.Join(names, ", ")
	if list == "" {
		list = "(nobody)"
	}
	return a.Display + " | " + list + " | " + a.Winner.Name
}

func localPolicy(display string) Reason {
	return Reason{
		Code: "not-defined-by-gpo", Input: display,
		Message: "No GPO defines \"" + display + "\", so that the computer's local policy decides, which a Group Policy report does not show.",
		Ask:     "secedit /export /areas USER_RIGHTS /cfg secedit.inf",
	}
}

// unexpanded says how to find out whether a principal is a group that holds the account.
func unexpanded(p sid.Principal, display string, who subject) Reason {
	name := p.Name
	if name == "" {
		name = string(p.SID)
	}
	reason := Reason{Code: "group-not-expanded", Input: name, Ask: askMembers(p, who.host)}
	list := "\"" + display + "\" lists " + name
	switch {
	case isUnreadable(p):
		reason.Code, reason.Ask = "name-unreadable", askReport
		reason.Message = list + ", a name of which characters are lost: the report's text was stored without them. Whether it is the account, or a group with it, cannot be told."
	case strings.HasPrefix(string(p.SID), "S-1-5-32-"):
		reason.Message = list + ". Who is in this group of the computer is not known."
	case p.SID == "S-1-5-6":
		reason.Message = list + ". Whether that stands for the account at the time of the logon is not certain."
	case strings.HasPrefix(string(p.SID), "S-1-5-21-") && p.Account() == "":
		reason.Message = list + ", a SID that the computer could not resolve when the report was made. It may be a group, or an account that was deleted."
	case who.account.Assumed && strings.HasSuffix(name, "$"):
		reason.Code, reason.Ask = "account-unknown", "sc.exe qc ADSync"
		reason.Message = list + ". That may be the account of the ADSync service, which no input names."
	case who.account.Kind == Virtual && isBareService(p):
		reason.Ask = "secedit /export /areas USER_RIGHTS /cfg secedit.inf"
		reason.Message = list + " without \"NT SERVICE\\\" in front of it. Windows finds no virtual account by such a name, unless the report leaves that part out. The computer's own rights show which account it made of it, if any."
	case p.Authority() == "" && p.SID == "":
		reason.Message = list + " without saying where it belongs. It may be a group of the computer or of the domain, or a name that Windows cannot resolve."
	default:
		reason.Message = list + ". If that is a group, it is unknown whether the ADSync account is in it."
	}
	if e, ok := who.groups.leftAt(p, who.host); ok {
		reason.Message += " The account was taken out of it at " + utc(e.Time) + "; it may still be in by way of another group."
	}
	if m, ok := who.groups.perhapsAt(p, who.host); ok {
		reason.Message += " By events until " + utc(m.since) + " a member with the account's name was put into it, or into a group in it; the events tell the member's SID, and no input tells that of the account."
	}
	return reason
}

// askMembers is the command that lists the members of a group; empty where there is none.
func askMembers(p sid.Principal, h *Host) string {
	account, authority := p.Account(), p.Authority()
	if actsInCommand(account) || actsInCommand(authority) {
		return ""
	}
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	builtin := strings.HasPrefix(string(p.SID), "S-1-5-32-")
	switch {
	case account == "" && strings.HasPrefix(string(p.SID), "S-1-5-21-"):
		return `Get-ADObject -Filter "objectSid -eq '` + string(p.SID) + `'" -Properties member`
	case builtin || authority == "." || authority == "" && p.SID == "" || h.hasName(strings.ToUpper(authority)):
		return `net localgroup "` + account + `"`
	case p.SID != "" && !strings.HasPrefix(string(p.SID), "S-1-5-21-"), strings.Contains(p.Name, "@"), isWindowsAuthority(authority):
		return "" // an identity of Windows, in whatever language, or an account's logon name
	case h.ownDomain(authority):
		return "Get-ADGroupMember -Recursive " + quote(account)
	}
	return "Get-ADGroupMember -Recursive -Server " + quote(authority) + " " + quote(account)
}

// actsInCommand reports whether a name could be more than a name in a command line, so that it
// is not put into one: it has a sign that means something there, a quotation mark that
// PowerShell takes for one, or what cannot be seen, or it begins as a switch does.
func actsInCommand(name string) bool {
	begins := strings.TrimLeftFunc(name, unicode.IsSpace)
	return strings.ContainsAny(name, "$%\"&|^`;<>()\u2018\u2019\u201a\u201b\u201c\u201d\u201e") ||
		strings.ContainsFunc(name, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }) ||
		begins != strings.TrimLeft(begins, "/-\u2013\u2014\u2015") // dashes are hyphens to PowerShell
}
