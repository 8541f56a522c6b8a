package facts

import (
	"strings"

	"github.com/gpevtx/gpevtx/collected"
)

// Uncollected says why an input is missing, where a tool left its error in place of the
// input. The input is a report ("report") or the log of a channel.
func (h *Host) Uncollected(input string) []Reason {
	var out []Reason
	for _, f := range h.files {
		for _, n := range f.Notes {
			report := n.Tool == "gpresult" && input == InputReport
			log := n.Tool == "wevtutil" && n.Channel != "" && strings.EqualFold(n.Channel, input)
			if report || log {
				out = append(out, uncollected(n, input))
			}
		}
	}
	return out
}

// InputReport is the Group Policy report, as [Host.Uncollected] takes it.
const InputReport = "report"

func uncollected(n collected.Note, input string) Reason {
	r := Reason{Code: "collection-failed", Input: string(n.At.Source), Message: "The collection failed: " + n.Advice()}
	if input == InputReport {
		r.Ask = askReport
	}
	return r
}
