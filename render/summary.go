package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
)

// summary prints what was checked, what was read and what the logs cover.
func (p *page) summary(r *analyzer.Result, known []analyzer.Host) {
	p.gap()
	var t table
	t.add("rules", rulesWords(r.Tool.Rules))
	if r.OmittedHosts > 0 {
		t.add("hosts", number(r.OmittedHosts)+" more computers have events or files of ADSync, or reports, and are not told of: analyze fewer at once")
	}
	p.inputRows(&t, r.Inputs)
	hosts := known
	if p.verbose || len(known) == 0 {
		hosts = r.Hosts
	}
	p.logRows(&t, hosts)
	if p.verbose {
		t.add("made by", name(r.Tool.Name)+" "+name(r.Tool.Version))
	}
	p.table(0, t)
}

func rulesWords(c analyzer.Counts) inert {
	out := number(c.Failed) + nbsp + "failed, " + number(c.Passed) + nbsp + "passed, " +
		number(c.Inconclusive) + nbsp + "inconclusive, " + number(c.Skipped) + nbsp + "skipped"
	if c.Errored > 0 {
		out += ", " + number(c.Errored) + nbsp + "broke"
	}
	return out
}

// inputRows adds what was read: inputs in order by the number of each kind, the others
// by name. A verbose page names all of them.
func (p *page) inputRows(t *table, inputs []analyzer.Input) {
	label := inert("inputs")
	add := func(text inert) {
		t.add(label, text)
		label = ""
	}
	add(readWords(inputs))
	for _, s := range []struct {
		status string
		limit  int
	}{{"partly", 10}, {"refused", 10}, {"ignored", 3}, {"read", 0}, {"", 10}} {
		n := 0
		for _, in := range inputs {
			if !hasStatus(in, s.status) || s.status == "read" && !p.verbose {
				continue
			}
			if n++; n <= s.limit || p.verbose {
				add(p.inputWords(in))
			}
		}
		if n > s.limit && !p.verbose {
			add("and " + number(n-s.limit) + " more " + inert(s.status))
		}
	}
}

// hasStatus reports whether in has the status; "" stands for all that are not known.
func hasStatus(in analyzer.Input, status string) bool {
	switch in.Status {
	case "read", "partly", "ignored", "refused":
		return in.Status == status
	}
	return status == ""
}

func (p *page) inputWords(in analyzer.Input) inert {
	out := cmp.Or(name(in.Status), "no status") + ": " + path(in.Path)
	if p.verbose {
		out += ", " + name(in.Kind) + ", " + count(in.Size, "byte")
	}
	if in.Detail != "" {
		out += ": " + prose(in.Detail)
	}
	return out
}

// readWords counts the inputs that were read at least in part, by kind.
func readWords(inputs []analyzer.Input) inert {
	counts := map[string]int{}
	n := 0
	for _, in := range inputs {
		if in.Status == "read" || in.Status == "partly" {
			counts[in.Kind]++
			n++
		}
	}
	if n == 0 {
		return "none could be read"
	}
	kinds := make([]string, 0, len(counts))
	for k := range counts {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	parts := make([]inert, len(kinds))
	for i, k := range kinds {
		parts[i] = number(counts[k]) + nbsp + cmp.Or(name(k), "of unknown kind")
	}
	return number(n) + " read: " + list(parts, 8)
}

// logRows adds the times that the logs cover, a line for each log and channel.
func (p *page) logRows(t *table, hosts []analyzer.Host) {
	const limit = 12
	label := inert("logs")
	add := func(text inert) {
		t.add(label, text)
		label = ""
	}
	for _, h := range hosts {
		if len(hosts) > 1 && len(h.Coverage) > 0 {
			add(hostName(h))
		}
		repeated := map[string]int{}
		for _, c := range h.Coverage {
			repeated[c.Channel]++
		}
		for i, c := range h.Coverage {
			if !p.verbose && i == limit {
				add("and " + number(len(h.Coverage)-i) + " more")
				break
			}
			add(p.coverageWords(c, repeated[c.Channel] > 1))
		}
	}
	if label != "" {
		add("none")
	}
}

// coverageWords says which times a log covers and what it lacks.
func (p *page) coverageWords(c analyzer.Coverage, source bool) inert {
	out := span(c.First, c.Last) + " " + channelName(c.Channel)
	if c.Wrapped {
		out += ", wrapped"
	}
	if len(c.Gaps) > 0 {
		out += ", " + count(len(c.Gaps), "gap")
	}
	if c.Lost > 0 {
		out += ", " + number(c.Lost) + nbsp + "lost"
	}
	if c.Recovered > 0 {
		out += ", " + number(c.Recovered) + nbsp + "recovered"
	}
	if c.FreeSpace > 0 && p.verbose {
		out += ", " + count(c.FreeSpace, "older record") + " in free space"
	}
	if c.Dirty {
		out += ", not closed"
	}
	if p.verbose {
		out += ", " + count(c.Read, "record")
	}
	if source || p.verbose {
		out += ", " + path(c.Source)
	}
	if p.verbose {
		out += gapWords(c.Gaps)
	}
	return out
}

// gapWords says which records are missing.
func gapWords(gaps []analyzer.Gap) inert {
	parts := make([]inert, len(gaps))
	for i, g := range gaps {
		parts[i] = "; missing between records" + nbsp + number(g.After) + " and" + nbsp + number(g.Before) +
			" (" + span(g.From, g.To) + ")"
	}
	return join(parts, "")
}

// channelName returns the name of a channel without the prefix that most have.
func channelName(s string) inert {
	if short := strings.TrimPrefix(s, "Microsoft-Windows-"); short != "" {
		s = short
	}
	return cmp.Or(name(s), "unnamed channel")
}
