package evtx

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Filter is the compiled union of selectors: one look at a record's System section tells
// which of them it satisfies. It is immutable and safe for concurrent use.
type Filter struct {
	selectors []compiled
}

// compiled is a selector with its lists of numbers as sets.
type compiled struct {
	Selector
	ids     ranges[uint16]
	mask    idMask         // of ids
	records ranges[uint64] // nil for all
}

// allIDs is every event id.
var allIDs = ranges[uint16]{{0, 0xffff}}

// Compile makes a filter that chooses an event when one of the selectors does. An event's
// Matched holds the indexes of all that did. A filter of no selectors chooses nothing. It is an
// error when a range or a window of time ends before it begins, and when a test of data has no
// values, or neither name nor index.
func Compile(selectors ...Selector) (*Filter, error) {
	f := &Filter{selectors: make([]compiled, len(selectors))}
	for i, s := range selectors {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("evtx: selector %d: %w", i, err)
		}
		f.selectors[i] = compile(s.clone())
	}
	return f, nil
}

func compile(s Selector) compiled {
	c := compiled{Selector: s, ids: allIDs, records: newRanges(s.Records)}
	if len(s.IDs) > 0 || len(s.IDRanges) > 0 {
		list := slices.Clone(s.IDRanges)
		for _, id := range s.IDs {
			list = append(list, Range[uint16]{id, id})
		}
		c.ids = newRanges(list)
	}
	c.ids = c.ids.without(newRanges(s.ExceptIDs))
	for _, r := range c.ids {
		c.mask.add(r)
	}
	return c
}

// check says what is wrong with a selector.
func (s *Selector) check() error {
	for _, d := range s.Data {
		if d.Name == "" && d.Index < 1 {
			return errors.New("a data test needs a name or an index from 1")
		}
		if len(d.Values) == 0 {
			return fmt.Errorf("the test of data %q has no values", d.Name)
		}
	}
	if !s.From.IsZero() && !s.To.IsZero() && s.To.Before(s.From) {
		return errors.New("the time window ends before it begins")
	}
	return cmp.Or(checkRanges("event ids", s.IDRanges), checkRanges("event ids to leave out", s.ExceptIDs),
		checkRanges("record ids", s.Records))
}

func checkRanges[T uint16 | uint64](what string, list []Range[T]) error {
	for _, r := range list {
		if r.Last < r.First {
			return fmt.Errorf("the range %d-%d of %s ends before it begins", r.First, r.Last, what)
		}
	}
	return nil
}

// templateMatch is what a filter knows of all records of a template: the selectors that
// they may satisfy, because no literal of the template rules them out.
type templateMatch struct {
	candidates []candidate
	// certain is set when one of the candidates wants every record.
	certain bool
	// ids are those that one of the candidates may want: most records of a busy template are
	// ruled out by one look at it.
	ids idMask
}

type candidate struct {
	selector int
	// The tests that the template's literals leave open.
	channel, provider, computer bool
}

// bind notes in m, which is empty, what the filter knows of the records of a template.
func (f *Filter) bind(m *templateMatch, t *template) {
	for i := range f.selectors {
		s := &f.selectors[i]
		c := candidate{selector: i}
		ok := openTest(&t.sys, fieldChannel, s.Channels, &c.channel) &&
			openTest(&t.sys, fieldProvider, s.Providers, &c.provider) &&
			openTest(&t.sys, fieldComputer, s.Computers, &c.computer)
		if ok {
			m.candidates = append(m.candidates, c)
			m.certain = m.certain || !(c.channel || c.provider || c.computer) && s.wantsAll()
			m.ids.join(&s.mask)
		}
	}
}

// wantsAll reports whether the selector wants every record of its channels, providers and
// computers.
func (s *compiled) wantsAll() bool {
	return slices.Equal(s.ids, allIDs) && s.records == nil && len(s.Levels) == 0 && s.From.IsZero() && s.To.IsZero()
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
func (f *Filter) system(in *instance, id uint16, c candidate) bool {
	s := &f.selectors[c.selector]
	if !s.ids.has(id) || s.records != nil && !s.records.has(in.uint(fieldRecordID)) {
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

// match appends to dst the selectors that the record satisfies, but for their tests of data.
func (f *Filter) match(dst []int, in *instance, m templateMatch) []int {
	id := uint16(in.uint(fieldEventID))
	if !m.ids.mayHave(id) {
		return dst
	}
	for _, c := range m.candidates {
		if f.system(in, id, c) {
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
		return t.Index <= len(data) && equalsAny(&data[t.Index-1].Value, t.Values)
	}
	return slices.ContainsFunc(data, func(d Datum) bool {
		return (d.Name == t.Name || d.Name == "" && d.Element == t.Name) && equalsAny(&d.Value, t.Values)
	})
}

func equalsAny(v *Value, list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return equalFold(v, s) })
}

// equalFold compares a value's text with s, without regard to case. ASCII is compared in
// the stored bytes.
func equalFold(v *Value, s string) bool {
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
