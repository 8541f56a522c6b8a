package facts

import (
	"strings"

	"github.com/gpevtx/gpevtx/collected"
)

// Uncollected says why an input is missing, where a tool left its error in place of the
// input. The input is a report ("report") or the log of a channel. Of many errors the first
// are told, and how many more there are.
func (h *Host) Uncollected(input string) []Reason {
	var out []Reason
	more := 0
	for _, f := range h.files {
		for _, n := range f.Notes {
			report := n.Tool == "gpresult" && input == InputReport
			log := n.Tool == "wevtutil" && n.Channel != "" && strings.EqualFold(n.Channel, input)
			switch {
			case !report && !log:
			case len(out) < maxUncollected:
				out = append(out, uncollected(n, input))
			default:
				more++
			}
		}
	}
	if more > 0 {
		out = append(out, Reason{
			Code: "collection-failed", Input: h.Name,
			Message: "There are " + itoa(more) + " more errors of tools that were to collect the same.",
		})
	}
	return out
}

// maxUncollected is how many errors of tools are told of one input.
const maxUncollected = 5

// InputReport is the Group Policy report, as [Host.Uncollected] takes it.
const InputReport = "report"

func uncollected(n collected.Note, input string) Reason {
	r := Reason{Code: "collection-failed", Input: string(n.At.Source), Message: "The collection failed: " + n.Advice()}
	if input == InputReport {
		r.Ask = askReport
	}
	return r
}
