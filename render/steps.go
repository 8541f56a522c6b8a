package render

import "strings"

// steps prints what to change, numbered, with commands on lines of their own.
func (p *page) steps(remedy []string) {
	if len(remedy) == 0 {
		return
	}
	p.head(2, "what to change")
	for i, step := range remedy {
		text, cmd := splitStep(step)
		lead := number(i+1) + "."
		p.lead(4, 5+cells(lead), lead, plain, prose(text), plain)
		if cmd != "" {
			p.copyable(9, cmd)
		}
	}
}

// splitStep parts the command at the end of a remedy step from the text before it. The
// package's documentation says what counts as a command.
func splitStep(step string) (text, command string) {
	step = strings.TrimSpace(step)
	if strings.Count(step, "`") == 2 {
		before, rest, _ := strings.Cut(step, "`")
		quoted, after, _ := strings.Cut(rest, "`")
		if strings.Trim(after, " .;") == "" && strings.TrimSpace(quoted) != "" {
			return strings.TrimSpace(before), strings.TrimSpace(quoted)
		}
	}
	if isCommand(step) {
		return "Run", step
	}
	for i := 0; ; {
		j := strings.Index(step[i:], ": ")
		if j < 0 {
			return step, ""
		}
		i += j + 2
		if rest := strings.TrimSpace(step[i:]); isCommand(rest) {
			return step[:i-1], strings.TrimSuffix(rest, ".")
		}
	}
}

// verbs are the verbs of the cmdlets that are taken for commands without being quoted.
// Those that delete or run something else are left out: a name that somebody gave to
// an account or a GPO should not read as one.
const verbs = " Add Enable Get Import Install Repair Restart Resume Set Start Stop Test Unlock Update "

// programs are the programs of Windows that are taken for commands without being quoted.
const programs = " auditpol dcdiag gpresult gpupdate klist net netdom nltest reg repadmin sc secedit setspn " +
	"w32tm wevtutil whoami "

// isCommand reports whether s is a command and nothing else.
func isCommand(s string) bool {
	first, args, _ := strings.Cut(s, " ")
	if first == "" || strings.Contains(args, ". ") {
		return false
	}
	if verb, noun, ok := strings.Cut(first, "-"); ok {
		return strings.Contains(verbs, " "+verb+" ") && noun != "" && noun[0] >= 'A' && noun[0] <= 'Z'
	}
	prog := strings.TrimSuffix(strings.TrimSuffix(first, "."), ".exe")
	return strings.Contains(programs, " "+prog+" ") && (args != "" || prog == "gpupdate" || prog == "whoami")
}
