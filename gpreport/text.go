package gpreport

import (
	"context"
	"errors"
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
	starts := textStarts(lines)
	if len(starts) == 0 {
		return nil, &ParseError{
			Source: in.cfg.Source, Line: end.endLine, Expected: "the headline of a report",
			Err: orUnexpectedEOF(end.cause, in.readErr),
		}
	}
	var reports []*Report
	var errs []error
	for i, start := range starts {
		next, ending := len(lines), end
		if i+1 < len(starts) {
			next, ending = starts[i+1].banner, ending.before(lines[starts[i+1].banner].no)
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
	return reports, errors.Join(errs...)
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
			end.cut, end.atEOF, end.cause = true, false, ErrLimit
			return lines, end, nil
		case !whole:
			end.cut = true
			return lines, end, nil
		}
		lines = append(lines, newTextLine(text, end.endLine))
	}
	return lines, end, nil
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
