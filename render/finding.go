package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
)

// finding prints a finding in full.
func (p *page) finding(h analyzer.Host, f analyzer.Finding) {
	p.lead(0, 2, severityWord(f)+":", severityStyle(f.Severity), heading(f), bold)
	if f.Message != "" {
		p.para(2, prose(f.Message))
	}
	p.gap()
	p.table(2, p.findingTable(h, f))
	p.proof(f.Evidence)
	p.steps(f.Remedy)
}

// heading returns the title of a finding, or its rule's id when it has none.
func heading(f analyzer.Finding) inert {
	return cmp.Or(title(f.Title), name(f.Rule))
}

func severityWord(f analyzer.Finding) inert {
	return cmp.Or(name(string(f.Severity)), "finding")
}

// findingTable returns what the finding is about, when it was seen and how sure it is.
func (p *page) findingTable(h analyzer.Host, f analyzer.Finding) table {
	var t table
	for _, r := range h.Rights {
		if concerns(f, r) {
			p.rightRows(&t, r)
		}
	}
	if f.First != nil || len(f.Evidence) > 0 {
		t.add("since", sinceWords(f))
	}
	sure := name(string(f.Confidence))
	if words := confidenceWords(f.Confidence); words != "" && !p.explained[f.Confidence] {
		p.explained[f.Confidence] = true
		sure += ": " + words
	}
	t.add("how sure", sure)
	t.add("rule", name(f.Rule)+p.explains(f.Joined)+mayExplain(f.MayExplain))
	for i, l := range f.Links {
		switch {
		case i == 0:
			t.addLink("read", l)
		case i < 2 || p.verbose:
			t.addLink("", l)
		}
	}
	if f.Suppressed != nil {
		t.add("suppressed", suppressedWords(f.Suppressed))
	}
	if p.verbose && f.Fingerprint != "" {
		t.add("fingerprint", name(f.Fingerprint))
	}
	return t
}

// explains says which findings were folded into one.
func (p *page) explains(joined []string) inert {
	switch {
	case len(joined) == 0:
		return ""
	case len(joined) == 1 || p.verbose:
		return ", which explains " + list(names(joined), 0)
	}
	return ", which explains " + number(len(joined)) + nbsp + "other findings"
}

// mayExplain says of which other findings this one may be the cause.
func mayExplain(ids []string) inert {
	if len(ids) == 0 {
		return ""
	}
	return "; may be the cause of " + list(names(ids), 3)
}

// names returns the printed form of names.
func names(list []string) []inert {
	out := make([]inert, len(list))
	for i, s := range list {
		out[i] = name(s)
	}
	return out
}

// sinceWords says since when and how often something was seen.
func sinceWords(f analyzer.Finding) inert {
	dated := slices.ContainsFunc(f.Evidence, func(e analyzer.Evidence) bool { return e.Time != nil })
	switch {
	case f.First == nil && dated:
		return "not known"
	case f.First == nil:
		return "not known: a report shows how things stand, not when that began"
	case f.Count <= 1 && (f.Last == nil || f.Last.Equal(*f.First)):
		return stamp(*f.First) + ", seen once"
	case f.Last == nil || f.Last.Equal(*f.First):
		return stamp(*f.First) + ", seen " + count(f.Count, "time")
	case f.Count <= 1:
		return stamp(*f.First) + ", last " + stamp(*f.Last)
	}
	return stamp(*f.First) + ", seen " + count(f.Count, "time") + ", last " + stamp(*f.Last)
}

// concerns reports whether a finding is about a right: it rests on the same place of a
// report, or names the right.
func concerns(f analyzer.Finding, r analyzer.Right) bool {
	for _, a := range f.Evidence {
		for _, b := range r.Evidence {
			if a.Source == b.Source && a.Row == b.Row && a.Line == b.Line && (a.Row > 0 || a.Line > 0) {
				return true
			}
		}
	}
	// Names are compared with their case, so that "Deny log on as a service" does
	// not also name "Log on as a service".
	return r.Display != "" && strings.Contains(f.Message, r.Display) ||
		r.Right != "" && strings.Contains(f.Message, r.Right)
}

// rightRows adds which GPO defines a right, and for whom.
func (p *page) rightRows(t *table, r analyzer.Right) {
	if r.Winner.Name != "" && r.Winner.GUID != "" {
		t.add("winning GPO", name(r.Winner.Name)+" "+name(r.Winner.GUID))
	} else if r.Winner != (analyzer.GPO{}) {
		t.add("winning GPO", name(r.Winner.Name+r.Winner.GUID))
	}
	if r.Local {
		t.add("set by", "the computer's own security settings")
	}
	t.add("right", name(r.Display)+" ("+name(r.Right)+")")
	verb := inert("granted to")
	if denies(r) {
		verb = "denied to"
	}
	switch {
	case len(r.Principals) > 0:
		t.add(verb, list(principals(r.Principals), p.few(6)))
	case r.Defined, r.Local && r.Verdict == facts.Omitted:
		t.add(verb, "nobody")
	case r.Verdict == facts.Undefined:
		t.add(verb, "not known: no GPO defines the right")
	default:
		t.add(verb, "not known")
	}
	if len(r.Covering) > 0 {
		t.add("account in", list(principals(r.Covering), p.few(6)))
	}
	if len(r.Unexpanded) > 0 {
		t.add("unknown", "who is in "+list(principals(r.Unexpanded), p.few(6)))
	}
}

