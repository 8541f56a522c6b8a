package collected

import (
	"regexp"
	"strings"
)

// noteReader finds the errors that tools print. They only count in a small file: in a long
// log of some program the same words mean something else.
type noteReader struct {
	*parser
	channel Value // the log of the line before, in which wevtutil names it
	found   []Note
	lines   int
}

// maxNoteLines is how many lines with text a file of errors has at most.
const maxNoteLines = 40

var (
	// wevtutil: "Failed to export log Security. Access is denied."
	noteExport = regexp.MustCompile(`(?i)^Failed to (?:export log|open channel|read events?(?: from)?(?: log)?) ([^\s.]+(?:[ /-][^\s.]+)*)\.?(.*)$`)
	noteRSoP   = regexp.MustCompile(`(?i)does not have RSOP data`)
	noteKey    = regexp.MustCompile(`(?i)^ERROR: The system was unable to find the specified registry key`)
	noteLog    = regexp.MustCompile(`(?i)^The specified channel could not be found`)
	// Windows' own text for the error 5, as tools print it, in some languages.
	noteDenied = regexp.MustCompile(`(?i)^(?:(?:ERROR|FEHLER|ERREUR|ERRORE?|ERRO)\s*:\s*)?(?:Access (?:is )?denied|Zugriff verweigert|Acc[èe]s refus[ée]|Acceso denegado|Accesso negato|Acesso negado|アクセスが拒否されました|拒绝访问)[.。]?\s*$`)
	noteRights = regexp.MustCompile(`(?i)^You do not have sufficient permissions to perform this command`)
)

func (p *parser) note(n Note) {
	p.is(ErrorNote)
	if len(p.file.Notes) < p.cfg.MaxItems {
		p.file.Notes = append(p.file.Notes, n)
	}
}

func (r *noteReader) take(line string) {
	line = strings.TrimSpace(line)
	if line == "" {
		return
	}
	r.lines++
	if r.lines > maxNoteLines {
		return
	}
	add := func(tool string, problem Problem) {
		n := Note{Value: r.value(line, line), Tool: tool, Problem: problem}
		if tool == "wevtutil" {
			n.Channel = r.channel.Text
		}
		r.found = append(r.found, n)
		r.channel = Value{}
	}
	switch m := noteExport.FindStringSubmatch(line); {
	case m != nil:
		r.channel = r.value(strings.TrimSuffix(m[1], "."), line)
		switch rest := strings.TrimSpace(m[2]); {
		case noteDenied.MatchString(rest):
			add("wevtutil", AccessDenied)
		case noteLog.MatchString(rest):
			add("wevtutil", NoChannel)
		}
	case noteDenied.MatchString(line):
		if r.channel.Known() {
			add("wevtutil", AccessDenied)
		} else {
			add("", AccessDenied)
		}
	case noteLog.MatchString(line):
		add("wevtutil", NoChannel)
	case noteRSoP.MatchString(line):
		add("gpresult", NoRSoP)
	case noteKey.MatchString(line):
		add("reg", NoKey)
	case noteRights.MatchString(line):
		add("", AccessDenied)
	}
}

// finish keeps the errors. Where sc told its error, the text of it that follows is no second
// one.
func (r *noteReader) finish() {
	if r.lines > maxNoteLines {
		return
	}
	for _, n := range r.found {
		if n.Tool == "" && len(r.file.Notes) > 0 {
			continue
		}
		r.note(n)
	}
}

// Advice says in words for people what the tool did not do, and what to do about it.
func (n Note) Advice() string {
	const again = ". Run the command again in an elevated prompt (Run as administrator)."
	tool := n.Tool
	if tool == "" {
		tool = "a tool"
	}
	switch {
	case n.Problem == AccessDenied && n.Channel != "":
		return tool + " was not allowed to export the log " + shorten(n.Channel, 80) + again
	case n.Problem == AccessDenied:
		return tool + " was not allowed to do its work (access denied)" + again
	case n.Problem == NoRSoP:
		return "gpresult has no policy data of the user that it was asked for. Ask for the computer's policy only (/scope computer), in an elevated prompt."
	case n.Problem == NoService:
		return "sc found no service of the name that it was asked for. If that was ADSync, Microsoft Entra Connect is not installed on that computer."
	case n.Problem == NoKey:
		return "reg did not find the key or value that it was asked for. Check the name, and that it ran on the right computer."
	case n.Problem == NoChannel:
		return "wevtutil did not find the log that it was asked for. Check its name."
	}
	return tool + " ended with the error " + shorten(n.Text, 80) + "."
}
