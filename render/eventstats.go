package render

import (
	"io"
	"strconv"
	"time"

	"github.com/gpevtx/gpevtx/evtx"
)

// EventStatsSchema is the value of EventStats.Schema.
const EventStatsSchema = "gpevtx.events-stats/v1"

// EventStats tells what event logs hold.
type EventStats struct {
	Schema string `json:"schema"`
	// Logs are in the order in which they were read.
	Logs []LogStats `json:"logs"`
	// Events count those that were chosen, sorted by channel, provider and id.
	Events []EventCount `json:"events"`
}

// LogStats tells what one log covers: all its records, whether they were chosen or not.
type LogStats struct {
	Source  string `json:"source"`
	Records int64  `json:"records"`
	Chosen  int64  `json:"chosen"`
	// Lost are the records that could not be read.
	Lost int64 `json:"lost"`
	// Recovered are those that were read from what is damaged or left over, by kind. Those in
	// free space are in none of Streams.
	Recovered []RecoveredStats `json:"recovered"`
	// First and Last bound the times of the records; nil without any.
	First *time.Time `json:"first"`
	Last  *time.Time `json:"last"`
	// Wrapped is set where the log was full and older records were overwritten, Dirty where
	// it was not closed, Complete where it was read to its end.
	Wrapped  bool          `json:"wrapped"`
	Dirty    bool          `json:"dirty"`
	Complete bool          `json:"complete"`
	Streams  []StreamStats `json:"streams"`
}

// RecoveredStats counts the recovered records of one kind, whether they were chosen or not.
type RecoveredStats struct {
	// From is where they were, in a few words.
	From    string `json:"from"`
	Records int64  `json:"records"`
	// Unreadable are those of which only parts are left.
	Unreadable int64      `json:"unreadable"`
	First      *time.Time `json:"first"`
	Last       *time.Time `json:"last"`
}

// StreamStats tells of the records of one channel from one computer.
type StreamStats struct {
	Channel  string     `json:"channel"`
	Computer string     `json:"computer"`
	Records  int64      `json:"records"`
	First    *time.Time `json:"first"`
	Last     *time.Time `json:"last"`
	// FirstRecord and LastRecord are the lowest and highest EventRecordID.
	FirstRecord uint64 `json:"firstRecord"`
	LastRecord  uint64 `json:"lastRecord"`
	// GapCount is how many runs of record numbers are missing in between, Gaps the first
	// hundred of them.
	GapCount int      `json:"gapCount"`
	Gaps     []LogGap `json:"gaps"`
}

// LogGap is a run of record numbers that are missing between two that are there.
type LogGap struct {
	After  uint64     `json:"after"`
	Before uint64     `json:"before"`
	From   *time.Time `json:"from"`
	To     *time.Time `json:"to"`
}

// EventCount counts the events of one id of a provider in a channel.
type EventCount struct {
	Channel  string     `json:"channel"`
	Provider string     `json:"provider"`
	ID       int        `json:"id"`
	Count    int64      `json:"count"`
	First    *time.Time `json:"first"`
	Last     *time.Time `json:"last"`
	// Rest is set for the one entry that counts what was too much to tell apart.
	Rest bool `json:"rest,omitempty"`
}

// completeStats returns a copy in which no list is nil and every time is in UTC, or nil where
// RFC 3339 has no form for it.
func completeStats(s *EventStats) *EventStats {
	out := *s
	out.Schema = EventStatsSchema
	out.Logs = each(s.Logs, func(l LogStats) LogStats {
		l.First, l.Last = utc(l.First), utc(l.Last)
		l.Recovered = each(l.Recovered, func(r RecoveredStats) RecoveredStats {
			r.First, r.Last = utc(r.First), utc(r.Last)
			return r
		})
		l.Streams = each(l.Streams, func(t StreamStats) StreamStats {
			t.First, t.Last = utc(t.First), utc(t.Last)
			t.Gaps = each(t.Gaps, func(g LogGap) LogGap {
				g.From, g.To = utc(g.From), utc(g.To)
				return g
			})
			return t
		})
		return l
	})
	out.Events = each(s.Events, func(c EventCount) EventCount {
		c.First, c.Last = utc(c.First), utc(c.Last)
		return c
	})
	return &out
}

