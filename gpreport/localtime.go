package gpreport

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Reports print dates in the short form of the computer's regional settings,
// which may differ from its language: 10/18/2023 6:10:01 PM, 18/10/2023 18:10,
// 18.10.2023 18:10:01, 2023-10-18 18:10:01, 2023/10/18 下午 6:10:01 and so on.
//
// The groups are three numbers with their separators, what stands between date
// and time, and hour, minute and second.
var datePattern = regexp.MustCompile(
	`(\d{1,4})\s?([./\-年])\s?(\d{1,2})\s?[./\-月]\s?(\d{1,4})([^\d]{1,24})(\d{1,2})[:.時时](\d{2})(?:[:.分](\d{2}))?秒?`)

// dayOrder is the order of day, month and year in a date.
type dayOrder byte

const (
	yearFirst dayOrder = iota
	monthFirst
	dayFirst
)

// reading is one way to understand a date.
type reading struct {
	order dayOrder
	time  time.Time
}

// findDate finds the first text in s that looks like a date with a time. It
// returns it and its readings; without one, raw is "".
func findDate(s string) (raw string, readings []reading) {
	s = plainSpaces(s)
	m := datePattern.FindStringSubmatchIndex(s)
	if m == nil {
		return "", nil
	}
	group := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return s[m[2*i]:m[2*i+1]]
	}
	half, length := halfAfter(s[m[1]:])
	raw = s[m[0] : m[1]+length]
	if half == notSaid {
		half = halfBetween(group(5))
	}
	hour, ok := hourOfDay(number(group(6)), half)
	minute, second := number(group(7)), number(group(8))
	if !ok || minute > 59 || second > 59 {
		return raw, nil
	}
	clock := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	for _, d := range readDate(group(1), group(2), group(3), group(4)) {
		readings = append(readings, reading{d.order, d.time.Add(clock)})
	}
	return raw, readings
}

// readDate returns the days that three numbers can mean. With dots the day is
// first in every region; with slashes and hyphens it may be the month. A year of
// two digits could be anywhere.
func readDate(a, separator, b, c string) []reading {
	var list []reading
	add := func(order dayOrder, year, month, day string) {
		y := number(year)
		t := time.Date(y, time.Month(number(month)), number(day), 0, 0, 0, 0, time.UTC)
		sameDay := int(t.Month()) == number(month) && t.Day() == number(day)
		if y >= 1990 && y < 2200 && sameDay { // else another calendar
			list = append(list, reading{order, t})
		}
	}
	switch {
	case len(a) == 4:
		add(yearFirst, a, b, c)
	case len(c) == 4:
		add(dayFirst, c, b, a)
		if separator != "." {
			add(monthFirst, c, a, b)
		}
	}
	return list
}

// dayHalf is what a text says about the half of the day.
type dayHalf byte

const (
	notSaid dayHalf = iota
	beforeNoon
	afterNoon
	notUnderstood
)

// halves are the texts for the halves of a day, in lower case.
var halves = []struct {
	text string
	half dayHalf
}{
	{"am", beforeNoon},
	{"a.m.", beforeNoon},
	{"a. m.", beforeNoon},
	{"午前", beforeNoon},
	{"오전", beforeNoon},
	{"上午", beforeNoon},
	{"πμ", beforeNoon},
	{"π.μ.", beforeNoon},
	{"pm", afterNoon},
	{"p.m.", afterNoon},
	{"p. m.", afterNoon},
	{"午後", afterNoon},
	{"오후", afterNoon},
	{"下午", afterNoon},
	{"μμ", afterNoon},
	{"μ.μ.", afterNoon},
}

// halfAfter reads the half of the day behind a time and returns the length of
// its text. Another word there may be one in a language that is not known here,
// or the rest of a sentence.
func halfAfter(s string) (half dayHalf, length int) {
	lower := strings.ToLower(s)
	if len(lower) != len(s) {
		return notUnderstood, 0
	}
	start := len(lower) - len(strings.TrimLeft(lower, " "))
	for _, h := range halves {
		rest, ok := strings.CutPrefix(lower[start:], h.text)
		if ok && !startsWithLetter(rest) {
			return h.half, len(lower) - len(rest)
		}
	}
	if startsWithLetter(lower[start:]) {
		return notUnderstood, 0
	}
	return notSaid, 0
}

