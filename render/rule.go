package render

import (
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/rules"
)

// Example is a scenario in which a rule came to a verdict.
type Example struct {
	Rule    string
	Verdict rules.Verdict
	// Name is that of the scenario's file without its ending, Title what it shows.
	Name, Title string
}

// RuleDoc is what is told of a rule.
type RuleDoc struct {
	Rule *rules.Rule
	// Examples are scenarios that show the rule at work.
	Examples []Example
}

// verdictHeads are the headings of examples, in their order.
var verdictHeads = []struct {
	verdict rules.Verdict
	head    inert
}{
	{rules.Failed, "It fails"},
	{rules.Passed, "It passes"},
	{rules.Inconclusive, "It cannot tell"},
	{rules.Skipped, "It is skipped"},
}

// Rule prints what a rule looks at, when it fails, what may mislead, what it needs and what
// it advises, for people. The only errors are those of w.
func Rule(w io.Writer, d RuleDoc, opt TextOptions) error {
	p := newPage(opt)
	r := d.Rule
	p.heading(name(r.ID))
	p.para(0, title(r.Title))
	p.gap()
	var t table
	t.add("severity", name(string(r.Severity)))
	if r.Solution > 0 {
		t.add("solution", number(r.Solution)+" of KB 2995030")
	}
	t.add("since", name(r.Since))
	if len(r.ExplainedBy) > 0 {
		t.add("told with", list(names(r.ExplainedBy), 0)+", if one of them fails too")
	}
	p.table(2, t)
	for _, b := range docBlocks(r.Doc) {
		if !b.item || !b.follows {
			p.gap()
		}
		var text strings.Builder
		for _, s := range b.spans {
			text.WriteString(s.text)
		}
		if b.item {
			p.lead(0, 2, "-", plain, long(text.String()), plain)
		} else {
			p.para(0, long(text.String()))
		}
	}
	p.ruleList("what it needs", needWords(r))
	p.ruleSteps(r.Remedy)
	for _, v := range verdictHeads {
		var titles []inert
		for _, e := range d.Examples {
			if e.Verdict == v.verdict {
				titles = append(titles, title(e.Title))
			}
		}
		p.ruleList(inert(strings.ToLower(string(v.head[:1])))+v.head[1:]+", for example", titles)
	}
	if len(r.Links) > 0 {
		p.head(0, "read more")
		for _, l := range r.Links {
			p.copyable(2, l)
		}
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

// ruleList prints a list under a heading.
func (p *page) ruleList(head inert, items []inert) {
	if len(items) == 0 {
		return
	}
	p.head(0, head)
	for _, i := range items {
		p.lead(2, 4, "-", plain, i, plain)
	}
}

// ruleSteps prints the steps of a remedy with their conditions.
func (p *page) ruleSteps(steps []rules.Step) {
	if len(steps) == 0 {
		return
	}
	p.head(0, "what it advises")
	for i, s := range steps {
		text, cmd := splitStep(s.Do)
		if s.If != "" {
			text = "if " + s.If + ": " + text
		}
		lead := number(i+1) + "."
		p.lead(2, 3+cells(lead), lead, plain, long(text), plain)
		if cmd != "" {
			p.copyable(7, cmd)
		}
	}
}

// long returns text of a rule, which is not shortened.
func long(s string) inert { return escape(s, 1<<20, foldSpace) }

// factWords says where a fact comes from. A fact that is not in it goes by its name.
var factWords = map[string]inert{
	rules.FactAccount:     "the account of the service, from event logs, or as the user states it",
	rules.FactRights:      "the logon rights of the account, from reports of the computer's policy, with the System and the Security log",
	rules.FactService:     "the state and history of the service, from the System, the Application and the Security log",
	rules.FactReports:     "what the Group Policy reports cover",
	rules.FactLogs:        "which times the event logs cover",
	rules.FactLocalPolicy: "the rights that the computer itself gives, from an export of its security settings (secedit /export)",
	rules.FactEngine:      "what the synchronization engine and its setup log, from the Application, the System and the Security log",
	rules.FactSettings:    "settings of the computer, from registry exports",
	rules.FactPolicy:      "what became of the computer's policy over time, from the System, the Application, the Security and the Microsoft-Windows-GroupPolicy/Operational log, and who edited GPOs, from the Security logs of domain controllers",
}

// needWords says what a rule must be given, in words.
func needWords(r *rules.Rule) []inert {
	var out []inert
	for _, kind := range r.Needs.Inputs {
		channel, isChannel := strings.CutPrefix(kind, rules.InputChannel)
		switch {
		case isChannel:
			out = append(out, logWords(strings.Split(channel, "|"))+" (needed: without it the rule is skipped)")
		case kind == rules.InputRights:
			out = append(out, "a Group Policy report that covers the computer, or an export of its own security settings as secedit /export makes it (needed: without either the rule is skipped)")
		case kind == rules.InputService:
			out = append(out, "the System log (System.evtx), or a file that shows the configuration of the service, as sc qc and reg export make it (needed: without either the rule is skipped)")
		case kind == rules.InputComputerReport:
			out = append(out, "a Group Policy report that covers the computer, as gpresult /h or /x makes it in an elevated prompt (needed: without it the rule is skipped)")
		case kind == rules.InputReport:
			out = append(out, "a Group Policy report of the computer or of a user (needed: without it the rule is skipped)")
		default:
			out = append(out, name(kind)+" (needed: without it the rule is skipped)")
		}
	}
	for _, e := range r.Needs.Events {
		need := inert("")
		switch {
		case e.Optional:
			need = " (optional: only adds to what is known)"
		case len(e.Selector.Channels) > 0 && !slices.ContainsFunc(e.Selector.Channels, func(c string) bool { return slices.Contains(r.Needs.Inputs, rules.InputChannel+c) }):
			need = " (needed: without this log the rule is skipped)"
		}
		out = append(out, selectorWords(e.Selector)+need)
	}
	for _, f := range r.Needs.Facts {
		words, ok := factWords[f]
		if !ok {
			words = "the fact " + name(f)
		}
		out = append(out, words)
	}
	return out
}

// logWords names logs with the files that Windows keeps them in.
func logWords(channels []string) inert {
	out := make([]inert, len(channels))
	for i, c := range channels {
		out[i] = name(c) + " log (" + name(strings.ReplaceAll(c, "/", "%4")+".evtx") + ")"
	}
	return "the " + join(out, " or the ")
}

// selectorWords says which events a selector chooses.
func selectorWords(s evtx.Selector) inert {
	ids := make([]inert, len(s.IDs))
	for i, id := range s.IDs {
		ids[i] = number(int(id))
	}
	out := inert("any events")
	if len(ids) > 0 {
		out = "event " + join(ids, ", ")
	}
	if len(ids) > 1 {
		out = "events " + join(ids, ", ")
	}
	if len(s.Providers) > 0 {
		out += " of " + join(names(s.Providers), " or ")
	}
	for i, d := range s.Data {
		datum := name(d.Name)
		if d.Name == "" {
			datum = "datum " + number(d.Index)
		}
		word := inert(" with ")
		if i > 0 {
			word = " and "
		}
		out += word + datum + " " + join(names(d.Values), " or ")
	}
	if len(s.Channels) > 0 {
		out += " in " + logWords(s.Channels)
	}
	return out
}
