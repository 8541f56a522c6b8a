package render

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// host prints the section of one computer.
func (p *page) host(h analyzer.Host) {
	head := hostName(h)
	open, accepted := h.Open(), suppressed(h)
	switch {
	case len(open) > 0 && len(accepted) > 0:
		head += ": " + tally(open) + ", " + number(len(accepted)) + nbsp + "suppressed"
	case len(open) > 0:
		head += ": " + tally(open)
	case len(accepted) > 0:
		head += ": " + count(len(accepted), "finding") + ", suppressed"
	case h.Service.State == facts.Failing:
		head += ": cause not found"
	case countVerdicts(h, rules.Passed) > 0 && countVerdicts(h, rules.Inconclusive) > 0:
		head += ": nothing wrong found, but " + count(countVerdicts(h, rules.Inconclusive), "rule") + " could not tell"
	case countVerdicts(h, rules.Passed) > 0:
		head += ": nothing wrong found"
	default:
		head += ": no verdict"
	}
	p.heading(head)
	var t table
	t.add("service", serviceWords(h.Service, h.Account))
	t.add("account", accountWords(h.Account))
	for i, c := range h.Account.Conflicts {
		if i == maxConflicts {
			break
		}
		t.add("", "but "+name(c.Name)+" in "+name(c.By))
	}
	p.historyRows(&t, h.History)
	if c := h.Service.Configuration; c != nil {
		t.add("set to", configurationWords(c))
	}
	p.table(2, t)

	full, rest := p.byWeight(open)
	for _, f := range full {
		p.gap()
		p.finding(h, f)
	}
	p.alsoFound(rest)
	p.accepted(h, accepted)
	if len(h.Findings) == 0 {
		p.noFindings(h)
	}
	p.missing([]analyzer.Host{h})
	if p.verbose {
		p.facts(h)
		p.verdicts(h)
		p.timeline(h)
	}
}

// suppressed returns the findings of a host that a suppression accepts.
func suppressed(h analyzer.Host) []analyzer.Finding {
	var out []analyzer.Finding
	for _, f := range h.Findings {
		if f.Suppressed != nil {
			out = append(out, f)
		}
	}
	return out
}

// accepted prints the findings that are suppressed; the short form names them only.
func (p *page) accepted(h analyzer.Host, findings []analyzer.Finding) {
	if len(findings) == 0 {
		return
	}
	p.head(0, "suppressed")
	for _, f := range findings {
		if p.verbose {
			p.gap()
			p.finding(h, f)
			continue
		}
		p.lead(2, 4, severityWord(f)+":", severityStyle(f.Severity), heading(f)+" ("+name(f.Rule)+")", plain)
		p.para(4, "suppressed "+suppressedWords(f.Suppressed))
	}
}

// suppressedWords says until when a finding is accepted, and why.
func suppressedWords(s *analyzer.Suppressed) inert {
	return "until" + nbsp + name(s.Until) + " because " + prose(s.Reason)
}

// serviceWords says what the service does, and as which account it failed to log on where
// that is not the account that counts. A good start does not tell its account.
func serviceWords(s analyzer.Service, a analyzer.Account) inert {
	out := stateWords(s.State)
	if s.Since != nil {
		out += " since " + stamp(*s.Since)
	}
	switch {
	case s.Account == "" || strings.EqualFold(s.Account, a.Name):
	case s.State == facts.Failing:
		out += ", as " + name(s.Account)
	case !slices.ContainsFunc(a.Conflicts, func(c analyzer.Conflict) bool { return strings.EqualFold(c.Name, s.Account) }):
		out += "; the newest event that names an account has " + name(s.Account)
	}
	return out
}

// historyRows adds the troubles that are over, the newest first.
func (p *page) historyRows(t *table, history []analyzer.Past) {
	const limit = 2
	label := inert("history")
	for i := len(history) - 1; i >= 0; i-- {
		if !p.verbose && len(history)-i > limit {
			t.add("", "and "+number(i+1)+" more, over too")
			break
		}
		past := history[i]
		t.add(label, pastWords(past))
		label = ""
	}
}

// pastWords says when a trouble was, and what.
func pastWords(past analyzer.Past) inert {
	when := span(past.From, past.To)
	if past.From != nil && past.To != nil && past.From.Equal(*past.To) {
		when = stamp(*past.From)
	}
	return when + " (over): " + prose(past.What)
}

// maxConflicts is how many other accounts are shown.
const maxConflicts = 3

