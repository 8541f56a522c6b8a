package render

import "strings"

// steps prints what to change, numbered, with commands on lines of their own.
func (p *page) steps(remedy []string) {
	if len(remedy) == 0 {
		return
	}
	p.head(2, "what to change")
	for i, step := range remedy {
		text, cmd := splitStep(step)
		lead := number(i+1) + "."
		p.lead(4, 5+cells(lead), lead, plain, prose(text), plain)
		if cmd != "" {
			p.copyable(9, cmd)
		}
	}
}

// splitStep parts the command at the end of a remedy step, which stands in backquotes, from
// the text before it. Nothing else is taken for a command: a name from the input must not
// end up on a line that people copy.
func splitStep(step string) (text, command string) {
	step = strings.TrimSpace(step)
	if strings.Count(step, "`") != 2 {
		return step, ""
	}
	before, rest, _ := strings.Cut(step, "`")
	quoted, after, _ := strings.Cut(rest, "`")
	if strings.Trim(after, " .;") != "" || strings.TrimSpace(quoted) == "" {
		return step, ""
	}
	if before = strings.TrimSpace(before); before == "" {
		before = "Run"
	}
	return before, strings.TrimSpace(quoted)
}
