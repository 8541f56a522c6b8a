package facts

import (
	"slices"
	"strings"

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
func newRights(h *Host, events []Event, accounts map[string]bool) Rights {
	var rights Rights
	who := subject{
		account:  h.Account,
		self:     sid.Principal{Name: h.Account.Name, SID: h.Account.SID},
		ctx:      contextOf(h),
		accounts: accounts,
	}
	for i, r := range rights.All() {
		r.Name, r.Display = rightNames[i][0], rightNames[i][1]
		r.Verdict = Undetermined
		if h.Reports.latest == nil {
			r.Reasons = h.Reports.Reasons
			continue
		}
		r.read(h.Reports.latest, who)
	}
	t := newTiming(h, events)
	rights.Service.judgeByLogons(h, t)
	rights.DenyService.confirm(h, t)
	for _, pair := range [][2]*Right{
		{&rights.Service, &rights.DenyService}, {&rights.Batch, &rights.DenyBatch}, {&rights.Local, &rights.DenyLocal},
	} {
		pair[0].denyBy(pair[1])
	}
	return rights
}

// contextOf collects the names under which the host and its domain are known.
func contextOf(h *Host) sid.Context {
	ctx := sid.Context{Host: h.Name, Member: isMember(h.Reports.latest)}
	add := func(domain string) {
		if domain != "" && !strings.EqualFold(domain, h.Name) {
			ctx.Domains = append(ctx.Domains, domain)
		}
	}
	add(h.Domain)
	for _, r := range h.Reports.All {
		add(r.Domain)
		if r.Computer != nil {
			add(r.Computer.Domain)
			authority, _, found := strings.Cut(r.Computer.Name, `\`)
			if found {
				add(authority)
			}
		}
	}
	return ctx
}

// isMember reports whether a report shows the computer to be a member of a domain and no
// domain controller.
func isMember(r *gpreport.Report) bool {
	return r != nil && slices.ContainsFunc(r.Computer.Groups, func(p sid.Principal) bool {
		return strings.EqualFold(p.Account(), sid.RIDName(515)) // Domain Computers
	})
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
		}
	}
	r.decide(who.account.Assumed)
	if who.account.Assumed && !r.Empty && r.Confidence != "" {
		r.Confidence = Possible
	}
}

// decide turns whom the list covers into a verdict.
func (r *Right) decide(assumed bool) {
	hit, miss := Granted, Omitted
	if r.isDeny() {
		hit = Denied
	}
	switch {
	case len(r.Covering) > 0:
		r.Verdict, r.Confidence = hit, Probable
	case len(r.Unexpanded) > 0:
		r.Verdict = Undetermined
		for _, p := range r.Unexpanded {
			r.Reasons = append(r.Reasons, unexpanded(p, r.Display, assumed))
		}
	default:
		r.Verdict, r.Confidence = miss, Probable
	}
}

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
func unexpanded(p sid.Principal, display string, assumed bool) Reason {
	name := p.Name
	if name == "" {
		name = string(p.SID)
	}
	account := p.Account()
	if account == "" {
		account = name
	}
	reason := Reason{Code: "group-not-expanded", Input: name}
	list := "\"" + display + "\" lists " + name
	quoted := "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019").Replace(account) + "'"
	builtin := strings.HasPrefix(string(p.SID), "S-1-5-32-")
	switch {
	case builtin:
		reason.Message = list + ". Who is in this group of the computer is not known."
	case strings.HasPrefix(string(p.SID), "S-1-5-21-") && p.Account() == "":
		reason.Message = list + ", a SID that the computer could not resolve when the report was made. It may be a group, or an account that was deleted."
	case assumed && strings.HasSuffix(account, "$"):
		reason.Code, reason.Ask = "account-unknown", "sc.exe qc ADSync"
		reason.Message = list + ". That may be the account of the ADSync service, which no input names."
		return reason
	case p.Authority() == "" && p.SID == "":
		reason.Message = list + " without saying where it belongs. It may be a group of the computer or of the domain, or a name that Windows cannot resolve."
	default:
		reason.Message = list + ". If that is a group, it is unknown whether the ADSync account is in it."
	}
	switch authority := p.Authority(); {
	case builtin || strings.EqualFold(authority, "BUILTIN") || authority == "." || authority == "" && p.SID == "":
		reason.Ask = "net localgroup " + `"` + strings.ReplaceAll(account, `"`, "") + `"`
	case authority != "":
		reason.Ask = "Get-ADGroupMember -Recursive " + quoted
	case strings.HasPrefix(string(p.SID), "S-1-5-21-"):
		reason.Ask = `Get-ADObject -Filter "objectSid -eq '` + string(p.SID) + `'" -Properties member`
	}
	return reason
}
