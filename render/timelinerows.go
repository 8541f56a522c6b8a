package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
)

// timelineRow is an entry as other programs read it. The first columns are those that
// Timesketch asks for.
type timelineRow struct {
	Message       string   `json:"message"`
	Datetime      string   `json:"datetime"`
	TimestampDesc string   `json:"timestamp_desc"`
	Timestamp     int64    `json:"timestamp"`
	Host          string   `json:"host"`
	Kind          string   `json:"kind"`
	Severity      string   `json:"severity,omitempty"`
	Rules         []string `json:"rules,omitempty"`
	Source        string   `json:"source,omitempty"`
	Record        uint64   `json:"record,omitempty"`
	Offset        *int64   `json:"offset,omitempty"`
	Channel       string   `json:"channel,omitempty"`
	Provider      string   `json:"provider,omitempty"`
	EventID       int      `json:"event_id,omitempty"`
	Excerpt       string   `json:"excerpt,omitempty"`
	Latest        string   `json:"latest,omitempty"`
	Count         int      `json:"count,omitempty"`
	Last          string   `json:"last,omitempty"`
}

// timelineColumns are the columns of the CSV form, named as the members of the JSON form.
var timelineColumns = []string{
	"message", "datetime", "timestamp_desc", "timestamp", "host", "kind", "severity", "rules", "source", "record",
	"offset", "channel", "provider", "event_id", "excerpt", "latest", "count", "last",
}

func (m moment) row() timelineRow {
	e := m.proof()
	return timelineRow{
		Message: m.What, Datetime: micros(m.Time), TimestampDesc: m.desc, Timestamp: written(m.Time).UnixMicro(),
		Host: m.computer(), Kind: m.Kind, Severity: string(m.severity), Rules: m.rules,
		Source: e.Source, Record: e.Record, Offset: e.Offset, Channel: e.Channel, Provider: e.Provider, EventID: e.EventID,
		Excerpt: e.Excerpt, Latest: microsOf(m.Latest), Count: m.Count, Last: microsOf(m.Last),
	}
}

// written returns t, or year 1 for a time that ISO 8601 has no form for.
func written(t time.Time) time.Time {
	if !sayable(t) {
		return time.Time{}
	}
	return t
}

// micros is a time in ISO 8601, always with microseconds and offset: readers that look at
// the first row to learn the form want all rows alike.
func micros(t time.Time) string {
	return written(t).UTC().Format("2006-01-02T15:04:05.000000") + "+00:00"
}

func microsOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return micros(*t)
}

// TimelineJSONL writes the timelines of all computers in order of time for other programs,
// one JSON object a line, with the members message, datetime, timestamp_desc and timestamp
// (microseconds since 1970) that Timesketch imports, and host, kind, severity, rules, source,
// record, offset, channel, provider, event_id, excerpt, latest, count and last as far as they
// apply. Text is whole and as the input has it; what a terminal could act on is written as a
// \u escape. Findings without a time are left out. The only errors are those of w, and a nil
// r.
func TimelineJSONL(w io.Writer, r *analyzer.Result, opt TimelineOptions) error {
	if r == nil {
		return errNoResult
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, m := range merged(r, opt) {
		buf.Reset()
		if err := enc.Encode(m.row()); err != nil {
			return fmt.Errorf("render: %w", err)
		}
		if _, err := w.Write(escapeJSON(buf.Bytes())); err != nil {
			return err
		}
	}
	return nil
}

// TimelineCSV writes what [TimelineJSONL] writes as comma-separated values, with the names of
// the columns in the first line and the rules of a row joined by spaces. Control, format and
// invisible characters are shown as escapes. A text that a spreadsheet would take for a
// formula has an apostrophe before it, which spreadsheets do not show.
func TimelineCSV(w io.Writer, r *analyzer.Result, opt TimelineOptions) error {
	if r == nil {
		return errNoResult
	}
	out := csv.NewWriter(w)
	err := out.Write(timelineColumns)
	for _, m := range merged(r, opt) {
		if err == nil {
			err = out.Write(m.row().cells())
		}
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

// cells returns the row in the order of timelineColumns.
func (r timelineRow) cells() []string {
	return []string{
		cell(r.Message), r.Datetime, r.TimestampDesc, strconv.FormatInt(r.Timestamp, 10), cell(r.Host), cell(r.Kind),
		cell(r.Severity), cell(strings.Join(r.Rules, " ")), cell(r.Source), positive(r.Record), offsetText(r.Offset),
		cell(r.Channel), cell(r.Provider), positive(uint64(max(r.EventID, 0))), cell(r.Excerpt), r.Latest,
		positive(uint64(max(r.Count, 0))), r.Last,
	}
}

func positive(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

func offsetText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// cell makes text inert for terminals and for spreadsheets. These take a cell for a formula
// by its first character. Where the semicolon separates cells, as in many countries, one can
// begin within ours.
func cell(s string) string {
	text := string(escape(s, math.MaxInt, foldSpace))
	var out strings.Builder
	begins, written := true, 0
	for i, r := range text {
		switch r {
		case '=', '+', '-', '@', '＝', '＋', '－', '＠':
			if begins {
				out.WriteString(text[written:i])
				out.WriteByte('\'')
				written = i
			}
			begins = false
		case ';':
			begins = true
		case ' ', '"':
		default:
			begins = false
		}
	}
	if out.Len() == 0 {
		return text
	}
	out.WriteString(text[written:])
	return out.String()
}
