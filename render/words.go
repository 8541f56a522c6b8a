package render

import (
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
)

// kindWords returns what sort of account it is.
func kindWords(k facts.AccountKind) inert {
	switch k {
	case facts.Virtual:
		return "virtual account"
	case facts.GroupManaged:
		return "group managed service account"
	case facts.Standalone:
		return "standalone managed service account"
	case facts.DomainUser:
		return "domain user"
	case facts.LocalUser:
		return "local user"
	case facts.SystemAccount:
		return "account of the system"
	case facts.UnknownAccount, "":
		return "kind unknown"
	}
	return name(string(k))
}

// stateWords returns the state of the service.
func stateWords(s facts.ServiceState) inert {
	switch s {
	case facts.Running:
		return "running"
	case facts.Failing:
		return "failing"
	case facts.Stopped:
		return "stopped"
	case facts.Disabled:
		return "disabled"
	case facts.UnknownState, "":
		return "state unknown"
	}
	return name(string(s))
}

// confidenceWords returns what a confidence rests on.
func confidenceWords(c facts.Confidence) inert {
	switch c {
	case facts.Certain:
		return "two independent sources agree and are in order in time"
	case facts.Probable:
		return "one strong source says so"
	case facts.Possible:
		return "the evidence is partial or rests on an assumption"
	}
	return ""
}

// hostName returns the name of a computer with its domain.
func hostName(h analyzer.Host) inert {
	switch {
	case h.Name == "":
		return "unnamed computer"
	case h.Domain == "":
		return name(h.Name)
	case strings.Contains(h.Domain, "."):
		return name(h.Name) + "." + name(h.Domain)
	}
	return name(h.Name) + " (domain " + name(h.Domain) + ")"
}

// gpoName returns the name of a GPO in quotes, or its GUID when that is all there is.
func gpoName(g analyzer.GPO) inert {
	if g.Name == "" {
		return name(g.GUID)
	}
	return `"` + name(g.Name) + `"`
}

// principals returns the names of principals, with the SID of one that has no name.
func principals(list []analyzer.Principal) []inert {
	out := make([]inert, len(list))
	for i, p := range list {
		if out[i] = name(p.Name); p.Name == "" {
			out[i] = name(p.SID)
		}
	}
	return out
}

// countVerdicts returns how many rules came to a verdict.
func countVerdicts(h analyzer.Host, v rules.Verdict) int {
	n := 0
	for _, rv := range h.Verdicts {
		if rv.Verdict == v {
			n++
		}
	}
	return n
}

// tally returns how many findings there are of each severity, such as
// "3 findings (1 critical, 2 warning)" or "1 critical finding".
func tally(findings []analyzer.Finding) inert {
	var order []string
	counts := map[string]int{}
	for _, f := range findings {
		s := string(f.Severity)
		if counts[s]++; counts[s] == 1 {
			order = append(order, s)
		}
	}
	if len(findings) == 1 {
		return "1 " + name(order[0]) + " finding"
	}
	parts := make([]inert, len(order))
	for i, s := range order {
		parts[i] = number(counts[s]) + " " + name(s)
	}
	return count(len(findings), "finding") + " (" + join(parts, ", ") + ")"
}
