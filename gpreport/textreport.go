package gpreport

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/evidence"
)

var errTextEnds = io.ErrUnexpectedEOF

// plainReader turns the output of gpresult into a Report.
type plainReader struct {
	rep *Report
	end ending
	// headline is what stands above the halves, top the fields below it.
	headline headline
	top      []textField
	clock    clockEvidence
	// none are the words for something that is not there, normalized.
	none map[string]bool
	// strength is that of the GPOs of the half that is being read, once it was needed.
	strength map[string]int
	// applied has the names of the GPOs that were applied in that half.
	applied map[string]bool
	said    map[string]bool
}

// headline is the line "RSOP data for CONTOSO\admin on SYNC01 : Logging Mode" in parts.
type headline struct {
	words []string // up to the colon
	mode  string
	line  int
}

// readText reads one report. Its headline is underlined by the line with an index. It returns
// how the report ends, which may be known only by what is missing in it.
func readText(in input, lines []textLine, headlineAt int, end ending) (*Report, ending) {
	r := &plainReader{
		rep: &Report{Source: in.cfg.Source, Line: 1, Kind: GPResultText}, end: end,
		none: make(map[string]bool), said: make(map[string]bool),
	}
	r.undecodable(in, lines)
	first := headingAbove(lines, headlineAt)
	w := windowOf(lines)
	r.headline = splitHeadline(w.join(lines[first:headlineAt]), lines[first].no)
	lines = w.unwrap(lines, headlineAt+1)
	sections := sectionsOf(lines[first:])
	r.rep.Language = textLanguage(sections)
	if r.rep.Language == "" {
		r.rep.warn(UnknownLanguage, 0, "the report's language was not recognised; it is read by its structure")
	}
	r.learnNone(sections)
	r.top = r.fields(nil, sections[0].body)
	halves := sections[1:]
	r.times(lines[:first], halves)
	r.mode()
	r.halves(halves)
	return r.rep, r.end
}

// undecodable warns of characters that were lost: in the file, or before it was stored, as when
// PowerShell did not know the console's code page.
func (r *plainReader) undecodable(in input, lines []textLine) {
	if in.replaced > 0 {
		r.rep.warn(Undecodable, in.line, "%d character(s) of the file could not be decoded", in.replaced)
		return
	}
	for _, l := range lines {
		if strings.ContainsRune(l.text, utf8.RuneError) {
			r.rep.warn(Undecodable, l.no, "characters were lost before the file was stored, first in %q", l.body())
			return
		}
	}
}

// maxHeadline bounds the headline in bytes: it has two names and a few words.
const maxHeadline = 1024

// splitHeadline takes the headline apart. The mode stands behind the last colon.
func splitHeadline(title string, line int) headline {
	h := headline{line: line}
	title = title[max(0, len(title)-maxHeadline):]
	if i := strings.LastIndexAny(title, ":："); i >= 0 {
		title, h.mode = title[:i], strings.TrimLeft(title[i:], ":： ")
	}
	h.words = strings.Fields(title)
	return h
}

// textLanguage returns the language that most of the headings and labels are in, "" if none
// is known or two are as likely.
func textLanguage(sections []*textSection) string {
	votes, seen := make(map[string]int), make(map[string]bool)
	for _, l := range sections[0].body {
		if label, _, ok := splitLabel(l.body()); ok {
			voteText(votes, seen, label)
		}
	}
	var walk func([]*textSection)
	walk = func(list []*textSection) {
		for _, s := range list {
			voteText(votes, seen, s.title)
			walk(s.sections)
		}
	}
	walk(sections[1:])
	return mostVotes(votes)
}

// voteText counts a heading or label once for each language in which it is one.
func voteText(votes map[string]int, seen map[string]bool, heading string) {
	heading = shortText(heading)
	if seen[heading] {
		return
	}
	seen[heading] = true
	counted := make(map[string]bool)
	for _, w := range textWords().find(heading) {
		if w.key != "none" && !counted[w.lang] {
			counted[w.lang] = true
			votes[w.lang]++
		}
	}
}

// shortText bounds a text that is looked up: no label is as long.
func shortText(s string) string { return s[:min(len(s), 256)] }

// learnNone learns the report's word for something that is not there: it stands alone in
// each block without settings. Where it stands only once, the word must be known.
func (r *plainReader) learnNone(sections []*textSection) {
	count := make(map[string]int)
	for _, half := range sections[1:] {
		for _, s := range half.sections {
			for _, b := range s.sections {
				if word, ok := loneWord(b.body); ok {
					count[normalize(shortText(word))]++
				}
			}
		}
	}
	for word, n := range count {
		if n > 2 {
			r.none[word] = true
		}
	}
}

