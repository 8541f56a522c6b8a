package render

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/evtx/message"
)

// dataText joins an event's data to one text: "name: value", or the position for a datum
// without a name.
func dataText(ev *evtx.Event) (string, error) {
	data, err := ev.Data()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, d := range data {
		if i > 0 {
			out.WriteString(" | ")
		}
		switch {
		case d.Name != "":
			out.WriteString(d.Name)
		case d.Element == "Data":
			out.WriteString(strconv.Itoa(i + 1))
		default:
			out.WriteString(d.Element)
		}
		out.WriteString(": " + d.Value.String())
	}
	return out.String(), nil
}

// eventColumns are the columns of [EventCSV]. Their order may grow by new ones; readers go by
// the names.
var eventColumns = []string{
	"time", "channel", "provider", "event_id", "level", "record_id", "computer", "user_id", "message", "message_origin", "data",
	"recovered", "source",
}

// EventCSV makes rows of comma-separated values of events. Text is made safe as in
// [TimelineCSV], so that no row has a line break in it. The zero value is ready to use.
type EventCSV struct {
	buf bytes.Buffer
	out *csv.Writer
}

// Header returns the names of the columns as a row without a line break.
func (c *EventCSV) Header() string { return strings.Join(eventColumns, ",") }

// Append appends the row of an event and its text to dst, without a line break. The error is
// that of the event's data; dst is returned as it was then.
func (c *EventCSV) Append(dst []byte, ev *evtx.Event, text message.Text) ([]byte, error) {
	data, err := dataText(ev)
	if err != nil {
		return dst, err
	}
	if c.out == nil {
		c.out = csv.NewWriter(&c.buf)
	}
	if text.Origin == message.None { // the data over again
		text.Message = ""
	}
	c.buf.Reset()
	err = c.out.Write([]string{
		ticks(ev), cell(ev.Channel), cell(ev.Provider), strconv.Itoa(int(ev.EventID)), strconv.Itoa(int(ev.Level)),
		strconv.FormatUint(ev.RecordID, 10), cell(ev.Computer), cell(ev.UserID), cell(text.Message), text.Origin.String(), cell(data),
		ev.Location.Recovered, cell(string(ev.Location.Source)),
	})
	c.out.Flush()
	if err != nil {
		return dst, err
	}
	return append(dst, bytes.TrimSuffix(c.buf.Bytes(), []byte("\n"))...), nil
}

// ticks is an event's time with the seven digits that a log holds; empty without a time.
func ticks(ev *evtx.Event) string {
	if ev.Time.IsZero() {
		return ""
	}
	return ev.Time.UTC().Format("2006-01-02T15:04:05.0000000Z")
}

// tableWide is from which width on an [EventTable] has all columns.
const tableWide = 150

// EventTable prints events for people, a line for each, in columns whose width follows from
// the first events. It is made by [NewEventTable].
type EventTable struct {
	grid *grid
	wide bool
}

// NewEventTable begins a table for a page of so many cells. Text is cut to the page, and
// channel and computer are left out where there is no room for them. With a width of 0 lines are
// as long as they are.
func NewEventTable(w io.Writer, width int) *EventTable {
	t := &EventTable{wide: width == 0 || width >= tableWide}
	columns := []gridColumn{{title: "time"}, {title: "level"}, {title: "provider", most: max(width/6, 8)}, {title: "id", right: true}, {title: "record", right: true}}
	if t.wide {
		columns = append(columns, gridColumn{title: "channel", most: width / 8}, gridColumn{title: "computer", most: width / 8})
	}
	t.grid = newGrid(w, width, append(columns, gridColumn{title: "message"}))
	return t
}

// Append appends the cells of an event to dst as one line of text without a line break, which
// is what Add takes. So events can be put in another order before they are printed. Several goroutines
// may call Append at the same time.
//
// The last cell has the text of the event, or its data where there is none.
func (t *EventTable) Append(dst []byte, ev *evtx.Event, text message.Text) ([]byte, error) {
	last := text.Message
	if text.Origin == message.None {
		var err error
		if last, err = dataText(ev); err != nil {
			return dst, err
		}
	}
	if ev.Recovery != evtx.Intact {
		last = "[" + ev.Recovery.String() + "] " + last
	}
	row := append(make([]inert, 0, 8), stamp(ev.Time), levelWord(ev.Level), name(shortProvider(ev.Provider)), number(int(ev.EventID)), number(ev.RecordID))
	if t.wide {
		row = append(row, name(ev.Channel), name(ev.Computer))
	}
	row = append(row, prose(last))
	return append(dst, join(row, "\t")...), nil // text that is inert has no tab
}

// Add prints what Append made. The error is that of the writer.
func (t *EventTable) Add(line []byte) error {
	var row []inert
	for c := range strings.SplitSeq(string(line), "\t") {
		row = append(row, inert(c))
	}
	return t.grid.add(row)
}

// Close prints what is left.
func (t *EventTable) Close() error { return t.grid.end() }

// shortProvider leaves out what most names of Windows' own providers begin with, as the list
// of Event Viewer does.
func shortProvider(s string) string { return strings.TrimPrefix(s, "Microsoft-Windows-") }

// levelWord is the level as people know it. Event Viewer shows level 0, that of events which
// are logged whatever the level, as Information too.
func levelWord(level uint8) inert {
	switch level {
	case 0, 4:
		return "info"
	case 1:
		return "critical"
	case 2:
		return "error"
	case 3:
		return "warning"
	case 5:
		return "verbose"
	}
	return number(int(level))
}

// InertJSON returns a JSON text in which everything that a terminal could act on, or that is not
// seen, is written as a \u escape, which means the same.
func InertJSON(b []byte) []byte {
	if !actsOrHides(b) {
		return b
	}
	return escapeJSON(b)
}

// InertXML does so for XML, with character references.
func InertXML(b []byte) []byte {
	if !actsOrHides(b) {
		return b
	}
	out := make([]byte, 0, len(b)+len(b)/64)
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if isHidden(r) {
			out = append(out, "&#"...)
			out = strconv.AppendInt(out, int64(r), 10)
			out = append(out, ';')
		} else {
			out = append(out, b[i:i+size]...)
		}
		i += size
	}
	return out
}

const eachByte = 0x0101010101010101

// oddBytes has a highest bit set if one of eight bytes is none of ' ' to '~': it is less than a
// space, or it or what follows it has its highest bit set.
func oddBytes(w uint64) uint64 { return w | (w - ' '*eachByte) | (w + eachByte) }

func isPrintableWord(w uint64) bool { return oddBytes(w)&(0x80*eachByte) == 0 }

func arePrintableASCII(a, b, c, d uint64) bool {
	return (oddBytes(a)|oddBytes(b)|oddBytes(c)|oddBytes(d))&(0x80*eachByte) == 0
}

// actsOrHides reports whether b has a control or format character, line breaks and tabs apart.
func actsOrHides(b []byte) bool {
	for i := 0; i < len(b); {
		if len(b)-i >= 32 {
			le := binary.LittleEndian
			if arePrintableASCII(le.Uint64(b[i:]), le.Uint64(b[i+8:]), le.Uint64(b[i+16:]), le.Uint64(b[i+24:])) {
				i += 32
				continue
			}
		}
		if len(b)-i >= 8 && isPrintableWord(binary.LittleEndian.Uint64(b[i:])) {
			i += 8
			continue
		}
		if c := b[i]; c >= ' ' && c < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if isHidden(r) {
			return true
		}
		i += size
	}
	return false
}

func isHidden(r rune) bool { return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf) }
