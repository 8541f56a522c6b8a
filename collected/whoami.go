package collected

import (
	"encoding/csv"
	"regexp"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// whoamiReader reads the tables of whoami. Their heads are in the language of the computer:
// a table is known by the line of equal signs under its head, which tells the columns, and
// what it holds by the SIDs in it. With /fo csv a line has two columns (account, SID) or four
// (group, type, SID, attributes); with /fo list the blank lines part the groups.
type whoamiReader struct {
	*parser
	columns []int // where the columns of the present table begin, in characters
	list    []listLine
	token   Token
}

type listLine struct{ key, value Value }

var (
	whoamiRule = regexp.MustCompile(`^={3,}(?: ={3,})+\s*$`)
	whoamiList = regexp.MustCompile(`^([^\s:"][^:"]{0,60}):\s*(.*)$`)
	whoamiSID  = regexp.MustCompile(`\bS-1-[0-9]+(?:-[0-9]+)+\b`)
)

func (w *whoamiReader) take(line string) {
	switch {
	case strings.HasPrefix(line, "===") && whoamiRule.MatchString(line):
		w.columns = columnsOf(line)
	case strings.TrimSpace(line) == "":
		w.columns = nil
		w.listed()
	case w.columns != nil:
		w.row(splitColumns(line, w.columns), line)
	case strings.HasPrefix(line, `"`) && strings.Contains(line, `"S-1-`):
		if cells, err := csv.NewReader(strings.NewReader(line)).Read(); err == nil {
			w.row(cells, line)
		}
	default:
		if m := whoamiList.FindStringSubmatch(line); m != nil && len(w.list) <= maxList {
			w.list = append(w.list, listLine{w.value(strings.TrimSpace(m[1]), line), w.value(strings.TrimSpace(m[2]), line)})
		}
	}
}

// maxColumns is how many columns a table of whoami has at most; the largest has four.
const maxColumns = 8

// columnsOf returns where the columns under a line of equal signs begin; nil when it has too
// many for a table of whoami.
func columnsOf(rule string) []int {
	var starts []int
	for i, r := range rule {
		if r == '=' && (i == 0 || rule[i-1] == ' ') {
			if len(starts) == maxColumns {
				return nil
			}
			starts = append(starts, i)
		}
	}
	return starts
}

// splitColumns cuts a line of a table. The columns begin at characters, not bytes; those of
// East Asian scripts take two places each, so that the columns are only right for others.
func splitColumns(line string, starts []int) []string {
	chars := []rune(line)
	cells := make([]string, len(starts))
	for i, from := range starts {
		to := len(chars)
		if i+1 < len(starts) {
			to = min(starts[i+1], len(chars))
		}
		if from < to {
			cells[i] = strings.TrimSpace(string(chars[from:to]))
		}
	}
	return cells
}

// row takes a row of the account (two columns) or of a group (four).
func (w *whoamiReader) row(cells []string, line string) {
	switch {
	case len(cells) == 2:
		w.user(cells[0], cells[1], w.value(cells[0], line))
	case len(cells) != 4:
	case whoamiSID.FindString(cells[2]) == cells[2] && cells[2] != "":
		w.group(cells[0], cells[2], cells[3], w.value(cells[0], line))
	default: // columns that do not fit, as with scripts of double width: the SID is what counts
		if at := whoamiSID.FindStringIndex(line); at != nil {
			w.group("", line[at[0]:at[1]], strings.TrimSpace(line[at[1]:]), w.value("", line))
		}
	}
}

func (w *whoamiReader) user(name, text string, at Value) {
	s, err := sid.Parse(text)
	if err != nil || !strings.Contains(name, `\`) || w.token.Account.Known() {
		return
	}
	w.is(WhoamiText)
	w.token.Account, w.token.SID = at, s
	w.token.Account.Text = name
}

// The levels of trust that a token can have: a program that was started with the full rights
// of an administrator has the high one.
const (
	mediumLevel = sid.SID("S-1-16-8192")
	highLevel   = sid.SID("S-1-16-12288")
	systemLevel = sid.SID("S-1-16-16384")
)

func (w *whoamiReader) group(name, text, attributes string, at Value) {
	s, err := sid.Parse(text)
	if err != nil {
		return
	}
	w.is(WhoamiText)
	switch s {
	case mediumLevel:
		w.token.ElevationKnown = true
	case highLevel, systemLevel:
		w.token.ElevationKnown, w.token.Elevated = true, true
	}
	if strings.HasPrefix(string(s), "S-1-16-") {
		return
	}
	if len(w.token.Groups) >= w.cfg.MaxItems {
		w.warn(TooMuch, at.At.Line, "more than %d groups: the rest was left out", w.cfg.MaxItems)
		return
	}
	w.token.Groups = append(w.token.Groups, Group{
		Name: name, SID: s, Attributes: shorten(attributes, maxExcerpt), Enabled: grants(attributes), At: at.At,
	})
}

// grants reports whether the attributes of a group say that it is enabled. In languages other
// than English it is told by their number: a group that grants is mandatory, enabled by
// default and enabled; one that is for deny only has this attribute alone.
func grants(attributes string) bool {
	lower := strings.ToLower(attributes)
	switch {
	case strings.Contains(lower, "deny only"):
		return false
	case strings.Contains(lower, "enabled group"):
		return true
	}
	return strings.Count(attributes, ",")+strings.Count(attributes, "、")+strings.Count(attributes, "，") >= 2
}

// listed takes the lines of one entry of a list.
func (w *whoamiReader) listed() {
	lines := w.list
	w.list = nil
	isSID := func(i int) bool { return strings.EqualFold(lines[i].key.Text, "SID") }
	switch {
	case len(lines) == 2 && isSID(1):
		w.user(lines[0].value.Text, lines[1].value.Text, lines[0].value)
	case len(lines) == 4 && isSID(2):
		w.group(lines[0].value.Text, lines[2].value.Text, lines[3].value.Text, lines[0].value)
	}
}

func (w *whoamiReader) finish() {
	w.listed()
	if w.token.Account.Known() || len(w.token.Groups) > 0 {
		w.file.Token = &w.token
	}
}
