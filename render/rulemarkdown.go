package render

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/gpevtx/gpevtx/rules"
)

// RuleMarkdown writes what [Rule] prints as a page in Markdown. Nothing that a rule says is
// taken for markup, but for lists, bold and code in its doc. Examples are linked with the
// files of the folder scenarios, a path from the page; empty for no links. The only errors
// are those of w.
func RuleMarkdown(w io.Writer, d RuleDoc, scenarios string) error {
	r := d.Rule
	blocks := []string{"# " + mdText(r.ID), mdText(r.Title), ruleTable(r)}
	for _, b := range docBlocks(r.Doc) {
		text := b.markdown()
		if b.item && b.follows {
			blocks[len(blocks)-1] += "\n" + text // one list
		} else {
			blocks = append(blocks, text)
		}
	}
	var needs []string
	for _, n := range needWords(r) {
		needs = append(needs, mdInert(n))
	}
	blocks = append(blocks, mdSection("## What it needs", needs)...)
	if len(r.Remedy) > 0 {
		blocks = append(blocks, "## What it advises", "Expressions in braces stand for what the inputs say.", ruleSteps(r.Remedy))
	}
	blocks = append(blocks, ruleExamples(d.Examples, scenarios)...)
	var links []string
	for _, l := range r.Links {
		links = append(links, "<"+mdLink(l)+">")
	}
	blocks = append(blocks, mdSection("## Read more", links)...)
	_, err := io.WriteString(w, strings.Join(blocks, "\n\n")+"\n")
	return err
}

// RuleIndex writes an index of pages that [RuleMarkdown] wrote, each in a file of the rule's
// id and .md. The only errors are those of w.
func RuleIndex(w io.Writer, set []*rules.Rule) error {
	table := "| rule | severity | what it finds | solution | since |\n| --- | --- | --- | --- | --- |"
	for _, r := range set {
		solution := ""
		if r.Solution > 0 {
			solution = fmt.Sprint(r.Solution)
		}
		table += "\n| " + strings.Join([]string{pageLink(r.ID), mdText(string(r.Severity)), mdText(r.Title), solution, mdText(r.Since)}, " | ") + " |"
	}
	blocks := []string{
		"# Rules",
		"What `gpevtx analyze` checks; `gpevtx rules explain ID` prints the page of a rule as text. " +
			"These pages are written by `gpevtx rules docs`.",
		table,
		"\"Solution\" is the one of Microsoft's KB 2995030 that the rule automates.",
	}
	_, err := io.WriteString(w, strings.Join(blocks, "\n\n")+"\n")
	return err
}

func pageLink(id string) string { return "[" + mdText(id) + "](" + mdLink(id) + ".md)" }

// ruleTable is the table at the top of a page.
func ruleTable(r *rules.Rule) string {
	rows := []string{"| severity | " + mdText(string(r.Severity)) + " |", "| --- | --- |"}
	if r.Solution > 0 {
		rows = append(rows, fmt.Sprintf("| solution | %d of KB 2995030 |", r.Solution))
	}
	rows = append(rows, "| since | "+mdText(r.Since)+" |")
	if len(r.ExplainedBy) > 0 {
		var links []string
		for _, id := range r.ExplainedBy {
			links = append(links, pageLink(id))
		}
		rows = append(rows, "| told with | "+strings.Join(links, ", ")+", if one of them fails too |")
	}
	return strings.Join(rows, "\n")
}

// mdSection returns a heading and a list as blocks; none for an empty list.
func mdSection(head string, items []string) []string {
	if len(items) == 0 {
		return nil
	}
	return []string{head, "- " + strings.Join(items, "\n- ")}
}

// ruleSteps is the numbered list of a remedy.
func ruleSteps(steps []rules.Step) string {
	var lines []string
	for i, s := range steps {
		text, cmd := splitStep(s.Do)
		condition := ""
		if s.If != "" {
			condition = "*If* " + mdCode(s.If) + ": "
		}
		lead := fmt.Sprintf("%d. ", i+1)
		lines = append(lines, lead+condition+mdText(text))
		if cmd != "" {
			pad := strings.Repeat(" ", len(lead))
			lines = append(lines, "", pad+"```", pad+string(long(cmd)), pad+"```", "")
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// ruleExamples lists scenarios by the verdict that they show.
func ruleExamples(examples []Example, scenarios string) []string {
	var blocks []string
	for _, v := range verdictHeads {
		var items []string
		for _, e := range examples {
			switch {
			case e.Verdict != v.verdict:
			case scenarios == "":
				items = append(items, mdText(e.Title))
			default:
				items = append(items, "["+mdText(e.Title)+"]("+mdLink(scenarios+"/"+e.Name+".txtar")+")")
			}
		}
		blocks = append(blocks, mdSection("### "+string(v.head), items)...)
	}
	if len(blocks) > 0 {
		blocks = append([]string{"## Examples"}, blocks...)
	}
	return blocks
}

// markdown returns a part of a doc.
func (b docBlock) markdown() string {
	var s strings.Builder
	for _, span := range b.spans {
		switch {
		case span.code:
			s.WriteString(mdCode(span.text))
		case span.bold:
			s.WriteString("**" + mdText(span.text) + "**")
		default:
			if strings.HasPrefix(span.text, " ") {
				s.WriteByte(' ')
			}
			s.WriteString(mdText(span.text))
			if strings.HasSuffix(span.text, " ") {
				s.WriteByte(' ')
			}
		}
	}
	text := strings.TrimSpace(s.String())
	if b.item {
		return "- " + text
	}
	return text
}

// mdText returns text of a rule as text in Markdown, on one line.
func mdText(s string) string { return mdInert(long(s)) }

// listNumber matches what begins an item of a numbered list.
var listNumber = regexp.MustCompile(`^[0-9]+[.)]( |$)`)

// mdInert escapes all that Markdown could take for markup. At the beginning of a line these
// are also what begins lists and rules.
func mdInert(text inert) string {
	s := strings.ReplaceAll(string(text), nbsp, " ")
	var b strings.Builder
	marker := -1
	if m := listNumber.FindString(s); m != "" {
		marker = len(strings.TrimRight(m, " ")) - 1
	}
	for i, r := range s {
		if strings.ContainsRune("\\`*_[]<>&|~#$", r) || i == 0 && strings.ContainsRune("-+=", r) || i == marker {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mdCode returns text as code, which may hold anything. It does not stand in tables.
func mdCode(s string) string {
	text := string(long(s))
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

// mdLink returns an address in a form that ends where it should.
func mdLink(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("<>()[]`\\\"|", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