// denies reports whether r is one of the deny rights.
func denies(r analyzer.Right) bool { return strings.HasPrefix(r.Right, "SeDeny") }

// rightWords says in a line how a right stands.
func rightWords(r analyzer.Right) inert {
	by := inert("")
	if r.Winner != (analyzer.GPO{}) {
		by = " by " + gpoName(r.Winner)
	}
	if r.Local {
		by = " by the computer's own settings"
	}
	switch r.Verdict {
	case facts.Granted:
		return "granted" + by + through(r.Covering)
	case facts.Denied:
		return "denied" + by + through(r.Covering)
	case facts.Omitted:
		if denies(r) {
			return "not denied" + by
		}
		return "not granted" + by
	case facts.Undefined:
		return "no GPO defines it"
	}
	if len(r.Unexpanded) > 0 {
		return "cannot be told: who is in " + list(principals(r.Unexpanded), 3) + " is not known"
	}
	return "cannot be told"
}

// through names the principals that stand for the account.
func through(covering []analyzer.Principal) inert {
	if len(covering) == 0 {
		return ""
	}
	return " through " + list(principals(covering), 3)
}

// proof prints evidence: all of it when verbose, else the first piece of each role.
func (p *page) proof(evidence []analyzer.Evidence) {
	shown := evidence
	if !p.verbose {
		shown = firstOfEachRole(evidence, 3)
	}
	if len(shown) == 0 {
		return
	}
	head := inert("proof")
	if len(shown) < len(evidence) {
		head += " (" + number(len(shown)) + " of " + count(len(evidence), "piece") + ")"
	}
	p.head(2, head)
	p.evidence(4, shown)
}

// firstOfEachRole returns the first piece of evidence of each role, at most limit.
func firstOfEachRole(evidence []analyzer.Evidence, limit int) []analyzer.Evidence {
	var out []analyzer.Evidence
	for _, e := range evidence {
		same := func(o analyzer.Evidence) bool { return o.Role == e.Role }
		if len(out) < limit && !slices.ContainsFunc(out, same) {
			out = append(out, e)
		}
	}
	return out
}

// evidence prints pieces of evidence under the input that they stand in: what each
// shows, where it stands and what stands there.
func (p *page) evidence(indent int, evidence []analyzer.Evidence) {
	for i, e := range evidence {
		if i == 0 || e.Source != evidence[i-1].Source {
			p.para(indent, path(e.Source))
		}
		text := cmp.Or(title(e.Role), "evidence")
		if at := p.place(e); at != "" {
			text += ": " + at
		}
		p.para(indent+2, text)
		if len(e.Section) > 0 {
			p.section(indent+4, e.Section)
		}
		p.excerpt(indent+4, e.Excerpt)
	}
}

// place says where in its input a piece of evidence stands.
func (p *page) place(e analyzer.Evidence) inert {
	var parts []inert
	if e.Row > 0 {
		parts = append(parts, "row"+nbsp+number(e.Row))
	}
	if e.Line > 0 {
		parts = append(parts, "line"+nbsp+number(e.Line))
	}
	if e.Record > 0 {
		parts = append(parts, "record"+nbsp+number(e.Record))
	}
	if e.Offset != nil && p.verbose {
		parts = append(parts, "byte"+nbsp+number(*e.Offset))
	}
	if e.Time != nil {
		parts = append(parts, stamp(*e.Time))
	}
	if e.Recovered != "" {
		parts = append(parts, "recovered ("+name(e.Recovered)+")")
	}
	return join(parts, ", ")
}

// excerpt prints what stands in an input; the short form takes about two lines for it.
func (p *page) excerpt(indent int, s string) {
	limit := p.width - indent
	longest := maxExcerpt
	if !p.verbose {
		longest = min(longest, 2*limit)
	}
	if text := excerpt(s, longest); text != "" {
		for _, l := range wrap(text, limit, limit) {
			p.line(indent, dim, l)
		}
	}
}

// section prints a path of headings on one line; the short form leaves out headings
// from the middle until it fits.
func (p *page) section(indent int, headings []string) {
	const sep = " > "
	all := names(headings)
	text := join(all, sep)
	if p.verbose {
		p.para(indent, text)
		return
	}
	for keep := min(len(all)-2, 6); keep > 0 && cells(text) > p.width-indent; keep-- {
		text = all[0] + sep + "…" + sep + join(all[len(all)-keep:], sep)
	}
	p.line(indent, plain, fit(text, p.width-indent))
}