// configurationWords says how the service is set up.
func configurationWords(c *analyzer.Configuration) inert {
	start := map[string]inert{
		"auto": "start automatically", "delayed-auto": "start automatically, delayed", "demand": "be started by hand",
		"disabled": "not start (disabled)", "boot": "start with Windows", "system": "start with Windows",
	}[c.Start]
	if start == "" {
		start = "start in a way that is not known"
	}
	if c.Account != "" {
		start += ", as " + name(c.Account)
	}
	return start + " (by files that do not tell their time)"
}

func accountWords(a analyzer.Account) inert {
	if a.Name == "" && a.SID == "" {
		return "unknown"
	}
	who := name(a.Name)
	if a.Name == "" {
		who = name(a.SID)
	}
	switch {
	case a.Assumed:
		return who + " (assumed: no input names the account)"
	case a.Confidence == facts.Certain || a.Confidence == "":
		return who + " (" + kindWords(a.Kind) + ")"
	}
	return who + " (" + kindWords(a.Kind) + ", " + name(string(a.Confidence)) + ")"
}

// noFindings says what it means that no rule failed, which is not that all is well.
func (p *page) noFindings(h analyzer.Host) {
	passed := countVerdicts(h, rules.Passed)
	p.gap()
	if h.Service.State == facts.Failing {
		p.para(2, "The service is failing, and no rule explains why.")
	}
	if passed == 0 {
		p.para(2, "No rule could tell right from wrong with what was collected. This is no sign that "+
			"the computer is in order.")
	} else {
		text := count(passed, "rule") + " found nothing wrong in the policy reports that were read"
		if len(h.Coverage) > 0 {
			text += " and in the times that the logs below cover. Other times"
		} else {
			text += ". Event logs"
		}
		text += " and whatever else was not collected were not checked."
		p.para(2, text)
	}
	var t table
	for _, r := range h.Rights {
		if !denies(r) || r.Verdict == facts.Denied || len(r.Unexpanded) > 0 {
			t.add(name(r.Display), rightWords(r))
		}
	}
	if len(t.rows) > 0 && !p.verbose {
		p.head(0, "rights of the account")
		p.table(2, t)
	}
	if ids := withVerdict(h, rules.Passed); len(ids) > 0 && !p.verbose {
		p.head(0, "rules that passed")
		p.para(2, list(ids, 8))
	}
}

// facts prints what the verdicts rest on: the account, the service and all rights, with
// their evidence.
func (p *page) facts(h analyzer.Host) {
	p.fact("account: "+accountWords(h.Account), h.Account.Evidence)
	for _, c := range h.Account.Conflicts {
		p.evidence(2, c.Evidence)
	}
	p.fact("service: "+serviceWords(h.Service, h.Account), h.Service.Evidence)
	for _, past := range h.History {
		p.fact("history: "+pastWords(past), past.Evidence)
	}
	if c := h.Service.Configuration; c != nil {
		p.fact("configuration: "+configurationWords(c), c.Evidence)
	}
	if len(h.Rights) > 0 {
		p.head(0, "rights of the account")
	}
	for _, r := range h.Rights {
		p.para(2, name(r.Display)+": "+rightWords(r))
		if r.Defined || r.Local || len(r.Evidence) > 0 {
			var t table
			p.rightRows(&t, r)
			p.table(4, t)
			p.evidence(4, r.Evidence)
		}
	}
}

func (p *page) fact(text inert, evidence []analyzer.Evidence) {
	p.gap()
	p.heading(text)
	p.evidence(2, evidence)
}

// withVerdict returns the ids of the rules that came to a verdict.
func withVerdict(h analyzer.Host, v rules.Verdict) []inert {
	var ids []inert
	for _, rv := range h.Verdicts {
		if rv.Verdict == v {
			ids = append(ids, name(rv.Rule))
		}
	}
	return ids
}

// verdicts prints what every rule decided, with the reasons.
func (p *page) verdicts(h analyzer.Host) {
	if len(h.Verdicts) == 0 {
		return
	}
	p.head(0, "verdicts")
	for _, rv := range h.Verdicts {
		p.para(2, name(rv.Rule)+": "+name(string(rv.Verdict)))
		for _, r := range rv.Reasons {
			p.para(4, reasonWords(r)+" ["+name(r.Code)+"]")
			if r.Ask != "" {
				p.copyable(6, r.Ask)
			}
		}
	}
}

// timeline prints what happened on the computer.
func (p *page) timeline(h analyzer.Host) {
	if len(h.Timeline) == 0 {
		return
	}
	p.head(0, "timeline")
	for _, e := range h.Timeline {
		p.lead(2, 4, stamp(e.Time), dim, name(e.Kind)+": "+prose(e.What), plain)
		p.evidence(4, e.Evidence)
	}
}
