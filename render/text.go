package render

import (
	"errors"
	"io"
	"slices"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
)

// TextOptions says how Text prints. The zero value prints the short form, without
// colour, for a terminal of 80 columns.
type TextOptions struct {
	// Width is how many cells a line may take; 0 means 80, and less than 30 counts
	// as 30. Only commands and links to copy may be longer.
	Width int
	// Color marks headings, labels and commands with SGR sequences.
	Color bool
	// Verbose prints everything: all evidence, all findings in full, every rule's
	// verdict with its reasons, the timeline, and every input.
	Verbose bool
}

var errNoResult = errors.New("render: no result to print")

// Text prints r for people, in UTF-8 with lines ending in \n. It keeps the order of r
// and does not change it. The only errors are those of w, and a nil r.
func Text(w io.Writer, r *analyzer.Result, opt TextOptions) error {
	if r == nil {
		return errNoResult
	}
	p := newPage(opt)
	known, others := r.Hosts, []analyzer.Host(nil)
	if !p.verbose {
		known, others = split(r.Hosts)
	}
	for i, h := range known {
		if i > 0 {
			p.gap()
			p.line(0, plain, "")
		}
		p.host(h)
	}
	p.others(known, others)
	p.summary(r, known)
	_, err := w.Write(p.buf.Bytes())
	return err
}

// split parts the computers that the inputs say something of ADSync about from the
// others. A single computer is always worth a section.
func split(hosts []analyzer.Host) (known, others []analyzer.Host) {
	for _, h := range hosts {
		if len(hosts) == 1 || speaksOfADSync(h) {
			known = append(known, h)
		} else {
			others = append(others, h)
		}
	}
	return known, others
}

func speaksOfADSync(h analyzer.Host) bool {
	return len(h.Findings) > 0 ||
		h.Account.Name != "" && !h.Account.Assumed || len(h.Account.Evidence) > 0 ||
		h.Service.State != "" && h.Service.State != facts.UnknownState ||
		h.Service.Account != "" || len(h.Service.Evidence) > 0
}

// others prints a line for each computer that nothing is known of.
func (p *page) others(known, others []analyzer.Host) {
	const limit = 20
	switch {
	case len(known) == 0 && len(others) == 0:
		p.para(0, "No verdict: the inputs hold no policy report and no event log of any computer, so nothing was checked.")
		return
	case len(others) == 0:
		return
	case len(known) == 0:
		p.para(0, "No verdict: nothing in the inputs speaks of the ADSync service or of its account.")
	}
	p.head(0, "other computers")
	for i, h := range others {
		if i == limit && !p.verbose {
			p.para(2, "and "+number(len(others)-limit)+" more")
			break
		}
		p.para(2, hostName(h)+": nothing of ADSync"+holdings(h))
	}
	if len(known) == 0 {
		p.missing(others)
	}
}

// holdings says what the inputs hold of a computer.
func holdings(h analyzer.Host) inert {
	var parts []inert
	if slices.ContainsFunc(h.Rights, func(r analyzer.Right) bool { return r.Defined }) {
		parts = append(parts, "policy report")
	}
	var logs []inert
	seen := map[string]bool{}
	for _, c := range h.Coverage {
		if !seen[c.Channel] {
			seen[c.Channel] = true
			logs = append(logs, channelName(c.Channel))
		}
	}
	if len(logs) > 0 {
		parts = append(parts, "logs: "+list(logs, 3))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + join(parts, "; ") + ")"
}