// loneWord returns the only line of a body, if it has no label.
func loneWord(body []textLine) (string, bool) {
	word := ""
	for _, l := range body {
		if l.blank() {
			continue
		}
		if word != "" {
			return "", false
		}
		word = l.body()
	}
	return word, word != "" && !strings.ContainsAny(word, `:：\`)
}

// maxNone is how long such a word is at most, in bytes.
const maxNone = 64

// isNone reports whether a text stands for something that is not there.
func (r *plainReader) isNone(text string) bool {
	if len(text) > maxNone {
		return false
	}
	return r.none[normalize(text)] || textWords().is(text, "none")
}

// mode decides what the report stands for. gpresult knows no other results than those that
// the computer recorded, which its headline says.
func (r *plainReader) mode() {
	mode := shortText(r.headline.mode)
	if textWords().is(mode, "planning-mode") || r.rep.Language == "en" && !textWords().is(mode, "logging-mode") {
		r.rep.warn(UnknownValue, r.headline.line, "whether the report shows what was applied or a simulation was not understood: %q", mode)
		return
	}
	r.rep.Results = Logged
}

// maxHead is how many lines of the begin of a half are looked at for what they mean. All
// are kept.
const maxHead = 32

// times reads when the report was made, which stands in the lines above the headline. A date
// that can be read in one way only tells for all how dates are written.
func (r *plainReader) times(banner []textLine, halves []*textSection) {
	created := ""
	for _, l := range banner {
		text := cleanDate(l.body())
		if raw, _ := findDate(text); raw != "" {
			created = text
		}
	}
	texts := []string{created}
	for _, h := range halves {
		for _, l := range h.body[:min(len(h.body), maxHead)] {
			if _, value, ok := splitLabel(l.body()); ok {
				texts = append(texts, cleanDate(value))
			}
		}
	}
	r.clock = clockOf(texts)
	if created != "" {
		r.rep.Collected = r.clock.localTime(created)
	}
}

// cleanDate drops what a console makes of the marks of direction that Windows puts into
// dates: it has no character for them.
func cleanDate(s string) string {
	s = s[:min(len(s), 200)]
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c == '?' || c == '\ufffd' {
			return -1
		}
		return c
	}, s)
}

// clockOf tells the order of day and month by dates of one computer.
func clockOf(texts []string) clockEvidence {
	var ev clockEvidence
	var orders [3]bool
	for _, s := range texts {
		if _, readings := findDate(s); len(readings) == 1 && readings[0].order != yearFirst {
			ev.order = readings[0].order
			orders[ev.order] = true
		}
	}
	ev.orderKnown = orders[monthFirst] != orders[dayFirst]
	return ev
}

// halves reads the computer's and the user's half.
func (r *plainReader) halves(halves []*textSection) {
	rest := halves
	var computer, user *textSection
	for _, h := range rest {
		isUser, known := r.isUser(h, halves)
		switch {
		case !known:
			r.rep.Incomplete = true
			r.rep.warn(UnknownLabel, h.line, "it was not understood whether %q has the computer's or the user's settings", h.title)
		case isUser && user == nil:
			user = h
		case !isUser && computer == nil:
			computer = h
		default:
			r.rep.Incomplete = true
			r.rep.warn(OddRow, h.line, "the report has a second part %q, which was not read", h.title)
		}
	}
	why := r.refusal(r.top) // in place of what follows
	if len(halves) == 0 && why == "" {
		r.end.cut = true
	}
	// The computer's half comes first: what ends behind it is not missing there.
	if r.rep.ComputerAbsent = r.absence(computer, user, why); r.rep.ComputerAbsent == "" {
		r.rep.Computer = r.computer(computer)
	}
	r.rep.Incomplete = r.rep.Incomplete || r.end.cut
	if r.rep.UserAbsent = r.absence(user, computer, why); r.rep.UserAbsent == "" {
		r.rep.User = r.user(user)
	}
	r.rep.Incomplete = r.rep.Incomplete || r.end.cut
}

// absence tells why a half is not there, "" if it is, given the other one and what the report
// says of both.
func (r *plainReader) absence(half, other *textSection, why Absence) Absence {
	switch {
	case half != nil && len(half.sections) == 0:
		return r.refusal(r.fields(nil, half.body))
	case half != nil:
		return ""
	case why != "":
		return why
	case other != nil && !r.rep.Incomplete:
		return NoData
	}
	return NotReached
}

// refusal finds the message that there are no results, or that they may not be seen. The name
// of what there is none of is the same in all languages.
func (r *plainReader) refusal(list []textField) Absence {
	for _, f := range list[:min(len(list), maxHead)] {
		text := strings.TrimRight(shortText(f.value), ".。! ")
		switch {
		case textWords().is(text, "access-denied"):
			return AccessDenied
		case strings.Contains(strings.ToLower(text), "rsop"):
			return NoData
		}
	}
	return ""
}

// isUser tells whose half h is: by its heading, or if the words are not known by its place or
// by what is in it.
func (r *plainReader) isUser(h *textSection, halves []*textSection) (user, known bool) {
	switch title := shortText(h.title); {
	case textWords().is(title, "user-settings"):
		return true, true
	case textWords().is(title, "computer-settings"):
		return false, true
	}
	r.warnOnce(UnknownLabel, h.line, "%q was told apart by its place or by what is in it", h.title)
	if len(halves) == 2 {
		return h == halves[1], true // the computer's comes first
	}
	return r.isUserByContent(h)
}

// isUserByContent looks for what only one of the halves has.
func (r *plainReader) isUserByContent(h *textSection) (user, known bool) {
	for _, s := range h.sections {
		switch n := len(s.sections); {
		case n == len(computerBlocks):
			return false, true
		case n == userBlocks:
			return true, true
		case n > 0:
			return false, false
		}
		for _, l := range s.body {
			name, isComputer := strings.CutSuffix(l.body(), "$")
			if isComputer && slices.Contains(r.headline.words, name) {
				return false, true // the computer is among its own groups
			}
		}
	}
	for _, l := range h.body[:min(len(h.body), maxHead)] {
		if dn, ok := parseDN(l.body()); ok && slices.ContainsFunc(r.headline.words, func(w string) bool { return strings.EqualFold(w, dn.name) }) {
			return false, true
		}
	}
	return false, false
}

// warnOnce adds a warning unless one with its code was given this way before.
func (r *plainReader) warnOnce(code string, line int, format string, args ...any) {
	if !r.said[code] {
		r.said[code] = true
		r.rep.warn(code, line, format, args...)
	}
}

func (r *plainReader) location(path []string, row, line int) evidence.Location {
	return evidence.Location{Source: r.rep.Source, Section: path, Row: row, Line: line}
}
