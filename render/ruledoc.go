package render

import (
	"regexp"
	"strings"
)

// docBlock is a paragraph of a rule's doc, or an item of a list.
type docBlock struct {
	item bool
	// follows is set for an item right behind another.
	follows bool
	spans   []docSpan
}

// docSpan is a run of text in one style.
type docSpan struct {
	text       string
	bold, code bool
}

// docBlocks reads the doc of a rule. It is Markdown, of which paragraphs, lists with "- ",
// **bold** and `code` count; all else is text.
func docBlocks(doc string) []docBlock {
	var blocks []docBlock
	var lines []string
	item, follows := false, false
	flush := func() {
		if len(lines) > 0 {
			blocks = append(blocks, docBlock{item: item, follows: follows, spans: docSpans(strings.Join(lines, " "))})
		}
		lines = nil
	}
	for line := range strings.Lines(doc) {
		line = strings.TrimSpace(line)
		rest, begins := strings.CutPrefix(line, "- ")
		switch {
		case line == "":
			flush()
			item, follows = false, false
		case begins:
			flush()
			follows = item
			item = true
			lines = []string{rest}
		default:
			lines = append(lines, line)
		}
	}
	flush()
	return blocks
}

var docStyle = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*` + "`" + `]+)\*\*`)

// docSpans parts a paragraph into runs of one style.
func docSpans(s string) []docSpan {
	var spans []docSpan
	at := 0
	for _, m := range docStyle.FindAllStringSubmatchIndex(s, -1) {
		if m[0] > at {
			spans = append(spans, docSpan{text: s[at:m[0]]})
		}
		if m[2] >= 0 {
			spans = append(spans, docSpan{text: s[m[2]:m[3]], code: true})
		} else {
			spans = append(spans, docSpan{text: s[m[4]:m[5]], bold: true})
		}
		at = m[1]
	}
	if at < len(s) {
		spans = append(spans, docSpan{text: s[at:]})
	}
	return spans
}
