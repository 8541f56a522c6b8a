package gpreport

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// textHead is how many bytes of a text are searched for what tells that gpresult printed it.
const textHead = 64 << 10

// textHeadline finds the headline of gpresult, "RSOP data for … on … : …", by its name, which
// no language translates, and its underline; a narrow window breaks it into two lines.
var textHeadline = regexp.MustCompile(`(?mi)^[^\r\n]*rsop[^\r\n]*(?:\r?\n[^\r\n-][^\r\n]*)?\r?\n-{10,}`)

// isText reports whether text is what gpresult prints.
func isText(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	if strings.HasPrefix(text, "<") {
		return false
	}
	head := text[:min(len(text), textHead)]
	return strings.Contains(head, "Group Policy Result tool") || hasHeadline(head)
}

func hasHeadline(head string) bool {
	return strings.ContainsAny(textHeadline.FindString(head), ":：")
}

// parseText reads the outputs of gpresult in a file: one, or several that were appended.
func parseText(ctx context.Context, in input) ([]*Report, error) {
	lines, end, err := splitTextLines(ctx, in)
	if err != nil {
		return nil, err
	}
	all := textStarts(lines)
	if len(all) == 0 {
		return nil, &ParseError{
			Source: in.cfg.Source, Line: end.endLine, Expected: "the headline of a report",
			Err: orUnexpectedEOF(end.cause, in.readErr),
		}
	}
	starts, more := in.affordable(all, len(lines))
	var reports []*Report
	var errs []error
	for i, start := range starts {
		next, ending := len(lines), end
		if i+1 < len(all) {
			next, ending = all[i+1].banner, ending.before(lines[all[i+1].banner].no)
		}
		if ctx.Err() != nil {
			return nil, &ParseError{Source: in.cfg.Source, Line: lines[start.banner].no, Err: ctx.Err()}
		}
		rep, ending := readText(in, lines[start.banner:next], start.headline-start.banner, ending)
		rep.Line = lines[start.banner].no
		if i == 0 {
			rep.Line = 1
		}
		reports = append(reports, rep)
		errs = append(errs, rep.damage(ending, in.size, in.readErr))
	}
	if len(more) > 0 {
		errs = append(errs, in.leftOut(reports[len(reports)-1], lines[more[0].banner].no))
	}
	return reports, errors.Join(errs...)
}

// reportLines is how many lines more than it has each report but the first counts for: what is
// made of a headline alone is much larger than it.
const reportLines = 48

// affordable takes the reports that are within the limit for a text with a number of lines;
// more are the others.
func (in input) affordable(starts []textStart, lines int) (within, more []textStart) {
	n := min(len(starts), 1+max(in.cfg.MaxNodes-lines, 0)/reportLines)
	return starts[:n], starts[n:]
}

// leftOut says behind the last report that was read that a limit keeps out those from a line on.
func (in input) leftOut(last *Report, line int) error {
	last.warn(LimitReached, line, "further reports behind this one were not read: %s", plain(tooManyLines(in.cfg)))
	return &ParseError{Source: in.cfg.Source, Line: line, Err: tooManyLines(in.cfg)}
}

// before is how a report ends that another one follows on a line.
func (e ending) before(line int) ending { return ending{endLine: line} }

// orUnexpectedEOF is the first of causes that is one, or that of a text which ends too early.
func orUnexpectedEOF(causes ...error) error {
	for _, err := range causes {
		if err != nil {
			return err
		}
	}
	return errTextEnds
}

// splitTextLines splits the text into its lines. The last one is left out if the text ends
// within it.
func splitTextLines(ctx context.Context, in input) ([]textLine, ending, error) {
	end := ending{cut: in.readErr != nil, atEOF: true}
	var lines []textLine
	for rest := in.text; rest != ""; {
		var text string
		var whole bool
		text, rest, whole = strings.Cut(rest, "\n")
		end.endLine = len(lines) + 1
		switch {
		case len(lines)%1024 == 0 && ctx.Err() != nil:
			return nil, end, &ParseError{Source: in.cfg.Source, Line: end.endLine, Err: ctx.Err()}
		case len(lines) == in.cfg.MaxNodes:
			end.cut, end.atEOF, end.cause = true, false, tooManyLines(in.cfg)
			return lines, end, nil
		case !whole:
			end.cut = true
			return lines, end, nil
		}
		lines = append(lines, newTextLine(text, end.endLine))
	}
	return lines, end, nil
}

// tooManyLines is the error of a security template or a text that is over the limit.
func tooManyLines(cfg Config) error {
	return fmt.Errorf("%w: more than %d lines, where each report counts for a few more", ErrLimit, cfg.MaxNodes)
}

// textStart is where a report begins: the index of its first line, and that of its
// headline's underline.
type textStart struct{ banner, headline int }

// textStarts finds the reports in lines.
func textStarts(lines []textLine) []textStart {
	var starts []textStart
	for i, l := range lines {
		if !l.isRule() || l.indent > 0 || len(l.text) < 10 {
			continue
		}
		title := joinLines(lines[headingAbove(lines, i):i])
		if !strings.ContainsAny(title, ":：") || !strings.Contains(strings.ToLower(title[:min(len(title), 1024)]), "rsop") {
			continue
		}
		start := textStart{0, i}
		if len(starts) > 0 {
			start.banner = bannerAbove(lines, i)
		}
		starts = append(starts, start)
	}
	return starts
}

// maxBanner is how many lines the banner, the date and the headline have at most, with those
// between them.
const maxBanner = 16

// bannerAbove returns the index of the line with which the report begins whose headline the
// line i underlines: the lines above it are not indented.
func bannerAbove(lines []textLine, i int) int {
	first := i
	for k := i - 1; k >= max(0, i-maxBanner); k-- {
		if lines[k].indent > 0 || lines[k].isRule() {
			break
		}
		if !lines[k].blank() {
			first = k
		}
	}
	return first
}
