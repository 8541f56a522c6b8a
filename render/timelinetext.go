package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
)

// TimelineText prints what happened on each computer for people: a line for each entry with
// its time in UTC, its kind, what happened and where that stands, under headings for the
// days. Findings that are states and have no time follow, and what the logs cover. The only
// errors are those of w, and a nil r.
func TimelineText(w io.Writer, r *analyzer.Result, opt TimelineOptions) error {
	if r == nil {
		return errNoResult
	}
	p := newPage(TextOptions{Width: opt.Width, Color: opt.Color})
	for i := range r.Hosts {
		if i > 0 {
			p.gap()
			p.line(0, plain, "")
		}
		p.hostTimeline(&r.Hosts[i], opt)
	}
	if len(r.Hosts) == 0 {
		p.para(0, "The inputs hold no policy report and no event log of any computer.")
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

// hostTimeline prints the line of time of one computer.
func (p *page) hostTimeline(h *analyzer.Host, opt TimelineOptions) {
	list := moments(h, opt)
	head := hostName(*h) + ": " + entries(len(list))
	if opt.Kinds != nil || !opt.Since.IsZero() || !opt.Until.IsZero() {
		head += " of " + number(len(moments(h, TimelineOptions{})))
	}
	p.heading(head)
	files := shortNames(list)
	kinds := 0
	for _, m := range list {
		kinds = max(kinds, cells(name(m.Kind)))
	}
	day := ""
	for _, m := range list {
		if d := m.Time.UTC().Format("2006-01-02"); d != day {
			p.head(0, inert(d))
			day = d
		}
		kind := name(m.Kind)
		lead := inert(m.Time.UTC().Format("15:04:05Z  ")) + kind + inert(strings.Repeat(" ", kinds-cells(kind)))
		text := prose(m.What)
		if at := reference(m.Evidence, files); at != "" {
			text += " [" + at + "]"
		}
		style := plain
		if m.Kind == kindFinding {
			style = severityStyle(m.severity)
		}
		p.lead(0, cells(lead)+2, lead, dim, text, style)
	}
	p.undated(h, opt)
	p.gap()
	var t table
	p.logRows(&t, []analyzer.Host{*h})
	label := inert("files")
	for _, source := range sortedKeys(files) {
		if short := files[source]; short != source {
			t.add(label, path(short)+" is "+path(source))
			label = ""
		}
	}
	p.table(0, t)
}

func entries(n int) inert {
	if n == 1 {
		return "1" + nbsp + "entry"
	}
	return number(n) + nbsp + "entries"
}

// undated prints the findings that no event gives a time.
func (p *page) undated(h *analyzer.Host, opt TimelineOptions) {
	if len(opt.Kinds) > 0 && !slices.Contains(opt.Kinds, kindFinding) {
		return
	}
	first := true
	for _, f := range h.Findings {
		if f.First != nil {
			continue
		}
		if first {
			p.head(0, "without a time")
			first = false
		}
		p.lead(0, 2, severityWord(f)+":", severityStyle(f.Severity), heading(f)+" ("+name(f.Rule)+")", plain)
	}
}

// reference says where the evidence of an entry stands: the file and the record, the last
// one too where the entry stands for several.
func reference(evidence []analyzer.Evidence, files map[string]string) inert {
	if len(evidence) == 0 {
		return ""
	}
	first, last := evidence[0], evidence[len(evidence)-1]
	out := path(files[first.Source])
	if first.Record > 0 {
		out += ":" + number(first.Record)
	}
	switch {
	case last.Source != first.Source:
		out += " to " + path(files[last.Source]) + ":" + number(last.Record)
	case last.Record != first.Record:
		out += " to " + number(last.Record)
	}
	return out
}

// shortNames finds for each input the shortest end of its path that no other one has.
func shortNames(list []moment) map[string]string {
	files := make(map[string]string)
	for _, m := range list {
		for _, e := range m.Evidence {
			files[e.Source] = ""
		}
	}
	taken := make(map[string]int)
	for source := range files {
		for _, end := range pathEnds(source) {
			taken[end]++
		}
	}
	for source := range files {
		files[source] = source
		for _, end := range pathEnds(source) {
			if taken[end] == 1 {
				files[source] = end
				break
			}
		}
	}
	return files
}

// pathEnds returns the last element of a path, the last two and so on, at most four.
func pathEnds(source string) []string {
	var out []string
	for i := len(source) - 1; i >= 0 && len(out) < 4; i-- {
		if source[i] == '/' && i < len(source)-1 {
			out = append(out, source[i+1:])
		}
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(m[a], m[b]), cmp.Compare(a, b)) })
	return out
}

// TimelineKinds returns the kinds of entries that the timelines of a result have, sorted.
func TimelineKinds(r *analyzer.Result) []string {
	var kinds []string
	for i := range r.Hosts {
		for _, m := range moments(&r.Hosts[i], TimelineOptions{}) {
			kinds = append(kinds, m.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
