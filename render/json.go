package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gpevtx/gpevtx/analyzer"
)

// JSON writes r as an indented JSON object and a line break: lists are present even
// when empty, times are RFC 3339 in UTC, and HTML characters stay as they are. Control
// and format characters are written as \u escapes, bytes that are not UTF-8 as \ufffd.
// A time outside the years that RFC 3339 can say is written as unknown: null, or year 1
// where null is not allowed. It does not change r. The only errors are those of w, and a
// nil r.
func JSON(w io.Writer, r *analyzer.Result) error {
	if r == nil {
		return errNoResult
	}
	b, err := marshalJSON(complete(r))
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// marshalJSON is the one form in which this package writes JSON.
func marshalJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return escapeJSON(buf.Bytes()), nil
}

// escapeJSON writes the control and format characters of a JSON text as escapes. The
// line breaks of the indentation are the only ones that stand outside strings.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/64)
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
			for _, u := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, u)
			}
		} else {
			out = append(out, b[i:i+size]...)
		}
		i += size
	}
	return out
}

// complete returns a copy of r in which no list is nil and every time is in UTC.
func complete(r *analyzer.Result) *analyzer.Result {
	out := *r
	out.Hosts = each(r.Hosts, completeHost)
	out.Inputs = each(r.Inputs, same)
	out.Suppressions = each(r.Suppressions, func(u analyzer.SuppressionUse) analyzer.SuppressionUse {
		u.PartOf = each(u.PartOf, same)
		return u
	})
	return &out
}

func completeHost(h analyzer.Host) analyzer.Host {
	h.Account.Evidence = each(h.Account.Evidence, completeEvidence)
	h.Account.Conflicts = each(h.Account.Conflicts, func(c analyzer.Conflict) analyzer.Conflict {
		c.Evidence = each(c.Evidence, completeEvidence)
		return c
	})
	h.Rights = each(h.Rights, func(r analyzer.Right) analyzer.Right {
		r.Principals = each(r.Principals, same)
		r.Covering = each(r.Covering, same)
		r.Unexpanded = each(r.Unexpanded, same)
		r.Evidence = each(r.Evidence, completeEvidence)
		return r
	})
	h.Service.Since = utc(h.Service.Since)
	h.Service.Evidence = each(h.Service.Evidence, completeEvidence)
	if c := h.Service.Configuration; c != nil {
		copied := *c
		copied.Dependencies = each(c.Dependencies, same)
		copied.Evidence = each(c.Evidence, completeEvidence)
		h.Service.Configuration = &copied
	}
	h.Coverage = each(h.Coverage, func(c analyzer.Coverage) analyzer.Coverage {
		c.First, c.Last = utc(c.First), utc(c.Last)
		c.Gaps = each(c.Gaps, func(g analyzer.Gap) analyzer.Gap {
			g.From, g.To = utc(g.From), utc(g.To)
			return g
		})
		return c
	})
	h.Findings = each(h.Findings, func(f analyzer.Finding) analyzer.Finding {
		f.Remedy = each(f.Remedy, same)
		f.Links = each(f.Links, same)
		f.Joined = each(f.Joined, same)
		f.MayExplain = each(f.MayExplain, same)
		f.First, f.Last = utc(f.First), utc(f.Last)
		f.Evidence = each(f.Evidence, completeEvidence)
		return f
	})
	h.Verdicts = each(h.Verdicts, func(v analyzer.RuleVerdict) analyzer.RuleVerdict {
		v.Reasons = each(v.Reasons, same)
		return v
	})
	h.Timeline = each(h.Timeline, func(e analyzer.TimelineEntry) analyzer.TimelineEntry {
		e.Time = e.Time.UTC()
		if !sayable(e.Time) {
			e.Time = time.Time{}
		}
		e.Latest, e.Last = utc(e.Latest), utc(e.Last)
		e.Evidence = each(e.Evidence, completeEvidence)
		return e
	})
	h.History = each(h.History, func(p analyzer.Past) analyzer.Past {
		p.From, p.To = utc(p.From), utc(p.To)
		p.Evidence = each(p.Evidence, completeEvidence)
		return p
	})
	return h
}

func completeEvidence(e analyzer.Evidence) analyzer.Evidence {
	e.Time = utc(e.Time)
	return e
}

// utc returns t in UTC, or nil if RFC 3339 cannot say it.
func utc(t *time.Time) *time.Time {
	if t == nil || !sayable(*t) {
		return nil
	}
	u := t.UTC()
	return &u
}

// sayable reports whether RFC 3339 has a form for t in UTC.
func sayable(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 0 && y <= 9999
}

// each returns f of every item in a list that is never nil.
func each[T, U any](list []T, f func(T) U) []U {
	out := make([]U, len(list))
	for i, item := range list {
		out[i] = f(item)
	}
	return out
}

// same returns its argument: each uses it for items that are complete as they are.
func same[T any](item T) T { return item }
