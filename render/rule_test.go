package render_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

// ruleDoc is a rule with all that is told of one.
func ruleDoc() render.RuleDoc {
	return render.RuleDoc{
		Rule: &rules.Rule{
			ID: "agent-installed", Title: "An agent *was* installed", Severity: rules.Warning, Solution: 2, Since: "0.1.0",
			Doc:         "Looks at event 7045\nof the `System` log.\n\n**Fails** when:\n\n- an agent was\n  installed, and\n- ADSync fails since.\n\n1. is no list here <b>",
			Links:       []string{"https://example.com/a_(b)?c=<d>|e"},
			ExplainedBy: []string{"service-crashed", "service-disabled"},
			Remedy: []rules.Step{
				{Do: "Ask who installed the agent on {host}."},
				{If: "len(installed) > `1`", Do: "Take it out: `msiexec /x {0F}`"},
			},
			Needs: rules.Needs{
				Facts:  []string{rules.FactService, "unheard-of"},
				Inputs: []string{"channel:System", rules.InputComputerReport, rules.InputReport, "other"},
				Events: []rules.EventNeed{
					{Name: "installed", Selector: selectorOf("System", 7045)},
					{Name: "gone", Optional: true, Selector: selectorOf("Microsoft-Windows-GroupPolicy/Operational", 1, 2)},
					{Name: "forwarded", Selector: evtx.Selector{}},
					{Name: "ranges", Selector: evtx.Selector{
						IDs: []uint16{5}, IDRanges: []evtx.Range[uint16]{{First: 7, Last: 9}}, ExceptIDs: []evtx.Range[uint16]{{First: 8, Last: 8}},
						Records: []evtx.Range[uint64]{{First: 1, Last: 3}, {First: 10, Last: 20}},
					}},
				},
			},
		},
		Examples: []render.Example{
			{Rule: "agent-installed", Verdict: rules.Failed, Name: "agent", Title: "The agent [came]."},
			{Rule: "agent-installed", Verdict: rules.Skipped, Name: "no-log", Title: "No log."},
		},
	}
}

func selectorOf(channel string, ids ...uint16) evtx.Selector {
	return evtx.Selector{
		Channels: []string{channel}, Providers: []string{"Service Control Manager"}, IDs: ids,
		Data: []evtx.DataTest{{Name: "ServiceName", Values: []string{"Agent", "Agent|2"}}, {Index: 2, Values: []string{"x"}}},
	}
}

func TestRuleGolden(t *testing.T) {
	var b bytes.Buffer
	if err := render.Rule(&b, ruleDoc(), render.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "rule.golden", b.String())
	b.Reset()
	if err := render.RuleMarkdown(&b, ruleDoc(), "../scenarios"); err != nil {
		t.Fatal(err)
	}
	golden(t, "rule.md.golden", b.String())
	b.Reset()
	if err := render.RuleIndex(&b, []*rules.Rule{ruleDoc().Rule}); err != nil {
		t.Fatal(err)
	}
	golden(t, "rule-index.md.golden", b.String())
}

// markup matches what Markdown takes for more than text, where no backslash stands before it.
var markup = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*[<\[*_~$#&]|javascript`)

// What a rule says is never markup, nor does it act on a terminal.
func TestRuleHostile(t *testing.T) {
	for _, evil := range []string{
		"<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://e/p.png)", "# head", "a | b", "\n\n# head\n\n---\n",
		"&lt;b&gt;", "`code` *b* _i_ ~s~ $m$", `\`, "\x1b[2J\u202e\u200b", "1. x", "- x", "</td>", "<!-- x",
	} {
		r := &rules.Rule{
			ID: "x", Title: evil, Doc: "Text: " + strings.ReplaceAll(evil, "`", ""), Severity: rules.Severity(evil), Since: evil, Links: []string{"https://e/" + evil},
			Remedy: []rules.Step{{Do: strings.ReplaceAll(evil, "`", "")}},
			Needs: rules.Needs{
				Facts: []string{evil}, Inputs: []string{evil},
				Events: []rules.EventNeed{{Name: evil, Selector: evtx.Selector{Channels: []string{evil}, Providers: []string{evil}, Data: []evtx.DataTest{{Name: evil, Values: []string{evil}}}}}},
			},
		}
		var b bytes.Buffer
		doc := render.RuleDoc{Rule: r, Examples: []render.Example{{Rule: "x", Verdict: rules.Failed, Name: "n", Title: evil}}}
		if err := render.RuleMarkdown(&b, doc, ""); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			switch {
			case strings.HasPrefix(line, "- <https://e/"):
				if strings.ContainsAny(strings.TrimSuffix(line[3:], ">\n"), "<>() \x1b\u202e") {
					t.Errorf("%q: link %q", evil, line)
				}
				continue
			case strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### ") || line == "# x\n":
				continue
			}
			// Two parts of a title are the page's own.
			if m := markup.FindString(strings.TrimPrefix(line, "| ")); m != "" && !strings.HasPrefix(m, "javascript") {
				t.Errorf("%q: %q in %q", evil, m, line)
			}
		}
		if strings.ContainsAny(b.String(), "\x1b\u202e\u200b") {
			t.Errorf("%q: a character that acts is in the page", evil)
		}
		b.Reset()
		if err := render.Rule(&b, doc, render.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\u202e\u200b") {
			t.Errorf("%q: a character that acts is in the text", evil)
		}
	}
}

// TestRulesNeedWords: what the built-in rules need is said in words, not by names.
func TestRulesNeedWords(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set {
		var buf bytes.Buffer
		if err := render.Rule(&buf, render.RuleDoc{Rule: r}, render.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, kind := range append(slices.Clone(r.Needs.Inputs), r.Needs.Facts...) {
			if strings.Contains(buf.String(), "the fact "+kind) || strings.Contains(buf.String(), kind+" (needed") {
				t.Errorf("%s: %q is not in words", r.ID, kind)
			}
		}
	}
}
