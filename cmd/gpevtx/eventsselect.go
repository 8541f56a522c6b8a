package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpevtx/gpevtx/evtx"
)

// selectFlags are the flags that choose events.
type selectFlags struct {
	channels, providers, computers []string
	ids, levels, records, data     []string
	from, to                       string
}

func (f *selectFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.channels, "channel", nil, "only events of this channel; may be repeated")
	flags.StringArrayVar(&f.providers, "provider", nil, "only events of this provider; may be repeated")
	flags.StringArrayVar(&f.computers, "computer", nil, "only events of this computer; may be repeated")
	flags.StringSliceVar(&f.ids, "id", nil, "only these event ids, as in 7000,7038-7041; -4624 leaves out")
	flags.StringSliceVar(&f.levels, "level", nil, "only these levels: critical, error, warning, information, verbose, or numbers; information has level 0 too, as in Event Viewer")
	flags.StringSliceVar(&f.records, "record", nil, "only these record numbers (EventRecordID), as in 100-200")
	flags.StringArrayVar(&f.data, "data", nil, "only events with this data, as NAME=VALUE or POSITION=VALUE; may be repeated, all must hold")
	flags.StringVar(&f.from, "from", "", "only events from this time on, as in 2026-11-20 or 2026-11-20T03:12:00Z (UTC)")
	flags.StringVar(&f.to, "to", "", "only events up to this time; of a day all of it")
}

// selector turns the flags into a selector.
func (f *selectFlags) selector() (s evtx.Selector, err error) {
	s.Channels, s.Providers, s.Computers = f.channels, f.providers, f.computers
	if s.IDRanges, s.ExceptIDs, err = parseIDs(f.ids); err != nil {
		return s, err
	}
	if s.Levels, err = parseLevels(f.levels); err != nil {
		return s, err
	}
	for _, w := range f.records {
		r, ok := parseRange[uint64](w, 64)
		if !ok {
			return s, usage("--record %q: a record number or a range such as 100-200 is expected", w)
		}
		s.Records = append(s.Records, r)
	}
	for _, d := range f.data {
		name, value, ok := strings.Cut(d, "=")
		if !ok || name == "" {
			return s, usage("--data %q: NAME=VALUE is expected", d)
		}
		test := evtx.DataTest{Name: name, Values: []string{value}}
		if n, err := strconv.Atoi(name); err == nil {
			if n < 1 {
				return s, usage("--data %q: positions count from 1", d)
			}
			test.Name, test.Index = "", n
		}
		s.Data = append(s.Data, test)
	}
	if s.From, err = parseTime("--from", f.from); err != nil {
		return s, err
	}
	s.To, err = parseEnd("--to", f.to)
	return s, err
}

// parseIDs reads event ids and ranges of them; those with a minus before them are left out.
func parseIDs(words []string) (ids, except []evtx.Range[uint16], err error) {
	for _, w := range words {
		id, out := strings.CutPrefix(strings.TrimSpace(w), "-")
		r, ok := parseRange[uint16](id, 16)
		switch {
		case !ok:
			return nil, nil, usage("--id %q: an event id or a range such as 7038-7041 is expected, or one with a minus before it", w)
		case out:
			except = append(except, r)
		default:
			ids = append(ids, r)
		}
	}
	return ids, except, nil
}

// parseRange reads a number or a range of them.
func parseRange[T uint16 | uint64](s string, bits int) (evtx.Range[T], bool) {
	low, high, ranged := strings.Cut(s, "-")
	if !ranged {
		high = low
	}
	first, errFirst := strconv.ParseUint(strings.TrimSpace(low), 10, bits)
	last, errLast := strconv.ParseUint(strings.TrimSpace(high), 10, bits)
	return evtx.Range[T]{First: T(first), Last: T(last)}, errFirst == nil && errLast == nil && first <= last
}

// levelNames are the levels by name. What is always logged, level 0, counts as information, as
// in the filter of Event Viewer: the Security log has nothing else.
var levelNames = map[string][]uint8{
	"critical": {1}, "error": {2}, "warning": {3}, "information": {4, 0}, "info": {4, 0}, "verbose": {5},
}

// parseLevels reads levels, by name or as numbers, which are taken as they are.
func parseLevels(words []string) (levels []uint8, err error) {
	for _, w := range words {
		w = strings.ToLower(strings.TrimSpace(w))
		n, err := strconv.ParseUint(w, 10, 8)
		switch named, ok := levelNames[w]; {
		case ok:
			levels = append(levels, named...)
		case err == nil:
			levels = append(levels, uint8(n))
		default:
			return nil, usage("--level %q: critical, error, warning, information, verbose or a number from 0 to 255 is expected", w)
		}
	}
	return levels, nil
}

func parseTime(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("%s %q: a time such as 2026-11-20 or 2026-11-20T03:12:00Z (UTC) is expected", flag, s)
}

// parseEnd reads the end of a span, which includes it: of a day all of it.
func parseEnd(flag, s string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1).Add(-1), nil
	}
	return parseTime(flag, s)
}
