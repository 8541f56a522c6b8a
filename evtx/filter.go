package evtx

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Filter is the compiled union of selectors: one look at a record's System section tells
// which of them it satisfies. It is immutable and safe for concurrent use.
type Filter struct {
	selectors []Selector
}

// Compile makes a filter that chooses an event when one of the selectors does. An event's
// Matched holds the indexes of all that did. A filter of no selectors chooses nothing.
func Compile(selectors ...Selector) (*Filter, error) {
	f := &Filter{selectors: slices.Clone(selectors)}
	for i, s := range f.selectors {
		for _, d := range s.Data {
			if d.Name == "" && d.Index < 1 {
				return nil, fmt.Errorf("evtx: selector %d: a data test needs a name or an index from 1", i)
			}
			if len(d.Values) == 0 {
				return nil, fmt.Errorf("evtx: selector %d: the test of data %q has no values", i, d.Name)
			}
		}
		if !s.From.IsZero() && !s.To.IsZero() && s.To.Before(s.From) {
			return nil, fmt.Errorf("evtx: selector %d: the time window ends before it begins", i)
		}
	}
	return f, nil
}

// templateMatch is what a filter knows of all records of a template: the selectors that
// they may satisfy, because no literal of the template rules them out.
type templateMatch struct {
	candidates []candidate
}

type candidate struct {
	selector int
	// The tests that the template's literals leave open.
	channel, provider, computer bool
}

func (f *Filter) bind(t *template) (m templateMatch) {
	for i := range f.selectors {
		s := &f.selectors[i]
		c := candidate{selector: i}
		ok := openTest(&t.sys, fieldChannel, s.Channels, &c.channel) &&
			openTest(&t.sys, fieldProvider, s.Providers, &c.provider) &&
			openTest(&t.sys, fieldComputer, s.Computers, &c.computer)
		if ok {
			m.candidates = append(m.candidates, c)
		}
	}
	return m
}

// openTest tests a list against a literal of the template. It reports false when the
// literal rules the list out, and sets open when only a record can tell.
func openTest(p *systemPlan, f systemField, list []string, open *bool) bool {
	if len(list) == 0 {
		return true
	}
	if src := &p.fields[f]; src.isLiteral() {
		return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, src.text) })
	}
	*open = true
	return true
}

// system tests the record's System section against a candidate.
func (f *Filter) system(in *instance, c candidate) bool {
	s := &f.selectors[c.selector]
	if len(s.IDs) > 0 && !slices.Contains(s.IDs, uint16(in.uint(fieldEventID))) {
		return false
	}
	if len(s.Levels) > 0 && !slices.Contains(s.Levels, uint8(in.uint(fieldLevel))) {
		return false
	}
	if c.provider && !equalsAny(in.field(fieldProvider), s.Providers) ||
		c.channel && !equalsAny(in.field(fieldChannel), s.Channels) ||
		c.computer && !equalsAny(in.field(fieldComputer), s.Computers) {
		return false
	}
	if s.From.IsZero() && s.To.IsZero() {
		return true
	}
	t, _ := in.field(fieldTime).Time()
	return inWindow(t, s.From, s.To)
}

func inWindow(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.After(to))
}

// match appends to dst the selectors that the record satisfies, but for their tests of data.
func (f *Filter) match(dst []int, in *instance, m templateMatch) []int {
	for _, c := range m.candidates {
		if f.system(in, c) {
			dst = append(dst, c.selector)
		}
	}
	return dst
}

// data keeps those of the matched selectors whose tests of data hold too.
func (f *Filter) data(ev *Event) error {
	needed := slices.ContainsFunc(ev.Matched, func(i int) bool { return len(f.selectors[i].Data) > 0 })
	if !needed {
		return nil
	}
	data, err := ev.Data()
	ev.Matched = slices.DeleteFunc(ev.Matched, func(i int) bool {
		return slices.ContainsFunc(f.selectors[i].Data, func(t DataTest) bool { return !t.holds(data) })
	})
	return err
}

func (t DataTest) holds(data []Datum) bool {
	if t.Name == "" {
		return t.Index <= len(data) && equalsAny(data[t.Index-1].Value, t.Values)
	}
	return slices.ContainsFunc(data, func(d Datum) bool {
		return (d.Name == t.Name || d.Name == "" && d.Element == t.Name) && equalsAny(d.Value, t.Values)
	})
}

func equalsAny(v Value, list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return equalFold(v, s) })
}

// equalFold compares a value's text with s, without regard to case. ASCII is compared in
// the stored bytes.
func equalFold(v Value, s string) bool {
	if v.text != "" || v.Type != TypeString {
		return strings.EqualFold(v.String(), s)
	}
	b := trimNUL(v.raw)
	for i := 0; i < len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u >= 0x80 || i/2 >= len(s) || s[i/2] >= 0x80 {
			return strings.EqualFold(v.String(), s)
		}
		if lower(byte(u)) != lower(s[i/2]) {
			return false
		}
	}
	return len(b)/2 == len(s)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