// EventStatsJSON writes s as an indented JSON object. The only errors are those of w.
func EventStatsJSON(w io.Writer, s *EventStats) error {
	b, err := marshalJSON(completeStats(s))
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// statsColumns are the columns of [EventStatsCSV].
var statsColumns = []string{
	"kind", "source", "channel", "computer", "provider", "event_id", "count", "chosen", "first", "last",
	"first_record", "last_record", "lost", "gaps", "wrapped", "dirty", "complete", "recovered",
}

// statsRow is a row by the names of its columns; columns that it does not have are empty.
type statsRow map[string]string

// EventStatsCSV writes s as comma-separated values: a row of the kind "log" for each log, then
// one of the kind "recovered" for each kind of those, one of the kind "stream" for each channel and computer in it, and at the end one of the kind
// "event" for each id, or "rest" for what was not told apart. Text is made safe as in
// [TimelineCSV]. The only errors are those of w.
func EventStatsCSV(w io.Writer, s *EventStats) error {
	s = completeStats(s)
	out := newSheet(w, statsColumns)
	for i := range s.Logs {
		l := &s.Logs[i]
		out.addStats(statsRow{
			"kind": "log", "source": cell(l.Source), "count": decimal(l.Records), "chosen": decimal(l.Chosen),
			"first": rfc3339(l.First), "last": rfc3339(l.Last), "lost": decimal(l.Lost),
			"wrapped": strconv.FormatBool(l.Wrapped), "dirty": strconv.FormatBool(l.Dirty), "complete": strconv.FormatBool(l.Complete),
		})
		for _, r := range l.Recovered {
			out.addStats(statsRow{
				"kind": "recovered", "source": cell(l.Source), "recovered": cell(r.From), "count": decimal(r.Records), "lost": decimal(r.Unreadable),
				"first": rfc3339(r.First), "last": rfc3339(r.Last),
			})
		}
		for _, t := range l.Streams {
			out.addStats(statsRow{
				"kind": "stream", "source": cell(l.Source), "channel": cell(t.Channel), "computer": cell(t.Computer), "count": decimal(t.Records),
				"first": rfc3339(t.First), "last": rfc3339(t.Last), "gaps": strconv.Itoa(t.GapCount),
				"first_record": strconv.FormatUint(t.FirstRecord, 10), "last_record": strconv.FormatUint(t.LastRecord, 10),
			})
		}
	}
	for _, e := range s.Events {
		row := statsRow{"kind": "rest", "count": decimal(e.Count), "first": rfc3339(e.First), "last": rfc3339(e.Last)}
		if !e.Rest {
			row["kind"], row["channel"], row["provider"], row["event_id"] = "event", cell(e.Channel), cell(e.Provider), strconv.Itoa(e.ID)
		}
		out.addStats(row)
	}
	return out.end()
}

func (s *sheet) addStats(row statsRow) {
	cells := make([]string, len(statsColumns))
	for i, c := range statsColumns {
		cells[i] = row[c]
	}
	s.add(cells)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func rfc3339(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// EventStatsText prints s for people: what each log covers, then how often there is which
// event. The only errors are those of w.
func EventStatsText(w io.Writer, s *EventStats, opt TextOptions) error {
	s = completeStats(s)
	p := newPage(opt)
	for i := range s.Logs {
		p.logStats(&s.Logs[i])
	}
	for i := 0; i < len(s.Events); {
		end := i + 1
		for end < len(s.Events) && sameSource(s.Events[i], s.Events[end]) {
			end++
		}
		if err := p.eventCounts(s.Events[i:end]); err != nil {
			return err
		}
		i = end
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

func sameSource(a, b EventCount) bool {
	return a.Channel == b.Channel && a.Provider == b.Provider && a.Rest == b.Rest
}

// maxStreamRows is how many channels and computers of a log are printed.
const maxStreamRows = 20

// logStats prints what one log covers.
func (p *page) logStats(l *LogStats) {
	p.gap()
	p.heading(path(l.Source))
	var t table
	t.add("records", number(l.Records)+", "+number(l.Chosen)+" chosen, "+number(l.Lost)+" lost")
	if l.Records > 0 {
		t.add("time", span(l.First, l.Last))
	}
	for _, state := range l.states() {
		t.add("state", state)
	}
	for _, r := range l.Recovered {
		t.add("recovered", r.words())
	}
	for i, stream := range l.Streams {
		if i == maxStreamRows {
			t.add("", number(len(l.Streams)-i)+" more channels and computers (--format json has all)")
			break
		}
		t.add(inert([]string{"channel", ""}[min(i, 1)]), stream.words())
	}
	p.table(2, t)
}

// states says what is not as it should be with a log.
func (l *LogStats) states() (words []inert) {
	if l.Wrapped {
		words = append(words, "wrapped: the log was full, older records were overwritten")
	}
	if l.Dirty {
		words = append(words, "not closed, as in a copy of a live log: the newest records may be missing")
	}
	if !l.Complete {
		words = append(words, "not read to its end")
	}
	return words
}

// words says what was recovered.
func (r *RecoveredStats) words() inert {
	out := name(r.From) + ": " + count(r.Records, "record")
	if r.Records > 0 {
		out += ", " + span(r.First, r.Last)
	}
	if r.Unreadable > 0 {
		out += ", of " + number(r.Unreadable) + " more only parts are left"
	}
	return out
}

// words says what a stream covers.
func (t *StreamStats) words() inert {
	out := name(t.Channel) + " of " + name(t.Computer) + ": " + count(t.Records, "record") + ", numbers " + number(t.FirstRecord) + " to " + number(t.LastRecord)
	if t.GapCount == 0 {
		return out + " without gaps"
	}
	out += ", " + count(t.GapCount, "gap") + ":"
	for i, g := range t.Gaps {
		if i == 3 {
			return out + ", …"
		}
		if i > 0 {
			out += ","
		}
		out += " " + rangeWords(evtx.Range[uint64]{First: g.After + 1, Last: g.Before - 1})
	}
	return out
}

// eventCounts prints the ids of one provider in one channel.
func (p *page) eventCounts(list []EventCount) error {
	p.gap()
	if list[0].Rest {
		p.heading("events that were not told apart, as there are too many sorts")
	} else {
		p.heading(name(list[0].Channel) + ": " + name(list[0].Provider))
	}
	g := newGrid(&p.buf, p.width, []gridColumn{{title: "id", right: true}, {title: "count", right: true}, {title: "first"}, {title: "last"}})
	g.indent = 2
	for _, e := range list {
		id := number(e.ID)
		if e.Rest {
			id = ""
		}
		if err := g.add([]inert{id, number(e.Count), stampOf(e.First), stampOf(e.Last)}); err != nil {
			return err
		}
	}
	return g.end()
}

// stampOf is a time that may be unknown.
func stampOf(t *time.Time) inert {
	if t == nil {
		return "unknown time"
	}
	return stamp(*t)
}