// halfBetween reads the half of the day in what stands between a date and its
// time. Words in alphabets are taken for fillers, such as the French "à": only
// languages of East Asia put the half there.
func halfBetween(s string) dayHalf {
	for field := range strings.FieldsSeq(s) {
		field = strings.ToLower(field)
		for _, h := range halves {
			if h.text == field {
				return h.half
			}
		}
		for _, r := range field {
			if unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) && !isWeekday(field) {
				return notUnderstood
			}
		}
	}
	return notSaid
}

func isWeekday(s string) bool {
	for _, mark := range []string{"星期", "週", "周", "曜", "요일", "日"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return false
}

// hourOfDay returns the hour from 0 to 23. ok is false if it cannot be told.
func hourOfDay(hour int, half dayHalf) (h int, ok bool) {
	switch {
	case hour > 23:
		return 0, false
	case hour == 0 || hour > 12:
		return hour, true // on a clock of 24 hours, whatever stands beside it
	case half == beforeNoon:
		return hour % 12, true
	case half == afterNoon:
		return hour%12 + 12, true
	}
	return hour, half == notSaid
}

func startsWithLetter(s string) bool {
	for _, r := range s {
		return unicode.IsLetter(r)
	}
	return false
}

// plainSpaces makes every space an ordinary one and drops the marks of direction
// that Windows puts into dates.
func plainSpaces(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// number returns the value of a few digits, 0 for none.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// orderOfDates tells in which order the report's own dates have day and month, if one of them
// can be read in one way only and no other contradicts. Windows prints all of them alike.
func (in *interpreter) orderOfDates() (order dayOrder, known bool) {
	seen := make(map[dayOrder]bool)
	eachDate(in.doc.root, datePlace{}, func(n *html.Node) {
		if _, readings := findDate(text(n)); len(readings) == 1 && readings[0].order != yearFirst {
			seen[readings[0].order] = true
			order = readings[0].order
		}
	})
	return order, len(seen) == 1
}

// datePlace says within which of the elements an element is whose cells have dates: the
// summary of results, and the tables in that of a GPO.
type datePlace struct{ results, gpo, gpoTable bool }

// eachDate calls visit for the elements below n, which is at a place, that may be a date: the
// stamp, the times of components, and cells of summaries.
func eachDate(n *html.Node, at datePlace, visit func(*html.Node)) {
	for c := range n.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		if c.DataAtom == atom.Td && (at.results || at.gpoTable) || attr(c, "id") == "dtstamp" || hasAttr(c, extensionAttr) {
			visit(c)
		}
		eachDate(c, datePlace{
			results:  at.results || hasClass(c, "rsopsummary"),
			gpo:      at.gpo || hasClass(c, "gposummary"),
			gpoTable: at.gpoTable || at.gpo && c.DataAtom == atom.Table && hasClass(c, "info"),
		}, visit)
	}
}

// localTime makes a LocalTime of a text that holds a date. If it holds none, Raw
// is the text behind the first colon, where the label ends, or all of it.
func (in *interpreter) localTime(s string) LocalTime { return in.clock.localTime(s) }

// localTime does the same. If the order of day and month is known, the text is read in it.
func (c clockEvidence) localTime(s string) LocalTime {
	raw, readings := findDate(s)
	if raw == "" {
		raw = s
		if i := strings.IndexAny(s, ":："); i >= 0 {
			raw = strings.TrimLeft(s[i:], ":：")
		}
		return LocalTime{Raw: strings.TrimSpace(raw)}
	}
	t := LocalTime{Raw: raw}
	for _, r := range readings {
		if len(readings) == 1 || !c.orderKnown || r.order == c.order {
			t.Candidates = append(t.Candidates, r.time)
		}
	}
	slices.SortFunc(t.Candidates, time.Time.Compare)
	t.Candidates = slices.CompactFunc(t.Candidates, time.Time.Equal)
	return t
}
