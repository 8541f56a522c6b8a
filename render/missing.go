package render

import (
	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// maxAsks is how many things to collect the short form prints for a computer.
const maxAsks = 5

// want is one thing to collect, with what it would settle.
type want struct {
	messages []inert
	ask      string
}

// wants is a list of things to collect, each of them once.
type wants struct {
	list []want
	// byAsk finds a want by its command, or by its message if it has none; said holds
	// what it says already.
	byAsk map[string]int
	said  map[[2]string]bool
}

// add joins a reason to the want with the same command.
func (w *wants) add(r analyzer.Reason) {
	message := reasonWords(r)
	key := r.Ask
	if key == "" {
		key = "\x00" + string(message)
	}
	i, ok := w.byAsk[key]
	if !ok {
		i = len(w.list)
		w.byAsk[key] = i
		w.list = append(w.list, want{ask: r.Ask})
	}
	if once := [2]string{key, string(message)}; !w.said[once] {
		w.said[once] = true
		w.list[i].messages = append(w.list[i].messages, message)
	}
}

// missing prints what would make the verdicts surer: the reasons of failed rules first,
// then of those that could not tell, and what made rules skip, where something is wrong for
// a reason that is not certain, or nothing could be told.
func (p *page) missing(hosts []analyzer.Host) {
	list := collect(hosts)
	if len(list) > 0 {
		p.head(0, "what is missing")
	}
	for i, w := range list {
		if !p.verbose && i == maxAsks {
			p.para(2, "and "+number(len(list)-i)+" more in the verbose output")
			break
		}
		for j, m := range w.messages {
			if !p.verbose && j == 2 {
				p.lead(2, 4, "-", plain, "and "+count(len(w.messages)-j, "reason")+" more", plain)
				break
			}
			p.lead(2, 4, "-", plain, m, plain)
		}
		if w.ask != "" {
			p.copyable(6, w.ask)
		}
	}
	p.errored(hosts)
}

// collect gathers the reasons that matter.
func collect(hosts []analyzer.Host) []want {
	w := wants{byAsk: map[string]int{}, said: map[[2]string]bool{}}
	for _, v := range []rules.Verdict{rules.Failed, rules.Inconclusive} {
		for _, h := range hosts {
			for _, rv := range h.Verdicts {
				if rv.Verdict != v {
					continue
				}
				for _, r := range rv.Reasons {
					w.add(r)
				}
			}
		}
	}
	for _, h := range hosts {
		settled := len(h.Findings) > 0 && h.Findings[0].Confidence == facts.Certain
		if settled || len(h.Findings) == 0 && countVerdicts(h, rules.Passed) > 0 {
			continue
		}
		for _, rv := range h.Verdicts {
			for _, r := range rv.Reasons {
				if _, asked := w.byAsk[r.Ask]; rv.Verdict == rules.Skipped && r.Ask != "" && !asked {
					w.add(r)
				}
			}
		}
	}
	return w.list
}

// reasonWords returns a reason as a sentence.
func reasonWords(r analyzer.Reason) inert {
	switch {
	case r.Message != "":
		return prose(r.Message)
	case r.Input != "":
		return name(r.Code) + ": " + name(r.Input)
	}
	return name(r.Code)
}

// errored names the rules that broke, which is a fault of the rule and not of the inputs.
func (p *page) errored(hosts []analyzer.Host) {
	var lines []inert
	for _, h := range hosts {
		for _, rv := range h.Verdicts {
			if rv.Verdict != rules.Errored {
				continue
			}
			l := name(rv.Rule)
			if len(rv.Reasons) > 0 {
				l += ": " + reasonWords(rv.Reasons[0])
			}
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return
	}
	p.head(0, "rules that broke")
	for i, l := range lines {
		if !p.verbose && i == 3 {
			p.para(2, "and "+number(len(lines)-i)+" more")
			break
		}
		p.para(2, l)
	}
}
