package render

import (
	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/rules"
)

// Of how many findings the short form prints in full: all of a few, but notes only where
// there is nothing graver; of more the first one and what stops the service, up to a number
// that a reader can act on.
const (
	maxFew  = 2
	maxFull = 3
)

// byWeight parts the findings of a computer into those that are printed in full and those
// that a line or two is enough for. Both keep the order.
func (p *page) byWeight(findings []analyzer.Finding) (full, rest []analyzer.Finding) {
	if p.verbose {
		return findings, nil
	}
	few := len(findings) <= maxFew
	noted := len(findings) > 0 && findings[0].Severity == rules.Info // and so are all others
	for i, f := range findings {
		grave := f.Severity == rules.Critical || f.Severity == rules.Error
		if i == 0 || few && (noted || f.Severity != rules.Info) || grave && len(full) < maxFull {
			full = append(full, f)
		} else {
			rest = append(rest, f)
		}
	}
	return full, rest
}

// alsoFound prints findings with the begin of their messages.
func (p *page) alsoFound(findings []analyzer.Finding) {
	if len(findings) == 0 {
		return
	}
	p.head(0, "also found")
	for _, f := range findings {
		p.lead(2, 4, severityWord(f)+":", severityStyle(f.Severity), heading(f)+" ("+name(f.Rule)+")", plain)
		lines := 2
		if f.Severity == rules.Info {
			lines = 1
		}
		for _, l := range p.begin(4, prose(f.Message), lines) {
			p.line(4, dim, l)
		}
	}
	p.para(2, "The verbose output has their proof and what to do.")
}

// begin returns the first lines of a text, with an ellipsis where it goes on.
func (p *page) begin(indent int, text inert, limit int) []inert {
	if text == "" {
		return nil
	}
	width := p.width - indent
	lines := wrap(text, width, width)
	if len(lines) > limit {
		lines = append(lines[:limit-1:limit-1], fit(lines[limit-1]+" "+lines[limit], width))
	}
	return lines
}
